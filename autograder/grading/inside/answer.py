"""A submission's process: read the notebook, run its cells in order, and apply a probe to what they define.

The judge asks for one thing after the other (`REQUESTS`). At a check's cell it has the process fork: the fork waits with
everything as it is there for the exercise's cases, while the next cells run here. So no cell that runs has seen a case.
Nothing in here is to be trusted once a cell has run: the judge reads what comes out as data, no more.
"""

import importlib.machinery
import os
import random
import sys
import types
from socket import socket
from typing import Any

from autograder.grading.inside import wire
from autograder.grading.inside.library import Library, executed
from autograder.grading.inside.plan import Frame, as_data, plan
from autograder.grading.inside.reading import MOST_BYTES, Unreadable
from autograder.grading.inside.shell import OnlyThese, Shell, stand_in, time_limit
from autograder.grading.inside.stubs import Link
from autograder.watch import Watch, nothing_by_luck

fork = getattr(os, "fork", None)


class Answer:
    """What this process knows: its shell, the sockets that wait for forks, and the answer that is asked."""

    def __init__(self, shell: Shell, channel: socket, spare: list[socket]):
        self.shell, self.channel, self.spare = shell, channel, spare
        self.probe: types.FunctionType | None = None
        self.name, self.replaced, self.forbids = "", {}, {}
        self.library: Library | None = None

    def serve(self) -> None:
        """Do what the judge asks until it hangs up. It keeps the time, from outside."""
        while True:
            try:
                kind, *rest = wire.unpack(wire.receive(self.channel, None, 2 * MOST_BYTES))
            except (EOFError, OSError):
                return
            try:
                value = REQUESTS[kind](self, *rest)
            except BaseException as error:
                value = {"crash": self.shell.describe(error)}
            self.reply(value, wire.MOST_BYTES if kind == "read" else wire.RESULT_BYTES)
            if self.library:
                self.library.serve()
                return

    def read(self, content: bytes, frame: dict) -> dict:
        """The plan of the submission: what of it will run."""
        try:
            cells = tuple(map(tuple, frame.pop("cells")))
            return {"plan": as_data(plan(content, Frame(cells=cells, **frame)))}
        except Unreadable as error:
            return {"unreadable": str(error)}
        except MemoryError:
            return {"unreadable": "reading it takes more memory than it may"}

    def begin(self, imports: list[str], absent: list[str], packages: list[str]) -> None:
        """Be ready for the first cell."""
        if packages:
            finders = [f for f in sys.meta_path if f is not importlib.machinery.PathFinder]
            sys.meta_path[:] = [*finders, OnlyThese(absent, packages)]
        sys.path.insert(0, "")
        stand_in(self.shell.namespace)
        self.shell.use(imports)

    def run(self, number: int, source: str, seconds: float, by_the_clock: float) -> dict | None:
        """Run a cell; returns how it crashed."""
        error = self.shell.run(number, source, seconds, by_the_clock)
        return None if error is None else self.shell.describe(error)

    def snapshot(self, numbers: list[int]) -> bool:
        """Fork: the child answers on the first of these spare sockets from now on, and keeps the others."""
        channel, *kept = [self.spare[number] for number in numbers]
        for number in numbers:
            self.spare[number] = None
        if fork() == 0:
            self.channel.close()
            for other in filter(None, self.spare):
                other.close()
            self.spare, self.channel = kept, channel
            return None
        for end in (channel, *kept):
            end.close()
        return True

    def serve_library(self, sources: dict[str, str]) -> bool:
        """Be the library's process from now on, for whoever is at the other end of the last spare socket."""
        self.library = Library(sources, self.spare[-1])
        return True

    def ask(self, name: str, probe: dict, references: dict[str, str] | None, forbids: dict[str, str]) -> bool:
        """From now on the answer of that name is meant; returns whether there is one.

        Beside the library's solutions of `references`: those at the other end of the last spare socket if there is one
        (`serve_library`), else as these sources define them, where nothing is to be kept from anybody.
        """
        namespace = self.shell.namespace
        namespace.update(self.replaced)
        self.name, self.probe, self.forbids = name, find_probe(probe), forbids
        self.replaced = {name: namespace[name] for name in references or () if name in namespace}
        if references and self.spare:
            namespace.update(Link(self.spare[-1]).stubs())
        elif references:
            namespace.update({name: executed(name, source) for name, source in references.items()})
        return self.name in namespace

    def observe(self, of_course: str | None, inputs: Any, seconds: float, by_the_clock: float) -> dict:
        """What the probe sees of the answer, or another one, of the course's own; and what is called that is forbidden."""
        probe = find_probe({"name": of_course, "source": None}) if of_course else self.probe
        watch = Watch(self.forbids, probe)
        try:
            with time_limit(seconds, by_the_clock), nothing_by_luck(), watch:
                seen = {"outputs": probe(self.shell.namespace[self.name], inputs)}
        except BaseException as error:
            seen = {"crash": self.shell.describe(error)}
        return seen | {"called": sorted(watch.called)}

    def reply(self, value: Any, most: int) -> None:
        """Send a reply; one that cannot travel is said to be so."""
        if value is None:
            value = {}
        try:
            packet = wire.pack(value)
        except BaseException as error:
            packet = wire.pack({"crash": self.shell.describe(error)})
        if len(packet) > most:
            packet = wire.pack({"crash": {"type": "TooMuchOutput", "message": "", "line": None}})
        wire.send(self.channel, packet, None)


REQUESTS = {
    "read": Answer.read,
    "begin": Answer.begin,
    "run": Answer.run,
    "snapshot": Answer.snapshot,
    "serve library": Answer.serve_library,
    "ask": Answer.ask,
    "observe": Answer.observe,
}


def run(channel: socket, spare: list[socket]) -> None:
    """Serve one submission, in a process of its own."""
    random.seed(0)  # Python draws a new seed at every fork; NumPy and torch keep the warm process's
    Answer(shell(), channel, spare).serve()


def shell() -> Shell:
    """The one shell of this process: the warm process makes it, its forks use it."""
    if not _shell:
        _shell.append(Shell())
    return _shell[0]


_shell: list[Shell] = []


def find_probe(probe: dict) -> types.FunctionType:
    """The probe, from its module inside the sandbox or from its own source."""
    if probe["source"] is None:
        return getattr(__import__("autograder.probes", fromlist=["probes"]), probe["name"])
    namespace = {}
    exec(compile(probe["source"], "<probe>", "exec"), namespace)
    return namespace[probe["name"]]
