"""Is the same answer judged once, and another one always?"""

import ast
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograder.exercises import all_exercises, find_exercise
from autograder.grading import batch, sandbox, submission, walls
from autograder.grading.batch import grade_class
from autograder.grading.course import load_course
from autograder.grading.inside.plain import is_plain, is_tidy
from autograder.grading.inside.source import said
from tests.attacks import arena

STEP = find_exercise("rnn_step").source
CALLS_A_HELPER = "def clip_gradients(gradients, max_norm):\n    return clipped(gradients, max_norm)\n"
CALLS_WHAT_IT_FINDS = CALLS_A_HELPER.replace("clipped(", 'globals()["clipped"](')
HELPER = """def clipped(gradients, max_norm):
    norm = torch.sqrt(sum((g**2).sum() for g in gradients))
    return [g * (max_norm / norm.clamp(min=max_norm)) for g in gradients]
"""
WRONG_HELPER = arena.WRONG.replace("def clip_gradients", "def clipped")


@pytest.fixture(scope="module", autouse=True)
def one_sandbox_for_all():
    """The sandbox stays warm from one test to the next."""
    forget = batch.forget_sandbox
    batch.forget_sandbox = lambda chapter, mode: None
    yield
    batch.forget_sandbox = forget
    sandbox.forget_sandbox(arena.CHAPTER, walls.FORKS)


@pytest.fixture
def judged(monkeypatch):
    """The answers that are judged, rather than known: students and exercises."""
    found, judge_program = [], submission.judge_program

    def counted(order, exercise, together, program, graded):
        if not program.blank:
            found.append((order.student, exercise.name))
        return judge_program(order, exercise, together, program, graded)

    monkeypatch.setattr(submission, "judge_program", counted)
    return found


def notebook(clip=arena.RIGHT, cells=(), at=None, **answers):
    """A submission with an answer to `clip_gradients`, and cells in front of its own (or of another)."""
    made = arena.answered(clip_gradients=clip, **answers)
    place = made["cells"].index(arena.find_cell(made, at or "clip_gradients"))
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    made["cells"][place:place] = [{**code, "id": f"own-{n}", "source": source} for n, source in enumerate(cells)]
    return made


def graded(root, **options):
    with ThreadPoolExecutor(1) as executor:
        records = grade_class(load_course(root), arena.CHAPTER, executor=executor, progress=False, **options)
    return {record["student"]: record for record in records}


def new_class(root, **notebooks):
    arena.new_course(root)
    for student, made in notebooks.items():
        arena.hand_in(root, student, made)
    return root


def entry(record, name="clip_gradients"):
    return next(found for found in record["verdicts"] if found["exercise"] == name)


SAME = {
    "the whole notebook": (arena.perfect(), arena.perfect()),
    "another answer beside it": (notebook(), notebook(rnn_step=STEP)),
    "a helper in another place": (notebook(CALLS_A_HELPER, [HELPER]), notebook(CALLS_A_HELPER, [HELPER], at="rnn_step")),
    "a constant that it does not read": (notebook(), notebook(cells=["SEED = 3"])),
    "a wrong one": (notebook(arena.WRONG), notebook(arena.WRONG, rnn_step=STEP)),
    "one that stops": (notebook("def clip_gradients(a, b):\n    return a[99]"),) * 2,
    "a notebook in which more runs": (notebook(cells=["print(1)"]), notebook(cells=["print(1)"])),
}


@pytest.mark.parametrize("name", SAME)
def test_is_the_same_answer_judged_once(name, tmp_path, judged):
    first, second = SAME[name]
    records = graded(new_class(tmp_path, ann=first, ben=second))
    assert judged.count(("ann", "clip_gradients")) == 1 and ("ben", "clip_gradients") not in judged
    assert entry(records["ben"]) == entry(records["ann"])


OTHER = {
    "another answer": (notebook(), notebook(arena.WRONG), 3, 0),
    "another helper": (notebook(CALLS_A_HELPER, [HELPER]), notebook(CALLS_A_HELPER, [WRONG_HELPER]), 3, 0),
    "a helper of another one's": (
        notebook(CALLS_A_HELPER, rnn_step=f"{STEP}\n\n{HELPER}"),
        notebook(CALLS_A_HELPER, rnn_step=f"{STEP}\n\n{WRONG_HELPER}"),
        *(3, 0),
    ),
    "another helper that it finds": (
        notebook(CALLS_WHAT_IT_FINDS, [HELPER]),
        notebook(CALLS_WHAT_IT_FINDS, [WRONG_HELPER]),
        *(3, 0),
    ),
    "a helper of the same name as a built-in function": (
        notebook(CALLS_A_HELPER.replace("clipped", "filter"), [HELPER.replace("clipped", "filter")]),
        notebook(CALLS_A_HELPER.replace("clipped", "filter")),
        *(3, 0),
    ),
    "a cell that changes torch": (notebook(), notebook(cells=["torch.cat = lambda *_: None", "torch.stack = torch.cat"]), 3, 3),
    "a cell that changes the helper": (
        notebook(CALLS_A_HELPER, [HELPER]),
        notebook(CALLS_A_HELPER, [HELPER, "globals()['clipped'] = lambda *_: []"]),
        *(3, 0),
    ),
    "magic": (notebook(CALLS_A_HELPER, [HELPER]), notebook(CALLS_A_HELPER, [f"%%time\n{WRONG_HELPER}"]), 3, 0),
    "a module that a cell writes": (
        notebook(f"from clipping import clipped\n{CALLS_A_HELPER}", [f"%%writefile clipping.py\nimport torch\n{HELPER}"]),
        notebook(f"from clipping import clipped\n{CALLS_A_HELPER}", [f"%%writefile clipping.py\n{WRONG_HELPER}"]),
        *(3, 0),
    ),
    "a default that is made when it is defined": (
        notebook(CALLS_A_HELPER.replace("max_norm)", "max_norm, clipped=clipped)", 1), [HELPER]),
        notebook(CALLS_A_HELPER.replace("max_norm)", "max_norm, clipped=clipped)", 1), [WRONG_HELPER]),
        *(3, 0),
    ),
}


@pytest.mark.parametrize("name", OTHER)
def test_is_another_answer_judged_anew(name, tmp_path, judged):
    first, second, one, two = OTHER[name]
    records = graded(new_class(tmp_path, ann=first, ben=second))
    assert ("ben", "clip_gradients") in judged
    assert (entry(records["ann"])["points"], entry(records["ben"])["points"]) == (one, two)


SPOILING = {
    "when it is defined": "def never(x: torch.nn.Module.__setattr__(torch, 'ones_like', None) = None): pass",
    "when its class is made": "class Spoils:\n    torch.Tensor.norm = None",
    "when its base is told": "class Tells:\n    def __init_subclass__(cls):\n        torch.sqrt = None\nclass Told(Tells): pass",
    "when it is called": "def rnn_step(*_, **__):\n    t = torch\n    t.sqrt = t.stack = t.cat = t.Tensor.norm = None",
}


@pytest.mark.parametrize("name", SPOILING)
def test_spoils_nobody_the_same_answer_of_others(name, tmp_path, judged):
    spoiler = notebook(rnn_step=SPOILING[name])
    records = graded(new_class(tmp_path, eve=spoiler, zoe=notebook()))
    assert entry(records["zoe"])["points"] == 3


def test_are_verdicts_kept_from_one_grading_to_the_next(tmp_path, judged):
    root = new_class(tmp_path, ann=arena.perfect())
    graded(root)
    assert judged
    judged.clear()
    arena.hand_in(root, "ben", arena.perfect())
    records = graded(root)
    assert not judged and records["ben"]["points"] == 15
    graded(root, again=True)
    assert len(judged) == 5  # once for both


@pytest.mark.parametrize("change", ["seed", "limit", "code", "damage"])
def test_is_all_judged_anew_when_what_all_depends_on_is_another(tmp_path, judged, monkeypatch, change):
    root, options = new_class(tmp_path, ann=notebook(), ben=notebook()), {}
    graded(root)
    judged.clear()
    arena.hand_in(root, "cleo", notebook())
    if change == "seed":
        (root / "secrets" / f"{arena.CHAPTER}.seed").write_text("99")
    elif change == "limit":
        options["most_seconds"] = 9.0
    elif change == "code":
        monkeypatch.setattr(submission, "code", lambda: "other")
    else:
        load_course(root).known_path(arena.CHAPTER).write_bytes(b"no table")
    records = graded(root, **options)
    assert ("cleo" if change != "seed" else "ann", "clip_gradients") in judged
    assert {entry(record)["points"] for record in records.values()} == {3}


def test_is_what_may_come_out_otherwise_not_kept(tmp_path, judged):
    endless = "def clip_gradients(gradients, max_norm):\n    while True: pass"
    dies = "def clip_gradients(gradients, max_norm):\n    import os\n    os._exit(1)"
    own = "class Own(Exception): pass\n\ndef clip_gradients(gradients, max_norm):\n    raise Own"
    kinds = {"endless": endless, "dies": dies, "own": own}
    class_ = {f"{student}_{name}": notebook(answer) for name, answer in kinds.items() for student in ("ann", "ben")}
    records = graded(new_class(tmp_path, **class_), most_seconds=0.5)
    assert {student for student, _ in judged} == set(class_)
    assert not any(record["points"] for record in records.values())


PLAIN = [
    "def f(x: torch.Tensor, n: int = 3, scale=-0.5, kind=torch.float32) -> list[int]: return x",
    "class A(torch.nn.Module):\n    size = 3\n    def __init__(self): self.x = self._y = 1\n    @property\n    def p(self): return 1",
    "import torch.nn.functional as F",
    "from collections import Counter",
    "MOST: int = 3",
    "SIZES = (2, 3)",
    "'''Said.'''",
]
NOT_PLAIN = [
    "def f(x=[]): return x",
    "def f(x=print()): return x",
    "def f(x: print()): return x",
    "@decorated\ndef f(x): return x",
    "class A(metaclass=M): pass",
    "class A(make()): pass",
    "class A:\n    x = print()",
    "class A:\n    x = []",
    "class A:\n    def __init_subclass__(cls): pass",
    "class A:\n    def __class_getitem__(cls, x): pass",
    "class A:\n    for x in (): pass",
    "x = []",
    "x = f(1)",
    "torch.x = 3",
    "TABLE[3] = 4",
    "x, y = 1, 2",
    "LIMIT, = 1,",
    "x = y = 1",
    "x += 1",
    "f(1)",
    "x",
    "del x",
    "if True: x = 1",
    "import os",
    "import torch.testing",
    "from torch import sys",
    "from torch import _C",
    "from math import *",
    "from . import x",
    "from __future__ import annotations",
    "def f(x): return globals()",
    "def f(x): return getattr(x, 'y')",
    "def f(x): return x.__globals__",
    "def f(x): return self.__dict__",
    "def f(x): return torch.sys",
    "def f(x): return x.gi_frame",
    "def f(x): return '{0.__class__}'.format(x)",
    "def f(x): import os",
    "def f(x):\n    global y\n    y = x",
    "def f(x): torch.x = x",
    "def f(x): TABLE[x] = x",
    "def f(x): torch.manual_seed(x)",
    "def f(x): torch.set_default_dtype(x)",
]


@pytest.mark.parametrize("code", PLAIN)
def test_is_it_seen_that_a_statement_does_no_more_than_it_shows(code):
    (statement,) = said(code).statements
    assert is_plain(statement.tree, statement.mentions)


@pytest.mark.parametrize("code", NOT_PLAIN)
def test_is_a_statement_that_may_do_more_not_taken_for_plain(code):
    tree = ast.parse(code).body[0]
    mentions = frozenset({"torch", "TABLE", "f", "x"})
    assert not is_plain(tree, mentions)


def test_are_right_answers_plain():
    statements = {e.name: said(e.source).statements for e in all_exercises()}
    plain = {name for name, its in statements.items() if all(is_plain(s.tree, s.mentions) for s in its)}
    assert len(plain) > 0.9 * len(statements)
    assert not is_tidy(ast.parse("def f(x): x.y = 3").body[0]) and is_tidy(ast.parse("def f(x): x[0] = 3").body[0])


def test_is_a_kept_verdict_the_one_that_judging_gives(tmp_path):
    """The records of a class with repeats are those of each student graded alone."""
    wrong = [STEP.replace("torch.tanh", "torch.sigmoid"), STEP.replace("+ b_hh", "")]
    steps = [STEP, wrong[0], STEP, wrong[1], wrong[0]]
    class_ = {f"s{n}": notebook(arena.WRONG if n % 2 else arena.RIGHT, rnn_step=step) for n, step in enumerate(steps)}
    together = graded(new_class(tmp_path / "together", **class_))
    seed = (tmp_path / "together" / "secrets" / f"{arena.CHAPTER}.seed").read_text()
    for student, made in class_.items():
        root = new_class(tmp_path / student, **{student: made})
        (root / "secrets").mkdir()
        (root / "secrets" / f"{arena.CHAPTER}.seed").write_text(seed)
        alone = graded(root)[student]
        assert json.dumps(alone["verdicts"]) == json.dumps(together[student]["verdicts"])
