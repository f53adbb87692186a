"""`attend_in_chunks`: Attention over sorted slots, each to its own chunk and the one before."""

import math

import torch

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def attend_inputs(rng):
    """Batch 2, 3 heads, 15 slots of 5 features in chunks of 3 or 5, with values of 7; one slot; one chunk.

    With several rounds, the slots are words in a random order, once each in every round, so that a word may meet
    itself in the chunk before. One vector is 0, and one case holds vectors so short that the 1e-6 matters.
    """

    def case(causal, chunk_length=3, batch=2, heads=3, time=15, rounds=1, shuffled=True, scale=1.0):
        places = [
            torch.cat([torch.from_numpy(rng.permutation(time)) if shuffled else torch.arange(time)] * rounds)
            for _ in range(batch * heads)
        ]
        query_key = normal(rng, batch, heads, time * rounds, 5, scale=scale)
        query_key[:, :, 1:2] = 0.0
        return {
            "query_key": query_key,
            "value": normal(rng, batch, heads, time * rounds, 7),
            "places": torch.stack(places).view(batch, heads, -1),
            "chunk_length": chunk_length,
            "causal": causal,
        }

    def short(causal):
        """Queries of their own size, but for every third, which is so short that the 1e-6 matters."""
        inputs = case(causal, scale=2.0)
        inputs["query_key"][:, :, ::3] *= 5e-4
        return inputs

    def meeting(causal):
        """Two rounds: the last chunk of each round holds the words that begin the next, so they meet themselves."""
        inputs = case(causal, chunk_length=3, time=9, rounds=2)
        places = inputs["places"].unflatten(2, (2, 9))
        places[:, :, 1, :3] = places[:, :, 0, 6:]
        places[:, :, 1, 3:] = places[:, :, 0, :6]
        return inputs

    return {
        "looking both ways": [case(False), case(False, batch=1, heads=1, chunk_length=5), meeting(False), short(False)],
        "causal": [
            case(True),
            case(True, chunk_length=5, shuffled=False),
            case(True, batch=1, time=1, chunk_length=1),
            case(True, chunk_length=7, time=7),
            meeting(True),
            short(True),
        ],
    }


def attend_refuses(rng):
    x, places = normal(rng, 1, 2, 15, 5), torch.arange(15).expand(1, 2, 15)
    given = {"query_key": x, "value": x, "places": places, "causal": True}
    return [given | {"chunk_length": n} for n in (4, 0, 30)]


def attend_loop(query_key, value, places, *, chunk_length, causal):
    slots, d = query_key.shape[2:]
    if chunk_length <= 0 or slots % chunk_length != 0:
        raise ValueError(f"chunk_length must divide {slots}, not {chunk_length}")
    key = query_key * torch.rsqrt((query_key**2).mean(-1, keepdim=True) + 1e-6) / d**0.5
    outputs, sums = [], []
    for first in range(0, slots, chunk_length):
        own = torch.arange(first, first + chunk_length)
        seen = torch.cat([(own - chunk_length) % slots, own])
        scores = torch.einsum("bhqd,bhkd->bhqk", query_key[:, :, own], key[:, :, seen])
        here, there = places[:, :, own, None], places[:, :, None, seen]
        if causal:
            scores = torch.where(there > here, torch.full_like(scores, -1e9), scores)
        scores = torch.where(there == here, torch.full_like(scores, -1e5), scores)
        outputs.append(torch.softmax(scores, -1) @ value[:, :, seen])
        sums.append(torch.logsumexp(scores, -1))
    return torch.cat(outputs, dim=2), torch.cat(sums, dim=2)


def attend_with_reshape(query_key, value, places, *, chunk_length, causal):
    batch, heads, slots, d = query_key.shape
    if chunk_length < 1 or slots % chunk_length:
        raise ValueError(f"chunk_length = {chunk_length} does not divide {slots}")
    n = slots // chunk_length
    query = query_key.reshape(batch, heads, n, chunk_length, d)
    key = query / torch.sqrt(query.pow(2).sum(-1, keepdim=True) + d * 1e-6)
    v, p = value.reshape(batch, heads, n, chunk_length, -1), places.reshape(batch, heads, n, chunk_length)

    def look_back(x):
        return torch.cat((torch.cat((x[:, :, -1:], x[:, :, :-1]), dim=2), x), dim=3)

    p_key = look_back(p)
    scores = query.matmul(look_back(key).transpose(-1, -2))
    if causal:
        scores = scores.masked_fill(p.unsqueeze(-1) < p_key.unsqueeze(-2), -1e9)
    scores = scores.masked_fill(p.unsqueeze(-1).eq(p_key.unsqueeze(-2)), -1e5)
    total = scores.logsumexp(-1, keepdim=True)
    output = (scores - scores.amax(-1, keepdim=True)).softmax(-1) @ look_back(v)
    return output.reshape(batch, heads, slots, -1), total.reshape(batch, heads, slots)


def attend_as_one_matrix(query_key, value, places, *, chunk_length, causal):
    """All scores at once, and how often each slot sees each: twice where there is one chunk only."""
    slots, d = query_key.shape[2:]
    if chunk_length < 1 or slots % chunk_length:
        raise ValueError(f"chunk_length is {chunk_length}")
    n = slots // chunk_length
    chunk = torch.arange(slots) // chunk_length
    seen = (chunk[:, None] == chunk).to(query_key.dtype) + (chunk[:, None] == (chunk + 1) % n).to(query_key.dtype)
    key = query_key / ((query_key**2).mean(-1, keepdim=True) + 1e-6) ** 0.5 / math.sqrt(d)
    scores = query_key @ key.mT
    here, there = places[..., :, None], places[..., None, :]
    if causal:
        scores = scores.masked_fill(there > here, -1e9)
    scores = scores.masked_fill(there == here, -1e5)
    largest = scores.masked_fill(seen == 0, -torch.inf).amax(-1, keepdim=True).detach()
    weights = seen * (scores - largest).clamp(max=0.0).exp() * (seen > 0)
    total = weights.sum(-1, keepdim=True)
    return (weights / total) @ value, (largest + total.log()).squeeze(-1)


PREVIOUS = "torch.cat([chunks(x).roll(1, dims=2), chunks(x)], dim=3)"
LENGTH = "(query_key.square().mean(dim=-1, keepdim=True) + 1e-6).sqrt()"
KEY = "query_key / length / math.sqrt(d_k)"
SCORES = "chunks(query_key) @ with_previous(key).mT"
LATER = "scores.masked_fill(there > here, -1e9)"
ITSELF = "scores.masked_fill(there == here, -1e5)"
SOFTMAX = "scores.softmax(dim=-1)"
CHUNKS = "x.unflatten(2, (-1, chunk_length))"
HERE = "here, there = chunks(places)[..., :, None], with_previous(places)[..., None, :]"
RETURN = "return output.flatten(2, 3), scores.logsumexp(dim=-1).flatten(2)"

ATTEND_IN_CHUNKS = Exercise(
    solves="unrolled.lsh.attend_in_chunks",
    groups={"looking both ways": 3, "causal": 2},
    inputs=attend_inputs,
    refuses=attend_refuses,
    probe=probes.differentiate,
    accepts=(attend_loop, attend_with_reshape, attend_as_one_matrix),
    free=frozenset(["sequence"]),
    misconceptions=(
        Misconception(
            id="next-chunk",
            name="each chunk looks at the one after it instead of the one before",
            hint="In which direction does your roll, or your index, move the chunks? What stands before chunk 1?",
            edits={".roll(1, dims=2)": ".roll(-1, dims=2)"},
        ),
        Misconception(
            id="own-chunk-only",
            name="each chunk looks at itself alone",
            hint="A bucket may end in the middle of a chunk. What else does each chunk see?",
            edits={PREVIOUS: "chunks(x)"},
        ),
        Misconception(
            id="previous-chunk-only",
            name="each chunk looks at the one before alone",
            hint="Alike words stand side by side, mostly in one chunk. What else does each chunk see?",
            edits={PREVIOUS: "chunks(x).roll(1, dims=2)"},
        ),
        Misconception(
            id="both-neighbours",
            name="each chunk looks at both neighbours",
            hint="How many chunks does the docstring name, besides the own one?",
            edits={PREVIOUS: "torch.cat([chunks(x).roll(1, dims=2), chunks(x), chunks(x).roll(-1, dims=2)], dim=3)"},
        ),
        Misconception(
            id="first-chunk-sees-nothing-before",
            name="the first chunk sees nothing before it",
            hint="The chunk before the first is promised, too. Which one is it?",
            edits={
                SOFTMAX: "scores.index_fill(2, torch.tensor([0]), 0).mul(0).add("
                "torch.cat([scores[:, :, :1].index_fill(4, torch.arange(chunk_length), -torch.inf), scores[:, :, 1:]], 2)"
                ").softmax(dim=-1)",
                RETURN: "scores = torch.cat([scores[:, :, :1].index_fill(4, torch.arange(chunk_length), -torch.inf), "
                "scores[:, :, 1:]], 2)\n    " + RETURN,
            },
        ),
        Misconception(
            id="window-moved-by-one-slot",
            name="the keys are moved by one slot instead of one chunk",
            hint="First cut into chunks, then move. On which axis do the chunks stand?",
            edits={".roll(1, dims=2), chunks(x)]": ".roll(1, dims=3), chunks(x)]"},
        ),
        Misconception(
            id="previous-head",
            name="each chunk looks at the same chunk of another head",
            hint="In (batch, heads, chunks, chunk_length, …), which axis are the chunks on?",
            edits={".roll(1, dims=2)": ".roll(1, dims=1)"},
        ),
        Misconception(
            id="chunk-length-as-number",
            name="`chunk_length` is taken for the number of chunks",
            hint="Fifteen slots in chunks of three: how many chunks? Which of the two do you tell unflatten?",
            edits={CHUNKS: "x.unflatten(2, (chunk_length, -1))"},
        ),
        Misconception(
            id="interleaved-chunks",
            name="a chunk is every n-th slot instead of neighbouring slots",
            hint="Sorting has put alike words side by side. Which slots does your first chunk hold?",
            edits={
                CHUNKS: "x.unflatten(2, (chunk_length, -1)).transpose(2, 3)",
                RETURN: "return output.transpose(2, 3).flatten(2, 3), scores.logsumexp(dim=-1).transpose(2, 3).flatten(2)",
            },
        ),
        Misconception(
            id="keys-not-normalised",
            name="the keys keep their length",
            hint="A long vector would be liked by everyone. What is a key divided by, besides √d_k?",
            edits={KEY: "query_key / math.sqrt(d_k)"},
        ),
        Misconception(
            id="keys-without-the-root",
            name="the keys are not divided by √d_k",
            hint="x / √(mean of x²) has length √d_k. Which division makes it 1?",
            edits={KEY: "query_key / length"},
        ),
        Misconception(
            id="divided-by-the-root-again",
            name="the scores are divided by √d_k once more",
            hint="The keys have had this division already. What does the docstring say about a further one?",
            edits={SCORES: f"{SCORES} / math.sqrt(d_k)"},
        ),
        Misconception(
            id="queries-normalised-too",
            name="the queries are brought to unit length as well",
            hint="Then all scores lie between −1 and 1, and hardly anyone stands out. Which of the two is normalised?",
            edits={SCORES: "chunks(key) @ with_previous(key).mT"},
        ),
        Misconception(
            id="queries-normalised-instead",
            name="the queries are brought to unit length instead of the keys",
            hint="Which of the two is normalised: who asks, or who is asked?",
            edits={SCORES: "chunks(key) @ with_previous(query_key).mT"},
        ),
        Misconception(
            id="no-epsilon",
            name="nothing is added under the root",
            hint="What is 0 / 0, for a vector of zeros?",
            edits={" + 1e-6)": ")"},
        ),
        Misconception(
            id="epsilon-outside-the-root",
            name="the 1e-6 is added to the root instead of under it",
            hint="√(1e-6) is 1e-3. Where does your parenthesis end?",
            edits={LENGTH: "(query_key.square().mean(dim=-1, keepdim=True).sqrt() + 1e-6)"},
        ),
        Misconception(
            id="cut-off-below",
            name="a length below 1e-12 is replaced, as `F.normalize` does, and 1e-6 is not added",
            hint="For very short vectors it matters. Which formula does the docstring give?",
            edits={LENGTH: "query_key.norm(dim=-1, keepdim=True).clamp(min=1e-12) / math.sqrt(d_k)"},
        ),
        Misconception(
            id="sum-of-squares",
            name="the sum of the squares stands under the root, and √d_k is divided by besides",
            hint="Over the root of the *sum*, a key has length 1 already. Which of the two does the docstring take?",
            edits={LENGTH: "(query_key.square().sum(dim=-1, keepdim=True) + 1e-6).sqrt()"},
        ),
        Misconception(
            id="mean-subtracted",
            name="the keys go through a layer norm: their mean is subtracted",
            hint="What is under the root here: a variance or a mean of squares?",
            edits={KEY: "torch.nn.functional.layer_norm(query_key, (d_k,)) / math.sqrt(d_k)"},
        ),
        Misconception(
            id="divided-by-the-mean-of-squares",
            name="the root is left out: the keys are divided by the mean of their squares",
            hint="A vector twice as long would become half as long. What turns a mean of squares into a length?",
            edits={".sqrt()\n": "\n"},
        ),
        Misconception(
            id="itself-seen",
            name="a word may look at itself like at any other",
            hint="With queries and keys being one, everyone is most like themselves. What score does the docstring give it?",
            edits={ITSELF: "scores"},
        ),
        Misconception(
            id="itself-never",
            name="a word never looks at itself, even if nothing else is left",
            hint="What is the softmax of a row of nothing but −∞? Look at the first word of the text.",
            edits={
                ITSELF: "scores.masked_fill(there == here, -torch.inf)",
                LATER: "scores.masked_fill(there > here, -torch.inf)",
            },
        ),
        Misconception(
            id="itself-infinitely-low",
            name="a word's score with itself is −∞, so that a word with nothing else looks at later ones",
            hint="The first word has nothing before it. Which is better: looking at itself, or at later words?",
            edits={ITSELF: "scores.masked_fill(there == here, -torch.inf)"},
        ),
        Misconception(
            id="itself-like-later-ones",
            name="a word's score with itself is −1e9, like that of later words",
            hint="The first word has nothing before it. How does it divide its attention, if all its scores are equal?",
            edits={"-1e5": "-1e9"},
        ),
        Misconception(
            id="penalties-swapped",
            name="later words have −1e5, and the word itself −1e9",
            hint="If nothing else is left, which of the two is better: itself, or what comes later?",
            edits={"there > here, -1e9": "there > here, -1e5", "there == here, -1e5": "there == here, -1e9"},
        ),
        Misconception(
            id="penalties-added",
            name="the penalties are added to the scores instead of replacing them",
            hint="Is the score of a word with itself −1e5, or its product minus 1e5? It shows in the sum.",
            edits={ITSELF: "scores - 1e5 * (there == here).to(scores.dtype)"},
        ),
        Misconception(
            id="causal-by-slot",
            name="later slots are masked instead of later places",
            hint="After sorting, the slot says nothing about when a word came. Which argument does?",
            edits={HERE: HERE.replace("places", "torch.arange(slots).expand_as(places)")},
        ),
        Misconception(
            id="causal-by-slot-itself-by-place",
            name="later slots are masked, while a word knows itself by its place",
            hint="After sorting, the slot says nothing about when a word came. Which argument does?",
            edits={
                LATER: "scores.masked_fill(with_previous(torch.arange(slots).expand_as(places))[..., None, :] > "
                "chunks(torch.arange(slots).expand_as(places))[..., :, None], -1e9)"
            },
        ),
        Misconception(
            id="itself-by-slot",
            name="a word is not recognised when it meets itself in the chunk before, from another round",
            hint="With several rounds a word has several slots. What do all of them have in common?",
            edits={
                ITSELF: "scores.masked_fill(torch.cat([torch.zeros(chunk_length, chunk_length), torch.eye(chunk_length)], 1)"
                ".bool(), -1e5)"
            },
        ),
        Misconception(
            id="always-causal",
            name="later words are masked even where `causal` is False",
            hint="A reader that fills gaps may look both ways. Where do you ask for `causal`?",
            edits={"if causal:": "if True:"},
        ),
        Misconception(
            id="never-causal",
            name="later words are seen even where `causal` is True",
            hint="What must a language model not see? Which argument do you never use?",
            edits={"if causal:": "if False:"},
        ),
        Misconception(
            id="earlier-masked",
            name="earlier words are masked instead of later ones",
            hint="`there > here`: who looks, and who is looked at?",
            edits={"there > here": "there < here"},
        ),
        Misconception(
            id="places-not-moved",
            name="the places of the chunk before are not those of its words",
            hint="Keys and values come from two chunks. Where do the places of these keys come from?",
            edits={
                HERE: "here, there = chunks(places)[..., :, None], torch.cat([chunks(places)] * 2, 3)[..., None, :]"
            },
        ),
        Misconception(
            id="values-the-other-way-round",
            name="the values of own and previous chunk stand in the other order than the keys",
            hint="The i-th weight belongs to the i-th key. In which order do you put the values together?",
            edits={"@ with_previous(value)": "@ torch.cat([chunks(value), chunks(value).roll(1, dims=2)], dim=3)"},
        ),
        Misconception(
            id="values-of-the-own-chunk-twice",
            name="the values of the chunk before are not its own",
            hint="Keys come from two chunks. And the values?",
            edits={"@ with_previous(value)": "@ torch.cat([chunks(value), chunks(value)], dim=3)"},
        ),
        Misconception(
            id="softmax-over-queries",
            name="the softmax runs over those who look",
            hint="Each row of weights should add up to 1. Along which axis do the keys stand?",
            edits={SOFTMAX: "scores.softmax(dim=-2)"},
        ),
        Misconception(
            id="largest-for-the-sum",
            name="the largest score comes back instead of the logarithm of the sum",
            hint="How much a round counts depends on all that was seen in it. Which function sums exponentials?",
            edits={"scores.logsumexp(dim=-1)": "scores.amax(dim=-1)"},
        ),
        Misconception(
            id="sum-of-scores",
            name="the sum of the exponentials comes back without a logarithm",
            hint="It overflows easily, and the next exercise asks for something else. What is log Σ exp?",
            edits={"scores.logsumexp(dim=-1)": "scores.exp().sum(dim=-1)"},
        ),
        Misconception(
            id="sum-over-queries",
            name="the logarithm of the sum is taken over those who look",
            hint="Each slot sums over what it sees. Which axis is that?",
            edits={
                "scores.logsumexp(dim=-1).flatten(2)": (
                    "scores.logsumexp(dim=-2).unflatten(-1, (2, chunk_length))[..., 1, :].flatten(2)"
                )
            },
        ),
        Misconception(
            id="sum-before-the-masks",
            name="the sum counts what is masked as well",
            hint="When do you take the sum: before or after the penalties?",
            edits={
                "if causal:": "unmasked = scores\n    if causal:",
                "scores.logsumexp(dim=-1)": "unmasked.logsumexp(dim=-1)",
            },
        ),
        Misconception(
            id="sum-missing",
            name="only the output comes back",
            hint="The signature promises a pair. How would several rounds be put together without its second part?",
            edits={RETURN: "return output.flatten(2, 3)"},
        ),
        Misconception(
            id="results-swapped",
            name="the sum comes back before the output",
            hint="In which order does the signature promise the two?",
            edits={RETURN: "return scores.logsumexp(dim=-1).flatten(2), output.flatten(2, 3)"},
        ),
        Misconception(
            id="chunks-left",
            name="the result is still cut into chunks",
            hint="The signature promises (batch, heads, slots, d_v). Which two axes become one again?",
            edits={RETURN: "return output, scores.logsumexp(dim=-1)"},
        ),
        Misconception(
            id="keys-detached",
            name="no gradient goes through the keys",
            hint="One vector is query and key, and learns as both. What does detach cut?",
            edits={KEY: f"({KEY}).detach()"},
        ),
        Misconception(
            id="anything-accepted",
            name="slots that do not fall into whole chunks are not refused by name",
            hint="torch would complain about shapes. Which exception is promised, and which argument does it name?",
            edits={"if chunk_length < 1 or slots % chunk_length:": "if False:"},
        ),
        Misconception(
            id="longer-chunks-accepted",
            name="a chunk that is longer than the text is shortened instead of refused",
            hint="Thirty does not divide fifteen. Which exception is promised?",
            edits={
                "    if chunk_length < 1": "    chunk_length = min(chunk_length, slots)\n    if chunk_length < 1",
            },
        ),
        Misconception(
            id="weights-from-the-logarithm",
            name="the weights are made from the logarithm of the sum, and lose their digits where all scores are near −100000",
            hint="Of −99999.3069 float32 keeps two digits after the point. What does a softmax subtract before the exponential?",
            edits={SOFTMAX: "(scores - scores.logsumexp(dim=-1, keepdim=True)).exp()"},
        ),
        Misconception(
            id="itself-seen-looking-both-ways",
            name="a word may look at itself like at any other where `causal` is False",
            hint="Where everyone may look everywhere, everyone would still be most like themselves. To which of the two masks does `causal` belong?",
            edits={ITSELF: f"{ITSELF} if causal else scores"},
        ),
        Misconception(
            id="queries-divided-too",
            name="the queries are divided by the root of their mean square as well",
            hint="Then all queries are equally long, and hardly anyone stands out. Which of the two is normalised?",
            edits={SCORES: "chunks(query_key / length) @ with_previous(key).mT"},
        ),
        Misconception(
            id="logarithm-of-nothing",
            name="the logarithm is taken of a sum of exponentials that has become 0 or infinite",
            hint="exp(−100000) is 0 in float32. Which function takes something off before the exponential, and adds it again?",
            edits={"scores.logsumexp(dim=-1)": "scores.exp().sum(dim=-1).log()"},
        ),
    ),
)
