"""`teacher_forcing_loss`: The mean of −log p(right word), over all real words, each predicted from the *right* words
before it.
"""

import torch
import torch.nn.functional as F

from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception
from unrolled.rnn import sequence_cross_entropy


def teacher_forcing_inputs(rng):
    """Batch 3 or 1, source 5, target 7, vocabularies 11 and 13, and the tables of a small model.

    Word 0 is a word like any other, and bos is not always 1. A model that is sure gives right words the probability 0.
    """

    def case(source_lengths, target_lengths, sure=1.0):
        batch = len(source_lengths)
        source, target = integers(rng, 0, 11, batch, 5), integers(rng, 0, 13, batch, 7)
        source[0, 0], target[0, 0] = 0, 0
        return {
            "source": source,
            "source_lengths": torch.tensor(source_lengths),
            "target": target,
            "target_lengths": torch.tensor(target_lengths),
            "bos": int(rng.integers(2, 13)),
            "read": normal(rng, 11, 3, scale=0.5),
            "word": normal(rng, 13, 3, scale=0.7),
            "head": sure * normal(rng, 3, 13, scale=0.7),
        }

    return {
        "no padding": [case([5, 5, 5], [7, 7, 7]), case([5], [7])],
        "padding": [case([2, 5, 4], [7, 2, 4]), case([5, 1, 3], [3, 6, 5]), case([4, 2, 5], [6, 3, 7], sure=300.0)],
    }


def probe_teacher_forcing(answer, inputs):
    """Give the answer a small model made of tables, and ask for the tables' gradients."""
    import torch

    from autograder.probes import differentiate

    def loss(source, source_lengths, target, target_lengths, bos, read, word, head):
        def model(source, source_lengths, inputs):
            real = torch.arange(source.shape[1]) < source_lengths[:, None]
            summary = (read[source] * real[..., None]).sum(dim=1, keepdim=True)
            return torch.tanh(word[inputs].cumsum(dim=1) + summary) @ head

        return answer(model, source, source_lengths, target, target_lengths, bos)

    return differentiate(loss, inputs)


def teacher_forcing_ignore_index(model, source, source_lengths, target, target_lengths, bos):
    inputs = torch.cat([torch.full_like(target[:, :1], bos), target[:, :-1]], dim=1)
    logits = model(source, source_lengths, inputs)
    padding = torch.arange(target.shape[1])[None] >= target_lengths[:, None]
    return F.cross_entropy(logits.transpose(1, 2), target.masked_fill(padding, -100))


def teacher_forcing_by_sentence(model, source, source_lengths, target, target_lengths, bos):
    inputs = F.pad(target, (1, -1), value=bos)
    log_probabilities = model(source, source_lengths, inputs).log_softmax(-1)
    losses = -log_probabilities.gather(-1, target.unsqueeze(-1)).squeeze(-1)
    return torch.cat([row[:n] for row, n in zip(losses, target_lengths.tolist(), strict=True)]).mean()


def teacher_forcing_without_bos(model, source, source_lengths, target, target_lengths, bos):
    logits = model(source, source_lengths, target[:, :-1])
    return sequence_cross_entropy(logits, target[:, 1:], target_lengths - 1)


def teacher_forcing_by_sentence_mean(model, source, source_lengths, target, target_lengths, bos):
    logits = model(source, source_lengths, F.pad(target, (1, -1), value=bos))
    rows = zip(logits, target, target_lengths.tolist(), strict=True)
    return torch.stack([F.cross_entropy(row[:n], right[:n]) for row, right, n in rows]).mean()


def teacher_forcing_with_bos_in_both(model, source, source_lengths, target, target_lengths, bos):
    whole = F.pad(target, (1, 0), value=bos)
    return sequence_cross_entropy(model(source, source_lengths, whole), whole, target_lengths + 1)


def teacher_forcing_one_step_late(model, source, source_lengths, target, target_lengths, bos):
    logits = model(source, source_lengths, F.pad(target, (1, 0), value=bos))
    return sequence_cross_entropy(logits[:, 1:], target, target_lengths)


def teacher_forcing_in_place(model, source, source_lengths, target, target_lengths, bos):
    target[:, 1:] = target[:, :-1].clone()
    target[:, 0] = bos
    return sequence_cross_entropy(model(source, source_lengths, target), target, target_lengths)


def teacher_forcing_in_place_with_a_copy(model, source, source_lengths, target, target_lengths, bos):
    right = target.clone()
    target[:, 1:] = right[:, :-1]
    target[:, 0] = bos
    return sequence_cross_entropy(model(source, source_lengths, target), right, target_lengths)


def teacher_forcing_with_its_own_words(model, source, source_lengths, target, target_lengths, bos):
    inputs = torch.full_like(target[:, :1], bos)
    for _ in range(target.shape[1] - 1):
        inputs = torch.cat([inputs, model(source, source_lengths, inputs)[:, -1:].argmax(dim=-1)], dim=1)
    return sequence_cross_entropy(model(source, source_lengths, inputs), target, target_lengths)


def teacher_forcing_log_of_softmax(model, source, source_lengths, target, target_lengths, bos):
    probabilities = model(source, source_lengths, F.pad(target, (1, -1), value=bos)).softmax(dim=-1)
    losses = -probabilities.gather(-1, target.unsqueeze(-1)).squeeze(-1).log()
    return losses[torch.arange(target.shape[1]) < target_lengths[:, None]].mean()


def teacher_forcing_sum(model, source, source_lengths, target, target_lengths, bos):
    loss = teacher_forcing_by_sentence(model, source, source_lengths, target, target_lengths, bos)
    return loss * target_lengths.sum()


def teacher_forcing_sum_by_batch(model, source, source_lengths, target, target_lengths, bos):
    loss = teacher_forcing_by_sentence(model, source, source_lengths, target, target_lengths, bos)
    return loss * target_lengths.sum() / len(target)


TEACHER_FORCING_LOSS = Exercise(
    solves="unrolled.seq2seq.teacher_forcing_loss",
    groups={"no padding": 1, "padding": 1},
    inputs=teacher_forcing_inputs,
    probe=probe_teacher_forcing,
    uses=("shift_right",),
    accepts=(teacher_forcing_ignore_index, teacher_forcing_by_sentence),
    misconceptions=(
        Misconception(
            id="target-not-shifted",
            name="the target is fed to the model without being shifted",
            hint="At every step the model sees the very word that it should predict. What would it learn to do?",
            edits={"shift_right(target, bos)": "target"},
        ),
        Misconception(
            id="loss-on-padding",
            name="the loss counts the padding of the target",
            hint="Which lengths tell the loss where each target ends?",
            edits={
                "(logits, target, target_lengths)": "(logits, target, torch.full_like(target_lengths, target.shape[1]))"
            },
        ),
        Misconception(
            id="end-not-learnt",
            name="the last word of every target, its end mark, is left out of the loss",
            hint="How shall a model learn where to stop? Is the end mark a word to be predicted?",
            edits={"(logits, target, target_lengths)": "(logits, target, target_lengths - 1)"},
        ),
        Misconception(
            id="both-shifted",
            name="the loss compares with the shifted target",
            hint="The shifted target is what the model is fed. Is it also what should come out?",
            edits={"(logits, target, target_lengths)": "(logits, shift_right(target, bos), target_lengths)"},
        ),
        Misconception(
            id="source-lengths",
            name="the loss is given the lengths of the source",
            hint="The loss is about the target's words. Whose lengths did you hand it?",
            edits={"(logits, target, target_lengths)": "(logits, target, source_lengths)"},
        ),
        Misconception(
            id="source-padding-read",
            name="the model is told that every source fills its row",
            hint="Which words of the source are real? Which argument of the model says so?",
            edits={"model(source, source_lengths": "model(source, torch.full_like(source_lengths, source.shape[1])"},
        ),
        Misconception(
            id="bos-in-the-target",
            name="the first word of the target is taken for its beginning mark, and never predicted",
            hint="In many tutorials targets begin with bos, and one feeds target[:, :-1] and predicts target[:, 1:]. Here "
            "they do not: who predicts the first word?",
            answer=teacher_forcing_without_bos,
        ),
        Misconception(
            id="mean-of-means",
            name="each sentence is averaged first, and then the averages",
            hint="A word of a short sentence then weighs more than one of a long sentence. By what should the sum over "
            "all real words be divided?",
            answer=teacher_forcing_by_sentence_mean,
        ),
        Misconception(
            id="target-lengths-for-the-model",
            name="the model is given the lengths of the target",
            hint="The model asks where each *source* ends. Whose lengths did you hand it?",
            edits={"model(source, source_lengths": "model(source, target_lengths"},
        ),
        Misconception(
            id="one-length-more",
            name="the loss is given lengths that are one too long",
            hint="bos is fed, but nobody has to predict it. How many words has a target of length 4 to predict?",
            edits={"(logits, target, target_lengths)": "(logits, target, target_lengths + 1)"},
        ),
        Misconception(
            id="bos-in-both",
            name="bos is put in front of what is fed and of what is to be predicted alike",
            hint="Then input and target are the same again. Which of the two should be shifted against the other?",
            answer=teacher_forcing_with_bos_in_both,
        ),
        Misconception(
            id="one-step-late",
            name="every word is predicted after it has been fed",
            hint="Feed bos and all words, and there is one step too many. Which must be dropped: the first step or "
            "the last?",
            answer=teacher_forcing_one_step_late,
        ),
        Misconception(
            id="to-the-left",
            name="the target is shifted to the left: the model is fed the word after the one to be predicted",
            hint="At step t the model should know the word of step t − 1. Does yours know that of t − 1 or of t + 1?",
            edits={
                "shift_right(target, bos)": "torch.cat([target[:, 1:], torch.full_like(target[:, :1], bos)], dim=1)",
            },
        ),
        Misconception(
            id="shifted-twice",
            name="the target is shifted twice",
            hint="Every word is then predicted without the one just before it. How often should it be shifted?",
            edits={"shift_right(target, bos)": "shift_right(shift_right(target, bos), bos)"},
        ),
        Misconception(
            id="source-shifted",
            name="the source is shifted and fed to the decoder",
            hint="The source is handed over as it is. Which words does the decoder have to say?",
            edits={"shift_right(target, bos)": "shift_right(source, bos)"},
        ),
        Misconception(
            id="source-as-target",
            name="the loss compares with the source",
            hint="Which words should come out of a translator?",
            edits={"(logits, target, target_lengths)": "(logits, source, source_lengths)"},
        ),
        Misconception(
            id="arguments-in-another-order",
            name="the model is called with its arguments in another order",
            hint="The docstring says model(source, source_lengths, inputs). In which order are yours?",
            edits={
                "model(source, source_lengths, shift_right(target, bos))": (
                    "model(source, shift_right(target, bos), source_lengths)"
                ),
            },
        ),
        Misconception(
            id="lengths-not-handed-on",
            name="the model is called without the lengths of the source",
            hint="The docstring says model(source, source_lengths, inputs). How many arguments has your call?",
            edits={"model(source, source_lengths, shift": "model(source, shift"},
        ),
        Misconception(
            id="always-one",
            name="the decoder is fed 1 first, whatever bos is",
            hint="bos is 1 in the docstring's example. Is it always? Where does your code use `bos`?",
            edits={"shift_right(target, bos)": "shift_right(target, 1)"},
        ),
        Misconception(
            id="shifted-in-place",
            name="the target is shifted in place, and the loss compares with the shifted one",
            hint="The right words are lost once they have been written over. Which line writes into target?",
            answer=teacher_forcing_in_place,
        ),
        Misconception(
            id="callers-target-changed",
            name="the caller's target is shifted in place",
            hint="The loss is right, but the next epoch begins with this target. Which line writes into it?",
            answer=teacher_forcing_in_place_with_a_copy,
        ),
        Misconception(
            id="own-words",
            name="the model is fed its own words instead of the right ones",
            hint="That is how it will write later. While it learns, what follows after one wrong word? Which words "
            "does teacher forcing feed?",
            answer=teacher_forcing_with_its_own_words,
        ),
        Misconception(
            id="softmax-twice",
            name="a softmax is applied before a loss that applies its own",
            hint="sequence_cross_entropy wants logits. What does it do with them first?",
            edits={"(logits, target,": "(logits.softmax(-1), target,"},
        ),
        Misconception(
            id="logarithm-of-zero",
            name="the logarithm is taken of a softmax that has become 0",
            hint="A probability of e^−300 is 0 in a computer, and log 0 is −∞. Which loss of yours makes both steps "
            "at once?",
            answer=teacher_forcing_log_of_softmax,
        ),
        Misconception(
            id="sum",
            name="the losses are added up instead of averaged",
            hint="Would a batch twice as large have twice the loss? By what should the sum be divided?",
            answer=teacher_forcing_sum,
        ),
        Misconception(
            id="divided-by-the-batch",
            name="the sum is divided by the number of sentences",
            hint="Then long sentences make a loss large. By how many words should the sum be divided?",
            answer=teacher_forcing_sum_by_batch,
        ),
        Misconception(
            id="sign",
            name="the sign is the wrong way round",
            hint="The logarithm of a probability is negative. Should a loss be small or large when the model is right?",
            edits={"return sequence": "return -sequence"},
        ),
        Misconception(
            id="gradient-cut",
            name="the loss is right, but cut off from the model",
            hint="`.item()`, `.detach()`, `float(…)` and `no_grad` forget where numbers came from. Which of them is "
            "in your lines?",
            edits={"(logits, target,": "(logits.detach(), target,"},
        ),
        Misconception(
            id="loss-arguments-swapped",
            name="the targets stand where the logits should be",
            hint="sequence_cross_entropy(logits, targets, lengths): which of the first two holds scores, and which "
            "holds numbers of words?",
            edits={"(logits, target,": "(target, logits,"},
        ),
        Misconception(
            id="first-sentences-scores",
            name="only the scores of the first sentence are kept",
            hint="The model gives one tensor, (batch, target, vocabulary), not a pair. What does [0] take of it, or "
            "`logits, _ =`?",
            edits={"shift_right(target, bos))": "shift_right(target, bos))[0]"},
        ),
        Misconception(
            id="zero-is-padding",
            name="words with the number 0 are left out of the loss, instead of what stands after the lengths",
            hint="What says here where a target ends: a number in it, or `target_lengths`?",
            edits={
                "sequence_cross_entropy(logits, target, target_lengths)": (
                    "nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=0)"
                ),
            },
        ),
        Misconception(
            id="zero-first",
            name="the model is fed 0 first, whatever bos is",
            hint="New tensors begin with zeros. With which word should the input begin?",
            edits={
                "shift_right(target, bos)": "shift_right(target, 0)",
            },
        ),
    ),
)
