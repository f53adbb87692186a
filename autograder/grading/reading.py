"""Read a notebook that somebody handed in, whatever has happened to it on the way.

Only cells are taken from it: kind, source, id, nbgrader's grade id. Encodings, byte order marks, old formats, a file
cut off in the middle and cells without metadata are read as well as they can be; each repair is noted for the student.
"""

import codecs
import json
import re
from dataclasses import dataclass

MOST_BYTES = 64 << 20
MOST_SOURCE = 1 << 20
MOST_CELLS = 2000
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Unreadable(Exception):
    """A file from which no cell can be read; the message says why."""


@dataclass(frozen=True)
class Cell:
    """A cell as it was handed in."""

    kind: str
    source: str
    id: str | None = None
    grade_id: str | None = None


def read_cells(content: bytes, repairs: list[str]) -> list[Cell]:
    """The cells of a notebook file; what had to be repaired is added to `repairs`."""
    if len(content) > MOST_BYTES:
        raise Unreadable(f"the file has {len(content) >> 20} MB; at most {MOST_BYTES >> 20} MB can be graded")
    text = _decode(content, repairs)
    if not text.strip():
        raise Unreadable("the file is empty")
    try:
        raw = _raw_cells(json.loads(text, strict=False), repairs)
    except RecursionError:
        raise Unreadable("the file is nested too deeply to be a notebook") from None
    except ValueError:
        raw = _salvage(text)
        if not raw:
            raise Unreadable("the file is not a notebook (not JSON)") from None
        repairs.append(f"The file is damaged: what could be read are its first {len(raw)} cells.")
    cells = [cell for item in raw[:MOST_CELLS] if (cell := _cell(item))]
    if not cells:
        raise Unreadable("the notebook has no cells")
    if sum(len(cell.source) for cell in cells) > MOST_SOURCE:
        raise Unreadable(f"its cells hold more than {MOST_SOURCE >> 20} MB of text")
    return cells


def _decode(content: bytes, repairs: list[str]) -> str:
    for mark, encoding in BOMS:
        if content.startswith(mark):
            repairs.append(f"The file begins with a byte order mark ({encoding}).")
            return content[len(mark) :].decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        repairs.append("The file is not encoded in UTF-8: some letters may have come out wrong.")
        return content.decode("cp1252", errors="replace")


def _raw_cells(notebook: object, repairs: list[str]) -> list:
    """The list of cells of any version of the format."""
    if isinstance(notebook, list):
        return notebook
    if not isinstance(notebook, dict):
        raise Unreadable("the file is JSON, but not a notebook")
    if isinstance(notebook.get("cells"), list):
        return notebook["cells"]
    worksheets = notebook.get("worksheets")
    if isinstance(worksheets, list):
        repairs.append("The notebook is in an old format (version 3).")
        return [cell for sheet in worksheets if isinstance(sheet, dict) for cell in sheet.get("cells") or []]
    raise Unreadable("the file is JSON, but not a notebook")


def _salvage(text: str) -> list:
    """The cells of a file that breaks off: as many as are whole."""
    start = re.search(r'"cells"\s*:\s*\[', text)
    decoder, found, position = json.JSONDecoder(strict=False), [], start.end() if start else len(text)
    while start and len(found) < MOST_CELLS:
        position += len(re.match(r"[\s,]*", text[position : position + 10_000])[0])
        try:
            cell, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        found.append(cell)
    return found


def _cell(raw: object) -> Cell | None:
    if not isinstance(raw, dict):
        return None
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return None
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    metadata = raw.get("metadata")
    grading = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = grading.get("grade_id") if isinstance(grading, dict) else None
    return Cell(str(raw.get("cell_type", "code")), source, _text(raw.get("id")), _text(grade_id))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
