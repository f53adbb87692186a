"""What several exercises of this chapter share."""

from unrolled.bpe import train_bpe

ENDS = ["<|end|>", "<|end|>!", "(끝)"]  # the first is where the second begins; | and ( mean something in a pattern


def shuffled(rng, *words):
    """The words in an order drawn."""
    return [words[i] for i in rng.permutation(len(words))]


def drawn(rng, letters, length):
    """A word of letters drawn."""
    return "".join(letters[i] for i in rng.integers(0, len(letters), length))


def merges_for(rng, *extra):
    """Merges learnt from words drawn, from Hangul, and from a long run of spaces."""
    words = [drawn(rng, "abcd", length) for length in rng.integers(3, 9, 17)]
    return train_bpe(" ".join([*words, *words[:5], "aaaa", *["사랑해 사람"] * 2, *extra, " " * 31]), 256 + 37)
