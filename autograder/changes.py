"""Look for one small change of the reference that behaves as the answer does: what is left where no misconception fits."""

import contextlib
import functools
import time
import warnings
from collections.abc import Callable

from autograder.evidence import Evidence, Observation
from autograder.exercise import Exercise
from autograder.mutants import Mutant, mutants, rules
from autograder.reading import GRADIENTS
from autograder.source import without_docstrings
from autograder.subject import Live, observe

#: The rules that make a change, those for slips that students make most first.
LIKELIEST = (
    rules.operands, rules.call, rules.repeated, rules.neighbour, rules.unpacked, rules.complement, rules.applied,
    rules.twice, rules.activation, rules.statement, rules.reordered, rules.distributed, rules.axis,
    rules.comparison, rules.operator, rules.slice_, rules.constant, rules.arguments, rules.transpose, rules.keyword,
    rules.negation, rules.pattern, rules.number, rules.weighted, rules.name,
)  # fmt: skip
SECONDS = 0.5  # for one case


def one_change(evidence: Evidence, until: float, fits: Callable[[Callable[[int], Observation]], bool]) -> Mutant | None:
    """The likeliest mutant of the reference that fits, as far as the time goes."""
    gradients_only = all(evidence.findings[i].kind in GRADIENTS for i in evidence.wrong)
    for rule in (rules.detach,) if gradients_only else LIKELIEST:
        if time.perf_counter() > until:
            return None
        for mutant in changes(evidence.exercise, rule):
            if time.perf_counter() > until:
                return None
            with contextlib.suppress(Exception), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Python warns of what cannot work, such as calling a number
                answer = evidence.exercise.execute(mutant.source, mutant.id)
                if fits(functools.partial(_observe, evidence, Live(answer))):
                    return mutant
    return None


@functools.lru_cache(maxsize=256)
def changes(exercise: Exercise, rule: rules.Rule) -> list[Mutant]:
    """The mutants of an exercise's reference that a rule makes."""
    return mutants(without_docstrings(exercise.source), exercise.blanks, [rule])


def _observe(evidence: Evidence, answer: Live, case: int) -> Observation:
    seconds = min(SECONDS, evidence.exercise.seconds)
    return observe(answer, evidence.exercise, evidence.cases[case][1], seconds)
