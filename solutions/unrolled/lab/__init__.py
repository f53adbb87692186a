"""The lab: the equipment that every chapter uses — training loop, figures, explorers, attention views.

Each name is imported from its module when it is first used, so `import unrolled.lab` costs nothing and a chapter
that draws no attention never loads bertviz.

Left out: data (`unrolled.data`) and anything that a student is asked to write.

>>> from unrolled.lab import preset
>>> preset("cpu").device
'cpu'
"""

from importlib import import_module

_HOME = {
    "Explorer": "explorers",
    "History": "history",
    "Preset": "presets",
    "asset": "assets",
    "bars": "figures",
    "curves": "figures",
    "explorer": "explorers",
    "get_batch": "language_batches",
    "head_view": "attention_view",
    "heatmap": "figures",
    "load_pretrained": "pretrained",
    "model_view": "attention_view",
    "panels": "figures",
    "preset": "presets",
    "recorded": "runs",
    "save_pretrained": "pretrained",
    "seed_everything": "randomness",
    "show": "display",
    "style": "theme",
    "train": "training",
    "watched": "live",
}

__all__ = sorted(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(
            f"module 'unrolled.lab' has no attribute {name!r}; it has {', '.join(__all__)}"
        )
    return getattr(import_module(f"unrolled.lab.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
