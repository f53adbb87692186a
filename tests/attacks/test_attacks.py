"""Does every attack earn just what its answers deserve, and leave nothing behind — and would it have worked?"""

import importlib.util
import json
import os
from pathlib import Path

import pytest

from autograder.grading.batch import grade_class
from autograder.grading.course import load_course
from tests.attacks import arena

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
FILES = sorted(path for path in HERE.glob("*/*.py"))
NAMES = [f"{path.parent.name}-{path.stem}" for path in FILES]
SECONDS = 2.0


def load(name):
    """The attack in a file."""
    family, _, stem = name.partition("-")
    spec = importlib.util.spec_from_file_location(f"attack_{family}_{stem}", HERE / family / f"{stem}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ATTACK


def prepared(attack, course, trace):
    """The attack's answer with its placeholders filled, and its notebook."""
    answer = attack.answer.replace("{course}", str(course)).replace("{trace}", str(trace))
    right = arena.find_exercise("rnn_step").source
    notebook = arena.answered(rnn_step=right, clip_gradients=answer.replace("{all}", "-1").replace("{port}", "9"))
    if attack.edit:
        attack.edit(notebook)
    return answer, notebook


def trace_of(root, name):
    return root / f"trace-{name}"


@pytest.fixture(scope="module")
def battle(tmp_path_factory):
    """All attacks graded in one batch, each followed by an innocent submission; and one that was graded alone."""
    alone = arena.new_course(tmp_path_factory.mktemp("alone"))
    root = arena.new_course(tmp_path_factory.mktemp("battle"))
    traces = tmp_path_factory.mktemp("traces")
    for folder in (root, alone):
        (folder / "secrets").mkdir()
        (folder / "secrets" / "01_rnn.seed").write_text("20260101")
    arena.hand_in(alone, "innocent", arena.perfect())
    (innocent,) = grade_class(load_course(alone), arena.CHAPTER, jobs=1, progress=False)
    arena.hand_in(root, "neighbour", arena.perfect())
    for name in NAMES:
        attack = load(name)
        _, notebook = prepared(attack, root, trace_of(traces, name))
        folder = arena.hand_in(root, name, notebook)
        if attack.after:
            attack.after(folder)
        arena.hand_in(root, f"{name}-next", arena.perfect())
    before = snapshot()
    records = grade_class(load_course(root), arena.CHAPTER, jobs=2, most_seconds=SECONDS, progress=False)
    return {
        "records": {record["student"]: record for record in records},
        "innocent": innocent,
        "root": root,
        "traces": traces,
        "before": before,
    }


def snapshot():
    """Files in the folders that everybody may write."""
    return {path for folder in ("/tmp", "/var/tmp", "/dev/shm") for path in Path(folder).glob("*unrolled*")}


@pytest.mark.parametrize("name", NAMES)
def test_does_it_earn_only_what_its_answers_deserve(battle, name):
    attack, record = load(name), battle["records"][name]
    assert record["points"] == attack.deserves, record["verdicts"]
    assert sum(entry["points"] for entry in record["verdicts"] if entry["exercise"] != "rnn_step") == 0
    if attack.expects:
        attack.expects(record)


@pytest.mark.parametrize("name", NAMES)
def test_is_the_next_submission_graded_as_if_alone(battle, name):
    after, alone = battle["records"][f"{name}-next"], battle["innocent"]
    for part in ("graded", "points", "verdicts", "repairs", "problem"):
        assert after[part] == alone[part]


@pytest.mark.parametrize("name", NAMES)
def test_is_nothing_left_behind(battle, name):
    assert not trace_of(battle["traces"], name).exists()


def test_is_nothing_left_of_the_whole_batch(battle):
    assert arena.wait_until(lambda: not workers_left())
    assert snapshot() <= battle["before"]
    assert {path.name for path in battle["root"].iterdir()} == {
        *("source", "submitted", "autograded", "records", "secrets", "gradebook.db")
    }


def workers_left():
    """Sandboxes and their processes below the tester's own."""
    left = []
    for pid in arena.processes_below(os.getpid()):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if b"warm.py" in command or b"bwrap" in command:
            left.append(pid)
    return left


def test_does_a_hostile_submission_cost_at_most_its_time_limit(battle):
    for name in NAMES:
        cost = battle["records"][name]["times"]["total"]
        assert cost < 2 * SECONDS + 5 + 3, f"{name} took {cost:.1f} s"


def test_do_records_and_feedback_keep_the_secret_inputs(battle):
    from autograder.exercises import find_exercise

    secrets = {
        f"{value:.4f}"
        for _, case in find_exercise("clip_gradients").cases(20260101)
        for gradient in case.get("gradients", ())
        for value in gradient.flatten().tolist()
        if abs(value) > 0.5
    }
    for record in battle["records"].values():
        notebook = battle["root"] / "autograded" / record["student"] / arena.CHAPTER / f"{arena.CHAPTER}.ipynb"
        text = json.dumps(record) + notebook.read_text()
        assert not [secret for secret in secrets if secret in text], record["student"]


@pytest.mark.parametrize("name", NAMES)
def test_would_it_have_worked_without_the_defence(name, tmp_path):
    attack = load(name)
    course = arena.new_course(tmp_path / "course")
    arena.hand_in(course, "neighbour", arena.perfect())
    answer, notebook = prepared(attack, course, tmp_path / "trace")
    folder = arena.hand_in(course, name, notebook)
    if attack.after:
        attack.after(folder)
    attack.control(arena.Place(answer, notebook, tmp_path / "trace", course))
