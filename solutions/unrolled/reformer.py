"""The Reformer: a language model that reads tens of thousands of words at once.

Paper: Kitaev, Kaiser and Levskaya, "Reformer: The Efficient Transformer" (2020), sections 2 and 3.

Names: ours ↔ Hugging Face's — in `unrolled.huggingface.reformer`. `attention_mask` is True (or 1) at real words; padding
stands after them.

Left out: dropout (a reversible block would have to keep its masks), a cache for writing, and encoders.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from unrolled.axial import AxialPositions
from unrolled.reformer_attention import LocalSelfAttention, LSHSelfAttention
from unrolled.reversible import Halves, run_blocks, run_reversible
from unrolled.signatures import checked


def chunked_feed_forward(
    layer: Callable[[Tensor], Tensor], x: Float[Tensor, "batch time d_model"], chunk_length: int
) -> Float[Tensor, "batch time d_out"]:
    """What the layer makes of x, for `chunk_length` words of each text at a time, in the text's order.

    The layer treats each word by itself, so the result is the same; but what is wide inside it
    exists for a few words only. The layer is called once a chunk; the last one may be shorter.

    Raises a ValueError that names `chunk_length` if it is not at least 1.

    Source: Kitaev et al. (2020), section 3, "Chunking"; Hugging Face's `apply_chunking_to_forward`.

    >>> def layer(x):
    ...     print("words:", x.shape[1])
    ...     return x + 1
    >>> x = torch.zeros(1, 5, 1)
    >>> y = chunked_feed_forward(layer, x, 2)
    words: 2
    words: 2
    words: 1
    >>> y.flatten()
    tensor([1., 1., 1., 1., 1.])
    """
    if chunk_length < 1:
        raise ValueError(f"chunk_length is {chunk_length}; expected at least 1")
    return torch.cat([layer(chunk) for chunk in x.split(chunk_length, dim=1)], dim=1)


@dataclass(frozen=True)
class ReformerConfig:
    """The sizes of a Reformer; by default those of `google/reformer-crime-and-punishment`.

    `layers` says of each block whether its attention is "lsh" or "local"; `buckets` is a number or a
    pair; `feed_forward_chunk` 0 stands for all words at once. With `reversible=False` autograd
    keeps what it wants, to compare.

    >>> config = ReformerConfig(layers=("lsh",) * 3)
    >>> len(config.layers), config.axial_shape[0] * config.axial_shape[1]
    (3, 524288)
    """

    vocabulary: int = 320
    d_model: int = 256
    heads: int = 2
    d_k: int = 64
    d_ff: int = 512
    layers: tuple[str, ...] = ("local", "lsh", "local", "lsh", "local", "lsh")
    chunk_length: int = 64
    local_chunk_length: int = 64
    rounds: int = 1
    buckets: int | tuple[int, ...] = (64, 128)
    axial_shape: tuple[int, int] = (512, 1024)
    axial_sizes: tuple[int, int] = (64, 192)
    activation: str = "relu"
    feed_forward_chunk: int = 0
    hash_seed: int | None = None
    eps: float = 1e-12
    reversible: bool = True


ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU}


class ReformerBlock(nn.Module):
    """Attention and a feed-forward layer, both pre-norm, as the two halves f and g of a reversible block.

    >>> config = ReformerConfig(d_model=6, heads=2, d_k=4, d_ff=8, chunk_length=3, buckets=4)
    >>> f, g = ReformerBlock(config, "lsh").halves()
    >>> x = torch.randn(1, 12, 6)
    >>> torch.equal(f(x), f(x))  # the rotations are random, but drawn only once
    True
    """

    def __init__(self, config: Any, kind: str):
        super().__init__()
        sizes = config.d_model, config.heads, config.d_k
        if kind == "lsh":
            self.attention = LSHSelfAttention(
                *sizes,
                chunk_length=config.chunk_length,
                rounds=config.rounds,
                buckets=config.buckets,
                hash_seed=config.hash_seed,
            )
        elif kind == "local":
            self.attention = LocalSelfAttention(*sizes, chunk_length=config.local_chunk_length)
        else:
            raise ValueError(f"layers holds {kind!r}; expected 'lsh' or 'local'")
        self.attention_norm = nn.LayerNorm(config.d_model, config.eps)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(config.d_model, config.eps),
            nn.Linear(config.d_model, config.d_ff),
            ACTIVATIONS[config.activation](),
            nn.Linear(config.d_ff, config.d_model),
        )
        self.feed_forward_chunk = config.feed_forward_chunk

    def halves(
        self,
        real: Bool[Tensor, "batch time"] | None = None,
        generator: torch.Generator | None = None,
    ) -> Halves:
        """f and g for one pass: the first call of f finds the buckets, and every later one keeps to them."""
        kept = []

        def attend(x: Tensor) -> Tensor:
            x = self.attention_norm(x)
            if not kept:
                kept.append(self.attention.find_buckets(x, real, generator))
            return self.attention(x, kept[0])

        def feed_forward(x: Tensor) -> Tensor:
            length = self.feed_forward_chunk or x.shape[1]
            return chunked_feed_forward(self.feed_forward, x, max(length, 1))

        return attend, feed_forward


class Reformer(nn.Module):
    """Embeddings and axial positions, twice the same, through reversible blocks; a norm, and scores.

    `config` is a ReformerConfig, or anything that has its fields.

    Source: Kitaev et al. (2020); both halves side by side before the last norm, as in their code.

    >>> model = Reformer(ReformerConfig(vocabulary=11, d_model=6, heads=2, d_k=4, d_ff=8, chunk_length=3,
    ...     local_chunk_length=3, buckets=4, axial_shape=(4, 5), axial_sizes=(2, 4)))
    >>> model(torch.tensor([[4, 9, 3, 8, 1, 0, 7]])).shape
    torch.Size([1, 7, 11])
    """

    def __init__(self, config: Any):
        super().__init__()
        self.config = config
        if sum(config.axial_sizes) != config.d_model:
            raise ValueError(
                f"axial_sizes is {config.axial_sizes}; expected sizes that add up to d_model, {config.d_model}"
            )
        self.embedding = nn.Embedding(config.vocabulary, config.d_model)
        self.positions = AxialPositions(config.axial_shape, config.axial_sizes)
        self.blocks = nn.ModuleList(ReformerBlock(config, kind) for kind in config.layers)
        self.norm = nn.LayerNorm(2 * config.d_model, config.eps)
        self.head = nn.Linear(2 * config.d_model, config.vocabulary, bias=False)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)
        for table in self.positions.parameters():
            nn.init.normal_(table, std=0.02)

    def forward(
        self,
        input_ids: Int[Tensor, "batch time"],
        attention_mask: Bool[Tensor, "batch time"] | Int[Tensor, "batch time"] | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "batch time vocabulary"]:
        """Scores for the word after each; `generator` draws the rotations.

        A text that does not fill whole chunks is padded, and the padding cut off again.
        """
        time = input_ids.shape[1]
        real = None if attention_mask is None else attention_mask.bool()
        if real is not None and (real[:, 1:] & ~real[:, :-1]).any():
            raise ValueError(
                "attention_mask has a 0 before a 1; expected padding at the end, where no word looks"
            )
        if missing := self.missing(time):
            if real is None:
                real = torch.ones_like(input_ids, dtype=torch.bool)
            real = nn.functional.pad(real, (0, missing))
            input_ids = nn.functional.pad(input_ids, (0, missing))
        x = self.embedding(input_ids) + self.positions(time + missing)
        blocks = [block.halves(real, generator) for block in self.blocks]
        run = run_reversible if self.config.reversible else run_blocks
        return self.head(self.norm(torch.cat(run(blocks, x, x), dim=-1)))[:, :time]

    def missing(self, time: int) -> int:
        """How many words a text of so many lacks to fill chunks of all lengths; a short text is one chunk."""
        lengths = {"lsh": self.config.chunk_length, "local": self.config.local_chunk_length}
        lengths = [lengths[kind] for kind in set(self.config.layers)]
        return -time % math.lcm(*lengths) if time > min(lengths) else 0


def from_huggingface(cls: Callable[[ReformerConfig], nn.Module], model_or_name: Any) -> nn.Module:
    """A Reformer with the weights of a ReformerModelWithLMHead: in memory, by its name, or from a folder.

    `cls` may be an answer of your own; `Reformer.from_huggingface(model_or_name)` is the library's. What
    we do not have is refused.
    """
    from unrolled.huggingface import reformer

    return reformer.load(model_or_name, lambda **sizes: cls(ReformerConfig(**sizes)))


Reformer.from_huggingface = classmethod(from_huggingface)
checked(globals())
