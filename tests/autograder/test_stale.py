"""Is nothing stale: does what a person said of an earlier text wait for a second look, and is it said what waits?"""

import json
from concurrent.futures import ThreadPoolExecutor

import pandas
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.exportapp import ExportApp

from autograder import __main__ as command_line
from autograder.grading import batch, sandbox, walls
from autograder.grading.batch import grade_class
from autograder.grading.course import load_course
from autograder.grading.gradebook import open_book
from autograder.lms import export, scores
from tests.attacks import arena


@pytest.fixture(scope="module", autouse=True)
def one_sandbox_for_all():
    """The sandbox stays warm from one test to the next."""
    forget = batch.forget_sandbox
    batch.forget_sandbox = lambda chapter, mode: None
    yield
    batch.forget_sandbox = forget
    sandbox.forget_sandbox(arena.CHAPTER, walls.FORKS)


@pytest.fixture
def root(tmp_path):
    return arena.new_course(tmp_path / "course")


def written(text, notebook=None):
    """A solved notebook with this paragraph."""
    notebook = notebook or arena.perfect()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and "nbgrader" in cell["metadata"]:
            cell["source"] = text
    return notebook


def grade(root, **options):
    with ThreadPoolExecutor(1) as executor:
        return grade_class(load_course(root), arena.CHAPTER, executor=executor, progress=False, **options)


def book_of(root):
    return Gradebook(f"sqlite:///{root}/gradebook.db")


def paragraph(book, student="ann"):
    notebook = book.find_submission_notebook(arena.CHAPTER, arena.CHAPTER, student)
    return next(grade for grade in notebook.grades if not grade.name.endswith("-check"))


def grade_by_hand(root, points, comment, student="ann"):
    """What Formgrader does when somebody types points and a comment."""
    with book_of(root) as book:
        found = paragraph(book, student)
        found.manual_score, found.needs_manual_grade = points, False
        book.find_comment(found.name, arena.CHAPTER, arena.CHAPTER, student).manual_comment = comment
        book.db.commit()


def hand_graded(root):
    """The points of ann's paragraph, its comment, and whether somebody should look at it."""
    with book_of(root) as book:
        found = paragraph(book)
        comment = book.find_comment(found.name, arena.CHAPTER, arena.CHAPTER, "ann").manual_comment
        return found.manual_score, comment, found.needs_manual_grade


def flagged(root, capsys, *more):
    """The status of `flags`, and what it prints."""
    capsys.readouterr()
    status = command_line.main(["flags", arena.CHAPTER, "--course", str(root), *more])
    return status, capsys.readouterr().out


def test_do_points_of_a_paragraph_wait_for_a_second_look_once_it_changes_and_only_then(root, capsys):
    arena.hand_in(root, "ann", written("What I think."))
    grade(root)
    status, said = flagged(root, capsys)
    assert status == 1 and "ann: to grade by hand: " in said and "make teach" in said
    grade_by_hand(root, 2, "Say why.")
    assert flagged(root, capsys) == (0, "Nothing waits for you.\n")
    grade(root, again=True)
    assert hand_graded(root) == (2, "Say why.", False), "the same text: nothing to look at"
    arena.hand_in(root, "ann", written("What I think now."))
    assert "handed in again since it was graded" in flagged(root, capsys)[1]
    grade(root)
    assert hand_graded(root) == (2, "Say why.", True), "kept, and marked"
    grade(root, again=True)
    assert hand_graded(root) == (2, "Say why.", True), "until somebody looks"
    status, said = flagged(root, capsys)
    assert status == 1 and "to look at again" in said and "(2 points)" in said
    grade_by_hand(root, 1, "Better.")
    assert flagged(root, capsys)[0] == 0


def test_does_a_comment_on_an_answer_that_has_changed_wait_for_a_second_look(root, capsys):
    arena.hand_in(root, "ann", arena.perfect())
    grade(root)
    with book_of(root) as book:
        book.find_comment("unroll", arena.CHAPTER, arena.CHAPTER, "ann").manual_comment = "Elegant!"
        book.db.commit()
    grade(root, again=True)
    assert flagged(root, capsys)[0] == 0
    changed = arena.perfect()
    arena.find_cell(changed, "unroll")["source"] += "\n\n"
    arena.find_cell(changed, "unroll")["source"] += "# now with a remark\n"
    arena.hand_in(root, "ann", changed)
    grade(root)
    with book_of(root) as book:
        waiting = [
            g.name for g in book.find_submission_notebook(*[arena.CHAPTER] * 2, "ann").grades if g.needs_manual_grade
        ]
    assert waiting == ["unroll-check"]


def exported(root, exporter, target, **options):
    app = ExportApp()
    app.coursedir = load_course(root).directory
    with open_book(app.coursedir) as book:
        exporter(parent=app, to=str(target), **options).export(book.gradebook)
    return pandas.read_csv(target, dtype=str, keep_default_na=False)


CLASS = 'Student,ID,SIS Login ID\n"Kim, Ann",1,ann\n"Lee, ""Ben""",2,ben\n"Park, Cleo",3,cleo\n'


def test_are_points_that_wait_for_a_second_look_in_no_export(root, tmp_path):
    (tmp_path / "class.csv").write_text(CLASS, encoding="utf-8")
    assert command_line.main(["roster", str(tmp_path / "class.csv"), "--course", str(root)]) == 0
    for student in ("ann", "ben"):
        arena.hand_in(root, student, written("What I think."))
    grade(root)
    grade_by_hand(root, 2, "Say why.")
    grade_by_hand(root, 1, "Say why.", "ben")
    arena.hand_in(root, "ann", written("What I think now."))
    grade(root)
    canvas = exported(root, export.Canvas, tmp_path / "canvas.csv")
    assert dict(zip(canvas["ID"], canvas[arena.CHAPTER], strict=True)) == {
        "": canvas[arena.CHAPTER][0],
        "1": "",
        "2": "16",
        "3": "",
    }
    table = exported(root, scores.Scores, tmp_path / "grades.csv").set_index("student_id")
    assert table["score"].to_dict() == {"ann": "", "ben": "16.0", "cleo": "0.0"}
    assert table["last_name"]["ben"] == "Lee" and table["to look at"].to_dict() == {"ann": "yes", "ben": "", "cleo": ""}
    parts = exported(root, scores.Scores, tmp_path / "parts.csv", exercises=True).set_index("student_id")
    assert parts["unroll"].to_dict() == {"ann": "3.0", "ben": "3.0", "cleo": ""}


def cut_off():
    """A solved notebook whose file ends too early."""
    text = json.dumps(arena.perfect())
    return text[: text.index("def clip_gradients")].encode()


def test_is_a_salvaged_file_flagged_in_formgrader_too_until_it_is_accepted(root, capsys):
    arena.hand_in(root, "ann", cut_off())
    command = ["grade", arena.CHAPTER, "--course", str(root), "--jobs", "1"]
    assert command_line.main(command) == 1
    assert f"1 need a look: python -m autograder flags {arena.CHAPTER}" in capsys.readouterr().out
    status, said = flagged(root, capsys)
    assert status == 1 and f"flags {arena.CHAPTER} --accept ann" in said
    with book_of(root) as book:
        assert book.find_submission(arena.CHAPTER, "ann").needs_manual_grade, "Formgrader's column"
    assert flagged(root, capsys, "--accept", "ann")[0] == 0
    with book_of(root) as book:
        assert not book.find_submission(arena.CHAPTER, "ann").needs_manual_grade
    assert command_line.main([*command, "--again"]) == 0, "it stays accepted"
    assert "1 anew (as you asked)" in capsys.readouterr().out
    arena.hand_in(root, "ann", cut_off()[:-30])
    assert command_line.main(command) == 1, "another file is not"
    assert "1 anew (handed in again)" in capsys.readouterr().out


def test_is_nothing_accepted_that_has_no_flag(root, capsys):
    arena.hand_in(root, "ann", arena.perfect())
    grade(root)
    assert flagged(root, capsys, "--accept", "ann")[0] == 2
    assert command_line.main(["flags", "--accept", "ann", "--course", str(root)]) == 2


def test_do_points_by_hand_settle_what_could_not_be_graded(root, capsys):
    arena.hand_in(root, "dan", b"{")
    grade(root)
    assert "dan: " in flagged(root, capsys)[1]
    with book_of(root) as book:
        for found in book.find_submission_notebook(arena.CHAPTER, arena.CHAPTER, "dan").grades:
            found.manual_score, found.needs_manual_grade = 1, False
        book.db.commit()
    assert flagged(root, capsys)[0] == 0
    grade(root)
    assert flagged(root, capsys)[0] == 0, "what could not be graded is tried again, and what was said of it holds"


def test_are_files_without_an_owner_among_the_flags(root, capsys):
    folder = root / "downloaded" / arena.CHAPTER / "archive" / "Min_Su"
    folder.mkdir(parents=True)
    (folder / f"{arena.CHAPTER}.ipynb").write_text(json.dumps(arena.perfect()))
    assert command_line.main(["collect", arena.CHAPTER, "--course", str(root)]) == 1
    status, said = flagged(root, capsys)
    assert status == 1 and f"python -m autograder assign {arena.CHAPTER} Min_Su STUDENT" in said


def test_does_the_command_say_what_it_graded_and_why(root, capsys):
    for student in ("ann", "ben"):
        arena.hand_in(root, student, arena.perfect())
    command = ["grade", arena.CHAPTER, "--course", str(root), "--jobs", "1"]
    said = []
    for change in (lambda: None, lambda: None, lambda: arena.hand_in(root, "ann", written("Something."))):
        change()
        command_line.main(command)
        (line,) = [line for line in capsys.readouterr().out.splitlines() if " submissions in " in line]
        said.append(line.partition(": ")[2])
    assert said == ["2 for the first time.", "2 as before.", "1 anew (handed in again), 1 as before."]
