"""Experiments that were run once and written down: what a chapter says about who wins rests on these.

The files lie in `assets/runs/`, written by the script `assets/runs/record.py` with each chapter's own `experiment`.
"""

import json
from typing import Any

from unrolled.lab.assets import asset


def recorded(chapter: str) -> dict[str, Any]:
    """The recorded runs of a chapter: what its `summarize` said for each seed, and on what machine and versions.

    >>> sorted(recorded("01_rnn")["seeds"])
    ['0', '1', '2']
    """
    return json.loads(asset(f"runs/{chapter}.json").read_text(encoding="utf-8"))
