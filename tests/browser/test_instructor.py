"""An instructor's afternoon with Formgrader, in a real browser: generate, release, collect, grade, comment, give back.

The exchange is nbgrader's, on this machine; the student's side (fetch, submit, fetch feedback) runs on the command line.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from autograder.build import as_text, instructor_notebook
from autograder.exercises import chapter_exercises
from autograder.grading.course import CONFIGURATION
from tests.browser.conftest import browser, free_port, server

CHAPTER = "01_rnn"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


class Course:
    """A course folder with our settings, an exchange beside it, and the student's own folder."""

    def __init__(self, folder: Path):
        self.folder, self.student = folder / "autograder", folder / "student"
        self.root, self.exchange = self.folder / "course", folder / "exchange"
        for path in (self.folder, self.student, self.exchange):
            path.mkdir()
        self.exchange.chmod(0o777)
        settings = CONFIGURATION.read_text(encoding="utf-8")
        settings += (
            f"c.CourseDirectory.root = {str(self.folder / 'course')!r}\nc.Exchange.root = {str(self.exchange)!r}\n"
        )
        (self.folder / "nbgrader_config.py").write_text(settings)
        of_the_student = (
            f"c = get_config()\nc.CourseDirectory.course_id = 'unrolled'\nc.Exchange.root = {str(self.exchange)!r}\n"
        )
        (self.student / "nbgrader_config.py").write_text(of_the_student)
        source = self.folder / "course" / "source" / CHAPTER
        source.mkdir(parents=True)
        (source / f"{CHAPTER}.ipynb").write_text(as_text(instructor_notebook(CHAPTER)), encoding="utf-8")
        paths = [str(Path(sys.executable).parent), os.environ["PATH"]]
        self.environment = {**os.environ, "PATH": os.pathsep.join(paths), "JUPYTER_CONFIG_DIR": str(folder / "jupyter")}

    def as_student(self, *arguments: str) -> str:
        """Run an nbgrader command in the student's folder."""
        command = [sys.executable, "-m", "nbgrader", *arguments]
        done = subprocess.run(
            command, cwd=self.student, env=self.environment, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout + done.stderr


def lab_command(port: int) -> list[str]:
    """JupyterLab in a course's folder."""
    command = [str(Path(sys.executable).parent / "jupyter"), "lab", "--no-browser", "--allow-root", f"--port={port}"]
    return [*command, "--notebook-dir=.", "--IdentityProvider.token=", "--ServerApp.password="]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return Course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def lab(course):
    """JupyterLab as `make teach` opens it."""
    port = free_port()
    with (
        server(lab_command(port), course.folder, course.environment, port),
        browser(f"http://localhost:{port}", course.folder) as lab,
    ):
        yield lab


def formgrader(lab, path=""):
    lab.page.goto(f"{lab.url}/formgrader/{path}")
    return lab.page


def press(lab, action):
    """Press a button of the chapter's row, and wait for the dialogue that says it went well."""
    page = formgrader(lab)
    row = page.locator("tr", has_text=CHAPTER)
    row.locator(f"td.{action} a").click()
    expect(page.locator(".modal-title")).to_contain_text("Success", timeout=300_000)
    lab.picture(f"10-{action}")


def test_does_jupyterlabs_menu_open_formgrader_with_the_chapters(lab):
    lab.page.goto(f"{lab.url}/lab")
    lab.menu("Nbgrader", "Formgrader")
    frame = lab.page.frame_locator("iframe").first
    expect(frame.locator("tr", has_text=CHAPTER)).to_be_visible()
    lab.picture("09-formgrader")


def test_does_the_whole_journey_end_with_points_and_a_comment(course, lab):
    page = formgrader(lab)
    expect(page.locator("tr", has_text=CHAPTER)).to_be_visible()
    press(lab, "assign")
    press(lab, "release")
    course.as_student("fetch_assignment", "--course", "unrolled", CHAPTER)
    notebook = nbformat.read(course.student / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    solved = {cell.id: cell.source for cell in instructor_notebook(CHAPTER).cells}
    names = [exercise.name for exercise in chapter_exercises(CHAPTER)]
    for cell in notebook.cells:
        if cell.id in names[:2]:
            cell.source = solved[cell.id]
        if cell.id == "rnn-in-your-own-words":
            cell.source = "The state is a summary of what was read."
    nbformat.write(notebook, course.student / CHAPTER / f"{CHAPTER}.ipynb")
    course.as_student("submit", "--course", "unrolled", CHAPTER)
    press(lab, "collect")
    page = formgrader(lab, f"manage_submissions/{CHAPTER}")
    page.locator("td.autograde a").first.click()
    expect(page.locator(".modal-title")).to_contain_text("Success", timeout=300_000)
    page = formgrader(lab, f"manage_submissions/{CHAPTER}")
    points = sum(exercise.points for exercise in chapter_exercises(CHAPTER)[:2])
    expect(page.locator("td.score").first).to_contain_text(f"{points:g}")
    lab.picture("11-submissions")
    record = json.loads(next((course.folder / "course" / "records").rglob("*.json")).read_text())
    assert record["points"] == points and record["graded"]

    page = formgrader(lab, f"gradebook/{CHAPTER}/{CHAPTER}")
    page.locator("td.name a, td a").first.click()
    page.locator(".nbgrader_cell, .nbgrader_score, input.score").first.wait_for(timeout=60_000)
    lab.picture("12-submission")
    paragraph = page.locator(".cell, .jp-Cell, .nbgrader_cell").filter(has_text="a summary of what was read").first
    score = page.locator("input.score").last
    score.fill("2")
    score.press("Enter")
    comment = page.locator("textarea.comment").last
    comment.fill("Well said.")
    comment.press("Tab")
    page.wait_for_timeout(1500)
    assert paragraph.count() == 1
    page = formgrader(lab, f"manage_submissions/{CHAPTER}")
    expect(page.locator("td.score").first).to_contain_text(f"{points + 2:g}")

    press(lab, "generate-feedback")
    press(lab, "release-feedback")
    course.as_student("fetch_feedback", "--course", "unrolled", CHAPTER)
    (feedback,) = (course.student / CHAPTER / "feedback").rglob("*.html")
    text = feedback.read_text(encoding="utf-8")
    assert "Well said." in text and "correct, 3 of 3 points" in text and "not attempted" in text
    lab.page.goto(feedback.as_uri())
    lab.picture("13-feedback")
