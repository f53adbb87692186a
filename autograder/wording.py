"""Put into words what the judge found: fill the templates of the catalogue with their parts."""

from collections.abc import Iterable
from functools import reduce
from typing import Any

from torch import Tensor

from autograder.axes import named
from autograder.catalogue import (
    ANY_OTHER_HINT,
    AXES,
    COUNTS,
    CRASH_HINTS,
    FINDINGS,
    FUNCTIONS,
    GENERIC_HINTS,
    INSTEAD,
    LIST,
    LONGER_LIST,
    MUTANTS,
    OPERATIONS,
    PHRASES,
    PLACES,
    REDUCED,
    SENTENCES,
    SIZES,
    THINGS,
    TRAITS,
    TYPE_HINTS,
    WHOLE_HINT,
)
from autograder.evidence import Axis, Explanation, Finding, Item, Key, Place, Size, Trait
from autograder.exercise import Inputs
from autograder.mutants import Mutant
from autograder.mutants.telling import Phrase
from autograder.promises import Example
from autograder.tolerance import kind

MOST_SHOWN = 160  # characters of arguments that a message holds
MOST_VALUES = 400  # values of a tensor that are shown


def say(sentence: str, **parts: Any) -> str:
    """The sentence of that name with its parts filled in.

    >>> say("no answer", name="softmax")
    'softmax has no answer yet.'
    """
    return SENTENCES[sentence].format(**parts)


def message(explanation: Explanation, seconds: float, exercise: str = "") -> str:
    """An explanation as a student reads it; `seconds` is the time limit, `exercise` the name to check it by again."""
    if explanation.outcome == "correct":
        return say("correct")
    if explanation.outcome == "timed out":
        return say("timed out", seconds=seconds)
    if explanation.outcome == "not attempted":
        return say("not attempted")
    sentences = [say("seen", group=explanation.group, finding=_capital(finding(explanation.finding)))]
    if isinstance(explanation.inputs, Example):
        sentences.append(say("tried as example", source=explanation.inputs["source"].strip()))
    elif inputs := _short(explanation.inputs):
        sentences.append(say("tried with", inputs=inputs))
    names = [mistake.name for mistake in explanation.mistakes]
    if explanation.right_elsewhere:
        sentences.append(say("one mistake, right elsewhere", mistake=names[0]))
    elif explanation.most:
        cases, wrong = explanation.most
        sentences.append(say("one mistake in most cases", cases=cases, wrong=wrong, mistake=names[0]))
    elif explanation.parts:
        parts = listed(map(place, explanation.parts))
        sentences.append(say("one mistake in some parts", parts=parts, mistake=names[0]))
    elif explanation.only:
        groups = listed(say("group", group=group) for group in explanation.only)
        sentences.append(say("one mistake in some cases", groups=groups, mistake=names[0]))
    elif len(names) == 1:
        sentences.append(say("one mistake", mistake=names[0]))
    elif names:
        sentences.append(say("two mistakes", first=names[0], second=names[1]))
    sentences.append(hint(explanation) or "")
    if not isinstance(explanation.inputs, Example) and not _short(explanation.inputs) and exercise:
        sentences.append(say("to see the case", name=exercise))
    text = " ".join(filter(None, sentences))
    return f"{text}\n{explanation.crash.traceback}" if explanation.outcome == "crashed" else text


def hint(explanation: Explanation) -> str | None:
    """The question that leads to the fix, if there is one."""
    if explanation.mistakes:
        return " ".join(dict.fromkeys(mistake.hint for mistake in explanation.mistakes))
    if explanation.outcome == "crashed":
        return CRASH_HINTS.get(explanation.question)
    if explanation.mutant:
        return change(explanation.mutant)
    if not explanation.finding:
        return None
    if explanation.clue:
        return f"{_capital(finding(explanation.clue))} {GENERIC_HINTS[explanation.clue.kind]}"
    kind, _, form = (explanation.question or "").partition(", ")
    if kind == "wrong type" and form in TYPE_HINTS:
        return TYPE_HINTS[form]
    if told := GENERIC_HINTS.get(explanation.question) or GENERIC_HINTS.get(kind):
        return told
    if explanation.right_parts:
        parts = listed(map(place, explanation.right_parts))
        if len(explanation.right_parts) > 1:
            return say("several other parts right", parts=parts)
        return say("other parts right", parts=parts)
    if explanation.right_groups:
        groups = listed(say("group", group=group) for group in explanation.right_groups)
        return say("other groups right", groups=groups, group=say("group", group=explanation.group))
    return WHOLE_HINT if form.startswith("whole") else ANY_OTHER_HINT


def change(mutant: Mutant) -> str:
    """What a small change of a right answer changes, as a sentence with a question."""
    parts = {name: _phrase(part) if isinstance(part, Phrase) else part for name, part in mutant.parts.items()}
    if "now" in parts:
        parts["now"] = OPERATIONS.get(parts["now"], parts["now"])
    return MUTANTS[mutant.form].format(**parts)


def case(explanation: Explanation) -> str:
    """The case that an explanation speaks of, with all that the answer was given."""
    if explanation.inputs is None:
        return ""
    if isinstance(explanation.inputs, Example):
        code = explanation.inputs["before"] + explanation.inputs["source"]
        return "\n".join([say("the case", group=explanation.group), code])
    lines = [
        say("an input", name=name, value=_in_full(value)) for name, value in _arguments(explanation.inputs).items()
    ]
    return "\n".join([say("the case", group=explanation.group), *lines])


def finding(found: Finding) -> str:
    """What differs, as a sentence that begins with a small letter.

    >>> finding(Finding("wrong number of items", Place().down(Key("losses")), {"items": 1, "expected": 2}))
    '`result["losses"]` has 1 item; expected 2.'
    """
    parts = {name: _shown(name, value, found.place) for name, value in found.parts.items()}
    if {"got", "expected"} <= parts.keys():
        parts["got"], parts["expected"] = _pair(found, found.parts["got"], found.parts["expected"])
    template = FINDINGS[f"{found.kind}, {found.form}" if found.form else found.kind]
    return template.format(place=place(found.place, alone=found.kind != "wrong type"), **parts)


def place(where: Place, *, alone: bool = True) -> str:
    """A place in words, or as the expression that gives it.

    Where it is `alone`, the only item of the whole result is called as the result is.

    >>> place(Place().down(Item(1, 2)).down(Key("labels")))
    '`result[1]["labels"]`'
    """
    steps = [step for i, step in enumerate(where.path) if i or not alone or isinstance(step, Key) or step.of > 1]
    root = where.root
    if root == "outputs" and steps and isinstance(steps[0], Key):
        root, steps = str(steps[0].name), steps[1:]
    elif root == "gradient" or not steps:
        return PLACES[root].format(argument=where.argument.removeprefix("built."))
    indices = (step.index if isinstance(step, Item) else step.name for step in steps)
    return PLACES["part"].format(code=root + "".join(f"[{_quoted(index)}]" for index in indices))


def axis(which: Axis) -> str:
    """An axis by its name, or else by its number."""
    form = AXES.get(which.name) or AXES["named" if which.name else "numbered"]
    return form.format(name=which.name, number=which.number)


def listed(names: Iterable[str]) -> str:
    """Names one after the other.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *first, last = names
    if not first:
        return last
    return LIST.format(first=reduce(lambda one, more: LONGER_LIST.format(first=one, second=more), first), last=last)


def points(earned: float, most: float) -> str:
    """The points in words: "2 of 3 points"."""
    return say("point", earned=earned, most=most) if most == 1 else say("points", earned=earned, most=most)


def _shown(name: str, value: Any, where: Place) -> Any:
    """A part of a finding as its template takes it."""
    if isinstance(value, Finding):
        return finding(value)
    if isinstance(value, Trait):
        return (INSTEAD if name == "instead" else TRAITS)[value.form].format(name=value.name, value=value.value)
    if isinstance(value, Size):
        return SIZES[value.what].format(name=value.name, number=value.number)
    if isinstance(value, Axis):
        return axis(value)
    if name == "names":
        return listed(f"`{n}`" for n in value)
    if name in ("function", "how"):
        return (FUNCTIONS if name == "function" else REDUCED)[value]
    if name in ("here", "there"):
        return _shortened(value)
    if name == "what":
        return listed(_shortened(piece[0] if isinstance(piece, (list, tuple)) and len(piece) == 1 else piece) for piece in value)
    if name == "index" and (names := named(where.axes, len(value))) and all(names):
        return ", ".join(AXES["index"].format(name=n, number=i) for n, i in zip(names, value, strict=True))
    if name in ("indices", "right"):
        return listed(map(str, value))
    if name == "message":
        return value.splitlines()[0].rstrip(":")
    if name == "order":
        return tuple(value) if isinstance(value, tuple) else listed(map(str, value))
    if name in COUNTS:
        one, several = COUNTS[name]
        return (one if value == 1 else several).format(n=value)
    if name == "got" and isinstance(value, Tensor):
        return _thing(value)
    return _shortened(value) if name == "got" and not isinstance(value, (int, float)) else value


def _pair(found: Finding, got: Any, expected: Any) -> tuple[Any, Any]:
    """What is and what was expected, in the same way."""
    if found.kind == "wrong type":
        return _thing(got), _thing(expected)
    if found.kind == "wrong shape" and isinstance(expected, tuple):
        return got, expected
    if isinstance(got, (int, float)) and isinstance(expected, (int, float)):
        return _apart(got, expected)
    whole = found.kind in ("wrong values", "lacks some", "has some too many", "numbers off")
    return (_shortened(got), _shortened(expected)) if whole else (got, expected)


def _phrase(phrase: Phrase) -> str:
    first, second = (*phrase.names, "", "")[:2]
    return PHRASES[phrase.kind].format(first=first, second=second)


def _arguments(inputs: Inputs) -> dict[str, Any]:
    """What the answer itself is given: of a module, how it is made and called, without its weights."""
    if isinstance(inputs.get("inputs"), dict):
        made = {name: inputs[name] for name in ("arguments", "options") if inputs.get(name)}
        return made | inputs["inputs"]
    return inputs


def _short(inputs: Inputs | None) -> str:
    """The arguments of a case in one line, where they are words and numbers and few enough; else nothing."""
    if not inputs or not all(map(_readable, inputs.values())):
        return ""
    text = ", ".join(f"`{name} = {value!r}`" for name, value in inputs.items())
    return text if len(text) <= MOST_SHOWN else ""


def _readable(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_readable, [*value, *value.values()]))
    if isinstance(value, (list, tuple)):
        return all(map(_readable, value))
    return value is None or isinstance(value, (str, bytes, int, float))


def _in_full(value: Any) -> str:
    """A value as it can be read and typed."""
    if isinstance(value, Tensor):
        dtype, values = str(value.dtype).removeprefix("torch."), value.detach()
        if value.numel() > MOST_VALUES:
            values = values.flatten()[:8]
        rounded = (values.double() * 1e4).round() / 1e4 + 0.0 if values.is_floating_point() else values
        shown = repr(rounded.tolist()) + (" …" if value.numel() > MOST_VALUES else "")
        return say("a tensor", dtype=dtype, shape=tuple(value.shape), values=shown)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {_in_full(part)}" for name, part in value.items()) + "}"
    if isinstance(value, (list, tuple)) and not _readable(value):
        return "[" + ", ".join(map(_in_full, value)) + "]"
    return repr(value)


def _quoted(index: Any) -> str:
    return f'"{index}"' if isinstance(index, str) else repr(index)


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
    numbers = tuple(number + 0 for number in numbers)  # without a minus before 0
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
