"""A class's own exercises: a folder that is read like `autograder/exercises/`, named in `class.toml`.

`FOLDER/<topic>/` belongs to the chapter of that topic and holds a file an exercise: what students read as its docstring, the
right answer, and the `Exercise`, with `solves=f"{__name__}.NAME"`; `__init__.py` lists them in `EXERCISES`. They follow the
course's own exercises in their chapter. A notebook that is handed out carries them with it (`cell`), since students have no
such folder; so does what grades, on whatever machine.

Left out: chapters of one's own (`assets/site/adding.md`). What is refused, `autograder.own_sound` says.
"""

import base64
import functools
import importlib.machinery
import importlib.util
import json
import multiprocessing.util
import os
import re
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Mapping
from inspect import cleandoc
from pathlib import Path

from autograder.chapters import topic
from autograder.exercise import Exercise
from autograder.exercises import add_own, chapter_exercises, course_exercises
from autograder.own_sound import read_topics
from autograder.source import mark_solutions
from autograder.terminal import Trouble

CELL = "own-exercises"
TITLE = "#@title The exercises that this class has of its own"


class Folder:
    """A folder's files, copied to a place where they are imported from: what is edited meanwhile is another folder."""

    def __init__(self, name: str, files: Mapping[str, str]):
        self.name, self.files, self._process = name, dict(files), os.getpid()
        self._place = Path(tempfile.mkdtemp(prefix="unrolled-own-"))
        multiprocessing.util.Finalize(None, self.remove, exitpriority=0)  # runs at the end of a pool's worker, too
        for path, text in self.files.items():
            (self._place / path).parent.mkdir(parents=True, exist_ok=True)
            (self._place / path).write_text(text, encoding="utf-8")
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(self._place)]
        sys.modules[name] = importlib.util.module_from_spec(spec)

    def modules(self) -> set[str]:
        """What of it has been imported."""
        return {name for name in sys.modules if name.split(".")[0] == self.name}

    def remove(self) -> None:
        """Forget its modules; remove the copies, unless they are those of the process that this one was forked from."""
        for name in self.modules():
            del sys.modules[name]
        if os.getpid() == self._process:
            shutil.rmtree(self._place, ignore_errors=True)


_folder: Folder | None = None


def use_folder(path: Path | None) -> None:
    """Let the exercises in a folder be the class's own; without one it has none."""
    if path is None:
        _use("", {})
        return
    if not path.is_dir():
        raise Trouble(f"own is {str(path)!r}, and there is no such folder.")
    name = path.resolve().name
    if not name.isidentifier() or not ((_folder and name == _folder.name) or _free(name)):
        raise Trouble(f"own is {str(path)!r}; expected a folder whose name Python can import, and that no package has.")
    try:
        files = {p.relative_to(path).as_posix(): p.read_text(encoding="utf-8") for p in sorted(path.rglob("*.py"))}
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"{path}: {error}; expected Python files in UTF-8.") from None
    _use(name, files)


def use_notebook(chapter: str, source: str) -> None:
    """Let the exercises that the builder has packed into an instructor's notebook be the chapter's own."""
    name, files = _packed_in(source)
    if files != _carried(chapter):
        _use(name, files)


def use(name: str, packed: str) -> None:
    """What the cell calls in a student's notebook."""
    _use(name, _unpacked(packed))


def cell(chapter: str) -> str:
    """The source of the cell that carries a chapter's own exercises; nothing if it has none."""
    if not (files := _carried(chapter)):
        return ""
    packed = base64.b64encode(json.dumps(files, sort_keys=True).encode()).decode()
    lines = "\n".join(textwrap.wrap(packed, 100))
    return f'{TITLE}\nfrom autograder import own\n\nown.use("{_folder.name}", """\n{lines}\n""")'


def own_exercises(chapter: str) -> tuple[Exercise, ...]:
    """The exercises of a chapter that are the class's own."""
    return chapter_exercises(chapter)[len(course_exercises(chapter)) :]


def blank_cells(chapter: str) -> list[dict]:
    """The cells of a chapter's own exercises as they were handed out, without nbgrader, which students need not have."""
    cells = []
    for exercise in own_exercises(chapter):
        marked = f"# exercise: {exercise.name}\n{mark_solutions(exercise.source.rstrip(), exercise.blanks)}"
        stub = r"\1# YOUR CODE HERE\n\1raise NotImplementedError()"
        blank = re.sub(r"^([ \t]*)### BEGIN SOLUTION\n.*?### END SOLUTION", stub, marked, flags=re.S | re.M)
        for name, source in ((exercise.name, blank), (f"{exercise.name}-check", f"check({exercise.name})")):
            metadata = {"nbgrader": {"grade_id": name}}
            cells.append({"cell_type": "code", "id": name, "metadata": metadata, "source": source})
    return cells


def modules() -> set[str]:
    """The modules that hold the class's own exercises and their right answers."""
    return _folder.modules() if _folder else set()


def heading(exercise: Exercise, number: str) -> str:
    """What students read above an exercise: its file's docstring, whose first line is the title."""
    title, _, text = cleandoc(exercise.module.__doc__).partition("\n")
    points = f"{exercise.points:g} point{'s' * (exercise.points != 1)}"
    return f"### Exercise {number} — {title.rstrip('.')} · {points}\n\n{text.strip()}".rstrip()


def _free(name: str) -> bool:
    """Whether nothing else is imported by that name; a mere folder near by does not count."""
    spec = importlib.util.find_spec(name)
    return not (spec and spec.origin)


def _carried(chapter: str) -> dict[str, str]:
    """The files that a chapter's own exercises need: those of its topic, and those beside the topics."""
    if not own_exercises(chapter):
        return {}
    return {path: text for path, text in _folder.files.items() if path.rpartition("/")[0].split("/")[0] in ("", topic(chapter))}


@functools.lru_cache(maxsize=8)
def _packed_in(source: str) -> tuple[str, dict[str, str]]:
    """The folder's name and the files that a notebook carries."""
    for found in json.loads(source)["cells"]:
        if found.get("id") == CELL:
            name, packed = re.search(r'own\.use\("(\w+)", """(.*)"""\)', "".join(found["source"]), re.S).groups()
            return name, _unpacked(packed)
    return "", {}


def _unpacked(packed: str) -> dict[str, str]:
    return json.loads(base64.b64decode(packed))


def _use(name: str, files: dict[str, str]) -> None:
    """Import the files, and let their exercises be known, in the place of any others."""
    global _folder
    if (name, files) == ((_folder.name, _folder.files) if _folder else ("", {})):
        return
    if _folder:
        _folder.remove()
    _folder = None
    add_own({})
    if name:
        folder = Folder(name, files)
        try:
            found = read_topics(name, files)
        except Trouble:
            folder.remove()
            raise
        _folder = folder
        add_own(found)
