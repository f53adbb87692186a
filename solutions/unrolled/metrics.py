"""How good is a classifier? Not one number, but what it takes for what.

Paper: van Rijsbergen, *Information Retrieval* (2nd edition, 1979), chapter 7, for precision, recall and their mean;
the results are those of `sklearn.metrics`.

Names: ours ↔ theirs — `confusion_counts` ↔ `confusion_matrix`; the columns of `precision_recall_f1` ↔
`precision_recall_fscore_support(average=None, zero_division=0)`. F1 ↔ van Rijsbergen's 1 − E with α = ½.

Left out: thresholds and the curve over all of them (`unrolled.anomaly.roc_curve`), and weights for the classes.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from unrolled.signatures import checked


def confusion_counts(
    truth: Int[Tensor, " example"], predicted: Int[Tensor, " example"], classes: int
) -> Int[Tensor, "classes classes"]:
    """The confusion matrix: in row i and column j, how many examples of class i were taken for class j.

    Whole numbers, of `torch.int64`. A class may be missing from either, or from both. There may be no examples.

    A class outside 0 … classes − 1 raises a `ValueError` that names `truth` or names `predicted`, wherever it stands.

    >>> confusion_counts(torch.tensor([0, 0, 0, 1]), torch.tensor([0, 2, 2, 1]), classes=3)
    tensor([[1, 0, 2],
            [0, 1, 0],
            [0, 0, 0]])
    """
    for name, labels in (("truth", truth), ("predicted", predicted)):
        if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
            raise ValueError(
                f"{name} holds {labels.min()} to {labels.max()}; expected 0 to {classes - 1}, as there are {classes} classes"
            )
    return torch.bincount(truth * classes + predicted, minlength=classes**2).view(classes, classes)


def precision_recall_f1(
    counts: Int[Tensor, "classes classes"],
) -> Float[Tensor, "3 classes"]:
    """Precision, recall and F1 of every class, from a confusion matrix: rows are true, columns predicted classes.

    Precision: of what was taken for the class, the share that is of it. Recall: of what is of the class, the share
    that was taken for it. F1 is their harmonic mean, 2PR / (P + R). What would be 0/0 is 0. In float32.

    Source: van Rijsbergen (1979), chapter 7.

    >>> precision_recall_f1(torch.tensor([[1, 0, 2], [0, 1, 0], [0, 0, 0]]))
    tensor([[1.0000, 1.0000, 0.0000],
            [0.3333, 1.0000, 0.0000],
            [0.5000, 1.0000, 0.0000]])
    """
    hits = counts.diagonal().float()
    precision = hits / counts.sum(dim=0).clamp(min=1)
    recall = hits / counts.sum(dim=1).clamp(min=1)
    total = precision + recall
    f1 = 2 * precision * recall / torch.where(total > 0, total, 1.0)
    return torch.stack([precision, recall, f1])


def accuracy(counts: Int[Tensor, "classes classes"]) -> float:
    """The share of examples that were taken for what they are: the diagonal over everything.

    >>> accuracy(torch.tensor([[1, 0, 2], [0, 1, 0], [0, 0, 0]]))
    0.5
    """
    return (counts.diagonal().sum() / counts.sum().clamp(min=1)).item()


def macro_f1(counts: Int[Tensor, "classes classes"]) -> float:
    """The mean of the F1 of all classes: each class counts once, however rare.

    >>> macro_f1(torch.tensor([[1, 0, 2], [0, 1, 0], [0, 0, 0]]))
    0.5
    """
    return precision_recall_f1(counts)[2].mean().item()


checked(globals())
