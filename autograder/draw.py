"""Random inputs for exercises: short names for what NumPy's generator draws, as float32 tensors.

Axes get different primes (`normal(rng, 2, 3, 5)`), so that no swapped axis can pass for the right one.
"""

import numpy as np
import torch


def normal(rng: np.random.Generator, *shape: int, scale: float = 1.0) -> torch.Tensor:
    """Independent normal values with mean 0 and standard deviation `scale`."""
    return torch.from_numpy(scale * rng.standard_normal(shape)).float()


def integers(rng: np.random.Generator, low: int, high: int, *shape: int) -> torch.Tensor:
    """Independent whole numbers, low ≤ value < high."""
    return torch.from_numpy(rng.integers(low, high, shape))
