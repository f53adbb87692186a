"""Four ways to give a model a task: a head (BERT), weights of its own (BART), a prefix (T5), examples in the text (GPT-3)."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

ROWS = (
    ("BERT, 2018", "a head for each task", "head", ("*a review*",), "encoder", "positive"),
    ("BART, 2019", "weights for each task", "weights", ("*a review*",), "encoder–decoder", "“positive”"),
    ("T5, 2019", "a prefix for each task", "prefix", ("`sentiment:` *a review*",), "encoder–decoder", "“positive”"),
    ("GPT-3, 2020", "the task stands in the text", "text", ("*a review* good", "*a review* bad", "*a review*"), "decoder", "“good”"),
)
SPECIAL = {"weights": ("all weights",), "prefix": ("the prefix,", "all weights"), "text": ("no weight",)}
TOP, STEP = 106, 128


def draw() -> Sheet:
    sheet = Sheet(900, 580, "Four ways to give a model a task")
    for x, text in ((160, "what is read"), (430, "one body"), (625, "special to a task"), (800, "what comes out")):
        sheet.text(x, 26, text, size=SMALL, colour=GREY)
    for row, (name, note, kind, lines, body, out) in enumerate(ROWS):
        y = TOP + STEP * row + 10
        sheet.text(28, y - 50, name, bold=True, anchor="start")
        sheet.text(150, y - 50, note, size=SMALL, anchor="start", colour=GREY)
        sheet.box(160, y + 16, "", kind="function", width=240, height=30 + 20 * len(lines))
        for i, line in enumerate(lines):
            sheet.text(160, y + 16 + 20 * (i - (len(lines) - 1) / 2), line, size=SMALL)
        sheet.arrow((280, y + 16), (350, y + 16))
        learns = "is fine-tuned" if kind != "text" else "is not changed"
        sheet.box(430, y + 16, body, learns, width=160, height=56)
        if kind == "head":
            sheet.arrow((510, y + 16), (575, y + 16))
            sheet.box(625, y + 16, "head", "new weights", width=100, height=56)
            sheet.arrow((675, y + 16), (745, y + 16))
        else:
            sheet.arrow((510, y + 16), (575, y + 16))
            for i, line in enumerate(lines_of := SPECIAL[kind]):
                sheet.text(625, y + 16 + 18 * (i - (len(lines_of) - 1) / 2), line, size=SMALL)
            sheet.arrow((675, y + 16), (745, y + 16))
        sheet.text(806, y + 16, out)
    return sheet
