"""Find what differs between what an answer gave and what the reference gave, in every case.

Both are trees of plain data: tensors, arrays, numbers, strings, lists, dicts. Structure, shape, dtype, device and
NaN come first, then values within a tolerance; before "wrong values" a difference with a name is looked for.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.evidence import RESULT, Finding, Item, Key, Observation, Place
from autograder.patterns import function_of, named_difference, permuted
from autograder.sequences import difference_of_sequences, named_list_difference, text_difference
from autograder.shapes import other_shape
from autograder.tolerance import Tolerance, plain, same, same_dtype, same_kind

#: What else an answer may do, as a probe reports it, and the kind of the finding.
SIDE_EFFECTS = {
    "modified": "inputs modified",
    "mode": "mode changed",
    "requires_grad": "requires_grad set",
    "drawn": "own random numbers",
    "overwritten": "overwritten",
    "shared": "nothing new",
}

EXACT = Tolerance(0.0, 0.0)


def differences(
    expected: Sequence[Observation], observed: Sequence[Observation], tolerance: Tolerance, result: Place = RESULT
) -> list[Finding | None]:
    """For each case the first thing that differs, or None."""
    return [difference(e, o, tolerance, result) for e, o in zip(expected, observed, strict=True)]


def alike(some: Sequence[Observation], others: Sequence[Observation], tolerance: Tolerance) -> bool:
    """Whether two answers behave the same in every case: outputs that agree, and the same crashes.

    One may hand an argument back where the other makes a copy of it: that is told by itself.
    """

    def own(outputs: Any) -> Any:
        is_report = isinstance(outputs, dict) and "shared" in outputs
        return {key: part for key, part in outputs.items() if key != "shared"} if is_report else outputs

    for a, b in zip(some, others, strict=True):
        if a.crash or b.crash:
            if not (a.crash and b.crash and a.crash.same_as(b.crash)):
                return False
        elif not same(own(a.outputs), own(b.outputs), tolerance):
            return False
    return True


def difference(
    expected: Observation, observed: Observation, tolerance: Tolerance, result: Place = RESULT
) -> Finding | None:
    """What an observation has that the reference's has not: in the result, the arguments, the gradients, the rest."""
    if crash := observed.crash:
        facts = {"line": crash.line, "cell": crash.cell, "message": crash.message.strip()}
        known = {name: fact for name, fact in facts.items() if fact and (crash.line or name != "cell")}
        return Finding("crash", parts={"type": crash.type} | known, form=", ".join(known))
    e, o = expected.outputs, observed.outputs
    if isinstance(e, dict) and "raised" in e:
        return _compare_refusals(e, o)
    tolerance = replace(tolerance, noise=expected.noise)
    if not (isinstance(e, dict) and "result" in e and isinstance(o, dict) and "result" in o):
        return compare(e, o, tolerance, result)
    if finding := compare(e["result"], o["result"], tolerance, result):
        return finding
    for what, finding_kind in SIDE_EFFECTS.items():
        if more := [name for name in o.get(what, ()) if name not in e.get(what, ())]:
            if what == "overwritten" and observed.line:
                return Finding(finding_kind, parts={"name": more[0], "line": observed.line}, form="line")
            return Finding(finding_kind, parts={"name": more[0]})
    given, got = e.get("gradients", {}), o.get("gradients", {})
    finite = (g[g.isfinite()].abs() for g in given.values() if g is not None)
    largest = max((values.max().item() for values in finite if values.numel()), default=0.0)
    if finding := _first(_compare_gradients(name, g, got.get(name), tolerance, largest) for name, g in given.items()):
        return finding
    rest = {key: value for key, value in e.items() if key not in ("result", "gradients", *SIDE_EFFECTS)}
    return compare(rest, {key: o.get(key) for key in rest}, tolerance, Place("outputs"))


def noise(single: Any, double: Any) -> dict[Place, float]:
    """By place, how far what a probe reports in single precision is from the same in double precision.

    >>> noise({"result": torch.tensor([1.0])}, {"result": torch.tensor([1.5]).double()})
    {Place(root='result', argument='', path=()): 0.5}
    """
    found = {}

    def walk(a: Any, b: Any, place: Place) -> None:
        if isinstance(a, Tensor) and isinstance(b, Tensor) and a.shape == b.shape and a.is_floating_point():
            gap = (a.detach().double() - b.detach().double()).abs()
            found[place] = float(gap[gap.isfinite()].max()) if gap.isfinite().any() else 0.0
        elif isinstance(a, float) and isinstance(b, float):
            found[place] = abs(a - b)
        elif isinstance(a, dict) and isinstance(b, dict):
            for key in a.keys() & b.keys():
                walk(a[key], b[key], place.down(Key(key)))
        elif isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and len(a) == len(b):
            for i in range(len(a)):
                walk(a[i], b[i], place.down(Item(i, len(a))))

    if isinstance(single, dict) and isinstance(double, dict):
        walk(single.get("result"), double.get("result"), RESULT)
        for name, gradient in (single.get("gradients") or {}).items():
            walk(gradient, (double.get("gradients") or {}).get(name), Place("gradient", name))
    return found


def compare(expected: Any, got: Any, tolerance: Tolerance, place: Place = RESULT) -> Finding | None:
    """The first difference between two trees of plain data, or None.

    >>> right = torch.arange(6.0).view(2, 3)
    >>> compare(right, 3 * right, Tolerance()).kind
    'scaled by a constant'
    >>> compare([1, right], [1, right.T], Tolerance()).place.path
    (Item(index=1, of=2),)
    """
    expected, got = plain(expected, tolerance.free), plain(got, tolerance.free)
    if not same_kind(expected, got):
        return _wrong_type(expected, got, tolerance, place)
    if isinstance(expected, np.ndarray) and {expected.dtype.kind, got.dtype.kind} <= set("biuf"):
        expected, got = (torch.from_numpy(np.ascontiguousarray(array)) for array in (expected, got))
    if isinstance(expected, Tensor):
        return _compare_tensors(expected, got, tolerance.at(place), place)
    if isinstance(expected, (int, float)):
        return _compare_numbers(expected, got, tolerance.at(place), place)
    if isinstance(expected, dict):
        return _compare_dicts(expected, got, tolerance, place)
    if isinstance(expected, (list, tuple)):
        return _compare_lists(expected, got, tolerance, place)
    agree = np.array_equal(expected, got) if isinstance(expected, np.ndarray) else expected == got
    if agree:
        return None
    form = text_difference(expected, got) if isinstance(expected, str) else ""
    if isinstance(expected, (str, bytes)) and not form and (finding := difference_of_sequences(expected, got, place)):
        return finding
    return Finding("wrong values", place, {"got": got, "expected": expected}, f"whole, {form}" if form else "whole")


def _wrong_type(expected: Any, got: Any, tolerance: Tolerance, place: Place) -> Finding:
    """Two kinds of value, one of which may hold the other: a result among others, a part of it alone, its numbers."""
    parts = {"got": got, "expected": expected}
    holds = {list: enumerate, tuple: enumerate, dict: dict.items}
    among, lone = (holds.get(type(value), lambda _: ())(value) for value in (got, expected))
    big = isinstance(expected, (Tensor, str, list, tuple, dict))
    if big and (index := [i for i, item in among if same(expected, item, tolerance)]):
        return Finding("wrong type", place, parts | {"item": index[0]}, "among others")
    if isinstance(got, (Tensor, str)) and (index := [i for i, item in lone if same(item, got, tolerance)]):
        return Finding("wrong type", place, parts | {"item": index[0]}, "one part alone")
    values = [value.tolist() if isinstance(value, (Tensor, np.ndarray)) else value for value in (expected, got)]
    values = [[*value] if isinstance(value, tuple) else value for value in values]
    as_text = isinstance(expected, str) != isinstance(got, str) and str(expected) == str(got)
    if as_text:
        return Finding("wrong type", place, parts, "values right")
    if isinstance(expected, (Tensor, list, tuple)) and isinstance(values[0], list) and values[0] and same(*values, tolerance):
        return Finding("wrong type", place, parts, "values right")
    return Finding("wrong type", place, parts)


def _compare_refusals(expected: dict, got: dict) -> Finding | None:
    raised, argument = expected["raised"], expected["naming"]
    if got["raised"] is None:
        return Finding("not refused", parts={"argument": argument, "type": raised})
    if got["raised"] != raised:
        parts = {"argument": argument, "type": raised}
        if got["raised"] == "AssertionError":
            return Finding("refused by another exception", parts=parts, form="assert")
        return Finding("refused by another exception", parts=parts | {"raised": got["raised"]})
    return None if got["naming"] else Finding("argument not named", parts={"argument": argument, "type": raised})


def _compare_gradients(
    name: str, expected: Tensor | None, got: Tensor | None, tolerance: Tolerance, largest: float
) -> Finding | None:
    """What one gradient has that the reference's has not; what rounding leaves of the `largest` of all is none."""
    place = Place("gradient", name)
    unwanted = got is not None and got.numel() and (expected is None or not expected.any())
    if unwanted and got.abs().max() <= torch.finfo(got.dtype).eps * largest:
        return None
    if expected is None or got is None:
        present = expected if got is None else got
        if present is None or not present.any():  # what does not depend on an input has a gradient of zero
            return None
    if expected is not None and got is None:
        return Finding("gradient missing", place)
    if (expected is None or not expected.any()) and got is not None and got.isfinite().all() and got.any():
        return Finding("gradient not wanted", place)
    finding = compare(expected, got, tolerance, place)
    return finding and Finding("wrong gradients", place, {"finding": finding})


def _compare_dicts(expected: dict, got: dict, tolerance: Tolerance, place: Place) -> Finding | None:
    if missing := [key for key in expected if key not in got]:
        return Finding("missing keys", place, {"key": missing[0]})
    if extra := [key for key in got if key not in expected]:
        return Finding("unexpected keys", place, {"key": extra[0]})
    return _first(compare(expected[key], got[key], tolerance, place.down(Key(key))) for key in expected)


def _compare_lists(expected: list | tuple, got: list | tuple, tolerance: Tolerance, place: Place) -> Finding | None:
    n, m = len(expected), len(got)
    pairs = enumerate(zip(expected, got, strict=False))
    first = _first(compare(e, g, tolerance, place.down(Item(i, n))) for i, (e, g) in pairs)
    if first is None and n == m:
        return None
    if finding := named_list_difference(expected, got, tolerance, place):
        return finding
    if first and first.kind == "a function of" and not _function_throughout(first, expected, got, tolerance):
        first = Finding("wrong values", first.place, {key: first.parts[key] for key in ("got", "expected")}, "whole")
    return first if n == m else Finding("wrong number of items", place, {"items": m, "expected": n})


def _function_throughout(first: Finding, expected: list | tuple, got: list | tuple, tolerance: Tolerance) -> bool:
    """Whether what the first wrong number of a list is of the right one, all its numbers are."""
    if first.form != "number" or not all(isinstance(x, (int, float)) for x in (*expected, *got)) or len(expected) != len(got):
        return True
    numbers = (torch.tensor(x, dtype=torch.float64) for x in (expected, got))
    return function_of(*numbers, tolerance) == first.parts["function"]


def _compare_numbers(expected: float, got: float, tolerance: Tolerance, place: Place) -> Finding | None:
    if tolerance.agree_numbers(got, expected):
        return None
    if math.isnan(got):
        return Finding("NaN", place, {"expected": expected}, "number")
    parts = {"got": got, "expected": expected}
    if tolerance.agree_numbers(-got, expected):
        return Finding("scaled by a constant", place, parts, "number")
    both = (torch.tensor(x, dtype=torch.float64) for x in (expected, got))
    name = function_of(*both, tolerance) if isinstance(expected, float) else None
    if name and (name != "rounded" or abs(got) > 1):  # 0 and 1 are many things
        return Finding("a function of", place, {"function": name} | parts, "number")
    return Finding("wrong values", place, parts, "whole")


def _compare_tensors(expected: Tensor, got: Tensor, tolerance: Tolerance, place: Place) -> Finding | None:
    if got.shape != expected.shape:
        return permuted(expected, got, tolerance, place) or other_shape(expected, got, tolerance, place)
    if not same_dtype(expected, got, tolerance):
        numbers = torch.bool not in (expected.dtype, got.dtype) and got.device == expected.device
        right = numbers and tolerance.agree(got.double(), expected.double())
        return Finding("wrong dtype", place, {"got": got.dtype, "expected": expected.dtype}, "values right" if right else "")
    if got.device != expected.device:
        return Finding("wrong device", place, {"got": got.device, "expected": expected.device})
    if not expected.is_floating_point():
        if bool((got == expected).all()):
            return None
        return named_difference(expected, got, EXACT, place) or _wrong_values(expected, got, got != expected, place)
    if tolerance.agree(got, expected):
        return None
    if (bad := got.isnan() & ~expected.isnan()).any():
        return Finding("NaN", place, {"places": int(bad.sum())})
    if (bad := got.isinf()).any() and not expected.isinf().any():
        return Finding("infinite", place, {"infinite_values": int(bad.sum())})
    if expected.ndim == 0:
        return _compare_numbers(expected.item(), got.item(), tolerance, place)
    wrong = ~tolerance.agree_each(got, expected)
    return named_difference(expected, got, tolerance, place) or _wrong_values(expected, got, wrong, place)


def _wrong_values(expected: Tensor, got: Tensor, wrong: Tensor, place: Place) -> Finding:
    index = wrong.nonzero()[0].tolist()
    values = {"got": got[tuple(index)].item(), "expected": expected[tuple(index)].item()}
    if wrong.numel() == 1:
        return Finding("wrong values", place, values, "whole")
    if wrong.all():
        return Finding("wrong values", place, {"values": wrong.numel(), "index": index} | values, "all")
    counts = {"wrong": int(wrong.sum()), "values": wrong.numel(), "index": index}
    return Finding("wrong values", place, counts | values)


def _first(findings: Iterator[Finding | None]) -> Finding | None:
    return next((finding for finding in findings if finding), None)
