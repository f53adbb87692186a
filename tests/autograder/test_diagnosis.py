"""Which explanation is chosen, and in which order they are tried: on an exercise made for the purpose."""

import sys
import types

import pytest
import torch
import torch.nn.functional as F

from autograder.behaviour import behaviour, expected
from autograder.compare import alike, differences
from autograder.diagnosis import crash_question, explain
from autograder.evidence import Crash, Evidence, Observation
from autograder.exercise import Exercise, Misconception
from autograder.subject import Live, observe_all
from autograder.tolerance import Tolerance

SOURCE = """
def scale(x, by):
    y = x + 1
    y = y * by
    return y - 2
"""
UNSCALED = Misconception("unscaled", "y is not scaled", "?", edits={"y * by": "y"})
UNMOVED = Misconception("unmoved", "nothing is added", "?", edits={"x + 1": "x"})
UNTAKEN = Misconception("untaken", "nothing is taken away", "?", edits={"y - 2": "y"})
DIVIDED = Misconception("divided", "y is divided", "?", edits={"y * by": "y / by"})  # in one case by zero
NOTHING = None
BOTH = Misconception("both", "x comes back", "?", answer=lambda x, by: x)


@pytest.fixture
def exercise(monkeypatch):
    module = types.ModuleType("toy")
    exec(SOURCE, vars(module))
    monkeypatch.setitem(sys.modules, "toy", module)
    toy = Exercise("toy.scale", {"by one": 1, "by more": 2}, inputs, (UNSCALED, UNMOVED, UNTAKEN, DIVIDED, BOTH))
    vars(toy)["source"] = SOURCE.strip()  # Python cannot look it up
    return toy


def inputs(rng):
    return {"by one": [{"x": 4.0, "by": 1}], "by more": [{"x": 5.0, "by": 3}, {"x": 2.0, "by": 0}]}


def explained(exercise, answer):
    cases, right = expected(exercise, 0)
    observed = observe_all(Live(answer), exercise, cases)
    return explain(Evidence(exercise, 0, cases, observed, differences(right, observed, exercise.tolerance)))


def test_is_nothing_wrong_with_a_right_answer(exercise):
    found = explained(exercise, lambda x, by: (x + 1) * by - 2)
    assert (found.outcome, found.diagnosis, found.finding) == ("correct", None, None)


def test_is_one_that_hangs_too_slow_whatever_else_is_wrong_with_it(exercise):
    def answer(x, by):
        while by == 3:
            pass
        raise NotImplementedError()

    vars(exercise)["seconds"] = 0.1
    assert explained(exercise, answer).outcome == "timed out"


def test_is_what_raises_as_handed_out_a_blank_only_where_nothing_is_right(exercise):
    def blank(x, by):
        raise NotImplementedError()

    def half(x, by):
        return x - 1 if by == 1 else blank(x, by)

    def told(x, by):
        raise NotImplementedError("not yet")

    assert explained(exercise, blank).outcome == "not attempted"
    assert explained(exercise, half).outcome == explained(exercise, told).outcome == "crashed"


def test_is_one_mistake_preferred_to_two_that_come_to_the_same(exercise):
    assert explained(exercise, exercise.variant(UNSCALED, UNTAKEN)).mistakes == (UNSCALED, UNTAKEN)
    one = Misconception("one", "neither scaled nor taken", "?", answer=lambda x, by: x + 1)
    vars(exercise)["misconceptions"] += (one,)
    assert explained(exercise, exercise.variant(UNSCALED, UNTAKEN)).mistakes == (one,)


def test_do_two_edits_of_one_place_not_go_together(exercise):
    assert behaviour(exercise, 0, UNSCALED, DIVIDED) is None
    with pytest.raises(ValueError, match="matches 0 times"):
        behaviour(exercise, 0, Misconception("lost", "?", "?", edits={"z": "y"}))


def test_is_a_known_mistake_named_even_where_it_ends_in_an_exception(exercise):
    def answer(x, by):
        return (x + 1) / by - 2

    found = explained(exercise, answer)
    assert (found.outcome, found.mistakes, found.group) == ("wrong", (DIVIDED,), "by more")


def test_is_an_exception_told_before_a_difference_and_the_first_case_before_later_ones(exercise):
    found = explained(exercise, lambda x, by: 1 / by)
    assert (found.outcome, found.case, found.group, found.finding.kind) == ("wrong", 0, "by one", "wrong values")
    found = explained(exercise, lambda x, by: x - 1 if by == 1 else missing)
    assert (found.outcome, found.case, found.finding.kind) == ("crashed", 1, "crash")
    assert (found.question, found.crash.type) == ("unknown name", "NameError")


def test_is_the_kind_of_difference_told_where_nothing_else_is_known(exercise):
    found = explained(exercise, lambda x, by: str(x))
    assert (found.outcome, found.diagnosis, found.question) == ("wrong", "wrong type", "wrong type")


@pytest.mark.parametrize(
    ("question", "attempt"),
    [
        ("shapes that do not meet", lambda: torch.zeros(2, 3) @ torch.zeros(2, 3)),
        ("shapes that do not meet", lambda: torch.zeros(2) + torch.zeros(3)),
        ("index out of range", lambda: torch.zeros(2)[2]),
        ("index out of range", lambda: [1][1]),
        ("unexpected shape", lambda: F.cross_entropy(torch.zeros(2, 3, 4), torch.zeros(2, 3).long())),
        ("unknown name", lambda: missing),
        ("changed signature", lambda: inputs()),
        ("changed signature", lambda: inputs(rng=1, more=2)),
        ("unexpected value", lambda: NOTHING[0]),
        ("unexpected value", lambda: [1].shape),
        ("unexpected value", lambda: None + 1),
        ("two dtypes", lambda: torch.zeros(2, 2) @ torch.zeros(2, 2).double()),
        (None, lambda: 1 / 0),
    ],
)
def test_has_a_common_exception_its_question(question, attempt):
    with pytest.raises(Exception) as error:
        attempt()
    assert crash_question(Crash(error.type.__name__, str(error.value))) == question


def test_do_answers_behave_alike_only_if_they_do_in_every_case():
    one, near, two = (Observation(outputs=value) for value in (1.0, 1.000001, 2.0))
    here, there = (Observation(crash=Crash("TypeError", f"<object at {where}> is none")) for where in ("0x1f", "0x2e"))
    other = Observation(crash=Crash("TypeError", "something else"))
    assert alike([one, here], [near, there], Tolerance())
    assert not alike([one, one], [one, two], Tolerance())
    assert not alike([here], [other], Tolerance()) and not alike([here], [one], Tolerance())


def test_is_what_hangs_once_not_tried_again(exercise):
    tried = []

    def answer(x, by):
        tried.append(x)
        while True:
            pass

    vars(exercise)["seconds"] = 0.1
    observed = observe_all(Live(answer), exercise, exercise.cases(0))
    assert tried == [4] and [o.crash.type for o in observed] == ["TimeLimit"] * 3


def test_are_all_cases_compared_in_their_order():
    right = [Observation(outputs=value) for value in (1.0, torch.ones(2), "a")]
    got = [Observation(outputs=value) for value in (1.0, torch.ones(3), "b")]
    kinds = [finding and finding.kind for finding in differences(right, got, Tolerance())]
    assert kinds == [None, "wrong shape", "wrong values"]
