"""ELECTRA: a generator fills the holes, a discriminator judges every word: `unrolled.electra`."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

WORDS = ("the", "cook", "ate", "soup")
HIDDEN = ("the", "[MASK]", "ate", "[MASK]")
FILLED = ("the", "baker", "ate", "soup")
SAID = ("original", "replaced", "original", "original")
LEFT, STEP = 150, 150


def draw() -> Sheet:
    sheet = Sheet(790, 640, "ELECTRA: a generator fills holes, a discriminator judges every word")
    right = LEFT + 3 * STEP
    middle = (LEFT + right) / 2
    rows = {608: (WORDS, "text"), 520: (HIDDEN, "15 % hidden"), 348: (FILLED, "drawn"), 140: (SAID, "")}
    for y, (words, name) in rows.items():
        sheet.text(28, y, name, size=SMALL, anchor="start", colour=GREY)
        for i, word in enumerate(words):
            changed = word != WORDS[i] and word not in SAID
            sheet.text(LEFT + i * STEP, y, word, bold=changed or word == "replaced")
    for i in range(4):
        x = LEFT + i * STEP
        sheet.arrow((x, 592), (x, 538))
        sheet.arrow((x, 504), (x, 466))
        sheet.arrow((x, 334), (x, 276))
        sheet.arrow((x, 228), (x, 160))
        if HIDDEN[i] == "[MASK]":
            sheet.arrow((x, 418), (x, 366))
    sheet.box(middle, 442, "generator", "small: a masked language model", width=580, height=48)
    sheet.box(middle, 252, "discriminator", "the model that is kept", width=580, height=48)
    sheet.text(middle, 72, "*loss* = masked-LM loss of the generator  +  50 · binary cross-entropy of the discriminator")
    sheet.text(middle, 100, "at the hidden places only · at every place", size=SMALL, colour=GREY)
    sheet.text(middle, 34, "a lucky hit, as *soup* here, counts as original", size=SMALL, colour=GREY)
    sheet.text(right + 50, 394, "no gradient", size=SMALL, colour=GREY)
    sheet.text(right + 50, 410, "through a draw", size=SMALL, colour=GREY)
    return sheet
