"""`MultiHeadAttention`: Several attentions side by side, each in a part of the features of its own."""

import math

import torch
from torch import nn

from autograder import probes
from autograder.draw import normal, weights
from autograder.exercise import Exercise, Misconception
from unrolled.self_attention import MultiHeadAttention


def multi_head_inputs(rng):
    """Batch 2, query 5, key 7, three heads of 5 features: d_model 15."""

    def case(mask=None, query=5):
        inputs = {"query": normal(rng, 2, query, 15), "key": normal(rng, 2, 7, 15), "value": normal(rng, 2, 7, 15)}
        return {
            "arguments": [15, 3],
            "weights": weights(rng, MultiHeadAttention, 15, 3),
            "inputs": {**inputs, "mask": mask},
        }

    mask = torch.from_numpy(rng.random((2, 1, 5, 7)) < 0.6)
    mask[..., 0], mask[..., 3] = True, False
    return {"no mask": [case()], "with a mask": [case(mask)]}


class MultiHeadAttentionLoop(nn.Module):
    """One head after the other, with slices of the projected features."""

    def __init__(self, d_model, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.output = (nn.Linear(d_model, d_model) for _ in range(4))

    def forward(self, query, key, value, mask=None):
        q, k, v = self.query(query), self.key(key), self.value(value)
        size = q.shape[-1] // self.heads
        outputs, weights = [], []
        for head in range(self.heads):
            part = slice(head * size, (head + 1) * size)
            scores = q[..., part] @ k[..., part].mT / size**0.5
            if mask is not None:
                scores = scores.masked_fill(~mask[:, 0], float("-inf"))
            weights.append(scores.softmax(-1))
            outputs.append(weights[-1] @ v[..., part])
        return self.output(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)


class MultiHeadAttentionEinsum(nn.Module):
    """Named axes, and the heads as an axis of the weights."""

    def __init__(self, d_model, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.output = (nn.Linear(d_model, d_model) for _ in range(4))

    def forward(self, query, key, value, mask=None):
        batch = query.shape[0]
        q = self.query(query).view(batch, -1, self.heads, query.shape[-1] // self.heads)
        k = self.key(key).view(batch, -1, self.heads, query.shape[-1] // self.heads)
        v = self.value(value).view(batch, -1, self.heads, query.shape[-1] // self.heads)
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k) / math.sqrt(q.shape[-1])
        weights = (scores if mask is None else scores.masked_fill(mask.logical_not(), -torch.inf)).softmax(-1)
        return self.output(torch.einsum("bhqk,bkhd->bqhd", weights, v).reshape(batch, query.shape[1], -1)), weights


MULTI_HEAD_ATTENTION = Exercise(
    solves="unrolled.self_attention.MultiHeadAttention",
    groups={"no mask": 3, "with a mask": 1},
    inputs=multi_head_inputs,
    probe=probes.module,
    blanks=("forward",),
    uses=("scaled_dot_product_attention",),
    accepts=(MultiHeadAttentionLoop, MultiHeadAttentionEinsum),
    forbids=("torch.nn.MultiheadAttention", "torch.nn.functional.multi_head_attention_forward"),
    misconceptions=(
        Misconception(
            id="split-without-transpose",
            name="the heads are split off by a view alone, without a transpose",
            hint="(batch, time, d_model) viewed as (batch, heads, time, …) cuts through the words. Which axis must be cut "
            "in two, and which two must then change places?",
            edits={
                "x.unflatten(-1, (self.heads, -1)).transpose(1, 2)": (
                    "x.reshape(x.shape[0], self.heads, x.shape[1], -1)"
                )
            },
        ),
        Misconception(
            id="merged-without-transpose",
            name="the heads are merged by a view alone, without a transpose",
            hint="(batch, heads, query, d_k) must become (batch, query, heads·d_k). Which two axes change places first?",
            edits={
                "output.transpose(1, 2).flatten(2)": "output.reshape(output.shape[0], output.shape[2], -1)",
            },
        ),
        Misconception(
            id="interleaved-heads",
            name="each head takes every heads-th feature instead of a block of them",
            hint="The first head has the first d_model / heads features. In unflatten(-1, (a, b)), which comes first?",
            edits={
                "x.unflatten(-1, (self.heads, -1)).transpose(1, 2)": "x.unflatten(-1, (-1, self.heads)).movedim(-1, 1)"
            },
        ),
        Misconception(
            id="no-output-projection",
            name="the output projection is missing",
            hint="Side by side, the heads do not know of each other. Which of the four layers is left to mix them?",
            edits={"self.output(output.transpose(1, 2).flatten(2))": "output.transpose(1, 2).flatten(2)"},
        ),
        Misconception(
            id="value-not-projected",
            name="the values are not projected",
            hint="There are three projections in front of the attention. Which one do you never call?",
            edits={"split(self.value(value))": "split(value)"},
        ),
        Misconception(
            id="query-not-projected",
            name="the queries are not projected",
            hint="There are three projections in front of the attention. Which one do you never call?",
            edits={"split(self.query(query))": "split(query)"},
        ),
        Misconception(
            id="query-and-key-layers-swapped",
            name="the layers of query and key are swapped",
            hint="Which layer belongs to which input?",
            edits={"self.query(query)": "self.key(query)", "self.key(key)": "self.query(key)"},
        ),
        Misconception(
            id="values-from-keys",
            name="the values are made of the keys' input",
            hint="In self-attention all three inputs are one, and it does not show. What if value is another tensor?",
            edits={"self.value(value)": "self.value(key)"},
        ),
        Misconception(
            id="scaled-by-d-model",
            name="the scores are divided by √d_model instead of √d_k",
            hint="Each head multiplies vectors of d_model / heads features. Which length belongs under the root?",
            edits={"split(self.query(query))": "split(self.query(query)) / self.heads**0.5"},
        ),
        Misconception(
            id="mask-not-passed",
            name="the mask is not passed on",
            hint="forward gets a mask. Who else needs it?",
            edits={"(q, k, v, mask)": "(q, k, v)"},
        ),
        Misconception(
            id="weights-averaged",
            name="the weights are averaged over the heads",
            hint="nn.MultiheadAttention does so unless told otherwise. Here each head shows its own: which axis is gone?",
            edits={".flatten(2)), weights": ".flatten(2)), weights.mean(dim=1)"},
        ),
        Misconception(
            id="single-head",
            name="there is a single head over all features",
            hint="Where do you use self.heads? What is the shape of your queries before the attention?",
            edits={"x.unflatten(-1, (self.heads, -1)).transpose(1, 2)": "x.unsqueeze(1)"},
        ),
    ),
)
