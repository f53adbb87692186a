"""`label_smoothed_cross_entropy`: The mean cross-entropy, in nats, with a target that gives `smoothing` away to all
classes.
"""

import torch
import torch.nn.functional as F

from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception
from autograder.probes import differentiate


def label_smoothing_inputs(rng):
    """Batch 3, time 7, vocabulary 5; unequal lengths, one of them whole; ε large enough to show."""

    def case(lengths, smoothing):
        return {
            "logits": 1.5 * normal(rng, 3, 7, 5),
            "targets": integers(rng, 0, 5, 3, 7),
            "lengths": torch.tensor(lengths),
            "smoothing": smoothing,
        }

    return {
        "no smoothing": [case([7, 2, 4], 0.0)],
        "smoothing, no padding": [case([7, 7, 7], 0.3)],
        "smoothing and padding": [case([7, 2, 4], 0.2), case([1, 7, 3], 0.6)],
    }


def label_smoothing_distribution(logits, targets, lengths, smoothing):
    """The smoothed target written out as a distribution."""
    classes = logits.shape[-1]
    target = F.one_hot(targets, classes) * (1 - smoothing) + smoothing / classes
    losses = -(target * F.log_softmax(logits, dim=-1)).sum(-1)
    mask = torch.arange(targets.shape[1])[None] < lengths[:, None]
    return (losses * mask).sum() / lengths.sum()


def label_smoothing_loop(logits, targets, lengths, smoothing):
    total = 0.0
    for i, length in enumerate(lengths.tolist()):
        for t in range(length):
            normaliser = logits[i, t].logsumexp(0)
            right = normaliser - logits[i, t, targets[i, t]]
            total = total + (1 - smoothing) * right + smoothing * (normaliser - logits[i, t].mean())
    return total / sum(lengths.tolist())


LABEL_SMOOTHED_CROSS_ENTROPY = Exercise(
    solves="unrolled.label_smoothing.label_smoothed_cross_entropy",
    groups={"no smoothing": 1, "smoothing, no padding": 1, "smoothing and padding": 1},
    inputs=label_smoothing_inputs,
    probe=differentiate,
    accepts=(label_smoothing_distribution, label_smoothing_loop),
    forbids=("torch.nn.functional.cross_entropy", "torch.nn.CrossEntropyLoss"),
    misconceptions=(
        Misconception(
            id="over-the-other-classes",
            name="the ε is shared by the K − 1 wrong classes only",
            hint="So it is in tensor2tensor and fairseq, and it works as well. Here as in PyTorch and in the paper that "
            "invented it: what does the right class get of ε / K?",
            edits={
                "smoothing * surprise.mean(dim=-1)": (
                    "smoothing * (surprise.sum(dim=-1) - right) / (logits.shape[-1] - 1)"
                )
            },
        ),
        Misconception(
            id="right-class-keeps-all",
            name="the right class keeps a weight of 1",
            hint="Do the weights of your target add up to 1? What is left for the right class when ε is given away?",
            edits={"(1 - smoothing) * right": "right"},
        ),
        Misconception(
            id="nothing-for-the-others",
            name="ε is taken from the right class, but given to nobody",
            hint="Do the weights of your target add up to 1?",
            edits={" + smoothing * surprise.mean(dim=-1)": ""},
        ),
        Misconception(
            id="epsilon-for-every-class",
            name="every class gets ε instead of ε / K",
            hint="With K classes your target adds up to more than 1. What is the share of one class of ε?",
            edits={"surprise.mean(dim=-1)": "surprise.sum(dim=-1)"},
        ),
        Misconception(
            id="epsilon-and-rest-swapped",
            name="ε and 1 − ε are swapped",
            hint="With ε = 0 this should be the ordinary cross-entropy. What is yours then?",
            edits={"(1 - smoothing) * right + smoothing * surprise": "smoothing * right + (1 - smoothing) * surprise"},
        ),
        Misconception(
            id="not-smoothed",
            name="there is no smoothing at all",
            hint="Where do you use `smoothing`?",
            edits={"(1 - smoothing) * right + smoothing * surprise.mean(dim=-1)": "right"},
        ),
        Misconception(
            id="predictions-smoothed",
            name="the predicted probabilities are smoothed instead of the target",
            hint="Which of the two is mixed with the uniform distribution: what the model says, or what it is told?",
            edits={
                "(1 - smoothing) * right + smoothing * surprise.mean(dim=-1)": (
                    "-torch.log((1 - smoothing) * (-right).exp() + smoothing / logits.shape[-1])"
                )
            },
        ),
        Misconception(
            id="divergence",
            name="the target's own entropy is subtracted",
            hint="That is the Kullback–Leibler divergence, as in the Annotated Transformer; it has the same gradients and "
            "falls to 0. A cross-entropy keeps that constant: which function do you use that subtracts it?",
            answer=lambda logits, targets, lengths, smoothing: _divergence(logits, targets, lengths, smoothing),
        ),
        Misconception(
            id="padding-averaged-in",
            name="the padding is averaged in with the real tokens",
            hint="What should a made-up token behind the end of a sequence count? Where do you use lengths?",
            edits={"losses[padding_mask(lengths, targets.shape[1])].mean()": "losses.mean()"},
        ),
        Misconception(
            id="smoothing-over-the-padding",
            name="only the first part leaves the padding out; the smoothing part is averaged over all positions",
            hint="The padding is out of −log p(right). Is it out of the second term too?",
            edits={
                "losses = (1 - smoothing) * right + smoothing * surprise.mean(dim=-1)": (
                    "real = padding_mask(lengths, targets.shape[1])"
                ),
                "losses[padding_mask(lengths, targets.shape[1])].mean()": (
                    "(1 - smoothing) * right[real].mean() + smoothing * surprise.mean()"
                ),
            },
        ),
        Misconception(
            id="divided-by-all-positions",
            name="the padding adds nothing to the sum, but is counted in the division",
            hint="The losses of the padding are zero: good. How many tokens is the sum divided by?",
            edits={
                "losses[padding_mask(lengths, targets.shape[1])].mean()": (
                    "(losses * padding_mask(lengths, targets.shape[1])).mean()"
                )
            },
        ),
        Misconception(
            id="mean-of-means",
            name="each sequence is averaged first, and then the averages",
            hint="A token of a short sequence then weighs more than one of a long sequence. By what should the sum over "
            "all real tokens be divided?",
            edits={
                "losses[padding_mask(lengths, targets.shape[1])].mean()": (
                    "((losses * padding_mask(lengths, targets.shape[1])).sum(dim=1) / lengths).mean()"
                )
            },
        ),
        Misconception(
            id="sum",
            name="the losses are added up instead of averaged",
            hint="Would a batch twice as large have twice the loss? By what should the sum be divided?",
            edits={"shape[1])].mean()": "shape[1])].sum()"},
        ),
        Misconception(
            id="averaged-over-the-classes",
            name="the average is taken over the classes of the vocabulary as well",
            hint="The terms of one token are added up over the vocabulary; only over tokens do you average. By how many "
            "numbers do you divide?",
            edits={"shape[1])].mean()": "shape[1])].mean() / logits.shape[-1]"},
        ),
        Misconception(
            id="no-logarithm",
            name="probabilities stand where their logarithms should be",
            hint="A probability of 0.001 for the right word is a great surprise. How large is it in your sum?",
            edits={"log_softmax": "softmax"},
        ),
        Misconception(
            id="softmax-over-time",
            name="the softmax runs over the words of the sentence instead of the vocabulary",
            hint="logits is (batch, time, vocabulary). Which probabilities should add up to 1?",
            edits={"log_softmax(logits, dim=-1)": "log_softmax(logits, dim=1)"},
        ),
    ),
)


def _divergence(logits, targets, lengths, smoothing):
    classes = logits.shape[-1]
    target = F.one_hot(targets, classes) * (1 - smoothing) + smoothing / classes
    losses = F.kl_div(logits.log_softmax(-1), target, reduction="none").sum(-1)
    return losses[torch.arange(targets.shape[1]) < lengths[:, None]].mean()
