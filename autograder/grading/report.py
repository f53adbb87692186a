"""`python -m autograder report [CHAPTER]`: one page on what the class did, to prepare the next lecture with.

Success by exercise, the named mistakes by frequency with an anonymous example, who has not handed in, when the others did, and
what is different from the report before. Students' names stand in it only if asked for.
"""

import argparse
import ast
import base64
import io
import json
import re
import sys

import pandas
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from nbgrader.api import Gradebook, MissingEntry

from autograder.chapters import CHAPTERS
from autograder.feedback import prose
from autograder.files import write_whole
from autograder.grading.changed import earlier
from autograder.grading.course import Course, load_course
from autograder.grading.feedback_page import TEMPLATES, answers_of, question
from autograder.grading.gradebook import open_book
from autograder.source import without_docstrings
from unrolled.lab.figures import PALETTE, style

KINDS = ("full points", "some points", "no points", "not attempted")
MOST_LINES, MOST_LETTERS = 25, 5_000  # of an example: what is longer is none, nor is it parsed


def chapter_part(course: Course, book: Gradebook, chapter: str) -> dict:
    """What the page says of one chapter."""
    students = course.students(chapter)
    records = {student: record for student in students if (record := earlier(course, chapter, student)).get("graded")}
    rows = [{"student": student} | entry for student, record in records.items() for entry in record["verdicts"]]
    verdicts = pandas.DataFrame(
        rows, columns=["student", "exercise", "outcome", "points", "max_points", "diagnosis", "hint"]
    )
    by_exercise = success(verdicts)
    everybody = {student.id for student in book.students}
    sums = verdicts.groupby("student")["points"].sum()
    state = {"graded": len(records), **{name: int(row["full points"]) for name, row in by_exercise.iterrows()}}
    return {
        "chapter": chapter,
        "question": question(course.source(chapter)),
        "handed_in": len(students),
        "graded": len(records),
        "median": f"{sums.median():g}" if len(sums) else "0",
        "most": f"{verdicts.groupby('exercise')['max_points'].first().sum():g}",
        "picture": picture(by_exercise, chapter) if len(by_exercise) else "",
        "alt": in_words(by_exercise),
        "table": Markup(by_exercise.to_html(border=0, index_names=False)) if len(by_exercise) else None,
        "changes": changes(course, chapter, state),
        "mistakes": mistakes(course, chapter, verdicts),
        "missing": sorted(everybody - set(students)),
        "class_size": len(everybody | set(students)),
        "times": times(book, chapter, records),
        "state": state,
    }


def success(verdicts: pandas.DataFrame) -> pandas.DataFrame:
    """How many got all, some or none of an exercise's points, or did not attempt it; exercises in the chapter's order."""
    full, some = verdicts["points"] >= verdicts["max_points"], verdicts["points"] > 0
    kind = pandas.Series("no points", index=verdicts.index).mask(some, "some points").mask(full, "full points")
    kind = kind.mask(verdicts["outcome"] == "not attempted", "not attempted")
    table = pandas.crosstab(verdicts["exercise"], kind).reindex(columns=list(KINDS), fill_value=0)
    return table.reindex(verdicts["exercise"].unique())


def picture(by_exercise: pandas.DataFrame, chapter: str) -> str:
    """A bar for each exercise, as a PNG in base64."""
    style()
    figure = Figure(figsize=(8, 0.8 + 0.45 * len(by_exercise)), layout="constrained")
    axes, left = figure.subplots(), 0
    for kind, colour, hatch in zip(KINDS, PALETTE, ("", "//", "xx", ".."), strict=False):
        axes.barh(by_exercise.index, by_exercise[kind], left=left, color=colour, hatch=hatch, label=kind)
        left = left + by_exercise[kind]
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.invert_yaxis()
    axes.set_xlabel("students")
    axes.set_title(f"{chapter}: {by_exercise['full points'].idxmin()} has the fewest full points")
    figure.legend(loc="outside lower center", ncols=len(KINDS))
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=96, metadata={"Software": None})
    return base64.b64encode(out.getvalue()).decode()


def in_words(by_exercise: pandas.DataFrame) -> str:
    """The picture for who does not see it."""
    rows = [f"{name}: " + ", ".join(f"{row[kind]} {kind}" for kind in KINDS) for name, row in by_exercise.iterrows()]
    return "How many students got which points, by exercise. " + "; ".join(rows) + "."


def mistakes(course: Course, chapter: str, verdicts: pandas.DataFrame) -> list[dict]:
    """The mistakes by frequency, each with its hint and the shortest answer of that kind."""
    wrong = verdicts[(verdicts["points"] < verdicts["max_points"]) & (verdicts["outcome"] != "not attempted")]
    named = wrong.assign(diagnosis=wrong["diagnosis"].where(wrong["diagnosis"].notna(), wrong["outcome"]))
    found = []
    for (exercise, name), rows in named.groupby(["exercise", "diagnosis"], sort=False):
        sources = [anonymous(answers_of(course, chapter, who).get(exercise, ""), who) for who in rows["student"]]
        hint = next((hint for hint in rows["hint"] if isinstance(hint, str)), "")
        example = min(filter(None, sources), key=len, default="")
        number = rows["student"].nunique()
        found.append(
            {"exercise": exercise, "name": name, "number": number, "hint": Markup(prose(hint)), "example": example}
        )
    return sorted(found, key=lambda mistake: -mistake["number"])


def anonymous(source: str, student: str) -> str:
    """An answer as its code says it, without comments, docstrings and long texts; nothing if whose it is still shows."""
    if len(source) > MOST_LETTERS:
        return ""
    try:
        tree = ast.parse(without_docstrings(source))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 20:
                node.value = "…"
        text = ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    lines = text.splitlines()
    parts = [part for part in re.split(r"\W+", student.casefold()) if len(part) > 2]
    return "" if any(part in text.casefold() for part in parts) or len(lines) > MOST_LINES else text


def times(book: Gradebook, chapter: str, records: dict[str, dict]) -> str:
    """When the class handed in, how many were late, and how long grading one takes."""
    seconds = pandas.Series([record["times"]["total"] for record in records.values()], dtype=float)
    grading = f"Grading one took {seconds.median():.1f} s in the middle." if len(seconds) else ""
    try:
        work = [work for work in book.find_assignment(chapter).submissions if work.timestamp]
    except MissingEntry:
        work = []
    if not work:
        return f"When students handed in is not known. {grading}"
    when = pandas.Series([one.timestamp for one in work]).sort_values()
    late = sum(one.total_seconds_late > 0 for one in work)
    first, middle, last = (
        f"{moment:%Y-%m-%d %H:%M} UTC" for moment in (when.iloc[0], when.iloc[len(when) // 2], when.iloc[-1])
    )
    return f"The first handed in at {first}, half of those whose time is known by {middle}, the last at {last}; {late} late. {grading}"


def changes(course: Course, chapter: str, state: dict[str, int]) -> list[str] | None:
    """What is different from the last report; None if there was none."""
    try:
        before = json.loads((course.root / "report" / f"{chapter}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    names = {"graded": "submissions graded"}
    return [
        f"{names.get(name, f'full points in {name}')}: {before.get(name, 0)} → {number}"
        for name, number in state.items()
        if before.get(name, 0) != number
    ]


def run(options: argparse.Namespace) -> int:
    """Write the page; 2 if nobody has handed in."""
    course, title = load_course(options.course), options.chapter or "course"
    chapters = [chapter for chapter in CHAPTERS if options.chapter in (None, chapter) and course.students(chapter)]
    if not chapters:
        print(course.nobody(options.chapter or "CHAPTER"), file=sys.stderr)
        return 2
    with open_book(course.directory) as book:
        parts = [chapter_part(course, book.gradebook, chapter) for chapter in chapters]
    text = TEMPLATES.get_template("report.html.j2").render(title=title, parts=parts, names=options.names)
    target = course.root / "report" / f"{title}.html"
    write_whole(target, text)
    for part in parts:
        write_whole(target.parent / f"{part['chapter']}.json", json.dumps(part["state"], indent=1))
    print(f"What the class did in {', '.join(chapters)}: {target}")
    return 0
