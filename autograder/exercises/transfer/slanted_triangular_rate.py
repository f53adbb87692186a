"""`slanted_triangular_rate`: What the peak rate is multiplied by at a step: up fast, then down slowly."""

import numpy as np
import torch

from autograder.exercise import Exercise, Misconception
from autograder.tolerance import Tolerance


def slanted_triangular_rate_inputs(rng):
    """Rising and falling steps, both ends, the peak; shares of the steps that are whole, just above and just below a
    whole number, and less than 1; other ratios and fractions than the usual ones, and these left out.
    """

    def case(step, steps, **options):
        return {"step": int(step), "steps": int(steps), **options}

    few, many = int(rng.integers(4, 10)), int(rng.integers(12, 50))
    return {
        "rising": [
            case(rng.integers(2, 7), 97),
            case(rng.integers(2, 13), 10 * many + 137, cut_fraction=0.1, ratio=int(rng.integers(3, 20))),
            case(rng.integers(7, 30), 113, cut_fraction=0.3, ratio=11),
            case(0, few, ratio=few),  # less than one step to rise
            case(9, 97, ratio=many / 7),
        ],
        "falling": [
            case(rng.integers(15, 90), 97),
            case(rng.integers(12, 90), 93, ratio=5),
            case(96, 97, cut_fraction=0.1, ratio=int(rng.integers(20, 70))),
            case(rng.integers(35, 110), 113, cut_fraction=0.29, ratio=3),
            case(few - 1, few),
            case(10 * many - 3, 10 * many, ratio=7),
            case(rng.integers(40, 60), 61, cut_fraction=0.5),
        ],
    }


def refused(rng):
    """Before the first step, and after the last one."""
    steps = int(rng.integers(11, 50))
    return [{"step": -1, "steps": steps}, {"step": steps, "steps": steps}, {"step": steps + 5, "steps": steps}]


def _refuse(step, steps):
    if step < 0 or step >= steps:
        raise ValueError(f"step must lie in 0 to {steps - 1}, and is {step}")


def slanted_triangular_rate_interpolated(step, steps, *, cut_fraction=0.1, ratio=32):
    _refuse(step, steps)
    cut = max(1, int(steps * cut_fraction))
    return float(np.interp(step, [0, cut, steps], [1 / ratio, 1, 1 / ratio]))


def slanted_triangular_rate_two_lines(step, steps, *, cut_fraction=0.1, ratio=32):
    """The lower of two lines."""
    _refuse(step, steps)
    cut = max(1, steps * cut_fraction // 1)
    p = min(step / cut, (steps - step) / (steps - cut) if steps > cut else 1)
    return 1 / ratio + p * (1 - 1 / ratio)


def slanted_triangular_rate_table(step, steps, *, cut_fraction=0.1, ratio=32):
    """All rates at once, and the one that is asked for."""
    if step not in range(steps):
        raise ValueError(f"step: {step} is not one of {steps}")
    cut = max(1, int(steps * cut_fraction))
    up = torch.linspace(0, 1, cut + 1, dtype=torch.float64)
    down = torch.linspace(1, 0, steps - cut + 1, dtype=torch.float64)[1:]
    p = torch.cat([up, down])[step].item()
    return (1 + p * (ratio - 1)) / ratio


SLANTED_TRIANGULAR_RATE = Exercise(
    solves="unrolled.fine_tuning.slanted_triangular_rate",
    groups={"rising": 1, "falling": 1},
    inputs=slanted_triangular_rate_inputs,
    refuses=refused,
    tolerance=Tolerance(absolute=1e-7),
    accepts=(
        slanted_triangular_rate_interpolated,
        slanted_triangular_rate_two_lines,
        slanted_triangular_rate_table,
    ),
    misconceptions=(
        Misconception(
            id="cut-from-the-end",
            name="the peak stands a tenth of the way from the end instead of from the beginning",
            hint="Should the rate rise fast and fall slowly, or the other way round? Of 100 steps, which is the peak?",
            edits={"cut = max(1, int(steps * cut_fraction))": "cut = steps - max(1, int(steps * cut_fraction))"},
        ),
        Misconception(
            id="as-printed",
            name="the fall is divided by cut · (1/cut_fraction − 1), as the paper prints it",
            hint="So stands equation 3 in the paper, and it is right where steps · cut_fraction is whole. With 97 steps, what "
            "does it give at step 96? How many steps does the fall really have?",
            edits={"(step - cut) / (steps - cut)": "(step - cut) / (cut * (1 / cut_fraction - 1))"},
        ),
        Misconception(
            id="no-floor",
            name="the rate starts at 0 and falls to 0, instead of to 1 / ratio",
            hint="What should step 0 give? Where do you use `ratio`?",
            edits={"(1 + p * (ratio - 1)) / ratio": "p"},
        ),
        Misconception(
            id="above-the-peak",
            name="p is multiplied by ratio and not by ratio − 1",
            hint="At the peak p is 1, and so should be the factor. What is yours?",
            edits={"(ratio - 1)": "ratio"},
        ),
        Misconception(
            id="not-divided-by-the-ratio",
            name="the result is not divided by ratio",
            hint="At the peak the factor is 1. What is yours?",
            edits={"(1 + p * (ratio - 1)) / ratio": "1 + p * (ratio - 1)"},
        ),
        Misconception(
            id="ratio-inside",
            name="p is multiplied by ratio − 1 after the 1 was added to it",
            hint="At step 0 p is 0, and the factor should be 1 / ratio. What is yours? Where do the parentheses belong?",
            edits={"(1 + p * (ratio - 1))": "((1 + p) * (ratio - 1))"},
        ),
        Misconception(
            id="no-fall",
            name="the rate stays at its peak",
            hint="So do other schedules. What should p be half way between the peak and the end?",
            edits={"1 - (step - cut) / (steps - cut)": "1"},
        ),
        Misconception(
            id="fall-from-step-zero",
            name="the fall counts its steps from 0 instead of from the peak",
            hint="At the peak p is 1. Does your second line start there, or does the rate jump?",
            edits={"1 - (step - cut) / (steps - cut)": "1 - step / steps"},
        ),
        Misconception(
            id="steps-of-the-fall",
            name="the fall is divided by all steps, not by those after the peak",
            hint="p would be 0 at the step after the last one. How many steps are there from the peak to that?",
            edits={"(step - cut) / (steps - cut)": "(step - cut) / steps"},
        ),
        Misconception(
            id="floor-at-the-last-step",
            name="the floor is reached at the last step, and not one step after it",
            hint="The steps are 0 … steps − 1. At which number is p to be 0?",
            edits={"(steps - cut)": "max(1, steps - 1 - cut)"},
        ),
        Misconception(
            id="counted-from-one",
            name="the steps are counted from 1",
            hint="What should step 0 give? What is p there, in your formula?",
            edits={"p = step / cut if": "step += 1\n    p = step / cut if"},
        ),
        Misconception(
            id="rise-counted-from-one",
            name="the rise counts its steps from 1",
            hint="What should step 0 give? What is p there, in your formula?",
            edits={"step / cut if": "(step + 1) / cut if"},
        ),
        Misconception(
            id="cut-of-nothing",
            name="with so few steps that the share is less than one, there is no rise at all",
            hint="With 7 steps a tenth is 0 steps. What is the smallest `cut` that the docstring allows?",
            edits={"max(1, int(steps * cut_fraction))": "int(steps * cut_fraction)"},
        ),
        Misconception(
            id="cut-rounded",
            name="the peak's step is rounded to the nearest number",
            hint="A tenth of 97 is 9.7. Which whole number does the docstring make of it?",
            edits={"int(steps * cut_fraction)": "round(steps * cut_fraction)"},
        ),
        Misconception(
            id="cut-rounded-up",
            name="the peak's step is rounded up",
            hint="A tenth of 93 is 9.3. Which whole number does the docstring make of it?",
            edits={"int(steps * cut_fraction)": "-int(-steps * cut_fraction // 1)"},
        ),
        Misconception(
            id="cut-not-rounded",
            name="the peak's step is no whole number",
            hint="A tenth of 97 is 9.7. Which whole number does the docstring make of it?",
            edits={"int(steps * cut_fraction)": "steps * cut_fraction"},
        ),
        Misconception(
            id="whole-division",
            name="the division leaves no digits after the point",
            hint="What is 3 // 9 in Python? Which sign divides with all digits?",
            edits={"step / cut if": "step // cut if", "(step - cut) / (steps": "(step - cut) // (steps"},
        ),
        Misconception(
            id="cosine",
            name="the fall follows a cosine",
            hint="So do many schedules of today. What is the shape of this one called, and what are a triangle's sides?",
            edits={
                "1 - (step - cut) / (steps - cut)": (
                    "0.5 + 0.5 * __import__('math').cos(3.141592653589793 * (step - cut) / (steps - cut))"
                )
            },
        ),
        Misconception(
            id="ratio-fixed",
            name="the ratio is 32, whatever the argument says",
            hint="Where do you use `ratio`?",
            edits={"(1 + p * (ratio - 1)) / ratio": "(1 + p * 31) / 32"},
        ),
        Misconception(
            id="fraction-fixed",
            name="the peak is after a tenth of the steps, whatever the argument says",
            hint="Where do you use `cut_fraction`?",
            edits={"steps * cut_fraction": "steps * 0.1"},
        ),
        Misconception(
            id="upside-down",
            name="the rate falls first and then rises",
            hint="Where is the factor 1: at the ends, or at the peak?",
            edits={"(1 + p * (ratio - 1))": "(1 + (1 - p) * (ratio - 1))"},
        ),
        Misconception(
            id="rise-only-shifted",
            name="the rise is divided by all steps",
            hint="At the peak, p is 1. After how many steps is that?",
            edits={"step / cut if": "step / steps if"},
        ),
        Misconception(
            id="not-refused",
            name="a step that does not exist gets a rate",
            hint="With 10 steps the last one is number 9. What does the docstring promise for step 10, and for step −1?",
            edits={"not 0 <= step < steps": "False"},
        ),
        Misconception(
            id="negative-not-refused",
            name="a negative step gets a rate",
            hint="Steps count from 0. What does the docstring promise for step −1?",
            edits={"not 0 <= step < steps": "step >= steps"},
        ),
        Misconception(
            id="end-not-refused",
            name="a step after the last one gets a rate",
            hint="With 10 steps the last one is number 9. What does the docstring promise for step 10?",
            edits={"not 0 <= step < steps": "step < 0"},
        ),
        Misconception(
            id="tensor",
            name="a tensor is returned instead of a plain number",
            hint="An optimiser's rate is a plain number, which one can print and save. Which line makes a tensor of it?",
            edits={"return (1 + p * (ratio - 1)) / ratio": "return __import__('torch').tensor((1 + p * (ratio - 1)) / ratio)"},
        ),
        Misconception(
            id="floor-cuts-off",
            name="1 / ratio cuts the two lines off instead of being where they begin and end",
            hint="Halfway up, should the factor be ½, or halfway between the floor and 1?",
            edits={"return (1 + p * (ratio - 1)) / ratio": "return max(p, 1 / ratio)"},
        ),
    ),
)
