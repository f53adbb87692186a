"""An encoder that reads, a decoder that writes, and one state between them: `unrolled.seq2seq`."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

READ = ("나는", "너를", "매우", "사랑해")
WRITTEN = ("i", "love", "you", "so", "much", "<eos>")
FIRST, APART, CELL = 190, 112, 76
ABOVE, BETWEEN, BELOW = 106, 214, 322


def draw() -> Sheet:
    sheet = Sheet(880, 440, "An encoder and a decoder with one state between them")
    sheet.text(28, ABOVE - 56, "encoder", bold=True, anchor="start")
    sheet.text(28, BELOW + 88, "decoder", bold=True, anchor="start")
    cells(sheet, len(READ), ABOVE)
    for i, word in enumerate(READ):
        sheet.arrow((FIRST + APART * i, 164), (FIRST + APART * i, ABOVE + 24))
        sheet.text(FIRST + APART * i, 180, word)
    end = FIRST + APART * (len(READ) - 1) + CELL / 2
    corners = ((end, ABOVE), (836, ABOVE), (836, BETWEEN), (80, BETWEEN), (80, BELOW), (FIRST - CELL / 2, BELOW))
    sheet.arrow(*corners, kind="path")
    sheet.text(700, ABOVE - 34, "all that is known of the Korean:", size=SMALL, colour=GREY)
    sheet.shape(700, ABOVE - 16, "batch", "hidden")
    cells(sheet, len(WRITTEN), BELOW)
    for i, (read, word) in enumerate(zip(("<bos>", *WRITTEN), WRITTEN, strict=False)):
        x = FIRST + APART * i
        sheet.arrow((x, 378), (x, BELOW + 24))
        sheet.text(x, 394, f"`{read}`")
        sheet.arrow((x, BELOW - 24), (x, 264))
        sheet.text(x, 246, f"`{word}`")
    return sheet


def cells(sheet: Sheet, number: int, y: float) -> None:
    """GRU cells in a row, each handing its state to the next."""
    for i in range(number):
        x = FIRST + APART * i
        sheet.box(x, y, "GRU", width=CELL, height=48)
        if i:
            sheet.arrow((x - APART + CELL / 2, y), (x - CELL / 2, y), kind="path")
