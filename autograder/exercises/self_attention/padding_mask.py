"""`padding_mask`: Which keys are real: in sequence i the first `lengths[i]` of `length`; the rest is padding."""

import torch

from autograder.draw import integers
from autograder.exercise import Exercise, Misconception


def padding_mask_inputs(rng):
    """Batch 3, length 7 or 11; the longest sequence is shorter than `length` in one case."""
    return {
        "full length": [{"lengths": torch.tensor([7, 2, 5]), "length": 7}],
        "all shorter": [{"lengths": integers(rng, 1, 8, 3), "length": 11}],
    }


def padding_mask_loop(lengths, length):
    mask = torch.zeros(len(lengths), length, dtype=torch.bool)
    for row, n in zip(mask, lengths.tolist(), strict=True):
        row[:n] = True
    return mask


def padding_mask_lists(lengths, length):
    return torch.tensor([[place < n for place in range(length)] for n in lengths.tolist()])


PADDING_MASK = Exercise(
    solves="unrolled.self_attention.padding_mask",
    groups={"full length": 1, "all shorter": 1},
    inputs=padding_mask_inputs,
    accepts=(padding_mask_loop, padding_mask_lists),
    misconceptions=(
        Misconception(
            id="inverted",
            name="the mask is True at the padding",
            hint="That is nn.MultiheadAttention's key_padding_mask. Here True means that one may look: at what?",
            edits={" < lengths": " >= lengths"},
        ),
        Misconception(
            id="one-too-many",
            name="the first padding token counts as real",
            hint="Places count from 0. Is place 3 inside a sequence of length 3?",
            edits={" < lengths": " <= lengths"},
        ),
        Misconception(
            id="last-lost",
            name="the last real token counts as padding",
            hint="Places count from 0. What is the place of the last token of a sequence of length 3?",
            edits={" < lengths[:, None]": " < lengths[:, None] - 1"},
        ),
        Misconception(
            id="longest-instead-of-length",
            name="the mask is only as wide as the longest sequence",
            hint="`length` says how wide the batch is; it may be wider than its longest sequence. Do you use it?",
            edits={"torch.arange(length": "torch.arange(int(lengths.max())"},
        ),
        Misconception(
            id="padding-in-front",
            name="the padding is taken to stand in front",
            hint="Some libraries pad in front. Here the first `lengths[i]` places are real: which comparison says so?",
            edits={" < lengths[:, None]": " >= length - lengths[:, None]"},
        ),
        Misconception(
            id="transposed",
            name="the batch is the second axis",
            hint="The promise is (batch, key). Where does your None stand, and which axis does it add?",
            edits={
                "torch.arange(length, device=lengths.device) < lengths[:, None]": (
                    "torch.arange(length, device=lengths.device)[:, None] < lengths"
                )
            },
        ),
        Misconception(
            id="not-boolean",
            name="the mask holds numbers instead of truth values",
            hint="A comparison gives truth values already. What turns them into numbers?",
            edits={
                "torch.arange(length, device=lengths.device) < lengths[:, None]": (
                    "(torch.arange(length, device=lengths.device) < lengths[:, None]).float()"
                )
            },
        ),
    ),
)
