r"""What Canvas, Moodle, Blackboard, Brightspace, Colab, browsers and systems make of a file's name.

Canvas, "Download Submissions": `kimminsu_LATE_4711_90210_01_rnn-1.ipynb`: name, lateness, the student's number, the
number of the upload (a later one is larger), the file's own name; an anonymous one `anon_aB3dE_90210_01_rnn.ipynb`.
Moodle, "Download all submissions": a folder `Minsu Kim_4711_assignsubmission_file` with the files, or without folders the
same in front of the file's name. Blackboard: `01_rnn_minsu_attempt_2026-03-02-10-20-30_01_rnn.ipynb`. Brightspace:
`4711-90210 - Minsu Kim - Mar 2, 2026 1020 AM - 01_rnn.ipynb`, or a folder called so. The LMS writes its part in front of
the student's, so each pattern is read from the left, and the first place where it fits counts.
"""

import contextlib
import re
from dataclasses import dataclass
from datetime import datetime

LATE = r"(?:(?P<late>LATE)_)?"
ANONYMOUS = re.compile(
    rf"{LATE}(?P<name>anon)_(?:(?P<later>LATE)_)?(?P<number>(?!LATE_)[A-Za-z0-9]+)_(?P<upload>\d+)_(?P<file>.+)", re.S
)
CANVAS = re.compile(rf"(?P<name>.+?)_{LATE}(?P<number>\d+)_(?P<upload>\d+)_(?P<file>.+)", re.S)
MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<number>\d+)_assignsubmission_[a-z]+_*(?P<file>.*)", re.S)
BLACKBOARD = re.compile(
    r"(?P<name>.+?)_attempt_(?P<when>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?:_(?P<file>.+)|\.[a-z]+)?", re.S
)
BRIGHTSPACE = re.compile(
    r"\d+-\d+ - (?P<name>.+?) - (?P<when>[A-Z][a-z]{2,8} \d+, \d{4} \d{3,4} [AP]M)(?: - (?P<file>.+))?", re.S
)
EXTENSION = re.compile(r"\.(ipynb|json|txt|zip|tar|gz|tgz|bz2|xz|7z|rar|egg|alz|download)$", re.I)
#: A copy to work in, as Colab and Google Drive make it.
COPY = re.compile(
    r"^((copy|copie|kopie|c[oó]pia)( \(\d+\))?[ _+](of|de|von)[ _+])+|[ _+]?의[ _+]?사본$|[ _]?(のコピー|的副本)$", re.I
)
#: A copy put aside, as Windows, macOS and JupyterLab make it: its number is no attempt.
ASIDE = re.compile(
    r"([ _]-[ _]|[ _-])(copy|복사본|사본|kopie|copie|copia|checkpoint)[ _]?\d*$|^복사본[ _](-[ _])?", re.I
)
AGAIN = re.compile(r"[ _+]?\((\d{1,3})\)$|-(\d{1,3})$")


@dataclass(frozen=True)
class Handed:
    """What an LMS wrote: whose a file is (a name, and a number of the LMS's), which attempt, whether late, its own name.

    `hint` is a student whom that own name names, where the owner is unknown.
    """

    lms: str
    name: str
    number: str | None = None
    attempt: int = 0
    late: bool = False
    file: str = ""
    hint: str = ""


def read_part(part: str) -> Handed | None:
    """What an LMS has written into the name of a file or folder; None if none has.

    >>> read_part("kimminsu_LATE_4711_90210_01_rnn-1.ipynb")
    Handed(lms='canvas', name='kimminsu', number='4711', attempt=90210, late=True, file='01_rnn-1.ipynb', hint='')
    >>> read_part("Minsu Kim_4711_assignsubmission_file")
    Handed(lms='moodle', name='Minsu Kim', number='4711', attempt=0, late=False, file='', hint='')
    >>> read_part("01_rnn.ipynb")
    """
    if found := MOODLE.fullmatch(part):
        return Handed("moodle", found["name"].strip(), found["number"], file=found["file"])
    if found := ANONYMOUS.fullmatch(part):
        late = bool(found["late"] or found["later"])
        return Handed("canvas", f"anon_{found['number']}", None, int(found["upload"]), late, found["file"])
    if found := BLACKBOARD.fullmatch(part):
        return Handed(
            "blackboard", found["name"], None, int(found["when"].replace("-", "")), False, found["file"] or ""
        )
    if found := BRIGHTSPACE.fullmatch(part):
        return Handed("brightspace", found["name"], None, _moment(found["when"]), False, found["file"] or "")
    if found := CANVAS.fullmatch(part):
        attempt = int(found["upload"][:18])
        return Handed("canvas", found["name"], found["number"], attempt, bool(found["late"]), found["file"])
    return None


def title(file: str) -> tuple[str, int]:
    """A file's own name, without what copying and downloading add, and the number that a browser gave the download.

    >>> title("Copy of 01_rnn (2).ipynb"), title("01_rnn.ipynb의 사본.ipynb"), title("01_rnn - 복사본 (2).IPYNB.txt")
    (('01_rnn', 2), ('01_rnn', 0), ('01_rnn', 0))
    >>> title("01_rnn-Copy1.ipynb"), title("01_rnn-20310001.ipynb")
    (('01_rnn', 0), ('01_rnn-20310001', 0))
    """
    name, again, aside = file.strip(), 0, False
    while True:
        bare = EXTENSION.sub("", name).rstrip()
        shorter = COPY.sub("", bare)
        if shorter != bare:
            pass
        elif ASIDE.search(shorter):
            aside, shorter = True, ASIDE.sub("", shorter)
        elif found := AGAIN.search(shorter):
            again, shorter = max(again, int(found[1] or found[2])), shorter[: found.start()]
        if shorter == name or not shorter:
            return name, 0 if aside else again
        name = shorter


def _moment(when: str) -> int:
    """Brightspace's date as a number that grows."""
    for form in ("%b %d, %Y %I%M %p", "%B %d, %Y %I%M %p"):
        with contextlib.suppress(ValueError):
            return int(datetime.strptime(re.sub(r" (\d{3}) ", r" 0\1 ", when), form).strftime("%Y%m%d%H%M"))
    return 0
