"""Early stopping: watch the loss on the validation set, and stop when it has not become better for a while.

Paper: Prechelt, "Early Stopping — But When?" (1998), section 3, the criterion UP in a common variant.

Names: ours ↔ Keras's — `patience`, `min_delta`, `best` as there; `best_step` ↔ best_epoch.

Left out: keeping the weights of the best step; save them whenever `best_step` has changed.
"""

import math

from unrolled.signatures import checked


class EarlyStopping:
    """Says when to stop: after `patience` values in a row that were not better than the best one by more than `min_delta`.

    `patience` is at least 1. `best` and `best_step` are the best value so far and its number, counted from 0.

    >>> stopping = EarlyStopping(patience=2)
    >>> [stopping.update(loss) for loss in (3.0, 2.0, 2.5, 1.0, 1.5, 1.0)]
    [False, False, False, False, False, True]
    >>> stopping.best, stopping.best_step
    (1.0, 3)
    """

    def __init__(self, patience: int, min_delta: float | int = 0.0):
        if patience < 1:
            raise ValueError(f"patience is {patience}; expected at least 1")
        self.patience = patience
        self.min_delta = min_delta
        self.best = math.inf
        self.best_step = None
        self.steps = 0  # how many values have been seen
        self.waited = 0  # how many values in a row were not better

    def update(self, value: float | int) -> bool:
        """Takes in the next value, the lower the better; True when it is time to stop.

        A value is better if it is below best − min_delta. Then it is the new `best`, `best_step` is its number, counted
        from 0, and `waited` starts again from 0. Otherwise (also if it is NaN) `waited` grows by 1 and `best` stays. Every
        value counts as one of `steps`. It is time to stop when `waited` is at least `patience`.

        Source: Prechelt (1998), section 3.
        """
        if value < self.best - self.min_delta:
            self.best, self.best_step, self.waited = value, self.steps, 0
        else:
            self.waited += 1
        self.steps += 1
        return self.waited >= self.patience


checked(globals())
