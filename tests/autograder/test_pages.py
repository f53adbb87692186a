"""The pages about the course: fresh, complete, and without a dead link."""

import re

import nbformat
import pytest

from autograder import build, pages
from autograder.chapters import CHAPTERS
from autograder.exercises import all_exercises

LIBRARY = build.MASTERS / "unrolled"
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")


def words(path):
    """What stands on a page, of a notebook in its markdown cells."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return re.sub(r"`!\[[^`\n]*`", "", text)  # a link within code is an example
    return "\n".join(c.source for c in nbformat.reads(text, as_version=4).cells if c.cell_type == "markdown")


def test_are_the_pages_and_drawings_that_are_committed_fresh():
    assert pages.draw(check=True) == [] and pages.write(check=True) == []


def test_is_a_stale_page_named_and_then_written(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(pages, "pages", lambda: {page: "new"})
    page.write_text("old")
    assert pages.write(check=True) == ["page.md is not what it is made of now (python -m autograder build)"]
    assert page.read_text() == "old"
    assert pages.write() == [] and page.read_text() == "new" and pages.write(check=True) == []


@pytest.mark.parametrize("path", pages.pages(), ids=lambda path: str(path.relative_to(build.ROOT)))
def test_does_every_link_of_a_page_lead_to_a_file(path):
    assert [link for link in LINK.findall(words(path)) if not (path.parent / link).exists()] == []


def test_do_landing_page_and_readme_lead_to_the_glossary():
    for path, glossary in (("chapters/index.ipynb", "glossary.ipynb"), ("README.md", "chapters/glossary.ipynb")):
        assert glossary in LINK.findall(words(build.ROOT / path))


def test_does_the_map_name_every_module_and_every_exercise_once():
    page = words(LIBRARY / "README.md")
    linked = LINK.findall(page)
    files = {path.relative_to(LIBRARY).as_posix() for path in LIBRARY.rglob("*.py") if path.name != "__init__.py"}
    assert sorted(link for link in linked if link.endswith(".py") and not link.startswith("..")) == sorted(files)
    assert sorted(re.findall(r"\[`(\w+)`\]", page)) == sorted(exercise.name for exercise in all_exercises())


def test_does_the_map_say_of_a_module_what_its_docstring_says_first():
    rows = [row for row in words(LIBRARY / "README.md").splitlines() if row.startswith("|")][2:]
    assert len(rows) == sum(map(len, CHAPTERS.values()))
    assert "| [rnn](rnn.py) | Recurrent networks: one small cell, applied at every time step. | [`rnn_step`](" in rows[5]
    assert rows[5].startswith("| [01_rnn](../../chapters/01_rnn/01_rnn.ipynb) |")


def test_is_a_module_without_docstring_refused(tmp_path):
    (tmp_path / "silent.py").write_text("x = 1\n")
    with pytest.raises(ValueError, match=r"silent\.py has no docstring"):
        pages.first_sentence(tmp_path / "silent.py")
