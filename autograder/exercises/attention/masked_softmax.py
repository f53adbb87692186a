"""`masked_softmax`: The softmax of every query's scores over the keys where `mask` is True; elsewhere the weight is 0."""

import torch

from autograder import probes
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception
from autograder.tolerance import Tolerance


def masked_softmax_inputs(rng):
    """Batch 2, query 3, key 5; masks of one row a sentence and of one a query; scores that do not saturate.

    Once each query's scores lie around 1500, 0 or −1500, with a forbidden one far above; a batch of one query and one
    key; one mask for all sentences; once everything is float64, with scores around −25,000 and −5,000,000, and a
    forbidden one higher by 50,000.
    """

    def case(mask, batch=2, query=3, key=5):
        return {"scores": normal(rng, batch, query, key), "mask": mask}

    by_query = torch.from_numpy(rng.random((2, 3, 5)) < 0.6)
    by_query[..., 0], by_query[..., 3] = True, False
    by_sentence = torch.arange(5) < torch.tensor([4, 2])[:, None, None]
    empty = by_query.clone()
    empty[0, 1] = False
    large, doubles = case(by_query), case(by_query)
    large["scores"] += torch.tensor([[-1500.0, 0.0, 1500.0], [1500.0, -1500.0, 0.0]])[:, :, None]
    large["scores"][..., 3] += 300.0  # a forbidden key
    doubles["scores"] = doubles["scores"].double() - torch.tensor([[0.0], [25000.0], [5e6]])
    doubles["scores"][..., 3] += 50000.0
    return {
        "all allowed": [case(torch.ones(2, 3, 5, dtype=torch.bool)), case(torch.ones(1, 1, 1).bool(), 1, 1, 1)],
        "some forbidden": [case(by_query), case(by_sentence), case(by_query[:1, :1]), large, doubles],
        "nothing allowed": [case(empty), case(torch.arange(5) < torch.tensor([0, 3])[:, None, None])],
    }


def masked_softmax_by_hand(scores, mask):
    highest = scores.masked_fill(~mask, -torch.inf).amax(dim=-1, keepdim=True).clamp(min=-1e30)
    weights = torch.exp(torch.where(mask, scores - highest, -torch.inf))
    return weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-30)


def masked_softmax_nan_to_num(scores, mask):
    return torch.where(mask, scores, float("-inf")).softmax(-1).nan_to_num(0.0)


def masked_softmax_in_log_space(scores, mask):
    kept = torch.where(mask, scores, torch.finfo(scores.dtype).min)
    return torch.exp(kept - torch.logsumexp(kept, dim=-1, keepdim=True)).masked_fill(~mask, 0.0)


def masked_softmax_empty_rows(scores, mask):
    weights = scores.masked_fill(~mask, -torch.inf).softmax(dim=-1)
    return torch.where(weights.isnan(), torch.zeros_like(weights), weights)


def masked_softmax_large_number(scores, mask):
    return torch.softmax(scores - 1e9 * mask.logical_not(), dim=2) * mask


def masked_softmax_row_by_row(scores, mask):
    mask = mask.expand_as(scores)
    weights = torch.zeros_like(scores)
    for i in range(scores.shape[0]):
        for j in range(scores.shape[1]):
            weights[i, j, mask[i, j]] = scores[i, j, mask[i, j]].softmax(dim=0)
    return weights


RETURN = "return scores.masked_fill(~mask, lowest).softmax(dim=-1).masked_fill(~mask, 0.0)"

MASKED_SOFTMAX = Exercise(
    solves="unrolled.attention.masked_softmax",
    groups={"all allowed": 1, "some forbidden": 1, "nothing allowed": 1},
    inputs=masked_softmax_inputs,
    probe=probes.differentiate,
    tolerance=Tolerance(absolute=1.5e-4),  # what float32 leaves of a logarithm around 1500
    accepts=(
        masked_softmax_by_hand,
        masked_softmax_nan_to_num,
        masked_softmax_empty_rows,
        masked_softmax_large_number,
        masked_softmax_row_by_row,
        masked_softmax_in_log_space,
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
        Misconception(
            id="overflow",
            name="the exponentials of large scores overflow, and those of low ones vanish",
            hint="e¹⁰⁰⁰ is infinite in a computer, e⁻¹⁰⁰⁰ is 0. What can you take off all scores of a query without "
            "changing its weights?",
            edits={
                RETURN: "weights = scores.exp() * mask\n    return weights / (weights.sum(dim=-1, keepdim=True) + 1e-13)",
            },
        ),
        Misconception(
            id="overflow-zero-by-zero",
            name="the exponentials of large scores overflow, and an empty row is divided by its sum of 0",
            hint="What is 0 / 0, and what is e¹⁰⁰⁰ in a computer? Which number can you take off all scores of a "
            "query, and what should be divided where nothing is allowed?",
            edits={
                RETURN: "weights = scores.exp() * mask\n    return weights / weights.sum(dim=-1, keepdim=True)",
            },
        ),
        Misconception(
            id="overflow-of-the-allowed",
            name="only exponentials of allowed scores are added up, but large ones overflow",
            hint="e¹⁰⁰⁰ is infinite in a computer. What can you take off all scores of a query without changing its "
            "weights?",
            edits={
                RETURN: "weights = scores.exp().masked_fill(~mask, 0.0)\n    return weights / (weights.sum(dim=-1, keepdim=True) + 1e-13)",
            },
        ),
        Misconception(
            id="maximum-of-all-keys",
            name="the maximum that is taken off is that of the forbidden scores too",
            hint="What is left of the allowed ones if a forbidden score is larger by 300? Of which scores should the "
            "maximum be?",
            edits={
                RETURN: "weights = (scores - scores.amax(dim=-1, keepdim=True)).exp() * mask\n    return weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-30)",
            },
        ),
        Misconception(
            id="one-maximum-for-all",
            name="one maximum is taken off the scores of all queries",
            hint="What is left of a query whose scores are all lower by 1000? Over which axis is the maximum?",
            edits={
                RETURN: "weights = (scores - scores.masked_fill(~mask, lowest).max()).masked_fill(~mask, lowest).exp() * mask\n    return weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-30)",
            },
        ),
        Misconception(
            id="not-low-enough",
            name="forbidden scores are set to a number that is not low enough",
            hint="−100 is a high score beside −1500. Which number is lower than every score, whatever its dtype?",
            edits={
                "torch.finfo(scores.dtype).min": "-100.0",
            },
        ),
        Misconception(
            id="softmax-over-the-batch",
            name="the softmax runs over the batch",
            hint="Axis 0 is the batch: what have the sentences to do with each other? Whose weights should add up to "
            "1?",
            edits={
                "dim=-1": "dim=0",
            },
        ),
        Misconception(
            id="scores-times-mask",
            name="the scores are multiplied by the mask before the softmax",
            hint="Then a forbidden score is 0, and e⁰ is 1: it has its share in the sum. Which score gets no weight?",
            edits={
                "scores.masked_fill(~mask, lowest)": "(scores * mask)",
            },
        ),
        Misconception(
            id="scores-overwritten",
            name="the scores handed in are overwritten",
            hint="`masked_fill_`, with its underscore, writes into its tensor. Which call makes a new one?",
            edits={
                "scores.masked_fill(": "scores.masked_fill_(",
            },
        ),
        Misconception(
            id="one-empty-row-empties-all",
            name="one row that allows nothing makes all weights 0",
            hint="Only that row has nothing to look at. Of which rows do you ask whether something is allowed?",
            edits={
                "lowest = torch": "if not mask.any(dim=-1).all():\n        return torch.zeros_like(scores)\n    lowest = torch",
            },
        ),
        Misconception(
            id="minus-infinity-added",
            name="−∞ is added to the forbidden scores, and a row of nothing else becomes NaN",
            hint="The softmax of a row of −∞ is zero by zero. What should such a row be, in the gradients too?",
            edits={
                "scores.masked_fill(~mask, lowest)": "(scores + torch.zeros_like(scores).masked_fill(~mask, -torch.inf))",
                ".masked_fill(~mask, 0.0)": "",
            },
        ),
        Misconception(
            id="gradient-nan",
            name="a row that allows nothing has zeros as weights, but NaN as its gradient",
            hint="You put the weights right, but the way back still goes through a softmax of nothing but −∞. Which "
            "scores could you fill instead of adding to them?",
            edits={
                "scores.masked_fill(~mask, lowest)": "(scores + torch.zeros_like(scores).masked_fill(~mask, -torch.inf))",
            },
        ),
        Misconception(
            id="empty-row-unmasked",
            name="a row that allows nothing gets the weights of a softmax without a mask",
            hint="Whoever may look nowhere sees nothing. What should the weights of such a row be?",
            edits={
                "lowest = torch": "mask = mask | ~mask.any(dim=-1, keepdim=True)\n    lowest = torch",
            },
        ),
        Misconception(
            id="cut-off",
            name="no gradient reaches the scores",
            hint="The values are right, but what does not get a gradient does not learn. Where do you cut it off "
            "(`.detach()`, `.data`, `no_grad`)?",
            edits={
                ".softmax(dim=-1)": ".softmax(dim=-1).detach()",
            },
        ),
        Misconception(
            id="log-weights",
            name="the logarithms of the weights are returned",
            hint="Can a weight be negative? Which of the two functions, softmax or log_softmax, gives weights?",
            edits={
                ".softmax(dim=-1)": ".log_softmax(dim=-1)",
            },
        ),
        Misconception(
            id="no-exponential",
            name="the scores are divided by their sum, without an exponential",
            hint="A score may be negative, a weight may not. What makes a positive number of any score?",
            edits={
                RETURN: "total = (scores * mask).sum(dim=-1, keepdim=True)\n    return torch.where(total == 0, torch.zeros_like(scores), scores * mask / total)",
            },
        ),
        Misconception(
            id="sum-over-everything",
            name="the sum runs over the whole tensor instead of over a query's keys",
            hint="Whose weights should add up to 1? Over which axis do you add?",
            edits={
                RETURN: "scores = scores.masked_fill(~mask, lowest)\n    weights = (scores - scores.amax(dim=-1, keepdim=True)).exp().masked_fill(~mask, 0.0)\n    return weights / weights.sum()",
            },
        ),
        Misconception(
            id="truth-of-the-mask",
            name="a whole mask is asked whether it is true",
            hint="`if mask` and `not mask` ask for one answer for all places. Which sign turns every truth value "
            "round?",
            edits={
                "~mask, lowest": "not mask, lowest",
            },
        ),
        Misconception(
            id="first-sentence-mask",
            name="every sentence gets the mask of the first",
            hint="Each sentence has its own padding. Which axis of the mask is the batch?",
            edits={
                "lowest = torch": "mask = mask[:1]\n    lowest = torch",
            },
        ),
        Misconception(
            id="always-float32",
            name="the result is float32 whatever the scores are",
            hint="Whose dtype should the weights have? Which line makes a new one?",
            edits={
                "lowest = torch": "scores = scores.float()\n    lowest = torch",
            },
        ),
        Misconception(
            id="squeezed",
            name="all axes of size 1 are squeezed away",
            hint="`squeeze()` without an axis throws away every axis of size 1: what if the batch holds one "
            "sentence, or the sentence one word?",
            edits={
                ".masked_fill(~mask, 0.0)": ".masked_fill(~mask, 0.0).squeeze()",
            },
        ),
        Misconception(
            id="only-empty-rows-put-right",
            name="forbidden scores are set to 0, or next to it, and only rows that allow nothing are put right",
            hint="e⁰ is 1: a score of 0 is an ordinary score, and so is 1e-9. Which score gets no weight?",
            edits={
                ".masked_fill(~mask, 0.0)": ".masked_fill(~mask.any(dim=-1, keepdim=True), 0.0)",
                "masked_fill(~mask, lowest)": "masked_fill(~mask, 0.0)",
            },
        ),
        Misconception(
            id="not-broadcast",
            name="the mask picks scores by index, which only a mask of their full shape can do",
            hint="A mask of (batch, 1, key) holds for every query. Which functions broadcast, and which indexing "
            "does not?",
            edits={
                "lowest = torch": "scores[~mask]\n    lowest = torch",
            },
        ),
        Misconception(
            id="minus-ten-thousand",
            name="forbidden scores are set to −10,000",
            hint="−10,000 is a high score beside −25,000. Which number is lower than every score, whatever its dtype?",
            edits={
                "torch.finfo(scores.dtype).min": "-10000.0",
            },
        ),
        Misconception(
            id="minus-ten-thousand-but-empty-rows",
            name="forbidden scores are set to −10,000, and only rows that allow nothing are put right",
            hint="−10,000 is a high score beside −25,000. Which number is lower than every score, whatever its dtype?",
            edits={
                RETURN: (
                    "weights = scores.masked_fill(~mask, -10000.0).softmax(dim=-1)\n    return weights * mask.any(dim=-1, keepdim=True)"
                ),
            },
        ),
        Misconception(
            id="one-empty-row-empties-its-sentence",
            name="one row that allows nothing makes all weights of its sentence 0",
            hint="Only that row has nothing to look at. Over which axes do you ask whether something is allowed?",
            edits={
                RETURN: (
                    "weights = scores.masked_fill(~mask, lowest).softmax(dim=-1).masked_fill(~mask, 0.0)\n    return weights * mask.any(dim=-1, keepdim=True).all(dim=1, keepdim=True)"
                ),
            },
        ),
        Misconception(
            id="minus-a-million",
            name="forbidden scores are set to −1,000,000",
            hint=(
                "−1,000,000 is a high score beside −5,000,000. Which number is lower than every score, "
                "whatever its dtype?"
            ),
            edits={
                "torch.finfo(scores.dtype).min": "-1e6",
            },
        ),
        Misconception(
            id="ten-thousand-taken-off",
            name="10,000 is taken off the forbidden scores",
            hint=(
                "A forbidden score may be higher than all the others by more than that. How do you fill a "
                "score instead of moving it?"
            ),
            edits={
                "scores.masked_fill(~mask, lowest)": "(scores - 10000.0 * ~mask)",
            },
        ),
    ),
)
