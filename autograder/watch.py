"""What stands beside an answer while it runs: who notes its calls, and who sees to it that nothing is right by luck.

`Watch` notes which forbidden library calls an answer makes, whatever name it has for them.

The static reading (`forbid`) follows names; this follows calls: Python functions by the module that defines them, torch's
operations by their own name, as `torch._VF.lstm_cell`, `torch.ops.aten.rms_norm`, `x.softmax`. What a probe calls itself
does not count, nor what the library calls. Two watch: the interpreter's profiler, in every thread, and torch itself,
since what C calls, as in `map(torch.softmax, …)`, is no call to the interpreter. What leads out of their sight is
forbidden where anything is (`HIDING`). This module travels into the sandbox: the standard library and torch, no more.
"""

import contextlib
import functools
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FrameType
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

LIBRARIES = (os.path.dirname(os.__file__), os.path.dirname(os.path.dirname(torch.__file__)), "<frozen")
ROOTS = ("torch", "sklearn")  # packages to watch: of others a name in the source is enough
OPERATIONS = {"rnn": ("rnn_tanh", "rnn_relu"), "rnn_cell": ("rnn_tanh_cell", "rnn_relu_cell")}
OPERATORS = ("OpOverloadPacket.__call__", "OpOverload.__call__")  # how torch.ops calls an operation
PROCESSES = ("fork", "forkpty", "posix_spawn", "posix_spawnp", "system", "execv", "execve")
HIDING = {  # behind which no call is seen, and how each is told
    **{name: name for name in ("subprocess", "multiprocessing", "concurrent.futures.process", "os.popen")},
    **{name: name for name in ("sys.setprofile", "threading.setprofile", "_thread.start_new_thread")},
    **{f"posix.{name}": f"os.{name}" for name in PROCESSES},
    **{f"torch.jit.{name}": "torch.jit" for name in ("_script", "_trace")},
    "torch._jit_internal.createResolutionCallbackFromFrame": "torch.jit",
}
HIDERS = {name.rpartition(".")[2] for name in HIDING}


class Watch(TorchFunctionMode):
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
        self._known = _told(*self.forbids.items())  # what is told of code and functions that were called
        self._thread = threading.get_ident()

    def __enter__(self) -> "Watch":
        self._before = sys.getprofile(), threading.getprofile()
        if self.forbids:
            super().__enter__()
            sys.setprofile(self._see)
            threading.setprofile(self._see_thread)
        return self

    def __exit__(self, *exception: object) -> None:
        if self.forbids and sys.getprofile() != self._see:
            self.called.add("sys.setprofile")
        sys.setprofile(self._before[0])
        threading.setprofile(self._before[1])
        if self.forbids:
            super().__exit__(*exception)

    def _see_thread(self, frame: FrameType, event: str, function: Any) -> None:
        """The first event of a thread: it is watched from here on as the first thread is."""
        super().__enter__()
        sys.setprofile(self._see)

    def _see(self, frame: FrameType, event: str, function: Any) -> None:
        """What the interpreter calls: several times for each line, so that names are looked up before anything else."""
        if event == "c_call":
            name = function.__name__
            forbidden = self._operations.get(_plain(name))
            forbidden = forbidden if forbidden and _of_torch(function) else None
            hiding = HIDING.get(f"{function.__module__}.{name}") if name in HIDERS else None
        elif event == "call":
            code = frame.f_code
            if code not in self._known:
                dotted = f"{frame.f_globals.get('__name__')}.{code.co_qualname}"
                self._known[code] = _below(dotted, self.forbids), _below(dotted, HIDING)
            forbidden, hiding = self._known[code]
            if code.co_qualname in OPERATORS:
                forbidden = self._operations.get(_operator(next(iter(frame.f_locals.values()))))
            frame = frame.f_back
        else:
            return
        if forbidden:
            self._note(forbidden, frame)
        if hiding and frame and not _of_a_library(frame):  # which may have its reasons
            self._note(hiding, frame)

    def __torch_function__(self, function: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """What torch is asked for, by whatever way: nothing is called here that the profiler would see, but once."""
        if function not in self._known:
            name = _plain(function.__name__) if hasattr(function, "__name__") else _operator(function)
            self._known[function] = self._operations.get(name)
        if forbidden := self._known[function]:
            self._note(forbidden, sys._getframe())
        return function(*args, **(kwargs or {}))

    def _note(self, forbidden: str, frame: FrameType | None) -> None:
        if forbidden not in self.called and self._by_the_answer(frame):
            self.called.add(forbidden)

    def _by_the_answer(self, frame: FrameType | None) -> bool:
        """Whether the nearest code that is no package's is the answer's: neither the probe's nor the course's."""
        while frame and _of_a_library(frame):
            frame = frame.f_back
        if frame is None:
            return threading.get_ident() != self._thread  # a thread was begun by the answer
        if frame.f_code in self._probe:
            return False
        return not str(frame.f_globals.get("__name__")).startswith(("autograder.probes", "unrolled."))


@contextlib.contextmanager
def nothing_by_luck() -> Iterator[None]:
    """While it lasts, memory that nobody has filled holds NaN, so that who forgets to fill it is not right by chance.

    >>> with nothing_by_luck():
    ...     torch.empty(2)
    tensor([nan, nan])
    """
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch._C._set_deterministic_algorithms(True, warn_only=True)  # torch's own function imports the compiler: seconds
    try:
        yield
    finally:
        torch._C._set_deterministic_algorithms(before[0], warn_only=before[1])


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


@functools.cache
def _plain(name: str) -> str:
    """An operation's name without what tells its forms apart: `_softmax`, `native_layer_norm`, `cross_entropy_loss`."""
    return name.strip("_").removeprefix("native_").removesuffix("_loss")


def _operator(function: Any) -> str:
    """The plain name of `aten.softmax` and `aten.softmax.int`."""
    return _plain(str(function).split(".")[1]) if "." in str(function) else ""


@functools.cache
def _told(*forbids: tuple[str, str]) -> dict[Any, Any]:
    """What is known of code and functions where this is forbidden, for all who watch in this process."""
    return {}


def _below(dotted: str, names: Mapping[str, str]) -> str | None:
    return next((told for name, told in names.items() if f"{dotted}.".startswith(f"{name}.")), None)


def _of_a_library(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(LIBRARIES) or frame.f_globals is globals()


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
