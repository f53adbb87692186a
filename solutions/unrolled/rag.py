"""Retrieval-augmented generation: the probability of an answer, summed over the texts that it might come from.

Paper: Lewis et al., "Retrieval-Augmented Generation for Knowledge-Intensive NLP Tasks" (2020), section 2.1.

Names: ours ↔ theirs — `document_scores` ↔ d(z)ᵀq(x), whose softmax over the retrieved texts is p_η(z|x); `token_logits` ↔
the generator p_θ(yᵢ|x, z, y₁…yᵢ₋₁); "sequence" and "token" ↔ RAG-Sequence and RAG-Token.

Left out: the generator and the retriever; decoding, for which RAG-Token is one model, and RAG-Sequence is not.
"""

from jaxtyping import Bool, Float, Int
from torch import Tensor

from unrolled.signatures import checked


def rag_log_probabilities(
    token_logits: Float[Tensor, "batch documents time vocabulary"],
    document_scores: Float[Tensor, "batch documents"],
    targets: Int[Tensor, "batch time"],
    mask: Bool[Tensor, "batch time"],
) -> tuple[Float[Tensor, " batch"], Float[Tensor, " batch"]]:
    """The log-probability of each target text, by RAG-Sequence and by RAG-Token.

    A document's probability is the softmax of `document_scores` over a row's documents, a word's the softmax of
    `token_logits` over the vocabulary. RAG-Sequence takes one document for the whole text: log Σ_z p(z) Π_t p(y_t|z).
    RAG-Token may take another one for every word: Σ_t log Σ_z p(z) p(y_t|z). Only words where `mask` is True count; at
    the other places `targets` holds any word. Scores may be large, and products too small for float32.

    Source: Lewis et al. (2020), section 2.1.

    >>> import torch
    >>> words = torch.tensor([[[[0.9, 0.1], [0.9, 0.1]], [[0.1, 0.9], [0.1, 0.9]]]]).log()  # two sure documents
    >>> both = rag_log_probabilities(words, torch.zeros(1, 2), torch.tensor([[0, 1]]), torch.ones(1, 2).bool())
    >>> [found.exp() for found in both]  # word 0, then word 1: no single document says so
    [tensor([0.0900]), tensor([0.2500])]
    """
    documents = token_logits.shape[1]
    asked = targets[:, None, :, None].expand(-1, documents, -1, 1)
    words = token_logits.log_softmax(dim=-1).gather(-1, asked)[..., 0]
    words = words.masked_fill(~mask[:, None], 0.0)
    prior = document_scores.log_softmax(dim=-1)
    sequence = (prior + words.sum(dim=-1)).logsumexp(dim=1)
    token = (prior[..., None] + words).logsumexp(dim=1).sum(dim=-1)
    return sequence, token


checked(globals())
