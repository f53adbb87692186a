"""A sentence of any sort that makes sense, a short or a long one."""

from random import Random

from .. import lexicon as words
from ..lexicon import SPEAKERS
from ..meaning import Clause, Sentence, Thing
from .actions import action
from .choices import SUBJECTS, UNASKED, listed, pick, times_of
from .links import pair_of_clauses
from .phrases import subject
from .states import affection, feeling, occupation, presence, quality
from .weather import weather

LOVE_MEANING = Sentence(
    Clause(
        Thing(words.ME, ""),
        words.AFFECTION[0],
        Thing(words.YOU, ""),
        degree=words.AFFECTION_DEGREES[0],
        tense="present",
    )
)
SKILLS = listed(
    "bake, cook, ride, play, read, write, knit, weave, swim, dance, row, fix, draw, sing"
)
ABLE = tuple(
    v
    for v in words.VERBS
    if v.english in SKILLS
    and "person" in v.subject
    and v.korean not in listed("놀다, 긷다, 요리하다")
)


def ability(rng: Random, detail: float) -> Clause:
    """What someone can or cannot do."""
    verb = pick(rng, ABLE)
    who = subject(rng, SUBJECTS[verb], 0.0)
    clause = action(rng, verb, 0.0, who, "present", bare=True)
    if (who.number or 0) > 0:
        who = who._replace(determiner="the", number=-1)
    target = clause.object
    if target is not None and (target.number or 0) > 0:
        target = target._replace(number=None, determiner="a")
    negative = rng.random() < 0.3
    return Clause(who, verb, target, clause.goal, tense="present", mood="can", negative=negative)


DEEDS = (
    (0.56, words.TRANSITIVE),
    (0.72, words.INTRANSITIVE),
    (0.86, words.GIVING),
    (0.97, words.MOTION),
    (1.0, words.SITTING),
)


def deed(rng: Random, detail: float) -> Clause:
    """An action of any sort."""
    chance = rng.random()
    verbs = next(verbs for bound, verbs in DEEDS if chance < bound)
    return action(rng, pick(rng, verbs), detail)


def question(rng: Random, detail: float) -> Sentence:
    """A question about an action: who did it, to what, where — or whether."""
    asked = rng.random()
    verb = pick(rng, words.TRANSITIVE)
    nouns = [n for n in SUBJECTS[verb] if n not in SPEAKERS or n is words.YOU]
    who = subject(rng, nouns, 0.0)
    tense = "past" if rng.random() < 0.7 or "future" not in verb.tenses else "future"
    clause = action(rng, verb, detail, who, tense, bare=True)
    time = pick(rng, times_of(verb, tense)) if rng.random() < 0.3 + 0.5 * detail else None
    fronted = time is not None and clause.explains
    return Sentence(
        clause._replace(time=time, manner=None, fronted=fronted), focus=_focus(asked, clause)
    )


def _focus(asked: float, clause: Clause) -> str:
    """What the question asks for, as far as the clause has it."""
    who, what = clause.subject.noun, clause.object.noun
    if asked < 0.3 and not who.proper and clause.verb.subject == ("person",):
        return "who"
    thing = not what.animate and what.kinds & {"goods", "food", "thing"}
    if asked < 0.6 and clause.verb.english not in UNASKED and thing:
        return "what"
    return "where" if asked < 0.8 and clause.place is not None else "yes"


KINDS = (
    (0.13, affection),
    (0.21, quality),
    (0.27, feeling),
    (0.31, presence),
    (0.35, weather),
    (0.36, occupation),
    (0.41, ability),
    (1.0, deed),
)


def draw(rng: Random, detail: float) -> Sentence:
    """A sentence that makes sense; with `detail` near 0 a short one, near 1 a long one."""
    if rng.random() < 0.85 * detail:
        return pair_of_clauses(rng, detail)
    chance = rng.random()
    if chance < 0.05:
        return question(rng, detail)
    kind = next(kind for bound, kind in KINDS if chance < bound)
    return Sentence(kind(rng, detail))
