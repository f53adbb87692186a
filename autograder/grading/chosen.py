"""Which exercises of a chapter a class has, and for how many points, as its instructor notebook says.

The notebook travels with every submission that is graded, so nothing else need travel with it.
"""

import functools
import json

from autograder.exercise import Exercise
from autograder.exercises import chapter_exercises


def chosen(chapter: str, source: str) -> tuple[Exercise, ...]:
    """The exercises that count, in the chapter's order."""
    points = points_in(source)
    return tuple(e.worth(points[e.name]) for e in chapter_exercises(chapter) if e.name in points)


@functools.lru_cache(maxsize=8)
def points_in(source: str) -> dict[str, float]:
    """The points of each check cell, by exercise."""
    cells = [cell for cell in json.loads(source)["cells"] if cell["cell_type"] == "code"]
    marks = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    return {mark["grade_id"].removesuffix("-check"): float(mark["points"]) for mark in marks if "points" in mark}
