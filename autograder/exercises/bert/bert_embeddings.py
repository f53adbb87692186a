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
    """Batch 3, time 5, 11 words, 7 positions, 2 or 3 segments, d_model 6; the segments rise along the text."""

    def case(time, segments):
        ends = np.sort(rng.integers(1, time + 1, (3, segments - 1)), axis=1)
        token_type_ids = (np.arange(time)[:, None] >= ends[:, None]).sum(-1)
        return {
            "arguments": [11, 6, 7, segments, 0.3],
            "weights": weights(rng, BertEmbeddings, 11, 6, 7, segments, 0.3),
            "inputs": {
                "input_ids": integers(rng, 0, 11, 3, time),
                "token_type_ids": torch.from_numpy(token_type_ids),
            },
        }

    alone = case(5, 2)
    alone["inputs"]["token_type_ids"].zero_()
    return {"one sentence": [alone], "two sentences": [case(5, 2)], "more": [case(7, 3), case(2, 3)]}


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
