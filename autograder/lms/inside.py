"""What is in a file that may be a notebook: an answer, what everybody was given, another chapter's, or no notebook.

The one place where collecting reads notebooks, and it does so with the eyes of official grading.
"""

import re
from pathlib import Path

from autograder.exercises import chapter_exercises
from autograder.grading.autograded import handed_out
from autograder.grading.course import Course
from autograder.grading.inside.reading import Cell, Unreadable, read_cells

ANSWERED, BEGUN, UNTOUCHED = "answered", "begun", "untouched"
DAMAGED, OTHER, NONE = "damaged", "other", "none"
#: How files begin that are no notebooks, whatever they are called: PDF, pages, pictures, a Mac's shadows, archives.
FOREIGN = (b"%PDF", b"<", b"\x89PNG", b"\xff\xd8\xff", b"\0\5\x16\7", b"PK\3\4", b"Rar!", b"7z\xbc\xaf")
KEYS = ("cells", "nbformat", "worksheets")  # a notebook has one of them
HEAD, MOST_BYTES = 1 << 16, 256 << 20


class Chapter:
    """A chapter as it was handed out (`given`), to tell what a notebook holds beside it."""

    def __init__(self, name: str, given: bytes = b""):
        self.name = name
        cells = _cells(given) or []
        self.given = {_squeezed(cell.source) for cell in cells} | {""}
        names = [re.escape(exercise.name) for exercise in chapter_exercises(name)]
        self.exercise = re.compile(rf"^\s*(# exercise: |def |class )({'|'.join(names)})\b", re.M)
        self.telling = {_squeezed(cell.source) for cell in cells if self.exercise.search(cell.source)}
        self.names = {exercise.name for exercise in chapter_exercises(name)}

    def kind(self, content: bytes) -> str:
        """What the content of a file is."""
        if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(FOREIGN):
            return NONE
        cells = _cells(content)
        if cells is None:
            return DAMAGED
        ours = [cell for cell in cells if self._ours(cell)]
        if not ours:
            return OTHER
        if any(_squeezed(cell.source) not in self.given for cell in ours):
            return ANSWERED
        return BEGUN if any(_squeezed(cell.source) not in self.given for cell in cells) else UNTOUCHED

    def _ours(self, cell: Cell) -> bool:
        known = {cell.id, cell.grade_id} & self.names or _squeezed(cell.source) in self.telling
        return bool(known or self.exercise.search(cell.source))


def load_chapter(course: Course, name: str) -> Chapter:
    """The chapter as this course hands it out; without its source, or its release, nothing is known to be untouched."""
    release = Path(course.directory.format_path(course.directory.release_directory, ".", name)) / f"{name}.ipynb"
    source = course.path(course.directory.source_directory, ".", name) / f"{name}.ipynb"
    if source.is_file():
        return Chapter(name, handed_out(source.read_text(encoding="utf-8")).encode())
    return Chapter(name, release.read_bytes() if release.is_file() else b"")


def may_be_notebook(head: bytes) -> bool:
    """Whether a file that is not called one begins like a notebook."""
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", errors="replace")
    return text.lstrip("\ufeff \t\r\n").startswith("{") and any(f'"{key}"' in text for key in KEYS)


def _cells(content: bytes) -> list[Cell] | None:
    try:
        return read_cells(content, [])
    except (Unreadable, ValueError, RecursionError):
        return None


def _squeezed(source: str) -> str:
    return "".join(source.split())
