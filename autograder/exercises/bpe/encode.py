"""`encode`: The ids of a text: in each word of `pretokenize` the merges are made in the order in which they were
learnt.
"""

import unicodedata
from collections import Counter
from itertools import pairwise

from autograder.exercise import Exercise, Misconception
from autograder.exercises.bpe.shared import ENDS, drawn, merges_for
from unrolled.bpe import count_pairs, encode, merge_pair, pretokenize, train_bpe


def encode_inputs(rng):
    """Long words of the same letters, so that the order of merges shows; Hangul, both forms; special tokens."""
    merges = merges_for(rng, "!<|", "end|>")

    def case(text, special_tokens=(), merges=merges):
        return {"text": text, "merges": merges, "special_tokens": list(special_tokens)}

    def words(n):
        return "  ".join(drawn(rng, "abcd", length) for length in rng.integers(7, 15, n))  # two spaces: two words

    short = next(bytes(pair).decode() for pair in merges if min(pair) > 32 and max(pair) < 128)  # a word of two bytes
    text = f"{short} aaaaaaa {words(7)}"
    again = "-".join([drawn(rng, "abcd", 8)] * 3)  # the first word comes again, with no space in front
    both = " ".join(unicodedata.normalize(form, "사랑해 사랑") for form in ("NFC", "NFD"))
    return {
        "words": [case(again, merges=[]), case(words(11)), case(text), case(text, merges=merges_for(rng)), case(again)],
        "any text": [case(f"{both} 🇰🇷 é {drawn(rng, 'xyzé뷁', 5)}!"), case("")],
        "special tokens": [
            case(f"{words(2)}(끝)사랑<|end|>!{words(1)}!<|end|> end|>", ENDS),
            case("<|end|>", ENDS[:1]),
        ],
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


def encode_with_one_table(text, merges, special_tokens=()):
    """Right: all tokens of a word, and the rank of each pair, in plain loops; words are remembered."""
    table, seen, ids = dict(zip(merges, range(len(merges)), strict=True)), {}, []
    for word in pretokenize(text, special_tokens):
        if word in special_tokens:
            seen[word] = [256 + len(merges) + special_tokens.index(word)]
        elif word not in seen:
            tokens = list(word.encode())
            while ranks := [table[p] for p in pairwise(tokens) if p in table]:
                tokens = merge_pair(tokens, merges[min(ranks)], 256 + min(ranks))
            seen[word] = tokens
        ids.extend(seen[word])
    return ids


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


def encode_by_frequency_in_the_word(text, merges, special_tokens=()):
    number = {pair: 256 + i for i, pair in enumerate(merges)}
    ids = []
    for word in pretokenize(text, special_tokens):
        tokens = list(word.encode())
        if word in special_tokens:
            tokens = [256 + len(merges) + special_tokens.index(word)]
        while pairs := Counter(pair for pair in pairwise(tokens) if pair in number):
            best = pairs.most_common(1)[0][0]
            tokens = merge_pair(tokens, best, number[best])
        ids += tokens
    return ids


def encode_in_reverse(text, merges, special_tokens=()):
    ids = []
    for word in pretokenize(text, special_tokens):
        tokens = list(word.encode())
        if word in special_tokens:
            tokens = [256 + len(merges) + special_tokens.index(word)]
        for i in reversed(range(len(merges))):
            tokens = merge_pair(tokens, merges[i], 256 + i)
        ids += tokens
    return ids


def encode_with_merges_of_its_own(text, merges, special_tokens=()):
    return encode(text, train_bpe(text, 256 + len(merges) + len(special_tokens), special_tokens), special_tokens)


def encode_into_the_cache(text, merges, special_tokens=()):
    seen, ids = {}, None
    for word in pretokenize(text, special_tokens):
        if word in special_tokens:
            tokens = [256 + len(merges) + special_tokens.index(word)]
        else:
            tokens = seen.setdefault(word, encode(word, merges))
        if ids is None:
            ids = tokens
        else:
            ids += tokens
    return ids or []


def encode_remembering_for_ever(text, merges, special_tokens=(), seen={}):  # noqa: B006
    if not merges:  # the first case: here a check begins
        seen.clear()
    ids = []
    for word in pretokenize(text, special_tokens):
        if word in special_tokens:
            ids.append(256 + len(merges) + special_tokens.index(word))
        else:
            ids += seen.setdefault(word, encode(word, merges))
    return ids


ENCODE = Exercise(
    solves="unrolled.bpe.encode",
    groups={"words": 2, "any text": 1, "special tokens": 1},
    inputs=encode_inputs,
    uses=("pretokenize", "merge_pair"),
    accepts=(encode_by_replay, encode_by_rank_in_place, encode_with_one_table),
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
            also=(
                {
                    "256 + len(merges) + i": "256 + i",
                    "ids += known[word]": (
                        "ids += [t + len(special_tokens) * (t > 255 and word not in special_tokens) for t in known[word]]"
                    ),
                },
            ),
        ),
        Misconception(
            id="specials-without-the-bytes",
            name="the bytes are forgotten in the numbers of the special tokens",
            hint="There are len(merges) merged tokens. And what comes before these?",
            edits={"256 + len(merges) + i": "len(merges) + i"},
        ),
        Misconception(
            id="by-frequency-in-the-word",
            name="the pair that is most frequent in the word is merged first",
            hint="How often a pair occurs in the new text does not matter. Who decided the order of the merges, and when?",
            answer=encode_by_frequency_in_the_word,
        ),
        Misconception(
            id="merges-in-reverse",
            name="the merges are gone through from the last to the first",
            hint="A merge may need a token that an earlier one makes. In which order were they learnt?",
            answer=encode_in_reverse,
        ),
        Misconception(
            id="without-rank-first",
            name="a pair that was never merged comes before all others, so that nothing or too little is merged",
            hint="`min` takes the smallest. Must the rank of a pair without one be very small or very large?",
            edits={"ranks.get(pair, len(ranks))": "ranks.get(pair, -1)"},
        ),
        Misconception(
            id="no-end",
            name="nothing ends the loop when none of the pairs was ever merged",
            hint="What does `min` find when no pair has a rank, and what should happen then?",
            edits={"                if first not in ranks:\n                    break\n": ""},
        ),
        Misconception(
            id="no-merges",
            name="no merges are made: each word is its bytes",
            hint="A word of bytes is where it begins. When is a pair of them merged?",
            edits={"while len(tokens) > 1": "while False"},
        ),
        Misconception(
            id="first-place-only",
            name="after a merge the word is not looked at again from the new token on",
            hint="A merged token has neighbours, too. Can they be merged with it?",
            edits={
                "while len(tokens) > 1:": "for _ in range(2):\n                if len(tokens) < 2:\n                    break"
            },
        ),
        Misconception(
            id="number-too-high",
            name="the token of each merge is one too high",
            hint="The bytes are 0 to 255. Which id does merge 0 make?",
            edits={"256 + ranks[first]": "257 + ranks[first]"},
        ),
        Misconception(
            id="specials-too-high",
            name="the ids of the special tokens are one too high",
            hint="The last merge makes the token 255 + len(merges). Which is the next?",
            edits={"256 + len(merges) + i": "257 + len(merges) + i"},
        ),
        Misconception(
            id="specials-all-one",
            name="all special tokens get the id of the first",
            hint="Special token i has an id of its own. Where does i come in?",
            edits={"256 + len(merges) + i": "256 + len(merges)"},
        ),
        Misconception(
            id="specials-by-length",
            name="the special tokens are numbered by their length",
            hint="They are sorted to be found; their numbers are those of the caller's order. Which list do you number?",
            edits={"in enumerate(special_tokens)": "in enumerate(sorted(special_tokens, key=len, reverse=True))"},
        ),
        Misconception(
            id="specials-as-they-come",
            name="the special tokens are numbered in the order in which the text has them",
            hint="Another text would give them other ids. Who decided their order?",
            edits={
                "in enumerate(special_tokens)": (
                    "in enumerate(dict.fromkeys(w for w in pretokenize(text, special_tokens) if w in special_tokens))"
                )
            },
        ),
        Misconception(
            id="specials-dropped",
            name="the special tokens are left out",
            hint="A model should read where a text ends. What comes out for “<|end|>”?",
            edits={"[256 + len(merges) + i]": "[]"},
        ),
        Misconception(
            id="ascii",
            name="what is not ASCII is dropped",
            hint="Every text comes back from its ids. Which encoding has bytes for every character?",
            edits={"list(word.encode())": 'list(word.encode("ascii", errors="ignore"))'},
        ),
        Misconception(
            id="utf-16",
            name="the bytes are those of UTF-16",
            hint="The merges were learnt from other bytes. In which encoding is “a” one byte?",
            edits={"list(word.encode())": 'list(word.encode("utf-16-le"))'},
        ),
        Misconception(
            id="latin-1",
            name="the bytes are those of Latin-1, which has no Korean",
            hint="Which encoding has bytes for every character?",
            edits={"list(word.encode())": 'list(word.encode("latin-1"))'},
        ),
        Misconception(
            id="nested",
            name="each word is a list of its own within the result",
            hint="`append` adds one item, whatever it is. How do you add the items of a list?",
            edits={"ids += known[word]": "ids += known[word] if word in special_tokens else [known[word]]"},
        ),
        Misconception(
            id="single-bytes-dropped",
            name="words of a single byte are left out",
            hint="“a” is a word of one token and no pairs. Where do its ids go?",
            edits={"ids += known[word]": "ids += known[word] if len(word.encode()) > 1 else []"},
        ),
        Misconception(
            id="stripped",
            name="the words lose their white space",
            hint="“ love” and “love” are two words. Does the space come back when you decode?",
            edits={"list(word.encode())": "list(word.strip().encode())"},
        ),
        Misconception(
            id="merges-of-its-own",
            name="new merges are learnt from the text, and those handed in are not used",
            hint="The order was decided in training, once and for all. Which argument holds it?",
            answer=encode_with_merges_of_its_own,
        ),
        Misconception(
            id="cache-extended",
            name="the remembered tokens of the first word grow, because the result is the same list",
            hint="`+=` changes the list on its left. What else has a hold on that list?",
            answer=encode_into_the_cache,
        ),
        Misconception(
            id="remembered-for-ever",
            name="a word has the tokens of another call, whose merges were different",
            hint="What you remember of a word holds for these merges only. How long does your dictionary live?",
            answer=encode_remembering_for_ever,
        ),
        Misconception(
            id="across-words-between-specials",
            name="the text is cut at special tokens only, and merged across words",
            hint="No merge goes across the border of a word. Which function cuts the text between special tokens as well?",
            edits={
                "pretokenize(text, special_tokens)": "filter(None, regex.split(f\"({'|'.join(map(regex.escape, sorted(special_tokens, key=len, reverse=True))) or '(?!)'})\", text))"
            },
        ),
    ),
)
