"""Every chapter, run from its first cell to its last: solved and untouched."""

import itertools
import re
from pathlib import Path

import nbformat
import pytest

from autograder.build import CHAPTERS_FOLDER, instructor_notebook
from autograder.chapters import CHAPTERS
from autograder.exercises import chapter_exercises
from autograder.release import MOST_BYTES, execute, solved_path

CLAIMS = Path(__file__).parent / "claims"
BUDGET_MINUTES = 1.5
SHORTEST = "11_bpe"
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


@pytest.mark.slow
@each_chapter
def test_does_the_solved_chapter_run_with_full_points_and_is_all_it_says_true(chapter):
    notebook = instructor_notebook(chapter)
    # Once more in the end, beside all names that the chapter has given since, such as `model`.
    for exercise in chapter_exercises(chapter):
        cell = cell_of(notebook, f"{exercise.name}-check")
        notebook.cells.append(nbformat.from_dict({**cell, "id": f"again-{cell.id}"}))
    notebook.cells.append(nbformat.v4.new_code_cell((CLAIMS / f"{chapter}.py").read_text(encoding="utf-8")))
    execute(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code" and re.search(r"^(explorer|head_view|model_view)\(", cell.source, re.M):
            assert "need a running kernel" in str(cell.outputs), f"what says so beside the picture of {cell.id}?"
    for exercise, again in itertools.product(chapter_exercises(chapter), ("", "again-")):
        assert points_shown(notebook, again + exercise.name) == exercise.points


@each_chapter
def test_did_the_solved_chapter_run_in_its_budget(chapter):
    """As measured when it was released; how fast a machine is today says nothing of the chapter."""
    assert nbformat.read(solved_path(chapter), as_version=4).metadata.unrolled.minutes <= BUDGET_MINUTES


@pytest.mark.slow
@each_chapter
def test_does_run_all_go_through_an_untouched_student_notebook_and_through_it_again(chapter):
    notebook = nbformat.read(CHAPTERS_FOLDER / chapter / f"{chapter}.ipynb", as_version=4)
    own = {"setup", "bootstrap", "hand-in", *(e.name for e in chapter_exercises(chapter))}
    own |= {f"{exercise.name}-check" for exercise in chapter_exercises(chapter)}
    # The second time without demonstrations, which take minutes; in the shortest chapter with all of it.
    again = [cell for cell in notebook.cells if cell.id in own or chapter == SHORTEST]
    notebook.cells += [nbformat.from_dict({**cell, "id": f"again-{i}"}) for i, cell in enumerate(again)]
    execute(notebook)  # raises at the first error that is not a check's
    for exercise in chapter_exercises(chapter):
        source = cell_of(notebook, f"{exercise.name}-check").source
        checks = [cell for cell in notebook.cells if cell.source == source]
        assert len(checks) == 2
        for cell in checks:
            assert "not attempted" in str(cell.outputs)
            assert [output.ename for output in cell.outputs if output.output_type == "error"] == ["NoPoints"]


@each_chapter
def test_does_the_student_notebook_hold_no_solution(chapter):
    notebook = nbformat.read(CHAPTERS_FOLDER / chapter / f"{chapter}.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells)
    solution = "\n".join(cell.source for cell in instructor_notebook(chapter).cells)
    assert "SOLUTION" not in text
    for body in re.findall(r"### BEGIN SOLUTION\n(.*?)\n *### END SOLUTION", solution, flags=re.S):
        assert body not in text
    assert not any(cell.get("outputs") for cell in notebook.cells)


@each_chapter
def test_does_every_graded_cell_run_a_check(chapter):
    for cell in instructor_notebook(chapter).cells:
        grading = cell.metadata.get("nbgrader", {})
        if grading.get("grade") and cell.cell_type == "code":
            assert re.fullmatch(r"check\(\w+\)", cell.source) and "raises-exception" in cell.metadata.tags


@each_chapter
def test_is_the_solved_notebook_small_and_still(chapter):
    text = solved_path(chapter).read_text(encoding="utf-8")
    assert len(text.encode()) <= MOST_BYTES
    assert "<script" not in text and "widget-view" not in text and "/root/" not in text and "/tmp/" not in text
    for image in re.findall(r"<img [^>]*>", text):
        assert "alt=" in image
    outputs = (o for cell in nbformat.reads(text, as_version=4).cells for o in cell.get("outputs", []))
    for output in outputs:
        assert "(children=" not in output.get("data", {}).get("text/plain", ""), "a widget's own description"
        if "image/png" in output.get("data", {}):
            assert len(output.metadata["image/png"]["alt"]) > 20 and output.data["text/plain"]


def cell_of(notebook, cell_id):
    return next(cell for cell in notebook.cells if cell.id == cell_id)


def points_shown(notebook, name):
    outputs = cell_of(notebook, f"{name}-check").outputs
    return next(float(o.data["text/plain"]) for o in outputs if o.output_type == "execute_result")
