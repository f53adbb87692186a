"""The glossary: each term in bold, with the Korean one, where the course first uses it; and a page that links them."""

import re

import jupytext
import pytest

from autograder.build import MASTERS
from autograder.chapters import CHAPTERS
from autograder.glossary import GLOSSARY, read_glossary
from autograder.pages import glossary

HANGUL = r"[가-힣]"


def prose(chapter):
    """What a chapter says: its markdown without headings, tables, code, formulas, pictures and model answers."""
    cells = jupytext.read(MASTERS / f"{chapter}.py", fmt="py:percent").cells
    text = "\n\n".join(c.source for c in cells if c.cell_type == "markdown" and c.metadata.get("title") != "written")
    text = re.sub(r"^(#|\|).*$", "", text, flags=re.M)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)|\$\$.*?\$\$|`[^`]*`|\$[^$]*\$", " ", text, flags=re.S)
    return re.sub(r"\s+", " ", text)


PROSE = {chapter: prose(chapter) for chapter in CHAPTERS}


def in_any_form(term):
    """A pattern of the term, in singular or plural and at the beginning of a sentence or within."""
    first, rest = term.english[0], term.english[1:]
    last = f"(?:{re.escape(rest[:-1])}(?:y|ies))" if rest.endswith("y") else f"{re.escape(rest)}(?:s|es)?"
    return f"[{first.upper()}{first.lower()}]{last}"


@pytest.mark.parametrize("term", GLOSSARY, ids=lambda term: term.english)
def test_is_a_term_bold_with_the_korean_one_where_the_course_uses_it_first_and_where_its_chapter_does(term):
    uses = {
        chapter: re.search(rf"(\*\*)?(?<![\w-])({in_any_form(term)})(?![\w-])(.{{0,40}})", PROSE[chapter])
        for chapter in CHAPTERS
    }
    assert uses[term.chapter], f"{term.chapter} does not use {term.english!r}"
    for chapter in {next(chapter for chapter, use in uses.items() if use), term.chapter}:
        first = uses[chapter]
        assert first[1] and re.match(rf"\*\* \({term.korean}[,;)]", first[3]), f"first use in {chapter}: {first[0]!r}"


def test_is_every_term_that_stands_in_bold_with_a_korean_one_in_the_glossary():
    there = {korean for text in PROSE.values() for korean in re.findall(rf"\*\* \(({HANGUL}[^,;)]*|[^()]*{HANGUL}+)[,;)]", text)}
    assert there - {term.korean for term in GLOSSARY} == set()


def test_does_every_entry_have_hangul_and_a_sentence():
    for term in GLOSSARY:
        assert re.search(HANGUL, term.korean), term
        assert re.fullmatch(r"[A-Z0-9].{15,120}\.", term.meaning, flags=re.S), term
        assert "|" not in term.meaning, term


def test_does_the_page_show_every_term_once_with_a_link_to_its_chapter():
    page = glossary(GLOSSARY).cells[0].source
    rows = re.findall(r"^\| \*\*(.*?)\*\* \| (.*?) \| .* \| \[(.*?)\]\((.*?)\) \|$", page, flags=re.M)
    assert sorted(rows) == sorted((t.english, t.korean, t.chapter, f"{t.chapter}/{t.chapter}.ipynb") for t in GLOSSARY)
    assert [row[0].lower() for row in rows] == sorted(row[0].lower() for row in rows)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[99_magic]\n"spell" = ["주문", "A word."]', "'99_magic'; expected one of 00_warm_up"),
        ('[01_rnn]\n"state" = "상태"', r"'state' of 01_rnn is '상태'; expected \[Korean term, a sentence\]"),
        ('[00_warm_up]\n"loss" = ["손실", "A number."]\n[01_rnn]\n"loss" = ["손실", "A number."]', "of 00_warm_up and of 01_rnn"),
    ],
)
def test_is_a_wrong_entry_refused_with_the_reason(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        read_glossary(text)
