"""Put into words what the judge found: fill the templates of the catalogue with their parts."""

from collections.abc import Iterable
from functools import reduce
from typing import Any

from autograder.catalogue import (
    ANY_OTHER_HINT,
    COUNTS,
    CRASH_HINTS,
    FINDINGS,
    GENERIC_HINTS,
    LIST,
    PLACES,
    SENTENCES,
    THINGS,
)
from autograder.evidence import Explanation, Finding, Key, Place
from autograder.tolerance import kind


def say(sentence: str, **parts: Any) -> str:
    """The sentence of that name with its parts filled in.

    >>> say("no answer", name="softmax")
    'softmax has no answer yet.'
    """
    return SENTENCES[sentence].format(**parts)


def message(explanation: Explanation, seconds: float) -> str:
    """An explanation as a student reads it; `seconds` is the time limit."""
    if explanation.outcome == "correct":
        return say("correct")
    if explanation.outcome == "timed out":
        return say("timed out", seconds=seconds)
    if explanation.outcome == "not attempted":
        return say("not attempted")
    sentences = [say("seen", group=explanation.group, finding=_capital(finding(explanation.finding)))]
    names = [mistake.name for mistake in explanation.mistakes]
    if len(names) == 1:
        sentences.append(say("one mistake", mistake=names[0]))
    elif names:
        sentences.append(say("two mistakes", first=names[0], second=names[1]))
    text = " ".join([*sentences, hint(explanation) or ""])
    return f"{text}\n{explanation.crash.traceback}" if explanation.outcome == "crashed" else text


def hint(explanation: Explanation) -> str | None:
    """The question that leads to the fix, if there is one."""
    if explanation.mistakes:
        return " ".join(mistake.hint for mistake in explanation.mistakes)
    if explanation.outcome == "crashed":
        return CRASH_HINTS.get(explanation.question)
    return GENERIC_HINTS.get(explanation.question, ANY_OTHER_HINT) if explanation.finding else None


def finding(found: Finding) -> str:
    """What differs, as a sentence that begins with a small letter.

    >>> finding(Finding("wrong number of items", Place("outputs").down(Key("losses")), {"items": 1, "expected": 2}))
    "what came out['losses'] has 1 item; expected 2."
    """
    parts = {name: _shown(name, value) for name, value in found.parts.items()}
    if {"got", "expected"} <= parts.keys():
        parts["got"], parts["expected"] = _pair(found.kind, found.parts["got"], found.parts["expected"])
    template = FINDINGS[f"{found.kind}, {found.form}" if found.form else found.kind]
    return template.format(place=place(found.place), **parts)


def place(where: Place) -> str:
    """A place in words; the only item of a list is called as the list is."""
    words = PLACES[where.root].format(argument=where.argument)
    for step in where.path:
        if isinstance(step, Key):
            words = PLACES["key"].format(place=words, name=step.name)
        elif step.of > 1:
            words = PLACES["item"].format(place=words, index=step.index)
    return words


def listed(names: Iterable[str]) -> str:
    """Names one after the other.

    >>> listed(["a", "b", "c"])
    'a and b and c'
    """
    return reduce(lambda first, second: LIST.format(first=first, second=second), names)


def points(earned: float, most: float) -> str:
    """The points in words: "2 of 3 points"."""
    return say("points", earned=earned, most=most)


def _shown(name: str, value: Any) -> Any:
    """A part of a finding as its template takes it."""
    if isinstance(value, Finding):
        return finding(value)
    if name in COUNTS:
        one, several = COUNTS[name]
        return (one if value == 1 else several).format(n=value)
    return value


def _pair(kind: str, got: Any, expected: Any) -> tuple[Any, Any]:
    """What is and what was expected, in the same way."""
    if kind == "wrong type":
        return _thing(got), _thing(expected)
    if isinstance(got, (int, float)) and isinstance(expected, (int, float)):
        return _apart(got, expected)
    return (_shortened(got), _shortened(expected)) if kind == "wrong values" else (got, expected)


def _thing(value: Any) -> str:
    name = kind(value)
    if name == "Tensor" and value.ndim == 0:
        name = "Tensor, no axes"
    facts = {"type": type(value).__name__, "shape": tuple(getattr(value, "shape", ()))}
    return THINGS.get(name, THINGS["other"]).format(**facts)


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _apart(*numbers: float) -> tuple[str, ...]:
    """Numbers with four digits, or as many more as it takes to tell them apart; large whole ones in full.

    >>> _apart(4.55912, 4.55937), _apart(0.25, 1 / 3), _apart(41730.0, 28040.0)
    (('4.5591', '4.5594'), ('0.25', '0.3333'), ('41730', '28040'))
    """
    if all(float(number).is_integer() and abs(number) < 1e15 for number in numbers):
        return tuple(f"{number:.0f}" for number in numbers)
    for digits in range(4, 10):
        shown = tuple(f"{number:.{digits}g}" for number in numbers)
        if len(set(shown)) == len(numbers):
            break
    return shown


def _capital(text: str) -> str:
    text = text[0].upper() + text[1:]
    return text.replace("..", ".") if text.endswith("..") else text
