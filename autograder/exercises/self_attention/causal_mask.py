"""`causal_mask`: Which keys a query may look at if it must not see the future: those up to and with itself."""

import torch

from autograder.exercise import Exercise, Misconception


def causal_mask_loop(length):
    mask = torch.zeros(length, length, dtype=torch.bool)
    for i in range(length):
        mask[i, : i + 1] = True
    return mask


def causal_mask_compare(length):
    places = torch.arange(length)
    return places[None, :] <= places[:, None]


CAUSAL_MASK = Exercise(
    solves="unrolled.self_attention.causal_mask",
    groups={"masks": 1},
    inputs=lambda rng: {
        "masks": [{"length": int(n)} for n in (1, rng.integers(3, 7), rng.integers(7, 12), rng.integers(517, 599))]
    },
    accepts=(causal_mask_loop, causal_mask_compare, lambda length: ~torch.ones(length, length).triu(1).bool()),
    misconceptions=(
        Misconception(
            id="inverted",
            name="the mask is True where one must not look",
            hint="That is the convention of nn.MultiheadAttention. Here True means that one may look: which triangle is that?",
            edits={".tril()": ".triu(1)"},
        ),
        Misconception(
            id="diagonal-masked",
            name="a word may not look at itself",
            hint="What can the very first word look at, if not at itself?",
            edits={".tril()": ".tril(-1)"},
        ),
        Misconception(
            id="looks-ahead",
            name="the words look at the future instead of the past",
            hint="Row 0 is the first word. Which keys lie in its past?",
            edits={".tril()": ".triu()"},
        ),
        Misconception(
            id="one-too-far",
            name="every word sees the next one",
            hint="If the first word sees the second, what is left to predict?",
            edits={".tril()": ".tril(1)"},
        ),
        Misconception(
            id="not-boolean",
            name="the mask holds numbers instead of truth values",
            hint="What does ~ do to a tensor of floats? Which dtype says True and False?",
            edits={", dtype=torch.bool": ""},
        ),
        Misconception(
            id="additive",
            name="the mask holds 0 and −∞",
            hint="Such an additive mask is right elsewhere: one adds it to the scores. Here masks are boolean; how do you "
            "say which places are allowed?",
            edits={
                "torch.ones(length, length, dtype=torch.bool).tril()": (
                    "torch.full((length, length), -torch.inf).triu(1)"
                )
            },
        ),
        Misconception(
            id="all-allowed",
            name="every word may look at every word",
            hint="Which entries should be False?",
            edits={".tril()": ""},
        ),
        Misconception(
            id="whole-numbers",
            name="the mask holds the whole numbers 0 and 1 instead of truth values",
            hint="What is ~1? Which dtype says True and False?",
            edits={
                "torch.bool": "torch.long",
            },
        ),
        Misconception(
            id="bytes",
            name="the mask holds bytes instead of truth values",
            hint="Old versions of PyTorch had masks of uint8. Which dtype says True and False?",
            edits={
                "torch.bool": "torch.uint8",
            },
        ),
        Misconception(
            id="axes-in-front",
            name="the mask has an axis in front of the two",
            hint="Broadcasting adds axes in front by itself. Which two does the signature promise?",
            edits={
                ".tril()": ".tril()[None]",
            },
        ),
        Misconception(
            id="axes-for-batch-and-heads",
            name="the mask has axes for batch and heads in front of the two",
            hint="Broadcasting adds axes in front by itself. Which two does the signature promise?",
            edits={
                ".tril()": ".tril()[None, None]",
            },
        ),
        Misconception(
            id="diagonal-only",
            name="every word sees only itself",
            hint="What do the words before it have to say?",
            edits={
                "torch.ones(length, length, dtype=torch.bool).tril()": "torch.eye(length, dtype=torch.bool)",
            },
        ),
        Misconception(
            id="list-of-lists",
            name="a list of lists is returned instead of a tensor",
            hint="Who masks with it needs a tensor. Which function makes one of your lists?",
            edits={
                ".tril()": ".tril().tolist()",
            },
        ),
        Misconception(
            id="flat",
            name="the mask has a single axis",
            hint="A query and a key: how many axes are that?",
            edits={
                ".tril()": ".tril().flatten()",
            },
        ),
        Misconception(
            id="one-size-too-large",
            name="the mask has one row and one column too many",
            hint="How many words are there, and how many rows?",
            edits={
                "torch.ones(length, length,": "torch.ones(length + 1, length + 1,",
            },
        ),
        Misconception(
            id="last-row-empty",
            name="the last word sees nothing",
            hint="How far does your loop run? What is the number of the last row?",
            edits={
                "    return torch.ones(length, length, dtype=torch.bool).tril()": "    mask = torch.ones(length, length, dtype=torch.bool).tril()\n    mask[-1] = False\n    return mask",
            },
        ),
        Misconception(
            id="as-in-the-example",
            name="the mask is that of three words, however long the sentence is",
            hint="Where do you use `length`?",
            edits={
                "torch.ones(length, length,": "torch.ones(3, 3,",
            },
        ),
        Misconception(
            id="band-of-two",
            name="every word sees itself and only the one before it",
            hint="How far back may a word look?",
            edits={
                ".tril()": ".tril().triu(-1)",
            },
        ),
        Misconception(
            id="nothing-returned",
            name="nothing is returned",
            hint="Your function makes something. Which line hands it over?",
            edits={
                "return torch": "torch",
            },
        ),
        Misconception(
            id="rows-reversed",
            name="the rows stand in the reverse order",
            hint="Row 0 is the first word. How many words has it before it?",
            edits={
                ".tril()": ".tril().flip(0)",
            },
        ),
        Misconception(
            id="columns-reversed",
            name="the columns stand in the reverse order",
            hint="Column 0 is the first word. Who may look at it?",
            edits={
                ".tril()": ".tril().flip(1)",
            },
        ),
        Misconception(
            id="first-row-open",
            name="the first word sees everything",
            hint="The first word has itself to look at: is its row empty without your help?",
            edits={
                "    return torch.ones(length, length, dtype=torch.bool).tril()": "    mask = torch.ones(length, length, dtype=torch.bool).tril()\n    mask[0] = True\n    return mask",
            },
        ),
        Misconception(
            id="one-size",
            name="torch.ones is given a single size",
            hint="A query and a key: how many axes must the mask have before `tril` can cut it?",
            edits={
                "torch.ones(length, length,": "torch.ones(length,",
            },
        ),
        Misconception(
            id="only-eight",
            name="the mask is cut from one of eight words",
            hint="What if the sentence is longer than your table? Where does its size come from?",
            edits={
                "torch.ones(length, length, dtype=torch.bool).tril()": "torch.ones(8, 8, dtype=torch.bool).tril()[:length, :length]",
            },
        ),
        Misconception(
            id="only-the-past-row",
            name="only the last word's row is returned",
            hint="There is a row for every query. Which one do you return?",
            edits={
                ".tril()": ".tril()[-1:]",
            },
        ),
        Misconception(
            id="array",
            name="a NumPy array is returned instead of a tensor",
            hint="Who masks with it needs a tensor. Which library's functions make one?",
            edits={
                ".tril()": ".tril().numpy()",
            },
        ),
    ),
)
