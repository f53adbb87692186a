"""`merge_pair`: The word with `new` in the place of each `pair`, found from left to right without overlap."""

from itertools import pairwise

from autograder import probes
from autograder.exercise import Exercise, Misconception
from unrolled.bpe import merge_pair


def merge_pair_inputs(rng):
    """Words of tokens drawn: pairs apart, side by side, at both ends, turned round, in runs of two to five; the numbers
    of one as parts of longer ones; no token, a single one; a new number that is part of the pair.
    """
    a, b, c = rng.permutation(300)[:3].tolist()
    new = int(rng.integers(300, 999))

    def case(*word, pair=(a, b)):
        return {"word": list(word), "pair": pair, "new": new}

    runs = case(c, *[a] * 2, b, *[a] * 3, c, *[a] * 4, b, *[a] * 5, pair=(a, a))
    p, q = (rng.permutation(8)[:2] + 1).tolist()
    digits = case(10 + p, q, p, q, p, 10 * q + 9, q, p, q, pair=(p, q))
    return {
        "pairs": [
            case(a, b, c, a, b, b, a, c, a, a, b, c, b),
            case(c, a, b),
            case(a, c, b, a),
            digits,
            case(a),
            case(),
        ],
        "runs": [case(a, b, a, b, c, b, a, b, a, b, a), runs, case(c, a, b, b, c) | {"new": a}],
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


def merge_pair_looking_back(word, pair, new):
    merged = []
    for i, token in enumerate(word):
        if i > 0 and (word[i - 1], token) == tuple(pair):
            merged[-1] = new
        else:
            merged.append(token)
    return merged


def merge_pair_from_the_right(word, pair, new):
    return merge_pair(word[::-1], tuple(pair[::-1]), new)[::-1]


def merge_pair_in_place(word, pair, new):
    word[:] = merge_pair(word, pair, new)
    return word


def merge_pair_as_text(word, pair, new):
    text = " ".join(map(str, word)).replace(" ".join(map(str, pair)), str(new))
    return [int(token) for token in text.split()]


def merge_pair_again(word, pair, new):
    word, i = list(word), 0
    while i < len(word) - 1:
        if (word[i], word[i + 1]) == pair:
            word[i : i + 2] = [new]
            i = 0
        else:
            i += 1
    return word


def merge_pair_by_value(word, pair, new):
    word = list(word)
    for i in range(len(word) - 1):
        if tuple(word[i : i + 2]) == pair:
            word[i] = new
            word.remove(pair[1])
    return word


def merge_pair_popping(word, pair, new):
    word = list(word)
    for i in range(len(word) - 1):
        if (word[i], word[i + 1]) == pair:
            word[i] = new
            word.pop(i + 1)
    return word


MERGE_PAIR = Exercise(
    solves="unrolled.bpe.merge_pair",
    groups={"pairs": 1, "runs": 1},
    inputs=merge_pair_inputs,
    probe=probes.made_new,
    accepts=(merge_pair_by_stack, merge_pair_by_text, merge_pair_by_index),
    misconceptions=(
        Misconception(
            id="second-token-kept",
            name="the second token of the pair stays after the new one",
            hint="The new token stands for two old ones. By how many places must you go on?",
            edits={"i += 2": "i += 1"},
        ),
        Misconception(
            id="overlapping",
            name="in a run such as aaa the token in the middle is used for two merges",
            hint="A token that has been merged is gone. Can it begin the next pair?",
            answer=merge_pair_with_overlap,
            also=(merge_pair_looking_back,),
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
        Misconception(
            id="turned-round",
            name="only the pair turned round is merged",
            hint="Which of the two tokens of `pair` must stand on the left?",
            edits={"tuple(word[i : i + 2]) == pair": "tuple(word[i : i + 2]) == pair[::-1]"},
        ),
        Misconception(
            id="list-against-tuple",
            name="nothing is ever merged, because a list is compared with a tuple",
            hint="A slice of a list is a list, and `pair` is a tuple. Is [5, 6] == (5, 6)?",
            edits={"tuple(word[i : i + 2]) == pair": "word[i : i + 2] == pair"},
        ),
        Misconception(
            id="one-is-enough",
            name="two tokens are merged if one of them fits",
            hint="Must both tokens fit, or one? Is it `and` or `or`?",
            edits={
                "tuple(word[i : i + 2]) == pair": "i + 1 < len(word) and (word[i] == pair[0] or word[i + 1] == pair[1])"
            },
        ),
        Misconception(
            id="behind-the-end",
            name="the last token is asked for its neighbour on the right, which it has not",
            hint="What is word[i + 1] where i is the last place? What does a slice give there instead of an error?",
            edits={"tuple(word[i : i + 2]) == pair": "(word[i], word[i + 1]) == pair"},
        ),
        Misconception(
            id="pair-at-the-end-missed",
            name="a pair at the end of the word is not merged",
            hint="A word of n tokens has its last pair at n − 2. How far does your condition let you look?",
            edits={"tuple(word[i : i + 2]) == pair": "i + 2 < len(word) and tuple(word[i : i + 2]) == pair"},
        ),
        Misconception(
            id="two-steps-always",
            name="it goes on by two places whether there was a pair or not",
            hint="By how many places must you go on where nothing was merged?",
            edits={"i += 1": "i += 2"},
        ),
        Misconception(
            id="written-twice",
            name="the new token stands in the place of each of the two",
            hint="Two tokens become one. How long is the word after a merge?",
            edits={"merged.append(new)": "merged += [new, new]"},
        ),
        Misconception(
            id="right-one-kept",
            name="the new token is written, and the right one of the pair after it",
            hint="The new token stands for both. Which tokens of the pair are left over?",
            edits={"merged.append(new)": "merged += [new, word[i + 1]]"},
        ),
        Misconception(
            id="others-dropped",
            name="only the new tokens come out, and all others are lost",
            hint="What should become of a token that is not part of a pair?",
            edits={"merged.append(word[i])": "pass"},
        ),
        Misconception(
            id="always-256",
            name="the new token is 256, whatever `new` says",
            hint="Only the first merge makes the token 256. Which argument says what this one makes?",
            edits={"merged.append(new)": "merged.append(256)"},
        ),
        Misconception(
            id="pair-written",
            name="the pair itself is written in one place, instead of the new token",
            hint="What should stand where the pair was: a pair, or a number?",
            edits={"merged.append(new)": "merged.append(pair)"},
        ),
        Misconception(
            id="one-step-only",
            name="it ends after the first token or pair",
            hint="On which level of indentation does your `return` stand?",
            edits={"    return merged": "        return merged"},
        ),
        Misconception(
            id="nothing-returned",
            name="the merged word is made, but not returned",
            hint="What does a function give back that ends without `return`?",
            edits={"    return merged": "    del merged"},
        ),
        Misconception(
            id="as-text",
            name="the numbers are searched as text, and “5 6” is found in “15 6”",
            hint="In a text of numbers a 5 may be the end of a 15. Where does a number begin in it?",
            answer=merge_pair_as_text,
        ),
        Misconception(
            id="as-bytes",
            name="the tokens are taken for bytes, which end at 255",
            hint="A merged token has a number from 256 on. Does it fit into a byte?",
            edits={"merged, i = [], 0": "merged, i = [], 0\n    bytes(word), bytes(pair), bytes([new])"},
        ),
        Misconception(
            id="merged-again",
            name="a token that was just made is merged again",
            hint="Pairs are looked for in the word as it came. From which place do you go on after a merge?",
            answer=merge_pair_again,
        ),
        Misconception(
            id="removed-by-value",
            name="the right token is removed by its value, and so another one that stands further left",
            hint="`remove` takes the first that is equal. Is that the one you mean?",
            answer=merge_pair_by_value,
        ),
        Misconception(
            id="shorter-meanwhile",
            name="the word gets shorter while the loop runs on to its old length",
            hint="`range` asks for the length once, before the loop. How long is the word after a merge?",
            answer=merge_pair_popping,
        ),
        Misconception(
            id="tokens-removed",
            name="the two tokens are removed wherever they stand, pair or not",
            hint="A token of the pair may stand alone. Which two must stand side by side before one is taken away?",
            edits={"merged.append(word[i])": "merged += [word[i]] if word[i] not in pair else []"},
        ),
    ),
)
