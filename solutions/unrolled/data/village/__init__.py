"""The village: a small grammar that tells of people, animals, things and places, in Korean and in English.

From a seed it yields, in any number, parallel sentences (`pairs`, `sentences`), stories in which one thing leads to
another (`stories`, with a one-sentence summary `summary_pairs`), reviews with sentiment (`reviews`), facts with a
question and its answer (`facts`), and running text (`text`). No sentence is in two of the splits "train",
"validation" and "test"; "compositional" (of pairs and sentences only) has verbs with objects and adjectives with
nouns that never meet in the others. `pairs` are bare sentences, without a full stop, in casual speech (-어); stories
are told in the plain level (-다), reviews and facts in the polite one (-요).

>>> from unrolled.data import village
>>> village.LOVE
Pair(korean='나는 너를 매우 사랑해', english='I love you so much')

(매우 is what the textbook says; people usually say 정말: 나는 너를 정말 사랑해.)

Inside, imports point one way: words (`lexicon`), what a sentence means (`meaning`) and to which split it belongs
(`splits`), which meanings make sense (`grammar`), how they are said (`english`, `korean`, `render_english`,
`render_korean`), several that belong together (`telling`, then `plots`, `reviews`, `facts`), and all of it on demand
(`corpus`).
"""

from .corpus import (
    LOVE,
    Fact,
    Pair,
    Review,
    facts,
    pairs,
    reviews,
    sentences,
    stories,
    summary_pairs,
    text,
)
from .vocabulary import Vocabulary, tokens

__all__ = [
    "LOVE",
    "Fact",
    "Pair",
    "Review",
    "Vocabulary",
    "facts",
    "pairs",
    "reviews",
    "sentences",
    "stories",
    "summary_pairs",
    "text",
    "tokens",
]
