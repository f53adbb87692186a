"""`quantize_blocks`: The code of every weight, and the largest absolute value of each block."""

import numpy as np
import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception

NF4 = [
    -1.0, -0.6961928, -0.5250731, -0.3949175, -0.2844414, -0.1847734, -0.09105, 0.0,
    0.0795803, 0.1609302, 0.2461123, 0.3379152, 0.4407098, 0.562617, 0.7229568, 1.0,
]  # fmt: skip


def blocks_inputs(rng):
    """Rows of 7, 11 or 13 in blocks that end within them, the last one shorter; blocks of very unequal size.

    The largest value of a block is now above 0, now below. Ties, blocks of zeros; a block for each number, and one for all.
    """

    def case(levels, rows, columns, block=None):
        levels, size = torch.tensor(levels), block or 64
        parts = []
        for i, part in enumerate(normal(rng, rows * columns).clamp(-2, 2).split(size)):
            part[rng.integers(len(part))] = rng.uniform(2.2, 3.0) * (-1) ** i
            part = part / part.abs().max()
            near = ((levels[1:] + levels[:-1]) / 2 - part[:, None]).abs().amin(1) < 0.005
            nearest = (part[:, None] - levels).abs().argmin(1)
            parts.append(torch.where(near, levels[nearest], part) * rng.choice([0.2, 1.0, 7.0]) * rng.uniform(0.8, 1.2))
        weight = torch.cat(parts).float().view(rows, columns)
        return {"weight": weight, "levels": levels} | ({} if block is None else {"block": block})

    simple = torch.tensor([-1.0, -0.5, 0.0, 0.25, 1.0])
    ties = torch.tensor([1.0, -0.75, -0.25, 0.125, 0.625, -1.0])[torch.from_numpy(rng.permutation(6))]
    ties = torch.stack([ties, 2 * ties.flip(0)]) * 2.0 ** rng.integers(-3, 3)
    zeros = case(NF4, 3, 10, 5)
    place = 5 * int(rng.integers(1, 5))
    zeros["weight"].view(-1)[place : place + 5] = 0.0
    lopsided = [-1.0, -0.3, 0.0, 0.1, 0.2, 0.6, 1.0]
    return {
        "blocks of rows": [case(NF4, 5, 14, 7), case(lopsided, 3, 11, 11), case(NF4, 1, 13, 13), zeros],
        "any blocks": [
            case(NF4, 11, 13),
            case(lopsided, 5, 7, 9),
            case(NF4, 3, 5, 4),
            case(NF4, 1, 1, 3),
            case(lopsided, 2, 3, 1),
            {"weight": ties, "levels": simple, "block": 6},
        ],
    }


def blocks_refuses(rng):
    return [{"weight": normal(rng, 2, 3), "levels": torch.tensor(NF4), "block": 0}]


def _checked(block):
    if block < 1:
        raise ValueError(f"block is {block}; expected at least 1")


def blocks_loop(weight, levels, block=64):
    _checked(block)
    flat, codes, absmax = weight.reshape(-1), [], []
    for start in range(0, len(flat), block):
        part = flat[start : start + block]
        largest = part.abs().max()
        absmax.append(largest)
        scaled = part / largest if largest > 0 else part
        codes += [(levels - number).abs().argmin() for number in scaled]
    return torch.stack(codes).to(torch.uint8), torch.stack(absmax)


def blocks_padded(weight, levels, block=64):
    _checked(block)
    flat = weight.flatten()
    groups = torch.nn.functional.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = groups.abs().amax(dim=1)
    scaled = groups / absmax.clamp(min=1e-30)[:, None]
    codes = (scaled[..., None] - levels).abs().argmin(dim=-1)
    return codes.flatten()[: len(flat)].byte(), absmax


def blocks_with_numpy(weight, levels, block=64):
    _checked(block)
    w, table = weight.numpy().reshape(-1), levels.numpy()
    absmax = np.maximum.reduceat(np.abs(w), np.arange(0, len(w), block))
    scaled = w / np.repeat(np.where(absmax == 0, 1, absmax), block)[: len(w)]
    codes = np.searchsorted((table[1:] + table[:-1]) / 2, scaled, side="left")
    return torch.from_numpy(codes.astype(np.uint8)), torch.from_numpy(absmax)


def _argmin_of_nan(weight, levels, block=64):
    _checked(block)
    parts = [(part, part.abs().max()) for part in weight.flatten().split(block)]
    codes = [(part[:, None] / largest - levels).abs().argmin(dim=1) for part, largest in parts]
    return torch.cat(codes).to(torch.uint8), torch.stack([largest for _, largest in parts])


FLAT = "numbers = weight.flatten()"
ABSMAX = "part.abs().max() for part in numbers.split(block)"
CODES = "torch.bucketize(numbers / scale, borders).to(torch.uint8)"
SCALE = "scale = torch.where(absmax > 0, absmax, 1.0).repeat_interleave(block)[: len(numbers)]"
BORDERS = "borders = (levels[1:] + levels[:-1]) / 2"

QUANTIZE_BLOCKS = Exercise(
    solves="unrolled.nf4.quantize_blocks",
    groups={"blocks of rows": 1, "any blocks": 2},
    inputs=blocks_inputs,
    refuses=blocks_refuses,
    accepts=(blocks_loop, blocks_padded, blocks_with_numpy),
    misconceptions=(
        Misconception(
            id="level-below",
            name="each number gets the next level below it instead of the nearest",
            hint="Between two levels, where does the border lie: at the upper one, or halfway?",
            edits={BORDERS: "borders = levels[1:]", CODES: "torch.bucketize(numbers / scale, borders, right=True).to(torch.uint8)"},
        ),
        Misconception(
            id="level-above",
            name="each number gets the next level above it instead of the nearest",
            hint="Between two levels, where does the border lie: at the lower one, or halfway?",
            edits={BORDERS: "borders = levels[:-1]"},
        ),
        Misconception(
            id="upper-of-two",
            name="of two levels that are equally near, the upper one is taken",
            hint="Which one does the docstring promise? On which side does `bucketize` put a number that is the border itself?",
            edits={"numbers / scale, borders": "numbers / scale, borders, right=True"},
        ),
        Misconception(
            id="one-scale",
            name="all blocks are divided by the largest value of the whole weight",
            hint="Why cut the weight into blocks at all? What is the largest value of a block of small numbers?",
            edits={ABSMAX: "numbers.abs().max() for part in numbers.split(block)"},
        ),
        Misconception(
            id="by-columns",
            name="the weight is laid out column by column",
            hint="Which number follows weight[0, 0]: its neighbour in the row, or in the column?",
            edits={FLAT: "numbers = weight.T.flatten()"},
        ),
        Misconception(
            id="blocks-begin-with-rows",
            name="each row begins a new block",
            hint="The weight is laid out row by row *first*. May a block reach from one row into the next?",
            edits={
                ABSMAX: "part.abs().max() for row in weight for part in row.split(block)",
                SCALE: (
                    "scale = torch.where(absmax > 0, absmax, 1.0).view(len(weight), -1)"
                    ".repeat_interleave(block, dim=1)[:, : weight.shape[1]].flatten()"
                ),
            },
        ),
        Misconception(
            id="block-counts-blocks",
            name="`block` is taken for the number of blocks",
            hint="Is `block` how many numbers are in a block, or how many blocks there are?",
            edits={
                "    numbers = weight.flatten()\n": "    numbers = weight.flatten()\n    block = -(-len(numbers) // block)\n"
            },
        ),
        Misconception(
            id="last-block-lost",
            name="what is left over after the last whole block is dropped",
            hint="With 10 numbers in blocks of 4, how many blocks are there?",
            edits={
                FLAT: "numbers = weight.flatten()\n    numbers = numbers[: max(len(numbers) // block * block, 1)]"
            },
        ),
        Misconception(
            id="padding-kept",
            name="the last block is filled up, and the codes of the filling come out as well",
            hint="How many codes should come out for 10 numbers in blocks of 4?",
            edits={
                FLAT: "numbers = torch.nn.functional.pad(weight.flatten(), (0, -weight.numel() % block))",
            },
        ),
        Misconception(
            id="largest-without-sign",
            name="the largest value is taken without looking at negative ones",
            hint="In a block of −5 and 1, what must the numbers be divided by to lie between −1 and 1?",
            edits={ABSMAX: "part.max() for part in numbers.split(block)"},
        ),
        Misconception(
            id="largest-with-its-sign",
            name="each block is divided by the value that is largest in amount, with its sign, which turns some blocks round",
            hint="llama.cpp has such a format. What does the docstring's second result hold, and can it be negative?",
            edits={
                ABSMAX: "part[part.abs().argmax()] for part in numbers.split(block)",
                "torch.where(absmax > 0,": "torch.where(absmax != 0,",
            },
        ),
        Misconception(
            id="not-divided",
            name="the numbers are not divided by the largest value of their block",
            hint="The levels lie between −1 and 1. Where do your numbers lie?",
            edits={"numbers / scale": "numbers"},
        ),
        Misconception(
            id="multiplied",
            name="the numbers are multiplied by the largest value of their block instead of divided",
            hint="The levels lie between −1 and 1. Where do your numbers lie?",
            edits={"numbers / scale": "numbers * scale"},
        ),
        Misconception(
            id="scales-of-the-wrong-blocks",
            name="the largest values are repeated in turns, so that a number is divided by another block's",
            hint="For blocks a, b of two numbers: a a b b, or a b a b? Which of `repeat` and `repeat_interleave` does which?",
            edits={
                ".repeat_interleave(block)[: len(numbers)]": ".repeat(block)[: len(numbers)]",
            },
        ),
        Misconception(
            id="levels-instead-of-codes",
            name="the levels themselves come back, not their numbers",
            hint="How many bytes does each of yours take? Which number from 0 stands for a level?",
            edits={CODES: "levels[torch.bucketize(numbers / scale, borders)]"},
        ),
        Misconception(
            id="codes-from-one",
            name="the codes begin with 1",
            hint="Which code has the lowest level, if codes index the list of levels?",
            edits={"torch.bucketize(numbers / scale, borders)": "(torch.bucketize(numbers / scale, borders) + 1)"},
        ),
        Misconception(
            id="wide-integers",
            name="the codes are whole numbers of 8 bytes",
            hint="How many bytes does each of your codes take? Which dtype does the signature promise?",
            edits={".to(torch.uint8)": ""},
        ),
        Misconception(
            id="signed",
            name="the codes have a sign",
            hint="Codes index a list of levels. Which dtype does the signature promise?",
            edits={"torch.uint8": "torch.int8"},
        ),
        Misconception(
            id="shape-kept",
            name="the codes have the shape of the weight",
            hint="How many axes do the codes have in the signature?",
            edits={CODES: CODES + ".view(weight.shape)"},
        ),
        Misconception(
            id="inverse",
            name="one over the largest values comes back",
            hint="levels[codes] times what is near the weight again?",
            edits={"to(torch.uint8), absmax": "to(torch.uint8), 1 / absmax"},
        ),
        Misconception(
            id="scales-for-every-number",
            name="a largest value comes back for each number instead of each block",
            hint="How many bits per weight would that cost? How many scales does the signature promise?",
            edits={"to(torch.uint8), absmax": "to(torch.uint8), scale"},
        ),
        Misconception(
            id="axis-kept",
            name="the largest values have a second axis of length 1",
            hint="How many axes do they have in the signature? What does `keepdim` keep?",
            edits={"to(torch.uint8), absmax": "to(torch.uint8), absmax[:, None]"},
        ),
        Misconception(
            id="divided-by-zero",
            name="a block of zeros is divided by 0",
            hint="What are 0 / 0 and its code? Which codes are promised there?",
            edits={"torch.where(absmax > 0, absmax, 1.0)": "absmax"},
        ),
        Misconception(
            id="divided-by-zero-argmin",
            name="a block of zeros gets the code 0, which is that of the lowest level",
            hint="What is 0 / 0, and which of such distances does `argmin` take? Which codes are promised there?",
            answer=_argmin_of_nan,
        ),
        Misconception(
            id="zeros-scale-one",
            name="the largest value of a block of zeros comes back as 1",
            hint="You divide by 1 there, fine. But what is the largest value of a block of zeros?",
            edits={"to(torch.uint8), absmax": "to(torch.uint8), torch.where(absmax > 0, absmax, 1.0)"},
        ),
        Misconception(
            id="always-64",
            name="the blocks have 64 numbers, whatever `block` says",
            hint="Where does your answer use `block`?",
            edits={"numbers.split(block)": "numbers.split(64)", "repeat_interleave(block)": "repeat_interleave(64)"},
        ),
        Misconception(
            id="integers-only",
            name="the levels are taken to lie at equal distances",
            hint="Which level is the nearest: do you look at `levels` themselves, or only at how many there are?",
            edits={BORDERS: "even = torch.linspace(-1, 1, len(levels))\n    borders = (even[1:] + even[:-1]) / 2"},
        ),
        Misconception(
            id="block-unchecked",
            name="an impossible block is taken, or fails with another message",
            hint="What does the docstring promise for blocks of 0 numbers?",
            edits={"    if block < 1:\n": "    if False:\n"},
        ),
    ),
)
