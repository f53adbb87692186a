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
    groups={"masks": 2},
    inputs=lambda rng: {"masks": [{"length": int(n)} for n in (1, rng.integers(3, 7), rng.integers(7, 12))]},
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
    ),
)
