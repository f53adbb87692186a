"""Figures in one style: curves, heat maps and bars whose title states the finding.

Hangul renders, colours survive colour-blindness (Okabe and Ito's palette), and an opaque card behind every figure keeps
it readable on a dark notebook theme. Each function returns a matplotlib `Figure`; `show(figure, alt="…")` shows it.

Left out: the style (`unrolled.lab.theme`), how it is shown (`unrolled.lab.display`), and pyplot, whose figures a notebook shows unasked.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Shaped
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from unrolled.lab.display import show
from unrolled.lab.theme import PALETTE, style

__all__ = ["PALETTE", "bars", "curves", "heatmap", "panels", "show", "style"]


def panels(
    rows: int = 1, columns: int = 1, *, size: tuple[float | int, float | int] = (6.4, 3.6)
) -> tuple[Figure, list[Axes]]:
    """An empty figure of the given size in inches and its axes, row by row, to be passed as `axes=` below.

    >>> figure, axes = panels(1, 2)
    >>> len(axes)
    2
    """
    style()
    figure = Figure(figsize=size)
    return figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def curves(
    series: Mapping[str, Sequence | np.ndarray | Tensor],
    *,
    title: str,
    x_label: str = "step",
    y_label: str = "loss",
    smooth: int = 1,
    log: bool = False,
    axes: Axes | None = None,
) -> Figure:
    """One line for each named series: a sequence of y values (x counts from 0), or a pair `(x, y)` as a tuple.

    `smooth` averages each value with the `smooth - 1` before it; a series that ends in NaN or infinity (a run that
    diverged) is marked × where it was last finite. `log` makes the y axis logarithmic.

    >>> figure = curves({"SGD": [3.0, 2.0, 1.5], "Adam": ([0, 2], [3.0, 1.0])}, title="Adam is faster here")
    >>> [line.get_label() for line in figure.axes[0].lines]
    ['SGD', 'Adam']
    """
    axes = axes if axes is not None else panels()[1][0]
    for (name, values), dashes in zip(series.items(), _endless_dashes(), strict=False):
        x, y = values if isinstance(values, tuple) else (None, values)
        y = running_mean(_array(y), smooth)
        x = np.arange(len(y)) if x is None else _array(x)
        (line,) = axes.plot(x, y, label=name, linestyle=dashes)
        finite = np.flatnonzero(np.isfinite(y))
        if len(finite) and finite[-1] < len(y) - 1:
            axes.plot(
                x[finite[-1]],
                y[finite[-1]],
                "x",
                color=line.get_color(),
                markersize=9,
                markeredgewidth=2.5,
            )
    axes.set(title=title, xlabel=x_label, ylabel=y_label, yscale="log" if log else "linear")
    if len(series) > 1:
        axes.legend()
    return axes.figure


def running_mean(values: Float[np.ndarray, " time"], window: int) -> Float[np.ndarray, " time"]:
    """Each value averaged with up to `window - 1` values before it.

    >>> running_mean(np.array([1.0, 3.0, 5.0]), 2).tolist()
    [1.0, 2.0, 4.0]
    """
    if window < 1:
        raise ValueError(f"smooth is {window}; expected at least 1 (no smoothing)")
    if window == 1:
        return values
    return np.array(
        [values[max(0, end - window) : end].mean() for end in range(1, len(values) + 1)]
    )


def bars(
    values: Mapping[str, float | int],
    *,
    title: str,
    y_label: str,
    errors: Mapping[str, float | int] | None = None,
    axes: Axes | None = None,
) -> Figure:
    """One bar for each named value, all in one colour, with its number above; `errors` adds a line of ± that length.

    >>> figure = bars({"RNN": 0.31, "LSTM": 0.94}, title="Gates remember", y_label="recall")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['0.31', '0.94']
    """
    axes = axes if axes is not None else panels()[1][0]
    heights = [float(value) for value in values.values()]
    lengths = [float(errors.get(name, 0.0)) for name in values] if errors else None
    drawn = axes.bar(list(values), heights, yerr=lengths, color=PALETTE[0], capsize=4)
    axes.bar_label(
        drawn, labels=[f"{height:.{2 if abs(height) < 1 else 4}g}" for height in heights], padding=2
    )
    axes.grid(visible=False, axis="x")
    axes.margins(y=0.12)
    axes.set(title=title, ylabel=y_label)
    return axes.figure


def heatmap(
    matrix: Shaped[Tensor, "row column"] | Shaped[np.ndarray, "row column"],
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    *,
    title: str,
    x_label: str = "",
    y_label: str = "",
    limits: tuple[float | int, float | int] | None = (0.0, 1.0),
    bar: bool = True,
    value: str = "",
    axes: Axes | None = None,
) -> Figure:
    """A matrix as colours, dark to bright over `limits` (None: its own extremes), with a label for each row and column.

    `value` is what the colours show; it stands at their `bar`. Labels of one or two letters stay upright.

    >>> figure = heatmap(np.eye(2), ["나는", "너를"], ["I", "you"], title="Each word finds its partner")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['나는', '너를']
    """
    matrix = _array(matrix)
    for name, labels, length in (
        ("rows", rows, matrix.shape[0]),
        ("columns", columns, matrix.shape[1]),
    ):
        if labels is not None and len(labels) != length:
            raise ValueError(
                f"{name} has {len(labels)} labels; expected {length}, for a matrix of shape {matrix.shape}"
            )
    if axes is None:
        axes = panels(
            size=(min(2.5 + 0.45 * matrix.shape[1], 9.0), min(1.6 + 0.38 * matrix.shape[0], 8.0))
        )[1][0]
    low, high = limits or (None, None)
    image = axes.imshow(matrix, vmin=low, vmax=high, aspect="auto", interpolation="nearest")
    if columns is not None:
        turned = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
        short = max(map(len, columns), default=0) <= 2
        axes.set_xticks(range(len(columns)), columns, **({} if short else turned))
    if rows is not None:
        axes.set_yticks(range(len(rows)), rows)
    axes.grid(visible=False)
    axes.set(title=title, xlabel=x_label, ylabel=y_label)
    if bar:
        axes.figure.colorbar(image, ax=axes, label=value)
    return axes.figure


def _array(values) -> np.ndarray:
    """Tensor, sequence or array as an array of floats (a tensor may need gradients or lie on another device)."""
    if isinstance(values, Tensor):
        values = values.detach().float().cpu().numpy()
    return np.asarray(values, dtype=float)


def _endless_dashes():
    """Solid for as many lines as there are colours, then dashed, then dotted."""
    for dashes in ("-", "--", ":"):
        yield from [dashes] * len(PALETTE)
