"""The exercises of chapter 12: an autoencoder, noise to remove, clouds of codes and their bound, anomalies."""

import itertools
import math

import torch
import torch.nn.functional as F
from torch import nn

from autograder import probes
from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception


def uniform(rng, *shape):
    """Independent uniform values, 0 ≤ u < 1."""
    return torch.from_numpy(rng.random(shape)).float()


# --- Autoencoder ------------------------------------------------------------------------------------------------------
def autoencoder_inputs(rng):
    """Batch 3, features 7, hidden 11, latent 5; each method on its own, then both together."""

    def case(part):
        shapes = {"look": (11, 7), "squeeze": (5, 11), "unfold": (11, 5), "draw": (7, 11)}
        weights = {}
        for name, shape in shapes.items():
            weights |= {f"{name}.weight": normal(rng, *shape, scale=0.5), f"{name}.bias": normal(rng, shape[0])}
        x = normal(rng, 3, 5) if part == "decode" else uniform(rng, 3, 7)
        return {"part": part, "sizes": [7, 11, 5], "weights": weights, "x": x}

    return {part: [case(part)] for part in ("encode", "decode", "forward")}


def probe_autoencoder(answer, inputs):
    """Build the module, load the weights, use one of its methods forwards and backwards."""
    import torch

    from autograder.probes import differentiate

    names = list(inputs["weights"])

    def use(x, **weights):
        module = answer(*inputs["sizes"])
        module.forward = getattr(module, inputs["part"])
        loaded = {name: weights[name.replace(".", "_")] for name in names}
        return torch.func.functional_call(module, loaded, (x,))

    weights = {name.replace(".", "_"): inputs["weights"][name] for name in names}
    return differentiate(use, {"x": inputs["x"], **weights})


class AutoencoderFunctional(nn.Module):
    """The same with functions of the weights, and without the layers' own forward."""

    def __init__(self, features, hidden, latent):
        super().__init__()
        self.look, self.squeeze = nn.Linear(features, hidden), nn.Linear(hidden, latent)
        self.unfold, self.draw = nn.Linear(latent, hidden), nn.Linear(hidden, features)

    def encode(self, x):
        hidden = F.linear(x, self.look.weight, self.look.bias).clamp(min=0)
        return hidden @ self.squeeze.weight.T + self.squeeze.bias

    def decode(self, code):
        hidden = F.relu(torch.addmm(self.unfold.bias, code, self.unfold.weight.T))
        return 1 / (1 + torch.exp(-self.draw(hidden)))

    def forward(self, x):
        code = self.encode(x)
        return [self.decode(code), code]


class AutoencoderRowByRow(nn.Module):
    """One picture after the other; forward does not call the other two."""

    def __init__(self, features, hidden, latent):
        super().__init__()
        self.look, self.squeeze = nn.Linear(features, hidden), nn.Linear(hidden, latent)
        self.unfold, self.draw = nn.Linear(latent, hidden), nn.Linear(hidden, features)

    def encode(self, x):
        return torch.stack([self.squeeze(self.look(row).relu()) for row in x])

    def decode(self, code):
        return torch.stack([self.draw(self.unfold(row).relu()).sigmoid() for row in code])

    def forward(self, x):
        encoder = nn.Sequential(self.look, nn.ReLU(), self.squeeze)
        decoder = nn.Sequential(self.unfold, nn.ReLU(), self.draw, nn.Sigmoid())
        codes = encoder(x)
        return decoder(codes), codes


AUTOENCODER = Exercise(
    solves="unrolled.autoencoder.Autoencoder",
    groups={"encode": 1, "decode": 1, "forward": 1},
    inputs=autoencoder_inputs,
    probe=probe_autoencoder,
    blanks=("encode", "decode", "forward"),
    accepts=(AutoencoderFunctional, AutoencoderRowByRow),
    misconceptions=(
        Misconception(
            id="no-relu-in-the-encoder",
            name="there is no ReLU between the two layers of the encoder",
            hint="Two linear layers in a row are one linear layer. What stands between them?",
            edits={"torch.relu(self.look(x))": "self.look(x)"},
        ),
        Misconception(
            id="no-relu-in-the-decoder",
            name="there is no ReLU between the two layers of the decoder",
            hint="Two linear layers in a row are one linear layer. What stands between them?",
            edits={"torch.relu(self.unfold(code))": "self.unfold(code)"},
        ),
        Misconception(
            id="no-sigmoid",
            name="the sigmoid at the end is missing",
            hint="A pixel lies between 0 and 1. What can come out of a linear layer?",
            edits={
                "torch.sigmoid(self.draw(torch.relu(self.unfold(code))))": "self.draw(torch.relu(self.unfold(code)))"
            },
        ),
        Misconception(
            id="relu-on-the-code",
            name="there is a ReLU behind the code, too",
            hint="Then no number of a code can be negative, and where it is 0, no gradient comes back. Which layers have a "
            "ReLU behind them?",
            edits={"self.squeeze(torch.relu(self.look(x)))": "torch.relu(self.squeeze(torch.relu(self.look(x))))"},
        ),
        Misconception(
            id="sigmoid-on-the-code",
            name="there is a sigmoid behind the code, too",
            hint="So it is in some papers. Here a code may be any numbers: which of the four layers has the sigmoid?",
            edits={"self.squeeze(torch.relu(self.look(x)))": "torch.sigmoid(self.squeeze(torch.relu(self.look(x))))"},
        ),
        Misconception(
            id="tanh-on-the-code",
            name="there is a tanh behind the code",
            hint="Then a code is shut in between −1 and 1. Which layers have a bend behind them here?",
            edits={"self.squeeze(torch.relu(self.look(x)))": "torch.tanh(self.squeeze(torch.relu(self.look(x))))"},
        ),
        Misconception(
            id="relu-before-the-sigmoid",
            name="there is a ReLU between the last layer and the sigmoid",
            hint="The sigmoid of 0 is ½. Can a pixel of yours be lighter than that?",
            edits={
                "torch.sigmoid(self.draw(torch.relu(self.unfold(code))))": (
                    "torch.sigmoid(torch.relu(self.draw(torch.relu(self.unfold(code)))))"
                )
            },
        ),
        Misconception(
            id="relu-instead-of-the-sigmoid",
            name="a ReLU stands where the sigmoid should be",
            hint="A pixel lies between 0 and 1. Which of the two limits does a ReLU keep?",
            edits={"torch.sigmoid(": "torch.relu("},
        ),
        Misconception(
            id="tanh-instead-of-the-sigmoid",
            name="a tanh stands where the sigmoid should be",
            hint="A tanh lies between −1 and 1, which is right for pixels on that scale. Between what do ours lie?",
            edits={"torch.sigmoid(": "torch.tanh("},
        ),
        Misconception(
            id="softmax-over-pixels",
            name="a softmax is taken over the pixels",
            hint="Then the pixels of a picture add up to 1, as if only one could have ink. Must they exclude each other?",
            edits={
                "torch.sigmoid(self.draw(torch.relu(self.unfold(code))))": (
                    "torch.softmax(self.draw(torch.relu(self.unfold(code))), dim=-1)"
                )
            },
        ),
        Misconception(
            id="sigmoids-inside",
            name="sigmoids stand where the ReLUs should be",
            hint="So it was in the paper of 2006, and it is hard to train when deep. What does this class's description "
            "ask for behind the first and the third layer?",
            edits={
                "torch.relu(self.look(x))": "torch.sigmoid(self.look(x))",
                "torch.relu(self.unfold(code))": "torch.sigmoid(self.unfold(code))",
            },
        ),
        Misconception(
            id="tied-weights",
            name="the decoder uses the encoder's weights, turned around",
            hint="That is called tied weights, and it works. Here the decoder has two layers of its own: which ones?",
            edits={
                "torch.sigmoid(self.draw(torch.relu(self.unfold(code))))": (
                    "torch.sigmoid(torch.relu(code @ self.squeeze.weight + self.unfold.bias) @ self.look.weight"
                    " + self.draw.bias)"
                )
            },
        ),
        Misconception(
            id="code-detached",
            name="the code is cut off from the encoder before it is decoded",
            hint="The values are right. But who tells the encoder that the picture came out badly, if `.detach()` or "
            "`no_grad` stands between them?",
            edits={"return self.decode(code), code": "return self.decode(code.detach()), code"},
        ),
        Misconception(
            id="residual",
            name="the picture itself is added to what the decoder made",
            hint="Then nothing needs to go through the bottleneck. From what alone should the picture be made again?",
            edits={"return self.decode(code), code": "return x + self.decode(code), code"},
        ),
        Misconception(
            id="encoded-again",
            name="the second result is the code of the picture that was made, not of the one that came in",
            hint="The second result is what the decoder was given. Which code is that?",
            edits={"return self.decode(code), code": "return self.decode(code), self.encode(self.decode(code))"},
        ),
        Misconception(
            id="results-swapped",
            name="the two results are returned in the wrong order",
            hint="What does the signature promise first: the pictures or the codes?",
            edits={"return self.decode(code), code": "return code, self.decode(code)"},
        ),
        Misconception(
            id="code-not-returned",
            name="forward returns only the pictures",
            hint="The signature promises a pair. What is its second part?",
            edits={"return self.decode(code), code": "return self.decode(code)"},
        ),
    ),
)


# --- corrupt ----------------------------------------------------------------------------------------------------------
def corrupt_inputs(rng):
    """Batch 5, feature 23; noise enough to leave 0 … 1, and in one place a number that is just `erased`."""

    def case(std, erased):
        case = {"clean": uniform(rng, 5, 23), "noise": normal(rng, 5, 23), "uniforms": uniform(rng, 5, 23)}
        case["uniforms"][2, 7] = erased  # not below: this pixel stays
        return case | {"std": std, "erased": erased}

    return {
        "noise": [case(0.3, 0.0)],
        "erasing": [case(0.0, 0.25)],
        "both": [case(0.5, 0.25), case(0.2, 0.5)],
    }


def probe_seeded(answer, inputs):
    """Call it, with torch's own random numbers fixed: an answer that draws its own does not go unnoticed."""
    import torch

    from autograder.probes import call

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        return call(answer, inputs)


def corrupt_with_where(clean, noise, uniforms, std, erased):
    noisy = torch.clip(torch.add(clean, noise, alpha=std), 0.0, 1.0)
    return torch.where(uniforms < erased, torch.zeros_like(clean), noisy), clean.clone()


def corrupt_in_place(clean, noise, uniforms, std, erased):
    spoilt = clean.clone()
    spoilt += noise * std
    spoilt[uniforms < erased] = 0
    return [spoilt.clamp_(0, 1), clean]


def corrupt_pixel_by_pixel(clean, noise, uniforms, std, erased):
    rows = []
    for pixels, disturbances, numbers in zip(clean.tolist(), noise.tolist(), uniforms.tolist(), strict=True):
        together = zip(pixels, disturbances, numbers, strict=True)
        rows.append([0.0 if u < erased else min(1.0, max(0.0, p + std * d)) for p, d, u in together])
    return torch.tensor(rows), clean


CORRUPT = Exercise(
    solves="unrolled.autoencoder.corrupt",
    groups={"noise": 1, "erasing": 1, "both": 1},
    inputs=corrupt_inputs,
    probe=probe_seeded,
    accepts=(corrupt_with_where, corrupt_in_place, corrupt_pixel_by_pixel),
    misconceptions=(
        Misconception(
            id="target-spoilt",
            name="the target is the spoilt picture, too",
            hint="A model trained on such pairs learns to give back what it gets, noise and all. What should come out "
            "of a denoiser?",
            edits={
                "return noisy * (uniforms >= erased), clean": (
                    "noisy = noisy * (uniforms >= erased)\n    return noisy, noisy"
                )
            },
        ),
        Misconception(
            id="noise-of-its-own",
            name="the function draws noise of its own instead of taking what it is given",
            hint="Then nobody can repeat your run, or check it. Which argument holds the noise?",
            edits={"std * noise": "std * torch.randn_like(clean)"},
        ),
        Misconception(
            id="uniforms-of-its-own",
            name="the function draws for itself which pixels are erased",
            hint="Then nobody can repeat your run, or check it. Which argument says which pixels are lost?",
            edits={"(uniforms >= erased)": "(torch.rand_like(clean) >= erased)"},
        ),
        Misconception(
            id="target-noisy",
            name="the target has the noise, without the erased pixels",
            hint="Such a model would learn to fill gaps with noise. What should come out of a denoiser?",
            edits={"erased), clean": "erased), noisy"},
        ),
        Misconception(
            id="in-place",
            name="the noise is written into the clean picture itself",
            hint="`+=` and methods that end in _ change the tensor that they are given. What is the target then, and what "
            "does the next epoch start from?",
            edits={"(clean + std * noise).clamp(0, 1)": "clean.add_(std * noise).clamp_(0, 1)"},
        ),
        Misconception(
            id="not-cut-back",
            name="pixels are not cut back to 0 … 1",
            hint="There is no ink blacker than black. Which values can noise bring about?",
            edits={".clamp(0, 1)": ""},
        ),
        Misconception(
            id="cut-below-only",
            name="pixels are cut back at 0, but not at 1",
            hint="Pixels have two limits. Which one is missing?",
            edits={".clamp(0, 1)": ".clamp(min=0)"},
        ),
        Misconception(
            id="cut-at-minus-one",
            name="pixels are cut back to −1 … 1",
            hint="That is right where pixels lie between −1 and 1, as in chapter 13. Between what do they lie here?",
            edits={".clamp(0, 1)": ".clamp(-1, 1)"},
        ),
        Misconception(
            id="kept-instead-of-erased",
            name="the pixels that should be erased are those that are kept",
            hint="With erased = 0.25, how many of your pixels survive?",
            edits={"uniforms >= erased": "uniforms < erased"},
        ),
        Misconception(
            id="equal-counts-as-below",
            name="a pixel is erased also where its number equals `erased`",
            hint="torch.rand gives numbers from 0 on, with 0 itself among them. If erased is 0, may any pixel be lost?",
            edits={"uniforms >= erased": "uniforms > erased"},
        ),
        Misconception(
            id="noise-on-erased-pixels",
            name="the noise is added after the erasing",
            hint="An erased pixel is exactly 0. Is it still so when the noise comes last?",
            edits={
                "(clean + std * noise)": "(clean * (uniforms >= erased) + std * noise)",
                "noisy * (uniforms >= erased)": "noisy",
            },
        ),
        Misconception(
            id="scaled-up",
            name="the pixels that stay are divided by the share that stays",
            hint="Dropout does so, to keep the mean of a layer. Should the ink that is left get darker here?",
            edits={"(uniforms >= erased)": "(uniforms >= erased) / (1 - erased)"},
        ),
        Misconception(
            id="erased-to-ink",
            name="erased pixels become 1",
            hint="0 is paper and 1 is ink. Which of them is a pixel that is lost?",
            edits={"noisy * (uniforms >= erased)": "torch.where(uniforms >= erased, noisy, 1.0)"},
        ),
        Misconception(
            id="whole-pictures",
            name="a picture is erased as a whole, by its first number",
            hint="What could a denoiser do with an empty picture? There is a number for every pixel: use them all.",
            edits={"(uniforms >= erased)": "(uniforms[:, :1] >= erased)"},
        ),
        Misconception(
            id="the-same-pixels",
            name="the same pixels are erased in every picture of the batch",
            hint="Which row of `uniforms` belongs to which picture? Do you use more than the first?",
            edits={"(uniforms >= erased)": "(uniforms[0] >= erased)"},
        ),
        Misconception(
            id="std-as-variance",
            name="`std` is taken for the variance",
            hint="Noise of standard deviation 1 times s has standard deviation s. Where does your root come from?",
            edits={"std * noise": "std**0.5 * noise"},
        ),
        Misconception(
            id="std-squared",
            name="`std` is squared",
            hint="Noise of standard deviation 1 times s has standard deviation s. Where does your square come from?",
            edits={"std * noise": "std**2 * noise"},
        ),
        Misconception(
            id="std-forgotten",
            name="the noise is added without its factor `std`",
            hint="How strong is the noise if std is 0?",
            edits={"std * noise": "noise"},
        ),
        Misconception(
            id="noise-subtracted",
            name="the noise is subtracted",
            hint="Normal noise is symmetric, so as training data it would serve as well. But the check hands you the very "
            "numbers: which sign has the formula?",
            edits={"clean + std * noise": "clean - std * noise"},
        ),
        Misconception(
            id="noise-multiplied",
            name="the noise is multiplied in, so that paper stays clean",
            hint="Speckles of that kind exist (in radar pictures). Here every pixel gets noise, blank ones too: how?",
            edits={"clean + std * noise": "clean * (1 + std * noise)"},
        ),
        Misconception(
            id="results-swapped",
            name="the two results are returned in the wrong order",
            hint="What does a pair for training hold first: what goes in, or what should come out?",
            edits={"return noisy * (uniforms >= erased), clean": "return clean, noisy * (uniforms >= erased)"},
        ),
        Misconception(
            id="target-not-returned",
            name="only the spoilt pictures are returned",
            hint="The signature promises a pair. What is its second part?",
            edits={"erased), clean": "erased)"},
        ),
    ),
)


# --- reparameterize ---------------------------------------------------------------------------------------------------
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


# --- kl_to_standard_normal --------------------------------------------------------------------------------------------
def kl_inputs(rng):
    """Batch 5, latent 3: clouds of variance 1, clouds around 0, and others."""
    zeros = torch.zeros(5, 3)
    return {
        "variance 1": [{"mean": normal(rng, 5, 3), "log_variance": zeros}],
        "mean 0": [{"mean": zeros, "log_variance": normal(rng, 5, 3)}],
        "both": [{"mean": normal(rng, 7, 2), "log_variance": normal(rng, 7, 2)} for _ in range(2)],
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


KL_TO_STANDARD_NORMAL = Exercise(
    solves="unrolled.vae.kl_to_standard_normal",
    groups={"variance 1": 1, "mean 0": 1, "both": 1},
    inputs=kl_inputs,
    probe=probes.differentiate,
    accepts=(kl_from_densities, kl_by_standard_deviation, kl_row_by_row),
    forbids=("torch.distributions.kl_divergence", "torch.distributions.kl.kl_divergence"),
    misconceptions=(
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
    ),
)


# --- elbo -------------------------------------------------------------------------------------------------------------
def elbo_inputs(rng):
    """Feature 7, latent 3 (batch 1 or 5): so the sums run over different numbers of things."""

    def case(batch, cloud=True):
        inputs = {"x": uniform(rng, batch, 7), "logits": normal(rng, batch, 7)}
        for name in ("mean", "log_variance"):
            inputs[name] = normal(rng, batch, 3) if cloud else torch.zeros(batch, 3)
        return inputs

    return {
        "one picture, a cloud that costs nothing": [case(1, cloud=False)],
        "one picture": [case(1)],
        "a batch": [case(5), case(5)],
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
    p = 1 / (1 + torch.exp(-logits))
    likelihood = torch.sum(x * p.log() + (1 - x) * torch.log1p(-p))
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
    ),
)


# --- anomaly_scores ---------------------------------------------------------------------------------------------------
def anomaly_inputs(rng):
    """Batch 5: rows of 7 pixels, then pictures of 1 × 3 × 7 and of 2 × 3 × 11."""

    def case(*shape):
        return {"x": uniform(rng, 5, *shape), "reconstruction": uniform(rng, 5, *shape)}

    return {"rows of pixels": [case(7), case(13)], "pictures": [case(1, 3, 7), case(2, 3, 11)]}


def anomaly_with_mse_loss(x, reconstruction):
    return F.mse_loss(reconstruction, x, reduction="none").mean(dim=list(range(1, x.ndim)))


def anomaly_with_norm(x, reconstruction):
    difference = (reconstruction - x).reshape(len(x), -1)
    return torch.linalg.vector_norm(difference, dim=1) ** 2 / difference.shape[1]


def anomaly_loop(x, reconstruction):
    return torch.stack([(a - b).square().mean() for a, b in zip(x, reconstruction, strict=True)])


ANOMALY_SCORES = Exercise(
    solves="unrolled.anomaly.anomaly_scores",
    groups={"rows of pixels": 1, "pictures": 1},
    inputs=anomaly_inputs,
    accepts=(anomaly_with_mse_loss, anomaly_with_norm, anomaly_loop),
    misconceptions=(
        Misconception(
            id="one-for-the-batch",
            name="there is a single score for the whole batch",
            hint="Each picture is ordinary or not on its own. Over which axes is the mean taken?",
            edits={".flatten(start_dim=1).mean(dim=1)": ".mean()"},
        ),
        Misconception(
            id="one-for-each-pixel",
            name="the mean is taken over the batch, one score for each pixel",
            hint="That says which pixel is hard to draw, not which picture. Which axis must be left?",
            edits={".flatten(start_dim=1).mean(dim=1)": ".mean(dim=0)"},
        ),
        Misconception(
            id="only-the-last-axis",
            name="the mean is taken over the last axis only",
            hint="A picture has several axes: channel, height and width. How many numbers should each picture have left?",
            edits={".flatten(start_dim=1).mean(dim=1)": ".mean(dim=-1)"},
        ),
        Misconception(
            id="sum",
            name="the squared errors are added up instead of averaged",
            hint="The order of the pictures is the same. But a threshold would depend on the size of the picture: which mean "
            "is promised?",
            edits={".mean(dim=1)": ".sum(dim=1)"},
        ),
        Misconception(
            id="root",
            name="the root of the mean is taken",
            hint="The order of the pictures is the same, and the unit that of a pixel. Here the mean squared error itself is "
            "promised: which step is too many?",
            edits={".mean(dim=1)": ".mean(dim=1).sqrt()"},
        ),
        Misconception(
            id="absolute",
            name="the absolute errors are averaged",
            hint="That is a score as well, less shaken by a few bad pixels. But the model was trained on squared errors, and "
            "the score is the same: which power is it?",
            edits={"(x - reconstruction) ** 2": "(x - reconstruction).abs()"},
        ),
        Misconception(
            id="not-squared",
            name="errors with different signs cancel",
            hint="Too much ink here and too little there would make a perfect picture. What is done to the difference first?",
            edits={"(x - reconstruction) ** 2": "(x - reconstruction)"},
        ),
        Misconception(
            id="squared-too-late",
            name="the square is taken after the mean",
            hint="Too much ink here and too little there cancel before you square. Which comes first?",
            edits={
                "((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)": (
                    "(x - reconstruction).flatten(start_dim=1).mean(dim=1) ** 2"
                )
            },
        ),
        Misconception(
            id="negated",
            name="ordinary pictures get the high scores",
            hint="A high score means anomalous; the alarm is above the threshold. Which pictures come out worst?",
            edits={"return (": "return -("},
        ),
        Misconception(
            id="upside-down",
            name="the score is one over the error",
            hint="A high score means anomalous. What is yours for a picture that came out well?",
            edits={".mean(dim=1)": ".mean(dim=1).reciprocal()"},
        ),
        Misconception(
            id="largest-error",
            name="the worst pixel alone decides",
            hint="That would find a scratch on one spot, and be fooled by a speck of dust. What is promised: the largest error "
            "or their mean?",
            edits={".mean(dim=1)": ".amax(dim=1)"},
        ),
        Misconception(
            id="variance",
            name="the mean error is subtracted first: it is the variance of the errors",
            hint="A picture that is too dark everywhere by the same amount would count as perfect. Do you use var or std?",
            edits={
                "((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)": (
                    "(x - reconstruction).flatten(start_dim=1).var(dim=1, correction=0)"
                )
            },
        ),
        Misconception(
            id="scaled-within-the-batch",
            name="the scores are stretched to 0 … 1 within the batch",
            hint="Then the score of a picture depends on its neighbours, and the best of every batch is perfect. May that be?",
            edits={
                "return ((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)": (
                    "s = ((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)\n"
                    "    return (s - s.min()) / (s.max() - s.min())"
                )
            },
        ),
        Misconception(
            id="relative",
            name="the error is divided by the ink of the picture",
            hint="Then a thin 1 counts for more than a fat 8. Which division does the docstring ask for?",
            edits={".mean(dim=1)": ".mean(dim=1) / (x**2).flatten(start_dim=1).mean(dim=1)"},
        ),
    ),
)


# --- roc_auc ----------------------------------------------------------------------------------------------------------
def roc_inputs(rng):
    """Seventeen examples, five anomalies, scores that overlap; ties within and between the two kinds."""

    def case(scores):
        is_anomaly = torch.zeros(17, dtype=torch.bool)
        is_anomaly[torch.from_numpy(rng.permutation(17)[:5])] = True
        return {"scores": scores(is_anomaly), "is_anomaly": is_anomaly}

    def tied(is_anomaly):
        """Whole numbers, with a tie between an anomaly and an ordinary example for certain."""
        scores = integers(rng, 0, 4, 17).float() + integers(rng, 0, 2, 17) * is_anomaly
        scores[is_anomaly.nonzero()[:3, 0]] = torch.tensor([2.0, 2.0, 4.0])
        scores[(~is_anomaly).nonzero()[:5, 0]] = torch.tensor([2.0, 0.0, 1.0, 3.0, 0.0])
        return scores

    return {
        "no ties": [case(lambda kind: uniform(rng, 17) + 0.4 * kind), case(lambda kind: normal(rng, 17) + kind)],
        "ties": [case(tied), case(tied)],
    }


def roc_auc_loop(scores, is_anomaly):
    won, pairs = 0.0, 0
    for a, anomalous in zip(scores.tolist(), is_anomaly.tolist(), strict=True):
        for b, other in zip(scores.tolist(), is_anomaly.tolist(), strict=True):
            if anomalous and not other:
                pairs += 1
                won += 1 if a > b else 0.5 if a == b else 0
    return won / pairs


def roc_auc_trapezoids(scores, is_anomaly):
    """The area under the curve, threshold by threshold."""
    points = [(0.0, 0.0)]
    for threshold in sorted(set(scores.tolist()), reverse=True):
        alarm = scores >= threshold
        points.append((alarm[~is_anomaly].double().mean().item(), alarm[is_anomaly].double().mean().item()))
    return sum((x - w) * (y + z) / 2 for (w, z), (x, y) in itertools.pairwise(points))


def roc_auc_ranks(scores, is_anomaly):
    """By Mann and Whitney: ranks from 1, ties get the mean of theirs."""
    smaller = (scores[None, :] < scores[:, None]).sum(1)
    equal = (scores[None, :] == scores[:, None]).sum(1)
    ranks = smaller + (equal + 1) / 2
    n = is_anomaly.sum()
    return (ranks[is_anomaly].sum() - n * (n + 1) / 2) / (n * (~is_anomaly).sum())


def _curve(scores, is_anomaly):
    """Hits and false alarms after each example in the order of falling scores, ties as they come."""
    order = scores.argsort(descending=True, stable=True)
    return is_anomaly[order].double().cumsum(0), (~is_anomaly[order]).double().cumsum(0)


def _step_by_step(scores, is_anomaly):
    hits, _ = _curve(scores, is_anomaly)
    ordinary = ~is_anomaly[scores.argsort(descending=True, stable=True)]
    return (hits[ordinary] / is_anomaly.sum()).mean().item()


def _average_precision(scores, is_anomaly):
    hits, false_alarms = _curve(scores, is_anomaly)
    found = is_anomaly[scores.argsort(descending=True, stable=True)]
    return (hits / (hits + false_alarms))[found].mean().item()


def _over_thresholds(scores, is_anomaly):
    alarms = scores >= scores.unique()[:, None]
    return alarms[:, is_anomaly].double().mean().item()


def _rank_sum(scores, is_anomaly):
    smaller, equal = ((op(scores[None], scores[:, None])).sum(1) for op in (torch.lt, torch.eq))
    ranks = (smaller + (equal + 1) / 2)[is_anomaly]
    return (ranks.sum() / (is_anomaly.sum() * (~is_anomaly).sum())).item()


def _accuracy(scores, is_anomaly):
    return ((scores > 0.5) == is_anomaly).double().mean().item()


def _hits_without_false_alarm(scores, is_anomaly):
    return (scores[is_anomaly] > scores[~is_anomaly].max()).double().mean().item()


ROC_AUC = Exercise(
    solves="unrolled.anomaly.roc_auc",
    groups={"no ties": 2, "ties": 1},
    inputs=roc_inputs,
    accepts=(roc_auc_loop, roc_auc_trapezoids, roc_auc_ranks),
    forbids=("sklearn.metrics.roc_auc_score", "sklearn.metrics.roc_curve", "sklearn.metrics.auc"),
    misconceptions=(
        Misconception(
            id="ties-lost",
            name="a tie counts nothing",
            hint="A detector that gives every example the same score knows nothing. Is its area 0, or ½?",
            edits={" + 0.5 * (anomalous == ordinary)": ""},
        ),
        Misconception(
            id="ties-won",
            name="a tie counts as a win",
            hint="A detector that gives every example the same score knows nothing. Is its area 1, or ½?",
            edits={"+ 0.5 *": "+ 1.0 *"},
        ),
        Misconception(
            id="wrong-side",
            name="the alarm is below the threshold instead of above, or the two kinds are swapped",
            hint="A high score means anomalous. In which direction do you compare, and which kind stands on which side?",
            edits={"(anomalous > ordinary)": "(anomalous < ordinary)"},
        ),
        Misconception(
            id="step-by-step",
            name="examples with the same score are taken one after the other, as they happen to lie",
            hint="Shuffle the examples: is the area still the same? All that have one score cross the threshold together: "
            "which line joins the points before and after?",
            answer=_step_by_step,
        ),
        Misconception(
            id="all-with-all",
            name="the wins are divided by the number of all pairs, also of two of one kind",
            hint="Only pairs of an anomaly and an ordinary example are compared. How many of them are there?",
            edits={"ordinary)).mean()": "ordinary)).sum().div(len(scores) ** 2)"},
        ),
        Misconception(
            id="for-each-anomaly",
            name="the wins are divided by the number of anomalies",
            hint="With perfect scores the area is 1. What is yours?",
            edits={"ordinary)).mean()": "ordinary)).sum().div(len(anomalous))"},
        ),
        Misconception(
            id="not-divided",
            name="the wins are counted, but not divided",
            hint="That is the Mann–Whitney statistic U. How many wins are possible?",
            edits={"ordinary)).mean()": "ordinary)).sum()"},
        ),
        Misconception(
            id="gini",
            name="chance is 0 and not ½",
            hint="2 · area − 1 is known as the Gini coefficient. What should come out where every pair is a tie?",
            edits={".mean().item()": ".mean().item() * 2 - 1"},
        ),
        Misconception(
            id="average-precision",
            name="it is the area under another curve, of precision over hit rate",
            hint="That one (average precision) depends on how rare anomalies are. What is on the x axis of an ROC curve?",
            answer=_average_precision,
        ),
        Misconception(
            id="over-thresholds",
            name="the hit rates of all thresholds are averaged",
            hint="In an area each hit rate is multiplied by a width. How far does the false-alarm rate move between two "
            "thresholds?",
            answer=_over_thresholds,
        ),
        Misconception(
            id="rank-sum",
            name="the ranks of the anomalies are added up, and what they would be anyway is not subtracted",
            hint="Even the lowest n examples have ranks 1 … n. How much is that together?",
            answer=_rank_sum,
        ),
        Misconception(
            id="accuracy",
            name="it is the share of right decisions with a threshold of 0.5",
            hint="Scores need not be probabilities, and the area asks for no threshold at all. What is compared with what?",
            answer=_accuracy,
        ),
        Misconception(
            id="hits-without-false-alarm",
            name="an anomaly counts only if it is above all ordinary examples",
            hint="That is the hit rate where there is no false alarm yet: one point of the curve. What of the pairs that it "
            "wins against most?",
            answer=_hits_without_false_alarm,
        ),
        Misconception(
            id="difference-of-means",
            name="it is the difference of the two mean scores",
            hint="Multiply all scores by 10: should the area change?",
            edits={
                "((anomalous > ordinary).double() + 0.5 * (anomalous == ordinary)).mean()": (
                    "(anomalous - ordinary).mean()"
                )
            },
        ),
    ),
)

EXERCISES = (AUTOENCODER, CORRUPT, REPARAMETERIZE, KL_TO_STANDARD_NORMAL, ELBO, ANOMALY_SCORES, ROC_AUC)
