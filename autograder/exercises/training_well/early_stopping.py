"""`EarlyStopping`: Says when to stop: after `patience` values in a row that were not better than the best one."""

import math

from autograder.exercise import Exercise, Misconception
from unrolled.early_stopping import EarlyStopping


def early_stopping_inputs(rng):
    """Constructed sequences, moved up or down by a drawn number of halves, so that all sums are exact."""

    def case(values, patience, **options):
        up = int(rng.integers(-20, 21)) / 2
        return {"options": {"patience": patience, **options}, "values": [value + up for value in values]}

    drawn = [int(value) / 4 for value in rng.integers(0, 41, 23)]
    nan = math.nan
    return {
        "patience": [
            case([9.0, 8.0, 8.5, 7.0, 7.0, 7.5, 6.0, 7.25, 8.0, 6.5, 6.0, 5.0], 3),
            case([4.0, 3.0, 3.0, 2.0, 2.5, 1.0, 1.0], 1),
            case(drawn, 4),
            case([5.0, 7.0, 6.0, 5.5, 5.25, 4.0, 4.5, 4.25, 4.125, 4.0], 2),
        ],
        "min_delta": [
            case([9.0, 8.75, 8.5, 8.25, 8.0, 7.75, 7.5, 7.25, 7.0], 3, min_delta=0.5),
            case([9.0, 8.5, 7.0, 6.75, 6.5, 6.25, 3.0, 3.5, 2.75], 2, min_delta=0.5),
            case(drawn[::-1], 5, min_delta=1.5),
        ],
        "values that are no numbers": [
            {"options": {"patience": 2}, "values": [nan, 5.0 + drawn[0], nan, 4.0, nan, nan, 3.0]},
            {"options": {"patience": 2}, "values": [nan, nan, 2.0 + drawn[1], 2.5 + drawn[1], nan, math.inf]},
        ],
    }


def probe_early_stopping(answer, inputs):
    """Hand over the values one after the other; after each, whether to stop, and the best value and its number so far."""
    stopping = answer(**inputs["options"])
    seen = []
    for value in inputs["values"]:
        stop = stopping.update(value)
        seen.append({"stop": stop, "best": stopping.best, "best_step": stopping.best_step})
    return {"result": seen, "modified": []}


class EarlyStoppingWithAList(EarlyStopping):
    def update(self, value):
        self.values = [*getattr(self, "values", []), value]
        if value < self.best - self.min_delta:
            self.best, self.best_step = value, len(self.values) - 1
        last = -1 if self.best_step is None else self.best_step
        return len(self.values) - 1 - last >= self.patience


class EarlyStoppingEarlyReturn(EarlyStopping):
    def update(self, value):
        self.steps += 1
        if self.best - value > self.min_delta:
            self.best = value
            self.best_step = self.steps - 1
            self.waited = 0
            return False
        self.waited = self.waited + 1
        return not self.waited < self.patience


class EarlyStoppingNegated(EarlyStopping):
    def update(self, value):
        worse = math.isnan(value) or value >= self.best - self.min_delta
        self.waited = self.waited + 1 if worse else 0
        if not worse:
            self.best = value
            self.best_step = self.steps
        self.steps += 1
        return self.waited >= self.patience


TEST = "value < self.best - self.min_delta"
KEPT = "self.best, self.best_step, self.waited = value, self.steps, 0"

EARLY_STOPPING = Exercise(
    solves="unrolled.early_stopping.EarlyStopping",
    groups={"patience": 1, "min_delta": 1, "values that are no numbers": 1},
    inputs=early_stopping_inputs,
    probe=probe_early_stopping,
    blanks=("update",),
    accepts=(EarlyStoppingWithAList, EarlyStoppingEarlyReturn, EarlyStoppingNegated),
    misconceptions=(
        Misconception(
            id="equal-is-better",
            name="a value that just reaches the limit counts as better",
            hint="If the loss stands still, is it getting better? Which of < and <= says so?",
            edits={TEST: "value <= self.best - self.min_delta"},
        ),
        Misconception(
            id="last-value-kept",
            name="each value is compared with the one before instead of the best",
            hint="A loss that goes up and down by turns gets better every other time. With what should it be compared?",
            edits={
                TEST: 'value < getattr(self, "last", math.inf) - self.min_delta',
                "        self.steps += 1\n": "        self.last = value\n        self.steps += 1\n",
            },
        ),
        Misconception(
            id="min-delta-forgotten",
            name="`min_delta` plays no part",
            hint="Should a loss that falls by a millionth each time go on for ever? Where do you use `min_delta`?",
            edits={TEST: "value < self.best"},
        ),
        Misconception(
            id="min-delta-added",
            name="`min_delta` is added to the best value instead of subtracted",
            hint="Should a value have to be lower than the best one by some margin, or may it be higher by that much?",
            edits={TEST: "value < self.best + self.min_delta"},
        ),
        Misconception(
            id="min-delta-relative",
            name="`min_delta` is taken for a share of the best value",
            hint="Some libraries can do so. Is the docstring's limit best − min_delta, or best · (1 − min_delta)?",
            edits={TEST: "value < self.best - self.min_delta * abs(self.best) if self.steps else value == value"},
        ),
        Misconception(
            id="best-creeps",
            name="every lower value becomes the best one, even if it is not lower by `min_delta`",
            hint="A loss that falls by little each time should add up to something better in the end. From which value is the "
            "difference counted?",
            edits={
                "        else:\n            self.waited += 1\n": (
                    "        else:\n            self.waited += 1\n            if value < self.best:\n"
                    "                self.best, self.best_step = value, self.steps\n"
                )
            },
        ),
        Misconception(
            id="best-value-creeps",
            name="every lower value becomes the best one, but its number is kept only if it is lower by `min_delta`",
            hint="Do your best value and its number belong together?",
            edits={
                "        else:\n            self.waited += 1\n": (
                    "        else:\n            self.waited += 1\n            self.best = min(self.best, value)\n"
                )
            },
        ),
        Misconception(
            id="not-in-a-row",
            name="all values that were not better are counted, whether or not a better one came between",
            hint="After a better value, how long should it be waited again?",
            edits={KEPT: "self.best, self.best_step = value, self.steps"},
        ),
        Misconception(
            id="one-too-late",
            name="it stops one value too late",
            hint="With a patience of 1, how many values may be no better?",
            edits={"self.waited >= self.patience": "self.waited > self.patience"},
        ),
        Misconception(
            id="one-too-early",
            name="it stops one value too early",
            hint="With a patience of 1, should it stop although the last value was better?",
            edits={"self.waited >= self.patience": "self.waited >= self.patience - 1"},
        ),
        Misconception(
            id="only-once",
            name="it says so only once, and False again if it is asked on",
            hint="The next value is no better, either. Is it still time to stop?",
            edits={"self.waited >= self.patience": "self.waited == self.patience"},
        ),
        Misconception(
            id="starts-again",
            name="after it has said stop, it waits from the beginning again",
            hint="The next value is no better, either. Is it still time to stop? What sets `waited` back?",
            edits={
                "return self.waited >= self.patience": (
                    "if self.waited < self.patience:\n            return False\n        self.waited = 0\n        return True"
                )
            },
        ),
        Misconception(
            id="upside-down",
            name="it says True to go on and False to stop",
            hint="What does the docstring's True mean?",
            edits={"self.waited >= self.patience": "self.waited < self.patience"},
        ),
        Misconception(
            id="higher-is-better",
            name="a higher value counts as better",
            hint="That would be right for an accuracy. Is a loss better when it is high?",
            edits={TEST: "self.best == math.inf and value == value or value > self.best + self.min_delta"},
        ),
        Misconception(
            id="counted-from-one",
            name="the number of the best value is counted from 1",
            hint="Which number does the docstring give to the first value?",
            edits={KEPT: "self.best, self.best_step, self.waited = value, self.steps + 1, 0"},
        ),
        Misconception(
            id="number-of-the-last",
            name="`best_step` is the number of the last value instead of the best one",
            hint="From which step should the weights be taken in the end?",
            edits={"        self.steps += 1\n": "        self.best_step = self.steps\n        self.steps += 1\n"},
        ),
        Misconception(
            id="best-is-last",
            name="`best` is the last value",
            hint="Where do you write to `best`: for every value, or only for better ones?",
            edits={"        self.steps += 1\n": "        self.best = value\n        self.steps += 1\n"},
        ),
        Misconception(
            id="number-not-kept",
            name="the number of the best value is not kept",
            hint="Which three things change when a value is better?",
            edits={KEPT: "self.best, self.waited = value, 0"},
        ),
        Misconception(
            id="best-not-kept",
            name="the best value is not kept",
            hint="Which three things change when a value is better?",
            edits={KEPT: "self.best_step, self.waited = self.steps, 0"},
        ),
        Misconception(
            id="steps-not-counted",
            name="the values are not counted, so that every number is 0",
            hint="Which line counts the values?",
            edits={"        self.steps += 1\n": ""},
        ),
        Misconception(
            id="only-bad-ones-counted",
            name="only the values that are not better are counted",
            hint="Does a better value have a number, too? Where should the counting stand?",
            edits={
                "        self.steps += 1\n": "",
                "            self.waited += 1\n": "            self.waited += 1\n            self.steps += 1\n",
            },
        ),
        Misconception(
            id="only-better-ones-counted",
            name="only the values that are better are counted",
            hint="Does a value that is no better have a number, too? Where should the counting stand?",
            edits={"        self.steps += 1\n": "", KEPT: KEPT + "\n            self.steps += 1"},
        ),
        Misconception(
            id="nan-is-better",
            name="NaN counts as better, and nothing is lower than it ever after",
            hint="Every comparison with NaN is False. What does `not value >= …` make of it?",
            edits={TEST: "not value >= self.best - self.min_delta"},
        ),
        Misconception(
            id="nan-skipped",
            name="NaN is passed over as if it had not been there",
            hint="The docstring says what a NaN counts as. Should a run whose loss is NaN wait for ever?",
            edits={f"        if {TEST}": f"        if value != value:\n            return False\n        if {TEST}"},
        ),
        Misconception(
            id="nan-stops",
            name="NaN stops at once",
            hint="The docstring says what a NaN counts as: how many values in a row does it take?",
            edits={"return self.waited": "return value != value or self.waited"},
        ),
        Misconception(
            id="nothing-returned",
            name="nothing is returned while values get better",
            hint="What does a function return that reaches its end without a return?",
            edits={"return self.waited >= self.patience": "return True if self.waited >= self.patience else None"},
        ),
        Misconception(
            id="count-returned",
            name="the count is returned instead of the decision",
            hint="The signature promises True or False. With what should the count be compared?",
            edits={"return self.waited >= self.patience": "return self.waited"},
        ),
        Misconception(
            id="share-of-the-best",
            name="a value is better if it is below the best one times 1 − `min_delta`",
            hint="Is it a difference, or a percentage? The docstring's formula says which.",
            edits={TEST: "value < self.best * (1 - self.min_delta)"},
        ),
        Misconception(
            id="higher-is-better-after-the-first",
            name="a higher value counts as better, and the first one always",
            hint="That would be right for an accuracy. Is a loss better when it is high?",
            edits={TEST: "self.steps == 0 or value > self.best + self.min_delta"},
        ),
        Misconception(
            id="nan-not-waited-for",
            name="NaN has its number, but does not count as a value that was no better",
            hint="A run that gives nothing but NaN would never stop. As what does the docstring count it?",
            edits={"        else:\n            self.waited": "        elif value == value:\n            self.waited"},
        ),
    ),
)
