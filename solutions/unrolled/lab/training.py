"""One training loop for the whole course: draw a batch, compute the loss, step downhill, write down what happened.

The loop is `train`, and it is meant to be read. Device, precision, compilation and several GPUs are accelerate's work;
`Preset` says which of them. The run is reproducible: step n draws its random numbers from the seed and n alone, so a
run that stopped and went on from its checkpoint equals one that never stopped, bit for bit on a CPU.

Left out: two models that train each other (`unrolled.gan`), gradient accumulation, and evaluation (use `on_step`).
"""

import math
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from unrolled.lab.batches import drawer
from unrolled.lab.checkpoints import load_run, save_run
from unrolled.lab.history import History
from unrolled.lab.interrupts import delayed_interrupt
from unrolled.lab.live import LiveCurve, progress_bar
from unrolled.lab.presets import Preset, preset
from unrolled.lab.processors import Processors
from unrolled.lab.randomness import seed_everything

__all__ = ["History", "Preset", "preset", "seed_everything", "train"]


def train(
    model: nn.Module,
    batches: Callable[[torch.Generator], Any] | Iterable,
    loss: Callable[[Any, Any], torch.Tensor],
    *,
    steps: int,
    learning_rate: float | int = 1e-3,
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.AdamW,
    clip_norm: float | int | None = None,
    schedule: Callable[[int], float] | None = None,
    preset: str | Preset = "auto",
    seed: int = 0,
    checkpoint: str | Path | None = None,
    every: int = 100,
    on_step: Callable[[int, History], Any] | None = None,
    live: bool = True,
    name: str = "",
) -> History:
    """Trains `model` in place for so many steps and returns the record; the model ends on the device it came from.

    `batches` is a function of a generator that draws a batch, or something to iterate over, again and again.
    `loss(model, batch)` is a scalar; it must call the `model` it is given, which may be wrapped. `optimizer` is called
    with the parameters and `lr`. `clip_norm` None does not clip; `schedule(step)` multiplies the learning rate.
    `checkpoint` names a file that is written after `every` so many steps and at the end, and that a later call with the
    same arguments goes on from. `on_step(step, history)` is called after each step. Steps count from 0.
    With `live=False`, for many short runs in one cell, there is no live curve; the progress bar stays.
    `name` tells the run from others of the cell, on its bar and curve.

    A NaN or infinite loss ends the run (`History.diverged_at`). So does Ctrl-C or a notebook's stop button, after the
    step that is under way (`History.interrupted`); both keep what has been learnt.

    >>> model = nn.Linear(1, 1)
    >>> def batches(generator):
    ...     x = torch.rand(16, 1, generator=generator)
    ...     return x, 3 * x + 1
    >>> def loss(model, batch):
    ...     x, y = batch
    ...     return ((model(x) - y) ** 2).mean()
    >>> history = train(model, batches, loss, steps=200, learning_rate=0.1, preset="cpu")
    >>> len(history), history.losses[-1] < 0.001
    (200, True)
    """
    processors = Processors(preset)
    settings = {"learning_rate": learning_rate, "clip_norm": clip_norm, "seed": seed}
    curve = LiveCurve(name, silent=not (processors.main and live))
    between_steps = True

    with (
        processors.prepared(model) as wrapped,
        torch.random.fork_rng(devices=processors.random_devices),
        delayed_interrupt() as interrupted,
    ):
        stepper = optimizer(model.parameters(), lr=learning_rate)
        rates = [group["lr"] for group in stepper.param_groups]
        history = load_run(checkpoint, model, stepper, settings) if checkpoint else History()
        draw = drawer(batches, processors, seed, done=len(history))
        bar = progress_bar(steps, len(history), name=name, silent=not processors.main)
        try:
            for step in range(len(history), steps):
                between_steps, begin = False, time.perf_counter()
                batch = processors.place(draw(step))
                model.train()
                value = _scalar(loss(wrapped, batch))
                mean = processors.mean(value)
                if not math.isfinite(mean):
                    history.record(mean, math.nan, time.perf_counter() - begin)
                    history.diverged_at = step
                    break
                processors.backward(value)
                norm = clip_(model.parameters(), clip_norm)
                for group, rate in zip(stepper.param_groups, rates, strict=True):
                    group["lr"] = rate * (schedule(step) if schedule else 1.0)
                stepper.step()
                stepper.zero_grad()
                history.record(mean, norm, time.perf_counter() - begin)
                between_steps = True

                bar.update()
                curve.update(history)
                if on_step:
                    on_step(step, history)
                if interrupted():
                    break
                if checkpoint and processors.main and (step + 1) % every == 0:
                    save_run(checkpoint, model, stepper, history, settings)
        except KeyboardInterrupt:
            history.interrupted = True
        finally:
            bar.close()
        history.interrupted |= interrupted()
        if checkpoint and processors.main and between_steps:
            save_run(checkpoint, model, stepper, history, settings)
    curve.update(history, last=True)
    if history.diverged_at is not None and processors.main:
        print(f"Training stopped at step {history.diverged_at}: the loss is {history.losses[-1]}.")
    return history


def clip_(parameters: Iterable[nn.Parameter], max_norm: float | int | None) -> float:
    """Scales the gradients in place so that their joint norm is at most `max_norm`; returns the norm before that.

    >>> weight = nn.Parameter(torch.zeros(2))
    >>> weight.grad = torch.tensor([3.0, 4.0])
    >>> clip_([weight], None), clip_([weight], 1.0), weight.grad
    (5.0, 5.0, tensor([0.6000, 0.8000]))
    """
    parameters = [parameter for parameter in parameters if parameter.grad is not None]
    if max_norm is not None:
        return nn.utils.clip_grad_norm_(parameters, max_norm).item()
    return torch.stack([parameter.grad.norm() for parameter in parameters]).norm().item()


def _scalar(loss: Any) -> torch.Tensor:
    """The loss, if it is one number to take gradients of."""
    if not isinstance(loss, torch.Tensor) or loss.ndim or not loss.requires_grad:
        what = type(loss).__name__
        if isinstance(loss, torch.Tensor):
            what = f"a tensor of shape {tuple(loss.shape)}"
            what += "" if loss.requires_grad else ", without gradients"
        raise ValueError(
            f"loss returned {what}; expected a scalar tensor that depends on the model's weights"
        )
    return loss
