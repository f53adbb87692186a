"""What other inputs show, where those of the check leave open what is wrong: the answer and the reference are given them both.

An argument is made another one, as a whole or at one index: does the result change where it should, and only there? Or it
is made harmless, such as all 0: is the answer right then? What is said was seen in every drawn case that is wrong. An
argument that is harmless for nearly every mistake tells nothing; the misconceptions show whether it is.
"""

import functools
import itertools
import math
import time
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from autograder.axes import axes_of_argument, named
from autograder.behaviour import expected, variant
from autograder.compare import alike
from autograder.evidence import Axis, Evidence, Finding, Key, Observation, Place, Trait
from autograder.exercise import Exercise, Inputs
from autograder.other_inputs import (
    Path,
    arguments,
    at,
    harmless,
    made_of,
    others,
    put,
    same_values,
    size_along,
    with_another,
)
from autograder.reading import drawn_and_wrong, most_telling, result_of, size_of, values_in
from autograder.subject import Live, observe
from autograder.tolerance import same

QUIET, LOUD = 1e-6, 1e-3  # of the largest value: what is no change, and what certainly is one
MOST_AXES = 5
MOST_CASES = 6  # in which it is looked from where the result changes
# Shares of the misconceptions that a harmless tensor leaves wrong: few, many; a number or a list counts as in between.
INFORMATIVE, PLAIN, CERTAIN = 0.4, 0.5, 0.75
MOST_WITNESSES = 8  # misconceptions that show whether an input is harmless for every mistake
SECONDS = 0.5  # for one trial


def tried_otherwise(evidence: Evidence, until: float) -> tuple[int, Finding] | None:
    """The case that shows it, and what is found by trying other inputs, as far as the time goes."""
    cases = sorted(drawn_and_wrong(evidence), key=lambda case: (case != most_telling(evidence), size_of(evidence.cases[case][1])))
    if not evidence.given or not cases or any(evidence.observed[case].crash for case in cases):
        return None
    if evidence.findings[cases[0]].place.root != "result":
        return None
    trial = Trial(evidence, cases, until)
    attempts = (trial.afresh, trial.use, trial.exchange, trial.instead, trial.reach, trial.cure)
    try:
        return next(((trial.shown, finding) for attempt in attempts if (finding := attempt())), None)
    except TimeoutError:
        return None


class Trial:
    """One answer, the cases that it is wrong in, and the time that there is."""

    def __init__(self, evidence: Evidence, cases: list[int], until: float):
        self.evidence, self.cases, self.until = evidence, cases, until
        self.exercise, self.place, self.shown = evidence.exercise, evidence.findings[cases[0]].place, cases[0]

    def afresh(self) -> Finding | None:
        """A module that is right when it is new, and wrong once it has been called with other weights."""
        if all("weights" in self.inputs(case) and self._right_instead(case, {("afresh",): True}) for case in self.cases):
            return Finding("right afresh", self.place)
        return None

    def use(self) -> Finding | None:
        """An argument that the result does not change with, though it should, or the other way round."""
        for path, _ in arguments(self.exercise, self.inputs(self.cases[0])):
            if path[0] == "weights":  # their gradients have been looked at
                continue
            seen = [both for case in self.cases for both in self._changes(case, path)]
            for kind, index in (("not used", 0), ("used", 1)):
                telling = [both for both in seen if both[index] is not None and both[index] > LOUD]
                silent = [both for both in seen if both[1 - index] is None or both[1 - index] > QUIET]
                if telling and not silent:
                    return Finding(kind, self.place, {"name": path[-1]})
        return None

    def reach(self) -> Finding | None:
        """An index of an argument from which the result changes where it should not, or does not where it should."""
        cases = self.cases[:MOST_CASES]
        paths = [path for path, _ in arguments(self.exercise, self.inputs(cases[0])) if path[0] != "weights"]
        for kind, path, axis in itertools.product(("reaches too far", "does not reach"), paths, range(MOST_AXES)):
            telling = [case for case in cases if size_along(at(self.inputs(case), path), axis) > 1]
            found = {case: finding for case in telling if (finding := self._reached(kind, case, path, axis))}
            if found and 2 * len(found) >= len(telling):
                self.shown = min(found, key=cases.index)
                return found[self.shown]
        return None

    def exchange(self) -> Finding | None:
        """Two arguments of one kind with whose exchange the answer gives what is right for them as they are."""
        given = [(path, value) for path, value in arguments(self.exercise, self.inputs(self.cases[0])) if path[0] != "weights"]
        for (one, first), (other, second) in itertools.combinations(given, 2):
            if type(first) is not type(second) or isinstance(first, bool):
                continue
            swaps = [{one: at(self.inputs(case), other), other: at(self.inputs(case), one)} for case in self.cases]
            if all(map(self._right_instead, self.cases, swaps)):
                return Finding("right with another", self.place, {"name": one[-1], "other": other[-1]}, "exchanged")
        return None

    def instead(self) -> Finding | None:
        """Another argument made of one with which the answer gives what is right for the one as it is."""
        for path, value in arguments(self.exercise, self.inputs(self.cases[0])):
            if path[0] == "weights":
                continue
            for (form, number), _ in made_of(value):
                changes = [{path: dict(made_of(at(self.inputs(case), path))).get((form, number))} for case in self.cases]
                if all(map(self._right_instead, self.cases, changes)):
                    parts = {"name": path[-1], "instead": Trait(form, path[-1], number)}
                    return Finding("right with another", self.place, parts)
        return None

    def _right_instead(self, case: int, changes: dict[Path, Any]) -> bool:
        """Whether with other arguments the answer's result is what is right with the case's own, which are others."""
        self._in_time()
        if any(other is None or same_values(other, at(self.inputs(case), path)) for path, other in changes.items()):
            return False
        inputs = functools.reduce(lambda inputs, path: put(inputs, path, changes[path]), changes, self.inputs(case))
        seen = self.evidence.given(inputs)
        return not seen.crash and same(result_of(self._wanted(case)), result_of(seen), self.exercise.tolerance)

    def cure(self) -> Finding | None:
        """A harmless argument with which the answer is right in every case."""
        best, most = None, INFORMATIVE
        for path, value in arguments(self.exercise, self.inputs(self.cases[0])):
            for form, _ in harmless(value):
                if not all(self._right_with(case, path, form) for case in self.cases):
                    continue
                of_tensors = isinstance(value, (Tensor, dict))
                share = self._witnesses(self.cases[0], path, form) if of_tensors else PLAIN
                if share > most:
                    best, most = Finding("right if", self.place, {"trait": Trait(form, path[-1].removesuffix("."))}), share
                    if most >= CERTAIN:
                        return best
        return best

    def inputs(self, case: int) -> Inputs:
        return self.evidence.cases[case][1]

    def _changes(self, case: int, path: Path) -> Iterator[tuple[float | None, float | None]]:
        """How far the right result and the answer's change when an argument becomes another one as a whole."""
        value = at(self.inputs(case), path)
        for i, other in enumerate(others(value) if value is not None else ()):
            both = self._both(case, path, other, ("other", i))
            if both:
                before = self._wanted(case), self.evidence.observed[case]
                yield tuple(self._how_far(a, b) for a, b in zip(before, both, strict=True))

    def _how_far(self, before: Observation, after: Observation) -> float | None:
        """How far two results are from one another, relatively; infinitely if they are no numbers; None after an exception."""
        if before.crash or after.crash:
            return None
        a, b = (part_at(result_of(o), self.place) for o in (before, after))
        if not_a_number(a) or not_a_number(b):
            return None
        if isinstance(a, Tensor) and isinstance(b, Tensor) and a.shape == b.shape and a.numel():
            return float(_distance(a, b).max())
        return 0.0 if same(a, b, self.exercise.tolerance) else float("inf")

    def _reached(self, kind: str, case: int, path: Path, axis: int) -> Finding | None:
        """The first index of an argument from which the result differs in that way."""
        value = at(self.inputs(case), path)
        size = size_along(value, axis)
        for index in dict.fromkeys((0, size - 1, size // 2)) if size > 1 else ():
            other = with_another(value, axis, index)
            both = self._both(case, path, other, ("index", axis, index)) if other is not None else None
            if not both or both[1].crash:
                continue
            before = self._wanted(case), self.evidence.observed[case]
            results = [(part_at(result_of(a), self.place), part_at(result_of(b), self.place)) for a, b in zip(before, both, strict=True)]
            values = [x for pair in results for x in pair]
            if any(not isinstance(x, Tensor) or not_a_number(x) for x in values) or len({x.shape for x in values}) > 1:
                continue
            names = named(self.place.axes, results[0][0].ndim)
            own = named(axes_of_argument(self.exercise, path[-1]), value.ndim) if isinstance(value, Tensor) else None
            meets = [i for i, n in enumerate(results[0][0].shape) if n == size]
            if names and own and own[axis]:
                meets = [i for i in meets if names[i] == own[axis]]
            if (found := _where(kind, *(_distance(*pair) for pair in results), meets)) is None:
                continue
            number, indices = found
            parts = {"name": path[-1], "at": index}
            form = "" if isinstance(value, Tensor) and value.ndim > 1 else "only axis"
            if not form:
                parts["along"] = Axis(axis, own[axis] if own else "")
            if number is None:
                return Finding(kind, self.place, parts, ", ".join(filter(None, (form, "at all"))))
            return Finding(kind, self.place, parts | {"axis": Axis(number, names[number] if names else ""), "indices": indices}, form)
        return None

    def _right_with(self, case: int, path: Path, form: str) -> bool:
        """Whether the answer is right when an argument is made harmless, and the right result then still tells something."""
        value = at(self.inputs(case), path)
        other = dict(harmless(value)).get(form) if value is not None else None
        both = self._both(case, path, other, ("harmless", form)) if other is not None else None
        if not both or both[1].crash or not same(*map(result_of, both), self.exercise.tolerance):
            return False
        wanted = part_at(result_of(both[0]), self.place)
        if not_a_number(wanted) or not any(values_in(wanted)):
            return False
        before, now = (len(set(values_in(part_at(result_of(o), self.place)))) for o in (self._wanted(case), both[0]))
        return now >= min(2, before)

    def _witnesses(self, case: int, path: Path, form: str) -> float:
        """The share of some misconceptions, wrong in the case as it is, that are wrong with a harmless argument, too."""
        inputs = put(self.inputs(case), path, dict(harmless(at(self.inputs(case), path)))[form])
        wanted, all_, wrong = self._reference(case, inputs, (path, "harmless", form)), 0, 0
        for mistake in itertools.islice({m.id: m for m in self.exercise.misconceptions}.values(), MOST_WITNESSES):
            self._in_time()
            answer = Live(variant(self.exercise, mistake))
            if alike([observe(answer, self.exercise, self.inputs(case), SECONDS)], [self._wanted(case)], self.exercise.tolerance):
                continue
            all_ += 1
            wrong += not alike([observe(answer, self.exercise, inputs, SECONDS)], [wanted], self.exercise.tolerance)
        return wrong / all_ if all_ else 0.0

    def _both(self, case: int, path: Path, value: Any, label: tuple) -> tuple[Observation, Observation] | None:
        """What the reference and the answer make of a case with another argument; None where the reference refuses it."""
        self._in_time()
        inputs = put(self.inputs(case), path, value)
        wanted = self._reference(case, inputs, (path, *label))
        return None if wanted.crash else (wanted, self.evidence.given(inputs))

    def _reference(self, case: int, inputs: Inputs, label: tuple) -> Observation:
        return _reference(self.exercise, self.evidence.seed, case, label, _Unhashed(inputs))

    def _wanted(self, case: int) -> Observation:
        return expected(self.exercise, self.evidence.seed)[1][case]

    def _in_time(self) -> None:
        if time.perf_counter() > self.until:
            raise TimeoutError


class _Unhashed(dict):
    """Inputs that are known by the label beside them."""

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return True


@functools.lru_cache(maxsize=2048)
def _reference(exercise: Exercise, seed: int, case: int, label: tuple, inputs: _Unhashed) -> Observation:
    """What the reference makes of changed inputs."""
    return observe(Live(exercise.reference), exercise, dict(inputs), SECONDS)


def part_at(result: Any, place: Place) -> Any:
    """The part of a result at a place; None where there is none."""
    for step in place.path:
        key = step.name if isinstance(step, Key) else step.index
        if not isinstance(result, dict if isinstance(step, Key) else (list, tuple)):
            return None
        try:
            result = result[key]
        except LookupError:
            return None
    return result


def not_a_number(value: Any) -> bool:
    """Whether NaN stands in a value, which says nothing of what it depends on."""
    return any(isinstance(x, float) and math.isnan(x) for x in values_in(value))


def _distance(one: Tensor, other: Tensor) -> Tensor:
    """How far two tensors are from one another, entry by entry, relatively to the largest entry."""
    one, other = one.detach().double(), other.detach().double()
    finite = one[one.isfinite()]
    scale = max(float(finite.abs().max()), 1e-6) if finite.numel() else 1.0
    gap = (one - other).abs() / scale
    return torch.where((one == other) | (one.isnan() & other.isnan()), 0.0, gap.nan_to_num(nan=1.0, posinf=1.0))


def _where(kind: str, wanted: Tensor, got: Tensor, axes: list[int]) -> tuple[int | None, list[int]] | None:
    """One of these axes of the result, and the indices on it at which a change shows and should not, or the reverse."""
    loud, quiet = (got, wanted) if kind == "reaches too far" else (wanted, got)
    for axis in axes:
        most = [x.movedim(axis, 0).flatten(1).amax(dim=1) if x.ndim > 1 else x for x in (loud, quiet)]
        if indices := ((most[0] > LOUD) & (most[1] < QUIET)).nonzero()[:, 0].tolist():
            return axis, indices
    return (None, []) if float(loud.max()) > LOUD and float(quiet.max()) < QUIET else None
