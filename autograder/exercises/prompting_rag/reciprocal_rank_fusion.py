"""`reciprocal_rank_fusion`: Several rankings into one, by the sum of 1 / (k + rank)."""

from collections import Counter, defaultdict
from fractions import Fraction

from autograder.exercise import Exercise, Misconception


def fusion_inputs(rng):
    """Two and three rankings of unequal length, with other documents; equal sums; a small k, where the first rank counts most.

    One ranking, an empty one, none. A document that one ranking has near its end against one that all have in the middle.
    """
    numbers = [int(number) for number in rng.permutation(60)]

    def case(patterns, **options):
        return {"rankings": [[numbers[place] for place in pattern] for pattern in patterns], **options}

    def drawn(lengths, among, k=60):
        """Rankings in which sums of different ranks are never equal: there rounding would decide."""
        while True:
            patterns = [rng.permutation(among)[:length].tolist() for length in lengths]
            ranks = [sorted(p.index(d) + 1 for p in patterns if d in p) for d in range(among)]
            sums = [sum(Fraction(1, k + rank) for rank in found) for found in ranks if found]
            if len(set(sums)) == len({tuple(found) for found in ranks if found}):
                return case(patterns, k=k)

    low, high = sorted(numbers[:2])
    others = numbers[2:6]
    return {
        "two rankings": [
            drawn([7, 7], 7),
            drawn([9, 5], 11),
            case([[0, 1, 2, 3, 4, 5, 6], [7, 8, 6, 9, 5, 0]]),
            case([[3, 1, 4, 0], [5, 9, 2, 6, 8]]),
        ],
        "several": [drawn([7, 5, 9], 11), drawn([4, 6, 3, 5], 7), case([[0, 1, 2], [2, 1, 0], [1, 3, 4], [5]])],
        "k": [
            case([[0, 1, 2, 3], [4, 1, 2, 5], [3, 2, 6, 1]], k=0),
            drawn([7, 7, 7], 9, k=1),
            case([[0, 5, 6, 1, 7], [2, 3, 4, 1, 8]], k=1),
            case([[0, 5, 6, 1, 7], [2, 3, 4, 1, 8]], k=1000),
            case([[0, 5, 6, 1], [7, 8, 9, 1, 10, 11, 12, 13, 0]], k=1),
            drawn([11, 11], 13, k=int(rng.integers(2, 6))),
        ],
        "at the border": [
            {"rankings": [[high, low, *others], [low, high, *others[::-1]]]},
            {"rankings": [[high, *others], [low, *others]]},
            case([rng.permutation(8).tolist()]),
            case([[], rng.permutation(6).tolist()]),
            {"rankings": []},
            {"rankings": [[], []]},
        ],
    }


def fusion_refuses(rng):
    return [{"rankings": [[1, 2], [2, 1]], "k": -1}, {"rankings": [[1, 2], [2, 1]], "k": -60}]


def _checked(k):
    if k < 0:
        raise ValueError("k is negative")


def fusion_of_fractions(rankings, k=60):
    _checked(k)
    sums = Counter()
    for ranking in rankings:
        for i, document in enumerate(ranking):
            sums[document] += Fraction(1, k + i + 1)
    return [document for document, _ in sorted(sums.items(), key=lambda item: (-item[1], item[0]))]


def fusion_document_by_document(rankings, k=60):
    _checked(k)
    scored = []
    for document in {document for ranking in rankings for document in ranking}:
        ranks = sorted(ranking.index(document) + 1 for ranking in rankings if document in ranking)
        scored.append((-sum(1.0 / (k + rank) for rank in ranks), document))
    scored.sort()
    return [document for _, document in scored]


def fusion_stable(rankings, k=60):
    _checked(k)
    sums = defaultdict(float)
    for ranking in rankings:
        for rank in range(1, len(ranking) + 1):
            sums[ranking[rank - 1]] += 1 / (k + rank)
    return sorted(sorted(sums), key=lambda document: round(sums[document], 12), reverse=True)


ADD = "parts[document].append(1 / (k + rank))"
FROM_1 = "enumerate(ranking, start=1)"
SUM = "math.fsum(found)"
ORDER = "sorted(sums, key=lambda document: (-sums[document], document))"

RECIPROCAL_RANK_FUSION = Exercise(
    solves="unrolled.fusion.reciprocal_rank_fusion",
    groups={"two rankings": 1, "several": 0.5, "k": 1, "at the border": 0.5},
    inputs=fusion_inputs,
    refuses=fusion_refuses,
    accepts=(fusion_of_fractions, fusion_document_by_document, fusion_stable),
    misconceptions=(
        Misconception(
            id="ranks-from-0",
            name="ranks count from 0",
            hint="With k = 0, what does the first document of a ranking get in yours?",
            edits={FROM_1: "enumerate(ranking)", ADD: "parts[document].append(1 / (k + rank) if k + rank else 1e9)"},
            also=({FROM_1: "enumerate(ranking)"},),
        ),
        Misconception(
            id="ranks-from-2",
            name="ranks count from 2",
            hint="Which rank has the first document in yours, if k is added once only?",
            edits={FROM_1: "enumerate(ranking, start=2)"},
        ),
        Misconception(
            id="k-ignored",
            name="k is left out: 1 / rank",
            hint="What is k good for: how much more does the first rank count than the second, with and without it?",
            edits={ADD: "parts[document].append(1 / rank)"},
        ),
        Misconception(
            id="always-60",
            name="k is always 60",
            hint="Which argument do you never read?",
            edits={ADD: "parts[document].append(1 / (60 + rank))"},
        ),
        Misconception(
            id="k-outside",
            name="k is added to the fraction, not to the rank",
            hint="1 / rank + k: does k then change how the ranks compare, or only how often a document occurs?",
            edits={ADD: "parts[document].append(1 / rank + k)"},
        ),
        Misconception(
            id="logarithm-of-the-rank",
            name="the logarithm of the rank takes the place of k + rank, as in nDCG",
            hint="Which fraction does the docstring add up?",
            edits={ADD: "parts[document].append(1 / math.log2(rank + 1))"},
        ),
        Misconception(
            id="ranks-added",
            name="the ranks are added, not their reciprocals, and the smallest sum wins",
            hint="A document that stands in one ranking only: is its sum of ranks small or large in yours?",
            edits={ADD: "parts[document].append(-(k + rank))"},
        ),
        Misconception(
            id="points-for-ranks",
            name="documents get points as in a vote: the ranking's length less the rank (Borda)",
            hint="That is an older rule. How much does each place lose against the one before, in yours and in 1 / (k + rank)?",
            edits={ADD: "parts[document].append(len(ranking) + 1 - rank)"},
        ),
        Misconception(
            id="best-rank-only",
            name="only a document's best rank counts",
            hint="Two rankings agree on a document, one praises another: what does your sum run over?",
            edits={SUM: "max(found)"},
        ),
        Misconception(
            id="mean",
            name="the mean over the rankings that have it counts instead of the sum",
            hint="A document that only one ranking has: what should the others add?",
            edits={SUM: "math.fsum(found) / len(found)"},
        ),
        Misconception(
            id="only-in-all",
            name="documents that one of the rankings lacks are left out",
            hint="What does the docstring say a ranking adds for a document that it lacks?",
            edits={ORDER: "sorted((d for d in sums if len(parts[d]) == len(rankings)), key=lambda document: (-sums[document], document))"},
        ),
        Misconception(
            id="absent-is-last",
            name="a ranking adds something for a document that it lacks, as if it stood after the last one",
            hint="What does the docstring say a ranking adds for a document that it lacks?",
            edits={SUM: "math.fsum([*found, *(1 / (k + len(r) + 1) for r in rankings if document not in r)])"},
        ),
        Misconception(
            id="rising",
            name="the order is upside down",
            hint="Which document should come first, that with the largest sum or the smallest?",
            edits={ORDER: "sorted(sums, key=lambda document: (sums[document], document))"},
        ),
        Misconception(
            id="ties-to-the-higher",
            name="of equal sums the higher number comes first",
            hint="What happens to the second item of a sort key under `reverse=True`?",
            edits={ORDER: "sorted(sums, key=lambda document: (sums[document], document), reverse=True)"},
        ),
        Misconception(
            id="ties-as-met",
            name="of equal sums the one met first comes first",
            hint="If the two rankings are exchanged, should the result change?",
            edits={ORDER: "sorted(sums, key=lambda document: -sums[document])"},
        ),
        Misconception(
            id="by-number-of-rankings",
            name="a document that more rankings have always comes first",
            hint="How much do two far ranks add up to, against one first rank with a small k?",
            edits={ORDER: "sorted(sums, key=lambda document: (-len(parts[document]), -sums[document], document))"},
        ),
        Misconception(
            id="one-after-the-other",
            name="the rankings are laid one into the other: both firsts, both seconds, and so on",
            hint="Where does a sum come in? What do two rankings that agree on a document do for it?",
            edits={ORDER: "list(dict.fromkeys(r[i] for i in range(max(map(len, rankings), default=0)) for r in rankings if i < len(r)))"},
        ),
        Misconception(
            id="sums-come-out",
            name="the numbers come out together with their sums",
            hint="What does the signature promise: numbers, or pairs?",
            edits={ORDER: "sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))"},
        ),
        Misconception(
            id="cut-to-the-shortest",
            name="only as many documents come out as the first ranking has",
            hint="How many different documents do the rankings have together?",
            edits={ORDER: "sorted(sums, key=lambda document: (-sums[document], document))[: len(rankings[0]) if rankings else 0]"},
        ),
        Misconception(
            id="k-unchecked",
            name="a negative k is taken without a word",
            hint="What does the docstring promise for a negative k? And what is 1 / (−1 + 1)?",
            edits={"if k < 0:": "if False:", ADD: "parts[document].append(1 / ((k + rank) or 1))"},
        ),
    ),
)
