"""`layer_norm`: Every vector of features with mean 0 and variance 1, then stretched by `weight` and moved by `bias`."""

import torch

from autograder.compare import Tolerance
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def layer_norm_inputs(rng):
    """Feature 7 and 11, means far from 0; among the small ones eps is as large as the variance, or all features equal.

    Once the mean is 512 (in eighths, so that sums are exact); a batch of one; once everything is float64.
    """

    def case(*shape, scale=1.0, **eps):
        x = scale * (normal(rng, *shape) + normal(rng, *shape[:-1], 1))
        return {"x": x, "weight": normal(rng, shape[-1]), "bias": normal(rng, shape[-1])} | eps

    plain = [case(5, 7), case(2, 3, 11)]
    for one in plain:
        one |= {"weight": torch.ones(one["x"].shape[-1]), "bias": torch.zeros(one["x"].shape[-1])}
    far, equal = case(3, 8), case(2, 7)
    far["x"] = 512 + (8 * normal(rng, 3, 8)).round() / 8
    equal["x"] = torch.tensor([[0.5], [-2.0]]).expand(2, 7).clone()
    return {
        "weight 1 and bias 0": plain,
        "weight and bias": [
            case(5, 7),
            case(2, 3, 5, 11),
            far,
            {name: value.double() for name, value in case(1, 2, 5).items()},
        ],
        "vectors that hardly vary": [case(5, 7, scale=0.003), case(2, 3, 11, scale=0.5, eps=0.2), equal],
    }


def probe_layer_norm(answer, inputs):
    """Differentiate; where weight and bias do nothing, with respect to x alone, and not at all where x is constant."""
    from autograder.probes import call, differentiate

    if (inputs["x"] == inputs["x"][..., :1]).all():
        return call(answer, inputs)
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
    tolerance=Tolerance(absolute=2e-4),  # gradients of small vectors are in the hundreds
    accepts=(layer_norm_with_var, layer_norm_moments, layer_norm_row_by_row),
    forbids=tuple(f"torch.nn.functional.{kind}_norm" for kind in ("layer", "group", "instance", "batch", "rms")),
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
        Misconception(
            id="axis-1",
            name="the mean is taken over axis 1, wherever that is",
            hint="There may be any axes in front, so axis 1 is not always the features. From which end should you "
            "count?",
            edits={
                "x.mean(dim=-1, keepdim=True)": "x.mean(dim=1, keepdim=True)",
                "** 2).mean(dim=-1, keepdim=True)": "** 2).mean(dim=1, keepdim=True)",
            },
        ),
        Misconception(
            id="over-the-sentence",
            name="one mean and one variance are taken of each sentence",
            hint="Each word is normalised on its own. Over which axis is the mean of a single word?",
            edits={
                "x.mean(dim=-1, keepdim=True)": "x.mean(dim=tuple(range(1, x.ndim)), keepdim=True)",
                "** 2).mean(dim=-1, keepdim=True)": "** 2).mean(dim=tuple(range(1, x.ndim)), keepdim=True)",
            },
        ),
        Misconception(
            id="weight-and-bias-swapped",
            name="weight and bias change places",
            hint="Which of the two stretches, and which moves?",
            edits={
                "* weight + bias": "* bias + weight",
            },
        ),
        Misconception(
            id="one-plus-weight",
            name="the features are stretched by 1 + weight",
            hint="So does Gemma, whose weights begin at 0. By what does the formula multiply?",
            edits={
                "* weight": "* (1 + weight)",
            },
        ),
        Misconception(
            id="second-moment",
            name="the mean is subtracted, but the features are divided by the root of the mean of their own squares",
            hint="Is the variance the mean of x², or of (x − mean)²?",
            edits={
                "((x - mean) ** 2).mean(dim=-1, keepdim=True)": "(x**2).mean(dim=-1, keepdim=True)",
            },
        ),
        Misconception(
            id="absolute-deviation",
            name="the vector is divided by the mean size of the differences, without squares",
            hint="Which mean stands under the root: that of |x − mean|, or of its square?",
            edits={
                "torch.sqrt(variance + eps)": "((x - mean).abs().mean(dim=-1, keepdim=True) + eps)",
            },
        ),
        Misconception(
            id="x-overwritten",
            name="the x handed in is overwritten",
            hint="`x -= …` writes into its tensor, and the residual path still needs it. Which line makes a new one?",
            edits={
                "mean = x.mean(dim=-1, keepdim=True)": "x -= x.mean(dim=-1, keepdim=True)\n    mean = x.mean(dim=-1, keepdim=True)",
            },
        ),
        Misconception(
            id="larger-of-the-two",
            name="the larger of variance and eps is taken instead of their sum",
            hint="What stands between σ² and ε in the formula?",
            edits={
                "variance + eps": "variance.clamp(min=eps)",
            },
        ),
        Misconception(
            id="larger-root-of-the-two",
            name="the larger of the root and eps is taken, instead of adding eps under the root",
            hint="What stands between σ² and ε in the formula, and where does the root begin?",
            edits={
                "torch.sqrt(variance + eps)": "torch.sqrt(variance).clamp(min=eps)",
            },
        ),
        Misconception(
            id="min-max",
            name="each vector is brought to the range from 0 to 1",
            hint="That is another normalisation. Which mean and which variance should the result have?",
            edits={
                "mean = x.mean(dim=-1, keepdim=True)": "mean = x.amin(dim=-1, keepdim=True)",
                "torch.sqrt(variance + eps)": "(x.amax(dim=-1, keepdim=True) - mean + eps)",
            },
        ),
        Misconception(
            id="only-the-mean-divided",
            name="only the mean is divided by the root",
            hint="Division comes before subtraction. Where do parentheses belong?",
            edits={
                "(x - mean) / torch.sqrt(variance + eps)": "(x - mean / torch.sqrt(variance + eps))",
            },
        ),
        Misconception(
            id="difference-of-large-numbers",
            name="the variance is the mean of the squares minus the square of the mean",
            hint="On paper that is the same. With a mean of 500 both numbers are about 250000: how many digits of "
            "the difference are left?",
            edits={
                "((x - mean) ** 2).mean(dim=-1, keepdim=True)": "(x**2).mean(dim=-1, keepdim=True) - mean**2",
            },
        ),
        Misconception(
            id="unpacked-as-three-axes",
            name="the shape of x is unpacked as (batch, time, feature)",
            hint="There may be any number of axes in front. Which axis do you really need, and how is it counted "
            "from the end?",
            edits={
                "mean = x.mean(dim=-1, keepdim=True)": "batch, time, feature = x.shape\n    mean = x.mean(dim=-1, keepdim=True)",
            },
        ),
        Misconception(
            id="weight-as-a-matrix",
            name="the weight is multiplied with `@`, as if it were a matrix",
            hint="There is one weight for each feature. Which sign multiplies number by number?",
            edits={
                "* weight": "@ weight",
            },
        ),
        Misconception(
            id="math-sqrt",
            name="`math.sqrt` is called on a whole tensor",
            hint="math.sqrt takes one number. Which library's root takes all at once?",
            edits={
                "torch.sqrt(variance + eps)": "math.sqrt(variance + eps)",
            },
        ),
        Misconception(
            id="statistics-as-numbers",
            name="mean and variance are made plain numbers with `.item()`",
            hint="There is a mean for every vector, not one for all. What does `keepdim=True` keep?",
            edits={
                "x.mean(dim=-1, keepdim=True)": "x.mean(dim=-1).item()",
            },
        ),
        Misconception(
            id="not-divided",
            name="the mean is subtracted, but nothing is divided",
            hint="Which variance should the result have, before weight and bias come in?",
            edits={
                "(x - mean) / torch.sqrt(variance + eps)": "(x - mean)",
            },
        ),
        Misconception(
            id="divided-twice",
            name="the root is taken of the root",
            hint="What is under the root, and how often is it taken?",
            edits={
                "torch.sqrt(variance + eps)": "torch.sqrt(torch.sqrt(variance + eps))",
            },
        ),
        Misconception(
            id="mean-detached",
            name="no gradient flows through the mean",
            hint="The values are right. But a change of one feature changes the mean, too: where do you cut that off?",
            edits={
                "x.mean(dim=-1, keepdim=True)": "x.mean(dim=-1, keepdim=True).detach()",
            },
        ),
        Misconception(
            id="variance-detached",
            name="no gradient flows through the variance",
            hint="The values are right. But a change of one feature changes the variance, too: where do you cut that "
            "off?",
            edits={
                "variance = ((x - mean) ** 2).mean(dim=-1, keepdim=True)": "variance = ((x - mean) ** 2).mean(dim=-1, keepdim=True).detach()",
            },
        ),
        Misconception(
            id="always-float32",
            name="the result is float32 whatever x is",
            hint="Whose dtype should the result have? Which line makes a new one?",
            edits={
                "mean = x.mean(dim=-1, keepdim=True)": "x, weight, bias = x.float(), weight.float(), bias.float()\n    mean = x.mean(dim=-1, keepdim=True)",
            },
        ),
        Misconception(
            id="squeezed",
            name="all axes of size 1 are squeezed away",
            hint="`squeeze()` without an axis throws away every axis of size 1: what if the batch holds one "
            "sentence, or the sentence one word?",
            edits={
                "return (x - mean) / torch.sqrt(variance + eps) * weight + bias": "return ((x - mean) / torch.sqrt(variance + eps) * weight + bias).squeeze()",
            },
        ),
        Misconception(
            id="only-the-mean-divided-and-weighted",
            name="only the mean is divided by the root and multiplied by the weight",
            hint="Division and multiplication come before subtraction. Where do parentheses belong?",
            edits={
                "(x - mean) / torch.sqrt": "x - mean / torch.sqrt",
            },
        ),
    ),
)
