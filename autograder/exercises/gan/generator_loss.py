"""`generator_loss`: How seldom a fake passes for real: the mean of −log D(fake), called the non-saturating loss."""

import torch
import torch.nn.functional as F

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception, with_numbers


def generator_loss_inputs(rng):
    """Some fakes that pass, some that are seen through, some so clearly that a sigmoid rounds to 0."""
    sure = torch.tensor([-150.0, 120.0, -30.0])
    return {
        "unsure": [{"fake_logits": normal(rng, 5)}, {"fake_logits": normal(rng, 1)}],
        "very sure": [{"fake_logits": torch.cat([sure, normal(rng, 4)])}],
    }


def generator_with_bce(fake_logits):
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))


def generator_with_logsigmoid(fake_logits):
    return -F.logsigmoid(fake_logits).sum() / fake_logits.numel()


def generator_with_logaddexp(fake_logits):
    return torch.stack([torch.logaddexp(torch.zeros(()), -logit) for logit in fake_logits]).mean()


GENERATOR_LOSS = Exercise(
    solves="unrolled.gan.generator_loss",
    groups={"unsure": 0.5, "very sure": 0.5},
    inputs=generator_loss_inputs,
    probe=probes.differentiate,
    accepts=(generator_with_bce, generator_with_logsigmoid, generator_with_logaddexp),
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
        Misconception(
            id="halved",
            name="the loss is halved",
            hint="For a logit of 0 the loss is log 2. What is yours?",
            edits={".mean()": ".mean() / 2"},
        ),
        Misconception(
            id="not-averaged",
            name="the losses of a batch are not averaged",
            hint="The signature promises a single number. How many have you?",
            edits={".mean()": ""},
        ),
        Misconception(
            id="cut-off-at-100",
            name="no fake costs more than 100, because `binary_cross_entropy` cuts off the logarithm of a rounded sigmoid",
            hint="A logit of −150 costs 150, and its gradient is where the generator learns most. Which loss takes the logits "
            "themselves?",
            edits={
                "F.softplus(-fake_logits).mean()": (
                    "F.binary_cross_entropy(fake_logits.sigmoid(), torch.ones_like(fake_logits))"
                )
            },
        ),
        Misconception(
            id="small-number-in-the-logarithm",
            name="a small number keeps the logarithm finite, and cuts off what a fake costs that is seen through",
            hint="log(0 + 1e-8) is −18, whatever the logit was, and its gradient is 0. Which function needs no such help?",
            edits={"F.softplus(-fake_logits)": "-torch.log(fake_logits.sigmoid() + 1e-8)"},
            also=with_numbers(
                {"F.softplus(-fake_logits)": "-torch.log(fake_logits.sigmoid() + 1e-8)"},
                *("1e-8", "1e-12", "1e-10", "1e-9", "1e-6"),
            ),
        ),
        Misconception(
            id="probability-cut-off",
            name="the probability is cut off near 0, where no gradient comes back any more",
            hint="A fake that is seen through has most to learn. What gradient has a clamp beyond its limits?",
            edits={"F.softplus(-fake_logits)": "-torch.log(fake_logits.sigmoid().clamp(min=1e-7))"},
        ),
        Misconception(
            id="logits-cut-off",
            name="large logits are cut off",
            hint="Beyond the limits no gradient comes back. What should a logit of −150 cost?",
            edits={"-fake_logits": "-fake_logits.clamp(-100, 100)"},
            also=with_numbers(
                {"-fake_logits": "-fake_logits.clamp(-100, 100)"}, "100", "10", "20", "30", "50"
            ),
        ),
        Misconception(
            id="mean-of-the-logits",
            name="the mean of the logits is taken first",
            hint="Softplus is curved: is its value at the mean the mean of its values?",
            edits={"F.softplus(-fake_logits).mean()": "F.softplus(-fake_logits.mean())"},
        ),
        Misconception(
            id="minus-the-probability",
            name="the logarithm is missing: it is minus the mean of D",
            hint="Its gradient vanishes where the discriminator is sure. What does −log do near 0?",
            edits={"F.softplus(-fake_logits)": "-torch.sigmoid(fake_logits)"},
        ),
        Misconception(
            id="hinge",
            name="a hinge stands in the place of the logarithm",
            hint="max(0, 1 − x) is the discriminator's loss in SAGAN. Which function of D has our formula?",
            edits={"F.softplus(-fake_logits)": "torch.relu(1 - fake_logits)"},
        ),
        Misconception(
            id="relu",
            name="a ReLU stands in the place of the softplus",
            hint="They are nearly the same for large logits. What are both for a logit of 0?",
            edits={"F.softplus(-fake_logits)": "torch.relu(-fake_logits)"},
        ),
        Misconception(
            id="softmax",
            name="a softmax over the batch stands in the place of the sigmoid",
            hint="Then fakes compete with each other. Of what is D(fake) the probability?",
            edits={"F.softplus(-fake_logits)": "-F.log_softmax(fake_logits, dim=0)"},
        ),
        Misconception(
            id="smoothed-labels",
            name="the label is 0.9 instead of 1",
            hint="Label smoothing is a known trick. Does the formula promised here have it?",
            edits={"F.softplus(-fake_logits)": "(0.9 * F.softplus(-fake_logits) + 0.1 * F.softplus(fake_logits))"},
        ),
        Misconception(
            id="logits-as-labels",
            name="labels and logits have changed places in the cross-entropy",
            hint="torch's losses take first what the model says, then the truth. Which is which?",
            edits={
                "F.softplus(-fake_logits).mean()": (
                    "F.binary_cross_entropy_with_logits(torch.ones_like(fake_logits), fake_logits)"
                )
            },
        ),
        Misconception(
            id="median",
            name="the median is taken instead of the mean",
            hint="Half of the fakes would learn nothing. What does the docstring promise?",
            edits={".mean()": ".median()"},
        ),
        Misconception(
            id="bits",
            name="the logarithm has base 2",
            hint="For logits of 0 the docstring's example gives 0.6931. What is yours?",
            edits={".mean()": ".mean() / 0.6931472"},
        ),
        Misconception(
            id="no-gradient",
            name="a number comes back, through which nothing can be learnt",
            hint="`.item()` leaves the graph behind. What does the signature promise?",
            edits={".mean()": ".mean().item()"},
        ),
    ),
)
