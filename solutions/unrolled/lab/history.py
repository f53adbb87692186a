"""What happened in a training run, step by step, kept as plain numbers that a JSON file can hold.

Left out: how the numbers come about (`unrolled.lab.training`) and how to draw them (`unrolled.lab.figures.curves`).
"""

import json
import math
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class History:
    """The record of a run: one number a step in each list, counted from step 0.

    `losses` before each update; `gradient_norms` before clipping; `seconds` since the start, without the time spent on
    drawing and saving. If the loss became NaN or infinite, `diverged_at` is that step, and the run ends with it.

    >>> history = History(losses=[2.0, 1.5], gradient_norms=[0.3, 0.2], seconds=[0.01, 0.02])
    >>> history
    History(2 steps, loss 2 → 1.5)
    """

    losses: list[float] = field(default_factory=list)
    gradient_norms: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    diverged_at: int | None = None
    interrupted: bool = False

    def record(self, loss: float, gradient_norm: float, seconds: float) -> None:
        """Appends one step, which took so many seconds."""
        self.losses.append(loss)
        self.gradient_norms.append(gradient_norm)
        self.seconds.append((self.seconds[-1] if self.seconds else 0.0) + seconds)

    def __len__(self) -> int:
        return len(self.losses)

    def __repr__(self) -> str:
        """No seconds here: what a notebook shows must not differ from run to run."""
        words = [f"{len(self)} steps"]
        if self.losses:
            words.append(f"loss {self.losses[0]:.4g} → {self.losses[-1]:.4g}")
        if self.diverged_at is not None:
            words.append(f"diverged at step {self.diverged_at}")
        if self.interrupted:
            words.append("interrupted")
        return f"History({', '.join(words)})"

    def save(self, path: str | Path) -> None:
        """Writes the record as JSON; NaN and infinity, which JSON lacks, become the strings "nan", "inf", "-inf"."""
        write_whole(
            Path(path), json.dumps(to_json(self), ensure_ascii=False, allow_nan=False).encode()
        )

    @classmethod
    def load(cls, path: str | Path) -> "History":
        """The record that `save` wrote."""
        return from_json(json.loads(Path(path).read_text(encoding="utf-8")))


def to_json(history: History) -> dict:
    """The record as numbers, strings, lists and a dictionary.

    >>> to_json(History([math.nan], [math.inf], [0.5], diverged_at=0))["losses"]
    ['nan']
    """
    return {
        name: [x if math.isfinite(x) else str(x) for x in value]
        if isinstance(value, list)
        else value
        for name, value in asdict(history).items()
    }


def from_json(record: dict) -> History:
    """The inverse of `to_json`."""
    return History(
        **{name: [float(x) for x in v] if isinstance(v, list) else v for name, v in record.items()}
    )


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file wholly or not at all: beside its place first, then moved there in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
