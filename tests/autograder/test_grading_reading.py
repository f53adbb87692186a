"""Does damage to a file cost what is damaged and no more, and is everything lost said?"""

import contextlib
import json
import time

import pytest

from autograder.grading.inside import reading
from autograder.grading.inside.reading import Unreadable, decode, first_side, read


def cell(source, kind="code", **more):
    base = {"cell_type": kind, "id": f"c{len(str(source))}", "metadata": {}, "source": source}
    return {**base, "outputs": [], "execution_count": None, **more} if kind == "code" else {**base, **more}


def notebook(*cells, **metadata):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells)}


LINES = ["def f(x):\n", "    return x\n"]
CELLS = [cell("first = 1"), cell(LINES), cell("last = 3")]
WHOLE = json.dumps(notebook(*CELLS), indent=1)


def sources(text):
    found = read(text.encode() if isinstance(text, str) else text)
    return [c.source for c in found.cells], found


def conflict(ours, theirs, base=None):
    middle = "" if base is None else f"||||||| base\n{base}\n"
    return f"<<<<<<< HEAD\n{ours}\n{middle}=======\n{theirs}\n>>>>>>> other\n"


@pytest.mark.parametrize("base", [None, '   "execution_count": 8,'])
def test_costs_a_conflict_in_one_cell_no_other_cell(base):
    text = WHOLE.replace(
        '   "execution_count": null', conflict('   "execution_count": 7', '   "execution_count": 9', base), 1
    )
    found, notes = sources(text)
    assert found == ["first = 1", "".join(LINES), "last = 3"]
    assert any("conflict of git" in note for note in notes.lost)


def test_is_a_conflict_in_a_source_its_first_side():
    text = WHOLE.replace('    "    return x\\n"', conflict('    "    return x\\n"', '    "    return 2 * x\\n"'))
    assert sources(text)[0] == ["first = 1", "".join(LINES), "last = 3"]


def test_is_a_conflict_within_the_text_of_a_cell_its_first_side():
    found, notes = sources(json.dumps(notebook(cell(conflict("x = 1", "x = 2")))))
    assert found == ["x = 1\n"] and notes.lost


def test_does_a_conflict_without_an_end_lose_no_line():
    assert first_side("a\n<<<<<<< HEAD\nb\n=======\nc\n") == "a\n<<<<<<< HEAD\nb\n=======\nc\n"


def test_is_a_conflict_over_several_cells_read_as_far_as_it_goes():
    two = conflict(json.dumps(cell("ours = 1")) + ",", json.dumps(cell("theirs = 1")) + ",")
    text = f'{{"cells": [\n{json.dumps(cell("a = 1"))},\n{two}{json.dumps(cell("z = 1"))}\n], "metadata": {{}}}}'
    assert sources(text)[0] == ["a = 1", "ours = 1", "z = 1"]


BROKEN_OUTPUT = cell("middle = 2", outputs=[{"output_type": "stream", "name": "stdout", "text": ["BREAK"]}])


@pytest.mark.parametrize(
    "breakage",
    ['"\\x', '"unfinished', '"a" "b"', "NUL\0", '"a"]]', "{", "\\", '"\n<html>'],
)
def test_costs_one_broken_output_nothing(breakage):
    text = json.dumps(notebook(cell("first = 1"), BROKEN_OUTPUT, cell("last = 3")), indent=1)
    found, notes = sources(text.replace('"BREAK"', breakage))
    assert found == ["first = 1", "middle = 2", "last = 3"]
    assert any("damaged" in note for note in notes.lost)


def test_does_a_broken_cell_keep_its_ids_and_what_of_its_source_can_be_read():
    ours = cell(["def f():\n", "    BREAK\n", "    return 1"], metadata={"nbgrader": {"grade_id": "f"}}, id="f")
    text = json.dumps(notebook(cell("a = 1"), ours, cell("z = 1")), indent=1).replace(
        '"    BREAK\\n",', '"    BREAK\\q",'
    )
    found = read(text.encode()).cells
    assert [c.source for c in found] == ["a = 1", "def f():\n    return 1", "z = 1"]
    assert (found[1].id, found[1].grade_id) == ("f", "f")


@pytest.mark.parametrize("end", range(60, len(WHOLE), 37))
def test_is_a_file_cut_off_anywhere_read_up_to_there(end):
    try:
        found, notes = sources(WHOLE[:end])
    except Unreadable:
        assert '"source"' not in WHOLE[:end]
        return
    whole = sum(WHOLE[:end].count(json.dumps(text)[:-1] + '"') for text in ("first = 1", "last = 3"))
    assert len(found) >= whole
    assert all(
        any(source.startswith(text[:1]) for text in ("first = 1", "def", "last = 3")) or not source for source in found
    )
    assert notes.lost


def test_is_a_file_without_its_beginning_read_from_its_first_whole_cell():
    found, _ = sources(WHOLE[WHOLE.index("first") :])
    assert found == ["".join(LINES), "last = 3"]


def test_are_two_files_in_one_both_read():
    assert sources(WHOLE + "\n" + WHOLE)[0] == ["first = 1", "".join(LINES), "last = 3"] * 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp949", "euc-kr"])
def test_is_korean_read_in_every_encoding_that_a_computer_writes(encoding):
    text = json.dumps(notebook(cell("# 상태는 요약이다.", "markdown")), ensure_ascii=False)
    assert sources(text.encode(encoding))[0] == ["# 상태는 요약이다."]


def test_do_a_few_bad_bytes_not_turn_a_korean_file_into_another_encoding():
    text = json.dumps(notebook(cell("# 상태는 요약이다. 그리고 기억이다.", "markdown")), ensure_ascii=False).encode()
    place = text.index("요".encode())
    found, notes = sources(text[:place] + b"\xff" + text[place + 3 :])
    assert found == ["# 상태는 �약이다. 그리고 기억이다."]
    assert notes.lost and notes.repairs


def test_is_german_of_an_old_computer_read():
    text = json.dumps(notebook(cell("# größere Gradienten")), ensure_ascii=False)
    assert sources(text.encode("cp1252"))[0] == ["# größere Gradienten"]


def test_is_half_an_emoji_replaced_and_a_whole_one_in_two_halves_joined():
    text = '{"cells": [{"cell_type": "code", "source": "a = \\"\\ud83d\\" # \\ud83d\\ude00"}]}'
    found, notes = sources(text)
    assert found == ['a = "�" # 😀'] and notes.repairs
    found[0].encode()
    assert read(json.dumps({"cells": [{"source": "x", "id": "\ud83d"}]}).encode()).cells[0].id == "�"


def test_is_large_not_wrong():
    picture = "![x](data:image/png;base64," + "iVBORw0K" * 200_000 + ")"
    output = [{"output_type": "stream", "name": "stdout", "text": "x" * 5_000_000}]
    cells = [cell(picture, "markdown")] * 3 + [cell("a = 1", outputs=output)] * 3
    found, notes = sources(json.dumps(notebook(*cells)))
    assert len(found) == 6 and not notes.lost


@pytest.mark.parametrize("name, value", [("MOST_LETTERS", 50), ("MOST_CODE", 80)])
def test_does_a_limit_that_bites_say_its_number(monkeypatch, name, value):
    monkeypatch.setattr(reading, name, value)
    found, notes = sources(json.dumps(notebook(cell("a = 1"), cell("b" * 90), cell("c = 1"))))
    assert found == ["a = 1", "c = 1"]
    assert f"at most {value}" in notes.lost[0] and "Cell 2" in notes.lost[0]


def test_are_too_many_cells_and_too_many_bytes_said(monkeypatch):
    monkeypatch.setattr(reading, "MOST_CELLS", 2)
    found, notes = sources(json.dumps(notebook(*CELLS)))
    assert len(found) == 2 and "3 cells; only the first 2" in notes.lost[0]
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    with pytest.raises(Unreadable, match="at most 0 MB can be graded"):
        read(WHOLE.encode())


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "empty"),
        (b"PK\x03\x04....", "a ZIP archive"),
        (b"%PDF-1.7", "a PDF"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"Dear teacher", "not a notebook"),
        (b'{"kind": "drive#file"}', "not a notebook"),
        (b"[]", "no cells"),
        (b"\0\0\0\0", "not a notebook"),
    ],
)
def test_is_what_is_no_notebook_called_what_it_is(content, said):
    with pytest.raises(Unreadable, match=said):
        read(content)


HOSTILE = {
    "brackets": b"[" * 2_000_000,
    "empty lists": b"[" + b"[]," * 700_000,
    "starts of cells": b'{"cells": [' + b'{"source":[' * 200_000,
    "strings without an end": b'{"cells": [' + b'{"source": "x' * 150_000,
    "quotes and backslashes": b'{"cells": [{"source": "' + b'\\"' * 1_000_000,
    "marks of conflicts": b"<<<<<<< a\n" * 200_000,
    "spaces": b'{"cells": [{"source"' + b" " * 2_000_000,
    "a long number": b'{"cells": [{"source": ' + b"9" * 2_000_000 + b"}]}",
    "nested cells": b'{"cells": [' + b'{"cell_type": {"cell_type": ' * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_is_reading_a_hostile_file_linear_and_bounded(name):
    content = HOSTILE[name]

    def seconds(part):
        started = time.process_time()
        with contextlib.suppress(Unreadable):
            read(part)
        return time.process_time() - started

    half, whole = seconds(content[: len(content) // 2]), seconds(content)
    assert whole < 5 and whole < 4 * half + 0.5


def test_is_decoding_a_form_of_its_own():
    assert decode("é".encode(), reading.Notebook()) == "é"
