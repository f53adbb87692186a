"""`top_k_filter`: The k highest scores of each row, as they are; all others become −∞, a probability of zero."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception
from autograder.exercises.decoding.shared import INF


def top_k_inputs(rng):
    """5 rows, vocabulary 11, all scores different; then scores that tie at the border, and a k that is too large."""

    def case(rows, k):
        return {"logits": normal(rng, rows, 11, scale=2.0), "k": k}

    ties = torch.stack([torch.from_numpy(rng.permutation([3.0, 2.0, 2.0, 2.0, 1.0, 0.5, -1.0])) for _ in range(5)])
    return {
        "one text": [case(1, 3)],
        "several texts": [case(5, 1), case(5, 4)],
        "equal scores, and few words": [{"logits": ties.float(), "k": 2}, case(5, 13)],
    }


def top_k_sorted(logits, k):
    threshold = logits.sort(dim=-1, descending=True).values[:, min(k, logits.shape[1]) - 1]
    return torch.where(logits >= threshold[:, None], logits, torch.tensor(-INF))


def top_k_row_by_row(logits, k):
    rows = []
    for row in logits:
        best = sorted(row.tolist(), reverse=True)[:k]
        rows.append([score if score >= best[-1] else -INF for score in row.tolist()])
    return torch.tensor(rows)


def top_k_by_rank(logits, k):
    higher = (logits[:, None, :] > logits[:, :, None]).sum(-1)
    return logits.masked_fill(higher >= k, -INF)


def top_k_over_the_batch(logits, k):
    lowest = logits.flatten().topk(min(k, logits.numel())).values[-1]
    return logits.masked_fill(logits < lowest, -INF)


def top_k_exactly(logits, k):
    values, words = logits.topk(min(k, logits.shape[-1]))
    return torch.full_like(logits, -INF).scatter(-1, words, values)


TOP_K_FILTER = Exercise(
    solves="unrolled.decoding.top_k_filter",
    groups={"one text": 0.5, "several texts": 1, "equal scores, and few words": 0.5},
    inputs=top_k_inputs,
    accepts=(top_k_sorted, top_k_row_by_row, top_k_by_rank),
    misconceptions=(
        Misconception(
            id="kth-dropped",
            name="the k-th word itself is dropped",
            hint="How many words are left with k = 1? Is the lowest of the k best among those that stay?",
            edits={"logits < lowest": "logits <= lowest"},
        ),
        Misconception(
            id="one-too-many",
            name="one word too many is kept",
            hint="How many words are left with k = 1? In falling order the k-th stands at index k − 1: which one is your limit?",
            edits={"topk(min(k,": "topk(min(k + 1,"},
        ),
        Misconception(
            id="very-low-score",
            name="the others get a very low score instead of −∞",
            hint="That nearly always does the same, and libraries for small number formats do it. Here as in Hugging Face: "
            "which score gives a probability of exactly 0, whatever the others are?",
            edits={'float("-inf")': "-1e9"},
        ),
        Misconception(
            id="limit-of-the-first-row",
            name="the limit of the first text is used for all texts",
            hint="Each row is a text of its own, with its own k best. Which rows does your limit come from?",
            edits={".values[..., -1:]": ".values[:1, -1:]"},
        ),
        Misconception(
            id="zero-for-infinity",
            name="the others get the score 0",
            hint="These are scores, not probabilities: what is the probability of a score of 0 after a softmax, e⁰ among the "
            "rest? Which score gives a probability of 0?",
            edits={'float("-inf")': "0.0"},
        ),
        Misconception(
            id="lowest-kept",
            name="the k lowest scores are kept",
            hint="Which end of the list do you take? torch.sort begins with the smallest unless told otherwise.",
            edits={
                "min(k, logits.shape[-1])": "min(k, logits.shape[-1]), largest=False",
                "logits < lowest": "logits > lowest",
            },
        ),
        Misconception(
            id="over-the-batch",
            name="the k best are sought in all texts together",
            hint="Each row is a text with a next word of its own. Over which axis are the k best?",
            answer=top_k_over_the_batch,
        ),
        Misconception(
            id="k-too-large",
            name="k must not be larger than the vocabulary",
            hint="With k = 50 and a vocabulary of 11 all words stay. Which call asks for more words than there are?",
            edits={"min(k, logits.shape[-1])": "k"},
        ),
        Misconception(
            id="ties-cut",
            name="of several equal scores at the border only some stay",
            hint="Exactly k words is what other libraries give, and which of the equal ones stay is then chance. Here equal "
            "scores share one fate, as in Hugging Face: with what can you compare instead of taking places?",
            answer=top_k_exactly,
        ),
        Misconception(
            id="probabilities",
            name="probabilities come out instead of scores",
            hint="What follows may want to filter again. Are scores left as they are?",
            edits={
                "return logits.masked_fill(": "return torch.softmax(logits.masked_fill(",
                '"-inf"))': '"-inf")), dim=-1)',
            },
        ),
        Misconception(
            id="overwritten",
            name="the scores that were handed in are overwritten",
            hint="The caller may still need them. What does the underscore in masked_fill_ mean, and what does "
            "logits[…] = … write into?",
            edits={"logits.masked_fill(": "logits.masked_fill_("},
        ),
    ),
)
