"""Who is meant by a name, a number, a folder or a word in them: somebody of the class, or nobody for certain."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from nbgrader.api import Gradebook

from autograder.lms.names import Handed, title
from autograder.lms.text import COMMANDING, one_form

WORD = re.compile(r"[^\W_]+")
MOST_WORDS, MOST_LETTERS, MOST_BYTES = 6, 1000, 120


@dataclass(frozen=True)
class Person:
    """A student of the class: `id` is nbgrader's, and the name of the folder; `number` is the LMS's own.

    `known_as` are the school's own names for the student, which two LMSs share: login, number, e-mail.
    """

    id: str
    first_name: str
    last_name: str
    email: str = ""
    number: str = ""
    known_as: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def names(self) -> set[str]:
        """The ways in which an LMS may write the whole name."""
        return {plain(self.first_name + self.last_name), plain(self.last_name + self.first_name)} - {""}


class People:
    """A class, to look somebody up in. What two could be is nobody: never is one guessed."""

    def __init__(self, people: Iterable[Person]):
        self.people = list(people)
        self.ids = {person.id: person for person in self.people}
        self._names, self._keys, self._parts = defaultdict(list), defaultdict(list), defaultdict(list)
        for person in self.people:
            for name in person.names:
                self._names[name].append(person)
            for key in {folded(person.id), folded(person.email)} - {""}:
                self._keys[key].append(person)
            for part in {folded(key).partition("@")[0] for key in (person.id, person.email) if "@" in key}:
                self._parts[part].append(person)

    def number(self, number: str | None) -> Person | None:
        """Who has this number of the LMS's."""
        return _only([person for person in self.people if number and person.number == number])

    def called(self, text: str) -> list[Person]:
        """Whose id, e-mail or whole name this is, or the e-mail's part in front of the @: the surest kind there is."""
        text = folded(text)
        return self._keys.get(text) or self._names.get(plain(text)) or self._parts.get(text) or []

    def within(self, text: str) -> list[Person]:
        """Whose id, e-mail or whole name stands in a text among other words; a longer one hides those within it."""
        text, found = folded(text)[:MOST_LETTERS], []
        words = list(WORD.finditer(text))
        for first in range(len(words)):
            for last in range(first, min(first + MOST_WORDS, len(words))):
                start, end = words[first].start(), words[last].end()
                run = "".join(word[0] for word in words[first : last + 1])
                people = self._keys.get(text[start:end], []) if _telling(text[start:end]) else []
                people = people or (self._names.get(run, []) if _telling(run) else [])
                found += [(start, end, person) for person in people]
        longest = [
            (start, end, person)
            for start, end, person in found
            if not any(s <= start and end <= e and e - s > end - start for s, e, _ in found)
        ]
        return list(dict.fromkeys(person for _, _, person in longest))

    def meant(self, text: str) -> list[Person]:
        """All who may be meant by a text: by the whole of it, else by words in it."""
        return self.called(text) or self.within(text)

    def find(self, text: str) -> Person | None:
        """Who is meant by a folder's or a file's name, if only one can be."""
        own, _ = title(text)
        return _only(self.meant(text)) or _only(self.meant(own))

    def handed(self, handed: Handed) -> Person | None:
        """Whom an LMS means. Number and name may not contradict each other.

        Canvas's number is its own for ever. Moodle's is another one for each assignment, so a name goes before it, and it
        tells namesakes apart; without a name (a blind marking's "Participant") it is all there is.
        """
        by_number, by_name = self.number(handed.number), self.meant(handed.name)
        if handed.lms == "moodle" and by_name and handed.number in self.ids:  # some sites write the ID number there
            by_number = self.ids[handed.number]
        if handed.lms == "blackboard":
            return _only(by_name) or self._user(handed.name)
        if by_number and (by_number in by_name or (not by_name and self._may_be(by_number, handed))):
            return by_number
        if by_number and handed.lms == "canvas":
            return None
        person = _only(by_name)
        other = handed.lms == "canvas" and handed.number and person and person.number
        return None if other else person

    def _may_be(self, person: Person, handed: Handed) -> bool:
        """Nobody has this name: may the number decide?"""
        if handed.lms == "canvas" or plain(handed.name) in ("participant", "참가자"):
            return True
        return bool({w for w in _words(handed.name) if len(w) > 1} & _words(f"{person.first_name} {person.last_name}"))

    def _user(self, text: str) -> Person | None:
        """Blackboard's user: what stands behind one of the assignment's own underscores."""
        places = [n for n, letter in enumerate(text) if letter == "_"]
        return next((person for n in places if (person := _only(self.called(text[n + 1 :])))), None)


def known_people(gradebook: Gradebook) -> list[Person]:
    """The students that the gradebook knows."""
    return [
        Person(s.id, s.first_name or "", s.last_name or "", s.email or "", s.lms_user_id or "")
        for s in gradebook.students
    ]


def find_person(people: Iterable[Person], name: str, number: str | None) -> Person | None:
    """Who this is: by the LMS's number, else by nbgrader's id, else by the name, if only one has it."""
    people = People(people)
    return people.number(number) or people.ids.get(name) or _only(people.called(name))


def plain(name: str) -> str:
    """A name without spaces, marks and case, as Canvas writes it in file names.

    >>> plain("Kim, Min-su"), plain("김 민수")
    ('kimminsu', '김민수')
    """
    return "".join(letter for letter in folded(name) if letter.isalnum())


def folded(name: str) -> str:
    """A name in one form and without case."""
    return one_form(one_form(name.strip()).casefold())


def folder_name(name: str) -> str:
    """A name that can be a folder's and nbgrader's id: no slash, no plus, nothing that a spreadsheet would reckon.

    >>> folder_name(" kim/minsu+1 "), folder_name("=1+1"), folder_name("../..")
    ('kim_minsu_1', '1_1', '_..')
    """
    name = re.sub(r"[/\\+:]", "_", COMMANDING.sub("_", one_form(name.strip()))).lstrip(".=-@ \t").rstrip()
    if len(name.encode()) > MOST_BYTES:
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        name = name.encode()[: MOST_BYTES - 9].decode(errors="ignore") + f"-{digest}"
    return name


def _only(people: list[Person]) -> Person | None:
    return people[0] if len(people) == 1 else None


def _words(text: str) -> set[str]:
    return set(WORD.findall(folded(text)))


def _telling(word: str) -> bool:
    """Whether a word among others says who is meant: "3", "81" and "2026" do not."""
    return len(word) > 4 if word.isdigit() else len(word) > 2 or (len(word) > 1 and not word.isascii())
