"""The student's progress: one JSON file in the user's data directory. Nothing leaves the machine."""

import contextlib
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


def progress_file() -> Path:
    """Where progress is kept."""
    return Path(platformdirs.user_data_dir("unrolled")) / "progress.json"


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
