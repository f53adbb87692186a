"""Does the report say what the class did, and nobody's name?"""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from nbgrader.api import Gradebook

from autograder import __main__ as command_line
from autograder.exercises import find_exercise
from autograder.grading.batch import grade_class
from autograder.grading.course import load_course
from autograder.grading.report import anonymous
from tests.attacks import arena

MISTAKE = next(m for m in find_exercise("rnn_step").misconceptions if m.edits)


def mistaken(who):
    source = find_exercise("rnn_step").source
    for old, new in MISTAKE.edits.items():
        source = source.replace(old, new)
    notebook = arena.perfect()
    arena.find_cell(notebook, "rnn_step")["source"] = f"# all mine, {who}\n{source}"
    return notebook


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = arena.new_course(tmp_path_factory.mktemp("report"))
    for student in ("hyewon", "junseo"):
        folder = arena.hand_in(root, student, mistaken(student))
        (folder / "timestamp.txt").write_text("2026-03-02 10:00:00 UTC")
    arena.hand_in(root, "minji", arena.perfect())
    arena.hand_in(root, "seojun", arena.handed_out())
    grade(root)
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        book.add_student("absentee")
    return root


def grade(root):
    with ThreadPoolExecutor(1) as executor:
        grade_class(load_course(root), arena.CHAPTER, executor=executor, progress=False)


def report(root, capsys, *arguments):
    capsys.readouterr()
    assert command_line.main(["report", *arguments, "--course", str(root)]) == 0
    return (root / "report" / f"{arguments[0] if arguments[:1] == (arena.CHAPTER,) else 'course'}.html").read_text(
        "utf-8"
    )


def test_does_it_count_success_and_mistakes_and_say_what_changed(root, capsys):
    text = report(root, capsys, arena.CHAPTER)
    row = re.search(r"<th>rnn_step</th>\s*" + r"<td>(\d)</td>\s*" * 4, text)
    assert row.groups() == ("1", "0", "2", "1") or row.groups() == ("1", "2", "0", "1"), (
        "full, some, none, not attempted"
    )
    assert f"rnn_step: {MISTAKE.name} — 2 of 4" in text.replace("&#39;", "'")
    assert "4 handed in; 4 of them are graded" in text and "This is the first one." in text
    assert "1 of 5 in the class." in text and "The first handed in at 2026-03-02 10:00 UTC" in text
    assert "<p>Nothing.</p>" in report(root, capsys, arena.CHAPTER)
    arena.hand_in(root, "seojun", arena.perfect())
    grade(root)
    assert "full points in unroll: 3 → 4" in report(root, capsys, arena.CHAPTER)


def test_has_every_picture_its_words_and_nobody_a_name(root, capsys):
    text = report(root, capsys)
    pictures = re.findall(r"<img [^>]*>", text)
    assert len(pictures) == 1 and all(
        re.search(r'alt="How many students .*rnn_step: \d full points', p) for p in pictures
    )
    assert not re.search("hyewon|junseo|minji|seojun|absentee", text)
    assert "return torch.tanh" in text, "there is an example"
    assert "absentee" in report(root, capsys, arena.CHAPTER, "--names")


def test_is_an_example_without_comments_and_without_a_name():
    source = 'def f(x):\n    "By Kim Minji."\n    # minji\n    return "a text of somebody, who knows", x'
    assert anonymous(source, "minji") == "def f(x):\n    return ('…', x)"
    assert anonymous("minji = 1", "minji@example.org") == "" == anonymous("def (", "x")


@pytest.mark.parametrize("source", ["f" + ".a" * 2_000, "-" * 4_000 + "1", "(" * 2_000 + ")" * 2_000, "x = 1\n" * 50_000])
def test_is_what_cannot_be_read_no_example(source):
    assert anonymous(source, "minji") == ""


def test_is_a_report_on_nothing_one_sentence(tmp_path, capsys):
    assert command_line.main(["report", "--course", str(arena.new_course(tmp_path / "course"))]) == 2
    assert "nobody has handed in" in capsys.readouterr().err
