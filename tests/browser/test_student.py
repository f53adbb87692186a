"""A student's evening with chapter 01, in a real browser."""

import re
import shutil

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from autograder.build import KERNEL
from autograder.chapters import CHAPTERS
from autograder.exercises import find_exercise
from autograder.release import solved_path

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

WRONG = """\
# exercise: rnn_step
def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh):
    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh + b_hh)
"""


@pytest.fixture(scope="module")
def chapter(lab):
    """Chapter 01, opened from the landing page and run from top to bottom, untouched."""
    lab.open()
    lab.run_all()
    lab.picture("01-landing-page")
    expect(lab.page.locator(".jp-NotebookPanel:visible .jp-Cell-outputArea")).to_contain_text("The course: 0 of")
    lab.page.locator(".jp-NotebookPanel:visible a", has_text="01_rnn").first.click()
    lab.page.locator(".jp-NotebookPanel:visible .jp-Cell", has_text="What can a network remember?").first.wait_for()
    lab.until(lambda: lab.status() == "idle", "the chapter's kernel")
    lab.run_all()
    return lab


def test_does_the_landing_page_name_every_chapter(lab):
    lab.open()
    for chapter in CHAPTERS:
        expect(lab.page.locator(".jp-NotebookPanel:visible table a", has_text=chapter)).to_be_visible()


@pytest.fixture(scope="module")
def said(chapter):
    """What the chapter says to a wrong answer, to the right one, and of the progress."""
    step, check = chapter.cell("# exercise: rnn_step"), chapter.cell("check(rnn_step)")
    expect(check).to_contain_text("not attempted")
    said = {}
    for name, source in (("wrong", WRONG), ("right", f"# exercise: rnn_step\n{find_exercise('rnn_step').source}")):
        chapter.write(step, source)
        chapter.run(step)
        said[name] = chapter.run(check).inner_text()
        chapter.picture(f"02-{name}", check)
    progress = chapter.cell('progress("01_rnn")')
    said["progress"] = chapter.run(progress).inner_text()
    chapter.picture("04-progress", progress)
    return said


def test_is_a_wrong_answer_named_and_a_right_one_counted(said):
    assert "wrong, 1 of 3 points" in said["wrong"] and "w_hh is not transposed" in said["wrong"]
    assert "correct, 3 of 3 points" in said["right"] and "3 of 15 points" in said["progress"]


def test_does_an_explorers_slider_change_its_figure(chapter):
    outputs = chapter.page.locator(".jp-NotebookPanel:visible .jp-Cell-outputWrapper")
    explorer = outputs.filter(has=chapter.page.locator(".widget-slider")).first
    explorer.scroll_into_view_if_needed()
    picture = explorer.locator("img").first
    before = picture.get_attribute("src")
    handle = explorer.locator(".noUi-handle").first
    handle.focus()
    for _ in range(5):
        chapter.page.keyboard.press("ArrowRight")
    chapter.until(lambda: explorer.locator("img").first.get_attribute("src") != before, "the figure to change")
    assert explorer.locator("img").first.get_attribute("alt")
    chapter.picture("05-explorer", explorer)


def test_is_a_picture_shown_with_its_code_folded_until_one_clicks(chapter):
    cells = chapter.page.locator(".jp-NotebookPanel:visible .jp-CodeCell")
    folded = cells.filter(has=chapter.page.locator(".jp-InputPlaceholder"))
    picture = cells.filter(has_text="#@title The state after each character").first
    how_many = folded.count()
    assert how_many == 5
    expect(picture.locator(".jp-Cell-outputWrapper img")).to_be_visible()
    expect(picture.locator(".cm-content")).to_have_count(0)
    chapter.picture("09-folded", picture)
    picture.locator(".jp-InputPlaceholder").click()
    expect(picture.locator(".cm-content")).to_contain_text("show(")
    expect(folded).to_have_count(how_many - 1)


@pytest.mark.usefixtures("said")
def test_does_the_last_cell_see_what_the_grader_will(chapter):
    chapter.page.keyboard.press("Control+s")
    chapter.page.wait_for_timeout(1500)
    hand_in = chapter.cell('hand_in("01_rnn")')
    found = chapter.run(hand_in).inner_text()
    assert re.search(r"rnn_step\s+✓ there is an answer", found)
    assert re.search(r"unroll\s+○ its cell is as it was handed out", found)
    assert "chapters/01_rnn/01_rnn.ipynb" in found
    chapter.picture("06-hand-in", hand_in)


def test_is_nothing_unreadable_in_the_dark(chapter):
    chapter.page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Settings$")).click()
    chapter.page.locator(".lm-Menu-itemLabel:visible", has_text=re.compile("^Theme")).first.hover()
    chapter.page.locator(".lm-Menu-itemLabel:visible", has_text="JupyterLab Dark").first.click()
    chapter.page.wait_for_timeout(1000)
    chapter.picture("07-dark", chapter.cell("check(rnn_step)"))
    assert serious(chapter) == []


def test_does_axe_find_no_serious_fault_in_what_the_notebook_shows(chapter):
    assert serious(chapter) == []


def serious(lab, but=()):
    """axe-core's serious and critical findings in the outputs and texts of the visible notebook, `but` these rules."""
    shown = (".jp-MarkdownOutput", ".jp-OutputArea-output")
    context = {
        "include": [[f".jp-NotebookPanel:not(.lm-mod-hidden) {part}"] for part in shown],
        "exclude": [[".noUi-handle"]],  # the handle of ipywidgets' slider, which ipywidgets gives no name
    }
    found = Axe().run(lab.page, context=context).response["violations"]
    return [
        (violation["id"], node["html"][:200], node["failureSummary"][:300])
        for violation in found
        if violation["impact"] in ("serious", "critical") and violation["id"] not in but
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("name", CHAPTERS)
def test_does_axe_find_no_serious_fault_in_a_solved_chapter(lab, name):
    """All tables and texts, as they are read without running anything.

    A figure's alternative text stands in the file, as the format has it (`tests/chapters` look at that), but JupyterLab
    does not hand it on; in a chapter that runs it does, and the test above asks for it.
    """
    shutil.copy(solved_path(name), lab.folder / f"{name}.ipynb")
    lab.open(f"{name}.ipynb")
    lab.page.locator(".jp-NotebookPanel:visible .jp-OutputArea img").first.wait_for()
    faults = serious(lab, but=["image-alt"])
    lab.stop_kernels()
    assert faults == []


def test_is_a_drawing_shown_where_the_text_needs_it(lab):
    lab.open("chapters/02_lstm_gru/02_lstm_gru.ipynb")
    drawing = lab.page.locator(".jp-NotebookPanel:visible .jp-MarkdownOutput img").first
    drawing.scroll_into_view_if_needed()
    lab.until(lambda: drawing.evaluate("image => image.naturalWidth") > 1000, "the drawing to be shown")
    assert drawing.get_attribute("alt").startswith("One step of an LSTM.")
    lab.picture("08-drawing", drawing)
    lab.stop_kernels()


def test_is_attention_shown_with_the_network_cut_off(lab):
    notebook = "from unrolled.lab import head_view\nimport torch\n\n"
    notebook += 'head_view(torch.softmax(torch.randn(2, 3, 5, 5), -1), ["나는", "너를", "매우", "사랑해", "."])'
    cell = nbformat.v4.new_code_cell(notebook)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=KERNEL), lab.folder / "attention.ipynb")
    lab.open("attention.ipynb")
    lab.run_all()
    lab.page.locator(".jp-NotebookPanel:visible svg text", has_text="사랑해").first.wait_for()
    assert lab.page.locator(".jp-NotebookPanel:visible svg line").count() >= 2 * 5 * 5
    lab.picture("08-attention")
    assert lab.asked_elsewhere == []
