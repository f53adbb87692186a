"""What a tensor with wrong values has in common with the right one: the same along an axis, right row by row but for a
factor, cut off, wrong exactly where something holds.

It is looked for after the patterns, which say more. Each relation holds for every value of the two tensors, and would
not hold by chance: enough values are right, or wrong, and they differ from one another.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from autograder.axes import named
from autograder.evidence import Axis, Finding, Place
from autograder.tolerance import Tolerance

FEW = 3  # fewer different values than these may be right by chance
MOST_DIGITS = 4


def running(expected: Tensor, got: Tensor, tolerance: Tolerance, place: Place) -> Iterator[Finding]:
    """A running sum along an axis that was taken once too often, or not at all."""
    for axis in _axes(expected, place) if expected.isfinite().all() and got.isfinite().all() else ():
        if expected.shape[axis.number] < FEW or len(expected.unique()) < FEW:
            continue
        if tolerance.agree(got, expected.cumsum(axis.number)):
            yield Finding("running sum", place, {"axis": axis}, "once too often")
        if tolerance.agree(got.cumsum(axis.number), expected):
            yield Finding("running sum", place, {"axis": axis}, "not taken")


def square(expected: Tensor, got: Tensor, right: Tensor, place: Place) -> Iterator[Finding]:
    """What holds on one side of the diagonal of the last two axes, where these are of one size."""
    if expected.ndim < 2 or not expected.shape[-1] == expected.shape[-2] > 2:
        return
    if torch.equal(got, got.mT) and not torch.equal(expected, expected.mT) and len(expected.unique()) > FEW:
        yield Finding("symmetric", place)
    every = torch.ones(expected.shape[-2:], dtype=torch.bool)
    on = torch.eye(len(every), dtype=torch.bool)
    sides = {"diagonal": on, "off the diagonal": ~on, "above": every.triu(1), "below": every.tril(-1)}
    for form, holds in sides.items():
        if torch.equal(holds.expand_as(right), ~right) and len(expected[right].unique()) >= FEW:
            yield Finding("wrong exactly where", place, form=form)


def relations(expected: Tensor, got: Tensor, right: Tensor, tolerance: Tolerance, place: Place) -> Iterator[Finding]:
    """What holds of all values: of numbers, and of ids and codes as well."""
    if expected.ndim == 0 or not (expected.isfinite().all() and got.isfinite().all()):
        return
    axes = _axes(expected, place)
    yield from _along(expected, got, right, tolerance, place, axes)
    yield from _where(expected, got, right, place)
    yield from _alike_where_wrong(expected[~right], got[~right], tolerance, place)


def shares(expected: Tensor, got: Tensor, tolerance: Tolerance, place: Place) -> Iterator[Finding]:
    """What only floats can be: shares of one, their logarithms, values brought to mean 0 and variance 1, rounded, cut off."""
    if expected.ndim == 0 or expected.numel() < FEW or not (expected.isfinite().all() and got.isfinite().all()):
        return
    axes = _axes(expected, place)
    if (expected >= 0).all() and (got < 0).sum() >= 2:
        yield Finding("negative", place, {"places": int((got < 0).sum())})
    for axis in reversed(axes):
        for form, made, are in (("", lambda x: x, (got >= 0).all()), ("logarithms", torch.exp, (got <= 0).all())):
            sums, wanted = made(got).sum(axis.number), made(expected).sum(axis.number)
            if are and _all_are(1.0, sums, tolerance) and not _all_are(1.0, wanted, tolerance):
                yield Finding("sums to one", place, {"axis": axis}, form)
        if expected.shape[axis.number] > FEW and _is_normal(got, axis.number) and not _is_normal(expected, axis.number):
            yield Finding("normal along an axis", place, {"axis": axis})
    for digits in range(1, MOST_DIGITS):
        exact = Tolerance(relative=1e-6, absolute=1e-7)
        if len(expected.unique()) >= FEW and exact.agree(got, torch.round(expected, decimals=digits)):
            yield Finding("rounded to digits", place, {"digits": digits})
    wrong = ~tolerance.agree_each(got, expected)
    for form, limit, beyond in (("above", got.max(), expected > got.max()), ("below", got.min(), expected < got.min())):
        cut = wrong.sum() >= 2 and (got[wrong] == limit).all() and beyond[wrong].all()
        if cut and len(expected[~wrong].unique()) >= FEW:
            yield Finding("cut off", place, {"limit": limit.item()}, form)


def _axes(of: Tensor, place: Place) -> list[Axis]:
    """The axes with more than one entry of the tensor that should stand at a place."""
    names = named(place.axes, of.ndim) or ("",) * of.ndim
    return [Axis(number, names[number]) for number in range(of.ndim) if of.shape[number] > 1]


def _along(
    expected: Tensor, got: Tensor, right: Tensor, tolerance: Tolerance, place: Place, axes: list[Axis]
) -> Iterator[Finding]:
    """What holds along one axis."""
    for axis in axes:
        n = expected.shape[axis.number]
        first = got.narrow(axis.number, 0, 1)
        varies = not tolerance.agree(expected.narrow(axis.number, 0, 1).expand_as(expected), expected)
        if varies and len(first.unique()) >= FEW and tolerance.agree(first.expand_as(got), got):
            yield Finding("the same along", place, {"axis": axis})
        if n >= FEW and len(expected.unique()) >= FEW and (order := _order(expected, got, axis.number, tolerance)):
            yield Finding("in another order along", place, {"axis": axis, "order": order})
    for axis in axes:
        if len(axes) < 2 or expected.shape[axis.number] < FEW:
            continue
        if (scale := _ratio_along(expected, got, axis.number, tolerance)) is not None:
            yield Finding("scaled along", place, {"axis": axis, "scale": scale})
        by = got - expected
        moved = by.narrow(axis.number, 0, 1)
        if _varies(expected, axis.number, tolerance) and tolerance.agree(expected + moved, got):
            yield Finding("shifted along", place, {"axis": axis, "by": moved.flatten()[0].item()})
    for axis in axes:
        whole = right.movedim(axis.number, 0).flatten(1).all(dim=1) if right.ndim > 1 else right
        at = whole.nonzero()[:, 0].tolist()
        some = right.movedim(axis.number, 0).flatten(1).any(dim=1) if right.ndim > 1 else right
        enough = len(expected.index_select(axis.number, torch.tensor(at, dtype=torch.long)).unique()) >= FEW
        if right.ndim > 1 and at and 2 * len(at) <= len(whole) and torch.equal(some, whole) and enough:
            yield Finding("right only at", place, {"axis": axis, "right": at, "steps": len(whole)})


def _where(expected: Tensor, got: Tensor, right: Tensor, place: Place) -> Iterator[Finding]:
    """A condition that holds exactly where the values are wrong."""
    conditions = {"negative": expected < 0, "zero": got == 0}
    conditions |= {"positive": expected > 0} if (expected < 0).any() else {}
    for form, holds in conditions.items():
        if right.sum() >= FEW and (~right).sum() > 1 and torch.equal(holds, ~right):
            yield Finding("wrong exactly where", place, {"places": int((~right).sum())}, form)


def _alike_where_wrong(expected: Tensor, got: Tensor, tolerance: Tolerance, place: Place) -> Iterator[Finding]:
    """The same amount or factor for all values that are wrong, where not all are."""
    if len(expected.unique()) < FEW:
        return
    by = (got - expected).double()
    if tolerance.agree(by, by[:1].expand_as(by)) and abs(by[0]) > 1e-3:
        yield Finding("off where wrong", place, {"places": len(by), "by": by[0].item()}, "summand")
    factors = (got / expected).double()
    if (expected != 0).all() and tolerance.agree(got.double(), expected.double() * factors[0]) and abs(factors[0]) > 1e-3:
        yield Finding("off where wrong", place, {"places": len(by), "scale": factors[0].item()}, "factor")


def _all_are(number: float, values: Tensor, tolerance: Tolerance) -> bool:
    return tolerance.agree(values, torch.full_like(values, number))


def _is_normal(values: Tensor, axis: int) -> bool:
    """Whether the values along an axis have mean 0 and variance 1."""
    values = values.double()
    spread = values.var(dim=axis, correction=0)
    return bool((values.mean(dim=axis).abs() < 1e-3).all() and ((spread - 1).abs() < 1e-2).all())


def _varies(values: Tensor, axis: int, tolerance: Tolerance) -> bool:
    """Whether no row is the same all along the axis."""
    alike = tolerance.agree_each(values.narrow(axis, 0, 1).expand_as(values), values)
    return not alike.all(dim=axis).any()


def _ratio_along(expected: Tensor, got: Tensor, axis: int, tolerance: Tolerance) -> float | None:
    """The first of the factors, one for each row along an axis, by which the values differ."""
    if not _varies(expected, axis, tolerance):
        return None
    scale = (expected * got).sum(dim=axis, keepdim=True) / expected.square().sum(dim=axis, keepdim=True)
    if not scale.isfinite().all() or (scale.abs() < 1e-3).any() or not tolerance.agree(expected * scale, got):
        return None
    return scale.flatten()[0].item()


def _order(expected: Tensor, got: Tensor, axis: int, tolerance: Tolerance) -> list[int]:
    """Which of the right slices along an axis stand where, if they are all there but in another order; else nothing."""
    wanted, have = (x.movedim(axis, 0).flatten(1) if x.ndim > 1 else x[:, None] for x in (expected, got))
    if len(wanted) > 64 or wanted.shape[1] < 2:
        return []
    order = []
    for row in have:
        found = [i for i, right in enumerate(wanted) if tolerance.agree(row, right)]
        if len(found) != 1:
            return []
        order += found
    return order if sorted(order) == list(range(len(wanted))) else []
