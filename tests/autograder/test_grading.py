"""Does official grading write down what each submission deserves, once, and lose nothing?"""

import contextlib
import json
import os
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import determine_grade

from autograder import __main__ as command_line
from autograder.exercises import find_exercise
from autograder.grading import batch, sandbox, submission, walls
from autograder.grading.batch import STOPPED, grade_class
from autograder.grading.course import load_course
from tests.attacks import arena


def wrong(name, number=0):
    """An answer that holds one of the named mistakes."""
    exercise = find_exercise(name)
    mistake = [m for m in exercise.misconceptions if m.edits][number]
    source = exercise.source
    for old, new in mistake.edits.items():
        source = source.replace(old, new)
    return source, mistake


def scores(root, student):
    """For each graded cell its automatic score and whether a person should look."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        notebook = book.find_submission_notebook(arena.CHAPTER, arena.CHAPTER, student)
        return {grade.name: (grade.auto_score, grade.needs_manual_grade) for grade in notebook.grades}


def without_times(record):
    return {part: value for part, value in record.items() if part != "times"}


@pytest.fixture(scope="module", autouse=True)
def one_sandbox_for_all():
    """The sandbox stays warm from one test to the next."""
    forget = batch.forget_sandbox
    batch.forget_sandbox = lambda chapter, mode: None
    yield
    batch.forget_sandbox = forget
    sandbox.forget_sandbox(arena.CHAPTER, walls.FORKS)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    root = arena.new_course(tmp_path_factory.mktemp("course"))
    arena.hand_in(root, "ann", arena.perfect())
    mistaken = arena.perfect()
    arena.find_cell(mistaken, "rnn_step")["source"] = wrong("rnn_step")[0]
    raises = "class Mine(Exception):\n    pass\n\n\ndef unroll(step, inputs, state):\n\n    raise Mine(inputs)"
    arena.find_cell(mistaken, "unroll")["source"] = raises
    arena.hand_in(root, "ben", mistaken)
    arena.hand_in(root, "cleo", arena.handed_out())
    arena.hand_in(root, "dan", b"{")
    written = arena.handed_out()
    for cell in written["cells"]:
        if cell["cell_type"] == "markdown" and "nbgrader" in cell["metadata"]:
            cell["source"] = "What I think: a < b.\n<script>alert(1)</script>"
    arena.hand_in(root, "eve", written)
    return root, {r["student"]: r for r in grade_class(load_course(root), arena.CHAPTER, jobs=2, progress=False)}


def test_are_the_points_those_of_the_judge(graded):
    _, records = graded
    assert {student: record["points"] for student, record in records.items()} == {
        **{"ann": 15, "ben": 10, "cleo": 0, "dan": 0, "eve": 0}
    }
    assert [record["graded"] for record in records.values()] == [True, True, True, False, True]


def test_does_the_record_name_the_mistake_and_the_line(graded):
    step, unroll, *_ = graded[1]["ben"]["verdicts"]
    mistake = wrong("rnn_step")[1]
    assert (step["outcome"], step["diagnosis"], step["hint"]) == ("wrong", mistake.name, mistake.hint)
    assert (unroll["outcome"], unroll["crash"]) == ("crashed", {"type": "Exception", "line": 7})
    assert "tensor" not in json.dumps(unroll)


def test_does_the_record_say_what_it_depends_on(graded):
    key = graded[1]["ann"]["key"]
    assert set(key) == {"grading", "submission", "exercises", "notebook", "seed", "environment"}
    assert len(key["submission"]) == 64 and set(graded[1]["ann"]["times"]) > {"total", "rebuild", "rnn_step"}


def test_are_the_scores_in_the_gradebook(graded):
    root, records = graded
    for student, record in records.items():
        for entry in record["verdicts"]:
            assert scores(root, student)[f"{entry['exercise']}-check"] == (entry["points"], False)
    assert set(scores(root, "dan").values()) == {(0.0, True)}, "what could not be graded: zero, and flagged"
    written = set(scores(root, "eve")) - {f"{entry['exercise']}-check" for entry in records["eve"]["verdicts"]}
    assert all(scores(root, "eve")[name] == (None, True) for name in written), "a paragraph is graded by a person"
    assert all(scores(root, "cleo")[name] == (0.0, False) for name in written), "unless nothing was written"


def test_would_nbgrader_read_the_same_scores_from_the_notebook(graded):
    root, records = graded
    for student, record in records.items():
        path = root / "autograded" / student / arena.CHAPTER / f"{arena.CHAPTER}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        checks = {cell.id: cell for cell in notebook.cells if cell.id.endswith("-check")}
        for entry in record["verdicts"]:
            assert determine_grade(checks[f"{entry['exercise']}-check"])[0] == entry["points"]


def test_does_the_notebook_keep_scripts_and_solutions_out(graded):
    root, _ = graded
    for student in ("ann", "eve"):
        text = (root / "autograded" / student / arena.CHAPTER / f"{arena.CHAPTER}.ipynb").read_text()
        assert "<script" not in text and "BEGIN SOLUTION" not in text
    assert find_exercise("unroll").source.splitlines()[-2] not in text, "what eve has not solved is not shown"


def test_is_the_same_submission_the_same_record(graded):
    root, records = graded
    again = grade_class(load_course(root), arena.CHAPTER, students=["ben", "dan"], again=True, jobs=1, progress=False)
    assert [without_times(r) for r in again] == [without_times(records["ben"]), without_times(records["dan"])]


def test_is_what_is_done_not_done_again(graded, monkeypatch):
    root, _ = graded
    course = load_course(root)
    monkeypatch.setattr(batch, "store", lambda course, book, source, result: stored.append(result.record["student"]))
    stored = []
    grade_class(course, arena.CHAPTER, jobs=1, progress=False)
    assert stored == ["dan"], "only what could not be graded is tried again"


def test_does_a_new_submission_count_and_a_lost_one_not_keep_its_score(tmp_path):
    root = arena.new_course(tmp_path / "course")
    for notebook, points in ((arena.perfect(), 15), (arena.handed_out(), 0), (arena.perfect(), 15), (b"", 0)):
        arena.hand_in(root, "ann", notebook)
        with ThreadPoolExecutor(1) as executor:
            (record,) = grade_class(load_course(root), arena.CHAPTER, executor=executor, progress=False)
        assert record["points"] == points
        assert sum(score or 0 for score, _ in scores(root, "ann").values()) == points


def test_does_a_grade_given_by_hand_stay(tmp_path):
    root = arena.new_course(tmp_path / "course")
    arena.hand_in(root, "ann", arena.perfect())
    with ThreadPoolExecutor(1) as executor:
        grade_class(load_course(root), arena.CHAPTER, executor=executor, progress=False)
        with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
            book.find_grade("rnn_step-check", arena.CHAPTER, arena.CHAPTER, "ann").manual_score = 2
            book.db.commit()
        grade_class(load_course(root), arena.CHAPTER, executor=executor, again=True, progress=False)
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        grade = book.find_grade("rnn_step-check", arena.CHAPTER, arena.CHAPTER, "ann")
        assert (grade.manual_score, grade.auto_score, grade.score, grade.needs_manual_grade) == (2, 3, 2, True)


def test_is_a_late_submission_penalised_as_configured(tmp_path):
    root = arena.new_course(tmp_path / "course")
    folder = arena.hand_in(root, "ann", arena.perfect())
    (folder / "timestamp.txt").write_text("2026-02-03 15:00:00 UTC")
    course = load_course(root)
    course.directory.config.LateSubmissionPlugin.penalty_method = "zero"
    with ThreadPoolExecutor(1) as executor:
        grade_class(course, arena.CHAPTER, executor=executor, progress=False)
        with Gradebook(course.directory.db_url, course.directory.course_id) as book:
            book.update_or_create_assignment(arena.CHAPTER, duedate="2026-02-02 15:00:00 UTC")
        grade_class(course, arena.CHAPTER, executor=executor, again=True, progress=False)
    with Gradebook(course.directory.db_url, course.directory.course_id) as book:
        notebook = book.find_submission_notebook(arena.CHAPTER, arena.CHAPTER, "ann")
        assert (notebook.score, notebook.late_submission_penalty) == (15, 15)


def test_does_a_submission_that_brings_its_grader_down_stop_no_other(tmp_path, monkeypatch):
    root = arena.new_course(tmp_path / "course")
    for student in ("ann", "ben", "cleo", "dan"):
        arena.hand_in(root, student, arena.perfect())
    judged = submission._judged

    def deadly(order, times):
        if b"deadly" in order.content:
            os._exit(3)
        return judged(order, times)

    monkeypatch.setattr(submission, "_judged", deadly)
    notebook = arena.perfect()
    notebook["metadata"]["title"] = "deadly"
    arena.hand_in(root, "ben", notebook)
    records = grade_class(load_course(root), arena.CHAPTER, jobs=2, progress=False)
    assert [record["points"] for record in records] == [15, 0, 15, 15]
    assert records[1]["problem"] == STOPPED
    assert set(scores(root, "ben").values()) == {(0.0, True)}


def test_is_a_sandbox_that_is_lost_replaced(tmp_path, monkeypatch):
    root = arena.new_course(tmp_path / "course")
    for student in ("ann", "ben"):
        arena.hand_in(root, student, arena.perfect())
    grade, killed = submission.grade, []

    def kill_first(order):
        if not killed:
            running = sandbox.sandbox_here(order.chapter, order.mode)._spare.started
            for pid in arena.processes_below(running.pid) | {running.pid}:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, 9)
            killed.append(order.student)
        return grade(order)

    monkeypatch.setattr(batch, "grade", kill_first)
    with ThreadPoolExecutor(1) as executor:
        records = grade_class(load_course(root), arena.CHAPTER, executor=executor, progress=False)
    assert [record["points"] for record in records] == [15, 15], records[0]


def test_does_the_command_print_a_table(tmp_path, capsys):
    root = arena.new_course(tmp_path / "course")
    arena.hand_in(root, "ann", arena.perfect())
    arena.hand_in(root, "ben", b"")
    status = command_line.main(["grade", arena.CHAPTER, "--course", str(root), "--jobs", "1", "--student", "ann"])
    assert status == 0
    assert "ann          15  ✓✓✓✓✓" in capsys.readouterr().out
    assert command_line.main(["grade", arena.CHAPTER, "--course", str(root), "--jobs", "1"]) == 1
    assert "the file is empty" in capsys.readouterr().out


def test_does_it_refuse_without_bubblewrap(tmp_path, capsys, monkeypatch):
    root = arena.new_course(tmp_path / "course")
    arena.hand_in(root, "ann", arena.perfect())
    sandbox.forget_sandbox(arena.CHAPTER, walls.FORKS)
    monkeypatch.setattr(walls.shutil, "which", lambda name: None)
    assert command_line.main(["grade", arena.CHAPTER, "--course", str(root)]) == 2
    assert "apt install bubblewrap" in capsys.readouterr().err
    assert not (root / "records").exists()


def test_does_an_answer_that_cannot_be_judged_cost_no_other(tmp_path, monkeypatch):
    root = arena.new_course(tmp_path)
    arena.hand_in(root, "ann", arena.perfect())
    course, real = load_course(root), submission.judge_program

    def broken(order, exercise, *facts):
        if exercise.name == "unroll":
            raise KeyError("whatever")
        return real(order, exercise, *facts)

    monkeypatch.setattr(submission, "judge_program", broken)
    (record,) = grade_class(course, arena.CHAPTER, jobs=1, progress=False)
    lost = {entry["exercise"] for entry in record["verdicts"] if entry["points"] < entry["max_points"]}
    assert record["graded"] and lost == {"unroll"}
    assert [flag for flag in record["flags"] if "unroll" in flag and "KeyError" in flag]
