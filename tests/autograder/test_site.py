"""The site's sources: every chapter a page with its buttons, its solutions folded, and nothing left of a kernel."""

import re

import nbformat
import pytest

from autograder import site
from autograder.chapters import CHAPTERS
from autograder.exercises import chapter_exercises


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "source"
    site.assemble(folder)
    return folder


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_has_a_chapter_its_buttons_and_its_solutions_behind_a_fold(source, chapter):
    page = nbformat.read(source / "chapters" / f"{chapter}.ipynb", as_version=4)
    buttons = page.cells[0].source.splitlines()[2]
    assert "colab.research.google.com" in buttons and f"../notebooks/{chapter}.ipynb" in buttons
    assert (source / "notebooks" / f"{chapter}.ipynb").is_file()
    cells = {cell.id: cell for cell in page.cells}
    for exercise in chapter_exercises(chapter):
        cell = cells[exercise.name]
        assert "hide-input" in cell.metadata.tags and cell.metadata.mystnb.code_prompt_show == "show the solution"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_is_nothing_on_a_page_that_needs_a_kernel_or_is_said_twice(source, chapter):
    page = nbformat.read(source / "chapters" / f"{chapter}.ipynb", as_version=4)
    outputs = [output for cell in page.cells for output in cell.get("outputs", ())]
    assert not [output for output in outputs if any("widget" in kind for kind in output.get("data", ()))]
    assert not [output for output in outputs if "(children=" in str(output.get("data", {}).get("text/plain", ""))]
    assert not [o for o in outputs if o.output_type == "execute_result" and "text/html" in o.data]


def test_does_every_link_of_the_pages_lead_to_a_page_that_is_there(source):
    for page in source.rglob("*.md"):
        text = re.sub(r"`[^`]*`", "", page.read_text(encoding="utf-8"))
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (page.parent / target).exists(), f"{page.relative_to(source)}: {target}"


def test_is_an_older_build_replaced_and_nothing_beside_it(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "left.md").write_text("# Left over")
    (tmp_path / "mine.txt").write_text("stays")
    site.assemble(tmp_path / "source")
    assert not (tmp_path / "source" / "left.md").exists() and (tmp_path / "mine.txt").read_text() == "stays"
