"""What goes with what: for each verb the nouns it takes, for each noun what is said of it, all worked out once.

Left out: drawing from these tables, which the other files of `grammar` do.
"""

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import TypeVar

from .. import lexicon as words
from ..lexicon import SPEAKERS, Adjective, Adverb, Noun, Verb, selected

Item = TypeVar("Item")


def pick(rng: Random, items: Sequence[Item]) -> Item:
    """One of them (faster than `rng.choice`)."""
    return items[int(rng.random() * len(items))]


def listed(names: str) -> frozenset[str]:
    """The names between the commas, of which some have two words.

    >>> sorted(listed("bake, dig up"))
    ['bake', 'dig up']
    """
    return frozenset(name.strip() for name in names.split(","))


COUNTABLE = (1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9, 10, 12, 20)
UP_TO = {most: tuple(number for number in COUNTABLE if 1 < number <= most) for most in range(1, 21)}
MOST = {  # how many at once is not absurd; of what is not listed, one
    name: most
    for most, names in (
        (3, "eat, share, sing, cook, break, make, knit, weave, write"),
        (5, "read, choose, raise, give, send, receive, peel, catch"),
        (10, "buy, sell, bake, plant, pull up"),
        (20, "pick, dig up"),
    )
    for name in listed(names)
}

# Verbs
SUBJECTS = {verb: selected(verb.subject) for verb in words.VERBS}
OBJECTS = {verb: selected(verb.object) for verb in words.VERBS}
GOALS = {verb: selected(verb.goal) for verb in words.VERBS}
PLACES = {verb: selected(verb.places, [*words.PLACES, words.WELL]) for verb in words.VERBS}
MANNERS = {
    verb: tuple(m for m in words.MANNERS if set(m.groups) & set(verb.manners))
    for verb in words.VERBS
}
TIMES = {
    tense: tuple(t for t in words.TIMES if tense in t.tenses)
    for tense in ("past", "present", "future", "progressive", "imperfect")
}
UNTIMELY = {"get up early": "evening", "put on": "week"}  # the times at which nobody does so


@cache
def times_of(verb: Verb, tense: str, by_animal: bool = False) -> tuple[Adverb, ...]:
    """When it may be done: nobody puts on a hat last week, and to animals Sundays are days as any other."""
    never = UNTIMELY.get(verb.english, "-")
    return tuple(
        time
        for time in TIMES[tense]
        if never not in time.english and not (by_animal and time.english.startswith("on "))
    )


DEGREES = {  # how much one loves: 매우 goes with what is felt, not with missing or trusting
    v: words.AFFECTION_DEGREES[v.english in listed("miss, trust") :] for v in words.AFFECTION
}
TOOLS = {noun.english: noun for noun in words.THINGS}
MADE_BY = listed("buy, make, choose, borrow, knit, weave, write, draw, pick, dig up")
MADE = {  # how a thing came about, for "the chair that Minsu made"
    noun: tuple(
        v
        for v in words.TRANSITIVE
        if v.english in MADE_BY
        and noun in OBJECTS[v]
        and (v.english != "draw" or "drawn" in noun.kinds)
        and "past" in v.tenses
    )
    for noun in words.NOUNS
}
HABIT_VERBS = tuple(
    v
    for v in words.VERBS
    if v.english in listed("live, work, like, raise, grow, sell, make, weave")
)
HABITS = {  # a child lives somewhere and likes something, but has no trade
    noun: tuple(
        v
        for v in HABIT_VERBS
        if noun in SUBJECTS[v] and ("child" not in noun.kinds or v.english in listed("live, like"))
    )
    for noun in words.NOUNS
}
OBJECTS_IN_GENERAL = {
    v: tuple(n for n in OBJECTS[v] if not n.animate or "animal" in n.kinds) for v in HABIT_VERBS
}
DONE_BY_PEOPLE = tuple(
    v
    for v in (*words.TRANSITIVE, *words.GIVING)
    if v.subject == ("person",)
    and v.tenses != "past"
    and not v.stative
    and v.korean not in ("기르다", "키우다")
)

# Nouns
PERSONS = selected(("person",))
HUMANS = tuple(n for n in PERSONS if n not in SPEAKERS)
WE_AND_OTHERS = tuple(n for n in PERSONS if n is not words.YOU)
MAKERS = (*words.NAMES, *words.PEOPLE)
DETERMINERS = ("this", "that", "my", "our")


def determiners(noun: Noun) -> tuple[str, ...]:
    """The determiners it takes: one says "my hat" but not "my persimmon"."""
    mine = (
        "thing" in noun.kinds
        and noun.kinds & {"portable", "vehicle", "paired"}
        and "gathered" not in noun.kinds
    )
    return DETERMINERS if mine else DETERMINERS[:2]


# Adjectives
def _describing(noun: Noun) -> tuple[Adjective, ...]:
    return tuple(a for a in (*words.CHARACTER, *words.QUALITIES) if a.describes(noun))


BAD = "old, dirty, boring, bland, salty, flimsy, uncomfortable"
UNFIT = {  # what is not said of the thing that is done so with
    name: listed(adjectives)
    for names, adjectives in (
        ("make, bake, cook, write, weave, knit, draw", f"{BAD}, clean, cheap, expensive"),
        ("build", f"{BAD}, clean, bright, dark, narrow, peaceful"),
        ("send, give, show", f"{BAD}, clean"),
        ("buy, sell, choose, receive", "dirty, flimsy, uncomfortable"),
        ("clean, sweep, wash", "clean"),
        ("break, fix", "sturdy"),
        ("plant", "fresh, delicious"),
        ("peel, wash, dig up, pull up", "delicious"),
        ("play", "dirty"),
        ("sharpen", "sharp"),
        ("put on", "dirty, uncomfortable"),
        ("hate", "delicious, fresh, sweet"),
        ("like", "bland, salty, sour"),
    )
    for name in listed(names)
}
UNPLANNED = listed("by accident, by chance, suddenly")  # how one does nothing on purpose
UNASKED = listed("put on, row")  # whose object nobody asks for: 젓다 is to row and to stir
PREDICATED = {noun: _describing(noun) for noun in words.NOUNS}
ATTRIBUTES = {noun: () if noun.proper else PREDICATED[noun] for noun in words.NOUNS}
