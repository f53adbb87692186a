"""Attention by locality-sensitive hashing: a word looks only at words that are probably alike.

Paper: Kitaev, Kaiser and Levskaya, "Reformer: The Efficient Transformer" (2020), section 2; the hash is that of Andoni
et al., "Practical and Optimal LSH for Angular Distance" (2015).

Names: ours ↔ theirs — `query_key` ↔ Q = K; `rotations` ↔ R; `rounds` ↔ n_rounds; a `slot` is one of the rounds · time
places of the sorted sequence; `logsumexp` ↔ z. A word's place in the text is its `place`.

Left out: who draws the rotations and keeps them for the way back (`unrolled.reformer`), and the paper's term log N,
which would make several rounds a union of sets; its own code has none, nor has Hugging Face's.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from unrolled.signatures import checked


def lsh_buckets(
    vectors: Float[Tensor, "batch heads time d_k"],
    rotations: Float[Tensor, "heads d_k rounds half"],
) -> Int[Tensor, "batch heads rounds time"]:
    """The bucket of every vector, in every round: the number of the direction that it points along most.

    A round of a head has `half` random directions, the columns of its rotation as they are, and
    their opposites: 2 · half buckets. Bucket i is direction i, bucket half + i is its opposite. The
    vector belongs to the one with which its product is largest; of equal ones, to the lowest.

    Source: Kitaev et al. (2020), section 2, "Locality sensitive hashing": argmax([xR; −xR]).

    >>> vectors = torch.tensor([[[[3.0, 1.0], [-3.0, 1.0], [1.0, -9.0]]]])
    >>> rotations = torch.eye(2)[None, :, None]  # the directions are "right" and "up"
    >>> lsh_buckets(vectors, rotations)  # right, left, down
    tensor([[[[0, 2, 3]]]])
    """
    rotated = torch.einsum("bhtd,hdrn->bhrtn", vectors, rotations)
    return torch.cat([rotated, -rotated], dim=-1).argmax(dim=-1)


def sort_by_bucket(
    buckets: Int[Tensor, "batch heads rounds time"],
) -> tuple[Int[Tensor, "batch heads slots"], Int[Tensor, "batch heads slots"]]:
    """The order that brings alike words together, and the order that undoes it.

    All rounds lie in a row: number r · time + t is word t in round r. `order` lists these numbers
    by round, within a round by bucket, and within a bucket by place. So `x[order]` is sorted, and
    `x[order][undo]` is x again.

    Source: Kitaev et al. (2020), section 2, "LSH attention"; figure 2.

    >>> order, undo = sort_by_bucket(torch.tensor([[[[1, 0, 1, 0]]]]))
    >>> order, undo
    (tensor([[[1, 3, 0, 2]]]), tensor([[[2, 0, 3, 1]]]))
    """
    rounds, time = buckets.shape[2:]
    first = time * torch.arange(rounds, device=buckets.device)[:, None]
    order = (buckets.argsort(dim=-1, stable=True) + first).flatten(2)
    return order, order.argsort(dim=-1)


def attend_in_chunks(
    query_key: Float[Tensor, "batch heads slots d_k"],
    value: Float[Tensor, "batch heads slots d_v"],
    places: Int[Tensor, "batch heads slots"],
    *,
    chunk_length: int,
    causal: bool,
) -> tuple[Float[Tensor, "batch heads slots d_v"], Float[Tensor, "batch heads slots"]]:
    """Attention over sorted slots, each to its own chunk and the one before; and log Σ exp of each one's scores.

    Queries and keys are one and the same, but a key has unit length: it is x / √(mean of x² + 1e-6)
    / √d_k, and nothing else is divided by √d_k. The chunk before the first is the last. `places`
    says where in the text the word of each slot stands: where `causal`, the scores of later places
    are −1e9. The score of a word with itself (the same place) is −1e5, so that it looks at itself
    only if nothing else is left.

    Raises a ValueError that names `chunk_length` if it is below 1, or the slots do not fall into whole chunks.

    Source: Kitaev et al. (2020), section 2, "Shared-QK Transformer" and "LSH attention"; numbers as in their code.

    >>> x, value = torch.tensor([[[[1.0], [1.0], [1.0], [1.0]]]]), torch.tensor([[[[1.0], [2.0], [4.0], [8.0]]]])
    >>> output, _ = attend_in_chunks(x, value, torch.tensor([[[0, 1, 2, 3]]]), chunk_length=2, causal=True)
    >>> output.flatten()  # itself, for nothing is before; word 0; words 0 and 1; words 0, 1 and 2
    tensor([1.0000, 1.0000, 1.5000, 2.3333])
    """
    slots, d_k = query_key.shape[2:]
    if chunk_length < 1 or slots % chunk_length:
        raise ValueError(
            f"chunk_length is {chunk_length}; expected a number that divides the {slots} slots"
        )

    def chunks(x):
        return x.unflatten(2, (-1, chunk_length))

    def with_previous(x):
        return torch.cat([chunks(x).roll(1, dims=2), chunks(x)], dim=3)

    length = (query_key.square().mean(dim=-1, keepdim=True) + 1e-6).sqrt()
    key = query_key / length / math.sqrt(d_k)
    scores = chunks(query_key) @ with_previous(key).mT
    here, there = chunks(places)[..., :, None], with_previous(places)[..., None, :]
    if causal:
        scores = scores.masked_fill(there > here, -1e9)
    scores = scores.masked_fill(there == here, -1e5)
    output = scores.softmax(dim=-1) @ with_previous(value)
    return output.flatten(2, 3), scores.logsumexp(dim=-1).flatten(2)


def combine_rounds(
    outputs: Float[Tensor, "batch heads rounds time d_v"],
    logsumexps: Float[Tensor, "batch heads rounds time"],
) -> Float[Tensor, "batch heads time d_v"]:
    """One output of each word from those of all rounds: a round counts by the sum of its exponentiated scores.

    It is as if all that the word has seen, in whichever round, stood in one softmax. The
    logarithms of these sums are given; they may be large or small.

    Source: Kitaev et al. (2020), equations 4 to 6 without N; the code's `logsumexp` over rounds.

    >>> outputs = torch.tensor([1.0, 5.0]).view(1, 1, 2, 1, 1)  # of one word, in two rounds
    >>> combine_rounds(outputs, torch.tensor([3.0, 1.0]).log().view(1, 1, 2, 1))  # ¾ · 1 + ¼ · 5
    tensor([[[[2.]]]])
    """
    weights = logsumexps.softmax(dim=2)
    return (outputs * weights[..., None]).sum(dim=2)


def lsh_attention(
    query_key: Float[Tensor, "batch heads time d_k"],
    value: Float[Tensor, "batch heads time d_v"],
    buckets: Int[Tensor, "batch heads rounds time"],
    *,
    chunk_length: int,
    causal: bool,
    steps: tuple[Callable, Callable, Callable] = (sort_by_bucket, attend_in_chunks, combine_rounds),
) -> Float[Tensor, "batch heads time d_v"]:
    """Attention in buckets, from the sorting to the words' own order again.

    A text that is not longer than a chunk is one chunk: then every word sees all others. `steps`
    may be answers of your own.

    >>> x, value = torch.randn(1, 2, 12, 8), torch.randn(1, 2, 12, 3)
    >>> buckets = lsh_buckets(x, torch.randn(2, 8, 4, 3))  # four rounds, six buckets
    >>> lsh_attention(x, value, buckets, chunk_length=4, causal=True).shape
    torch.Size([1, 2, 12, 3])
    """
    sort, attend, combine = steps
    rounds, time = buckets.shape[2:]
    order, undo = sort(buckets)
    places = order % time
    sorted_query_key, sorted_value = (
        x.take_along_dim(places[..., None], dim=2) for x in (query_key, value)
    )
    chunk_length = max(min(chunk_length, time), 1)
    output, logsumexp = attend(
        sorted_query_key, sorted_value, places, chunk_length=chunk_length, causal=causal
    )
    output = output.take_along_dim(undo[..., None], dim=2).unflatten(2, (rounds, time))
    return combine(output, logsumexp.take_along_dim(undo, dim=2).unflatten(2, (rounds, time)))


checked(globals())
