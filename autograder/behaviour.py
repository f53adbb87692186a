"""What an exercise's own answers do on its cases: the reference, and the reference with mistakes in it.

All is remembered, so that the first check of an exercise pays and the next ones do not.
"""

import functools

from autograder.evidence import Observation
from autograder.exercise import Exercise, Inputs, Misconception
from autograder.subject import Live, observe

REFERENCE_SECONDS = 60.0


@functools.lru_cache(maxsize=256)
def expected(exercise: Exercise, seed: int) -> tuple[list[tuple[str, Inputs]], list[Observation]]:
    """The cases drawn from the seed, and what the reference makes of them."""
    cases = exercise.cases(seed)
    reference = Live(exercise.reference)
    observed = [observe(reference, exercise, inputs, REFERENCE_SECONDS) for _, inputs in cases]
    if crash := next((o.crash for o in observed if o.crash), None):
        name = exercise.name
        raise RuntimeError(f"the reference of {name} crashed on its own inputs (seed {seed}):\n{crash.traceback}")
    return cases, observed


@functools.lru_cache(maxsize=4096)
def behaviour(exercise: Exercise, seed: int, *mistakes: Misconception) -> list[Observation] | None:
    """What comes out with these mistakes, case by case; None for edits of the same place, which do not go together."""
    try:
        wrong = exercise.variant(*mistakes)
    except (ValueError, SyntaxError):
        if len(mistakes) == 1:
            raise
        return None
    cases, _ = expected(exercise, seed)
    return [observe(Live(wrong), exercise, inputs) for _, inputs in cases]
