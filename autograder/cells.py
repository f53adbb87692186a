"""The cells of a chapter's notebook: what a cell of the master becomes, by its title, with its id and its metadata.

`setup` holds the imports; `exercise` and `check` are an exercise and its judgement; `written` is a paragraph graded by
hand; `picture` only draws and is folded, its first line a comment that says what is to be seen. All other cells of code
stay open, and are short enough to be read.
"""

import ast
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder import own
from autograder.chapters import modules_from
from autograder.diagrams.embed import embed
from autograder.edition import edition
from autograder.exercise import Exercise
from autograder.source import free_names, mark_solutions, merge_imports, module_imports
from autograder.terminal import Trouble
from autograder.watch import operations
from autograder.wording import say

MOST_LINES = 40  # of an open cell
TITLES = ("setup", "exercise", "check", "written", "picture")


class BuildError(Trouble):
    """A master that cannot be built; the message names the chapter, the cell and what to do."""


def section_of(raw: NotebookNode) -> str | None:
    """The id that a heading gives to its cell and, as a beginning, to those below it; None if this is no heading."""
    heading = re.match(r"#+ (.*)", raw.source) if raw.cell_type == "markdown" else None
    return heading and _slug(re.sub(r"^Exercise [\d.]+ — ", "exercise ", heading[1].split(" · ")[0]))


def cell_of(chapter: str, raw: NotebookNode, section: str, exercises: dict[str, Exercise]) -> NotebookNode:
    """The instructor's cell that a cell of the master becomes."""
    title = raw.metadata.get("title", "")
    if title and title not in TITLES:
        raise BuildError(f"{chapter}: a cell is titled {title!r}; expected one of {', '.join(TITLES)}.")
    make = nbformat.v4.new_markdown_cell if raw.cell_type == "markdown" else nbformat.v4.new_code_cell
    cell = make(re.sub(r"  # (noqa|fmt): .*$", "", raw.source, flags=re.M))  # notes to our tools, not to readers
    first_line = raw.source.strip().splitlines()[0]
    cell.id = section_of(raw) or f"{section[:50].rstrip('-')}-{digest(first_line)[:5]}"
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
    elif title == "picture":
        cell.source = _picture(chapter, cell.source)
        cell.metadata = NotebookNode(cellView="form", jupyter={"source_hidden": True}, tags=["hide-input"])
    elif cell.cell_type == "markdown":
        cell.source = embed(cell.source)
    elif cell.cell_type == "code" and (lines := len(cell.source.splitlines())) > MOST_LINES:
        raise BuildError(
            f"{chapter}: the cell {cell.id!r}, which begins with {first_line!r}, has {lines} lines, more than "
            f"{MOST_LINES}. Divide it, with a sentence before each part; what only draws goes into a picture cell."
        )
    return cell


def prediction_cells(chapter: str, cell: NotebookNode) -> list[NotebookNode]:
    """Below a cell that ends with something to predict, a place to type it; none below others.

    >>> [place] = prediction_cells("01_rnn", nbformat.v4.new_markdown_cell("**Predict.** How many?", id="sizes"))
    >>> place.id
    'sizes-prediction'
    """
    if cell.cell_type != "markdown" or "**Predict" not in cell.source:
        return []
    if "**Predict" not in cell.source.rpartition("\n\n")[2]:
        raise BuildError(
            f"{chapter}: what is to be predicted in the cell {cell.id!r} does not end it. Begin a cell with what follows."
        )
    return [nbformat.v4.new_markdown_cell(say("prediction"), id=f"{cell.id[:53]}-prediction")]


def bootstrap_cell(repository: str) -> NotebookNode:
    """The cell that installs the course on Colab, from the address of its repository."""
    source = f"""\
# On Colab this installs the course (Colab's own torch and NumPy stay as they are); elsewhere it does nothing.
import importlib.util
import sys

if importlib.util.find_spec("unrolled") is None:
    if "google.colab" not in sys.modules:
        raise ModuleNotFoundError("The course is not installed here: run `make start` in its folder (see its README).")
    %pip install --quiet "unrolled @ git+{repository}"
"""
    cell = nbformat.v4.new_code_cell(source.rstrip())
    cell.id = "bootstrap"
    return cell


def own_cells(chapter: str, above: str) -> list[NotebookNode]:
    """The cells of the class's own exercises as a master would have them, numbered on from the exercises `above`."""
    cells, (number, last) = [], re.findall(r"^### Exercise (\d+)\.(\d+)", above, re.M)[-1]
    for count, exercise in enumerate(own.own_exercises(chapter), int(last) + 1):
        cells.append(nbformat.v4.new_markdown_cell(own.heading(exercise, f"{number}.{count}")))
        for title, source in (
            ("exercise", f"from {exercise.module.__name__} import {exercise.name}"),
            ("check", f"check({exercise.name})"),
        ):
            cells.append(nbformat.v4.new_code_cell(source, metadata={"title": title}))
    return cells


def own_cell(chapter: str) -> list[NotebookNode]:
    """The cell that carries the class's own exercises, folded; none if it has none."""
    if not (source := own.cell(chapter)):
        return []
    folded = NotebookNode(cellView="form", jupyter={"source_hidden": True}, tags=["hide-input"])
    return [nbformat.v4.new_code_cell(source, id=own.CELL, metadata=folded)]


def hand_in_cells(chapter: str) -> list[NotebookNode]:
    """The last cells: how the grader will see this notebook."""
    prose = "## Before you hand in\n\nSave the notebook, then run this. It looks at the file as the grader will."
    heading = nbformat.v4.new_markdown_cell(prose, id="hand-in-heading")
    return [heading, nbformat.v4.new_code_cell(f'hand_in("{chapter}")', id="hand-in")]


def require_complete(chapter: str, exercises: dict[str, Exercise], cells: dict[str, NotebookNode]) -> None:
    """Refuse a chapter whose cells, by id, lack an exercise, or that promises other points than it gives."""
    for exercise in exercises.values():
        for needed in (exercise.name, f"{exercise.name}-check"):
            if needed not in cells:
                raise BuildError(f"{chapter}: there is no cell for {needed}.")
    text = "\n".join(cell.source for cell in cells.values())
    promised = re.findall(r"^### Exercise .* · (\d+) points?", text, re.M)
    points = [f"{exercise.points:g}" for exercise in exercises.values()]
    if promised != points:
        raise BuildError(f"{chapter}: the headings promise {promised} points, the exercises give {points}.")
    own_ones = own.own_exercises(chapter)  # whose points the builder enters there for the class
    total = f"{sum(exercise.points for exercise in exercises.values() if exercise not in own_ones):g}"
    if (said := re.search(r" exercises, (\d+)\s+points", text)) and said[1] != total:
        raise BuildError(f"{chapter}: the introduction promises {said[1]} points, the exercises give {total}.")


def name_forbidden(exercises: Iterable[Exercise], cells: Iterable[NotebookNode]) -> None:
    """Below each exercise's heading, say what may not be used in it."""
    headings = [cell for cell in cells if cell.source.startswith("### Exercise ")]
    for exercise, cell in zip(exercises, headings, strict=True):
        if exercise.forbids:
            heading, _, text = cell.source.partition("\n")
            cell.source = f"{heading}\n\n{say('not allowed', names=forbidden_in_words(exercise.forbids))}\n{text}"


def forbidden_in_words(forbids: Iterable[str]) -> str:
    """Names of library calls as one writes them, one for each operation.

    >>> forbidden_in_words(["torch.nn.functional.rms_norm", "torch.nn.RMSNorm", "torch.Tensor.multinomial", "torch.func"])
    '`F.rms_norm`, `.multinomial()` and `torch.func`'
    """
    names = {}
    for dotted in forbids:
        short = re.sub(r"^torch\.nn\.functional\.", "F.", dotted)
        short = re.sub(r"^torch\.Tensor\.(\w+)", r".\1()", re.sub(r"^torch\.nn\.(?=[A-Z])", "nn.", short))
        names.setdefault((operations(dotted) or [dotted])[0], f"`{short}`")
    *others, last = names.values()
    return say("and", first=", ".join(others), last=last) if others else last


def digest(text: str) -> str:
    """A hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _setup(chapter: str, source: str, exercises: dict[str, Exercise]) -> str:
    """The setup cell: the master's own imports and those that the exercises' sources need."""
    imports = module_imports(source)
    others = [node for node in ast.parse(source).body if not isinstance(node, (ast.Import, ast.ImportFrom))]
    if others:
        raise BuildError(f"{chapter}: the setup cell holds more than imports: {ast.unparse(others[0])}")
    earlier, late = [], modules_from(chapter) | own.modules()
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
            (node,) = ast.parse(available[name]).body
            if getattr(node, "module", None) in late:
                raise BuildError(
                    f"{exercise.name} needs {name} of {node.module}, of its own chapter or a later one: official "
                    "grading, where that is absent, would take it from nobody."
                )
            if imports.setdefault(name, available[name]) != available[name]:
                raise BuildError(f"{name} is imported in two ways: {imports[name]!r} and {available[name]!r}.")
        earlier.append(exercise.name)
    imports |= {name: f"from autograder import {name}" for name in ("hand_in", "start")}
    return f'{merge_imports(imports.values())}\n\nstart("{chapter}", edition="{edition(exercises.values())}")'


def _named(chapter: str, source: str, exercises: dict[str, Exercise]) -> Exercise:
    """The exercise that an exercise or check cell is about."""
    names = {node.asname or node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.alias)}
    if match := re.fullmatch(r"check\((\w+)\)", source.strip()):
        names = {match[1]}
    if len(names) != 1 or not names <= set(exercises):
        raise BuildError(f"{chapter}: this cell should import or check one exercise of the chapter:\n{source}")
    return exercises[names.pop()]


def _picture(chapter: str, source: str) -> str:
    """A picture's cell with the comment on its first line as the title that Colab shows in its place."""
    name, _, code = source.partition("\n")
    if not re.match(r"# \w", name) or not code.strip():
        raise BuildError(f"{chapter}: a picture's cell begins with a comment that names it, then draws; got:\n{source}")
    return f"#@title {name.removeprefix('# ')}\n{code}"


def _grading(grade_id: str, *, points: float | None = None, solution: bool = False, locked: bool = False) -> dict:
    """nbgrader's metadata, schema 3."""
    metadata = {"grade": points is not None, "grade_id": grade_id, "locked": locked, "schema_version": 3}
    metadata |= {"solution": solution, "task": False}
    return metadata if points is None else metadata | {"points": points}


def _slug(text: str) -> str:
    """A cell id made of a heading: at most 60 of the letters, digits, - and _ that ids may hold."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_]+", "-", ascii_text.lower()).strip("-")[:60] or digest(text)[:8]
