"""Distillation: a small model learns from the probabilities of a large one, and not from the right words alone.

Paper: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015), sections 2 and 2.1; the loss
between two models goes back to Buciluă et al., "Model Compression" (2006).

Names: ours ↔ theirs — `teacher_logits` ↔ vᵢ, `student_logits` ↔ zᵢ, `temperature` ↔ T; `alpha` is the weight of the
soft targets (some codes give this name to the weight of the labels).

Left out: matching the hidden states or the attention of the teacher, as DistilBERT and TinyBERT do.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from unrolled.signatures import checked


def distillation_loss(
    student_logits: Float[Tensor, "batch classes"],
    teacher_logits: Float[Tensor, "batch classes"],
    labels: Int[Tensor, " batch"],
    *,
    temperature: float,
    alpha: float,
) -> Float[Tensor, ""]:
    """α · T² · KL(teacher ‖ student) + (1 − α) · cross-entropy with the labels, in nats, averaged over the batch.

    For the divergence both models' scores are divided by the temperature T before the softmax; for the labels the
    student's are not. T² makes up for the gradients, which a temperature divides by T². The teacher does not learn:
    no gradient reaches its scores. They may be large, so that their exponential is infinite, but they are finite.

    Source: Hinton et al. (2015), section 2.

    >>> student, teacher = torch.tensor([[0.0, 0.0]]), torch.tensor([[2.0, 0.0]])
    >>> label = torch.tensor([0])
    >>> distillation_loss(student, teacher, label, temperature=2.0, alpha=1.0)  # 4 · KL((0.731, 0.269) ‖ (½, ½))
    tensor(0.4438)
    >>> distillation_loss(student, teacher, label, temperature=2.0, alpha=0.0)  # log 2
    tensor(0.6931)
    """
    guess = torch.log_softmax(student_logits / temperature, dim=-1)
    wanted = torch.log_softmax(teacher_logits.detach() / temperature, dim=-1)
    soft = (wanted.exp() * (wanted - guess)).sum(dim=-1).mean()
    hard = F.cross_entropy(student_logits, labels)
    return alpha * temperature**2 * soft + (1 - alpha) * hard


checked(globals())
