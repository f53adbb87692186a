"""What several exercises of this chapter share."""

import torch
import torch.nn.functional as F
from torch import nn

from autograder.draw import normal


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


TORCH_BLOCKS = (
    "torch.nn.TransformerEncoderLayer",
    "torch.nn.TransformerDecoderLayer",
    "torch.nn.Transformer",
    "torch.nn.MultiheadAttention",
)
