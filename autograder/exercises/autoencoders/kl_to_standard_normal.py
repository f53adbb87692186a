"""`kl_to_standard_normal`: KL(N(mean, variance) ‖ N(0, 1)) of each cloud, in nats: what it costs to say where in the
plane a code lies.
"""

import math

import torch

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception, with_numbers


def kl_inputs(rng):
    """Batch 5 or 1, latent 3: clouds of variance 1, clouds around 0, and others, some hardly wider than a point."""
    zeros = torch.zeros(5, 3)
    return {
        "variance 1": [{"mean": normal(rng, 5, 3), "log_variance": zeros}],
        "mean 0": [{"mean": zeros, "log_variance": normal(rng, 5, 3)}],
        "both": [
            {"mean": normal(rng, 7, 2), "log_variance": normal(rng, 7, 2)},
            {
                "mean": normal(rng, 3, 5),
                "log_variance": torch.cat([normal(rng, 3, 4), torch.full((3, 1), -120.0)], dim=1),
            },
            {"mean": normal(rng, 1, 3), "log_variance": normal(rng, 1, 3)},
            {"mean": normal(rng, 5, 1), "log_variance": normal(rng, 5, 1)},
        ],
    }


def kl_from_densities(mean, log_variance):
    """E[log q − log p]: minus q's entropy, plus the cross-entropy."""
    entropy = 0.5 * (math.log(2 * math.pi) + 1 + log_variance).sum(1)
    crossed = 0.5 * (math.log(2 * math.pi) + mean.square() + log_variance.exp()).sum(1)
    return crossed - entropy


def kl_by_standard_deviation(mean, log_variance):
    std = torch.exp(log_variance / 2)
    return torch.sum(mean.pow(2) / 2 + std.pow(2) / 2 - torch.log(std) - 1 / 2, dim=1)


def kl_row_by_row(mean, log_variance):
    return torch.stack([-0.5 * torch.sum(1 + v - m.pow(2) - v.exp()) for m, v in zip(mean, log_variance, strict=True)])


WITH_EPSILON = {"- 1 - log_variance": "- 1 - (log_variance.exp() + 1e-8).log()"}

KL_TO_STANDARD_NORMAL = Exercise(
    solves="unrolled.vae.kl_to_standard_normal",
    groups={"variance 1": 1, "mean 0": 1, "both": 1},
    inputs=kl_inputs,
    probe=probes.differentiate,
    accepts=(kl_from_densities, kl_by_standard_deviation, kl_row_by_row),
    forbids=("torch.distributions.kl_divergence", "torch.distributions.kl.kl_divergence"),
    misconceptions=(
        Misconception(
            id="epsilon-in-the-logarithm",
            name="the logarithm is taken of the variance and a small number, though the log-variance is there",
            hint="exp and log undo each other, but not once a number has been added: what comes out for a log-variance of −100? Do you need a logarithm at all?",
            edits=WITH_EPSILON,
            also=with_numbers(WITH_EPSILON, "1e-8", "1e-6", "1e-7", "1e-10", "1e-12"),
        ),
        Misconception(
            id="sign",
            name="the sign is the wrong way round",
            hint="The paper gives −KL, which belongs into its bound. A divergence itself is never negative: is yours?",
            edits={"return 0.5": "return -0.5"},
        ),
        Misconception(
            id="mean-over-the-code",
            name="the numbers of a code are averaged instead of added up",
            hint="Independent parts of a code cost what they cost together. With twice as many of them, should the cost stay "
            "the same?",
            edits={".sum(dim=-1)": ".mean(dim=-1)"},
        ),
        Misconception(
            id="sum-over-everything",
            name="the pictures of the batch are added up, too",
            hint="The signature promises one number for each picture. Over which axis do you add?",
            edits={".sum(dim=-1)": ".sum()"},
        ),
        Misconception(
            id="averaged-over-the-batch",
            name="the pictures of the batch are averaged already",
            hint="The signature promises one number for each picture. Who averages them later?",
            edits={".sum(dim=-1)": ".sum(dim=-1).mean()"},
        ),
        Misconception(
            id="averaged-over-everything",
            name="everything is averaged, over the code and over the batch",
            hint="The signature promises one number for each picture, and the numbers of its code are added up. Which axis "
            "is which?",
            edits={".sum(dim=-1)": ".mean()"},
        ),
        Misconception(
            id="over-the-batch",
            name="the sum runs over the batch instead of over the code",
            hint="Which axis holds the numbers of one code?",
            edits={"dim=-1": "dim=0"},
        ),
        Misconception(
            id="not-summed",
            name="the numbers of a code are not added up",
            hint="The signature promises one number for each picture. How many have you?",
            edits={".sum(dim=-1)": ""},
        ),
        Misconception(
            id="half-lost",
            name="the factor ½ is missing",
            hint="For variance 1 and mean μ, the divergence is half of what?",
            edits={"0.5 * (": "("},
        ),
        Misconception(
            id="one-lost",
            name="the 1 is missing",
            hint="The divergence of the standard normal from itself is 0. What is yours?",
            edits={" - 1 - log_variance": " - log_variance"},
        ),
        Misconception(
            id="log-variance-as-variance",
            name="the log-variance is taken for the variance",
            hint="You take the logarithm of a logarithm. Which of the two does the network give?",
            edits={
                "log_variance.exp() - 1 - log_variance": "log_variance - 1 - log_variance.log()",
            },
        ),
        Misconception(
            id="log-variance-as-log-of-standard-deviation",
            name="the log-variance is taken for the logarithm of the standard deviation",
            hint="log σ² is twice log σ. Which of the two does the network give here?",
            edits={"log_variance.exp() - 1 - log_variance": "(2 * log_variance).exp() - 1 - 2 * log_variance"},
        ),
        Misconception(
            id="standard-deviation-instead-of-variance",
            name="the standard deviation stands where the variance should be",
            hint="The formula has σ², and the network gives log σ². What is half the exponent for?",
            edits={"log_variance.exp()": "(log_variance / 2).exp()"},
        ),
        Misconception(
            id="variance-squared",
            name="the variance is squared",
            hint="exp(log σ²) is σ² already. What do you square?",
            edits={"log_variance.exp()": "log_variance.exp() ** 2"},
        ),
        Misconception(
            id="variance-lost",
            name="the term σ² is missing",
            hint="What keeps a cloud from growing without end?",
            edits={"log_variance.exp() - 1": "-1"},
        ),
        Misconception(
            id="logarithm-lost",
            name="the term log σ² is missing",
            hint="What keeps a cloud from shrinking to a point?",
            edits={" - 1 - log_variance)": " - 1)"},
        ),
        Misconception(
            id="logarithm-added",
            name="log σ² is added instead of subtracted",
            hint="A very small variance should cost much. What does it cost in yours?",
            edits={"- 1 - log_variance": "- 1 + log_variance"},
        ),
        Misconception(
            id="mean-not-squared",
            name="the mean is not squared",
            hint="Should it matter on which side of 0 a cloud lies?",
            edits={"mean**2": "mean"},
        ),
        Misconception(
            id="mean-lost",
            name="the mean has no say",
            hint="What would keep a cloud from running away from 0?",
            edits={"mean**2 + ": ""},
        ),
        Misconception(
            id="the-other-way-round",
            name="it is the divergence of the standard normal from the cloud",
            hint="KL(p ‖ q) is not KL(q ‖ p). Under which of the two is the average of log q − log p taken?",
            edits={
                "mean**2 + log_variance.exp() - 1 - log_variance": (
                    "(1 + mean**2) / log_variance.exp() - 1 + log_variance"
                )
            },
        ),
        Misconception(
            id="bits",
            name="it is counted in bits",
            hint="That is right in information theory; here it is in nats, as the rest of the bound. Which logarithm is that?",
            edits={"0.5 * (": "0.5 / 0.6931472 * ("},
        ),
        Misconception(
            id="gradient-cut",
            name="no gradient comes back from the divergence",
            hint="The values are right. But a cost that nobody can lower does nothing: where do you cut it off?",
            edits={".sum(dim=-1)": ".sum(dim=-1).detach()"},
        ),
        Misconception(
            id="gradient-cut-at-the-variance",
            name="no gradient comes back through the variance, only through its logarithm",
            hint="The values are right. What is done to σ² on its way (`.detach()`, `.data`, `no_grad`)?",
            edits={"log_variance.exp()": "log_variance.exp().detach()"},
        ),
        Misconception(
            id="axis-kept",
            name="the axis of the code stays, with length 1",
            hint="The signature promises one number for each picture. What does `keepdim` keep?",
            edits={".sum(dim=-1)": ".sum(dim=-1, keepdim=True)"},
        ),
        Misconception(
            id="axis-lost",
            name="a batch of one picture loses its axis",
            hint="`squeeze()` takes away every axis of length 1. Which axis does the signature promise, whatever its length?",
            edits={".sum(dim=-1)": ".sum(dim=-1).squeeze()"},
        ),
        Misconception(
            id="absolute-mean",
            name="the mean counts with its absolute value instead of its square",
            hint="For variance 1 and mean 2, the divergence is 2. What is yours?",
            edits={"mean**2": "mean.abs()"},
        ),
        Misconception(
            id="exponential-forgotten",
            name="the log-variance stands where the variance should be, and cancels",
            hint="log σ² − log σ² is 0. Which of the two must be σ² itself?",
            edits={"log_variance.exp()": "log_variance"},
        ),
        Misconception(
            id="log-of-standard-deviation",
            name="the logarithm of the standard deviation is subtracted instead of that of the variance",
            hint="log σ is half of log σ². Which of the two has the formula?",
            edits={"- 1 - log_variance": "- 1 - log_variance / 2"},
        ),
        Misconception(
            id="one-subtracted-once",
            name="the 1 is subtracted once a picture instead of once for each number of the code",
            hint="Σ runs over all four terms. On which side of the sum stands your 1?",
            edits={
                "(mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=-1)": "((mean**2 + log_variance.exp() - log_variance).sum(dim=-1) - 1)"
            },
        ),
        Misconception(
            id="one-added",
            name="the 1 is added instead of subtracted",
            hint="The divergence of the standard normal from itself is 0. What is yours?",
            edits={" - 1 - log_variance": " + 1 - log_variance"},
        ),
        Misconception(
            id="mean-subtracted",
            name="the square of the mean is subtracted",
            hint="Should a cloud that is far away cost more, or less?",
            edits={"(mean**2 +": "(-(mean**2) +"},
        ),
        Misconception(
            id="only-the-mean",
            name="only the mean costs something, whatever the variance",
            hint="What would keep a cloud from shrinking to a point, or from growing without end?",
            edits={" + log_variance.exp() - 1 - log_variance": ""},
        ),
        Misconception(
            id="half-on-the-mean-only",
            name="the factor ½ applies to the mean alone",
            hint="The ½ stands before the sum of all four terms. Where do your parentheses begin?",
            edits={"0.5 * (mean**2": "(0.5 * mean**2"},
        ),
        Misconception(
            id="half-on-the-variance-only",
            name="the factor ½ applies to the variance's terms alone",
            hint="The ½ stands before the sum of all four terms. Where do your parentheses begin?",
            edits={
                "0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)": "(mean**2 + 0.5 * (log_variance.exp() - 1 - log_variance))"
            },
        ),
        Misconception(
            id="arguments-swapped",
            name="mean and log-variance have changed places",
            hint="Which of the two is squared, and which is exponentiated?",
            edits={"mean**2 + log_variance.exp() - 1 - log_variance": "log_variance**2 + mean.exp() - 1 - mean"},
        ),
        Misconception(
            id="clamped",
            name="the log-variance is cut off before it is used",
            hint="It may be any number. What gradient comes back beyond the limits?",
            edits={"return 0.5": "log_variance = log_variance.clamp(-1, 1)\n    return 0.5"},
            also=with_numbers(
                {"return 0.5": "log_variance = log_variance.clamp(-1, 1)\n    return 0.5"}, "(-1, 1)", "(-5, 5)", "(-10, 10)", "(-20, 20)", "(-30, 20)"
            ),
        ),
        Misconception(
            id="logarithm-of-the-exponential",
            name="the logarithm is taken of a variance that has rounded to 0",
            hint="exp(−120) is 0 in float32. What is its logarithm, and who gave you that logarithm already?",
            edits={"- 1 - log_variance": "- 1 - log_variance.exp().log()"},
        ),
        Misconception(
            id="two-numbers-only",
            name="only the first two numbers of a code count",
            hint="A code may have any number of numbers. Do you add them by hand?",
            edits={
                "return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=-1)": (
                    "terms = mean**2 + log_variance.exp() - 1 - log_variance\n    return 0.5 * (terms[:, 0] + terms[:, 1])"
                )
            },
        ),
        Misconception(
            id="terms-without-sign",
            name="terms are made positive on their own",
            hint="It is the sum that is never negative. Which of its terms may be?",
            edits={"log_variance.exp() - 1 - log_variance": "(log_variance.exp() - 1).abs() + log_variance.abs()"},
        ),
        Misconception(
            id="mean-overwritten",
            name="the mean is overwritten by its square",
            hint="The decoder still needs the mean. What do methods that end in _ do?",
            edits={"mean**2": "mean.pow_(2)"},
        ),
        Misconception(
            id="a-list-of-numbers",
            name="a list of numbers comes back, through which nothing can be learnt",
            hint="`.item()` and `.tolist()` leave the graph behind. What does the signature promise?",
            edits={
                "return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=-1)": (
                    "return (0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=-1)).tolist()"
                )
            },
        ),
    ),
)
