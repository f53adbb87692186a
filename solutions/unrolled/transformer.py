"""The Transformer: attention and feed-forward layers, each with a residual path and a norm, in stacks.

Paper: Vaswani et al., "Attention Is All You Need" (2017), section 3; Ba, Kiros and Hinton, "Layer
Normalization" (2016); Xiong et al., "On Layer Normalization in the Transformer Architecture" (2020).

Names: ours ↔ theirs — `memory` ↔ the encoder's output, `cross_attention` ↔ encoder-decoder attention, `weight`,
`bias` ↔ gain and bias of the norm; `norm_first=False` is post-norm (2017), True is pre-norm (GPT-2, 2019), as in
`torch.nn.TransformerEncoderLayer`. A boolean mask is True where one may look.

Left out: dropout (the village has as many sentences as one wants), a cache for decoding (`unrolled.gpt`), how it is
trained (`unrolled.label_smoothing`, `unrolled.schedule`) and better search (`unrolled.beam_search`).
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from unrolled.self_attention import (
    MultiHeadAttention,
    causal_mask,
    padding_mask,
    sinusoidal_positions,
)
from unrolled.seq2seq import greedy_translate
from unrolled.signatures import checked


def layer_norm(
    x: Float[Tensor, "... feature"],
    weight: Float[Tensor, " feature"],
    bias: Float[Tensor, " feature"],
    eps: float = 1e-5,
) -> Float[Tensor, "... feature"]:
    """Every vector of features with mean 0 and variance 1, then stretched by `weight` and moved by `bias`.

    Each vector is treated on its own, over the last axis. The variance is the mean of the squared
    differences, and `eps` is added to it under the root. It is right for large numbers with a small
    variance too, and where all features are equal.

    Source: Ba et al. (2016), equation 4.

    >>> x = torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])  # the same but for the scale
    >>> layer_norm(x, torch.ones(3), torch.zeros(3))
    tensor([[-1.2247,  0.0000,  1.2247],
            [-1.2247,  0.0000,  1.2247]])
    """
    mean = x.mean(dim=-1, keepdim=True)
    variance = ((x - mean) ** 2).mean(dim=-1, keepdim=True)
    return (x - mean) / torch.sqrt(variance + eps) * weight + bias


class FeedForward(nn.Module):
    """Two linear layers with a ReLU between them, applied to every position on its own.

    Source: Vaswani et al. (2017), section 3.3, equation 2; their d_ff is 4 · d_model.

    >>> feed_forward = FeedForward(d_model=6, d_ff=24)
    >>> feed_forward(torch.randn(2, 5, 6)).shape
    torch.Size([2, 5, 6])
    """

    def __init__(self, d_model: int, d_ff: int):
        super().__init__()
        self.expand = nn.Linear(d_model, d_ff)
        self.contract = nn.Linear(d_ff, d_model)

    def forward(
        self, x: Float[Tensor, "batch time d_model"]
    ) -> Float[Tensor, "batch time d_model"]:
        """Wider, rectified, and narrow again."""
        return self.contract(torch.relu(self.expand(x)))


class EncoderBlock(nn.Module):
    """Self-attention, then a feed-forward layer; around each a residual path and a norm.

    Post-norm (2017) normalises the sum: norm(x + f(x)). Pre-norm (`norm_first=True`) normalises what
    goes into the layer, and leaves the residual path alone: x + f(norm(x)).

    Source: Vaswani et al. (2017), figure 1, left; Xiong et al. (2020), figure 1.

    >>> block = EncoderBlock(d_model=6, heads=2, d_ff=24)
    >>> output, weights = block(torch.randn(1, 5, 6))
    >>> output.shape, weights.shape
    (torch.Size([1, 5, 6]), torch.Size([1, 2, 5, 5]))
    """

    def __init__(self, d_model: int, heads: int, d_ff: int, *, norm_first: bool = False):
        super().__init__()
        self.norm_first = norm_first
        self.attention = MultiHeadAttention(d_model, heads)
        self.attention_norm = nn.LayerNorm(d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.feed_forward_norm = nn.LayerNorm(d_model)

    def forward(
        self,
        x: Float[Tensor, "batch time d_model"],
        mask: Bool[Tensor, "... #time #time"] | None = None,
    ) -> tuple[Float[Tensor, "batch time d_model"], Float[Tensor, "batch heads time time"]]:
        """The block's output, and the weights of its attention.

        `mask` says where that may look; it broadcasts to (batch, heads, time, time).
        """
        if self.norm_first:
            normed = self.attention_norm(x)
            attended, weights = self.attention(normed, normed, normed, mask)
            x = x + attended
            x = x + self.feed_forward(self.feed_forward_norm(x))
        else:
            attended, weights = self.attention(x, x, x, mask)
            x = self.attention_norm(x + attended)
            x = self.feed_forward_norm(x + self.feed_forward(x))
        return x, weights


class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention to the encoder's output, then a feed-forward layer.

    Around each of the three a residual path and a norm, as in the encoder's block. In the
    cross-attention each word written so far looks at the words read: those are `memory`, what the
    encoder made of the source. It has been normalised (post-norm: by the last block; pre-norm: by the
    norm after the stack), and the block takes it as it comes.

    Source: Vaswani et al. (2017), figure 1, right, and section 3.2.3.

    >>> block = DecoderBlock(d_model=6, heads=2, d_ff=24)
    >>> output, own, cross = block(torch.randn(1, 5, 6), memory=torch.randn(1, 7, 6))
    >>> output.shape, own.shape, cross.shape
    (torch.Size([1, 5, 6]), torch.Size([1, 2, 5, 5]), torch.Size([1, 2, 5, 7]))
    """

    def __init__(self, d_model: int, heads: int, d_ff: int, *, norm_first: bool = False):
        super().__init__()
        self.norm_first = norm_first
        self.self_attention = MultiHeadAttention(d_model, heads)
        self.self_norm = nn.LayerNorm(d_model)
        self.cross_attention = MultiHeadAttention(d_model, heads)
        self.cross_norm = nn.LayerNorm(d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.feed_forward_norm = nn.LayerNorm(d_model)

    def forward(
        self,
        x: Float[Tensor, "batch target d_model"],
        memory: Float[Tensor, "batch source d_model"],
        memory_mask: Bool[Tensor, "... #target #source"] | None = None,
    ) -> tuple[
        Float[Tensor, "batch target d_model"],
        Float[Tensor, "batch heads target target"],
        Float[Tensor, "batch heads target source"],
    ]:
        """The block's output, the weights of its self-attention, and those of its cross-attention.

        No position sees a later one. `memory_mask` says which words of the memory are real; it broadcasts
        to (batch, heads, target, source).
        """
        past = causal_mask(x.shape[1]).to(x.device)
        if self.norm_first:
            normed = self.self_norm(x)
            attended, own = self.self_attention(normed, normed, normed, past)
            x = x + attended
            attended, cross = self.cross_attention(self.cross_norm(x), memory, memory, memory_mask)
            x = x + attended
            x = x + self.feed_forward(self.feed_forward_norm(x))
        else:
            attended, own = self.self_attention(x, x, x, past)
            x = self.self_norm(x + attended)
            attended, cross = self.cross_attention(x, memory, memory, memory_mask)
            x = self.cross_norm(x + attended)
            x = self.feed_forward_norm(x + self.feed_forward(x))
        return x, own, cross


class Transformer(nn.Module):
    """The whole machine: embeddings, positions, a stack that reads and a stack that writes.

    A translator in the sense of `unrolled.translation`. The blocks may be answers of your own. With
    pre-norm, a last norm stands after each stack, since its blocks end without one.

    Source: Vaswani et al. (2017), figure 1 and section 3.4 (embeddings times √d_model).

    >>> model = Transformer(11, 13, d_model=6, heads=2, d_ff=24, layers=2)
    >>> source, lengths = torch.tensor([[4, 9, 3], [8, 0, 0]]), torch.tensor([3, 1])
    >>> model(source, lengths, torch.ones(2, 4, dtype=torch.long)).shape
    torch.Size([2, 4, 13])
    """

    def __init__(
        self,
        source_vocabulary: int,
        target_vocabulary: int,
        d_model: int,
        heads: int,
        d_ff: int,
        layers: int,
        *,
        norm_first: bool = False,
        encoder_block: Callable[..., nn.Module] = EncoderBlock,
        decoder_block: Callable[..., nn.Module] = DecoderBlock,
    ):
        super().__init__()
        self.source_embedding = nn.Embedding(source_vocabulary, d_model)
        self.target_embedding = nn.Embedding(target_vocabulary, d_model)
        for embedding in (self.source_embedding, self.target_embedding):
            nn.init.normal_(embedding.weight, std=d_model**-0.5)
        self.encoder, self.decoder = (
            nn.ModuleList(block(d_model, heads, d_ff, norm_first=norm_first) for _ in range(layers))
            for block in (encoder_block, decoder_block)
        )
        self.encoder_norm, self.decoder_norm = (
            nn.LayerNorm(d_model) if norm_first else nn.Identity() for _ in range(2)
        )
        self.head = nn.Linear(d_model, target_vocabulary)

    def forward(
        self,
        source: Int[Tensor, "batch source"],
        source_lengths: Int[Tensor, " batch"],
        inputs: Int[Tensor, "batch target"],
    ) -> Float[Tensor, "batch target vocabulary"]:
        """Scores for the word after each of `inputs`, the right words so far."""
        memory, mask, _ = self.encode(source, source_lengths)
        return self.decode(inputs, memory, mask)[0]

    def encode(
        self, source: Int[Tensor, "batch source"], lengths: Int[Tensor, " batch"]
    ) -> tuple[
        Float[Tensor, "batch source d_model"], Bool[Tensor, "batch 1 1 source"], list[Tensor]
    ]:
        """The memory, the mask that hides its padding, and the weights of each block."""
        mask = padding_mask(lengths, source.shape[1])[:, None, None, :]
        x, weights = embed_with_positions(source, self.source_embedding), []
        for block in self.encoder:
            x, of_block = block(x, mask)
            weights.append(of_block)
        return self.encoder_norm(x), mask, weights

    def decode(
        self,
        inputs: Int[Tensor, "batch target"],
        memory: Float[Tensor, "batch source d_model"],
        mask: Bool[Tensor, "batch 1 1 source"],
    ) -> tuple[Float[Tensor, "batch target vocabulary"], list[Tensor], list[Tensor]]:
        """Scores for the next words, and each block's weights: of its self- and its cross-attention."""
        x, own, cross = embed_with_positions(inputs, self.target_embedding), [], []
        for block in self.decoder:
            x, own_of_block, cross_of_block = block(x, memory, mask)
            own.append(own_of_block)
            cross.append(cross_of_block)
        return self.head(self.decoder_norm(x)), own, cross

    def translate(
        self,
        source: Int[Tensor, "batch source"],
        source_lengths: Int[Tensor, " batch"],
        *,
        bos: int,
        eos: int,
        max_length: int,
    ) -> list[list[int]]:
        """A translation of every sentence, without end mark: always the most probable next word.

        The decoder reads all its own words anew for every next one; chapter 8 saves that work.
        """

        memory, mask, _ = self.encode(source, source_lengths)

        def decoder(word, words):
            words = torch.cat([words, word], dim=1)
            return self.decode(words, memory, mask)[0], words

        return greedy_translate(
            lambda source, lengths: (memory, source[:, :0]),  # its state: no words yet
            decoder, source, source_lengths, bos, eos, max_length,
        )  # fmt: skip


def embed_with_positions(
    ids: Int[Tensor, "batch time"], embedding: nn.Embedding
) -> Float[Tensor, "batch time d_model"]:
    """Each word's vector times √d_model, plus the vector of its position."""
    d_model = embedding.embedding_dim
    positions = sinusoidal_positions(ids.shape[1], d_model).to(embedding.weight)
    return math.sqrt(d_model) * embedding(ids) + positions


checked(globals())
