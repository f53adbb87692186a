"""`causal_lm_loss`: −log p of each real word but the first, given the words before it: the mean over all of them, in
nats.
"""

import torch
import torch.nn.functional as F

from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception


def causal_lm_loss_inputs(rng):
    """Batch 1 to 3, time 3 to 7, vocabulary 11; texts that fill their row, and texts of two words and of one.

    Word 0 is read and predicted, and seldom padding. In two cases the exponential of a score is infinite in float32,
    or the right word's probability 0.
    """

    def case(time, *lengths):
        batch = len(lengths)
        logits, ids = normal(rng, batch, time, 11), integers(rng, 0, 11, batch, time)
        row = lengths.index(max(lengths))
        ids[row, int(rng.integers(1, lengths[row]))] = 0
        return {"logits": logits, "input_ids": ids, "lengths": torch.tensor(lengths)}

    high, low = case(3, 3, 3), case(5, 2, 4)
    high["logits"] += 400.0
    low["logits"][:, :-1] -= 200.0 * F.one_hot(low["input_ids"][:, 1:], 11)
    return {
        "no padding": [case(7, 7), case(5, 5, 5), case(2, 2), high],
        "texts of unequal length": [case(7, 7, 2, 5), case(5, 3, 4), case(6, 1, 4), low],
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
    return ((losses * real).sum(1) / real.sum(1).clamp(min=1)).mean()


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


CALL = "F.cross_entropy(logits.flatten(0, 1), targets.flatten())"
CUT = "F.cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten())"
LAST_PLACE = "targets = F.pad(targets, (0, 1), value=-100)\n    "
TARGETS = "targets = input_ids.masked_fill(~real, -100)[:, 1:]"
REAL = "real = padding_mask(lengths, input_ids.shape[1])"


def cut(edits):
    """These edits, made in an answer that cuts the last scores off where the reference adds a place to the targets."""
    call = CUT
    for old, new in edits.items():
        call = call.replace(old, new)
    return {old: new for old, new in edits.items() if old not in CUT} | {LAST_PLACE: "", CALL: call}


CAUSAL_LM_LOSS = Exercise(
    solves="unrolled.gpt.causal_lm_loss",
    groups={"no padding": 2, "texts of unequal length": 1},
    inputs=causal_lm_loss_inputs,
    probe=probe_loss,
    exempt={"time 1": "a text of one word alone has no next word, and the docstring says that one text has two"},
    accepts=(causal_lm_loss_gathered, causal_lm_loss_text_by_text, causal_lm_loss_cut),
    misconceptions=(
        Misconception(
            id="no-shift",
            name="the scores at a place are compared with the word at that same place",
            hint="That word has just been read: to copy it is no feat. For which word are the scores at place t?",
            edits=cut(
                {
                    "input_ids.masked_fill(~real, -100)[:, 1:]": "input_ids.masked_fill(~real, -100)",
                    "logits[:, :-1]": "logits",
                }
            ),
            also=(cut({"logits[:, :-1]": "logits[:, 1:]"}),),
        ),
        Misconception(
            id="shifted-twice",
            name="the words are shifted by two places",
            hint="Hugging Face's models shift inside the loss; who shifts the labels before does it twice. How many "
            "places lie between a word and the next one?",
            edits=cut({"[:, 1:]": "[:, 2:]", "logits[:, :-1]": "logits[:, :-2]"}),
        ),
        Misconception(
            id="shifted-backwards",
            name="the scores at a place are compared with the word before it",
            hint="The model is asked for the next word. Which of the two, scores or words, loses its first place, and "
            "which its last?",
            edits=cut({"[:, 1:]": "[:, :-1]", "logits[:, :-1]": "logits[:, 1:]"}),
        ),
        Misconception(
            id="texts-shifted",
            name="the texts of the batch are shifted instead of the words",
            hint="The first axis counts texts. Which axis counts words?",
            edits=cut({"[:, 1:]": "[1:]", "logits[:, :-1]": "logits[:-1]"}),
        ),
        Misconception(
            id="padding-counted",
            name="the padding is averaged in",
            hint="What stands after the end of a short text, and should the model be asked to predict it?",
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
                "masked_fill(~real, -100)": "masked_fill(input_ids == 0, -100)",
            },
        ),
        Misconception(
            id="zero-as-padding-too",
            name="padding is marked by 0, and with it every real word with this number is left out",
            hint="0 is a word like any other. Which number does cross_entropy leave out if you say nothing?",
            edits=cut(
                {
                    "masked_fill(~real, -100)": "masked_fill(~real, 0)",
                    "targets.flatten())": "targets.flatten(), ignore_index=0)",
                }
            ),
        ),
        Misconception(
            id="zero-behind-the-end",
            name="the model is asked for word 0 after the end of a short text",
            hint="A 0 is a word to be predicted. Which number tells cross_entropy that nothing is asked?",
            edits={"masked_fill(~real, -100)": "masked_fill(~real, 0)"},
        ),
        Misconception(
            id="another-mark-for-padding",
            name="padding is marked by −1, of which cross_entropy knows nothing",
            hint="Which number does cross_entropy leave out if you say nothing, and which argument would change it?",
            edits={"masked_fill(~real, -100)": "masked_fill(~real, -1)"},
        ),
        Misconception(
            id="only-padding-counted",
            name="the real words are left out, and the padding is predicted",
            hint="-100 should stand where nobody is asked. Where does it stand in yours?",
            edits={"masked_fill(~real, -100)": "masked_fill(real, -100)"},
        ),
        Misconception(
            id="scores-at-padding-zero",
            name="the scores at padding are set to 0, but the places still count",
            hint="With equal scores for all words, a place costs log V. How do you take a place out altogether?",
            edits={
                TARGETS: "targets = input_ids[:, 1:]\n    logits = logits.masked_fill(~real[..., None], 0.0)",
            },
        ),
        Misconception(
            id="first-length-for-all",
            name="all texts are taken to be as long as the first",
            hint="lengths has a number for each text. Which of them do you use?",
            edits={REAL: "real = (torch.arange(input_ids.shape[1]) < lengths[0]).expand_as(input_ids)"},
        ),
        Misconception(
            id="cut-at-the-longest",
            name="all texts are taken to be as long as the longest",
            hint="lengths has a number for each text. What stands after the end of a shorter one?",
            edits={REAL: "real = (torch.arange(input_ids.shape[1]) < lengths.max()).expand_as(input_ids)"},
        ),
        Misconception(
            id="lengths-as-one-number",
            name="the lengths are made a single number (`lengths.item()`)",
            hint="There is a length for each text of the batch. How do you compare (1, time) with (batch, 1)?",
            edits={REAL: "real = (torch.arange(input_ids.shape[1]) < lengths.item()).expand_as(input_ids)"},
        ),
        Misconception(
            id="lengths-along-time",
            name="the lengths are compared along time instead of along the batch",
            hint="(time,) against (batch,): which axes meet? What does `lengths[:, None]` change?",
            edits={
                TARGETS: "targets = input_ids[:, 1:].masked_fill(torch.arange(1, input_ids.shape[1]) >= lengths, -100)"
            },
        ),
        Misconception(
            id="shifted-over-the-ends",
            name="the batch is made one long text before the shift, so that a text's last place predicts the next text's first word",
            hint="A text's last word has no next one. Do you flatten first, or shift first?",
            edits=cut(
                {
                    TARGETS: "targets = input_ids.masked_fill(~real, -100).flatten()[1:]",
                    "logits[:, :-1].flatten(0, 1), targets.flatten()": "logits.flatten(0, 1)[:-1], targets",
                }
            ),
        ),
        Misconception(
            id="only-the-scores-cut",
            name="the scores lose a place and the words do not",
            hint="Scores and words must be equally many. Which place have the words too many: the first or the last?",
            edits=cut({"[:, 1:]": "", CUT: "F.cross_entropy(logits[:, :-1].transpose(1, 2), targets)"}),
        ),
        Misconception(
            id="only-the-words-cut",
            name="the words lose a place and the scores do not",
            hint="Scores and words must be equally many. For which place's scores is there no next word?",
            edits=cut({CUT: "F.cross_entropy(logits.transpose(1, 2), targets)"}),
        ),
        Misconception(
            id="vocabulary-on-the-last-axis",
            name="cross_entropy is given (batch, time, vocabulary)",
            hint="With more than two axes it looks for the classes on axis 1. Do you move the vocabulary there, or flatten "
            "batch and time?",
            edits=cut({CUT: "F.cross_entropy(logits[:, :-1], targets)"}),
        ),
        Misconception(
            id="reshaped-for-transposed",
            name="the vocabulary is brought to axis 1 by reshape, which mixes the scores of different places",
            hint="reshape leaves the numbers in their order and only cuts them otherwise. Which function exchanges two axes?",
            edits=cut({CUT: "F.cross_entropy(logits[:, :-1].reshape(len(logits), logits.shape[2], -1), targets)"}),
        ),
        Misconception(
            id="first-text-only",
            name="only the first text of the batch counts",
            hint="There are several texts. Does a `return` or an index stop you after the first?",
            edits=cut({CUT: "F.cross_entropy(logits[:1, :-1].flatten(0, 1), targets[:1].flatten())"}),
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
            edits=cut({"logits[:, :-1]": "logits.softmax(-1)[:, :-1]"}),
        ),
        Misconception(
            id="log-of-softmax",
            name="the logarithm is taken of a softmax: −∞ where a probability is too small for float32",
            hint="With scores 0 and −200 the second probability is rounded to 0. What is its logarithm, and which function "
            "takes both steps at once?",
            edits=cut({CUT: "F.nll_loss(logits[:, :-1].flatten(0, 1).softmax(-1).log(), targets.flatten())"}),
        ),
        Misconception(
            id="no-softmax",
            name="the scores are taken for log-probabilities as they are (`nll_loss`)",
            hint="Do e to the power of your numbers add up to 1 over the vocabulary? What does nll_loss leave to you?",
            edits={"F.cross_entropy(": "F.nll_loss("},
        ),
        Misconception(
            id="base-two",
            name="the loss is in bits instead of nats",
            hint="What is log(1/2) for `torch.log`, and in bits? Which of the two does the docstring ask for?",
            edits={CALL: f"{CALL} / torch.log(torch.tensor(2.0))"},
        ),
        Misconception(
            id="sign",
            name="the sign is lost",
            hint="Can the logarithm of a probability be positive? A loss should fall towards 0 as the model gets better.",
            edits={CALL: f"-{CALL}"},
        ),
        Misconception(
            id="divided-by-texts",
            name="the sum is divided by the number of texts instead of words",
            hint="What is averaged here: texts, or the words that are predicted?",
            edits={"targets.flatten())": "targets.flatten(), reduction='sum') / len(lengths)"},
        ),
        Misconception(
            id="python-number",
            name="the loss is a Python number (`.item()`), which cannot be trained with",
            hint="A number has no `backward`. When do you need `.item()`: for the loss, or for printing it?",
            edits={CALL: f"{CALL}.item()"},
        ),
        Misconception(
            id="detached",
            name="no gradient flows back",
            hint="The value is right. But a loss must remember where it came from: where do you cut it off (`.detach()`, "
            "`no_grad`)?",
            edits={CALL: f"{CALL}.detach()"},
        ),
        Misconception(
            id="input-ids-overwritten",
            name="-100 is written into the caller's input_ids",
            hint="The caller still needs the words, and a slice shares their memory. Which method makes a copy?",
            edits={TARGETS: "targets = input_ids.masked_fill_(~real, -100)[:, 1:]"},
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
