"""`elbo`: The evidence lower bound, in nats a picture: to be made as *large* as possible."""

import torch
import torch.nn.functional as F

from autograder.draw import normal, uniform
from autograder.exercise import Exercise, Misconception


def elbo_inputs(rng):
    """Feature 7, latent 3 (batch 1 or 5), so that the sums run over different numbers of things; scores that are sure."""

    def case(batch, *sure, cloud=True):
        inputs = {"x": uniform(rng, batch, 7), "logits": normal(rng, batch, 7)}
        inputs["logits"][-1, : len(sure)] = torch.tensor(sure)
        for name in ("mean", "log_variance"):
            inputs[name] = normal(rng, batch, 3) if cloud else torch.zeros(batch, 3)
        return inputs

    return {
        "one picture, a cloud that costs nothing": [case(1, cloud=False)],
        "one picture": [case(1)],
        "a batch": [case(5), case(5, 300.0, -200.0, 40.0)],
    }


def probe_elbo(answer, inputs):
    """Differentiate with respect to all but the pictures, which nobody trains."""
    from autograder.probes import differentiate

    rest = {name: value for name, value in inputs.items() if name != "x"}
    return differentiate(lambda **arguments: answer(inputs["x"].clone(), **arguments), rest)


def elbo_with_distributions(x, logits, mean, log_variance):
    pixels = torch.distributions.Bernoulli(logits=logits, validate_args=False)
    cloud = torch.distributions.Normal(mean, torch.exp(0.5 * log_variance))
    plane = torch.distributions.Normal(0.0, 1.0)
    return pixels.log_prob(x).sum(1).mean() - torch.distributions.kl_divergence(cloud, plane).sum(1).mean()


def elbo_by_hand(x, logits, mean, log_variance):
    likelihood = torch.sum(x * logits - torch.logaddexp(logits, torch.zeros(())))
    divergence = -0.5 * torch.sum(1 + log_variance - mean**2 - log_variance.exp())
    return (likelihood - divergence) / x.shape[0]


def elbo_picture_by_picture(x, logits, mean, log_variance):
    bounds = []
    for pixels, scores, m, v in zip(x, logits, mean, log_variance, strict=True):
        likelihood = pixels @ F.logsigmoid(scores) + (1 - pixels) @ F.logsigmoid(-scores)
        bounds.append(likelihood - 0.5 * (m @ m + v.exp().sum() - len(m) - v.sum()))
    return sum(bounds) / len(bounds)


ELBO = Exercise(
    solves="unrolled.vae.elbo",
    groups={"one picture, a cloud that costs nothing": 1, "one picture": 1, "a batch": 1},
    inputs=elbo_inputs,
    probe=probe_elbo,
    uses=("kl_to_standard_normal",),
    accepts=(elbo_with_distributions, elbo_by_hand, elbo_picture_by_picture),
    misconceptions=(
        Misconception(
            id="pixels-averaged",
            name="the pixels are averaged, while the divergence is summed",
            hint="Then the divergence weighs as many times too much as there are pixels, and the codes collapse. What is the "
            "probability of a whole picture: the sum or the mean of its pixels' logarithms?",
            edits={'"none").sum(dim=-1)': '"none").mean(dim=-1)'},
        ),
        Misconception(
            id="pixels-averaged-over-everything",
            name="the pixels are averaged and the divergence, too",
            hint="Each is then divided by another number: pixels here, numbers of a code there. What is the probability of a "
            "whole picture: the sum or the mean of its pixels' logarithms?",
            edits={
                '"none").sum(dim=-1)': '"none").mean(dim=-1)',
                "kl_to_standard_normal(mean, log_variance)": (
                    "kl_to_standard_normal(mean, log_variance) / mean.shape[-1]"
                ),
            },
        ),
        Misconception(
            id="divergence-averaged",
            name="the divergence is averaged over the numbers of a code",
            hint="The pixels are added up; so must be what the code costs. By what is your divergence divided?",
            edits={
                "kl_to_standard_normal(mean, log_variance)": (
                    "kl_to_standard_normal(mean, log_variance) / mean.shape[-1]"
                )
            },
        ),
        Misconception(
            id="batch-summed",
            name="the pictures of the batch are added up instead of averaged",
            hint="In nats a picture: would a batch twice as large give twice as much?",
            edits={"log_variance)).mean()": "log_variance)).sum()"},
        ),
        Misconception(
            id="divergence-summed-over-the-batch",
            name="the divergence is added up over the batch, while the pixels' part is averaged",
            hint="Both parts are numbers of one picture. What do you do to each of them over the batch?",
            edits={
                "kl_to_standard_normal(mean, log_variance)": "kl_to_standard_normal(mean, log_variance).sum()",
            },
        ),
        Misconception(
            id="not-averaged",
            name="there is one number a picture instead of their mean",
            hint="The signature promises a single number. What is done over the batch?",
            edits={"log_variance)).mean()": "log_variance))"},
        ),
        Misconception(
            id="negated",
            name="the sign of the whole is turned around",
            hint="That is the loss, which is made small. The bound itself is made large: is yours below 0?",
            edits={
                "(-surprise - kl_to_standard_normal(mean, log_variance))": (
                    "(surprise + kl_to_standard_normal(mean, log_variance))"
                )
            },
        ),
        Misconception(
            id="divergence-added",
            name="the divergence is added instead of subtracted",
            hint="Then clouds are rewarded for running away. Is the divergence a cost or a gain?",
            edits={"-surprise - kl": "-surprise + kl"},
        ),
        Misconception(
            id="pixels-sign",
            name="the sign of the pixels' part is turned around",
            hint="The bound should grow when the picture comes out better. `binary_cross_entropy` gives a surprise: does it "
            "grow or shrink then?",
            edits={"(-surprise - kl": "(surprise - kl"},
        ),
        Misconception(
            id="divergence-lost",
            name="the divergence is left out",
            hint="Then clouds may shrink to points, and you have an ordinary autoencoder. What does a code cost?",
            edits={" - kl_to_standard_normal(mean, log_variance)": ""},
        ),
        Misconception(
            id="divergence-cut",
            name="no gradient comes back from the divergence",
            hint="The value is right. But who pulls the clouds together, if the cost is detached?",
            edits={
                "kl_to_standard_normal(mean, log_variance)": "kl_to_standard_normal(mean, log_variance).detach()",
            },
        ),
        Misconception(
            id="pixels-cut",
            name="no gradient comes back from the pixels",
            hint="The value is right. But how does the decoder hear what it drew badly, if the scores are detached?",
            edits={"binary_cross_entropy_with_logits(logits,": "binary_cross_entropy_with_logits(logits.detach(),"},
        ),
        Misconception(
            id="sigmoid-twice",
            name="the sigmoid is applied twice",
            hint="`binary_cross_entropy_with_logits` wants scores and applies the sigmoid itself. What do you hand it?",
            edits={"_with_logits(logits, x": "_with_logits(logits.sigmoid(), x"},
        ),
        Misconception(
            id="scores-as-probabilities",
            name="the scores are taken for probabilities",
            hint="`binary_cross_entropy` wants numbers between 0 and 1; scores can be any. Which function makes one of "
            "the other, or which loss takes scores?",
            edits={"F.binary_cross_entropy_with_logits(": "F.binary_cross_entropy("},
        ),
        Misconception(
            id="arguments-swapped",
            name="scores and pixels have changed places in the cross-entropy",
            hint="torch's losses take first what the model says, then the truth. Which is which?",
            edits={"(logits, x, reduction": "(x, logits, reduction"},
        ),
        Misconception(
            id="only-ink",
            name="only the ink is counted, and not the paper",
            hint="A decoder that draws ink everywhere would be perfect by your measure. What is said for the pixels "
            "that should be blank, the part with 1 − x?",
            edits={
                'F.binary_cross_entropy_with_logits(logits, x, reduction="none")': "-(x * F.logsigmoid(logits))",
            },
        ),
        Misconception(
            id="squared-error",
            name="half the squared error stands where the pixels' log-probability should be",
            hint="That is right for pixels with normal noise of variance 1, which for values from 0 to 1 is much. Here a "
            "pixel is ink with probability p: what is the logarithm of that?",
            edits={
                'F.binary_cross_entropy_with_logits(logits, x, reduction="none")': (
                    "((x - logits.sigmoid()) ** 2 / 2)"
                ),
            },
        ),
        Misconception(
            id="squared-error-of-scores",
            name="the squared error of the scores stands where the pixels' log-probability should be",
            hint="Scores can be any numbers, pixels lie between 0 and 1. And what is the logarithm of the probability p of "
            "ink?",
            edits={
                'F.binary_cross_entropy_with_logits(logits, x, reduction="none")': "((x - logits) ** 2)",
            },
        ),
        Misconception(
            id="logarithm-of-a-sigmoid",
            name="the logarithm is taken of a sigmoid that has rounded to 0 or 1",
            hint="σ(−200) is 0 in float32, and σ(40) is 1. What is the logarithm of 0? Which function gives log σ(x) from x in "
            "one go?",
            edits={
                'F.binary_cross_entropy_with_logits(logits, x, reduction="none")': (
                    "-(x * logits.sigmoid().log() + (1 - x) * (1 - logits.sigmoid()).log())"
                )
            },
        ),
        Misconception(
            id="logarithm-cut-off",
            name="a pixel costs at most 100 nats, because `binary_cross_entropy` cuts off the logarithm of a rounded sigmoid",
            hint="A pixel with the score 300 that should be blank costs 300 nats. Which loss takes the scores themselves?",
            edits={"binary_cross_entropy_with_logits(logits,": "binary_cross_entropy(logits.sigmoid(),"},
        ),
        Misconception(
            id="small-number-in-the-logarithm",
            name="a small number is added inside the logarithm, and cuts off what a sure mistake costs",
            hint="log(0 + 1e-8) is −18, whatever the score was. Which function gives log σ(x) from x, without a 0 on the way?",
            edits={
                'F.binary_cross_entropy_with_logits(logits, x, reduction="none")': (
                    "-(x * (logits.sigmoid() + 1e-8).log() + (1 - x) * (1 - logits.sigmoid() + 1e-8).log())"
                )
            },
        ),
        Misconception(
            id="pixels-summed-over-the-batch",
            name="the pixels are added up over the batch, while the divergence is averaged",
            hint="Both parts are numbers of one picture. What do you do to each of them over the batch?",
            edits={'"none").sum(dim=-1)': '"sum")'},
        ),
        Misconception(
            id="only-the-divergence",
            name="the pixels have no say",
            hint="Then all pictures may get the same code. What says whether a picture came out well?",
            edits={"(-surprise - kl": "(-kl"},
        ),
        Misconception(
            id="divergence-halved",
            name="the divergence is halved once more",
            hint="The ½ is in `kl_to_standard_normal` already. Who halves again?",
            edits={"- kl_to_standard_normal(mean, log_variance)": "- 0.5 * kl_to_standard_normal(mean, log_variance)"},
        ),
        Misconception(
            id="divergence-over-pixels",
            name="the divergence is divided by the number of pixels",
            hint="That is a weight on the divergence, which a β-VAE has. What does the formula divide by?",
            edits={
                "kl_to_standard_normal(mean, log_variance)": "kl_to_standard_normal(mean, log_variance) / x.shape[-1]",
            },
        ),
        Misconception(
            id="divergence-weighted",
            name="the divergence has a weight, as in a β-VAE",
            hint="How much does a nat of the divergence count in the bound, compared with a nat of the pixels?",
            edits={"- kl_to_standard_normal(mean, log_variance)": "- 4 * kl_to_standard_normal(mean, log_variance)"},
        ),
        Misconception(
            id="divergence-swapped",
            name="the divergence gets mean and log-variance in the wrong order",
            hint="In which order does `kl_to_standard_normal` name its arguments?",
            edits={"kl_to_standard_normal(mean, log_variance)": "kl_to_standard_normal(log_variance, mean)"},
        ),
        Misconception(
            id="divergence-of-the-variance",
            name="the divergence gets the variance instead of its logarithm",
            hint="What does `kl_to_standard_normal` do to its second argument first?",
            edits={"kl_to_standard_normal(mean, log_variance)": "kl_to_standard_normal(mean, log_variance.exp())"},
        ),
        Misconception(
            id="free-bits",
            name="a cloud pays for half a nat at least",
            hint="“Free bits” are a known trick against codes that collapse. What does a cloud of mean 0 and variance 1 cost in the "
            "bound itself?",
            edits={
                "kl_to_standard_normal(mean, log_variance)": "kl_to_standard_normal(mean, log_variance).clamp(min=0.5)",
            },
        ),
        Misconception(
            id="whole-squared-error",
            name="the squared error stands where the pixels' log-probability should be",
            hint="A pixel is ink with probability p: what is the logarithm of that? And which distribution has a square in it?",
            edits={
                'F.binary_cross_entropy_with_logits(logits, x, reduction="none")': "((x - logits.sigmoid()) ** 2)",
            },
        ),
        Misconception(
            id="black-and-white",
            name="grey pixels are rounded to ink or paper",
            hint="A pixel of 0.4 counts with 0.4 of ink and 0.6 of paper. What is left of that after rounding?",
            edits={"(logits, x, reduction": "(logits, x.round(), reduction"},
        ),
        Misconception(
            id="wrong-axis",
            name="the pixels are added up over the batch and averaged over the picture",
            hint="Which axis is the batch, and which holds the pixels of one picture?",
            edits={'"none").sum(dim=-1)': '"none").sum(dim=0).mean()'},
        ),
        Misconception(
            id="bits",
            name="it is counted in bits",
            hint="Nats are promised. Which logarithm is that?",
            edits={"log_variance)).mean()": "log_variance)).mean() / 0.6931472"},
        ),
        Misconception(
            id="exponentiated",
            name="the probability comes out instead of its logarithm",
            hint="With 784 pixels that is 0 in float32. Which of the two does the bound bound?",
            edits={"log_variance)).mean()": "log_variance)).mean().exp()"},
        ),
        Misconception(
            id="median",
            name="the median of the batch comes out instead of the mean",
            hint="The mean of the batch stands for the mean of all pictures. What does the docstring promise?",
            edits={"log_variance)).mean()": "log_variance)).median()"},
        ),
        Misconception(
            id="softmax",
            name="a softmax over the pixels stands where each has a sigmoid of its own",
            hint="Then one pixel's ink takes away another's. Must pixels exclude each other?",
            edits={
                'F.binary_cross_entropy_with_logits(logits, x, reduction="none")': "-(x * F.log_softmax(logits, dim=-1))",
            },
        ),
        Misconception(
            id="no-gradient",
            name="a number comes back, through which nothing can be learnt",
            hint="`.item()` leaves the graph behind. What does the signature promise?",
            edits={"log_variance)).mean()": "log_variance)).mean().item()"},
        ),
        Misconception(
            id="parts-returned-too",
            name="the two parts come back beside the bound",
            hint="The signature promises a single number. Which of yours is it?",
            edits={"log_variance)).mean()": "log_variance)).mean(), surprise.mean()"},
        ),
    ),
)
