"""Where a training run happens and how: a preset for the processor at hand.

`cpu` learns something visible within a chapter's budget; `gpu` is the same code, larger, with bfloat16 autocast and
`torch.compile`. On a machine without CUDA, `gpu` still takes that path, at the size of `cpu`: so it can be tested.

Left out: what "larger" means, which only the chapter knows; it multiplies by `scale`.
"""

import os
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Preset:
    """How to train: on which device, in which precision, compiled or not, and how much larger than on a CPU."""

    name: str
    device: str
    mixed_precision: str
    compile: bool
    scale: int = 1

    def __post_init__(self):
        if self.mixed_precision not in ("no", "bf16"):
            raise ValueError(
                f"mixed_precision is {self.mixed_precision!r}; expected 'no' or 'bf16'"
            )
        if self.device not in ("cpu", "cuda"):
            raise ValueError(f"device is {self.device!r}; expected 'cpu' or 'cuda'")


def preset(name: "str | Preset" = "auto", *, scale: int = 8) -> Preset:
    """The preset of that name; `auto` is `gpu` where CUDA is available, else `cpu`. A `Preset` is returned as it is.

    `scale` is how much larger a run on a real GPU may be. The environment variable UNROLLED_PRESET names what `auto`
    stands for, so that a whole chapter can be run another way without editing it.

    >>> preset("cpu")
    Preset(name='cpu', device='cpu', mixed_precision='no', compile=False, scale=1)
    """
    if isinstance(name, Preset):
        return name
    cuda = torch.cuda.is_available()
    if name == "auto":
        name = os.environ.get("UNROLLED_PRESET") or ("gpu" if cuda else "cpu")
    if name == "cpu":
        return Preset("cpu", device="cpu", mixed_precision="no", compile=False)
    if name == "gpu" and not cuda:
        return Preset("gpu", device="cpu", mixed_precision="bf16", compile=True)
    if name == "gpu":
        # Before Ampere (8.0) bfloat16 is only emulated, so slow; before Volta (7.0) nothing compiles.
        capability = torch.cuda.get_device_capability()
        precision = "bf16" if capability >= (8, 0) else "no"
        return Preset(
            "gpu",
            device="cuda",
            mixed_precision=precision,
            compile=capability >= (7, 0),
            scale=scale,
        )
    raise ValueError(f"preset is {name!r}; expected 'auto', 'cpu', 'gpu' or a Preset")
