"""What a student gets back: one page, a summary first, then the paragraph and the exercises with verdicts and hints.

It is made of the record, the gradebook and the answers in `autograded/`, and needs nothing from the network. A page is out of
date when it is not what these would make of it now.
"""

import json
import re
from pathlib import Path

import jinja2
from markupsafe import Markup
from nbgrader.api import Grade, Gradebook

from autograder.feedback import SYMBOLS, prose
from autograder.grading import official
from autograder.grading.course import Course
from autograder.grading.paragraphs import paragraphs
from autograder.grading.prose import as_html

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
NOT_YET = "not graded yet"


def page(course: Course, book: Gradebook, source: str, record: dict) -> str:
    """The page of one graded submission."""
    chapter, student = record["chapter"], record["student"]
    work = book.find_submission(chapter, student)
    submitted = book.find_submission_notebook(chapter, chapter, student)
    grades = {grade.name: grade for grade in submitted.grades}
    comments = {comment.name: comment.manual_comment for comment in submitted.comments}
    cells = _cells(course, chapter, student)
    texts = [_text(text, grades[text.name], comments, cells) for text in paragraphs(source) if text.name in grades]
    exercises = [_exercise(entry, grades, comments, cells) for entry in record["verdicts"]]
    counted = [grade.score for grade in submitted.grades if not grade.needs_manual_grade]
    penalty = submitted.late_submission_penalty or 0.0
    person = work.student
    return TEMPLATES.get_template("feedback.html.j2").render(
        chapter=chapter,
        question=question(source),
        who=" ".join(filter(None, (person.first_name, person.last_name))) or student,
        total=max(0.0, sum(counted) - penalty),
        most=sum(grade.max_score for grade in submitted.grades),
        penalty=penalty,
        waiting=len(counted) < len(grades),
        parts=[*exercises, *texts],
        first=_first(record, exercises),
        notes=list(dict.fromkeys(note for note in (record["problem"], *record["repairs"]) if note)),
        texts=texts,
        exercises=exercises,
    )


def question(source: str) -> str:
    """The question that is a chapter's title."""
    first = "".join(json.loads(source)["cells"][0]["source"])
    return re.sub(r"^# (\d+ · )?", "", first.splitlines()[0])


def _cells(course: Course, chapter: str, student: str) -> dict[str, dict]:
    """The cells of the autograded notebook, by grade id; what students wrote in them is harmless there."""
    path = course.path("autograded", student, chapter) / f"{chapter}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in cells if "nbgrader" in cell["metadata"]}


def answers_of(course: Course, chapter: str, student: str) -> dict[str, str]:
    """A student's answers, by exercise."""
    return {name: "".join(cell["source"]) for name, cell in _cells(course, chapter, student).items()}


def _points(grade: Grade) -> str:
    """The points as they stand, or that a person has not given them yet."""
    if grade.needs_manual_grade:
        return NOT_YET
    return f"{grade.score:g} of {grade.max_score:g} points"


def _comment(grade: Grade, comment: str | None) -> Markup:
    """A person's comment, once what it is about has been graded."""
    return Markup("" if grade.needs_manual_grade or not comment else as_html(comment))


def _text(text, grade: Grade, comments: dict, cells: dict) -> dict:
    """The written paragraph."""
    cell = cells.get(text.name, {})
    outcome = NOT_YET if grade.needs_manual_grade else "graded" if grade.manual_score is not None else "not written"
    return {
        "id": text.name,
        "title": "In your own words",
        "sign": "○",
        "outcome": outcome,
        "points": _points(grade),
        "comment": _comment(grade, comments.get(text.name)),
        "answer": Markup(as_html("".join(cell.get("source", "")), cell.get("attachments"))),
        "rubric": Markup(as_html(text.rubric)),
    }


def _exercise(entry: dict, grades: dict[str, Grade], comments: dict, cells: dict) -> dict:
    """One exercise; a person's points go before the judge's."""
    name = entry["exercise"]
    grade = grades.get(f"{name}-check")
    source = "".join(cells.get(name, {}).get("source", "")) if entry["outcome"] != "not attempted" else ""
    return {
        "id": name,
        "title": name,
        "sign": SYMBOLS[entry["outcome"]],
        "outcome": entry["outcome"],
        "points": _points(grade) if grade else f"{entry['points']:g} of {entry['max_points']:g} points",
        "comment": _comment(grade, comments.get(name)) if grade else "",
        "verdict": Markup(official.html(entry)),
        "answer": source,
    }


def _first(record: dict, exercises: list[dict]) -> dict | None:
    """Where there is most to gain: among what was tried, else the first that was not."""
    lost = [entry for entry in record["verdicts"] if entry["points"] < entry["max_points"]]
    if not lost:
        return None
    best = max(lost, key=lambda entry: (entry["outcome"] != "not attempted", entry["max_points"] - entry["points"]))
    part = next(part for part in exercises if part["id"] == best["exercise"])
    return part | {"hint": Markup(prose(best["message"].partition("\n")[0]))}
