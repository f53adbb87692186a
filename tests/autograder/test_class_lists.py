"""Is a class read as any LMS and any spreadsheet leaves it, or refused with the line and the cause, and given back alike?"""

import csv
import io

import pytest

from autograder import __main__ as command_line
from autograder.lms.export import as_it_came, harmless
from autograder.lms.roster import decode, read_file, read_roster

CANVAS = 'Student,ID,SIS User ID,SIS Login ID,Section\n"Kim, Minsu",4711,S-1,minsu,1\n"Lee, Jiwoo",4712,S-2,jiwoo,1\n'
MOODLE = "First name,Last name,ID number,Email address\nMinsu,Kim,S-1,m@x.org\nJiwoo,Lee,S-2,j@x.org\n"
HEADINGS = "Student,ID,SIS User ID,SIS Login ID,Section\n"


def ids(text):
    return [person.id for person in read_roster(text).people]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("table", [CANVAS, MOODLE])
def test_is_any_delimiter_understood(table, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(csv.reader(io.StringIO(table)))
    roster = read_roster(out.getvalue())
    assert [person.last_name for person in roster.people] == ["Kim", "Lee"] and roster.delimiter == delimiter
    assert read_roster(f"sep={delimiter}\r\n{out.getvalue()}").people == roster.people


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        *[(encoding, "민수") for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp949")],
        *[("cp949", name) for name in ("똠방", "Minsu 민수", "敏洙")],
        *[("cp1252", name) for name in ("Jérémy", "Åsa", "Müller", "Peña", "Zoë", "Müßig", "Ägidius", "François")],
    ],
)
def test_is_any_encoding_understood_and_kept(tmp_path, encoding, name):
    (tmp_path / "class.csv").write_bytes(CANVAS.replace("Minsu", name).encode(encoding))
    roster = read_roster(read_file(tmp_path / "class.csv"))
    assert [person.first_name for person in roster.people] == [name, "Jiwoo"]
    assert [person.number for person in roster.people] == ["4711", "4712"]
    text, found = decode((tmp_path / "class.csv").read_bytes())
    given = as_it_came(list(csv.reader(io.StringIO(text))), read_roster(text), found)
    assert given.decode(encoding).splitlines() == text.splitlines() or encoding.startswith("utf-")
    assert decode(given) == (text.replace("\n", "\r\n"), found)


def test_are_canvas_own_options_understood():
    text = "LastName;FirstName;ID;SIS Login ID;Section;01_rnn (9)\n    Points Possible;;;;;15,00\nKim;Minsu;4711;minsu;1;7,5\n"
    roster = read_roster(text)
    (person,) = roster.people
    assert (person.id, person.first_name, person.last_name, person.number) == ("minsu", "Minsu", "Kim", "4711")
    assert roster.decimal_comma and roster.columns[:3] == ["LastName", "FirstName", "ID"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Identifier,Full name,Username,Status\nParticipant 81,Minsu Kim,minsu,-\n", ["minsu"]),
        ("Identifier,Full name,ID number,Status\nParticipant 81,Minsu Kim,S-1,-\n", ["S-1"]),
        ("First name,Surname,Email address,Groups\nMinsu,Kim,m@x.org,A\n", ["m@x.org"]),
        ("first name,LAST NAME,Id Number,email  address\nMinsu,Kim,S-1,\nJiwoo,Lee,,j@x.org\n", ["S-1", "j@x.org"]),
        ("First name,Last name,ID number\nMinsu,Kim,20310001.0\nOverall average\n", ["20310001"]),
        (HEADINGS + '"Kim, Minsu",4711.0,,minsu,1\n"Lee, Jiwoo","4712,00",,jiwoo,1\n', ["minsu", "jiwoo"]),
        (HEADINGS + '"Kim, Minsu",1.17E+17,,minsu,1\n"Lee, Jiwoo","1,17E+17",,jiwoo,1\n', ["minsu", "jiwoo"]),
        (HEADINGS + '"Kim, Minsu",4711,S-1\n\n,,,,\nTotal\n', ["S-1"]),
        (HEADINGS + '"Kim, Minsu","=""0815""",,,1\n', ["0815"]),
        ("\n" + CANVAS + ",,,,,,,\n", ["minsu", "jiwoo"]),
        (CANVAS.replace("\n", "\r"), ["minsu", "jiwoo"]),
    ],
)
def test_is_what_can_be_read_read(text, expected):
    assert ids(text) == expected


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", r"the file has the columns \[\]"),
        ("name,mark\nMinsu,3\n", r"columns \['name', 'mark'\]; expected Canvas's"),
        ("Identifier,Full name,Status\nParticipant 81,Minsu Kim,-\n", "ID number, Email address or Username"),
        (HEADINGS, "there are 0 students in it: 0 rows"),
        (HEADINGS + "    Points Possible,,,,15\n", "there are 0 students in it: 1 rows"),
        (HEADINGS + '"Kim, Minsu",1.17E+17,,,1\n', r"line 2: the number 1\.17E\+17 has been cut by a spreadsheet"),
        (HEADINGS + '"Kim, Minsu",47a,,minsu,1\n', "line 2: the ID of 'Kim, Minsu' is '47a'"),
        (HEADINGS + '"Kim, Minsu",4711,,minsu,1\n"Lee, Jiwoo"\n', "line 3: 'Lee, Jiwoo' has no ID and no login"),
        (HEADINGS + "Kim, Minsu,4711,S-1,minsu,1\n", "line 2 has 6 cells and the headings are 5"),
        (MOODLE + "Ann,Park,,\n", "line 4: 'Ann Park' has no ID number or Email address"),
        (MOODLE + "Ann,Park\n", "line 4: 'Ann Park' has no ID number or Email address"),
        (MOODLE + "Ann,Park,2.03E+9,\n", r"line 4: the number 2\.03E\+9 has been cut"),
        (MOODLE + "Ann,Park,S-1,\n", "the id 'S-1', in lines 2 and 4"),
        (CANVAS + '"Park, Ann",4711,,ann,1\n', "two students of the file have the number 4711"),
        (MOODLE + "Ann,Park,...,\n", "line 4: none of .* can be a student's id"),
    ],
)
def test_is_what_cannot_be_read_refused_with_the_line_and_the_cause(text, cause):
    with pytest.raises(ValueError, match=cause):
        read_roster(text)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"PK\3\4xlsx", "a spreadsheet's own file"),
        (b"Student,ID\n\0,1\n", "line 2: a zero byte"),
        ("Student,ID\n김민수김민수,1\n".encode() + b"\xea\xb9,2\n", "line 3: a letter of this UTF-8 file is damaged"),
        (b"Student,ID\nA\x81 B\x8d,1\n", "line 2: byte 0x81 is of none of the encodings"),
    ],
)
def test_is_a_file_that_is_no_text_refused(content, cause):
    with pytest.raises(ValueError, match=cause):
        decode(content)


def test_does_the_command_name_the_file_the_line_and_the_cause(tmp_path, capsys):
    (tmp_path / "class.csv").write_text(HEADINGS)
    assert command_line.main(["roster", str(tmp_path / "class.csv"), "--course", str(tmp_path / "course")]) == 2
    (tmp_path / "class.csv").write_text(CANVAS.replace("4712", "1.17E+17"))
    assert command_line.main(["roster", str(tmp_path / "class.csv"), "--course", str(tmp_path / "course")]) == 0
    said = capsys.readouterr()
    assert "class.csv: there are 0 students" in said.err and "class.csv, line 3: the number 1.17E+17" in said.err
    assert "2 students, as Canvas" in said.out
    assert (tmp_path / "course" / "roster" / "canvas.csv").read_bytes() == (tmp_path / "class.csv").read_bytes()


def test_do_formulas_in_names_not_go_back_into_a_table():
    roster = read_roster(HEADINGS + '"=HYPERLINK(""x""), +1",4711,,=cmd,1\n')
    assert [(p.id, p.first_name, p.last_name) for p in roster.people] == [("cmd", "1", 'HYPERLINK("x")')]
    given = as_it_came([["@SUM(A1)", "-2,5", "-", "4711", " =1+1", "-2+3"]], roster, "utf-8").decode()
    assert next(csv.reader([given])) == ["'@SUM(A1)", "-2,5", "-", "4711", "' =1+1", "'-2+3"]
    assert harmless("Kim, Minsu") == "Kim, Minsu"
