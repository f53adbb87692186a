"""The two attentions of a Reformer as layers: by hashing, and to the neighbours in the text.

Paper: Kitaev et al., "Reformer" (2020), section 2; Hugging Face's `LSHSelfAttention` and `LocalSelfAttention`.

Names: ours ↔ theirs — `query_key`, `query`, `key`, `value` the same; `output` ↔ `output.dense`; `rounds` ↔ `num_hashes`,
`buckets` ↔ `num_buckets`.

Left out: dropout, a cache for writing, and looking further than one chunk back.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from unrolled.lsh import lsh_attention, lsh_buckets
from unrolled.signatures import checked


def _split_heads(
    x: Float[Tensor, "batch time features"], heads: int
) -> Float[Tensor, "batch heads time d_k"]:
    """The features of each head by themselves."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def _merge_heads(x: Float[Tensor, "batch heads time d_k"]) -> Float[Tensor, "batch time features"]:
    """All heads' features side by side."""
    return x.transpose(1, 2).flatten(2)


class LSHSelfAttention(nn.Module):
    """Attention by hashing, causal: queries and keys are one, and words look into their buckets.

    `buckets` is their number, an even one, or a pair of even numbers whose product it is: then two
    small hashes make a large one. `hash_seed` fixes the rotations.

    >>> attention = LSHSelfAttention(d_model=6, heads=2, d_k=4, chunk_length=3, rounds=2, buckets=4)
    >>> x = torch.randn(1, 12, 6)
    >>> found = attention.find_buckets(x)
    >>> found.shape, attention(x, found).shape
    (torch.Size([1, 2, 2, 12]), torch.Size([1, 12, 6]))
    """

    def __init__(
        self,
        d_model: int,
        heads: int,
        d_k: int,
        *,
        chunk_length: int,
        rounds: int,
        buckets: int | tuple[int, ...],
        hash_seed: int | None = None,
    ):
        super().__init__()
        self.heads, self.chunk_length, self.rounds = heads, chunk_length, rounds
        self.factors = (buckets,) if isinstance(buckets, int) else tuple(buckets)
        if any(n < 2 or n % 2 for n in self.factors):
            raise ValueError(
                f"buckets is {buckets}; expected even numbers, for each direction has an opposite"
            )
        self.hash_seed = hash_seed
        self.query_key = nn.Linear(d_model, heads * d_k, bias=False)
        self.value = nn.Linear(d_model, heads * d_k, bias=False)
        self.output = nn.Linear(heads * d_k, d_model, bias=False)

    @torch.no_grad()
    def find_buckets(
        self,
        x: Float[Tensor, "batch time d_model"],
        real: Bool[Tensor, "batch time"] | None = None,
        generator: torch.Generator | None = None,
    ) -> Int[Tensor, "batch heads rounds time"]:
        """Everyone's bucket in every round, with rotations drawn anew; padding gets one of its own."""
        vectors = _split_heads(self.query_key(x), self.heads)
        if self.hash_seed is not None:
            generator = torch.Generator().manual_seed(self.hash_seed)
        shape = (self.heads, vectors.shape[-1], self.rounds, sum(self.factors) // 2)
        device = generator.device if generator else x.device
        rotations = torch.randn(shape, generator=generator, dtype=vectors.dtype, device=device)
        found, before, all_so_far = 0, 0, 1
        for buckets in self.factors:
            part = rotations[..., before : before + buckets // 2].to(x.device)
            found = found + all_so_far * lsh_buckets(vectors, part)
            before, all_so_far = before + buckets // 2, all_so_far * buckets
        return found if real is None else found.masked_fill(~real[:, None, None], all_so_far)

    def forward(
        self,
        x: Float[Tensor, "batch time d_model"],
        buckets: Int[Tensor, "batch heads rounds time"],
    ) -> Float[Tensor, "batch time d_model"]:
        """Each word's output, from words of these buckets that stand before it."""
        query_key, value = (
            _split_heads(layer(x), self.heads) for layer in (self.query_key, self.value)
        )
        seen = lsh_attention(query_key, value, buckets, chunk_length=self.chunk_length, causal=True)
        return self.output(_merge_heads(seen))


class LocalSelfAttention(nn.Module):
    """Causal attention to the words of the own chunk and of the one before, in the order of the text.

    >>> attention = LocalSelfAttention(d_model=6, heads=2, d_k=4, chunk_length=3)
    >>> attention(torch.randn(1, 12, 6)).shape
    torch.Size([1, 12, 6])
    """

    def __init__(self, d_model: int, heads: int, d_k: int, *, chunk_length: int):
        super().__init__()
        self.heads, self.chunk_length = heads, chunk_length
        self.query, self.key, self.value = (
            nn.Linear(d_model, heads * d_k, bias=False) for _ in range(3)
        )
        self.output = nn.Linear(heads * d_k, d_model, bias=False)

    def find_buckets(self, x: Tensor, *_: object) -> None:
        """There are none."""
        return None

    def forward(
        self, x: Float[Tensor, "batch time d_model"], buckets: None = None
    ) -> Float[Tensor, "batch time d_model"]:
        """Each word's output, from its neighbours on the left."""
        query, key, value = (
            _split_heads(layer(x), self.heads) for layer in (self.query, self.key, self.value)
        )
        length = max(min(self.chunk_length, x.shape[1]), 1)
        places = torch.arange(x.shape[1], device=x.device)

        def chunks(x, axis=2):
            return x.unflatten(axis, (-1, length))

        def with_previous(x, axis=2):
            return torch.cat([chunks(x, axis).roll(1, axis), chunks(x, axis)], axis + 1)

        own = chunks(places, 0)
        there = torch.cat([own - length, own], dim=1)  # before the first chunk there is nothing
        mask = (there[:, None] <= own[:, :, None]) & (there[:, None] >= 0)
        seen = F.scaled_dot_product_attention(
            chunks(query), with_previous(key), with_previous(value), mask
        )
        return self.output(_merge_heads(seen.flatten(2, 3)))


checked(globals())
