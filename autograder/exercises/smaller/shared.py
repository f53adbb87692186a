"""What the exercises of chapter 18 share: numbers whose code does not hang on the last digit of a division."""

import torch
from torch import Tensor


def clear(x: Tensor, scale: Tensor | float, within: float = 0.03) -> Tensor:
    """x with everything that lies near the middle between two codes moved to the nearer code itself.

    >>> clear(torch.tensor([0.5, 0.501, 0.8, 1.499]), 1.0)
    tensor([0.0000, 1.0000, 0.8000, 1.0000])
    """
    steps = x / scale
    near = (steps - steps.floor() - 0.5).abs() < within
    return torch.where(near, steps.round() * scale, x)
