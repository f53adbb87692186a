"""Batches for a language model: pieces of a long text, and the same pieces one token later."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor


def get_batch(
    ids: Sequence[int] | np.ndarray | Tensor, batch_size: int, time: int, generator: torch.Generator
) -> tuple[Int[Tensor, "batch time"], Int[Tensor, "batch time"]]:
    """Inputs and targets, `batch_size` pieces of `time` tokens from anywhere in the text; all places are equally likely.

    The text is a list, an array (also one on disk, `numpy.memmap`, of which only the pieces are read) or a tensor.

    >>> inputs, targets = get_batch(range(100), 2, 3, torch.Generator().manual_seed(0))
    >>> inputs.shape, (targets - inputs).unique()
    (torch.Size([2, 3]), tensor([1]))
    """
    if not 1 <= time < len(ids):
        raise ValueError(
            f"time is {time}; expected 1 to {len(ids) - 1}, since ids has {len(ids)} tokens and the last is only a target"
        )
    starts = torch.randint(len(ids) - time, (batch_size,), generator=generator)
    places = starts[:, None] + torch.arange(time + 1)
    pieces = torch.from_numpy(np.asarray(ids)[places.numpy()].astype(np.int64))
    return pieces[:, :-1], pieces[:, 1:]


__all__ = ["get_batch"]
