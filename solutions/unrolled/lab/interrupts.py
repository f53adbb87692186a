"""Ctrl-C, or a notebook's stop button, at a good moment: after the step that is under way, never in its middle.

Left out: what is done about it (`unrolled.lab.training` keeps what it has).
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def delayed_interrupt() -> Iterator[Callable[[], bool]]:
    """Within this context an interrupt is only noted, and the function it yields says whether there was one.

    A second interrupt is not delayed: it raises KeyboardInterrupt at once. Outside the main thread, where Python
    delivers no interrupts, nothing changes.

    >>> with delayed_interrupt() as interrupted:
    ...     signal.raise_signal(signal.SIGINT)
    ...     interrupted()
    True
    """
    noted = False

    def note(number, frame):
        nonlocal noted
        if noted:
            raise KeyboardInterrupt
        noted = True

    if threading.current_thread() is not threading.main_thread():
        yield lambda: noted
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: noted
    finally:
        signal.signal(signal.SIGINT, before)
