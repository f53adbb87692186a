"""When something was handed in at Moodle: its archive does not say, the assignment's grading worksheet does.

The files in the archive of *Download all submissions* bear the time of the download (`archive_writer` takes that where it is
told none), and the folders' names hold a name and a number only: `Minsu Kim_4711_assignsubmission_file`. The worksheet of the
same assignment (*Download grading worksheet*) has for `Participant 4711` a column `Last modified (submission)`. So it belongs
beside the archive, and is found there by its headings.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dateutil import parser

from autograder.lms.names import read_part
from autograder.lms.roster import read_file, table

NUMBER, TIME = "Identifier", "Last modified (submission)"
NOTHING = ("", "-")  # handed in


@dataclass
class Worksheets:
    """The worksheets in a folder of downloads: their files' names, and when each participant handed in, in UTC."""

    names: set[str] = field(default_factory=set)
    times: dict[str, datetime] = field(default_factory=dict)


def worksheets(folder: Path) -> Worksheets:
    """The grading worksheets in a folder."""
    found = Worksheets()
    for path in sorted(folder.glob("*.[cC][sS][vV]")):
        if read_part(path.name) or not path.is_file():
            continue  # a student's
        try:
            lines = [(line, cells) for line, cells in table(read_file(path))[1] if any(cells)]
        except ValueError:
            continue  # no table
        if lines and {NUMBER, TIME} <= set(lines[0][1]):
            found.names.add(path.name)
            found.times |= _times(path, lines)
    return found


def _times(path: Path, lines: Iterable[tuple[int, list[str]]]) -> dict[str, datetime]:
    (_, columns), *rows = lines
    number, time, found = columns.index(NUMBER), columns.index(TIME), {}
    for line, cells in rows:
        participant = re.search(r"\d+$", cells[number].strip()) if len(cells) > max(number, time) else None
        if participant and cells[time].strip() not in NOTHING:
            try:
                found[participant[0]] = moment(cells[time])
            except ValueError:
                raise ValueError(
                    f"{path}, line {line}: {TIME} is {cells[time]!r}; expected a time as Moodle writes it in English, such as "
                    "'Wednesday, 10 June 2026, 2:14 PM'"
                ) from None
    return found


def moment(text: str) -> datetime:
    """Moodle's time in UTC; it is written as the instructor reads it: in this machine's zone.

    >>> moment("Monday, 2 March 2026, 2:14 PM") == moment("Monday, March 2, 2026, 14:14")
    True
    """
    if not re.search(r"[A-Za-z]{3} \d|\d [A-Za-z]{3}", text):
        raise ValueError("a month without a name could be a day")
    return parser.parse(text).astimezone(UTC).replace(tzinfo=None)
