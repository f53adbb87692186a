"""Backpropagation by hand: the gradients of a network of two layers, written out.

Paper: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors" (1986), equations 4 to 7.

Names: ours ↔ theirs — `hidden`, `outputs` ↔ y_j of their units, sums before the tanh ↔ x_j, `targets` ↔ d_j. Theirs has
a sigmoid and half the sum of squares; ours has a tanh, a linear output and the mean, as `torch.nn.MSELoss`.

Left out: everything that is not two layers. From here on torch's autograd applies the same rule to any network.
"""

import numpy as np
from jaxtyping import Float

from unrolled.signatures import checked


def mlp_gradients(
    x: Float[np.ndarray, "batch feature"],
    targets: Float[np.ndarray, "batch output"],
    w1: Float[np.ndarray, "hidden feature"],
    b1: Float[np.ndarray, " hidden"],
    w2: Float[np.ndarray, "output hidden"],
    b2: Float[np.ndarray, " output"],
) -> dict[str, Float[np.ndarray, "..."]]:
    """The gradient of the loss for every weight, as {"w1": …, "b1": …, "w2": …, "b2": …}.

    The network is hidden = tanh(W₁x + b₁), outputs = W₂·hidden + b₂. The loss is the mean of
    (outputs − targets)² over all values: all examples of the batch, and all outputs.

    Source: Rumelhart et al. (1986), equations 4 to 7.

    >>> one = np.ones((1, 1))
    >>> zero = np.zeros(1)
    >>> gradients = mlp_gradients(x=one, targets=one, w1=0 * one, b1=zero, w2=one, b2=zero)
    >>> gradients["b2"], gradients["w1"]  # the output is 0 instead of 1: it should rise
    (array([-2.]), array([[-2.]]))
    """
    hidden = np.tanh(x @ w1.T + b1)
    outputs = hidden @ w2.T + b2
    d_outputs = 2 * (outputs - targets) / outputs.size
    d_hidden = d_outputs @ w2
    d_sums = d_hidden * (1 - hidden**2)
    return {
        "w1": d_sums.T @ x,
        "b1": d_sums.sum(axis=0),
        "w2": d_outputs.T @ hidden,
        "b2": d_outputs.sum(axis=0),
    }


checked(globals())
