"""Does everything follow the settings of a class, and does a change of them ask for what it must and no more?"""

import json
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder import __main__ as command_line
from autograder import build as build_module
from autograder import notebook
from autograder.build import as_text, class_notebook, student_notebook
from autograder.classroom import EXAMPLE, read
from autograder.exercises import chapter_exercises, find_exercise
from autograder.grading import as_built, batch, sandbox, walls
from autograder.grading.autograded import handed_out
from autograder.grading.batch import grade_class
from autograder.grading.course import load_course
from autograder.grading.late import LateRule
from autograder.terminal import Trouble
from tests.attacks import arena

CHAPTER = arena.CHAPTER
OWN_EXERCISES = Path(__file__).parents[2] / "assets" / "classroom" / "own_exercises"
OWN = 'exercises = ["unroll", "sequence_cross_entropy", "clip_gradients"]\npoints = { unroll = 7, rnn-in-your-own-words = 4 }\n'


@pytest.fixture(scope="module", autouse=True)
def one_sandbox_for_all():
    """The sandbox stays warm from one test to the next."""
    forget = batch.forget_sandbox
    batch.forget_sandbox = lambda chapter, mode: None
    yield
    batch.forget_sandbox = forget
    sandbox.forget_sandbox(CHAPTER, walls.FORKS)


@pytest.fixture
def root(tmp_path):
    return arena.new_course(tmp_path / "course")


def set_class(root, text):
    (root / "class.toml").write_text(text, encoding="utf-8")


def follow(root, capsys):
    """What `class` says, and its status."""
    capsys.readouterr()
    status = command_line.main(["class", "--course", str(root)])
    return status, capsys.readouterr().out


def build(root):
    """The class's instructor notebook in its place; the student's."""
    made = class_notebook(CHAPTER, read(root))
    (root / "source" / CHAPTER / f"{CHAPTER}.ipynb").write_text(nbformat.writes(made), encoding="utf-8")
    return json.loads(handed_out(nbformat.writes(made)))


def grade(root, **options):
    with ThreadPoolExecutor(1) as executor:
        return grade_class(load_course(root), CHAPTER, executor=executor, progress=False, **options)


def solve(given, *names):
    for name in names:
        arena.find_cell(given, name)["source"] = f"# exercise: {name}\n{find_exercise(name).source}"
    return given


def test_is_the_example_settings_that_change_nothing_and_with_its_lines_uncommented_settings(root, capsys):
    assert follow(root, capsys)[0] == 0
    assert (root / "class.toml").read_text("utf-8") == EXAMPLE
    assert class_notebook(CHAPTER, read(root)) == class_notebook(CHAPTER, read(root.parent))
    _, *lines = EXAMPLE.split("\n\n", 1)[1].splitlines()
    everything = "\n".join(line.removeprefix("# ") for line in ["", *lines])
    shutil.copytree(OWN_EXERCISES, root / "own_exercises")
    set_class(root, everything)
    settings = read(root)
    assert find_exercise("leaky_step").points == 3
    assert settings.of(CHAPTER).due == datetime(2026, 3, 9, 14, 59) and settings.late.percent_per_day == 10
    assert settings.extensions["minsu"][CHAPTER] == datetime(2026, 3, 16, 14, 59)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("late = 3", "late is 3"),
        ('[late]\nrule = "never"', "late.rule is 'never': Input should be 'none', 'zero' or 'percent'"),
        ("[chapters.01_rnn]\nseed = 'x'", "chapters.01_rnn.seed is 'x'"),
        ("[chapters.01_rnn]\npoints = { unroll = 0 }", "chapters.01_rnn.points.unroll is 0"),
        ("[chapters.01_rnn]\npoints = { enroll = 2 }", "names 'enroll'; expected one of rnn_step, unroll"),
        ("[chapters.01_rnn]\ndue = 'soon'", "expected a date and a time, such as 2026"),
        ("[chapters.99_x]\n", "chapters names '99_x'; expected one of 00_warm_up"),
        ("[chapters.01_rnn]\nexercises = []", "exercises is empty"),
        ("[extensions.ann]\n99_x = 2026-01-01T00:00:00", "extensions.ann names '99_x'"),
        ("seconds = -1", "seconds is -1"),
        ("second = 1", "second is 1: Extra inputs"),
        ("[chapters", "class.toml: "),
    ],
)
def test_is_a_setting_that_means_nothing_one_sentence(root, capsys, text, expected):
    set_class(root, text)
    assert command_line.main(["grade", CHAPTER, "--course", str(root)]) == 2
    said = capsys.readouterr().err
    assert expected in said and str(root / "class.toml") in said and len(said.splitlines()) == 1


def test_do_notebook_grading_and_gradebook_follow_the_exercises_and_points(root):
    set_class(root, f"[chapters.{CHAPTER}]\n{OWN}")
    given = build(root)
    ids = {
        c["metadata"]["nbgrader"]["grade_id"]: c["metadata"]["nbgrader"].get("points")
        for c in given["cells"]
        if "nbgrader" in c["metadata"]
    }
    checks = {"unroll-check": 7, "sequence_cross_entropy-check": 3, "clip_gradients-check": 3}
    assert {name: p for name, p in ids.items() if p is not None} == checks | {"rnn-in-your-own-words": 4}
    text = "\n".join("".join(cell["source"]) for cell in given["cells"])
    assert "Three exercises, 13 points and a paragraph\n(4 points)" in text, "the introduction promises what the class has"
    assert "### Solved: 1.1" in text and "· given" in text and "· 7 points" in text and "check(rnn_step)" not in text
    assert find_exercise("rnn_step").source.splitlines()[-1] in text, "what does not count is handed out solved"
    arena.hand_in(root, "ann", solve(given, "unroll", "sequence_cross_entropy", "clip_gradients"))
    arena.hand_in(root, "ben", solve(build(root), "unroll"))
    ann, ben = grade(root)
    assert [e["exercise"] for e in ann["verdicts"]] == ["unroll", "sequence_cross_entropy", "clip_gradients"]
    assert (ann["points"], ben["points"], ann["repairs"]) == (13, 7, [])
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        assert book.find_assignment(CHAPTER).max_score == 17
        assert book.find_submission(CHAPTER, "ann").score == 13


def test_does_check_in_the_handed_out_notebook_follow(root, capsys):
    set_class(root, f"[chapters.{CHAPTER}]\n{OWN}")
    setup = next("".join(c["source"]) for c in build(root)["cells"] if c["id"] == "setup")
    call = next(line for line in setup.splitlines() if line.startswith("start("))
    space = {"start": notebook.start, "check": notebook.check, "progress": notebook.progress}
    exec(call, space)
    space |= {"unroll": find_exercise("unroll").reference}
    assert eval("check(unroll)", space) == 7
    capsys.readouterr()
    exec(f"progress('{CHAPTER}')", space)
    said = capsys.readouterr().out
    assert "unroll" in said and "of 7" in said and "rnn_step" not in said and "of 13" in said


def test_are_points_edited_in_the_instructor_notebook_refused_with_advice(root, capsys):
    path = root / "source" / CHAPTER / f"{CHAPTER}.ipynb"
    for change, expected in (
        (
            lambda cells: arena.find_cell({"cells": cells}, "unroll-check")["metadata"]["nbgrader"].update(points=7),
            "unroll has 7 points in it, and 3 in the class",
        ),
        (
            lambda cells: cells.remove(arena.find_cell({"cells": cells}, "unroll-check")),
            "unroll is not in it, and counts in the class",
        ),
    ):
        made = json.loads(arena.source_notebook())
        change(made["cells"])
        path.write_text(json.dumps(made))
        arena.hand_in(root, "ann", arena.perfect())
        assert command_line.main(["grade", CHAPTER, "--course", str(root)]) == 2
        said = capsys.readouterr().err
        assert expected in said and "class.toml" in said and f"build {CHAPTER} --force" in said


def swapped(cells):
    one, other = (cells.index(arena.find_cell({"cells": cells}, name)) for name in ("unroll", "unroll-check"))
    cells[one], cells[other] = cells[other], cells[one]


def the_cell(name):
    return lambda cells: next(cell for cell in cells if cell["id"] == name)


def added(cell, source):
    cell["source"] = "".join(cell["source"]) + source


def a_copy(cells):
    cells.append({**arena.find_cell({"cells": cells}, "unroll-check"), "id": "copied"})


NEW = {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "Hand in by Monday."}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda cells: added(the_cell("unroll")(cells), "\n# easier"), "'unroll' is not as in solutions/unrolled/rnn.py"),
        (lambda cells: added(the_cell("unroll-check")(cells), "  # 2"), "'unroll-check' is not as in solutions/01_rnn.py"),
        (lambda cells: added(the_cell("setup")(cells), "\nimport os"), "'setup' is not as in solutions/01_rnn.py"),
        (lambda cells: added(cells[0], " !"), "is not as in solutions/01_rnn.py"),
        (lambda cells: the_cell("unroll-check")(cells)["metadata"]["nbgrader"].update(locked=False), "'unroll-check' is not as"),
        (
            lambda cells: the_cell("rnn-in-your-own-words")(cells)["metadata"]["nbgrader"].update(points=5),
            "rnn-in-your-own-words has 5 points in it, and 2 in the class",
        ),
        (lambda cells: cells.remove(the_cell("unroll")(cells)), "the cell 'unroll' is missing"),
        (lambda cells: cells.remove(the_cell("hand-in")(cells)), "the cell 'hand-in' is missing"),
        (lambda cells: cells.insert(3, NEW), "it has a cell 'mine' more than solutions/01_rnn.py"),
        (swapped, "the cell 'unroll-check' has taken the place of 'unroll'"),
        (a_copy, "the cell 'unroll-check' is in it twice"),
    ],
)
def test_is_a_cell_edited_in_the_instructor_notebook_refused_with_the_place_for_it(root, capsys, change, expected):
    path = root / "source" / CHAPTER / f"{CHAPTER}.ipynb"
    made = json.loads(as_text(class_notebook(CHAPTER, read(root))))
    arena.hand_in(root, "ann", arena.handed_out())
    change(made["cells"])
    path.write_text(json.dumps(made), encoding="utf-8")
    for command in ("grade", "feedback", "report"):
        assert command_line.main([command, CHAPTER, "--course", str(root)]) == 2
        said = capsys.readouterr().err
        assert expected in said and "then run `python -m autograder" in said and len(said.splitlines()) == 1


def test_may_an_instructor_run_the_notebook_and_leave_an_empty_cell(root):
    path = root / "source" / CHAPTER / f"{CHAPTER}.ipynb"
    made = json.loads(as_text(class_notebook(CHAPTER, read(root))))
    the_cell("setup")(made["cells"]).update(execution_count=1, outputs=[{"output_type": "stream", "name": "stdout", "text": "x"}])
    made["cells"].append({**NEW, "cell_type": "code", "source": "", "outputs": [], "execution_count": None})
    path.write_text(json.dumps(made), encoding="utf-8")
    assert load_course(root).source(CHAPTER)


def test_is_a_master_noticed_that_was_edited_and_not_built(root, capsys, tmp_path, monkeypatch):
    """Where a graded cell differs; another text alone changes nobody's grade, and `class` builds it."""
    set_class(root, "")
    path = root / "source" / CHAPTER / f"{CHAPTER}.ipynb"
    path.write_text(as_text(class_notebook(CHAPTER, read(root))), encoding="utf-8")
    shutil.copytree(build_module.MASTERS, tmp_path / "solutions", ignore=shutil.ignore_patterns("*.ipynb", "unrolled"))
    for module in (build_module, as_built):
        monkeypatch.setattr(module, "MASTERS", tmp_path / "solutions")
    monkeypatch.setattr(as_built, "ROOT", tmp_path)
    master = tmp_path / "solutions" / f"{CHAPTER}.py"
    text = master.read_text(encoding="utf-8")
    master.write_text(text.replace("You read this sentence", "You are reading this sentence"), encoding="utf-8")
    assert load_course(root).source(CHAPTER)
    master.write_text(re.sub(r"(written.*name=\"rnn-in-your-own-words\".*points=)2", r"\g<1>3", text), encoding="utf-8")
    with pytest.raises(Trouble, match=r"has 2 points in it, and 3 in the class.*`python -m autograder class`"):
        load_course(root).source(CHAPTER)
    assert follow(root, capsys)[0] == 0
    assert load_course(root).source(CHAPTER)


def test_is_an_edited_release_noticed_and_one_of_another_source_left_to_class(root, capsys):
    path, release = (root / step / CHAPTER / f"{CHAPTER}.ipynb" for step in ("source", "release"))
    source = as_text(class_notebook(CHAPTER, read(root)))
    path.write_text(source, encoding="utf-8")
    made = json.loads(handed_out(source))
    release.parent.mkdir(parents=True)
    release.write_text(json.dumps(made), encoding="utf-8")
    assert load_course(root).source(CHAPTER)
    made["cells"].insert(1, NEW)
    release.write_text(json.dumps(made), encoding="utf-8")
    assert load_course(root).source(CHAPTER), "a note on top of what is handed out costs nothing"
    added(the_cell("unroll")(made["cells"]), "\n# a hint")
    release.write_text(json.dumps(made), encoding="utf-8")
    with pytest.raises(Trouble, match=r"release.*'unroll' is not as in solutions/unrolled/rnn.py.*generate_assignment 01_rnn"):
        load_course(root).source(CHAPTER)
    set_class(root, f"[chapters.{CHAPTER}]\npoints = {{ unroll = 4 }}\n")
    assert "hand out again" in follow(root, capsys)[1]
    assert load_course(root).source(CHAPTER)


def test_does_a_change_ask_for_what_it_must_and_no_more(root, capsys):
    (root / "source" / CHAPTER / f"{CHAPTER}.ipynb").unlink()
    set_class(root, f"[chapters.{CHAPTER}]\nseed = 1\n")
    assert "the instructor notebook was built" in follow(root, capsys)[1]
    assert follow(root, capsys) == (0, "All is as class.toml says.\n")
    arena.hand_in(root, "ann", arena.perfect())
    assert follow(root, capsys) == (1, f"{CHAPTER}: grade 1 again: python -m autograder grade {CHAPTER}\n")
    grade(root)
    assert follow(root, capsys)[0] == 0
    set_class(root, f"[chapters.{CHAPTER}]\nseed = 2\n")
    assert f"grade 1 again: python -m autograder grade {CHAPTER}" in follow(root, capsys)[1]
    grade(root)
    assert follow(root, capsys)[0] == 0
    release = root / "release" / CHAPTER / f"{CHAPTER}.ipynb"
    release.parent.mkdir(parents=True)
    release.write_text(nbformat.writes(student_notebook(CHAPTER)))
    assert follow(root, capsys)[0] == 0, "it was handed out as it is"
    set_class(root, f"[chapters.{CHAPTER}]\nseed = 2\npoints = {{ unroll = 4 }}\n")
    said = follow(root, capsys)[1]
    assert "was built" in said and "hand out again" in said and "grade 1 again" in said
    set_class(root, f"[chapters.{CHAPTER}]\nseed = 2\ndue = 2026-01-01T00:00:00Z\n")
    follow(root, capsys)
    grade(root)
    assert follow(root, capsys) == (0, "All is as class.toml says.\n"), "a date asks for nothing"


def test_is_every_chapter_that_use_names_built_so_that_it_can_be_generated(root, capsys):
    set_class(root, 'use = ["01_rnn", "04_attention"]\n')
    assert "04_attention: the instructor notebook was built" in follow(root, capsys)[1]
    assert (root / "source" / "04_attention" / "04_attention.ipynb").exists()


def test_is_an_extension_for_nobody_told(root, capsys):
    (root / "source" / CHAPTER / f"{CHAPTER}.ipynb").unlink()
    (root / "class.csv").write_text("Student,ID,SIS Login ID\n\"Kim, Minsu\",1,minsu\n")
    assert command_line.main(["roster", str(root / "class.csv"), "--course", str(root)]) == 0
    for name, status in (("minsu", 0), ("misnu", 1)):
        set_class(root, f"[extensions.{name}]\n{CHAPTER} = 2026-03-08T00:00:00Z\n")
        done, said = follow(root, capsys)
        assert done == status and ("'misnu', who is not in the class. Did you mean 'minsu'?" in said) == bool(status)


def penalties(root):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        return {w.student_id: w.late_submission_penalty or 0 for w in book.find_assignment(CHAPTER).submissions}


def test_do_penalties_follow_the_rule_at_once_and_extensions_with_them(root, capsys):
    set_class(root, "")
    for student, day in (("ann", 1), ("ben", 2), ("cleo", 9)):
        folder = arena.hand_in(root, student, arena.perfect())
        (folder / "timestamp.txt").write_text(f"2026-03-0{day} 12:00:00 UTC")
    grade(root)
    assert penalties(root) == {"ann": 0, "ben": 0, "cleo": 0}
    due = f"[chapters.{CHAPTER}]\ndue = 2026-03-02T00:00:00Z\n"
    rule = '[late]\nrule = "percent"\npercent_per_day = 10\nmost_percent = 50\n'
    set_class(root, rule + due)
    assert "points for lateness changed for 2; nothing need be graded again" in follow(root, capsys)[1]
    assert penalties(root) == {"ann": 0, "ben": 1.5, "cleo": 7.5}
    set_class(root, rule + due + f"[extensions.cleo]\n{CHAPTER} = 2026-03-08T00:00:00Z\n")
    grade(root)
    assert penalties(root) == {"ann": 0, "ben": 1.5, "cleo": 3.0}, "without --again"
    set_class(root, due)
    grade(root)
    assert penalties(root) == {"ann": 0, "ben": 0, "cleo": 0}, "and they go with the rule"


@pytest.mark.parametrize(
    ("method", "seconds", "points"),
    [
        ("none", 9e6, None),
        ("zero", 700, 8),
        ("zero", 600, None),
        ("percent", 601, 0.8),
        ("percent", 86401, 1.6),
        ("percent", 9e6, 4),
    ],
)
def test_is_the_late_rule_what_its_example_says(method, seconds, points):
    rule = LateRule(penalty_method=method, percent_per_day=10.0, most_percent=50.0, grace_minutes=10.0)
    assert rule.late_submission_penalty("ann", 8, seconds) == points


def downloaded(root, name, when=None):
    path = root / "downloaded" / CHAPTER / "archive" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(arena.perfect()))
    if when:
        os.utime(path, (when.timestamp(), when.timestamp()))


def collected_times(root, capsys):
    capsys.readouterr()
    command_line.main(["collect", CHAPTER, "--course", str(root)])
    said = capsys.readouterr().out
    paths = sorted((root / "submitted").glob(f"*/{CHAPTER}/timestamp.txt"))
    return {path.parts[-3]: path.read_text() for path in paths}, said


def test_has_a_submission_the_time_that_the_lms_gives_else_the_files(root, capsys):
    set_class(root, f"[chapters.{CHAPTER}]\ndue = 2026-03-02T00:00:00Z\n")
    early, later = datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 20, 8, tzinfo=UTC)
    downloaded(root, "kim_LATE_4711_90210_01_rnn.ipynb", early)
    downloaded(root, "lee_4712_90211_01_rnn.ipynb", later)
    downloaded(root, "Ann Park_81_assignsubmission_file/01_rnn.ipynb", early)
    downloaded(root, "Week 1_ben_attempt_2026-03-02-10-20-30_01_rnn.ipynb", later)
    times, said = collected_times(root, capsys)
    blackboard = f"{datetime(2026, 3, 2, 10, 20, 30).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    assert sorted(times.values()) == sorted(
        ["2026-03-02 00:01:00 UTC", "2026-03-02 00:00:00 UTC", "2026-03-01 08:00:00 UTC", blackboard]
    )
    assert "2 by Canvas's mark LATE" in said and "1 of the files, as a last resort" in said and "1 as the LMS" in said


WORKSHEET = """\
Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,Last modified (submission),Last modified (grade)
Participant 81,Ann Park,ann@x.org,Submitted for grading,,15.00,Yes,"Monday, 2 March 2026, 2:14 PM",-
Participant 82,Ben Lee,ben@x.org,Submitted for grading,,15.00,Yes,"Tuesday, March 3, 2026, 9:05 AM",-
Participant 83,Cleo Kim,cleo@x.org,No submission,,15.00,Yes,-,-
"""


def test_does_moodles_grading_worksheet_say_when_and_without_it_the_download_as_a_last_resort(root, capsys):
    downloaded_on = datetime(2026, 3, 20, 8, tzinfo=UTC)
    for folder in ("Ann Park_81_assignsubmission_file", "Ben Lee_82_assignsubmission_file", "Dan Oh_84_assignsubmission_file"):
        downloaded(root, f"{folder}/01_rnn.ipynb", downloaded_on)
    times, said = collected_times(root, capsys)
    assert set(times.values()) == {"2026-03-20 08:00:00 UTC"} and len(times) == 3
    assert "3 of the files, as a last resort: of the download" in said and "grading worksheet" in said

    archive = root / "downloaded" / CHAPTER / "archive"
    (archive / "Grades-01.csv").write_text(WORKSHEET, encoding="utf-8-sig")
    times, said = collected_times(root, capsys)
    ann, ben = (datetime(2026, 3, *when).astimezone(UTC) for when in ((2, 14, 14), (3, 9, 5)))
    assert sorted(times.values()) == [f"{when:%Y-%m-%d %H:%M:%S} UTC" for when in (ann, ben, downloaded_on)]
    assert "2 as Moodle's grading worksheet has them" in said and "1 of the files" in said and "Grades-01.csv" not in said

    student = next(student for student, time in times.items() if time.startswith("2026-03-02"))
    (root / "submitted" / student / CHAPTER / "timestamp.txt").write_text("2026-03-01 00:00:00 UTC")
    assert collected_times(root, capsys)[0][student] == "2026-03-01 00:00:00 UTC", "what a person has corrected stays"

    (archive / "Grades-01.csv").write_text(WORKSHEET.replace("Tuesday, March 3, 2026, 9:05 AM", "3/4/2026"), encoding="utf-8")
    assert command_line.main(["collect", CHAPTER, "--course", str(root)]) == 2
    assert "Grades-01.csv, line 3: Last modified (submission) is '3/4/2026'; expected a time" in capsys.readouterr().err


def test_is_what_a_student_calls_a_worksheet_none(root, capsys):
    folder = root / "downloaded" / CHAPTER / "archive"
    downloaded(root, "Ann Park_81_assignsubmission_file_01_rnn.ipynb", datetime(2026, 3, 20, 8, tzinfo=UTC))
    (folder / "Ann Park_81_assignsubmission_file_Grades.csv").write_text(WORKSHEET, encoding="utf-8")
    assert list(collected_times(root, capsys)[0].values()) == ["2026-03-20 08:00:00 UTC"]


def test_is_a_course_without_settings_as_it_was(tmp_path):
    settings = read(tmp_path)
    assert settings.exercises(CHAPTER) == chapter_exercises(CHAPTER) and settings.seconds_of(CHAPTER) == 10
    (tmp_path / "class.toml").write_bytes(b"\xff")
    with pytest.raises(Trouble, match="UTF-8"):
        read(tmp_path)
