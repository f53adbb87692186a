"""Choose the best explanation of what was found: the first that holds, from the surest to the most general.

An answer may be right, too slow, or still as it was handed out. Else a misconception that behaves the same in every
case explains it, or two of them together; else the exception that stopped it; else the kind of difference alone.
"""

import itertools
import re

from autograder.behaviour import behaviour
from autograder.compare import alike
from autograder.evidence import Crash, Evidence, Explanation
from autograder.exercise import Misconception

MOST_PAIRS = 120

#: Which question helps after a crash: the first whose pattern is found in "type: message".
CRASH_QUESTIONS = {
    "shapes that do not meet": "shapes cannot be multiplied|size mismatch|must match",
    "index out of range": "out of (range|bounds)",
    "unexpected shape": "must be size|expected.* size|Expected target",
    "unknown name": "^NameError",
    "changed signature": "missing .* argument|unexpected keyword",
    "unexpected value": "not subscriptable|has no attribute|unsupported operand",
    "two dtypes": "same dtype|Float.*Double|Long",
}


def explain(evidence: Evidence) -> Explanation:
    """The first explanation that holds."""
    return next(explanation for attempt in ATTEMPTS if (explanation := attempt(evidence)))


def right(evidence: Evidence) -> Explanation | None:
    """Nothing differs."""
    return None if evidence.wrong else Explanation("correct")


def too_slow(evidence: Evidence) -> Explanation | None:
    """A case ran into its time limit."""
    late = any(o.crash and o.crash.type == "TimeLimit" for o in evidence.observed)
    return Explanation("timed out") if late else None


def as_handed_out(evidence: Evidence) -> Explanation | None:
    """Nothing is right, and all that is wrong is the exception that stands in the place of a solution."""
    failed = [evidence.observed[i].crash for i in evidence.wrong]
    blank = all(crash and crash.type == "NotImplementedError" and not crash.message for crash in failed)
    return Explanation("not attempted") if blank and evidence.points == 0 else None


def known_mistakes(evidence: Evidence) -> Explanation | None:
    """A misconception behaves the same in every case, or two of them together."""
    mistakes = find_misconceptions(evidence)
    return _wrong(evidence, mistakes=mistakes) if mistakes else None


def stopped(evidence: Evidence) -> Explanation | None:
    """An exception stopped the answer in the case that shows what is wrong."""
    crash = evidence.observed[evidence.wrong[0]].crash
    return _wrong(evidence, "crashed", question=crash_question(crash)) if crash else None


def what_differs(evidence: Evidence) -> Explanation:
    """Nothing better than the difference itself."""
    return _wrong(evidence, question=evidence.findings[evidence.wrong[0]].kind)


ATTEMPTS = (right, too_slow, as_handed_out, known_mistakes, stopped, what_differs)


def find_misconceptions(evidence: Evidence) -> tuple[Misconception, ...]:
    """The misconception that behaves the same in every case, or the pair of them, or nothing."""
    exercise = evidence.exercise
    singles = [(mistake,) for mistake in exercise.misconceptions]
    pairs = itertools.combinations([m for m in exercise.misconceptions if m.edits], 2)
    for mistakes in itertools.chain(singles, itertools.islice(pairs, MOST_PAIRS)):
        seen = behaviour(exercise, evidence.seed, *mistakes)
        if seen and alike(seen, evidence.observed, exercise.tolerance):
            return mistakes
    return ()


def crash_question(crash: Crash) -> str | None:
    """Which question helps after this crash."""
    told = f"{crash.type}: {crash.message}"
    return next((question for question, pattern in CRASH_QUESTIONS.items() if re.search(pattern, told)), None)


def _wrong(evidence: Evidence, outcome: str = "wrong", **more: object) -> Explanation:
    """An explanation with the case that shows it: the first in which something differs."""
    case = evidence.wrong[0]
    seen = {"case": case, "group": evidence.cases[case][0], "finding": evidence.findings[case]}
    return Explanation(outcome, **seen, crash=evidence.observed[case].crash, **more)
