"""How it is: what someone or something is like, how someone feels, what there is, what someone is."""

from random import Random

from .. import lexicon as words
from ..lexicon import SPEAKERS, Noun, adjective, selected
from ..meaning import Clause, Thing
from .actions import action
from .choices import (
    ATTRIBUTES,
    COUNTABLE,
    DEGREES,
    MADE,
    PERSONS,
    PREDICATED,
    determiners,
    listed,
    pick,
)
from .phrases import origin, subject

DESCRIBED = tuple(
    n
    for n in words.NOUNS
    if PREDICATED[n] and n not in SPEAKERS and n.english not in listed("friend, home")
)
OCCUPATIONS = tuple(
    n
    for n in words.PEOPLE
    if "adult" in n.kinds
    and n.english not in listed("neighbour, grandmother, grandfather, traveller")
)


def affection(rng: Random, detail: float) -> Clause:
    """Who likes, loves or misses whom or what."""
    clause = action(rng, pick(rng, words.AFFECTION), detail, bare=True)
    degree = pick(rng, DEGREES[clause.verb]) if rng.random() < 0.3 + 0.5 * detail else None
    return clause._replace(degree=degree)


def quality(rng: Random, detail: float) -> Clause:
    """What someone or something is like."""
    noun = pick(rng, DESCRIBED)
    adjective = pick(rng, PREDICATED[noun])
    tense = "past" if rng.random() < 0.4 and not adjective.become else "present"
    if noun.proper or noun.animate or "place" in noun.kinds:
        who = Thing(noun, "" if noun.proper else "the")
    else:
        who = Thing(noun, pick(rng, (*determiners(noun), "the", "the")))
    explained = detail > 0.4 and MADE[noun] and not noun.proper and not noun.animate
    if explained and rng.random() < detail:
        who = Thing(noun, "the", relative=origin(rng, noun, detail))
    elif "food" in noun.kinds and who.determiner == "the" and not noun.measure:  # "dumplings are"
        general = tense == "present" and adjective.english != "fresh"
        who = Thing(noun, "" if general else "the", number=-1)
    if adjective.gradable and rng.random() < 0.2 and who.relative is None:
        others = [
            n
            for peers in (words.PEOPLE, words.THINGS)
            for n in (peers if noun in peers else ())
            if n is not noun and adjective.english != "hungry" and adjective in PREDICATED[n]
        ]
        if others:
            determiner = who.determiner if who.determiner in ("this", "that") else "the"
            return Clause(who, adjective, than=Thing(pick(rng, others), determiner), tense=tense)
    graded = adjective.gradable and rng.random() < 0.3 + 0.4 * detail
    degree = pick(rng, words.DEGREES[:2]) if graded else None
    negative = degree is None and rng.random() < 0.1
    return Clause(who, adjective, degree=degree, tense=tense, negative=negative)


def feeling(rng: Random, detail: float) -> Clause:
    """How someone feels; of others one says, in the present, how they look."""
    who = subject(rng, PERSONS, detail)
    felt = pick(rng, FELT)
    tense = "past" if rng.random() < 0.5 else "present"
    mood = "" if tense == "past" or who.noun in (words.ME, words.WE) else "seem"
    degree = pick(rng, words.DEGREES) if rng.random() < 0.3 + 0.4 * detail else None
    return Clause(who, felt, degree=degree, tense=tense, mood=mood)


FELT = (*words.FEELINGS, *words.HUNGER)


def feeling_of(who: Thing, english: str, rng: Random, detail: float) -> Clause:
    """That someone felt so."""
    degree = pick(rng, words.DEGREES[:3]) if rng.random() < 0.3 + 0.5 * detail else None
    return Clause(who, adjective(english), degree=degree)


def presence(rng: Random, detail: float) -> Clause:
    """What there is, and where."""
    tense = "past" if rng.random() < 0.4 else "present"
    number = pick(rng, COUNTABLE)
    if rng.random() < 0.5:
        place = pick(rng, HOMES)
        noun = pick(rng, DWELLERS[place])
    else:
        place = pick(rng, HOLDERS["in" if rng.random() < 0.6 else "on"])
        noun = pick(rng, SMALL)
        number = min(number, 5) if "thing" in noun.kinds else number
    adjectives = ATTRIBUTES[noun]
    adjective = pick(rng, adjectives) if adjectives and rng.random() < detail else None
    return Clause(Thing(noun, "", adjective, number), words.THERE, place=place, tense=tense)


def _dwellers(place: Noun) -> tuple[str, ...]:
    """The kinds of animal one finds there."""
    if "waters" in place.kinds:
        return ("fish",) if place.english == "sea" else ("fish", "swimmer")
    if "wild" in place.kinds:
        return ("wild",)
    if place.kinds & {"animals", "pasture"}:
        return ("livestock",)
    return ("pet",) if "home" in place.kinds else ()


DWELLERS = {
    place: tuple(
        n
        for n in selected(_dwellers(place), words.ANIMALS)
        if "fish" not in n.kinds or "waters" in place.kinds
    )
    for place in words.PLACES
}
HOMES = tuple(p for p in words.PLACES if DWELLERS[p])
HOLDERS = {  # what holds small things, as a place
    at: tuple(Noun(n.english, n.korean, n.kinds, at=at) for n in selected((kind,)))
    for at, kind in (("in", "container"), ("on", "table"))
}
SMALL = tuple(
    n for n in words.NOUNS if n.kinds & {"fruit", "root", "small"} and "cut" not in n.kinds
)


def occupation(rng: Random, detail: float) -> Clause:
    """What someone does for a living."""
    noun = pick(rng, OCCUPATIONS)
    names = [n for n in words.NAMES if n.pronoun == "he" or not noun.english.endswith("man")]
    who = Thing(pick(rng, names), "")
    return Clause(who, noun, tense="past" if rng.random() < 0.2 else "present")
