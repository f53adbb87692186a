"""`GroupedQueryAttention`: Causal self-attention with rotary positions, in which several heads share keys and values."""

from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

from autograder.draw import doubled, normal, weights
from autograder.exercise import Exercise, Misconception
from unrolled.llama_layers import GroupedQueryAttention
from unrolled.rope import rotate


def grouped_inputs(rng):
    """Six heads that share two keys, or one, or none; words at once and in parts; heads whose size is no part of d_model."""

    def case(*parts, batch=2, sizes=(24, 6, 2), theta=20.0, earlier=False, **options):
        return {
            "arguments": [*sizes, theta],
            "options": options,
            "weights": weights(rng, GroupedQueryAttention, *sizes, theta, **options),
            "inputs": {"x": normal(rng, batch, sum(parts), sizes[0])},
            "parts": list(parts),
            "earlier": normal(rng, batch, 3, sizes[0]) if earlier else None,
        }

    loud = case(5)  # some scores lie 10,000 and more apart; float64 has digits enough for that
    loud["inputs"]["x"][:, [1, -1]] *= 300.0
    return {
        "a key for each head": [case(5, sizes=(12, 3, 3)), case(1, batch=1, sizes=(10, 1, 1)), case(4, sizes=(12, 3, 3), earlier=True)],
        "shared keys": [
            case(7),
            case(5, sizes=(11, 6, 2), head_size=4),
            case(1, batch=1),
            case(5, sizes=(20, 5, 1), bias=True, output_bias=True),
            doubled(loud),
        ],
        "with a cache": [case(1, 1, 1, 1), case(3, 1, 1), case(2, 3, 2), case(4, 3, sizes=(11, 6, 3), head_size=4), case(2, 1, batch=1)],
    }


def probe_grouped(answer, inputs):
    """Build the module, load the weights, and read x part by part, each with the past of the last; differentiate."""
    from autograder.probes import use_module

    def read(module, x):
        outputs, past, done = [], None, 0
        if inputs["earlier"] is not None:
            module(inputs["earlier"].clone())
        for new in inputs["parts"]:
            output, past = module(x[:, done : done + new], past)
            outputs.append(output)
            done += new
        return {f"output of part {i}": output for i, output in enumerate(outputs, start=1)} | {"past": [*past]}

    return use_module(answer, inputs, read)


class _Built(nn.Module):
    """The layers, as they are given."""

    def __init__(self, d_model, heads, kv_heads, theta=10_000.0, *, head_size=None, bias=False, output_bias=False):
        super().__init__()
        self.head_size, self.group = head_size or d_model // heads, heads // kv_heads
        self.rotate = partial(rotate, theta=theta)
        self.query = nn.Linear(d_model, heads * self.head_size, bias)
        self.key = nn.Linear(d_model, kv_heads * self.head_size, bias)
        self.value = nn.Linear(d_model, kv_heads * self.head_size, bias)
        self.output = nn.Linear(heads * self.head_size, d_model, output_bias)

    def split(self, x):
        batch, new, _ = x.shape
        parts = [layer(x).view(batch, new, -1, self.head_size).transpose(1, 2) for layer in (self.query, self.key, self.value)]
        return batch, new, *parts


class GroupedWithTorchsGroups(_Built):
    """torch knows groups."""

    def forward(self, x, past=None):
        batch, new, query, key, value = self.split(x)
        before = 0 if past is None else past[0].size(-2)
        places = before + torch.arange(new)
        query, key = self.rotate(query, places), self.rotate(key, places)
        if past is not None:
            key, value = (torch.cat(both, dim=-2) for both in zip(past, (key, value), strict=True))
        mask = torch.ones(new, before + new, dtype=torch.bool).tril(diagonal=before)
        seen = F.scaled_dot_product_attention(query, key, value, mask, enable_gqa=True)
        return self.output(seen.transpose(1, 2).reshape(batch, new, -1)), (key, value)


class GroupedWithAnAxis(_Built):
    """The heads of a group get an axis of their own, and meet one key."""

    def forward(self, x, past=None):
        _, new, query, key, value = self.split(x)
        before = past[0].shape[2] if past else 0
        places = torch.arange(before, before + new)
        query, key = self.rotate(query, places), self.rotate(key, places)
        if past:
            key, value = torch.cat([past[0], key], 2), torch.cat([past[1], value], 2)
        query = query.unflatten(1, (-1, self.group))
        scores = torch.einsum("bkgqd,bktd->bkgqt", query, key) * self.head_size**-0.5
        later = torch.arange(before + new)[None, :] > places[:, None]
        weights_of = scores.masked_fill(later, float("-inf")).softmax(-1)
        seen = torch.einsum("bkgqt,bktd->bkgqd", weights_of, value).flatten(1, 2)
        return self.output(seen.transpose(1, 2).flatten(2)), (key, value)


class GroupedHeadByHead(_Built):
    """One head after the other, each with its key."""

    def forward(self, x, past=None):
        _, new, query, key, value = self.split(x)
        before = 0 if past is None else past[0].shape[2]
        places = torch.tensor(range(before, before + new))
        query, key = self.rotate(query, places), self.rotate(key, places)
        if past is not None:
            key, value = torch.cat((past[0], key), 2), torch.cat((past[1], value), 2)
        outputs = []
        for head in range(query.shape[1]):
            shared = head // self.group
            scores = query[:, head] @ key[:, shared].mT / self.head_size**0.5
            hidden = torch.full(scores.shape[1:], -torch.inf).triu(before + 1)
            outputs.append((scores + hidden).softmax(-1) @ value[:, shared])
        return self.output(torch.cat(outputs, -1)), [key, value]


class _KeysKeptUnturned(_Built):
    def forward(self, x, past=None):
        _, new, query, key, value = self.split(x)
        if past:
            key, value = torch.cat([past[0], key], 2), torch.cat([past[1], value], 2)
        time = key.shape[2]
        turned = self.rotate(key, torch.arange(time)).repeat_interleave(self.group, 1)
        mask = torch.ones(new, time, dtype=torch.bool).tril(diagonal=time - new)
        query = self.rotate(query, torch.arange(time - new, time))
        seen = F.scaled_dot_product_attention(query, turned, value.repeat_interleave(self.group, 1), mask)
        return self.output(seen.transpose(1, 2).flatten(2)), (key, value)


class _ScoresTimesMask(_Built):
    def forward(self, x, past=None):
        _, new, query, key, value = self.split(x)
        before = past[0].shape[2] if past else 0
        places = torch.arange(before, before + new)
        query, key = self.rotate(query, places), self.rotate(key, places)
        if past:
            key, value = torch.cat([past[0], key], 2), torch.cat([past[1], value], 2)
        scores = query @ key.repeat_interleave(self.group, 1).mT / self.head_size**0.5
        weights_of = (scores * torch.ones(new, before + new).tril(before)).softmax(-1)
        seen = weights_of @ value.repeat_interleave(self.group, 1)
        return self.output(seen.transpose(1, 2).flatten(2)), (key, value)


class _TurnedBeforeSplitting(_Built):
    def forward(self, x, past=None):
        before, new = (past[0].shape[2] if past else 0), x.shape[1]
        places = torch.arange(before, before + new)
        query, key = (self.rotate(layer(x)[:, None], places)[:, 0] for layer in (self.query, self.key))
        query, key, value = (part.unflatten(-1, (-1, self.head_size)).transpose(1, 2) for part in (query, key, self.value(x)))
        if past:
            key, value = torch.cat([past[0], key], 2), torch.cat([past[1], value], 2)
        mask = torch.ones(new, before + new, dtype=torch.bool).tril(diagonal=before)
        seen = F.scaled_dot_product_attention(query, key, value, mask, enable_gqa=True)
        return self.output(seen.transpose(1, 2).flatten(2)), (key, value)


TURNED = "query, key = self.rotate(query, positions), self.rotate(key, positions)"
GROWN = "key, value = torch.cat([past[0], key], dim=2), torch.cat([past[1], value], dim=2)"
SHARED = "part.repeat_interleave(self.group, dim=1)"
MASK = "causal_mask(before + new)[-new:].to(x.device) if past else None"
CAUSAL = "is_causal=mask is None"
SPLIT = "layer(x).unflatten(-1, (-1, self.head_size)).transpose(1, 2)"
RETURN = "return self.output(seen.transpose(1, 2).flatten(2)), (key, value)"

GROUPED_QUERY_ATTENTION = Exercise(
    solves="unrolled.llama_layers.GroupedQueryAttention",
    blanks=("forward",),
    uses=("rotate",),
    groups={"a key for each head": 1, "shared keys": 2, "with a cache": 2},
    inputs=grouped_inputs,
    probe=probe_grouped,
    free=frozenset({"sequence"}),
    accepts=(GroupedWithTorchsGroups, GroupedWithAnAxis, GroupedHeadByHead),
    forbids=("torch.nn.MultiheadAttention", "torch.nn.functional.multi_head_attention_forward"),
    misconceptions=(
        Misconception(
            id="tiled",
            name="query head h looks at key head h mod kv_heads",
            hint="Six heads of queries, two of keys: which queries should the first key have? `repeat` lays a whole list out again; what does `repeat_interleave` do?",
            edits={SHARED: "part.repeat(1, self.group, 1, 1)"},
        ),
        Misconception(
            id="first-key-for-all",
            name="all heads look at the first key head",
            hint="That is multi-query attention, with one key for all. How many heads of keys are there?",
            edits={SHARED: "part[:, :1].expand(-1, part.shape[1] * self.group, -1, -1)"},
        ),
        Misconception(
            id="keys-averaged",
            name="all heads look at the mean of the keys and values",
            hint="So checkpoints with a key per head are converted at first. Which key belongs to which query here?",
            edits={SHARED: "part.mean(1, keepdim=True).expand(-1, part.shape[1] * self.group, -1, -1)"},
        ),
        Misconception(
            id="keys-shared-alone",
            name="the keys are laid out by groups, and the values in turn",
            hint="A key and its value belong together. Do both go through the same step?",
            edits={
                f"shared = [{SHARED} for part in (key, value)]": (
                    "shared = [key.repeat_interleave(self.group, dim=1), value.repeat(1, self.group, 1, 1)]"
                )
            },
        ),
        Misconception(
            id="positions-restart",
            name="the positions begin at 0 again although there is a past",
            hint="After five words, where does the sixth stand? What tells you how many there were?",
            edits={"torch.arange(before, before + new, device=x.device)": "torch.arange(new, device=x.device)"},
        ),
        Misconception(
            id="all-at-one-position",
            name="all new words stand at the same position",
            hint="Three new words after a past of five stand at 5, and where else?",
            edits={"torch.arange(before, before + new, device=x.device)": "torch.full((new,), before, device=x.device)"},
        ),
        Misconception(
            id="positions-from-one",
            name="the positions begin at 1",
            hint="The output is the same, for distances alone count. But at which position were the cached keys turned?",
            edits={"torch.arange(before, before + new, device=x.device)": "torch.arange(before + 1, before + new + 1, device=x.device)"},
        ),
        Misconception(
            id="heads-for-words",
            name="the positions go on from the number of key heads instead of the words of the past",
            hint="The past is (batch, kv_heads, words, head_size). Which axis says how many words there were?",
            edits={"past[0].shape[2] if past else 0": "past[0].shape[1] if past else 0", MASK: MASK.replace("before + new", "key.shape[2]")},
        ),
        Misconception(
            id="values-turned",
            name="the values are turned as well",
            hint="Positions decide who looks at whom. Should they change what is found there?",
            edits={TURNED: f"{TURNED}\n        value = self.rotate(value, positions)"},
        ),
        Misconception(
            id="keys-not-turned",
            name="the keys are not turned",
            hint="A score should depend on the distance of two words. What must happen to both?",
            edits={TURNED: "query = self.rotate(query, positions)"},
        ),
        Misconception(
            id="queries-not-turned",
            name="the queries are not turned",
            hint="A score should depend on the distance of two words. What must happen to both?",
            edits={TURNED: "key = self.rotate(key, positions)"},
        ),
        Misconception(
            id="nothing-turned",
            name="nothing is turned: the attention knows no positions",
            hint="Where do the words' places come in?",
            edits={TURNED: "pass"},
        ),
        Misconception(
            id="turned-backwards",
            name="the queries are turned the other way",
            hint="Turn both by the same angle: is their score what it was? And in yours?",
            edits={"self.rotate(query, positions)": "self.rotate(query, -positions)"},
        ),
        Misconception(
            id="turned-before-splitting",
            name="queries and keys are turned before they are cut into heads",
            hint="Pairs lie within a head. Which features make a pair in yours?",
            answer=_TurnedBeforeSplitting,
        ),
        Misconception(
            id="keys-kept-unturned",
            name="the keys are kept as they were before the rotation, and all turned again at each call",
            hint="Correct elsewhere, where positions may still change. In which state does the docstring say that keys are kept?",
            answer=_KeysKeptUnturned,
        ),
        Misconception(
            id="turned-again",
            name="the keys of the past are turned once more at each call",
            hint="They were turned when they were new. In which order do you turn and join?",
            edits={
                TURNED: "query = self.rotate(query, positions)",
                GROWN: f"{GROWN}\n        key = self.rotate(key, torch.arange(before + new))",
            },
        ),
        Misconception(
            id="past-forgotten",
            name="the past is not looked at, though the positions go on",
            hint="Where do the keys and values of the words before come in?",
            edits={GROWN: "pass", MASK: "None"},
        ),
        Misconception(
            id="past-behind",
            name="the past is put after the new words instead of before them",
            hint="torch.cat keeps the order of its list. Which words come first in the text?",
            edits={GROWN: "key, value = torch.cat([key, past[0]], dim=2), torch.cat([value, past[1]], dim=2)"},
        ),
        Misconception(
            id="only-new-returned",
            name="only the keys and values of the new words are returned",
            hint="After two calls, who still knows of the first one's words?",
            edits={RETURN: RETURN.replace("(key, value)", "(key[:, :, -new:], value[:, :, -new:])")},
        ),
        Misconception(
            id="laid-out-returned",
            name="the keys and values are returned after they have been laid out for all heads",
            hint="Keys are shared to save memory. How many heads does your cache have?",
            edits={GROWN: GROWN.replace("past[0]", "past[0][:, :: self.group]").replace("past[1]", "past[1][:, :: self.group]"), RETURN: RETURN.replace("(key, value)", "tuple(shared)")},
        ),
        Misconception(
            id="pair-swapped",
            name="the values are returned before the keys",
            hint="In which order does the docstring promise the two?",
            edits={GROWN: GROWN.replace("past[0]", "past[-2 + 1]").replace("past[1]", "past[0]"), RETURN: RETURN.replace("(key, value)", "(value, key)")},
        ),
        Misconception(
            id="no-mask",
            name="no word is kept from looking at later ones",
            hint="In training all words are there at once. What keeps a word from looking up the next one?",
            edits={MASK: "None", CAUSAL: "is_causal=False"},
        ),
        Misconception(
            id="no-mask-with-a-past",
            name="several new words after a past are not kept from looking at each other",
            hint="One new word may see all that is there. But the first of three new ones?",
            edits={CAUSAL: "is_causal=not past", MASK: "None"},
        ),
        Misconception(
            id="square-mask-with-a-past",
            name="the causal mask begins at the first word of the past instead of the first new one",
            hint="`is_causal=True` lets query i look at keys 0 to i. After a past of five words the first query is word number five: how many keys may it see?",
            edits={MASK: "None"},
        ),
        Misconception(
            id="not-at-itself",
            name="a word may not look at itself",
            hint="Where may the very first word look in yours? On which side of the line is the diagonal?",
            edits={MASK: "causal_mask(before + new).tril(-1)[-new:]"},
        ),
        Misconception(
            id="one-word-ahead",
            name="a word may look at the next one as well",
            hint="In training that is the very word to be guessed. On which diagonal should the triangle end?",
            edits={MASK: "torch.ones(before + new, before + new, dtype=torch.bool).tril(1)[-new:]"},
        ),
        Misconception(
            id="mask-of-numbers",
            name="the mask consists of 1s and 0s, which are added to the scores and hide nothing",
            hint="torch blocks where a *boolean* mask is False. Of which dtype is yours?",
            edits={MASK: "causal_mask(before + new)[-new:].float()"},
        ),
        Misconception(
            id="scores-times-mask",
            name="hidden scores are set to 0 instead of −∞",
            hint="What is the exponential of 0? Which score gives a weight of 0?",
            answer=_ScoresTimesMask,
        ),
        Misconception(
            id="not-the-root",
            name="the scores are divided by head_size instead of its root",
            hint="How does the *spread* of a sum grow with the number of its terms?",
            edits={CAUSAL: "is_causal=mask is None, scale=1 / self.head_size"},
        ),
        Misconception(
            id="scaled-by-d-model",
            name="the scores are divided by √d_model instead of √head_size",
            hint="How many products are added up in one score?",
            edits={CAUSAL: "is_causal=mask is None, scale=x.shape[-1] ** -0.5"},
        ),
        Misconception(
            id="scaled-by-a-share-of-d-model",
            name="the scores are divided by √(d_model / heads), whatever head_size is",
            hint="A head may have another size than its share of d_model. How many products are added up in one score?",
            edits={CAUSAL: "is_causal=mask is None, scale=(x.shape[-1] / query.shape[1]) ** -0.5"},
        ),
        Misconception(
            id="not-scaled",
            name="the scores are not divided by √head_size",
            hint="How does the spread of a score grow with the number of products in it?",
            edits={CAUSAL: "is_causal=mask is None, scale=1.0"},
        ),
        Misconception(
            id="split-without-transpose",
            name="the heads are split by reshape alone, so that words get mixed",
            hint="reshape cuts memory in its order: words first, then features. Which two axes must change places after the features have been cut?",
            edits={SPLIT: "layer(x).reshape(len(x), -1, x.shape[1], self.head_size)"},
        ),
        Misconception(
            id="heads-interleaved",
            name="the features are dealt to the heads in turn, one by one",
            hint="Which features does the first head have: the first few, or every so many-th?",
            edits={SPLIT: "layer(x).unflatten(-1, (self.head_size, -1)).permute(0, 3, 1, 2)"},
        ),
        Misconception(
            id="merged-without-transpose",
            name="the heads are merged by reshape alone, so that words get mixed",
            hint="After the attention the axes are batch, heads, words, features. Which two must change places before they are joined?",
            edits={RETURN: RETURN.replace("seen.transpose(1, 2).flatten(2)", "seen.reshape(len(x), new, -1)")},
        ),
        Misconception(
            id="keys-and-values-swapped",
            name="the layers for keys and values have changed places",
            hint="Which layer makes what is compared, and which what is found?",
            edits={"(self.query, self.key, self.value)": "(self.query, self.value, self.key)"},
        ),
        Misconception(
            id="no-output-layer",
            name="the last layer is left out",
            hint="The heads are side by side now. What mixes them?",
            edits={RETURN: RETURN.replace("self.output(seen.transpose(1, 2).flatten(2))", "F.linear(seen.transpose(1, 2).flatten(2), torch.eye(seen.shape[1] * seen.shape[3])[: x.shape[-1]])")},
        ),
    ),
)
