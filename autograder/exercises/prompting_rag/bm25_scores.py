"""`bm25_scores`: How well each document fits a query, by the words that both have."""

import math
from collections import Counter

import numpy as np
import torch

from autograder.exercise import Exercise, Misconception

WORDS = ("ash", "bee", "beetle", "cat", "catfish", "elm", "fox", "foxglove", "heron", "ivy", "koi", "owlet")


def bm25_inputs(rng):
    """Documents of unequal length; words in one, some, nearly all or none of them, often in one, inside others, twice in a query.

    Other k₁ and b, down to 0; a single document, an empty one beside others, none but empty ones, no document, no query.
    """

    def text(length, among):
        return [str(word) for word in rng.choice(among, length)]

    order = [str(word) for word in rng.permutation(WORDS)]
    common, others, rare, unknown = order[0], order[1:8], order[8], order[9]
    lengths = rng.permutation([3, 5, 8, 13, 17, 11])
    documents = [[*text(length, others), *([common] * (i != 2)), *([common] * (i == 4))] for i, length in enumerate(lengths)]
    documents[1] += [rare] * 3
    documents[2] += [others[0]] * 2
    documents[3] += [others[0]]

    def case(query, given=documents, **options):
        return {"query": query, "documents": [list(document) for document in given], **options}

    several = [others[0], rare, others[1]]
    return {
        "scores": [case(several), case([others[0]]), case([rare, common]), case([others[2], unknown, others[3]])],
        "words that repeat": [
            case([others[0], others[0], rare]),
            case([common, common, others[1], common]),
            case(["cat", "fox"], [["catfish", "fox", rare], ["foxglove", "cat", "cat", common], ["catfish", "foxglove", "ivy", "elm"]]),
            case([rare, common], [*documents, [common] * 7, [rare, *text(20, others)]]),
        ],
        "k1 and b": [
            case(several, k1=0.9, b=0.4),
            case([common, *several], b=0.0),
            case([common, *several], b=1.0, k1=2.0),
            case([common, *several], k1=0.0),
        ],
        "at the border": [
            case(several, [*documents, []]),
            case([others[0]], [[others[0], others[1], *text(int(rng.integers(1, 9)), others)]]),
            case(several, []),
            case(several, [[], []]),
            case([]),
            case([unknown]),
        ],
    }


def bm25_refuses(rng):
    documents = [["a", "b"], ["a"]]
    return [
        {"query": ["a"], "documents": documents, "k1": -0.5},
        {"query": ["a"], "documents": documents, "b": 1.5},
        {"query": ["a"], "documents": documents, "b": -0.1},
    ]


def _checked(k1, b):
    if k1 < 0:
        raise ValueError("k1 is negative")
    if b < 0 or b > 1:
        raise ValueError("b is not from 0 to 1")


def bm25_document_by_document(query, documents, *, k1=1.5, b=0.75):
    _checked(k1, b)
    n = len(documents)
    total = sum(len(d) for d in documents)
    scores = []
    for document in documents:
        score = 0.0
        for word in query:
            frequency = document.count(word)
            if frequency == 0:
                continue
            containing = sum(1 for d in documents if word in d)
            idf = math.log((n + 1) / (containing + 0.5))
            norm = k1 * ((1 - b) + b * len(document) * n / total)
            score += idf * (frequency * (k1 + 1)) / (frequency + norm)
        scores.append(score)
    return torch.tensor(scores, dtype=torch.float32)


def bm25_with_numpy(query, documents, *, k1=1.5, b=0.75):
    _checked(k1, b)
    if not documents:
        return torch.zeros(0)
    counts = np.array([[document.count(word) for word in query] for document in documents], dtype=float)
    counts = counts.reshape(len(documents), len(query))
    lengths = np.array([len(document) for document in documents], dtype=float)
    length = 1 - b + b * lengths / max(lengths.mean(), 1e-9)
    n = (counts > 0).sum(0)
    idf = np.log1p((len(documents) - n + 0.5) / (n + 0.5))
    below = counts + k1 * length[:, None]
    parts = np.divide(counts * (k1 + 1), below, out=np.zeros_like(counts), where=counts > 0)
    return torch.from_numpy((idf * parts).sum(1)).float()


def bm25_with_tensors(query, documents, *, k1=1.5, b=0.75):
    _checked(k1, b)
    asked, bags = Counter(query), [Counter(document) for document in documents]
    lengths = torch.tensor([float(len(document)) for document in documents])
    scores = torch.zeros(len(documents))
    for word, times in asked.items():
        f = torch.tensor([float(bag[word]) for bag in bags])
        has = f > 0
        if not has.any():
            continue
        idf = torch.log(1 + (len(f) - has.sum() + 0.5) / (has.sum() + 0.5))
        value = times * idf * f * (k1 + 1) / (f + k1 * (1 - b + b * lengths / lengths.mean()))
        scores += torch.where(has, value, 0.0)
    return scores


LENGTH = "length = 1 - b + b * len(documents[i]) / average"
IDF = "idf = math.log(1 + (len(documents) - n + 0.5) / (n + 0.5))"
PART = "scores[i] += idf * f * (k1 + 1) / (f + k1 * length)"
LOOP = "for word in query:"
FOUND = "n = sum(word in count for count in counts)"
AVERAGE = "average = sum(len(document) for document in documents) / max(len(documents), 1)"
AVERAGE_OF_DIFFERENT = "average = sum(map(len, counts)) / max(len(documents), 1)"

BM25_SCORES = Exercise(
    solves="unrolled.bm25.bm25_scores",
    groups={"scores": 1.5, "words that repeat": 1, "k1 and b": 1, "at the border": 0.5},
    inputs=bm25_inputs,
    refuses=bm25_refuses,
    accepts=(bm25_document_by_document, bm25_with_numpy, bm25_with_tensors),
    forbids=("bm25s.BM25", "rank_bm25.BM25Okapi"),
    misconceptions=(
        Misconception(
            id="idf-can-be-negative",
            name="the logarithm lacks its 1 +, so that words in more than half of the documents count against them",
            hint="Correct in Robertson and Zaragoza (2009). Here no word may count against a document: what is log(0.5 / 2)?",
            edits={IDF: "idf = math.log((len(documents) - n + 0.5) / (n + 0.5))"},
        ),
        Misconception(
            id="idf-cut-at-zero",
            name="the logarithm lacks its 1 +, and what is negative is set to 0",
            hint="A word that stands in most documents still says a little. Which sum stands in the docstring's logarithm?",
            edits={IDF: "idf = max(math.log((len(documents) - n + 0.5) / (n + 0.5)), 0.0)"},
        ),
        Misconception(
            id="idf-of-rank-bm25",
            name="the logarithm lacks its 1 +, and what is negative becomes a quarter of the mean of all words' logarithms",
            hint="So does the package rank-bm25. Which sum stands in the docstring's logarithm, and can it be below 1?",
            edits={
                IDF: (
                    "all_n = Counter(word for count in counts for word in count).values()\n"
                    "        all_idf = [math.log((len(documents) - k + 0.5) / (k + 0.5)) for k in all_n]\n"
                    "        idf = math.log((len(documents) - n + 0.5) / (n + 0.5))\n"
                    "        idf = idf if idf >= 0 else 0.25 * sum(all_idf) / max(len(all_idf), 1)"
                )
            },
        ),
        Misconception(
            id="idf-of-tf-idf",
            name="the inverse document frequency is log(N / n)",
            hint="That is the one of plain tf-idf. What does a word get that stands in every document?",
            edits={IDF: "idf = math.log(len(documents) / max(n, 1))"},
        ),
        Misconception(
            id="idf-without-halves",
            name="the inverse document frequency lacks its halves",
            hint="Compare the logarithm with the docstring's, term by term. Where do the two ½ stand?",
            edits={IDF: "idf = math.log(1 + (len(documents) - n) / max(n, 1))"},
        ),
        Misconception(
            id="idf-of-base-2",
            name="the logarithm is of base 2",
            hint="The order of the documents is the same, the scores are not. Which logarithm does `log` mean in this course?",
            edits={IDF: "idf = math.log2(1 + (len(documents) - n + 0.5) / (n + 0.5))"},
        ),
        Misconception(
            id="no-idf",
            name="all words count alike, rare and common ones",
            hint="Which says more about a text, *the* or *lighthouse*? Which factor tells them apart?",
            edits={IDF: "idf = 1.0"},
        ),
        Misconception(
            id="occurrences-counted",
            name="n counts how often the word occurs in all documents, not how many documents have it",
            hint="A word that stands seven times in one document and in no other: what should n be?",
            edits={FOUND: "n = sum(count[word] for count in counts)"},
        ),
        Misconception(
            id="words-inside-words",
            name="a word is found inside other words as well: *cat* in *catfish*",
            hint="`in` and `count` of a string look for letters. What are the words of a document here?",
            edits={
                FOUND: "n = sum(any(word in other for other in count) for count in counts)",
                "f := count[word]": "f := sum(times for other, times in count.items() if word in other)",
            },
        ),
        Misconception(
            id="length-not-normalised",
            name="the documents' lengths do not count",
            hint="One document says a word once in 3 words, another once in 30. Which fits better? What does b do in yours?",
            edits={LENGTH: "length = 1"},
        ),
        Misconception(
            id="length-in-letters",
            name="a document's length is counted in letters instead of words",
            hint="Is a text of three long words longer than one of five short ones, in BM25's eyes?",
            edits={
                LENGTH: (
                    "letters = [sum(map(len, document)) for document in documents]\n"
                    "                length = 1 - b + b * letters[i] * len(letters) / sum(letters)"
                )
            },
        ),
        Misconception(
            id="length-without-mean",
            name="the length is not divided by the mean of all documents",
            hint="What should `length` be for a document of just the average length?",
            edits={LENGTH: "length = 1 - b + b * len(documents[i])"},
        ),
        Misconception(
            id="length-upside-down",
            name="the mean length is divided by the document's, so that long documents gain",
            hint="Should a long document find it easier or harder to score with one word?",
            edits={LENGTH: "length = 1 - b + b * average / len(documents[i])"},
        ),
        Misconception(
            id="relative-frequency",
            name="f is the share of the document that the word takes, so that the length counts twice",
            hint="f is how often the word stands in the document. What makes up for the length: f, or what stands below it?",
            edits={"if f := count[word]:": "if f := count[word] / max(len(documents[i]), 1):"},
        ),
        Misconception(
            id="b-exchanged",
            name="b and 1 − b are exchanged",
            hint="With b = 0, should the length count fully, or not at all?",
            edits={LENGTH: "length = b + (1 - b) * len(documents[i]) / average"},
        ),
        Misconception(
            id="different-words-as-length",
            name="a document's length counts each of its different words once",
            hint="How long is *the cat saw the cat*: how many words has it?",
            edits={LENGTH: "length = 1 - b + b * len(count) / average"},
        ),
        Misconception(
            id="different-words-throughout",
            name="each of a document's different words counts once, in its length and in the mean length",
            hint="How long is *the cat saw the cat*: how many words has it?",
            edits={LENGTH: "length = 1 - b + b * len(count) / average", AVERAGE: AVERAGE_OF_DIFFERENT},
        ),
        Misconception(
            id="largest-as-mean",
            name="the longest document takes the place of the mean length",
            hint="What should `length` be for a document of just the average length?",
            edits={AVERAGE: "average = max(map(len, documents), default=0)"},
        ),
        Misconception(
            id="without-k1-plus-1",
            name="the factor k₁ + 1 is missing",
            hint="The order is the same without it, and Lucene leaves it out today. What does the docstring's numerator say?",
            edits={PART: "scores[i] += idf * f / (f + k1 * length)"},
        ),
        Misconception(
            id="k1-not-times-length",
            name="k₁ is added in the denominator, and not multiplied by the length",
            hint="What does the denominator consist of? Where does the length go into it?",
            edits={PART: "scores[i] += idf * f * (k1 + 1) / (f + k1 + length)"},
        ),
        Misconception(
            id="frequency-not-saturated",
            name="the tenth occurrence of a word counts as much as the first",
            hint="What does f / (f + k₁) approach as f grows? Where does f stand twice in the formula?",
            edits={PART: "scores[i] += idf * f * (k1 + 1) / (1 + k1 * length)"},
        ),
        Misconception(
            id="presence-only",
            name="it counts whether a word stands in a document, not how often",
            hint="Three *storm*s in a text, or one: is there a difference in yours?",
            edits={PART: "scores[i] += idf * (k1 + 1) / (1 + k1 * length)"},
        ),
        Misconception(
            id="query-words-once",
            name="a word that stands twice in the query counts once",
            hint="Correct in some implementations. What does the docstring say of a word that stands twice in the query?",
            edits={LOOP: "for word in dict.fromkeys(query):"},
        ),
        Misconception(
            id="all-words-needed",
            name="a document that lacks one word of the query gets 0",
            hint="A text that has two of three words: does it not fit at all?",
            edits={"    return torch.tensor(scores)": "    scores = [s if all(c[w] for w in query) else 0.0 for s, c in zip(scores, counts)]\n    return torch.tensor(scores)"},
        ),
        Misconception(
            id="mean-over-the-query",
            name="the mean over the query's words comes out instead of the sum",
            hint="By what do you divide in the end? Is that in the docstring?",
            edits={"    return torch.tensor(scores)": "    return torch.tensor(scores) / max(len(query), 1)"},
        ),
        Misconception(
            id="scores-add-up-to-1",
            name="the scores are divided by their sum",
            hint="The score of a document should not hang on how well another one fits. Which step at the end is too many?",
            edits={"    return torch.tensor(scores)": "    return torch.tensor(scores) / max(sum(scores), 1e-9)"},
        ),
        Misconception(
            id="fixed-k1-and-b",
            name="k₁ and b are always 1.5 and 0.75",
            hint="Which arguments does your formula never read?",
            edits={LENGTH: "length = 0.25 + 0.75 * len(documents[i]) / average", PART: "scores[i] += idf * f * 2.5 / (f + 1.5 * length)"},
        ),
        Misconception(
            id="k1-unchecked",
            name="a negative k₁ is taken without a word",
            hint="Which exceptions does the docstring promise?",
            edits={"if k1 < 0:": "if False:"},
        ),
        Misconception(
            id="b-unchecked",
            name="a b that is not from 0 to 1 is taken without a word",
            hint="Which exceptions does the docstring promise?",
            edits={"if not 0 <= b <= 1:": "if False:"},
        ),
        Misconception(
            id="no-documents",
            name="where there are no documents, it divides by 0",
            hint="What is the mean length of no documents? And what should come out: how many scores are there?",
            edits={AVERAGE: "average = sum(len(document) for document in documents) / len(documents)"},
        ),
    ),
)
