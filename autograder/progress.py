"""The student's progress: one JSON file for each copy of the course, in the user's data directory.

Nothing leaves the machine. A copy is a folder with the chapters in it; outside of one, as on Colab, it is the place of
the installed package. What an earlier version kept for all copies together goes to the first copy that asks.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path

import platformdirs

from autograder.catalogue import OUTCOMES
from autograder.chapters import CHAPTERS
from autograder.exercises import chapter_exercises
from autograder.verdict import Verdict
from autograder.wording import say

BLANK = "raise NotImplementedError()"


def copy_of_the_course() -> Path:
    """The folder of the copy that one works in: above the notebook, else that of the package."""
    here = Path.cwd()
    around = (folder for folder in (here, *here.parents) if (folder / "chapters" / "index.ipynb").exists())
    return next(around, Path(__file__).resolve().parent.parent)


def progress_file() -> Path:
    """Where progress is kept."""
    data, copy = Path(platformdirs.user_data_dir("unrolled")), copy_of_the_course()
    file = data / f"progress-{copy.name}-{hashlib.sha256(str(copy).encode()).hexdigest()[:8]}.json"
    if not file.exists():
        with contextlib.suppress(OSError):  # there is none of an earlier version
            (data / "progress.json").replace(file)
    return file


def read_progress() -> dict[str, dict]:
    """For each exercise tried so far its outcome, points and number of attempts."""
    file = progress_file()
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        with contextlib.suppress(OSError):  # unreadable: keep it aside, and go on with an empty one
            file.replace(file.with_suffix(".unreadable.json"))
        return {}


def record(verdict: Verdict) -> None:
    """Note the latest verdict on an exercise. A machine that cannot keep it goes on without."""
    records = read_progress()
    attempts = records.get(verdict.exercise, {}).get("attempts", 0) + (verdict.outcome != "not attempted")
    records[verdict.exercise] = {"outcome": verdict.outcome, "points": verdict.points, "attempts": attempts}
    file = progress_file()
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as new:
            json.dump(records, new, indent=1, ensure_ascii=False)
        os.replace(new.name, file)


def summary(chapter: str | None = None) -> list[tuple[str, str, float, float]]:
    """Rows (name, outcome, points, of how many): the exercises of a chapter, or the chapters of the course."""
    records = read_progress()

    def points(name: str) -> float:
        return records.get(name, {}).get("points", 0)

    if chapter:
        exercises = chapter_exercises(chapter)
        states = {name: OUTCOMES.get(kept.get("outcome")) for name, kept in records.items()}
        return [(e.name, states.get(e.name) or say("not tried"), points(e.name), e.points) for e in exercises]
    rows = []
    for name in CHAPTERS:
        exercises = chapter_exercises(name)
        right = sum(records.get(e.name, {}).get("outcome") == "correct" for e in exercises)
        state = say("right so far", right=right, all=len(exercises))
        rows.append((name, state, sum(points(e.name) for e in exercises), sum(e.points for e in exercises)))
    return rows


def disagreements(chapter: str, content: bytes) -> list[str]:
    """Where the record and a notebook's file do not say the same of an exercise; `content` is the file."""
    from autograder.grading.inside.reading import Unreadable, read

    try:
        notebook = read(content)
    except Unreadable:
        return []
    if notebook.chapter not in ("", chapter):
        return []
    records, found = read_progress(), []
    for exercise in chapter_exercises(chapter):
        name = exercise.name
        kept = records.get(name, {}).get("points", 0)
        sources = [c.source for c in notebook.cells if name in (c.id, c.grade_id)]
        saved = [c.shown for c in notebook.cells if c.shown is not None and f"check({name})" in c.source]
        if kept and sources and BLANK in sources[-1]:
            found.append(say("recorded, but blank", name=name, kept=kept, most=exercise.points))
        elif saved and saved[-1] != kept:
            found.append(say("recorded otherwise", name=name, kept=kept, saved=saved[-1], most=exercise.points))
    return found
