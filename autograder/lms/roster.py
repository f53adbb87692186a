"""The class as the LMS lists it: its CSV file read into nbgrader's gradebook, and kept to bring the grades back in.

Known are Canvas's gradebook (Grades → Export; with its own options: semicolons and decimal commas, a byte order mark, split
names) and Moodle's grades (Export → Plain text file), participants and grading worksheet, with English headings; as the
LMS wrote them or as a spreadsheet saved them. Nothing but the identifying columns is used. A row that cannot be read
is an error that names its line.
"""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.files import write_whole
from autograder.lms.people import Person, find_person, folded, folder_name, known_people, plain
from autograder.lms.text import encoding_of

__all__ = ["Person", "Roster", "find_person", "import_roster", "known_people", "plain", "read_file", "read_roster"]

#: The columns by which an LMS knows a student, as it calls them.
CANVAS_COLUMNS = ("Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Integration ID")
CANVAS_COLUMNS += ("Root Account", "Section")
MOODLE_COLUMNS = (
    "Identifier",
    "Full name",
    "First name",
    "Last name",
    "Surname",
    "ID number",
    "Username",
    "Email address",
)
MOODLE_OWN = ("ID number", "Email address", "Username")  # nbgrader's id is the first of these that a row has
DELIMITERS = ",;\t|"
#: Rows of Canvas's that are no students.
NO_STUDENTS = {"points possible", "student, test", "test student"}
SPOILT = re.compile(r"[-+]?\d+([.,]\d+)?E[-+]?\d+", re.I)
SAME = "roster/same.json"
EXPECTED = (
    "expected Canvas's (Student, ID, SIS Login ID, …; or LastName, FirstName, ID, …) or Moodle's (First name, Last name, "
    "…; or Identifier, Full name, …; and ID number, Email address or Username)"
)


@dataclass(frozen=True)
class Roster:
    """An LMS's table: which LMS, the headings, and for each row its cells and the person (None: not a student's row)."""

    lms: str
    columns: list[str]
    rows: list[tuple[dict[str, str], Person | None]]
    delimiter: str = ","
    notes: tuple[str, ...] = ()

    @property
    def people(self) -> list[Person]:
        """The students."""
        return [person for _, person in self.rows if person]

    @property
    def decimal_comma(self) -> bool:
        """Whether its numbers are written with a comma."""
        numbers = [cell for row, _ in self.rows for cell in row.values()]
        return self.delimiter != "," and any(re.fullmatch(r"-?\d+,\d+", cell.strip()) for cell in numbers)


def read_roster(text: str) -> Roster:
    """The class in a CSV file of Canvas's or Moodle's."""
    delimiter, lines = table(text)
    lines = [(number, cells) for number, cells in lines if any(cell.strip() for cell in cells)]
    columns = [_known(cell) for cell in lines[0][1]] if lines else []
    lms = _lms(columns)
    read: Callable = _canvas_person if lms == "canvas" else _moodle_person
    rows, notes, where = [], [], {}
    for number, cells in lines[1:]:
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            raise ValueError(
                f"line {number} has {len(cells)} cells and the headings are {len(columns)}: "
                f"a name with {delimiter!r} in it needs quotation marks"
            )
        cells = [*cells[: len(columns)], *[""] * (len(columns) - len(cells))]
        row = dict(zip(columns, cells, strict=True))
        try:
            person = read(
                {name: cell.strip() for name, cell in row.items()},
                lambda note, number=number: notes.append(f"line {number}: {note}"),
            )
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        if person and person.id in where:
            raise ValueError(
                f"two students of the file have the id {person.id!r}, in lines {where[person.id]} and {number}; "
                "expected a different one for each"
            )
        if person:
            where[person.id] = number
            row |= {"ID": person.number} if lms == "canvas" else {}
        rows.append((row, person))
    roster = Roster(lms, columns, rows, delimiter, tuple(notes))
    if not where:
        raise ValueError(f"there are 0 students in it: {len(rows)} rows below the headings, and none is a student's")
    numbers = [person.number for person in roster.people if person.number]
    if twice := sorted({number for number in numbers if numbers.count(number) > 1}):
        raise ValueError(f"two students of the file have the number {twice[0]}; expected a different one for each")
    return roster


def read_file(path: Path) -> str:
    """A CSV file's text, however it is encoded."""
    return decode(path.read_bytes())[0]


def decode(content: bytes) -> tuple[str, str]:
    """The text of a class list, and its encoding."""
    if content.startswith(b"PK"):
        raise ValueError("this is a spreadsheet's own file; save it as “CSV UTF-8”")
    encoding = encoding_of(content, "cp1252")
    almost = content.decode("utf-8", errors="replace") if encoding.startswith("cp") else ""
    if (bad := almost.count("\ufffd")) and sum(letter > "\x7f" for letter in almost) > 3 * bad:
        line = almost[: almost.index("\ufffd")].count("\n") + 1
        raise ValueError(f"line {line}: a letter of this UTF-8 file is damaged; export it again")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"line {line}: byte {content[error.start]:#x} is of none of the encodings UTF-8, UTF-16, cp949 and cp1252; "
            "save the file as “CSV UTF-8”"
        ) from None
    if "\0" in text:
        raise ValueError(f"line {text[: text.index(chr(0))].count(chr(10)) + 1}: a zero byte; this is no CSV file")
    return text, encoding


def import_roster(root: Path, gradebook: Gradebook, path: Path) -> Roster:
    """Enter the class into the gradebook, and keep the file in the course's folder for the way back."""
    content = path.read_bytes()
    roster = read_roster(decode(content)[0])
    same = _same_as_before(root, roster)
    roster = united(roster, same)
    for person in roster.people:
        facts = {"email": person.email, "lms_user_id": person.number}
        if person.id in same.values():  # Canvas's number is its own for ever, Moodle's another one for each assignment
            kept = {"email"} | ({"lms_user_id"} if roster.lms == "canvas" else set())
            facts = {name: fact for name, fact in facts.items() if name in kept and fact}
        gradebook.update_or_create_student(
            person.id,
            first_name=person.first_name,
            last_name=person.last_name,
            **{name: fact or None for name, fact in facts.items()},
        )
    write_whole(root / "roster" / f"{roster.lms}.csv", content)
    write_whole(root / SAME, json.dumps(same_students(root) | same, ensure_ascii=False, indent=1, sort_keys=True))
    return roster


def united(roster: Roster, same: dict[str, str]) -> Roster:
    """The roster with the ids under which these students are known already, from another LMS."""
    rows = [
        (row, person and replace(person, id=same.get(f"{roster.lms} {person.id}", person.id)))
        for row, person in roster.rows
    ]
    return replace(roster, rows=rows)


def same_students(root: Path) -> dict[str, str]:
    """Which ids of an LMS, as “moodle S-1”, are those of students who are in the class under other ids."""
    return json.loads((root / SAME).read_text(encoding="utf-8")) if (root / SAME).exists() else {}


def _same_as_before(root: Path, roster: Roster) -> dict[str, str]:
    """Who of a roster is in the other LMS's as well, by what the school calls them; two who could be meant are an error."""
    before, same = same_students(root), {}
    known: dict[str, set[str]] = {}
    for path in sorted((root / "roster").glob("*.csv")):
        if path.stem != roster.lms:
            for person in united(read_roster(read_file(path)), before).people:
                for name in person.known_as:
                    known.setdefault(name, set()).add(person.id)
    for person in roster.people:
        ids = set().union(*(known.get(name, ()) for name in person.known_as))
        if len(ids) > 1:
            raise ValueError(
                f"{person.id!r} could be {' or '.join(map(repr, sorted(ids)))} of the other LMS's list; expected one of them"
            )
        if ids:
            same[f"{roster.lms} {person.id}"] = ids.pop()
    return same


def whole_number(text: str) -> str:
    """A number as the LMS had it before a spreadsheet opened the file; what cannot be had back is an error.

    >>> whole_number("4711.0"), whole_number("4711,00"), whole_number('="0815"'), whole_number("S-1")
    ('4711', '4711', '0815', 'S-1')
    """
    text = re.sub(r'^="(.*)"$|^\'(?=\d)', r"\1", text.strip())
    if SPOILT.fullmatch(text):
        raise ValueError(
            f"the number {text} has been cut by a spreadsheet; export the file again and do not save it there"
        )
    return re.sub(r"^(\d+)[.,]0+$", r"\1", text)


def table(text: str) -> tuple[str, list[tuple[int, list[str]]]]:
    """The delimiter under which the headings make sense, and the rows with the numbers of their lines."""
    named = re.match(r"sep=(.)\r?\n", text)
    text, skipped = (text[named.end() :], 1) if named else (text, 0)
    tried = []
    for delimiter in named[1] if named else DELIMITERS:
        reader, rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []
        try:
            for row in reader:
                rows.append((reader.line_num + skipped, row))
        except csv.Error as error:
            tried.append((0, delimiter, [], f"line {reader.line_num + skipped}: {error}"))
            continue
        headings = next((row for _, row in rows if any(cell.strip() for cell in row)), [])
        known = len({_known(cell) for cell in headings} & {*CANVAS_COLUMNS, *MOODLE_COLUMNS})
        tried.append((known, delimiter, rows, ""))
    known, delimiter, rows, problem = max(tried, key=lambda item: item[0])
    if not known and problem:
        raise ValueError(problem)
    return delimiter, rows


def _known(heading: str) -> str:
    """A heading as the LMS writes it, whatever has become of its letters' case."""
    same = {name.casefold(): name for name in (*CANVAS_COLUMNS, *MOODLE_COLUMNS)}
    return same.get(" ".join(heading.split()).casefold(), heading.strip())


def _lms(columns: list[str]) -> str:
    there = set(columns)
    if "ID" in there and ("Student" in there or {"LastName", "FirstName"} <= there):
        return "canvas"
    named = there & {"Full name", "First name", "Last name", "Surname", "Identifier"}
    if named and there & set(MOODLE_OWN):
        return "moodle"
    raise ValueError(f"the file has the columns {columns[:8]}; {EXPECTED}")


def _canvas_person(row: dict[str, str], note: Callable[[str], None]) -> Person | None:
    name = row.get("Student") or ", ".join(part for part in (row.get("LastName"), row.get("FirstName")) if part)
    own = [row.get(column, "") for column in ("SIS Login ID", "SIS User ID")]
    if not name or name.casefold() in NO_STUDENTS or not (row["ID"] or any(own)):
        if "," in name and name.casefold() not in NO_STUDENTS:
            raise ValueError(f"{name!r} has no ID and no login; expected one of them")
        return None  # “Points Possible”, “Total” and the like; Canvas's own test student
    try:
        number = whole_number(row["ID"])
    except ValueError as error:
        if not any(own):
            raise
        note(f"{error}; {name} is known by the login and the name only")
        number = ""
    if number and not number.isdigit():
        raise ValueError(f"the ID of {name!r} is {number!r}; expected Canvas's number")
    names = [whole_number(text) for text in own] + [number]
    last, _, first = name.partition(",")
    if not first:
        first, _, last = name.rpartition(" ")
    return Person(_id(names), _harmless(first), _harmless(last), number=number, known_as=_known_as(names[:2]))


def _moodle_person(row: dict[str, str], note: Callable[[str], None]) -> Person | None:
    first = row.get("First name", "")
    last = row.get("Last name", "") or row.get("Surname", "")
    whole, identifier = row.get("Full name", ""), row.get("Identifier", "")
    own = [row.get(column, "") for column in MOODLE_OWN]
    if not any(own):
        cells = [cell for cell in row.values() if cell]
        if len(cells) > 1 or identifier:
            columns = " or ".join(column for column in MOODLE_OWN if column in row)
            who = f"{first} {last}".strip() or whole or identifier or cells[0]
            raise ValueError(f"{who!r} has no {columns}; expected one, as the student's id")
        return None  # “Overall average” and the like
    if not first + last:
        first, _, last = whole.rpartition(" ")
    own = [
        whole_number(text) if column != "Email address" else text for column, text in zip(MOODLE_OWN, own, strict=True)
    ]
    participant = re.sub(r"\D", "", identifier.partition("Participant")[2])
    return Person(_id(own), _harmless(first), _harmless(last), own[1], participant, _known_as(own))


def _id(names: list[str]) -> str:
    """The first that can be a student's id."""
    if found := next((name for text in names if (name := folder_name(text))), ""):
        return found
    raise ValueError(f"none of {[name for name in names if name]} can be a student's id")


def _known_as(names: list[str]) -> frozenset[str]:
    """The names without case, to be compared with another LMS's."""
    return frozenset(folded(name) for name in names if name)


def _harmless(name: str) -> str:
    """A name that no spreadsheet takes for a formula: it goes into tables again."""
    return name.strip().lstrip("=+-@\t\r ").strip()
