"""Rotary positions: a word's place turns its queries and keys, so that scores depend on distances alone.

Paper: Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding" (2021), sections 3.2 to 3.4.

Names: ours ↔ theirs — `positions` ↔ m, `theta` ↔ 10000, in Hugging Face `rope_theta`. Two features make a pair, the two
coordinates of a point. Here, as in GPT-NeoX and Hugging Face's Llama, feature i makes one with feature i + d/2 ("halves");
in RoFormer, GPT-J and Meta's own code of Llama feature 2i with feature 2i + 1 ("pairs").

Left out: how frequencies are stretched for longer texts; a model that has such frequencies hands them to `rotate_at`.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from unrolled.signatures import checked


def rotate(
    x: Float[Tensor, "batch heads time d"],
    positions: Int[Tensor, " time"],
    theta: float = 10_000.0,
) -> Float[Tensor, "batch heads time d"]:
    """Every pair of features turned by its angle: at position m, pair i by m · theta^(−2i/d) radians, anticlockwise.

    Feature i and feature i + d/2 are the two coordinates of pair i, for i from 0 to d/2 − 1. The first pair turns
    fastest, by one radian per word. Lengths stay as they are. Angles are computed in 32 bits at least; the result has
    the dtype of `x`.

    Raises a ValueError that names `x` if d is odd.

    Source: Su et al. (2021), equation 34, with the pairs of GPT-NeoX.

    >>> x = torch.tensor([1.0, 1.0, 0.0, 0.0]).view(1, 1, 1, 4)  # both pairs point to the right
    >>> rotate(x, torch.tensor([1]), theta=100.0).flatten()  # by 1 radian, and by 100^(−2/4) = 0.1
    tensor([0.5403, 0.9950, 0.8415, 0.0998])
    """
    d = x.shape[-1]
    if d % 2:
        raise ValueError(f"x is a tensor with {d} features in each head; expected an even number, for two make a pair")
    wide = torch.promote_types(x.dtype, torch.float32)  # in 16 bits large positions would be rounded
    frequencies = 1.0 / theta ** (torch.arange(0, d, 2, device=x.device).to(wide) / d)
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


def halves_from_pairs(
    weight: Float[Tensor, "features d_model"], heads: int
) -> Float[Tensor, "features d_model"]:
    """The rows of a query or key projection in the order of halves, if they were learnt in the order of pairs.

    The rows of one head follow those of the other, d = features / heads each. In each head row 2i becomes row i, and
    row 2i + 1 becomes row i + d/2. Queries and keys that are made by such weights and then rotated by halves have the
    scores of the old ones rotated by pairs.

    Raises a ValueError that names `weight` if its rows are not a multiple of 2 · heads.

    Source: `convert_llama_weights_to_hf.py` of Hugging Face, the function `permute`.

    >>> halves_from_pairs(torch.arange(8.0)[:, None], heads=2).flatten()
    tensor([0., 2., 1., 3., 4., 6., 5., 7.])
    """
    if len(weight) % (2 * heads):
        raise ValueError(f"weight is a tensor of {len(weight)} rows; expected a multiple of 2 · heads, {2 * heads}")
    return weight.unflatten(0, (heads, -1, 2)).transpose(1, 2).flatten(0, 2)


def rotate_at(
    x: Float[Tensor, "batch heads time d"],
    positions: Int[Tensor, " time"],
    frequencies: Float[Tensor, " pairs"],
    scale: float = 1.0,
) -> Float[Tensor, "batch heads time d"]:
    """`rotate` with any frequencies, in radians per word, and all vectors `scale` times as long.

    Models that were stretched for longer texts have such frequencies: Llama 3.1, YaRN. A pair is a complex number here,
    and turning it is a product.

    >>> x = torch.randn(1, 1, 3, 4)
    >>> places = torch.arange(3)
    >>> torch.allclose(rotate_at(x, places, torch.tensor([1.0, 0.1])), rotate(x, places, theta=100.0), atol=1e-6)
    True
    """
    angles = positions[:, None] * frequencies
    pairs = torch.complex(*x.to(angles.dtype).chunk(2, dim=-1))
    turned = pairs * torch.polar(torch.full_like(angles, scale), angles)
    return torch.cat([turned.real, turned.imag], dim=-1).to(x.dtype)


checked(globals())
