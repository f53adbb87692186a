"""When something was handed in, as far as a download says: the LMS's own word, else the time that the file bears.

Blackboard and Brightspace write the time into the name. Canvas writes only whether it was late; its word goes before the
file's time. A file's time is the last resort: it may be that of the download or of the student's own clock.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.files import write_whole
from autograder.lms.names import Handed

FORMS = {"blackboard": "%Y%m%d%H%M%S", "brightspace": "%Y%m%d%H%M"}
BY_NAME, BY_MARK = "as the LMS has written them into the names", "by Canvas's mark LATE, against the date due"
BY_FILE, UNKNOWN = "of the files, as a last resort: the LMS does not say", "unknown: they count as in time"


def handed_in_at(file_time: float, handed: Handed, due: datetime | None) -> tuple[datetime | None, str]:
    """The time in UTC, and where it comes from; `due` is what Canvas's mark refers to.

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
    return (when, BY_FILE) if when else (None, UNKNOWN)


def write_time(folder: Path, when: datetime | None) -> None:
    """Beside the notebook, as nbgrader's own collecting has it."""
    if when:
        write_whole(folder / "timestamp.txt", f"{when:%Y-%m-%d %H:%M:%S} UTC")
    else:
        (folder / "timestamp.txt").unlink(missing_ok=True)
