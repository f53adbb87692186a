"""Is the sandbox as bare as it should be, in every way that a machine may allow?"""

import ast
import contextlib
import dataclasses
import inspect
import os
import sys
import time
from pathlib import Path

import pytest

from autograder.chapters import CHAPTERS, modules_from
from autograder.exercises import all_exercises, find_exercise
from autograder.grading import mounts
from autograder.grading.inside.plan import Frame, Program, Rebuilt
from autograder.grading.remote import Remote, Session, reference_source
from autograder.grading.sandbox import Limits, Sandbox
from autograder.grading.walls import ALONE, FORKS, OPEN
from autograder.judge import judge
from tests.attacks.arena import processes_below

CHAPTER = "01_rnn"


@pytest.fixture(scope="module")
def forks():
    with contextlib.closing(Sandbox(CHAPTER, FORKS)) as sandbox:
        yield sandbox


@contextlib.contextmanager
def answering(sandbox, exercise, source, name="clip_gradients"):
    """A stand-in for an answer that has one cell."""
    session, program = Session(sandbox, Frame(CHAPTER, (name,), ())), Program(name, mark=0)
    session.plan = Rebuilt(programs={name: program}, cells=((0, source),))
    with contextlib.closing(session), contextlib.closing(Remote(session, exercise, program)) as answer:
        yield answer


def tell(sandbox, expression, **options):
    """What an expression says inside."""
    source = f"def told(question):\n    import os, sys\n    return {expression}"
    probe = {"name": "ask", "source": "def ask(answer, inputs):\n    return answer(inputs)"}
    soon = time.monotonic() + 60
    with contextlib.closing(sandbox.process(Limits(**options))) as process:
        process.request(soon, "begin", [], [], [])
        process.request(soon, "run", 0, source, 10.0, 10.0)
        process.request(soon, "ask", "told", probe, {}, {})
        reply = process.request(soon, "observe", None, None, 10.0, 10.0)
    return reply.get("outputs", reply.get("crash"))


def test_does_only_the_allowed_exist(forks):
    top = set(tell(forks, "os.listdir('/')"))
    assert top <= {"course", "dev", "etc", "lib", "lib64", "packages", "proc", "sys", "tmp", "usr"} | {
        Path(mounts.executable()).parts[1],
        Path(mounts.sysconfig.get_paths()["stdlib"]).parts[1],
    }
    assert set(tell(forks, "os.listdir('/dev')")) == {"null", "zero", "full", "random", "urandom"}
    assert set(tell(forks, "os.listdir('/course/autograder')")) == {"forbid.py", "probes.py", "watch.py", "grading"}
    assert tell(forks, "os.listdir('/proc')") == tell(forks, "os.listdir('/tmp')") == []
    assert not {"nbgrader", "transformers", "autograder", "unrolled", "pytest"} & set(
        tell(forks, "os.listdir('/packages')")
    )


def test_is_nothing_writable_but_its_own_folder(forks):
    writable = (
        "[p for p in ('/', '/dev', '/course', '/packages/torch', '/proc', '/usr/lib', '/etc') if os.access(p, os.W_OK)]"
    )
    assert tell(forks, writable) == []
    assert tell(forks, "open('/tmp/mine', 'w').write('x')") == 1


def test_is_it_the_first_process_of_its_own_without_rights(forks):
    assert tell(forks, "(os.getpid(), os.getuid() != 0, len(os.sched_getaffinity(0)) > 0)") == (1, True, True)
    assert "PermissionError" in str(tell(forks, "__import__('socket').socket()"))
    assert tell(forks, "[d for d in range(64) if os.path.lexists(f'/proc/self/fd/{d}')]") == []


def test_is_the_library_of_this_chapter_and_later_ones_absent(forks):
    for module in modules_from(CHAPTER):
        assert "ModuleNotFoundError" in str(tell(forks, f"__import__('{module}')"))


def test_are_only_modules_of_earlier_chapters_mounted():
    order = list(CHAPTERS)
    for chapter in order:
        inside = {path for path in mounts.mounts(chapter) if path.startswith(f"{mounts.COURSE}/unrolled")}
        early = [module for name in order[: order.index(chapter)] for module in CHAPTERS[name]]
        assert inside <= {f"{mounts.COURSE}/unrolled/{module}.py" for module in early}


@pytest.mark.parametrize(
    "module", dict.fromkeys(exercise.module for exercise in all_exercises()), ids=lambda module: module.__name__
)
def test_exists_inside_what_a_module_with_solutions_imports(module):
    statements = [
        node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    imported = {getattr(node, "module", None) or node.names[0].name for node in statements}
    packages = {name.split(".")[0] for name in imported} - sys.stdlib_module_names - {"unrolled"}
    assert packages <= {
        path.split("/")[2].removesuffix(".py") for path in mounts.mounts("01_rnn") if path.startswith(mounts.SITE)
    }


def test_is_each_process_alone(forks):
    assert tell(forks, "open('/tmp/left', 'w').write('x') and os.listdir('/tmp')") == ["left"]
    assert tell(forks, "os.listdir('/tmp')") == []


def test_is_chance_the_same_every_time(forks):
    draw = "(__import__('torch').rand(3).tolist(), __import__('random').random(), hash('a'))"
    assert tell(forks, draw) == tell(forks, draw)


@pytest.mark.parametrize("mode", [OPEN, pytest.param(ALONE, marks=pytest.mark.slow)])
def test_does_every_mode_come_to_the_same_verdicts(mode, forks):
    exercise = find_exercise("clip_gradients")
    imports = "import torch\nfrom torch import Tensor\nfrom collections.abc import Sequence\n"
    mistaken = exercise.source.replace("norm.clamp(min=max_norm)", "norm")
    with contextlib.closing(Sandbox(CHAPTER, mode)) as other:
        for source in (exercise.source, mistaken, "def clip_gradients(gradients, max_norm):\n    return 1 / 0"):
            verdicts = []
            for sandbox in (forks, other):
                with answering(sandbox, exercise, imports + source) as answer:
                    verdicts.append(judge(exercise, answer, 5))
            assert verdicts[0] == verdicts[1]


@pytest.mark.slow
def test_is_a_sandbox_alone_as_strict():
    with contextlib.closing(Sandbox(CHAPTER, ALONE)) as alone:
        assert tell(alone, "os.getuid() != 0 and 'probes.py' in os.listdir('/course/autograder')")
    with contextlib.closing(Sandbox(CHAPTER, ALONE)) as alone:
        assert "PermissionError" in str(tell(alone, "__import__('socket').socket()"))


def test_does_an_error_carry_forward_only_to_a_process_of_its_own(forks):
    exercise = dataclasses.replace(find_exercise("clip_gradients"), uses=("jacobian_norms",))
    source = f"""
import torch
from torch import Tensor
from collections.abc import Sequence


def jacobian_norms(w_hh, states):
    return torch.zeros(3)


def clip_gradients(gradients, max_norm):
    assert jacobian_norms(torch.eye(2), torch.zeros(4, 2)).tolist() == [1.0, 1.0, 1.0, 1.0]
    return right(gradients, max_norm)


{exercise.source.replace("clip_gradients", "right")}
"""
    with answering(forks, exercise, source) as answer:
        verdict = judge(exercise, answer, 5)
    assert (verdict.outcome, verdict.carried) == ("correct", ("jacobian_norms",))


def test_does_a_reference_run_alone():
    for name in ("rnn_step", "unroll", "sequence_cross_entropy", "jacobian_norms", "clip_gradients"):
        namespace = {}
        exec(reference_source(name), namespace)
        assert judge(find_exercise(name), namespace[name]).outcome == "correct"


def test_has_the_sandbox_what_students_have_or_is_it_said_why_not():
    """Every package of requirements.txt is inside, or left out for a reason; and so are the course's own needs."""
    lines = (Path(mounts.__file__).parents[2] / "requirements.txt").read_text().splitlines()
    names = {line.split("==")[0] for line in lines if line and not line.startswith(("#", "-e"))}
    assert names <= set(mounts.PACKAGES) | set(mounts.LEFT_OUT)
    assert not set(mounts.PACKAGES) & set(mounts.LEFT_OUT)


def test_are_packages_that_solve_exercises_absent(forks):
    for package in ("transformers", "tokenizers", "sacrebleu"):
        assert "ModuleNotFoundError" in str(tell(forks, f"__import__('{package}')"))


def test_does_an_answer_go_first_when_memory_runs_out(forks):
    before = processes_below(os.getpid())
    with contextlib.closing(forks.process(Limits())) as process:
        process.request(time.monotonic() + 60, "begin", [], [], [])
        assert scores(processes_below(os.getpid()) - before) == {"1000"}


def scores(pids):
    """What the kernel goes by when memory has run out."""
    return {Path(f"/proc/{pid}/oom_score_adj").read_text().strip() for pid in pids if Path(f"/proc/{pid}").exists()}


def test_does_it_see_nothing_of_the_graders_environment(forks, monkeypatch):
    monkeypatch.setenv("PATH", f"/home/instructor/secret:{os.environ['PATH']}")
    with contextlib.closing(Sandbox(CHAPTER, FORKS)) as sandbox:
        assert "secret" not in str(tell(sandbox, "dict(os.environ)"))


def test_do_threads_and_coroutines_run_as_ever(forks):
    pool = "list(__import__('concurrent.futures').futures.ThreadPoolExecutor(2).map(abs, [-1, -2]))"
    assert tell(forks, pool) == [1, 2]
    wait = "__import__('asyncio').run(__import__('asyncio').sleep(0, 'slept'))"
    assert tell(forks, wait) == "slept"


def test_are_references_beside_an_answer_only_those_of_exercises_judged_before_it():
    """What an answer reads there can help no answer of the same submission any more."""
    order = [exercise.name for exercise in all_exercises()]
    for exercise in all_exercises():
        assert all(order.index(used) < order.index(exercise.name) for used in exercise.uses), exercise.name
