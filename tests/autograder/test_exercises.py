"""What every exercise of the course must satisfy, now and later."""

import itertools

import pytest

from autograder import probes
from autograder.behaviour import behaviour
from autograder.compare import alike
from autograder.exercise import probe_source
from autograder.exercises import all_exercises, find_exercise
from autograder.judge import judge
from autograder.source import free_names

SEEDS = (2026, 1, 2)
EXERCISES = all_exercises()
each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
each_misconception = pytest.mark.parametrize(
    ("exercise", "misconception"),
    [pytest.param(e, m, id=f"{e.name}-{m.id}") for e in EXERCISES for m in e.misconceptions],
)


@each_exercise
def test_is_the_reference_correct(exercise):
    for seed in SEEDS:
        verdict = judge(exercise, exercise.reference, seed)
        assert (verdict.outcome, verdict.points) == ("correct", exercise.points), verdict.message


@each_exercise
def test_is_a_right_answer_in_another_style_correct(exercise):
    assert exercise.accepts
    for answer, seed in itertools.product(exercise.accepts, SEEDS):
        verdict = judge(exercise, answer, seed)
        assert verdict.outcome == "correct", f"{answer.__name__}: {verdict.message}"


@pytest.mark.slow
@each_exercise
def test_are_right_answers_correct_over_fifty_seeds(exercise):
    for seed in range(50):
        for answer in (exercise.reference, *exercise.accepts):
            verdict = judge(exercise, answer, seed)
            assert verdict.outcome == "correct", f"{answer.__name__}, seed {seed}: {verdict.message}"


@each_misconception
def test_is_a_misconception_wrong_and_diagnosed_as_itself(exercise, misconception):
    for seed in SEEDS:
        verdict = judge(exercise, exercise.variant(misconception), seed)
        assert verdict.outcome == "wrong", verdict.message
        assert verdict.points < exercise.points
        assert verdict.diagnosis == misconception.name, verdict.message


@each_exercise
def test_do_no_two_misconceptions_behave_alike(exercise):
    for a, b in itertools.combinations(exercise.misconceptions, 2):
        for seed in SEEDS:
            same = alike(behaviour(exercise, seed, a), behaviour(exercise, seed, b), exercise.tolerance)
            assert not same, f"{a.id} and {b.id} behave alike with seed {seed}"


@each_exercise
def test_has_the_exercise_at_least_five_misconceptions_with_different_names_and_questions(exercise):
    ids, names = ({getattr(m, field) for m in exercise.misconceptions} for field in ("id", "name"))
    assert len(ids) == len(names) == len(exercise.misconceptions) >= 5
    assert all("?" in m.hint for m in exercise.misconceptions), "a hint asks the question that leads to the fix"


@each_exercise
def test_is_a_blank_not_attempted(exercise):
    verdict = judge(exercise, blank(exercise))
    assert (verdict.outcome, verdict.points) == ("not attempted", 0)


@each_exercise
def test_does_an_answer_that_raises_crash_with_its_own_line(exercise):
    verdict = judge(exercise, blank(exercise, "raise LookupError('my own mistake')"))
    assert (verdict.outcome, verdict.points) == ("crashed", 0)
    assert "my own mistake" in verdict.message
    assert "autograder" not in verdict.crash.traceback and "site-packages" not in verdict.crash.traceback


@each_exercise
def test_does_the_probe_bring_all_it_needs_into_the_sandbox(exercise):
    in_the_module = set(vars(probes)) if exercise.probe.__module__ == "autograder.probes" else set()
    assert free_names(probe_source(exercise.probe)) <= in_the_module


@each_exercise
def test_is_the_same_seed_the_same_verdict(exercise):
    wrong = exercise.variant(exercise.misconceptions[0])
    assert judge(exercise, wrong, 7) == judge(exercise, wrong, 7)


def test_are_names_unique_in_the_course():
    names = [exercise.name for exercise in EXERCISES]
    assert len(names) == len(set(names))
    assert all(find_exercise(exercise.name) is exercise for exercise in EXERCISES)


def blank(exercise, statement="raise NotImplementedError()"):
    """The answer as handed out: a function, or a class with the methods to write, that does nothing but raise."""
    if not exercise.blanks:
        return exercise.execute(f"def {exercise.name}(*args, **kwargs):\n    {statement}\n")
    body = "".join(f"    def {method}(self, *args, **kwargs):\n        {statement}\n" for method in exercise.blanks)
    base = f"class {exercise.name}(module.{exercise.name}):\n{body}"
    return exercise.execute(f"import {exercise.module.__name__} as module\n{base}")
