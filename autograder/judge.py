"""The single judgement: what an answer is worth, and which mistake it holds.

An answer walks one way: it is observed (`subject`), what differs is found over all cases (`compare`), the best
explanation is chosen (`diagnosis`) and put into words (`wording`). The same walk decides in a student's notebook, in
the tests and in official grading. It is pure: the same exercise, answer and seed give the same verdict. An answer is
a live object, or any subject that can `observe` a probe.
"""

import math
import time
from collections.abc import Collection
from typing import Any

from autograder import wording
from autograder.axes import axes_of
from autograder.behaviour import expected
from autograder.chapters import modules_from
from autograder.compare import differences
from autograder.diagnosis import explain, search
from autograder.evidence import Evidence, Explanation, Observation, Place
from autograder.exercise import Exercise, Inputs
from autograder.exercises import chapter_of, find_exercise
from autograder.forbid import find_forbidden, with_homes
from autograder.subject import Live, NotDefined, observe, observe_all
from autograder.trying import SECONDS
from autograder.verdict import Verdict
from autograder.watch import HIDING
from autograder.wording import say

VISIBLE_SEED = 2026
PATIENCE = 1.0


def judge(
    exercise: Exercise,
    answer: Any,
    seed: int | None = None,
    *,
    allow_library: bool = True,
    patience: float = PATIENCE,
    right: Collection[str] | None = None,
) -> Verdict:
    """The verdict on an answer: a live object, or a stand-in with `observe`, `using` and `names_used`.

    The cases are drawn from `seed`; without one they are those that students see. With `allow_library=False` an
    answer that is, or calls, the library's own object of this chapter or a later one is forbidden. What no
    misconception explains is compared with pairs of them, and then with small changes of the reference, each for at
    most `patience` seconds: how far that goes depends on the machine, but never the points. With 0 all pairs are tried
    and no changes, and the verdict is the same everywhere. Where it is known of which exercises the answers are `right`,
    a mistake that has a name is not one of theirs, and what calls others begins beside the library's.

    >>> from autograder.exercises import find_exercise
    >>> exercise = find_exercise("clip_gradients")
    >>> judge(exercise, exercise.reference).outcome
    'correct'
    >>> judge(exercise, lambda gradients, max_norm: gradients).diagnosis
    'nothing is clipped'
    """
    if answer is None:
        return _nothing(exercise, "not attempted", say("no answer", name=exercise.name))
    if isinstance(answer, NotDefined):
        return _nothing(exercise, "not attempted", str(answer))
    subject = answer if hasattr(answer, "observe") else Live(answer, with_homes(exercise.forbids))
    if reason := _forbidden(exercise, subject, allow_library):
        return _nothing(exercise, "forbidden", reason)
    evidence, explanation, carried = _walk(exercise, subject, VISIBLE_SEED if seed is None else seed, patience, right)
    if evidence.called:
        name = evidence.called[0]
        hides = name in HIDING.values()
        return _nothing(exercise, "forbidden", say("hiding", name=name) if hides else say("forbidden", name=name))
    if explanation.outcome == "not attempted":
        return _nothing(exercise, "not attempted", wording.message(explanation, exercise.seconds))
    message = wording.message(explanation, exercise.seconds, exercise.name)
    if carried:
        text, line, trace = message.partition("\n")
        message = f"{text} {say('carried', names=wording.listed(carried))}{line}{trace}"
    return Verdict(
        exercise.name,
        explanation.outcome,
        evidence.points,
        exercise.points,
        message,
        diagnosis=explanation.diagnosis,
        hint=wording.hint(explanation),
        mutant=explanation.mutant and explanation.mutant.id,
        shown=wording.case(explanation),
        groups=evidence.groups,
        crash=explanation.crash,
        carried=carried,
    )


def _walk(
    exercise: Exercise, subject: Any, seed: int, patience: float, right: Collection[str] | None
) -> tuple[Evidence, Explanation, tuple[str, ...]]:
    """What is known of an answer and the best explanation of it; with names, if it was judged with the library's.

    What calls an earlier answer that is wrong is judged on its own merit: with the reference in the earlier one's
    place, if that is worth more, or else names the mistake. Where earlier answers are known to be wrong that comes
    first, for with them it may never end.
    """
    until = time.perf_counter() + patience if patience else math.inf
    beside: tuple[Evidence, Explanation] | None = None
    earlier_right = right is not None and set(exercise.uses) <= set(right)

    def beside_the_library() -> tuple[Evidence, Explanation]:
        with subject.using({name: find_exercise(name).reference for name in exercise.uses}):
            return _explained(exercise, subject, seed, until)

    if right is not None and not earlier_right:
        beside = beside_the_library()
        if beside[1].outcome == "correct":
            return *beside, exercise.uses
    evidence, explanation = _explained(exercise, subject, seed, until)
    carried: tuple[str, ...] = ()
    its_own = explanation.outcome == "correct" or (earlier_right and explanation.whole)
    if exercise.uses and not its_own:  # a blank that it calls makes it look like a blank, too
        other, better = beside or beside_the_library()
        if (other.points, bool(better.mistakes)) > (evidence.points, bool(explanation.mistakes)):
            evidence, explanation, carried = other, better, exercise.uses
    if explanation.outcome == "wrong":
        explanation = search(evidence, explanation, patience)
    return evidence, explanation, carried


def _explained(exercise: Exercise, subject: Any, seed: int, until: float) -> tuple[Evidence, Explanation]:
    """Observe, find, choose; where time is limited, in a notebook, a case may be observed a second time."""
    cases, right = expected(exercise, seed)
    observed = observe_all(subject, exercise, cases)
    findings = differences(right, observed, exercise.tolerance, Place(axes=axes_of(exercise)))

    def again(case: int) -> Observation:
        return observe(subject, exercise, cases[case][1])

    def given(inputs: Inputs) -> Observation:
        return observe(subject, exercise, inputs, min(exercise.seconds, SECONDS))

    more = (again, until, given) if until < math.inf else ()
    evidence = Evidence(exercise, seed, cases, observed, findings, *more)
    return evidence, explain(evidence)


def _forbidden(exercise: Exercise, subject: Any, allow_library: bool) -> str | None:
    """Why an answer may not be what it is, if so: it is, or uses, what would make the exercise trivial."""
    answer, forbids = subject.answer if isinstance(subject, Live) else None, [*with_homes(exercise.forbids)]
    if allow_library:
        if answer is exercise.reference:
            return None
    else:
        library = {*modules_from(chapter_of(exercise)), exercise.module.__name__}
        if (home := getattr(answer, "__module__", None)) in library:
            return say("the library's own", name=f"{home}.{exercise.name}")
        forbids += library
    name = find_forbidden(subject.names_used(), forbids) if forbids else None
    return name and say("forbidden", name=name)


def _nothing(exercise: Exercise, outcome: str, message: str) -> Verdict:
    """No points, without a look at any case."""
    groups = tuple((group, 0.0, points) for group, points in exercise.groups.items())
    return Verdict(exercise.name, outcome, 0, exercise.points, message, groups=groups)
