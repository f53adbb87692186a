"""How good a ranking is: is what was sought in it, how far up, and in what order?

Papers: Järvelin and Kekäläinen, "Cumulated Gain-Based Evaluation of IR Techniques" (2002), for nDCG; Voorhees, "The
TREC-8 Question Answering Track Report" (1999), for the reciprocal rank.

Names: ours ↔ theirs — `relevant` ↔ the gains G; of one question the *mean* reciprocal rank is the reciprocal rank.

Left out: means over many questions (average what comes out), and precision.
"""

import math

from unrolled.signatures import checked


def ranking_metrics(ranking: list[int], relevant: dict[int, int], k: int) -> dict[str, float]:
    """Recall, reciprocal rank and normalised discounted cumulative gain of the first k of a ranking.

    `ranking` holds documents' numbers, the best first. `relevant` says how relevant documents are: 1, 2 … or 0 for not
    at all, like one that it lacks.

    - "recall": which share of all relevant documents stands among the first k.
    - "mrr": 1 / the rank of the first relevant one, or 0 if there is none among the first k. Ranks count from 1.
    - "ndcg": the sum of relevance / log₂(rank + 1) over the first k, divided by the sum that the best order would have.

    If nothing is relevant, all three are 0. Raises a ValueError that names `k` if it is less than 1.

    Source: Järvelin and Kekäläinen (2002), section 2.2, with b = 2 and the discount from rank 2 on as everybody has it
    today; the gain is linear.

    >>> ranking_metrics([4, 7, 2, 9], {7: 1, 9: 2, 5: 1}, k=3)
    {'recall': 0.3333333333333333, 'mrr': 0.5, 'ndcg': 0.20151514190050246}
    """
    if k < 1:
        raise ValueError(f"k is {k}; expected at least 1")

    def discounted(gains: list[int]) -> float:
        return sum((gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1)), 0.0)

    gains = [relevant.get(document, 0) for document in ranking[:k]]
    best = sorted((gain for gain in relevant.values() if gain > 0), reverse=True)
    if not best:
        return {"recall": 0.0, "mrr": 0.0, "ndcg": 0.0}
    found = [rank for rank, gain in enumerate(gains, start=1) if gain > 0]
    return {
        "recall": len(found) / len(best),
        "mrr": 1 / found[0] if found else 0.0,
        "ndcg": discounted(gains) / discounted(best[:k]),
    }


checked(globals())
