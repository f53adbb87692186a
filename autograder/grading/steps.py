"""`nbgrader autograde` with official grading: what `nbgrader_config.py` puts in the place of nbgrader's own steps.

The exporter reads a damaged notebook where nbgrader would give up; the one preprocessor rebuilds the submission,
judges it in the sandbox, enters the grades and hands on the notebook with the verdicts. Nothing is executed besides.
"""

import json
import os

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.grading import autograded
from autograder.grading.batch import dated, read_order, write_record
from autograder.grading.course import Course
from autograder.grading.gradebook import open_book
from autograder.grading.sandbox import open_sandbox
from autograder.grading.submission import grade
from autograder.grading.walls import OPEN


class LenientExporter(NotebookExporter):
    """Hands on an empty notebook where there is none to read: the grading reads the file itself."""

    def from_filename(self, filename: str, resources: dict | None = None, **kw: object) -> tuple[str, dict]:
        try:
            return super().from_filename(filename, resources=resources, **kw)
        except Exception:
            return self.from_notebook_node(nbformat.v4.new_notebook(), resources=resources, **kw)


class GradeOfficially(NbGraderPreprocessor):
    """Puts the graded notebook in the place of the submitted one, and its grades into the gradebook."""

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        facts = resources["nbgrader"]
        chapter, student = facts["assignment"], facts["student"]
        course = Course(CourseDirectory(config=self.config))
        mode = open_sandbox(chapter, OPEN if os.environ.get("UNROLLED_UNSAFE") == "1" else None)
        source = course.source(chapter)
        result = grade(read_order(course, chapter, student, source, course.seed(chapter), mode))
        timestamp = dated(result.record, course.path("submitted", student, chapter))[0]
        with open_book(course.directory) as book:
            book.prepare(chapter, source)
            book.write(result.record, result.rebuilt, source, timestamp)
        write_record(course, result.record)
        self.log.info("%s: %g points", student, result.record["points"])
        graded = autograded.notebook(source, result.rebuilt, result.record)
        return nbformat.from_dict(json.loads(json.dumps(graded))), resources
