"""What an exercise's own answers do on its cases: the reference, and the reference with mistakes in it.

All is remembered, so that the first check of an exercise pays and the next ones do not; and nothing is tried before it
is asked for, case by case.
"""

import functools
from dataclasses import replace
from typing import Any

import torch

from autograder import probes
from autograder.compare import difference, noise
from autograder.evidence import Observation, Place
from autograder.exercise import Exercise, Inputs, Misconception
from autograder.subject import Live, observe
from autograder.tolerance import in_double

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
    return cases, [
        replace(o, noise=_noise(exercise, inputs, o)) for o, (_, inputs) in zip(observed, cases, strict=True)
    ]


def differs(exercise: Exercise, answer: Any, seed: int) -> bool:
    """Whether an answer does anything else than the reference, looked for no further than needed."""
    cases, right = expected(exercise, seed)
    subject = Live(answer)
    pairs = zip(right, cases, strict=True)
    return any(difference(e, observe(subject, exercise, inputs), exercise.tolerance) for e, (_, inputs) in pairs)


def _noise(exercise: Exercise, inputs: Inputs, seen: Observation) -> dict[Place, float]:
    """How far the reference is off in single precision, by place: the difference from its twin in double precision."""
    if not any(tensor.dtype is torch.float32 for tensor in probes.tensors(inputs)):
        return {}
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        twin = observe(Live(exercise.reference), exercise, in_double(inputs), REFERENCE_SECONDS)
    finally:
        torch.set_default_dtype(before)
    return {} if twin.crash or seen.crash else noise(seen.outputs, twin.outputs)


def behaviour(exercise: Exercise, seed: int, *mistakes: Misconception) -> list[Observation] | None:
    """What comes out with these mistakes, case by case; None for edits of the same place, which do not go together."""
    if variant(exercise, *mistakes) is None:
        return None
    cases, _ = expected(exercise, seed)
    return [with_mistakes(exercise, seed, case, *mistakes) for case in range(len(cases))]


@functools.lru_cache(maxsize=4096)
def with_mistakes(exercise: Exercise, seed: int, case: int, *mistakes: Misconception) -> Observation:
    """What comes out of one case with these mistakes."""
    inputs = expected(exercise, seed)[0][case][1]
    return observe(Live(variant(exercise, *mistakes)), exercise, inputs)


@functools.lru_cache(maxsize=4096)
def variant(exercise: Exercise, *mistakes: Misconception) -> Any:
    """The reference with these mistakes; None for edits of the same place, which do not go together."""
    try:
        return exercise.variant(*mistakes)
    except (ValueError, SyntaxError):
        if len(mistakes) == 1:
            raise
        return None
