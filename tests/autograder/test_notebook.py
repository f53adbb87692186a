"""What a student meets in a notebook: check, solved, progress, start."""

import json
import re

import pytest
from IPython.core.formatters import DisplayFormatter

import autograder
from autograder.build import CHAPTERS_FOLDER
from autograder.exercises import find_exercise
from autograder.feedback import as_html, as_text, prose
from autograder.judge import judge
from autograder.notebook import NoPoints, edition_of
from autograder.progress import progress_file, read_progress


def run(source, **names):
    """Run a cell in a namespace like a notebook's."""
    namespace = {"__name__": "__main__", **vars(autograder), **names}
    exec(compile(source, "<cell>", "exec"), namespace)
    return namespace


def test_does_check_return_the_points_and_print_as_the_number_that_nbgrader_reads():
    namespace = run("from unrolled.rnn import unroll\npoints = check(unroll)")
    assert namespace["points"] == 3 and float(repr(namespace["points"])) == 3


def test_does_check_raise_only_at_zero_points(capsys):
    with pytest.raises(NoPoints, match="0 of 3 points"):
        run("def unroll(step, inputs, state): return inputs, state\ncheck(unroll)")
    half = "import torch\ndef rnn_step(x, h, w_ih, b_ih, w_hh, b_hh): return torch.tanh(x @ w_ih.T + b_ih + b_hh)\n"
    assert run(half + "points = check(rnn_step)")["points"] == 1


def test_is_the_value_of_a_check_a_number_for_nbgrader_and_nothing_to_see():
    namespace = run("from unrolled.rnn import unroll\npoints = check(unroll)")
    data, _ = DisplayFormatter().format(namespace["points"])
    assert data == {"text/plain": "3", "text/html": ""}


def test_is_the_case_shown_when_asked_for(capsys):
    wrong = "import torch\ndef rnn_step(x, h, w_ih, b_ih, w_hh, b_hh): return torch.cos(x @ w_ih.T)\n"
    for call, shown in (("check(rnn_step)", False), ("check(rnn_step, show=True)", True)):
        with pytest.raises(NoPoints):
            run(wrong + call)
        said = capsys.readouterr().out
        assert ("w_hh = float32 of shape (7, 7): [[" in said) is shown
    verdict = judge(find_exercise("decode"), lambda *args, **kwargs: "no")
    assert "Tried with" in verdict.message or "show=True" in verdict.message


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("check('unroll')", "without quotes: check(unroll)"),
        ("check('unrol')", "'unrol' is not the name of an exercise"),
        ("check(3)", "write its name alone, check("),
        ("check(print)", "print is not the name of an exercise"),
    ],
)
def test_is_what_to_write_said_where_check_is_given_something_else(call, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        run(call)


def test_are_stars_and_backticks_of_a_message_rendered():
    message = "After the norm the *mean* of the squares is **1**: `a * b`, 2 * 3 * 4 and x**2."
    assert prose(message) == (
        "After the norm the <em>mean</em> of the squares is <strong>1</strong>: <code>a * b</code>, 2 * 3 * 4 and x**2."
    )


def test_has_a_row_no_cross_where_nothing_was_tried():
    exercise = find_exercise("rnn_step")
    assert "✗" not in as_html(judge(exercise, None)) and "✗" in as_html(judge(exercise, lambda **inputs: 1))


def test_is_a_name_that_does_not_exist_not_attempted_with_the_reason(capsys):
    with pytest.raises(NoPoints):
        run(f"start('01_rnn', edition='{edition_of('01_rnn')}')\ncheck(rnn_step)")
    said = capsys.readouterr().out
    assert "not attempted" in said and "syntax error" in said


def test_does_starting_again_leave_an_answer_alone():
    cell = f"def unroll(): return 'mine'\nstart('01_rnn', edition='{edition_of('01_rnn')}')\nassert unroll() == 'mine'"
    run(cell)


def test_is_another_edition_said_with_what_to_update(capsys):
    run("start('01_rnn', edition='00000000')")
    said = capsys.readouterr().out
    assert "00000000" in said and edition_of("01_rnn") in said and "answers are safe" in said


def test_does_solved_give_the_students_answer_only_when_it_is_right(capsys):
    right = "import torch.nn.functional as F, torch\ndef rnn_step(x, h, w, b, u, c): return F.linear(x, w)"
    reference = find_exercise("rnn_step").reference
    assert run(f"{right}\nstep = solved('rnn_step')")["step"] is reference
    assert "the library's" in capsys.readouterr().out
    mine = "import torch\ndef rnn_step(x, h, w_ih, b_ih, w_hh, b_hh): return torch.tanh(x@w_ih.T+b_ih+h@w_hh.T+b_hh)"
    namespace = run(f"{mine}\nstep = solved('rnn_step')")
    assert namespace["step"] is namespace["rnn_step"]
    assert "your rnn_step" in capsys.readouterr().out
    with pytest.raises(ValueError, match="rnn_stepp"):
        run("solved('rnn_stepp')")


def test_must_each_exercise_have_an_answer_of_its_own():
    with pytest.raises(ValueError, match="under the names"):
        run("def unroll(): pass\nrnn_step = unroll\ncheck(rnn_step)")


def test_is_progress_kept_counted_and_shown(capsys):
    progress_file().unlink(missing_ok=True)
    run("from unrolled.rnn import unroll\ncheck(unroll)\ncheck(unroll)\nprogress('01_rnn')\nprogress()")
    assert read_progress()["unroll"] == {"outcome": "correct", "points": 3, "attempts": 2}
    said = capsys.readouterr().out
    assert "3 of 15 points" in said and "1 of 5 right" in said


def test_is_an_unreadable_progress_file_kept_aside():
    file = progress_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{ broken")
    run("from unrolled.rnn import unroll\ncheck(unroll)")
    assert json.loads(file.read_text())["unroll"]["points"] == 3
    assert file.with_suffix(".unreadable.json").read_text() == "{ broken"


@pytest.fixture
def two_copies(tmp_path, monkeypatch):
    """Two copies of the course on one account, with the notebook as handed out, and what an earlier version kept."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("one", "two"):
        folder = tmp_path / name / "course" / "chapters" / "01_rnn"
        folder.mkdir(parents=True)
        (folder.parent / "index.ipynb").touch()
        (folder / "01_rnn.ipynb").write_bytes((CHAPTERS_FOLDER / "01_rnn" / "01_rnn.ipynb").read_bytes())
    earlier = {"outcome": "correct", "points": 3, "attempts": 5}
    (tmp_path / "data" / "unrolled").mkdir(parents=True)
    (tmp_path / "data" / "unrolled" / "progress.json").write_text(json.dumps({"softmax": earlier}))
    return [tmp_path / name / "course" / "chapters" / "01_rnn" for name in ("one", "two")]


def test_has_each_copy_of_the_course_its_own_progress_and_is_nothing_lost(two_copies, monkeypatch, capsys):
    first, second = two_copies
    monkeypatch.chdir(first)
    run("from unrolled.rnn import unroll\ncheck(unroll)")
    kept = read_progress()
    assert {name: record["attempts"] for name, record in kept.items()} == {"softmax": 5, "unroll": 1}
    monkeypatch.chdir(second)
    assert read_progress() == {}
    monkeypatch.chdir(first.parent)  # from another chapter, or from the index
    assert read_progress() == kept


def test_is_it_said_where_the_record_and_the_notebooks_file_disagree(two_copies, monkeypatch, capsys):
    path = two_copies[0] / "01_rnn.ipynb"
    monkeypatch.chdir(path.parent)
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    run("from unrolled.rnn import unroll\ncheck(unroll)\nprogress('01_rnn')")
    assert "unroll: the record of this copy of the course has 3 of 3 points; in the notebook's file" in capsys.readouterr().out
    notebook = json.loads(path.read_text())
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    cells["unroll"]["source"] = find_exercise("unroll").source
    for shown, said in (("0", True), ("3", False)):
        value = {"output_type": "execute_result", "data": {"text/plain": shown}, "metadata": {}, "execution_count": 1}
        cells["unroll-check"]["outputs"] = [value]
        path.write_text(json.dumps(notebook))
        run("progress('01_rnn')")
        assert ("3 of 3 points, the notebook's file 0." in capsys.readouterr().out) == said


def test_is_it_said_once_a_name_with_which_answer_one_goes_on(capsys):
    wrong = "import torch\ndef rnn_step(x, h, w_ih, b_ih, w_hh, b_hh): return torch.tanh(x@w_ih.T+b_ih)"
    right = wrong.replace("+b_ih)", "+b_ih+h@w_hh.T+b_hh)")
    again = "\nstep = solved('rnn_step')" * 3
    run(f"{wrong}{again}\n{right}{again}")
    said = [line for line in capsys.readouterr().out.splitlines() if "Going on" in line]
    assert len(said) == 2 and "library's rnn_step" in said[0] and "your rnn_step" in said[1]


def test_is_what_a_students_code_says_escaped_in_html():
    exercise = find_exercise("unroll")
    verdict = judge(exercise, exercise.execute("def unroll(*args): raise ValueError('<script>alert(1)</script>')"))
    assert "<script>" not in as_html(verdict) and "&lt;script&gt;" in as_html(verdict)


def test_is_meaning_never_carried_by_colour_alone():
    exercise = find_exercise("unroll")
    for wrong in exercise.misconceptions[:3]:
        verdict = judge(exercise, exercise.variant(wrong))
        assert verdict.outcome in as_html(verdict) and verdict.outcome in as_text(verdict)
        assert "<caption" in as_html(verdict) and 'scope="row"' in as_html(verdict)
