"""Does an answer get what its check said, however the notebook makes it: in loops, by calls, over several cells?"""

import json

import pytest

from autograder.exercises import find_exercise
from autograder.grading.batch import grade_class
from autograder.grading.course import load_course
from tests.attacks import arena

RIGHT = """def clip_gradients(gradients, max_norm):
    norm = torch.sqrt(sum((g * g).sum() for g in gradients))
    return [g * (max_norm / torch.clamp(norm, min=max_norm)) for g in gradients]
"""
CALLS = """def clip_gradients(gradients, max_norm):
    return [g * (max_norm / {}.clamp(min=max_norm)) for g in gradients]
"""
NORM = "torch.cat([t.flatten() for t in ts]).norm()"
HELPER = f"def joint_norm(ts):\n    return {NORM}\n"
WRONG = "def clip_gradients(gradients, max_norm):\n    return []\n"

#: name: (cells before the answer, the answer, cells between answer and check, cells behind the check, points, note)
CASES = {
    "a_table_filled_in_a_loop": (
        ["power = {}\nfor name in ('two',):\n    power[name] = 0.5"],
        CALLS.format("(sum((g * g).sum() for g in gradients) ** power['two'])"),
    ),
    "a_list_appended_to": (["floors = []\nfloors.append(1.0)"], RIGHT.replace("max_norm /", "floors[0] * max_norm /")),
    "a_list_grown_by_plus_equals": (
        ["floors = []", "floors += [1.0]"],
        RIGHT.replace("max_norm /", "floors[0] * max_norm /"),
    ),
    "a_dict_updated": (["d = dict()\nd.update(a=1.0)"], RIGHT.replace("max_norm /", "d['a'] * max_norm /")),
    "an_object_given_a_field": (
        ["class Settings:\n    pass\n\n\ncfg = Settings()\ncfg.scale = 1.0"],
        RIGHT.replace("max_norm /", "cfg.scale * max_norm /"),
    ),
    "a_method_added_to_a_class": (
        ["class Norm:\n    pass", f"def of(self, ts):\n    return {NORM}\n\n\nNorm.of = of"],
        CALLS.format("Norm().of(gradients)"),
    ),
    "a_class_that_goes_on_in_a_subclass_of_itself": (
        ["class Norm:\n    scale = 1.0", f"class Norm(Norm):\n    def of(self, ts):\n        return self.scale * {NORM}"],
        CALLS.format("Norm().of(gradients)"),
    ),
    "a_method_by_setattr": (
        ["class Norm:\n    pass", f"setattr(Norm, 'of', lambda self, ts: {NORM})"],
        CALLS.format("Norm().of(gradients)"),
    ),
    "a_method_given_to_torch": (
        ["torch.Tensor.squared_sum = lambda self: (self * self).sum()"],
        CALLS.format("torch.sqrt(sum(g.squared_sum() for g in gradients))"),
    ),
    "a_decorator_that_registers": (
        ["known = {}\n\n\ndef register(f):\n    known[f.__name__] = f\n    return f", f"@register\n{HELPER}"],
        CALLS.format("known['joint_norm'](gradients)"),
    ),
    "singledispatch": (
        [
            "from functools import singledispatch\n\n\n@singledispatch\ndef size(x):\n    raise TypeError",
            f"@size.register\ndef _(ts: list):\n    return {NORM}",
        ],
        CALLS.format("size(gradients)"),
    ),
    "a_global_set_by_a_call": (
        ["def setup():\n    global power\n    power = 2.0", "setup()"],
        RIGHT.replace("g * g", "g ** power"),
    ),
    "an_attribute_of_the_function": ([], RIGHT.replace("max_norm /", "clip_gradients.scale * max_norm /") + "clip_gradients.scale = 1.0\n"),
    "a_name_made_by_exec": (["exec('power = 2.0')"], RIGHT.replace("g * g", "g ** power")),
    "a_name_put_into_globals": (["globals()['power'] = 2.0"], RIGHT.replace("g * g", "g ** power")),
    "a_name_bound_by_with_and_try": (
        ["import contextlib\nwith contextlib.nullcontext(2.0) as power:\n    pass\ntry:\n    power\nexcept NameError:\n    power = 3"],
        RIGHT.replace("g * g", "g ** power"),
    ),
    "a_helper_deleted_and_made_again": ([HELPER, "del joint_norm", HELPER], CALLS.format("joint_norm(gradients)")),
    "an_indented_cell": ([], "".join(f"    {line}\n" for line in RIGHT.splitlines())),
    "pasted_prompts": (
        [f">>> def joint_norm(ts):\n...     return {NORM}\n...\n>>> joint_norm([torch.ones(2)])"],
        CALLS.format("joint_norm(gradients)"),
    ),
    "pasted_prompts_of_ipython": (
        [f"In [1]: def joint_norm(ts):\n   ...:     return {NORM}"],
        CALLS.format("joint_norm(gradients)"),
    ),
    "timed_in_its_line": (["%time power = 2.0"], RIGHT.replace("g * g", "g ** power")),
    "timed_cell_with_a_definition": ([f"%%time\n{HELPER}"], CALLS.format("joint_norm(gradients)")),
    "timeit": ([f"{HELPER}\n%timeit -n 5 -r 100000000 joint_norm([torch.ones(2)])"], CALLS.format("joint_norm(gradients)")),
    "captured_cell": ([f"%%capture out\n{HELPER}\nprint(1)"], CALLS.format("joint_norm(gradients)")),
    "help_asked_for": ([f"layers = [1]\nlayers[0]?\ntorch.clamp??\n{HELPER}"], CALLS.format("joint_norm(gradients)")),
    "a_percent_that_continues_a_line": ([], "%matplotlib inline\n" + RIGHT + "\ntitle = ('to %s'\n         % 'max')\n"),
    "commands_of_the_shell": (
        [f"!pip install einops\nfiles = !ls\n%pip install x\n%cd somewhere\n%load_ext autoreload\n%autoreload 2\n{HELPER}"],
        CALLS.format("joint_norm(gradients)"),
    ),
    "a_module_written_and_imported": (
        [f"%%writefile my_tools.py\nimport torch\n\n\n{HELPER}", "import my_tools"],
        CALLS.format("my_tools.joint_norm(gradients)"),
    ),
    "a_script_written_and_run": (
        [f"%%writefile tools.py\nimport torch\n\n\n{HELPER}", "%run tools.py"],
        CALLS.format("joint_norm(gradients)"),
    ),
    "a_file_written_and_read": (
        ["with open('scale.txt', 'w') as f:\n    f.write('1.0')", "scale = float(open('scale.txt').read())"],
        RIGHT.replace("max_norm /", "scale * max_norm /"),
    ),
    "awaited_at_the_top": (
        ["async def later():\n    return 2.0", "power = await later()"],
        RIGHT.replace("g * g", "g ** power"),
    ),
    "the_last_result": (["2.0", "power = _"], RIGHT.replace("g * g", "g ** power")),
    "get_ipython": (
        ["ip = get_ipython()\nip.run_line_magic('matplotlib', 'inline')\nfrom IPython import get_ipython as g\ng().run_cell('power = 2.0')"],
        RIGHT.replace("g * g", "g ** power"),
    ),
    "displays_widgets_and_progress": (
        [
            "from IPython.display import HTML, Markdown, clear_output, display\ndisplay(HTML('<b>x</b>'), Markdown('y'))\nclear_output()",
            f"import ipywidgets as widgets\nfrom tqdm.auto import trange\nfrom tqdm.notebook import tqdm\nslider = widgets.IntSlider()\n"
            f"display(slider)\nfor _ in tqdm(range(3)):\n    pass\nfor _ in trange(2):\n    pass\n{HELPER}",
        ],
        CALLS.format("joint_norm(list(tqdm(gradients)))"),
    ),
    "a_helper_in_the_cell_of_the_check": ([], CALLS.format("joint_norm(gradients)"), [], [], 15, "", HELPER),
    "a_second_attempt_below_the_first": ([], WRONG, [RIGHT], [], 15, "another cell than its own"),
    "a_first_attempt_below_the_second": ([], RIGHT, [WRONG], [], 12, "another cell than its own"),
    "right_and_undone_by_a_later_cell": ([], RIGHT, ["old = clip_gradients\nclip_gradients = lambda gradients, max_norm: []"], [], 12),
    "another_exercise_takes_the_name_of_its_helper_later": (
        [HELPER],
        CALLS.format("joint_norm(gradients)"),
        [],
        ["def joint_norm(ts):\n    return None"],
    ),
    "only_right_with_a_helper_below_its_check": ([], CALLS.format("joint_norm(gradients)"), [], [HELPER], 15, "below its check"),
    "a_setup_with_lines_of_ones_own": ([], RIGHT.replace("g * g", "g ** power"), [], [], 15, "", "", "power = 2.0"),
    "a_cell_that_never_ends": ([f"{HELPER}\nwhile True:\n    try:\n        pass\n    except Exception:\n        pass"], CALLS.format("joint_norm(gradients)"), [], [], 15, "TimeLimit"),
    "a_cell_that_ends_its_process": (["import os\nos._exit(3)"], RIGHT, [], [], 15, "ProcessEnded"),
    "a_cell_that_needs_what_a_demonstration_makes": (["print(village_corpus_of_the_demo)"], RIGHT, [], [], 15, "NameError"),
    "a_module_that_is_not_there": (["import tokenizers"], CALLS.format("tokenizers.joint_norm(gradients)"), [], [], 12, "tokenizers"),
    "a_module_of_the_standard_library": (["import math as m"], RIGHT.replace("g * g", "g ** m.sqrt(4)")),
    "pandas": (["import pandas as pd\nframe = pd.DataFrame({'power': [2.0]})"], RIGHT.replace("g * g", "g ** frame.power[0]")),
    "a_scratch_cell_with_what_is_forbidden": (["from torch.nn.utils import clip_grad_norm_\nclip_grad_norm_([torch.nn.Parameter(torch.ones(2))], 1.0)"], RIGHT),
    "solved_and_check_called": (["step = solved('rnn_step') if 'rnn_step' in globals() else None\nprogress('01_rnn')"], RIGHT + "\ncheck(clip_gradients)\n"),
    "a_syntax_newer_than_the_graders": ([], RIGHT + "\ntype Gradients = list\n", [], [], 12, "newer"),
    "a_helper_newer_than_the_graders": (["def joint_norm[T](ts: list[T]):\n    return torch.cat([t.flatten() for t in ts]).norm()"], CALLS.format("joint_norm(gradients)"), [], [], 12, "newer"),
}  # fmt: skip
UNGRADED = {"a_syntax_newer_than_the_graders", "a_helper_newer_than_the_graders"}


def code(source):
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
    return {**cell, "id": f"new-{abs(hash(source)) % 10**8}"}


def submission(before, answer, between=(), behind=(), points=15, note="", in_check="", in_setup=""):
    """A perfect notebook, but for what the case says of `clip_gradients`."""
    notebook = arena.perfect()
    cells, cell = notebook["cells"], arena.find_cell(notebook, "clip_gradients")
    check = arena.find_cell(notebook, "clip_gradients-check")
    cell["source"] = answer
    check["source"] = f"{in_check}\n\n{check['source']}".strip() if in_check else check["source"]
    if in_setup:
        setup = next(cell for cell in cells if cell["id"] == "setup")
        setup["source"] = f"{setup['source']}\n{in_setup}"
    place = cells.index(cell)
    cells[place:place] = map(code, before)
    place = cells.index(check)
    cells[place:place] = map(code, between)
    place = cells.index(check) + 1
    cells[place:place] = map(code, behind)
    return notebook


def note_of(case):
    return case[5] if len(case) > 5 else ""


def points_of(case):
    return case[4] if len(case) > 4 else 15


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    root = arena.new_course(tmp_path_factory.mktemp("cells"))
    for name, case in CASES.items():
        arena.hand_in(root, name, submission(*case))
    graded = grade_class(load_course(root), arena.CHAPTER, jobs=2, most_seconds=4.0, progress=False)
    return {record["student"]: record for record in graded}


@pytest.mark.parametrize("name", CASES)
def test_does_it_get_what_its_check_said(records, name):
    case, record = CASES[name], records[name]
    said = json.dumps(record, ensure_ascii=False)
    assert record["points"] == points_of(case), said
    assert note_of(case) in said
    assert record["graded"] == (name not in UNGRADED)


def test_is_what_cannot_be_judged_flagged_and_not_called_wrong(records):
    for name in UNGRADED:
        assert "clip_gradients" not in {verdict["exercise"] for verdict in records[name]["verdicts"]}
        assert any("newer" in flag for flag in records[name]["flags"])


def test_would_the_right_answers_be_right_in_a_notebook():
    """The cases are what they say: right, as Python reads them without any of ours."""
    for source in (RIGHT, HELPER + CALLS.format("joint_norm(gradients)")):
        namespace = {}
        exec(f"import torch\n{source}", namespace)
        from autograder.judge import judge

        assert judge(find_exercise("clip_gradients"), namespace["clip_gradients"]).points == 3
