"""`frechet_distance`: ‖μ_r − μ_f‖² + trace(C_r + C_f − 2 (C_r C_f)^½), of means μ and covariances C (over n − 1)."""

import torch

from autograder.compare import Tolerance
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def frechet_inputs(rng):
    """Features that are correlated, each set in its own way; few: fewer examples than features."""

    def case(n, m, features):
        real = normal(rng, n, features) @ normal(rng, features, features) + 0.7
        return {"real": real, "fake": normal(rng, m, features) @ normal(rng, features, features, scale=0.6)}

    return {"many examples": [case(29, 23, 3), case(31, 37, 5)], "few examples": [case(3, 2, 7), case(5, 3, 7)]}


def frechet_with_scipy(real, fake):
    import numpy as np
    from scipy import linalg

    real, fake = real.numpy().astype(np.float64), fake.numpy().astype(np.float64)
    c, d = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    # The root of a singular product is delicate: the symmetric form has the same trace.
    values, vectors = linalg.eigh(c)
    half = vectors @ np.diag(np.sqrt(values.clip(0))) @ vectors.T
    root = np.sqrt(linalg.eigvalsh(half @ d @ half).clip(0)).sum()
    return float(((real.mean(0) - fake.mean(0)) ** 2).sum() + np.trace(c) + np.trace(d) - 2 * root)


def frechet_in_single_precision(real, fake):
    difference = real.mean(0) - fake.mean(0)
    c, d = torch.cov(real.T), torch.cov(fake.T)
    roots = torch.linalg.eigvals(c @ d).abs().sqrt()
    return float(difference @ difference + torch.trace(c) + torch.trace(d) - 2 * roots.sum())


def frechet_with_singular_values(real, fake):
    """The roots of the eigenvalues of CD are the singular values of the product of the centred examples."""
    x, y = ((z.double() - z.double().mean(0)) / (len(z) - 1) ** 0.5 for z in (real, fake))
    nuclear = torch.linalg.svdvals(x @ y.T).sum()
    gap = torch.linalg.vector_norm(real.double().mean(0) - fake.double().mean(0)) ** 2
    return (gap + (x**2).sum() + (y**2).sum() - 2 * nuclear).item()


FRECHET_DISTANCE = Exercise(
    solves="unrolled.frechet.frechet_distance",
    groups={"many examples": 2, "few examples": 1},
    inputs=frechet_inputs,
    tolerance=Tolerance(relative=1e-3, absolute=1e-2),  # single precision: the root of 1e-7 is 3e-4
    accepts=(frechet_with_scipy, frechet_in_single_precision, frechet_with_singular_values),
    misconceptions=(
        Misconception(
            id="no-root-in-the-trace",
            name="the trace is taken of the product of the covariances, without the root",
            hint="For one feature the formula should give (σ − τ)² = σ² + τ² − 2στ. What is the product of the variances there, "
            "and what is στ?",
            edits={".real.clamp(min=0).sqrt()": ".real"},
        ),
        Misconception(
            id="root-of-each-entry",
            name="the root is taken of each entry of the product",
            hint="A root of a matrix M is a matrix R with R @ R = M. Does yours pass that test? Which numbers of M give the "
            "trace of R?",
            edits={
                "torch.linalg.eigvals(real_cov @ fake_cov).real.clamp(min=0).sqrt()": (
                    "(real_cov @ fake_cov).diagonal().clamp(min=0).sqrt()"
                )
            },
        ),
        Misconception(
            id="product-of-roots",
            name="the roots of the two covariances are multiplied, instead of the root taken of their product",
            hint="That is the same only for matrices that commute. Which comes first here, product or root?",
            edits={
                "torch.linalg.eigvals(real_cov @ fake_cov).real.clamp(min=0).sqrt()": (
                    "torch.stack([v @ l.clamp(min=0).sqrt().diag() @ v.T for l, v in "
                    "map(torch.linalg.eigh, (real_cov, fake_cov))]).prod(dim=0)"
                )
            },
        ),
        Misconception(
            id="factor-two-lost",
            name="the factor 2 before the root is missing",
            hint="What should be the distance of a set from itself?",
            edits={"2 * roots": "roots"},
        ),
        Misconception(
            id="root-added",
            name="the root is added instead of subtracted",
            hint="What should be the distance of a set from itself?",
            edits={" - 2 * roots": " + 2 * roots"},
        ),
        Misconception(
            id="over-n",
            name="the covariances are divided by n instead of n − 1",
            hint="Both are in use; the original FID takes NumPy's `cov`, whose default is n − 1, and so do we. By what do you "
            "divide?",
            edits={"(len(x) - 1)": "len(x)"},
        ),
        Misconception(
            id="not-centred",
            name="the covariances are those of examples whose mean was not subtracted",
            hint="Then the means count twice. From where are the deviations measured?",
            edits={"(x - mean).T @ (x - mean)": "x.T @ x"},
        ),
        Misconception(
            id="means-not-squared",
            name="the distance of the means is not squared",
            hint="For one feature the formula should give (μ − ν)². Where has the square gone?",
            edits={"gap + real_cov": "gap.sqrt() + real_cov"},
        ),
        Misconception(
            id="means-ignored",
            name="the means are ignored",
            hint="Two sets of the same shape in different places: how far apart should they be?",
            edits={"gap + real_cov": "real_cov"},
        ),
        Misconception(
            id="only-the-means",
            name="only the means are compared",
            hint="A generator that always draws the average has the right mean. Which terms would give it away?",
            edits={" + real_cov.trace() + fake_cov.trace() - 2 * roots.sum()": ""},
        ),
        Misconception(
            id="only-the-variances",
            name="each feature is compared on its own, as if the covariances were diagonal",
            hint="Two features may go together in one set and against each other in the other. Which numbers say so, and do "
            "they enter your sum?",
            edits={"real_cov @ fake_cov": "real_cov.diagonal().diag() @ fake_cov.diagonal().diag()"},
        ),
        Misconception(
            id="distance-not-squared",
            name="the root is taken of the whole",
            hint="That is the distance d itself, and quite right as a distance; what everybody reports as FID is d². Which does "
            "the docstring promise?",
            edits={
                "(gap + real_cov.trace() + fake_cov.trace() - 2 * roots.sum())": (
                    "(gap + real_cov.trace() + fake_cov.trace() - 2 * roots.sum()).clamp(min=0).sqrt()"
                )
            },
        ),
        Misconception(
            id="covariance-of-the-examples",
            name="rows and columns are confused: it is a covariance of examples instead of features",
            hint="NumPy's cov takes rows for variables unless told `rowvar=False`, torch's always does. What shape should the "
            "covariance of five features have?",
            edits={"return mean, (x - mean).T @ (x - mean) / (len(x) - 1)": "return mean, torch.cov(x)"},
        ),
        Misconception(
            id="eigenvalues-below-zero",
            name="the root of an eigenvalue that rounding has pushed below 0 makes it NaN",
            hint="With fewer examples than features some eigenvalues are 0, give or take 1e-17. What is the root of −1e-17, and "
            "what should it be?",
            edits={".clamp(min=0)": ""},
        ),
    ),
)
