"""nbgrader's own commands, with none of our settings: generate, validate, autograde, feedback, export.

This is the fallback for an instructor who runs stock nbgrader; official grading has tests of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.build import CHAPTERS_FOLDER, as_text, instructor_notebook
from autograder.exercises import chapter_exercises

CHAPTER = "01_rnn"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder of its own, with the instructor notebook of one chapter, its slow cells emptied."""
    folder = tmp_path_factory.mktemp("autograder")
    (folder / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.root = {str(folder / 'course')!r}\n"
    )
    source = folder / "course" / "source" / CHAPTER
    source.mkdir(parents=True)
    (source / f"{CHAPTER}.ipynb").write_text(as_text(instructor_notebook(CHAPTER)), encoding="utf-8")
    return folder


def nbgrader(course, *arguments):
    """Run an nbgrader command as an instructor does, in the folder of the configuration."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader looks for alembic there
    environment = {**os.environ, "PATH": path, "JUPYTER_CONFIG_DIR": str(course / "jupyter"), "UNROLLED_STATIC": "1"}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def test_is_what_generate_assignment_makes_the_chapter_that_students_open(course):
    nbgrader(course, "generate_assignment", CHAPTER)
    released = nbformat.read(course / "course" / "release" / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    ours = nbformat.read(CHAPTERS_FOLDER / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    assert [dict(cell) for cell in released.cells] == [dict(cell) for cell in ours.cells]


def test_do_solved_untouched_and_half_solved_notebooks_get_exactly_their_points(course):
    exercises = chapter_exercises(CHAPTER)
    half = [exercise.name for exercise in exercises[:2]]
    solved = {cell.id: cell.source for cell in instructor_notebook(CHAPTER).cells}
    expected = {
        "solver": sum(exercise.points for exercise in exercises),
        "idler": 0,
        "half": sum(exercise.points for exercise in exercises[:2]),
    }
    for student in expected:
        notebook = nbformat.read(CHAPTERS_FOLDER / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
        for cell in notebook.cells:
            if (student == "solver" and cell.id in {e.name for e in exercises}) or (
                student == "half" and cell.id in half
            ):
                cell.source = solved[cell.id]
        # What is neither answer nor check costs minutes and decides nothing.
        keep = {"bootstrap", "setup", *(e.name for e in exercises), *(f"{e.name}-check" for e in exercises)}
        notebook.cells = [c for c in notebook.cells if c.id in keep or "nbgrader" in c.metadata]
        folder = course / "course" / "submitted" / student / CHAPTER
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{CHAPTER}.ipynb")
    nbgrader(course, "autograde", CHAPTER, "--create")
    nbgrader(course, "generate_feedback", CHAPTER)
    nbgrader(course, "export", "--to", str(course / "grades.csv"))
    assert scores(course) == expected
    for student in expected:
        assert (course / "course" / "feedback" / student / CHAPTER / f"{CHAPTER}.html").exists()


def test_does_validate_pass_the_solved_and_name_what_an_untouched_notebook_lacks(course, tmp_path):
    solved = instructor_notebook(CHAPTER)
    exercises = {e.name for e in chapter_exercises(CHAPTER)} | {f"{e.name}-check" for e in chapter_exercises(CHAPTER)}
    solved.cells = [cell for cell in solved.cells if cell.id in exercises | {"bootstrap", "setup"}]
    nbformat.write(solved, tmp_path / "solved.ipynb")
    assert "Success" in nbgrader(course, "validate", str(tmp_path / "solved.ipynb"))
    untouched = nbformat.read(CHAPTERS_FOLDER / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    untouched.cells = [cell for cell in untouched.cells if cell.id in exercises | {"bootstrap", "setup"}]
    nbformat.write(untouched, tmp_path / "untouched.ipynb")
    assert "not attempted" in nbgrader(course, "validate", str(tmp_path / "untouched.ipynb"))


def scores(course):
    """The scores in the exported file."""
    import csv

    with open(course / "grades.csv", newline="") as file:
        return {row["student_id"]: float(row["raw_score"]) for row in csv.DictReader(file)}
