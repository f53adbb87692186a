"""Anomaly detection: what a model cannot make again, it has not seen before. And how to judge a detector.

Paper: Sakurada and Yairi, "Anomaly Detection Using Autoencoders with Nonlinear Dimensionality Reduction" (2014);
Hanley and McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve" (1982).

Names: ours ↔ theirs — hit rate ↔ true positive rate, sensitivity; false-alarm rate ↔ false positive rate. An
anomaly is the positive class, and a high score means *anomalous*.

Left out: scores from a likelihood, and choosing a threshold, which depends on what an error costs.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from unrolled.signatures import checked


def anomaly_scores(
    x: Float[Tensor, "batch *shape"], reconstruction: Float[Tensor, "batch *shape"]
) -> Float[Tensor, " batch"]:
    """How badly each example was made again: the mean squared error over all that belongs to it.

    An example has at least one axis: it may be a row of pixels, or a picture of several channels.

    >>> x = torch.tensor([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    >>> reconstruction = torch.tensor([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
    >>> anomaly_scores(x, reconstruction)
    tensor([0.0000, 0.5000])
    """
    return ((x - reconstruction) ** 2).flatten(start_dim=1).mean(dim=1)


def roc_auc(scores: Float[Tensor, " example"], is_anomaly: Bool[Tensor, " example"]) -> float:
    """The area under the ROC curve: how often an anomaly scores higher than an ordinary example.

    Over all pairs of the two kinds; a tie counts half. 1 is perfect, ½ is chance, 0 is perfectly the wrong way round.
    Scores may be any numbers, and there is at least one example of each kind.

    Source: Hanley and McNeil (1982), section II; it equals the area, and the Mann–Whitney statistic.

    >>> is_anomaly = torch.tensor([True, True, False, False])
    >>> roc_auc(torch.tensor([0.9, 0.2, 0.1, 0.2]), is_anomaly)  # 3 of 4 pairs, and a tie
    0.875
    """
    if len(is_anomaly.unique()) < 2:
        raise ValueError(
            f"is_anomaly is True for {int(is_anomaly.sum())} of {len(is_anomaly)} examples; expected both kinds"
        )
    anomalous, ordinary = scores[is_anomaly][:, None], scores[~is_anomaly]
    return ((anomalous > ordinary).double() + 0.5 * (anomalous == ordinary)).mean().item()


def roc_curve(
    scores: Float[Tensor, " example"], is_anomaly: Bool[Tensor, " example"]
) -> tuple[Float[Tensor, " threshold"], Float[Tensor, " threshold"], Float[Tensor, " threshold"]]:
    """False-alarm rate, hit rate, and the threshold they belong to, from no alarm at all to nothing but alarms.

    There is an alarm where score ≥ threshold; the thresholds are ∞ and all scores that occur, falling.

    >>> is_anomaly = torch.tensor([True, True, False, False])
    >>> false_alarms, hits, thresholds = roc_curve(torch.tensor([0.9, 0.2, 0.1, 0.2]), is_anomaly)
    >>> false_alarms, hits
    (tensor([0.0000, 0.0000, 0.5000, 1.0000]), tensor([0.0000, 0.5000, 1.0000, 1.0000]))
    """
    seen = scores.unique().flip(0)
    thresholds = torch.cat([seen.new_tensor([torch.inf]), seen])

    def alarm_rate(scores: Tensor) -> Tensor:
        below = torch.searchsorted(scores.sort().values, thresholds)
        return (len(scores) - below) / len(scores)

    return alarm_rate(scores[~is_anomaly]), alarm_rate(scores[is_anomaly]), thresholds


checked(globals(), never_empty=("roc_curve",))
