"""When something was handed in, as far as a download says: the LMS's own word, else the time that the file bears.

Blackboard and Brightspace write the time into the name; Moodle's is in its grading worksheet (`worksheet`). Canvas writes only
whether it was late; its word goes before the file's time. A file's time is the last resort: in Moodle's archive it is that of the
download, in Google Classroom's folder on Drive that of the last change, anywhere it may be of the student's own clock.
"""

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.files import write_whole
from autograder.lms.names import Handed

FORMS = {"blackboard": "%Y%m%d%H%M%S", "brightspace": "%Y%m%d%H%M"}
BY_SHEET = "as Moodle's grading worksheet has them"
BY_DOWNLOAD = "of the files, as a last resort: of the download, for Moodle's archive has no other; put its grading worksheet beside it"
BY_NAME, BY_MARK = "as the LMS has written them into the names", "by Canvas's mark LATE, against the date due"
BY_FILE, UNKNOWN = "of the files, as a last resort: the LMS does not say", "unknown: they count as in time"


def handed_in_at(
    file_time: float, handed: Handed, due: datetime | None, sheet: Mapping[str, datetime] | None = None
) -> tuple[datetime | None, str]:
    """The time in UTC, and where it comes from; `due` is what Canvas's mark refers to, `sheet` Moodle's worksheet by number.

    >>> handed_in_at(0, Handed("canvas", "kim", late=True), datetime(2026, 3, 9, 23, 59))
    (datetime.datetime(2026, 3, 10, 0, 0), "by Canvas's mark LATE, against the date due")
    >>> handed_in_at(0, Handed("", "kim"), None)
    (None, 'unknown: they count as in time')
    """
    if (form := FORMS.get(handed.lms)) and handed.attempt:
        local = datetime.strptime(str(handed.attempt), form)  # as the LMS shows it: this machine's zone
        return local.astimezone(UTC).replace(tzinfo=None), BY_NAME
    known = (
        file_time > datetime(2000, 1, 1, tzinfo=UTC).timestamp()
    )  # archives without times have the year 1980 or 1970
    when = datetime.fromtimestamp(file_time, UTC).replace(tzinfo=None, microsecond=0) if known else None
    if handed.lms == "canvas" and due:
        if handed.late:
            return max(when or due, due + timedelta(minutes=1)), BY_MARK
        return min(when or due, due), BY_MARK
    if handed.lms == "moodle" and (told := (sheet or {}).get(handed.number or "")):
        return told, BY_SHEET
    return (when, BY_DOWNLOAD if handed.lms == "moodle" else BY_FILE) if when else (None, UNKNOWN)


def write_time(folder: Path, when: datetime | None) -> str:
    """Beside the notebook, as nbgrader's own collecting has it; what is written."""
    text = f"{when:%Y-%m-%d %H:%M:%S} UTC" if when else ""
    if text:
        write_whole(folder / "timestamp.txt", text)
    else:
        (folder / "timestamp.txt").unlink(missing_ok=True)
    return text


def written_time(folder: Path) -> str:
    """What stands there; nothing if nothing does, or nothing that can be read."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return (folder / "timestamp.txt").read_text(encoding="utf-8")
    return ""
