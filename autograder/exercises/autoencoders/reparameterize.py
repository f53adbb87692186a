"""`reparameterize`: A draw from N(mean, variance), made of a draw `noise` from N(0, 1), so that gradients reach mean
and variance.
"""

import math

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def reparameterize_inputs(rng):
    """Batch 7, latent 3; log-variances of both signs. The values first, then the way back."""

    def case(gradients):
        names = ("mean", "log_variance", "noise")
        return {name: normal(rng, 7, 3) for name in names} | {"gradients": gradients}

    return {"values": [case(False), case(False)], "gradients": [case(True)]}


def probe_draw(answer, inputs):
    """Call it or differentiate it, with torch's own random numbers fixed."""
    import torch

    from autograder.probes import call, differentiate

    arguments = {name: value for name, value in inputs.items() if name != "gradients"}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        return (differentiate if inputs["gradients"] else call)(answer, arguments)


def reparameterize_with_root(mean, log_variance, noise):
    return torch.addcmul(mean, log_variance.exp().sqrt(), noise)


def reparameterize_with_powers(mean, log_variance, noise):
    std = math.e ** (0.5 * log_variance)
    return noise * std + mean


def reparameterize_with_transform(mean, log_variance, noise):
    return torch.distributions.AffineTransform(mean, torch.exp(0.5 * log_variance))(noise)


REPARAMETERIZE = Exercise(
    solves="unrolled.vae.reparameterize",
    groups={"values": 1, "gradients": 2},
    inputs=reparameterize_inputs,
    probe=probe_draw,
    accepts=(reparameterize_with_root, reparameterize_with_powers, reparameterize_with_transform),
    misconceptions=(
        Misconception(
            id="log-variance-as-standard-deviation",
            name="the log-variance is taken for the standard deviation",
            hint="It may be negative, a standard deviation may not. Which function undoes the logarithm, and which makes a "
            "standard deviation of a variance?",
            edits={"torch.exp(log_variance / 2)": "log_variance"},
        ),
        Misconception(
            id="log-variance-as-variance",
            name="the log-variance is taken for the variance",
            hint="You take the root of a number that may be negative. Which function undoes the logarithm first?",
            edits={"torch.exp(log_variance / 2)": "torch.sqrt(log_variance)"},
        ),
        Misconception(
            id="variance-as-standard-deviation",
            name="the noise is multiplied by the variance instead of the standard deviation",
            hint="Noise of standard deviation 1 times s has standard deviation s. What must be done to a variance of s²?",
            edits={"log_variance / 2": "log_variance"},
        ),
        Misconception(
            id="half-outside",
            name="the half stands outside the exponential",
            hint="The root of e^a is e^(a/2). Is that the same as e^a / 2?",
            edits={"torch.exp(log_variance / 2)": "torch.exp(log_variance) / 2"},
        ),
        Misconception(
            id="sign-of-the-logarithm",
            name="the sign of the log-variance is turned around",
            hint="If the network says that it is very unsure (a large log-variance), should the cloud be wide or narrow?",
            edits={"torch.exp(log_variance / 2)": "torch.exp(-log_variance / 2)"},
        ),
        Misconception(
            id="base-two",
            name="powers of 2 stand where powers of e should be",
            hint="log is the natural logarithm everywhere in torch. Which function undoes it?",
            edits={"torch.exp(": "torch.exp2("},
        ),
        Misconception(
            id="no-noise",
            name="the mean alone comes out",
            hint="Without the noise it is an ordinary autoencoder. What makes a cloud of a point?",
            edits={" + torch.exp(log_variance / 2) * noise": ""},
        ),
        Misconception(
            id="noise-not-scaled",
            name="the noise is added as it is, whatever the variance",
            hint="Does a picture that the encoder is sure of get as much noise as one that it is not?",
            edits={"torch.exp(log_variance / 2) * noise": "noise"},
        ),
        Misconception(
            id="mean-lost",
            name="the mean is left out",
            hint="All clouds are then centred on 0. What says where a picture belongs?",
            edits={"mean + torch": "torch"},
        ),
        Misconception(
            id="mean-scaled-too",
            name="the mean is multiplied by the standard deviation, too",
            hint="First stretch the noise, then move it. What do your parentheses do?",
            edits={"mean + torch.exp(log_variance / 2) * noise": "(mean + noise) * torch.exp(log_variance / 2)"},
        ),
        Misconception(
            id="mean-times-noise",
            name="mean and standard deviation have changed places",
            hint="Which of the two is added, and which stretches the noise?",
            edits={"mean + torch.exp(log_variance / 2) * noise": "torch.exp(log_variance / 2) + mean * noise"},
        ),
        Misconception(
            id="noise-subtracted",
            name="the noise is subtracted",
            hint="Normal noise is symmetric, so a model would learn as well. But the check hands you the very numbers: "
            "which sign has the formula?",
            edits={"mean + torch": "mean - torch"},
        ),
        Misconception(
            id="one-noise-for-all",
            name="every picture of the batch gets the noise of the first",
            hint="The pictures are independent of each other. Which row of `noise` belongs to which?",
            edits={"* noise": "* noise[:1]"},
        ),
        Misconception(
            id="gradient-cut",
            name="the gradient is cut off on the way through the draw",
            hint="The values are right, but mean and log-variance will never hear how the picture came out. Where do "
            "`.detach()`, `.data` or `torch.no_grad` stand in the way?",
            edits={
                "return mean + torch.exp(log_variance / 2) * noise": (
                    "return (mean + torch.exp(log_variance / 2) * noise).detach()"
                )
            },
        ),
        Misconception(
            id="gradient-cut-at-the-variance",
            name="the gradient reaches the mean, but not the log-variance",
            hint="The values are right, but the network cannot learn how wide its clouds should be. What is detached?",
            edits={"torch.exp(log_variance / 2)": "torch.exp(log_variance / 2).detach()"},
        ),
        Misconception(
            id="gradient-cut-at-the-mean",
            name="the gradient reaches the log-variance, but not the mean",
            hint="The values are right, but the network cannot learn where its clouds should be. What is detached?",
            edits={"mean + torch": "mean.detach() + torch"},
        ),
        Misconception(
            id="noise-of-its-own",
            name="the function draws noise of its own instead of taking what it is given",
            hint="Then nobody can repeat your run, or check it. Which argument holds the noise?",
            edits={"* noise": "* torch.randn_like(mean)"},
        ),
        Misconception(
            id="drawn-by-torch",
            name="torch draws the code (`Normal(…).sample()` or `torch.normal`)",
            hint="Through such a draw no gradient comes back: that is why the noise is drawn beforehand and handed in. How "
            "do you make a draw from N(μ, σ²) of one from N(0, 1)?",
            edits={
                "return mean + torch.exp(log_variance / 2) * noise": (
                    "with torch.no_grad():\n        return torch.normal(mean, torch.exp(log_variance / 2))"
                )
            },
        ),
    ),
)
