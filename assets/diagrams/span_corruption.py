"""T5's exercise: spans are hidden behind sentinels, and only they are written: `unrolled.corruption.corrupt_spans`."""

from autograder.diagrams.sheet import Sheet

TEXT = ("Thank", "you", "for", "inviting", "me", "to", "your", "party", "last", "week")
READ = ("Thank", "you", "<X>", "me", "to", "your", "party", "<Y>", "week")
WRITTEN = ("<X>", "for", "inviting", "<Y>", "last", "<Z>")
HIDDEN = {"for", "inviting", "last"}
ROWS = {"text": 56, "it reads": 142, "it writes": 228}


def draw() -> Sheet:
    sheet = Sheet(900, 280, "Span corruption")
    for (name, y), words in zip(ROWS.items(), (TEXT, READ, WRITTEN), strict=True):
        sheet.text(24, y, name, anchor="start")
        x = 130
        for word in words:
            width = 26 + 9.4 * len(word)
            kind = "gate" if word.startswith("<") else "layer" if word in HIDDEN else "function"
            sheet.box(x + width / 2, y, word, kind=kind, width=width, height=40)
            x += width + 9
    return sheet
