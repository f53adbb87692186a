"""A run on disk, so that it can stop and go on: weights, optimizer and history in one file, replaced as a whole.

No random state is stored: every step of a run is seeded by its number (`unrolled.lab.randomness.step_seed`).

Left out: when to save (`unrolled.lab.training`), and checkpoints for use elsewhere, which need the weights only.
"""

import io
from pathlib import Path

import torch
from torch import nn

from unrolled.lab.history import History, from_json, to_json, write_whole


def save_run(
    path: str | Path, model: nn.Module, optimizer, history: History, settings: dict
) -> None:
    """Writes the run to `path`; who reads it meanwhile sees the old file or the new one, never half of it."""
    buffer = io.BytesIO()
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save({**state, "history": to_json(history), "settings": settings}, buffer)
    write_whole(Path(path), buffer.getvalue())


def load_run(path: str | Path, model: nn.Module, optimizer, settings: dict) -> History:
    """Puts the run at `path` into `model` and `optimizer` and returns its history; an empty one if there is no file.

    A run that was made with other settings is refused: going on with it would give a mixture of two runs.
    """
    if not Path(path).exists():
        return History()
    run = torch.load(path, map_location="cpu", weights_only=True)
    for name, value in settings.items():
        if run["settings"].get(name) != value:
            raise ValueError(
                f"checkpoint {path} was made with {name}={run['settings'].get(name)!r}, this run has {name}={value!r}; "
                "expected the same. Delete the file to start afresh, or name another"
            )
    model.load_state_dict(run["model"])
    optimizer.load_state_dict(run["optimizer"])
    history = from_json(run["history"])
    history.interrupted = False
    return history
