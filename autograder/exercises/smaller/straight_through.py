"""`straight_through`: x rounded to the nearest of `low` · scale … `high` · scale, with a gradient as if nothing were rounded."""

import torch

from autograder.draw import normal, uniform
from autograder.exercise import Exercise, Misconception
from autograder.exercises.smaller.shared import clear
from autograder.probes import differentiate
from autograder.tolerance import in_double


def straight_inputs(rng):
    """Inside the range, beyond it on both sides, and between the last code and half a step further, where it is rounded back.

    Symmetric ranges and others; any number of axes, none among them; one number; halves that are exact.
    """

    def case(low, high, *shape, scale):
        middle, wide = (low + high) / 2, high - low + 2
        steps = middle + wide * (uniform(rng, *shape) - 0.5)
        flat = steps.view(-1)  # for certain: rounded back to the last code, from outside it, and cut off
        ends = torch.tensor([high + 0.3, low - 0.3, high + 0.9, low - 0.9, high - 0.3, low + 0.3])
        count = min(len(flat), 6)
        flat[torch.from_numpy(rng.permutation(len(flat))[:count])] = ends[:count]
        return {"x": clear(steps * scale, scale), "scale": scale, "low": low, "high": high}

    halves = torch.tensor([0.5, 1.5, -0.5, -1.5, 2.5, -2.5])[torch.from_numpy(rng.permutation(6))] * 0.25
    number = {"x": normal(rng, 1)[0].clamp(-0.9, 0.9) + 0.04, "scale": 0.7, "low": -2, "high": 2}
    number["x"] = clear(number["x"], 0.7)
    return {
        "inside": [
            {"x": halves, "scale": 0.25, "low": -7, "high": 7},
            {"x": clear(0.4 * normal(rng, 5, 7).clamp(-2, 2), 0.3), "scale": 0.3, "low": -7, "high": 7},
            number,
        ],
        "cut off": [
            case(-7, 7, 5, 7, scale=0.3),
            case(-8, 7, 2, 3, 5, scale=2.5),
            case(0, 15, 13, scale=0.06),
            case(-3, 3, 1, 1, scale=1.3),
            in_double(case(-1, 1, 3, 5, scale=0.5)),
        ],
    }


def straight_with_a_function(x, scale, low, high):
    class Rounded(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            codes = (x / scale).round()
            ctx.save_for_backward((codes >= low) & (codes <= high))
            return codes.clamp(low, high) * scale

        @staticmethod
        def backward(ctx, gradient):
            return gradient * ctx.saved_tensors[0]

    return Rounded.apply(x)


def straight_with_a_clamp(x, scale, low, high):
    clipped = x.clamp((low - 0.5) * scale, (high + 0.5) * scale)
    with torch.no_grad():
        rest = torch.round(x / scale).clamp(low, high) * scale - clipped
    return clipped + rest


def straight_with_a_mask(x, scale, low, high):
    codes = torch.round(x / scale).detach()
    passed = x * ((codes >= low) & (codes <= high))
    return passed - passed.detach() + torch.clamp(codes, low, high) * scale


def _plain(x, scale, low, high):
    return torch.round(x / scale).clamp(low, high) * scale


INSIDE = "inside = (low <= codes) & (codes <= high)"
VALUE = "codes.clamp(low, high) * scale"
PASSED = "torch.where(inside, x - x.detach(), 0.0)"
CODES = "torch.round(x.detach() / scale)"

STRAIGHT_THROUGH = Exercise(
    solves="unrolled.int8.straight_through",
    groups={"inside": 1, "cut off": 2},
    inputs=straight_inputs,
    probe=differentiate,
    accepts=(straight_with_a_function, straight_with_a_clamp, straight_with_a_mask),
    forbids=("torch.fake_quantize_per_tensor_affine", "torch.fake_quantize_per_channel_affine"),
    misconceptions=(
        Misconception(
            id="no-gradient",
            name="no gradient comes through: the slope of rounding is 0",
            hint="What is the derivative of `round` between two steps? Which path could a gradient take around it?",
            answer=_plain,
        ),
        Misconception(
            id="gradient-everywhere",
            name="the gradient passes where the value was cut off as well",
            hint="Pushing x further out changes nothing there. Which gradient says so?",
            edits={PASSED: "x - x.detach()"},
        ),
        Misconception(
            id="gradient-only-outside",
            name="the gradient passes where the value was cut off, and nowhere else",
            hint="Where is x rounded to a number near it, and where is it not?",
            edits={INSIDE: "inside = ~((low <= codes) & (codes <= high))"},
        ),
        Misconception(
            id="ends-excluded",
            name="the gradient stops at the codes `low` and `high` themselves",
            hint="A number whose code is `high` was rounded, not cut off. Are both ends included in your comparison?",
            edits={INSIDE: "inside = (low < codes) & (codes < high)"},
        ),
        Misconception(
            id="top-excluded",
            name="the gradient stops at the code `high` itself",
            hint="A number whose code is `high` was rounded, not cut off. Is that end included in your comparison?",
            edits={INSIDE: "inside = (low <= codes) & (codes < high)"},
        ),
        Misconception(
            id="before-rounding",
            name="what counts as inside is decided before rounding: up to half a step too much is cut off",
            hint="x / scale = high + 0.3 is rounded to `high`. Was anything cut off?",
            edits={INSIDE: "inside = (low <= x / scale) & (x / scale <= high)"},
        ),
        Misconception(
            id="range-of-x",
            name="x itself is compared with the codes `low` and `high`",
            hint="`low` and `high` are codes. What is x measured in?",
            edits={INSIDE: "inside = (low <= x) & (x <= high)"},
        ),
        Misconception(
            id="one-sided",
            name="only above `high` the gradient stops",
            hint="The range has two ends. What happens to very negative numbers?",
            edits={INSIDE: "inside = codes <= high"},
        ),
        Misconception(
            id="one-sided-below",
            name="only below `low` the gradient stops",
            hint="The range has two ends. What happens to very large numbers?",
            edits={INSIDE: "inside = low <= codes"},
        ),
        Misconception(
            id="gradient-times-scale",
            name="the gradient is multiplied by the scale",
            hint="“As if nothing had been rounded”: what is the derivative of x for x?",
            edits={PASSED: "torch.where(inside, scale * (x - x.detach()), 0.0)"},
        ),
        Misconception(
            id="gradient-over-scale",
            name="the gradient is divided by the scale",
            hint="“As if nothing had been rounded”: what is the derivative of x for x? On which of the two sides do you multiply by "
            "the scale?",
            edits={PASSED: "torch.where(inside, (x - x.detach()) / scale, 0.0)"},
        ),
        Misconception(
            id="codes",
            name="the codes come back instead of the rounded numbers",
            hint="The result should be near x. What is a code to be multiplied by?",
            edits={VALUE: "codes.clamp(low, high)"},
        ),
        Misconception(
            id="scale-ignored",
            name="x is rounded to whole numbers, whatever the scale",
            hint="With a scale of 0.25, which numbers can come out?",
            edits={CODES: "torch.round(x.detach())", VALUE: "codes.clamp(low, high)"},
        ),
        Misconception(
            id="scale-multiplied",
            name="x is multiplied by the scale before rounding, and divided after it",
            hint="With a scale of 0.25, which numbers can come out: quarters, or multiples of 4?",
            edits={CODES: "torch.round(x.detach() * scale)", VALUE: "codes.clamp(low, high) / scale"},
        ),
        Misconception(
            id="not-cut-off",
            name="the values are not cut off at the ends",
            hint="With 4 bits, is there a code for every number? Which is the last one?",
            edits={VALUE: "codes * scale"},
        ),
        Misconception(
            id="symmetric-range",
            name="the range is taken to reach from −high to `high`",
            hint="What is `low` for, if not for the lower end?",
            edits={INSIDE: "inside = (-high <= codes) & (codes <= high)", VALUE: "codes.clamp(-high, high) * scale"},
        ),
        Misconception(
            id="truncated",
            name="x is cut off towards 0 instead of rounded",
            hint="Which of the neighbours is nearer to 2.9: 2 or 3?",
            edits={CODES: "torch.trunc(x.detach() / scale)"},
        ),
        Misconception(
            id="floored",
            name="x is rounded down",
            hint="Which of the neighbours is nearer to 2.9: 2 or 3?",
            edits={CODES: "torch.floor(x.detach() / scale)"},
        ),
        Misconception(
            id="halves-up",
            name="halves are rounded up instead of to the even number",
            hint="What is `torch.round` of 0.5, and of 1.5? And what does floor(x + 0.5) give?",
            edits={CODES: "torch.floor(x.detach() / scale + 0.5)"},
        ),
        Misconception(
            id="halves-away",
            name="halves are rounded away from 0 instead of to the even number",
            hint="What is `torch.round` of 0.5, and of 1.5? And what does yours make of them?",
            edits={CODES: "torch.sign(x.detach()) * torch.floor((x.detach() / scale).abs() + 0.5)"},
        ),
        Misconception(
            id="nothing-rounded",
            name="x comes back cut off, but not rounded",
            hint="The gradient is that of x. Whose is the value?",
            edits={CODES: "x.detach() / scale", INSIDE: "inside = (low <= codes.round()) & (codes.round() <= high)"},
        ),
        Misconception(
            id="added-twice",
            name="x is added to the rounded value instead of the difference that is 0",
            hint="x − x.detach() is 0 and has the gradient of x. What is the value of what you add?",
            edits={"x - x.detach()": "x"},
        ),
        Misconception(
            id="zero-where-cut-off",
            name="what lies outside the range becomes 0",
            hint="Which number of the range is nearest to one beyond its upper end?",
            edits={VALUE: "torch.where(inside, codes, 0.0) * scale"},
        ),
        Misconception(
            id="as-it-is-inside",
            name="where nothing is cut off, x comes back as it is, not rounded",
            hint="The gradient is that of x. Whose is the value?",
            edits={VALUE: "torch.where(inside, x, codes.clamp(low, high) * scale)", f" + {PASSED}": ""},
        ),
    ),
)
