"""`python -m autograder class`: follow the settings of a class, and say what a change of them asks for.

Instructor notebooks are built, due dates, extensions and points for lateness entered at once; what must be handed out or graded
again is said with its command, since that is seen by students or takes its time.
"""

import argparse
import difflib
import json
from dataclasses import replace

from autograder.build import as_text, changed_by_hand, class_notebook
from autograder.classroom import EXAMPLE
from autograder.files import write_whole
from autograder.grading.autograded import handed_out
from autograder.grading.batch import read_order
from autograder.grading.changed import earlier
from autograder.grading.course import Course, load_course
from autograder.grading.gradebook import open_book
from autograder.grading.submission import Order, key
from autograder.lms.text import shown
from autograder.own import own_exercises


def run(options: argparse.Namespace) -> int:
    """Write the example if there is no file, else follow it; 1 if something is left to do."""
    course = load_course(options.course)
    path = course.root / "class.toml"
    if not path.exists():
        write_whole(path, EXAMPLE)
        print(f"{path} has been written, with examples. Change it, and run this again.")
        return 0
    left = [line for chapter in course.settings.use for line in _build(course, chapter)]
    with open_book(course.directory) as book:
        left += _unknown(course, {student.id for student in book.gradebook.students})
        for chapter in course.settings.use:
            if changed := book.follow_rules(chapter, course.settings):
                print(f"{chapter}: points for lateness changed for {len(changed)}; nothing need be graded again.")
            left += _again(course, chapter)
    print("\n".join(left) if left else "All is as class.toml says.")
    return int(bool(left))


def _unknown(course: Course, students: set[str]) -> list[str]:
    """Extensions for nobody: a name may be misspelt."""
    found = []
    for name in course.settings.extensions:
        if students and name not in students:
            near = difflib.get_close_matches(name, students, 1)
            close = f" Did you mean {shown(near[0])!r}?" if near else ""
            found.append(f"extensions name {shown(name)!r}, who is not in the class.{close}")
    return found


def _build(course: Course, chapter: str) -> list[str]:
    """Build the instructor notebook, unless somebody has changed it."""
    path = course.root / "source" / chapter / f"{chapter}.ipynb"
    settings = course.settings
    named = chapter in settings.chapters or own_exercises(chapter) or "use" in settings.model_fields_set
    if not path.exists() and not named:
        return []  # not used so far
    text = as_text(class_notebook(chapter, settings))
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return []
    if path.exists() and changed_by_hand(path):
        return [f"{chapter}: {path} was changed by hand; to replace it: python -m autograder build {chapter} --force"]
    write_whole(path, text)
    print(f"{chapter}: the instructor notebook was built.")
    return []


def _again(course: Course, chapter: str) -> list[str]:
    """What must be handed out or graded again."""
    path = course.root / "source" / chapter / f"{chapter}.ipynb"
    if not path.exists():
        return []
    source, left = course.source(chapter), []
    release = course.path(course.directory.release_directory, ".", chapter) / f"{chapter}.ipynb"
    if release.exists() and _sources(release.read_text(encoding="utf-8")) != _sources(handed_out(source)):
        left.append(f"{chapter}: hand out again: cd autograder && nbgrader generate_assignment {chapter} --force")
    blank, stale = Order(chapter, "", source, None, course.seed(chapter), ""), 0
    for student in course.students(chapter):
        order = read_order(course, replace(blank, student=student))
        before, now = earlier(course, chapter, student).get("key", {}), key(order)
        stale += any(before.get(part) != now[part] for part in now if part != "environment")
    if stale:
        left.append(f"{chapter}: grade {stale} again: python -m autograder grade {chapter}")
    return left


def _sources(notebook: str) -> list[tuple[str, float | None]]:
    """What a student sees of a notebook: the cells, and their points."""
    cells = json.loads(notebook)["cells"]
    return [("".join(c["source"]), c["metadata"].get("nbgrader", {}).get("points")) for c in cells]
