"""From scores to probabilities, and from probabilities to a loss.

Paper: Bridle, "Probabilistic interpretation of feedforward classification network outputs" (1990), for softmax;
Goodfellow, Bengio and Courville, *Deep Learning* (2016), sections 4.1 (overflow) and 6.2.2 (cross-entropy).

Names: ours ↔ theirs — logits ↔ z (unnormalised log-probabilities), target ↔ the index of the right class.

Left out: padding (`unrolled.rnn.sequence_cross_entropy`), masks, and label smoothing.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from unrolled.signatures import checked


def softmax(x: Float[Tensor, "..."], dim: int = -1) -> Float[Tensor, "..."]:
    """Scores made into probabilities along the axis `dim`: all positive, and their sum is 1.

    exp(x_i) / Σ_j exp(x_j), for scores of any size: adding a constant to all scores changes
    nothing, so the largest may be subtracted from all before the exponential can overflow. The
    result has the shape and the dtype of `x`.

    Source: Goodfellow et al. (2016), section 4.1.

    >>> softmax(torch.tensor([0.0, 0.0, 0.0, 0.0]))
    tensor([0.2500, 0.2500, 0.2500, 0.2500])
    >>> softmax(torch.tensor([[1000.0, 1000.0], [1.0, 0.0]]), dim=-1)  # exp(1000) would be infinite
    tensor([[0.5000, 0.5000],
            [0.7311, 0.2689]])
    """
    exponentials = torch.exp(x - x.amax(dim=dim, keepdim=True))
    return exponentials / exponentials.sum(dim=dim, keepdim=True)


def cross_entropy(
    logits: Float[Tensor, "batch vocabulary"],
    targets: Int[Tensor, " batch"],
) -> Float[Tensor, ""]:
    """The mean of −log p(target) over the batch, in nats.

    Row i of `logits` holds the scores of example i, one a class; `targets[i]` is its right class.
    log p is taken from the scores directly, log p_i = x_i − log Σ_j exp(x_j): the logarithm of a
    softmax would be −∞ where the probability is too small to be told from 0.

    Source: Goodfellow et al. (2016), section 6.2.2; `torch.nn.functional.cross_entropy`.

    >>> targets = torch.tensor([0, 3])
    >>> cross_entropy(torch.zeros(2, 4), targets)  # four classes, no idea: log 4
    tensor(1.3863)
    >>> cross_entropy(torch.tensor([[500.0, 0, 0, 0], [500.0, 0, 0, 0]]), targets)  # one is right
    tensor(250.)
    """
    log_probabilities = logits - logits.logsumexp(dim=-1, keepdim=True)
    return -log_probabilities.gather(dim=-1, index=targets[:, None]).mean()


checked(globals())
