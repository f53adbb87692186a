r"""Who handed in a file, and is it the newest? Read from the names that Canvas, Moodle, Colab and browsers give files.

Canvas, "Download Submissions": `kimminsu_LATE_4711_90210_01_rnn-1.ipynb`: name, lateness, the student's number, the
number of the upload (a later one is larger), the file's own name. Moodle, "Download all submissions": a folder
`Minsu Kim_4711_assignsubmission_file` with the files, or without folders the same in front of the file's name. Else a
folder or an archive for each student (`minsu/Copy of 01_rnn (1).ipynb`), or Google Classroom's
`Minsu Kim - 01_rnn.ipynb`.
"""

import re
from dataclasses import dataclass
from pathlib import PurePath

CANVAS = re.compile(r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<number>\d+)_(?P<upload>\d+)_(?P<file>.+)")
MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_file_*(?P<file>.*)")
CLASSROOM = re.compile(r"(?P<name>.+?) - (?P<file>.+)")
COPY = re.compile(r"^(copy[ _+]of[ _+])+|(\.ipynb)?[ _+]?의[ _+]사본$", re.I)
AGAIN = re.compile(r"[ _+]?\((\d+)\)$|-(\d+)$")


@dataclass(frozen=True)
class Handed:
    """What a file's name says: whose it is (a name, and a number of the LMS's), which attempt, and whether late."""

    name: str
    number: str | None = None
    attempt: tuple[int, ...] = ()
    late: bool = False
    notebook: str = ""


def read_name(path: PurePath) -> Handed | None:
    """What the name of a file says, the path being relative to what was extracted; None if it does not say whose it is.

    >>> read_name(PurePath("submissions/kimminsu_LATE_4711_90210_01_rnn-1.ipynb"))
    Handed(name='kimminsu', number='4711', attempt=(90210, 1), late=True, notebook='01_rnn')
    >>> read_name(PurePath("all/Minsu Kim_4711_assignsubmission_file/Copy of 01_rnn (2).ipynb"))
    Handed(name='Minsu Kim', number='4711', attempt=(2,), late=False, notebook='01_rnn')
    >>> read_name(PurePath("minsu/01_rnn.ipynb의 사본.ipynb"))
    Handed(name='minsu', number=None, attempt=(0,), late=False, notebook='01_rnn')
    """
    if found := CANVAS.fullmatch(path.name):
        notebook, again = _notebook(found["file"])
        return Handed(found["name"], found["number"], (int(found["upload"]), again), bool(found["late"]), notebook)
    for part in (path.name, path.parent.name):
        if found := MOODLE.fullmatch(part):
            notebook, again = _notebook(found["file"] or path.name)
            return Handed(found["name"], found["number"], (again,), notebook=notebook)
    if found := CLASSROOM.fullmatch(path.name):
        notebook, again = _notebook(found["file"])
        return Handed(found["name"], attempt=(again,), notebook=notebook)
    notebook, again = _notebook(path.name)
    return Handed(path.parent.name, attempt=(again,), notebook=notebook) if path.parent.name else None


def _notebook(file: str) -> tuple[str, int]:
    """The notebook's own name, without what copying and downloading add, and the number of the download."""
    name, again = file.partition(".ipynb")[0] if "사본" not in file else file.removesuffix(".ipynb"), 0
    while True:
        shorter = COPY.sub("", name)
        if found := AGAIN.search(shorter):
            again, shorter = max(again, int(found[1] or found[2])), shorter[: found.start()]
        if shorter == name:
            return name, again
        name = shorter
