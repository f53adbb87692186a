"""What all cases with a wrong result have in common, and none with a right one: an argument that is given, a size of one, a tie.

Nothing is tried for it: the cases and how the answer fared in them say it all.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from autograder.evidence import Evidence, Finding, Trait
from autograder.exercise import Exercise, Inputs
from autograder.other_inputs import arguments
from autograder.promises import Example, Refused

FEW = 2  # right cases, and wrong ones, for it to be no chance
MOST_VALUES = 4000

def contrast(evidence: Evidence) -> Finding | None:
    """The trait that a drawn case has exactly where the result is wrong."""
    drawn = [i for i, (_, inputs) in enumerate(evidence.cases) if not isinstance(inputs, (Example, Refused))]
    wrong = [i for i in drawn if i in evidence.wrong]
    right = [i for i in drawn if i not in evidence.wrong]
    if len(wrong) < FEW or len(right) < FEW:
        return None
    traits = {i: dict.fromkeys(traits_of(evidence.exercise, evidence.cases[i][1])) for i in drawn}
    shared = [t for t in traits[wrong[0]] if all(t in traits[i] for i in wrong) and not any(t in traits[i] for i in right)]
    if not shared:
        return None
    return Finding("wrong exactly with", parts={"trait": shared[0]})


def traits_of(exercise: Exercise, inputs: Inputs) -> Iterator[Trait]:
    """What holds of the arguments of a case."""
    given = arguments(exercise, inputs)
    names = {path[-1] for path, _ in given}
    for path, value in given:
        name = path[-1]
        if path[0] != "weights":
            yield from _of_value(name, value)
    at_top = inputs["inputs"] if isinstance(inputs.get("inputs"), dict) else inputs
    for name, value in at_top.items():
        if value is None and isinstance(name, str) and name not in names:
            yield Trait("not given", name)


def _of_value(name: str, value: Any) -> Iterator[Trait]:
    if isinstance(value, (bool, int, float)):
        yield Trait("equal", name, value)
        if not isinstance(value, bool):
            yield from (Trait(form, name) for form, holds in (("positive", value > 0), ("above one", value > 1), ("not one", value != 1)) if holds)
    elif isinstance(value, (list, str)):
        yield from (Trait(form, name) for form, holds in _of_items(value) if holds)
    elif isinstance(value, Tensor) and 0 < value.numel() <= MOST_VALUES:
        yield Trait("given", name)
        yield from (Trait(form, name) for form, holds in _of_tensor(value) if holds)
        yield from (Trait("axis of one", name, axis) for axis, n in enumerate(value.shape) if n == 1)
        yield from (Trait("axis longer than one", name, axis) for axis, n in enumerate(value.shape) if n > 1)


def _of_items(value: list | str) -> Iterator[tuple[str, bool]]:
    yield "empty", not value
    yield "not empty", bool(value)
    yield "single", len(value) == 1
    yield "several", len(value) > 1
    if isinstance(value, str):
        yield "capitals", value != value.lower()
        yield "not ASCII", not value.isascii()
    elif all(isinstance(item, (int, str, tuple)) for item in value):
        yield "repeats", len(set(value)) < len(value)
        yield "no repeats", len(set(value)) == len(value) > 1


def _of_tensor(value: Tensor) -> Iterator[tuple[str, bool]]:
    if value.dtype == torch.bool:
        yield "all true", bool(value.all())
        yield "some false", not value.all()
        yield "row of False", value.ndim > 0 and not value.any(dim=-1).all()
        return
    yield "some negative", bool((value < 0).any())
    yield "none negative", bool((value >= 0).all())
    yield "some zero", bool((value == 0).any())
    yield "some infinite", value.is_floating_point() and bool(value.isinf().any())
    yield "16 bits", value.is_floating_point() and value.dtype.itemsize == 2
    if value.ndim == 1 and value.numel() > 1:
        yield "all alike", bool((value == value[0]).all())
        yield "not all alike", not (value == value[0]).all()
        yield "not in order", not (value[:-1] <= value[1:]).all()
    if value.numel() > 1:
        yield "repeats", len(value.unique()) < value.numel()
        yield "no repeats", len(value.unique()) == value.numel()
