"""`teacher_forcing_loss`: The mean of −log p(right word), over all real words, each predicted from the *right* words
before it.
"""

import torch
import torch.nn.functional as F

from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception
from unrolled.rnn import sequence_cross_entropy


def teacher_forcing_inputs(rng):
    """Batch 3, source 5, target 7, vocabularies 11 and 13, and the tables of a small model."""

    def case(source_lengths, target_lengths):
        return {
            "source": integers(rng, 3, 11, 3, 5),
            "source_lengths": torch.tensor(source_lengths),
            "target": integers(rng, 3, 13, 3, 7),
            "target_lengths": torch.tensor(target_lengths),
            "bos": int(rng.integers(1, 3)),
            "read": normal(rng, 11, 3, scale=0.5),
            "word": normal(rng, 13, 3, scale=0.7),
            "head": normal(rng, 3, 13, scale=0.7),
        }

    return {
        "no padding": [case([5, 5, 5], [7, 7, 7])],
        "padding": [case([2, 5, 4], [7, 2, 4]), case([5, 1, 3], [3, 6, 7])],
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
    ),
)
