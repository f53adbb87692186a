"""What several exercises of this chapter share."""

import math

import torch
import torch.nn.functional as F
from torch import nn


def some_mask(rng, *shape, ahead=False):
    """Where each word may look, (…, time, time): at itself and some of those before it (or after it, too)."""
    mask = torch.from_numpy(rng.random(shape) < 0.6)
    mask = mask if ahead else mask.tril()
    mask[..., 1:2] = False  # never at the second
    return mask | torch.eye(shape[-1], dtype=torch.bool)


def probe_in_parts(answer, inputs):
    """Build the module, load the weights, and read x part by part, each with the past of the last; differentiate.

    Where the inputs name an "earlier" text, it is read before every part, and nothing of it may be left.
    """
    from autograder.probes import use_module

    def read(module, x, mask):
        outputs, past, done = [], None, 0
        for new in inputs["parts"]:
            if inputs.get("earlier") is not None:
                module(inputs["earlier"].clone())
            done += new
            seen = None if mask is None else mask[:, :, done - new : done, :done]
            output, past = module(x[:, done - new : done], past, seen)
            outputs.append(output)
        return {f"output of part {i}": output for i, output in enumerate(outputs, start=1)} | {"past": [*past]}

    return use_module(answer, inputs, read)


class CachedAttentionSoftmax(nn.Module):
    """Chapter 5's attention, with a triangle for the words that are new."""

    def __init__(self, d_model, heads):
        super().__init__()
        self.heads, self.qkv, self.output = heads, nn.Linear(d_model, 3 * d_model), nn.Linear(d_model, d_model)

    def forward(self, x, past=None, mask=None):
        batch, new, d_model = x.shape
        q, k, v = self.qkv(x).view(batch, new, 3, self.heads, d_model // self.heads).permute(2, 0, 3, 1, 4)
        if past is not None:
            k, v = (torch.cat(both, dim=-2) for both in zip(past, (k, v), strict=True))
        before = k.shape[2] - new
        if mask is None:
            mask = torch.ones(new, before + new, dtype=torch.bool).tril(diagonal=before)
        scores = (q @ k.mT / math.sqrt(q.shape[-1])).masked_fill(~mask, float("-inf"))
        merged = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, new, d_model)
        return self.output(merged), (k, v)


def block_parts(module, d_model, heads, d_ff, eps):
    """The layers of a block, under the names it is given."""
    module.attention_norm, module.feed_forward_norm = nn.LayerNorm(d_model, eps), nn.LayerNorm(d_model, eps)
    module.attention = CachedAttentionSoftmax(d_model, heads)
    module.expand, module.contract = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)


class GPTBlockModules(nn.Module):
    """With torch's modules and functions."""

    def __init__(self, d_model, heads, d_ff, eps=1e-5):
        super().__init__()
        block_parts(self, d_model, heads, d_ff, eps)

    def forward(self, x, past=None, mask=None):
        def feed_forward(y):
            return F.linear(nn.GELU("tanh")(self.expand(y)), self.contract.weight, self.contract.bias)

        returned = self.attention(self.attention_norm(x), past, mask)
        middle = torch.add(x, returned[0])
        return [torch.add(middle, feed_forward(self.feed_forward_norm(middle))), returned[1]]
