"""What every exercise of the course must satisfy, now and later."""

import ast
import functools
import inspect
import itertools
import os
import re
import typing

import pytest
import torch

from autograder import probes
from autograder.behaviour import behaviour, differs, expected
from autograder.compare import alike, difference
from autograder.exercise import probe_source
from autograder.exercises import all_exercises, find_exercise
from autograder.judge import VISIBLE_SEED, judge
from autograder.promises import Example, Refused
from autograder.source import free_names
from tests.autograder.unnamed import Unnamed

SEEDS = (VISIBLE_SEED, 1, 2)
EXERCISES = all_exercises()
each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
#: The seed that students see always, others with the slow tests.
each_seed = pytest.mark.parametrize(
    "seed", [seed if seed == VISIBLE_SEED else pytest.param(seed, marks=pytest.mark.slow) for seed in SEEDS]
)


def for_each_exercise(*rules):
    """Parameters for each exercise and rule; what does not hold yet is expected to fail, until it does."""
    parameters = []
    for exercise, rule in itertools.product(EXERCISES, rules):
        name = f"{exercise.name}-{rule}"
        parameters.append(pytest.param(exercise, rule, id=name))
    return parameters


def exempt(exercise, rule):
    """Whether an exercise says why it does not keep a rule."""
    return rule in exercise.exempt


def sizes(exercise, axis):
    """The sizes of an axis of the signature, over all cases that are drawn: what the answer is really called with."""
    found = set()

    def watch(function):
        signature = inspect.signature(function)

        @functools.wraps(function)
        def watched(*arguments, **options):
            given = signature.bind(*arguments, **options).arguments
            for name, value in given.items():
                hint, items = signature.parameters[name].annotation, value if isinstance(value, tuple) else [value]
                for part, item in zip(typing.get_args(hint) or [hint], items, strict=False):
                    dimensions = getattr(part, "dim_str", "").split()
                    if axis in dimensions and isinstance(item, torch.Tensor) and item.ndim == len(dimensions):
                        found.add(item.shape[dimensions.index(axis)])
            return function(*arguments, **options)

        return watched

    reference = exercise.reference
    methods = {method: watch(getattr(reference, method)) for method in exercise.blanks}
    watched = type(reference.__name__, (reference,), methods) if methods else watch(reference)
    for _, inputs in exercise.cases(1):
        if not isinstance(inputs, (Example, Refused)):
            exercise.probe(watched, inputs)
    return found


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
@pytest.mark.parametrize(("exercise", "rule"), for_each_exercise("seeds"))
def test_is_no_answer_misjudged_over_many_seeds(exercise, rule):
    """Right answers are right at every seed, and every misconception shows at every seed; UNROLLED_SEEDS=100 tries more."""
    right = {answer.__name__: answer for answer in (exercise.reference, *exercise.accepts)}
    wrong = {f"{mistake.id} ({i})": exercise.variant(mistake) for i, mistake in enumerate(exercise.misconceptions)}
    for seed in range(int(os.environ.get("UNROLLED_SEEDS", 10))):
        misjudged = [name for name, answer in right.items() if differs(exercise, answer, seed)]
        misjudged += [name for name, answer in wrong.items() if not differs(exercise, answer, seed)]
        assert not misjudged, f"seed {seed}"


@each_exercise
def test_has_the_docstring_an_example_that_is_a_case(exercise):
    shown = [case for _, case in exercise.cases(1) if isinstance(case, Example)]
    assert shown or exempt(exercise, "examples"), "show a value in an example, or say in `exempt` why not"
    others = {other.name for other in EXERCISES} - {exercise.name}
    called = set().union(*(free_names(case["before"] + case["source"]) for case in shown)) & others
    assert not called, "write its result out: an example must not hang on another answer, nor show it"
    carried = {top.name for case in shown for top in ast.parse(case["needs"]).body if hasattr(top, "name")}
    assert not carried & {other.name for other in EXERCISES}, "what an example carries along is no exercise's solution"


@each_exercise
def test_is_what_the_docstring_promises_as_new_looked_at(exercise):
    """A probe that reports what is shared, or one that tries by itself what comes of writing into the result."""
    promised = re.search(r"\bnew\s+(tensor|list)s?\b", re.sub(r">>>.*", "", "\n".join(exercise.docstrings)))
    _, seen = expected(exercise, 1)
    assert not promised or any("shared" in o.outputs for o in seen) or exempt(exercise, "new"), "see `probes.made_new`"


@each_exercise
def test_is_every_exception_that_the_docstring_promises_asked_for(exercise):
    promised = re.search(r"\b\w+Error\b|\braises?\b", " ".join(exercise.docstrings), re.I)
    refused = [case for _, case in exercise.cases(1) if isinstance(case, Refused)]
    assert bool(promised) == bool(refused) or exempt(exercise, "refuses"), "give such inputs in `refuses`"
    for case in refused:
        told = re.search(rf"names? `{case.argument}`", " ".join(exercise.docstrings))
        assert told, f"the message has to name {case.argument}: say so in the docstring"


@pytest.mark.parametrize(("exercise", "axis"), for_each_exercise("batch", "rows", "time"))
def test_is_a_batch_of_one_and_a_time_of_one_among_the_cases(exercise, axis):
    found = sizes(exercise, axis)
    assert not found or 1 in found or exempt(exercise, f"{axis} 1")
    assert not found or found - {1} or exempt(exercise, f"{axis} 1")


@pytest.mark.parametrize(("exercise", "rule"), for_each_exercise("replay"))
def test_do_the_right_outputs_for_another_seed_earn_nothing(exercise, rule):
    """Else what was copied from one run would be worth points in another."""
    for one, other in itertools.combinations(SEEDS, 2):
        (cases, here), (_, there) = expected(exercise, one), expected(exercise, other)
        pairs = zip(cases, here, there, strict=False)
        hanging = {group for (group, _), *both in pairs if difference(*both, exercise.tolerance)}
        assert hanging == set(exercise.groups) or exempt(exercise, rule), f"seeds {one} and {other}"


@each_exercise
def test_is_a_promised_dtype_tried_with_another_than_the_usual_one(exercise):
    if re.search(r"the\s(same\s)?dtype\s(of `|and)|same\sdtype", inspect.getsource(exercise.reference)):
        dtypes = {tensor.dtype for _, inputs in exercise.cases(VISIBLE_SEED) for tensor in probes.tensors(inputs)}
        assert dtypes - {torch.float32, torch.int64, torch.bool}


@each_exercise
@each_seed
def test_is_every_misconception_wrong_and_diagnosed_as_itself(exercise, seed):
    for misconception in exercise.misconceptions:
        verdict = judge(exercise, exercise.variant(misconception), seed)
        assert verdict.outcome == "wrong", f"{misconception.id}: {verdict.message}"
        assert verdict.points < exercise.points, misconception.id
        assert verdict.diagnosis == misconception.name, f"{misconception.id}: {verdict.message}"


@each_exercise
@each_seed
def test_do_no_two_misconceptions_behave_alike(exercise, seed):
    for a, b in itertools.combinations(exercise.misconceptions, 2):
        if a.id == b.id:  # two forms of one
            continue
        same = alike(behaviour(exercise, seed, a), behaviour(exercise, seed, b), exercise.tolerance)
        assert not same, f"{a.id} and {b.id} behave alike"


@each_exercise
def test_has_the_exercise_at_least_five_misconceptions_with_different_names_and_questions(exercise):
    ids, names = ({getattr(m, field) for m in exercise.misconceptions} for field in ("id", "name"))
    told = {(m.id, m.name, m.hint) for m in exercise.misconceptions}  # the forms of one are told in the same words
    assert len(ids) == len(names) == len(told) >= 5
    assert all("?" in m.hint for m in exercise.misconceptions), "a hint asks the question that leads to the fix"
    for words in (text for m in exercise.misconceptions for text in (m.name, m.hint)):
        behind = re.search(r"(?<!far )\bbehind\b", words, re.I)
        assert not behind or re.search(r"\bleaves? ", words[: behind.start()]), f"what follows comes after: {words}"


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


@pytest.mark.slow
@pytest.mark.parametrize("exercise", [e for e in all_exercises() if e.uses], ids=lambda e: e.name)
def test_is_the_verdict_the_same_whatever_is_known_of_earlier_answers(exercise):
    """Official grading knows which of them are right, and asks in another order than a check, which does not."""
    right = exercise.execute(exercise.source)
    method = next(filter(inspect.isfunction, vars(right).values())) if isinstance(right, type) else right
    for used in map(find_exercise, exercise.uses):
        inspect.unwrap(method).__globals__[used.name] = used.variant(used.misconceptions[0])
    wrong = [exercise.variant(mistake) for mistake in exercise.misconceptions[:3]]
    for answer in (right, *wrong):
        known = (None, ()) if answer is right else (None, (), exercise.uses)
        verdicts = [judge(exercise, answer, patience=0, right=names) for names in known]
        assert len({(v.points, v.outcome, v.diagnosis) for v in verdicts}) == 1
        assert (verdicts[0].points == exercise.points) == (answer is right)


@pytest.mark.slow
@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda e: e.name)
def test_has_a_mistake_that_nobody_knows_a_verdict_with_something_to_do_next(exercise):
    """And without a warning of ours, which a student would see; here it is an error."""
    verdict = judge(exercise, Unnamed(exercise.reference))
    assert verdict.points < exercise.points and verdict.message and verdict.hint
