"""The exercises of chapter 11: words, pairs, merges, training, encoding, decoding, and WordPiece."""

import re
import unicodedata
from collections import Counter
from itertools import pairwise

import regex

from autograder.exercise import Exercise, Misconception
from unrolled.bpe import count_pairs, merge_pair, pretokenize, train_bpe

ENDS = ["<|end|>", "<|end|>!", "(끝)"]  # the first is where the second begins; | and ( mean something in a pattern


def shuffled(rng, *words):
    """The words in an order drawn."""
    return [words[i] for i in rng.permutation(len(words))]


def drawn(rng, letters, length):
    """A word of letters drawn."""
    return "".join(letters[i] for i in rng.integers(0, len(letters), length))


# --- pretokenize ------------------------------------------------------------------------------------------------------
def pretokenize_inputs(rng):
    """Texts with what the pattern is about, in an order drawn, and words drawn."""
    word = drawn(rng, "bcdfg", 3)
    number = int(rng.integers(10, 99))
    plain = shuffled(
        rng, f"{word}'s", f"we'll,{word}", f"b{number}½c", "사랑해!", f"나{number}", "  두 칸", "(no)\n\n x", "é_è"
    )
    ends = shuffled(
        rng, f"{word}!<|end|>", f"<|end|>{word}", f"a<|end|>!{number}", "사랑(끝)해", "끝 end", f"{word}!! <|end|> "
    )
    return {
        "words": [{"text": " ".join(plain), "special_tokens": []}],
        "special tokens": [{"text": "a ".join(ends), "special_tokens": ENDS}],
    }


GPT2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
PATTERN_LINE = f'pattern = r"{GPT2}"'


def pretokenize_by_search(text, special_tokens=()):
    words, start = [], 0
    while start < len(text):
        for token in sorted(special_tokens, key=lambda token: -len(token)):
            if text.startswith(token, start):
                words.append(token)
                start += len(token)
                break
        else:
            places = [place for token in special_tokens if (place := text.find(token, start)) >= 0]
            end = min(places, default=len(text))
            words.extend(match.group() for match in regex.finditer(GPT2, text[start:end]))
            start = end
    return words


def pretokenize_between(text, special_tokens=()):
    """With the pattern as GPT-2's `encoder.py` has it, on what stands between one special token and the next."""
    words = regex.compile(r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+""")
    special = re.compile("|".join(re.escape(token) for token in sorted(special_tokens, key=len)[::-1]) or "$.")
    result, start = [], 0
    for found in special.finditer(text):
        result += [*words.findall(text[start : found.start()]), found.group()]
        start = found.end()
    return result + words.findall(text[start:])


def pretokenize_with_re(text, special_tokens=()):
    r"""With the standard library's \w and \d, for which ½ and Ⅷ are letters."""
    gpt2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:[^\w\s]|_)+|\s+(?!\S)|\s+"
    special = "|".join(re.escape(token) for token in sorted(special_tokens, key=len)[::-1]) or "(?!)"
    words = []
    for piece in re.split(f"({special})", text):
        words += [piece] if piece in special_tokens else re.findall(gpt2, piece)
    return words


def pretokenize_in_one_pattern(text, special_tokens=()):
    longest_first = sorted(special_tokens, key=len, reverse=True)
    return regex.findall("|".join([*map(regex.escape, longest_first), GPT2]), text)


def pretokenize_split(text, special_tokens=()):
    return text.split()


PRETOKENIZE = Exercise(
    solves="unrolled.bpe.pretokenize",
    groups={"words": 1, "special tokens": 1},
    inputs=pretokenize_inputs,
    accepts=(pretokenize_by_search, pretokenize_between),
    forbids=("tokenizers", "transformers", "tiktoken"),
    misconceptions=(
        Misconception(
            id="cut-at-spaces",
            name="the text is cut at white space, and the white space is gone",
            hint="Joined, the words should be the text again. Where did its spaces go?",
            answer=pretokenize_split,
        ),
        Misconception(
            id="spaces-alone",
            name="a space is a word of its own instead of the beginning of the next word",
            hint="In the pattern three alternatives begin with a space and a question mark. What do these say?",
            edits={PATTERN_LINE: f'pattern = r"{GPT2.replace(" ?", "")}"'},
        ),
        Misconception(
            id="letters-with-digits",
            name="letters and digits make one word together",
            hint="\\w is a letter, a digit or an underscore. Which classes tell letters and numerals apart?",
            edits={PATTERN_LINE: r'''pattern = r"'(?:[sdmt]|ll|ve|re)| ?\w+| ?[^\s\w]+|\s+(?!\S)|\s+"'''},
        ),
        Misconception(
            id="english-letters-only",
            name="only a to z and A to Z count as letters",
            hint="What is 사 in your pattern: a letter, or one of the other marks, like an exclamation mark?",
            edits={
                PATTERN_LINE: "pattern = r\"'(?:[sdmt]|ll|ve|re)| ?[a-zA-Z]+| ?\\p{N}+| ?[^\\sa-zA-Z\\p{N}]+"
                '|\\s+(?!\\S)|\\s+"'
            },
        ),
        Misconception(
            id="digits-only",
            name="only decimal digits count as numerals, and ½ or Ⅷ are taken for letters",
            hint="Python's \\d is narrower than \\p{N}, and its \\w is wider than letters and digits. Which package knows \\p?",
            answer=pretokenize_with_re,
        ),
        Misconception(
            id="endings-not-apart",
            name="English endings such as 's and 'll are cut at the apostrophe like anything else",
            hint="The first alternative of the pattern is tried first. What does it keep together?",
            edits={PATTERN_LINE: f'pattern = r"{GPT2.split("|", 3)[3].removeprefix("re)|")}"'},
        ),
        Misconception(
            id="last-space-taken",
            name="of several spaces the last does not go to the word behind them",
            hint="\\s+(?!\\S) is white space with no word right behind it. Where does it stop when there is one?",
            edits={PATTERN_LINE: f'pattern = r"{GPT2.replace("|" + chr(92) + "s+(?!" + chr(92) + "S)", "")}"'},
        ),
        Misconception(
            id="specials-not-cut-out",
            name="special tokens are cut like any other text",
            hint="“<|end|>” must come out whole. What has to happen before the pattern sees the text?",
            edits={'regex.split(f"({special})", text)': "[text]"},
        ),
        Misconception(
            id="specials-in-one-pattern",
            name="special tokens are one more alternative of the pattern, and marks in front of one take its beginning along",
            hint="In “no!<|end|>” the pattern comes to “!” first, and “<|” are marks, too. What has to be cut out before?",
            answer=pretokenize_in_one_pattern,
        ),
        Misconception(
            id="specials-cut-again",
            name="the text is cut at special tokens, but these are then cut up themselves",
            hint="Some of the pieces between the cuts are special tokens. May the pattern see those?",
            edits={"[piece] if piece in special_tokens else regex": "regex"},
        ),
        Misconception(
            id="specials-lost",
            name="the special tokens are thrown away",
            hint="`split` keeps what it cuts at only if the pattern has a group, in round brackets. Does yours?",
            edits={'f"({special})"': 'f"(?:{special})"'},
        ),
        Misconception(
            id="specials-not-escaped",
            name="the special tokens are read as patterns",
            hint="In a pattern | means “or”. How do you say that you mean the character itself?",
            edits={"map(regex.escape, longest_first)": "longest_first"},
        ),
        Misconception(
            id="shorter-first",
            name="where two special tokens begin at one place, the one named first is taken",
            hint="“<|end|>” is the beginning of “<|end|>!”. In which order should the alternatives stand?",
            edits={"sorted(special_tokens, key=len, reverse=True)": "special_tokens"},
        ),
    ),
)


# --- count_pairs ------------------------------------------------------------------------------------------------------
def count_pairs_inputs(rng):
    """Words of 1, 2, 5 and 7 tokens out of four, one with a run of three; counts are different primes."""

    def case(*words):
        counts = rng.permutation([2, 3, 5, 7, 11])[: len(words)].tolist()
        return {"words": [list(word) for word in words], "counts": counts}

    a, b, c, d = (rng.permutation(300)[:4]).tolist()
    return {
        "one word": [case([a, b, c, a, b, d])],
        "a text": [case([a, b, c, b, a], [d], [d, a], [b, a, d, a, b, c, d]), case([a, b], [b, a], [c, d])],
        "runs": [case([a, a, a], [b, a, a, a, a, c])],
    }


def probe_counts(answer, inputs):
    """Call the answer; report the counts by pair, in words, of those that occur."""
    from autograder.probes import call

    def word(pair):
        return f"({pair[0]}, {pair[1]})" if isinstance(pair, tuple) and len(pair) == 2 else repr(pair)

    seen = call(answer, inputs)
    if isinstance(seen["result"], dict):
        seen["result"] = {word(pair): count for pair, count in seen["result"].items() if count}
    return seen


def count_pairs_by_index(words, counts):
    pairs = {}
    for i in range(len(words)):
        for j in range(len(words[i]) - 1):
            pair = (words[i][j], words[i][j + 1])
            pairs[pair] = pairs.get(pair, 0) + counts[i]
    return pairs


def count_pairs_by_update(words, counts):
    pairs = Counter()
    for word, count in zip(words, counts, strict=True):
        pairs.update({pair: n * count for pair, n in Counter(pairwise(word)).items()})
    return pairs


def count_pairs_without_overlap(words, counts):
    pairs = Counter()
    for word, count in zip(words, counts, strict=True):
        last = None
        for i, pair in enumerate(pairwise(word)):
            if last == (pair, i - 1):
                last = None
                continue
            pairs[pair] += count
            last = pair, i
    return pairs


def count_pairs_across_words(words, counts):
    pairs = Counter()
    text = [(token, count) for word, count in zip(words, counts, strict=True) for token in word]
    for (left, count), (right, _) in pairwise(text):
        pairs[left, right] += count
    return pairs


COUNT_PAIRS = Exercise(
    solves="unrolled.bpe.count_pairs",
    groups={"one word": 0.5, "a text": 1, "runs": 0.5},
    inputs=count_pairs_inputs,
    probe=probe_counts,
    accepts=(count_pairs_by_index, count_pairs_by_update),
    misconceptions=(
        Misconception(
            id="counts-ignored",
            name="every word counts once, however often it occurs in the text",
            hint="`counts` says how often each word occurs. Where does it come in?",
            edits={"+= count": "+= 1"},
        ),
        Misconception(
            id="once-a-word",
            name="a pair that stands twice in a word is counted once",
            hint="Is what you count in a word a set of pairs, or all its pairs?",
            edits={"in pairwise(word)": "in set(pairwise(word))"},
        ),
        Misconception(
            id="overlaps-left-out",
            name="in a run such as aaa the pairs that overlap are counted as one",
            hint="Merging has to mind overlaps; counting does not. How many pairs of neighbours has aaa?",
            answer=count_pairs_without_overlap,
        ),
        Misconception(
            id="across-words",
            name="the last token of a word and the first of the next are taken for neighbours",
            hint="The words are separate, and their order in the list means nothing. Does your loop see a border?",
            answer=count_pairs_across_words,
        ),
        Misconception(
            id="every-other-pair",
            name="the word is cut into pairs, so that only every other pair is counted",
            hint="In abc both ab and bc are pairs. By how many places does your window move?",
            edits={"in pairwise(word)": "in list(pairwise(word))[::2]"},
        ),
        Misconception(
            id="order-ignored",
            name="(a, b) and (b, a) are counted as one pair",
            hint="“ab” and “ba” are different text. What makes them the same in yours?",
            edits={"pairs[pair] +=": "pairs[min(pair), max(pair)] +="},
        ),
        Misconception(
            id="overwritten",
            name="the count of a pair is overwritten instead of added to",
            hint="If a pair comes a second time, what happens to what you knew of it?",
            edits={"pairs[pair] += count": "pairs[pair] = count"},
        ),
        Misconception(
            id="last-pair-left-out",
            name="the last pair of a word is left out",
            hint="A word of n tokens has n − 1 pairs of neighbours. At which index does your last pair begin?",
            edits={"in pairwise(word)": "in pairwise(word[:-1])"},
        ),
        Misconception(
            id="round-the-corner",
            name="the last token of a word and its first count as a pair",
            hint="A word of n tokens has n − 1 pairs of neighbours. How many has yours?",
            edits={"in pairwise(word)": "in zip(word, [*word[1:], word[0]])"},
        ),
    ),
)


# --- merge_pair -------------------------------------------------------------------------------------------------------
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


# --- train_bpe --------------------------------------------------------------------------------------------------------
def train_bpe_inputs(rng):
    """Short texts of drawn words, some often: with ties, runs, Hangul composed and decomposed, and special tokens."""

    def words(n, letters="abcd"):
        made = [drawn(rng, letters, length) for length in rng.integers(2, 6, n)]
        return [made[i] for i in np_squares(rng, n, 4 * n)]

    def case(words, merges, specials=()):
        return {"text": " ".join(words), "vocab_size": 256 + len(specials) + merges, "special_tokens": list(specials)}

    runs = ["aaaa", "aaaaa", "baaa"] * 2
    hangul = [unicodedata.normalize(form, word) for form in ("NFC", "NFD") for word in ("사랑", "사람", "사랑해")]
    ended = [word + end for word, end in zip(words(7), ["<|end|>", "", "<|end|>!"] * 3, strict=False)]
    return {
        "words": [case(words(7), 9), case([*words(5), *runs], 99)],
        "ties": [case([drawn(rng, "abcd", 4), " _", *shuffled(rng, "é", "Ã"), drawn(rng, "ABab ", 7)], 99)],
        "Hangul": [case(shuffled(rng, *hangul, *hangul[:2]), 13)],
        "special tokens": [case([*ended, "end|> <|"], 7, ENDS), case(ended, 0, ENDS)],
    }


def np_squares(rng, n, size):
    """Places below n, small ones more often."""
    return (rng.random(size) ** 2 * n).astype(int).tolist()


def by_recount(text, vocab_size, special_tokens, choose):
    """The definition: count all pairs anew, choose one, merge it everywhere."""
    found = Counter(word for word in pretokenize(text, special_tokens) if word not in special_tokens)
    words, merges = [list(word.encode()) for word in found], []
    while len(merges) < vocab_size - 256 - len(special_tokens):
        pairs = count_pairs(words, list(found.values()))
        if not pairs:
            break
        merges.append(choose(pairs))
        words = [merge_pair(word, merges[-1], 255 + len(merges)) for word in words]
    return merges


def train_bpe_recounting(text, vocab_size, special_tokens=()):
    """Right, and slow: everything is counted anew for every merge."""
    order = sorted(range(256), key=lambda byte: (byte == 32 or not chr(byte).isprintable(), byte))
    order = [*order, *range(256, vocab_size)]
    return by_recount(
        text, vocab_size, special_tokens,
        lambda pairs: min(pairs, key=lambda p: (-pairs[p], order.index(p[0]), order.index(p[1]))),
    )  # fmt: skip


def train_bpe_in_gpt2_order(text, vocab_size, special_tokens=()):
    """Right: with ids in GPT-2's order of bytes inside, so that ties need no thought, and turned into ours in the end."""
    order = [b for b in range(256) if chr(b).isprintable() and b != 32]
    order += [b for b in range(256) if b not in order]
    found = Counter(word for word in pretokenize(text, special_tokens) if word not in special_tokens)
    words = {tuple(order.index(byte) for byte in word.encode()): count for word, count in found.items()}
    merges = []
    for new in range(256, vocab_size - len(special_tokens)):
        pairs = Counter()
        for word, count in words.items():
            for pair in pairwise(word):
                pairs[pair] += count
        if not pairs:
            break
        best = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[0][0]
        words = {tuple(merge_pair(word, best, new)): count for word, count in words.items()}
        merges.append(tuple(order[token] if token < 256 else token for token in best))
    return merges


def train_bpe_first_seen(text, vocab_size, special_tokens=()):
    return by_recount(text, vocab_size, special_tokens, lambda pairs: max(pairs, key=pairs.get))


def train_bpe_largest(text, vocab_size, special_tokens=()):
    return by_recount(text, vocab_size, special_tokens, lambda pairs: max(pairs, key=lambda pair: (pairs[pair], pair)))


def train_bpe_largest_bytes(text, vocab_size, special_tokens=()):
    tokens = [bytes([byte]) for byte in range(256)]

    def choose(pairs):
        left, right = max(pairs, key=lambda pair: (pairs[pair], tokens[pair[0]], tokens[pair[1]]))
        tokens.append(tokens[left] + tokens[right])
        return left, right

    return by_recount(text, vocab_size, special_tokens, choose)


def train_bpe_without_end(text, vocab_size, special_tokens=()):
    merges = train_bpe(text, vocab_size, special_tokens)
    if len(merges) < vocab_size - 256 - len(special_tokens):
        min({}, key=len)  # of the pairs that are left
    return merges


def train_bpe_counted_once(text, vocab_size, special_tokens=()):
    counts = count_pairs([list(word.encode()) for word in pretokenize(text, special_tokens)], [1] * 10**4)
    return [pair for pair, _ in counts.most_common(vocab_size - 256 - len(special_tokens))]


TRAIN_BPE = Exercise(
    solves="unrolled.bpe.train_bpe",
    groups={"words": 2, "ties": 1, "Hangul": 1, "special tokens": 1},
    inputs=train_bpe_inputs,
    uses=("pretokenize", "count_pairs", "merge_pair"),
    accepts=(train_bpe_recounting, train_bpe_in_gpt2_order),
    forbids=("tokenizers", "transformers", "sentencepiece", "tiktoken"),
    misconceptions=(
        Misconception(
            id="across-words",
            name="pairs are merged across the borders of words",
            hint="“the dog” and “the cat” share “e ”; a token “e d” would be of little use. Which function knows the words?",
            edits={"pretokenize(text, special_tokens)": "[text]"},
        ),
        Misconception(
            id="cut-at-spaces",
            name="the text is cut at white space, so that no word begins with a space",
            hint="In GPT-2 the space belongs to the word behind it, and can be merged with it. Which function of yours cuts like that?",
            edits={"pretokenize(text, special_tokens)": "text.split()"},
        ),
        Misconception(
            id="words-counted-once",
            name="every different word counts once, however often it occurs",
            hint="You keep each word once, which saves time. Who remembers how often it occurs?",
            edits={"list(found.values())": "[1] * len(found)"},
        ),
        Misconception(
            id="characters",
            name="the words are made of characters instead of bytes",
            hint="사 is one character of number 49324. How many bytes is it in UTF-8, and how large can each be?",
            edits={"list(word.encode())": "[ord(letter) for letter in word]"},
        ),
        Misconception(
            id="normalised",
            name="composed and decomposed Hangul are made the same before training",
            hint="사랑 can be 6 bytes or 15. What of the text must come back if it is encoded and decoded?",
            edits={
                "pretokenize(text, special_tokens)": (
                    '[__import__("unicodedata").normalize("NFC", w) for w in pretokenize(text, special_tokens)]'
                )
            },
        ),
        Misconception(
            id="ties-by-byte",
            name="among equally frequent pairs the one with the smaller numbers wins, all bytes in their own order",
            hint="That rule is as good; ours is that of `tokenizers`, so that both learn the same. Where does the space, byte "
            "32, stand in GPT-2's order?",
            edits={"place.get(left, left), place.get(right, right)": "left, right"},
        ),
        Misconception(
            id="ties-first-seen",
            name="among equally frequent pairs the one that was seen first wins",
            hint="`max` takes the first that it meets. Would the same text with its words in another order give the same "
            "merges?",
            answer=train_bpe_first_seen,
        ),
        Misconception(
            id="ties-largest",
            name="among equally frequent pairs the one with the larger numbers wins",
            hint="In other courses the greater pair wins. Which end of the order does yours take, and which does the "
            "docstring ask for?",
            answer=train_bpe_largest,
        ),
        Misconception(
            id="ties-by-bytes",
            name="among equally frequent pairs the one wins whose bytes are greater",
            hint="In Stanford's CS336 that is the rule; ours is that of `tokenizers`. Which end of which order does the docstring ask for?",
            answer=train_bpe_largest_bytes,
        ),
        Misconception(
            id="specials-learnt-from",
            name="special tokens are counted as words, and merges are learnt from them",
            hint="A special token needs no merges: it has its own id. Which words must be left out?",
            edits={" if w not in special_tokens": ""},
        ),
        Misconception(
            id="specials-cut",
            name="the text is cut without regard to special tokens",
            hint="`pretokenize` can keep them whole. What does it have to be told?",
            edits={"pretokenize(text, special_tokens)": "pretokenize(text)"},
        ),
        Misconception(
            id="specials-not-in-the-size",
            name="the special tokens do not count in the size of the vocabulary",
            hint="vocab_size is the number of all ids: bytes, merges, and what else?",
            edits={"256 + len(special_tokens)": "256"},
        ),
        Misconception(
            id="specials-numbered-first",
            name="the special tokens get their numbers before the merges",
            hint="In `tokenizers` that is so; here, as in GPT-2, they come last. Which id does the first merge get?",
            edits={"new = 256 + len(merges)": "new = least + len(merges)"},
        ),
        Misconception(
            id="size-is-merges",
            name="vocab_size is taken for the number of merges",
            hint="How many ids are there before the first merge?",
            edits={"least + len(merges) < vocab_size": "len(merges) < vocab_size"},
        ),
        Misconception(
            id="one-too-many",
            name="one merge too many is learnt",
            hint="When the vocabulary is full, may there be another merge?",
            edits={"least + len(merges) < vocab_size": "least + len(merges) <= vocab_size"},
        ),
        Misconception(
            id="never-subtracted",
            name="the pairs that a merge destroys keep their counts",
            hint="After u+g became ug, fewer h stand before a u. Who takes that off the count of (h, u)?",
            edits={"pairs[p] -= counts[i]": "pass"},
        ),
        Misconception(
            id="new-pairs-unseen",
            name="pairs that hold a new token are never merged themselves",
            hint="The new token has neighbours, so there are new pairs. How do they get into the race?",
            edits={"for p in born": "for p in ()"},
        ),
        Misconception(
            id="new-pairs-nowhere",
            name="a pair that holds a new token is chosen, but merged in no word",
            hint="You remember in which words a pair stands. Who writes that down for the pairs that a merge makes?",
            edits={"where[p].add(i)": "pass", "where.pop(pair)": "where.pop(pair, ())"},
        ),
        Misconception(
            id="counted-only-once",
            name="the pairs are counted once, and the most frequent ones taken in that order",
            hint="The first merge changes the text. Are the counts from before it still true?",
            answer=train_bpe_counted_once,
        ),
        Misconception(
            id="without-end",
            name="nothing ends the loop when there is no pair left",
            hint="A short text is merged into whole words before the vocabulary is full. What does `min` or `max` say of no pairs at all?",
            answer=train_bpe_without_end,
        ),
        Misconception(
            id="stops-at-two",
            name="pairs that occur only once are not merged",
            hint="Many tools have a least frequency of two. What does the docstring say about when to end?",
            edits={"if -count != pairs[pair]": "if count == -1:\n            break\n        if -count != pairs[pair]"},
        ),
    ),
)


# --- encode -----------------------------------------------------------------------------------------------------------
def merges_for(rng, *extra):
    """Merges learnt from words drawn, from Hangul, and from a long run of spaces."""
    words = [drawn(rng, "abcd", length) for length in rng.integers(3, 9, 17)]
    return train_bpe(" ".join([*words, *words[:5], "aaaa", *["사랑해 사람"] * 2, *extra, " " * 31]), 256 + 37)


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


# --- decode -----------------------------------------------------------------------------------------------------------
def decode_inputs(rng):
    """Ids of texts; then ids in any order, and characters cut in the middle."""
    merges = merges_for(rng)
    first = 256 + len(merges)

    def case(ids, special_tokens=()):
        return {"ids": [int(i) for i in ids], "merges": merges, "special_tokens": list(special_tokens)}

    decomposed = unicodedata.normalize("NFD", "사é")
    text = f" {drawn(rng, 'abcd', 9)} 나는 너를 매우 사랑해 é {decomposed} {drawn(rng, 'xyz뷁한', 5)}"
    text = ENCODE.reference(text, merges)
    ended = [*text[:5], first, *text[5:9], first + 2, *text[9:], first + 1]
    cut = list("너".encode())[:2]
    anything = rng.permutation(first)
    return {
        "text": [case(text), case(merges[-1])],
        "special tokens": [case(ended, ENDS)],
        "no UTF-8": [case([*text, *cut]), case([*cut, 97, *anything[:17]]), case([0xFF, 0xEC, 97, 0, 0x80])],
    }


def decode_by_recursion(ids, merges, special_tokens=()):
    def spell(i):
        if i < 256:
            return [i]
        if i >= 256 + len(merges):
            return list(special_tokens[i - 256 - len(merges)].encode())
        return [byte for part in merges[i - 256] for byte in spell(part)]

    return bytes(byte for i in ids for byte in spell(i)).decode(errors="replace")


def decode_by_unmerging(ids, merges, special_tokens=()):
    ids = list(ids)
    for new in range(255 + len(merges), 255, -1):
        ids = [part for i in ids for part in (merges[new - 256] if i == new else [i])]
    data = bytearray()
    for i in ids:
        data += bytes([i]) if i < 256 else special_tokens[i - 256 - len(merges)].encode("utf-8")
    return str(data, "utf-8", "replace")


def decode_specials_first(ids, merges, special_tokens=()):
    tokens = [bytes([byte]) for byte in range(256)]
    for left, right in merges:
        tokens.append(tokens[left] + tokens[right])
    tokens[256:256] = [token.encode() for token in special_tokens]
    return b"".join(tokens[i] for i in ids).decode("utf-8", errors="replace")


def decode_characters(ids, merges, special_tokens=()):
    tokens = [chr(byte) for byte in range(256)]
    for left, right in merges:
        tokens.append(tokens[left] + tokens[right])
    return "".join((tokens + list(special_tokens))[i] for i in ids)


JOINED = 'b"".join(tokens[i] for i in ids).decode("utf-8", errors="replace")'

DECODE = Exercise(
    solves="unrolled.bpe.decode",
    groups={"text": 1, "special tokens": 0.5, "no UTF-8": 0.5},
    inputs=decode_inputs,
    accepts=(decode_by_recursion, decode_by_unmerging),
    forbids=("tokenizers", "transformers", "tiktoken"),
    misconceptions=(
        Misconception(
            id="token-by-token",
            name="each token is read as UTF-8 on its own",
            hint="A token may hold one of the three bytes of 사. When is it a character? Which comes first: joining, or reading?",
            edits={JOINED: '"".join(tokens[i].decode("utf-8", errors="replace") for i in ids)'},
        ),
        Misconception(
            id="strict",
            name="bytes that are no UTF-8 raise an error",
            hint="A model may stop in the middle of a character. Should your program die of it? What does `errors=` offer?",
            edits={', errors="replace"': ""},
        ),
        Misconception(
            id="dropped",
            name="bytes that are no UTF-8 are dropped in silence",
            hint="A reader should see that something is missing. Which of the values of `errors=` shows it?",
            edits={'errors="replace"': 'errors="ignore"'},
        ),
        Misconception(
            id="latin-1",
            name="each byte is read as a character",
            hint="chr(236) is ì. In UTF-8, how many bytes make a 사?",
            edits={'"utf-8", errors="replace"': '"latin-1"'},
        ),
        Misconception(
            id="characters",
            name="tokens are put together from characters, one for each byte",
            hint="Byte 236 alone is no character. What must a token be made of, so that bytes of several tokens can be read together?",
            answer=decode_characters,
        ),
        Misconception(
            id="normalised",
            name="decomposed letters come back composed",
            hint="사 can be 3 bytes or 6, and look the same. Is what you give back what was encoded?",
            edits={JOINED: f'__import__("unicodedata").normalize("NFC", {JOINED})'},
        ),
        Misconception(
            id="halves-swapped",
            name="the two halves of each merge are swapped",
            hint="In a pair, which half comes first in the text?",
            edits={"tokens[left] + tokens[right]": "tokens[right] + tokens[left]"},
        ),
        Misconception(
            id="spaces-between",
            name="spaces are put between the tokens",
            hint="The space before a word is part of its token already. What else do you add?",
            edits={'b"".join': 'b" ".join'},
        ),
        Misconception(
            id="stripped",
            name="white space at the beginning and end is lost",
            hint="A text may begin with a space. Does it come back?",
            edits={JOINED: JOINED + ".strip()"},
        ),
        Misconception(
            id="specials-dropped",
            name="the special tokens are left out",
            hint="`tokenizers` does so by default. Which text should <|end|> come back as here?",
            edits={"tokens[i] for i in ids": "tokens[i] for i in ids if i < 256 + len(merges)"},
        ),
        Misconception(
            id="specials-numbered-first",
            name="the special tokens are numbered before the merges",
            hint="What is number 256: the first merge, or the first special token?",
            answer=decode_specials_first,
        ),
        Misconception(
            id="specials-unknown",
            name="the special tokens are not in the table of tokens",
            hint="Ids go on after those of the merges. Whose are they?",
            edits={
                "    tokens += [token.encode() for token in special_tokens]\n": "",
                "    if unknown :=": "    if 0 and (unknown :=",
                "< len(tokens)]:": "< len(tokens)]):",
            },
        ),
        Misconception(
            id="specials-in-other-order",
            name="the special tokens are numbered in alphabetical order",
            hint="Which special token has the first id: the one that the caller named first?",
            edits={"for token in special_tokens": "for token in sorted(special_tokens)"},
        ),
    ),
)


# --- wordpiece --------------------------------------------------------------------------------------------------------
def wordpiece_inputs(rng):
    """A vocabulary of drawn letters with short and long pieces, and words with one way through, several, or none."""
    a, b, c, d = shuffled(rng, *"abcd")
    pieces = [a, a + b, b, f"##{a}", f"##{b}", f"##{c}", f"##{b}{c}", f"##{c}{a}", f"##{c}{a}{b}", f"##{a}{b}"]
    pieces += ["사랑", "##해", "##해요", "##요", f"##{a}{b}{a}", f"##{b}{d}"]  # {b}{d} is never reached

    def case(word, longest=23):
        return {"word": word, "vocabulary": shuffled(rng, *pieces), "unknown": "[UNK]", "longest": longest}

    return {
        "known": [case(word) for word in (a, a + b, a + b + c + a + b, b + c + a + a, "사랑해요", a + b + a + b + c)],
        "unknown": [case(word) for word in (d, a + d, a + b + d + a, c, "사람", "사랑이")],
        "long": [case((a + b) * 4, longest=7), case((a + b) * 4, longest=8), case("사랑해요", longest=5)],
    }


def wordpiece_by_recursion(word, vocabulary, unknown="[UNK]", longest=100):
    def rest_of(word, mark):
        if not word:
            return []
        for end in range(len(word), 0, -1):
            if mark + word[:end] in vocabulary:
                rest = rest_of(word[end:], "##")
                return None if rest is None else [mark + word[:end], *rest]
        return None

    pieces = None if len(word) > longest else rest_of(word, "")
    return [unknown] if pieces is None else pieces


def wordpiece_by_generator(word, vocabulary, unknown="[UNK]", longest=100):
    """With a set, and the pieces in a row from long to short."""
    known, pieces, rest = set(vocabulary), [], word
    while rest and len(word) <= longest:
        candidates = (("##" if pieces else "") + rest[:n] for n in reversed(range(1, len(rest) + 1)))
        piece = next(filter(known.__contains__, candidates), None)
        if piece is None:
            break
        pieces.append(piece)
        rest = rest[len(piece.removeprefix("##") if len(pieces) > 1 else piece) :]
    return [unknown] if rest else pieces


def wordpiece_backwards(word, vocabulary, unknown="[UNK]", longest=100):
    if len(word) > longest:
        return [unknown]
    pieces, end = [], len(word)
    while end > 0:
        start = 0
        while start < end and ("##" if start else "") + word[start:end] not in vocabulary:
            start += 1
        if start == end:
            return [unknown]
        pieces.insert(0, ("##" if start else "") + word[start:end])
        end = start
    return pieces


def wordpiece_going_back(word, vocabulary, unknown="[UNK]", longest=100):
    def ways(start):
        if start == len(word):
            yield []
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                yield from ([piece, *rest] for rest in ways(end))

    return next(ways(0), [unknown]) if len(word) <= longest else [unknown]


WORDPIECE = Exercise(
    solves="unrolled.wordpiece.wordpiece",
    groups={"known": 1, "unknown": 1, "long": 1},
    inputs=wordpiece_inputs,
    accepts=(wordpiece_by_recursion, wordpiece_by_generator),
    forbids=("tokenizers", "transformers"),
    misconceptions=(
        Misconception(
            id="mark-forgotten",
            name="the pieces inside a word are looked up without ##, as if they began one",
            hint="“able” and “##able” are two entries. Which one may stand inside a word?",
            edits={'"##" if start else ""': '""'},
        ),
        Misconception(
            id="mark-not-written",
            name="the pieces are looked up rightly, but come out without ##",
            hint="un, believ, able: can a reader see that this is one word, and not three?",
            edits={"pieces.append(mark + word[start:end])": "pieces.append(word[start:end])"},
        ),
        Misconception(
            id="mark-everywhere",
            name="the first piece is looked up with ## as well",
            hint="## says that a piece continues a word. Does the first piece continue anything?",
            edits={'"##" if start else ""': '"##"'},
        ),
        Misconception(
            id="shortest",
            name="the shortest piece that fits is taken instead of the longest",
            hint="From which end do you try: the whole rest of the word first, or its first letter?",
            edits={
                "end, mark = len(word), ": "end, mark = start + 1, ",
                "while end > start and mark": "while end <= len(word) and mark",
                "end -= 1": "end += 1",
                "if end == start": "if end > len(word)",
            },
        ),
        Misconception(
            id="backwards",
            name="the longest piece at the end of the word is taken first",
            hint="Both ways are greedy, but not the same. At which end does BERT begin?",
            answer=wordpiece_backwards,
        ),
        Misconception(
            id="going-back",
            name="where the longest piece leads nowhere, a shorter one is tried",
            hint="That would find more words. BERT never goes back: what does it make of a word whose rest does not fit?",
            answer=wordpiece_going_back,
        ),
        Misconception(
            id="rest-unknown",
            name="the pieces found so far are kept, and only the rest is unknown",
            hint="If one place of a word does not fit, what does BERT make of the whole word?",
            edits={
                "if end == start:\n            return [unknown]": "if end == start:\n            return [*pieces, unknown]"
            },
        ),
        Misconception(
            id="letter-unknown",
            name="a letter that does not fit is unknown, and the word goes on behind it",
            hint="If one place of a word does not fit, is it that letter that becomes unknown, or the word?",
            edits={
                "if end == start:\n            return [unknown]": (
                    "if end == start:\n            pieces.append(unknown)\n            start += 1\n            continue"
                )
            },
        ),
        Misconception(
            id="letter-skipped",
            name="a letter that does not fit is skipped in silence",
            hint="Can a reader see that something was left out? What must come out instead?",
            edits={
                "if end == start:\n            return [unknown]": "if end == start:\n            start += 1\n            continue"
            },
        ),
        Misconception(
            id="no-limit",
            name="words of any length are taken apart",
            hint="What is the argument `longest` for?",
            edits={"if len(word) > longest:\n        return [unknown]\n    ": ""},
        ),
        Misconception(
            id="limit-in-bytes",
            name="the length of a word is counted in bytes",
            hint="A Korean word would then be too long three times as soon. What does the docstring count?",
            edits={"len(word) > longest": "len(word.encode()) > longest"},
        ),
        Misconception(
            id="limit-too-low",
            name="a word of just `longest` characters is already unknown",
            hint="May a word be as long as the longest, or must it be shorter?",
            edits={"len(word) > longest": "len(word) >= longest"},
        ),
    ),
)

EXERCISES = (PRETOKENIZE, COUNT_PAIRS, MERGE_PAIR, TRAIN_BPE, ENCODE, DECODE, WORDPIECE)
