"""A frozen layer and the thin update beside it: `unrolled.lora.LoRALinear`, and what is left after `merge`."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

LEFT, THIN, RIGHT = 150, 380, 770  # how far to the right each path is
BOTTOM, DOWN, UP, TOP = 388, 292, 160, 72  # how far down


def draw() -> Sheet:
    sheet = Sheet(950, 456, "LoRA: a frozen layer and a low-rank update")
    sheet.frame(36, 40, 552, 374)
    sheet.text(56, 60, "`LoRALinear`", anchor="start", size=SMALL, colour=GREY)
    sheet.arrow((LEFT, 446), (LEFT, 284))
    sheet.dot(LEFT, BOTTOM)
    sheet.text(LEFT - 14, 430, "*x*", anchor="end")
    sheet.shape(LEFT + 12, 430, "batch", "in", anchor="start")
    sheet.box(LEFT, 226, "*W*, *b*", "`(out, in)`, frozen", kind="function", width=170, height=116)
    sheet.arrow((LEFT, BOTTOM), (THIN, BOTTOM), (THIN, DOWN + 22))
    sheet.box(THIN, DOWN, "*A*", "", width=200, height=44)
    sheet.text(THIN + 112, DOWN - 8, "`(rank, in)`", size=SMALL, anchor="start", colour=GREY)
    sheet.text(THIN + 112, DOWN + 10, "random", size=SMALL, anchor="start", colour=GREY)
    sheet.arrow((THIN, DOWN - 22), (THIN, UP + 22))
    sheet.shape(THIN + 12, (DOWN + UP) / 2, "batch", "rank", anchor="start")
    sheet.box(THIN, UP, "*B*", "", width=200, height=44)
    sheet.text(THIN + 112, UP - 8, "`(out, rank)`", size=SMALL, anchor="start", colour=GREY)
    sheet.text(THIN + 112, UP + 10, "begins at 0", size=SMALL, anchor="start", colour=GREY)
    sheet.arrow((THIN, UP - 22), (THIN, TOP), (LEFT + 15, TOP))
    sheet.text((LEFT + THIN) / 2 + 10, TOP - 14, "· *α* / *r*", size=SMALL)
    sheet.arrow((LEFT, 168), (LEFT, TOP + 15))
    sheet.arrow((LEFT, TOP - 15), (LEFT, 14))
    sheet.shape(LEFT + 12, 26, "batch", "out", anchor="start")
    sheet.sign(LEFT, TOP, "+")

    sheet.text(640, 214, "`merge`", size=SMALL)
    sheet.arrow((606, 236), (690, 236))
    sheet.arrow((RIGHT + 40, 446), (RIGHT + 40, 284))
    sheet.text(RIGHT + 26, 430, "*x*", anchor="end")
    sheet.box(RIGHT + 40, 226, "*W* + (*α* / *r*) · *B* *A*, *b*", "`(out, in)`: a linear layer", width=216, height=116)
    sheet.arrow((RIGHT + 40, 168), (RIGHT + 40, 14))
    return sheet
