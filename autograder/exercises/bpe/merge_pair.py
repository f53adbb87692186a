"""`merge_pair`: The word with `new` in the place of each `pair`, found from left to right without overlap."""

from itertools import pairwise

from autograder.exercise import Exercise, Misconception
from unrolled.bpe import merge_pair


def merge_pair_inputs(rng):
    """Words of tokens drawn: pairs apart, side by side, at both ends, turned round, in runs of two to five."""
    a, b, c = rng.permutation(300)[:3].tolist()
    new = int(rng.integers(300, 999))

    def case(*word, pair=(a, b)):
        return {"word": list(word), "pair": pair, "new": new}

    runs = case(c, *[a] * 2, b, *[a] * 3, c, *[a] * 4, b, *[a] * 5, pair=(a, a))
    return {
        "pairs": [case(a, b, c, a, b, b, a, c, a, a, b, c, b), case(c, a, b), case(a, c, b, a)],
        "runs": [case(a, b, a, b, c, b, a, b, a, b, a), runs],
    }


def merge_pair_by_stack(word, pair, new):
    merged, free = [], True  # free: the last token may still be part of a pair
    for token in word:
        if merged and free and (merged[-1], token) == pair:
            merged[-1] = new
            free = False
        else:
            merged.append(token)
            free = True
    return merged


def merge_pair_by_text(word, pair, new):
    text = "".join(map(chr, word)).replace("".join(map(chr, pair)), chr(new))
    return [ord(letter) for letter in text]


def merge_pair_by_index(word, pair, new):
    word, start = list(word), 0
    while pair[0] in word[start:]:
        i = word.index(pair[0], start)
        if i + 1 < len(word) and word[i + 1] == pair[1]:
            word[i : i + 2] = [new]
        start = i + 1
    return word


def merge_pair_with_overlap(word, pair, new):
    found = [p == tuple(pair) for p in pairwise(word)]
    merged = []
    for i, token in enumerate(word):
        if i < len(found) and found[i]:
            merged.append(new)
        elif i == 0 or not found[i - 1]:
            merged.append(token)
    return merged


def merge_pair_from_the_right(word, pair, new):
    return merge_pair(word[::-1], tuple(pair[::-1]), new)[::-1]


def merge_pair_in_place(word, pair, new):
    word[:] = merge_pair(word, pair, new)
    return word


MERGE_PAIR = Exercise(
    solves="unrolled.bpe.merge_pair",
    groups={"pairs": 1, "runs": 1},
    inputs=merge_pair_inputs,
    accepts=(merge_pair_by_stack, merge_pair_by_text, merge_pair_by_index),
    misconceptions=(
        Misconception(
            id="second-token-kept",
            name="the second token of the pair stays behind the new one",
            hint="The new token stands for two old ones. By how many places must you go on?",
            edits={"i += 2": "i += 1"},
        ),
        Misconception(
            id="overlapping",
            name="in a run such as aaa the token in the middle is used for two merges",
            hint="A token that has been merged is gone. Can it begin the next pair?",
            answer=merge_pair_with_overlap,
        ),
        Misconception(
            id="from-the-right",
            name="pairs are looked for from right to left",
            hint="aaa: is it the first or the last a that is left over? Everybody must choose the same.",
            answer=merge_pair_from_the_right,
        ),
        Misconception(
            id="first-only",
            name="only the first pair is merged",
            hint="What does your function do with the rest of the word, once it has found a pair?",
            edits={"i += 2": "return merged + list(word[i + 2 :])"},
        ),
        Misconception(
            id="order-ignored",
            name="the pair is merged the other way round as well",
            hint="Is (b, a) the pair (a, b)?",
            edits={"tuple(word[i : i + 2]) == pair": "tuple(word[i : i + 2]) in (pair, pair[::-1])"},
        ),
        Misconception(
            id="last-token-lost",
            name="the last token is lost if it is not part of a pair",
            hint="The last token has no neighbour on its right. Does your loop come to it?",
            edits={"while i < len(word)": "while i < len(word) - 1"},
        ),
        Misconception(
            id="left-is-enough",
            name="the first token of the pair is replaced, whatever follows it",
            hint="Which two tokens must be looked at before you merge?",
            edits={"tuple(word[i : i + 2]) == pair": "word[i] == pair[0] and i + 1 < len(word)"},
        ),
        Misconception(
            id="pair-dropped",
            name="the pair disappears, and nothing comes in its place",
            hint="What should stand where the pair was?",
            edits={"merged.append(new)\n            ": ""},
        ),
        Misconception(
            id="in-place",
            name="the word itself is changed",
            hint="The caller still needs the old word, to subtract its pairs. Which line writes into it?",
            answer=merge_pair_in_place,
        ),
    ),
)
