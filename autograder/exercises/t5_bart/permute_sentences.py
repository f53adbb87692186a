"""`permute_sentences`: BART's sentence permutation: the sentences in another order; `order` says which comes first,
which second, ….
"""

from autograder.exercise import Exercise, Misconception
from autograder.exercises.t5_bart.shared import distinct


def permute_sentences_inputs(rng):
    """Sentences of different lengths in an order that is not its own inverse; some texts end without a full stop."""

    def case(count, *, ended=True):
        full_stop = int(rng.integers(2, 9))
        sizes = rng.permutation(range(2, 2 + count)).tolist()
        words = distinct(rng, sum(sizes))
        ids = []
        for i, size in enumerate(sizes):
            ids += [words.pop() for _ in range(size)]
            ids += [full_stop] * (ended or i + 1 < count)
        while True:
            order = rng.permutation(count).tolist()
            inverse = [order.index(i) for i in range(count)]
            backwards = order[::-1]
            if len({tuple(o) for o in (order, inverse, sorted(order), backwards)}) == 4 and order[-1] != count - 1:
                break
        return {"ids": ids, "full_stop": full_stop, "order": order}

    return {
        "all end with a full stop": [case(3), case(5)],
        "the last has none": [case(5, ended=False), case(3, ended=False)],
    }


def permute_sentences_by_places(ids, full_stop, order):
    ends = [place + 1 for place, token in enumerate(ids) if token == full_stop]
    if not ends or ends[-1] != len(ids):
        ends.append(len(ids))
    starts = [0, *ends[:-1]]
    return [token for i in order for token in ids[starts[i] : ends[i]]]


def permute_sentences_sorted(ids, full_stop, order):
    number, numbers = 0, []
    for token in ids:
        numbers.append(number)
        number += token == full_stop
    rank = {sentence: place for place, sentence in enumerate(order)}
    return [ids[place] for place in sorted(range(len(ids)), key=lambda place: rank[numbers[place]])]


APPEND = "        current.append(token)\n        if token == full_stop:\n            sentences.append(current)\n            current = []"
JOIN = "[token for i in order for token in sentences[i]]"

PERMUTE_SENTENCES = Exercise(
    solves="unrolled.corruption.permute_sentences",
    groups={"all end with a full stop": 1, "the last has none": 1},
    inputs=permute_sentences_inputs,
    accepts=(permute_sentences_by_places, permute_sentences_sorted),
    misconceptions=(
        Misconception(
            id="order-inverted",
            name="order[i] is taken as the new place of sentence i",
            hint="order says which sentence comes first, which second, … With order [2, 0, 1], which sentence comes first?",
            edits={JOIN: "[token for i in range(len(order)) for token in sentences[order.index(i)]]"},
        ),
        Misconception(
            id="not-permuted",
            name="the sentences stay in their order",
            hint="Where do you use `order`?",
            edits={JOIN: "[token for sentence in sentences for token in sentence]"},
        ),
        Misconception(
            id="reversed",
            name="the new order is read from its end",
            hint="Which entry of order names the sentence that comes first?",
            edits={"for i in order": "for i in reversed(order)"},
        ),
        Misconception(
            id="full-stops-lost",
            name="the full stops are lost",
            hint="A full stop is the last token of its sentence. Does it get into your list of tokens?",
            edits={
                APPEND: (
                    "        if token != full_stop:\n            current.append(token)\n        else:\n"
                    "            sentences.append(current)\n            current = []"
                )
            },
        ),
        Misconception(
            id="full-stop-begins",
            name="a full stop begins the next sentence instead of ending its own",
            hint="When you meet a full stop, which comes first: append it, or close the sentence?",
            edits={
                APPEND: (
                    "        if token == full_stop:\n            sentences.append(current)\n            current = []\n"
                    "        current.append(token)"
                ),
                "if current:": "if current != [full_stop]:",
                JOIN: "[token for i in order for token in sentences[i]] + (current if current == [full_stop] else [])",
            },
        ),
        Misconception(
            id="words-permuted-too",
            name="the words inside the sentences are reversed as well",
            hint="Only the sentences change places. In which order are the tokens of one sentence?",
            edits={"for token in sentences[i]": "for token in reversed(sentences[i])"},
        ),
        Misconception(
            id="nested",
            name="the sentences are lists in a list",
            hint="The model reads one row of tokens. How do you make one list of several?",
            edits={JOIN: "[sentences[i] for i in order]"},
        ),
        Misconception(
            id="rest-stays-last",
            name="tokens behind the last full stop are no sentence and stay at the end",
            hint="The docstring calls them a sentence too. Which number does it have in `order`?",
            edits={
                "    if current:\n        sentences.append(current)\n": "",
                JOIN: ("[token for i in order if i < len(sentences) for token in sentences[i]] + current"),
            },
        ),
        Misconception(
            id="rest-lost",
            name="tokens behind the last full stop are lost",
            hint="When the loop ends, is there something left that no full stop has closed?",
            edits={
                "    if current:\n        sentences.append(current)\n": "",
                JOIN: ("[token for i in order if i < len(sentences) for token in sentences[i]]"),
            },
        ),
        Misconception(
            id="full-stop-added",
            name="a sentence without a full stop gets one",
            hint="A permutation neither loses tokens nor makes any. How many does your result have?",
            edits={
                "    if current:\n        sentences.append(current)\n": (
                    "    if current:\n        sentences.append([*current, full_stop])\n"
                )
            },
        ),
    ),
)
