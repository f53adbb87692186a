"""The exercises of chapter 10: drawing a word, cutting the tail, forbidding repetition, and beam search."""

import itertools
import math

import torch

from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception

INF = float("inf")


# --- sample -----------------------------------------------------------------------------------------------------------
def sample_inputs(rng):
    """23 rows, vocabulary 7; no number falls near a border but for 0, where the first words have no probability."""

    def case(temperature=None, impossible=0, zeros=0):
        logits, options = normal(rng, 23, 7, scale=1.5), {} if temperature is None else {"temperature": temperature}
        logits[:, :impossible] = -INF
        ends = (logits.double() / options.get("temperature", 1.0)).softmax(-1).cumsum(-1)
        uniform = torch.zeros(23)
        for row in range(zeros, 23):
            while not uniform[row] or (ends[row] - uniform[row]).abs().min() < 1e-3:
                uniform[row] = float(rng.random())
        return {"logits": logits, "uniform": uniform} | options

    return {
        "temperature 1": [case()],
        "other temperatures": [case(0.5), case(2.5)],
        "words without probability": [case(impossible=2, zeros=5)],
    }


def sample_searchsorted(logits, uniform, temperature=1.0):
    probabilities = torch.softmax(logits / temperature, dim=-1)
    return torch.searchsorted(probabilities.cumsum(-1), uniform.unsqueeze(-1), right=True).squeeze(-1)


def sample_loop(logits, uniform, temperature=1.0):
    words = []
    for scores, number in zip(logits.tolist(), uniform.tolist(), strict=True):
        weights = [math.exp(score / temperature) for score in scores]
        ends = itertools.accumulate(weight / sum(weights) for weight in weights)
        words.append(next(word for word, end in enumerate(ends) if end > number))
    return torch.tensor(words)


def sample_argmax(logits, uniform, temperature=1.0):
    beyond = (logits / temperature).softmax(-1).cumsum(-1) > uniform[:, None]
    return beyond.int().argmax(-1)


def sample_sorted(logits, uniform, temperature=1.0):
    falling, order = (logits / temperature).softmax(-1).sort(-1, descending=True)
    places = (falling.cumsum(-1) <= uniform[:, None]).sum(-1)
    return order.gather(-1, places[:, None])[:, 0]


def sample_sorted_place(logits, uniform, temperature=1.0):
    falling = (logits / temperature).softmax(-1).sort(-1, descending=True).values
    return (falling.cumsum(-1) <= uniform[:, None]).sum(-1)


def sample_temperature_last(logits, uniform, temperature=1.0):
    ends = (logits.softmax(-1) / temperature).cumsum(-1)
    return (ends <= uniform[:, None]).sum(-1)


def sample_over_rows(logits, uniform, temperature=1.0):
    ends = (logits / temperature).softmax(0).cumsum(-1)
    return (ends <= uniform[:, None]).sum(-1)


def sample_not_normalised(logits, uniform, temperature=1.0):
    ends = (logits / temperature).exp().cumsum(-1)
    return (ends <= uniform[:, None]).sum(-1)


def sample_pieces_behind(logits, uniform, temperature=1.0):
    ends = (logits / temperature).softmax(-1).cumsum(-1)
    return (ends > uniform[:, None]).sum(-1)


SAMPLE = Exercise(
    solves="unrolled.decoding.sample",
    groups={"temperature 1": 1, "other temperatures": 1, "words without probability": 1},
    inputs=sample_inputs,
    accepts=(sample_searchsorted, sample_loop, sample_argmax),
    forbids=("torch.multinomial", "torch.Tensor.multinomial", "torch.distributions"),
    misconceptions=(
        Misconception(
            id="temperature-multiplied",
            name="the scores are multiplied by the temperature",
            hint="A high temperature should make the text wilder, the probabilities more alike. Which way do large scores "
            "move them?",
            edits={"/ temperature": "* temperature"},
        ),
        Misconception(
            id="temperature-ignored",
            name="the temperature has no effect",
            hint="Do you use it at all? And if you divide the *probabilities* by it and bring them back to a sum of 1, what "
            "have you changed?",
            edits={"/ temperature": "/ 1.0"},
        ),
        Misconception(
            id="temperature-after-softmax",
            name="the probabilities are divided by the temperature, after the softmax",
            hint="Divided by 2, probabilities sum to a half: where does the last piece end then? On which side of the softmax "
            "does the temperature stand in the formula?",
            answer=sample_temperature_last,
        ),
        Misconception(
            id="greedy",
            name="the most probable word is taken every time",
            hint="Then nothing is random. Where does your answer use `uniform`?",
            edits={"(ends <= uniform[:, None] * ends[:, -1:]).sum(dim=-1)": "logits.argmax(dim=-1)"},
        ),
        Misconception(
            id="softmax-twice",
            name="the softmax is applied twice",
            hint="Probabilities handed to a softmax again come out nearly equal. Which line makes them probabilities first?",
            edits={".softmax(dim=-1)": ".softmax(dim=-1).softmax(dim=-1)"},
        ),
        Misconception(
            id="softmax-over-rows",
            name="the softmax goes over the texts instead of over the words",
            hint="For each text the probabilities of all words sum to 1. Which axis are the words, and which `dim` did you "
            "give?",
            answer=sample_over_rows,
        ),
        Misconception(
            id="not-normalised",
            name="the powers of e are laid out without being divided by their sum",
            hint="The line ends at 1. Where does your last piece end?",
            answer=sample_not_normalised,
        ),
        Misconception(
            id="border-to-the-left",
            name="a number on a border goes to the piece on its left",
            hint="What if the number is 0 and the first word has no probability at all? Which piece holds its left end?",
            edits={"ends <= uniform": "ends < uniform"},
        ),
        Misconception(
            id="falling-order",
            name="the words are laid out from the most probable downwards, not in the order of the vocabulary",
            hint="As a way of drawing that is just as right, and nucleus samplers often do it. Here the order is agreed, so "
            "that the same number gives the same word: which order is it?",
            answer=sample_sorted,
        ),
        Misconception(
            id="place-for-word",
            name="the place in the sorted list is returned instead of the word that stands there",
            hint="After sorting, place 0 is the most probable word, whichever that is. Who remembers which one it was?",
            answer=sample_sorted_place,
        ),
        Misconception(
            id="from-the-right",
            name="the line is read from its right end",
            hint="With 1 − u in place of u the draw is as random as before, and other libraries do it. Here u = 0 lies at the "
            "beginning of the vocabulary: at which end do you begin to add?",
            edits={"uniform[:, None]": "(1 - uniform[:, None])"},
        ),
        Misconception(
            id="one-number-for-all",
            name="all rows share the first row's number",
            hint="There is one number for each row. What does your comparison do with the others?",
            edits={"uniform[:, None]": "uniform[:1, None]"},
        ),
        Misconception(
            id="word-before",
            name="the word before the right one comes out",
            hint="If no end lies at or below the number, the word is number 0. From what do you subtract 1?",
            edits={".sum(dim=-1)": ".sum(dim=-1) - 1"},
        ),
        Misconception(
            id="pieces-behind",
            name="the pieces that end behind the number are counted instead of those in front of it",
            hint="If the number falls on the first piece, no piece ends in front of it: that is word 0. Which way does your "
            "comparison point?",
            answer=sample_pieces_behind,
        ),
        Misconception(
            id="not-cumulative",
            name="the number is compared with single probabilities, not with their running sum",
            hint="Lay the pieces end to end. Where does the third piece end?",
            edits={
                ".cumsum(dim=-1)": "",
                "* ends[:, -1:]": "",
            },
        ),
    ),
)


# --- top_k_filter -----------------------------------------------------------------------------------------------------
def top_k_inputs(rng):
    """5 rows, vocabulary 11, all scores different; then scores that tie at the border, and a k that is too large."""

    def case(rows, k):
        return {"logits": normal(rng, rows, 11, scale=2.0), "k": k}

    ties = torch.stack([torch.from_numpy(rng.permutation([3.0, 2.0, 2.0, 2.0, 1.0, 0.5, -1.0])) for _ in range(5)])
    return {
        "one text": [case(1, 3)],
        "several texts": [case(5, 1), case(5, 4)],
        "equal scores, and few words": [{"logits": ties.float(), "k": 2}, case(5, 13)],
    }


def top_k_sorted(logits, k):
    threshold = logits.sort(dim=-1, descending=True).values[:, min(k, logits.shape[1]) - 1]
    return torch.where(logits >= threshold[:, None], logits, torch.tensor(-INF))


def top_k_row_by_row(logits, k):
    rows = []
    for row in logits:
        best = sorted(row.tolist(), reverse=True)[:k]
        rows.append([score if score >= best[-1] else -INF for score in row.tolist()])
    return torch.tensor(rows)


def top_k_by_rank(logits, k):
    higher = (logits[:, None, :] > logits[:, :, None]).sum(-1)
    return logits.masked_fill(higher >= k, -INF)


def top_k_over_the_batch(logits, k):
    lowest = logits.flatten().topk(min(k, logits.numel())).values[-1]
    return logits.masked_fill(logits < lowest, -INF)


def top_k_exactly(logits, k):
    values, words = logits.topk(min(k, logits.shape[-1]))
    return torch.full_like(logits, -INF).scatter(-1, words, values)


TOP_K_FILTER = Exercise(
    solves="unrolled.decoding.top_k_filter",
    groups={"one text": 0.5, "several texts": 1, "equal scores, and few words": 0.5},
    inputs=top_k_inputs,
    accepts=(top_k_sorted, top_k_row_by_row, top_k_by_rank),
    misconceptions=(
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
    ),
)


# --- top_p_filter -----------------------------------------------------------------------------------------------------
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


# --- repetition_penalty -----------------------------------------------------------------------------------------------
def penalty_inputs(rng):
    """3 rows, vocabulary 11, 7 words of text with repeats; once all scores are positive."""

    def case(penalty, positive=False):
        logits, ids = normal(rng, 3, 11, scale=2.0), integers(rng, 0, 11, 3, 7)
        ids[:, 3] = ids[:, 0]
        while (ids == ids[:1]).all(0).any() or set(ids[0].tolist()) == set(ids[1].tolist()):
            ids[1:] = integers(rng, 0, 11, 2, 7)
        ids[1:, 3] = ids[1:, 0]
        for row in range(3):  # of each text, one word has a score above 0 and one below
            words = list(dict.fromkeys(ids[row].tolist()))
            logits[row, words[0]], logits[row, words[-1]] = 1.7 + row, -1.3 - row
        return {"logits": logits.abs() if positive else logits, "ids": ids, "penalty": penalty}

    return {"scores above 0": [case(1.5, positive=True)], "scores of both signs": [case(1.3), case(0.7)]}


def penalty_gathered(logits, ids, penalty):
    old = logits.gather(1, ids)
    return logits.scatter(1, ids, torch.where(old < 0, old * penalty, old / penalty))


def penalty_loop(logits, ids, penalty):
    worse = logits.clone()
    for row, words in enumerate(ids.tolist()):
        for word in set(words):
            worse[row, word] *= penalty if worse[row, word] < 0 else 1 / penalty
    return worse


def penalty_by_power(logits, ids, penalty):
    seen = torch.nn.functional.one_hot(ids, logits.shape[1]).amax(1)
    return logits * penalty ** (-seen * logits.sign())


def penalty_by_count(logits, ids, penalty):
    counts = torch.nn.functional.one_hot(ids, logits.shape[1]).sum(1)
    return logits * penalty ** (-counts * logits.sign())


def penalty_of_all_rows(logits, ids, penalty):
    worse = logits.clone()
    words = ids.unique()
    worse[:, words] = torch.where(worse[:, words] < 0, worse[:, words] * penalty, worse[:, words] / penalty)
    return worse


WORSE = "torch.where(logits < 0, logits * penalty, logits / penalty)"

REPETITION_PENALTY = Exercise(
    solves="unrolled.decoding.repetition_penalty",
    groups={"scores above 0": 1, "scores of both signs": 1},
    inputs=penalty_inputs,
    accepts=(penalty_gathered, penalty_loop, penalty_by_power),
    misconceptions=(
        Misconception(
            id="as-in-ctrl",
            name="all scores are divided, those below 0 too",
            hint="That is formula 1 of the CTRL paper, right as it stands there. But a score of −2 divided by 2 is −1: did "
            "that make the word worse? Here as in Hugging Face: what would?",
            edits={WORSE: "logits / penalty"},
        ),
        Misconception(
            id="all-multiplied",
            name="all scores are multiplied, those above 0 too",
            hint="A score of 3 times 1.3 is 3.9: is the word punished or rewarded?",
            edits={WORSE: "logits * penalty"},
        ),
        Misconception(
            id="signs-swapped",
            name="the scores above 0 are multiplied and those below 0 divided",
            hint="Take a score of 3 and one of −2, and a penalty of 2. Which of the two operations lowers each?",
            edits={WORSE: "torch.where(logits < 0, logits / penalty, logits * penalty)"},
        ),
        Misconception(
            id="subtracted",
            name="the penalty is subtracted",
            hint="Some interfaces subtract (they call it a presence penalty), and there 0 changes nothing. Here a penalty of "
            "1 changes nothing: which operation has 1 as its neutral number?",
            edits={WORSE: "logits - penalty"},
        ),
        Misconception(
            id="forbidden",
            name="the old words are forbidden altogether",
            hint="A penalty makes a word worse, not impossible: *the* must be able to come again. Which finite score should it "
            "have?",
            edits={WORSE: 'torch.full_like(logits, float("-inf"))'},
        ),
        Misconception(
            id="by-count",
            name="a word pays once for each time it occurs",
            hint="That is the idea of a frequency penalty. Here a word pays once: does your loop go over the words of the "
            "text or over different words?",
            answer=penalty_by_count,
        ),
        Misconception(
            id="new-words-punished",
            name="the words that have *not* occurred are punished",
            hint="Which words should be rarer afterwards? Look at your mask: where is it True?",
            edits={"torch.where(seen, worse, logits)": "torch.where(seen, logits, worse)"},
        ),
        Misconception(
            id="last-word-only",
            name="only the last word of the text is punished",
            hint="A word from the beginning can come back too. How much of `ids` do you look at?",
            edits={".scatter(1, ids, True)": ".scatter(1, ids[:, -1:], True)"},
        ),
        Misconception(
            id="other-texts",
            name="every text pays for the words of all others",
            hint="Each row is a text of its own. Does row 0 know what stands in row 1?",
            answer=penalty_of_all_rows,
        ),
        Misconception(
            id="on-log-probabilities",
            name="the scores are turned into log-probabilities first",
            hint="Hugging Face's beam search does this, and then every score is below 0. Here the scores are taken as they "
            "come: which line changes those of words that never occurred?",
            edits={
                WORSE: "(logits := logits.log_softmax(dim=-1)) * penalty",
            },
        ),
        Misconception(
            id="overwritten",
            name="the scores that were handed in are overwritten",
            hint="The caller may still need them. Which line writes into `logits` itself?",
            edits={"torch.where(seen, worse, logits)": "logits.copy_(torch.where(seen, worse, logits))"},
        ),
    ),
)


# --- block_repeated_ngrams --------------------------------------------------------------------------------------------
def ngram_inputs(rng):
    """3 rows of few different words, so that much repeats; or of different ones, so that a single run counts."""

    def single(n):
        """Only the very first run may not be repeated in row 0, the very last in row 1, one across in row 2."""
        rows = []
        for _ in range(3):
            rows.append(rng.permutation(7)[: n + 3].tolist())
        prompt = [row[:-1] for row in rows]
        written = [
            [rows[0][-1], *rows[0][: n - 1]],
            [rows[1][-1]] * n,
            [rows[2][-1], *rows[2][-n:-1]],
        ]
        return {"logits": normal(rng, 3, 7), "prompt": torch.tensor(prompt), "written": torch.tensor(written), "n": n}

    def case(prompt, written, n, words=3):
        """Drawn until some word is out because of the prompt, some for what was written, some for a run across."""
        while True:
            text = integers(rng, 0, words, 3, prompt + written)
            places = banned_places(text, n)
            ends = {place - prompt for row in places for place in row}
            inside = not written or any(end >= n for end in ends)
            if inside and any(end <= 0 for end in ends) and (n == 1 or not written or ends & set(range(1, n))):
                break
        return {"logits": normal(rng, 3, 7), "prompt": text[:, :prompt], "written": text[:, prompt:], "n": n}

    short = {"logits": normal(rng, 3, 7), "prompt": integers(rng, 0, 3, 3, 2), "written": integers(rng, 0, 3, 3, 1)}
    same = integers(rng, 0, 7, 3, 1)  # after a a a, with n = 3, a is out
    only_one_run = {"logits": normal(rng, 3, 7), "prompt": same.repeat(1, 2), "written": same, "n": 3}
    return {
        "pairs": [case(7, 6, 2), case(5, 0, 2), single(2)],
        "longer runs": [case(11, 8, 3), single(3), case(13, 11, 4, words=2)],
        "single words, and a short text": [case(2, 3, 1), short | {"n": 5}, only_one_run],
    }


def banned_places(text, n):
    """For each row the places (numbers of words in front, plus one) where a run that may not be repeated ends."""
    found = []
    for row in text.tolist():
        last = row[len(row) - n + 1 :]
        found.append([i + n for i in range(len(row) - n + 1) if row[i : i + n - 1] == last])
    return found


def ngrams_dictionary(logits, prompt, written, n):
    blocked = logits.clone()
    for row, text in enumerate(torch.cat([prompt, written], dim=1).tolist()):
        followers = {}
        for i in range(len(text) - n + 1):
            *start, end = text[i : i + n]
            followers.setdefault(tuple(start), set()).add(end)
        for word in followers.get(tuple(text[len(text) - n + 1 :]), ()) if len(text) >= n else ():
            blocked[row, word] = -INF
    return blocked


def ngrams_try_every_word(logits, prompt, written, n):
    blocked = logits.clone()
    for row in range(len(logits)):
        text = prompt[row].tolist() + written[row].tolist()
        old = {tuple(text[i : i + n]) for i in range(len(text) - n + 1)}
        for word in range(logits.shape[1]):
            if tuple([*text, word][-n:]) in old:
                blocked[row, word] = -INF
    return blocked


def ngrams_only_the_border_missing(logits, prompt, written, n):
    """Runs of the prompt and runs of the rest, each on its own."""
    blocked = logits.clone()
    for row in range(len(logits)):
        parts = (prompt[row].tolist(), written[row].tolist())
        text = parts[0] + parts[1]
        old = {tuple(part[i : i + n]) for part in parts for i in range(len(part) - n + 1)}
        for word in range(logits.shape[1]):
            if tuple([*text, word][-n:]) in old:
                blocked[row, word] = -INF
    return blocked


def ngrams_of_all_rows(logits, prompt, written, n):
    texts, blocked = torch.cat([prompt, written], dim=1).tolist(), logits.clone()
    old = {tuple(text[i : i + n]) for text in texts for i in range(len(text) - n + 1)}
    for (row, text), word in itertools.product(enumerate(texts), range(logits.shape[1])):
        if tuple([*text, word][-n:]) in old:
            blocked[row, word] = -INF
    return blocked


def ngrams_sliced_from_the_end(logits, prompt, written, n):
    blocked = logits.clone()
    for row, text in enumerate(torch.cat([prompt, written], dim=1).tolist()):
        for i in range(len(text) - n + 1):
            if text[i : i + n - 1] == text[-(n - 1) :]:
                blocked[row, text[i + n - 1]] = -INF
    return blocked


def ngrams_one_follower(logits, prompt, written, n):
    blocked = logits.clone()
    for row, text in enumerate(torch.cat([prompt, written], dim=1).tolist()):
        follower = {tuple(text[i : i + n - 1]): text[i + n - 1] for i in range(len(text) - n + 1)}
        last = tuple(text[len(text) - n + 1 :])
        if last in follower:
            blocked[row, follower[last]] = -INF
    return blocked


def ngrams_of_the_prompt(logits, prompt, written, n):
    blocked = logits.clone()
    for row, text in enumerate(torch.cat([prompt, written], dim=1).tolist()):
        for i in range(prompt.shape[1] - n + 1):
            if text[i : i + n - 1] == text[len(text) - n + 1 :]:
                blocked[row, text[i + n - 1]] = -INF
    return blocked


BLOCK_REPEATED_NGRAMS = Exercise(
    solves="unrolled.decoding.block_repeated_ngrams",
    groups={"pairs": 1, "longer runs": 1, "single words, and a short text": 1},
    inputs=ngram_inputs,
    accepts=(ngrams_dictionary, ngrams_try_every_word),
    misconceptions=(
        Misconception(
            id="prompt-forgotten",
            name="the prompt is forgotten",
            hint="A text that says what its prompt said repeats itself too. In which text do you look for the run?",
            edits={"torch.cat([prompt, written], dim=1)": "written"},
        ),
        Misconception(
            id="border-missed",
            name="runs that begin in the prompt and end behind it are missed",
            hint="To a reader prompt and continuation are one text. Do you join them before or after you cut them into runs?",
            answer=ngrams_only_the_border_missing,
        ),
        Misconception(
            id="only-the-prompt",
            name="only runs of the prompt are forbidden",
            hint="What was written since then must not come twice either. Up to where do you look for the run?",
            answer=ngrams_of_the_prompt,
        ),
        Misconception(
            id="sliced-from-the-end",
            name="the last n − 1 words are taken as text[-(n - 1):], which is the whole text for n = 1",
            hint="−0 is 0, and a slice from 0 is everything. How do you say “the last 0 words” by counting from the front?",
            answer=ngrams_sliced_from_the_end,
        ),
        Misconception(
            id="one-follower",
            name="of several words that followed before, only the most recent is forbidden",
            hint="If both *the cat* and *the dog* stand in the text, which words may not follow *the*? What does a dictionary do "
            "when the same key comes again?",
            answer=ngrams_one_follower,
        ),
        Misconception(
            id="order-of-parts",
            name="the prompt is put behind what was written",
            hint="Which came first? The last n − 1 words should be the most recent ones.",
            edits={"[prompt, written]": "[written, prompt]"},
        ),
        Misconception(
            id="one-longer",
            name="runs of n + 1 words are forbidden",
            hint="With n = 2 no *pair* may come twice. How many of the last words belong to the pair that is coming?",
            edits={
                "text, blocked": "n = n + 1\n    text, blocked",
            },
        ),
        Misconception(
            id="one-shorter",
            name="runs of n − 1 words are forbidden",
            hint="With n = 3 a pair may come twice if another word follows. How many of the last words belong to the run that "
            "is coming?",
            edits={"text, blocked": "n = max(1, n - 1)\n    text, blocked"},
        ),
        Misconception(
            id="every-old-word",
            name="every word that has occurred is forbidden",
            hint="That is the case n = 1. For larger n a word may come again after other words: what must stand in front of it?",
            edits={".all(dim=-1).nonzero": ".ge(0).all(dim=-1).nonzero"},
        ),
        Misconception(
            id="one-word-of-the-run-is-enough",
            name="one word in the right place is taken for the whole run",
            hint="All n − 1 words in front must be the same. Which of any and all is that?",
            edits={".all(dim=-1)": ".any(dim=-1)"},
        ),
        Misconception(
            id="latest-run-missed",
            name="the most recent run is not looked at",
            hint="In a a a the pair a a stands twice, the second time at the very end. Where does your loop stop?",
            edits={"text.unfold(1, n, 1)": "text.unfold(1, n, 1)[:, :-1]"},
        ),
        Misconception(
            id="first-run-missed",
            name="the very first run is not looked at",
            hint="Where does your loop begin to count?",
            edits={
                "runs = text.unfold(1, n, 1)": "runs = text.unfold(1, n, 1)[:, 1:]",
            },
        ),
        Misconception(
            id="first-word-blocked",
            name="the first word of the run is forbidden instead of its last",
            hint="The last n − 1 words are there already. Which word of the old run came after them?",
            edits={"runs[rows, places, -1]": "runs[rows, places, 0]"},
        ),
        Misconception(
            id="other-texts",
            name="a run is forbidden that stands in another text of the batch",
            hint="Each row is a text of its own. Does row 0 know what stands in row 1?",
            answer=ngrams_of_all_rows,
        ),
        Misconception(
            id="zero-for-infinity",
            name="the forbidden words get the score 0",
            hint="What is the probability of a score of 0 after a softmax? Which score gives a probability of 0?",
            edits={'float("-inf")': "0.0"},
        ),
        Misconception(
            id="overwritten",
            name="the scores that were handed in are overwritten",
            hint="The caller may still need them. What does an assignment to blocked[…] write into?",
            edits={"logits.clone()": "logits"},
        ),
    ),
)


# --- beam_search ------------------------------------------------------------------------------------------------------
def beam_inputs(rng):
    """Vocabulary 11 with end mark 3; prompts of 2 words; a model whose scores depend on all that it has read."""

    def case(batch, beam_size, max_length, begun=False, ends=0.4, **options):
        table = normal(rng, 11, 11, scale=1.6)
        table[:, 3] += ends  # ends come often, but not at once
        start = normal(rng, batch, 11, scale=1.5) if begun else None
        arguments = {
            "prompt": integers(rng, 4, 11, batch, 2),
            "beam_size": beam_size,
            "max_length": max_length,
            "eos": 3,
        }
        return {"table": table, "start": start, "arguments": arguments | options}

    def telling(batch, beam_size, max_length, early_stopping, **options):
        """Drawn until it matters when the search stops."""
        while True:
            inputs = case(batch, beam_size, max_length, early_stopping=early_stopping, **options)
            results = {
                str(stopping): beam_lists(
                    beam_step(inputs["table"]), **inputs["arguments"] | {"early_stopping": stopping}
                )
                for stopping in (True, False, "never")
            }
            if sum(results[str(early_stopping)] == result for result in results.values()) == 1:
                return inputs

    def against(careless, *sizes, **options):
        """Drawn until a misconception finds other texts."""
        while True:
            inputs = case(*sizes, **options)
            found = [
                search(beam_step(inputs["table"]), **inputs["arguments"])
                for search in (BEAM_SEARCH.variant(careless), BEAM_SEARCH.reference)
            ]
            first, second = ([[words for _, words in texts] for texts in of] for of in found)
            if first != second:
                return inputs

    return {
        "one beam is greedy": [case(5, 1, 7)],
        "several beams": [
            case(1, 3, 5, length_penalty=0.0),
            case(3, 5, 7, length_penalty=0.0),
            case(3, 3, 3, begun=True, length_penalty=0.0),
            case(2, 13, 1, length_penalty=0.0),  # more beams than words
        ],
        "length penalty": [case(3, 4, 11), case(3, 4, 11, length_penalty=2.0), case(3, 3, 11, length_penalty=-1.0)],
        "when to stop": [
            telling(3, 3, 11, early_stopping=True),
            telling(3, 3, 11, early_stopping=False),
            telling(3, 3, 11, early_stopping="never"),
            telling(3, 3, 11, early_stopping="never", length_penalty=2.0),
            against(NEVER_WHATEVER_THE_SIGN, 5, 4, 13, early_stopping="never", length_penalty=-0.25),
            case(3, 5, 7, ends=2.5, early_stopping="never", length_penalty=2.0),
        ],
        "one call a round": [case(3, 2, 5) | {"counted": True}],
    }


def beam_step(table):
    """A model that forgets slowly, as in the probe below."""

    def step(ids, state):
        memory = state[0] if state else torch.zeros(len(ids), table.shape[0])
        for words in ids.unbind(dim=1):
            memory = 0.7 * memory + table[words]
        return memory.clone(), [memory]

    return step


def probe_beam_search(answer, inputs):
    """Hand the answer a model that forgets slowly; report the texts and, where it counts, how often it was called."""
    import torch

    from autograder.probes import call

    calls = []

    def step(ids, state):
        calls.append(len(ids))
        memory = state[0] if state else torch.zeros(len(ids), inputs["table"].shape[0])
        for words in ids.unbind(dim=1):
            memory = 0.7 * memory + inputs["table"][words]
        return memory.clone(), [memory]

    def plain(found):
        found = found.tolist() if isinstance(found, torch.Tensor) else found
        return [plain(item) for item in found] if isinstance(found, (list, tuple)) else found

    def search(**arguments):
        begun = {"state": [inputs["start"].clone()]} if inputs["start"] is not None else {}
        return plain(answer(step, **arguments, **begun))

    seen = call(search, inputs["arguments"])
    if inputs.get("counted"):
        seen["calls of step"] = (
            "one a round" if len(calls) <= inputs["arguments"]["max_length"] else "more than one a round"
        )
    return seen


def beam_lists(
    step, prompt, *, beam_size, max_length, eos, length_penalty=1.0, early_stopping=False, state=None
):  # fmt: skip
    """Hypotheses as Python lists; prompts that are done are no longer read."""
    logits, state = step(prompt, state)
    alive = {i: [(0.0, [], i)] for i in range(len(prompt))}
    finished = [[] for _ in prompt]
    for length in range(1, max_length + 1):
        log_p = torch.log_softmax(logits, dim=-1).tolist()
        for i, beams in list(alive.items()):
            candidates = [
                (total + log_p[row][word], [*words, word], row)
                for total, words, row in beams
                for word in range(logits.shape[1])
            ]
            candidates.sort(key=lambda candidate: -candidate[0])
            candidates = candidates[: 2 * beam_size]
            for total, words, _ in candidates[:beam_size]:
                if words[-1] == eos or length == max_length:
                    finished[i].append((total / length**length_penalty, words))
            finished[i] = sorted(finished[i], key=lambda text: text[0], reverse=True)[:beam_size]
            alive[i] = [candidate for candidate in candidates if candidate[1][-1] != eos][:beam_size]
            full, grown = len(finished[i]) == beam_size, length
            if early_stopping == "never" and length_penalty > 0:
                grown = max_length
            if full and (early_stopping is True or alive[i][0][0] / grown**length_penalty <= finished[i][-1][0]):
                del alive[i]
        if not alive or length == max_length:
            return finished
        beams = [beam for of_prompt in alive.values() for beam in of_prompt]
        rows = torch.tensor([row for _, _, row in beams])
        logits, state = step(torch.tensor([words[-1:] for _, words, _ in beams]), [tensor[rows] for tensor in state])
        numbers = itertools.count()
        alive = {i: [(total, words, next(numbers)) for total, words, _ in beams] for i, beams in alive.items()}


def beam_tensors(
    step, prompt, *, beam_size, max_length, eos, length_penalty=1.0, early_stopping=False, state=None
):  # fmt: skip
    """Everything as tensors of fixed size, the finished texts too."""
    batch, k = prompt.shape[0], beam_size
    logits, state = step(prompt, state)
    vocabulary = logits.shape[1]
    logits, state = logits.repeat_interleave(k, 0), [tensor.repeat_interleave(k, 0) for tensor in state]
    offset = torch.arange(0, batch * k, k).unsqueeze(1)
    running, sums = torch.full((batch, k, max_length), eos), torch.tensor([[0.0] + [-INF] * (k - 1)] * batch)
    kept, kept_scores = torch.full((batch, k, max_length), eos), torch.full((batch, k), -INF)
    open_ = torch.ones(batch, 1, dtype=torch.bool)
    for t in range(max_length):
        totals = (sums.unsqueeze(-1) + logits.log_softmax(-1).reshape(batch, k, vocabulary)).reshape(batch, -1)
        top, places = totals.sort(dim=-1, descending=True)
        top, places = top[:, : 2 * k], places[:, : 2 * k]
        parent, word = places.div(vocabulary, rounding_mode="floor"), places.remainder(vocabulary)
        texts = torch.take_along_dim(running, parent.unsqueeze(-1), dim=1)
        texts[:, :, t] = word
        ended = word.eq(eos) if t + 1 < max_length else torch.ones_like(word, dtype=torch.bool)
        new = torch.where(ended & open_, top / (t + 1) ** length_penalty, -INF)[:, :k]
        kept_scores, chosen = torch.cat([kept_scores, new], 1).topk(k)
        kept = torch.take_along_dim(torch.cat([kept, texts[:, :k]], 1), chosen.unsqueeze(-1), dim=1)
        sums, best = torch.where(ended, -INF, top).topk(k)
        running = torch.take_along_dim(texts, best.unsqueeze(-1), dim=1)
        parent, word = parent.gather(1, best), word.gather(1, best)
        reach = max_length if early_stopping == "never" and length_penalty > 0 else t + 1
        worst = kept_scores[:, -1:]
        better = sums[:, :1] / reach**length_penalty > worst
        open_ = open_ & (worst.isinf() | (better & torch.tensor(early_stopping is not True)))
        if t + 1 == max_length or not open_.any():
            break
        rows = (parent + offset).reshape(-1)
        logits, state = step(word.reshape(-1, 1), [tensor.index_select(0, rows) for tensor in state])
    result = []
    for texts, scores in zip(kept.tolist(), kept_scores.tolist(), strict=True):
        cut = [text[: text.index(eos) + 1] if eos in text else text for text in texts]
        result.append([(score, text) for score, text in zip(scores, cut, strict=True) if score > -INF])
    return result


ONE_BY_ONE = """if len(prompt) > 1:
        options = {
            "beam_size": beam_size, "max_length": max_length, "eos": eos, "length_penalty": length_penalty,
            "early_stopping": early_stopping,
        }
        parts = [[tensor[i : i + 1] for tensor in state] if state else None for i in range(len(prompt))]
        prompts = zip(prompt.split(1), parts)
        return [beam_search(step, one, state=part, **options)[0] for one, part in prompts]
    if beam_size < 1:"""
PENALISED, HOPE = "sums[i] / length**length_penalty", "running[i, 0] / longest**length_penalty"

NEVER_WHATEVER_THE_SIGN = Misconception(
    id="never-whatever-the-sign",
    name='early_stopping="never" scores a beam as if it grew to max_length even if growing makes it worse',
    hint="With a length_penalty below 0 a longer text has a worse score. What is then the best that a running beam can hope "
    "for?",
    edits={'early_stopping == "never" and length_penalty > 0': 'early_stopping == "never"'},
)

BEAM_SEARCH = Exercise(
    solves="unrolled.beam_search.beam_search",
    groups={
        "one beam is greedy": 1,
        "several beams": 1.5,
        "length penalty": 1,
        "when to stop": 1.5,
        "one call a round": 1,
    },
    inputs=beam_inputs,
    probe=probe_beam_search,
    accepts=(beam_lists, beam_tensors),
    misconceptions=(  # the first is tried together with each of the others
        Misconception(
            id="one-prompt-at-a-time",
            name="the model is called for each prompt on its own",
            hint="A call with 12 rows takes hardly longer than one with 4, and three calls take three times as long: how can all "
            "beams of all prompts go in together?",
            edits={"if beam_size < 1:": ONE_BY_ONE},
        ),
        Misconception(
            id="probabilities-added",
            name="probabilities are added instead of their logarithms",
            hint="Two words with probability 0.5 each make a text of probability 0.25, not 1. Of which numbers is the sum "
            "the logarithm of a product?",
            edits={"logits.log_softmax(dim=-1)": "logits.softmax(dim=-1)"},
        ),
        Misconception(
            id="raw-scores-added",
            name="raw scores are added, without a softmax",
            hint="Scores of different beams are on different scales: only probabilities sum to 1. What makes them comparable?",
            edits={"logits.log_softmax(dim=-1)": "logits"},
        ),
        Misconception(
            id="finished-beams-expanded",
            name="finished beams are expanded like the others",
            hint="What can follow an end mark? Which of the candidates may become the next beams?",
            edits={'sums.masked_fill(over, float("-inf")).topk(beam_size)': "sums.topk(beam_size)"},
        ),
        Misconception(
            id="best-of-each-beam",
            name="the best continuations are taken of each beam on its own instead of all together",
            hint="A good beam may have two good continuations and a bad one none. Over what do you take the top: over the "
            "vocabulary, or over beams times vocabulary?",
            edits={
                "sums, places = (sums[..., None] + log_p).flatten(1).topk(2 * beam_size)": (
                    "sums, places = (sums[..., None] + log_p).topk(2)\n"
                    "        places = places + torch.arange(beam_size)[:, None] * vocabulary\n"
                    "        sums, order = sums.flatten(1).sort(descending=True)\n"
                    "        places = places.flatten(1).gather(1, order)"
                )
            },
        ),
        Misconception(
            id="all-beams-begin",
            name="all beams count from the beginning, though they are still alike",
            hint="After the prompt the beams are copies of each other, so each of the best words would be chosen once for "
            "every copy. How many of them may offer continuations in the first round?",
            edits={"sums[:, 0] = 0.0": "sums[:] = 0.0"},
        ),
        Misconception(
            id="penalty-sign",
            name="the sum is multiplied by the length penalty instead of divided",
            hint="Sums of logarithms are below 0, and longer texts have lower ones. Should a penalty of 1 give the mean per "
            "word? Which sign has your exponent?",
            edits={
                PENALISED: "sums[i] * length**length_penalty",
                HOPE: "running[i, 0] * longest**length_penalty",
            },
        ),
        Misconception(
            id="no-length-penalty",
            name="the length of a text has no effect on its score",
            hint="What does length_penalty=0.0 mean, and what the default of 1.0?",
            edits={PENALISED: "sums[i]", HOPE: "running[i, 0]"},
        ),
        Misconception(
            id="prompt-counted",
            name="the words of the prompt count as part of the length",
            hint="Hugging Face itself did this for GPT-like models until 2023. Here only new words count, whose "
            "log-probabilities are in the sum: where does your length begin?",
            edits={
                PENALISED: "sums[i] / (length + prompt.shape[1])**length_penalty",
                HOPE: "running[i, 0] / (longest + prompt.shape[1])**length_penalty",
            },
        ),
        Misconception(
            id="googles-penalty",
            name="the sum is divided by ((5 + length) / 6) to the power of the penalty",
            hint="That is right in Google's translation system (Wu et al., 2016), where it softens the penalty for short "
            "texts. Here as in Hugging Face: what is the score with a penalty of 1, if it is the mean per word?",
            edits={
                PENALISED: "sums[i] / ((5 + length) / 6)**length_penalty",
                HOPE: "running[i, 0] / ((5 + longest) / 6)**length_penalty",
            },
        ),
        Misconception(
            id="end-not-counted",
            name="the end mark does not count in the length",
            hint="Its log-probability is in the sum. Should it be in the length as well?",
            edits={PENALISED: "sums[i] / max(1, length - 1)**length_penalty"},
        ),
        Misconception(
            id="state-not-reordered",
            name="the state does not follow its beam",
            hint="If beams 0 and 1 of the next round both come from beam 2, whose memory should they have? Which rows of "
            "every tensor of the state must be taken?",
            edits={".view(-1, 1), [tensor[rows] for tensor in state]": ".view(-1, 1), state"},
        ),
        Misconception(
            id="rows-of-the-first-prompt",
            name="every prompt goes on with the states of the first prompt's beams",
            hint="Beam 1 of prompt 2 is not row 1. At which row do the beams of prompt 2 begin?",
            edits={"row * beam_size + beams[row, best]": "beams[row, best]"},
        ),
        Misconception(
            id="state-at-the-beginning-lost",
            name="the state that was given is not used",
            hint="A translator brings the source it has read. To whom must `state` be handed, and when for the first time?",
            edits={"step(prompt, state)": "step(prompt, None)"},
        ),
        Misconception(
            id="beam-shrinks",
            name="only beam_size candidates are looked at, so that each finished text leaves one beam less",
            hint="Sutskever et al. (2014) search so, and stop when no beam is left. Here the beam stays as wide as it was: if "
            "all of the best end, who goes on? How many candidates are enough?",
            edits={"topk(2 * beam_size)": "topk(beam_size)"},
        ),
        Misconception(
            id="finishes-from-below",
            name="a text may finish without being among the best beam_size, so that one beam is not greedy",
            hint="With a single beam, greedy takes the best word and nothing else. Does yours also take an end mark that was "
            "second?",
            edits={"range(beam_size) if": "range(2 * beam_size) if"},
        ),
        Misconception(
            id="first-end-ends-all",
            name="a prompt is done with its first finished text",
            hint="The first to finish need not be the best. How many finished texts should there be?",
            edits={"len(finished[i]) == beam_size and": "len(finished[i]) >= 1 and"},
        ),
        Misconception(
            id="always-early",
            name="the search stops as soon as it has enough finished texts, whatever early_stopping says",
            hint="A beam that is still running may be better than the worst finished text. When does early_stopping=False let "
            "it go on, and are both scores divided by a length when you compare them?",
            edits={"early_stopping is True or": "True or"},
        ),
        Misconception(
            id="never-early",
            name="early_stopping=True makes no difference",
            hint="With early_stopping=True enough finished texts are enough. Where do you look at it?",
            edits={"early_stopping is True or": "early_stopping is None or"},
        ),
        Misconception(
            id="never-as-false",
            name='early_stopping="never" is treated as False',
            hint="With a length_penalty above 0 a beam can still gain by growing. With which length is it scored at best?",
            edits={'early_stopping == "never" and length_penalty > 0': "False"},
        ),
        NEVER_WHATEVER_THE_SIGN,
        Misconception(
            id="unfinished-lost",
            name="texts without an end are lost after max_length words",
            hint="What do you return for a prompt whose beams never end? What happens in round max_length?",
            edits={"(tokens == eos) | (length == max_length)": "tokens == eos"},
        ),
        Misconception(
            id="end-mark-dropped",
            name="the end mark is cut off the finished texts",
            hint="The promise is the new words, end mark included. Which word is missing in yours?",
            edits={"words[i, beam].tolist()": "[word for word in words[i, beam].tolist() if word != eos]"},
        ),
        Misconception(
            id="worst-first",
            name="the finished texts are sorted with the worst first",
            hint="Scores are below 0: which is better, −1 or −2? Which texts do you keep when there are too many?",
            edits={"reverse=True": "reverse=False"},
        ),
        Misconception(
            id="scores-not-added",
            name="only the last word counts: the sums are not carried on",
            hint="A text is as probable as all its words together. What must be added to the log-probabilities of the new words?",
            edits={
                "(sums[..., None] + log_p)": "((sums if length == 1 else torch.zeros_like(sums))[..., None] + log_p)"
            },
        ),
        Misconception(
            id="greatest-length",
            name="every sum is divided by the greatest length instead of the text's own",
            hint="Then all are divided by the same number, and the short texts win again. How long is the text that has just "
            "ended?",
            edits={
                PENALISED: "sums[i] / max_length**length_penalty",
                HOPE: "running[i, 0] / max_length**length_penalty",
            },
        ),
        Misconception(
            id="best-instead-of-worst",
            name="the beams are given up when they are no better than the best finished text",
            hint="All beam_size texts are wanted, not only the first. Which of the finished ones would a new one push out?",
            edits={"finished[i][-1][0]": "finished[i][0][0]"},
        ),
        Misconception(
            id="too-many-kept",
            name="more than beam_size finished texts are kept",
            hint="How many texts should come back for each prompt? And with which is a running beam compared?",
            edits={
                "reverse=True)[:beam_size]": "reverse=True)",
                "len(finished[i]) == beam_size and": "len(finished[i]) >= beam_size and",
            },
        ),
        Misconception(
            id="prompt-returned",
            name="the prompt is returned in front of the words",
            hint="The promise is the new words. Where do your lists begin?",
            edits={"words[i, beam].tolist()": "prompt[i].tolist() + words[i, beam].tolist()"},
        ),
        Misconception(
            id="only-the-best",
            name="only the best text of each prompt is returned",
            hint="For each prompt a list of up to beam_size pairs is promised. What does your function return with one prompt and "
            "three beams?",
            edits={"return finished": "return [texts[0] for texts in finished]"},
        ),
    ),
)

EXERCISES = (SAMPLE, TOP_K_FILTER, TOP_P_FILTER, REPETITION_PENALTY, BLOCK_REPEATED_NGRAMS, BEAM_SEARCH)
