"""`BertEmbeddings`: What a word is, where it stands, in which of two sentences: three tables, one sum, a norm."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder import probes
from autograder.draw import integers, weights
from autograder.exercise import Exercise, Misconception
from unrolled.bert import BertEmbeddings


def bert_embeddings_inputs(rng):
    """Batch 3, time 5, 11 words, 13 positions, 2 or 3 segments, d_model 6; then the longest text, one text, one word.

    The segments rise along the text. With more positions than words, a number looked up in the wrong table is found.
    """

    def case(batch, time, segments):
        ends = np.sort(rng.integers(1, max(time, 2), (batch, segments - 1)), axis=1)
        token_type_ids = (np.arange(time)[:, None] >= ends[:, None]).sum(-1)
        return {
            "arguments": [11, 6, 13, segments, 0.3],
            "weights": weights(rng, BertEmbeddings, 11, 6, 13, segments, 0.3),
            "inputs": {
                "input_ids": integers(rng, 0, 11, batch, time),
                "token_type_ids": torch.from_numpy(token_type_ids),
            },
        }

    alone = case(3, 5, 2)
    alone["inputs"]["token_type_ids"].zero_()
    return {
        "one sentence": [alone],
        "two sentences": [case(3, 5, 2)],
        "more": [case(2, 13, 3), case(3, 2, 3), case(1, 4, 2), case(3, 1, 2)],
    }


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
    probe=probes.module,
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
            "0, or after the first sentence?",
            answer=None,
            edits={
                PLACE: "self.position((places - (token_type_ids > 0) * (token_type_ids == 0).sum(1, keepdim=True)).clamp(min=0))"
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
            id="position-of-the-text",
            name="a word gets the position of its text in the batch, the same for a whole row",
            hint="input_ids is (batch, time). Which of the two axes do the positions count along?",
            edits={PLACES: "torch.arange(input_ids.shape[0])[:, None]"},
        ),
        Misconception(
            id="as-many-positions-as-texts",
            name="there are as many positions as texts in the batch, not as words in a text",
            hint="input_ids is (batch, time). Which axis does `shape[0]` measure?",
            edits={PLACES: "torch.arange(input_ids.shape[0])"},
        ),
        Misconception(
            id="positions-of-the-example",
            name="there are always five positions, as in the example",
            hint="The next text may be longer. Which argument says how many words there are?",
            edits={PLACES: "torch.arange(5)"},
        ),
        Misconception(
            id="all-positions",
            name="the whole table of positions is added, also for a short text",
            hint="The table has a row for every place there could be. How many of them does a text of five words need?",
            edits={PLACE: "self.position.weight"},
        ),
        Misconception(
            id="positions-by-word",
            name="the positions are looked up by the words' numbers",
            hint="Where a word stands is not what it is. Which numbers have the first, the second and the third place?",
            edits={PLACE: "self.position(input_ids)"},
        ),
        Misconception(
            id="positions-by-segment",
            name="the table of positions is asked with the segments, and that of segments with the positions",
            hint="Read your three look-ups aloud: which table is asked with which numbers?",
            edits={PLACE: "self.position(token_type_ids)", SEGMENT: "self.segment(places.clamp(max=1))"},
        ),
        Misconception(
            id="segments-in-the-table-of-words",
            name="the segments are looked up in the table of words",
            hint="There are three tables. Which of them do you ask twice, and which never?",
            edits={SEGMENT: "self.word(token_type_ids)"},
        ),
        Misconception(
            id="sines",
            name="the positions are sines and cosines instead of the learnt table",
            hint="So it is in the first Transformer (chapter 5). Which table have you been given for the positions here?",
            edits={
                "places = torch.arange(": "angles = torch.arange(input_ids.shape[1])[:, None] "
                "/ 10_000 ** (torch.arange(0, self.word.embedding_dim, 2) / self.word.embedding_dim)\n"
                "        sines = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)\n"
                "        places = torch.arange(",
                PLACE: "sines",
            },
        ),
        Misconception(
            id="side-by-side",
            name="the three vectors are laid side by side instead of added",
            hint="How many features has the norm, and how many has one of the vectors? Which operation keeps their number?",
            edits={
                f"{WORD} + {PLACE} + {SEGMENT}": (
                    f"torch.cat([{WORD}, {PLACE}.expand(len(input_ids), -1, -1), {SEGMENT}], dim=-1)"
                )
            },
        ),
        Misconception(
            id="first-text-for-all",
            name="the words of the first text are used for all texts of the batch",
            hint="`input_ids[0]` is one text. What is handed to the table of words: all texts, or the first?",
            edits={WORD: "self.word(input_ids[:1])"},
        ),
        Misconception(
            id="segments-of-the-first-text",
            name="the segments of the first text are used for all texts of the batch",
            hint="Is the first sentence equally long in every row? What is handed to the table of segments?",
            edits={SEGMENT: "self.segment(token_type_ids[:1])"},
        ),
        Misconception(
            id="axes-of-one-squeezed",
            name="axes of size 1 are lost (`squeeze`)",
            hint="A batch may hold a single text, and a text a single word. What does `squeeze()` make of their axes?",
            edits={"return self.norm(\n": "return (lambda x: self.norm(x).squeeze())(\n"},
        ),
        Misconception(
            id="norm-of-its-own",
            name="a new norm is made at every call, which learns nothing, instead of the layer `self.norm`",
            hint="What the norm has learnt stands in a layer of `__init__`. Does your forward call it?",
            edits={"return self.norm(\n": "return (lambda x: nn.functional.layer_norm(x, x.shape[-1:]))(\n"},
        ),
        Misconception(
            id="norm-over-the-text",
            name="the norm runs over all words of a text together",
            hint="Each word's vector is normed by itself. Over which axes are your mean and variance taken?",
            edits={"return self.norm(\n": "return (lambda x: nn.functional.layer_norm(x, x.shape[1:]))(\n"},
        ),
        Misconception(
            id="positions-not-learnt",
            name="no gradient flows into the table of positions",
            hint="The values are right, but the positions would stay as they were drawn. Where do you cut them off "
            "(`.data`, `.detach()`)?",
            edits={PLACE: f"{PLACE}.detach()"},
        ),
        Misconception(
            id="tables-not-learnt",
            name="no gradient flows into any of the three tables",
            hint="The values are right, but only the norm would learn. What do you wrap around the sum (`no_grad`, "
            "`.detach()`)?",
            edits={"return self.norm(\n": "return (lambda x: self.norm(x.detach()))(\n"},
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
        Misconception(
            id="positions-begin-again",
            name="the positions begin again in the second sentence",
            hint="The segments say already which sentence a word is in. From where to where do the positions count in one "
            "row?",
            edits={
                "places = torch.arange(input_ids.shape[1], device=input_ids.device)": (
                    "first = (token_type_ids == 0).sum(dim=1, keepdim=True)\n        places = (torch.arange(input_ids.shape[1]) - token_type_ids * first).clamp(min=0)"
                ),
            },
        ),
        Misconception(
            id="zero-has-no-position",
            name="words 0 are taken for padding, and positions count the others only",
            hint="fairseq's models count so. Is 0 a word like any other here, and does forward know of padding at all?",
            edits={
                "places = torch.arange(input_ids.shape[1], device=input_ids.device)": (
                    "places = ((input_ids != 0).cumsum(dim=1) * (input_ids != 0) - 1).clamp(min=0)"
                ),
            },
            also=(
                {
                    "places = torch.arange(input_ids.shape[1], device=input_ids.device)": (
                        "places = ((input_ids != 0).cumsum(dim=1) - 1).clamp(min=0)"
                    ),
                },
            ),
        ),
        Misconception(
            id="segment-of-the-row",
            name="every token gets the segment of its row's first",
            hint="Two sentences stand in one row. Which of your indices takes one segment for all of it?",
            edits={
                "self.segment(token_type_ids)": "self.segment(token_type_ids[:, :1])",
            },
        ),
        Misconception(
            id="position-of-the-word",
            name="the table of positions is looked up by the words' numbers",
            hint="Where a word stands has nothing to do with which word it is. Of what are positions counted?",
            edits={
                "self.position(places)": "self.position(input_ids % self.position.num_embeddings)",
            },
        ),
        Misconception(
            id="words-times-segments",
            name="the vectors of word and segment are multiplied",
            hint="One sum of three vectors. What stands between the tables in yours?",
            edits={
                "self.word(input_ids) + self.position(places) + self.segment(token_type_ids)": (
                    "self.word(input_ids) * self.segment(token_type_ids) + self.position(places)"
                ),
            },
        ),
    ),
)
