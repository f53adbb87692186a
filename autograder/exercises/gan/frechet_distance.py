"""`frechet_distance`: ‖μ_r − μ_f‖² + trace(C_r + C_f − 2 (C_r C_f)^½), of means μ and covariances C (over n − 1)."""

import torch

from autograder.compare import Tolerance
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def frechet_inputs(rng):
    """Features that are correlated, each set in its own way; few: fewer examples than features. Once a single feature, once
    features far from 0, and once the same examples in another order.
    """

    def case(n, m, features, far=0.0):
        real = normal(rng, n, features) @ normal(rng, features, features) + 0.7
        fake = normal(rng, m, features) @ normal(rng, features, features, scale=0.6)
        return {"real": real + far, "fake": fake + far}

    same = normal(rng, 11, 5)
    return {
        "many examples": [
            case(29, 23, 3),
            case(31, 37, 5),
            case(13, 11, 1),
            case(29, 23, 3, far=1e6),
            {"real": same, "fake": same[torch.from_numpy(rng.permutation(11))]},
        ],
        "few examples": [case(3, 2, 7), case(5, 3, 7), case(23, 31, 5) | {"real": normal(rng, 3, 5)}],
    }


def frechet_with_scipy(real, fake):
    import numpy as np
    from scipy import linalg

    real, fake = real.numpy().astype(np.float64), fake.numpy().astype(np.float64)
    c, d = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (real, fake))
    # The root of a singular product is delicate: the symmetric form has the same trace.
    values, vectors = linalg.eigh(c)
    half = vectors @ np.diag(np.sqrt(values.clip(0))) @ vectors.T
    root = np.sqrt(linalg.eigvalsh(half @ d @ half).clip(0)).sum()
    return float(((real.mean(0) - fake.mean(0)) ** 2).sum() + np.trace(c) + np.trace(d) - 2 * root)


def frechet_with_cov(real, fake):
    """By torch.cov, which gives a single feature's variance without axes; the root by way of a symmetric matrix."""
    real, fake = real.double(), fake.double()
    c, d = (torch.atleast_2d(torch.cov(x.T)) for x in (real, fake))
    values, vectors = torch.linalg.eigh(c)
    half = vectors * values.clamp(min=0).sqrt() @ vectors.T
    roots = torch.linalg.eigvalsh(half @ d @ half).clamp(min=0).sqrt()
    return float((real.mean(0) - fake.mean(0)).square().sum() + c.trace() + d.trace() - 2 * roots.sum())


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
    tolerance=Tolerance(absolute=1e-4),  # the root of 1e-16, some times over
    accepts=(frechet_with_scipy, frechet_with_cov, frechet_with_singular_values),
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
        Misconception(
            id="single-precision",
            name="all is computed in float32",
            hint="A root makes small errors large: that of 1e-7 is 3e-4. In which precision does the docstring compute?",
            edits={"moments(real.double())": "moments(real)", "moments(fake.double())": "moments(fake)"},
        ),
        Misconception(
            id="double-too-late",
            name="means and covariances are computed in float32, and only the rest in float64",
            hint="What rounding has taken away does not come back. Which line should be the first in float64?",
            edits={
                "moments(real.double())": "(m.double() for m in moments(real))",
                "moments(fake.double())": "(m.double() for m in moments(fake))",
            },
        ),
        Misconception(
            id="single-feature",
            name="`torch.cov` of a single feature is a number without axes, and not a matrix",
            hint="With one feature the covariance is a matrix of 1 × 1. What does `torch.cov` make of it, and what does `trace` want?",
            edits={"return mean, (x - mean).T @ (x - mean) / (len(x) - 1)": "return mean, torch.cov(x.T)"},
        ),
        Misconception(
            id="tensor",
            name="a tensor comes back instead of a number",
            hint="The signature promises a float. What turns a tensor of one value into a number?",
            edits={"roots.sum()).item()": "roots.sum())"},
        ),
        Misconception(
            id="complex",
            name="a complex number comes back",
            hint="`eigvals` gives complex numbers, although these are real. Which part do you need?",
            edits={".real.clamp(min=0).sqrt()": ".sqrt()"},
        ),
        Misconception(
            id="means-averaged",
            name="the squared differences of the means are averaged over the features",
            hint="‖μ‖² is a sum of squares. By what do you divide?",
            edits={"((real_mean - fake_mean) ** 2).sum()": "((real_mean - fake_mean) ** 2).mean()"},
        ),
        Misconception(
            id="one-mean-for-all-features",
            name="one mean is taken over all features together",
            hint="A feature that is too large and one that is too small would cancel. How many numbers has μ?",
            edits={"((real_mean - fake_mean) ** 2).sum()": "(real_mean.mean() - fake_mean.mean()) ** 2"},
        ),
        Misconception(
            id="mean-over-the-features",
            name="the means are taken over the features, one for each example",
            hint="μ describes a set: it has a number for each feature. Which axis are the examples?",
            edits={
                "gap = ((real_mean - fake_mean) ** 2).sum()": "gap = ((real.mean(dim=1) - fake.mean(dim=1)) ** 2).sum()"
            },
        ),
        Misconception(
            id="entry-by-entry",
            name="the covariances are multiplied entry by entry",
            hint="C_r C_f is a product of matrices. Which sign stands for that?",
            edits={"real_cov @ fake_cov": "real_cov * fake_cov"},
        ),
        Misconception(
            id="root-of-the-trace",
            name="the root is taken of the trace of the product",
            hint="The trace of a root is a sum of roots. Is that the root of a sum?",
            edits={
                "torch.linalg.eigvals(real_cov @ fake_cov).real.clamp(min=0).sqrt()": "(real_cov @ fake_cov).trace().sqrt()"
            },
        ),
        Misconception(
            id="eigenvalues-of-each",
            name="the eigenvalues of the two covariances are multiplied in their order, instead of those of the product taken",
            hint="The directions in which the two sets are wide may differ. Whose eigenvalues does the formula ask for?",
            edits={
                "torch.linalg.eigvals(real_cov @ fake_cov).real": (
                    "(torch.linalg.eigvalsh(real_cov) * torch.linalg.eigvalsh(fake_cov))"
                )
            },
        ),
        Misconception(
            id="as-if-symmetric",
            name="the product of the covariances is taken for symmetric",
            hint="`eigvalsh` looks at one half of the matrix only. Is the product of two symmetric matrices symmetric?",
            edits={"torch.linalg.eigvals(real_cov @ fake_cov).real": "torch.linalg.eigvalsh(real_cov @ fake_cov)"},
        ),
        Misconception(
            id="singular-values",
            name="singular values of the product stand where its eigenvalues should be",
            hint="They are the same for symmetric matrices only. Is the product of the two covariances symmetric?",
            edits={"torch.linalg.eigvals(real_cov @ fake_cov).real": "torch.linalg.svdvals(real_cov @ fake_cov)"},
        ),
        Misconception(
            id="cholesky",
            name="Cholesky factors of the covariances are multiplied",
            hint="L with L Lᵀ = C is not the root R with R R = C. And what has it for a matrix with eigenvalues of 0?",
            edits={
                "torch.linalg.eigvals(real_cov @ fake_cov).real.clamp(min=0).sqrt()": (
                    "torch.diagonal(torch.linalg.cholesky(real_cov) @ torch.linalg.cholesky(fake_cov).T)"
                )
            },
        ),
        Misconception(
            id="fourth-root",
            name="the root is taken twice",
            hint="For one feature the formula should give (σ − τ)². What is στ, in terms of the variances?",
            edits={".clamp(min=0).sqrt()": ".clamp(min=0).sqrt().sqrt()"},
        ),
        Misconception(
            id="small-eigenvalues-dropped",
            name="eigenvalues below 1 are taken for rounding and dropped",
            hint="How large are eigenvalues that are 0 but for rounding? And how large may a small variance be?",
            edits={
                ".real.clamp(min=0).sqrt()": ".real.pow(0.5).nan_to_num().mul(torch.linalg.eigvals(real_cov @ fake_cov).real > 1)"
            },
        ),
        Misconception(
            id="one-trace",
            name="the trace of one of the covariances is missing",
            hint="What should be the distance of a set from itself?",
            edits={" + fake_cov.trace()": ""},
        ),
        Misconception(
            id="correlations",
            name="correlations stand where covariances should be",
            hint="A correlation does not know how wide a feature is spread. Should a distance know?",
            edits={
                "return mean, (x - mean).T @ (x - mean) / (len(x) - 1)": "return mean, torch.atleast_2d(torch.corrcoef(x.T))"
            },
        ),
        Misconception(
            id="variances-compared",
            name="the variances of each feature are compared, and not their standard deviations",
            hint="For one feature the formula should give (σ − τ)². What is yours, and where do features that vary together come in?",
            edits={
                "return (gap + real_cov.trace() + fake_cov.trace() - 2 * roots.sum()).item()": (
                    "return (gap + ((real_cov.diagonal() - fake_cov.diagonal()) ** 2).sum()).item()"
                )
            },
        ),
        Misconception(
            id="covariances-compared",
            name="the covariances are compared entry by entry",
            hint="For one feature the formula should give (σ − τ)², and not (σ² − τ²)². Where do the roots come in?",
            edits={
                "return (gap + real_cov.trace() + fake_cov.trace() - 2 * roots.sum()).item()": (
                    "return (gap + ((real_cov - fake_cov) ** 2).sum()).item()"
                )
            },
        ),
        Misconception(
            id="centred-by-the-real",
            name="the fakes are measured from the mean of the real examples",
            hint="Each covariance is around its own mean. How many means are there?",
            edits={
                "gap = ": "shifted = fake.double() - real_mean\n    fake_cov = shifted.T @ shifted / (len(fake) - 1)\n    gap = "
            },
        ),
        Misconception(
            id="one-number-for-both",
            name="both covariances are divided by the number of real examples",
            hint="There may be fewer fakes. By what is each covariance divided?",
            edits={"gap = ": "fake_cov = fake_cov * (len(fake) - 1) / (len(real) - 1)\n    gap = "},
        ),
        Misconception(
            id="example-by-example",
            name="the first fake is compared with the first real example, and so on",
            hint="Nobody says which fake belongs to which example, and there may be more of one kind. What describes a set as a whole?",
            edits={
                "def moments(x):": "return ((real.double() - fake.double()) ** 2).sum(1).mean().item()\n\n    def moments(x):"
            },
        ),
    ),
)
