"""`ngram_model`: A language model made of counts: `model(context)` gives the probability of every next id."""

from collections import Counter, defaultdict

import torch

from autograder.exercise import Exercise, Misconception


def ngram_model_inputs(rng):
    """Seven words, five of which occur; the text ends on its own beginning, so a context may end the text.

    A table with an axis for each of five words among 1009 would not fit into any memory.
    """

    def case(n, alpha, unseen=(), vocabulary=7):
        ids = rng.choice(5, size=47, p=[0.35, 0.25, 0.2, 0.12, 0.08]).tolist()
        ids += ids[: n - 1]
        followed = sorted({tuple(ids[i : i + n - 1]) for i in range(len(ids) - n + 1)})
        first = [tuple(ids[: n - 1])]
        chosen = first + [context for context in followed if context not in first][:5] + list(unseen)
        contexts = [list(context) for context in chosen + first]  # the first is asked again at the end
        return {"ids": ids, "n": n, "vocabulary": vocabulary, "alpha": alpha, "contexts": contexts}

    return {
        "n = 1": [case(1, 0.0), case(1, 0.5)],
        "counting": [case(2, 0.0), case(3, 0.0), case(5, 0.0, vocabulary=1009)],
        "smoothing": [case(2, 0.25, unseen=[(6,)]), case(3, 0.5, unseen=[(5, 0), (2, 6)])],
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


NGRAM_MODEL = Exercise(
    solves="unrolled.ngram.ngram_model",
    groups={"n = 1": 1, "counting": 2, "smoothing": 1},
    inputs=ngram_model_inputs,
    probe=probe_ngram_model,
    accepts=(ngram_model_with_counter, ngram_model_of_continuations, ngram_model_divided_beforehand),
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
    ),
)  # fmt: skip
