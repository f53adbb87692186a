"""Pooling: one vector for a text, made of the states of all its words.

Paper: Howard and Ruder, "Universal Language Model Fine-tuning for Text Classification" (2018), section 3.3.

Names: ours ↔ theirs — `states` ↔ H = {h₁, …, h_T}, the result ↔ h_c, the parts ↔ h_T, maxpool(H), meanpool(H).

Left out: pooling by attention, where the weights of the mean are learnt (chapters 4 and 5).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from unrolled.signatures import checked


def concat_pool(
    states: Float[Tensor, "batch time d"], lengths: Int[Tensor, " batch"]
) -> Float[Tensor, "batch 3*d"]:
    """Of each text, side by side: the last state, the largest value of each feature, and the mean.

    Only the first `lengths[i]` states of row i are real, at least one; what stands in the padding after them, any
    finite numbers, changes nothing.

    Source: Howard and Ruder (2018), section 3.3: h_c = [h_T, maxpool(H), meanpool(H)].

    >>> states = torch.tensor([[[1.0, -1.0], [5.0, -2.0], [3.0, -3.0]], [[-4.0, 2.0], [9.0, 9.0], [9.0, 9.0]]])
    >>> concat_pool(states, torch.tensor([3, 1]))
    tensor([[ 3., -3.,  5., -1.,  3., -2.],
            [-4.,  2., -4.,  2., -4.,  2.]])
    """
    real = torch.arange(states.shape[1], device=states.device) < lengths[:, None]
    last = states[torch.arange(len(states), device=states.device), lengths - 1]
    largest = states.masked_fill(~real[:, :, None], -torch.inf).amax(dim=1)
    mean = states.masked_fill(~real[:, :, None], 0.0).sum(dim=1) / lengths[:, None]
    return torch.cat([last, largest, mean], dim=1)


checked(globals())
