"""What students have handed in, out of the archives that an LMS gives: every file with the path that leads to it.

Nothing is unpacked. Python's own `zipfile` and `tarfile` read one member after the other as bytes, and a member's name is
only a label to find its owner by: no path in an archive, no link and no device can write anywhere or lead anywhere. (An
extractor has to be made safe against them all: `nbgrader zip_collect` uses setuptools' and stops at the first odd name;
`libarchive-c` needs a library of the system's, hides how names were encoded and extracts into the working folder;
`safezip` is young.) Only what may be a notebook, or an archive with one, is decompressed at all: within limits on size, number, depth,
time and memory, and each file of an LMS's archive in a process of its own, so that a damaged or hostile one costs itself.
"""

import contextlib
import copy
import functools
import gzip
import itertools
import lzma
import os
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

from autograder.lms.bounded import Unbounded, bounded
from autograder.lms.inside import DAMAGED, HEAD, MOST_BYTES, NONE, Chapter, may_be_notebook
from autograder.lms.names import COPY, read_part
from autograder.lms.text import decode_name, one_form, shown

MOST_TOGETHER = 512 << 20  # bytes out of one student's archive, archives within it included
MOST_MEMBERS = 20_000  # of one archive
MOST_NOTEBOOKS = 200  # out of one student's archive
MOST_OTHERS = 20  # files of other kinds that are told of
MOST_LETTERS = 255  # of a name, as on a disk
MOST_DEPTH = 3  # archives within archives
SMALL = 4 << 20  # a notebook up to this size is read without a process of its own
ZIP, TAR, GZIP = r"\.zip$", r"\.(tar|tar\.(gz|bz2|xz)|tgz|tbz2?|txz)$", r"\.(ipynb|json)\.gz$"
CLOSED = re.compile(r"\.(7z|rar|egg|alz|lzh|zipx|z\d\d|cab)$", re.I)
SHADOW = re.compile(r"__macosx|\.ipynb_checkpoints|\._.*|\.ds_store|thumbs\.db|desktop\.ini|~\$.*|\.~.*", re.I)
BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError)
NOTEBOOK, FILE, PROBLEM = "notebook", "file", "problem"


@dataclass(frozen=True)
class Found:
    """A file: the parts of its path, the outermost first, and what it is. A notebook's bytes lie in `content`."""

    parts: tuple[str, ...]
    kind: str = FILE
    says: str = ""  # of a notebook, what is in it; of a problem, what is wrong
    content: str = ""
    digest: str = ""
    time: float = 0.0
    inner: bool = False  # it comes out of an archive that a student made

    @property
    def label(self) -> str:
        """The path, to be read."""
        return " > ".join(self.parts)


@dataclass(frozen=True)
class Member:
    """A file in an archive; `again` says whether its bytes can be had at any time, not only before the next one's."""

    name: str
    time: float
    size: int
    open: Callable[[], IO[bytes]]
    again: bool = True


Reader = Callable[[Member, tuple[str, ...]], Iterator[Found]]


class Refused(Exception):
    """A member that is not read; the message says why."""


class Enough(Refused):
    """An archive with so much in it that the rest is not read."""


class Explorer:
    """Reads downloads; the notebooks' bytes go into `spool`."""

    def __init__(self, spool: Path, chapter: Chapter):
        self.spool, self.chapter = spool, chapter
        self._left = self._notebooks = 0

    def folder(self, root: Path) -> Iterator[Found]:
        """All files of a folder with downloads."""
        for where, folders, files in os.walk(root):
            folders[:] = sorted(name for name in folders if not is_shadow(f"{name}/"))
            inner = tuple(_name(name) for name in Path(where).relative_to(root).parts)
            for name in sorted(files):
                path, parts = Path(where) / name, (*inner, _name(name))
                if SHADOW.fullmatch(parts[-1]):
                    continue
                if not stat.S_ISREG(path.lstat().st_mode):
                    yield Found(parts, PROBLEM, "a link, or no plain file")
                elif archive(parts[-1]) in ("zip", "tar") and not read_part(parts[-1]):
                    yield from self._download(path, parts)
                else:
                    facts = path.stat()
                    with open(path, "rb") as file:
                        yield from self._bounded(file, parts, facts.st_mtime, facts.st_size)

    def _download(self, path: Path, parts: tuple[str, ...]) -> Iterator[Found]:
        """The files of an archive that lies in the folder: an LMS's, or one student's."""
        try:
            bounded(_count, str(path))
        except (Unbounded, *BROKEN) as error:
            yield _problem(parts, error, "cannot be opened")
            return

        def read(member: Member, path: tuple[str, ...]) -> Iterator[Found]:
            self._left = MOST_TOGETHER
            with member.open() as file:
                if member.again:
                    yield from self._bounded(file, path, member.time, member.size)
                    return
                spooled = self._spooled(file, MOST_BYTES)  # a stream cannot be read by two processes
            with open(spooled, "rb") as file:
                spooled.unlink()
                yield from self._bounded(file, path, member.time, member.size)

        with open(path, "rb") as file:
            yield from self._members(file, parts, read)

    def _bounded(self, file: IO[bytes], parts: tuple[str, ...], time: float, size: int) -> Iterator[Found]:
        """A file that a student handed in: read here if it is small and no archive, else in a process of its own."""
        self._left, self._notebooks = MOST_TOGETHER, 0
        if size <= SMALL and not archive(parts[-1]):
            yield from self._file(file, parts, time)
            return
        try:
            found = bounded(lambda: [asdict(f) for f in self._file(file, parts, time)])
        except Unbounded as error:
            yield _problem(parts, error)
        else:
            yield from (Found(**{**facts, "parts": tuple(facts["parts"])}) for facts in found)

    def _file(self, file: IO[bytes], parts: tuple[str, ...], time: float, depth: int = 0) -> Iterator[Found]:
        """A file, and if it is an archive, those in it."""
        try:
            if kind := archive(parts[-1]):
                yield from self._archive(file, parts, depth, kind)
                return
            head = file.read(HEAD)
            if head.startswith(b"PK\3\4") and surely(parts[-1]):  # a zip that was called a notebook
                yield from self._archive(file, (*parts[:-1], f"{parts[-1]}.zip"), depth, "zip", head)
            elif surely(parts[-1]) or may_be_notebook(head):
                yield self._notebook(file, head, parts, time, depth > 0)
            else:
                yield Found(parts)
        except Enough:
            raise
        except (Refused, *BROKEN, MemoryError) as error:
            yield _problem(parts, error)

    def _archive(
        self, file: IO[bytes], parts: tuple[str, ...], depth: int, kind: str, head: bytes = b""
    ) -> Iterator[Found]:
        """The files of an archive that a student made."""
        if kind == "closed":
            raise Refused("an archive of a kind that is not opened here; unpack it into a folder of its name")
        if depth >= MOST_DEPTH:
            raise Refused(f"an archive within {MOST_DEPTH} others is not opened")

        def read(member: Member, path: tuple[str, ...]) -> Iterator[Found]:
            with member.open() as inside:
                yield from self._file(inside, path, member.time, depth + 1)

        path = self._spooled(file, MOST_TOGETHER, head)
        with open(path, "rb") as copy:
            path.unlink()
            others = 0
            for found in self._members(copy, parts, read):
                others += found.kind == FILE
                if found.kind != FILE or others <= MOST_OTHERS:
                    yield found

    def _members(self, file: IO[bytes], parts: tuple[str, ...], read: Reader) -> Iterator[Found]:
        """What `read` finds in the members that are worth it; a bad one costs itself."""
        try:
            for n, member in enumerate(_listed(file, parts[-1])):
                if n >= MOST_MEMBERS:
                    raise Refused(f"more than {MOST_MEMBERS:,} files: the rest was not read")
                last = member.name.replace("\\", "/").rstrip("/").rpartition("/")[2]
                path = (*parts, shown(member.name))
                try:
                    if is_shadow(member.name):
                        continue
                    if looks_like(last):
                        path = (*parts, *clean(member.name))
                        if member.size > MOST_BYTES:
                            raise Refused(f"{member.size >> 20} MB; at most {MOST_BYTES >> 20} MB are read")
                        yield from read(member, path)
                    else:
                        yield Found((*parts, *clean(member.name)))
                except Enough:
                    raise
                except (Refused, *BROKEN, MemoryError) as error:
                    yield _problem(path, error)
        except (Refused, *BROKEN, MemoryError) as error:
            yield _problem(parts, error, "cannot be opened")

    def _notebook(self, file: IO[bytes], head: bytes, parts: tuple[str, ...], time: float, inner: bool) -> Found:
        """A file that is a notebook or is called one."""
        self._notebooks += 1
        if self._notebooks > MOST_NOTEBOOKS:
            raise Enough(f"more than {MOST_NOTEBOOKS} notebooks in one archive: the rest was not read")
        path = self._spooled(file, MOST_BYTES, head)
        content = path.read_bytes()
        try:
            says = self.chapter.kind(content)
        except MemoryError:  # it is the student's all the same
            says = DAMAGED
        if says == NONE or (says == DAMAGED and not surely(parts[-1])):
            return Found(parts, PROBLEM, "called a notebook, and is none") if surely(parts[-1]) else Found(parts)
        return Found(parts, NOTEBOOK, says, str(path), sha256(content).hexdigest(), time, inner)

    def _spooled(self, file: IO[bytes], most: int, head: bytes = b"") -> Path:
        """The bytes of a file, in one of ours; not more than allowed."""
        descriptor, name = tempfile.mkstemp(dir=self.spool)
        with open(descriptor, "wb") as copy:
            size = copy.write(head)
            while chunk := file.read(1 << 20):
                size += copy.write(chunk)
                self._left -= len(chunk)
                if size > most or self._left <= 0:
                    copy.close()
                    os.unlink(name)
                    what = (
                        f"more than {most >> 20} MB" if size > most else f"more than {MOST_TOGETHER >> 20} MB together"
                    )
                    raise Refused(f"{what}: not read")
        return Path(name)


def archive(name: str) -> str:
    """Which kind of archive a file is by its name: "zip", "tar", "gzip", "closed" (not to be opened here), or "" for none."""
    for kind, pattern in (("zip", ZIP), ("tar", TAR), ("gzip", GZIP)):
        if re.search(pattern, name, re.I):
            return kind
    return "closed" if CLOSED.search(name) else ""


def surely(name: str) -> bool:
    """Whether a file is called a notebook: .ipynb, .IPYNB, “.ipynb의 사본”.

    >>> [surely(n) for n in ("a.IPYNB", "a.ipynb의 사본", "a.ipynb (1)", "a.ipynb - Colab.pdf", "a.ipynb.html", "a.json")]
    [True, True, True, False, False, False]
    """
    bare = re.sub(r"( ?\(\d+\)|\.download)$", "", COPY.sub("", name.strip()).rstrip())
    return bare.lower().endswith(".ipynb")


def looks_like(name: str) -> bool:
    """Whether it is worth looking into a file: it is called a notebook, may be one all the same, or is an archive."""
    name = name.rstrip()
    return bool(archive(name) or surely(name) or re.search(r"\.(json|txt)$", name, re.I) or "." not in name[1:])


def clean(name: str) -> tuple[str, ...]:
    r"""The parts of a path in an archive; backslashes are folders, as PowerShell and .NET write them.

    >>> clean(r"S-1\\01_rnn.ipynb"), clean("./a//b.ipynb")
    (('S-1', '01_rnn.ipynb'), ('a', 'b.ipynb'))
    """
    name = name.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise Refused("its path leads out of the archive")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise Refused("its path is absolute")
    if not parts or len(parts) > 64 or max(map(len, parts)) > MOST_LETTERS:
        raise Refused("its path is empty or very long")
    return tuple(parts)


def _listed(file: IO[bytes], name: str) -> Iterator[Member]:
    """The files in an archive, one after the other."""
    kind = archive(name)
    if kind == "gzip":
        yield Member(name[: -len(".gz")], 0.0, 0, functools.partial(gzip.GzipFile, fileobj=file))
    elif kind == "tar":
        with tarfile.open(fileobj=file, mode="r|*") as tar:
            for info in tar:
                if not info.isdir():
                    label = one_form(decode_name(info.name.encode("utf-8", "surrogateescape")))
                    opened = functools.partial(_from_tar, tar, info)
                    yield Member(label, info.mtime, info.size, opened, again=False)
    else:
        with contextlib.closing(_readable(file)) as whole, zipfile.ZipFile(whole) as opened:
            for info in opened.infolist():
                if not info.filename.endswith(("/", "\\")):
                    of_it = functools.partial(_from_zip, opened, info)
                    yield Member(_zip_name(info), _zip_time(info), info.file_size, of_it)


def _from_tar(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    if not info.isreg():
        raise Refused("a link, or no plain file")
    return tar.extractfile(info)


def _from_zip(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        raise Refused("a link, or no plain file")
    if info.flag_bits & 1:
        raise Refused("it needs a password")
    info, file = copy.copy(info), opened.fp
    file.seek(info.header_offset)
    header = file.read(30).ljust(30, b"\0")
    # zipfile refuses a member whose name is written in two ways, here and in the list; which way does not matter.
    name = file.read(int.from_bytes(header[26:28], "little"))
    info.orig_filename = name.decode("utf-8" if header[7] & 8 else "cp437")
    return opened.open(info)


def _readable(file: IO[bytes]) -> IO[bytes]:
    """The zip file, or a copy of it in which no name is marked as UTF-8, if some are that are not."""
    try:
        zipfile.ZipFile(file).close()
    except UnicodeDecodeError:
        return _unmarked(file)
    return file


def _unmarked(file: IO[bytes]) -> IO[bytes]:
    """A copy of a zip file in which no name is marked as UTF-8."""
    copied = tempfile.TemporaryFile()  # noqa: SIM115
    file.seek(0)
    shutil.copyfileobj(file, copied)
    copied.seek(max(0, copied.tell() - (1 << 16) - 22))
    start = copied.tell()
    tail = copied.read()
    end = tail.rfind(b"PK\5\6")
    length, place = (int.from_bytes(tail[end + at : end + at + 4], "little") for at in (12, 16))
    place = min(place, start + end - length) if end >= 0 else 0
    while end >= 0:
        copied.seek(place)
        header = copied.read(46)
        if len(header) < 46 or header[:4] != b"PK\1\2":
            break
        for at in (place + 9, int.from_bytes(header[42:46], "little") + 7):  # in the list, and in front of the member
            copied.seek(at)
            flags = copied.read(1)
            copied.seek(at)
            copied.write(bytes([flags[0] & ~8]) if flags else b"")
        place += 46 + sum(int.from_bytes(header[n : n + 2], "little") for n in (28, 30, 32))
    copied.seek(0)
    return copied


def _zip_name(info: zipfile.ZipInfo) -> str:
    """A member's name: marked as UTF-8, given so beside it (Info-ZIP's extra field), or else as it may be encoded."""
    if info.flag_bits & 0x800:
        return one_form(info.orig_filename.partition("\0")[0])
    extra = info.extra
    while len(extra) >= 4:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        if kind == 0x7075 and size > 5:
            with contextlib.suppress(UnicodeDecodeError):
                return one_form(extra[9 : 4 + size].decode("utf-8"))
        extra = extra[4 + size :]
    return one_form(decode_name(info.orig_filename.partition("\0")[0].encode("cp437", errors="replace")))


def _zip_time(info: zipfile.ZipInfo) -> float:
    with contextlib.suppress(ValueError, OverflowError, OSError):
        return datetime(*info.date_time).timestamp()
    return 0.0


def _count(path: str) -> int:
    """How many members an archive lists; in a process of its own, this says whether it can be listed here."""
    with open(path, "rb") as file:
        return sum(1 for _ in itertools.islice(_listed(file, path), MOST_MEMBERS + 1))


def _name(name: str) -> str:
    return one_form(decode_name(os.fsencode(name)))


def _problem(parts: tuple[str, ...], error: Exception, what: str = "cannot be read") -> Found:
    """What a member's error says of it."""
    says = str(error) if isinstance(error, Refused | Unbounded) else f"{what}: {error or type(error).__name__}"
    return Found(parts, PROBLEM, says)


def is_shadow(name: str) -> bool:
    """Whether a path is a system's or an editor's own, with an LMS's words in front of it or without.

    >>> [is_shadow(n) for n in ("__MACOSX/a.ipynb", "a/._b.ipynb", "kim_4711_90210_._b.ipynb", ".Trash/a.ipynb", "a/b.ipynb")]
    [True, True, True, True, False]
    """
    parts = name.replace("\\", "/").split("/")
    handed = read_part(parts[-1])
    hidden = any(re.match(r"\.\w", part) for part in parts[:-1])
    return hidden or any(SHADOW.fullmatch(part) for part in [*parts, handed.file if handed else ""])
