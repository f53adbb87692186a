"""Does a class with strange files in it get its grades, and is each that needs a look said?"""

import json
import os
import pickle
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder import __main__ as command_line
from autograder.grading.batch import grade_class, read_order
from autograder.grading.course import load_course
from autograder.grading.held import LARGE, digest, held
from autograder.grading.submission import Order
from tests.attacks import arena

PARAGRAPH = "rnn-in-your-own-words"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

OTHER = PIXEL.replace("jR9aw", "jR9bw")


def text_cell(notebook):
    return arena.find_cell(notebook, PARAGRAPH)


def paragraph(source, below=(), above=(), kind="markdown", **more):
    notebook = arena.answered(clip_gradients=arena.RIGHT)
    cell = text_cell(notebook)
    cell["source"] = source
    cell.update(more)
    place = notebook["cells"].index(cell)
    notebook["cells"][place : place + 1] = [*added(above, kind, "above"), cell, *added(below, kind, "below")]
    return notebook


def added(cells, kind, where):
    """Cells that a student adds: texts, or what each cell says."""
    for n, cell in enumerate(cells):
        said = cell if isinstance(cell, dict) else {"source": cell}
        outputs = {"outputs": [], "execution_count": None} if kind == "code" else {}
        yield {"cell_type": kind, "id": f"{where}-{n}", "metadata": {}, **outputs, **said}


def other_chapter(chapter="02_lstm_gru"):
    from autograder.build import student_notebook

    notebook = json.loads(json.dumps(student_notebook(chapter)))
    notebook["metadata"].pop("unrolled")
    return notebook


def conflicted():
    text = json.dumps(arena.perfect(), indent=1)
    side = '\n<<<<<<< HEAD\n   "execution_count": 3,\n=======\n   "execution_count": 4,\n>>>>>>> theirs\n'
    return text.replace('   "execution_count": null,', side, 1).encode()


def large():
    notebook = arena.perfect()
    output = [{"output_type": "stream", "name": "stdout", "text": "x" * 3_000_000}]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = output
    return notebook


TIMES = {
    "korean": "2026. 11. 25. 오후 8:43:00".encode(),
    "of_powershell": "2026-02-03 15:00:00 UTC".encode("utf-16"),
    "not_a_time": b"yesterday",
    "empty": b"",
    "not_text": bytes(range(128, 256)),
    "of_the_year_99999": b"99999-01-01 00:00:00",
}
FOLDERS = {"not_utf_8": b"h\xf6rer", "korean": "김하늘".encode(), "korean_of_windows": "김하늘".encode("cp949")}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = arena.new_course(tmp_path_factory.mktemp("files"))
    arena.hand_in(root, "ann", arena.perfect())
    for name, content in TIMES.items():
        (arena.hand_in(root, f"time_{name}", arena.perfect()) / "timestamp.txt").write_bytes(content)
    folder = arena.hand_in(root, "time_a_folder", arena.perfect())
    (folder / "timestamp.txt").mkdir()
    folder = arena.hand_in(root, "time_a_pipe", arena.perfect())
    os.mkfifo(folder / "timestamp.txt")
    for name in FOLDERS.values():
        arena.hand_in(root, os.fsdecode(name), arena.perfect())
    half = arena.perfect()
    arena.find_cell(half, "clip_gradients")["source"] += "\n# \ud83d"
    arena.hand_in(root, "half_an_emoji", half)
    arena.hand_in(root, "half_in_the_text", paragraph("A state \ud83d."))
    arena.hand_in(root, "other_chapter", other_chapter())
    arena.hand_in(root, "conflict", conflicted())
    arena.hand_in(root, "large", large())
    arena.hand_in(root, "cut_off", json.dumps(arena.perfect()).encode()[:-5000])
    arena.hand_in(root, "written_above", paragraph("YOUR ANSWER HERE\n\nThe state is a summary."))
    arena.hand_in(root, "written_below", paragraph("YOUR ANSWER HERE", ["The state is a summary.", "More of it."]))
    arena.hand_in(root, "placeholder_in_bold", paragraph("**YOUR ANSWER HERE**\n\nThe state is a summary."))
    arena.hand_in(root, "in_a_cell_above", paragraph("YOUR ANSWER HERE", above=["The state is a summary."]))
    arena.hand_in(root, "in_a_code_cell", paragraph("", ["The state is a summary."], kind="code"))
    arena.hand_in(root, "code_below", paragraph("", ["a = 1"], kind="code"))
    arena.hand_in(root, "emptied", paragraph(" \n"))
    alike = [{"source": "![](attachment:p.png)", "attachments": {"p.png": {"image/png": p}}} for p in (PIXEL, OTHER)]
    arena.hand_in(root, "two_pictures_of_one_name", paragraph("Two pictures.", alike))
    arena.hand_in(root, "only_attached", paragraph("", attachments={"p.png": {"image/png": PIXEL}}))
    picture = {"attachments": {"p.png": {"image/png": PIXEL}}}
    arena.hand_in(root, "with_a_picture", paragraph("See ![p](attachment:p.png)", **picture))
    arena.hand_in(root, "with_a_picture_in_the_text", paragraph(f"See ![p](data:image/png;base64,{PIXEL})"))
    script = {"p": {"image/svg+xml": "<svg onload='alert(1)'/>"}, "q": {"image/png": "<script>"}}
    arena.hand_in(root, "with_a_script", paragraph("[x](data:text/html;base64,AAAA)", attachments=script))
    records = grade_class(load_course(root), arena.CHAPTER, jobs=2, progress=False)
    return root, {record["student"]: record for record in records}


def notebook_of(course, student):
    path = course[0] / "autograded" / student / arena.CHAPTER / f"{arena.CHAPTER}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


def shown(course, student):
    return "".join(text_cell(notebook_of(course, student))["source"])


def flagged(course, student):
    with Gradebook(f"sqlite:///{course[0]}/gradebook.db") as book:
        return book.find_grade(PARAGRAPH, arena.CHAPTER, arena.CHAPTER, student).needs_manual_grade


@pytest.mark.parametrize("name", [*TIMES, "a_folder", "a_pipe"])
def test_does_a_time_that_nobody_can_read_cost_nothing_and_is_it_said(course, name):
    record = course[1][f"time_{name}"]
    assert record["points"] == 15
    readable = name == "of_powershell"
    assert any("timestamp.txt" in note for note in record["repairs"]) != readable
    assert any("timestamp.txt" in flag for flag in record["flags"]) != readable


@pytest.mark.parametrize("name", FOLDERS)
def test_does_a_folder_of_any_name_stop_nobody(course, name):
    record = course[1][os.fsdecode(FOLDERS[name])]
    assert record["points"] == 15 or record["problem"]
    assert course[1]["ann"]["points"] == 15


def test_is_half_an_emoji_graded_and_written(course):
    assert course[1]["half_an_emoji"]["points"] == 15
    assert "A state" in shown(course, "half_in_the_text")


def test_is_another_chapters_notebook_called_so_and_nobody_accused(course):
    record = course[1]["other_chapter"]
    assert not record["graded"] and record["points"] == 0 and record["verdicts"] == []
    assert "this is the notebook of 02_lstm_gru" in record["problem"]


def test_is_a_conflict_graded_and_flagged(course):
    record = course[1]["conflict"]
    assert record["points"] == 15 and any("conflict" in flag for flag in record["flags"])


def test_is_a_file_cut_off_graded_as_far_as_it_goes_and_flagged(course):
    record = course[1]["cut_off"]
    assert 0 < record["points"] <= 15 and any("damaged" in flag for flag in record["flags"])


def test_is_a_large_file_graded(course):
    assert (course[1]["large"]["points"], course[1]["large"]["flags"]) == (15, [])


def test_is_a_paragraph_found_around_what_was_handed_out(course):
    assert shown(course, "written_above") == "The state is a summary." and flagged(course, "written_above")
    assert shown(course, "written_below") == "The state is a summary.\n\nMore of it." and flagged(
        course, "written_below"
    )
    for student in ("placeholder_in_bold", "in_a_cell_above", "in_a_code_cell"):
        assert shown(course, student) == "The state is a summary." and flagged(course, student)
    assert not flagged(course, "emptied") and not flagged(course, "code_below")


def test_are_pictures_in_a_paragraph_shown_and_scripts_not(course):
    cell = text_cell(notebook_of(course, "with_a_picture"))
    assert cell["attachments"] == {"p.png": {"image/png": PIXEL}}
    assert f"data:image/png;base64,{PIXEL})" in shown(course, "with_a_picture_in_the_text")
    cell = text_cell(notebook_of(course, "two_pictures_of_one_name"))
    assert cell["source"] == "Two pictures.\n\n![](attachment:p.png)\n\n![](attachment:1-p.png)"
    assert cell["attachments"] == {"p.png": {"image/png": PIXEL}, "1-p.png": {"image/png": OTHER}}
    assert shown(course, "only_attached") == "![](attachment:p.png)" and flagged(course, "only_attached")
    cell = text_cell(notebook_of(course, "with_a_script"))
    assert "attachments" not in cell and "data:text" not in shown(course, "with_a_script")


def test_does_similar_compare_all_and_name_whom_it_leaves_out(course, capsys):
    (course[0] / "submitted" / "nobody" / arena.CHAPTER).mkdir(parents=True)
    arena.hand_in(course[0], "broken", b"{")
    assert command_line.main(["similar", arena.CHAPTER, "--course", str(course[0])]) == 0
    said = capsys.readouterr()
    assert "ann" in said.out and "half_an_emoji" in said.out
    assert "broken was left out" in said.err and "nobody was left out" in said.err


def test_says_the_command_who_needs_a_look(course, capsys):
    assert command_line.main(["grade", arena.CHAPTER, "--course", str(course[0]), "--jobs", "1"]) == 1
    said = capsys.readouterr().out
    assert "conflict of git" in said and "02_lstm_gru" in said


@pytest.mark.slow
def test_is_feedback_written_for_everybody_pictures_included(course):
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", arena.CHAPTER]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    folder = Path(arena.__file__).parents[2] / "autograder"
    for student in ("with_a_picture", "with_a_picture_in_the_text", "half_in_the_text", "half_an_emoji", "conflict"):
        options = [f"--CourseDirectory.root={course[0]}", f"--student={student}"]
        done = subprocess.run([*command, *options], cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        page = (course[0] / "feedback" / student / arena.CHAPTER / f"{arena.CHAPTER}.html").read_text(encoding="utf-8")
        assert (PIXEL in page) == student.startswith("with_a_picture")


def test_are_large_files_not_all_in_memory_at_once(tmp_path):
    large, small = tmp_path / "large.ipynb", tmp_path / "small.ipynb"
    large.write_bytes(b" " * (LARGE + 1))
    small.write_bytes(b"{}")
    kept = held(large)
    assert len(pickle.dumps(kept)) < 1000 and held(small) == b"{}"
    assert kept.read() == large.read_bytes() and digest(kept) == digest(large.read_bytes())
    large.write_bytes(b"x" * (LARGE + 1))
    with pytest.raises(OSError, match="changed"):
        kept.read()


def test_is_what_is_no_file_said_to_be_none(tmp_path):
    order = Order(arena.CHAPTER, "", "", None, 1, "forks")
    course = load_course(tmp_path)
    kinds = {"link": lambda path: path.symlink_to("/etc/passwd"), "pipe": os.mkfifo, "folder": Path.mkdir}
    kinds["socket"] = lambda path: os.mknod(path, stat.S_IFSOCK | 0o600)
    for student, make in kinds.items():
        folder = tmp_path / "submitted" / student / arena.CHAPTER
        folder.mkdir(parents=True)
        make(folder / f"{arena.CHAPTER}.ipynb")
        read = read_order(course, replace(order, student=student))
        assert read.content is None and ("is not a plain file" in read.problem or "Is a directory" in read.problem)


def test_are_jupyters_own_folders_no_students(tmp_path):
    for name in ("ann", ".ipynb_checkpoints"):
        (tmp_path / "submitted" / name / arena.CHAPTER).mkdir(parents=True)
    assert load_course(tmp_path).students(arena.CHAPTER) == ["ann"]
