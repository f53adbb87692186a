"""Does a student get back one page that is up to date, says the most important first, and needs no network?"""

import re
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder import __main__ as command_line
from autograder.grading.batch import grade_class
from autograder.grading.course import load_course
from tests.attacks import arena

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
TEXT = f"It is $W^t$, a *product*.\n\n<script>alert(1)</script>\n\n![a dot](data:image/png;base64,{PIXEL})"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class that has been graded."""
    root = arena.new_course(tmp_path_factory.mktemp("feedback"))
    solved = arena.perfect()
    next(c for c in solved["cells"] if c["cell_type"] == "markdown" and "nbgrader" in c["metadata"])["source"] = TEXT
    arena.hand_in(root, "ann", solved)
    mistaken = arena.perfect()
    arena.find_cell(mistaken, "unroll")["source"] = "def unroll(step, inputs, state):\n    return '</pre><b>' * 3"
    arena.hand_in(root, "ben", mistaken)
    arena.hand_in(root, "dan", b"{")
    with ThreadPoolExecutor(1) as executor:
        grade_class(load_course(root), arena.CHAPTER, executor=executor, progress=False)
    return root


@pytest.fixture
def root(graded, tmp_path):
    return shutil.copytree(graded, tmp_path / "course")


def feedback(root, capsys, *more):
    capsys.readouterr()
    status = command_line.main(["feedback", arena.CHAPTER, "--course", str(root), *more])
    return status, capsys.readouterr().out


def page(root, student):
    return (root / "feedback" / student / arena.CHAPTER / f"{arena.CHAPTER}.html").read_text(encoding="utf-8")


class Outline(HTMLParser):
    """The headings of a page, and what it takes from elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.headings, self.elsewhere, self.inside = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.inside = tag in ("h1", "h2")
        self.headings += [""] if self.inside else []
        self.elsewhere += [value for name, value in attributes if name in ("src", "href") and "//" in value]
        self.elsewhere += [tag] if tag == "script" else []

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.headings[-1] += data


def test_does_a_page_begin_with_the_summary_and_hold_paragraph_and_exercises_only(root, capsys):
    assert feedback(root, capsys)[0] == 0
    text = page(root, "ann")
    names = ["rnn_step", "unroll", "sequence_cross_entropy", "jacobian_norms", "clip_gradients"]
    outline = Outline(text)
    assert outline.headings == [
        "01_rnn: What can a network remember?",
        "In your own words · not graded yet",
        *(f"{name} · 3 of 3 points" for name in names),
    ]
    assert "<strong>15 of 17 points</strong>; not all has been graded yet." in text
    assert not outline.elsewhere, "nothing comes from elsewhere, and nothing runs"
    assert "<math" in text and "alert(1)</script>" not in text and PIXEL in text
    assert "max-height" in text and "Test cell" not in text and "1 point" in text
    assert text.index("<table") < text.index("What you wrote")


def test_does_it_say_where_to_look_first_and_is_what_a_student_wrote_only_text(root, capsys):
    feedback(root, capsys)
    text = page(root, "ben")
    assert re.search(r"Look first at <a href=\"#unroll\">unroll</a>\.</strong> \w", text)
    assert "</pre><b>" not in text and "&lt;/pre&gt;&lt;b&gt;" in text
    assert "Look first" not in page(root, "ann")
    assert "the file is not a notebook" in page(root, "dan")


def test_is_only_what_is_out_of_date_written_and_said(root, capsys):
    assert feedback(root, capsys)[1].startswith("3 pages written, 0 as they were: ")
    assert feedback(root, capsys)[1].startswith("0 pages written, 3 as they were: ")
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        name = "rnn-in-your-own-words"
        grade = book.find_grade(name, arena.CHAPTER, arena.CHAPTER, "ann")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        book.find_comment(name, arena.CHAPTER, arena.CHAPTER, "ann").manual_comment = "Why $W^t$?"
        book.db.commit()
    assert feedback(root, capsys)[1].startswith("1 pages written, 2 as they were: ")
    text = page(root, "ann")
    assert "<strong>16.5 of 17 points</strong>." in text and "In your own words · 1.5 of 2 points" in text
    assert re.search(r"Comment\.</strong> <p>Why <math", text)
    arena.hand_in(root, "ben", arena.perfect())
    command_line.main(
        ["grade", arena.CHAPTER, "--course", str(root), "--student", "ben", "--student", "ann", "--jobs", "1"]
    )
    assert f"Feedback of 1 is out of date: python -m autograder feedback {arena.CHAPTER}" in capsys.readouterr().out
    assert feedback(root, capsys)[1].startswith("1 pages written, 2 as they were: ")


def test_are_all_pages_packed_as_the_lms_knows_them(root, capsys, tmp_path):
    folder = root / "downloaded" / arena.CHAPTER
    folder.mkdir(parents=True)
    (folder / "collected.json").write_text(
        '{"files": {"ann": ["0", "s.zip > ann_LATE_4711_90210_01_rnn.ipynb"]}, "keys": {}}'
    )
    target = tmp_path / "back.zip"
    assert feedback(root, capsys, "--zip", str(target))[0] == 0
    with zipfile.ZipFile(target) as file:
        assert sorted(file.namelist()) == ["ann_LATE_4711_90210_01_rnn.html", "ben/01_rnn.html", "dan/01_rnn.html"]
        assert file.read("ben/01_rnn.html").decode() == page(root, "ben")
    assert feedback(root, capsys, "--zip", str(target))[0] == 2, "what is there is not replaced"


def test_is_feedback_before_grading_one_sentence(tmp_path, capsys):
    root = arena.new_course(tmp_path / "course")
    for more in ((), ("--student", "ann")):
        assert command_line.main(["feedback", arena.CHAPTER, "--course", str(root), *more]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_does_formgrader_open_at_the_paragraph_with_its_rubric(root):
    path = root / "autograded" / "ann" / arena.CHAPTER / f"{arena.CHAPTER}.ipynb"
    question, rubric, paragraph = nbformat.read(path, as_version=4).cells[:3]
    assert question.source.startswith("## In your own words") and paragraph.metadata.nbgrader.grade
    assert "**1 point**" in rubric.source and "A model answer" in rubric.source


def test_does_the_page_of_make_teach_say_what_comes_next(root, capsys):
    assert command_line.main(["next", "--course", str(root)]) == 0
    said = capsys.readouterr().out
    assert "01_rnn: 3 handed in, 3 graded, 2 to settle" in said and f"flags {arena.CHAPTER}" in said
    text = nbformat.read(root / "next.ipynb", as_version=4).cells[0].source
    assert "[Open Formgrader](/formgrader)" in text and "3 handed in" in text
