"""`corrupt`: A pair to train a denoiser with: the spoilt pictures that go in, and what should come out."""

import torch

from autograder.draw import normal, uniform
from autograder.exercise import Exercise, Misconception


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
    free=frozenset(["sequence"]),
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
