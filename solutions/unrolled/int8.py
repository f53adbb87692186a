"""Whole numbers for weights: a scale, and codes of a few bits.

Papers: Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference"
(2018), equation 1 and section 2.1; Dettmers et al., "LLM.int8()" (2022), section 2, "absmax" and "zeropoint"; Bengio,
Léonard and Courville, "Estimating or Propagating Gradients Through Stochastic Neurons" (2013), the straight-through
estimator.

Names: ours ↔ theirs — `scale` ↔ S (in LLM.int8() its inverse, s), `zero_point` ↔ Z, `codes` ↔ q. `torch.round` rounds
halves to the even number, as processors do.

Left out: products of whole numbers, which make it fast where the processor has them; columns with outliers kept in 16
bits (LLM.int8()'s own idea); scales that are learnt.
"""

import torch
from jaxtyping import Float, Int8
from torch import Tensor

from unrolled.signatures import checked


def absmax_quantize(
    weight: Float[Tensor, "rows columns"], bits: int = 8, per_row: bool = False
) -> tuple[Int8[Tensor, "rows columns"], Float[Tensor, ""] | Float[Tensor, "rows 1"]]:
    """Codes and scale, so that codes · scale is near the weight, and 0 stays 0.

    The largest absolute value gets the code 2^(bits − 1) − 1, 127 with 8 bits; −128 stays unused, so that the codes
    are symmetric. All others are rounded to the nearest code, halves to the even one. There is one scale for the whole
    weight, or one for each row, (rows, 1). Where all values are 0, the scale is 1.

    Raises a ValueError that names `bits` if these are not from 2 to 8.

    Source: Dettmers et al. (2022), section 2.

    >>> codes, scale = absmax_quantize(torch.tensor([[1.0, -0.3, 0.0], [0.1, 0.05, -0.02]]), bits=4)
    >>> codes  # the second row is lost …
    tensor([[ 7, -2,  0],
            [ 1,  0,  0]], dtype=torch.int8)
    >>> absmax_quantize(torch.tensor([[1.0, -0.3, 0.0], [0.1, 0.05, -0.02]]), bits=4, per_row=True)[0]  # … not here
    tensor([[ 7, -2,  0],
            [ 7,  4, -1]], dtype=torch.int8)
    """
    if not 2 <= bits <= 8:
        raise ValueError(f"bits is {bits}; expected 2 to 8")
    largest = weight.abs().amax(dim=1, keepdim=True) if per_row else weight.abs().amax()
    scale = largest / (2 ** (bits - 1) - 1)
    scale = torch.where(scale > 0, scale, 1.0)
    return torch.round(weight / scale).to(torch.int8), scale


def zero_point_quantize(
    x: Float[Tensor, "*shape"], bits: int = 8
) -> tuple[Int8[Tensor, "*shape"], Float[Tensor, ""], int]:
    """Codes, scale and zero point, so that (codes − zero point) · scale is near x: for values that are not symmetric.

    The range from the smallest to the largest value, widened to hold 0 if it does not, is cut into 2^bits − 1 steps of
    `scale`. The code of 0 is the zero point: −2^(bits − 1) − smallest / scale, rounded. The code of x is x / scale,
    rounded, plus the zero point, and is kept within −2^(bits − 1) … 2^(bits − 1) − 1. Halves go to the even number.
    Where all values are 0, the scale is 1.

    Raises a ValueError that names `bits` if these are not from 2 to 8.

    Source: Jacob et al. (2018), equation 1 and section 2.1.

    >>> codes, scale, zero_point = zero_point_quantize(torch.tensor([0.0, 0.5, 2.55]))  # after a ReLU
    >>> codes, zero_point
    (tensor([-128,  -78,  127], dtype=torch.int8), -128)
    >>> (codes.float() - zero_point) * scale
    tensor([0.0000, 0.5000, 2.5500])
    """
    if not 2 <= bits <= 8:
        raise ValueError(f"bits is {bits}; expected 2 to 8")
    lowest, highest = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    smallest, largest = x.amin().clamp(max=0), x.amax().clamp(min=0)
    scale = (largest - smallest) / (2**bits - 1)
    scale = torch.where(scale > 0, scale, 1.0)
    zero_point = int(torch.round(lowest - smallest / scale))
    codes = torch.round(x / scale) + zero_point
    return codes.clamp(lowest, highest).to(torch.int8), scale, zero_point


def straight_through(
    x: Float[Tensor, "*shape"], scale: float, low: int, high: int
) -> Float[Tensor, "*shape"]:
    """x rounded to the nearest of `low` · scale … `high` · scale, with a gradient as if nothing had been rounded.

    The slope of rounding is 0 nearly everywhere, so nothing could be learnt through it. Here the gradient is handed
    through as it is (times 1) where the code, x / scale rounded, lies from `low` to `high`, both included; where it had
    to be cut off, the gradient is 0. Halves go to the even number.

    Source: Bengio et al. (2013), section 2.3; Jacob et al. (2018), section 3.

    >>> x = torch.tensor([0.24, 0.26, 9.0], requires_grad=True)
    >>> y = straight_through(x, 0.5, low=-3, high=3)
    >>> y
    tensor([0.0000, 0.5000, 1.5000], grad_fn=<AddBackward0>)
    >>> torch.autograd.grad(y.sum(), x)[0]
    tensor([1., 1., 0.])
    """
    codes = torch.round(x.detach() / scale)
    inside = (low <= codes) & (codes <= high)
    return codes.clamp(low, high) * scale + torch.where(inside, x - x.detach(), 0.0)


checked(globals())
