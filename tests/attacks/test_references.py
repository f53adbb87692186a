"""Can an answer that is judged beside the library's solution of an earlier exercise find out more than what it does?"""

import contextlib
import dataclasses

import pytest

from autograder.exercises import find_exercise
from autograder.grading.inside.plan import Frame, Program, Rebuilt
from autograder.grading.remote import Remote, Session
from autograder.grading.sandbox import Sandbox
from autograder.grading.walls import FORKS
from autograder.judge import judge

pytestmark = pytest.mark.slow
CHAPTER = "05_self_attention"

#: Runs before all else, and keeps what is compiled, executed or unpacked from then on.
LISTENING = """
import builtins, json, marshal
heard = []
for place, name in ((builtins, "compile"), (builtins, "exec"), (marshal, "loads"), (json, "loads")):
    def listen(*given, before=getattr(place, name), **options):
        result = before(*given, **options)
        heard.extend([*given, result])
        return result
    setattr(place, name, listen)
"""


def spy(answer, inputs):
    """What can be found under the earlier exercise's name, and of its source in all that was compiled or unpacked here."""
    import types

    namespace = answer.__init__.__globals__
    thing = namespace["scaled_dot_product_attention"]
    signature = "".join(["def scaled_dot_product_attention(", "\n    query:"])  # not to find this function itself
    todo, seen, found = [thing, *namespace["heard"]], {}, []
    while todo:
        value = todo.pop()
        if id(value) in seen:
            continue
        seen[id(value)] = value
        if isinstance(value, str) and signature in value:
            found.append("source")
        if isinstance(value, types.CodeType):
            todo += [value.co_names, *value.co_consts]
            if value.co_name == "scaled_dot_product_attention" and "torch" in str(value.co_names):
                found.append("code")
        if isinstance(value, types.FunctionType):
            todo += [value.__code__, value.__doc__, *(cell.cell_contents for cell in value.__closure__ or ())]
        elif isinstance(value, (list, tuple)) and len(value) < 1000:
            todo += value
    torch = __import__("torch")
    x = torch.eye(2)[None]
    return {"result": [sorted(set(found)), thing(x, x, x)[0]]}


@contextlib.contextmanager
def beside(sandbox, cells, forks, name="MultiHeadAttention"):
    exercise = find_exercise(name)
    frame, program = Frame(CHAPTER, (name,), ()), Program(name, mark=len(cells) - 1)
    session = Session(sandbox, frame, seconds=60.0, forks=forks)
    session.plan = Rebuilt(programs={name: program}, cells=tuple(enumerate(cells)))
    list(session.run())
    spying = dataclasses.replace(exercise, probe=spy, seconds=60.0)
    with contextlib.closing(session), contextlib.closing(Remote(session, spying, program)) as answer:
        yield answer


@pytest.fixture(scope="module")
def sandbox():
    with contextlib.closing(Sandbox(CHAPTER, FORKS)) as forks:
        yield forks


CELLS = [
    LISTENING,
    "import math, torch\nfrom torch import Tensor, nn\nfrom jaxtyping import Bool, Float, Int\ndef scaled_dot_product_attention(*given):\n    return given",
    find_exercise("MultiHeadAttention").source,
]


@pytest.mark.parametrize("in_its_process", [False, True])
def test_is_there_no_more_of_the_library_s_solution_than_its_results(sandbox, in_its_process):
    forks = not in_its_process  # else as it would be without the defence
    with beside(sandbox, CELLS, forks) as answer, answer.using({"scaled_dot_product_attention": None}):
        seen = answer.observe(spy, {}, 60.0)
    assert not seen.crash, seen.crash
    found, result = seen.outputs["result"]
    assert bool(found) == in_its_process
    expected = find_exercise("scaled_dot_product_attention").reference(*[result.new_tensor([[[1, 0], [0, 1]]])] * 3)
    assert result.allclose(expected[0])


TAKES_THE_LIBRARY_S = """
from torch import nn
class MultiHeadAttention(nn.Module):
    def __init__(self, *given, **options):
        super().__init__()
    def forward(self, *given, **options):
        {do}
        return scaled_dot_product_attention(*given)
"""

HOSTILE = [
    "import os; os.closerange(3, 64)",
    "link = scaled_dot_product_attention.__closure__; [c.cell_contents.channel.sendall(b'\\xff' * 4096) for c in link if hasattr(c.cell_contents, 'channel')]",
    "[c.cell_contents.ask({'kind': 'call', 'name': '__import__', 'method': '', 'tree': ['plain', [['os'], {}]], 'tensors': [], 'asked': []}) for c in scaled_dot_product_attention.__closure__ if hasattr(c.cell_contents, 'ask')]",
    "[c.cell_contents.ask({'kind': 'call', 'name': 'scaled_dot_product_attention', 'method': '__globals__', 'tree': ['plain', [[], {}]], 'tensors': [], 'asked': []}) for c in scaled_dot_product_attention.__closure__ if hasattr(c.cell_contents, 'ask')]",
    "import torch; scaled_dot_product_attention(*[torch.zeros(1, 100_000, 1)] * 3)",
]


@pytest.mark.parametrize("do", HOSTILE)
def test_does_an_attack_on_the_library_s_process_cost_its_own_points_alone(sandbox, do):
    exercise, name = find_exercise("MultiHeadAttention"), "MultiHeadAttention"
    session, program = Session(sandbox, Frame(CHAPTER, (name,), ()), seconds=5.0), Program(name, mark=1)
    wrong = "def scaled_dot_product_attention(*given):\n    return given"
    session.plan = Rebuilt(programs={name: program}, cells=((0, wrong), (1, TAKES_THE_LIBRARY_S.replace("{do}", do))))
    with contextlib.closing(session):
        list(session.run())
        with contextlib.closing(Remote(session, exercise, program)) as answer:
            assert judge(exercise, answer, 7, allow_library=False, patience=0).points == 0


def test_is_a_right_answer_beside_a_wrong_earlier_one_worth_all_its_points(sandbox):
    exercise, name = find_exercise("MultiHeadAttention"), "MultiHeadAttention"
    session, program = Session(sandbox, Frame(CHAPTER, (name,), ()), seconds=60.0), Program(name, mark=2)
    session.plan = Rebuilt(programs={name: program}, cells=tuple(enumerate(["", *CELLS[1:]])))
    with contextlib.closing(session):
        list(session.run())
        with contextlib.closing(Remote(session, exercise, program)) as answer:
            verdict = judge(exercise, answer, 7, allow_library=False, patience=0)
    assert (verdict.outcome, verdict.carried) == ("correct", ("scaled_dot_product_attention",))
