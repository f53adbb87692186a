"""Which meanings make sense: draws a sentence at random, a short or a long one.

Every draw takes `detail` in 0 … 1: the chance that something more is said. Verbs choose their arguments by kind
(`lexicon`), what follows from what stands in `causes`.

Left out: saying it, and to which split it belongs.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from . import lexicon as words
from .lexicon import Adjective, Noun, Verb, selected
from .meaning import Clause, Sentence, Thing

Item = TypeVar("Item")


def pick(rng: Random, items: Sequence[Item]) -> Item:
    """One of them (faster than `rng.choice`)."""
    return items[int(rng.random() * len(items))]


SPEAKERS = (words.ME, words.YOU, words.WE)
COUNTABLE = (1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9, 10, 12, 20)
MOST = {  # how many at once is not absurd; of what is not listed, one
    **dict.fromkeys(["eat", "share", "sing", "cook", "break", "make", "knit", "weave", "write"], 3),
    **dict.fromkeys(["read", "choose", "raise", "give", "send", "receive", "peel", "catch"], 5),
    **dict.fromkeys(["buy", "sell", "bake", "plant"], 10),
    **{"pick": 20, "dig up": 20, "pull up": 10},
}
DETERMINERS = ("this", "that", "my", "our")

# For each verb the nouns it goes with, for each noun its adjectives: worked out once.
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
TOOLS = {noun.english: noun for noun in words.THINGS}


def _owned(noun: Noun) -> tuple[str, ...]:
    """The determiners it takes: one says "my hat" but not "my persimmon"."""
    mine = (
        "thing" in noun.kinds
        and noun.kinds & {"portable", "vehicle", "paired"}
        and "gathered" not in noun.kinds
    )
    return DETERMINERS if mine else DETERMINERS[:2]


def _describing(adjectives: Sequence[Adjective], noun: Noun) -> tuple[Adjective, ...]:
    return tuple(a for a in adjectives if noun.kinds & set(a.kinds) or noun.english in a.kinds)


PREDICATED = {noun: _describing([*words.CHARACTER, *words.QUALITIES], noun) for noun in words.NOUNS}
ATTRIBUTES = {noun: () if noun.proper else PREDICATED[noun] for noun in words.NOUNS}
MAKING = frozenset(
    [
        "make",
        "build",
        "bake",
        "cook",
        "write",
        "weave",
        "knit",
        "draw",
        "send",
        "give",
        "clean",
        "sweep",
        "wash",
    ]
)
NEW_ATTRIBUTES = {
    n: tuple(
        a
        for a in ATTRIBUTES[n]
        if a.english
        not in ("old", "dirty", "clean", "boring", "bland", "salty", "flimsy", "uncomfortable")
    )
    for n in words.NOUNS
}
MAKING = frozenset(
    [
        "make",
        "build",
        "bake",
        "cook",
        "write",
        "weave",
        "knit",
        "draw",
        "send",
        "give",
        "clean",
        "sweep",
        "wash",
    ]
)
NEW_ATTRIBUTES = {
    n: tuple(
        a
        for a in ATTRIBUTES[n]
        if a.english
        not in ("old", "dirty", "clean", "boring", "bland", "salty", "flimsy", "uncomfortable")
    )
    for n in words.NOUNS
}
ABLE = tuple(
    v
    for v in words.VERBS
    if v.english
    in (
        "bake",
        "cook",
        "ride",
        "play",
        "read",
        "write",
        "knit",
        "weave",
        "swim",
        "dance",
        "row",
        "fix",
        "draw",
        "sing",
    )
    and "person" in v.subject
    and v.korean not in ("놀다", "긷다", "요리하다")
)
MADE = {  # how a thing came about, for "the chair that Minsu made"
    noun: tuple(
        v
        for v in words.TRANSITIVE
        if v.english
        in ("buy", "make", "choose", "borrow", "knit", "weave", "write", "draw", "pick", "dig up")
        and noun in OBJECTS[v]
        and (v.english != "draw" or "drawn" in noun.kinds)
        and "past" in v.tenses
    )
    for noun in words.NOUNS
}
ACTIONS = tuple(words.TRANSITIVE)
HUMAN_ACTIONS = tuple(
    v for v in (*words.TRANSITIVE, *words.INTRANSITIVE, *words.GIVING) if "person" in v.subject
)
SOLID = tuple(n for n in (*words.FOODS, *words.THINGS) if "goods" in n.kinds and not n.measure)
HOLDERS = {"in": selected(("container",)), "on": selected(("table",))}


def _dwellers(place: Noun) -> tuple[str, ...]:
    """The kinds of animal one finds there."""
    if "waters" in place.kinds:
        return ("fish",) if place.english == "sea" else ("fish", "swimmer")
    if "wild" in place.kinds:
        return ("wild",)
    if place.kinds & {"animals", "pasture"}:
        return ("farm",)
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

LOVE_MEANING = Sentence(
    Clause(
        Thing(words.ME, ""),
        words.AFFECTION[0],
        Thing(words.YOU, ""),
        degree=words.AFFECTION_DEGREES[0],
        tense="present",
    )
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
    thing = Thing(noun, pick(rng, DETERMINERS[:2]) if chance > 0.95 else "the", adjective)
    if detail > 0.55 and rng.random() < 0.35 * detail and "person" in noun.kinds:
        return replace(thing, relative=_gap(rng, noun))
    return thing


def _gap(rng: Random, noun: Noun) -> Clause:
    """What tells which person is meant: "who lives in the valley", which goes with whatever they do."""
    verb = pick(rng, HABITS[noun])
    if verb.object:
        return Clause(
            None, verb, Thing(pick(rng, OBJECTS_IN_GENERAL[verb]), "", number=-1), tense="present"
        )
    return Clause(None, verb, place=pick(rng, PLACES[verb]), tense="present")


HABIT_VERBS = tuple(
    v
    for v in words.VERBS
    if v.english in ("live", "work", "like", "raise", "grow", "sell", "make", "weave")
)
HABITS = {noun: tuple(v for v in HABIT_VERBS if noun in SUBJECTS[v]) for noun in words.NOUNS}
OBJECTS_IN_GENERAL = {
    v: tuple(n for n in OBJECTS[v] if not n.animate or "animal" in n.kinds) for v in HABIT_VERBS
}


def thing(
    rng: Random,
    nouns: Sequence[Noun],
    article: str,
    detail: float,
    besides: Noun | None = None,
    most: int = 1,
    new: bool = False,
) -> Thing:
    """Whom or what an action concerns; never the one who does it."""
    noun = pick(rng, nouns)
    for _ in range(9):
        if (
            noun is not besides
            and noun.english != "friend"
            and not (besides in SPEAKERS and noun in SPEAKERS and (words.WE in (noun, besides)))
        ):
            break
        noun = pick(rng, nouns)
    else:
        noun = nouns[0] if nouns[0] is not besides else nouns[-1]
    if noun.proper:
        return Thing(noun, "")
    adjectives = NEW_ATTRIBUTES[noun] if new else ATTRIBUTES[noun]
    adjective = pick(rng, adjectives) if adjectives and rng.random() < 0.8 * detail else None
    if article == "generic":
        return Thing(noun, "", adjective, -1) if not noun.animate else Thing(noun, "the", adjective)
    if article == "plural":
        return Thing(noun, "", adjective, -1)
    if (
        article == "the"
        and not noun.measure
        and rng.random() < 0.2
        and not noun.animate
        and "weather" not in noun.kinds
        and "place" not in noun.kinds
    ):
        return Thing(noun, pick(rng, _owned(noun)), adjective)
    most = min(most, 4) if "thing" in noun.kinds else most
    most = 1 if "mass" in noun.kinds else most
    if most > 1 and (most > 3 or "cut" not in noun.kinds) and rng.random() < 0.35:
        return Thing(
            noun, "", adjective, pick(rng, [number for number in COUNTABLE if number <= most])
        )
    made = MADE[noun]
    if made and detail > 0.55 and article == "the" and rng.random() < 0.5 * detail:
        verb = pick(rng, made)
        maker = pick(rng, [n for n in words.NAMES + words.PEOPLE if n is not besides])
        telling = Clause(
            Thing(maker),
            verb,
            place=pick(rng, PLACES[verb]) if PLACES[verb] and rng.random() < 0.5 else None,
        )
        return Thing(noun, "the", adjective, relative=telling)
    return Thing(noun, article, adjective)


def tense_of(
    rng: Random,
    verb: Verb,
    tenses: Sequence[str] = (
        "past",
        "past",
        "past",
        "future",
        "present",
        "progressive",
        "imperfect",
    ),
) -> str:
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
    """Someone does something. `bare` leaves out time, mood and negation, for a clause that hangs on another."""
    who = who or subject(rng, SUBJECTS[verb], detail)
    tense = tense or tense_of(rng, verb)
    negative = mood = ""
    if not bare and tense in ("past", "present", "future"):
        chance = rng.random()
        if chance < 0.07 and verb.tenses != "past":
            negative = "not"
        elif (
            chance < 0.13
            and "person" in who.noun.kinds
            and not verb.stative
            and verb.tenses != "past"
        ):
            mood, tense = "want", "present"
    article = (
        "plural"
        if verb.english == "put on" and (who.number is not None or who.noun is words.WE)
        else verb.article
    )
    target = (
        thing(
            rng,
            OBJECTS[verb],
            article,
            detail,
            who.noun,
            MOST.get(verb.english, 1),
            verb.english in MAKING,
        )
        if verb.object
        else None
    )
    goal = thing(rng, GOALS[verb], "the", detail * 0.5, who.noun) if verb.goal else None
    if goal is not None and target is not None and goal.relative is not None:
        goal = replace(goal, relative=None)
    if negative and target is not None and (target.number or 0) > 0:
        target = replace(target, number=None, determiner="a")
    time = None
    needs_time = tense == "present" and not verb.stative and not mood
    if not bare and not verb.stative and not mood and (needs_time or rng.random() < detail):
        time = pick(rng, TIMES[tense])
    companion = None
    if verb.together or (
        verb.companion and rng.random() < 0.4 * detail and who.number is None and not negative
    ):
        companion = (
            Thing(words.FRIENDS[0], "a")
            if rng.random() < 0.4
            else Thing(pick(rng, words.NAMES + words.PEOPLE))
        )
        if companion.noun is who.noun:
            companion = Thing(words.FRIENDS[0], "a")
        if companion.noun.proper:
            companion = Thing(companion.noun, "")
    manner = (
        pick(rng, MANNERS[verb])
        if MANNERS[verb] and not negative and not mood and rng.random() < 0.5 * detail
        else None
    )
    if companion is not None and manner is not None and manner.english == "alone":
        companion = None
    place = (
        pick(rng, PLACES[verb])
        if PLACES[verb] and (verb.english == "live" or rng.random() < 0.25 + 0.7 * detail)
        else None
    )
    if target is not None and target.relative is not None:
        manner, place = None, place if target.relative.place is None else None
    tool = (
        TOOLS[verb.tool]
        if verb.tool and rng.random() < 0.5 * detail and not negative and target.relative is None
        else None
    )
    return Clause(
        who,
        verb,
        target,
        goal,
        place,
        time,
        manner,
        None,
        companion,
        tool,
        None,
        tense,
        bool(negative),
        mood,
        fronted=time is not None and rng.random() < 0.3,
    )


def affection(rng: Random, detail: float) -> Clause:
    """Who likes, loves or misses whom or what."""
    clause = action(rng, pick(rng, words.AFFECTION), detail, bare=True)
    degree = pick(rng, words.AFFECTION_DEGREES) if rng.random() < 0.3 + 0.5 * detail else None
    return replace(clause, degree=degree)


def quality(rng: Random, detail: float) -> Clause:
    """What someone or something is like."""
    noun = pick(rng, DESCRIBED)
    adjective = pick(rng, PREDICATED[noun])
    tense = "past" if rng.random() < 0.4 else "present"
    if noun.proper or noun.animate or "place" in noun.kinds:
        who = Thing(noun, "" if noun.proper else "the")
    else:
        who = Thing(noun, pick(rng, (*_owned(noun), "the", "the")))
    if (
        noun.proper is False
        and not noun.animate
        and detail > 0.4
        and MADE[noun]
        and rng.random() < detail
    ):
        verb = pick(rng, MADE[noun])
        maker = pick(rng, words.NAMES + words.PEOPLE)
        place = pick(rng, PLACES[verb]) if PLACES[verb] and rng.random() < detail else None
        who = Thing(noun, "the", relative=Clause(Thing(maker), verb, place=place))
    if adjective.gradable and rng.random() < 0.2:
        others = [
            n
            for n in COMPARED[noun]
            if n is not noun and adjective.english != "hungry" and adjective in PREDICATED[n]
        ]
        if others and who.relative is None:
            return Clause(
                who,
                adjective,
                than=Thing(
                    pick(rng, others),
                    who.determiner if who.determiner in ("this", "that") else "the",
                ),
                tense=tense,
            )
    degree = (
        pick(rng, words.DEGREES[:2])
        if adjective.gradable and rng.random() < 0.3 + 0.4 * detail
        else None
    )
    return Clause(
        who, adjective, degree=degree, tense=tense, negative=degree is None and rng.random() < 0.1
    )


DESCRIBED = tuple(
    n
    for n in words.NOUNS
    if PREDICATED[n] and n not in SPEAKERS and n.english not in ("friend", "home")
)
COMPARED = {
    n: tuple(
        m
        for m in (words.PEOPLE if n in words.PEOPLE else words.THINGS if n in words.THINGS else ())
    )
    for n in words.NOUNS
}


def feeling(rng: Random, detail: float, who: Thing | None = None, tense: str = "") -> Clause:
    """How someone feels; of others one says, in the present, how they look."""
    who = who or subject(rng, PERSONS, detail)
    adjective = pick(rng, words.FEELINGS + words.HUNGER)
    first = who.noun in (words.ME, words.WE)
    tense = tense or ("past" if rng.random() < 0.5 else "present")
    mood = "" if first or tense == "past" else "seem"
    return Clause(
        who,
        adjective,
        degree=pick(rng, words.DEGREES) if rng.random() < 0.3 + 0.4 * detail else None,
        tense=tense,
        mood=mood,
    )


PERSONS = selected(("person",))


def presence(rng: Random, detail: float) -> Clause:
    """What there is, and where."""
    tense = "past" if rng.random() < 0.4 else "present"
    number = pick(rng, COUNTABLE)
    if rng.random() < 0.5:
        place = pick(rng, HOMES)
        noun = pick(rng, DWELLERS[place])
    else:
        preposition = "in" if rng.random() < 0.6 else "on"
        holder = pick(rng, HOLDERS[preposition])
        place = HOLDER_PLACES[holder]
        noun = pick(rng, SMALL)
    adjectives = ATTRIBUTES[noun]
    adjective = pick(rng, adjectives) if adjectives and rng.random() < detail else None
    return Clause(Thing(noun, "", adjective, number), words.THERE, place=place, tense=tense)


SMALL = tuple(
    n for n in words.NOUNS if n.kinds & {"fruit", "root", "small"} and "cut" not in n.kinds
)
HOLDER_PLACES = {
    holder: Noun(holder.english, holder.korean, holder.kinds, at=at)
    for at, holders in HOLDERS.items()
    for holder in holders
}


def weather(rng: Random, detail: float, tense: str = "") -> Clause:
    """What the sky does."""
    tense = tense or pick(rng, ("past", "past", "present", "future"))
    time = (
        pick(rng, TIMES[tense])
        if tense != "present" and rng.random() < 0.4 + 0.5 * detail
        else None
    )
    fronted = time is not None and rng.random() < 0.3
    if rng.random() < 0.4:
        degree = (
            pick(rng, words.DEGREES[:3])
            if tense != "future" and rng.random() < 0.3 + 0.5 * detail
            else None
        )
        return Clause(
            Thing(WEATHER_ITSELF),
            pick(rng, words.CLIMATE),
            time=time,
            degree=degree,
            tense=tense,
            fronted=fronted,
        )
    verb = pick(rng, words.SKY)
    if tense == "present":
        tense = "progressive" if verb.english in ("rain", "snow", "blow", "shine") else "past"
    who = (
        Thing(SUBJECTS[verb][0])
        if len(SUBJECTS[verb]) == 1
        else Thing(pick(rng, SUBJECTS[verb]))
        if verb.subject
        else None
    )
    manner = (
        pick(rng, MANNERS[verb]) if MANNERS[verb] and rng.random() < 0.3 + 0.5 * detail else None
    )
    place = pick(rng, WET) if who is None and rng.random() < 0.6 * detail else None
    return Clause(who, verb, place=place, time=time, manner=manner, tense=tense, fronted=fronted)


WEATHER_ITSELF = selected(("weather",))[0]
WET = selected(("mountain", "village", "forest", "city", "field", "valley"))


def occupation(rng: Random, detail: float) -> Clause:
    """What someone does for a living."""
    noun = pick(rng, OCCUPATIONS)
    return Clause(
        Thing(pick(rng, words.NAMES), ""), noun, tense="past" if rng.random() < 0.2 else "present"
    )


OCCUPATIONS = tuple(
    n
    for n in words.PEOPLE
    if "adult" in n.kinds
    and n.english not in ("neighbor", "grandmother", "grandfather", "traveler")
)


def ability(rng: Random, detail: float) -> Clause:
    """What someone can or cannot do."""
    verb = pick(rng, ABLE)
    clause = action(rng, verb, 0.0, subject(rng, SUBJECTS[verb], 0.0), "present", bare=True)
    if (clause.subject.number or 0) > 0:
        clause = replace(clause, subject=replace(clause.subject, determiner="the", number=-1))
    target = clause.object
    if target is not None and target.number:
        target = replace(target, number=None, determiner="a")
    return replace(
        clause,
        object=target,
        place=None,
        time=None,
        manner=None,
        tool=None,
        companion=None,
        mood="can",
        negative=rng.random() < 0.3,
    )


def deed(rng: Random, detail: float) -> Clause:
    """An action of any sort."""
    chance = rng.random()
    verbs = (
        words.TRANSITIVE
        if chance < 0.56
        else words.INTRANSITIVE
        if chance < 0.72
        else words.GIVING
        if chance < 0.86
        else words.MOTION
        if chance < 0.97
        else words.SITTING
    )
    return action(rng, pick(rng, verbs), detail)


def question(rng: Random, detail: float) -> Sentence:
    """A question about an action: who did it, to what, where — or whether."""
    asked = rng.random()
    verb = pick(rng, words.TRANSITIVE)
    clause = action(
        rng,
        verb,
        detail,
        subject(rng, [n for n in SUBJECTS[verb] if n not in SPEAKERS or n is words.YOU], 0.0),
        "past" if rng.random() < 0.7 or "future" not in verb.tenses else "future",
        bare=True,
    )
    time = pick(rng, TIMES[clause.tense]) if rng.random() < 0.3 + 0.5 * detail else None
    clause = replace(clause, time=time, manner=None)
    if asked < 0.3 and not clause.subject.noun.proper and verb.subject == ("person",):
        return Sentence(clause, focus="who")
    if (
        asked < 0.6
        and verb.english != "put on"
        and not clause.object.noun.animate
        and clause.object.noun.kinds & {"goods", "food", "thing"}
    ):
        return Sentence(clause, focus="what")
    if asked < 0.8 and clause.place is not None:
        return Sentence(clause, focus="where")
    return Sentence(clause, focus="yes")


def journey(rng: Random, detail: float, who: Thing) -> tuple[Clause, Clause]:
    """Going somewhere, and doing there what one does there."""
    verb = pick(rng, TRAVELLED)
    place = pick(rng, [place for place in PLACES[verb] if place.english not in ("road", "bridge")])
    doing = action(rng, verb, detail, who, "past", bare=True)
    doing = replace(doing, place=None, companion=doing.companion if verb.together else None)
    going = action(rng, words.MOTION[0], 0.0, who, "past", bare=True)
    return replace(going, goal=Thing(place)), doing


STAY_AT_HOME = frozenset(
    [
        "remember",
        "live",
        "run",
        "cry",
        "shout",
        "laugh",
        "get up early",
        "raise",
        "grow",
        "call",
        "praise",
        "follow",
        "push",
        "pull",
        "carry",
        "look for",
        "break",
        "weave",
        "knit",
        "stir",
    ]
)
TRAVELLED = tuple(
    v
    for v in (*words.TRANSITIVE, *words.INTRANSITIVE)
    if v.subject in (("person",), ("adult",), ("person", "land"))
    and PLACES[v]
    and v.tenses != "past"
    and not v.stative
    and v.english not in STAY_AT_HOME
)


def pair_of_clauses(rng: Random, detail: float) -> Sentence:
    """Two clauses and what connects them."""
    from .causes import because

    chance = rng.random()
    if chance < 0.38:
        return because(rng, detail)
    who = subject(rng, TRAVELLERS, detail * 0.7)
    if chance < 0.48:
        going, doing = journey(rng, detail, who)
        return Sentence(going, "to", replace(doing, tense="present"))
    if chance < 0.58:
        return Sentence(*_with_link("then", journey(rng, detail, who)))
    if chance < 0.7:
        first, second = (
            action(rng, pick(rng, PLAIN_ACTIONS), detail, who, "past", bare=True) for _ in range(2)
        )
        link = "before" if rng.random() < 0.5 else "after"
        if first.verb.english == second.verb.english or (
            first.object is not None
            and second.object is not None
            and first.object.noun is second.object.noun
        ):
            return because(rng, detail)
        return Sentence(first, link, replace(second, place=None))
    if chance < 0.78:
        verb = pick(rng, BACKGROUND)
        while True:
            background = action(rng, verb, detail, tense="imperfect", bare=True)
            if background.subject.noun is not who.noun:
                break
        arrival = action(rng, pick(rng, ARRIVALS), 0.3 * detail, who, "past", bare=True)
        if background.place is arrival.goal.noun:
            background = replace(background, place=None)
        return Sentence(background, "when", arrival)
    if chance < 0.86:
        condition = weather(rng, 0.5 * detail, "future")
        result = action(rng, pick(rng, PLAIN_FUTURE), detail, who, "future", bare=True)
        return Sentence(
            result, "if", replace(condition, tense="present", fronted=False, place=None)
        )
    if chance < 0.93:
        link = pick(rng, ("hear", "say", "think"))
        speaker = Thing(words.ME, "") if link != "say" else subject(rng, HUMANS, 0.0)
        told = (
            replace(quality(rng, detail), tense="present")
            if rng.random() < 0.4
            else action(
                rng,
                pick(rng, TOLD),
                min(detail, 0.55),
                tense="past" if rng.random() < 0.7 else "future",
                bare=True,
            )
        )
        if link == "say" and told.subject.noun is speaker.noun:
            speaker = Thing(words.ME, "")
        if told.subject.noun in SPEAKERS:
            told = replace(told, subject=Thing(pick(rng, words.NAMES), ""))
        return Sentence(
            Clause(speaker, SAYING[link], tense="present" if link == "think" else "past"),
            link,
            told,
        )
    first, second = quality(rng, 0.3 * detail), None
    options = [
        a for a in PREDICATED[first.subject.noun] if (first.verb.english, a.english) in CONTRASTS
    ]
    if not options or first.than is not None or first.negative:
        return because(rng, detail)
    second = replace(first, verb=pick(rng, options), degree=None)
    return Sentence(replace(first, degree=None), "but", second)


def _with_link(link: str, clauses: tuple[Clause, Clause]) -> tuple[Clause, str, Clause]:
    return clauses[0], link, clauses[1]


CONTRASTS = {  # an adjective and what one does not expect beside it
    (a, b)
    for one, other in (
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
    for a, b in ((one, unexpected) for unexpected in other.split())
}
HUMANS = tuple(n for n in PERSONS if n not in SPEAKERS)
TRAVELLERS = tuple(n for n in PERSONS if n is not words.YOU)
PLAIN_ACTIONS = tuple(
    v
    for v in (*words.TRANSITIVE, *words.GIVING)
    if v.subject == ("person",)
    and v.tenses != "past"
    and not v.stative
    and v.korean not in ("기르다", "키우다")
)
PLAIN_FUTURE = tuple(
    v
    for v in (*words.TRANSITIVE, *words.INTRANSITIVE)
    if v.subject == ("person",) and "future" in v.tenses and not v.stative
)
BACKGROUND = tuple(
    v
    for v in (*words.TRANSITIVE, *words.INTRANSITIVE)
    if "progressive" in v.tenses
    and not v.stative
    and v.english not in ("get up early", "raise", "buy", "grow", "put on", "choose")
)
ARRIVALS = tuple(v for v in words.MOTION if v.english in ("return", "stop by", "run"))
TOLD = tuple(
    v
    for v in (*words.TRANSITIVE, *words.GIVING, *words.MOTION)
    if "future" in v.tenses and not v.stative
)
SAYING = {
    link: Verb(link, korean, ("person",))
    for link, korean in (("hear", "듣다"), ("say", "말하다"), ("think", "생각하다"))
}


def draw(rng: Random, detail: float) -> Sentence:
    """A sentence that makes sense; with `detail` near 0 a short one, near 1 a long one."""
    if rng.random() < 0.85 * detail:
        return pair_of_clauses(rng, detail)
    chance = rng.random()
    if chance < 0.05:
        return question(rng, detail)
    for bound, kind in KINDS:
        if chance < bound:
            return Sentence(kind(rng, detail))
    return Sentence(deed(rng, detail))


KINDS = (
    (0.13, affection),
    (0.21, quality),
    (0.27, feeling),
    (0.31, presence),
    (0.35, weather),
    (0.36, occupation),
    (0.41, ability),
)
