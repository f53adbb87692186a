"""`absmax_quantize`: Codes and scale, so that codes · scale is near the weight, and 0 stays 0."""

import numpy as np
import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception
from autograder.exercises.smaller.shared import clear


def absmax_inputs(rng):
    """5 × 7, rows of unequal size, the largest value now above 0, now below; 8 bits and fewer; one row, one number.

    Halves, exact in float32 whichever way one divides; a row of zeros, and a weight of nothing else.
    """

    def case(bits, per_row, rows=5, columns=7):
        sizes = torch.from_numpy(rng.permutation([0.3, 1.0, 2.5, 6.0, 14.0])[:rows, None]).float()
        weight = sizes * normal(rng, rows, columns).clamp(-2, 2)
        place, sign = rng.integers(0, columns, rows), rng.permutation([-1, 1, -1, 1, -1])[:rows]
        sign[sizes[:, 0].argmax()] = -1
        weight[range(rows), place] = sizes[:, 0] * torch.from_numpy(sign * rng.uniform(2.2, 3.0, rows)).float()
        largest = weight.abs().amax(1, keepdim=True) if per_row else weight.abs().max()
        return {"weight": clear(weight, largest / (2 ** (bits - 1) - 1)), "bits": bits, "per_row": per_row}

    def halves(per_row):
        steps = torch.tensor([[127, 0.5, 1.5, -0.5, -1.5, 3.5], [-127, 2.5, -2.5, 4.5, 0.5, -3.5]])
        return {"weight": steps[:, torch.from_numpy(rng.permutation(6))] * 2.0 ** rng.integers(-6, 3), "per_row": per_row}

    zeros = case(8, True)
    zeros["weight"][rng.integers(5)] = 0.0
    plain = case(8, False)
    plain = {"weight": plain["weight"]}
    return {
        "one scale": [
            plain,
            case(4, False),
            case(2, False, rows=3, columns=11),
            halves(False),
            case(8, False, rows=1, columns=1),
            {"weight": torch.zeros(2, 3), "bits": 3},
        ],
        "a scale for each row": [case(8, True), case(3, True, rows=3, columns=11), halves(True), case(5, True, rows=1), zeros],
    }


def absmax_refuses(rng):
    return [{"weight": normal(rng, 2, 3), "bits": 1}, {"weight": normal(rng, 2, 3), "bits": 9, "per_row": True}]


def _checked(bits):
    if bits not in range(2, 9):
        raise ValueError(f"bits is {bits}; expected 2 to 8")


def absmax_with_numpy(weight, bits=8, per_row=False):
    _checked(bits)
    w = weight.numpy()
    largest = np.abs(w).max(axis=1, keepdims=True) if per_row else np.abs(w).max()
    scale = np.where(largest == 0, np.float32(1), largest / np.float32(2 ** (bits - 1) - 1)).astype(np.float32)
    return torch.from_numpy(np.rint(w / scale).astype(np.int8)), torch.from_numpy(np.asarray(scale))


def absmax_with_the_inverse(weight, bits=8, per_row=False):
    _checked(bits)
    most = (1 << (bits - 1)) - 1
    largest = torch.linalg.vector_norm(weight, ord=torch.inf, dim=1 if per_row else (0, 1), keepdim=per_row)
    largest = largest.masked_fill(largest == 0, float(most))
    return (weight * (most / largest)).round().clamp(-most, most).char(), largest / most


def absmax_row_by_row(weight, bits=8, per_row=False):
    _checked(bits)
    most, codes, scales = 2 ** (bits - 1) - 1, torch.zeros_like(weight, dtype=torch.int8), []
    for part, to in zip(weight, codes, strict=True) if per_row else [(weight, codes)]:
        scale = max(part.max(), -part.min()) / most
        scale = scale if scale > 0 else torch.ones(())
        to.copy_(torch.round(part / scale))
        scales.append(scale)
    return codes, torch.stack(scales)[:, None] if per_row else scales[0]


LARGEST = "weight.abs().amax(dim=1, keepdim=True) if per_row else weight.abs().amax()"
MOST = "(2 ** (bits - 1) - 1)"
CODES = "torch.round(weight / scale).to(torch.int8)"

ABSMAX_QUANTIZE = Exercise(
    solves="unrolled.int8.absmax_quantize",
    groups={"one scale": 1.5, "a scale for each row": 1.5},
    inputs=absmax_inputs,
    refuses=absmax_refuses,
    accepts=(absmax_with_numpy, absmax_with_the_inverse, absmax_row_by_row),
    forbids=("torch.quantize_per_tensor", "torch.quantize_per_channel"),
    misconceptions=(
        Misconception(
            id="half-of-the-levels",
            name="the largest value gets the code 2^(bits − 1) instead of one less",
            hint="With 8 bits, is there a code 128? What becomes of it in an int8?",
            edits={MOST: "2 ** (bits - 1)"},
        ),
        Misconception(
            id="half-of-the-levels-cut-off",
            name="the largest value gets the code 2^(bits − 1), and what is too high is cut off",
            hint="Is the code of −w always the opposite of that of w in yours? Which is the largest code with a sign that 8 bits hold?",
            edits={MOST: "2 ** (bits - 1)", CODES: "torch.round(weight / scale).clamp(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1).to(torch.int8)"},
        ),
        Misconception(
            id="minus-128-used",
            name="the scale is the largest value over half of all levels, so that −128 comes into use",
            hint="Is the code of −w always the opposite of that of w in yours? How many codes stay unused here?",
            edits={MOST: "((2**bits - 1) / 2)", CODES: "torch.round(weight / scale).clamp(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1).to(torch.int8)"},
        ),
        Misconception(
            id="all-levels",
            name="the largest value is divided by 2^bits − 1: the sign is forgotten",
            hint="Codes have a sign. How many of them lie on each side of 0?",
            edits={MOST: "(2**bits - 1)"},
        ),
        Misconception(
            id="always-eight-bits",
            name="the codes reach to 127, however many bits there are",
            hint="What is the largest number with a sign that 4 bits can hold? Where does your answer use `bits`?",
            edits={MOST: "127"},
        ),
        Misconception(
            id="truncated",
            name="the codes are cut off towards 0 instead of rounded",
            hint="What does `.to(torch.int8)` do with 2.9?",
            edits={"torch.round(weight / scale)": "(weight / scale)"},
        ),
        Misconception(
            id="floored",
            name="the codes are rounded down",
            hint="How far may a number be from the code below it? And from the nearest one?",
            edits={"torch.round(weight / scale)": "torch.floor(weight / scale)"},
        ),
        Misconception(
            id="halves-up",
            name="halves are rounded up instead of to the even number",
            hint="What is `torch.round` of 0.5, and of 1.5? And what does floor(x + 0.5) give?",
            edits={"torch.round(weight / scale)": "torch.floor(weight / scale + 0.5)"},
        ),
        Misconception(
            id="halves-away",
            name="halves are rounded away from 0 instead of to the even number",
            hint="What is `torch.round` of 0.5, and of 1.5? And what does yours make of them?",
            edits={
                "torch.round(weight / scale)": "(torch.sign(weight) * torch.floor((weight / scale).abs() + 0.5))"
            },
        ),
        Misconception(
            id="largest-without-sign",
            name="the largest value is taken without looking at negative ones",
            hint="In a weight of −5 and 1, which value needs the largest code?",
            edits={LARGEST: "weight.amax(dim=1, keepdim=True) if per_row else weight.amax()"},
        ),
        Misconception(
            id="by-columns",
            name="there is a scale for each column instead of each row",
            hint="A row of a linear layer's weight makes one output. Along which axis is the largest value looked for?",
            edits={"amax(dim=1, keepdim=True)": "amax(dim=0, keepdim=True)"},
        ),
        Misconception(
            id="axis-lost",
            name="the scales have the shape (rows,), and meet the columns when they are multiplied",
            hint="Shapes are lined up from the right. With which axis of the weight does (rows,) meet?",
            edits={
                "torch.round(weight / scale).to(torch.int8), scale": (
                    "torch.round(weight / scale).to(torch.int8), scale.squeeze(-1) if per_row else scale"
                )
            },
        ),
        Misconception(
            id="per-row-ignored",
            name="there is one scale, whatever `per_row` says",
            hint="What should change when `per_row` is True?",
            edits={LARGEST: "weight.abs().amax().expand(len(weight), 1) if per_row else weight.abs().amax()"},
        ),
        Misconception(
            id="always-by-rows",
            name="there is a scale for each row, whatever `per_row` says",
            hint="Without `per_row`, how many scales are promised?",
            edits={LARGEST: "weight.abs().amax(dim=1, keepdim=True)"},
        ),
        Misconception(
            id="one-scale-with-axes",
            name="the single scale has the shape (1, 1) instead of none",
            hint="What shape does the signature promise without `per_row`?",
            edits={"else weight.abs().amax()": "else weight.abs().amax().view(1, 1)"},
        ),
        Misconception(
            id="inverse",
            name="the factor comes back by which the weight is multiplied, not the scale",
            hint="Correct in the LLM.int8() paper. Here codes · scale should be near the weight: is it?",
            edits={"torch.round(weight / scale).to(torch.int8), scale": "torch.round(weight / scale).to(torch.int8), 1 / scale"},
        ),
        Misconception(
            id="the-largest-value-returned",
            name="the largest value comes back instead of the scale",
            hint="Correct in bitsandbytes. Here codes · scale should be near the weight: is it?",
            edits={"torch.round(weight / scale).to(torch.int8), scale": "torch.round(weight / scale).to(torch.int8), scale * (2 ** (bits - 1) - 1)"},
        ),
        Misconception(
            id="floats",
            name="the codes are still floating-point numbers",
            hint="How many bytes does each of your codes take? Which dtype does the signature promise?",
            edits={".to(torch.int8)": ""},
        ),
        Misconception(
            id="wide-integers",
            name="the codes are whole numbers of 8 bytes",
            hint="How many bytes does each of your codes take? Which dtype does the signature promise?",
            edits={"torch.int8": "torch.int64"},
        ),
        Misconception(
            id="rounded-weight",
            name="the rounded weight comes back in the place of the codes",
            hint="What is stored: numbers near the weight, or the codes from which they are made?",
            edits={CODES: "(torch.round(weight / scale) * scale)"},
        ),
        Misconception(
            id="divided-by-zero",
            name="a row or weight of zeros gets a scale of 0 or nearly 0",
            hint="Which scale is promised there? And what are 0 / 0 and its code?",
            edits={"    scale = torch.where(scale > 0, scale, 1.0)\n": ""},
        ),
        Misconception(
            id="from-smallest-to-largest",
            name="the scale spreads the codes from the smallest to the largest value",
            hint="If all values are positive, what is the largest code in yours? Which value gets the code 2^(bits − 1) − 1?",
            edits={
                LARGEST: (
                    "(weight.amax(dim=1, keepdim=True) - weight.amin(dim=1, keepdim=True)) / 2 if per_row "
                    "else (weight.amax() - weight.amin()) / 2"
                )
            },
        ),
        Misconception(
            id="standard-deviation",
            name="the scale is made of three standard deviations",
            hint="That cuts off what is larger; some do so on purpose. Which value makes the scale here?",
            edits={
                LARGEST: (
                    "3 * weight.std(dim=1, keepdim=True, correction=0) if per_row else 3 * weight.std(correction=0)"
                )
            },
        ),
        Misconception(
            id="bits-unchecked",
            name="impossible numbers of bits are taken without a word",
            hint="What does the docstring promise for 1 bit, or 9?",
            edits={
                "    if not 2 <= bits <= 8:\n": "    if False:\n",
            },
        ),
        Misconception(
            id="weight-overwritten",
            name="the caller's weight is rounded in place",
            hint="`/=` and `round_()` write into the tensor that they are given. To whom does it belong?",
            edits={"torch.round(weight / scale)": "weight.div_(scale).round_()"},
        ),
        Misconception(
            id="largest-with-its-sign",
            name="the largest value is taken with its sign, and what lies too low is cut off",
            hint="In a row of −5 and 1, what must the numbers be divided by to lie between −1 and 1?",
            edits={
                LARGEST: "weight.amax(dim=1, keepdim=True) if per_row else weight.amax()",
                "scale > 0": "scale != 0",
                CODES: "torch.round(weight / scale).clamp(1 - 2 ** (bits - 1), 2 ** (bits - 1) - 1).to(torch.int8)",
            },
        ),
        Misconception(
            id="one-row-of-zeros-for-all",
            name="every row gets the scale 1 as soon as one of them is all zeros",
            hint="A row knows nothing of the others. Does your condition look at each scale, or at all of them together?",
            edits={"torch.where(scale > 0, scale, 1.0)": "scale if (scale > 0).all() else torch.ones_like(scale)"},
        ),
    ),
)
