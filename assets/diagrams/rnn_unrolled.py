"""A recurrent network, unrolled over time: the same step again and again, `unrolled.rnn.unroll`."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

STEPS, FIRST, APART, ROW = 4, 226, 164, 160


def draw() -> Sheet:
    sheet = Sheet(880, 310, "A recurrent network, unrolled over time")
    sheet.text(440, 32, "the same weights at every step", size=SMALL, colour=GREY)
    edge = 62
    for step in range(STEPS):
        x = FIRST + APART * step
        sheet.arrow((edge, ROW), (x - 54, ROW), kind="path")
        sheet.text((edge + x - 54) / 2 - 4, ROW - 18, f"*h*_{{{step}}}")
        sheet.box(x, ROW, "`rnn_step`", width=108, height=52)
        sheet.arrow((x, 246), (x, ROW + 26))
        sheet.text(x, 262, f"*x*_{{{step + 1}}}")
        sheet.arrow((x, ROW - 26), (x, 96))
        sheet.text(x, 78, f"*h*_{{{step + 1}}}")
        edge = x + 54
    sheet.arrow((edge, ROW), (860, ROW), kind="path")
    sheet.text(edge + 52, ROW - 18, f"*h*_{{{STEPS}}}")
    sheet.shape(62, 186, "batch", "hidden")
    sheet.shape(FIRST - 14, 288, "batch", "feature")
    return sheet
