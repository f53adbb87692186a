"""Principal components: the flat subspace that keeps most of what varies.

Paper: Pearson, "On lines and planes of closest fit to systems of points in space" (1901); Baldi and Hornik, "Neural
networks and principal component analysis: Learning from examples without local minima" (1989).

Names: ours ↔ theirs — `components` ↔ the eigenvectors of the covariance matrix with the largest eigenvalues, as rows.

Left out: what the variances say, whitening, and anything that is not flat (`unrolled.autoencoder`).
"""

import torch
from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked


def principal_components(
    x: Float[Tensor, "batch feature"], count: int
) -> tuple[Float[Tensor, " feature"], Float[Tensor, "count feature"]]:
    """The mean of the rows, and the `count` directions in which they vary most, the strongest first.

    The directions have length 1 and stand at right angles to each other; the sign of each is arbitrary.
    (x − mean) · componentsᵀ is the code of x, and code · components + mean the best that can be made of it.

    >>> x = torch.tensor([[1.0, 1.0], [3.0, 1.1], [5.0, 0.9]])  # wide, and hardly high
    >>> mean, components = principal_components(x, 1)
    >>> mean, components.abs().round(decimals=2)
    (tensor([3., 1.]), tensor([[1.0000, 0.0300]]))
    """
    if not 1 <= count <= min(x.shape):
        raise ValueError(f"count is {count}; expected 1 to {min(x.shape)}, for x {tuple(x.shape)}")
    mean = x.mean(dim=0)
    _, _, directions = torch.linalg.svd(x - mean, full_matrices=False)
    return mean, directions[:count]


def subspace_angles(
    a: Float[Tensor, "count feature"], b: Float[Tensor, "count feature"]
) -> Float[Tensor, " count"]:
    """The angles in degrees, largest first, between the subspaces that the rows of `a` and of `b` span.

    All are 0 if the subspaces are the same, whatever vectors they are spanned by. Source: Björck and Golub,
    "Numerical methods for computing angles between linear subspaces" (1973); small angles are taken by the sine,
    which tells them apart where the cosine is 1 already.

    >>> floor = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    >>> turned = torch.tensor([[1.0, 2.0, 0.0], [3.0, 1.0, 0.0]])  # other vectors, the same floor
    >>> ramp = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    >>> subspace_angles(floor, turned).round(decimals=3), subspace_angles(floor, ramp)
    (tensor([0., 0.]), tensor([45.,  0.]))
    """
    a, b = (torch.linalg.qr(rows.double().T).Q for rows in (a, b))
    cosines = torch.linalg.svdvals(a.T @ b).clamp(max=1).flip(0)  # smallest first: largest angle
    sines = torch.linalg.svdvals(b - a @ (a.T @ b)).clamp(max=1)
    radians = torch.where(cosines < 0.5**0.5, cosines.acos(), sines.asin())
    return radians.rad2deg().float()


checked(globals(), never_empty=("subspace_angles",))
