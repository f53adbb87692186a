"""One step of a GRU, with the names of `unrolled.gru.gru_step`."""

from autograder.diagrams.sheet import SMALL, Sheet

STATE, MIXED, CANDIDATE, SUM, RESET, PRODUCT = 84, 142, 206, 270, 336, 430  # how far down each row is
Z, R, N, X_PART = 260, 410, 570, 690  # how far to the right
LEFT, RIGHT = (24, 78, 142), (792, 852, 904)  # edge, label and frame


def draw() -> Sheet:
    sheet = Sheet(928, 540, "One step of a GRU")
    sheet.frame(LEFT[2], 44, RIGHT[0] - LEFT[2], 440)

    # The state: what stays, and what comes in.
    sheet.arrow((LEFT[0], STATE), (Z - 15, STATE), kind="path")
    sheet.arrow((Z + 15, STATE), (N - 15, STATE), kind="path")
    sheet.arrow((N + 15, STATE), (RIGHT[2], STATE), kind="path")
    sheet.text((Z + N) / 2, STATE - 18, "what stays", size=SMALL)
    for x, name in ((LEFT[1], "*h*_{t−1}"), (RIGHT[1], "*h*_{t}")):
        sheet.text(x, STATE - 19, name)
        sheet.shape(x, STATE + 20, "batch", "hidden")

    # The two gates and the candidate.
    sheet.box(
        475, PRODUCT, "`x @ w_ih.T + b_ih` and `h @ w_hh.T + b_hh`", "each `(batch, 3·hidden)`, cut into the blocks *r*, *z*, *n*",
        width=560, height=56,
    )  # fmt: skip
    for x, note in ((Z, "update gate"), (R, "reset gate")):
        sheet.arrow((x, PRODUCT - 28), (x, RESET + 25))
        sheet.box(x, RESET, "*σ*", note, kind="gate", width=104, height=50)
    sheet.arrow((Z, RESET - 25), (Z, STATE + 15))
    sheet.text(Z - 14, 300, "*z*", anchor="end")
    sheet.dot(Z, MIXED)
    sheet.arrow((Z, MIXED), (N - 15, MIXED))
    sheet.text(R, MIXED - 14, "1 − *z*", size=SMALL)
    sheet.arrow((R + 52, RESET), (N - 15, RESET))
    sheet.text(R + 88, RESET - 14, "*r*")
    sheet.arrow((N, PRODUCT - 28), (N, RESET + 15))
    sheet.text(N + 12, 384, "*n* of *h*", size=SMALL, anchor="start")
    sheet.arrow((N, RESET - 15), (N, SUM + 15))
    sheet.arrow((X_PART, PRODUCT - 28), (X_PART, SUM), (N + 15, SUM))
    sheet.text(X_PART + 12, 384, "*n* of *x*", size=SMALL, anchor="start")
    sheet.arrow((N, SUM - 15), (N, CANDIDATE + 21))
    sheet.box(N, CANDIDATE, "tanh", kind="function", width=84, height=42)
    sheet.text(N + 56, CANDIDATE, "candidate", size=SMALL, anchor="start")
    sheet.arrow((N, CANDIDATE - 21), (N, MIXED + 15))
    sheet.arrow((N, MIXED - 15), (N, STATE + 15))

    # What comes in.
    sheet.arrow((LEFT[0], PRODUCT), (195, PRODUCT))
    sheet.text(LEFT[1], PRODUCT - 19, "*h*_{t−1}")
    sheet.arrow((475, 524), (475, PRODUCT + 28))
    sheet.text(463, 506, "*x*_{t}", anchor="end")
    sheet.shape(487, 506, "batch", "feature", anchor="start")

    sheet.sign(Z, STATE, "⊙", kind="path")
    sheet.sign(N, STATE, "+", kind="path")
    for y, text in ((MIXED, "⊙"), (SUM, "+"), (RESET, "⊙")):
        sheet.sign(N, y, text)
    return sheet
