"""The one writer to nbgrader's gradebook, through nbgrader's own API.

What a submission earned goes into `auto_score` of its check cells, paragraphs are flagged to be graded by hand, a
manual grade that a person has given stays. What could not be graded gets zero and a flag, whatever stood there before.
"""

import contextlib
import functools
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import nbformat
from alembic.script import ScriptDirectory
from nbgrader import api
from nbgrader.api import BaseCell, Grade, Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, SaveCells
from sqlalchemy import make_url, select
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from autograder import files
from autograder.classroom import Settings
from autograder.grading import autograded
from autograder.grading.changed import needs_a_look
from autograder.grading.follow import follow
from autograder.grading.inside.plan import Rebuilt
from autograder.terminal import Trouble


class Book:
    """nbgrader's gradebook of a course."""

    def __init__(self, course: CourseDirectory):
        self.course = course
        api.get_alembic_version = _schema_version
        _make_whole(course)
        self.gradebook = Gradebook(course.db_url, course.course_id)
        self._known: dict[str, dict[str, str]] = {}

    def close(self) -> None:
        """Close the database."""
        self.gradebook.close()

    def prepare(self, chapter: str, source: str, added_too: bool = False) -> None:
        """Make sure that the gradebook knows the assignment, its cells and their points, as the source has them."""
        given = json.loads(autograded.handed_out(source))
        graded = {c["metadata"]["nbgrader"]["grade_id"]: c for c in given["cells"] if _graded(c)}
        points = {name: float(cell["metadata"]["nbgrader"]["points"]) for name, cell in graded.items()}
        with contextlib.suppress(MissingEntry):
            known = self.gradebook.find_notebook(chapter, chapter)
            if {cell.name: cell.max_score for cell in known.grade_cells} == points:
                return
            follow(self.gradebook, known, nbformat.from_dict(given), added_too=added_too)
            self._known.clear()
        self.gradebook.update_or_create_assignment(chapter)
        resources = {"nbgrader": {"notebook": chapter, "assignment": chapter, "db_url": self.course.db_url}}
        SaveCells().preprocess(nbformat.from_dict(given), resources)
        self.gradebook.db.expire_all()

    def scores(self, chapter: str) -> dict[str, dict[str, float | None]]:
        """What the gradebook has: of each student, each cell's automatic score."""
        work, part = api.SubmittedAssignment, api.SubmittedNotebook
        query = select(work.student_id, BaseCell.name, Grade.auto_score).select_from(Grade)
        query = query.join(BaseCell, Grade.cell_id == BaseCell.id).join(part, Grade.notebook_id == part.id)
        query = query.join(work, part.assignment_id == work.id).join(
            api.Assignment, work.assignment_id == api.Assignment.id
        )
        found: dict[str, dict[str, float | None]] = {}
        for student, cell, score in self.gradebook.db.execute(query.where(api.Assignment.name == chapter)):
            found.setdefault(student, {})[cell] = score
        return found

    def write(
        self,
        record: dict,
        rebuilt: Rebuilt | None,
        source: str,
        timestamp: object = None,
        same: frozenset[str] = frozenset(),
        unchanged: bool = False,
    ) -> None:
        """Enter one submission's grades, in one commit; where there was no submission, zero and a flag come before.

        `same` are the texts that were graded before as they are; what a person has said of others is to be looked at again.
        `unchanged`: so is all that this depends on.
        """
        chapter, student, book = record["chapter"], record["student"], self.gradebook
        try:
            book.find_student(student)
        except MissingEntry:
            book.add_student(student)
        with book.db.no_autoflush:  # nbgrader links objects before it adds them, of which SQLAlchemy warns
            book.update_or_create_submission(chapter, student, **({"timestamp": timestamp} if timestamp else {}))
        submitted = book.find_submission_notebook(chapter, chapter, student)
        names, given = self._names(chapter), _sources(source)
        written = rebuilt.written if rebuilt else {}
        earned = {f"{entry['exercise']}-check": entry["points"] for entry in record["verdicts"]}
        commented = {names[comment.cell_id] for comment in submitted.comments if comment.manual_comment} - same
        flagged = bool(record["flags"]) and not record.get("accepted")
        if not unchanged:  # else a person may have put Formgrader's flag there, or taken it away
            submitted.flagged = needs_a_look(record)
        full = all(earned.get(names[g.cell_id], g.max_score) >= g.max_score for g in submitted.grades)
        for grade in submitted.grades:
            name, by_person = names[grade.cell_id], grade.manual_score is not None
            by_person |= name.removesuffix("-check") in commented
            if name not in earned and name not in written:
                grade.auto_score, grade.needs_manual_grade = 0.0, not (unchanged and _settled(grade))
            elif name in written and written[name].strip() != given[name].strip():
                grade.auto_score, grade.needs_manual_grade = None, grade.needs_manual_grade or name not in same
            else:
                lost = flagged and (full or earned.get(name, 0.0) < grade.max_score)
                grade.auto_score, grade.needs_manual_grade = earned.get(name, 0.0), by_person or lost
        for comment in submitted.comments:
            name = names[comment.cell_id]
            answer = {**written, **(rebuilt.answers if rebuilt else {})}.get(name, "")
            comment.auto_comment = "No response." if answer.strip() in ("", given[name].strip()) else None
        book.db.commit()
        if timestamp or submitted.late_submission_penalty is not None:
            self._late_penalty(chapter, student)

    def follow_rules(self, chapter: str, settings: Settings) -> list[str]:
        """Enter due dates and extensions, and let nbgrader take points off; of whom other points go off than before."""
        due, changed = settings.of(chapter).due, []
        with contextlib.suppress(MissingEntry):
            assignment = self.gradebook.find_assignment(chapter)
            if due or settings.extensions:
                assignment.duedate = due or assignment.duedate
            for work in assignment.submissions:
                until = settings.extensions.get(work.student_id, {}).get(chapter)
                if until and assignment.duedate:
                    work.extension = max(until - assignment.duedate, timedelta(0))
                elif due and work.extension:
                    work.extension = None
            self.gradebook.db.commit()
            for work in list(assignment.submissions):
                before, student = work.late_submission_penalty, work.student_id
                if before or work.total_seconds_late > 0:
                    self._late_penalty(chapter, student)
                    if (self.gradebook.find_submission(chapter, student).late_submission_penalty or 0) != (before or 0):
                        changed.append(student)
        return changed

    def _names(self, chapter: str) -> dict[str, str]:
        """The grade ids of the assignment's cells, by their number in the database."""
        if chapter not in self._known:
            notebook = self.gradebook.find_notebook(chapter, chapter)
            cells = (*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells)
            self._known[chapter] = {cell.id: cell.name for cell in cells}
        return self._known[chapter]

    def _late_penalty(self, chapter: str, student: str) -> None:
        """nbgrader's own rule for late submissions, as configured."""
        facts = {"notebook": chapter, "assignment": chapter, "student": student, "db_url": self.course.db_url}
        config = self.course.config or Config()
        AssignLatePenalties(config=config).preprocess(nbformat.v4.new_notebook(), {"nbgrader": facts})
        self.gradebook.db.expire_all()


def to_look_at_again(grade: Grade) -> bool:
    """Whether a person gave points to what has changed since, or was graded anew: they are no current grade."""
    return grade.needs_manual_grade and grade.manual_score is not None


def _settled(grade: Grade) -> bool:
    """Whether a person has given points that hold."""
    return grade.manual_score is not None and not grade.needs_manual_grade


@functools.lru_cache(maxsize=4)
def _sources(source: str) -> dict[str, str]:
    """The cells' sources as they were handed out, by grade id."""
    cells = json.loads(autograded.handed_out(source))["cells"]
    return {c["metadata"]["nbgrader"]["grade_id"]: "".join(c["source"]) for c in cells if "nbgrader" in c["metadata"]}


def _make_whole(course: CourseDirectory) -> None:
    """Make an empty gradebook where there is none: beside its place first, since nbgrader does it in several steps."""
    path = make_url(course.db_url).database
    if not course.db_url.startswith("sqlite:///") or not path or path == ":memory:" or Path(path).exists():
        return
    with files.beside(Path(path)) as new:
        new.unlink()  # SQLite makes it with the rights that files have here
        Gradebook(f"sqlite:///{new}", course.course_id).close()
        files.link(new, Path(path))


def _schema_version() -> str:
    """The version of nbgrader's database, asked of alembic here instead of in a process of its own: 2 s sooner."""
    return ScriptDirectory(str(Path(api.__file__).parent / "alembic")).get_current_head()


@contextlib.contextmanager
def open_book(course: CourseDirectory) -> Iterator[Book]:
    """The gradebook, closed at the end; what is wrong with it is said in a sentence."""
    try:
        with contextlib.closing(Book(course)) as book:
            yield book
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise Trouble(
            f"The gradebook {course.db_url.removeprefix('sqlite:///')}: {reason}. {_what_to_do(reason)}"
        ) from error


def _what_to_do(reason: str) -> str:
    """What helps when the database says this."""
    again = "Nothing that has been graded is lost: run the command again."
    if "locked" in reason:
        return f"Another program has it open, perhaps Formgrader or another grading: close that. {again}"
    if "readonly" in reason or "unable to open" in reason or ("disk" in reason and "malformed" not in reason):
        return f"See that you may write to it and its folder, and that the disk is not full. {again}"
    return (
        "Put it back from a backup, or move it out of the way: `python -m autograder grade` then makes a new one and grades "
        "what was graded again. Only what was entered by hand, such as names and manual points, must come from a backup."
    )


def _graded(cell: dict) -> bool:
    return cell["metadata"].get("nbgrader", {}).get("grade", False)
