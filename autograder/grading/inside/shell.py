"""The notebook's shell without a notebook: IPython's own, which reads cells as Jupyter does, but shows nothing.

Magics run or are quiet; there is no system to give `!` commands to; what is displayed goes nowhere. Names of the
course that a notebook calls (`check`, `solved` …) do nothing here that would need the course.
"""

import contextlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import re
import signal
import sys
import threading
import types
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

MOST_LETTERS = 2000


class TimeLimit(BaseException):
    """Ends a cell that runs too long; not an `Exception`, so that `except Exception` lets it pass."""


class Compiler(CachingCompiler):
    """Names the code of a cell by its number, so that a crash can tell its line."""

    cell = 0

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """The file name that the cell's code says it is from."""
        return f"<cell {self.cell}>"


class QuietShell(InteractiveShell):
    """IPython's shell, mute."""

    compiler_class = Compiler

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no window to open."""

    def ask_exit(self) -> None:
        """`exit()` in a cell ends nothing."""

    def system(self, cmd: str) -> None:
        """`!command`: nobody is there to obey."""
        self.user_ns["_exit_code"] = 127

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """`x = !command` says nothing."""
        from IPython.utils.text import SList

        return SList() if split else ""

    def showtraceback(self, *args: Any, **options: Any) -> None:
        """Errors are for the caller of `run`."""

    def showsyntaxerror(self, *args: Any, **options: Any) -> None:
        """Likewise."""

    def showindentationerror(self) -> None:
        """Likewise."""


class Shell:
    """Runs cells one after the other in one namespace."""

    def __init__(self):
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        module = types.ModuleType("__main__")
        self.ipython = QuietShell.instance(config=config, user_module=module)
        self.ipython.set_hook("show_in_pager", lambda shell, *args, **options: None)
        self.ipython.enable_matplotlib = lambda gui=None: (None, "agg")  # figures are drawn on nothing
        self.ipython.register_magic_function(self._once, "line_cell", "timeit")
        self.namespace = self.ipython.user_ns
        self.lines: dict[int, int] = {}  # by cell, the blank ones in front, which IPython does not count

    def _once(self, line: str, cell: str | None = None) -> Any:
        """`%timeit`: once is enough."""
        line = re.sub(r"-[nr]\s*\d+\s*", "", line)
        magics = self.ipython.magics_manager.registry["ExecutionMagics"]
        return magics.timeit(f"-n1 -r1 {line}", cell)

    def run(self, number: int, source: str, seconds: float, by_the_clock: float) -> BaseException | None:
        """Run a cell; returns what stopped it."""
        self.lines[number] = len(re.match(r"(?:[ \t]*+\n)*+", source)[0].splitlines())
        self.ipython.compile.cell = number
        try:
            with time_limit(seconds, by_the_clock):
                result = self.ipython.run_cell(source, store_history=True)
            return result.error_before_exec or result.error_in_exec
        except BaseException as error:
            return error

    def use(self, imports: Iterable[str]) -> None:
        """Run the setup's imports one by one; those of what is not here do not matter."""
        for statement in imports:
            with contextlib.suppress(Exception):
                exec(statement, self.namespace)

    def describe(self, error: BaseException) -> dict:
        """An exception as data: its type, its message, and of each cell the last line that it went through.

        `line` is that of the cell which it came to last.
        """
        place, trace, places = None, error.__traceback__, {}
        while trace is not None:
            if match := re.fullmatch(r"<cell (\d+)>", trace.tb_frame.f_code.co_filename):
                place = int(match[1]), trace.tb_lineno
                places[place[0]] = place[1] + self.lines.get(place[0], 0)
            trace = trace.tb_next
        if isinstance(error, SyntaxError) and place is None:
            match = re.fullmatch(r"<cell (\d+)>", error.filename or "")
            place = (int(match[1]), error.lineno or 1) if match else None
        message = ""
        with contextlib.suppress(BaseException):
            message = str(error)[:MOST_LETTERS]
        line = place and place[1] + self.lines.get(place[0], 0)
        bases = [base.__name__[:100] for base in type(error).__mro__[1:9]]
        told = {"type": type(error).__name__[:100], "message": message, "line": line, "bases": bases}
        return told | {"lines": dict([*places.items()][:20])}


@contextlib.contextmanager
def time_limit(seconds: float, by_the_clock: float) -> Iterator[None]:
    """Raise `TimeLimit` in the block after so many seconds of the processor, or by the clock; again and again.

    Where the system has no timers it does nothing.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def expire(signum: int, frame: Any) -> None:
        raise TimeLimit(f"still running after {seconds:g} s")

    limits = (signal.SIGPROF, signal.ITIMER_PROF, seconds), (signal.SIGALRM, signal.ITIMER_REAL, by_the_clock)
    for number, timer, limit in limits:
        signal.signal(number, expire)
        signal.setitimer(timer, limit, 0.2)
    try:
        yield
    finally:
        for number, timer, _ in limits:
            signal.signal(number, signal.SIG_IGN)
            signal.setitimer(timer, 0)


class OnlyThese(importlib.abc.MetaPathFinder):
    """In the place of Python's finder of files, where there is more around than in official grading: finds no more."""

    def __init__(self, absent: Iterable[str], packages: Iterable[str]):
        self.absent, self.packages = set(absent), {"unrolled", "autograder", *packages}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """A module's specification, if official grading has it, too."""
        if name in self.absent:
            return None
        if path is None and name not in self.packages and name not in sys.stdlib_module_names:
            path = [""]  # a file that the notebook has written
        return importlib.machinery.PathFinder.find_spec(name, path, target)

    def find_distributions(self, *context: Any) -> Iterable:
        """What is said of installed packages: all of it."""
        return importlib.metadata.MetadataPathFinder.find_distributions(*context)


def stand_in(namespace: dict) -> None:
    """Give the course's names in a notebook something harmless to be."""

    def solved(name: str) -> Any:
        return namespace[name]

    def quiet(*args: Any, **options: Any) -> float:
        return 0.0

    course = sys.modules.get("autograder") or __import__("autograder")
    names: dict[str, Callable] = {"solved": solved}
    for name in ("check", "start", "progress", "hand_in"):
        names[name] = quiet
    for name, function in names.items():
        setattr(course, name, function)
    warnings.simplefilter("ignore")
