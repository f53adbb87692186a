"""Small facts with a question and its answer: who did what, where, when and why.

A text tells what two or three villagers did; the question asks for one thing that stands in it. In the polite
level (-요). The answer is words of the text: "the baker", "시장에서".

Left out: questions that need more than one sentence, or that have no answer.
"""

from collections.abc import Iterator
from random import Random

from . import lexicon as words
from .grammar import DONE_BY_PEOPLE, PLACES, TIMES, UNASKED, action, because, pick
from .korean import attach
from .lexicon import Noun
from .meaning import Sentence
from .render_english import clause as english_clause
from .render_english import noun_phrase as english_phrase
from .render_english import place_phrase, pronominal
from .render_korean import clause as korean_clause
from .render_korean import noun_phrase as korean_phrase
from .splits import is_in
from .telling import HEROES, named, plainly, sentence_in

TELLABLE = tuple(
    v
    for v in DONE_BY_PEOPLE
    if v.object and v.english not in ("put on", "put", "pour", "load") and v.particle == "을/를"
)


def _event(rng: Random, who: Noun, with_place: bool = False) -> Sentence:
    """What someone did, in full: where and when."""
    verb = pick(rng, tuple(v for v in TELLABLE if PLACES[v]) if with_place else TELLABLE)
    clause = plainly(action(rng, verb, 0.45, named(who), "past", bare=True))
    clause = clause._replace(time=pick(rng, TIMES["past"]), manner=None, tool=None)
    if with_place and clause.place is None:
        clause = clause._replace(place=pick(rng, PLACES[verb]))
    return Sentence(clause)


def _reason(rng: Random, who: Noun) -> Sentence:
    """What someone did, and why."""
    while True:
        sentence = because(rng, 0.4, named(who))
        if isinstance(sentence.main.verb, words.Verb):
            return sentence._replace(main=plainly(sentence.main), other=plainly(sentence.other))


def ask(rng: Random, fact: Sentence) -> tuple[Sentence, str, str]:
    """A question about a fact, and the answer in Korean and in English."""
    clause = fact.main
    if fact.other is not None:
        cause = fact.other._replace(time=None)  # why, not when
        reason = english_clause(cause, pronominal(cause, clause.subject))
        same = cause.subject == clause.subject
        return (
            Sentence(clause._replace(time=None), focus="why"),
            korean_clause(cause, "because", "이/가", omit_subject=same) + "요",
            f"because {reason}",
        )
    ways = ["who", "when"]
    if (
        clause.object is not None
        and not clause.object.noun.animate
        and "place" not in clause.object.noun.kinds
        and clause.verb.english not in UNASKED
    ):
        ways.append("what")
    if clause.place is not None:
        ways.append("where")
    focus = pick(rng, ways)
    if focus == "who":
        return (
            Sentence(clause, focus=focus),
            korean_phrase(clause.subject, "이/가"),
            english_phrase(clause.subject),
        )
    if focus == "when":
        return Sentence(clause, focus=focus), clause.time.korean, clause.time.english
    if focus == "where":
        return (
            Sentence(clause, focus=focus),
            attach(clause.place.korean, clause.verb.place_particle),
            place_phrase(clause.place),
        )
    return (
        Sentence(clause, focus=focus),
        korean_phrase(clause.object, clause.verb.particle),
        english_phrase(clause.object),
    )


def fact_meanings(rng: Random, split: str) -> Iterator[tuple[list[Sentence], Sentence, str, str]]:
    """Facts without end: the text's sentences, a question, its answer in Korean and in English."""
    while True:
        people = rng.sample(HEROES, pick(rng, (2, 3)))
        sentences = []
        for who in people:
            tell = pick(rng, (_event, _event, _reason))
            sentence = sentence_in(lambda tell=tell, who=who: tell(rng, who), split)
            if sentence is None:
                break
            sentences.append(sentence)
        if len(sentences) < len(people):
            continue
        for _ in range(20):
            question, in_korean, in_english = ask(rng, pick(rng, sentences))
            if is_in(split, question):
                yield sentences, question, in_korean, in_english
                break
