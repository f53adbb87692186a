"""`AxialPositions`: A vector for each of rows · columns places, from rows + columns learned vectors."""

import torch
from torch import nn

from autograder.draw import weights
from autograder.exercise import Exercise, Misconception
from unrolled.axial import AxialPositions


def axial_inputs(rng):
    """3 rows and 5 columns, then 7 and 2, with 2 + 3 and 4 + 4 features: all places, whole rows, part of one, one place."""

    def case(length, shape=(3, 5), sizes=(2, 3)):
        return {
            "arguments": [shape, sizes],
            "weights": weights(rng, AxialPositions, shape, sizes),
            "inputs": {"length": length},
        }

    return {
        "whole rows": [case(15), case(10), case(6, (7, 2), (4, 4)), case(4, (1, 4), (3, 1)), case(9, (3, 3), (2, 2))],
        "part of a row": [case(7), case(1), case(13, (7, 2), (4, 4)), case(3, (5, 1), (1, 2)), case(8, (3, 3), (2, 2))],
    }


def axial_refuses(rng):
    return [
        {"arguments": [shape, (2, 3)], "weights": weights(rng, AxialPositions, shape, (2, 3)), "inputs": {"length": n}}
        for shape, n in (((3, 5), 16), ((1, 2), 7))
    ]


def probe_positions(answer, inputs):
    """Build the table, load its weights, ask for a length; differentiate by the weights."""
    from autograder.probes import use_module

    return use_module(answer, inputs, lambda built, length: built(length))


class _Tables(nn.Module):
    """What is given of the exercise."""

    def __init__(self, shape, sizes):
        super().__init__()
        self.rows = nn.Parameter(torch.zeros(shape[0], sizes[0]))
        self.columns = nn.Parameter(torch.zeros(shape[1], sizes[1]))

    def check(self, length):
        if length > self.rows.shape[0] * self.columns.shape[0]:
            raise ValueError(f"length {length} is too large")


class AxialExpand(_Tables):
    """The whole table by broadcasting, then its first places."""

    def forward(self, length):
        self.check(length)
        n, m = len(self.rows), len(self.columns)
        row = self.rows[:, None].expand(n, m, -1)
        column = self.columns[None].expand(n, m, -1)
        return torch.cat([row, column], dim=-1).reshape(n * m, -1)[:length]


class AxialRepeat(_Tables):
    """Repeated rows and tiled columns."""

    def forward(self, length):
        self.check(length)
        n, m = len(self.rows), len(self.columns)
        return torch.hstack([self.rows.repeat_interleave(m, dim=0)[:length], self.columns.tile(n, 1)[:length]])


class AxialLoop(_Tables):
    """One place after the other."""

    def forward(self, length):
        self.check(length)
        vectors = []
        for place in range(length):
            row, column = divmod(place, self.columns.shape[0])
            vectors.append(torch.cat((self.rows[row], self.columns[column])))
        return torch.stack(vectors)


INDICES = "row, column = places // len(self.columns), places % len(self.columns)"
CAT = "torch.cat([self.rows[row], self.columns[column]], dim=-1)"
REFUSE = "if length > len(self.rows) * len(self.columns):"
ARANGE = "torch.arange(length, device=self.rows.device)"

AXIAL_POSITIONS = Exercise(
    solves="unrolled.axial.AxialPositions",
    groups={"whole rows": 1, "part of a row": 1},
    inputs=axial_inputs,
    refuses=axial_refuses,
    probe=probe_positions,
    blanks=("forward",),
    accepts=(AxialExpand, AxialRepeat, AxialLoop),
    misconceptions=(
        Misconception(
            id="columns-first",
            name="the features of the column stand before those of the row",
            hint="In the docstring's example, which number of [1.0, 5.0, 5.0] is the row's?",
            edits={CAT: "torch.cat([self.columns[column], self.rows[row]], dim=-1)"},
        ),
        Misconception(
            id="down-the-columns",
            name="the places run down the columns instead of along the rows",
            hint="One writes a row to its end before beginning the next. By which number do you divide a place?",
            edits={INDICES: "row, column = places % len(self.rows), places // len(self.rows) % len(self.columns)"},
        ),
        Misconception(
            id="divided-by-the-rows",
            name="a place is divided by the number of rows instead of columns",
            hint="How many places does a row have?",
            edits={INDICES: "row, column = places // len(self.rows) % len(self.rows), places % len(self.columns)"},
        ),
        Misconception(
            id="both-remainders",
            name="row and column both move on with every place",
            hint="After place 0 comes place 1: in which row is it? When does the row change?",
            edits={INDICES: "row, column = places % len(self.rows), places % len(self.columns)"},
        ),
        Misconception(
            id="remainder-of-the-rows",
            name="the column is the remainder by the number of rows",
            hint="How many places does a row have?",
            edits={INDICES: "row, column = places // len(self.columns), places % len(self.rows) % len(self.columns)"},
        ),
        Misconception(
            id="first-row-only",
            name="all places have the vector of the first row",
            hint="After the last column, where does one go on?",
            edits={INDICES: "row, column = 0 * places, places % len(self.columns)"},
        ),
        Misconception(
            id="first-column-only",
            name="all places of a row have the same vector",
            hint="Within a row, what tells two places apart?",
            edits={INDICES: "row, column = places // len(self.columns), 0 * places"},
        ),
        Misconception(
            id="from-place-one",
            name="the places are counted from 1",
            hint="In which row and column does place 0 stand?",
            edits={ARANGE: "torch.arange(1, length + 1)"},
        ),
        Misconception(
            id="from-the-end",
            name="the places are counted from the end",
            hint="Which vector should come first?",
            edits={ARANGE: "torch.arange(length).flip(0)"},
        ),
        Misconception(
            id="all-places",
            name="the vectors of all places come back, however many are asked for",
            hint="The signature promises `length` of them. Where do you use it?",
            edits={ARANGE: "torch.arange(len(self.rows) * len(self.columns))"},
        ),
        Misconception(
            id="whole-rows-only",
            name="the last row is left out unless it is complete",
            hint="Four places in rows of three: how many vectors are asked for?",
            edits={ARANGE: "torch.arange(length // len(self.columns) * len(self.columns))"},
        ),
        Misconception(
            id="rows-filled",
            name="the last row is filled to its end",
            hint="Four places in rows of three: how many vectors are asked for?",
            edits={ARANGE: "torch.arange(-(-length // len(self.columns)) * len(self.columns))"},
        ),
        Misconception(
            id="added",
            name="row and column are added up instead of standing side by side",
            hint="How many features does a place have, if rows have 1 and columns 2?",
            edits={CAT: "self.rows[row].sum(-1, keepdim=True) + self.columns[column]"},
        ),
        Misconception(
            id="under-one-another",
            name="the vectors of the columns come after all those of the rows",
            hint="Each place has one vector, made of two parts. Along which axis are they joined?",
            edits={CAT: "torch.cat([self.rows[row].flatten(), self.columns[column].flatten()])"},
        ),
        Misconception(
            id="rows-alone",
            name="only the row's features come back",
            hint="A place has two parts. Which one is missing?",
            edits={CAT: "self.rows[row]"},
        ),
        Misconception(
            id="columns-alone",
            name="only the column's features come back",
            hint="A place has two parts. Which one is missing?",
            edits={CAT: "self.columns[column]"},
        ),
        Misconception(
            id="with-a-batch",
            name="there is an axis of length 1 in front",
            hint="The signature promises (length, d_model). Who adds the axis of the batch, if anyone needs it?",
            edits={CAT: f"{CAT}.unsqueeze(0)"},
        ),
        Misconception(
            id="alternating",
            name="the place of one feature is that of the column before, at the ends of the rows",
            hint="The first place of the second row has the first column. Which has it in yours?",
            edits={INDICES: "row, column = places // len(self.columns), (places - 1).clamp(min=0) % len(self.columns)"},
        ),
        Misconception(
            id="not-learned",
            name="the tables are cut off from the gradient",
            hint="These vectors are learned. What does detach (or .data) cut?",
            edits={CAT: "torch.cat([self.rows.detach()[row], self.columns.detach()[column]], dim=-1)"},
        ),
        Misconception(
            id="rows-not-learned",
            name="the table of the rows is cut off from the gradient",
            hint="Both tables are learned. Which of them do you read through .data?",
            edits={CAT: "torch.cat([self.rows.data[row], self.columns[column]], dim=-1)"},
        ),
        Misconception(
            id="begins-again",
            name="places beyond the last begin again at the first",
            hint="Two places with one vector cannot be told apart. Which exception is promised?",
            edits={
                REFUSE: "if False:",
                INDICES: "row, column = places // len(self.columns) % len(self.rows), places % len(self.columns)",
            },
        ),
        Misconception(
            id="index-error",
            name="torch complains about an index instead of the length being refused by name",
            hint="Which exception is promised, and which argument does it name?",
            edits={REFUSE: "if False:"},
        ),
        Misconception(
            id="last-place-refused",
            name="the last place is refused as well",
            hint="Three rows of five: how many places are there? Is that too many?",
            edits={REFUSE: "if length >= len(self.rows) * len(self.columns):"},
        ),
        Misconception(
            id="only-one-row-allowed",
            name="more places than columns are refused",
            hint="How many places are there in all rows together?",
            edits={REFUSE: "if length > len(self.columns):"},
        ),
        Misconception(
            id="page-cut-by-rows",
            name="the whole page comes back with rows and columns as axes, cut to `length` rows",
            hint="The page has an axis of rows and one of columns. Which two axes become one before you cut?",
            edits={
                CAT: "torch.cat([self.rows[:, None].expand(-1, len(self.columns), -1), "
                "self.columns.expand(len(self.rows), -1, -1)], dim=-1)[:length]"
            },
        ),
    ),
)
