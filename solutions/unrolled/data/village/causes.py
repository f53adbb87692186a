"""What follows from what: the reasons that villagers have.

A cause is a feeling, an event or the weather, an effect what one then does or feels. The same table makes
"because" sentences here and the turns of a plot in `stories`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from . import lexicon as words
from .grammar import PERSONS, TIMES, action, pick, subject
from .lexicon import Adjective, Verb, selected
from .meaning import Clause, Sentence, Thing


def verb(english: str, korean: str = "") -> Verb:
    """The verb of that name (and Korean, where two share the English)."""
    return next(v for v in words.VERBS if v.english == english and korean in ("", v.korean))


def adjective(
    english: str, among: Sequence[Adjective] = (*words.FEELINGS, *words.HUNGER, *words.CHARACTER)
) -> Adjective:
    """The adjective of that name."""
    return next(a for a in among if a.english == english)


@dataclass(frozen=True)
class Effect:
    """What someone does then: a verb, with its object or goal narrowed to some nouns."""

    verb: Verb
    nouns: tuple[str, ...] = ()
    place: str = ""


def _effects(table: str) -> tuple[Effect, ...]:
    """One effect a comma: verb, then "+ nouns" of the object or goal, then "@ place"."""
    effects = []
    for entry in table.split(","):
        head, _, place = entry.partition("@")
        head, _, nouns = head.partition("+")
        english, _, korean = head.strip().partition("/")
        effects.append(Effect(verb(english, korean), tuple(nouns.split()), place.strip()))
    return tuple(effects)


BECAUSE_FEELING = {
    "hungry": _effects("eat, buy + fruit snack, cook, bake, pick, eat"),
    "thirsty": _effects("drink + water juice milk, drink + tea, draw/긷다"),
    "tired": _effects("sleep @ home, rest, sit, drink + tea coffee, return + home"),
    "sleepy": _effects("sleep, drink + coffee, return + home"),
    "bored": _effects(
        "play/놀다, read, walk, sing, visit, go + park playground beach hill, draw/그리다, listen to"
    ),
    "sick": _effects("go + hospital, rest @ home, call + doctor nurse, wait for + doctor nurse"),
    "sad": _effects("cry, walk, visit + name, sing, listen to"),
    "lonely": _effects("visit, write + letter, cry, call + name, play/연주하다"),
    "happy": _effects("sing, dance, laugh, play/연주하다"),
    "glad": _effects("dance, laugh, sing, shout"),
    "busy": _effects("run/달려가다 + station school market hospital"),
}
BECAUSE_WEATHER = {
    "cold": _effects(
        "put on/입다, put on/두르다, put on/끼다, drink + tea coffee, close + window door, knit, eat + soup"
    ),
    "hot": _effects(
        "swim, drink + water juice, open + window, eat + watermelon, rest @ forest, put on/쓰다"
    ),
    "clear": _effects("walk, climb, play/놀다, go + hill beach park, fish, dance"),
    "rain": _effects(
        "rest @ home, close + window, borrow + umbrella, read, return + home, sleep @ home, buy + umbrella"
    ),
    "snow": _effects(
        "put on/끼다, put on/신다, play/놀다 @ yard, put on/입다, close + window door"
    ),
    "blow": _effects(
        "close + window door, lock, put on/두르다, put on/입다, return + home, fix + roof fence window"
    ),
    "be foggy": _effects("light, return + home, rest @ home, sleep @ home"),
}
EVENTS = (  # what happens to someone, and what follows
    ("lose", (), _effects("cry, shout"), ("sad",)),
    ("find", (), _effects("laugh, dance, shout"), ("happy", "glad")),
    ("break", (), _effects("cry"), ("sad",)),
    ("receive", (), _effects("dance, laugh, sing"), ("happy", "glad")),
    ("meet", ("name", "friend"), _effects("laugh"), ("happy", "glad")),
    ("fall", (), _effects("cry"), ()),
)


def perform(rng: Random, effect: Effect, detail: float, who: Thing, tense: str = "past") -> Clause:
    """The effect as a clause, its free places filled."""
    clause = action(rng, effect.verb, detail, who, tense, bare=True)
    if effect.nouns:
        nouns = [n for n in selected(effect.nouns) if n is not who.noun]
        noun = pick(rng, nouns)
        role = "goal" if effect.verb.goal else "object"
        old = getattr(clause, role)
        same_kind = old.noun in nouns
        if not same_kind:
            article = (
                ""
                if noun.proper
                else "the"
                if role == "goal" or noun.animate
                else effect.verb.article
            )
            clause = replace(clause, **{role: Thing(noun, article)})
    if effect.place:
        clause = replace(clause, place=selected((effect.place,), words.PLACES)[0])
    return clause


def feeling_of(who: Thing, english: str, rng: Random, detail: float, tense: str = "past") -> Clause:
    """That someone felt so."""
    degree = pick(rng, words.DEGREES[:3]) if rng.random() < 0.3 + 0.5 * detail else None
    return Clause(who, adjective(english), degree=degree, tense=tense)


def sky(rng: Random, english: str, detail: float, tense: str = "past") -> Clause:
    """That the weather was so."""
    found = [a for a in words.CLIMATE if a.english == english]
    if found:
        degree = pick(rng, words.DEGREES[:3]) if rng.random() < 0.3 + 0.5 * detail else None
        return Clause(Thing(selected(("weather",))[0]), found[0], degree=degree, tense=tense)
    event = verb(english)
    manners = [m for m in words.MANNERS if set(m.groups) & set(event.manners)]
    who = Thing(selected(event.subject)[0]) if event.subject else None
    return Clause(
        who,
        event,
        manner=pick(rng, manners) if manners and rng.random() < 0.7 else None,
        tense=tense,
    )


def because(rng: Random, detail: float, who: Thing | None = None) -> Sentence:
    """An effect and its cause."""
    chance = rng.random()
    who = who or subject(rng, REASONABLE, detail)
    if chance < 0.4:
        felt = pick(rng, tuple(BECAUSE_FEELING))
        done = perform(rng, pick(rng, BECAUSE_FEELING[felt]), detail, who)
        cause = feeling_of(who, felt, rng, detail)
    elif chance < 0.75:
        seen = pick(rng, tuple(BECAUSE_WEATHER))
        done = perform(rng, pick(rng, BECAUSE_WEATHER[seen]), detail, who)
        cause = sky(rng, seen, detail)
    else:
        english, nouns, effects, feelings = pick(rng, EVENTS)
        cause = perform(rng, Effect(verb(english), nouns), detail, who)
        done = (
            feeling_of(who, pick(rng, feelings), rng, detail)
            if feelings and rng.random() < 0.5
            else perform(rng, pick(rng, effects), detail, who)
        )
    if rng.random() < 0.4 * detail:
        cause = replace(cause, time=pick(rng, TIMES["past"][:4]))
    if cause.place is not None:
        done = replace(done, place=None)
    return Sentence(done, "because", cause)


REASONABLE = tuple(n for n in PERSONS if n.english != "you")
