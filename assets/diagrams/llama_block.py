"""A block of today's language models: `unrolled.llama.LlamaBlock`, with the heads that share keys drawn out."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

PATH, LOW, HIGH = 120, 640, 262  # the residual path, and where each half of the block leaves it
QUERIES, KEY, VALUE = 330, 560, 730  # how far to the right the three kinds of heads are
UP, GATE = 620, 370


def draw() -> Sheet:
    sheet = Sheet(900, 770, "A block of Llama")
    sheet.frame(60, 40, 800, 666)
    sheet.text(840, 64, "`LlamaBlock`", anchor="end", size=SMALL, colour=GREY)
    attention(sheet)
    feed_forward(sheet)
    for start, end in ((750, 383), (353, 119), (89, 16)):
        sheet.arrow((PATH, start), (PATH, end), kind="path")
    sheet.text(PATH - 14, 734, "*x*", anchor="end")
    sheet.shape(PATH + 14, 734, "batch", "time", "d_model", anchor="start")
    return sheet


def attention(sheet: Sheet) -> None:
    """Norm, three layers, the rotation of queries and keys, and four heads that share two keys."""
    sheet.dot(PATH, LOW + 36, kind="path")
    sheet.arrow((PATH, LOW + 36), (180, LOW + 36))
    sheet.box(250, LOW + 36, "`attention_norm`", kind="norm", width=140, height=36)
    sheet.arrow((320, LOW + 36), (VALUE, LOW + 36), (VALUE, LOW - 8))
    for x in (QUERIES + 30, KEY):
        sheet.arrow((x, LOW + 36), (x, LOW - 8))
    for x, name, width in ((QUERIES + 30, "query", 200), (KEY, "key", 110), (VALUE, "value", 110)):
        sheet.box(x, LOW - 28, f"`{name}`", width=width, height=40)
    for x, width in ((QUERIES + 30, 200), (KEY, 110)):
        sheet.arrow((x, LOW - 48), (x, LOW - 78))
        sheet.box(x, LOW - 98, "`rotate`", kind="function", width=width, height=40)
    sheet.text(795, LOW - 98, "not rotated", size=SMALL, anchor="middle", colour=GREY)
    for group, aside in enumerate((-52, 52)):
        sheet.box(QUERIES + 30 + aside, LOW - 160, f"*q*_{{{2 * group}}} *q*_{{{2 * group + 1}}}", kind="function", width=96, height=36)
        for x, name in ((KEY, "k"), (VALUE, "v")):
            sheet.box(x + aside / 2, LOW - 160, f"*{name}*_{{{group}}}", kind="function", width=44, height=36)
    sheet.arrow((QUERIES + 30, LOW - 118), (QUERIES + 30, LOW - 140), head=False)
    sheet.arrow((KEY, LOW - 118), (KEY, LOW - 140), head=False)
    sheet.arrow((VALUE, LOW - 48), (VALUE, LOW - 140), head=False)
    sheet.text(200, LOW - 166, "two heads share", size=SMALL, colour=GREY)
    sheet.text(200, LOW - 150, "a key and a value", size=SMALL, colour=GREY)
    for x in (QUERIES + 30, KEY, VALUE):
        sheet.arrow((x, LOW - 180), (x, LOW - 204))
    sheet.box(545, LOW - 222, "softmax(*q* · *k* / √`head_size`) · *v*", kind="function", width=510, height=36)
    sheet.arrow((545, LOW - 240), (545, LOW - 272), (440, LOW - 272))
    sheet.box(370, LOW - 272, "`output`", width=140, height=36)
    sheet.arrow((300, LOW - 272), (PATH + 15, LOW - 272))
    sheet.sign(PATH, LOW - 272, "+", kind="path")


def feed_forward(sheet: Sheet) -> None:
    """Norm, two layers side by side, a gate, and the way back."""
    sheet.dot(PATH, HIGH + 50, kind="path")
    sheet.arrow((PATH, HIGH + 50), (180, HIGH + 50))
    sheet.box(270, HIGH + 50, "`feed_forward_norm`", kind="norm", width=180, height=36)
    sheet.arrow((360, HIGH + 50), (UP, HIGH + 50), (UP, HIGH + 18))
    sheet.dot(GATE + 60, HIGH + 50)
    sheet.arrow((GATE + 60, HIGH + 50), (GATE + 60, HIGH + 18))
    sheet.box(GATE + 60, HIGH - 2, "`gate`", width=130, height=40)
    sheet.box(UP, HIGH - 2, "`up`", width=130, height=40)
    sheet.arrow((GATE + 60, HIGH - 22), (GATE + 60, HIGH - 46))
    sheet.box(GATE + 60, HIGH - 64, "silu", kind="gate", width=90, height=36)
    sheet.arrow((GATE + 60, HIGH - 82), (GATE + 60, HIGH - 110), (510, HIGH - 110))
    sheet.arrow((UP, HIGH - 22), (UP, HIGH - 110), (540, HIGH - 110))
    sheet.sign(525, HIGH - 110, "×", kind="gate")
    sheet.arrow((525, HIGH - 125), (525, HIGH - 158), (330, HIGH - 158))
    sheet.shape(712, HIGH - 60, "batch", "time", "d_ff")
    sheet.box(270, HIGH - 158, "`down`", width=120, height=36)
    sheet.arrow((210, HIGH - 158), (PATH + 15, HIGH - 158))
    sheet.sign(PATH, HIGH - 158, "+", kind="path")
