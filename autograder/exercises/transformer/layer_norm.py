"""`layer_norm`: Every vector of features with mean 0 and variance 1, then stretched by `weight` and moved by `bias`."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def layer_norm_inputs(rng):
    """Feature 7 and 11, means far from 0; among the small ones eps is as large as the variance."""

    def case(*shape, scale=1.0, **eps):
        x = scale * (normal(rng, *shape) + normal(rng, *shape[:-1], 1))
        return {"x": x, "weight": normal(rng, shape[-1]), "bias": normal(rng, shape[-1])} | eps

    plain = [case(5, 7), case(2, 3, 11)]
    for one in plain:
        one |= {"weight": torch.ones(one["x"].shape[-1]), "bias": torch.zeros(one["x"].shape[-1])}
    return {
        "weight 1 and bias 0": plain,
        "weight and bias": [case(5, 7), case(2, 3, 5, 11)],
        "vectors that hardly vary": [case(5, 7, scale=0.003), case(2, 3, 11, scale=0.5, eps=0.2)],
    }


def probe_layer_norm(answer, inputs):
    """Differentiate; where weight and bias do nothing, with respect to x alone."""
    from autograder.probes import differentiate

    if not (inputs["weight"] == 1).all():
        return differentiate(answer, inputs)
    fixed = {name: inputs[name].clone() for name in ("weight", "bias")}
    return differentiate(lambda **rest: answer(**rest, **fixed), {"x": inputs["x"]})


def layer_norm_with_var(x, weight, bias, eps=1e-5):
    variance, mean = torch.var_mean(x, dim=-1, keepdim=True, correction=0)
    return weight * ((x - mean) * torch.rsqrt(variance + eps)) + bias


def layer_norm_moments(x, weight, bias, eps=1e-5):
    features = x.shape[-1]
    mean = x.sum(-1, keepdim=True) / features
    centred = x - mean
    variance = torch.einsum("...f,...f->...", centred, centred)[..., None] / features
    return torch.addcmul(bias, centred / (variance + eps) ** 0.5, weight)


def layer_norm_row_by_row(x, weight, bias, eps=1e-5):
    rows = []
    for row in x.reshape(-1, x.shape[-1]):
        centred = row - row.mean()
        rows.append(centred / (centred.square().mean() + eps).sqrt() * weight + bias)
    return torch.stack(rows).reshape(x.shape)


LAYER_NORM = Exercise(
    solves="unrolled.transformer.layer_norm",
    groups={"weight 1 and bias 0": 1, "weight and bias": 1, "vectors that hardly vary": 1},
    inputs=layer_norm_inputs,
    probe=probe_layer_norm,
    accepts=(layer_norm_with_var, layer_norm_moments, layer_norm_row_by_row),
    forbids=("torch.nn.functional.layer_norm", "torch.nn.LayerNorm", "torch.layer_norm", "torch.native_layer_norm"),
    misconceptions=(
        Misconception(
            id="unbiased-variance",
            name="the variance is divided by n − 1",
            hint="torch.var and torch.std estimate the variance of a population from a sample, unless told "
            "correction=0. Here the features are all there is: by what is the sum of the squares divided?",
            edits={"((x - mean) ** 2).mean(dim=-1, keepdim=True)": "x.var(dim=-1, keepdim=True)"},
        ),
        Misconception(
            id="eps-outside-the-root",
            name="eps is added outside the root",
            hint="Both keep you from dividing by 0. For a vector that hardly varies they differ: which of the two, the "
            "variance or its root, should get eps?",
            edits={"torch.sqrt(variance + eps)": "(torch.sqrt(variance) + eps)"},
        ),
        Misconception(
            id="as-in-the-annotated-transformer",
            name="the variance is divided by n − 1 and eps stands outside the root",
            hint="So does the Annotated Transformer, and it trains well. Here as in PyTorch and in the paper: by how "
            "many features is the sum of squares divided, and what is under the root?",
            edits={
                "((x - mean) ** 2).mean(dim=-1, keepdim=True)": "x.var(dim=-1, keepdim=True)",
                "torch.sqrt(variance + eps)": "(torch.sqrt(variance) + eps)",
            },
        ),
        Misconception(
            id="no-eps",
            name="eps is left out",
            hint="What happens to a vector whose features are all nearly the same?",
            edits={"variance + eps": "variance"},
        ),
        Misconception(
            id="eps-fixed",
            name="eps is 0.00001 whatever the argument says",
            hint="The function has an argument eps. Where do you use it?",
            edits={"variance + eps": "variance + 1e-5"},
        ),
        Misconception(
            id="eps-squared",
            name="eps is squared",
            hint="eps is added to the variance as it is. Which of your lines squares too much?",
            edits={"variance + eps": "variance + eps**2"},
        ),
        Misconception(
            id="axis-dropped",
            name="the mean has lost the axis over which it was taken",
            hint="x.mean(dim=-1) has one axis less than x, so the subtraction lays it beside the wrong one. Which argument "
            "keeps an axis of length 1 in its place?",
            edits={
                "x.mean(dim=-1, keepdim=True)": "x.mean(dim=-1)",
                "** 2).mean(dim=-1, keepdim=True)": "** 2).mean(dim=-1)",
            },
        ),
        Misconception(
            id="over-the-batch",
            name="the mean is taken over the batch, as in batch norm",
            hint="Then a sentence's result depends on its neighbours. Which axis holds the features of one word?",
            edits={
                "x.mean(dim=-1, keepdim=True)": "x.mean(dim=0, keepdim=True)",
                "** 2).mean(dim=-1, keepdim=True)": "** 2).mean(dim=0, keepdim=True)",
            },
        ),
        Misconception(
            id="over-time",
            name="the mean is taken over the last axis but one, the words",
            hint="Then the first word would know of the last. Which axis holds the features of one word?",
            edits={
                "x.mean(dim=-1, keepdim=True)": "x.mean(dim=-2, keepdim=True)",
                "** 2).mean(dim=-1, keepdim=True)": "** 2).mean(dim=-2, keepdim=True)",
            },
        ),
        Misconception(
            id="over-everything",
            name="one mean and one variance are taken of the whole tensor",
            hint="Each word is normalised on its own. Over which axis is the mean of a single word?",
            edits={
                "x.mean(dim=-1, keepdim=True)": "x.mean()",
                "** 2).mean(dim=-1, keepdim=True)": "** 2).mean()",
            },
        ),
        Misconception(
            id="mean-not-subtracted",
            name="the mean is subtracted for the variance only, not from x itself",
            hint="Should the result have a mean of 0 before the bias comes in? Does yours?",
            edits={"return (x - mean) /": "return x /"},
        ),
        Misconception(
            id="rms-norm",
            name="the mean is never subtracted",
            hint="That is RMSNorm, which T5 and Llama use (chapter 9 builds it). A layer norm has two steps: what does "
            "it do before it divides?",
            edits={"mean = x.mean(dim=-1, keepdim=True)": "mean = 0.0"},
        ),
        Misconception(
            id="no-root",
            name="the vector is divided by its variance instead of the root of it",
            hint="A vector ten times as long should come out the same. Does yours?",
            edits={"torch.sqrt(variance + eps)": "(variance + eps)"},
        ),
        Misconception(
            id="length-one",
            name="each vector is divided by its length, a sum of squares instead of their mean",
            hint="After a layer norm the *mean* of the squares is 1. What is it in yours, with many features?",
            edits={"** 2).mean(dim=-1, keepdim=True)": "** 2).sum(dim=-1, keepdim=True)"},
        ),
        Misconception(
            id="weight-lost",
            name="the weight is left out",
            hint="What lets the network undo the norm where it does harm?",
            edits={" * weight": ""},
        ),
        Misconception(
            id="bias-lost",
            name="the bias is left out",
            hint="Count the arguments: which one do you never use?",
            edits={" + bias": ""},
        ),
        Misconception(
            id="bias-before-weight",
            name="the bias is added before the weight is multiplied in",
            hint="Which comes first: stretch, then move, or move, then stretch?",
            edits={
                "(x - mean) / torch.sqrt(variance + eps) * weight + bias": (
                    "((x - mean) / torch.sqrt(variance + eps) + bias) * weight"
                )
            },
        ),
        Misconception(
            id="statistics-detached",
            name="no gradient flows through mean and variance",
            hint="The values are right. But a change of one feature changes mean and variance too: where do you cut that "
            "off (`.detach()`, `no_grad`, `.item()`)?",
            edits={
                "x.mean(dim=-1, keepdim=True)": "x.mean(dim=-1, keepdim=True).detach()",
                "((x - mean) ** 2).mean(dim=-1, keepdim=True)": "((x - mean) ** 2).mean(dim=-1, keepdim=True).detach()",
            },
        ),
    ),
)
