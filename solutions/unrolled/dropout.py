"""Dropout: in training some values are left out at random, so that no unit can rely on another one being there.

Papers: Hinton et al., "Improving Neural Networks by Preventing Co-adaptation of Feature Detectors" (2012); Srivastava et
al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (2014), section 10 for the scaling used here.

Names: ours ↔ theirs — `p` ↔ 1 − p: theirs is the probability to keep a value, ours, as in torch, to drop it.

Left out: dropping whole rows or layers, and averaging over many draws when the model is used.
"""

from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked


def dropout(
    x: Float[Tensor, "*shape"], p: float | int, uniforms: Float[Tensor, "*shape"], training: bool = True
) -> Float[Tensor, "*shape"]:
    """The values, of which some are set to 0 while training, and the rest made larger, so that the mean stays.

    Each value has a random number of its own, uniform between 0 and 1. A value drops if its number is below `p`; what stays
    is divided by 1 − p. Where `training` is False, the values come back as they are. A ValueError names `p` unless
    0 ≤ p < 1.

    Source: Srivastava et al. (2014), section 10, "inverted" dropout.

    >>> import torch
    >>> x, uniforms = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([0.1, 0.9, 0.5, 0.4])
    >>> dropout(x, 0.5, uniforms)
    tensor([0., 4., 6., 0.])
    >>> dropout(x, 0.5, uniforms, training=False)
    tensor([1., 2., 3., 4.])
    """
    if not 0 <= p < 1:
        raise ValueError(f"p is {p}; expected at least 0 and less than 1")
    if not training:
        return x
    return x * (uniforms >= p) / (1 - p)


checked(globals())
