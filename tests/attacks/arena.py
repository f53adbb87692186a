"""What the attacks have in common: the submission around them, and the unprotected places that show their effect.

An attack is a file in one of the five folders, with an `ATTACK`. The submission around it answers `rnn_step` rightly
and `clip_gradients` with the attack's `answer`, a wrong one unless it succeeds; all else is as handed out. So it
deserves 3 points, those of `rnn_step`, whatever it tries.
"""

import contextlib
import faulthandler
import functools
import json
import os
import pickle
import select
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import torch

from autograder.build import instructor_notebook, student_notebook
from autograder.exercises import find_exercise
from autograder.grading.course import load_course
from autograder.grading.gradebook import Book
from autograder.judge import judge

CHAPTER = "01_rnn"
WRONG = "def clip_gradients(gradients, max_norm):\n    return []\n"
RIGHT = find_exercise("clip_gradients").source


@dataclass(frozen=True)
class Attack:
    """`answer` may hold {course}, the course's folder, and {trace}, a file that only an attack that got out writes."""

    control: Callable[["Place"], None]
    answer: str = WRONG
    edit: Callable[[dict], None] | None = None
    after: Callable[[Path], None] | None = None
    deserves: float = 3.0
    expects: Callable[[dict], None] | None = None


@dataclass(frozen=True)
class Place:
    """Where an attack's control runs: with its answer and notebook, in the tester's own process tree."""

    answer: str
    notebook: dict
    trace: Path
    course: Path

    def cell(self, grade_id: str) -> dict:
        """The submitted cell of that grade id, as nbgrader's functions take it."""
        return nbformat.from_dict(find_cell(self.notebook, grade_id))

    def run(self, then: str, seconds: float = 20.0) -> Any:
        """Execute the answer and then a piece of code, in an unprotected fork; the value of its last name `seen`.

        "hangs" if it does not end in time, "died" if its process ended without a value.
        """
        return unprotected(lambda: _execute(self.answer, then), seconds)

    def judged(self) -> str:
        """The outcome that a judge in the same process as the answer comes to."""
        return unprotected(
            lambda: judge(find_exercise("clip_gradients"), _execute(self.answer, "seen = clip_gradients")).outcome
        )


CALL = """
import torch
gradients = [torch.full((2, 3), 4.0), torch.full((5,), 3.0)]
expected = [g * (1.5 / torch.cat([h.flatten() for h in gradients]).norm()) for g in gradients]
seen = clip_gradients(gradients=[g.clone() for g in gradients], max_norm=1.5)
"""


def _execute(answer: str, then: str) -> Any:
    namespace = {"__name__": "__main__"}
    exec(compile("import torch\n" + answer, "<answer>", "exec"), namespace)
    exec(compile(then, "<control>", "exec"), namespace)
    return namespace["seen"]


def unprotected(work: Callable[[], Any], seconds: float = 20.0) -> Any:
    """What `work` gives in a fork of the tester's process, with its rights; everything it started ends with it."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        faulthandler.disable()
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (1, 2):
            os.dup2(null, standard)
        os.closerange(3, writer)
        os.closerange(writer + 1, 256)
        signal.alarm(60)
        torch.set_num_threads(1)
        try:
            packet = pickle.dumps(work())
        except BaseException as error:
            packet = pickle.dumps(f"crashed: {type(error).__name__}: {error}")
        os.set_blocking(writer, True)
        os.write(writer, packet[:60_000])
        os._exit(0)
    os.close(writer)
    ready, _, _ = select.select([reader], [], [], seconds)
    packet = os.read(reader, 65_536) if ready else None
    os.close(reader)
    for end in (os.kill, os.killpg):
        with contextlib.suppress(ProcessLookupError):
            end(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    if packet is None:
        return "hangs"
    return pickle.loads(packet) if packet else "died"


def find_cell(notebook: dict, grade_id: str) -> dict:
    """The first cell with this grade id."""
    return next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def handed_out() -> dict:
    """A fresh copy of the student's notebook of the chapter."""
    return json.loads(_handed_out())


@functools.cache
def _handed_out() -> str:
    return nbformat.writes(student_notebook(CHAPTER))


@functools.cache
def source_notebook() -> str:
    """The instructor's notebook of the chapter."""
    return nbformat.writes(instructor_notebook(CHAPTER))


def answered(**answers: str) -> dict:
    """The student's notebook with these answers in their cells."""
    notebook = handed_out()
    for name, answer in answers.items():
        find_cell(notebook, name)["source"] = f"# exercise: {name}\n{answer}"
    return notebook


def perfect() -> dict:
    """The student's notebook with all exercises solved."""
    names = ("rnn_step", "unroll", "sequence_cross_entropy", "jacobian_norms", "clip_gradients")
    return answered(**{name: find_exercise(name).source for name in names})


def hand_in(course: Path, student: str, notebook: dict | bytes, name: str = f"{CHAPTER}.ipynb") -> Path:
    """Put a submission where nbgrader's collect would."""
    folder = course / "submitted" / student / CHAPTER
    folder.mkdir(parents=True, exist_ok=True)
    content = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    (folder / name).write_bytes(content)
    return folder


def new_course(root: Path) -> Path:
    """An empty course with the chapter's source."""
    folder = root / "source" / CHAPTER
    folder.mkdir(parents=True)
    (folder / f"{CHAPTER}.ipynb").write_text(source_notebook(), encoding="utf-8")
    (root / "gradebook.db").write_bytes(empty_gradebook())
    return root


@functools.cache
def empty_gradebook() -> bytes:
    """A gradebook with nothing in it; nbgrader takes seconds to make one."""
    with tempfile.TemporaryDirectory() as folder:
        Book(load_course(Path(folder)).directory).close()
        return Path(folder, "gradebook.db").read_bytes()


def processes_below(pid: int) -> set[int]:
    """All processes that descend from this one."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
    found, todo = set(), [pid]
    while todo:
        parent = todo.pop()
        children = {child for child, its in parents.items() if its == parent} - found
        found |= children
        todo += children
    return found


def wait_until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether something becomes true in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
