"""What an answer's behaviour shows by itself, without a known mistake: where nothing better explains it, this is told."""

import contextlib
import functools
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.behaviour import expected
from autograder.compare import SIDE_EFFECTS, alike
from autograder.evidence import RESULT, Evidence, Explanation, Finding, Item, Key, Place
from autograder.promises import Example, Refused
from autograder.reading import (
    GRADIENTS,
    NOTHING,
    REFUSALS,
    STRUCTURE,
    axis_sizes,
    drawn_and_wrong,
    given_to,
    gradients_of,
    most_telling,
    ratio_of,
    result_of,
    result_size,
    wrong_because,
)
from autograder.tolerance import same

#: What nothing explains better.
PLAIN = {"other every time", "other every time, kept", "argument returned", "always the same", "nothing returned", *SIDE_EFFECTS.values()}
PLAIN |= REFUSALS
SPECIFIC = {"off by a size", "places count", "places do not count", "without influence", "size from the values", "off by a number"}
SPECIFIC |= {"places count, weight", "places do not count, weight"}
SPECIFIC |= {"differs throughout, factor", "differs throughout, distance"}
PARTLY = {"among others", "one part alone"}  # more is returned than is asked for, or less
INCOMPARABLE = {"wrong device", "wrong type"}  # a generator is another one each time
NAMELESS = {"wrong values", "wrong number of items"}
Attempt = Callable[[Evidence], Explanation | None]


def other_every_time(evidence: Evidence) -> Explanation | None:
    """The same inputs give another result the next time, in the case that teaches most or in that with most values.

    Or numbers are drawn where those to use are handed in.
    """
    if (own := _drawn(evidence)) is not None:
        case, name = own
        finding = Finding("own random numbers", parts={"name": name})
        return wrong_because(evidence, case=case, finding=finding, question="own random numbers")
    largest = max(evidence.wrong, key=lambda case: result_size(result_of(evidence.observed[case])))
    for case in dict.fromkeys((most_telling(evidence), largest)):
        first = evidence.observed[case]
        if not evidence.again or evidence.findings[case].kind in INCOMPARABLE or first.crash:
            continue
        if not alike([first], [evidence.again(case)], evidence.exercise.tolerance):
            form = "kept" if _keeps_something(evidence, case) else ""
            question = f"other every time, {form}" if form else "other every time"
            return wrong_because(evidence, case=case, finding=Finding("other every time", form=form), question=question)
    return None


def _keeps_something(evidence: Evidence, case: int) -> bool:
    """Whether the same inputs give another result even where chance begins anew: something outlives the call."""
    seen = []
    for _ in range(2):
        with _same_chance():
            seen.append(evidence.again(case))
    return not alike(seen[:1], seen[1:], evidence.exercise.tolerance)


@contextlib.contextmanager
def _same_chance() -> Iterator[None]:
    """The generators that all share begin at the same numbers each time, and are afterwards as they were."""
    pythons, numpys = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0), random.seed(0), np.random.seed(0)
        try:
            yield
        finally:
            random.setstate(pythons), np.random.set_state(numpys)


def _drawn(evidence: Evidence) -> tuple[int, str] | None:
    """The first wrong case in which a generator is used that the reference does not use, and that generator's name."""
    reference = expected(evidence.exercise, evidence.seed)[1]
    for case in evidence.wrong:
        got, wanted = evidence.observed[case].outputs, reference[case].outputs
        if not (isinstance(got, dict) and isinstance(wanted, dict)):
            continue
        if more := [name for name in got.get("drawn", ()) if name not in wanted.get("drawn", ())]:
            return case, more[0]
    return None


def nothing_of_its_own(evidence: Evidence) -> Explanation | None:
    """The result is an argument as it came, or one and the same whatever the arguments are."""
    kind = evidence.findings[most_telling(evidence)].kind
    if kind in ("wrong device", "nothing new"):  # nothing in it can be compared, or its values are right
        return None
    if name := _argument_returned(evidence):
        return wrong_because(
            evidence, finding=Finding("argument returned", parts={"name": name}), question="argument returned"
        )
    _, reference = expected(evidence.exercise, evidence.seed)
    drawn = [i for i, (_, inputs) in enumerate(evidence.cases) if not isinstance(inputs, (Example, Refused))]
    results, wanted = ([result_of(seen[i]) for i in drawn] for seen in (evidence.observed, reference))
    if len(drawn_and_wrong(evidence)) < 2 or any(r is NOTHING for r in results):
        return None
    tolerance = evidence.exercise.tolerance
    if all(r is None for r in results) and not any(w is None for w in wanted):
        return wrong_because(evidence, finding=Finding("nothing returned"), question="nothing returned")
    if not all(same(results[0], r, tolerance) for r in results) or all(same(wanted[0], w, tolerance) for w in wanted):
        return None
    return wrong_because(
        evidence, finding=Finding("always the same", parts={"got": results[0]}), question="always the same"
    )


def _argument_returned(evidence: Evidence) -> str | None:
    """The name of the argument that comes back unchanged in every wrong case."""
    names: set[str] | None = None
    for case in drawn_and_wrong(evidence):
        inputs = evidence.cases[case][1]
        inputs = inputs["inputs"] if isinstance(inputs.get("inputs"), dict) else inputs
        result = result_of(evidence.observed[case])
        if result is NOTHING or result_size(result) < 2:
            return None
        back = {name for name, value in inputs.items() if same(value, result, evidence.exercise.tolerance)}
        names = back if names is None else names & back
    return min(names) if names else None


def only_values(attempt: Attempt) -> Attempt:
    """An attempt that is made only where values are wrong, neither the structure nor the gradients alone."""

    @functools.wraps(attempt)
    def made(evidence: Evidence) -> Explanation | None:
        kind = evidence.findings[most_telling(evidence)].kind
        return None if kind in STRUCTURE | GRADIENTS | PLAIN else attempt(evidence)

    return made


@only_values
def too_large_by_a_size(evidence: Evidence) -> Explanation | None:
    """In every case a number, or all numbers of a part, are too large or too small by the size of an argument's axis."""
    found: set[tuple] | None = None
    places = {evidence.findings[case].place for case in drawn_and_wrong(evidence)}
    if len(places) != 1:
        return None
    for case in drawn_and_wrong(evidence):
        ratio, sizes = ratio_of(evidence.findings[case]), axis_sizes(evidence.cases[case][1])
        if ratio is None:
            return None
        here = {(name, axis, "larger") for (name, axis), n in sizes.items() if n > 1 and abs(ratio / n - 1) < 1e-4}
        here |= {(name, axis, "smaller") for (name, axis), n in sizes.items() if n > 1 and abs(ratio * n - 1) < 1e-4}
        found = here if found is None else found & here
    if not found:
        return None
    name, number, form = min(found, key=str)
    parts = {"name": name} if number is None else {"name": name, "number": number}
    finding = Finding("off by a size", places.pop(), parts, form if number is None else f"{form}, axis")
    return wrong_because(evidence, finding=finding, question="off by a size")


@only_values
def without_influence(evidence: Evidence) -> Explanation | None:
    """No gradient reaches an argument or a weight, in no wrong case, although it should."""
    names: set[str] | None = None
    _, reference = expected(evidence.exercise, evidence.seed)
    for case in drawn_and_wrong(evidence):
        got, wanted = (gradients_of(o) for o in (evidence.observed[case], reference[case]))
        if not got or not wanted:
            return None
        lost = {n for n, g in wanted.items() if g is not None and g.any() and (got.get(n) is None or not got[n].any())}
        names = lost if names is None else names & lost
    if not names or len(names) == len(wanted):
        return None
    finding = Finding("without influence", parts={"names": sorted(n.removeprefix("built.") for n in names)})
    return wrong_because(evidence, finding=finding, question="without influence")


@only_values
def wrong_places(evidence: Evidence) -> Explanation | None:
    """By its gradient, the result depends on places of an argument that do not count, or not on some that do.

    A docstring's example has no gradients, so it is a drawn case that shows them. The rows of a weight with
    a bias are units, of which some may sleep; those of a table are places.
    """
    case = most_telling(evidence, drawn_and_wrong(evidence))
    weights = evidence.cases[case][1].get("weights")
    weights = weights if isinstance(weights, dict) else {}  # an argument may have that name, too
    layers = {name for name in weights if f"{name.removesuffix('weight')}bias" in weights}
    reference = expected(evidence.exercise, evidence.seed)[1][case]
    found = gradients_of(evidence.observed[case])
    for name, wanted in gradients_of(reference).items():
        got = found.get(name)
        if name in layers or wanted is None or got is None or got.shape != wanted.shape or wanted.ndim < 2 or not wanted.any():
            continue
        if not got.isfinite().all():  # it has overflowed, and says of no place whether it counts
            return None
        want, have = wanted.any(dim=-1), got.any(dim=-1)
        extra, missing = have & ~want, want & ~have
        for kind, places in (("places count", extra), ("places do not count", missing)):
            if places.any() and have.any():
                parts = {"name": name.removeprefix("built."), "places": int(places.sum())}
                parts["index"] = places.nonzero()[0].tolist()
                form = "" if parts["name"] in given_to(evidence.cases[case][1]) else "weight"
                question = f"{kind}, {form}" if form else kind
                return wrong_because(evidence, case=case, finding=Finding(kind, parts=parts, form=form), question=question)
    return None


def what_differs(evidence: Evidence) -> Explanation:
    """Nothing better than the difference itself."""
    case = _named_throughout(evidence)
    found = evidence.findings[case]
    form = found.form
    if found.kind == "wrong type" and form not in PARTLY:
        form = _of_type(found.parts["got"], found.parts["expected"])
    question = f"{found.kind}, {form}" if form else found.kind
    if found.kind == "not refused" and _refuses_others(evidence):
        found, question = replace(found, form="others are"), "not refused, others are"
    right_groups = tuple(name for name, earned, points in evidence.groups if earned == points and points)
    seen = {"finding": found} if found.form == "others are" else {}
    parts = _right_parts(evidence)
    return wrong_because(evidence, case=case, question=question, right_parts=parts, right_groups=right_groups, **seen)


def _named_throughout(evidence: Evidence) -> int:
    """The case that teaches most; but if its difference has no name, one whose difference most drawn cases have."""
    case, drawn = most_telling(evidence), drawn_and_wrong(evidence)
    if evidence.findings[case].kind not in NAMELESS:
        return case
    kinds = [(evidence.findings[i].kind, evidence.findings[i].form) for i in drawn]
    telling = [i for i, kind in zip(drawn, kinds, strict=True) if kind[0] not in NAMELESS | PLAIN | {"crash"} and 2 * kinds.count(kind) > len(drawn)]
    return most_telling(evidence, telling) if telling else case


def _of_type(got: Any, expected: Any) -> str:
    """What is returned in the place of a tensor, or of what it should be, where more can be asked than for its type."""
    if hasattr(got, "__next__"):
        return "a generator"
    if not isinstance(expected, Tensor):
        return ""
    types = {(int, float): "a number", (list, tuple): "a list", np.ndarray: "an array"}
    return next((form for type_, form in types.items() if isinstance(got, type_)), "")


def _refuses_others(evidence: Evidence) -> bool:
    """Whether some of what is to be refused is."""
    return any(isinstance(inputs, Refused) and i not in evidence.wrong for i, (_, inputs) in enumerate(evidence.cases))


def _right_parts(evidence: Evidence) -> tuple[Place, ...]:
    """Which parts of a tuple or dict of tensors are right, in every case."""
    right: set | None = None
    reference = expected(evidence.exercise, evidence.seed)[1]
    for case, (_, inputs) in enumerate(evidence.cases):
        if isinstance(inputs, (Example, Refused)):
            continue
        got, wanted = result_of(evidence.observed[case]), result_of(reference[case])
        if isinstance(wanted, dict) and isinstance(got, dict):
            pairs = [(Key(key), got.get(key), wanted[key]) for key in wanted]
        elif isinstance(wanted, (tuple, list)) and isinstance(got, (tuple, list)) and len(got) == len(wanted) <= 4:
            pairs = [(Item(i, len(wanted)), g, w) for i, (g, w) in enumerate(zip(got, wanted, strict=True))]
        else:
            return ()
        if not any(isinstance(w, Tensor) for _, _, w in pairs) and not (1 < len(pairs) <= 4 and isinstance(wanted, (tuple, dict))):
            return ()
        same_here = {step for step, g, w in pairs if same(w, g, evidence.exercise.tolerance)}
        right = same_here if right is None else right & same_here
    return tuple(RESULT.down(step) for step in sorted(right or (), key=repr))
