"""`python -m autograder grade CHAPTER`: grade a class and print a table."""

import argparse
import gc
import sys
import time

from autograder.grading.sandbox import sandbox_here
from autograder.grading.walls import FORKS, OPEN, NoSandbox
from autograder.terminal import can_show

SIGNS = {"correct": "✓", "wrong": "✗", "crashed": "⚡", "not attempted": "·", "timed out": "⏱", "forbidden": "⛔"}
LETTERS = {"correct": "+", "wrong": "-", "crashed": "!", "not attempted": ".", "timed out": "t", "forbidden": "f"}


def run(options: argparse.Namespace) -> int:
    """Grade what the options name; the exit status says whether all of it could be graded."""
    started = time.perf_counter()
    if options.unsafe:
        print("Without a sandbox: what students have written runs with your rights.", file=sys.stderr)
    try:
        if not options.cluster:
            sandbox_here(options.chapter, OPEN if options.unsafe else FORKS)  # warms up while the rest is imported
        sys.modules.setdefault("rfc3987_syntax", None)  # jsonschema's grammars of addresses: a second, and not needed
        from autograder.grading.batch import grade_class
        from autograder.grading.changed import earlier, needs_a_look, said
        from autograder.grading.course import load_course
        from autograder.grading.give_back import older

        gc.freeze()  # all that is imported stays: the collector need not go through it again, at the end neither
        course = load_course(options.course)
        before = {student: earlier(course, options.chapter, student) for student in course.students(options.chapter)}
        records = grade_class(
            course,
            options.chapter,
            mode=OPEN if options.unsafe else None,
            students=options.student,
            jobs=options.jobs,
            cluster=options.cluster,
            again=options.again,
            most_seconds=options.seconds,
            added_too=options.added,
        )
    except (NoSandbox, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error}. Nothing that has been graded is lost: mend this, and run the command again.", file=sys.stderr)
        return 2
    if not records:
        print(course.nobody(options.chapter), file=sys.stderr)
        return 2
    print(table(records))
    done = said(before, records, options.again)
    print(f"{len(records)} submissions in {time.perf_counter() - started:.1f} s: {done}.")
    if pages := older(course, options.chapter, [record["student"] for record in records]):
        print(f"Feedback of {pages} is out of date: python -m autograder feedback {options.chapter}")
    look = [record["student"] for record in records if needs_a_look(record)]
    if look:
        print(f"{len(look)} need a look: python -m autograder flags {options.chapter}")
    return int(bool(look))


def table(records: list[dict]) -> str:
    """One line a submission: points, a sign for each exercise, what was repaired."""
    known = SIGNS if can_show("".join(SIGNS.values())) else LETTERS
    width = max([7, *(len(record["student"]) for record in records)])
    lines = [f"{'student':{width}}  points  exercises"]
    for record in sorted(records, key=lambda record: record["student"]):
        signs = "".join(known[entry["outcome"]] for entry in record["verdicts"])
        notes = f"{len(record['repairs'])} repaired" if record["repairs"] else ""
        student = "".join(letter if letter.isprintable() else "?" for letter in record["student"])
        note = record["problem"] or "; ".join([*record["flags"], notes][: 1 + bool(notes)])
        lines.append(f"{student:{width}}  {record['points']:6g}  {signs:9}  {note}".rstrip())
    lines.append(" ".join(f"{sign} {outcome}" for outcome, sign in known.items()))
    return "\n".join(lines)
