"""Files in and grades out, in the shapes that Canvas, Moodle, Google Classroom and Colab give them."""

import codecs
import csv
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder import __main__ as command_line
from autograder.grading.course import CONFIGURATION
from autograder.lms.archives import Found
from autograder.lms.collect import choose
from autograder.lms.names import read_part, title
from autograder.lms.owners import owners
from autograder.lms.people import People
from autograder.lms.roster import Person, find_person, read_roster

CHAPTER = "01_rnn"
CANVAS = '''\
Student,ID,SIS User ID,SIS Login ID,Section,01_rnn (90001),Final Score
,,,,,Manual Posting,
    Points Possible,,,,,15,(read only)
"Kim, Minsu",4711,S-1,minsu,"Deep, 1",,0
"O'Neil, ""Pat""",4712,S-2,pat@example.org,"Deep, 1",,0
"박, 서연",4713,S-3,,"Deep, 1",,0
"Student, Test",4714,,,"Deep, 1",,0
'''
MOODLE = """\
First name,Last name,ID number,Email address,Assignment: 01_rnn (Real)
Minsu,Kim,S-1,minsu@example.org,-
서연,박,,seoyeon@example.org,-
"""
WORKSHEET = """\
Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Feedback comments
Participant 81,Minsu Kim,S-1,minsu@example.org,Submitted for grading,,15.00,
Participant 82,Minsu Kim,S-9,other@example.org,No submission,,15.00,"kept, as it is"
"""


@pytest.mark.parametrize(
    ("part", "name", "number", "attempt", "late"),
    [
        ("kimminsu_4711_90210_01_rnn.ipynb", "kimminsu", "4711", (90210, 0), False),
        ("kimminsu_LATE_4711_90211_01_rnn-2.ipynb", "kimminsu", "4711", (90211, 2), True),
        ("kim_min_su_4711_90211_01_rnn_3_4_x.ipynb", "kim_min_su", "4711", (90211, 0), False),
        ("박서연_4713_90212_Copy of 01_rnn (1).ipynb", "박서연", "4713", (90212, 1), False),
        ("kimminsu_4711_90213_Copy+of+Copy+of+01_rnn.ipynb", "kimminsu", "4711", (90213, 0), False),
        ("anon_aB3dE_90213_01_rnn.ipynb", "anon_aB3dE", None, (90213, 0), False),
        ("LATE_anon_12345_90213_01_rnn.ipynb", "anon_12345", None, (90213, 0), True),
        ("anon_LATE_Xy9Zk_90213_01_rnn.ipynb", "anon_Xy9Zk", None, (90213, 0), True),
        ("Minsu Kim_81_assignsubmission_file", "Minsu Kim", "81", (0, 0), False),
        ("박 서연_82_assignsubmission_file_Copy_of_01_rnn (3).ipynb", "박 서연", "82", (0, 3), False),
        ("Week 3_minsu_attempt_2026-03-02-10-20-30_01_rnn.ipynb", "Week 3_minsu", None, (20260302102030, 0), False),
        ("1-2 - Minsu Kim - Mar 2, 2026 920 PM - 01_rnn.ipynb", "Minsu Kim", None, (202603022120, 0), False),
    ],
)
def test_does_a_name_say_whose_it_is_and_which_attempt(part, name, number, attempt, late):
    handed = read_part(part)
    assert (handed.name, handed.number, (handed.attempt, title(handed.file)[1]), handed.late) == (
        name,
        number,
        attempt,
        late,
    )


@pytest.mark.parametrize("part", ["01_rnn.ipynb", "Minsu Kim - 01_rnn.ipynb", "01_rnn_2.ipynb", "minsu_4711.zip"])
def test_is_a_name_that_no_lms_wrote_not_taken_for_one(part):
    assert read_part(part) is None


@pytest.mark.parametrize(
    ("file", "again"),
    [
        ("01_rnn.ipynb", 0),
        ("01_rnn (2).ipynb", 2),
        ("Copy of 01_rnn (1) (2).ipynb", 2),
        ("01_rnn.ipynb의 사본", 0),
        ("01_rnn.ipynb의 사본의 사본.ipynb", 0),
        ("01_rnn의 사본.ipynb", 0),
        ("01_rnn - Copy.ipynb", 0),
        ("01_rnn - Copy (3).ipynb", 0),
        ("01_rnn - 복사본 (2) - 복사본.ipynb", 0),
        ("복사본 01_rnn.ipynb", 0),
        ("01_rnn copy 2.ipynb", 0),
        ("01_rnn-Copy1.ipynb", 0),
        ("01_rnn_copy.ipynb.txt", 0),
        ("Kopie von 01_rnn.IPYNB.json", 0),
        ("01_rnn.ipynb.ipynb", 0),
        ("01_rnn-1.zip", 1),
    ],
)
def test_is_the_files_own_name_found_whatever_has_copied_it(file, again):
    assert title(file) == (CHAPTER, again)


def test_does_a_roster_name_the_students_and_only_those():
    people = read_roster(CANVAS).people
    assert [p.id for p in people] == ["minsu", "pat@example.org", "S-3"]
    assert [(p.first_name, p.last_name) for p in people] == [("Minsu", "Kim"), ('"Pat"', "O'Neil"), ("서연", "박")]
    assert [p.number for p in people] == ["4711", "4712", "4713"]
    assert [p.id for p in read_roster(MOODLE).people] == ["S-1", "seoyeon@example.org"]
    assert [p.number for p in read_roster(WORKSHEET).people] == ["81", "82"]


def test_is_a_table_that_is_no_roster_refused_with_what_was_expected():
    with pytest.raises(ValueError, match=r"columns \['name', 'mark'\]; expected Canvas's"):
        read_roster("name,mark\nMinsu,3\n")
    with pytest.raises(ValueError, match="two students of the file have the id 'minsu'"):
        read_roster(CANVAS.replace("S-3,,", "S-3,minsu,"))


def test_are_namesakes_told_apart_by_number_and_never_guessed():
    people = [Person("a", "Minsu", "Kim", number="81"), Person("b", "Minsu", "Kim", number="82")]
    assert find_person(people, "Minsu Kim", "82").id == "b"
    assert find_person(people, "Minsu Kim", None) is None
    assert find_person([people[0]], "kimminsu", "999").id == "a"


def test_is_the_newest_notebook_of_the_chapter_taken():
    names = ["kim_1_10_01_rnn.ipynb", "kim_1_12_01_rnn-1.ipynb", "kim_1_13_notes.ipynb", "lee_LATE_2_11_other.ipynb"]
    found = [Found(("submissions.zip", name), "notebook", "damaged", digest=name) for name in names]
    theirs, _ = owners(found, People([]), {})
    chosen = {owner.key: choose(owner, CHAPTER, []).found.parts[-1] for owner in theirs}
    assert chosen == {"1": names[1], "2": names[3]}


@pytest.fixture
def course(tmp_path):
    """A course folder with our settings, which has handed out one chapter."""
    settings = CONFIGURATION.read_text(encoding="utf-8")
    settings += f"\nc.CourseDirectory.root = {str(tmp_path / 'course')!r}\n"
    (tmp_path / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    release = tmp_path / "course" / "release" / CHAPTER
    release.mkdir(parents=True)
    (release / f"{CHAPTER}.ipynb").write_text("{}")
    return tmp_path


def nbgrader(course, *arguments):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "JUPYTER_CONFIG_DIR": str(course / "jupyter")}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, timeout=600)
    return done.returncode, done.stdout + done.stderr


def roster(course, text):
    (course / "class.csv").write_text(text, encoding="utf-8-sig")
    return command_line.main(["roster", str(course / "class.csv"), "--course", str(course / "course")])


def archive(course, name, *members):
    """An archive as it was downloaded; each member holds its own name."""
    folder = course / "course" / "downloaded" / CHAPTER / "archive"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / name, "w") as file:
        for member in members:
            file.writestr(member, member)


def submitted(course):
    root = course / "course" / "submitted"
    return {path.parts[-3]: path.read_text() for path in sorted(root.glob(f"*/{CHAPTER}/{CHAPTER}.ipynb"))}


@pytest.mark.slow
def test_are_downloads_of_every_shape_collected_under_the_students_own_ids(course, capsys):
    assert roster(course, CANVAS) == 0 and "3 students, as Canvas" in capsys.readouterr().out
    old, new = "kimminsu_4711_90210_01_rnn.ipynb", "kimminsu_LATE_4711_90299_01_rnn-1.ipynb"
    archive(course, "submissions.zip", old, new, "박서연_4713_90212_Copy of 01_rnn (1).ipynb", "x_9_9_report.pdf")
    code, said = nbgrader(course, "zip_collect", CHAPTER)
    assert code == 1, f"x has handed in no notebook, and that is worth a look: {said}"
    assert submitted(course) == {"minsu": new, "S-3": "박서연_4713_90212_Copy of 01_rnn (1).ipynb"}
    assert f"minsu    submissions.zip > {new}" in said and "handed in late" in said
    (course / "course" / "submitted" / "minsu" / CHAPTER / f"{CHAPTER}.ipynb").write_text("mine")
    assert nbgrader(course, "zip_collect", CHAPTER)[0] == 1 and submitted(course)["minsu"] == "mine"
    assert nbgrader(course, "zip_collect", CHAPTER, "--force")[0] == 1 and submitted(course)["minsu"] == new


@pytest.mark.slow
def test_are_moodles_folders_and_plain_colab_files_collected(course):
    assert roster(course, MOODLE) == 0
    moodle = "Minsu Kim_4711_assignsubmission_file/Copy of 01_rnn.ipynb"
    archive(course, "moodle.zip", moodle)
    archive(course, "seoyeon@example.org.zip", "01_rnn.ipynb", "01_rnn (2).ipynb", "01_rnn (10).ipynb")
    archive(course, "more.zip", "newcomer/01_rnn.ipynb")
    code, said = nbgrader(course, "zip_collect", CHAPTER)
    assert code == 1, said
    assert submitted(course) == {
        **{"S-1": moodle, "newcomer": "newcomer/01_rnn.ipynb", "seoyeon@example.org": "01_rnn (10).ipynb"}
    }
    assert "Not in the class, each under a key of its own" in said and "\n  newcomer\n" in said


def enter(course, student, chapter=CHAPTER, score=None, penalty=None, most=15.0):
    """A graded submission, as official grading leaves it in the gradebook."""
    with Gradebook(f"sqlite:///{course / 'course' / 'gradebook.db'}") as book:
        book.update_or_create_assignment(chapter)
        book.update_or_create_notebook(chapter, chapter)
        book.update_or_create_grade_cell("cell", chapter, chapter, max_score=most, cell_type="code")
        if score is not None:
            with book.db.no_autoflush:
                book.update_or_create_submission(chapter, student)
            notebook = book.find_submission_notebook(chapter, chapter, student)
            notebook.grades[0].auto_score, notebook.grades[0].needs_manual_grade = score, False
            notebook.late_submission_penalty = penalty
            book.db.commit()


def table(path):
    assert path.read_bytes().startswith(codecs.BOM_UTF8), "the class came with a byte order mark"
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.slow
def test_does_canvas_get_its_own_rows_and_column_back_with_the_scores(course):
    roster(course, CANVAS)
    enter(course, "minsu", score=2.675)
    enter(course, "pat@example.org", score=14.0, penalty=1.5)
    enter(course, "minsu", chapter="02_lstm_gru", score=0.0, most=16.0)
    target = course / "grades.csv"
    code, said = nbgrader(course, "export", "--exporter", "autograder.lms.export.Canvas", "--to", str(target))
    assert code == 0, said
    section = "Deep, 1"
    assert table(target) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01_rnn (90001)", "02_lstm_gru"],
        ["    Points Possible", "", "", "", "", "15", "16"],
        ["Kim, Minsu", "4711", "S-1", "minsu", section, "2.68", "0"],
        ['O\'Neil, "Pat"', "4712", "S-2", "pat@example.org", section, "12.5", ""],
        ["박, 서연", "4713", "S-3", "", section, "", ""],
    ]
    code, said = nbgrader(course, "export", "--exporter", "autograder.lms.export.Canvas", "--to", str(target))
    assert code != 0 and "was left as it is" in said


@pytest.mark.slow
def test_does_canvas_get_semicolons_decimal_commas_split_names_and_its_encoding_back(course):
    text = "LastName;FirstName;ID;SIS Login ID;Section;01-RNN (90001)\n    Points Possible;;;;;15,00\n"
    text += "Müller;Jürgen;4711.0;minsu;A;7,50\n=1+1;Åsa;1,17E+17;lee;A;\n"
    (course / "class.csv").write_bytes(text.encode("cp1252"))
    assert command_line.main(["roster", str(course / "class.csv"), "--course", str(course / "course")]) == 0
    enter(course, "minsu", score=12.5)
    target = course / "grades.csv"
    code, said = nbgrader(course, "export", "--exporter", "autograder.lms.export.Canvas", "--to", str(target))
    assert code == 0, said
    assert target.read_bytes().decode("cp1252").split("\r\n") == [
        "LastName;FirstName;ID;SIS Login ID;Section;01-RNN (90001)",
        "    Points Possible;;;;;15",
        "Müller;Jürgen;4711;minsu;A;12,5",
        "'=1+1;Åsa;;lee;A;",
        "",
    ]


@pytest.mark.slow
def test_does_moodle_get_a_table_or_its_worksheet_filled_in(course):
    roster(course, MOODLE)
    enter(course, "S-1", score=9.0)
    export = ("export", "--exporter", "autograder.lms.export.Moodle", "--to")
    assert nbgrader(course, *export, str(course / "table.csv"))[0] == 0
    assert table(course / "table.csv") == [
        ["First name", "Last name", "ID number", "Email address", CHAPTER],
        ["Minsu", "Kim", "S-1", "minsu@example.org", "9"],
        ["서연", "박", "", "seoyeon@example.org", ""],
    ]
    roster(course, WORKSHEET)
    assert nbgrader(course, *export, str(course / "sheet.csv"))[0] == 0
    expected = [row.split(",", 7) for row in WORKSHEET.splitlines()]
    expected[1][5], expected[2][7] = "9", "kept, as it is"
    assert table(course / "sheet.csv") == expected
    roster(course, WORKSHEET.replace("15.00", "100.00"))
    code, said = nbgrader(course, *export, str(course / "other.csv"))
    assert code != 0 and "maximum grade is 100.00 and 01_rnn has 15 points" in said
    shutil.rmtree(course / "course" / "roster")
    code, said = nbgrader(course, *export, str(course / "none.csv"))
    assert code != 0 and "python -m autograder roster" in said
