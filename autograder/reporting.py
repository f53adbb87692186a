"""When a check seems wrong: one text to send, with the answer's source and the verdict, and nothing about whose it is."""

import inspect
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from autograder import feedback
from autograder.edition import edition_of
from autograder.exercises import chapter_of
from autograder.forbid import live_source
from autograder.judge import judge
from autograder.notebook import exercise_of
from autograder.wording import say

REPORT = """\
exercise: {exercise} (chapter {chapter}, edition {edition})
Python {python}, torch {torch}, unrolled {unrolled}

--- the answer
{source}

--- the verdict
{verdict}"""


def report(answer: Any) -> None:
    """Print what to send if a check seems wrong: the answer, the verdict, and the versions; no name, no path of yours.

    Look through it before you send it: what the source itself says, it says.
    """
    exercise = exercise_of(answer, inspect.currentframe().f_back.f_globals)
    verdict = judge(exercise, answer, allow_library=False)
    text = REPORT.format(
        exercise=exercise.name,
        chapter=(chapter := chapter_of(exercise)),
        edition=edition_of(chapter),
        python=platform.python_version(),
        torch=version("torch"),
        unrolled=version("unrolled"),
        source=live_source(answer).strip() or say("no source"),
        verdict=feedback.as_text(verdict, show=True),
    )
    print(text.replace(str(Path.home()), "~"))
