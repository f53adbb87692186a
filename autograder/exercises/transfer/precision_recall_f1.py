"""`precision_recall_f1`: Precision, recall and F1 of every class, from a confusion matrix."""

import torch

from autograder.draw import integers
from autograder.exercise import Exercise, Misconception


def precision_recall_f1_inputs(rng):
    """Two, three, five and seven classes; a class that is never predicted, one that never occurs, one that is always
    missed, one that is neither; a single class; everything right.
    """

    def counts(classes):
        return integers(rng, 1, 20, classes, classes) + torch.arange(classes)[:, None] * 3

    ordinary, missing, neither, missed = counts(5), counts(7), counts(3), counts(5)
    missing[:, 2] = 0  # never predicted
    missing[5] = 0  # never true
    neither[1], neither[:, 1] = 0, 0
    missed[3, 3] = 0
    right = torch.diag(torch.from_numpy(rng.integers(1, 30, 4)))
    return {
        "every class": [{"counts": c} for c in (ordinary, counts(2), counts(3), right)],
        "missing classes": [{"counts": c} for c in (missing, neither, missed, torch.tensor([[int(rng.integers(1, 9))]]))],
    }


def precision_recall_f1_loop(counts):
    rows = [[], [], []]
    for i in range(len(counts)):
        hit = counts[i, i].item()
        taken, of_it = counts[:, i].sum().item(), counts[i].sum().item()
        p = hit / taken if taken else 0.0
        r = hit / of_it if of_it else 0.0
        for row, value in zip(rows, (p, r, 2 * p * r / (p + r) if p + r else 0.0), strict=True):
            row.append(value)
    return torch.tensor(rows)


def precision_recall_f1_errors(counts):
    """By hits, false alarms and misses."""
    hits = torch.diag(counts)
    alarms, misses = counts.sum(0) - hits, counts.sum(1) - hits
    parts = [hits / (hits + alarms), hits / (hits + misses), 2 * hits / (2 * hits + alarms + misses)]
    return torch.nan_to_num(torch.stack(parts))


def precision_recall_f1_einsum(counts):
    hits = torch.einsum("ii->i", counts).to(torch.float32)
    totals = torch.stack([torch.einsum("ij->j", counts), torch.einsum("ij->i", counts)])
    both = torch.where(totals == 0, torch.zeros(()), hits / totals.masked_fill(totals == 0, 1))
    f1 = torch.where(hits > 0, 2 / (1 / both).sum(0), 0.0)
    return torch.cat([both, f1[None]])


def _micro(counts):
    share = counts.diagonal().sum() / counts.sum()
    return share.expand(3, len(counts)).clone()


def _macro(counts):
    return precision_recall_f1_loop(counts).mean(dim=1)


def _of_the_means(counts):
    precision, recall, _ = precision_recall_f1_loop(counts)
    p, r = precision.mean(), recall.mean()
    f1 = 2 * p * r / (p + r) if p + r > 0 else torch.tensor(0.0)
    return torch.stack([precision, recall, f1.expand(len(counts))])


def _specificity(counts):
    precision, _recall, f1 = precision_recall_f1_loop(counts)
    total, hits = counts.sum(), counts.diagonal()
    others = total - counts.sum(1)
    return torch.stack([precision, (others - counts.sum(0) + hits) / others.clamp(min=1), f1])


def _one_against_the_rest(counts):
    precision, _, f1 = precision_recall_f1_loop(counts)
    total, hits = counts.sum(), counts.diagonal()
    right = total - counts.sum(0) - counts.sum(1) + 2 * hits
    return torch.stack([precision, right / total, f1])


def _weighted(counts):
    result = precision_recall_f1_loop(counts)
    return result * counts.sum(1) / counts.sum()


P = "precision = hits / counts.sum(dim=0).clamp(min=1)"
R = "recall = hits / counts.sum(dim=1).clamp(min=1)"
F1 = "2 * precision * recall / torch.where(total > 0, total, 1.0)"
RESULT = "torch.stack([precision, recall, f1])"

PRECISION_RECALL_F1 = Exercise(
    solves="unrolled.metrics.precision_recall_f1",
    groups={"every class": 1, "missing classes": 1},
    inputs=precision_recall_f1_inputs,
    accepts=(precision_recall_f1_loop, precision_recall_f1_errors, precision_recall_f1_einsum),
    forbids=(
        "sklearn.metrics.precision_recall_fscore_support",
        "sklearn.metrics.precision_score",
        "sklearn.metrics.recall_score",
        "sklearn.metrics.f1_score",
    ),
    misconceptions=(
        Misconception(
            id="swapped",
            name="precision and recall are swapped",
            hint="Columns are what was predicted. Of what was *taken* for a class, how much is of it: is that a sum over a row "
            "or over a column?",
            edits={RESULT: "torch.stack([recall, precision, f1])"},
        ),
        Misconception(
            id="both-precision",
            name="recall is computed as precision is, over the column",
            hint="Of what *is* of a class, how much was taken for it: over what do you add up?",
            edits={R: "recall = precision"},
        ),
        Misconception(
            id="both-recall",
            name="precision is computed as recall is, over the row",
            hint="Of what was *taken* for a class, how much is of it: over what do you add up?",
            edits={P: "precision = hits / counts.sum(dim=1).clamp(min=1)"},
        ),
        Misconception(
            id="micro",
            name="all classes have the same value, that of all examples together (micro)",
            hint="Micro averages add up all classes first, and then all three are the accuracy. What is asked for each class?",
            answer=_micro,
        ),
        Misconception(
            id="macro",
            name="the mean over the classes is returned (macro)",
            hint="The mean comes later. How many columns does the signature promise?",
            answer=_macro,
        ),
        Misconception(
            id="f1-of-the-means",
            name="F1 is computed once, from the mean precision and the mean recall",
            hint="A class with precision 1 and recall 0 has F1 = 0. From which two numbers is a class's F1 made?",
            answer=_of_the_means,
        ),
        Misconception(
            id="nan",
            name="a class that is never predicted, or never true, has NaN",
            hint="What is 0/0 in torch, and what does the docstring say that it is here?",
            edits={
                P: "precision = hits / counts.sum(dim=0)",
                R: "recall = hits / counts.sum(dim=1)",
                "torch.where(total > 0, total, 1.0)": "total",
            },
        ),
        Misconception(
            id="nan-in-f1",
            name="F1 is NaN where precision and recall are both 0",
            hint="What is 2PR / (P + R) if both are 0, and what does the docstring say that it is here?",
            edits={"torch.where(total > 0, total, 1.0)": "total"},
        ),
        Misconception(
            id="nan-in-parts",
            name="precision or recall is NaN where there is nothing to divide by",
            hint="What is 0/0 in torch, and what does the docstring say that it is here?",
            edits={P: "precision = hits / counts.sum(dim=0)", R: "recall = hits / counts.sum(dim=1)"},
        ),
        Misconception(
            id="one-for-nothing",
            name="a class that is never predicted, or never true, has 1",
            hint="scikit-learn can do so, with `zero_division=1`. What does the docstring say that 0/0 is?",
            edits={
                P: "precision = torch.where(counts.sum(dim=0) > 0, hits / counts.sum(dim=0).clamp(min=1), 1.0)",
                R: "recall = torch.where(counts.sum(dim=1) > 0, hits / counts.sum(dim=1).clamp(min=1), 1.0)",
            },
        ),
        Misconception(
            id="arithmetic-mean",
            name="F1 is the ordinary mean of precision and recall",
            hint="With precision 1 and recall 0 the ordinary mean is ½. What should F1 be?",
            edits={F1: "total / 2"},
        ),
        Misconception(
            id="geometric-mean",
            name="F1 is the geometric mean of precision and recall",
            hint="√(PR) is known as the Fowlkes–Mallows index. Which mean is 2PR / (P + R)?",
            edits={F1: "(precision * recall).sqrt()"},
        ),
        Misconception(
            id="factor-two",
            name="the factor 2 in F1 is missing",
            hint="With P = R = 1, F1 should be 1. What is yours?",
            edits={"2 * precision * recall": "precision * recall"},
        ),
        Misconception(
            id="product",
            name="F1 is the product of precision and recall",
            hint="With P = R = ½ the mean of the two should be ½. What is yours?",
            edits={F1: "precision * recall"},
        ),
        Misconception(
            id="smaller-of-both",
            name="F1 is the smaller of the two",
            hint="The harmonic mean lies between the two, nearer to the smaller one. What is 2PR / (P + R)?",
            edits={F1: "torch.minimum(precision, recall)"},
        ),
        Misconception(
            id="jaccard",
            name="F1 is hits by all that was taken for the class or is of it (the Jaccard index)",
            hint="In F1 the hits count twice, above and below. What is 2PR / (P + R), in hits, false alarms and misses?",
            edits={F1: "hits / (counts.sum(dim=0) + counts.sum(dim=1) - hits).clamp(min=1)"},
        ),
        Misconception(
            id="accuracy-for-recall",
            name="recall is the share of all examples that were judged rightly, class against the rest",
            hint="Of what *is* of the class, how much was taken for it? How many examples do you divide by?",
            answer=_one_against_the_rest,
        ),
        Misconception(
            id="specificity",
            name="recall is that of all other classes (specificity)",
            hint="Of what *is* of the class, how much was taken for it? Which rows do you add up?",
            answer=_specificity,
        ),
        Misconception(
            id="share-of-all",
            name="the hits are divided by the number of all examples",
            hint="A class with few examples can be found without a mistake. By how many do you divide then?",
            edits={P: "precision = hits / counts.sum().clamp(min=1)", R: "recall = hits / counts.sum().clamp(min=1)"},
        ),
        Misconception(
            id="weighted",
            name="every class is weighted by how often it occurs",
            hint="Weights come into a mean over classes. What is asked for each class alone?",
            answer=_weighted,
        ),
        Misconception(
            id="percent",
            name="the values are percentages",
            hint="A share lies between 0 and 1. Between what do yours lie?",
            edits={RESULT: f"{RESULT} * 100"},
        ),
        Misconception(
            id="whole-division",
            name="the division leaves no digits after the point",
            hint="What is 3 // 4 in Python? Which sign divides with all digits?",
            edits={P: P.replace(" / ", " // "), R: R.replace(" / ", " // ")},
        ),
        Misconception(
            id="rounded",
            name="the values are rounded to two digits",
            hint="Two models may differ in the third digit. Who asked for rounding?",
            edits={RESULT: f"({RESULT} * 100).round() / 100"},
        ),
        Misconception(
            id="classes-in-rows",
            name="there is a row for each class instead of for each measure",
            hint="Which shape does the signature promise? Along which axis do you stack?",
            edits={RESULT: "torch.stack([precision, recall, f1], dim=1)"},
        ),
        Misconception(
            id="f1-first",
            name="F1 comes first",
            hint="In which order does the docstring name the three?",
            edits={RESULT: "torch.stack([f1, precision, recall])"},
        ),
        Misconception(
            id="list",
            name="the three are returned side by side, not stacked",
            hint="The signature promises one tensor. Which function makes one of three?",
            edits={RESULT: "precision, recall, f1"},
        ),
    ),
)
