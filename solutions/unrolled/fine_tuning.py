"""Fine-tuning without forgetting: a rate over the steps, a rate for each layer, and one layer more per epoch.

Paper: Howard and Ruder, "Universal Language Model Fine-tuning for Text Classification" (2018), sections 3.2 and 3.3.

Names: ours ↔ theirs — `step` ↔ t, `steps` ↔ T, `cut_fraction` ↔ cut_frac, `ratio` as there, the factor ↔ η_t / η_max;
`factor` ↔ 2.6, the quotient of the rates η^l and η^(l−1) of two neighbouring layers.

Left out: what is trained (`unrolled.ulmfit`), and the loop that does it (`unrolled.lab.train`).
"""

from collections.abc import Sequence
from typing import Any

from torch import nn

from unrolled.signatures import checked


def slanted_triangular_rate(
    step: int, steps: int, *, cut_fraction: float = 0.1, ratio: float | int = 32
) -> float:
    """What the peak rate is multiplied by at a step: up fast in a straight line, then down slowly in another.

    Steps count from 0. The peak, 1, is at the step `cut`, which is `steps · cut_fraction` rounded down, but at least
    1. Step 0 and the step after the last one, number `steps`, would have 1 / `ratio`; so the factor is
    (1 + p · (ratio − 1)) / ratio, where p is the share of the way between that floor and the peak.

    A step outside 0 … steps − 1 raises a `ValueError` that names `step`.

    Source: Howard and Ruder (2018), equation 3, with p of its second line falling to 0 at T exactly.

    >>> [slanted_triangular_rate(step, 20, ratio=5) for step in (0, 1, 2, 11)]
    [0.2, 0.6, 1.0, 0.6]
    """
    if not 0 <= step < steps:
        raise ValueError(f"step is {step}; expected 0 to {steps - 1}, as there are {steps} steps")
    cut = max(1, int(steps * cut_fraction))
    p = step / cut if step < cut else 1 - (step - cut) / (steps - cut)
    return (1 + p * (ratio - 1)) / ratio


def discriminative_groups(
    layers: Sequence[nn.Module], rate: float, factor: float | int = 2.6
) -> list[dict[str, Any]]:
    """Parameters with a learning rate for each layer, as an optimiser of `torch.optim` takes them.

    `layers` go from the input to the output. The last one learns at `rate`, and every one before it at the rate of
    its successor divided by `factor`. There is one dict for each layer, in their order, {"params": its parameters
    as a list, in the order of `parameters()`, "lr": its rate}. A parameter that several layers share stands in the
    earliest of them only.

    Source: Howard and Ruder (2018), section 3.2, "Discriminative fine-tuning".

    >>> layers = [nn.Embedding(11, 3), nn.LSTM(3, 5), nn.Linear(5, 2)]
    >>> [(len(group["params"]), group["lr"]) for group in discriminative_groups(layers, 0.4, factor=2)]
    [(1, 0.1), (4, 0.2), (2, 0.4)]
    """
    groups, seen = [], set()
    for i, layer in enumerate(layers):
        new = [parameter for parameter in layer.parameters() if parameter not in seen]
        seen.update(new)
        groups.append({"params": new, "lr": rate / factor ** (len(layers) - 1 - i)})
    return groups


def unfreeze(layers: Sequence[nn.Module], epoch: int) -> None:
    """Gradual unfreezing: the last `epoch + 1` layers learn, all others do not.

    `layers` go from the input to the output; epochs count from 0, and from some epoch on all layers learn. Whether a
    parameter learns is its `requires_grad`, whatever it was before. One that a layer which learns shares with an
    earlier one learns.

    A negative epoch raises a `ValueError` that names `epoch`.

    Source: Howard and Ruder (2018), section 3.3, "Gradual unfreezing".

    >>> layers = [nn.Embedding(11, 3), nn.LSTM(3, 5), nn.Linear(5, 2)]
    >>> unfreeze(layers, epoch=1)
    >>> [all(parameter.requires_grad for parameter in layer.parameters()) for layer in layers]
    [False, True, True]
    """
    if epoch < 0:
        raise ValueError(f"epoch is {epoch}; expected 0 or more")
    first = max(0, len(layers) - (epoch + 1))
    for layer in layers[:first]:
        layer.requires_grad_(False)
    for layer in layers[first:]:
        layer.requires_grad_(True)


checked(globals())
