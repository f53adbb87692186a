"""The encoder's block, with its norms after the sums or before the layers: `unrolled.transformer.EncoderBlock`."""

from autograder.diagrams.sheet import GREY, INK, SMALL, Sheet

WIDTH, HEIGHT = 534, 694  # of a column
BOX = 192
HALVES = {"attention": 574, "feed_forward": 336}  # how far down each half of a block begins
INPUTS = {"query": -54, "key": 0, "value": 54}


def draw() -> Sheet:
    sheet = Sheet(2 * WIDTH, HEIGHT, "An encoder block, post-norm and pre-norm")
    for left, name, norm_first in ((0, "post-norm", False), (WIDTH, "pre-norm", True)):
        path, side = left + 134, left + 312
        sheet.text(left + 28, 34, name, bold=True, anchor="start")
        sheet.text(path, 34, f"`norm_first={norm_first}`", size=SMALL, anchor="start", colour=GREY)
        sheet.frame(left + 28, 102, 390, 506)
        reached = HEIGHT - 22
        for layer, base in HALVES.items():
            stops = (pre_norm if norm_first else post_norm)(sheet, path, side, base, layer)
            for y, half in stops:
                sheet.arrow((path, reached), (path, y + half), kind="path")
                reached = y - half
        sheet.arrow((path, reached), (path, 60), kind="path")
        for y in (HEIGHT - 52, 82):
            sheet.text(path - 14, y, "*x*", anchor="end")
            sheet.shape(path + 14, y, "batch", "time", "d_model", anchor="start")
    return sheet


def post_norm(sheet: Sheet, path: float, side: float, base: float, layer: str) -> list[tuple[float, float]]:
    """norm(x + f(x)): the sum and the norm stand on the residual path; where, and half of how high they are."""
    sheet.dot(path, base, kind="path")
    run(sheet, layer, (path, base), side, base - 64)
    add(sheet, path, side, base - 64)
    sheet.box(path, base - 182, f"`{layer}_norm`", kind="norm", width=BOX, height=40)
    return [(base - 126, 15), (base - 182, 20)]


def pre_norm(sheet: Sheet, path: float, side: float, base: float, layer: str) -> list[tuple[float, float]]:
    """x + f(norm(x)): nothing but the sum stands on the residual path."""
    sheet.dot(path, base, kind="path")
    sheet.arrow((path, base), (side, base), (side, base - 20))
    sheet.box(side, base - 40, f"`{layer}_norm`", kind="norm", width=BOX, height=40)
    sheet.arrow((side, base - 60), (side, base - 82), head=False)
    run(sheet, layer, (side, base - 82), side, base - 134)
    add(sheet, path, side, base - 134)
    return [(base - 196, 15)]


def run(sheet: Sheet, layer: str, start: tuple[float, float], x: float, y: float) -> None:
    """The layer at a place, with all its inputs, which come from one and the same start."""
    attends = layer == "attention"
    places = [x + aside for aside in (INPUTS.values() if attends else (0,))]
    ends = {min(start[0], *places), max(start[0], *places)} - {start[0]}  # the line turns there, the others leave it
    for place in places:
        sheet.arrow(*([start] if place in ends else []), (place, start[1]), (place, y + 28))
    if not attends:
        sheet.box(x, y, "`feed_forward`", "`d_model` → `d_ff` → `d_model`", width=BOX, height=56)
        return
    sheet.box(x, y, "", width=BOX, height=56)
    sheet.text(x, y - 11, "`attention`")
    for name, aside in INPUTS.items():
        sheet.text(x + aside, y + 15, name, size=SMALL, colour=GREY)
    edge, outside = x + BOX / 2, x + 214
    sheet.arrow((edge, y - 12), (outside, y - 12))
    for line, text in enumerate(("`weights`", "`(batch, heads,`", "`time, time)`")):
        sheet.text(outside - 50, y - 58 + 16 * line, text, size=SMALL, colour=GREY if line else INK)
    sheet.arrow((outside, y + 14), (edge, y + 14))
    sheet.text(outside - 50, y + 29, "`mask`", size=SMALL)


def add(sheet: Sheet, path: float, side: float, layer: float) -> None:
    """The residual connection: the layer's output, added to what is on the path."""
    sheet.arrow((side, layer - 28), (side, layer - 62), (path + 15, layer - 62))
    sheet.sign(path, layer - 62, "+", kind="path")
