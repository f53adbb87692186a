"""Before handing in: have the notebook's file graded as the grader will, and say what is missing and which file to give.

The file is read as it was last saved, or on Colab, where there is none, the notebook in the browser. What it holds runs in
a process beside this one, the way that official grading runs it (`autograder.grading.remote`), on the cases that `check`
has; where something else comes out than `check` said, that is told.
"""

import contextlib
import inspect
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import unrolled
from autograder import own, wording
from autograder.exercises import chapter_exercises, find_exercise
from autograder.grading import mounts
from autograder.grading.beside import Beside
from autograder.grading.inside.plan import Frame, Program, Rebuilt, plan
from autograder.grading.inside.reading import Unreadable
from autograder.grading.rebuild import frame_of
from autograder.grading.remote import Remote, Session
from autograder.judge import judge
from autograder.verdict import Verdict
from autograder.wording import say

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class NoNotebook(Exception):
    """The notebook's file is not known; the message says how to name it."""


@dataclass(frozen=True)
class Handed:
    """A notebook as the grader sees it: what it holds for each exercise and paragraph, and which file to hand in."""

    file: str
    saved: str
    rows: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        """The exercises and paragraphs without an answer."""
        return [name for name, state in self.rows if not state.startswith("✓")]


def look(chapter: str, path: str | Path | None = None, points: Mapping[str, float] | None = None) -> Handed:
    """What the grader finds in the notebook: in the file at `path`, else in the one that this is called from.

    `points` are those of a class that has its own: only those exercises count.
    """
    content, file, saved = content_of(chapter, path)
    frame = frame_of(_handed_out(chapter), chapter, _names(chapter), mounts.packages())
    try:
        seen = plan(content, frame)
    except Unreadable as error:
        return Handed(file, saved, ((chapter, say("unreadable")),), (say("why unreadable", error=error),))
    notes = [*seen.repairs, *seen.lost]
    if any("found" in note for note in notes):
        notes.append(say("moved cells"))
    if seen.chapter:
        notes.insert(0, say("other chapter", its=seen.chapter, chapter=chapter))
    verdicts, about = _tried(content, frame, seen, points or {})
    worth = points or {name: find_exercise(name).points for name in _names(chapter)}
    rows = [
        (name, _state(seen.programs[name], name in verdicts, seen.shown.get(name), worth[name]))
        for name in _names(chapter)
        if name in worth
    ]
    rows += [(name, _paragraph(name, frame, seen)) for name in seen.written]
    return Handed(file, saved, tuple(rows), tuple(dict.fromkeys([*notes, *about])))


def _names(chapter: str) -> tuple[str, ...]:
    return tuple(exercise.name for exercise in chapter_exercises(chapter))


def _handed_out(chapter: str) -> str:
    """The chapter as students get it, with what a class has of its own."""
    given = json.loads(_of_the_course(chapter))
    given["cells"] += own.blank_cells(chapter)
    return json.dumps(given)


def _of_the_course(chapter: str) -> str:
    """An installed package has the chapter inside; a checkout builds it, for there one's own notebook may lie in its place."""
    installed = Path(unrolled.__file__).parent / "chapters" / chapter / f"{chapter}.ipynb"
    if installed.exists():
        return installed.read_text(encoding="utf-8")
    from autograder.build import student_notebook

    return json.dumps(student_notebook(chapter))


def _state(program: Program, tried: bool, said: float | None, most: float) -> str:
    if program.blank:
        return say("unanswered", problem=say("blank cell"))
    if not program.runs:
        return say("unanswered", problem=say("no cell"))
    if not tried:
        return say("unanswered", problem=program.problem)
    if said is None:
        return say("answered, not checked")
    return say("answered", points=wording.points(said, most))


def _paragraph(name: str, frame: Frame, seen: Rebuilt) -> str:
    place = next(n for n, (*_, grade_id) in enumerate(frame.cells) if grade_id == name)
    (_, question, *_), (_, given, *_) = frame.cells[place - 1 : place + 1]
    text = seen.written[name]
    if text.strip() == given.strip():
        return say("unwritten, no cell") if name in seen.gone else say("unwritten")
    asked, has = sentences_asked(question), sentences(text)
    return say("written") if has >= asked else say("written short", has=has, asked=asked)


def sentences(text: str) -> int:
    """How many sentences a paragraph has; a line of its own without a full stop is one, a picture is none.

    >>> sentences("It forgets. Why? See e.g. the product over 3.5 steps!\\n- a point\\n- another\\n\\n![](attachment:p.png)")
    5
    """
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)|\b(e\.g|i\.e|cf|vs|etc)\.", " ", text)
    parts = re.split(r"[.!?…。]+[\"'”’)*_`]*\s+|\n\s*\n|\n\s*(?=[-*+]\s|\d+\.\s)", text)
    return sum(bool(re.search(r"[^\W\d_]", part)) for part in parts)


def sentences_asked(question: str) -> int:
    """How many sentences a question asks for at least; 0 if it does not say.

    >>> sentences_asked("Answer in six to ten sentences.")
    6
    """
    asked = re.search(r"\b(\w+)(?:\s+to\s+\w+)?\s+sentences\b", question)
    return NUMBERS.index(asked[1]) if asked and asked[1] in NUMBERS else 0


def _tried(
    content: bytes, frame: Frame, seen: Rebuilt, worth: Mapping[str, float]
) -> tuple[dict[str, Verdict], list[str]]:
    """What official grading would say of each answer, and notes on what differs from what `check` said."""
    verdicts: dict[str, Verdict] = {}
    if not any(program.runs and not program.blank for program in seen.programs.values()):
        return verdicts, []
    session = Session(Beside(), frame, forks=False)
    try:
        with contextlib.closing(session):
            session.read(content)
            for program in session.run():
                exercise = find_exercise(program.name)
                exercise = exercise.worth(worth.get(exercise.name, exercise.points))
                with contextlib.closing(Remote(session, exercise, program)) as answer:
                    if answer.is_there():
                        verdicts[program.name] = judge(exercise, answer, allow_library=False)
    except (OSError, EOFError, Unreadable) as error:
        return verdicts, [say("grader not tried", error=error)]
    notes = list(session.notes)
    for name, program in seen.programs.items():
        verdict, said = verdicts.get(name), seen.shown.get(name)
        points = verdict.points if verdict else 0.0
        if program.blank or not program.runs or (said is not None and points >= said):
            continue
        why = program.problem if verdict is None else verdict.message
        if said is not None:
            most = worth.get(name, find_exercise(name).points)
            notes.append(say("check said more", name=name, said=said, most=most, points=points, why=why))
        elif verdict is None or verdict.outcome in ("crashed", "timed out", "forbidden"):
            notes.append(say("grader stopped", name=name, why=why))
    if notes:
        notes += [say("cell stopped", cell=f.cell + 1, type=f.type, line=f.line) for f in session.failures.values()]
    return verdicts, notes


def content_of(chapter: str, path: str | Path | None = None) -> tuple[bytes, str, str]:
    """The notebook's bytes, which file to hand in, and of when it is."""
    if path is None and (live := _on_colab()) is not None:
        return json.dumps(live).encode(), say("from Colab", chapter=chapter), say("as it is now")
    path = Path(path) if path is not None else _notebook_path()
    if path is None:
        raise NoNotebook(say("no file", chapter=chapter))
    if not path.is_file():
        raise NoNotebook(say("no such file", path=str(path), chapter=chapter))
    saved = time.strftime("%H:%M:%S", time.localtime(path.stat().st_mtime))
    return path.read_bytes(), str(path), say("as it was saved", time=saved)


def _on_colab() -> dict | None:
    """The notebook that is open in Colab's page, or None elsewhere."""
    try:
        from google.colab import _message
    except ImportError:
        return None
    answer = _message.blocking_request("get_ipynb", timeout_sec=30)
    return answer["ipynb"] if answer else None


def _notebook_path() -> Path | None:
    """The file of the notebook that runs this, as Jupyter's server or Visual Studio Code tell it."""
    frame = inspect.currentframe()
    while frame is not None:
        if "__vsc_ipynb_file__" in frame.f_globals:
            return Path(frame.f_globals["__vsc_ipynb_file__"])
        frame = frame.f_back
    name = os.environ.get("JPY_SESSION_NAME", "")
    return Path(name) if re.search(r"\.ipynb$", name) else None
