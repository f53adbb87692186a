"""Does a grader find in Formgrader what waits, and does a submission open at the paragraph, with its rubric?"""

import json
import re

import pytest
from playwright.sync_api import expect

from autograder import __main__ as command_line
from autograder.grading.paragraphs import paragraphs
from tests.attacks import arena
from tests.browser.test_instructor import CHAPTER, Course, formgrader, lab

assert lab  # the same fixture, with the course of this file

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]
WORDS = "The state is a summary of what was read."


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Three submissions, graded: a whole one, one of which only a part could be read, one that is no notebook."""
    course = Course(tmp_path_factory.mktemp("course"))
    whole = arena.perfect()
    arena.find_cell(whole, "rnn-in-your-own-words")["source"] = WORDS
    cut = json.dumps(arena.perfect())
    arena.hand_in(course.root, "ann", whole)
    arena.hand_in(course.root, "ben", cut[: cut.index("def clip_gradients")].encode())
    arena.hand_in(course.root, "cleo", b"%PDF-1.7")
    assert command_line.main(["grade", CHAPTER, "--course", str(course.root), "--jobs", "1"]) == 1
    return course


def marked(lab, column):
    """How many rows of the notebook's submissions have a mark in a column."""
    page = formgrader(lab, f"gradebook/{CHAPTER}/{CHAPTER}")
    expect(page.locator(f"td.{column}")).to_have_count(3)
    return page.locator(f"td.{column} .glyphicon").count()


def test_are_the_files_that_need_a_look_flagged_in_formgraders_list_until_they_are_accepted(course, lab, capsys):
    flags = ["flags", CHAPTER, "--course", str(course.root)]
    assert marked(lab, "flagged") == 2, "ben's and cleo's, as `flags` says"
    assert marked(lab, "needs-manual-grade") == 3
    lab.picture("14-flagged")
    command_line.main(flags)
    said = capsys.readouterr().out
    assert all(re.search(rf"{CHAPTER}  {student}: ", said) for student in ("ann", "ben", "cleo"))
    assert "--accept ben" in said and "--accept ann" not in said
    command_line.main([*flags, "--accept", "ben"])
    assert marked(lab, "flagged") == 1


def test_does_a_submission_open_at_its_paragraph_with_the_rubric_beside_it(course, lab):
    source = (course.root / "source" / CHAPTER / f"{CHAPTER}.ipynb").read_text(encoding="utf-8")
    (text,) = paragraphs(source)
    page = formgrader(lab, f"gradebook/{CHAPTER}/{CHAPTER}")
    expect(page.locator("td.name a:visible")).to_have_count(3)
    for link in page.locator("td.name a:visible").evaluate_all("links => links.map(link => link.href)"):
        page.goto(link)
        page.locator("input.score").first.wait_for()
        if page.get_by_text(WORDS).count():
            break
    page.wait_for_timeout(1500)  # its own scrolling
    rubric = re.sub(r"[*`$\\].*", "", text.rubric.removeprefix("**1 point**").strip())[:30].strip()
    lab.picture("15-opens")
    for shown in (page.get_by_text(WORDS), page.locator("input.score").first, page.get_by_text("For the grader."), page.get_by_text(rubric)):
        expect(shown.first).to_be_in_viewport()
    scores = page.locator("input.score").evaluate_all("all => all.map(one => one.id)")
    first = page.locator(".nbgrader_cell").filter(has=page.locator("input.score")).first
    expect(first).to_contain_text(WORDS)
    assert len(scores) == 6, "the paragraph's, then the exercises'"
