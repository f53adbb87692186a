"""Sentences in any number: drawn from the grammar by a seed, kept if they are of the split, said in both languages."""

from collections.abc import Iterator
from itertools import chain
from random import Random
from typing import NamedTuple, TypeVar

from .facts import fact_meanings
from .grammar import LOVE_MEANING, draw
from .meaning import Sentence
from .plots import story_meanings
from .render_english import english
from .render_korean import korean
from .reviews import review_meanings
from .splits import SPLITS, is_in
from .vocabulary import tokens

T = TypeVar("T")

LANGUAGES = ("english", "korean")


class Pair(NamedTuple):
    """A sentence in both languages."""

    korean: str
    english: str


LOVE = Pair(korean(LOVE_MEANING), english(LOVE_MEANING))
MOST_MISSES = 100_000  # draws in a row that do not fit, after which there is taken to be nothing
PATIENCE = 3000  # draws in a row that give nothing new, after which sentences may repeat


def check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Raise if an argument is none of its choices."""
    if value not in choices:
        raise ValueError(f"{name} is {value!r}, expected one of {', '.join(map(repr, choices))}")


def check_count(name: str, value: object) -> None:
    """Raise if an argument is no number of things."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} is {value!r}, expected a whole number, 0 or more")


def generator(seed: int, purpose: str) -> Random:
    """A source of randomness of one's own, the same everywhere for the same seed."""
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise ValueError(f"seed is {seed!r}, expected a whole number")
    return Random(f"{purpose} {seed}")


def check_length(length: object) -> None:
    """Raise if the length is no range of words that sentences have."""
    if length is None:
        return
    good = (
        isinstance(length, tuple) and len(length) == 2 and all(isinstance(n, int) for n in length)
    )
    if not good or not length[1] >= SHORTEST or not length[0] <= min(length[1], LONGEST):
        raise ValueError(
            f"length is {length!r}, expected (min_words, max_words) within {SHORTEST} to {LONGEST}"
        )


SHORTEST, LONGEST = 2, 25


def _meanings(
    rng: Random, split: str, length: tuple[int, int] | None
) -> Iterator[tuple[Sentence, str]]:
    """Meanings of a split without end, each with its English."""
    low, high = (
        (0.0, 1.0)
        if length is None
        else (min(0.95, max(0.0, (length[0] - 5) / 14)), min(1.0, max(0.05, (length[1] - 2) / 14)))
    )
    misses = 0
    while misses < MOST_MISSES:
        misses += 1
        meaning = draw(rng, low + (high - low) * rng.random())
        if is_in(split, meaning):
            said = english(meaning)
            if length is None or length[0] <= len(tokens(said)) <= length[1]:
                misses = 0
                yield meaning, said
    raise ValueError(
        f"length is {length}, but in the split {split!r} no sentence of that length turned up "
        f"in {MOST_MISSES:,} draws; expected a wider range"
    )


def _distinct(n: int, drawn: Iterator[T]) -> list[T]:
    """The first n that differ, a pair in both languages; where there seem to be no more, some twice."""
    found: list[T] = []
    seen: set[object] = set()
    missed = 0
    while len(found) < n:
        one = next(drawn)
        parts = one if isinstance(one, Pair) else (one,)
        if seen.isdisjoint(parts) or missed >= PATIENCE:
            found.append(one)
            seen.update(parts)
            missed = 0 if missed < PATIENCE else missed
        else:
            missed += 1
    return found


def pairs(
    n: int, *, split: str = "train", seed: int = 0, length: tuple[int, int] | None = None
) -> list[Pair]:
    """n parallel sentences, all different as far as there are that many.

    `length` is (fewest, most) English tokens. The training split begins with `LOVE`, if it is of that length.

    >>> pairs(1)
    [Pair(korean='나는 너를 매우 사랑해', english='I love you so much')]
    """
    check_count("n", n)
    check_choice("split", split, SPLITS)
    check_length(length)
    drawn = _drawn_pairs(generator(seed, f"pairs {split}"), split, length)
    if split == "train" and (length is None or length[0] <= 5 <= length[1]):
        drawn = chain([LOVE], drawn)
    return _distinct(n, drawn)


def _drawn_pairs(rng: Random, split: str, length: tuple[int, int] | None) -> Iterator[Pair]:
    return (Pair(korean(meaning), said) for meaning, said in _meanings(rng, split, length))


def sentences(
    n: int,
    *,
    language: str = "english",
    split: str = "train",
    seed: int = 0,
    length: tuple[int, int] | None = None,
) -> list[str]:
    """n sentences of one language: those of `pairs`.

    >>> sentences(1, language="korean")
    ['나는 너를 매우 사랑해']
    """
    check_choice("language", language, LANGUAGES)
    return [getattr(pair, language) for pair in pairs(n, split=split, seed=seed, length=length)]


class Review(NamedTuple):
    """What someone thought of something: sentiment 1 is praise, 0 a complaint; intensity from 1 (mild) to 3."""

    text: str
    sentiment: int
    intensity: int


class Fact(NamedTuple):
    """A short text, a question about it, and the answer."""

    text: str
    question: str
    answer: str


def _text(meanings: list[Sentence], language: str, level: str) -> str:
    """Several sentences, with their full stops."""
    said = (
        korean(meaning, level) if language == "korean" else english(meaning) for meaning in meanings
    )
    return " ".join(sentence + "." for sentence in said)


def _rng(n: int, language: str, split: str, seed: int, purpose: str) -> Random:
    check_count("n", n)
    check_choice("language", language, LANGUAGES)
    check_choice("split", split, SPLITS[:3])
    return generator(seed, f"{purpose} {split}")


def summary_pairs(
    n: int, *, language: str = "english", split: str = "train", seed: int = 0
) -> list[tuple[str, str]]:
    """n stories, each with one sentence that sums it up.

    >>> [(story, summary)] = summary_pairs(1)
    >>> len(tokens(story)) > len(tokens(summary))
    True
    """
    rng = _rng(n, language, split, seed, "stories")
    drawn = story_meanings(rng, split)
    return _distinct(
        n,
        (
            (_text(told, language, "plain"), _text([summed], language, "plain"))
            for told, summed in drawn
        ),
    )


def stories(n: int, *, language: str = "english", split: str = "train", seed: int = 0) -> list[str]:
    """n stories of about six sentences.

    >>> stories(1)[0].count(".") > 3
    True
    """
    rng = _rng(n, language, split, seed, "stories")
    return _distinct(n, (_text(told, language, "plain") for told, _ in story_meanings(rng, split)))


def reviews(
    n: int, *, language: str = "english", split: str = "train", seed: int = 0
) -> list[Review]:
    """n reviews with sentiment (0 or 1) and intensity (1 to 3).

    >>> sorted({review.sentiment for review in reviews(20)})
    [0, 1]
    """
    rng = _rng(n, language, split, seed, "reviews")
    drawn = review_meanings(rng, split)
    return _distinct(
        n,
        (
            Review(_text(told, language, "polite"), sentiment, intensity)
            for told, sentiment, intensity in drawn
        ),
    )


def facts(n: int, *, language: str = "english", split: str = "train", seed: int = 0) -> list[Fact]:
    """n short texts, each with a question and its answer.

    >>> facts(1)[0].question.endswith("?")
    True
    """
    rng = _rng(n, language, split, seed, "facts")

    def said(told: list[Sentence], question: Sentence, in_korean: str, in_english: str) -> Fact:
        asked, answer = (
            (korean(question, "polite"), in_korean)
            if language == "korean"
            else (english(question), in_english)
        )
        return Fact(_text(told, language, "polite"), asked, answer)

    return _distinct(n, (said(*meaning) for meaning in fact_meanings(rng, split)))


def text(
    n_characters: int, *, language: str = "english", split: str = "train", seed: int = 0
) -> str:
    """Running text, exactly so many characters of it: story after story, a line each.

    >>> len(text(1000))
    1000
    """
    check_count("n_characters", n_characters)
    drawn = story_meanings(_rng(n_characters, language, split, seed, "text"), split)
    told, size = [], 0
    while size <= n_characters:
        told.append(_text(next(drawn)[0], language, "plain"))
        size += len(told[-1]) + 1
    return "\n".join(told)[:n_characters]
