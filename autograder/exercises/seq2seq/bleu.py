"""`bleu`: BLEU of a corpus, from 0 to 100: how many runs of one to four words are those of the references."""

import math
from collections import Counter

from autograder.exercise import Exercise, Misconception

LETTERS = "abcdefghijk"


def bleu_inputs(rng):
    """Sentences of letters, few enough for runs to repeat; candidates are references with some words changed."""

    def words(n):
        return [LETTERS[i] for i in rng.integers(0, 4, n)]

    def changed(sentence, n):
        sentence = list(sentence)
        for i in rng.choice(len(sentence), n, replace=False):
            sentence[i] = LETTERS[rng.integers(0, 4)]
        return sentence

    def case(candidates, references):
        return {"candidates": candidates, "references": references}

    def one():
        reference = words(17)
        return case([changed(reference, 3) + words(6)], [reference])

    def corpus():
        references = [words(n) for n in (5, 11, 19)]
        return case([changed(r, len(r) // 6) + words(2) for r in references], references)

    def short():
        references = [words(n) for n in (7, 13)]
        return case([r[: len(r) - 3] for r in references], references)

    def fits(inputs):
        ours, theirs = bleu_counts(inputs)
        clipped = [sum((o & t).total() for o, t in zip(a, b, strict=True)) for a, b in zip(ours, theirs, strict=True)]
        plain = sum(count for o, t in zip(ours[0], theirs[0], strict=True) for gram, count in o.items() if gram in t)
        return min(clipped) > 0, plain > clipped[0]

    def until(make, *wanted):
        while True:
            inputs = make()
            if fits(inputs)[: len(wanted)] == wanted:
                return inputs

    nothing = case([list("abcdefg"), list("abc")], [list("abdcegf"), list("bca")])
    return {
        "one sentence": [until(one, True, True)],
        "a corpus": [until(corpus, True, True), until(corpus, True, True)],
        "too short": [until(short, True), until(short, True)],
        "no run of four": [nothing],
    }


def bleu_counts(inputs):
    """The runs of each candidate and reference, by length 1 to 4."""
    return [
        [[Counter(tuple(s[i : i + n]) for i in range(len(s) - n + 1)) for s in inputs[key]] for n in range(1, 5)]
        for key in ("candidates", "references")
    ]


def bleu_by_loops(candidates, references):
    log_precision = 0.0
    for n in (1, 2, 3, 4):
        right = total = 0
        for candidate, reference in zip(candidates, references, strict=True):
            left = [tuple(reference[i : i + n]) for i in range(len(reference) - n + 1)]
            for i in range(len(candidate) - n + 1):
                total += 1
                run = tuple(candidate[i : i + n])
                if run in left:
                    left.remove(run)
                    right += 1
        if right == 0:
            return 0
        log_precision += math.log(right / total) / 4
    length, wanted = sum(map(len, candidates)), sum(map(len, references))
    penalty = 1.0 if length > wanted else math.exp(1 - wanted / length)
    return 100 * penalty * math.exp(log_precision)


def bleu_by_strings(candidates, references):
    def runs(words, n):
        return Counter(" ".join(words[i : i + n]) for i in range(0, len(words) - n + 1))

    precisions = []
    for n in range(1, 5):
        pairs = [(runs(c, n), runs(r, n)) for c, r in zip(candidates, references, strict=True)]
        matched = sum(min(count, theirs[run]) for ours, theirs in pairs for run, count in ours.items())
        total = sum(sum(ours.values()) for ours, _ in pairs)
        precisions.append(matched / total if total else 0.0)
    wanted, length = (len([word for words in texts for word in words]) for texts in (references, candidates))
    ratio = wanted / max(1, length)
    return 100.0 * min(1.0, math.exp(1 - ratio)) * math.prod(precisions) ** 0.25


def bleu_average_of_sentences(candidates, references):
    scores = [bleu_by_loops([c], [r]) for c, r in zip(candidates, references, strict=True)]
    return sum(scores) / len(scores)


BLEU = Exercise(
    solves="unrolled.seq2seq.bleu",
    groups={"one sentence": 1, "a corpus": 1, "too short": 1, "no run of four": 1},
    inputs=bleu_inputs,
    accepts=(bleu_by_loops, bleu_by_strings),
    forbids=("sacrebleu", "nltk", "torchtext", "torchmetrics", "evaluate"),
    misconceptions=(
        Misconception(
            id="not-clipped",
            name="a run counts as often as the candidate says it",
            hint="“the the the the” would be right four times over. How often may a run count at most?",
            edits={"(ours & theirs).total()": "sum(count for run, count in ours.items() if run in theirs)"},
        ),
        Misconception(
            id="counted-once",
            name="a run counts only once, however often it occurs",
            hint="If candidate and reference both have a run twice, two are right. What does a set forget?",
            edits={
                "Counter(tuple": "Counter(set(tuple",
                "for i in range(len(words) - n + 1))": "for i in range(len(words) - n + 1)))",
            },
        ),
        Misconception(
            id="no-brevity-penalty",
            name="the penalty for short candidates is missing",
            hint="A candidate of a single right word would score full precision. What must it pay for the missing words?",
            edits={" + min(0.0, 1 - wanted / length)": ""},
        ),
        Misconception(
            id="reward-for-length",
            name="long candidates are rewarded by the penalty",
            hint="exp(1 − r/c) is above 1 if the candidate is longer. What should the penalty be then?",
            edits={"min(0.0, 1 - wanted / length)": "1 - wanted / length"},
        ),
        Misconception(
            id="penalty-upside-down",
            name="candidate and reference lengths are swapped in the penalty",
            hint="Who should pay: the candidate that is shorter than its reference, or the one that is longer?",
            edits={"1 - wanted / length": "1 - length / wanted"},
        ),
        Misconception(
            id="average-of-sentences",
            name="the BLEU of every sentence is taken first, and then their average",
            hint="One sentence without a right run of four then costs a whole share. When should one divide: for each "
            "sentence, or when all counts are added?",
            answer=bleu_average_of_sentences,
        ),
        Misconception(
            id="from-0-to-1",
            name="the score goes from 0 to 1",
            hint="NLTK's does so. Here, as in papers and in sacrebleu, a perfect score is what?",
            edits={"100 * math": "math"},
        ),
        Misconception(
            id="arithmetic-mean",
            name="the precisions are averaged arithmetically instead of geometrically",
            hint="With a geometric mean one bad precision pulls all down. Where do the logarithms go?",
            edits={
                "math.log(right / total) / 4": "right / total / 4",
                "math.exp(mean_logarithm + min(0.0, 1 - wanted / length))": (
                    "mean_logarithm * math.exp(min(0.0, 1 - wanted / length))"
                ),
            },
        ),
        Misconception(
            id="no-fourth-root",
            name="the precisions are multiplied, but the fourth root is missing",
            hint="If all four precisions are 0.5, what should their mean be?",
            edits={"math.log(right / total) / 4": "math.log(right / total)"},
        ),
        Misconception(
            id="recall",
            name="the runs are divided by the number of those in the reference",
            hint="Precision asks how much of what was said is right. Divided by the number of whose runs?",
            edits={"total += ours.total()": "total += theirs.total()"},
        ),
        Misconception(
            id="up-to-three",
            name="runs of four words are left out",
            hint="From one word to how many? What does range(1, 4) end with?",
            edits={"range(1, 5)": "range(1, 4)", "math.log(right / total) / 4": "math.log(right / total) / 3"},
        ),
        Misconception(
            id="last-run-lost",
            name="the last run of every sentence is left out",
            hint="A sentence of 5 words has two runs of 4. How many does your loop find?",
            edits={"range(len(words) - n + 1)": "range(len(words) - n)"},
        ),
        Misconception(
            id="smoothed",
            name="every count is smoothed by one",
            hint="For a single sentence that is common practice (Lin and Och). Here the counts of a whole corpus are added "
            "up: is there anything left to smooth?",
            edits={
                "if right == 0:\n            return 0.0\n        ": "",
                "math.log(right / total)": "math.log((right + 1) / (total + 1))",
            },
        ),
        Misconception(
            id="logarithm-of-zero",
            name="the logarithm of zero is taken when no run is right",
            hint="What is the geometric mean of numbers one of which is 0? Can you say so before taking logarithms?",
            edits={"if right == 0:\n            return 0.0\n        ": ""},
        ),
    ),
)
