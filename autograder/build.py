"""From masters and library to notebooks.

A master (`solutions/01_rnn.py`, jupytext's percent format) is prose, demonstrations and, for each exercise, an import
from the library. From it come the instructor notebook (the exercise's source from the library, nbgrader's marks around
what the student writes), the student notebook (what nbgrader makes of that) and, executed, the solved one.

Cells are marked by their title: `setup` (imports), `exercise`, `check`, `written` (a paragraph graded by hand).
The builder owns all metadata and ids, and never overwrites a notebook that somebody has changed.
"""

import ast
import hashlib
import json
import re
import tomllib
import unicodedata
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

from autograder.chapters import CHAPTERS
from autograder.exercise import Exercise
from autograder.exercises import chapter_exercises
from autograder.notebook import edition_of
from autograder.source import free_names, mark_solutions, merge_imports, module_imports

ROOT = Path(__file__).parent.parent
MASTERS = ROOT / "solutions"
CHAPTERS_FOLDER = ROOT / "chapters"
SOURCE_FOLDER = ROOT / "autograder" / "course" / "source"
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
INDEX = """\
# Unrolled: from RNNs to LLMs, one exercise at a time

Begin with chapter 00, or where you like: each says what it needs. Run the cell below to see how far you are; a click on
a chapter opens it.

{table}

Minutes are those of running the solved chapter from top to bottom; your own work comes on top: an evening or so.
"""


class BuildError(Exception):
    """A master that cannot be built; the message names the chapter, the cell and what to do."""


def repository() -> str:
    """The address of the repository, from its one place."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]


def instructor_notebook(chapter: str) -> NotebookNode:
    """nbgrader's source notebook: the master, with each exercise's source and the marks around its solution."""
    master = jupytext.read(MASTERS / f"{chapter}.py", fmt="py:percent")
    exercises = {exercise.name: exercise for exercise in chapter_exercises(chapter)}
    cells, section, seen = [], chapter, {}
    for raw in master.cells:
        title = raw.metadata.get("title", "")
        if not raw.source.strip():
            raise BuildError(f"{chapter}: there is an empty cell below “{section}”.")
        source = re.sub(r"  # (noqa|fmt): .*$", "", raw.source, flags=re.M)  # notes to our tools, not to readers
        cell = _new_cell(raw.cell_type, source)
        if raw.cell_type == "markdown" and (heading := re.match(r"#+ (.*)", raw.source)):
            section = _slug(re.sub(r"^Exercise [\d.]+ — ", "exercise ", heading[1].split(" · ")[0]))
            cell.id = section
        else:
            cell.id = f"{section[:50].rstrip('-')}-{_digest(raw.source.strip().splitlines()[0])[:5]}"
        if title == "setup":
            cell.id, cell.source = "setup", _setup(chapter, raw.source, exercises)
        elif title == "exercise":
            exercise = _named(chapter, raw.source, exercises)
            cell.id = exercise.name
            cell.source = f"# exercise: {exercise.name}\n{mark_solutions(exercise.source.rstrip(), exercise.blanks)}"
            cell.metadata.nbgrader = _grading(exercise.name, solution=True)
        elif title == "check":
            exercise = _named(chapter, raw.source, exercises)
            cell.id = f"{exercise.name}-check"
            cell.metadata.tags = ["raises-exception"]
            cell.metadata.nbgrader = _grading(cell.id, points=exercise.points, locked=True)
        elif title == "written":
            cell.id = raw.metadata["name"]
            cell.metadata.nbgrader = _grading(cell.id, points=raw.metadata["points"], solution=True)
        elif title:
            raise BuildError(f"{chapter}: a cell is titled {title!r}; expected setup, exercise, check or written.")
        if cell.id in seen:
            raise BuildError(
                f"{chapter}: two cells get the id {cell.id!r}. Let their first lines differ:\n{raw.source}"
            )
        seen[cell.id] = cell
        cells.append(cell)
    _require_complete(chapter, exercises, seen)
    return _notebook(chapter, [cells[0], _bootstrap(), *cells[1:], *_hand_in(chapter)])


def student_notebook(chapter: str) -> NotebookNode:
    """What nbgrader's generate_assignment makes of the instructor notebook."""
    notebook, resources = instructor_notebook(chapter), {}
    for step in (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ComputeChecksums, CheckCellMetadata):
        notebook, resources = step().preprocess(notebook, resources)
    return notebook


def build(chapters: list[str], *, check: bool = False, force: bool = False) -> list[str]:
    """Write the notebooks of these chapters; with `check`, only name what is not as it should be."""
    stale = []
    for chapter in chapters:
        targets = {CHAPTERS_FOLDER / chapter / f"{chapter}.ipynb": student_notebook(chapter)}
        if not check:
            targets[SOURCE_FOLDER / chapter / f"{chapter}.ipynb"] = instructor_notebook(chapter)
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
    for path, text in pages().items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if check:
            stale.append(f"{path.relative_to(ROOT)} has an old table of chapters")
        else:
            path.write_text(text, encoding="utf-8")
    return stale


def pages() -> dict[Path, str]:
    """The pages that list the chapters, as the masters have them: the README and the course's landing page."""
    readme = ROOT / "README.md"
    return {readme: readme_table(readme.read_text(encoding="utf-8")), CHAPTERS_FOLDER / "index.ipynb": as_text(index())}


def readme_table(text: str) -> str:
    """The README with its table of chapters as the masters have it."""
    rows = ["| chapter | question | exercises | points | minutes | Colab |", "|---|---|---|---|---|---|"]
    for chapter in CHAPTERS:
        path = f"chapters/{chapter}/{chapter}.ipynb"
        colab = repository().replace("https://github.com", "https://colab.research.google.com/github")
        rows.append(
            f"| [{chapter}]({path}) | [{question(chapter)}](solutions/{chapter}.ipynb) | {sizes(chapter)} "
            f"| [open]({colab}/blob/main/{path}) |"
        )
    start, end = text.index("-->", text.index("<!-- chapters:")) + 3, text.index("<!-- /chapters -->")
    return f"{text[:start]}\n" + "\n".join(rows) + f"\n{text[end:]}"


def index() -> NotebookNode:
    """The landing page: every chapter's question, size and minutes, and below them the student's progress."""
    rows = ["| chapter | question | exercises | points | minutes |", "|---|---|---|---|---|"]
    rows += [f"| [{c}]({c}/{c}.ipynb) | {question(c)} | {sizes(c)} |" for c in CHAPTERS]
    cells = [
        nbformat.v4.new_markdown_cell(INDEX.format(table="\n".join(rows)), id="chapters"),
        nbformat.v4.new_code_cell("from autograder import progress\n\nprogress()", id="progress"),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata={**KERNEL, "unrolled": {}})


def question(chapter: str) -> str:
    """The question that is the chapter's title."""
    return re.search(r"^# # \d+ · (.*)$", (MASTERS / f"{chapter}.py").read_text(encoding="utf-8"), re.M)[1]


def sizes(chapter: str) -> str:
    """A chapter's exercises, points and minutes, as cells of a table."""
    exercises = chapter_exercises(chapter)
    return f"{len(exercises)} | {sum(e.points for e in exercises):g} | {minutes(chapter)}"


def minutes(chapter: str) -> str:
    """How long the solved chapter took to run when it was released, to the half minute."""
    path = MASTERS / f"{chapter}.ipynb"
    taken = nbformat.read(path, as_version=4).metadata.unrolled.get("minutes") if path.exists() else None
    return "?" if taken is None else f"{taken:g}"


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
    return _digest(json.dumps(cells, sort_keys=True))[:16]


def _new_cell(cell_type: str, source: str) -> NotebookNode:
    make = nbformat.v4.new_markdown_cell if cell_type == "markdown" else nbformat.v4.new_code_cell
    return make(source)


def _notebook(chapter: str, cells: list[NotebookNode]) -> NotebookNode:
    metadata = {**KERNEL, "unrolled": {"chapter": chapter, "edition": edition_of(chapter)}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def _bootstrap() -> NotebookNode:
    source = f"""\
# On Colab this installs the course (Colab's own torch and NumPy stay as they are); elsewhere it does nothing.
import importlib.util
import sys

if importlib.util.find_spec("unrolled") is None:
    if "google.colab" not in sys.modules:
        raise ModuleNotFoundError("The course is not installed here: run `make start` in its folder (see its README).")
    %pip install --quiet "unrolled @ git+{repository()}"
"""
    cell = nbformat.v4.new_code_cell(source.rstrip())
    cell.id = "bootstrap"
    return cell


def _hand_in(chapter: str) -> list[NotebookNode]:
    prose = "## Before you hand in\n\nSave the notebook, then run this. It looks at the file as the grader will."
    heading = nbformat.v4.new_markdown_cell(prose, id="hand-in-heading")
    return [heading, nbformat.v4.new_code_cell(f'hand_in("{chapter}")', id="hand-in")]


def _setup(chapter: str, source: str, exercises: dict[str, Exercise]) -> str:
    """The setup cell: the master's own imports and those that the exercises' sources need."""
    imports = module_imports(source)
    others = [node for node in ast.parse(source).body if not isinstance(node, (ast.Import, ast.ImportFrom))]
    if others:
        raise BuildError(f"{chapter}: the setup cell holds more than imports: {ast.unparse(others[0])}")
    earlier: list[str] = []
    for exercise in exercises.values():
        text = Path(exercise.module.__file__).read_text(encoding="utf-8")
        if "from __future__" in text:
            raise BuildError(f"{exercise.module.__name__} imports from __future__, which a notebook cell cannot.")
        available, needed = module_imports(text), free_names(exercise.source)
        used = [name for name in earlier if name in needed]
        if set(used) != {name for name in exercise.uses if name in exercises}:
            raise BuildError(
                f"{exercise.name} calls {used} of its chapter, but its exercise says uses={exercise.uses}."
            )
        for name in sorted(needed - set(used)):
            if name not in available:
                raise BuildError(
                    f"{exercise.name} needs {name}, which neither an import nor an earlier exercise gives."
                )
            if imports.setdefault(name, available[name]) != available[name]:
                raise BuildError(f"{name} is imported in two ways: {imports[name]!r} and {available[name]!r}.")
        earlier.append(exercise.name)
    imports |= {name: f"from autograder import {name}" for name in ("hand_in", "start")}
    return f'{merge_imports(imports.values())}\n\nstart("{chapter}", edition="{edition_of(chapter)}")'


def _named(chapter: str, source: str, exercises: dict[str, Exercise]) -> Exercise:
    """The exercise that an exercise or check cell is about."""
    names = {node.asname or node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.alias)}
    if match := re.fullmatch(r"check\((\w+)\)", source.strip()):
        names = {match[1]}
    if len(names) != 1 or not names <= set(exercises):
        raise BuildError(f"{chapter}: this cell should import or check one exercise of the chapter:\n{source}")
    return exercises[names.pop()]


def _require_complete(chapter: str, exercises: dict[str, Exercise], cells: dict[str, NotebookNode]) -> None:
    for exercise in exercises.values():
        for needed in (exercise.name, f"{exercise.name}-check"):
            if needed not in cells:
                raise BuildError(f"{chapter}: there is no cell for {needed}.")
    promised = re.findall(r"^### Exercise .* · (\d+) points?", "\n".join(c.source for c in cells.values()), re.M)
    points = [f"{exercise.points:g}" for exercise in exercises.values()]
    if promised != points:
        raise BuildError(f"{chapter}: the headings promise {promised} points, the exercises give {points}.")


def _grading(grade_id: str, *, points: float | None = None, solution: bool = False, locked: bool = False) -> dict:
    """nbgrader's metadata, schema 3."""
    metadata = {"grade": points is not None, "grade_id": grade_id, "locked": locked, "schema_version": 3}
    metadata |= {"solution": solution, "task": False}
    return metadata if points is None else metadata | {"points": points}


def _slug(text: str) -> str:
    """A cell id made of a heading: at most 60 of the letters, digits, - and _ that ids may hold."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_]+", "-", ascii_text.lower()).strip("-")[:60] or _digest(text)[:8]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
