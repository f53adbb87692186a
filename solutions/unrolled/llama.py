"""Llama: GPT's decoder as it is built today, with rotary positions, a gated feed-forward layer and shared keys.

Papers: Touvron et al., "LLaMA: Open and Efficient Foundation Language Models" (2023), section 2.2, and "Llama 2" (2023);
Grattafiori et al., "The Llama 3 Herd of Models" (2024), section 3.2; Yang et al., "Qwen2 Technical Report" (2024), section
2.2, which has biases at queries, keys and values.

Names: ours ↔ Hugging Face's — in `unrolled.huggingface.llama`; `state` ↔ `past_key_values`.

Left out: dropout, mixtures of experts, norms of queries and keys (Qwen 3), and padding in front of a text: at its end,
padding needs no mask, for no word looks there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from unrolled.llama_layers import GroupedQueryAttention, SwiGLU
from unrolled.rope import rotate_at
from unrolled.signatures import checked
from unrolled.t5 import RMSNorm


@dataclass(frozen=True)
class LlamaConfig:
    """The sizes of a Llama; by default those of Llama-2 7B.

    `head_size` None stands for d_model / heads, `kv_heads` None for as many as `heads`. Where the frequencies of the
    rotation do not follow from `theta`, they are given, one for each pair; with `rotation_scale` queries and keys
    become longer as well (YaRN).

    >>> LlamaConfig(vocabulary=128_256, kv_heads=8, d_ff=14_336, theta=500_000.0).layers  # Llama 3 8B
    32
    """

    vocabulary: int = 32_000
    positions: int = 4096
    d_model: int = 4096
    heads: int = 32
    kv_heads: int | None = None
    layers: int = 32
    d_ff: int = 11_008
    head_size: int | None = None
    theta: float = 10_000.0
    tied: bool = False
    eps: float = 1e-5
    qkv_bias: bool = False
    output_bias: bool = False
    feed_forward_bias: bool = False
    frequencies: tuple[float, ...] | None = None
    rotation_scale: float = 1.0


class LlamaBlock(nn.Module):
    """Attention, then a gated feed-forward layer; before each an RMS norm, and around each a residual connection.

    >>> block = LlamaBlock(LlamaConfig(d_model=8, heads=4, kv_heads=2, d_ff=5))
    >>> output, (key, value) = block(torch.randn(1, 3, 8))
    >>> output.shape, key.shape
    (torch.Size([1, 3, 8]), torch.Size([1, 2, 3, 2]))
    """

    def __init__(self, config: Any):
        super().__init__()
        self.attention_norm = RMSNorm(config.d_model, config.eps)
        self.attention = GroupedQueryAttention(
            config.d_model,
            config.heads,
            config.kv_heads or config.heads,
            config.theta,
            head_size=config.head_size,
            bias=config.qkv_bias,
            output_bias=config.output_bias,
        )
        if config.frequencies is not None:
            self.attention.rotate = partial(_stretched, config.frequencies, config.rotation_scale)
        self.feed_forward_norm = RMSNorm(config.d_model, config.eps)
        self.feed_forward = SwiGLU(config.d_model, config.d_ff, bias=config.feed_forward_bias)

    def forward(
        self, x: Float[Tensor, "batch new d_model"], past: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Float[Tensor, "batch new d_model"], tuple[Tensor, Tensor]]:
        """The block's output, and the keys and values of all words so far; arguments as in the attention."""
        attended, present = self.attention(self.attention_norm(x), past)
        x = x + attended
        return x + self.feed_forward(self.feed_forward_norm(x)), present


def _stretched(frequencies: tuple[float, ...], scale: float, x: Tensor, positions: Tensor) -> Tensor:
    """The rotation with given frequencies, which wait as numbers until it is known where x is."""
    wide = torch.promote_types(x.dtype, torch.float32)
    return rotate_at(x, positions, torch.tensor(frequencies, dtype=wide, device=x.device), scale)


class Llama(nn.Module):
    """Embeddings, a stack of blocks, a norm, and scores for the next word. Places are known to the attention alone.

    `config` is a LlamaConfig, or anything that has its fields.

    Source: Touvron et al. (2023), section 2.2.

    >>> model = Llama(LlamaConfig(vocabulary=11, positions=7, d_model=8, heads=4, kv_heads=2, layers=2, d_ff=5))
    >>> ids = torch.tensor([[4, 9, 3, 8]])
    >>> model(ids).shape
    torch.Size([1, 4, 11])
    >>> _, state = model.step(ids[:, :3])
    >>> logits, state = model.step(ids[:, 3:], state)
    >>> torch.allclose(logits, model(ids)[:, -1], atol=1e-6)
    True
    """

    def __init__(self, config: Any):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.d_model)
        self.blocks = nn.ModuleList(LlamaBlock(config) for _ in range(config.layers))
        self.norm = RMSNorm(config.d_model, config.eps)
        self.head = nn.Linear(config.d_model, config.vocabulary, bias=False)
        if config.tied:
            self.head.weight = self.embedding.weight
        for parameter in self.parameters():
            if parameter.ndim == 2:
                nn.init.normal_(parameter, std=0.02)

    def read(
        self, input_ids: Int[Tensor, "batch new"], state: list[Tensor] | None = None
    ) -> tuple[Float[Tensor, "batch new d_model"], list[Tensor]]:
        """What the model makes of each new word, after the last norm, and the new state.

        The state is a flat list, key and value of the first block, key and value of the second …; None at the
        beginning. The last of all places is `config.positions` − 1.
        """
        time = (state[0].shape[2] if state else 0) + input_ids.shape[1]
        if time > self.config.positions:
            raise ValueError(
                f"input_ids reaches place {time}; expected at most {self.config.positions}, the model's positions"
            )
        x, present = self.embedding(input_ids), []
        for i, block in enumerate(self.blocks):
            x, pair = block(x, (state[2 * i], state[2 * i + 1]) if state else None)
            present += pair
        return self.norm(x), present

    def forward(self, input_ids: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time vocabulary"]:
        """Scores for the word after each."""
        return self.head(self.read(input_ids)[0])

    def step(
        self, ids: Int[Tensor, "rows new"], state: list[Tensor] | None = None
    ) -> tuple[Float[Tensor, "rows vocabulary"], list[Tensor]]:
        """Scores for the word after the last one, and the state to go on from, as chapter 8's `GPT.step`."""
        x, state = self.read(ids, state)
        return self.head(x[:, -1]), state


def from_huggingface(cls: Callable[[LlamaConfig], nn.Module], model_or_name: Any) -> nn.Module:
    """A Llama with the weights of a Llama, a Qwen 2 or a Mistral: of a model in memory, of a name, or of a folder.

    `cls` may be an answer of your own; `Llama.from_huggingface(model_or_name)` is the library's. What we
    do not have is refused.
    """
    from unrolled.huggingface import llama

    return llama.load(model_or_name, lambda **sizes: cls(LlamaConfig(**sizes)))


Llama.from_huggingface = classmethod(from_huggingface)
checked(globals())
