"""Random inputs for exercises: short names for what NumPy's generator draws, as float32 tensors.

Axes get different primes (`normal(rng, 2, 3, 5)`), so that no swapped axis can pass for the right one.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn


def normal(rng: np.random.Generator, *shape: int, scale: float = 1.0) -> torch.Tensor:
    """Independent normal values with mean 0 and standard deviation `scale`."""
    return torch.from_numpy(scale * rng.standard_normal(shape)).float()


def uniform(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    """Independent uniform values, 0 ≤ value < 1."""
    return torch.from_numpy(rng.random(shape)).float()


def integers(rng: np.random.Generator, low: int, high: int, *shape: int) -> torch.Tensor:
    """Independent whole numbers, low ≤ value < high."""
    return torch.from_numpy(rng.integers(low, high, shape))


def far_apart(scores: torch.Tensor, keep: int = 1) -> torch.Tensor:
    """The same scores, but every other row of them 300 higher, where a row is the last `keep` axes.

    A softmax does not change. But where one maximum is taken for all rows, nothing is left of the lower ones.

    >>> far_apart(torch.zeros(1, 2, 3))
    tensor([[[  0.,   0.,   0.],
             [300., 300., 300.]]])
    """
    rows = scores.shape[: scores.dim() - keep]
    return scores + 300.0 * (torch.arange(rows.numel()) % 2).reshape(*rows, *[1] * keep)


def lengths_mask(lengths: list[int], length: int) -> torch.Tensor:
    """True at the real places of rows that are `lengths` long, (batch, length).

    >>> lengths_mask([2, 1], 3)
    tensor([[ True,  True, False],
            [ True, False, False]])
    """
    return torch.arange(length) < torch.tensor(lengths)[:, None]


def some(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    """A mask of truth values, with at least one True (the first) and one False (the last) along the last axis."""
    mask = torch.from_numpy(rng.random(shape) < 0.6)
    mask[..., 0], mask[..., -1] = True, False
    return mask


def doubled(case: dict[str, Any]) -> dict[str, Any]:
    """The same case with its float32 tensors in float64: what is made without looking at them is still float32.

    >>> doubled({"x": torch.zeros(2), "bos": 1})
    {'x': tensor([0., 0.], dtype=torch.float64), 'bos': 1}
    """
    return _in(torch.float64, case)


def halved(case: dict[str, Any]) -> dict[str, Any]:
    """The same case with its float32 tensors in bfloat16, which has eight binary digits.

    >>> halved({"x": torch.tensor([1.00390625]), "bos": 1})
    {'x': tensor([1.], dtype=torch.bfloat16), 'bos': 1}
    """
    return _in(torch.bfloat16, case)


def _in(dtype: torch.dtype, value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _in(dtype, part) for name, part in value.items()}
    return value.to(dtype) if isinstance(value, torch.Tensor) and value.dtype == torch.float32 else value


def cut(case: dict[str, Any], axis: int, *names: str, to: int = 1) -> dict[str, Any]:
    """The same case with these tensors cut to so many entries along an axis: a batch of one, a time of one.

    A name may lead into a dict: "inputs/x" is `case["inputs"]["x"]`.

    >>> cut({"x": torch.zeros(3, 5), "bos": 1}, 0, "x")["x"].shape
    torch.Size([1, 5])
    >>> cut({"inputs": {"x": torch.zeros(3, 5)}}, 1, "inputs/x", to=2)["inputs"]["x"].shape
    torch.Size([3, 2])
    """
    case = dict(case)
    for name in names:
        first, _, rest = name.partition("/")
        value = case[first]
        case[first] = cut(value, axis, rest, to=to) if rest else value.narrow(axis, 0, to).clone()
    return case


def weights(
    rng: np.random.Generator, build: Callable[..., nn.Module], *arguments, scale: float = 0.4, **options
) -> dict:
    """Values for all parameters of the module that `build` makes, by name: embeddings normal, norms around 1 and 0.

    The others are normal with standard deviation `scale`, so that hardly anything saturates.

    >>> drawn = weights(np.random.default_rng(0), nn.Linear, 3, 5)
    >>> {name: tuple(value.shape) for name, value in drawn.items()}
    {'weight': (5, 3), 'bias': (5,)}
    """
    with torch.random.fork_rng(devices=[]):  # for names and shapes only; on "meta" torch would load its compiler first
        template = build(*arguments, **options)
    drawn = {}
    for name, parameter in template.named_parameters():  # of tied ones only the first
        path, _, kind = name.rpartition(".")
        is_table = isinstance(template.get_submodule(path), nn.Embedding)
        around = 1.0 if path.endswith("norm") and kind == "weight" else 0.0
        drawn[name] = around + normal(rng, *parameter.shape, scale=1.0 if is_table else scale)
    return drawn
