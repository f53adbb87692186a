"""`nbgrader export`: nbgrader's own table of scores, without points that wait for a second look.

With `--Scores.exercises=True` it has a column for each exercise and paragraph. Where a person's points are of an earlier
text, or a paragraph has not been graded, the row says so, and in the first case its score stays empty.
"""

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Bool

from autograder.grading.gradebook import to_look_at_again


class Scores(ExportPlugin):
    """A CSV file with a row for each student and assignment; names may hold commas."""

    exercises = Bool(False, help="whether each exercise and paragraph has a column of its own").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the table."""
        import pandas

        rows = [
            self.row(gradebook, assignment, student)
            for assignment in gradebook.assignments
            if not self.assignment or assignment.name in self.assignment
            for student in gradebook.students
            if not self.student or student.id in map(str, self.student)
        ]
        pandas.DataFrame(rows).to_csv(self.to or "grades.csv", index=False)
        self.log.info("Wrote %s", self.to or "grades.csv")

    def row(self, gradebook: Gradebook, assignment, student) -> dict:
        """One student's work on one assignment; nothing handed in counts as zero, as nbgrader has it."""
        work = next((work for work in assignment.submissions if work.student_id == student.id), None)
        grades = [grade for notebook in work.notebooks for grade in notebook.grades] if work else []
        again = any(map(to_look_at_again, grades))
        penalty = (work.late_submission_penalty if work else 0.0) or 0.0
        score = work.score if work else 0.0
        row = {
            "assignment": assignment.name,
            "duedate": assignment.duedate,
            "timestamp": work.timestamp if work else None,
            "student_id": student.id,
            "last_name": student.last_name,
            "first_name": student.first_name,
            "email": student.email,
            "raw_score": None if again else score,
            "late_submission_penalty": penalty,
            "score": None if again else max(0.0, score - penalty),
            "max_score": assignment.max_score,
            "to look at": "yes" if any(grade.needs_manual_grade for grade in grades) else "",
        }
        if self.exercises:
            row |= {
                grade.name.removesuffix("-check"): None if to_look_at_again(grade) else grade.score for grade in grades
            }
        return row
