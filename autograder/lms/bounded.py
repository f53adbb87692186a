"""Do something with a student's file in a process of its own, with limits on time and memory, that can be killed."""

import contextlib
import json
import multiprocessing
import sys
from collections.abc import Callable
from typing import Any

SECONDS, MEGABYTES, MOST_REPLY = 30, 2048, 64 << 20


class Unbounded(Exception):
    """What was to be done took too much time or memory; the message says so."""


def bounded(work: Callable[..., Any], *arguments: Any, seconds: int = SECONDS, megabytes: int = MEGABYTES) -> Any:
    """The value of `work(*arguments)`, plain data, done in a child process. Where none can be forked, it is done here."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return work(*arguments)
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_do, args=(theirs, seconds, megabytes, work, arguments), daemon=True)
    child.start()
    theirs.close()
    try:
        reply = json.loads(ours.recv_bytes(MOST_REPLY)) if ours.poll(2 * seconds) else None
    except (EOFError, OSError, ValueError):
        reply = None
    finally:
        child.kill()
        child.join()
        ours.close()
    if reply is None:
        raise Unbounded(f"it takes more than {seconds} s or {megabytes} MB to open")
    return reply


def _do(pipe: Any, seconds: int, megabytes: int, work: Callable[..., Any], arguments: tuple) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with open("/proc/self/statm") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + (megabytes << 20),) * 2)
    with contextlib.suppress(MemoryError, BrokenPipeError):
        pipe.send_bytes(json.dumps(work(*arguments)).encode())
