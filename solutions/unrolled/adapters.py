"""LoRA for a whole model: put it on named layers, train it, merge it, and keep the few added weights in a file.

Paper: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models" (2022), section 4.2.

Names: ours ↔ theirs — `names` ↔ `target_modules` of peft's LoraConfig.

Left out: several adapters in one model, and adapters of other kinds.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from unrolled.lora import LoRALinear
from unrolled.nf4 import nf4_levels
from unrolled.quantized import quantize_model
from unrolled.signatures import checked


def add_lora(
    model: nn.Module,
    names: Sequence[str],
    rank: int,
    alpha: float,
    *,
    layer: Callable[[nn.Linear, int, float], nn.Module] = LoRALinear,
) -> nn.Module:
    """Freezes the model, puts a `LoRALinear` around each linear layer whose name ends with one of `names`, and returns it.

    "qkv" means all layers of that name, "blocks.0.attention.qkv" a single one. Linear layers may be quantized ones
    (`unrolled.quantized`): that is QLoRA. For a list of names, `[name for name, _ in model.named_modules()]`.

    Raises a ValueError that names `names` if one of them fits no linear layer.

    >>> from unrolled.gpt import GPT, GPTConfig
    >>> model = GPT(GPTConfig(vocabulary=11, positions=7, d_model=6, heads=2, layers=2, d_ff=24))
    >>> add_lora(model, ["qkv", "expand"], rank=2, alpha=4.0).blocks[0].attention.qkv.A.shape
    torch.Size([2, 6])
    >>> added_weights(model), sum(p.numel() for p in model.parameters())
    (216, 1356)
    """
    linear = {name: m for name, m in model.named_modules() if isinstance(m, nn.Linear)}
    for wanted in names:
        if not any(_fits(name, wanted) for name in linear):
            raise ValueError(f"names holds {wanted!r}; expected ends of {', '.join(linear)}")
    model.requires_grad_(False)
    for name, module in linear.items():
        if any(_fits(name, wanted) for wanted in names):
            model.set_submodule(name, layer(module, rank, alpha))
    return model


def added_weights(model: nn.Module) -> int:
    """How many numbers learn.

    >>> added_weights(LoRALinear(nn.Linear(5, 3), rank=2, alpha=1.0))
    16
    """
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def qlora(model: nn.Module, names: Sequence[str], rank: int, alpha: float) -> nn.Module:
    """QLoRA: all linear layers in NF4 with double quantization, tables and norms as they were, and LoRA on the named ones.

    A head that is tied to the table of words stays with it.

    >>> from unrolled.gpt import GPT, GPTConfig
    >>> model = GPT(GPTConfig(vocabulary=11, positions=7, d_model=6, heads=2, layers=2, d_ff=24))
    >>> layer = qlora(model, ["qkv"], rank=2, alpha=4.0).blocks[0].attention.qkv
    >>> type(layer.linear).__name__, layer.A.shape
    ('QuantizedLinear', torch.Size([2, 6]))
    """
    quantize_model(model, nf4_levels(), double=True, kinds=[nn.Linear])
    return add_lora(model, names, rank, alpha)


def lora_layers(model: nn.Module) -> dict[str, nn.Module]:
    """The layers that something was added to, by name: those with an `A`, a `B` and a `merge`.

    >>> list(lora_layers(add_lora(nn.Sequential(nn.Linear(5, 3), nn.ReLU()), ["0"], rank=2, alpha=1.0)))
    ['0']
    """
    wanted = ("A", "B", "merge")
    return {
        name: m for name, m in model.named_modules() if all(hasattr(m, part) for part in wanted)
    }


def merge_lora(model: nn.Module) -> nn.Module:
    """Puts an ordinary linear layer in the place of each `LoRALinear`, and returns the model; the results stay the same.

    A quantized layer becomes one of floats, with the rounded weight and the update in it.

    >>> model = add_lora(nn.Sequential(nn.Linear(5, 3)), ["0"], rank=2, alpha=1.0)
    >>> merge_lora(model)
    Sequential(
      (0): Linear(in_features=5, out_features=3, bias=True)
    )
    """
    for name, layer in lora_layers(model).items():
        model.set_submodule(name, layer.merge())
    return model


def save_lora(path: str | Path, model: nn.Module) -> int:
    """Writes what was added: A and B of each layer, with rank and α; returns how many bytes the file has."""
    weights, settings = {}, {}
    for name, layer in lora_layers(model).items():
        weights |= {
            f"{name}.{part}": getattr(layer, part).detach().cpu().contiguous() for part in "AB"
        }
        settings[name] = len(layer.A), layer.scale * len(layer.A)
    save_file(weights, str(path), metadata={"lora": json.dumps(settings)})
    return Path(path).stat().st_size


def load_lora(path: str | Path, model: nn.Module) -> nn.Module:
    """Puts what `save_lora` wrote onto a model that has nothing added yet, and returns it.

    Raises a ValueError that names `path` if the file holds no LoRA.
    """
    with safe_open(str(path), framework="pt") as file:
        settings = json.loads((file.metadata() or {}).get("lora", "null"))
        if settings is None:
            raise ValueError(
                f"path is {str(path)!r}, which holds no LoRA; expected a file of save_lora"
            )
        model.requires_grad_(False)
        for name, (rank, alpha) in settings.items():
            layer = LoRALinear(model.get_submodule(name), rank, alpha)
            with torch.no_grad():
                layer.A.copy_(file.get_tensor(f"{name}.A"))
                layer.B.copy_(file.get_tensor(f"{name}.B"))
            model.set_submodule(name, layer)
    return model


def _fits(name: str, wanted: str) -> bool:
    """Whether a layer's full name is this one, or ends with it after a dot."""
    return name == wanted or name.endswith(f".{wanted}")


checked(globals())
