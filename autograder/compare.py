"""Compare what an answer gave with what the reference gave, and find words for the difference.

Both are trees of plain data: tensors, arrays, numbers, strings, lists, dicts. Structure, shape, dtype, device and
NaN come first, then values within a tolerance; before saying "wrong values" the comparison looks for a difference
with a name: transposed, permuted, reversed, scaled by a constant, shifted by one step, right until some step.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Finding:
    """A difference: its `kind` in a word or two, `where` it was seen, and a sentence with the `details`."""

    kind: str
    where: str
    details: str


@dataclass(frozen=True)
class Tolerance:
    """Two values agree if |a − b| ≤ absolute + relative · |b|."""

    relative: float = 1e-4
    absolute: float = 1e-5

    def agree(self, got: Tensor, expected: Tensor) -> bool:
        """Whether all values agree; NaN agrees with NaN, infinity with the same infinity."""
        return torch.allclose(got, expected, self.relative, self.absolute, equal_nan=True)


def compare(expected: Any, got: Any, tolerance: Tolerance, where: str = "the result") -> Finding | None:
    """The first difference between two trees of plain data, or None.

    >>> right = torch.arange(6.0).view(2, 3)
    >>> compare(right, 3 * right, Tolerance()).kind
    'scaled by a constant'
    >>> compare(right, right.T, Tolerance()).kind
    'transposed'
    """
    expected, got = _plain(expected), _plain(got)
    if isinstance(expected, Tensor):
        return _compare_tensors(expected, got, tolerance, where)
    if isinstance(expected, float) and isinstance(got, float):
        return _compare_numbers(expected, got, tolerance, where)
    if type(expected) is not type(got):
        return Finding("wrong type", where, f"{where} is {_describe(got)}; expected {_describe(expected)}.")
    if isinstance(expected, dict):
        return _compare_dicts(expected, got, tolerance, where)
    if isinstance(expected, list):
        if len(expected) != len(got):
            details = f"{where} has {_count(len(got), 'item')}; expected {len(expected)}."
            return Finding("wrong number of items", where, details)
        pairs = zip(expected, got, strict=True)
        return _first(
            compare(e, g, tolerance, f"item {i} of {where}" if len(expected) > 1 else where)
            for i, (e, g) in enumerate(pairs)
        )
    if expected == got:
        return None
    return Finding("wrong values", where, f"{where} is {_shorten(got)}; expected {_shorten(expected)}.")


def same(expected: Any, got: Any, tolerance: Tolerance) -> bool:
    """Whether `compare` would find nothing, said sooner: no words are looked for."""
    expected, got = _plain(expected), _plain(got)
    if type(expected) is not type(got):
        return False
    if isinstance(expected, Tensor):
        if (got.shape, got.dtype, got.device) != (expected.shape, expected.dtype, expected.device):
            return False
        return tolerance.agree(got, expected) if got.is_floating_point() else torch.equal(got, expected)
    if isinstance(expected, float):
        return _compare_numbers(expected, got, tolerance, "") is None
    if isinstance(expected, dict):
        return expected.keys() == got.keys() and all(same(expected[key], got[key], tolerance) for key in expected)
    if isinstance(expected, list):
        return len(expected) == len(got) and all(same(e, g, tolerance) for e, g in zip(expected, got, strict=True))
    return expected == got


def _plain(value: Any) -> Any:
    """One form for each kind of data: numbers are floats (truth values too), tuples lists, arrays tensors."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        value = torch.from_numpy(np.ascontiguousarray(value))
    if isinstance(value, Tensor):
        return value.detach().item() * 1.0 if value.ndim == 0 else value.detach()
    if isinstance(value, (bool, int, float)):
        return float(value)
    if isinstance(value, tuple):
        return list(value)
    return value


def _compare_dicts(expected: dict, got: dict, tolerance: Tolerance, where: str) -> Finding | None:
    if missing := [key for key in expected if key not in got]:
        return Finding("missing keys", where, f"{where} has no {missing[0]!r}.")
    if extra := [key for key in got if key not in expected]:
        return Finding("unexpected keys", where, f"{where} has {extra[0]!r}, which should not be there.")
    return _first(compare(expected[key], got[key], tolerance, f"{where}[{key!r}]") for key in expected)


def _compare_numbers(expected: float, got: float, tolerance: Tolerance, where: str) -> Finding | None:
    e, g = torch.tensor(expected, dtype=torch.float64), torch.tensor(got, dtype=torch.float64)
    if tolerance.agree(g, e):
        return None
    if math.isnan(got):
        return Finding("NaN", where, f"{where} is NaN; expected {expected:.4g}.")
    found, wanted = _apart(got, expected)
    return Finding("wrong values", where, f"{where} is {found}; expected {wanted}.")


def _compare_tensors(expected: Tensor, got: Any, tolerance: Tolerance, where: str) -> Finding | None:
    if not isinstance(got, Tensor):
        return Finding("wrong type", where, f"{where} is {_describe(got)}; expected {_describe(expected)}.")
    if got.shape != expected.shape:
        return _permuted(expected, got, tolerance, where) or Finding(
            "wrong shape", where, f"{where} has shape {tuple(got.shape)}; expected {tuple(expected.shape)}."
        )
    if got.dtype != expected.dtype:
        return Finding("wrong dtype", where, f"{where} has dtype {got.dtype}; expected {expected.dtype}.")
    if got.device != expected.device:
        return Finding("wrong device", where, f"{where} is on {got.device}; expected {expected.device}.")
    if not got.is_floating_point():
        return None if torch.equal(got, expected) else _wrong_values(expected, got, got != expected, where)
    if tolerance.agree(got, expected):
        return None
    if (bad := got.isnan() & ~expected.isnan()).any():
        return Finding("NaN", where, f"{where} has NaN at {_count(int(bad.sum()), 'place')}; no value should be NaN.")
    if (bad := got.isinf()).any() and not expected.isinf().any():
        return Finding("infinite", where, f"{where} has {_count(int(bad.sum()), 'infinite value')}.")
    right = torch.isclose(got, expected, tolerance.relative, tolerance.absolute, equal_nan=True)
    return _named_difference(expected, got, right, tolerance, where) or _wrong_values(expected, got, ~right, where)


def _named_difference(expected: Tensor, got: Tensor, right: Tensor, tolerance: Tolerance, where: str) -> Finding | None:
    """A difference between tensors of one shape that has a name; `right` says which values agree."""
    if finding := _permuted(expected, got, tolerance, where):
        return finding
    if expected.numel() > 1 and (scale := _constant_ratio(expected, got, tolerance)) is not None:
        return Finding("scaled by a constant", where, f"every value of {where} is {scale:.4g} times the expected one.")
    for axis in range(expected.ndim):
        n = expected.shape[axis]
        if n < 2:
            continue
        if tolerance.agree(got.flip(axis), expected):
            return Finding("reversed", where, f"{where} is right, but in reverse order along axis {axis}.")
        for by, word in ((1, "later"), (-1, "earlier")):
            if n > 2 and _shifted(expected, got, axis, by, tolerance):
                return Finding("shifted by one step", where, f"{where} comes one step {word} along axis {axis}.")
        if 0 < (until := _right_until(right, axis)) < n:
            details = (
                f"along axis {axis}, {where} is right for the first {until} of {n} and wrong from index {until} on."
            )
            return Finding("right until some step", where, details)
    return None


def _permuted(expected: Tensor, got: Tensor, tolerance: Tolerance, where: str) -> Finding | None:
    """The right values with the axes in another order."""
    if got.ndim != expected.ndim or sorted(got.shape) != sorted(expected.shape) or expected.ndim > 5:
        return None
    if got.dtype != expected.dtype:
        return None
    for order in itertools.permutations(range(expected.ndim)):
        moved = expected.permute(order)
        if order != tuple(range(expected.ndim)) and moved.shape == got.shape and tolerance.agree(got, moved):
            if expected.ndim == 2:
                return Finding("transposed", where, f"{where} is the transpose of what it should be.")
            details = f"{where} holds the right values with the axes in the order {order} of the right ones."
            return Finding("axes permuted", where, details)
    return None


def _constant_ratio(expected: Tensor, got: Tensor, tolerance: Tolerance) -> float | None:
    energy = (expected.double() ** 2).sum()
    if not expected.isfinite().all() or energy == 0:
        return None
    scale = float((expected.double() * got.double()).sum() / energy)
    far_from_nothing = abs(scale) > 1e-3
    return scale if far_from_nothing and tolerance.agree(got.double(), scale * expected.double()) else None


def _shifted(expected: Tensor, got: Tensor, axis: int, by: int, tolerance: Tolerance) -> bool:
    n = expected.shape[axis] - 1
    front, back = (0, 1) if by > 0 else (1, 0)
    return tolerance.agree(got.narrow(axis, back, n), expected.narrow(axis, front, n))


def _right_until(right: Tensor, axis: int) -> int:
    steps = right.movedim(axis, 0).reshape(right.shape[axis], -1).all(dim=1).tolist()
    first_wrong = steps.index(False)
    return 0 if any(steps[first_wrong:]) else first_wrong


def _wrong_values(expected: Tensor, got: Tensor, wrong: Tensor, where: str) -> Finding:
    index = tuple(wrong.nonzero()[0].tolist())
    found, wanted = _apart(got[index].item(), expected[index].item())
    details = (
        f"{int(wrong.sum())} of {_count(wrong.numel(), 'value')} of {where} differ: "
        f"at {list(index)} it is {found}; expected {wanted}."
    )
    return Finding("wrong values", where, details)


def _describe(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, float):
        return "a number"
    names = {list: "a list or tuple", dict: "a dict", str: "a string", type(None): "None"}
    return names.get(type(value), f"of type {type(value).__name__}")


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _first(findings: Iterator[Finding | None]) -> Finding | None:
    return next((finding for finding in findings if finding), None)


def _apart(*numbers: float) -> tuple[str, ...]:
    """Numbers with four digits, or as many more as it takes to tell them apart; large whole ones in full.

    >>> _apart(4.55912, 4.55937), _apart(0.25, 1 / 3), _apart(41730.0, 28040.0)
    (('4.5591', '4.5594'), ('0.25', '0.3333'), ('41730', '28040'))
    """
    if all(float(number).is_integer() and abs(number) < 1e15 for number in numbers):
        return tuple(f"{number:.0f}" for number in numbers)
    for digits in range(4, 10):
        shown = tuple(f"{number:.{digits}g}" for number in numbers)
        if len(set(shown)) == len(numbers):
            break
    return shown
