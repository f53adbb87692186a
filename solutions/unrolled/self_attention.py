"""Self-attention: every word looks at every word, all at once.

Paper: Vaswani et al., "Attention Is All You Need" (2017), sections 3.2 and 3.5.

Names: ours ↔ theirs — `query`, `key`, `value` ↔ Q, K, V; `heads` ↔ h; `d_model`, `d_k` as there. A boolean
mask is True where one may look, as in `torch.nn.functional.scaled_dot_product_attention`;
`torch.nn.MultiheadAttention` has it the other way round.

Left out: the block around it, with normalisation and residuals in their places
(`unrolled.transformer`).
"""

import math

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from unrolled.signatures import checked


def scaled_dot_product_attention(
    query: Float[Tensor, "*batch query d_k"],
    key: Float[Tensor, "*batch key d_k"],
    value: Float[Tensor, "*batch key d_v"],
    mask: Bool[Tensor, "... #query #key"] | None = None,
) -> tuple[Float[Tensor, "*batch query d_v"], Float[Tensor, "*batch query key"]]:
    """softmax(Q·Kᵀ / √d_k)·V, and the weights: for every query an average of the values.

    Each query weighs all keys; the weights of a query add up to 1, however large its scores are. Where
    `mask` is False, the weight is exactly 0; a query that may look nowhere gets zeros, as in chapter 4
    (no case asks for it). `mask` broadcasts to the scores. In front of the last two axes there may be
    any others (batch, heads), or none.

    Source: Vaswani et al. (2017), equation 1.

    >>> query = torch.tensor([[1.0, 0.0]])
    >>> key = torch.tensor([[4.0, 0.0], [0.0, 4.0]])  # the first key points where the query points
    >>> value = torch.tensor([[10.0, 0.0, 0.0], [0.0, 10.0, 0.0]])
    >>> output, weights = scaled_dot_product_attention(query, key, value)
    >>> weights, output
    (tensor([[0.9442, 0.0558]]), tensor([[9.4419, 0.5581, 0.0000]]))
    """
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = scores.softmax(dim=-1).masked_fill(scores.isneginf(), 0.0)
    return weights @ value, weights


def causal_mask(length: int) -> Bool[Tensor, "query key"]:
    """Which keys a query may look at if it must not see the future: those up to and with itself.

    Source: Vaswani et al. (2017), section 3.2.3, the decoder.

    >>> causal_mask(3)
    tensor([[ True, False, False],
            [ True,  True, False],
            [ True,  True,  True]])
    """
    return torch.ones(length, length, dtype=torch.bool).tril()


def padding_mask(lengths: Int[Tensor, " batch"], length: int) -> Bool[Tensor, "batch key"]:
    """Which keys are real: in sequence i the first `lengths[i]` of `length`; the rest is padding.

    A sequence may be empty. For attention with heads, `mask[:, None, None, :]` gives every head and every query this row.

    >>> padding_mask(torch.tensor([3, 1]), length=4)
    tensor([[ True,  True,  True, False],
            [ True, False, False, False]])
    """
    return torch.arange(length, device=lengths.device) < lengths[:, None]


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, each in a part of the features of its own.

    `d_model` features are projected to queries, keys and values, cut into `heads` parts of d_model / heads
    features, attended to part by part, laid side by side again, and projected once more.

    Source: Vaswani et al. (2017), section 3.2.2.

    >>> attention = MultiHeadAttention(d_model=6, heads=2)
    >>> x = torch.randn(1, 5, 6)
    >>> output, weights = attention(x, x, x, mask=torch.ones(5, 5).tril().bool())
    >>> output.shape, weights.shape  # the weights of each head: (batch, heads, query, key)
    (torch.Size([1, 5, 6]), torch.Size([1, 2, 5, 5]))
    """

    def __init__(self, d_model: int, heads: int):
        super().__init__()
        if d_model % heads:
            raise ValueError(
                f"d_model is {d_model}; expected a multiple of heads, which is {heads}"
            )
        self.heads = heads
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model)
        self.output = nn.Linear(d_model, d_model)

    def forward(
        self,
        query: Float[Tensor, "batch query d_model"],
        key: Float[Tensor, "batch key d_model"],
        value: Float[Tensor, "batch key d_model"],
        mask: Bool[Tensor, "... #query #key"] | None = None,
    ) -> tuple[Float[Tensor, "batch query d_model"], Float[Tensor, "batch heads query key"]]:
        """The output, and the weights of every head.

        `mask` broadcasts to (batch, heads, query, key): (query, key) is the same for all, and
        (batch, 1, 1, key) hides padding.
        """

        def split(x: Tensor) -> Tensor:
            return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        q, k, v = split(self.query(query)), split(self.key(key)), split(self.value(value))
        output, weights = scaled_dot_product_attention(q, k, v, mask)
        return self.output(output.transpose(1, 2).flatten(2)), weights


def sinusoidal_positions(length: int, d_model: int) -> Float[Tensor, "length d_model"]:
    """A vector for every position: sines and cosines, from fast to slow.

    Entry 2i of position p is sin(p / 10000^(2i / d_model)), entry 2i + 1 the cosine of the same.

    Source: Vaswani et al. (2017), section 3.5. `d_model` must be even.

    >>> sinusoidal_positions(2, 4)
    tensor([[0.0000, 1.0000, 0.0000, 1.0000],
            [0.8415, 0.5403, 0.0100, 0.9999]])
    """
    if d_model % 2:
        raise ValueError(f"d_model is {d_model}; expected an even number: a sine and a cosine each")
    rates = 10000 ** (-torch.arange(0, d_model, 2) / d_model)
    angles = torch.arange(length)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


class WordFiller(nn.Module):
    """Guesses hidden words of a sentence: embeddings, one attention, one feed-forward layer, scores.

    A Transformer block in small; chapter 6 takes it apart. Without `positions` it cannot tell the order.

    >>> model = WordFiller(vocabulary=11, d_model=8, heads=2, length=5)
    >>> ids = torch.tensor([[4, 7, 1, 0, 0]])
    >>> logits, weights = model(ids, padding_mask(torch.tensor([3]), 5))
    >>> logits.shape, weights.shape
    (torch.Size([1, 5, 11]), torch.Size([1, 2, 5, 5]))
    """

    def __init__(
        self, vocabulary: int, d_model: int, heads: int, length: int, *, positions: bool = True
    ):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, d_model)
        nn.init.normal_(self.embedding.weight, std=0.5)
        table = sinusoidal_positions(length, d_model) if positions else torch.zeros(length, d_model)
        self.register_buffer("positions", table)
        self.attention = MultiHeadAttention(d_model, heads)
        self.norms = nn.ModuleList([nn.LayerNorm(d_model), nn.LayerNorm(d_model)])
        self.feed_forward = nn.Sequential(
            nn.Linear(d_model, 4 * d_model), nn.ReLU(), nn.Linear(4 * d_model, d_model)
        )
        self.head = nn.Linear(d_model, vocabulary)

    def forward(
        self, ids: Int[Tensor, "batch time"], real: Bool[Tensor, "batch time"]
    ) -> tuple[Float[Tensor, "batch time vocabulary"], Float[Tensor, "batch heads time time"]]:
        """Scores for the word at every place, and the weights; `real` is False at padding."""
        x = self.embedding(ids) + self.positions[: ids.shape[1]]
        attended, weights = self.attention(x, x, x, real[:, None, None, :])
        x = self.norms[0](x + attended)
        x = self.norms[1](x + self.feed_forward(x))
        return self.head(x), weights


checked(globals())
