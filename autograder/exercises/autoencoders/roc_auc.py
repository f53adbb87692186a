"""`roc_auc`: The area under the ROC curve: how often an anomaly scores higher than an ordinary example."""

import itertools

import torch

from autograder.draw import integers, normal, uniform
from autograder.exercise import Exercise, Misconception


def roc_inputs(rng):
    """Seventeen examples, five anomalies, scores that overlap: large and tiny ones, some below chance, some
    that differ by a rounding; ties within and between the two kinds, at the top as well; one of each kind.
    """

    def case(scores, examples=17, anomalies=5):
        is_anomaly = torch.zeros(examples, dtype=torch.bool)
        is_anomaly[torch.from_numpy(rng.permutation(examples)[:anomalies])] = True
        return {"scores": scores(is_anomaly), "is_anomaly": is_anomaly}

    def tied(is_anomaly):
        """Whole numbers, with a tie between an anomaly and an ordinary example for certain."""
        scores = integers(rng, 0, 4, 17).float() + integers(rng, 0, 2, 17) * is_anomaly
        scores[is_anomaly.nonzero()[:3, 0]] = torch.tensor([2.0, 2.0, 4.0])
        scores[(~is_anomaly).nonzero()[:5, 0]] = torch.tensor([2.0, 0.0, 1.0, 3.0, 0.0])
        return scores

    def tied_at_the_top(is_anomaly):
        return torch.where(tied(is_anomaly) > 1.5, 7.0, normal(rng, len(is_anomaly)))

    return {
        "no ties": [
            case(lambda kind: uniform(rng, 17) + 0.4 * kind),
            case(lambda kind: normal(rng, 17) + kind),
            case(lambda kind: 200 + 60 * uniform(rng, 17) - 45 * kind),  # below chance, and large
            case(lambda kind: 0.5 + 0.01 * kind, examples=2, anomalies=1),
            case(lambda kind: 1e-9 * (uniform(rng, 17) + 0.4 * kind)),
            case(lambda kind: 1 + 2**-23 * torch.from_numpy(rng.permutation(17))),  # one rounding apart
        ],
        "ties": [case(tied), case(tied_at_the_top), case(lambda kind: torch.full((5,), 0.3), examples=5, anomalies=2)],
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
    order = scores.argsort(descending=True)
    return is_anomaly[order].double().cumsum(0), (~is_anomaly[order]).double().cumsum(0)


def _step_by_step(scores, is_anomaly):
    hits, _ = _curve(scores, is_anomaly)
    ordinary = ~is_anomaly[scores.argsort(descending=True)]
    return (hits[ordinary] / is_anomaly.sum()).mean().item()


def _average_precision(scores, is_anomaly):
    hits, false_alarms = _curve(scores, is_anomaly)
    found = is_anomaly[scores.argsort(descending=True)]
    return (hits / (hits + false_alarms))[found].mean().item()


def _over_thresholds(scores, is_anomaly):
    alarms = scores >= scores.unique()[:, None]
    return alarms[:, is_anomaly].double().mean().item()


def _rank_sum(scores, is_anomaly):
    smaller, equal = ((op(scores[None], scores[:, None])).sum(1) for op in (torch.lt, torch.eq))
    ranks = (smaller + (equal + 1) / 2)[is_anomaly]
    return (ranks.sum() / (is_anomaly.sum() * (~is_anomaly).sum())).item()


def _accuracy(scores, is_anomaly, threshold=lambda scores: 0.5):
    return ((scores > threshold(scores)) == is_anomaly).double().mean().item()


def _hits_without_false_alarm(scores, is_anomaly):
    return (scores[is_anomaly] > scores[~is_anomaly].max()).double().mean().item()


def _by_ranks(rank):
    """Mann and Whitney's formula with ranks of some other making."""

    def roc_auc_by_ranks(scores, is_anomaly):
        n = int(is_anomaly.sum())
        above_the_lowest = rank(scores).double()[is_anomaly].sum() - n * (n + 1) / 2
        return (above_the_lowest / (n * (len(scores) - n))).item()

    return roc_auc_by_ranks


def _ranks_of_ties(lowest):
    """Ranks from 1; ties get the lowest or the highest of theirs."""

    def ranks(scores):
        smaller = scores[None] < scores[:, None] if lowest else scores[None] <= scores[:, None]
        return smaller.sum(1) + int(lowest)

    return ranks


def _mean_ranks_from_zero(scores):
    return ((scores[None] < scores[:, None]).sum(1) + (scores[None] <= scores[:, None]).sum(1) - 1) / 2


def _without_the_corner(scores, is_anomaly):
    thresholds = scores.unique().flip(0)
    alarms = scores >= thresholds[:, None]
    hits, false_alarms = (alarms[:, kind].double().mean(1) for kind in (is_anomaly, ~is_anomaly))
    return torch.trapezoid(hits, false_alarms).item()


def _eleven_thresholds(scores, is_anomaly):
    alarms = scores >= torch.linspace(1, 0, 11)[:, None]
    hits, false_alarms = (alarms[:, kind].double().mean(1) for kind in (is_anomaly, ~is_anomaly))
    return torch.trapezoid(hits, false_alarms).item()


def _side_by_side(scores, is_anomaly):
    high, low = scores[is_anomaly], scores[~is_anomaly]
    n = min(len(high), len(low))
    high, low = high[:n], low[:n]
    return ((high > low).double() + 0.5 * (high == low)).mean().item()


ROC_AUC = Exercise(
    solves="unrolled.anomaly.roc_auc",
    groups={"no ties": 2, "ties": 1},
    inputs=roc_inputs,
    accepts=(roc_auc_loop, roc_auc_trapezoids, roc_auc_ranks),
    forbids=("sklearn.metrics.roc_auc_score", "sklearn.metrics.roc_curve", "sklearn.metrics.auc"),
    misconceptions=(
        Misconception(
            id="nearly-a-tie",
            name="scores that are nearly equal count as ties",
            hint="A tie is a tie: 1e-9 and 3e-9 are two scores, and one is larger. Which comparison asks for no tolerance?",
            edits={
                "(anomalous > ordinary).double()": "((anomalous > ordinary) & ~torch.isclose(anomalous, ordinary)).double()",
                "(anomalous == ordinary)": "torch.isclose(anomalous, ordinary)",
            },
        ),
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
            name="it is the share of right decisions at one threshold",
            hint="Scores need not be probabilities, and the area asks for no threshold at all. What is compared with what?",
            answer=_accuracy,
            also=(
                lambda scores, is_anomaly: _accuracy(scores, is_anomaly, torch.mean),
                lambda scores, is_anomaly: _accuracy(scores, is_anomaly, torch.median),
            ),
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
        Misconception(
            id="ties-subtracted",
            name="half of the ties is subtracted",
            hint="A detector that gives every example the same score knows nothing. Is its area −½, or ½?",
            edits={" + 0.5 * (anomalous == ordinary)": " - 0.5 * (anomalous == ordinary)"},
        ),
        Misconception(
            id="folded",
            name="an area below ½ is turned into one above",
            hint="A detector that is worse than chance should be seen as such. What does the docstring say that 0 means?",
            edits={
                "return ((anomalous > ordinary).double() + 0.5 * (anomalous == ordinary)).mean().item()": (
                    "area = ((anomalous > ordinary).double() + 0.5 * (anomalous == ordinary)).mean().item()\n"
                    "    return max(area, 1 - area)"
                )
            },
        ),
        Misconception(
            id="tensor",
            name="a tensor comes back instead of a number",
            hint="The signature promises a float. What turns a tensor of one value into a number?",
            edits={".mean().item()": ".mean()"},
        ),
        Misconception(
            id="side-by-side",
            name="each anomaly is compared with a single ordinary example, the one in the same place",
            hint="Every anomaly meets every ordinary example. What shape must the table of all pairs have?",
            answer=_side_by_side,
        ),
        Misconception(
            id="without-a-new-axis",
            name="two rows of different lengths are compared without making a table of them",
            hint="5 scores against 12 are 60 pairs. Which of the two must become a column?",
            edits={"[:, None]": ""},
        ),
        Misconception(
            id="pairs-of-all-examples",
            name="the wins are divided by the number of all pairs of two different examples",
            hint="Only pairs of an anomaly and an ordinary example are compared. How many of them are there?",
            edits={"ordinary)).mean()": "ordinary)).sum().div(len(scores) * (len(scores) - 1) / 2)"},
        ),
        Misconception(
            id="whole-division",
            name="the wins are divided without a remainder",
            hint="What is 50 // 60? Which sign divides with all digits?",
            edits={"ordinary)).mean()": "ordinary)).sum().div(anomalous.numel() * ordinary.numel()).floor()"},
        ),
        Misconception(
            id="rounded",
            name="the area is rounded to two digits",
            hint="Two detectors may differ in the third digit. Who asked for rounding?",
            edits={
                "return ((anomalous > ordinary).double() + 0.5 * (anomalous == ordinary)).mean().item()": (
                    "return round(((anomalous > ordinary).double() + 0.5 * (anomalous == ordinary)).mean().item(), 2)"
                )
            },
        ),
        Misconception(
            id="means-compared",
            name="only the two mean scores are compared: the area is 1 or 0",
            hint="Some anomalies may score lower than some ordinary examples. How many pairs do you compare?",
            edits={
                "return ((anomalous > ordinary).double() + 0.5 * (anomalous == ordinary)).mean().item()": (
                    "return float(anomalous.mean() > ordinary.mean())"
                )
            },
        ),
        Misconception(
            id="against-the-median",
            name="each anomaly is compared with the median of the ordinary examples alone",
            hint="Every anomaly meets every ordinary example. With how many do you compare it?",
            edits={
                "return ((anomalous > ordinary).double() + 0.5 * (anomalous == ordinary)).mean().item()": (
                    "return (anomalous > ordinary.median()).double().mean().item()"
                )
            },
        ),
        Misconception(
            id="corner-missing",
            name="the curve does not begin at (0, 0)",
            hint="Above the highest score there is no alarm at all. Which point is that, and what lies between it and the next?",
            answer=_without_the_corner,
        ),
        Misconception(
            id="eleven-thresholds",
            name="eleven thresholds from 0 to 1 are tried, and what lies between or beyond them is lost",
            hint="Scores need not lie between 0 and 1. At which thresholds does the curve really turn?",
            answer=_eleven_thresholds,
        ),
        Misconception(
            id="ranks-without-ties",
            name="examples with the same score have different ranks, as they happen to lie",
            hint="Shuffle the examples: is the area still the same? Which rank should all those have that share one score?",
            answer=_by_ranks(lambda scores: scores.argsort().argsort() + 1),
        ),
        Misconception(
            id="lowest-ranks",
            name="examples with the same score all have the lowest of their ranks",
            hint="A detector that gives every example the same score should have the area ½. Which rank lies in the middle?",
            answer=_by_ranks(_ranks_of_ties(lowest=True)),
        ),
        Misconception(
            id="highest-ranks",
            name="examples with the same score all have the highest of their ranks",
            hint="A detector that gives every example the same score should have the area ½. Which rank lies in the middle?",
            answer=_by_ranks(_ranks_of_ties(lowest=False)),
        ),
        Misconception(
            id="ranks-from-zero",
            name="the ranks begin with 0, in a formula for ranks from 1",
            hint="What is subtracted is 1 + 2 + … + n. Which ranks have the lowest n examples in yours?",
            answer=_by_ranks(_mean_ranks_from_zero),
        ),
        Misconception(
            id="argsort-for-ranks",
            name="argsort is taken for the ranks",
            hint="argsort says which example is in each place. A rank says in which place each example is: how is one made of "
            "the other?",
            answer=_by_ranks(lambda scores: scores.argsort() + 1),
        ),
        Misconception(
            id="ranks-of-distinct-scores",
            name="the ranks count distinct scores, however often each occurs",
            hint="Three examples with the lowest score take the ranks 1, 2 and 3. Which rank has the next?",
            answer=_by_ranks(lambda scores: scores.unique(return_inverse=True)[1] + 1),
        ),
        Misconception(
            id="sigmoid-first",
            name="the scores go through a sigmoid first, and large ones become equal",
            hint="σ(30) and σ(40) are both 1 in float32. Do scores have to be probabilities?",
            edits={
                "scores[is_anomaly][:, None], scores[~is_anomaly]": "scores.sigmoid()[is_anomaly][:, None], scores.sigmoid()[~is_anomaly]"
            },
        ),
        Misconception(
            id="close-is-a-tie",
            name="scores that are close count as a tie",
            hint="How close is close, if scores may be of any size? Which scores are a tie by the docstring?",
            edits={
                "(anomalous > ordinary).double()": "(anomalous - ordinary >= 0.05).double()",
                "(anomalous == ordinary)": "((anomalous - ordinary).abs() < 0.05)",
            },
        ),
        Misconception(
            id="sorted-without-the-kinds",
            name="the scores are sorted, and is_anomaly stays as it was",
            hint="After sorting, to which example does is_anomaly[0] belong? What else must be moved?",
            edits={"anomalous, ordinary =": "scores = scores.sort().values\n    anomalous, ordinary ="},
        ),
        Misconception(
            id="scores-overwritten",
            name="the caller's scores are sorted in place",
            hint="scores[:] = … writes into the caller's tensor. How do you make a new one? And to whom belongs is_anomaly[0] then?",
            edits={"anomalous, ordinary =": "scores[:] = scores.sort().values\n    anomalous, ordinary ="},
        ),
    ),
)
