"""Optimisers: what becomes of a gradient before it is a step — momentum, and Adam with decoupled weight decay.

Papers: Polyak, "Some Methods of Speeding up the Convergence of Iteration Methods" (1964), for momentum; Kingma and Ba,
"Adam: A Method for Stochastic Optimization" (2015), algorithm 1; Loshchilov and Hutter, "Decoupled Weight Decay
Regularization" (2019), algorithm 2.

Names: ours ↔ theirs — `parameter` ↔ θ, `gradient` ↔ g, `rate` ↔ α, `velocity` ↔ torch's momentum_buffer, `weight_decay`
↔ λ; `m`, `v`, `betas`, `eps` as there. As in torch, the decay is multiplied by the rate.

Left out: Nesterov's momentum, dampening, AMSGrad, and optimisers that keep less in memory (Adafactor) or more (Shampoo).
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from unrolled.signatures import checked


def momentum_step(
    parameter: Float[Tensor, "*shape"],
    gradient: Float[Tensor, "*shape"],
    velocity: Float[Tensor, "*shape"],
    rate: float,
    momentum: float,
) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"]]:
    """The parameter and the velocity after one step of gradient descent with momentum; both are new tensors.

    The velocity becomes momentum · velocity + gradient, and the parameter moves by −rate times the new velocity.

    Source: Polyak (1964), equation 9, in the form of torch's SGD.

    >>> parameter, velocity = torch.tensor([1.0]), torch.tensor([10.0])
    >>> momentum_step(parameter, torch.tensor([2.0]), velocity, rate=0.1, momentum=0.5)  # the velocity is 5 + 2
    (tensor([0.3000]), tensor([7.]))
    """
    velocity = momentum * velocity + gradient
    return parameter - rate * velocity, velocity


def adamw_step(
    parameter: Float[Tensor, "*shape"],
    gradient: Float[Tensor, "*shape"],
    m: Float[Tensor, "*shape"],
    v: Float[Tensor, "*shape"],
    step: int,
    *,
    rate: float,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float,
) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"], Float[Tensor, "*shape"]]:
    """The parameter, `m` and `v` after one step of Adam with decoupled weight decay; all three are new tensors.

    `m` and `v` are moving means of the gradient and of its square, with the factors `betas[0]` and `betas[1]`; both begin
    at 0. For the step they are divided by 1 − betas[0]^step and 1 − betas[1]^step. First the parameter is multiplied by
    1 − rate · weight_decay. Then it moves by −rate · corrected m / (√(corrected v) + eps). Steps count from 1: a ValueError
    names `step` if it is less.

    Source: Loshchilov and Hutter (2019), algorithm 2, as torch does it; the means are Kingma and Ba's (2015), algorithm 1.

    >>> parameter, zero = torch.tensor([10.0]), torch.tensor([0.0])
    >>> settings = {"rate": 0.1, "betas": (0.5, 0.75), "eps": 1e-8, "weight_decay": 0.5}
    >>> adamw_step(parameter, torch.tensor([4.0]), zero, zero, 1, **settings)  # 10 · 0.95 − 0.1 · 4 / √16
    (tensor([9.4000]), tensor([2.]), tensor([4.]))
    """
    if step < 1:
        raise ValueError(
            f"step is {step}; expected at least 1: at step 0 the correction divides by 0"
        )
    m = betas[0] * m + (1 - betas[0]) * gradient
    v = betas[1] * v + (1 - betas[1]) * gradient**2
    corrected_m = m / (1 - betas[0] ** step)
    corrected_v = v / (1 - betas[1] ** step)
    decayed = parameter * (1 - rate * weight_decay)
    return decayed - rate * corrected_m / (corrected_v.sqrt() + eps), m, v


class Momentum(torch.optim.Optimizer):
    """`momentum_step`, or a `rule` of your own in its place, as an optimiser for `unrolled.lab.train`.

    >>> weight = nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = Momentum([weight], lr=0.1, momentum=0.5)
    >>> for _ in range(2):
    ...     weight.grad = torch.tensor([2.0])
    ...     optimizer.step()
    >>> weight  # 1 − 0.1 · 2 − 0.1 · (0.5 · 2 + 2)
    Parameter containing:
    tensor([0.5000], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        lr: float,
        momentum: float = 0.9,
        *,
        rule: Callable[..., tuple[Tensor, Tensor]] = momentum_step,
    ):
        super().__init__(parameters, {"lr": lr, "momentum": momentum})
        self.rule = rule

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        """One step for every parameter that has a gradient."""
        for parameter, state, group in _learning(self):
            velocity = state.setdefault("velocity", torch.zeros_like(parameter))
            new, state["velocity"] = self.rule(
                parameter, parameter.grad, velocity, group["lr"], group["momentum"]
            )
            parameter.copy_(new)


class AdamW(torch.optim.Optimizer):
    """`adamw_step`, or a `rule` of your own in its place, as an optimiser for `unrolled.lab.train`.

    >>> weight = nn.Parameter(torch.tensor([1.0, 1.0]))
    >>> optimizer = AdamW([weight], lr=0.1, weight_decay=0.0)
    >>> weight.grad = torch.tensor([1e-4, 1e4])
    >>> optimizer.step()
    >>> weight  # both moved by the rate
    Parameter containing:
    tensor([0.9000, 0.9000], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        *,
        rule: Callable[..., tuple[Tensor, Tensor, Tensor]] = adamw_step,
    ):
        super().__init__(
            parameters, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        )
        self.rule = rule

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        """One step for every parameter that has a gradient."""
        for parameter, state, group in _learning(self):
            if not state:
                state |= {
                    "step": 0,
                    "m": torch.zeros_like(parameter),
                    "v": torch.zeros_like(parameter),
                }
            state["step"] += 1
            settings = {name: group[name] for name in ("betas", "eps", "weight_decay")}
            new, state["m"], state["v"] = self.rule(
                parameter, parameter.grad, state["m"], state["v"], state["step"], rate=group["lr"], **settings
            )  # fmt: skip
            parameter.copy_(new)


def _learning(
    optimizer: torch.optim.Optimizer,
) -> Iterable[tuple[nn.Parameter, dict[str, Any], dict[str, Any]]]:
    """Each parameter that has a gradient, with its state and the settings of its group."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            if parameter.grad is not None:
                yield parameter, optimizer.state[parameter], group


checked(globals())
