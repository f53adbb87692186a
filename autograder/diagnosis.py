"""Choose the best explanation of what was found: the first that holds, from the surest to the most general.

An answer may be right, too slow, or still as it was handed out. Else a misconception that behaves the same in every
case explains it, or two of them that each have a share in it; else the exception that stopped it, or one small change
of the reference, or a misconception for some of the cases; else the kind of difference alone, with what other inputs
show, or what the wrong cases have in common.
"""

import itertools
import math
import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from autograder.behaviour import expected, variant
from autograder.changes import one_change
from autograder.compare import alike
from autograder.contrast import contrast
from autograder.crashes import crash_question
from autograder.evidence import Evidence, Explanation, Observation
from autograder.exercise import Misconception
from autograder.partly import mistake_in_some_parts
from autograder.promises import Refused
from autograder.reading import alike_in, most_telling, result_of, tried, values_in, wrong_because
from autograder.symptoms import (
    PLAIN,
    SPECIFIC,
    nothing_of_its_own,
    other_every_time,
    too_large_by_a_size,
    what_differs,
    without_influence,
    wrong_places,
)
from autograder.throughout import (
    nearly_right_throughout,
    off_by_a_number,
    same_factor_or_distance,
    size_from_the_values,
    too_much_throughout,
)
from autograder.tolerance import same
from autograder.trying import tried_otherwise

MOST_PAIRS = 120
SHARE_FOR_TRIALS = 0.6  # of the time for a search
FEW = 3  # fewer values than these may agree by chance
MANY = 12  # so many may be alike, as where a mask has only two values
VAGUE = {"wrong values", "wrong values, all", "wrong values, whole", "wrong number of items", "wrong truth", "not zero, and more"}
VAGUE |= {"nearly right", "nearly right throughout", "scaled by a constant", "stretched and moved", "in other places", "NaN"}
VAGUE |= {"wrong truth, too often", "wrong truth, too seldom", "right until some step", "a function of, number", "infinite"}
SHAPES_OF_ONE = {"wrong shape, axis of one lost", "wrong shape, axis of one added"}  # mistakes look alike where sizes are one


def explain(evidence: Evidence) -> Explanation:
    """The first explanation that holds."""
    return next(explanation for attempt in ATTEMPTS if (explanation := attempt(evidence)))


def search(evidence: Evidence, explanation: Explanation, seconds: float) -> Explanation:
    """A better explanation than the difference alone, looked for in so many seconds; with 0, only what never varies.

    It is one small change of the reference that behaves the same in every case, or a misconception for some of them.
    """
    if explanation.mistakes or explanation.question in PLAIN:
        return explanation
    start = time.perf_counter()
    found = None
    if explanation.question not in SHAPES_OF_ONE:
        found = in_some_cases(evidence, start + seconds / 2 if seconds else math.inf)
    if seconds and (mutant := one_change(evidence, start + seconds, lambda see: fits(evidence, see))):
        return wrong_because(evidence, mutant=mutant)
    if found and (found.right_elsewhere or explanation.question not in SPECIFIC):
        return found
    if explanation.question in VAGUE:
        return with_clue(evidence, explanation, seconds)
    return explanation


def with_clue(evidence: Evidence, explanation: Explanation, seconds: float) -> Explanation:
    """The explanation with what other inputs show or, if that is nothing, with what the wrong cases have in common."""
    until = time.perf_counter() + SHARE_FOR_TRIALS * seconds
    found = tried_otherwise(evidence, until) if seconds else None
    case, clue = found or (explanation.case, None)
    hides = not clue or clue.kind == "right if"  # what tells the cases apart tells more than what hides the mistake
    if hides and (common := contrast(evidence)):
        return replace(explanation, clue=common)
    if not clue:
        return replace(explanation, clue=too_much_throughout(evidence))
    if case == explanation.case:
        return replace(explanation, clue=clue)
    return wrong_because(evidence, case=case, question=explanation.question, clue=clue)


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
    """A misconception behaves the same in every case; or, where a result is wrong, in all but what is to be refused."""
    mistakes = evidence.exercise.misconceptions
    found = next((m for m in mistakes if fits(evidence, lambda case, m=m: tried(evidence, case, m))), None)
    refused = {i for i, (_, inputs) in enumerate(evidence.cases) if isinstance(inputs, Refused)}
    if not found and not refused.issuperset(evidence.wrong) and not refused.isdisjoint(evidence.wrong):
        found = next((m for m in mistakes if fits(evidence, lambda case, m=m: tried(evidence, case, m), refused)), None)
    return wrong_because(evidence, mistakes=(found,)) if found else None


def two_mistakes(evidence: Evidence) -> Explanation | None:
    """Two misconceptions behave the same together, and each of them has a share in it that can be seen."""
    edits = [m for m in evidence.exercise.misconceptions if m.edits]
    usual = list({m.id: m for m in reversed(edits)}.values())[::-1]  # the first form of each before the others
    others = itertools.product((m for m in edits if m not in usual), usual)
    pairs = itertools.chain(itertools.combinations(usual, 2), (pair for pair in others if pair[0].id != pair[1].id))
    pairs = (pair for pair in pairs if worth_trying(evidence, pair))
    for pair in itertools.islice(pairs, MOST_PAIRS):
        if time.perf_counter() > evidence.until:
            return None
        if variant(evidence.exercise, *pair) is None:
            continue
        if fits(evidence, lambda case, pair=pair: tried(evidence, case, *pair)) and each_has_a_share(evidence, pair):
            return wrong_because(evidence, mistakes=pair)
    return None


def worth_trying(evidence: Evidence, pair: tuple[Misconception, Misconception]) -> bool:
    """Whether a pair may fit, told from each half alone: both show in the first wrong case, or one alone explains a case.

    When the time for pairs is over, none is worth it.
    """
    if time.perf_counter() > evidence.until:
        return False
    tolerance = evidence.exercise.tolerance
    _, reference = expected(evidence.exercise, evidence.seed)

    def shows(mistake: Misconception, case: int) -> bool:
        return not alike([tried(evidence, case, mistake)], [reference[case]], tolerance)

    if all(shows(mistake, evidence.wrong[0]) for mistake in pair):
        return True
    return any(alike_in(evidence, case, mistake) for case in evidence.wrong for mistake in pair)


def stopped(evidence: Evidence) -> Explanation | None:
    """An exception stopped the answer in the case that shows what is wrong."""
    crash = evidence.observed[most_telling(evidence)].crash
    if not crash:
        return None
    exercise = evidence.exercise
    attributes = frozenset(re.findall(r"\bself\.(\w+)", exercise.source))
    return wrong_because(evidence, "crashed", question=crash_question(crash, exercise.name, attributes))


def in_some_cases(evidence: Evidence, until: float) -> Explanation | None:
    """A misconception behaves the same in all the cases of a group, or in most of the wrong cases, though not in all."""
    explained: dict[Misconception, list[int]] = {}
    first = evidence.wrong[0]  # where `known_mistake` has tried them all
    for mistake in sorted(evidence.exercise.misconceptions, key=lambda m: not alike_in(evidence, first, m)):
        if time.perf_counter() > until:
            break
        explained[mistake] = [i for i in evidence.wrong if alike_in(evidence, i, mistake)]
    return _in_whole_groups(evidence, explained) or _in_most_cases(evidence, explained)


def _in_whole_groups(evidence: Evidence, explained: Mapping[Misconception, list[int]]) -> Explanation | None:
    """The misconception that explains most among those that explain all that is wrong in a group."""
    best, most = None, []
    for mistake, alike_there in explained.items():
        unlike = {evidence.cases[i][0] for i in evidence.wrong if i not in alike_there}
        cases = [i for i in alike_there if evidence.cases[i][0] not in unlike]
        if _tell_enough(evidence, cases) and len(cases) > len(most):
            best, most = mistake, cases
    if best is None:
        return None
    groups, everywhere = tuple(dict.fromkeys(evidence.cases[i][0] for i in most)), most == evidence.wrong
    return wrong_because(evidence, case=most[0], mistakes=(best,), only=groups, right_elsewhere=everywhere)


def _in_most_cases(evidence: Evidence, explained: Mapping[Misconception, list[int]]) -> Explanation | None:
    """The misconception that explains two thirds of the wrong cases or more, and more of them than any other."""
    if not explained:
        return None
    ranked = sorted(explained, key=lambda mistake: len(explained[mistake]), reverse=True)
    cases, second = (explained[mistake] for mistake in (*ranked, ranked[0])[:2])
    of = len(evidence.wrong)
    if 3 * len(cases) < 2 * of or (len(ranked) > 1 and len(second) == len(cases)) or not _tell_enough(evidence, cases):
        return None
    case = most_telling(evidence, cases)
    return wrong_because(evidence, case=case, mistakes=(ranked[0],), most=(len(cases), of))


def _tell_enough(evidence: Evidence, cases: list[int]) -> bool:
    """Whether the results of these cases hold too many values, and different ones, to be alike by chance."""
    values = [value for case in cases for value in values_in(result_of(evidence.observed[case]))]
    return len(values) >= FEW and (len(set(values)) >= FEW or len(values) >= MANY)


ATTEMPTS = (
    right, too_slow, as_handed_out, known_mistake, other_every_time, nothing_of_its_own, two_mistakes,
    mistake_in_some_parts, stopped, too_large_by_a_size, off_by_a_number, wrong_places, without_influence, size_from_the_values,
    same_factor_or_distance, nearly_right_throughout, what_differs,
)  # fmt: skip


def fits(evidence: Evidence, see: Callable[[int], Observation], but: Collection[int] = ()) -> bool:
    """Whether what is seen case by case is what was observed; the first case that differs ends it, wrong cases first."""
    wrong = evidence.wrong
    order = [*wrong, *(i for i in range(len(evidence.cases)) if i not in wrong)]
    order = [i for i in order if i not in but]
    return all(alike([see(i)], [evidence.observed[i]], evidence.exercise.tolerance) for i in order)


def each_has_a_share(evidence: Evidence, pair: tuple[Misconception, Misconception]) -> bool:
    """Whether without either of two mistakes another result would come out, and neither hides where the other shows.

    Where one only changes what the other has made meaningless, or takes back what it does, the two would explain what
    has a cause of its own.
    """
    tolerance = evidence.exercise.tolerance
    _, reference = expected(evidence.exercise, evidence.seed)

    def results_alike(a: Observation, b: Observation) -> bool:
        return not (a.crash or b.crash) and same(result_of(a), result_of(b), tolerance)

    for mistake in pair:
        alone = [tried(evidence, case, mistake) for case in range(len(evidence.cases))]
        if all(map(results_alike, alone, evidence.observed)):
            return False
        others = set(range(len(alone))) - set(evidence.wrong)
        if not all(alike([alone[case]], [reference[case]], tolerance) for case in others):
            return False
    return True
