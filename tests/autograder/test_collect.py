"""Is a student's file never lost, swapped or given to somebody else, whatever an LMS, a system or a student makes of it?"""

import gzip
import io
import json
import os
import stat
import struct
import tarfile
import time
import unicodedata
import zipfile
import zlib

import pytest
from nbgrader.api import Gradebook

from tests.autograder.downloads import (
    CANVAS,
    CHAPTER,
    KOREAN,
    MOODLE,
    answered,
    download,
    new_course,
    notebook,
    place,
    raw_names,
    run,
    submitted,
    zipped,
)

ONE = "kimminsu_4711_90210_01_rnn.ipynb"
TWO = "leejiwoo_4712_90211_01_rnn.ipynb"


@pytest.fixture
def course(tmp_path):
    return new_course(tmp_path)


@pytest.fixture
def moodle(tmp_path):
    return new_course(tmp_path, MOODLE)


@pytest.fixture
def korean(tmp_path):
    return new_course(tmp_path, KOREAN)


def test_are_the_newest_notebooks_taken_and_all_else_listed(course, capsys):
    download(course, submissions_zip=zipped(ONE, "kimminsu_LATE_4711_90299_01_rnn-1.ipynb", TWO, "x_9_9_report.pdf"))
    assert run(course, "collect", CHAPTER) == 1
    assert submitted(course) == {"minsu": "kimminsu_LATE_4711_90299_01_rnn-1.ipynb", "jiwoo": TWO}
    said = capsys.readouterr().out
    assert "the newest of 2" in said and "handed in late" in said and f"{ONE}: older" in said
    assert "x_9_9_report.pdf: 9 has handed in no notebook" in said and "Nothing from 1 students:\n  mallory" in said


@pytest.mark.parametrize(
    ("member", "student"),
    [
        ("Minsu Kim_81_assignsubmission_file/01_rnn.ipynb", "S-1"),
        ("Minsu Kim_81_assignsubmission_file/homework/week 3/01_rnn.ipynb", "S-1"),
        ("Minsu Kim_81_assignsubmission_file_/01_rnn (3).ipynb", "S-1"),
        ("Minsu Kim_81_assignsubmission_file_Copy_of_01_rnn.ipynb", "S-1"),
        ("course/Group A-Minsu Kim_81_assignsubmission_file/x.ipynb", "S-1"),
        ("KIM,MINSU-S-1_81_assignsubmission_file/01_rnn.ipynb", "S-1"),
        ("4711-90210 - Minsu Kim - Mar 2, 2026 1020 AM/01_rnn.ipynb", "S-1"),
        ("4711-90210 - Minsu Kim - March 2, 2026 920 PM - 01_rnn.ipynb", "S-1"),
        ("01_rnn_minsu_attempt_2026-03-02-10-20-30_01_rnn.ipynb", "S-1"),
        ("Week_3_attempt_jiwoo@example.org_attempt_2026-03-02-10-20-30_01_rnn.ipynb", "S-2"),
        ("Minsu Kim - Copy of 01_rnn.ipynb", "S-1"),
        ("01_rnn - Minsu Kim.ipynb", "S-1"),
        ("01_rnn_Kim_Minsu.ipynb", "S-1"),
        ("all/S-1_final.ipynb", "S-1"),
        ("all/[minsu@example.org] 01_rnn.IPYNB", "S-1"),
        ("S-1/01_rnn - Copy.ipynb", "S-1"),
        ("S-1/01_rnn - Copy (2).ipynb", "S-1"),
        ("S-1/01_rnn - 복사본.ipynb", "S-1"),
        ("S-1/01_rnn-Copy1.ipynb", "S-1"),
        ("S-1/01_rnn copy 2.ipynb", "S-1"),
        ("S-1/01_rnn.ipynb의 사본", "S-1"),
        ("minsu/Untitled0.ipynb", "S-1"),
        ("downloads/section 2/minsu kim/a/b/c.ipynb", "S-1"),
        ("S-1\\homework\\01_rnn.ipynb", "S-1"),
    ],
)
def test_is_the_owner_found_wherever_it_stands(moodle, member, student):
    download(moodle, all_zip=zipped(member))
    assert run(moodle, "collect", CHAPTER) == 0
    assert submitted(moodle) == {student: member}


@pytest.mark.parametrize(
    ("roster", "member"),
    [
        ("Kim_Min", "kim_min_4711_90210_01_rnn.ipynb"),
        ("Kim, Min_su", "kimmin_su_LATE_4711_90210_Copy of 01_rnn (1).ipynb"),
        ("Kim-Park, Min", "kim-parkmin_4711_90210_my_3_4_x_01_rnn.ipynb"),
    ],
)
def test_are_underscores_and_dashes_in_canvas_names_understood(tmp_path, roster, member):
    course = new_course(tmp_path, f'Student,ID,SIS Login ID,Section\n"{roster}",4711,min,1\n"Lee, Jiwoo",3,jiwoo,1\n')
    download(course, submissions_zip=zipped(member))
    assert run(course, "collect", CHAPTER) == 0
    assert submitted(course) == {"min": member}


def test_are_dashes_in_a_name_no_separators(tmp_path):
    roster = "First name,Last name,ID number,Email address\nJean - Luc,Picard,S-1,a@b.org\nLuc,Picard,S-2,c@d.org\n"
    course = new_course(tmp_path, roster)
    download(course, all_zip=zipped("Jean - Luc Picard - 01_rnn.ipynb", "Luc Picard - 01_rnn.ipynb"))
    assert run(course, "collect", CHAPTER) == 0
    assert submitted(course) == {"S-1": "Jean - Luc Picard - 01_rnn.ipynb", "S-2": "Luc Picard - 01_rnn.ipynb"}


def test_is_a_notebook_all_that_competes(course, capsys):
    shadows = ["__MACOSX/._x", "kimminsu_4711_90219_._01_rnn.ipynb", "leejiwoo_4712_90218_.ipynb_checkpoints"]
    prints = ["kimminsu_4711_90212_01_rnn.ipynb - Colab.pdf", "leejiwoo_4712_90213_01_rnn.ipynb.html"]
    pages = [("kimminsu_4711_90214_01_rnn.ipynb", "<!DOCTYPE html>"), ("leejiwoo_4712_90214_01_rnn.ipynb", b"%PDF-1.7")]
    download(course, submissions_zip=zipped(ONE, TWO, *shadows, *prints, *pages, "kimminsu_4711_90217_notes.txt"))
    assert run(course, "collect", CHAPTER) == 1, "a page that is called a notebook is worth a look"
    assert submitted(course) == {"minsu": ONE, "jiwoo": TWO}
    assert capsys.readouterr().out.count("called a notebook, and is none") == 2


def test_are_notebooks_found_in_txt_json_and_without_an_extension(course):
    members = [
        f"kimminsu_4711_90210_{CHAPTER}.ipynb.txt",
        f"leejiwoo_4712_90211_{CHAPTER}.json",
        "quickmallory_4713_9_rnn",
    ]
    download(
        course, submissions_zip=zipped(*((name, answered(name)) for name in members), "kimminsu_4711_99999_x.json")
    )
    assert run(course, "collect", CHAPTER) == 0
    assert submitted(course) == {
        student: answered(name).decode() for student, name in zip(("minsu", "jiwoo", "mallory"), members, strict=True)
    }


def test_do_answers_beat_an_original_another_chapter_and_a_damaged_file(course, capsys):
    right, other = answered("mine").decode(), notebook(chapter="02_lstm_gru")
    later = {90211: notebook(), 90212: other, 90213: "{ damaged", 90214: b""}
    members = [(f"kimminsu_4711_{n}_01_rnn.ipynb", content) for n, content in later.items()]
    download(course, submissions_zip=zipped((ONE, right), *members))
    assert run(course, "collect", CHAPTER) == 1, "a newer file that cannot be read is worth a look"
    assert submitted(course) == {"minsu": right}
    said = capsys.readouterr().out
    assert "the newest that holds answers" in said and "newer, but it cannot be read as a notebook" in said
    assert "newer, but nothing in it is the student's" in said and "not this chapter's notebook" in said


def test_is_an_original_all_the_same_taken_if_it_is_all_there_is(course):
    download(course, submissions_zip=zipped((ONE, notebook())))
    assert run(course, "collect", CHAPTER) == 0
    assert submitted(course) == {"minsu": notebook().decode()}


def test_is_the_students_own_taken_from_the_whole_course_folder(course, capsys):
    own, solved = answered("mine"), answered("the course's")
    names = ["unrolled/chapters/01_rnn/01_rnn.ipynb", "unrolled/solutions/01_rnn.ipynb", "unrolled/.Trash/01_rnn.ipynb"]
    names += [
        "unrolled/autograder/course/source/01_rnn/01_rnn.ipynb",
        "unrolled/chapters/02_lstm_gru/02_lstm_gru.ipynb",
    ]
    contents = [own, solved, solved, solved, notebook(chapter="02_lstm_gru")]
    packed = zipped(*zip(names, contents, strict=True))
    download(course, submissions_zip=zipped(("kimminsu_4711_90210_unrolled.zip", packed)))
    assert run(course, "collect", CHAPTER) == 0
    assert submitted(course) == {"minsu": own.decode()}
    assert capsys.readouterr().out.count("the course's own") == 2


@pytest.mark.parametrize(
    "path", ["newcomer/01_rnn.ipynb", "newcomer/homework/01_rnn.ipynb", "newcomer/01_rnn/01_rnn.ipynb"]
)
def test_is_the_outermost_folder_a_newcomers(course, path):
    download(course, more_zip=zipped(path))
    assert run(course, "collect", CHAPTER) == 1
    assert submitted(course) == {"newcomer": path}


def test_is_a_copy_put_aside_older_than_what_was_worked_on(course, capsys):
    files = io.BytesIO()
    with zipfile.ZipFile(files, "w") as file:
        for name, minute in (("01_rnn - Copy (2).ipynb", 1), ("01_rnn (1).ipynb", 2), ("01_rnn.ipynb", 3)):
            file.writestr(zipfile.ZipInfo(f"hw/{name}", (2026, 3, 2, 10, minute, 0)), answered(name))
    download(course, submissions_zip=zipped(("kimminsu_4711_90210_hw.zip", files.getvalue())))
    assert run(course, "collect", CHAPTER) == 0
    assert submitted(course) == {"minsu": answered("01_rnn.ipynb").decode()}


def test_are_two_that_differ_and_are_as_new_said(course, capsys):
    download(course, submissions_zip=zipped(("kimminsu_4711_90210_hw.zip", zipped("a/x.ipynb", "b/x.ipynb"))))
    assert run(course, "collect", CHAPTER) == 1
    assert "differs from the one taken" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["zip", "zip in zip", "tar.gz", "tar", "tgz", "ipynb.gz", "zip called ipynb"])
def test_is_a_students_own_archive_opened_for_its_owner(course, kind):
    inner, content = "chapters/01_rnn/01_rnn.ipynb", b"minsu's"
    if kind.startswith("t"):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz" if "g" in kind else "w") as tar:
            info = tarfile.TarInfo(inner)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        name, packed = f"hw.{kind}", out.getvalue()
    elif kind == "ipynb.gz":
        name, packed = "01_rnn.ipynb.gz", gzip.compress(content)
    else:
        name, packed = "hw.zip" if kind != "zip called ipynb" else "01_rnn.ipynb", zipped((inner, content))
        packed = zipped(("a/b.zip", packed)) if kind == "zip in zip" else packed
    download(course, submissions_zip=zipped((f"kimminsu_4711_90210_{name}", packed), TWO))
    assert run(course, "collect", CHAPTER) == 0
    assert submitted(course) == {"minsu": content.decode(), "jiwoo": TWO}


def password(content):
    return content.replace(b"PK\1\2\x14\x03\x14\0\0\0", b"PK\1\2\x14\x03\x14\0\1\0")


def link(name, target):
    return zipped((name, target), external_attr=(stat.S_IFLNK | 0o777) << 16)


def tar_of(**kinds):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, kind in kinds.items():
            info = tarfile.TarInfo(f"{name}.ipynb")
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
    return out.getvalue()


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file, file.open("01_rnn.ipynb", "w") as member:
        for _ in range(300):
            member.write(bytes(1 << 20))
    return out.getvalue()


def gzip_bomb():
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()


def nested(depth):
    packed = zipped("01_rnn.ipynb")
    for _ in range(depth):
        packed = zipped(("more.zip", packed))
    return packed


STRANGE = {
    "no zip at all": ("hw.zip", lambda: b"damaged", "cannot be opened"),
    "cut off": ("hw.zip", lambda: answered_zip()[:-40], "cannot be opened"),
    "bad checksum": ("hw.zip", lambda: flipped(answered_zip()), "cannot be read"),
    "needs a password": ("hw.zip", lambda: password(zipped("01_rnn.ipynb")), "password"),
    "leads out": ("hw.zip", lambda: zipped("../../minsu/01_rnn/01_rnn.ipynb"), "leads out of the archive"),
    "absolute": ("hw.zip", lambda: zipped("/tmp/01_rnn.ipynb"), "absolute"),
    "a drive": ("hw.zip", lambda: zipped("C:\\Users\\01_rnn.ipynb"), "absolute"),
    "a link": ("hw.zip", lambda: link("01_rnn.ipynb", "/etc/passwd"), "a link"),
    "links in tar": ("hw.tar", lambda: tar_of(a=tarfile.SYMTYPE, b=tarfile.LNKTYPE, c=tarfile.FIFOTYPE), "a link"),
    "a bomb": ("hw.zip", bomb, "300 MB; at most 256 MB are read"),
    "a bomb of gzip": ("01_rnn.ipynb.gz", gzip_bomb, "more than 256 MB"),
    "too deep": ("hw.zip", lambda: nested(4), "is not opened"),
    "7z": ("hw.7z", lambda: b"7z\xbc\xaf\x27\x1c", "not opened here"),
    "alz": ("hw.alz", lambda: b"ALZ\1", "not opened here"),
    "only data": ("hw.zip", lambda: zipped("train-images-idx3-ubyte.gz", "a.csv.gz"), "no notebook"),
}


def answered_zip():
    return zipped(("01_rnn.ipynb", answered()), compress_type=zipfile.ZIP_STORED)


def flipped(content):
    return content[:2000] + bytes([content[2000] ^ 1]) + content[2001:]


@pytest.mark.parametrize("name", STRANGE)
def test_does_a_damaged_or_hostile_archive_cost_only_itself(course, capsys, name):
    file, make, said = STRANGE[name]
    download(course, submissions_zip=zipped(ONE, (f"quickmallory_4713_90212_{file}", make()), TWO))
    started = time.monotonic()
    assert run(course, "collect", CHAPTER) == 1
    assert submitted(course) == {"minsu": ONE, "jiwoo": TWO}
    out = capsys.readouterr().out
    assert said in out and "quickmallory" in out
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("name", ["leads out", "absolute", "a link", "a bomb", "bad checksum", "needs a password"])
def test_does_a_strange_member_cost_its_student_only_itself(course, name):
    file, make, _ = STRANGE[name]
    packed = zipped((f"inner/{file}", make()), "02/01_rnn.ipynb", "data.csv.gz")
    download(course, submissions_zip=zipped((f"kimminsu_4711_90210_{file}", packed)))
    assert run(course, "collect", CHAPTER) == 1
    assert submitted(course) == {"minsu": "02/01_rnn.ipynb"}


def test_does_a_strange_member_of_the_download_cost_only_itself(moodle, capsys):
    strange = ["../S-2/01_rnn.ipynb", "/S-2/01_rnn.ipynb", "D:/S-2/01_rnn.ipynb", "S-3/../S-2/01_rnn.ipynb"]
    download(moodle, all_zip=zipped("S-1/01_rnn.ipynb", *strange))
    place(moodle, "broken.zip", b"PK\5\6")
    os.mkfifo(moodle / "downloaded" / CHAPTER / "archive" / "pipe.ipynb")
    (moodle / "downloaded" / CHAPTER / "archive" / "link.ipynb").symlink_to("/etc/passwd")
    assert run(moodle, "collect", CHAPTER) == 1
    assert submitted(moodle) == {"S-1": "S-1/01_rnn.ipynb"}
    said = capsys.readouterr().out
    assert said.count("leads out") == 2 and said.count("absolute") == 2 and said.count("a link, or no plain file") == 2


def test_are_names_of_korean_windows_and_falsely_marked_ones_read(korean):
    name, other = "김민수".encode("cp949"), "박서연".encode()
    plain = raw_names(zipped(("AAAAAA/01_rnn.ipynb", "his")), {"AAAAAA": name})
    download(korean, one_zip=plain, two_zip=raw_names(zipped(("BBBBBBBBB/x.ipynb", "hers")), {"BBBBBBBBB": other}))
    assert run(korean, "collect", CHAPTER) == 0
    assert submitted(korean) == {"20310001": "his", "20310002": "hers"}


def test_does_a_name_falsely_marked_as_utf8_cost_nobody(korean):
    marked = raw_names(
        zipped(("AAAAAA/01_rnn.ipynb", "his"), ("BBBBBBBBB/x.ipynb", "hers")),
        {"AAAAAA": "김민수".encode("cp949"), "BBBBBBBBB": "박서연".encode()},
        utf8=True,
    )
    download(korean, all_zip=marked)
    assert run(korean, "collect", CHAPTER) == 0
    assert submitted(korean) == {"20310001": "his", "20310002": "hers"}


def test_is_the_name_beside_the_name_read(korean):
    raw = "김민수/01_rnn.ipynb".encode()
    extra = struct.pack("<HHBI", 0x7075, 5 + len(raw), 1, 0) + raw
    download(korean, all_zip=zipped(("??????/01_rnn.ipynb", "his"), extra=extra))
    assert run(korean, "collect", CHAPTER) == 0
    assert submitted(korean) == {"20310001": "his"}


@pytest.mark.parametrize("roster_form", ["NFC", "NFD"])
def test_are_a_macs_names_and_windows_names_one(tmp_path, roster_form):
    course = new_course(tmp_path, unicodedata.normalize(roster_form, KOREAN))
    first, second = unicodedata.normalize("NFD", "김민수"), unicodedata.normalize("NFC", "박서연")
    download(course, all_zip=zipped((f"{first}/01_rnn.ipynb", "his"), (f"{second}/01_rnn.ipynb", "hers")))
    assert run(course, "collect", CHAPTER) == 0
    assert submitted(course) == {"20310001": "his", "20310002": "hers"}


@pytest.mark.parametrize("member", ["20310001_김민수_과제1.ipynb", "과제 1 (김 민수).ipynb", "RNN과제-20310001.ipynb"])
def test_are_the_names_that_korean_classes_agree_on_understood(korean, member):
    download(korean, all_zip=zipped(member))
    assert run(korean, "collect", CHAPTER) == 0
    assert submitted(korean) == {"20310001": member}


def test_are_western_names_of_windows_no_hangul(tmp_path):
    course = new_course(tmp_path, "First name,Last name,ID number,Email address\nJürgen,Müller,S-1,a@b.org\n")
    raw = "Jürgen Müller".encode("cp437")
    download(course, all_zip=raw_names(zipped(("A" * 13 + "/01_rnn.ipynb", "his")), {"A" * 13: raw}))
    assert run(course, "collect", CHAPTER) == 0
    assert submitted(course) == {"S-1": "his"}


FORGED = {
    "in a zip on Canvas": (
        CANVAS,
        ("quickmallory_4713_90213_hw.zip", zipped(("kimminsu_4711_99999_01_rnn.ipynb", "forged"))),
        "kimminsu_4711_90210_01_rnn.ipynb",
    ),
    "in a folder in a zip on Canvas": (
        CANVAS,
        ("quickmallory_4713_90213_hw.zip", zipped(("minsu/01_rnn.ipynb", "forged"))),
        "kimminsu_4711_90210_01_rnn.ipynb",
    ),
    "in the file's own name on Canvas": (
        CANVAS,
        ("quickmallory_4713_90213_kimminsu_4711_99999_01_rnn.ipynb", "forged"),
        "kimminsu_4711_90210_01_rnn.ipynb",
    ),
    "as Moodle would, on Canvas": (
        CANVAS,
        ("quickmallory_4713_90213_Minsu Kim_4711_assignsubmission_file_01_rnn.ipynb", "forged"),
        "kimminsu_4711_90210_01_rnn.ipynb",
    ),
    "in Moodle's folder": (
        MOODLE,
        ("Mallory Quick_83_assignsubmission_file/Minsu Kim_81_assignsubmission_file/01_rnn (9).ipynb", "forged"),
        "Minsu Kim_81_assignsubmission_file/01_rnn.ipynb",
    ),
    "in Moodle's folder, as Canvas would": (
        MOODLE,
        ("Mallory Quick_83_assignsubmission_file/minsukim_81_99999_01_rnn.ipynb", "forged"),
        "Minsu Kim_81_assignsubmission_file/01_rnn.ipynb",
    ),
    "in Moodle's file": (
        MOODLE,
        ("Mallory Quick_83_assignsubmission_file_Minsu Kim_81_assignsubmission_file_01_rnn.ipynb", "forged"),
        "Minsu Kim_81_assignsubmission_file_01_rnn.ipynb",
    ),
    "in a name of one's own at Moodle": (
        MOODLE,
        ("Minsu Kim_81_assignsubmission_file_x_83_assignsubmission_file/01_rnn (9).ipynb", "forged"),
        "Minsu Kim_81_assignsubmission_file/01_rnn.ipynb",
    ),
    "in a name of one's own at Moodle, without folders": (
        MOODLE,
        ("Minsu Kim_81_assignsubmission_file__83_assignsubmission_file_01_rnn.ipynb", "forged"),
        "Minsu Kim_81_assignsubmission_file_01_rnn.ipynb",
    ),
    "in a plain folder": (MOODLE, ("S-3/Minsu Kim - 01_rnn (2).ipynb", "forged"), "S-1/01_rnn.ipynb"),
    "in the folder of somebody unknown": (MOODLE, ("guest/minsukim_81_99_01_rnn.ipynb", "forged"), "S-1/01_rnn.ipynb"),
    "in a folder within one": (MOODLE, ("S-3/S-1/01_rnn (2).ipynb", "forged"), "S-1/01_rnn.ipynb"),
    "with a path that leads there": (MOODLE, ("S-3/../S-1/01_rnn (2).ipynb", "forged"), "S-1/01_rnn.ipynb"),
}


@pytest.mark.parametrize("name", FORGED)
def test_is_nobody_taken_for_another_student(tmp_path, capsys, name):
    roster, forged, true = FORGED[name]
    course = new_course(tmp_path, roster)
    download(course, all_zip=zipped(true, forged))
    assert run(course, "collect", CHAPTER) == 1
    assert submitted(course) == {"minsu" if roster is CANVAS else "S-1": true}
    assert forged[0].split("/")[0] in capsys.readouterr().out


@pytest.mark.parametrize("form", ["{}/01_rnn.ipynb", "{}_01_rnn.ipynb"])
def test_is_who_only_calls_themselves_so_at_moodle_not_believed_and_the_other_one_not_lost(moodle, capsys, form):
    names = ("Minsu Kim_81_assignsubmission_file", "Minsu Kim_83_assignsubmission_file", "Jiwoo Lee_82_assignsubmission_file")
    download(moodle, all_zip=zipped(*((form.format(name), name) for name in names)))
    assert run(moodle, "collect", CHAPTER) == 1
    assert submitted(moodle) == {"S-2": names[2]}
    said = capsys.readouterr().out
    assert "more than one 'Minsu Kim' (numbers 81, 83)" in said
    key = next(word for line in said.splitlines() if names[0] in line for word in line.split() if "file-" in word)
    assert run(moodle, "assign", CHAPTER, key.strip(":,()"), "S-1") == 1
    assert submitted(moodle)["S-1"] == names[0]


def test_is_nobody_taken_for_another_among_archives_side_by_side(moodle, capsys):
    place(moodle, "S-1.zip", zipped("01_rnn.ipynb"))
    place(moodle, "stranger.zip", zipped(("Minsu Kim_81_assignsubmission_file/01_rnn (5).ipynb", "forged")))
    place(moodle, "S-2/01_rnn.ipynb", "hers")
    assert run(moodle, "collect", CHAPTER) == 1
    assert submitted(moodle) == {"S-1": "01_rnn.ipynb", "S-2": "hers"}
    assert "S-1 has handed in otherwise" in capsys.readouterr().out


def test_do_the_same_number_and_another_name_belong_to_nobody(course, capsys):
    download(course, submissions_zip=zipped("leejiwoo_4711_90210_01_rnn.ipynb"))
    assert run(course, "collect", CHAPTER) == 1
    assert submitted(course) == {"4711": "leejiwoo_4711_90210_01_rnn.ipynb"}


def test_is_moodles_number_of_another_assignment_not_believed(tmp_path):
    sheet = "Identifier,Full name,ID number,Status\nParticipant 81,Minsu Kim,S-1,\nParticipant 82,Jiwoo Lee,S-2,\n"
    course = new_course(tmp_path, sheet)
    download(
        course, m_zip=zipped("Minsu Kim_82_assignsubmission_file/x.ipynb", "Jiwoo Lee_81_assignsubmission_file/x.ipynb")
    )
    assert run(course, "collect", CHAPTER) == 0
    assert {s: text.split("_")[0] for s, text in submitted(course).items()} == {"S-1": "Minsu Kim", "S-2": "Jiwoo Lee"}


def test_are_unknown_owners_kept_apart_and_assigned_with_one_command(course, capsys):
    one, two = "anon_aB3dE_90211_01_rnn.ipynb", "LATE_anon_Xy9Zk_90212_01_rnn.ipynb"
    download(course, submissions_zip=zipped(one, two, "guestone_5000_90213_01_rnn.ipynb"))
    assert run(course, "collect", CHAPTER) == 1
    expected = {"anon_aB3dE": one, "anon_Xy9Zk": two, "5000": "guestone_5000_90213_01_rnn.ipynb"}
    assert submitted(course) == expected
    assert f"python -m autograder assign {CHAPTER} KEY STUDENT" in capsys.readouterr().out
    assert run(course, "assign", CHAPTER, "anon_aB3dE", "minsu") == 1
    expected["minsu"] = expected.pop("anon_aB3dE")
    assert submitted(course) == expected
    assert run(course, "assign", CHAPTER, "anon_aB3dE", "jiwoo") == 1, "a slip can be mended"
    expected["jiwoo"] = expected.pop("minsu")
    assert submitted(course) == expected
    assert run(course, "assign", CHAPTER, "anon_aB3dE", "nobody") == 2
    assert run(course, "assign", CHAPTER, "anon_zzzzz", "minsu") == 2
    said = capsys.readouterr().err
    assert "'nobody' is not the id of a student" in said and "there is no key 'anon_zzzzz'" in said
    assert run(course, "collect", CHAPTER) == 1 and submitted(course) == expected, "it holds for the next time"


def test_does_a_copy_of_anothers_notebook_stay_when_the_downloads_change(course):
    download(course, one_zip=zipped((ONE, "the same")), two_zip=zipped((TWO, "the same")))
    assert run(course, "collect", CHAPTER) == 0
    (course / "downloaded" / CHAPTER / "archive" / "one.zip").unlink()
    assert run(course, "collect", CHAPTER) == 0
    assert submitted(course) == {"minsu": "the same", "jiwoo": "the same"}


def test_does_an_unknown_owner_stay_unknown_once_graded(course):
    expected = {"anon_aB3dE": "anon_aB3dE_90211_01_rnn.ipynb", "5000": "guestone_5000_90213_01_rnn.ipynb"}
    download(course, submissions_zip=zipped(*expected.values()))
    assert run(course, "collect", CHAPTER) == 1
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        for key in expected:
            book.add_student(key)
    assert run(course, "collect", CHAPTER) == 1 and submitted(course) == expected
    assert run(course, "assign", CHAPTER, "5000", "anon_aB3dE") == 2
    assert run(course, "assign", CHAPTER, "5000", "minsu") == 1
    expected["minsu"] = expected.pop("5000")
    assert run(course, "collect", CHAPTER) == 1 and submitted(course) == expected


def test_is_a_refused_file_assigned_by_its_key(moodle, capsys):
    download(moodle, all_zip=zipped("S-1/01_rnn.ipynb", ("S-3/Minsu Kim - 01_rnn.ipynb", "by both")))
    assert run(moodle, "collect", CHAPTER) == 1
    (key,) = json.loads((moodle / "downloaded" / CHAPTER / "collected.json").read_text())["keys"]
    assert key in capsys.readouterr().out
    assert run(moodle, "assign", CHAPTER, key, "S-3") == 0
    assert submitted(moodle) == {"S-1": "S-1/01_rnn.ipynb", "S-3": "by both"}


def test_has_no_unknown_owner_a_students_id_or_anothers_key(tmp_path):
    roster = "Student,ID,SIS Login ID\n" + '"Kim, Minsu",4711,5000\n"Lee, Jiwoo",4712,jiwoo\n'
    course = new_course(tmp_path, roster)
    download(course, a_zip=zipped("guest_5000_1_01_rnn.ipynb"), b_zip=zipped("x/01_rnn.ipynb", "y/01_rnn.ipynb"))
    download(course, c_zip=zipped("x/01_rnn.ipynb", ("../x/01_rnn.ipynb", "strange"), "z/n.ipynb"))
    assert run(course, "collect", CHAPTER) == 1
    found = submitted(course)
    assert "5000" not in found and found["unknown_5000"] == "guest_5000_1_01_rnn.ipynb"
    assert sorted(found.values()) == [
        "guest_5000_1_01_rnn.ipynb", "x/01_rnn.ipynb", "x/01_rnn.ipynb", "y/01_rnn.ipynb", "z/n.ipynb"
    ]  # fmt: skip


def test_are_namesakes_nobodys_unless_a_number_tells_them_apart(tmp_path):
    roster = "Student,ID,SIS Login ID\n" + '"Kim, Minsu",4711,a\n"Kim, Minsu",4712,b\n'
    course = new_course(tmp_path, roster)
    download(course, s_zip=zipped("kimminsu_4712_1_01_rnn.ipynb"), t_zip=zipped("Minsu Kim - 01_rnn.ipynb"))
    assert run(course, "collect", CHAPTER) == 1
    assert submitted(course) | {"b": "kimminsu_4712_1_01_rnn.ipynb"} == submitted(course)
    assert "a" not in submitted(course)


def test_is_a_file_without_an_owner_left_and_said(course, capsys):
    place(course, "01_rnn.ipynb", "whose?")
    download(course, submissions_zip=zipped(ONE, "readme.ipynb"))
    assert run(course, "collect", CHAPTER) == 1
    assert submitted(course) == {"minsu": ONE}
    assert capsys.readouterr().out.count("whose is it?") == 2


def test_is_what_was_collected_before_kept_unless_told_otherwise(course, capsys):
    download(course, submissions_zip=zipped(ONE, TWO))
    assert run(course, "collect", CHAPTER) == 0 and run(course, "collect", CHAPTER) == 0
    mine = course / "submitted" / "minsu" / CHAPTER / f"{CHAPTER}.ipynb"
    mine.write_text("mended by the instructor")
    assert run(course, "collect", CHAPTER) == 1
    assert submitted(course)["minsu"] == "mended by the instructor" and "--force" in capsys.readouterr().out
    assert run(course, "collect", CHAPTER, "--force") == 0
    assert submitted(course) == {"minsu": ONE, "jiwoo": TWO}


def test_can_names_of_any_length_and_with_any_letters_be_keys(course, capsys):
    names = ["가" * 80, "\u202egnp", "=1+1", "\x1b[31mred", "..."]
    download(course, all_zip=zipped(*(f"{name}/01_rnn.ipynb" for name in names)))
    place(course, "-x/01_rnn.ipynb", "x")
    assert run(course, "collect", CHAPTER) == 1
    assert len(submitted(course)) == 6
    said = capsys.readouterr().out
    assert "\x1b" not in said and "\u202e" not in said
    assert not any(name.startswith(("=", "-", ".")) for name in submitted(course))


def test_is_an_empty_or_missing_folder_said(course, capsys):
    assert run(course, "collect", CHAPTER) == 2
    assert "put what you downloaded" in capsys.readouterr().err
    place(course, ".DS_Store", "")
    assert run(course, "collect", CHAPTER) == 2


def test_are_folders_unpacked_by_hand_read_with_names_of_any_encoding(korean):
    place(korean, "김민수_81_assignsubmission_file/01_rnn.ipynb", "his")
    folder = os.fsencode(korean / "downloaded" / CHAPTER / "archive") + b"/" + "박서연".encode("cp949")
    os.mkdir(folder)
    with open(folder + b"/01_rnn.ipynb", "wb") as file:
        file.write(b"hers")
    assert run(korean, "collect", CHAPTER) == 0
    assert submitted(korean) == {"20310001": "his", "20310002": "hers"}


def test_does_a_zip_that_writes_a_name_in_two_ways_cost_nobody(moodle):
    packed = zipped(("S-1/01_rnn.ipynb", "his"))
    assert packed.index(b"S-1/01") < packed.index(b"PK\1\2"), "the local header comes first"
    download(moodle, all_zip=packed.replace(b"S-1/01", b"S-1\\01", 1))
    assert run(moodle, "collect", CHAPTER) == 0
    assert submitted(moodle) == {"S-1": "his"}


def test_does_an_anonymous_students_own_file_name_cost_nothing(course, capsys):
    member = "anon_aB3dE_90211_Minsu Kim 01_rnn.ipynb"
    download(course, submissions_zip=zipped(member, TWO))
    assert run(course, "collect", CHAPTER) == 1
    assert submitted(course) == {"anon_aB3dE": member, "jiwoo": TWO}
    assert "its own name says minsu" in capsys.readouterr().out


def test_may_a_late_file_lie_beside_the_archive(course):
    download(course, submissions_zip=zipped(ONE, TWO))
    place(course, "kimminsu_LATE_4711_90300_01_rnn.ipynb", "later")
    assert run(course, "collect", CHAPTER) == 0
    assert submitted(course) == {"minsu": "later", "jiwoo": TWO}


def test_is_a_students_archive_theirs_too_where_an_lms_archive_was_unpacked_by_hand(course):
    place(course, ONE, "hers")
    place(course, "guest_9999_90299_hw.zip", zipped(("leejiwoo_4712_99999_01_rnn.ipynb", "forged")))
    assert run(course, "collect", CHAPTER) == 1
    assert submitted(course) == {"minsu": "hers", "9999": "forged"}


def test_is_a_whole_classes_archive_not_taken_for_a_students(course):
    place(course, "gradebook_2026_1_2_01_rnn.zip", zipped("01_rnn_minsu_attempt_2026-03-02-10-20-30_01_rnn.ipynb"))
    assert run(course, "collect", CHAPTER) == 0
    assert list(submitted(course)) == ["minsu"]


def test_are_two_files_that_only_their_own_names_give_to_one_student_said(moodle, capsys):
    """Google Classroom lets students name their uploads: nothing tells a later attempt from somebody else's file."""
    download(moodle, drive_zip=zipped("Minsu Kim - 01_rnn.ipynb", "Minsu Kim - 01_rnn (1).ipynb"))
    assert run(moodle, "collect", CHAPTER) == 1
    assert "only its own name says whose it is" in capsys.readouterr().out


def test_does_an_id_number_in_moodles_folder_tell_namesakes_apart(tmp_path):
    roster = "First name,Last name,ID number,Email address\nMinsu,Kim,20310001,a@b.org\nMinsu,Kim,20310002,c@d.org\n"
    course = new_course(tmp_path, roster)
    download(course, m_zip=zipped("Minsu Kim_20310002_assignsubmission_file/01_rnn.ipynb"))
    assert run(course, "collect", CHAPTER) == 0
    assert list(submitted(course)) == ["20310002"]


def test_does_an_answer_beat_a_later_notebook_in_which_only_the_name_was_written(course):
    begun = json.loads(notebook())
    begun["cells"].insert(0, {"cell_type": "markdown", "id": "x", "metadata": {}, "source": "Minsu Kim"})
    members = [(ONE, answered("mine")), ("kimminsu_4711_90299_01_rnn.ipynb", json.dumps(begun))]
    download(course, submissions_zip=zipped(*members))
    assert run(course, "collect", CHAPTER) == 1
    assert submitted(course) == {"minsu": answered("mine").decode()}


def test_is_what_was_left_beside_a_notebook_told(course, capsys):
    packed = zipped(ONE, *(f"report{n}.pdf" for n in range(5)))
    download(course, submissions_zip=zipped(("kimminsu_4711_90210_hw.zip", packed)))
    assert run(course, "collect", CHAPTER) == 0
    assert "left: report0.pdf, report1.pdf, report2.pdf and 2 more" in capsys.readouterr().out


def test_is_a_name_of_any_length_and_nesting_read_in_time(course):
    names = ["01_rnn" + ".txt" * 15_000, "a_1" * 20_000 + "_.ipynb", "/".join("ab" * 15_000), "_1_" * 20_000]
    download(course, submissions_zip=zipped(ONE, ("leejiwoo_4712_90211_hw.zip", zipped("01_rnn.ipynb", *names))))
    started = time.monotonic()
    run(course, "collect", CHAPTER)
    assert submitted(course) == {"minsu": ONE, "jiwoo": "01_rnn.ipynb"}
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("beside", [True, False])
def test_is_too_much_in_one_archive_said_once(course, capsys, beside):
    packed = zipped(*(f"{n}.ipynb" for n in range(1000)))
    name = "quickmallory_4713_90212_hw.zip"
    download(course, submissions_zip=zipped(ONE, *([] if beside else [(name, packed)])))
    if beside:
        place(course, name, packed)
    assert run(course, "collect", CHAPTER) == 1
    assert submitted(course)["minsu"] == ONE
    assert capsys.readouterr().out.count("more than 200 notebooks") == 1
