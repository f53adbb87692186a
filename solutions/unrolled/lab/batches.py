"""The batches of a training run: drawn by a function, or taken from something to iterate over, for each step its own.

Left out: what a batch is; the loss knows.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import torch

from unrolled.lab.processors import Processors
from unrolled.lab.randomness import step_seed


def drawer(
    batches: Callable | Iterable, processors: Processors, seed: int, done: int
) -> Callable[[int], Any]:
    """A function of the step that draws this process's next batch, `done` steps into the run.

    It also seeds torch for the step, for dropout and the like; `batches` gets a generator of its own.

    >>> draw = drawer(["a", "b", "c"], Processors("cpu"), seed=0, done=2)
    >>> [draw(step) for step in (2, 3, 4)]
    ['c', 'a', 'b']
    """
    index, count = processors.index, processors.count
    iterator = None if callable(batches) else islice(_endless(batches), index, None, count)

    def draw(step: int) -> Any:
        processors.seed(step_seed(seed, step, index, "model"))
        if iterator is None:
            return batches(torch.Generator().manual_seed(step_seed(seed, step, index)))
        return next(iterator)

    if iterator is not None:
        for step in range(done):
            draw(step)  # go past the batches that the run has seen
    return draw


def _endless(batches: Iterable) -> Iterator:
    """All batches, then all again, and so on."""
    while True:
        batch = nothing = object()
        for batch in batches:
            yield batch
        if batch is nothing:
            raise ValueError(
                "batches has no (more) batches; expected a function of a generator, or something that can be iterated "
                "over again, like a list or a DataLoader, not an iterator that ends"
            )
