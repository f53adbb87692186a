"""Note which forbidden library calls an answer makes while it runs, whatever name it has for them.

The static reading (`forbid`) follows names; this follows calls: Python functions by the module that defines them, torch's
operations by their own name, as `torch._VF.lstm_cell`, `torch.ops.aten.rms_norm`, `x.softmax`. What a probe calls itself
does not count, nor what the library calls. This module travels into the sandbox: the standard library and torch, no more.
"""

import os
import re
import sys
from collections.abc import Callable, Mapping
from types import CodeType, FrameType
from typing import Any

import torch

LIBRARIES = (os.path.dirname(os.__file__), os.path.dirname(os.path.dirname(torch.__file__)), "<frozen")
ROOTS = ("torch", "sklearn")  # packages to watch: of others a name in the source is enough
OPERATIONS = {"rnn": ("rnn_tanh", "rnn_relu"), "rnn_cell": ("rnn_tanh_cell", "rnn_relu_cell")}
OPERATORS = ("OpOverloadPacket.__call__", "OpOverload.__call__")  # how torch.ops calls an operation


class Watch:
    """While it is entered, `called` collects what is called of `forbids`: dotted names, each with the one to report.

    >>> with Watch({"torch.softmax": "torch.softmax"}, print) as watch:
    ...     _ = torch.zeros(2).softmax(0)
    >>> watch.called
    {'torch.softmax'}
    """

    def __init__(self, forbids: Mapping[str, str], probe: Callable[[Any, Any], Any]):
        self.forbids = {name: told for name, told in forbids.items() if name.startswith(ROOTS)}
        self.called: set[str] = set()
        self._operations = {name: told for told in reversed(self.forbids.values()) for name in operations(told)}
        self._probe = _codes(getattr(probe, "__code__", None))
        self._known: dict[CodeType, str | None] = {}

    def __enter__(self) -> "Watch":
        self._before = sys.getprofile()
        if self.forbids:
            sys.setprofile(self._see)
        return self

    def __exit__(self, *exception: object) -> None:
        sys.setprofile(self._before)

    def _see(self, frame: FrameType, event: str, function: Any) -> None:
        if event == "c_call":
            name = _plain(function.__name__)
            forbidden = self._operations.get(name) if name in self._operations and _of_torch(function) else None
        elif event == "call":
            code = frame.f_code
            if code not in self._known:
                self._known[code] = self._forbidden(f"{frame.f_globals.get('__name__')}.{code.co_qualname}")
            forbidden = self._known[code]
            if code.co_qualname in OPERATORS:
                forbidden = self._operations.get(_plain(str(next(iter(frame.f_locals.values()))).split(".")[1]))
            frame = frame.f_back
        else:
            return
        if forbidden and forbidden not in self.called and self._by_the_answer(frame):
            self.called.add(forbidden)

    def _forbidden(self, dotted: str) -> str | None:
        return next((told for name, told in self.forbids.items() if f"{dotted}.".startswith(f"{name}.")), None)

    def _by_the_answer(self, frame: FrameType | None) -> bool:
        """Whether the nearest code that is no package's is the answer's: neither the probe's nor the course's."""
        while frame and frame.f_code.co_filename.startswith(LIBRARIES):
            frame = frame.f_back
        if frame is None or frame.f_code in self._probe:
            return False
        return not str(frame.f_globals.get("__name__")).startswith(("autograder.probes", "unrolled."))


def operations(dotted: str) -> list[str]:
    """How torch may call the operation behind a name, in the form of `_plain`.

    >>> operations("torch.nn.LSTMCell"), operations("torch.nn.functional.cross_entropy"), operations("torch.nn.RNNCell")
    (['lstm_cell'], ['cross_entropy'], ['rnn_cell', 'rnn_tanh_cell', 'rnn_relu_cell'])
    """
    root, _, leaf = dotted.rpartition(".")
    if not root.startswith("torch"):
        return []
    name = _plain(re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", leaf).lower())
    return [name, *OPERATIONS.get(name, ())]


def _plain(name: str) -> str:
    """An operation's name without what tells its forms apart: `_softmax`, `native_layer_norm`, `cross_entropy_loss`."""
    return name.strip("_").removeprefix("native_").removesuffix("_loss")


def _of_torch(function: Any) -> bool:
    owner = getattr(function, "__self__", None)
    of_a_module = str(getattr(owner, "__name__", "")).startswith("torch")
    return of_a_module or isinstance(owner, torch.Tensor) or function == getattr(torch._VF, function.__name__, None)


def _codes(code: CodeType | None) -> set[CodeType]:
    """A function's code and that of all functions defined in it."""
    found, todo = set(), [code] if code else []
    while todo:
        found.add(code := todo.pop())
        todo += [part for part in code.co_consts if isinstance(part, CodeType)]
    return found
