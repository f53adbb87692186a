"""Choose the best explanation of what was found: the first that holds, from the surest to the most general.

An answer may be right, too slow, or still as it was handed out. Else a misconception that behaves the same in every
case explains it, or two of them that each have a share in it; else the exception that stopped it, or one small change
of the reference, or a misconception for some of the cases; else the kind of difference alone.
"""

import functools
import itertools
import math
import re
import time
from collections.abc import Callable
from typing import Any

from torch import Tensor

from autograder.behaviour import expected, variant, with_mistakes
from autograder.changes import one_change
from autograder.compare import SIDE_EFFECTS, alike
from autograder.crashes import crash_question
from autograder.evidence import RESULT, Evidence, Explanation, Finding, Item, Key, Observation, Place
from autograder.exercise import Misconception
from autograder.promises import Example, Refused
from autograder.tolerance import same

MOST_PAIRS = 120

STRUCTURE = {"wrong type", "wrong number of items", "missing keys", "unexpected keys", "wrong shape", "wrong dtype"}
STRUCTURE |= {"wrong device", "transposed", "axes permuted"}
GRADIENTS = {"gradient missing", "wrong gradients"}
#: What nothing explains better.
PLAIN = {"other every time", "argument returned", "always the same", "nothing returned", *SIDE_EFFECTS.values()}
REFUSALS = {"not refused", "refused by another exception", "argument not named"}
PLAIN |= REFUSALS
SPECIFIC = {"off by a size", "places count", "places do not count", "without influence"}
Attempt = Callable[[Evidence], Explanation | None]
FEW = 3  # fewer values than these may agree by chance
SHORT = 70  # a whole result that is no longer than this is shown whole


def explain(evidence: Evidence) -> Explanation:
    """The first explanation that holds."""
    return next(explanation for attempt in ATTEMPTS if (explanation := attempt(evidence)))


def search(evidence: Evidence, explanation: Explanation, seconds: float) -> Explanation:
    """A better explanation than the difference alone, looked for in so many seconds; with 0, only what never varies.

    It is one small change of the reference that behaves the same in every case, or a misconception for some of them.
    """
    if explanation.mistakes or explanation.question in PLAIN:
        return explanation
    until = time.perf_counter() + seconds
    if seconds and (mutant := one_change(evidence, until, lambda see: fits(evidence, see))):
        return _wrong(evidence, mutant=mutant)
    if explanation.question in SPECIFIC:
        return explanation
    return in_some_cases(evidence, until if seconds else math.inf) or explanation


def right(evidence: Evidence) -> Explanation | None:
    """Nothing differs."""
    return None if evidence.wrong else Explanation("correct")


def too_slow(evidence: Evidence) -> Explanation | None:
    """A case ran into its time limit."""
    late = any(o.crash and o.crash.type == "TimeLimit" for o in evidence.observed)
    return Explanation("timed out") if late else None


def as_handed_out(evidence: Evidence) -> Explanation | None:
    """Nothing is right, and all that is wrong is the exception that stands in the place of a solution."""
    failed = [evidence.observed[i].crash for i in evidence.wrong]
    blank = all(crash and crash.type == "NotImplementedError" and not crash.message for crash in failed)
    return Explanation("not attempted") if blank and evidence.points == 0 else None


def known_mistake(evidence: Evidence) -> Explanation | None:
    """A misconception behaves the same in every case."""
    mistakes = evidence.exercise.misconceptions
    found = next((m for m in mistakes if fits(evidence, lambda case, m=m: _seen(evidence, case, m))), None)
    return _wrong(evidence, mistakes=(found,)) if found else None


def other_every_time(evidence: Evidence) -> Explanation | None:
    """The same inputs give another result the next time."""
    case = most_telling(evidence)
    first = evidence.observed[case]
    if (
        not evidence.again
        or evidence.findings[case].kind == "wrong device"
        or first.crash
        or alike([first], [evidence.again(case)], evidence.exercise.tolerance)
    ):
        return None
    return _wrong(evidence, case=case, finding=Finding("other every time"), question="other every time")


def nothing_of_its_own(evidence: Evidence) -> Explanation | None:
    """The result is an argument as it came, or one and the same whatever the arguments are."""
    if evidence.findings[most_telling(evidence)].kind == "wrong device":  # there is nothing in it to compare
        return None
    if name := _argument_returned(evidence):
        return _wrong(
            evidence, finding=Finding("argument returned", parts={"name": name}), question="argument returned"
        )
    _, reference = expected(evidence.exercise, evidence.seed)
    drawn = [i for i, (_, inputs) in enumerate(evidence.cases) if not isinstance(inputs, (Example, Refused))]
    results, wanted = ([_result(seen[i]) for i in drawn] for seen in (evidence.observed, reference))
    if len(_drawn(evidence)) < 2 or any(r is _NOTHING for r in results):
        return None
    tolerance = evidence.exercise.tolerance
    if all(r is None for r in results) and not any(w is None for w in wanted):
        return _wrong(evidence, finding=Finding("nothing returned"), question="nothing returned")
    if not all(same(results[0], r, tolerance) for r in results) or all(same(wanted[0], w, tolerance) for w in wanted):
        return None
    return _wrong(evidence, finding=Finding("always the same", parts={"got": results[0]}), question="always the same")


def only_values(attempt: Attempt) -> Attempt:
    """An attempt that is made only where values are wrong, neither the structure nor the gradients alone."""

    @functools.wraps(attempt)
    def made(evidence: Evidence) -> Explanation | None:
        kind = evidence.findings[most_telling(evidence)].kind
        return None if kind in STRUCTURE | GRADIENTS | PLAIN else attempt(evidence)

    return made


@only_values
def too_large_by_a_size(evidence: Evidence) -> Explanation | None:
    """In every case a number, or all numbers, are too large or too small by the size of an argument's axis."""
    found: set[tuple] | None = None
    for case in _drawn(evidence):
        ratio, sizes = _ratio(evidence.findings[case]), _sizes(evidence.cases[case][1])
        if ratio is None:
            return None
        here = {(name, axis, "larger") for (name, axis), n in sizes.items() if n > 1 and abs(ratio / n - 1) < 1e-4}
        here |= {(name, axis, "smaller") for (name, axis), n in sizes.items() if n > 1 and abs(ratio * n - 1) < 1e-4}
        found = here if found is None else found & here
    if not found:
        return None
    name, number, form = min(found, key=str)
    parts = {"name": name} if number is None else {"name": name, "number": number}
    finding = Finding("off by a size", RESULT, parts, form if number is None else f"{form}, axis")
    return _wrong(evidence, finding=finding, question="off by a size")


@only_values
def without_influence(evidence: Evidence) -> Explanation | None:
    """No gradient reaches an argument or a weight, in no wrong case, although it should."""
    names: set[str] | None = None
    _, reference = expected(evidence.exercise, evidence.seed)
    for case in _drawn(evidence):
        got, wanted = (_gradients(o) for o in (evidence.observed[case], reference[case]))
        if not got or not wanted:
            return None
        lost = {n for n, g in wanted.items() if g is not None and g.any() and (got.get(n) is None or not got[n].any())}
        names = lost if names is None else names & lost
    if not names or len(names) == len(wanted):
        return None
    finding = Finding("without influence", parts={"names": sorted(n.removeprefix("built.") for n in names)})
    return _wrong(evidence, finding=finding, question="without influence")


def two_mistakes(evidence: Evidence) -> Explanation | None:
    """Two misconceptions behave the same together, and each of them has a share in it that can be seen."""
    edits = [m for m in evidence.exercise.misconceptions if m.edits]
    for pair in itertools.islice(itertools.combinations(edits, 2), MOST_PAIRS):
        if time.perf_counter() > evidence.until:
            return None
        if not worth_trying(evidence, pair) or variant(evidence.exercise, *pair) is None:
            continue
        if fits(evidence, lambda case, pair=pair: _seen(evidence, case, *pair)) and each_has_a_share(evidence, pair):
            return _wrong(evidence, mistakes=pair)
    return None


def worth_trying(evidence: Evidence, pair: tuple[Misconception, Misconception]) -> bool:
    """Whether a pair can fit the first wrong case, told from each half alone: one that changes nothing there adds nothing."""
    case, tolerance = evidence.wrong[0], evidence.exercise.tolerance
    reference = expected(evidence.exercise, evidence.seed)[1][case]
    alone = [_seen(evidence, case, mistake) for mistake in pair]
    shown = [not alike([seen], [reference], tolerance) for seen in alone]
    if all(shown):
        return True
    return any(s and alike([seen], [evidence.observed[case]], tolerance) for s, seen in zip(shown, alone, strict=True))


def stopped(evidence: Evidence) -> Explanation | None:
    """An exception stopped the answer in the case that shows what is wrong."""
    crash = evidence.observed[most_telling(evidence)].crash
    if not crash:
        return None
    exercise = evidence.exercise
    attributes = frozenset(re.findall(r"\bself\.(\w+)", exercise.source))
    return _wrong(evidence, "crashed", question=crash_question(crash, exercise.name, attributes))


def in_some_cases(evidence: Evidence, until: float) -> Explanation | None:
    """A misconception behaves the same in all the cases of a group, though not in all that are wrong."""
    best, most = None, 0
    for mistake in evidence.exercise.misconceptions:
        if time.perf_counter() > until:
            break
        unlike = {evidence.cases[i][0] for i in evidence.wrong if not _alike_in(evidence, i, mistake)}
        cases = [i for i in evidence.wrong if evidence.cases[i][0] not in unlike]
        values = sum(_size(_result(evidence.observed[i])) for i in cases)
        if values >= FEW and len(cases) > most:
            best, most = (mistake, tuple(dict.fromkeys(evidence.cases[i][0] for i in cases)), cases[0]), len(cases)
    if best is None:
        return None
    mistake, full, case = best
    return _wrong(evidence, case=case, mistakes=(mistake,), only=full)


@only_values
def wrong_places(evidence: Evidence) -> Explanation | None:
    """By its gradient, the result depends on places of an argument that do not count, or not on some that do."""
    case = most_telling(evidence)
    reference = expected(evidence.exercise, evidence.seed)[1][case]
    found = _gradients(evidence.observed[case])
    for name, wanted in _gradients(reference).items():
        got = found.get(name)
        if wanted is None or got is None or got.shape != wanted.shape or wanted.ndim < 2 or not wanted.any():
            continue
        want, have = wanted.any(dim=-1), got.any(dim=-1)
        extra, missing = have & ~want, want & ~have
        for kind, places in (("places count", extra), ("places do not count", missing)):
            if places.any() and have.any():
                parts = {"name": name.removeprefix("built."), "places": int(places.sum())}
                finding = Finding(kind, parts=parts | {"index": places.nonzero()[0].tolist()})
                return _wrong(evidence, case=case, finding=finding, question=kind)
    return None


def what_differs(evidence: Evidence) -> Explanation:
    """Nothing better than the difference itself."""
    found = evidence.findings[most_telling(evidence)]
    question = f"{found.kind}, {found.form}" if found.form else found.kind
    right_groups = tuple(name for name, earned, points in evidence.groups if earned == points and points)
    return _wrong(evidence, question=question, right_parts=_right_parts(evidence), right_groups=right_groups)


def _right_parts(evidence: Evidence) -> tuple[Place, ...]:
    """Which parts of a tuple or dict of tensors are right, in every case."""
    right: set | None = None
    for got, wanted in zip(evidence.observed, expected(evidence.exercise, evidence.seed)[1], strict=True):
        got, wanted = _result(got), _result(wanted)
        if isinstance(wanted, dict) and isinstance(got, dict):
            pairs = [(Key(key), got.get(key), wanted[key]) for key in wanted]
        elif isinstance(wanted, (tuple, list)) and isinstance(got, (tuple, list)) and len(got) == len(wanted) <= 4:
            pairs = [(Item(i, len(wanted)), g, w) for i, (g, w) in enumerate(zip(got, wanted, strict=True))]
        else:
            return ()
        if not any(isinstance(w, Tensor) for _, _, w in pairs):
            return ()
        same_here = {step for step, g, w in pairs if same(w, g, evidence.exercise.tolerance)}
        right = same_here if right is None else right & same_here
    return tuple(RESULT.down(step) for step in sorted(right or (), key=repr))


ATTEMPTS = (
    right, too_slow, as_handed_out, known_mistake, other_every_time, nothing_of_its_own, two_mistakes, stopped,
    too_large_by_a_size, wrong_places, without_influence, what_differs,
)  # fmt: skip


def fits(evidence: Evidence, see: Callable[[int], Observation]) -> bool:
    """Whether what is seen case by case is what was observed; the first case that differs ends it, wrong cases first."""
    wrong = evidence.wrong
    order = [*wrong, *(i for i in range(len(evidence.cases)) if i not in wrong)]
    return all(alike([see(i)], [evidence.observed[i]], evidence.exercise.tolerance) for i in order)


def each_has_a_share(evidence: Evidence, pair: tuple[Misconception, Misconception]) -> bool:
    """Whether without either of two mistakes another result would come out, and neither hides where the other shows.

    Where one only changes what the other has made meaningless, or takes back what it does, the two would explain what
    has a cause of its own.
    """
    tolerance = evidence.exercise.tolerance
    _, reference = expected(evidence.exercise, evidence.seed)

    def results_alike(a: Observation, b: Observation) -> bool:
        return not (a.crash or b.crash) and same(_result(a), _result(b), tolerance)

    for mistake in pair:
        alone = [_seen(evidence, case, mistake) for case in range(len(evidence.cases))]
        if all(map(results_alike, alone, evidence.observed)):
            return False
        others = set(range(len(alone))) - set(evidence.wrong)
        if not all(alike([alone[case]], [reference[case]], tolerance) for case in others):
            return False
    return True


def most_telling(evidence: Evidence) -> int:
    """The wrong case that teaches most: structure, then values, gradients, refusals; more than one number."""

    def rank(case: int) -> tuple:
        kind = evidence.findings[case].kind
        level = 0 if kind in STRUCTURE else 2 if kind in GRADIENTS else 3 if kind in REFUSALS else 1
        group = list(evidence.exercise.groups).index(evidence.cases[case][0])
        wanted = expected(evidence.exercise, evidence.seed)[1][case]
        small = min(_size(_result(evidence.observed[case])), _size(_result(wanted))) < 2
        return level, small, group, size_of(evidence.cases[case][1]), case

    return min(evidence.wrong, key=rank)


def size_of(value: Any) -> int:
    """How much there is to read in a value."""
    if isinstance(value, dict):
        return sum(map(size_of, value.values()))
    if isinstance(value, (list, tuple)):
        return 1 + sum(map(size_of, value))
    return value.numel() if isinstance(value, Tensor) else len(value) if isinstance(value, (str, bytes)) else 1


def _ratio(finding: Finding) -> float | None:
    """By which factor the result differs, if it is one number or all of them differ by the same."""
    if finding.place != RESULT:
        return None
    if finding.kind == "scaled by a constant" and not finding.form:
        return finding.parts["scale"]
    got, wanted = finding.parts.get("got"), finding.parts.get("expected")
    is_number = finding.form in ("whole", "number") and isinstance(got, float) and isinstance(wanted, float)
    return got / wanted if is_number and got and wanted else None


def _gradients(observation: Observation) -> dict[str, Tensor | None]:
    return observation.outputs.get("gradients", {}) if isinstance(observation.outputs, dict) else {}


def _drawn(evidence: Evidence) -> list[int]:
    """The wrong cases that are drawn, and no promise of the docstring."""
    return [i for i in evidence.wrong if not isinstance(evidence.cases[i][1], (Example, Refused))]


def _sizes(inputs: dict) -> dict[tuple[str, int | None], int]:
    """The sizes of all axes of the arguments, and how many values there are."""
    given = inputs["inputs"] if isinstance(inputs.get("inputs"), dict) else inputs
    sizes = {}
    for name, value in given.items():
        if isinstance(value, Tensor):
            sizes |= {(name, axis): n for axis, n in enumerate(value.shape)} | {(name, None): value.numel()}
        elif isinstance(value, (list, str, bytes)):
            sizes[name, None] = len(value)
    return sizes


_NOTHING = object()


def _result(observation: Observation) -> Any:
    """The result of a probe's report."""
    outputs = observation.outputs
    if observation.crash:
        return _NOTHING
    return outputs["result"] if isinstance(outputs, dict) and "result" in outputs else outputs


def _size(result: Any) -> int:
    return 0 if result is _NOTHING else size_of(result)


def _seen(evidence: Evidence, case: int, *mistakes: Misconception) -> Observation:
    return with_mistakes(evidence.exercise, evidence.seed, case, *mistakes)


def _alike_in(evidence: Evidence, case: int, mistake: Misconception) -> bool:
    """Whether a mistake gives in a case what was observed there."""
    return alike([_seen(evidence, case, mistake)], [evidence.observed[case]], evidence.exercise.tolerance)


def _argument_returned(evidence: Evidence) -> str | None:
    """The name of the argument that comes back unchanged in every wrong case."""
    names: set[str] | None = None
    for case in _drawn(evidence):
        inputs = evidence.cases[case][1]
        inputs = inputs["inputs"] if isinstance(inputs.get("inputs"), dict) else inputs
        result = _result(evidence.observed[case])
        if result is _NOTHING or _size(result) < 2:
            return None
        back = {name for name, value in inputs.items() if same(value, result, evidence.exercise.tolerance)}
        names = back if names is None else names & back
    return min(names) if names else None


def _whole(evidence: Evidence, case: int, finding: Finding) -> Finding:
    """A short result of words and numbers whole, rather than the place where it differs first."""
    if finding.kind not in ("wrong values", "wrong number of items") or finding.place.root != "result":
        return finding
    got = _result(evidence.observed[case])
    wanted = _result(expected(evidence.exercise, evidence.seed)[1][case])
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


def _wrong(evidence: Evidence, outcome: str = "wrong", case: int | None = None, **more: Any) -> Explanation:
    """An explanation with the case that shows it."""
    case = most_telling(evidence) if case is None else case
    group, inputs = evidence.cases[case]
    seen = {"finding": _whole(evidence, case, evidence.findings[case])} | more
    crash = evidence.observed[case].crash
    return Explanation(outcome, case, group, crash=crash, inputs=inputs, **seen)
