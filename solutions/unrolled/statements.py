"""Statements about texts, made by the village's own grammar: what a judge of entailment learns from.

Paper: Bowman et al., "A large annotated corpus for learning natural language inference" (2015); Williams et al.,
"MultiNLI" (2018), whose numbers the labels have.

Names: ours ↔ theirs — `premise` ↔ the text, `hypothesis` ↔ the statement; label 0 ↔ entailment, 1 ↔ neutral, 2 ↔
contradiction. "This text is about the lamp" contradicts a text in which there is no lamp.

From what a sentence means, parts are left out (still true), denied, or exchanged (not said). About a fifth of the nouns,
`held_out`, is never asked about in training: these topics are new to the judge (`unrolled.entailment`).

Left out: Korean, and statements that need more than one sentence of the text.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from unrolled.data.village.facts import fact_meanings
from unrolled.data.village.lexicon import NOUNS, Adjective, Noun, adjective, selected
from unrolled.data.village.meaning import Clause, Sentence, Thing
from unrolled.data.village.render_english import english
from unrolled.data.village.reviews import review_meanings
from unrolled.data.village.splits import stable_hash
from unrolled.data.village.telling import HEROES, named
from unrolled.signatures import checked

LABELS = ("entailment", "neutral", "contradiction")
ENTAILMENT, NEUTRAL, CONTRADICTION = range(3)
#: What zero-shot classification says of a text.
TOPIC = "This text is about the {}."
#: Of each pair one word, said of the same thing, denies the other.
OPPOSITES = (
    "clean dirty, bright dark, peaceful noisy, sturdy flimsy, cheap expensive, comfortable uncomfortable, "
    "light heavy, interesting boring, kind rude, diligent lazy, delicious bland, happy sad"
)


class Statement(NamedTuple):
    """A text, a statement, and how they stand to each other: 0 entailment, 1 neutral, 2 contradiction."""

    premise: str
    hypothesis: str
    label: int


def held_out(noun: str) -> bool:
    """Whether this noun is never a topic in training: about a fifth of them.

    >>> held_out("market"), held_out("flute")
    (False, True)
    """
    return stable_hash(f"topic {noun}") % 4 == 0


def statements(n: int, *, split: str = "train", seed: int = 0) -> list[Statement]:
    """n texts, each with a statement about it; the three labels are about equally frequent.

    >>> sorted({LABELS[statement.label] for statement in statements(30)})
    ['contradiction', 'entailment', 'neutral']
    """
    if n < 0:
        raise ValueError(f"n is {n}; expected 0 or more")
    rng = Random(f"statements {split} {seed}")
    drawn = _statements(rng, split)
    return [next(drawn) for _ in range(n)]


def _statements(rng: Random, split: str) -> Iterator[Statement]:
    facts, reviews = fact_meanings(rng, split), review_meanings(rng, split)
    while True:
        sentences = next(facts)[0] if rng.random() < 0.5 else next(reviews)[0]
        premise = " ".join(english(sentence) + "." for sentence in sentences)
        for _ in range(2):
            label = rng.randrange(3)
            maker = _topic if label != NEUTRAL and rng.random() < 0.4 else _clause
            hypothesis = maker(rng, sentences, label, split)
            if hypothesis is not None:
                yield Statement(premise, hypothesis, label)


def _topic(rng: Random, sentences: Sequence[Sentence], label: int, split: str) -> str | None:
    """A topic that the text has, or has not."""
    there = {noun for sentence in sentences for noun in nouns_of(sentence)}
    chosen = there if label == ENTAILMENT else set(TOPICS) - there
    fitting = sorted(
        noun.english
        for noun in chosen
        if noun in TOPICS and (split != "train" or not held_out(noun.english))
    )
    return TOPIC.format(rng.choice(fitting)) if fitting else None


def _clause(rng: Random, sentences: Sequence[Sentence], label: int, split: str) -> str | None:
    """A clause of the text with less in it; denied, or with something exchanged, as the label demands."""
    sentence = rng.choice(sentences)
    clause = sentence.main
    if sentence.other is not None and rng.random() < 0.5:
        clause = sentence.other
    if clause.subject is None or clause.mood:
        return None
    shorter, opposite = _shorter(rng, clause), _opposite(clause)
    if label == CONTRADICTION:
        if opposite is not None and rng.random() < 0.5:
            shorter = shorter._replace(verb=opposite, degree=None)
        else:
            shorter = shorter._replace(negative=not clause.negative)
    elif label == ENTAILMENT:
        if opposite is not None and rng.random() < 0.5:  # what is clean is not dirty
            shorter = shorter._replace(verb=opposite, degree=None, negative=True)
    else:
        shorter = _exchanged(rng, shorter, sentences)
        if shorter is None:
            return None
        if rng.random() < 0.4:  # so that "not" alone does not give the label away
            shorter = shorter._replace(negative=not shorter.negative)
    return english(Sentence(shorter)) + "."


def _shorter(rng: Random, clause: Clause) -> Clause:
    """The clause without some of what is not needed: time, place, manner, degree, company."""
    gone = {
        part: None
        for part in ("time", "place", "manner", "degree", "companion")
        if getattr(clause, part) is not None and rng.random() < 0.6
    }
    return clause._replace(**gone, fronted=False)


def _opposite(clause: Clause) -> Adjective | None:
    if not isinstance(clause.verb, Adjective) or clause.negative:
        return None
    other = OPPOSITE.get(clause.verb.english)
    return None if other is None else adjective(other)


def _exchanged(rng: Random, clause: Clause, sentences: Sequence[Sentence]) -> Clause | None:
    """The clause with another person or another thing: the text does not say whether it is true."""
    there = {noun for sentence in sentences for noun in nouns_of(sentence)}
    ways = []
    if clause.subject.noun in HEROES:
        ways.append(("subject", HEROES))
    if (
        clause.object is not None
        and clause.object.noun in TOPICS
        and not isinstance(clause.verb, Adjective)
    ):
        ways.append(("object", selected(clause.verb.object)))
    if isinstance(clause.verb, Adjective) and clause.subject.noun in TOPICS:
        ways.append(("subject", [noun for noun in TOPICS if clause.verb.describes(noun)]))
    if not ways:
        return None
    part, nouns = rng.choice(ways)
    # Half of the time a person of the same text, if there is one: then words alone do not tell.
    others = [noun for noun in nouns if noun not in there]
    around = [s.main.subject.noun for s in sentences if s.main.subject is not None]
    around = [noun for noun in around if noun in HEROES and noun != clause.subject.noun]
    if nouns is HEROES and around and rng.random() < 0.5:
        others = around
    if not others:
        return None
    old = getattr(clause, part)
    new = rng.choice(others)
    return clause._replace(
        **{part: named(new) if nouns is HEROES else old._replace(noun=new, relative=None)}
    )


def nouns_of(sentence: Sentence) -> Iterator[Noun]:
    """All things and places that a sentence names."""
    for clause in (sentence.main, sentence.other):
        if clause is None:
            continue
        for thing in (clause.subject, clause.object, clause.goal, clause.companion, clause.than):
            yield from _nouns_of_thing(thing)
        for noun in (clause.place, clause.tool):
            if noun is not None:
                yield noun


def _nouns_of_thing(thing: Thing | None) -> Iterator[Noun]:
    if thing is not None:
        yield thing.noun
        if thing.relative is not None:
            yield from nouns_of(Sentence(thing.relative))


OPPOSITE = {
    word: other
    for pair in OPPOSITES.split(", ")
    for word, other in (pair.split(), pair.split()[::-1])
}
#: What a text may be about: things, places and animals, no people.
TOPICS = tuple(
    dict.fromkeys(noun for noun in NOUNS if noun.kinds.isdisjoint({"person", "weather", "home"}))
)


checked(globals())
