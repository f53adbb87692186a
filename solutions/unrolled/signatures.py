"""A signature is a promise on both sides: what does not keep it is refused, by name, with what it was and what was expected.

The shapes and kinds that stand in the signatures of this library (`jaxtyping`) are not only read but kept: the last line
of a module, `checked(globals())`, has every public function and method compare what it is given with its signature. The
functions themselves stay as short as they are.

Left out: what values may be (a function that minds says so itself), and results. What is called inside of a call that has
been compared is not compared again, and nothing is while a model is compiled, exported or traced.
"""

import functools
import inspect
import operator
import re
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from types import UnionType
from typing import Any, get_args, get_origin

import numpy as np
import torch

KINDS = {
    "Float": "floating-point",
    "Int": "integer",
    "UInt8": "uint8",
    "Bool": "boolean",
    "Shaped": "any",
}


class _Door(threading.local):
    passed = False  # inside a call that has been compared


_door = _Door()


def checked(namespace: dict[str, Any], never_empty: Collection[str] = ()) -> None:
    """Has all public functions of a module, and the public methods of its classes, refuse what their signature excludes.

    An empty tensor is refused by the functions named in `never_empty`, where a mean is taken, and where a function can
    do nothing with it.

    >>> from unrolled.losses import cross_entropy
    >>> cross_entropy(torch.zeros(4, 3, 5), torch.zeros(4, 3, dtype=torch.long))
    Traceback (most recent call last):
    ValueError: logits is a tensor of float32 with shape (4, 3, 5); expected floating-point (batch, vocabulary)
    >>> cross_entropy(torch.zeros(4, 5), torch.zeros(3, dtype=torch.long))
    Traceback (most recent call last):
    ValueError: targets is a tensor of int64 with shape (3,); expected integer (batch), where batch is 4
    """
    for name, thing in list(namespace.items()):
        if name.startswith("_") or getattr(thing, "__module__", None) != namespace["__name__"]:
            continue
        if inspect.isfunction(thing):
            namespace[name] = keeping(thing, never_empty=name in never_empty)
        elif inspect.isclass(thing):
            for method, function in list(vars(thing).items()):
                if inspect.isfunction(function) and not method.startswith("_"):
                    setattr(thing, method, keeping(function))


def keeping(function: Callable, *, never_empty: bool = False) -> Callable:
    """The function, which now refuses arguments that its signature excludes.

    >>> from jaxtyping import Float
    >>> def double(x: Float[torch.Tensor, "row 2"]): return 2 * x
    >>> keeping(double)(torch.ones(3))
    Traceback (most recent call last):
    ValueError: x is a tensor of float32 with shape (3,); expected floating-point (row, 2)
    """
    signature = inspect.signature(function)
    promises = [_Promise.of(parameter) for parameter in signature.parameters.values()]
    if not any(promises):
        return function
    kept = {promise.name: promise for promise in promises if promise}
    never_empty |= signature.return_annotation is float or _dims(signature.return_annotation) == []

    @functools.wraps(function)
    def keeps(*arguments: Any, **options: Any) -> Any:
        if torch.compiler.is_compiling() or torch.jit.is_tracing() or _door.passed:
            return function(*arguments, **options)
        sizes: dict[str, Any] = {}
        for promise, value in zip(promises, arguments, strict=False):
            if promise:
                promise.keep(value, sizes)
        for name, value in options.items():
            if name in kept:
                kept[name].keep(value, sizes)
        if never_empty:
            _refuse_empty(promises, arguments, options)
        _door.passed = True
        try:
            return function(*arguments, **options)
        except (IndexError, RuntimeError) as error:
            _refuse_empty(promises, arguments, options, error)
            raise
        finally:
            _door.passed = False

    return keeps


class _Promise:
    """What a signature says of one argument: the kind and the axes of a tensor, or that it is a number or a text."""

    def __init__(self, name: str, kind: str, arrays: Sequence[Any] = (), optional: bool = False):
        self.name, self.kind, self.optional = name, kind, optional
        self.dims = _dims(arrays[0]) if arrays else None
        self.alone, self.in_tuple = True, False  # how a tensor may come
        if arrays:
            self.type = arrays[0].array_type
            self.dtypes = frozenset().union(*map(_dtypes, arrays))
            spread = [i for i, dim in enumerate(self.dims) if dim.startswith(("*", "..."))]
            first = spread[0] if spread else len(self.dims)
            self.before, self.after = self.dims[:first], self.dims[first + 1 :]
            self.spread = self.dims[first] if spread else None  # any axes: *batch, or … of no name
            self.plain = all(dim.isidentifier() for dim in self.dims)

    @classmethod
    def of(cls, parameter: inspect.Parameter) -> "_Promise | None":
        """None where there is nothing to compare, or no single kind of thing that it may be."""
        hint = parameter.annotation
        parts = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        hints = [part for part in parts if part is not type(None)]
        optional = len(hints) < len(parts)
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            return None
        tuples = [part for part in hints if get_origin(part) is tuple]
        alone = [part for part in hints if part not in tuples]
        arrays = alone + [part for pair in tuples for part in get_args(pair) if part is not ...]
        if (
            arrays
            and len({getattr(part, "dim_str", None) for part in arrays}) == 1
            and _dims(arrays[0]) is not None
        ):
            kinds = dict.fromkeys(KINDS[part.__name__.split("[")[0]] for part in arrays)
            promise = cls(parameter.name, " or ".join(kinds), arrays, optional)
            promise.alone, promise.in_tuple = bool(alone), bool(tuples)
            return promise
        if hints in ([int], [float], [float, int], [int, float], [str]):
            kind = "a text" if str in hints else "a number" if float in hints else "a whole number"
            return cls(parameter.name, kind, optional=optional)
        return None

    def keep(self, value: Any, sizes: dict[str, Any]) -> None:
        """Refuses the value if it is another; `sizes` are those of the axes so far."""
        if value is None and self.optional:
            return
        if self.dims is None:
            kept = self._is_plain(value)
        elif self.in_tuple and isinstance(value, tuple) and value:
            for part in value:
                self._keep_tensor(part, sizes)
            return
        elif self.alone:
            self._keep_tensor(value, sizes)
            return
        else:
            kept = False
        if not kept:
            raise ValueError(f"{self.name} is {described(value)}; expected {self._wanted(sizes)}")

    def _keep_tensor(self, value: Any, sizes: dict[str, Any]) -> None:
        if not (
            isinstance(value, self.type)
            and (not self.dtypes or value.dtype in self.dtypes)
            and self._fits(value.shape, sizes)
        ):
            raise ValueError(f"{self.name} is {described(value)}; expected {self._wanted(sizes)}")

    def _wanted(self, sizes: dict[str, Any]) -> str:
        if self.dims is None:
            return self.kind
        axes = ", ".join(self.dims)
        known = [
            f"{name} is {size}"
            for name, size in sizes.items()
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", axes)
        ]
        several = "a tuple of " if not self.alone else ""
        return f"{several}{self.kind} ({axes})" + (
            f", where {' and '.join(known)}" if known else ""
        )

    def _is_plain(self, value: Any) -> bool:
        if self.kind == "a text" or isinstance(value, str):
            return self.kind == "a text" and isinstance(value, str) and _is_unicode(value)
        try:
            operator.index(value) if self.kind == "a whole number" else float(value)
        except (TypeError, ValueError, RuntimeError):
            return False
        return True

    def _fits(self, shape: tuple[int, ...], sizes: dict[str, Any]) -> bool:
        if self.plain and len(shape) == len(self.dims):  # most are: as fast as can be
            return all([sizes.setdefault(d, n) == n for d, n in zip(self.dims, shape, strict=True)])
        front, back = len(self.before), len(shape) - len(self.after)
        if back < front or (back > front and not self.spread):
            return False
        axes = [*zip(self.before, shape, strict=False), *zip(self.after, shape[back:], strict=True)]
        if self.spread not in (None, "..."):
            axes.append((self.spread, tuple(shape[front:back])))
        return all(_agrees(dim, size, sizes) for dim, size in axes)


def described(value: Any) -> str:
    """What a value is, in words of a line.

    >>> described(torch.zeros(2, 3)), described([1, 2])
    ('a tensor of float32 with shape (2, 3)', 'a list, [1, 2]')
    """
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        kind = "a tensor" if isinstance(value, torch.Tensor) else "an array"
        dtype = str(value.dtype).removeprefix("torch.")
        return f"{kind} of {dtype} with shape {tuple(value.shape)}"
    text = repr(value)
    if value is None or isinstance(value, int | float):
        return text
    return f"a {type(value).__name__}, {text if len(text) <= 60 else text[:59] + '…'}"


def _is_unicode(text: str) -> bool:
    """Can the text be written as UTF-8? A half of a surrogate pair cannot."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def _dims(hint: Any) -> list[str] | None:
    """The axes of a jaxtyping annotation, in its words; None of anything else."""
    return hint.dim_str.split() if hasattr(hint, "dim_str") else None


def _dtypes(hint: Any) -> frozenset:
    """The dtypes that an annotation means, torch's and NumPy's; none if it means any."""
    names = hint.dtypes if isinstance(hint.dtypes, tuple | list) else ()
    found = {getattr(torch, name) for name in names if hasattr(torch, name)}
    return frozenset(found | {np.dtype(name) for name in names if hasattr(np, name)})


def _agrees(dim: str, size: Any, sizes: dict[str, Any]) -> bool:
    """Is this the size of the axis, if it is known? Else it is from now on. One that is broadcast may also be 1."""
    if dim.startswith("*"):
        return sizes.setdefault(dim, size) == size
    if dim.startswith("#"):
        return size == 1 or sizes.get(dim[1:], size) == size
    if dim.isdigit():
        return size == int(dim)
    times, _, name = dim.rpartition("*")
    if times:
        return name not in sizes or size == int(times) * sizes[name]
    return dim == "_" or sizes.setdefault(dim, size) == size


def _refuse_empty(
    promises: list[_Promise | None], arguments: tuple, options: dict, error: Exception | None = None
) -> None:
    """Says which argument is an empty tensor, if one is."""
    for name, value in _named(promises, arguments, options):
        if isinstance(value, torch.Tensor) and not value.numel():
            raise ValueError(
                f"{name} is {described(value)}; expected it not to be empty"
            ) from error


def _named(
    promises: list[_Promise | None], arguments: tuple, options: dict
) -> Iterator[tuple[str, Any]]:
    """The arguments that a promise is about, by name."""
    yield from ((p.name, value) for p, value in zip(promises, arguments, strict=False) if p)
    yield from options.items()
