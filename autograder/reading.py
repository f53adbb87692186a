"""What can be read off the evidence: results, gradients, sizes, and which case teaches most."""

from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor

from autograder.behaviour import expected, with_mistakes
from autograder.compare import alike
from autograder.evidence import RESULT, Evidence, Explanation, Finding, Observation, Size
from autograder.exercise import Inputs, Misconception
from autograder.promises import Example, Refused

STRUCTURE = {"wrong type", "wrong number of items", "missing keys", "unexpected keys", "wrong shape", "wrong dtype"}
STRUCTURE |= {"wrong device", "transposed", "axes permuted"}
GRADIENTS = {"gradient missing", "wrong gradients", "gradient not wanted"}
REFUSALS = {"not refused", "refused by another exception", "argument not named"}
TOLD_LAST = ({"wrong dtype"}, GRADIENTS, REFUSALS)  # only where nothing else is wrong
NOTHING = object()
SHORT = 70  # a whole result that is no longer than this is shown whole


def most_telling(evidence: Evidence, cases: Collection[int] = ()) -> int:
    """The wrong case (of these, if any) that teaches most; several numbers rather than one.

    Structure comes first, then values, dtypes, gradients and refusals. A shape that differs by an axis of one may
    differ by more where sizes are larger.
    """

    def rank(case: int) -> tuple:
        kind = evidence.findings[case].kind
        by_chance = evidence.findings[case].form in ("axis of one lost", "axis of one added")
        last = next((i for i, kinds in enumerate(TOLD_LAST) if kind in kinds), -1)
        level = last + 2 if last >= 0 else 0 if kind in STRUCTURE else 1
        group = list(evidence.exercise.groups).index(evidence.cases[case][0])
        wanted = expected(evidence.exercise, evidence.seed)[1][case]
        small = min(result_size(result_of(evidence.observed[case])), result_size(result_of(wanted))) < 2
        return level, by_chance, small, group, size_of(evidence.cases[case][1]), case

    return min(cases or evidence.wrong, key=rank)


def wrong_because(evidence: Evidence, outcome: str = "wrong", case: int | None = None, **more: Any) -> Explanation:
    """An explanation with the case that shows it."""
    case = most_telling(evidence) if case is None else case
    group, inputs = evidence.cases[case]
    seen = {"finding": _whole(evidence, case, evidence.findings[case])} | more
    crash = evidence.observed[case].crash
    return Explanation(outcome, case, group, crash=crash, inputs=inputs, **seen)


def result_of(observation: Observation) -> Any:
    """The result of a probe's report."""
    outputs = observation.outputs
    if observation.crash:
        return NOTHING
    return outputs["result"] if isinstance(outputs, dict) and "result" in outputs else outputs


def result_size(result: Any) -> int:
    return 0 if result is NOTHING else size_of(result)


def size_of(value: Any) -> int:
    """How much there is to read in a value."""
    if isinstance(value, dict):
        return sum(map(size_of, value.values()))
    if isinstance(value, (list, tuple)):
        return 1 + sum(map(size_of, value))
    return value.numel() if isinstance(value, Tensor) else len(value) if isinstance(value, (str, bytes)) else 1


def values_in(result: Any) -> list:
    """All numbers and words in a result, however deep."""
    if isinstance(result, Tensor):
        return result.flatten().tolist()
    if isinstance(result, dict):
        return [value for pair in result.items() for part in pair for value in values_in(part)]
    if isinstance(result, (list, tuple)):
        return [value for part in result for value in values_in(part)]
    return [result] if isinstance(result, (str, bytes, int, float)) else []


def gradients_of(observation: Observation) -> dict[str, Tensor | None]:
    return observation.outputs.get("gradients", {}) if isinstance(observation.outputs, dict) else {}


def ratio_of(finding: Finding) -> float | None:
    """By which factor the result, or a part of it, differs, if it is one number or all of them differ by the same."""
    if finding.kind == "scaled by a constant" and not finding.form and finding.place.root == "result":
        return finding.parts["scale"]
    if finding.place != RESULT:
        return None
    got, wanted = finding.parts.get("got"), finding.parts.get("expected")
    is_number = finding.form in ("whole", "number") and isinstance(got, float) and isinstance(wanted, float)
    return got / wanted if is_number and got and wanted else None


def given_to(inputs: Inputs) -> Inputs:
    """The arguments by their names; of a module, those of its call."""
    return inputs["inputs"] if isinstance(inputs.get("inputs"), dict) else inputs


def axis_sizes(inputs: dict) -> dict[tuple[str, int | None], int]:
    """The sizes of all axes of the arguments, and how many values there are."""
    sizes = {}
    for name, value in given_to(inputs).items():
        if isinstance(value, Tensor):
            sizes |= {(name, axis): n for axis, n in enumerate(value.shape)} | {(name, None): value.numel()}
        elif isinstance(value, (list, str, bytes)):
            sizes[name, None] = len(value)
    return sizes


def sizes_of(inputs: Inputs) -> dict[Size, float]:
    """The numbers above 0 that the arguments give and that a factor may be."""
    found: dict[Size, float] = {}
    for (name, axis), n in axis_sizes(inputs).items():
        found[Size("values", name) if axis is None else Size("axis", name, axis)] = n
    for name, value in given_to(inputs).items():
        many = value if isinstance(value, list) and value and all(isinstance(x, Tensor) for x in value) else [value]
        if all(isinstance(x, Tensor) and x.is_floating_point() and x.ndim for x in many):
            found[Size("norm", name)] = float(sum(x.double().square().sum() for x in many)) ** 0.5
        if isinstance(value, Tensor) and value.dtype == torch.bool:
            found[Size("true", name)] = int(value.sum())
        elif isinstance(value, Tensor) and value.ndim and not value.is_floating_point() and value.numel():
            found[Size("counts", name)] = int((value != -100).sum())
            found |= {Size("sum", name): int(value.sum())} if value.ndim == 1 else {}
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found[Size("itself", name)] = value
    return {size: n for size, n in found.items() if n > 0}


def drawn_and_wrong(evidence: Evidence) -> list[int]:
    """The wrong cases that are drawn, and no promise of the docstring."""
    return [i for i in evidence.wrong if not isinstance(evidence.cases[i][1], (Example, Refused))]


def tried(evidence: Evidence, case: int, *mistakes: Misconception) -> Observation:
    return with_mistakes(evidence.exercise, evidence.seed, case, *mistakes)


def alike_in(evidence: Evidence, case: int, mistake: Misconception) -> bool:
    """Whether a mistake gives in a case what was observed there."""
    return alike([tried(evidence, case, mistake)], [evidence.observed[case]], evidence.exercise.tolerance)


def _whole(evidence: Evidence, case: int, finding: Finding) -> Finding:
    """A short result of words and numbers whole, rather than the place where it differs first."""
    if finding.kind not in ("wrong values", "wrong number of items") or finding.place.root != "result":
        return finding
    got = result_of(evidence.observed[case])
    wanted = result_of(expected(evidence.exercise, evidence.seed)[1][case])
    if not finding.place.path and finding.kind == "wrong values":
        return finding
    if _plain_all(got) and _plain_all(wanted) and max(len(repr(got)), len(repr(wanted))) <= SHORT:
        return Finding("wrong values", RESULT, {"got": got, "expected": wanted}, "whole")
    return finding


def _plain_all(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_plain_all, [*value, *value.values()]))
    if isinstance(value, (list, tuple)):
        return all(map(_plain_all, value))
    return value is None or isinstance(value, (str, bytes, int, float))
