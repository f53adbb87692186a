"""`kv_cache_bytes`: The bytes of the keys and values of all words so far, in all layers."""

import math

from autograder.exercise import Exercise, Misconception


def kv_cache_inputs(rng):
    """Sizes without common factors, in 16 bits and in others; one word; a model of which nobody could keep the cache."""

    def case(**sizes):
        layers, kv_heads, head_size, tokens = (int(n) for n in rng.integers([5, 3, 33, 100], [31, 17, 97, 999]))
        drawn = {"layers": layers, "kv_heads": kv_heads, "head_size": head_size, "tokens": tokens}
        return drawn | sizes

    return {
        "in 16 bits": [case(), case(tokens=1), case(tokens=int(rng.integers(10**9, 10**10)))],
        "in other precisions": [case(bytes_per_number=4), case(bytes_per_number=1), case(bytes_per_number=8, kv_heads=1)],
    }


def kv_cache_by_layers(*, layers, kv_heads, head_size, tokens, bytes_per_number=2):
    total = 0
    for _ in range(layers):
        for _ in ("keys", "values"):
            total += kv_heads * tokens * head_size * bytes_per_number
    return total


def kv_cache_of_a_shape(*, layers, kv_heads, head_size, tokens, bytes_per_number=2):
    return math.prod((layers, 2, kv_heads, tokens, head_size)) * bytes_per_number


def kv_cache_of_a_word(*, layers, kv_heads, head_size, tokens, bytes_per_number=2):
    of_a_word = layers * (kv_heads * head_size + kv_heads * head_size)
    return tokens * of_a_word * bytes_per_number


PRODUCT = "2 * layers * kv_heads * head_size * tokens * bytes_per_number"

KV_CACHE_BYTES = Exercise(
    solves="unrolled.costs.kv_cache_bytes",
    groups={"in 16 bits": 1, "in other precisions": 1},
    inputs=kv_cache_inputs,
    accepts=(kv_cache_by_layers, kv_cache_of_a_shape, kv_cache_of_a_word),
    misconceptions=(
        Misconception(
            id="without-values",
            name="the keys are counted and the values are not",
            hint="What does chapter 8's attention return beside its output?",
            edits={PRODUCT: "layers * kv_heads * head_size * tokens * bytes_per_number"},
        ),
        Misconception(
            id="queries-too",
            name="the queries are counted as well",
            hint="Does a word that was read earlier need its query again?",
            edits={PRODUCT: "3 * layers * kv_heads * head_size * tokens * bytes_per_number"},
        ),
        Misconception(
            id="one-layer",
            name="one layer is counted",
            hint="Every layer has keys of its own. Where does your answer use `layers`?",
            edits={PRODUCT: "2 * kv_heads * head_size * tokens * bytes_per_number"},
        ),
        Misconception(
            id="one-word",
            name="one word is counted, however many there are",
            hint="The cache grows with each word. Where does your answer use `tokens`?",
            edits={PRODUCT: "2 * layers * kv_heads * head_size * bytes_per_number"},
        ),
        Misconception(
            id="one-head",
            name="one head is counted",
            hint="How long is the key of one word, in all heads together?",
            edits={PRODUCT: "2 * layers * head_size * tokens * bytes_per_number"},
        ),
        Misconception(
            id="head-size-forgotten",
            name="each head is counted as one number",
            hint="How long is the key of one word, in all heads together?",
            edits={PRODUCT: "2 * layers * kv_heads * tokens * bytes_per_number"},
        ),
        Misconception(
            id="numbers-for-bytes",
            name="numbers are counted instead of bytes",
            hint="How many bytes does a number take in 16 bits?",
            edits={PRODUCT: "2 * layers * kv_heads * head_size * tokens"},
        ),
        Misconception(
            id="always-16-bits",
            name="a number takes two bytes, whatever `bytes_per_number` says",
            hint="In 8 bits a number takes one byte. Where does your answer use `bytes_per_number`?",
            edits={PRODUCT: "2 * layers * kv_heads * head_size * tokens * 2"},
        ),
        Misconception(
            id="bits",
            name="bits are counted instead of bytes",
            hint="Eight of what you count make one of what is asked for. Which is it?",
            edits={PRODUCT: f"8 * {PRODUCT}"},
        ),
        Misconception(
            id="scores",
            name="the scores of all pairs of words are counted",
            hint="Are the scores of earlier words needed for the next one? What is kept, and for how many words?",
            edits={PRODUCT: "layers * kv_heads * tokens**2 * bytes_per_number"},
        ),
        Misconception(
            id="gibibytes",
            name="the result is in GiB",
            hint="1 GiB is 1024³ bytes. Which unit does the name of the function promise?",
            edits={PRODUCT: f"{PRODUCT} / 1024**3"},
        ),
        Misconception(
            id="square-of-the-features",
            name="the weights that make keys and values are counted",
            hint="Weights do not grow with the text. What is kept of each word?",
            edits={PRODUCT: "2 * layers * (kv_heads * head_size) ** 2 * bytes_per_number"},
        ),
        Misconception(
            id="without-the-last",
            name="one word too few is counted",
            hint="With a single word in the text, is the cache empty after reading it?",
            edits={PRODUCT: "2 * layers * kv_heads * head_size * (tokens - 1) * bytes_per_number"},
        ),
    ),
)
