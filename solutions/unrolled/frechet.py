"""The Fréchet distance between two sets of examples, each taken for a normal distribution of its features.

Paper: Dowson and Landau, "The Fréchet distance between multivariate normal distributions" (1982); Heusel et al., "GANs
Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium" (2017), section 1, for its use on images,
with features of the Inception network (FID).

Names: ours ↔ theirs — mean and covariance of `real` ↔ m, C; of `fake` ↔ m_w, C_w; the result ↔ d², not d.

Left out: the features, which some classifier must give.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked


def frechet_distance(
    real: Float[Tensor, "real feature"], fake: Float[Tensor, "fake feature"]
) -> float:
    """‖μ_r − μ_f‖² + trace(C_r + C_f − 2 (C_r C_f)^½), of means μ and covariances C (over n − 1).

    The trace of a matrix root is the sum of the roots of the eigenvalues. Those of C_r C_f are real
    and not negative, but for rounding. Computed in float64 from the start: a root makes small errors
    large. There may be a single feature, and there are at least two examples in each set.

    Source: Heusel et al. (2017), equation 6.

    >>> real = torch.tensor([[0.0, 0.0], [2.0, 0.0]])  # means 1 and 0, variances 2 and 0
    >>> frechet_distance(real, real), frechet_distance(real, real + 3)
    (0.0, 18.0)
    """

    def moments(x):
        mean = x.mean(dim=0)
        return mean, (x - mean).T @ (x - mean) / (len(x) - 1)

    real_mean, real_cov = moments(real.double())
    fake_mean, fake_cov = moments(fake.double())
    gap = ((real_mean - fake_mean) ** 2).sum()
    roots = torch.linalg.eigvals(real_cov @ fake_cov).real.clamp(min=0).sqrt()
    return (gap + real_cov.trace() + fake_cov.trace() - 2 * roots.sum()).item()


checked(globals())
