"""`in_batch_loss`: Each query has to pick its own passage among all passages of the batch."""

import torch
import torch.nn.functional as F

from autograder.common_mistakes import one_maximum_for_all
from autograder.draw import cut, normal
from autograder.exercise import Exercise, Misconception
from autograder.probes import differentiate
from autograder.tolerance import Tolerance


def in_batch_inputs(rng):
    """Batches of 5, 3 and 1, vectors of unequal length; queries near their own passages; temperatures above and below 1."""

    def case(batch, d, temperature, near=0.6):
        queries = normal(rng, batch, d)
        passages = near * queries + normal(rng, batch, d)
        sizes = torch.from_numpy(rng.permutation([0.4, 0.8, 1.3, 2.0, 3.1])[:batch, None]).float()
        return {"queries": queries * sizes.flip(0), "passages": passages * sizes, "temperature": temperature}

    sharp = case(3, 5, 0.015)  # one query's own passage is so improbable that float32 has 0 for it
    unlike = F.normalize(sharp["queries"][2], dim=0)
    sharp["passages"][[2, 0]] = normal(rng, 2, 5, scale=0.15) + torch.stack([-unlike, unlike])
    apart = case(3, 5, 0.005)  # one query lies close to all passages, and the scores of the others are 100 lower and more
    apart["queries"][:, 0] = torch.tensor([90.0, 0.0, 0.0])
    apart["passages"][:, 0] += 90.0
    return {
        "batches": [case(5, 7, 0.7), case(3, 11, 1.0), case(5, 3, 2.5)],
        "sharp, and a batch of one": [case(5, 7, 0.15), sharp, apart, cut(case(2, 5, 0.5), 0, "queries", "passages"), case(2, 5, 0.3)],
    }


def in_batch_refuses(rng):
    vectors = normal(rng, 3, 5)
    return [
        {"queries": vectors, "passages": vectors, "temperature": 0.0},
        {"queries": vectors, "passages": vectors, "temperature": -0.5},
    ]


def _checked(temperature):
    if not temperature > 0:
        raise ValueError("temperature has to be positive")


def in_batch_cross_entropy(queries, passages, temperature):
    _checked(temperature)
    cosines = F.cosine_similarity(queries[:, None], passages[None], dim=-1)
    return F.cross_entropy(cosines / temperature, torch.arange(len(queries)))


def in_batch_loop(queries, passages, temperature):
    _checked(temperature)
    losses = []
    for i, query in enumerate(queries):
        scores = torch.stack([(query @ p) / (query.norm() * p.norm()) / temperature for p in passages])
        losses.append(torch.logsumexp(scores, dim=0) - scores[i])
    return sum(losses) / len(losses)


def in_batch_einsum(queries, passages, temperature):
    _checked(temperature)
    q, p = (x / x.pow(2).sum(1, keepdim=True).sqrt() for x in (queries, passages))
    scores = torch.einsum("id,jd->ij", q, p) / temperature
    return (scores.logsumexp(1) - (q * p).sum(1) / temperature).mean()


def in_batch_nll(queries, passages, temperature):
    _checked(temperature)
    q, p = F.normalize(queries, dim=1), F.normalize(passages, dim=1)
    return F.nll_loss(torch.log_softmax(torch.mm(q, p.t()) / temperature, dim=1), torch.arange(q.size(0)))


SCORES = "scores = F.normalize(queries, dim=-1) @ F.normalize(passages, dim=-1).T / temperature"
RESULT = "-scores.log_softmax(dim=-1).diagonal().mean()"

IN_BATCH_LOSS = Exercise(
    solves="unrolled.dense_retrieval.in_batch_loss",
    groups={"batches": 2, "sharp, and a batch of one": 1},
    inputs=in_batch_inputs,
    probe=differentiate,
    tolerance=Tolerance(absolute=1e-4),  # gradients are as large as 1 / temperature
    refuses=in_batch_refuses,
    accepts=(in_batch_cross_entropy, in_batch_loop, in_batch_einsum, in_batch_nll),
    misconceptions=(
        Misconception(
            id="softmax-over-queries",
            name="the queries compete for a passage instead of the passages for a query",
            hint="At search time there is one question and a thousand texts. Over which of the two should probabilities add up to 1?",
            edits={RESULT: "-scores.log_softmax(dim=0).diagonal().mean()"},
        ),
        Misconception(
            id="both-ways",
            name="the loss is the mean of both directions, passages for queries and queries for passages",
            hint="Correct in CLIP. Who is asked here, and who answers?",
            edits={RESULT: "-(scores.log_softmax(dim=0) + scores.log_softmax(dim=1)).diagonal().mean() / 2"},
        ),
        Misconception(
            id="softmax-over-everything",
            name="the softmax is over all pairs of the batch at once",
            hint="For one query, what do the probabilities of its passages add up to in yours?",
            edits={RESULT: "-scores.flatten().log_softmax(dim=-1).view_as(scores).diagonal().mean()"},
        ),
        Misconception(
            id="temperature-multiplied",
            name="the scores are multiplied by the temperature",
            hint="Which should make the softmax sharper, a low temperature or a high one?",
            edits={SCORES: SCORES.replace("/ temperature", "* temperature")},
        ),
        Misconception(
            id="temperature-ignored",
            name="the temperature is not used",
            hint="Which argument does your sum of scores never meet?",
            edits={SCORES: SCORES.replace(" / temperature", "")},
        ),
        Misconception(
            id="temperature-squared",
            name="both sides are divided by the temperature before they meet, so that it counts twice",
            hint="How often does the temperature divide a single score in yours?",
            edits={SCORES: SCORES.replace("/ temperature", "/ temperature**2")},
        ),
        Misconception(
            id="loss-divided",
            name="the loss is divided by the temperature instead of the scores",
            hint="Is a softmax of halved scores the same as half of its logarithm?",
            edits={SCORES: SCORES.replace(" / temperature", ""), RESULT: RESULT + " / temperature"},
        ),
        Misconception(
            id="dot-product",
            name="the plain product is taken, not the cosine",
            hint="That is the paper's own choice. If a passage's vector becomes twice as long, what should happen to its score here?",
            edits={SCORES: "scores = queries @ passages.T / temperature"},
        ),
        Misconception(
            id="queries-not-normalised",
            name="only the passages get length 1, and the queries keep theirs",
            hint="If a query's vector becomes twice as long, should its probabilities change?",
            edits={SCORES: "scores = queries @ F.normalize(passages, dim=-1).T / temperature"},
        ),
        Misconception(
            id="passages-not-normalised",
            name="only the queries get length 1, and the passages keep theirs",
            hint="Does a passage with a long vector win against one with a short vector in the same direction?",
            edits={SCORES: "scores = F.normalize(queries, dim=-1) @ passages.T / temperature"},
        ),
        Misconception(
            id="normalised-over-the-batch",
            name="the columns of the batch get length 1 instead of each vector",
            hint="Along which axis lie the numbers of a single vector?",
            edits={SCORES: "scores = F.normalize(queries, dim=0) @ F.normalize(passages, dim=0).T / temperature"},
        ),
        Misconception(
            id="sum-of-absolutes",
            name="each vector is divided by the sum of its absolute values, not by its length",
            hint="What is the length of (3, 4)? Which norm does the cosine take?",
            edits={SCORES: "scores = F.normalize(queries, p=1, dim=-1) @ F.normalize(passages, p=1, dim=-1).T / temperature"},
        ),
        Misconception(
            id="distances",
            name="minus the distances of the unit vectors are the scores",
            hint="Near vectors do win that way, but is it the cosine that you divide by the temperature?",
            edits={SCORES: "scores = -torch.cdist(F.normalize(queries, dim=-1), F.normalize(passages, dim=-1)) / temperature"},
        ),
        Misconception(
            id="summed",
            name="the loss is the sum over the batch instead of the mean",
            hint="Should a batch twice as large have twice the loss?",
            edits={RESULT: "-scores.log_softmax(dim=-1).diagonal().sum()"},
        ),
        Misconception(
            id="mean-over-all-pairs",
            name="the sum over the right pairs is divided by the number of all pairs",
            hint="How many terms are in your sum, and by how many do you divide?",
            edits={RESULT: "-scores.log_softmax(dim=-1).diagonal().sum() / scores.numel()"},
        ),
        Misconception(
            id="sign",
            name="the sign is missing",
            hint="Can a loss that you minimise be log p?",
            edits={RESULT: RESULT.replace("-scores", "scores")},
        ),
        Misconception(
            id="probability",
            name="the probability comes out, without its logarithm",
            hint="Which function of the probability should be 0 if it is 1, and large if it is small?",
            edits={RESULT: "-scores.softmax(dim=-1).diagonal().mean()"},
        ),
        Misconception(
            id="log-of-mean",
            name="the logarithm is taken of the mean probability",
            hint="Is the mean of logarithms the logarithm of the mean?",
            edits={RESULT: "-scores.softmax(dim=-1).diagonal().mean().log()"},
        ),
        Misconception(
            id="negatives-only",
            name="the right passage is missing among those that compete",
            hint="Can your loss be negative? Which passages does the softmax run over?",
            edits={RESULT: "(scores.masked_fill(torch.eye(len(scores)).bool(), -1e9).logsumexp(-1) - scores.diagonal()).mean()"},
        ),
        Misconception(
            id="first-passage",
            name="the right passage is the first one, for every query",
            hint="Which passage belongs to query 3?",
            edits={RESULT: "-scores.log_softmax(dim=-1)[:, 0].mean()"},
        ),
        Misconception(
            id="logarithm-of-zero",
            name="the logarithm is taken of a softmax that float32 has rounded to 0",
            hint="If another passage's score is 200 higher, what is the probability in float32, and its logarithm?",
            edits={RESULT: "-scores.softmax(dim=-1).log().diagonal().mean()"},
        ),
        one_maximum_for_all(
            "a query",
            {
            RESULT: "(lambda z: (z.exp().sum(-1).log() - z.diagonal()).mean())(scores - scores.max())",
        },
        ),
        Misconception(
            id="passages-frozen",
            name="no gradient reaches the passages",
            hint="Two towers should learn: which one does yours leave out?",
            edits={"F.normalize(passages, dim=-1)": "F.normalize(passages.detach(), dim=-1)"},
        ),
        Misconception(
            id="temperature-unchecked",
            name="a temperature of 0, or less, is taken without a word",
            hint="What does the docstring promise for a temperature of 0?",
            edits={"if temperature <= 0:": "if False:"},
        ),
    ),
)
