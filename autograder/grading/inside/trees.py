"""Arguments and results between an answer and the library's solutions: trees, their tensors and functions kept apart.

The tree itself is plain data, as `wire` carries it; tensors travel beside it, since they bring gradients; functions and
other objects stay where they are, and the far side gets something that stands for them.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

PLAIN = (bool, int, float, str, bytes, np.generic, np.ndarray, type(None))


def lower(value: Any, tensors: list[torch.Tensor], others: list) -> list:
    """A tree [kind, …] of plain data; its tensors are added to the one list, what is not data to the other.

    >>> lower([1, len], [], others := [])
    ['list', ['plain', 1], ['other', 0, 'builtin_function_or_method']]
    >>> lower({"words": [[5, 6], [7]]}, [], [])
    ['plain', {'words': [[5, 6], [7]]}]
    """
    if isinstance(value, torch.Tensor):
        tensors.append(value)
        return ["tensor", len(tensors) - 1]
    if isinstance(value, Counter):
        return ["counter", dict(value)]
    if isinstance(value, (list, tuple)):
        parts = [lower(part, tensors, others) for part in value]
        if all(part[0] == "plain" for part in parts):
            return ["plain", value]
        return ["tuple" if isinstance(value, tuple) else "list", *parts]
    if isinstance(value, dict):
        pairs = [(key, lower(part, tensors, others)) for key, part in value.items()]
        return ["plain", value] if all(part[0] == "plain" for _, part in pairs) else ["dict", *pairs]
    if isinstance(value, PLAIN):
        return ["plain", value]
    others.append(value)
    return ["other", len(others) - 1, type(value).__name__]


def lift(tree: list, tensors: list[torch.Tensor], other: Callable[[int, str], Any]) -> Any:
    """The value of a tree with these tensors; `other` makes what stands for an object of the far side.

    >>> lift(["tuple", ["tensor", 0], ["plain", "a"]], [torch.tensor(3)], None)
    (tensor(3), 'a')
    """
    kind, *parts = tree
    if kind == "tensor":
        return tensors[parts[0]]
    if kind == "counter":
        return Counter(parts[0])
    if kind == "plain":
        return parts[0]
    if kind == "other":
        return other(*parts)
    if kind == "dict":
        return {key: lift(part, tensors, other) for key, part in parts}
    items = [lift(part, tensors, other) for part in parts]
    return tuple(items) if kind == "tuple" else items
