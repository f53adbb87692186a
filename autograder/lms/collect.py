"""`python -m autograder collect CHAPTER`: from an LMS's downloads, each student's newest notebook into `submitted/`.

What lies in `downloaded/CHAPTER/archive` is read as it is; nothing is changed there. At the end stands a table: who, which
file was taken and why, what was left. Whose a file is that could not be told, a person says with `python -m autograder
assign CHAPTER KEY STUDENT`; that is kept in `downloaded/CHAPTER/assigned.json` and holds for every later collecting.
`nbgrader zip_collect` does the same, through the plugin at the end.
"""

import contextlib
import json
import sys
import tempfile
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins.zipcollect import ExtractorPlugin

from autograder.files import write_whole
from autograder.grading.course import Course
from autograder.grading.gradebook import open_book
from autograder.lms.archives import FILE, NOTEBOOK, PROBLEM, Explorer, Found
from autograder.lms.inside import ANSWERED, BEGUN, DAMAGED, OTHER, UNTOUCHED, load_chapter
from autograder.lms.names import Handed, title
from autograder.lms.owners import BY_NAME, Nobodys, Owner, owners
from autograder.lms.people import People, known_people, plain
from autograder.lms.text import shown
from autograder.lms.times import handed_in_at, write_time, written_time
from autograder.lms.worksheet import Worksheets, worksheets
from autograder.terminal import Trouble, be_lenient

IN_WORDS = {
    DAMAGED: "it cannot be read as a notebook",
    BEGUN: "no exercise is answered in it",
    UNTOUCHED: "nothing in it is the student's",
    OTHER: "it is not this chapter's notebook",
}


#: Folders of the course in which solved chapters lie: who hands in the whole course hands in these too.
COURSES_OWN = {"solutions", "autograder"}


MOST_LINES = 500  # of a part of the table


@dataclass
class Taken:
    """Whose notebook was taken, from where and why, and what was left of theirs."""

    owner: Owner
    found: Found
    why: str
    handed: Handed

    @property
    def late(self) -> bool:
        """Whether Canvas has marked it so."""
        return self.handed.late


@dataclass(frozen=True)
class Left:
    """What was left, why, and whether somebody should look at it; `key` is what `assign` calls it."""

    label: str
    why: str
    look: bool = True
    key: str = ""


def _section(heading: str, items: list[str]) -> list[str]:
    """A part of the table, if there is anything in it."""
    more = [f"  … and {len(items) - MOST_LINES} more"] if items[MOST_LINES:] else []
    return ["", heading, *(f"  {shown(item, 300)}" for item in items[:MOST_LINES]), *more] if items else []


@dataclass
class Report:
    """What collecting has done."""

    chapter: str
    taken: list[Taken] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)  # what is new since the last collecting, by student
    times: dict[str, int] = field(default_factory=dict)  # where the times of handing in come from, and of how many

    @property
    def status(self) -> int:
        """The exit status: 0 if there is nothing to look at, 1 if there is, 2 if there was nothing at all."""
        if not self.taken and not self.left:
            return 2
        return int(any(left.look for left in self.left) or any(not taken.owner.person for taken in self.taken))

    def text(self) -> str:
        """The table: who, which file and why; what was left; who is missing."""
        unknown = [taken for taken in self.taken if not taken.owner.person]
        look, rest = [left for left in self.left if left.look], [left for left in self.left if not left.look]
        width = max([7, *(len(taken.owner.key) for taken in self.taken)])
        lines = [f"{'student':{width}}  taken, and why"] if self.taken else []
        for taken in self.taken:
            late = "; handed in late, says Canvas, whose own rule may take points off" if taken.late else ""
            state = f"; {new}" if (new := self.states.get(taken.owner.key)) else ""
            why = f"{shown(taken.why, 300)}{state}{late}"
            lines.append(f"{shown(taken.owner.key):{width}}  {shown(taken.found.label)}: {why}")
        lines += _section(
            f"Not in the class, each under a key of its own; to say whose it is: {self._assign('KEY')}",
            [taken.owner.key for taken in unknown],
        )
        lines += _section("Left, to be looked at:", [f"{left.label}: {left.why}" for left in look])
        lines += _section(
            f"To say whose one of these is: {self._assign('KEY')}",
            [f"{left.key}  {left.label}" for left in look if left.key],
        )
        lines += _section("Left, as it should be:", [f"{left.label}: {left.why}" for left in rest])
        lines += _section(f"Nothing from {len(self.missing)} students:", self.missing)
        counts = f"{len(self.taken) - len(unknown)} students' notebooks collected"
        counts += f", {len(unknown)} of unknown owners" if unknown else ""
        lines += _section("Times of handing in:", [f"{number} {says}" for says, number in self.times.items()])
        states = list(self.states.values())
        fresh = f"{states.count('new')} new, {states.count('handed in again')} handed in again"
        return "\n".join([*lines, "", f"{counts} ({fresh}); {len(look) + len(unknown)} to look at."])

    def _assign(self, key: str) -> str:
        return f"python -m autograder assign {self.chapter} {shown(key)} STUDENT"


def collect(course: Course, chapter: str, *, force: bool = False) -> Report:
    """Collect a chapter's notebooks; what is in `submitted/` already and differs is kept, unless `force` says otherwise."""
    folder = downloads(course, chapter)
    if not (folder / "archive").is_dir():
        raise FileNotFoundError(f"{folder / 'archive'} is missing: put what you downloaded from the LMS into it.")
    people = the_class(course)
    course.sweep(chapter)
    report, sheets = Report(chapter), worksheets(folder / "archive")
    with tempfile.TemporaryDirectory() as spool:
        found = list(Explorer(Path(spool), load_chapter(course, chapter)).folder(folder / "archive"))
        found = [file for file in found if file.label not in sheets.names]
        theirs, nobodys = owners(found, people, assignments(course, chapter))
        for owner in theirs:
            if taken := choose(owner, chapter, report.left):
                report.taken.append(taken)
        kept, times = _put_all(course, report, sheets, force)
    report.left += [Left(n.found.label, _why(n), key=n.key if n.found.kind == NOTEBOOK else "") for n in nobodys]
    there = {taken.owner.key for taken in report.taken} | set(course.students(chapter))
    report.missing = sorted(set(people.ids) - there)
    keys = {taken.owner.key: taken.found.label for taken in report.taken if not taken.owner.person}
    keys |= {left.key: left.label for left in report.left if left.key}
    _write_json(folder / "collected.json", {"files": kept, "keys": keys, "times": times})
    return report


def choose(owner: Owner, chapter: str, left: list[Left]) -> Taken | None:
    """An owner's notebook: an answered one of the chapter before others, of these the latest attempt."""
    left += [Left(f.label, f.says) for f, _ in owner.files if f.kind == PROBLEM]
    ranked = sorted(
        (
            (rank(found, handed, chapter), n, found, handed)
            for n, (found, handed) in enumerate(owner.files)
            if found.kind == NOTEBOOK
        ),
        key=lambda item: item[:2],
    )
    if not ranked:
        if all(found.kind == FILE for found, _ in owner.files):
            left.append(Left(owner.files[0][0].label, f"{owner.key} has handed in no notebook"))
        return None
    best, _, found, handed = ranked.pop()
    why = "the only notebook" if not ranked else f"the newest of {len(ranked) + 1}"
    for other_rank, _, other, other_handed in reversed(ranked):
        if other.digest == found.digest:
            reason, look = "the same notebook again", False
        elif COURSES_OWN & {plain(part) for part in other.parts[:-1]}:
            reason, look = "the course's own", False
        elif other_rank == best:
            reason, look = f"differs from the one taken, {found.label}, and is as new", True
        elif other_handed.attempt > handed.attempt:
            reason, look = f"newer, but {IN_WORDS.get(other.says, 'not the chapter’s name')}", other.says != UNTOUCHED
            why = "the newest that holds answers" if found.says == ANSWERED else why
        elif handed.lms == BY_NAME:
            reason, look = "older, and only its own name says whose it is", True
        elif other_rank[0] < best[0]:
            reason, look = IN_WORDS.get(other.says, "another name"), False
        else:
            reason, look = "older", False
        left.append(Left(other.label, reason, look))
    if found.says != ANSWERED:
        why += f"; {IN_WORDS[found.says]}"
    if others := [found.parts[-1] for found, _ in owner.files if found.kind == FILE]:
        why += f"; left: {', '.join(others[:3])}" + (f" and {len(others) - 3} more" if others[3:] else "")
    if names := {name for _, handed in owner.files if (name := handed.hint)}:
        why += f"; its own name says {', '.join(sorted(names))}"
    return Taken(owner, found, why, handed)


def rank(found: Found, handed: Handed, chapter: str) -> tuple:
    """What makes a notebook the better one: answers, then the attempt, the browser's number, the time, the name."""
    own, again = title(handed.file)
    named = 2 if plain(own) == plain(chapter) else 1 if plain(chapter) in plain(own) else 0
    level = {ANSWERED: 4, BEGUN: 3, DAMAGED: 2 if named else 0, UNTOUCHED: 1}.get(found.says, 0)
    if COURSES_OWN & {plain(part) for part in found.parts[:-1]}:
        level = 0
    # What students packed themselves bears the times of their own machine; in an LMS's archive the number says more.
    return (level, handed.attempt, 0 if found.inner else again, named if level < 4 else 0, found.time, again, named)


def the_class(course: Course) -> People:
    """Whom the gradebook knows; not those who are in it only since an unknown owner's notebook was graded."""
    unknown = {
        key for path in course.root.glob("downloaded/*/collected.json") for key in _read_json(path).get("keys", ())
    }
    unknown |= {key for path in course.root.glob("downloaded/*/assigned.json") for key in _read_json(path)}
    with open_book(course.directory) as book:
        people = known_people(book.gradebook)
    return People(person for person in people if person.names or person.number or person.id not in unknown)


def downloads(course: Course, chapter: str) -> Path:
    """The folder of a chapter's downloads, where nbgrader has it too."""
    return course.root / "downloaded" / chapter


def assignments(course: Course, chapter: str) -> dict[str, str]:
    """Whose each key is, as a person has said."""
    return _read_json(downloads(course, chapter) / "assigned.json")


def assign(course: Course, chapter: str, key: str, student: str, *, force: bool = False) -> Report:
    """Say whose a file or an unknown owner's are, and collect again."""
    keys = _read_json(downloads(course, chapter) / "collected.json").get("keys", {})
    known = assignments(course, chapter)
    if key not in keys and key not in known:
        expected = ", ".join(map(shown, keys)) or "none: run `python -m autograder collect` first"
        raise ValueError(f"there is no key {key!r} in {chapter}; there are {expected}")
    ids = the_class(course).ids
    if student not in ids:
        raise ValueError(f"{student!r} is not the id of a student; there are {', '.join(sorted(ids)) or 'none'}")
    _write_json(downloads(course, chapter) / "assigned.json", known | {key: student})
    return collect(course, chapter, force=force)


def _why(nobodys: Nobodys) -> str:
    return nobodys.why if nobodys.found.kind == NOTEBOOK else f"{nobodys.found.says} ({nobodys.why})"


def _put_all(
    course: Course, report: Report, sheets: Worksheets, force: bool
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Write the notebooks into `submitted/`; of each that collecting has put there, its hash and whence it came, and its time.

    A time that somebody has corrected stays; one that collecting has written gives way to what is known better now.
    """
    known = _read_json(downloads(course, report.chapter) / "collected.json")
    before, times, kept = known.get("files", {}), known.get("times", {}), {}
    due = course.settings.of(report.chapter).due
    for taken in list(report.taken):
        key = taken.owner.key
        folder = course.path("submitted", key, report.chapter)
        try:
            problem, state = _put(folder, f"{report.chapter}.ipynb", taken.found, force, before.get(key, [""])[0])
            report.states[key] = state
            if not problem and (state or written_time(folder) in ("", times.get(key))):
                when, says = handed_in_at(taken.found.time, taken.handed, due, sheets.times)
                report.times[says] = report.times.get(says, 0) + 1
                times[key] = write_time(folder, when)
        except OSError as error:
            problem = f"could not be written: {error.strerror}"
        if problem:
            report.left.append(Left(taken.found.label, problem))
            report.taken.remove(taken)
        else:
            kept[key] = [taken.found.digest, taken.found.label]
    for key in before.keys() - kept.keys():
        if before[key] in kept.values():  # this very file stands under its owner now
            _take_away(course, report, key, before[key][0])
        else:
            kept[key] = before[key]
    return kept, times


def _put(folder: Path, name: str, found: Found, force: bool, before: str) -> tuple[str, str]:
    """Copy a notebook into its place: what stood in the way, if anything did, and what is new about it.

    What collecting itself has put there, with the hash `before`, gives way; what somebody has changed since does not.
    """
    target, content = folder / name, Path(found.content).read_bytes()
    there = [path for path in folder.glob("*") if ".ipynb" in path.name.lower() and not path.name.startswith(".")]
    if folder.is_symlink() or target.is_symlink():
        return f"{folder} is a link", ""
    old = target.read_bytes() if target.is_file() else b""
    if old == content and there:
        return "", ""
    ours = there == [target] and sha256(old).hexdigest() == before
    if there and not force and not ours:
        return (
            f"{sorted(there)[0].name} there is not as it was collected and differs; it was kept (--force replaces it)",
            "",
        )
    write_whole(target, content)
    return "", "handed in again" if there else "new"


def _take_away(course: Course, report: Report, key: str, digest: str) -> None:
    """Remove a notebook that collecting had put under another key, if nobody has changed or graded it since."""
    target = course.path("submitted", key, report.chapter) / f"{report.chapter}.ipynb"
    with contextlib.suppress(OSError):
        if sha256(target.read_bytes()).hexdigest() == digest:
            target.unlink()
            target.with_name("timestamp.txt").unlink(missing_ok=True)
            target.parent.rmdir()
            target.parent.parent.rmdir()
    if course.record_path(report.chapter, key).exists():
        report.left.append(
            Left(f"the grades of {key}", "were given under this key: grade again, and remove it in Formgrader")
        )


def _read_json(path: Path) -> dict:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValueError(f"{path} is damaged: remove it, and collect again")
    return value


def _write_json(path: Path, value: dict) -> None:
    write_whole(path, json.dumps(value, ensure_ascii=True, indent=1, sort_keys=True))


def say(report: Report) -> int:
    """Print the table; the exit status."""
    be_lenient()
    print(report.text())
    return report.status


class Collector(ExtractorPlugin):
    """nbgrader's `zip_collect` with our collecting: it begins where nbgrader would unpack, and ends the command."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Collect, print the table, and end with its status."""
        chapter = self.parent.coursedir.assignment_id
        course = Course(CourseDirectory(config=self.config))
        try:
            sys.exit(say(collect(course, chapter, force=self.force)))
        except (FileNotFoundError, ValueError, Trouble) as error:
            self.parent.fail(str(error))
