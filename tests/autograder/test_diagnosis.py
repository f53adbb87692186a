"""Which explanation is chosen, and in which order they are tried: on an exercise made for the purpose."""

import dataclasses
import math
import random
import re
import sys
import types
from types import MappingProxyType

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from autograder import catalogue
from autograder.behaviour import behaviour, expected
from autograder.changes import changes
from autograder.compare import alike, difference, differences
from autograder.crashes import QUESTIONS, crash_question
from autograder.diagnosis import explain, in_some_cases
from autograder.evidence import Crash, Evidence, Finding, Item, Observation, Place
from autograder.exercise import Exercise, Misconception
from autograder.exercises import all_exercises, find_exercise
from autograder.judge import judge
from autograder.mutants import rules
from autograder.reading import most_telling
from autograder.subject import Live, observe_all
from autograder.tolerance import Tolerance
from autograder.wording import change, hint

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


def evidence_of(exercise, answer):
    cases, right = expected(exercise, 0)
    observed = observe_all(Live(answer), exercise, cases)
    return Evidence(exercise, 0, cases, observed, differences(right, observed, exercise.tolerance))


def explained(exercise, answer):
    return explain(evidence_of(exercise, answer))


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


def blank():
    raise NotImplementedError()


def told():
    raise LookupError("my own mistake")


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
    ("got", "form"),
    [(1, "a number"), (1.5, "a number"), ([1.0], "a list"), ((1.0,), "a list"), (np.ones(1), "an array"), ("1", "")],
)
def test_is_more_asked_where_something_else_stands_for_a_tensor(exercise, got, form):
    vars(exercise)["inputs"] = lambda rng: {"by one": [{"x": torch.ones(2), "by": 1}], "by more": []}
    found = explained(exercise, lambda x, by: got)
    assert found.question == (f"wrong type, {form}" if form else "wrong type")
    assert hint(found) == catalogue.TYPE_HINTS.get(form, catalogue.GENERIC_HINTS["wrong type"])


X, IDS, MASK = torch.zeros(2, 3), torch.zeros(2, 3, dtype=torch.long), torch.zeros(2, 3, dtype=torch.bool)
LEAF = torch.ones(3, requires_grad=True)
PAIR, ROWS = (X, X), [[1]]


class Half(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(2, 2)


def backward_after_writing():
    y = LEAF.exp()
    y[0] = 0
    y.sum().backward()


def refuse():
    raise ValueError("n is 3; expected 2")


def backward_twice():
    y = (LEAF * LEAF).sum()
    y.backward()
    y.backward()


def grow(words=MappingProxyType({1: 2})):
    words = dict(words)
    for word in words:
        words[word + 1] = 0


def never():
    return never()


def unset(x=1):
    if x == 2:
        y = 1
    return y


@pytest.mark.parametrize(
    ("question", "line", "attempt"),
    [
        ("and, or, not", "keep = x > 0 and x < 1", lambda: X > 0 and X < 1),
        ("truth of a tensor", "if mask:", lambda: bool(X)),
        ("math on a tensor", "y = math.exp(x)", lambda: math.exp(X)),
        ("one number wanted", "n = x.item()", lambda: float(X)),
        ("one number wanted", "range(lengths)", lambda: range(IDS)),
        ("layer indexed", "", lambda: nn.Embedding(3, 2)[IDS]),
        ("layer made, not called", "", lambda: nn.Linear(3, 3)(nn.ReLU(X))),
        ("layer made, not called", "", lambda: X + nn.ReLU(X)),
        ("layer made, not called", "", lambda: nn.ReLU(X).shape),
        ("super().__init__", "", lambda: Half()),
        ("too many arguments", "", lambda: never(1)),
        ("self missing", "self.split(x)", lambda: never(1)),
        ("called with too little", "", lambda: nn.Linear(3, 3)()),
        ("classes on axis 1", "", lambda: F.cross_entropy(torch.zeros(2, 3, 4), torch.zeros(2, 3).long())),
        ("classes on axis 1", "", lambda: F.cross_entropy(torch.zeros(6, 4), torch.zeros(5).long())),
        ("targets of the same shape", "", lambda: F.binary_cross_entropy_with_logits(X, X[0])),
        ("ignored targets", "", lambda: X.gather(1, IDS - 100)),
        ("id too large", "", lambda: F.embedding(IDS + 7, X)),
        ("in place", "", backward_after_writing),
        ("in place", "", lambda: LEAF.add_(1)),
        ("no way back", "", lambda: X.sum().backward()),
        ("graph used twice", "", backward_twice),
        ("gradient of many numbers", "", lambda: (2 * LEAF).backward()),
        ("NumPy of a gradient", "", lambda: LEAF.numpy()),
        ("view after transpose", "", lambda: X.T.view(6)),
        ("sizes that do not multiply up", "", lambda: X.view(4, 2)),
        ("sizes that do not multiply up", "", lambda: X.unflatten(1, (2, -1))),
        ("nothing to stack", "", lambda: torch.stack([])),
        ("unequal parts", "", lambda: torch.stack([X, X[0]])),
        ("unequal parts", "", lambda: torch.cat([X, X[:, :2]])),
        ("tensor called", "", lambda: X(1)),
        ("None used", "", lambda: NOTHING[0]),
        ("None used", "", lambda: NOTHING + 1),
        ("None used", "", lambda: NOTHING.shape),
        ("tuple used as a tensor", "", lambda: X + PAIR),
        ("tuple used as a tensor", "", lambda: F.relu((X, X))),
        ("tuple used as a tensor", "", lambda: PAIR.shape),
        ("tuple used as a tensor", "", lambda: X - X.max(dim=1)),
        ("tuple used as a tensor", "", lambda: PAIR[:, 0]),
        ("function used as a tensor", "", lambda: F.relu(F.relu)),
        ("number used as a tensor", "", lambda: F.relu(3.0)),
        ("number used as a tensor", "", lambda: torch.stack([1, X])),
        ("unpacked", "", lambda: unpack([1, 2, 3])),
        ("unpacked", "", lambda: unpack([1])),
        ("power", "", lambda: 2.0 ^ 2),
        ("whole numbers", "", lambda: range(6 / 2)),
        ("whole numbers", "", lambda: [1, 2, 3][: 4 / 2]),
        ("whole numbers", "", lambda: X.unflatten(1, (6 / 2, -1))),
        ("whole numbers", "", lambda: X[X]),
        ("whole numbers", "", lambda: F.embedding(X, X)),
        ("floats wanted", "", lambda: IDS.mean()),
        ("floats wanted", "", lambda: IDS.softmax(-1)),
        ("truth values calculated with", "", lambda: 1 - MASK),
        ("two dtypes", "", lambda: torch.zeros(2, 2) @ torch.zeros(2, 2).double()),
        ("list indexed by several", "", lambda: ROWS[0, 0]),
        ("key that is text", "", lambda: ROWS["a"]),
        ("hash of a list", "", lambda: {[1]: 2}),
        ("key not there", "", lambda: {}["a"]),
        ("bytes out of ids", "", lambda: bytes([300])),
        ("half a character", "", lambda: "가".encode()[:1].decode()),
        ("not in that alphabet", "", lambda: "가".encode("ascii")),
        ("text and bytes", "", lambda: b"a" + "a"),
        ("pattern of another library", "", lambda: re.compile(r"\p{L}")),
        ("nothing to choose from", "", lambda: min([])),
        ("divided by zero", "", lambda: 1 / 0),
        ("outside the domain", "", lambda: math.log(0)),
        ("overflow", "", lambda: math.exp(1000)),
        ("no memory", "", lambda: bytearray(10**15)),
        ("no memory", "", lambda: torch.empty(10**15)),
        ("changed while looping", "", grow),
        ("never ends", "", never),
        ("not set on every way", "", unset),
        ("lengths sorted", "", lambda: pack_padded_sequence(X, torch.tensor([1, 2]), batch_first=True)),
        ("fewer axes", "", lambda: X.transpose(1, 2)),
        ("fewer axes", "", lambda: X[0, 0, 0]),
        ("fewer axes", "", lambda: X[0].tril()),
        ("fixed number of axes", "", lambda: torch.bmm(X, X)),
        ("fixed number of axes", "", lambda: torch.dot(X, X)),
        ("fixed number of axes", "", lambda: torch.mm(X[0], X)),
        ("fixed number of axes", "", lambda: nn.BatchNorm2d(3)(X)),
        ("mask as an index", "", lambda: X[MASK.T]),
        ("gather's index", "", lambda: X.gather(1, IDS[0])),
        ("more than there are", "", lambda: X.topk(9)),
        ("matrix product", "", lambda: X @ X),
        ("matrix product", "", lambda: torch.zeros(2, 2, 3) @ torch.zeros(2, 2, 3)),
        ("shapes that do not meet", "", lambda: torch.zeros(2) + torch.zeros(3)),
        ("shapes that do not meet", "", lambda: np.zeros(2) + np.zeros(3)),
        ("index out of range", "", lambda: torch.zeros(2)[2]),
        ("index out of range", "", lambda: [1][1]),
        ("norm of other features", "", lambda: nn.BatchNorm1d(5)(X)),
        ("other input size", "", lambda: nn.LSTM(5, 2)(X)),
        ("other input size", "", lambda: nn.LayerNorm(5)(X)),
        ("one example in a batch norm", "", lambda: nn.BatchNorm1d(3)(X[:1])),
        ("channels", "", lambda: nn.Conv2d(3, 1, 2)(torch.zeros(1, 2, 4, 4))),
        ("no such function", "", lambda: torch.softmin),
        ("no such attribute", "", lambda: [1].shape),
        ("unexpected keyword", "", lambda: inputs(rng=1, more=2)),
        ("part still blank", "", blank),
        ("own refusal", "        raise ValueError(n)", refuse),
        ("place and name", "order = ids.argsort(-1, stable=True)", lambda: MASK.argsort(-1, stable=True)),
        ("place and name", "ids.argsort(-1, stable=True, descending=True)", lambda: MASK.argsort(-1, stable=True, descending=True)),
        ("arguments of another kind", "", lambda: torch.where(MASK, [1], [2])),
        ("two kinds of value", "", lambda: "a" - 1),
        ("unknown name", "", lambda: missing),
        (None, "", told),
    ],
)
def test_has_a_common_exception_its_question(question, line, attempt):
    """Each is provoked in the installed torch: where its wording changes, this says so."""
    with pytest.raises(Exception) as error:
        attempt()
    assert crash_question(Crash(error.type.__name__, str(error.value), code=line)) == question


def test_is_every_question_asked_after_a_real_exception():
    (mark,) = test_has_a_common_exception_its_question.pytestmark
    asked = {row[0] for row in mark.args[1]}
    assert QUESTIONS - asked == {"self forgotten", "changed signature", "layer given too much"}  # below


def test_does_the_question_know_the_exercise():
    def scale(x):
        pass

    for call in (lambda: scale(), lambda: scale(1, 2), lambda: scale(y=1)):
        with pytest.raises(TypeError) as error:
            call()
        message = str(error.value).replace("test_does_the_question_know_the_exercise.<locals>.", "")
        assert crash_question(Crash("TypeError", message), "scale") == "changed signature"
        assert crash_question(Crash("TypeError", message), "other") != "changed signature"
    forgotten = Crash("NameError", "name 'heads' is not defined")
    assert crash_question(forgotten, attributes=frozenset(["heads"])) == "self forgotten"
    assert crash_question(forgotten) == "unknown name"
    with pytest.raises(TypeError) as error:
        nn.ReLU(X, X)
    assert crash_question(Crash("TypeError", str(error.value), code="x = nn.ReLU(x, y)")) == "layer given too much"


def unpack(values):
    first, second = values
    return first, second


def test_is_a_pair_named_only_where_each_half_has_a_share(exercise):
    """Both together give back x, and neither alone: but what is right with "by one" would be wrong with either."""
    less = Misconception("less", "nothing is added", "?", edits={"x + 1": "x"})
    more = Misconception("more", "only one is taken away", "?", edits={"y - 2": "y - 1"})
    vars(exercise)["misconceptions"] = (less, more)
    both = exercise.variant(less, more)
    assert [both(**case) == exercise.execute(SOURCE)(**case) for _, case in exercise.cases(0)] == [True, False, False]
    assert explained(exercise, both).mistakes == ()
    assert explained(exercise, exercise.variant(less)).mistakes == (less,)


def test_is_an_argument_that_comes_back_told_by_its_name(exercise):
    vars(exercise)["inputs"] = lambda rng: {"by one": [{"x": X + 1, "by": 2}], "by more": [{"x": X + 3, "by": 5}]}
    vars(exercise)["misconceptions"] = ()
    found = explained(exercise, lambda x, by: x)
    assert (found.diagnosis, found.finding.parts) == ("argument returned", {"name": "x"})


def test_is_a_result_that_never_changes_told_so(exercise):
    vars(exercise)["misconceptions"] = ()
    assert explained(exercise, lambda x, by: 0.0).diagnosis == "always the same"
    assert explained(exercise, lambda x, by: None).diagnosis == "nothing returned"
    assert explained(exercise, lambda x, by: x + 10.0).diagnosis == "wrong values"


def test_is_another_result_for_the_same_inputs_told_so(exercise):
    vars(exercise)["misconceptions"] = ()
    draws = iter(range(100))
    answer = Live(lambda x, by: x + next(draws))
    cases, right = expected(exercise, 0)
    observed = observe_all(answer, exercise, cases)
    again = lambda case: answer.observe(exercise.probe, cases[case][1], 1)  # noqa: E731
    evidence = Evidence(exercise, 0, cases, observed, differences(right, observed, exercise.tolerance), again)
    found = explain(evidence)
    assert (found.diagnosis, found.question) == ("other every time", "other every time, kept")


@pytest.mark.parametrize(
    "chance", [lambda: torch.rand(()).item(), random.random, np.random.rand], ids=["torch", "random", "numpy"]
)
def test_is_chance_told_from_what_an_answer_keeps_between_calls(exercise, chance):
    vars(exercise)["misconceptions"] = ()
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    evidence = evidence_of(exercise, lambda x, by: x + 99 * chance() + 9)
    answer = Live(lambda x, by: x + 99 * chance() + 9)
    again = lambda case: answer.observe(exercise.probe, evidence.cases[case][1], 1)  # noqa: E731
    found = explain(dataclasses.replace(evidence, again=again))
    assert (found.diagnosis, found.question) == ("other every time", "other every time")
    assert before != (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())


def test_is_a_generator_told_so_and_no_chance(exercise):
    vars(exercise)["misconceptions"] = ()
    answer = Live(lambda x, by: (x + i for i in range(by)))
    evidence = evidence_of(exercise, answer.answer)
    again = lambda case: answer.observe(exercise.probe, evidence.cases[case][1], 1)  # noqa: E731
    found = explain(dataclasses.replace(evidence, again=again))
    assert (found.diagnosis, found.question) == ("wrong type", "wrong type, a generator")


def test_is_a_mistake_told_for_the_cases_that_it_explains(exercise):
    def numbers(rng):
        return {"by one": [{"x": torch.arange(6.0), "by": 1}], "by more": [{"x": torch.arange(5.0), "by": 3}]}

    vars(exercise)["inputs"], vars(exercise)["misconceptions"] = numbers, (UNMOVED, UNTAKEN)
    found = judge(exercise, lambda x, by: x * by - 2 if by == 1 else x.cos(), patience=0)
    assert "In “by one” this is what comes out when nothing is added" in found.message
    found = in_some_cases(evidence_of(exercise, lambda x, by: x * by - 2 if by == 1 else x.cos()), math.inf)
    assert (found.mistakes, found.only, found.group) == ((UNMOVED,), ("by one",), "by one")
    assert found.diagnosis in ("wrong values", "scaled by a constant", "shifted by a constant")


def test_is_a_mistake_with_a_guard_told_apart_from_a_second_mistake(exercise):
    def numbers(rng):
        return {"by one": [{"x": torch.arange(6.0), "by": 1}], "by more": [{"x": torch.arange(5.0), "by": 3}]}

    vars(exercise)["inputs"], vars(exercise)["misconceptions"] = numbers, (UNMOVED, UNTAKEN)
    right = exercise.reference
    guarded = in_some_cases(evidence_of(exercise, lambda x, by: x * by - 2 if by == 1 else right(x, by)), math.inf)
    assert (guarded.mistakes, guarded.right_elsewhere) == ((UNMOVED,), True)
    second = in_some_cases(evidence_of(exercise, lambda x, by: x * by - 2 if by == 1 else x.cos()), math.inf)
    assert (second.mistakes, second.right_elsewhere) == ((UNMOVED,), False)


def test_is_a_mistake_told_that_explains_most_of_the_wrong_cases_and_more_than_any_other(exercise):
    """In every group there is a case in which something else is wrong as well."""
    one, three, four = ({"x": torch.arange(6.0), "by": by} for by in (1, 3, 4))
    vars(exercise)["inputs"] = lambda rng: {"by one": [one, four], "by more": [one, three, three, four]}
    vars(exercise)["misconceptions"] = (UNSCALED, UNMOVED, UNTAKEN)

    def answer(x, by):
        return x.cos() if by == 4 else (x + 1) * by

    evidence = evidence_of(exercise, answer)
    found = in_some_cases(evidence, math.inf)
    assert (found.mistakes, found.most, found.only) == ((UNTAKEN,), (4, 6), ())
    assert evidence.cases[found.case][1]["by"] != 4, "a case that it explains is shown"
    assert found.diagnosis == found.finding.kind, "it is not the name of all that is wrong"
    message = judge(exercise, answer, patience=0).message
    assert "In 4 of the 6 cases that are wrong this is what comes out when nothing is taken away" in message
    twin = Misconception("twin", "as much is left", "?", answer=exercise.variant(UNTAKEN))
    vars(exercise)["misconceptions"] += (twin,)
    assert in_some_cases(evidence, math.inf) is None, "which of two it is nobody knows"


def test_are_places_that_count_looked_for_in_a_drawn_case_if_the_example_is_the_smallest():
    """All results of a loss are of one size, and an example has no gradients."""

    def last_word_rolled_round(logits, input_ids, lengths):
        asked = torch.arange(input_ids.shape[1]) < lengths[:, None]
        targets = input_ids.roll(-1, dims=1).masked_fill(~asked, -100)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())

    assert judge(find_exercise("causal_lm_loss"), last_word_rolled_round, patience=0).diagnosis == "places count"


def test_is_no_mistake_told_of_a_lost_axis_of_one(exercise):
    """Where sizes are one, mistakes look alike that are not."""
    right = exercise.reference
    vars(exercise)["inputs"] = lambda rng: {
        "by one": [{"x": torch.arange(15.0).view(1, 3, 5), "by": 1}],
        "by more": [{"x": X + 3, "by": 5}],
    }
    squeezed = Misconception("squeezed", "no axis is kept", "Which?", answer=lambda x, by: right(x, by)[0])
    vars(exercise)["misconceptions"] = (squeezed,)
    message = judge(exercise, lambda x, by: right(x, by).squeeze(), patience=0).message
    assert "an axis with a single entry is gone" in message and squeezed.name not in message


def test_is_chance_found_where_only_many_values_show_it(exercise):
    def numbers(rng):
        return {"by one": [{"x": torch.arange(2.0), "by": 1}], "by more": [{"x": torch.arange(50.0), "by": 3}]}

    vars(exercise)["inputs"], vars(exercise)["misconceptions"] = numbers, ()
    draws = iter(range(100))
    answer = Live(lambda x, by: x + 99 + (next(draws) if len(x) > 2 else 0))
    cases, right = expected(exercise, 0)
    observed = observe_all(answer, exercise, cases)
    again = lambda case: answer.observe(exercise.probe, cases[case][1], 1)  # noqa: E731
    evidence = Evidence(exercise, 0, cases, observed, differences(right, observed, exercise.tolerance), again)
    found = explain(evidence)
    assert (found.diagnosis, found.group) == ("other every time", "by more")


def test_is_a_mistake_named_though_what_is_bad_is_not_refused(exercise):
    source = SOURCE.replace("    y = x", "    if by < 0:\n        raise ValueError('by is negative')\n    y = x", 1)
    exec(source, vars(sys.modules["toy"]))
    vars(exercise)["source"] = source.strip()
    vars(exercise)["refuses"] = lambda rng: [{"x": 1.0, "by": -1}, {"x": 1.0, "by": -2}]
    found = explained(exercise, lambda x, by: x + 1 - 2)
    assert (found.mistakes, found.only) == ((UNSCALED,), ())
    right = exercise.execute(SOURCE)
    assert explained(exercise, right).question == "not refused"

    def refuses_some(x, by):
        if by == -1:
            raise ValueError("by is -1")
        return right(x, by)

    assert explained(exercise, refuses_some).question == "not refused, others are"


def test_are_random_numbers_of_its_own_told_even_where_the_result_is_wrong():
    def swapped_by_chance(pairs, uniforms):
        if len(uniforms) != len(pairs):
            raise ValueError("uniforms")
        labels = [int(torch.rand(()) < 0.5) for _ in pairs]
        return [pair[::-1] if label else pair for pair, label in zip(pairs, labels, strict=True)], labels

    exercise = find_exercise("make_sentence_orders")
    assert explained(exercise, swapped_by_chance).diagnosis == "own random numbers"


def test_is_a_factor_that_is_a_size_told_by_its_argument(exercise):
    def numbers(rng):
        return {"by one": [{"x": torch.ones(3, 5), "by": 2}], "by more": [{"x": torch.ones(3, 7), "by": 3}]}

    vars(exercise)["inputs"], vars(exercise)["misconceptions"] = numbers, ()
    right = exercise.execute(SOURCE)
    found = explained(exercise, lambda x, by: right(x, by) / x.shape[1])
    assert (found.finding.form, found.finding.parts) == ("smaller, axis", {"name": "x", "number": 1})


def test_is_a_factor_of_a_part_that_is_a_size_told_with_its_place(exercise):
    def numbers(rng):
        return {"by one": [{"x": torch.arange(3.0), "by": 2}], "by more": [{"x": torch.arange(5.0), "by": 3}]}

    both = "\ndef scale(x, by):\n    return x * by, x + by\n"
    exec(both, vars(sys.modules["toy"]))
    vars(exercise)["inputs"], vars(exercise)["misconceptions"] = numbers, ()
    vars(exercise)["source"] = both.strip()
    found = explained(exercise, lambda x, by: (x * by, (x + by) / len(x))).finding
    assert (found.form, found.place.path) == ("smaller, axis", (Item(1, 2),))
    assert found.parts == {"name": "x", "number": 0}


@pytest.mark.parametrize(
    ("off", "kind", "form", "parts"),
    [
        (lambda y: y / 8, "differs throughout", "factor", {"factor": 0.125}),
        (lambda y: y + 40, "differs throughout", "distance", {"distance": 40.0}),
        (lambda y: y + math.copysign(y * y / 400, y), "nearly right throughout", "", {"percent": 10 / 4}),
        (lambda y: -y, "scaled by a constant", "number", None),
        (lambda y: y * y, "a function of", "number", None),
        (lambda y: 0.5 * y + 3 * y * y, "wrong values", "whole", None),
    ],
)
def test_is_what_all_wrong_numbers_have_in_common_told(exercise, off, kind, form, parts):
    def numbers(rng):
        return {"by one": [{"x": 4.0, "by": 1}], "by more": [{"x": 3.0, "by": 3}, {"x": 2.0, "by": 2}]}

    vars(exercise)["inputs"], vars(exercise)["misconceptions"] = numbers, ()
    right = exercise.execute(SOURCE)
    found = explained(exercise, lambda x, by: off(right(x, by))).finding
    assert (found.kind, found.form) == (kind, form)
    assert parts is None or found.parts == pytest.approx(parts)


def test_is_an_axis_as_long_as_the_largest_number_told_so():
    """The largest class may be missing; where it occurs, nothing is wrong."""

    def counts(truth, predicted, classes):
        for name, labels in (("truth", truth), ("predicted", predicted)):
            if ((labels < 0) | (labels >= classes)).any():
                raise ValueError(name)
        if not len(truth):
            return torch.zeros(classes, classes, dtype=torch.int64)
        return F.one_hot(truth).T @ F.one_hot(predicted, classes)

    found = explained(find_exercise("confusion_counts"), counts)
    assert (found.finding.kind, found.finding.parts["name"]) == ("size from the values", "truth")
    assert (found.finding.parts["axis"].name, found.question) == ("classes", "size from the values")


def test_is_a_mistake_told_that_explains_some_parts_of_which_the_rest_is_right(exercise):
    source = "\ndef scale(x, by):\n    m = x.mean()\n    return x - m, m\n"
    exec("import torch" + source, vars(sys.modules["toy"]))
    vars(exercise)["source"] = source.strip()
    vars(exercise)["inputs"] = lambda rng: {"by one": [{"x": torch.arange(7.0), "by": 1}], "by more": [{"x": torch.arange(5.0) ** 2, "by": 2}]}
    least = Misconception("least", "the least is taken off", "?", edits={"x.mean()": "x.min()"})
    vars(exercise)["misconceptions"] = (least,)
    found = explained(exercise, lambda x, by: (x - x.min(), x.mean()))
    assert (found.mistakes, found.parts) == ((least,), (Place(path=(Item(0, 2),)),))
    assert explained(exercise, lambda x, by: (x - x.min(), x.min())).parts == ()  # all of it
    once = explained(exercise, lambda x, by: (x - (x.min() if by == 1 else x.max()), x.mean()))
    assert once.mistakes == ()
    besides = explained(exercise, lambda x, by: (x - x.min(), x.mean(), x.add_(by))[:2])  # and the argument is written over
    assert besides.mistakes == ()
    mixed = explained(exercise, lambda x, by: (x - x.min(), x.mean()) if by == 1 else (x - x.mean(), x.min()))
    assert mixed.mistakes == ()


def test_may_an_argument_be_called_weights():
    found = explained(find_exercise("context_vectors"), lambda weights, values: weights.cos() @ values)
    assert found.outcome == "wrong"


def test_is_a_unit_that_sleeps_no_place_of_a_weight():
    class Doubled(find_exercise("EncoderBlock").reference):
        def forward(self, x, mask=None):
            return super().forward(2 * x, mask)

    found = explained(find_exercise("EncoderBlock"), Doubled)
    assert (found.outcome, found.diagnosis) == ("wrong", "wrong values")


def test_is_a_weights_place_told_as_that_of_a_weight():
    given = find_exercise("AxialPositions").reference

    class ByRows(given):
        def forward(self, length):
            if length > len(self.rows) * len(self.columns):
                raise ValueError("length")
            n, rows = torch.arange(length), len(self.rows)
            return torch.cat([self.rows[n // rows], self.columns[n % rows]], dim=1)

    found = explained(find_exercise("AxialPositions"), ByRows)
    assert (found.question, found.finding.parts["name"]) == ("places count, weight", "rows")


def test_is_structure_told_before_values_and_values_before_gradients(exercise):
    vars(exercise)["misconceptions"] = ()
    assert explained(exercise, lambda x, by: x - 1.0 if by == 1 else "?" if by == 0 else 0.5).case == 2
    seen = [Observation({"result": 1.0, "modified": [], "gradients": {"x": g}}) for g in (X, X + 1)]
    findings = [difference(Observation(seen[0].outputs), seen[1], Tolerance()), None, None]
    findings[1] = Finding("wrong values", parts={"got": 1.0, "expected": 2.0}, form="whole")
    cases, right = expected(exercise, 0)
    assert most_telling(Evidence(exercise, 0, cases, right, findings)) == 1
    findings[0] = Finding("wrong dtype", parts={"got": torch.float32, "expected": torch.float16})
    assert most_telling(Evidence(exercise, 0, cases, right, findings)) == 1
    assert most_telling(Evidence(exercise, 0, cases, right, [findings[0], None, None])) == 0


@pytest.mark.parametrize(
    ("answer", "id_", "words"),
    [
        (lambda x, by: (x + 1) / by - 2, "operator: * → / in `y * by`", "put together by a division"),
        (lambda x, by: (x + 1) * by + 2, "operator: - → + in `y - 2`", "put together by a sum"),
        (lambda x, by: x * by - 2, "operands: 1 dropped in `x + 1`", "as if the number 1 were left out"),
        (lambda x, by: (x + 1) * by - 3, "constant: 2 → 3 in `y - 2`", "as if a number were one larger"),
        (lambda x, by: (x + 1) * by - 20, "number: 2 → 20 in `y - 2`", "as if another number stood in"),
        (lambda x, by: (x + 1) * x - 2, "name: by → x in `y * by`", "as if `x` were taken where another belongs"),
    ],
)
def test_is_one_small_change_of_a_right_answer_found_where_no_misconception_fits(exercise, answer, id_, words):
    vars(exercise)["misconceptions"] = ()
    verdict = judge(exercise, answer)
    assert (verdict.outcome, verdict.mutant) == ("wrong", id_)
    assert words in verdict.message and verdict.hint in verdict.message
    hasty = judge(exercise, answer, patience=0)
    assert hasty.mutant is None and (hasty.points, hasty.outcome) == (verdict.points, verdict.outcome)


def test_does_a_change_never_show_the_source_of_the_reference():
    """Names at most: no operator, no bracket with something in it, no number beyond one that is left out."""
    for exercise in all_exercises():
        for mutant in (m for rule in (*rules.ALL, *rules.MORE) for m in changes(exercise, rule)):
            for code in re.findall(r"`([^`]*)`", change(mutant)):
                assert re.fullmatch(r"[\w.]+|[&|<>=!]+|is|is not|in|not in|\*\*", code), (exercise.name, mutant.id)
            assert change(mutant).endswith("?"), mutant.id


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
