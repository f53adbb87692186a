"""`padding_mask`: Which keys are real: in sequence i the first `lengths[i]` of `length`; the rest is padding."""

import torch

from autograder.draw import integers
from autograder.exercise import Exercise, Misconception


def padding_mask_inputs(rng):
    """Batch 5, length 7; batch 3, length 11, the longest sequence shorter, one of them empty; batch 1, once one place wide, once very wide."""
    full = torch.tensor([7, 1, *rng.choice([2, 3, 4, 5, 6], 3, replace=False)])[torch.from_numpy(rng.permutation(5))]
    shorter = torch.tensor([0, *rng.choice([1, 2, 3, 4, 5, 6, 7, 8], 2, replace=False)])[torch.from_numpy(rng.permutation(3))]
    full, shorter = (rows.flip(0) if rows[0] == rows.max() else rows for rows in (full, shorter))  # the first is not the longest
    return {
        "full length": [{"lengths": full, "length": 7}, {"lengths": torch.tensor([1]), "length": 1}],
        "all shorter": [
            {"lengths": shorter, "length": 11},
            {"lengths": integers(rng, 1, 7, 1), "length": int(rng.integers(517, 599))},
        ],
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
    groups={"full length": 0.5, "all shorter": 0.5},
    inputs=padding_mask_inputs,
    accepts=(padding_mask_loop, padding_mask_lists),
    misconceptions=(
        Misconception(
            id="empty-is-full",
            name="an empty sequence is real everywhere",
            hint="Its last real place would be number −1. Which place is that in Python, and which keys should an empty sequence show?",
            edits={
                "torch.arange(length, device=lengths.device) < lengths[:, None]": (
                    "torch.arange(length) <= ((lengths - 1) % length)[:, None]"
                )
            },
        ),
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
        Misconception(
            id="no-new-axis",
            name="places and lengths are compared without a new axis",
            hint="(length,) and (batch,) do not pair up by themselves. Which of the two needs an axis of size 1, and "
            "where?",
            edits={
                "[:, None]": "",
            },
        ),
        Misconception(
            id="whole-numbers",
            name="the mask holds the whole numbers 0 and 1 instead of truth values",
            hint="What is ~1? A comparison gives truth values already: what turns them into numbers?",
            edits={
                "torch.arange(length, device=lengths.device) < lengths[:, None]": "(torch.arange(length, device=lengths.device) < lengths[:, None]).long()",
            },
        ),
        Misconception(
            id="axes-for-heads",
            name="the mask has axes for heads and queries already",
            hint="Who uses the mask adds those, `mask[:, None, None, :]`. Which two does the signature promise?",
            edits={
                "torch.arange(length, device=lengths.device) < lengths[:, None]": "(torch.arange(length, device=lengths.device) < lengths[:, None])[:, None, None]",
            },
        ),
        Misconception(
            id="square",
            name="there is a square for every sequence, with the padding's rows hidden as well",
            hint="The mask says which keys are real. How many axes does the signature promise?",
            edits={
                "return torch.arange(length, device=lengths.device) < lengths[:, None]": "real = torch.arange(length, device=lengths.device) < lengths[:, None]\n    return real[:, :, None] & real[:, None]",
            },
        ),
        Misconception(
            id="square-of-keys",
            name="there is a square for every sequence, with the same row for every query",
            hint="Broadcasting repeats the row by itself. How many axes does the signature promise?",
            edits={
                "return torch.arange(length, device=lengths.device) < lengths[:, None]": "real = torch.arange(length, device=lengths.device) < lengths[:, None]\n    return real[:, None].expand(-1, length, -1)",
            },
        ),
        Misconception(
            id="first-length-for-all",
            name="every sequence gets the length of the first",
            hint="Each sequence has a length of its own. Which index do you fix at 0?",
            edits={
                "lengths[:, None]": "lengths[:1, None].expand(len(lengths), 1)",
            },
        ),
        Misconception(
            id="last-sequence-forgotten",
            name="the last sequence is all padding",
            hint="How far does your loop over the batch run?",
            edits={
                "return torch": "lengths = torch.cat([lengths[:-1], torch.zeros_like(lengths[-1:])])\n    return torch",
            },
        ),
        Misconception(
            id="nothing-is-padding",
            name="everything counts as real",
            hint="Which entries should be False? With what do you fill the mask before you begin?",
            edits={
                "return torch.arange(length, device=lengths.device) < lengths[:, None]": "return torch.ones(len(lengths), length, dtype=torch.bool)",
            },
        ),
        Misconception(
            id="full-rows-lost",
            name="a sequence without padding is all padding",
            hint="A slice like `row[-n:]` takes the last n places. What does it take if n is 0?",
            edits={
                "< lengths[:, None]": "< (lengths % length)[:, None]",
            },
        ),
        Misconception(
            id="list-of-rows",
            name="a list of rows is returned instead of a tensor",
            hint="Who masks with it needs a tensor. Which function makes one of your rows?",
            edits={
                "torch.arange(length, device=lengths.device) < lengths[:, None]": "list(torch.arange(length, device=lengths.device) < lengths[:, None])",
            },
        ),
        Misconception(
            id="list-of-lists",
            name="a list of lists is returned instead of a tensor",
            hint="Who masks with it needs a tensor. Which function makes one of your lists?",
            edits={
                "torch.arange(length, device=lengths.device) < lengths[:, None]": "(torch.arange(length, device=lengths.device) < lengths[:, None]).tolist()",
            },
        ),
        Misconception(
            id="lengths-taken-for-tokens",
            name="the lengths are taken for tokens, of which 0 is padding",
            hint="Here you get no tokens, only how many of them are real. With what should the places be compared?",
            edits={
                "torch.arange(length, device=lengths.device) < lengths[:, None]": "(lengths != 0)[:, None].expand(-1, length)",
            },
        ),
        Misconception(
            id="last-real-token-only",
            name="only the last real token is marked",
            hint="A sequence has many real places. Which comparison is True at all of them?",
            edits={
                "< lengths[:, None]": "== lengths[:, None] - 1",
            },
        ),
        Misconception(
            id="one-hot",
            name="only the place after the last real token is marked",
            hint="A one-hot vector has a single 1. Which comparison is True at all real places?",
            edits={
                "< lengths[:, None]": "== lengths[:, None]",
            },
        ),
        Misconception(
            id="lengths-overwritten",
            name="the lengths handed in are overwritten",
            hint="`-=` and calls that end in an underscore write into their tensor. Who still needs the lengths?",
            edits={
                "return torch": "lengths -= 1\n    return torch",
                "< lengths": "<= lengths",
            },
        ),
        Misconception(
            id="as-in-the-example",
            name="the mask is four places wide, however wide the batch is",
            hint="Where do you use `length`?",
            edits={
                "arange(length,": "arange(4,",
            },
        ),
        Misconception(
            id="range-of-a-tensor",
            name="`range` is called with all lengths at once",
            hint="`range` takes one number. What makes places of all rows at once, or one row after the other?",
            edits={
                "return torch": "range(lengths)\n    return torch",
            },
        ),
        Misconception(
            id="triangle",
            name="the mask is a triangle: sequence i has i + 1 real places",
            hint="That is how a causal mask looks. Which argument says how many places are real?",
            edits={
                "torch.arange(length, device=lengths.device) < lengths[:, None]": "torch.ones(len(lengths), length, dtype=torch.bool).tril()",
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
            id="sorted",
            name="the sequences are sorted by their length, the longest first",
            hint="Packed sequences want that. Which row belongs to sequence i here?",
            edits={
                "< lengths[:, None]": "< lengths.sort(descending=True).values[:, None]",
            },
        ),
        Misconception(
            id="sorted-upwards",
            name="the sequences are sorted by their length, the shortest first",
            hint="Which row belongs to sequence i?",
            edits={
                "< lengths[:, None]": "< lengths.sort().values[:, None]",
            },
        ),
        Misconception(
            id="chained-comparison",
            name="two comparisons of tensors are chained",
            hint="`a <= b < c` asks for one truth of a whole tensor. Which of the two comparisons do you need?",
            edits={
                "torch.arange(length, device=lengths.device) < lengths[:, None]": "0 <= torch.arange(length, device=lengths.device) < lengths[:, None]",
            },
        ),
        Misconception(
            id="squeezed",
            name="the axis of the batch is squeezed away where it has size 1",
            hint="`squeeze()` without an axis throws away every axis of size 1: what if the batch holds one "
            "sentence, or the sentence one word?",
            edits={
                "torch.arange(length, device=lengths.device) < lengths[:, None]": "(torch.arange(length, device=lengths.device) < lengths[:, None]).squeeze()",
            },
        ),
        Misconception(
            id="additive",
            name="the mask holds 0 and −∞",
            hint="Such an additive mask is right elsewhere: one adds it to the scores. Here masks are boolean: which "
            "of your lines makes numbers of them?",
            edits={
                "torch.arange(length, device=lengths.device) < lengths[:, None]": "torch.zeros(len(lengths), length).masked_fill(torch.arange(length, device=lengths.device) >= lengths[:, None], -torch.inf)",
            },
        ),
        Misconception(
            id="never-empty",
            name="an empty sequence keeps one place",
            hint="A sequence of length 0 has no real token. What stops your mask from being False throughout?",
            edits={
                "lengths[:, None]": "lengths.clamp(min=1)[:, None]",
            },
        ),
    ),
)
