"""Grades as Canvas and Moodle take them: the LMS's own table, with nbgrader's scores in it.

`nbgrader export --exporter autograder.lms.export.Canvas --to canvas.csv` (or `.Moodle`). Rows and identifying columns
are those of the roster that was imported, so that the LMS knows its own, and so are the delimiter, the decimal mark and
the encoding. An ungraded cell stays empty: an LMS leaves the grade as it is there.
"""

import codecs
import csv
import io
import re
import sys
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from autograder.grading.gradebook import to_look_at_again
from autograder.lms.people import plain
from autograder.lms.roster import CANVAS_COLUMNS, MOODLE_COLUMNS, Roster, decode, read_roster, same_students, united


class LmsExport(ExportPlugin):
    """What both have in common; `lms` is the roster's name."""

    lms: str
    decimal_mark = "."

    def export(self, gradebook: Gradebook) -> None:
        """Write the table; what stands in the way is one sentence, and ends the command with status 2."""
        try:
            self._write(gradebook)
        except (OSError, ValueError) as error:
            print(error, file=sys.stderr)
            sys.exit(2)

    def _write(self, gradebook: Gradebook) -> None:
        root = Path(self.parent.coursedir.root)
        target, kept = Path(self.to or f"{self.lms}.csv"), root / "roster" / f"{self.lms}.csv"
        if not kept.exists():
            raise FileNotFoundError(
                f"{kept} is missing: import the class with `python -m autograder roster FILE` first."
            )
        if target.exists():
            raise FileExistsError(f"{target} exists and was left as it is: name another with --to, or remove it.")
        chapters = [a for a in gradebook.assignments if not self.assignment or a.name in self.assignment]
        text, encoding = decode(kept.read_bytes())
        roster = united(read_roster(text), same_students(root))
        self.decimal_mark = "," if roster.decimal_comma else "."
        table = self.table(gradebook, roster, sorted(chapters, key=lambda a: a.name))
        with open(target, "xb") as file:
            file.write(as_it_came(table, roster, encoding))
        self.log.info("Wrote %s", target)

    def table(self, gradebook: Gradebook, roster: Roster, chapters: list) -> list[list[str]]:
        """All rows, the headings first."""
        raise NotImplementedError

    def score(self, gradebook: Gradebook, chapter: str, student: str) -> str:
        """A student's score after the late penalty; empty if nothing was handed in or asked for."""
        if self.student and student not in self.student:
            return ""
        try:
            submission = gradebook.find_submission(chapter, student)
        except MissingEntry:
            return ""
        if any(to_look_at_again(grade) for notebook in submission.notebooks for grade in notebook.grades):
            self.log.warning(
                "%s, %s: points by hand are to be looked at again; the cell stays empty.", chapter, student
            )
            return ""
        if submission.needs_manual_grade:
            self.log.warning("%s, %s: a paragraph still has to be graded by hand.", chapter, student)
        return self.number(max(0.0, submission.score - (submission.late_submission_penalty or 0.0)))

    def number(self, points: float) -> str:
        """Points as the LMS writes numbers."""
        return rounded(points).replace(".", self.decimal_mark)


class Canvas(LmsExport):
    """For Canvas: Grades → Import. A column that Canvas knows keeps its name and number, “01_rnn (4711)”."""

    lms = "canvas"

    def table(self, gradebook: Gradebook, roster: Roster, chapters: list) -> list[list[str]]:
        """The identifying columns, then one for each chapter; the points possible stand in the second row."""
        names = {
            a.name: next((c for c in roster.columns if plain(c.split(" (")[0]) == plain(a.name)), a.name)
            for a in chapters
        }
        columns = [column for column in roster.columns if column in CANVAS_COLUMNS]
        possible = ["    Points Possible", *[""] * (len(columns) - 1), *(self.number(a.max_score) for a in chapters)]
        rows = [
            [*(row[column] for column in columns), *(self.score(gradebook, a.name, person.id) for a in chapters)]
            for row, person in roster.rows
            if person
        ]
        return [[*columns, *names.values()], possible, *rows]


class Moodle(LmsExport):
    """For Moodle: the grading worksheet of one chapter with its grades filled in, or a table for Grades → Import."""

    lms = "moodle"

    def table(self, gradebook: Gradebook, roster: Roster, chapters: list) -> list[list[str]]:
        """The worksheet as it came, if the roster was one; else the identifying columns and one for each chapter."""
        if "Identifier" in roster.columns:
            return self._worksheet(gradebook, roster, chapters)
        columns = [column for column in roster.columns if column in MOODLE_COLUMNS]
        rows = [
            [*(row[column] for column in columns), *(self.score(gradebook, a.name, person.id) for a in chapters)]
            for row, person in roster.rows
            if person
        ]
        return [[*columns, *(a.name for a in chapters)], *rows]

    def _worksheet(self, gradebook: Gradebook, roster: Roster, chapters: list) -> list[list[str]]:
        if len(chapters) != 1:
            raise ValueError(
                f"a grading worksheet is of one chapter, and here are {len(chapters)}: name it, --assignment=\"['01_rnn']\""
            )
        (chapter,) = chapters
        table = [roster.columns]
        for row, person in roster.rows:
            score = person and self.score(gradebook, chapter.name, person.id)
            most = row.get("Maximum Grade", "")
            if score and most and Decimal(most.replace(",", ".")) != Decimal(rounded(chapter.max_score)):
                raise ValueError(
                    f"Moodle's maximum grade is {most} and {chapter.name} has {rounded(chapter.max_score)} points: "
                    "set the assignment's maximum to that, and import its worksheet again"
                )
            table.append([*({**row, "Grade": score} if score else row).values()])
        return table


def as_it_came(table: list[list[str]], roster: Roster, encoding: str) -> bytes:
    """The table as a file of the roster's own form, without anything that a spreadsheet would reckon."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=roster.delimiter)
    writer.writerows([harmless(cell) for cell in row] for row in table)
    mark = codecs.BOM_UTF16_LE if encoding == "utf-16" else b""
    return mark + out.getvalue().encode("utf-16-le" if mark else encoding, errors="replace")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> [harmless(cell) for cell in ("=1+1", "-2,5", "-", "@x", "Kim")]
    ["'=1+1", '-2,5', '-', "'@x", 'Kim']
    """
    number = re.fullmatch(r"[-+]?[\d.,]*", cell.strip())
    return f"'{cell}" if cell.lstrip()[:1] in ("=", "+", "-", "@") and not number else cell


def rounded(points: float) -> str:
    """Points with at most two digits behind the point; halves are rounded up, as people do.

    >>> rounded(2.675), rounded(15.0), rounded(0.125)
    ('2.68', '15', '0.13')
    """
    value = Decimal(str(points)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return f"{value.normalize():f}" if value else "0"
