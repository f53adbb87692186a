"""Stories of a few sentences in which one thing leads to another, and what each comes down to.

A plot is a list of steps. Each step draws a sentence that tells it, again and again until one belongs to the
split: so not only no story but no sentence of a story is shared between splits. Told in the plain level (-다), the
way Korean prose is.

Left out: which cause has which effect (`causes`).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from . import lexicon as words
from .causes import BECAUSE_WEATHER, feeling_of, perform, sky, verb
from .grammar import PLACES, action, pick
from .lexicon import Adverb, Noun, Verb, selected
from .meaning import Clause, Sentence, Thing, concepts
from .splits import split_of

Step = Callable[[], Sentence]
Plot = tuple[list[Step], Step]

ONE_DAY, SO, BUT, THEN, FINALLY = (
    Adverb(english, korean)
    for english, korean in (
        ("one day", "어느 날"),
        ("so", "그래서"),
        ("but", "하지만"),
        ("then", "그러고 나서"),
        ("finally,", "마침내"),
    )
)
OPENINGS = tuple(
    Adverb(english, korean)
    for english, korean in (
        ("one day", "어느 날"),
        ("one morning", "어느 날 아침"),
        ("one spring day", "어느 봄날"),
        ("one winter day", "어느 겨울날"),
        ("one summer day", "어느 여름날"),
        ("one autumn day", "어느 가을날"),
        ("one evening", "어느 날 저녁"),
        ("one Sunday", "어느 일요일"),
    )
)
NEXT = (
    THEN,
    Adverb("after that,", "그 뒤에"),
    Adverb("the next day,", "다음 날"),
    Adverb("a little later,", "잠시 뒤"),
    Adverb("that evening,", "그날 저녁"),
    Adverb("two days later,", "이틀 뒤"),
)
WINTRY = tuple(o for o in OPENINGS if "summer" not in o.english and "spring" not in o.english)
LATER = (
    Adverb("a few days later,", "며칠 뒤"),
    Adverb("the next week,", "그다음 주에"),
    Adverb("two days later,", "이틀 뒤"),
    FINALLY,
    Adverb("ten days later,", "열흘 뒤"),
)
MONTHS_LATER = (
    Adverb("two months later,", "두 달 뒤"),
    Adverb("three months later,", "석 달 뒤"),
    Adverb("that autumn,", "그해 가을에"),
    FINALLY,
)
LUCKILY = (BUT, Adverb("luckily,", "다행히"), *NEXT[1:])
ENDINGS = (FINALLY, *NEXT[1:])
SOON = (THEN, NEXT[1], NEXT[3], Adverb("soon,", "곧"))
EVENING = (NEXT[1], NEXT[4], Adverb("that night,", "그날 밤"))

HEROES = tuple(n for n in (*words.NAMES, *words.PEOPLE) if "single" not in n.kinds)
TOWNSPEOPLE = tuple(n for n in HEROES if not n.proper)
OUTDOORS = selected(("open", "green"), words.PLACES)
HOME = selected(("home",), words.PLACES)[0]


def named(noun: Noun) -> Thing:
    """Someone or something by name: "the farmer", "Minsu"."""
    return Thing(noun, "" if noun.proper else "the")


def he(noun: Noun) -> Thing:
    """Someone who was just named: a pronoun in English, understood in Korean."""
    return Thing(noun, "pronoun")


def act(rng: Random, what: Verb, who: Thing, detail: float = 0.5, **fixed: object) -> Clause:
    """What someone did, as told in a story."""
    clause = action(rng, what, detail, who, "past", bare=True)
    if clause.companion is not None and not what.together:
        clause = replace(clause, companion=None)
    return replace(clause, **fixed)


def told(
    rng: Random, clause: Clause, leads: tuple[Adverb, ...] = (), chance: float = 1.0
) -> Sentence:
    """The clause as a sentence that may begin with one of these words."""
    return Sentence(clause, lead=pick(rng, leads) if leads and rng.random() < chance else None)


def glad_gift(rng: Random, giver: Noun, taker: Noun) -> Step:
    """Someone gives something because they are glad."""

    def tell() -> Sentence:
        gift = act(rng, verb("give"), named(giver), 0.6, goal=named(taker), place=None, manner=None)
        return Sentence(
            gift, "because", feeling_of(gift.subject, pick(rng, ("glad", "happy")), rng, 0.6)
        )

    return tell


def lost_and_found(rng: Random, hero: Noun, other: Noun) -> Plot:
    """Lost, missed, found, given back, thanked."""
    item = Thing(pick(rng, selected(("small",))), "the")
    lose, find, go = verb("lose"), verb("find"), verb("go")
    place = pick(rng, PLACES[lose])
    return [
        lambda: told(rng, act(rng, go, named(hero), 0.5, goal=Thing(place)), OPENINGS),
        lambda: told(
            rng,
            act(
                rng,
                lose,
                he(hero),
                0.8,
                object=replace(
                    item, determiner="a", adjective=pick(rng, (None, *DESCRIBING[item.noun]))
                ),
                place=pick(rng, (place, None)),
            ),
            (BUT,),
            0.7,
        ),
        lambda: Sentence(
            act(
                rng,
                verb("look for"),
                he(hero) if rng.random() < 0.5 else named(hero),
                0.9,
                object=item,
            ),
            lead=SO,
        ),
        lambda: told(rng, act(rng, find, named(other), 0.9, object=item), LUCKILY),
        lambda: told(
            rng,
            act(rng, verb("give back"), he(other), 0.6, object=item, goal=named(hero)),
            (*NEXT, *LATER[:2]),
            0.9,
        ),
        glad_gift(rng, hero, other),
    ], lambda: pick(
        rng,
        (
            Sentence(
                act(
                    rng,
                    find,
                    named(other),
                    0.0,
                    manner=None,
                    object=replace(item, relative=Clause(named(hero), lose)),
                )
            ),
            Sentence(
                feeling_of(named(hero), pick(rng, ("happy", "glad")), rng, 0.8),
                "because",
                act(rng, find, named(other), 0.7, object=item),
            ),
            Sentence(
                feeling_of(named(hero), "sad", rng, 0.8),
                "because",
                act(rng, lose, named(hero), 0.7, object=replace(item, determiner="a"), place=place),
            ),
        ),
    )


def to_market(rng: Random, hero: Noun, other: Noun) -> Plot:
    """Hungry, so to market; a friend is met and the food shared."""
    food = pick(rng, selected(("snack", "fruit")))
    buy, market = verb("buy"), selected(("market", "shop"), words.PLACES)[0]
    share = verb("share")
    return [
        lambda: told(rng, feeling_of(named(hero), "hungry", rng, 0.8), OPENINGS),
        lambda: Sentence(
            act(rng, verb("go"), he(hero), 0.3, goal=Thing(market), manner=None),
            "then",
            act(rng, buy, he(hero), 0.8, object=bought(rng, food), place=None),
            lead=SO,
        ),
        lambda: told(
            rng, act(rng, verb("meet"), named(hero), 0.8, object=named(other)), (THEN, NEXT[3]), 0.9
        ),
        lambda: told(
            rng,
            act(
                rng,
                share,
                he(hero),
                0.7,
                object=Thing(food, "the" if not food.measure else ""),
                companion=named(other),
                place=pick(rng, (None, HOME)),
            ),
            NEXT,
            0.5,
        ),
        lambda: told(
            rng,
            act(rng, pick(rng, (verb("laugh"), verb("sing"), verb("dance"))), named(other), 0.8),
            ENDINGS,
        ),
    ], lambda: Sentence(
        act(
            rng,
            share,
            named(hero),
            0.6,
            object=bought(rng, food),
            companion=named(other),
            place=None,
        )
    )


def bought(rng: Random, noun: Noun) -> Thing:
    """So many of it as one buys."""
    return (
        Thing(noun, "", number=pick(rng, (2, 3, 4, 5))) if rng.random() < 0.7 else Thing(noun, "a")
    )


def at_home(clause: Clause) -> Clause:
    """The same, done at home if it was done somewhere."""
    return clause if clause.place is None else replace(clause, place=HOME)


def bad_weather(rng: Random, hero: Noun, other: Noun) -> Plot:
    """The weather turns, and one does what one does then."""
    weather = pick(rng, ("cold", "rain", "snow", "blow"))
    first, second = rng.sample(BECAUSE_WEATHER[weather], 2)
    pastimes = (verb("listen to"), verb("read"), verb("write"), verb("draw", "그리다"))
    evenings = (verb("sleep"), verb("rest"), verb("sing"), verb("cook", "요리하다"))
    openings = OPENINGS[:2] if weather in ("rain", "blow") else WINTRY

    def because_of_it(detail: float) -> Sentence:
        return Sentence(perform(rng, first, detail, named(hero)), "because", sky(rng, weather, 0.9))

    return [
        lambda: told(
            rng,
            act(rng, verb("walk", "걸어가다"), named(hero), 0.6, goal=Thing(pick(rng, OUTDOORS))),
            openings,
        ),
        lambda: replace(because_of_it(0.8), lead=pick(rng, (BUT, *SOON))),
        lambda: told(rng, perform(rng, second, 0.8, he(hero)), SOON),
        lambda: told(rng, at_home(act(rng, pick(rng, pastimes), named(hero), 0.8)), EVENING),
        lambda: told(rng, at_home(act(rng, pick(rng, evenings), he(hero), 0.9)), (FINALLY, *SOON)),
    ], lambda: because_of_it(0.7)


def broken(rng: Random, hero: Noun, other: Noun) -> Plot:
    """Broken by accident; another makes it good."""
    thing = pick(rng, selected(("cup", "bowl", "plate", "jar", "mirror")))
    break_ = verb("break")
    return [
        lambda: told(
            rng, act(rng, pick(rng, (verb("clean"), verb("sweep"))), named(hero), 0.6), OPENINGS
        ),
        lambda: told(
            rng,
            act(
                rng,
                break_,
                he(hero),
                0.9,
                place=None,
                object=Thing(thing, "a", pick(rng, (None, *DESCRIBING[thing]))),
            ),
            (BUT,),
        ),
        lambda: (
            told(rng, feeling_of(he(hero), "sad", rng, 0.9), (), 0.0)
            if rng.random() < 0.5
            else told(rng, act(rng, verb("cry"), he(hero), 0.8, place=None), (SO,))
        ),
        lambda: told(
            rng,
            act(
                rng,
                pick(rng, (verb("buy"), verb("choose"))),
                named(other),
                0.8,
                object=Thing(thing, "a", pick(rng, DESCRIBING[thing])),
            ),
            LUCKILY,
        ),
        lambda: told(
            rng,
            act(
                rng,
                verb("give"),
                he(other),
                0.6,
                object=Thing(thing),
                goal=named(hero),
                place=None,
                manner=None,
            ),
            NEXT,
        ),
        lambda: told(rng, act(rng, verb("thank"), named(hero), 0.8, object=named(other)), ENDINGS),
    ], lambda: Sentence(
        act(rng, verb("cry"), named(hero), 0.5, place=None),
        "because",
        act(rng, break_, named(hero), 0.8, object=Thing(thing, "a")),
    )


DESCRIBING = {
    noun: tuple(
        a
        for a in words.QUALITIES
        if noun.kinds & set(a.kinds)
        and a.english not in ("dirty", "old", "expensive", "flimsy", "uncomfortable")
    )
    for noun in words.THINGS
}


def runaway(rng: Random, hero: Noun, other: Noun) -> Plot:
    """An animal runs away and is brought to eat."""
    animal = named(pick(rng, selected(("cow", "horse", "sheep", "goat", "donkey"))))
    fodder = pick(rng, words.FODDER)
    away = verb("run away")
    return [
        lambda: told(rng, act(rng, away, animal, 0.8), OPENINGS),
        lambda: told(rng, act(rng, verb("look for"), named(hero), 0.9, object=animal), (SO,)),
        lambda: told(
            rng,
            act(rng, verb("help"), named(other), 0.8, object=named(hero), place=None),
            NEXT[3:] + LUCKILY[1:2],
        ),
        lambda: told(rng, act(rng, verb("find"), he(other), 0.9, object=animal), ENDINGS),
        lambda: told(
            rng,
            act(
                rng,
                verb("give"),
                named(hero),
                0.9,
                object=Thing(fodder, ""),
                goal=animal,
                place=None,
            ),
            NEXT,
        ),
        lambda: (
            told(rng, act(rng, verb("graze on"), animal, 0.9, object=Thing(fodder, "")), (), 0.0)
            if rng.random() < 0.5
            else told(rng, act(rng, verb("thank"), he(hero), 0.9, object=named(other)), ENDINGS)
        ),
    ], lambda: Sentence(
        act(
            rng,
            verb("find"),
            named(other),
            0.7,
            manner=None,
            object=replace(animal, relative=Clause(named(hero), verb("look for"))),
        )
    )


def gift(rng: Random, hero: Noun, other: Noun) -> Plot:
    """Something is made and sent, and someone far away is glad."""
    making, thing = pick(
        rng,
        (
            (verb("knit"), "scarf"),
            (verb("knit"), "sweater"),
            (verb("make"), "doll"),
            (verb("make"), "kite"),
            (verb("weave"), "blanket"),
            (verb("weave"), "basket"),
            (verb("make"), "toy"),
        ),
    )
    noun = selected((thing,))[0]
    return [
        lambda: told(
            rng,
            Clause(
                named(hero),
                verb("miss"),
                object=named(other),
                degree=pick(rng, (None, *words.AFFECTION_DEGREES)),
            ),
            OPENINGS,
        ),
        lambda: told(
            rng,
            act(
                rng,
                making,
                he(hero),
                0.9,
                object=Thing(noun, "a", pick(rng, (None, *DESCRIBING[noun]))),
            ),
            (SO,),
        ),
        lambda: told(
            rng,
            act(rng, verb("send"), named(hero), 0.6, object=Thing(noun), goal=named(other)),
            LATER,
        ),
        lambda: Sentence(
            feeling_of(named(other), pick(rng, ("happy", "glad")), rng, 0.8),
            "because",
            act(rng, verb("receive"), named(other), 0.3, object=Thing(noun), goal=named(hero)),
        ),
        lambda: told(
            rng,
            act(
                rng,
                verb("write"),
                he(other),
                0.8,
                object=Thing(selected(("letter",))[0], "a", pick(rng, (None, *LETTER))),
            ),
            (SO, *NEXT),
        ),
        lambda: told(
            rng, act(rng, verb("visit"), named(hero), 0.7, object=named(other), manner=None), LATER
        ),
    ], lambda: Sentence(
        act(
            rng,
            verb("send"),
            named(hero),
            0.6,
            object=Thing(noun, "a", pick(rng, (None, *DESCRIBING[noun]))),
            goal=named(other),
        )
    )


LETTER = tuple(a for a in words.QUALITIES if a.english in ("long", "short", "interesting"))


def music(rng: Random, hero: Noun, other: Noun) -> Plot:
    """Boredom ends with a song."""
    place = pick(rng, PLACES[verb("sing")])
    return [
        lambda: told(
            rng, feeling_of(named(hero), pick(rng, ("bored", "lonely")), rng, 0.9), OPENINGS
        ),
        lambda: told(rng, act(rng, verb("go"), he(hero), 0.6, goal=Thing(place)), (SO,)),
        lambda: told(
            rng,
            act(
                rng,
                verb("sing"),
                named(other),
                0.9,
                place=place,
                object=Thing(SONG, "a", pick(rng, (None, *SONG_IS))),
            ),
            NEXT[1:2],
            0.3,
        ),
        lambda: Sentence(
            act(rng, verb("listen to"), named(hero), 0.6, object=Thing(SONG), place=None),
            "and",
            act(rng, pick(rng, (verb("laugh"), verb("dance"))), named(hero), 0.7, place=None),
        ),
        lambda: told(
            rng,
            act(
                rng,
                verb("teach"),
                named(other),
                0.8,
                object=Thing(SONG, "a", pick(rng, (None, *SONG_IS))),
                goal=named(hero),
                place=None,
            ),
            NEXT,
        ),
        lambda: told(
            rng, act(rng, verb("sing"), named(hero), 0.9, object=Thing(SONG)), (*NEXT[3:], *LATER)
        ),
    ], lambda: Sentence(
        act(
            rng,
            verb("learn"),
            named(hero),
            0.9,
            object=Thing(SONG, "a", pick(rng, (None, *SONG_IS))),
        )
    )


SONG = selected(("song",))[0]
SONG_IS = tuple(a for a in words.QUALITIES if "told" in a.kinds and a.english not in ("boring",))


def harvest(rng: Random, hero: Noun, other: Noun) -> Plot:
    """Planted, watered, grown, given."""
    place = pick(rng, PLACES[verb("dig up")])
    crop = pick(rng, selected(("root",)))
    return [
        lambda: told(
            rng,
            act(
                rng, verb("plant"), named(hero), 0.8, object=Thing(crop, "", number=-1), place=place
            ),
            SPRING,
        ),
        lambda: told(
            rng, sky(rng, pick(rng, ("rain", "clear", "hot", "cold", "shine")), 0.9), NEXT
        ),
        lambda: told(
            rng,
            act(
                rng,
                verb("give", "주다"),
                named(hero),
                0.9,
                object=Thing(WATER, ""),
                goal=Thing(crop, number=-1),
                place=place,
            ),
            NEXT[1:],
            0.9,
        ),
        lambda: told(
            rng,
            act(
                rng,
                verb("dig up"),
                named(hero),
                0.9,
                object=Thing(
                    crop,
                    "",
                    pick(rng, (None, *FRESH)),
                    number=pick(rng, (4, 5, 6, 7, 8, 9, 10, 12, 20)),
                ),
                place=place,
            ),
            MONTHS_LATER,
        ),
        lambda: told(
            rng,
            act(
                rng,
                verb("give"),
                he(hero),
                0.7,
                object=Thing(crop, "", pick(rng, (None, *FRESH)), number=pick(rng, (2, 3, 4, 5))),
                goal=named(other),
                place=None,
            ),
            NEXT,
        ),
        lambda: told(
            rng, act(rng, verb("thank"), named(other), 0.9, object=named(hero)), (SO, *NEXT), 0.6
        ),
    ], lambda: Sentence(
        act(
            rng,
            verb("give"),
            named(hero),
            0.8,
            object=Thing(crop, "", pick(rng, (None, *FRESH)), number=pick(rng, (2, 3, 4, 5))),
            goal=named(other),
            manner=None,
            place=None,
        )
    )


SPRING = (*OPENINGS[:3], Adverb("last spring", "지난봄에"))
WATER = selected(("plain",))[0]
FRESH = tuple(a for a in words.QUALITIES if a.english in ("fresh", "delicious", "big"))
PLOTS = (lost_and_found, to_market, bad_weather, broken, runaway, gift, music, harvest)
SPEAKERS = frozenset(["I", "you", "we"])  # who have no place in a story
TRIES = 60  # draws for one step, before the story is begun anew


def sentence_in(step: Step, split: str, tellers: frozenset[str] = SPEAKERS) -> Sentence | None:
    """A telling of the step that belongs to the split and in which none of the tellers is, or None if none is found."""
    for _ in range(TRIES):
        sentence = step()
        if split_of(sentence) == split and tellers.isdisjoint(concepts(sentence)):
            return sentence
    return None


def story_meanings(rng: Random, split: str) -> Iterator[tuple[list[Sentence], Sentence]]:
    """Stories without end, each with the sentence that sums it up."""
    while True:
        hero = pick(rng, HEROES)
        other = pick(rng, [n for n in TOWNSPEOPLE if n is not hero])
        steps, summary = pick(rng, PLOTS)(rng, hero, other)
        sentences = []
        for step in [*steps, summary]:
            sentence = sentence_in(step, split)
            if sentence is None:
                break
            sentences.append(sentence)
        else:
            yield sentences[:-1], sentences[-1]
