"""The whole Transformer, an encoder and a decoder: `unrolled.transformer.Transformer`, post-norm."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

ENCODER, DECODER, BOX = 230, 640, 232


def draw() -> Sheet:
    sheet = Sheet(880, 720, "The whole Transformer")
    sheet.frame(66, 250, 328, 304)
    sheet.frame(476, 130, 328, 424)
    sheet.text(106, 276, "N times", size=SMALL, colour=GREY)
    sheet.text(516, 156, "N times", size=SMALL, colour=GREY)
    column(sheet, ENCODER, (("`attention`", 520, "layer"), ("add, norm", 466, "norm"),
                            ("`feed_forward`", 384, "layer"), ("add, norm", 330, "norm")))  # fmt: skip
    column(sheet, DECODER, (("`self_attention`", 520, "layer"), ("add, norm", 466, "norm"),
                            ("`cross_attention`", 388, "layer"), ("add, norm", 334, "norm"),
                            ("`feed_forward`", 254, "layer"), ("add, norm", 200, "norm")))  # fmt: skip
    for x, words in ((ENCODER, "the source"), (DECODER, "the target, moved one to the right")):
        sheet.box(x, 620, "embedding + positions", width=BOX, height=44)
        sheet.arrow((x, 598), (x, 540))
        sheet.arrow((x, 684), (x, 642))
        sheet.text(x, 700, words)
    sheet.arrow((ENCODER, 310), (ENCODER, 214), (435, 214), (435, 388), (DECODER - BOX / 2, 388), kind="path")
    sheet.text(ENCODER + 96, 196, "memory: keys and values", size=SMALL)
    sheet.shape(ENCODER + 96, 178, "batch", "source", "d_model")
    sheet.text(820, 520, "causal", size=SMALL, anchor="start")
    sheet.arrow((DECODER, 180), (DECODER, 108))
    sheet.box(DECODER, 86, "`head`", width=BOX, height=44)
    sheet.arrow((DECODER, 64), (DECODER, 44))
    sheet.shape(DECODER, 28, "batch", "target", "vocabulary")
    return sheet


def column(sheet: Sheet, x: float, layers: tuple[tuple[str, float, str], ...]) -> None:
    """Boxes from the bottom to the top, an arrow from each to the next."""
    for i, (text, y, kind) in enumerate(layers):
        sheet.box(x, y, text, kind=kind, width=BOX, height=40)
        if i:
            sheet.arrow((x, layers[i - 1][1] - 20), (x, y + 20))
