"""A submission in the sandbox, and its answers standing in for live ones before the ordinary judge.

A `Session` is a submission's process: it reads the notebook, runs the cells in order, and at each check keeps a fork.
When all have run, the judge asks each fork to `observe` a probe on inputs. The inputs go into the answer's own process,
plain data comes back; the comparison happens here, outside. Whatever a process does, the worst that comes of it is a
crash, a time limit or wrong data.
"""

import contextlib
import functools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.compare import SIDE_EFFECTS
from autograder.evidence import Crash, Observation
from autograder.exercise import Exercise, probe_source
from autograder.exercises import find_exercise
from autograder.forbid import with_homes
from autograder.grading.inside.plan import Failure, Frame, Program, Rebuilt, rebuilt
from autograder.grading.inside.reading import Unreadable
from autograder.grading.inside.wire import WireError
from autograder.grading.rebuild import as_message, imports_of
from autograder.grading.sandbox import Limits, Process, Sandbox, Snapshot
from autograder.source import free_names, module_imports
from autograder.watch import HIDING

REPLY_SECONDS = 10.0  # for what takes no time, on a busy machine
WAITS = 1.25  # times a limit on processor time one may take by the clock: a processor is not always there
GRACE_SECONDS = 1.0  # from the polite end of a cell to the other one
SHORT_SECONDS = 0.5  # for a cell that has once been too slow
MOST_RESTARTS = 3
MOST_SPARE = 40
LOST = (EOFError, OSError, WireError)  # a `TimeoutError` is an `OSError`


class Session:
    """One submission's process, its cells' failures, and a fork of it at each check."""

    def __init__(
        self, sandbox: Sandbox, frame: Frame, seconds: float = 10.0, forks: bool = True, patience: float = 1.0
    ):
        self.sandbox, self.frame, self.forks = sandbox, frame, forks
        self.seconds, self.patience = seconds * patience, patience
        self.late = False  # whether a limit on time has been reached
        self.losses = 0  # how often a process has not answered, or not as agreed
        self.plan = Rebuilt()
        self.failures: dict[int, Failure] = {}
        self.notes: list[str] = []
        self.process: Process | None = None
        self._snapshots: dict[str, Snapshot] = {}
        self._deadly: set[int] = set()
        self._slow: set[int] = set()
        self._budget = 2 * WAITS * self.seconds

    def read(self, content: bytes) -> Rebuilt:
        """Have the notebook read and taken apart; raises `Unreadable`."""
        self._start()
        most = 2 * self.seconds  # by the clock, as the cells have of the processor
        try:
            deadline = time.monotonic() + most
            reply = self.process.request(deadline, "read", content, as_message(self.frame))
            if "plan" in reply:
                self.plan = rebuilt(reply["plan"])
                return self.plan
            reason = reply.get("unreadable") or "reading it stopped with an error"
        except TimeoutError:
            self.late = True
            reason = f"reading it takes longer than {most:g} s"
        except LOST:
            self._status()
            reason = "reading it takes more memory, or goes deeper, than it may"
        raise Unreadable(str(reason)[:300])

    def run(self) -> Iterator[Program]:
        """Run the cells; at each check its program is given out, with the process as the check would have seen it."""
        todo = self._attempted()
        for _ in range(MOST_RESTARTS):
            if not todo:
                return
            try:
                for program in self._walk(
                    self.process or self._start(), sorted(todo, key=lambda p: p.mark), first=True
                ):
                    yield program
                    if not self.forks:
                        todo.remove(program)
                return
            except LOST:
                self._status()
                self.close()

    def _attempted(self) -> list[Program]:
        return [program for program in self.plan.programs.values() if program.runs and not program.blank]

    def _walk(self, process: Process, programs: list[Program], first: bool) -> Iterator[Program]:
        """Run the cells in order, up to the last of these marks (all, the first time)."""
        process.request(
            time.monotonic() + REPLY_SECONDS, "begin", imports_of(self.frame), self.frame.absent, self.frame.packages
        )
        programs = list(programs)
        for number, source in self.plan.cells:
            while programs and programs[0].mark < number:
                yield programs.pop(0)
            if not first and not programs:
                return
            if number not in self._deadly:
                self._run_cell(process, number, source, first)
        yield from programs

    def _run_cell(self, process: Process, number: int, source: str, first: bool) -> None:
        """Run one cell; if it takes the process down, it does not run again."""
        seconds = SHORT_SECONDS if number in self._slow else self.seconds
        if first and self._budget < SHORT_SECONDS:
            self.late = True
            self._deadly.add(number)
            note = f"The cells took more than {2 * self.seconds:g} s together: the rest did not run."
            self.notes += [] if note in self.notes else [note]
            return
        seconds, started = min(seconds, self._budget) if first else seconds, time.monotonic()
        try:
            crash = process.request(started + WAITS * seconds + GRACE_SECONDS, "run", number, source, seconds, WAITS * seconds)
        except LOST as error:
            self._deadly.add(number)
            late = isinstance(error, TimeoutError)
            self.late |= late
            self.failures.setdefault(number, Failure(number, "TimeLimit" if late else "ProcessEnded"))
            if late and process is self.process:
                self.close()
            raise EOFError from None
        finally:
            self._budget -= time.monotonic() - started if first else 0.0
        if crash and first and isinstance(crash, dict):
            observed = _observation({"crash": crash}, trusted=True).crash
            self.failures[number] = Failure(number, observed.type, observed.line)
            if observed.type == "TimeLimit":
                self.late |= time.monotonic() - started >= WAITS * seconds  # else it had the processor for so long
                self._slow.add(number)

    def keep(self, program: Program) -> None:
        """Keep a fork of the process as it is now, for this program."""
        with contextlib.suppress(*LOST):  # without one, the answer gets a process of its own
            self._snapshots[program.name] = self.process.snapshot(time.monotonic() + REPLY_SECONDS)

    def fork_of(self, program: Program) -> Snapshot | None:
        """The fork that was kept for a program."""
        return self._snapshots.pop(program.name, None)

    def fork(self, linked: bool = False) -> Snapshot | None:
        """A fork of the process as it is when all cells have run. It has seen no case, whatever its other forks have."""
        with contextlib.suppress(*LOST):
            return self.process.snapshot(time.monotonic() + REPLY_SECONDS, linked) if self.process else None
        return None

    def library(self, names: Iterable[str], answer: Process | Snapshot) -> Process:
        """A process of the library's solutions of these exercises, which an answer's process can ask."""
        process = self.sandbox.process(self._limits(), given=(answer.link(),))
        process.request(time.monotonic() + REPLY_SECONDS, "serve library", {name: reference_source(name) for name in names})
        return process

    def try_again(self) -> None:
        """Run the cells that have failed once more, now that all others have run."""
        again, self.failures = self.failures, {}
        with contextlib.suppress(*LOST):
            for number, source in self.plan.cells:
                if self.process and number in again and number not in self._deadly | self._slow:
                    deadline = time.monotonic() + WAITS * SHORT_SECONDS + GRACE_SECONDS
                    self.process.request(deadline, "run", number, source, SHORT_SECONDS, WAITS * SHORT_SECONDS)

    def fresh(self, program: Program, linked: bool = False) -> Process:
        """A new process in which the cells up to this program's check have run, and nothing else has been seen."""
        for _ in range(MOST_RESTARTS):
            process = self.sandbox.process(self._limits(), int(linked))
            try:
                for _ in self._walk(process, [program], first=False):
                    return process
            except LOST:
                process.close()
        raise EOFError("its cells end its process")

    def close(self) -> None:
        """End all processes."""
        for snapshot in self._snapshots.values():
            snapshot.close()
        self._snapshots = {}
        if self.process:
            self.process.close()
        self.process = None

    def _start(self) -> Process:
        spare = min(MOST_SPARE, 5 * len(self.frame.names)) if self.forks else 0
        self.process = self.sandbox.process(self._limits(), spare)
        return self.process

    def _limits(self) -> Limits:
        return Limits(cpu_seconds=int(REPLY_SECONDS + 5 * self.seconds))

    def _status(self) -> None:
        """Raise `SandboxLost` if it was not this process that has gone, but all."""
        if self.process:
            self.process.status()


class Remote:
    """One answer of a submission: in the fork that was kept at its check, or in a process of its own."""

    def __init__(self, session: Session, exercise: Exercise, program: Program, process: Any = None):
        self.session, self.exercise, self.program = session, exercise, program
        self._process: Process | Snapshot | None = process
        self._asked = False
        self.ended: Crash | None = None
        self._references: tuple[str, ...] = ()
        self._library: Process | None = None
        self._deadline = 0.0

    def is_there(self) -> bool:
        """Whether anything stands under the answer's name."""
        try:
            return self._begin(self.exercise.seconds * self.session.patience) is not False
        except LOST as error:
            self._lost(error, self.exercise.seconds)
            return True

    def observe(self, probe: Callable[[Any, Any], Any], inputs: Any, seconds: float) -> Observation:
        """What the probe sees of the answer. All cases together get twice the time of one."""
        if self.ended:
            return Observation(crash=self.ended)
        seconds = min(seconds * self.session.patience, self.session.seconds)
        try:
            self._begin(seconds)
            started = time.monotonic()
            deadline = min(started + WAITS * seconds, self._deadline)
            of_course = None if probe is self.exercise.probe else probe.__name__
            reply = self._process.request(deadline, "observe", of_course, inputs, seconds, WAITS * seconds)
            taken = time.monotonic() - started
            if _out_of_time(reply) and taken >= seconds:
                self.session.late |= taken >= WAITS * seconds  # else it had the processor for so long
                self._end(Crash("TimeLimit", f"still running after {seconds:g} s"))
                return Observation(crash=self.ended)
            return self._own(reply, {*self.exercise.forbids, *HIDING.values()})
        except LOST as error:
            self._lost(error, seconds)
        return Observation(crash=self.ended)

    @contextlib.contextmanager
    def using(self, references: Mapping[str, Any]) -> Iterator["Remote"]:
        """The same answer in a process in which these names stand for the library's, and which judges nothing else.

        The library's own are in yet another process: here are stubs that ask it.
        """
        aside = self._process, self.ended
        self._process, self._asked, self.ended, self._references = None, False, None, tuple(references)
        try:
            yield self
        finally:
            self.close()
            self._process, self.ended = aside
            self._references = ()

    def names_used(self) -> set[str]:
        """Dotted names of packages that the answer and what it needs refer to."""
        return set(self.program.used)

    def close(self) -> None:
        """End the answer's process."""
        if self._process and self._process is not self.session.process:
            self._process.close()
        if self._library:
            self._library.close()
        self._process, self._library, self.ended, self._asked = None, None, None, False

    def _own(self, reply: object, forbids: set[str]) -> Observation:
        """A reply as an observation: of lines only those of the answer's own cell, of calls only forbidden ones."""
        seen = _observation(reply, cell=self.program.cell)
        crash = seen.crash
        if crash and crash.line and crash.line > self.program.lines:
            crash = replace(crash, line=None)
        return replace(seen, crash=crash, called=seen.called & forbids)

    def _begin(self, seconds: float) -> object:
        """Have the process ready for the first case; returns whether there is an answer in it."""
        if self._asked:
            return True
        if self._process is None and not self.session.forks:
            self._process = self.session.process
        linked = bool(self._references) and self.session.forks
        if self._process is None and self._references and not self.program.later:
            self._process = self.session.fork(linked)
        if self._process is None:
            self._process = self.session.fresh(self.program, linked)
        if linked:
            self._library = self.session.library(self._references, self._process)
        self._deadline = time.monotonic() + 2 * WAITS * min(seconds, self.session.seconds)
        self._asked = True
        references = {name: "" if linked else reference_source(name) for name in self._references}
        probe = self.exercise.probe
        source = None if probe.__module__ == "autograder.probes" else probe_source(probe)
        asked = {"name": probe.__name__, "source": source}
        forbids = with_homes(self.exercise.forbids)
        return self._process.request(self._deadline, "ask", self.program.name, asked, references, forbids)

    def _lost(self, error: Exception, seconds: float) -> None:
        """The process did not answer, or not as agreed."""
        self.session.losses += 1
        if isinstance(error, WireError):
            crash = Crash("UnusableResult", "what came out is not plain data, too large, or nested too deeply")
        elif isinstance(error, TimeoutError):
            self.session.late = True
            crash = Crash("TimeLimit", f"still running after {seconds:g} s")
        else:
            late = self._process is not None and self._process.status() in (-9, -24)  # the limit on processor time
            crash = Crash("TimeLimit" if late else "ProcessEnded", "the process ended by itself")
        self._end(crash)

    def _end(self, crash: Crash) -> None:
        """From here on that is all that is seen of the answer."""
        if self._process is self.session.process:
            self.session.close()
        self.close()
        self.ended = crash


class Replay:
    """An answer that has been observed in every case, before the judge once more."""

    def __init__(self, answer: Remote, seen: list[Observation]):
        self.names_used = answer.names_used
        self._seen = iter(seen)

    def observe(self, probe: Callable[[Any, Any], Any], inputs: Any, seconds: float) -> Observation:
        """What was seen, case by case."""
        return next(self._seen)


def reference_source(name: str) -> str:
    """The library's solution of an exercise as a piece of source that runs alone: imports, what it calls, itself."""
    return _alone(find_exercise(name))


@functools.lru_cache(maxsize=256)
def _alone(exercise: Exercise) -> str:
    text = Path(exercise.module.__file__).read_text(encoding="utf-8")
    imports = module_imports(text)
    parts, needed = [exercise.source], free_names(exercise.source)
    for used in exercise.uses:
        if find_exercise(used).module is exercise.module:
            parts.insert(0, reference_source(used))
    return "\n".join([*(imports[n] for n in sorted(needed & set(imports))), *parts])


def _observation(reply: object, trusted: bool = False, cell: int | None = None) -> Observation:
    """A reply as an observation; anything but an agreed one is a crash. `cell` is the one whose line counts."""
    called = reply.pop("called", None) if isinstance(reply, dict) else None
    called = frozenset(c for c in called if isinstance(c, str)) if isinstance(called, list) else frozenset()
    if isinstance(reply, dict) and list(reply) == ["outputs"] and _is_report(reply["outputs"]):
        return Observation(outputs=reply["outputs"], called=called)
    crash = reply.get("crash") if isinstance(reply, dict) else None
    if isinstance(crash, dict) and isinstance(crash.get("type"), str) and isinstance(crash.get("message"), str):
        lines = crash.get("lines")
        line = crash.get("line") if trusted else lines.get(cell) if isinstance(lines, dict) else None
        line = line if type(line) is int and 0 < line < 100_000 else None
        # A name that only this module may give, given by the student's process: it is no time limit.
        name = crash["type"] if trusted or crash["type"] != "TimeLimit" else "Exception"
        bases = crash.get("bases")
        bases = tuple(b for b in bases if isinstance(b, str)) if isinstance(bases, list) else ()
        return Observation(crash=Crash(name, crash["message"][:2000], line, "", bases), called=called)
    return Observation(crash=Crash("UnusableResult", "the answer's process sent something else than a result"))


def _out_of_time(reply: object) -> bool:
    """Whether a reply says that a limit on time was reached; whoever gives it early has made it up."""
    crash = reply.get("crash") if isinstance(reply, dict) else None
    return isinstance(crash, dict) and crash.get("type") == "TimeLimit"


def _is_report(outputs: object) -> bool:
    """Whether what a probe is said to have seen has the form that the judge reads."""
    if not isinstance(outputs, dict) or "result" not in outputs:
        return True  # any data: it is compared as such
    gradients, names = outputs.get("gradients", {}), [outputs.get(effect, []) for effect in SIDE_EFFECTS]
    if not isinstance(gradients, dict) or not all(isinstance(told, (list, tuple)) for told in names):
        return False
    return all(isinstance(name, str) for told in (gradients, *names) for name in told)
