"""`ranking_metrics`: Recall, reciprocal rank and nDCG of the first k of a ranking."""

import math

import numpy as np

from autograder.exercise import Exercise, Misconception


def ranking_inputs(rng):
    """Grades from 0 to 3; the first relevant one on rank 1, later, and after k; more relevant ones than k; a ranking shorter than k.

    Nothing relevant, grades of 0 only, an empty ranking; the best order itself.
    """
    numbers = [int(number) for number in rng.permutation(40)]

    def case(pattern, k, missing=()):
        """A ranking whose documents have these grades (None: not in the table), and grades of documents that it lacks."""
        ranking = numbers[: len(pattern)]
        graded = {document: grade for document, grade in zip(ranking, pattern, strict=True) if grade is not None}
        graded |= dict(zip(numbers[len(pattern) :], missing, strict=False))
        order = [int(i) for i in rng.permutation(len(graded))]
        items = list(graded.items())
        return {"ranking": ranking, "relevant": dict(items[i] for i in order), "k": k}

    def drawn(length, k):
        """The first one is not relevant; one of grade 3 comes after k, and relevant ones are missing."""
        pattern = [None, *rng.choice([0, 1, 2, 3], length - 1).tolist()]
        pattern[int(rng.integers(1, k))], pattern[k] = 2, 3
        return case(pattern, k, missing=[1, int(rng.integers(2, 4)), 0])

    def one(place):
        return [1 if i == place else None for i in range(31)]

    near, far = 2 + numbers.index(0) % 7, 9 + numbers.index(1) % 20
    return {
        "one relevant document": [case(one(near), far), case(one(near), 1), case(one(far), far + 1), case(one(far), far)],
        "several, equally relevant": [
            case([None, 1, None, 1, 1, None, 1], 4, missing=[1]),
            case([1, None, 1, 1, 1, 1][: 4 + int(rng.integers(3))], 2),
            case([0, None, 0, 1, 1][: 4 + int(rng.integers(2))], 5, missing=[0, 1, 1]),
        ],
        "grades": [
            drawn(9, 5),
            drawn(11, 4),
            case([3, 2, 2, 1, 0, None], 4),
            case([1, None, 3], 7, missing=[int(rng.integers(1, 4)), 2]),
            case([None, None, 3, 1], 2, missing=[1]),
        ],
        "at the border": [
            case([0, None, 0], 2, missing=[0]),
            case([None, None], 3),
            case([], int(rng.integers(2, 5)), missing=[2, 1]),
            case([2], 1, missing=[int(rng.integers(3, 999)), *[1] * int(rng.integers(1, 12))]),
        ],
    }


def ranking_refuses(rng):
    return [{"ranking": [1, 2], "relevant": {1: 1}, "k": 0}, {"ranking": [1, 2], "relevant": {1: 1}, "k": -2}]


def ranking_metrics_loop(ranking, relevant, k):
    if k <= 0:
        raise ValueError("k must be at least 1")
    hits, first, gained = 0, 0.0, 0.0
    for i in range(min(k, len(ranking))):
        grade = relevant.get(ranking[i], 0)
        if grade > 0:
            hits += 1
            first = first or 1 / (i + 1)
            gained += grade / math.log2(i + 2)
    ideal = 0.0
    for i, grade in enumerate(sorted(relevant.values())[::-1][:k]):
        ideal += grade / math.log2(i + 2)
    total = len([grade for grade in relevant.values() if grade])
    return {"recall": hits / total if total else 0.0, "mrr": first, "ndcg": gained / ideal if ideal else 0.0}


def ranking_metrics_numpy(ranking, relevant, k):
    if k < 1:
        raise ValueError("k is too small")
    gains = np.array([relevant.get(d, 0) for d in ranking[:k]], dtype=float)
    ideal = np.sort(np.array([*relevant.values()], dtype=float))[::-1][:k]
    total = sum(1 for g in relevant.values() if g > 0)
    if total == 0:
        return dict.fromkeys(("recall", "mrr", "ndcg"), 0.0)

    def dcg(values):
        return float((values / np.log2(np.arange(2, len(values) + 2))).sum())

    hits = np.flatnonzero(gains)
    return {
        "ndcg": dcg(gains) / dcg(ideal),
        "mrr": float(1 / (hits[0] + 1)) if len(hits) else 0.0,
        "recall": len(hits) / total,
    }


def ranking_metrics_sets(ranking, relevant, k):
    if k < 1:
        raise ValueError(f"k={k}")
    good = {document for document, grade in relevant.items() if grade > 0}
    if not good:
        return {"recall": 0.0, "mrr": 0.0, "ndcg": 0.0}
    top = ranking[:k]
    ranks = [top.index(document) + 1 for document in good & set(top)]
    discount = {rank: math.log(2) / math.log(rank + 1) for rank in range(1, k + 1)}
    dcg = math.fsum(relevant[top[rank - 1]] * discount[rank] for rank in ranks)
    best = sorted(good, key=relevant.__getitem__, reverse=True)[:k]
    ideal = math.fsum(relevant[document] * discount[i + 1] for i, document in enumerate(best))
    return {"recall": len(ranks) / len(good), "mrr": 1 / min(ranks) if ranks else 0.0, "ndcg": dcg / ideal}


def _with_discount(of):
    """An answer whose sums take grade and rank like this."""

    def ranking_metrics(ranking, relevant, k):
        found = ranking_metrics_loop(ranking, relevant, k)
        ideal = sorted((g for g in relevant.values() if g > 0), reverse=True)[:k]
        if ideal:
            gains = [relevant.get(d, 0) for d in ranking[:k]]
            total = [sum(of(g, r) for r, g in enumerate(values, 1)) for values in (gains, ideal)]
            found["ndcg"] = total[0] / total[1]
        return found

    return ranking_metrics


def ranking_metrics_raw_gain(ranking, relevant, k):
    found = ranking_metrics_loop(ranking, relevant, k)
    if any(grade > 0 for grade in relevant.values()):
        found["ndcg"] = sum(relevant.get(d, 0) / math.log2(r + 1) for r, d in enumerate(ranking[:k], 1))
    return found


GAINS = "gains = [relevant.get(document, 0) for document in ranking[:k]]"
BEST = "best = sorted((gain for gain in relevant.values() if gain > 0), reverse=True)"
FOUND = "found = [rank for rank, gain in enumerate(gains, start=1) if gain > 0]"
RECALL = '"recall": len(found) / len(best)'
MRR = '"mrr": 1 / found[0] if found else 0.0'
NDCG = '"ndcg": discounted(gains) / discounted(best[:k])'

RANKING_METRICS = Exercise(
    solves="unrolled.ranking.ranking_metrics",
    groups={"one relevant document": 1, "several, equally relevant": 1, "grades": 1, "at the border": 1},
    inputs=ranking_inputs,
    refuses=ranking_refuses,
    accepts=(ranking_metrics_loop, ranking_metrics_numpy, ranking_metrics_sets),
    forbids=("sklearn.metrics.ndcg_score", "sklearn.metrics.dcg_score"),
    misconceptions=(
        Misconception(
            id="recall-over-k",
            name="the hits are divided by k: that is precision",
            hint="Recall asks which share of what there is was found. Of how many relevant documents?",
            edits={RECALL: '"recall": len(found) / k'},
        ),
        Misconception(
            id="recall-over-at-most-k",
            name="the hits are divided by the number of relevant documents, but by k at most",
            hint="Some cut the denominator so that 1 can be reached. What does the docstring divide by?",
            edits={RECALL: '"recall": len(found) / min(len(best), k)'},
        ),
        Misconception(
            id="recall-yes-or-no",
            name="recall is 1 as soon as one relevant document is found",
            hint="If two of three were found, what is the share?",
            edits={RECALL: '"recall": float(len(found) > 0)'},
        ),
        Misconception(
            id="recall-by-grades",
            name="recall adds up the grades instead of counting the documents",
            hint="Is a very relevant document three documents?",
            edits={RECALL: '"recall": sum(gains) / sum(best)'},
        ),
        Misconception(
            id="recall-of-the-whole-ranking",
            name="recall looks at the whole ranking, not at the first k",
            hint="A relevant document on rank 100, and k = 10: was it found?",
            edits={RECALL: '"recall": sum(relevant.get(d, 0) > 0 for d in ranking) / len(best)'},
        ),
        Misconception(
            id="zero-grade-relevant",
            name="a document of grade 0 counts as relevant, because it stands in the table",
            hint="What does the docstring say of a 0 in `relevant`?",
            edits={BEST: "best = sorted(relevant.values(), reverse=True)", FOUND: "found = [rank for rank, document in enumerate(ranking[:k], start=1) if document in relevant]", NDCG: '"ndcg": discounted(gains) / (discounted(best[:k]) or 1)', MRR: '"mrr": 1 / found[0] if found else 0.0'},
        ),
        Misconception(
            id="mrr-from-0",
            name="the reciprocal rank counts ranks from 0, plus the one that is missing: the second place gives 1",
            hint="If the very first document is relevant, the value is 1. And if it is the second?",
            edits={MRR: '"mrr": 1 / max(found[0] - 1, 1) if found else 0.0'},
        ),
        Misconception(
            id="mrr-one-too-far",
            name="the reciprocal rank is one rank too far: the first place gives ½",
            hint="If the very first document is relevant, how far does one look?",
            edits={MRR: '"mrr": 1 / (found[0] + 1) if found else 0.0'},
        ),
        Misconception(
            id="mrr-without-k",
            name="the reciprocal rank looks beyond the first k",
            hint="If the first relevant document comes after rank k, what does the docstring promise?",
            edits={MRR: '"mrr": next((1 / r for r, d in enumerate(ranking, start=1) if relevant.get(d, 0) > 0), 0.0)'},
        ),
        Misconception(
            id="mrr-of-all",
            name="the mean of all relevant documents' reciprocal ranks comes out, not that of the first one",
            hint="The *mean* in its name is over questions. Of which document is the rank taken?",
            edits={MRR: '"mrr": sum(1 / r for r in found) / len(found) if found else 0.0'},
        ),
        Misconception(
            id="mrr-of-the-best",
            name="the reciprocal rank of the most relevant document comes out",
            hint="The *first* relevant document: first in the ranking, or by its grade?",
            edits={MRR: '"mrr": 1 / (gains.index(max(gains)) + 1) if found else 0.0'},
        ),
        Misconception(
            id="rank-itself",
            name="the rank comes out instead of its reciprocal",
            hint="Should a relevant document on rank 1 or on rank 10 give the higher value?",
            edits={MRR: '"mrr": float(found[0]) if found else 0.0'},
        ),
        Misconception(
            id="exponential-gain",
            name="the gain is 2^relevance − 1 instead of the relevance",
            hint="Correct in many papers and competitions. Which gain does the docstring name?",
            answer=_with_discount(lambda grade, rank: (2**grade - 1) / math.log2(rank + 1)),
        ),
        Misconception(
            id="discount-from-rank-2",
            name="the discount is log₂ of the rank, so that the first two ranks count alike",
            hint="That is the paper's of 2002. What is added to the rank here?",
            answer=_with_discount(lambda grade, rank: grade / max(math.log2(rank), 1)),
        ),
        Misconception(
            id="discount-one-too-far",
            name="the discount is log₂(rank + 2)",
            hint="What is the first rank divided by: log₂ 2, or log₂ 3? From where does your rank count?",
            answer=_with_discount(lambda grade, rank: grade / math.log2(rank + 2)),
        ),
        Misconception(
            id="discount-is-the-rank",
            name="the gain is divided by the rank, without a logarithm",
            hint="How much less does rank 10 count than rank 1? What stands in the docstring's denominator?",
            answer=_with_discount(lambda grade, rank: grade / rank),
        ),
        Misconception(
            id="no-discount",
            name="nDCG does not mind the order",
            hint="If the first k are reversed, should the value change?",
            answer=_with_discount(lambda grade, rank: grade),
        ),
        Misconception(
            id="not-normalised",
            name="DCG comes out, not divided by that of the best order",
            hint="What should the best possible order get?",
            answer=ranking_metrics_raw_gain,
        ),
        Misconception(
            id="best-order-of-what-was-found",
            name="the best order is made of what was found, not of all that is relevant",
            hint="If the most relevant document is missing from the ranking, can nDCG be 1?",
            edits={NDCG: '"ndcg": discounted(gains) / (discounted(sorted(gains, reverse=True)) or 1)'},
        ),
        Misconception(
            id="best-order-beyond-k",
            name="the best order is not cut at k",
            hint="With more relevant documents than k, can your value ever be 1?",
            edits={NDCG: '"ndcg": discounted(gains) / discounted(best)'},
        ),
        Misconception(
            id="best-order-not-sorted",
            name="the relevant documents are taken in the order of the table for the best one",
            hint="Which order gives the largest sum: does a dict promise it?",
            edits={BEST: "best = [gain for gain in relevant.values() if gain > 0]"},
        ),
        Misconception(
            id="best-order-rising",
            name="the best order begins with the least relevant document",
            hint="In which direction does `sorted` sort, and which order gives the largest sum?",
            edits={BEST: "best = sorted(gain for gain in relevant.values() if gain > 0)"},
        ),
        Misconception(
            id="grades-ignored",
            name="all relevant documents count 1, whatever their grade",
            hint="Should it matter whether a document of grade 3 or one of grade 1 comes first?",
            answer=_with_discount(lambda grade, rank: float(grade > 0) / math.log2(rank + 1)),
        ),
        Misconception(
            id="nothing-relevant",
            name="where nothing is relevant it divides by 0",
            hint="What does the docstring promise if nothing is relevant?",
            edits={"if not best:": "if False:"},
        ),
        Misconception(
            id="k-unchecked",
            name="a k below 1 is taken without a word",
            hint="What does the docstring promise for k = 0?",
            edits={"if k < 1:": "if False:", NDCG: '"ndcg": discounted(gains) / (discounted(best[:k]) or 1)'},
        ),
    ),
)
