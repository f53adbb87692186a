"""`repetition_penalty`: The scores, those of all words that are among `ids` made worse: above 0 divided by `penalty`,
below 0 multiplied.
"""

import torch

from autograder import probes
from autograder.draw import doubled, halved, integers, normal
from autograder.exercise import Exercise, Misconception
from autograder.exercises.decoding.shared import INF


def penalty_inputs(rng):
    """3 rows, vocabulary 11, 7 words of text: one comes three times, twice in a row, and word 0 is among them.

    Of the repeated words and of the last ones, some have scores above 0 and some below; two have −∞. Once double
    and half precision, and once a single word of a single text.
    """

    def case(penalty, positive=False, impossible=False):
        logits, rows = normal(rng, 3, 11, scale=2.0), []
        for row in range(3):
            often, once, other, last, new, *_ = (1 + rng.permutation(10)).tolist()
            rows.append([often, often, once, often, 0, other, last])
            sign = 1 if row == 1 else -1
            for number, word in enumerate((often, once, 0, last, new)):
                logits[row, word] = sign * (-1) ** number * (1.3 + 0.4 * row + 0.1 * number)
            if impossible:
                logits[row, other] = logits[row, new] = -INF
        return {"logits": logits.abs() if positive else logits, "ids": torch.tensor(rows), "penalty": penalty}

    double = doubled(case(1.3))
    single = {"logits": normal(rng, 1, 5), "ids": integers(rng, 0, 5, 1, 1), "penalty": 1.6}
    return {
        "scores above 0": [case(1.5, positive=True), case(2, positive=True)],
        "scores of both signs": [case(1.3), case(0.7), case(1.7, impossible=True), case(1.0), double, single, halved(case(2.0))],
    }


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


def penalty_of_the_first_row(logits, ids, penalty):
    return REPETITION_PENALTY.reference(logits, ids[:1].expand_as(ids), penalty)


def penalty_by_the_sum(logits, ids, penalty):
    worse = logits.clone()
    for row, words in enumerate(ids):
        words = words.unique()
        worse[row, words] = worse[row, words] / penalty if worse[row, words].sum() > 0 else worse[row, words] * penalty
    return worse


def penalty_but_twins(logits, ids, penalty):
    worse = logits.clone()
    for row, words in enumerate(ids.tolist()):
        for word, before in zip(words, [None, *words], strict=False):
            if word != before:
                worse[row, word] *= penalty if worse[row, word] < 0 else 1 / penalty
    return worse


def penalty_added(logits, ids, penalty):
    old = logits.gather(1, ids)
    return logits.scatter_add(1, ids, torch.where(old < 0, old * penalty, old / penalty))


def penalty_differences(logits, ids, penalty):
    old = logits.gather(1, ids)
    return logits.scatter_add(1, ids, torch.where(old < 0, old * penalty, old / penalty) - old)


def penalty_gathered_only(logits, ids, penalty):
    old = logits.gather(1, ids)
    return torch.where(old < 0, old * penalty, old / penalty)


def penalty_not_gathered(logits, ids, penalty):
    worse = torch.where(logits < 0, logits * penalty, logits / penalty)
    return logits.scatter(1, ids, worse)


def penalty_rows(logits, ids, penalty):
    worse = logits.clone()
    worse[ids] = torch.where(logits < 0, logits * penalty, logits / penalty)[ids]
    return worse


def penalty_if(logits, ids, penalty):
    worse = logits.clone()
    for row, words in enumerate(ids):
        words = words.unique()
        worse[row, words] = worse[row, words] * penalty if worse[row, words] < 0 else worse[row, words] / penalty
    return worse


WORSE = "torch.where(logits < 0, logits * penalty, logits / penalty)"

REPETITION_PENALTY = Exercise(
    solves="unrolled.decoding.repetition_penalty",
    groups={"scores above 0": 1, "scores of both signs": 1},
    inputs=penalty_inputs,
    probe=probes.made_new,
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
        Misconception(
            id="all-words",
            name="every word of the vocabulary pays, whether it has occurred or not",
            hint="Which words should be rarer afterwards? Where do you look at `ids`?",
            edits={"torch.where(seen, worse, logits)": "worse"},
        ),
        Misconception(
            id="last-word-forgotten",
            name="the last word of the text goes free",
            hint="A word that has just been written may not come for free at once. How far do you go in `ids`?",
            edits={".scatter(1, ids, True)": ".scatter(1, ids[:, :-1], True)"},
        ),
        Misconception(
            id="words-of-the-first-text",
            name="every text pays for the words of the first",
            hint="Each row is a text of its own. Which row of `ids` do you look at?",
            answer=penalty_of_the_first_row,
        ),
        Misconception(
            id="below-0-untouched",
            name="scores below 0 stay as they are",
            hint="A word with a score of −2 may come again too. What makes −2 worse?",
            edits={WORSE: "torch.where(logits < 0, logits, logits / penalty)"},
        ),
        Misconception(
            id="above-0-untouched",
            name="scores above 0 stay as they are",
            hint="A word with a score of 3 may come again too. What makes 3 worse?",
            edits={WORSE: "torch.where(logits < 0, logits * penalty, logits)"},
        ),
        Misconception(
            id="divided-twice-below-0",
            name="scores below 0 are divided twice",
            hint="A score of −2 divided by 2 is −1: did that make the word worse? What would?",
            edits={WORSE: "torch.where(logits < 0, logits / penalty / penalty, logits / penalty)"},
        ),
        Misconception(
            id="on-probabilities",
            name="the scores are turned into probabilities first",
            hint="Probabilities are never below 0, and no scores any more. Which line changes those of words that never occurred?",
            edits={WORSE: "(logits := logits.softmax(dim=-1)) / penalty"},
        ),
        Misconception(
            id="new-words-divided",
            name="the words that have not occurred are divided",
            hint="That lowers the temperature of the others. Which words should be rarer afterwards?",
            edits={"torch.where(seen, worse, logits)": "torch.where(seen, logits, logits / penalty)"},
        ),
        Misconception(
            id="sign-of-the-sum",
            name="the sum of all old scores decides whether they are divided or multiplied",
            hint="Each word has a score of its own. Of how many numbers do you ask whether they are above 0?",
            answer=penalty_by_the_sum,
        ),
        Misconception(
            id="truth-of-a-row",
            name="`if` is asked of a whole row of scores",
            hint="Each word has a score of its own. Which operation chooses place by place?",
            answer=penalty_if,
        ),
        Misconception(
            id="twins-only",
            name="only a word right after itself is left out, and other repetitions pay again",
            hint="A word pays once however often it occurs. What can tell you which *different* words occur?",
            answer=penalty_but_twins,
        ),
        Misconception(
            id="repeated-words-only",
            name="only words that have come at least twice pay",
            hint="A word that has come once may be about to repeat itself. From which count on does it pay?",
            edits={
                "torch.zeros_like(logits, dtype=torch.bool).scatter(1, ids, True)": "torch.nn.functional.one_hot(ids, logits.shape[1]).sum(1) > 1"
            },
        ),
        Misconception(
            id="word-0-free",
            name="word 0 never pays",
            hint="You take it for padding. Does the docstring know of any padding?",
            edits={"seen, worse, logits": "seen & (torch.arange(logits.shape[1]) > 0), worse, logits"},
        ),
        Misconception(
            id="whole-penalty",
            name="the penalty is cut off to a whole number",
            hint="What does int() do to 1.3?",
            edits={"    worse =": "    penalty = int(penalty)\n    worse ="},
        ),
        Misconception(
            id="zero-times-infinity",
            name="a mask of 0 and 1 is multiplied in, and 0 · ∞ is NaN",
            hint="A score may be −∞. Which function chooses between two values instead of calculating with both?",
            edits={"torch.where(seen, worse, logits)": "seen * worse + ~seen * logits"},
        ),
        Misconception(
            id="new-scores-added",
            name="the new scores are added to the old ones",
            hint="What should stand at the word afterwards, the new score or the sum? What does scatter_add do?",
            answer=penalty_added,
        ),
        Misconception(
            id="differences-added",
            name="the difference is added once for each time the word occurs",
            hint="scatter_add adds for every entry of `ids`, however often a word comes. Should a word pay twice?",
            answer=penalty_differences,
        ),
        Misconception(
            id="old-words-only",
            name="only the scores of the text's words come out",
            hint="How many columns has `logits`, and how many has yours? Where must the new scores go?",
            answer=penalty_gathered_only,
        ),
        Misconception(
            id="scattered-without-gathering",
            name="the new score of word t goes to the word at place t of the text",
            hint="scatter takes its values from the same places as ids, (row, t). Which scores must stand there?",
            answer=penalty_not_gathered,
        ),
        Misconception(
            id="rows-indexed",
            name="logits[ids] takes rows, as if words were texts",
            hint="`ids` holds words, and the words are axis 1. Which function looks up along axis 1?",
            answer=penalty_rows,
        ),
        Misconception(
            id="single-precision",
            name="the result is float32 whatever `logits` is",
            hint="A model may give its scores in double or half precision. In which dtype should they come out?",
            edits={"torch.where(seen, worse, logits)": "torch.where(seen, worse, logits).float()"},
        ),
        Misconception(
            id="first-text-only",
            name="only the first text pays",
            hint="How often does your loop run? Look how far the `return` is indented.",
            edits={"seen, worse, logits": "seen & (torch.arange(len(logits))[:, None] == 0), worse, logits"},
        ),
        Misconception(
            id="along-the-texts",
            name="the words of the text are looked up along axis 0, where the texts are",
            hint="`ids` holds words. Which axis of `logits` are they?",
            edits={".scatter(1, ids, True)": ".scatter(0, ids, True)"},
        ),
    ),
)
