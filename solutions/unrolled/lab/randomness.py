"""Random numbers that come out the same again: one seed for everything, and a seed of its own for every step.

Left out: functions of the library that draw at random; they take a `torch.Generator` of their own.
"""

import hashlib
import random

import numpy as np
import torch


def seed_everything(seed: int) -> torch.Generator:
    """Seeds Python, NumPy and torch (every device), and returns a fresh generator with the same seed.

    >>> generator = seed_everything(7)
    >>> first = torch.rand(2), torch.rand(2, generator=generator)
    >>> generator = seed_everything(7)
    >>> torch.equal(first[0], torch.rand(2)), torch.equal(first[1], torch.rand(2, generator=generator))
    (True, True)
    """
    if not 0 <= seed < 2**32:
        raise ValueError(
            f"seed is {seed}; expected a whole number from 0 to 2**32 - 1 (NumPy takes no other)"
        )
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed)


def step_seed(seed: int, step: int, process: int = 0, use: str = "") -> int:
    """A seed that depends on these arguments only, and looks unrelated for neighbouring steps and other uses.

    A training run that seeds every step this way needs no stored random state to go on where it stopped.

    >>> step_seed(0, 0) == step_seed(0, 0), step_seed(0, 0) == step_seed(0, 1)
    (True, False)
    """
    digest = hashlib.blake2b(f"{seed} {step} {process}{use}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "little")
