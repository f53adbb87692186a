"""The pages about the course, written from what they are about: README's table, landing page, glossary, map of the library."""

import ast
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder import build
from autograder.chapters import CHAPTERS, topic
from autograder.diagrams.embed import drawn
from autograder.exercises import course_exercises
from autograder.glossary import GLOSSARY, Term

INDEX = """\
# Unrolled: from RNNs to LLMs, one exercise at a time

Begin with chapter 00, or where you like: each says what it needs. Run the cell below to see how far you are; a click on
a chapter opens it. A word you have forgotten? The [glossary](glossary.ipynb) has it, in English and Korean.

{table}

Minutes are those of running the solved chapter from top to bottom; your own work comes on top: an evening or so.
"""
WORDS = """\
# Glossary · 용어집

The standard terms of the course, each with the Korean one and the chapter that builds it. There it stands in bold where
it is first used.

{table}
"""
MAP = """\
# The library, chapter by chapter

Written by `python -m autograder build` from the modules' first sentences. Each chapter builds what stands beside it, and
may use what stands above it. An exercise's name leads to its inputs, its usual mistakes and their hints.

{table}

## The equipment

What no chapter builds: data, figures, training.

{equipment}
"""


def write(*, check: bool = False) -> list[str]:
    """Write the pages; with `check`, only name those that are not as they should be."""
    return _bring_up_to_date(pages(), check)


def draw(*, check: bool = False) -> list[str]:
    """Draw the drawings, which must be there before a notebook shows them; or only name the stale ones."""
    return _bring_up_to_date(drawn(), check)


def pages() -> dict[Path, str]:
    """Where each page lies, and what it says."""
    readme = build.ROOT / "README.md"
    return {
        readme: readme_table(readme.read_text(encoding="utf-8")),
        build.CHAPTERS_FOLDER / "index.ipynb": build.as_text(index()),
        build.CHAPTERS_FOLDER / "glossary.ipynb": build.as_text(glossary(GLOSSARY)),
        build.MASTERS / "unrolled" / "README.md": library_map(),
    }


def readme_table(text: str) -> str:
    """The README with its table of chapters as the masters have it."""
    rows = ["| chapter | question | exercises | points | minutes | Colab |", "|---|---|---|---|---|---|"]
    for chapter in CHAPTERS:
        path = f"chapters/{chapter}/{chapter}.ipynb"
        colab = build.repository().replace("https://github.com", "https://colab.research.google.com/github")
        rows.append(
            f"| [{chapter}]({path}) | [{question(chapter)}](solutions/{chapter}.ipynb) | {sizes(chapter)} "
            f"| [open]({colab}/blob/main/{path}) |"
        )
    start, end = text.index("-->", text.index("<!-- chapters:")) + 3, text.index("<!-- /chapters -->")
    return f"{text[:start]}\n" + "\n".join(rows) + f"\n{text[end:]}"


def index() -> NotebookNode:
    """The landing page: every chapter's question, size and minutes, and below them the student's progress."""
    rows = ["| chapter | question | exercises | points | minutes |", "|---|---|---|---|---|"]
    rows += [f"| [{c}]({c}/{c}.ipynb) | {question(c)} | {sizes(c)} |" for c in CHAPTERS]
    cells = [
        nbformat.v4.new_markdown_cell(INDEX.format(table="\n".join(rows)), id="chapters"),
        nbformat.v4.new_code_cell("from autograder import progress\n\nprogress()", id="progress"),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata={**build.KERNEL, "unrolled": {}})


def glossary(terms: tuple[Term, ...]) -> NotebookNode:
    """All terms in the order of the alphabet, each with a link to its chapter."""
    rows = ["| term | 한국어 | what it means | chapter |", "|---|---|---|---|"]
    for term in sorted(terms, key=lambda term: term.english.lower()):
        link = f"[{term.chapter}]({term.chapter}/{term.chapter}.ipynb)"
        rows.append(f"| **{term.english}** | {term.korean} | {term.meaning} | {link} |")
    cells = [nbformat.v4.new_markdown_cell(WORDS.format(table="\n".join(rows)), id="glossary")]
    return nbformat.v4.new_notebook(cells=cells, metadata={**build.KERNEL, "unrolled": {}})


def library_map() -> str:
    """Chapter → modules → exercises, each a link, and the packages that serve them all."""
    rows = ["| chapter | module | what it is | exercises |", "|---|---|---|---|"]
    for chapter, modules in CHAPTERS.items():
        exercises = course_exercises(chapter)
        for module in modules:
            of_module = [e for e in exercises if e.module.__name__ == f"unrolled.{module}"]
            names = ", ".join(f"[`{e.name}`]({_exercise_file(chapter, e.name)})" for e in of_module)
            first = f"[{chapter}](../../chapters/{chapter}/{chapter}.ipynb)" if module == modules[0] else ""
            file = build.MASTERS / "unrolled" / f"{module}.py"
            rows.append(f"| {first} | [{module}]({module}.py) | {first_sentence(file)} | {names} |")
    equipment = []
    for package in sorted((build.MASTERS / "unrolled").rglob("__init__.py")):
        if (folder := package.parent) == build.MASTERS / "unrolled":
            continue
        name = folder.relative_to(build.MASTERS / "unrolled").as_posix()
        equipment += [f"### [{name}]({name}/)", "", first_sentence(package), ""]
        files = sorted(file for file in folder.glob("*.py") if file.name != "__init__.py")
        equipment += [f"- [{file.stem}]({name}/{file.name}) — {first_sentence(file)}" for file in files] + [""]
    return MAP.format(table="\n".join(rows), equipment="\n".join(equipment).rstrip())


def first_sentence(file: Path) -> str:
    """The first sentence of a module's docstring, on one line."""
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    if not text:
        raise ValueError(f"{file} has no docstring; the map of the library shows its first sentence.")
    return re.split(r"(?<=[.!?])\s", " ".join(text.split("\n\n")[0].split()))[0].replace("|", r"\|")


def question(chapter: str) -> str:
    """The question that is the chapter's title."""
    return re.search(r"^# # \d+ · (.*)$", (build.MASTERS / f"{chapter}.py").read_text(encoding="utf-8"), re.M)[1]


def sizes(chapter: str) -> str:
    """A chapter's exercises, points and minutes, as cells of a table."""
    exercises = course_exercises(chapter)
    return f"{len(exercises)} | {sum(e.points for e in exercises):g} | {minutes(chapter)}"


def minutes(chapter: str) -> str:
    """How long the solved chapter took to run when it was released, to the half minute."""
    path = build.MASTERS / f"{chapter}.ipynb"
    taken = nbformat.read(path, as_version=4).metadata.unrolled.get("minutes") if path.exists() else None
    return "?" if taken is None else f"{taken:g}"


def _exercise_file(chapter: str, name: str) -> str:
    """From the library's folder to the file of an exercise, whose name is the exercise's in snake case."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    path = f"autograder/exercises/{topic(chapter)}/{snake}.py"
    if not (build.ROOT / path).exists():
        raise ValueError(f"{path} is not there; expected the exercise {name} in a file of its own.")
    return f"../../{path}"


def _bring_up_to_date(texts: dict[Path, str], check: bool) -> list[str]:
    stale = []
    for path, text in texts.items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if check:
            stale.append(f"{path.relative_to(build.ROOT)} is not what it is made of now (python -m autograder build)")
        else:
            path.write_text(text, encoding="utf-8")
    return stale
