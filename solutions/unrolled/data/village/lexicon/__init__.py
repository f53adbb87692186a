"""The words of the village: what each is called in Korean and in English, and what may be said of it.

A noun has *kinds*; verbs and adjectives name the kinds they go with, so nothing absurd is ever said. Every
Korean word has one English word in its place and the other way round (a verb together with its object: hats are
쓰다, shoes 신다, in English both are put on), which is what lets `splits` recognise a sentence in either language.

Left out: how words change (`korean`, `english`) and how they combine (`grammar`).
"""

from .adjectives import ADJECTIVES, CHARACTER, CLIMATE, FEELINGS, HUNGER, QUALITIES, adjective
from .adverbs import ADVERBS, AFFECTION_DEGREES, DEGREES, MANNERS, TIMES
from .nouns import (
    ANIMALS,
    FODDER,
    FOODS,
    FRIENDS,
    ME,
    NAMES,
    NOUNS,
    PEOPLE,
    PLACES,
    PLANTS,
    SHOES,
    SPEAKERS,
    THINGS,
    WE,
    WEATHER,
    WELL,
    YOU,
    selected,
)
from .verbs import (
    AFFECTION,
    GIVING,
    INTRANSITIVE,
    MOTION,
    SITTING,
    SKY,
    THERE,
    TRANSITIVE,
    VERBS,
    verb,
)
from .words import Adjective, Adverb, Noun, Verb

__all__ = [
    "ADJECTIVES",
    "ADVERBS",
    "AFFECTION",
    "AFFECTION_DEGREES",
    "ANIMALS",
    "CHARACTER",
    "CLIMATE",
    "DEGREES",
    "FEELINGS",
    "FODDER",
    "FOODS",
    "FRIENDS",
    "GIVING",
    "HUNGER",
    "INTRANSITIVE",
    "MANNERS",
    "ME",
    "MOTION",
    "NAMES",
    "NOUNS",
    "PEOPLE",
    "PLACES",
    "PLANTS",
    "QUALITIES",
    "SHOES",
    "SITTING",
    "SKY",
    "SPEAKERS",
    "THERE",
    "THINGS",
    "TIMES",
    "TRANSITIVE",
    "VERBS",
    "WE",
    "WEATHER",
    "WELL",
    "YOU",
    "Adjective",
    "Adverb",
    "Noun",
    "Verb",
    "adjective",
    "selected",
    "verb",
]
