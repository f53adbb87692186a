"""Scaling laws: how the loss falls with parameters and tokens, and how to divide a budget between the two.

Papers: Hoffmann et al., "Training Compute-Optimal Large Language Models" (2022, Chinchilla), section 3.3 and appendix D.3;
Besiroglu et al., "Chinchilla Scaling: A Replication Attempt" (2024), who fitted the law anew.

Names: ours ↔ theirs — `E`, `A`, `B`, `alpha`, `beta` the same; `parameters`, `tokens`, `flops` ↔ N, D, C.

Left out: the other two ways in which the paper estimates the best size (its sections 3.1 and 3.2).
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np

from unrolled.signatures import checked


@dataclass(frozen=True)
class ScalingLaw:
    """loss = E + A / parameters^alpha + B / tokens^beta, in nats per token. E is what no model can learn.

    >>> round(ScalingLaw(1.69, 406.4, 410.7, 0.34, 0.28).loss(70e9, 1.4e12), 3)  # Chinchilla, by its own law
    1.937
    """

    E: float
    A: float
    B: float
    alpha: float
    beta: float

    def loss(self, parameters: float, tokens: float) -> float:
        """What the law expects of a model of this size after so many tokens."""
        return self.E + self.A / parameters**self.alpha + self.B / tokens**self.beta


def compute_optimal(law: Any, flops: float) -> tuple[float, float]:
    """How many parameters and tokens make the law's loss smallest, if training costs 6 · parameters · tokens = `flops`.

    `law` is a ScalingLaw, or anything that has its fields E, A, B, alpha and beta, all above 0. Both results are
    floats: nobody can train 0.3 of a parameter, but it is a law.

    Source: Hoffmann et al. (2022), equation 4.

    >>> law = ScalingLaw(E=1.0, A=100.0, B=100.0, alpha=0.5, beta=0.5)
    >>> parameters, tokens = compute_optimal(law, 6e6)  # both count alike: a thousand each
    >>> round(parameters, 3), round(tokens, 3)
    (1000.0, 1000.0)
    """
    both = law.alpha + law.beta
    ratio = (law.alpha * law.A / (law.beta * law.B)) ** (1 / both)
    parameters = ratio * (flops / 6) ** (law.beta / both)
    return parameters, flops / 6 / parameters


def fit_scaling_law(
    parameters: Sequence[float], tokens: Sequence[float], losses: Sequence[float], *, delta: float = 1e-3
) -> ScalingLaw:
    """The law that fits these runs best: the smallest sum of Huber losses of the differences of log losses.

    Several starts, the best end; `delta` is where the Huber loss goes over from squares to absolute values.

    Source: Hoffmann et al. (2022), equation 3 and appendix D.3.

    >>> law = ScalingLaw(E=1.0, A=20.0, B=50.0, alpha=0.4, beta=0.3)
    >>> runs = [(n, d) for n in (1e3, 1e4, 1e5) for d in (1e4, 1e5, 1e6)]
    >>> fitted = fit_scaling_law(*zip(*runs), [law.loss(*run) for run in runs])
    >>> round(fitted.E, 2), round(fitted.alpha, 2), round(fitted.beta, 2)
    (1.0, 0.4, 0.3)
    """
    from scipy.optimize import least_squares

    sizes = np.log(np.asarray([parameters, tokens], dtype=float))
    goals = np.log(np.asarray(losses, dtype=float))
    if goals.shape != sizes[0].shape or len(goals) < 5:
        raise ValueError(
            f"losses is a list of {goals.size} numbers; expected one for each of {sizes.shape[1]} runs, and at least 5"
        )

    def gap(x: np.ndarray) -> np.ndarray:
        e, a, b, alpha, beta = x
        terms = [np.full_like(goals, e), a - alpha * sizes[0], b - beta * sizes[1]]
        return np.logaddexp.reduce(terms) - goals

    starts = [(0.0, a, a, alpha, alpha) for a in (1.0, 6.0) for alpha in (0.3, 0.8)]
    exact = {"ftol": 1e-14, "xtol": 1e-14, "gtol": 1e-14, "max_nfev": 2000}
    ends = [least_squares(gap, start, loss="huber", f_scale=delta, x_scale="jac", **exact) for start in starts]
    e, a, b, alpha, beta = min(ends, key=lambda end: end.cost).x
    return ScalingLaw(*map(float, (np.exp(e), np.exp(a), np.exp(b), alpha, beta)))


def exponents(law: ScalingLaw) -> tuple[float, float]:
    """With which powers of the budget the best size and the best number of tokens grow.

    >>> a, b = exponents(ScalingLaw(1.69, 406.4, 410.7, 0.34, 0.28))
    >>> round(a, 2), round(b, 2)
    (0.45, 0.55)
    """
    _, _, _, alpha, beta = astuple(law)
    return beta / (alpha + beta), alpha / (alpha + beta)


checked(globals())
