"""`python -m autograder feedback CHAPTER`: write the pages that are out of date, and pack all for the LMS.

`nbgrader generate_feedback` and Formgrader's button do the same, through the exporter at the end.
"""

import argparse
import contextlib
import json
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from traitlets.config import Config

from autograder.files import beside, write_whole
from autograder.grading.changed import earlier
from autograder.grading.course import Course, load_course
from autograder.grading.feedback_page import page
from autograder.grading.gradebook import open_book
from autograder.grading.held import read_plain_file
from autograder.lms.names import EXTENSION, read_part
from autograder.terminal import Trouble


def stale(course: Course, book: Gradebook, chapter: str, students: Iterable[str] | None = None) -> dict[Path, str]:
    """The pages that are not as they should be, and how they should be."""
    source, found = course.source(chapter), {}
    for student in _recorded(course, chapter) if students is None else students:
        record = earlier(course, chapter, student)
        try:
            text = page(course, book, source, record)
        except (MissingEntry, FileNotFoundError, KeyError):
            raise Trouble(
                f"{student!r} has no grades of {chapter} to report: run `python -m autograder grade {chapter}` first."
            ) from None
        path = page_path(course, chapter, student)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            found[path] = text
    return found


def older(course: Course, chapter: str, students: Iterable[str]) -> int:
    """How many have been graded since their page was written, or have none."""
    count = 0
    for student in students:
        page, record = page_path(course, chapter, student), course.record_path(chapter, student)
        with contextlib.suppress(OSError):  # a record that could not be written
            count += not page.exists() or page.stat().st_mtime_ns < record.stat().st_mtime_ns
    return count


def page_path(course: Course, chapter: str, student: str) -> Path:
    """Where nbgrader has a student's feedback."""
    return course.path(course.directory.feedback_directory, student, chapter) / f"{chapter}.html"


def write(course: Course, book: Gradebook, chapter: str, students: Iterable[str] | None = None) -> list[Path]:
    """Bring the pages up to date; the paths of those that were not."""
    pages = stale(course, book, chapter, students)
    for path, text in pages.items():
        write_whole(path, text)
        _for_exchange(course, chapter, path)
    for student in _recorded(course, chapter) if students is None else students:
        page_path(course, chapter, student).touch()  # looked at, and as it should be
    return list(pages)


def _recorded(course: Course, chapter: str) -> list[str]:
    return sorted(path.stem for path in course.record_path(chapter, "any").parent.glob("*.json"))


def _for_exchange(course: Course, chapter: str, path: Path) -> None:
    """What nbgrader's exchange needs beside a page to give it back: the time and the secret of the submission."""
    submitted = course.path("submitted", path.parent.parent.name, chapter)
    for name in ("timestamp.txt", "submission_secret.txt"):
        with contextlib.suppress(OSError):
            write_whole(path.with_name(name), read_plain_file(submitted / name, most=1000)[:1000])


def pack(course: Course, chapter: str, target: Path) -> int:
    """All pages in a zip, each under the name by which the LMS knows the submission; how many there are.

    Canvas and Moodle give a file back to whose name stands in front of its own, as they wrote it into the download.
    """
    if target.exists():
        raise Trouble(f"{target} exists and was left as it is: name another with --zip, or remove it.")
    try:
        files = json.loads((course.root / "downloaded" / chapter / "collected.json").read_text(encoding="utf-8"))[
            "files"
        ]
    except (OSError, ValueError, KeyError):
        files = {}
    paths = {
        path.parent.parent.name: path
        for path in page_path(course, chapter, "*").parent.parent.parent.glob(f"*/{chapter}/{chapter}.html")
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    with beside(target) as new:
        with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as file:
            for student, path in sorted(paths.items()):
                file.write(path, name_for_lms(files.get(student, ["", ""])[1], student, chapter))
        new.chmod(0o644)
        new.rename(target)
    return len(paths)


def name_for_lms(label: str, student: str, chapter: str) -> str:
    """What a page is called in the zip.

    >>> name_for_lms("submissions.zip > kim_4711_90210_01_rnn-1.ipynb", "kim", "01_rnn")
    'kim_4711_90210_01_rnn-1.html'
    >>> name_for_lms("m.zip > Minsu Kim_81_assignsubmission_file > my.ipynb", "kim", "01_rnn")
    'Minsu Kim_81_assignsubmission_file/01_rnn.html'
    >>> name_for_lms("", "kim", "01_rnn")
    'kim/01_rnn.html'
    """
    for part in label.split(" > "):
        if handed := read_part(part):
            return f"{EXTENSION.sub('', part)}.html" if handed.file else f"{part}/{chapter}.html"
    return f"{student}/{chapter}.html"


def run(options: argparse.Namespace) -> int:
    """Write what is out of date and say so; 2 if nothing has been graded."""
    course, chapter = load_course(options.course), options.chapter
    with open_book(course.directory) as book:
        written = write(course, book.gradebook, chapter, options.student)
    there = len(list(page_path(course, chapter, "*").parent.parent.parent.glob(f"*/{chapter}/{chapter}.html")))
    if not there:
        print(
            f"Nothing of {chapter} has been graded: run `python -m autograder grade {chapter}` first.", file=sys.stderr
        )
        return 2
    folder = page_path(course, chapter, "STUDENT")
    print(f"{len(written)} pages written, {there - len(written)} as they were: {folder}")
    if options.zip:
        print(
            f"{pack(course, chapter, options.zip)} pages in {options.zip}, to be uploaded to the LMS as feedback files."
        )
    return 0


class GiveFeedback(NotebookExporter):
    """In the place of the exporter of `nbgrader generate_feedback`, which is made before anything is written."""

    def __init__(self, config: Config | None = None, parent: GenerateFeedback | None = None, **kw: object):
        super().__init__(config=config, parent=parent, **kw)
        directory = parent.coursedir
        student = directory.student_id
        try:
            with open_book(directory) as book:
                course = Course(directory)
                written = write(course, book.gradebook, directory.assignment_id, None if student == "*" else [student])
        except (OSError, Trouble) as error:
            parent.log.error(error)
            raise NbGraderException(str(error)) from error
        parent.log.info("%d pages written", len(written))
        parent.assignments = {}  # nothing is left for nbgrader to do
