"""The drawings: nothing overlaps or is cut off, and a notebook holds them whole, with alternative text."""

import base64
import io
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest
from PIL import Image, ImageFont

from autograder.build import MASTERS, instructor_notebook
from autograder.chapters import CHAPTERS
from autograder.diagrams import embed as embedding
from autograder.diagrams.embed import FOLDER, embed
from autograder.diagrams.sheet import Sheet
from autograder.release import sources_hash
from unrolled.lab.theme import PALETTE

FONTS = Path(matplotlib.get_data_path(), "fonts", "ttf")
SVG = "{http://www.w3.org/2000/svg}"
each_drawing = pytest.mark.parametrize("path", sorted(FOLDER.glob("*.svg")), ids=lambda path: path.stem)


class Seen:
    """A drawing as rectangles (left, top, right, bottom), read from its SVG."""

    def __init__(self, svg):
        root = ElementTree.fromstring(svg)
        self.width, self.height = float(root.get("width")), float(root.get("height"))
        self.boxes = [self.rectangle(r) for r in root.iter(SVG + "rect") if r.get("class") == "box"]
        self.frames = [self.rectangle(r) for r in root.iter(SVG + "rect") if r.get("class") == "frame"]
        circles = [[float(c.get(name)) for name in ("cx", "cy", "r")] for c in root.iter(SVG + "circle")]
        self.signs = [(x - r, y - r, x + r, y + r) for x, y, r in circles if r > 10]
        self.texts = [(self.measured(text), "".join(text.itertext())) for text in root.iter(SVG + "text")]
        self.arrows = [self.pieces(p.get("d")) for p in root.iter(SVG + "path") if p.get("class") == "arrow"]

    @staticmethod
    def rectangle(element):
        x, y, width, height = (float(element.get(name)) for name in ("x", "y", "width", "height"))
        return x, y, x + width, y + height

    @staticmethod
    def measured(text):
        """Where a text stands, as wide as DejaVu Sans makes it."""
        size, width = float(text.get("font-size")), 0.0
        for span in text:
            name = "DejaVuSansMono" if "Mono" in (span.get("font-family") or "") else "DejaVuSans"
            font = ImageFont.truetype(str(FONTS / f"{name}{'-Bold' if text.get('font-weight') else ''}.ttf"), 100)
            width += font.getlength(span.text) / 100 * float(span.get("font-size") or size)
        x, y = float(text.get("x")), float(text.get("y"))
        left = x - width * {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor")]
        return left, y - 0.75 * size, left + width, y + 0.1 * size

    @staticmethod
    def pieces(path):
        """The straight pieces of an arrow, corners cut."""
        numbers = [tuple(map(float, pair.split(","))) for pair in re.findall(r"[-\d.]+,[-\d.]+", path)]
        return [
            (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
            for a, b in pairwise(numbers)
        ]

    def complaints(self):
        """What would look wrong."""
        found = []
        for place, text in self.texts:
            if not inside(place, (0, 0, self.width, self.height), 6):
                found.append(f"{text!r} is cut off")
            for border in (*self.boxes, *self.frames):
                if meet(place, border) and not inside(place, border, 3):
                    found.append(f"{text!r} crosses a border")
            for other, text_2 in self.texts:
                if place is not other and meet(place, other):
                    found.append(f"{text!r} and {text_2!r} overlap")
            if any(meet(place, piece) for arrow in self.arrows for piece in arrow):
                found.append(f"an arrow runs through {text!r}")
        solid = [*self.boxes, *self.signs]
        for i, one in enumerate(solid):
            if any(meet(one, other) for other in solid[:i]):
                found.append(f"two boxes overlap at {one}")
            for arrow in self.arrows:
                for piece in arrow:
                    through = (piece[0] <= one[0] and one[2] <= piece[2] and one[1] < piece[1] < one[3]) or (
                        piece[1] <= one[1] and one[3] <= piece[3] and one[0] < piece[0] < one[2]
                    )
                    if through:
                        found.append(f"an arrow runs through the box at {one}")
        return found


def meet(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def inside(one, other, margin):
    return other[0] + margin <= one[0] and one[2] <= other[2] - margin and other[1] + margin <= one[1] and one[3] <= other[3] - margin  # fmt: skip


@each_drawing
def test_does_nothing_overlap_and_is_nothing_cut_off(path):
    assert Seen(path.read_text(encoding="utf-8")).complaints() == []


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda sheet: sheet.text(390, 80, "far too long to end here"), "cut off"),
        (lambda sheet: sheet.box(200, 100, "`a_name_that_is_longer_than_its_box`", width=120), "crosses a border"),
        (lambda sheet: (sheet.text(50, 50, "one"), sheet.text(60, 52, "other")), "overlap"),
        (lambda sheet: (sheet.box(200, 100, ""), sheet.sign(250, 110, "+")), "two boxes overlap"),
        (lambda sheet: (sheet.box(200, 100, ""), sheet.arrow((20, 90), (390, 90))), "runs through the box"),
        (lambda sheet: (sheet.text(200, 100, "word"), sheet.arrow((20, 100), (390, 100))), "runs through 'word'"),
    ],
)
def test_is_what_looks_wrong_found(spoil, complaint):
    sheet = Sheet(400, 200, "A spoilt drawing")
    spoil(sheet)
    assert any(complaint in found for found in Seen(sheet.as_svg()).complaints())


@each_drawing
def test_is_a_drawing_legible_whatever_the_page_behind_it(path):
    svg = path.read_text(encoding="utf-8")
    root = ElementTree.fromstring(svg)
    sheet, *others = root.iter(SVG + "rect")
    assert Seen.rectangle(sheet) == (0.5, 0.5, float(root.get("width")) - 0.5, float(root.get("height")) - 0.5)
    backgrounds = {rectangle.get("fill") for rectangle in (sheet, *others)}
    words = {text.get("fill") for text in root.iter(SVG + "text")}
    assert min(contrast(word, background) for word in words for background in backgrounds) >= 4.5
    assert root.find(SVG + "title").text
    assert {box.get("stroke") for box in others if box.get("class") == "box"} <= {*PALETTE, "#52606D"}


def contrast(one, other):
    """The Web Content Accessibility Guidelines' contrast ratio of two colours."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_does_an_arrow_refuse_to_end_aslant():
    with pytest.raises(ValueError, match=r"points are \(\(0, 0\), \(30, 40\)\); expected the last piece"):
        Sheet(100, 100, "Aslant").arrow((0, 0), (30, 40))


def test_is_every_drawing_shown_by_a_chapter():
    masters = [(MASTERS / f"{chapter}.py").read_text(encoding="utf-8") for chapter in CHAPTERS]
    shown = set(re.findall(r"\(\.\./assets/diagrams/(\w+)\.svg\)", "".join(masters)))
    assert {path.stem for path in FOLDER.glob("*.svg")} == {path.stem for path in FOLDER.glob("*.py")} == shown


@pytest.mark.parametrize(("chapter", "name"), [("01_rnn", "rnn_unrolled"), ("05_self_attention", "multi_head_attention")])
def test_is_a_notebook_whole_with_its_drawing_and_what_one_sees_in_it(chapter, name):
    cells = [cell for cell in instructor_notebook(chapter).cells if "<img" in cell.source]
    (cell,) = cells
    alternative, data, width = re.fullmatch(
        r'<img alt="([^"]{40,})" src="data:image/png;base64,([\w+/=]+)" width="(\d+)">', cell.source
    ).groups()
    assert ".svg" not in cell.source and "\n" not in alternative
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    drawing = Seen((FOLDER / f"{name}.svg").read_text(encoding="utf-8"))
    assert (image.width, image.height) == (2 * drawing.width, 2 * drawing.height)
    assert int(width) == drawing.width
    assert image.convert("RGBA").getpixel((0, 0))[3] == 0, "round corners: outside them the page shows through"
    rectangle = next(r for r in ElementTree.parse(FOLDER / f"{name}.svg").iter(SVG + "rect") if r.get("class") == "box")
    left, top, *_ = Seen.rectangle(rectangle)
    colour = image.convert("RGBA").getpixel((2 * int(left + 8), 2 * int(top + 8)))
    assert "#" + bytes(colour[:3]).hex().upper() == rectangle.get("fill")


def test_is_a_solved_chapter_stale_when_its_drawing_changes(tmp_path, monkeypatch):
    (tmp_path / "rnn_unrolled.svg").write_bytes((FOLDER / "rnn_unrolled.svg").read_bytes())
    monkeypatch.setattr(embedding, "FOLDER", tmp_path)
    before = sources_hash("01_rnn")
    (tmp_path / "rnn_unrolled.svg").write_text(Sheet(100, 100, "Another").as_svg())
    assert sources_hash("01_rnn") != before


@pytest.mark.parametrize(
    ("markdown", "complaint"),
    [
        ("![a cell](https://example.org/cell.svg)", "a master shows 'https://example.org/cell.svg'; expected a drawing"),
        ("![a cell](../assets/diagrams/no_such.svg)", "no_such.svg'; expected a drawing"),
        ("![](../assets/diagrams/lstm_cell.svg)", "lstm_cell.svg is shown without alternative text"),
        ("![a cell [open](../assets/diagrams/lstm_cell.svg)", "a picture stays behind: '![a cell [open](../assets"),
    ],
)
def test_is_a_picture_that_would_not_be_there_or_says_nothing_refused(markdown, complaint):
    with pytest.raises(ValueError, match=re.escape(complaint)):
        embed(markdown)


def test_does_alternative_text_survive_quotes_brackets_and_line_ends():
    shown = embed('![a "cell"\nof <two>: [CLS]](../assets/diagrams/lstm_cell.svg)')
    assert re.findall(r'alt="([^"]*)"', shown) == ["a &quot;cell&quot; of &lt;two&gt;: [CLS]"]


def test_is_hangul_drawn_and_not_left_out():
    def ink(text):
        sheet = Sheet(200, 60, "Hangul")
        sheet.text(100, 30, text)
        data, _ = embedding._png(sheet.as_svg())
        return Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA").convert("L").tobytes()

    assert len({ink(""), ink("은닉 상태"), ink("입력 상태")}) == 3  # a missing glyph is blank, or a box like any other
