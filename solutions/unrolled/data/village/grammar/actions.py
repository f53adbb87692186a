"""Someone does something: a verb with the arguments it takes, each as likely as `detail` says."""

from collections.abc import Sequence
from random import Random

from .. import lexicon as words
from ..lexicon import Verb
from ..meaning import Clause, Thing
from .choices import (
    GOALS,
    MAKERS,
    MANNERS,
    MOST,
    OBJECTS,
    PLACES,
    SUBJECTS,
    TOOLS,
    UNFIT,
    UNPLANNED,
    pick,
    times_of,
)
from .phrases import subject, thing

UNUSUAL = {  # how nothing is done in these tenses: English has another tense for what has been going on for long
    "for a long time": ("progressive", "imperfect"),
    **dict.fromkeys(UNPLANNED, ("future", "present", "progressive", "imperfect")),
}
CLASHES = {  # how nobody who is so does anything
    "fast": ("slowly",),
    "slow": ("quickly",),
    "quiet": ("loudly",),
    "lazy": ("diligently", "hard"),
    "sad": ("cheerfully",),
}
TENSES = ("past", "past", "past", "future", "present", "progressive", "imperfect")


def tense_of(rng: Random, verb: Verb, tenses: Sequence[str] = TENSES) -> str:
    """A tense that the verb allows."""
    if verb.stative:
        return "past" if "present" not in verb.tenses or rng.random() < 0.3 else "present"
    for _ in range(6):
        tense = pick(rng, tenses)
        if tense in verb.tenses or (tense == "imperfect" and "progressive" in verb.tenses):
            return tense
    return verb.tenses.split()[0]


def action(
    rng: Random,
    verb: Verb,
    detail: float,
    who: Thing | None = None,
    tense: str = "",
    bare: bool = False,
) -> Clause:
    """Someone does something. `bare` leaves out time, mood and negation, for a clause that hangs on another.

    Where a clause tells which thing is meant, there is no place and nobody else beside it, and the time comes first.
    """
    who = who or subject(rng, SUBJECTS[verb], detail)
    tense = tense or tense_of(rng, verb)
    mood, negative = "", False
    if not bare and tense in ("past", "present", "future"):
        mood, negative = _mood(rng, verb, who)
        tense = "present" if mood else tense
    target, goal = _object(rng, verb, who, detail), None
    if verb.goal:
        goal = thing(rng, GOALS[verb], "the", detail * 0.5, who.noun)
        if target is not None:
            target, goal = target._replace(relative=None), goal._replace(relative=None)
    if negative and target is not None and (target.number or 0) > 0:
        target = target._replace(number=None, determiner="a")
    time = None
    if not bare and not verb.stative and not mood and (tense == "present" or rng.random() < detail):
        time = pick(rng, times_of(verb, tense, "animal" in who.noun.kinds))
    companion = _companion(rng, verb, who, detail, negative)
    manners, places, manner, place, tool = MANNERS[verb], PLACES[verb], None, None, None
    if manners and not negative and not mood and rng.random() < 0.5 * detail:
        manner = pick(rng, manners)
        if tense in UNUSUAL.get(manner.english, ()) or (
            who.adjective is not None and manner.english in CLASHES.get(who.adjective.english, ())
        ):
            manner = None
        elif manner.english == "alone":
            companion = None
    if places and (verb.english == "live" or rng.random() < 0.25 + 0.7 * detail):
        place = pick(rng, places)
    if verb.tool and rng.random() < 0.5 * detail and not negative:
        tool = TOOLS[verb.tool]
        if manner is not None and manner.english.startswith("with"):
            manner = None  # "with a hammer with great care"
    clause = Clause(
        who,
        verb,
        target,
        goal,
        place,
        time,
        manner,
        companion=companion,
        tool=tool,
        tense=tense,
        negative=negative,
        mood=mood,
        fronted=time is not None and rng.random() < 0.3,
    )
    if not clause.explains:
        return clause
    return clause._replace(
        place=None, manner=None, companion=None, tool=None, fronted=time is not None
    )


def _mood(rng: Random, verb: Verb, who: Thing) -> tuple[str, bool]:
    """Whether someone only wants to, and whether it is not so."""
    chance = rng.random()
    if chance < 0.07:
        return "", verb.tenses != "past"
    wants = (
        "person" in who.noun.kinds
        and who.noun is not words.YOU
        and not verb.stative
        and verb.tenses != "past"
    )
    return "want" if chance < 0.13 and wants else "", False


def _object(rng: Random, verb: Verb, who: Thing, detail: float) -> Thing | None:
    """What it is done to."""
    if not verb.object:
        return None
    many = verb.english == "put on" and (who.number is not None or who.noun is words.WE)
    article = "plural" if many else verb.article
    most, unfit = MOST.get(verb.english, 1), UNFIT.get(verb.english, frozenset())
    return thing(rng, OBJECTS[verb], article, detail, who.noun, most, unfit)


def _companion(rng: Random, verb: Verb, who: Thing, detail: float, negative: bool) -> Thing | None:
    """With whom it is done."""
    if not verb.together and not (
        verb.companion and rng.random() < 0.4 * detail and who.number is None and not negative
    ):
        return None
    friend = Thing(words.FRIENDS[0], "a")
    companion = friend if rng.random() < 0.4 else Thing(pick(rng, MAKERS))
    if companion.noun is who.noun:
        return friend
    return Thing(companion.noun, "") if companion.noun.proper else companion
