"""Reviews of the village's shops, wares and books, with how the writer feels and how strongly.

A review opens with what was bought or where one was, judges it once or twice and ends with what one will do now.
All of it agrees with its label: sentiment 1 praises and 0 complains, intensity 1 is mild, 3 strong. Some judge by
what is *not* so ("was not delicious"), so that counting good words is not enough. In the polite level (-요).

Left out: mixed and neutral reviews.
"""

from collections.abc import Iterator
from random import Random

from . import lexicon as words
from .grammar import PREDICATED, TIMES, action, pick
from .lexicon import Adjective, Adverb, Noun, Verb, adjective, selected, verb
from .lexicon.tables import adverbs
from .meaning import Clause, Sentence, Thing
from .telling import Step, sentence_in

A_LITTLE, QUITE = adverbs("a little 조금; quite 꽤")
MILD = (A_LITTLE, QUITE)  # of a complaint, of praise
# very, really, and of a complaint "so": 너무 밝다 is too bright
STRONG = (words.DEGREES[:3], words.DEGREES[:2])
NEVER_AGAIN, AGAIN = adverbs("again 다시는; again 다시")  # not again, again
FOND = words.AFFECTION_DEGREES[1:]
IN_TRUTH = adverbs("honestly, 솔직히; in fact, 사실")
BESIDES = adverbs("also, 또한; besides, 게다가")

VISITED = selected(
    ["bakery", "restaurant", "inn", "market", "shop", "library", "hospital", "park"],
    words.PLACES,
)
EATEN = selected(("snack", "fruit"))
BOUGHT = selected(
    [
        "clothes",
        "paired",
        "tool",
        "vessel",
        "container",
        "furniture",
        "instrument",
        "toy",
        "bicycle",
        "umbrella",
        "lamp",
    ]
)
READ = selected(("book", "poem", "story"))


def _named(english: str) -> tuple[Adjective, ...]:
    return tuple(adjective(name) for name in english.split())


GOOD = {
    VISITED: _named("peaceful bright clean"),
    EATEN: _named("delicious fresh"),
    BOUGHT: _named("sturdy pretty useful cheap comfortable warm light"),
    READ: _named("interesting beautiful"),
}
BAD = {
    VISITED: _named("noisy dirty narrow dark"),
    EATEN: _named("bland salty sour"),
    BOUGHT: _named("flimsy expensive heavy uncomfortable"),
    READ: _named("boring difficult long strange"),
}
SERVERS = {
    "bakery": "baker",
    "restaurant": "cook",
    "market": "merchant",
    "shop": "merchant",
    "library": "librarian",
    "hospital": "nurse",
}
GOOD_PEOPLE, BAD_PEOPLE = _named("kind cheerful honest diligent"), _named("rude lazy slow")
RECOMMEND = Verb("recommend", "추천하다", ("person",), goal_particle="에게")
COME_BACK = Verb("visit", "찾아가다", ("person",))
SELF = Thing(words.ME, "")
FRIEND = Thing(words.FRIENDS[0], "a")


def _degree(rng: Random, sentiment: int, intensity: int) -> Adverb | None:
    if intensity == 2:
        return None
    return MILD[sentiment] if intensity == 1 else pick(rng, STRONG[sentiment])


def _opening(rng: Random, noun: Noun, kinds: tuple[Noun, ...]) -> Clause:
    time = pick(rng, TIMES["past"])
    if kinds is VISITED:
        going = action(rng, pick(rng, (verb("go"), verb("stop by"))), 0.7, SELF, "past", bare=True)
        return going._replace(goal=Thing(noun), manner=None, time=time)
    doing = verb("eat") if kinds is EATEN else verb("read") if kinds is READ else verb("buy")
    clause = action(rng, doing, 0.8, SELF, "past", bare=True)
    return clause._replace(object=Thing(noun, "a"), time=time, manner=None)


def _judgement(
    rng: Random,
    thing: Thing,
    adjectives: tuple[Adjective, ...],
    opposite: tuple[Adjective, ...],
    sentiment: int,
    intensity: int,
) -> Clause:
    if intensity == 2 and rng.random() < 0.4:
        return Clause(thing, pick(rng, opposite), negative=True)
    return Clause(thing, pick(rng, adjectives), degree=_degree(rng, sentiment, intensity))


def _ending(
    rng: Random, noun: Noun, kinds: tuple[Noun, ...], sentiment: int, intensity: int
) -> Clause:
    this, again = Thing(noun, "this"), (NEVER_AGAIN, AGAIN)[sentiment]
    chance = rng.random()
    if kinds is EATEN:
        return Clause(
            SELF,
            verb("buy"),
            Thing(noun, "", number=-1),
            manner=again,
            tense="future",
            negative=not sentiment,
        )
    if intensity == 3 and chance < 0.5:
        return Clause(
            SELF,
            verb("like" if sentiment else "hate"),
            this,
            degree=pick(rng, FOND),
            tense="present",
        )
    if chance < 0.75 or kinds is BOUGHT:
        return Clause(SELF, RECOMMEND, this, FRIEND, tense="future", negative=not sentiment)
    back = COME_BACK if kinds is VISITED else verb("read")
    return Clause(SELF, back, this, manner=again, tense="future", negative=not sentiment)


def review_meanings(rng: Random, split: str) -> Iterator[tuple[list[Sentence], int, int]]:
    """Reviews without end: sentences, sentiment, intensity."""
    while True:
        kinds = pick(rng, (VISITED, VISITED, EATEN, BOUGHT, BOUGHT, READ))
        noun = pick(rng, kinds)
        sentiment, intensity = int(rng.random() < 0.5), 1 + int(rng.random() * 3)
        good, bad = (
            tuple(a for a in adjectives[kinds] if a in PREDICATED[noun])
            for adjectives in ((GOOD, BAD) if sentiment else (BAD, GOOD))
        )
        if not good or not bad:
            continue
        thing = Thing(noun)

        def judged(
            leads: list[Adverb],
            thing: Thing = thing,
            good=good,
            bad=bad,
            sentiment=sentiment,
            intensity=intensity,
        ) -> Sentence:
            clause = _judgement(rng, thing, good, bad, sentiment, intensity)
            return Sentence(clause, lead=pick(rng, leads) if leads and rng.random() < 0.5 else None)

        steps: list[Step] = [
            lambda noun=noun, kinds=kinds: Sentence(_opening(rng, noun, kinds)),
            lambda: judged(IN_TRUTH),
        ]
        if noun.english in SERVERS and rng.random() < 0.7:
            server = Thing(selected((SERVERS[noun.english],))[0])
            people = (GOOD_PEOPLE, BAD_PEOPLE) if sentiment else (BAD_PEOPLE, GOOD_PEOPLE)
            steps.append(lambda: judged(BESIDES, server, *people))  # noqa: B023 — told before the loop goes on
        if rng.random() < 0.7:
            steps.append(
                lambda noun=noun, kinds=kinds, s=sentiment, i=intensity: Sentence(
                    _ending(rng, noun, kinds, s, i)
                )
            )
        sentences = []
        for step in steps:
            sentence = sentence_in(step, split, frozenset())
            if sentence is None or sentence in sentences:
                break
            sentences.append(sentence)
        else:
            yield sentences, sentiment, intensity
