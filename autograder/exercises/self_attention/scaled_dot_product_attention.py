"""`scaled_dot_product_attention`: softmax(Q·Kᵀ / √d_k)·V, and the weights: for every query an average of the values."""

import math

import torch
import torch.nn.functional as F

from autograder.draw import doubled, normal
from autograder.exercise import Exercise, Misconception, with_numbers


def attention_inputs(rng):
    """Batch 2, heads 3, query 5, key 7, d_k 11, d_v 13; in a mask every query has an allowed and a forbidden key,
    and every key is allowed to some query.

    As many queries as keys, once with a causal mask; one of each; no axes in front; large scores; once everything is float64.
    """

    def case(*batch, query=5, key=7, mask=None):
        case = {
            "query": normal(rng, *batch, query, 11),
            "key": normal(rng, *batch, key, 11),
            "value": normal(rng, *batch, key, 13),
        }
        return case if mask is None else {**case, "mask": mask}

    def some(*shape):
        mask = torch.from_numpy(rng.random((*shape, 5, 7)) < 0.6)
        rows = torch.arange(5)
        mask[..., 0], mask[..., rows, 1 + rows], mask[..., 0, 6] = True, True, True
        mask[..., rows, 1 + (rows + 1) % 5] = False
        return mask

    return {
        "no mask": [case(2), case(2, 3), case(7, query=7), case(1, query=1, key=1)],
        "with a mask": [
            case(2, mask=some(2)),
            case(2, 3, mask=some(2, 1)),
            case(2, mask=some()),
            case(mask=some()),
            case(2, key=5, mask=torch.ones(5, 5, dtype=torch.bool).tril()),
            large_scores(rng, some(2)),
            far_above(case(2, mask=some(2))),
            doubled(case(2, mask=some(2))),
        ],
    }


def far_above(case):
    """The last key, with a score of some 50,000, may not be looked at; the others have scores as usual."""
    case["query"][..., 0], case["key"][..., 0] = 400.0, 0.0
    case["key"][:, -1, 0], case["mask"][..., -1] = 400.0, False
    return case


def large_scores(rng, mask):
    """Scores around 1600 for some queries, with a forbidden key twice as high, and around −1600 for others.

    All sums are exact in float32, in whichever order: entries are eighths, d_k is 16.
    """

    def eighths(*shape):
        return (8 * normal(rng, *shape)).round() / 8

    sign = torch.tensor([1.0, -1.0, 1.0, -1.0, -1.0])[:, None]
    half = eighths(2, 7, 8)
    key = 20 + torch.cat([half, -half], dim=-1)  # the differences between keys add up to 0
    key[:, 3], mask[..., 3] = 40.0, sign[:, 0] < 0
    return {"query": 20 * sign + eighths(2, 5, 16) / 2, "key": key, "value": normal(rng, 2, 7, 13), "mask": mask}


def probe_attention(answer, inputs):
    """Differentiate; where scores are large, take the values alone, since rounding shows in the gradients."""
    from autograder.probes import call, differentiate

    return (call if inputs["key"].max() > 30 else differentiate)(answer, inputs)


def attention_with_einsum(query, key, value, mask=None):
    scores = torch.einsum("...qd,...kd->...qk", query, key) * query.shape[-1] ** -0.5
    if mask is not None:
        scores = torch.where(mask, scores, -1e9)
    weights = F.softmax(scores, dim=-1)
    return torch.einsum("...qk,...kv->...qv", weights, value), weights


def attention_by_hand(query, key, value, mask=None):
    scores = torch.matmul(query / math.sqrt(key.size(-1)), key.mT)
    allowed = torch.ones_like(scores).bool() if mask is None else mask.expand_as(scores)
    highest = torch.where(allowed, scores, -torch.inf).amax(-1, keepdim=True)
    weights = torch.where(allowed, scores - highest, -torch.inf).exp()
    weights = weights / weights.sum(-1, keepdim=True)
    return weights @ value, weights


def attention_additive_mask(query, key, value, mask=None):
    scores = query @ key.transpose(-1, -2) / query.size(-1) ** 0.5
    if mask is not None:
        scores = scores + scores.new_zeros(mask.shape).masked_fill(mask.logical_not(), float("-inf"))
    weights = torch.exp(scores - torch.logsumexp(scores, -1, keepdim=True))
    return [torch.matmul(weights, value), weights]


TAKEN_OFF = {"scores = scores.masked_fill(~mask, -torch.inf)": "scores = scores - 1e4 * ~mask"}

SCALED_DOT_PRODUCT_ATTENTION = Exercise(
    solves="unrolled.self_attention.scaled_dot_product_attention",
    groups={"no mask": 2, "with a mask": 2},
    inputs=attention_inputs,
    probe=probe_attention,
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
        Misconception(
            id="softmax-over-axis-1",
            name="the softmax runs over axis 1, wherever that is",
            hint="There may be any axes in front, so axis 1 is not always the keys. From which end should you count?",
            edits={
                "dim=-1)": "dim=1)",
            },
        ),
        Misconception(
            id="scaled-by-axis-1",
            name="the scores are divided by the root of the length of axis 1, wherever that is",
            hint="There may be any axes in front, so axis 1 is not always the features. From which end should you "
            "count?",
            edits={
                "query.shape[-1]": "query.shape[1]",
            },
        ),
        Misconception(
            id="key-T",
            name="`key.T` turns all axes around",
            hint="`.T` reverses every axis. Which two should change places, and which should stay?",
            edits={
                "key.transpose(-2, -1)": "key.permute(*range(key.ndim - 1, -1, -1))",
            },
        ),
        Misconception(
            id="axes-counted-from-the-front",
            name="axes 1 and 2 of the keys are swapped, wherever they are",
            hint="There may be any axes in front (heads, say, or none). From which end should you count?",
            edits={
                "key.transpose(-2, -1)": "key.transpose(1, 2)",
            },
        ),
        Misconception(
            id="bmm",
            name="`torch.bmm` is called, which takes exactly three axes",
            hint="There may be any axes in front. Which product takes them all?",
            edits={
                "query @ key.transpose(-2, -1)": "torch.bmm(query, key.transpose(-2, -1))",
            },
        ),
        Misconception(
            id="key-reshaped",
            name="the keys are reshaped instead of transposed",
            hint="`reshape` and `view` read the numbers in the same order: the features of one key land in several "
            "columns. What makes a column of a row?",
            edits={
                "key.transpose(-2, -1)": "key.reshape(*key.shape[:-2], key.shape[-1], key.shape[-2])",
            },
        ),
        Misconception(
            id="not-low-enough",
            name="forbidden scores are set to a number that is not low enough",
            hint="−1000 is a high score beside −1600, and a score of 50,000 less 10,000 is still one. Which score has a weight of exactly 0, whatever the others are?",
            edits={
                "-torch.inf": "-1000.0",
            },
            also=(TAKEN_OFF, *with_numbers(TAKEN_OFF, "1e4", "1e3")),
        ),
        Misconception(
            id="minus-ten",
            name="forbidden scores are set to −10, which leaves them a small weight",
            hint="e⁻¹⁰ is small, but not 0. Which score has a weight of exactly 0?",
            edits={
                "-torch.inf": "-10.0",
            },
        ),
        Misconception(
            id="overflow",
            name="the exponentials of large scores overflow",
            hint="e¹⁰⁰⁰ is infinite in a computer. What can you take off all scores of a query without changing its "
            "weights?",
            edits={
                "scores = scores.masked_fill(~mask, -torch.inf)": "pass",
                "weights = scores.softmax(dim=-1)": "weights = scores.exp() if mask is None else scores.exp() * mask\n    weights = weights / weights.sum(dim=-1, keepdim=True)",
            },
        ),
        Misconception(
            id="overflow-of-the-allowed",
            name="the exponentials of large scores overflow, though only those of allowed ones are added up",
            hint="e¹⁰⁰⁰ is infinite in a computer. What can you take off all scores of a query without changing its "
            "weights?",
            edits={
                "scores.softmax(dim=-1)": "scores.exp() / scores.exp().sum(dim=-1, keepdim=True)",
            },
        ),
        Misconception(
            id="maximum-of-all-keys",
            name="the maximum that is taken off is that of the forbidden scores too",
            hint="What is left of the allowed ones if a forbidden score is larger by 1000? Of which scores should "
            "the maximum be?",
            edits={
                "scores = scores.masked_fill(~mask, -torch.inf)": "pass",
                "weights = scores.softmax(dim=-1)": "weights = (scores - scores.amax(dim=-1, keepdim=True)).exp()\n    weights = weights if mask is None else weights * mask\n    weights = weights / weights.sum(dim=-1, keepdim=True)",
            },
        ),
        Misconception(
            id="always-causal",
            name="no query looks at a later key, mask or not",
            hint="Whether the future is hidden is the mask's business. Who says that there is one?",
            edits={
                "if mask is not None:": "if scores.shape[-1] == scores.shape[-2]:\n        scores = scores.masked_fill(torch.ones_like(scores).triu(1).bool(), -torch.inf)\n    if mask is not None:",
            },
        ),
        Misconception(
            id="truth-of-the-mask",
            name="a whole mask is asked whether it is true",
            hint="`if mask` asks for the truth of all its places at once. How do you ask only whether there is a mask?",
            edits={
                "if mask is not None:": "if mask:",
            },
        ),
        Misconception(
            id="not-broadcast",
            name="the mask picks scores by index, which only a mask of their full shape can do",
            hint="A mask of (batch, 1, query, key) holds for every head. Which functions broadcast, and which "
            "indexing does not?",
            edits={
                "scores = scores.masked_fill(~mask, -torch.inf)": "scores[~mask] = -torch.inf",
            },
        ),
        Misconception(
            id="mask-with-another-axis",
            name="the mask is given an axis for heads that it does not need",
            hint="The mask broadcasts to the scores as it is. What shape has the result, with your new axis?",
            edits={
                "masked_fill(~mask": "masked_fill(~mask.unsqueeze(1)",
            },
        ),
        Misconception(
            id="weights-detached",
            name="no gradient goes through the weights",
            hint="The values are right, but how shall the network learn where to look?",
            edits={
                "return weights @ value, weights": "return weights.detach() @ value, weights.detach()",
            },
        ),
        Misconception(
            id="average-detached",
            name="no gradient goes from the output through the weights",
            hint="The values are right, but how shall the network learn where to look?",
            edits={
                "return weights @ value": "return weights.detach() @ value",
            },
        ),
        Misconception(
            id="query-overwritten",
            name="the query handed in is overwritten",
            hint="`query /= …` writes into its tensor. Which line makes a new one?",
            edits={
                "scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])": "query /= math.sqrt(query.shape[-1])\n    scores = query @ key.transpose(-2, -1)",
            },
        ),
        Misconception(
            id="squeezed",
            name="all axes of size 1 are squeezed away",
            hint="`squeeze()` without an axis throws away every axis of size 1: what if the batch holds one "
            "sentence, or the sentence one word?",
            edits={
                "return weights @ value, weights": "return (weights @ value).squeeze(), weights.squeeze()",
            },
        ),
        Misconception(
            id="output-squeezed",
            name="axes of size 1 are squeezed away from the output",
            hint="`squeeze()` without an axis throws away every axis of size 1: what if the batch holds one "
            "sentence, or the sentence one word?",
            edits={
                "return weights @ value, weights": "return (weights @ value).squeeze(), weights",
            },
        ),
        Misconception(
            id="log-weights",
            name="the logarithms of the weights are taken instead of the weights",
            hint="Can a weight be negative? Which of the two functions, softmax or log_softmax, gives weights?",
            edits={
                "scores.softmax(dim=-1)": "scores.log_softmax(dim=-1)",
            },
        ),
        Misconception(
            id="always-float32",
            name="the result is float32 whatever the inputs are",
            hint="Whose dtype should the result have? Which line makes a new one?",
            edits={
                "scores = query @": "query, key, value = query.float(), key.float(), value.float()\n    scores = query @",
            },
        ),
        Misconception(
            id="weights-scaled",
            name="the weights are divided by √d_k, instead of the scores",
            hint="What do the weights of a query add up to in yours? What should be divided so that the softmax does not "
            "saturate?",
            edits={
                " / math.sqrt(query.shape[-1])": "",
                "return weights @ value, weights": (
                    "weights = weights / math.sqrt(query.shape[-1])\n    return weights @ value, weights"
                ),
            },
        ),
        Misconception(
            id="mask-transposed",
            name="the mask is transposed where it is square",
            hint="Row i of the mask belongs to query i, and its columns are the keys. Which way does a causal mask look "
            "once it is transposed?",
            edits={
                "~mask": "~(mask.mT if mask.shape[-1] == mask.shape[-2] else mask)",
            },
        ),
    ),
)
