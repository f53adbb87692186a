"""`generator_loss`: How seldom a fake passes for real: the mean of −log D(fake), called the non-saturating loss."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def generator_loss_inputs(rng):
    """Some fakes that pass, some that are seen through, some so clearly that a sigmoid rounds to 0."""
    sure = torch.tensor([-150.0, 120.0, -30.0])
    return {
        "unsure": [{"fake_logits": normal(rng, 5)}, {"fake_logits": normal(rng, 7)}],
        "very sure": [{"fake_logits": torch.cat([sure, normal(rng, 4)])}],
    }


def generator_with_bce(fake_logits):
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))


def generator_with_logsigmoid(fake_logits):
    return -F.logsigmoid(fake_logits).sum() / fake_logits.numel()


GENERATOR_LOSS = Exercise(
    solves="unrolled.gan.generator_loss",
    groups={"unsure": 1, "very sure": 1},
    inputs=generator_loss_inputs,
    probe=probes.differentiate,
    accepts=(generator_with_bce, generator_with_logsigmoid),
    misconceptions=(
        Misconception(
            id="saturating",
            name="it is the minimax loss, log(1 − D), which saturates",
            hint="It wants the same, and is in the paper's first formula. But how large is its gradient for a fake with the "
            "logit −10, which has most to learn?",
            edits={"F.softplus(-fake_logits)": "-F.softplus(fake_logits)"},
        ),
        Misconception(
            id="being-caught-rewarded",
            name="the generator is rewarded for being caught",
            hint="The loss should be low where the discriminator takes a fake for real. Which sign has the logit there?",
            edits={"softplus(-fake_logits)": "softplus(fake_logits)"},
        ),
        Misconception(
            id="sign",
            name="the sign is missing: log D is what the generator wants high",
            hint="Optimisers go downhill. Is a loss of −5 better or worse than one of −1?",
            edits={"F.softplus(-fake_logits)": "-F.softplus(-fake_logits)"},
        ),
        Misconception(
            id="logarithm-of-a-sigmoid",
            name="the logarithm is taken of a sigmoid that has rounded to 0",
            hint="σ(−150) is 0 in float32. What is the logarithm of that? Which function of torch gives log σ(x) from x in "
            "one go?",
            edits={"F.softplus(-fake_logits)": "-torch.log(torch.sigmoid(fake_logits))"},
        ),
        Misconception(
            id="logits-taken-for-probabilities",
            name="the logits are taken for probabilities",
            hint="A logit may be −3. What is its logarithm? What makes a probability of a logit?",
            edits={"F.softplus(-fake_logits)": "-torch.log(fake_logits)"},
        ),
        Misconception(
            id="sigmoid-twice",
            name="the sigmoid is taken twice",
            hint="binary_cross_entropy_with_logits and softplus bring their own sigmoid. Who applied the other one?",
            edits={"softplus(-fake_logits)": "softplus(-torch.sigmoid(fake_logits))"},
        ),
        Misconception(
            id="sum",
            name="the losses of a batch are summed instead of averaged",
            hint="Would a batch twice as large be twice as bad?",
            edits={".mean()": ".sum()"},
        ),
        Misconception(
            id="probability-without-logarithm",
            name="the logarithm is missing: it is the mean of 1 − D",
            hint="Its gradient, too, vanishes where the discriminator is sure. What does −log do near 0?",
            edits={"F.softplus(-fake_logits)": "(1 - torch.sigmoid(fake_logits))"},
        ),
        Misconception(
            id="logarithm-of-the-mean",
            name="the mean is taken before the logarithm",
            hint="One fake that passes would then hide many that do not. Which stands outside in the formula, mean or log?",
            edits={"F.softplus(-fake_logits).mean()": "-torch.log(torch.sigmoid(fake_logits).mean())"},
        ),
        Misconception(
            id="cut-off",
            name="no gradient comes back: the logits are detached",
            hint="The value is right. How should the generator hear of it? In which of the two players' losses does a detach "
            "belong?",
            edits={"softplus(-fake_logits)": "softplus(-fake_logits.detach())"},
        ),
        Misconception(
            id="wasserstein",
            name="it is the generator's loss of a Wasserstein (or hinge) GAN",
            hint="Minus the mean score is right beside a critic without a sigmoid. Where is the probability here?",
            edits={"F.softplus(-fake_logits)": "-fake_logits"},
        ),
        Misconception(
            id="least-squares",
            name="squared errors stand in the place of the logarithm",
            hint="(D − 1)² belongs to the least-squares GAN. Which function of D has our formula?",
            edits={"F.softplus(-fake_logits)": "(fake_logits - 1).square()"},
        ),
    ),
)
