"""The two turns of a GAN: who gets a gradient, and who takes a step: `unrolled.gan.gan_step`."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

FIRST, SECOND = 150, 376


def draw() -> Sheet:
    sheet = Sheet(900, 480, "The two turns of a GAN")
    for y, turn, said in (
        (FIRST, "the detective's turn", "*D* takes a step"), (SECOND, "the forger's turn", "*G* takes a step, through *D*")
    ):  # fmt: skip
        sheet.text(24, y - 104, turn, bold=True, anchor="start")
        sheet.text(876, y - 104, said, anchor="end")
        sheet.text(24, y, "noise", anchor="start")
        sheet.arrow((76, y), (120, y))
        sheet.box(190, y, "*G*, the forger", width=140, height=52)
        sheet.box(540, y, "*D*, the detective", width=170, height=52)
        sheet.arrow((625, y), (700, y))
        sheet.box(776, y, "loss of *D*" if y == FIRST else "loss of *G*", kind="function", width=152, height=48)
    sheet.arrow((260, FIRST), (330, FIRST))
    sheet.box(376, FIRST, "detach", kind="norm", width=92, height=40)
    sheet.arrow((422, FIRST), (455, FIRST))
    sheet.text(540, FIRST - 72, "real ones", size=SMALL)
    sheet.arrow((540, FIRST - 60), (540, FIRST - 26))
    sheet.arrow((260, SECOND), (455, SECOND))
    sheet.text(356, SECOND - 16, "forged ones", size=SMALL)
    back(sheet, FIRST, 376, "gradient: to *D*, and no further")
    back(sheet, SECOND, 190, "gradient: through *D* to *G*; what it leaves on *D* is cleared")
    return sheet


def back(sheet: Sheet, y: float, end: float, text: str) -> None:
    """The way of the gradient, from the loss back."""
    sheet.arrow((776, y + 24), (776, y + 56), (end, y + 56), (end, y + (20 if end == 376 else 26)), kind="path")
    sheet.text(560, y + 72, text, size=SMALL, colour=GREY)
