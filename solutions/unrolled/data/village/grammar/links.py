"""Two clauses and what connects them: because, to, and, before, after, when, if, that, but."""

from collections.abc import Callable
from random import Random

from .. import lexicon as words
from ..lexicon import SPEAKERS, Verb, selected
from ..meaning import Clause, Sentence, Thing
from .actions import action
from .causes import BECAUSE_WEATHER, because, perform
from .choices import (
    DONE_BY_PEOPLE,
    HUMANS,
    PLACES,
    PREDICATED,
    UNPLANNED,
    WE_AND_OTHERS,
    listed,
    pick,
)
from .phrases import subject
from .states import quality
from .weather import weather

INTRANSITIVE_TOO = (*words.TRANSITIVE, *words.INTRANSITIVE)
STAY_AT_HOME = listed(
    "remember, live, run, cry, shout, laugh, get up early, raise, grow, call, praise, follow, push, "
    "pull, carry, look for, break, weave, knit, stir"
)
TRAVELLED = tuple(  # what one goes somewhere to do
    v
    for v in INTRANSITIVE_TOO
    if v.subject in (("person",), ("adult",), ("person", "land"))
    and PLACES[v]
    and v.tenses != "past"
    and not v.stative
    and v.english not in STAY_AT_HOME
)
PLAIN_FUTURE = tuple(
    v
    for v in INTRANSITIVE_TOO
    if v.subject == ("person",)
    and "future" in v.tenses
    and not v.stative
    and v.english not in listed("put on, open, close, light, put out, swim")
)
BACKGROUND = tuple(  # what goes on while something else happens
    v
    for v in INTRANSITIVE_TOO
    if "progressive" in v.tenses
    and not v.stative
    and v.english not in listed("get up early, raise, buy, grow, put on, choose")
)
ARRIVALS = tuple(v for v in words.MOTION if v.english in listed("return, stop by, run"))
TOLD = tuple(
    v
    for v in (*words.TRANSITIVE, *words.GIVING, *words.MOTION)
    if "future" in v.tenses and not v.stative
)
MOON = Thing(selected(("moon",))[0])
SAYING = {
    link: Verb(link, korean, ("person",))
    for link, korean in (("hear", "듣다"), ("say", "말하다"), ("think", "생각하다"))
}
CONTRASTS = {  # an adjective and what one does not expect beside it
    (one, other)
    for one, others in (
        ("expensive", "pretty useful sturdy warm"),
        ("cheap", "sturdy pretty warm useful"),
        ("old", "clean useful sturdy pretty interesting"),
        ("heavy", "useful sturdy"),
        ("small", "strong fast heavy"),
        ("sour", "delicious fresh"),
        ("spicy", "delicious"),
        ("salty", "delicious"),
        ("poor", "honest kind cheerful diligent"),
        ("rich", "lazy honest kind"),
        ("difficult", "interesting"),
        ("long", "interesting easy"),
        ("short", "interesting difficult"),
        ("young", "wise famous brave"),
        ("big", "gentle slow light"),
        ("dangerous", "beautiful"),
        ("noisy", "clean bright wide"),
        ("narrow", "bright clean peaceful"),
        ("lazy", "clever kind"),
    )
    for other in others.split()
}


def journey(rng: Random, detail: float, who: Thing) -> tuple[Clause, Clause]:
    """Going somewhere, and doing there what one does there."""
    verb = pick(rng, TRAVELLED)
    place = pick(rng, [p for p in PLACES[verb] if "visited" in p.kinds])
    doing = action(rng, verb, detail, who, "past", bare=True)
    doing = doing._replace(place=None, companion=doing.companion if verb.together else None)
    if doing.tool is not None:
        doing = doing._replace(manner=None)
    going = action(rng, words.MOTION[0], 0.0, who, "past", bare=True)
    return going._replace(goal=Thing(place)), doing


def to_do(rng: Random, detail: float, who: Thing) -> Sentence:
    """Someone went somewhere to do something."""
    going, doing = journey(rng, detail, who)
    return Sentence(going, "to", doing._replace(tense="present", manner=None))


def and_did(rng: Random, detail: float, who: Thing) -> Sentence:
    """Someone went somewhere and did something there."""
    going, doing = journey(rng, detail, who)
    return Sentence(going, "then", doing)


def one_after_another(rng: Random, detail: float, who: Thing) -> Sentence:
    """Someone did something before or after something else."""
    first, second = (
        action(rng, pick(rng, DONE_BY_PEOPLE), detail, who, "past", bare=True) for _ in range(2)
    )
    link = "before" if rng.random() < 0.5 else "after"
    same_object = first.object and second.object and first.object.noun is second.object.noun
    if first.verb.english == second.verb.english or same_object:
        return because(rng, detail)
    if link == "before" and second.manner is not None and second.manner.english in UNPLANNED:
        second = second._replace(manner=None)  # one knows of no chance before it comes
    return Sentence(first, link, second._replace(place=None))


def meanwhile(rng: Random, detail: float, who: Thing) -> Sentence:
    """Someone was doing something when another came."""
    verb = pick(rng, BACKGROUND)
    while True:
        background = action(rng, verb, detail, tense="imperfect", bare=True)
        if background.subject.noun is not who.noun:
            break
    arrival = action(rng, pick(rng, ARRIVALS), 0.3 * detail, who, "past", bare=True)
    if background.place is arrival.goal.noun:
        background = background._replace(place=None)
    return Sentence(background, "when", arrival)


def in_that_weather(rng: Random, detail: float, who: Thing) -> Sentence:
    """What someone will do if the weather is so."""
    condition = weather(rng, 0.5 * detail, "future")
    while condition.verb.english == "rise" or condition.subject == MOON:  # which come in any case
        condition = weather(rng, 0.5 * detail, "future")
    stages = BECAUSE_WEATHER.get(condition.verb.english)
    if stages and rng.random() < 0.5:
        effect = pick(rng, pick(rng, stages))
        result = perform(rng, effect, detail, who)._replace(tense="future")
    else:
        result = action(rng, pick(rng, PLAIN_FUTURE), detail, who, "future", bare=True)
    return Sentence(result, "if", condition._replace(tense="present", fronted=False, place=None))


def hearsay(rng: Random, detail: float, who: Thing) -> Sentence:
    """What someone says, thinks or has heard."""
    link = pick(rng, ("hear", "say", "think"))
    speaker = Thing(words.ME, "") if link != "say" else subject(rng, HUMANS, 0.0)
    if rng.random() < 0.4:
        told = quality(rng, detail)._replace(tense="present")
    else:
        verb, tense = pick(rng, TOLD), "past" if rng.random() < 0.7 else "future"
        told = action(rng, verb, min(detail, 0.55), tense=tense, bare=True)
    if link == "say" and told.subject.noun is speaker.noun:
        speaker = Thing(words.ME, "")
    if told.subject.noun in SPEAKERS:
        told = told._replace(subject=Thing(pick(rng, words.NAMES), ""))
    tense = "present" if link == "think" else "past"
    return Sentence(Clause(speaker, SAYING[link], tense=tense), link, told)


def contrast(rng: Random, detail: float, who: Thing) -> Sentence:
    """Something is so, but also something that one does not expect."""
    first = quality(rng, 0.3 * detail)
    options = [
        a for a in PREDICATED[first.subject.noun] if (first.verb.english, a.english) in CONTRASTS
    ]
    if not options or first.than is not None or first.negative:
        return because(rng, detail)
    second = first._replace(verb=pick(rng, options), degree=None)
    return Sentence(first._replace(degree=None), "but", second)


KINDS: tuple[tuple[float, Callable[[Random, float, Thing], Sentence]], ...] = (
    (0.48, to_do),  # up to 0.38: because
    (0.58, and_did),
    (0.7, one_after_another),
    (0.78, meanwhile),
    (0.86, in_that_weather),
    (0.93, hearsay),
    (1.0, contrast),
)


def pair_of_clauses(rng: Random, detail: float) -> Sentence:
    """Two clauses and what connects them."""
    chance = rng.random()
    if chance < 0.38:
        return because(rng, detail)
    who = subject(rng, WE_AND_OTHERS, detail * 0.7)
    kind = next(kind for bound, kind in KINDS if chance < bound)
    return kind(rng, detail, who)
