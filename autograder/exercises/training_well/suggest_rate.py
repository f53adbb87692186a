"""`suggest_rate`: The rate at which the smoothed loss begins to fall fastest, per unit of the rate's logarithm."""

import math

import numpy as np
import torch

from autograder.exercise import Exercise, Misconception
from autograder.tolerance import Tolerance


def suggest_rate_inputs(rng):
    """Curves put together of falls, so that each way to misread a curve finds another place; rates drawn, and a little noise.

    A curve is given by how far the loss falls from each rate to the next, and by how far apart their logarithms are.
    """

    def case(start, falls, gaps=None, **beta):
        falls = np.array(falls) * rng.uniform(0.99, 1.01, len(falls))
        gaps = np.ones(len(falls)) if gaps is None else np.array(gaps)
        logs = np.cumsum([0.0, *gaps * rng.uniform(0.99, 1.01, len(gaps))]) - rng.uniform(9, 14)
        return {"rates": np.exp(logs).tolist(), "losses": (start - np.cumsum([0.0, *falls])).tolist(), **beta}

    def flat(n):
        return [0.02] * n

    after_nan = case(6.0, [0.2, 0.3, 1.0, 0.4, 0.1, -0.1, 1.5, 0.2], beta=0.0)
    after_nan["losses"][6] = math.nan
    falling_after_nan = case(6.0, [0.2, 0.3, 1.0, 0.4, 0.1, 0.1, 0.1, 2.2], beta=0.0)
    falling_after_nan["losses"][6] = math.nan
    after_infinity = case(6.0, [0.2, 0.3, 0.4, 1.0, 0.1, -0.1, 1.5, 0.2], beta=0.5)
    after_infinity["losses"][6] = math.inf
    return {
        "steepest fall": [
            # Far apart by index, close by logarithm; a rise that is steeper than any fall.
            case(5.0, [0.3, 0.05, 1.5, 0.9, 0.1, -1.2, -0.5, 0.35], [0.5, 1, 3, 0.6, 1, 0.5, 1, 0.5], beta=0.0),
            # Two falls in a row, and a single one that is a little steeper.
            case(6.0, [0.1, 1.0, 1.0, 0.1, 1.3, 0.1, 0.2, -0.3], beta=0.0),
            # No fall at all: all are equal.
            case(2.0, [0.0] * 4, beta=0.0),
        ],
        "smoothing": [
            # A spike, and a long fall.
            case(9.0, [*flat(4), 1.5, -1.5, *flat(6), *[0.9] * 5, 0.05, *flat(3)], beta=0.7),
            # One large fall, two large ones in a row, and many that are smaller.
            case(9.0, [*flat(3), 1.0, *flat(6), 0.9, 0.9, *flat(6), *[0.6] * 6, 0.05, *flat(2)], beta=0.7),
            # The steepest fall comes at once, when a mean that starts at 0 still has to rise.
            case(8.0, [2.0, 1.5, 0.3, 0.2, *[0.02] * 20, *[0.15] * 8, *flat(3)], beta=0.9),
            case(7.0, [*flat(5), *[0.2] * 5, *flat(20), *[0.1] * 12, *flat(4)]),
        ],
        "where the curve ends": [
            # Up to 3.6 times the best, the steepest fall, then up to more than 4 times, and a fall that does not count.
            case(5.0, [0.5, 1.5, 1.8, 0.2, -2.6, 2.9, 0.1, -8.0, 8.5, 0.1], beta=0.0),
            # A single loss far up, which the moving mean evens out, before the steepest fall.
            case(3.6, [*flat(12), -12.0, 12.0, *flat(9), *[0.38] * 8, 0.01, *flat(2)], beta=0.9),
            # A single loss far down, which the moving mean evens out, before the steepest fall.
            case(8.0, [*flat(30), 6.0, -6.0, *flat(8), 3.5, 3.5, 0.01, -0.1], beta=0.9),
            # Between 4 and 5 times the best, and once less than 4 more; then the steepest fall, which does not count.
            case(5.0, [1.4, 1.5, -6.8, 8.6, 0.05], beta=0.0),
            case(5.0, [1.4, 1.6, 1.5, *flat(5), -1.8, *[0.0] * 5, 2.1, 0.05], beta=0.25),
            case(5.0, [1.0], beta=0.5),
            after_nan,
            falling_after_nan,
            after_infinity,
        ],
    }


def suggest_rate_refuses(rng):
    rates = np.exp(np.sort(rng.uniform(-9, 0, 3))).tolist()
    losses = [[], [2.0], [1.0, 50.0, 0.1], [math.nan, 2.0, 1.0], [math.inf, 2.0, 1.0]]
    return [{"rates": rates[: len(values)], "losses": values, "beta": 0.125} for values in losses]


def suggest_rate_with_numpy(rates, losses, *, beta=0.98):
    smoothed, mean = np.empty(len(losses)), 0.0
    for i, loss in enumerate(losses):
        mean = beta * mean + (1 - beta) * loss
        smoothed[i] = mean / (1 - beta ** (i + 1))
    with np.errstate(invalid="ignore"):
        bad = ~np.isfinite(smoothed) | (smoothed > 4 * np.minimum.accumulate(smoothed))
    kept = int(bad.argmax()) if bad.any() else len(losses)
    if kept < 2:
        raise ValueError(f"too few losses: {kept}")
    return rates[int((np.diff(smoothed[:kept]) / np.diff(np.log(rates[:kept]))).argmin())]


def suggest_rate_in_one_pass(rates, losses, *, beta=0.98):
    best, before, steepest, answer = float("inf"), None, float("inf"), None
    total = weight = 0.0
    for rate, loss in zip(rates, losses, strict=True):
        total, weight = beta * total + loss, beta * weight + 1
        now = total / weight
        if now != now or now == float("inf") or now > 4 * best:
            break
        best = min(best, now)
        if before is not None:
            slope = (now - before[1]) / math.log10(rate / before[0])
            if slope < steepest:
                steepest, answer = slope, before[0]
        before = rate, now
    if answer is None:
        raise ValueError("there are not enough losses")
    return answer


def suggest_rate_with_torch(rates, losses, *, beta=0.98):
    values = torch.tensor(losses, dtype=torch.float64)
    powers = torch.tensor(
        [[beta ** (i - j) if j <= i else 0.0 for j in range(len(values))] for i in range(len(values))]
    )
    weights = powers.double() / powers.double().sum(1, keepdim=True) if len(values) else values
    kept = []
    for i in range(len(values)):
        smooth = (weights[i, : i + 1] * values[: i + 1]).sum().item()
        if not math.isfinite(smooth) or (kept and smooth > 4 * min(kept)):
            break
        kept.append(smooth)
    if len(kept) < 2:
        raise ValueError("losses: fewer than two")
    logs = torch.tensor(rates[: len(kept)], dtype=torch.float64).log()
    slopes = torch.tensor(kept, dtype=torch.float64).diff() / logs.diff()
    return rates[slopes.argmin().item()]


def suggest_rate_central(rates, losses, *, beta=0.98):
    kept = suggest_rate_kept(losses, beta)
    if len(kept) < 2:
        raise ValueError("losses are too few")
    return rates[int(np.gradient(kept, np.log(rates[: len(kept)])).argmin())]


def suggest_rate_nan(rates, losses, *, beta=0.98):
    mean, smoothed = 0.0, []
    for i, loss in enumerate(losses):
        mean = beta * mean + (1 - beta) * loss
        corrected = mean / (1 - beta ** (i + 1))
        if smoothed and corrected > 4 * min(smoothed):
            break
        smoothed.append(corrected)
    if len(smoothed) < 2:
        raise ValueError("losses are too few")
    return rates[int(np.argmin(np.diff(smoothed) / np.diff(np.log(rates[: len(smoothed)]))))]


def suggest_rate_endless(rates, losses, *, beta=0.98):
    if len(losses) < 2:
        raise ValueError("losses are too few")
    mean, smoothed = 0.0, []
    for i, loss in enumerate(losses):
        mean = beta * mean + (1 - beta) * loss
        smoothed.append(mean / (1 - beta ** (i + 1)))
    with np.errstate(invalid="ignore"):
        return rates[int(np.argmin(np.diff(smoothed) / np.diff(np.log(rates))))]


def suggest_rate_kept(losses, beta):
    """The smoothed losses up to where the curve ends."""
    mean, kept = 0.0, []
    for i, loss in enumerate(losses):
        mean = beta * mean + (1 - beta) * loss
        corrected = mean / (1 - beta ** (i + 1))
        if not math.isfinite(corrected) or (kept and corrected > 4 * min(kept)):
            break
        kept.append(corrected)
    return kept


MEAN = "mean = beta * mean + (1 - beta) * loss"
CORRECTED = "corrected = mean / (1 - beta ** (i + 1))"
TEST = "if not (math.isfinite(corrected) and corrected <= 4 * best):"
SLOPE = "(smoothed[i + 1] - smoothed[i]) / (math.log(rates[i + 1]) - math.log(rates[i]))"
ANSWER = "return rates[slopes.index(min(slopes))]"

SUGGEST_RATE = Exercise(
    solves="unrolled.rate_finder.suggest_rate",
    groups={"steepest fall": 1, "smoothing": 1, "where the curve ends": 1},
    inputs=suggest_rate_inputs,
    tolerance=Tolerance(absolute=1e-12),  # a rate may be as small as 1e-6
    refuses=suggest_rate_refuses,
    accepts=(suggest_rate_with_numpy, suggest_rate_in_one_pass, suggest_rate_with_torch),
    misconceptions=(
        Misconception(
            id="no-correction",
            name="the moving mean is not corrected for its start at 0",
            hint="The mean starts at 0, and the first loss comes in with 1 − beta of its size. What does the curve do in its first "
            "steps, though the loss falls?",
            edits={CORRECTED: "corrected = mean"},
        ),
        Misconception(
            id="starts-at-the-first-loss",
            name="the moving mean starts at the first loss and is not corrected",
            hint="So do some plots. Then the first loss weighs more than all others for a long time. Where does the docstring's mean start?",
            edits={MEAN: "mean = beta * mean + (1 - beta) * loss if i else loss", CORRECTED: "corrected = mean"},
        ),
        Misconception(
            id="minimum",
            name="the rate of the smallest loss is taken instead of that of the steepest fall",
            hint="Where the loss is smallest it is about to rise. Is that a rate to train with?",
            edits={ANSWER: "return rates[smoothed.index(min(smoothed))]"},
        ),
        Misconception(
            id="tenth-of-the-minimum",
            name="a tenth of the rate of the smallest loss is taken",
            hint="A rule of thumb, too, but another one. Which property of the curve does the docstring ask for?",
            edits={ANSWER: "return rates[smoothed.index(min(smoothed))] / 10"},
        ),
        Misconception(
            id="not-smoothed",
            name="the losses are not smoothed",
            hint="Two batches differ in luck. What does a single lucky one do to your curve?",
            edits={CORRECTED: "corrected = loss"},
        ),
        Misconception(
            id="weights-swapped",
            name="beta is the weight of the new loss instead of the old mean",
            hint="With beta = 0.98, should the curve be smooth or jumpy?",
            edits={
                MEAN: "mean = (1 - beta) * mean + beta * loss",
                CORRECTED: "corrected = mean / (1 - (1 - beta) ** (i + 1))",
            },
        ),
        Misconception(
            id="per-index",
            name="the fall is counted from one loss to the next, however far apart their rates are",
            hint="The same fall over twice as wide a step is half as steep. By what should the difference be divided?",
            edits={SLOPE: "smoothed[i + 1] - smoothed[i]"},
        ),
        Misconception(
            id="per-rate",
            name="the slope is taken against the rate instead of its logarithm",
            hint="From 0.000001 to 0.00001 is almost nothing on the rate's own axis. On which axis is the finder's curve drawn?",
            edits={SLOPE: "(smoothed[i + 1] - smoothed[i]) / (rates[i + 1] - rates[i])"},
        ),
        Misconception(
            id="ratio-of-logs",
            name="the difference of losses is divided by the quotient of the logarithms",
            hint="How far apart are log 0.01 and log 0.1? Which operation tells?",
            edits={SLOPE: "(smoothed[i + 1] - smoothed[i]) / (math.log(rates[i + 1]) / math.log(rates[i]))"},
        ),
        Misconception(
            id="steepest-rise",
            name="the steepest rise is taken instead of the steepest fall",
            hint="Which sign has a slope where the loss falls? Which of min and max finds it?",
            edits={ANSWER: "return rates[slopes.index(max(slopes))]"},
        ),
        Misconception(
            id="steepest-either-way",
            name="a steep rise counts like a steep fall",
            hint="Where the loss rises steeply, the rate is too high. What does `abs` do to your slopes?",
            edits={ANSWER: "return rates[max(range(len(slopes)), key=lambda i: abs(slopes[i]))]"},
        ),
        Misconception(
            id="flattest",
            name="the place where the loss changes least is taken",
            hint="Where nothing changes, nothing is learnt. Which slope is wanted?",
            edits={ANSWER: "return rates[min(range(len(slopes)), key=lambda i: abs(slopes[i]))]"},
        ),
        Misconception(
            id="end-of-the-fall",
            name="the rate where the steepest fall ends is returned",
            hint="A slope belongs to two rates. Which of the two does the docstring return?",
            edits={ANSWER: "return rates[slopes.index(min(slopes)) + 1]"},
        ),
        Misconception(
            id="middle-of-the-fall",
            name="the middle of the steepest fall is returned instead of where it begins",
            hint="A slope belongs to two rates. Which of the two does the docstring return?",
            edits={ANSWER: "i = slopes.index(min(slopes))\n    return math.sqrt(rates[i] * rates[i + 1])"},
        ),
        Misconception(
            id="central-slopes",
            name="the slope at a rate is taken from both its neighbours",
            hint="fastai does so (numpy.gradient). From which rate to which does a slope of the docstring go?",
            answer=suggest_rate_central,
        ),
        Misconception(
            id="index",
            name="the place in the list is returned instead of the rate",
            hint="The signature promises a rate. What have you found: a rate or its number?",
            edits={ANSWER: "return slopes.index(min(slopes))"},
        ),
        Misconception(
            id="slope-returned",
            name="the steepest slope is returned instead of its rate",
            hint="How steep the curve is nobody asked. Where is it that steep?",
            edits={ANSWER: "return min(slopes)"},
        ),
        Misconception(
            id="last-of-the-list",
            name="the curve is looked at to its end, however high the loss climbs",
            hint="After a run has gone wrong, a loss may fall as well. Where does the docstring's curve end?",
            edits={TEST: "if not math.isfinite(corrected):"},
        ),
        Misconception(
            id="no-end-at-all",
            name="the curve is looked at to its end, even where a loss is NaN",
            hint="After a run has gone wrong, a loss may fall as well, and NaN is no loss at all. Where does the docstring's curve end?",
            answer=suggest_rate_endless,
        ),
        Misconception(
            id="four-times-the-first",
            name="the curve ends at 4 times the first loss instead of the best so far",
            hint="If the loss has fallen from 8 to 1, is a loss of 20 still harmless? With what is it compared?",
            edits={"best = min(best, corrected)": "best = best if smoothed else corrected"},
        ),
        Misconception(
            id="ends-at-the-first-rise",
            name="the curve ends as soon as the loss rises",
            hint="A small rise is nothing unusual. By how much may the loss be above the best?",
            edits={TEST: "if not (math.isfinite(corrected) and corrected <= best):"},
        ),
        Misconception(
            id="ends-at-twice-the-best",
            name="the curve ends at twice the best loss instead of 4 times",
            hint="By how much may the loss be above the best?",
            edits={"4 * best": "2 * best"},
        ),
        Misconception(
            id="raw-loss-compared",
            name="a single loss ends the curve, before it is smoothed",
            hint="One unlucky batch should not end the run. Which of the two values does the docstring compare?",
            edits={"corrected <= 4 * best": "loss <= 4 * best"},
        ),
        Misconception(
            id="best-raw-loss",
            name="the smoothed loss is compared with the smallest loss before smoothing",
            hint="One lucky batch should not set the mark. Which best does the docstring mean?",
            edits={"best = min(best, corrected)": "best = min(best, loss)"},
        ),
        Misconception(
            id="bad-ones-skipped",
            name="the losses above the limit are skipped, and the curve goes on after them",
            hint="Where does the docstring's curve end?",
            edits={
                "            break": "            continue",
                "range(len(smoothed) - 1)": "range(min(len(smoothed), len(rates)) - 1)",
            },
        ),
        Misconception(
            id="nan-kept",
            name="a NaN does not end the curve, since no comparison with it is true",
            hint="`nan > 4 * best` is False. What is the smallest number of a list with NaN in it, for NumPy?",
            answer=suggest_rate_nan,
        ),
        Misconception(
            id="too-few-taken",
            name="a curve without a single slope gets an exception of another kind",
            hint="What is the minimum of an empty list? The docstring says which exception a caller gets, and what its message names.",
            edits={
                "if len(smoothed) < 2:": "if False:",
                ANSWER: "return rates[sorted(range(len(slopes)), key=slopes.__getitem__)[0]]",
            },
        ),
        Misconception(
            id="correction-one-short",
            name="the correction has the exponent i instead of i + 1",
            hint="After the first loss (i = 0) the mean should be the loss itself. What is 1 − beta⁰?",
            edits={"beta ** (i + 1)": "beta**i"},
        ),
        Misconception(
            id="nan-skipped",
            name="a loss that is no number is left out, and the curve goes on after it",
            hint="What comes after NaN belongs to a run that has broken down. What does the docstring say of such a loss?",
            edits={
                "    mean, best, smoothed = 0.0": "    kept = [(r, x) for r, x in zip(rates, losses) if not math.isnan(x)]\n    rates, losses = [r for r, _ in kept], [x for _, x in kept]\n    mean, best, smoothed = 0.0"
            },
        ),
        Misconception(
            id="last-value-kept",
            name="the value at which the curve ends is kept as its last",
            hint="The curve ends *before* that value. Which comes first with you: the test, or the append?",
            edits={f"        {TEST}": f"        smoothed.append(corrected)\n        {TEST}", "        smoothed.append(corrected)\n    if len": "    if len"},
        ),
        Misconception(
            id="a-tenth",
            name="a tenth of the rate is returned",
            hint="One divides by ten where the loss is *smallest*, to be safe. Is the steepest fall too far, too?",
            edits={ANSWER: f"{ANSWER} / 10"},
        ),
        Misconception(
            id="last-of-equal-falls",
            name="of equal falls the last is taken",
            hint="Which of several equal ones does the docstring take? Which of < and <= says so?",
            edits={ANSWER: "return rates[len(slopes) - 1 - slopes[::-1].index(min(slopes))]"},
        ),
    ),
)
