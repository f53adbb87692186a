"""What one sees while a model trains: a progress bar, and in a notebook a loss curve that grows.

In a static notebook there is neither, since chapters draw the curves that they speak of; in a plain script there is the
bar, on a terminal.

Left out: training (`unrolled.lab.training`).
"""

import sys
import time
from collections.abc import Collection, Iterator
from typing import TypeVar

from unrolled.lab.display import in_notebook, is_static, png, show_image
from unrolled.lab.figures import curves
from unrolled.lab.history import History

T = TypeVar("T")


def progress_bar(
    total: int, done: int = 0, *, name: str = "", unit: str = "step", silent: bool = False
):
    """A tqdm bar from `done` to `total` steps; none where nobody watches (a file, a test, a static notebook)."""
    from tqdm.auto import tqdm

    unseen = silent or not is_watched()
    return tqdm(total=total, initial=done, desc=name or None, unit=unit, disable=unseen)


def is_watched() -> bool:
    """Whether somebody may be looking at a progress bar."""
    return not is_static() and (in_notebook() or sys.stderr.isatty())


def watched(things: Collection[T], name: str = "") -> Iterator[T]:
    """The things one after the other, and a bar that counts them: for what takes long and is no training.

    >>> list(watched(["train", "test"], "stories"))
    ['train', 'test']
    """
    with progress_bar(len(things), name=name, unit="part") as bar:
        for thing in things:
            yield thing
            bar.update()


class LiveCurve:
    """One output of the cell that shows the losses so far, drawn anew now and then, seldom enough to cost little."""

    def __init__(self, name: str = "", *, silent: bool):
        self._name = name
        self._silent = silent or is_static() or not in_notebook()
        self._handle = None
        self._next = time.perf_counter() + 1.0

    def update(self, history: History, *, last: bool = False) -> None:
        """Draws the curve if it is time to, or if this is the `last` call."""
        if self._silent or not history.losses or not (last or time.perf_counter() >= self._next):
            return
        begin = time.perf_counter()
        finding = title(history, self._name)
        alt = f"Training loss over {len(history)} steps, which began at {history.losses[0]:.3g}. {finding}."
        figure = curves({"loss": history.losses}, title=finding, smooth=window(history))
        self._handle = show_image(png(figure), alt, self._handle)
        now = time.perf_counter()
        # At most a twentieth of the time goes into drawing.
        self._next = now + max(1.0, 20 * (now - begin))


def title(history: History, name: str = "") -> str:
    """What the curve of a run shows, in a few words: its loss as it is drawn, smoothed.

    >>> title(History([3.0, 2.0], [1.0, 1.0], [0.1, 0.2]))
    'Loss after 2 steps: 2'
    >>> title(History([3.0, 2.0] * 50), name="GRU")
    'GRU · Loss after 100 steps: 2.5, the mean of the last 2'
    """
    start = f"{name} · " if name else ""
    if history.diverged_at is not None:
        return f"{start}Diverged at step {history.diverged_at}"
    last = history.losses[-window(history) :]
    mean = f", the mean of the last {len(last)}" if len(last) > 1 else ""
    return f"{start}Loss after {len(history)} steps: {sum(last) / len(last):.3g}{mean}"


def window(history: History) -> int:
    """Over how many steps a curve is smoothed: a fiftieth of them.

    >>> window(History([1.0] * 300))
    6
    """
    return max(1, len(history) // 50)
