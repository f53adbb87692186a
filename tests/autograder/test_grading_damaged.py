"""Does a submission that something has happened to get the grade that a fair human would give, and a note?"""

import json
from dataclasses import dataclass

import pytest

from autograder.exercises import find_exercise
from autograder.grading.batch import grade_class
from autograder.grading.course import load_course
from tests.attacks import arena

CASES = {}


@dataclass
class Damage:
    make: object
    points: float
    note: str | None
    name: str


def damaged(points=15.0, note=None, name="01_rnn.ipynb"):
    """The decorated function changes a perfect notebook, or returns the file's bytes."""

    def keep(make):
        CASES[make.__name__] = Damage(make, points, note, name)
        return make

    return keep


def code(source, **metadata):
    cell = {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}
    return {**cell, "id": f"new-{abs(hash(source)) % 10**8}"}


def cell(notebook, name="clip_gradients"):
    return arena.find_cell(notebook, name)


def prepend(notebook, text, name="clip_gradients"):
    cell(notebook, name)["source"] = text + cell(notebook, name)["source"]


def as_bytes(notebook):
    return json.dumps(notebook).encode()


@damaged(0, "not a notebook")
def not_json(notebook):
    return b"I have sent you my homework by mail."


@damaged(0, "empty")
def empty(notebook):
    return b""


@damaged(0, "there is no notebook", name="homework.txt")
def no_notebook_at_all(notebook):
    return b"see attachment"


@damaged(0, "not a notebook")
def json_of_another_kind(notebook):
    return b'{"kind": "drive#file", "id": 7}'


@damaged(12, "damaged")
def truncated(notebook):
    text = json.dumps(notebook)
    return text[: text.index("# exercise: clip_gradients") + 100].encode()


@damaged(note="old format")
def format_3(notebook):
    cells = [{**c, "input": c.pop("source")} if c["cell_type"] == "code" else c for c in notebook["cells"]]
    return as_bytes({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]})


@damaged()
def format_4_0_without_cell_ids(notebook):
    notebook["nbformat_minor"] = 0
    for c in notebook["cells"]:
        del c["id"]


@damaged(note="lost its id")
def colab_created_its_cells_anew(notebook):
    for c in notebook["cells"]:
        c["metadata"], c["id"] = {"id": "x8sT"}, "x"


@damaged(note="lost its id")
def neither_ids_nor_comments(notebook):
    for c in notebook["cells"]:
        c["metadata"], c["id"] = {}, None
        c["source"] = "\n".join(line for line in "".join(c["source"]).split("\n") if "# exercise:" not in line)


@damaged(note="cells have its id")
def answer_cell_duplicated(notebook):
    notebook["cells"].append(dict(cell(notebook)))


@damaged(note="cells have its id")
def answer_cell_duplicated_and_the_copy_blank(notebook):
    notebook["cells"].append(dict(cell(arena.handed_out())))


@damaged()
def checks_deleted(notebook):
    notebook["cells"] = [c for c in notebook["cells"] if not str(c["id"]).endswith("-check")]


@damaged(12, "there is no cell with an answer")
def answer_deleted(notebook):
    notebook["cells"].remove(cell(notebook))


@damaged()
def cells_reversed(notebook):
    notebook["cells"].reverse()


@damaged(note="lost its id")
def ids_renamed(notebook):
    cell(notebook)["metadata"]["nbgrader"]["grade_id"] = "my_answer"
    cell(notebook, "my_answer")["id"] = "my-answer"


@damaged()
def wrong_first_and_right_below_in_one_cell(notebook):
    prepend(notebook, "def clip_gradients(gradients, max_norm):\n    return gradients\n\n\n")


@damaged()
def a_scratch_version_further_down(notebook):
    notebook["cells"].append(code("def clip_gradients(gradients, max_norm):\n    return gradients"))


@damaged(note="another cell than its own")
def answered_in_a_cell_of_its_own(notebook):
    notebook["cells"].append(code(arena.RIGHT))
    cell(notebook)["source"] = cell(arena.handed_out())["source"]


@damaged()
def helper_in_a_cell_of_its_own(notebook):
    notebook["cells"].insert(
        2, code("def joint_norm(tensors):\n    return torch.cat([t.flatten() for t in tensors]).norm()")
    )
    cell(notebook)["source"] = (
        "def clip_gradients(gradients, max_norm):\n"
        "    return [g * (max_norm / joint_norm(gradients).clamp(min=max_norm)) for g in gradients]"
    )


@damaged()
def every_cell_folded(notebook):
    helper_in_a_cell_of_its_own(notebook)
    for c in (c for c in notebook["cells"] if c["cell_type"] == "code"):
        c["source"] = f"#@title Mine\n{c['source']}"
        c["metadata"] |= {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["hide-input"]}


@damaged()
def helper_that_comes_later(notebook):
    helper_in_a_cell_of_its_own(notebook)
    notebook["cells"].append(notebook["cells"].pop(2))


@damaged()
def constant_in_another_cell(notebook):
    notebook["cells"].insert(2, code("HALF = 0.5\nPOWER = 2 * HALF"))
    cell(notebook)["source"] = arena.RIGHT.replace("norm =", "norm = POWER *")


@damaged()
def imports_moved_to_the_end(notebook):
    setup = next(c for c in notebook["cells"] if c["id"] == "setup")
    notebook["cells"].remove(setup)
    notebook["cells"].append(code("".join(setup["source"])))


@damaged()
def setup_deleted(notebook):
    notebook["cells"] = [c for c in notebook["cells"] if c["id"] != "setup"]


@damaged()
def own_imports(notebook):
    notebook["cells"].insert(2, code("import torch as th\nfrom math import sqrt as root"))
    cell(notebook)["source"] = (
        "def clip_gradients(gradients, max_norm):\n"
        "    norm = root(sum(float(th.sum(g * g)) for g in gradients))\n"
        "    return [g * min(1.0, max_norm / max(norm, 1e-12)) for g in gradients]"
    )


@damaged(note="Copy of", name="Copy of 01_rnn.ipynb")
def copied_by_colab(notebook):
    pass


@damaged(note="(1)", name="01_rnn (1).ipynb")
def copied_by_the_browser(notebook):
    pass


@damaged(name="01_rnn.ipynb.txt", note="is called")
def saved_with_another_ending(notebook):
    pass


@damaged()
def windows_line_ends(notebook):
    for c in notebook["cells"]:
        c["source"] = "".join(c["source"]).replace("\n", "\r\n")
    return json.dumps(notebook, indent=1).replace("\n", "\r\n").encode()


@damaged(note="byte order mark")
def utf_16(notebook):
    return json.dumps(notebook).encode("utf-16")


@damaged(note="byte order mark")
def utf_8_with_a_mark(notebook):
    return b"\xef\xbb\xbf" + as_bytes(notebook)


@damaged(note="UTF-8")
def latin_1(notebook):
    prepend(notebook, "# für größere Gradienten\n")
    return json.dumps(notebook, ensure_ascii=False).encode("latin-1", errors="replace")


@damaged()
def pip_and_shell_lines(notebook):
    prepend(notebook, "%pip install torch\n!ls -l\nfiles = !ls\n")


@damaged()
def timed_cell(notebook):
    prepend(notebook, "%%time\n")


@damaged()
def much_output(notebook):
    stream = {"output_type": "stream", "name": "stdout", "text": ["step 1: loss 0.5\n"] * 100_000}
    cell(notebook)["outputs"] = [stream]


@damaged()
def leaves_the_kernel(notebook):
    notebook["cells"].insert(2, code("import sys\nexit()\nsys.exit(0)"))
    cell(notebook)["source"] += "\n\nquit()\n"


@damaged()
def warns(notebook):
    cell(notebook)["source"] = arena.RIGHT.replace("norm =", "import warnings; warnings.warn('careful'); norm =")


@damaged()
def draws_figures(notebook):
    notebook["cells"].insert(2, code("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"))
    prepend(notebook, "%matplotlib inline\nimport matplotlib.pyplot as plt\nfigure = plt.figure()\n")


@damaged()
def shows_widgets(notebook):
    slider = "import ipywidgets\n@ipywidgets.interact(x=(0, 1))\ndef explore(x):\n    print(x)"
    notebook["cells"].insert(2, code(slider))


@damaged()
def crashes_in_a_cell_before(notebook):
    notebook["cells"].insert(1, code("1 / 0"))
    notebook["cells"].insert(2, code("this is no Python"))


@damaged()
def tries_it_out_below_the_answer(notebook):
    cell(notebook)["source"] += "\n\nprint(clip_gradients([torch.ones(2)], undefined))\nwhile True:\n    pass\n"


@damaged()
def trains_in_a_cell_of_its_own(notebook):
    notebook["cells"].append(code("for step in range(10**9):\n    loss = step"))


@damaged()
def prints_and_displays_in_the_answer(notebook):
    cell(notebook)["source"] = arena.RIGHT.replace("norm =", "print(gradients); display(max_norm); norm =")


@damaged(note="had become a markdown cell")
def answer_turned_into_text(notebook):
    cell(notebook)["cell_type"] = "markdown"


@damaged(note="had become a raw cell")
def answer_turned_into_raw_text(notebook):
    cell(notebook)["cell_type"] = "raw"


@damaged()
def another_kernel(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "my-env-37", "display_name": "R", "language": "R"}


@damaged(12, None)
def syntax_error_in_one_answer(notebook):
    cell(notebook)["source"] = "def clip_gradients(gradients, max_norm)\n    return gradients"


@damaged()
def written_as_a_lambda(notebook):
    cell(notebook)["source"] = (
        f"{arena.RIGHT.replace('def clip_gradients', 'def clip')}\n"
        "clip_gradients = lambda gradients, max_norm: clip(gradients, max_norm)"
    )


@damaged()
def metadata_of_wrong_types(notebook):
    notebook["metadata"] = None
    notebook["cells"].insert(1, {"cell_type": "code", "source": None, "metadata": [], "outputs": 7})
    notebook["cells"].insert(1, "not a cell")


@damaged()
def future_import(notebook):
    prepend(notebook, "from __future__ import annotations\n")


@damaged()
def not_a_number_in_the_file(notebook):
    notebook["metadata"]["loss"] = float("nan")


@damaged(note="2 notebooks")
def two_notebooks(notebook):
    return as_bytes(notebook), {"old version.ipynb": as_bytes(arena.handed_out())}


@damaged()
def checkpoints_beside_it(notebook):
    return as_bytes(notebook), {".ipynb_checkpoints/01_rnn-checkpoint.ipynb": b"{"}


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    root = arena.new_course(tmp_path_factory.mktemp("damaged"))
    for name, damage in CASES.items():
        notebook = arena.perfect()
        made = damage.make(notebook)
        content, others = made if isinstance(made, tuple) else (made, {})
        folder = arena.hand_in(root, name, as_bytes(notebook) if content is None else content, damage.name)
        for other, text in others.items():
            (folder / other).parent.mkdir(exist_ok=True)
            (folder / other).write_bytes(text)
    graded = grade_class(load_course(root), arena.CHAPTER, jobs=2, progress=False)
    return {record["student"]: record for record in graded}


@pytest.mark.parametrize("name", CASES)
def test_does_it_get_the_grade_that_a_fair_human_would_give(records, name):
    damage, record = CASES[name], records[name]
    assert record["points"] == damage.points, (record["problem"], [v["message"] for v in record["verdicts"]])
    if damage.note:
        assert damage.note in " ".join([record["problem"], *record["repairs"]])


@pytest.mark.parametrize("name", [name for name, damage in CASES.items() if damage.points == 0])
def test_is_what_cannot_be_graded_flagged(records, name):
    assert not records[name]["graded"]
    assert records[name]["problem"].startswith("This submission could not be graded: ")


def test_are_there_at_least_thirty():
    assert len(CASES) >= 30
    assert find_exercise("clip_gradients").points == 3
