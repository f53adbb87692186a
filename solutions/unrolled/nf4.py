"""NF4: sixteen levels for numbers that are normally distributed, a scale for each block, and codes for the scales.

Paper: Dettmers et al., "QLoRA: Efficient Finetuning of Quantized LLMs" (2023), sections 2 and 3 and appendix E.

Names: ours ↔ theirs — `levels` ↔ the data type qᵢ, `absmax` ↔ the quantization constant c₂, `scales` ↔ c₁,
`block` ↔ block size. The levels are those of the authors' code (`create_normal_map` in bitsandbytes) and of the table
in appendix E; equation 4 of the paper, as printed, gives other ones.

Left out: two codes in a byte, and layers that compute with them (`unrolled.quantized`); the 8-bit *floating-point*
codes that bitsandbytes uses for the scales: ours are whole numbers.
"""

import torch
from jaxtyping import Float, Int8, UInt8
from torch import Tensor

from unrolled.int8 import absmax_quantize
from unrolled.signatures import checked


def nf4_levels() -> Float[Tensor, "16"]:
    """The sixteen levels of NF4, rising from −1 to 1, with a 0 among them.

    Above zero stand 8 quantiles of the standard normal distribution, below it 7. Those above belong to the
    probabilities that cut the way from `offset` down to ½ into 8 equal steps, without ½ itself; those below are the
    negatives of the same with 7 steps. The offset is 1 − ½ (1/32 + 1/30). All are divided by the largest.

    Source: Dettmers et al. (2023), section 3 and appendix E.

    >>> nf4_levels()[[0, 7, 8, 15]]
    tensor([-1.0000,  0.0000,  0.0796,  1.0000])
    """
    offset = 1 - (1 / 32 + 1 / 30) / 2
    above = torch.special.ndtri(torch.linspace(offset, 0.5, 9, dtype=torch.float64)[:-1])
    below = torch.special.ndtri(torch.linspace(offset, 0.5, 8, dtype=torch.float64)[:-1])
    levels = torch.cat([-below, torch.zeros(1, dtype=torch.float64), above.flip(0)])
    return (levels / above.max()).float()


def quantize_blocks(
    weight: Float[Tensor, "rows columns"], levels: Float[Tensor, " levels"], block: int = 64
) -> tuple[UInt8[Tensor, " number"], Float[Tensor, " blocks"]]:
    """The code of every weight, which is the number of a level, and the largest absolute value of each block.

    The weight is laid out row by row and cut into blocks of `block` numbers; the last one may be shorter. Each block is
    divided by its largest absolute value, and each number gets the nearest level; of two that are equally near, the
    lower one. The levels rise, and 0 is among them. A block of zeros gets the codes of 0, and the largest value 0.

    Raises a ValueError that names `block` if it is below 1.

    Source: Dettmers et al. (2023), section 2, block-wise k-bit quantization.

    >>> levels = torch.tensor([-1.0, 0.0, 0.5, 1.0])
    >>> quantize_blocks(torch.tensor([[2.0, -2.0, 0.9], [0.1, 0.2, 0.3]]), levels, block=4)
    (tensor([3, 0, 2, 1, 2, 3], dtype=torch.uint8), tensor([2.0000, 0.3000]))
    """
    if block < 1:
        raise ValueError(f"block is {block}; expected at least 1")
    numbers = weight.flatten()
    absmax = torch.stack([part.abs().max() for part in numbers.split(block)])
    scale = torch.where(absmax > 0, absmax, 1.0).repeat_interleave(block)[: len(numbers)]
    borders = (levels[1:] + levels[:-1]) / 2
    return torch.bucketize(numbers / scale, borders).to(torch.uint8), absmax


def double_quantize(
    absmax: Float[Tensor, " blocks"], block: int = 256
) -> tuple[Int8[Tensor, " blocks"], Float[Tensor, " groups"], Float[Tensor, ""]]:
    """The largest values of the blocks, quantized in their turn: 8-bit codes, a scale for each `block` of them, a mean.

    They are all positive; so their mean is subtracted first, and codes of both signs are of use. The rest is cut into
    groups of `block` numbers, the last of which may be shorter, and each gets chapter 18's absmax codes of 8 bits.
    codes · scale + mean is back within half a step. A group whose numbers are all the mean has the scale 1.

    Source: Dettmers et al. (2023), section 3, double quantization; there with 8-bit floats.

    >>> codes, scales, mean = double_quantize(torch.tensor([1.0, 3.0, 2.0, 2.5, 1.5]), block=3)
    >>> codes, mean
    (tensor([-127,  127,    0,  127, -127], dtype=torch.int8), tensor(2.))
    >>> scales * 127
    tensor([1.0000, 0.5000])
    """
    mean = absmax.mean()
    groups = torch.nn.functional.pad(absmax - mean, (0, -len(absmax) % block)).unflatten(
        0, (-1, block)
    )
    codes, scales = absmax_quantize(groups, per_row=True)
    return codes.flatten()[: len(absmax)], scales.flatten(), mean


checked(globals(), never_empty=("quantize_blocks", "double_quantize"))
