"""Attention: at every step the decoder looks at the whole source again, and decides where.

Paper: Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and Translate" (2015),
section 3 and appendix A; Luong, Pham and Manning, "Effective Approaches to Attention-based Neural Machine
Translation" (2015), section 3.

Names: ours ↔ theirs — `query` ↔ s_{i−1} (Luong: h_t), `key` ↔ h_j (h̄_s), `scores` ↔ e_ij, `weights` ↔ α_ij (a_t),
`context` ↔ c_i (c_t); `w_query`, `w_key`, `v` ↔ W_a, U_a, v_a. As in Bahdanau et al. the query is the decoder's
previous state, and the context enters the step; in Luong et al. it is the current state, after the step. A boolean
mask is True where one may look.

One rule holds in the whole library, here and in every model after it: who may look nowhere gets weights of 0, and so a
context of 0. Nothing becomes NaN, and one empty text harms no other.

Left out: a bidirectional encoder and the maxout layer of Bahdanau et al.; local attention of Luong et al.; scaling and
heads (`unrolled.self_attention`).
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from unrolled.seq2seq import Encoder, greedy_translate
from unrolled.signatures import checked


def additive_scores(
    query: Float[Tensor, "batch query hidden_q"],
    key: Float[Tensor, "batch key hidden_k"],
    w_query: Float[Tensor, "attention hidden_q"],
    w_key: Float[Tensor, "attention hidden_k"],
    v: Float[Tensor, " attention"],
) -> Float[Tensor, "batch query key"]:
    """v · tanh(W_q q + W_k k) for every query and every key: how well the two match.

    Source: Bahdanau et al. (2015), appendix A.1.2.

    >>> query, key = torch.zeros(1, 1, 2), torch.tensor([[[1.0], [-1.0], [0.0]]])
    >>> additive_scores(query, key, torch.ones(3, 2), torch.ones(3, 1), torch.ones(3))  # 3 · tanh(k)
    tensor([[[ 2.2848, -2.2848,  0.0000]]])
    """
    joined = (query @ w_query.T)[:, :, None] + (key @ w_key.T)[:, None]
    return torch.tanh(joined) @ v


def multiplicative_scores(
    query: Float[Tensor, "batch query hidden_q"],
    key: Float[Tensor, "batch key hidden_k"],
    weight: Float[Tensor, "hidden_q hidden_k"] | None = None,
) -> Float[Tensor, "batch query key"]:
    """qᵀ W k for every query and every key ("general"), or qᵀ k if there is no weight ("dot").

    Without a weight, queries and keys are of one size.

    Source: Luong et al. (2015), equation 8.

    >>> query, key = torch.tensor([[[1.0, 2.0]]]), torch.tensor([[[3.0, 0.0], [0.0, 3.0]]])
    >>> multiplicative_scores(query, key)
    tensor([[[3., 6.]]])
    >>> multiplicative_scores(query, key, torch.tensor([[0.0, 1.0], [0.0, 0.0]]))  # q₁ meets k₂
    tensor([[[0., 3.]]])
    """
    if weight is not None:
        query = query @ weight
    return query @ key.transpose(1, 2)


def masked_softmax(
    scores: Float[Tensor, "batch query key"], mask: Bool[Tensor, "#batch #query key"]
) -> Float[Tensor, "batch query key"]:
    """The softmax of every query's scores over the keys where `mask` is True; elsewhere the weight is 0.

    A row of the mask that allows nothing gives a row of zeros: there is nothing to look at. However large or
    low the scores are, no weight is NaN and no gradient. `mask` broadcasts to the scores.

    >>> scores, nothing = torch.tensor([[[1.0, 1.0, 5.0]]]), torch.zeros(1, 1, 3, dtype=torch.bool)
    >>> masked_softmax(scores, torch.tensor([[[True, True, False]]]))
    tensor([[[0.5000, 0.5000, 0.0000]]])
    >>> masked_softmax(scores, nothing)
    tensor([[[0., 0., 0.]]])
    """
    lowest = torch.finfo(scores.dtype).min  # not −∞: a row of nothing else would give NaN
    return scores.masked_fill(~mask, lowest).softmax(dim=-1).masked_fill(~mask, 0.0)


def context_vectors(
    weights: Float[Tensor, "batch query key"], values: Float[Tensor, "batch key hidden"]
) -> Float[Tensor, "batch query hidden"]:
    """For every query the average of the values, weighted as it looks at them.

    Source: Bahdanau et al. (2015), equation 5.

    >>> values = torch.tensor([[[8.0, 0.0], [0.0, 4.0]]])
    >>> context_vectors(torch.tensor([[[0.25, 0.75]]]), values)
    tensor([[[2., 3.]]])
    """
    return weights @ values


class AttentionDecoder(nn.Module):
    """A decoder that looks before every step: at the source's states, with its own last state as the query.

    Source: Bahdanau et al. (2015), section 3.1 and appendix A.2.2.

    >>> decoder = AttentionDecoder(vocabulary=13, feature=5, hidden=7, attention=3)
    >>> memory, mask = torch.randn(2, 4, 7), torch.ones(2, 4, dtype=torch.bool)
    >>> logits, state, weights = decoder(torch.ones(2, 6, dtype=torch.long), memory[:, -1], memory, mask)
    >>> logits.shape, state.shape, weights.shape
    (torch.Size([2, 6, 13]), torch.Size([2, 7]), torch.Size([2, 6, 4]))
    """

    def __init__(self, vocabulary: int, feature: int, hidden: int, attention: int):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, feature)
        self.query = nn.Linear(hidden, attention, bias=False)
        self.key = nn.Linear(hidden, attention, bias=False)
        self.v = nn.Parameter(torch.randn(attention) / attention**0.5)
        self.cell = nn.GRUCell(feature + hidden, hidden)
        self.head = nn.Linear(2 * hidden, vocabulary)

    def forward(
        self,
        inputs: Int[Tensor, "batch target"],
        state: Float[Tensor, "batch hidden"],
        memory: Float[Tensor, "batch source hidden"],
        mask: Bool[Tensor, "batch source"],
    ) -> tuple[
        Float[Tensor, "batch target vocabulary"],
        Float[Tensor, "batch hidden"],
        Float[Tensor, "batch target source"],
    ]:
        """Scores for the word after each of `inputs`, the last state, and where each step looked.

        At every step, in this order: compare the state with the `memory` (additive scores), make
        weights of the scores and a context of the weights, step the cell with the embedded word and
        the context side by side, and let the head see the new state and the context side by side.
        `mask` is True at the real words of each source, of which there is at least one.
        """
        steps, looks = [], []
        for x in self.embedding(inputs).unbind(dim=1):
            scores = additive_scores(
                state[:, None], memory, self.query.weight, self.key.weight, self.v
            )
            weights = masked_softmax(scores, mask[:, None])
            context = context_vectors(weights, memory)[:, 0]
            state = self.cell(torch.cat([x, context], dim=-1), state)
            steps.append(torch.cat([state, context], dim=-1))
            looks.append(weights[:, 0])
        return self.head(torch.stack(steps, dim=1)), state, torch.stack(looks, dim=1)


class AttentionSeq2Seq(nn.Module):
    """The encoder of chapter 3 and a decoder that looks back at all of its states.

    A translator in the sense of `unrolled.translation`. `encoder`, `decoder` and `translate` may be answers of your own.

    >>> model = AttentionSeq2Seq(source_vocabulary=11, target_vocabulary=13, feature=5, hidden=7, attention=3)
    >>> source, lengths = torch.tensor([[4, 9, 3], [8, 0, 0]]), torch.tensor([3, 1])
    >>> model(source, lengths, torch.ones(2, 4, dtype=torch.long)).shape
    torch.Size([2, 4, 13])
    """

    def __init__(
        self,
        source_vocabulary: int,
        target_vocabulary: int,
        feature: int,
        hidden: int,
        attention: int,
        *,
        encoder: Callable[..., nn.Module] = Encoder,
        decoder: Callable[..., nn.Module] = AttentionDecoder,
        translate: Callable = greedy_translate,
    ):
        super().__init__()
        self.encoder = encoder(source_vocabulary, feature, hidden)
        self.decoder = decoder(target_vocabulary, feature, hidden, attention)
        self.greedy = translate

    def forward(
        self,
        source: Int[Tensor, "batch source"],
        source_lengths: Int[Tensor, " batch"],
        inputs: Int[Tensor, "batch target"],
    ) -> Float[Tensor, "batch target vocabulary"]:
        """Scores for the word after each of `inputs`, the right words so far."""
        return self.look(source, source_lengths, inputs)[0]

    def look(
        self,
        source: Int[Tensor, "batch source"],
        source_lengths: Int[Tensor, " batch"],
        inputs: Int[Tensor, "batch target"],
    ) -> tuple[Float[Tensor, "batch target vocabulary"], Float[Tensor, "batch target source"]]:
        """The scores, and the weights: where each step looked before it chose its word."""
        memory, state = self.encoder(source, source_lengths)
        logits, _, weights = self.decoder(inputs, state, memory, self._mask(source, source_lengths))
        return logits, weights

    def translate(
        self,
        source: Int[Tensor, "batch source"],
        source_lengths: Int[Tensor, " batch"],
        *,
        bos: int,
        eos: int,
        max_length: int,
    ) -> list[list[int]]:
        """A translation of every sentence, without end mark."""
        memory, state = self.encoder(source, source_lengths)
        mask = self._mask(source, source_lengths)
        return self.greedy(
            lambda source, lengths: (memory, state),
            lambda inputs, state: self.decoder(inputs, state, memory, mask)[:2],
            source, source_lengths, bos, eos, max_length,
        )  # fmt: skip

    @staticmethod
    def _mask(
        source: Int[Tensor, "batch source"], lengths: Int[Tensor, " batch"]
    ) -> Bool[Tensor, "batch source"]:
        return torch.arange(source.shape[1], device=source.device) < lengths[:, None]


checked(globals())
