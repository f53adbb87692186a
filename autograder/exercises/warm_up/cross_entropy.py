"""`cross_entropy`: The mean of −log p(target) over the batch, in nats."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception


def cross_entropy_inputs(rng):
    """Batch 5, vocabulary 7. Large: the right class is so far behind that its probability is 0 in float32."""
    spread = torch.zeros(3, 11)
    spread[:, 2] = torch.tensor([300.0, 0.0, 200.0])
    return {
        "ordinary scores": [
            {"logits": normal(rng, 5, 7), "targets": integers(rng, 0, 7, 5)},
            {"logits": normal(rng, 2, 3), "targets": torch.tensor([2, 0])},
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
    ),
)
