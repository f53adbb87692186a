"""Before handing in: look at the notebook's file as the grader will, and say what is missing and which file to give.

The grader takes only sources from the file, wherever their cells stand (`autograder.grading.rebuild`); the same search
runs here, on the file as it was last saved, or on Colab, where there is none, on the notebook in the browser.
"""

import inspect
import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.exercises import chapter_exercises
from autograder.grading.reading import Unreadable, read_cells
from autograder.grading.rebuild import find_answer, handed_out, problem_of
from autograder.source import mark_solutions
from autograder.wording import say

#: What nbgrader puts into the cell of a paragraph when it hands a notebook out.
BLANK_PARAGRAPH = "YOUR ANSWER HERE"


class NoNotebook(Exception):
    """The notebook's file is not known; the message says how to name it."""


@dataclass(frozen=True)
class Handed:
    """A notebook as the grader sees it: what it holds for each exercise and paragraph, and which file to hand in."""

    file: str
    saved: str
    rows: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        """The exercises and paragraphs without an answer."""
        return [name for name, state in self.rows if not state.startswith("✓")]


def look(chapter: str, path: str | Path | None = None) -> Handed:
    """What the grader finds in the notebook: in the file at `path`, else in the one that this is called from."""
    content, file, saved = _content(chapter, path)
    notes: list[str] = []
    try:
        cells = read_cells(content, notes)
    except Unreadable as error:
        return Handed(file, saved, ((chapter, say("unreadable")),), (say("why unreadable", error=error),))
    rows = []
    for exercise in chapter_exercises(chapter):
        given = handed_out(mark_solutions(exercise.source.rstrip(), exercise.blanks))
        found = find_answer(exercise.name, cells, given, notes)
        problem = say("no cell") if found is None else problem_of(exercise.name, cells[found].source, given)
        rows.append((exercise.name, say("unanswered", problem=problem) if problem else say("answered")))
    for cell in cells:
        if cell.kind == "markdown" and cell.grade_id:
            rows.append((cell.grade_id, say("unwritten") if BLANK_PARAGRAPH in cell.source else say("written")))
    if notes:
        notes.append(say("moved cells"))
    return Handed(file, saved, tuple(rows), tuple(dict.fromkeys(notes)))


def _content(chapter: str, path: str | Path | None) -> tuple[bytes, str, str]:
    """The notebook's bytes, which file to hand in, and of when it is."""
    if path is None and (live := _on_colab()) is not None:
        return json.dumps(live).encode(), say("from Colab", chapter=chapter), say("as it is now")
    path = Path(path) if path is not None else _notebook_path()
    if path is None:
        raise NoNotebook(say("no file", chapter=chapter))
    if not path.is_file():
        raise NoNotebook(say("no such file", path=str(path), chapter=chapter))
    saved = time.strftime("%H:%M:%S", time.localtime(path.stat().st_mtime))
    return path.read_bytes(), str(path), say("as it was saved", time=saved)


def _on_colab() -> dict | None:
    """The notebook that is open in Colab's page, or None elsewhere."""
    try:
        from google.colab import _message
    except ImportError:
        return None
    answer = _message.blocking_request("get_ipynb", timeout_sec=30)
    return answer["ipynb"] if answer else None


def _notebook_path() -> Path | None:
    """The file of the notebook that runs this, as Jupyter's server or Visual Studio Code tell it."""
    frame = inspect.currentframe()
    while frame is not None:
        if "__vsc_ipynb_file__" in frame.f_globals:
            return Path(frame.f_globals["__vsc_ipynb_file__"])
        frame = frame.f_back
    name = os.environ.get("JPY_SESSION_NAME", "")
    return Path(name) if re.search(r"\.ipynb$", name) else None
