"""The site: chapters, glossary, library and the pages for each kind of reader, as static HTML that needs no network.

`assemble` puts the sources together: the pages of `assets/site/` as they are, and what is written from the course itself.
Sphinx does the rest; its settings are `assets/site/conf.py`. A warning is an error.
"""

import re
import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder import build, pages
from autograder.chapters import CHAPTERS
from autograder.exercises import course_exercises
from autograder.terminal import Trouble

PAGES = build.ROOT / "assets" / "site"
REFERENCE = """\
# {chapter}

{question} [Read the chapter](../chapters/{chapter}.ipynb).

{modules}
"""
MODULE = """\
## {module}

```{{eval-rst}}
.. automodule:: unrolled.{module}
   :members:
   :member-order: bysource
```
"""


def run(folder: Path) -> None:
    """Build the site into `folder/html`, from sources that are put together in `folder/source`."""
    try:
        from sphinx.cmd.build import main as sphinx
    except ImportError:
        raise Trouble("The site needs Sphinx: pip install 'unrolled[site]', or make .venv/installed.") from None
    source, html = folder / "source", folder / "html"
    assemble(source)
    if sphinx(["-W", "--keep-going", "-q", "-j", "auto", "-d", str(folder / "doctrees"), str(source), str(html)]):
        raise Trouble("The site is not whole: each line above names a page and what is wrong with it.")
    print(f"{html / 'index.html'}")


def assemble(source: Path) -> None:
    """Write all sources of the site into a folder of its own, which is emptied before."""
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(PAGES, source)
    shutil.copytree(build.ROOT / "assets" / "readme", source / "pictures")
    for name in ("chapters", "reference", "notebooks"):
        (source / name).mkdir()
    for chapter in CHAPTERS:
        solved = nbformat.read(build.MASTERS / f"{chapter}.ipynb", as_version=4)
        nbformat.write(chapter_page(solved, chapter), source / "chapters" / f"{chapter}.ipynb")
        shutil.copy(build.CHAPTERS_FOLDER / chapter / f"{chapter}.ipynb", source / "notebooks")
        modules = "\n".join(MODULE.format(module=module) for module in CHAPTERS[chapter])
        text = REFERENCE.format(chapter=chapter, question=_sentence(pages.question(chapter)), modules=modules)
        (source / "reference" / f"{chapter}.md").write_text(text, encoding="utf-8")
    (source / "chapters.md").write_text(_chapters(), encoding="utf-8")
    (source / "glossary.md").write_text(_glossary(), encoding="utf-8")
    (source / "reference.md").write_text(_reference(), encoding="utf-8")


def chapter_page(solved: NotebookNode, chapter: str) -> NotebookNode:
    """A solved chapter as a page: buttons below its title, solutions and what only sets up folded, no leftovers of widgets."""
    names = {exercise.name for exercise in course_exercises(chapter)}
    solved.cells = [cell for cell in solved.cells if cell.id != "bootstrap"]
    for cell in solved.cells:
        if cell.cell_type == "markdown":
            cell.source = _for_sphinx(cell.source)
            continue
        tags, title = set(cell.metadata.get("tags", ())) - {"raises-exception"}, "show code"
        if cell.id in names:
            tags, title = tags | {"hide-input"}, "show the solution"
        elif cell.id == "setup":
            tags, title = tags | {"hide-cell"}, "show the setup"
        prompts = {"code_prompt_show": title, "code_prompt_hide": title.replace("show", "hide")}
        cell.metadata = nbformat.from_dict({"tags": sorted(tags), "mystnb": prompts})
        cell.source = re.sub(r"\A#@title .*\n", "", cell.source)
        cell.outputs = [_shown(output) for output in cell.outputs if not _repeats_a_verdict(output)]
    title, _, rest = solved.cells[0].source.partition("\n")
    solved.cells[0].source = f"{title}\n\n{_buttons(chapter)}\n{rest}"
    return solved


def _buttons(chapter: str) -> str:
    colab = build.repository().replace("https://github.com", "https://colab.research.google.com/github")
    notebook = f"chapters/{chapter}/{chapter}.ipynb"
    return (
        f"[Open in Colab]({colab}/blob/main/{notebook}) · {{download}}`The notebook with exercises <../notebooks/{chapter}.ipynb>`"
        f" · [The library's pages](../reference/{chapter}.md)"
    )


def _for_sphinx(source: str) -> str:
    """Links to other notebooks lead to their pages."""
    source = re.sub(r"\]\((?:\.\./)*(?:chapters/)?(\d\d_\w+)/\1\.ipynb\)", r"](\1.ipynb)", source)
    return re.sub(r"\]\((?:\.\./)*(?:chapters/)?glossary\.ipynb\)", "](../glossary.md)", source)


def _repeats_a_verdict(output: NotebookNode) -> bool:
    """What a check returns is what it has shown already."""
    return output.output_type == "execute_result" and "text/html" in output.get("data", {})


def _shown(output: NotebookNode) -> NotebookNode:
    """A page has no kernel: of a widget the picture beside it is left."""
    data = output.get("data", {})
    for kind in [kind for kind in data if "widget" in kind or "javascript" in kind]:
        del data[kind]
    if "image/png" in data or "text/html" in data:
        data.pop("text/plain", None)
    return output


def _chapters() -> str:
    rows = ["| chapter | question | exercises | points | minutes |", "|---|---|---|---|---|"]
    rows += [f"| [{c}](chapters/{c}.ipynb) | {pages.question(c)} | {pages.sizes(c)} |" for c in CHAPTERS]
    return "# Chapters\n\n" + "\n".join(rows) + "\n\n" + _tree("Chapters", [f"chapters/{c}" for c in CHAPTERS])


def _glossary() -> str:
    (cell,) = pages.glossary(pages.GLOSSARY).cells
    return re.sub(r"\]\((\d\d_\w+)/\1\.ipynb\)", r"](chapters/\1.ipynb)", cell.source) + "\n"


def _reference() -> str:
    rows = ["| chapter | modules |", "|---|---|"]
    for chapter, modules in CHAPTERS.items():
        rows.append(f"| [{chapter}](reference/{chapter}.md) | {', '.join(f'`{module}`' for module in modules)} |")
    return "# The library\n\nWhat the exercises build, and what they build on.\n\n" + "\n".join(rows) + "\n\n" + _tree(
        "Reference", [f"reference/{c}" for c in CHAPTERS]
    )


def _tree(caption: str, entries: list[str]) -> str:
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *entries, "```", ""])


def _sentence(question: str) -> str:
    return question if question.endswith("?") else f"{question}."
