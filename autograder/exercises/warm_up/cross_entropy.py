"""`cross_entropy`: The mean of −log p(target) over the batch, in nats."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception


def cross_entropy_inputs(rng):
    """Batch 5, vocabulary 7; a batch of one, and a single class. The best class is not always the right one.

    Large: the right class is so far behind that its probability is 0 in float32.
    """
    spread = torch.zeros(3, 11)
    spread[:, 2] = torch.tensor([300.0, 0.0, 200.0])
    return {
        "ordinary scores": [
            {"logits": normal(rng, 5, 7), "targets": integers(rng, 0, 7, 5)},
            {"logits": normal(rng, 2, 3), "targets": torch.tensor([2, 0])},
            {"logits": normal(rng, 1, 5), "targets": integers(rng, 0, 5, 1)},
            {"logits": normal(rng, 3, 1), "targets": torch.tensor([0, 0, 0])},
        ],
        "large scores": [{"logits": normal(rng, 3, 11) + spread, "targets": torch.tensor([4, 9, 0])}],
    }


def cross_entropy_loop(logits, targets):
    losses = []
    for row, target in zip(logits, targets, strict=True):
        losses.append(torch.logsumexp(row, dim=0) - row[target])
    return sum(losses) / len(losses)


def cross_entropy_one_hot(logits, targets):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    logs = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    return -(logs * F.one_hot(targets, logits.shape[1])).sum() / len(targets)


def cross_entropy_log_softmax(logits, targets):
    return -F.log_softmax(logits, dim=1)[torch.arange(len(targets)), targets].mean()


def cross_entropy_binary(logits, targets):
    one_hot = F.one_hot(targets, logits.shape[1]).float()
    return F.binary_cross_entropy(torch.softmax(logits, dim=1), one_hot, reduction="sum") / len(targets)


def cross_entropy_by_sigmoids(logits, targets):
    one_hot = F.one_hot(targets, logits.shape[1]).float()
    return F.binary_cross_entropy_with_logits(logits, one_hot)


CROSS_ENTROPY = Exercise(
    solves="unrolled.losses.cross_entropy",
    groups={"ordinary scores": 2, "large scores": 1},
    inputs=cross_entropy_inputs,
    probe=probes.differentiate,
    accepts=(cross_entropy_loop, cross_entropy_one_hot, cross_entropy_log_softmax),
    forbids=(
        "torch.nn.functional.cross_entropy",
        "torch.nn.functional.nll_loss",
        "torch.nn.CrossEntropyLoss",
        "torch.nn.NLLLoss",
        "torch.distributions",
    ),
    misconceptions=(
        Misconception(
            id="logarithm-of-zero",
            name="the logarithm is taken of a softmax that has become 0",
            hint="A probability of e^−300 is 0 in a computer, and log 0 is −∞. Can you write log(softmax) without ever "
            "making the probability?",
            edits={"logits - logits.logsumexp(dim=-1, keepdim=True)": "torch.softmax(logits, dim=-1).log()"},
        ),
        Misconception(
            id="overflow",
            name="the exponentials of large scores overflow",
            hint="exp(300) is infinite in a computer. Which function of torch computes log Σ exp without that?",
            edits={"logits.logsumexp(dim=-1, keepdim=True)": "logits.exp().sum(dim=-1, keepdim=True).log()"},
        ),
        Misconception(
            id="sum",
            name="the losses are added up instead of averaged",
            hint="Would a batch twice as large have twice the loss?",
            edits={".mean()": ".sum()"},
        ),
        Misconception(
            id="sign",
            name="the sign is the wrong way round",
            hint="The logarithm of a probability is never positive. Should a loss be small or large when the model is "
            "right?",
            edits={"return -": "return "},
        ),
        Misconception(
            id="bits",
            name="the logarithm has base 2",
            hint="In bits it is right in information theory; here it is in nats, as torch gives it, because then its "
            "gradient is simply p − y. Which logarithm is that?",
            edits={".mean()": ".mean() / torch.log(torch.tensor(2.0))"},
        ),
        Misconception(
            id="over-the-batch",
            name="the probabilities are normalised over the batch instead of over the classes",
            hint="logits is (batch, vocabulary). Which of the two axes holds the choices that exclude each other?",
            edits={"dim=-1, keepdim": "dim=0, keepdim"},
        ),
        Misconception(
            id="not-normalised",
            name="the scores are used as if they were log-probabilities",
            hint="Scores can be any numbers. What must be subtracted so that their exponentials add up to 1?",
            edits={"logits - logits.logsumexp(dim=-1, keepdim=True)": "logits"},
        ),
        Misconception(
            id="softmax-twice",
            name="a softmax is applied before the log-softmax",
            hint="The probabilities are taken for scores, and made into probabilities again. How often is exp needed?",
            edits={
                "logits - logits.logsumexp(dim=-1, keepdim=True)": ("torch.softmax(logits, dim=-1).log_softmax(dim=-1)")
            },
        ),
        Misconception(
            id="no-logarithm",
            name="1 − p is averaged instead of −log p",
            hint="What should the loss be when the right class got the probability 0: 1, or as large as you like?",
            edits={
                "-log_probabilities.gather(dim=-1, index=targets[:, None]).mean()": (
                    "1 - log_probabilities.gather(dim=-1, index=targets[:, None]).exp().mean()"
                )
            },
        ),
        Misconception(
            id="all-classes",
            name="all classes count, not just the right one",
            hint="Which single entry of each row says how likely the truth was?",
            edits={".gather(dim=-1, index=targets[:, None])": ""},
        ),
        Misconception(
            id="every-row-with-every-target",
            name="every row is looked up at the targets of all rows",
            hint="log_p[:, targets] is (batch, batch). How do you take entry targets[i] of row i only?",
            edits={".gather(dim=-1, index=targets[:, None])": "[:, targets]"},
        ),
        Misconception(
            id="squared-error",
            name="it is the squared error between probabilities and a one-hot target",
            hint="That is the Brier score: a fair loss, but how steep is it where the model is sure and wrong? Which "
            "loss does the formula ask for?",
            edits={
                "-log_probabilities.gather(dim=-1, index=targets[:, None]).mean()": (
                    "((log_probabilities.exp() - F.one_hot(targets, logits.shape[1])) ** 2).sum(dim=1).mean()"
                ),
                "log_probabilities = ": "import torch.nn.functional as F; log_probabilities = ",
            },
        ),
        Misconception(
            id="epsilon-in-the-logarithm",
            name="1e-9 is added to the probability before its logarithm",
            hint="Then no loss exceeds 21, however wrong the model is, and its gradient is gone. How can log(softmax) "
            "be written without ever making the probability?",
            edits={"logits - logits.logsumexp(dim=-1, keepdim=True)": "(torch.softmax(logits, dim=-1) + 1e-9).log()"},
        ),
        Misconception(
            id="probability-clamped",
            name="the probability is clamped before its logarithm",
            hint="Then no loss exceeds a bound, however wrong the model is, and its gradient is gone. How can "
            "log(softmax) be written without ever making the probability?",
            edits={
                "logits - logits.logsumexp(dim=-1, keepdim=True)": (
                    "torch.softmax(logits, dim=-1).clamp(min=1e-12).log()"
                ),
            },
        ),
        Misconception(
            id="divided-by-all-entries",
            name="the mean is taken over all entries of (batch, vocabulary) instead of over the batch",
            hint="One entry of each row counts; the others are zeros. By how many losses must the sum be divided?",
            edits={".mean()": ".mean() / logits.shape[1]"},
        ),
        Misconception(
            id="divided-by-the-vocabulary",
            name="the sum is divided by the size of the vocabulary instead of by that of the batch",
            hint="How many losses are there: one for each class, or one for each example?",
            edits={".mean()": ".sum() / logits.shape[1]"},
        ),
        Misconception(
            id="keepdim-lost",
            name="the axis that is summed over disappears, so the sums no longer line up with the rows",
            hint="Shapes are lined up from the right: (5, 7) − (5,) does not fit. How can a sum keep its axis, with "
            "length 1?",
            edits={", keepdim=True": ""},
        ),
        Misconception(
            id="logarithm-of-the-mean",
            name="the probabilities are averaged first, and the logarithm is taken afterwards",
            hint="A single right class with probability 0 should cost without limit. Does it in yours? What comes "
            "first, the logarithm or the mean?",
            edits={
                ".gather(dim=-1, index=targets[:, None]).mean()": (
                    ".gather(dim=-1, index=targets[:, None]).exp().mean().log()"
                ),
            },
        ),
        Misconception(
            id="best-class",
            name="the model's own best class is scored instead of the right one",
            hint="What would the loss of a model be that is always sure and always wrong? Where do targets come in?",
            edits={"index=targets[:, None]": "index=logits.argmax(dim=-1, keepdim=True)"},
        ),
        Misconception(
            id="gradient-cut",
            name="the loss is right, but it is cut off from the scores",
            hint="`.item()`, `.detach()`, `float(…)` and `torch.tensor(…)` copy numbers and forget where they came "
            "from. Which of them is in your lines?",
            edits={".mean()": ".mean().detach()"},
        ),
        Misconception(
            id="wrong-classes-too",
            name="the terms of the wrong classes, −log(1 − p), are added too",
            hint="That is the loss for many yes-or-no questions. Here one class of several is right: how many terms "
            "has −log p(target)?",
            answer=cross_entropy_binary,
        ),
        Misconception(
            id="squared-distance",
            name="(1 − p)² is averaged instead of −log p",
            hint="That is the other curve in the picture above. How large does it get where p is 0, and how large "
            "should the loss get?",
            edits={
                "-log_probabilities.gather(dim=-1, index=targets[:, None]).mean()": (
                    "((1 - log_probabilities.gather(dim=-1, index=targets[:, None]).exp()) ** 2).mean()"
                ),
            },
        ),
        Misconception(
            id="shift-not-undone",
            name="the largest score is subtracted in the log-sum-exp only",
            hint="What is taken away from the scores must be taken away from x_i as well, or be added again. Does "
            "your log p stay below 0?",
            edits={
                "logits - logits.logsumexp(dim=-1, keepdim=True)": (
                    "logits - (logits - logits.amax(dim=-1, keepdim=True)).logsumexp(dim=-1, keepdim=True)"
                ),
            },
        ),
        Misconception(
            id="maximum-for-logsumexp",
            name="the largest score is subtracted, and the logarithm of the sum is left out",
            hint="With all scores 0 the loss should be log(classes). What is yours? Which term of the formula is "
            "missing?",
            edits={".logsumexp(": ".amax("},
        ),
        Misconception(
            id="index-without-an-axis",
            name="gather is given an index with one axis for scores with two",
            hint="gather wants an index with as many axes as the tensor. How does targets get a second axis, of "
            "length 1?",
            edits={"index=targets[:, None]": "index=targets"},
        ),
        Misconception(
            id="no-mean",
            name="one loss for each example comes out, without the mean",
            hint="Learning needs one number to make smaller. What did the docstring say happens to the losses of the "
            "batch?",
            edits={".mean()": "[:, 0]"},
        ),
        Misconception(
            id="axis-left",
            name="the mean comes out with an axis of length 1",
            hint="A loss is one number: its shape should be (). Over how many axes does your mean go?",
            edits={".mean()": ".mean(dim=0)"},
        ),
        Misconception(
            id="zero-is-padding",
            name="examples whose right class is 0 are left out",
            hint="Elsewhere a 0 may stand for padding. Does the docstring speak of padding, or is 0 a class like any "
            "other?",
            edits={
                "index=targets[:, None])": "index=targets[:, None])[targets != 0]",
            },
        ),
        Misconception(
            id="yes-or-no-questions",
            name=(
                "every class is taken for a yes-or-no question of its own, by a sigmoid, and all answers "
                "are averaged"
            ),
            hint=(
                "Binary cross-entropy is for classes that do not exclude one another. Here one class of "
                "several is right: which function makes one distribution of all scores?"
            ),
            answer=cross_entropy_by_sigmoids,
        ),
        Misconception(
            id="yes-or-no-questions-added",
            name=(
                "every class is taken for a yes-or-no question of its own, by a sigmoid, and the answers "
                "are added"
            ),
            hint=(
                "Binary cross-entropy is for classes that do not exclude one another. Here one class of "
                "several is right: which function makes one distribution of all scores?"
            ),
            answer=lambda logits, targets: logits.shape[1] * cross_entropy_by_sigmoids(logits, targets),
        ),
    ),
)
