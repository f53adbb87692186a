"""A wrong answer to any exercise that no known mistake explains."""

import math

import torch

from autograder.evidence import Observation
from autograder.subject import Live


class Unnamed(Live):
    """The reference with all that comes out of it bent."""

    def observe(self, probe, inputs, seconds):
        seen = super().observe(probe, inputs, seconds)
        if seen.crash:
            return seen
        told = seen.outputs
        if isinstance(told, dict) and "result" in told:  # beside it stand side effects
            return Observation(outputs=told | {name: bent(told[name]) for name in ("result", "gradients") if name in told})
        return Observation(outputs=bent(told))


def bent(value):
    """The same with other numbers, truths and texts."""
    if isinstance(value, torch.Tensor) and value.is_floating_point():
        return value.sin() + 0.3 * value.cos() ** 2
    if isinstance(value, torch.Tensor):
        return ~value if value.dtype == torch.bool else 2 * value + 3
    if isinstance(value, float):
        return math.sin(value) + 0.3 if math.isfinite(value) else value
    if isinstance(value, (bool, int)):
        return not value if isinstance(value, bool) else 2 * value + 3
    if isinstance(value, (str, bytes)):
        return value[::-1] + value[:1]
    if isinstance(value, dict):
        return {key: bent(part) for key, part in value.items()}
    return type(value)(map(bent, value)) if isinstance(value, (list, tuple)) and value else value
