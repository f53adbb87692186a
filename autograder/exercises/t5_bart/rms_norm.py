"""`RMSNorm`: Every vector divided by its root mean square, then stretched by a weight for each feature."""

import torch
from torch import nn

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def rms_norm_inputs(rng):
    """Feature 7 and 11, means far from 0; among the small ones eps is as large as the mean square."""

    def case(*shape, scale=1.0, eps=1e-6, plain=False):
        x = scale * (normal(rng, *shape) + 1.5 * normal(rng, *shape[:-1], 1))
        weight = torch.ones(shape[-1]) if plain else normal(rng, shape[-1])
        return {"x": x, "weight": weight, "eps": eps}

    return {
        "weight 1": [case(2, 5, 7, plain=True)],
        "any weight": [case(5, 7), case(2, 3, 5, 11)],
        "small vectors": [case(2, 5, 7, scale=0.02, eps=1e-3), case(2, 3, 11, scale=0.5, eps=0.2)],
    }


def probe_rms_norm(answer, inputs):
    """Build the module, load the weight, go forwards and backwards; a weight of ones is not asked for its gradient."""
    import torch

    from autograder.probes import differentiate

    def forward(x, weight=inputs["weight"]):
        module = answer(x.shape[-1], eps=inputs["eps"])
        return torch.func.functional_call(module, {"weight": weight}, (x,))

    plain = bool((inputs["weight"] == 1).all())
    return differentiate(forward, {name: inputs[name] for name in ("x", "weight")[: 2 - plain]})


class RMSNormRsqrt(nn.Module):
    """As Hugging Face writes it."""

    def __init__(self, d_model, eps=1e-6):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(d_model)), eps

    def forward(self, x):
        variance = x.pow(2).mean(-1, keepdim=True)
        return self.weight * (x * torch.rsqrt(variance + self.eps))


class RMSNormByLength(RMSNormRsqrt):
    """By way of the vectors' lengths, one after the other."""

    def forward(self, x):
        rows = []
        for row in x.reshape(-1, x.shape[-1]):
            rows.append(self.weight * row / (torch.dot(row, row) / len(row) + self.eps) ** 0.5)
        return torch.stack(rows).view(x.shape)


RMS_NORM = Exercise(
    solves="unrolled.t5.RMSNorm",
    groups={"weight 1": 1, "any weight": 1, "small vectors": 1},
    inputs=rms_norm_inputs,
    probe=probe_rms_norm,
    blanks=("forward",),
    accepts=(RMSNormRsqrt, RMSNormByLength),
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
            name="eps is 0.000001 whatever the module was given",
            hint="The module keeps its eps in self.eps. Where do you use it?",
            edits={"self.eps) *": "1e-6) *"},
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
    ),
)
