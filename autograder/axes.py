"""The names of a result's axes, as the return annotation of the reference gives them: "batch time vocabulary".

Along some axes there is an order, time above all: only there can a result be right until some step, or a step late.
"""

import inspect
import typing
from typing import Any

#: Axes along which there is a before and an after.
ORDERED = {
    "time",
    "length",
    "query",
    "key",
    "source",
    "target",
    "new",
    "written",
    "prompt",
    "position",
    "step",
    "tokens",
}

#: What is known of a result: the names of a tensor's axes, a list with the same for each item, or nothing.
Axes = tuple[str, ...] | list["Axes"] | None


def axes_of(exercise: Any) -> Axes:
    """The axes of what an answer to the exercise returns; of a class, what calling it returns.

    >>> from autograder.exercises import find_exercise
    >>> axes_of(find_exercise("scaled_dot_product_attention"))
    [('...', 'query', 'd_v'), ('...', 'query', 'key')]
    """
    if (given := getattr(exercise, "axes", None)) is not None:
        return given
    return _read(_called(exercise).__annotations__.get("return"))


def axes_of_argument(exercise: Any, name: str) -> Axes:
    """The axes of an argument; nothing where the signature has none of that name.

    >>> from autograder.exercises import find_exercise
    >>> axes_of_argument(find_exercise("context_vectors"), "weights")
    ('batch', 'query', 'key')
    """
    return _read(_called(exercise).__annotations__.get(name))


def _called(exercise: Any) -> Any:
    """The function that is called in the end: the exercise's own or, of a class, the method to write."""
    target = inspect.unwrap(exercise.reference)
    if isinstance(target, type):
        target = inspect.unwrap(getattr(target, exercise.blanks[-1] if exercise.blanks else "forward"))
    return target


def item(axes: Axes, index: int) -> Axes:
    """The axes of an item of a list."""
    return axes[min(index, len(axes) - 1)] if isinstance(axes, list) and axes else ()


def named(axes: Axes, count: int) -> tuple[str, ...] | None:
    """The names of a tensor's `count` axes, empty for one without a name; None where the names are not known.

    >>> named(("...", "query", "key"), 4)
    ('', '', 'query', 'key')
    """
    if not isinstance(axes, tuple) or not axes:
        return None
    spread = [i for i, name in enumerate(axes) if name.startswith(("...", "*"))]
    at = spread[0] if spread else len(axes)
    found = (*axes[:at], *[""] * (count - len(axes) + len(spread)), *axes[at + 1 :])
    return tuple(name if name.isidentifier() else "" for name in found) if len(found) == count else None


def _read(annotation: Any) -> Axes:
    if (dims := getattr(annotation, "dim_str", None)) is not None:
        return tuple(name.lstrip("#") for name in dims.split())
    parts = [part for part in typing.get_args(annotation) if part not in (Ellipsis, type(None))]
    return [_read(part) for part in parts] if parts else ()
