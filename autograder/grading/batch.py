"""Grade a class: every submission of a chapter, in parallel, each recorded the moment it is done.

A record is written last, behind the gradebook and the autograded notebook; a submission that has one with the same key
is done. So grading may be interrupted at any point, even killed, and goes on where it was.
"""

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc
from tqdm import tqdm

from autograder.files import write_whole
from autograder.grading import autograded
from autograder.grading.changed import carry_over, earlier
from autograder.grading.course import Course
from autograder.grading.gradebook import Book, open_book
from autograder.grading.held import held, read_plain_file
from autograder.grading.inside.reading import Notebook, decode
from autograder.grading.known import Known
from autograder.grading.sandbox import forget_sandbox, open_sandbox
from autograder.grading.submission import Order, Result, basis, grade, key, ungraded
from autograder.grading.workers import each
from autograder.lms.text import shown

MOST_NAME = 250  # bytes of a student's id
PATIENCE = 3.0  # times the limits, for whoever had no processor
STOPPED = "This submission stopped the program that grades it. Please look at it by hand."


def grade_class(
    course: Course,
    chapter: str,
    *,
    mode: str | None = None,
    students: Iterable[str] | None = None,
    jobs: int = 2,
    executor: Executor | None = None,
    cluster: str | None = None,
    again: bool = False,
    most_seconds: float | None = None,
    progress: bool = True,
    added_too: bool = False,
) -> list[dict]:
    """Grade the submissions of a chapter and return their records, those of an earlier run included.

    In this machine's processes, by an executor, or on the cluster at an address.
    """
    source, seed = course.source(chapter), course.seed(chapter)
    most_seconds = most_seconds or course.settings.seconds_of(chapter)
    wanted = course.students(chapter) if students is None else course.named(chapter, students)
    course.sweep(chapter)
    with contextlib.ExitStack() as stack:
        if cluster:
            from autograder.grading.cluster import Cluster

            executor = stack.enter_context(Cluster(cluster, chapter, mode))
            mode = executor.mode
        else:
            mode = open_sandbox(chapter, mode)
            stack.callback(forget_sandbox, chapter, mode)
        given = Order(chapter, "", source, None, seed, mode, most_seconds, known=str(course.known_path(chapter)))
        orders = {student: read_order(course, replace(given, student=student)) for student in wanted}
        book = stack.enter_context(open_book(course.directory))
        book.prepare(chapter, source, added_too)
        Known(given.known, basis(given)).forget_others(all_of_them=again)
        records = {} if again else {s: r for s, o in orders.items() if (r := done(course, o))}
        for student in lost(course, book, chapter, records, wanted):
            del records[student]
        todo = [order for student, order in orders.items() if student not in records]
        bar = tqdm(total=len(todo), unit="submission", desc=chapter, disable=None if progress else True)
        with bar, contextlib.closing(graded(todo, jobs, executor)) as results:
            for result in results:
                keep(course, book, source, result)
                bar.update(result.record["student"] not in records)
                records[result.record["student"]] = result.record
        if others := book.follow_rules(chapter, course.settings):
            print(f"Points for lateness changed for {len(others)}: {shown(', '.join(others))}.", file=sys.stderr)
    return [records[student] for student in wanted]


def graded(orders: list[Order], jobs: int, executor: Executor | None) -> Iterator[Result]:
    """The results as they come in; whoever was out of time while others took the processors is heard again at the end.

    Alone, and with more time; what is worth more counts.
    """
    late: list[tuple[Order, Result]] = []
    with contextlib.closing(each(grade, orders, jobs, executor)) as results:
        for order, result in results:
            result = result or ungraded(order, STOPPED)
            late += [(order, result)] if result.starved else []
            yield result
    again = {order.student: (replace(order, patience=PATIENCE, known=""), result) for order, result in late}
    with contextlib.closing(each(grade, [order for order, _ in again.values()], 1, executor)) as results:
        for order, result in results:
            if result and worth(result.record) > worth(again[order.student][1].record):
                yield result


def worth(record: dict) -> tuple[bool, float]:
    """What counts where a submission is graded twice."""
    return record["graded"], record["points"]


def read_order(course: Course, order: Order) -> Order:
    """What a student handed in. The name of the file may be another; links and odd files are not followed."""
    student, chapter = order.student, order.chapter
    folder, repairs = course.path("submitted", student, chapter), []
    paths = [path for path in sorted(folder.glob("*.ipynb*")) if not path.name.startswith(".")]
    right = [path for path in paths if path.name == f"{chapter}.ipynb"]
    if problem := unusable(student):
        return replace(order, problem=problem)
    if not paths or folder.is_symlink():
        return replace(order, problem="This submission could not be graded: there is no notebook in it.")
    path = (right or sorted(paths, key=lambda path: path.lstat().st_mtime))[-1]
    if not right:
        repairs.append(f"The file is called {path.name!r}; expected '{chapter}.ipynb'.")
    if len(paths) > 1:
        repairs.append(f"There are {len(paths)} notebooks; {path.name!r} was graded.")
    try:
        content = held(path)
    except OSError as error:
        return replace(order, problem=f"This submission could not be graded: {path.name!r} {error.strerror}.")
    return replace(order, content=content, repairs=tuple(repairs))


def unusable(student: str) -> str:
    """Why a folder cannot be a student's: the gradebook and the records need its name."""
    try:
        size = len(student.encode())
    except UnicodeEncodeError:
        return "This submission could not be graded: its folder's name is not UTF-8. Rename it to the student's id."
    if size > MOST_NAME:
        return (
            f"This submission could not be graded: its folder's name has {size} bytes; at most {MOST_NAME} can be used."
        )
    return ""


def done(course: Course, order: Order) -> dict | None:
    """The record of an earlier run, if it is of the same submission, and all was written."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        record = json.loads(course.record_path(order.chapter, order.student).read_text(encoding="utf-8"))
        notebook = course.path("autograded", order.student, order.chapter) / f"{order.chapter}.ipynb"
        if is_record(record) and record["graded"] and record["key"] == key(order) and notebook.exists():
            late = any(entry["outcome"] == "timed out" for entry in record["verdicts"])
            return None if late and record.get("seconds") != order.most_seconds else record
    return None


def is_record(record: object) -> bool:
    """Whether what was read is a record, whole: anything else in its place is graded again."""
    kinds = {"student": str, "key": dict, "graded": bool, "problem": str, "points": int | float}
    kinds |= {"verdicts": list, "flags": list, "repairs": list}
    if not isinstance(record, dict) or not all(isinstance(record.get(name), kind) for name, kind in kinds.items()):
        return False
    entries = [entry if isinstance(entry, dict) else {} for entry in record["verdicts"]]
    return all({"exercise", "outcome", "points"} <= entry.keys() for entry in entries)


def lost(course: Course, book: Book, chapter: str, records: dict[str, dict], wanted: list[str]) -> list[str]:
    """Whose grades the gradebook does not have as the records say, as when it was removed or put back from a backup."""
    known, gone = book.scores(chapter), []
    for student, record in records.items():
        scores = known.get(student, {})
        earned = {f"{entry['exercise']}-check": entry["points"] for entry in record["verdicts"]}
        if not scores or any(scores[name] != points for name, points in earned.items() if name in scores):
            gone.append(student)
    if gone:
        print(
            f"The gradebook lacks the grades of {len(gone)} submissions that have been graded before: they are graded again. "
            "Names and points that were entered by hand are not in the records.",
            file=sys.stderr,
        )
    recorded = {path.stem for path in course.record_path(chapter, "any").parent.glob("*.json")}
    if others := sorted(recorded - known.keys() - set(wanted)):
        print(
            f"The gradebook lacks the grades of {len(others)} others too, who have records ({shown(', '.join(others))}): "
            f"run `python -m autograder grade {chapter}` without --student, with what they had handed in.",
            file=sys.stderr,
        )
    return gone


def keep(course: Course, book: Book, source: str, result: Result) -> None:
    """Write one result, if that is possible at all: one that cannot be written stops no other."""
    try:
        if not unusable(result.record["student"]):
            store(course, book, source, result)
    except (OSError, ValueError) as error:
        book.gradebook.db.rollback()
        reason = f"The result of this submission could not be written: {error}."
        result.record |= {"graded": False, "problem": reason.encode(errors="replace").decode()}


def store(course: Course, book: Book, source: str, result: Result) -> None:
    """Write one result: gradebook, autograded notebook, and last the record that says it is done."""
    record, student, chapter = result.record, result.record["student"], result.record["chapter"]
    submitted = course.path("submitted", student, chapter)
    timestamp, text = dated(record, submitted)
    before = earlier(course, chapter, student)
    same = carry_over(record, result.rebuilt, before)
    book.write(record, result.rebuilt, source, timestamp, same, before.get("key") == record["key"])
    folder = course.path("autograded", student, chapter)
    graded = autograded.notebook(source, result.rebuilt, record)
    write_whole(folder / f"{chapter}.ipynb", autograded.as_text(graded))
    if timestamp:
        write_whole(folder / "timestamp.txt", text)
    write_record(course, record)


def dated(record: dict, folder: Path) -> tuple[datetime | None, str]:
    """What `read_timestamp` finds; that it cannot be read is noted in the record."""
    timestamp, text = read_timestamp(folder)
    if text and not timestamp:
        record["repairs"].append("The time of handing in (timestamp.txt) cannot be read: it is unknown.")
        record["flags"].append("The time of handing in (timestamp.txt) cannot be read.")
    return timestamp, text


def read_timestamp(folder: Path) -> tuple[datetime | None, str]:
    """When something was handed in, in nbgrader's form, and what the file says; both nothing if there is none."""
    try:
        content = read_plain_file(folder / "timestamp.txt", most=1000)
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        return None, str(error.strerror)
    text = decode(content, Notebook()).strip()
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return parse_utc(text), text
    return None, text or "nothing"


def write_record(course: Course, record: dict) -> None:
    """Keep a record; from now on its submission counts as graded."""
    path = course.record_path(record["chapter"], record["student"])
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    write_whole(path, text.encode(errors="backslashreplace"))  # half an emoji, as JSON writes it
