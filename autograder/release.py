"""The solved chapters: executed, with their figures, for reading on GitHub and in Colab.

Outputs hold no timings, no scripts and no widgets (explorers and attention views leave their static picture), so that
a chapter that did not change gives the same notebook; how long it all took stands in the metadata, to the half minute.
A hash of the master and of the library's modules that it uses
stands in the metadata; `stale` compares it.
"""

import ast
import base64
import hashlib
import io
import math
import os
import re
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from PIL import Image

from autograder.build import MASTERS, ROOT, as_text, instructor_notebook
from autograder.diagrams.embed import shown

MOST_BYTES = 500_000
COLOURS = 256  # of a figure: no eye sees the difference, and a third of the bytes is left
SECONDS = 600


def solved_path(chapter: str) -> Path:
    """Where the solved chapter lies."""
    return MASTERS / f"{chapter}.ipynb"


def build(chapters: list[str]) -> None:
    """Execute and write the solved notebooks of these chapters, those that are fresh excepted."""
    for chapter in chapters:
        if not stale([chapter]):
            continue
        print(f"{chapter}: executing …", flush=True)
        text = as_text(solved_notebook(chapter))
        if len(text.encode()) > MOST_BYTES:
            raise ValueError(f"{chapter}: the solved notebook has {len(text.encode())} bytes, more than {MOST_BYTES}.")
        solved_path(chapter).write_text(text, encoding="utf-8")


def stale(chapters: list[str]) -> list[str]:
    """The solved notebooks that were made of another master or library."""
    complaints = []
    for chapter in chapters:
        path = solved_path(chapter)
        made_of = nbformat.read(path, as_version=4).metadata.unrolled.get("made_of") if path.exists() else None
        if made_of != sources_hash(chapter):
            complaints.append(f"{path.relative_to(ROOT)} is older than its master or the library (make release)")
    return complaints


def to_read(chapter: str) -> NotebookNode:
    """The chapter with its solutions, and without what is there for a student to hand in or to type."""
    notebook = instructor_notebook(chapter)
    notebook.cells = [c for c in notebook.cells if not c.id.startswith("hand-in") and not c.id.endswith("-prediction")]
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
        cell.source = re.sub(r"^ *### (BEGIN|END) SOLUTION\n?", "", cell.source, flags=re.M).rstrip()
    return notebook


def solved_notebook(chapter: str) -> NotebookNode:
    """The chapter to read, executed in a kernel of its own."""
    notebook, began = to_read(chapter), time.perf_counter()
    execute(notebook)
    notebook.metadata.unrolled["minutes"] = math.ceil((time.perf_counter() - began) / 30) / 2
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in map(_still, cell.outputs) if output]
    notebook.metadata.unrolled["made_of"] = sources_hash(chapter)
    return notebook


def execute(notebook: NotebookNode, *, allow_errors: bool = False, seconds: int = SECONDS) -> NotebookNode:
    """Run all cells, explorers and attention views as static pictures; errors end it unless they are allowed."""
    environment = {**os.environ, "UNROLLED_STATIC": "1", "PYTHONHASHSEED": "0"}
    client = NotebookClient(notebook, timeout=seconds, kernel_name="python3", allow_errors=allow_errors)
    client.record_timing = False
    client.execute(env=environment)
    notebook.metadata.language_info = {"name": "python"}
    return notebook


def sources_hash(chapter: str) -> str:
    """A hash of the master, its drawings and every module of the library that it imports, directly or not."""
    master = MASTERS / f"{chapter}.py"
    files, todo = {master, *shown(master.read_text(encoding="utf-8"))}, [master]
    while todo:
        for file in _library_files(todo.pop()):
            if file not in files:
                files.add(file)
                todo.append(file)
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()[:16]


def _library_files(file: Path) -> list[Path]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    bases = [MASTERS / name.replace(".", "/") for name in sorted(names) if name.split(".")[0] == "unrolled"]
    files = [path for base in bases for path in (base.with_suffix(".py"), *sorted(base.glob("*.py")))]
    return [path for path in files if path.exists()]  # of a package all, since imports may be lazy


def _still(output: NotebookNode) -> NotebookNode | None:
    """An output as it can be read without a kernel: no error stream, no scripts, no widgets."""
    if output.output_type == "stream" and output.name == "stderr":
        return None
    if "data" in output:
        for kind in ("application/vnd.jupyter.widget-view+json", "application/javascript"):
            output.data.pop(kind, None)
        if "<script" in output.data.get("text/html", ""):
            output.data.pop("text/html")
        if "image/png" in output.data:
            output.data["image/png"] = small(output.data["image/png"])
        if not output.data:
            return None
    return output


def small(png: str) -> str:
    """A picture in base64 with few colours, each pixel the nearest one."""
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    few = picture.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    packed = io.BytesIO()
    few.save(packed, "PNG", optimize=True)
    return base64.b64encode(packed.getvalue()).decode()
