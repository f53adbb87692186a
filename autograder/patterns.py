"""Differences between two tensors that have a name: permuted, scaled, reversed, shifted, right until some step.

They are looked for before "wrong values" is said, since a name leads to the line sooner than a number does. What asks
for an order, such as "one step later", is looked for only along axes that have one.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from autograder.axes import ORDERED, named
from autograder.evidence import Axis, Finding, Place
from autograder.relations import relations, running, shares, square
from autograder.tolerance import Tolerance

NEARLY = 0.02  # of the values' standard deviation
FEW = 3  # fewer different values than these may be right by chance


#: What may have been done to a value too often, or not at all.
FUNCTIONS = {
    "square": torch.square,
    "root": torch.sqrt,
    "exponential": torch.exp,
    "logarithm": torch.log,
    "reciprocal": torch.reciprocal,
    "complement": lambda x: 1 - x,
    "amount": torch.abs,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "rounded": torch.round,
}
UNDONE = {"amount", "sigmoid", "tanh", "relu"}  # the others undo one another


def named_difference(expected: Tensor, got: Tensor, tolerance: Tolerance, place: Place) -> Finding | None:
    """A difference between tensors of one shape that has a name."""
    if expected.dtype == torch.bool:
        if torch.equal(got, ~expected):
            return Finding("inverted", place)
        if finding := permuted(expected, got, tolerance, place):
            return finding
        along = _along_axes(expected, got, expected == got, tolerance, place)
        if finding := next((f for f in along if f.kind in ("reversed", "shifted by one step")), None):
            return finding
        return _wrong_truth(expected, got, place)
    whole_numbers = not expected.is_floating_point()
    if whole_numbers:
        expected, got = expected.double(), got.double()
    right = tolerance.agree_each(got, expected)
    rooms = [_whole(expected, got, tolerance, place), running(expected, got, tolerance, place), square(expected, got, right, place)]
    rooms += [] if whole_numbers else [shares(expected, got, tolerance, place)]
    rooms += [_along_axes(expected, got, right, tolerance, place), relations(expected, got, right, tolerance, place)]
    rooms += [_nearly(expected, got, place), _moved(expected, got, tolerance, place)]
    candidates = itertools.chain(*rooms)
    if not whole_numbers:
        return next(candidates, None)
    found = next((f for f in candidates if f.kind != "not zero"), None)  # 0 is an id or a code like any other
    return replace(found, form="whole numbers") if found and found.kind == "nearly right" else found


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


def _whole(expected: Tensor, got: Tensor, tolerance: Tolerance, place: Place) -> Iterator[Finding]:
    """What all the values together look like."""
    if finding := permuted(expected, got, tolerance, place):
        yield finding
    if expected.numel() < 2:
        return
    distinct, finite = len(expected.unique()), expected.isfinite()
    if (scale := _constant_ratio(expected, got, tolerance)) is not None:
        if abs(scale + 1) < 1e-6:
            yield Finding("scaled by a constant", place, form="opposite")
        yield Finding("scaled by a constant", place, {"scale": scale})
    if distinct > 1 and got.isfinite().all() and tolerance.agree(got, got.flatten()[0].expand_as(got)):
        yield Finding("the same everywhere", place, {"got": got.flatten()[0].item() + 0})
    if distinct >= FEW and finite.all() and got.isfinite().all():
        by = (got - expected).double().mean()
        if tolerance.agree((got - by).to(expected.dtype), expected):
            yield Finding("shifted by a constant", place, {"by": by.item()})
    if finite.all() and (name := function_of(expected, got, tolerance)):
        yield Finding("a function of", place, {"function": name})
    if distinct > FEW and finite.all() and got.isfinite().all() and (line := _straight(expected, got, tolerance)):
        yield Finding("stretched and moved", place, dict(zip(("scale", "by"), line, strict=True)))
    if distinct > FEW and expected.ndim > 1 and finite.all() and (axes := _reshaped(expected, got, tolerance)):
        yield Finding("reshaped", place, {part: axis_of(place, axis, expected) for part, axis in axes.items()})
    if expected.isinf().any() and not torch.equal(expected.isinf(), got.isinf()):
        missing, extra = int((expected.isinf() & ~got.isinf()).sum()), int((got.isinf() & ~expected.isinf()).sum())
        parts = {name: n for name, n in (("missing", missing), ("extra", extra)) if n}
        yield Finding("wrong places infinite", place, parts, "" if len(parts) == 2 else "too few" if missing else "too many")
    if finite.all() and expected.shape[-1] > 1 and (expected >= 0).all():
        sums, ones = got.sum(dim=-1), torch.ones(expected.shape[:-1], dtype=expected.dtype)
        if tolerance.agree(expected.sum(dim=-1), ones) and not tolerance.agree(sums, ones):
            wrong = sums[~tolerance.agree_each(sums, ones)]
            if (other := _sums_to_one_along(got, tolerance)) is not None:
                yield Finding("sums not to one", place, {"axis": axis_of(place, other, expected)}, "along another axis")
            yield Finding("sums not to one", place, {"sum": wrong.flatten()[0].item()})
    nothing = (expected == 0) & (got != 0)
    if nothing.any() and (expected != 0).sum() >= FEW and (tolerance.agree_each(got, expected) | nothing).all():
        yield Finding("not zero", place, {"places": int(nothing.sum())})


def _nearly(expected: Tensor, got: Tensor, place: Place) -> Iterator[Finding]:
    """What is said of all the values together where nothing else can be."""
    if expected.numel() > 1 and expected.isfinite().all() and got.isfinite().all():
        off = (got - expected).abs().max()
        if off < NEARLY * expected.double().std(correction=0):
            yield Finding("nearly right", place, {"off": off.item()})
    nothing = (expected == 0) & (got != 0)
    if nothing.any() and (expected != 0).sum() >= FEW:
        yield Finding("not zero", place, {"places": int(nothing.sum())}, "and more")


def _sums_to_one_along(got: Tensor, tolerance: Tolerance) -> int | None:
    """An axis but the last along which all values add up to 1."""
    sums = ((axis, got.sum(dim=axis)) for axis in range(got.ndim - 1) if got.shape[axis] > 1)
    return next((axis for axis, total in sums if tolerance.agree(total, torch.ones_like(total))), None)


def _along_axes(expected: Tensor, got: Tensor, right: Tensor, tolerance: Tolerance, place: Place) -> Iterator[Finding]:
    """What differs along one axis."""
    names = named(place.axes, expected.ndim)
    anywhere = place.axes is None and place.root != "gradient"
    ordered = [a for a in range(expected.ndim) if anywhere or (names and names[a] in ORDERED)]
    fixed = [a for a, name in enumerate(place.axes or ()) if str(name).isdigit() and len(place.axes) == expected.ndim]
    for axis in ordered:
        n = expected.shape[axis]
        if n < 2:
            continue
        if tolerance.agree(got.flip(axis), expected):
            yield Finding("reversed", place, {"axis": axis_of(place, axis, expected)})
        for by, form in ((1, "later"), (-1, "earlier")):
            if n > 2 and _shifted(expected, got, axis, by, tolerance):
                yield Finding("shifted by one step", place, {"axis": axis_of(place, axis, expected)}, form)
        if 0 < (until := _right_until(right, axis)) < n and telling(expected.narrow(axis, 0, until)):
            yield Finding("right until some step", place, {"axis": axis_of(place, axis, expected), "until": until, "steps": n})
    for axis in range(expected.ndim) if names else ():
        wrong = (~right.movedim(axis, 0).flatten(1).all(dim=1)).nonzero()[:, 0].tolist() if right.ndim > 1 else []
        if names[axis] and 0 < 2 * len(wrong) <= expected.shape[axis] and expected.shape[axis] > 2:
            parts = {"axis": axis_of(place, axis, expected), "indices": wrong, "steps": expected.shape[axis]}
            yield Finding("wrong at few places", place, parts)
        elif axis in fixed and 0 < len(wrong) < expected.shape[axis]:
            parts = {"axis": axis_of(place, axis, expected), "indices": wrong}
            parts["right"] = [i for i in range(expected.shape[axis]) if i not in wrong]
            yield Finding("right at few places", place, parts)


def function_of(expected: Tensor, got: Tensor, tolerance: Tolerance) -> str | None:
    """The name of the function that makes what is out of what should be; with "un" before it the other way round.

    >>> function_of(torch.tensor([3.0, 0.5]), torch.tensor([9.0, 0.25]), Tolerance())
    'square'
    """
    if ((expected == 0) | (expected == 1)).all() or tolerance.agree(expected, torch.zeros_like(expected)):
        return None
    for name, function in FUNCTIONS.items():
        if tolerance.agree(got, function(expected)):
            return name
        if name in UNDONE and not got.isnan().any() and tolerance.agree(function(got), expected):
            return f"un{name}"
    return None


def _wrong_truth(expected: Tensor, got: Tensor, place: Place) -> Finding:
    """Where a mask is True and should not be, and the other way round."""
    extra, missing = got & ~expected, expected & ~got
    parts = {"index": (missing if missing.any() else extra).nonzero()[0].tolist()}
    if extra.any():
        parts["extra"] = int(extra.sum())
    if missing.any():
        parts["missing"] = int(missing.sum())
    form = "too often" if "missing" not in parts else "too seldom" if "extra" not in parts else ""
    return Finding("wrong truth", place, parts, form)


def axis_of(place: Place, axis: int, of: Tensor) -> Axis:
    """An axis of a tensor that should stand at a place."""
    names = named(place.axes, of.ndim)
    return Axis(axis, names[axis] if names else "")


def _moved(expected: Tensor, got: Tensor, tolerance: Tolerance, place: Place) -> Iterator[Finding]:
    """The right values in places that no other pattern explains."""
    if len(expected.unique()) > FEW and tolerance.agree(got.flatten().sort().values, expected.flatten().sort().values):
        yield Finding("in other places", place)


def telling(part: Tensor) -> bool:
    """Whether a part holds enough different values not to be right by chance."""
    return part.dtype == torch.bool or len(part.unique()) >= FEW


def _reshaped(expected: Tensor, got: Tensor, tolerance: Tolerance) -> dict | None:
    """The two axes whose exchange a view or reshape has taken the place of."""
    if sum(n > 1 for n in expected.shape) < 2:
        return None
    for a, b in itertools.combinations(range(expected.ndim), 2):
        moved = expected.transpose(a, b)
        if tolerance.agree(got, moved.reshape(expected.shape)) or tolerance.agree(
            got, expected.reshape(moved.shape).transpose(a, b)
        ):
            return {"first": a, "second": b}
    return None


def _constant_ratio(expected: Tensor, got: Tensor, tolerance: Tolerance) -> float | None:
    energy = (expected.double() ** 2).sum()
    if not expected.isfinite().all() or energy == 0:
        return None
    scale = float((expected.double() * got.double()).sum() / energy)
    far_from_nothing = abs(scale) > 1e-3
    return scale if far_from_nothing and tolerance.agree(got.double(), scale * expected.double()) else None


def _straight(expected: Tensor, got: Tensor, tolerance: Tolerance) -> tuple[float, float] | None:
    """Factor and summand that make what is out of what should be, one of each for all values."""
    a, b = expected.double().flatten(), got.double().flatten()
    away = a - a.mean()
    scale = float((away * b).sum() / away.square().sum())
    by = float(b.mean() - scale * a.mean())
    far_from_nothing = abs(scale) > 1e-3
    return (scale, by) if far_from_nothing and tolerance.agree(b, scale * a + by) else None


def _shifted(expected: Tensor, got: Tensor, axis: int, by: int, tolerance: Tolerance) -> bool:
    n = expected.shape[axis] - 1
    front, back = (0, 1) if by > 0 else (1, 0)
    part = expected.narrow(axis, front, n)
    return telling(part) and tolerance.agree(got.narrow(axis, back, n), part)


def _right_until(right: Tensor, axis: int) -> int:
    steps = right.movedim(axis, 0).reshape(right.shape[axis], -1).all(dim=1).tolist()
    first_wrong = steps.index(False)
    return 0 if any(steps[first_wrong:]) else first_wrong
