"""`ngram_model`: A language model made of counts: `model(context)` gives the probability of every next id."""

from collections import Counter, defaultdict

import torch

from autograder.exercise import Exercise, Misconception
from unrolled.ngram import ngram_model


def ngram_model_inputs(rng):
    """Seven words, five of which occur; the text ends on its own beginning, so a context may end the text.

    A table with an axis for each of five words among 1009 would not fit into any memory. With smoothing a text may also
    be shorter than n, or empty: then no context ever occurred.
    """

    def case(n, alpha, unseen=(), vocabulary=7):
        ids = rng.choice(5, size=47, p=[0.35, 0.25, 0.2, 0.12, 0.08]).tolist()
        ids += ids[: n - 1]
        followed = sorted({tuple(ids[i : i + n - 1]) for i in range(len(ids) - n + 1)})
        first = [tuple(ids[: n - 1])]
        chosen = first + [context for context in followed if context not in first][:5] + list(unseen)
        contexts = [list(context) for context in chosen + first]  # the first is asked again at the end
        return {"ids": ids, "n": n, "vocabulary": vocabulary, "alpha": alpha, "contexts": contexts}

    def short(ids, n, *contexts):
        return {"ids": ids, "n": n, "vocabulary": 5, "alpha": 0.5, "contexts": [*map(list, contexts)]}

    return {
        "n = 1": [case(1, 0.0), case(1, 0.5)],
        "counting": [case(2, 0.0), case(3, 0.0), case(5, 0.0, vocabulary=1009)],
        "smoothing": [
            case(2, 0.25, unseen=[(6,)]),
            case(3, 0.5, unseen=[(5, 0), (2, 6)]),
            short([], 2, (3,)),
            short([4, 1], 3, (4, 1), (1, 4)),
            short([], 1, ()),
        ],
    }


def probe_ngram_model(answer, inputs):
    """Count, then ask for the probabilities after each context; the first context is asked twice.

    The text changes between counting and asking, so that a model which reads it anew each time is found out.
    """
    import copy

    from autograder.probes import modified

    arguments = copy.deepcopy(inputs)
    contexts = arguments.pop("contexts")
    model = answer(**arguments)
    changed = modified(inputs, {**arguments, "contexts": contexts})
    arguments["ids"].reverse()
    result = {}
    for context in contexts:
        name = f"after {' '.join(map(str, context)) or 'nothing'}"
        result[name + ", asked again" if name in result else name] = model(tuple(context))
    return {"result": result, "modified": changed}


def ngram_model_with_counter(ids, n, vocabulary, alpha):
    grams = Counter(zip(*(ids[k:] for k in range(n)), strict=False))

    def model(context):
        counts = [grams[(*context, word)] + alpha for word in range(vocabulary)]
        total = sum(counts)
        return torch.tensor([count / total for count in counts])

    return model


def ngram_model_of_continuations(ids, n, vocabulary, alpha):
    continuations = defaultdict(list)
    for i in range(n - 1, len(ids)):
        continuations[tuple(ids[i - n + 1 : i])].append(ids[i])

    def model(context):
        row = torch.bincount(torch.tensor(continuations[context], dtype=torch.long), minlength=vocabulary)
        return (row + alpha) / (len(continuations[context]) + alpha * vocabulary)

    return model


def ngram_model_divided_beforehand(ids, n, vocabulary, alpha):
    """Every row is divided once, before anybody asks."""
    table, even = {}, torch.full((vocabulary,), 1 / vocabulary)
    for i in range(len(ids) - n + 1):
        key = tuple(ids[i : i + n - 1])
        table.setdefault(key, torch.full((vocabulary,), float(alpha)))[ids[i + n - 1]] += 1
    table = {key: row / torch.sum(row) for key, row in table.items()}
    return lambda context: table.get(context, even)


def ngram_model_that_reads_again(ids, n, vocabulary, alpha):
    def model(context):
        row = torch.full((vocabulary,), float(alpha))
        for i in range(n - 1, len(ids)):
            if tuple(ids[i - n + 1 : i]) == tuple(context):
                row[ids[i]] += 1
        return row / row.sum()

    return model


def ngram_model_with_an_axis_for_each_word(ids, n, vocabulary, alpha):
    table = torch.full((vocabulary,) * n, float(alpha))
    for i in range(len(ids) - n + 1):
        table[tuple(ids[i : i + n])] += 1
    return lambda context: table[context] / table[context].sum()


def ngram_model_that_backs_off(ids, n, vocabulary, alpha):
    seen, plain = ngram_model(ids, n, vocabulary, alpha), ngram_model(ids, 1, vocabulary, alpha)
    contexts = {tuple(ids[i : i + n - 1]) for i in range(len(ids) - n + 1)}
    return lambda context: seen(context) if context in contexts else plain(())


def ngram_model_of_two_words(ids, n, vocabulary, alpha):
    return ngram_model(ids, 2, vocabulary, alpha)


def ngram_model_with_one_row(ids, n, vocabulary, alpha):
    counts = dict.fromkeys([tuple(ids[i : i + n - 1]) for i in range(len(ids) - n + 1)], torch.zeros(vocabulary))
    for i in range(len(ids) - n + 1):
        counts[tuple(ids[i : i + n - 1])][ids[i + n - 1]] += 1

    def model(context):
        row = counts.get(context, torch.zeros(vocabulary)) + alpha
        return row / row.sum()

    return model


def ngram_model_keyed_by_number(ids, n, vocabulary, alpha):
    counts = defaultdict(lambda: torch.zeros(vocabulary))
    for i in range(n - 1, len(ids)):
        counts[ids[i - 1] if n == 2 else tuple(ids[i - n + 1 : i])][ids[i]] += 1

    def model(context):
        row = counts[context] + alpha
        return row / row.sum()

    return model


def ngram_model_with_slices_from_the_end(ids, n, vocabulary, alpha):
    counts = defaultdict(lambda: torch.zeros(vocabulary))
    for i in range(n - 1, len(ids)):
        counts[tuple(ids[:i][-(n - 1) :])][ids[i]] += 1

    def model(context):
        row = counts[tuple(context)] + alpha
        return row / row.sum()

    return model


NGRAM_MODEL = Exercise(
    solves="unrolled.ngram.ngram_model",
    groups={"n = 1": 1, "counting": 2, "smoothing": 1},
    inputs=ngram_model_inputs,
    probe=probe_ngram_model,
    accepts=(ngram_model_with_counter, ngram_model_of_continuations, ngram_model_divided_beforehand),
    free=frozenset(["dtype"]),
    misconceptions=(
        Misconception(
            id="no-smoothing",
            name="alpha is left out",
            hint="What is 0/0, for a context that never occurred? What does alpha add, and to which counts?",
            edits={" + alpha": ""},
        ),
        Misconception(
            id="alpha-on-top-only",
            name="alpha is added to the counts, but not in the sum they are divided by",
            hint="Add up the probabilities after one context. How often was alpha added on top, and how often below?",
            edits={"smoothed / smoothed.sum()": "smoothed / (smoothed - alpha).sum()"},
        ),
        Misconception(
            id="alpha-once-below",
            name="alpha is added only once in the sum that the counts are divided by",
            hint="Add up the probabilities after one context: is it 1? How many ids get an alpha on top?",
            edits={"smoothed / smoothed.sum()": "smoothed / ((smoothed - alpha).sum() + alpha)"},
        ),
        Misconception(
            id="alpha-for-seen-only",
            name="alpha is added only to words that were seen after this context",
            hint="Smoothing is there for what was not seen. What is the probability of a word with count 0 in yours?",
            edits={
                "counts.get(context, torch.zeros(vocabulary)) + alpha": (
                    "counts.get(context, torch.zeros(vocabulary)); smoothed = smoothed + alpha * (smoothed > 0)"
                )
            },
        ),
        Misconception(
            id="alpha-for-words-of-the-text",
            name="the vocabulary is taken to be the words that occur in the text",
            hint="`vocabulary` says how many ids there are; some may never occur in `ids`. Do they get an alpha too?",
            edits={
                "counts.get(context, torch.zeros(vocabulary)) + alpha": (
                    "counts.get(context, torch.zeros(vocabulary)) + alpha * torch.tensor("
                    "[float(word in ids) for word in range(vocabulary)])"
                )
            },
        ),
        Misconception(
            id="joint",
            name="the counts are divided by the length of the text, not by those of this context",
            hint="That is how likely the whole n-gram is. How likely is the word once the context has been seen?",
            edits={"smoothed / smoothed.sum()": "smoothed / (len(ids) - n + 1 + alpha * vocabulary)"},
        ),
        Misconception(
            id="not-normalised",
            name="the counts are returned as they are",
            hint="Add up what your model gives after one context. What should it be?",
            edits={"return smoothed / smoothed.sum()": "return smoothed"},
        ),
        Misconception(
            id="last-one-lost",
            name="the last n-gram of the text is not counted",
            hint="A text of 3 words has 2 pairs. How many n-grams has a text of length L, and how many does your loop "
            "see?",
            edits={"len(ids) - n + 1": "len(ids) - n"},
        ),
        Misconception(
            id="no-overlap",
            name="the windows do not overlap",
            hint="In “the dog slept” both “the dog” and “dog slept” are pairs. By how much does your window move?",
            edits={"range(len(ids) - n + 1)": "range(0, len(ids) - n + 1, n)"},
        ),
        Misconception(
            id="context-too-long",
            name="the context has n words instead of n − 1",
            hint="For n = 2 a pair is one word before and one word to predict. How many words before are there for n?",
            edits={"ids[start : start + n]": "ids[start : start + n + 1]", "len(ids) - n + 1": "len(ids) - n"},
        ),
        Misconception(
            id="context-reversed",
            name="the words of the context are in reverse order",
            hint="For the context (the, dog), which word came first in the text? With n = 2 one cannot see it.",
            edits={"counts.setdefault(tuple(context)": "counts.setdefault(tuple(context[::-1])"},
        ),
        Misconception(
            id="context-without-order",
            name="the order of the words in the context is ignored",
            hint="Are (the, dog) and (dog, the) followed by the same words? Does your key keep the order?",
            edits={
                "counts.setdefault(tuple(context)": "counts.setdefault(tuple(sorted(context))",
                "counts.get(context": "counts.get(tuple(sorted(context))",
            },
        ),
        Misconception(
            id="predicts-the-word-before",
            name="the word before is counted, not the one after",
            hint="Of the n words in a window, which one is to be predicted: the first or the last?",
            edits={"*context, word": "word, *context"},
        ),
        Misconception(
            id="end-of-text-counted",
            name="a context at the very end of the text is counted, though nothing follows it",
            hint="Add up the probabilities after the last words of the text. By how many continuations should the "
            "counts be divided?",
            edits={
                "counts: dict[tuple[int, ...], Tensor] = {}": "counts, end = {}, tuple(ids[len(ids) - n + 1 :])",
                "smoothed / smoothed.sum()": "smoothed / (smoothed.sum() + (end == tuple(context)))",
            },
        ),
        Misconception(
            id="unseen-context-missing",
            name="a context that never occurred is looked up and not found",
            hint="Your counts have no row for it. How many times did each word follow it, then? And what does alpha "
            "make of that?",
            edits={"counts.get(context, torch.zeros(vocabulary))": "counts[context]"},
        ),
        Misconception(
            id="list-as-key",
            name="a list is used as a key of a dictionary",
            hint="A key must not change, and a list can. Which Python type is like a list that cannot?",
            edits={"counts.setdefault(tuple(context)": "counts.setdefault(context"},
        ),
        Misconception(
            id="returns-the-counts",
            name="the dictionary of counts is returned, instead of a function that answers",
            hint="The caller writes model(context), with round brackets. What must ngram_model return for that?",
            edits={"return model": "return counts"},
        ),
        Misconception(
            id="reads-the-text-again",
            name="the text is read anew every time the model is asked",
            hint="The chapter asks 12,000 times about a text of 125,000 words (and here the text changed in between). "
            "When should the counting happen, before or after `def model`?",
            answer=ngram_model_that_reads_again,
        ),
        Misconception(
            id="table-of-everything",
            name="a table has an axis for each word of the n-gram",
            hint="1,009 words and n = 5 make a table of 10¹⁵ entries, nearly all zero. Which Python type holds only "
            "what occurs?",
            answer=ngram_model_with_an_axis_for_each_word,
        ),
        Misconception(
            id="counts-change-when-asked",
            name="the counts change every time the model is asked",
            hint="`+=` on a tensor writes into it, and alpha is added again each time. How do you add without writing?",
            edits={"counts.get(context, torch.zeros(vocabulary)) + alpha": (
                "counts.setdefault(tuple(context), torch.zeros(vocabulary)); smoothed += alpha"
            )},
        ),
        Misconception(
            id="first-ngram-missing",
            name="the first n-gram of the text is not counted",
            hint="The first word that has n − 1 words before it stands at place n − 1. Where does your loop begin?",
            edits={
                "range(len(ids)": (
                    "range(1, len(ids)"
                ),
            },
        ),
        Misconception(
            id="always-one",
            name="1 is added to every count, whatever alpha is",
            hint="Adding 1 is Laplace's smoothing, the case alpha = 1. Where does your code use `alpha`?",
            edits={
                "+ alpha": (
                    "+ 1"
                ),
            },
        ),
        Misconception(
            id="alpha-for-unseen-only",
            name="alpha is added only to words that were not seen after this context",
            hint="Every word is counted alpha times in advance. Which words are left out in yours?",
            edits={
                "counts.get(context, torch.zeros(vocabulary)) + alpha": (
                    "counts.get(context, torch.zeros(vocabulary)); smoothed = smoothed + alpha * (smoothed == 0)"
                ),
            },
        ),
        Misconception(
            id="nothing-after-unseen",
            name="after a context that never occurred all probabilities are 0",
            hint="Probabilities add up to 1, whatever was seen. If every count is only alpha, what comes out after "
            "dividing?",
            edits={
                "smoothed / smoothed.sum()": (
                    "smoothed / smoothed.sum() if context in counts else torch.zeros(vocabulary)"
                ),
            },
        ),
        Misconception(
            id="backs-off",
            name="after a context that never occurred the plain frequencies of the words come out",
            hint="Backing off to shorter contexts is a better model (Katz, 1987), but another one. What does the "
            "formula give where every count is 0?",
            answer=ngram_model_that_backs_off,
        ),
        Misconception(
            id="always-two",
            name="the context is always one word, whatever n is",
            hint="For n = 1 nothing is known, for n = 3 two words are. Where does your code use `n`?",
            answer=ngram_model_of_two_words,
        ),
        Misconception(
            id="seen-or-not",
            name="it is only remembered whether a word followed, not how often",
            hint="A word that followed nine times should be likelier than one that followed once. Do you set the "
            "count, or add to it?",
            edits={
                "[word] += 1": (
                    "[word] = 1"
                ),
            },
        ),
        Misconception(
            id="one-row-for-all",
            name="all contexts share one row of counts",
            hint="dict.fromkeys and a default that is made once give every key the *same* tensor. When should a new "
            "row be made?",
            answer=ngram_model_with_one_row,
        ),
        Misconception(
            id="softmax-of-the-counts",
            name="a softmax is taken of the counts",
            hint="Is a word that followed 10 times e⁵ times as likely as one that followed 5 times? What does the "
            "formula do to make the counts add up to 1?",
            edits={
                "smoothed / smoothed.sum()": (
                    "torch.softmax(smoothed, dim=0)"
                ),
            },
        ),
        Misconception(
            id="only-words-of-the-text",
            name="there is an entry only for each different word of the text",
            hint="`vocabulary` says how many ids there are, and some may not occur in the text. How long should the "
            "result be?",
            edits={
                "counts: dict[tuple[int, ...], Tensor] = {}": (
                    "counts: dict[tuple[int, ...], Tensor] = {}; vocabulary = len(set(ids))"
                ),
            },
        ),
        Misconception(
            id="ring",
            name="the text is taken for a ring, whose end leads on to its beginning",
            hint="What follows the last word of the text? Does your index wrap around, with % or with negative "
            "numbers?",
            edits={
                "counts: dict[tuple[int, ...], Tensor] = {}": (
                    "counts: dict[tuple[int, ...], Tensor] = {}; ids = [*ids, *ids[: n - 1]]"
                ),
            },
        ),
        Misconception(
            id="zeros-in-front",
            name="the text is padded with zeros in front",
            hint="Id 0 is a word like any other. Is there a word before the first one?",
            edits={
                "counts: dict[tuple[int, ...], Tensor] = {}": (
                    "counts: dict[tuple[int, ...], Tensor] = {}; ids = [0] * (n - 1) + list(ids)"
                ),
            },
        ),
        Misconception(
            id="number-as-key",
            name="for n = 2 the key is a number, while the context that is asked for is a tuple",
            hint="The model is asked with (17,), not with 17. Are the two the same key?",
            answer=ngram_model_keyed_by_number,
        ),
        Misconception(
            id="slice-from-the-end",
            name="the context is cut with ids[-(n − 1):], which for n = 1 is everything",
            hint="What is −0? Which words does a slice that begins at −0 hold?",
            answer=ngram_model_with_slices_from_the_end,
        ),
        Misconception(
            id="smoothing-for-unseen-contexts-only",
            name="alpha plays no part where the context occurred, and a context that never did gets equal "
            "probabilities",
            hint="A word that never followed this context still has probability 0 in yours. To which counts should "
            "alpha be added?",
            edits={
                "counts.get(context, torch.zeros(vocabulary)) + alpha": (
                    "counts.get(context, torch.ones(vocabulary))"
                ),
            },
        ),
        Misconception(
            id="alpha-for-seen-words-or-all",
            name="after a context that occurred, alpha is added only to the words seen there",
            hint="Smoothing is there for what was not seen. What is the probability of a word with count 0 in yours?",
            edits={
                "counts.get(context, torch.zeros(vocabulary)) + alpha": (
                    "counts.get(context, torch.ones(vocabulary)); smoothed = smoothed + alpha * (smoothed > 0)"
                ),
            },
        ),
        Misconception(
            id="alpha-below-for-seen-words",
            name="alpha is added to every count, but below only as often as words were seen after this context",
            hint=(
                "Add up all the probabilities that your model gives: is the sum 1? How many counts has "
                "alpha been added to?"
            ),
            edits={
                "smoothed / smoothed.sum()": "smoothed / (smoothed.sum() - alpha * (counts.get(context, torch.ones(vocabulary)) == 0).sum())",
            },
        ),
    ),
)  # fmt: skip
