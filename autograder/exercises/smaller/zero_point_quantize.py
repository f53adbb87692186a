"""`zero_point_quantize`: Codes, scale and zero point, so that (codes − zero point) · scale is near x."""

import numpy as np
import torch

from autograder.draw import normal, uniform
from autograder.exercise import Exercise, Misconception
from autograder.exercises.smaller.shared import clear


def zero_point_inputs(rng):
    """Values on both sides of 0, all above it, all below; 1 to 3 axes, a single number; 8 bits and fewer; only zeros.

    Once smallest and largest lie in the middle between two codes, so that the last code would be one too high; once others do.
    """

    def case(values, bits=8):
        smallest, largest = values.min().clamp(max=0), values.max().clamp(min=0)
        # The middle between two codes is avoided for the zero point, too.
        for _ in range(20):
            scale = (largest - smallest) / (2**bits - 1)
            part = (smallest / scale).item() % 1
            if abs(part - 0.5) > 0.05 and 0.1 < part < 0.9:
                break
            values = torch.where(values == values.min(), values + 0.37 * scale * np.sign(values.min().item()), values)
            smallest, largest = values.min().clamp(max=0), values.max().clamp(min=0)
        inner = (values != values.min()) & (values != values.max())
        return {"x": torch.where(inner, clear(values, scale), values), "bits": bits}

    def lopsided(*shape):
        x = normal(rng, *shape)
        return torch.where(x > 0, 2.7 * x, x)

    k, scale = 2 * int(rng.integers(5, 100)) + 1, 2.0 ** int(rng.integers(-5, 3))
    ends = torch.tensor([-k - 0.5, 254.5 - k, 0.0, 3.0, -2.0]) * scale
    uneven = torch.tensor([-k - 0.3, 254.7 - k, 0.0, 7.2, -3.8]) * scale  # cut off, the zero point would be another
    halves = torch.tensor([-k, 255.0 - k, 0.5, 1.5, -0.5, -2.5, 3.5]) * scale
    both = case(lopsided(5, 7))
    above = {"x": 2.3 + 1.7 * uniform(rng, 3, 5), "bits": 8}
    above["x"] = clear(above["x"], above["x"].max() / 255)
    below = {"x": -1.3 - 0.9 * uniform(rng, 11), "bits": 6}
    below["x"] = clear(below["x"], -below["x"].min() / 63)
    return {
        "both sides of 0": [{"x": both["x"]}, case(lopsided(2, 3, 5), 4), case(-lopsided(13), 3), case(lopsided(3, 5), 2), {"x": ends}, {"x": uneven}, {"x": halves}],
        "one side of 0": [above, below, {"x": torch.zeros(3, 2), "bits": 4}, {"x": uniform(rng, 1) + 0.5, "bits": 8}],
    }


def zero_point_refuses(rng):
    return [{"x": normal(rng, 5), "bits": 1}, {"x": normal(rng, 2, 3), "bits": 9}]


def _checked(bits):
    if bits not in range(2, 9):
        raise ValueError(f"bits is {bits}; expected 2 to 8")


def zero_point_with_numpy(x, bits=8):
    _checked(bits)
    x, low = x.numpy(), -(2 ** (bits - 1))
    smallest, largest = min(x.min(), np.float32(0)), max(x.max(), np.float32(0))
    scale = np.float32((largest - smallest) / (2**bits - 1)) or np.float32(1)
    zero_point = int(np.rint(low - smallest / scale))
    codes = np.clip(np.rint(x / scale) + zero_point, low, low + 2**bits - 1).astype(np.int8)
    return torch.from_numpy(codes), torch.tensor(scale), zero_point


def zero_point_unsigned_first(x, bits=8):
    _checked(bits)
    smallest, largest = x.min().clamp(max=0), torch.relu(x.max())
    scale = (largest - smallest) / (2**bits - 1)
    scale = scale if scale > 0 else scale + 1
    half = 2 ** (bits - 1)
    zero_point = (-half - smallest / scale).round()
    codes = torch.clamp((x / scale).round() + zero_point + half, 0, 2**bits - 1) - half
    return codes.to(torch.int8), scale, int(zero_point)


def zero_point_like_torch(x, bits=8):
    _checked(bits)
    low, high = -(1 << bits - 1), (1 << bits - 1) - 1
    values = torch.cat([x.flatten(), x.new_zeros(1)])
    scale = (values.max() - values.min()) / (high - low)
    if scale == 0:
        scale = x.new_ones(())
    zero_point = max(low, min(high, round((low - values.min() / scale).item())))
    return (torch.round(x / scale) + zero_point).clip(low, high).char(), scale, zero_point


ENDS = "smallest, largest = x.amin().clamp(max=0), x.amax().clamp(min=0)"
ZERO = "int(torch.round(lowest - smallest / scale))"
CODES = "torch.round(x / scale) + zero_point"

ZERO_POINT_QUANTIZE = Exercise(
    solves="unrolled.int8.zero_point_quantize",
    groups={"both sides of 0": 2, "one side of 0": 1},
    inputs=zero_point_inputs,
    refuses=zero_point_refuses,
    accepts=(zero_point_with_numpy, zero_point_unsigned_first, zero_point_like_torch),
    forbids=("torch.quantize_per_tensor",),
    misconceptions=(
        Misconception(
            id="zero-outside",
            name="the range is not widened to hold 0",
            hint="Padding is 0, and half of what comes out of a ReLU. Which code has 0 if all values lie between 2 and 4?",
            edits={ENDS: "smallest, largest = x.amin(), x.amax()"},
        ),
        Misconception(
            id="widened-below-only",
            name="the range is not widened where all values are negative",
            hint="Which code has 0 if all values lie between −4 and −2?",
            edits={"x.amax().clamp(min=0)": "x.amax()"},
        ),
        Misconception(
            id="widened-above-only",
            name="the range is not widened where all values are positive",
            hint="Which code has 0 if all values lie between 2 and 4?",
            edits={"x.amin().clamp(max=0)": "x.amin()"},
        ),
        Misconception(
            id="symmetric",
            name="the range is symmetric, with the zero point in its middle",
            hint="After a ReLU nothing is negative. How many of your codes are then never used?",
            edits={
                ENDS: "smallest, largest = -x.abs().max(), x.abs().max()",
            },
        ),
        Misconception(
            id="sign-of-the-zero-point",
            name="the zero point has the wrong sign of smallest / scale",
            hint="The smallest value should get the lowest code. Put x = smallest into your formula: what comes out?",
            edits={"lowest - smallest / scale": "lowest + smallest / scale"},
        ),
        Misconception(
            id="lowest-forgotten",
            name="the zero point forgets that codes begin at −2^(bits − 1)",
            hint="The smallest value should get the lowest code. Put x = smallest into your formula: what comes out?",
            edits={"torch.round(lowest - smallest / scale)": "torch.round(-smallest / scale)"},
        ),
        Misconception(
            id="zero-point-subtracted",
            name="the zero point is subtracted instead of added",
            hint="The code of 0 is the zero point. Is it in yours?",
            edits={CODES: "torch.round(x / scale) - zero_point"},
        ),
        Misconception(
            id="zero-point-cut-off",
            name="the zero point is cut off instead of rounded",
            hint="What does `int` do with −100.7?",
            edits={ZERO: "int(lowest - smallest / scale)"},
        ),
        Misconception(
            id="zero-point-not-whole",
            name="the zero point is no whole number",
            hint="0 should have a code of its own, exactly. Can it, if the zero point lies between two codes?",
            edits={ZERO: "(lowest - smallest / scale).item()"},
        ),
        Misconception(
            id="rounded-after-shifting",
            name="x is shifted by the smallest value before it is rounded, so 0 is not hit",
            hint="Which code does 0 get in yours: exactly the zero point, or the nearest to something else?",
            edits={CODES: "torch.round((x - smallest) / scale) + lowest"},
        ),
        Misconception(
            id="truncated",
            name="the codes are cut off towards 0 instead of rounded",
            hint="What does `.to(torch.int8)` or `trunc` do with 2.9?",
            edits={CODES: "torch.trunc(x / scale) + zero_point"},
        ),
        Misconception(
            id="floored",
            name="the codes are rounded down",
            hint="How far may a number be from the code below it? And from the nearest one?",
            edits={CODES: "torch.floor(x / scale) + zero_point"},
        ),
        Misconception(
            id="not-clamped",
            name="a code may be one too high, and becomes −128",
            hint="Smallest and largest may both be rounded up. What is 128 in an int8?",
            edits={"codes.clamp(lowest, highest)": "codes"},
        ),
        Misconception(
            id="unsigned",
            name="the codes run from 0 to 2^bits − 1",
            hint="Correct for uint8. Which codes does the docstring promise?",
            edits={
                "lowest, highest = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1": "lowest, highest = 0, 2**bits - 1",
                "codes.clamp(lowest, highest).to(torch.int8)": "codes.clamp(lowest, highest).to(torch.uint8)",
            },
        ),
        Misconception(
            id="one-step-too-many",
            name="the range is cut into 2^bits steps",
            hint="Between 256 codes, how many steps are there? (Fence posts and fields.)",
            edits={"(2**bits - 1)": "2**bits"},
        ),
        Misconception(
            id="half-of-the-steps",
            name="the range is cut into 2^(bits − 1) − 1 steps, as for codes of one sign",
            hint="The codes run from −2^(bits − 1) to 2^(bits − 1) − 1. How many steps is that?",
            edits={"(2**bits - 1)": "(2 ** (bits - 1) - 1)"},
        ),
        Misconception(
            id="always-eight-bits",
            name="there are 255 steps, however many bits there are",
            hint="Where does your answer use `bits`?",
            edits={"(2**bits - 1)": "255"},
        ),
        Misconception(
            id="inverse",
            name="the factor comes back by which x is multiplied, not the scale",
            hint="(codes − zero point) · scale should be near x: is it?",
            edits={"torch.int8), scale, zero_point": "torch.int8), 1 / scale, zero_point"},
        ),
        Misconception(
            id="smallest-returned",
            name="the smallest value comes back in the place of the zero point",
            hint="A zero point is a code. Which code has 0?",
            edits={"torch.int8), scale, zero_point": "torch.int8), scale, smallest"},
        ),
        Misconception(
            id="zero-point-of-opposite-sign-returned",
            name="the zero point comes back with the opposite sign",
            hint="(codes − zero point) · scale should be near x: is it?",
            edits={"torch.int8), scale, zero_point": "torch.int8), scale, -zero_point"},
        ),
        Misconception(
            id="floats",
            name="the codes are still floating-point numbers",
            hint="How many bytes does each of your codes take? Which dtype does the signature promise?",
            edits={".to(torch.int8)": ""},
        ),
        Misconception(
            id="wide-integers",
            name="the codes are whole numbers of 4 bytes",
            hint="How many bytes does each of your codes take? Which dtype does the signature promise?",
            edits={"torch.int8": "torch.int32"},
        ),
        Misconception(
            id="divided-by-zero",
            name="zeros are divided by a scale of 0",
            hint="What are 0 / 0 and its code? Which scale is promised where all values are 0?",
            edits={"    scale = torch.where(scale > 0, scale, 1.0)\n": "    scale = scale + 1e-30\n"},
        ),
        Misconception(
            id="by-rows",
            name="only the first row is looked through for smallest and largest",
            hint="Where do you look for the smallest value: in all of x, or along one axis?",
            edits={ENDS: "smallest, largest = x[0].amin().clamp(max=0), x[0].amax().clamp(min=0)"},
        ),
        Misconception(
            id="bits-unchecked",
            name="impossible numbers of bits are taken without a word",
            hint="What does the docstring promise for 1 bit, or 9?",
            edits={"    if not 2 <= bits <= 8:\n": "    if False:\n"},
        ),
        Misconception(
            id="rounded-together",
            name="x / scale and the zero point are added before either is rounded",
            hint="0 should have a code of its own, exactly. What is rounded in the docstring, and how often?",
            edits={
                ZERO: "lowest - smallest / scale",
                CODES: "torch.round(x / scale + zero_point)",
                "torch.int8), scale, zero_point": "torch.int8), scale, int(torch.round(zero_point))",
            },
        ),
        Misconception(
            id="scale-one-where-all-are-equal",
            name="the scale is 1 wherever all values are equal, zeros or not",
            hint="The range is widened to hold 0. Is it empty, if all values are 5?",
            edits={"torch.where(scale > 0, scale, 1.0)": "torch.where(x.amax() > x.amin(), scale, 1.0)"},
        ),
        Misconception(
            id="lowest-code-unused",
            name="the lowest code is left unused, as in absmax, and there is one step less",
            hint="There it keeps the codes symmetric. How many steps does the docstring cut the range into here?",
            edits={"lowest, highest = -(2 ** (bits - 1)),": "lowest, highest = 1 - 2 ** (bits - 1),", "(2**bits - 1)": "(2**bits - 2)"},
        ),
        Misconception(
            id="from-the-highest-code",
            name="the zero point is counted down from the highest code, which for zeros gives another",
            hint="Where all values are 0, no step is needed either way. From which end does the docstring count?",
            edits={ZERO: "int(torch.round(highest - largest / scale))"},
        ),
        Misconception(
            id="zero-point-as-tensor",
            name="the zero point is a tensor instead of a plain number",
            hint="What does the signature promise? Which function makes a whole number of a tensor?",
            edits={ZERO: "torch.round(lowest - smallest / scale)"},
        ),
    ),
)
