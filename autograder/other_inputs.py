"""Other inputs for an answer: the arguments of a case by their paths, and what may be put in the place of one.

A path leads to an argument: ("x",) or, of a module, ("inputs", "x"), ("options", "heads"), ("weights", "norm.bias"); a part
of a module stands for all its weights, ("weights", "norm.").
"""

import functools
import inspect
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from autograder.exercise import Exercise, Inputs
from autograder.tolerance import Tolerance, same

EXACTLY = Tolerance(0.0, 0.0)
INSIDE = ("inputs", "weights", "options", "config")  # dicts that hold arguments by their names

Path = tuple[str, ...]


def arguments(exercise: Exercise, inputs: Inputs) -> list[tuple[Path, Any]]:
    """What an answer is given that a student knows by its name: the arguments of the signature, and a module's weights."""
    known = known_names(exercise)
    found = []
    for name, value in inputs.items():
        if isinstance(value, dict) and name in INSIDE:
            found += [((name, inner), v) for inner, v in value.items() if name != "inputs" or inner in known]
            found += [((name, part), weights_of(value, part)) for part in parts_of(value)] if name == "weights" else []
        elif name in known:
            found.append(((name,), value))
    found = [(path, value) for path, value in found if value is not None and not (isinstance(value, dict) and path[0] != "weights")]
    return sorted(found, key=lambda pair: (pair[0][0] == "weights") + (pair[0][0] == "weights" and not isinstance(pair[1], dict)))


NORMS = "every norm"


def parts_of(weights: dict[str, Tensor]) -> list[str]:
    """The parts of a module that have several weights, each with a dot behind its name, and all its norms together."""
    names = [name.split(".") for name in weights]
    prefixes = [".".join(name[:depth]) + "." for name in names for depth in range(1, len(name))]
    several = [part for part in dict.fromkeys(prefixes) if prefixes.count(part) > 1]
    several.sort(key=lambda part: part.count("."))
    return ([NORMS] if len(weights_of(weights, NORMS)) > 2 else []) + several


def weights_of(weights: dict[str, Tensor], part: str) -> dict[str, Tensor]:
    """The weights of a part; those of a norm are its weight and its bias, each with a single axis."""
    if part != NORMS:
        return {name: value for name, value in weights.items() if name.startswith(part)}
    beside = {name: weights.get(f"{name.removesuffix('.weight')}.bias") for name in weights if name.endswith(".weight")}
    norms = {name: bias for name, bias in beside.items() if bias is not None and weights[name].ndim == bias.ndim == 1}
    return {n: weights[n] for name in norms for n in (name, f"{name.removesuffix('.weight')}.bias")}


@functools.lru_cache(maxsize=256)
def known_names(exercise: Exercise) -> frozenset[str]:
    """The names in the signatures that a student is given."""
    target = inspect.unwrap(exercise.reference)
    functions = [f for f in vars(target).values() if inspect.isfunction(f)] if isinstance(target, type) else [target]
    return frozenset(name for function in functions for name in inspect.signature(inspect.unwrap(function)).parameters) - {"self"}


def at(inputs: Inputs, path: Path) -> Any:
    """The value at a path; None where there is none."""
    found = functools.reduce(lambda value, step: value.get(step) if isinstance(value, dict) else None, path, inputs)
    if found is None and len(path) == 2 and path[0] == "weights" and isinstance(inputs.get("weights"), dict):
        return weights_of(inputs["weights"], path[1]) or None
    return found


def put(inputs: Inputs, path: Path, value: Any) -> Inputs:
    """The inputs with another value at a path."""
    first, *rest = path
    if isinstance(value, dict):
        return {**inputs, first: {**inputs[first], **value}}
    return {**inputs, first: put(inputs[first], tuple(rest), value) if rest else value}


def others(value: Any) -> list[Any]:
    """Other values of the same kind, in the range that the value's own entries are from."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1, 2 * value]
    if isinstance(value, float):
        return [0.8 * value, 0.5 * value]
    if isinstance(value, (str, list)) and len(value) > 1:
        return [value[:-1], value[1:]]
    if not isinstance(value, Tensor) or value.numel() < 2:
        return []
    rolled = [value.flatten().roll(1).view(value.shape), value.roll(1, 0)]
    return [(value + other) / 2 for other in rolled] if value.is_floating_point() else rolled


def with_another(value: Any, axis: int, index: int) -> Any:
    """The value with something of its own kind at an index of an axis; None where all are alike."""
    if isinstance(value, list):
        other = next((x for x in value if not same_values(x, value[index])), None)
        return None if other is None else [*value[:index], other, *value[index + 1 :]]
    here = value.select(axis, index)
    for step in range(1, value.shape[axis]):
        there = value.select(axis, (index + step) % value.shape[axis])
        if not torch.equal(here, there):
            changed = value.clone()
            changed.select(axis, index).copy_((here + there) / 2 if value.is_floating_point() else there)
            return changed
    return None


def size_along(value: Any, axis: int) -> int:
    """How many entries there are along an axis of a tensor, or in a list; 0 where there is no such axis."""
    if isinstance(value, Tensor):
        return value.shape[axis] if axis < value.ndim else 0
    return len(value) if isinstance(value, list) and axis == 0 else 0


def same_values(one: Any, other: Any) -> bool:
    """Whether two entries of a list are the same."""
    if isinstance(one, Tensor) or isinstance(other, Tensor):
        return isinstance(one, Tensor) and isinstance(other, Tensor) and torch.equal(one, other)
    return same(one, other, EXACTLY)


def made_of(value: Any) -> list[tuple[tuple[str, int | None], Any]]:
    """What a value may be taken for, each by its name and, where there is one, the axis."""
    found: list[tuple[str, Any]] = []
    if isinstance(value, bool):
        found = [("the other", not value)]
    elif isinstance(value, int):
        found = [("one more", value + 1), ("one less", value - 1), ("double", 2 * value), ("half", value // 2)]
    elif isinstance(value, float) and value > 0:
        found = [("complement", 1 - value), ("reciprocal", 1 / value), ("square", value**2), ("root", value**0.5)]
        found += [("half", value / 2), ("double", 2 * value), ("negated", -value)]
    elif isinstance(value, str):
        found = [("small letters", value.lower()), ("reversed", value[::-1])]
    elif isinstance(value, list) and len(value) > 1:
        found = [("reversed", value[::-1]), ("without the last", value[:-1]), ("without the first", value[1:])]
        found += [("sorted", sorted(value))] if all(isinstance(x, (int, float)) for x in value) else []
    elif isinstance(value, Tensor) and value.ndim:
        return [((form, None), other) for form, other in _tensors_made_of(value)] + [
            ((form, axis), other)
            for axis in range(value.ndim)
            for form, other in (
                ("turned round", value.flip(axis)), ("moved on", value.roll(1, axis)), ("moved back", value.roll(-1, axis))
            )
        ]  # fmt: skip
    return [((form, None), other) for form, other in found]


def _tensors_made_of(value: Tensor) -> Iterator[tuple[str, Tensor]]:
    if value.dtype == torch.bool:
        yield "the other", ~value
    elif value.is_floating_point():
        makers = {"negated": torch.neg, "complement": lambda x: 1 - x, "exponential": torch.exp, "logarithm": torch.log}
        makers |= {"half": lambda x: x / 2, "double": lambda x: 2 * x, "square": torch.square, "amounts": torch.abs}
        makers |= {"root": torch.sqrt, "softmax": lambda x: x.softmax(-1)}
        yield from ((form, make(value)) for form, make in makers.items())
    else:
        yield from (("one more", value + 1), ("one less", value - 1))
    if value.ndim == 2 and value.shape[0] == value.shape[1]:
        yield "transposed", value.T


def harmless(value: Any) -> list[tuple[str, Any]]:
    """Values with which a part of a formula does nothing, by the name of what they are; none that is the value itself."""
    found: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        found = [("no weights", {name: torch.zeros_like(weight) for name, weight in value.items()})]
        if all(weight.ndim == 1 and name.endswith(("weight", "bias")) for name, weight in value.items()):
            plain = {name: torch.full_like(weight, float(name.endswith("weight"))) for name, weight in value.items()}
            found += [("plain norm" if len(value) == 2 else "plain norms", plain)]
        return found
    if isinstance(value, Tensor) and value.dtype == torch.bool:
        found = [("all true", torch.ones_like(value)), ("all false", torch.zeros_like(value))]
    elif isinstance(value, Tensor) and value.is_floating_point():
        found = [("a tenth", value / 10), ("all zero", torch.zeros_like(value))] + [("all one", torch.ones_like(value))] * (value.ndim == 1)
        found += [("not negative", value.abs())]
    elif isinstance(value, Tensor) and value.ndim == 1:
        found = [("all alike", torch.full_like(value, int(value.max())))] if value.numel() else []
    elif isinstance(value, bool):
        found = [("true" if not value else "false", not value)]
    elif isinstance(value, (int, float)):
        found = [("zero", type(value)(0)), ("one", type(value)(1))]
    elif isinstance(value, list):
        found = [("empty", []), ("single", value[:1])]
    elif isinstance(value, str):
        found = [("small letters", value.lower())]
    return [(form, other) for form, other in found if not same_values(other, value)]
