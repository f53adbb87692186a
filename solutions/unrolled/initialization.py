"""Initial weights: how large they must be so that a signal neither fades nor explodes on its way through the layers.

Papers: Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural Networks" (2010), equation
16; He et al., "Delving Deep into Rectifiers" (2015), section 2.2.

Names: ours ↔ torch's — "xavier" ↔ `nn.init.xavier_uniform_`, "kaiming" ↔ `nn.init.kaiming_uniform_` for ReLU. Both are
first names: Xavier Glorot's and Kaiming He's. `fan_in` and `fan_out` are the numbers of inputs and of outputs.

Left out: normal distributions instead of uniform ones, and other activation functions, which want another factor.
"""

import math

from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked


def initial_weights(
    fan_out: int, fan_in: int, scheme: str, uniforms: Float[Tensor, " weights"]
) -> Float[Tensor, "fan_out fan_in"]:
    """A linear layer's weights, uniform between −bound and bound, made of numbers that are uniform between 0 and 1.

    The bound of "xavier" is √(6 / (fan_in + fan_out)), that of "kaiming" √(6 / fan_in). There are as many `uniforms` as
    weights, and they fill the rows of the matrix one after the other; 0 becomes −bound, and 1 would become bound. Any
    other scheme is a ValueError that names `scheme`.

    Source: Glorot and Bengio (2010), equation 16; He et al. (2015), equation 10, as a uniform distribution.

    >>> import torch
    >>> initial_weights(2, 3, "kaiming", torch.tensor([0.0, 0.5, 0.75, 0.25, 0.0, 0.5]))  # the bound is √2
    tensor([[-1.4142,  0.0000,  0.7071],
            [-0.7071, -1.4142,  0.0000]])
    """
    if scheme not in ("xavier", "kaiming"):
        raise ValueError(f"scheme is {scheme!r}; expected 'xavier' or 'kaiming'")
    if len(uniforms) != fan_out * fan_in:
        raise ValueError(
            f"uniforms is a tensor of {len(uniforms)} numbers; expected {fan_out} · {fan_in}"
        )
    fans = fan_in + fan_out if scheme == "xavier" else fan_in
    bound = math.sqrt(6 / fans)
    return uniforms.view(fan_out, fan_in) * (2 * bound) - bound


checked(globals())
