"""`sample`: A word for each row, drawn with the probabilities softmax(logits / temperature)."""

import itertools
import math

import torch

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception
from autograder.exercises.decoding.shared import INF


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
