"""Work on what students control, in processes that may be lost: each with limits on memory and, part by part, on time.

Reading and comparing are bounded by what they do; these limits stand behind that. A part that takes too long is broken off,
and its worker ended if that does not help; what was in that worker's hands is done again alone, the rest goes on.
"""

import contextlib
import itertools
import os
import resource
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, TypeVar

from autograder.terminal import Trouble

AHEAD = 4  # items for each that works, so that nobody waits for the next
MEMORY_BYTES = 2 << 30  # on top of what is mapped already
GRACE_SECONDS = 5.0  # from breaking a part off to ending its worker

Item = TypeVar("Item")
_limited = False  # whether this process is a worker, which may be ended


class TooLong(Exception):
    """A part has used the processor time that it may."""


def each(
    work: Callable[[Item], Any], items: list[Item], jobs: int, executor: Executor | None = None
) -> Iterator[tuple[Item, Any]]:
    """What `work` makes of each item, as it comes in; None where it has ended its process.

    In workers of our own, or by an executor that is given: limits are then its business, as they are of `apart`.
    """
    if executor is not None:
        yield from _collect(executor, work, items, jobs)
        return
    left = {id(item): item for item in items}
    while left:
        with contextlib.suppress(BrokenProcessPool):
            for item, result in _in_a_pool(work, list(left.values()), jobs):
                del left[id(item)]
                yield item, result
        # Of those that are left the workers had the first ones: one of them has ended its own.
        for item in list(left.values())[:jobs]:
            del left[id(item)]
            yield item, _alone(work, item)


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `TooLong` where the block has used so much processor time of a worker's; end the worker if it does not stop."""
    if not _limited:
        yield
        return

    def expire(signum: int, frame: Any) -> None:
        raise TooLong(f"it takes more than {seconds:g} s")

    signal.signal(signal.SIGVTALRM, expire)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1.0)
    signal.setitimer(signal.ITIMER_PROF, seconds + GRACE_SECONDS)  # whose signal nobody handles
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)


def _in_a_pool(work: Callable[[Item], Any], items: list[Item], jobs: int) -> Iterator[tuple[Item, Any]]:
    with _pool(min(jobs, len(items))) as pool:
        try:
            yield from _collect(pool, work, items, jobs, ours=True)
        finally:
            pool.shutdown(cancel_futures=True)


def _alone(work: Callable[[Item], Any], item: Item) -> Any:
    with _pool(1) as pool:
        try:
            return pool.submit(work, item).result()
        except Exception:  # the pool's end, or a result that cannot be sent
            return None


def _collect(
    executor: Executor, work: Callable[[Item], Any], items: list[Item], jobs: int, ours: bool = False
) -> Iterator[tuple[Item, Any]]:
    waiting, left = {}, iter(items)
    while True:
        room = AHEAD * getattr(executor, "jobs", jobs) - len(waiting)
        waiting |= {executor.submit(work, item): item for item in itertools.islice(left, max(0, room))}
        if not waiting:
            return
        for future in wait(waiting, return_when=FIRST_COMPLETED).done:
            try:
                result = future.result()
            except Trouble:
                raise
            except CancelledError:
                raise Trouble(
                    "The cluster has gone. Nothing that has been graded is lost: start it, and run the command again."
                ) from None
            except Exception as error:
                if ours and isinstance(error, BrokenProcessPool):
                    raise
                result = None
            yield waiting.pop(future), result


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=get_context("fork"), initializer=_begin, initargs=(os.getpid(),))


def _begin(parent: int) -> None:
    """Be a worker of the pool's: end when the grading does, however that ends."""
    from autograder.grading.inside import confine

    confine.libc.prctl(1, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    be_limited()


def be_limited() -> None:
    """Be a process that may be ended, and take no more memory than this."""
    global _limited
    with open("/proc/self/statm") as file:
        mapped = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = mapped + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit if most < 0 else min(limit, most), most))
    _limited = True
