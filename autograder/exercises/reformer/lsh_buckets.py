"""`lsh_buckets`: The bucket of every vector, in every round: the number of the direction that it points along most."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def lsh_inputs(rng):
    """Batch 2, 3 heads, 13 words of 5 features, 2 rounds of 7 directions; one word; few directions; ties.

    No vector is so near the border of two buckets that rounding could decide. One case holds the directions themselves
    and vectors of small whole numbers, which point along two of them equally.
    """

    def case(batch=2, heads=3, time=13, d=5, rounds=2, half=7):
        vectors, rotations = normal(rng, batch, heads, time, d), normal(rng, heads, d, rounds, half)
        for _ in range(20):
            products = torch.einsum("bhtd,hdrn->bhtrn", vectors, rotations).abs().flatten(3)
            products = products.unflatten(3, (rounds, half)).sort(dim=-1).values
            near = (products[..., -1] - products[..., -2] < 0.02).any(-1) if half > 1 else products[..., 0, 0] < 0.02
            vectors[near] = normal(rng, int(near.sum()), d)
        return {"vectors": vectors, "rotations": rotations}

    def ties():
        vectors = torch.from_numpy(rng.integers(-2, 3, (2, 1, 23, 3))).float()
        vectors[:, :, :4] = torch.tensor([[1, 1, 0], [-1, 1, 1], [0, -2, -2], [0, 0, 0]])
        return {"vectors": vectors, "rotations": torch.eye(3)[None, :, None].repeat(1, 1, 2, 1)}

    return {
        "one round": [case(rounds=1), case(batch=1, heads=1, rounds=1, time=17), case(batch=1, time=1, rounds=1)],
        "several rounds": [case(), case(rounds=5, half=3), case(rounds=3, time=19, half=1), case(time=1), ties()],
    }


def lsh_with_matmul(vectors, rotations):
    heads, d_k, rounds, half = rotations.shape
    products = (vectors @ rotations.reshape(heads, d_k, rounds * half)).unflatten(-1, (rounds, half))
    return torch.cat((products, products.neg()), dim=-1).max(dim=-1).indices.transpose(2, 3)


def lsh_with_opposites_among_the_directions(vectors, rotations):
    directions = torch.cat([rotations, -rotations], dim=3)
    return torch.einsum("...htd,hdrn->...hrtn", vectors, directions).argmax(-1)


def lsh_loop(vectors, rotations):
    batch, heads, time, _ = vectors.shape
    rounds, half = rotations.shape[2:]
    found = torch.zeros(batch, heads, rounds, time, dtype=torch.long)
    for h in range(heads):
        for r in range(rounds):
            products = vectors[:, h] @ rotations[h, :, r]
            best = products.abs().max(dim=-1).values[..., None]
            lowest = torch.where(products == best, torch.arange(half), 2 * half).amin(-1)
            opposite = torch.where(-products == best, torch.arange(half) + half, 2 * half).amin(-1)
            found[:, h, r] = torch.minimum(lowest, opposite)
    return found


ROTATED = 'torch.einsum("bhtd,hdrn->bhrtn", vectors, rotations)'
CAT = "torch.cat([rotated, -rotated], dim=-1)"

LSH_BUCKETS = Exercise(
    solves="unrolled.lsh.lsh_buckets",
    groups={"one round": 1, "several rounds": 2},
    inputs=lsh_inputs,
    accepts=(lsh_with_matmul, lsh_with_opposites_among_the_directions, lsh_loop),
    misconceptions=(
        Misconception(
            id="largest-magnitude",
            name="the largest product is looked for without its sign, and the sign is asked afterwards",
            hint="If a vector points along direction 1 as much as against direction 0, which of the two buckets has the lower number?",
            edits={
                "torch.cat([rotated, -rotated], dim=-1).argmax(dim=-1)": (
                    "(lambda best: best + rotated.shape[-1] * (rotated.gather(-1, best[..., None])[..., 0] < 0))"
                    "(rotated.abs().argmax(-1))"
                )
            },
        ),
        Misconception(
            id="only-the-positive-half",
            name="the opposites of the directions are left out",
            hint="A vector that points away from all directions lands in one of their buckets all the same. How many "
            "buckets does a round have?",
            edits={CAT: "rotated"},
        ),
        Misconception(
            id="opposites-first",
            name="the opposites come before the directions (or the smallest product decides)",
            hint="Bucket 0 holds what points along the first direction itself. Which half stands first in your list, and which end do you take?",
            edits={CAT: "torch.cat([-rotated, rotated], dim=-1)"},
        ),
        Misconception(
            id="absolute",
            name="the sign of the product is thrown away",
            hint="A vector and its opposite end in the same bucket. Are they alike?",
            edits={CAT: "rotated.abs()"},
        ),
        Misconception(
            id="interleaved",
            name="each direction is followed by its own opposite",
            hint="The opposite of direction i has number half + i. In which order do your 2 · half products stand?",
            edits={CAT: "torch.stack([rotated, -rotated], dim=-1).flatten(-2)"},
        ),
        Misconception(
            id="hyperplanes",
            name="the signs of all products are read as a binary number",
            hint="That is another hash, with 2^half buckets. How many buckets should there be here, and what decides?",
            edits={f"{CAT}.argmax(dim=-1)": "((rotated > 0) * 2 ** torch.arange(rotated.shape[-1])).sum(dim=-1)"},
        ),
        Misconception(
            id="numbered-on",
            name="the buckets of later rounds are numbered on",
            hint="Hugging Face does so before it sorts. In the docstring, with which number does every round begin?",
            edits={
                ".argmax(dim=-1)": ".argmax(dim=-1) + 2 * rotations.shape[3] * torch.arange(rotations.shape[2])[:, None]"
            },
        ),
        Misconception(
            id="rotation-of-the-first-head",
            name="all heads hash with the rotation of the first",
            hint="Each head has directions of its own. Which axis of the rotations do you never use?",
            edits={ROTATED: 'torch.einsum("bhtd,drn->bhrtn", vectors, rotations[0])'},
        ),
        Misconception(
            id="first-round-repeated",
            name="every round hashes with the rotation of the first",
            hint="A second round is a second chance, with other directions. What does it bring if they are the same?",
            edits={ROTATED: 'torch.einsum("bhtd,hdrn->bhrtn", vectors, rotations[:, :, :1].expand_as(rotations))'},
        ),
        Misconception(
            id="rotations-added",
            name="the rotations of all heads are added up",
            hint="In an einsum, a letter of an input that is missing in the output is summed over. Is the head's letter "
            "the same in both inputs?",
            edits={ROTATED: 'torch.einsum("bhtd,gdrn->bhrtn", vectors, rotations)'},
        ),
        Misconception(
            id="rounds-before-heads",
            name="the rounds come before the heads in the result",
            hint="The promise is (batch, heads, rounds, time). In which order do yours stand?",
            edits={'"bhtd,hdrn->bhrtn"': '"bhtd,hdrn->brhtn"'},
        ),
        Misconception(
            id="rounds-last",
            name="the rounds come after the words in the result",
            hint="The promise is (batch, heads, rounds, time). In which order do yours stand?",
            edits={'"bhtd,hdrn->bhrtn"': '"bhtd,hdrn->bhtrn"'},
        ),
        Misconception(
            id="over-the-words",
            name="the largest product is looked for among the words instead of among the directions",
            hint="That says which word each bucket likes best. Along which axis do the directions stand?",
            edits={".argmax(dim=-1)": ".argmax(dim=-2)"},
        ),
        Misconception(
            id="over-the-rounds",
            name="the largest product is looked for among the rounds",
            hint="Each round has a result of its own. Along which axis do the directions stand?",
            edits={".argmax(dim=-1)": ".argmax(dim=2)"},
        ),
        Misconception(
            id="all-rounds-at-once",
            name="all rounds together give one bucket",
            hint="Each round has a result of its own. How many numbers does a word get in yours?",
            edits={CAT: "torch.cat([rotated, -rotated], dim=-1).transpose(2, 3).flatten(3)"},
        ),
        Misconception(
            id="opposites-as-rounds",
            name="the opposites become further rounds",
            hint="The directions stand on the last axis. Along which axis do you put the opposites?",
            edits={CAT: "torch.cat([rotated, -rotated], dim=2)"},
        ),
        Misconception(
            id="products",
            name="the largest product itself comes back instead of its number",
            hint="`max` gives two things, the value and where it stands. Which is the bucket?",
            edits={".argmax(dim=-1)": ".amax(dim=-1)"},
        ),
        Misconception(
            id="from-one",
            name="the buckets are counted from 1",
            hint="With which number does the docstring's example begin?",
            edits={".argmax(dim=-1)": ".argmax(dim=-1) + 1"},
        ),
        Misconception(
            id="directions-of-unit-length",
            name="the directions are brought to the same length first",
            hint="A random rotation is used as it was drawn. Where does the docstring divide by a length?",
            edits={
                ROTATED: 'torch.einsum("bhtd,hdrn->bhrtn", vectors, rotations / rotations.norm(dim=1, keepdim=True))'
            },
        ),
        Misconception(
            id="centred",
            name="the mean of the vectors is subtracted first",
            hint="Another word in the text would change everyone's bucket. Does the docstring look at other words?",
            edits={ROTATED: 'torch.einsum("bhtd,hdrn->bhrtn", vectors - vectors.mean(dim=2, keepdim=True), rotations)'},
        ),
        Misconception(
            id="features-scaled",
            name="each feature is scaled by its length over all words",
            hint="The length of a *vector* changes no bucket; the scale of a feature does. Along which axis do you "
            "normalise, and is it needed?",
            edits={
                ROTATED: 'torch.einsum("bhtd,hdrn->bhrtn", vectors / (vectors.norm(dim=2, keepdim=True) + 1e-6), rotations)'
            },
        ),
        Misconception(
            id="highest-of-equals",
            name="of several equally large products the last one counts",
            hint="A vector exactly between two directions belongs to the lower number. Does your comparison have an = too "
            "many?",
            edits={f"{CAT}.argmax(dim=-1)": f"2 * rotations.shape[3] - 1 - {CAT}.flip(-1).argmax(dim=-1)"},
        ),
        Misconception(
            id="sign-of-the-largest-lost",
            name="the opposite of the *least* likely direction counts",
            hint="Which of the 2 · half products is the largest: is it found before or after the sign is taken into account?",
            edits={f"{CAT}.argmax(dim=-1)": "rotated.argmax(dim=-1) + rotated.shape[-1] * (rotated.amax(dim=-1) < 0)"},
        ),
        Misconception(
            id="modulo-half",
            name="a direction and its opposite share a bucket",
            hint="A vector and its opposite are as different as can be. How many buckets does a round have?",
            edits={".argmax(dim=-1)": ".argmax(dim=-1) % rotations.shape[3]"},
        ),
        Misconception(
            id="first-word-for-all",
            name="only the first text is hashed",
            hint="Where do you write [0], and what becomes of the other texts?",
            edits={ROTATED: 'torch.einsum("bhtd,hdrn->bhrtn", vectors[:1].expand_as(vectors), rotations)'},
        ),
        Misconception(
            id="decimal-numbers",
            name="the buckets are decimal numbers",
            hint="A bucket is a number that one can sort and index by. What dtype does the signature promise?",
            edits={".argmax(dim=-1)": ".argmax(dim=-1).to(vectors.dtype)"},
        ),
        Misconception(
            id="axis-of-rounds-lost",
            name="only the first round is computed, and its axis is missing",
            hint="How many rounds do the rotations have, and where do they stand in the promised result?",
            edits={
                ROTATED: 'torch.einsum("bhtd,hdrn->bhrtn", vectors, rotations)[:, :, 0]',
            },
        ),
        Misconception(
            id="number-never-asked",
            name="all products come back instead of the number of the largest",
            hint="A bucket is one whole number for each word. Which function says *where* the largest of a row stands?",
            edits={".argmax(dim=-1)": ""},
        ),
        Misconception(
            id="first-positive",
            name="the first direction with a positive product counts",
            hint="Many products are positive. Which of them says where the vector points most?",
            edits={CAT: "torch.cat([rotated > 0, rotated < 0], dim=-1).long()"},
        ),
        Misconception(
            id="opposites-from-the-end",
            name="the opposites are numbered from the end: that of direction 0 is the last bucket",
            hint="Bucket half + i is the opposite of direction i. Which number has the opposite of direction 0?",
            edits={CAT: "torch.cat([rotated, -rotated.flip(-1)], dim=-1)"},
        ),
    ),
)
