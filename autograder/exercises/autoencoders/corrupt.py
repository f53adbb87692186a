"""`corrupt`: A pair to train a denoiser with: the spoilt pictures that go in, and what should come out."""

import torch

from autograder.draw import normal, uniform
from autograder.exercise import Exercise, Misconception


def corrupt_inputs(rng):
    """Batch 5 or 1, feature 23; noise enough to leave 0 … 1, and in one place a number that is just `erased`."""

    def case(std, erased, batch=5):
        case = {
            name: draw(rng, batch, 23) for name, draw in (("clean", uniform), ("noise", normal), ("uniforms", uniform))
        }
        case["uniforms"][-1, 7] = erased  # not below: this pixel stays
        case["clean"][-1, 7] = 0.5
        case["noise"][-1, [7, 8, 9]] = torch.tensor([0.1, 7.0, -7.0])  # hardly moved, and out of 0 … 1 on both sides
        case["uniforms"][-1, [8, 9]] = 0.99
        return case | {"std": std, "erased": erased}

    return {
        "noise": [case(0.3, 0.0), case(1, 0, batch=1)],
        "erasing": [case(0.0, 0.25), case(0, 0.625, batch=1)],
        "both": [case(0.5, 0.25), case(0.2, 0.5), case(0.4, 0.75, batch=1)],
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
    return spoilt.clamp_(0, 1), clean


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
        Misconception(
            id="cut-above-only",
            name="pixels are cut back at 1, but not at 0",
            hint="Pixels have two limits. Which one is missing?",
            edits={".clamp(0, 1)": ".clamp(max=1)"},
        ),
        Misconception(
            id="noise-cut-back",
            name="the noise is cut back to 0 … 1 instead of the pixel",
            hint="Half of all noise is below 0. What has to lie between 0 and 1: the noise, or what comes out?",
            edits={"(clean + std * noise).clamp(0, 1)": "clean + (std * noise).clamp(0, 1)"},
        ),
        Misconception(
            id="sigmoid-instead-of-cutting",
            name="a sigmoid squashes the pixels, where they should be cut back",
            hint="A pixel of 0.5 without noise should stay 0.5. What does a sigmoid make of it?",
            edits={"(clean + std * noise).clamp(0, 1)": "torch.sigmoid(clean + std * noise)"},
        ),
        Misconception(
            id="stretched",
            name="the pixels are stretched to 0 … 1 between their smallest and their largest",
            hint="Then a pixel depends on all others. What should happen to one that lies between 0 and 1 already?",
            edits={
                "noisy = (clean + std * noise).clamp(0, 1)": (
                    "noisy = clean + std * noise\n    noisy = (noisy - noisy.min()) / (noisy.max() - noisy.min())"
                )
            },
        ),
        Misconception(
            id="std-added",
            name="`std` is added to the noise instead of multiplied with it",
            hint="Does adding a number make noise stronger, or only move it?",
            edits={"std * noise": "(std + noise)"},
        ),
        Misconception(
            id="erased-counted-from-above",
            name="a pixel is erased where its number is above 1 − erased",
            hint="So many are lost as well, but others. Which numbers does the docstring say are erased?",
            edits={"(uniforms >= erased)": "(uniforms < 1 - erased)"},
        ),
        Misconception(
            id="dropout",
            name="dropout erases the pixels: it draws for itself and makes the others larger",
            hint="Dropout does not ask for your numbers. Which argument says which pixels are lost?",
            edits={"noisy * (uniforms >= erased)": "torch.nn.functional.dropout(noisy, erased)"},
        ),
        Misconception(
            id="erased-to-grey",
            name="erased pixels become ½",
            hint="0 is paper. Is a pixel that is lost grey?",
            edits={"noisy * (uniforms >= erased)": "torch.where(uniforms >= erased, noisy, 0.5)"},
        ),
        Misconception(
            id="exact-share",
            name="of each picture exactly the share `erased` is lost, the smallest numbers first",
            hint="How many are lost should be left to chance. With what is each number compared?",
            edits={"(uniforms >= erased)": "(uniforms.argsort(1).argsort(1) >= int(erased * clean.shape[1]))"},
        ),
        Misconception(
            id="erased-by-the-noise",
            name="the noise decides which pixels are erased, and `uniforms` is not used",
            hint="There are two kinds of random numbers among the arguments. Which of them are equally likely from 0 to 1?",
            edits={"(uniforms >= erased)": "(noise >= erased)"},
        ),
        Misconception(
            id="std-and-erased-swapped",
            name="`std` and `erased` have changed places",
            hint="Which of the two belongs to the noise, and which to the pixels that are lost?",
            edits={"std * noise": "erased * noise", "uniforms >= erased": "uniforms >= std"},
        ),
        Misconception(
            id="nothing-erased",
            name="no pixel is erased",
            hint="What is the argument `uniforms` for?",
            edits={"return noisy * (uniforms >= erased), clean": "return noisy, clean"},
        ),
        Misconception(
            id="gaps-in-the-target",
            name="the pixels that are lost are lost in the target as well",
            hint="Such a model would learn to leave holes as they are. What should come out of a denoiser?",
            edits={"erased), clean": "erased), clean * (uniforms >= erased)"},
        ),
        Misconception(
            id="in-place-before-cutting",
            name="the noise is added to the clean picture itself, which is then not even cut back",
            hint="`+=` writes into the tensor on its left. What is the target then, and what does the next epoch start from?",
            edits={"(clean + std * noise)": "clean.add_(std * noise)"},
        ),
        Misconception(
            id="all-in-place",
            name="noise and holes are written into the clean picture itself",
            hint="`spoilt = clean` gives the same tensor a second name. How do you make a copy?",
            edits={
                "(clean + std * noise).clamp(0, 1)": "clean.add_(std * noise).clamp_(0, 1)",
                "noisy * (uniforms >= erased)": "noisy.mul_(uniforms >= erased)",
            },
        ),
        Misconception(
            id="stacked",
            name="the two results are stacked into one tensor",
            hint="The signature promises a pair. Who asked for a new axis?",
            edits={
                "return noisy * (uniforms >= erased), clean": "return torch.stack([noisy * (uniforms >= erased), clean])"
            },
        ),
        Misconception(
            id="list-for-a-pair",
            name="the two results come as a list instead of a pair",
            hint="The signature promises a tuple. Which brackets make one, or none at all?",
            edits={"return noisy * (uniforms >= erased), clean": "return [noisy * (uniforms >= erased), clean]"},
        ),
        Misconception(
            id="all-or-nothing",
            name="Python asks whether a whole tensor of numbers is below `erased`",
            hint="`if` wants one truth value, and there is one for every pixel. How are pixels chosen without an `if`?",
            edits={"return noisy": "if uniforms < erased:\n        noisy = 0 * noisy\n    return noisy"},
        ),
    ),
)
