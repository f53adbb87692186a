"""How the shapes of two tensors differ, and what of the right values is there all the same."""

import torch
from torch import Tensor

from autograder.evidence import Finding, Place
from autograder.patterns import axis_of, telling
from autograder.tolerance import Tolerance


def other_shape(expected: Tensor, got: Tensor, tolerance: Tolerance, place: Place) -> Finding:
    """How the shapes of two tensors differ."""
    have, want = tuple(got.shape), tuple(expected.shape)
    parts = {"got": have, "expected": want}
    if [n for n in have if n != 1] == [n for n in want if n != 1]:
        return Finding(
            "wrong shape", place, parts, "axis of one lost" if len(have) < len(want) else "axis of one added"
        )
    different = [axis for axis, (a, b) in enumerate(zip(have, want, strict=False)) if a != b]
    end = _right_part(expected, got, tolerance) if len(have) == len(want) else ""
    if len(have) == len(want) and len(different) == 1:
        (axis,) = different
        parts = {"axis": axis_of(place, axis, expected), "got": have[axis], "expected": want[axis]}
        return Finding("wrong shape", place, parts, ", ".join(filter(None, ("one axis", end))))
    if end:
        return Finding("wrong shape", place, parts, end)
    if len(have) == len(want) and sorted(have) == sorted(want):
        return Finding("wrong shape", place, parts, "axes in another order")
    if len(have) + 1 == len(want):
        without = [axis for axis in range(len(want)) if want[:axis] + want[axis + 1 :] == have]
        if len(without) == 1:
            parts |= {"axis": axis_of(place, without[0], expected)}
            if how := _reduced(expected, got, without[0], tolerance):
                return Finding("wrong shape", place, parts | {"how": how}, "axis lost, reduced")
            return Finding("wrong shape", place, parts, "axis lost")
    return Finding("wrong shape", place, parts)


def _right_part(expected: Tensor, got: Tensor, tolerance: Tolerance) -> str:
    """Where tensors of several sizes agree as far as both go: at the beginning or at the end of each axis."""
    if (got.dtype, got.device) != (expected.dtype, expected.device):
        return ""
    sizes = [*map(min, zip(got.shape, expected.shape, strict=True))]
    first = [tensor[tuple(slice(n) for n in sizes)] for tensor in (expected, got)]
    last = [tensor[tuple(slice(len_ - n, None) for len_, n in zip(tensor.shape, sizes, strict=True))] for tensor in (expected, got)]
    agree = {form: telling(a) and tolerance.agree(b, a) for form, (a, b) in {"begins right": first, "ends right": last}.items()}
    return next((form for form, is_so in agree.items() if is_so and sum(agree.values()) == 1), "")


#: What may take an axis away.
REDUCED = {
    "sum": torch.sum,
    "mean": torch.mean,
    "largest": torch.amax,
    "smallest": torch.amin,
    "first": lambda x, axis: x.select(axis, 0),
    "last": lambda x, axis: x.select(axis, -1),
}


def _reduced(expected: Tensor, got: Tensor, axis: int, tolerance: Tolerance) -> str:
    """What of the right values along an axis is left of them."""
    if not expected.is_floating_point() or (got.dtype, got.device) != (expected.dtype, expected.device) or not telling(got):
        return ""
    return next((name for name, reduce in REDUCED.items() if tolerance.agree(got, reduce(expected, axis))), "")
