"""How fast the village speaks: sentences, stories, reviews and facts a second of processor time.

Run as `python tests/benchmarks/village.py`.
"""

import time
from collections.abc import Callable, Sized

from unrolled.data import village


def rate(what: str, make: Callable[[], Sized]) -> None:
    """Print how many a second."""
    start = time.process_time()
    n = len(make())
    print(f"{what:32} {n / (time.process_time() - start):10,.0f} a second")


def main() -> None:
    """Time everything that the corpus offers, and size up what it gives."""
    rate("pairs, train", lambda: village.pairs(20_000))
    rate("pairs, 15 to 20 words", lambda: village.pairs(5_000, length=(15, 20)))
    for split in ("validation", "test", "compositional"):
        rate(f"pairs, {split}", lambda split=split: village.pairs(1_000, split=split))
    for split in ("train", "test"):
        rate(f"stories, {split}", lambda split=split: village.stories(50, split=split))
        rate(f"reviews, {split}", lambda split=split: village.reviews(200, split=split))
        rate(f"facts, {split}", lambda split=split: village.facts(200, split=split))
    rate("characters of text", lambda: village.text(200_000))
    found = village.pairs(20_000, seed=1)
    for language in ("korean", "english"):
        sentences = [village.tokens(getattr(pair, language)) for pair in found]
        print(f"20,000 training pairs: {len(village.Vocabulary(sentences)):,} words of {language}", end=", ")
        print(f"{sum(map(len, sentences)) / len(sentences):.1f} a sentence")


if __name__ == "__main__":
    main()
