"""What goes into BERT: three vectors for each token, `unrolled.bert.BertEmbeddings`."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

TOKENS = ("[CLS]", "나는", "자", "[SEP]", "너는", "먹어", "[SEP]")
FIRST, APART = 176, 104
ROWS = {"word": 108, "position": 178, "segment": 248}


def draw() -> Sheet:
    sheet = Sheet(880, 420, "What goes into BERT: three vectors for each token")
    for i, token in enumerate(TOKENS):
        x = FIRST + APART * i
        sheet.text(x, 36, token)
        sheet.arrow((x, 50), (x, ROWS["word"] - 20))
        for name, said in (("word", token), ("position", str(i)), ("segment", str(int(i > 3)))):
            sheet.box(x, ROWS[name], said, width=80, height=40)
            if name != "segment":
                sheet.text(x, ROWS[name] + 35, "+")
        sheet.arrow((x, ROWS["segment"] + 20), (x, 312))
        sheet.arrow((x, 352), (x, 384))
    for name, y in ROWS.items():
        sheet.text(24, y, f"`{name}`", anchor="start")
    sheet.box(FIRST + 3 * APART, 332, "`norm` of the sum", kind="norm", width=6 * APART + 80, height=40)
    sheet.text(24, 398, "`(batch, time, d_model)`, to the first block", size=SMALL, anchor="start", colour=GREY)
    return sheet
