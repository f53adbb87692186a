"""The exercises of chapter 09: the norm, the buckets, three ways to damage a text, and tasks put into words."""

import math

import torch
from torch import nn

from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception

# --- RMSNorm ----------------------------------------------------------------------------------------------------------


def rms_norm_inputs(rng):
    """Feature 7 and 11, means far from 0; among the small ones eps is as large as the mean square."""

    def case(*shape, scale=1.0, eps=1e-6, plain=False):
        x = scale * (normal(rng, *shape) + 1.5 * normal(rng, *shape[:-1], 1))
        weight = torch.ones(shape[-1]) if plain else normal(rng, shape[-1])
        return {"x": x, "weight": weight, "eps": eps}

    return {
        "weight 1": [case(2, 5, 7, plain=True)],
        "any weight": [case(5, 7), case(2, 3, 5, 11)],
        "small vectors": [case(2, 5, 7, scale=0.02, eps=1e-3), case(2, 3, 11, scale=0.5, eps=0.2)],
    }


def probe_rms_norm(answer, inputs):
    """Build the module, load the weight, go forwards and backwards; a weight of ones is not asked for its gradient."""
    import torch

    from autograder.probes import differentiate

    def forward(x, weight=inputs["weight"]):
        module = answer(x.shape[-1], eps=inputs["eps"])
        return torch.func.functional_call(module, {"weight": weight}, (x,))

    plain = bool((inputs["weight"] == 1).all())
    return differentiate(forward, {name: inputs[name] for name in ("x", "weight")[: 2 - plain]})


class RMSNormRsqrt(nn.Module):
    """As Hugging Face writes it."""

    def __init__(self, d_model, eps=1e-6):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(d_model)), eps

    def forward(self, x):
        variance = x.pow(2).mean(-1, keepdim=True)
        return self.weight * (x * torch.rsqrt(variance + self.eps))


class RMSNormByLength(RMSNormRsqrt):
    """By way of the vectors' lengths, one after the other."""

    def forward(self, x):
        rows = []
        for row in x.reshape(-1, x.shape[-1]):
            rows.append(self.weight * row / (torch.dot(row, row) / len(row) + self.eps) ** 0.5)
        return torch.stack(rows).view(x.shape)


RMS_NORM = Exercise(
    solves="unrolled.t5.RMSNorm",
    groups={"weight 1": 1, "any weight": 1, "small vectors": 1},
    inputs=rms_norm_inputs,
    probe=probe_rms_norm,
    blanks=("forward",),
    accepts=(RMSNormRsqrt, RMSNormByLength),
    forbids=("torch.nn.RMSNorm", "torch.nn.functional.rms_norm", "torch.rms_norm"),
    misconceptions=(
        Misconception(
            id="eps-outside-the-root",
            name="eps is added outside the root",
            hint="Both keep you from dividing by 0. For a very small vector they differ: which of the two, the mean of the "
            "squares or its root, should get eps?",
            edits={
                "torch.sqrt(x.square().mean(dim=-1, keepdim=True) + self.eps)": (
                    "(torch.sqrt(x.square().mean(dim=-1, keepdim=True)) + self.eps)"
                )
            },
        ),
        Misconception(
            id="no-eps",
            name="eps is left out",
            hint="What happens to a vector that is nearly 0 everywhere?",
            edits={" + self.eps": ""},
        ),
        Misconception(
            id="eps-fixed",
            name="eps is 0.000001 whatever the module was given",
            hint="The module keeps its eps in self.eps. Where do you use it?",
            edits={"self.eps) *": "1e-6) *"},
        ),
        Misconception(
            id="eps-squared",
            name="eps is squared",
            hint="eps is added to the mean of the squares as it is. Which of your lines squares too much?",
            edits={"+ self.eps": "+ self.eps**2"},
        ),
        Misconception(
            id="layer-norm",
            name="the mean is subtracted first, as in a layer norm",
            hint="That is chapter 6's norm without its bias. RMSNorm saves a step: which one?",
            edits={
                "return x / torch.sqrt(x.square()": (
                    "x = x - x.mean(dim=-1, keepdim=True)\n        return x / torch.sqrt(x.square()"
                )
            },
        ),
        Misconception(
            id="standard-deviation",
            name="the vector is divided by its standard deviation instead of its root mean square",
            hint="A standard deviation measures from the mean. From where does a root mean square measure?",
            edits={"x.square().mean(dim=-1, keepdim=True)": "x.var(dim=-1, keepdim=True, correction=0)"},
        ),
        Misconception(
            id="no-root",
            name="the vector is divided by the mean square instead of the root of it",
            hint="A vector ten times as long should come out the same. Does yours?",
            edits={
                "torch.sqrt(x.square().mean(dim=-1, keepdim=True) + self.eps)": (
                    "(x.square().mean(dim=-1, keepdim=True) + self.eps)"
                )
            },
        ),
        Misconception(
            id="multiplied",
            name="the vector is multiplied by its root mean square",
            hint="A long vector should become shorter. Does yours? (rsqrt is 1 / sqrt.)",
            edits={"return x / torch.sqrt": "return x * torch.sqrt"},
        ),
        Misconception(
            id="length-one",
            name="each vector is divided by its length, a sum of squares instead of their mean",
            hint="After the norm the *mean* of the squares is 1. What is it in yours, with many features?",
            edits={"x.square().mean(dim=-1, keepdim=True)": "x.square().sum(dim=-1, keepdim=True)"},
        ),
        Misconception(
            id="mean-absolute",
            name="the mean of the absolute values stands in place of the root mean square",
            hint="Root, mean, square: read the name from the right. In which order do they come, and is a square among yours?",
            edits={
                "torch.sqrt(x.square().mean(dim=-1, keepdim=True) + self.eps)": (
                    "(x.abs().mean(dim=-1, keepdim=True) + self.eps)"
                )
            },
        ),
        Misconception(
            id="over-time",
            name="the mean is taken over the last axis but one, the words",
            hint="Then the first word would know of the last. Which axis holds the features of one word?",
            edits={"mean(dim=-1, keepdim=True)": "mean(dim=-2, keepdim=True)"},
        ),
        Misconception(
            id="over-axis-1",
            name="the mean is taken over axis 1, which is the last only where there are two",
            hint="x may have any number of axes in front of the features. Which number means “the last”, however many there are?",
            edits={"mean(dim=-1, keepdim=True)": "mean(dim=1, keepdim=True)"},
        ),
        Misconception(
            id="over-everything",
            name="one root mean square is taken of the whole tensor",
            hint="Each word is normed on its own. Over which axis is the mean of a single word?",
            edits={"mean(dim=-1, keepdim=True)": "mean()"},
        ),
        Misconception(
            id="weight-lost",
            name="the weight is left out",
            hint="What lets the network undo the norm where it does harm?",
            edits={" * self.weight": ""},
        ),
        Misconception(
            id="weight-plus-one",
            name="the vectors are multiplied by 1 + weight",
            hint="Right in Gemma, whose weights begin at 0. Here as in T5: at which value does self.weight begin?",
            edits={" * self.weight": " * (1 + self.weight)"},
        ),
        Misconception(
            id="weight-inside",
            name="the weight is multiplied in before the root mean square is taken",
            hint="The size is that of x alone. Is the weight a part of what you square?",
            edits={
                "+ self.eps) * self.weight": "+ self.eps)",
                "return x / torch.sqrt(x.square()": "x = x * self.weight\n        return x / torch.sqrt(x.square()",
            },
        ),
        Misconception(
            id="size-detached",
            name="no gradient flows through the root mean square",
            hint="The values are right. But a change of one feature changes the size too: where do you cut that off "
            "(`.detach()`, `no_grad`, `.item()`)?",
            edits={"mean(dim=-1, keepdim=True)": "mean(dim=-1, keepdim=True).detach()"},
        ),
    ),
)

# --- relative_position_bucket -----------------------------------------------------------------------------------------


def bucket_inputs(rng):
    """Grids of distances, longer than wide. None sits where rounding decides between two buckets."""

    def fragile(distances, n, max_distance):
        exact = n // 2
        far = distances.abs().double().clamp(min=exact)
        place = torch.log(far / exact) / math.log(max_distance / exact) * (n - exact)
        return ((place - place.round()).abs() < 1e-4) & (distances.abs() > exact)

    def case(queries, keys, stretch, **settings):
        given = {"bidirectional": True, "num_buckets": 32, "max_distance": 128} | settings
        first = int(rng.integers(2, 5))
        distances = stretch * (torch.arange(keys) - first - torch.arange(queries)[:, None])
        distances = distances + integers(rng, 0, stretch, queries, keys) if stretch > 1 else distances
        n = given["num_buckets"] // (2 if given["bidirectional"] else 1)
        while (bad := fragile(distances, n, given["max_distance"])).any():
            distances = torch.where(bad, distances + distances.sign(), distances)
        return {"relative_position": distances} | given

    return {
        "near, looking both ways": [case(5, 7, 1), case(3, 11, 1, num_buckets=24, max_distance=60)],
        "near, looking back": [case(5, 7, 1, bidirectional=False), case(7, 5, 1, bidirectional=False, num_buckets=20)],
        "far": [
            case(13, 17, 11),
            case(17, 13, 13, bidirectional=False, max_distance=150),
            case(11, 13, 5, num_buckets=22, max_distance=40),
        ],
    }


def bucket_by_hand(relative_position, bidirectional=True, num_buckets=32, max_distance=128):
    found = torch.empty_like(relative_position)
    for place in map(tuple, torch.ones_like(relative_position).nonzero().tolist()):
        distance, bucket, n = relative_position[place].item(), 0, num_buckets
        if bidirectional:
            n //= 2
            bucket = n if distance > 0 else 0
            distance = abs(distance)
        else:
            distance = max(0, -distance)
        exact = n // 2
        if distance >= exact:
            distance = min(n - 1, exact + int(math.log(distance / exact, max_distance / exact) * (n - exact)))
        found[place] = bucket + distance
    return found


def bucket_by_edges(relative_position, bidirectional=True, num_buckets=32, max_distance=128):
    n = num_buckets // 2 if bidirectional else num_buckets
    distance = relative_position.abs() if bidirectional else torch.relu(-relative_position)
    exact = n // 2
    growth = (max_distance / exact) ** (1 / (n - exact))
    edges = [*range(1, exact + 1), *(exact * growth**i for i in range(1, n - exact))]
    bucket = torch.bucketize(distance.double(), torch.tensor(edges, dtype=torch.float64), right=True)
    return bucket + n * (relative_position > 0) * bidirectional


RELATIVE_POSITION_BUCKET = Exercise(
    solves="unrolled.t5.relative_position_bucket",
    groups={"near, looking both ways": 1, "near, looking back": 1, "far": 2},
    inputs=bucket_inputs,
    accepts=(bucket_by_hand, bucket_by_edges),
    misconceptions=(
        Misconception(
            id="sign-of-the-distance",
            name="the distance is taken as query minus key",
            hint="relative_position is the place of the key minus that of the query. Is a word *before* the query at a "
            "positive or at a negative distance?",
            edits={"    if bidirectional:": "    relative_position = -relative_position\n    if bidirectional:"},
        ),
        Misconception(
            id="halves-exchanged",
            name="the keys before the query get the upper half of the buckets",
            hint="Bucket 0 is for distance 0, and the words before the query follow it. For which sign are the higher numbers?",
            edits={"(relative_position > 0) * n": "(relative_position < 0) * n"},
        ),
        Misconception(
            id="itself-in-the-upper-half",
            name="distance 0 gets the first of the upper buckets",
            hint="The docstring says “at or before”. In which half is the query itself?",
            edits={"(relative_position > 0) * n": "(relative_position >= 0) * n"},
        ),
        Misconception(
            id="both-ways-in-the-decoder",
            name="the buckets are halved even when one only looks back, as in the decoder",
            hint="A decoder sees no future. What use are 16 buckets for it?",
            edits={"n, first = num_buckets, 0": "n, first = num_buckets // 2, 0"},
        ),
        Misconception(
            id="bidirectional-ignored",
            name="`bidirectional` plays no part: always both ways",
            hint="The decoder calls this function with bidirectional=False. Where do you use that argument?",
            edits={"if bidirectional:": "if True:"},
        ),
        Misconception(
            id="always-back",
            name="`bidirectional` plays no part: always back only",
            hint="An encoder looks at the words behind the query too. In which bucket are they in yours?",
            edits={"if bidirectional:": "if False:"},
        ),
        Misconception(
            id="direction-forgotten",
            name="keys before and behind the query share their buckets",
            hint="“dog bites man”: should the word before a verb and the one behind it get the same bias?",
            edits={"(relative_position > 0) * n": "0"},
        ),
        Misconception(
            id="future-by-its-distance",
            name="when one only looks back, keys in the future get buckets by their distance",
            hint="The mask will hide them, but the docstring says as what they count. What distance is that?",
            edits={"(-relative_position).clamp(min=0)": "relative_position.abs()"},
        ),
        Misconception(
            id="no-logarithm",
            name="every distance has a bucket of its own until the buckets run out",
            hint="Then the last bucket begins right behind the near ones. How should the far ones grow, up to max_distance?",
            edits={"torch.where(distance < exact, distance, far)": "distance.clamp(max=n - 1)"},
        ),
        Misconception(
            id="linear-far-buckets",
            name="the far buckets are all equally wide",
            hint="One more word matters at distance 10 and hardly at 100. Where is the logarithm in the formula?",
            edits={
                "torch.log(distance / exact) / math.log(max_distance / exact)": (
                    "(distance - exact) / (max_distance - exact)"
                )
            },
        ),
        Misconception(
            id="logarithm-everywhere",
            name="near distances go through the logarithm as well",
            hint="The first half of the buckets hold one distance each. Which distances are these?",
            edits={"torch.where(distance < exact, distance, far)": "far.clamp(min=0)"},
        ),
        Misconception(
            id="no-upper-limit",
            name="distances beyond max_distance get buckets that do not exist",
            hint="The last bucket of a direction is n − 1, and it holds all that is farther. What is yours at distance 1000?",
            edits={".clamp(max=n - 1)": ""},
        ),
        Misconception(
            id="one-bucket-too-many",
            name="the last bucket has the number n instead of n − 1",
            hint="Buckets are counted from 0. If there are n of them, which number has the last?",
            edits={".clamp(max=n - 1)": ".clamp(max=n)"},
        ),
        Misconception(
            id="rounded",
            name="the far bucket is rounded to the nearest instead of down",
            hint="The formula has ⌊ ⌋. Which function cuts off what is behind the point?",
            edits={"(ratio * (n - exact)).long()": "(ratio * (n - exact)).round().long()"},
        ),
        Misconception(
            id="max-distance-ignored",
            name="`max_distance` is 128 whatever the argument says",
            hint="The function has an argument max_distance. Where do you use it?",
            edits={"math.log(max_distance / exact)": "math.log(128 / exact)"},
        ),
        Misconception(
            id="logarithm-from-one",
            name="the logarithm is that of the distance, not of its ratio to the exact ones",
            hint="At distance e the far part should begin, with ratio 0. What is yours there?",
            edits={
                "torch.log(distance / exact) / math.log(max_distance / exact)": (
                    "torch.log(distance.clamp(min=1)) / math.log(max_distance)"
                )
            },
        ),
        Misconception(
            id="logarithm-not-scaled",
            name="the logarithm is not divided by that of max_distance / e",
            hint="At max_distance the fraction in the formula should be 1. What is log(distance / e) there?",
            edits={" / math.log(max_distance / exact)": ""},
        ),
        Misconception(
            id="exact-included",
            name="all n buckets of a direction are stretched over the far distances",
            hint="The first e buckets are taken by the near ones. How many are left for the far?",
            edits={"ratio * (n - exact)": "ratio * n"},
        ),
        Misconception(
            id="half-of-all",
            name="e is half of all buckets, not half of those of one direction",
            hint="Looking both ways, each direction has num_buckets // 2 buckets. Of which number is e the half?",
            edits={"exact = n // 2": "exact = num_buckets // 2", "(n - exact)": "max(1, n - exact)"},
        ),
    ),
)

# --- corrupt_spans ----------------------------------------------------------------------------------------------------


def draw_spans(rng, length, count, *, first=None, last=None, empty=()):
    """`count` spans in order, with at least one token between them; those in `empty` have length 0."""
    while True:
        sizes = [0 if i in empty else int(rng.integers(1, 4)) for i in range(count)]
        sizes[0] = max(sizes[0], 2) if 0 not in empty else 0
        gaps = [int(rng.integers(1, 4)) for _ in range(count)]
        if first is not None:
            gaps[0] = first
        spans, end = [], 0
        for gap, size in zip(gaps, sizes, strict=True):
            spans.append((end + gap, size))
            end += gap + size
        if last is not None:
            return spans, end + last
        if end + 2 <= length:
            return spans, length


def distinct(rng, n, low=100):
    """n different token numbers."""
    return (low + rng.permutation(3 * n)[:n]).tolist()


def corrupt_spans_inputs(rng):
    """Texts of different tokens; sentinels fall or rise, more of them than are needed; spans at either end."""

    def case(length, count, **where):
        spans, length = draw_spans(rng, length, count, **where)
        sentinels = list(range(999, 999 - count - 3, -1)) if rng.random() < 0.5 else list(range(900, 903 + count))
        return {"ids": distinct(rng, length), "spans": spans, "sentinels": sentinels}

    return {
        "one span": [case(11, 1)],
        "several spans": [case(19, 3), case(23, 4)],
        "at the ends": [case(17, 3, first=0), case(17, 2, last=0), case(19, 3, first=0, last=0)],
    }


def corrupt_spans_token_by_token(ids, spans, sentinels):
    inside = {place: i for i, (start, length) in enumerate(spans) for place in range(start, start + length)}
    inputs, targets, last = [], [], None
    for place, token in enumerate(ids):
        span = inside.get(place)
        if span is None:
            inputs.append(token)
        else:
            if span != last:
                inputs.append(sentinels[span])
                targets.append(sentinels[span])
            targets.append(token)
        last = span
    targets.append(sentinels[len(spans)])
    return inputs, targets


def corrupt_spans_backwards(ids, spans, sentinels):
    inputs, targets = list(ids), [sentinels[len(spans)]]
    for i in range(len(spans) - 1, -1, -1):
        start, length = spans[i]
        targets = [sentinels[i], *ids[start : start + length], *targets]
        inputs[start : start + length] = [sentinels[i]]
    return inputs, targets


TARGETS = "targets += [sentinel, *ids[start:end]]"

CORRUPT_SPANS = Exercise(
    solves="unrolled.corruption.corrupt_spans",
    groups={"one span": 1, "several spans": 2, "at the ends": 1},
    inputs=corrupt_spans_inputs,
    accepts=(corrupt_spans_token_by_token, corrupt_spans_backwards),
    misconceptions=(
        Misconception(
            id="final-sentinel-missing",
            name="the final sentinel is missing",
            hint="Right in the code that came with T5, where a text always ends in a span. Here as in the paper's figure 2: "
            "how does the model say that nothing more is missing?",
            edits={"[*targets, sentinels[len(spans)]]": "targets"},
        ),
        Misconception(
            id="sentinels-restart",
            name="every span has the first sentinel",
            hint="How should the model say *which* hole it is filling? Which sentinel belongs to the second span?",
            edits={
                "targets += [": "sentinel = sentinels[0]\n        targets += [",
                "[*ids[end:start], sentinel]": "[*ids[end:start], sentinels[0]]",
            },
        ),
        Misconception(
            id="one-sentinel-for-all",
            name="the first sentinel stands for every span, and for the end",
            hint="Read your targets as the model would: which hole is filled here, and where do they stop? What are the other "
            "sentinels for?",
            edits={
                "targets += [": "sentinel = sentinels[0]\n        targets += [",
                "[*ids[end:start], sentinel]": "[*ids[end:start], sentinels[0]]",
                "sentinels[len(spans)]": "sentinels[0]",
            },
        ),
        Misconception(
            id="places-shift",
            name="the spans' places are counted in the text as it shrinks, from left to right",
            hint="Once a span of three has become one sentinel, all later tokens stand two places earlier. Do your spans know?",
            answer=lambda ids, spans, sentinels: _corrupt_in_place(ids, spans, sentinels),
        ),
        Misconception(
            id="sentinels-restart-in-the-targets",
            name="the targets begin with the second sentinel",
            hint="A sentinel in the targets names the hole that it fills. With which sentinel does the first hole stand in the "
            "inputs?",
            edits={TARGETS: "targets += [sentinels[sentinels.index(sentinel) + 1], *ids[start:end]]"},
        ),
        Misconception(
            id="final-sentinel-repeats-the-last",
            name="the final sentinel is that of the last span again",
            hint="The last one closes the targets and stands for no hole. How many sentinels are needed for three spans?",
            edits={"sentinels[len(spans)]": "sentinels[len(spans) - 1]"},
        ),
        Misconception(
            id="final-sentinel-is-the-last-of-all",
            name="the targets end with the last sentinel there is",
            hint="More sentinels may be handed in than are used. Which one comes after that of the last span?",
            edits={"sentinels[len(spans)]": "sentinels[-1]"},
        ),
        Misconception(
            id="final-sentinel-in-the-inputs",
            name="the final sentinel stands in the inputs too",
            hint="A sentinel in the inputs marks a hole. Is there a hole at the end?",
            edits={"return inputs + ids[end:],": "return [*inputs, *ids[end:], sentinels[len(spans)]],"},
        ),
        Misconception(
            id="one-sentinel-a-token",
            name="the inputs have the sentinel once for every hidden token",
            hint="That would tell the model how much is missing. How many sentinels replace a whole span?",
            edits={"[*ids[end:start], sentinel]": "[*ids[end:start], *[sentinel] * length]"},
        ),
        Misconception(
            id="sentinel-put-in",
            name="the sentinel is put in, but what it should hide still stands behind it",
            hint="Can the model copy the answer out of its inputs? From which token on does the text go on behind the sentinel?",
            edits={
                "end = start + length": "end = start",
                TARGETS: "targets += [sentinel, *ids[start : start + length]]",
            },
        ),
        Misconception(
            id="spans-dropped",
            name="the spans are cut out of the inputs without a sentinel",
            hint="How should the model know where something is missing?",
            edits={"[*ids[end:start], sentinel]": "ids[end:start]"},
        ),
        Misconception(
            id="rest-lost",
            name="the text behind the last span is lost",
            hint="After the last span the text goes on. What do you append when the loop has ended?",
            edits={"inputs + ids[end:]": "inputs"},
        ),
        Misconception(
            id="length-as-end",
            name="a span's second number is read as the place where it ends",
            hint="A span is (start, length). Where does a span of length 2 that starts at 5 end?",
            edits={"end = start + length": "end = length"},
        ),
        Misconception(
            id="one-token-too-many",
            name="every span is one token too long",
            hint="ids[a:b] does not hold the token at b. Which is the first token behind a span?",
            edits={"end = start + length": "end = start + length + 1"},
        ),
        Misconception(
            id="sentinel-behind-its-span",
            name="in the targets each sentinel stands behind its span",
            hint="The model writes from left to right. When must it say which hole comes?",
            edits={TARGETS: "targets += [*ids[start:end], sentinel]"},
        ),
        Misconception(
            id="whole-text-as-target",
            name="the targets are the whole text",
            hint="That is BART's exercise. T5 writes only what is missing, which is cheaper: what stands between its sentinels?",
            edits={"[*targets, sentinels[len(spans)]]": "list(ids)"},
        ),
        Misconception(
            id="exchanged",
            name="inputs and targets are exchanged",
            hint="Which of the two does the model read?",
            edits={
                "return inputs + ids[end:], [*targets, sentinels[len(spans)]]": (
                    "return [*targets, sentinels[len(spans)]], inputs + ids[end:]"
                )
            },
        ),
    ),
)


def _corrupt_in_place(ids, spans, sentinels):
    inputs, targets = list(ids), []
    for i, (start, length) in enumerate(spans):
        targets += [sentinels[i], *inputs[start : start + length]]
        inputs[start : start + length] = [sentinels[i]]
    return inputs, [*targets, sentinels[len(spans)]]


# --- infill_text ------------------------------------------------------------------------------------------------------


def infill_text_inputs(rng):
    """Texts of different tokens; spans of one token and more, and empty ones, also at either end."""

    def case(length, count, **where):
        spans, length = draw_spans(rng, length, count, **where)
        return {"ids": distinct(rng, length), "spans": spans, "mask": int(rng.integers(900, 999))}

    return {
        "full spans": [case(11, 1), case(23, 4), case(17, 3, first=0, last=0)],
        "empty spans": [case(17, 3, empty=(1,)), case(13, 2, first=0, empty=(0,)), case(19, 3, last=0, empty=(2,))],
    }


def infill_text_backwards(ids, spans, mask):
    corrupted = list(ids)
    for start, length in reversed(spans):
        corrupted[start : start + length] = [mask]
    return corrupted


def infill_text_token_by_token(ids, spans, mask):
    begins = {start for start, _ in spans}
    hidden = {place for start, length in spans for place in range(start, start + length)}
    corrupted = []
    for place in range(len(ids) + 1):
        if place in begins:
            corrupted.append(mask)
        if place < len(ids) and place not in hidden:
            corrupted.append(ids[place])
    return corrupted


INFILL_TEXT = Exercise(
    solves="unrolled.corruption.infill_text",
    groups={"full spans": 1, "empty spans": 1},
    inputs=infill_text_inputs,
    accepts=(infill_text_backwards, infill_text_token_by_token),
    misconceptions=(
        Misconception(
            id="one-mask-a-token",
            name="there is one mask for every hidden token, as in BERT",
            hint="Then the model need not find out how much is missing. How many masks replace a span of three tokens?",
            edits={"[*ids[end:start], mask]": "[*ids[end:start], *[mask] * length]"},
        ),
        Misconception(
            id="one-mask-a-token-but-empty-ones-too",
            name="there is one mask for every hidden token, and one for every empty span",
            hint="A span of 0 is right in yours. How many masks replace a span of three tokens?",
            edits={"[*ids[end:start], mask]": "[*ids[end:start], *[mask] * max(1, length)]"},
        ),
        Misconception(
            id="empty-spans-ignored",
            name="empty spans leave no mask",
            hint="The paper has them on purpose: so a model must learn that sometimes nothing is missing. What stands at "
            "`start` when the length is 0?",
            edits={"[*ids[end:start], mask]": "[*ids[end:start], *[mask] * (length > 0)]"},
        ),
        Misconception(
            id="empty-spans-hide-a-token",
            name="an empty span hides the token at its start",
            hint="How many tokens does a span of length 0 hide?",
            edits={"end = start + length": "end = start + max(1, length)"},
        ),
        Misconception(
            id="spans-cut-out",
            name="the spans are cut out without a mask",
            hint="That is BART's token deletion. In infilling, what shows where something is missing?",
            edits={"[*ids[end:start], mask]": "ids[end:start]"},
        ),
        Misconception(
            id="mask-put-in",
            name="the mask is put in, but what it should hide still stands behind it",
            hint="Can the model copy the answer? From which token on does the text go on behind a mask?",
            edits={"end = start + length": "end = start"},
        ),
        Misconception(
            id="places-shift",
            name="the spans' places are counted in the text as it shrinks, from left to right",
            hint="Once a span of three has become one mask, all later tokens stand two places earlier. Do your spans know?",
            answer=lambda ids, spans, mask: _infill_in_place(ids, spans, mask),
        ),
        Misconception(
            id="length-as-end",
            name="a span's second number is read as the place where it ends",
            hint="A span is (start, length). Where does a span of length 2 that starts at 5 end?",
            edits={"end = start + length": "end = length"},
        ),
        Misconception(
            id="one-token-too-many",
            name="every span is one token too long",
            hint="ids[a:b] does not hold the token at b. Which is the first token behind a span?",
            edits={"end = start + length": "end = start + length + 1"},
        ),
        Misconception(
            id="rest-lost",
            name="the text behind the last span is lost",
            hint="After the last span the text goes on. What do you append when the loop has ended?",
            edits={"corrupted + ids[end:]": "corrupted"},
        ),
        Misconception(
            id="mask-behind-the-next-token",
            name="the mask of an empty span stands behind the token at its start",
            hint="In front of which token does the mask of an empty span stand?",
            edits={
                "[*ids[end:start], mask]": ("[*ids[end:start], mask] if length else [*ids[end : start + 1], mask]"),
                "end = start + length": "end = start + (length or 1)",
            },
        ),
    ),
)


def _infill_in_place(ids, spans, mask):
    corrupted = list(ids)
    for start, length in spans:
        corrupted[start : start + length] = [mask]
    return corrupted


# --- permute_sentences ------------------------------------------------------------------------------------------------


def permute_sentences_inputs(rng):
    """Sentences of different lengths in an order that is not its own inverse; some texts end without a full stop."""

    def case(count, *, ended=True):
        full_stop = int(rng.integers(2, 9))
        sizes = rng.permutation(range(2, 2 + count)).tolist()
        words = distinct(rng, sum(sizes))
        ids = []
        for i, size in enumerate(sizes):
            ids += [words.pop() for _ in range(size)]
            ids += [full_stop] * (ended or i + 1 < count)
        while True:
            order = rng.permutation(count).tolist()
            inverse = [order.index(i) for i in range(count)]
            backwards = order[::-1]
            if len({tuple(o) for o in (order, inverse, sorted(order), backwards)}) == 4 and order[-1] != count - 1:
                break
        return {"ids": ids, "full_stop": full_stop, "order": order}

    return {
        "all end with a full stop": [case(3), case(5)],
        "the last has none": [case(5, ended=False), case(3, ended=False)],
    }


def permute_sentences_by_places(ids, full_stop, order):
    ends = [place + 1 for place, token in enumerate(ids) if token == full_stop]
    if not ends or ends[-1] != len(ids):
        ends.append(len(ids))
    starts = [0, *ends[:-1]]
    return [token for i in order for token in ids[starts[i] : ends[i]]]


def permute_sentences_sorted(ids, full_stop, order):
    number, numbers = 0, []
    for token in ids:
        numbers.append(number)
        number += token == full_stop
    rank = {sentence: place for place, sentence in enumerate(order)}
    return [ids[place] for place in sorted(range(len(ids)), key=lambda place: rank[numbers[place]])]


APPEND = "        current.append(token)\n        if token == full_stop:\n            sentences.append(current)\n            current = []"
JOIN = "[token for i in order for token in sentences[i]]"

PERMUTE_SENTENCES = Exercise(
    solves="unrolled.corruption.permute_sentences",
    groups={"all end with a full stop": 1, "the last has none": 1},
    inputs=permute_sentences_inputs,
    accepts=(permute_sentences_by_places, permute_sentences_sorted),
    misconceptions=(
        Misconception(
            id="order-inverted",
            name="order[i] is taken as the new place of sentence i",
            hint="order says which sentence comes first, which second, … With order [2, 0, 1], which sentence comes first?",
            edits={JOIN: "[token for i in range(len(order)) for token in sentences[order.index(i)]]"},
        ),
        Misconception(
            id="not-permuted",
            name="the sentences stay in their order",
            hint="Where do you use `order`?",
            edits={JOIN: "[token for sentence in sentences for token in sentence]"},
        ),
        Misconception(
            id="reversed",
            name="the new order is read from its end",
            hint="Which entry of order names the sentence that comes first?",
            edits={"for i in order": "for i in reversed(order)"},
        ),
        Misconception(
            id="full-stops-lost",
            name="the full stops are lost",
            hint="A full stop is the last token of its sentence. Does it get into your list of tokens?",
            edits={
                APPEND: (
                    "        if token != full_stop:\n            current.append(token)\n        else:\n"
                    "            sentences.append(current)\n            current = []"
                )
            },
        ),
        Misconception(
            id="full-stop-begins",
            name="a full stop begins the next sentence instead of ending its own",
            hint="When you meet a full stop, which comes first: append it, or close the sentence?",
            edits={
                APPEND: (
                    "        if token == full_stop:\n            sentences.append(current)\n            current = []\n"
                    "        current.append(token)"
                ),
                "if current:": "if current != [full_stop]:",
                JOIN: "[token for i in order for token in sentences[i]] + (current if current == [full_stop] else [])",
            },
        ),
        Misconception(
            id="words-permuted-too",
            name="the words inside the sentences are reversed as well",
            hint="Only the sentences change places. In which order are the tokens of one sentence?",
            edits={"for token in sentences[i]": "for token in reversed(sentences[i])"},
        ),
        Misconception(
            id="nested",
            name="the sentences are lists in a list",
            hint="The model reads one row of tokens. How do you make one list of several?",
            edits={JOIN: "[sentences[i] for i in order]"},
        ),
        Misconception(
            id="rest-stays-last",
            name="tokens behind the last full stop are no sentence and stay at the end",
            hint="The docstring calls them a sentence too. Which number does it have in `order`?",
            edits={
                "    if current:\n        sentences.append(current)\n": "",
                JOIN: ("[token for i in order if i < len(sentences) for token in sentences[i]] + current"),
            },
        ),
        Misconception(
            id="rest-lost",
            name="tokens behind the last full stop are lost",
            hint="When the loop ends, is there something left that no full stop has closed?",
            edits={
                "    if current:\n        sentences.append(current)\n": "",
                JOIN: ("[token for i in order if i < len(sentences) for token in sentences[i]]"),
            },
        ),
        Misconception(
            id="full-stop-added",
            name="a sentence without a full stop gets one",
            hint="A permutation neither loses tokens nor makes any. How many does your result have?",
            edits={
                "    if current:\n        sentences.append(current)\n": (
                    "    if current:\n        sentences.append([*current, full_stop])\n"
                )
            },
        ),
    ),
)

# --- to_text_pair -----------------------------------------------------------------------------------------------------


def to_text_pair_inputs(rng):
    """Small made-up examples; scores away from the middle between two steps."""

    def words(korean=False):
        source = ["마을", "강아지가", "천천히", "걸었다", "빵을", "샀다", "아침에"] if korean else None
        source = source or ["The", "dog", "walked", "slowly", "to", "bread", "village", "one", "morning"]
        return " ".join(source[i] for i in rng.permutation(len(source))[:5]) + "."

    def score():
        steps = int(rng.integers(1, 25))
        if steps % 5 == 0:
            steps += 1
        return round(steps / 5 + float(rng.choice([-0.07, 0.06])), 2)

    def judged(sentiment):
        return {"task": "sentiment", "example": {"text": words(), "sentiment": sentiment}}

    def compared(value):
        return {"task": "similarity", "example": {"first": words(), "second": words(), "score": value}}

    return {
        "translate and summarize": [
            {"task": "translate", "example": {"korean": words(korean=True), "english": words()}},
            {"task": "summarize", "example": {"story": f"{words()} {words()}", "summary": words()}},
        ],
        "sentiment": [judged(1), judged(0)],
        "similarity": [compared(score()), compared(score()), compared(4.97), compared(1)],
    }


def to_text_pair_by_table(task, example):
    if task == "translate":
        prefix, read, write = "translate Korean to English: ", ["korean"], example["english"]
    elif task == "summarize":
        prefix, read, write = "summarize: ", ["story"], example["summary"]
    elif task == "sentiment":
        prefix, read, write = "sentiment: ", ["text"], ["negative", "positive"][example["sentiment"]]
    elif task == "similarity":
        write = "%.1f" % (0.2 * round(example["score"] / 0.2))
        return "similarity first: " + example["first"] + " second: " + example["second"], write
    else:
        raise ValueError(f"no such task: {task}")
    return prefix + " ".join(example[field] for field in read), write


def to_text_pair_match(task, example):
    match task, example:
        case "translate", {"korean": source, "english": target}:
            return "translate Korean to English: " + source, target
        case "summarize", {"story": source, "summary": target}:
            return "summarize: " + source, target
        case "sentiment", {"text": source, "sentiment": sentiment}:
            return "sentiment: " + source, {1: "positive", 0: "negative"}[sentiment]
        case "similarity", {"first": first, "second": second, "score": score}:
            fifths = math.floor(score * 5 + 0.5)
            return f"similarity first: {first} second: {second}", f"{fifths // 5}.{fifths % 5 * 2}"
    raise ValueError(task)


SCORE = """f"{round(example['score'] * 5) / 5:.1f}\""""

TO_TEXT_PAIR = Exercise(
    solves="unrolled.corruption.to_text_pair",
    groups={"translate and summarize": 1, "sentiment": 1, "similarity": 1},
    inputs=to_text_pair_inputs,
    accepts=(to_text_pair_by_table, to_text_pair_match),
    misconceptions=(
        Misconception(
            id="no-prefix",
            name="the text to read does not begin with the task's name",
            hint="One model does all tasks. How should it know that this is a story to sum up and not a review to judge?",
            edits={
                "translate Korean to English: ": "",
                'f"summarize: {': 'f"{',
                'f"sentiment: {': 'f"{',
                "similarity first: ": "first: ",
            },
        ),
        Misconception(
            id="prefix-on-both-sides",
            name="the text to write begins with the task's name too",
            hint="The model writes the answer and nothing else. Which of the two texts names the task?",
            edits={
                ', example["english"]': ", f\"translate Korean to English: {example['english']}\"",
                ', example["summary"]': ", f\"summarize: {example['summary']}\"",
                ', "positive" if example["sentiment"] else "negative"': (
                    ', "sentiment: positive" if example["sentiment"] else "sentiment: negative"'
                ),
            },
        ),
        Misconception(
            id="no-space",
            name="there is no space between the prefix and the text",
            hint="Print what you read: what stands behind the colon?",
            edits={
                "translate Korean to English: ": "translate Korean to English:",
                'f"summarize: {': 'f"summarize:{',
                'f"sentiment: {': 'f"sentiment:{',
            },
        ),
        Misconception(
            id="translated-backwards",
            name="the English is read and the Korean written",
            hint="The prefix says from which language into which. Which is the source?",
            edits={"example['korean']}": "example['english']}", 'example["english"]': 'example["korean"]'},
        ),
        Misconception(
            id="label-as-number",
            name="the sentiment is written as a number",
            hint="Text to text: what word would a person write?",
            edits={'"positive" if example["sentiment"] else "negative"': 'str(example["sentiment"])'},
        ),
        Misconception(
            id="labels-exchanged",
            name="positive and negative are exchanged",
            hint="Which sentiment is praise, 1 or 0?",
            edits={
                '"positive" if example["sentiment"] else "negative"': '"negative" if example["sentiment"] else "positive"'
            },
        ),
        Misconception(
            id="score-not-rounded",
            name="the score is not rounded to steps of 0.2",
            hint="A decoder's words are a finite set. How many different scores may be written?",
            edits={SCORE: """f"{example['score']:.2f}\""""},
        ),
        Misconception(
            id="rounded-to-tenths",
            name="the score is rounded to steps of 0.1",
            hint="Between 3.6 and 3.8 there should be nothing. By what do you multiply before you round?",
            edits={SCORE: """f"{example['score']:.1f}\""""},
        ),
        Misconception(
            id="rounded-to-whole-numbers",
            name="the score is rounded to whole numbers",
            hint="How many steps lie between 3 and 4?",
            edits={SCORE: """f"{round(example['score']):.1f}\""""},
        ),
        Misconception(
            id="cut-off",
            name="the score is cut off to the step below instead of rounded to the nearest",
            hint="3.75 lies nearer to 3.8 than to 3.6. Which function do you use?",
            edits={"round(example['score'] * 5)": "int(example['score'] * 5)"},
        ),
        Misconception(
            id="score-as-a-number",
            name="the score is a number, not a text",
            hint="What type has everything that a text-to-text model writes?",
            edits={SCORE: "round(round(example['score'] * 5) / 5, 1)"},
        ),
        Misconception(
            id="second-first",
            name="the two sentences to compare are exchanged",
            hint="Which sentence stands behind `first:`?",
            edits={"{example['first']} second: {example['second']}": "{example['second']} second: {example['first']}"},
        ),
        Misconception(
            id="story-and-summary-exchanged",
            name="the summary is read and the story written",
            hint="Which of the two is longer, and which should the model write?",
            edits={"{example['story']}": "{example['summary']}", 'example["summary"]': 'example["story"]'},
        ),
        Misconception(
            id="in-small-letters",
            name="the texts are put into small letters",
            hint="The vocabulary will see to letters. Does the docstring's example keep its capitals?",
            edits={
                '{example[\'korean\']}", example["english"]': '{example[\'korean\'].lower()}", example["english"].lower()',
                '{example[\'story\']}", example["summary"]': '{example[\'story\'].lower()}", example["summary"].lower()',
                "{example['text']}": "{example['text'].lower()}",
            },
        ),
    ),
)

EXERCISES = (TO_TEXT_PAIR, CORRUPT_SPANS, INFILL_TEXT, PERMUTE_SENTENCES, RMS_NORM, RELATIVE_POSITION_BUCKET)
