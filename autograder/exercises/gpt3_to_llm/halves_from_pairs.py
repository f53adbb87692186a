"""`halves_from_pairs`: The rows of a query or key projection in the order of halves, if they were learnt in the order of pairs."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def halves_inputs(rng):
    """3 heads of 10 rows, 5 of 6, 2 of 14; one head; a head of two rows, in which nothing moves; double precision."""

    def case(heads, d, columns, double=False):
        weight = normal(rng, heads * d, columns)
        return {"weight": weight.double() if double else weight, "heads": heads}

    return {
        "several heads": [case(3, 10, 18), case(5, 6, 30), case(2, 14, 4, double=True)],
        "one head": [case(1, 10, 14), case(1, 6, 6)],
    }


def halves_refuses(rng):
    return [{"weight": normal(rng, rows, 12), "heads": heads} for rows, heads in ((15, 3), (10, 3), (7, 1))]


def _checked(weight, heads):
    if weight.shape[0] % (2 * heads):
        raise ValueError(f"weight has {weight.shape[0]} rows; expected a multiple of {2 * heads}")


def halves_row_by_row(weight, heads):
    _checked(weight, heads)
    d, rows = len(weight) // heads, []
    for head in range(heads):
        rows += [weight[head * d + i] for i in range(0, d, 2)] + [weight[head * d + i] for i in range(1, d, 2)]
    return torch.stack(rows)


def halves_as_the_published_script(weight, heads):
    _checked(weight, heads)
    d1, d2 = weight.shape
    return weight.view(heads, d1 // heads // 2, 2, d2).transpose(1, 2).reshape(d1, d2)


def halves_by_index(weight, heads):
    _checked(weight, heads)
    rows = torch.arange(len(weight)).view(heads, -1)
    return weight[torch.cat([rows[:, ::2], rows[:, 1::2]], dim=1).flatten()]


def _by_columns(weight, heads):
    _checked(weight, heads)
    return weight.T.unflatten(0, (heads, -1, 2)).transpose(1, 2).flatten(0, 2).T.contiguous()


MOVED = "weight.unflatten(0, (heads, -1, 2)).transpose(1, 2).flatten(0, 2)"

HALVES_FROM_PAIRS = Exercise(
    solves="unrolled.rope.halves_from_pairs",
    groups={"several heads": 1.5, "one head": 0.5},
    inputs=halves_inputs,
    refuses=halves_refuses,
    accepts=(halves_row_by_row, halves_as_the_published_script, halves_by_index),
    misconceptions=(
        Misconception(
            id="pairs-from-halves",
            name="the rows are brought from halves into pairs, the other way round",
            hint="Take a head of six rows, 0 to 5. To which place should row 1 go, and where does it go in yours?",
            edits={MOVED: "weight.unflatten(0, (heads, 2, -1)).transpose(1, 2).flatten(0, 2)"},
        ),
        Misconception(
            id="one-large-head",
            name="all rows are taken as one head",
            hint="Each head is rotated by itself. May a row of the first head land in the second?",
            edits={MOVED: "weight.unflatten(0, (1, -1, 2)).transpose(1, 2).flatten(0, 2)"},
        ),
        Misconception(
            id="odd-rows-first",
            name="the odd rows of each head come before the even ones",
            hint="Row 2i is the first coordinate of a pair. Which half holds the first coordinates?",
            edits={MOVED: "weight.unflatten(0, (heads, -1, 2)).flip(2).transpose(1, 2).flatten(0, 2)"},
        ),
        Misconception(
            id="dealt-to-the-heads",
            name="the rows are dealt to the heads in turn",
            hint="The rows of a head follow each other. Which rows belong to the first head?",
            edits={MOVED: "weight.unflatten(0, (-1, 2, heads)).permute(2, 1, 0, 3).flatten(0, 2)"},
        ),
        Misconception(
            id="pairs-dealt-to-the-heads",
            name="the pairs of rows are dealt to the heads in turn",
            hint="The rows of a head follow each other. Which rows belong to the first head?",
            edits={MOVED: "weight.unflatten(0, (-1, heads, 2)).permute(1, 2, 0, 3).flatten(0, 2)"},
        ),
        Misconception(
            id="nothing-moves",
            name="the rows stay where they are",
            hint="view and reshape keep the order in memory. What makes two axes change places?",
            edits={MOVED: "weight.unflatten(0, (heads, -1, 2)).flatten(0, 2)"},
        ),
        Misconception(
            id="columns",
            name="the columns are reordered instead of the rows",
            hint="A row of the weight makes one feature of a query. What does a column stand for?",
            answer=_by_columns,
        ),
        Misconception(
            id="reversed-within",
            name="the second half of each head is upside down",
            hint="Row 1 is the partner of row 0, and row 3 that of row 2. Are partners d/2 rows apart in yours?",
            edits={
                MOVED: (
                    "torch.cat([weight.unflatten(0, (heads, -1, 2))[:, :, 0], "
                    "weight.unflatten(0, (heads, -1, 2))[:, :, 1].flip(1)], dim=1).flatten(0, 1)"
                )
            },
        ),
        Misconception(
            id="heads-left",
            name="the heads have an axis of their own in the result",
            hint="The signature promises (features, d_model). Which axes become one again?",
            edits={MOVED: "weight.unflatten(0, (heads, -1, 2)).transpose(1, 2).flatten(1, 2)"},
        ),
        Misconception(
            id="weight-overwritten",
            name="the caller's weight is overwritten",
            hint="Assigning to `weight[:]` or calling `copy_` changes what you were given. To whom does it belong?",
            edits={MOVED: f"weight.copy_({MOVED})"},
        ),
        Misconception(
            id="anything-accepted",
            name="rows that do not fall into pairs in every head are not refused by name",
            hint="torch would complain about shapes. Which exception is promised, and which argument does it name?",
            edits={"if len(weight) % (2 * heads):": "if False:"},
        ),
    ),
)
