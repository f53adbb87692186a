"""`select_layers`: Which of the teacher's blocks, counted from 0, the student starts with."""

from fractions import Fraction

import numpy as np
import torch

from autograder.exercise import Exercise, Misconception


def select_layers_inputs(rng):
    """Blocks that lie between two of the teacher's, nearer to the lower, nearer to the upper, exactly half-way; the ends."""

    def case(teacher, student):
        return {"teacher": int(teacher), "student": int(student)}

    def some(low, high):
        return int(rng.integers(low, high))

    # An even number of blocks for the student: never half-way. Three: half-way where the teacher's number is even.
    between = [case(12, 6), case(some(23, 41), 8), case(some(41, 71), 12), case(2 * some(25, 40), 4)]
    halves = [case(4 * some(2, 20) + 2, 3), case(4 * some(2, 20), 3)]
    return {
        "between": [*between, *halves],
        "ends": [case(some(3, 60), 1), case(some(3, 60), 2), case(*[some(5, 40)] * 2), case(1, 1)],
    }


def select_layers_refuses(rng):
    """A block too many, and none at all."""
    teacher = int(rng.integers(2, 20))
    return [{"teacher": teacher, "student": teacher + 1}, {"teacher": teacher, "student": 0}]


def select_layers_linspace(teacher, student):
    if student < 1 or student > teacher:
        raise ValueError(f"student must be between 1 and {teacher}")
    return [int(layer) for layer in np.linspace(0, teacher - 1, student).round()]


def select_layers_torch(teacher, student):
    if student not in range(1, teacher + 1):
        raise ValueError("student: more blocks than the teacher has, or none")
    return torch.linspace(0, teacher - 1, student, dtype=torch.float64).round().long().tolist()


def select_layers_fractions(teacher, student):
    if not 0 < student <= teacher:
        raise ValueError(f"bad student {student}")
    layers = [0]
    while len(layers) < student:
        layers.append(round(Fraction(len(layers) * (teacher - 1), student - 1)))
    return layers


LINE = "round(i * (teacher - 1) / max(student - 1, 1))"

SELECT_LAYERS = Exercise(
    solves="unrolled.distilbert.select_layers",
    groups={"between": 1, "ends": 1},
    inputs=select_layers_inputs,
    refuses=select_layers_refuses,
    accepts=(select_layers_linspace, select_layers_torch, select_layers_fractions),
    misconceptions=(
        Misconception(
            id="the-first",
            name="the student starts with the teacher's first blocks",
            hint="Low blocks and high blocks do different work. Which blocks of the teacher are missing at the far end?",
            edits={LINE: "i"},
        ),
        Misconception(
            id="the-last",
            name="the student starts with the teacher's last blocks",
            hint="The last blocks never saw what comes straight from the embeddings. Which block should be the first?",
            edits={LINE: "teacher - student + i"},
        ),
        Misconception(
            id="every-second",
            name="every second block is taken, however many the teacher has",
            hint="For 12 and 6 the released model ends with block 11. With which does yours end, and with 40 blocks and 8?",
            edits={LINE: "2 * i"},
        ),
        Misconception(
            id="steps-of-equal-size",
            name="a whole number of blocks is skipped each time, and what is left over at the end is lost",
            hint="Is the teacher's last block among yours? What happens if you round only at the end of the calculation?",
            edits={LINE: "i * (teacher // student)"},
        ),
        Misconception(
            id="divided-by-the-number",
            name="the line is cut into as many parts as the student has blocks, so its end is never reached",
            hint="A fence of six posts has how many gaps between them?",
            edits={LINE: "round(i * teacher / student)"},
        ),
        Misconception(
            id="middles-of-equal-parts",
            name="the teacher is cut into equal parts, and the middle of each part is taken",
            hint="Is the teacher's last block among yours, for every teacher? Where do the first and the last post stand?",
            edits={LINE: "round((i + 0.5) * teacher / student - 0.5) if student > 1 else 0"},
        ),
        Misconception(
            id="one-gap-too-many",
            name="the last block of the teacher is reached one block too late",
            hint="A fence of six posts has how many gaps between them?",
            edits={LINE: "round(i * (teacher - 1) / student)"},
        ),
        Misconception(
            id="beyond-the-end",
            name="the line ends one block after the teacher's last",
            hint="Counted from 0, what is the number of the last of twelve blocks?",
            edits={LINE: "round(i * teacher / max(student - 1, 1))"},
        ),
        Misconception(
            id="rounded-down",
            name="the numbers are rounded down",
            hint="6.6 lies nearer to 7 than to 6. What do `int` and `//` make of it?",
            edits={LINE: "i * (teacher - 1) // max(student - 1, 1)"},
        ),
        Misconception(
            id="rounded-up",
            name="the numbers are rounded up",
            hint="2.2 lies nearer to 2 than to 3. What does your rounding make of it?",
            edits={LINE: "-(-i * (teacher - 1) // max(student - 1, 1))"},
        ),
        Misconception(
            id="half-up",
            name="an exact half is rounded up",
            hint="Many languages do it so. What does the docstring say of 2.5, and which function does the same?",
            edits={LINE: "int(i * (teacher - 1) / max(student - 1, 1) + 0.5)"},
        ),
        Misconception(
            id="half-down",
            name="an exact half is rounded down",
            hint="What does the docstring say of a half between 5 and 6?",
            edits={LINE: "-(-(2 * i * (teacher - 1) - max(student - 1, 1)) // (2 * max(student - 1, 1)))"},
        ),
        Misconception(
            id="counted-from-one",
            name="the blocks are counted from 1",
            hint="Which number has the first block of a `ModuleList`?",
            edits={LINE: f"1 + {LINE}"},
        ),
        Misconception(
            id="from-the-last",
            name="the list runs from the teacher's last block to its first",
            hint="Which block does the text meet first, and which should the student's first block be?",
            edits={LINE: "round((student - 1 - i) * (teacher - 1) / max(student - 1, 1))"},
        ),
        Misconception(
            id="real-numbers",
            name="the numbers of the blocks are real numbers, 2.0 instead of 2",
            hint="Can a list be asked for its element 2.0? What does the signature promise?",
            edits={LINE: f"float({LINE})"},
        ),
        Misconception(
            id="one-block-divides-by-zero",
            name="a student of one block divides by 0",
            hint="With one block there is no gap. What does your formula divide by then, and what should come out?",
            edits={"max(student - 1, 1)": "(student - 1)"},
        ),
        Misconception(
            id="one-block-is-the-last",
            name="a student of one block gets the teacher's last",
            hint="What does the docstring say of a student of one block?",
            edits={"return [": "return [teacher - 1] if student == 1 else ["},
        ),
        Misconception(
            id="nothing-refused",
            name="no number of blocks is refused",
            hint="Can a student have more blocks than there are to start from, or none? What does the docstring promise then?",
            edits={"if not 1 <= student <= teacher:": "if False:"},
        ),
        Misconception(
            id="too-many-not-refused",
            name="a student with more blocks than its teacher is not refused",
            hint="What would the extra blocks start with? What does the docstring promise for such numbers?",
            edits={"if not 1 <= student <= teacher:": "if not 1 <= student:"},
        ),
        Misconception(
            id="none-not-refused",
            name="a student without a block is not refused",
            hint="Which smallest number of blocks makes sense, and what does the docstring promise for fewer?",
            edits={"if not 1 <= student <= teacher:": "if not student <= teacher:"},
        ),
    ),
)
