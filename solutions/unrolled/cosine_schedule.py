"""The cosine schedule: a short climb, then down along half a wave of the cosine.

Papers: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017), equation 5, without the
restarts; the warm-up is that of Goyal et al., "Accurate, Large Minibatch SGD" (2017), section 2.2.

Names: ours ↔ Hugging Face's — `steps` ↔ num_training_steps, `warmup` ↔ num_warmup_steps, `floor` ↔ min_lr_rate.

Left out: what the factor is multiplied with; `unrolled.lab.train` takes a schedule as a function of the step.
"""

import math

from unrolled.signatures import checked


def cosine_rate(step: int, steps: int, warmup: int, floor: float = 0.0) -> float:
    """The factor on the highest learning rate at a step: up in a straight line, then down along half a cosine.

    It is step / warmup before step `warmup`; from there on it falls from 1 to `floor`, which it reaches at step `steps`
    and keeps. Halfway between `warmup` and `steps` it is halfway between 1 and the floor. Steps count from 0, so the
    first factor is 0, unless `warmup` is 0. `steps` is greater than `warmup`.

    Source: Loshchilov and Hutter (2017), equation 5.

    >>> [round(cosine_rate(step, steps=10, warmup=2, floor=0.1), 4) for step in (0, 1, 2, 6, 10)]
    [0.0, 0.5, 1.0, 0.55, 0.1]
    """
    if not 0 <= warmup < steps:
        raise ValueError(f"warmup is {warmup}; expected 0 or more, and fewer than steps, {steps}")
    if step < warmup:
        return step / warmup
    progress = min(1.0, (step - warmup) / (steps - warmup))
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))


checked(globals())
