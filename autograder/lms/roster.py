"""The class as the LMS lists it: its CSV file read into nbgrader's gradebook, and kept to bring the grades back in.

Known are Canvas's gradebook (Grades → Export) and Moodle's grades (Export → Plain text file), participants and grading
worksheet, with English headings. Nothing but the identifying columns is used.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook

CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE_FIRST, MOODLE_LAST = ("First name",), ("Last name", "Surname")
ENCODINGS = ("utf-8-sig", "cp949")  # the second is what Korean Excel saves


@dataclass(frozen=True)
class Person:
    """A student of the class: `id` is nbgrader's, and the name of the folder; `number` is the LMS's own."""

    id: str
    first_name: str
    last_name: str
    email: str = ""
    number: str = ""

    @property
    def names(self) -> set[str]:
        """The ways in which an LMS may write the whole name."""
        return {plain(self.first_name + self.last_name), plain(self.last_name + self.first_name)}


@dataclass(frozen=True)
class Roster:
    """An LMS's table: which LMS, the headings, and for each row its cells and the person (None: not a student's row)."""

    lms: str
    columns: list[str]
    rows: list[tuple[dict[str, str], Person | None]]

    @property
    def people(self) -> list[Person]:
        """The students."""
        return [person for _, person in self.rows if person]


def plain(name: str) -> str:
    """A name without spaces, marks and case, as Canvas writes it in file names.

    >>> plain("Kim, Min-su"), plain("김 민수")
    ('kimminsu', '김민수')
    """
    return "".join(letter for letter in unicodedata.normalize("NFC", name).casefold() if letter.isalnum())


def read_roster(text: str) -> Roster:
    """The class in a CSV file of Canvas's or Moodle's."""
    table = list(csv.reader(io.StringIO(text)))
    columns = [cell.strip() for cell in table[0]] if table else []
    rows = [dict(zip(columns, row, strict=False)) for row in table[1:] if any(cell.strip() for cell in row)]
    if {"Student", "ID"} <= set(columns):
        lms, read = "canvas", _canvas_person
    elif "Email address" in columns:
        lms, read = "moodle", _moodle_person
    else:
        raise ValueError(
            f"the file has the columns {columns[:8]}; expected Canvas's ({', '.join(CANVAS_COLUMNS)}) or Moodle's "
            "(First name, Last name, ID number, Email address; or Identifier, Full name, Email address)"
        )
    roster = Roster(lms, columns, [(row, read(row)) for row in rows])
    ids = [person.id for person in roster.people]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise ValueError(f"two students of the file have the id {twice[0]!r}; expected a different one for each")
    return roster


def read_file(path: Path) -> str:
    """A CSV file's text, in UTF-8 or as Korean Excel saves it."""
    content = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError(f"{path.name} is not encoded in UTF-8; save it as “CSV UTF-8”")


def import_roster(root: Path, gradebook: Gradebook, path: Path) -> Roster:
    """Enter the class into the gradebook, and keep the table in the course's folder for the way back."""
    text = read_file(path)
    roster = read_roster(text)
    for person in roster.people:
        gradebook.update_or_create_student(
            person.id,
            first_name=person.first_name,
            last_name=person.last_name,
            email=person.email or None,
            lms_user_id=person.number or None,
        )
    kept = root / "roster" / f"{roster.lms}.csv"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(text, encoding="utf-8", newline="")
    return roster


def known_people(gradebook: Gradebook) -> list[Person]:
    """The students that the gradebook knows."""
    return [
        Person(s.id, s.first_name or "", s.last_name or "", s.email or "", s.lms_user_id or "")
        for s in gradebook.students
    ]


def find_person(people: Iterable[Person], name: str, number: str | None) -> Person | None:
    """Who this is: by the LMS's number, else by nbgrader's id, else by the name, if only one has it."""
    people = list(people)
    for same in (
        [p for p in people if number and p.number == number],
        [p for p in people if p.id == name],
        [p for p in people if plain(name) in p.names],
    ):
        if len(same) == 1:
            return same[0]
    return None


def folder_name(name: str) -> str:
    """A name that can be a folder's and nbgrader's id: no slash, no plus, no space at the ends.

    >>> folder_name(" kim/minsu+1 ")
    'kim_minsu_1'
    """
    return re.sub(r"[/\\+:\0]", "_", name.strip()).lstrip(".")


def _canvas_person(row: dict[str, str]) -> Person | None:
    number, name = row["ID"].strip(), row["Student"].strip()
    if not number.isdigit() or name == "Student, Test":  # “Points Possible” and the like; Canvas's own test student
        return None
    last, _, first = name.partition(", ")
    if not first:
        first, _, last = name.rpartition(" ")
    names = (row.get("SIS Login ID", ""), row.get("SIS User ID", ""), number)
    return Person(next(folder_name(n) for n in names if n.strip()), first.strip(), last.strip(), number=number)


def _moodle_person(row: dict[str, str]) -> Person | None:
    email, number = row["Email address"].strip(), row.get("ID number", "").strip()
    if not email:
        return None
    first = next((row[column].strip() for column in MOODLE_FIRST if column in row), "")
    last = next((row[column].strip() for column in MOODLE_LAST if column in row), "")
    if not first + last:
        first, _, last = row.get("Full name", "").strip().rpartition(" ")
    participant = row.get("Identifier", "").removeprefix("Participant ").strip()
    return Person(folder_name(number or email), first, last, email, participant)
