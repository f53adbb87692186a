"""Grade one submission: rebuild it, judge every exercise in the sandbox, and give back a record.

`grade` is what an executor runs, here or on another machine: it takes and returns plain data, and it never raises.
What cannot be graded earns no points and a flag for the instructor.
"""

import contextlib
import functools
import hashlib
import importlib.metadata
import json
import platform
import time
import traceback
from dataclasses import asdict, dataclass, replace

import torch

from autograder.behaviour import expected as reference_cases
from autograder.compare import difference
from autograder.exercise import Exercise
from autograder.exercises import chapter_exercises
from autograder.grading import official
from autograder.grading.reading import Unreadable
from autograder.grading.rebuild import Program, Rebuilt, rebuild
from autograder.grading.remote import Remote, Replay, Shared
from autograder.grading.sandbox import Sandbox, SandboxLost, forget_sandbox, sandbox_here
from autograder.grading.walls import ALONE
from autograder.judge import judge
from autograder.subject import probe_for, understood
from autograder.verdict import Verdict

SECONDS_TOGETHER = 2.0  # an answer that takes longer may have more time in a process of its own
VERSION = 1  # of the grading itself; a change grades everything anew


@dataclass(frozen=True)
class Order:
    """A submission to grade. `content` is None if there is no file that could be read; `problem` then says why."""

    chapter: str
    student: str
    source: str
    content: bytes | None
    seed: int
    mode: str
    most_seconds: float = 10.0
    problem: str = ""
    repairs: tuple[str, ...] = ()


@dataclass
class Result:
    """A record, and the sources that the autograded notebook shows."""

    record: dict
    rebuilt: Rebuilt | None


def key(order: Order) -> dict:
    """What a record depends on: the same key, the same record."""
    content = b"" if order.content is None else order.content
    return {
        "grading": VERSION,
        "submission": hashlib.sha256(content).hexdigest(),
        "exercises": _exercises_id(order.chapter),
        "notebook": hashlib.sha256(order.source.encode()).hexdigest()[:16],
        "seed": seed_id(order.seed),
        "environment": environment(order.mode),
    }


def seed_id(seed: int) -> str:
    """A name for a secret seed that does not give it away."""
    return hashlib.sha256(f"unrolled seed {seed}".encode()).hexdigest()[:12]


def environment(mode: str) -> dict[str, str]:
    """What else a result may depend on."""
    return {
        "sandbox": mode,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": importlib.metadata.version("numpy"),
        "machine": platform.machine(),
    }


def grade(order: Order) -> Result:
    """The record of one submission."""
    torch.set_num_threads(1)
    started = time.perf_counter()
    record = {"chapter": order.chapter, "student": order.student, "key": key(order), "graded": False, "verdicts": []}
    rebuilt, repairs, problem, times = None, list(order.repairs), order.problem, {}
    try:
        if order.content is not None:
            exercises = chapter_exercises(order.chapter)
            rebuilt = rebuild(order.content, order.source, exercises)
            times["rebuild"] = time.perf_counter() - started
            repairs += rebuilt.repairs
            attempted = [(e, p) for e in exercises if not ((p := rebuilt.programs[e.name]).problem or p.blank)]
            with contextlib.closing(Shared(_sandbox(order), attempted)) as shared:
                for exercise in exercises:
                    begun, program = time.perf_counter(), rebuilt.programs[exercise.name]
                    record["verdicts"].append(official.entry(judge_program(order, exercise, program, shared), program))
                    times[exercise.name] = time.perf_counter() - begun
            record["graded"] = True
    except Unreadable as error:
        problem = f"This submission could not be graded: {error}."
    except Exception:
        problem = "This submission could not be graded: the grading itself failed."
        record["trace"] = traceback.format_exc()[-4000:]
    if not record["graded"]:
        record["verdicts"] = []
    times["total"] = time.perf_counter() - started
    record |= {"problem": problem, "repairs": repairs, "points": sum(v["points"] for v in record["verdicts"])}
    record["times"] = {name: round(seconds, 4) for name, seconds in times.items()}
    shown = rebuilt and replace(rebuilt, programs={})  # what is left is all that the autograded notebook needs
    return Result(json.loads(json.dumps(record)), shown)


def ungraded(order: Order, problem: str) -> Result:
    """The record of a submission that could not be graded at all."""
    return grade(replace(order, content=None, problem=problem))


def judge_program(order: Order, exercise: Exercise, program: Program, shared: Shared) -> Verdict:
    """The verdict on one exercise: together with the others if it is right, else in a process of its own."""
    if program.problem or program.blank:
        return judge(exercise, None, order.seed)
    with contextlib.suppress(SandboxLost):
        if shared.usable and order.mode != ALONE and (verdict := right_together(order, exercise, program, shared)):
            return verdict
    for last_time in (False, False, True):
        try:
            with contextlib.closing(Remote(_sandbox(order), exercise, program, order.most_seconds)) as answer:
                return judge(exercise, answer, order.seed, allow_library=False, patience=0)
        except SandboxLost:
            forget_sandbox(order.chapter, order.mode)
            if last_time:
                raise


def right_together(order: Order, exercise: Exercise, program: Program, shared: Shared) -> Verdict | None:
    """The verdict on an answer that is right in every case in the process that all share; None at the first that is not."""
    answer, seen = Remote(shared, exercise, program, min(SECONDS_TOGETHER, order.most_seconds)), []
    cases, expected = reference_cases(exercise, order.seed)
    for (_, inputs), reference in zip(cases, expected, strict=True):
        seen.append(answer.observe(probe_for(exercise, inputs), inputs, exercise.seconds))
        if seen[-1].called or difference(reference, understood(seen[-1], inputs), exercise.tolerance):
            return None
    return judge(exercise, Replay(answer, seen), order.seed, allow_library=False, patience=0)


def _sandbox(order: Order) -> Sandbox:
    return sandbox_here(order.chapter, order.mode)


@functools.cache
def _exercises_id(chapter: str) -> str:
    """A hash of all of a chapter's exercises that a verdict depends on."""
    text = "".join(_sources_of(exercise) for exercise in chapter_exercises(chapter))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _sources_of(exercise: Exercise) -> str:
    """All of an exercise that a verdict depends on, as text."""
    tolerance = asdict(exercise.tolerance) | {"free": sorted(exercise.free)}
    facts = tolerance, dict(exercise.groups), exercise.seconds, exercise.forbids, exercise.uses, exercise.promises_in
    mistakes = [(m.id, m.name, m.hint) for m in exercise.misconceptions]
    return repr((exercise.contract, exercise.source, facts, mistakes))
