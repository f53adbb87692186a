"""One step of a decoder that looks at all states of the encoder: `unrolled.attention.AttentionDecoder`."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

WORDS = ("나는", "너를", "매우", "사랑해")
FIRST, APART = 230, 136
MEMORY, SCORES, CONTEXT, CELL = 108, 214, 306, 408
MIDDLE = FIRST + 1.5 * APART


def draw() -> Sheet:
    sheet = Sheet(880, 510, "A decoder that looks at all states of the encoder")
    sheet.text(28, MEMORY, "memory", bold=True, anchor="start")
    sheet.shape(790, MEMORY, "batch", "source", "hidden")
    for i, word in enumerate(WORDS):
        x = FIRST + APART * i
        sheet.text(x, 50, word)
        sheet.arrow((x, 62), (x, MEMORY - 22))
        sheet.box(x, MEMORY, f"*h*_{{{i + 1}}}", kind="path", width=84, height=44)
        sheet.arrow((x, MEMORY + 22), (x, SCORES - 26))
    sheet.box(
        MIDDLE, SCORES, "scores, softmax → weights *α*", "the query with each of the keys", width=520, height=52
    )
    sheet.arrow((MIDDLE, SCORES + 26), (MIDDLE, CONTEXT - 24))
    sheet.box(MIDDLE, CONTEXT, "context: the average of the memory, weighted by *α*", kind="function", width=520, height=48)
    sheet.arrow((MIDDLE - 100, CONTEXT + 24), (MIDDLE - 100, CELL - 26))
    sheet.box(MIDDLE - 100, CELL, "GRU cell", width=150, height=52)
    sheet.arrow((28, CELL), (MIDDLE - 175, CELL), kind="path")
    sheet.dot(110, CELL, kind="path")
    sheet.arrow((110, CELL), (110, SCORES), (MIDDLE - 260, SCORES))
    sheet.text(118, 300, "query", size=SMALL, anchor="start", colour=GREY)
    sheet.text(66, CELL + 22, "*s*_{i−1}")
    sheet.arrow((MIDDLE - 25, CELL), (650, CELL), kind="path")
    sheet.text(480, CELL - 20, "*s*_{i}")
    sheet.box(710, CELL, "head", width=120, height=52)
    sheet.arrow((MIDDLE + 260, CONTEXT), (710, CONTEXT), (710, CELL - 26))
    sheet.arrow((770, CELL), (856, CELL))
    sheet.text(812, CELL + 22, "scores", size=SMALL)
    sheet.arrow((MIDDLE - 100, 480), (MIDDLE - 100, CELL + 26))
    sheet.text(MIDDLE - 86, 474, "the word before", size=SMALL, anchor="start", colour=GREY)
    return sheet
