"""`train_bpe`: Learns merges: again and again the most frequent pair within words becomes a new token."""

import unicodedata
from collections import Counter
from itertools import pairwise

from autograder.exercise import Exercise, Misconception
from autograder.exercises.bpe.shared import ENDS, drawn, shuffled
from unrolled.bpe import count_pairs, merge_pair, pretokenize, train_bpe


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
