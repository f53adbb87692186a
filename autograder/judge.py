"""The single judgement: what an answer is worth, and which mistake it holds.

The same `judge` decides in a student's notebook, in the tests and in official grading. It is pure: the same exercise,
answer and seed give the same verdict. An answer is a live object, or any subject that can `observe` a probe.
"""

import functools
import itertools
import pydoc
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograder.chapters import modules_from
from autograder.compare import Finding, compare, same
from autograder.exercise import Exercise, Misconception
from autograder.exercises import chapter_of, find_exercise
from autograder.forbid import find_forbidden
from autograder.subject import Crash, Live, Observation

VISIBLE_SEED = 2026
MOST_PAIRS = 120


@dataclass(frozen=True)
class Verdict:
    """What the judge says of one answer.

    `outcome` is "correct", "wrong", "crashed", "not attempted", "timed out" or "forbidden". `diagnosis` is the name
    of a misconception, or the kind of a generic finding, or None. `message` is for the student; `groups` has a row
    (name, points earned, points) for each group of cases. `diagnosis`, `hint`, `crash.type` and `crash.line` say
    nothing of the inputs; `message` and the rest of `crash` may.
    """

    exercise: str
    outcome: str
    points: float
    max_points: float
    message: str
    diagnosis: str | None = None
    hint: str | None = None
    groups: tuple[tuple[str, float, float], ...] = ()
    crash: Crash | None = None
    carried: tuple[str, ...] = ()


def judge(exercise: Exercise, answer: Any, seed: int | None = None, *, allow_library: bool = True) -> Verdict:
    """The verdict on an answer: a live object, or a stand-in with `observe`, `using` and `names_used`.

    The cases are drawn from `seed`; without one they are those that students see. With `allow_library=False` an
    answer that is, or calls, the library's own object of this chapter or a later one is forbidden.

    >>> from autograder.exercises import find_exercise
    >>> exercise = find_exercise("clip_gradients")
    >>> judge(exercise, exercise.reference).outcome
    'correct'
    >>> judge(exercise, lambda gradients, max_norm: gradients).diagnosis
    'nothing is clipped'
    """
    seed = VISIBLE_SEED if seed is None else seed
    if answer is None or isinstance(answer, NotDefined):
        return _zero(exercise, "not attempted", str(answer or f"{exercise.name} has no answer yet."))
    subject = answer if hasattr(answer, "observe") else Live(answer)
    if name := _forbidden(exercise, subject, allow_library):
        return _zero(exercise, "forbidden", f"Your answer uses {name}. Here the point is to write it yourself.")
    verdict = _judge_as_it_is(exercise, subject, seed)
    if exercise.uses and verdict.outcome != "correct":  # a blank that it calls makes it look like a blank, too
        with subject.using({name: find_exercise(name).reference for name in exercise.uses}):
            carried = _judge_as_it_is(exercise, subject, seed, carried=exercise.uses)
        if _worth(exercise, carried) > _worth(exercise, verdict):
            return carried
    return verdict


def _worth(exercise: Exercise, verdict: Verdict) -> tuple[float, bool]:
    """Which of two verdicts to tell: the one with more points, or else the one that names the mistake."""
    return verdict.points, any(m.name in (verdict.diagnosis or "") for m in exercise.misconceptions)


class NotDefined:
    """Stands for an answer that does not exist yet, so that checking it can say why."""

    def __init__(self, name: str):
        self.name = name

    def __repr__(self) -> str:
        return (
            f"{self.name} does not exist yet. Either its cell has not been run, or Python could not read it "
            "(a syntax error): run the cell above and look at what it says."
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(str(self))


def _zero(exercise: Exercise, outcome: str, message: str) -> Verdict:
    groups = tuple((group, 0.0, points) for group, points in exercise.groups.items())
    return Verdict(exercise.name, outcome, 0, exercise.points, message, groups=groups)


def _forbidden(exercise: Exercise, subject: Any, allow_library: bool) -> str | None:
    forbids = [name for dotted in exercise.forbids for name in (dotted, _home(dotted))]
    if not allow_library:
        library = modules_from(chapter_of(exercise))
        if isinstance(subject, Live) and (home := getattr(subject.answer, "__module__", None)) in library:
            return f"{home}.{exercise.name} of the library itself"
        forbids += library
    return find_forbidden(subject.names_used(), forbids) if forbids and not _is_reference(exercise, subject) else None


@functools.cache
def _home(dotted: str) -> str:
    """The name of a library call in the module that defines it: there may be several names for one thing."""
    target = pydoc.locate(dotted)
    return f"{getattr(target, '__module__', None)}.{getattr(target, '__qualname__', None)}"


def _is_reference(exercise: Exercise, subject: Any) -> bool:
    return isinstance(subject, Live) and subject.answer is exercise.reference


def _judge_as_it_is(exercise: Exercise, subject: Any, seed: int, carried: tuple[str, ...] = ()) -> Verdict:
    cases, expected = _expected(exercise, seed)
    observed = []
    for _, inputs in cases:
        observed.append(subject.observe(exercise.probe, inputs, exercise.seconds))
        if observed[-1].crash and observed[-1].crash.type == "TimeLimit":
            break  # what hangs once may hang in every case
    missing = Observation(crash=Crash("TimeLimit", f"still running after {exercise.seconds:g} s"))
    observed += [missing] * (len(cases) - len(observed))
    findings = [_difference(exercise, e, o) for e, o in zip(expected, observed, strict=True)]

    wrong_groups = {group for (group, _), finding in zip(cases, findings, strict=True) if finding}
    groups = tuple((g, 0.0 if g in wrong_groups else float(p), float(p)) for g, p in exercise.groups.items())
    points = round(sum(earned for _, earned, _ in groups), 2)
    first = next((i for i, finding in enumerate(findings) if finding), None)

    def verdict(outcome: str, message: str, **details: Any) -> Verdict:
        if carried:
            names = " and ".join(carried)
            message += f" (Judged with the library's {names} in the place of yours, which is not right yet.)"
        facts = {"groups": groups, "carried": carried, **details}
        return Verdict(exercise.name, outcome, points, exercise.points, message, **facts)

    if first is None:
        return verdict("correct", "Right in every case.")
    crashes = [o.crash for o in observed if o.crash]
    if any(crash.type == "TimeLimit" for crash in crashes):
        limit = f"{exercise.seconds:g} s"
        return verdict("timed out", f"Your answer was still running after {limit}. Which loop might never end?")
    failed = [o.crash for o, finding in zip(observed, findings, strict=True) if finding]
    blank = all(crash and crash.type == "NotImplementedError" and not crash.message for crash in failed)
    if blank and points == 0:
        return _zero(exercise, "not attempted", "Still as it was handed out: replace `raise NotImplementedError()`.")
    group, finding, crash = cases[first][0], findings[first], observed[first].crash
    seen = f"In the case “{group}”: {_sentence(finding.details)}"
    if mistakes := diagnose(exercise, seed, observed):
        name = " + ".join(m.name for m in mistakes)
        hint = " ".join(m.hint for m in mistakes)
        message = f"{seen} This is what comes out when {' and '.join(m.name for m in mistakes)}. {hint}"
        return verdict("wrong", message, diagnosis=name, hint=hint, crash=crash)
    if crash:
        question = next((q for pattern, q in CRASH_HINTS if re.search(pattern, f"{crash.type}: {crash.message}")), "")
        return verdict("crashed", f"{seen} {question}\n{crash.traceback}", hint=question or None, crash=crash)
    question = GENERIC_HINTS.get(finding.kind, "Try the case by hand, with small numbers: which value differs first?")
    return verdict("wrong", f"{seen} {question}", diagnosis=finding.kind, hint=question)


GENERIC_HINTS = {
    "transposed": "Which axis should come first?",
    "axes permuted": "Which axis is which? Write the name of each axis beside the line that makes the result.",
    "wrong shape": "Write down the shape after each line: where does it stop being what you meant?",
    "scaled by a constant": "Where could such a factor come from: a division left out, a sum instead of a mean?",
    "reversed": "In which order does your loop go, and in which order do you collect what it makes?",
    "shifted by one step": "Is each value stored at the step it belongs to, or at its neighbour's?",
    "right until some step": "What changes at that step: a length, a boundary, a value carried on from the step before?",
    "NaN": "Which line could divide zero by zero, or take infinity minus infinity?",
    "infinite": "Which line could divide by zero, or take the logarithm of zero?",
    "wrong dtype": "Which line changes the dtype?",
    "wrong type": "What does your function return, and what does its signature promise?",
    "inputs modified": "Which line writes into an argument? The caller still needs it: make a new tensor instead.",
    "wrong gradients": "What changes only the way back: `.detach()`, `.data`, `.item()`, `no_grad`, writing in place?",
    "gradient missing": "Which line cuts the result off from its inputs: `.detach()`, `.item()`, `torch.tensor(…)`, `no_grad`?",
}


CRASH_HINTS = (
    (
        "shapes cannot be multiplied|size mismatch|must match",
        "Write the shape under each operand: which two axes meet?",
    ),
    ("out of (range|bounds)", "How long is the axis you index, and does your loop run over just that axis?"),
    ("must be size|expected.* size|Expected target", "Which shape does that function want, and which do you give it?"),
    ("^NameError", "Is the name spelt as in the signature? A name from another cell: has that cell been run?"),
    ("missing .* argument|unexpected keyword", "Compare your signature with the one you were given: what changed?"),
    (
        "not subscriptable|has no attribute|unsupported operand",
        "What is that value at this line: a tensor, a list, None?",
    ),
    ("same dtype|Float.*Double|Long", "Which of the two tensors has a dtype that the other has not?"),
)


def diagnose(exercise: Exercise, seed: int, observed: Sequence[Observation]) -> tuple[Misconception, ...]:
    """The misconception that behaves the same in every case, or the pair of them, or nothing."""
    for misconception in exercise.misconceptions:
        if _same(exercise, _behaviour(exercise, seed, misconception), observed):
            return (misconception,)
    edits = [m for m in exercise.misconceptions if m.edits]
    for pair in itertools.islice(itertools.combinations(edits, 2), MOST_PAIRS):
        behaviour = _behaviour(exercise, seed, *pair)
        if behaviour and _same(exercise, behaviour, observed):
            return pair
    return ()


@functools.lru_cache(maxsize=256)
def _expected_cached(name: str, seed: int) -> tuple[list, list[Observation]]:
    exercise = find_exercise(name)
    cases = exercise.cases(seed)
    reference = Live(exercise.reference)
    observations = [reference.observe(exercise.probe, inputs, 60) for _, inputs in cases]
    if crash := next((o.crash for o in observations if o.crash), None):
        raise RuntimeError(f"the reference of {name} crashed on its own inputs (seed {seed}):\n{crash.traceback}")
    return cases, observations


def _expected(exercise: Exercise, seed: int) -> tuple[list, list[Observation]]:
    """The cases and what the reference makes of them."""
    return _expected_cached(exercise.name, seed)


@functools.lru_cache(maxsize=4096)
def _behaviour_cached(name: str, seed: int, ids: tuple[str, ...]) -> tuple[Observation, ...]:
    exercise = find_exercise(name)
    by_id = {m.id: m for m in exercise.misconceptions}
    try:
        wrong = exercise.variant(*(by_id[i] for i in ids))
    except (ValueError, SyntaxError):
        if len(ids) == 1:
            raise
        return ()  # two edits of the same place do not go together
    subject, (cases, _) = Live(wrong), _expected(exercise, seed)
    return tuple(subject.observe(exercise.probe, inputs, exercise.seconds) for _, inputs in cases)


def _behaviour(exercise: Exercise, seed: int, *misconceptions: Misconception) -> tuple[Observation, ...]:
    """What comes out with these misconceptions, case by case."""
    return _behaviour_cached(exercise.name, seed, tuple(m.id for m in misconceptions))


def _same(exercise: Exercise, behaviour: Sequence[Observation], observed: Sequence[Observation]) -> bool:
    for b, o in zip(behaviour, observed, strict=True):
        if b.crash or o.crash:
            if not (b.crash and o.crash and b.crash.same_as(o.crash)):
                return False
        elif not same(b.outputs, o.outputs, exercise.tolerance):
            return False
    return True


def _difference(exercise: Exercise, expected: Observation, observed: Observation) -> Finding | None:
    """What an observation has that the reference's has not, in words a student knows."""
    if crash := observed.crash:
        where = f" in line {crash.line} of your code" if crash.line else ""
        return Finding("crash", "your answer", f"your answer stopped with {crash.type}{where}: {crash.message}.")
    e, o = expected.outputs, observed.outputs
    if not (isinstance(e, dict) and "result" in e):
        return compare(e, o, exercise.tolerance)
    if finding := compare(e["result"], o["result"], exercise.tolerance):
        return finding
    if changed := [name for name in o["modified"] if name not in e["modified"]]:
        return Finding("inputs modified", "the inputs", f"your answer changed its argument {changed[0]}.")
    for name, gradient in e.get("gradients", {}).items():
        where, got = f"the gradient with respect to {name}", o["gradients"][name]
        if gradient is None or got is None:
            present = gradient if got is None else got
            if present is None or not present.any():  # what does not depend on an input has a gradient of zero
                continue
        if gradient is not None and got is None:
            return Finding("gradient missing", where, f"the values are right, but {where} is missing.")
        if finding := compare(gradient, got, exercise.tolerance, where):
            details = f"the values are right, but not the gradients: {finding.details}"
            return Finding("wrong gradients", where, details)
    rest = {key: value for key, value in e.items() if key not in ("result", "gradients", "modified")}
    return compare(rest, {key: o.get(key) for key in rest}, exercise.tolerance, "what came out")


def _sentence(text: str) -> str:
    text = text[0].upper() + text[1:]
    return text.replace("..", ".") if text.endswith("..") else text
