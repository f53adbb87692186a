"""Does the judge catch small slips? Every mutant of every reference is judged as an answer."""

import dataclasses
import functools
import warnings

import pytest

from autograder.behaviour import differs, expected
from autograder.exercises import all_exercises, find_exercise
from autograder.judge import VISIBLE_SEED
from autograder.mutants import mutants
from autograder.source import without_docstrings
from tests.mutation.survivors import SURVIVORS

each_exercise = pytest.mark.parametrize("exercise", all_exercises(), ids=lambda exercise: exercise.name)


@pytest.mark.slow
@each_exercise
def test_is_every_mutant_caught_that_is_not_known_to_be_right(exercise):
    survivors = {mutant.id for mutant in mutants_of(exercise) if is_correct(exercise, mutant)}
    listed = SURVIVORS.get(exercise.name, {})
    new, stale = sorted(survivors - listed.keys()), sorted(listed.keys() - survivors)
    assert not new, "these survive and are not listed:\n" + "\n".join(new)
    assert not stale, "these are listed and do not survive:\n" + "\n".join(stale)


@pytest.mark.slow
def test_are_at_least_95_percent_of_all_mutants_caught():
    """Equivalent ones count as missed; that the lists are complete is what the test above makes sure of."""
    made = sum(len(mutants_of(exercise)) for exercise in all_exercises())
    missed = sum(len(listed) for listed in SURVIVORS.values())
    assert missed <= 0.05 * made, f"{missed} of {made} mutants survive"


def test_does_every_survivor_have_an_exercise_and_a_reason():
    for name, listed in SURVIVORS.items():
        assert find_exercise(name)
        assert all(reason.startswith(("Equivalent: ", "Leniency: ")) for reason in listed.values())


def mutants_of(exercise):
    """The mutants of an exercise's reference; cutting gradients is a slip only where somebody looks at them."""
    made = mutants(without_docstrings(exercise.source), exercise.blanks)
    return made if has_gradients(exercise) else [mutant for mutant in made if mutant.kind != "detach"]


def has_gradients(exercise):
    """Whether the exercise's probe reports gradients."""
    return any("gradients" in seen.outputs for seen in expected(exercise, 0)[1])


def is_correct(exercise, mutant):
    """Whether the judge takes a mutant for a right answer; one that never ends is given up early."""
    exercise = impatient(exercise)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of what cannot work, such as calling a number
        answer = exercise.execute(mutant.source, mutant.id)
    return not differs(exercise, answer, VISIBLE_SEED)


@functools.cache
def impatient(exercise):
    """The exercise with a shorter time limit; one for all its mutants, so that what the judge remembers serves all."""
    return dataclasses.replace(exercise, seconds=min(exercise.seconds, 2.0))
