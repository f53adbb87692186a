"""Constrained decoding: a model may write only what fits a pattern, such as JSON with given fields.

Paper: Willard and Louf, "Efficient Guided Generation for Large Language Models" (2023): at each step, the words that no
longer lead to a permitted text get the score −∞. Theirs are regular expressions and grammars; ours are parts in a row,
each of which is one of several runs of words.

Names: ours ↔ theirs — `pattern` ↔ the finite-state machine, `allowed_next` ↔ the words that a state permits.

Left out: patterns that repeat themselves, and words that are pieces of several parts.
"""

import json
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from unrolled.signatures import checked

#: Parts in a row; each is one of several runs of word numbers.
Pattern = Sequence[Sequence[Sequence[int]]]


def allowed_next(pattern: Pattern, written: Sequence[int]) -> set[int]:
    """The words that may follow what is written, so that a permitted text comes of it; none, if it is one already.

    >>> pattern = [[[1]], [[5, 6], [5, 7], [8]], [[2]]]
    >>> allowed_next(pattern, []), allowed_next(pattern, [1, 5]), allowed_next(pattern, [1, 8]), allowed_next(pattern, [1, 8, 2])
    ({1}, {6, 7}, {2}, set())
    """
    if not all(part and all(part) for part in pattern):
        raise ValueError("pattern has an empty part, or a run of no words; expected one word or more in each")
    places = _beginnings(pattern, 0)  # part, run, how much of the run is written
    for word in written:
        moved = set()
        for part, run, at in places:
            words = pattern[part][run]
            if words[at] == word:
                moved |= {(part, run, at + 1)} if at + 1 < len(words) else _beginnings(pattern, part + 1)
        places = moved
    return {pattern[part][run][at] for part, run, at in places}


def _beginnings(pattern: Pattern, part: int) -> set[tuple[int, int, int]]:
    """The places before each run of a part; none after the last part."""
    return {(part, run, 0) for run in range(len(pattern[part]))} if part < len(pattern) else set()


def constrained(
    choose: Callable[[Tensor, Tensor], Tensor], pattern: Pattern, prompt_length: int, eos: int
) -> Callable[[Tensor, Tensor], Tensor]:
    """`choose(logits, ids)` of `unrolled.decoding.generate`, which now sees −∞ for every word that the pattern forbids.

    Once the pattern is complete, only `eos` is allowed.

    >>> choose = constrained(lambda logits, ids: logits.argmax(-1), [[[3, 4], [2, 4]]], prompt_length=1, eos=0)
    >>> choose(torch.tensor([[9.0, 8.0, 1.0, 2.0, 7.0]]), torch.tensor([[1]]))
    tensor([3])
    """

    def chosen(logits: Tensor, ids: Tensor) -> Tensor:
        kept = torch.full_like(logits, -torch.inf)
        for row, text in enumerate(ids[:, prompt_length:].tolist()):
            allowed = sorted(allowed_next(pattern, text)) or [eos]
            kept[row, allowed] = logits[row, allowed]
        return choose(kept, ids)

    return chosen


def json_pattern(fields: Mapping[str, Sequence[str]], encode: Callable[[str], list[int]]) -> Pattern:
    """The pattern of a JSON object with these fields in this order; each value is one of several texts.

    >>> words = ["{", '"', "who", ":", "mina", "jun", "}"]
    >>> pattern = json_pattern({"who": ["mina", "jun"]}, lambda text: [words.index(w) for w in text.split()])
    >>> [[" ".join(words[i] for i in run) for run in part] for part in pattern]
    [['{ " who " : "'], ['mina', 'jun'], ['" }']]
    """
    if not fields or not all(fields.values()):
        raise ValueError(f"fields is {dict(fields)}; expected one field or more, each with one value or more")
    pattern, before = [], "{"
    for name, values in fields.items():
        pattern += [[encode(f'{before} " {name} " : "')], [encode(value) for value in values]]
        before = '" ,'
    return [*pattern, [encode('" }')]]


def is_json(text: str) -> bool:
    """Can a program read the text?

    >>> is_json('{"who": "mina"}'), is_json("it was mina")
    (True, False)
    """
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


checked(globals())
