"""What is printed for the instructor, on terminals of every encoding: what one cannot show costs a letter, never a run."""

import contextlib
import io
import sys


class Trouble(Exception):
    """What stands in a command's way; the message says what it is and what to do, and is all that is shown."""


def be_lenient() -> None:
    """Let the terminal show a question mark for a letter that it does not have."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def can_show(text: str) -> bool:
    """Whether the terminal has all these letters.

    >>> can_show("plain")
    True
    """
    with contextlib.suppress(UnicodeEncodeError, LookupError):
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
        return True
    return False
