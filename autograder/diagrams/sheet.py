"""One set of boxes, arrows and colours for all drawings, on a light sheet of their own that a dark theme leaves alone.

Colours are those of the figures (`unrolled.lab.theme`), and each has one meaning: orange is a layer with weights that are
learnt, green a norm, pink a gate, blue the path that carries the memory, grey everything else. Text is real text, sized for
DejaVu Sans, the widest of the fonts that a reader may have. In it, `*x*` is slanted, `` `x` `` is code, and `x_{t}` has a
subscript.
"""

import re

import drawsvg

from unrolled.lab.theme import PALETTE

BLUE, RED, GREEN, PINK, ORANGE, SKY, BLACK = PALETTE
INK, GREY, PAPER = "#1F2933", "#52606D", "#FFFFFF"
#: What a box's colour says.
KINDS = {"layer": ORANGE, "norm": GREEN, "gate": PINK, "path": BLUE, "function": GREY}
SANS = (
    "'DejaVu Sans', Verdana, 'Noto Sans KR', 'Apple SD Gothic Neo', 'Malgun Gothic', NanumGothic, sans-serif"
)
MONO = "'DejaVu Sans Mono', Menlo, Consolas, monospace"
SMALL, NORMAL, LARGE = 12, 15, 18


class Sheet:
    """A drawing in the making; places are in pixels from the top left corner, and boxes are named by their centre."""

    def __init__(self, width: int, height: int, title: str):
        self.svg = drawsvg.Drawing(width, height, font_family=SANS, fill=INK)
        self.svg.append_title(title)
        self.svg.append(
            drawsvg.Rectangle(
                0.5, 0.5, width - 1, height - 1, rx=14, fill=PAPER, stroke="#CBD2D9", class_="sheet"
            )
        )

    def frame(self, left: float, top: float, width: float, height: float) -> None:
        """What belongs together: a module, a cell."""
        rectangle = drawsvg.Rectangle(
            left, top, width, height, rx=16, fill="#F3F5F8", stroke="#9AA5B1", stroke_dasharray="5 4", class_="frame"
        )
        self.svg.append(rectangle)

    def box(
        self, x: float, y: float, text: str, note: str = "", *, kind: str = "layer", width: float = 120, height: float = 48
    ) -> None:
        """Something that computes, with a word on it and perhaps a smaller one below."""
        colour = KINDS[kind]
        place = (x - width / 2, y - height / 2, width, height)
        look = {"fill": _tint(colour), "stroke": colour, "stroke_width": 1.6, "class_": "box"}
        self.svg.append(drawsvg.Rectangle(*place, rx=8, **look))
        if text:
            self.text(x, y - 10 if note else y, text)
        if note:
            self.text(x, y + 12, note, size=SMALL, colour=GREY)

    def sign(self, x: float, y: float, text: str, *, kind: str = "function") -> None:
        """An operation on two tensors, element by element: a circle with its sign."""
        look = {"fill": PAPER, "stroke": KINDS[kind], "stroke_width": 1.8, "class_": "sign"}
        self.svg.append(drawsvg.Circle(x, y, 15, **look))
        self.text(x, y, text, size=LARGE)

    def dot(self, x: float, y: float, *, kind: str = "function") -> None:
        """A place where a value goes two ways."""
        self.svg.append(drawsvg.Circle(x, y, 4, fill=KINDS[kind]))

    def arrow(self, *points: tuple[float, float], kind: str = "function", head: bool = True) -> None:
        """A value on its way, round the corners; the memory's path is drawn thicker."""
        colour, width = KINDS[kind], 3.2 if kind == "path" else 1.8
        (x, y), (before_x, before_y) = points[-1], points[-2]
        along = (_sign(x - before_x), _sign(y - before_y))
        if 0 not in along:
            raise ValueError(f"points are {points}; expected the last piece to go straight across, up or down.")
        length = 6 + width if head else 0
        path = drawsvg.Path(fill="none", stroke=colour, stroke_width=width, stroke_linejoin="round", class_="arrow")
        path.M(*points[0])
        end = (x - along[0] * (length - 1), y - along[1] * (length - 1))
        places = [*points[:-1], end]
        for before, corner, after in zip(places, places[1:], places[2:], strict=False):
            path.L(*_towards(corner, before, 9)).Q(*corner, *_towards(corner, after, 9))
        self.svg.append(path.L(*end))
        if head:
            half = length * 0.55
            wings = [
                (x - along[0] * length + side * along[1] * half, y - along[1] * length + side * along[0] * half)
                for side in (1, -1)
            ]
            corners = [round(number, 2) for corner in ((x, y), *wings) for number in corner]
            self.svg.append(drawsvg.Lines(*corners, close=True, fill=colour))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: int = NORMAL,
        anchor: str = "middle",
        colour: str = INK,
        bold: bool = False,
    ) -> None:
        """Words, centred on a place; `anchor="start"` lets them begin there."""
        look = {"text_anchor": anchor, "fill": colour} | ({"font_weight": "bold"} if bold else {})
        line = drawsvg.Text("", size, x, round(y + 0.36 * size, 2), **look)
        lowered = 0.0
        for slanted, code, below, plain in re.findall(r"\*([^*]+)\*|`([^`]+)`|_\{([^}]+)\}|([^*`_]+|_)", text):
            span = {"font_style": "italic"} if slanted else {"font_family": MONO} if code else {}
            lower = round(size * 0.22, 2) if below else 0.0
            if below:
                span["font_size"] = round(size * 0.72, 2)
            if lower != lowered:
                span["dy"] = round(lower - lowered, 2)
            line.append(drawsvg.TSpan(slanted or code or below or plain, **span))
            lowered = lower
        self.svg.append(line)

    def shape(self, x: float, y: float, *axes: str, anchor: str = "middle") -> None:
        """The shape of what an arrow carries, in the course's words for axes."""
        self.text(x, y, f"`({', '.join(axes)})`", size=SMALL, anchor=anchor, colour=GREY)

    def as_svg(self) -> str:
        """The drawing's text, the same for the same drawing."""
        return self.svg.as_svg() + "\n"


def _tint(colour: str) -> str:
    """The colour, mixed with much white: text on it stays easy to read."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(0.16 * part + 0.84 * 255):02X}" for part in parts)


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


def _towards(corner: tuple[float, float], other: tuple[float, float], most: float) -> tuple[float, float]:
    """The place on the way from a corner to another one, where the curve begins."""
    length = abs(other[0] - corner[0]) + abs(other[1] - corner[1])
    share = min(most, length / 2) / length
    return tuple(round(a + share * (b - a), 2) for a, b in zip(corner, other, strict=True))
