"""`count_pairs`: How often each pair of neighbours occurs, if word i occurs counts[i] times in the text."""

from collections import Counter
from itertools import pairwise

from autograder.exercise import Exercise, Misconception


def count_pairs_inputs(rng):
    """Words of 1, 2, 5 and 7 tokens out of four, one with a run of three, some twice; counts are different primes."""

    def case(*words):
        counts = rng.permutation([2, 3, 5, 7, 11])[: len(words)].tolist()
        return {"words": [list(word) for word in words], "counts": counts}

    a, b, c, d = (rng.permutation(300)[:4]).tolist()
    return {
        "one word": [case([a, b, c, a, b, d])],
        "a text": [
            case([a, b, c, b, a], [d], [d, a], [b, a, d, a, b, c, d]),
            case([a, b, c], [b, a], [a, b, c], [d, c, d], [b, a]),
            case(),
        ],
        "runs": [case([a, a, a], [b, a, a, a, a, c])],
    }


def probe_counts(answer, inputs):
    """Call the answer; report the counts by pair, in words, of those that occur, and what is said of another pair."""
    from autograder.probes import call

    KINDS = ("Counter", "defaultdict", "OrderedDict", "dict")

    def word(pair):
        return f"({pair[0]}, {pair[1]})" if isinstance(pair, tuple) and len(pair) == 2 else repr(pair)

    seen = call(answer, inputs)
    if isinstance(seen["result"], dict):
        try:
            seen["count of a pair that never occurs"] = seen["result"][-1, -1]
        except KeyError:
            seen["count of a pair that never occurs"] = "KeyError"
        seen["type of the result"] = next(kind.__name__ for kind in type(seen["result"]).mro() if kind.__name__ in KINDS)
        seen["result"] = {word(pair): count for pair, count in seen["result"].items() if count}
    return seen


def count_pairs_by_index(words, counts):
    pairs = {}
    for i in range(len(words)):
        for j in range(len(words[i]) - 1):
            pair = (words[i][j], words[i][j + 1])
            pairs[pair] = pairs.get(pair, 0) + counts[i]
    return Counter(pairs)


def count_pairs_by_update(words, counts):
    pairs = Counter()
    for word, count in zip(words, counts, strict=True):
        pairs.update({pair: n * count for pair, n in Counter(pairwise(word)).items()})
    return pairs


def count_pairs_by_list(words, counts):
    """Every pair as often as its word occurs, in one long list."""
    return Counter(pair for i, word in enumerate(words) for pair in pairwise(word) for _ in range(counts[i]))


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


def count_pairs_of_equal_words(words, counts):
    pairs = Counter()
    for word, count in {tuple(word): count for word, count in zip(words, counts, strict=True)}.items():
        for pair in pairwise(word):
            pairs[pair] += count
    return pairs


def count_pairs_of_the_last_word(words, counts):
    pairs = Counter()
    for word, count in zip(words, counts, strict=True):
        pairs = Counter()
        for pair in pairwise(word):
            pairs[pair] += count
    return pairs


def count_pairs_times_the_last_count(words, counts):
    pairs, count = Counter(), 0
    for word, count in zip(words, counts, strict=True):  # noqa: B007
        pairs.update(pairwise(word))
    return Counter({pair: n * count for pair, n in pairs.items()})


COUNT_PAIRS = Exercise(
    solves="unrolled.bpe.count_pairs",
    groups={"one word": 0.5, "a text": 1, "runs": 0.5},
    inputs=count_pairs_inputs,
    probe=probe_counts,
    accepts=(count_pairs_by_index, count_pairs_by_update, count_pairs_by_list),
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
        Misconception(
            id="first-pair-left-out",
            name="the first pair of a word is left out",
            hint="A word of n tokens has n − 1 pairs of neighbours. At which index does your first pair begin?",
            edits={"in pairwise(word)": "in pairwise(word[1:])"},
        ),
        Misconception(
            id="behind-the-end",
            name="the loop runs to the last token, which has no neighbour on its right",
            hint="A word of n tokens has n − 1 pairs of neighbours. What is word[i + 1] for the last i of your loop?",
            edits={"in pairwise(word)": "in [(word[i], word[i + 1]) for i in range(len(word))]"},
        ),
        Misconception(
            id="last-token-alone",
            name="the last token of each word is counted on its own, as a pair of one",
            hint="word[i : i + 2] at the end of a word holds a single token. At which index does the last *pair* begin?",
            edits={"in pairwise(word)": "in [tuple(word[i : i + 2]) for i in range(len(word))]"},
        ),
        Misconception(
            id="turned-round",
            name="the pairs are written the other way round, the right token first",
            hint="If a stands before b, which of the two comes first in the pair?",
            edits={"pairs[pair] +=": "pairs[pair[::-1]] +="},
        ),
        Misconception(
            id="lists-as-keys",
            name="a pair is a list, which cannot be a key",
            hint="A slice of a list is a list. Which kind of sequence can be a key of a dictionary?",
            edits={"pairs[pair] +=": "pairs[list(pair)] +="},
        ),
        Misconception(
            id="strings-as-keys",
            name="a pair is a string instead of two numbers",
            hint="In the paper's program tokens are strings. What does the signature say that a pair is here?",
            edits={"pairs[pair] +=": 'pairs[f"{pair[0]} {pair[1]}"] +='},
        ),
        Misconception(
            id="tokens",
            name="single tokens are counted instead of pairs",
            hint="What do you count: a token, or two that stand side by side?",
            edits={"in pairwise(word)": "in word"},
        ),
        Misconception(
            id="all-combinations",
            name="every two tokens of a word count as a pair, neighbours or not",
            hint="In abc, are a and c neighbours?",
            edits={"in pairwise(word)": 'in __import__("itertools").combinations(word, 2)'},
        ),
        Misconception(
            id="twins-left-out",
            name="a pair of two equal tokens is left out",
            hint="aa is a pair like any other. Why do you compare its two tokens?",
            edits={"in pairwise(word)": "in (p for p in pairwise(word) if p[0] != p[1])"},
        ),
        Misconception(
            id="no-start",
            name="a count is added to before there is one",
            hint="The first time a pair comes, what does a plain dictionary hold for it? What would a Counter hold?",
            edits={"= Counter()": "= {}"},
        ),
        Misconception(
            id="plain-dictionary",
            name="a plain dictionary comes back, to which a pair that never occurs is an error",
            hint="The signature promises a Counter. What does a Counter say of a key that it does not hold?",
            edits={"return pairs": "return dict(pairs)"},
        ),
        Misconception(
            id="a-defaultdict",
            name="the counts come in a defaultdict, which is no Counter and grows whenever it is asked",
            hint="The signature promises a Counter. Ask yours for a pair that never occurs: how long is it before and after?",
            edits={"return pairs": "return __import__('collections').defaultdict(int, pairs)"},
        ),
        Misconception(
            id="a-list",
            name="a list of pairs with their counts comes back, sorted, instead of a Counter",
            hint="`most_common` gives a list. How would you look up the count of one pair in it?",
            edits={"return pairs": "return pairs.most_common()"},
        ),
        Misconception(
            id="only-the-first-word",
            name="only the first word is counted",
            hint="On which level of indentation does your `return` stand?",
            edits={"    return pairs": "        return pairs"},
        ),
        Misconception(
            id="only-the-last-word",
            name="only the last word is counted",
            hint="Where is your Counter made: once, or anew for every word?",
            answer=count_pairs_of_the_last_word,
        ),
        Misconception(
            id="count-of-the-wrong-word",
            name="the count is looked up by the place in the word instead of the number of the word",
            hint="counts[i] belongs to words[i]. What does your i number?",
            edits={
                "for pair in pairwise(word)": "for i, pair in enumerate(pairwise(word))",
                "+= count": "+= counts[i]",
            },
        ),
        Misconception(
            id="count-of-the-first-equal-word",
            name="a word that is listed twice is counted both times as often as the first",
            hint="`words.index` finds the first of two equal words. How do you know which of them you are at?",
            edits={"+= count": "+= counts[words.index(word)]"},
        ),
        Misconception(
            id="equal-words-overwritten",
            name="of words that are listed twice only the last counts",
            hint="A dictionary holds each key once. What happens to the count of the first of two equal words?",
            answer=count_pairs_of_equal_words,
        ),
        Misconception(
            id="last-count-for-all",
            name="all pairs are multiplied by the count of the last word",
            hint="Each word has its own count. When do you multiply: in the loop over the words, or after it?",
            answer=count_pairs_times_the_last_count,
        ),
        Misconception(
            id="word-repeated",
            name="each word is written as often as it occurs, in a row, so that its end is followed by its beginning",
            hint="“aba” twice is not “abaaba”. Which pair stands at the seam?",
            edits={"in pairwise(word)": "in pairwise([*word] * count)", "+= count": "+= 1"},
        ),
        Misconception(
            id="shares",
            name="shares of all pairs come out instead of numbers",
            hint="How often did the pair occur? By what do you divide?",
            edits={"return pairs": "return Counter({p: n / sum(pairs.values()) for p, n in pairs.items()})"},
        ),
        Misconception(
            id="words-used-up",
            name="the caller's words are empty afterwards",
            hint="`pop` takes a token out of the caller's list. How do you look at neighbours without taking them away?",
            edits={"pairs[pair] += count": "pairs[pair] += count\n        word.clear()"},
        ),
        Misconception(
            id="next-one-skipped",
            name="after two equal tokens the pair that begins with the second is left out",
            hint="(5, 5, 6) holds (5, 5), and which other pair? In counting, two pairs may share a token.",
            edits={
                "        for pair in pairwise(word):\n            pairs[pair] += count": "        i = 0\n        while i < len(word) - 1:\n            pairs[word[i], word[i + 1]] += count\n            i += 2 if word[i] == word[i + 1] else 1"
            },
        ),
    ),
)
