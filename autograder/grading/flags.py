"""`python -m autograder flags`: what needs a human, why, and with which command it is settled.

Formgrader shows the same: in its column *Flagged?* the files that need a look, in *Needs manual grade* all points that wait for a
person, until the file is accepted or the points are given by hand.
"""

import argparse
import json
import sys
from dataclasses import dataclass

from nbgrader.api import Gradebook, MissingEntry

from autograder.chapters import CHAPTERS
from autograder.files import write_whole
from autograder.grading.changed import earlier, needs_a_look
from autograder.grading.course import Course, load_course
from autograder.grading.gradebook import open_book, to_look_at_again
from autograder.grading.held import digest, held
from autograder.lms.text import shown
from autograder.terminal import Trouble

BY_HAND = "by hand: make teach, then Nbgrader → Formgrader → {chapter}"


@dataclass(frozen=True)
class Flag:
    """Something that a person must settle."""

    chapter: str
    student: str
    why: str
    settle: str


def flags(course: Course, book: Gradebook, chapter: str) -> list[Flag]:
    """All flags of a chapter, the files without an owner first."""
    handed_in, found = course.students(chapter), []
    found += [Flag(chapter, key, why, settle) for key, why, settle in _without_owner(course, chapter)]
    recorded = {path.stem for path in course.record_path(chapter, "any").parent.glob("*.json")}
    for student in sorted(recorded | set(handed_in)):
        record = earlier(course, chapter, student)
        found += [Flag(chapter, student, *flag) for flag in _of(course, book, chapter, student, record)]
    return found


def accept(course: Course, book: Gradebook, chapter: str, student: str) -> None:
    """Take a flagged submission as it was graded: its points stand, in Formgrader too, until another file is handed in."""
    record = earlier(course, chapter, student)
    if not record.get("graded") or not record.get("flags"):
        raise Trouble(
            f"{shown(student)!r} has no flag in {chapter} that could be accepted; `flags {chapter}` lists them."
        )
    record["accepted"] = True
    submitted = book.find_submission_notebook(chapter, chapter, student)
    submitted.flagged = False
    for grade in submitted.grades:
        if grade.auto_score is not None and grade.manual_score is None:
            grade.needs_manual_grade = False
    book.db.commit()
    write_whole(course.record_path(chapter, student), json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def run(options: argparse.Namespace) -> int:
    """Print the flags of one chapter or all; 1 if there are any."""
    course = load_course(options.course)
    with open_book(course.directory) as book:
        if options.accept:
            if not options.chapter:
                raise Trouble("--accept needs the chapter: `python -m autograder flags CHAPTER --accept STUDENT`.")
            for student in options.accept:
                accept(course, book.gradebook, options.chapter, student)
        chapters = [options.chapter] if options.chapter else list(CHAPTERS)
        found = [flag for chapter in chapters for flag in flags(course, book.gradebook, chapter)]
    for flag in found:
        print(f"{flag.chapter}  {shown(flag.student)}: {shown(flag.why, 300)}\n    → {flag.settle}")
    if not found:
        print("Nothing waits for you.")
    else:
        print(f"{len(found)} to settle.", file=sys.stderr)
    return int(bool(found))


def _without_owner(course: Course, chapter: str) -> list[tuple[str, str, str]]:
    """Collected files of which nobody knows whose they are."""
    folder = course.root / "downloaded" / chapter
    try:
        keys = json.loads((folder / "collected.json").read_text(encoding="utf-8"))["keys"]
    except (OSError, ValueError, KeyError):
        return []
    settle = f"python -m autograder assign {chapter} {{key}} STUDENT"
    return [(key, f"whose is {label}?", settle.format(key=shown(key))) for key, label in sorted(keys.items())]


def _of(course: Course, book: Gradebook, chapter: str, student: str, record: dict) -> list[tuple[str, str]]:
    """What of a submission waits for a person; what it says in the gradebook counts, where a person may have settled it."""
    grade, by_hand = f"python -m autograder grade {chapter}", BY_HAND.format(chapter=chapter)
    if not record:
        return [("handed in and not graded yet", grade)]
    if _handed_in_since(course, chapter, student, record):
        return [("handed in again since it was graded", grade)]
    try:
        submitted = book.find_submission_notebook(chapter, chapter, student)
    except MissingEntry:
        return [("the gradebook lacks its grades", grade)]
    waiting, found = [g for g in submitted.grades if g.needs_manual_grade], []
    if waiting and not record["graded"]:
        found.append((record["problem"], by_hand))
    elif waiting and needs_a_look(record):
        found.append(
            (
                "; ".join(record["flags"]),
                f"python -m autograder flags {chapter} --accept {shown(student)}, or {by_hand}",
            )
        )
    elif submitted.flagged and not needs_a_look(record):
        found.append(("flagged in Formgrader", by_hand))
    if again := sorted(f"{g.name} ({g.manual_score:g} points)" for g in waiting if to_look_at_again(g)):
        why = f"to look at again, since the text has changed or was graded anew: {', '.join(again)}"
        found.append((why, by_hand))
    if never := sorted(g.name for g in waiting if g.manual_score is None and g.auto_score is None):
        found.append((f"to grade by hand: {', '.join(never)}", by_hand))
    return found


def _handed_in_since(course: Course, chapter: str, student: str, record: dict) -> bool:
    """Whether the file is another one than the one that was graded."""
    path = course.path("submitted", student, chapter) / f"{chapter}.ipynb"
    try:
        return digest(held(path)) != record["key"]["submission"]
    except OSError:
        return False
