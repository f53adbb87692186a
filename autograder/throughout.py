"""What all wrong cases have in common, where no single one shows it: the same factor, nearly right, as long as a value."""

import itertools
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from autograder.axes import axes_of, named
from autograder.behaviour import expected
from autograder.evidence import RESULT, Axis, Evidence, Explanation, Finding, Size
from autograder.reading import drawn_and_wrong, given_to, most_telling, ratio_of, result_of, sizes_of, wrong_because

NEAR = 0.1  # of a number
SAME = 1e-4  # of a factor
WHATS = ("values", "axis", "true", "sum", "itself", "norm", "counts")  # the likeliest first
FEW_CASES = 3
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


def off_by_a_number(evidence: Evidence) -> Explanation | None:
    """In every case a number, or all numbers of a part, differ by a factor that the arguments give: another one each time."""
    cases = drawn_and_wrong(evidence)
    places = {evidence.findings[case].place for case in cases}
    ratios = [ratio_of(evidence.findings[case]) for case in cases]
    if len(places) != 1 or any(ratio is None or ratio <= 0 for ratio in ratios):
        return None
    sizes = [sizes_of(evidence.cases[case][1]) for case in cases]
    common = [size for what in WHATS for size in sorted(sizes[0]) if size.what == what and all(size in more for more in sizes)]
    different = max(ratios) - min(ratios) > SAME * max(ratios)

    def holds(made: Callable[[dict[Size, float]], float]) -> bool:
        return all(abs(ratio / made(more) - 1) < SAME for ratio, more in zip(ratios, sizes, strict=True))

    forms = (("larger", 1.0), ("smaller", -1.0), ("larger, root", 0.5), ("smaller, root", -0.5))
    for size, (form, power) in itertools.product(common, forms):
        odd = abs(ratios[0] - round(ratios[0])) > SAME and abs(1 / ratios[0] - round(1 / ratios[0])) > SAME
        if (different or odd) and holds(lambda more, size=size, power=power: more[size] ** power):
            finding = Finding("off by a number", places.pop(), {"size": size}, form)
            return wrong_because(evidence, case=most_telling(evidence, cases), finding=finding, question="off by a number")
    for size, other in itertools.permutations(common, 2) if different else ():
        if holds(lambda more, size=size, other=other: more[size] / more[other]):
            finding = Finding("off by a number", places.pop(), {"size": size, "other": other}, "quotient")
            return wrong_because(evidence, case=most_telling(evidence, cases), finding=finding, question="off by a number")
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


def too_much_throughout(evidence: Evidence) -> Finding | None:
    """In every wrong case the number is too large, or too small."""
    cases = drawn_and_wrong(evidence)
    if len(cases) < FEW_CASES or not _all_are_numbers(evidence) or any(len(_numbers(evidence, i)) > 1 for i in cases):
        return None
    pairs = [pair for case in cases for pair in _numbers(evidence, case)]
    if not all(wanted > 0 and got > 0 for got, wanted in pairs):
        return None
    factors = [got / wanted for got, wanted in pairs]
    for form, is_so in (("too large", min(factors) > 1), ("too small", max(factors) < 1)):
        if is_so:
            return Finding("too much throughout", RESULT, {"least": min(factors), "most": max(factors)}, form)
    return None


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
