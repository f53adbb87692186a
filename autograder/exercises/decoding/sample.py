"""`sample`: A word for each row, drawn with the probabilities softmax(logits / temperature)."""

import itertools
import math

import numpy as np
import torch

from autograder.common_mistakes import one_maximum_for_all
from autograder.draw import normal
from autograder.exercise import Exercise, Misconception
from autograder.exercises.decoding.shared import INF

BEFORE_1 = 1 - 2.0**-24  # the last number before 1 in single precision


def sample_inputs(rng):
    """23 rows, vocabulary 7, or one row; no number falls near a border but for 0 and the last one before 1.

    Once half of the words have a probability only because the temperature is high: without it float32 rounds it to 0.

    At 0 the first words have no probability. Next to 1 the running sum in single precision does not get as far as the
    number, and the last words have no probability.
    """

    def clear(logits, temperature, rows):
        """A number for each row that is away from all borders."""
        ends = (logits.double() / temperature).softmax(-1).cumsum(-1)
        uniform = torch.zeros(len(logits))
        for row in rows:
            while not uniform[row] or (ends[row] - uniform[row]).abs().min() < 1e-3:
                uniform[row] = float(rng.random())
        return uniform

    def case(temperature=None, rows=23, shift=0.0):
        options = {} if temperature is None else {"temperature": temperature}
        logits = normal(rng, rows, 7, scale=1.5) + shift * (torch.arange(rows)[:, None] % 3 - 1)
        return {"logits": logits, "uniform": clear(logits, options.get("temperature", 1.0), range(rows))} | options

    def first_words_impossible():
        logits = normal(rng, 23, 7, scale=1.5)
        logits[:, :2] = -INF
        return {"logits": logits, "uniform": clear(logits, 1.0, range(5, 23))}

    def last_words_impossible():
        logits = normal(rng, 23, 7, scale=1.5)
        logits[:, 5:] = -INF
        uniform = clear(logits, 1.0, range(5, 23))
        for row in range(5):
            while True:
                logits[row, :5] = normal(rng, 5, scale=1.5)
                probabilities = logits[row].softmax(-1)
                if probabilities.cumsum(-1)[-1] <= BEFORE_1 and probabilities[4] > 1e-2:
                    break
        uniform[:5] = BEFORE_1
        return {"logits": logits, "uniform": uniform}

    logits = normal(rng, 23, 7) - 120.0 * torch.from_numpy(rng.permuted(np.arange(7)[None] % 2, axis=1))
    hot = {"logits": logits, "uniform": clear(logits, 100.0, range(23)), "temperature": 100.0}
    return {
        "temperature 1": [case(), case(rows=1), case(shift=1000.0)],
        "other temperatures": [case(0.5), case(2.5), case(1.75, rows=5), case(3, shift=1000.0), hot],
        "words without probability": [first_words_impossible(), last_words_impossible()],
    }


def sample_searchsorted(logits, uniform, temperature=1.0):
    ends = torch.softmax(logits / temperature, dim=-1).double().cumsum(-1)
    return torch.searchsorted(ends / ends[:, -1:], uniform.double().unsqueeze(-1), right=True).squeeze(-1)


def sample_loop(logits, uniform, temperature=1.0):
    words = []
    for scores, number in zip(logits.tolist(), uniform.tolist(), strict=True):
        weights = [math.exp((score - max(scores)) / temperature) for score in scores]
        ends = itertools.accumulate(weight / sum(weights) for weight in weights)
        words.append(next(word for word, end in enumerate(ends) if end > number))
    return torch.tensor(words)


def sample_argmax(logits, uniform, temperature=1.0):
    weights = (logits / temperature - (logits / temperature).amax(-1, keepdim=True)).double().exp()
    beyond = weights.cumsum(-1) > uniform[:, None] * weights.sum(-1, keepdim=True)
    return beyond.int().argmax(-1)


def sample_last_possible(logits, uniform, temperature=1.0):
    """In single precision, with the last word that has any probability as the end."""
    probabilities = (logits / temperature).softmax(-1)
    words = (probabilities.cumsum(-1) <= uniform[:, None]).sum(-1)
    last = (torch.arange(logits.shape[1]) * (probabilities > 0)).amax(-1)
    return torch.minimum(words, last)


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


def ends_in_front(ends, uniform):
    """How many ends lie at or below each number."""
    return (ends <= uniform).sum(-1)


def sample_and_stop(ends_of, words_of=ends_in_front):
    """An answer in single precision that looks at the ends which `ends_of` gives, and stops at the last word that has any probability."""

    def sample(logits, uniform, temperature=1.0):
        probabilities, ends = ends_of(logits, temperature)
        words = words_of(ends, uniform[:, None])
        last = (torch.arange(1, logits.shape[1] + 1) * (probabilities > 0)).amax(-1) - 1
        return torch.minimum(words, last)

    return sample


def _temperature_last(logits, temperature):
    probabilities = logits.softmax(-1) / temperature
    return probabilities, probabilities.cumsum(-1)


def _over_rows(logits, temperature):
    probabilities = (logits / temperature).softmax(0)
    return probabilities, probabilities.cumsum(-1)


def _sums_over_rows(logits, temperature):
    probabilities = (logits / temperature).softmax(-1)
    return probabilities, probabilities.cumsum(0)


def _not_normalised(logits, temperature):
    weights = (logits / temperature).exp()
    return weights, weights.cumsum(-1)


def _raw(logits, temperature):
    return logits / temperature, (logits / temperature).cumsum(-1)


def _right(logits, temperature):
    probabilities = (logits / temperature).softmax(-1)
    return probabilities, probabilities.cumsum(-1)


def _left_ends(logits, temperature):
    probabilities, ends = _right(logits, temperature)
    return probabilities, ends - probabilities


def sample_within_the_vocabulary(logits, uniform, temperature=1.0):
    return ends_in_front(_right(logits, temperature)[1], uniform[:, None]).clamp(max=logits.shape[-1] - 1)


def sample_overflow(logits, uniform, temperature=1.0):
    weights = (logits / temperature).exp()
    ends = (weights / weights.sum(-1, keepdim=True)).cumsum(-1)
    return (ends <= uniform[:, None] * ends[:, -1:]).sum(-1)


def sample_overflow_and_stop(logits, uniform, temperature=1.0):
    def ends_of(logits, temperature):
        weights = (logits / temperature).exp()
        probabilities = weights / weights.sum(-1, keepdim=True)
        return probabilities, probabilities.cumsum(-1)

    return sample_and_stop(ends_of)(logits, uniform, temperature)


def _falling(logits, temperature):
    probabilities = (logits / temperature).softmax(-1).sort(-1, descending=True).values
    return probabilities, probabilities.cumsum(-1)


def _whole_scores(logits, temperature):
    probabilities = (logits // temperature).softmax(-1)
    return probabilities, probabilities.cumsum(-1)


def sample_falling_and_stop(logits, uniform, temperature=1.0):
    order = (logits / temperature).softmax(-1).argsort(-1, descending=True)
    return order.gather(-1, sample_and_stop(_falling)(logits, uniform, temperature)[:, None])[:, 0]


SAMPLE = Exercise(
    solves="unrolled.decoding.sample",
    groups={"temperature 1": 1, "other temperatures": 1, "words without probability": 1},
    inputs=sample_inputs,
    accepts=(sample_searchsorted, sample_loop, sample_argmax, sample_last_possible),
    forbids=("torch.multinomial", "torch.Tensor.multinomial", "torch.distributions"),
    misconceptions=(  # the first is tried together with each of the others
        Misconception(
            id="beyond-the-last-word",
            name="rounding leads beyond the last word that can come out",
            hint="In single precision the running sum ends a little below 1, and u may lie above it: which number do you count to then? How could every sum end exactly where u ends?",
            edits={"logits.double()": "logits", " * ends[..., -1:]": ""},
        ),
        one_maximum_for_all(
            "a row",
            {
            "(logits.double() / temperature).softmax(dim=-1)": (
                "(lambda e: e / e.sum(-1, keepdim=True))(((logits.double() - logits.max()) / temperature).exp())"
            )
        },
        ),
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
            edits={"(ends <= uniform[..., None] * ends[..., -1:]).sum(dim=-1)": "logits.argmax(dim=-1)"},
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
            edits={"uniform[..., None]": "(1 - uniform[:, None])"},
        ),
        Misconception(
            id="one-number-for-all",
            name="all rows share the first row's number",
            hint="There is one number for each row. What does your comparison do with the others?",
            edits={"uniform[..., None]": "uniform[:1, None]"},
        ),
        Misconception(
            id="word-before",
            name="the word before the right one comes out",
            hint="If no end lies at or below the number, the word is number 0. From what do you subtract 1?",
            edits={".sum(dim=-1)": ".sum(dim=-1) - 1"},
        ),
        Misconception(
            id="pieces-behind",
            name="the pieces that end after the number are counted instead of those in front of it",
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
                " * ends[..., -1:]": "",
            },
        ),
        Misconception(
            id="only-within-the-vocabulary",
            name="rounding leads to a last word that has no probability",
            hint="You stop at the last word of the vocabulary. If its score is −∞, its piece is empty: what is the last word that can come out?",
            answer=sample_within_the_vocabulary,
        ),
        Misconception(
            id="exp-overflows",
            name="scores of 1000 overflow: e to that power is no number any more",
            hint="Only differences of scores matter. What may you subtract from all of them before exp, or which function does that for you?",
            answer=sample_overflow,
        ),
        Misconception(
            id="exp-overflows-and-stop",
            name="scores of 1000 overflow, and what has no number any more is the first word",
            hint="Only differences of scores matter. What may you subtract from all of them before exp, or which function does that for you?",
            answer=sample_overflow_and_stop,
        ),
        Misconception(
            id="temperature-after-softmax-and-stop",
            name="the probabilities are divided by the temperature, and what lies beyond their end goes to the last word",
            hint="Divided by 2, probabilities sum to a half. On which side of the softmax does the temperature stand in the formula?",
            answer=sample_and_stop(_temperature_last),
        ),
        Misconception(
            id="softmax-over-rows-and-stop",
            name="the softmax goes over the texts, and what lies beyond the end goes to the last word",
            hint="For each text the probabilities of all words sum to 1. Which axis are the words, and which `dim` did you give?",
            answer=sample_and_stop(_over_rows),
        ),
        Misconception(
            id="sums-over-rows",
            name="the running sum goes over the texts instead of over the words",
            hint="Each row has a line of its own, from 0 to 1. Which axis are the words, and which `dim` did you give to cumsum?",
            edits={".cumsum(dim=-1)": ".cumsum(dim=0)"},
        ),
        Misconception(
            id="sums-over-rows-and-stop",
            name="the running sum goes over the texts, and what lies beyond the end goes to the last word",
            hint="Each row has a line of its own, from 0 to 1. Which axis are the words, and which `dim` did you give to cumsum?",
            answer=sample_and_stop(_sums_over_rows),
        ),
        Misconception(
            id="not-normalised-and-stop",
            name="the powers of e are not divided by their sum, and what lies beyond the end goes to the last word",
            hint="The line ends at 1. Where does your last piece end?",
            answer=sample_and_stop(_not_normalised),
        ),
        Misconception(
            id="scores-added",
            name="the scores themselves are added up",
            hint="A piece must be as long as its word is probable, and a score may be below 0. What turns scores into probabilities?",
            answer=sample_and_stop(_raw),
        ),
        Misconception(
            id="left-ends-counted",
            name="left ends are counted, of which one always lies at or below the number",
            hint="The first piece begins at 0. How many left ends lie at or below u if u falls on the first piece, and which word is that?",
            answer=sample_and_stop(_left_ends),
        ),
        Misconception(
            id="word-after",
            name="the word after the right one comes out",
            hint="If no end lies at or below the number, the word is number 0. What do you add?",
            edits={".sum(dim=-1)": ".sum(dim=-1) + 1"},
        ),
        Misconception(
            id="word-before-and-stop",
            name="the word before the right one comes out, if there is one",
            hint="If no end lies at or below the number, the word is number 0. From what do you subtract 1?",
            answer=sample_and_stop(_right, lambda ends, uniform: (ends_in_front(ends, uniform) - 1).clamp(min=0)),
        ),
        Misconception(
            id="numbers-along-the-words",
            name="the numbers are laid along the words, not one to a row",
            hint="Write down the two shapes that are compared. Where must uniform get another axis?",
            edits={"uniform[..., None]": "uniform"},
        ),
        Misconception(
            id="axis-kept",
            name="each word stands in a row of its own, (rows, 1)",
            hint="The signature promises one axis. What does keepdim keep, or what did the comparison with [:, None] leave?",
            edits={".sum(dim=-1)": ".sum(dim=-1, keepdim=True)"},
        ),
        Misconception(
            id="all-axes-squeezed",
            name="a batch of one loses its axis",
            hint="`squeeze()` takes away every axis of size 1. Which one did you mean?",
            edits={".sum(dim=-1)": ".sum(dim=-1).squeeze()"},
        ),
        Misconception(
            id="one-number-out",
            name="`.item()` is asked of a whole row of words",
            hint="There is a word for each row. How many numbers can .item() give?",
            edits={".sum(dim=-1)": ".sum(dim=-1).item()"},
        ),
        Misconception(
            id="list",
            name="a list comes out instead of a tensor",
            hint="The model reads the words as a tensor. What does the signature promise?",
            edits={".sum(dim=-1)": ".sum(dim=-1).tolist()"},
        ),
        Misconception(
            id="floats",
            name="the words are floats",
            hint="A word is the number of a row in a table. Of what type is that?",
            edits={".sum(dim=-1)": ".sum(dim=-1).float()"},
        ),
        Misconception(
            id="nearest-end",
            name="the word whose end lies nearest is taken",
            hint="A number belongs to the piece on which it falls, however far the end is. Which ends lie at or below it?",
            answer=sample_and_stop(_right, lambda ends, uniform: (ends - uniform).abs().argmin(-1)),
        ),
        Misconception(
            id="first-more-probable",
            name="the first word that is more probable than the number is taken",
            hint="Lay the pieces end to end. Where does the third piece end?",
            answer=sample_and_stop(
                lambda logits, temperature: ((logits / temperature).softmax(-1),) * 2,
                lambda ends, uniform: (ends > uniform).int().argmax(-1),
            ),
        ),
        Misconception(
            id="equal-pieces",
            name="all words are equally probable",
            hint="Where do you use the probabilities? A frequent word should have a long piece.",
            answer=sample_and_stop(_right, lambda ends, uniform: (uniform[:, 0] * ends.shape[1]).long()),
        ),
        Misconception(
            id="scores-overwritten",
            name="the scores that were handed in are divided in place",
            hint="The caller may still need them. What does `/=` write into?",
            edits={"logits.double() / temperature": "logits.div_(temperature).double()"},
        ),
        Misconception(
            id="whole-temperature",
            name="the temperature is cut off to a whole number, at least 1",
            hint="What does int() do to a temperature of 0.5 or 2.5?",
            edits={"/ temperature": "/ max(1, int(temperature))"},
        ),
        Misconception(
            id="whole-scores",
            name="the quotients are cut off to whole numbers",
            hint="What is 2.5 // 2, and what is 2.5 / 2?",
            edits={"/ temperature": "// temperature"},
        ),
        Misconception(
            id="only-the-first-row",
            name="only the first row gets a word",
            hint="How often does your loop run? Look how far the `return` is indented.",
            edits={".sum(dim=-1)": ".sum(dim=-1)[:1]"},
        ),
        Misconception(
            id="place-for-word-and-stop",
            name="the place in the sorted list is returned, at most the last place that can come out",
            hint="After sorting, place 0 is the most probable word, whichever that is. Who remembers which one it was?",
            answer=sample_and_stop(_falling),
        ),
        Misconception(
            id="falling-order-and-stop",
            name="the words are laid out from the most probable downwards, up to the last that can come out",
            hint="As a way of drawing that is just as right. Here the order is agreed, so that the same number gives the same word: which order is it?",
            answer=sample_falling_and_stop,
        ),
        Misconception(
            id="pieces-behind-and-stop",
            name="the pieces that end after the number are counted, up to the last word that can come out",
            hint="If the number falls on the first piece, no piece ends in front of it: that is word 0. Which way does your comparison point?",
            answer=sample_and_stop(_right, lambda ends, uniform: (ends > uniform).sum(-1)),
        ),
        Misconception(
            id="whole-scores-and-stop",
            name="the quotients are cut off to whole numbers, and a score of −∞ makes the whole row NaN",
            hint="What is 2.5 // 2, and what is 2.5 / 2?",
            answer=sample_and_stop(_whole_scores),
        ),
    ),
)
