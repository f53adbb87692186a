"""Downloads for the tests of collecting: a course with a class, and archives as an LMS and students make them."""

import functools
import io
import json
import zipfile
from pathlib import Path

import nbformat

from autograder import __main__ as command_line
from autograder.build import instructor_notebook, student_notebook
from autograder.exercises import find_exercise

CHAPTER = "01_rnn"
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,01_rnn (90001)
    Points Possible,,,,,15
"Kim, Minsu",4711,S-1,minsu,"Deep, 1",
"Lee, Jiwoo",4712,S-2,jiwoo,"Deep, 1",
"Quick, Mallory",4713,S-3,mallory,"Deep, 1",
"""
MOODLE = """\
First name,Last name,ID number,Email address
Minsu,Kim,S-1,minsu@example.org
Jiwoo,Lee,S-2,jiwoo@example.org
Mallory,Quick,S-3,mallory@example.org
"""
KOREAN = """\
First name,Last name,ID number,Email address
민수,김,20310001,minsu@example.org
서연,박,20310002,seoyeon@example.org
"""


@functools.cache
def handed_out(chapter: str) -> str:
    """A chapter's notebook as students get it."""
    return nbformat.writes(student_notebook(chapter))


@functools.cache
def source(chapter: str) -> str:
    """A chapter's notebook as the instructor has it."""
    return nbformat.writes(instructor_notebook(chapter))


def notebook(answer: str = "", chapter: str = CHAPTER) -> bytes:
    """A chapter as it was handed out, with an answer of ours in its place if there is one."""
    given = handed_out(chapter)
    if answer:
        loaded = json.loads(given)
        next(cell for cell in loaded["cells"] if cell["id"] == "clip_gradients")["source"] = answer
        given = json.dumps(loaded)
    return given.encode()


def answered(mark: str = "") -> bytes:
    """A notebook with an answer; the mark tells it from others."""
    return notebook(find_exercise("clip_gradients").source + f"\n# {mark}\n")


def zipped(*members, flags=None, **attributes) -> bytes:
    """A zip file. A member is a name, which is its content too, or a name and a content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for member in members:
            name, content = (member, member) if isinstance(member, str) else member
            info = zipfile.ZipInfo(name, (2026, 3, 2, 10, 20, 30))
            info.filename = info.orig_filename = name
            for attribute, value in attributes.items():
                setattr(info, attribute, value)
            file.writestr(info, content)
    return out.getvalue()


def raw_names(content: bytes, names: dict[str, bytes], utf8: bool = False) -> bytes:
    """A zip file whose ASCII names are replaced by raw bytes of the same length, marked as UTF-8 or not."""
    for name, raw in names.items():
        assert len(name) == len(raw) and content.count(name.encode()) >= 2
        content = content.replace(name.encode(), raw)
    if utf8:
        for header, at in ((b"PK\3\4", 7), (b"PK\1\2", 9)):
            place = content.find(header)
            while place >= 0:
                content = content[: place + at] + bytes([content[place + at] | 8]) + content[place + at + 1 :]
                place = content.find(header, place + 4)
    return content


def new_course(tmp_path: Path, roster: str = CANVAS) -> Path:
    """A course that has handed out a chapter, with a class."""
    root = tmp_path / "course"
    (root / "source" / CHAPTER).mkdir(parents=True)
    (root / "source" / CHAPTER / f"{CHAPTER}.ipynb").write_text(source(CHAPTER), "utf-8")
    (tmp_path / "class.csv").write_text(roster, encoding="utf-8")
    assert command_line.main(["roster", str(tmp_path / "class.csv"), "--course", str(root)]) == 0
    return root


def download(root: Path, **files: bytes) -> None:
    """Put files into the folder of downloads: `submissions_zip=…` becomes submissions.zip."""
    for name, content in files.items():
        stem, _, extension = name.rpartition("_")
        place(root, f"{stem}.{extension}", content)


def place(root: Path, path: str, content: bytes | str) -> Path:
    """Put a file into the folder of downloads."""
    target = root / "downloaded" / CHAPTER / "archive" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return target


def submitted(root: Path) -> dict[str, str]:
    """What stands in `submitted/`, by student, beside the time."""
    return {
        path.parts[-3]: path.read_bytes().decode(errors="replace")
        for path in sorted((root / "submitted").glob(f"*/{CHAPTER}/*"))
        if path.name != "timestamp.txt"
    }


def run(root: Path, *arguments: str) -> int:
    """A command of ours on the course."""
    return command_line.main([*arguments, "--course", str(root)])
