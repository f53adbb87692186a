"""`python -m autograder build` and `… grade`: the course's tools on the command line."""

import argparse
import os
import sys
from pathlib import Path

from autograder.chapters import CHAPTERS


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit status is 0 if nothing is left to do."""
    parser = argparse.ArgumentParser(prog="python -m autograder", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="make the notebooks from the masters and the library")
    build.add_argument("chapters", nargs="*", metavar="CHAPTER", help="such as 01_rnn; all without any")
    build.add_argument("--check", action="store_true", help="write nothing; fail if something committed is stale")
    build.add_argument("--execute", action="store_true", help="also run the solved chapters, for their figures")
    build.add_argument("--force", action="store_true", help="overwrite notebooks that somebody has changed")
    grade = commands.add_parser("grade", help="grade what students have handed in (course/submitted)")
    grade.add_argument("chapter", metavar="CHAPTER", help="such as 01_rnn")
    grade.add_argument("--student", action="append", metavar="NAME", help="only this one; may be repeated")
    grade.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="submissions at a time")
    grade.add_argument("--seconds", type=float, default=10.0, metavar="S", help="the most that one answer may take")
    grade.add_argument("--again", action="store_true", help="also what has been graded already")
    grade.add_argument("--unsafe", action="store_true", help="without a sandbox: students' code may do anything")
    grade.add_argument("--course", type=Path, metavar="FOLDER", help="nbgrader's course folder, if it is another one")
    options = parser.parse_args(arguments)
    return run_build(options) if options.command == "build" else run_grade(options)


def run_build(options: argparse.Namespace) -> int:
    """Build the chapters named, or all."""
    from autograder import build, release

    if unknown := [chapter for chapter in options.chapters if chapter not in CHAPTERS]:
        print(f"There is no chapter {unknown[0]!r}; there are {', '.join(CHAPTERS)}.", file=sys.stderr)
        return 2
    chapters = options.chapters or list(CHAPTERS)
    complaints = build.build(chapters, check=options.check, force=options.force)
    if options.check:
        complaints += release.stale(chapters)
    elif options.execute:
        release.build(chapters)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def run_grade(options: argparse.Namespace) -> int:
    """Grade a chapter; 1 if something needs the instructor's eye, 2 if nothing could be graded."""
    from autograder.grading.command import run

    if options.chapter not in CHAPTERS:
        print(f"There is no chapter {options.chapter!r}; there are {', '.join(CHAPTERS)}.", file=sys.stderr)
        return 2
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
