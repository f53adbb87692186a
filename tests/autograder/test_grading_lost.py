"""Is nothing lost, whatever is killed, full, locked, damaged or misspelt, and is it said in a sentence what to do?"""

import contextlib
import errno
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy.exc import OperationalError

from autograder import __main__ as command_line
from autograder import files
from autograder.grading import batch, course, gradebook, sandbox, walls
from autograder.grading.batch import grade_class
from autograder.grading.course import load_course
from tests.attacks import arena

POINTS = {"ann": 15, "ben": 3}


class Killed(BaseException):
    """What no code may catch: the end of the process."""


@pytest.fixture(scope="module", autouse=True)
def one_sandbox_for_all():
    """The sandbox stays warm from one test to the next."""
    forget = batch.forget_sandbox
    batch.forget_sandbox = lambda chapter, mode: None
    yield
    batch.forget_sandbox = forget
    sandbox.forget_sandbox(arena.CHAPTER, walls.FORKS)


def new_class(root):
    arena.new_course(root)
    arena.hand_in(root, "ann", arena.perfect())
    arena.hand_in(root, "ben", arena.answered(clip_gradients=arena.RIGHT))
    return root


def graded_here(root, **options):
    with ThreadPoolExecutor(1) as executor:
        return grade_class(load_course(root), arena.CHAPTER, executor=executor, progress=False, **options)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    root = new_class(tmp_path_factory.mktemp("graded") / "course")
    graded_here(root)
    return root


@pytest.fixture
def root(graded, tmp_path):
    """A class that has been graded."""
    return shutil.copytree(graded, tmp_path / "course")


def grade(root, *options):
    return command_line.main(["grade", arena.CHAPTER, "--course", str(root), "--jobs", "1", *options])


def points(root):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        found = book.assignment_submissions(arena.CHAPTER) if book.assignments else []
        return {submission.student.id: submission.score for submission in found}


def is_a_sentence(text):
    """What a person can do something with: no traceback, and few words."""
    return "Traceback" not in text and "Error(" not in text and 20 < len(text.strip()) < 700


def strays(root):
    return [path for path in root.rglob("*") if path.name.startswith((".unrolled-", "tmp"))]


@pytest.mark.parametrize("step", ["mkstemp", "fsync", "chmod", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), Killed()])
def test_is_a_file_written_whole_or_not_at_all(tmp_path, monkeypatch, step, error):
    def fail(*args, **kwargs):
        raise error

    path = tmp_path / "file"
    files.write_whole(path, "before")
    monkeypatch.setattr(files.tempfile if step == "mkstemp" else files.os, step, fail)
    with pytest.raises(type(error)):
        files.write_whole(path, "after")
    monkeypatch.undo()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("file", "before")]


@pytest.mark.parametrize("links", [True, False])
def test_does_a_file_that_must_be_new_replace_none(tmp_path, monkeypatch, links):
    def none(*args):
        raise PermissionError(errno.EPERM, "this disk knows no links")

    if not links:
        monkeypatch.setattr(files.os, "link", none)
    files.write_whole(tmp_path / "file", "first", replace=False)
    with pytest.raises(FileExistsError):
        files.write_whole(tmp_path / "file", "second", replace=False)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("file", "first")]


@pytest.mark.parametrize("step", ["fsync", "link"])
def test_does_a_seed_that_could_not_be_written_leave_nothing(tmp_path, monkeypatch, step):
    def killed(*args):
        raise Killed

    monkeypatch.setattr(files.os, step, killed)
    with pytest.raises(Killed):
        load_course(tmp_path).seed(arena.CHAPTER)
    monkeypatch.undo()
    assert not list((tmp_path / "secrets").iterdir())
    seed = load_course(tmp_path).seed(arena.CHAPTER)
    (path,) = (tmp_path / "secrets").iterdir()
    assert load_course(tmp_path).seed(arena.CHAPTER) == seed == int(path.read_text())
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_do_two_gradings_that_draw_at_once_have_one_seed(tmp_path, monkeypatch):
    draw, theirs = course.secrets.randbits, []

    def late(bits):
        if not theirs:
            theirs.append(None)
            theirs[0] = load_course(tmp_path).seed(arena.CHAPTER)
        return draw(bits)

    monkeypatch.setattr(course.secrets, "randbits", late)
    assert load_course(tmp_path).seed(arena.CHAPTER) == theirs[0]


@pytest.mark.parametrize("content", [b"", b"\n", b"12ab", b"\xff\xfe1", b"1.5"])
def test_is_a_damaged_seed_said_with_what_to_do(root, capsys, content):
    (root / "secrets" / f"{arena.CHAPTER}.seed").write_bytes(content)
    assert grade(root) == 2
    said = capsys.readouterr().err
    assert is_a_sentence(said) and f"{arena.CHAPTER}.seed" in said and "remove it" in said
    assert points(root) == POINTS


@pytest.mark.parametrize("damage", ["removed", "emptied", "of_before", "one_grade_of_before"])
def test_is_a_gradebook_that_lost_grades_filled_again(root, capsys, damage):
    path = root / "gradebook.db"
    if damage == "removed":
        path.unlink()
    elif damage == "emptied":
        path.write_bytes(b"")
    elif damage == "of_before":
        path.write_bytes(arena.empty_gradebook())
    else:
        with Gradebook(f"sqlite:///{path}") as book:
            book.find_grade("rnn_step-check", arena.CHAPTER, arena.CHAPTER, "ann").auto_score = 0
            book.db.commit()
    assert grade(root) == 0
    assert "are graded again" in capsys.readouterr().err
    assert points(root) == POINTS
    assert grade(root) == 0
    assert "graded again" not in capsys.readouterr().err


def test_are_others_whose_grades_the_gradebook_lacks_named(root, capsys):
    (root / "gradebook.db").unlink()
    assert grade(root, "--student", "ann") == 0
    assert "of 1 others too, who have records (ben)" in capsys.readouterr().err
    assert points(root) == {"ann": 15}
    shutil.rmtree(root / "submitted" / "ann")
    (root / "gradebook.db").unlink()
    assert grade(root) == 0
    assert "of 1 others too, who have records (ann)" in capsys.readouterr().err


@pytest.mark.parametrize("step", ["get_alembic_version", "Gradebook.check_course"])
def test_is_a_gradebook_made_whole_or_not_at_all(tmp_path, monkeypatch, step):
    def killed(*args, **kwargs):
        raise Killed

    directory = load_course(tmp_path).directory
    place, name = (gradebook.api.Gradebook, "check_course") if "." in step else (gradebook, "_schema_version")
    monkeypatch.setattr(place, name, killed)
    with pytest.raises(Killed), gradebook.open_book(directory):
        pass
    monkeypatch.undo()
    assert not list(tmp_path.iterdir())
    with gradebook.open_book(directory):
        pass
    with sqlite3.connect(tmp_path / "gradebook.db") as made:
        assert made.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    (tmp_path / "other").touch()
    (made,) = tmp_path.glob("*.db")
    assert made.stat().st_mode == (tmp_path / "other").stat().st_mode and not strays(tmp_path)


def test_do_records_for_a_gradebook_that_has_their_grades_stand(root, monkeypatch):
    monkeypatch.setattr(batch, "store", lambda *args: pytest.fail("it was graded again"))
    assert grade(root) == 0


def locked(path, monkeypatch):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    return connection.close


def read_only(path, monkeypatch):
    path.unlink()  # as root, the mode of a file stops nobody

    def refuse(*args):
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("attempt to write a readonly database"))

    monkeypatch.setattr(gradebook.Book, "prepare", refuse)
    return monkeypatch.undo


def corrupt(path, monkeypatch):
    path.write_bytes(b"no database" * 1000)
    return path.unlink


def cut_off(path, monkeypatch):
    path.write_bytes(path.read_bytes()[:8192])
    return path.unlink


def a_folder(path, monkeypatch):
    path.unlink()
    path.mkdir()
    return path.rmdir


@pytest.mark.parametrize("damage", [locked, read_only, corrupt, cut_off, a_folder], ids=lambda damage: damage.__name__)
def test_is_a_gradebook_that_cannot_be_used_said_and_nothing_lost(root, capsys, monkeypatch, damage):
    mend = damage(root / "gradebook.db", monkeypatch)
    assert grade(root) == 2
    said = capsys.readouterr().err
    assert is_a_sentence(said) and str(root / "gradebook.db") in said
    assert "run the command again" in said or "grades what was graded again" in said
    assert command_line.main(["roster", str(roster(root)), "--course", str(root)]) == (2 if damage != read_only else 0)
    assert "Traceback" not in capsys.readouterr().err
    mend()
    assert grade(root) == 0
    assert POINTS.items() <= points(root).items()


def roster(root):
    path = root.parent / "class.csv"
    path.write_text("Student,ID,SIS User ID,SIS Login ID,Section\n“Åsa ✓”,4711,S-1,åsa,1\n", encoding="utf-8")
    return path


DAMAGED_RECORDS = [b"", b"[]", b"null", b"3", b"{}", b"\xff", b"[" * 100_000, b'{"graded": true}']


@pytest.mark.parametrize("content", [*DAMAGED_RECORDS, "cut", "lacks"], ids=lambda content: str(content[:20]))
def test_is_a_damaged_record_written_again(root, content):
    path = root / "records" / arena.CHAPTER / "ben.json"
    whole = json.loads(path.read_text())
    if content == "lacks":
        content = json.dumps({name: value for name, value in whole.items() if name != "flags"}).encode()
    path.write_bytes(path.read_bytes()[:-30] if content == "cut" else content)
    assert grade(root) == 0
    again = json.loads(path.read_text())
    assert {**again, "times": 0} == {**whole, "times": 0}
    assert points(root) == POINTS


def other_chapter():
    from autograder.build import as_text, instructor_notebook

    return as_text(instructor_notebook("02_lstm_gru")).encode()


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"null", b"{}", b"\xff\xfe", b'{"cells": [1]}', "cut", "other"], ids=str
)
def test_is_a_damaged_source_said_and_no_grade_touched(root, capsys, content):
    path = root / "source" / arena.CHAPTER / f"{arena.CHAPTER}.ipynb"
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[: len(whole) // 2], "other": other_chapter()}.get(content, content))
    assert grade(root) == 2
    said = capsys.readouterr().err
    assert is_a_sentence(said) and str(path) in said and f"build {arena.CHAPTER} --force" in said
    assert points(root) == POINTS


def test_is_a_pipe_for_a_source_said_and_not_waited_for(root, capsys):
    path = root / "source" / arena.CHAPTER / f"{arena.CHAPTER}.ipynb"
    path.unlink()
    os.mkfifo(path)
    assert grade(root) == 2
    said = capsys.readouterr().err
    assert is_a_sentence(said) and "pipe" in said
    assert points(root) == POINTS


@pytest.mark.parametrize("name", ["amn", "../../x", "../x", "", ".", "..", "/etc", "*", "ann/", "x" * 300, "\udcf6"])
def test_is_a_misspelt_student_refused_and_nobody_entered(root, capsys, name):
    before = sorted(root.parent.rglob("*"))
    assert grade(root, "--student", "ann", "--student", name) == 2
    said = capsys.readouterr().err
    assert is_a_sentence(said) and "has handed in nothing" in said
    assert ("Did you mean 'ann'?" in said) == (name in ("amn", "ann/"))
    assert sorted(root.parent.rglob("*")) == before and points(root) == POINTS


def test_is_an_empty_class_said(tmp_path, capsys):
    assert grade(arena.new_course(tmp_path / "course")) == 2
    assert "nobody has handed in 01_rnn" in capsys.readouterr().err


def test_are_files_of_a_killed_grading_swept_away_and_those_of_a_living_one_left(root):
    ended = subprocess.Popen(["true"])
    ended.wait()
    folders = [root / "records" / arena.CHAPTER, root / "secrets", root / "autograded" / "ann" / arena.CHAPTER]
    left = [folder / f".unrolled-{ended.pid}-ab3_" for folder in folders]
    left.append(root / f".unrolled-{ended.pid}-ab3_-journal")
    living = folders[0] / f".unrolled-{os.getpid()}-ab3_"
    for path in (*left, living):
        path.write_text("half")
    assert grade(root) == 0
    assert strays(root) == [living]


STEPS = [(gradebook.Book, "prepare"), (gradebook.Book, "write"), (batch, "write_whole"), (batch, "write_record")]


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("step", range(len(STEPS)), ids=[name for _, name in STEPS])
@pytest.mark.parametrize("error", [Killed(), OSError(errno.ENOSPC, "No space left on device")], ids=["killed", "full"])
def test_does_grading_that_ended_anywhere_come_to_the_same_end(tmp_path, monkeypatch, capsys, step, behind, error):
    root, (place, name) = new_class(tmp_path / "course"), STEPS[step]
    do, calls = getattr(place, name), []

    def fail(*args):
        calls.append(args)
        value = do(*args) if behind or len(calls) == 2 else None
        if len(calls) != 2:
            raise error
        return value

    monkeypatch.setattr(place, name, fail)
    if isinstance(error, Killed):
        with pytest.raises(Killed):
            graded_here(root)
    else:
        assert grade(root) in (1, 2)
        assert "Traceback" not in "".join(capsys.readouterr())
    monkeypatch.undo()
    assert grade(root) == 0
    assert points(root) == POINTS and not strays(root)
    assert {p.stem for p in (root / "records" / arena.CHAPTER).iterdir()} == set(POINTS)


@contextlib.contextmanager
def of_windows():
    """A terminal that knows cp949 only, and a list of what came out on it."""
    seen, stream = [], io.TextIOWrapper(io.BytesIO(), encoding="cp949")
    with contextlib.redirect_stdout(stream):
        yield seen
    stream.flush()
    seen.append(stream.buffer.getvalue().decode("cp949"))


def test_does_the_table_have_letters_where_the_terminal_has_no_signs(root):
    arena.hand_in(root, "Åsa✓", arena.answered(clip_gradients=arena.RIGHT, unroll="def unroll():\n    1 / 0"))
    with of_windows() as seen:
        assert grade(root) == 0
    (text,) = seen
    assert "ann          15  +++++" in text and "+ correct - wrong ! crashed . not attempted" in text
    assert "?sa?" in text


@pytest.mark.parametrize("command", ["similar", "roster", "collect"])
def test_do_the_other_commands_end_well_there(root, command):
    arena.hand_in(root, "Åsa✓", arena.perfect())
    folder = root / "downloaded" / arena.CHAPTER / "archive"
    folder.mkdir(parents=True)
    (folder / "Åsa✓_4711_99_01_rnn.ipynb").write_text(json.dumps(arena.perfect()))
    argument = str(roster(root)) if command == "roster" else arena.CHAPTER
    with of_windows() as seen:
        assert command_line.main([command, argument, "--course", str(root)]) in (0, 1)
    expected = {"roster": "1 students", "collect": "?sa?_4711", "similar": "?sa?"}
    assert expected[command] in seen[0]


def test_does_it_work_in_a_process_of_its_own_there(root):
    command = [sys.executable, "-m", "autograder", "grade", arena.CHAPTER, "--course", str(root)]
    environment = {**os.environ, "PYTHONIOENCODING": "cp949"}
    done = subprocess.run(command, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert "+ correct" in done.stdout.decode("cp949")


def test_does_nbgraders_own_command_follow_no_link_and_wait_for_no_pipe(tmp_path):
    root = new_class(tmp_path / "course")
    (root / "secrets").mkdir()
    (root / "secrets" / f"{arena.CHAPTER}.seed").write_text("31415926")
    folder = arena.hand_in(root, "mallory", arena.perfect())
    (folder / "seed.txt").symlink_to(root / "secrets" / f"{arena.CHAPTER}.seed")
    (folder / "all").symlink_to(root / "secrets")
    for name in ("data.csv", "timestamp.txt", "other.ipynb"):
        os.mkfifo(folder / name)
    os.mkfifo(arena.hand_in(root, "piper", b"") / "a.ipynb")
    (root / "submitted" / "piper" / arena.CHAPTER / f"{arena.CHAPTER}.ipynb").unlink()
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for command in ("autograde", "generate_feedback"):
        arguments = [sys.executable, "-m", "nbgrader", command, arena.CHAPTER, f"--CourseDirectory.root={root}"]
        where = Path(arena.__file__).parents[2] / "autograder"
        done = subprocess.run(arguments, cwd=where, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
    assert points(root) == {**POINTS, "mallory": 15, "piper": 0}
    for step in ("autograded", "feedback"):
        texts = [path.read_bytes() for path in (root / step).rglob("*") if path.is_file()]
        assert len(texts) >= 4 and not any(b"31415926" in text for text in texts)
    assert (root / "submitted" / "mallory" / arena.CHAPTER / "seed.txt").is_symlink(), "what was handed in stays"


def test_does_a_name_of_251_bytes_cost_only_itself(tmp_path):
    root = new_class(tmp_path / "course")
    for name in ("x" * 250, "y" * 251):
        arena.hand_in(root, name, arena.perfect())
    found = {record["student"][0]: record for record in graded_here(root)}
    assert {name: record["points"] for name, record in found.items()} == {"a": 15, "b": 3, "x": 15, "y": 0}
    assert "at most 250" in found["y"]["problem"] and not strays(root)
