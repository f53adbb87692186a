"""Does a student learn, before handing in, what the grader will find and which file to give?"""

import json
import sys
import types

import pytest

from autograder import hand_in
from autograder.build import CHAPTERS_FOLDER
from autograder.chapters import CHAPTERS
from autograder.exercises import chapter_exercises, find_exercise
from autograder.handing_in import NoNotebook, look

CHAPTER = "01_rnn"
NAMES = [exercise.name for exercise in chapter_exercises(CHAPTER)]
UNCHECKED = "✓ there is an answer; check has not been run on it"


@pytest.fixture
def notebook():
    """The chapter as students open it."""
    return json.loads((CHAPTERS_FOLDER / CHAPTER / f"{CHAPTER}.ipynb").read_text(encoding="utf-8"))


def answer(notebook, name, source=None):
    cell = next(cell for cell in notebook["cells"] if cell["id"] == name)
    cell["source"] = source or find_exercise(name).source
    return cell


def saved(notebook, tmp_path):
    path = tmp_path / "Copy of 01_rnn (1).ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def test_is_everything_missing_in_an_untouched_notebook(notebook, tmp_path):
    seen = look(CHAPTER, saved(notebook, tmp_path))
    assert [name for name, _ in seen.rows] == [*NAMES, "rnn-in-your-own-words"] == seen.missing
    assert {state for _, state in seen.rows[:-1]} == {"○ its cell is as it was handed out"}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_is_no_untouched_exercise_of_a_chapter_taken_for_an_answer(chapter):
    """One stub may mention another one's name."""
    seen = look(chapter, CHAPTERS_FOLDER / chapter / f"{chapter}.ipynb")
    names = [exercise.name for exercise in chapter_exercises(chapter)]
    assert seen.rows[: len(names)] == tuple((name, "○ its cell is as it was handed out") for name in names)


def test_is_an_answer_found_wherever_it_stands_and_a_broken_one_named(notebook, tmp_path):
    answer(notebook, NAMES[0])
    cell = answer(notebook, NAMES[1])
    cell["metadata"], cell["id"] = {}, "elsewhere"
    answer(notebook, NAMES[2], f"def {NAMES[2]}(:\n    pass")
    answer(notebook, NAMES[3], "print('nothing here')")
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] != NAMES[4]]
    paragraph = next(c for c in notebook["cells"] if c["id"] == "rnn-in-your-own-words")
    paragraph["source"] = " ".join(["The state is a summary."] * 8)
    seen = look(CHAPTER, saved(notebook, tmp_path))
    states = dict(seen.rows)
    assert states[NAMES[0]] == states[NAMES[1]] == UNCHECKED and states["rnn-in-your-own-words"] == "✓ written"
    assert "syntax error in line 1" in states[NAMES[2]]
    assert f"does not define {NAMES[3]}" in states[NAMES[3]]
    assert "there is no cell with it" in states[NAMES[4]]
    assert any("found by its content" in note for note in seen.notes)


def test_is_a_folded_answer_read_like_an_open_one(notebook, tmp_path):
    """As JupyterLab and Colab fold, a title on the first line and the id in the metadata only or not at all."""
    for name in NAMES[:3]:
        cell = answer(notebook, name)
        cell["metadata"] |= {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
    cell["source"] = f"#@title Mine\n{cell['source']}"
    cell = answer(notebook, NAMES[3], f"#@title Mine\n# exercise: {NAMES[3]}\n{find_exercise(NAMES[3]).source}")
    cell["metadata"], cell["id"] = {"cellView": "form"}, "elsewhere"
    seen = look(CHAPTER, saved(notebook, tmp_path))
    assert [state for _, state in seen.rows[:5]] == [UNCHECKED] * 4 + ["○ its cell is as it was handed out"]


def test_does_it_say_which_file_to_hand_in_and_of_when(notebook, tmp_path, capsys, monkeypatch):
    path = saved(notebook, tmp_path)
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    hand_in(CHAPTER)
    said = capsys.readouterr().out
    assert f"To hand in: {path}" in said and "as it was saved at" in said and "Still without an answer" in said


def test_is_a_file_that_cannot_be_found_asked_for(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    hand_in(CHAPTER)
    assert f'hand_in("{CHAPTER}", "the/path/of/{CHAPTER}.ipynb")' in capsys.readouterr().out
    with pytest.raises(NoNotebook, match="There is none at"):
        look(CHAPTER, tmp_path / "gone.ipynb")


def test_is_a_damaged_file_said_to_be_unreadable(tmp_path):
    path = tmp_path / "01_rnn.ipynb"
    path.write_text("not a notebook")
    seen = look(CHAPTER, path)
    assert seen.missing == [CHAPTER] and "not a notebook" in seen.notes[0]


def test_is_the_open_notebook_read_on_colab_where_no_file_is_on_disk(notebook, monkeypatch):
    """`google.colab` is a stand-in that answers the one question asked of it."""
    answer(notebook, NAMES[0])
    colab = types.ModuleType("google.colab")
    colab._message = types.SimpleNamespace(blocking_request=lambda what, timeout_sec: {"ipynb": notebook})
    google = types.ModuleType("google")
    google.colab = colab
    monkeypatch.setitem(sys.modules, "google", google)
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    seen = look(CHAPTER)
    assert "File → Download" in seen.file and seen.rows[0] == (NAMES[0], UNCHECKED)


def checked(notebook, name, points):
    """The check's cell as it stands saved with these points."""
    cell = next(cell for cell in notebook["cells"] if cell["id"] == f"{name}-check")
    value = {"text/plain": [f"{points:g}"]}
    output = {"output_type": "execute_result", "data": value, "metadata": {}, "execution_count": 1}
    zero = {"output_type": "error", "ename": "NoPoints", "evalue": f"{name}: wrong", "traceback": []}
    cell["outputs"] = [output if points else zero]


def test_is_a_notebook_that_the_grader_sees_in_the_same_way_without_a_word(notebook, tmp_path):
    for name in NAMES:
        answer(notebook, name)
        checked(notebook, name, find_exercise(name).points)
    seen = look(CHAPTER, saved(notebook, tmp_path))
    assert seen.notes == () and seen.missing == ["rnn-in-your-own-words"]


def test_is_a_wrong_answer_of_which_check_has_spoken_not_spoken_of_again(notebook, tmp_path):
    answer(notebook, "clip_gradients", "def clip_gradients(gradients, max_norm):\n    return []")
    checked(notebook, "clip_gradients", 0)
    seen = look(CHAPTER, saved(notebook, tmp_path))
    assert seen.notes == ()
    assert dict(seen.rows)["clip_gradients"] == "✓ there is an answer; check last said 0 of 3 points"


def test_is_it_told_where_the_notebook_knew_what_the_file_does_not_say(notebook, tmp_path):
    """A helper that has been deleted since, a module of one's own beside the notebook, one that the grader has not."""
    (tmp_path / "beside_it.py").write_text("import torch\nscale = 1.0\n")
    sources = {
        "rnn_step": find_exercise("rnn_step").source.replace("torch.tanh", "my_tanh"),
        "unroll": "import beside_it\n"
        + find_exercise("unroll").source.replace("states = []", "states = beside_it.made()"),
        "clip_gradients": f"import pytest\n{find_exercise('clip_gradients').source}",
    }
    for name, source in sources.items():
        answer(notebook, name, source)
        checked(notebook, name, 3)
    said = " ".join(look(CHAPTER, saved(notebook, tmp_path)).notes)
    assert "rnn_step: `check` said 3 of 3 points, the grader comes to 0" in said and "my_tanh" in said
    assert "no module beside_it" in said and "unroll: `check` said 3" in said
    assert "no module pytest" in said and "clip_gradients: `check` said 3" in said


def test_is_a_demonstration_not_run_again(notebook, tmp_path):
    answer(notebook, NAMES[0])
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and "nbgrader" not in cell["metadata"]:
            cell["outputs"] = []
    assert look(CHAPTER, saved(notebook, tmp_path)).notes == ()


def test_is_another_chapters_notebook_called_so(notebook, tmp_path):
    seen = look("02_lstm_gru", saved(notebook, tmp_path))
    assert "This is the notebook of 01_rnn, not of 02_lstm_gru." in seen.notes


@pytest.mark.parametrize(
    "text, state",
    [
        ("YOUR ANSWER HERE\n\n" + 6 * "The state is a summary. ", "✓ written"),
        ("One.\nTwo!\n\n- three\n- four, e.g. this\n\nFive? Six", "✓ written"),
        ("The state is a summary.", "✓ written, but only 1 of the 5 sentences asked for"),
        ("![a drawing](attachment:drawing.png)", "✓ written, but only 0 of the 5 sentences asked for"),
        ("", "○ not written"),
        ("YOUR ANSWER HERE", "○ not written"),
        (None, "○ not written: there is no cell with it"),
    ],
)
def test_is_a_paragraph_judged_as_the_grading_does(notebook, tmp_path, text, state):
    cell = next(c for c in notebook["cells"] if c["id"] == "rnn-in-your-own-words")
    if text is None:
        place = notebook["cells"].index(cell)
        del notebook["cells"][place - 1 : place + 1]
    else:
        cell["source"] = text
    assert dict(look(CHAPTER, saved(notebook, tmp_path)).rows)["rnn-in-your-own-words"] == state
