"""Whether an instructor's notebook, and what was handed out of it, is what the builder makes: nothing is edited there.

Points and exercises are set in `class.toml`, text and code in the master, the library and a class's own exercises: what
somebody has edited in a built notebook is told with its cell and the place where it should be edited.
"""

import functools
import json
from collections import Counter
from pathlib import Path

from autograder.build import MASTERS, ROOT, class_notebook
from autograder.classroom import Chapter, Settings
from autograder.exercises import chapter_exercises, course_exercises
from autograder.grading.autograded import handed_out

Cell = dict


def otherwise(notebook: str, chapter: str, settings: Settings, *, by_hand: bool) -> str:
    """What an instructor's notebook says otherwise than the builder does, in a sentence; nothing if it is as built.

    One that nobody has edited may have been built of an earlier master: then only its graded cells count.
    """
    made = _made(chapter, settings)
    there, wanted = _cells(notebook), _cells(made)
    graded, built = ([cell for cell in cells if _mark(cell)] for cells in (there, wanted))
    if said := _points(_counted(graded), _counted(built)) or _difference(graded, built, chapter):
        return said
    return _difference(there, wanted, chapter) if by_hand else ""


def edited_release(release: str, source: str, chapter: str) -> str:
    """Which graded cell of a notebook was edited after it was generated from this source; nothing if none was."""
    if _fingerprint(release) != _fingerprint(source) or not _fingerprint(source):
        return ""  # it was generated from another one
    graded, wanted = ([c for c in _cells(text) if _mark(c)] for text in (release, handed_out(source)))
    return _difference(graded, wanted, chapter)


def _made(chapter: str, settings: Settings) -> str:
    """What the builder makes, once for as long as nothing changes that it reads."""
    said, master = settings.of(chapter), MASTERS / f"{chapter}.py"
    points = tuple(sorted(said.points.items()))
    return _built(chapter, said.exercises, points, chapter_exercises(chapter), master.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _built(chapter: str, chosen: tuple | None, points: tuple, exercises: tuple, written: int) -> str:
    """By all that it is made of; `exercises` and `written` only tell one state of the course from another."""
    settings = Settings(chapters={chapter: Chapter(exercises=chosen, points=dict(points))})
    return json.dumps(class_notebook(chapter, settings))


def _counted(cells: list[Cell]) -> dict[str, float]:
    """The points of exercises and paragraphs."""
    return {_name(cell).removesuffix("-check"): _mark(cell)["points"] for cell in cells if "points" in _mark(cell)}


def _points(there: dict[str, float], wanted: dict[str, float]) -> str:
    """Which exercise or paragraph counts otherwise."""
    for name in [*wanted, *(name for name in there if name not in wanted)]:
        if name not in wanted:
            return f"{name} counts in it, and not in the class"
        if name not in there:
            return f"{name} is not in it, and counts in the class"
        if there[name] != wanted[name]:
            return f"{name} has {there[name]:g} points in it, and {wanted[name]:g} in the class"
    return ""


def _difference(there: list[Cell], wanted: list[Cell], chapter: str) -> str:
    """The first difference, cell by cell."""
    names, expected = [_name(cell) for cell in there], [_name(cell) for cell in wanted]
    for name, count in Counter(names).items():
        if count > 1 and name in expected:
            return f"the cell {name!r} is in it {'twice' if count == 2 else f'{count} times'}"
    for name in expected:
        if name not in names:
            return f"the cell {name!r} is missing"
    for name in names:
        if name not in expected:
            return f"it has a cell {name!r} more than {_home(chapter, name)}"
    for cell, other in zip(there, wanted, strict=True):
        if _name(cell) != _name(other):
            return f"the cell {_name(cell)!r} has taken the place of {_name(other)!r}"
        if _content(cell) != _content(other):
            return f"the cell {_name(cell)!r} is not as in {_home(chapter, _name(cell))}"
    return ""


def _home(chapter: str, name: str) -> str:
    """The file where a cell is edited."""
    exercise = next((e for e in chapter_exercises(chapter) if name.removesuffix("-check") == e.name), None)
    if exercise and exercise not in course_exercises(chapter):
        return f"{exercise.module.__name__.replace('.', '/')}.py"
    if exercise and name == exercise.name:
        return str(Path(exercise.module.__file__).relative_to(ROOT))
    return str((MASTERS / f"{chapter}.py").relative_to(ROOT))


def _cells(notebook: str) -> list[Cell]:
    """The cells that say something: JupyterLab adds an empty one at the end."""
    return [cell for cell in json.loads(notebook)["cells"] if "".join(cell["source"]).strip()]


def _mark(cell: Cell) -> dict:
    return cell.get("metadata", {}).get("nbgrader", {})


def _name(cell: Cell) -> str:
    return _mark(cell).get("grade_id") or cell.get("id") or "".join(cell["source"]).strip().splitlines()[0][:40]


def _content(cell: Cell) -> tuple:
    """What must be the same; not outputs, which running a cell gives."""
    mark = {key: _mark(cell).get(key) for key in ("grade", "locked", "solution", "points") if key in _mark(cell)}
    return cell["cell_type"], "".join(cell["source"]).strip(), mark


def _fingerprint(notebook: str) -> str:
    return json.loads(notebook).get("metadata", {}).get("unrolled", {}).get("fingerprint", "")
