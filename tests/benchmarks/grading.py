"""How much faster is official grading than nbgrader's own, on the same submissions in one run?

    python tests/benchmarks/grading.py [CHAPTER] [--submissions 100] [--jobs 2] [--baseline 12] [--repeats 0] [--workers 0] [--whole]

Every submission answers each exercise: 7 of 10 rightly, 2 with a misconception, 1 not at all. No two answers are the same,
but for a share of `--repeats`, in which they are letter by letter the solution of the library or one of its known mistakes.
Ours is measured whole: start-up, grading, gradebook, autograded notebooks; with `--workers` on a cluster of so many on this
machine, which is started before. nbgrader's baseline is measured on the first few submissions and
scaled up; so that the ratio is honest, its notebooks hold no demonstration and no training cells, unless they are to be
`--whole`, as students hand them in and nbgrader would run them.
"""

import argparse
import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat

from autograder.build import MASTERS, as_text, instructor_notebook, student_notebook
from autograder.chapters import CHAPTERS
from autograder.exercise import Exercise
from autograder.exercises import chapter_exercises
from autograder.source import without_docstrings

STOCK = 'c = get_config()\nc.CourseDirectory.course_id = "unrolled"\nc.CourseDirectory.root = {root!r}\nc.ExecutePreprocessor.timeout = 300\n'


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    written = [chapter for chapter in CHAPTERS if (MASTERS / f"{chapter}.py").exists()]
    largest = max(written, key=lambda chapter: len(chapter_exercises(chapter)))
    parser.add_argument("chapter", nargs="?", default=largest)
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--baseline", type=int, default=12)
    parser.add_argument("--repeats", type=float, default=0.0, help="the share of answers that others have given, too")
    parser.add_argument("--workers", type=int, default=0, help="grade on a cluster of so many processes on this machine")
    parser.add_argument("--whole", action="store_true", help="nbgrader runs demonstration and training cells, too")
    parser.add_argument("--json", type=Path, help="also write the figures into this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours, stock = Path(folder, "ours"), Path(folder, "stock")
        make_course(ours, options.chapter, options.submissions, bare=False, repeats=options.repeats)
        make_course(stock, options.chapter, options.baseline, bare=not options.whole, repeats=options.repeats)
        with cluster(options.workers) as more:
            figures = measure(options, ours, stock, more)
    for name, value in figures.items():
        print(f"{name:44} {value:.4g}" if isinstance(value, float) else f"{name:44} {value}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


@contextlib.contextmanager
def cluster(workers: int) -> Iterator[list[str]]:
    """A cluster of so many workers, and the options to grade on it; none without workers."""
    if not workers:
        yield []
        return
    from distributed import LocalCluster

    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as local:
        yield ["--cluster", local.scheduler_address]


def measure(options: argparse.Namespace, ours: Path, stock: Path, more: list[str]) -> dict:
    """All figures of one run."""
    ours_seconds, memory = timed(
        [
            sys.executable,
            "-m",
            "autograder",
            "grade",
            options.chapter,
            "--course",
            str(ours),
            "--jobs",
            str(options.jobs),
            *more,
        ]
    )
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    nbgrader = [sys.executable, "-m", "nbgrader"]
    subprocess.run(
        [*nbgrader, "generate_assignment", options.chapter], cwd=stock, env=environment, check=True, capture_output=True
    )
    stock_seconds, _ = timed([*nbgrader, "autograde", options.chapter], cwd=stock, env=environment)
    records = [json.loads(path.read_text()) for path in (ours / "records" / options.chapter).glob("*.json")]
    if len(records) != options.submissions or not all(record["graded"] for record in records):
        raise SystemExit(f"{len(records)} of {options.submissions} submissions were recorded, and not all were graded.")
    alone = {
        part: statistics.mean(record["times"].get(part, 0.0) for record in records) for part in records[0]["times"]
    }
    stock_each = stock_seconds / options.baseline
    return {
        "chapter": options.chapter,
        "submissions": options.submissions,
        "jobs": options.jobs,
        "workers of a cluster": options.workers,
        "answers given, %": 100 * given(ours, options.chapter)[0],
        "of these the same as another's, %": 100 * given(ours, options.chapter)[1],
        "ours: seconds in all": ours_seconds,
        "ours: milliseconds a submission": 1000 * ours_seconds / options.submissions,
        "ours: largest memory of all processes, MB": memory / 2**20,
        "nbgrader: submissions measured": options.baseline,
        "nbgrader: runs the whole notebooks": options.whole,
        "nbgrader: seconds in all": stock_seconds,
        "nbgrader: seconds a submission": stock_each,
        "ratio": stock_each * options.submissions / ours_seconds,
        **{f"of a submission's time, ms: {part}": 1000 * seconds for part, seconds in alone.items()},
    }


def make_course(root: Path, chapter: str, submissions: int, *, bare: bool, repeats: float) -> None:
    """A course folder with submissions; `bare` leaves only what grading needs, for nbgrader executes every cell."""
    keep = {"bootstrap", "setup"}

    def stripped(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
        if bare:
            notebook.cells = [c for c in notebook.cells if c.id in keep or "nbgrader" in c.metadata]
        return notebook

    source = root / "source" / chapter
    source.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(STOCK.format(root=str(root)))
    (source / f"{chapter}.ipynb").write_text(as_text(stripped(instructor_notebook(chapter))))
    blank = nbformat.writes(stripped(student_notebook(chapter)))
    exercises = {exercise.name: exercise for exercise in chapter_exercises(chapter)}
    for number in range(submissions):
        draw, notebook = random.Random(number), nbformat.reads(blank, as_version=4)
        for cell in notebook.cells:
            if cell.id in exercises and (answer := make_answer(exercises[cell.id], draw)):
                own = "" if draw.random() < repeats else f"\n# student {number}"
                cell.source = f"# exercise: {cell.id}\n{answer}{own}"
        folder = root / "submitted" / f"student{number:04}" / chapter
        folder.mkdir(parents=True)
        (folder / f"{chapter}.ipynb").write_text(nbformat.writes(notebook))


def given(root: Path, chapter: str) -> tuple[float, float]:
    """Which share of answers was attempted, and which of these is the same as one that was seen before."""
    names, seen = {exercise.name for exercise in chapter_exercises(chapter)}, Counter()
    blank = {cell.id: cell.source for cell in student_notebook(chapter).cells}
    paths = sorted(root.glob(f"submitted/*/{chapter}/*.ipynb"))
    for path in paths:
        cells = json.loads(path.read_text())["cells"]
        sources = [(cell["id"], "".join(cell["source"])) for cell in cells if cell["id"] in names]
        seen.update(source for name, source in sources if source != blank[name])
    return seen.total() / (len(paths) * len(names)), 1 - len(seen) / seen.total()


def make_answer(exercise: Exercise, draw: random.Random) -> str | None:
    """Right in 7 of 10 cases, with a misconception in 2, not attempted in 1."""
    chance = draw.random()
    if chance < 0.1:
        return None
    source = exercise.source
    if chance < 0.3:
        source = without_docstrings(source)
        for old, new in draw.choice([m for m in exercise.misconceptions if m.edits]).edits.items():
            source = source.replace(old, new)
    return source


def timed(command: list[str], **options: object) -> tuple[float, float]:
    """Seconds that a command takes, and the most memory that it and all its processes hold at a time."""
    most, over = [0.0], threading.Event()
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **options)
    watcher = threading.Thread(target=watch, args=(process.pid, most, over))
    watcher.start()
    _, errors = process.communicate()
    seconds = time.perf_counter() - started
    over.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{errors[-3000:]}")
    return seconds, most[0]


def watch(pid: int, most: list[float], over: threading.Event) -> None:
    """Note the most memory of a process and all below it, shared pages counted once."""
    while not over.wait(0.5):
        most[0] = max(most[0], sum(map(proportional, below(pid))))


def below(pid: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, todo = [pid], [pid]
    while todo:
        todo += (more := children.get(todo.pop(), []))
        found += more
    return found


def proportional(pid: int) -> float:
    """A process's share of memory, in bytes."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(1024.0 * float(line.split()[1]) for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    main()
