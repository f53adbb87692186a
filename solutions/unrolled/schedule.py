"""Schedules: a learning rate that changes with the step.

Paper: Vaswani et al., "Attention Is All You Need" (2017), section 5.3.

Names: ours ↔ theirs — `step` ↔ step_num, `warmup` ↔ warmup_steps, `d_model` as there. The name *Noam* is
that of Noam Shazeer, one of the authors.

Left out: what the rate is multiplied with; `unrolled.lab.train` takes a schedule as a function of the step.
"""

from unrolled.signatures import checked


def noam_rate(step: int, d_model: int, warmup: int) -> float:
    """The learning rate at a step: up in a straight line for `warmup` steps, then down as 1 / √step.

    It is d_model^(−1/2) · min(step^(−1/2), step · warmup^(−3/2)), a plain number. Steps count from 1. (Step 0,
    with which torch's `LambdaLR` begins, counts as 1; no case asks for it.)

    Source: Vaswani et al. (2017), equation 3.

    >>> [round(noam_rate(step, d_model=4, warmup=4), 4) for step in (1, 2, 3, 4, 16)]
    [0.0625, 0.125, 0.1875, 0.25, 0.125]
    """
    if step < 0:
        raise ValueError(f"step is {step}; expected at least 0")
    step = max(step, 1)
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


checked(globals())
