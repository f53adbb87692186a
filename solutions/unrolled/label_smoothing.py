"""Label smoothing: a teacher who is never quite sure.

Paper: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision" (2016), section 7;
Vaswani et al., "Attention Is All You Need" (2017), section 5.4.

Names: ours ↔ theirs — `smoothing` ↔ ε, `vocabulary` ↔ K, `logits` ↔ z. The uniform part goes to *every* class,
the right one included, as in Szegedy et al. and in PyTorch.

Left out: other distributions than the uniform one.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from unrolled.self_attention import padding_mask
from unrolled.signatures import checked


def label_smoothed_cross_entropy(
    logits: Float[Tensor, "batch time vocabulary"],
    targets: Int[Tensor, "batch time"],
    lengths: Int[Tensor, " batch"],
    smoothing: float | int,
) -> Float[Tensor, ""]:
    """The mean cross-entropy, in nats, with a target that gives `smoothing` away to all classes.

    With ε for `smoothing`, the target is 1 − ε for the right class plus ε / K for every class, the right
    one too. Every real token counts once, padding never; sequence i has `lengths[i]` real tokens, and
    the batch at least one. However large the scores are, the loss is a finite number. (A target of −100
    counts as padding, as elsewhere in torch; no case asks for it.)

    Source: Szegedy et al. (2016), section 7, with the uniform distribution.

    >>> logits = torch.tensor([[[2.0, 0.0], [9.0, 9.0]]])  # one real token, and one of padding
    >>> targets, lengths = torch.zeros(1, 2, dtype=torch.long), torch.tensor([1])
    >>> label_smoothed_cross_entropy(logits, targets, lengths, 0.0)  # −log p(right)
    tensor(0.1269)
    >>> label_smoothed_cross_entropy(logits, targets, lengths, 0.1)  # 0.95 · 0.1269 + 0.05 · 2.1269
    tensor(0.2269)
    """
    surprise = -torch.log_softmax(logits, dim=-1)
    right = surprise.gather(-1, targets.clamp(min=0)[..., None]).squeeze(-1)
    losses = (1 - smoothing) * right + smoothing * surprise.mean(dim=-1)
    return losses[padding_mask(lengths, targets.shape[1]) & (targets >= 0)].mean()


checked(globals())
