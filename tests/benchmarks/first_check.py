"""How long a student waits: from a fresh machine to the first green check, and for every check after that.

Run as `python tests/benchmarks/first_check.py`. It clones the repository, runs `make start` there (which installs
everything), opens chapter 01 in Chromium, types a right answer and checks it. Then, in this process, every exercise's
right answer and its first known mistakes are judged as `check` does; the first time includes what is loaded only once.
So is one answer for each exercise that no known mistake explains: it takes longest, since all of them are tried.
`python tests/benchmarks/first_check.py --here` leaves the browser out.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.behaviour import expected, variant, with_mistakes
from autograder.changes import changes
from autograder.exercises import all_exercises, find_exercise
from autograder.feedback import as_html
from autograder.judge import judge
from tests.autograder.unnamed import Unnamed
from tests.browser.conftest import ROOT, browser, free_port, server


def first_green_check() -> tuple[float, float]:
    """Seconds until JupyterLab answers, and from there until the first answer is found right."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name) / "course", free_port()
        subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
        options = f"--no-browser --allow-root --port={port} --IdentityProvider.token= --ServerApp.password="
        began = time.perf_counter()
        os.environ.pop("VIRTUAL_ENV", None)
        with server(["make", "start", f"ARGS={options}"], folder, {}, port, seconds=1800):
            started = time.perf_counter()
            with browser(f"http://localhost:{port}", folder) as lab:
                lab.open("chapters/01_rnn/01_rnn.ipynb")
                lab.run(lab.cell("On Colab this installs the course"))
                lab.run(lab.cell('start("01_rnn"'))
                answer = lab.cell("# exercise: rnn_step")
                lab.write(answer, f"# exercise: rnn_step\n{find_exercise('rnn_step').source}")
                lab.run(answer)
                assert "correct" in lab.run(lab.cell("check(rnn_step)")).inner_text()
            return started - began, time.perf_counter() - started


def check_seconds() -> tuple[list[float], list[float]]:
    """For every exercise, right and wrong answers: seconds of the first check, and of the next."""
    first, next_ = [], []
    for exercise in all_exercises():
        for answer in (exercise.reference, *(exercise.variant(m) for m in exercise.misconceptions[:3])):
            for seconds in (first, next_):
                began = time.perf_counter()
                as_html(judge(exercise, answer))
                seconds.append(time.perf_counter() - began)
    return first, next_


def unnamed_seconds() -> list[tuple[float, str]]:
    """For every exercise, seconds until an unnamed wrong answer has its first verdict, nothing being remembered."""
    found = []
    for exercise in all_exercises():
        for remembered in (expected, with_mistakes, variant, changes):
            remembered.cache_clear()
        began = time.perf_counter()
        judge(exercise, Unnamed(exercise.reference))
        found.append((time.perf_counter() - began, exercise.name))
    return sorted(found, reverse=True)


def main() -> None:
    """Measure all."""
    unnamed = unnamed_seconds()
    slowest = ", ".join(f"{name} {seconds:.1f} s" for seconds, name in unnamed[:5])
    print(f"an unnamed mistake at first sight: median {statistics.median(s for s, _ in unnamed):.1f} s; {slowest}")
    for what, seconds in zip(("the first check", "after that"), check_seconds(), strict=True):
        share = sum(second < 1 for second in seconds) / len(seconds)
        print(
            f"check, {what}: median {1000 * statistics.median(seconds):.0f} ms, {share:.1%} below a second, "
            f"the slowest {max(seconds):.1f} s ({len(seconds)} answers)"
        )
    if "--here" in sys.argv:
        return
    lab, green = first_green_check()
    print(f"from a fresh clone to JupyterLab {lab:.0f} s; from there to the first green check {green:.0f} s")


if __name__ == "__main__":
    main()
