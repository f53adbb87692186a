"""Several rankings into one, and a choice of texts that do not all say the same.

Papers: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion Outperforms Condorcet and Individual Rank Learning Methods"
(2009); Carbonell and Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing
Summaries" (1998).

Names: ours ↔ theirs — `rankings` ↔ R, `k` is theirs; `weight` ↔ λ, what is chosen ↔ S.

Left out: scores that are brought to one scale and added, and rankings that are learnt.
"""

import math
from collections import defaultdict

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked


def reciprocal_rank_fusion(rankings: list[list[int]], k: int = 60) -> list[int]:
    """All documents of the rankings, by the falling sum of 1 / (k + rank).

    A ranking holds documents' numbers, the best first; its first one has rank 1. What a ranking lacks adds 0. Of equal
    sums the lower number comes first.

    Raises a ValueError that names `k` if it is negative.

    Source: Cormack et al. (2009), section 2, with k = 60.

    >>> reciprocal_rank_fusion([[7, 3, 5], [3, 5, 7, 4]])
    [3, 7, 5, 4]
    """
    if k < 0:
        raise ValueError(f"k is {k}; expected 0 or more")
    parts = defaultdict(list)
    for ranking in rankings:
        for rank, document in enumerate(ranking, start=1):
            parts[document].append(1 / (k + rank))
    sums = {document: math.fsum(found) for document, found in parts.items()}
    return sorted(sums, key=lambda document: (-sums[document], document))


def maximal_marginal_relevance(
    query: Float[Tensor, " d"], documents: Float[Tensor, "documents d"], count: int, weight: float
) -> list[int]:
    """The numbers of `count` documents, chosen one after the other: near the query, and far from what was chosen.

    The first is the one most similar to the query, whatever the weight. Each later one has the highest value of weight ·
    (similarity to the query) − (1 − weight) · (similarity to the most similar one that was chosen before). Similarity is
    the cosine. Of equal values the lower number wins. If there are fewer than `count` documents, all are ordered.

    Raises a ValueError that names `weight` if it is not from 0 to 1, and one that names `count` if it is negative.

    Source: Carbonell and Goldstein (1998), section 2.

    >>> documents = torch.tensor([[0.9, 0.1], [0.91, 0.1], [0.6, -0.8]])
    >>> maximal_marginal_relevance(torch.tensor([1.0, 0.0]), documents, count=2, weight=1.0)
    [1, 0]
    >>> maximal_marginal_relevance(torch.tensor([1.0, 0.0]), documents, count=2, weight=0.5)  # 0 and 1 say the same
    [1, 2]
    """
    if not 0 <= weight <= 1:
        raise ValueError(f"weight is {weight}; expected a number from 0 to 1")
    if count < 0:
        raise ValueError(f"count is {count}; expected 0 or more")
    documents = F.normalize(documents, dim=-1)
    relevance = documents @ F.normalize(query, dim=-1)
    chosen: list[int] = []
    while len(chosen) < min(count, len(documents)):
        value = relevance
        if chosen:
            redundancy = (documents @ documents[chosen].T).amax(dim=1)
            value = weight * relevance - (1 - weight) * redundancy
        value = value.index_fill(0, torch.tensor(chosen, dtype=torch.long), -torch.inf)
        chosen.append(int(value.argmax()))
    return chosen


checked(globals())
