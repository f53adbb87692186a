"""Does a fork's own address, set once, reach Colab from everywhere?"""

import re
import subprocess

from autograder import build, pages
from autograder.build import ROOT

MINE = "https://github.com/kim/my-course"


def test_is_the_address_of_a_fork_in_the_first_cell_and_in_every_button(monkeypatch):
    theirs = build.repository()
    monkeypatch.setattr(build, "repository", lambda: MINE)
    bootstrap = next(cell for cell in build.student_notebook("01_rnn").cells if cell.id == "bootstrap")
    assert f"git+{MINE}" in bootstrap.source and theirs not in bootstrap.source
    table = pages.readme_table((ROOT / "README.md").read_text(encoding="utf-8"))
    buttons = re.findall(r"https://colab\.research\.google\.com/github/[^)]*", table)
    assert buttons and all("/github/kim/my-course/" in button for button in buttons)


def test_stands_the_address_in_one_place_and_else_only_where_the_builder_writes_it():
    address = build.repository().removeprefix("https://")
    listed = subprocess.run(["git", "grep", "-l", address], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    written = re.compile(r"README\.md|chapters/.*|solutions/\d.*\.ipynb|tests/.*handed_out.*")
    assert [file for file in listed.splitlines() if not written.fullmatch(file)] == ["pyproject.toml"]
