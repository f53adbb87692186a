"""BERT's blocks beside ALBERT's one: a wide table and many blocks, a narrow table and a loop (`unrolled.albert.Albert`)."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

BOX = 190


def draw() -> Sheet:
    sheet = Sheet(760, 560, "BERT has twelve blocks and a wide table, ALBERT one block and a narrow table")
    bert(sheet, 190)
    albert(sheet, 540)
    return sheet


def bert(sheet: Sheet, x: float) -> None:
    """Twelve blocks, each with weights of its own."""
    sheet.text(x, 34, "BERT", bold=True)
    sheet.box(x, 460, "table", "`vocabulary` × *H*", width=BOX, height=52)
    sheet.box(x, 396, "norm", kind="norm", width=BOX, height=34)
    for y, name in ((330, "block 1"), (266, "block 2"), (138, "block 12")):
        sheet.box(x, y, name, width=BOX, height=42)
    sheet.text(x, 204, "…")
    for start, end in ((520, 488), (434, 414), (379, 352), (309, 288), (245, 222), (186, 160), (117, 74)):
        sheet.arrow((x, start), (x, end), kind="path")
    sheet.text(x, 534, "`input_ids`", size=SMALL)
    sheet.text(x, 60, "states", size=SMALL)


def albert(sheet: Sheet, x: float) -> None:
    """One block, whose output goes in again."""
    sheet.text(x, 34, "ALBERT", bold=True)
    sheet.box(x, 460, "table", "`vocabulary` × *E*", width=BOX * 0.6, height=52)
    sheet.box(x, 396, "norm", kind="norm", width=BOX * 0.6, height=34)
    sheet.box(x, 330, "project", "*E* → *H*", width=BOX, height=46)
    sheet.box(x, 204, "the block", "used 12 times", width=BOX, height=60)
    for start, end in ((520, 488), (434, 414), (379, 355), (307, 236), (174, 74)):
        sheet.arrow((x, start), (x, end), kind="path")
    side = x + 148
    sheet.arrow((x, 130), (side, 130), (side, 272), (x + 6, 272), kind="path")
    sheet.dot(x, 130, kind="path")
    sheet.text(side + 8, 204, "again", size=SMALL, anchor="start", colour=GREY)
    sheet.text(x, 534, "`input_ids`", size=SMALL)
    sheet.text(x, 60, "states", size=SMALL)
