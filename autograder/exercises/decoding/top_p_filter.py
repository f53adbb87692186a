"""`top_p_filter`: The nucleus of each row, as it is: the fewest words that together have at least probability p."""

import torch

from autograder.draw import doubled, normal
from autograder.exercise import Exercise, Misconception
from autograder.exercises.decoding.shared import INF


def top_p_inputs(rng):
    """5 rows, vocabulary 11; no running sum lies near p, but where it is p exactly. Once the best word alone has more than p, twice all words stay, once with p = 1.

    Of equal scores at the border it is free which ones stay, so that there only what stays counts, not its place.
    """

    def case(rows, p, sharp=1.0):
        while True:
            logits = normal(rng, rows, 11, scale=sharp)
            probabilities = logits.double().softmax(-1).sort(-1, descending=True).values
            sums, best = probabilities.cumsum(-1), probabilities[:, 0]
            clear = (sums - p).abs().min() > 1e-3 and (sums - (1 - p)).abs().min() > 1e-3
            if clear and (best.min() > p if sharp > 3 else best.max() < 0.6):
                return {"logits": logits, "p": p}

    def everything():
        """Every word has so much probability that without it the sum does not reach p."""
        logits = normal(rng, 5, 11, scale=0.5)
        return {"logits": logits.clamp(-1.2, 1.2), "p": 0.995}

    def shifted(given):
        return given | {"logits": given["logits"] + 1000.0 * (torch.arange(5)[:, None] % 3 - 1)}

    tied = torch.stack([torch.from_numpy(rng.permutation([4.0, 3.0, 3.0, 3.0, 3.0, 2.0, 1.0])) for _ in range(5)])
    eighths = (torch.arange(3.0)[:, None] - 1).expand(3, 8).clone()  # every word has exactly 1/8
    double, some_out = doubled(case(5, 0.7)), case(5, 0.75)
    some_out["logits"] = torch.cat([some_out["logits"], torch.full((5, 2), -INF)], dim=1)
    return {
        "one text": [case(1, 0.65)],
        "several texts": [
            case(5, 0.8),
            case(5, 0.55),
            shifted(case(5, 0.6)),
            double,
            some_out,
            everything(),
            everything() | {"p": 1},
            {"logits": (tied + 1.0).float(), "p": 0.6, "tied": True},  # the best has 0.37, each of the equal ones 0.14
            {"logits": eighths, "p": 0.5, "tied": True},
        ],
        "one word is enough": [case(5, 0.3, sharp=4.0), {"logits": normal(rng, 3, 1), "p": 0.5}],
    }


def probe_top_p(answer, inputs):
    """Call it; where equal scores may stay or go, report each row's scores in order."""
    from autograder.probes import made_new

    seen = made_new(answer, {name: inputs[name] for name in ("logits", "p")})
    if inputs.get("tied"):
        seen["result"] = seen["result"].sort(dim=-1).values
    return seen


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
    """Before a word come the more probable ones, and of the equal ones those of lower number."""
    probabilities, places = logits.double().softmax(-1), torch.arange(logits.shape[1])
    higher, equal = logits[:, None, :] > logits[:, :, None], logits[:, None, :] == logits[:, :, None]
    before = ((higher | equal & (places < places[:, None])) * probabilities[:, None, :]).sum(-1)
    return torch.where(before < p, logits, -INF)


def top_p_ties_stay(logits, p):
    probabilities = logits.double().softmax(-1)
    before = ((logits[:, None, :] > logits[:, :, None]) * probabilities[:, None, :]).sum(-1)
    return logits.masked_fill(before >= p, -INF)


def top_p_minimum(logits, p):
    probabilities = logits.softmax(-1)
    return logits.masked_fill(probabilities < p * probabilities.amax(-1, keepdim=True), -INF)


def top_p_by_vocabulary(logits, p):
    probabilities = logits.double().softmax(-1)
    return logits.masked_fill(probabilities.cumsum(-1) - probabilities >= p, -INF)


def top_p_share_of_the_words(logits, p):
    ranks = logits.argsort(-1, descending=True).argsort(-1)
    return logits.masked_fill(ranks >= p * logits.shape[1], -INF)


def top_p_columns(logits, p):
    falling, order = logits.sort(dim=0, descending=True)
    probabilities = falling.double().softmax(0)
    falling = falling.masked_fill(probabilities.cumsum(0) - probabilities >= p, -INF)
    return falling.gather(0, order.argsort(0))


def top_p_but_the_best(out_of, back=lambda order: order.argsort(-1)):
    """An answer that cuts what `out_of` says of the falling scores, but never the best word, and goes `back`."""

    def top_p_filter(logits, p):
        falling, order = logits.sort(dim=-1, descending=True)
        out = out_of(falling.double().softmax(-1), p)
        out[:, 0] = False
        return logits.masked_fill(out.gather(1, back(order)), -INF)

    return top_p_filter


def top_p_size_of_the_first_nucleus(logits, p):
    def out_of(probabilities, p):
        size = int((probabilities.cumsum(-1) - probabilities < p)[0].sum())
        return (torch.arange(probabilities.shape[1]) >= size).repeat(len(probabilities), 1)

    return top_p_but_the_best(out_of)(logits, p)


def top_p_total_goes_on(logits, p):
    kept, mass = torch.full_like(logits, -INF), 0.0
    for row, scores in enumerate(logits):
        probabilities = scores.softmax(0)
        for word in scores.argsort(descending=True):
            kept[row, word] = scores[word]
            mass += probabilities[word]
            if mass >= p:
                break
    return kept


def top_p_first_not_freed(logits, p):
    falling, order = logits.sort(dim=-1, descending=True)
    out = falling.double().softmax(-1).cumsum(-1) >= p
    out[:, 1:] = out[:, :-1].clone()
    return logits.masked_fill(out.gather(1, order.argsort(-1)), -INF)


def top_p_sorted_over_rows(logits, p):
    falling, order = logits.sort(dim=0, descending=True)
    probabilities = falling.double().softmax(-1)
    out = probabilities.cumsum(-1) - probabilities >= p
    out[:, 0] = False
    return logits.masked_fill(out.gather(1, order.argsort(-1)), -INF)


def top_p_overwritten(logits, p):
    return logits.copy_(top_p_rising(logits, p))


TOP_P_FILTER = Exercise(
    solves="unrolled.decoding.top_p_filter",
    groups={"one text": 1, "several texts": 1, "one word is enough": 1},
    inputs=top_p_inputs,
    probe=probe_top_p,
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
            edits={"falling.masked_fill": "logits.masked_fill", "falling.gather(-1, order.argsort())": "falling"},
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
        Misconception(
            id="ties-all-stay",
            name="words as probable as the last one of the nucleus all stay, though fewer are enough",
            hint="The nucleus is the *fewest* words that reach p. If four words tie and one is enough, how many stay?",
            answer=top_p_ties_stay,
        ),
        Misconception(
            id="minimum-probability",
            name="a word stays if it has at least p times the probability of the best",
            hint="That is min-p, a younger filter. Which words *together* must reach p?",
            answer=top_p_minimum,
        ),
        Misconception(
            id="nucleus-cut",
            name="the nucleus is cut and the rest stays",
            hint="Where is your mask True: at the words that stay or at those that go?",
            edits={"before >= p": "before < p"},
        ),
        Misconception(
            id="by-the-vocabulary",
            name="the words are taken in the order of the vocabulary",
            hint="With which word do you begin to add? What must come before the running sum?",
            answer=top_p_by_vocabulary,
        ),
        Misconception(
            id="softmax-not-sorted",
            name="the probabilities that are added are those of the scores before they were sorted",
            hint="You have sorted the scores. Whose probabilities does the running sum add?",
            edits={"falling.double().softmax": "logits.double().softmax"},
        ),
        Misconception(
            id="softmax-over-rows",
            name="the softmax goes over the texts instead of over the words",
            hint="For each text the probabilities of all words sum to 1. Which axis are the words?",
            edits={".softmax(dim=-1)": ".softmax(dim=0)"},
        ),
        Misconception(
            id="sums-over-rows",
            name="the running sum goes over the texts instead of over the words",
            hint="Each row has a sum of its own. Which axis are the words?",
            edits={"cumsum(dim=-1)": "cumsum(dim=0)"},
        ),
        Misconception(
            id="columns",
            name="sorted, added and cut is along the texts instead of along the words",
            hint="Each row is a text with a next word of its own. Along which axis must you sort?",
            answer=top_p_columns,
        ),
        Misconception(
            id="size-of-the-first-nucleus",
            name="the first text's number of words is kept in all texts",
            hint="That is what top-p is meant to avoid. Which row does your number of words come from?",
            answer=top_p_size_of_the_first_nucleus,
        ),
        Misconception(
            id="share-of-the-words",
            name="the share p of all words is kept, whatever their probability",
            hint="p is a probability. What have you added up?",
            answer=top_p_share_of_the_words,
        ),
        Misconception(
            id="total-goes-on",
            name="the sum of one text goes on in the next",
            hint="Each text has its own nucleus. Where is your sum set back to 0?",
            answer=top_p_total_goes_on,
        ),
        Misconception(
            id="percent",
            name="p is taken for per cent",
            hint="p = 0.9 is nine tenths already. By what do you divide it?",
            edits={"before >= p": "before >= p / 100"},
        ),
        Misconception(
            id="very-low-score",
            name="the others get a very low score instead of −∞",
            hint="That nearly always does the same. Here as in Hugging Face: which score gives a probability of exactly 0, whatever the others are?",
            edits={'float("-inf")': "-1e9"},
        ),
        Misconception(
            id="mask",
            name="truth values come out instead of scores",
            hint="You have found which words stay. What must stand at each of them, and what at the others?",
            edits={"falling.gather(-1, order.argsort())": "falling.gather(-1, order.argsort()) > float('-inf')"},
        ),
        Misconception(
            id="axis-lost",
            name="axes of size 1 are lost, a batch of one or a vocabulary of one word",
            hint="`squeeze()` takes away every axis of size 1. Is one text still a batch?",
            edits={"falling.gather(-1, order.argsort())": "falling.gather(-1, order.argsort()).squeeze()"},
        ),
        Misconception(
            id="overwritten",
            name="the scores that were handed in are overwritten",
            hint="The caller may still need them. What does an assignment to logits[…] write into?",
            answer=top_p_overwritten,
        ),
        Misconception(
            id="exp-overflows",
            name="scores of 1000 overflow: e to that power is no number any more",
            hint="Only differences of scores matter. What may you subtract from all of them before exp, or which function does that for you?",
            edits={"falling.double().softmax(dim=-1)": "falling.exp() / falling.exp().sum(dim=-1, keepdim=True)"},
        ),
        Misconception(
            id="double-precision",
            name="the result is float64 whatever `logits` is",
            hint="Calculating in double is fine. In which dtype should the scores come out?",
            edits={"falling.gather(-1, order.argsort())": "falling.gather(-1, order.argsort()).double()"},
        ),
        Misconception(
            id="single-precision",
            name="the result is float32 whatever `logits` is",
            hint="A model may give its scores in double or half precision. In which dtype should they come out?",
            edits={"falling.gather(-1, order.argsort())": "falling.gather(-1, order.argsort()).float()"},
        ),
        Misconception(
            id="mask-put-back-by-the-order",
            name="the mask is put back by the order of the sort, not by its inverse",
            hint="`order` says which word stands at each place. To go back you need the place of each word: how do you get one from the other?",
            answer=top_p_but_the_best(
                lambda probabilities, p: probabilities.cumsum(-1) - probabilities >= p, lambda order: order
            ),
        ),
        Misconception(
            id="threshold-for-each-word-but-the-best",
            name="p is taken for the least probability of a single word, but the best always stays",
            hint="p is about words *together*. What do you have to add up?",
            answer=top_p_but_the_best(lambda probabilities, p: probabilities < p),
        ),
        Misconception(
            id="nucleus-cut-but-the-best",
            name="the nucleus is cut and the rest stays, and the best word too",
            hint="Where is your mask True: at the words that stay or at those that go?",
            answer=top_p_but_the_best(lambda probabilities, p: probabilities.cumsum(-1) - probabilities < p),
        ),
        Misconception(
            id="sums-over-rows-but-the-best",
            name="the running sum goes over the texts instead of over the words, and the best word stays",
            hint="Each row has a sum of its own. Which axis are the words?",
            answer=top_p_but_the_best(lambda probabilities, p: probabilities.cumsum(0) - probabilities >= p),
        ),
        Misconception(
            id="sorted-over-rows",
            name="the scores are sorted along the texts instead of along the words",
            hint="Each row is a text with a next word of its own. Along which axis must you sort?",
            answer=top_p_sorted_over_rows,
        ),
        Misconception(
            id="first-not-freed",
            name="the mask is moved by one place, but the best word keeps its old entry",
            hint="After the move every word looks at the sum before it. What should stand at place 0, before which there is nothing?",
            answer=top_p_first_not_freed,
        ),
        Misconception(
            id="first-axis-lost",
            name="a batch of one loses its first axis",
            hint="`squeeze(0)` takes the first axis away if its size is 1. Is one text still a batch?",
            edits={"falling.gather(-1, order.argsort())": "falling.gather(-1, order.argsort()).squeeze(0)"},
        ),
        Misconception(
            id="one-more-at-p",
            name="where the words so far have exactly p, one more is kept",
            hint="The *fewest* words that have at least p: are four words of ⅛ enough for ½? Which of < and <= says so?",
            edits={"before >= p": "before > p", "p - 1e-12 if": "p if"},
        ),
    ),
)
