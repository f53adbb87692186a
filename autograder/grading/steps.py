"""`nbgrader autograde` with official grading: it begins where nbgrader would touch the first file, and ends the command.

nbgrader itself would copy whatever lies beside a student's notebook, links and all, into what students get back, and wait
for ever for what a pipe has to say.
"""

import os

from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from traitlets.config import Config

from autograder.grading.apart import Apart
from autograder.grading.batch import grade_class
from autograder.grading.command import table
from autograder.grading.course import Course
from autograder.grading.walls import OPEN, NoSandbox
from autograder.terminal import Trouble, be_lenient


class GradeOfficially(NotebookExporter):
    """In the place of the exporter, which nbgrader makes before it reads, copies or removes anything."""

    def __init__(self, config: Config | None = None, parent: Autograde | None = None, **kw: object):
        super().__init__(config=config, parent=parent, **kw)
        be_lenient()
        directory = parent.coursedir
        try:
            records = self._grade(Course(directory), directory.assignment_id, parent.force)
        except (NoSandbox, OSError, Trouble) as error:
            parent.log.error(error)
            raise NbGraderException(str(error)) from error
        parent.log.info("\n%s", table(records))
        parent.assignments = {}  # nothing is left for nbgrader to do

    def _grade(self, course: Course, chapter: str, again: bool) -> list[dict]:
        """The records of those whom the command names; one after the other; this process may be Formgrader's."""
        student, left_out = course.directory.student_id, course.directory.student_id_exclude.split(",")
        students = [s for s in course.students(chapter) if s not in left_out] if student == "*" else [student]
        mode = OPEN if os.environ.get("UNROLLED_UNSAFE") == "1" else None
        with Apart(1) as executor:
            return grade_class(
                course, chapter, mode=mode, students=students, executor=executor, again=again, progress=False
            )
