"""The builder: identical bytes, stable ids, nothing given away, nobody's work overwritten, pictures folded."""

import ast
import re

import nbformat
import pytest

from autograder import build as builder
from autograder import release
from autograder.build import as_text, build, instructor_notebook, student_notebook
from autograder.cells import MOST_LINES, BuildError
from autograder.chapters import CHAPTERS
from autograder.exercises import chapter_exercises
from autograder.source import free_names, mark_solutions, without_docstrings

DRAWING = {"show", "explorer", "head_view", "model_view"}
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A builder that reads this project's masters (a copy) and writes into a temporary folder."""
    masters = tmp_path / "solutions"
    masters.mkdir()
    for chapter in CHAPTERS:
        (masters / f"{chapter}.py").write_text((builder.MASTERS / f"{chapter}.py").read_text())
    monkeypatch.setattr(builder, "MASTERS", masters)
    monkeypatch.setattr(builder, "CHAPTERS_FOLDER", tmp_path / "chapters")
    monkeypatch.setattr(builder, "SOURCE_FOLDER", tmp_path / "source")
    monkeypatch.setattr(builder, "ROOT", tmp_path)
    monkeypatch.setattr(builder, "repository", lambda: "https://example.org/unrolled")
    return tmp_path


@each_chapter
def test_does_building_twice_give_the_same_bytes(chapter):
    assert as_text(instructor_notebook(chapter)) == as_text(instructor_notebook(chapter))
    assert as_text(student_notebook(chapter)) == as_text(student_notebook(chapter))


def test_is_everything_committed_fresh():
    assert build(list(CHAPTERS), check=True) == []


@pytest.mark.slow
def test_are_the_solved_chapters_made_of_the_masters_and_library_as_they_are():
    assert release.stale(list(CHAPTERS)) == []


@each_chapter
def test_are_ids_stable_when_a_cell_is_inserted_anywhere(chapter, elsewhere):
    before = [cell.id for cell in instructor_notebook(chapter).cells]
    master = builder.MASTERS / f"{chapter}.py"
    cells = master.read_text().split("\n# %%")
    for place in range(3, len(cells), 5):
        added = [*cells[:place], " [markdown]\n# An inserted paragraph.\n", *cells[place:]]
        master.write_text("\n# %%".join(added))
        after = [cell.id for cell in instructor_notebook(chapter).cells]
        assert set(before) <= set(after) and len(after) == len(before) + 1


@each_chapter
def test_are_the_notebooks_valid_and_do_they_carry_schema_3_of_nbgrader(chapter):
    for notebook in (instructor_notebook(chapter), student_notebook(chapter)):
        nbformat.validate(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        graded = [cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata]
        ids = [metadata.grade_id for metadata in graded]
        assert len(ids) == len(set(ids)) and all(metadata.schema_version == 3 for metadata in graded)
    points = {m.grade_id: m.points for m in graded if m.grade}
    for exercise in chapter_exercises(chapter):
        assert points[f"{exercise.name}-check"] == exercise.points


@each_chapter
def test_does_the_student_keep_signature_docstring_and_example_but_not_the_body(chapter):
    cells = {cell.id: cell.source for cell in student_notebook(chapter).cells}
    for exercise in chapter_exercises(chapter):
        cell = cells[exercise.name]
        assert cell.startswith(f"# exercise: {exercise.name}\n")
        assert "raise NotImplementedError()" in cell
        docstring = exercise.reference.__doc__.strip().splitlines()[0]
        assert docstring in cell
        compile(cell, exercise.name, "exec")


@each_chapter
def test_is_there_a_place_to_type_each_prediction_before_the_cell_that_tells(chapter):
    cells = student_notebook(chapter).cells
    asked = [i for i, cell in enumerate(cells) if "**Predict" in cell.source]
    assert asked and all("Your prediction" in cells[i + 1].source and not cells[i + 1].metadata for i in asked)
    assert not any("<details>" in cells[i].source.partition("**Predict")[2] for i in asked), "an answer above its place"
    assert len(release.to_read(chapter).cells) < len(cells) - len(asked), "a solved chapter has nothing to type"


def test_is_a_notebook_that_somebody_worked_in_left_alone_unless_forced(elsewhere):
    build(["01_rnn"])
    path = elsewhere / "chapters" / "01_rnn" / "01_rnn.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == "rnn_step")
    cell.source = cell.source.replace("raise NotImplementedError()", "return my_work")
    nbformat.write(notebook, path)
    master = elsewhere / "solutions" / "01_rnn.py"
    master.write_text(master.read_text().replace("# ## The problem", "# ## The problem again"))
    assert "somebody's work" in build(["01_rnn"])[0]
    assert "my_work" in path.read_text()
    assert build(["01_rnn"], force=True) == []
    assert "my_work" not in path.read_text()


def test_is_an_untouched_notebook_brought_up_to_date(elsewhere):
    build(["01_rnn"])
    master = elsewhere / "solutions" / "01_rnn.py"
    master.write_text(master.read_text().replace("# ## The problem", "# ## The problem again"))
    assert build(["01_rnn"], check=True) == ["chapters/01_rnn/01_rnn.ipynb is not what its master says"]
    assert build(["01_rnn"]) == [] and build(["01_rnn"], check=True) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("check(unroll)", "", "empty cell"),
        ("# would it need?\n", "# would it need?\n#\n# 120, it turns out.\n", "predicted in the cell .* does not end it"),
        ("check(unroll)", "check(rnn_step)", "two cells get the id"),
        ("· 3 points · ~15 min", "· 4 points · ~15 min", "headings promise"),
        ("exercises, 15 points", "exercises, 16 points", "introduction promises 16 points, the exercises give 15"),
        ("# %% setup\n", "# %% setup\nx = 1\n", "more than imports"),
        ("# %% exercise\nfrom unrolled.rnn import unroll\n", "# %%\nx = 1\n", "no cell for unroll"),
        ("# %% exercise\nfrom unrolled.rnn import unroll", "# %% exercize\nfrom unrolled.rnn import unroll", "titled"),
        (
            "sentences = [",
            "x = 1\n" * 41 + "sentences = [",
            "01_rnn: the cell 'predict-the-next-letter-.* has 45 lines",
        ),
        ("# %%\nsentences = [", "# %% picture\nsentences = [", "01_rnn: a picture's cell begins with a comment"),
        (
            "# %%\nsentences = [",
            "# %% picture\n# Only a name\n\n# %%\nsentences = [",
            "comment that names it, then draws",
        ),
        ("from torch import nn\n", "import torch.nn.functional as nn\nimport numpy as F\n", "imported in two ways"),
    ],
)
def test_is_a_master_that_cannot_be_built_refused_with_the_reason(elsewhere, old, new, complaint):
    master = elsewhere / "solutions" / "01_rnn.py"
    text = master.read_text()
    assert old in text
    master.write_text(text.replace(old, new))
    with pytest.raises(BuildError, match=complaint):
        instructor_notebook("01_rnn")


@each_chapter
def test_is_every_cell_that_draws_folded_and_no_other(chapter):
    for notebook in (instructor_notebook(chapter), student_notebook(chapter)):
        code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.id not in ("bootstrap", "setup")]
        own = {cell.id for cell in code if "nbgrader" not in cell.metadata}
        draw = {cell.id for cell in code if cell.id in own and DRAWING & calls(cell.source)}
        assert draw == {cell.id for cell in code if "hide-input" in cell.metadata.get("tags", ())}


@pytest.mark.parametrize("make", [instructor_notebook, student_notebook])
def test_is_a_picture_folded_in_jupyterlab_and_on_colab_and_marked_for_the_site(elsewhere, make):
    write_before(elsewhere, "sentences = [", "# %% picture\n# How a parabola rises\nshow(parabola)\n\n")
    cell = next(cell for cell in make("01_rnn").cells if "show(parabola)" in cell.source)
    assert cell.source == "#@title How a parabola rises\nshow(parabola)"
    assert cell.metadata == {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["hide-input"]}


def test_does_a_picture_stay_folded_in_the_solved_chapter(monkeypatch):
    monkeypatch.setattr(release, "execute", lambda notebook: notebook)
    given, shown = instructor_notebook("01_rnn"), release.solved_notebook("01_rnn")
    pictures = [cell for cell in shown.cells if cell.metadata.get("tags") == ["hide-input"]]
    assert pictures and pictures == [cell for cell in given.cells if "hide-input" in cell.metadata.get("tags", ())]


def test_is_an_open_cell_as_long_as_allowed_and_a_picture_of_any_length(elsewhere):
    long = "# %%\n" + "x = 1\n" * MOST_LINES + "\n# %% picture\n# All of it\n" + "y = 1\n" * 100 + "\n"
    write_before(elsewhere, "sentences = [", long)
    sizes = [len(cell.source.splitlines()) for cell in instructor_notebook("01_rnn").cells]
    assert MOST_LINES in sizes and 101 in sizes


def write_before(elsewhere, cell, text):
    """Put cells in front of the one of chapter 1 that begins so."""
    master = elsewhere / "solutions" / "01_rnn.py"
    assert master.read_text().count(f"# %%\n{cell}") == 1
    master.write_text(master.read_text().replace(f"# %%\n{cell}", f"{text}# %%\n{cell}"))


def calls(source):
    """The names that a cell calls."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {func.id for func in calls if isinstance(func, ast.Name)}


def test_are_methods_marked_one_by_one_in_a_class():
    source = 'class Pair:\n    """Two."""\n\n    def __init__(self):\n        self.a = 1\n\n    def forward(self):\n        """All."""\n        return self.a\n'
    marked = mark_solutions(source.rstrip(), ["forward"])
    assert re.findall(r"BEGIN SOLUTION\n(.*)\n", marked) == ["        return self.a"]
    assert "self.a = 1" in marked.split("### BEGIN")[0]
    with pytest.raises(ValueError, match="backward"):
        mark_solutions(source, ["backward"])


def test_are_free_names_those_that_only_an_import_can_give():
    source = "def f(x: Float[Tensor, 'a b'], n=N) -> Tensor:\n    y = [g(i) for i in range(n)]\n    def g(i): return math.pi\n    return y"
    assert free_names(source) == {"Float", "Tensor", "N", "math"}


def test_do_docstrings_vanish_and_nothing_else():
    source = (
        'class A:\n    "doc"\n    x = 1\n\n    def f(self):\n        """doc\n        more"""\n        return "kept"'
    )
    assert without_docstrings(source) == 'class A:\n    x = 1\n\n    def f(self):\n        return "kept"'


def test_is_an_exercise_that_takes_a_name_from_its_own_chapter_refused(monkeypatch):
    monkeypatch.setattr("autograder.cells.modules_from", lambda chapter: {"torch"})
    with pytest.raises(BuildError, match="needs Tensor of torch, of its own chapter or a later one"):
        instructor_notebook("01_rnn")
