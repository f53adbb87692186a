"""A chapter as it was handed out, and a submission laid beside it (`inside.plan`, which says how)."""

import ast
import functools
import json
from collections.abc import Iterable

from autograder.exercise import Exercise
from autograder.exercises import all_exercises, chapter_of
from autograder.grading import mounts
from autograder.grading.inside.plan import Frame, Program, Rebuilt, plan
from autograder.grading.inside.reading import read_cells
from autograder.grading.inside.source import said

__all__ = ["Frame", "Program", "Rebuilt", "as_message", "frame_for", "frame_of", "imports_of", "rebuild"]


def rebuild(content: bytes, source: str, exercises: Iterable[Exercise]) -> Rebuilt:
    """Take the sources of a submission apart, here, without limits; `source` is the instructor's notebook."""
    return plan(content, frame_for(source, exercises))


def frame_for(source: str, exercises: Iterable[Exercise]) -> Frame:
    """The frame of a chapter from the instructor's notebook."""
    from autograder.grading.autograded import handed_out  # nbgrader, which students need not have

    exercises = list(exercises)
    return frame_of(handed_out(source), chapter_of(exercises[0]), tuple(e.name for e in exercises))


@functools.lru_cache(maxsize=8)
def frame_of(given: str, chapter: str, names: tuple[str, ...], packages: tuple[str, ...] = ()) -> Frame:
    """The frame of a chapter from the notebook that students are given."""
    cells = tuple((cell.kind, cell.source, cell.id, cell.grade_id) for cell in read_cells(given.encode(), []))
    skeletons = {cell[2]: said(cell[1]).skeleton for cell in cells if cell[0] == "code"}
    others = {e.name: other for e in all_exercises() if (other := chapter_of(e)) != chapter}
    return Frame(chapter, names, cells, skeletons, others, mounts.absent(chapter), packages)


def imports_of(frame: Frame) -> list[str]:
    """The imports of the chapter's setup, each as a statement of its own."""
    setup = next((source for _, source, name, _ in frame.cells if name == "setup"), "")
    nodes = [node for node in ast.parse(setup).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return [ast.unparse(node) for node in nodes if getattr(node, "module", None) not in frame.absent]


def as_message(frame: Frame) -> dict:
    """The frame as plain data."""
    return json.loads(json.dumps(vars(frame)))
