"""The exercises of chapter 05: attention, its masks, its heads, and positions."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from autograder import probes
from autograder.compare import Tolerance
from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception


# --- scaled_dot_product_attention -------------------------------------------------------------------------------------
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


# --- causal_mask ------------------------------------------------------------------------------------------------------
def causal_mask_loop(length):
    mask = torch.zeros(length, length, dtype=torch.bool)
    for i in range(length):
        mask[i, : i + 1] = True
    return mask


def causal_mask_compare(length):
    places = torch.arange(length)
    return places[None, :] <= places[:, None]


CAUSAL_MASK = Exercise(
    solves="unrolled.self_attention.causal_mask",
    groups={"masks": 2},
    inputs=lambda rng: {"masks": [{"length": int(n)} for n in (1, rng.integers(3, 7), rng.integers(7, 12))]},
    accepts=(causal_mask_loop, causal_mask_compare, lambda length: ~torch.ones(length, length).triu(1).bool()),
    misconceptions=(
        Misconception(
            id="inverted",
            name="the mask is True where one must not look",
            hint="That is the convention of nn.MultiheadAttention. Here True means that one may look: which triangle is that?",
            edits={".tril()": ".triu(1)"},
        ),
        Misconception(
            id="diagonal-masked",
            name="a word may not look at itself",
            hint="What can the very first word look at, if not at itself?",
            edits={".tril()": ".tril(-1)"},
        ),
        Misconception(
            id="looks-ahead",
            name="the words look at the future instead of the past",
            hint="Row 0 is the first word. Which keys lie in its past?",
            edits={".tril()": ".triu()"},
        ),
        Misconception(
            id="one-too-far",
            name="every word sees the next one",
            hint="If the first word sees the second, what is left to predict?",
            edits={".tril()": ".tril(1)"},
        ),
        Misconception(
            id="not-boolean",
            name="the mask holds numbers instead of truth values",
            hint="What does ~ do to a tensor of floats? Which dtype says True and False?",
            edits={", dtype=torch.bool": ""},
        ),
        Misconception(
            id="additive",
            name="the mask holds 0 and −∞",
            hint="Such an additive mask is right elsewhere: one adds it to the scores. Here masks are boolean; how do you "
            "say which places are allowed?",
            edits={
                "torch.ones(length, length, dtype=torch.bool).tril()": (
                    "torch.full((length, length), -torch.inf).triu(1)"
                )
            },
        ),
        Misconception(
            id="all-allowed",
            name="every word may look at every word",
            hint="Which entries should be False?",
            edits={".tril()": ""},
        ),
    ),
)


# --- padding_mask -----------------------------------------------------------------------------------------------------
def padding_mask_inputs(rng):
    """Batch 3, length 7 or 11; the longest sequence is shorter than `length` in one case."""
    return {
        "full length": [{"lengths": torch.tensor([7, 2, 5]), "length": 7}],
        "all shorter": [{"lengths": integers(rng, 1, 8, 3), "length": 11}],
    }


def padding_mask_loop(lengths, length):
    mask = torch.zeros(len(lengths), length, dtype=torch.bool)
    for row, n in zip(mask, lengths.tolist(), strict=True):
        row[:n] = True
    return mask


def padding_mask_lists(lengths, length):
    return torch.tensor([[place < n for place in range(length)] for n in lengths.tolist()])


PADDING_MASK = Exercise(
    solves="unrolled.self_attention.padding_mask",
    groups={"full length": 1, "all shorter": 1},
    inputs=padding_mask_inputs,
    accepts=(padding_mask_loop, padding_mask_lists),
    misconceptions=(
        Misconception(
            id="inverted",
            name="the mask is True at the padding",
            hint="That is nn.MultiheadAttention's key_padding_mask. Here True means that one may look: at what?",
            edits={" < lengths": " >= lengths"},
        ),
        Misconception(
            id="one-too-many",
            name="the first padding token counts as real",
            hint="Places count from 0. Is place 3 inside a sequence of length 3?",
            edits={" < lengths": " <= lengths"},
        ),
        Misconception(
            id="last-lost",
            name="the last real token counts as padding",
            hint="Places count from 0. What is the place of the last token of a sequence of length 3?",
            edits={" < lengths[:, None]": " < lengths[:, None] - 1"},
        ),
        Misconception(
            id="longest-instead-of-length",
            name="the mask is only as wide as the longest sequence",
            hint="`length` says how wide the batch is; it may be wider than its longest sequence. Do you use it?",
            edits={"torch.arange(length": "torch.arange(int(lengths.max())"},
        ),
        Misconception(
            id="padding-in-front",
            name="the padding is taken to stand in front",
            hint="Some libraries pad in front. Here the first `lengths[i]` places are real: which comparison says so?",
            edits={" < lengths[:, None]": " >= length - lengths[:, None]"},
        ),
        Misconception(
            id="transposed",
            name="the batch is the second axis",
            hint="The promise is (batch, key). Where does your None stand, and which axis does it add?",
            edits={
                "torch.arange(length, device=lengths.device) < lengths[:, None]": (
                    "torch.arange(length, device=lengths.device)[:, None] < lengths"
                )
            },
        ),
        Misconception(
            id="not-boolean",
            name="the mask holds numbers instead of truth values",
            hint="A comparison gives truth values already. What turns them into numbers?",
            edits={
                "torch.arange(length, device=lengths.device) < lengths[:, None]": (
                    "(torch.arange(length, device=lengths.device) < lengths[:, None]).float()"
                )
            },
        ),
    ),
)


# --- MultiHeadAttention -----------------------------------------------------------------------------------------------
def multi_head_inputs(rng):
    """Batch 2, query 5, key 7, three heads of 5 features: d_model 15."""

    def case(mask=None, query=5):
        names = ("query", "key", "value", "output")
        weights = {f"{name}.weight": normal(rng, 15, 15, scale=0.4) for name in names}
        weights |= {f"{name}.bias": normal(rng, 15, scale=0.4) for name in names}
        inputs = {"query": normal(rng, 2, query, 15), "key": normal(rng, 2, 7, 15), "value": normal(rng, 2, 7, 15)}
        return {"heads": 3, "weights": weights, "inputs": inputs, "mask": mask}

    mask = torch.from_numpy(rng.random((2, 1, 5, 7)) < 0.6)
    mask[..., 0], mask[..., 3] = True, False
    return {"no mask": [case()], "with a mask": [case(mask)]}


def probe_multi_head(answer, inputs):
    """Build the module, load the weights, go forwards and backwards."""
    from autograder.probes import differentiate

    names = list(inputs["weights"])

    def forward(query, key, value, **weights):
        import torch

        module = answer(query.shape[-1], inputs["heads"])
        loaded = {name: weights[name.replace(".", "_")] for name in names}
        mask = None if inputs["mask"] is None else inputs["mask"].clone()
        return torch.func.functional_call(module, loaded, (query, key, value, mask))

    return differentiate(
        forward, {**inputs["inputs"], **{name.replace(".", "_"): inputs["weights"][name] for name in names}}
    )


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
    probe=probe_multi_head,
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


# --- sinusoidal_positions ---------------------------------------------------------------------------------------------
def sinusoidal_loop(length, d_model):
    table = torch.zeros(length, d_model)
    for position in range(length):
        for i in range(d_model // 2):
            angle = position / 10000 ** (2 * i / d_model)
            table[position, 2 * i], table[position, 2 * i + 1] = math.sin(angle), math.cos(angle)
    return table


def sinusoidal_exp_log(length, d_model):
    table = torch.zeros(length, d_model)
    position = torch.arange(0, length).unsqueeze(1)
    rates = torch.exp(torch.arange(0, d_model, 2) * -(math.log(10000.0) / d_model))
    table[:, 0::2], table[:, 1::2] = torch.sin(position * rates), torch.cos(position * rates)
    return table


def sinusoidal_complex(length, d_model):
    rates = 1 / 10000 ** (torch.arange(d_model // 2) * 2 / d_model)
    turns = torch.polar(torch.ones(length, d_model // 2), torch.outer(torch.arange(length).float(), rates))
    return torch.stack([turns.imag, turns.real], dim=2).reshape(length, d_model)


SINUSOIDAL_POSITIONS = Exercise(
    solves="unrolled.self_attention.sinusoidal_positions",
    groups={"the first position": 1, "all positions": 2},
    inputs=lambda rng: {
        "the first position": [{"length": 1, "d_model": 6}],
        "all positions": [{"length": 7, "d_model": 10}, {"length": int(rng.integers(201, 212)), "d_model": 6}],
    },
    tolerance=Tolerance(absolute=5e-5),  # sines of large angles: the order of rounding shows in float32
    accepts=(sinusoidal_loop, sinusoidal_exp_log, sinusoidal_complex),
    misconceptions=(
        Misconception(
            id="wrong-exponent",
            name="the exponent is i / d_model instead of 2i / d_model",
            hint="From the fastest sine to the slowest the rate falls to about 1/10000. How far does it fall in yours?",
            edits={"-torch.arange(0, d_model, 2)": "-torch.arange(d_model // 2)"},
        ),
        Misconception(
            id="exponent-doubled",
            name="the exponent is doubled twice",
            hint="The formula's 2i is the number of the column already. Do you multiply a step of 2 by 2 again?",
            edits={"-torch.arange(0, d_model, 2)": "-2 * torch.arange(0, d_model, 2)"},
        ),
        Misconception(
            id="in-blocks",
            name="all sines come first, then all cosines",
            hint="That is how tensor2tensor, the paper's own code, lays them out, and it works as well. Here sine and cosine "
            "alternate, as the paper's formula says. Which axis do you join them along?",
            edits={
                "torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)": (
                    "torch.cat([angles.sin(), angles.cos()], dim=-1)"
                )
            },
        ),
        Misconception(
            id="sine-and-cosine-swapped",
            name="sine and cosine are swapped",
            hint="At position 0 every even entry should be sin(0). What is it in yours?",
            edits={"[angles.sin(), angles.cos()]": "[angles.cos(), angles.sin()]"},
        ),
        Misconception(
            id="counted-from-one",
            name="the positions count from 1",
            hint="What is the angle at the first position?",
            edits={"torch.arange(length)[:, None]": "torch.arange(1, length + 1)[:, None]"},
        ),
        Misconception(
            id="multiplied",
            name="the position is multiplied by 10000^(2i/d_model) instead of divided",
            hint="Should later columns turn slower or faster? Which sign has the exponent?",
            edits={"10000 ** (-": "10000 ** (+"},
        ),
        Misconception(
            id="another-base",
            name="the base is 1000",
            hint="Count the zeros of the paper's base. How slow is the slowest sine?",
            edits={"10000": "1000"},
        ),
        Misconception(
            id="cosine-of-the-next-rate",
            name="every column has a rate of its own, so sine and cosine of a pair do not belong together",
            hint="Entry 2i and entry 2i + 1 have the same angle. Which exponent does your entry 1 have?",
            answer=lambda length, d_model: torch.where(
                torch.arange(d_model) % 2 == 0,
                torch.sin(torch.arange(length)[:, None] * 10000 ** (-torch.arange(d_model) / d_model)),
                torch.cos(torch.arange(length)[:, None] * 10000 ** (-torch.arange(d_model) / d_model)),
            ),
        ),
    ),
)

EXERCISES = (SCALED_DOT_PRODUCT_ATTENTION, CAUSAL_MASK, PADDING_MASK, MULTI_HEAD_ATTENTION, SINUSOIDAL_POSITIONS)
