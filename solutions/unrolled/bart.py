"""BART: BERT's encoder and GPT's decoder in one, trained to make damaged texts whole.

Paper: Lewis et al., "BART: Denoising Sequence-to-Sequence Pre-training for Natural Language Generation, Translation, and
Comprehension" (2020), section 2. The model is the Transformer of 2017 (post-norm) with learned positions, GELU, a norm
after the embeddings, and one table of words for encoder, decoder and head.

Names: in a configuration they are Hugging Face's; `unrolled.huggingface.bart` has those of the weights. A boolean mask
is True where one may look.

Left out: dropout, how it writes (`unrolled.encoder_decoder`), and the noise it is trained on (`unrolled.corruption`).
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor, nn

from unrolled.encoder_decoder import EncoderDecoder
from unrolled.self_attention import MultiHeadAttention, scaled_dot_product_attention
from unrolled.signatures import checked

OFFSET = 2  # the first two rows of a table of positions are never used: fairseq's heritage


@dataclass(frozen=True)
class BartConfig:
    """The sizes of a BART; as they stand, those of bart-large.

    >>> BartConfig(d_model=768, encoder_layers=6).activation_function
    'gelu'
    """

    vocab_size: int = 50265
    max_position_embeddings: int = 1024
    d_model: int = 1024
    encoder_layers: int = 12
    encoder_attention_heads: int = 16
    encoder_ffn_dim: int = 4096
    decoder_layers: int = 12
    decoder_attention_heads: int = 16
    decoder_ffn_dim: int = 4096
    activation_function: str = "gelu"
    scale_embedding: bool = False

    def __post_init__(self):
        if self.activation_function not in ("gelu", "relu"):
            raise ValueError(
                f"activation_function is {self.activation_function!r}; expected 'gelu' or 'relu'"
            )


class BartAttention(MultiHeadAttention):
    """Chapter 5's attention, with keys and values from outside, so that a decoder can keep them.

    >>> attention, x = BartAttention(6, heads=2), torch.randn(1, 5, 6)
    >>> torch.allclose(attention(x, *attention.remember(x)), MultiHeadAttention.forward(attention, x, x, x)[0])
    True
    """

    def split(
        self, x: Float[Tensor, "batch time d_model"]
    ) -> Float[Tensor, "batch heads time d_k"]:
        """Each head's features apart."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def remember(
        self, x: Float[Tensor, "batch key d_model"]
    ) -> tuple[Float[Tensor, "batch heads key d_k"], Float[Tensor, "batch heads key d_k"]]:
        """Keys and values of what is to be looked at."""
        return self.split(self.key(x)), self.split(self.value(x))

    def forward(
        self,
        x: Float[Tensor, "batch query d_model"],
        keys: Float[Tensor, "batch heads key d_k"],
        values: Float[Tensor, "batch heads key d_k"],
        mask: Bool[Tensor, "#batch 1 #query key"] | None = None,
    ) -> Float[Tensor, "batch query d_model"]:
        """What each query has found."""
        found, _ = scaled_dot_product_attention(self.split(self.query(x)), keys, values, mask)
        return self.output(found.transpose(1, 2).flatten(2))


class BartBlock(nn.Module):
    """A post-norm block: self-attention, in a decoder cross-attention, and a feed-forward layer.

    >>> block, x = BartBlock(6, 2, 24), torch.randn(1, 5, 6)
    >>> block(x)[0].shape
    torch.Size([1, 5, 6])
    """

    def __init__(
        self,
        d_model: int,
        heads: int,
        d_ff: int,
        activation: str = "gelu",
        *,
        decoder: bool = False,
    ):
        super().__init__()
        self.self_attention = BartAttention(d_model, heads)
        self.self_norm = nn.LayerNorm(d_model)
        if decoder:
            self.cross_attention = BartAttention(d_model, heads)
            self.cross_norm = nn.LayerNorm(d_model)
        self.expand = nn.Linear(d_model, d_ff)
        self.contract = nn.Linear(d_ff, d_model)
        self.feed_forward_norm = nn.LayerNorm(d_model)
        self.activation = getattr(F, activation)

    def forward(
        self,
        x: Float[Tensor, "batch time d_model"],
        mask: Bool[Tensor, "#batch 1 #time key"] | None = None,
        own: tuple[Tensor, Tensor] | None = None,
        memory: tuple[Tensor, Tensor, Tensor] | None = None,
    ) -> tuple[Float[Tensor, "batch time d_model"], tuple[Tensor, Tensor]]:
        """The output, and the keys and values of its own words: those in `own`, and the new ones.

        `memory` is what a decoder reads: keys, values, and the mask that hides padding.
        """
        keys, values = self.self_attention.remember(x)
        if own is not None:
            keys, values = torch.cat([own[0], keys], 2), torch.cat([own[1], values], 2)
        x = self.self_norm(x + self.self_attention(x, keys, values, mask))
        if memory is not None:
            x = self.cross_norm(x + self.cross_attention(x, *memory))
        wide = self.activation(self.expand(x))
        return self.feed_forward_norm(x + self.contract(wide)), (keys, values)


class BartStack(nn.Module):
    """Learned positions, a norm after the embeddings, and blocks.

    >>> stack = BartStack(BartConfig(d_model=6, decoder_layers=1, decoder_attention_heads=2), decoder=True)
    >>> stack.embed(torch.randn(1, 5, 6), first=3).shape
    torch.Size([1, 5, 6])
    """

    def __init__(self, config: BartConfig, *, decoder: bool):
        super().__init__()
        side = "decoder" if decoder else "encoder"
        layers, heads, d_ff = (
            getattr(config, f"{side}_{what}") for what in ("layers", "attention_heads", "ffn_dim")
        )
        self.positions = nn.Embedding(config.max_position_embeddings + OFFSET, config.d_model)
        self.embedding_norm = nn.LayerNorm(config.d_model)
        self.blocks = nn.ModuleList(
            BartBlock(config.d_model, heads, d_ff, config.activation_function, decoder=decoder)
            for _ in range(layers)
        )

    def embed(
        self, words: Float[Tensor, "batch time d_model"], first: int = 0
    ) -> Float[Tensor, "batch time d_model"]:
        """The words' vectors with those of their places added, from place `first` on, and normed."""
        places = torch.arange(first, first + words.shape[1], device=words.device)
        return self.embedding_norm(words + self.positions(places + OFFSET))


class Bart(EncoderDecoder):
    """The model that makes damaged texts whole: an encoder that reads, a decoder that writes.

    >>> model = Bart(BartConfig(13, 17, 6, 1, 2, 11, 1, 2, 11))
    >>> model(torch.tensor([[0, 9, 3, 2]]), decoder_input_ids=torch.tensor([[2, 0, 7]])).shape
    torch.Size([1, 3, 13])
    """

    start_id, eos_id = 2, 2  # the decoder begins with the end mark

    def __init__(self, config: BartConfig):
        super().__init__()
        self.config = config
        self.shared = nn.Embedding(config.vocab_size, config.d_model)
        self.encoder = BartStack(config, decoder=False)
        self.decoder = BartStack(config, decoder=True)
        self.register_buffer("bias", torch.zeros(config.vocab_size))
        for table in (self.shared, self.encoder.positions, self.decoder.positions):
            nn.init.normal_(table.weight, std=0.02)

    def words(self, ids: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time d_model"]:
        """Each token's vector, times √d_model if the configuration says so."""
        scale = math.sqrt(self.config.d_model) if self.config.scale_embedding else 1.0
        return self.shared(ids) * scale

    def encode(
        self, input_ids: Int[Tensor, "batch source"], mask: Bool[Tensor, "batch source"]
    ) -> Float[Tensor, "batch source d_model"]:
        """What the encoder makes of the text; `mask` is False at padding."""
        x = self.encoder.embed(self.words(input_ids))
        for block in self.encoder.blocks:
            x, _ = block(x, mask[:, None, None])
        return x

    def decode(
        self,
        ids: Int[Tensor, "batch new"],
        state: list[Tensor],
        mask: Shaped[Tensor, "batch new"] | None = None,
    ) -> tuple[Float[Tensor, "batch new d_model"], list[Tensor]]:
        """What the decoder makes of the next tokens, and the state after them."""
        past, new = state[1].shape[2], ids.shape[1]
        places = torch.arange(past + new, device=ids.device)
        allowed = (places <= places[past:, None])[None, None]
        if mask is not None:
            allowed = allowed & mask.bool()[:, None, None]
        x, after = self.decoder.embed(self.words(ids), past), [state[0]]
        for i, block in enumerate(self.decoder.blocks):
            own_keys, own_values, keys, values = state[1 + 4 * i : 5 + 4 * i]
            memory = keys, values, state[0][:, None, None]
            x, own = block(x, allowed, (own_keys, own_values), memory)
            after += [*own, keys, values]
        return x, after

    def scores(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch vocabulary"]:
        """A score for every token of the vocabulary: the table of words again, and a bias."""
        return x @ self.shared.weight.T + self.bias

    @classmethod
    def from_huggingface(cls, model_or_name: Any) -> "Bart":
        """The same model with the weights of a `BartForConditionalGeneration`, or of one by its name or folder.

        Raises ValueError if its configuration has something that this Bart has not.
        """
        from unrolled.huggingface import bart

        return bart.load(model_or_name, lambda **sizes: cls(BartConfig(**sizes)))


checked(globals())
