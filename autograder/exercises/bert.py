"""The exercises of chapter 07: embeddings, hidden words and their loss, pairs of sentences, the classifier."""

import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception
from autograder.probes import differentiate


# --- BertEmbeddings ---------------------------------------------------------------------------------------------------
def bert_embeddings_inputs(rng):
    """Batch 3, time 5, 11 words, 7 positions, 2 or 3 segments, d_model 6; the segments rise along the text."""

    def case(time, segments):
        ends = np.sort(rng.integers(1, time + 1, (3, segments - 1)), axis=1)
        weights = {
            "word.weight": normal(rng, 11, 6),
            "position.weight": normal(rng, 7, 6),
            "segment.weight": normal(rng, segments, 6),
            "norm.weight": 1 + normal(rng, 6, scale=0.4),
            "norm.bias": normal(rng, 6, scale=0.4),
        }
        token_type_ids = (np.arange(time)[:, None] >= ends[:, None]).sum(-1)
        return {
            "arguments": [11, 6, 7, segments, 0.3],
            "weights": weights,
            "input_ids": integers(rng, 0, 11, 3, time),
            "token_type_ids": torch.from_numpy(token_type_ids),
        }

    alone = case(5, 2)
    alone["token_type_ids"] = torch.zeros_like(alone["token_type_ids"])
    return {"one sentence": [alone], "two sentences": [case(5, 2)], "more": [case(7, 3), case(2, 3)]}


def probe_bert_embeddings(answer, inputs):
    """Build the module, load the weights, embed; report the gradients of all tables."""
    import torch

    from autograder.probes import differentiate

    names = list(inputs["weights"])
    ids, segments = inputs["input_ids"], inputs["token_type_ids"]

    def forward(**tensors):
        module = answer(*inputs["arguments"])
        loaded = {name: tensors[name.replace(".", "_")] for name in names}
        return torch.func.functional_call(module, loaded, (ids.clone(), segments.clone()))

    return differentiate(forward, {name.replace(".", "_"): inputs["weights"][name] for name in names})


def embedding_parts(module, vocabulary, d_model, positions=512, segments=2, eps=1e-12):
    """The tables and the norm, under the names they are given."""
    nn.Module.__init__(module)
    module.word, module.position = nn.Embedding(vocabulary, d_model), nn.Embedding(positions, d_model)
    module.segment, module.norm = nn.Embedding(segments, d_model), nn.LayerNorm(d_model, eps=eps)


class EmbeddingsSlice(nn.Module):
    """The first rows of the table of positions, and a norm by hand."""

    __init__ = embedding_parts

    def forward(self, input_ids, token_type_ids):
        x = self.position.weight[: input_ids.size(1)].unsqueeze(0) + self.word(input_ids)
        x = x + self.segment(token_type_ids)
        return F.layer_norm(x, x.shape[-1:], self.norm.weight, self.norm.bias, self.norm.eps)


class EmbeddingsOneHot(nn.Module):
    """Three products with one-hot vectors: a table look-up written out."""

    __init__ = embedding_parts

    def forward(self, input_ids, token_type_ids):
        places = torch.arange(input_ids.shape[-1]).expand(input_ids.shape)
        x = 0.0
        for table, ids in ((self.word, input_ids), (self.position, places), (self.segment, token_type_ids)):
            x = x + F.one_hot(ids, table.num_embeddings).to(table.weight.dtype) @ table.weight
        return self.norm(x)


WORD, PLACE, SEGMENT = "self.word(input_ids)", "self.position(places)", "self.segment(token_type_ids)"
PLACES = "torch.arange(input_ids.shape[1], device=input_ids.device)"

BERT_EMBEDDINGS = Exercise(
    solves="unrolled.bert.BertEmbeddings",
    groups={"one sentence": 1, "two sentences": 1, "more": 1},
    inputs=bert_embeddings_inputs,
    probe=probe_bert_embeddings,
    blanks=("forward",),
    accepts=(EmbeddingsSlice, EmbeddingsOneHot),
    misconceptions=(
        Misconception(
            id="no-norm",
            name="the sum is not normed",
            hint="There is a layer in `__init__` that you never call. Which?",
            edits={"return self.norm(": "return ("},
        ),
        Misconception(
            id="word-only-normed",
            name="the norm comes before the sum, on the word alone",
            hint="All three vectors should reach the blocks on one scale, as one sum. What goes into the norm?",
            edits={
                "return self.norm(\n": "return (\n",
                WORD: "self.norm(self.word(input_ids))",
            },
        ),
        Misconception(
            id="each-normed",
            name="each of the three vectors is normed on its own before they are added",
            hint="How often is the norm in the formula: once for the sum, or three times?",
            edits={
                "return self.norm(\n": "return (\n",
                WORD: "self.norm(self.word(input_ids))",
                PLACE: "self.norm(self.position(places))",
                SEGMENT: "self.norm(self.segment(token_type_ids))",
            },
        ),
        Misconception(
            id="positions-lost",
            name="the positions are left out",
            hint="Without them, is “the dog saw the cat” another text than “the cat saw the dog” for an encoder?",
            edits={f" + {PLACE}": ""},
        ),
        Misconception(
            id="segments-lost",
            name="the segments are left out",
            hint="Which argument do you never use?",
            edits={f" + {SEGMENT}": ""},
        ),
        Misconception(
            id="words-lost",
            name="the words themselves are left out",
            hint="Three tables, three looks. Which table is the one of the words?",
            edits={f"{WORD} + ": ""},
        ),
        Misconception(
            id="positions-from-one",
            name="the positions are counted from 1",
            hint="The first row of the table has number 0. Which row does your first word get?",
            edits={PLACES: PLACES.replace("arange(input_ids.shape[1]", "arange(1, input_ids.shape[1] + 1")},
            answer=None,
        ),
        Misconception(
            id="positions-reversed",
            name="the positions are counted from the end",
            hint="Which position has [CLS], the first token of every text?",
            edits={"self.position(places)": "self.position(places.flip(0))"},
        ),
        Misconception(
            id="positions-restart",
            name="the positions start again with every segment",
            hint="The segment says already in which sentence a word is. Does the second sentence's first word stand at place "
            "0, or behind the first sentence?",
            answer=None,
            edits={
                PLACE: "self.position(places - torch.where(token_type_ids.diff(dim=1, prepend=token_type_ids[:, :1]) "
                "!= 0, places, 0).cummax(dim=1).values)"
            },
        ),
        Misconception(
            id="last-position",
            name="all words get the vector of the last position",
            hint="Each word has a place of its own. How do you get the numbers 0, 1, 2, … as a tensor?",
            edits={PLACE: "self.position(places[-1])"},
        ),
        Misconception(
            id="segments-inverted",
            name="the first two segments are exchanged",
            hint="A 0 means the first sentence and the first row of the table. Which row do you look up for it?",
            edits={SEGMENT: "self.segment(torch.where(token_type_ids < 2, 1 - token_type_ids, token_type_ids))"},
        ),
        Misconception(
            id="scaled-words",
            name="the words' vectors are multiplied by √d_model",
            hint="So it is in the first Transformer (chapter 6), where positions are sines and not normed away. What "
            "does BERT do, whose tables are all learnt?",
            edits={WORD: "self.word(input_ids) * self.word.embedding_dim**0.5"},
        ),
        Misconception(
            id="product",
            name="the vectors are multiplied instead of added",
            hint="What happens to a word's feature where the position's is 0? Which operation keeps both?",
            edits={f"{WORD} + {PLACE} + {SEGMENT}": f"{WORD} * {PLACE} * {SEGMENT}"},
        ),
        Misconception(
            id="average",
            name="the three vectors are averaged instead of added",
            hint="The norm takes almost all of the difference out again, but for its eps. What stands in the formula: a sum, or "
            "a third of it?",
            edits={f"{WORD} + {PLACE} + {SEGMENT}": f"({WORD} + {PLACE} + {SEGMENT}) / 3"},
        ),
        Misconception(
            id="eps-fixed",
            name="the norm has an eps of its own instead of the one of the layer",
            hint="`self.norm` was made with an eps. Do you use it?",
            edits={
                "return self.norm(\n": "return (lambda x: nn.functional.layer_norm(x, x.shape[-1:], self.norm.weight, "
                "self.norm.bias))(\n"
            },
        ),
    ),
)


# --- mask_tokens ------------------------------------------------------------------------------------------------------
SPECIAL_IDS, MASK_ID = [0, 4, 5, 6], 6
SHARES = (0.1, 0.15, 0.35, 0.6, 0.8, 0.9, 0.95)  # no random number is close to one of these


def mask_tokens_inputs(rng):
    """Batch 5, time 13, 29 words; each row [CLS] … [SEP] and padding; all kinds of actions occur."""

    def uniforms(*shape, low=0.0, high=1.0):
        u = rng.uniform(low, high, shape)
        for share in SHARES:
            u = np.where(np.abs(u - share) < 0.005, share + 0.01, u)
        return np.clip(u, low, high - 1e-6)

    def case(chosen, padded=True, **probability):
        ids = rng.integers(7, 29, (5, 13))
        ids[:, 0] = 4
        lengths = rng.permutation([13, 11, 7, 5, 12]) if padded else np.full(5, 13)
        for row, length in zip(ids, lengths, strict=True):
            row[length - 1], row[length:] = 5, 0
        choice, action = uniforms(5, 13), uniforms(5, 13)
        limit = probability.get("probability", 0.15)
        # So many words are selected for certain, and about a third of all specials would be if they might.
        free = np.argwhere(ids > 6)
        for i, (b, t) in enumerate(rng.permutation(free)[:chosen]):
            choice[b, t] = rng.uniform(0.01, min(0.09, limit))
            action[b, t] = (0.3, 0.845, 0.93, 0.7, 0.5, 0.97, 0.87)[i % 7]
        special = np.argwhere(ids < 7)
        for b, t in rng.permutation(special)[:9]:
            choice[b, t] = 0.05
        choice[rng.integers(5), 0] = 0.04  # a [CLS] for certain
        for row, length in zip(choice, lengths, strict=True):
            row[length:] = 0.03
        word = rng.integers(0, 29, (5, 13))
        word = np.where(word == ids, (ids + 1) % 29, word)  # the word that stands there anyway would say nothing
        word = (word + rng.uniform(0.1, 0.9, (5, 13))) / 29
        return {
            "input_ids": torch.from_numpy(ids),
            "special_ids": list(SPECIAL_IDS),
            "mask_id": MASK_ID,
            "vocabulary": 29,
            "uniforms": torch.from_numpy(np.stack([choice, action, word])).float(),
        } | probability

    return {
        "no padding": [case(14, padded=False)],
        "padding": [case(14), case(11)],
        "another probability": [case(14, probability=0.35), case(11, probability=0.6)],
    }


def mask_tokens_loop(input_ids, special_ids, mask_id, vocabulary, uniforms, probability=0.15):
    masked, labels = input_ids.tolist(), []
    for b, row in enumerate(input_ids.tolist()):
        labels.append([])
        for t, token in enumerate(row):
            choice, action, word = uniforms[:, b, t].tolist()
            if choice >= probability or token in special_ids:
                labels[-1].append(-100)
                continue
            labels[-1].append(token)
            if action < 0.8:
                masked[b][t] = mask_id
            elif action < 0.9:
                masked[b][t] = math.floor(word * vocabulary)
    return torch.tensor(masked), torch.tensor(labels)


def mask_tokens_like_huggingface(input_ids, special_ids, mask_id, vocabulary, uniforms, probability=0.15):
    masked, labels = input_ids.clone(), input_ids.clone()
    chances = torch.full(labels.shape, probability)
    for special in special_ids:
        chances.masked_fill_(input_ids == special, 0.0)
    selected = uniforms[0] < chances
    labels[~selected] = -100
    hidden = selected & (uniforms[1] < 0.8)
    masked[hidden] = mask_id
    replaced = selected & ~hidden & (uniforms[1] < 0.9)
    masked[replaced] = (uniforms[2] * vocabulary).long()[replaced]
    return masked, labels


def _by_position(input_ids, special_ids, mask_id, vocabulary, uniforms, probability=0.15):
    """Of the selected, counted through the batch, the first 80 % are hidden and the next 10 % replaced."""
    special = torch.isin(input_ids, torch.tensor(special_ids))
    selected = (uniforms[0] < probability) & ~special
    masked, labels = input_ids.clone(), torch.where(selected, input_ids, -100)
    places = selected.nonzero()
    for i, (b, t) in enumerate(places.tolist()):
        if i < 0.8 * len(places):
            masked[b, t] = mask_id
        elif i < 0.9 * len(places):
            masked[b, t] = int(uniforms[2, b, t] * vocabulary)
    return masked, labels


def _exact_share(input_ids, special_ids, mask_id, vocabulary, uniforms, probability=0.15):
    """In every row exactly the share of its words with the smallest numbers."""
    special = torch.isin(input_ids, torch.tensor(special_ids))
    selected = torch.zeros_like(special)
    for row, numbers, is_special in zip(selected, uniforms[0], special, strict=True):
        numbers = numbers.masked_fill(is_special, 2.0)
        row[numbers.argsort()[: round(probability * (~is_special).sum().item())]] = True
    return mask_tokens_loop(
        input_ids, special_ids, mask_id, vocabulary, torch.stack([(~selected).float(), *uniforms[1:]]), probability
    )


def _one_tensor(input_ids, special_ids, mask_id, vocabulary, uniforms, probability=0.15):
    """`labels = input_ids`, and then both are written into."""
    masked, labels = mask_tokens_like_huggingface(input_ids, special_ids, mask_id, vocabulary, uniforms, probability)
    input_ids.copy_(torch.where(labels == -100, labels, masked))
    return input_ids, input_ids


RETURN = "torch.where(selected, changed, input_ids)"
LABELS = "torch.where(selected, input_ids, -100)"
SELECTED = "selected = (choice < probability) & ~special"

MASK_TOKENS = Exercise(
    solves="unrolled.masked_lm.mask_tokens",
    groups={"no padding": 1, "padding": 2, "another probability": 1},
    inputs=mask_tokens_inputs,
    accepts=(mask_tokens_loop, mask_tokens_like_huggingface),
    misconceptions=(
        Misconception(
            id="labels-everywhere",
            name="every token has a label, not only the selected ones",
            hint="Then the model is also asked for words that it sees: a copy is a perfect answer. Where is nothing asked?",
            edits={LABELS: "input_ids.clone()"},
        ),
        Misconception(
            id="labels-on-all-words",
            name="every word but the special tokens has a label",
            hint="The special tokens have none: good. But what is learnt at a word that stands there for all to see?",
            edits={LABELS: "torch.where(special, -100, input_ids)"},
        ),
        Misconception(
            id="labels-only-where-hidden",
            name="only tokens that became mask_id have a label",
            hint="A tenth of the selected stays and a tenth is replaced. Why do that, if nobody asks what belongs there?",
            edits={LABELS: "torch.where(selected & (action < 0.8), input_ids, -100)"},
        ),
        Misconception(
            id="labels-only-where-changed",
            name="selected tokens that stay as they are have no label",
            hint="If only changed words are asked for, a word that looks right always is. Should the model be so sure?",
            edits={LABELS: "torch.where(selected & (action < 0.9), input_ids, -100)"},
        ),
        Misconception(
            id="labels-of-the-masked",
            name="the labels are what stands there now, not what stood there",
            hint="What is the right answer at a [MASK]: [MASK]?",
            edits={LABELS: "torch.where(selected, changed, -100)"},
        ),
        Misconception(
            id="labels-inverted",
            name="the selected tokens have no label, and all others have one",
            hint="The loss is taken where the label is not -100. Where do you want it?",
            edits={LABELS: "torch.where(selected, -100, input_ids)"},
        ),
        Misconception(
            id="labels-padding-zero",
            name="places where nothing is asked have the label 0 instead of -100",
            hint="0 is the number of a word. Which number does the loss leave out?",
            edits={LABELS: "torch.where(selected, input_ids, 0)"},
        ),
        Misconception(
            id="labels-minus-one",
            name="places where nothing is asked have the label -1 instead of -100",
            hint="Any number that is no word's would do, if all agree. Which one do PyTorch's losses leave out?",
            edits={LABELS: "torch.where(selected, input_ids, -1)"},
        ),
        Misconception(
            id="one-tensor",
            name="labels and sentences are one and the same tensor",
            hint="`labels = input_ids` copies nothing: both names mean one tensor. When you write -100 into one, what "
            "becomes of the other?",
            answer=_one_tensor,
        ),
        Misconception(
            id="specials-selected",
            name="special tokens and padding are selected too",
            hint="What is there to be learnt from a hidden [CLS], which every text begins with? Where do you use special_ids?",
            edits={SELECTED: "selected = choice < probability"},
        ),
        Misconception(
            id="padding-selected",
            name="the padding is selected like a word",
            hint="[CLS] and [SEP] are left alone in yours. Is the padding, number 0, among the special_ids?",
            edits={"torch.tensor(special_ids, device=input_ids.device)": "torch.tensor([i for i in special_ids if i])"},
        ),
        Misconception(
            id="marks-selected",
            name="the padding is left alone, but [CLS] and [SEP] are selected",
            hint="special_ids names several tokens. Which of them can be selected in yours?",
            edits={"torch.tensor(special_ids, device=input_ids.device)": "torch.tensor(special_ids[:1])"},
        ),
        Misconception(
            id="always-hidden",
            name="every selected token becomes mask_id",
            hint="When the model is used, no text has a [MASK] in it. What is done with the other 20 %?",
            edits={"torch.where(action < 0.8, mask_id, changed)": "torch.full_like(input_ids, mask_id)"},
        ),
        Misconception(
            id="by-position",
            name="of the selected tokens the first 80 % are hidden and the next 10 % replaced, in their order",
            hint="Then the model learns that early words are hidden and late ones are not. Which number decides for each "
            "token on its own?",
            answer=_by_position,
        ),
        Misconception(
            id="exact-share",
            name="exactly the given share of each row is selected",
            hint="Draws that are independent do not always give 15 %; sometimes a row has none. Is each token compared with "
            "`probability` on its own?",
            answer=_exact_share,
        ),
        Misconception(
            id="nothing-replaced",
            name="what is not hidden stays as it is: 80/0/20",
            hint="Which tokens get a random word? Between which two numbers must the second one be?",
            edits={"torch.where(action < 0.9, (word * vocabulary).long(), input_ids)": "input_ids"},
        ),
        Misconception(
            id="nothing-stays",
            name="what is not hidden is replaced by a random word: 80/20/0",
            hint="Some selected tokens stay as they are, so that a word one sees is worth something. Which?",
            edits={
                "torch.where(action < 0.9, (word * vocabulary).long(), input_ids)": "(word * vocabulary).long()",
            },
        ),
        Misconception(
            id="replaced-and-left-swapped",
            name="the tokens that stay and those that are replaced are exchanged",
            hint="Which of the two happens from 0.9 on?",
            edits={
                "action < 0.9, (word * vocabulary).long(), input_ids": "action < 0.9, input_ids, (word * vocabulary).long()"
            },
        ),
        Misconception(
            id="replaced-over-hidden",
            name="the tokens already hidden are replaced by random words as well",
            hint="A number below 0.8 is also below 0.9. Which tokens do you write the random words into?",
            edits={"torch.where(action < 0.8, mask_id, changed)": "changed"},
        ),
        Misconception(
            id="hidden-from-the-other-end",
            name="the 80 % that are hidden are those with the largest numbers",
            hint="Both would be as random. But here the numbers are given: what happens below 0.8?",
            edits={"action < 0.8": "action >= 0.2", "action < 0.9": "action >= 0.1"},
        ),
        Misconception(
            id="selected-above",
            name="tokens are selected whose number is *above* the probability",
            hint="How many of 100 tokens do you select? Is a uniform number below 0.15 in 15 % of all cases, or above it?",
            edits={"choice < probability": "choice > probability"},
        ),
        Misconception(
            id="probability-fixed",
            name="15 % are selected whatever the argument says",
            hint="The function has an argument `probability`. Where do you use it?",
            edits={"choice < probability": "choice < 0.15"},
        ),
        Misconception(
            id="one-number-for-both",
            name="the first number decides about both selection and action",
            hint="A selected token's first number is small, always. What does then happen to it each time? Which number is "
            "there for the action?",
            edits={
                "torch.where(action < 0.9,": "torch.where(choice < 0.9 * probability,",
                "torch.where(action < 0.8,": "torch.where(choice < 0.8 * probability,",
            },
        ),
        Misconception(
            id="everything-acted-on",
            name="tokens that were not selected are hidden and replaced as well",
            hint="What becomes of a word whose label is -100: may it change?",
            edits={RETURN: "torch.where(special, input_ids, changed)"},
        ),
        Misconception(
            id="random-word-not-a-mark",
            name="the random word is drawn from the ordinary words only",
            hint="A reasonable thing to do. Here, as in Hugging Face's collator, it may be *any* of the vocabulary, marks "
            "included: which range has ⌊u · vocabulary⌋?",
            edits={"(word * vocabulary).long()": "(7 + word * (vocabulary - 7)).long()"},
        ),
        Misconception(
            id="random-word-rounded",
            name="the random word's number is rounded instead of cut off",
            hint="With 20 words, which is the largest number a word can have? Which do you get for u = 0.99?",
            edits={"(word * vocabulary).long()": "(word * vocabulary).round().long()"},
        ),
        Misconception(
            id="random-word-spread",
            name="the random word's number is u · (vocabulary − 1), rounded",
            hint="The first and the last word then come half as often as the others. Which range has ⌊u · vocabulary⌋, if u "
            "is below 1?",
            edits={"(word * vocabulary).long()": "(word * (vocabulary - 1)).round().long()"},
        ),
        Misconception(
            id="random-word-from-the-sentence",
            name="the random word is the word before it, taken from the text itself",
            hint="The word is drawn from the whole vocabulary. Which random number is there for it?",
            edits={"(word * vocabulary).long()": "input_ids.roll(1, dims=1)"},
        ),
        Misconception(
            id="in-place",
            name="the given input_ids are overwritten",
            hint="The caller still needs the words that were there. Which line writes into them?",
            edits={
                f"return {RETURN}, {LABELS}": f"labels = {LABELS}\n    input_ids.copy_({RETURN})\n    return input_ids, labels"
            },
        ),
        Misconception(
            id="order-of-the-result",
            name="the labels are returned first",
            hint="Look at the docstring's example: which of the two tensors comes first?",
            edits={f"{RETURN}, {LABELS}": f"{LABELS}, {RETURN}"},
        ),
    ),
)


# --- masked_lm_loss ---------------------------------------------------------------------------------------------------
def masked_lm_loss_inputs(rng):
    """Batch 3, time 7, 5 words; unequally many labels a row, word 0 among them; or rows of places only."""

    def case(counts):
        labels = torch.full((3, 7), -100)
        for row, count in zip(labels, counts, strict=True):
            places = torch.from_numpy(rng.permutation(7)[:count])
            row[places] = integers(rng, 1, 5, count)
        row = int(np.argmax(counts))
        labels[row][torch.from_numpy(rng.permutation((labels[row] != -100).nonzero()[:, 0].numpy())[:1])] = 0
        return {"logits": 1.5 * normal(rng, 3, 7, 5), "labels": labels}

    flat = {"logits": 1.5 * normal(rng, 11, 5), "labels": integers(rng, 1, 5, 11)}
    flat["labels"][torch.from_numpy(rng.permutation(11)[:4])] = -100
    return {
        "every place is asked": [case([7, 7, 7])],
        "some places are asked": [case([1, 4, 2]), case([3, 2, 6])],
        "other axes": [flat],
    }


def masked_lm_loss_gather_all(logits, labels):
    asked = (labels != -100).to(logits.dtype)
    surprise = logits.logsumexp(-1) - logits.gather(-1, labels.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return (surprise * asked).sum() / asked.sum()


def masked_lm_loss_loop(logits, labels):
    losses = [
        scores.logsumexp(0) - scores[label]
        for scores, label in zip(logits.reshape(-1, logits.shape[-1]), labels.flatten().tolist(), strict=True)
        if label >= 0
    ]
    return sum(losses) / len(losses)


def masked_lm_loss_nll(logits, labels):
    return F.nll_loss(logits.flatten(0, -2).log_softmax(-1), labels.flatten(), ignore_index=-100)


def _mean_of_means(logits, labels):
    rows = zip(logits, labels, strict=True)
    return torch.stack([masked_lm_loss_loop(scores, of) for scores, of in rows if of.ne(-100).any()]).mean()


MEAN = "surprise.gather(-1, labels[asked][:, None]).mean()"
ASKED = "asked = labels != -100"

MASKED_LM_LOSS = Exercise(
    solves="unrolled.masked_lm.masked_lm_loss",
    groups={"every place is asked": 1, "some places are asked": 1, "other axes": 1},
    inputs=masked_lm_loss_inputs,
    probe=differentiate,
    accepts=(masked_lm_loss_gather_all, masked_lm_loss_loop, masked_lm_loss_nll),
    forbids=("torch.nn.functional.cross_entropy", "torch.nn.CrossEntropyLoss"),
    misconceptions=(
        Misconception(
            id="loss-on-all-places",
            name="places without a label count too, as if word 0 were right there",
            hint="A label of -100 says that nothing is asked. What does your loss take for the right word there?",
            answer=lambda logits, labels: masked_lm_loss_gather_all(logits, labels.clamp(min=0)),
        ),
        Misconception(
            id="divided-by-all-places",
            name="places without a label add nothing, but are counted in the division",
            hint="With fewer hidden words your loss gets smaller. How many places is the sum divided by?",
            edits={MEAN: "surprise.gather(-1, labels[asked][:, None]).sum() / labels.numel()"},
        ),
        Misconception(
            id="mean-of-means",
            name="each text is averaged first, and then the averages",
            hint="A hidden word then weighs more if few others of its text are hidden. By what should the whole sum be divided?",
            answer=_mean_of_means,
        ),
        Misconception(
            id="sum",
            name="the losses are added up instead of averaged",
            hint="Should a batch with more hidden words have a larger loss? By what should the sum be divided?",
            edits={MEAN: MEAN.replace("mean()", "sum()")},
        ),
        Misconception(
            id="divided-by-texts",
            name="the sum is divided by the number of texts instead of hidden words",
            hint="What is averaged here: texts, or words that are asked for?",
            edits={MEAN: MEAN.replace("mean()", "sum() / len(labels)")},
        ),
        Misconception(
            id="word-zero-lost",
            name="places with the label 0 are left out",
            hint="0 is the number of a word like any other. Which number means that nothing is asked?",
            edits={"labels != -100": "labels > 0"},
        ),
        Misconception(
            id="inverted",
            name="the loss is taken where there is no label",
            hint="True should be where a word is asked for. Is it?",
            answer=lambda logits, labels: -logits[labels == -100].log_softmax(-1)[:, 0].mean(),
        ),
        Misconception(
            id="sign",
            name="the sign is lost",
            hint="Can the logarithm of a probability be positive? A loss should fall towards 0 as the model gets better.",
            edits={"-logits[asked]": "logits[asked]"},
        ),
        Misconception(
            id="no-logarithm",
            name="probabilities stand where their logarithms should be",
            hint="A probability of 0.001 for the right word is a great surprise. How large is it in your sum?",
            edits={"log_softmax": "softmax"},
        ),
        Misconception(
            id="no-softmax",
            name="the scores are taken for log-probabilities as they are",
            hint="Do e to the power of your numbers add up to 1 over the vocabulary?",
            edits={".log_softmax(dim=-1)": ""},
        ),
        Misconception(
            id="softmax-over-places",
            name="the softmax runs over the hidden places instead of the vocabulary",
            hint="Which probabilities should add up to 1: those of all words at one place, or of one word at all places?",
            edits={"log_softmax(dim=-1)": "log_softmax(dim=0)"},
        ),
        Misconception(
            id="softmax-over-time",
            name="the softmax runs over axis 1, the places of a text, instead of the vocabulary",
            hint="logits is (batch, time, vocabulary), but there may be other axes in front. Which number has the last one, "
            "however many there are?",
            answer=lambda logits, labels: (
                -logits.log_softmax(1)[labels != -100].gather(-1, labels[labels != -100][:, None]).mean()
            ),
        ),
        Misconception(
            id="every-word-at-every-place",
            name="each hidden word is looked up at every place, not only at its own",
            hint="`x[:, labels]` is a square: every place with every label. How do you take one value from each row?",
            edits={MEAN: "surprise[:, labels[asked]].mean()"},
        ),
        Misconception(
            id="labels-as-rows",
            name="the labels pick places instead of words",
            hint="`x[labels]` takes whole rows. Along which axis do the words lie, and how do you take one value from each "
            "row?",
            edits={MEAN: "surprise[labels[asked]].mean()"},
        ),
        Misconception(
            id="softmax-twice",
            name="a softmax is taken before the log-softmax",
            hint="log_softmax takes scores, and makes them probabilities itself. What do you hand it?",
            edits={"logits[asked]": "logits[asked].softmax(dim=-1)"},
        ),
        Misconception(
            id="base-two",
            name="the logarithm is to base 2: bits instead of nats",
            hint="The loss is in nats. What is log(1/2) for `torch.log`, and in bits?",
            edits={MEAN: f"{MEAN} / torch.log(torch.tensor(2.0))"},
        ),
        Misconception(
            id="detached",
            name="no gradient flows back",
            hint="The value is right. But a loss must remember where it came from: where do you cut it off (`.item()`, "
            "`.detach()`, `no_grad`)?",
            edits={"-logits[asked]": "-logits.detach()[asked]"},
        ),
    ),
)


# --- make_sentence_pairs ----------------------------------------------------------------------------------------------
def make_sentence_pairs_inputs(rng):
    """2 to 5 documents of 2 to 5 sentences of 1 to 4 words, all different; both labels occur."""

    def case(*sizes, coins=None):
        word, documents = iter(rng.permutation(np.arange(10, 10 + 4 * sum(sizes)))), []
        for size in sizes:
            documents.append([[int(next(word)) for _ in range(rng.integers(1, 5))] for _ in range(size)])
        pairs = sum(sizes) - len(sizes)
        coin = np.concatenate([[0.1, 0.6, 0.3, 0.9], rng.uniform(0.02, 0.48, pairs)])[:pairs]
        coin = np.where(rng.random(pairs) < 0.3, 0.98 - coin, coin)
        coin[:2] = rng.permutation([0.2, 0.8])
        if coins is not None:
            coin = rng.uniform(*coins, pairs)
        others = len(sizes) - 1
        where = (rng.integers(0, others, pairs) + rng.uniform(0.1, 0.9, pairs)) / others
        which = (rng.integers(0, 60, pairs) + 0.5) / 60  # 60 is divisible by every number of sentences
        uniforms = torch.from_numpy(np.stack([coin, where, which], axis=1)).float()
        return {"documents": documents, "uniforms": uniforms, "cls_id": 2, "sep_id": 3}

    return {
        "next": [case(3, 4, 2, coins=(0.02, 0.48))],
        "from elsewhere": [case(3, 5, 2, coins=(0.52, 0.98)), case(4, 3, 5, 2, 3, coins=(0.52, 0.98))],
        "both": [case(5, 3), case(3, 4, 5, 2)],
    }


def sentence_pairs_walk(documents, uniforms, cls_id, sep_id):
    input_ids, token_type_ids, labels, row = [], [], [], 0
    for d, document in enumerate(documents):
        others = documents[d + 1 :] + documents[:d]
        for first, following in itertools.pairwise(document):
            coin, where, which = uniforms[row]
            row += 1
            if coin < 0.5:
                second, label = following, 0
            else:
                other = others[math.floor(float(where) * len(others))]
                second, label = other[math.floor(float(which) * len(other))], 1
            ids = [cls_id, *first, sep_id, *second, sep_id]
            input_ids.append(ids)
            token_type_ids.append([0 if i < len(first) + 2 else 1 for i in range(len(ids))])
            labels.append(label)
    return {"input_ids": input_ids, "token_type_ids": token_type_ids, "labels": labels}


def sentence_pairs_comprehensions(documents, uniforms, cls_id, sep_id):
    pairs = [(d, i) for d in range(len(documents)) for i in range(1, len(documents[d]))]
    is_other = (uniforms[:, 0] >= 0.5).long().tolist()
    steps = (uniforms[:, 1] * (len(documents) - 1)).long().tolist()
    firsts, seconds = [documents[d][i - 1] for d, i in pairs], []
    for row, (d, i) in enumerate(pairs):
        other = documents[(d + steps[row] + 1) % len(documents)]
        seconds.append(other[int(uniforms[row, 2] * len(other))] if is_other[row] else documents[d][i])
    both = list(zip(firsts, seconds, strict=True))
    return {
        "labels": is_other,
        "input_ids": [[cls_id, *a, sep_id, *b, sep_id] for a, b in both],
        "token_type_ids": [[*[0] * (len(a) + 2), *[1] * (len(b) + 1)] for a, b in both],
    }


A, B = "a, b = [cls_id, *documents[d][i], sep_id], [*second, sep_id]", "[1] * len(b)"
OTHER = "documents[(d + 1 + int(where * (len(documents) - 1))) % len(documents)]"
LABEL = 'pairs["labels"].append(int(coin >= 0.5))'
SEGMENTS = "[0] * len(a) + [1] * len(b)"

MAKE_SENTENCE_PAIRS = Exercise(
    solves="unrolled.sentence_pairs.make_sentence_pairs",
    groups={"next": 1, "from elsewhere": 1, "both": 2},
    inputs=make_sentence_pairs_inputs,
    accepts=(sentence_pairs_walk, sentence_pairs_comprehensions),
    misconceptions=(
        Misconception(
            id="first-sep-in-segment-one",
            name="the first [SEP] is counted to the second segment",
            hint="Each sentence has its own [SEP] at its end. To which sentence belongs the one in the middle?",
            edits={SEGMENTS: "[0] * (len(a) - 1) + [1] * (len(b) + 1)"},
        ),
        Misconception(
            id="last-sep-in-segment-zero",
            name="the last [SEP] has segment 0",
            hint="The [SEP] at the very end closes the second sentence. Which segment is that?",
            edits={SEGMENTS: "[0] * len(a) + [1] * (len(b) - 1) + [0]"},
        ),
        Misconception(
            id="segment-one-too-late",
            name="the first word of the second sentence still has segment 0",
            hint="Count the zeros: [CLS], the first sentence, [SEP]. How many are that?",
            edits={SEGMENTS: "[0] * (len(a) + 1) + [1] * (len(b) - 1)"},
        ),
        Misconception(
            id="marks-without-a-segment",
            name="segments are made for the words only, not for the marks",
            hint="Every token needs a segment, [CLS] and [SEP] too. Are your two lists equally long?",
            edits={SEGMENTS: "[0] * (len(a) - 2) + [1] * (len(b) - 1)"},
        ),
        Misconception(
            id="segments-swapped",
            name="the first sentence has segment 1 and the second 0",
            hint="The first sentence is segment A: which number is that?",
            edits={SEGMENTS: "[1] * len(a) + [0] * len(b)"},
        ),
        Misconception(
            id="one-segment",
            name="all tokens have segment 0",
            hint="How shall the model know where the second sentence begins?",
            edits={SEGMENTS: "[0] * len(a) + [0] * len(b)"},
        ),
        Misconception(
            id="no-last-sep",
            name="there is no [SEP] at the end",
            hint="How many [SEP] has [CLS] first [SEP] second [SEP]?",
            edits={"[*second, sep_id]": "[*second]"},
        ),
        Misconception(
            id="no-sep-between",
            name="there is no [SEP] between the two sentences",
            hint="Where does the first sentence end? What says so in input_ids?",
            edits={"[cls_id, *documents[d][i], sep_id]": "[cls_id, *documents[d][i]]"},
        ),
        Misconception(
            id="no-cls",
            name="there is no [CLS] in front",
            hint="The answer will be read off the first token. Which one is that meant to be?",
            edits={"[cls_id, *documents[d][i], sep_id]": "[*documents[d][i], sep_id]"},
        ),
        Misconception(
            id="cls-twice",
            name="the second sentence has a [CLS] too",
            hint="[CLS] stands for the pair as a whole. How many are there in [CLS] first [SEP] second [SEP]?",
            edits={"[*second, sep_id]": "[cls_id, *second, sep_id]"},
        ),
        Misconception(
            id="label-inverted",
            name="a label of 1 means next, and 0 means from elsewhere",
            hint="It would be a natural choice. But in BERT's code, in Hugging Face's and here, which of the two is 0?",
            edits={LABEL: 'pairs["labels"].append(int(coin < 0.5))'},
        ),
        Misconception(
            id="coin-inverted",
            name="a coin below 0.5 takes the sentence from elsewhere",
            hint="Half is half. But here the numbers are given: what does below 0.5 mean?",
            edits={"if coin >= 0.5:": "if coin < 0.5:", LABEL: 'pairs["labels"].append(int(coin < 0.5))'},
        ),
        Misconception(
            id="always-next",
            name="the second sentence is always the next one, whatever the label says",
            hint="Where does the sentence from elsewhere come in? Look at a pair with label 1.",
            edits={"if coin >= 0.5:": "if coin >= 2:"},
        ),
        Misconception(
            id="swapped-order",
            name="a negative pair is the two neighbours in the wrong order",
            hint="That is sentence-order prediction, ALBERT's harder task (chapter 15). In BERT's, where does the second "
            "sentence of a negative pair come from?",
            edits={
                f"other = {OTHER}": "other = None",
                "second = other[int(which * len(other))]": "second = documents[d][i]",
                A: "first = documents[d][i + 1] if coin >= 0.5 else documents[d][i]\n        a, b = [cls_id, *first, "
                "sep_id], [*second, sep_id]",
            },
        ),
        Misconception(
            id="same-document",
            name="the random sentence comes from the same document",
            hint="It could be the very next sentence, and then the label would be a lie. Which documents may it come from?",
            edits={OTHER: "documents[d]"},
        ),
        Misconception(
            id="any-document",
            name="the random sentence may come from any document, its own included",
            hint="Then it is sometimes the very next sentence. How do you leave the own document out?",
            edits={OTHER: "documents[int(where * len(documents))]"},
        ),
        Misconception(
            id="counted-from-the-own",
            name="the other documents are counted from the own one instead of the one behind it",
            hint="With u₂ = 0, which document do you take? Which comes behind document d?",
            edits={"(d + 1 + int(": "(d + int("},
        ),
        Misconception(
            id="counted-from-the-first",
            name="the other documents are counted from the first one of all, not from the one behind the own",
            hint="That draws as fairly. But here u₂ counts from a certain place on: which one?",
            edits={OTHER: "(documents[:d] + documents[d + 1 :])[int(where * (len(documents) - 1))]"},
        ),
        Misconception(
            id="always-the-next-document",
            name="the sentence from elsewhere is always from the document behind the own one",
            hint="Neighbours in a collection may tell of the same thing. Which number says which of the others to take?",
            edits={OTHER: "documents[(d + 1) % len(documents)]"},
        ),
        Misconception(
            id="document-rounded",
            name="the other document's number is rounded instead of cut off",
            hint="With two others and u₂ = 0.9, which k do you get? Is there a document for it that is not the own one?",
            edits={OTHER: OTHER.replace("int(where", "round(where")},
        ),
        Misconception(
            id="always-the-first-sentence",
            name="the sentence from elsewhere is always its document's first",
            hint="First sentences are easy to tell: “One day …”. Which number says which sentence to take?",
            edits={"int(which * len(other))": "0"},
        ),
        Misconception(
            id="wrong-length",
            name="the sentence from elsewhere is counted with the length of the own document",
            hint="u₃ is multiplied by a number of sentences. Of which document?",
            edits={"int(which * len(other))": "min(int(which * len(documents[d])), len(other) - 1)"},
        ),
        Misconception(
            id="itself",
            name="the next sentence is the first one once more",
            hint="Which sentence follows sentence i?",
            edits={"second = documents[d][i + 1]": "second = documents[d][i]"},
        ),
        Misconception(
            id="across-documents",
            name="a document's last sentence is paired with the next document's first",
            hint="Does a story go on in the next one? How many pairs does a document of n sentences give?",
            answer=None,
            edits={
                "firsts = [(d, i) for d, document in enumerate(documents) for i in range(len(document) - 1)]": (
                    "firsts = [(d, i) for d, document in enumerate(documents) for i in range(len(document))][:-1]"
                ),
                "second = documents[d][i + 1]": "second = (documents[d] + documents[(d + 1) % len(documents)])[i + 1]",
                "uniforms.tolist(), strict=True": "uniforms.tolist() * 3, strict=False",
            },
        ),
    ),
)


# --- classify ---------------------------------------------------------------------------------------------------------
def classify_inputs(rng):
    """Batch 5, time 3 or 7, d_model 5 or 4, 2 or 11 classes."""

    def case(time, d_model, classes):
        return {
            "states": normal(rng, 5, time, d_model),
            "pooler_weight": normal(rng, d_model, d_model, scale=0.5),
            "pooler_bias": normal(rng, d_model, scale=0.5),
            "head_weight": normal(rng, classes, d_model),
            "head_bias": normal(rng, classes),
        }

    return {"two classes": [case(3, 5, 2)], "more classes": [case(7, 4, 11)]}


def probe_classify(answer, inputs):
    """Hand the answer a pooler and a head with the given weights, and ask for the gradients of all."""
    import torch

    from autograder.probes import differentiate

    def forward(states, pooler_weight, pooler_bias, head_weight, head_bias):
        def layer(weight, bias):
            made = torch.nn.Linear(weight.shape[1], weight.shape[0])
            return lambda x: torch.func.functional_call(made, {"weight": weight, "bias": bias}, (x,))

        return answer(states, layer(pooler_weight, pooler_bias), layer(head_weight, head_bias))

    return differentiate(forward, inputs)


def classify_step_by_step(states, pooler, head):
    first = torch.select(states, 1, 0)
    pooled = pooler(first).tanh()
    return head(pooled)


def classify_text_by_text(states, pooler, head):
    return torch.stack([head(nn.Tanh()(pooler(text[0]))) for text in states])


def classify_late_choice(states, pooler, head):
    return head(torch.tanh(pooler(states)))[:, 0, :]


CLASSIFY = Exercise(
    solves="unrolled.bert.classify",
    groups={"two classes": 1, "more classes": 1},
    inputs=classify_inputs,
    probe=probe_classify,
    accepts=(classify_step_by_step, classify_text_by_text, classify_late_choice),
    misconceptions=(
        Misconception(
            id="last-token",
            name="the state of the last token is taken",
            hint="GPT does so, whose last word has seen all others. In BERT every token has: which one stands for the text? "
            "And what may stand at the end of a short text in a batch?",
            edits={"states[:, 0]": "states[:, -1]"},
        ),
        Misconception(
            id="second-token",
            name="the state of the second token is taken",
            hint="With which number does Python count the first one?",
            edits={"states[:, 0]": "states[:, 1]"},
        ),
        Misconception(
            id="mean",
            name="the states of all tokens are averaged",
            hint="A fair summary, if padding is left out; sentence embeddings are made so. What does BERT put in front of "
            "every text for this purpose?",
            edits={"states[:, 0]": "states.mean(dim=1)"},
        ),
        Misconception(
            id="maximum",
            name="the largest value of every feature over all tokens is taken",
            hint="What does BERT put in front of every text for this purpose?",
            edits={"states[:, 0]": "states.max(dim=1).values"},
        ),
        Misconception(
            id="first-text",
            name="the first text of the batch is taken instead of the first token of each",
            hint="states is (batch, time, d_model). Which axis is the one of tokens?",
            edits={"states[:, 0]": "states[0]"},
        ),
        Misconception(
            id="every-token",
            name="every token is classified, not the text",
            hint="There should be one row of scores a text. Which token speaks for all?",
            edits={"states[:, 0]": "states"},
        ),
        Misconception(
            id="no-tanh",
            name="there is no tanh between pooler and head",
            hint="Two linear layers in a row are one linear layer. What stands between them?",
            edits={"torch.tanh(pooler(states[:, 0]))": "pooler(states[:, 0])"},
        ),
        Misconception(
            id="tanh-at-the-end",
            name="the tanh comes after the head",
            hint="Then no score can be above 1. Between which two layers does the tanh stand?",
            edits={"head(torch.tanh(pooler(states[:, 0])))": "torch.tanh(head(pooler(states[:, 0])))"},
        ),
        Misconception(
            id="tanh-in-front",
            name="the tanh is applied before the pooler",
            hint="What is bent: what goes into the pooler, or what comes out of it?",
            edits={"torch.tanh(pooler(states[:, 0]))": "pooler(torch.tanh(states[:, 0]))"},
        ),
        Misconception(
            id="no-pooler",
            name="the pooler is left out",
            hint="Which argument do you never use?",
            edits={"torch.tanh(pooler(states[:, 0]))": "torch.tanh(states[:, 0])"},
        ),
        Misconception(
            id="head-only",
            name="the head is applied to the state itself, without pooler and tanh",
            hint="Hugging Face's RoBERTa has another head, and many do without a pooler. Where does BERT use its own?",
            edits={"head(torch.tanh(pooler(states[:, 0])))": "head(states[:, 0])"},
        ),
        Misconception(
            id="no-head",
            name="the pooled state is returned, without the head",
            hint="How many scores should a text have: as many as features, or as classes?",
            edits={"head(torch.tanh(pooler(states[:, 0])))": "torch.tanh(pooler(states[:, 0]))"},
        ),
        Misconception(
            id="relu",
            name="a ReLU stands where the tanh should be",
            hint="Which function keeps the pooled features between −1 and 1?",
            edits={"torch.tanh(": "torch.relu("},
        ),
        Misconception(
            id="gelu",
            name="a GELU stands where the tanh should be",
            hint="The GELU is in the blocks and in the head of the hidden words. Which function has the pooler?",
            edits={"torch.tanh(": "torch.nn.functional.gelu("},
        ),
        Misconception(
            id="sigmoid",
            name="a sigmoid stands where the tanh should be",
            hint="Can a feature of yours be negative after pooling? Which function goes from −1 to 1?",
            edits={"torch.tanh(": "torch.sigmoid("},
        ),
        Misconception(
            id="softmax",
            name="probabilities are returned instead of scores",
            hint="The loss takes the softmax itself. What does it get, if you took one before?",
            edits={"head(torch.tanh(pooler(states[:, 0])))": "head(torch.tanh(pooler(states[:, 0]))).softmax(-1)"},
        ),
        Misconception(
            id="body-detached",
            name="no gradient flows back into the states",
            hint="The values are right, but fine-tuning would leave the encoder as it is. Where do you cut it off (`.detach()`, "
            "`.data`, `no_grad`)?",
            edits={"states[:, 0]": "states[:, 0].detach()"},
        ),
    ),
)

EXERCISES = (BERT_EMBEDDINGS, MASK_TOKENS, MASKED_LM_LOSS, MAKE_SENTENCE_PAIRS, CLASSIFY)
