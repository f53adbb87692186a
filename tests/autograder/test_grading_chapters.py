"""Does every chapter, solved, get all points through official grading, and untouched none?"""

import nbformat
import pytest

from autograder.build import instructor_notebook, student_notebook
from autograder.chapters import CHAPTERS
from autograder.exercises import chapter_exercises
from autograder.grading.batch import grade_class
from autograder.grading.course import load_course
from tests.attacks import arena

FAST = "10_decoding"


def course_of(chapter, root):
    """A course with one solved and one untouched submission of the chapter."""
    folder = root / "source" / chapter
    folder.mkdir(parents=True)
    (folder / f"{chapter}.ipynb").write_text(nbformat.writes(instructor_notebook(chapter)), encoding="utf-8")
    (root / "gradebook.db").write_bytes(arena.empty_gradebook())
    solved, untouched = student_notebook(chapter), student_notebook(chapter)
    references = {exercise.name: exercise.source for exercise in chapter_exercises(chapter)}
    for cell in solved.cells:
        if cell.id in references:
            cell.source = f"# exercise: {cell.id}\n{references[cell.id]}"
    for student, notebook in (("solved", solved), ("untouched", untouched)):
        folder = root / "submitted" / student / chapter
        folder.mkdir(parents=True)
        (folder / f"{chapter}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    return load_course(root)


@pytest.mark.parametrize("chapter", [c if c == FAST else pytest.param(c, marks=pytest.mark.slow) for c in CHAPTERS])
def test_is_a_solved_chapter_worth_all_points_and_an_untouched_one_nothing(chapter, tmp_path):
    solved, untouched = grade_class(course_of(chapter, tmp_path), chapter, jobs=1, progress=False)
    most = sum(exercise.points for exercise in chapter_exercises(chapter))
    assert (solved["graded"], solved["points"]) == (True, most), solved["verdicts"]
    assert (untouched["graded"], untouched["points"]) == (True, 0)
    assert {verdict["outcome"] for verdict in untouched["verdicts"]} == {"not attempted"}
    assert solved["repairs"] == untouched["repairs"] == []
