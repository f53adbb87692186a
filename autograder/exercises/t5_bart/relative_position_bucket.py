"""`relative_position_bucket`: The number of the bucket, from 0, for each distance: place of the key minus place of the
query.
"""

import math

import torch

from autograder.draw import integers
from autograder.exercise import Exercise, Misconception


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
