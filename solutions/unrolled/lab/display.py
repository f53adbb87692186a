"""How a picture reaches the reader: as PNG with alternative text, the same bytes every time.

In a live notebook the picture is an `<img alt="…">`, the only form whose alternative text JupyterLab shows to screen
readers. With UNROLLED_STATIC=1, which the executor of the solved chapters sets, it is an `image/png` output that
carries the text in its metadata and as plain text, the form that every viewer of notebooks draws. In a plain script
nothing appears, but the picture is drawn all the same, so that its mistakes show.

Left out: what is in the picture (`unrolled.lab.figures`).
"""

import base64
import html
import io
import os
import sys

from matplotlib.figure import Figure


def is_static() -> bool:
    """True if notebooks are being made for reading: no widgets, no JavaScript, no progress bars, no timings."""
    return os.environ.get("UNROLLED_STATIC", "") not in ("", "0")


def in_notebook() -> bool:
    """True in a Jupyter or Colab kernel; False in a script, a test or a terminal.

    >>> in_notebook()
    False
    """
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None


def png(figure: Figure) -> bytes:
    """The figure as PNG, without date or software version: the same figure gives the same bytes.

    >>> png(Figure())[1:4]
    b'PNG'
    """
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format="png", bbox_inches="tight", pad_inches=0.15, metadata={"Software": None}
    )
    return buffer.getvalue()


def bundle(image: bytes, alt: str) -> tuple[dict, dict]:
    """Data and metadata of a notebook output that shows the PNG image and says `alt` to those who cannot see it."""
    encoded = base64.b64encode(image).decode()
    if is_static():
        return {"image/png": encoded, "text/plain": alt}, {"image/png": {"alt": alt}}
    element = f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{encoded}" style="max-width: 100%">'
    return {"text/html": element, "text/plain": alt}, {}


def show(figure: Figure, *, alt: str) -> None:
    """Shows a figure in a notebook. `alt` says in a sentence what one sees in it, for readers who cannot see it.

    >>> from unrolled.lab.figures import curves
    >>> show(curves({"loss": [3, 2, 1]}, title="The loss falls"), alt="The loss falls from 3 to 1 in two steps.")
    """
    show_image(png(figure), check_alt(alt))
    if "matplotlib.pyplot" in sys.modules:
        # Else the notebook shows a pyplot figure a second time.
        sys.modules["matplotlib.pyplot"].close(figure)


def show_image(image: bytes, alt: str, handle=None):
    """Shows a PNG image, or puts it in place of the one that `handle` shows; returns the handle (None in a script)."""
    if not in_notebook():
        return None
    from IPython.display import display

    data, metadata = bundle(image, alt)
    if handle is not None:
        handle.update(data, metadata=metadata, raw=True)
        return handle
    return display(data, metadata=metadata, raw=True, display_id=not is_static() or None)


def show_what_is_live(what: str) -> None:
    """In a notebook made for reading, a line in the place of `what` that says where it can be had.

    >>> show_what_is_live("Sliders")  # nothing, as this is no notebook
    """
    if in_notebook() and is_static():
        from IPython.display import display

        line = f"{what} need a running kernel: open the chapter in JupyterLab or Colab."
        display({"text/markdown": f"*{line}*", "text/plain": line}, raw=True)


def check_alt(alt: str) -> str:
    """`alt`, if it says something."""
    if not alt.strip():
        raise ValueError(
            f"alt is {alt!r}; expected a sentence that says what one sees in the picture"
        )
    return alt
