"""`CachedAttention`: Causal self-attention that remembers: words already read are not read again."""

import torch
import torch.nn.functional as F
from torch import nn

from autograder.draw import doubled, normal, weights
from autograder.exercise import Exercise, Misconception
from autograder.exercises.gpt.shared import CachedAttentionSoftmax, probe_in_parts, some_mask
from unrolled.gpt import CachedAttention


def cached_attention_inputs(rng):
    """Batch 2, seven words in parts, d_model 15 in 5 heads; one word of one text, one head, another text before each part.

    The masks are the same for all heads, or for all texts too, or of each head its own; one lets words look ahead.
    """

    def case(*parts, batch=2, heads=5, masks=None, ahead=False, earlier=False):
        time = sum(parts)
        return {
            "arguments": [15, heads],
            "weights": weights(rng, CachedAttention, 15, heads),
            "inputs": {
                "x": normal(rng, batch, time, 15),
                "mask": None if masks is None else some_mask(rng, *masks, time, time, ahead=ahead),
            },
            "parts": list(parts),
            "earlier": normal(rng, batch, 3, 15) if earlier else None,
        }

    loud = case(5)  # some scores lie 10,000 and more apart; float64 has digits enough for that
    loud["inputs"]["x"][:, [1, -1]] *= 300.0
    return {
        "all words at once": [case(7), case(1, batch=1), case(4, earlier=True), doubled(loud)],
        "word by word": [case(1, 1, 1, 1), case(3, 1, 1), case(2, 1, batch=1, heads=1)],
        "several words at once": [case(2, 3, 2), case(4, 3), case(3, 2, earlier=True)],
        "with a mask": [
            case(7, masks=(2, 1)),
            case(4, 1, 2, masks=(2, 1)),
            case(3, 4, masks=(1, 5)),
            case(6, masks=(1, 1), ahead=True),
            case(1, batch=1, masks=(1, 1)),
        ],
    }


class CachedAttentionWordByWord(nn.Module):
    """One query after the other: none needs a mask, if what comes later is cut off."""

    def __init__(self, d_model, heads):
        super().__init__()
        self.heads, self.qkv, self.output = heads, nn.Linear(d_model, 3 * d_model), nn.Linear(d_model, d_model)

    def forward(self, x, past=None, mask=None):
        d = x.shape[-1]
        q, k, v = (F.linear(x, self.qkv.weight[i : i + d], self.qkv.bias[i : i + d]) for i in (0, d, 2 * d))
        q, k, v = (torch.stack(part.chunk(self.heads, -1), dim=1) for part in (q, k, v))
        if past:
            k, v = torch.cat((past[0], k), 2), torch.cat((past[1], v), 2)
        outputs = []
        for i in range(x.shape[1]):
            seen = k.shape[2] if mask is not None else k.shape[2] - x.shape[1] + i + 1
            scores = torch.einsum("bhf,bhtf->bht", q[:, :, i], k[:, :, :seen]) * q.shape[-1] ** -0.5
            if mask is not None:
                scores = scores + torch.where(mask[:, :, i, :seen], 0.0, -torch.inf)
            outputs.append(torch.einsum("bht,bhtf->bhf", scores.softmax(-1), v[:, :, :seen]).flatten(1))
        return self.output(torch.stack(outputs, dim=1)), [k, v]


GROWN = "key, value = torch.cat([past[0], key], dim=2), torch.cat([past[1], value], dim=2)"
MASKED = "if mask is None and past is not None and new > 1:"
CAUSAL = "causal=mask is None and past is None"

CACHED_ATTENTION = Exercise(
    solves="unrolled.gpt.CachedAttention",
    groups={"all words at once": 1, "word by word": 2, "several words at once": 1, "with a mask": 1},
    inputs=cached_attention_inputs,
    probe=probe_in_parts,
    blanks=("forward",),
    accepts=(CachedAttentionSoftmax, CachedAttentionWordByWord),
    forbids=("torch.nn.MultiheadAttention", "torch.nn.functional.multi_head_attention_forward"),
    misconceptions=(
        Misconception(
            id="past-forgotten",
            name="the past is not used",
            hint="The second part of a sentence is read as if it were the first. Where do the keys and values of the words "
            "before come in?",
            edits={"if past is not None:": "if False:"},
        ),
        Misconception(
            id="only-the-past",
            name="the keys and values of the new words are left out when there is a past",
            hint="May a word look at itself? Its key and value must be there too.",
            edits={GROWN: "key, value = past"},
        ),
        Misconception(
            id="past-behind",
            name="the past is put after the new words instead of before them",
            hint="torch.cat keeps the order of its list. Which words come first in the sentence?",
            edits={GROWN: "key, value = torch.cat([key, past[0]], dim=2), torch.cat([value, past[1]], dim=2)"},
        ),
        Misconception(
            id="cache-grown-along-heads",
            name="the cache grows along the axis of the heads",
            hint="Keys are (batch, heads, words, features). New words make which of these axes longer?",
            edits={GROWN: GROWN.replace("dim=2", "dim=1")},
        ),
        Misconception(
            id="cache-grown-along-the-batch",
            name="the cache grows along the axis of the batch",
            hint="Keys are (batch, heads, words, features), and torch.cat takes axis 0 if you do not say otherwise. New "
            "words make which of the axes longer?",
            edits={GROWN: GROWN.replace("dim=2", "dim=0")},
        ),
        Misconception(
            id="cache-grown-along-the-features",
            name="the cache grows along the axis of the features",
            hint="Keys are (batch, heads, words, features). New words make which of these axes longer?",
            edits={GROWN: GROWN.replace("dim=2", "dim=-1")},
        ),
        Misconception(
            id="key-and-value-of-the-past-swapped",
            name="the keys and the values of the past are taken for each other",
            hint="In which order do you return the pair, and in which do you unpack it?",
            edits={GROWN: GROWN.replace("past[0]", "past[-2 + 1]").replace("past[1]", "past[0]")},
        ),
        Misconception(
            id="only-new-returned",
            name="only the keys and values of the new words are returned",
            hint="After two calls, who still knows of the first one's words?",
            edits={"flatten(2)), (key, value)": "flatten(2)), (key[:, :, -new:], value[:, :, -new:])"},
        ),
        Misconception(
            id="no-causal-mask",
            name="no word is kept from looking at later ones",
            hint="In training all words are there at once. What keeps a word from looking up the next one?",
            edits={MASKED: "if False:", CAUSAL: "causal=False"},
        ),
        Misconception(
            id="no-mask-with-a-past",
            name="several new words after a past are not kept from looking at each other",
            hint="One new word may see all that is there. But the first of three new ones?",
            edits={MASKED: "if False:"},
        ),
        Misconception(
            id="square-mask-with-a-past",
            name="the causal mask begins at the first word of the past instead of the first new one",
            hint="`causal=True` lets query i look at keys 0 to i. But after a past of five words the first query is "
            "word number five: how many keys may it see?",
            edits={MASKED: "if False:", CAUSAL: "causal=mask is None"},
        ),
        Misconception(
            id="first-rows-of-the-mask",
            name="the first rows of the causal mask are taken instead of the last ones",
            hint="The new words are the last of the sentence. Which rows of the square are theirs?",
            edits={"causal_mask(time)[-new:]": "causal_mask(time)[:new]"},
        ),
        Misconception(
            id="mask-of-the-new-words-only",
            name="the causal mask has a column for each new word only, and none for the past",
            hint="Three new words after a past of five: 3 queries and 8 keys. How many rows and columns does the mask need?",
            edits={MASKED: "if mask is None:", "causal_mask(time)[-new:]": "causal_mask(new)"},
        ),
        Misconception(
            id="new-words-only-themselves",
            name="with a past, the new words see the past and themselves, but no other new word",
            hint="The third new word comes after the first new word. May it look there?",
            edits={
                "causal_mask(time)[-new:]": (
                    "torch.cat([causal_mask(time)[-new:, :-new], torch.eye(new, dtype=torch.bool)], dim=1)"
                )
            },
        ),
        Misconception(
            id="mask-ignored",
            name="a mask that is given is not used",
            hint="forward has an argument mask, which hides padding. Where do you use it?",
            edits={
                "new, time = query.shape[2], key.shape[2]": "new, time, mask = query.shape[2], key.shape[2], None",
            },
        ),
        Misconception(
            id="mask-inverted",
            name="the mask that is given is turned round",
            hint="True says: here one may look. Which value do you block?",
            edits={
                "new, time = query.shape[2], key.shape[2]": (
                    "new, time, mask = query.shape[2], key.shape[2], None if mask is None else ~mask"
                ),
            },
        ),
        Misconception(
            id="mask-overwritten",
            name="the causal mask takes the place of a mask that is given",
            hint="Without a mask a word looks at all before it. And with one?",
            edits={MASKED: "if 1 < new:"},
        ),
        Misconception(
            id="mask-and-causal",
            name="a causal mask is added to the mask that is given",
            hint="The mask says where each word may look: all of it. What if it lets a word look ahead?",
            edits={
                MASKED: f"if mask is not None:\n            mask = mask & causal_mask(time)[-new:]\n        {MASKED}"
            },
        ),
        Misconception(
            id="causal-mask-upside-down",
            name="the causal mask lets words look at later words only, and at themselves",
            hint="`tril` keeps what is below the diagonal, `triu` what is above. Rows are queries: which keys are earlier?",
            edits={
                MASKED: "if mask is None and 1 < new:",
                "causal_mask(time)[-new:]": "torch.ones(time, time, dtype=torch.bool).triu()[-new:]",
            },
        ),
        Misconception(
            id="not-at-itself",
            name="a word may not look at itself",
            hint="Where may the very first word look in yours? On which side of the line is the diagonal?",
            edits={
                MASKED: "if mask is None and 1 < new:",
                "causal_mask(time)[-new:]": "causal_mask(time).tril(-1)[-new:]",
            },
        ),
        Misconception(
            id="one-word-ahead",
            name="a word may look at the next one, too",
            hint="In training that is the very word to be guessed. On which diagonal should the triangle end?",
            edits={
                MASKED: "if mask is None and 1 < new:",
                "causal_mask(time)[-new:]": "torch.ones(time, time, dtype=torch.bool).tril(1)[-new:]",
            },
        ),
        Misconception(
            id="mask-of-numbers",
            name="the causal mask consists of 1s and 0s, which are added to the scores and hide nothing",
            hint="`attend` blocks where a *boolean* mask is False. Of which dtype is yours?",
            edits={
                MASKED: "if mask is None and 1 < new:",
                "causal_mask(time)[-new:]": "causal_mask(time)[-new:].float()",
            },
        ),
        Misconception(
            id="key-query-value",
            name="the first part of the projection is taken for the keys and the second for the queries",
            hint="The docstring says in which order `qkv` makes its three parts. Which is yours?",
            edits={"query, key, value = (": "key, query, value = ("},
        ),
        Misconception(
            id="query-value-key",
            name="the second part of the projection is taken for the values and the third for the keys",
            hint="The docstring says in which order `qkv` makes its three parts. Which is yours?",
            edits={"query, key, value = (": "query, value, key = ("},
        ),
        Misconception(
            id="three-in-turn",
            name="`qkv`'s features are dealt to queries, keys and values in turn, one by one",
            hint="First come all features of the queries, then all of the keys. Which ones lie side by side in yours?",
            edits={"self.qkv(x).chunk(3, dim=-1)": "self.qkv(x).unflatten(-1, (-1, 3)).unbind(-1)"},
        ),
        Misconception(
            id="three-within-each-head",
            name="`qkv`'s features are cut into heads first, and each head's into queries, keys and values",
            hint="So do GPT-NeoX and BLOOM. Here `qkv` makes *all* queries first. What do you cut first, and what then?",
            edits={
                "self.qkv(x).chunk(3, dim=-1)": "self.qkv(x).unflatten(-1, (self.heads, -1)).chunk(3, dim=-1)",
                "part.unflatten(-1, (self.heads, -1)).transpose(1, 2)": "part.transpose(1, 2)",
            },
        ),
        Misconception(
            id="one-head",
            name="the features are not split into heads",
            hint="Each head has a softmax of its own. How do you make (batch, heads, words, features) of (batch, words, d_model)?",
            edits={"part.unflatten(-1, (self.heads, -1))": "part.unflatten(-1, (1, -1))"},
        ),
        Misconception(
            id="two-heads",
            name="there are two heads, as in the example",
            hint="Another model has other heads. Where has `__init__` written down how many?",
            edits={"part.unflatten(-1, (self.heads, -1))": "part.view(*x.shape[:2], 2, x.shape[2] // 2)"},
        ),
        Misconception(
            id="heads-split-without-transpose",
            name="the heads are split by reshape alone, so that words get mixed",
            hint="reshape cuts memory in its order: words first, then features. Which two axes must change places after "
            "the features have been cut?",
            edits={
                "part.unflatten(-1, (self.heads, -1)).transpose(1, 2)": (
                    "part.reshape(len(x), self.heads, x.shape[1], -1)"
                )
            },
        ),
        Misconception(
            id="heads-interleaved",
            name="the features are dealt to the heads in turn, one by one",
            hint="With 15 features and 5 heads, head 0 has features 0, 1 and 2. Which has it in yours?",
            edits={
                "part.unflatten(-1, (self.heads, -1)).transpose(1, 2)": (
                    "part.unflatten(-1, (-1, self.heads)).permute(0, 3, 1, 2)"
                )
            },
        ),
        Misconception(
            id="heads-merged-without-transpose",
            name="the heads are merged by reshape alone, so that words get mixed",
            hint="Before the heads are laid side by side, which axis must stand next to the features?",
            edits={"output.transpose(1, 2).flatten(2)": "output.reshape(x.shape)"},
        ),
        Misconception(
            id="no-output-projection",
            name="the last projection is missing",
            hint="There are two layers, `qkv` and another one. Which do you never call?",
            edits={"self.output(output.transpose(1, 2).flatten(2))": "output.transpose(1, 2).flatten(2)"},
        ),
        Misconception(
            id="not-scaled",
            name="the scores are not divided by the root of d_k",
            hint="Chapter 5 shows what large scores do to a softmax. By what are they divided?",
            edits={"self.attend(query": "self.attend(query * query.shape[-1] ** 0.5"},
        ),
        Misconception(
            id="scaled-twice",
            name="the scores are divided by the root of d_k twice",
            hint="`attend` does all that chapter 5's attention does. What is there left to divide?",
            edits={"self.attend(query": "self.attend(query / query.shape[-1] ** 0.5"},
        ),
        Misconception(
            id="scaled-by-d-model",
            name="the scores are divided by the root of d_model instead of that of one head's features",
            hint="How many features are multiplied and added in a single score: those of the model or those of a head?",
            edits={"self.attend(query": "self.attend(query * self.heads**-0.5"},
        ),
        Misconception(
            id="only-the-output",
            name="only the output is returned",
            hint="The signature promises a pair. Who will need the keys and values of these words later?",
            edits={"flatten(2)), (key, value)": "flatten(2))"},
        ),
        Misconception(
            id="values-before-keys",
            name="values and keys are returned in the wrong order",
            hint="The next call takes the first of the pair for the keys. Which is the first of yours?",
            edits={"flatten(2)), (key, value)": "flatten(2)), (value, key)"},
        ),
        Misconception(
            id="queries-of-the-past",
            name="the past's keys are put before the queries, too",
            hint="Who asks in this call: all words, or the new ones? How many rows has the output?",
            edits={
                GROWN: f"{GROWN}\n            query = torch.cat([past[0], query], dim=2)",
                "new, time = query.shape[2], key.shape[2]": "new, time = x.shape[1], key.shape[2]",
                "output.transpose(1, 2).flatten(2)": "output.transpose(1, 2).reshape(x.shape)",
            },
        ),
        Misconception(
            id="only-keys-remembered",
            name="only the keys are put after those of the past, not the values",
            hint="Each key has a value. How many of each are there in your second call?",
            edits={GROWN: "key = torch.cat([past[0], key], dim=2)"},
        ),
        Misconception(
            id="values-behind-the-old-keys",
            name="the new values are put after the old keys",
            hint="`past` is a pair. Which of the two do the values belong to?",
            edits={GROWN: GROWN.replace("past[1]", "past[0]")},
        ),
        Misconception(
            id="heads-merged-before-returned",
            name="keys and values are returned as (batch, words, d_model), with the heads merged",
            hint="What does the docstring say of the shape of `past`, and what will the next call put after it?",
            edits={
                "flatten(2)), (key, value)": (
                    "flatten(2)), (key.transpose(1, 2).flatten(2), value.transpose(1, 2).flatten(2))"
                )
            },
        ),
        Misconception(
            id="memory-in-self",
            name="the module remembers keys and values by itself, and takes an earlier text's for this one's past",
            hint="Without a past a new text begins. Who should hold the memory: the module, or whoever calls it?",
            edits={
                "if past is not None:": "past = getattr(self, 'memory', None) if past is None else past\n"
                "        if past is not None:",
                "new, time = query.shape[2], key.shape[2]": (
                    "self.memory, new, time = (key, value), query.shape[2], key.shape[2]"
                ),
            },
        ),
        Misconception(
            id="residual",
            name="the input is added to the output",
            hint="That is the block's task (exercise 8.3). What does the formula of attention end with?",
            edits={
                "self.output(output.transpose(1, 2).flatten(2))": "x + self.output(output.transpose(1, 2).flatten(2))"
            },
        ),
        Misconception(
            id="keys-and-values-detached",
            name="no gradient flows through keys and values",
            hint="The values are right. Where do you cut them off (`.detach()`, `.data`)? Training has to reach all of `qkv`.",
            edits={
                "new, time = query.shape[2], key.shape[2]": (
                    "key, value = key.detach(), value.detach()\n        new, time = query.shape[2], key.shape[2]"
                )
            },
        ),
        Misconception(
            id="past-detached",
            name="no gradient flows into the past",
            hint="The values are right. Where do you cut the past off from how it was made (`.detach()`, `no_grad`)?",
            edits={GROWN: GROWN.replace("past[0]", "past[0].detach()").replace("past[1]", "past[1].detach()")},
        ),
        Misconception(
            id="past-not-split",
            name="keys and values are handed out as they were before the heads were split",
            hint="The docstring says what `past` looks like: (batch, heads, words, d_model / heads). At which point do "
            "yours have this shape?",
            edits={
                "torch.cat([past[0], key], dim=2), torch.cat([past[1], value], dim=2)": (
                    "(torch.cat([old.unflatten(-1, (self.heads, -1)).transpose(1, 2), new], dim=2) for old, new in zip(past, (key, value)))"
                ),
                "(key, value)\n": "tuple(part.transpose(1, 2).flatten(2) for part in (key, value))\n",
            },
        ),
        Misconception(
            id="past-from-the-module",
            name="keys and values are kept in the module, and `past` only says that there are some",
            hint="Between two parts of one text the module may read another. Whose keys are then in the module, and whose "
            "are in `past`?",
            edits={
                GROWN: (
                    "key, value = torch.cat([self.kept[0], key], dim=2), torch.cat([self.kept[1], value], dim=2)\n        self.kept = key, value"
                ),
            },
        ),
    ),
)
