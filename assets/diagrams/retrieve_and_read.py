"""Retrieve, read, cite: from a folder of texts and a question to an answer with its source (`unrolled.retrieval`)."""

from autograder.diagrams.sheet import GREY, SMALL, Sheet

FOLDER, CHUNKS, INDEX, FUSED, READER, ANSWER = 80, 226, 400, 590, 760, 924  # how far to the right
WORDS, MIDDLE, VECTORS, QUESTION = 110, 186, 262, 372  # how far down


def draw() -> Sheet:
    sheet = Sheet(1000, 428, "Retrieve, read, cite")
    sheet.frame(148, 62, 336, 250)
    sheet.text(166, 82, "`Index`, made once and kept", anchor="start", size=SMALL, colour=GREY)
    sheet.box(FOLDER, MIDDLE, "folder", "text files", kind="function", width=104, height=56)
    sheet.arrow((FOLDER + 52, MIDDLE), (CHUNKS - 58, MIDDLE))
    sheet.box(CHUNKS, MIDDLE, "`chunk_text`", "passages", kind="function", width=116, height=56)
    sheet.box(INDEX, WORDS + 26, "BM25", "words of each", kind="function", width=132, height=52)
    sheet.box(INDEX, VECTORS, "`Towers`", "a vector of each", width=132, height=52)
    sheet.arrow((CHUNKS, MIDDLE - 28), (CHUNKS, WORDS + 26), (INDEX - 66, WORDS + 26))
    sheet.arrow((CHUNKS, MIDDLE + 28), (CHUNKS, VECTORS), (INDEX - 66, VECTORS))
    sheet.text(INDEX, 24, "question")
    sheet.arrow((INDEX, 38), (INDEX, WORDS))
    sheet.text(INDEX, QUESTION + 18, "the same question")
    sheet.arrow((INDEX, QUESTION), (INDEX, VECTORS + 26))
    sheet.box(FUSED, MIDDLE + 14, "fused ranks", "5 passages", kind="function", width=124, height=56)
    sheet.arrow((INDEX + 66, WORDS + 26), (FUSED, WORDS + 26), (FUSED, MIDDLE - 14))
    sheet.arrow((INDEX + 66, VECTORS), (FUSED, VECTORS), (FUSED, MIDDLE + 42))
    sheet.arrow((FUSED + 62, MIDDLE + 14), (READER - 62, MIDDLE + 14))
    sheet.box(READER, MIDDLE + 14, "reader", "marks a span", width=124, height=56)
    sheet.arrow((INDEX + 80, QUESTION + 18), (READER, QUESTION + 18), (READER, MIDDLE + 42))
    sheet.arrow((READER + 62, MIDDLE + 14), (ANSWER - 56, MIDDLE + 14))
    sheet.text(ANSWER + 4, MIDDLE + 2, "answer", bold=True)
    sheet.text(ANSWER + 4, MIDDLE + 24, "[file, part]", size=SMALL, colour=GREY)
    return sheet
