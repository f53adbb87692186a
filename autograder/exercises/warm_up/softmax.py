"""`softmax`: Scores made into probabilities along the axis `dim`: all positive, and their sum is 1."""

import torch

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception
from autograder.tolerance import Tolerance


def softmax_inputs(rng):
    """Different primes on all axes, and axes of length 1; a float64 tensor stays one.

    Large: rows around ±1000 and 60, and rows whose scores lie far apart.
    """
    apart = torch.tensor([[-200.0, 150.0, 149.0, 0.0, 148.5], [700.0, 698.0, 250.0, 699.0, 701.0]])
    offsets = torch.tensor([[1000.0], [-600.0], [3.0], [60.0]])
    return {
        "last axis": [
            {"x": normal(rng, 3, 5)},
            {"x": normal(rng, 7)},
            {"x": normal(rng, 1, 5)},
            {"x": normal(rng, 2, 3).double()},
        ],
        "other axes": [
            {"x": normal(rng, 3, 5), "dim": 0},
            {"x": normal(rng, 2, 7, 3), "dim": 1},
            {"x": normal(rng, 5, 1, 2), "dim": -2},
        ],
        "large scores": [{"x": normal(rng, 4, 5) + offsets}, {"x": apart + normal(rng, 2, 5, scale=0.2)}],
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


def softmax_of_rows(x, dim=-1):
    return torch.stack([torch.exp(row - row.max()) / torch.exp(row - row.max()).sum() for row in x])


def softmax_of_neighbours_in_memory(x, dim=-1):
    rows = x.reshape(-1, x.shape[dim])
    exponentials = torch.exp(rows - rows.amax(dim=1, keepdim=True))
    return (exponentials / exponentials.sum(dim=1, keepdim=True)).reshape(x.shape)


def softmax_not_moved_back(x, dim=-1):
    moved = x.movedim(dim, -1)
    exponentials = torch.exp(moved - moved.amax(dim=-1, keepdim=True))
    return exponentials / exponentials.sum(dim=-1, keepdim=True)


SOFTMAX = Exercise(
    solves="unrolled.losses.softmax",
    groups={"last axis": 1, "other axes": 1, "large scores": 1},
    inputs=softmax_inputs,
    probe=probes.differentiate,
    tolerance=Tolerance(absolute=3e-5),  # scores of a thousand leave four digits to the exponential
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
        "torch.distributions",
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
        Misconception(
            id="maximum-after-exp",
            name="the largest exponential is subtracted after exp, instead of the largest score before it",
            hint="exp(x − c) is exp(x) divided by a constant, and cancels. Does exp(x) − c cancel as well?",
            edits={
                "torch.exp(x - x.amax(dim=dim, keepdim=True))": (
                    "(torch.exp(x) - torch.exp(x).amax(dim=dim, keepdim=True))"
                ),
            },
        ),
        Misconception(
            id="maximum-added",
            name="the maximum is added instead of subtracted",
            hint="Scores of 60 were no danger, and now they overflow. Which way should the largest score move: "
            "towards 0, or away from it?",
            edits={"x - x.amax": "x + x.amax"},
        ),
        Misconception(
            id="minimum-subtracted",
            name="the smallest score is subtracted instead of the largest",
            hint="After it, how large can a score still be? Which score must land on 0, so that no exponential "
            "exceeds 1?",
            edits={"x.amax(": "x.amin("},
        ),
        Misconception(
            id="mean-subtracted",
            name="the mean of the scores is subtracted instead of the largest",
            hint="A score may lie 200 above the mean. Which score must land on 0, so that no exponential exceeds 1?",
            edits={"x.amax(": "x.mean("},
        ),
        Misconception(
            id="clamped",
            name="large scores are cut off instead of shifted",
            hint="Two scores of 1000 and 999 should not become equal. What may be subtracted from all scores of a row "
            "without changing the result?",
            edits={"x - x.amax(dim=dim, keepdim=True)": "x.clamp(max=80)"},
        ),
        Misconception(
            id="painted-over",
            name="NaN is replaced by 0 after the exponentials have overflowed",
            hint="What should the row 1000, 999 give: is it 0 and 0? What can be done before the exponential, rather "
            "than after?",
            edits={
                "x - x.amax(dim=dim, keepdim=True)": "x",
                "exponentials / exponentials.sum(dim=dim, keepdim=True)": (
                    "torch.nan_to_num(exponentials / exponentials.sum(dim=dim, keepdim=True))"
                ),
            },
        ),
        Misconception(
            id="mean-for-sum",
            name="the exponentials are divided by their mean instead of their sum",
            hint="Add up the probabilities of one row. Is it 1, or the number of classes?",
            edits={".sum(dim=dim": ".mean(dim=dim"},
        ),
        Misconception(
            id="euclidean-length",
            name="the exponentials are divided by the root of the sum of their squares",
            hint="That makes a vector of length 1. Is it the squares that should add up to 1, or the probabilities "
            "themselves?",
            edits={"exponentials.sum(dim=dim, keepdim=True)": "exponentials.norm(dim=dim, keepdim=True)"},
        ),
        Misconception(
            id="exponent-negated",
            name="the exponent has the wrong sign, so that the smallest score gets the largest probability",
            hint="Which score should get the largest probability? Look at the sign inside your exponential: is it "
            "what the formula has?",
            edits={"x - x.amax(dim=dim, keepdim=True)": "-(x - x.amax(dim=dim, keepdim=True))"},
        ),
        Misconception(
            id="rows-only",
            name="the loop goes over the first axis and each part is normalised as a whole, whatever dim is",
            hint="Iterating over a tensor takes its first axis. What is one part of a tensor with one axis, or three, "
            "and where is dim?",
            answer=softmax_of_rows,
        ),
        Misconception(
            id="neighbours-in-memory",
            name="the scores are reshaped into rows of neighbours in memory, whatever axis dim names",
            hint="view and reshape keep the order in memory. Are the entries along axis 0 neighbours there?",
            answer=softmax_of_neighbours_in_memory,
        ),
        Misconception(
            id="not-moved-back",
            name="the axis is moved to the end and never moved back",
            hint="The result should have the shape of x, axis by axis. Where does dim stand in yours?",
            answer=softmax_not_moved_back,
        ),
        Misconception(
            id="squeezed",
            name="axes of length 1 disappear",
            hint="A batch of one is still a batch. Which function of yours takes away every axis of length 1, or "
            "which index does?",
            edits={
                "exponentials / exponentials.sum(dim=dim, keepdim=True)": (
                    "(exponentials / exponentials.sum(dim=dim, keepdim=True)).squeeze()"
                ),
            },
        ),
        Misconception(
            id="another-default",
            name="the default of dim is the first axis",
            hint="The signature was handed out with dim = −1. What does softmax(x) without dim mean?",
            edits={"dim: int = -1": "dim: int = 0"},
        ),
        Misconception(
            id="rounded",
            name="the probabilities are rounded",
            hint="The docstring's example prints four digits; are there only four? And what is the gradient of a "
            "rounded number?",
            edits={
                "exponentials / exponentials.sum(dim=dim, keepdim=True)": (
                    "(exponentials / exponentials.sum(dim=dim, keepdim=True)).round(decimals=4)"
                ),
            },
        ),
        Misconception(
            id="gradient-cut",
            name="the probabilities are right, but no gradient goes through them",
            hint="`.detach()`, `.data`, NumPy and `torch.tensor(…)` copy numbers and forget where they came from. "
            "Which of them is in your lines?",
            edits={
                "torch.exp(x - x.amax(dim=dim, keepdim=True))": (
                    "torch.exp(x - x.amax(dim=dim, keepdim=True)).detach()"
                ),
            },
        ),
        Misconception(
            id="float32",
            name="the result is float32, whatever came in",
            hint="A tensor of float64 should stay one. Which line of yours fixes the dtype: `.float()`, or a new "
            "tensor without a dtype?",
            edits={
                "torch.exp(x - x.amax(dim=dim, keepdim=True))": (
                    "torch.exp((x - x.amax(dim=dim, keepdim=True)).float())"
                ),
            },
        ),
        Misconception(
            id="maximum-without-keepdim",
            name="the maximum is taken without keeping its axis, so that it does not line up with the rows",
            hint="Shapes are lined up from the right: (3, 5) − (3,) does not fit. How can a maximum keep its axis, "
            "with length 1?",
            edits={"x - x.amax(dim=dim, keepdim=True)": "x - x.amax(dim=dim)"},
        ),
        Misconception(
            id="clamped-on-both-sides",
            name="scores are cut off on both sides instead of shifted",
            hint="Two scores of −600 and −601 should not become equal. What may be subtracted from all scores of a row "
            "without changing the result?",
            edits={
                "x - x.amax(dim=dim, keepdim=True)": "x.clamp(min=-80, max=80)",
            },
        ),
        Misconception(
            id="painted-over-with-one",
            name="NaN is replaced by 1 after the exponentials have overflowed",
            hint="A row may hold two such scores. What would they add up to? What can be done before the exponential, "
            "rather than after?",
            edits={
                "x - x.amax(dim=dim, keepdim=True)": "x",
                "exponentials / exponentials.sum(dim=dim, keepdim=True)": (
                    "torch.nan_to_num(exponentials / exponentials.sum(dim=dim, keepdim=True), nan=1.0)"
                ),
            },
        ),
        Misconception(
            id="axis-put-back-at-the-end",
            name="maximum and sum get their lost axis back at the end, whichever axis dim is",
            hint="`unsqueeze(-1)` puts an axis last. Where was the one that the sum took away, if dim is 0?",
            edits={
                "x.amax(dim=dim, keepdim=True)": "x.amax(dim=dim).unsqueeze(-1)",
                ".sum(dim=dim, keepdim=True)": ".sum(dim=dim).unsqueeze(-1)",
            },
        ),
        Misconception(
            id="small-number-in-the-sum",
            name="a small number is added to the sum of the exponentials",
            hint="After the largest score is subtracted, one exponential is 1, and the sum can never be 0. What do your "
            "probabilities add up to?",
            edits={
                "exponentials.sum(dim=dim, keepdim=True)": "(exponentials.sum(dim=dim, keepdim=True) + 1e-3)",
            },
        ),
        Misconception(
            id="scaled-by-the-classes",
            name="the scores are divided by the root of the number of classes first",
            hint="A scale belongs to attention (chapter 5). Is there a root in this formula?",
            edits={
                "x - x.amax(dim=dim, keepdim=True)": "(x - x.amax(dim=dim, keepdim=True)) / x.shape[dim] ** 0.5",
            },
        ),
        Misconception(
            id="largest-amount-subtracted",
            name="the largest amount is subtracted instead of the largest score",
            hint="Where all scores lie around −600, the largest amount is +600. What happens to the exponentials then?",
            edits={
                "x.amax(dim=dim, keepdim=True)": "x.abs().amax(dim=dim, keepdim=True)",
            },
        ),
        Misconception(
            id="one-maximum-as-a-number",
            name="the maximum of the whole tensor is subtracted, as a plain number",
            hint="A row far below that maximum becomes 0/0. Of what should each row's maximum be taken?",
            edits={
                "x.amax(dim=dim, keepdim=True)": "x.max().item()",
            },
        ),
    ),
)
