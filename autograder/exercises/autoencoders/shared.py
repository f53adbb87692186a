"""What several exercises of this chapter share."""

import torch


def uniform(rng, *shape):
    """Independent uniform values, 0 ≤ u < 1."""
    return torch.from_numpy(rng.random(shape)).float()
