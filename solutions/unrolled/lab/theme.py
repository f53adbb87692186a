"""How figures look: fonts with Hangul, colours that survive colour-blindness, a light card that survives a dark theme.

Left out: the figures (`unrolled.lab.figures`).
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import matplotlib
from cycler import cycler
from matplotlib import font_manager

#: Okabe and Ito (2008), in an order in which the first few differ most on a light background.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def style() -> None:
    """Sets matplotlib up for the course; the functions here call it, and it may be called again at any time.

    >>> style()
    >>> matplotlib.rcParams["axes.unicode_minus"]
    True
    """
    matplotlib.rcParams.update(
        {
            # A glyph that the first lacks is taken from the next.
            "font.family": ["DejaVu Sans", *hangul_fonts()],
            "axes.unicode_minus": True,
            "axes.prop_cycle": cycler(color=PALETTE),
            "axes.facecolor": "white",
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": "medium",
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "figure.facecolor": "white",
            "figure.figsize": (6.4, 3.6),
            "figure.dpi": 96,
            "figure.constrained_layout.use": True,
            "savefig.facecolor": "white",
            "savefig.transparent": False,
            "savefig.dpi": "figure",
            "grid.color": "#DDDDDD",
            "legend.frameon": False,
            "lines.linewidth": 1.8,
            "image.cmap": "cividis",
            "svg.hashsalt": "unrolled",
        }
    )


@cache
def hangul_fonts() -> tuple[str, ...]:
    """Registers the Nanum fonts that koreanize-matplotlib brings and names their family.

    By file, without importing that package, which needs the distutils that Python 3.12 dropped. Without the package
    there is no Hangul in figures, but there are figures.
    """
    files = hangul_files()
    known = font_manager.fontManager.ttflist
    for file in files:
        before = len(known)
        font_manager.fontManager.addfont(str(file))
        # To the front, so that it wins over the same font of this machine.
        known[:] = known[before:] + known[:before]
    return tuple(font_manager.FontProperties(fname=str(file)).get_name() for file in files[:1])


def hangul_files() -> list[Path]:
    """The files of the Nanum fonts; none without the package."""
    package = find_spec("koreanize_matplotlib")
    folders = package.submodule_search_locations if package else []
    return [
        file
        for folder in folders or []
        for file in sorted((Path(folder) / "fonts").glob("NanumGothic*.ttf"))
    ]
