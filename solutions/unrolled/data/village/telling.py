"""What a storyteller needs: words that lead on, people as they are named, sentences drawn until one is of the split."""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple, TypeVar

from . import lexicon as words
from .grammar import DETERMINERS, action, feeling_of, listed, pick
from .lexicon import SPEAKERS, Adjective, Adverb, Noun, Verb, verb
from .lexicon.tables import adverbs
from .meaning import Clause, Sentence, Thing, concepts
from .splits import is_in

Item = TypeVar("Item")
Leads = Adverb | Sequence[Adverb]
Step = Callable[[], Sentence]

OPENINGS = adverbs(
    "one day 어느 날; one morning 어느 날 아침; one spring day 어느 봄날; one winter day 어느 겨울날; "
    "one summer day 어느 여름날; one autumn day 어느 가을날; one evening 어느 날 저녁; one Sunday 어느 일요일"
)
WINTRY = [o for o in OPENINGS if "summer" not in o.english and "spring" not in o.english]
SPRING = [*OPENINGS[:3], *adverbs("last spring 지난봄에")]
SO, BUT, THEN, FINALLY = adverbs("so 그래서; but 하지만; then 그러고 나서; finally, 마침내")
NEXT = [
    THEN,
    *adverbs(
        "after that, 그 뒤에; the next day, 다음 날; a little later, 잠시 뒤; that evening, 그날 저녁; "
        "two days later, 이틀 뒤"
    ),
]
LATER = adverbs(
    "a few days later, 며칠 뒤; the next week, 그다음 주에; two days later, 이틀 뒤; ten days later, 열흘 뒤"
)
MONTHS_LATER = [
    *adverbs("two months later, 두 달 뒤; three months later, 석 달 뒤; that autumn, 그해 가을에"),
    FINALLY,
]
LUCKILY = [BUT, *adverbs("luckily, 다행히"), *NEXT[1:]]
ENDINGS = NEXT[1:]
SOON = [THEN, NEXT[1], NEXT[3], *adverbs("soon, 곧")]
EVENING = [NEXT[1], NEXT[4], *adverbs("that night, 그날 밤")]

HEROES = tuple(n for n in (*words.NAMES, *words.PEOPLE) if "single" not in n.kinds)
TOWNSPEOPLE = tuple(n for n in HEROES if not n.proper)
UNKIND = listed("dirty, old, cheap, expensive, heavy, flimsy, uncomfortable")
PRAISE = {  # what is said of a thing in a story
    noun: tuple(a for a in words.QUALITIES if a.describes(noun) and a.english not in UNKIND)
    for noun in words.THINGS
}
NEVER_TOLD = frozenset(noun.english for noun in SPEAKERS)  # who have no place in a story
TRIES = 60  # draws for one step, before the story is begun anew


def named(noun: Noun) -> Thing:
    """Someone or something by name: "the farmer", "Minsu"."""
    return Thing(noun, "" if noun.proper else "the")


def plainly(clause: Clause) -> Clause:
    """The clause without "this", "that", "my" and "our", for nobody points at what is told."""
    for role in ("object", "goal"):
        thing = getattr(clause, role)
        if thing is not None and thing.determiner in DETERMINERS:
            clause = clause._replace(**{role: thing._replace(determiner="the")})
    return clause


def introduced(told: Sequence[Sentence]) -> list[Sentence]:
    """The sentences, with whoever first acts in them marked as new: a topic in Korean only when spoken of again."""
    marked, known = [], set()
    for sentence in told:
        main = sentence.main
        acts = isinstance(main.verb, Verb) and not main.verb.stative and main.subject is not None
        if acts and main.subject.noun not in known:
            sentence = sentence._replace(main=main._replace(introduced=True))
        marked.append(sentence)
        for thing in (main.subject, main.object, main.goal, main.companion):
            known |= {thing.noun} if thing is not None else set()
    return marked


class Plot(NamedTuple):
    """What happens, step by step, and what it comes down to."""

    steps: list[Step]
    summary: Step


class Teller:
    """Tells of a hero and another: draws what happens, "he" and "they" being pronouns for the two.

    What was just named is a pronoun in English, and understood in Korean.
    """

    def __init__(self, rng: Random, hero: Noun, other: Noun):
        self.rng = rng
        self.hero, self.he = named(hero), Thing(hero, "pronoun")
        self.other, self.they = named(other), Thing(other, "pronoun")
        self.led_by: Adverb | None = None  # the lead of the sentence before
        # Where and what it is about, drawn by the step that tells so first, and as it is told there.
        self.place, self.noun, self.thing = hero, hero, self.hero

    def pick(self, items: Sequence[Item]) -> Item:
        """One of them."""
        return pick(self.rng, items)

    def lead(self, leads: Sequence[Adverb]) -> Adverb:
        """One of them, not the one that has just led on."""
        before = self.led_by.english if self.led_by is not None else ""
        return self.pick([lead for lead in leads if lead.english != before] or leads)

    def a(self, noun: Noun, adjectives: Sequence[Adjective]) -> Thing:
        """A thing as it is first spoken of, perhaps with one of the adjectives."""
        return Thing(noun, "a", self.pick((None, *adjectives)))

    def act(self, name: str, who: Thing, detail: float = 0.5, **fixed: object) -> Clause:
        """What someone did, alone unless it takes two."""
        what = verb(name)
        clause = plainly(action(self.rng, what, detail, who, "past", bare=True))
        if clause.companion is not None and not what.together:
            fixed = {"companion": None, **fixed}
        return clause._replace(**fixed) if fixed else clause

    def feels(self, feeling: str, who: Thing, detail: float) -> Clause:
        """How someone felt."""
        return feeling_of(who, feeling, self.rng, detail)

    def say(self, clause: Clause, leads: Leads = (), chance: float = 1.0) -> Sentence:
        """The clause as a sentence that begins with this word, or may begin with one of these."""
        if isinstance(leads, Adverb):
            return Sentence(clause, lead=leads)
        leads_on = leads and self.rng.random() < chance
        return Sentence(clause, lead=self.lead(leads) if leads_on else None)

    def tell(
        self,
        name: str,
        who: Thing,
        detail: float,
        leads: Leads = (),
        chance: float = 1.0,
        **fixed: object,
    ) -> Sentence:
        """What someone did, as a sentence."""
        return self.say(self.act(name, who, detail, **fixed), leads, chance)


def sentence_in(step: Step, split: str, tellers: frozenset[str] = NEVER_TOLD) -> Sentence | None:
    """A telling of the step that belongs to the split and in which none of the tellers is, or None if none is found."""
    refused: set[Sentence] = set()  # half of what is drawn for a small split was drawn before
    for _ in range(TRIES):
        sentence = step()
        if sentence in refused:
            continue
        if is_in(split, sentence) and tellers.isdisjoint(concepts(sentence)):
            return sentence
        refused.add(sentence)
    return None
