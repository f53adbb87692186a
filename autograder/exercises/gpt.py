"""The exercises of chapter 08: the loss of the next word, attention with a cache, the block, the model, and its size."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from autograder.compare import Tolerance
from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception

# --- causal_lm_loss ---------------------------------------------------------------------------------------------------


def causal_lm_loss_inputs(rng):
    """Batch 3, time 5 or 7, vocabulary 11; one text fills its row, one has two words."""

    def case(batch, time, lengths):
        logits, ids = normal(rng, batch, time, 11), integers(rng, 0, 11, batch, time)
        return {"logits": logits, "input_ids": ids, "lengths": torch.tensor(lengths)}

    return {
        "no padding": [case(1, 7, [7]), case(2, 5, [5, 5])],
        "texts of unequal length": [case(3, 7, [7, 2, 5]), case(2, 5, [3, 4])],
    }


def probe_loss(answer, inputs):
    """Differentiate with respect to the logits."""
    from autograder.probes import differentiate

    return differentiate(answer, inputs)


def causal_lm_loss_gathered(logits, input_ids, lengths):
    scores = logits.log_softmax(-1)[:, :-1].gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    real = torch.arange(1, input_ids.shape[1]) < lengths[:, None]
    return -(scores * real).sum() / real.sum()


def causal_lm_loss_text_by_text(logits, input_ids, lengths):
    total, words = 0.0, 0
    for scores, ids, length in zip(logits, input_ids, lengths.tolist(), strict=True):
        for t in range(length - 1):
            total = total + scores[t].logsumexp(0) - scores[t, ids[t + 1]]
            words += 1
    return total / words


def causal_lm_loss_cut(logits, input_ids, lengths):
    pieces = [(s[: n - 1], i[1:n]) for s, i, n in zip(logits, input_ids, lengths.tolist(), strict=True)]
    return F.cross_entropy(torch.cat([s for s, _ in pieces]), torch.cat([i for _, i in pieces]))


def _mean_of_means(logits, input_ids, lengths):
    losses = F.cross_entropy(logits[:, :-1].transpose(1, 2), input_ids[:, 1:], reduction="none")
    real = torch.arange(1, input_ids.shape[1]) < lengths[:, None]
    return ((losses * real).sum(1) / real.sum(1)).mean()


def _log_of_the_mean(logits, input_ids, lengths):
    found = logits.softmax(-1)[:, :-1].gather(-1, input_ids[:, 1:, None])[..., 0]
    real = torch.arange(1, input_ids.shape[1]) < lengths[:, None]
    return -((found * real).sum() / real.sum()).log()


def _over_all_places(logits, input_ids, lengths):
    losses = F.cross_entropy(logits[:, :-1].transpose(1, 2), input_ids[:, 1:], reduction="none")
    return (losses * (torch.arange(1, input_ids.shape[1]) < lengths[:, None])).mean()


def _first_word_counted(logits, input_ids, lengths):
    losses = F.cross_entropy(logits[:, :-1].transpose(1, 2), input_ids[:, 1:], reduction="none")
    return (losses * (torch.arange(1, input_ids.shape[1]) < lengths[:, None])).sum() / lengths.sum()


CAUSAL_LM_LOSS = Exercise(
    solves="unrolled.gpt.causal_lm_loss",
    groups={"no padding": 2, "texts of unequal length": 1},
    inputs=causal_lm_loss_inputs,
    probe=probe_loss,
    accepts=(causal_lm_loss_gathered, causal_lm_loss_text_by_text, causal_lm_loss_cut),
    misconceptions=(
        Misconception(
            id="no-shift",
            name="the scores at a place are compared with the word at that same place",
            hint="That word has just been read: to copy it is no feat. For which word are the scores at place t?",
            edits={
                "input_ids.masked_fill(~real, -100)[:, 1:]": "input_ids.masked_fill(~real, -100)",
                "logits[:, :-1]": "logits",
            },
        ),
        Misconception(
            id="shifted-twice",
            name="the words are shifted by two places",
            hint="Hugging Face's models shift inside the loss; who shifts the labels before does it twice. How many "
            "places lie between a word and the next one?",
            edits={"[:, 1:]": "[:, 2:]", "logits[:, :-1]": "logits[:, :-2]"},
        ),
        Misconception(
            id="shifted-backwards",
            name="the scores at a place are compared with the word before it",
            hint="The model is asked for the next word. Which of the two, scores or words, loses its first place, and "
            "which its last?",
            edits={"[:, 1:]": "[:, :-1]", "logits[:, :-1]": "logits[:, 1:]"},
        ),
        Misconception(
            id="texts-shifted",
            name="the texts of the batch are shifted instead of the words",
            hint="The first axis counts texts. Which axis counts words?",
            edits={"[:, 1:]": "[1:]", "logits[:, :-1]": "logits[:-1]"},
        ),
        Misconception(
            id="padding-counted",
            name="the padding is averaged in",
            hint="What stands behind the end of a short text, and should the model be asked to predict it?",
            edits={"masked_fill(~real, -100)": "masked_fill(real & ~real, -100)"},
        ),
        Misconception(
            id="one-word-too-many",
            name="after the last real word one place of padding is counted",
            hint="A text of n words has n − 1 next words. Do you ask whether the word that is *read* is real, or the word "
            "that is to be *predicted*?",
            edits={
                "targets = input_ids.masked_fill(~real, -100)[:, 1:]": (
                    "targets = input_ids[:, 1:].masked_fill(~real[:, :-1], -100)"
                )
            },
        ),
        Misconception(
            id="one-word-too-few",
            name="the last word of every text is left out",
            hint="A text of n words has n − 1 next words. How many do you count in a text of two?",
            edits={"padding_mask(lengths,": "padding_mask(lengths - 1,"},
        ),
        Misconception(
            id="word-0-left-out",
            name="words are left out by their number, 0, instead of by the lengths",
            hint="Is a 0 always padding? Here a real word has that number too. What tells you where a text ends?",
            edits={
                "masked_fill(~real, -100)": "masked_fill(~real, 0)",
                "targets.flatten())": "targets.flatten(), ignore_index=0)",
            },
        ),
        Misconception(
            id="mean-of-means",
            name="each text is averaged on its own, and then the texts",
            hint="So a word of a short text counts more than one of a long text. What should every word count?",
            answer=_mean_of_means,
        ),
        Misconception(
            id="log-of-the-mean",
            name="the probabilities are averaged, and the logarithm is taken of their mean",
            hint="The log of a mean is not the mean of the logs: a word with probability 0.001 should hurt. Which comes first?",
            answer=_log_of_the_mean,
        ),
        Misconception(
            id="divided-by-all-places",
            name="the sum is divided by all places, padding included",
            hint="The padding is not in the sum. Should it be in what you divide by?",
            answer=_over_all_places,
        ),
        Misconception(
            id="divided-by-all-words",
            name="the sum is divided by the number of words, the first one of each text included",
            hint="Nobody predicts the first word of a text. How many terms has your sum?",
            answer=_first_word_counted,
        ),
        Misconception(
            id="sum",
            name="the terms are added and not averaged",
            hint="Then a larger batch has a larger loss, and takes larger steps. What does the docstring promise?",
            edits={"targets.flatten())": "targets.flatten(), reduction='sum')"},
        ),
        Misconception(
            id="softmax-twice",
            name="the scores go through a softmax before cross_entropy, which has its own",
            hint="Does torch's cross_entropy want scores or probabilities?",
            edits={"logits[:, :-1]": "logits.softmax(-1)[:, :-1]"},
        ),
        Misconception(
            id="perplexity",
            name="the perplexity is returned",
            hint="exp of what you want is a measure for readers. Which of the two does the docstring ask for?",
            edits={
                "return F.cross_entropy(": "return torch.exp(F.cross_entropy(",
                "targets.flatten())": "targets.flatten()))",
            },
        ),
    ),
)


# --- CachedAttention --------------------------------------------------------------------------------------------------


def attention_weights(rng, d_model, prefix=""):
    """Weights of a CachedAttention, unsaturated."""
    return {
        f"{prefix}qkv.weight": normal(rng, 3 * d_model, d_model, scale=0.4),
        f"{prefix}qkv.bias": normal(rng, 3 * d_model, scale=0.4),
        f"{prefix}output.weight": normal(rng, d_model, d_model, scale=0.4),
        f"{prefix}output.bias": normal(rng, d_model, scale=0.4),
    }


def some_mask(rng, batch, time):
    """Where each word may look, (batch, 1, time, time): at itself and some of those before it, never at the second."""
    mask = torch.from_numpy(rng.random((batch, 1, time, time)) < 0.6).tril()
    mask[..., 1] = False
    return mask | torch.eye(time, dtype=torch.bool)


def cached_attention_inputs(rng):
    """Batch 2, seven words in parts, d_model 15 in 5 heads."""

    def case(*parts, masked=False):
        return {
            "arguments": [15, 5],
            "weights": attention_weights(rng, 15),
            "x": normal(rng, 2, sum(parts), 15),
            "parts": list(parts),
            "mask": some_mask(rng, 2, sum(parts)) if masked else None,
        }

    return {
        "all words at once": [case(7)],
        "word by word": [case(1, 1, 1, 1), case(3, 1, 1)],
        "several words at once": [case(2, 3, 2), case(4, 3)],
        "with a mask": [case(7, masked=True), case(4, 1, 2, masked=True)],
    }


def probe_in_parts(answer, inputs):
    """Build the module, load the weights, and read x part by part, each with the past of the last; differentiate."""
    import torch

    from autograder.probes import differentiate

    names = list(inputs["weights"])

    def forward(x, **tensors):
        module = answer(*inputs["arguments"])
        loaded = {name: tensors[name.replace(".", "_")] for name in names}
        outputs, past, done = [], None, 0
        for new in inputs["parts"]:
            part, done = x[:, done : done + new], done + new
            mask = None if inputs["mask"] is None else inputs["mask"][:, :, done - new : done, :done].clone()
            output, past = torch.func.functional_call(module, loaded, (part, past, mask))
            outputs.append(output)
        return [*outputs, *past]

    weights = {name.replace(".", "_"): inputs["weights"][name] for name in names}
    return differentiate(forward, {"x": inputs["x"], **weights})


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
            seen = k.shape[2] - x.shape[1] + i + 1
            scores = torch.einsum("bhf,bhtf->bht", q[:, :, i], k[:, :, :seen]) * q.shape[-1] ** -0.5
            if mask is not None:
                scores = scores + torch.where(mask[:, :, i, :seen], 0.0, -torch.inf)
            outputs.append(torch.einsum("bht,bhtf->bhf", scores.softmax(-1), v[:, :, :seen]).flatten(1))
        return self.output(torch.stack(outputs, dim=1)), [k, v]


GROWN = "key, value = torch.cat([past[0], key], dim=2), torch.cat([past[1], value], dim=2)"
MASKED = "if mask is None and 1 < new < time:"
CAUSAL = "causal=mask is None and new == time"

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
            name="the past is put behind the new words instead of before them",
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
            name="several new words behind a past are not kept from looking at each other",
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
            hint="Three new words behind a past of five: 3 queries and 8 keys. How many rows and columns does the mask need?",
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
            id="past-detached",
            name="no gradient flows into the past",
            hint="The values are right. Where do you cut the past off from how it was made (`.detach()`, `no_grad`)?",
            edits={GROWN: GROWN.replace("past[0]", "past[0].detach()").replace("past[1]", "past[1].detach()")},
        ),
    ),
)


# --- GPTBlock ---------------------------------------------------------------------------------------------------------


def norm_weights(rng, name, d_model):
    """Weights of a LayerNorm, around 1 and 0 and each feature's own."""
    return {f"{name}.weight": 1 + normal(rng, d_model, scale=0.4), f"{name}.bias": normal(rng, d_model, scale=0.4)}


def block_weights(rng, d_model, d_ff, prefix="", scale=1.0):
    """Weights of a GPTBlock; with scale 1, the feed-forward layer's are large enough to tell one GELU from the other."""
    weights = norm_weights(rng, f"{prefix}attention_norm", d_model) | attention_weights(
        rng, d_model, f"{prefix}attention."
    )
    weights |= norm_weights(rng, f"{prefix}feed_forward_norm", d_model)
    return weights | {
        f"{prefix}expand.weight": normal(rng, d_ff, d_model, scale=scale),
        f"{prefix}expand.bias": normal(rng, d_ff, scale=0.4),
        f"{prefix}contract.weight": normal(rng, d_model, d_ff, scale=scale),
        f"{prefix}contract.bias": normal(rng, d_model, scale=0.4),
    }


def gpt_block_inputs(rng):
    """Batch 2, seven words in parts, d_model 6 in 3 heads, d_ff 11."""

    def case(*parts, masked=False):
        return {
            "arguments": [6, 3, 11],
            "weights": block_weights(rng, 6, 11),
            "x": 1.5 * normal(rng, 2, sum(parts), 6),
            "parts": list(parts),
            "mask": some_mask(rng, 2, sum(parts)) if masked else None,
        }

    return {"all words at once": [case(7), case(5)], "in parts, or with a mask": [case(4, 1, 2), case(5, masked=True)]}


def block_parts(module, d_model, heads, d_ff, eps):
    """The layers of a block, under the names it is given."""
    module.attention_norm, module.feed_forward_norm = nn.LayerNorm(d_model, eps), nn.LayerNorm(d_model, eps)
    module.attention = CachedAttentionSoftmax(d_model, heads)
    module.expand, module.contract = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)


class GPTBlockByFormula(nn.Module):
    """The GELU written out, all in one expression."""

    def __init__(self, d_model, heads, d_ff, eps=1e-5):
        super().__init__()
        block_parts(self, d_model, heads, d_ff, eps)

    def gelu(self, x):
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))

    def forward(self, x, past=None, mask=None):
        output, cache = self.attention(self.attention_norm(x), past=past, mask=mask)
        x = output + x
        return self.contract(self.gelu(self.expand(self.feed_forward_norm(x)))) + x, cache


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


WIDE = 'F.gelu(self.expand(self.feed_forward_norm(x)), approximate="tanh")'

GPT_BLOCK = Exercise(
    solves="unrolled.gpt.GPTBlock",
    groups={"all words at once": 2, "in parts, or with a mask": 1},
    inputs=gpt_block_inputs,
    probe=probe_in_parts,
    blanks=("forward",),
    uses=("CachedAttention",),
    tolerance=Tolerance(relative=5e-4, absolute=5e-5),  # gradients of many terms in single precision
    accepts=(GPTBlockByFormula, GPTBlockModules),
    forbids=("torch.nn.TransformerEncoderLayer", "torch.nn.TransformerDecoderLayer", "torch.nn.MultiheadAttention"),
    misconceptions=(
        Misconception(
            id="exact-gelu",
            name="the GELU is the exact one",
            hint="BERT has that one, and it is torch's default. GPT-2 was trained with an approximation by tanh, and its "
            "weights want it back. Which argument of F.gelu says so?",
            edits={', approximate="tanh"': ""},
        ),
        Misconception(
            id="sigmoid-gelu",
            name="the GELU is approximated by a sigmoid",
            hint="x · σ(1.702 x) is quicker, and OpenAI's CLIP uses it. GPT-2 has the approximation by tanh: what is it "
            "called in F.gelu?",
            edits={
                WIDE: (
                    "self.expand(self.feed_forward_norm(x)) "
                    "* torch.sigmoid(1.702 * self.expand(self.feed_forward_norm(x)))"
                )
            },
        ),
        Misconception(
            id="relu",
            name="a ReLU stands where the GELU should be",
            hint="The first Transformer had max(0, …). What has GPT?",
            edits={"F.gelu(": "F.relu(", ', approximate="tanh"': ""},
        ),
        Misconception(
            id="no-gelu",
            name="there is nothing between the two linear layers",
            hint="Two linear layers in a row are one linear layer. What stands between them?",
            edits={WIDE: "self.expand(self.feed_forward_norm(x))"},
        ),
        Misconception(
            id="gelu-at-the-end",
            name="the GELU comes after the second linear layer",
            hint="Between which two layers does it stand?",
            edits={
                WIDE: "self.expand(self.feed_forward_norm(x))",
                "x + self.contract(wide)": 'x + F.gelu(self.contract(wide), approximate="tanh")',
            },
        ),
        Misconception(
            id="post-norm",
            name="the norms are applied to the sums, as in 2017",
            hint="GPT-1 still did so; GPT-2 moved the norms to the front. What goes into the attention?",
            edits={
                "self.attention(self.attention_norm(x), past, mask)": "self.attention(x, past, mask)",
                "x = x + attended": "x = self.attention_norm(x + attended)",
                "self.expand(self.feed_forward_norm(x))": "self.expand(x)",
                "return x + self.contract(wide), present": (
                    "return self.feed_forward_norm(x + self.contract(wide)), present"
                ),
            },
        ),
        Misconception(
            id="no-residual-around-attention",
            name="the residual path around the attention is missing",
            hint="What if the attention has nothing to say of a word: where is the word itself after your first step?",
            edits={"x = x + attended": "x = attended"},
        ),
        Misconception(
            id="no-residual-around-feed-forward",
            name="the residual path around the feed-forward layer is missing",
            hint="There are two layers and two sums. Where is the second one?",
            edits={"return x + self.contract(wide)": "return self.contract(wide)"},
        ),
        Misconception(
            id="residual-from-the-normed-input",
            name="the normed input is added to the attention's output instead of the input itself",
            hint="Pre-norm leaves one path through the whole stack untouched. What do you add: x, or what came out of the "
            "norm?",
            edits={"x = x + attended": "x = self.attention_norm(x) + attended"},
        ),
        Misconception(
            id="second-residual-from-the-input",
            name="the second sum adds the block's input instead of what the first sum made",
            hint="The attention has added something to x. Where is it after your second sum?",
            edits={"return x + self.contract(wide)": "return x - attended + self.contract(wide)"},
        ),
        Misconception(
            id="both-residuals-from-the-normed-input",
            name="x is overwritten by its norm before both layers",
            hint="After `x = norm(x)`, where is the old x that should be added?",
            edits={
                "x = x + attended": "x = self.attention_norm(x) + attended",
                "return x + self.contract(wide)": "return self.feed_forward_norm(x) + self.contract(wide)",
            },
        ),
        Misconception(
            id="feed-forward-not-normed",
            name="the feed-forward layer is given its input without the norm",
            hint="Each of the two layers has a norm in front. Where is the second one?",
            edits={"self.expand(self.feed_forward_norm(x))": "self.expand(x)"},
        ),
        Misconception(
            id="attention-not-normed",
            name="the attention is given its input without the norm",
            hint="Each of the two layers has a norm in front. Where is the first one?",
            edits={"self.attention(self.attention_norm(x), past, mask)": "self.attention(x, past, mask)"},
        ),
        Misconception(
            id="norms-swapped",
            name="the two norms are swapped",
            hint="Which of the two norms carries the name of the layer behind it?",
            edits={
                "self.attention(self.attention_norm(x)": "self.attention(self.feed_forward_norm(x)",
                "self.expand(self.feed_forward_norm(x))": "self.expand(self.attention_norm(x))",
            },
        ),
        Misconception(
            id="one-norm-for-both",
            name="the attention's norm is used for both layers",
            hint="There are two norms, each with weights of its own. Which one do you never call?",
            edits={"self.expand(self.feed_forward_norm(x))": "self.expand(self.attention_norm(x))"},
        ),
        Misconception(
            id="parallel",
            name="the feed-forward layer is given the block's input instead of what the attention made",
            hint="So do GPT-J and PaLM, to save time. Here one layer follows the other: what goes into the second?",
            edits={"self.expand(self.feed_forward_norm(x))": "self.expand(self.feed_forward_norm(x - attended))"},
        ),
        Misconception(
            id="past-not-passed",
            name="the past is not passed on to the attention",
            hint="forward gets the past. Who needs it?",
            edits={"self.attention_norm(x), past, mask)": "self.attention_norm(x), None, None if past else mask)"},
        ),
        Misconception(
            id="mask-not-passed",
            name="the mask is not passed on to the attention",
            hint="forward gets a mask. Who needs it?",
            edits={"self.attention_norm(x), past, mask)": "self.attention_norm(x), past)"},
        ),
        Misconception(
            id="past-and-mask-swapped",
            name="past and mask are handed to the attention in the wrong order",
            hint="In which order does the attention's forward take its arguments?",
            edits={"self.attention_norm(x), past, mask)": "self.attention_norm(x), mask, past)"},
        ),
        Misconception(
            id="old-past-returned",
            name="the past is returned as it came, without the new words",
            hint="The next call needs the keys and values of all words so far. Who has just made them?",
            edits={"self.contract(wide), present": "self.contract(wide), past"},
        ),
        Misconception(
            id="only-the-output",
            name="only the output is returned",
            hint="The signature promises a pair. What is its second part?",
            edits={"return x + self.contract(wide), present": "return x + self.contract(wide)"},
        ),
        Misconception(
            id="in-place",
            name="the sum is written into x itself (`x += …`)",
            hint="The norm needs the old x for its gradient, and whoever called you may need it too. Which line makes a new "
            "tensor, `x += y` or `x = x + y`?",
            edits={"x = x + attended": "x += attended"},
        ),
    ),
)


# --- GPT --------------------------------------------------------------------------------------------------------------


def gpt_inputs(rng):
    """Batch 2, words in parts, vocabulary 11, 13 positions, d_model 15 in 3 heads, two layers; tied and not.

    Padding stands in front: behind a text it would change nothing, since no word looks ahead.
    """

    def case(*parts, tied=True, padding=None):
        weights = {"embedding.weight": normal(rng, 11, 15), "position.weight": normal(rng, 13, 15)}
        for layer in range(2):
            weights |= block_weights(rng, 15, 7, f"blocks.{layer}.", scale=0.4)
        weights |= norm_weights(rng, "norm", 15)
        if not tied:
            weights["head.weight"] = normal(rng, 11, 15)
        time = sum(parts)
        real = None if padding is None else (torch.arange(time) >= torch.tensor(padding)[:, None]).long()
        sizes = {"vocabulary": 11, "positions": 13, "d_model": 15, "heads": 3, "layers": 2, "d_ff": 7, "eps": 1e-5}
        return {
            "config": sizes | {"tied": tied},
            "weights": weights,
            "input_ids": integers(rng, 0, 11, 2, time),
            "parts": list(parts) if len(parts) > 1 else None,
            "attention_mask": real,
        }

    return {
        "all words at once": [case(7), case(5, tied=False)],
        "step by step": [case(5, 1), case(1, 4, 2, tied=False)],
        "with padding": [case(7, padding=[0, 3])],
    }


def probe_gpt(answer, inputs):
    """Build the model, load the weights; scores for a batch at once, or step by step with the last state."""
    from types import SimpleNamespace

    import torch

    from autograder.probes import differentiate

    names = list(inputs["weights"])

    class Reader(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = answer(SimpleNamespace(**inputs["config"]))

        def forward(self, ids, attention_mask, parts):
            if parts is None:
                given = () if attention_mask is None else (attention_mask.clone(),)
                scores = self.model(ids, *given)
                return scores if attention_mask is None else scores[attention_mask.bool()]
            outputs, state, done = [], None, 0
            for new in parts:
                scores, state = self.model.step(ids[:, done : done + new], state)
                outputs.append(scores)
                done += new
            return [*outputs, *state]

    def forward(input_ids, **tensors):
        loaded = {f"model.{name}": tensors[name.replace(".", "_")] for name in names}
        return torch.func.functional_call(Reader(), loaded, (input_ids, inputs["attention_mask"], inputs["parts"]))

    weights = {name.replace(".", "_"): inputs["weights"][name] for name in names}
    return differentiate(forward, {"input_ids": inputs["input_ids"], **weights})


class _Given(nn.Module):
    """What the class is given: its layers, `visible` and `step`."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.d_model)
        self.position = nn.Embedding(config.positions, config.d_model)
        self.blocks = nn.ModuleList(
            GPTBlockModules(config.d_model, config.heads, config.d_ff, config.eps) for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(config.d_model, config.eps)
        self.head = nn.Linear(config.d_model, config.vocabulary, bias=False)
        if config.tied:
            self.head.weight = self.embedding.weight

    def visible(self, real):
        length = real.shape[1]
        return torch.ones(length, length).tril().bool() & real[:, None, None, :] | torch.eye(length).bool()

    def step(self, ids, state=None):
        x, state = self.read(ids, state)
        return self.head(x[:, -1]), state


class GPTIterator(_Given):
    """The state is eaten from the front."""

    def read(self, input_ids, state=None, mask=None):
        rest, present = iter(state or []), []
        start = len(state[0][0, 0]) if state else 0
        x = self.embedding(input_ids) + self.position.weight[start : start + input_ids.shape[1]]
        for block in self.blocks:
            past = (next(rest), next(rest)) if state else None
            x, (key, value) = block(x, past, mask)
            present.extend([key, value])
        return F.layer_norm(x, x.shape[-1:], self.norm.weight, self.norm.bias, self.norm.eps), present

    def forward(self, input_ids, attention_mask=None):
        mask = self.visible(attention_mask > 0) if attention_mask is not None else None
        return F.linear(self.read(input_ids, None, mask)[0], self.head.weight)


class GPTPairs(_Given):
    """The state in pairs, zipped with the blocks."""

    def read(self, input_ids, state=None, mask=None):
        layers, time = len(self.blocks), input_ids.size(1)
        pairs = [None] * layers if state is None else list(zip(state[::2], state[1::2], strict=True))
        first = 0 if state is None else state[-1].size(2)
        ids = first + torch.arange(time).expand_as(input_ids)
        x, new = self.position(ids) + self.embedding(input_ids), []
        for block, pair in zip(self.blocks, pairs, strict=True):
            x, pair = block(x, past=pair, mask=mask)
            new = [*new, *pair]
        return self.norm(x), new

    def forward(self, input_ids, attention_mask=None):
        if attention_mask is None:
            x, _ = self.read(input_ids)
        else:
            x, _ = self.read(input_ids, mask=self.visible(attention_mask == 1))
        return torch.einsum("btf,vf->btv", x, self.head.weight)


STATE_OF = "(state[2 * i], state[2 * i + 1]) if state else None"
START = "past = state[0].shape[2] if state else 0"
VISIBLE = "None if attention_mask is None else self.visible(attention_mask.bool())"

GPT_MODEL = Exercise(
    solves="unrolled.gpt.GPT",
    groups={"all words at once": 2, "step by step": 2, "with padding": 1},
    inputs=gpt_inputs,
    probe=probe_gpt,
    blanks=("read", "forward"),
    uses=("GPTBlock",),
    tolerance=Tolerance(relative=1e-3, absolute=1e-4),
    accepts=(GPTIterator, GPTPairs),
    misconceptions=(
        Misconception(
            id="positions-restarted",
            name="the positions begin at 0 again when there is a state",
            hint="The first new word stands where the state ends. How many words does the state hold, and which axis of "
            "its tensors says so?",
            edits={START: "past = 0"},
        ),
        Misconception(
            id="position-from-the-wrong-axis",
            name="the positions begin at the number of heads instead of the number of words in the state",
            hint="Keys are (batch, heads, words, features). Which axis do you read?",
            edits={START: "past = state[0].shape[1] if state else 0"},
        ),
        Misconception(
            id="position-from-the-batch",
            name="the positions begin at the number of rows instead of the number of words in the state",
            hint="len of a tensor is its first axis. Keys are (batch, heads, words, features): which axis counts words?",
            edits={START: "past = len(state[0]) if state else 0"},
        ),
        Misconception(
            id="position-from-the-list",
            name="the positions begin at the number of tensors in the state instead of the number of words",
            hint="The state is a list with two tensors for each block. What tells you how many words it holds?",
            edits={START: "past = len(state) if state else 0"},
        ),
        Misconception(
            id="positions-from-one",
            name="the positions are counted from 1",
            hint="Which row of the table belongs to the first word?",
            edits={"torch.arange(past, time": "torch.arange(past + 1, time + 1"},
        ),
        Misconception(
            id="positions-end-too-early",
            name="the positions go from the end of the state to the number of new words",
            hint="With five words in the state and two new ones, which places do these two have? From where to where does "
            "your range go?",
            edits={"torch.arange(past, time": "torch.arange(past, input_ids.shape[1]"},
        ),
        Misconception(
            id="no-positions",
            name="the positions are left out",
            hint="What tells the model the order of the words?",
            edits={" + self.position(places)": " + 0 * self.position(places)"},
        ),
        Misconception(
            id="embedding-scaled",
            name="the embedding is multiplied by the root of d_model",
            hint="So does the first Transformer (chapter 6), whose positions are fixed and large. GPT learns its positions: "
            "what does it need the factor for?",
            edits={"x = self.embedding(input_ids)": "x = self.config.d_model**0.5 * self.embedding(input_ids)"},
        ),
        Misconception(
            id="no-last-norm",
            name="the norm behind the last block is missing",
            hint="Pre-norm lets the sums grow from block to block (chapter 6). What stands between the last block and the "
            "scores?",
            edits={"return self.norm(x), present": "return x, present"},
        ),
        Misconception(
            id="norm-in-front",
            name="the last norm is applied before the blocks instead of after them",
            hint="Each block norms its own input already. Where is the one norm that belongs to no block?",
            edits={
                "x = self.embedding(input_ids) + self.position(places)": (
                    "x = self.norm(self.embedding(input_ids) + self.position(places))"
                ),
                "return self.norm(x), present": "return x, present",
            },
        ),
        Misconception(
            id="first-blocks-state-for-all",
            name="every block is given the state of the first one",
            hint="Each block has keys and values of its own. Which entries of the list are those of block i?",
            edits={STATE_OF: "(state[0], state[1]) if state else None"},
        ),
        Misconception(
            id="state-overlaps",
            name="block i is given entries i and i + 1 of the state",
            hint="Each block has two entries in the list. Where do those of the second block begin?",
            edits={STATE_OF: "(state[i], state[i + 1]) if state else None"},
        ),
        Misconception(
            id="keys-before-values",
            name="the state is read as if all keys came first and then all values",
            hint="The docstring gives the order: key and value of the first block, then of the second. Which entries are "
            "those of block i?",
            edits={STATE_OF: "(state[i], state[i + len(self.blocks)]) if state else None"},
        ),
        Misconception(
            id="state-not-used",
            name="the blocks are not given the state",
            hint="The first step knows of nothing before it. But the second? Who needs the state?",
            edits={STATE_OF: "None"},
        ),
        Misconception(
            id="state-not-renewed",
            name="the state is returned as it came, without the new words",
            hint="Each block returns its keys and values with the new ones. Where do you collect them?",
            edits={"return self.norm(x), present": "return self.norm(x), state if state else present"},
        ),
        Misconception(
            id="state-of-the-last-block-only",
            name="the new state holds the last block's keys and values only",
            hint="How many entries has the list after the loop?",
            edits={"present += pair": "present = [*pair]"},
        ),
        Misconception(
            id="state-appended",
            name="the new entries are put behind the old ones",
            hint="A block returns *all* its keys, old and new. How many entries should the list have after the second step?",
            edits={"present = []": "present = list(state or [])"},
        ),
        Misconception(
            id="state-in-pairs",
            name="the state is a list of pairs instead of a flat list",
            hint="`append` adds its argument as one entry. Which method of a list adds them one by one?",
            edits={
                "present += pair": "present.append(pair)",
                STATE_OF: "state[i] if state else None",
                START: "past = state[0][0].shape[2] if state else 0",
            },
        ),
        Misconception(
            id="pairs-among-tensors",
            name="a block's key and value are put into the state as one entry",
            hint="`append` adds its argument as one entry. Which method of a list adds them one by one?",
            edits={"present += pair": "present.append(pair)"},
        ),
        Misconception(
            id="blocks-not-chained",
            name="every block is given the embeddings instead of what the block before it made",
            hint="What goes into the second block?",
            edits={
                "x, pair = block(x, ": "y, pair = block(x, ",
                "return self.norm(x), present": "return self.norm(y), present",
            },
        ),
        Misconception(
            id="padding-ignored",
            name="the blocks never hear of the attention_mask",
            hint="forward gets an attention_mask, read a mask, and so does each block. Where does it get lost?",
            edits={VISIBLE: "None"},
        ),
        Misconception(
            id="padding-not-boolean",
            name="the attention_mask of 0s and 1s is not made boolean",
            hint="With whole numbers `&` counts in bits and gives whole numbers. Which type does a mask have? And which method "
            "makes it of 0s and 1s?",
            edits={"self.visible(attention_mask.bool())": "self.visible(attention_mask)"},
        ),
        Misconception(
            id="mask-as-state",
            name="the mask is handed to read in the place of the state",
            hint="read takes a state before the mask. How do you name an argument when you skip one?",
            edits={"self.read(input_ids, mask=mask)": "self.read(input_ids, mask)"},
        ),
        Misconception(
            id="padding-inverted",
            name="the attention_mask is turned round",
            hint="1 stands for a real word. Which words do you hide?",
            edits={"self.visible(attention_mask.bool())": "self.visible(~attention_mask.bool())"},
        ),
        Misconception(
            id="padding-without-causal-mask",
            name="with an attention_mask, words may look ahead",
            hint="A mask that is given takes the place of the causal one. Which given method makes one that says both?",
            edits={"self.visible(attention_mask.bool())": "attention_mask.bool()[:, None, None, :]"},
        ),
        Misconception(
            id="always-tied",
            name="the scores are always made with the table of the embeddings",
            hint="Whether the two tables are one is decided in __init__. Which layer is there for the scores?",
            edits={"x, _ = self.read(input_ids, mask=mask)\n        return self.head(x)": (
                "x, _ = self.read(input_ids, mask=mask)\n        return x @ self.embedding.weight.T"
            )},
        ),
        Misconception(
            id="probabilities",
            name="forward returns probabilities instead of scores",
            hint="The loss takes its own softmax. What does the docstring promise?",
            edits={"x, _ = self.read(input_ids, mask=mask)\n        return self.head(x)": (
                "x, _ = self.read(input_ids, mask=mask)\n        return self.head(x).softmax(-1)"
            )},
        ),
        Misconception(
            id="only-the-last-word",
            name="forward returns scores for the last word only",
            hint="That is what `step` is for. In training every word is asked for its next one: how many rows of scores "
            "are there?",
            edits={"x, _ = self.read(input_ids, mask=mask)\n        return self.head(x)": (
                "x, _ = self.read(input_ids, mask=mask)\n        return self.head(x[:, -1])"
            )},
        ),
    ),
)  # fmt: skip


# --- parameter_count --------------------------------------------------------------------------------------------------


def parameter_count_inputs(rng):
    """Sizes without common factors, d_ff not 4 · d_model."""

    def case(tied):
        vocabulary, positions, heads, layers = (int(n) for n in rng.integers([50, 20, 2, 2], [997, 47, 5, 7]))
        d_model = heads * int(rng.integers(3, 17))
        sizes = {"vocabulary": vocabulary, "positions": positions, "d_model": d_model, "heads": heads}
        return {"config": sizes | {"layers": layers, "d_ff": 3 * d_model + 1, "tied": tied, "eps": 1e-5}}

    return {"tied": [case(True), case(True)], "not tied": [case(False), case(False)]}


def probe_count(answer, inputs):
    """Call the answer with the sizes as attributes."""
    from types import SimpleNamespace

    return {"result": answer(SimpleNamespace(**inputs["config"])), "modified": []}


def parameter_count_layer_by_layer(config):
    def linear(inputs, outputs, bias=True):
        return inputs * outputs + (outputs if bias else 0)

    d, norm = config.d_model, 2 * config.d_model
    total = config.vocabulary * d + config.positions * d
    for _ in range(config.layers):
        total += norm + 3 * linear(d, d) + linear(d, d) + norm + linear(d, config.d_ff) + linear(config.d_ff, d)
    return total + norm + (0 if config.tied else linear(d, config.vocabulary, bias=False))


def parameter_count_powers_of_d(config):
    d, f = config.d_model, config.d_ff
    block = 4 * d**2 + 2 * d * f + 9 * d + f
    return config.layers * block + (config.vocabulary * (2 - config.tied) + config.positions + 2) * d


def parameter_count_shapes(config):
    d, f = config.d_model, config.d_ff
    of_block = [(d,)] * 2 + [(3 * d, d), (3 * d,), (d, d), (d,)] + [(d,)] * 2 + [(f, d), (f,), (d, f), (d,)]
    shapes = [(config.vocabulary, d), (config.positions, d), *config.layers * of_block, (d,), (d,)]
    return sum(map(math.prod, shapes if config.tied else [*shapes, (config.vocabulary, d)]))


PARAMETER_COUNT = Exercise(
    solves="unrolled.gpt.parameter_count",
    groups={"tied": 1, "not tied": 1},
    inputs=parameter_count_inputs,
    probe=probe_count,
    tolerance=Tolerance(relative=0, absolute=0.5),  # a count is right or wrong
    accepts=(parameter_count_layer_by_layer, parameter_count_powers_of_d, parameter_count_shapes),
    misconceptions=(
        Misconception(
            id="tied-counted-twice",
            name="a table that serves twice is counted twice",
            hint="Tied means that the embeddings and the scores share one table. How often does the optimiser see it?",
            edits={"(1 if config.tied else 2)": "2"},
        ),
        Misconception(
            id="untied-counted-once",
            name="the second table is forgotten where there are two",
            hint="`tied` may be False. What has the model then that it had not before?",
            edits={"(1 if config.tied else 2)": "1"},
        ),
        Misconception(
            id="tied-upside-down",
            name="tied and untied are taken for each other",
            hint="Which of the two has more weights?",
            edits={"(1 if config.tied else 2)": "(2 if config.tied else 1)"},
        ),
        Misconception(
            id="no-positions",
            name="the table of the positions is left out",
            hint="GPT learns its positions. How many numbers are in their table?",
            edits={" + config.positions) * d": ") * d"},
        ),
        Misconception(
            id="no-biases",
            name="the biases of the linear layers are left out",
            hint="nn.Linear(a, b) has a · b weights, and what else?",
            edits={
                "(d + 1) * 3 * d + (d + 1) * d\n": "d * 3 * d + d * d\n",
                "(d + 1) * d_ff + (d_ff + 1) * d": "d * d_ff + d_ff * d",
            },
        ),
        Misconception(
            id="no-norms",
            name="the norms are left out",
            hint="A layer norm learns a weight and a bias for each feature. How many norms are there?",
            edits={"norm = 2 * d": "norm = 0"},
        ),
        Misconception(
            id="norm-without-bias",
            name="a norm is counted with its weight alone",
            hint="A layer norm stretches *and* moves. How many numbers does it learn for each feature?",
            edits={"norm = 2 * d": "norm = d"},
        ),
        Misconception(
            id="one-norm-a-block",
            name="one norm is counted in each block instead of two",
            hint="Each of a block's two layers has a norm in front. How many is that?",
            edits={"+ 2 * norm)": "+ norm)"},
        ),
        Misconception(
            id="no-last-norm",
            name="the norm behind the last block is left out",
            hint="Which norm belongs to no block?",
            edits={"+ 2 * norm) + norm": "+ 2 * norm)"},
        ),
        Misconception(
            id="one-projection-for-three",
            name="queries, keys and values are counted as one projection",
            hint="`qkv` is one layer, but how many features does it make out of d_model?",
            edits={"(d + 1) * 3 * d": "(d + 1) * d"},
        ),
        Misconception(
            id="no-output-projection",
            name="the attention's last projection is left out",
            hint="The attention has `qkv` and another layer. How large is that?",
            edits={"(d + 1) * 3 * d + (d + 1) * d\n": "(d + 1) * 3 * d\n"},
        ),
        Misconception(
            id="heads-multiply",
            name="the attention's weights are counted once for every head",
            hint="The heads only cut the same features into parts (chapter 6). Does a second head add a weight?",
            edits={"config.layers * (attention": "config.layers * (config.heads * attention"},
        ),
        Misconception(
            id="d-ff-assumed",
            name="the feed-forward layer is taken to be 4 · d_model wide",
            hint="It mostly is. But the config says how wide: where?",
            edits={"d, d_ff = config.d_model, config.d_ff": "d, d_ff = config.d_model, 4 * config.d_model"},
        ),
        Misconception(
            id="feed-forward-one-way",
            name="only one of the two linear layers of the feed-forward part is counted",
            hint="It makes the vector wider, and then?",
            edits={"(d + 1) * d_ff + (d_ff + 1) * d": "(d + 1) * d_ff"},
        ),
        Misconception(
            id="head-with-bias",
            name="the scores are given a bias",
            hint="The head is the table of the embeddings, turned round. Has it a bias?",
            edits={"+ 2 * norm) + norm": "+ 2 * norm) + norm + config.vocabulary"},
        ),
        Misconception(
            id="one-block",
            name="a single block is counted",
            hint="How many layers does the config ask for?",
            edits={"config.layers * (": "("},
        ),
    ),
)

EXERCISES = (CAUSAL_LM_LOSS, CACHED_ATTENTION, GPT_BLOCK, GPT_MODEL, PARAMETER_COUNT)
