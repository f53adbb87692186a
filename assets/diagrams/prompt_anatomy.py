"""The parts of a prompt, who wrote each, and that the model sees one row of words (`unrolled.prompting.prompt`)."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

LEFT, WIDTH = 300, 400
PARTS = (
    ("instruction", "Answer from the passages.", "you", 84),
    ("passages", "[1] The miller slept at home. [2] …", "whoever wrote the files", 164),
    ("examples", "Question: … Answer: …", "you", 244),
    ("question", "Question: Who slept at home?", "the user", 324),
)


def draw() -> Sheet:
    sheet = Sheet(960, 420, "The anatomy of a prompt")
    middle = LEFT + WIDTH / 2
    sheet.frame(LEFT - 24, 34, WIDTH + 48, 344)
    sheet.text(108, 40, "written by", size=SMALL, colour=GREY)
    for name, text, author, y in PARTS:
        kind = "gate" if name == "passages" else "function"
        sheet.box(middle, y, name, text, kind=kind, width=WIDTH, height=58)
        sheet.text(108, y, author, size=SMALL)
        sheet.arrow((196, y), (LEFT - 4, y))
    sheet.arrow((LEFT + WIDTH + 24, 206), (812, 206))
    sheet.box(880, 206, "model", "one row of words", width=128, height=64)
    sheet.text(880, 270, "who wrote what", size=SMALL, colour=GREY)
    sheet.text(880, 288, "is not said", size=SMALL, colour=GREY)
    return sheet
