"""From masters and library to notebooks.

A master (`solutions/01_rnn.py`, jupytext's percent format) is prose, demonstrations and, for each exercise, an import
from the library. From it come the instructor notebook (the exercise's source from the library, nbgrader's marks around
what the student writes), the student notebook (what nbgrader makes of that) and, executed, the solved one.

What a cell becomes is said in `autograder.cells`. The builder owns all metadata and ids, and never overwrites a notebook
that somebody has changed.
"""

import json
import tomllib
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from autograder.adapt import adapted
from autograder.cells import (
    BuildError,
    bootstrap_cell,
    cell_of,
    digest,
    hand_in_cells,
    name_forbidden,
    own_cell,
    own_cells,
    prediction_cells,
    require_complete,
    section_of,
)
from autograder.classroom import Settings, read
from autograder.edition import edition
from autograder.exercises import chapter_exercises, course_exercises
from autograder.own import own_exercises
from autograder.own_sound import require_right

ROOT = Path(__file__).parent.parent
MASTERS = ROOT / "solutions"
CHAPTERS_FOLDER = ROOT / "chapters"
SOURCE_FOLDER = ROOT / "autograder" / "course" / "source"
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def repository() -> str:
    """The address of the repository, from its one place."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]


def instructor_notebook(chapter: str, *, own: bool = False) -> NotebookNode:
    """nbgrader's source notebook: the master, with each exercise's source and the marks around its solution.

    With `own`, the exercises that the class has of its own follow the chapter's last one.
    """
    raws = jupytext.read(MASTERS / f"{chapter}.py", fmt="py:percent").cells
    exercises = {e.name: e for e in (chapter_exercises if own else course_exercises)(chapter)}
    if own:
        behind = max(n for n, raw in enumerate(raws) if raw.metadata.get("title") == "check") + 1
        raws[behind:behind] = own_cells(chapter, "\n".join(raw.source for raw in raws))
    section, seen = chapter, {}
    for raw in raws:
        if not raw.source.strip():
            raise BuildError(f"{chapter}: there is an empty cell below “{section}”.")
        section = section_of(raw) or section
        made = cell_of(chapter, raw, section, exercises)
        for cell in (made, *prediction_cells(chapter, made)):
            if cell.id in seen:
                raise BuildError(
                    f"{chapter}: two cells get the id {cell.id!r}. Let their first lines differ:\n{raw.source}"
                )
            seen[cell.id] = cell
    require_complete(chapter, exercises, seen)
    name_forbidden(exercises.values(), seen.values())
    first, *rest = seen.values()
    metadata = {**KERNEL, "unrolled": {"chapter": chapter, "edition": edition(exercises.values())}}
    cells = [first, bootstrap_cell(repository()), *(own_cell(chapter) if own else []), *rest, *hand_in_cells(chapter)]
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def class_notebook(chapter: str, settings: Settings) -> NotebookNode:
    """The instructor notebook with the exercises and points of a class."""
    for exercise in own_exercises(chapter):
        require_right(exercise)
    return adapted(instructor_notebook(chapter, own=True), chapter, settings)


def student_notebook(chapter: str) -> NotebookNode:
    """What nbgrader's generate_assignment makes of the instructor notebook."""
    notebook, resources = instructor_notebook(chapter), {}
    for step in (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ComputeChecksums, CheckCellMetadata):
        notebook, resources = step().preprocess(notebook, resources)
    return notebook


def build(chapters: list[str], *, check: bool = False, force: bool = False) -> list[str]:
    """Write the notebooks of these chapters; with `check`, only name what is not as it should be."""
    stale, settings = [], Settings() if check else read(SOURCE_FOLDER.parent)
    for chapter in chapters:
        targets = {CHAPTERS_FOLDER / chapter / f"{chapter}.ipynb": student_notebook(chapter)}
        if not check and chapter in settings.use:
            targets[SOURCE_FOLDER / chapter / f"{chapter}.ipynb"] = class_notebook(chapter, settings)
        for path, notebook in targets.items():
            text = as_text(notebook)
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            if check:
                stale.append(f"{path.relative_to(ROOT)} is not what its master says")
            elif path.exists() and changed_by_hand(path) and not force:
                stale.append(
                    f"{path.relative_to(ROOT)} holds somebody's work and was left as it is (--force overwrites)"
                )
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    return stale


def as_text(notebook: NotebookNode) -> str:
    """The notebook's bytes, with a fingerprint of them in its metadata."""
    nbformat.validate(notebook)
    notebook.metadata.unrolled["fingerprint"] = fingerprint(notebook)
    return nbformat.writes(notebook) + "\n"


def changed_by_hand(path: Path) -> bool:
    """Whether a notebook is no longer as the builder wrote it; one that cannot be read counts as changed."""
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        return notebook.metadata.unrolled.fingerprint != fingerprint(notebook)
    except (ValueError, AttributeError, nbformat.reader.NotJSONError):
        return True


def fingerprint(notebook: NotebookNode) -> str:
    """A hash of all cells, sources and outputs."""
    cells = [(cell.cell_type, cell.source, cell.get("outputs", [])) for cell in notebook.cells]
    return digest(json.dumps(cells, sort_keys=True))[:16]
