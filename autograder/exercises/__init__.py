"""The exercises of the course: a folder a chapter, in it a file an exercise, listed in `EXERCISES` in the chapter's order.

A class may have exercises of its own (`autograder.own`); they follow the course's in their chapter.
"""

import functools
import importlib
from collections.abc import Mapping

from autograder.chapters import CHAPTERS, topic
from autograder.exercise import Exercise

_own: dict[str, tuple[Exercise, ...]] = {}


@functools.cache
def course_exercises(chapter: str) -> tuple[Exercise, ...]:
    """The course's exercises of one chapter ("01_rnn"), in its order."""
    if chapter not in CHAPTERS:
        raise ValueError(f"chapter is {chapter!r}; expected one of {', '.join(CHAPTERS)}.")
    return importlib.import_module(f"autograder.exercises.{topic(chapter)}").EXERCISES


def chapter_exercises(chapter: str) -> tuple[Exercise, ...]:
    """The exercises of one chapter, those that the class has of its own last."""
    return course_exercises(chapter) + _own.get(chapter, ())


def all_exercises() -> tuple[Exercise, ...]:
    """All exercises of the course, in order."""
    return tuple(exercise for chapter in CHAPTERS for exercise in chapter_exercises(chapter))


def add_own(exercises: Mapping[str, tuple[Exercise, ...]]) -> None:
    """Let these be the class's own exercises, by chapter, in the place of any others."""
    _own.clear()
    _own.update(exercises)
    _by_name.cache_clear()


@functools.cache
def _by_name() -> dict[str, tuple[Exercise, str]]:
    return {exercise.name: (exercise, chapter) for chapter in CHAPTERS for exercise in chapter_exercises(chapter)}


def find_exercise(name: str) -> Exercise:
    """The exercise of that name.

    >>> find_exercise("rnn_step").points
    3
    """
    if name not in _by_name():
        raise ValueError(f"name is {name!r}; expected the name of an exercise: {', '.join(_by_name())}.")
    return _by_name()[name][0]


def chapter_of(exercise: Exercise) -> str:
    """The chapter that the exercise belongs to."""
    return _by_name()[exercise.name][1]
