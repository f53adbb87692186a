"""LoRA: a large layer stays as it is, and a thin one beside it learns the difference.

Paper: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models" (2022), section 4.1; Kalajdzievski, "A Rank
Stabilization Scaling Factor for Fine-Tuning with LoRA" (2023) divides by √r instead of r.

Names: ours ↔ theirs — `rank` ↔ r, `alpha` ↔ α, `A`, `B` ↔ A, B (in peft `lora_A.weight`, `lora_B.weight`), `linear` ↔ W₀
(in peft `base_layer`).

Left out: dropout on x, and which layers of a model get one, with saving and loading (`unrolled.adapters`).
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from unrolled.signatures import checked


class LoRALinear(nn.Module):
    """A linear layer that no longer learns, and a low-rank update beside it that does: W x + b + (α / r) · B (A x).

    `linear` is the layer itself; from now on neither its weight nor its bias learns. A has the shape (rank, in),
    B (out, rank). A starts as in any linear layer of PyTorch, `nn.init.kaiming_uniform_(A, a=math.sqrt(5))`, which is
    uniform between ±1/√in (chapter 17); B starts at 0, so that at first nothing is changed. Both are parameters with
    the names `A` and `B`.

    Source: Hu et al. (2022), equation 3.

    >>> linear = nn.Linear(3, 2)
    >>> layer = LoRALinear(linear, rank=1, alpha=2.0)
    >>> [name for name, parameter in layer.named_parameters() if parameter.requires_grad]
    ['A', 'B']
    >>> x = torch.tensor([[1.0, 2.0, 3.0]])
    >>> layer(x) - linear(x)
    tensor([[0., 0.]], grad_fn=<SubBackward0>)
    """

    def __init__(self, linear: nn.Linear, rank: int, alpha: float):
        super().__init__()
        self.linear, self.scale = linear.requires_grad_(False), alpha / rank
        self.A = nn.Parameter(linear.weight.new_empty(rank, linear.in_features))
        self.B = nn.Parameter(linear.weight.new_zeros(linear.out_features, rank))
        nn.init.kaiming_uniform_(self.A, a=5**0.5)

    def forward(self, x: Float[Tensor, "*batch in"]) -> Float[Tensor, "*batch out"]:
        """The frozen layer's output, plus the update's. The product B A is never made: it is as large as W."""
        return self.linear(x) + self.scale * F.linear(F.linear(x, self.A), self.B)

    @torch.no_grad()
    def merge(self) -> nn.Linear:
        """A new linear layer that computes the same, of the old one's size, with W + (α / r) · B A; this one stays as it is."""
        out_features, in_features = len(self.B), self.A.shape[1]
        bias, weight = self.linear.bias, self.linear.weight
        merged = nn.Linear(
            in_features, out_features, bias is not None, device=weight.device, dtype=weight.dtype
        )
        merged.weight.copy_(weight + self.scale * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


checked(globals())
