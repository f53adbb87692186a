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


SINUSOIDAL_POSITIONS = Exercise(
    solves="unrolled.self_attention.sinusoidal_positions",
    groups={"the first position": 1, "all positions": 2},
    inputs=lambda rng: {
        "the first position": [{"length": 1, "d_model": 6}],
        "all positions": [{"length": 7, "d_model": 10}, {"length": int(rng.integers(201, 212)), "d_model": 6}],
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
    ),
)
