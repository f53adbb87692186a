"""Read a class's own exercises from a folder that can be imported, and refuse what is none in one sentence with its file."""

import functools
import importlib
import sys
import traceback
from collections.abc import Iterable
from types import ModuleType

from autograder.chapters import CHAPTERS, topic
from autograder.exercise import Exercise
from autograder.exercises import course_exercises
from autograder.judge import judge
from autograder.terminal import Trouble


def read_topics(name: str, files: Iterable[str]) -> dict[str, tuple[Exercise, ...]]:
    """The exercises of each chapter that the package `name` has any for; `files` are its files' paths."""
    files = list(files)
    topics = sorted({path.split("/")[0] for path in files if "/" in path})
    found = {_chapter(f"{name}/{folder}"): _read(f"{name}/{folder}", name, files) for folder in topics}
    if not found:
        raise Trouble(f"{name}: there are no exercises in it; expected folders such as {name}/rnn, each with an __init__.py.")
    names = {exercise.name: f"the course's {c}" for c in CHAPTERS for exercise in course_exercises(c)}
    for exercise in (exercise for exercises in found.values() for exercise in exercises):
        if exercise.name in names:
            raise Trouble(f"{_file(exercise)}: {names[exercise.name]} has an exercise {exercise.name} already; choose another name.")
        names[exercise.name] = _file(exercise)
    return found


@functools.lru_cache(maxsize=256)
def require_right(exercise: Exercise) -> None:
    """Refuse an exercise whose right answers are judged wrong, or whose wrong ones pass."""
    try:
        for answer in (exercise.reference, *exercise.accepts):
            if (verdict := judge(exercise, answer)).outcome != "correct":
                raise Trouble(f"{_file(exercise)}: a right answer is judged {verdict.outcome}: {verdict.message.splitlines()[0]}")
        for mistake in exercise.misconceptions:
            if judge(exercise, exercise.variant(mistake), patience=0).outcome == "correct":
                raise Trouble(f"{_file(exercise)}: the misconception {mistake.id!r} is judged correct; expected inputs that show it.")
    except Exception as error:
        if isinstance(error, Trouble):
            raise
        raise Trouble(f"{_file(exercise)}: trying it stops with {type(error).__name__}: {error}") from None


def _chapter(folder: str) -> str:
    """The chapter that a folder's exercises belong to."""
    for chapter in CHAPTERS:
        if topic(chapter) == folder.rpartition("/")[2]:
            return chapter
    raise Trouble(f"{folder}: expected the topic of a chapter: {', '.join(map(topic, CHAPTERS))}.")


def _read(folder: str, name: str, files: list[str]) -> tuple[Exercise, ...]:
    """The exercises of one topic; each file holds one, and the list names them all."""
    listed = getattr(_imported(folder, name), "EXERCISES", None)
    if not isinstance(listed, tuple) or not all(isinstance(exercise, Exercise) for exercise in listed):
        raise Trouble(f"{folder}/__init__.py: expected EXERCISES, a tuple of this folder's exercises.")
    for path in (f"{name}/{path}" for path in files):
        if path.startswith(f"{folder}/") and not path.rpartition("/")[2].startswith("_"):
            inside = [thing for thing in vars(_imported(path, name)).values() if isinstance(thing, Exercise)]
            if not inside:
                raise Trouble(f"{path}: there is no Exercise in it; a file of helpers has a name that begins with _.")
            if not set(inside) <= set(listed):
                raise Trouble(f"{path}: its exercise is not in EXERCISES of {folder}/__init__.py.")
    for exercise in listed:
        _require_sound(exercise, folder)
    return listed


def _imported(path: str, name: str) -> ModuleType:
    """A module by its path; an exception in it is said with the file's line."""
    try:
        return importlib.import_module(path.removesuffix(".py").replace("/", "."))
    except Exception as error:
        place = sys.modules[name].__path__[0]
        lines = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
        lines += [(error.filename or "", error.lineno)] if isinstance(error, SyntaxError) else []
        lines = [(file.removeprefix(place), line) for file, line in lines if file.startswith(place)]
        where = f"{name}{lines[-1][0]}, line {lines[-1][1]}" if lines else path
        what = error.msg if isinstance(error, SyntaxError) else error
        raise Trouble(f"{where}: {type(error).__name__}: {what}") from None


def _file(exercise: Exercise) -> str:
    """The file that an exercise says its right answer is in."""
    return f"{exercise.solves.rpartition('.')[0].replace('.', '/')}.py"


def _require_sound(exercise: Exercise, folder: str) -> None:
    """Refuse an exercise without a right answer, without words for students, or with points that are none."""
    home, here = exercise.solves.rpartition(".")[0], folder.replace("/", ".")
    if not home.startswith(f"{here}.") or home not in sys.modules or not hasattr(sys.modules[home], exercise.name):
        raise Trouble(
            f"{folder}: an exercise solves {exercise.solves!r}; expected the right answer in the exercise's own file, and "
            f'solves=f"{{__name__}}.{exercise.name}".'
        )
    where = _file(exercise)
    if not (exercise.module.__doc__ or "").strip():
        raise Trouble(f"{where} has no docstring; expected what students read: a title on its first line, then the text.")
    for group, points in exercise.groups.items():
        if isinstance(points, bool) or not isinstance(points, int | float) or not points > 0:
            raise Trouble(f"{where}: the group {group!r} has {points!r} points; expected a number above 0.")
    if not exercise.points or exercise.points != int(exercise.points):
        raise Trouble(f"{where}: {exercise.points:g} points in all; expected a whole number above 0.")
