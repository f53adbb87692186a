"""A class graded on other machines: a cluster of dask's in the place of this machine's processes.

Submissions go there as bytes and records come back. A worker hands its work to programs of its own (`apart`), which start
their own sandboxes. What was in the hands of a worker that dies goes to another. Only machines take part on which the same
would come out: the same Python and packages, the same sandbox, the same program.
"""

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from types import TracebackType
from typing import Any

from autograder.grading.apart import apart
from autograder.grading.known import HERE_ALONE, code
from autograder.grading.sandbox import open_sandbox
from autograder.grading.submission import Order, environment, exercises_id
from autograder.grading.walls import NoSandbox
from autograder.terminal import Trouble

SECONDS = 30.0  # to find the scheduler, and a worker


class Cluster(Executor):
    """An executor whose processes are a cluster's; `mode` is that of the workers' sandboxes."""

    def __init__(self, address: str, chapter: str, mode: str | None):
        self.client = connected(address)
        try:
            self.mode = self._agreed(chapter, mode)
        except BaseException:
            self.client.close()
            raise
        self._expected = identity(chapter, self.mode)
        self._there = self.client.get_executor(pure=False)

    @property
    def jobs(self) -> int:
        """How many submissions are graded at a time, by the workers that are there now."""
        return max(1, sum(self.client.nthreads().values()))

    def submit(self, work: Callable[[Order], Any], order: Order) -> Future:
        """The future of what a worker makes of a submission."""
        return self._there.submit(there, work, whole(order), self._expected)

    def __exit__(self, *exception: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.client.close()

    def _agreed(self, chapter: str, mode: str | None) -> str:
        """The mode of all workers' sandboxes; refuses a worker that differs from this machine."""
        try:
            self.client.wait_for_workers(1, timeout=SECONDS)
            found = self.client.run(identified, chapter, mode)
        except TimeoutError:
            raise Trouble(f"The cluster has no worker, and none has come in {SECONDS:g} s: start one, and grade again.") from None
        except (ModuleNotFoundError, AttributeError) as error:
            raise Trouble(f"A worker of the cluster lacks the course ({error}): install on it what this machine has.") from None
        except NoSandbox as error:
            raise Trouble(f"A worker of the cluster: {error}") from None
        first = next(iter(found.values()))["the sandbox"]
        for theirs in found.values():
            refuse(theirs, identity(chapter, first))
        return first


def connected(address: str) -> Any:
    """A client of the scheduler at an address."""
    try:
        from distributed import Client
    except ImportError:
        raise Trouble("Grading on a cluster needs dask: pip install distributed.") from None
    try:
        return Client(address, timeout=SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:  # a `TimeoutError` is an `OSError`
        raise Trouble(
            f"No scheduler of dask's answers at {address!r}; expected an address such as tcp://10.0.0.5:8786 ({error})."
        ) from None


def whole(order: Order) -> Order:
    """A submission as it travels: its content as bytes, and no path of this machine."""
    order = replace(order, known=HERE_ALONE if order.known else "")
    if order.content is None:
        return order
    try:
        return replace(order, content=order.read())
    except OSError as error:
        problem = f"This submission could not be graded: the file {error.strerror}."
        return replace(order, content=None, problem=problem)


def identity(chapter: str, mode: str) -> dict[str, str]:
    """What has to be the same wherever a class is graded."""
    names = {"sandbox": "the sandbox", "python": "Python", "machine": "the kind of processor"}
    facts = {names.get(name, name): value for name, value in environment(mode).items()}
    return facts | {"the chapter's exercises": exercises_id(chapter), "the course's program": code()}


async def identified(chapter: str, mode: str | None) -> dict[str, str]:
    """On a worker: what it is, and its name; in a thread, since it has other things to do meanwhile."""
    return {**await asyncio.to_thread(apart, opened, chapter, mode), "name": name()}


def opened(chapter: str, mode: str | None) -> dict[str, str]:
    """In a worker's program: what it is, with a sandbox that has been tried."""
    return identity(chapter, open_sandbox(chapter, mode))


def there(work: Callable[[Order], Any], order: Order, expected: dict[str, str]) -> Any:
    """On a worker: what its program makes of a submission; one that came later has not been asked what it is."""
    refuse({**identity(order.chapter, order.mode), "name": name()}, expected)
    return apart(work, order)


def refuse(theirs: dict[str, str], expected: dict[str, str]) -> None:
    """Raise `Trouble` that names the first thing in which a worker differs."""
    for what, value in expected.items():
        if theirs.get(what) != value:
            raise Trouble(
                f"The worker on {theirs['name']} cannot grade with this machine: {what} is {theirs.get(what)} there, and {value} "
                "here. Install the same there; what has been graded is kept."
            )


def name() -> str:
    """This machine's name."""
    return socket.gethostname()
