"""Fine-tuning, layer by layer: who learns at which rate, and from which epoch on (`unrolled.fine_tuning`)."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

LAYERS = (("`table`", "words"), ("`lstms[0]`", "what is general"), ("`lstms[1]`", ""), ("`squeeze`, `score`", "the task"))
RATES = ("*η* / 2.6³", "*η* / 2.6²", "*η* / 2.6", "*η*")
FIRST, STEP, LEFT = 388, 96, 214


def draw() -> Sheet:
    sheet = Sheet(860, 480, "Rates and epochs of fine-tuning, by layer")
    sheet.text(LEFT, 36, "layers", bold=True)
    sheet.text(430, 36, "rate", bold=True)
    for epoch in range(4):
        sheet.text(560 + 76 * epoch, 36, f"epoch {epoch}", size=SMALL)
    for i, ((name, note), rate) in enumerate(zip(LAYERS, RATES, strict=True)):
        y = FIRST - STEP * i
        sheet.box(LEFT, y, name, note, width=204, height=54)
        sheet.text(430, y, rate)
        for epoch in range(4):
            learns = epoch >= 3 - i
            if learns:
                sheet.box(560 + 76 * epoch, y, "learns", width=64, height=34)
            else:
                sheet.text(560 + 76 * epoch, y, "frozen", size=SMALL, colour=GREY)
        if i:
            sheet.arrow((LEFT, y + STEP - 27), (LEFT, y + 27))
    sheet.arrow((LEFT, 458), (LEFT, FIRST + 27))
    sheet.text(LEFT + 14, 446, "`input_ids`", size=SMALL, anchor="start", colour=GREY)
    return sheet
