"""What T5's blocks are made of: its sizes, an attention without 1/√d, and a feed-forward layer that may have a gate.

Paper: Raffel et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer" (2020),
section 2.1; Shazeer, "GLU Variants Improve Transformer" (2020) for T5 1.1.

Names: in a configuration they are Hugging Face's. A bias is a number added to a score.

Left out: norms, position biases, and the model itself (`unrolled.t5`).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from unrolled.signatures import checked


@dataclass(frozen=True)
class T5Config:
    """The sizes of a T5; as they stand, those of t5-small.

    `feed_forward_proj` is "relu" (T5) or "gated-gelu" (T5 1.1, Flan-T5, mT5). With `tie_word_embeddings` the head is
    the table of words, and with `scale_head` its input is divided by √d_model; T5 1.1 has neither.

    >>> T5Config(d_model=1024, d_ff=4096, num_layers=24, num_heads=16).num_decoder_layers  # t5-large
    24
    """

    vocab_size: int = 32128
    d_model: int = 512
    d_kv: int = 64
    d_ff: int = 2048
    num_layers: int = 6
    num_decoder_layers: int | None = None
    num_heads: int = 8
    relative_attention_num_buckets: int = 32
    relative_attention_max_distance: int = 128
    layer_norm_epsilon: float = 1e-6
    feed_forward_proj: str = "relu"
    tie_word_embeddings: bool = True
    scale_head: bool = True

    def __post_init__(self):
        if self.feed_forward_proj not in ("relu", "gated-gelu"):
            raise ValueError(
                f"feed_forward_proj is {self.feed_forward_proj!r}; expected 'relu' or 'gated-gelu'"
            )
        if self.num_decoder_layers is None:
            object.__setattr__(self, "num_decoder_layers", self.num_layers)


class T5Attention(nn.Module):
    """Attention of several heads without biases and without 1/√d: the initial weights are small instead.

    What is added to the scores comes from outside: the bias of the positions, and −∞ where one may not look. So do
    keys and values, which a decoder keeps (`remember`). A head has `d_kv` features, whatever `d_model` is.

    >>> attention = T5Attention(T5Config(d_model=6, num_heads=2, d_kv=5))
    >>> x = torch.randn(1, 7, 6)
    >>> attention(x, *attention.remember(x), bias=torch.zeros(1, 2, 7, 7)).shape
    torch.Size([1, 7, 6])
    """

    def __init__(self, config: T5Config):
        super().__init__()
        inner = config.num_heads * config.d_kv
        self.heads = config.num_heads
        self.query = nn.Linear(config.d_model, inner, bias=False)
        self.key = nn.Linear(config.d_model, inner, bias=False)
        self.value = nn.Linear(config.d_model, inner, bias=False)
        self.output = nn.Linear(inner, config.d_model, bias=False)
        nn.init.normal_(self.query.weight, std=(config.d_model * config.d_kv) ** -0.5)  # the 1/√d
        for layer in (self.key, self.value, self.output):
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)

    def split(self, x: Float[Tensor, "batch time inner"]) -> Float[Tensor, "batch heads time d_kv"]:
        """Each head's features apart."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def remember(
        self, x: Float[Tensor, "batch key d_model"]
    ) -> tuple[Float[Tensor, "batch heads key d_kv"], Float[Tensor, "batch heads key d_kv"]]:
        """Keys and values of what is to be looked at."""
        return self.split(self.key(x)), self.split(self.value(x))

    def forward(
        self,
        x: Float[Tensor, "batch query d_model"],
        keys: Float[Tensor, "batch heads key d_kv"],
        values: Float[Tensor, "batch heads key d_kv"],
        bias: Float[Tensor, "#batch #heads #query key"],
    ) -> Float[Tensor, "batch query d_model"]:
        """What each query has found."""
        found = self.weights(x, keys, bias) @ values
        return self.output(found.transpose(1, 2).flatten(2))

    def weights(
        self,
        x: Float[Tensor, "batch query d_model"],
        keys: Float[Tensor, "batch heads key d_kv"],
        bias: Float[Tensor, "#batch #heads #query key"],
    ) -> Float[Tensor, "batch heads query key"]:
        """How much each query looks at each key: together 1, or 0 where it may look nowhere."""
        scores = self.split(self.query(x)) @ keys.transpose(-2, -1) + bias
        nowhere, lowest = scores.isneginf(), torch.finfo(scores.dtype).min  # as in `masked_softmax`
        return scores.masked_fill(nowhere, lowest).softmax(dim=-1).masked_fill(nowhere, 0.0)


class T5FeedForward(nn.Module):
    """Wider, through a ReLU, narrow again; in T5 1.1 a second layer with a GELU is the gate of the first.

    >>> gated = T5FeedForward(T5Config(d_model=6, d_ff=11, feed_forward_proj="gated-gelu"))
    >>> gated(torch.randn(1, 5, 6)).shape, sum(p.numel() for p in gated.parameters()) == 3 * 6 * 11
    (torch.Size([1, 5, 6]), True)
    """

    def __init__(self, config: T5Config):
        super().__init__()
        self.gated = config.feed_forward_proj == "gated-gelu"
        self.expand = nn.Linear(config.d_model, config.d_ff, bias=False)
        if self.gated:
            self.gate = nn.Linear(config.d_model, config.d_ff, bias=False)
        self.contract = nn.Linear(config.d_ff, config.d_model, bias=False)
        for layer in self.children():
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)

    def forward(
        self, x: Float[Tensor, "batch time d_model"]
    ) -> Float[Tensor, "batch time d_model"]:
        """The same for every position."""
        wide = self.expand(x)
        wide = F.gelu(self.gate(x), approximate="tanh") * wide if self.gated else torch.relu(wide)
        return self.contract(wide)


checked(globals())
