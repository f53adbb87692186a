"""A verdict as it leaves official grading: what a student and a gradebook may see of it.

Points, diagnosis, hint; of a crash the type and the line. Never a value, never a message that the student's code could
have filled with the secret inputs. Even the type's name is the student's to choose, and so is the line: only types of
Python and torch are shown, and only the first lines of the answer's own cell.
"""

import builtins

from autograder import feedback
from autograder.catalogue import FINDINGS
from autograder.evidence import Crash
from autograder.grading.inside.plan import Failure, Program
from autograder.verdict import Verdict

LIBRARY_TYPES = {"LinAlgError", "OutOfMemoryError", "JSONDecodeError", "PatternError", "FrozenInstanceError"}
MOST_LINE = 200
KINDS = {name.split(", ")[0] for name in FINDINGS}  # of a difference, where no misconception explains it
OUR_TYPES = {
    "UnusableResult": "what came out is not plain data, or far too much of it",
    "ProcessEnded": "its process ended, by itself or at a limit on memory, processes or files",
    "TooMuchOutput": "what came out is far too much",
}


def entry(verdict: Verdict, program: Program, there: bool = True, failures: dict[int, Failure] | None = None) -> dict:
    """The verdict as plain data for the record; `there` says whether there was an answer, `failures` which cells failed."""
    crash = None
    if verdict.crash:
        line = verdict.crash.line
        crash = {"type": _known(verdict.crash.type), "line": line if line and line <= MOST_LINE else None}
    return {
        "exercise": verdict.exercise,
        "outcome": verdict.outcome,
        "points": verdict.points,
        "max_points": verdict.max_points,
        "groups": [list(group) for group in verdict.groups],
        "diagnosis": verdict.diagnosis,
        "hint": verdict.hint,
        "crash": crash,
        "carried": list(verdict.carried),
        "message": _message(verdict, crash, program, there, failures or {}),
    }


def as_verdict(entry: dict) -> Verdict:
    """The verdict again, with the official message, for showing."""
    crash = Crash(**entry["crash"]) if entry["crash"] else None
    return Verdict(
        exercise=entry["exercise"],
        outcome=entry["outcome"],
        points=entry["points"],
        max_points=entry["max_points"],
        message=entry["message"],
        diagnosis=entry["diagnosis"],
        hint=entry["hint"],
        groups=tuple(tuple(group) for group in entry["groups"]),
        crash=crash,
        carried=tuple(entry["carried"]),
    )


def html(entry: dict) -> str:
    """The verdict for the autograded notebook."""
    return feedback.as_html(as_verdict(entry))


def text(entry: dict) -> str:
    """The verdict in plain text."""
    return feedback.as_text(as_verdict(entry))


def about_cell(failure: Failure) -> str:
    """A note on a cell that stopped. None of the inputs has been seen by then; still, no message is repeated."""
    where = f" in line {failure.line}" if failure.line else ""
    return f"Cell {failure.cell + 1} stopped with {_known(failure.type)}{where}; the others ran on."


def _message(verdict: Verdict, crash: dict | None, program: Program, there: bool, failures: dict[int, Failure]) -> str:
    if not there and not program.blank:
        stopped = [about_cell(failure) for cell, failure in failures.items() if cell <= program.mark]
        return " ".join([f"Not graded: {program.problem}.", *stopped[:3], *_missing(program)])
    if verdict.outcome == "correct":
        message = "Right in every case."
    elif verdict.outcome == "not attempted":
        message = "Still as it was handed out."
    elif verdict.outcome == "timed out":
        message = "Your answer was still running at its time limit. Which loop might never end?"
    elif verdict.outcome == "forbidden":
        message = verdict.message  # it names what the source says, and knows of no inputs
    elif verdict.diagnosis in KINDS:
        message = f"Not right yet: {verdict.diagnosis}. {verdict.hint}"
    elif verdict.diagnosis:
        message = f"This is what comes out when {verdict.diagnosis}. {verdict.hint}"
    elif crash and crash["type"] in OUR_TYPES:
        message = f"Your answer gave no result: {OUR_TYPES[crash['type']]}."
    elif crash:
        where = f" in line {crash['line']} of its cell" if crash["line"] else ""
        message = f"Your answer stopped with {crash['type']}{where}."
    else:
        message = f"Not right yet: {verdict.diagnosis or 'something differs'}. {verdict.hint or ''}".strip()
    if verdict.outcome == "crashed" and program.missing:
        message = " ".join([message, *_missing(program)])
    if verdict.carried:
        message += f" (Judged with the library's {' and '.join(verdict.carried)} in the place of yours.)"
    return message


def _missing(program: Program) -> list[str]:
    """The modules that the student's cells import in vain: what their source says, not what the process does."""
    if not program.missing:
        return []
    names = " and ".join(f"`{name}`" for name in program.missing)
    return [f"Your cells import {names}, which official grading does not have."]


def _known(name: str) -> str:
    """An exception's name if it is one of Python's, torch's or ours: any other is the student's to choose."""
    builtin = getattr(builtins, name, None)
    if name in LIBRARY_TYPES | {"TimeLimit", *OUR_TYPES} or (
        isinstance(builtin, type) and issubclass(builtin, BaseException)
    ):
        return name
    return "Exception"
