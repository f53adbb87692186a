"""Something good is done: shared at the market, made as a gift, sung, harvested."""

from .. import lexicon as words
from ..grammar import PLACES, sky
from ..lexicon import selected, verb
from ..meaning import Clause, Sentence, Thing
from ..telling import (
    ENDINGS,
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
SONG_IS = tuple(a for a in words.QUALITIES if "told" in a.kinds and a.english != "boring")
CROP_IS = tuple(a for a in words.QUALITIES if a.english in ("fresh", "delicious", "big"))


def to_market(t: Teller) -> Plot:
    """Hungry, so to market; a friend is met and the food shared."""
    food = t.pick(FOOD)

    def bought() -> Thing:
        """So many of it as one buys."""
        if t.rng.random() < 0.7:
            return Thing(food, "", number=t.pick((2, 3, 4, 5)))
        return Thing(food, "a")

    return Plot(
        [
            lambda: t.say(t.feels("hungry", t.hero, 0.8), OPENINGS),
            lambda: Sentence(
                t.act("go", t.he, 0.3, goal=Thing(MARKET), manner=None),
                "then",
                t.act("buy", t.he, 0.8, object=bought(), place=None),
                lead=SO,
            ),
            lambda: t.tell("meet", t.hero, 0.8, [THEN, NEXT[3]], 0.9, object=t.other),
            lambda: t.tell(
                "share",
                t.he,
                0.7,
                NEXT,
                0.5,
                object=Thing(food, "" if food.measure else "the"),
                companion=t.other,
                place=t.pick((None, HOME)),
            ),
            lambda: t.tell(t.pick(("laugh", "sing", "dance")), t.other, 0.8, ENDINGS),
        ],
        lambda: t.tell("share", t.hero, 0.6, object=bought(), companion=t.other, place=None),
    )


def gift(t: Teller) -> Plot:
    """Something is made and sent, and someone far away is glad."""
    making, noun = t.pick(HANDMADE)
    nice = PRAISE[noun]

    def missed() -> Clause:
        degree = t.pick((None, *words.AFFECTION_DEGREES))
        return Clause(t.hero, verb("miss"), object=t.other, degree=degree)

    return Plot(
        [
            lambda: t.say(missed(), OPENINGS),
            lambda: t.tell(making, t.he, 0.9, [SO], object=t.a(noun, nice)),
            lambda: t.tell("send", t.hero, 0.6, LATER, object=Thing(noun), goal=t.other),
            lambda: Sentence(
                t.feels(t.pick(("happy", "glad")), t.other, 0.8),
                "because",
                t.act("receive", t.other, 0.3, object=Thing(noun), goal=t.hero),
            ),
            lambda: t.tell("write", t.they, 0.8, [SO, *NEXT], object=t.a(LETTER, LETTER_IS)),
            lambda: t.tell("visit", t.hero, 0.7, LATER, object=t.other, manner=None),
        ],
        lambda: t.tell("send", t.hero, 0.6, object=t.a(noun, nice), goal=t.other),
    )


def music(t: Teller) -> Plot:
    """Boredom ends with a song."""
    place = t.pick(PLACES[verb("sing")])
    song = Thing(SONG)
    return Plot(
        [
            lambda: t.say(t.feels(t.pick(("bored", "lonely")), t.hero, 0.9), OPENINGS),
            lambda: t.tell("go", t.he, 0.6, [SO], goal=Thing(place)),
            lambda: t.tell(
                "sing", t.other, 0.9, NEXT[1:2], 0.3, place=place, object=t.a(SONG, SONG_IS)
            ),
            lambda: Sentence(
                t.act("listen to", t.hero, 0.6, object=song, place=None),
                "and",
                t.act(t.pick(("laugh", "dance")), t.hero, 0.7, place=None),
            ),
            lambda: t.tell(
                "teach", t.other, 0.8, NEXT, object=t.a(SONG, SONG_IS), goal=t.hero, place=None
            ),
            lambda: t.tell("sing", t.hero, 0.9, [*NEXT[3:], *LATER], object=song),
        ],
        lambda: t.tell("learn", t.hero, 0.9, object=t.a(SONG, SONG_IS)),
    )


def harvest(t: Teller) -> Plot:
    """Planted, watered, grown, given."""
    place = t.pick(PLACES[verb("dig up")])
    crop = t.pick(ROOTS)

    def some(*numbers: int) -> Thing:
        return Thing(crop, "", t.pick((None, *CROP_IS)), t.pick(numbers))

    return Plot(
        [
            lambda: t.tell(
                "plant", t.hero, 0.8, SPRING, object=Thing(crop, "", number=-1), place=place
            ),
            lambda: t.say(sky(t.rng, t.pick(("rain", "clear", "hot", "cold", "shine")), 0.9), NEXT),
            lambda: t.tell(
                "give",
                t.hero,
                0.9,
                NEXT[1:],
                0.9,
                object=Thing(WATER, ""),
                goal=Thing(crop, number=-1),
                place=place,
            ),
            lambda: t.tell(
                "dig up",
                t.hero,
                0.9,
                MONTHS_LATER,
                object=some(4, 5, 6, 7, 8, 9, 10, 12, 20),
                place=place,
            ),
            lambda: t.tell(
                "give", t.he, 0.7, NEXT, object=some(2, 3, 4, 5), goal=t.other, place=None
            ),
            lambda: t.tell("thank", t.other, 0.9, [SO, *NEXT], 0.6, object=t.hero),
        ],
        lambda: t.tell(
            "give",
            t.hero,
            0.8,
            object=some(2, 3, 4, 5),
            goal=t.other,
            manner=None,
            place=None,
        ),
    )
