"""Are notebooks graded that were handed out earlier? The two here are of commit 2033f00, with right answers in them."""

import json
from pathlib import Path

import pytest

from autograder.build import as_text, instructor_notebook
from autograder.exercises import chapter_exercises
from autograder.grading import walls
from autograder.grading.submission import Order, grade

HANDED_OUT = sorted((Path(__file__).parent / "handed_out").glob("*.ipynb"))


@pytest.mark.parametrize("path", HANDED_OUT, ids=lambda path: path.stem)
def test_does_a_notebook_handed_out_earlier_get_what_it_deserves(path):
    chapter = path.stem
    order = Order(
        chapter=chapter,
        student="ann",
        source=as_text(instructor_notebook(chapter)),
        content=path.read_bytes(),
        seed=7,
        mode=walls.FORKS,
    )
    record = grade(order).record
    assert record["graded"], record["problem"]
    assert record["points"] == sum(exercise.points for exercise in chapter_exercises(chapter))
    assert record["repairs"] == []


@pytest.mark.parametrize("path", HANDED_OUT, ids=lambda path: path.stem)
def test_has_every_exercise_of_an_earlier_notebook_kept_its_name(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    ids = {cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells}
    assert {exercise.name for exercise in chapter_exercises(path.stem)} <= ids
