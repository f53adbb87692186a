"""Attention by hashing: words are sorted by bucket, and chunks of the sorted row look at one another: `unrolled.lsh`."""

import drawsvg

from autograder.diagrams.sheet import GREY, SMALL, Sheet

BUCKETS = (2, 0, 1, 2, 0, 2, 1, 0)  # of the words 0 to 7
LEFT, STEP, BOX, CHUNK = 150, 84, 64, 2


def draw() -> Sheet:
    sheet = Sheet(LEFT + STEP * len(BUCKETS) + 10, 430, "Attention by locality-sensitive hashing")
    order = sorted(range(len(BUCKETS)), key=BUCKETS.__getitem__)
    sheet.text(20, 60, "in the text's order", size=SMALL, anchor="start", colour=GREY)
    sheet.text(20, 250, "sorted by bucket", size=SMALL, anchor="start", colour=GREY)
    for word, bucket in enumerate(BUCKETS):
        sheet.box(column(word), 60, f"word {word}", f"bucket {bucket}", kind="function", width=BOX + 12, height=52)
    for i, word in enumerate(order):
        ends = (column(word), 88, column(i), 208)
        sheet.svg.append(drawsvg.Line(*ends, stroke=GREY, stroke_width=1.6))
    for chunk in range(len(BUCKETS) // CHUNK):
        first = chunk * CHUNK
        sheet.frame(column(first) - STEP / 2 + 1, 214, STEP * CHUNK - 2, 116)
        for i in range(first, first + CHUNK):
            sheet.box(
                column(i),
                250,
                f"word {order[i]}",
                f"bucket {BUCKETS[order[i]]}",
                kind="function",
                width=BOX + 12,
                height=52,
            )
        sheet.text(column(first) + STEP / 2, 310, f"chunk {chunk}", size=SMALL, colour=GREY)
        if chunk:
            start, end = column(first) + STEP / 2, column(first) - STEP * 1.5 + 26
            sheet.arrow((start, 330), (start, 366), (end, 366), (end, 332))
    sheet.text(
        LEFT,
        400,
        "each chunk looks at itself and at the one before (the first at the last)",
        size=SMALL,
        anchor="start",
        colour=GREY,
    )
    return sheet


def column(i: int) -> float:
    """The middle of a column."""
    return LEFT + STEP * i + STEP / 2
