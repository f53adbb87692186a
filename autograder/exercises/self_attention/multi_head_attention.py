"""`MultiHeadAttention`: Several attentions side by side, each in a part of the features of its own."""

import math

import torch
from torch import nn

from autograder import probes
from autograder.draw import doubled, normal, weights
from autograder.exercise import Exercise, Misconception
from unrolled.self_attention import MultiHeadAttention


def multi_head_inputs(rng):
    """Batch 2, query 5, key 7, three heads of 5 features: d_model 15; once one word alone.

    Masks for every query and for every head, and one for all sentences and heads.
    """

    def case(mask=None, batch=2, query=5, key=7):
        inputs = {name: normal(rng, batch, n, 15) for name, n in (("query", query), ("key", key), ("value", key))}
        return {
            "arguments": [15, 3],
            "weights": weights(rng, MultiHeadAttention, 15, 3),
            "inputs": {**inputs, "mask": mask},
        }

    def some(*shape):
        mask = torch.from_numpy(rng.random((*shape, 5, 7)) < 0.6)
        mask[..., 0], mask[..., 3] = True, False
        return mask

    loud = case(some(2, 1))  # some scores lie 10,000 and more apart; float64 has digits enough for that
    loud["inputs"]["query"] *= 300.0
    loud["inputs"]["key"] *= 300.0
    return {
        "no mask": [case(), case(batch=1, query=1, key=1)],
        "with a mask": [case(some(2, 1)), case(some(2, 3)), case(some()), doubled(loud)],
    }


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
                of_head = mask.expand(len(q), self.heads, -1, -1)[:, head]
                scores = scores.masked_fill(~of_head, float("-inf"))
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
    free=frozenset(["sequence"]),
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
        Misconception(
            id="interleaved-and-back",
            name="each head takes every heads-th feature, and its results go back to the same places",
            hint="The first head has the first d_model / heads features. In unflatten(-1, (a, b)), which comes first?",
            edits={
                "x.unflatten(-1, (self.heads, -1)).transpose(1, 2)": "x.unflatten(-1, (-1, self.heads)).permute(0, 3, 1, 2)",
                "output.transpose(1, 2).flatten(2)": "output.permute(0, 2, 3, 1).flatten(2)",
            },
        ),
        Misconception(
            id="axes-not-swapped",
            name="the heads are cut off, but do not change places with the words",
            hint="After the cut the axes are (batch, time, heads, d_k). Over which two does attention run, and over "
            "which should it?",
            edits={
                ".transpose(1, 2)\n\n": "\n\n",
                "output.transpose(1, 2).flatten(2)": "output.flatten(2)",
            },
        ),
        Misconception(
            id="nothing-projected",
            name="queries, keys and values are cut into heads without being projected",
            hint="There are three projections in front of the attention. Which of them do you call?",
            edits={
                "split(self.query(query)), split(self.key(key)), split(self.value(value))": "split(query), split(key), split(value)",
            },
        ),
        Misconception(
            id="key-not-projected",
            name="the keys are not projected",
            hint="There are three projections in front of the attention. Which one do you never call?",
            edits={
                "split(self.key(key))": "split(key)",
            },
        ),
        Misconception(
            id="all-from-the-query",
            name="queries, keys and values are all made of the query",
            hint="In self-attention all three inputs are one, and it does not show. What if the keys come from "
            "another sentence?",
            edits={
                "self.key(key)": "self.key(query)",
                "self.value(value)": "self.value(query)",
            },
        ),
        Misconception(
            id="keys-from-values",
            name="the keys are made of the values' input",
            hint="In self-attention all three inputs are one, and it does not show. What if value is another tensor?",
            edits={
                "self.key(key)": "self.key(value)",
            },
        ),
        Misconception(
            id="key-layer-for-the-values",
            name="the layer of the keys projects the values as well",
            hint="There are four layers. Which one do you never call?",
            edits={
                "self.value(value)": "self.key(value)",
            },
        ),
        Misconception(
            id="one-layer-for-all",
            name="the layer of the queries projects keys and values as well",
            hint="There are four layers. Which two do you never call?",
            edits={
                "self.key(key)": "self.query(key)",
                "self.value(value)": "self.query(value)",
            },
        ),
        Misconception(
            id="key-and-value-layers-swapped",
            name="the layers of key and value are swapped",
            hint="Which layer belongs to which input?",
            edits={
                "self.key(key)": "self.value(key)",
                "self.value(value)": "self.key(value)",
            },
        ),
        Misconception(
            id="key-and-value-swapped",
            name="keys and values change places in the call of the attention",
            hint="In which order does scaled_dot_product_attention take its arguments?",
            edits={
                "(q, k, v, mask)": "(q, v, k, mask)",
            },
        ),
        Misconception(
            id="mask-inverted",
            name="the mask is turned round before it is passed on",
            hint="Our attention takes a mask that is True where one may look, as this one is already. What does ~ do "
            "to it?",
            edits={
                "(q, k, v, mask)": "(q, k, v, None if mask is None else ~mask)",
            },
        ),
        Misconception(
            id="mask-with-another-axis",
            name="the mask is given one more axis for the heads",
            hint="The mask broadcasts to (batch, heads, query, key) already. What does it become with one more axis?",
            edits={
                "(q, k, v, mask)": "(q, k, v, None if mask is None else mask.unsqueeze(1))",
            },
        ),
        Misconception(
            id="mask-of-the-first-head",
            name="every head gets the mask of the first",
            hint="A mask may have a row for each head. Which index do you fix at 0?",
            edits={
                "(q, k, v, mask)": "(q, k, v, None if mask is None or mask.ndim < 4 else mask[:, :1])",
            },
        ),
        Misconception(
            id="scaled-twice",
            name="the scores are divided by √d_k twice",
            hint="scaled_dot_product_attention divides already. Where do you divide once more?",
            edits={
                "split(self.query(query))": "split(self.query(query)) / (query.shape[-1] // self.heads) ** 0.5",
            },
        ),
        Misconception(
            id="weights-time-first",
            name="the queries come before the heads in the weights",
            hint="The promise is (batch, heads, query, key). Which two axes of the weights change places in yours?",
            edits={
                ".flatten(2)), weights": ".flatten(2)), weights.transpose(1, 2)",
            },
        ),
        Misconception(
            id="weights-not-returned",
            name="only the output is returned",
            hint="The signature promises a pair. What is its second part?",
            edits={
                ".flatten(2)), weights": ".flatten(2))",
            },
        ),
        Misconception(
            id="results-swapped",
            name="the weights are returned before the output",
            hint="What does the signature promise first: the output or the weights?",
            edits={
                "return self.output(output.transpose(1, 2).flatten(2)), weights": "return weights, self.output(output.transpose(1, 2).flatten(2))",
            },
        ),
        Misconception(
            id="pair-not-unpacked",
            name="the pair that the attention returns is not unpacked",
            hint="scaled_dot_product_attention returns two things. How many names stand on the left of your line?",
            edits={
                "output, weights = scaled": "output = weights = scaled",
            },
        ),
        Misconception(
            id="one-head-shown-as-many",
            name="there is a single head over all features, and its weights are repeated",
            hint="Each head should look where it likes. Where do you cut the features?",
            edits={
                "x.unflatten(-1, (self.heads, -1)).transpose(1, 2)": "x.unsqueeze(1)",
                ".flatten(2)), weights": ".flatten(2)), weights.expand(-1, self.heads, -1, -1)",
            },
        ),
        Misconception(
            id="length-of-the-query",
            name="keys and values are cut to the query's length",
            hint="A query may look at more words than there are queries. Whose length does each input have?",
            edits={
                "split(self.key(key)), split(self.value(value))": "split(self.key(key))[:, :, : query.shape[1]], split(self.value(value))[:, :, : query.shape[1]]",
            },
        ),
        Misconception(
            id="view-after-transpose",
            name="`view` is called on a tensor whose axes were swapped",
            hint="After a transpose the numbers no longer lie in order, and `view` never moves them. Which call does?",
            edits={
                "output.transpose(1, 2).flatten(2)": "output.transpose(1, 2).view(output.shape[0], output.shape[2], -1)",
            },
        ),
        Misconception(
            id="two-heads",
            name="there are two heads, whatever the argument says",
            hint="Where do you use self.heads?",
            edits={
                "(self.heads, -1)": "(2, -1)",
            },
        ),
        Misconception(
            id="size-as-a-float",
            name="the size of a head is computed with /, which gives a float",
            hint="What is 15 / 3 in Python, and what is 15 // 3? Which of them can be the length of an axis?",
            edits={
                "(self.heads, -1)": "(self.heads, x.shape[-1] / self.heads)",
            },
        ),
        Misconception(
            id="residual-inside",
            name="the query is added to the output",
            hint="The residual path belongs to the block around this layer (chapter 6). What does the formula add?",
            edits={
                "self.output(output.transpose(1, 2).flatten(2))": "query + self.output(output.transpose(1, 2).flatten(2))",
            },
        ),
        Misconception(
            id="output-without-bias",
            name="the bias of the output projection is left out",
            hint="A layer is more than its weight. What happens if you call it?",
            edits={
                "self.output(output.transpose(1, 2).flatten(2))": "output.transpose(1, 2).flatten(2) @ self.output.weight.T",
            },
        ),
        Misconception(
            id="output-not-transposed",
            name="the output layer's weight is not transposed",
            hint="A layer's weight is (out, in). What happens if you call the layer instead?",
            edits={
                "self.output(output.transpose(1, 2).flatten(2))": "output.transpose(1, 2).flatten(2) @ self.output.weight + self.output.bias",
            },
        ),
        Misconception(
            id="weights-detached",
            name="the weights are returned without a gradient",
            hint="The values are right, but what does not get a gradient does not learn. Where do you cut it off "
            "(`.detach()`, `.data`, `no_grad`)?",
            edits={
                ".flatten(2)), weights": ".flatten(2)), weights.detach()",
            },
        ),
        Misconception(
            id="output-per-head-averaged",
            name="the heads' outputs are averaged and repeated instead of laid side by side",
            hint="The output projection takes heads · d_k features. What do you lose by an average?",
            edits={
                "output.transpose(1, 2).flatten(2)": "output.mean(dim=1).repeat(1, 1, self.heads)",
            },
        ),
        Misconception(
            id="heads-in-reverse",
            name="the heads are laid side by side in the reverse order",
            hint="Which head's features come first?",
            edits={
                "output.transpose(1, 2).flatten(2)": "output.transpose(1, 2).flip(2).flatten(2)",
            },
        ),
        Misconception(
            id="views-alone",
            name="the heads are split off and merged again by views alone, without a transpose",
            hint="(batch, time, d_model) viewed as (batch, heads, time, …) cuts through the words. Which axis must "
            "be cut in two, and which two must then change places?",
            edits={
                "x.unflatten(-1, (self.heads, -1)).transpose(1, 2)": "x.reshape(x.shape[0], self.heads, x.shape[1], -1)",
                "output.transpose(1, 2).flatten(2)": "output.reshape(output.shape[0], output.shape[2], -1)",
            },
        ),
    ),
)
