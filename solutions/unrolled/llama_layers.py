"""What changed inside since GPT-3: a feed-forward layer with a gate, and attention whose heads share keys.

Papers: Shazeer, "GLU Variants Improve Transformer" (2020), equation 6; Shazeer, "Fast Transformer Decoding: One Write-Head
is All You Need" (2019); Ainslie et al., "GQA: Training Generalized Multi-Query Transformer Models from Multi-Head
Checkpoints" (2023), section 2.2.

Names: ours ↔ Hugging Face's — `gate`, `up`, `down` ↔ `gate_proj`, `up_proj`, `down_proj`; `query`, `key`, `value`,
`output` ↔ `q_proj`, `k_proj`, `v_proj`, `o_proj`; `heads`, `kv_heads` ↔ `num_attention_heads`, `num_key_value_heads`.

Left out: the norm (`unrolled.t5`), the block and the model (`unrolled.llama`), sliding windows.
"""

from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from unrolled.rope import rotate
from unrolled.self_attention import causal_mask
from unrolled.signatures import checked


class SwiGLU(nn.Module):
    """A feed-forward layer with a gate: down(silu(gate x) ⊙ up x), where silu(z) = z · sigmoid(z).

    Three weights instead of two, and no bias unless asked for: `gate` and `up` make d_ff features of d_model, `down`
    goes back.

    Source: Shazeer (2020), equation 6; `gate`, `up` and `down` are there W, V and W₂.

    >>> layer = SwiGLU(d_model=2, d_ff=1)
    >>> with torch.no_grad():
    ...     _ = layer.gate.weight.copy_(torch.tensor([[1.0, 0.0]]))  # the gate looks at the first feature
    ...     _ = layer.up.weight.copy_(torch.tensor([[0.0, 1.0]]))  # and lets the second pass
    ...     _ = layer.down.weight.fill_(1.0)
    >>> layer(torch.tensor([[5.0, 3.0], [0.0, 3.0], [-5.0, 3.0]]))[:, 0]
    tensor([14.8996,  0.0000, -0.1004], grad_fn=<SelectBackward0>)
    """

    def __init__(self, d_model: int, d_ff: int, *, bias: bool = False):
        super().__init__()
        self.gate = nn.Linear(d_model, d_ff, bias)
        self.up = nn.Linear(d_model, d_ff, bias)
        self.down = nn.Linear(d_ff, d_model, bias)

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        """The same for every word."""
        return self.down(F.silu(self.gate(x)) * self.up(x))


class GroupedQueryAttention(nn.Module):
    """Causal self-attention with rotary positions, in which several heads of queries share keys and values.

    There are `heads` heads of queries and `kv_heads` heads of keys and values, each with `head_size` features, which
    is d_model / heads if nothing else is said. Query head h looks at key head ⌊h · kv_heads / heads⌋: the first
    heads / kv_heads of them at the first one, and so on. With kv_heads = heads it is the attention that you know.
    No layer has a bias unless asked for.

    Source: Ainslie et al. (2023), section 2.2; Su et al. (2021), equation 16.

    >>> attention = GroupedQueryAttention(d_model=8, heads=4, kv_heads=2)
    >>> x = torch.randn(1, 5, 8)
    >>> _, past = attention(x[:, :3])
    >>> output, (key, value) = attention(x[:, 3:], past)  # two more words
    >>> output.shape, key.shape
    (torch.Size([1, 2, 8]), torch.Size([1, 2, 5, 2]))
    >>> torch.allclose(output, attention(x)[0][:, 3:], atol=1e-6)
    True
    """

    def __init__(
        self,
        d_model: int,
        heads: int,
        kv_heads: int,
        theta: float = 10_000.0,
        *,
        head_size: int | None = None,
        bias: bool = False,
        output_bias: bool = False,
    ):
        super().__init__()
        if heads % kv_heads:
            raise ValueError(f"heads is {heads}; expected a multiple of kv_heads, which is {kv_heads}")
        if head_size is None and d_model % heads:
            raise ValueError(f"d_model is {d_model}; expected a multiple of heads, which is {heads}")
        self.head_size, self.group = head_size or d_model // heads, heads // kv_heads
        self.rotate = partial(rotate, theta=theta)
        self.query = nn.Linear(d_model, heads * self.head_size, bias)
        self.key = nn.Linear(d_model, kv_heads * self.head_size, bias)
        self.value = nn.Linear(d_model, kv_heads * self.head_size, bias)
        self.output = nn.Linear(heads * self.head_size, d_model, output_bias)

    def forward(
        self, x: Float[Tensor, "batch new d_model"], past: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Float[Tensor, "batch new d_model"], tuple[Tensor, Tensor]]:
        """The output for the `new` words, and the keys and values of all `time` words so far.

        `past` is what the last call returned in second place: the keys and values of the words before, each
        (batch, kv_heads, words, head_size). The new words stand where it ends: after a past of five words, the first
        of them stands at position 5. `self.rotate(heads, positions)` turns queries and keys, not values; keys are
        kept as they are after the rotation. Each word looks at those before it and at itself. Nothing is remembered in
        the module.
        """
        query, key, value = (
            layer(x).unflatten(-1, (-1, self.head_size)).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        new, before = x.shape[1], past[0].shape[2] if past else 0
        positions = torch.arange(before, before + new, device=x.device)
        query, key = self.rotate(query, positions), self.rotate(key, positions)
        if past:
            key, value = torch.cat([past[0], key], dim=2), torch.cat([past[1], value], dim=2)
        shared = [part.repeat_interleave(self.group, dim=1) for part in (key, value)]
        mask = causal_mask(before + new)[-new:].to(x.device) if past else None
        seen = F.scaled_dot_product_attention(query, *shared, mask, is_causal=mask is None)
        return self.output(seen.transpose(1, 2).flatten(2)), (key, value)


checked(globals())
