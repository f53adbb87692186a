"""What the sky does."""

from random import Random

from .. import lexicon as words
from ..lexicon import selected, verb
from ..meaning import Clause, Thing
from .choices import MANNERS, SUBJECTS, TIMES, listed, pick

WEATHER_ITSELF = selected(("weather",))[0]
WET = selected(listed("mountain, village, forest, city, field, valley"))
LASTING = listed("rain, snow, blow, shine")


def weather(rng: Random, detail: float, tense: str = "") -> Clause:
    """Any weather."""
    tense = tense or pick(rng, ("past", "past", "present", "future"))
    dated = tense != "present" and rng.random() < 0.4 + 0.5 * detail
    time = pick(rng, TIMES[tense]) if dated else None
    fronted = time is not None and rng.random() < 0.3
    if rng.random() < 0.4:
        graded = tense != "future" and rng.random() < 0.3 + 0.5 * detail
        degree = pick(rng, words.DEGREES[:3]) if graded else None
        return Clause(
            Thing(WEATHER_ITSELF),
            pick(rng, words.CLIMATE),
            time=time,
            degree=degree,
            tense=tense,
            fronted=fronted,
        )
    event = pick(rng, words.SKY)
    if tense == "present":
        tense = "progressive" if event.english in LASTING else "past"
    bodies, who = SUBJECTS[event], None
    if bodies:
        who = Thing(bodies[0] if len(bodies) == 1 else pick(rng, bodies))
    manner = _manner(rng, event, 0.3 + 0.5 * detail)
    place = pick(rng, WET) if who is None and rng.random() < 0.6 * detail else None
    return Clause(who, event, place=place, time=time, manner=manner, tense=tense, fronted=fronted)


def sky(rng: Random, english: str, detail: float) -> Clause:
    """That the weather was so: "cold", or "rain"."""
    for climate in words.CLIMATE:
        if climate.english == english:
            degree = pick(rng, words.DEGREES[:3]) if rng.random() < 0.3 + 0.5 * detail else None
            return Clause(Thing(WEATHER_ITSELF), climate, degree=degree)
    event = verb(english)
    who = Thing(SUBJECTS[event][0]) if event.subject else None
    return Clause(who, event, manner=_manner(rng, event, 0.7))


def _manner(rng: Random, event: words.Verb, chance: float) -> words.Adverb | None:
    manners = MANNERS[event]
    return pick(rng, manners) if manners and rng.random() < chance else None
