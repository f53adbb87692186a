"""`count_pairs`: How often each pair of neighbours occurs, if word i occurs counts[i] times in the text."""

from collections import Counter
from itertools import pairwise

from autograder.exercise import Exercise, Misconception


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
