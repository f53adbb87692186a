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


def handed_out(source: str) -> str:
    """A cell of the instructor's as students were given it."""
    blank = r"\1raise NotImplementedError()"
    return re.sub(r"^([ \t]*)### BEGIN SOLUTION\n.*?### END SOLUTION", blank, source, flags=re.M | re.S)


def _bound(source: str) -> set[str]:
    try:
        return {name for statement in statements(source) for name in statement.binds}
    except SyntaxError:
        return set()


def _parts(course: tuple[Cell, ...], cells: list[Cell], answers: dict[str, int | None]) -> list[list[Piece]]:
    """The statements of every cell that may be part of a program; those of the course's setup cell come first."""
    checks = {cell.grade_id for cell in course if cell.grade_id} - set(answers)
    setup = next((cell.source for cell in course if cell.id == "setup"), "")
    parts = [_pieces(setup, COURSE_CELL, set(answers))]
    for n, cell in enumerate(cells):
        its_own = {name for name, number in answers.items() if number in (n, None)}
        usable = its_own or (cell.kind == "code" and not {cell.grade_id, cell.id} & checks)
        parts.append(_pieces(cell.source, n, set(answers) - its_own) if usable else [])
    return parts


def _pieces(source: str, cell: int, foreign: set[str]) -> list[Piece]:
    """The statements of a cell, without those that bind the answers of other exercises."""
    try:
        return [Piece(s, cell) for s in statements(source) if not s.binds & foreign]
    except SyntaxError:
        return []


def problem_of(name: str, source: str, given: str) -> str | None:
    """Why there is no answer in a cell that was `given` to the student, or None if there is one."""
    if _skeleton(source) == _skeleton(given):
        return BLANK
    try:
        statements(source)
    except SyntaxError as error:
        return f"Python could not read the cell with {name} (syntax error in line {error.lineno or 1})"
    return None if name in _bound(source) else f"its cell does not define {name}"


def _program(name: str, answer: int | None, blank: str, cells: list[Cell], parts: list[list[Piece]]) -> Program:
    """The answer's statements and what they need, from cells up to the answer's first, else from later ones."""
    problem = f"there is no cell that defines {name}" if answer is None else problem_of(name, cells[answer].source, blank)
    if problem:
        return Program(name, (), blank=True) if problem == BLANK else Program(name, (), problem)
    first, later = _by_name(parts[: answer + 2]), _by_name(parts[answer + 2 :])
    taken, wanted, seen = set(first.get("*", ())), [name], set()
    while wanted:
        if (want := wanted.pop()) in seen:
            continue
        seen.add(want)
        new = set(first.get(want) or later.get(want, ())) - taken
        taken |= new
        wanted += sorted({need for piece in new for need in piece.statement.needs})
    # Those that stand further down come last: what needs them earlier is tried again at the end.
    return Program(name, tuple(sorted(taken, key=lambda piece: (piece.cell, piece.statement.line))))


def _by_name(parts: list[list[Piece]]) -> dict[str, list[Piece]]:
    """The pieces that bind each name."""
    found: dict[str, list[Piece]] = {}
    for part in parts:
        for piece in part:
            for bound in piece.statement.binds:
                found.setdefault(bound, []).append(piece)
    return found


def _written(name: str, course: tuple[Cell, ...], cells: list[Cell], repairs: list[str]) -> str:
    """The student's paragraph: by id, else what stands where it stood, behind the same question."""
    for cell in reversed(cells):
        if name in (cell.grade_id, cell.id):
            return cell.source
    place = next(n for n, cell in enumerate(course) if cell.grade_id == name)
    question = course[place - 1].source.strip()
    for n, cell in enumerate(cells[:-1]):
        if cell.source.strip() == question and cells[n + 1].kind == "markdown":
            repairs.append(f"{name}: the paragraph's cell had lost its id; it was found behind its question.")
            return cells[n + 1].source
    repairs.append(f"{name}: there is no cell with the paragraph.")
    return course[place].source
