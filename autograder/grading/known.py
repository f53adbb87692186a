"""The same answer is judged once: verdicts by all that they depend on, in one file that all workers of a grading share.

That is the answer's cells and its helpers' (`inside.plain`; all that run, where more may matter), the exercise, the seed of
the inputs, the limits, the sandbox, the versions and this program's own code. Kept is what another judging would find
again: no time limit, no process that ended. A file that cannot be used costs time alone.
"""

import contextlib
import functools
import hashlib
import importlib.util
import json
import os
import sqlite3
from pathlib import Path

from autograder.grading.inside.plan import Program, Rebuilt

LASTING = ("correct", "wrong", "crashed", "forbidden")
#: Of crashes those that need not come again, and those whose name is not told.
PASSING = ("TimeLimit", "ProcessEnded", "UnusableResult", "TooMuchOutput", "MemoryError", "OutOfMemoryError", "Exception")
HERE_ALONE = ":memory:"  # in the place of a file, for a worker that shares none


class Known:
    """The verdicts in a file, as far as they are of this basis, which is the same for a whole class. Without a path: none."""

    def __init__(self, path: str, basis: str):
        self.path, self.basis = path, basis

    def name(self, exercise: str, rebuilt: Rebuilt, program: Program) -> str | None:
        """A name for all that a verdict depends on; None if that is not known."""
        if not self.path or program.later or program.newer or program.blank or not program.runs:
            return None
        if program.depends:
            cells = [(n == program.cell, source) for n, source in rebuilt.cells if n in program.depends]
            facts = cells, program.missing, program.used
        else:
            facts = rebuilt.cells, program
        return hashlib.sha256(repr((self.basis, exercise, facts)).encode(errors="backslashreplace")).hexdigest()

    def get(self, name: str | None) -> dict | None:
        """The verdict of this name, if there is one."""
        with contextlib.suppress(sqlite3.Error, ValueError, TypeError):
            query = "SELECT entry FROM verdicts WHERE name = ?"
            return name and json.loads(_table(self.path, os.getpid()).execute(query, (name,)).fetchone()[0])
        return None

    def put(self, name: str | None, entry: dict) -> None:
        """Keep a verdict, if it would be the same again."""
        passing = entry["crash"] and entry["crash"]["type"] in PASSING
        if name and entry["outcome"] in LASTING and not passing:
            row = name, self.basis, json.dumps(entry)
            with contextlib.suppress(sqlite3.Error):
                _table(self.path, os.getpid()).execute("INSERT OR IGNORE INTO verdicts VALUES (?, ?, ?)", row)

    def forget_others(self, *, all_of_them: bool = False) -> None:
        """Forget the verdicts of any other basis, of this one too if told so; a file that is damaged as a whole."""
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
        try:
            with contextlib.closing(_opened(self.path)) as table:
                table.execute("DELETE FROM verdicts WHERE basis != ? OR ?", (self.basis, all_of_them))
        except sqlite3.Error:
            with contextlib.suppress(OSError):
                os.unlink(self.path)


@functools.cache
def code() -> str:
    """A hash of this program: of all modules of the course."""
    folders = [Path(__file__).parent.parent, Path(importlib.util.find_spec("unrolled").origin).parent]
    files = sorted(path for folder in folders for path in folder.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


@functools.cache
def _table(path: str, process: int) -> sqlite3.Connection:
    """This process's own connection: none outlives a fork."""
    return _opened(path)


def _opened(path: str) -> sqlite3.Connection:
    table = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
    table.execute("PRAGMA synchronous = OFF")
    table.execute("CREATE TABLE IF NOT EXISTS verdicts (name TEXT PRIMARY KEY, basis TEXT, entry TEXT)")
    return table
