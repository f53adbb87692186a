"""Eight small clouds of points on a ring: data on which one can see, and count, what a generator leaves out.

Paper: Metz et al., "Unrolled Generative Adversarial Networks" (2017), section 3.1; Srivastava et al., "VEEGAN" (2017),
section 4.1, for counting modes. Theirs have a standard deviation of 0.02; ours are wider, so that little training does.

Left out: the networks (`unrolled.gan`).
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked

RADIUS = 2.0
STD = 0.1


def centres(modes: int = 8) -> Float[Tensor, "modes 2"]:
    """The middles of the clouds, at equal distances on a circle of radius 2.

    >>> centres(4).round(decimals=3).abs().tolist()
    [[2.0, 0.0], [0.0, 2.0], [2.0, 0.0], [0.0, 2.0]]
    """
    angles = 2 * math.pi * torch.arange(modes) / modes
    return RADIUS * torch.stack([angles.cos(), angles.sin()], dim=1)


def ring(points: int, generator: torch.Generator, modes: int = 8) -> Float[Tensor, "points 2"]:
    """So many points, each of a cloud drawn at random: a normal distribution of standard deviation 0.1.

    >>> ring(5, torch.Generator().manual_seed(0)).shape
    torch.Size([5, 2])
    """
    which = torch.randint(modes, (points,), generator=generator)
    return centres(modes)[which] + STD * torch.randn(points, 2, generator=generator)


def modes_found(samples: Float[Tensor, "points 2"], modes: int = 8) -> tuple[int, float]:
    """How many clouds are met, and which share of the samples meets one.

    A sample meets a cloud if it lies within three standard deviations of its middle. A cloud is met
    if at least one sample in a hundred meets it; of perfect samples, each gets one in eight.

    >>> one_cloud = ring(1000, torch.Generator().manual_seed(0), modes=1)
    >>> modes_found(one_cloud)[0]
    1
    """
    distances = torch.cdist(samples, centres(modes).to(samples))
    meets = distances < 3 * STD
    shares = meets.float().mean(dim=0)
    return int((shares >= 0.01).sum()), shares.sum().item()


checked(globals())
