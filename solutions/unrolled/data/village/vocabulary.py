"""Words to numbers and back: the simplest tokenisation, word by word.

Left out: subwords, which are the subject of chapter 11.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

SPECIALS = ("<pad>", "<bos>", "<eos>", "<unk>")


def tokens(text: str) -> list[str]:
    """The words and punctuation marks of a text in either language, English in small letters.

    >>> tokens("The farmer's dog slept.")
    ['the', 'farmer', "'s", 'dog', 'slept', '.']
    >>> tokens("나는 너를 매우 사랑해.")
    ['나는', '너를', '매우', '사랑해', '.']
    """
    return re.findall(r"'s\b|\w+|[^\w\s]", text.lower())


class Vocabulary:
    """The words of a corpus, numbered: the specials first, then by falling frequency (ties alphabetically).

    >>> vocabulary = Vocabulary([["the", "dog", "saw", "the", "cat"]])
    >>> vocabulary.encode(["the", "cat", "sang"])
    [4, 5, 3]
    >>> vocabulary.decode([4, 5, 3]), len(vocabulary)
    (['the', 'cat', '<unk>'], 8)
    """

    pad, bos, eos, unk = range(4)

    def __init__(self, sentences: Iterable[Sequence[str]], minimum_count: int = 1):
        counts = Counter(token for sentence in sentences for token in sentence)
        known = (
            token
            for token, count in counts.items()
            if count >= minimum_count and token not in SPECIALS
        )
        self.words = [*SPECIALS, *sorted(known, key=lambda token: (-counts[token], token))]
        self.ids = {word: i for i, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.ids

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """The number of each token, that of <unk> for one never seen."""
        return [self.ids.get(token, self.unk) for token in tokens]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """The word of each number."""
        return [self.words[int(i)] for i in ids]
