"""Something goes wrong and is made good: lost and found, bad weather, broken, run away."""

from .. import lexicon as words
from ..grammar import BECAUSE_WEATHER, PLACES, perform, sky
from ..lexicon import selected, verb
from ..meaning import Clause, Sentence, Thing
from ..telling import (
    BUT,
    ENDINGS,
    EVENING,
    FINALLY,
    LATER,
    LUCKILY,
    NEXT,
    OPENINGS,
    PRAISE,
    SO,
    SOON,
    WINTRY,
    Plot,
    Teller,
    named,
)

OUTDOORS = selected(("open", "green"), words.PLACES)
[HOME] = selected(("home",), words.PLACES)
SMALL = selected(("small",))
FRAGILE = selected(["cup", "bowl", "plate", "jar", "mirror"])
HERD = selected(["cow", "horse", "sheep", "goat", "donkey"])


def lost_and_found(t: Teller) -> Plot:
    """Lost, missed, found, given back, thanked."""
    item = Thing(t.pick(SMALL))
    place = t.pick(PLACES[verb("lose")])

    def glad_gift() -> Sentence:
        gift = t.act("give", t.hero, 0.6, goal=t.other, place=None, manner=None)
        return Sentence(gift, "because", t.feels(t.pick(("glad", "happy")), t.hero, 0.6))

    return Plot(
        [
            lambda: t.tell("go", t.hero, 0.5, OPENINGS, goal=Thing(place)),
            lambda: t.tell(
                "lose",
                t.he,
                0.8,
                [BUT],
                0.7,
                object=t.a(item.noun, PRAISE[item.noun]),
                place=t.pick((place, None)),
            ),
            lambda: t.tell(
                "look for", t.he if t.rng.random() < 0.5 else t.hero, 0.9, SO, object=item
            ),
            lambda: t.tell("find", t.other, 0.9, LUCKILY, object=item),
            lambda: t.tell(
                "give back", t.they, 0.6, [*NEXT, *LATER[:2]], 0.9, object=item, goal=t.hero
            ),
            glad_gift,
        ],
        lambda: t.pick(
            (
                t.tell(
                    "find",
                    t.other,
                    0.0,
                    manner=None,
                    object=item._replace(relative=Clause(t.hero, verb("lose"))),
                ),
                Sentence(
                    t.feels(t.pick(("happy", "glad")), t.hero, 0.8),
                    "because",
                    t.act("find", t.other, 0.7, object=item),
                ),
                Sentence(
                    t.feels("sad", t.hero, 0.8),
                    "because",
                    t.act("lose", t.hero, 0.7, object=Thing(item.noun, "a"), place=place),
                ),
            )
        ),
    )


def bad_weather(t: Teller) -> Plot:
    """The weather turns, and one does what one does then."""
    weather = t.pick(("cold", "rain", "snow", "blow"))
    first, second = t.rng.sample(BECAUSE_WEATHER[weather], 2)
    openings = OPENINGS[:2] if weather in ("rain", "blow") else WINTRY

    def because_of_it(detail: float) -> Sentence:
        done = perform(t.rng, first, detail, t.hero)
        return Sentence(done, "because", sky(t.rng, weather, 0.9))

    def at_home(clause: Clause) -> Clause:
        """The same, done at home if it was done somewhere."""
        return clause if clause.place is None else clause._replace(place=HOME)

    pastimes = ("listen to", "read", "write", "draw/그리다")
    evenings = ("sleep", "rest", "sing", "cook/요리하다")
    return Plot(
        [
            lambda: t.tell("walk/걸어가다", t.hero, 0.6, openings, goal=Thing(t.pick(OUTDOORS))),
            lambda: because_of_it(0.8)._replace(lead=t.pick((BUT, *SOON))),
            lambda: t.say(perform(t.rng, second, 0.8, t.he), SOON),
            lambda: t.say(at_home(t.act(t.pick(pastimes), t.hero, 0.8)), EVENING),
            lambda: t.say(at_home(t.act(t.pick(evenings), t.he, 0.9)), [FINALLY, *SOON]),
        ],
        lambda: because_of_it(0.7),
    )


def broken(t: Teller) -> Plot:
    """Broken by accident; another makes it good."""
    noun = t.pick(FRAGILE)
    nice = PRAISE[noun]
    return Plot(
        [
            lambda: t.tell(t.pick(("clean", "sweep")), t.hero, 0.6, OPENINGS),
            lambda: t.tell("break", t.he, 0.9, [BUT], place=None, object=t.a(noun, nice)),
            lambda: (
                t.say(t.feels("sad", t.he, 0.9))
                if t.rng.random() < 0.5
                else t.tell("cry", t.he, 0.8, [SO], place=None)
            ),
            lambda: t.tell(
                t.pick(("buy", "choose")),
                t.other,
                0.8,
                LUCKILY,
                object=Thing(noun, "a", t.pick(nice)),
            ),
            lambda: t.tell(
                "give",
                t.they,
                0.6,
                NEXT,
                object=Thing(noun),
                goal=t.hero,
                place=None,
                manner=None,
            ),
            lambda: t.tell("thank", t.hero, 0.8, ENDINGS, object=t.other),
        ],
        lambda: Sentence(
            t.act("cry", t.hero, 0.5, place=None),
            "because",
            t.act("break", t.hero, 0.8, object=Thing(noun, "a")),
        ),
    )


def runaway(t: Teller) -> Plot:
    """An animal runs away and is brought to eat."""
    animal = named(t.pick(HERD))
    fodder = Thing(t.pick(words.FODDER), "")
    return Plot(
        [
            lambda: t.tell("run away", animal, 0.8, OPENINGS),
            lambda: t.tell("look for", t.hero, 0.9, [SO], object=animal),
            lambda: t.tell(
                "help", t.other, 0.8, [*NEXT[3:], LUCKILY[1]], object=t.hero, place=None
            ),
            lambda: t.tell("find", t.they, 0.9, ENDINGS, object=animal),
            lambda: t.tell("give", t.hero, 0.9, NEXT, object=fodder, goal=animal, place=None),
            lambda: (
                t.tell("graze on", animal, 0.9, object=fodder)
                if t.rng.random() < 0.5
                else t.tell("thank", t.he, 0.9, ENDINGS, object=t.other)
            ),
        ],
        lambda: t.tell(
            "find",
            t.other,
            0.7,
            manner=None,
            object=animal._replace(relative=Clause(t.hero, verb("look for"))),
        ),
    )
