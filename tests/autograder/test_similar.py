"""Does a copy stand out, in disguise too, and does what everybody was given count for nothing?"""

import inspect
import json
import os
import re
import time

import pytest

from autograder import __main__ as command_line
from autograder import similar
from autograder.chapters import CHAPTERS
from autograder.exercises import chapter_exercises, chapter_of
from tests.attacks import arena


def own(name, text):
    """A notebook in which every answer is the reference, rewritten by `text`."""
    notebook = arena.handed_out()
    for exercise in chapter_exercises(arena.CHAPTER):
        arena.find_cell(notebook, exercise.name)["source"] = text(exercise.source)
    return notebook


def own_cell(source):
    """A notebook with this answer to `rnn_step`."""
    return json.dumps(arena.answered(rnn_step=source)).encode()


def renamed(source):
    """A copy in disguise: other names, other layout, no comments."""
    for old, new in (("states", "hidden_all"), ("state", "hidden"), ("total", "summed"), ("logits", "scores_all")):
        source = source.replace(old, new)
    return "# all my own work\n\n" + source.replace("\n\n", "\n")


OTHER = "def {name}(*everything, **more):\n    results = [abs(hash(str(part))) for part in everything]\n    while len(results) < 7:\n        results.append(results[-1] // 3 + len(more))\n    return sorted(results, reverse=True)[:5]\n"


def test_is_a_disguised_copy_named_and_an_answer_of_ones_own_not(tmp_path, capsys):
    root = arena.new_course(tmp_path / "course")
    arena.hand_in(root, "ann", own("ann", lambda source: source))
    arena.hand_in(root, "ben", own("ben", renamed))
    other = arena.handed_out()
    for exercise in chapter_exercises(arena.CHAPTER):
        arena.find_cell(other, exercise.name)["source"] = OTHER.format(name=exercise.name)
    arena.hand_in(root, "cleo", other)
    arena.hand_in(root, "idle", arena.handed_out())
    arena.hand_in(root, "dan", b"{")
    assert command_line.main(["similar", arena.CHAPTER, "--course", str(root)]) == 0
    said = capsys.readouterr().out
    assert "ann  ben" in said and "cleo" not in said and "idle" not in said and "1 pairs" in said
    report = (root / "similar" / f"{arena.CHAPTER}.html").read_text(encoding="utf-8")
    assert "ann.py" in report and "ben.py" in report and str(tmp_path) not in report


def test_are_names_and_letters_of_any_kind_shown_and_not_obeyed(tmp_path, capsys):
    root = arena.new_course(tmp_path / "course")
    names = ["<img src=x onerror=alert(1)>", "가" * 80, "back\x1b[2Jslash\\"]
    for name in names:
        arena.hand_in(root, name, own(name, lambda source: source + "\n# \ud83d </pre><script>alert(2)</script>"))
    assert command_line.main(["similar", arena.CHAPTER, "--course", str(root)]) == 0
    report = (root / "similar" / f"{arena.CHAPTER}.html").read_text(encoding="utf-8")
    said = capsys.readouterr().out
    assert "<img src=x" not in report and "&lt;img src=x onerror=alert(1)&gt;.py" in report
    assert "<script>alert(2)" not in report and "3 pairs" in said and "\x1b" not in said + report


def test_are_two_answers_needed_to_compare(tmp_path, capsys):
    root = arena.new_course(tmp_path / "course")
    arena.hand_in(root, "ann", arena.perfect())
    assert command_line.main(["similar", arena.CHAPTER, "--course", str(root)]) == 2
    assert "two are needed" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["grade", "similar"])
def test_is_a_chapter_that_does_not_exist_said(command, capsys):
    assert command_line.main([command, "99_nothing"]) == 2
    assert "There is no chapter '99_nothing'" in capsys.readouterr().err


HOSTILE = {
    "nested": b"[" * 400_000,
    "brackets": b'{"cells": [' + b"[]," * 400_000,
    "attributes": own_cell("x = a" + ".b" * 60_000),
    "imports": own_cell("import a" + ".b" * 60_000),
    "the same again and again": own_cell("x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n" * 5000),
    "statements": own_cell("\n".join(f"a{i} = {i}" for i in range(60_000))),
    "f-string": own_cell("x = f'" + "{1}" * 50_000 + "'"),
    "endless name": own_cell("x" * 900_000 + " = 1"),
}


def test_does_a_file_that_is_made_to_take_long_cost_its_time_and_no_other_its_place(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(similar, "SECONDS", 4.0)
    root = arena.new_course(tmp_path / "course")
    arena.hand_in(root, "ann", own("ann", lambda source: source))
    arena.hand_in(root, "ben", own("ben", renamed))
    for name, content in HOSTILE.items():
        arena.hand_in(root, name, content)
    started = time.process_time()
    assert command_line.main(["similar", arena.CHAPTER, "--course", str(root)]) == 0
    assert time.process_time() - started < 60, "what this process itself does with them"
    said = capsys.readouterr()
    assert "ann  ben" in said.out
    assert "nested was left out" in said.err and "f-string was left out" in said.err


def test_is_who_ends_the_program_that_reads_left_out_and_said(tmp_path, capsys, monkeypatch):
    root = arena.new_course(tmp_path / "course")
    for name in ("ann", "ben", "mallory"):
        arena.hand_in(root, name, own(name, lambda source, name=name: source + f"\n# {name}\n"))
    taken_apart = similar.rebuild

    def ends(content, *rest):
        return os._exit(1) if b"mallory" in content else taken_apart(content, *rest)

    monkeypatch.setattr(similar, "rebuild", ends)
    assert command_line.main(["similar", arena.CHAPTER, "--course", str(root)]) == 0
    said = capsys.readouterr()
    assert "ann  ben" in said.out and "mallory was left out: It stops the program" in said.err


def varied(n):
    """Right answers whose own style differs from those of others."""
    return lambda source: (
        source
        + "\n\n"
        + "\n".join(
            f"def helper_{n}_{k}(x):\n    return [x ** {n + k}, {'+'.join(['x'] * (k % 4 + 1))}, x // {k + 1}, x % {n + 2}, {n} < x < {k}]"
            for k in range(n % 5 + 1)
        )
    )


def test_are_names_on_both_axes_and_is_the_page_small_with_a_class_of_thirty(tmp_path, capsys):
    root = arena.new_course(tmp_path / "course")
    for n in range(30):
        arena.hand_in(root, f"student{n:02d}", own("", varied(n)))
    assert command_line.main(["similar", arena.CHAPTER, "--course", str(root)]) == 0
    report = root / "similar" / f"{arena.CHAPTER}.html"
    text = report.read_text(encoding="utf-8")
    assert report.stat().st_size < 400_000
    assert text.count("<details>") == 20, "the twenty strongest pairs"
    across, down = (re.findall(rf'<th scope="{axis}">(.*?)</th>', text) for axis in ("col", "row"))
    assert across == down and len(across) > 2 and set(across) <= {f"student{n:02d}" for n in range(30)}


def test_is_an_answer_that_equals_the_public_solution_but_for_names_marked(tmp_path):
    root = arena.new_course(tmp_path / "course")
    arena.hand_in(root, "ann", own("ann", renamed))
    arena.hand_in(root, "cleo", arena.answered(rnn_step=OTHER.format(name="rnn_step")))
    assert command_line.main(["similar", arena.CHAPTER, "--course", str(root)]) == 0
    text = (root / "similar" / f"{arena.CHAPTER}.html").read_text(encoding="utf-8")
    (marked,) = re.findall(r"<li>(.*?)</li>", text)
    assert marked.startswith("ann: ") and {e.name for e in chapter_exercises(arena.CHAPTER)} == set(
        marked[5:].split(", ")
    )


def test_is_a_copy_of_last_years_found_and_last_years_own_pairs_not(tmp_path, capsys):
    root, before = arena.new_course(tmp_path / "course"), tmp_path / "2025"
    arena.hand_in(root, "ann", own("ann", lambda source: source))
    arena.hand_in(root, "cleo", arena.answered(rnn_step=OTHER.format(name="rnn_step")))
    arena.hand_in(before, "old", own("old", renamed))
    arena.hand_in(before, "older", own("older", renamed))
    assert command_line.main(["similar", arena.CHAPTER, "--course", str(root), "--past", str(before)]) == 0
    said = capsys.readouterr().out
    assert "ann  2025/old\n" in said and "ann  2025/older\n" in said and "2 pairs" in said
    assert command_line.main(["similar", arena.CHAPTER, "--course", str(root), "--past", str(tmp_path)]) == 2
    assert str(tmp_path / "submitted") in capsys.readouterr().err


def test_is_nothing_said_of_two_right_answers_that_nobody_copied(tmp_path, capsys):
    """The shortest exercise whose right answers are most alike: two of the course's own styles."""
    exercise = max((e for chapter in CHAPTERS for e in chapter_exercises(chapter)), key=lambda e: similar.expected(e))
    sources = [exercise.source, *(inspect.getsource(answer) for answer in exercise.accepts)]
    answers = {str(n): {exercise.name: source} for n, source in enumerate(sources)}
    pairs = similar.compare(answers, chapter_of(exercise), "")
    assert all(pair.share == 0 for pair in pairs)
    copied = similar.compare(
        {"a": {exercise.name: sources[0]}, "b": {exercise.name: sources[0]}}, chapter_of(exercise), ""
    )
    assert copied[0].share == 1


def test_does_what_was_handed_out_count_for_nothing():
    """A demonstration that everybody has among their cells."""
    source = chapter_exercises(arena.CHAPTER)[0].source
    one = {"helpers": source + "\n"}
    assert similar.compare({"a": one, "b": one}, arena.CHAPTER, "")[0].share == 1
    assert similar.compare({"a": one, "b": one}, arena.CHAPTER, source)[0].share == 0
