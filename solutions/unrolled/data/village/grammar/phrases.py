"""Who and what: a noun with an adjective, a number, and a clause that tells which one is meant."""

from collections.abc import Sequence
from random import Random

from .. import lexicon as words
from ..lexicon import SPEAKERS, Noun
from ..meaning import Clause, Thing
from .choices import (
    ATTRIBUTES,
    COUNTABLE,
    DETERMINERS,
    HABITS,
    MADE,
    MAKERS,
    OBJECTS_IN_GENERAL,
    PLACES,
    UNFIT,
    UP_TO,
    determiners,
    pick,
)


def subject(rng: Random, nouns: Sequence[Noun], detail: float) -> Thing:
    """Who or what the sentence is about."""
    noun = pick(rng, nouns)
    if noun.proper:
        return Thing(noun, "")
    adjectives = ATTRIBUTES[noun]
    adjective = pick(rng, adjectives) if adjectives and rng.random() < 0.6 * detail else None
    chance = rng.random()
    if noun.english == "friend":
        return Thing(noun, "my", adjective)
    if chance < 0.2 and "single" in noun.kinds:
        chance = 0.5
    if chance < 0.08 and noun.animate:
        return Thing(noun, "", adjective, pick(rng, COUNTABLE[1:7]))
    if chance < 0.2 and noun.animate:
        return Thing(noun, "the", adjective, -1)
    determiner = pick(rng, DETERMINERS[:2]) if chance > 0.95 else "the"
    if detail > 0.55 and rng.random() < 0.35 * detail and "person" in noun.kinds:
        return Thing(noun, determiner, adjective, relative=_habit(rng, noun))
    return Thing(noun, determiner, adjective)


def _habit(rng: Random, noun: Noun) -> Clause:
    """What tells which person is meant: "who lives in the valley", which goes with whatever they do."""
    verb = pick(rng, HABITS[noun])
    if verb.object:
        grown = Thing(pick(rng, OBJECTS_IN_GENERAL[verb]), "", number=-1)
        return Clause(None, verb, grown, tense="present")
    return Clause(None, verb, place=pick(rng, PLACES[verb]), tense="present")


def thing(
    rng: Random,
    nouns: Sequence[Noun],
    article: str,
    detail: float,
    besides: Noun | None = None,
    most: int = 1,
    unfit: frozenset[str] = frozenset(),
) -> Thing:
    """Whom or what an action concerns; never the one who does it, nor with an adjective that is unfit."""
    noun = _another(rng, nouns, besides)
    if noun.proper:
        return Thing(noun, "")
    kinds = noun.kinds
    adjectives = ATTRIBUTES[noun]
    adjective = pick(rng, adjectives) if adjectives and rng.random() < 0.8 * detail else None
    if adjective is not None and adjective.english in unfit:
        adjective = None
    if article == "generic":
        return Thing(noun, "the", adjective) if noun.animate else Thing(noun, "", adjective, -1)
    if article == "plural":
        return Thing(noun, "", adjective, -1)
    if (
        article == "the"
        and not noun.measure
        and rng.random() < 0.2
        and not noun.animate
        and "weather" not in kinds
        and "place" not in kinds
    ):
        determiner = pick(rng, determiners(noun))
        return Thing(noun, determiner, None if determiner == "our" else adjective)
    if most > 1:
        most = 1 if "mass" in kinds else min(most, 4) if "thing" in kinds else most
    if most > 1 and (most > 3 or "cut" not in kinds) and rng.random() < 0.35:
        return Thing(noun, "", adjective, pick(rng, UP_TO[most]))
    if MADE[noun] and detail > 0.55 and article == "the" and rng.random() < 0.5 * detail:
        relative = origin(rng, noun, 0.5, besides)
        if adjective is not None and adjective.english in UNFIT.get(relative.verb.english, ()):
            adjective = None  # "the dirty guitar that the cook chose"
        return Thing(noun, "the", adjective, relative=relative)
    return Thing(noun, article, adjective)


def _another(rng: Random, nouns: Sequence[Noun], besides: Noun | None) -> Noun:
    """One of the nouns that is not the one who acts, nor includes them."""
    noun = pick(rng, nouns)
    for _ in range(9):
        if (
            noun is not besides
            and noun.english != "friend"
            and not (besides in SPEAKERS and noun in SPEAKERS and words.WE in (noun, besides))
        ):
            return noun
        noun = pick(rng, nouns)
    return nouns[0] if nouns[0] is not besides else nouns[-1]


def origin(rng: Random, noun: Noun, place_chance: float, besides: Noun | None = None) -> Clause:
    """Where a thing comes from: "that Minsu bought at the market"."""
    verb = pick(rng, MADE[noun])
    maker = pick(rng, [n for n in MAKERS if n is not besides])
    places = PLACES[verb]
    place = pick(rng, places) if places and rng.random() < place_chance else None
    return Clause(Thing(maker), verb, place=place)
