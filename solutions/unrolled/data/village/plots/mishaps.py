"""Something goes wrong and is made good: lost and found, bad weather, broken, run away."""

from .. import lexicon as words
from ..grammar import BECAUSE_WEATHER, PLACES, perform, sky
from ..lexicon import Noun, selected, verb
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
    plainly,
)

OUTDOORS = tuple(p for p in selected(("open", "green"), words.PLACES) if "visited" in p.kinds)
HOME, YARD = selected(("home", "yard"), words.PLACES)[::-1]
SMALL = selected(("small",))
FRAGILE = selected(["cup", "bowl", "plate", "jar", "mirror"])
GRASS, HAY = (Thing(noun, "") for noun in words.FODDER)
ENDS_THE_DAY = (verb("sleep"), verb("rest"))  # and with it the story
HERD = selected(["cow", "horse", "sheep", "goat", "donkey"])


def lost_and_found(t: Teller) -> Plot:
    """Lost, missed, found, given back, thanked."""
    places = [p for p in PLACES[verb("lose")] if "visited" in p.kinds]

    def goes() -> Sentence:
        t.place = t.pick(places)
        return t.tell("go", t.hero, 0.5, OPENINGS, goal=Thing(t.place))

    def loses() -> Sentence:
        t.noun = t.pick(SMALL)
        lost = t.a(t.noun, PRAISE[t.noun])
        return t.tell("lose", t.he, 0.8, [BUT], 0.7, object=lost, place=None)

    def there(name: str) -> Noun | None:
        """Where it was lost, or just somewhere: a thing does not wander."""
        return t.pick((t.place, None)) if t.place in PLACES[verb(name)] else None

    def glad_gift() -> Sentence:
        gift = t.act("give", t.hero, 0.6, goal=t.other, place=None, manner=None)
        return Sentence(gift, "because", t.feels(t.pick(("glad", "happy")), t.hero, 0.6))

    return Plot(
        [
            goes,
            loses,
            lambda: t.tell(
                "look for",
                t.pick((t.he, t.hero)),
                0.9,
                SO,
                object=Thing(t.noun),
                place=there("look for"),
            ),
            lambda: t.tell(
                "find", t.other, 0.9, LUCKILY, object=Thing(t.noun), place=there("find")
            ),
            lambda: t.tell(
                "give back",
                t.they,
                0.6,
                [*NEXT, *LATER[:2]],
                0.9,
                object=Thing(t.noun),
                goal=t.hero,
            ),
            glad_gift,
        ],
        lambda: t.pick(
            (
                t.tell(
                    "find",
                    t.other,
                    0.0,
                    place=None,
                    object=Thing(t.noun, relative=Clause(t.hero, verb("lose"))),
                ),
                Sentence(
                    t.feels(t.pick(("happy", "glad")), t.hero, 0.8),
                    "because",
                    t.act("find", t.other, 0.7, object=Thing(t.noun), place=None),
                ),
                Sentence(
                    t.feels("sad", t.hero, 0.8),
                    "because",
                    t.act("lose", t.hero, 0.7, object=Thing(t.noun, "a"), place=t.place),
                ),
            )
        ),
    )


def bad_weather(t: Teller) -> Plot:
    """The weather turns, and one does what one does then."""
    weather = t.pick(("cold", "rain", "snow", "blow"))
    outside = t.pick((0, 1))  # and then on the way home, or on the way and then at home
    first, second = (
        t.pick([effect for effect in stage if effect.verb not in ENDS_THE_DAY])
        for stage in BECAUSE_WEATHER[weather][outside : outside + 2]
    )
    openings = OPENINGS[:2] if weather in ("rain", "blow") else WINTRY
    told = {}  # how it was done: the last draw of each is the one that is told

    def because_of_it() -> Sentence:
        told[first] = plainly(perform(t.rng, first, 0.8, t.hero))
        return Sentence(told[first], "because", sky(t.rng, weather, 0.9), lead=t.lead(SOON[1:]))

    def and_then() -> Sentence:
        told[second] = at_home(plainly(perform(t.rng, second, 0.8, t.he)))._replace(manner=None)
        return t.say(told[second], SOON)

    def in_short() -> Sentence:
        effect = t.pick((first, second))
        done = perform(t.rng, effect, 0.7, t.hero)
        same = {role: getattr(told[effect], role) for role in ("object", "place", "companion")}
        return Sentence(done._replace(**same), "because", sky(t.rng, weather, 0.9))

    def at_home(clause: Clause) -> Clause:
        """The same, done at home, or in the yard, if it was done somewhere."""
        return clause if clause.place in (None, YARD) else clause._replace(place=HOME)

    pastimes, evenings = (
        [name for name in names if verb(name) is not second.verb]
        for names in (
            ("listen to", "read", "write", "draw/그리다"),
            ("sleep", "rest", "sing", "cook/요리하다"),
        )
    )
    return Plot(
        [
            lambda: t.tell("walk/걸어가다", t.hero, 0.6, openings, goal=Thing(t.pick(OUTDOORS))),
            because_of_it,
            and_then,
            lambda: t.say(at_home(t.act(t.pick(pastimes), t.hero, 0.8)), EVENING),
            lambda: t.say(at_home(t.act(t.pick(evenings), t.he, 0.9)), SOON),
        ],
        in_short,
    )


def broken(t: Teller) -> Plot:
    """Broken by accident; another makes it good."""

    def breaks() -> Sentence:
        t.noun = t.pick(FRAGILE)
        return t.tell("break", t.he, 0.9, [BUT], place=None, object=t.a(t.noun, PRAISE[t.noun]))

    return Plot(
        [
            lambda: t.tell(t.pick(("clean", "sweep")), t.hero, 0.6, OPENINGS),
            breaks,
            lambda: (
                t.say(t.feels("sad", t.he, 0.9))
                if t.rng.random() < 0.5
                else t.tell("cry", t.he, 0.8, [SO], place=None)
            ),
            lambda: t.tell(
                t.pick(("buy", "choose")),
                t.other,
                0.8,
                LUCKILY[1:],
                object=Thing(t.noun, "a", t.pick(PRAISE[t.noun])),
            ),
            lambda: t.tell(
                "give",
                t.they,
                0.6,
                [*NEXT, *LATER],
                0.9,
                object=Thing(t.noun),
                goal=t.hero,
                place=None,
                manner=None,
            ),
            lambda: t.tell("thank", t.hero, 0.8, ENDINGS, object=t.other),
        ],
        lambda: Sentence(
            t.act("cry", t.hero, 0.5, place=None),
            "because",
            t.act("break", t.hero, 0.8, object=Thing(t.noun, "a"), place=None),
        ),
    )


def runaway(t: Teller) -> Plot:
    """An animal runs away and is brought to eat."""
    eats, fodder = t.pick((("graze on", GRASS), ("eat", HAY)))

    def runs() -> Sentence:
        t.noun = t.pick(HERD)
        return t.tell("run away", named(t.noun), 0.8, OPENINGS)

    return Plot(
        [
            runs,
            lambda: t.tell("look for", t.hero, 0.9, [SO], object=named(t.noun)),
            lambda: t.tell("help", t.other, 0.8, LUCKILY[1:], 0.9, object=t.hero, place=None),
            lambda: t.tell("find", t.they, 0.9, [FINALLY, *ENDINGS], object=named(t.noun)),
            lambda: t.tell(
                "give", t.hero, 0.9, NEXT, object=fodder, goal=named(t.noun), place=None
            ),
            lambda: (
                t.tell(eats, named(t.noun), 0.9, object=fodder, place=None)
                if t.rng.random() < 0.5
                else t.tell("thank", t.he, 0.9, ENDINGS, object=t.other)
            ),
        ],
        lambda: Sentence(
            t.feels(t.pick(("happy", "glad")), t.hero, 0.8),
            "because",
            t.act("find", t.other, 0.7, object=named(t.noun), place=None),
        ),
    )
