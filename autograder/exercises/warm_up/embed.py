"""`embed`: For each id its row of the table; the axes of `ids` stay, and one for the features follows."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception


def embed_inputs(rng):
    """Vocabulary 11, d_model 5; ids repeat, so that a row's gradient has several parts; axes of length 1 stay."""
    table = normal(rng, 11, 5)
    return {
        "one sentence": [{"table": table, "ids": torch.tensor([3, 0, 4, 3, 1, 2, 3])}],
        "a batch": [
            {"table": table, "ids": torch.cat([integers(rng, 0, 11, 3, 6), torch.tensor([[10], [10], [7]])], dim=1)},
            {"table": normal(rng, 13, 3), "ids": integers(rng, 0, 13, 2, 5, 7)},
            {"table": normal(rng, 7, 2), "ids": integers(rng, 0, 7, 1, 3)},
            {"table": normal(rng, 7, 1), "ids": integers(rng, 0, 7, 5, 1)},
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


def embed_loop_over_one_axis(table, ids):
    return torch.stack([table[int(i)] for i in ids])


def embed_whole_one_hot(table, ids):
    return F.one_hot(ids, len(table)) @ table


def embed_one_hot_too_narrow(table, ids):
    return F.one_hot(ids).float() @ table


EMBED = Exercise(
    solves="unrolled.embedding.embed",
    groups={"one sentence": 0.5, "a batch": 0.5},
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
        Misconception(
            id="first-id-only",
            name="only ids[0] is looked up",
            hint="A sentence of seven words has seven vectors. What is ids[0] of a sentence, and of a batch?",
            edits={"table[ids]": "table[ids[0]]"},
        ),
        Misconception(
            id="table-transposed",
            name="the rows of the transposed table are looked up",
            hint="The table is (vocabulary, d_model), one row a word already. What are the rows of its transpose?",
            edits={"table[ids]": "table.T[ids]"},
        ),
        Misconception(
            id="end-to-end",
            name="the vectors are laid end to end, without an axis of their own",
            hint="ids of shape (2, 3) should give (2, 3, d_model). Which line joins the last two axes?",
            edits={"table[ids]": "table[ids].flatten(-2)"},
        ),
        Misconception(
            id="mean-of-the-words",
            name="the vectors of a sentence are averaged",
            hint="A mean forgets the order. How many vectors should a sentence of seven words give?",
            edits={"table[ids]": "table[ids].mean(dim=-2)"},
        ),
        Misconception(
            id="zero-is-padding",
            name="id 0 is taken for padding and gets zeros",
            hint="nn.Embedding has padding_idx for that. Does the docstring speak of padding, or is 0 a word like any "
            "other?",
            edits={"table[ids]": "table[ids] * (ids != 0)[..., None]"},
        ),
        Misconception(
            id="scaled",
            name="the vectors are multiplied by √d_model",
            hint="The Transformer does so (chapter 6). What does the product of a one-hot vector with the table give?",
            edits={"table[ids]": "table[ids] * table.shape[1] ** 0.5"},
        ),
        Misconception(
            id="length-one",
            name="every vector is scaled to length 1",
            hint="Only directions are left then. Should the looked-up vector not be the row itself?",
            edits={"table[ids]": "table[ids] / table[ids].norm(dim=-1, keepdim=True)"},
        ),
        Misconception(
            id="squeezed",
            name="axes of length 1 disappear",
            hint="A batch of one is still a batch. Which function of yours takes away every axis of length 1?",
            edits={"table[ids]": "table[ids].squeeze()"},
        ),
        Misconception(
            id="one-axis-only",
            name="the loop takes every entry of ids for a single id",
            hint="In a batch, one entry of ids is a whole sentence. Does indexing a tensor with a tensor need a loop "
            "at all?",
            answer=embed_loop_over_one_axis,
        ),
        Misconception(
            id="index-select",
            name="index_select is given ids with several axes",
            hint="index_select takes a flat list only, and plain indexing takes any shape. What is the shape of "
            "table[ids]?",
            edits={"table[ids]": "table.index_select(0, ids)"},
        ),
        Misconception(
            id="whole-numbers-times-table",
            name="one-hot vectors of whole numbers are multiplied with a table of floats",
            hint="one_hot makes int64. What must be done with it before the product — or can the product be avoided?",
            answer=embed_whole_one_hot,
        ),
        Misconception(
            id="one-hot-too-narrow",
            name="one-hot vectors are only as wide as the largest id that occurs",
            hint="How long must a one-hot vector be to fit the table? Which second argument of one_hot says so?",
            answer=embed_one_hot_too_narrow,
        ),
        Misconception(
            id="flat-table",
            name="single numbers are taken from the table laid out flat",
            hint=(
                "`torch.take` counts through all numbers of a table. Which numbers belong to id 1: the "
                "second, or the second row?"
            ),
            edits={
                "table[ids]": "table.flatten()[ids][..., None].expand(*ids.shape, table.shape[1])",
            },
        ),
    ),
)
