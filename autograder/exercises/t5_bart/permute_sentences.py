"""`permute_sentences`: BART's sentence permutation: the sentences in another order; `order` says which comes first,
which second, ….
"""

import itertools

from autograder.exercise import Exercise, Misconception
from autograder.exercises.t5_bart.shared import distinct


def permute_sentences_inputs(rng):
    """Sentences of different lengths in an order that is not its own inverse; some texts end without a full stop.

    Besides, equal sentences and one that is only a full stop, a single sentence, and none.
    """

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

    def text(sentences, order):
        full_stop = int(rng.integers(2, 9))
        ids = [token for sentence in sentences for token in (*sentence, full_stop)]
        return {"ids": ids, "full_stop": full_stop, "order": order}

    first, second, third = distinct(rng, 3)
    equal = text([[first, second], [third], [first, second], [second, third, first]], [3, 0, 1, 2])
    lone = text([[first, second], [], [third], [second, third, first]], [3, 1, 0, 2])
    none = {"ids": [], "full_stop": 7, "order": []}
    return {
        "all end with a full stop": [case(3), case(5), equal, lone, none],
        "the last has none": [
            case(5, ended=False),
            case(3, ended=False),
            {"ids": distinct(rng, 3), "full_stop": 7, "order": [0]},
        ],
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


def permute_sentences_by_next_stop(ids, full_stop, order):
    sentences, start = [], 0
    while start < len(ids):
        rest = ids[start:]
        length = rest.index(full_stop) + 1 if full_stop in rest else len(rest)
        sentences.append(rest[:length])
        start += length
    return [*itertools.chain.from_iterable(sentences[i] for i in order)]


APPEND = "        current.append(token)\n        if token == full_stop:\n            sentences.append(current)\n            current = []"
JOIN = "[token for i in order for token in sentences[i]]"

PERMUTE_SENTENCES = Exercise(
    solves="unrolled.corruption.permute_sentences",
    groups={"all end with a full stop": 1, "the last has none": 1},
    inputs=permute_sentences_inputs,
    accepts=(permute_sentences_by_places, permute_sentences_sorted, permute_sentences_by_next_stop),
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
            id="full-stop-begins-and-the-last-is-lost",
            name="a full stop begins the next sentence, and what is left over at the end is lost",
            hint="When you meet a full stop, which comes first: append it, or close the sentence?",
            edits={
                APPEND: (
                    "        if token == full_stop:\n            sentences.append(current)\n            current = []\n"
                    "        current.append(token)"
                ),
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
            name="tokens after the last full stop are no sentence and stay at the end",
            hint="The docstring calls them a sentence too. Which number does it have in `order`?",
            edits={
                "    if current:\n        sentences.append(current)\n": "",
                JOIN: ("[token for i in order if i < len(sentences) for token in sentences[i]] + current"),
            },
        ),
        Misconception(
            id="rest-lost",
            name="tokens after the last full stop are lost",
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
        Misconception(
            id="rest-forgotten",
            name="tokens after the last full stop are no sentence of their own, and `order` names one too many",
            hint="When the loop ends, is there something left that no full stop has closed?",
            edits={"    if current:\n        sentences.append(current)\n": ""},
        ),
        Misconception(
            id="empty-sentence-added",
            name="a sentence without tokens is added after the last full stop",
            hint="When the text ends with a full stop, what is left over? Does that count as a sentence?",
            edits={
                "    if current:\n        sentences.append(current)\n": "    sentences.append(current)\n",
                JOIN: "[token for i in order for token in (sentences[i] or [full_stop])] + [full_stop] * (not current)",
            },
        ),
        Misconception(
            id="full-stop-zero",
            name="the full stop is 0, whatever the argument says",
            hint="In the example it happens to be 0. Where do you use `full_stop`?",
            edits={"token == full_stop": "token == 0"},
        ),
        Misconception(
            id="always-backwards",
            name="the sentences come out from the last to the first, whatever `order` says",
            hint="Where do you use `order`?",
            edits={JOIN: "[token for sentence in reversed(sentences) for token in sentence]"},
        ),
        Misconception(
            id="counted-from-one",
            name="the sentences are counted from 1",
            hint="`order` holds a 0. Which sentence is that?",
            edits={"sentences[i]": "sentences[i - 1]"},
        ),
        Misconception(
            id="list-emptied",
            name="the list that was stored is emptied, so that all sentences are one and the same list",
            hint="`append` stores the list itself, no copy. What does `clear()` do to it then?",
            edits={"            current = []": "            current.clear()"},
        ),
        Misconception(
            id="never-begun-anew",
            name="each sentence holds all that comes before it too",
            hint="When a sentence is stored, what must become of the list that collects its tokens?",
            edits={
                "            sentences.append(current)\n            current = []": (
                    "            sentences.append(list(current))"
                )
            },
        ),
        Misconception(
            id="tokens-as-texts",
            name="the tokens are texts, not numbers",
            hint="`str`, `join` and `split` make texts. Of what type are the tokens in `ids`?",
            edits={JOIN: "[str(token) for i in order for token in sentences[i]]"},
        ),
        Misconception(
            id="text-used-up",
            name="the caller's text is emptied",
            hint="The caller still needs it as the target. What does `pop` do to `ids`?",
            edits={"for token in ids:": "for token in [ids.pop(0) for _ in list(ids)]:"},
        ),
        Misconception(
            id="order-used-up",
            name="the caller's `order` is emptied",
            hint="What does `pop` do to the list that you were given?",
            edits={JOIN: "[token for i in [order.pop(0) for _ in order[:]] for token in sentences[i]]"},
        ),
        Misconception(
            id="loops-exchanged",
            name="the two loops of the comprehension are the wrong way round",
            hint="In a comprehension the loops stand in the order in which you would write them one inside the other. Which is outside?",
            edits={JOIN: "[token for token in sentences for i in order]"},
        ),
        Misconception(
            id="tokens-by-order",
            name="`order` is applied to the tokens, and the rest follows",
            hint="`order` has one number for each sentence. What must you cut the text into first?",
            edits={JOIN: "[ids[i] for i in order] + ids[len(order) :]"},
        ),
        Misconception(
            id="tokens-by-order-alone",
            name="`order` is applied to the tokens, and all others are lost",
            hint="`order` has one number for each sentence. What must you cut the text into first?",
            edits={JOIN: "[ids[i] for i in order]"},
        ),
        Misconception(
            id="words-sorted",
            name="the tokens inside the sentences are sorted",
            hint="Only the sentences change places. In which order are the tokens of one sentence?",
            edits={"for token in sentences[i]": "for token in sorted(sentences[i])"},
        ),
        Misconception(
            id="first-two-exchanged",
            name="the first two sentences of the new order are exchanged",
            hint="Which entry of `order` names the sentence that comes first?",
            edits={"for i in order": "for i in order[1::-1] + order[2:]"},
        ),
        Misconception(
            id="last-token-lost",
            name="the last token of the text is lost",
            hint="How many tokens should come out? Up to which one does your loop go?",
            edits={"for token in ids:": "for token in ids[:-1]:"},
        ),
        Misconception(
            id="one-sentence",
            name="only the sentence that comes first is returned",
            hint="How often does your loop run? Look how far the `return` is indented.",
            edits={"for i in order": "for i in order[:1]"},
        ),
        Misconception(
            id="lone-full-stop-dropped",
            name="a sentence that is nothing but a full stop is dropped",
            hint="It has a number in `order` like any other. What do you ask before you store a sentence?",
            edits={
                "            sentences.append(current)\n            current = []": (
                    "            sentences += [current] if len(current) > 1 else []\n            current = []"
                )
            },
        ),
        Misconception(
            id="equal-sentences-once",
            name="two equal sentences count as one",
            hint="A story may say a thing twice. Do you keep your sentences in a dictionary or a set?",
            edits={"for token in sentences[i]": "for token in list(dict.fromkeys(map(tuple, sentences)))[i]"},
        ),
        Misconception(
            id="up-to-the-last-full-stop",
            name="the text up to the last full stop is taken for one sentence",
            hint="Where does the *first* sentence end? Which full stop do you look for?",
            edits={
                "token == full_stop:": "token == full_stop and len(sum(sentences, current)) > len(ids) - ids[::-1].index(full_stop) - 1:"
            },
        ),
        Misconception(
            id="tuple",
            name="a tuple comes out instead of a list",
            hint="What does the signature promise? Which brackets make a list?",
            edits={JOIN: "tuple(token for i in order for token in sentences[i])"},
        ),
        Misconception(
            id="looked-up-by-value",
            name="a sentence is looked up by its value, so that two equal ones have the place of the first",
            hint="`list.index` finds the first that is equal. Which number has the second one?",
            edits={
                JOIN: "[t for s in sorted(sentences, key=lambda s: order.index(sentences.index(s))) for t in s]",
            },
        ),
        Misconception(
            id="lone-full-stop-joined",
            name="a full stop alone is no sentence, but begins the next one",
            hint="May a sentence be nothing but its full stop? The docstring says so.",
            edits={
                "if token == full_stop:": "if token == full_stop and len(current) > 1:",
                JOIN: "[token for i in order if i < len(sentences) for token in sentences[i]]",
            },
        ),
    ),
)
