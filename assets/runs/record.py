"""Run a chapter's experiment for three seeds and write down what came out: `python assets/runs/record.py 01_rnn`.

The master is run up to the cell that first reads the record; its `experiment(seed)` and `summarize(result)` are what
is recorded, on one thread, so that the machine's number of cores does not matter.
"""

import json
import os
import platform
import sys
from pathlib import Path

import torch

RUNS = Path(__file__).parent
MASTERS = RUNS.parent.parent / "solutions"
SEEDS = (0, 1, 2)


def main(chapter: str) -> None:
    """Record one chapter."""
    os.environ["UNROLLED_STATIC"] = "1"
    torch.set_num_threads(1)
    before = (MASTERS / f"{chapter}.py").read_text(encoding="utf-8").split('recorded("')[0].rpartition("\n# %%")[0]
    master = {"__name__": "__main__"}
    exec(compile(before, chapter, "exec"), master)
    seeds = {str(seed): master["summarize"](master["experiment"](seed=seed)) for seed in SEEDS}
    made_with = {"torch": torch.__version__, "python": platform.python_version(), "device": device()}
    path = RUNS / f"{chapter}.json"
    text = json.dumps({"made_with": made_with, "seeds": seeds}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def device() -> str:
    """The processor that the runs were made on."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads"


if __name__ == "__main__":
    main(*sys.argv[1:])
