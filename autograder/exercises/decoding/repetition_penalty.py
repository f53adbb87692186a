"""`repetition_penalty`: The scores, those of all words that are among `ids` made worse: above 0 divided by `penalty`,
below 0 multiplied.
"""

import torch

from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception


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
