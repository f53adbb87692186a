"""Read a notebook that somebody handed in, whatever has happened to it on the way.

Of a cell are taken: kind, source, id, nbgrader's grade id, a text cell's pictures, and the points that a check shows.
Encodings, byte order marks, old formats, conflicts of git, files cut off or broken in the middle are read as well as
they can be: damage costs what is damaged. Each repair is noted for the student; what may be lost, for the instructor.

The time that it takes grows with the length of the file and no faster; whatever else the bytes may do to Python's
memory or stack is met by the limits of the process that this runs in.
"""

import codecs
import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_BYTES = 128 << 20
MOST_CELLS = 5000
MOST_LETTERS = 200_000  # in one cell with code
MOST_CODE = 1 << 20  # letters of code in all
MOST_PICTURES = 16 << 20  # of a paragraph
MOST_DAMAGE = 200  # places in which reading begins anew
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
OTHER_FILES = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
)
CELL_START = re.compile(r'\{\s*+"(cell_type|attachments|execution_count|id|metadata|outputs|source|input)"\s*+:')
SPACE = re.compile(r"[\s,]*+")
STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?')


class Unreadable(Exception):
    """A file from which no cell can be read; the message says why."""


@dataclass(frozen=True)
class Cell:
    """A cell as it was handed in."""

    kind: str
    source: str
    id: str | None = None
    grade_id: str | None = None
    pictures: dict = field(default_factory=dict)  # a text cell's attachments, by name
    shown: float | None = None  # the points that a check said


@dataclass
class Notebook:
    """What could be read; `repairs` is for the student, `lost` for the instructor as well."""

    cells: list[Cell] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    chapter: str = ""  # that it says it is of
    python: str = ""  # the version that it says it ran with


def read_cells(content: bytes, repairs: list[str]) -> list[Cell]:
    """The cells of a notebook file; what had to be repaired is added to `repairs`."""
    notebook = read(content)
    repairs += notebook.repairs + notebook.lost
    return notebook.cells


def read(content: bytes) -> Notebook:
    """The notebook in a file's bytes, or `Unreadable`."""
    if len(content) > MOST_BYTES:
        raise Unreadable(f"the file is too large: at most {MOST_BYTES >> 20} MB can be graded")
    notebook = Notebook()
    text = decode(content, notebook)
    if not text.strip():
        raise Unreadable("the file is empty")
    try:
        raw = _raw_cells(_parsed(text, notebook), notebook)
    except MemoryError:
        raise Unreadable(f"the file of {len(content) >> 20} MB takes more memory than reading it may") from None
    if len(raw) > MOST_CELLS:
        notebook.lost.append(f"The notebook has {len(raw)} cells; only the first {MOST_CELLS} were read.")
    notebook.cells = list(_within_limits((c for item in raw[:MOST_CELLS] if (c := _cell(item, notebook))), notebook))
    if not notebook.cells:
        raise Unreadable("the notebook has no cells")
    notebook.repairs, notebook.lost = list(dict.fromkeys(notebook.repairs)), list(dict.fromkeys(notebook.lost))
    return notebook


def decode(content: bytes, notebook: Notebook) -> str:
    """The file's letters: UTF-8, or what its mark says, or what else a Korean or a Western computer writes."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            notebook.repairs.append(f"The file begins with a byte order mark ({encoding}).")
            content = content[len(mark) :]
            break
    else:
        wide = {b"{\0": "utf-16-le", b"\0{": "utf-16-be", b"[\0": "utf-16-le", b"\0[": "utf-16-be"}
        encoding = wide.get(content[:2], "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        pass
    notebook.repairs.append(f"The file is not encoded in {encoding.upper()}: some letters may have come out wrong.")
    text = content.decode(encoding, errors="replace")
    broken = text.count("\ufffd")
    if encoding != "utf-8" or sum(letter > "\x7f" for letter in text) > 2 * broken:
        notebook.lost.append(f"{broken} letters of the file could not be read.")
        return text  # a few bad bytes in a good file
    with contextlib.suppress(UnicodeDecodeError):
        korean = content.decode("cp949")
        foreign = [letter for letter in korean if letter > "\x7f"]
        if 2 * sum("가" <= letter <= "힣" for letter in foreign) > len(foreign):
            return korean
    return content.decode("cp1252", errors="replace")


def _parsed(text: str, notebook: Notebook) -> object:
    """The file as JSON; of a damaged one, what could be read."""
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(text, strict=False)
    resolved = first_side(text)
    if resolved != text:
        notebook.lost.append("The file holds a conflict of git: its first side was read.")
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(resolved, strict=False)
    cells = list(_salvaged(resolved, notebook))
    if not cells:
        head = text[:200].encode(errors="replace").lstrip().lower()
        what = next(
            (name for start, name in OTHER_FILES if head.startswith(start.lower())), "not a notebook (not JSON)"
        )
        raise Unreadable(f"the file is {what}")
    notebook.lost.append(f"The file is damaged: {len(cells)} cells could be read, some perhaps in part.")
    return {"cells": cells}


def first_side(text: str) -> str:
    """The text with every conflict that git left resolved to its first side."""
    if not re.search(r"^<{7}", text, re.M):
        return text
    kept, block, side = [], [], None
    for line in text.splitlines(keepends=True):
        mark = line[:7]
        if side is None and mark == "<" * 7:
            side, first, block = "first", [], [line]
            continue
        if side is None:
            kept.append(line)
            continue
        block.append(line)
        if mark == ">" * 7:
            kept += first
            side = None
        elif mark in ("|" * 7, "=" * 7):
            side = "other"
        elif side == "first":
            first.append(line)
    return "".join(kept + (block if side else []))


def _raw_cells(notebook: object, read: Notebook) -> list:
    """The list of cells of any version of the format."""
    if isinstance(notebook, list):
        return notebook
    if not isinstance(notebook, dict):
        raise Unreadable("the file is JSON, but not a notebook")
    ours, language = _inner(notebook, "metadata", "unrolled"), _inner(notebook, "metadata", "language_info")
    read.chapter, read.python = str(ours.get("chapter", ""))[:100], str(language.get("version", ""))[:20]
    if isinstance(notebook.get("cells"), list):
        return notebook["cells"]
    worksheets = notebook.get("worksheets")
    if isinstance(worksheets, list):
        read.repairs.append("The notebook is in an old format (version 3).")
        cells = [sheet.get("cells") for sheet in worksheets if isinstance(sheet, dict)]
        return [cell for part in cells if isinstance(part, list) for cell in part]
    raise Unreadable("the file is JSON, but not a notebook")


def _inner(value: object, *keys: str) -> dict:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _salvaged(text: str, notebook: Notebook) -> Iterator[dict]:
    """The cells of a damaged file: the whole ones, and of a broken one what its parts still say."""
    start = re.search(r'"(?:cells|worksheets)"\s*+:\s*+\[', text)
    position, failures = start.end() if start else 0, 0
    begun = None  # where a broken cell began
    while match := CELL_START.search(text, position):
        cell, end = _decoded(text, match.start())
        failures += cell is None
        if failures > MOST_DAMAGE:
            notebook.lost.append(f"The file is damaged in more than {MOST_DAMAGE} places: the rest was not read.")
            break
        whole = isinstance(cell, dict) and "cell_type" in cell
        if begun is not None and (whole or match[1] in ("cell_type", "attachments")):
            yield from _parts(text[begun : match.start()])
            begun = None
        if whole:
            yield cell
        elif cell is None and begun is None:
            begun = match.start()
        position = end if cell is not None else match.end()
    if begun is not None:
        yield from _parts(text[begun:])


def _decoded(text: str, position: int) -> tuple[object, int]:
    """The value that begins there, and where it ends; None if it is broken."""
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, position)
    except (ValueError, RecursionError):
        return None, position


def _parts(text: str) -> Iterator[dict]:
    """A broken cell: kind, ids and as much of its source as there is."""
    sources = list(re.finditer(r'(?<!\\)"(?:source|input)"\s*+:\s*+(?=["\[])', text))
    if not sources:
        return
    place = sources[-1].end()
    value, _ = _decoded(text, place)
    if value is None:
        value, place = [], SPACE.match(text, place + (text[place] == "[")).end()
        while string := STRING.match(text, place):
            line = string[0] if string[0].endswith('"') and len(string[0]) > 1 else f'{string[0]}"'
            with contextlib.suppress(ValueError):
                value.append(json.loads(line, strict=False))
            place = SPACE.match(text, string.end()).end()
    kind = re.search(r'"cell_type"\s*+:\s*+"(\w+)"', text)
    its_id, grade_id = (re.search(rf'"{key}"\s*+:\s*+"([^"\\]*+)"', text) for key in ("id", "grade_id"))
    grading = {"nbgrader": {"grade_id": grade_id[1]}} if grade_id else {}
    yield {
        "cell_type": kind[1] if kind else "code",
        "source": value,
        "id": its_id and its_id[1],
        "metadata": grading,
    }


def _cell(raw: object, notebook: Notebook) -> Cell | None:
    if not isinstance(raw, dict):
        return None
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return None
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "").replace("\0", "")
    if (whole := _whole_letters(source)) != source:
        source = whole
        notebook.repairs.append("Half a letter (a lone surrogate) in a cell was replaced.")
    if (resolved := first_side(source)) != source:
        source = resolved
        notebook.lost.append("A cell holds a conflict of git: its first side was read.")
    kind, grade_id = str(raw.get("cell_type", "code"))[:20], _inner(raw, "metadata", "nbgrader").get("grade_id")
    pictures = _pictures(raw.get("attachments")) if kind != "code" else {}
    shown = _shown(raw.get("outputs")) if kind == "code" and "check(" in source else None
    return Cell(kind, source, _text(raw.get("id")), _text(grade_id), pictures, shown)


def _whole_letters(text: str) -> str:
    """The text with halves of letters joined where they belong together, else replaced."""
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _text(value: object) -> str | None:
    return _whole_letters(value[:500]) if isinstance(value, str) else None


def _pictures(attachments: object) -> dict:
    """A text cell's pictures: name, kind, base64."""
    found = {}
    for name, kinds in attachments.items() if isinstance(attachments, dict) else ():
        for kind, data in kinds.items() if isinstance(kinds, dict) else ():
            data = "".join(map(str, data)) if isinstance(data, list) else data
            picture = isinstance(data, str) and re.fullmatch(r"image/(png|jpeg|gif|webp)", kind)
            if picture and re.fullmatch(r"[A-Za-z0-9+/=\s]*+", data):
                found[_whole_letters(name)[:200]] = {kind: data}
    return found


def _shown(outputs: object) -> float | None:
    """The points that a check's saved output says."""
    for output in outputs if isinstance(outputs, list) else ():
        if isinstance(output, dict) and output.get("ename") == "NoPoints":
            return 0.0
        if isinstance(output, dict) and output.get("output_type") == "execute_result":
            value = _inner(output, "data").get("text/plain", "")
            value = "".join(map(str, value)) if isinstance(value, list) else str(value)
            with contextlib.suppress(ValueError):
                return float(value[:20])
    return None


def _within_limits(cells: Iterator[Cell], notebook: Notebook) -> Iterator[Cell]:
    """The cells, without code that is longer than can be graded."""
    letters = 0
    for n, cell in enumerate(cells, 1):
        size = len(cell.source)
        if cell.kind == "code" and (size > MOST_LETTERS or letters + size > MOST_CODE):
            most = MOST_LETTERS if size > MOST_LETTERS else MOST_CODE
            where = "one cell" if size > MOST_LETTERS else "all cells together"
            notebook.lost.append(
                f"Cell {n} was left out: with it there are {max(size, letters + size)} letters of code; "
                f"at most {most} in {where} can be graded."
            )
            continue
        letters += size if cell.kind == "code" else 0
        yield cell
