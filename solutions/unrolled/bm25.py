"""BM25: how well a text fits a question, by the words that both have.

Paper: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.4.

Names: ours ↔ theirs — `k1`, `b` are theirs; the inverse document frequency is Lucene's, which is never negative: theirs,
without the 1 in the logarithm, falls below 0 for words that stand in more than half of the documents.

Left out: an index that looks only at documents with a word of the query, which makes it fast for millions of them.
"""

import math
from collections import Counter

import torch
from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked


def bm25_scores(
    query: list[str], documents: list[list[str]], *, k1: float = 1.5, b: float = 0.75
) -> Float[Tensor, " documents"]:
    """The score of each document: the sum, over the words of the query, of idf · f · (k1 + 1) / (f + k1 · length).

    f is how often the word stands in the document, and length is 1 − b + b · (its words / the mean of all documents).
    idf = log(1 + (N − n + ½) / (n + ½)) for a word that n of the N documents have. A word that stands twice in the
    query counts twice. A document that has none of the words gets 0, an empty one too.

    Raises a ValueError that names `k1` if it is negative, and one that names `b` if it is not from 0 to 1.

    Source: Robertson and Zaragoza (2009), equation 3.15.

    >>> bm25_scores(["the", "cat"], [["the", "cat"], ["the", "old", "dog"], ["a", "cat", "and", "a", "cat"]])
    tensor([1.1464, 0.4922, 0.5785])
    """
    if k1 < 0:
        raise ValueError(f"k1 is {k1}; expected 0 or more")
    if not 0 <= b <= 1:
        raise ValueError(f"b is {b}; expected a number from 0 to 1")
    counts = [Counter(document) for document in documents]
    average = sum(len(document) for document in documents) / max(len(documents), 1)
    scores = [0.0] * len(documents)
    for word in query:
        n = sum(word in count for count in counts)
        idf = math.log(1 + (len(documents) - n + 0.5) / (n + 0.5))
        for i, count in enumerate(counts):
            if f := count[word]:
                length = 1 - b + b * len(documents[i]) / average
                scores[i] += idf * f * (k1 + 1) / (f + k1 * length)
    return torch.tensor(scores)


checked(globals())
