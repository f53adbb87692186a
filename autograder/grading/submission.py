"""Grade one submission: rebuild it, judge every exercise in the sandbox, and give back a record.

`grade` is what an executor runs, here or on another machine: it takes and returns plain data, and it never raises.
What cannot be graded earns no points and a flag for the instructor.
"""

import contextlib
import functools
import hashlib
import importlib.metadata
import json
import math
import platform
import time
import traceback
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace

import torch

from autograder import own
from autograder.behaviour import expected as reference_cases
from autograder.compare import difference
from autograder.exercise import Exercise
from autograder.exercises import chapter_exercises
from autograder.grading import official
from autograder.grading.chosen import chosen
from autograder.grading.held import Held, digest
from autograder.grading.inside.reading import Unreadable
from autograder.grading.known import PASSING, Known, code
from autograder.grading.rebuild import Program, Rebuilt, frame_for
from autograder.grading.remote import Remote, Replay, Session
from autograder.grading.sandbox import Sandbox, SandboxLost, forget_sandbox, sandbox_here
from autograder.grading.workers import at_most
from autograder.judge import judge
from autograder.subject import probe_for, understood
from autograder.verdict import Verdict

SECONDS_TOGETHER = 2.0  # an answer that takes longer may have more time in a process of its own
HOST_SECONDS = 30.0  # of processor time for comparing what answers give; an honest one takes three at the most
MOST_WAITING = 0.3  # of a submission's time: from there on others are at fault for a limit that it ran into
MOST_NOTES = 20  # on cells that stopped
VERSION = 2  # of the grading itself; a change grades everything anew


@dataclass(frozen=True)
class Order:
    """A submission to grade. `content` is None if there is no file that could be read; `problem` then says why."""

    chapter: str
    student: str
    source: str
    content: bytes | Held | None
    seed: int
    mode: str
    most_seconds: float = 10.0
    problem: str = ""
    repairs: tuple[str, ...] = ()
    patience: float = 1.0  # times all limits on time
    known: str = ""  # the file of verdicts on answers that have been judged before

    def read(self) -> bytes:
        """The content, wherever it is."""
        return self.content.read() if isinstance(self.content, Held) else self.content or b""


@dataclass
class Result:
    """A record, and the sources that the autograded notebook shows."""

    record: dict
    rebuilt: Rebuilt | None
    starved: bool = False  # whether it ran into a limit on time while others were using the processors


def key(order: Order) -> dict:
    """What a record depends on: the same key, the same record."""
    return {
        "grading": VERSION,
        "submission": digest(order.content or b""),
        "exercises": exercises_id(order.chapter),
        "notebook": hashlib.sha256(order.source.encode()).hexdigest()[:16],
        "seed": seed_id(order.seed),
        "environment": environment(order.mode),
    }


def basis(order: Order) -> str:
    """What all verdicts of a class depend on, in one word."""
    facts = {**key(replace(order, content=None)), "limits": [order.most_seconds, order.patience], "code": code()}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


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
    own.use_notebook(order.chapter, order.source)
    started, waited = time.perf_counter(), waiting()
    record = {"chapter": order.chapter, "student": order.student, "key": key(order), "graded": False, "verdicts": []}
    record["seconds"] = order.most_seconds
    graded, problem, times = Graded(), order.problem, {}
    try:
        if order.content is not None:
            graded = _with_a_sandbox(order, times)
            problem = graded.problem
            record["graded"] = not problem
    except Unreadable as error:
        problem = f"This submission could not be graded: {error}."
    except Exception:
        problem = "This submission could not be graded: the grading itself failed."
        record["trace"] = traceback.format_exc()[-4000:]
    times["total"] = time.perf_counter() - started
    record |= {"problem": problem, "repairs": [*order.repairs, *graded.repairs], "flags": graded.flags}
    record |= {"verdicts": graded.verdicts, "points": sum(v["points"] for v in graded.verdicts)}
    record["times"] = {name: round(seconds, 4) for name, seconds in times.items()}
    # Of the plan the autograded notebook needs all but what ran.
    shown = graded.rebuilt and replace(graded.rebuilt, programs={}, cells=())
    starved = graded.late and not waiting() - waited <= MOST_WAITING * times["total"]
    return Result(json.loads(json.dumps(record)), shown, starved)


def waiting() -> float:
    """For how many seconds since its start somebody on this machine has waited for a processor; NaN if it does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/pressure/cpu") as file:
        return int(file.readline().rpartition("total=")[2]) / 1e6
    return math.nan


def ungraded(order: Order, problem: str) -> Result:
    """The record of a submission that could not be graded at all."""
    return grade(replace(order, content=None, problem=problem))


@dataclass
class Graded:
    """What came of a submission: verdicts, notes for the student, and for the instructor what to look at."""

    rebuilt: Rebuilt | None = None
    verdicts: list[dict] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    problem: str = ""
    late: bool = False


def _with_a_sandbox(order: Order, times: dict[str, float]) -> Graded:
    """The verdicts of a submission; a sandbox that is lost is replaced."""
    for last_time in (False, False, True):
        try:
            return _judged(order, times)
        except SandboxLost:
            forget_sandbox(order.chapter, order.mode)
            if last_time:
                raise


def _judged(order: Order, times: dict[str, float]) -> Graded:
    """Read the submission, run its cells, and then judge every exercise."""
    exercises, started, graded = chapter_exercises(order.chapter), time.perf_counter(), Graded()
    frame = frame_for(order.source, exercises)
    with contextlib.closing(Session(_sandbox(order), frame, order.most_seconds, patience=order.patience)) as session:
        try:
            content = order.read()
        except OSError as error:
            raise Unreadable(f"the file {error.strerror}") from None
        try:
            graded.rebuilt = rebuilt = session.read(content)
        except Unreadable as error:
            graded.late, graded.problem = session.late, f"This submission could not be graded: {error}."
            return graded
        times["rebuild"] = time.perf_counter() - started
        if rebuilt.chapter:
            graded.problem = f"This submission could not be graded: this is the notebook of {rebuilt.chapter}."
            return graded
        for program in session.run():
            if program.later:
                session.keep(program)
        times["cells"] = time.perf_counter() - started - times["rebuild"]
        graded.repairs += [*rebuilt.repairs, *session.notes, *rebuilt.lost]
        stopped = [failure for failure in session.failures.values() if failure.cell in rebuilt.theirs]
        graded.repairs += [official.about_cell(failure) for failure in stopped][:MOST_NOTES]
        graded.flags += [*session.notes, *rebuilt.lost]
        failures, together, host = dict(session.failures), Together(session), time.process_time()
        known = Known(order.known, basis(order) if order.known else "")
        for exercise in chosen(order.chapter, order.source):
            begun, program = time.perf_counter(), rebuilt.programs[exercise.name]
            name, losses = known.name(exercise.name, rebuilt, program), session.losses
            if entry := known.get(name):
                graded.verdicts.append(entry)
                times[exercise.name] = time.perf_counter() - begun
                continue
            left = max(1.0, HOST_SECONDS - (time.process_time() - host))
            try:
                with at_most(left):
                    verdict, there = judge_program(order, exercise, together, program, graded)
            except SandboxLost:
                raise
            except Exception as error:  # whatever an answer has sent, it costs no other
                verdict, there = judge(exercise, None, order.seed), False
                graded.flags.append(f"{exercise.name}: judging it failed ({type(error).__name__}); please look at it.")
            if program.newer and verdict.outcome != "correct":
                graded.problem = "Python newer than the grader's: please look at it by hand."
                graded.flags.append(
                    f"{exercise.name}: a cell is written for a Python newer than the grader's "
                    f"({platform.python_version()}); it was not graded."
                )
            else:
                entry = official.entry(verdict, program, there, failures)
                graded.verdicts.append(entry)
                whole = losses == session.losses and not any(f.type in PASSING for f in failures.values())
                known.put(name if there and whole and not session.notes else None, entry)
            times[exercise.name] = time.perf_counter() - begun
        together.close()
        graded.late = session.late
    graded.repairs += [flag for flag in graded.flags if flag not in graded.repairs]
    return graded


class Together:
    """One fork of the session's process for all answers: enough to see that they are right.

    Whatever is not right in here is judged again in a fork of its own, where nothing else has been asked: what one answer
    does to the process can cost another nothing. Nor can it help it to more than right outputs.
    """

    def __init__(self, session: Session):
        self.session = session
        self.process = None

    def right(self, order: Order, exercise: Exercise, program: Program) -> Verdict | None:
        """The verdict on an answer that is right in every case; None at the first case that is not."""
        self.process = self.process or self.session.fork()
        if self.process is None:
            return None
        late = self.session.late
        answer, seen = Remote(self.session, exercise, program, self.process), []
        if answer.is_there():
            cases, expected = reference_cases(exercise, order.seed)
            for (_, inputs), reference in zip(cases, expected, strict=True):
                probe, seconds = probe_for(exercise, inputs), min(SECONDS_TOGETHER, exercise.seconds) * order.patience
                seen.append(answer.observe(probe, inputs, seconds))
                if seen[-1].called or difference(reference, understood(seen[-1], inputs), exercise.tolerance):
                    break
            else:
                return judge(exercise, Replay(answer, seen), order.seed, allow_library=False, patience=0)
        if answer.ended:
            self.close()
        self.session.late = late  # it gets its whole time in a fork of its own
        return None

    def close(self) -> None:
        """End the fork; the next answer gets a new one."""
        if self.process:
            self.process.close()
        self.process = None


def judge_program(
    order: Order, exercise: Exercise, together: Together, program: Program, graded: Graded
) -> tuple[Verdict, bool]:
    """The verdict on one exercise, and whether there was an answer: as its check saw it, or as the notebook ends."""
    if program.blank or not program.runs:
        return judge(exercise, None, order.seed), False
    session, kept = together.session, together.session.fork_of(program)
    verdict = None if program.later else together.right(order, exercise, program)
    if program.depends and not program.tidy:  # what others are said to depend on shall not hang on this one
        together.close()
    if verdict:
        return verdict, True
    right = {entry["exercise"] for entry in graded.verdicts if entry["outcome"] == "correct"}
    kept = kept or (None if program.later else session.fork())
    verdict, there = _judge_in(order, exercise, session, program, kept, right)
    if verdict.crash and verdict.crash.type == "ProcessEnded":  # what one answer does costs no other
        verdict, there = _judge_in(order, exercise, session, program, None)
    if verdict.outcome != "correct" and program.later:
        session.try_again()
        later, is_there = _judge_in(order, exercise, session, program, session.fork())
        if later.points > verdict.points:
            verdict, there = later, is_there
            note = "it is right only with cells that stand below its check; they were counted."
            graded.repairs.append(f"{exercise.name}: {note}")
    return verdict, there


def _judge_in(
    order: Order,
    exercise: Exercise,
    session: Session,
    program: Program,
    process: object,
    right: Collection[str] | None = None,
) -> tuple[Verdict, bool]:
    """The verdict on an answer in this process, or without one in a new process."""
    with contextlib.closing(Remote(session, exercise, program, process)) as answer:
        if not answer.is_there():
            return judge(exercise, None, order.seed), False
        return judge(exercise, answer, order.seed, allow_library=False, patience=0, right=right), True


def _sandbox(order: Order) -> Sandbox:
    return sandbox_here(order.chapter, order.mode)


def exercises_id(chapter: str) -> str:
    """A hash of all of a chapter's exercises that a verdict depends on."""
    return _id_of(chapter_exercises(chapter))


@functools.lru_cache(maxsize=64)
def _id_of(exercises: tuple[Exercise, ...]) -> str:
    text = "".join(_sources_of(exercise) for exercise in exercises)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _sources_of(exercise: Exercise) -> str:
    """All of an exercise that a verdict depends on, as text."""
    tolerance = asdict(exercise.tolerance) | {"free": sorted(exercise.free)}
    facts = tolerance, dict(exercise.groups), exercise.seconds, exercise.forbids, exercise.uses, exercise.promises_in
    mistakes = [(m.id, m.name, m.hint) for m in exercise.misconceptions]
    return repr((exercise.contract, exercise.source, facts, mistakes))
