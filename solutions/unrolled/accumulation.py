"""Gradient accumulation: a batch that is too large for memory, read in pieces and yet counted as one.

Paper: none; it follows from the gradient of a sum. That counting goes wrong in practice is told in Hugging Face's
"Fixing Gradient Accumulation" (2024).

Names: ours ↔ Hugging Face's — `micro_batches` ↔ batch_samples, the count ↔ num_items_in_batch.

Left out: the optimiser's step that follows, and several processors, whose counts would have to be added up as well.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from unrolled.signatures import checked


def accumulated_gradients(
    model: nn.Module,
    micro_batches: Sequence[Any],
    loss: Callable[[nn.Module, Any], tuple[Tensor, int]],
) -> list[Tensor]:
    """The gradient of the mean loss over all micro-batches together, one tensor for each of the model's parameters.

    `loss(model, batch)` gives a sum of losses and the number of losses in that sum, which differs from one micro-batch
    to the next. The mean is (all sums added up) / (all numbers added up). Read one micro-batch at a time: call `loss`
    once for each, and take its gradients before the next one is read, so that no two graphs are in memory at once.
    Every loss depends on every parameter.
    What stands in the parameters' `.grad` beforehand does not count; what stands there afterwards is up to you.

    Source: the gradient of a sum is the sum of the gradients.

    >>> model = nn.Linear(1, 1, bias=False)
    >>> def loss(model, batch):  # the derivative of the sum is the sum of the inputs
    ...     return model(batch).sum(), len(batch)
    >>> short, long = torch.tensor([[6.0]]), torch.tensor([[1.0], [2.0], [3.0]])
    >>> accumulated_gradients(model, [short, long], loss)  # (6 + 6) / (1 + 3)
    [tensor([[3.]])]
    """
    parameters = list(model.parameters())
    gradients = [torch.zeros_like(parameter) for parameter in parameters]
    total = 0
    for batch in micro_batches:
        part, count = loss(model, batch)
        found = torch.autograd.grad(part, parameters)
        gradients = [gradient + new for gradient, new in zip(gradients, found, strict=True)]
        total += count
    if total == 0:
        raise ValueError("micro_batches hold no losses; expected at least one to take the mean of")
    return [gradient / total for gradient in gradients]


checked(globals())
