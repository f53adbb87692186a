"""The course outside its checkout: the built wheel in an environment like Colab's, and a chapter run there.

`google.colab` is a stand-in: an empty module of that name, which is all that the bootstrap cell looks at. For the
address of the repository stands the wheel; all else is what happens on Colab: a torch, a NumPy and a matplotlib that
the course did not choose are there first, and must be there unchanged afterwards.
"""

import json
import subprocess
import sys
import venv
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from autograder.build import CHAPTERS_FOLDER, repository

ROOT = Path(__file__).parents[1]
THERE_FIRST = ("torch==2.13.0", "numpy==2.2.6", "matplotlib==3.10.3", "ipython==8.37.0", "ipykernel==6.30.1")
CHAPTER = "01_rnn"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel as a release would build it."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    return next(folder.glob("unrolled-*.whl"))


@pytest.fixture(scope="module")
def colab(tmp_path_factory):
    """An environment with a stack of its own, a kernel for it, and the stand-in for google.colab."""
    folder = tmp_path_factory.mktemp("colab")
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", *THERE_FIRST)
    stand_in = folder / "stand_in" / "google" / "colab"
    stand_in.mkdir(parents=True)
    (stand_in / "__init__.py").write_text('"""A stand-in: Colab itself has far more in it."""\n')
    kernel = folder / "jupyter" / "kernels" / "colab"
    kernel.mkdir(parents=True)
    arguments = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    environment = {"PYTHONPATH": str(folder / "stand_in"), "UNROLLED_STATIC": "1", "XDG_DATA_HOME": str(folder)}
    spec = {"argv": arguments, "display_name": "Colab", "language": "python", "env": environment}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    return folder


def versions(colab):
    """What pip says is installed, of the packages that were there first."""
    freeze = json.loads(run(colab / "env" / "bin" / "python", "-m", "pip", "list", "--format", "json"))
    names = {requirement.split("==")[0] for requirement in THERE_FIRST}
    return {package["name"]: package["version"] for package in freeze if package["name"] in names}


def chapter(wheel=None, first=""):
    """The student's notebook, `first` in front of its bootstrap cell, the wheel for the address."""
    notebook = nbformat.read(CHAPTERS_FOLDER / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    bootstrap = next(cell for cell in notebook.cells if cell.id == "bootstrap")
    if wheel:
        assert f"git+{repository()}" in bootstrap.source
        bootstrap.source = bootstrap.source.replace(f"git+{repository()}", wheel.as_uri())
    bootstrap.source = first + bootstrap.source
    return notebook


def execute(notebook, colab, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", str(colab / "jupyter"))
    folder = colab / "content"
    folder.mkdir(exist_ok=True)
    client = NotebookClient(notebook, kernel_name="colab", timeout=600, resources={"metadata": {"path": str(folder)}})
    client.execute()


def test_is_a_missing_course_said_clearly_where_nothing_can_install_it(colab, monkeypatch):
    with pytest.raises(CellExecutionError, match="make start"):
        execute(chapter(), colab, monkeypatch)


def test_does_a_chapter_run_on_colab_and_leave_colabs_own_packages_alone(colab, wheel, monkeypatch):
    before = versions(colab)
    assert len(before) == len(THERE_FIRST)
    notebook = chapter(wheel, first="import google.colab\n")
    execute(notebook, colab, monkeypatch)
    assert versions(colab) == before
    output = str([cell.get("outputs", []) for cell in notebook.cells])
    assert "not attempted" in output and "0 of 15 points" in output
    # With the package there, the bootstrap cell does nothing.
    again = chapter(wheel, first="import google.colab\n")
    again.cells = again.cells[:3]
    execute(again, colab, monkeypatch)
    assert not next(cell for cell in again.cells if cell.id == "bootstrap").outputs


def test_does_the_wheel_hold_what_chapters_read_and_nothing_else(wheel):
    import zipfile

    names = zipfile.ZipFile(wheel).namelist()
    assert "unrolled/assets/runs/01_rnn.json" in names and "unrolled/assets/javascript/d3-LICENSE" in names
    tops = {name.split("/")[0] for name in names}
    assert tops == {"unrolled", "autograder", next(top for top in tops if top.endswith(".dist-info"))}
    assert not any(name.startswith(("autograder/course", "tests")) for name in names)
