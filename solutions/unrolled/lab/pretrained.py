"""The small models that travel with the course: trained on the village, a few megabytes each.

A checkpoint `assets/checkpoints/NAME.safetensors` holds the weights, and as metadata the arguments of the model's
constructor and the words of its vocabulary. `NAME.md` beside it, the card, says what it learnt from and how well.

Left out: how they are trained (`assets/checkpoints/NAME.py`), and runs that stop and go on (`unrolled.lab.checkpoints`).
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from unrolled.lab.assets import asset


@dataclass(frozen=True)
class Pretrained:
    """What a checkpoint holds: the weights by name, the constructor's arguments, and the words in their order."""

    weights: dict[str, Tensor]
    config: dict[str, Any]
    words: list[str]


def save_pretrained(
    path: str | Path, model: nn.Module, config: dict[str, Any], words: list[str]
) -> None:
    """Writes a checkpoint; weights that are tied are written once."""
    weights, seen = {}, set()
    for name, tensor in model.state_dict().items():
        if tensor.data_ptr() not in seen:
            weights[name] = tensor.detach().cpu().contiguous()
            seen.add(tensor.data_ptr())
    metadata = {"config": json.dumps(config), "words": json.dumps(words, ensure_ascii=False)}
    save_file(weights, path, metadata=metadata)


def load_pretrained(name: str | Path) -> Pretrained:
    """The checkpoint of that name, "bert", "gpt", "t5", "lstm", "nli" or "reader", or the file that `save_pretrained` wrote.

    Put its weights in with `load_state_dict(…, strict=False)`.
    """
    path = name if Path(name).is_file() else asset(f"checkpoints/{name}.safetensors")
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
        weights = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 — it is no dict
    return Pretrained(weights, json.loads(metadata["config"]), json.loads(metadata["words"]))
