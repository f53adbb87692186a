"""`top_k_filter`: The k highest scores of each row, as they are; all others become −∞, a probability of zero."""

import torch

from autograder import probes
from autograder.draw import doubled, halved, normal
from autograder.exercise import Exercise, Misconception
from autograder.exercises.decoding.shared import INF


def top_k_inputs(rng):
    """5 rows, vocabulary 11, all scores different, once in double and once in half precision, and once very large; then scores that tie.

    They tie above, at and below the border. Besides, a k that is too large, and words that are out already.
    """

    def case(rows, k, words=11):
        return {"logits": normal(rng, rows, words, scale=2.0), "k": k}

    def shuffled(scores):
        return torch.stack([torch.from_numpy(rng.permutation(scores)) for _ in range(5)]).float()

    double, large = doubled(case(5, 4)), case(5, 3)
    large["logits"] = large["logits"] * 1000
    half = halved({"logits": shuffled(range(11)), "k": 4})
    ties = [3.0, 2.0, 2.0, 2.0, 1.0, 0.5, -1.0]
    return {
        "one text": [case(1, 3), case(1, 1)],
        "several texts": [case(5, 1), case(5, 4), double, large, case(5, 10), half],
        "equal scores, and few words": [
            {"logits": shuffled(ties), "k": 2},
            {"logits": shuffled([3.0, 3.0, 2.0, 1.0, 0.5, 0.5, -1.0]), "k": 3},
            {"logits": shuffled([3.0, 2.0, -INF, -INF, -INF, -INF, -INF]), "k": 4},
            case(5, 13),
            case(3, 2, words=1),
        ],
    }


def top_k_sorted(logits, k):
    threshold = logits.sort(dim=-1, descending=True).values[:, min(k, logits.shape[1]) - 1]
    return torch.where(logits >= threshold[:, None], logits, torch.tensor(-INF))


def top_k_row_by_row(logits, k):
    rows = []
    for row in logits:
        best = sorted(row.tolist(), reverse=True)[:k]
        rows.append([score if score >= best[-1] else -INF for score in row.tolist()])
    return torch.tensor(rows, dtype=logits.dtype)


def top_k_by_rank(logits, k):
    higher = (logits[:, None, :] > logits[:, :, None]).sum(-1)
    return logits.masked_fill(higher >= k, -INF)


def top_k_over_the_batch(logits, k):
    lowest = logits.flatten().topk(min(k, logits.numel())).values[-1]
    return logits.masked_fill(logits < lowest, -INF)


def top_k_exactly(logits, k):
    values, words = logits.topk(min(k, logits.shape[-1]))
    return torch.full_like(logits, -INF).scatter(-1, words, values)


def top_k_by_axis_0(logits, k):
    return logits.masked_fill(logits < logits.topk(min(k, logits.shape[0]), dim=0).values[-1:], -INF)


def top_k_unsorted(logits, k):
    return logits.masked_fill(logits < logits[:, min(k, logits.shape[1]) - 1, None], -INF)


def top_k_sorted_out(logits, k):
    falling = logits.sort(dim=-1, descending=True).values
    return falling.masked_fill(torch.arange(logits.shape[1]) >= k, -INF)


def top_k_of_the_vocabulary(logits, k):
    return logits.masked_fill(torch.arange(logits.shape[1]) >= k, -INF)


TOP_K_FILTER = Exercise(
    solves="unrolled.decoding.top_k_filter",
    groups={"one text": 0.5, "several texts": 1, "equal scores, and few words": 0.5},
    inputs=top_k_inputs,
    probe=probes.made_new,
    accepts=(top_k_sorted, top_k_row_by_row, top_k_by_rank),
    misconceptions=(
        Misconception(
            id="one-limit-for-all-rows",
            name="one limit is taken for all rows, the lowest of all that are among the k best",
            hint="A row with high scores then keeps more than k words. To which row does each limit belong?",
            edits={"[..., -1:]": ".min()"},
        ),
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
        Misconception(
            id="best-as-the-limit",
            name="the limit is the best score, so that only one word stays",
            hint="The values come in falling order. Which of them is the k-th?",
            edits={".values[..., -1:]": ".values[..., :1]"},
        ),
        Misconception(
            id="plus-infinity",
            name="the others become +∞",
            hint="What is the probability of a score of +∞? Which sign makes it 0?",
            edits={'float("-inf")': 'float("inf")'},
        ),
        Misconception(
            id="best-cut",
            name="the k best are cut and the rest stays",
            hint="Where is your mask True: at the words that stay or at those that go? Which does masked_fill fill?",
            edits={"logits < lowest": "logits >= lowest"},
        ),
        Misconception(
            id="only-the-best-scores",
            name="only the k best scores come out, without their places",
            hint="Column 5 is word 5. How many columns must the result have?",
            edits={
                'logits.masked_fill(logits < lowest, float("-inf"))': "logits.topk(min(k, logits.shape[-1])).values"
            },
        ),
        Misconception(
            id="best-places",
            name="the numbers of the k best words come out",
            hint="The signature promises scores, one for each word of the vocabulary. What do you do with the places?",
            edits={
                'logits.masked_fill(logits < lowest, float("-inf"))': "logits.topk(min(k, logits.shape[-1])).indices"
            },
        ),
        Misconception(
            id="log-probabilities",
            name="log-probabilities come out instead of scores",
            hint="What stays should stay as it is; a softmax will come later anyway. Which line changes the kept scores?",
            edits={
                "return logits.masked_fill(": "return torch.log_softmax(logits.masked_fill(",
                '"-inf"))': '"-inf")), dim=-1)',
            },
        ),
        Misconception(
            id="best-of-each-column",
            name="the k best of each column stay: for each word the best texts",
            hint="Each row is a text with a next word of its own. Over which axis are the k best?",
            answer=top_k_by_axis_0,
        ),
        Misconception(
            id="axis-of-the-limit-lost",
            name="the limits have lost their axis, and meet the words instead of the texts",
            hint="Write down the shapes of logits and of the limits. How do you give each row its own limit?",
            edits={".values[..., -1:]": ".values[..., -1]"},
        ),
        Misconception(
            id="one-too-few",
            name="one word too few is kept, if more than one is asked for",
            hint="How many words are left with k = 2?",
            edits={"topk(min(k,": "topk(min(max(1, k - 1),"},
        ),
        Misconception(
            id="not-sorted",
            name="the score of word k − 1 is the limit, as if the scores were sorted",
            hint="Column k − 1 of `logits` is word k − 1, not the k-th best. What must come before you take a place?",
            answer=top_k_unsorted,
        ),
        Misconception(
            id="sorted-rising",
            name="the k-th lowest score is the limit",
            hint="`sort` begins with the smallest unless told otherwise. At which end do the best stand?",
            edits={"min(k, logits.shape[-1])": "min(k, logits.shape[-1]), largest=False"},
        ),
        Misconception(
            id="left-sorted",
            name="the scores are left in falling order",
            hint="Column 5 is word 5, before and after. What has the sort done to the columns?",
            answer=top_k_sorted_out,
        ),
        Misconception(
            id="first-words",
            name="the first k words of the vocabulary stay, whatever their scores",
            hint="A place in the sorted list is not a word. Which score has the k-th best?",
            answer=top_k_of_the_vocabulary,
        ),
        Misconception(
            id="absolute-values",
            name="scores are compared without their signs",
            hint="Which is better, 1 or −5?",
            edits={"logits.topk(min": "logits.abs().topk(min", "logits < lowest": "logits.abs() < lowest"},
        ),
        Misconception(
            id="zero-times-infinity",
            name="a mask is multiplied by −∞, and 0 · ∞ is NaN",
            hint="Which function chooses between two values instead of calculating with both?",
            edits={'logits.masked_fill(logits < lowest, float("-inf"))': "logits + (logits < lowest) * float('-inf')"},
        ),
        Misconception(
            id="mask",
            name="truth values come out instead of scores",
            hint="You have found which words stay. What must stand at each of them, and what at the others?",
            edits={'logits.masked_fill(logits < lowest, float("-inf"))': "logits >= lowest"},
        ),
        Misconception(
            id="mask-of-the-others",
            name="truth values come out, True for the words that go",
            hint="You have found which words go. What must stand at each of them, and what at the others?",
            edits={'logits.masked_fill(logits < lowest, float("-inf"))': "logits < lowest"},
        ),
        Misconception(
            id="limit-returned-too",
            name="the limits are returned as well",
            hint="What does the signature promise?",
            edits={
                'logits.masked_fill(logits < lowest, float("-inf"))': "logits.masked_fill(logits < lowest, float('-inf')), lowest"
            },
        ),
        Misconception(
            id="always-ten",
            name="k is 10, as in the paper",
            hint="The function has an argument k. Where do you use it?",
            edits={"topk(min(k,": "topk(min(10,"},
        ),
        Misconception(
            id="k-up-to-the-rows",
            name="k is limited by the number of texts instead of the number of words",
            hint="Which axis of `logits` are the words?",
            edits={"logits.shape[-1]": "logits.shape[0]"},
        ),
        Misconception(
            id="all-stay-forgotten",
            name="nothing comes out where k is at least as large as the vocabulary",
            hint="Every path through a function needs its `return`. What should come out if all words stay?",
            edits={"    lowest =": "    if k >= logits.shape[-1]:\n        return None\n    lowest ="},
        ),
        Misconception(
            id="values-and-places",
            name="topk's pair of scores and places is taken for the scores",
            hint="`topk` returns two tensors. Which of the two holds the scores?",
            edits={".values[..., -1:]": "[..., -1:]"},
        ),
        Misconception(
            id="single-precision",
            name="the result is float32 whatever `logits` is",
            hint="A model may give its scores in double or half precision. In which dtype should they come out?",
            edits={
                'logits.masked_fill(logits < lowest, float("-inf"))': "logits.masked_fill(logits < lowest, float('-inf')).float()"
            },
        ),
    ),
)
