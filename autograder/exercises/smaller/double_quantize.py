"""`double_quantize`: The largest values of the blocks, quantized in their turn: 8-bit codes, a scale for each group, a mean."""

import numpy as np
import torch

from autograder.draw import uniform
from autograder.exercise import Exercise, Misconception


def double_inputs(rng):
    """Groups that fill up, and a last one that is shorter; groups of unequal spread; one number, and a group that is all mean.

    Drawn until no number lies near the middle between two codes.
    """

    def draw(count, block):
        base = 0.7 + 2 * uniform(rng, count)
        spread = torch.from_numpy(rng.choice([0.2, 1.0, 3.0], -(-count // block))).float()
        return base * spread.repeat_interleave(block)[:count] + 0.3

    def case(count, block=None):
        size = block or 256
        while True:
            absmax = draw(count, size)
            rest = absmax - absmax.mean()
            steps = torch.cat([127 * part / part.abs().max() for part in rest.split(size)])
            if ((steps - steps.floor() - 0.5).abs() > 0.001).all():
                return {"absmax": absmax} | ({} if block is None else {"block": block})

    value = 2.0 ** int(rng.integers(-3, 3))
    mean_group = {"absmax": torch.tensor([value, value, 3 * value, 0.0, 1.25 * value, 0.75 * value]), "block": 2}
    mean_group["absmax"] = mean_group["absmax"][torch.from_numpy(rng.permutation(3)).repeat_interleave(2) * 2 + torch.tensor([0, 1] * 3)]
    one = {"absmax": uniform(rng, 1) + 0.5}
    return {
        "whole groups": [case(12, 4), case(15, 5), case(7, 7), mean_group],
        "a shorter last group": [case(11, 4), case(13, 6), case(5), case(263), one, case(2, 3)],
    }


def double_with_numpy(absmax, block=256):
    values = absmax.numpy()
    mean = values.mean(dtype=np.float32)
    starts = np.arange(0, len(values), block)
    scales = np.maximum.reduceat(np.abs(values - mean), starts) / np.float32(127)
    scales[scales == 0] = 1
    codes = np.rint((values - mean) / np.repeat(scales, block)[: len(values)]).astype(np.int8)
    return torch.from_numpy(codes), torch.from_numpy(scales), torch.tensor(mean)


def double_group_by_group(absmax, block=256):
    mean = absmax.sum() / len(absmax)
    codes, scales = [], []
    for group in (absmax - mean).split(block):
        scale = group.abs().max() / 127
        if scale == 0:
            scale = torch.ones(())
        codes.append(torch.round(group / scale).to(torch.int8))
        scales.append(scale)
    return torch.cat(codes), torch.stack(scales), mean


def double_with_the_earlier_answer(absmax, block=256):
    from unrolled.int8 import absmax_quantize

    rest = absmax.sub(absmax.mean())
    pairs = [absmax_quantize(group[None]) for group in rest.split(block)]
    return torch.cat([codes[0] for codes, _ in pairs]), torch.stack([scale for _, scale in pairs]), absmax.mean()


def _mean_of_each_group(absmax, block=256):
    from unrolled.int8 import absmax_quantize

    groups = absmax.split(block)
    means = torch.stack([group.mean() for group in groups])
    pairs = [absmax_quantize((group - mean)[None]) for group, mean in zip(groups, means, strict=True)]
    return torch.cat([codes[0] for codes, _ in pairs]), torch.stack([scale for _, scale in pairs]), means


MEAN = "mean = absmax.mean()"
CODES = "codes, scales = absmax_quantize(groups, per_row=True)"
RETURN = "return codes.flatten()[: len(absmax)], scales.flatten(), mean"
PAD = "(0, -len(absmax) % block)"

DOUBLE_QUANTIZE = Exercise(
    solves="unrolled.nf4.double_quantize",
    uses=("absmax_quantize",),
    groups={"whole groups": 1, "a shorter last group": 1},
    inputs=double_inputs,
    accepts=(double_with_numpy, double_group_by_group, double_with_the_earlier_answer),
    misconceptions=(
        Misconception(
            id="mean-not-subtracted",
            name="the mean is not subtracted before the codes are made",
            hint="All numbers are positive. How many of the codes from −127 to −1 do you use?",
            edits={"absmax - mean,": "absmax,"},
        ),
        Misconception(
            id="mean-added",
            name="the mean is added instead of subtracted",
            hint="All numbers are positive. Around which number should they lie before they are coded?",
            edits={"absmax - mean,": "absmax + mean,"},
        ),
        Misconception(
            id="mean-forgotten",
            name="the mean that was subtracted does not come back",
            hint="With codes and scales alone, what do you get: the numbers, or their distance from something?",
            edits={RETURN: "return codes.flatten()[: len(absmax)], scales.flatten(), torch.zeros(())"},
        ),
        Misconception(
            id="mean-with-the-wrong-sign",
            name="the mean comes back with the opposite sign",
            hint="codes · scale + mean should be near what was given: is it?",
            edits={"scales.flatten(), mean": "scales.flatten(), -mean"},
        ),
        Misconception(
            id="mean-of-each-group",
            name="each group has a mean of its own",
            hint="How many means does the signature promise? Which one is taken from a number of the second group?",
            answer=_mean_of_each_group,
        ),
        Misconception(
            id="smallest-subtracted",
            name="the smallest number is subtracted instead of the mean",
            hint="After that, how many of the codes from −127 to −1 do you use?",
            edits={MEAN: "mean = absmax.min()"},
        ),
        Misconception(
            id="median",
            name="the median is subtracted instead of the mean",
            hint="Which of the two does the docstring name?",
            edits={MEAN: "mean = absmax.median()"},
        ),
        Misconception(
            id="middle",
            name="the middle between the smallest and the largest is subtracted instead of the mean",
            hint="Which of the two does the docstring name?",
            edits={MEAN: "mean = (absmax.min() + absmax.max()) / 2"},
        ),
        Misconception(
            id="filled-up-before-the-mean",
            name="the last group is filled up with zeros first, and these count in the mean",
            hint="Over how many numbers is your mean taken? And how many were given?",
            edits={MEAN: f"mean = torch.nn.functional.pad(absmax, {PAD}).mean()"},
        ),
        Misconception(
            id="filled-up-before-subtracting",
            name="the zeros that fill up the last group are moved by the mean as well, and may become its largest value",
            hint="What do the fillings of your last group hold after the subtraction? Which should have no say in its scale?",
            edits={
                "torch.nn.functional.pad(absmax - mean, (0, -len(absmax) % block))": "(torch.nn.functional.pad(absmax, (0, -len(absmax) % block)) - mean)",
            },
        ),
        Misconception(
            id="filled-up-first",
            name="the last group is filled up with zeros before anything else: they count in the mean and in the scale",
            hint="Over how many numbers is your mean taken? What do the fillings hold after it is subtracted?",
            edits={
                MEAN: f"mean = torch.nn.functional.pad(absmax, {PAD}).mean()",
                "torch.nn.functional.pad(absmax - mean, (0, -len(absmax) % block))": "(torch.nn.functional.pad(absmax, (0, -len(absmax) % block)) - mean)",
            },
        ),
        Misconception(
            id="one-scale",
            name="there is one scale for all groups",
            hint="How many scales does the signature promise?",
            edits={CODES: "codes, scale = absmax_quantize(groups)\n    scales = scale.expand(len(groups))"},
        ),
        Misconception(
            id="filling-kept",
            name="the codes of what fills up the last group come out as well",
            hint="How many codes should come out?",
            edits={"codes.flatten()[: len(absmax)]": "codes.flatten()"},
        ),
        Misconception(
            id="last-group-lost",
            name="what is left over after the last whole group is dropped",
            hint="How many codes should come out for 11 numbers in groups of 4?",
            edits={
                MEAN: "mean = absmax.mean()\n    absmax = absmax[: len(absmax) // block * block] if len(absmax) > block else absmax"
            },
        ),
        Misconception(
            id="groups-in-turns",
            name="every n-th number belongs to a group, instead of neighbours",
            hint="Which numbers are in the first group: the first `block` of them, or one out of each stretch?",
            edits={
                CODES: (
                    "shape = groups.shape\n    groups = groups.flatten().view(shape[1], shape[0]).T\n"
                    "    codes, scales = absmax_quantize(groups, per_row=True)\n    codes = codes.T"
                )
            },
        ),
        Misconception(
            id="block-counts-groups",
            name="`block` is taken for the number of groups",
            hint="Is `block` how many numbers are in a group, or how many groups there are?",
            edits={MEAN: "mean = absmax.mean()\n    block = -(-len(absmax) // block)"},
        ),
        Misconception(
            id="always-256",
            name="the groups have 256 numbers, whatever `block` says",
            hint="Where does your answer use `block`?",
            edits={MEAN: "mean = absmax.mean()\n    block = 256"},
        ),
        Misconception(
            id="four-bits",
            name="the codes have 4 bits instead of 8",
            hint="What is the largest code of 8 bits? And yours?",
            edits={"absmax_quantize(groups, per_row=True)": "absmax_quantize(groups, 4, per_row=True)"},
        ),
        Misconception(
            id="axis-kept",
            name="the scales have a second axis of length 1",
            hint="How many axes do the scales have in the signature?",
            edits={"scales.flatten(), mean": "scales, mean"},
        ),
        Misconception(
            id="groups-kept",
            name="the codes lie in rows, one for each group",
            hint="How many axes do the codes have in the signature?",
            edits={"codes.flatten()[: len(absmax)]": "codes"},
        ),
        Misconception(
            id="floats",
            name="the codes are floating-point numbers",
            hint="How many bytes does each of your codes take?",
            edits={"codes.flatten()[: len(absmax)]": "codes.flatten()[: len(absmax)].float()"},
        ),
        Misconception(
            id="inverse",
            name="one over the scales comes back",
            hint="codes · scale + mean should be near what was given: is it?",
            edits={"scales.flatten(), mean": "1 / scales.flatten(), mean"},
        ),
        Misconception(
            id="mean-with-axis",
            name="the mean has an axis of length 1",
            hint="How many axes does the mean have in the signature?",
            edits={MEAN: "mean = absmax.mean(dim=0, keepdim=True)"},
        ),
    ),
)
