"""`python -m autograder build`, `roster`, `collect`, `assign`, `grade`, `similar`, `site`: the course's tools on the command line."""

import argparse
import contextlib
import importlib
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from autograder.chapters import CHAPTERS
from autograder.terminal import Trouble, be_lenient


class Parser(argparse.ArgumentParser):
    """argparse, which says what is wrong with a command in one line."""

    def error(self, message: str) -> NoReturn:
        """End the command with status 2."""
        self.exit(2, f"{message}; see {self.prog} --help\n")


def at_least(kind: type, least: float, most: float = math.inf) -> Callable[[str], float]:
    """A number of this kind and in this range, or the sentence that says so."""

    def read(text: str) -> float:
        with contextlib.suppress(ValueError):
            if least <= (value := kind(text)) <= most and math.isfinite(value):
                return value
        numbers = "a whole number" if kind is int else "a number"
        limits = f"of at least {least:g}" if most == math.inf else f"from {least:g} to {most:g}"
        raise argparse.ArgumentTypeError(f"{text!r} is given, and expected is {numbers} {limits}")

    return read


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit status is 0 if nothing is left to do."""
    be_lenient()
    parser = Parser(prog="python -m autograder", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="make the notebooks from the masters and the library")
    build.add_argument("chapters", nargs="*", metavar="CHAPTER", help="such as 01_rnn; all without any")
    build.add_argument("--check", action="store_true", help="write nothing; fail if something committed is stale")
    build.add_argument("--execute", action="store_true", help="also run the solved chapters, for their figures")
    build.add_argument("--force", action="store_true", help="overwrite notebooks that somebody has changed")
    grade = commands.add_parser("grade", help="grade what students have handed in (course/submitted)")
    grade.add_argument("chapter", metavar="CHAPTER", help="such as 01_rnn")
    grade.add_argument("--student", action="append", metavar="NAME", help="only this one; may be repeated")
    grade.add_argument(
        "--jobs", type=at_least(int, 1), default=os.cpu_count() or 1, metavar="N", help="submissions at a time"
    )
    grade.add_argument("--cluster", metavar="ADDRESS", help="on the workers of dask's scheduler there, such as tcp://10.0.0.5:8786")
    grade.add_argument("--seconds", type=at_least(float, 0.1), metavar="S", help="the most that one answer may take")
    grade.add_argument("--again", action="store_true", help="also what has been graded already")
    grade.add_argument(
        "--added", action="store_true", help="an exercise added since is not attempted where it was missing"
    )
    grade.add_argument("--unsafe", action="store_true", help="without a sandbox: students' code may do anything")
    similar = commands.add_parser("similar", help="which answers to a chapter resemble each other")
    similar.add_argument("chapter", metavar="CHAPTER", help="such as 01_rnn")
    similar.add_argument(
        "--share", type=at_least(float, 0.0, 1.0), default=0.8, metavar="S", help="show pairs that share more than this"
    )
    similar.add_argument("--past", type=Path, action="append", metavar="FOLDER", help="an earlier year's course folder")
    site = commands.add_parser(
        "site", help="build the site to read: chapters, glossary, library, pages for each reader"
    )
    site.add_argument(
        "folder", nargs="?", type=Path, default=Path("build/site"), metavar="FOLDER", help="build/site without one"
    )
    roster = commands.add_parser("roster", help="read the class from a CSV file of Canvas's or Moodle's")
    roster.add_argument("file", type=Path, metavar="FILE", help="the LMS's gradebook or worksheet")
    collect = commands.add_parser(
        "collect", help="take the newest notebooks from what the LMS has given (course/downloaded)"
    )
    assign = commands.add_parser("assign", help="say whose a collected file is, and collect again")
    for command in (collect, assign):
        command.add_argument("chapter", metavar="CHAPTER", help="such as 01_rnn")
        command.add_argument("--force", action="store_true", help="replace notebooks collected before that differ")
    assign.add_argument("key", metavar="KEY", help="as `collect` has listed it")
    assign.add_argument("student", metavar="STUDENT", help="the student's id")
    feedback = commands.add_parser("feedback", help="write the pages for students that are out of date")
    feedback.add_argument("chapter", metavar="CHAPTER", help="such as 01_rnn")
    feedback.add_argument("--student", action="append", metavar="NAME", help="only this one; may be repeated")
    feedback.add_argument("--zip", type=Path, metavar="FILE", help="also pack all pages, as the LMS takes them back")
    classroom = commands.add_parser(
        "class", help="follow class.toml: say what must be built, handed out or graded again"
    )
    following = commands.add_parser("next", help="where each chapter stands, and what comes next")
    report = commands.add_parser("report", help="what the class did, as a page")
    report.add_argument("chapter", nargs="?", metavar="CHAPTER", help="such as 01_rnn; all in one page without one")
    report.add_argument("--names", action="store_true", help="also the ids of who has not handed in")
    flags = commands.add_parser("flags", help="what needs a human, why, and which command settles it")
    flags.add_argument("chapter", nargs="?", metavar="CHAPTER", help="such as 01_rnn; all without one")
    flags.add_argument("--accept", action="append", metavar="STUDENT", help="a flagged file stands as it was graded")
    for command in (grade, similar, roster, collect, assign, flags, feedback, following, report, classroom):
        command.add_argument("--course", type=Path, metavar="FOLDER", help="nbgrader's course folder, if another one")
    options = parser.parse_args(arguments)
    if (chapter := getattr(options, "chapter", None)) and chapter not in CHAPTERS:
        print(f"There is no chapter {chapter!r}; there are {', '.join(CHAPTERS)}.", file=sys.stderr)
        return 2
    try:
        if module := MODULES.get(options.command):
            return importlib.import_module(module).run(options)
        return COMMANDS[options.command](options)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 2


def run_build(options: argparse.Namespace) -> int:
    """Build the chapters named, or all."""
    from autograder import build, pages, release

    if unknown := [chapter for chapter in options.chapters if chapter not in CHAPTERS]:
        print(f"There is no chapter {unknown[0]!r}; there are {', '.join(CHAPTERS)}.", file=sys.stderr)
        return 2
    chapters = options.chapters or list(CHAPTERS)
    complaints = pages.draw(check=options.check) + build.build(chapters, check=options.check, force=options.force)
    if options.check:
        complaints += release.stale(chapters)
    elif options.execute:
        release.build(chapters)
    complaints += pages.write(check=options.check)  # last: they say how long the solved chapters took
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def run_site(options: argparse.Namespace) -> int:
    """Build the site."""
    from autograder import site

    site.run(options.folder)
    return 0


def run_similar(options: argparse.Namespace) -> int:
    """Compare the answers of a class; 2 if there are not two."""
    from autograder import similar
    from autograder.grading.course import load_course
    from autograder.lms.text import shown

    try:
        report, pairs = similar.compare_class(load_course(options.course), options.chapter, options.share, options.past)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    for one, other, share in pairs:
        print(f"{share:4.0%}  {shown(one)}  {shown(other)}")
    print(f"{len(pairs)} pairs share more than {options.share:.0%}. The strongest, with their passages: {report}")
    return 0


def run_roster(options: argparse.Namespace) -> int:
    """Read the class; 2 if the file is not one that we know."""
    from autograder.grading.course import load_course
    from autograder.grading.gradebook import open_book
    from autograder.lms.roster import import_roster

    course = load_course(options.course)
    try:
        course.root.mkdir(parents=True, exist_ok=True)
        with open_book(course.directory) as book:
            roster = import_roster(course.root, book.gradebook, options.file)
    except OSError as error:
        print(f"{options.file}: {error.strerror}; expected the file that the LMS has exported.", file=sys.stderr)
        return 2
    except ValueError as error:
        print(f"{options.file}: {error}", file=sys.stderr)
        return 2
    for note in roster.notes:
        print(f"{options.file}, {note}", file=sys.stderr)
    print(f"{len(roster.people)} students, as {roster.lms.title()} lists them, are in the gradebook.")
    return 0


def run_collect(options: argparse.Namespace) -> int:
    """Collect a chapter's notebooks; 1 if something should be looked at, 2 if there was nothing."""
    from autograder.grading.course import load_course
    from autograder.lms import collect

    course = load_course(options.course)
    try:
        if options.command == "assign":
            report = collect.assign(course, options.chapter, options.key, options.student, force=options.force)
        else:
            report = collect.collect(course, options.chapter, force=options.force)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return collect.say(report)


COMMANDS = {"build": run_build, "similar": run_similar, "roster": run_roster, "collect": run_collect}
COMMANDS |= {"assign": run_collect, "site": run_site}
# Commands that have a module of their own, whose `run` takes the options.
MODULES = {
    "grade": "autograder.grading.command",
    "class": "autograder.grading.class_command",
    "feedback": "autograder.grading.give_back",
    "flags": "autograder.grading.flags",
    "next": "autograder.grading.next",
    "report": "autograder.grading.report",
}


if __name__ == "__main__":
    sys.exit(main())
