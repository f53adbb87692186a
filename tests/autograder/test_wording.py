"""The catalogue of sentences: each is used, filled whole, and stands nowhere else."""

import ast
import re
import string
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from autograder import catalogue, wording
from autograder.compare import compare, difference
from autograder.crashes import PATTERNS, QUESTIONS
from autograder.evidence import Axis, Crash, Explanation, Finding, Item, Key, Observation, Place, Size, Trait
from autograder.exercise import Misconception
from autograder.feedback import SYMBOLS
from autograder.tolerance import Tolerance

AUTOGRADER = Path(catalogue.__file__).parent
ROOMS = ["judge", "subject", "forbid", "compare", "patterns", "tolerance", "behaviour", "diagnosis", "evidence"]
ROOMS += ["wording", "verdict", "feedback", "notebook", "progress", "handing_in", "repairs", "reporting", "axes", "changes", "partly", "throughout", "symptoms"]
ROOMS += ["relations", "sequences", "shapes", "trying", "other_inputs", "contrast"]
RIGHT = torch.tensor([[1.0, 2.0, 4.0], [3.0, 7.0, 5.0]])
REFUSED = Observation({"raised": "ValueError", "naming": "k"})
CUBE = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
MASK = torch.tensor([[True, False, True], [True, True, False]])
SHARES = torch.tensor([[0.25, 0.5, 0.25], [0.125, 0.25, 0.625]])
KEPT = torch.tensor([[1.0, -torch.inf, 3.0], [-torch.inf, 5.0, 6.5]])
GAPS = torch.tensor([[1.0, 0.0, 3.0], [0.0, 5.0, 6.5]])
LONG = torch.arange(28.0).view(4, 7).sin()
WIDE = torch.arange(1.0, 29.0).mul(1.3).sin().view(4, 7)
SQUARE = torch.arange(1.0, 17.0).mul(1.3).sin().view(4, 4)
IN_TIME = Place(axes=("batch", "time", "hidden"))


def seen(result, modified=(), **more):
    """What a probe reports."""
    return Observation({"result": result, "modified": list(modified), **more})


def crashed(*facts):
    return Observation(crash=Crash(*facts))


@pytest.mark.parametrize(
    ("left", "wanted"), [(1.6e-7, None), (1e-4, "gradient not wanted"), (float("inf"), "wrong gradients")]
)
@pytest.mark.parametrize("largest", [33.0, float("inf")])
def test_is_what_rounding_leaves_of_a_gradient_no_gradient(left, wanted, largest):
    """One word looks at itself alone: the query's gradient is 0, or what is left of it on some processors."""
    gradients = {"other": torch.tensor([33.0, largest]), "query": torch.zeros(2)}
    found = difference(seen(1, gradients=gradients), seen(1, gradients=gradients | {"query": torch.tensor([0.0, left])}), Tolerance())
    assert (found and found.kind) == wanted


@pytest.mark.parametrize(
    ("name", "expected", "got", "sentence"),
    [
        ("crash", seen(1), crashed("E"), "your answer stopped with E."),
        ("crash, message", seen(1), crashed("E", "no\nmore"), "your answer stopped with E: no."),
        ("crash, line", seen(1), crashed("E", " ", 3), "your answer stopped with E in line 3 of your code."),
        (
            "crash, line, message",
            seen(1),
            crashed("E", "no", 3),
            "your answer stopped with E in line 3 of your code: no.",
        ),
        (
            "crash, line, cell",
            seen(1),
            crashed("E", "", 3, "", (), "f"),
            "your answer stopped with E in line 3 of the cell with `f`.",
        ),
        (
            "crash, line, cell, message",
            seen(1),
            crashed("E", "no", 3, "", (), "f"),
            "your answer stopped with E in line 3 of the cell with `f`: no.",
        ),
        ("inputs modified", seen(1), seen(1, ["x"]), "your answer changed its argument `x`."),
        (
            "nothing new",
            seen(1, shared=[]),
            seen(1, shared=["x"]),
            "your answer hands `x` itself back, or a view of it; a new one is promised.",
        ),
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
            "your answer set requires_grad of its argument `x`.",
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
            "overwritten, line",
            seen(1),
            Observation({"result": 1, "modified": [], "overwritten": ["tanh"]}, line=3),
            "your answer writes in place, in line 3, into the output of tanh, which the gradient still needs.",
        ),
        (
            "not refused",
            REFUSED,
            Observation({"raised": None, "naming": "k"}),
            "the docstring promises a ValueError about k here, and none was raised.",
        ),
        (
            "refused by another exception",
            REFUSED,
            Observation({"raised": "IndexError", "naming": None}),
            "the docstring promises a ValueError about k here; yours raised IndexError.",
        ),
        (
            "refused by another exception, assert",
            REFUSED,
            Observation({"raised": "AssertionError", "naming": False}),
            "the docstring promises a ValueError about k here; yours is an `assert`.",
        ),
        (
            "argument not named",
            REFUSED,
            Observation({"raised": "ValueError", "naming": None}),
            "a ValueError is raised here, but its message does not name k, as the docstring promises.",
        ),
        (
            "gradient missing",
            seen(1, gradients={"x": RIGHT}),
            seen(1, gradients={"x": None}),
            "the values are right, but the gradient with respect to `x` is missing.",
        ),
        (
            "wrong gradients",
            seen(1, gradients={"x": RIGHT}),
            seen(1, gradients={"x": 2 * RIGHT}),
            "the values are right, but not the gradients: every value of the gradient with respect to `x` is 2 times "
            "the expected one.",
        ),
        ("wrong type", RIGHT, "a", "the result is a string; expected a tensor of shape (2, 3)."),
        ("wrong number of items", [1, 2, 3], [4, 5], "the result has 2 items; expected 3."),
        ("missing keys", {"a": 1}, {}, "the result has no 'a'."),
        ("unexpected keys", {}, {1: 1}, "the result has 1, which should not be there."),
        ("wrong shape", CUBE, CUBE[0, 0], "the result has shape (4,); expected (2, 3, 4)."),
        (
            "wrong shape, axis of one lost",
            RIGHT[:1],
            RIGHT[0],
            "the result has shape (3,); expected (1, 3): an axis with a single entry is gone.",
        ),
        (
            "wrong shape, axis of one added",
            RIGHT,
            RIGHT[None],
            "the result has shape (1, 2, 3); expected (2, 3): there is an axis of 1 too many.",
        ),
        (
            "wrong shape, axis lost",
            CUBE,
            CUBE[:, 0].cos(),
            "the result has shape (2, 4); expected (2, 3, 4): axis 1 is gone.",
        ),
        (
            "wrong shape, axis lost, reduced",
            CUBE,
            CUBE.mean(1),
            "the result has shape (2, 4); expected (2, 3, 4): it is the mean along axis 1 of what it should be.",
        ),
        (
            "wrong shape, begins right",
            LONG,
            LONG[:3, :5],
            "the result has shape (3, 5); expected (4, 7): as far as both go, it begins right.",
        ),
        (
            "wrong shape, ends right",
            LONG,
            LONG[1:, 2:],
            "the result has shape (3, 5); expected (4, 7): as far as both go, it ends right.",
        ),
        (
            "wrong shape, one axis, begins right",
            CUBE,
            CUBE[:, :2],
            "the result has size 2 along axis 1; expected 3: as far as both go, it begins right.",
        ),
        (
            "wrong shape, one axis, ends right",
            CUBE,
            torch.cat([CUBE.cos()[:, :1], CUBE], 1),
            "the result has size 4 along axis 1; expected 3: as far as both go, it ends right.",
        ),
        (
            "wrong type, among others",
            RIGHT,
            (RIGHT.cos(), RIGHT),
            "the result is a tuple, in which [1] is right; expected that alone, a tensor of shape (2, 3).",
        ),
        ("wrong type, one part alone", (RIGHT, 2), RIGHT, "the result is a tensor of shape (2, 3): only what should be [0] of a tuple."),
        ("wrong type, values right", 7, "7", "the result holds the right values, but is a string; expected a whole number."),
        ("lacks some", [3, 5, 5, 7], [3, 5, 7], "the result is [3, 5, 7]; expected [3, 5, 5, 7]: it lacks 5, and all else is right."),
        (
            "has some too many",
            [[1, 2], [3], [5]],
            [[1, 2], [2], [3], [5]],
            "the result is [[1, 2], [2], [3], [5]]; expected [[1, 2], [3], [5]]: [2] is too much, and all else is right.",
        ),
        ("numbers off", [3, 5, 5, 7], [3, 6, 5, 8], "the result is [3, 6, 5, 8]; expected [3, 5, 5, 7]: every number that is wrong is off by +1."),
        (
            "differs at one place",
            "the cat sat on the mat",
            "the cat sits on the mat",
            "the result has 'its' from index 9 on, where 'at' should be; all else is right.",
        ),
        (
            "right at first",
            [1, 2, 3, 9, 9, 4, 4, 8],
            [1, 5, 2, 2, 7, 8, 6, 6, 5, 5, 3],
            "the result has 11 items, 8 expected: it is right up to index 1, where [5] stands for [2].",
        ),
        ("gradient not wanted", seen(1, gradients={"x": None}), seen(1, gradients={"x": RIGHT}), "the values are right, but the gradient with respect to `x` should be 0 or none at all, and is not."),
        ("wrong dtype, values right", RIGHT, RIGHT.double(), "the result holds the right values, but with dtype torch.float64; expected torch.float32."),
        (
            "wrong shape, axes in another order",
            CUBE,
            CUBE.permute(1, 0, 2).cos(),
            "the result has shape (3, 2, 4); expected (2, 3, 4): the axes are in another order.",
        ),
        ("wrong shape, one axis", CUBE, CUBE[:, :2].cos(), "the result has size 2 along axis 1; expected 3."),
        ("wrong dtype", RIGHT, RIGHT.double().cos(), "the result has dtype torch.float64; expected torch.float32."),
        ("wrong device", RIGHT, RIGHT.to("meta"), "the result is on meta; expected cpu."),
        ("NaN", RIGHT, RIGHT.where(RIGHT != 2, torch.nan), "the result has NaN at 1 place; no value should be NaN."),
        ("NaN, number", 1 / 3, float("nan"), "the result is NaN; expected 0.3333."),
        (
            "infinite",
            RIGHT,
            RIGHT.where(RIGHT < 5, torch.inf),
            "the result has 2 infinite values, where none should be infinite.",
        ),
        ("transposed", RIGHT, RIGHT.T, "the result is the transpose of what it should be."),
        (
            "axes permuted",
            CUBE,
            CUBE.permute(2, 0, 1),
            "the result holds the right values with the axes in the order (2, 0, 1) of the right ones.",
        ),
        ("scaled by a constant", RIGHT, -2 * RIGHT, "every value of the result is -2 times the expected one."),
        ("scaled by a constant, opposite", RIGHT, -RIGHT, "every value of the result has the opposite sign."),
        ("scaled by a constant, number", 2.0, -2.0, "the result is -2; expected 2: the sign is the other one."),
        (
            "stretched and moved",
            RIGHT,
            2 * RIGHT - 1,
            "every value of the result is 2 times the expected one, -1.",
        ),
        ("shifted by a constant", RIGHT, RIGHT - 3, "every value of the result differs from the expected one by -3."),
        ("the same everywhere", RIGHT, RIGHT * 0 + 3, "every value of the result is 3; they should differ."),
        ("a function of", RIGHT, RIGHT**2, "the result is the square of what it should be, value by value."),
        ("a function of, number", 3.0, 9.0, "the result is 9, the square of what it should be: 3."),
        (
            "nearly right",
            RIGHT,
            RIGHT + torch.tensor([[0.01, -0.02, 0.02], [0.01, 0.01, -0.02]]),
            "the result is nearly right: no value is off by more than 0.02.",
        ),
        (
            "nearly right, whole numbers",
            torch.tensor([10, 20, 90, 250, 400, 127]),
            torch.tensor([11, 20, 89, 250, 401, 127]),
            "the result is nearly right: no number is off by more than 1.",
        ),
        ("sums not to one", SHARES, SHARES.cos() / 2, "a row of the result adds up to 1.408; each should add up to 1."),
        ("not zero", GAPS, GAPS + (GAPS == 0), "the result is right, but for 2 places that should be exactly 0."),
        (
            "not zero, and more",
            GAPS,
            GAPS.cos(),
            "the result differs, and 2 places should be exactly 0.",
        ),
        (
            "wrong places infinite",
            KEPT,
            KEPT.fliplr(),
            "the result is infinite at 1 place where it should be finite, and finite at 1 place where it should be "
            "infinite.",
        ),
        (
            "wrong places infinite, too few",
            KEPT,
            KEPT.nan_to_num(),
            "the result is finite at 2 places where it should be infinite.",
        ),
        (
            "wrong places infinite, too many",
            KEPT,
            KEPT.where(KEPT < 4, -torch.inf),
            "the result is infinite at 2 places where it should be finite.",
        ),
        (
            "reshaped",
            CUBE,
            CUBE.transpose(1, 2).reshape(2, 3, 4),
            "the result holds the right values in wrong places, as if axis 1 and axis 2 had been reshaped, not swapped.",
        ),
        (
            "in other places",
            RIGHT,
            RIGHT.flatten()[[2, 4, 0, 5, 1, 3]].view(2, 3),
            "the result holds the right values, but in other places.",
        ),
        (
            "inverted",
            MASK,
            ~MASK,
            "the result is True wherever it should be False, and False wherever it should be True.",
        ),
        (
            "wrong truth",
            MASK,
            torch.tensor([[False, True, True], [True, True, False]]),
            "the result is True at 1 place where it should be False, and False at 1 place where it should be True: first at "
            "[0, 0].",
        ),
        (
            "wrong truth, too often",
            MASK,
            MASK | True,
            "the result is True at 2 places where it should be False: first at [0, 1].",
        ),
        (
            "wrong truth, too seldom",
            MASK,
            MASK & False,
            "the result is False at 4 places where it should be True: first at [0, 0].",
        ),
        ("parts exchanged", (RIGHT, 1), (1, RIGHT), "the two parts of the result are exchanged."),
        ("list reversed", [1, 2, 3], [3, 2, 1], "the result holds the right items, but from the end to the beginning."),
        (
            "list in another order, parts",
            (RIGHT, RIGHT + 1, RIGHT + 2),
            (RIGHT + 1, RIGHT, RIGHT + 2),
            "the parts of the result are right, but stand in another order.",
        ),
        ("list in another order", [1, 2, 3], [2, 1, 3], "the result holds the right items in another order."),
        (
            "wrong number of items, ends early",
            [1, 2, 3],
            [1, 2],
            "the result ends too early: it has 2 items of 3, and these are right.",
        ),
        (
            "wrong number of items, goes on",
            [1, 2],
            [1, 2, 3],
            "the result goes on too long: it begins right, but has 3 items where 2 should be.",
        ),
        (
            "wrong number of items, begins late",
            [1, 2, 3],
            [2, 3],
            "the result lacks what should come first: it has 2 items of 3, the last ones.",
        ),
        (
            "wrong number of items, begins early",
            [2, 3],
            [1, 2, 3],
            "the result has too much at its beginning: 3 items, of which only the last 2 should be.",
        ),
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
        (
            "wrong values, all",
            RIGHT,
            RIGHT + torch.tensor([[1.0, 0.5, 2.0], [0.25, 3.0, 1.0]]),
            "all 6 values of the result differ: at [0, 0] it is 2; expected 1.",
        ),
        (
            "wrong values, whole, case",
            "Love",
            "love",
            "the result is 'love'; expected 'Love': only capitals and small letters differ.",
        ),
        ("wrong values, whole, spaces", "a b", "ab", "the result is 'ab'; expected 'a b': only spaces differ."),
        ("wrong values, whole, ends early", "abc", "ab", "the result is 'ab'; expected 'abc': it ends too early."),
        ("sums to one", WIDE, WIDE.softmax(1), "the result adds up to 1 along axis 1, as after a softmax, and should not."),
        (
            "sums to one, logarithms",
            WIDE,
            WIDE.log_softmax(1),
            "the exponentials of the result add up to 1 along axis 1, as after a log-softmax, and should not.",
        ),
        (
            "sums not to one, along another axis",
            WIDE.softmax(1),
            WIDE.softmax(0),
            "the result adds up to 1 along axis 0; it should along the last axis.",
        ),
        (
            "normal along an axis",
            WIDE,
            (WIDE.square() - WIDE.square().mean(0)) / WIDE.square().std(0, correction=0),
            "the result has mean 0 and variance 1 along axis 0, as after a normalisation, and should not.",
        ),
        ("negative", WIDE + 1, WIDE.square() - 0.5, "the result is negative at 14 places, and no right value is."),
        ("rounded to digits", WIDE, WIDE.mul(100).round() / 100, "the result is right, but rounded: every value has at most 2 decimal places."),
        ("cut off, above", WIDE, WIDE.clamp(max=0.5), "the result is right up to 0.5, and cut off there: no value is larger."),
        ("cut off, below", WIDE, WIDE.clamp(min=-0.5), "the result is right down to -0.5, and cut off there: no value is smaller."),
        ("the same along", WIDE, WIDE[:1].cos().expand(4, 7), "the result is the same all along axis 0, where it should change."),
        ("running sum, once too often", WIDE, WIDE.cumsum(1), "the result is the running sum along axis 1 of what it should be."),
        ("running sum, not taken", WIDE.cumsum(0), WIDE, "the result would be right if it were added up along axis 0, as a running sum."),
        (
            "in another order along",
            WIDE,
            WIDE[[2, 0, 1, 3]],
            "the result is right along axis 0 but for the order: there stands what should be at 2, 0, 1 and 3.",
        ),
        (
            "scaled along",
            WIDE,
            WIDE * torch.tensor([2.0, 3, 4, 5])[:, None],
            "the result is right but for a factor, one all along axis 1 and another elsewhere: the first is 2.",
        ),
        (
            "shifted along",
            WIDE,
            WIDE + torch.tensor([2.0, 3, 4, 5])[:, None],
            "the result is right but for a summand, one all along axis 1 and another elsewhere: the first is +2.",
        ),
        (
            "right only at",
            WIDE,
            torch.cat([WIDE[:2].cos(), WIDE[2:3], WIDE[3:].cos()]),
            "along axis 0, the result is right only at 2 of 4 (counted from 0).",
        ),
        ("symmetric", SQUARE, SQUARE + SQUARE.T - SQUARE.diag().diag(), "the result is symmetric, and should not be."),
        (
            "wrong exactly where, negative",
            WIDE,
            WIDE.where(WIDE > 0, WIDE.cos() + 1),
            "the result is wrong at 14 places: exactly where it should be negative.",
        ),
        (
            "wrong exactly where, positive",
            WIDE,
            WIDE.where(WIDE <= 0, WIDE.cos() + 1),
            "the result is wrong at 14 places: exactly where it should be positive.",
        ),
        ("wrong exactly where, zero", WIDE + 2, (WIDE + 2) * (WIDE > -0.5), "the result is wrong at 10 places: exactly where it is 0."),
        (
            "wrong exactly where, diagonal",
            SQUARE,
            SQUARE + SQUARE.cos().diag().diag(),
            "the result is wrong exactly on the diagonal of its last two axes.",
        ),
        (
            "wrong exactly where, off the diagonal",
            SQUARE,
            SQUARE.cos().where(~torch.eye(4, dtype=torch.bool), SQUARE),
            "the result is right on the diagonal of its last two axes, and wrong everywhere else.",
        ),
        (
            "wrong exactly where, above",
            SQUARE,
            SQUARE + SQUARE.cos().triu(1),
            "the result is wrong exactly above the diagonal of its last two axes.",
        ),
        (
            "wrong exactly where, below",
            SQUARE,
            SQUARE + SQUARE.cos().tril(-1),
            "the result is wrong exactly below the diagonal of its last two axes.",
        ),
        (
            "off where wrong, summand",
            WIDE,
            WIDE + 2 * (WIDE > 0.5),
            "the result is wrong at 10 places, each time by +2.",
        ),
        (
            "off where wrong, factor",
            WIDE,
            WIDE.where(WIDE < 0.5, 3 * WIDE),
            "the result is wrong at 10 places, each time 3 times what it should be.",
        ),
        ("wrong values, whole, goes on", "ab", "abc", "the result is 'abc'; expected 'ab': it goes on too long."),
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


@pytest.mark.parametrize(
    ("name", "parts", "sentence"),
    [
        ("other every time", {}, "your answer gives another result each time it is called with the same arguments."),
        (
            "other every time, kept",
            {},
            "your answer gives another result each time it is called with the same arguments, even with the same random "
            "numbers.",
        ),
        ("nothing returned", {}, "your answer returns nothing: None."),
        ("argument returned", {"name": "x"}, "your answer gives back its argument `x` as it came."),
        ("always the same", {"got": [1]}, "your answer gives [1] in every case, whatever its arguments are."),
        (
            "not refused, others are",
            {"argument": "step", "type": "ValueError"},
            "others are refused, but here a ValueError about step is promised, and none was raised.",
        ),
        (
            "without influence",
            {"names": ["a", "b"]},
            "the result is not right yet, and no gradient reaches `a` and `b`: unused, or cut off.",
        ),
        (
            "places count",
            {"name": "x", "places": 2, "index": [0, 4]},
            "the result depends on `x` at 2 places where it should not: first at [0, 4].",
        ),
        (
            "places do not count",
            {"name": "x", "places": 1, "index": [0, 4]},
            "the result does not depend on `x` at 1 place where it should: first at [0, 4].",
        ),
        (
            "places count, weight",
            {"name": "rows", "places": 1, "index": [2]},
            "the result depends on the weight `rows` at 1 place where it should not: first at [2].",
        ),
        (
            "places do not count, weight",
            {"name": "rows", "places": 2, "index": [2]},
            "the result does not depend on the weight `rows` at 2 places where it should: first at [2].",
        ),
        ("differs throughout, factor", {"factor": 0.125}, "in every case the result is 0.125 times what it should be."),
        ("differs throughout, distance", {"distance": 1}, "in every case the result differs by +1 from what it should be."),
        (
            "nearly right throughout",
            {"percent": 6.1234},
            "in every case the result is nearly right: no number is off by more than 6.1 %.",
        ),
        (
            "size from the values",
            {"axis": Axis(0, "classes"), "name": "truth", "got": 4, "expected": 7},
            "the axis “classes” of the result is as long as the largest number in `truth` says, plus 1: 4; expected 7.",
        ),
        ("not used", {"name": "x"}, "the result stayed the same when `x` was changed, and should have changed with it."),
        ("used", {"name": "x"}, "the result changed when `x` was changed, and should have stayed the same."),
        (
            "reaches too far",
            {"name": "x", "at": 2, "along": Axis(1, "time"), "axis": Axis(0, "batch"), "indices": [0, 1]},
            "with `x` changed at index 2 along time alone, the result changed at 0 and 1 along the batch, and should not have.",
        ),
        (
            "reaches too far, only axis",
            {"name": "x", "at": 2, "axis": Axis(0), "indices": [0]},
            "with `x` changed at index 2 alone, the result changed at 0 along axis 0, and should not have.",
        ),
        (
            "reaches too far, at all",
            {"name": "x", "at": 2, "along": Axis(1)},
            "with `x` changed at index 2 along axis 1 alone, the result changed, and should not have.",
        ),
        (
            "reaches too far, only axis, at all",
            {"name": "x", "at": 2},
            "with `x` changed at index 2 alone, the result changed, and should not have.",
        ),
        (
            "does not reach",
            {"name": "x", "at": 2, "along": Axis(1), "axis": Axis(0), "indices": [0]},
            "with `x` changed at index 2 along axis 1 alone, the result stayed as it was at 0 along axis 0, and should have changed.",
        ),
        (
            "does not reach, only axis",
            {"name": "x", "at": 2, "axis": Axis(0), "indices": [0]},
            "with `x` changed at index 2 alone, the result stayed as it was at 0 along axis 0, and should have changed.",
        ),
        (
            "does not reach, at all",
            {"name": "x", "at": 2, "along": Axis(1)},
            "with `x` changed at index 2 along axis 1 alone, the result stayed as it was, and should have changed.",
        ),
        (
            "does not reach, only axis, at all",
            {"name": "x", "at": 2},
            "with `x` changed at index 2 alone, the result stayed as it was, and should have changed.",
        ),
        ("right if", {"trait": Trait("all zero", "x")}, "if every value of `x` is 0, the result is right."),
        ("right afresh", {}, "in a new module the result is right, but not once it has been called with other weights."),
        (
            "right with another",
            {"name": "x", "instead": Trait("turned round", "x", 1)},
            "with `x`, reversed along axis 1 in the place of `x`, the result is right.",
        ),
        (
            "right with another, exchanged",
            {"name": "x", "other": "y"},
            "with `x` and `y` exchanged, the result is right.",
        ),
        (
            "wrong exactly with",
            {"trait": Trait("equal", "k", 3)},
            "of the cases drawn, your answer is wrong exactly where `k` is 3.",
        ),
        (
            "too much throughout, too large",
            {"least": 1.5, "most": 4.25},
            "in every case that is wrong, the result is too large: 1.5 to 4.25 times what it should be.",
        ),
        (
            "too much throughout, too small",
            {"least": 0.125, "most": 0.5},
            "in every case that is wrong, the result is too small: 0.125 to 0.5 times what it should be.",
        ),
        ("off by a number, larger", {"size": Size("sum", "x")}, "the result is too large by a factor that is the sum of `x`."),
        ("off by a number, smaller", {"size": Size("itself", "k")}, "the result is too small by a factor that is `k`."),
        (
            "off by a number, larger, root",
            {"size": Size("axis", "x", 1)},
            "the result is too large by a factor that is the square root of the size of axis 1 of `x`.",
        ),
        (
            "off by a number, smaller, root",
            {"size": Size("true", "x")},
            "the result is too small by a factor that is the square root of the number of places where `x` is True.",
        ),
        (
            "off by a number, quotient",
            {"size": Size("counts", "x"), "other": Size("values", "y")},
            "the result is what it should be, multiplied by the number of places of `x` that are not −100 and divided by the "
            "number of values of `y`.",
        ),
        (
            "off by a size, larger",
            {"name": "x"},
            "the result is too large by a factor that is the number of values of `x`.",
        ),
        (
            "off by a size, smaller, axis",
            {"name": "x", "number": 1},
            "the result is too small by a factor that is the size of axis 1 of `x`.",
        ),
        (
            "off by a size, smaller",
            {"name": "x"},
            "the result is too small by a factor that is the number of values of `x`.",
        ),
        (
            "off by a size, larger, axis",
            {"name": "x", "number": 0},
            "the result is too large by a factor that is the size of axis 0 of `x`.",
        ),
    ],
)
def test_is_what_the_diagnosis_finds_told_too(name, parts, sentence):
    kind, _, form = name.partition(", ")
    assert wording.finding(Finding(kind, parts=parts, form=form)) == sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: t.flip(1), "the result is right, but in reverse order along time."),
        (lambda t: t.roll(1, 1), "the result comes one step later along time."),
        (
            lambda t: torch.cat([t[:, :2], t[:, 2:].cos()], 1),
            "along time, the result is right for the first 2 of 5 and wrong from index 2 on.",
        ),
        (
            lambda t: torch.cat([t[:2], t[2:].cos()]),
            "along the batch, the result is wrong only at 2 of 3 (counted from 0).",
        ),
        (
            lambda t: t.cos(),
            "all 60 values of the result differ: at batch 0, time 0, hidden 0 it is 0.9998; expected -0.01846.",
        ),
        (lambda t: t.cos()[:, 0], "the result has shape (3, 4); expected (3, 5, 4): time is gone."),
        (lambda t: t.sum(1), "the result has shape (3, 4); expected (3, 5, 4): it is the sum along time of what it should be."),
        (
            lambda t: t.flip(2),
            "the result is right along the axis “hidden” but for the order: there stands what should be at 3, 2, 1 and 0.",
        ),
        (
            lambda t: t.flip(0, 2),
            "the result holds the right values, but in other places.",
        ),
    ],
)
def test_are_axes_told_by_their_names_and_an_order_only_where_there_is_one(change, sentence):
    right = torch.arange(60.0).mul(1.7).cos().view(3, 5, 4)
    right[0, 0, 0] = -0.01846
    got = change(right)
    assert wording.finding(compare(right, got, Tolerance(), IN_TIME)) == sentence


def test_are_rows_that_hold_different_things_told_apart():
    """Where the annotation gives an axis a number instead of a name."""
    right = torch.arange(12.0).mul(1.7).cos().view(3, 4)
    place = Place(axes=("3", "classes"))
    found = compare(right, torch.cat([right[:1], right[1:].sin()]), Tolerance(), place)
    assert found.kind == "right at few places"
    assert wording.finding(found) == "along axis 0, the result is right at 0 and wrong at 1 and 2 (counted from 0)."
    assert compare(right, right.sin(), Tolerance(), place).kind == "wrong values"


def test_is_every_kind_of_difference_of_the_catalogue_tried():
    tests = (test_is_each_kind_of_difference_told_with_its_facts, test_is_what_the_diagnosis_finds_told_too)
    tried = {row[0] for test in tests for row in test.pytestmark[0].args[1]}
    assert catalogue.FINDINGS.keys() - tried == {"wrong at few places", "right at few places"}  # only where axes are known, as above
    assert tried <= catalogue.FINDINGS.keys()
    kinds = {name.split(", ")[0] for name in catalogue.FINDINGS}
    assert {name.split(", ")[0] for name in catalogue.GENERIC_HINTS} < kinds
    assert {name for name in catalogue.GENERIC_HINTS if ", " in name} < catalogue.FINDINGS.keys()


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(path=(Item(1, 2), Key("labels"))), '`result[1]["labels"]`'),
        (Place(path=(Item(0, 1),)), "the result"),
        (Place(path=(Item(0, 2), Item(0, 1))), "`result[0][0]`"),
        (Place("outputs", path=(Key("loss"), Item(0, 3))), "`loss[0]`"),
        (Place("gradient", "w_ih"), "the gradient with respect to `w_ih`"),
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


def test_is_a_function_of_one_number_of_a_list_told_only_if_it_holds_for_all():
    told = [wording.finding(compare([4.0, 3.0], got, Tolerance())) for got in ([16.0, 9.0], [16.0, 3.5])]
    assert told == ["`result[0]` is 16, the square of what it should be: 4.", "`result[0]` is 16; expected 4."]


def test_has_zero_no_sign():
    assert wording.finding(compare(RIGHT, RIGHT * -0.0, Tolerance())).startswith("every value of the result is 0;")
    assert wording.finding(compare(1.5, -0.0, Tolerance())) == "the result is 0; expected 1.5."


def test_is_a_whole_number_no_function_of_another_and_its_zero_nothing_special():
    ids = torch.tensor([0, 3, 0, 5, 7])
    assert compare(950, 1, Tolerance()).kind == "wrong values"  # 1 is also the sigmoid of 950
    assert compare(0.6131, 1.0, Tolerance()).kind == "wrong values"  # nor is it rounded
    assert compare(17.3, 17.0, Tolerance()).kind == "a function of"
    assert compare(0.0, -3.0, Tolerance()).kind == "wrong values"  # and 0 the ReLU of anything below
    assert compare(ids, torch.tensor([4, 3, 1, 6, 2]), Tolerance()).kind == "wrong values"


def test_does_an_explanation_become_one_text():
    found = compare(1.0, 2.0, Tolerance())
    a, b = (Misconception(name, f"{name} is lost", f"Where is {name}?", edits={}) for name in "ab")
    start = "In the case “all”: The result is 2; expected 1."
    one = Explanation("wrong", 0, "all", found, mistakes=(a,))
    assert wording.message(one, 1) == f"{start} This is what comes out when a is lost. Where is a?"
    two = Explanation("wrong", 0, "all", found, mistakes=(a, b))
    assert wording.message(two, 1) == (
        f"{start} Two things together give this: a is lost; b is lost. Where is a? Where is b?"
    )
    assert two.diagnosis == "a is lost + b is lost"
    none = Explanation("wrong", 0, "all", found, question="wrong values")
    assert wording.message(none, 1) == f"{start} {catalogue.ANY_OTHER_HINT}"
    some = Explanation("wrong", 0, "all", found, mistakes=(a,), only=("all",))
    assert wording.message(some, 1) == (
        f"{start} In “all” this is what comes out when a is lost; elsewhere that is not the whole story. Where is a?"
    )
    guarded = replace(some, right_elsewhere=True)
    assert wording.message(guarded, 1) == (
        f"{start} Where your answer is wrong, this is what comes out when a is lost; in other cases that would be wrong, "
        "too, and your answer is right. Where is a?"
    )
    partly = Explanation("wrong", 0, "all", found, mistakes=(a,), parts=(Place(path=(Item(1, 2),)),))
    assert wording.message(partly, 1) == (
        f"{start} In `result[1]` this is what comes out when a is lost; the rest is right. Where is a?"
    )
    assert partly.diagnosis == "a is lost"
    given = Explanation("wrong", 0, "all", found, mistakes=(a,), inputs={"text": "so", "n": 2})
    assert "Tried with `text = 'so'`, `n = 2`." in wording.message(given, 1, "f")
    tensors = Explanation("wrong", 0, "all", found, mistakes=(a,), inputs={"x": RIGHT})
    assert wording.message(tensors, 1, "f").endswith("(`check(f, show=True)` shows what it was tried with.)")
    assert wording.case(tensors).endswith("x = float32 of shape (2, 3): [[1.0, 2.0, 4.0], [3.0, 7.0, 5.0]]")
    crash = Crash("KeyError", "'a'", 2, "line 2, in f\nKeyError: 'a'")
    found = difference(seen(1), Observation(crash=crash), Tolerance())
    stopped = Explanation("crashed", 0, "all", found, crash)
    assert wording.message(stopped, 1).endswith(
        "stopped with KeyError in line 2 of your code: 'a'.\n" + crash.traceback
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
    assert catalogue.CRASH_HINTS.keys() == QUESTIONS
    assert catalogue.OUTCOMES.keys() == SYMBOLS.keys()


def test_is_no_template_glued_to_a_word_or_to_another_part():
    for template in templates():
        assert not re.search(r"\w\{|\}\w|\}\{|^\s|\s$|  ", template), template


def test_are_sentences_for_students_nowhere_but_in_the_catalogue():
    """Four words in a row that are no name of the catalogue, no pattern, no docstring, no author's error and no HTML."""
    names = {name for table in vars(catalogue).values() if isinstance(table, dict) for name in table}
    names |= {part for name in names for part in name.split(", ", 1)} | {p.told for p in PATTERNS} | {p.line for p in PATTERNS}
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
