"""`encode`: The ids of a text: in each word of `pretokenize` the merges are made in the order in which they were
learnt.
"""

import unicodedata
from itertools import pairwise

from autograder.exercise import Exercise, Misconception
from autograder.exercises.bpe.shared import ENDS, drawn, merges_for
from unrolled.bpe import count_pairs, merge_pair, pretokenize


def encode_inputs(rng):
    """Long words of the same letters, so that the order of merges shows; Hangul, both forms; special tokens."""
    merges = merges_for(rng, "!<|", "end|>")

    def case(text, special_tokens=()):
        return {"text": text, "merges": merges, "special_tokens": list(special_tokens)}

    def words(n):
        return "  ".join(drawn(rng, "abcd", length) for length in rng.integers(7, 15, n))  # two spaces: two words

    short = next(bytes(pair).decode() for pair in merges if min(pair) > 32 and max(pair) < 128)  # a word of two bytes
    both = " ".join(unicodedata.normalize(form, "사랑해 사랑") for form in ("NFC", "NFD"))
    return {
        "words": [case(words(11)), case(f"{short} aaaaaaa {words(7)}")],
        "any text": [case(f"{both} 🇰🇷 é {drawn(rng, 'xyzé뷁', 5)}!")],
        "special tokens": [case(f"{words(2)}!<|end|>{words(1)}<|end|>!사랑(끝) end|>", ENDS)],
    }


def encode_by_replay(text, merges, special_tokens=()):
    """Right: all merges in the order in which they were learnt, one after the other."""
    ids = []
    for word in pretokenize(text, special_tokens):
        if word in special_tokens:
            ids.append(256 + len(merges) + special_tokens.index(word))
            continue
        tokens = list(word.encode("utf-8"))
        for i, pair in enumerate(merges):
            tokens = merge_pair(tokens, pair, 256 + i)
        ids.extend(tokens)
    return ids


def encode_by_rank_in_place(text, merges, special_tokens=()):
    """Right: in each word the earliest merge, at its first place, until there is none."""
    number = {tuple(pair): 256 + i for i, pair in enumerate(merges)}
    result = []
    for word in pretokenize(text, special_tokens):
        tokens = [int(byte) for byte in word.encode()]
        if word in special_tokens:
            tokens = [256 + len(merges) + list(special_tokens).index(word)]
        while True:
            found = [(number[p], i) for i, p in enumerate(pairwise(tokens)) if p in number]
            if not found:
                break
            new, i = min(found)
            tokens[i : i + 2] = [new]
        result = result + tokens
    return result


def encode_by_frequency(text, merges, special_tokens=()):
    number = {pair: 256 + i for i, pair in enumerate(merges)}
    words = [
        [256 + len(merges) + special_tokens.index(w)] if w in special_tokens else list(w.encode())
        for w in pretokenize(text, special_tokens)
    ]
    while True:
        pairs = count_pairs(words, [1] * len(words))
        best = max((pair for pair in pairs if pair in number), key=lambda p: (pairs[p], -number[p]), default=None)
        if best is None:
            return [token for word in words for token in word]
        words = [merge_pair(word, best, number[best]) for word in words]


def encode_in_one_pass(text, merges, special_tokens=()):
    number = {pair: 256 + i for i, pair in enumerate(merges)}
    ids = []
    for word in pretokenize(text, special_tokens):
        if word in special_tokens:
            ids.append(256 + len(merges) + special_tokens.index(word))
            continue
        tokens, i = list(word.encode()), 0
        while i < len(tokens) - 1:
            if (pair := (tokens[i], tokens[i + 1])) in number:
                tokens[i : i + 2] = [number[pair]]
            else:
                i += 1
        ids.extend(tokens)
    return ids


def encode_longest(text, merges, special_tokens=()):
    tokens = [bytes([byte]) for byte in range(256)]
    for left, right in merges:
        tokens.append(tokens[left] + tokens[right])
    number = {token: i for i, token in enumerate(tokens)}
    ids = []
    for word in pretokenize(text, special_tokens):
        if word in special_tokens:
            ids.append(256 + len(merges) + special_tokens.index(word))
            continue
        rest = word.encode()
        while rest:
            piece = next(rest[:end] for end in range(len(rest), 0, -1) if rest[:end] in number)
            ids.append(number[piece])
            rest = rest[len(piece) :]
    return ids


ENCODE = Exercise(
    solves="unrolled.bpe.encode",
    groups={"words": 2, "any text": 1, "special tokens": 1},
    inputs=encode_inputs,
    uses=("pretokenize", "merge_pair"),
    accepts=(encode_by_replay, encode_by_rank_in_place),
    forbids=("tokenizers", "transformers", "tiktoken"),
    misconceptions=(
        Misconception(
            id="by-frequency",
            name="the pair that is most frequent in the new text is merged first",
            hint="Then the ids of a word would depend on the words around it. Who decided the order of the merges, and when?",
            answer=encode_by_frequency,
        ),
        Misconception(
            id="left-to-right",
            name="the first pair from the left that can be merged is merged",
            hint="Several pairs of a word can be merged. Which of these merges was learnt first?",
            edits={
                "min(pairwise(tokens), key=lambda pair: ranks.get(pair, len(ranks)))": (
                    "next((pair for pair in pairwise(tokens) if pair in ranks), None)"
                )
            },
        ),
        Misconception(
            id="one-pass",
            name="each word is gone through once from left to right, and merged wherever it can be",
            hint="A merge made here may belong to an earlier one further on. Must you not look at the whole word before you choose?",
            answer=encode_in_one_pass,
        ),
        Misconception(
            id="longest-match",
            name="the longest token that fits is taken, from the left",
            hint="That is how WordPiece does it. Here the merges are made again, in their order: which comes first?",
            answer=encode_longest,
        ),
        Misconception(
            id="last-merge-first",
            name="the merge that was learnt last is made first",
            hint="A merge may need a token that an earlier one makes. In which order were they learnt?",
            edits={"min(pairwise": "max(pairwise", "ranks.get(pair, len(ranks))": "ranks.get(pair, -1)"},
        ),
        Misconception(
            id="one-merge-a-word",
            name="at most one merge is made in a word",
            hint="When may you stop: after a merge, or when no pair can be merged any more?",
            edits={
                "tokens = merge_pair(tokens, first, 256 + ranks[first])": (
                    "tokens = merge_pair(tokens, first, 256 + ranks[first])\n                break"
                )
            },
        ),
        Misconception(
            id="pairs-without-rank",
            name="nothing is done about pairs that were never merged",
            hint="Most pairs have no rank. What should `min` think of those, and when does the loop end?",
            edits={"ranks.get(pair, len(ranks))": "ranks[pair]"},
        ),
        Misconception(
            id="single-tokens",
            name="a word of a single token, which has no pairs, stops the program",
            hint="After enough merges a word is one token, and “a” is one from the start. How many pairs has it, and what is the `min` of none?",
            edits={"while len(tokens) > 1": "while True"},
        ),
        Misconception(
            id="rank-instead-of-id",
            name="a merged token gets the number of its merge, which is that of a byte",
            hint="The first 256 ids are taken. Which id does merge 0 make?",
            edits={"256 + ranks[first]": "ranks[first]"},
        ),
        Misconception(
            id="across-words",
            name="the text is not cut into words before it is merged",
            hint="A merge learnt within words could now join the end of one with the next. What did training do first?",
            edits={"pretokenize(text, special_tokens)": "[text]"},
        ),
        Misconception(
            id="characters",
            name="the words are made of characters instead of bytes",
            hint="뷁 was never seen in training. Has its character an id? Have its bytes?",
            edits={"list(word.encode())": "[ord(letter) for letter in word]"},
        ),
        Misconception(
            id="normalised",
            name="composed and decomposed Hangul are taken for the same text",
            hint="사랑 can be 6 bytes or 15, and look the same. Would decoding give back what was encoded?",
            edits={
                "pretokenize(text, special_tokens)": (
                    'pretokenize(__import__("unicodedata").normalize("NFC", text), special_tokens)'
                )
            },
        ),
        Misconception(
            id="specials-split",
            name="special tokens are split like other text",
            hint="A special token is one id, whatever it is spelt like. Who must know of it before the text is cut?",
            edits={"pretokenize(text, special_tokens)": "pretokenize(text)"},
        ),
        Misconception(
            id="specials-numbered-first",
            name="the special tokens get their numbers before the merges",
            hint="In `tokenizers` that is so; here they come last. How many ids are taken before them?",
            edits={"256 + len(merges) + i": "256 + i"},
        ),
        Misconception(
            id="specials-without-the-bytes",
            name="the bytes are forgotten in the numbers of the special tokens",
            hint="There are len(merges) merged tokens. And what comes before these?",
            edits={"256 + len(merges) + i": "len(merges) + i"},
        ),
    ),
)
