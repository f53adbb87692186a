"""`relative_position_bucket`: The number of the bucket, from 0, for each distance: place of the key minus place of the
query.
"""

import math

import torch

from autograder.draw import integers
from autograder.exercise import Exercise, Misconception


def bucket_inputs(rng):
    """Grids of distances, longer than wide, once a row and once a batch of grids. None sits where rounding decides."""

    def fragile(distances, n, max_distance):
        exact = n // 2
        far = distances.abs().double().clamp(min=exact)
        place = torch.log(far / exact) / math.log(max_distance / exact) * (n - exact)
        return ((place - place.round()).abs() < 1e-4) & (distances.abs() > exact)

    def case(queries, keys, stretch, **settings):
        given = {"bidirectional": True, "num_buckets": 32, "max_distance": 128} | settings
        if stretch == 1:  # every near distance, somewhere
            distances = torch.from_numpy(rng.permutation(queries * keys)).view(queries, keys) % 13 - 6
        else:
            first = int(rng.integers(2, 5))
            distances = stretch * (torch.arange(keys) - first - torch.arange(queries)[:, None])
            distances = distances + integers(rng, 0, stretch, queries, keys)
        n = given["num_buckets"] // (2 if given["bidirectional"] else 1)
        while (bad := fragile(distances, n, given["max_distance"])).any():
            distances = torch.where(bad, distances + distances.sign(), distances)
        return {"relative_position": distances} | given

    def reshaped(given, *shape):
        return given | {"relative_position": given["relative_position"].reshape(shape)}

    one = {"relative_position": torch.tensor([[0]]), "bidirectional": True, "num_buckets": 32, "max_distance": 128}
    return {
        "near, looking both ways": [case(5, 7, 1), case(3, 11, 1, num_buckets=24, max_distance=60), one],
        "near, looking back": [case(5, 7, 1, bidirectional=False), case(7, 5, 1, bidirectional=False, num_buckets=20)],
        "far": [
            reshaped(case(1, 23, 7), 23),
            reshaped(case(6, 11, 7, bidirectional=False, num_buckets=26), 2, 3, 11),
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


def bucket_by_table(relative_position, bidirectional=True, num_buckets=32, max_distance=128):
    n = num_buckets // 2 if bidirectional else num_buckets
    exact = n // 2
    scale = (n - exact) / math.log(max_distance / exact)
    far = [min(n - 1, exact + int(math.log(distance / exact) * scale)) for distance in range(exact, max_distance + 1)]
    table = torch.tensor([*range(exact), *far])
    if bidirectional:
        return torch.where(relative_position > 0, n, 0) + table[relative_position.abs().clamp(max=max_distance)]
    return table[(-relative_position).clamp(0, max_distance)]


RELATIVE_POSITION_BUCKET = Exercise(
    solves="unrolled.t5.relative_position_bucket",
    groups={"near, looking both ways": 1, "near, looking back": 1, "far": 2},
    inputs=bucket_inputs,
    accepts=(bucket_by_hand, bucket_by_edges, bucket_by_table),
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
            hint="An encoder looks at the words after the query too. In which bucket are they in yours?",
            edits={"if bidirectional:": "if False:"},
        ),
        Misconception(
            id="direction-forgotten",
            name="keys before and after the query share their buckets",
            hint="“dog bites man”: should the word before a verb and the one after it get the same bias?",
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
            hint="Then the last bucket begins right after the near ones. How should the far ones grow, up to max_distance?",
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
            hint="The formula has ⌊ ⌋. Which function cuts off what is after the point?",
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
        Misconception(
            id="not-halved",
            name="an encoder's buckets are not halved: each direction has all of them",
            hint="Keys before and keys after share the num_buckets rows of one table. How many are there for each direction?",
            edits={"n = num_buckets // 2": "n = num_buckets"},
        ),
        Misconception(
            id="second-half-from-num-buckets",
            name="the buckets after the query begin at num_buckets, beyond the end of the table",
            hint="The table has num_buckets rows, for both directions. At which row does its second half begin?",
            edits={"(relative_position > 0) * n": "(relative_position > 0) * num_buckets"},
        ),
        Misconception(
            id="second-half-from-e",
            name="the buckets after the query begin at e, where the far ones before it stand",
            hint="Each direction has n buckets of its own. At which number do those of the second direction begin?",
            edits={"(relative_position > 0) * n": "(relative_position > 0) * (n // 2)"},
        ),
        Misconception(
            id="rounded-up",
            name="the far bucket is rounded up instead of down",
            hint="The formula has ⌊ ⌋. Which function goes to the whole number below?",
            edits={"(ratio * (n - exact)).long()": "(ratio * (n - exact)).ceil().long()"},
        ),
        Misconception(
            id="limit-of-all-buckets",
            name="a direction ends at num_buckets − 1, not at its own last bucket",
            hint="Looking both ways, a direction has fewer buckets than the table. Which number has its last one?",
            edits={".clamp(max=n - 1)": ".clamp(max=num_buckets - 1)"},
        ),
        Misconception(
            id="max-distance-not-divided",
            name="the logarithm below the bar is that of max_distance, not of max_distance / e",
            hint="At max_distance the fraction should be 1. What is it in yours?",
            edits={"math.log(max_distance / exact)": "math.log(max_distance)"},
        ),
        Misconception(
            id="e-subtracted-below",
            name="the logarithm below the bar is that of max_distance − e",
            hint="At max_distance the fraction should be 1. Which operation with e stands above the bar, and which below?",
            edits={"math.log(max_distance / exact)": "math.log(max_distance - exact)"},
        ),
        Misconception(
            id="stretched-over-e",
            name="the far part is e buckets wide, which is one too few where n is odd",
            hint="n = 11 buckets, of which the first 5 are near: how many are left for the far?",
            edits={"ratio * (n - exact)": "ratio * exact"},
        ),
        Misconception(
            id="far-from-zero",
            name="the far buckets begin at 0 again",
            hint="The near ones have taken the numbers 0 to e − 1. Which is the first that is free?",
            edits={"exact + (ratio": "(ratio"},
        ),
        Misconception(
            id="num-buckets-ignored",
            name="there are 32 buckets whatever the argument says",
            hint="The function has an argument num_buckets. Where do you use it?",
            edits={"if bidirectional:": "num_buckets = 32\n    if bidirectional:"},
        ),
        Misconception(
            id="near-and-far-exchanged",
            name="near distances get the logarithm and far ones a bucket each",
            hint="Which of its two values does torch.where take where the condition is True?",
            edits={
                "distance < exact, distance, far": "distance < exact, far, distance",
                "torch.log(distance / exact)": "torch.log(distance.clamp(min=1) / exact)",
                "(ratio * (n - exact)).long()": "(ratio * (n - exact)).floor().long()",
            },
        ),
        Misconception(
            id="logarithm-everywhere-from-one",
            name="near distances go through the logarithm as well, and are cut off at bucket 0",
            hint="The first half of the buckets hold one distance each. Which distances are these?",
            edits={
                "torch.where(distance < exact, distance, far)": "far.clamp(min=0)",
                "torch.log(distance / exact)": "torch.log(distance.clamp(min=1) / exact)",
                "(ratio * (n - exact)).long()": "(ratio * (n - exact)).floor().long()",
            },
        ),
        Misconception(
            id="floats",
            name="the buckets are floats",
            hint="They will number the rows of a table. Of what type is a row's number?",
            edits={
                "return first + torch.where(distance < exact, distance, far)": "return (first + torch.where(distance < exact, distance, far)).float()"
            },
        ),
        Misconception(
            id="e-rounded-up",
            name="e is rounded up where n is odd",
            hint="n = 11: what is n // 2?",
            edits={"exact = n // 2": "exact = (n + 1) // 2"},
        ),
        Misconception(
            id="behind-from-distance-one",
            name="the words after the query are counted from the first of them, so that the next word has distance 0",
            hint="The next word is at distance 1, and the first bucket of its half stays empty in T5. What do you subtract?",
            edits={"relative_position.abs()": "relative_position.abs() - (relative_position > 0).long()"},
        ),
        Misconception(
            id="truth-of-a-tensor",
            name="`if` is asked of a whole tensor of distances",
            hint="There are many distances, and each has an answer of its own. Which operation chooses place by place?",
            edits={"first = (relative_position > 0) * n": "first = n if relative_position > 0 else 0"},
        ),
        Misconception(
            id="distances-overwritten",
            name="the distances that were handed in lose their signs",
            hint="The caller may still need them. What does the underscore in abs_ mean?",
            edits={"relative_position.abs()": "relative_position.clone().copy_(relative_position.abs_())"},
        ),
        Misconception(
            id="two-logarithms",
            name="the logarithm above the bar is that to base 2, the one below is natural",
            hint="At max_distance the fraction should be 1. Are the two logarithms the same function?",
            edits={"torch.log(distance / exact)": "torch.log2(distance / exact)"},
        ),
        Misconception(
            id="whole-multiples-of-e",
            name="distance / e is cut off to a whole number before the logarithm",
            hint="Between e and 2e there are buckets too. What does // do to the ratio?",
            edits={"torch.log(distance / exact)": "torch.log(distance // exact)"},
        ),
        Misconception(
            id="minus-forgotten",
            name="when one only looks back, the distances of the keys after the query are taken and the past is 0",
            hint="A key before the query has a negative relative_position. Which sign must it have before the clamp?",
            edits={"(-relative_position).clamp(min=0)": "relative_position.clamp(min=0)"},
        ),
        Misconception(
            id="past-cut-off",
            name="when one only looks back, the distance stays negative",
            hint="A key before the query has a negative relative_position. Should its bucket be negative too? Which end does your clamp cut?",
            edits={"(-relative_position).clamp(min=0)": "relative_position.clamp(max=0)"},
        ),
    ),
)
