"""The exercises of chapter 06: the norm, the feed-forward layer, the two blocks, the smoothed loss and the schedule."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from autograder.compare import Tolerance
from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception
from autograder.probes import differentiate
from unrolled.self_attention import MultiHeadAttention

# --- layer_norm -------------------------------------------------------------------------------------------------------


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


# --- FeedForward ------------------------------------------------------------------------------------------------------
def feed_forward_inputs(rng):
    """Batch 2, time 5, d_model 3, d_ff 11; where no unit sleeps, all that goes into the ReLU is positive."""

    def case(positive):
        x = normal(rng, 2, 5, 3)
        weights = {
            "expand.weight": normal(rng, 11, 3),
            "expand.bias": normal(rng, 11),
            "contract.weight": normal(rng, 3, 11, scale=0.5),
            "contract.bias": normal(rng, 3),
        }
        if positive:
            x = x.abs()
            weights |= {name: weights[name].abs() for name in ("expand.weight", "expand.bias")}
        return {"arguments": [3, 11], "options": {}, "weights": weights, "inputs": {"x": x}, "masks": {}}

    return {"no unit sleeps": [case(True)], "some units sleep": [case(False), case(False)]}


def probe_module(answer, inputs):
    """Build the module, load the weights, go forwards and backwards: gradients of inputs and weights."""
    import torch

    from autograder.probes import differentiate

    names = list(inputs["weights"])

    def forward(**tensors):
        module = answer(*inputs["arguments"], **inputs["options"])
        loaded = {name: tensors.pop(name.replace(".", "_")) for name in names}
        masks = {name: mask.clone() for name, mask in inputs["masks"].items()}
        return torch.func.functional_call(module, loaded, tuple(tensors.values()), masks)

    weights = {name.replace(".", "_"): inputs["weights"][name] for name in names}
    return differentiate(forward, {**inputs["inputs"], **weights})


class FeedForwardFunctional(nn.Module):
    """The same with functions and without the layers' own forward."""

    def __init__(self, d_model, d_ff):
        super().__init__()
        self.expand, self.contract = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)

    def forward(self, x):
        wide = F.relu(F.linear(x, self.expand.weight, self.expand.bias))
        return torch.einsum("btf,of->bto", wide, self.contract.weight) + self.contract.bias


class FeedForwardWordByWord(nn.Module):
    """One word after the other: it is the same for each."""

    def __init__(self, d_model, d_ff):
        super().__init__()
        self.expand, self.contract = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)

    def forward(self, x):
        return torch.stack([self.contract(self.expand(word).clamp(min=0)) for word in x.unbind(1)], dim=1)


FEED_FORWARD = Exercise(
    solves="unrolled.transformer.FeedForward",
    groups={"no unit sleeps": 1, "some units sleep": 1},
    inputs=feed_forward_inputs,
    probe=probe_module,
    blanks=("forward",),
    accepts=(FeedForwardFunctional, FeedForwardWordByWord),
    misconceptions=(
        Misconception(
            id="no-relu",
            name="there is no ReLU between the two layers",
            hint="Two linear layers in a row are one linear layer. What stands between them in the formula?",
            edits={"torch.relu(self.expand(x))": "self.expand(x)"},
        ),
        Misconception(
            id="relu-at-the-end",
            name="the ReLU comes after the second layer",
            hint="Then nothing that is added to the residual path can be negative. Between which two layers does it stand?",
            edits={"self.contract(torch.relu(self.expand(x)))": "torch.relu(self.contract(self.expand(x)))"},
        ),
        Misconception(
            id="relu-twice",
            name="there is a second ReLU after the second layer",
            hint="Can what comes out of yours be negative? Should it be able to?",
            edits={
                "self.contract(torch.relu(self.expand(x)))": "torch.relu(self.contract(torch.relu(self.expand(x))))"
            },
        ),
        Misconception(
            id="relu-in-front",
            name="the ReLU is applied to what goes in",
            hint="Half of what is in x is thrown away before any layer saw it. Which layer comes before the ReLU?",
            edits={"torch.relu(self.expand(x))": "self.expand(torch.relu(x))"},
        ),
        Misconception(
            id="gelu",
            name="a GELU stands where the ReLU should be",
            hint="BERT and GPT use the GELU (chapters 7 and 8); the first Transformer had max(0, …). Which function is that?",
            edits={"torch.relu(": "torch.nn.functional.gelu("},
        ),
        Misconception(
            id="tanh",
            name="a tanh stands where the ReLU should be",
            hint="Which function is max(0, …) in the formula?",
            edits={"torch.relu(": "torch.tanh("},
        ),
        Misconception(
            id="residual-inside",
            name="x is added to the result",
            hint="The residual path belongs to the block around this layer. If both add x, how often is it in the sum?",
            edits={"self.contract(torch.relu(self.expand(x)))": "x + self.contract(torch.relu(self.expand(x)))"},
        ),
        Misconception(
            id="only-one-layer-twice",
            name="the weights of the first layer are used for the way back as well",
            hint="There are two layers. Which one do you never call?",
            answer=type(
                "FeedForward",
                (FeedForwardFunctional,),
                {"forward": lambda self, x: torch.relu(self.expand(x)) @ self.expand.weight},
            ),
        ),
        Misconception(
            id="layers-swapped",
            name="the layers are called in the wrong order",
            hint="x has d_model features. Which of the two layers takes d_model features?",
            edits={"self.contract(torch.relu(self.expand(x)))": "self.expand(torch.relu(self.contract(x)))"},
        ),
    ),
)


# --- EncoderBlock -----------------------------------------------------------------------------------------------------
def attention_weights(rng, name, d_model):
    """Weights of a MultiHeadAttention, unsaturated."""
    layers = ("query", "key", "value", "output")
    weights = {f"{name}.{layer}.weight": normal(rng, d_model, d_model, scale=0.4) for layer in layers}
    return weights | {f"{name}.{layer}.bias": normal(rng, d_model, scale=0.4) for layer in layers}


def feed_forward_weights(rng, d_model, d_ff):
    """Weights of a FeedForward."""
    return {
        "feed_forward.expand.weight": normal(rng, d_ff, d_model, scale=0.4),
        "feed_forward.expand.bias": normal(rng, d_ff, scale=0.4),
        "feed_forward.contract.weight": normal(rng, d_model, d_ff, scale=0.4),
        "feed_forward.contract.bias": normal(rng, d_model, scale=0.4),
    }


def norm_weights(rng, name, d_model):
    """Weights of a LayerNorm, around 1 and 0 and each feature's own."""
    return {f"{name}.weight": 1 + normal(rng, d_model, scale=0.4), f"{name}.bias": normal(rng, d_model, scale=0.4)}


def some_keys(rng, batch, keys):
    """A mask (batch, 1, 1, keys): which keys are real, at least the first, and never the last."""
    mask = torch.from_numpy(rng.random((batch, 1, 1, keys)) < 0.6)
    mask[..., 0], mask[..., -1] = True, False
    return mask


def encoder_block_inputs(rng):
    """Batch 2, time 5, d_model 6 in 3 heads, d_ff 11."""

    def case(norm_first, masked=False):
        weights = attention_weights(rng, "attention", 6) | feed_forward_weights(rng, 6, 11)
        weights |= norm_weights(rng, "attention_norm", 6) | norm_weights(rng, "feed_forward_norm", 6)
        return {
            "arguments": [6, 3, 11],
            "options": {"norm_first": norm_first},
            "weights": weights,
            "inputs": {"x": 1.5 * normal(rng, 2, 5, 6)},
            "masks": {"mask": some_keys(rng, 2, 5)} if masked else {},
        }

    return {"post-norm": [case(False)], "pre-norm": [case(True)], "with a mask": [case(False, True), case(True, True)]}


def encoder_parts(module, d_model, heads, d_ff, norm_first):
    """The layers of an encoder's block, under the names it is given."""
    module.norm_first = norm_first
    module.attention, module.attention_norm = MultiHeadAttention(d_model, heads), nn.LayerNorm(d_model)
    module.feed_forward, module.feed_forward_norm = FeedForwardFunctional(d_model, d_ff), nn.LayerNorm(d_model)


class EncoderBlockSublayers(nn.Module):
    """One way of wrapping a layer, used for both."""

    def __init__(self, d_model, heads, d_ff, *, norm_first=False):
        super().__init__()
        encoder_parts(self, d_model, heads, d_ff, norm_first)

    def around(self, x, norm, layer):
        return x + layer(norm(x)) if self.norm_first else norm(x + layer(x))

    def forward(self, x, mask=None):
        weights = []

        def attend(y):
            output, of_heads = self.attention(y, y, y, mask)
            weights.append(of_heads)
            return output

        x = self.around(x, self.attention_norm, attend)
        return self.around(x, self.feed_forward_norm, self.feed_forward), weights[0]


class EncoderBlockWithoutBranches(nn.Module):
    """Norms that do nothing stand where the other order has its own."""

    def __init__(self, d_model, heads, d_ff, *, norm_first=False):
        super().__init__()
        encoder_parts(self, d_model, heads, d_ff, norm_first)

    def forward(self, x, mask=None):
        nothing = nn.Identity()
        before = [self.attention_norm, self.feed_forward_norm] if self.norm_first else [nothing, nothing]
        after = [nothing, nothing] if self.norm_first else [self.attention_norm, self.feed_forward_norm]
        attended = self.attention(query=before[0](x), key=before[0](x), value=before[0](x), mask=mask)
        middle = after[0](attended[0] + x)
        return [after[1](self.feed_forward(before[1](middle)) + middle), attended[1]]


TORCH_BLOCKS = (
    "torch.nn.TransformerEncoderLayer",
    "torch.nn.TransformerDecoderLayer",
    "torch.nn.Transformer",
    "torch.nn.MultiheadAttention",
)

ENCODER_BLOCK = Exercise(
    solves="unrolled.transformer.EncoderBlock",
    groups={"post-norm": 2, "pre-norm": 1, "with a mask": 1},
    inputs=encoder_block_inputs,
    probe=probe_module,
    blanks=("forward",),
    uses=("FeedForward",),
    accepts=(EncoderBlockSublayers, EncoderBlockWithoutBranches),
    forbids=TORCH_BLOCKS,
    misconceptions=(
        Misconception(
            id="no-residual-around-attention",
            name="the residual path around the attention is missing",
            hint="What if the attention has nothing to say of a word: where is the word itself, after your first sum?",
            edits={
                "x = x + attended": "x = attended",
                "self.attention_norm(x + attended)": "self.attention_norm(attended)",
            },
        ),
        Misconception(
            id="no-residual-around-feed-forward",
            name="the residual path around the feed-forward layer is missing",
            hint="There are two layers and two sums. Where is the second one?",
            edits={
                "x = x + self.feed_forward(": "x = self.feed_forward(",
                "self.feed_forward_norm(x + self.feed_forward(x))": "self.feed_forward_norm(self.feed_forward(x))",
            },
        ),
        Misconception(
            id="residual-from-the-normed-input",
            name="with pre-norm, the normed input is added instead of the input itself",
            hint="Pre-norm is there to leave one path through the whole stack untouched. What do you add to the attention's "
            "output: x, or what came out of the norm?",
            edits={"x = x + attended": "x = normed + attended"},
        ),
        Misconception(
            id="second-residual-from-the-normed-input",
            name="with pre-norm, the normed input of the feed-forward layer is added instead of the input itself",
            hint="What do you add to the feed-forward layer's output: x, or what came out of the norm?",
            edits={
                "x = x + self.feed_forward(self.feed_forward_norm(x))": (
                    "x = self.feed_forward_norm(x)\n            x = x + self.feed_forward(x)"
                )
            },
        ),
        Misconception(
            id="both-residuals-from-the-normed-input",
            name="with pre-norm, x itself is overwritten by its norm before both layers",
            hint="After `x = norm(x)`, where is the old x that should be added?",
            edits={
                "x = x + attended": "x = normed + attended",
                "x = x + self.feed_forward(self.feed_forward_norm(x))": (
                    "x = self.feed_forward_norm(x)\n            x = x + self.feed_forward(x)"
                ),
            },
        ),
        Misconception(
            id="norm-before-the-sum",
            name="with post-norm, the layer's output is normed alone and then added",
            hint="Post-norm normalises the sum. What stands inside the norm's parentheses in yours?",
            edits={
                "self.attention_norm(x + attended)": "x + self.attention_norm(attended)",
                "self.feed_forward_norm(x + self.feed_forward(x))": "x + self.feed_forward_norm(self.feed_forward(x))",
            },
        ),
        Misconception(
            id="norms-swapped",
            name="the two norms are swapped",
            hint="Which of the two norms carries the name of the layer that you call?",
            edits={
                "normed = self.attention_norm(x)": "normed = self.feed_forward_norm(x)",
                "self.feed_forward(self.feed_forward_norm(x))": "self.feed_forward(self.attention_norm(x))",
                "x = self.attention_norm(x + attended)": "x = self.feed_forward_norm(x + attended)",
                "self.feed_forward_norm(x + self.feed_forward(x))": "self.attention_norm(x + self.feed_forward(x))",
            },
        ),
        Misconception(
            id="one-norm-for-both",
            name="the attention's norm is used for both layers",
            hint="There are two norms, each with weights of its own. Which one do you never call?",
            edits={
                "self.feed_forward(self.feed_forward_norm(x))": "self.feed_forward(self.attention_norm(x))",
                "self.feed_forward_norm(x + self.feed_forward(x))": "self.attention_norm(x + self.feed_forward(x))",
            },
        ),
        Misconception(
            id="pre-and-post-swapped",
            name="pre-norm and post-norm are swapped",
            hint="`norm_first=True` says: the norm comes first. Before or after the layer is that?",
            edits={"if self.norm_first:": "if not self.norm_first:"},
        ),
        Misconception(
            id="always-post-norm",
            name="it is post-norm whatever norm_first says",
            hint="The block can be told to put its norms first. Where do you ask self.norm_first?",
            edits={"if self.norm_first:": "if False:"},
        ),
        Misconception(
            id="always-pre-norm",
            name="it is pre-norm whatever norm_first says",
            hint="Without norm_first the block is that of 2017: x + f(x) first, then the norm. Where do you ask "
            "self.norm_first?",
            edits={"if self.norm_first:": "if True:"},
        ),
        Misconception(
            id="parallel",
            name="the feed-forward layer is given the block's input instead of what the attention made",
            hint="So do GPT-J and PaLM, to save time. Here one layer follows the other: what goes into the second?",
            edits={
                "x = x + self.feed_forward(self.feed_forward_norm(x))": (
                    "x = x + self.feed_forward(self.feed_forward_norm(x - attended))"
                ),
                "x = self.attention_norm(x + attended)": "first = x\n            x = self.attention_norm(x + attended)",
                "self.feed_forward_norm(x + self.feed_forward(x))": "self.feed_forward_norm(x + self.feed_forward(first))",
            },
        ),
        Misconception(
            id="only-queries-normed",
            name="with pre-norm, only the queries come from the normed input",
            hint="Queries, keys and values are made of one and the same thing here. Which of your three is not normed?",
            edits={"(normed, normed, normed, mask)": "(normed, x, x, mask)"},
        ),
        Misconception(
            id="feed-forward-not-normed",
            name="with pre-norm, the feed-forward layer is given the input without the norm",
            hint="With pre-norm each of the two layers has a norm in front. Where is the second one?",
            edits={"self.feed_forward(self.feed_forward_norm(x))": "self.feed_forward(x)"},
        ),
        Misconception(
            id="pre-norm-and-post-norm",
            name="with pre-norm, the result is normed once more at the end",
            hint="A last norm stands behind the whole stack, not behind each block. Should anything touch the residual "
            "path after the last sum?",
            edits={
                "x = x + self.feed_forward(self.feed_forward_norm(x))": (
                    "x = self.feed_forward_norm(x + self.feed_forward(self.feed_forward_norm(x)))"
                )
            },
        ),
        Misconception(
            id="mask-not-passed",
            name="the mask is not passed on to the attention",
            hint="forward gets a mask. Who needs it?",
            edits={"(normed, normed, normed, mask)": "(normed, normed, normed)", "(x, x, x, mask)": "(x, x, x)"},
        ),
        Misconception(
            id="mask-inverted",
            name="the mask is turned round before it is passed on",
            hint="Our attention takes a mask that is True where one may look, as this one is already. What does ~ do to it?",
            edits={
                "(normed, normed, normed, mask)": "(normed, normed, normed, None if mask is None else ~mask)",
                "(x, x, x, mask)": "(x, x, x, None if mask is None else ~mask)",
            },
        ),
        Misconception(
            id="in-place",
            name="with pre-norm, the sum is written into x itself (`x += …`)",
            hint="The norm needs the old x for its gradient, and whoever called you may need it too. Which line makes a new "
            "tensor, `x += y` or `x = x + y`?",
            edits={
                "x = x + attended": "x += attended",
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x += self.feed_forward(self.feed_forward_norm(x))",
            },
        ),
        Misconception(
            id="weights-not-returned",
            name="only the output is returned",
            hint="The signature promises a pair. What is its second part?",
            edits={"return x, weights": "return x"},
        ),
    ),
)


# --- DecoderBlock -----------------------------------------------------------------------------------------------------
def decoder_block_inputs(rng):
    """Batch 2, target 5, source 7, d_model 6 in 3 heads, d_ff 11."""

    def case(norm_first, masked=False):
        weights = attention_weights(rng, "self_attention", 6) | attention_weights(rng, "cross_attention", 6)
        weights |= feed_forward_weights(rng, 6, 11)
        for name in ("self_norm", "cross_norm", "feed_forward_norm"):
            weights |= norm_weights(rng, name, 6)
        return {
            "arguments": [6, 3, 11],
            "options": {"norm_first": norm_first},
            "weights": weights,
            "inputs": {"x": 1.5 * normal(rng, 2, 5, 6), "memory": normal(rng, 2, 7, 6)},
            "masks": {"memory_mask": some_keys(rng, 2, 7)} if masked else {},
        }

    return {"post-norm": [case(False)], "pre-norm": [case(True)], "with a mask": [case(False, True), case(True, True)]}


def decoder_parts(module, d_model, heads, d_ff, norm_first):
    """The layers of a decoder's block, under the names it is given."""
    module.norm_first = norm_first
    module.self_attention, module.self_norm = MultiHeadAttention(d_model, heads), nn.LayerNorm(d_model)
    module.cross_attention, module.cross_norm = MultiHeadAttention(d_model, heads), nn.LayerNorm(d_model)
    module.feed_forward, module.feed_forward_norm = FeedForwardFunctional(d_model, d_ff), nn.LayerNorm(d_model)


class DecoderBlockSublayers(nn.Module):
    """One way of wrapping a layer, used for all three."""

    def __init__(self, d_model, heads, d_ff, *, norm_first=False):
        super().__init__()
        decoder_parts(self, d_model, heads, d_ff, norm_first)

    def around(self, x, norm, layer):
        output = layer(norm(x) if self.norm_first else x)
        output, weights = output if isinstance(output, tuple) else (output, None)
        return (x + output, weights) if self.norm_first else (norm(x + output), weights)

    def forward(self, x, memory, memory_mask=None):
        past = torch.ones(x.shape[1], x.shape[1]).tril().bool()[None, None]
        x, own = self.around(x, self.self_norm, lambda y: self.self_attention(y, y, y, past))
        x, cross = self.around(x, self.cross_norm, lambda y: self.cross_attention(y, memory, memory, memory_mask))
        return *self.around(x, self.feed_forward_norm, self.feed_forward)[:1], own, cross


class DecoderBlockStepByStep(nn.Module):
    """The self-attention word by word: word t looks at the words up to t, so that no mask is needed."""

    def __init__(self, d_model, heads, d_ff, *, norm_first=False):
        super().__init__()
        decoder_parts(self, d_model, heads, d_ff, norm_first)

    def forward(self, x, memory, memory_mask=None):
        length, pre, post = x.shape[1], self.norm_first, not self.norm_first
        y = self.self_norm(x) if pre else x
        steps = [self.self_attention(y[:, t : t + 1], y[:, : t + 1], y[:, : t + 1]) for t in range(length)]
        own = torch.cat([F.pad(weights, (0, length - weights.shape[-1])) for _, weights in steps], dim=2)
        x = x + torch.cat([output for output, _ in steps], dim=1)
        x = self.self_norm(x) if post else x
        attended, cross = self.cross_attention(self.cross_norm(x) if pre else x, memory, memory, mask=memory_mask)
        x = x + attended
        x = self.cross_norm(x) if post else x
        x = x + self.feed_forward(self.feed_forward_norm(x) if pre else x)
        return [self.feed_forward_norm(x) if post else x, own, cross]


CROSS_PRE = "self.cross_attention(self.cross_norm(x), memory, memory, memory_mask)"
CROSS_POST = "self.cross_attention(x, memory, memory, memory_mask)"

DECODER_BLOCK = Exercise(
    solves="unrolled.transformer.DecoderBlock",
    groups={"post-norm": 2, "pre-norm": 2, "with a mask": 1},
    inputs=decoder_block_inputs,
    probe=probe_module,
    blanks=("forward",),
    uses=("FeedForward",),
    accepts=(DecoderBlockSublayers, DecoderBlockStepByStep),
    forbids=TORCH_BLOCKS,
    misconceptions=(
        Misconception(
            id="no-causal-mask",
            name="the self-attention has no causal mask",
            hint="In training the decoder is given the whole right sentence. What keeps word 2 from looking at word 3, "
            "which it shall predict?",
            edits={"normed, normed, normed, past)": "normed, normed, normed)", "(x, x, x, past)": "(x, x, x)"},
        ),
        Misconception(
            id="causal-mask-inverted",
            name="the causal mask is turned round",
            hint="That is how torch.nn wants it. Ours is True where one may look: what is left for the first word to look at, "
            "if you turn it round?",
            edits={"causal_mask(x.shape[1]).to(x.device)": "~causal_mask(x.shape[1]).to(x.device)"},
        ),
        Misconception(
            id="memory-mask-in-the-self-attention",
            name="the self-attention is given the memory's mask instead of a causal one",
            hint="memory_mask says which words of the *source* are real. What must the self-attention hide, and which function "
            "of chapter 5 makes that mask?",
            edits={
                "normed, normed, normed, past)": "normed, normed, normed, memory_mask)",
                "(x, x, x, past)": "(x, x, x, memory_mask)",
            },
        ),
        Misconception(
            id="queries-and-keys-swapped",
            name="in the cross-attention the memory asks and the words answer",
            hint="Who looks at whom: each word of the target at the words of the source, or the other way round? There "
            "should be one result for each word of the target.",
            edits={
                CROSS_PRE: "self.cross_attention(memory, self.cross_norm(x), self.cross_norm(x))",
                CROSS_POST: "self.cross_attention(memory, x, x)",
            },
        ),
        Misconception(
            id="values-from-the-target",
            name="in the cross-attention the values come from the target",
            hint="The weights say where in the source to look. From where must then be taken what is found?",
            edits={
                CROSS_PRE: "self.cross_attention(self.cross_norm(x), memory, self.cross_norm(x), memory_mask)",
                CROSS_POST: "self.cross_attention(x, memory, x, memory_mask)",
            },
        ),
        Misconception(
            id="no-cross-attention",
            name="the cross-attention looks at the target itself, not at the memory",
            hint="How does a word of the source ever reach the decoder? What are keys and values of the second attention?",
            edits={
                CROSS_PRE: "self.cross_attention(*[self.cross_norm(x)] * 3, past)",
                CROSS_POST: "self.cross_attention(x, x, x, past)",
            },
        ),
        Misconception(
            id="causal-mask-in-the-cross-attention",
            name="the cross-attention has a causal mask too",
            hint="The source is there as a whole before the first word is written. Which of its words should the first "
            "word of the target not see?",
            edits={
                "memory, memory, memory_mask)\n            x = x + attended": (
                    "memory, memory, torch.ones(x.shape[1], memory.shape[1]).tril().bool())\n            x = x + attended"
                ),
                "memory, memory, memory_mask)\n            x = self": (
                    "memory, memory, torch.ones(x.shape[1], memory.shape[1]).tril().bool())\n            x = self"
                ),
            },
        ),
        Misconception(
            id="one-attention-for-both",
            name="the self-attention's weights are used for the cross-attention as well",
            hint="There are two attentions with weights of their own. Which one do you never call?",
            edits={
                CROSS_PRE: CROSS_PRE.replace("self.cross_attention", "self.self_attention"),
                CROSS_POST: CROSS_POST.replace("self.cross_attention", "self.self_attention"),
            },
        ),
        Misconception(
            id="cross-attention-first",
            name="the cross-attention comes before the self-attention",
            hint="In the paper's figure a word first looks at the words before it. Which attention is the lower one there?",
            answer=type(
                "DecoderBlock",
                (DecoderBlockSublayers,),
                {
                    "forward": lambda self, x, memory, memory_mask=None: _cross_first(self, x, memory, memory_mask),
                },
            ),
        ),
        Misconception(
            id="memory-normed",
            name="with pre-norm, the memory is normed by the block as well",
            hint="The encoder has normed its output already, once for all blocks. What goes through cross_norm: what asks, "
            "or what is asked?",
            edits={CROSS_PRE: "self.cross_attention(self.cross_norm(x), *[self.cross_norm(memory)] * 2, memory_mask)"},
        ),
        Misconception(
            id="queries-not-normed",
            name="with pre-norm, the queries of the cross-attention are not normed",
            hint="With pre-norm each of the three layers has a norm in front. Where is the second one?",
            edits={CROSS_PRE: CROSS_POST},
        ),
        Misconception(
            id="no-residual-around-cross-attention",
            name="the residual path around the cross-attention is missing",
            hint="After the second layer, where is what the self-attention found? There are three layers and three sums.",
            edits={
                "memory_mask)\n            x = x + attended": "memory_mask)\n            x = attended",
                "self.cross_norm(x + attended)": "self.cross_norm(attended)",
            },
        ),
        Misconception(
            id="no-residual-around-self-attention",
            name="the residual path around the self-attention is missing",
            hint="After the first layer, where is the word itself? There are three layers and three sums.",
            edits={
                "past)\n            x = x + attended": "past)\n            x = attended",
                "self.self_norm(x + attended)": "self.self_norm(attended)",
            },
        ),
        Misconception(
            id="no-residual-around-feed-forward",
            name="the residual path around the feed-forward layer is missing",
            hint="There are three layers and three sums. Where is the third?",
            edits={
                "x = x + self.feed_forward(": "x = self.feed_forward(",
                "self.feed_forward_norm(x + self.feed_forward(x))": "self.feed_forward_norm(self.feed_forward(x))",
            },
        ),
        Misconception(
            id="residual-from-the-normed-input",
            name="with pre-norm, the normed input is added to the self-attention instead of the input itself",
            hint="Pre-norm is there to leave one path through the whole stack untouched. What do you add to the attention's "
            "output: x, or what came out of the norm?",
            edits={"past)\n            x = x + attended": "past)\n            x = normed + attended"},
        ),
        Misconception(
            id="norm-before-the-sum",
            name="with post-norm, each layer's output is normed alone and then added",
            hint="Post-norm normalises the sum. What stands inside the norm's parentheses in yours?",
            edits={
                "self.self_norm(x + attended)": "x + self.self_norm(attended)",
                "self.cross_norm(x + attended)": "x + self.cross_norm(attended)",
                "self.feed_forward_norm(x + self.feed_forward(x))": "x + self.feed_forward_norm(self.feed_forward(x))",
            },
        ),
        Misconception(
            id="norms-swapped",
            name="the norms of self- and cross-attention are swapped",
            hint="Which norm carries the name of the layer that you call?",
            edits={
                "normed = self.self_norm(x)": "normed = self.cross_norm(x)",
                "(self.cross_norm(x), memory": "(self.self_norm(x), memory",
                "x = self.cross_norm(x + attended)": "x = (self.self_norm)(x + attended)",
                "x = self.self_norm(x + attended)": "x = self.cross_norm(x + attended)",
            },
        ),
        Misconception(
            id="pre-and-post-swapped",
            name="pre-norm and post-norm are swapped",
            hint="`norm_first=True` says: the norm comes first. Before or after the layer is that?",
            edits={"if self.norm_first:": "if not self.norm_first:"},
        ),
        Misconception(
            id="always-post-norm",
            name="it is post-norm whatever norm_first says",
            hint="The block can be told to put its norms first. Where do you ask self.norm_first?",
            edits={"if self.norm_first:": "if False:"},
        ),
        Misconception(
            id="always-pre-norm",
            name="it is pre-norm whatever norm_first says",
            hint="Without norm_first the block is that of 2017: x + f(x) first, then the norm. Where do you ask "
            "self.norm_first?",
            edits={"if self.norm_first:": "if True:"},
        ),
        Misconception(
            id="memory-mask-not-passed",
            name="the memory's mask is not passed on",
            hint="Short sentences have padding behind them. What keeps the cross-attention from looking at it?",
            edits={
                CROSS_PRE: "self.cross_attention(self.cross_norm(x), memory, memory)",
                CROSS_POST: "self.cross_attention(x, memory, memory)",
            },
        ),
        Misconception(
            id="weights-swapped",
            name="the weights of the two attentions are returned in the wrong order",
            hint="Which weights does the signature promise first?",
            edits={"return x, own, cross": "return x, cross, own"},
        ),
        Misconception(
            id="in-place",
            name="with pre-norm, the sum is written into x itself (`x += …`)",
            hint="The norm needs the old x for its gradient, and whoever called you may need it too. Which line makes a new "
            "tensor, `x += y` or `x = x + y`?",
            edits={
                "past)\n            x = x + attended": "past)\n            x += attended",
                "memory_mask)\n            x = x + attended": "memory_mask)\n            x += attended",
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x += self.feed_forward(self.feed_forward_norm(x))",
            },
        ),
        Misconception(
            id="weights-not-returned",
            name="only the output is returned",
            hint="The signature promises three things. What are the second and the third?",
            edits={"return x, own, cross": "return x"},
        ),
    ),
)


def _cross_first(block, x, memory, memory_mask):
    past = torch.ones(x.shape[1], x.shape[1]).tril().bool()
    x, cross = block.around(x, block.cross_norm, lambda y: block.cross_attention(y, memory, memory, memory_mask))
    x, own = block.around(x, block.self_norm, lambda y: block.self_attention(y, y, y, past))
    return block.around(x, block.feed_forward_norm, block.feed_forward)[0], own, cross


# --- label_smoothed_cross_entropy -------------------------------------------------------------------------------------
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


# --- noam_rate --------------------------------------------------------------------------------------------------------
def noam_rate_inputs(rng):
    """Small sizes, so that the rates are not: a step in the straight part, the top, and two behind it."""

    def case(step, d_model, warmup):
        return {"step": int(step), "d_model": d_model, "warmup": warmup}

    return {
        "warm-up": [case(rng.integers(2, 11), 7, 13), case(1, 5, 11)],
        "top and decay": [case(13, 7, 13), case(rng.integers(29, 47), 5, 11), case(rng.integers(101, 997), 3, 17)],
    }


def noam_rate_branches(step, d_model, warmup):
    top = 1 / math.sqrt(d_model * warmup)
    return top * step / warmup if step < warmup else top * math.sqrt(warmup / step)


def noam_rate_powers(step, d_model, warmup):
    return pow(d_model, -0.5) * min(1 / math.sqrt(step), step / (warmup * math.sqrt(warmup)))


def noam_rate_exp_log(step, d_model, warmup):
    rise = math.log(step) - 1.5 * math.log(warmup)
    return math.exp(min(rise, -0.5 * math.log(step)) - 0.5 * math.log(d_model))


NOAM_RATE = Exercise(
    solves="unrolled.schedule.noam_rate",
    groups={"warm-up": 1, "top and decay": 1},
    inputs=noam_rate_inputs,
    tolerance=Tolerance(absolute=1e-9),
    accepts=(noam_rate_branches, noam_rate_powers, noam_rate_exp_log),
    misconceptions=(
        Misconception(
            id="maximum",
            name="the larger of the two terms is taken",
            hint="At step 1 the root term is 1. Should the rate begin high or low? Which of the two terms is that?",
            edits={"min(": "max("},
        ),
        Misconception(
            id="no-warm-up",
            name="there is no warm-up",
            hint="Where do you use `warmup`? The rate should first rise.",
            edits={"min(step**-0.5, step * warmup**-1.5)": "step**-0.5"},
        ),
        Misconception(
            id="no-decay",
            name="the rate never falls again",
            hint="After the warm-up, which of the two terms in the formula is the smaller one?",
            edits={"min(step**-0.5, step * warmup**-1.5)": "step * warmup**-1.5"},
        ),
        Misconception(
            id="constant-after-warm-up",
            name="the rate stays at its height after the warm-up",
            hint="So do other schedules. In this one, how large is the rate at four times the warm-up, against its height?",
            edits={"min(step**-0.5,": "min(warmup**-0.5,"},
        ),
        Misconception(
            id="d-model-forgotten",
            name="d_model plays no part",
            hint="A wider model gets a smaller rate. Which factor of the formula says so?",
            edits={"d_model**-0.5 * ": ""},
        ),
        Misconception(
            id="d-model-multiplied",
            name="the rate is multiplied by √d_model instead of divided",
            hint="Should a wider model take larger steps or smaller ones? Which sign has the exponent?",
            edits={"d_model**-0.5": "d_model**0.5"},
        ),
        Misconception(
            id="d-model-without-root",
            name="the rate is divided by d_model instead of its root",
            hint="Which exponent does d_model have in the formula?",
            edits={"d_model**-0.5": "d_model**-1"},
        ),
        Misconception(
            id="warm-up-exponent",
            name="the warm-up has the exponent −1/2 instead of −3/2",
            hint="At step = warmup the two terms should be equal. Are yours?",
            edits={"warmup**-1.5": "warmup**-0.5"},
        ),
        Misconception(
            id="exponent-upside-down",
            name="the warm-up has the exponent −2/3 instead of −3/2",
            hint="Is warmup^(−3/2) one over the root of its cube, or one over the cube root of its square? At step = warmup "
            "the two terms should be equal.",
            edits={"warmup**-1.5": "warmup ** (-2 / 3)"},
        ),
        Misconception(
            id="linear-to-one",
            name="the step is divided by warmup alone",
            hint="At step = warmup the two terms should be equal, or the rate jumps. Which exponent does warmup need?",
            edits={"warmup**-1.5": "warmup**-1"},
        ),
        Misconception(
            id="counted-from-zero",
            name="the steps are counted from 0",
            hint="The first step has number 1, and its rate is not 0. What is yours?",
            edits={"step * warmup": "(step - 1) * warmup", "min(step**": "min(max(1, step - 1) **"},
        ),
        Misconception(
            id="precedence",
            name="`** -1 / 2` is read as (… to the power −1) / 2",
            hint="Power binds more tightly than division: what is 4 ** -1 / 2 in Python? Where do parentheses belong?",
            edits={"d_model**-0.5": "d_model**-1 / 2", "step**-0.5": "step**-1 / 2", "warmup**-1.5": "warmup**-3 / 2"},
        ),
        Misconception(
            id="decay-as-one-over-step",
            name="the rate falls as 1 / step",
            hint="At four times the warm-up the rate should be half its height. What is yours?",
            edits={"min(step**-0.5,": "min(warmup**0.5 / step,"},
        ),
    ),
)

EXERCISES = (LAYER_NORM, FEED_FORWARD, ENCODER_BLOCK, DECODER_BLOCK, LABEL_SMOOTHED_CROSS_ENTROPY, NOAM_RATE)
