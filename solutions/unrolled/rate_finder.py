"""The learning rate finder: let the rate climb during one short run, and look where the loss falls fastest.

Paper: Smith, "Cyclical Learning Rates for Training Neural Networks" (2017), section 3.3; the smoothing and the place
where to stop are those of the fastai library (Howard and Gugger, "fastai: A Layered API for Deep Learning", 2020).

Names: ours ↔ theirs — `range_test` ↔ LR range test; `beta` as in fastai; `suggest_rate` ↔ fastai's *steep*.

Left out: schedules that climb and fall again and again, and rates that differ between layers.
"""

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from torch import Tensor, nn

from unrolled.lab import train
from unrolled.signatures import checked


def suggest_rate(rates: Sequence[float], losses: Sequence[float], *, beta: float = 0.98) -> float:
    """The rate at which the smoothed loss begins to fall fastest, per unit of the rate's logarithm.

    `losses[i]` is the loss at `rates[i]`; the rates rise. The losses are smoothed by a moving mean, which starts at 0:
    mean ← beta · mean + (1 − beta) · loss. After i + 1 losses it is divided by 1 − beta^(i+1), which makes up for the
    start. The curve ends before the first smoothed loss that is above 4 times the smallest one so far, or is no number.
    What is left has a slope from each rate to the next, (difference of smoothed losses) / (difference of log rates).
    Returned is the rate where the steepest fall begins; of equal ones, the first. A ValueError names `losses` if fewer
    than two of them are left.

    Source: Smith (2017), section 3.3, read by the steepest fall as fastai does.

    >>> suggest_rate([0.001, 0.01, 0.1, 1.0, 10.0], [4.0, 3.5, 2.0, 1.5, 9.0], beta=0.0)
    0.01
    """
    mean, best, smoothed = 0.0, math.inf, []
    for i, loss in enumerate(losses):
        mean = beta * mean + (1 - beta) * loss
        corrected = mean / (1 - beta ** (i + 1))
        if not (math.isfinite(corrected) and corrected <= 4 * best):
            break
        best = min(best, corrected)
        smoothed.append(corrected)
    if len(smoothed) < 2:
        raise ValueError(f"losses gives {len(smoothed)} usable values; expected at least 2")
    slopes = [
        (smoothed[i + 1] - smoothed[i]) / (math.log(rates[i + 1]) - math.log(rates[i]))
        for i in range(len(smoothed) - 1)
    ]
    return rates[slopes.index(min(slopes))]


def range_test(
    model: nn.Module,
    batches: Callable[..., Any] | Iterable,
    loss: Callable[[Any, Any], Tensor],
    *,
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 100,
    **options: Any,
) -> tuple[list[float], list[float]]:
    """Trains a copy of the model while the rate climbs from `low` to `high`; returns the rates and their losses.

    Each rate is the one before times the same factor. The other arguments are those of `unrolled.lab.train`. The model
    itself stays as it is. Where a loss is no number, both lists end.

    >>> import torch
    >>> x = torch.linspace(-1, 1, 8)[:, None]
    >>> def loss(model, x):
    ...     return ((model(x) - 3 * x) ** 2).mean()
    >>> rates, losses = range_test(nn.Linear(1, 1), [x], loss, steps=50, optimizer=torch.optim.SGD)
    >>> rates[0], len(rates) == len(losses), min(losses) < losses[0]
    (1e-06, True, True)
    """
    if not 0 < low < high:
        raise ValueError(f"low is {low}, high is {high}; expected 0 < low < high")
    if steps < 2:
        raise ValueError(f"steps is {steps}; expected at least 2")
    rates = [low * (high / low) ** (step / (steps - 1)) for step in range(steps)]
    history = train(
        copy.deepcopy(model), batches, loss, steps=steps, learning_rate=1.0, schedule=rates.__getitem__,
        **{"live": False, **options},
    )  # fmt: skip
    return rates[: len(history)], list(history.losses)


checked(globals())
