"""A chapter's instructor notebook as a class has it: its exercises, its points.

An exercise that the class leaves out is handed out solved: later cells and exercises go on from it, and it does not count.
"""

import copy
import re

from nbformat import NotebookNode

from autograder.classroom import WRITTEN, Settings
from autograder.exercises import chapter_exercises, course_exercises
from autograder.source import unmarked

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")


def adapted(notebook: NotebookNode, chapter: str, settings: Settings) -> NotebookNode:
    """The notebook with the settings' exercises and points; the same notebook if they are the course's own."""
    points = {exercise.name: exercise.points for exercise in settings.exercises(chapter)}
    said = settings.of(chapter).points
    if points == {exercise.name: exercise.points for exercise in course_exercises(chapter)} and not said:
        return notebook
    notebook, cells = copy.deepcopy(notebook), []
    names = iter(exercise.name for exercise in chapter_exercises(chapter))
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        name = grade_id.removesuffix("-check")
        if cell.cell_type == "markdown" and cell.source.startswith("### Exercise "):
            cell.source = _heading(cell.source, points.get(next(names)))
        elif cell.cell_type == "markdown" and " exercises, " in cell.source:
            cell.source = _introduction(cell.source, points, [said[name] for name in said if name.endswith(WRITTEN)])
        elif cell.id == "setup":
            counted = ", ".join(f'"{name}": {worth:g}' for name, worth in points.items())
            cell.source = re.sub(r"^start\((.*)\)$", rf"start(\1, points={{{counted}}})", cell.source, flags=re.M)
        elif grade_id and cell.cell_type == "code" and name not in points:
            if grade_id != name:
                continue
            cell.source = unmarked(cell.source)
            del cell.metadata["nbgrader"]
        elif "points" in cell.metadata.get("nbgrader", {}):
            cell.metadata.nbgrader["points"] = said.get(name, cell.metadata.nbgrader["points"])
        cells.append(cell)
    notebook.cells = cells
    return notebook


def _introduction(source: str, points: dict[str, float], written: list[float]) -> str:
    """What the chapter's introduction promises, with the class's numbers.

    >>> print(_introduction("Five exercises, 15 points and a paragraph\\n(2 points).", {"a": 3, "b": 1.5}, [1]))
    Two exercises, 4.5 points and a paragraph
    (1 point).
    """
    count = NUMBERS[len(points)] if len(points) < len(NUMBERS) else len(points)
    exercises = f"{count} exercise{'s' * (len(points) != 1)}, {sum(points.values()):g} points"
    source = re.sub(r"\b[A-Z][a-z]+ exercises,\s+\d+\s+points", exercises, source, count=1)
    for worth in written:
        paragraph = rf"\g<1>{worth:g} point{'s' * (worth != 1)})"
        source = re.sub(r"(\ba\s+paragraph\s+\()\d+ points?\)", paragraph, source, count=1)
    return source


def _heading(source: str, points: float | None) -> str:
    """An exercise's heading with its points; of one that is given, without."""
    first, _, rest = source.partition("\n")
    if points is None:
        return re.sub(r" · \d+ points?.*$", " · given", first.replace("### Exercise ", "### Solved: ", 1)) + f"\n{rest}"
    return re.sub(r" · \d+ points?", f" · {points:g} point{'s' * (points != 1)}", first) + f"\n{rest}"
