"""`train_bpe`: Learns merges: again and again the most frequent pair within words becomes a new token."""

import contextlib
import unicodedata
from collections import Counter
from itertools import pairwise

from autograder.exercise import Exercise, Misconception
from autograder.exercises.bpe.shared import ENDS, drawn, shuffled
from unrolled.bpe import count_pairs, merge_pair, pretokenize, train_bpe


def train_bpe_inputs(rng):
    """Short texts of drawn words, some often: runs, Hangul composed and decomposed, special tokens; ties by themselves."""

    def words(n, letters="abcd"):
        made = [drawn(rng, letters, length) for length in rng.integers(2, 6, n)]
        return [made[i] for i in np_squares(rng, n, 4 * n)]

    def case(words, merges, specials=()):
        return {"text": " ".join(words), "vocab_size": 256 + len(specials) + merges, "special_tokens": list(specials)}

    def without_ties(draw, least, specials=()):
        """Words that are drawn again until so many merges come before the first tie, and no more merges than that."""
        while (merges := before_a_tie(drawn_words := draw(), specials)) < least:
            pass
        return case(drawn_words, merges, specials)

    def against(mistake, draw):
        """Cases that are drawn again until they show this mistake."""
        wrong = TRAIN_BPE.variant(*(known for known in TRAIN_BPE.misconceptions if known.id == mistake))
        while wrong(**(inputs := draw())) == train_bpe(**inputs):
            pass
        return inputs

    def hangul():
        """Words of syllables whose first bytes are the same, some of them decomposed."""
        return [*words(7, "사삭산살"), *(unicodedata.normalize("NFD", word) for word in words(2, "사삭산살"))]

    def ended():
        return [word + end for word, end in zip(words(9), ["<|end|>", "", "<|end|>!"] * 3, strict=False)]

    def glued():
        return [f"{word}<|end|>{word}" for word in words(5)]

    runs = ["aaaa", "aaaaa", "baaa"] * 2
    return {
        "words": [
            without_ties(lambda: words(7), 6),
            without_ties(lambda: [*words(5), *runs], 4),
            case([], 3),
        ],
        "Hangul": [against("normalised", lambda: without_ties(hangul, 4))],
        "special tokens": [
            without_ties(lambda: [*ended(), "end|> <|"], 4, ENDS),
            case(ended(), 0, ENDS),
            against("specials-deleted", lambda: without_ties(glued, 4, ENDS)),
        ],
        "ties": [
            against("stale-entries-dropped", lambda: case([*words(5), *runs], 99)),
            case([drawn(rng, "abcd", 4), " _", *shuffled(rng, "é", "Ã"), drawn(rng, "ABab ", 7)], 99),
            case(shuffled(rng, *(drawn(rng, "abc~", 9) for _ in range(5))), 99),
            case(shuffled(rng, "사랑", "사람", "사랑해", *[drawn(rng, "가나다라", 3)] * 4), 13),
        ],
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


def before_a_tie(words, special_tokens=()):
    """How many merges are learnt from these words before two pairs are equally frequent, or none is left."""

    class Tie(Exception):
        pass

    chosen = []

    def only(pairs):
        best = [pair for pair in pairs if pairs[pair] == max(pairs.values())]
        if len(best) > 1:
            raise Tie
        chosen.extend(best)
        return best[0]

    with contextlib.suppress(Tie):
        by_recount(" ".join(words), 10_000, special_tokens, only)
    return len(chosen)


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


def train_bpe_keeping_counts(text, vocab_size, special_tokens=()):
    """Right: the counts are kept from merge to merge, and the best looked for among all."""
    order = sorted(range(256), key=lambda byte: (byte == 32 or not chr(byte).isprintable(), byte))
    place = [order.index(byte) for byte in range(256)]
    found = Counter(pretokenize(text, special_tokens))
    words = [([*word.encode()], count) for word, count in found.items() if word not in special_tokens]
    pairs = count_pairs(*([list(column) for column in zip(*words, strict=True)] or ([], [])))
    merges = []
    while len(merges) + 256 + len(special_tokens) < vocab_size and any(pairs.values()):
        best = min(pairs, key=lambda p: (-pairs[p], place[p[0]], place[p[1]]))
        for i, (word, count) in enumerate(words):
            if best in pairwise(word):
                words[i] = merge_pair(word, best, len(place)), count
                for new, sign in ((word, -1), (words[i][0], 1)):
                    pairs.update({pair: sign * count * n for pair, n in Counter(pairwise(new)).items()})
        place.append(len(place))
        merges.append(best)
    return merges


def gpt2_places():
    """The place of each byte in GPT-2's order."""
    order = sorted(range(256), key=lambda byte: (byte == 32 or not chr(byte).isprintable(), byte))
    return {byte: i for i, byte in enumerate(order)}


def train_bpe_by_left_alone(text, vocab_size, special_tokens=()):
    place = gpt2_places()
    return by_recount(
        text, vocab_size, special_tokens, lambda pairs: min(pairs, key=lambda p: (-pairs[p], place.get(p[0], p[0])))
    )


def train_bpe_spelt(text, vocab_size, special_tokens=()):
    spelt = {byte: (place,) for byte, place in gpt2_places().items()}

    def choose(pairs):
        left, right = min(pairs, key=lambda p: (-pairs[p], spelt[p[0]], spelt[p[1]]))
        spelt[len(spelt)] = spelt[left] + spelt[right]
        return left, right

    return by_recount(text, vocab_size, special_tokens, choose)


def train_bpe_rarest(text, vocab_size, special_tokens=()):
    place = gpt2_places()
    return by_recount(
        text, vocab_size, special_tokens,
        lambda pairs: min(pairs, key=lambda p: (pairs[p], place.get(p[0], p[0]), place.get(p[1], p[1]))),
    )  # fmt: skip


def train_bpe_never_merging(text, vocab_size, special_tokens=()):
    first = train_bpe(text, 257 + len(special_tokens), special_tokens)
    return first * (vocab_size - 256 - len(special_tokens))


def train_bpe_first_seen(text, vocab_size, special_tokens=()):
    return by_recount(text, vocab_size, special_tokens, lambda pairs: max(pairs, key=pairs.get))


def train_bpe_largest(text, vocab_size, special_tokens=()):
    return by_recount(text, vocab_size, special_tokens, lambda pairs: max(pairs, key=lambda pair: (pairs[pair], pair)))


def train_bpe_smallest_bytes(text, vocab_size, special_tokens=()):
    return train_bpe_largest_bytes(text, vocab_size, special_tokens, largest=False)


def train_bpe_largest_bytes(text, vocab_size, special_tokens=(), largest=True):
    tokens = [bytes([byte]) for byte in range(256)]

    def choose(pairs):
        most = [pair for pair in pairs if pairs[pair] == max(pairs.values())]
        left, right = (max if largest else min)(most, key=lambda pair: (tokens[pair[0]], tokens[pair[1]]))
        tokens.append(tokens[left] + tokens[right])
        return left, right

    return by_recount(text, vocab_size, special_tokens, choose)


def train_bpe_without_end(text, vocab_size, special_tokens=()):
    merges = train_bpe(text, vocab_size, special_tokens)
    if len(merges) < vocab_size - 256 - len(special_tokens):
        min({}, key=len)  # of the pairs that are left
    return merges


def train_bpe_counted_once(text, vocab_size, special_tokens=()):
    found, place = Counter(w for w in pretokenize(text, special_tokens) if w not in special_tokens), gpt2_places()
    pairs = count_pairs([word.encode() for word in found], list(found.values()))
    best = sorted(pairs, key=lambda p: (-pairs[p], place[p[0]], place[p[1]]))
    return best[: vocab_size - 256 - len(special_tokens)]


TRAIN_BPE = Exercise(
    solves="unrolled.bpe.train_bpe",
    groups={"words": 2, "Hangul": 1, "special tokens": 1, "ties": 1},
    promises_in="words",
    inputs=train_bpe_inputs,
    uses=("pretokenize", "count_pairs", "merge_pair"),
    accepts=(train_bpe_recounting, train_bpe_in_gpt2_order, train_bpe_keeping_counts),
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
            hint="In GPT-2 the space belongs to the word after it, and can be merged with it. Which function of yours cuts like that?",
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
            id="ties-by-smaller-bytes",
            name="among equally frequent pairs the one wins whose bytes are smaller",
            hint="A space and capitals are small bytes, and “th” is smaller than “u”. Which of the two orders that the "
            "docstring gives says otherwise?",
            answer=train_bpe_smallest_bytes,
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
        Misconception(
            id="ties-by-left-alone",
            name="among equally frequent pairs with the same left token it is chance which one wins",
            hint="The left tokens may be the same. What decides then?",
            answer=train_bpe_by_left_alone,
        ),
        Misconception(
            id="ties-by-right-first",
            name="among equally frequent pairs the right tokens are compared before the left ones",
            hint="“The one with the earlier left token, then the earlier right one”: in which order stand they in your key?",
            edits={"place.get(left, left), place.get(right, right)": "place.get(right, right), place.get(left, left)"},
        ),
        Misconception(
            id="order-not-inverted",
            name="the list of bytes in their order is read as if it gave the place of each byte",
            hint="in_order[0] is the byte that comes first. You want the place of a byte: which way round must the table be?",
            edits={"{byte: i for i, byte in enumerate(in_order)}": "dict(enumerate(in_order))"},
        ),
        Misconception(
            id="space-among-the-visible",
            name="the space stands among the visible characters",
            hint="Python calls the space printable. What does the docstring's line say of byte 32?",
            edits={"(byte == 32 or not chr(byte).isprintable(), byte)": "(not chr(byte).isprintable(), byte)"},
        ),
        Misconception(
            id="ties-merged-first",
            name="among equally frequent pairs merged tokens come before the bytes",
            hint="Which come first in the docstring's order, the bytes or the tokens that were made?",
            edits={
                "place.get(left, left), place.get(right, right)": "place.get(left, -left), place.get(right, -right)"
            },
        ),
        Misconception(
            id="ties-newest-first",
            name="among equally frequent pairs of merged tokens the newest comes first",
            hint="Merged tokens stand in the order of their making. Which of them is the earlier?",
            edits={
                "place.get(left, left), place.get(right, right)": "place.get(left, 9**9 - left), place.get(right, 9**9 - right)"
            },
        ),
        Misconception(
            id="ties-by-spelling",
            name="among equally frequent pairs merged tokens are sorted in among the bytes, by their spelling",
            hint="All bytes stand before the merged tokens. Where stands “th” in yours: after all bytes, or between t and u?",
            answer=train_bpe_spelt,
        ),
        Misconception(
            id="rarest-first",
            name="the rarest pair is merged first",
            hint="A heap gives the smallest first, and so does `min`. What must be done to the count?",
            answer=train_bpe_rarest,
        ),
        Misconception(
            id="never-merged",
            name="the new token never gets into the words, and the same pair is found again and again",
            hint="`merge_pair` returns the new word and leaves the old one as it was. Where do you keep what it returns?",
            answer=train_bpe_never_merging,
        ),
        Misconception(
            id="number-too-high",
            name="the first merge makes the token 257",
            hint="The bytes are 0 to 255. Do you take the number before or after the merge is added to the list?",
            edits={"new = 256 + len(merges)": "new = 257 + len(merges)"},
        ),
        Misconception(
            id="stale-entries-dropped",
            name="a pair whose count has fallen since it was put on the heap is lost for good",
            hint="An entry that is out of date is too high, but the pair is still there. What do you do with it after comparing?",
            edits={"if pairs[pair] > 0:": "if False:"},
        ),
        Misconception(
            id="subtracted-once",
            name="a pair that a merge destroys is taken off once, however often the word occurs",
            hint="The word occurs counts[i] times, and so did its pairs. How many do you take away?",
            edits={"pairs[p] -= counts[i]": "pairs[p] -= 1"},
        ),
        Misconception(
            id="specials-deleted",
            name="the special tokens are deleted from the text, and what stood on both sides grows together",
            hint="In “a<|end|>b” the a and the b are no neighbours. Which of your functions keeps them apart?",
            edits={
                "pretokenize(text, special_tokens)": (
                    """pretokenize(__import__("regex").sub("|".join(map(__import__("regex").escape, sorted("""
                    """special_tokens, key=len)[::-1])) or "(?!)", "", text))"""
                )
            },
        ),
        Misconception(
            id="numbers-beside-the-pairs",
            name="each merge comes with the number of its token",
            hint="Merge i makes the token 256 + i: the place in the list says it. What does the signature promise?",
            edits={"return merges": "return [(pair, 256 + i) for i, pair in enumerate(merges)]"},
        ),
        Misconception(
            id="a-dictionary",
            name="a dictionary from pairs to numbers comes back",
            hint="minbpe keeps merges so. What does the signature promise here?",
            edits={"return merges": "return {pair: 256 + i for i, pair in enumerate(merges)}"},
        ),
    ),
)
