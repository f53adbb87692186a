"""When two values agree: trees of plain data, equal in structure and within a tolerance in their numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Tolerance:
    """Two values agree if |a − b| ≤ absolute + relative · |b|."""

    relative: float = 1e-4
    absolute: float = 1e-5

    def agree(self, got: Tensor, expected: Tensor) -> bool:
        """Whether all values agree; NaN agrees with NaN, infinity with the same infinity."""
        return torch.allclose(got, expected, self.relative, self.absolute, equal_nan=True)

    def agree_each(self, got: Tensor, expected: Tensor) -> Tensor:
        """Which values agree."""
        return torch.isclose(got, expected, self.relative, self.absolute, equal_nan=True)

    def agree_numbers(self, got: float, expected: float) -> bool:
        """Whether two numbers agree."""
        return self.agree(torch.tensor(got, dtype=torch.float64), torch.tensor(expected, dtype=torch.float64))


def plain(value: Any) -> Any:
    """One form for each kind of data: numbers are floats (truth values too), tuples lists, arrays tensors."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        value = torch.from_numpy(np.ascontiguousarray(value))
    if isinstance(value, Tensor):
        return value.detach().item() * 1.0 if value.ndim == 0 else value.detach()
    if isinstance(value, (bool, int, float)):
        return float(value)
    if isinstance(value, tuple):
        return list(value)
    return value


def same(expected: Any, got: Any, tolerance: Tolerance) -> bool:
    """Whether two trees agree, as `compare` would find, but said sooner: no difference is looked for.

    >>> same([1, torch.zeros(2)], (1.0, torch.zeros(2)), Tolerance())
    True
    """
    expected, got = plain(expected), plain(got)
    if type(expected) is not type(got):
        return False
    if isinstance(expected, Tensor):
        if (got.shape, got.dtype, got.device) != (expected.shape, expected.dtype, expected.device):
            return False
        return tolerance.agree(got, expected) if got.is_floating_point() else torch.equal(got, expected)
    if isinstance(expected, float):
        return tolerance.agree_numbers(got, expected)
    if isinstance(expected, dict):
        return expected.keys() == got.keys() and all(same(expected[key], got[key], tolerance) for key in expected)
    if isinstance(expected, list):
        return len(expected) == len(got) and all(same(e, g, tolerance) for e, g in zip(expected, got, strict=True))
    return expected == got
