"""When two values agree: trees of plain data, equal in structure and type, and within a tolerance in their numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

FREEDOMS = ("sequence", "number", "dtype")
MARGIN = 8.0  # another order of adding up may be off by so many times what the reference is off
ROUNDINGS = 4.0  # of a number in 16 bits
MOST_NOISE = 1e-2  # what is further off is no noise: a decision has fallen otherwise
KINDS = {bool: "bool", int: "int", float: "float", str: "str", tuple: "tuple", list: "list", dict: "dict"}


@dataclass(frozen=True)
class Tolerance:
    """Two values agree if |a − b| ≤ absolute + relative · |b|, and if they are of one kind.

    Where the expected tensor has 16 bits, what a few of its roundings make is allowed.

    `noise` says, by place, how far the reference itself is off in single precision: there so much more is allowed,
    with a margin. `free` says which differences of kind do not count:

    - "sequence": list or tuple;
    - "number": a whole number, a float, a truth value or a tensor without axes;
    - "dtype": float32 or float64, int32 or int64: the values count.
    """

    relative: float = 1e-4
    absolute: float = 1e-5
    free: frozenset[str] = frozenset()
    noise: Mapping[Any, float] = field(default_factory=dict)

    def __post_init__(self):
        if unknown := set(self.free) - set(FREEDOMS):
            raise ValueError(f"free holds {sorted(unknown)}; expected some of {', '.join(FREEDOMS)}.")

    def at(self, place: Any) -> "Tolerance":
        """The tolerance at this place."""
        noise = MARGIN * self.noise.get(place, 0.0)
        return replace(self, absolute=self.absolute + noise) if noise < MOST_NOISE else self

    def agree(self, got: Tensor, expected: Tensor) -> bool:
        """Whether all values agree; NaN agrees with NaN, infinity with the same infinity.

        >>> a, b = torch.tensor([1.0]), torch.tensor([1.002])
        >>> Tolerance().agree(a, b), Tolerance().agree(a.half(), b.half())
        (False, True)
        """
        return torch.allclose(*_one_dtype(got, expected), *self._for(expected), equal_nan=True)

    def agree_each(self, got: Tensor, expected: Tensor) -> Tensor:
        """Which values agree."""
        return torch.isclose(*_one_dtype(got, expected), *self._for(expected), equal_nan=True)

    def _for(self, expected: Tensor) -> tuple[float, float]:
        """The relative and the absolute tolerance for a tensor of this dtype."""
        is_short = expected.dtype.is_floating_point and expected.dtype.itemsize == 2
        rounding = ROUNDINGS * torch.finfo(expected.dtype).eps if is_short and self.relative else 0.0
        return max(self.relative, rounding), max(self.absolute, rounding)

    def agree_numbers(self, got: float, expected: float) -> bool:
        """Whether two numbers agree: whole ones exactly."""
        if isinstance(expected, int) and isinstance(got, int):
            return got == expected
        if math.isnan(expected) or math.isnan(got):
            return math.isnan(expected) and math.isnan(got)
        return got == expected or abs(got - expected) <= self.absolute + self.relative * abs(expected)


def in_double(value: Any) -> Any:
    """The same data with all tensors of float32 in float64.

    >>> in_double({"x": [torch.zeros(1)]})
    {'x': [tensor([0.], dtype=torch.float64)]}
    """
    if isinstance(value, Tensor):
        return value.double() if value.dtype is torch.float32 else value
    if isinstance(value, dict):
        return {key: in_double(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(in_double(item) for item in value)
    return value


def plain(value: Any, free: frozenset[str] = frozenset()) -> Any:
    """One form for what counts as the same: NumPy's numbers are Python's, and what is free has one kind.

    >>> plain(np.float64(0.5)), plain((1, 2), frozenset(["sequence"])), plain(torch.tensor(3), frozenset(["number"]))
    (0.5, [1, 2], 3.0)
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Tensor):
        value = value.detach()
    if "number" in free:
        if isinstance(value, (Tensor, np.ndarray)) and value.ndim == 0:
            value = value.item()
        if isinstance(value, (bool, int, float)):
            return float(value)
    if "sequence" in free and isinstance(value, tuple):
        return list(value)
    return value


def kind(value: Any) -> str:
    """What a value is, in a word: subclasses count as what they are built on.

    >>> kind(True), kind(torch.zeros(2).shape), kind(torch.zeros(2))
    ('bool', 'tuple', 'Tensor')
    """
    if isinstance(value, Tensor):
        return "Tensor"
    return next((name for base, name in KINDS.items() if isinstance(value, base)), type(value).__name__)


def same_kind(expected: Any, got: Any) -> bool:
    """Whether a value is of the kind that is promised; where a float is, a whole number is as good, as in Python's own types.

    >>> same_kind(0.0, 0), same_kind(0, 0.0), same_kind([1], (1,))
    (True, False, False)
    """
    return kind(expected) == kind(got) or (kind(expected), kind(got)) == ("float", "int")


def same(expected: Any, got: Any, tolerance: Tolerance) -> bool:
    """Whether two trees agree, as `compare` would find, but said sooner: no difference is looked for.

    >>> same([1, torch.zeros(2)], [1, torch.zeros(2)], Tolerance()), same([1], (1,), Tolerance())
    (True, False)
    >>> same([1, 2], (1, 2.0), Tolerance(free=frozenset(["sequence", "number"])))
    True
    """
    expected, got = plain(expected, tolerance.free), plain(got, tolerance.free)
    if not same_kind(expected, got):
        return False
    if isinstance(expected, np.ndarray):
        if expected.dtype.kind not in "biuf":
            return bool(np.array_equal(expected, got))
        expected, got = torch.from_numpy(np.ascontiguousarray(expected)), torch.from_numpy(np.ascontiguousarray(got))
    if isinstance(expected, Tensor):
        if (got.shape, got.device) != (expected.shape, expected.device) or not same_dtype(expected, got, tolerance):
            return False
        return (
            tolerance.agree(got, expected) if expected.is_floating_point() else torch.equal(*_one_dtype(got, expected))
        )
    if isinstance(expected, (int, float)):
        return tolerance.agree_numbers(got, expected)
    if isinstance(expected, dict):
        return expected.keys() == got.keys() and all(same(expected[key], got[key], tolerance) for key in expected)
    if isinstance(expected, (list, tuple)):
        return len(expected) == len(got) and all(same(e, g, tolerance) for e, g in zip(expected, got, strict=True))
    return expected == got


def same_dtype(expected: Tensor, got: Tensor, tolerance: Tolerance) -> bool:
    """Whether two tensors have one dtype or, where it is free, one kind of number."""
    if "dtype" not in tolerance.free:
        return got.dtype == expected.dtype
    return _family(got) == _family(expected)


def _family(tensor: Tensor) -> str:
    if tensor.is_floating_point():
        return "float"
    return "truth" if tensor.dtype is torch.bool else "whole"


def _one_dtype(got: Tensor, expected: Tensor) -> tuple[Tensor, Tensor]:
    return (got, expected) if got.dtype == expected.dtype else (got.double(), expected.double())
