"""A teacher and a student read the same text: `unrolled.distillation.distillation_loss`."""

from autograder.diagrams.sheet import SMALL, Sheet

TEACHER, LABELS, STUDENT = 88, 208, 328  # how far down each row is
TEXT, MODEL, SCORES, SOFT, PART, SUM = 76, 240, 420, 580, 750, 900  # how far to the right


def draw() -> Sheet:
    sheet = Sheet(980, 416, "Distillation")
    sheet.text(TEXT, LABELS - 18, "text")
    sheet.shape(TEXT, LABELS + 4, "batch", "time")
    for row in (TEACHER, STUDENT):
        sheet.arrow((TEXT, LABELS + (24 if row > LABELS else -36)), (TEXT, row), (MODEL - 66, row))
    sheet.box(MODEL, TEACHER, "teacher", "large, frozen", kind="function", width=132, height=60)
    sheet.box(MODEL, STUDENT, "student", "small, learns", width=132, height=60)
    for row, name in ((TEACHER, "teacher"), (STUDENT, "student")):
        sheet.arrow((MODEL + 66, row), (SOFT - 66, row))
        sheet.text(SCORES - 10, row - 18, f"`{name}_logits`", size=SMALL)
        sheet.shape(SCORES - 10, row + 20, "batch", "classes")
        sheet.box(SOFT, row, "÷ *T*, softmax", kind="function", width=132, height=44)
    sheet.arrow((SOFT + 66, TEACHER), (PART, TEACHER), (PART, TEACHER + 38))
    sheet.box(PART, TEACHER + 60, "KL(teacher ‖ student)", kind="function", width=186, height=44)
    sheet.arrow((SOFT + 66, STUDENT), (PART - 60, STUDENT), (PART - 60, TEACHER + 82))
    sheet.box(PART + 46, LABELS + 66, "cross-entropy", kind="function", width=136, height=44)
    sheet.dot(SCORES + 80, STUDENT)
    sheet.arrow((SCORES + 80, STUDENT), (SCORES + 80, STUDENT + 56), (PART + 16, STUDENT + 56), (PART + 16, LABELS + 88))
    sheet.text(PART + 92, STUDENT + 24, "right words", size=SMALL)
    sheet.arrow((PART + 92, STUDENT + 10), (PART + 92, LABELS + 88))
    sheet.sign(SUM, LABELS, "+")
    sheet.arrow((PART + 93, TEACHER + 60), (SUM, TEACHER + 60), (SUM, LABELS - 15))
    sheet.text(SUM + 12, TEACHER + 50, "*α* · *T*²", anchor="start", size=SMALL)
    sheet.arrow((PART + 114, LABELS + 66), (SUM, LABELS + 66), (SUM, LABELS + 15))
    sheet.text(SUM + 12, LABELS + 74, "1 − *α*", anchor="start", size=SMALL)
    sheet.arrow((SUM + 15, LABELS), (960, LABELS))
    sheet.text(946, LABELS - 18, "loss", size=SMALL)
    return sheet
