"""One settings file for a class, `autograder/course/class.toml`: chapters, exercises, points, due dates, late rule, seeds.

`python -m autograder class` writes a commented example. What the file says, building, grading, feedback and export follow; a
notebook that is handed out carries its own part of it to `check`. Without a file everything is as the course has it.
"""

import functools
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from autograder import own
from autograder.chapters import CHAPTERS
from autograder.exercise import Exercise
from autograder.exercises import chapter_exercises
from autograder.terminal import Trouble

WRITTEN = "-in-your-own-words"
EXAMPLE = """\
# The settings of a class. Lines that begin with # are examples: remove the # and change what stands after it.
# `python -m autograder class` reads the file, and says what must be built, handed out or graded again.

# use = ["01_rnn", "05_self_attention"]   # the chapters of this class; all of them without this line
# own = "own_exercises"                   # a folder beside this file with exercises of your own (see For instructors)
# seconds = 10                            # the most that one answer may take in official grading

[late]
rule = "none"             # "none"; "zero": late work counts nothing; "percent": points go off for each day begun
# percent_per_day = 10    # with "percent": of the points that the work has earned
# most_percent = 50       # with "percent": no more than this goes off
# grace_minutes = 10      # what comes this little late is not late

# [chapters.01_rnn]
# due = 2026-03-09T23:59:00+09:00                # a date, a time and the hours from UTC; without those, this machine's time
# exercises = ["rnn_step", "unroll"]             # the others are handed out solved, and do not count
# points = { unroll = 5, rnn-in-your-own-words = 4 }
# seed = 20260309                                # of the hidden inputs; a secret one is drawn without this line
# seconds = 20

# [extensions.minsu]                             # a student's id, and what is due when for this student
# 01_rnn = 2026-03-16T23:59:00+09:00
"""


def _moment(value: object) -> object:
    """A date and time as UTC; one without a zone is this machine's."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    raise ValueError("expected a date and a time, such as 2026-03-09T23:59:00+09:00")


Moment = Annotated[datetime, BeforeValidator(_moment)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Late(_Strict):
    """What becomes of late work."""

    rule: Literal["none", "zero", "percent"] = "none"
    percent_per_day: float = Field(10, ge=0, le=100)
    most_percent: float = Field(100, ge=0, le=100)
    grace_minutes: float = Field(0, ge=0)


class Chapter(_Strict):
    """What a class does with one chapter."""

    due: Moment | None = None
    exercises: tuple[str, ...] | None = None
    points: dict[str, Annotated[float, Field(gt=0)]] = {}
    seed: int | None = None
    seconds: float | None = Field(None, ge=0.1)


class Settings(_Strict):
    """All of a class's settings."""

    use: tuple[str, ...] = tuple(CHAPTERS)
    own: str | None = None
    seconds: float = Field(10.0, ge=0.1)
    late: Late = Late()
    chapters: dict[str, Chapter] = {}
    extensions: dict[str, dict[str, Moment]] = {}

    def of(self, chapter: str) -> Chapter:
        """What is said of one chapter."""
        return self.chapters.get(chapter, Chapter())

    def seconds_of(self, chapter: str) -> float:
        """The most that one answer may take."""
        return self.of(chapter).seconds or self.seconds

    def exercises(self, chapter: str) -> tuple[Exercise, ...]:
        """The exercises that count, with the points that they have in this class."""
        said = self.of(chapter)
        chosen = [e for e in chapter_exercises(chapter) if said.exercises is None or e.name in said.exercises]
        return tuple(exercise.worth(said.points.get(exercise.name, exercise.points)) for exercise in chosen)


def read(root: Path) -> Settings:
    """The settings of the class in a course's folder; a file that cannot be understood is said in one sentence.

    From now on the class's own exercises are among those of their chapters.
    """
    path = root / "class.toml"
    try:
        settings = _read(path, path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        settings = Settings()
    except UnicodeDecodeError:
        raise Trouble(
            f"{path} is not UTF-8; expected a text file, such as `python -m autograder class` writes."
        ) from None
    try:
        own.use_folder(None if settings.own is None else root / settings.own)
    except Trouble as trouble:
        raise Trouble(f"{path}: {trouble}") from None
    _require_known(path, settings)
    return settings


@functools.lru_cache(maxsize=8)
def _read(path: Path, text: str) -> Settings:
    try:
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Trouble(f"{path}: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where, given = ".".join(map(str, first["loc"])), first["input"]
        raise Trouble(f"{path}: {where} is {given!r}: {first['msg'].removeprefix('Value error, ')}.") from None


def _require_known(path: Path, settings: Settings) -> None:
    """Refuse names of chapters and exercises that there are not."""
    for where, chapters in (
        ("use", settings.use),
        ("chapters", settings.chapters),
        *((f"extensions.{student}", due) for student, due in settings.extensions.items()),
    ):
        if unknown := [chapter for chapter in chapters if chapter not in CHAPTERS]:
            raise Trouble(f"{path}: {where} names {unknown[0]!r}; expected one of {', '.join(CHAPTERS)}.")
    for chapter, said in settings.chapters.items():
        names = [exercise.name for exercise in chapter_exercises(chapter)]
        for name in (*(said.exercises or ()), *(n for n in said.points if not n.endswith(WRITTEN))):
            if name not in names:
                raise Trouble(f"{path}: chapters.{chapter} names {name!r}; expected one of {', '.join(names)}.")
        if said.exercises == ():
            raise Trouble(f"{path}: chapters.{chapter}.exercises is empty; expected some of {', '.join(names)}.")
