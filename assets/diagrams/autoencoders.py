"""An autoencoder and a variational one: `unrolled.autoencoder`, `unrolled.vae`."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

ABOVE, BELOW = 110, 306


def draw() -> Sheet:
    sheet = Sheet(900, 440, "An autoencoder and a variational autoencoder")
    sheet.text(24, 36, "autoencoder", bold=True, anchor="start")
    sheet.text(24, 204, "variational autoencoder", bold=True, anchor="start")
    for y in (ABOVE, BELOW):
        sheet.text(40, y, "*x*")
        sheet.arrow((60, y), (110, y))
        sheet.box(176, y, "encoder", width=132, height=60)
        sheet.box(700, y, "decoder", width=132, height=60)
        sheet.arrow((766, y), (830, y))
        sheet.text(854, y, "*x̂*")
        sheet.shape(46, y + 26, "pixels")
    sheet.arrow((242, ABOVE), (402, ABOVE))
    sheet.box(438, ABOVE, "code", kind="path", width=72, height=40)
    sheet.arrow((474, ABOVE), (634, ABOVE))
    sheet.text(438, ABOVE + 40, "a point: few numbers", size=SMALL, colour=GREY)
    for y, name in ((BELOW - 34, "*μ*"), (BELOW + 34, "log *σ*²")):
        sheet.arrow((242, BELOW + (10 if y > BELOW else -10)), (270, BELOW + (10 if y > BELOW else -10)), (270, y), (300, y))
        sheet.box(346, y, name, kind="path", width=92, height=40)
        sheet.arrow((392, y), (430, y), (430, BELOW + (10 if y > BELOW else -10)), (458, BELOW + (10 if y > BELOW else -10)))
    sheet.box(530, BELOW, "*z* = *μ* + *σ* · *ε*", kind="function", width=144, height=48)
    sheet.arrow((602, BELOW), (634, BELOW))
    sheet.arrow((530, 384), (530, BELOW + 24))
    sheet.text(530, 400, "*ε*, drawn beforehand from *N*(0, 1)", size=SMALL)
    sheet.text(346, BELOW - 74, "a cloud; it pays for being unlike *N*(0, 1)", size=SMALL, colour=GREY)
    return sheet
