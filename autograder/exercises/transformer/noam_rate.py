"""`noam_rate`: The learning rate at a step: up in a straight line for `warmup` steps, then down as 1 / √step."""

import math

import torch

from autograder.compare import Tolerance
from autograder.exercise import Exercise, Misconception


def noam_rate_inputs(rng):
    """Small sizes, so that the rates are not: steps in the straight part, the top, and beyond; and the paper's sizes."""

    def case(step, d_model, warmup):
        return {"step": int(step), "d_model": int(d_model), "warmup": int(warmup)}

    top = rng.integers(11, 30)
    return {
        "warm-up": [
            case(rng.integers(2, 11), 7, 13),
            case(1, rng.integers(3, 60), rng.integers(11, 60)),
            case(rng.integers(5, 3995), 512, 4000),
        ],
        "top and decay": [
            case(top, 7, top),
            case(rng.integers(29, 47), 5, 11),
            case(rng.integers(101, 997), 3, 17),
            case(rng.integers(4005, 99999), 512, 4000),
        ],
    }


def noam_rate_branches(step, d_model, warmup):
    top = 1 / math.sqrt(d_model * warmup)
    return top * step / warmup if step < warmup else top * math.sqrt(warmup / step)


def noam_rate_powers(step, d_model, warmup):
    return pow(d_model, -0.5) * min(1 / math.sqrt(step), step / (warmup * math.sqrt(warmup)))


def noam_rate_exp_log(step, d_model, warmup):
    rise = math.log(step) - 1.5 * math.log(warmup)
    return math.exp(min(rise, -0.5 * math.log(step)) - 0.5 * math.log(d_model))


NOAM_RATE = Exercise(
    solves="unrolled.schedule.noam_rate",
    groups={"warm-up": 0.5, "top and decay": 0.5},
    inputs=noam_rate_inputs,
    tolerance=Tolerance(absolute=1e-9),
    accepts=(noam_rate_branches, noam_rate_powers, noam_rate_exp_log),
    misconceptions=(
        Misconception(
            id="slope-of-d-model",
            name="the slope of the warm-up has √d_model where another factor √warmup should be",
            hint="Both branches should meet at step = warmup. What is yours there, and what is 1 / √step?",
            edits={"step * warmup**-1.5": "step / (warmup * d_model**0.5)"},
        ),
        Misconception(
            id="maximum",
            name="the larger of the two terms is taken",
            hint="At step 1 the root term is 1. Should the rate begin high or low? Which of the two terms is that?",
            edits={"min(": "max("},
        ),
        Misconception(
            id="no-warm-up",
            name="there is no warm-up",
            hint="Where do you use `warmup`? The rate should first rise.",
            edits={"min(step**-0.5, step * warmup**-1.5)": "step**-0.5"},
        ),
        Misconception(
            id="no-decay",
            name="the rate never falls again",
            hint="After the warm-up, which of the two terms in the formula is the smaller one?",
            edits={"min(step**-0.5, step * warmup**-1.5)": "step * warmup**-1.5"},
        ),
        Misconception(
            id="constant-after-warm-up",
            name="the rate stays at its height after the warm-up",
            hint="So do other schedules. In this one, how large is the rate at four times the warm-up, against its height?",
            edits={"min(step**-0.5,": "min(warmup**-0.5,"},
        ),
        Misconception(
            id="d-model-forgotten",
            name="d_model plays no part",
            hint="A wider model gets a smaller rate. Which factor of the formula says so?",
            edits={"d_model**-0.5 * ": ""},
        ),
        Misconception(
            id="d-model-multiplied",
            name="the rate is multiplied by √d_model instead of divided",
            hint="Should a wider model take larger steps or smaller ones? Which sign has the exponent?",
            edits={"d_model**-0.5": "d_model**0.5"},
        ),
        Misconception(
            id="d-model-without-root",
            name="the rate is divided by d_model instead of its root",
            hint="Which exponent does d_model have in the formula?",
            edits={"d_model**-0.5": "d_model**-1"},
        ),
        Misconception(
            id="warm-up-exponent",
            name="the warm-up has the exponent −1/2 instead of −3/2",
            hint="At step = warmup the two terms should be equal. Are yours?",
            edits={"warmup**-1.5": "warmup**-0.5"},
        ),
        Misconception(
            id="exponent-upside-down",
            name="the warm-up has the exponent −2/3 instead of −3/2",
            hint="Is warmup^(−3/2) one over the root of its cube, or one over the cube root of its square? At step = warmup "
            "the two terms should be equal.",
            edits={"warmup**-1.5": "warmup ** (-2 / 3)"},
        ),
        Misconception(
            id="linear-to-one",
            name="the step is divided by warmup alone",
            hint="At step = warmup the two terms should be equal, or the rate jumps. Which exponent does warmup need?",
            edits={"warmup**-1.5": "warmup**-1"},
        ),
        Misconception(
            id="counted-from-zero",
            name="the steps are counted from 0",
            hint="The first step has number 1, and its rate is not 0. What is yours?",
            edits={"step * warmup": "(step - 1) * warmup", "min(step**": "min(max(1, step - 1) **"},
        ),
        Misconception(
            id="precedence",
            name="`** -1 / 2` is read as (… to the power −1) / 2",
            hint="Power binds more tightly than division: what is 4 ** -1 / 2 in Python? Where do parentheses belong?",
            edits={"d_model**-0.5": "d_model**-1 / 2", "step**-0.5": "step**-1 / 2", "warmup**-1.5": "warmup**-3 / 2"},
        ),
        Misconception(
            id="decay-as-one-over-step",
            name="the rate falls as 1 / step",
            hint="At four times the warm-up the rate should be half its height. What is yours?",
            edits={"min(step**-0.5,": "min(warmup**0.5 / step,"},
        ),
        Misconception(
            id="counted-one-too-far",
            name="1 is added to the step",
            hint="Steps count from 1 already. What is the number of the first step in your formula?",
            edits={
                "step**-0.5, step * warmup": "(step + 1) ** -0.5, (step + 1) * warmup",
            },
        ),
        Misconception(
            id="one-subtracted",
            name="1 is subtracted from the step in the warm-up only",
            hint="Steps count from 1, and the first rate is not 0. What is yours?",
            edits={
                "step * warmup": "(step - 1) * warmup",
            },
        ),
        Misconception(
            id="whole-number-exponents",
            name="the exponents are divided with //",
            hint="What is −1 // 2 in Python? Which division gives −0.5?",
            edits={
                "d_model**-0.5": "d_model**-1",
                "step**-0.5": "step**-1",
                "warmup**-1.5": "warmup**-2",
            },
        ),
        Misconception(
            id="whole-number-root",
            name="the exponent −1 // 2 is −1",
            hint="What is −1 // 2 in Python? Which division gives −0.5?",
            edits={
                "d_model**-0.5": "d_model**-1",
                "step**-0.5": "step**-1",
            },
        ),
        Misconception(
            id="minus-outside",
            name="a minus stands in front of a power instead of in its exponent",
            hint="−d ** 0.5 is −(d ** 0.5) in Python. Can a rate be negative?",
            edits={
                "d_model**-0.5": "-(d_model**-0.5)",
            },
        ),
        Misconception(
            id="root-multiplied-and-negative",
            name="−√d_model is the factor",
            hint="−d ** 0.5 is −(d ** 0.5) in Python. Which sign belongs into the exponent?",
            edits={
                "d_model**-0.5": "-(d_model**0.5)",
            },
        ),
        Misconception(
            id="factor-two",
            name="the rate is doubled",
            hint="Some code has such a factor. Has the paper's formula?",
            edits={
                "return d_model": "return 2 * d_model",
            },
        ),
        Misconception(
            id="linear-decay",
            name="the rate falls in a straight line after the warm-up",
            hint="So do other schedules. At four times the warm-up this one is at half its height: which power of "
            "the step falls like that?",
            answer=lambda step, d_model, warmup: (
                (d_model * warmup) ** -0.5 * (step / warmup if step <= warmup else max(0.0, 2 - step / warmup))
            ),
        ),
        Misconception(
            id="decay-from-the-top",
            name="the fall counts its steps from the end of the warm-up",
            hint="Both terms have the same step. Where do you subtract the warm-up?",
            answer=lambda step, d_model, warmup: (
                d_model**-0.5 * (step * warmup**-1.5 if step <= warmup else (step - warmup) ** -0.5)
            ),
        ),
        Misconception(
            id="arguments-swapped",
            name="d_model and warmup change places",
            hint="Which of the two belongs into the first factor?",
            edits={
                "d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)": "warmup**-0.5 * min(step**-0.5, step * d_model**-1.5)",
            },
        ),
        Misconception(
            id="factor-on-the-first-term",
            name="d_model belongs to the first of the two terms only",
            hint="The factor stands outside the minimum. Where do parentheses belong?",
            edits={
                "d_model**-0.5 * min(step**-0.5, step": "min(d_model**-0.5 * step**-0.5, step",
            },
        ),
        Misconception(
            id="factor-on-the-second-term",
            name="d_model belongs to the second of the two terms only",
            hint="The factor stands outside the minimum. Where do parentheses belong?",
            edits={
                "d_model**-0.5 * min(step**-0.5, step": "min(step**-0.5, d_model**-0.5 * step",
            },
        ),
        Misconception(
            id="d-model-fixed",
            name="d_model is 512, as in the paper, whatever the argument says",
            hint="Where do you use `d_model`?",
            edits={
                "d_model**-0.5": "512**-0.5",
            },
        ),
        Misconception(
            id="warm-up-fixed",
            name="the warm-up is 4000 steps, as in the paper, whatever the argument says",
            hint="Where do you use `warmup`?",
            edits={
                "warmup**-1.5": "4000**-1.5",
            },
        ),
        Misconception(
            id="added",
            name="the two terms are added instead of the smaller one being taken",
            hint="Which word stands before the parentheses in the formula?",
            edits={
                "min(step**-0.5, step * warmup**-1.5)": "(step**-0.5 + step * warmup**-1.5)",
            },
        ),
        Misconception(
            id="multiplied",
            name="the two terms are multiplied instead of the smaller one being taken",
            hint="Which word stands before the parentheses in the formula?",
            edits={
                "min(step**-0.5, step * warmup**-1.5)": "(step**-0.5 * step * warmup**-1.5)",
            },
        ),
        Misconception(
            id="rounded",
            name="the rate is rounded to four digits",
            hint="The paper's rates are about 0.0007. What is left of one, rounded?",
            edits={
                "return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)": "return round(d_model**-0.5 * min(step**-0.5, step * warmup**-1.5), 4)",
            },
        ),
        Misconception(
            id="caret",
            name="`^` stands where Python writes `**`",
            hint="In Python `^` is a bitwise exclusive or. How is a power written?",
            edits={
                "d_model**-0.5": "d_model ^ -0.5",
            },
        ),
        Misconception(
            id="minimum-of-tensors",
            name="`torch.min` is called on two plain numbers",
            hint="torch.min takes tensors. Which function takes the smaller of two numbers?",
            edits={
                "min(step**-0.5, step * warmup**-1.5)": "torch.min(step**-0.5, step * warmup**-1.5)",
            },
        ),
        Misconception(
            id="negative-step",
            name="in the warm-up the step divides instead of multiplying",
            hint="Should the rate rise or fall during the warm-up? Which power has the step in the second term?",
            edits={
                "step * warmup": "1 / step * warmup",
            },
        ),
        Misconception(
            id="first-term-without-root",
            name="the first term has the exponent −1 instead of −1/2",
            hint="At step = warmup the two terms should be equal. Are yours?",
            edits={
                "step**-0.5,": "step**-1,",
            },
        ),
        Misconception(
            id="tensor",
            name="a tensor is returned instead of a plain number",
            hint="An optimiser's rate is a plain number, which one can print and save. Which line makes a tensor of "
            "it?",
            answer=lambda step, d_model, warmup: torch.tensor(d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)),
        ),
        Misconception(
            id="whole-warm-ups-only",
            name="the step is divided by the warm-up without a remainder",
            hint="`//` drops the fraction, and half-way through the warm-up the rate is half its height. What does 1 // 4 "
            "give?",
            edits={
                "step * warmup**-1.5": "(step // warmup) * warmup**-0.5",
            },
        ),
        Misconception(
            id="linear-to-one-in-pieces",
            name="the rate jumps at the end of the warm-up, to which it climbs as step / warmup",
            hint=(
                "Just before the end of the warm-up the factor is 1, just after it 1 / √step. With which "
                "power of warmup do the two pieces meet?"
            ),
            answer=lambda step, d_model, warmup: d_model**-0.5 * (step / warmup if step < warmup else step**-0.5),
        ),
    ),
)
