"""What is judged: an object that can be probed, here a live one.

The judge asks a subject only to `observe` a probe on inputs, so an answer in another process can stand in for a live
one. What comes back is an `Observation`: plain data, or how the attempt ended.
"""

import ast
import contextlib
import importlib.util
import io
import linecache
import re
import signal
import sys
import sysconfig
import threading
import traceback
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from autograder import probes
from autograder.evidence import Crash, Observation
from autograder.exercise import Exercise, Inputs
from autograder.forbid import live_aliases, live_source, names_read, names_used
from autograder.promises import Example, Refused
from autograder.watch import Watch, nothing_by_luck
from autograder.wording import say

NO_REFUSAL = ("TimeLimit", "ProcessEnded", "UnusableResult")  # how an answer ends without having said anything


class TimeLimit(BaseException):
    """Raised inside an answer that runs too long; not an `Exception`, so that `except Exception` lets it pass."""


class NotDefined:
    """Stands for an answer that does not exist yet, so that checking it can say why."""

    def __init__(self, name: str):
        self.name = name

    def __repr__(self) -> str:
        return say("not defined", name=self.name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(str(self))


def observe_all(subject: Any, exercise: Exercise, cases: Iterable[tuple[str, Inputs]]) -> list[Observation]:
    """What the exercise's probe sees in each case; what hangs once may hang in every case, so it is tried only once."""
    observed, late = [], None
    for _, inputs in cases:
        seen = Observation(crash=late) if late else observe(subject, exercise, inputs)
        if seen.crash and seen.crash.type == "TimeLimit":
            late = seen.crash
        observed.append(seen)
    return observed


def observe(subject: Any, exercise: Exercise, inputs: Inputs, seconds: float | None = None) -> Observation:
    """What a subject does in one case, in a form that can be compared."""
    return understood(subject.observe(probe_for(exercise, inputs), inputs, seconds or exercise.seconds), inputs)


def probe_for(exercise: Exercise, inputs: Inputs) -> Callable[[Any, Any], Any]:
    """How a case is tried: an example of the docstring by running it, all else by the exercise's probe."""
    return probes.example if isinstance(inputs, Example) else exercise.probe


def understood(seen: Observation, inputs: Inputs) -> Observation:
    """An observation as it is compared: where inputs shall be refused, what was raised and whether it names the argument.

    The line that writes in place is set apart, for the same mistake stands in other lines elsewhere.
    """
    crash = seen.crash
    if isinstance(seen.outputs, dict) and "overwritten in line" in seen.outputs:
        outputs = dict(seen.outputs)
        seen = replace(seen, line=outputs.pop("overwritten in line"), outputs=outputs)
    if not isinstance(inputs, Refused) or (crash and (crash.type in NO_REFUSAL or _blank(crash))):
        return seen
    if crash is None:
        return replace(seen, outputs={"raised": None, "naming": inputs.argument})
    raised = inputs.raises if inputs.raises in (crash.type, *crash.bases) else crash.type
    named = re.search(rf"(?<!\w){re.escape(inputs.argument)}(?!\w)", crash.message)
    return replace(seen, outputs={"raised": raised, "naming": inputs.argument if named else None}, crash=None)


class Live:
    """A live object as the subject of a judgement."""

    def __init__(self, answer: Any, forbids: Mapping[str, str] | None = None):
        self.answer, self.forbids = answer, forbids or {}

    def observe(self, probe: Callable[[Any, Any], Any], inputs: Any, seconds: float) -> Observation:
        """Run the probe on the answer, within a time limit, warnings and error output kept away."""
        watch = Watch(self.forbids, probe)
        try:
            quiet = warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO())
            with _time_limit(seconds), quiet[0], quiet[1], _eigenvalues_refused_of_nan(), nothing_by_luck(), watch:
                warnings.simplefilter("ignore")
                outputs = probe(self.answer, inputs)
        except (Exception, TimeLimit, SystemExit) as error:
            return Observation(crash=_crash(error), called=frozenset(watch.called))
        return Observation(outputs=outputs, called=frozenset(watch.called))

    @contextlib.contextmanager
    def using(self, references: Mapping[str, Any]) -> Iterator["Live"]:
        """The same answer with these names standing for the references, for as long as the block lasts."""
        namespace = _namespace(self.answer)
        before = {name: namespace[name] for name in references if name in namespace}
        namespace.update(references)
        try:
            yield self
        finally:
            for name in references:
                namespace.pop(name, None)
            namespace.update(before)

    def names_used(self) -> set[str]:
        """Dotted names of packages that the answer's source, and helpers it calls, refer to."""
        used, todo, seen = set(), [self.answer], set()
        while todo:
            thing = todo.pop()
            namespace = _namespace(thing)
            source = live_source(thing)
            seen.add(id(thing))
            there = {name: namespace[name] for name in names_read(source) if name in namespace}
            used |= names_used(source, live_aliases(there))
            helpers = there.values()
            todo += [h for h in helpers if id(h) not in seen and getattr(h, "__module__", None) == "__main__"]
        return used


def _namespace(answer: Any) -> dict[str, Any]:
    """The global names that the answer's code sees."""
    if isinstance(answer, type):
        functions = [value for value in vars(answer).values() if isinstance(value, types.FunctionType)]
        return functions[0].__globals__ if functions else {}
    return getattr(answer, "__globals__", {})


def _crash(error: BaseException) -> Crash:
    """The crash with the traceback cut to lines that are neither ours nor a package's."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not _foreign(f.filename)]
    text = "".join(traceback.format_list([_readable(f) for f in frames]) + traceback.format_exception_only(error))
    bases = tuple(base.__name__ for base in type(error).__mro__[1:])
    told = (type(error).__name__, str(error))
    if not frames:
        return Crash(*told, traceback=text.strip(), bases=bases)
    last = frames[-1]
    return Crash(*told, last.lineno, text.strip(), bases, _cell(last), last.line or "")


def _blank(crash: Crash) -> bool:
    """Whether this is the exception that stands in the place of a solution."""
    return crash.type == "NotImplementedError" and not crash.message


def _cell(frame: traceback.FrameSummary) -> str:
    """The name that the frame's cell defines around the frame's line; empty where there is no source."""
    try:
        tree = ast.parse("".join(linecache.getlines(frame.filename)))
    except SyntaxError:  # a cell with IPython's magic
        return ""
    around = (n for n in tree.body if n.lineno <= frame.lineno <= n.end_lineno)
    return next((node.name for node in around if isinstance(node, (ast.FunctionDef, ast.ClassDef))), "")


def _readable(frame: traceback.FrameSummary) -> traceback.FrameSummary:
    """A notebook cell's temporary file name means nothing to a reader."""
    name = say("your cell") if "ipykernel" in frame.filename or frame.filename.startswith("<") else frame.filename
    return traceback.FrameSummary(name, frame.lineno, frame.name, line=frame.line)


_LIBRARY = importlib.util.find_spec("unrolled").submodule_search_locations[0]
_FOREIGN = (str(Path(__file__).parent), _LIBRARY, *{sysconfig.get_paths()[key] for key in ("stdlib", "purelib", "platlib")})


def _foreign(filename: str) -> bool:
    return filename.startswith(_FOREIGN)


@contextlib.contextmanager
def _eigenvalues_refused_of_nan() -> Iterator[None]:
    """`torch.linalg.eigvals` of NaN ends the whole process in some builds of LAPACK; `eig` refuses it, in these words."""
    eigvals = torch.linalg.eigvals

    def of_finite(A: torch.Tensor, **options: Any) -> torch.Tensor:
        if isinstance(A, torch.Tensor) and not A.isfinite().all():
            raise torch.linalg.LinAlgError("torch.linalg.eigvals: input tensor should not contain infs or NaNs.")
        return eigvals(A, **options)

    torch.linalg.eigvals = of_finite
    try:
        yield
    finally:
        torch.linalg.eigvals = eigvals


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeLimit` in the main thread after so many seconds (where the system has timers).

    Raised where Python ignores it (in `__del__`, or as a weak reference dies), it is raised again soon after.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def expire(signum, frame):
        raise TimeLimit(say("still running", seconds=seconds))

    def ignored(unraisable):
        if issubclass(unraisable.exc_type, TimeLimit):
            signal.setitimer(signal.ITIMER_REAL, 0.01)
        else:
            tell(unraisable)

    tell, sys.unraisablehook = sys.unraisablehook, ignored
    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        sys.unraisablehook = tell
