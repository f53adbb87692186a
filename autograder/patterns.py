"""Differences between two tensors that have a name: permuted, scaled, reversed, shifted, right until some step.

They are looked for before "wrong values" is said, since a name leads to the line sooner than a number does.
"""

import itertools

from torch import Tensor

from autograder.evidence import Finding, Place
from autograder.tolerance import Tolerance


def named_difference(expected: Tensor, got: Tensor, tolerance: Tolerance, place: Place) -> Finding | None:
    """A difference between tensors of one shape that has a name."""
    if finding := permuted(expected, got, tolerance, place):
        return finding
    if expected.numel() > 1 and (scale := _constant_ratio(expected, got, tolerance)) is not None:
        return Finding("scaled by a constant", place, {"scale": scale})
    right = tolerance.agree_each(got, expected)
    for axis in range(expected.ndim):
        n = expected.shape[axis]
        if n < 2:
            continue
        if tolerance.agree(got.flip(axis), expected):
            return Finding("reversed", place, {"axis": axis})
        for by, form in ((1, "later"), (-1, "earlier")):
            if n > 2 and _shifted(expected, got, axis, by, tolerance):
                return Finding("shifted by one step", place, {"axis": axis}, form)
        if 0 < (until := _right_until(right, axis)) < n:
            return Finding("right until some step", place, {"axis": axis, "until": until, "steps": n})
    return None


def permuted(expected: Tensor, got: Tensor, tolerance: Tolerance, place: Place) -> Finding | None:
    """The right values with the axes in another order."""
    if got.ndim != expected.ndim or sorted(got.shape) != sorted(expected.shape) or expected.ndim > 5:
        return None
    if got.dtype != expected.dtype:
        return None
    for order in itertools.permutations(range(expected.ndim)):
        moved = expected.permute(order)
        if order != tuple(range(expected.ndim)) and moved.shape == got.shape and tolerance.agree(got, moved):
            if expected.ndim == 2:
                return Finding("transposed", place)
            return Finding("axes permuted", place, {"order": order})
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
