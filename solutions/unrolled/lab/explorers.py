"""Explorers: move a slider, see the figure change.

The picture is an ordinary output of the cell, drawn anew in its place whenever a control changes. Only the controls
need a kernel: without one (a notebook read on GitHub, reopened, untrusted) the last picture stays, with its text.

Left out: what is drawn; `draw` returns any matplotlib figure.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.figure import Figure

from unrolled.lab.display import (
    check_alt,
    in_notebook,
    is_static,
    png,
    show_image,
    show_what_is_live,
)

#: What stands in the place of the controls where there is no kernel.
WITHOUT_A_KERNEL = "The controls need a running kernel: run this cell, and they appear."


class Explorer:
    """A drawing function, the values its controls stand at, and the picture it made of them.

    `values` are the current values by name, `figure` and `image` (PNG) what `draw` made of them, `controls` the widgets
    by name (none in a static notebook), `error` what went wrong in the last drawing, or None.
    """

    def __init__(
        self, draw: Callable[..., Figure], alt: str | Callable[..., str], values: dict[str, Any]
    ):
        self.draw, self.alt, self.values = draw, alt, values
        self.controls: dict[str, Any] = {}
        self.error: Exception | None = None
        self._handle = None
        self._render()

    def set(self, **values: Any) -> None:
        """Moves controls, as a reader would, and draws again."""
        for name, value in values.items():
            if name not in self.values:
                raise ValueError(
                    f"there is no control {name!r}; the controls are {', '.join(self.values)}"
                )
            if name in self.controls:
                self.controls[name].value = value
            else:
                self.values[name] = value
        if not self.controls:
            self._render()

    def _render(self) -> None:
        self.figure = self.draw(**self.values)
        if not isinstance(self.figure, Figure):
            raise TypeError(
                f"draw returned {type(self.figure).__name__}; expected a matplotlib Figure"
            )
        self.image = png(self.figure)

    def _show(self) -> None:
        alt = self.alt if isinstance(self.alt, str) else self.alt(**self.values)
        self._handle = show_image(self.image, check_alt(alt), self._handle)

    def _add_controls(self, controls: dict[str, Any]) -> None:
        """Makes and shows the widgets; each change draws again, and a failure is shown below them."""
        import ipywidgets
        from IPython.display import display

        self._message = ipywidgets.Label()
        for name, control in controls.items():
            self.controls[name] = widget(name, control, self.values[name])
            self.controls[name].observe(
                lambda change, name=name: self._changed(name, change["new"]), names="value"
            )
        if in_notebook():
            box = ipywidgets.VBox([*self.controls.values(), self._message])
            display(box._repr_mimebundle_() | {"text/plain": WITHOUT_A_KERNEL}, raw=True)

    def _changed(self, name: str, value: Any) -> None:
        self.values[name] = value
        try:
            self._render()
            self._show()
            self.error, self._message.value = None, ""
        except Exception as error:  # an exception in a widget's callback would otherwise vanish
            self.error, self._message.value = error, f"{type(error).__name__}: {error}"

    def __repr__(self) -> str:
        return f"Explorer({', '.join(f'{name}={value!r}' for name, value in self.values.items())})"

    def _ipython_display_(self) -> None:
        """Nothing: `explorer` has shown it already, and as the last value of a cell it would appear twice."""


def explorer(
    draw: Callable[..., Figure], *, alt: str | Callable[..., str], **controls: Any
) -> Explorer:
    """Shows `draw(**values)` below one control for each argument; returns the explorer.

    A control is a slider `(low, high)` or `(low, high, step)`, a choice `[…]`, a text `"…"` or a switch `True`/`False`.
    It starts at the default that `draw` has for that argument; else at the low end, the first choice, the text itself.
    `alt` says what one sees, as a sentence or as a function of the same values.

    >>> from unrolled.lab.figures import curves
    >>> def draw(factor=2, steps=3):
    ...     return curves({"norm": [factor**step for step in range(steps)]}, title="Growth", log=True)
    >>> explorer(draw, factor=(1, 4, 1), steps=(2, 20, 1), alt="A curve that grows with the factor.")
    Explorer(factor=2, steps=3)
    """
    defaults = {
        name: p.default
        for name, p in inspect.signature(draw).parameters.items()
        if p.default is not p.empty
    }
    made = Explorer(
        draw, alt, {name: start(name, control, defaults) for name, control in controls.items()}
    )
    if is_static():
        show_what_is_live("Sliders and other controls")
    else:
        made._add_controls(controls)
    made._show()
    return made


def start(name: str, control: Any, defaults: dict[str, Any]) -> Any:
    """The value at which a control starts.

    >>> start("k", (1, 9, 2), {}), start("k", (1, 9, 2), {"k": 5}), start("word", ["I", "you"], {})
    (1, 5, 'I')
    """
    if isinstance(control, tuple):
        if len(control) not in (2, 3) or not all(isinstance(x, int | float) for x in control):
            raise ValueError(
                f"{name} is {control!r}; expected numbers (low, high) or (low, high, step)"
            )
        allowed = f"a number from {control[0]} to {control[1]}"
        value, fits = defaults.get(name, control[0]), lambda x: control[0] <= x <= control[1]
    elif isinstance(control, str | bool):
        allowed = f"a {type(control).__name__}"
        value, fits = defaults.get(name, control), lambda x: isinstance(x, type(control))
    elif isinstance(control, Sequence) and len(control):
        allowed = f"one of {list(control)}"
        value, fits = defaults.get(name, control[0]), lambda x: x in control
    else:
        raise TypeError(
            f"{name} is {control!r}; expected (low, high, step), a list of choices, a text or a bool"
        )
    if not fits(value):
        raise ValueError(f"{name} starts at {value!r}, draw's default; expected {allowed}")
    return value


def widget(name: str, control: Any, value: Any):
    """The ipywidget for a control; it reports a value when it is let go, so a slow drawing does not pile up."""
    import ipywidgets

    common = {
        "value": value,
        "description": name.replace("_", " "),
        "style": {"description_width": "initial"},
    }
    if isinstance(control, tuple):
        whole = all(isinstance(x, int) for x in (*control, value))
        step = (
            control[2] if len(control) == 3 else (1 if whole else (control[1] - control[0]) / 100)
        )
        slider = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
        return slider(min=control[0], max=control[1], step=step, continuous_update=False, **common)
    if isinstance(control, bool):
        return ipywidgets.Checkbox(indent=False, **common)
    if isinstance(control, str):
        return ipywidgets.Text(continuous_update=False, **common)
    return ipywidgets.Dropdown(options=list(control), **common)
