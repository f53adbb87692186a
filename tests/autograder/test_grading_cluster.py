"""Does a cluster come to the same grades, is nothing lost with a worker, and is one that differs refused by name?"""

import contextlib
import os
import re
import signal
import threading
from types import SimpleNamespace

import pytest

from autograder import __main__ as command_line
from autograder.grading import cluster, workers
from autograder.grading.batch import grade_class
from autograder.grading.course import load_course
from autograder.grading.held import LARGE, held
from autograder.grading.submission import Order
from autograder.terminal import Trouble
from tests.attacks import arena
from tests.autograder.test_grading_long import hand_in_class, records, use_seed

dask, distributed = pytest.importorskip("dask"), pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SIZE = 16


@pytest.fixture(scope="module")
def two_workers():
    patient = dask.config.set({"distributed.comm.timeouts.connect": "120s"})  # other tests take the processors meanwhile
    with patient, distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local:
        yield local


@contextlib.contextmanager
def killing(local, root, after):
    """As soon as so many submissions are recorded, kill the worker that has the most in its hands."""
    killed, over = [], threading.Event()

    def watch():
        with distributed.Client(local, set_as_default=False) as client:
            pids = client.run(os.getpid)
            while not over.wait(0.02):
                if len(records(root)) >= after:
                    at_work = client.processing()
                    worker = max(pids, key=lambda address: len(at_work.get(address, ())))
                    os.kill(pids[worker], signal.SIGKILL)
                    killed.append(len(at_work[worker]))
                    return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield killed
    finally:
        over.set()
        watcher.join()


@pytest.mark.slow
def test_is_nothing_lost_with_a_worker_and_are_the_grades_the_same(two_workers, tmp_path):
    roots = [arena.new_course(tmp_path / name) for name in ("here", "there")]
    for root in roots:
        use_seed(root)
        hand_in_class(root, SIZE)
    (roots[1] / "submitted" / "pipe" / arena.CHAPTER).mkdir(parents=True)
    os.mkfifo(roots[1] / "submitted" / "pipe" / arena.CHAPTER / f"{arena.CHAPTER}.ipynb")
    grade_class(load_course(roots[0]), arena.CHAPTER, jobs=2, progress=False)
    address = two_workers.scheduler_address
    with killing(two_workers, roots[1], after=3) as killed:
        grade_class(load_course(roots[1]), arena.CHAPTER, cluster=address, progress=False)
    assert killed and killed[0] > 0, "the worker had nothing in its hands"
    there = records(roots[1])
    assert [record for record in there if record["student"] != "pipe"] == records(roots[0])
    assert all(record["graded"] for record in there if record["student"] != "pipe")


@pytest.mark.slow
def test_does_the_command_grade_on_a_cluster(two_workers, tmp_path, capsys):
    root = arena.new_course(tmp_path)
    arena.hand_in(root, "ann", arena.perfect())
    options = ["grade", arena.CHAPTER, "--course", str(root), "--cluster", two_workers.scheduler_address]
    assert command_line.main(options) == 0
    assert "ann          15" in capsys.readouterr().out


@pytest.mark.slow
def test_is_a_worker_that_differs_refused_by_name(two_workers, tmp_path, monkeypatch, capsys):
    root = arena.new_course(tmp_path)
    arena.hand_in(root, "ann", arena.perfect())
    monkeypatch.setattr(cluster, "code", lambda: "another")
    options = ["grade", arena.CHAPTER, "--course", str(root), "--cluster", two_workers.scheduler_address]
    assert command_line.main(options) == 2
    said = capsys.readouterr().err
    assert cluster.name() in said and "the course's program" in said and "another here" in said
    assert not records(root)


def test_is_no_scheduler_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "SECONDS", 0.5)
    root = arena.new_course(tmp_path)
    arena.hand_in(root, "ann", arena.perfect())
    options = ["grade", arena.CHAPTER, "--course", str(root), "--cluster"]
    for address in ("tcp://127.0.0.1:9", "nowhere", "tcp://"):
        assert command_line.main([*options, address]) == 2
        said = capsys.readouterr().err
        assert repr(address) in said and "such as tcp://10.0.0.5:8786" in said


def test_is_no_worker_said(monkeypatch):
    class Nobody:
        def wait_for_workers(self, n, timeout):
            raise TimeoutError

        def close(self):
            self.closed = True

    nobody = Nobody()
    monkeypatch.setattr(cluster, "connected", lambda address: nobody)
    with pytest.raises(Trouble, match="has no worker"):
        cluster.Cluster("tcp://x:1", arena.CHAPTER, None)
    assert nobody.closed


@pytest.mark.parametrize("what", ["Python", "torch", "numpy", "the kind of processor", "the sandbox", "the course's program"])
def test_is_each_difference_named(what):
    ours = cluster.identity(arena.CHAPTER, "forks")
    cluster.refuse({**ours, "name": "node7"}, ours)
    with pytest.raises(Trouble, match=re.escape(f"{what} is other there, and {ours[what]} here")):
        cluster.refuse({**ours, what: "other", "name": "node7"}, ours)


def test_is_a_worker_that_comes_later_asked_too(monkeypatch):
    expected = cluster.identity(arena.CHAPTER, "forks")
    order = Order(arena.CHAPTER, "ann", "", b"", 1, "forks")
    monkeypatch.setattr(cluster, "apart", lambda work, order: work(order))
    assert cluster.there(lambda order: order.student, order, expected) == "ann"
    with pytest.raises(Trouble, match="Python is"):
        cluster.there(None, order, {**expected, "Python": "2.7"})


def test_do_submissions_travel_as_bytes(tmp_path):
    path = tmp_path / "large.ipynb"
    path.write_bytes(b" " * (LARGE + 1))
    order = Order(arena.CHAPTER, "ann", "", held(path), 1, "forks", known=str(tmp_path / "a.known"))
    sent = cluster.whole(order)
    assert sent.content == path.read_bytes() and str(tmp_path) not in repr(sent)[-1000:]
    path.write_bytes(b"x" * (LARGE + 1))
    assert cluster.whole(order).content is None and "has changed" in cluster.whole(order).problem


def test_does_what_a_lost_scheduler_has_called_off_end_in_a_sentence():
    from concurrent.futures import Future

    def submit(work, item):
        future = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future

    with pytest.raises(Trouble, match="The cluster has gone"):
        list(workers.each(str, ["a"], 1, SimpleNamespace(submit=submit)))
