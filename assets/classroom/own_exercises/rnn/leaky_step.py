"""A state that leaks

A *leaky* state keeps a share $\\alpha$ of the state before, and takes the rest from the new one:
$h' = \\alpha h + (1 - \\alpha) \\tilde h$. Write it. A share outside $[0, 1]$ is refused.
"""

from torch import Tensor

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def leaky_step(state: Tensor, new: Tensor, share: float) -> Tensor:
    """The state after one step that keeps `share` of the state before.

    >>> leaky_step(torch.tensor([2.0]), torch.tensor([4.0]), 0.75)
    tensor([2.5000])
    """
    return share * state + (1 - share) * new


def inputs(rng):
    """Shares on both sides of a half, so that exchanging them shows."""
    return {
        "a share": [{"state": normal(rng, 2, 3), "new": normal(rng, 2, 3), "share": share} for share in (0.25, 0.9)],
        "all or nothing": [{"state": normal(rng, 5), "new": normal(rng, 5), "share": share} for share in (0.0, 1.0)],
    }


LEAKY_STEP = Exercise(
    solves=f"{__name__}.leaky_step",
    groups={"a share": 2, "all or nothing": 1},
    inputs=inputs,
    misconceptions=(
        Misconception(
            id="shares-exchanged",
            name="the two shares are exchanged",
            hint="With a share of 1 nothing new comes in. What does yours give then?",
            edits={"share * state + (1 - share) * new": "(1 - share) * state + share * new"},
        ),
    ),
)
