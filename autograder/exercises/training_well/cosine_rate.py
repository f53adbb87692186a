"""`cosine_rate`: The factor on the highest learning rate at a step: up in a straight line, then down along half a cosine."""

import math

import torch

from autograder.exercise import Exercise, Misconception


def cosine_rate_inputs(rng):
    """Steps in the warm-up, at its end, at unequal places of the fall, at the end of it and beyond; with a floor or not."""

    def case(step, steps, warmup, **floor):
        return {"step": int(step), "steps": int(steps), "warmup": int(warmup), **floor}

    warmup, steps = int(rng.integers(11, 20)), int(rng.integers(60, 90))
    floor = float(rng.integers(10, 25)) / 100
    return {
        "warm-up": [
            case(rng.integers(2, warmup // 2), steps, warmup),
            case(0, steps, warmup),
            case(rng.integers(warmup // 2 + 1, warmup), steps, warmup, floor=floor),
        ],
        "fall": [
            case(warmup, steps, warmup),
            case(rng.integers(23, 30), steps, warmup),
            case(rng.integers(48, 55), steps, warmup),
            case(rng.integers(5, 15), 47, 0),
            case(0, 47, 0),
        ],
        "floor": [
            case(rng.integers(23, 30), steps, warmup, floor=floor),
            case(rng.integers(48, 55), steps, warmup, floor=floor),
            case(steps, steps, warmup, floor=floor),
            case(steps + rng.integers(7, 20), steps, warmup, floor=floor),
            case(steps + rng.integers(7, 20), steps, warmup),
        ],
    }


def cosine_rate_squared(step, steps, warmup, floor=0.0):
    if warmup and step < warmup:
        return step / warmup
    angle = math.pi / 2 * min(step - warmup, steps - warmup) / (steps - warmup)
    return floor + (1.0 - floor) * math.cos(angle) ** 2


def cosine_rate_between(step, steps, warmup, floor=0.0):
    if step >= steps:
        return floor
    if step < warmup:
        return step / warmup
    middle, swing = (1 + floor) / 2, (1 - floor) / 2
    return middle + swing * math.cos((step - warmup) / (steps - warmup) * math.pi)


def cosine_rate_with_torch(step, steps, warmup, floor=0.0):
    if step < warmup:
        return torch.tensor(step / warmup, dtype=torch.float64).item()
    share = torch.tensor((step - warmup) / (steps - warmup), dtype=torch.float64).clamp(max=1)
    return torch.lerp(
        torch.tensor(1.0).double(), torch.tensor(floor).double(), (1 - torch.cos(math.pi * share)) / 2
    ).item()


def cosine_rate_of_torchs_annealing(step, steps, warmup, floor=0.0):
    """With the floor as a rate that the fall leads to only in the end, from 1, as a power."""
    if step < warmup:
        return step / warmup
    progress = min(1.0, (step - warmup) / (steps - warmup))
    return max(floor, 1e-12) ** progress


COSINE_RATE = Exercise(
    solves="unrolled.cosine_schedule.cosine_rate",
    groups={"warm-up": 1, "fall": 1, "floor": 1},
    inputs=cosine_rate_inputs,
    accepts=(cosine_rate_squared, cosine_rate_between, cosine_rate_with_torch),
    misconceptions=(
        Misconception(
            id="zero-without-a-warm-up",
            name="the first step has the factor 0 even if there is no warm-up",
            hint="`step <= warmup` is true at step 0 with a warm-up of 0. With which factor should training begin then?",
            edits={"return floor +": "if step == 0:\n        return 0.0\n    return floor +"},
        ),
        Misconception(
            id="warm-up-from-one",
            name="the warm-up begins with 1 / warmup instead of 0",
            hint="So it does in chapters 6 and 8, where the first step counts as 1. From which number do steps count here?",
            edits={"return step / warmup": "return (step + 1) / warmup"},
        ),
        Misconception(
            id="warm-up-one-too-slow",
            name="the warm-up is divided by warmup + 1",
            hint="At step = warmup the factor should be 1, and one step before that a little less. How much less is it with yours?",
            edits={"return step / warmup": "return step / (warmup + 1)"},
        ),
        Misconception(
            id="warm-up-one-too-fast",
            name="the warm-up is divided by warmup − 1",
            hint="Which step is the first with the factor 1 in your formula, and which one in the docstring?",
            edits={"return step / warmup": "return step / max(1, warmup - 1)"},
        ),
        Misconception(
            id="warm-up-of-nanogpt",
            name="the warm-up is (step + 1) / (warmup + 1), which never is 0",
            hint="So does nanoGPT. With which factor does the docstring's warm-up begin?",
            edits={"return step / warmup": "return (step + 1) / (warmup + 1)"},
        ),
        Misconception(
            id="no-warm-up",
            name="there is no warm-up: before step `warmup` the factor is 1",
            hint="What should the factor be at step 0, if warmup is not 0?",
            edits={"return step / warmup": "return 1.0"},
        ),
        Misconception(
            id="falls-from-the-start",
            name="the cosine is counted over all steps, from step 0",
            hint="At step = warmup the factor should be 1. How far has your cosine come by then?",
            edits={"(step - warmup) / (steps - warmup)": "step / steps"},
        ),
        Misconception(
            id="divided-by-all-steps",
            name="the steps since the warm-up are divided by all steps",
            hint="At step = steps your share should be 1. How many steps does the fall have?",
            edits={"(step - warmup) / (steps - warmup)": "(step - warmup) / steps"},
        ),
        Misconception(
            id="counted-from-zero",
            name="the step is divided by the number of steps after the warm-up, though it counts those before",
            hint="How many steps of the fall have been made at step = warmup? What does your numerator say?",
            edits={"(step - warmup) / (steps - warmup)": "step / (steps - warmup)"},
        ),
        Misconception(
            id="one-step-sooner",
            name="the floor is reached one step too early",
            hint="Does the docstring reach the floor at step `steps`, or at the last one before it?",
            edits={"/ (steps - warmup))": "/ max(1, steps - warmup - 1))"},
        ),
        Misconception(
            id="quarter-of-a-wave",
            name="a quarter of a cosine is used instead of half of one",
            hint="Halfway the factor should be halfway between 1 and the floor. Up to which angle does the docstring's cosine go?",
            edits={"0.5 * (1 + math.cos(math.pi * progress))": "math.cos(math.pi / 2 * progress)"},
        ),
        Misconception(
            id="whole-wave",
            name="a whole cosine is used, so that the rate climbs again to the end",
            hint="Where is the cosine smallest: at π or at 2π? Which of them should the last step be?",
            edits={"math.pi * progress": "2 * math.pi * progress"},
        ),
        Misconception(
            id="rises",
            name="the factor rises from the floor to 1 instead of falling",
            hint="cos 0 is 1, and cos π is −1. With which sign should it come in, if the factor begins at 1?",
            edits={"(1 + math.cos": "(1 - math.cos"},
        ),
        Misconception(
            id="not-halved",
            name="1 + cosine is not halved, so that the fall begins at 2",
            hint="How large is 1 + cos 0?",
            edits={"0.5 * (1 +": "(1 +"},
        ),
        Misconception(
            id="cosine-alone",
            name="the cosine is used as it is, from 1 to −1",
            hint="Can a learning rate be negative? Which range should the cosine be moved to?",
            edits={"0.5 * (1 + math.cos(math.pi * progress))": "math.cos(math.pi * progress)"},
        ),
        Misconception(
            id="linear",
            name="the fall is a straight line",
            hint="So do other schedules. A quarter of the way down, how much has half a cosine fallen?",
            edits={"0.5 * (1 + math.cos(math.pi * progress))": "(1 - progress)"},
        ),
        Misconception(
            id="exponential",
            name="the fall is an exponential one",
            hint="So do other schedules. Halfway the factor should be halfway between 1 and the floor. Is yours?",
            answer=cosine_rate_of_torchs_annealing,
        ),
        Misconception(
            id="degrees",
            name="the angle is given to the cosine in degrees",
            hint="In which unit does math.cos take its angle?",
            edits={"math.pi * progress": "180 * progress"},
        ),
        Misconception(
            id="pi-forgotten",
            name="the angle goes from 0 to 1 instead of from 0 to π",
            hint="What is cos 1? At which angle is the cosine −1?",
            edits={"math.pi * progress": "progress"},
        ),
        Misconception(
            id="floor-added",
            name="the floor is added, so that the fall begins above 1",
            hint="At step = warmup the factor should be 1. How large is yours, if there is a floor?",
            edits={"floor + (1 - floor) * ": "floor + "},
        ),
        Misconception(
            id="floor-cuts",
            name="the floor cuts the curve off instead of being where it leads",
            hint="Halfway the factor should be halfway between 1 and the floor. Is yours?",
            edits={
                "floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))": (
                    "max(floor, 0.5 * (1 + math.cos(math.pi * progress)))"
                )
            },
        ),
        Misconception(
            id="floor-forgotten",
            name="the floor plays no part",
            hint="Where do you use `floor`? What should the factor be at step = steps?",
            edits={"floor + (1 - floor) * ": ""},
        ),
        Misconception(
            id="floor-only-shrinks",
            name="the curve is made flatter by 1 − floor and not lifted",
            hint="At step = warmup the factor should be 1, and in the end the floor. What are yours?",
            edits={"floor + (1 - floor) * ": "(1 - floor) * "},
        ),
        Misconception(
            id="warm-up-from-the-floor",
            name="the warm-up begins at the floor",
            hint="Some schedules do so. Here, at which factor does the docstring's climb begin?",
            edits={"return step / warmup": "return floor + (1 - floor) * step / warmup"},
        ),
        Misconception(
            id="warm-up-cut-by-the-floor",
            name="the warm-up does not go below the floor",
            hint="Some schedules do so. Here, at which factor does the docstring's climb begin?",
            edits={"return step / warmup": "return max(floor, step / warmup)"},
        ),
        Misconception(
            id="climbs-again",
            name="the factor climbs again after step `steps`",
            hint="The cosine is periodic. What does the docstring say of the steps from `steps` on?",
            edits={"min(1.0, (step - warmup) / (steps - warmup))": "(step - warmup) / (steps - warmup)"},
        ),
        Misconception(
            id="zero-after-the-end",
            name="the factor is 0 after the end, whatever the floor",
            hint="Which factor does the docstring's schedule keep from step `steps` on?",
            edits={"    progress = min": "    if step > steps:\n        return 0.0\n    progress = min"},
        ),
        Misconception(
            id="whole-numbers",
            name="the share of the way is rounded down to a whole number",
            hint="`//` drops what comes after the point. What is 3 // 7?",
            edits={"(step - warmup) / (steps - warmup)": "(step - warmup) // (steps - warmup)"},
        ),
        Misconception(
            id="divided-by-no-warm-up",
            name="step is divided by warmup even where warmup is 0",
            hint="With warmup = 0, is any step *before* the warm-up's end? Which comparison says so?",
            edits={"if step < warmup:": "if step <= warmup:"},
        ),
        Misconception(
            id="times-the-floor",
            name="the curve is multiplied by the floor",
            hint="With a floor of 0 your rate is 0 all the way. Between which two values should the curve run?",
            edits={"floor + (1 - floor) * ": "floor * "},
        ),
        Misconception(
            id="tensor",
            name="a tensor is returned instead of a plain number",
            hint="A learning rate is a plain number, which one can print and save. Which line makes a tensor of it?",
            answer=lambda step, steps, warmup, floor=0.0: torch.tensor(
                step / warmup
                if step < warmup
                else floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / (steps - warmup))))
            ),
        ),
    ),
)
