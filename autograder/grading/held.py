"""What was handed in, until its turn comes: a small file's content, of a large one the place and the hash."""

import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.inside.reading import MOST_BYTES

LARGE = 4 << 20


@dataclass(frozen=True)
class Held:
    """A large file, which is read again when it is graded: a class's large files are never all in memory."""

    path: Path
    digest: str

    def read(self) -> bytes:
        """The content, or `OSError` if it is no longer what it was."""
        content = read_plain_file(self.path)
        if hashlib.sha256(content).hexdigest() != self.digest:
            raise OSError(0, "has changed since grading began: please grade it again")
        return content


def held(path: Path) -> bytes | Held:
    """The content of a file if it is small, else how to come by it again."""
    content = read_plain_file(path)
    return content if len(content) <= LARGE else Held(path, digest(content))


def digest(content: bytes | Held) -> str:
    """A hash of the content."""
    return content.digest if isinstance(content, Held) else hashlib.sha256(content).hexdigest()


def read_plain_file(path: Path, most: int = MOST_BYTES) -> bytes:
    """The content of a regular file, not of what a link points to; one byte more than `most` if there is more."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:  # a link, or a socket
        raise OSError(0, "is not a plain file") if error.errno in (errno.ELOOP, errno.ENXIO) else error from None
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "is not a plain file")
        return file.read(most + 1)
