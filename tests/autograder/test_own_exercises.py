"""Can a class have exercises of its own, from a folder named in class.toml, all the way to feedback and grades?"""

import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.exportapp import ExportApp

from autograder import __main__ as command_line
from autograder import own
from autograder.build import as_text, student_notebook
from autograder.classroom import read
from autograder.exercises import chapter_exercises, course_exercises, find_exercise
from autograder.grading.autograded import handed_out
from autograder.grading.batch import grade_class
from autograder.grading.course import load_course
from autograder.grading.gradebook import open_book
from autograder.handing_in import look
from autograder.lms import scores
from tests.attacks import arena

CHAPTER = arena.CHAPTER
EXAMPLE = Path(__file__).parents[2] / "assets" / "classroom" / "own_exercises"
FILE = "rnn/leaky_step.py"
WRONG = "def leaky_step(state, new, share):\n    return (1 - share) * state + share * new\n"


@pytest.fixture(autouse=True)
def nothing_stays():
    yield
    own.use_folder(None)


@pytest.fixture
def root(tmp_path):
    """A course whose class has the example's exercise, as `class` has built it."""
    root = arena.new_course(tmp_path / "course")
    (root / "source" / CHAPTER / f"{CHAPTER}.ipynb").unlink()
    shutil.copytree(EXAMPLE, root / "own_exercises", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "class.toml").write_text('own = "own_exercises"\n', encoding="utf-8")
    return root


def run(root, *command):
    return command_line.main([*command, "--course", str(root)])


def given(root):
    """The class's notebook as it is handed out."""
    return json.loads(handed_out((root / "source" / CHAPTER / f"{CHAPTER}.ipynb").read_text(encoding="utf-8")))


def cell(notebook, name):
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def answered(root, source):
    notebook = given(root)
    cell(notebook, "leaky_step")["source"] = f"# exercise: leaky_step\n{source}"
    return notebook


def test_is_an_own_exercise_built_handed_out_checked_graded_and_given_back(root, tmp_path, capsys):
    assert run(root, "class") == 0 and "the instructor notebook was built" in capsys.readouterr().out
    right = read(root) and find_exercise("leaky_step").source
    text = "\n".join("".join(c["source"]) for c in given(root)["cells"])
    assert "### Exercise 1.6 — A state that leaks · 3 points" in text and r"\tilde h" in text
    assert "Six exercises, 18 points and a paragraph" in text
    assert right.splitlines()[-1] not in text, "the right answer is not handed out in plain sight"

    for student, source in (("ann", right), ("ben", WRONG)):
        arena.hand_in(root, student, answered(root, source))
    arena.hand_in(root, "cleo", given(root))
    own.use_folder(None)  # the workers have the notebook only
    assert run(root, "grade", CHAPTER, "--jobs", "1") == 0
    records = {s: json.loads((root / "records" / CHAPTER / f"{s}.json").read_text()) for s in ("ann", "ben", "cleo")}
    verdicts = {s: next(v for v in r["verdicts"] if v["exercise"] == "leaky_step") for s, r in records.items()}
    assert {s: (v["outcome"], v["points"]) for s, v in verdicts.items()} == {
        "ann": ("correct", 3),
        "ben": ("wrong", 0),
        "cleo": ("not attempted", 0),
    }
    assert verdicts["ben"]["diagnosis"] == "the two shares are exchanged"
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        assert book.find_assignment(CHAPTER).max_score == 20 and book.find_submission(CHAPTER, "ann").score == 3

    assert run(root, "feedback", CHAPTER) == 0
    page = (root / "feedback" / "ben" / CHAPTER / f"{CHAPTER}.html").read_text(encoding="utf-8")
    assert "leaky_step" in page and "nothing new comes in" in page
    assert run(root, "report", CHAPTER) == 0
    assert "leaky_step" in next(root.glob("report*/*.html")).read_text(encoding="utf-8")
    app = ExportApp()
    app.coursedir = load_course(root).directory
    with open_book(app.coursedir) as book:
        scores.Scores(parent=app, to=str(tmp_path / "grades.csv"), exercises=True).export(book.gradebook)
    table = pandas.read_csv(tmp_path / "grades.csv").set_index("student_id")
    assert table["leaky_step"].to_dict() == {"ann": 3, "ben": 0, "cleo": 0}


def test_does_check_know_it_where_there_is_nothing_but_the_notebook(root, tmp_path):
    run(root, "class")
    notebook = answered(root, "def leaky_step(state, new, share):\n    return share * state + (1 - share) * new")
    parts = [cell(notebook, name)["source"] for name in (own.CELL, "setup", "leaky_step", "leaky_step-check")]
    parts += [WRONG, "try:\n    check(leaky_step)\nexcept Exception as error:\n    print(type(error).__name__)"]
    parts += ["from own_exercises.rnn.leaky_step import leaky_step", parts[-1]]
    (tmp_path / "run.py").write_text("\n".join("".join(part) for part in parts), encoding="utf-8")
    told = subprocess.run([sys.executable, "run.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert not told.stderr.strip(), told.stderr
    assert "leaky_step: correct, 3 of 3" in told.stdout and "the two shares are exchanged" in told.stdout
    assert "edition" not in told.stdout


def test_does_the_look_before_handing_in_know_it(root, tmp_path, monkeypatch):
    (copies := tmp_path / "copies").mkdir()
    monkeypatch.setenv("TMPDIR", str(copies))
    monkeypatch.setattr(tempfile, "tempdir", None)  # read anew
    run(root, "class")
    read(root)
    for notebook, state in ((answered(root, WRONG), "✓ there is an answer"), (given(root), "○ its cell is as it was")):
        path = tmp_path / f"{CHAPTER}.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
        before = {*copies.iterdir()}
        assert dict(look(CHAPTER, path).rows)["leaky_step"].startswith(state)
        assert {*copies.iterdir()} <= before, "what the process beside this one copies goes with it"
    blank, check = own.blank_cells(CHAPTER)
    assert blank["source"] == "".join(cell(given(root), "leaky_step")["source"]), "as nbgrader blanks it"
    assert check["source"] == "".join(cell(given(root), "leaky_step-check")["source"])


def test_does_class_toml_choose_and_weigh_it_like_any_other(root, capsys):
    with open(root / "class.toml", "a", encoding="utf-8") as file:
        file.write(f'[chapters.{CHAPTER}]\nexercises = ["rnn_step", "leaky_step"]\npoints = {{ leaky_step = 6 }}\n')
    assert run(root, "class") == 0
    graded = [c["metadata"]["nbgrader"] for c in given(root)["cells"] if "points" in c["metadata"].get("nbgrader", {})]
    assert {g["grade_id"]: g["points"] for g in graded}["leaky_step-check"] == 6
    assert {g["grade_id"] for g in graded} == {"rnn_step-check", "leaky_step-check", "rnn-in-your-own-words"}


def test_is_what_everybody_is_given_as_it_was(root):
    before = as_text(student_notebook(CHAPTER))
    read(root)
    assert len(chapter_exercises(CHAPTER)) == len(course_exercises(CHAPTER)) + 1
    assert as_text(student_notebook(CHAPTER)) == before
    read(root.parent)
    assert chapter_exercises(CHAPTER) == course_exercises(CHAPTER), "another class has others"


def test_is_a_changed_own_exercise_built_and_graded_again(root, capsys):
    run(root, "class")
    arena.hand_in(root, "ann", given(root))
    with ThreadPoolExecutor(1) as executor:
        grade_class(load_course(root), CHAPTER, executor=executor, progress=False)
    assert run(root, "class") == 0
    text = (root / "own_exercises" / FILE).read_text(encoding="utf-8")
    (root / "own_exercises" / FILE).write_text(text.replace("(0.25, 0.9)", "(0.25, 0.8)"), encoding="utf-8")
    capsys.readouterr()
    assert run(root, "class") == 1
    said = capsys.readouterr().out
    assert "was built" in said and "grade 1 again" in said


def replaced(old, new, file=FILE):
    def change(folder):
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (shutil.rmtree, "own_exercises', and there is no such folder"),
        (lambda f: shutil.rmtree(f / "rnn"), "there are no exercises in it"),
        (lambda f: (f / "rnn").rename(f / "rrn"), "own_exercises/rrn: expected the topic of a chapter: warm_up, rnn"),
        (lambda f: (f / "rnn" / "__init__.py").unlink(), "rnn/__init__.py: expected EXERCISES, a tuple"),
        (lambda f: (f / "rnn" / "more.py").write_text("x = 1\n"), "rnn/more.py: there is no Exercise in it"),
        (replaced("EXERCISES = (LEAKY_STEP,)", "EXERCISES = ()", "rnn/__init__.py"), "leaky_step.py: its exercise is not in"),
        (replaced("leaky_step", "rnn_step"), "the course's 01_rnn has an exercise rnn_step already"),
        (replaced('"a share": 2', '"a share": 0'), "the group 'a share' has 0 points; expected a number above 0"),
        (replaced('"a share": 2', '"a share": 1.5'), "2.5 points in all; expected a whole number"),
        (replaced('{__name__}.leaky_step"', '{__name__}.leaky"'), "expected the right answer in the exercise's own file"),
        (replaced("def inputs(rng):", "def inputs(rng:"), "leaky_step.py, line"),
        (replaced("from torch import Tensor", "from torch import Tensors"), "leaky_step.py, line 7: ImportError"),
        (replaced("edits={", "edits={'nothing': ''} or {"), "trying it stops with ValueError"),
        (replaced("(1 - share) * state + share * new", "(1 - share) * new + share * state"), "'shares-exchanged' is judged correct"),
        (replaced("inputs=inputs,", "inputs=inputs, accepts=(max,),"), "a right answer is judged crashed"),
    ],
)
def test_is_an_own_exercise_that_is_none_one_sentence(root, capsys, change, expected):
    change(root / "own_exercises")
    assert run(root, "class") == 2
    said = capsys.readouterr().err
    assert expected in said and len(said.splitlines()) == 1
