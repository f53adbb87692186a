"""What all wrong cases have in common, where no single one shows it: the same factor, nearly right, as long as a value."""

from collections.abc import Iterator

import torch
from torch import Tensor

from autograder.axes import axes_of, named
from autograder.behaviour import expected
from autograder.evidence import RESULT, Axis, Evidence, Explanation, Finding
from autograder.reading import drawn_and_wrong, given_to, result_of, wrong_because

NEAR = 0.1  # of a number
SAME = 1e-4  # of a factor
FEW_NUMBERS = 4  # as many as a result may hold


def same_factor_or_distance(evidence: Evidence) -> Explanation | None:
    """In every wrong case the number differs by the same factor, or by the same amount."""
    pairs = [pair for case in drawn_and_wrong(evidence) for pair in _numbers(evidence, case, most=1)]
    if len({wanted for _, wanted in pairs}) < 2 or not _all_are_numbers(evidence):
        return None
    factors = [got / wanted if wanted else 0.0 for got, wanted in pairs]
    distances = [got - wanted for got, wanted in pairs]
    for form, values in (("factor", factors), ("distance", distances)):
        first = values[0]
        if first and all(abs(value - first) <= SAME * abs(first) for value in values):
            if form == "factor" and (abs(first - 1) <= NEAR or abs(first + 1) <= SAME):  # told by what differs
                continue
            finding = Finding("differs throughout", RESULT, {form: first}, form)
            return wrong_because(evidence, finding=finding, question=f"differs throughout, {form}")
    return None


def nearly_right_throughout(evidence: Evidence) -> Explanation | None:
    """In every wrong case each number is near to what it should be."""
    if not _all_are_numbers(evidence) or len(drawn_and_wrong(evidence)) < 2:
        return None
    pairs = [pair for case in drawn_and_wrong(evidence) for pair in _numbers(evidence, case, most=FEW_NUMBERS)]
    off = [abs(got - wanted) / abs(wanted) if wanted else abs(got) for got, wanted in pairs]
    if any(isinstance(wanted, int) for _, wanted in pairs) or not max(off) < NEAR:
        return None
    return wrong_because(
        evidence,
        finding=Finding("nearly right throughout", RESULT, {"percent": 100 * max(off)}),
        question="nearly right throughout",
    )


def size_from_the_values(evidence: Evidence) -> Explanation | None:
    """In every case with a wrong shape, an axis is as long as the largest number of an argument says, not as it should be."""
    found: set[tuple] | None = None
    cases = [case for case in drawn_and_wrong(evidence) if evidence.findings[case].kind == "wrong shape"]
    for case in cases:
        got, wanted = _results(evidence, case)
        if not (isinstance(got, Tensor) and isinstance(wanted, Tensor) and got.ndim == wanted.ndim):
            return None
        here = {
            (axis, name)
            for axis, (n, should) in enumerate(zip(got.shape, wanted.shape, strict=True))
            for name, value in given_to(evidence.cases[case][1]).items()
            if n != should and _is_whole(value) and n == int(value.max()) + 1
        }
        found = here if found is None else found & here
    if not found:
        return None
    axis, name = min(found)
    got, wanted = _results(evidence, cases[0])
    names = named(axes_of(evidence.exercise), got.ndim)
    parts = {"axis": Axis(axis, names[axis] if names else ""), "name": name}
    parts |= {"got": got.shape[axis], "expected": wanted.shape[axis]}
    finding = Finding("size from the values", RESULT, parts)
    return wrong_because(evidence, case=cases[0], finding=finding, question="size from the values")


def _results(evidence: Evidence, case: int) -> tuple:
    return result_of(evidence.observed[case]), result_of(expected(evidence.exercise, evidence.seed)[1][case])


def _all_are_numbers(evidence: Evidence) -> bool:
    """Whether all that is wrong in the drawn cases are values, and all results a few numbers of the right kind."""
    cases = drawn_and_wrong(evidence)
    kinds = {"wrong values", "scaled by a constant", "a function of"}
    return bool(cases) and all(evidence.findings[i].kind in kinds and [*_numbers(evidence, i)] for i in cases)


def _numbers(evidence: Evidence, case: int, most: int = FEW_NUMBERS) -> list[tuple[float, float]]:
    """What each number of a result is and should be; nothing where it is more than a few numbers."""
    got, wanted = ([*_flat(result)] for result in _results(evidence, case))
    few = 0 < len(wanted) <= most and len(got) == len(wanted)
    return [*zip(got, wanted, strict=True)] if few and None not in (*got, *wanted) else []


def _flat(result: object) -> Iterator[float | None]:
    """The numbers of a result in their order; None for anything else."""
    if isinstance(result, (list, tuple)):
        for part in result:
            yield from _flat(part)
    elif isinstance(result, Tensor) and result.ndim == 0 and result.dtype != torch.bool:
        yield result.item()
    else:
        yield result if isinstance(result, (int, float)) and not isinstance(result, bool) else None


def _is_whole(value: object) -> bool:
    """Whether a value is a tensor of whole numbers, none of them below 0."""
    is_int = isinstance(value, Tensor) and value.dtype in (torch.int64, torch.int32, torch.uint8)
    return is_int and bool(value.numel()) and int(value.min()) >= 0
