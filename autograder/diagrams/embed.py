"""From drawings to notebooks: each script in `assets/diagrams` draws the SVG beside it, and masters show them.

A master shows a drawing as `![what one sees in it](../assets/diagrams/lstm_cell.svg)`. The notebook must be whole on
Colab, where it has no files beside it; so the picture goes into the text as a data URI. Neither an attachment
(googlecolab/colabtools#3836) nor an SVG (#2092) would be shown there, so it is a PNG of twice the size, made by resvg
with fonts that are installed with the course and not with those of the machine.
"""

import base64
import functools
import html
import io
import re
import runpy
from pathlib import Path

import matplotlib
import numpy as np
import resvg_py
from PIL import Image

from unrolled.lab.theme import hangul_files

FOLDER = Path(__file__).parents[2] / "assets" / "diagrams"
SHOWN = re.compile(r"!\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^)]*)\)")  # what one sees may have brackets of its own: [CLS]
COLOURS = 64  # the most frequent ones, exactly: enough for flat colours with soft edges, at half the bytes of all


def drawn() -> dict[Path, str]:
    """Where each drawing belongs, and its text as its script draws it now."""
    return {
        script.with_suffix(".svg"): runpy.run_path(str(script))["draw"]().as_svg()
        for script in sorted(FOLDER.glob("*.py"))
    }


def shown(text: str) -> list[Path]:
    """The drawings that a master shows."""
    return [FOLDER / Path(address).name for _, address in SHOWN.findall(text)]


def embed(markdown: str) -> str:
    """The text with its drawings in it, each with its alternative text; other pictures are refused."""

    def embedded(match: re.Match) -> str:
        alternative, address = " ".join(match[1].split()), match[2]
        path = FOLDER / Path(address).name
        if address != f"../assets/diagrams/{path.name}" or path.suffix != ".svg" or not path.exists():
            raise ValueError(f"a master shows {address!r}; expected a drawing, such as ../assets/diagrams/lstm_cell.svg.")
        if not alternative:
            raise ValueError(f"{address} is shown without alternative text; expected what one sees in it, in the [].")
        data, width = _png(path.read_text(encoding="utf-8"))
        return f'<img alt="{html.escape(alternative)}" src="data:image/png;base64,{data}" width="{width}">'

    text = SHOWN.sub(embedded, markdown)
    if "](../" in text:
        raise ValueError(f"a picture stays behind: {text[max(text.index('](../') - 60, 0) :][:160]!r}; is a bracket open?")
    return text


@functools.cache
def _png(svg: str) -> tuple[str, int]:
    """The drawing as a PNG in base64, and the width at which it is to be shown."""
    fonts = [*sorted(Path(matplotlib.get_data_path(), "fonts", "ttf").glob("DejaVuSans*.ttf")), *hangul_files()]
    large = resvg_py.svg_to_bytes(svg_string=svg, zoom=2, skip_system_fonts=True, font_files=[*map(str, fonts)])
    pixels = np.array(Image.open(io.BytesIO(bytes(large))))
    packed, which, often = np.unique(pixels.view("<u4"), return_inverse=True, return_counts=True)
    colours = packed.view(np.uint8).reshape(-1, 4).astype(int)
    palette = colours[np.argsort(-often, kind="stable")[:COLOURS]]
    nearest = ((colours[:, None] - palette) ** 2).sum(2).argmin(1).astype(np.uint8)
    image = Image.fromarray(nearest[which].reshape(pixels.shape[:2]), "P")
    image.putpalette(palette.astype(np.uint8).tobytes(), "RGBA")
    small = io.BytesIO()
    image.save(small, "PNG", optimize=True)
    return base64.b64encode(small.getvalue()).decode(), image.width // 2
