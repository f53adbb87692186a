"""DeBERTa: what a word is and where it stands are kept apart, and attention looks at both.

Paper: He et al., "DeBERTa: Decoding-enhanced BERT with Disentangled Attention" (2021), section 3.

Names: ours ↔ theirs — `query`, `key` ↔ Q_c, K_c; `relative_query`, `relative_key` ↔ Q_r, K_r; `reach` ↔ k, half the
number of relative positions; δ(i, j) as in equation 3. Equation 4 of the paper has δ(j, i) in its third term; the
published code and Hugging Face take δ(i, j), and so do we.

Left out: dropout; the second and third versions' other changes (shared projections, log buckets, a convolution).
"""

import math
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from unrolled.bert import GeluFeedForward
from unrolled.masked_lm import MaskedLMHead
from unrolled.signatures import checked


def disentangled_scores(
    query: Float[Tensor, "batch heads time d_k"],
    key: Float[Tensor, "batch heads time d_k"],
    relative_query: Float[Tensor, "heads positions d_k"],
    relative_key: Float[Tensor, "heads positions d_k"],
) -> Float[Tensor, "batch heads time time"]:
    """Attention scores from contents, and from contents and relative positions; before mask and softmax.

    `positions` is 2k. Word i scores word j with

        (query_i · key_j  +  query_i · relative_key_δ  +  key_j · relative_query_δ) / √(3 · d_k)

    where δ = i − j + k, cut off below 0 and above 2k − 1: how far j stands before i, the same in both terms.

    Source: He et al. (2021), equations 3 and 4; the third term's δ is that of the published code.

    >>> query = torch.tensor([[[[0.0], [0.0], [1.0]]]])  # only word 2 asks, one head, d_k = 1
    >>> key, nothing = torch.zeros(1, 1, 3, 1), torch.zeros(1, 4, 1)
    >>> relative_key = torch.tensor([[[10.0], [20.0], [30.0], [40.0]]])  # k = 2; δ is 4, cut to 3, then 3, then 2
    >>> disentangled_scores(query, key, nothing, relative_key)[0, 0, 2].mul(3**0.5).round()
    tensor([40., 40., 30.])
    """
    time, positions = query.shape[-2], relative_key.shape[-2]
    places = torch.arange(time, device=query.device)
    distance = (places[:, None] - places + positions // 2).clamp(0, positions - 1)
    to_position = (query @ relative_key.mT).gather(-1, distance.expand(*query.shape[:2], -1, -1))
    to_content = (key @ relative_query.mT).gather(-1, distance.T.expand(*key.shape[:2], -1, -1)).mT
    return (query @ key.mT + to_position + to_content) / math.sqrt(3 * query.shape[-1])


class DisentangledAttention(nn.Module):
    """Multi-head attention with disentangled scores; the keys, and the keys of positions, have no bias.

    >>> attention = DisentangledAttention(d_model=6, heads=2)
    >>> x = torch.randn(1, 5, 6)
    >>> output, weights = attention(x, x, torch.randn(8, 6))
    >>> output.shape, weights.shape
    (torch.Size([1, 5, 6]), torch.Size([1, 2, 5, 5]))
    """

    def __init__(self, d_model: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query, self.value = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model, bias=False)
        self.relative_query = nn.Linear(d_model, d_model)
        self.relative_key = nn.Linear(d_model, d_model, bias=False)
        self.output = nn.Linear(d_model, d_model)

    def split(
        self, x: Float[Tensor, "*batch time d_model"]
    ) -> Float[Tensor, "*batch heads time d_k"]:
        """Every head's own part of the features."""
        return x.unflatten(-1, (self.heads, -1)).transpose(-2, -3)

    def forward(
        self,
        asking: Float[Tensor, "batch time d_model"],
        states: Float[Tensor, "batch time d_model"],
        relative: Float[Tensor, "positions d_model"],
        mask: Bool[Tensor, "... #time #time"] | None = None,
    ) -> tuple[Float[Tensor, "batch time d_model"], Float[Tensor, "batch heads time time"]]:
        """What each of `asking` takes from `states`, and the weights."""
        scores = disentangled_scores(
            self.split(self.query(asking)),
            self.split(self.key(states)),
            self.split(self.relative_query(relative)),
            self.split(self.relative_key(relative)),
        )
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        mixed = weights @ self.split(self.value(states))
        return self.output(mixed.transpose(1, 2).flatten(2)), weights


class DebertaBlock(nn.Module):
    """Disentangled attention and a feed-forward layer, post-norm, as in BERT.

    >>> block, x = DebertaBlock(d_model=6, heads=2, d_ff=24), torch.randn(1, 5, 6)
    >>> block(x, torch.randn(8, 6))[0].shape
    torch.Size([1, 5, 6])
    """

    def __init__(self, d_model: int, heads: int, d_ff: int, eps: float = 1e-7):
        super().__init__()
        self.attention = DisentangledAttention(d_model, heads)
        self.attention_norm = nn.LayerNorm(d_model, eps=eps)
        self.feed_forward = GeluFeedForward(d_model, d_ff)
        self.feed_forward_norm = nn.LayerNorm(d_model, eps=eps)

    def forward(
        self,
        states: Float[Tensor, "batch time d_model"],
        relative: Float[Tensor, "positions d_model"],
        mask: Bool[Tensor, "... #time #time"] | None = None,
        asking: Float[Tensor, "batch time d_model"] | None = None,
    ) -> tuple[Float[Tensor, "batch time d_model"], Float[Tensor, "batch heads time time"]]:
        """The new states and the weights; `asking`, if not the states themselves, are what looks at them."""
        asking = states if asking is None else asking
        attended, weights = self.attention(asking, states, relative, mask)
        x = self.attention_norm(asking + attended)
        return self.feed_forward_norm(x + self.feed_forward(x)), weights


class Deberta(nn.Module):
    """DeBERTa's encoder: words alone go in, and every block looks at words and relative positions.

    `reach` is k: farther away than that, all is equally far. Words that are no text are zeros after the embedding.
    With `absolute_positions` there is a table of these for the enhanced mask decoder. The sizes default to the first
    version's base.

    Source: He et al. (2021), section 3.

    >>> deberta = Deberta(vocabulary=11, d_model=6, heads=2, d_ff=24, layers=2, reach=4, absolute_positions=7)
    >>> ids, real = torch.tensor([[1, 8, 2], [1, 2, 0]]), torch.tensor([[1, 1, 1], [1, 1, 0]])
    >>> deberta(ids, real).shape, deberta.decode_masks(ids, real).shape
    (torch.Size([2, 3, 6]), torch.Size([2, 3, 6]))
    """

    def __init__(
        self,
        vocabulary: int = 50265,
        d_model: int = 768,
        heads: int = 12,
        d_ff: int = 3072,
        layers: int = 12,
        *,
        reach: int = 512,
        eps: float = 1e-7,
        absolute_positions: int | None = None,
        pretraining_head: bool = False,
    ):
        super().__init__()
        self.word = nn.Embedding(vocabulary, d_model)
        self.norm = nn.LayerNorm(d_model, eps=eps)
        self.relative = nn.Embedding(2 * reach, d_model)
        self.blocks = nn.ModuleList(DebertaBlock(d_model, heads, d_ff, eps) for _ in range(layers))
        if absolute_positions is not None:
            self.absolute = nn.Embedding(absolute_positions, d_model)
        if pretraining_head:
            self.masked_lm = MaskedLMHead(vocabulary, d_model, eps)

    def forward(
        self,
        input_ids: Int[Tensor, "batch time"],
        attention_mask: Int[Tensor, "batch time"] | Bool[Tensor, "batch time"] | None = None,
    ) -> Float[Tensor, "batch time d_model"]:
        """A state for every token."""
        return self.encode(input_ids, attention_mask)[0][-1]

    def encode(
        self,
        input_ids: Int[Tensor, "batch time"],
        attention_mask: Int[Tensor, "batch time"] | Bool[Tensor, "batch time"] | None = None,
    ) -> tuple[
        list[Float[Tensor, "batch time d_model"]], list[Float[Tensor, "batch heads time time"]]
    ]:
        """The states before the first and after every block, and every block's attention weights."""
        real = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        states = [self.norm(self.word(input_ids)) * real[..., None]]
        found = []
        for block in self.blocks:
            after, weights = block(states[-1], self.relative.weight, real.bool()[:, None, None, :])
            states.append(after)
            found.append(weights)
        return states, found

    def decode_masks(
        self,
        input_ids: Int[Tensor, "batch time"],
        attention_mask: Int[Tensor, "batch time"] | Bool[Tensor, "batch time"] | None = None,
        times: int = 2,
    ) -> Float[Tensor, "batch time d_model"]:
        """The enhanced mask decoder: what names the hidden words knows at last where they stand, absolutely.

        The last block is used `times` times. It looks at the states before it; what asks are at first the states after
        it plus their absolute positions, then what the last use gave. Hugging Face's models have none of this.

        Source: He et al. (2021), section 4.2 (figure 2).
        """
        if not hasattr(self, "absolute"):
            raise ValueError(
                "absolute_positions is None; expected their number, to decode with them"
            )
        real = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        *_, before, after = self.encode(input_ids, attention_mask)[0]
        asking = after + self.absolute(torch.arange(input_ids.shape[1], device=input_ids.device))
        for _ in range(times):
            mask = real.bool()[:, None, None, :]
            asking, _ = self.blocks[-1](before, self.relative.weight, mask, asking)
        return asking

    def words(self, states: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch vocabulary"]:
        """Scores of all words; only with `pretraining_head`."""
        return self.masked_lm(states, self.word.weight)

    @classmethod
    def from_huggingface(cls, model_or_name: Any) -> "Deberta":
        """A `DebertaModel` or `DebertaForMaskedLM` of `transformers` (the first version), or one by its name, as ours."""
        from unrolled.huggingface import deberta

        return deberta.load(model_or_name, cls)


checked(globals(), never_empty=("disentangled_scores",))
