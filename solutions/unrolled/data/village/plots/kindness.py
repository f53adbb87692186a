"""Something good is done: shared at the market, made as a gift, sung, harvested."""

from .. import lexicon as words
from ..grammar import DEGREES, PLACES, sky
from ..lexicon import selected, verb
from ..meaning import Clause, Sentence, Thing
from ..telling import (
    LATER,
    MONTHS_LATER,
    NEXT,
    OPENINGS,
    PRAISE,
    SO,
    SPRING,
    THEN,
    Plot,
    Teller,
)

[HOME] = selected(("home",), words.PLACES)
MARKET = selected(("market",), words.PLACES)[0]
FOOD = selected(("snack", "fruit"))
ROOTS = selected(("root",))
[LETTER], [SONG], [WATER] = (selected((kind,)) for kind in ("letter", "song", "plain"))
HANDMADE = tuple(
    (making, selected((thing,))[0])
    for making, thing in (
        ("knit", "scarf"),
        ("knit", "sweater"),
        ("make", "doll"),
        ("make", "kite"),
        ("weave", "blanket"),
        ("weave", "basket"),
        ("make", "toy"),
    )
)
LETTER_IS = tuple(a for a in words.QUALITIES if a.english in ("long", "short", "interesting"))
SONG_IS = tuple(
    a
    for a in words.QUALITIES
    if a.english in ("interesting", "beautiful", "long", "difficult", "strange")
)
CROP_IS, TASTY = (
    tuple(a for a in words.QUALITIES if a.english in names)
    for names in (("fresh", "big"), ("delicious",))
)


AT_ONCE = [THEN, NEXT[1], NEXT[3], NEXT[4]]


def to_market(t: Teller) -> Plot:
    """Hungry, so to market; a friend is met and the food shared."""
    number = t.pick((None, 2, 3, 4, 5))

    def bought() -> Thing:
        return Thing(t.noun, "a" if number is None else "", number=number)

    def shared() -> Thing:
        return Thing(t.noun, "" if t.noun.measure else "the", number=number and -1)

    def buys() -> Clause:
        t.noun = t.pick(FOOD)
        return t.act("buy", t.he, 0.8, object=bought(), place=None)

    return Plot(
        [
            lambda: t.say(t.feels("hungry", t.hero, 0.8), OPENINGS),
            lambda: Sentence(
                t.act("go", t.he, 0.3, goal=Thing(MARKET), manner=None),
                "then",
                buys(),
                lead=SO,
            ),
            lambda: t.tell("meet", t.hero, 0.8, [THEN, NEXT[3]], 0.9, object=t.other),
            lambda: t.tell(
                "share",
                t.he,
                0.7,
                AT_ONCE,
                0.8,
                object=shared(),
                companion=t.other,
                place=t.pick((None, HOME)),
            ),
            lambda: t.tell(
                t.pick(("laugh", "sing", "dance")),
                t.other,
                0.8,
                AT_ONCE,
                0.9,
                place=None,
            ),
        ],
        lambda: t.pick(
            (
                t.tell("share", t.hero, 0.6, object=bought(), companion=t.other, place=None),
                Sentence(
                    t.act("buy", t.hero, 0.8, object=bought(), place=t.pick((MARKET, None))),
                    "because",
                    t.feels("hungry", t.hero, 0.8),
                ),
            )
        ),
    )


def gift(t: Teller) -> Plot:
    """Something is made and sent, and someone far away is glad."""

    def missed() -> Clause:
        degree = t.pick((None, *DEGREES[verb("miss")]))
        return Clause(t.hero, verb("miss"), object=t.other, degree=degree)

    def makes() -> Sentence:
        making, t.noun = t.pick(HANDMADE)
        t.thing = t.a(t.noun, PRAISE[t.noun])
        return t.tell(making, t.he, 0.9, [SO], object=t.thing)

    return Plot(
        [
            lambda: t.say(missed(), OPENINGS),
            makes,
            lambda: t.tell(
                "send", t.hero, 0.6, [*LATER, NEXT[2]], object=Thing(t.noun), goal=t.other
            ),
            lambda: Sentence(
                t.feels(t.pick(("happy", "glad")), t.other, 0.8),
                "because",
                t.act("receive", t.other, 0.3, object=Thing(t.noun), goal=t.hero),
            ),
            lambda: t.tell("write", t.they, 0.8, [SO, *NEXT], object=t.a(LETTER, LETTER_IS)),
            lambda: t.tell("visit", t.hero, 0.7, LATER, object=t.other, manner=None),
        ],
        lambda: t.tell(
            "send", t.hero, 0.6, object=t.pick((t.thing, Thing(t.noun, "a"))), goal=t.other
        ),
    )


def music(t: Teller) -> Plot:
    """Boredom ends with a song."""
    places = [p for p in PLACES[verb("sing")] if "visited" in p.kinds]
    song = Thing(SONG)  # the one that the other sang

    def sings() -> Sentence:
        t.thing = t.a(SONG, SONG_IS)
        return t.tell("sing", t.other, 0.9, NEXT[1:2], 0.3, place=t.place, object=t.thing)

    def learnt() -> Thing:
        return t.pick((t.thing, Thing(SONG, "a")))

    def goes() -> Sentence:
        t.place = t.pick(places)
        return t.tell("go", t.he, 0.6, [SO], goal=Thing(t.place))

    return Plot(
        [
            lambda: t.say(t.feels(t.pick(("bored", "lonely")), t.hero, 0.9), OPENINGS),
            goes,
            sings,
            lambda: Sentence(
                t.act("listen to", t.hero, 0.6, object=song, place=None),
                "and",
                t.act(t.pick(("laugh", "dance")), t.hero, 0.7, place=None),
            ),
            lambda: t.tell("teach", t.other, 0.8, NEXT, object=song, goal=t.hero, place=None),
            lambda: t.tell("sing", t.hero, 0.9, [*NEXT[3:], *LATER], object=song),
        ],
        lambda: t.pick(
            (
                t.tell("learn", t.hero, 0.9, object=learnt(), place=None),
                t.tell("teach", t.other, 0.8, object=learnt(), goal=t.hero, place=None),
            )
        ),
    )


def harvest(t: Teller) -> Plot:
    """Planted, watered, grown, given."""
    dug, given = t.pick((4, 5, 6, 7, 8, 9, 10, 12, 20)), t.pick((2, 3, 4))

    def digs() -> Sentence:
        dug_up = Thing(t.noun, "", t.pick((None, *CROP_IS)), dug)
        place = t.pick((t.place, None))
        return t.tell("dig up", t.hero, 0.9, MONTHS_LATER, object=dug_up, place=place)

    def gives() -> Sentence:
        t.thing = Thing(t.noun, "", t.pick((None, *CROP_IS, *TASTY)), given)
        return t.tell("give", t.he, 0.7, NEXT, object=t.thing, goal=t.other, place=None)

    def plants() -> Sentence:
        t.noun, t.place = t.pick(ROOTS), t.pick(PLACES[verb("dig up")])
        crop = Thing(t.noun, "", number=-1)
        return t.tell("plant", t.hero, 0.8, SPRING, object=crop, place=t.place)

    return Plot(
        [
            plants,
            lambda: t.say(sky(t.rng, t.pick(("clear", "hot", "warm", "shine")), 0.9), NEXT[1:]),
            lambda: t.tell(
                "give",
                t.hero,
                0.9,
                NEXT[1:],
                0.9,
                object=Thing(WATER, ""),
                goal=Thing(t.noun, number=-1),
                place=t.pick((t.place, None)),
            ),
            digs,
            gives,
            lambda: t.tell("thank", t.other, 0.9, [SO, *NEXT], 0.6, object=t.hero),
        ],
        lambda: t.tell(
            "give",
            t.hero,
            0.8,
            object=t.pick((t.thing, t.thing._replace(adjective=None))),
            goal=t.other,
            manner=None,
            place=None,
        ),
    )
