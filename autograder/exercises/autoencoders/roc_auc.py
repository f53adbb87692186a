"""`roc_auc`: The area under the ROC curve: how often an anomaly scores higher than an ordinary example."""

import itertools

import torch

from autograder.draw import integers, normal, uniform
from autograder.exercise import Exercise, Misconception


def roc_inputs(rng):
    """Seventeen examples, five anomalies, scores that overlap; ties within and between the two kinds."""

    def case(scores):
        is_anomaly = torch.zeros(17, dtype=torch.bool)
        is_anomaly[torch.from_numpy(rng.permutation(17)[:5])] = True
        return {"scores": scores(is_anomaly), "is_anomaly": is_anomaly}

    def tied(is_anomaly):
        """Whole numbers, with a tie between an anomaly and an ordinary example for certain."""
        scores = integers(rng, 0, 4, 17).float() + integers(rng, 0, 2, 17) * is_anomaly
        scores[is_anomaly.nonzero()[:3, 0]] = torch.tensor([2.0, 2.0, 4.0])
        scores[(~is_anomaly).nonzero()[:5, 0]] = torch.tensor([2.0, 0.0, 1.0, 3.0, 0.0])
        return scores

    return {
        "no ties": [case(lambda kind: uniform(rng, 17) + 0.4 * kind), case(lambda kind: normal(rng, 17) + kind)],
        "ties": [case(tied), case(tied)],
    }


def roc_auc_loop(scores, is_anomaly):
    won, pairs = 0.0, 0
    for a, anomalous in zip(scores.tolist(), is_anomaly.tolist(), strict=True):
        for b, other in zip(scores.tolist(), is_anomaly.tolist(), strict=True):
            if anomalous and not other:
                pairs += 1
                won += 1 if a > b else 0.5 if a == b else 0
    return won / pairs


def roc_auc_trapezoids(scores, is_anomaly):
    """The area under the curve, threshold by threshold."""
    points = [(0.0, 0.0)]
    for threshold in sorted(set(scores.tolist()), reverse=True):
        alarm = scores >= threshold
        points.append((alarm[~is_anomaly].double().mean().item(), alarm[is_anomaly].double().mean().item()))
    return sum((x - w) * (y + z) / 2 for (w, z), (x, y) in itertools.pairwise(points))


def roc_auc_ranks(scores, is_anomaly):
    """By Mann and Whitney: ranks from 1, ties get the mean of theirs."""
    smaller = (scores[None, :] < scores[:, None]).sum(1)
    equal = (scores[None, :] == scores[:, None]).sum(1)
    ranks = smaller + (equal + 1) / 2
    n = is_anomaly.sum()
    return float((ranks[is_anomaly].sum() - n * (n + 1) / 2) / (n * (~is_anomaly).sum()))


def _curve(scores, is_anomaly):
    """Hits and false alarms after each example in the order of falling scores, ties as they come."""
    order = scores.argsort(descending=True, stable=True)
    return is_anomaly[order].double().cumsum(0), (~is_anomaly[order]).double().cumsum(0)


def _step_by_step(scores, is_anomaly):
    hits, _ = _curve(scores, is_anomaly)
    ordinary = ~is_anomaly[scores.argsort(descending=True, stable=True)]
    return (hits[ordinary] / is_anomaly.sum()).mean().item()


def _average_precision(scores, is_anomaly):
    hits, false_alarms = _curve(scores, is_anomaly)
    found = is_anomaly[scores.argsort(descending=True, stable=True)]
    return (hits / (hits + false_alarms))[found].mean().item()


def _over_thresholds(scores, is_anomaly):
    alarms = scores >= scores.unique()[:, None]
    return alarms[:, is_anomaly].double().mean().item()


def _rank_sum(scores, is_anomaly):
    smaller, equal = ((op(scores[None], scores[:, None])).sum(1) for op in (torch.lt, torch.eq))
    ranks = (smaller + (equal + 1) / 2)[is_anomaly]
    return (ranks.sum() / (is_anomaly.sum() * (~is_anomaly).sum())).item()


def _accuracy(scores, is_anomaly):
    return ((scores > 0.5) == is_anomaly).double().mean().item()


def _hits_without_false_alarm(scores, is_anomaly):
    return (scores[is_anomaly] > scores[~is_anomaly].max()).double().mean().item()


ROC_AUC = Exercise(
    solves="unrolled.anomaly.roc_auc",
    groups={"no ties": 2, "ties": 1},
    inputs=roc_inputs,
    accepts=(roc_auc_loop, roc_auc_trapezoids, roc_auc_ranks),
    forbids=("sklearn.metrics.roc_auc_score", "sklearn.metrics.roc_curve", "sklearn.metrics.auc"),
    misconceptions=(
        Misconception(
            id="ties-lost",
            name="a tie counts nothing",
            hint="A detector that gives every example the same score knows nothing. Is its area 0, or ½?",
            edits={" + 0.5 * (anomalous == ordinary)": ""},
        ),
        Misconception(
            id="ties-won",
            name="a tie counts as a win",
            hint="A detector that gives every example the same score knows nothing. Is its area 1, or ½?",
            edits={"+ 0.5 *": "+ 1.0 *"},
        ),
        Misconception(
            id="wrong-side",
            name="the alarm is below the threshold instead of above, or the two kinds are swapped",
            hint="A high score means anomalous. In which direction do you compare, and which kind stands on which side?",
            edits={"(anomalous > ordinary)": "(anomalous < ordinary)"},
        ),
        Misconception(
            id="step-by-step",
            name="examples with the same score are taken one after the other, as they happen to lie",
            hint="Shuffle the examples: is the area still the same? All that have one score cross the threshold together: "
            "which line joins the points before and after?",
            answer=_step_by_step,
        ),
        Misconception(
            id="all-with-all",
            name="the wins are divided by the number of all pairs, also of two of one kind",
            hint="Only pairs of an anomaly and an ordinary example are compared. How many of them are there?",
            edits={"ordinary)).mean()": "ordinary)).sum().div(len(scores) ** 2)"},
        ),
        Misconception(
            id="for-each-anomaly",
            name="the wins are divided by the number of anomalies",
            hint="With perfect scores the area is 1. What is yours?",
            edits={"ordinary)).mean()": "ordinary)).sum().div(len(anomalous))"},
        ),
        Misconception(
            id="not-divided",
            name="the wins are counted, but not divided",
            hint="That is the Mann–Whitney statistic U. How many wins are possible?",
            edits={"ordinary)).mean()": "ordinary)).sum()"},
        ),
        Misconception(
            id="gini",
            name="chance is 0 and not ½",
            hint="2 · area − 1 is known as the Gini coefficient. What should come out where every pair is a tie?",
            edits={".mean().item()": ".mean().item() * 2 - 1"},
        ),
        Misconception(
            id="average-precision",
            name="it is the area under another curve, of precision over hit rate",
            hint="That one (average precision) depends on how rare anomalies are. What is on the x axis of an ROC curve?",
            answer=_average_precision,
        ),
        Misconception(
            id="over-thresholds",
            name="the hit rates of all thresholds are averaged",
            hint="In an area each hit rate is multiplied by a width. How far does the false-alarm rate move between two "
            "thresholds?",
            answer=_over_thresholds,
        ),
        Misconception(
            id="rank-sum",
            name="the ranks of the anomalies are added up, and what they would be anyway is not subtracted",
            hint="Even the lowest n examples have ranks 1 … n. How much is that together?",
            answer=_rank_sum,
        ),
        Misconception(
            id="accuracy",
            name="it is the share of right decisions with a threshold of 0.5",
            hint="Scores need not be probabilities, and the area asks for no threshold at all. What is compared with what?",
            answer=_accuracy,
        ),
        Misconception(
            id="hits-without-false-alarm",
            name="an anomaly counts only if it is above all ordinary examples",
            hint="That is the hit rate where there is no false alarm yet: one point of the curve. What of the pairs that it "
            "wins against most?",
            answer=_hits_without_false_alarm,
        ),
        Misconception(
            id="difference-of-means",
            name="it is the difference of the two mean scores",
            hint="Multiply all scores by 10: should the area change?",
            edits={
                "((anomalous > ordinary).double() + 0.5 * (anomalous == ordinary)).mean()": (
                    "(anomalous - ordinary).mean()"
                )
            },
        ),
    ),
)
