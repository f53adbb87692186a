"""ULMFiT's three stages: what is learnt in each, from what, and what is handed on (`unrolled.ulmfit`)."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

COLUMNS = (168, 488, 808)
TABLE, LSTMS, HEAD = 372, 272, 168
NAMES = ("1 · general", "2 · domain", "3 · task")
TEXTS = ("10,000 stories", "reviews, no labels", "a few labelled reviews")
LOSSES = ("the next word", "the next word", "one of six classes")


def draw() -> Sheet:
    sheet = Sheet(976, 500, "The three stages of ULMFiT")
    for x, name, texts, asked in zip(COLUMNS, NAMES, TEXTS, LOSSES, strict=True):
        sheet.frame(x - 128, 122, 256, 300)
        sheet.text(x, 34, name, bold=True)
        sheet.text(x, 64, asked, size=SMALL, colour=GREY)
        sheet.box(x, TABLE, "`table`", width=148, height=44)
        sheet.box(x, LSTMS, "`lstms`", "two layers", width=148, height=52)
        task = x == COLUMNS[2]
        note = "`concat_pool`, new" if task else "tied to the table"
        sheet.box(x, HEAD, "`squeeze`, `score`" if task else "`project`", note, width=176, height=56)
        sheet.arrow((x, 452), (x, TABLE + 22))
        sheet.arrow((x, TABLE - 22), (x, LSTMS + 26))
        sheet.arrow((x, LSTMS - 26), (x, HEAD + 28))
        sheet.arrow((x, HEAD - 28), (x, 84))
        sheet.text(x, 470, texts, size=SMALL)
    for left, right in ((0, 1), (1, 2)):
        start, end = COLUMNS[left] + 74, COLUMNS[right] - 74
        for y in (TABLE, LSTMS):
            sheet.arrow((start, y), (end, y), kind="path")
        middle = (start + end) / 2
        if left == 0:
            sheet.arrow((COLUMNS[0] + 88, HEAD), (COLUMNS[1] - 88, HEAD), kind="path")
            sheet.text(middle, TABLE + 66, "copied, with", size=SMALL, colour=GREY)
            sheet.text(middle, TABLE + 82, "new words", size=SMALL, colour=GREY)
        else:
            sheet.text(middle, TABLE + 66, "copied: the", size=SMALL, colour=GREY)
            sheet.text(middle, TABLE + 82, "body alone", size=SMALL, colour=GREY)
    return sheet
