"""`causal_lm_loss`: −log p of each real word but the first, given the words before it: the mean over all of them, in
nats.
"""

import torch
import torch.nn.functional as F

from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception


def causal_lm_loss_inputs(rng):
    """Batch 3, time 5 or 7, vocabulary 11; one text fills its row, one has two words."""

    def case(batch, time, lengths):
        logits, ids = normal(rng, batch, time, 11), integers(rng, 0, 11, batch, time)
        return {"logits": logits, "input_ids": ids, "lengths": torch.tensor(lengths)}

    return {
        "no padding": [case(1, 7, [7]), case(2, 5, [5, 5])],
        "texts of unequal length": [case(3, 7, [7, 2, 5]), case(2, 5, [3, 4])],
    }


def probe_loss(answer, inputs):
    """Differentiate with respect to the logits."""
    from autograder.probes import differentiate

    return differentiate(answer, inputs)


def causal_lm_loss_gathered(logits, input_ids, lengths):
    scores = logits.log_softmax(-1)[:, :-1].gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    real = torch.arange(1, input_ids.shape[1]) < lengths[:, None]
    return -(scores * real).sum() / real.sum()


def causal_lm_loss_text_by_text(logits, input_ids, lengths):
    total, words = 0.0, 0
    for scores, ids, length in zip(logits, input_ids, lengths.tolist(), strict=True):
        for t in range(length - 1):
            total = total + scores[t].logsumexp(0) - scores[t, ids[t + 1]]
            words += 1
    return total / words


def causal_lm_loss_cut(logits, input_ids, lengths):
    pieces = [(s[: n - 1], i[1:n]) for s, i, n in zip(logits, input_ids, lengths.tolist(), strict=True)]
    return F.cross_entropy(torch.cat([s for s, _ in pieces]), torch.cat([i for _, i in pieces]))


def _mean_of_means(logits, input_ids, lengths):
    losses = F.cross_entropy(logits[:, :-1].transpose(1, 2), input_ids[:, 1:], reduction="none")
    real = torch.arange(1, input_ids.shape[1]) < lengths[:, None]
    return ((losses * real).sum(1) / real.sum(1)).mean()


def _log_of_the_mean(logits, input_ids, lengths):
    found = logits.softmax(-1)[:, :-1].gather(-1, input_ids[:, 1:, None])[..., 0]
    real = torch.arange(1, input_ids.shape[1]) < lengths[:, None]
    return -((found * real).sum() / real.sum()).log()


def _over_all_places(logits, input_ids, lengths):
    losses = F.cross_entropy(logits[:, :-1].transpose(1, 2), input_ids[:, 1:], reduction="none")
    return (losses * (torch.arange(1, input_ids.shape[1]) < lengths[:, None])).mean()


def _first_word_counted(logits, input_ids, lengths):
    losses = F.cross_entropy(logits[:, :-1].transpose(1, 2), input_ids[:, 1:], reduction="none")
    return (losses * (torch.arange(1, input_ids.shape[1]) < lengths[:, None])).sum() / lengths.sum()


CAUSAL_LM_LOSS = Exercise(
    solves="unrolled.gpt.causal_lm_loss",
    groups={"no padding": 2, "texts of unequal length": 1},
    inputs=causal_lm_loss_inputs,
    probe=probe_loss,
    accepts=(causal_lm_loss_gathered, causal_lm_loss_text_by_text, causal_lm_loss_cut),
    misconceptions=(
        Misconception(
            id="no-shift",
            name="the scores at a place are compared with the word at that same place",
            hint="That word has just been read: to copy it is no feat. For which word are the scores at place t?",
            edits={
                "input_ids.masked_fill(~real, -100)[:, 1:]": "input_ids.masked_fill(~real, -100)",
                "logits[:, :-1]": "logits",
            },
        ),
        Misconception(
            id="shifted-twice",
            name="the words are shifted by two places",
            hint="Hugging Face's models shift inside the loss; who shifts the labels before does it twice. How many "
            "places lie between a word and the next one?",
            edits={"[:, 1:]": "[:, 2:]", "logits[:, :-1]": "logits[:, :-2]"},
        ),
        Misconception(
            id="shifted-backwards",
            name="the scores at a place are compared with the word before it",
            hint="The model is asked for the next word. Which of the two, scores or words, loses its first place, and "
            "which its last?",
            edits={"[:, 1:]": "[:, :-1]", "logits[:, :-1]": "logits[:, 1:]"},
        ),
        Misconception(
            id="texts-shifted",
            name="the texts of the batch are shifted instead of the words",
            hint="The first axis counts texts. Which axis counts words?",
            edits={"[:, 1:]": "[1:]", "logits[:, :-1]": "logits[:-1]"},
        ),
        Misconception(
            id="padding-counted",
            name="the padding is averaged in",
            hint="What stands behind the end of a short text, and should the model be asked to predict it?",
            edits={"masked_fill(~real, -100)": "masked_fill(real & ~real, -100)"},
        ),
        Misconception(
            id="one-word-too-many",
            name="after the last real word one place of padding is counted",
            hint="A text of n words has n − 1 next words. Do you ask whether the word that is *read* is real, or the word "
            "that is to be *predicted*?",
            edits={
                "targets = input_ids.masked_fill(~real, -100)[:, 1:]": (
                    "targets = input_ids[:, 1:].masked_fill(~real[:, :-1], -100)"
                )
            },
        ),
        Misconception(
            id="one-word-too-few",
            name="the last word of every text is left out",
            hint="A text of n words has n − 1 next words. How many do you count in a text of two?",
            edits={"padding_mask(lengths,": "padding_mask(lengths - 1,"},
        ),
        Misconception(
            id="word-0-left-out",
            name="words are left out by their number, 0, instead of by the lengths",
            hint="Is a 0 always padding? Here a real word has that number too. What tells you where a text ends?",
            edits={
                "masked_fill(~real, -100)": "masked_fill(~real, 0)",
                "targets.flatten())": "targets.flatten(), ignore_index=0)",
            },
        ),
        Misconception(
            id="mean-of-means",
            name="each text is averaged on its own, and then the texts",
            hint="So a word of a short text counts more than one of a long text. What should every word count?",
            answer=_mean_of_means,
        ),
        Misconception(
            id="log-of-the-mean",
            name="the probabilities are averaged, and the logarithm is taken of their mean",
            hint="The log of a mean is not the mean of the logs: a word with probability 0.001 should hurt. Which comes first?",
            answer=_log_of_the_mean,
        ),
        Misconception(
            id="divided-by-all-places",
            name="the sum is divided by all places, padding included",
            hint="The padding is not in the sum. Should it be in what you divide by?",
            answer=_over_all_places,
        ),
        Misconception(
            id="divided-by-all-words",
            name="the sum is divided by the number of words, the first one of each text included",
            hint="Nobody predicts the first word of a text. How many terms has your sum?",
            answer=_first_word_counted,
        ),
        Misconception(
            id="sum",
            name="the terms are added and not averaged",
            hint="Then a larger batch has a larger loss, and takes larger steps. What does the docstring promise?",
            edits={"targets.flatten())": "targets.flatten(), reduction='sum')"},
        ),
        Misconception(
            id="softmax-twice",
            name="the scores go through a softmax before cross_entropy, which has its own",
            hint="Does torch's cross_entropy want scores or probabilities?",
            edits={"logits[:, :-1]": "logits.softmax(-1)[:, :-1]"},
        ),
        Misconception(
            id="perplexity",
            name="the perplexity is returned",
            hint="exp of what you want is a measure for readers. Which of the two does the docstring ask for?",
            edits={
                "return F.cross_entropy(": "return torch.exp(F.cross_entropy(",
                "targets.flatten())": "targets.flatten()))",
            },
        ),
    ),
)
