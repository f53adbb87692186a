"""`scaled_dot_product_attention`: softmax(Q·Kᵀ / √d_k)·V, and the weights: for every query an average of the values."""

import math

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def attention_inputs(rng):
    """Batch 2, heads 3, query 5, key 7, d_k 11, d_v 13; in a mask every row has an allowed and a forbidden key."""

    def case(*batch, mask=None):
        case = {
            "query": normal(rng, *batch, 5, 11),
            "key": normal(rng, *batch, 7, 11),
            "value": normal(rng, *batch, 7, 13),
        }
        return case if mask is None else {**case, "mask": mask}

    def some(*shape):
        mask = torch.from_numpy(rng.random((*shape, 5, 7)) < 0.6)
        mask[..., 0], mask[..., 3] = True, False
        return mask

    return {
        "no mask": [case(2), case(2, 3)],
        "with a mask": [case(2, mask=some(2)), case(2, 3, mask=some(2, 1)), case(2, mask=some())],
    }


def attention_with_einsum(query, key, value, mask=None):
    scores = torch.einsum("...qd,...kd->...qk", query, key) * query.shape[-1] ** -0.5
    if mask is not None:
        scores = torch.where(mask, scores, torch.tensor(-1e9))
    weights = F.softmax(scores, dim=-1)
    return torch.einsum("...qk,...kv->...qv", weights, value), weights


def attention_by_hand(query, key, value, mask=None):
    scores = torch.matmul(query / math.sqrt(key.size(-1)), key.mT)
    scores = scores - scores.amax(-1, keepdim=True)
    weights = scores.exp() if mask is None else scores.exp() * mask
    weights = weights / weights.sum(-1, keepdim=True)
    return weights @ value, weights


def attention_additive_mask(query, key, value, mask=None):
    scores = query @ key.transpose(-1, -2) / query.size(-1) ** 0.5
    if mask is not None:
        scores = scores + torch.zeros(mask.shape).masked_fill(mask.logical_not(), float("-inf"))
    weights = torch.exp(scores - torch.logsumexp(scores, -1, keepdim=True))
    return [torch.matmul(weights, value), weights]


SCALED_DOT_PRODUCT_ATTENTION = Exercise(
    solves="unrolled.self_attention.scaled_dot_product_attention",
    groups={"no mask": 2, "with a mask": 2},
    inputs=attention_inputs,
    probe=probes.differentiate,
    accepts=(attention_with_einsum, attention_by_hand, attention_additive_mask),
    forbids=("torch.nn.functional.scaled_dot_product_attention", "torch.nn.MultiheadAttention"),
    free=frozenset(["sequence"]),
    misconceptions=(
        Misconception(
            id="not-scaled",
            name="the scores are not divided by √d_k",
            hint="Add up d_k products of numbers of size 1: how large does the sum get, and what does softmax make of that?",
            edits={" / math.sqrt(query.shape[-1])": ""},
        ),
        Misconception(
            id="divided-by-d-k",
            name="the scores are divided by d_k instead of its square root",
            hint="A sum of d_k independent terms of variance 1 has variance d_k. Dividing by what gives variance 1 again?",
            edits={"math.sqrt(query.shape[-1])": "query.shape[-1]"},
        ),
        Misconception(
            id="multiplied",
            name="the scores are multiplied by √d_k",
            hint="Does the factor make large scores larger or smaller? Which of the two should it do?",
            edits={"/ math.sqrt": "* math.sqrt"},
        ),
        Misconception(
            id="scaled-by-d-v",
            name="√d_v stands where √d_k should be",
            hint="Which vectors are multiplied in a score: those of query and key, or those of the values?",
            edits={"math.sqrt(query.shape[-1])": "math.sqrt(value.shape[-1])"},
        ),
        Misconception(
            id="scaled-by-length",
            name="the scores are divided by the root of the number of keys",
            hint="shape[-2] is a number of words, shape[-1] a number of features. Over which of them does the product sum?",
            edits={"math.sqrt(query.shape[-1])": "math.sqrt(key.shape[-2])"},
        ),
        Misconception(
            id="scaled-after-softmax",
            name="the scaling comes after the softmax",
            hint="Do the weights of a query still add up to 1?",
            edits={
                " / math.sqrt(query.shape[-1])": "",
                "scores.softmax(dim=-1)": "scores.softmax(dim=-1) / math.sqrt(query.shape[-1])",
            },
        ),
        Misconception(
            id="softmax-over-queries",
            name="the softmax runs over the queries",
            hint="Whose weights should add up to 1: those that one query gives to all keys, or those that one key gets?",
            edits={"dim=-1": "dim=-2"},
        ),
        Misconception(
            id="no-softmax",
            name="the softmax is missing",
            hint="Raw scores can be negative and add up to anything. What makes an average of them?",
            edits={"scores.softmax(dim=-1)": "scores"},
        ),
        Misconception(
            id="mask-ignored",
            name="the mask is not used",
            hint="What should the weight of a forbidden key be? Where in your code does the mask come in?",
            edits={"if mask is not None:": "if False:"},
        ),
        Misconception(
            id="mask-inverted",
            name="the mask is taken the other way round",
            hint="Here True means that one may look (in nn.MultiheadAttention it means the opposite). Which places do "
            "you fill with −∞?",
            edits={"~mask": "mask"},
        ),
        Misconception(
            id="mask-after-softmax",
            name="the mask is applied after the softmax",
            hint="The forbidden weights are 0, but what do the others add up to?",
            edits={
                "scores = scores.masked_fill(~mask, -torch.inf)\n    weights = scores.softmax(dim=-1)": (
                    "weights = scores.softmax(dim=-1) * mask\n    else:\n        weights = scores.softmax(dim=-1)"
                )
            },
        ),
        Misconception(
            id="mask-with-zero",
            name="forbidden scores are set to 0",
            hint="e⁰ is 1: a score of 0 is an ordinary score. Which score has a weight of 0 after the softmax?",
            edits={"-torch.inf": "0.0"},
        ),
        Misconception(
            id="zero-times-infinity",
            name="the mask is multiplied by −∞",
            hint="What is 0 · (−∞)? Choose between scores instead of multiplying: torch.where or masked_fill.",
            edits={"scores.masked_fill(~mask, -torch.inf)": "scores + (~mask) * -torch.inf"},
        ),
        Misconception(
            id="mask-added",
            name="the boolean mask is added to the scores",
            hint="Adding True adds 1. An additive mask holds 0 and −∞; this one holds True and False: how do you turn "
            "one into the other?",
            edits={"scores.masked_fill(~mask, -torch.inf)": "scores + mask"},
        ),
        Misconception(
            id="keys-averaged",
            name="the keys are averaged instead of the values",
            hint="The keys only say where to look. What should be taken from there?",
            edits={"return weights @ value": "return weights @ key"},
        ),
        Misconception(
            id="scores-returned",
            name="the scores are returned in the place of the weights",
            hint="The second result should add up to 1 in every row. Does yours?",
            edits={"value, weights": "value, scores"},
        ),
        Misconception(
            id="results-swapped",
            name="the two results are returned in the wrong order",
            hint="What does the signature promise first: the output or the weights?",
            edits={"return weights @ value, weights": "return weights, weights @ value"},
        ),
        Misconception(
            id="weights-not-returned",
            name="only the output is returned",
            hint="The signature promises a pair. What is its second part?",
            edits={"value, weights": "value"},
        ),
    ),
)
