"""`python -m autograder next`: where each chapter stands, and the command that comes next; `make teach` opens it as a page."""

import argparse

import nbformat
from nbgrader.api import Gradebook

from autograder import build
from autograder.chapters import CHAPTERS
from autograder.files import write_whole
from autograder.grading.changed import earlier
from autograder.grading.course import Course, load_course
from autograder.grading.flags import flags
from autograder.grading.give_back import stale
from autograder.grading.gradebook import open_book
from autograder.terminal import Trouble

PAGE = """\
# What to do next

**[Open Formgrader](/formgrader)** to see submissions, grade paragraphs by hand and manage the class.

{table}

Written by `python -m autograder next`. The commands are typed in a terminal, in the course's folder with its environment
active; [For instructors]({repository}/blob/main/assets/site/instructors.md) explains them.
"""
NOTHING = """\
Nobody has handed in anything yet. To begin: read the class with `python -m autograder roster FILE`, hand out a chapter, put
what comes back into `course/downloaded/CHAPTER/archive/`, and run `python -m autograder collect CHAPTER`."""


def steps(course: Course, book: Gradebook) -> list[tuple[str, str, str]]:
    """Each chapter that somebody has handed in or downloaded: where it stands, and what comes next."""
    found = []
    for chapter in CHAPTERS:
        students = course.students(chapter)
        archive = course.root / "downloaded" / chapter / "archive"
        if not students and archive.is_dir():
            found.append((chapter, "downloaded, not collected", f"python -m autograder collect {chapter}"))
        elif students:
            found.append((chapter, *_step(course, book, chapter, students)))
    return found


def _step(course: Course, book: Gradebook, chapter: str, students: list[str]) -> tuple[str, str]:
    waiting = flags(course, book, chapter)
    graded = sum(bool(earlier(course, chapter, student)) for student in students)
    said = f"{len(students)} handed in, {graded} graded, {len(waiting)} to settle"
    if any(flag.settle == f"python -m autograder grade {chapter}" for flag in waiting):
        return said, f"python -m autograder grade {chapter}"
    if waiting:
        return said, f"python -m autograder flags {chapter}"
    try:
        if pages := stale(course, book, chapter):
            return f"{said}; feedback of {len(pages)} is out of date", f"python -m autograder feedback {chapter}"
    except Trouble:
        return said, f"python -m autograder grade {chapter}"
    return f"{said}; feedback is up to date", f"python -m autograder report {chapter}"


def page(found: list[tuple[str, str, str]]) -> str:
    """The steps as a notebook of one cell, which JupyterLab shows without a kernel."""
    rows = ["| chapter | where it stands | next |", "|---|---|---|"]
    rows += [f"| {chapter} | {said} | `{command}` |" for chapter, said, command in found]
    text = PAGE.format(table="\n".join(rows) if found else NOTHING, repository=build.repository())
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text, id="next")], metadata=build.KERNEL)
    return nbformat.writes(notebook) + "\n"


def run(options: argparse.Namespace) -> int:
    """Print the steps, and write the page."""
    course = load_course(options.course)
    with open_book(course.directory) as book:
        found = steps(course, book.gradebook)
    write_whole(course.root / "next.ipynb", page(found))
    for chapter, said, command in found:
        print(f"{chapter}: {said}\n    → {command}")
    if not found:
        print(NOTHING)
    return 0
