"""The warm process: it has imported what answers need, and forks for each answer. It never runs a student's code.

On its control socket come orders: a message of limits with two sockets, the answer's channel and its lifeline, and
spare channels for forks of its own. The fork keeps the channels only. When the far end of the lifeline closes, the fork and all its processes are killed; when
they end by themselves, the status goes back on the lifeline. When the control socket closes, everything ends.

Started as `python warm.py MODE CONTROL`. MODE is "forks" (a fork in its own namespaces for each answer), "alone"
(where nested namespaces are refused: this process becomes the first answer's, in a sandbox of its own) or "open"
(forks without namespaces: no sandbox at all).
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.grading.inside import confine

MOST_SPARE = 40
ANSWER = "autograder.grading.inside.answer"
PRELOADED = (
    *("numpy", "torch", "torch.nn.functional", "jaxtyping", "matplotlib.pyplot", "tqdm.auto"),
    *("autograder.probes", ANSWER),
)


def main() -> None:
    """Prepare, report, serve."""
    mode, control = sys.argv[1], socket.socket(fileno=int(sys.argv[2]))
    if os.getuid() == 0 and mode != "open":
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        confine.libc.prctl(confine.PR_SET_DUMPABLE, 1, 0, 0, 0)  # else /proc/self stays root's
    if mode == "forks":
        enter_own_namespaces()
    preload([] if mode == "open" else course())
    with open("/proc/self/statm") as file:
        mapped = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    control.sendall(json.dumps({"ready": mode}).encode())
    if mode == "alone":
        limits, channel, _, *spare = next(orders(control))
        become_answer(channel, spare, limits, mapped, nested=False)
    Server(control, mapped, nested=mode == "forks").serve()


def enter_own_namespaces() -> None:
    """Become the first process of an own process namespace, with the right to make more of them."""
    user, group = os.getuid(), os.getgid()
    confine.unshare(confine.NEW_USER | confine.NEW_PROCESSES)
    confine.own_user(user, group)
    if first := os.fork():
        _, status = os.waitpid(first, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    confine.libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # die with the process that waits for this one


def course() -> Iterator[str]:
    """The course's modules that exist in here."""
    for folder in map(Path, sys.path):
        for file in folder.glob("unrolled/**/*.py"):
            yield ".".join(file.relative_to(folder).with_suffix("").parts)


def preload(more: Iterable[str]) -> None:
    """Import what answers need, seed it, run torch once, make the shell, and let the collector forget it all."""
    for name in PRELOADED:
        importlib.import_module(name)
    for name in more:
        with contextlib.suppress(ImportError):  # it reads what is not in here
            importlib.import_module(name)
    import numpy
    import torch

    numpy.random.seed(0)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    x = torch.ones(2, 2, requires_grad=True)
    torch.autograd.grad(torch.tanh(x @ x), x, x.detach())  # with a gradient it imports half of torch, at the first time
    sys.modules[ANSWER].shell()
    gc.collect()
    gc.freeze()


def orders(control: socket.socket):
    """Limits, channel, lifeline and spare channels of each order, until the control socket closes."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 2 + MOST_SPARE)
        if not message:
            return
        yield json.loads(message), *map(lambda d: socket.socket(fileno=d), descriptors)


class Server:
    """The loop that forks for every order, ends forks whose lifeline has closed, and reports those that have ended."""

    def __init__(self, control: socket.socket, mapped: int, nested: bool):
        self.control, self.mapped, self.nested = control, mapped, nested
        self.own_processes = os.open("/proc/self/ns/pid", os.O_RDONLY) if nested else -1
        self.poller, self.forks = select.poll(), {}

    def serve(self) -> None:
        """Serve until nobody is left to grade for; the kernel ends all forks with this process."""
        incoming = orders(self.control)
        self.poller.register(self.control, select.POLLIN)
        while True:
            for descriptor, _ in self.poller.poll():
                if descriptor == self.control.fileno():
                    order = next(incoming, None)
                    if order is None:
                        self.end_all()
                    self.start(*order)
                elif descriptor in self.forks:
                    pid, ended, lifeline = self.forks[descriptor]
                    self.kill(pid)
                    if descriptor == ended:
                        self.forget(pid, ended, lifeline)
                    else:
                        self.poller.unregister(lifeline)

    def start(self, limits: dict, channel: socket.socket, lifeline: socket.socket, *spare: socket.socket) -> None:
        """A fork that becomes the answer's process: the first of a process namespace of its own."""
        if self.nested:
            confine.check(confine.libc.setns(self.own_processes, confine.NEW_PROCESSES), "setns")
            confine.unshare(confine.NEW_PROCESSES)
        pid = os.fork()
        if pid == 0:
            become_answer(channel, list(spare), limits, self.mapped, self.nested)
        for end in (channel, *spare):
            end.close()
        ended = os.pidfd_open(pid)
        self.forks[ended] = self.forks[lifeline.fileno()] = (pid, ended, lifeline)
        self.poller.register(lifeline, select.POLLIN)
        self.poller.register(ended, select.POLLIN)

    def kill(self, pid: int) -> None:
        """End a fork; its process namespace ends with it, and without one at least its process group does."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
            if not self.nested:
                os.killpg(pid, signal.SIGKILL)

    def forget(self, pid: int, ended: int, lifeline: socket.socket) -> None:
        """Report how a fork ended, where somebody still listens."""
        _, status = os.waitpid(pid, 0)
        for descriptor in (ended, lifeline.fileno()):
            del self.forks[descriptor]
            with contextlib.suppress(KeyError):
                self.poller.unregister(descriptor)
        with contextlib.suppress(OSError):
            lifeline.send(json.dumps({"exit": os.waitstatus_to_exitcode(status)}).encode())
        lifeline.close()
        os.close(ended)

    def end_all(self) -> None:
        """End all forks and this process."""
        for pid, _, _ in self.forks.values():
            self.kill(pid)
        os._exit(0)


def become_answer(channel: socket.socket, spare: list[socket.socket], limits: dict, mapped: int, nested: bool) -> None:
    """Confine this process and run the answer in it; never returns."""
    status = 70
    try:
        os.setsid()
        confine.first_to_go()
        confine.close_all_but([end.fileno() for end in (channel, *spare)])
        if nested:
            user, group = os.getuid(), os.getgid()
            confine.unshare(confine.NEW_USER | confine.NEW_MOUNTS | confine.NEW_NETWORK)
            confine.own_user(user, group)
            confine.own_mounts(limits["disk_bytes"])
        confine.limit(mapped_bytes=mapped, **limits)
        confine.drop_privileges()
        if confine.filter_available():
            confine.filter_system_calls()
        sys.modules[ANSWER].run(channel, spare)
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
