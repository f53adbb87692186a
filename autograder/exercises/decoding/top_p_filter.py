"""`top_p_filter`: The nucleus of each row, as it is: the fewest words that together have at least probability p."""

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception
from autograder.exercises.decoding.shared import INF


def top_p_inputs(rng):
    """5 rows, vocabulary 11; no running sum lies near p. Once the best word alone has more than p."""

    def case(rows, p, sharp=1.0):
        while True:
            logits = normal(rng, rows, 11, scale=sharp)
            probabilities = logits.double().softmax(-1).sort(-1, descending=True).values
            sums, best = probabilities.cumsum(-1), probabilities[:, 0]
            clear = (sums - p).abs().min() > 1e-3 and (sums - (1 - p)).abs().min() > 1e-3
            if clear and (best.min() > p if sharp > 3 else best.max() < 0.6):
                return {"logits": logits, "p": p}

    return {
        "one text": [case(1, 0.65)],
        "several texts": [case(5, 0.8), case(5, 0.55)],
        "one word is enough": [case(5, 0.3, sharp=4.0)],
    }


def top_p_rising(logits, p):
    rising, order = torch.sort(logits, descending=False)
    removed = rising.softmax(dim=-1).cumsum(dim=-1) <= 1 - p
    removed[..., -1:] = False
    return logits.masked_fill(removed.scatter(1, order, removed), -INF)


def top_p_row_by_row(logits, p):
    kept = torch.full_like(logits, -INF)
    for row, scores in enumerate(logits):
        probabilities, mass = scores.softmax(0), 0.0
        for word in scores.argsort(descending=True):
            kept[row, word] = scores[word]
            mass += probabilities[word]
            if mass >= p:
                break
    return kept


def top_p_pairwise(logits, p):
    probabilities = logits.softmax(-1)
    before = ((logits[:, None, :] > logits[:, :, None]) * probabilities[:, None, :]).sum(-1)
    return torch.where(before < p, logits, -INF)


def top_p_mask_unsorted(logits, p):
    probabilities = logits.sort(dim=-1, descending=True).values.softmax(-1)
    return logits.masked_fill(probabilities.cumsum(-1) - probabilities >= p, -INF)


TOP_P_FILTER = Exercise(
    solves="unrolled.decoding.top_p_filter",
    groups={"one text": 1, "several texts": 1, "one word is enough": 1},
    inputs=top_p_inputs,
    accepts=(top_p_rising, top_p_row_by_row, top_p_pairwise),
    misconceptions=(
        Misconception(
            id="crossing-word-dropped",
            name="the word that crosses p is dropped",
            hint="The kept words should have *at least* probability p together. Do yours? And what is left if the first word "
            "alone has more than p?",
            edits={"before >= p": "before + probabilities >= p"},
        ),
        Misconception(
            id="crossing-word-dropped-but-the-first",
            name="the word that crosses p is dropped, unless it is the first",
            hint="Saving the first word keeps the program from crashing. But do the kept words have at least probability p "
            "together?",
            edits={"before >= p": "(before > 1e-7) & (before + probabilities >= p)"},
        ),
        Misconception(
            id="one-too-many",
            name="one word too many is kept",
            hint="The nucleus is the *fewest* words that reach p. Once the word that crosses p is in, does another one come?",
            edits={"before >= p": "before - probabilities.roll(1, -1) >= p"},
        ),
        Misconception(
            id="mask-not-unsorted",
            name="what was found for the sorted scores is applied to the scores as they stand",
            hint="Place 0 of the sorted list is the best word, and column 0 of `logits` is word 0. How does each place find its "
            "word again?",
            answer=top_p_mask_unsorted,
        ),
        Misconception(
            id="left-sorted",
            name="the scores are left in falling order",
            hint="Column 5 is word 5, before and after. What did the sort do to the columns, and what undoes it?",
            edits={"falling.gather(-1, order.argsort())": "falling"},
        ),
        Misconception(
            id="order-applied-twice",
            name="the order of the sort is applied a second time instead of being undone",
            hint="`order` says which word stands at each place. To go back you need the place of each word: how do you get "
            "one from the other?",
            edits={"order.argsort()": "order"},
        ),
        Misconception(
            id="least-probable-first",
            name="the words are taken from the least probable upwards",
            hint="The nucleus is the head of the distribution. With which word do you begin to add?",
            edits={"descending=True": "descending=False"},
        ),
        Misconception(
            id="threshold-for-each-word",
            name="p is taken for the least probability of a single word",
            hint="p is about words *together*. What do you have to add up?",
            edits={"before >= p": "probabilities < p"},
        ),
        Misconception(
            id="one-minus-p",
            name="probability p is thrown away and 1 − p kept",
            hint="With p = 0.9 most of the mass should stay. From which end do you count?",
            edits={"before >= p": "before >= 1 - p"},
        ),
        Misconception(
            id="scores-added",
            name="scores are added up instead of probabilities",
            hint="Scores may be negative and need not sum to 1. What turns them into probabilities?",
            edits={"falling.double().softmax(dim=-1)": "falling"},
        ),
        Misconception(
            id="zero-for-infinity",
            name="the others get the score 0",
            hint="What is the probability of a score of 0 after a softmax, e⁰ among the rest? Which score gives a "
            "probability of 0?",
            edits={'float("-inf")': "0.0"},
        ),
        Misconception(
            id="probabilities",
            name="probabilities come out instead of scores",
            hint="What follows may want to filter again. Are scores left as they are?",
            edits={"falling.gather(-1, order.argsort())": ("falling.gather(-1, order.argsort()).softmax(dim=-1)")},
        ),
        Misconception(
            id="normalised-again",
            name="log-probabilities come out instead of the scores as they were",
            hint="What stays should stay as it is; a softmax will come later anyway. Which line changes the kept scores?",
            edits={"falling.gather(-1, order.argsort())": ("falling.gather(-1, order.argsort()).log_softmax(dim=-1)")},
        ),
    ),
)
