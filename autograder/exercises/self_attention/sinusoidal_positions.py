"""`sinusoidal_positions`: A vector for every position: sines and cosines, from fast to slow."""

import math

import torch

from autograder.compare import Tolerance
from autograder.exercise import Exercise, Misconception


def sinusoidal_loop(length, d_model):
    table = torch.zeros(length, d_model)
    for position in range(length):
        for i in range(d_model // 2):
            angle = position / 10000 ** (2 * i / d_model)
            table[position, 2 * i], table[position, 2 * i + 1] = math.sin(angle), math.cos(angle)
    return table


def sinusoidal_exp_log(length, d_model):
    table = torch.zeros(length, d_model)
    position = torch.arange(0, length).unsqueeze(1)
    rates = torch.exp(torch.arange(0, d_model, 2) * -(math.log(10000.0) / d_model))
    table[:, 0::2], table[:, 1::2] = torch.sin(position * rates), torch.cos(position * rates)
    return table


def sinusoidal_complex(length, d_model):
    rates = 1 / 10000 ** (torch.arange(d_model // 2) * 2 / d_model)
    turns = torch.polar(torch.ones(length, d_model // 2), torch.outer(torch.arange(length).float(), rates))
    return torch.stack([turns.imag, turns.real], dim=2).reshape(length, d_model)


def _doubled_and_unpaired(length, d_model):
    table = torch.zeros(length, d_model)
    for position in range(length):
        for i in range(0, d_model, 2):
            table[position, i] = math.sin(position / 10000 ** (2 * i / d_model))
            table[position, i + 1] = math.cos(position / 10000 ** (2 * (i + 1) / d_model))
    return table


SINUSOIDAL_POSITIONS = Exercise(
    solves="unrolled.self_attention.sinusoidal_positions",
    groups={"the first position": 1, "all positions": 2},
    inputs=lambda rng: {
        "the first position": [
            {"length": 1, "d_model": 2 * int(n)} for n in rng.choice(range(2, 60), 2, replace=False)
        ],
        "all positions": [
            {"length": 7, "d_model": 10},
            {"length": int(rng.integers(201, 231)), "d_model": 6},
            {"length": int(rng.integers(5001, 5999)), "d_model": 2},  # long, but its rate is 1: no rounding shows
        ],
    },
    tolerance=Tolerance(absolute=5e-5),  # sines of large angles: the order of rounding shows in float32
    accepts=(sinusoidal_loop, sinusoidal_exp_log, sinusoidal_complex),
    misconceptions=(
        Misconception(
            id="wrong-exponent",
            name="the exponent is i / d_model instead of 2i / d_model",
            hint="From the fastest sine to the slowest the rate falls to about 1/10000. How far does it fall in yours?",
            edits={"-torch.arange(0, d_model, 2)": "-torch.arange(d_model // 2)"},
        ),
        Misconception(
            id="exponent-doubled",
            name="the exponent is doubled twice",
            hint="The formula's 2i is the number of the column already. Do you multiply a step of 2 by 2 again?",
            edits={"-torch.arange(0, d_model, 2)": "-2 * torch.arange(0, d_model, 2)"},
        ),
        Misconception(
            id="in-blocks",
            name="all sines come first, then all cosines",
            hint="That is how tensor2tensor, the paper's own code, lays them out, and it works as well. Here sine and cosine "
            "alternate, as the paper's formula says. Which axis do you join them along?",
            edits={
                "torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)": (
                    "torch.cat([angles.sin(), angles.cos()], dim=-1)"
                )
            },
        ),
        Misconception(
            id="sine-and-cosine-swapped",
            name="sine and cosine are swapped",
            hint="At position 0 every even entry should be sin(0). What is it in yours?",
            edits={"[angles.sin(), angles.cos()]": "[angles.cos(), angles.sin()]"},
        ),
        Misconception(
            id="counted-from-one",
            name="the positions count from 1",
            hint="What is the angle at the first position?",
            edits={"torch.arange(length)[:, None]": "torch.arange(1, length + 1)[:, None]"},
        ),
        Misconception(
            id="multiplied",
            name="the position is multiplied by 10000^(2i/d_model) instead of divided",
            hint="Should later columns turn slower or faster? Which sign has the exponent?",
            edits={"10000 ** (-": "10000 ** (+"},
        ),
        Misconception(
            id="another-base",
            name="the base is 1000",
            hint="Count the zeros of the paper's base. How slow is the slowest sine?",
            edits={"10000": "1000"},
        ),
        Misconception(
            id="cosine-of-the-next-rate",
            name="every column has a rate of its own, so sine and cosine of a pair do not belong together",
            hint="Entry 2i and entry 2i + 1 have the same angle. Which exponent does your entry 1 have?",
            answer=lambda length, d_model: torch.where(
                torch.arange(d_model) % 2 == 0,
                torch.sin(torch.arange(length)[:, None] * 10000 ** (-torch.arange(d_model) / d_model)),
                torch.cos(torch.arange(length)[:, None] * 10000 ** (-torch.arange(d_model) / d_model)),
            ),
        ),
        Misconception(
            id="doubled-and-unpaired",
            name="the exponent is doubled twice, and a cosine has that of its own column",
            hint="The formula's 2i is the number of the column already, and both columns of a pair share it. What "
            "does your loop count?",
            answer=lambda length, d_model: _doubled_and_unpaired(length, d_model),
        ),
        Misconception(
            id="fencepost",
            name="the rates are spread so that the slowest is exactly 1/10000",
            hint="The formula divides 2i by d, although the largest 2i is d − 2. By what do you divide?",
            edits={
                "2) / d_model)": "2) / max(1, d_model - 2))",
            },
        ),
        Misconception(
            id="another-logarithm",
            name="the exponent comes from log10 where e is the base",
            hint="exp(log x) is x only if both have the same base. Which logarithm goes with exp?",
            edits={
                "10000 ** (": "2.718281828459045 ** (4 * ",
            },
        ),
        Misconception(
            id="sines-only",
            name="both columns of a pair hold the sine",
            hint="Of a pair, one is the sine and the other …?",
            edits={
                "angles.cos()": "angles.sin()",
            },
        ),
        Misconception(
            id="cosines-only",
            name="both columns of a pair hold the cosine",
            hint="Of a pair, one is the cosine and the other …?",
            edits={
                "angles.sin()": "angles.cos()",
            },
        ),
        Misconception(
            id="by-row",
            name="sine and cosine alternate from position to position instead of from column to column",
            hint="Which index says whether it is a sine: that of the position, or that of the column?",
            edits={
                "torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)": "torch.where(torch.arange(length)[:, None] % 2 == 0, angles.repeat_interleave(2, 1).sin(), angles.repeat_interleave(2, 1).cos())",
            },
        ),
        Misconception(
            id="transposed",
            name="the columns come before the positions",
            hint="The promise is (length, d_model). Which axis of yours counts the positions?",
            edits={
                ".flatten(1)": ".flatten(1).T",
            },
        ),
        Misconception(
            id="pairs-left-apart",
            name="the pairs keep an axis of their own",
            hint="The promise is (length, d_model). Which two of your axes should be one?",
            edits={
                ".flatten(1)": "",
            },
        ),
        Misconception(
            id="one-speed",
            name="all columns have the same speed",
            hint="`//` cuts a fraction off: what is 2 // 6? Which division gives exponents between 0 and 1?",
            edits={
                "-torch.arange(0, d_model, 2) / d_model": "torch.zeros(d_model // 2)",
            },
        ),
        Misconception(
            id="whole-numbers",
            name="the table holds whole numbers",
            hint="sin and cos are hardly ever whole. Which dtype has your table when you make it?",
            edits={
                ".flatten(1)": ".flatten(1).long()",
            },
        ),
        Misconception(
            id="batch-axis",
            name="the table has an axis in front",
            hint="PyTorch's tutorial has one for the batch. Which two axes does the signature promise?",
            edits={
                ".flatten(1)": ".flatten(1)[None]",
            },
        ),
        Misconception(
            id="degrees",
            name="the angles are taken for degrees",
            hint="sin and cos of PyTorch take radians, and so does the formula. What do you turn into what?",
            edits={
                "[:, None] * rates": "[:, None] * rates * 0.017453292519943295",
            },
        ),
        Misconception(
            id="full-turns",
            name="the angles are multiplied by 2π",
            hint="The formula has no π: position 1 has the angle 1 in the fastest pair. Where does yours come from?",
            edits={
                "[:, None] * rates": "[:, None] * rates * 6.283185307179586",
            },
        ),
        Misconception(
            id="slow-to-fast",
            name="the columns run from slow to fast",
            hint="At i = 0 the formula divides by 1. Is your first pair the fastest?",
            edits={
                "torch.arange(length)[:, None] * rates": "torch.arange(length)[:, None] * rates.flip(0)",
            },
        ),
        Misconception(
            id="last-pair-lost",
            name="the last two columns stay 0",
            hint="How far does your loop over the pairs run? What is the number of the last one?",
            edits={
                "torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)": "torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1) * (torch.arange(d_model) < d_model - 2)",
            },
        ),
        Misconception(
            id="last-cosine-lost",
            name="the last column stays 0",
            hint="How far do your slices run? Which column is the last one?",
            edits={
                "torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)": "torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1) * (torch.arange(d_model) < d_model - 1)",
            },
        ),
        Misconception(
            id="scaled",
            name="the table is divided by the root of d_model",
            hint="That is how scores are scaled. What divides a sine in the formula?",
            edits={
                ".flatten(1)": ".flatten(1) / d_model**0.5",
            },
        ),
        Misconception(
            id="minus-outside",
            name="the minus stands outside the power",
            hint="−a ** b is −(a ** b) in Python. Which number should be negative: the rate or its exponent?",
            edits={
                "10000 ** (-torch.arange(0, d_model, 2) / d_model)": "-(10000 ** (torch.arange(0, d_model, 2) / d_model))",
            },
        ),
        Misconception(
            id="minus-lost-and-negative",
            name="the rates are negative",
            hint="At i = 0 the formula divides by 1. Which sign has your first rate?",
            edits={
                "10000 ** (-": "-(10000.0) ** (-",
            },
        ),
        Misconception(
            id="half-precision",
            name="the angles are computed in half precision",
            hint="float16 has eleven bits: which whole numbers above 2048 can it hold? Which dtype has your table?",
            edits={
                "angles = torch.arange(length)[:, None] * rates": "angles = (torch.arange(length)[:, None].half() * rates.half()).float()",
            },
        ),
        Misconception(
            id="table-of-512",
            name="the table ends after 512 positions",
            hint="How long may a text be? Where does the size of your table come from?",
            edits={
                ".flatten(1)": ".flatten(1)[:512]",
            },
        ),
        Misconception(
            id="as-in-the-example",
            name="the table has two positions, however long the text is",
            hint="Where do you use `length`?",
            edits={
                "torch.arange(length)": "torch.arange(2)",
            },
        ),
        Misconception(
            id="position-zero-everywhere",
            name="every position has the angles of the first",
            hint="Where does the position come in? Which axis should your `arange` run along?",
            edits={
                "torch.arange(length)[:, None]": "torch.zeros(length)[:, None]",
            },
        ),
        Misconception(
            id="math-on-tensors",
            name="`math.sin` is called on a whole tensor",
            hint="math.sin takes one number. Which library's sin takes all at once?",
            edits={
                "angles.sin()": "math.sin(angles)",
            },
        ),
    ),
)
