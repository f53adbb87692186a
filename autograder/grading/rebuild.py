"""Rebuild, don't repair: from a submission only sources are taken, all else comes from the instructor's notebook.

For each exercise this finds the cell with its answer (by nbgrader's id, else by the comment on its first line, else by
the definition of the name) and what that answer needs of the student's other cells: imports, helpers, constants. The
result is a `Program` for the sandbox: a list of statements, as untrusted as the answer, in which nothing is left that
merely demonstrates, trains, prints or exits.
"""

import ast
import contextlib
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.exercise import Exercise
from autograder.grading.reading import Cell, read_cells
from autograder.grading.statements import MOST_LETTERS, Statement, statements

COURSE_CELL = -1  # the setup cell of the instructor's notebook comes first
BLANK = "its cell is as it was handed out"


@dataclass(frozen=True)
class Piece:
    """A statement and the number of the cell it stands in."""

    statement: Statement
    cell: int


@dataclass(frozen=True)
class Program:
    """What the sandbox needs of a submission to build one answer."""

    name: str
    pieces: tuple[Piece, ...]
    problem: str | None = None  # why there is no answer
    blank: bool = False  # still as it was handed out

    @property
    def source(self) -> str:
        """All of it as text, for reading only."""
        return "\n".join(piece.statement.source for piece in self.pieces)


@dataclass(frozen=True)
class Rebuilt:
    """A submission as it is graded."""

    programs: dict[str, Program]
    answers: dict[str, str]  # the source shown in the solution cell, by exercise
    written: dict[str, str]  # paragraphs graded by hand, by cell id
    added: tuple[str, ...]  # other code cells of the student's that are part of a program
    repairs: tuple[str, ...]


def rebuild(content: bytes, source: str, exercises: Iterable[Exercise]) -> Rebuilt:
    """Take the sources of a submission apart; `source` is the instructor's notebook."""
    repairs: list[str] = []
    course, cells = _course_cells(source), read_cells(content, repairs)
    given = {cell.grade_id: cell for cell in course if cell.grade_id}
    names = [exercise.name for exercise in exercises]
    blanks = {name: handed_out(given[name].source) if name in given else "" for name in names}
    answers = {name: find_answer(name, cells, blanks[name], repairs) for name in names}
    parts = _parts(course, cells, answers)
    programs = {name: _program(name, answers[name], blanks[name], cells, parts) for name in names}
    used = {piece.cell for program in programs.values() for piece in program.pieces}
    theirs = {cell.id for cell in course}
    added = [n for n in sorted(used - {COURSE_CELL, *answers.values()}) if cells[n].id not in theirs]
    return Rebuilt(
        programs,
        {name: cells[n].source for name, n in answers.items() if n is not None},
        {name: _written(name, course, cells, repairs) for name, cell in given.items() if cell.kind == "markdown"},
        tuple(cells[n].source for n in added),
        tuple(dict.fromkeys(repairs)),
    )


@functools.lru_cache(maxsize=4)
def _course_cells(source: str) -> tuple[Cell, ...]:
    return tuple(read_cells(source.encode(), []))


def find_answer(name: str, cells: list[Cell], given: str, repairs: list[str]) -> int | None:
    """The number of the cell that holds the answer: by id, by the comment on the first line, by the definition.

    A cell that still says what was `given` gives way to one that says more.
    """
    by_id = [n for n, cell in enumerate(cells) if name in (cell.grade_id, cell.id)]
    comment = re.compile(rf"\s*#\s*exercise:\s*{re.escape(name)}\s*$", re.M)
    by_comment = [n for n, cell in enumerate(cells) if comment.match(cell.source)]
    by_definition = [n for n, cell in enumerate(cells) if cell.kind == "code" and name in _bound(cell.source)]
    if len(by_id) > 1:
        repairs.append(f"{name}: {len(by_id)} cells have its id; the last one with an answer was graded.")
    for candidates in (by_id, by_comment, by_definition):
        attempted = [
            n for n in candidates if name in _bound(cells[n].source) and _skeleton(cells[n].source) != _skeleton(given)
        ]
        if attempted:
            chosen = attempted[-1]
            if not by_id:
                repairs.append(f"{name}: its cell had lost its id; it was found by its content.")
            elif chosen not in by_id:
                repairs.append(f"{name}: the answer stands in another cell than its own; it was found by its content.")
            if cells[chosen].kind != "code":
                repairs.append(f"{name}: its cell had become a {cells[chosen].kind[:20]} cell; it was read as code.")
            return chosen
    rest = [*by_definition, *by_comment, *by_id]
    if not rest:
        repairs.append(f"{name}: there is no cell with an answer.")
    return rest[-1] if rest else None


@functools.lru_cache(maxsize=1024)
def _skeleton(source: str) -> str:
    """What a cell says to Python: comments and layout do not count."""
    if len(source) <= MOST_LETTERS:
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            return ast.dump(ast.parse(source))
    return source.strip()


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
