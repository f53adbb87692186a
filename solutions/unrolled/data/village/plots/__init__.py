"""Stories of a few sentences in which one thing leads to another, and what each comes down to.

A plot draws what it is about and is then a list of steps. Each step draws a sentence that tells it, again and again
until one belongs to the split: so not only no story but no sentence of a story is shared between splits. Told in the
plain level (-다), the way Korean prose is.

Left out: which cause has which effect (`grammar.causes`), and what any storyteller needs (`telling`).
"""

from collections.abc import Iterator
from random import Random

from ..grammar import pick
from ..meaning import Sentence
from ..telling import HEROES, TOWNSPEOPLE, Teller, introduced, sentence_in
from .kindness import gift, harvest, music, to_market
from .mishaps import bad_weather, broken, lost_and_found, runaway

PLOTS = (lost_and_found, to_market, bad_weather, broken, runaway, gift, music, harvest)


def story_meanings(rng: Random, split: str) -> Iterator[tuple[list[Sentence], Sentence]]:
    """Stories without end, each with the sentence that sums it up."""
    while True:
        hero = pick(rng, HEROES)
        other = pick(rng, [n for n in TOWNSPEOPLE if n is not hero])
        teller = Teller(rng, hero, other)
        steps, summary = pick(rng, PLOTS)(teller)
        sentences = []
        for step in [*steps, summary]:
            sentence = sentence_in(step, split)
            if sentence is None:
                break
            sentences.append(sentence)
            teller.led_by = sentence.lead
        else:
            yield introduced(sentences[:-1]), sentences[-1]
