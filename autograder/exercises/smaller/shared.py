"""What the exercises of chapter 18 share: numbers whose code does not hang on the last digit of a division."""

import torch
from torch import Tensor


def clear(x: Tensor, scale: Tensor | float, within: float = 0.03) -> Tensor:
    """x with everything that lies near the middle between two codes moved a little towards the nearer one.

    >>> clear(torch.tensor([0.5, 0.501, 0.8, 1.499]), 1.0)
    tensor([0.4000, 0.6008, 0.8000, 1.3992])
    """
    steps = x / scale
    nearest = steps.round()
    near = (steps - steps.floor() - 0.5).abs() < within
    return torch.where(near, (nearest + 0.8 * (steps - nearest)) * scale, x)
