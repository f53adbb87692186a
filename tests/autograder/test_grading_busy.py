"""Is a limit on time that a busy machine has run into no limit, and the program that grades no prey of what it reads?"""

import contextlib
import itertools
import json
import os
import time
from types import SimpleNamespace

import pytest

from autograder.grading import apart, batch, remote, sandbox, steps, submission, workers
from autograder.grading.batch import grade_class
from autograder.grading.course import load_course
from tests.attacks import arena

#: Idle for three seconds: as an answer is that gets no processor, and the same on every machine.
SLOW = (
    arena.RIGHT.replace("def clip_gradients", "def clipped")
    + """
import time
waits = [3.0]
def clip_gradients(gradients, max_norm):
    time.sleep(waits.pop() if waits else 0)
    return clipped(gradients, max_norm)
"""
)


def graded(root, **options):
    return {r["student"]: r for r in grade_class(load_course(root), arena.CHAPTER, progress=False, **options)}


def answer_of(record, name="clip_gradients"):
    return next(entry for entry in record["verdicts"] if entry["exercise"] == name)


@pytest.mark.slow
@pytest.mark.parametrize(("busy", "outcome"), [(True, "correct"), (False, "timed out")])
def test_is_who_was_out_of_time_heard_again_if_others_took_the_processors(tmp_path, monkeypatch, busy, outcome):
    root, asleep = arena.new_course(tmp_path), "def clip_gradients(*_, **__):\n    while True: pass"
    arena.hand_in(root, "slow", arena.answered(clip_gradients=SLOW))
    arena.hand_in(root, "endless", arena.answered(clip_gradients=asleep))
    monkeypatch.setattr(submission, "waiting", time.perf_counter if busy else lambda: 0.0)
    records = graded(root, jobs=2, most_seconds=2.0)
    assert answer_of(records["slow"])["outcome"] == outcome
    assert answer_of(records["endless"])["outcome"] == "timed out"


ENDLESS = {
    "answer": "def clip_gradients(*_, **__):\n    while True: pass",
    "cell": f"{arena.RIGHT}\nwhile True: pass",
    "sleep": "import time\ndef clip_gradients(*_, **__):\n    time.sleep(9)",
}


@pytest.mark.slow
@pytest.mark.parametrize(("endless", "waits", "starved"), [("answer", 20, False), ("cell", 20, False), ("sleep", 1.25, True)])
def test_is_only_heard_again_who_has_not_had_the_processor(monkeypatch, endless, waits, starved):
    monkeypatch.setattr(submission, "waiting", time.perf_counter)  # somebody always waits
    monkeypatch.setattr(remote, "WAITS", waits)  # however busy this machine is
    mode, content = sandbox.open_sandbox(arena.CHAPTER), arena.answered(clip_gradients=ENDLESS[endless])
    order = submission.Order(arena.CHAPTER, "", arena.source_notebook(), json.dumps(content).encode(), 1, mode, 2.0)
    result = submission.grade(order)
    sandbox.forget_sandbox(arena.CHAPTER, mode)
    assert result.starved == starved and (endless == "cell" or answer_of(result.record)["outcome"] == "timed out")


def test_does_the_machine_say_how_long_somebody_has_waited():
    assert not submission.waiting() < 0


def work(item):
    """Items of every kind that a worker may meet."""
    if item == "ends its process":
        os._exit(3)
    if item == "raises":
        raise ValueError
    if item == "takes all memory":
        return len(bytearray(workers.MEMORY_BYTES * 2))
    if item == "never ends":
        with workers.at_most(0.3):
            while True:
                pass
    if item == "never ends, in one call":
        workers.GRACE_SECONDS = 0.5
        with workers.at_most(0.3):
            sum(itertools.repeat(0))
    return f"{item}, done"


HOSTILE = ("ends its process", "raises", "takes all memory", "never ends", "never ends, in one call")


def test_does_a_worker_that_is_lost_cost_one_item_and_no_more():
    items = [*HOSTILE[:3], *map(str, range(20)), *HOSTILE[3:], "last"]
    found = list(workers.each(work, items, 2))
    assert sorted(item for item, _ in found) == sorted(items)
    assert {item for item, result in found if result is None} == set(HOSTILE)
    assert all(result == f"{item}, done" for item, result in found if result)


def test_has_a_program_apart_the_same_limits():
    with apart.Apart(1) as executor:
        found = dict(workers.each(work, ["one", *HOSTILE[:3], "never ends", "last"], 1, executor))
    assert found == {"one": "one, done", **dict.fromkeys([*HOSTILE[:3], "never ends"]), "last": "last, done"}
    assert not apart._idle


def test_does_nbgraders_own_command_grade_apart(monkeypatch):
    graded = []
    monkeypatch.setattr(steps, "grade_class", lambda *_, executor, **__: graded.append(type(executor)))
    facts = SimpleNamespace(student_id="ann", student_id_exclude="")
    steps.GradeOfficially._grade(None, SimpleNamespace(directory=facts), arena.CHAPTER, False)
    assert graded == [apart.Apart]


def test_is_too_long_said_where_it_can_be():
    with contextlib.ExitStack() as stack:
        stack.enter_context(workers.at_most(0.0))  # not a worker: the one who asks cannot be ended


@pytest.mark.slow
def test_does_comparing_that_never_ends_cost_its_own_answer(tmp_path, monkeypatch):
    root, notebook = arena.new_course(tmp_path), arena.perfect()
    arena.hand_in(root, "ben", notebook)
    arena.find_cell(notebook, "unroll")["source"] += "\n# mine"  # another answer: what is known of ben's says nothing of it
    arena.hand_in(root, "ann", notebook)
    judged = submission.judge_program

    def endless(order, exercise, *rest):
        if order.student == "ann" and exercise.name == "unroll":
            while True:
                pass
        return judged(order, exercise, *rest)

    monkeypatch.setattr(submission, "judge_program", endless)
    monkeypatch.setattr(submission, "HOST_SECONDS", 0.5)
    records = graded(root, jobs=2)
    assert answer_of(records["ann"], "unroll")["points"] == 0 and "unroll" in " ".join(records["ann"]["flags"])
    assert answer_of(records["ann"])["points"] > 0
    assert records["ben"]["points"] == sum(e["max_points"] for e in records["ben"]["verdicts"])
    assert batch.STOPPED not in records["ann"]["problem"]
