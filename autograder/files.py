"""Files that are there whole or not at all, whatever ends the program that writes them: a temporary file, then its name.

A temporary file's name holds the number of the process that writes it; what a killed one has left is swept away.
"""

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = ".unrolled-"
OURS = re.compile(rf"{re.escape(PREFIX)}(\d+)-[\w-]+")


def write_whole(path: Path, content: str | bytes, *, mode: int = 0o644, replace: bool = True) -> None:
    """Write a file, in place of one that is there; without `replace`, FileExistsError says that there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with beside(path) as new:
        with open(new, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(new, mode)
        if replace:
            os.replace(new, path)
        else:
            link(new, path)


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """An empty temporary file in the same folder; it is gone at the end, unless it has got another name."""
    descriptor, new = tempfile.mkstemp(dir=path.parent, prefix=f"{PREFIX}{os.getpid()}-")
    os.close(descriptor)
    try:
        yield Path(new)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new)


def link(new: Path, path: Path) -> None:
    """Give a file its name, if that is free; where a disk knows no links, with a look beforehand."""
    try:
        os.link(new, path)
    except FileExistsError:
        raise
    except OSError:
        if path.exists():
            raise FileExistsError(path) from None
        os.replace(new, path)


def sweep(folder: Path) -> None:
    """Remove the temporary files that processes have left in a folder which run no more."""
    for path in folder.glob(f"{PREFIX}*"):
        name = OURS.fullmatch(path.name)
        if name and not Path("/proc", name[1]).exists():
            with contextlib.suppress(OSError):
                path.unlink()
