"""To which split a sentence belongs: decided by what it means, once and for all.

A sentence's *concepts* (which words meet in it, see `meaning`) are hashed. Tense, article, number and word order
do not count, so a test sentence is not a training sentence in another tense, and since words correspond one to one,
no sentence of either language is in two splits — whatever the seed and however many are drawn.

Some pairs of verb and object, and of adjective and noun, are withheld from all that: a sentence with such a pair is
of the *compositional* split, every part of which is known from training, though never together.

Left out: drawing sentences, which is `grammar`'s.
"""

from collections.abc import Iterator
from functools import cache
from hashlib import blake2b

from .lexicon import Adjective
from .meaning import Clause, Sentence, Thing, concepts, spoken

SPLITS = ("train", "validation", "test", "compositional")
SHARE = {"validation": 8, "test": 8}  # in a hundred
WITHHELD = 24  # one pair in so many

LOVE_CONCEPTS = ["I", "love", "so much", "you"]  # sorted


def stable_hash(key: str) -> int:
    """A 32-bit hash that is the same on every machine, in every process.

    >>> stable_hash("village")
    3406188093
    """
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big")


@cache
def withheld(first: str, second: str) -> bool:
    """Whether this pair of words (verb and object, adjective and noun) never meets in training."""
    return stable_hash(f"{first}+{second}") % WITHHELD == 0


def _pairs_of_thing(thing: Thing | None) -> Iterator[tuple[str, str]]:
    if thing is None or thing.determiner == "pronoun":
        return
    if thing.adjective is not None:
        yield thing.adjective.english, thing.noun.english
    if thing.relative is not None:
        if (
            thing.relative.subject is not None
        ):  # "the chair that Minsu made": the chair is the object
            yield thing.relative.verb.english, thing.noun.english
        yield from _pairs_of_clause(thing.relative)


def _pairs_of_clause(clause: Clause) -> Iterator[tuple[str, str]]:
    if clause.object is not None:
        yield clause.verb.english, clause.object.noun.english
    if (
        isinstance(clause.verb, Adjective)
        and clause.subject is not None
        and clause.subject.determiner != "pronoun"
    ):
        yield clause.verb.english, clause.subject.noun.english
    for thing in (clause.subject, clause.object, clause.goal, clause.companion, clause.than):
        yield from _pairs_of_thing(thing)


def pairs_of(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """Each verb with its object and each adjective with its noun, as far as both are said."""
    sentence = spoken(sentence)
    yield from _pairs_of_clause(sentence.main)
    if sentence.other is not None:
        yield from _pairs_of_clause(sentence.other)


def split_of(sentence: Sentence) -> str:
    """The split of a sentence.

    >>> from .grammar import LOVE_MEANING
    >>> split_of(LOVE_MEANING)
    'train'
    """
    return "compositional" if _has_withheld(sentence) else _split_by_concepts(sentence)


def is_in(split: str, sentence: Sentence) -> bool:
    """Whether the sentence is of this split; where most are not, faster than `split_of`.

    >>> from .grammar import LOVE_MEANING
    >>> [is_in(split, LOVE_MEANING) for split in SPLITS]
    [True, False, False, False]
    """
    if split == "compositional":
        return _has_withheld(sentence)
    return _split_by_concepts(sentence) == split and not _has_withheld(sentence)


def _has_withheld(sentence: Sentence) -> bool:
    return any(withheld(*pair) for pair in pairs_of(sentence))


def _split_by_concepts(sentence: Sentence) -> str:
    found = sorted(concepts(sentence))
    if found == LOVE_CONCEPTS:
        return "train"
    draw = stable_hash(" ".join(found)) % 100
    for split, share in SHARE.items():
        if draw < share:
            return split
        draw -= share
    return "train"
