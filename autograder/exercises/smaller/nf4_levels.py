"""`nf4_levels`: The sixteen levels of NF4, rising from −1 to 1, with a 0 among them."""

from statistics import NormalDist

import torch

from autograder.exercise import Exercise, Misconception


def nf4_inputs(rng):
    """There is nothing to draw: the function takes no arguments."""
    return {"levels": [{}]}


def nf4_with_the_standard_library():
    quantile, offset = NormalDist().inv_cdf, 1 - 0.5 * (1 / 32 + 1 / 30)
    above = [quantile(offset + (0.5 - offset) * i / 8) for i in range(8)]
    below = [-quantile(offset + (0.5 - offset) * i / 7) for i in range(7)]
    levels = torch.tensor(sorted([*below, 0.0, *above]))
    return levels / levels.max()


def nf4_with_the_error_function():
    offset = 0.9677083
    steps = torch.cat([1 - torch.linspace(offset, 0.5, 8)[:-1], torch.tensor([0.5]), torch.linspace(0.5, offset, 9)[1:]])
    levels = torch.erfinv(2 * steps - 1)  # a quantile but for the factor √2, which the division takes away
    return levels / levels[-1]


def nf4_with_a_distribution():
    normal, offset = torch.distributions.Normal(0.0, 1.0), 1 - (1 / 32 + 1 / 30) / 2
    above = normal.icdf(torch.linspace(0.5, offset, 9)[1:])
    below = normal.icdf(torch.linspace(1 - offset, 0.5, 8))
    below[-1] = 0.0
    return torch.cat([below, above]) / above[-1]


def _equation_4():
    quantile = torch.special.ndtri(torch.arange(1, 17) / 17)
    levels = (quantile[:-1] + quantile[1:]) / 2
    return levels / levels.max()


def _middles():
    levels = torch.special.ndtri((torch.arange(16) + 0.5) / 16)
    return levels / levels.max()


def _sixteen_in_one_go():
    offset = 1 - (1 / 32 + 1 / 30) / 2
    levels = torch.special.ndtri(torch.linspace(1 - offset, offset, 16))
    return levels / levels.max()


ABOVE = "torch.special.ndtri(torch.linspace(offset, 0.5, 9, dtype=torch.float64)[:-1])"
BELOW = "torch.special.ndtri(torch.linspace(offset, 0.5, 8, dtype=torch.float64)[:-1])"
OFFSET = "1 - (1 / 32 + 1 / 30) / 2"

NF4_LEVELS = Exercise(
    solves="unrolled.nf4.nf4_levels",
    groups={"levels": 2},
    inputs=nf4_inputs,
    exempt={"replay": "the function takes no arguments: there is one right answer, and the paper prints it"},
    accepts=(nf4_with_the_standard_library, nf4_with_the_error_function, nf4_with_a_distribution),
    misconceptions=(
        Misconception(
            id="means-of-both-ends",
            name="each level is the mean of the quantiles at both ends of its step",
            hint="So the paper's equation 4 has it, for k-bit quantiles in general. Which end of each step does the docstring name?",
            edits={
                "dtype=torch.float64)[:-1])\n    below": "dtype=torch.float64))\n    above = (above[:-1] + above[1:]) / 2\n    below",
                "dtype=torch.float64)[:-1])\n    levels": "dtype=torch.float64))\n    below = (below[:-1] + below[1:]) / 2\n    levels",
            },
        ),
        Misconception(
            id="mirrored",
            name="the levels below zero are seven of those above, with a minus",
            hint="Below zero the way from `offset` to ½ is cut into 7 steps, above into 8. Can the quantiles be the same?",
            edits={"-below,": "-above[:7],"},
        ),
        Misconception(
            id="eight-and-eight",
            name="there are 8 levels on either side, and no 0",
            hint="Which code has a weight that is exactly 0, such as padding? How many levels are left for the sides?",
            edits={
                BELOW: "torch.special.ndtri(torch.linspace(offset, 0.5, 9, dtype=torch.float64)[:-1])",
                ", torch.zeros(1, dtype=torch.float64)": "",
            },
        ),
        Misconception(
            id="sides-exchanged",
            name="7 levels lie above 0 and 8 below",
            hint="Which side has one more? Compare the numbers next to 0 with those of the docstring.",
            edits={
                "torch.linspace(offset, 0.5, 9, dtype=torch.float64)": "torch.linspace(offset, 0.5, 8, dtype=torch.float64 )",
                "torch.linspace(offset, 0.5, 8, dtype=torch.float64)": "torch.linspace(offset, 0.5, 9, dtype=torch.float64)",
            },
        ),
        Misconception(
            id="equation-4",
            name="equation 4 of the paper is taken at its word: 15 levels, the middles between quantiles",
            hint="How many levels have 4 bits? Which recipe does the docstring give?",
            answer=_equation_4,
        ),
        Misconception(
            id="middles-of-sixteen",
            name="the quantiles are those in the middle of 16 equal parts",
            hint="That is fair to all levels, and none of them is 0. Which probabilities does the docstring name?",
            answer=_middles,
        ),
        Misconception(
            id="offset-one",
            name="the way down begins at the probability 1, whose quantile is infinite",
            hint="Where does a normal distribution end? What is `offset` for?",
            edits={OFFSET: "1.0"},
        ),
        Misconception(
            id="offset-one-thirtieth",
            name="the offset is 1 − 1/30",
            hint="Two numbers are averaged: one for 15 levels, one for 16. Which average is promised?",
            edits={OFFSET: "1 - 1 / 30"},
        ),
        Misconception(
            id="offset-one-thirty-second",
            name="the offset is 1 − 1/32",
            hint="Two numbers are averaged: one for 15 levels, one for 16. Which average is promised?",
            edits={OFFSET: "1 - 1 / 32"},
        ),
        Misconception(
            id="offset-not-halved",
            name="1/32 and 1/30 are added, and the sum is not halved",
            hint="1 − ½ (1/32 + 1/30): where is the ½?",
            edits={OFFSET: "1 - (1 / 32 + 1 / 30)"},
        ),
        Misconception(
            id="not-normalised",
            name="the levels are not divided by the largest",
            hint="Every block is divided by its largest value. What should the last level be?",
            edits={"levels / above.max()": "levels"},
        ),
        Misconception(
            id="each-side-normalised-by-the-offset",
            name="the levels are divided by the offset, a probability, and not by the largest level",
            hint="What should the last level be?",
            edits={"levels / above.max()": "levels / offset"},
        ),
        Misconception(
            id="falling",
            name="the levels fall instead of rising",
            hint="Which code should −1 have: 0 or 15?",
            edits={"return (levels / above.max()).float()": "return (levels / above.max()).float().flip(0)"},
        ),
        Misconception(
            id="one-half-unsorted",
            name="the levels above 0 stand in falling order",
            hint="The list should rise from end to end. In which order does the way from `offset` down to ½ give the upper half?",
            edits={"above.flip(0)": "above"},
        ),
        Misconception(
            id="probabilities",
            name="the levels lie at equal distances: probabilities are taken for levels, not their quantiles",
            hint="Where are most of the numbers of a normal distribution? Which function turns a probability into a place on the line?",
            edits={
                ABOVE: "torch.linspace(offset, 0.5, 9, dtype=torch.float64)[:-1] - 0.5",
                BELOW: "torch.linspace(offset, 0.5, 8, dtype=torch.float64)[:-1] - 0.5",
            },
        ),
        Misconception(
            id="half-kept",
            name="the quantile of ½, which is 0, is counted on each side: 0 stands there three times",
            hint="How many levels are there in yours? What is the quantile of ½?",
            edits={
                "torch.linspace(offset, 0.5, 9, dtype=torch.float64)[:-1]": "torch.linspace(offset, 0.5, 9, dtype=torch.float64)",
                "torch.linspace(offset, 0.5, 8, dtype=torch.float64)[:-1]": "torch.linspace(offset, 0.5, 8, dtype=torch.float64)",
            },
        ),
        Misconception(
            id="half-on-each-side",
            name="each side has 8 probabilities, ½ among them, so that 0 stands there twice",
            hint="How many of your levels are 0? What is the quantile of ½, and how many ends has a way of 8 steps?",
            edits={
                "torch.linspace(offset, 0.5, 9, dtype=torch.float64)[:-1]": "torch.linspace(offset, 0.5, 8, dtype=torch.float64)",
                "torch.linspace(offset, 0.5, 8, dtype=torch.float64)[:-1]": "torch.linspace(offset, 0.5, 8, dtype=torch.float64 )",
                ", torch.zeros(1, dtype=torch.float64)": "",
            },
        ),
        Misconception(
            id="one-step-fewer",
            name="the ways are cut into 7 and 6 steps, and their end ½ is kept: 0 stands there three times",
            hint="8 steps have 9 ends. Which of them is left out, and what is its quantile?",
            edits={
                "torch.linspace(offset, 0.5, 9, dtype=torch.float64)[:-1]": "torch.linspace(offset, 0.5, 8, dtype=torch.float64 )",
                "torch.linspace(offset, 0.5, 8, dtype=torch.float64)[:-1]": "torch.linspace(offset, 0.5, 7, dtype=torch.float64)",
            },
        ),
        Misconception(
            id="sixteen-in-one-go",
            name="the way from 1 − offset to the offset is cut into 15 equal steps, and no level is 0",
            hint="Which code has a weight that is exactly 0? How many ways does the docstring speak of?",
            answer=_sixteen_in_one_go,
        ),
        Misconception(
            id="lower-half-unsorted",
            name="the levels below 0 stand in falling order",
            hint="The list should rise from end to end. With which number should it begin?",
            edits={"torch.cat([-below,": "torch.cat([-below.flip(0),"},
        ),
        Misconception(
            id="double-precision",
            name="the levels are float64",
            hint="Weights are float32, and so should the levels be. Which dtype have yours?",
            edits={".float()": ""},
        ),
        Misconception(
            id="a-list",
            name="a list of numbers comes back instead of a tensor",
            hint="Later cells index the levels by a tensor of codes. What does the signature promise?",
            edits={".float()": ".float().tolist()"},
        ),
        Misconception(
            id="distribution-function",
            name="the distribution function stands where its inverse should: `ndtr` for `ndtri`",
            hint="What goes into a quantile: a probability or a level? And what comes out?",
            edits={ABOVE: ABOVE.replace("ndtri", "ndtr"), BELOW: BELOW.replace("ndtri", "ndtr")},
        ),
        Misconception(
            id="no-zero",
            name="the 0 between the two sides is missing",
            hint="8 and 7 are fifteen. Which level is the sixteenth?",
            edits={" torch.zeros(1, dtype=torch.float64),": ""},
        ),
    ),
)
