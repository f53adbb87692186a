"""A worker as a program of its own, for those who may not fork: nbgrader's command, which may be Formgrader's server, and the
workers of a cluster. It has the limits of `workers`, and what ends it ends nobody else.

    python -m autograder.grading.apart

It reads function and argument from its input, writes what comes out of it, and ends with its input.
"""

import contextlib
import importlib
import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, BinaryIO

from autograder.grading import workers

_idle: list[subprocess.Popen] = []  # programs that wait for more


class Apart(ThreadPoolExecutor):
    """An executor whose threads hand their work to programs."""

    def submit(self, work: Callable, *items: Any) -> Future:
        """The future of what a program makes of it."""
        return super().submit(apart, work, *items)

    def shutdown(self, *arguments: Any, **options: Any) -> None:
        """End the programs that wait."""
        super().shutdown(*arguments, **options)
        while _idle:
            _end(_idle.pop())


def apart(work: Callable, *items: Any) -> Any:
    """What a function, known by its module and name, makes of something, in a program; raises `EOFError` if that has ended."""
    program = _idle.pop() if _idle else _start()
    try:
        _send(program.stdin, (work, items))
        fine, value = _receive(program.stdout)
    except BaseException:
        program.kill()
        _end(program)
        raise
    _idle.append(program)
    if not fine:
        raise value
    return value


def main() -> None:
    """Do what comes in until nothing more does."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    importlib.import_module("autograder.grading.submission")  # what is mapped before the limit does not count
    workers.be_limited()
    while True:
        try:
            work, items = _receive(incoming)
        except EOFError:
            return
        try:
            reply = True, work(*items)
        except Exception as error:
            reply = False, error
        _send(outgoing, reply)


def _start() -> subprocess.Popen:
    path = os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
    command = [sys.executable, "-c", f"from {__name__} import main; main()"]
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _end(program: subprocess.Popen) -> None:
    with contextlib.suppress(OSError):  # what it no longer reads
        program.stdin.close()
    program.stdout.close()
    program.wait()


def _send(stream: BinaryIO, value: Any) -> None:
    packet = pickle.dumps(value)
    stream.write(struct.pack("<Q", len(packet)) + packet)
    stream.flush()


def _receive(stream: BinaryIO) -> Any:
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError("it has ended")
    (size,) = struct.unpack("<Q", head)
    return pickle.loads(stream.read(size))
