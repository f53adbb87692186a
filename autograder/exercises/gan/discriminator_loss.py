"""`discriminator_loss`: How badly real is told from fake: mean of −log D(real) plus mean of −log(1 − D(fake))."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def discriminator_inputs(rng):
    """Batches of different sizes; sure: logits so large that a sigmoid rounds to 0 or 1."""

    def case(*sure):
        real, fake = normal(rng, 5), normal(rng, 7)
        real[: len(sure)] += torch.tensor(sure)
        fake[: len(sure)] += torch.tensor(sure)
        return {"real_logits": real, "fake_logits": fake}

    return {"unsure": [case(), case()], "very sure": [case(-150.0, 90.0), case(200.0, -130.0, 40.0)]}


def discriminator_with_bce(real_logits, fake_logits):
    real = F.binary_cross_entropy_with_logits(real_logits, torch.ones_like(real_logits))
    return real + F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))


def discriminator_with_logsigmoid(real_logits, fake_logits):
    return -(F.logsigmoid(real_logits).mean() + F.logsigmoid(-fake_logits).mean())


def discriminator_with_logaddexp(real_logits, fake_logits):
    zero = torch.zeros(())
    losses = [torch.logaddexp(zero, -logit) for logit in real_logits]
    caught = [torch.logaddexp(zero, logit) for logit in fake_logits]
    return sum(losses) / len(losses) + sum(caught) / len(caught)


DISCRIMINATOR_LOSS = Exercise(
    solves="unrolled.gan.discriminator_loss",
    groups={"unsure": 1, "very sure": 1},
    inputs=discriminator_inputs,
    probe=probes.differentiate,
    accepts=(discriminator_with_bce, discriminator_with_logsigmoid, discriminator_with_logaddexp),
    misconceptions=(
        Misconception(
            id="labels-swapped",
            name="real and fake have changed places",
            hint="A logit is high where the discriminator says “real”. Should a high logit on a real example cost much or "
            "little?",
            edits={"-real_logits": "real_logits", "softplus(fake_logits)": "softplus(-fake_logits)"},
        ),
        Misconception(
            id="fakes-praised",
            name="both halves reward the answer “real”",
            hint="What would this loss say of a discriminator that calls everything real? And what should it say?",
            edits={"softplus(fake_logits)": "softplus(-fake_logits)"},
        ),
        Misconception(
            id="logarithm-of-a-sigmoid",
            name="the logarithm is taken of a sigmoid that has rounded to 0 or 1",
            hint="σ(−150) is 0 in float32, and so is 1 − σ(40). What is the logarithm of that? Which function of torch gives "
            "log σ(x) from x in one go?",
            edits={
                "F.softplus(-real_logits)": "-torch.log(torch.sigmoid(real_logits))",
                "F.softplus(fake_logits)": "-torch.log(1 - torch.sigmoid(fake_logits))",
            },
        ),
        Misconception(
            id="logits-taken-for-probabilities",
            name="the logits are taken for probabilities",
            hint="A logit may be −3. What is its logarithm? What makes a probability of a logit?",
            edits={
                "F.softplus(-real_logits)": "-torch.log(real_logits)",
                "F.softplus(fake_logits)": "-torch.log(1 - fake_logits)",
            },
        ),
        Misconception(
            id="sigmoid-twice",
            name="the sigmoid is taken twice",
            hint="binary_cross_entropy_with_logits and softplus bring their own sigmoid. Who applied the other one?",
            edits={
                "softplus(-real_logits)": "softplus(-torch.sigmoid(real_logits))",
                "softplus(fake_logits)": "softplus(torch.sigmoid(fake_logits))",
            },
        ),
        Misconception(
            id="halved",
            name="the two halves are averaged instead of added",
            hint="Many programs halve the sum, so that the discriminator learns more slowly, and that is a choice like any "
            "other. Goodfellow's formula adds: what should come out for logits of 0, log 2 or 2 log 2?",
            edits={
                "F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()": (
                    "(F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()) / 2"
                )
            },
        ),
        Misconception(
            id="one-mean-over-both",
            name="one mean is taken over both batches together",
            hint="Seven fakes and five real ones: which half then weighs more? How many means has the formula?",
            edits={
                "F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()": (
                    "2 * torch.cat([F.softplus(-real_logits), F.softplus(fake_logits)]).mean()"
                )
            },
        ),
        Misconception(
            id="sums",
            name="the losses of a batch are summed instead of averaged",
            hint="Would a batch twice as large be twice as bad?",
            edits={"(-real_logits).mean()": "(-real_logits).sum()", "(fake_logits).mean()": "(fake_logits).sum()"},
        ),
        Misconception(
            id="sign",
            name="the sign is missing: it is the value that the discriminator wants high",
            hint="The paper's V(D, G) is maximised. Optimisers go downhill: which sign has a loss?",
            edits={
                "F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()": (
                    "-F.softplus(-real_logits).mean() - F.softplus(fake_logits).mean()"
                )
            },
        ),
        Misconception(
            id="only-the-real",
            name="only the real examples count",
            hint="What would the best discriminator for this loss say of everything?",
            edits={" + F.softplus(fake_logits).mean()": ""},
        ),
        Misconception(
            id="only-the-fakes",
            name="only the fakes count",
            hint="What would the best discriminator for this loss say of everything?",
            edits={"F.softplus(-real_logits).mean() + ": ""},
        ),
        Misconception(
            id="fakes-cut-off",
            name="nothing is learnt from the fakes, whose logits are detached",
            hint="The value is right, and no gradient comes back through the fakes' logits. What must be cut off: the way to "
            "the generator, or the way to the discriminator's own weights?",
            edits={"F.softplus(fake_logits)": "F.softplus(fake_logits.detach())"},
        ),
        Misconception(
            id="hinge",
            name="the hinge loss stands in the place of the logarithms",
            hint="max(0, 1 − x) is what SAGAN and BigGAN use, and it works. Here we want −log D: what does it say where the "
            "hinge is 0 already?",
            edits={
                "F.softplus(-real_logits)": "torch.relu(1 - real_logits)",
                "F.softplus(fake_logits)": "torch.relu(1 + fake_logits)",
            },
        ),
        Misconception(
            id="wasserstein",
            name="it is the critic's loss of a Wasserstein GAN",
            hint="Mean score of the fakes minus mean score of the real ones: right for a WGAN, whose critic gives scores "
            "without limits. Where is the probability here?",
            edits={
                "F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()": (
                    "fake_logits.mean() - real_logits.mean()"
                )
            },
        ),
        Misconception(
            id="least-squares",
            name="squared errors stand in the place of the logarithms",
            hint="(D − 1)² for real and D² for fake is the least-squares GAN, which works too. Which function of D has our "
            "formula?",
            edits={
                "F.softplus(-real_logits)": "(real_logits - 1).square()",
                "F.softplus(fake_logits)": "fake_logits.square()",
            },
        ),
    ),
)
