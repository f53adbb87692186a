"""Is every step of the Dockerfile one that `.ci/run` takes, on a clean machine, too?"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def steps(text):
    """The packages that a script installs, and the targets that it makes."""
    lines = [line.partition("#")[0] for line in text.splitlines()]
    packages = " ".join(re.findall(r"apt-get install ((?:-\S+ )*[\w +]+)", "\n".join(lines)))
    return {word for word in packages.split() if not word.startswith("-")}, set(
        re.findall(r"\bmake ([\w./-]+)", "\n".join(lines))
    )


def test_does_the_dockerfile_take_only_steps_that_are_tested():
    ours, tested = (steps((ROOT / name).read_text(encoding="utf-8")) for name in ("Dockerfile", ".ci/run"))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    needed = {
        word
        for target in tested[1]
        for line in re.findall(rf"^{target}: ([^#\n]*)", makefile, re.M)
        for word in line.split()
    }
    assert ours[0] and ours[0] <= tested[0], "packages"
    assert ours[1] and ours[1] <= tested[1] | needed, "targets"


def test_is_nothing_of_a_class_in_the_image():
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {"autograder/course", ".git", ".venv"} <= set(left_out)
