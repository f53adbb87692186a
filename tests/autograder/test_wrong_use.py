"""Does wrong use get one sentence and status 2, and change nothing?"""

import csv
import json

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.exportapp import ExportApp

from autograder import __main__ as command_line
from autograder.build import instructor_notebook
from autograder.grading.course import load_course
from autograder.grading.gradebook import open_book
from autograder.lms import export
from tests.attacks import arena

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section
"Kim, Minsu",4711,S-1,minsu,"Deep, 1"
"박, 서연",4713,S-3,,"Deep, 1"
"""
MOODLE = """\
First name,Last name,ID number,Email address
Minsu,Kim,S-1,minsu@example.org
Åsa,Berg,S-7,asa@example.org
"""


def refused(capsys, *arguments):
    """The sentence with which a command is refused, on one line."""
    try:
        status = command_line.main([str(argument) for argument in arguments])
    except SystemExit as end:
        status = end.code
    said = capsys.readouterr()
    assert status == 2 and said.out == "" and len(said.err.strip().splitlines()) == 1, (status, said)
    return said.err


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--jobs", "0", "a whole number of at least 1"),
        ("--jobs", "two", "a whole number of at least 1"),
        ("--seconds", "-1", "a number of at least 0.1"),
        ("--seconds", "nan", "a number of at least 0.1"),
        ("--nobody-knows", "it", "unrecognized arguments"),
    ],
)
def test_is_an_option_that_means_nothing_refused(capsys, option, value, expected):
    assert expected in refused(capsys, "grade", arena.CHAPTER, option, value)


def test_is_a_share_beyond_all_refused(capsys):
    assert "'80' is given, and expected is a number from 0 to 1" in refused(
        capsys, "similar", arena.CHAPTER, "--share", 80
    )


@pytest.mark.parametrize("command", ["grade", "similar"])
def test_is_nobody_said_with_the_path_that_was_looked_at(tmp_path, capsys, command):
    root = arena.new_course(tmp_path / "course")
    assert str(root / "submitted" / "STUDENT" / arena.CHAPTER) in refused(
        capsys, command, arena.CHAPTER, "--course", root
    )


def test_is_a_missing_class_list_said(tmp_path, capsys):
    assert "No such file or directory; expected the file" in refused(
        capsys, "roster", tmp_path / "class.csv", "--course", tmp_path
    )


def exported(root, target, capsys):
    """The status of an export for Canvas, and what it says."""
    app = ExportApp()
    app.coursedir = load_course(root).directory
    plugin = export.Canvas(parent=app, to=str(target))
    try:
        with open_book(app.coursedir) as book:
            plugin.export(book.gradebook)
    except SystemExit as end:
        return end.code, capsys.readouterr().err
    return 0, ""


def test_are_a_missing_roster_and_an_existing_file_one_sentence_of_an_export(tmp_path, capsys):
    root = arena.new_course(tmp_path / "course")
    status, said = exported(root, tmp_path / "canvas.csv", capsys)
    assert status == 2 and "import the class with" in said and len(said.splitlines()) == 1
    (tmp_path / "canvas.csv").write_text("mine")
    (tmp_path / "class.csv").write_text(CANVAS, encoding="utf-8")
    assert command_line.main(["roster", str(tmp_path / "class.csv"), "--course", str(root)]) == 0
    status, said = exported(root, tmp_path / "canvas.csv", capsys)
    assert status == 2 and "exists and was left as it is" in said and len(said.splitlines()) == 1
    assert (tmp_path / "canvas.csv").read_text() == "mine"


@pytest.mark.parametrize("order", [(CANVAS, MOODLE), (MOODLE, CANVAS)], ids=["Canvas first", "Moodle first"])
def test_are_the_lists_of_two_lmss_one_class(tmp_path, capsys, order):
    root = arena.new_course(tmp_path / "course")
    for text in (*order, order[0]):
        (tmp_path / "class.csv").write_text(text, encoding="utf-8")
        assert command_line.main(["roster", str(tmp_path / "class.csv"), "--course", str(root)]) == 0
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        minsu = next(s for s in book.students if s.first_name == "Minsu")
        assert sorted(s.last_name for s in book.students) == ["Berg", "Kim", "박"]
        assert (minsu.id, minsu.lms_user_id, minsu.email) == (
            "minsu" if order[0] is CANVAS else "S-1",
            "4711",
            "minsu@example.org",
        )
    assert exported(root, tmp_path / "canvas.csv", capsys)[0] == 0
    with open(tmp_path / "canvas.csv", encoding="utf-8", newline="") as file:
        assert [row[0] for row in csv.reader(file)] == ["Student", "    Points Possible", "Kim, Minsu", "박, 서연"]


def test_is_who_could_be_two_of_the_other_list_refused(tmp_path, capsys):
    root = arena.new_course(tmp_path / "course")
    canvas = CANVAS + '"Kim, Minsoo",4799,S-8,minsu@example.org,x\n'
    for text in (canvas, MOODLE):
        (tmp_path / "class.csv").write_text(text, encoding="utf-8")
        arguments = ["roster", str(tmp_path / "class.csv"), "--course", str(root)]
        status = command_line.main(arguments)
    said = capsys.readouterr().err
    assert status == 2 and "'S-1' could be 'minsu' or 'minsu@example.org'" in said


def without(*names):
    """The instructor's notebook without these exercises."""
    notebook = instructor_notebook(arena.CHAPTER)
    gone = {*names, *(f"{name}-check" for name in names)}
    notebook.cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") not in gone]
    return notebook


def put_source(root, notebook):
    (root / "source" / arena.CHAPTER / f"{arena.CHAPTER}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def cells(root):
    """What the gradebook has of ann's grades."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        notebook = book.find_submission_notebook(arena.CHAPTER, arena.CHAPTER, "ann")
        assert {g.cell.name for g in notebook.grades} == {c.name for c in notebook.notebook.grade_cells}
        return {g.name: g.score for g in notebook.grades}


def test_does_the_gradebook_follow_a_notebook_from_which_an_exercise_went_and_refuse_one_that_came(tmp_path, capsys):
    root = arena.new_course(tmp_path / "course")
    arena.hand_in(root, "ann", arena.perfect())
    command = ["grade", arena.CHAPTER, "--course", str(root), "--jobs", "1"]
    assert command_line.main(command) == 0 and cells(root)["rnn_step-check"] == 3
    with open_book(load_course(root).directory) as book:
        book.prepare(arena.CHAPTER, json.dumps(without("rnn_step")))
    assert "rnn_step-check" not in cells(root) and cells(root)["unroll-check"] == 3
    capsys.readouterr()
    said = refused(capsys, *command)
    assert "rnn_step was added when 1 submissions were in the gradebook" in said and "--added" in said
    assert "rnn_step-check" not in cells(root)
    assert command_line.main([*command, "--added"]) == 0
    assert cells(root)["rnn_step-check"] == 3, "it was in the notebook that was handed in"
