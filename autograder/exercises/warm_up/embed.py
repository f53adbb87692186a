"""`embed`: For each id its row of the table; the axes of `ids` stay, and one for the features follows."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception


def embed_inputs(rng):
    """Vocabulary 11, d_model 5; ids repeat, so that a row's gradient has several parts."""
    table = normal(rng, 11, 5)
    return {
        "one sentence": [{"table": table, "ids": torch.tensor([3, 0, 4, 3, 1, 2, 3])}],
        "a batch": [
            {"table": table, "ids": torch.cat([integers(rng, 0, 11, 3, 6), torch.tensor([[10], [10], [7]])], dim=1)},
            {"table": normal(rng, 13, 3), "ids": integers(rng, 0, 13, 2, 5, 3)},
        ],
    }


def embed_one_hot(table, ids):
    return F.one_hot(ids, len(table)).to(table.dtype) @ table


def embed_index_select(table, ids):
    return torch.index_select(table, 0, ids.flatten()).unflatten(0, ids.shape)


def embed_recursively(table, ids):
    if ids.ndim == 0:
        return table[int(ids)]
    return torch.stack([embed_recursively(table, part) for part in ids])


EMBED = Exercise(
    solves="unrolled.embedding.embed",
    groups={"one sentence": 1, "a batch": 1},
    inputs=embed_inputs,
    probe=probes.differentiate,
    accepts=(embed_one_hot, embed_index_select, embed_recursively),
    forbids=("torch.nn.functional.embedding", "torch.embedding", "torch.nn.Embedding"),
    misconceptions=(
        Misconception(
            id="columns",
            name="the ids choose columns of the table instead of rows",
            hint="The table is (vocabulary, d_model), one row a word. Along which axis does table[:, ids] look?",
            edits={"table[ids]": "table[:, ids]"},
        ),
        Misconception(
            id="counts-from-one",
            name="the ids are taken to count from 1",
            hint="Which row belongs to id 0?",
            edits={"table[ids]": "table[ids - 1]"},
        ),
        Misconception(
            id="gradient-cut",
            name="the vectors are right, but the table cannot learn from them",
            hint="`.detach()`, `.data`, `.tolist()` and `torch.tensor(…)` copy numbers and forget where they came from. "
            "Which of them is in your lines?",
            edits={"table[ids]": "table.detach()[ids]"},
        ),
        Misconception(
            id="flattened",
            name="the axes of ids are run together into one",
            hint="ids of shape (2, 3) should give (2, 3, d_model). Where does your code lose the shape of ids?",
            edits={"table[ids]": "table[ids.flatten()]"},
        ),
        Misconception(
            id="each-word-once",
            name="each id is looked up only once, in the order of the numbers",
            hint="A sentence may hold the same word twice, and order matters. Does your code use unique(), or a set?",
            edits={"table[ids]": "table[ids.unique()]"},
        ),
        Misconception(
            id="bag-of-words",
            name="the vectors of a sentence are added up",
            hint="A bag of words: fine for sentiment, but it forgets the order. How many vectors should a sentence of "
            "seven words give?",
            edits={"table[ids]": "table[ids].sum(dim=-2)"},
        ),
        Misconception(
            id="features-first",
            name="the features come before the axes of ids",
            hint="The promise is (…, d_model). Where is the axis of the features in your result?",
            edits={"table[ids]": "table[ids].movedim(-1, 0)"},
        ),
        Misconception(
            id="only-the-first-row",
            name="only the first row of a batch is looked up",
            hint="In a batch, ids[0] is one whole sentence. What about the others?",
            edits={"table[ids]": "table[ids if ids.ndim == 1 else ids[0]]"},
        ),
    ),
)
