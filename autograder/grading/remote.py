"""An answer in the sandbox, standing in for a live one before the ordinary judge.

The judge asks it to `observe` a probe on inputs. The inputs go into the answer's own process, plain data comes back;
the comparison happens here, outside. Whatever a process does, the worst that comes of it is a crash, a time limit or
wrong data.
"""

import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.exercise import Exercise, probe_source
from autograder.exercises import find_exercise
from autograder.forbid import names_used, with_homes
from autograder.grading.inside.wire import WireError
from autograder.grading.rebuild import Program
from autograder.grading.sandbox import Limits, Process, Sandbox, SandboxLost
from autograder.source import free_names, module_imports
from autograder.subject import Crash, Observation

START_SECONDS = 5.0  # for a process to come up and read its program, on top of an exercise's own time


class Remote:
    """One program of a submission, in a process of its own from the first observation on, or in one that it shares."""

    def __init__(self, host: "Sandbox | Shared", exercise: Exercise, program: Program, most_seconds: float = 10.0):
        self.host, self.exercise, self.program, self.most_seconds = host, exercise, program, most_seconds
        self._process: Process | None = None
        self._ended: Crash | None = None
        self._references: tuple[str, ...] = ()
        self._deadline = 0.0

    def observe(self, probe: Callable[[Any, Any], Any], inputs: Any, seconds: float) -> Observation:
        """What the probe sees of the answer. All cases together get twice the time of one."""
        if self._ended:
            return Observation(crash=self._ended)
        seconds = min(seconds, self.most_seconds)
        try:
            if self._process is None:
                self._start(2 * seconds + START_SECONDS)
            deadline = min(time.monotonic() + seconds, self._deadline)
            of_course = None if probe is self.exercise.probe else probe.__name__
            self._process.send((self.program.name, of_course, inputs), deadline)
            return _observation(self._process.receive(deadline))
        except TimeoutError:
            self._end(Crash("TimeLimit", f"still running after {seconds:g} s"))
        except WireError:
            self._end(Crash("UnusableResult", "what came out is not plain data, too large, or nested too deeply"))
        except (EOFError, OSError):
            status = self._status()
            late = status in (-9, -24)  # the limit on processor time
            self._end(Crash("TimeLimit" if late else "ProcessEnded", f"the process ended by itself ({status})"))
        return Observation(crash=self._ended)

    @contextlib.contextmanager
    def using(self, references: Mapping[str, Any]) -> Iterator["Remote"]:
        """The same answer in a new process, in which these names stand for the library's."""
        self.close()
        self._references = tuple(references)
        try:
            yield self
        finally:
            self.close()
            self._references = ()

    def names_used(self) -> set[str]:
        """Dotted names of packages that the answer and what it needs refer to."""
        return _names_used(self.program.source)

    def close(self) -> None:
        """End the answer's process, unless others share it."""
        if self._process and not isinstance(self.host, Shared):
            self._process.close()
        self._process, self._ended = None, None

    def _start(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        if isinstance(self.host, Shared):
            self._process = self.host.process(self._deadline)
        else:
            self._process = self.host.process(Limits(cpu_seconds=int(seconds)))
            self._process.send([as_data(self.exercise, self.program, self._references)], self._deadline)

    def _status(self) -> int | None:
        try:
            return self._process.status() if self._process else None
        except SandboxLost:
            self._end(Crash("ProcessEnded"))
            raise

    def _end(self, crash: Crash) -> None:
        if isinstance(self.host, Shared):
            self.host.close()
        self.close()
        self._ended = crash


class Shared:
    """One process for all answers of a submission: enough to see that they are right.

    Whatever is not right in here is judged again in a process of its own, where nothing else of the submission is: what
    one answer does to the process can cost another nothing. Nor can it help it to more than right outputs.
    """

    def __init__(self, sandbox: Sandbox, programs: list[tuple[Exercise, Program]]):
        self.sandbox, self.programs = sandbox, programs
        self._process: Process | None = None
        self.usable = len(programs) > 1

    def process(self, deadline: float) -> Process:
        """The process, started at the first call."""
        if self._process is None:
            self._process = self.sandbox.process(Limits())
            self._process.send([as_data(exercise, program) for exercise, program in self.programs], deadline)
        return self._process

    def close(self) -> None:
        """End it, for all."""
        self.usable = False
        if self._process:
            self._process.close()


class Replay:
    """An answer that has been observed in every case, before the judge once more."""

    def __init__(self, answer: Remote, seen: list[Observation]):
        self.names_used = answer.names_used
        self._seen = iter(seen)

    def observe(self, probe: Callable[[Any, Any], Any], inputs: Any, seconds: float) -> Observation:
        """What was seen, case by case."""
        return next(self._seen)


def as_data(exercise: Exercise, program: Program, references: tuple[str, ...] = ()) -> dict:
    """A program as it travels into the sandbox."""
    pieces = [
        {"source": p.statement.source, "line": p.statement.line, "cell": p.cell, "binds": list(p.statement.binds)}
        for p in program.pieces
    ]
    probe, from_course = exercise.probe, exercise.probe.__module__ == "autograder.probes"
    return {
        "name": program.name,
        "pieces": pieces,
        "references": [{"name": name, "source": reference_source(name)} for name in references],
        "forbids": with_homes(exercise.forbids),
        "probe": {"name": probe.__name__, "source": None if from_course else probe_source(probe)},
    }


@functools.lru_cache(maxsize=1024)
def _names_used(source: str) -> frozenset[str]:
    return frozenset(names_used(source, {}))


def reference_source(name: str) -> str:
    """The library's solution of an exercise as a piece of source that runs alone: imports, what it calls, itself."""
    exercise = find_exercise(name)
    text = Path(exercise.module.__file__).read_text(encoding="utf-8")
    imports = module_imports(text)
    parts, needed = [exercise.source], free_names(exercise.source)
    for used in exercise.uses:
        if find_exercise(used).module is exercise.module:
            parts.insert(0, reference_source(used))
    return "\n".join([*(imports[n] for n in sorted(needed & set(imports))), *parts])


def _observation(reply: object) -> Observation:
    """A reply as an observation; anything but an agreed one is a crash."""
    called = reply.pop("called", None) if isinstance(reply, dict) else None
    called = frozenset(c for c in called if isinstance(c, str)) if isinstance(called, list) else frozenset()
    if isinstance(reply, dict) and list(reply) == ["outputs"]:
        return Observation(outputs=reply["outputs"], called=called)
    crash = reply.get("crash") if isinstance(reply, dict) else None
    if isinstance(crash, dict) and isinstance(crash.get("type"), str) and isinstance(crash.get("message"), str):
        line = crash.get("line")
        line = line if type(line) is int and 0 < line < 100_000 else None
        # A name that only this module may give, given by the student's process: it is no time limit.
        name = crash["type"] if crash["type"] != "TimeLimit" else "Exception"
        bases = crash.get("bases")
        bases = tuple(b for b in bases if isinstance(b, str)) if isinstance(bases, list) else ()
        return Observation(crash=Crash(name, crash["message"][:2000], line, "", bases), called=called)
    return Observation(crash=Crash("UnusableResult", "the answer's process sent something else than a result"))
