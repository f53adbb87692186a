"""`bleu`: BLEU of a corpus, from 0 to 100: how many runs of one to four words are those of the references."""

import math
from collections import Counter

from autograder.exercise import Exercise, Misconception

LETTERS = "abcdefghijk"


def bleu_inputs(rng):
    """Sentences of letters, few enough for runs to repeat; candidates are references with some words changed.

    Some sentences share nothing with their references, some are short or empty, some words are others joined, and some
    differ by a capital letter only.
    """

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
        kept = [7 - int(rng.integers(1, 3)), 13 - int(rng.integers(1, 5))]
        return case([changed(r[:n], n // 6) for r, n in zip(references, kept, strict=True)], references)

    def with_a_hopeless_one():
        reference = words(int(rng.integers(11, 17)))
        return case(
            [changed(reference, 1) + words(3), list("abc"), list("efghi"), [], list("ba")],
            [reference, list("abd"), list("abcda"), ["a", "b"], list("ba")],
        )

    def joined():
        reference = words(int(rng.integers(13, 19)))
        return case([[*changed(reference, 1), "ab", "c", "d"]], [[*reference, "a", "bc", "d"]])

    def capital():
        reference = words(int(rng.integers(13, 19)))
        return case([[*changed(reference, 1), "E", "f", "g"]], [[*reference, "e", "f", "g"]])

    def fits(inputs):
        ours, theirs = bleu_counts(inputs)
        clipped = [sum((o & t).total() for o, t in zip(a, b, strict=True)) for a, b in zip(ours, theirs, strict=True)]
        plain = sum(count for o, t in zip(ours[0], theirs[0], strict=True) for gram, count in o.items() if gram in t)
        pairs = list(zip(inputs["candidates"], inputs["references"], strict=True))
        long = [both for both in pairs if len(both[0]) > 3]
        share_of_short = bleu_by_loops(*zip(*pairs, strict=True)) - bleu_by_loops(*zip(*long, strict=True))
        return min(clipped) > 0, plain > clipped[0], abs(share_of_short) > 0.1

    def until(make, *wanted):
        while True:
            inputs = make()
            if all(want in (None, found) for want, found in zip(wanted, fits(inputs), strict=False)):
                return inputs

    nothing = case([list("abcdefg"), list("abc")], [list("abdcegf"), list("bca")])
    return {
        "one sentence": [until(one, True, True)],
        "a corpus": [until(corpus, True, True), until(corpus, True, True), until(joined, True), until(capital, True)],
        "too short": [until(short, True), until(short, True)],
        "no run of four": [nothing, until(with_a_hopeless_one, True, None, True)],
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


def bleu_average_of_precisions(candidates, references):
    log_precision = 0.0
    for n in range(1, 5):
        precisions = []
        for candidate, reference in zip(candidates, references, strict=True):
            ours, theirs = (Counter(tuple(s[i : i + n]) for i in range(len(s) - n + 1)) for s in (candidate, reference))
            precisions.append((ours & theirs).total() / ours.total() if ours else 0.0)
        if sum(precisions) == 0:
            return 0.0
        log_precision += math.log(sum(precisions) / len(precisions)) / 4
    length, wanted = sum(map(len, candidates)), sum(map(len, references))
    return 100 * math.exp(log_precision + min(0.0, 1 - wanted / length))


def bleu_with_pooled_runs(candidates, references):
    log_precision = 0.0
    for n in range(1, 5):
        ours, theirs = (
            Counter(tuple(s[i : i + n]) for s in sentences for i in range(len(s) - n + 1))
            for sentences in (candidates, references)
        )
        if not ours & theirs:
            return 0.0
        log_precision += math.log((ours & theirs).total() / ours.total()) / 4
    length, wanted = sum(map(len, candidates)), sum(map(len, references))
    return 100 * math.exp(log_precision + min(0.0, 1 - wanted / length))


def bleu_with_any_reference(candidates, references):
    log_precision = 0.0
    for n in range(1, 5):
        theirs, right, total = Counter(), 0, 0
        for reference in references:
            theirs |= Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
        for candidate in candidates:
            ours = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            right, total = right + (ours & theirs).total(), total + ours.total()
        if right == 0:
            return 0.0
        log_precision += math.log(right / total) / 4
    length, wanted = sum(map(len, candidates)), sum(map(len, references))
    return 100 * math.exp(log_precision + min(0.0, 1 - wanted / length))


def bleu_or_nothing(candidates, references):
    if any(bleu_by_loops([c], [r]) == 0 for c, r in zip(candidates, references, strict=True)):
        return 0.0
    return bleu_by_loops(candidates, references)


def bleu_with_halved_exponents(candidates, references):
    scores = []
    for words, reference in zip(candidates, references, strict=True):
        score = math.exp(min(0.0, 1 - len(reference) / len(words))) if words else 0.0
        for n in range(1, min(4, len(words)) + 1):
            ours, theirs = (Counter(tuple(s[i : i + n]) for i in range(len(s) - n + 1)) for s in (words, reference))
            score *= ((ours & theirs).total() / ours.total()) ** 0.5**n
        scores.append(score)
    return 100 * sum(scores) / len(scores)


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
                "math.log(right / total) / order": "right / total / 4",
                "math.exp(mean_logarithm + min(0.0, 1 - wanted / length))": (
                    "mean_logarithm * math.exp(min(0.0, 1 - wanted / length))"
                ),
            },
        ),
        Misconception(
            id="no-fourth-root",
            name="the precisions are multiplied, but the fourth root is missing",
            hint="If all four precisions are 0.5, what should their mean be?",
            edits={"math.log(right / total) / order": "math.log(right / total)"},
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
            edits={"range(1, order + 1)": "range(1, 4)", "math.log(right / total) / order": "math.log(right / total) / 3"},
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
        Misconception(
            id="penalty-a-ratio",
            name="the penalty for short candidates is the ratio of the lengths, without the exponential",
            hint="Papineni's penalty falls faster than the ratio. Which function of 1 − r/c is it?",
            edits={
                "100 * math.exp(mean_logarithm + min(0.0, 1 - wanted / length))": (
                    "100 * math.exp(mean_logarithm) * min(1.0, length / wanted)"
                ),
            },
        ),
        Misconception(
            id="penalty-for-the-long-ones",
            name="long candidates get the penalty, upside down, and short ones none",
            hint="Who should pay: the candidate that is shorter than its reference? Which of min and max is in your "
            "line?",
            edits={"min(0.0": "max(0.0"},
        ),
        Misconception(
            id="average-of-precisions",
            name="the precisions of the sentences are averaged, instead of adding the counts",
            hint="A sentence of three words then weighs as much as one of thirty. When should one divide: for each "
            "sentence, or when all counts are added?",
            answer=bleu_average_of_precisions,
        ),
        Misconception(
            id="up-to-three-by-four",
            name="runs of four words are left out, and the mean is still taken over four",
            hint="From one word to how many? What does range(1, 4) end with?",
            edits={"range(1, order + 1)": "range(1, 4)"},
        ),
        Misconception(
            id="single-words",
            name="only single words are compared",
            hint="Then “dog bites man” is “man bites dog”. Which runs are longer than one word?",
            edits={
                "range(1, order + 1)": "range(1, 2)",
                "math.log(right / total) / order": "math.log(right / total)",
            },
        ),
        Misconception(
            id="runs-of-four-only",
            name="only runs of four words are compared",
            hint="The geometric mean is over four precisions. Where does your range begin?",
            edits={
                "range(1, order + 1)": "range(4, 5)",
                "math.log(right / total) / order": "math.log(right / total)",
            },
        ),
        Misconception(
            id="tails-counted",
            name="the shorter tails at the end of a sentence count as runs too",
            hint="A sentence of 5 words has two runs of 4. How many does your loop find?",
            edits={"range(len(words) - n + 1)": "range(len(words))"},
        ),
        Misconception(
            id="list-as-key",
            name="a list is used as a key of a Counter",
            hint="A key must not change, and a list can. Which Python type is like a list that cannot?",
            edits={"tuple(words[i : i + n])": "words[i : i + n]"},
        ),
        Misconception(
            id="words-joined",
            name="the words of a run are joined without a space",
            hint="“ab c” and “a bc” are different runs. How can they be told apart?",
            edits={"tuple(words[i : i + n])": '"".join(words[i : i + n])'},
        ),
        Misconception(
            id="order-ignored",
            name="the order of the words within a run is ignored",
            hint="“dog bites” is not “bites dog”. What does sorting, or a set, forget?",
            edits={"tuple(words[i : i + n])": "tuple(sorted(words[i : i + n]))"},
        ),
        Misconception(
            id="capitals-ignored",
            name="capital and small letters are taken for the same",
            hint="Words are compared as they are. Who should decide on lower-casing: BLEU, or the caller?",
            edits={"tuple(words[i : i + n])": "tuple(word.lower() for word in words[i : i + n])"},
        ),
        Misconception(
            id="zeros-skipped",
            name="a length at which no run is right is left out of the mean",
            hint="What is the geometric mean of numbers one of which is 0?",
            edits={"return 0.0": "continue"},
        ),
        Misconception(
            id="longer-runs-smoothed",
            name="the counts of the longer runs are smoothed by one",
            hint="For a single sentence that is common practice (Lin and Och). Here the counts of a whole corpus are "
            "added up: is there anything left to smooth?",
            edits={"if right == 0:": "right, total = right + (n > 1), total + (n > 1)\n        if right == 0:"},
        ),
        Misconception(
            id="penalty-for-each-sentence",
            name="each sentence pays a penalty of its own",
            hint="In a corpus a short sentence may be made up for by a long one. Which two lengths does the penalty "
            "compare?",
            edits={
                "min(0.0, 1 - wanted / length)": (
                    "sum(min(0.0, 1 - len(r) / max(1, len(c))) for c, r in zip(candidates, references))"
                ),
            },
        ),
        Misconception(
            id="pooled",
            name="the runs of all sentences are pooled before they are compared",
            hint="A word that is right in sentence 3 is no help to sentence 1. Between what should runs be compared?",
            answer=bleu_with_pooled_runs,
        ),
        Misconception(
            id="sentences-joined",
            name="all sentences are joined into one text",
            hint="The last word of one sentence and the first of the next are no run. Where does each sentence end?",
            edits={
                "zip(candidates, references, strict=True)": (
                    "[(sum(map(list, candidates), []), sum(map(list, references), []))]"
                ),
            },
        ),
        Misconception(
            id="larger-count",
            name="of each run the larger count is taken instead of the smaller",
            hint="A run counts at most as often as the reference has it. Which of & and | is the smaller?",
            edits={"(ours & theirs)": "(ours | theirs)"},
        ),
        Misconception(
            id="any-reference",
            name="each candidate is compared with the references of all sentences",
            hint="Sentence i of the candidates belongs to sentence i of the references. Which others does yours look "
            "at?",
            answer=bleu_with_any_reference,
        ),
        Misconception(
            id="rounded",
            name="the score is rounded",
            hint="The docstring's example rounds for itself. Does the function?",
            edits={
                "return 100 * math.exp(mean_logarithm + min(0.0, 1 - wanted / length))": (
                    "return round(100 * math.exp(mean_logarithm + min(0.0, 1 - wanted / length)), 1)"
                ),
            },
        ),
        Misconception(
            id="nothing-for-one-bad-sentence",
            name="a single sentence without a right run of four makes the whole score 0",
            hint="That is why BLEU adds up the counts first. When should one look for a 0: for each sentence, or when "
            "all counts are added?",
            answer=bleu_or_nothing,
        ),
        Misconception(
            id="short-sentences-left-out",
            name="sentences of fewer than four words are left out",
            hint="Their words and pairs count like all others. What should they add to the runs of four?",
            edits={
                "zip(candidates, references, strict=True)": (
                    "[(c, r) for c, r in zip(candidates, references, strict=True) if len(c) > 3]"
                ),
            },
        ),
        Misconception(
            id="arithmetic-mean-of-all",
            name="the precisions are averaged arithmetically, even where one of them is 0",
            hint="With a geometric mean one bad precision pulls all down, and a 0 makes it 0. Where do the logarithms "
            "go?",
            edits={
                "if right == 0:\n            return 0.0\n        ": "",
                "math.log(right / total) / order": "right / max(1, total) / 4",
                "math.exp(mean_logarithm + min(0.0, 1 - wanted / length))": (
                    "mean_logarithm * math.exp(min(0.0, 1 - wanted / length))"
                ),
            },
        ),
        Misconception(
            id="penalties-averaged",
            name="every sentence has a penalty of its own, and these are averaged",
            hint="In one sentence the candidate may be short and in another long. Papineni's penalty is about the lengths "
            "of the whole corpus: when do you add them up?",
            edits={
                "return 100 * math.exp(mean_logarithm + min(0.0, 1 - wanted / length))": (
                    "penalties = [min(1.0, math.exp(1 - len(r) / len(c))) if c else 0.0 for c, r in zip(candidates, references)]\n    return 100 * math.exp(mean_logarithm) * sum(penalties) / len(penalties)"
                ),
            },
        ),
        Misconception(
            id="penalty-above-one",
            name="the ratio in the penalty is upside down, so that short candidates are rewarded",
            hint="A penalty is at most 1. With candidates half as long as their references, is 1 − r/c negative or "
            "positive? And 1 − c/r?",
            edits={
                "min(0.0, 1 - wanted / length)": "max(0.0, 1 - length / wanted)",
            },
        ),
        Misconception(
            id="exponents-halved",
            name="runs of n words have the exponent 1/2ⁿ instead of 1/4",
            hint=(
                "So it is in d2l's textbook, where runs of one word count most. Which weight has each "
                "length in Papineni's formula?"
            ),
            edits={
                "math.log(right / total) / order": "math.log(right / total) / 2**n",
            },
        ),
        Misconception(
            id="exponents-halved-by-sentence",
            name=(
                "runs of n words have the exponent 1/2ⁿ instead of 1/4, and the sentences' scores are "
                "averaged"
            ),
            hint=(
                "So it is in d2l's textbook, for one sentence. Which weight has each length here, and what "
                "is added up before anything is divided?"
            ),
            answer=bleu_with_halved_exponents,
        ),
    ),
)
