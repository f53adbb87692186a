"""What follows from what: the reasons that villagers have.

A cause is a feeling, an event or the weather, an effect what one then does or feels. The same table makes
"because" sentences here and the turns of a plot in `plots`.
"""

from dataclasses import dataclass
from random import Random

from .. import lexicon as words
from ..lexicon import Noun, Verb, selected, verb
from ..meaning import Clause, Sentence, Thing
from .actions import action
from .choices import TIMES, WE_AND_OTHERS, listed, pick
from .phrases import subject
from .states import feeling_of
from .weather import sky


@dataclass(frozen=True)
class Effect:
    """What someone does then: a verb, with its object or goal narrowed to some nouns."""

    verb: Verb
    nouns: tuple[Noun, ...] = ()
    place: Noun | None = None
    unfit: str = ""  # what its object is not: nobody drinks cold tea against the cold


def _effects(table: str, unfit: str = "") -> tuple[Effect, ...]:
    """One effect a comma: verb, then "+ nouns" of the object or goal, then "@ place"."""
    effects = []
    for entry in table.split(","):
        head, _, place = entry.partition("@")
        name, _, nouns = head.partition("+")
        there = selected([place.strip()], words.PLACES)[0] if place else None
        effects.append(Effect(verb(name.strip()), selected(nouns.split()), there, unfit))
    return tuple(effects)


BECAUSE_FEELING = {
    feeling: _effects(table)
    for feeling, table in {
        "hungry": "eat, buy + fruit snack, cook, bake, pick, eat",
        "thirsty": "drink + water juice milk, drink + tea, draw/긷다",
        "tired": "sleep @ home, rest, sit, drink + tea coffee, return + home",
        "sleepy": "sleep, drink + coffee, return + home",
        "bored": (
            "play/놀다, read, walk, sing, visit, go + park playground beach hill, "
            "draw/그리다, listen to"
        ),
        "sick": "go + hospital, rest @ home, call + doctor nurse, wait for + doctor nurse",
        "sad": "cry, walk, visit + name, sing, listen to",
        "lonely": "visit, write + letter, cry, call + name, play/치다, play/불다",
        "happy": "sing, dance, laugh, play/치다, play/불다",
        "glad": "dance, laugh, sing, shout",
        "busy": "run/달려가다 + station school market hospital",
    }.items()
}
BECAUSE_WEATHER = {  # in stages: outside, on the way, at home
    weather: tuple(_effects(stage, weather) for stage in table.split(";"))
    for weather, table in {
        "cold": (
            "put on/입다 + coat sweater, put on/두르다, put on/끼다; return + home; "
            "drink + tea coffee, close + window door, knit, eat + soup"
        ),
        "hot": "swim, rest @ forest, put on/쓰다; drink + water juice, open + window, eat + watermelon",
        "clear": "walk, climb, play/놀다, go + hill beach park, fish, dance",
        "rain": "borrow + umbrella, buy + umbrella; return + home; rest @ home, close + window, read, sleep @ home",
        "snow": "put on/끼다, put on/두르다, put on/입다 + coat sweater; return + home; play/놀다 @ yard, close + window door",
        "blow": (
            "put on/두르다, put on/입다 + coat sweater; return + home; close + window door, lock, fix + roof fence window"
        ),
        "be foggy": "light, return + home, rest @ home, sleep @ home",
    }.items()
}
GLOOMY, CHEERY = listed("sad, lonely, tired, sick, sleepy"), listed("cheerfully, loudly")
EVENTS = tuple(  # what happens to someone, what they do then, or how they feel
    (_effects(event)[0], _effects(effects), feelings)
    for event, effects, feelings in (
        ("lose", "cry, shout", ("sad",)),
        ("find", "laugh, dance, shout", ("happy", "glad")),
        ("break", "cry", ("sad",)),
        ("receive", "dance, laugh, sing", ("happy", "glad")),
        ("meet + name friend", "laugh", ("happy", "glad")),
        ("fall", "cry", ()),
    )
)


def perform(rng: Random, effect: Effect, detail: float, who: Thing) -> Clause:
    """The effect as a clause, its free places filled."""
    clause = action(rng, effect.verb, detail, who, "past", bare=True)
    if effect.nouns:
        nouns = [n for n in effect.nouns if n is not who.noun]
        noun = pick(rng, nouns)
        role = "goal" if effect.verb.goal else "object"
        if getattr(clause, role).noun not in nouns:
            the = role == "goal" or (noun.animate and noun not in words.FRIENDS)
            article = "" if noun.proper else "the" if the else effect.verb.article
            article = "a" if noun in words.FRIENDS else article
            clause = clause._replace(**{role: Thing(noun, article)})
    thing = clause.object
    if (
        thing is not None
        and thing.adjective is not None
        and thing.adjective.english == effect.unfit
    ):
        clause = clause._replace(object=thing._replace(adjective=None))
    return clause._replace(place=effect.place) if effect.place else clause


def because(rng: Random, detail: float, who: Thing | None = None) -> Sentence:
    """An effect and its cause."""
    chance = rng.random()
    who = who or subject(rng, WE_AND_OTHERS, detail)
    if chance < 0.4:
        felt = pick(rng, tuple(BECAUSE_FEELING))
        done = perform(rng, pick(rng, BECAUSE_FEELING[felt]), detail, who)
        if felt in GLOOMY and done.manner is not None and done.manner.english in CHEERY:
            done = done._replace(manner=None)
        cause = feeling_of(who, felt, rng, detail)
    elif chance < 0.75:
        seen = pick(rng, tuple(BECAUSE_WEATHER))
        effects = [effect for stage in BECAUSE_WEATHER[seen] for effect in stage]
        done = perform(rng, pick(rng, effects), detail, who)
        cause = sky(rng, seen, detail)
    else:
        event, effects, feelings = pick(rng, EVENTS)
        cause = perform(rng, event, detail, who)
        if feelings and rng.random() < 0.5:
            done = feeling_of(who, pick(rng, feelings), rng, detail)
        else:
            done = perform(rng, pick(rng, effects), detail, who)
    if rng.random() < 0.4 * detail and not cause.explains:
        cause = cause._replace(time=pick(rng, TIMES["past"][:4]))
    if cause.place is not None:
        done = done._replace(place=None)
    return Sentence(done, "because", cause)
