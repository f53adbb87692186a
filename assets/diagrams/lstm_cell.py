"""One step of an LSTM, with the names of `unrolled.lstm.lstm_step`."""

from autograder.diagrams.sheet import SMALL, Sheet

MEMORY, PRODUCTS, SHOWN, GATES, PRODUCT = 92, 178, 208, 266, 370  # how far down each row is
F, I, G, O = 250, 384, 518, 652  # noqa: E741  how far to the right: the gates
SUM, SHOW = 451, 744
LEFT, RIGHT = (24, 76, 140), (806, 869, 920)  # edge, label and frame


def draw() -> Sheet:
    sheet = Sheet(944, 496, "One step of an LSTM")
    sheet.frame(LEFT[2], 44, RIGHT[0] - LEFT[2], 378)

    # The memory: kept, and added to.
    sheet.arrow((LEFT[0], MEMORY), (F - 15, MEMORY), kind="path")
    sheet.arrow((F + 15, MEMORY), (SUM - 15, MEMORY), kind="path")
    sheet.arrow((SUM + 15, MEMORY), (RIGHT[2], MEMORY), kind="path")
    sheet.text((F + SUM) / 2, MEMORY - 18, "kept", size=SMALL)
    state(sheet, LEFT[1], MEMORY, "*c*_{t−1}")
    state(sheet, RIGHT[1], MEMORY, "*c*_{t}")

    # One product for all four blocks, and what becomes of each.
    sheet.box(
        SUM, PRODUCT, "`x @ w_ih.T + b_ih + h @ w_hh.T + b_hh`", "`(batch, 4·hidden)`, cut into the blocks *i*, *f*, *g*, *o*",
        width=508, height=56,
    )  # fmt: skip
    for place, function, name, kind in (
        (F, "*σ*", "forget gate", "gate"),
        (I, "*σ*", "input gate", "gate"),
        (G, "tanh", "candidate", "function"),
        (O, "*σ*", "output gate", "gate"),
    ):
        sheet.arrow((place, PRODUCT - 28), (place, GATES + 25))
        sheet.box(place, GATES, function, name, kind=kind, width=106, height=50)
    sheet.arrow((F, GATES - 25), (F, MEMORY + 15))
    sheet.arrow((I, GATES - 25), (I, PRODUCTS), (SUM - 15, PRODUCTS))
    sheet.arrow((G, GATES - 25), (G, PRODUCTS), (SUM + 15, PRODUCTS))
    sheet.arrow((SUM, PRODUCTS - 15), (SUM, MEMORY + 15))
    sheet.arrow((O, GATES - 25), (O, SHOWN), (SHOW - 15, SHOWN))
    for place, name in ((F, "*f*"), (I, "*i*"), (G, "*g*"), (O, "*o*")):
        sheet.text(place + 14, GATES - 38, name)
    sheet.text(SUM + 14, (MEMORY + PRODUCTS) / 2, "written", size=SMALL, anchor="start")
    sheet.shape(F + 10, 318, "batch", "hidden", anchor="start")

    # What is shown of the memory.
    sheet.dot(SHOW, MEMORY, kind="path")
    sheet.arrow((SHOW, MEMORY), (SHOW, 130))
    sheet.box(SHOW, 149, "tanh", kind="function", width=68, height=38)
    sheet.arrow((SHOW, 168), (SHOW, SHOWN - 15))
    sheet.arrow((SHOW, SHOWN + 15), (SHOW, PRODUCT), (RIGHT[2], PRODUCT))
    sheet.text(SHOW + 10, 290, "shown", size=SMALL, anchor="start")
    state(sheet, RIGHT[1], PRODUCT, "*h*_{t}")

    # What comes in.
    sheet.arrow((LEFT[0], PRODUCT), (SUM - 254, PRODUCT))
    state(sheet, LEFT[1], PRODUCT, "*h*_{t−1}")
    sheet.arrow((SUM, 476), (SUM, PRODUCT + 28))
    sheet.text(SUM - 12, 448, "*x*_{t}", anchor="end")
    sheet.shape(SUM + 12, 448, "batch", "feature", anchor="start")

    sheet.sign(F, MEMORY, "⊙", kind="path")
    sheet.sign(SUM, MEMORY, "+", kind="path")
    sheet.sign(SUM, PRODUCTS, "⊙")
    sheet.sign(SHOW, SHOWN, "⊙")
    return sheet


def state(sheet: Sheet, x: float, y: float, name: str) -> None:
    """A state that comes in or goes out."""
    sheet.text(x, y - 19, name)
    sheet.shape(x, y + 20, "batch", "hidden")
