"""`rotate`: Every pair of features turned by its angle, so that scores depend on distances alone."""

import math

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception
from autograder.probes import differentiate


def rotate_inputs(rng):
    """Positions from 0 on and others, three bases, d of 10, 6 and 2; one text, one word, double and half precision.

    In half precision one position is far out, where 16 bits hold no odd numbers.
    """

    def case(*shape, positions=None, theta=None, double=False):
        x = normal(rng, *shape)
        places = torch.arange(shape[2]) if positions is None else torch.tensor(positions)
        drawn = {"x": x.double() if double else x, "positions": places}
        return drawn if theta is None else drawn | {"theta": theta}

    first, half = int(rng.integers(5, 40)), case(1, 2, 2, 2, positions=[1, 2049])
    half["x"] = half["x"].half()
    return {
        "from the first word on": [case(2, 3, 7, 10), case(1, 1, 5, 6), case(3, 2, 5, 10, double=True)],
        "any positions": [
            case(2, 3, 5, 10, positions=[first + i for i in range(5)]),
            case(2, 2, 3, 6, positions=[first, 2, 3 * first]),
            case(1, 1, 1, 2, positions=[first]),
            half,
        ],
        "any base": [case(2, 3, 7, 10, theta=50.0), case(2, 1, 5, 6, theta=3.0, positions=[4, 3, 2, 1, first])],
    }


def rotate_refuses(rng):
    return [{"x": normal(rng, 2, 3, 5, d), "positions": torch.arange(5)} for d in (7, 1)]


def _checked(x):
    if x.shape[-1] % 2 == 1:
        raise ValueError(f"x has {x.shape[-1]} features; expected an even number")


def rotate_as_hugging_face(x, positions, theta=10_000.0):
    _checked(x)
    half = x.shape[-1] // 2
    inverse = 1.0 / (theta ** (torch.arange(0, 2 * half, 2).float() / (2 * half)))
    angles = torch.outer(positions.float(), inverse)
    angles = torch.cat([angles, angles], dim=-1)
    turned = torch.cat([-x[..., half:], x[..., :half]], dim=-1)
    return x * angles.cos().to(x.dtype) + turned * angles.sin().to(x.dtype)


def rotate_complex(x, positions, theta=10_000.0):
    _checked(x)
    d = x.shape[-1]
    points = torch.complex(x[..., : d // 2].double(), x[..., d // 2 :].double())
    exponents = -2 * torch.arange(d // 2, dtype=torch.float64) / d
    points = points * torch.exp(1j * positions[:, None] * theta**exponents)
    return torch.cat([points.real, points.imag], -1).to(x.dtype)


def rotate_with_matrices(x, positions, theta=10_000.0):
    _checked(x)
    half, words = x.shape[-1] // 2, []
    for t, position in enumerate(positions.tolist()):
        features = [None] * (2 * half)
        for i in range(half):
            angle = position * theta ** (-i / half)
            c, s = (torch.tensor(f(angle), dtype=x.dtype) for f in (math.cos, math.sin))
            point = torch.stack([x[:, :, t, i], x[:, :, t, i + half]], -1)
            features[i], features[i + half] = (point @ torch.stack([torch.stack([c, s]), torch.stack([-s, c])])).unbind(-1)
        words.append(torch.stack(features, -1))
    return torch.stack(words, 2)


HALVES, RESULT = "x.chunk(2, dim=-1)", "torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)"
EXPONENT = "(torch.arange(0, d, 2, device=x.device).to(wide) / d)"
ANGLES = "positions[:, None] * frequencies"

ROTATE = Exercise(
    solves="unrolled.rope.rotate",
    groups={"from the first word on": 1, "any positions": 1, "any base": 1},
    inputs=rotate_inputs,
    refuses=rotate_refuses,
    probe=differentiate,
    accepts=(rotate_as_hugging_face, rotate_complex, rotate_with_matrices),
    misconceptions=(
        Misconception(
            id="another-precision",
            name="the result has the precision of the angles instead of that of x",
            hint="A model in 16 bits wants queries in 16 bits. What is the dtype of float16 times float32?",
            edits={"angles.cos().to(x.dtype), angles.sin().to(x.dtype)": "angles.cos(), angles.sin()"},
        ),
        Misconception(
            id="angles-in-half",
            name="the angles are computed in 16 bits where x has 16",
            hint="float16 has eleven bits. Which whole numbers above 2048 can it hold, and by how much does position 2049 then turn?",
            edits={"torch.promote_types(x.dtype, torch.float32)": "x.dtype"},
        ),
        Misconception(
            id="pairs",
            name="features 2i and 2i + 1 make a pair instead of i and i + d/2",
            hint="Correct in RoFormer, GPT-J and Meta's own code. Which feature is the partner of the first one here?",
            edits={HALVES: "x.unflatten(-1, (-1, 2)).unbind(-1)", RESULT: RESULT.replace("cat", "stack") + ".flatten(-2)"},
        ),
        Misconception(
            id="pairs-in-halves-out",
            name="features 2i and 2i + 1 are taken as a pair, and put down as i and i + d/2",
            hint="At position 0 nothing should turn. Does your answer give x back there?",
            edits={HALVES: "x.unflatten(-1, (-1, 2)).unbind(-1)"},
        ),
        Misconception(
            id="halves-in-pairs-out",
            name="features i and i + d/2 are taken as a pair, and put down as 2i and 2i + 1",
            hint="At position 0 nothing should turn. Does your answer give x back there?",
            edits={RESULT: RESULT.replace("cat", "stack") + ".flatten(-2)"},
        ),
        Misconception(
            id="angles-of-pairs",
            name="the pairs are halves, but their angles are laid out for neighbours",
            hint="You need each angle twice: once for feature i, and once for which other? `repeat_interleave` puts equal ones side by side; and `cat`?",
            edits={
                "angles.cos().to(x.dtype), angles.sin().to(x.dtype)": (
                    "angles.cos().repeat_interleave(2, -1).to(x.dtype), angles.sin().repeat_interleave(2, -1).to(x.dtype)"
                ),
                RESULT: "x * cos + torch.cat([-second, first], dim=-1) * sin",
            },
        ),
        Misconception(
            id="clockwise",
            name="the pairs are turned clockwise",
            hint="Scores stay the same if queries and keys both do so. Where should the point (1, 0) go at position 1?",
            edits={ANGLES: f"-{ANGLES}"},
        ),
        Misconception(
            id="half-the-exponent",
            name="the angles fall as theta^(−i/d) instead of theta^(−2i/d)",
            hint="With d = 4 there are two pairs. What is the exponent of the second one?",
            edits={"torch.arange(0, d, 2, device=x.device)": "torch.arange(d // 2, device=x.device)"},
        ),
        Misconception(
            id="twice-the-exponent",
            name="the angles fall as theta^(−4i/d) instead of theta^(−2i/d)",
            hint="With d = 4 there are two pairs. What is the exponent of the second one?",
            edits={EXPONENT: f"(2 * {EXPONENT})"},
        ),
        Misconception(
            id="to-the-end",
            name="the exponents reach −1 at the last pair",
            hint="Over what do you divide 2i? The last pair has i = d/2 − 1: what is its exponent then?",
            edits={EXPONENT: "(torch.arange(0, d, 2, device=x.device).to(wide) / max(d - 2, 1))"},
        ),
        Misconception(
            id="slowest-first",
            name="the first pair turns slowest and the last one fastest",
            hint="For which pair is the exponent 0, and what is its angle per word?",
            edits={ANGLES: "positions[:, None] * frequencies.flip(0)"},
        ),
        Misconception(
            id="faster-and-faster",
            name="the angles grow with theta^(2i/d) instead of falling",
            hint="Which sign has the exponent? Is a high-numbered pair meant to turn fast or slowly?",
            edits={"1.0 / theta **": "theta **"},
        ),
        Misconception(
            id="all-alike",
            name="all pairs turn by the same angle",
            hint="What would be the same after a full turn if all pairs were alike? Where does your answer use i?",
            edits={ANGLES: "positions[:, None] * frequencies[:1].expand(d // 2)"},
        ),
        Misconception(
            id="a-frequency-for-each-feature",
            name="each feature has an angle of its own, from theta^0 down to theta^(−(d−1)/d)",
            hint="A point is turned by one angle. How many different ones do d features need?",
            edits={
                "torch.arange(0, d, 2, device=x.device)": "torch.arange(d, device=x.device)",
                RESULT: "x * cos + torch.cat([-second, first], dim=-1) * sin",
            },
        ),
        Misconception(
            id="positions-from-one",
            name="the positions are one too high",
            hint="What should happen to a word at position 0?",
            edits={ANGLES: "(positions[:, None] + 1) * frequencies"},
        ),
        Misconception(
            id="places-for-positions",
            name="the words are counted from 0, whatever `positions` says",
            hint="When a model writes, the new word comes alone. Which argument says where it stands?",
            edits={ANGLES: "torch.arange(x.shape[2])[:, None] * frequencies"},
        ),
        Misconception(
            id="base-ignored",
            name="the base is 10,000, whatever `theta` says",
            hint="Llama 3 has 500,000. Where does your answer use `theta`?",
            edits={"theta **": "10_000.0 **"},
        ),
        Misconception(
            id="whole-turns",
            name="the angles are counted in whole turns instead of radians",
            hint="`torch.cos` takes radians. By how many of them does the first pair turn per word?",
            edits={ANGLES: "2 * torch.pi * positions[:, None] * frequencies"},
        ),
        Misconception(
            id="partners-mixed-up",
            name="in the second half, the cosine stands with the first coordinate and the sine with the second",
            hint="At position 0 nothing should turn. What does your second half hold there?",
            edits={"second * cos + first * sin": "first * cos + second * sin"},
        ),
        Misconception(
            id="both-minus",
            name="the sine is subtracted in both halves",
            hint="Turn (1, 0) by a quarter. What are its new coordinates, and what are yours?",
            edits={"second * cos + first * sin": "second * cos - first * sin"},
        ),
        Misconception(
            id="both-plus",
            name="the sine is added in both halves",
            hint="Turn (0, 1) by a quarter. What are its new coordinates, and what are yours?",
            edits={"first * cos - second * sin": "first * cos + second * sin"},
        ),
        Misconception(
            id="only-stretched",
            name="each feature is multiplied by its cosine, and nothing of its partner is added",
            hint="A rotation keeps the length of a vector. Does yours?",
            edits={RESULT: "torch.cat([first * cos, second * cos], dim=-1)"},
        ),
        Misconception(
            id="already-turned",
            name="the second half is made of a first half that has been turned already",
            hint="In which order do you overwrite the two coordinates? Which old one does the second still need?",
            edits={RESULT: "torch.cat([first * cos - second * sin, second * cos + (first * cos - second * sin) * sin], dim=-1)"},
        ),
        Misconception(
            id="sine-and-cosine-swapped",
            name="sine and cosine have changed places",
            hint="At position 0 nothing should turn. Which of the two is 1 there?",
            edits={
                "angles.cos().to(x.dtype), angles.sin().to(x.dtype)": "angles.sin().to(x.dtype), angles.cos().to(x.dtype)"
            },
        ),
        Misconception(
            id="added",
            name="sines and cosines of the angles are added to x, as in chapter 5",
            hint="Does the score of two such vectors depend on their distance alone? What is done to x here?",
            edits={RESULT: "x + torch.cat([sin, cos], dim=-1)"},
        ),
        Misconception(
            id="halves-swapped",
            name="the two halves of the result have changed places",
            hint="At position 0 nothing should turn. Does your answer give x back there?",
            edits={RESULT: "torch.cat([second * cos + first * sin, first * cos - second * sin], dim=-1)"},
        ),
        Misconception(
            id="odd-accepted",
            name="an odd number of features is not refused by name",
            hint="Which exception is promised where a feature has no partner, and which argument should it name?",
            edits={"if d % 2:": "if False:"},
        ),
    ),
)
