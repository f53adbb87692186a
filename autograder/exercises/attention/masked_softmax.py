"""`masked_softmax`: The softmax of every query's scores over the keys where `mask` is True; elsewhere the weight is 0."""

import torch

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def masked_softmax_inputs(rng):
    """Batch 2, query 3, key 5; masks of one row a sentence and of one a query; scores that do not saturate."""

    def case(mask):
        return {"scores": normal(rng, 2, 3, 5), "mask": mask}

    by_query = torch.from_numpy(rng.random((2, 3, 5)) < 0.6)
    by_query[..., 0], by_query[..., 3] = True, False
    by_sentence = torch.arange(5) < torch.tensor([4, 2])[:, None, None]
    empty = by_query.clone()
    empty[0, 1] = False
    return {
        "all allowed": [case(torch.ones(2, 3, 5, dtype=torch.bool))],
        "some forbidden": [case(by_query), case(by_sentence)],
        "nothing allowed": [case(empty), case(torch.arange(5) < torch.tensor([0, 3])[:, None, None])],
    }


def masked_softmax_by_hand(scores, mask):
    weights = torch.exp(scores - scores.max(dim=-1, keepdim=True).values) * mask
    return weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-30)


def masked_softmax_nan_to_num(scores, mask):
    return torch.where(mask, scores, float("-inf")).softmax(-1).nan_to_num(0.0)


def masked_softmax_large_number(scores, mask):
    return torch.softmax(scores - 1e9 * mask.logical_not(), dim=2) * mask


def masked_softmax_row_by_row(scores, mask):
    mask = mask.expand_as(scores)
    weights = torch.zeros_like(scores)
    for i in range(scores.shape[0]):
        for j in range(scores.shape[1]):
            weights[i, j, mask[i, j]] = scores[i, j, mask[i, j]].softmax(dim=0)
    return weights


MASKED_SOFTMAX = Exercise(
    solves="unrolled.attention.masked_softmax",
    groups={"all allowed": 1, "some forbidden": 1, "nothing allowed": 1},
    inputs=masked_softmax_inputs,
    probe=probes.differentiate,
    accepts=(
        masked_softmax_by_hand,
        masked_softmax_nan_to_num,
        masked_softmax_large_number,
        masked_softmax_row_by_row,
    ),
    misconceptions=(
        Misconception(
            id="empty-row-nan",
            name="a row that allows nothing becomes NaN",
            hint="If all scores are −∞, the softmax divides zero by zero. What should such a row be, and how do you get it "
            "without that division?",
            edits={
                "torch.finfo(scores.dtype).min": "-torch.inf",
                ".masked_fill(~mask, 0.0)": "",
            },
        ),
        Misconception(
            id="empty-row-uniform",
            name="a row that allows nothing looks everywhere alike",
            hint="If all scores are equally low, the softmax gives all keys the same weight, forbidden as they are. What "
            "should their weights be?",
            edits={".masked_fill(~mask, 0.0)": ""},
        ),
        Misconception(
            id="mask-after-softmax",
            name="the mask is applied only after the softmax",
            hint="The forbidden weights are 0, but what do the others add up to?",
            edits={".masked_fill(~mask, lowest)": ""},
        ),
        Misconception(
            id="mask-inverted",
            name="the mask is taken the other way round",
            hint="Here True means that one may look (in nn.MultiheadAttention it means the opposite). Which places do "
            "you close?",
            edits={
                "masked_fill(~mask, lowest)": "masked_fill(mask, lowest)",
                "masked_fill(~mask, 0.0)": "masked_fill(mask, 0.0)",
            },
        ),
        Misconception(
            id="mask-ignored",
            name="the mask is not used",
            hint="What should the weight of a forbidden key be? Where in your code does the mask come in?",
            edits={".masked_fill(~mask, lowest)": "", ".masked_fill(~mask, 0.0)": ""},
        ),
        Misconception(
            id="softmax-over-queries",
            name="the softmax runs over the queries",
            hint="Whose weights should add up to 1: those that one query gives to all keys, or those that one key gets?",
            edits={"dim=-1": "dim=-2"},
        ),
        Misconception(
            id="forbidden-scores-zero",
            name="forbidden scores are set to 0, or next to it, before the softmax",
            hint="e⁰ is 1: a score of 0 is an ordinary score, and so is 1e-9. Which score gets no weight?",
            edits={
                "masked_fill(~mask, lowest)": "masked_fill(~mask, 0.0)",
                "softmax(dim=-1).masked_fill(~mask, 0.0)": "softmax(dim=-1)",
            },
        ),
        Misconception(
            id="zero-times-infinity",
            name="the mask is multiplied by −∞",
            hint="What is 0 · (−∞)? Choose between scores instead of multiplying: torch.where or masked_fill.",
            edits={
                "scores.masked_fill(~mask, lowest)": "(scores + (~mask) * -torch.inf)",
            },
        ),
        Misconception(
            id="exponentials-not-divided",
            name="the exponentials are not divided by their sum",
            hint="Do the weights of a query add up to 1?",
            edits={"scores.masked_fill(~mask, lowest).softmax(dim=-1)": "scores.exp()"},
        ),
    ),
)
