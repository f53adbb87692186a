"""`sequence_cross_entropy`: The mean of −log p(target), in nats, over the real tokens."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception


def sequence_cross_entropy_inputs(rng):
    """Batch 3, time 7, vocabulary 5; lengths that differ, one of them whole."""

    def case(lengths):
        return {
            "logits": normal(rng, 3, 7, 5),
            "targets": integers(rng, 0, 5, 3, 7),
            "lengths": torch.tensor(lengths),
        }

    return {"no padding": [case([7, 7, 7])], "padding": [case([7, 2, 4]), case([1, 7, 3])]}


def sequence_cross_entropy_ignore_index(logits, targets, lengths):
    targets = targets.clone()
    for row, length in zip(targets, lengths, strict=True):
        row[length:] = -100
    return F.cross_entropy(logits.transpose(1, 2), targets)


def sequence_cross_entropy_loop(logits, targets, lengths):
    total = 0.0
    for i, length in enumerate(lengths.tolist()):
        for t in range(length):
            total = total - logits[i, t].log_softmax(0)[targets[i, t]]
    return total / lengths.sum()


def sequence_cross_entropy_gather(logits, targets, lengths):
    log_probabilities = logits - logits.logsumexp(-1, keepdim=True)
    picked = log_probabilities.gather(2, targets[..., None])[..., 0]
    mask = (torch.arange(targets.shape[1])[None] < lengths[:, None]).float()
    return -(picked * mask).sum() / mask.sum()


SEQUENCE_CROSS_ENTROPY = Exercise(
    solves="unrolled.rnn.sequence_cross_entropy",
    groups={"no padding": 1, "padding": 2},
    inputs=sequence_cross_entropy_inputs,
    probe=probes.differentiate,
    accepts=(sequence_cross_entropy_ignore_index, sequence_cross_entropy_loop, sequence_cross_entropy_gather),
    misconceptions=(
        Misconception(
            id="padding-averaged-in",
            name="the padding is averaged in with the real tokens",
            hint="What should a made-up token behind the end of a sequence count? Where does your code use lengths?",
            edits={"losses[real].mean()": "losses.mean()"},
        ),
        Misconception(
            id="mean-of-means",
            name="each sequence is averaged first, and then the averages",
            hint="A token of a short sequence then weighs more than one of a long sequence. By what should the sum "
            "over all real tokens be divided?",
            edits={"losses[real].mean()": "((losses * real).sum(dim=1) / lengths).mean()"},
        ),
        Misconception(
            id="divided-by-all-positions",
            name="the padding adds nothing to the sum, but is counted in the division",
            hint="The losses of the padding are zero: good. How many tokens is the sum divided by?",
            edits={"losses[real].mean()": "(losses * real).mean()"},
        ),
        Misconception(
            id="sum",
            name="the losses are added up instead of averaged",
            hint="Would a batch twice as large have twice the loss? By what should the sum be divided?",
            edits={"losses[real].mean()": "losses[real].sum()"},
        ),
        Misconception(
            id="one-token-too-many",
            name="one token behind the end of each sequence is counted",
            hint="Positions count from 0. Is position `length` still inside a sequence of that length?",
            edits={"< lengths": "<= lengths"},
        ),
        Misconception(
            id="last-token-lost",
            name="the last real token of each sequence is left out",
            hint="Positions count from 0. What is the position of the last token of a sequence of length 4?",
            edits={"< lengths[:, None]": "< lengths[:, None] - 1"},
        ),
        Misconception(
            id="softmax-twice",
            name="a softmax is applied before a function that applies its own",
            hint="F.cross_entropy wants logits. What does it do with them first?",
            edits={"F.cross_entropy(logits.": "F.cross_entropy(logits.softmax(-1)."},
        ),
        Misconception(
            id="arguments-swapped",
            name="the targets stand where the logits should be",
            hint="F.cross_entropy(input, target): which of the two holds scores, and which holds token ids?",
            edits={
                "F.cross_entropy(logits.flatten(0, 1), targets.flatten()": (
                    "F.cross_entropy(targets.flatten(), logits.flatten(0, 1)"
                )
            },
        ),
        Misconception(
            id="bits",
            name="the logarithm has base 2",
            hint="A loss in bits is right elsewhere (one often sees bits per character). Here it is in nats, as "
            "F.cross_entropy gives it. Which logarithm is that?",
            edits={"losses[real].mean()": "losses[real].mean() / torch.log(torch.tensor(2.0))"},
        ),
        Misconception(
            id="sign",
            name="the sign is the wrong way round",
            hint="The logarithm of a probability is negative. Should a loss be small or large when the model is right?",
            edits={"losses[real].mean()": "-losses[real].mean()"},
        ),
        Misconception(
            id="padding-in-front",
            name="the padding is taken to stand in front",
            hint="Some libraries pad in front. Here the real tokens come first: which positions are smaller than length?",
            edits={"< lengths[:, None]": ">= targets.shape[1] - lengths[:, None]"},
        ),
    ),
)
