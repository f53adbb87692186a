"""The edition of a chapter: a notebook says which one it holds, so that an old one can be told from the installed."""

import hashlib
from collections.abc import Iterable

from autograder.exercise import Exercise
from autograder.exercises import chapter_exercises


def edition_of(chapter: str) -> str:
    """A short hash of what the chapter's exercises ask for."""
    return edition(chapter_exercises(chapter))


def edition(exercises: Iterable[Exercise]) -> str:
    """A short hash of what these exercises ask for."""
    contracts = [exercise.contract for exercise in exercises]
    return hashlib.sha256(" ".join(contracts).encode()).hexdigest()[:8]
