"""The processors that a run trains on, through accelerate: one CPU, one GPU, or several processes.

Several processes are started by `accelerate launch` or `torchrun`; each draws batches of its own, and accelerate
averages their gradients.

Left out: sharded models and gradient accumulation.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from unrolled.lab.presets import Preset, preset

# The course's models are small: on a CPU a second thread gains little, and waiting for one that another program keeps
# from running costs far more.
torch.set_num_threads(1)


class Processors:
    """accelerate, set up as a preset says: `index` of this process among `count`, of which one is `main`."""

    def __init__(self, name: str | Preset):
        from accelerate import Accelerator
        from accelerate.state import AcceleratorState
        from accelerate.utils import TorchDynamoPlugin

        chosen = preset(name)
        # accelerate allows one set-up a process; a notebook trains many times, not always with the same preset.
        AcceleratorState._reset_state(reset_partial_state=not torch.distributed.is_initialized())
        self._accelerator = Accelerator(
            cpu=chosen.device == "cpu",
            mixed_precision=chosen.mixed_precision,
            dynamo_plugin=TorchDynamoPlugin(backend="inductor" if chosen.compile else "no"),
        )
        self._compiles = chosen.compile
        self.index, self.count = self._accelerator.process_index, self._accelerator.num_processes
        self.main = self._accelerator.is_main_process
        device = self._accelerator.device
        self.random_devices = [device] if device.type == "cuda" else []

    @contextmanager
    def prepared(self, model: nn.Module) -> Iterator[nn.Module]:
        """The model as it trains here: moved, autocast, compiled, wrapped. Afterwards `model` is what it was before,
        where it was before, but for what it has learnt."""
        home = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
        mode, own = model.training, dict(model.__dict__)
        try:
            yield self._accelerator.prepare_model(model)
        finally:
            for name in ("forward", "_original_forward", "_is_accelerate_prepared"):
                model.__dict__.pop(name, None)
                if name in own:
                    model.__dict__[name] = own[name]
            model.zero_grad()
            model.train(mode).to(home)
            if self._compiles:
                torch.compiler.reset()  # the next run compiles another model; the cache of old ones only fills up

    def seed(self, number: int) -> None:
        """Seeds what draws here without a generator, like dropout: torch on the CPU and on this device.

        Not by `torch.manual_seed`, which on a machine without accelerators takes notes for each kind of them, for ever.
        """
        torch.default_generator.manual_seed(number)
        if self.random_devices:
            torch.cuda.manual_seed(number)

    def place(self, batch: Any) -> Any:
        """The batch, tensors in lists, tuples and dictionaries alike, on this device."""
        from accelerate.utils import send_to_device

        return send_to_device(batch, self._accelerator.device)

    def backward(self, loss: torch.Tensor) -> None:
        """Gradients of the loss, averaged over all processes."""
        self._accelerator.backward(loss)

    def mean(self, value: torch.Tensor) -> float:
        """The mean of a scalar over all processes."""
        return self._accelerator.reduce(value.detach().float(), reduction="mean").item()
