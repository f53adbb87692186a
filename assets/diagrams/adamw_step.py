"""One step of AdamW for one weight: what is remembered, and where the decay acts: `unrolled.optimizers.adamw_step`."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

MEAN, SQUARE, MIDDLE = 110, 250, 180  # how far down m, v and what becomes of both stand
PATH = 800


def draw() -> Sheet:
    sheet = Sheet(930, 400, "One step of AdamW")
    sheet.text(64, MIDDLE, "gradient *g*")
    sheet.arrow((118, MIDDLE), (150, MIDDLE), head=False)
    sheet.dot(150, MIDDLE)
    for y, name, what, beta in (
        (MEAN, "*m*", "moving mean of *g*", "β_{1}"),
        (SQUARE, "*v*", "moving mean of *g*²", "β_{2}"),
    ):
        sheet.arrow((150, MIDDLE), (150, y), (176, y))
        sheet.box(260, y, name, what, kind="path", width=168)
        aside = -1 if y < MIDDLE else 1
        sheet.arrow((260, y + aside * 24), (260, y + aside * 62), kind="path")
        sheet.text(260, y + aside * 76, "to the next step", size=SMALL, colour=GREY)
        sheet.arrow((344, y), (396, y))
        sheet.box(462, y, f"÷ (1 − {beta}ᵗ)", "corrected", kind="function", width=132)
    sheet.arrow((528, MEAN), (600, MEAN), (600, MIDDLE - 15))
    sheet.arrow((528, SQUARE), (600, SQUARE), (600, MIDDLE + 15))
    sheet.text(652, SQUARE - 12, "√ and + eps", size=SMALL, colour=GREY)
    sheet.sign(600, MIDDLE, "÷")
    sheet.arrow((615, MIDDLE), (654, MIDDLE))
    sheet.box(700, MIDDLE, "× rate", kind="function", width=92)
    sheet.arrow((746, MIDDLE), (PATH - 15, MIDDLE))
    sheet.text(PATH, 376, "weight", bold=True)
    sheet.arrow((PATH, 360), (PATH, 318), kind="path")
    sheet.box(PATH, 294, "× (1 − rate · decay)", kind="function", width=190)
    sheet.arrow((PATH, 270), (PATH, MIDDLE + 15), kind="path")
    sheet.sign(PATH, MIDDLE, "−", kind="path")
    sheet.arrow((PATH, MIDDLE - 15), (PATH, 56), kind="path")
    sheet.text(PATH, 38, "new weight", bold=True)
    return sheet
