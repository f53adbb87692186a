"""A misconception that explains some parts of the result, of which the rest is right: a mean of its own, but not returned."""

from functools import partial
from typing import Any

from torch import Tensor

from autograder.behaviour import expected
from autograder.compare import SIDE_EFFECTS
from autograder.evidence import RESULT, Evidence, Explanation, Item, Key
from autograder.exercise import Misconception
from autograder.reading import GRADIENTS, REFUSALS, result_of, result_size, tried, wrong_because
from autograder.tolerance import same

FEW = 3  # fewer values than these may agree by chance
MOST_PARTS = 4


def mistake_in_some_parts(evidence: Evidence) -> Explanation | None:
    """A misconception gives, in every case, the same parts of the result as the answer; the other parts are right."""
    if any(map(partial(_more_than_values, evidence), evidence.wrong)):
        return None
    for mistake in evidence.exercise.misconceptions:
        if steps := _explained(evidence, mistake):
            return wrong_because(evidence, mistakes=(mistake,), parts=tuple(map(RESULT.down, steps)))
    return None


def _more_than_values(evidence: Evidence, case: int) -> bool:
    """Whether something is wrong in a case beside the result's values: an exception, a gradient, a side effect."""
    observed, reference = evidence.observed[case], expected(evidence.exercise, evidence.seed)[1][case]
    if observed.crash or evidence.findings[case].kind in GRADIENTS | REFUSALS:
        return True
    got, wanted = (o.outputs if isinstance(o.outputs, dict) else {} for o in (observed, reference))
    return any(set(got.get(effect, ())) - set(wanted.get(effect, ())) for effect in SIDE_EFFECTS)


def _explained(evidence: Evidence, mistake: Misconception) -> list[Item | Key]:
    """The steps to the parts that a misconception explains, if every other part is right in every case."""
    tolerance, reference = evidence.exercise.tolerance, expected(evidence.exercise, evidence.seed)[1]
    right, explained, values = set(), set(), {}
    for case in sorted(range(len(evidence.cases)), key=lambda case: case not in evidence.wrong):
        seen = (evidence.observed[case], reference[case], tried(evidence, case, mistake))
        got, wanted, made = (_parts(result_of(observation)) for observation in seen)
        if not got.keys() == wanted.keys() == made.keys():
            return []
        as_wanted = {step for step in got if same(wanted[step], got[step], tolerance)}
        as_made = {step for step in got if same(made[step], got[step], tolerance)}
        if not values:
            right, explained = as_wanted, as_made
        elif got.keys() == values.keys():
            right, explained = right & as_wanted, explained & as_made
        if as_wanted | as_made != got.keys() or right | explained < values.keys():
            return []
        if got.keys() == values.keys() or not values:
            values = {
                step: values.get(step, 0) + (result_size(got[step]) if case in evidence.wrong else 0) for step in got
            }
    steps = [step for step in values if step not in right]
    enough = sum(values[step] for step in steps) >= FEW
    return steps if enough and None not in values and len(steps) < len(values) else []


def _parts(result: Any) -> dict[Item | Key | None, Any]:
    """The parts of a tuple or dict in which there is a tensor; anything else is one whole."""
    parts = {None: result}
    if isinstance(result, dict):
        parts = {Key(name): part for name, part in result.items()}
    elif isinstance(result, (tuple, list)):
        parts = {Item(i, len(result)): part for i, part in enumerate(result)}
    telling = 1 < len(parts) <= MOST_PARTS and any(isinstance(part, Tensor) for part in parts.values())
    return parts if telling else {None: result}
