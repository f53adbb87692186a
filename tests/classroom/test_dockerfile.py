"""Is every step of the Dockerfile one that `.ci/run` takes, on a clean machine, too?"""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OF_THE_TESTS = {"chromium"}  # what `.ci/run` installs for the tests alone
DOCKERFILE, CI, MAKEFILE = ((ROOT / name).read_text(encoding="utf-8") for name in ("Dockerfile", ".ci/run", "Makefile"))


def packages(text):
    """The Debian packages that a script installs."""
    lines = "\n".join(line.partition("#")[0] for line in text.splitlines())
    words = " ".join(re.findall(r"apt-get install ((?:-\S+ )*[\w +.-]+)", lines)).split()
    return {word for word in words if not word.startswith("-")}


def known_targets():
    """The targets of the Makefile that `.ci/run` makes, and what those need; `make start` is what the browser tests run."""
    made = set(re.findall(r"^make ([\w./-]+)", CI, re.M))
    needed = {w for t in made for line in re.findall(rf"^{re.escape(t)}: ([^#\n]*)", MAKEFILE, re.M) for w in line.split()}
    browser = (ROOT / "tests" / "browser" / "conftest.py").read_text(encoding="utf-8")
    return made | needed | ({"start"} if '["make", "-o", ".venv/installed", "start"' in browser else set())


def complaints(text):
    """What a Dockerfile does that nothing tests."""
    found, instructions = [], re.findall(r"^([A-Z]+) (.*)$", text, re.M)
    steps = [step.strip() for kind, line in instructions if kind == "RUN" for step in line.split("&&")]
    if packages(text) != packages(CI) - OF_THE_TESTS:
        found.append("other packages")
    for step in steps:
        target = re.fullmatch(r"make ([\w./-]+)", step)
        if not (target and target[1] in known_targets()) and not re.match(r"apt-get (update -qq$|install -qq -y )", step):
            found.append(f"an untested step: {step}")
    if "make .venv/installed" not in steps:
        found.append("another way to install")
    command = json.loads(next((line for kind, line in instructions if kind == "CMD"), "[]"))
    if command[:2] != ["make", "start"] or "start" not in known_targets():
        found.append("another start")
    if "--ip=0.0.0.0" not in " ".join(command) or ("EXPOSE", "8888") not in instructions:
        found.append("cannot be reached from outside")
    python = re.search(r"^FROM python:3\.(\d+)", text, re.M)
    least = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    if not python or int(python[1]) < int(re.search(r">=3\.(\d+)", least)[1]):
        found.append("another Python")
    return found


def test_does_the_dockerfile_take_only_steps_that_are_tested():
    assert complaints(DOCKERFILE) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("bubblewrap g++", "bubblewrap", "other packages"),
        ("bubblewrap g++", "bubblewrap g++ nodejs", "other packages"),
        ("RUN make .venv/installed", "RUN pip install -r requirements.txt", "another way to install"),
        ("RUN make build", "RUN make everything", "an untested step: make everything"),
        ("RUN make build", "RUN python -m autograder build", "an untested step: python -m autograder build"),
        ('"make", "start"', '"jupyter", "lab"', "another start"),
        (" --ip=0.0.0.0", "", "cannot be reached from outside"),
        ("EXPOSE 8888", "EXPOSE 80", "cannot be reached from outside"),
        ("python:3.12", "python:3.9", "another Python"),
    ],
)
def test_would_another_step_be_noticed(old, new, expected):
    assert old in DOCKERFILE
    assert expected in complaints(DOCKERFILE.replace(old, new))


def test_is_nothing_of_a_class_in_the_image():
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {"autograder/course", ".git", ".venv"} <= set(left_out)
