"""Several heads side by side: `unrolled.self_attention.MultiHeadAttention`."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

COLUMNS = {"query": 190, "key": 400, "value": 610}
IN, LAYERS, ATTEND, TOGETHER, OUTPUT = 566, 470, 310, 200, 116


def draw() -> Sheet:
    sheet = Sheet(800, 600, "Multi-head attention")
    middle = COLUMNS["key"]
    sheet.text(middle + 14, IN, "*x*", anchor="start")
    sheet.shape(middle + 40, IN, "batch", "time", "d_model", anchor="start")
    sheet.dot(middle, 532)
    sheet.arrow((middle, 590), (middle, LAYERS + 24))
    for name, x in COLUMNS.items():
        if x != middle:
            sheet.arrow((middle, 532), (x, 532), (x, LAYERS + 24))
        sheet.box(x, LAYERS, f"`{name}`", width=140, height=48)
        sheet.arrow((x, LAYERS - 24), (x, ATTEND + 32))
    sheet.text(middle + 14, 404, "each is cut into heads:", size=SMALL, anchor="start", colour=GREY)
    sheet.text(28, 404, "`(batch, heads,`", size=SMALL, anchor="start", colour=GREY)
    sheet.text(28, 422, "` time, d_k)`", size=SMALL, anchor="start", colour=GREY)
    sheet.box(middle, ATTEND, "`scaled_dot_product_attention`", "every head on its own", kind="function", width=560, height=64)
    sheet.arrow((middle, ATTEND - 32), (middle, TOGETHER + 22))
    sheet.box(middle, TOGETHER, "the heads side by side again", kind="function", width=280, height=44)
    sheet.arrow((middle, TOGETHER - 22), (middle, OUTPUT + 24))
    sheet.box(middle, OUTPUT, "`output`", "mixes what the heads found", width=280, height=48)
    sheet.arrow((middle, OUTPUT - 24), (middle, 22))
    sheet.shape(middle + 14, 52, "batch", "time", "d_model", anchor="start")
    return sheet
