"""`make_sentence_pairs`: Every sentence but a document's last, with the one that follows or with one from elsewhere."""

import itertools
import math

import numpy as np
import torch

from autograder.exercise import Exercise, Misconception


def make_sentence_pairs_inputs(rng):
    """2 to 5 documents of 2 to 5 sentences of 1 to 4 words, all different; both labels occur.

    Then numbers that are exactly a limit, or just below 1; only the first document with more than one sentence; and
    documents and sentences that occur twice, so that none is found again by what it says, and once the sentence from
    elsewhere says the same as the next one.
    """

    def case(*sizes, coins=None):
        word, documents = iter(rng.permutation(np.arange(10, 10 + 4 * sum(sizes)))), []
        for size in sizes:
            documents.append([[int(next(word)) for _ in range(rng.integers(1, 5))] for _ in range(size)])
        pairs = sum(sizes) - len(sizes)
        coin = np.concatenate([[0.1, 0.6, 0.3, 0.9], rng.uniform(0.02, 0.48, pairs)])[:pairs]
        coin = np.where(rng.random(pairs) < 0.3, 0.98 - coin, coin)
        coin[:2] = rng.permutation([0.2, 0.8])
        if coins is not None:
            coin = rng.uniform(*coins, pairs)
        others = len(sizes) - 1
        where = (rng.integers(0, others, pairs) + rng.uniform(0.1, 0.9, pairs)) / others
        which = (rng.integers(0, 60, pairs) + 0.5) / 60  # 60 is divisible by every number of sentences
        uniforms = torch.from_numpy(np.stack([coin, where, which], axis=1)).float()
        return {"documents": documents, "uniforms": uniforms, "cls_id": 2, "sep_id": 3}

    def from_the_first(numbers):
        """Only the first of three documents gives pairs; the numbers in any order."""
        made = case(len(numbers) + 1, 1, 2)
        made["documents"][2] = made["documents"][2][:1]
        return made | {"uniforms": torch.tensor(rng.permutation(numbers)).float()}

    below_one = 1 - 2.0**-24
    limits = from_the_first([(0.5, 0.0, 0.0), (0.5, 0.5, 0.3), (0.0, 0.4, 0.4), (below_one,) * 3])
    cut_off = from_the_first([(0.7, 0.3, 0.3), (0.8, 0.7, 0.4), (0.2, 0.6, 0.1)])
    twice = case(4, 2, 4, coins=(0.02, 0.48))
    twice["documents"][0][2] = list(twice["documents"][0][0])
    twice["documents"][2] = [list(sentence) for sentence in twice["documents"][0]]
    elsewhere = twice | {"uniforms": torch.cat([twice["uniforms"][:, :1] + 0.5, twice["uniforms"][:, 1:]], dim=1)}
    same_words = case(2, 2) | {"uniforms": torch.tensor([[0.7, 0.5, 0.2], [0.8, 0.5, 0.9]])}
    same_words["documents"][1][0] = list(same_words["documents"][0][1])
    return {
        "next": [case(3, 4, 2, coins=(0.02, 0.48)), twice],
        "from elsewhere": [
            case(3, 5, 2, coins=(0.52, 0.98)),
            case(4, 3, 5, 2, 3, coins=(0.52, 0.98)),
            elsewhere,
            same_words,
        ],
        "both": [case(5, 3), case(3, 4, 5, 2), cut_off, limits],
    }


def sentence_pairs_walk(documents, uniforms, cls_id, sep_id):
    input_ids, token_type_ids, labels, row = [], [], [], 0
    for d, document in enumerate(documents):
        others = documents[d + 1 :] + documents[:d]
        for first, following in itertools.pairwise(document):
            coin, where, which = uniforms[row]
            row += 1
            if coin < 0.5:
                second, label = following, 0
            else:
                other = others[math.floor(float(where) * len(others))]
                second, label = other[math.floor(float(which) * len(other))], 1
            ids = [cls_id, *first, sep_id, *second, sep_id]
            input_ids.append(ids)
            token_type_ids.append([0 if i < len(first) + 2 else 1 for i in range(len(ids))])
            labels.append(label)
    return {"input_ids": input_ids, "token_type_ids": token_type_ids, "labels": labels}


def sentence_pairs_comprehensions(documents, uniforms, cls_id, sep_id):
    pairs = [(d, i) for d in range(len(documents)) for i in range(1, len(documents[d]))]
    is_other = (uniforms[:, 0] >= 0.5).long().tolist()
    steps = (uniforms[:, 1] * (len(documents) - 1)).long().tolist()
    firsts, seconds = [documents[d][i - 1] for d, i in pairs], []
    for row, (d, i) in enumerate(pairs):
        other = documents[(d + steps[row] + 1) % len(documents)]
        seconds.append(other[int(uniforms[row, 2] * len(other))] if is_other[row] else documents[d][i])
    both = list(zip(firsts, seconds, strict=True))
    return {
        "labels": is_other,
        "input_ids": [[cls_id, *a, sep_id, *b, sep_id] for a, b in both],
        "token_type_ids": [[*[0] * (len(a) + 2), *[1] * (len(b) + 1)] for a, b in both],
    }


def _counter_for_others_only(documents, uniforms, cls_id, sep_id):
    """The next row of random numbers is taken only after a sentence from elsewhere."""
    rows, row = [], 0
    for _ in range(sum(len(document) - 1 for document in documents)):
        rows.append(uniforms[row])
        row += int(uniforms[row, 0] >= 0.5)
    return sentence_pairs_walk(documents, torch.stack(rows), cls_id, sep_id)


A, B = "a, b = [cls_id, *documents[d][i], sep_id], [*second, sep_id]", "[1] * len(b)"
OTHER = "documents[(d + 1 + int(where * (len(documents) - 1))) % len(documents)]"
LABEL = 'pairs["labels"].append(int(coin >= 0.5))'
FIRSTS = "firsts = [(d, i) for d, document in enumerate(documents) for i in range(len(document) - 1)]"
ROWS = "zip(firsts, uniforms.tolist(), strict=True)"
ANY_ROWS = {ROWS: "zip(firsts, uniforms.tolist(), strict=False)"}
SEGMENTS = "[0] * len(a) + [1] * len(b)"

MAKE_SENTENCE_PAIRS = Exercise(
    solves="unrolled.sentence_pairs.make_sentence_pairs",
    groups={"next": 1, "from elsewhere": 1, "both": 2},
    inputs=make_sentence_pairs_inputs,
    accepts=(sentence_pairs_walk, sentence_pairs_comprehensions),
    misconceptions=(
        Misconception(
            id="first-sep-in-segment-one",
            name="the first [SEP] is counted to the second segment",
            hint="Each sentence has its own [SEP] at its end. To which sentence belongs the one in the middle?",
            edits={SEGMENTS: "[0] * (len(a) - 1) + [1] * (len(b) + 1)"},
        ),
        Misconception(
            id="last-sep-in-segment-zero",
            name="the last [SEP] has segment 0",
            hint="The [SEP] at the very end closes the second sentence. Which segment is that?",
            edits={SEGMENTS: "[0] * len(a) + [1] * (len(b) - 1) + [0]"},
        ),
        Misconception(
            id="segment-one-too-late",
            name="the first word of the second sentence still has segment 0",
            hint="Count the zeros: [CLS], the first sentence, [SEP]. How many are that?",
            edits={SEGMENTS: "[0] * (len(a) + 1) + [1] * (len(b) - 1)"},
        ),
        Misconception(
            id="marks-without-a-segment",
            name="segments are made for the words only, not for the marks",
            hint="Every token needs a segment, [CLS] and [SEP] too. Are your two lists equally long?",
            edits={SEGMENTS: "[0] * (len(a) - 2) + [1] * (len(b) - 1)"},
        ),
        Misconception(
            id="segments-swapped",
            name="the first sentence has segment 1 and the second 0",
            hint="The first sentence is segment A: which number is that?",
            edits={SEGMENTS: "[1] * len(a) + [0] * len(b)"},
        ),
        Misconception(
            id="one-segment",
            name="all tokens have segment 0",
            hint="How shall the model know where the second sentence begins?",
            edits={SEGMENTS: "[0] * len(a) + [0] * len(b)"},
        ),
        Misconception(
            id="no-last-sep",
            name="there is no [SEP] at the end",
            hint="How many [SEP] has [CLS] first [SEP] second [SEP]?",
            edits={"[*second, sep_id]": "[*second]"},
        ),
        Misconception(
            id="no-sep-between",
            name="there is no [SEP] between the two sentences",
            hint="Where does the first sentence end? What says so in input_ids?",
            edits={"[cls_id, *documents[d][i], sep_id]": "[cls_id, *documents[d][i]]"},
        ),
        Misconception(
            id="no-cls",
            name="there is no [CLS] in front",
            hint="The answer will be read off the first token. Which one is that meant to be?",
            edits={"[cls_id, *documents[d][i], sep_id]": "[*documents[d][i], sep_id]"},
        ),
        Misconception(
            id="cls-twice",
            name="the second sentence has a [CLS] too",
            hint="[CLS] stands for the pair as a whole. How many are there in [CLS] first [SEP] second [SEP]?",
            edits={"[*second, sep_id]": "[cls_id, *second, sep_id]"},
        ),
        Misconception(
            id="label-inverted",
            name="a label of 1 means next, and 0 means from elsewhere",
            hint="It would be a natural choice. But in BERT's code, in Hugging Face's and here, which of the two is 0?",
            edits={LABEL: 'pairs["labels"].append(int(coin < 0.5))'},
        ),
        Misconception(
            id="label-by-what-it-says",
            name="the label is 0 wherever the second sentence says the same as the next one, also one from elsewhere",
            hint="Two sentences may say the same. Does the label say what the second sentence is, or where it was taken from?",
            edits={LABEL: 'pairs["labels"].append(int(second != documents[d][i + 1]))'},
        ),
        Misconception(
            id="short-documents-never-drawn",
            name="documents of one sentence are left out, so that they are never drawn from either",
            hint="Such a document begins no pair. But may its sentence come second, and is the document counted in D?",
            edits={
                "    firsts = [": "    documents = [document for document in documents if len(document) > 1]\n    firsts = ["
            },
        ),
        Misconception(
            id="labels-true-and-false",
            name="the labels are True and False",
            hint="The docstring promises 0 or 1. What makes a whole number of a truth value?",
            edits={LABEL: 'pairs["labels"].append(coin >= 0.5)'},
        ),
        Misconception(
            id="coin-inverted",
            name="a coin below 0.5 takes the sentence from elsewhere",
            hint="Half is half. But here the numbers are given: what does below 0.5 mean?",
            edits={"if coin >= 0.5:": "if coin < 0.5:", LABEL: 'pairs["labels"].append(int(coin < 0.5))'},
        ),
        Misconception(
            id="always-next",
            name="the second sentence is always the next one, whatever the label says",
            hint="Where does the sentence from elsewhere come in? Look at a pair with label 1.",
            edits={"if coin >= 0.5:": "if coin >= 2:"},
        ),
        Misconception(
            id="swapped-order",
            name="a negative pair is the two neighbours in the wrong order",
            hint="That is sentence-order prediction, ALBERT's harder task (chapter 15). In BERT's, where does the second "
            "sentence of a negative pair come from?",
            edits={
                f"other = {OTHER}": "other = None",
                "second = other[int(which * len(other))]": "second = documents[d][i]",
                A: "first = documents[d][i + 1] if coin >= 0.5 else documents[d][i]\n        a, b = [cls_id, *first, "
                "sep_id], [*second, sep_id]",
            },
        ),
        Misconception(
            id="same-document",
            name="the random sentence comes from the same document",
            hint="It could be the very next sentence, and then the label would be a lie. Which documents may it come from?",
            edits={OTHER: "documents[d]"},
        ),
        Misconception(
            id="any-document",
            name="the random sentence may come from any document, its own included",
            hint="Then it is sometimes the very next sentence. How do you leave the own document out?",
            edits={OTHER: "documents[int(where * len(documents))]"},
        ),
        Misconception(
            id="counted-from-the-own",
            name="the other documents are counted from the own one instead of the one after it",
            hint="With u₂ = 0, which document do you take? Which comes after document d?",
            edits={"(d + 1 + int(": "(d + int("},
        ),
        Misconception(
            id="counted-from-the-first",
            name="the other documents are counted from the first one of all, not from the one after the own",
            hint="That draws as fairly. But here u₂ counts from a certain place on: which one?",
            edits={OTHER: "(documents[:d] + documents[d + 1 :])[int(where * (len(documents) - 1))]"},
        ),
        Misconception(
            id="always-the-next-document",
            name="the sentence from elsewhere is always from the document after the own one",
            hint="Neighbours in a collection may tell of the same thing. Which number says which of the others to take?",
            edits={OTHER: "documents[(d + 1) % len(documents)]"},
        ),
        Misconception(
            id="document-rounded",
            name="the other document's number is rounded instead of cut off",
            hint="With two others and u₂ = 0.9, which k do you get? Is there a document for it that is not the own one?",
            edits={OTHER: OTHER.replace("int(where", "round(where")},
        ),
        Misconception(
            id="always-the-first-sentence",
            name="the sentence from elsewhere is always its document's first",
            hint="First sentences are easy to tell: “One day …”. Which number says which sentence to take?",
            edits={"int(which * len(other))": "0"},
        ),
        Misconception(
            id="wrong-length",
            name="the sentence from elsewhere is counted with the length of the own document",
            hint="u₃ is multiplied by a number of sentences. Of which document?",
            edits={"int(which * len(other))": "min(int(which * len(documents[d])), len(other) - 1)"},
        ),
        Misconception(
            id="own-document-as-the-last",
            name="u₂ is multiplied by the number of all documents, so that the own one may come out",
            hint="Counted from the document after the own one, which is number D − 1? How many *others* are there?",
            edits={OTHER: OTHER.replace("(len(documents) - 1))", "len(documents))")},
        ),
        Misconception(
            id="no-way-round",
            name="the documents are counted on beyond the last one",
            hint="After the last document comes the first. What does `%` do?",
            edits={OTHER: "documents[d + 1 + int(where * (len(documents) - 1))]"},
        ),
        Misconception(
            id="round-too-early",
            name="the way round the documents has D − 1 of them, not D",
            hint="There are D − 1 others, but how many documents lie on the circle?",
            edits={OTHER: OTHER.replace(") % len(documents)]", ") % (len(documents) - 1)]")},
        ),
        Misconception(
            id="backwards",
            name="the other documents are counted backwards from the own one",
            hint="With u₂ = 0, is it the document after the own one or the one before it?",
            edits={OTHER: OTHER.replace("(d + 1 + int(", "(d - 1 - int(")},
        ),
        Misconception(
            id="numbers-swapped",
            name="u₃ says which document and u₂ which sentence",
            hint="Each pair has three numbers, in this order: the coin, the document, the sentence. Which is yours?",
            edits={"(coin, where, which)": "(coin, which, where)"},
        ),
        Misconception(
            id="sentence-rounded",
            name="the sentence's number is rounded instead of cut off",
            hint="With two sentences and u₃ = 0.8, which number do you get, and is there such a sentence?",
            edits={"int(which * len(other))": "round(which * len(other))"},
        ),
        Misconception(
            id="last-sentence-never",
            name="the sentence's number is ⌊u₃ · (n − 1)⌋: the last one never comes",
            hint="u₃ is below 1. How large can ⌊u₃ · 3⌋ be, and ⌊u₃ · 2⌋?",
            edits={"int(which * len(other))": "int(which * (len(other) - 1))"},
        ),
        Misconception(
            id="length-of-the-own-document",
            name="u₃ is multiplied by the number of sentences in the own document",
            hint="u₃ picks one of n sentences. Of which document?",
            edits={"int(which * len(other))": "int(which * len(documents[d]))"},
        ),
        Misconception(
            id="last-sentence-too",
            name="a document's last sentence is to be followed by a next one",
            hint="What stands after the last sentence of a document? How many pairs does a document of n sentences give?",
            edits={
                FIRSTS: FIRSTS.replace("len(document) - 1", "len(document)"),
                ROWS: "((place, uniforms[row].tolist()) for row, place in enumerate(firsts))",
                "second = documents[d][i + 1]": "second = documents[d][i + 1] if coin < 0.5 else None",
            },
        ),
        Misconception(
            id="first-sentence-left-out",
            name="a document's first sentence begins no pair",
            hint="With which number does Python count the first one? How many pairs does a document of n sentences give?",
            edits={FIRSTS: FIRSTS.replace("range(len", "range(1, len")} | ANY_ROWS,
        ),
        Misconception(
            id="every-second-sentence",
            name="the pairs do not overlap: each sentence is in one of them only",
            hint="Sentence 1 follows sentence 0, and sentence 2 follows sentence 1. How many pairs do three sentences give?",
            edits={FIRSTS: FIRSTS.replace("len(document) - 1", "0, len(document) - 1, 2")} | ANY_ROWS,
        ),
        Misconception(
            id="first-document-only",
            name="only the first document's pairs are made",
            hint="There are several documents. Does a `return` stop you after the first?",
            edits={FIRSTS: FIRSTS.replace("enumerate(documents)", "enumerate(documents[:1])")} | ANY_ROWS,
        ),
        Misconception(
            id="numbers-again-for-each-document",
            name="each document begins again with the first row of random numbers",
            hint="There is a row for every pair of all documents. Where do you set your counter to 0?",
            edits={ROWS: "((place, uniforms.tolist()[place[1]]) for place in firsts)"},
        ),
        Misconception(
            id="numbers-for-others-only",
            name="the random numbers go on only after a sentence from elsewhere",
            hint="Each pair has a row of its own, whatever its coin says. Where do you count on?",
            answer=_counter_for_others_only,
        ),
        Misconception(
            id="next-at-the-limit",
            name="the next sentence is taken, too, where the coin is exactly 0.5",
            hint="Is it “below 0.5” or “at most 0.5”?",
            edits={"if coin >= 0.5:": "if coin > 0.5:", LABEL: LABEL.replace(">=", ">")},
        ),
        Misconception(
            id="order-of-the-sentences",
            name="the second sentence stands in front of the first",
            hint="[CLS] first [SEP] second [SEP]: which of the two is `documents[d][i]`?",
            edits={A: "a, b = [cls_id, *second, sep_id], [*documents[d][i], sep_id]"},
        ),
        Misconception(
            id="marks-of-the-example",
            name="1 and 2 are taken for [CLS] and [SEP], as in the example",
            hint="Another vocabulary has other marks. Which arguments name them?",
            edits={A: "a, b = [1, *documents[d][i], 2], [*second, 2]"},
        ),
        Misconception(
            id="segments-one-and-two",
            name="the segments are numbered 1 and 2",
            hint="The table of the segments has two rows. Which numbers have they?",
            edits={SEGMENTS: "[1] * len(a) + [2] * len(b)"},
        ),
        Misconception(
            id="one-long-list",
            name="the words of all pairs stand in one long list",
            hint="`extend` adds each word by itself. Which method adds a list as one entry?",
            edits={'pairs["input_ids"].append(a + b)': 'pairs["input_ids"].extend(a + b)'},
        ),
        Misconception(
            id="documents-changed",
            name="[SEP] is appended to the sentence of the documents themselves",
            hint="The same sentence begins the next pair. Does `append` make a new list?",
            edits={A: "second.append(sep_id)\n        a, b = [cls_id, *documents[d][i], sep_id], second"},
        ),
        Misconception(
            id="found-by-what-it-says",
            name="a sentence is found again by its words, so that of two equal ones the first is taken",
            hint="`index` gives the first place where something equal stands. Do you know the place already?",
            edits={"second = documents[d][i + 1]": "second = documents[d][documents[d].index(documents[d][i]) + 1]"},
        ),
        Misconception(
            id="document-found-by-what-it-says",
            name="a document is found again by its words, so that of two equal ones the first is taken",
            hint="`index` gives the first place where something equal stands. Do you know the document's number already?",
            edits={OTHER: OTHER.replace("(d + 1", "(documents.index(documents[d]) + 1")},
        ),
        Misconception(
            id="itself",
            name="the next sentence is the first one once more",
            hint="Which sentence follows sentence i?",
            edits={"second = documents[d][i + 1]": "second = documents[d][i]"},
        ),
        Misconception(
            id="across-documents",
            name="a document's last sentence is paired with the next document's first",
            hint="Does a story go on in the next one? How many pairs does a document of n sentences give?",
            edits={
                FIRSTS: (
                    "firsts = [(d, i) for d, document in enumerate(documents) for i in range(len(document))][:-1]"
                ),
                "second = documents[d][i + 1]": "second = (documents[d] + documents[(d + 1) % len(documents)])[i + 1]",
                "uniforms.tolist(), strict=True": "uniforms.tolist() * 3, strict=False",
            },
        ),
        Misconception(
            id="own-document-drawn",
            name="a sentence's own document may be drawn, too",
            hint="From elsewhere means from another document. How many others are there, and at which does the docstring "
            "begin to count?",
            edits={
                "d + 1 + int(where * (len(documents) - 1))": "d + int(where * len(documents))",
            },
        ),
        Misconception(
            id="rounded-within-range",
            name="the numbers are rounded to the nearest, and kept in range",
            hint="⌊ ⌋ cuts off. With three sentences, which share of the numbers should give the last one, and which does "
            "in yours?",
            edits={
                "int(where * (len(documents) - 1))": "min(round(where * (len(documents) - 1)), len(documents) - 2)",
                "int(which * len(other))": "min(round(which * len(other)), len(other) - 1)",
            },
        ),
        Misconception(
            id="found-by-what-they-say",
            name="a document and a sentence are found again by what they say, not by where they stand",
            hint="`list.index` finds the first that is equal, and two sentences may say the same. How do you know where "
            "you are without looking for it?",
            edits={
                "second = documents[d][i + 1]": (
                    "d = documents.index(documents[d])\n        i = documents[d].index(documents[d][i])\n        second = documents[d][i + 1]"
                ),
            },
        ),
    ),
)
