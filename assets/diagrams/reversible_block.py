"""A reversible block, there and back: `unrolled.reversible.reverse_block`."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

WIDTH, HEIGHT = 400, 420


def draw() -> Sheet:
    sheet = Sheet(2 * WIDTH, HEIGHT, "A reversible block, there and back")
    block(sheet, 0, "there", ("*x*_{1}", "*x*_{2}"), ("*y*_{1}", "*y*_{2}"), "+", down=True)
    block(sheet, WIDTH, "back", ("*x*_{1}", "*x*_{2}"), ("*y*_{1}", "*y*_{2}"), "−", down=False)
    return sheet


def block(
    sheet: Sheet, left: float, title: str, above: tuple[str, str], below: tuple[str, str], sign: str, *, down: bool
) -> None:
    """Two paths, f from the second to the first, g from the first to the second; on the way back from below."""
    one, two = left + 80, left + 320
    sheet.text(left + 28, 34, title, bold=True, anchor="start")
    for x, top, bottom in ((one, above[0], below[0]), (two, above[1], below[1])):
        sheet.text(x, 72, top)
        sheet.text(x, 388, bottom)
    f, g = 160, 300
    if down:
        sheet.arrow((one, 90), (one, f - 15), kind="path")
        sheet.arrow((one, f + 15), (one, 370), kind="path")
        sheet.arrow((two, 90), (two, g - 15), kind="path")
        sheet.arrow((two, g + 15), (two, 370), kind="path")
    else:
        sheet.arrow((one, 370), (one, f + 15), kind="path")
        sheet.arrow((one, f - 15), (one, 90), kind="path")
        sheet.arrow((two, 370), (two, g + 15), kind="path")
        sheet.arrow((two, g - 15), (two, 90), kind="path")
    sheet.dot(two, f, kind="path")
    sheet.arrow((two, f), (left + 240, f))
    sheet.box(left + 200, f, "`f`", "attention", width=80)
    sheet.arrow((left + 160, f), (one + 15, f))
    sheet.sign(one, f, sign)
    sheet.dot(one, g, kind="path")
    sheet.arrow((one, g), (left + 160, g))
    sheet.box(left + 200, g, "`g`", "feed-forward", width=100)
    sheet.arrow((left + 250, g), (two - 15, g))
    sheet.sign(two, g, sign)
    sheet.text(left + 200, 388, "kept" if down else "given", size=SMALL, colour=GREY)
    sheet.text(left + 200, 72, "given" if down else "computed again", size=SMALL, colour=GREY)
