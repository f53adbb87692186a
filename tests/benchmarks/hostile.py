"""What do ten hostile submissions cost a class of 300?

    python -m tests.benchmarks.hostile [--submissions 300] [--hostile 10] [--jobs 2]

The class of `grading.py` in chapter 01 is graded twice in one run: as it is, and with so many of its submissions replaced
by attacks of `tests/attacks/exhausting`, which use up time, memory, processes, disk or the reader's patience. What they
add may be their time limits, and no more.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.attacks import arena, test_attacks
from tests.benchmarks.grading import make_course


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=300)
    parser.add_argument("--hostile", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        honest, mixed = (Path(folder, name) for name in ("honest", "mixed"))
        for course in (honest, mixed):
            make_course(course, arena.CHAPTER, options.submissions, bare=False, repeats=0.0)
            (course / "secrets").mkdir()
            (course / "secrets" / f"{arena.CHAPTER}.seed").write_text("20260101")
        names = replaced(mixed, options.submissions, options.hostile, Path(folder))
        seconds = {course: graded(course, options.jobs) for course in (honest, mixed)}
        print(f"{'submissions':40} {options.submissions}, {len(names)} of them hostile: {', '.join(names)}")
        print(f"{'seconds without and with them':40} {seconds[honest]:.1f}, {seconds[mixed]:.1f}")
        print(
            f"{'seconds that each of them adds':40} {(seconds[mixed] - seconds[honest]) * options.jobs / len(names):.1f}"
        )
        print(f"{'records whose points differ':40} {differing(honest, mixed)}")


def replaced(course: Path, submissions: int, hostile: int, trace: Path) -> list[str]:
    """Hand in attacks in the place of submissions spread over the class; returns their names."""
    names = [name for name in test_attacks.NAMES if name.startswith("exhausting")][:hostile]
    for number, name in enumerate(names):
        attack = test_attacks.load(name)
        _, notebook = test_attacks.prepared(attack, course, trace / "trace")
        student = f"student{number * submissions // len(names):04}"
        folder = arena.hand_in(course, student, notebook)
        if attack.after:
            attack.after(folder)
    return names


def graded(course: Path, jobs: int) -> float:
    """Seconds to grade a course, which ends with status 1 where one is to be looked at."""
    command = [sys.executable, "-m", "autograder", "grade", arena.CHAPTER, "--course", str(course), "--jobs", str(jobs)]
    began = time.perf_counter()
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} failed:\n{ended.stderr[-3000:]}")
    return time.perf_counter() - began


def differing(honest: Path, mixed: Path) -> int:
    """In how many submissions of both classes that were answered alike the points differ."""
    points = []
    for course in (honest, mixed):
        found = {}
        for path in (course / "records" / arena.CHAPTER).glob("*.json"):
            record = json.loads(path.read_text(encoding="utf-8"))
            source = next((course / "submitted" / record["student"] / arena.CHAPTER).glob("*.ipynb"))
            found[source.read_bytes()] = record["points"]
        points.append(found)
    return sum(points[0][source] != points[1][source] for source in points[0].keys() & points[1].keys())


if __name__ == "__main__":
    main()
