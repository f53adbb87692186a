"""`RMSNorm`: Every vector divided by its root mean square, then stretched by a weight for each feature."""

import torch
from torch import nn

from autograder.draw import doubled, halved, normal
from autograder.exercise import Exercise, Misconception, with_numbers


def rms_norm_inputs(rng):
    """Feature 7 and 11, means far from 0; among the small ones eps is as large as the mean square, and one is 0.

    Once a single vector, once a single word in a batch of one, once double precision, once half.
    """

    def case(*shape, scale=1.0, eps=1e-6, plain=False):
        x = scale * (normal(rng, *shape) + 1.5 * normal(rng, *shape[:-1], 1))
        weight = torch.ones(shape[-1]) if plain else normal(rng, shape[-1])
        return {"x": x, "weight": weight, "eps": eps}

    zeros, double = case(2, 3, 11, scale=0.5, eps=0.2), doubled(case(3, 5, 7))
    zeros["x"][1, 1] = 0.0
    return {
        "weight 1": [case(2, 5, 7, plain=True)],
        "any weight": [case(5, 7), case(2, 3, 5, 11), case(7), case(1, 1, 7), double, halved(case(3, 5, 7))],
        "small vectors": [case(2, 5, 7, scale=0.02, eps=1e-3), zeros],
    }


def probe_rms_norm(answer, inputs):
    """Build the module, load the weight, go forwards and backwards; a weight of ones is not asked for its gradient."""
    from autograder.probes import use_module

    x, weight = inputs["x"], inputs["weight"]
    built = {"arguments": [x.shape[-1]], "options": {"eps": inputs["eps"]}, "weights": {"weight": weight}, "inputs": {"x": x}}
    report = use_module(answer, built, lambda module, x: module(x))
    if bool((weight == 1).all()):
        report["gradients"] = {name: gradient for name, gradient in report["gradients"].items() if name != "weight"}
    return report


class RMSNormRsqrt(nn.Module):
    """As Hugging Face writes it."""

    def __init__(self, d_model, eps=1e-6):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(d_model)), eps

    def forward(self, x):
        variance = x.pow(2).mean(-1, keepdim=True)
        return self.weight * (x * torch.rsqrt(variance + self.eps))


class RMSNormInSinglePrecision(RMSNormRsqrt):
    """As T5 does it in half precision: the size in float32 at least, the result in x's own dtype."""

    def forward(self, x):
        size = torch.einsum("...i,...i->...", *[x.to(torch.promote_types(x.dtype, torch.float32))] * 2) / x.shape[-1]
        return self.weight * (x / (size + self.eps).sqrt().unsqueeze(-1)).to(x.dtype)


class RMSNormByLength(RMSNormRsqrt):
    """By way of the vectors' lengths, one after the other."""

    def forward(self, x):
        rows = []
        for row in x.reshape(-1, x.shape[-1]):
            rows.append(self.weight * row / (torch.dot(row, row) / len(row) + self.eps) ** 0.5)
        return torch.stack(rows).view(x.shape)


SIZE = "torch.sqrt(x.square().mean(dim=-1, keepdim=True) + self.eps)"

RMS_NORM = Exercise(
    solves="unrolled.t5.RMSNorm",
    groups={"weight 1": 1, "any weight": 1, "small vectors": 1},
    inputs=rms_norm_inputs,
    probe=probe_rms_norm,
    blanks=("forward",),
    accepts=(RMSNormRsqrt, RMSNormInSinglePrecision, RMSNormByLength),
    forbids=("torch.nn.RMSNorm", "torch.nn.functional.rms_norm", "torch.rms_norm"),
    misconceptions=(
        Misconception(
            id="eps-outside-the-root",
            name="eps is added outside the root",
            hint="Both keep you from dividing by 0. For a very small vector they differ: which of the two, the mean of the "
            "squares or its root, should get eps?",
            edits={
                "torch.sqrt(x.square().mean(dim=-1, keepdim=True) + self.eps)": (
                    "(torch.sqrt(x.square().mean(dim=-1, keepdim=True)) + self.eps)"
                )
            },
        ),
        Misconception(
            id="no-eps",
            name="eps is left out",
            hint="What happens to a vector that is nearly 0 everywhere?",
            edits={" + self.eps": ""},
        ),
        Misconception(
            id="eps-fixed",
            name="eps is one small number whatever the module was given",
            hint="The module keeps its eps in self.eps. Where do you use it?",
            edits={"self.eps) *": "1e-6) *"},
            also=with_numbers({"self.eps) *": "1e-6) *"}, "1e-6", "1e-5", "1e-8", "1e-12"),
        ),
        Misconception(
            id="eps-squared",
            name="eps is squared",
            hint="eps is added to the mean of the squares as it is. Which of your lines squares too much?",
            edits={"+ self.eps": "+ self.eps**2"},
        ),
        Misconception(
            id="layer-norm",
            name="the mean is subtracted first, as in a layer norm",
            hint="That is chapter 6's norm without its bias. RMSNorm saves a step: which one?",
            edits={
                "return x / torch.sqrt(x.square()": (
                    "x = x - x.mean(dim=-1, keepdim=True)\n        return x / torch.sqrt(x.square()"
                )
            },
        ),
        Misconception(
            id="standard-deviation",
            name="the vector is divided by its standard deviation instead of its root mean square",
            hint="A standard deviation measures from the mean. From where does a root mean square measure?",
            edits={"x.square().mean(dim=-1, keepdim=True)": "x.var(dim=-1, keepdim=True, correction=0)"},
        ),
        Misconception(
            id="no-root",
            name="the vector is divided by the mean square instead of the root of it",
            hint="A vector ten times as long should come out the same. Does yours?",
            edits={
                "torch.sqrt(x.square().mean(dim=-1, keepdim=True) + self.eps)": (
                    "(x.square().mean(dim=-1, keepdim=True) + self.eps)"
                )
            },
        ),
        Misconception(
            id="multiplied",
            name="the vector is multiplied by its root mean square",
            hint="A long vector should become shorter. Does yours? (rsqrt is 1 / sqrt.)",
            edits={"return x / torch.sqrt": "return x * torch.sqrt"},
        ),
        Misconception(
            id="length-one",
            name="each vector is divided by its length, a sum of squares instead of their mean",
            hint="After the norm the *mean* of the squares is 1. What is it in yours, with many features?",
            edits={"x.square().mean(dim=-1, keepdim=True)": "x.square().sum(dim=-1, keepdim=True)"},
        ),
        Misconception(
            id="mean-absolute",
            name="the mean of the absolute values stands in place of the root mean square",
            hint="Root, mean, square: read the name from the right. In which order do they come, and is a square among yours?",
            edits={
                "torch.sqrt(x.square().mean(dim=-1, keepdim=True) + self.eps)": (
                    "(x.abs().mean(dim=-1, keepdim=True) + self.eps)"
                )
            },
        ),
        Misconception(
            id="over-time",
            name="the mean is taken over the last axis but one, the words",
            hint="Then the first word would know of the last. Which axis holds the features of one word?",
            edits={"mean(dim=-1, keepdim=True)": "mean(dim=-2, keepdim=True)"},
        ),
        Misconception(
            id="over-axis-1",
            name="the mean is taken over axis 1, which is the last only where there are two",
            hint="x may have any number of axes in front of the features. Which number means “the last”, however many there are?",
            edits={"mean(dim=-1, keepdim=True)": "mean(dim=1, keepdim=True)"},
        ),
        Misconception(
            id="over-everything",
            name="one root mean square is taken of the whole tensor",
            hint="Each word is normed on its own. Over which axis is the mean of a single word?",
            edits={"mean(dim=-1, keepdim=True)": "mean()"},
        ),
        Misconception(
            id="over-all-but-the-batch",
            name="one root mean square is taken of all words of a text together",
            hint="Each word is normed on its own. Over how many axes do you take the mean, and how many has one word?",
            edits={"mean(dim=-1, keepdim=True)": "mean(dim=tuple(range(min(1, x.ndim - 1), x.ndim)), keepdim=True)"},
        ),
        Misconception(
            id="weight-lost",
            name="the weight is left out",
            hint="What lets the network undo the norm where it does harm?",
            edits={" * self.weight": ""},
        ),
        Misconception(
            id="weight-plus-one",
            name="the vectors are multiplied by 1 + weight",
            hint="Right in Gemma, whose weights begin at 0. Here as in T5: at which value does self.weight begin?",
            edits={" * self.weight": " * (1 + self.weight)"},
        ),
        Misconception(
            id="weight-inside",
            name="the weight is multiplied in before the root mean square is taken",
            hint="The size is that of x alone. Is the weight a part of what you square?",
            edits={
                "+ self.eps) * self.weight": "+ self.eps)",
                "return x / torch.sqrt(x.square()": "x = x * self.weight\n        return x / torch.sqrt(x.square()",
            },
        ),
        Misconception(
            id="size-detached",
            name="no gradient flows through the root mean square",
            hint="The values are right. But a change of one feature changes the size too: where do you cut that off "
            "(`.detach()`, `no_grad`, `.item()`)?",
            edits={"mean(dim=-1, keepdim=True)": "mean(dim=-1, keepdim=True).detach()"},
        ),
        Misconception(
            id="eps-on-the-sum",
            name="eps is added to the sum of the squares, before it is divided by their number",
            hint="eps belongs to the *mean* of the squares. What do you divide by the number of features in yours?",
            edits={
                "x.square().mean(dim=-1, keepdim=True) + self.eps": "(x.square().sum(dim=-1, keepdim=True) + self.eps) / x.shape[-1]"
            },
        ),
        Misconception(
            id="mean-subtracted-above-only",
            name="the mean is subtracted from the vector that is divided",
            hint="That is half a layer norm. What stands above the fraction bar in RMSNorm?",
            edits={"return x / torch.sqrt": "return (x - x.mean(dim=-1, keepdim=True)) / torch.sqrt"},
        ),
        Misconception(
            id="sample-deviation",
            name="the vector is divided by x.std, which measures from the mean and divides by n − 1",
            hint="A standard deviation measures from the mean. From where does a root mean square measure, and by what does a mean divide?",
            edits={SIZE: "(x.std(dim=-1, keepdim=True) + self.eps)"},
        ),
        Misconception(
            id="n-minus-one",
            name="the sum of the squares is divided by n − 1",
            hint="n − 1 belongs to a variance, where the mean has been estimated too. By what does a plain mean divide?",
            edits={"x.square().mean(dim=-1, keepdim=True)": "x.square().sum(dim=-1, keepdim=True) / (x.shape[-1] - 1)"},
        ),
        Misconception(
            id="over-the-first-axis",
            name="the mean is taken over axis 0, the batch",
            hint="A word must not depend on the other sentences of its batch. Which axis holds the features of one word?",
            edits={"mean(dim=-1, keepdim=True)": "mean(dim=0, keepdim=True)"},
        ),
        Misconception(
            id="keepdim-missing",
            name="the mean has lost its axis, so that it meets the wrong one in the division",
            hint="Write down the shapes of x and of the mean. Which option keeps an axis of size 1 where the features were?",
            edits={"mean(dim=-1, keepdim=True)": "mean(dim=-1)"},
        ),
        Misconception(
            id="not-squared",
            name="the mean of the values stands under the root, without a square",
            hint="Root, mean, square: read the name from the right. What happens to the negative values in yours?",
            edits={"x.square().mean": "x.mean"},
        ),
        Misconception(
            id="square-of-the-mean",
            name="the mean is squared, instead of the mean taken of the squares",
            hint="Root, mean, square: read the name from the right. Which comes first? For 3 and −3, what is yours?",
            edits={"x.square().mean(dim=-1, keepdim=True)": "x.mean(dim=-1, keepdim=True).square()"},
        ),
        Misconception(
            id="weight-added",
            name="the weight is added",
            hint="A weight of 1 should change nothing, and a weight stretches. Which operation does that?",
            edits={" * self.weight": " + self.weight"},
        ),
        Misconception(
            id="divided-by-the-weight",
            name="the vector is divided by the weight",
            hint="A weight of 2 should make a feature twice as large. Does yours?",
            edits={" * self.weight": " / self.weight"},
        ),
        Misconception(
            id="weight-cannot-learn",
            name="no gradient reaches the weight",
            hint="The values are right, but the weight would never learn. What do `.data` and `.detach()` cut off?",
            edits={" * self.weight": " * self.weight.detach()"},
        ),
        Misconception(
            id="weight-as-a-matrix-product",
            name="`@` adds the weighted features up",
            hint="`@` is a matrix product: it sums over the features. What should stand between two things that are multiplied place by place?",
            edits={" * self.weight": " @ self.weight"},
        ),
        Misconception(
            id="weight-called",
            name="the weight is called as if it were a layer",
            hint="self.weight is a tensor, not a module. What do you do with a factor for each feature?",
            edits={
                "return x / torch.sqrt(x.square().mean(dim=-1, keepdim=True) + self.eps) * self.weight": "return self.weight(x / torch.sqrt(x.square().mean(dim=-1, keepdim=True) + self.eps))"
            },
        ),
        Misconception(
            id="eps-without-self",
            name="`eps` is used without `self.`",
            hint="`__init__` was left long ago, and its arguments with it. Where did it put eps?",
            edits={"+ self.eps": "+ eps"},
        ),
        Misconception(
            id="times-the-root-of-n",
            name="the length is multiplied by the root of n instead of divided by it",
            hint="A root mean square is the length √(x₁² + …) with the n under the root. Is n above or below the bar there?",
            edits={SIZE: "(x.norm(dim=-1, keepdim=True) * x.shape[-1] ** 0.5 + self.eps)"},
        ),
        Misconception(
            id="length-one-and-eps-outside",
            name="each vector is divided by its length, to which eps is added",
            hint="After the norm the *mean* of the squares is 1. What is it in yours? And should eps stand outside the root?",
            edits={SIZE: "(x.norm(dim=-1, keepdim=True) + self.eps)"},
        ),
        Misconception(
            id="length-one-without-eps",
            name="each vector is divided by its length, as F.normalize does, and eps plays no part",
            hint="After the norm the *mean* of the squares is 1. What is it in yours? And where do you use self.eps?",
            edits={SIZE: "x.norm(dim=-1, keepdim=True).clamp(min=1e-12)"},
        ),
        Misconception(
            id="divided-by-the-batch",
            name="the sum of the squares is divided by the size of the batch",
            hint="A mean over the features divides by how many there are. Which entry of x.shape is that?",
            edits={"x.square().mean(dim=-1, keepdim=True)": "x.square().sum(dim=-1, keepdim=True) / x.shape[0]"},
        ),
        Misconception(
            id="eps-as-a-floor",
            name="eps is the least that may stand under the root, instead of being added",
            hint="Both keep you from dividing by 0, and for small vectors they differ. What does the docstring say of eps?",
            edits={
                "x.square().mean(dim=-1, keepdim=True) + self.eps": "x.square().mean(dim=-1, keepdim=True).clamp(min=self.eps)"
            },
        ),
        Misconception(
            id="eps-as-the-least-length",
            name="eps is the least length by which a vector is divided, as in F.normalize, instead of being added",
            hint="Both keep you from dividing by 0, and for small vectors they differ. Where does the docstring put eps?",
            edits={SIZE: "(x.norm(dim=-1, keepdim=True).clamp(min=self.eps) / x.shape[-1] ** 0.5)"},
        ),
        Misconception(
            id="single-precision",
            name="the result is float32 whatever x is",
            hint="A network may be run in double or half precision. In which dtype should its vectors come out? What does `.float()` do to them?",
            edits={
                "return x / torch.sqrt": "x = x.float()\n        return x / torch.sqrt",
                " * self.weight": " * self.weight.float()",
            },
        ),
        Misconception(
            id="written-into-x",
            name="x itself is divided",
            hint="The caller adds x to the result of the block later. Does `/=` or `div_` make a new tensor?",
            edits={
                "return x / torch.sqrt(x.square().mean(dim=-1, keepdim=True) + self.eps) * self.weight": "size = torch.sqrt(x.square().mean(dim=-1, keepdim=True) + self.eps)\n        with torch.no_grad():\n            x.div_(size.detach())\n        return x * self.weight"
            },
        ),
    ),
)
