"""`reparameterize`: A draw from N(mean, variance), made of a draw `noise` from N(0, 1), so that gradients reach mean
and variance.
"""

import math

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception, with_numbers


def reparameterize_inputs(rng):
    """Batch 7 or 1, latent 3; log-variances of both signs, large and small. The values first, then the way back."""

    def case(gradients, *log_variances, batch=7):
        case = {name: normal(rng, batch, 3) for name in ("mean", "log_variance", "noise")}
        case["log_variance"][-1, : len(log_variances)] = torch.tensor(log_variances)
        return case | {"gradients": gradients}

    return {
        "values": [case(False), case(False, 150.0, -250.0), case(False, batch=1)],
        "gradients": [case(True), case(True, 5.0, -150.0, batch=1)],
    }


def probe_draw(answer, inputs):
    """Call it or differentiate it, with torch's own random numbers fixed."""
    import torch

    from autograder.probes import call, differentiate

    arguments = {name: value for name, value in inputs.items() if name != "gradients"}
    with torch.random.fork_rng(devices=[]), torch.set_grad_enabled(inputs["gradients"]):
        torch.manual_seed(7)
        return (differentiate if inputs["gradients"] else call)(answer, arguments)


def reparameterize_with_addcmul(mean, log_variance, noise):
    return torch.addcmul(mean, (log_variance / 2).exp(), noise)


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
    accepts=(reparameterize_with_addcmul, reparameterize_with_powers, reparameterize_with_transform),
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
            id="mean-inside-the-brackets",
            name="the standard deviation is added to the mean, and the noise multiplied with both",
            hint="Without noise the mean alone should be left. What is left in yours, and what do the brackets do?",
            edits={"mean + torch.exp(log_variance / 2) * noise": "(mean + torch.exp(log_variance / 2)) * noise"},
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
        Misconception(
            id="exponential-forgotten",
            name="the log-variance is halved, but not exponentiated",
            hint="Half a logarithm is the logarithm of a root. Which function undoes the logarithm?",
            edits={"torch.exp(log_variance / 2)": "log_variance / 2"},
        ),
        Misconception(
            id="doubled",
            name="the log-variance is doubled instead of halved",
            hint="The standard deviation is the root of the variance. Does a root double a logarithm, or halve it?",
            edits={"log_variance / 2": "2 * log_variance"},
        ),
        Misconception(
            id="variance-overflows",
            name="the variance itself is computed on the way, which is infinite or 0 long before the standard deviation is",
            hint="exp(150) is too large for float32, and exp(75) is not. Where can you halve, before or after exp?",
            edits={"torch.exp(log_variance / 2)": "torch.sqrt(torch.exp(log_variance))"},
        ),
        Misconception(
            id="variance-divided",
            name="the variance is divided by the standard deviation, which are infinite or 0 for large and small logarithms",
            hint="What is 0 divided by 0? Which exponential gives the standard deviation in one go?",
            edits={"torch.exp(log_variance / 2)": "torch.exp(log_variance) / torch.exp(log_variance / 2)"},
        ),
        Misconception(
            id="noise-added",
            name="the noise is added to the standard deviation instead of multiplied with it",
            hint="Does adding make a cloud wider, or only move it?",
            edits={"torch.exp(log_variance / 2) * noise": "torch.exp(log_variance / 2) + noise"},
        ),
        Misconception(
            id="one-width-a-picture",
            name="all numbers of a code get the mean of their standard deviations",
            hint="A cloud may be wide in one direction and narrow in another. Over which axis do you average?",
            edits={"torch.exp(log_variance / 2)": "torch.exp(log_variance / 2).mean(dim=-1, keepdim=True)"},
        ),
        Misconception(
            id="softplus",
            name="a softplus makes the standard deviation",
            hint="Some networks give a number for that. This one gives the logarithm of the variance: which function undoes it?",
            edits={"torch.exp(log_variance / 2)": "torch.nn.functional.softplus(log_variance)"},
        ),
        Misconception(
            id="one-too-small",
            name="the standard deviation is 1 too small",
            hint="expm1(x) is e^x − 1, for very small x. What is it for x = 0, and what should the standard deviation be there?",
            edits={"torch.exp(": "torch.expm1("},
        ),
        Misconception(
            id="clamped",
            name="the log-variance is cut off before it is used",
            hint="It may be any number. What does your cloud look like beyond the limits, and what gradient comes back there?",
            edits={"log_variance / 2": "log_variance.clamp(-1, 1) / 2"},
            also=with_numbers(
                {"log_variance / 2": "log_variance.clamp(-1, 1) / 2"}, "(-1, 1)", "(-5, 5)", "(-10, 10)", "(-20, 20)", "(-30, 20)"
            ),
        ),
        Misconception(
            id="arguments-swapped",
            name="mean and log-variance have changed places",
            hint="In which order does the signature name them?",
            edits={
                "mean + torch.exp(log_variance / 2)": "log_variance + torch.exp(mean / 2)",
            },
        ),
        Misconception(
            id="only-when-learning",
            name="without gradients the mean alone comes out",
            hint="Modules do so in evaluation; this is a function that was handed its noise. Does it ask whether anybody learns?",
            edits={"return mean": "if not torch.is_grad_enabled():\n        return mean.clone()\n    return mean"},
        ),
        Misconception(
            id="added-in-place",
            name="the mean is overwritten",
            hint="The divergence still needs the mean. What do `+=` and methods that end in _ do?",
            edits={"mean + torch.exp(log_variance / 2) * noise": "mean.add_(torch.exp(log_variance / 2) * noise)"},
        ),
        Misconception(
            id="noise-overwritten",
            name="the noise is overwritten",
            hint="The caller may use the noise again. What do `*=` and methods that end in _ do?",
            edits={"torch.exp(log_variance / 2) * noise": "noise.mul_(torch.exp(log_variance / 2))"},
        ),
        Misconception(
            id="log-variance-overwritten",
            name="the log-variance is overwritten",
            hint="The divergence still needs the log-variance. What do `*=` and methods that end in _ do?",
            edits={"log_variance / 2": "log_variance.mul_(0.5)"},
        ),
        Misconception(
            id="summed",
            name="the numbers of a code are added up",
            hint="A code keeps its numbers apart: what shape does the signature promise?",
            edits={
                "return mean + torch.exp(log_variance / 2) * noise": "return (mean + torch.exp(log_variance / 2) * noise).sum(-1)"
            },
        ),
        Misconception(
            id="noise-returned-too",
            name="the noise comes back beside the code",
            hint="The caller knows the noise. What does the signature promise?",
            edits={"* noise": "* noise, noise"},
        ),
    ),
)
