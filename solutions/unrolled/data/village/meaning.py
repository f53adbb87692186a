"""What a sentence means, before it is said in any language.

A `Thing` is a noun with what is said of it, a `Clause` who does what to whom, where, when and how, a `Sentence`
one or two clauses and how they hang together. `concepts` lists the words that meet in a meaning, in no order and
without tense, number or article: what decides to which split it belongs.

Left out: how it is said (`render_korean`, `render_english`), and which meanings make sense (`grammar`).
"""

from __future__ import annotations

from typing import NamedTuple

from .lexicon import Adjective, Adverb, Noun, Verb


class Thing(NamedTuple):
    """A noun as it is used. `number` is None for one that is not counted and -1 for "some, more than one"."""

    noun: Noun
    determiner: str = (
        "the"  # "the", "a", "" (bare), "this", "that", "my", "our", "pronoun" (it was just named)
    )
    adjective: Adjective | None = None
    number: int | None = None
    relative: Clause | None = (
        None  # the clause that tells which one; the thing itself is missing from it
    )


class Clause(NamedTuple):
    """Who does what. `verb` may be an adjective ("is tired") or a noun ("is a farmer")."""

    subject: Thing | None
    verb: Verb | Adjective | Noun
    object: Thing | None = None
    goal: Thing | None = None
    place: Noun | None = None
    time: Adverb | None = None
    manner: Adverb | None = None
    degree: Adverb | None = None
    companion: Thing | None = None
    tool: Noun | None = None
    than: Thing | None = None
    tense: str = (
        "past"  # "past", "present", "future", "progressive" (is -ing), "imperfect" (was -ing)
    )
    negative: bool = False
    mood: str = ""  # "want", "can", "seem"
    fronted: bool = False  # whether the time comes first
    introduced: bool = (
        False  # whether whoever does it is new to the listener, and in Korean no topic yet
    )

    @property
    def explains(self) -> bool:
        """Whether a clause tells which object or goal is meant: it would swallow a place or a time beside it."""
        return any(
            thing is not None and thing.relative is not None for thing in (self.object, self.goal)
        )


class Sentence(NamedTuple):
    """A main clause and what it hangs together with. `focus` makes a question of it: "who", "what", "where", "when", "why", "yes"."""

    main: Clause
    link: str = ""  # "because", "when", "if", "before", "after", "and", "but", "to", or "hear", "say", "think"
    other: Clause | None = None
    focus: str = ""
    lead: Adverb | None = None  # how it goes on from what was said before: "one day", "so", "but"


def _add_thing(found: list[str], thing: Thing) -> None:
    if thing.determiner != "pronoun":
        found.append(thing.noun.english)
    if thing.adjective is not None:
        found.append(thing.adjective.english)
    if thing.relative is not None:
        _add_clause(found, thing.relative)


def _add_clause(found: list[str], clause: Clause) -> None:
    found.append(clause.verb.english)
    for thing in (clause.subject, clause.object, clause.goal, clause.companion, clause.than):
        if thing is not None:
            _add_thing(found, thing)
    for word in (clause.place, clause.tool, clause.time, clause.manner, clause.degree):
        if word is not None:
            found.append(word.english)


HIDDEN_BY = {"who": "subject", "what": "object", "where": "place", "when": "time"}


def spoken(sentence: Sentence) -> Sentence:
    """The sentence without what a question asks for: it is meant, but not said."""
    hidden = HIDDEN_BY.get(sentence.focus)
    if hidden is None:
        return sentence
    return sentence._replace(main=sentence.main._replace(**{hidden: None}))


def concepts(sentence: Sentence) -> list[str]:
    """The words that meet in what is said."""
    sentence = spoken(sentence)
    found: list[str] = []
    _add_clause(found, sentence.main)
    if sentence.other is not None:
        _add_clause(found, sentence.other)
    if sentence.lead is not None:
        found.append(sentence.lead.english)
    if sentence.focus:
        found.append(sentence.focus)
    return found
