"""Attention that remembers: keys and values of words already read are kept, `unrolled.gpt.CachedAttention`."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

WORDS = ("one", "winter", "day", "the")
FIRST, APART, NEW = 196, 122, 710
KEYS, VALUES = 186, 250


def draw() -> Sheet:
    sheet = Sheet(880, 470, "Attention that remembers keys and values")
    sheet.frame(130, 132, 500, 158)
    sheet.text(24, KEYS, "keys", anchor="start")
    sheet.text(24, VALUES, "values", anchor="start")
    sheet.text(380, 150, "the state: read once, kept", size=SMALL, colour=GREY)
    for i, word in enumerate(WORDS):
        x = FIRST + APART * i
        for y, letter in ((KEYS, "k"), (VALUES, "v")):
            sheet.box(x, y, f"*{letter}*_{{{i + 1}}}", kind="path", width=80, height=42)
        sheet.text(x, 318, word, colour=GREY)
    for y, letter in ((KEYS, "k"), (VALUES, "v")):
        sheet.box(NEW, y, f"*{letter}*_{{5}}", kind="path", width=80, height=42)
    sheet.text(NEW, 150, "added", size=SMALL, colour=GREY)
    sheet.arrow((NEW, 342), (NEW, VALUES + 21))
    sheet.box(NEW, 366, "`qkv`", width=120, height=48)
    sheet.arrow((NEW, 440), (NEW, 390))
    sheet.text(NEW, 454, "farmer", bold=True)
    sheet.text(NEW - 90, 440, "the new word", size=SMALL, anchor="end", colour=GREY)
    sheet.arrow((NEW + 60, 366), (820, 366), (820, 84), (700, 84))
    sheet.text(832, 240, "*q*_{5}", anchor="start")
    sheet.box(440, 84, "attention: one query, all keys and values", kind="function", width=520, height=48)
    sheet.arrow((380, 132), (380, 108))
    sheet.arrow((440, 60), (440, 20))
    sheet.text(452, 36, "to the output layer", size=SMALL, anchor="start", colour=GREY)
    return sheet
