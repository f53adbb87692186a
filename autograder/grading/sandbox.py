"""The sandbox: one bubblewrap around a warm process, from which every submission gets a process of its own.

What the machine allows is found out at the start, by trying: `FORKS` where nested namespaces work (milliseconds an
answer), else `ALONE`, a bubblewrap for each answer (seconds, and as strict). Without either, grading refuses, unless
it is told to be `OPEN`: the student's code then runs with nothing but limits around it.
"""

import contextlib
import json
import socket
import subprocess
import threading
import time
from dataclasses import asdict, dataclass

from autograder.grading.inside import wire
from autograder.grading.walls import ADVICE, ALONE, DISK_BYTES, FORKS, NoSandbox, command, environment

WARM_UP_SECONDS = 120


class SandboxLost(Exception):
    """The warm process has gone: no fault of an answer."""


@dataclass(frozen=True)
class Limits:
    """What one process may use. Memory is counted on top of what torch has mapped before."""

    cpu_seconds: int = 20
    memory_bytes: int = 1 << 30
    processes: int = 24
    disk_bytes: int = DISK_BYTES


class Sandbox:
    """A warm process behind bubblewrap. Forks of this process may share it: an order is a single message."""

    def __init__(self, chapter: str, mode: str):
        self.chapter, self.mode = chapter, mode
        self._spare = Warm(chapter, mode)

    def process(self, limits: Limits, spare: int = 0, given: tuple[socket.socket, ...] = ()) -> "Process":
        """A new process, with as many channels to spare for forks of its own; sockets that are `given` come after them."""
        if self.mode != ALONE:
            return self._spare.order(limits, spare, given)
        warm = self._spare or Warm(self.chapter, ALONE)
        self._spare = None
        return warm.order(limits, spare, given)

    def try_out(self) -> None:
        """Have one answer's process send something back; raises whatever goes wrong."""
        process, deadline = self.process(Limits()), time.monotonic() + WARM_UP_SECONDS
        try:
            probe = {"name": "echo", "source": "def echo(answer, inputs):\n    return inputs"}
            process.request(deadline, "begin", ["nothing = 0"], [], [])
            process.request(deadline, "ask", "nothing", probe, {}, {})
            if process.request(deadline, "observe", None, "heard", WARM_UP_SECONDS, WARM_UP_SECONDS)["outputs"] != "heard":
                raise NoSandbox("an answer's process does not answer as agreed")
        finally:
            process.close()

    def close(self) -> None:
        """End the warm process and all that it has forked."""
        if self._spare:
            self._spare.close()


class Warm:
    """One warm process, starting or ready."""

    def __init__(self, chapter: str, mode: str):
        self.mode = mode
        start = command(chapter, mode)
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.started = subprocess.Popen(
                [*start, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        self.ready = False

    def wait(self) -> None:
        """Wait for the word that it is warm."""
        if self.ready:
            return
        self.control.settimeout(WARM_UP_SECONDS)
        try:
            word = self.control.recv(1 << 16)
        except OSError:
            word = b""
        if not word:
            complaint = self.started.stderr.read1(4000).decode(errors="replace") if self.started.stderr else ""
            self.close()
            raise NoSandbox(f"the sandbox does not start: {complaint.strip() or 'no word from it'}")
        self.control.settimeout(None)
        self.started.stderr.close()
        self.ready = True

    def order(self, limits: Limits, spare: int = 0, given: tuple[socket.socket, ...] = ()) -> "Process":
        """Have a process made, to which the sockets given belong from now on."""
        self.wait()
        pairs = [socket.socketpair() for _ in range(2 + spare)]
        ours, theirs = zip(*pairs, strict=True)
        try:
            ends = [end.fileno() for end in (*theirs, *given)]
            socket.send_fds(self.control, [json.dumps(asdict(limits)).encode()], ends)
        except OSError as error:
            for end in ours:
                end.close()
            raise SandboxLost(f"the warm process does not answer: {error}") from None
        finally:
            for end in (*theirs, *given):
                end.close()
        channel, lifeline, *channels = ours
        return Process(channel, lifeline, channels, self if self.mode == ALONE else None)

    def close(self) -> None:
        """End it."""
        self.control.close()
        with contextlib.suppress(OSError):
            self.started.kill()
        self.started.wait()
        if self.started.stderr:
            self.started.stderr.close()


class Process:
    """The host's end of a process: send and receive data, until closed. `channels` wait for forks of it."""

    def __init__(self, channel: socket.socket, lifeline: socket.socket, channels: list, alone: Warm | None):
        self._channel, self._lifeline, self._alone = channel, lifeline, alone
        self._channels: list[socket.socket] = channels

    def request(self, deadline: float, *message: object) -> object:
        """Ask for something and wait for the reply, of which nothing is to be trusted."""
        return exchange(self._channel, deadline, *message)

    def snapshot(self, deadline: float, linked: bool = False) -> "Snapshot":
        """Have it fork: the fork stays as it is now. It may keep a channel that can be linked with another process."""
        if len(self._channels) < 1 + linked:
            raise EOFError("no channel to spare")
        numbers = [len(self._channels) - 1 - i for i in range(1 + linked)]
        channel, *kept = [self._channels.pop() for _ in numbers]
        snapshot = Snapshot(self, channel, kept)
        try:
            if self.request(deadline, "snapshot", numbers) is not True:
                raise EOFError("it could not fork")
            wire.receive(channel, deadline)  # the word that it is there
            return snapshot
        except BaseException:
            snapshot.close()
            raise

    def link(self) -> socket.socket:
        """The far end of a channel to spare, for another process."""
        return self._channels.pop()

    def status(self) -> int | None:
        """How the process ended that has closed its channel; None if it lives on. `SandboxLost` if nobody can say."""
        self._lifeline.settimeout(3)  # a busy machine may take a while to bury a dead one
        try:
            word = self._lifeline.recv(1000)
        except TimeoutError:
            return None
        except OSError:
            word = b""
        if not word and not self._alone:
            raise SandboxLost("the warm process has gone.")
        return json.loads(word)["exit"] if word else None

    def look(self) -> None:
        """Raise `SandboxLost` if nobody is left who could say how the process is."""
        self._lifeline.settimeout(0.2)
        with contextlib.suppress(TimeoutError):
            if not self._lifeline.recv(1000, socket.MSG_PEEK) and not self._alone:
                raise SandboxLost("the warm process has gone.")

    def close(self) -> None:
        """End the process and all that it has started, if they run still."""
        for end in (self._channel, self._lifeline, *self._channels):
            end.close()
        if self._alone:
            self._alone.close()


class Snapshot:
    """The host's end of a fork that a process has made of itself."""

    def __init__(self, process: Process, channel: socket.socket, kept: list[socket.socket]):
        self.process, self._channel, self._channels = process, channel, kept

    link = Process.link

    def request(self, deadline: float, *message: object) -> object:
        """Ask for something and wait for the reply."""
        return exchange(self._channel, deadline, *message)

    def status(self) -> None:
        """How it ended only its parent knows. `SandboxLost` if that has gone with all others."""
        self.process.look()

    def close(self) -> None:
        """Let it end."""
        for end in (self._channel, *self._channels):
            end.close()


def exchange(channel: socket.socket, deadline: float, *message: object) -> object:
    """One message there, one back; of a notebook that was read there may be much."""
    wire.send(channel, wire.pack(message), deadline)
    if message[0] == "read":
        return wire.unpack(wire.receive(channel, deadline))
    return wire.unpack(wire.receive(channel, deadline, wire.RESULT_BYTES), wire.RESULT_VALUES)


_here: dict[tuple[str, str], Sandbox] = {}
_lock = threading.Lock()


def open_sandbox(chapter: str, mode: str | None = None) -> str:
    """Start this process's sandbox for a chapter in the best mode that works, found out by trying; returns the mode."""
    reasons = []
    for candidate in (FORKS, ALONE) if mode is None else (mode,):
        try:
            sandbox_here(chapter, candidate).try_out()
            return candidate
        except (OSError, EOFError, NoSandbox, SandboxLost, wire.WireError) as error:
            reasons.append(f"{candidate}: {error or type(error).__name__}")
            forget_sandbox(chapter, candidate)
    raise NoSandbox("\n".join([ADVICE, *reasons]))


def sandbox_here(chapter: str, mode: str) -> Sandbox:
    """This process's sandbox for a chapter, started at the first call; a pool's workers share their parent's."""
    with _lock:
        if (chapter, mode) not in _here:
            _here[chapter, mode] = Sandbox(chapter, mode)
        return _here[chapter, mode]


def forget_sandbox(chapter: str, mode: str) -> None:
    """Close this process's sandbox; the next call starts a new one."""
    with _lock:
        if sandbox := _here.pop((chapter, mode), None):
            sandbox.close()
