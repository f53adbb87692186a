"""The catalogue of sentences: each is used, filled whole, and stands nowhere else."""

import ast
import re
import string
from pathlib import Path

import numpy as np
import pytest
import torch

from autograder import catalogue, wording
from autograder.compare import compare, difference
from autograder.diagnosis import CRASH_QUESTIONS
from autograder.evidence import Crash, Explanation, Item, Key, Observation, Place
from autograder.exercise import Misconception
from autograder.feedback import SYMBOLS
from autograder.tolerance import Tolerance

AUTOGRADER = Path(catalogue.__file__).parent
ROOMS = ["judge", "subject", "forbid", "compare", "patterns", "tolerance", "behaviour", "diagnosis", "evidence"]
ROOMS += ["wording", "verdict", "feedback", "notebook", "progress", "hand_in"]
RIGHT = torch.tensor([[1.0, 2.0, 4.0], [3.0, 7.0, 5.0]])
REFUSED = Observation({"raised": "ValueError", "naming": "k"})
CUBE = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))


def seen(result, modified=(), **more):
    """What a probe reports."""
    return Observation({"result": result, "modified": list(modified), **more})


def crashed(*facts):
    return Observation(crash=Crash(*facts))


@pytest.mark.parametrize(
    ("name", "expected", "got", "sentence"),
    [
        ("crash", seen(1), crashed("E", "no"), "your answer stopped with E: no."),
        ("crash, line known", seen(1), crashed("E", "no", 3), "your answer stopped with E in line 3 of your code: no."),
        ("inputs modified", seen(1), seen(1, ["x"]), "your answer changed its argument x."),
        (
            "mode changed",
            seen(1),
            seen(1, mode=["the module"]),
            "your answer left the module in another mode than it was in: train() or eval().",
        ),
        (
            "requires_grad set",
            seen(1),
            seen(1, requires_grad=["x"]),
            "your answer set requires_grad of its argument x.",
        ),
        (
            "own random numbers",
            seen(1, drawn=["torch"]),
            seen(1, drawn=["torch", "numpy"]),
            "your answer draws random numbers of its own from numpy; those to use are handed in.",
        ),
        (
            "overwritten",
            seen(1),
            seen(1, overwritten=["tanh"]),
            "your answer writes in place into the output of tanh, which the gradient still needs.",
        ),
        (
            "not refused",
            REFUSED,
            Observation({"raised": None, "naming": "k"}),
            "the docstring promises a ValueError for a bad k, and none was raised.",
        ),
        (
            "refused by another exception",
            REFUSED,
            Observation({"raised": "IndexError", "naming": None}),
            "for a bad k, the docstring promises a ValueError; yours raised IndexError.",
        ),
        (
            "argument not named",
            REFUSED,
            Observation({"raised": "ValueError", "naming": None}),
            "the ValueError for a bad k is raised, but its message does not name k.",
        ),
        (
            "gradient missing",
            seen(1, gradients={"x": RIGHT}),
            seen(1, gradients={"x": None}),
            "the values are right, but the gradient with respect to x is missing.",
        ),
        (
            "wrong gradients",
            seen(1, gradients={"x": RIGHT}),
            seen(1, gradients={"x": 2 * RIGHT}),
            "the values are right, but not the gradients: every value of the gradient with respect to x is 2 times "
            "the expected one.",
        ),
        ("wrong type", RIGHT, "a", "the result is a string; expected a tensor of shape (2, 3)."),
        ("wrong number of items", [1], [1, 2], "the result has 2 items; expected 1."),
        ("missing keys", {"a": 1}, {}, "the result has no 'a'."),
        ("unexpected keys", {}, {1: 1}, "the result has 1, which should not be there."),
        ("wrong shape", RIGHT, RIGHT[0], "the result has shape (3,); expected (2, 3)."),
        ("wrong dtype", RIGHT, RIGHT.double(), "the result has dtype torch.float64; expected torch.float32."),
        ("wrong device", RIGHT, RIGHT.to("meta"), "the result is on meta; expected cpu."),
        ("NaN", RIGHT, RIGHT.where(RIGHT != 2, torch.nan), "the result has NaN at 1 place; no value should be NaN."),
        ("NaN, number", 1 / 3, float("nan"), "the result is NaN; expected 0.3333."),
        ("infinite", RIGHT, RIGHT.where(RIGHT < 5, torch.inf), "the result has 2 infinite values."),
        ("transposed", RIGHT, RIGHT.T, "the result is the transpose of what it should be."),
        (
            "axes permuted",
            CUBE,
            CUBE.permute(2, 0, 1),
            "the result holds the right values with the axes in the order (2, 0, 1) of the right ones.",
        ),
        ("scaled by a constant", RIGHT, -RIGHT, "every value of the result is -1 times the expected one."),
        ("reversed", RIGHT, RIGHT.flip(1), "the result is right, but in reverse order along axis 1."),
        ("shifted by one step, later", RIGHT, RIGHT.roll(1, 1), "the result comes one step later along axis 1."),
        ("shifted by one step, earlier", RIGHT, RIGHT.roll(-1, 1), "the result comes one step earlier along axis 1."),
        (
            "right until some step",
            RIGHT,
            RIGHT + torch.tensor([0.0, 0.0, 9.0]),
            "along axis 1, the result is right for the first 2 of 3 and wrong from index 2 on.",
        ),
        (
            "wrong values",
            RIGHT,
            RIGHT + torch.tensor([[0.0, 0.5, 0.0], [0.25, 0.0, 0.0]]),
            "2 of 6 values of the result differ: at [0, 1] it is 2.5; expected 2.",
        ),
        ("wrong values, whole", "사람", "사랑", "the result is '사랑'; expected '사람'."),
    ],
)
def test_is_each_kind_of_difference_told_with_its_facts(name, expected, got, sentence):
    """The sentences are written by hand; so is the list of kinds, which the next test compares with the catalogue."""
    observations = isinstance(expected, Observation)
    found = difference(expected, got, Tolerance()) if observations else compare(expected, got, Tolerance())
    assert wording.finding(found) == sentence
    assert (f"{found.kind}, {found.form}" if found.form else found.kind) == name
    assert fields(catalogue.FINDINGS[name]) - {"place"} == found.parts.keys()


def test_is_every_kind_of_difference_of_the_catalogue_tried():
    (mark,) = test_is_each_kind_of_difference_told_with_its_facts.pytestmark
    assert {row[0] for row in mark.args[1]} == catalogue.FINDINGS.keys()
    kinds = {name.split(", ")[0] for name in catalogue.FINDINGS}
    assert catalogue.GENERIC_HINTS.keys() < kinds


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(path=(Item(1, 2), Key("labels"))), "item 1 of the result['labels']"),
        (Place(path=(Item(0, 1),)), "the result"),
        (Place("outputs", path=(Key("loss"), Item(0, 3))), "item 0 of what came out['loss']"),
        (Place("gradient", "w_ih"), "the gradient with respect to w_ih"),
    ],
)
def test_is_a_place_told_step_by_step(place, words):
    assert wording.place(place) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (torch.zeros(2, 1), "a tensor of shape (2, 1)"),
        (torch.tensor(2.0), "a tensor without axes"),
        (np.zeros((2, 3)), "a NumPy array of shape (2, 3)"),
        (True, "a truth value"),
        (2, "a whole number"),
        (2.0, "a float"),
        ([], "a list"),
        ((), "a tuple"),
        ({}, "a dict"),
        ("", "a string"),
        (None, "None"),
        (b"", "of type bytes"),
    ],
)
def test_is_a_thing_called_by_what_it_is(value, words):
    assert wording.finding(compare(set(), value, Tolerance())) == f"the result is {words}; expected of type set."


def test_does_an_explanation_become_one_text():
    found = compare(1.0, 2.0, Tolerance())
    a, b = (Misconception(name, f"{name} is lost", f"Where is {name}?", edits={}) for name in "ab")
    start = "In the case “all”: The result is 2; expected 1."
    one = Explanation("wrong", 0, "all", found, mistakes=(a,))
    assert wording.message(one, 1) == f"{start} This is what comes out when a is lost. Where is a?"
    two = Explanation("wrong", 0, "all", found, mistakes=(a, b))
    assert wording.message(two, 1) == (
        f"{start} This is what comes out when a is lost and b is lost. Where is a? Where is b?"
    )
    assert two.diagnosis == "a is lost + b is lost"
    none = Explanation("wrong", 0, "all", found, question="wrong values")
    assert wording.message(none, 1) == f"{start} {catalogue.ANY_OTHER_HINT}"
    crash = Crash("KeyError", "'a'", 2, "line 2, in f\nKeyError: 'a'")
    found = difference(seen(1), Observation(crash=crash), Tolerance())
    stopped = Explanation("crashed", 0, "all", found, crash)
    assert wording.message(stopped, 1).endswith(
        "stopped with KeyError in line 2 of your code: 'a'. \n" + crash.traceback
    )
    assert wording.hint(stopped) is None and stopped.diagnosis is None


def test_is_every_sentence_used_and_given_all_its_parts_and_no_others():
    used = set()
    for module in [*ROOMS, "cells"]:
        for call in calls(module, "say"):
            name = ast.literal_eval(call.args[0])
            used.add(name)
            assert {keyword.arg for keyword in call.keywords} == fields(catalogue.SENTENCES[name]), name
    assert used == catalogue.SENTENCES.keys()
    assert catalogue.CRASH_HINTS.keys() == CRASH_QUESTIONS.keys()
    assert catalogue.OUTCOMES.keys() == SYMBOLS.keys()


def test_is_no_template_glued_to_a_word_or_to_another_part():
    for template in templates():
        assert not re.search(r"\w\{|\}\w|\}\{|^\s|\s$|  ", template), template


def test_are_sentences_for_students_nowhere_but_in_the_catalogue():
    """Four words in a row that are no name of the catalogue, no pattern, no docstring, no author's error and no HTML."""
    names = {name for table in vars(catalogue).values() if isinstance(table, dict) for name in table}
    names |= {name.split(", ")[0] for name in names} | set(CRASH_QUESTIONS.values())
    for module in ROOMS:
        tree = ast.parse((AUTOGRADER / f"{module}.py").read_text(encoding="utf-8"))
        for text in set(texts(tree)) - names:
            assert not re.search(r"([A-Za-z]+,? ){3}[A-Za-z]+", re.sub(r"<[^>]*>?", " ", text)), f"{module}: {text}"


def fields(template):
    """The names of a template's parts."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def templates():
    """Every text of the catalogue."""
    for table in vars(catalogue).values():
        for text in table.values() if isinstance(table, dict) else [table]:
            yield from [text] if isinstance(text, str) and text != catalogue.__doc__ else []
            yield from text if isinstance(text, tuple) else []


def calls(module, function):
    """The calls of a function in a module."""
    tree = ast.parse((AUTOGRADER / f"{module}.py").read_text(encoding="utf-8"))
    return [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", None) == function]


def texts(node):
    """The string constants below a node that are neither docstrings nor part of an exception for the course's authors."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        elif not isinstance(child, ast.Raise) and not (
            isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        ):
            yield from texts(child)
