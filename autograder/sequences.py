"""How two lists or texts differ: in their order, where they begin and end, in one place or one kind of thing alone."""

from collections.abc import Sequence

from torch import Tensor

from autograder.evidence import Finding, Place
from autograder.tolerance import Tolerance, same

MOST = 4  # pieces that are told
LETTERS = 12  # of a text that are shown


def named_list_difference(expected: list, got: list, tolerance: Tolerance, place: Place) -> Finding | None:
    """A difference between lists that has a name: their order, or where they begin and end."""
    n, m = len(expected), len(got)
    counts = {"items": m, "expected": n}

    def agree(some: list, others: list) -> bool:
        return all(same(a, b, tolerance) for a, b in zip(some, others, strict=True))

    if n == m:
        if n == 2 and agree(expected, got[::-1]):
            return Finding("parts exchanged", place)
        if n > 2 and agree(expected, got[::-1]):
            return Finding("list reversed", place)
        if n > 2 and sorted(map(repr, expected)) == sorted(map(repr, got)):
            return Finding("list in another order", place, form="parts" if all(isinstance(item, Tensor) for item in expected) else "")
        return difference_of_sequences(expected, got, place) if _can_be_compared([*expected, *got], (str, int)) else None
    short = min(n, m)
    if short and agree(expected[:short], got[:short]):
        return Finding("wrong number of items", place, counts, "ends early" if m < n else "goes on")
    if short and agree(expected[n - short :], got[m - short :]):
        return Finding("wrong number of items", place, counts, "begins late" if m < n else "begins early")
    return difference_of_sequences(expected, got, place) if _can_be_compared([*expected, *got]) else None


def _can_be_compared(items: list, kinds: tuple[type, ...] = (str, int, bytes, list, tuple)) -> bool:
    """Whether all items are of these kinds, and whatever is in them."""
    return all(isinstance(x, kinds) and (not isinstance(x, (list, tuple)) or _can_be_compared([*x], kinds)) for x in items)


def text_difference(expected: str, got: str) -> str:
    """In what alone two texts differ: capitals, spaces, what stands at the end; empty where it is something else."""
    if expected.casefold() == got.casefold():
        return "case"
    if "".join(expected.split()) == "".join(got.split()):
        return "spaces"
    if got and expected.startswith(got):
        return "ends early"
    return "goes on" if expected and got.startswith(expected) else ""


def difference_of_sequences(expected: Sequence, got: Sequence, place: Place) -> Finding | None:
    """What one of two sequences lacks of the other, or the one place in which they differ; nothing if that is too much.

    >>> difference_of_sequences([3, 5, 5, 7], [3, 5, 7], Place()).parts["what"]
    [[5]]
    """
    parts = {"got": got, "expected": expected}
    for kind, long, short in (("lacks some", expected, got), ("has some too many", got, expected)):
        if len(short) > 1 and (what := _left_out(long, short)):
            return Finding(kind, place, parts | {"what": what})
    start = _common(expected, got)
    if len(expected) == len(got) > 1 and (off := _off_by(expected, got)):
        return Finding("numbers off", place, parts | {"by": off})
    end = _common(expected[start:][::-1], got[start:][::-1])
    here, there = got[start : len(got) - end], expected[start : len(expected) - end]
    if start + end > 1 and here and there and max(len(here), len(there)) <= max(MOST, (start + end) // 2):
        return Finding("differs at one place", place, {"begins": start, "here": here, "there": there})
    short_text = isinstance(got, (str, bytes)) and max(len(expected), len(got)) <= 4 * LETTERS
    if not start or start == min(len(expected), len(got)) or short_text:
        return None
    piece = slice(start, start + (LETTERS if isinstance(got, (str, bytes)) else 1))
    parts = {"begins": start, "items": len(got), "expected": len(expected), "here": got[piece], "there": expected[piece]}
    return Finding("right at first", place, parts)


def _off_by(expected: Sequence, got: Sequence) -> int:
    """By what every whole number that is wrong is too large, if all are so by the same; else 0."""
    if not all(isinstance(x, int) for x in (*expected, *got)):
        return 0
    off = {b - a for a, b in zip(expected, got, strict=True) if a != b}
    return off.pop() if len(off) == 1 and sum(a != b for a, b in zip(expected, got, strict=True)) > 1 else 0


def _left_out(long: Sequence, short: Sequence) -> list[Sequence]:
    """Each piece of the longer sequence that must go for the shorter one to be left, in its order; nothing if that is not so.

    Nothing either if the pieces are many, or more than half of what is left: it might be so by chance.
    """
    pieces, rest, last = [], 0, None
    for i, item in enumerate(long):
        if rest < len(short) and item == short[rest]:
            rest += 1
            continue
        pieces = [*pieces[:-1], pieces[-1] + long[i : i + 1]] if last == i - 1 and pieces else [*pieces, long[i : i + 1]]
        last = i
    distinct = [piece for i, piece in enumerate(pieces) if piece not in pieces[:i]]
    few = len(distinct) <= MOST and 2 * (len(long) - len(short)) <= max(2 * MOST, len(short))
    return distinct if rest == len(short) and few else []


def _common(one: Sequence, other: Sequence) -> int:
    """How many items two sequences have in common at the beginning."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
