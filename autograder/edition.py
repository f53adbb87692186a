"""The edition of a chapter: a notebook says which one it holds, so that an old one can be told from the installed."""

import hashlib

from autograder.exercises import chapter_exercises


def edition_of(chapter: str) -> str:
    """A short hash of what the chapter's exercises ask for."""
    contracts = [exercise.contract for exercise in chapter_exercises(chapter)]
    return hashlib.sha256(" ".join(contracts).encode()).hexdigest()[:8]
