"""`discriminator_loss`: How badly real is told from fake: mean of −log D(real) plus mean of −log(1 − D(fake))."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception, with_numbers


def discriminator_inputs(rng):
    """Batches of different sizes, one of a single example; sure: logits so large that a sigmoid rounds to 0 or 1."""

    def case(*sure, sizes=(5, 7)):
        real, fake = (normal(rng, size) for size in sizes)
        real[: len(sure)] += torch.tensor(sure)
        fake[: len(sure)] += torch.tensor(sure)
        return {"real_logits": real, "fake_logits": fake}

    return {"unsure": [case(), case(sizes=(1, 3))], "very sure": [case(-150.0, 120.0), case(200.0, -130.0, 40.0)]}


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


SMALL_NUMBER = {
    "F.softplus(-real_logits)": "-torch.log(real_logits.sigmoid() + 1e-8)",
    "F.softplus(fake_logits)": "-torch.log(1 - fake_logits.sigmoid() + 1e-8)",
}
CUT_OFF = {
    "F.softplus(-real_logits)": "-torch.log(real_logits.sigmoid().clamp(1e-7, 1 - 1e-7))",
    "F.softplus(fake_logits)": "-torch.log(1 - fake_logits.sigmoid().clamp(1e-7, 1 - 1e-7))",
}
LIMITS = {
    "softplus(-real_logits)": "softplus(-real_logits.clamp(-50, 50))",
    "softplus(fake_logits)": "softplus(fake_logits.clamp(-50, 50))",
}

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
        Misconception(
            id="sign-of-the-real",
            name="both halves reward the answer “fake”",
            hint="What would this loss say of a discriminator that calls nothing real? And what should it say?",
            edits={"softplus(-real_logits)": "softplus(real_logits)"},
        ),
        Misconception(
            id="fakes-subtracted",
            name="the second half is subtracted",
            hint="Both mistakes are mistakes: to doubt what is real, and to believe a fake. Which of them is rewarded by yours?",
            edits={" + F.softplus(fake_logits)": " - F.softplus(fake_logits)"},
        ),
        Misconception(
            id="exponential-overflows",
            name="log(1 + exp(x)) is computed as it is written, and the exponential overflows",
            hint="exp(150) is infinite in float32. For large x, what is log(1 + e^x) nearly equal to, and which function of torch knows?",
            edits={
                "F.softplus(-real_logits)": "torch.log1p(torch.exp(-real_logits))",
                "F.softplus(fake_logits)": "torch.log1p(torch.exp(fake_logits))",
            },
        ),
        Misconception(
            id="cut-off-at-100",
            name="no mistake costs more than 100, because `binary_cross_entropy` cuts off the logarithm of a rounded sigmoid",
            hint="A logit of −150 on a real example costs 150. Which loss takes the logits themselves?",
            edits={
                "F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()": (
                    "F.binary_cross_entropy(real_logits.sigmoid(), torch.ones_like(real_logits))"
                    " + F.binary_cross_entropy(fake_logits.sigmoid(), torch.zeros_like(fake_logits))"
                )
            },
        ),
        Misconception(
            id="small-number-in-the-logarithm",
            name="a small number is added inside the logarithm, and cuts off what a sure mistake costs",
            hint="log(0 + 1e-8) is −18, whatever the logit was, and its gradient is 0. Which function needs no such help?",
            edits=SMALL_NUMBER,
            also=with_numbers(SMALL_NUMBER, "1e-8", "1e-12", "1e-10", "1e-7", "1e-6"),
        ),
        Misconception(
            id="probability-cut-off",
            name="the probability is kept away from 0 and 1, where no gradient comes back any more",
            hint="A mistake of which the detective is sure has most to teach. What gradient has a clamp beyond its limits?",
            edits=CUT_OFF,
            also=with_numbers(CUT_OFF, "1e-7", "1e-6", "1e-5", "1e-4", "1e-3"),
        ),
        Misconception(
            id="logits-cut-off",
            name="large logits are cut off",
            hint="Beyond the limits no gradient comes back. What should a logit of −150 on a real example cost?",
            edits=LIMITS,
            also=with_numbers(LIMITS, "50", "10", "20", "30"),
        ),
        Misconception(
            id="infinities-hidden",
            name="the logarithm of a rounded sigmoid is taken, and its infinities are replaced",
            hint="What should a logit of −150 on a real example cost? Which function gives log σ(x) from x in one go?",
            edits={
                "F.softplus(-real_logits)": "-torch.log(real_logits.sigmoid()).nan_to_num(neginf=-100.0)",
                "F.softplus(fake_logits)": "-torch.log(1 - fake_logits.sigmoid()).nan_to_num(neginf=-100.0)",
            },
        ),
        Misconception(
            id="logarithm-of-the-mean",
            name="the mean is taken before the logarithm",
            hint="One example that is clear would hide many that are not. Which stands outside in the formula, mean or log?",
            edits={
                "F.softplus(-real_logits).mean()": "-torch.log(real_logits.sigmoid().mean())",
                "F.softplus(fake_logits).mean()": "-torch.log((-fake_logits).sigmoid().mean())",
            },
        ),
        Misconception(
            id="mean-of-the-logits",
            name="the mean of the logits is taken first",
            hint="Softplus is curved: is its value at the mean the mean of its values?",
            edits={
                "F.softplus(-real_logits).mean()": "F.softplus(-real_logits.mean())",
                "F.softplus(fake_logits).mean()": "F.softplus(fake_logits.mean())",
            },
        ),
        Misconception(
            id="one-minus-the-logarithm",
            name="1 − log D stands where log(1 − D) should be",
            hint="What is inside the logarithm of the second half? For D = ½, what should come out?",
            edits={"+ F.softplus(fake_logits).mean()": "- (1 - F.logsigmoid(fake_logits)).mean()"},
        ),
        Misconception(
            id="smoothed-labels",
            name="real examples have the label 0.9",
            hint="One-sided label smoothing is a known trick. Does the formula promised here have it?",
            edits={
                "F.softplus(-real_logits)": "(0.9 * F.softplus(-real_logits) + 0.1 * F.softplus(real_logits))",
            },
        ),
        Misconception(
            id="logits-as-labels",
            name="labels and logits have changed places in the cross-entropy",
            hint="torch's losses take first what the model says, then the truth. Which is which?",
            edits={
                "F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()": (
                    "F.binary_cross_entropy_with_logits(torch.ones_like(real_logits), real_logits)"
                    " + F.binary_cross_entropy_with_logits(torch.zeros_like(fake_logits), fake_logits)"
                )
            },
        ),
        Misconception(
            id="no-gradient",
            name="a number comes back, through which nothing can be learnt",
            hint="`.item()` leaves the graph behind. What does the signature promise?",
            edits={
                "return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()": (
                    "return F.softplus(-real_logits).mean().item() + F.softplus(fake_logits).mean().item()"
                )
            },
        ),
        Misconception(
            id="two-losses",
            name="the two halves come back beside each other",
            hint="The signature promises a single number. What does the formula do with the halves?",
            edits={".mean() + F": ".mean(), F"},
        ),
        Misconception(
            id="not-averaged",
            name="the losses of the real examples are not averaged",
            hint="The signature promises a single number. How many means has the formula?",
            edits={"F.softplus(-real_logits).mean()": "F.softplus(-real_logits)"},
        ),
        Misconception(
            id="bits",
            name="the logarithms have base 2",
            hint="For logits of 0 the docstring's example gives 1.3863. Which logarithm of 2 is half of that?",
            edits={
                "F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()": (
                    "(F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()) / 0.6931472"
                )
            },
        ),
        Misconception(
            id="added-one-by-one",
            name="real examples and fakes are added one by one, as if there were as many of each",
            hint="There may be 5 real examples and 7 fakes. When is each batch a single number?",
            edits={
                "F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()": (
                    "(F.softplus(-real_logits) + F.softplus(fake_logits)).mean()"
                )
            },
        ),
    ),
)
