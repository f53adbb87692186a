"""Does grading survive being killed, a thousand submissions, and nbgrader's own command?"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.exercises import chapter_exercises
from autograder.grading.batch import grade_class
from autograder.grading.course import load_course
from tests.attacks import arena
from tests.benchmarks.grading import below, make_answer, proportional

pytestmark = pytest.mark.slow
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
WRONG_STEP = "def rnn_step(x, h, w_ih, b_ih, w_hh, b_hh):\n    return torch.tanh(x @ w_ih.T)"


def hand_in_class(root, size):
    """Submissions of every kind, the same at every call."""
    for number in range(size):
        draw, notebook = random.Random(number), arena.handed_out()
        for exercise in chapter_exercises(arena.CHAPTER):
            if answer := make_answer(exercise, draw):
                arena.find_cell(notebook, exercise.name)["source"] = f"# exercise: {exercise.name}\n{answer}"
        arena.hand_in(root, f"student{number:04}", notebook)


def all_scores(root):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        return {
            (submission.student.id, grade.name): (grade.auto_score, grade.needs_manual_grade)
            for submission in book.assignment_submissions(arena.CHAPTER)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def records(root):
    paths = sorted((root / "records" / arena.CHAPTER).glob("*.json"))
    found = [json.loads(path.read_text()) for path in paths]
    return [{part: value for part, value in record.items() if part != "times"} for record in found]


def use_seed(root):
    (root / "secrets").mkdir()
    (root / "secrets" / f"{arena.CHAPTER}.seed").write_text("31415926")


def nbgrader(root, *arguments):
    command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={root}"]
    folder = Path(arena.__file__).parents[2] / "autograder"
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)


def test_does_grading_that_is_killed_again_and_again_come_to_the_same_end(tmp_path):
    roots = [arena.new_course(tmp_path / name) for name in ("quiet", "killed")]
    for root in roots:
        use_seed(root)
        hand_in_class(root, 30)
    grade_class(load_course(roots[0]), arena.CHAPTER, jobs=2, progress=False)
    command = [sys.executable, "-m", "autograder", "grade", arena.CHAPTER, "--course", str(roots[1]), "--jobs", "2"]
    done, kills, draw = 0, 0, random.Random(7)
    while done < 30:
        grading = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait = arena.wait_until(lambda: len(records(roots[1])) > done or grading.poll() is not None, 120)  # noqa: B023
        assert wait, "no progress between two kills"
        time.sleep(draw.uniform(0, 0.7))
        family = arena.processes_below(grading.pid)
        grading.send_signal(signal.SIGKILL)
        kills += grading.wait() == -signal.SIGKILL
        assert arena.wait_until(lambda: not any(map(alive, family))), "processes outlive the grading"  # noqa: B023
        done = len(records(roots[1]))
        if kills >= 8:  # enough; the rest in one go
            assert subprocess.run(command, env=ENVIRONMENT, capture_output=True).returncode == 0
            done = len(records(roots[1]))
    assert kills >= 3
    assert records(roots[1]) == records(roots[0])
    assert all_scores(roots[1]) == all_scores(roots[0])
    assert not list(roots[1].rglob(".unrolled-*")), "temporary files of those killed stay"


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_is_memory_bounded_over_a_thousand_submissions(tmp_path):
    root = arena.new_course(tmp_path / "course")
    half, whole = arena.answered(rnn_step=WRONG_STEP), arena.answered(clip_gradients=arena.RIGHT)
    for number in range(1000):
        arena.hand_in(root, f"student{number:04}", (half, whole)[number % 2])
    seen, over = [], threading.Event()

    def watch():
        while not over.wait(1.0):
            seen.append(sum(map(proportional, below(os.getpid()))) / 2**20)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        found = grade_class(load_course(root), arena.CHAPTER, jobs=2, progress=False)
    finally:
        over.set()
        watcher.join()
    assert [record["points"] for record in found] == [0, 3] * 500
    early, late = max(seen[len(seen) // 5 : len(seen) // 2]), max(seen[len(seen) // 2 :])
    print(f"memory of the whole: {early:.0f} MB in the first half, {late:.0f} MB in the second")
    assert late < early + 150


@pytest.fixture(scope="module")
def nbgraded(tmp_path_factory):
    """A class graded by `nbgrader autograde` with the course's configuration."""
    root = arena.new_course(tmp_path_factory.mktemp("nbgraded"))
    use_seed(root)
    hand_in_class(root, 3)
    arena.hand_in(root, "damaged", b"{")
    generated = nbgrader(root, "generate_assignment", arena.CHAPTER)
    assert generated.returncode == 0, generated.stderr
    graded = nbgrader(root, "autograde", arena.CHAPTER)
    assert graded.returncode == 0, graded.stderr
    return root


def test_does_nbgraders_own_command_come_to_the_same_grades(nbgraded, tmp_path):
    root = arena.new_course(tmp_path / "ours")
    use_seed(root)
    hand_in_class(root, 3)
    arena.hand_in(root, "damaged", b"{")
    grade_class(load_course(root), arena.CHAPTER, jobs=2, progress=False)
    assert records(nbgraded) == records(root)
    assert all_scores(nbgraded) == all_scores(root)


def test_do_feedback_and_export_work(nbgraded):
    assert nbgrader(nbgraded, "generate_feedback", arena.CHAPTER).returncode == 0
    assert nbgrader(nbgraded, "export", "--to", str(nbgraded / "grades.csv")).returncode == 0
    points = {r["student"]: r["points"] for r in records(nbgraded)}
    rows = [line.split(",") for line in (nbgraded / "grades.csv").read_text().splitlines()]
    column = rows[0].index("score")
    assert {row[rows[0].index("student_id")]: float(row[column]) for row in rows[1:]} == points
    page = (nbgraded / "feedback" / "student0000" / arena.CHAPTER / f"{arena.CHAPTER}.html").read_text()
    for entry in records(nbgraded)[1]["verdicts"]:
        assert f"{entry['exercise']}: {entry['outcome']}, {entry['points']:g} of {entry['max_points']:g} points" in page


def test_does_formgrader_show_the_graded_notebook(nbgraded):
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers
    from traitlets.config import Config

    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    path = nbgraded / "autograded" / "student0000" / arena.CHAPTER / f"{arena.CHAPTER}.ipynb"
    page, _ = HTMLExporter(config=config).from_notebook_node(
        nbformat.read(path, as_version=4),
        resources={
            **{
                "assignment_id": arena.CHAPTER,
                "notebook_id": arena.CHAPTER,
                "submission_id": "1",
                "index": 0,
                "total": 1,
            },
            **{"base_url": "/", "mathjax_url": "", "student": "student0000", "last_name": "", "first_name": ""},
            **{"notebook_path": str(path), "keyword_arguments": {}, "is_manual_grading": True},
        },
    )
    assert "unrolled-verdict" in page


def test_does_it_work_for_an_ordinary_user(tmp_path):
    if subprocess.run(["unshare", "--user", "--map-user=1000", "--map-group=1000", "true"]).returncode:
        pytest.skip("this machine gives no user namespace to try it in")
    root = arena.new_course(tmp_path / "course")
    arena.hand_in(root, "ann", arena.perfect())
    command = [sys.executable, "-m", "autograder", "grade", arena.CHAPTER, "--course", str(root), "--jobs", "1"]
    graded = subprocess.run(
        ["unshare", "--user", "--map-user=1000", "--map-group=1000", *command],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert graded.returncode == 0, graded.stderr
    (record,) = records(root)
    assert (record["points"], record["key"]["environment"]["sandbox"]) == (15, "forks")
