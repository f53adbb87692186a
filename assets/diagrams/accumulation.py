"""Gradient accumulation: sums and counts are added up apart, and divided once: `unrolled.accumulation`."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

ROWS = {100: "3 losses", 200: "60 losses", 300: "17 losses"}
SUMS, COUNTS = 610, 720  # where the two columns stand


def draw() -> Sheet:
    sheet = Sheet(790, 440, "Gradient accumulation over three micro-batches")
    sheet.text(SUMS, 34, "gradients", bold=True)
    sheet.text(COUNTS, 34, "counts", bold=True)
    for place, (y, words) in enumerate(ROWS.items()):
        sheet.box(110, y, f"micro-batch {place + 1}", words, kind="function", width=150)
        sheet.arrow((185, y), (250, y))
        sheet.box(320, y, "model, loss", width=140)
        for column, aside, text in ((SUMS, -16, "gradient of the sum"), (COUNTS, 16, "number of losses")):
            sheet.text(480, y + aside * 1.9, text, size=SMALL, colour=GREY)
            sheet.arrow((390, y + aside), (column - 15, y + aside))
            sheet.sign(column, y + aside, "+", kind="path")
            if y > min(ROWS):
                sheet.arrow((column, y - 100 + aside + 15), (column, y + aside - 15), kind="path")
    last = max(ROWS)
    sheet.arrow((SUMS, last - 1), (SUMS, 380), kind="path")
    sheet.arrow((COUNTS, last + 31), (COUNTS, 395), (SUMS + 15, 395), kind="path")
    sheet.sign(SUMS, 395, "÷")
    sheet.arrow((SUMS - 15, 395), (400, 395))
    sheet.text(500, 378, "gradient of the mean", size=SMALL, colour=GREY)
    sheet.box(320, 395, "one step", kind="function", width=160)
    return sheet
