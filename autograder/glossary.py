"""The course's terms, from `glossary.toml`: a table for each chapter, a line for each term that the chapter builds."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from autograder.chapters import CHAPTERS

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Term:
    """A term of the field."""

    english: str
    korean: str
    meaning: str
    chapter: str


def read_glossary(text: str) -> tuple[Term, ...]:
    """The terms of a glossary, in its order.

    >>> read_glossary('[01_rnn]\\n"hidden state" = ["은닉 상태", "What a recurrent network carries along."]')
    (Term(english='hidden state', korean='은닉 상태', meaning='What a recurrent network carries along.', chapter='01_rnn'),)
    """
    terms: dict[str, Term] = {}
    for chapter, entries in tomllib.loads(text).items():
        if chapter not in CHAPTERS:
            raise ValueError(f"the glossary has a table {chapter!r}; expected one of {', '.join(CHAPTERS)}.")
        for english, entry in entries.items():
            if not (isinstance(entry, list) and len(entry) == 2 and all(isinstance(e, str) and e for e in entry)):
                raise ValueError(f"{english!r} of {chapter} is {entry!r}; expected [Korean term, a sentence].")
            if english in terms:
                raise ValueError(f"{english!r} is of {terms[english].chapter} and of {chapter}; expected one of them.")
            terms[english] = Term(english, *entry, chapter)
    return tuple(terms.values())


GLOSSARY = read_glossary(FILE.read_text(encoding="utf-8"))
