"""`softmax`: Scores made into probabilities along the axis `dim`: all positive, and their sum is 1."""

import torch

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def softmax_inputs(rng):
    """Different primes on all axes; large: rows around ±1000, and one row whose scores lie far apart."""
    apart = torch.tensor([[-200.0, 150.0, 149.0, 0.0, 148.5], [700.0, 698.0, 250.0, 699.0, 701.0]])
    offsets = torch.tensor([[1000.0], [-600.0], [3.0]])
    return {
        "last axis": [{"x": normal(rng, 3, 5)}, {"x": normal(rng, 7)}],
        "other axes": [{"x": normal(rng, 3, 5), "dim": 0}, {"x": normal(rng, 2, 7, 3), "dim": 1}],
        "large scores": [{"x": normal(rng, 3, 5) + offsets}, {"x": apart + normal(rng, 2, 5, scale=0.2)}],
    }


def softmax_by_logsumexp(x, dim=-1):
    return (x - x.logsumexp(dim, keepdim=True)).exp()


def softmax_row_by_row(x, dim=-1):
    moved = x.movedim(dim, -1)
    rows = []
    for row in moved.reshape(-1, moved.shape[-1]):
        powers = torch.e ** (row - row.max())
        rows.append(powers / powers.sum())
    return torch.stack(rows).view(moved.shape).movedim(-1, dim)


def softmax_with_max(x, dim=-1):
    x = x - x.max(dim=dim, keepdim=True).values.detach()
    return x.exp() / x.exp().sum(dim).unsqueeze(dim)


SOFTMAX = Exercise(
    solves="unrolled.losses.softmax",
    groups={"last axis": 1, "other axes": 1, "large scores": 1},
    inputs=softmax_inputs,
    probe=probes.differentiate,
    accepts=(softmax_by_logsumexp, softmax_row_by_row, softmax_with_max),
    forbids=(
        "torch.softmax",
        "torch.log_softmax",
        "torch.special.softmax",
        "torch.special.log_softmax",
        "torch.nn.functional.softmax",
        "torch.nn.functional.log_softmax",
        "torch.nn.functional.softmin",
        "torch.nn.Softmax",
        "torch.nn.LogSoftmax",
        "torch.Tensor.softmax",
        "torch.Tensor.log_softmax",
    ),
    misconceptions=(
        Misconception(
            id="overflow",
            name="the exponentials of large scores overflow",
            hint="exp(1000) is infinite in a computer. What may be subtracted from all scores of a row without changing "
            "the result?",
            edits={"x - x.amax(dim=dim, keepdim=True)": "x"},
        ),
        Misconception(
            id="sum-of-everything",
            name="the sum is taken over all axes instead of along dim",
            hint="The probabilities of the whole tensor then add up to 1. What should add up to 1?",
            edits={".sum(dim=dim, keepdim=True)": ".sum()"},
        ),
        Misconception(
            id="one-maximum-for-all",
            name="the maximum of the whole tensor is subtracted from every row",
            hint="A row far below that maximum becomes 0/0. Of what should each row's maximum be taken?",
            edits={"x.amax(dim=dim, keepdim=True)": "x.max()"},
        ),
        Misconception(
            id="dim-ignored",
            name="dim is ignored and the last axis is always taken",
            hint="Does the name dim occur in your lines?",
            edits={
                "x.amax(dim=dim, keepdim=True)": "x.amax(dim=-1, keepdim=True)",
                ".sum(dim=dim, keepdim=True)": ".sum(dim=-1, keepdim=True)",
            },
        ),
        Misconception(
            id="first-axis",
            name="the softmax is taken along the first axis, whatever dim is",
            hint="Then the examples of a batch compete with each other, instead of the classes of one example. Which "
            "axis does dim name?",
            edits={
                "x.amax(dim=dim, keepdim=True)": "x.amax(dim=0, keepdim=True)",
                ".sum(dim=dim, keepdim=True)": ".sum(dim=0, keepdim=True)",
            },
        ),
        Misconception(
            id="keepdim-lost",
            name="the axis that is summed over disappears, so the sums no longer line up with the rows",
            hint="Shapes are lined up from the right: (3, 5) / (3,) does not fit. How can a sum keep its axis, with "
            "length 1?",
            edits={".sum(dim=dim, keepdim=True)": ".sum(dim=dim)"},
        ),
        Misconception(
            id="no-exponential",
            name="the scores are divided by their sum, without an exponential",
            hint="Scores may be negative; probabilities may not. Which function makes any number positive?",
            edits={"torch.exp(x - x.amax(dim=dim, keepdim=True))": "x"},
        ),
        Misconception(
            id="not-normalised",
            name="the exponentials are not divided by their sum",
            hint="Add up the probabilities of one row. What should come out?",
            edits={" / exponentials.sum(dim=dim, keepdim=True)": ""},
        ),
        Misconception(
            id="logarithm",
            name="the logarithm of the probabilities comes out",
            hint="log-softmax is what a loss wants (next exercise). Can a probability be negative?",
            edits={
                "exponentials / exponentials.sum(dim=dim, keepdim=True)": (
                    "(x - x.amax(dim=dim, keepdim=True)) - exponentials.sum(dim=dim, keepdim=True).log()"
                )
            },
        ),
        Misconception(
            id="sigmoid",
            name="a sigmoid is taken of each score on its own",
            hint="A sigmoid answers one yes-or-no question for each score. Do these probabilities add up to 1?",
            edits={"exponentials / exponentials.sum(dim=dim, keepdim=True)": "torch.sigmoid(x)"},
        ),
        Misconception(
            id="base-two",
            name="powers of 2 stand where powers of e should be",
            hint="Any base gives probabilities that add up to 1. Which one does the formula have?",
            edits={"torch.exp(": "torch.exp2("},
        ),
        Misconception(
            id="maximum-with-its-place",
            name="x.max(dim=…) is used as if it were a tensor",
            hint="With dim it gives two things, the values and where they stand. Which of them do you want (or which "
            "other function of torch gives only that)?",
            edits={"x.amax(": "x.max("},
        ),
        Misconception(
            id="maximum-divided",
            name="the scores are divided by their maximum instead of having it subtracted",
            hint="exp(x − c) is exp(x) divided by one constant, and cancels. What is exp(x / c)?",
            edits={"x - x.amax": "x / x.amax"},
        ),
    ),
)
