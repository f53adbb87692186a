"""`perplexity`: exp of the mean of −log p over all words: as unsure as among so many equally likely words."""

import numpy as np
import torch

from autograder.exercise import Exercise, Misconception


def perplexity_inputs(rng):
    """Log-probabilities of 7 words or one, and of texts of 3, 11 and 5 words that differ in difficulty.

    Some words are certain, one text is empty, and one so long that the product of its probabilities is 0 in a computer.
    """

    def text(words, ease):
        return torch.from_numpy(np.log(rng.beta(ease, 3.0, size=words).clip(0.02, 0.98))).float()

    return {
        "one text": [{"log_probabilities": [text(words, 2.0)]} for words in (7, 1, 2003)],
        "several texts": [
            {"log_probabilities": [text(3, 9.0), text(11, 1.0), text(5, 3.0)]},
            {"log_probabilities": [text(2, 3.0), torch.zeros(3), torch.zeros(0), text(7, 1.0)]},
        ],
    }


def perplexity_by_sums(log_probabilities):
    total = sum(text.sum() for text in log_probabilities)
    return torch.exp(-total / sum(len(text) for text in log_probabilities))


def perplexity_word_by_word(log_probabilities):
    mean, words = torch.tensor(0.0, dtype=torch.float64), 0
    for text in log_probabilities:
        for log_p in text:
            words += 1
            mean += (log_p - mean) / words
    return (-mean).exp().float()


def perplexity_as_geometric_mean(log_probabilities):
    probability, words = torch.tensor(1.0, dtype=torch.float64), 0
    for text in log_probabilities:
        for log_p in text:
            probability *= log_p.double().exp()
            words += 1
    return (probability ** (-1 / words)).float()


def perplexity_in_bits(log_probabilities):
    every = torch.hstack(tuple(log_probabilities)) / np.log(2)
    return 2 ** (-every.mean())


def perplexity_of_uncertain_words(log_probabilities):
    every = torch.cat(log_probabilities)
    return torch.exp(-every[every != 0].mean())


def perplexity_padded(log_probabilities):
    return torch.exp(-torch.nn.utils.rnn.pad_sequence(log_probabilities).mean())


def perplexity_of_each_text(log_probabilities):
    return torch.stack([torch.exp(-text.mean()) for text in log_probabilities])


PERPLEXITY = Exercise(
    solves="unrolled.ngram.perplexity",
    groups={"one text": 0.5, "several texts": 0.5},
    inputs=perplexity_inputs,
    accepts=(perplexity_by_sums, perplexity_word_by_word, perplexity_in_bits),
    misconceptions=(
        Misconception(
            id="mean-of-perplexities",
            name="the perplexities of the texts are averaged",
            hint="A text of 3 words then counts as much as one of 11, and a single hard text decides all. Over what "
            "should the mean be taken?",
            edits={
                "torch.exp(-torch.cat(log_probabilities).mean())": (
                    "torch.stack([torch.exp(-text.mean()) for text in log_probabilities]).mean()"
                )
            },
        ),
        Misconception(
            id="mean-of-means",
            name="each text is averaged first, and then the averages",
            hint="A word of a short text then weighs more than one of a long text. By what should the sum over all "
            "words be divided?",
            edits={
                "torch.cat(log_probabilities).mean()": (
                    "torch.stack([text.mean() for text in log_probabilities]).mean()"
                )
            },
        ),
        Misconception(
            id="no-exponential",
            name="the exponential is missing: this is the cross-entropy",
            hint="How unsure is a model whose cross-entropy is log 6: how many faces has its dice?",
            edits={"torch.exp(": "("},
        ),
        Misconception(
            id="sign",
            name="the sign is the wrong way round",
            hint="A dice with six faces should give 6, not 1/6. Where is the minus?",
            edits={"torch.exp(-": "torch.exp("},
        ),
        Misconception(
            id="two-to-the-nats",
            name="2 is raised to a power that is in nats",
            hint="2 to the power of the cross-entropy is right in bits. Ours is in nats: which base undoes log?",
            edits={"torch.exp(": "torch.exp2("},
        ),
        Misconception(
            id="sum",
            name="the logarithms are added up instead of averaged",
            hint="Should a text twice as long be more perplexing? Each word should count, but by what is it divided?",
            edits={".mean()": ".sum()"},
        ),
        Misconception(
            id="mean-of-probabilities",
            name="the probabilities are averaged instead of their logarithms",
            hint="A single word with probability 0 should ruin a model. Does it ruin your mean?",
            edits={"torch.exp(-torch.cat(log_probabilities).mean())": (
                "1 / torch.cat(log_probabilities).exp().mean()"
            )},
        ),
        Misconception(
            id="mean-of-inverses",
            name="the values 1/p are averaged",
            hint="That is an arithmetic mean; perplexity is a geometric one. What comes first, the mean or the exp?",
            edits={"torch.exp(-torch.cat(log_probabilities).mean())": (
                "torch.exp(-torch.cat(log_probabilities)).mean()"
            )},
        ),
        Misconception(
            id="logarithm-twice",
            name="the logarithm is taken of what is a logarithm already",
            hint="The argument is called log_probabilities. Can you take the logarithm of a negative number?",
            edits={"cat(log_probabilities)": "cat(log_probabilities).log()"},
        ),
        Misconception(
            id="stacked",
            name="texts of different lengths are stacked",
            hint="torch.stack lays tensors side by side, and all must be equally long. What joins them end to end?",
            edits={"torch.cat(": "torch.stack("},
        ),
        Misconception(
            id="first-text-only",
            name="only the first text is looked at",
            hint="The argument is a list of texts, even if it holds just one. What happens to the others?",
            edits={"cat(log_probabilities)": "cat(log_probabilities[:1])"},
        ),
        Misconception(
            id="product-underflows",
            name="the probabilities are multiplied first, and the root is taken afterwards",
            hint="On paper that is the same. But 2,000 factors below 1: what number does a computer make of their "
            "product? What do logarithms turn a product into?",
            answer=perplexity_as_geometric_mean,
        ),
        Misconception(
            id="certain-words-left-out",
            name="words with probability 1 are left out",
            hint="log 1 is 0, and a word that was certain is a word: it makes the text easier. What does your code "
            "take the zeros for?",
            answer=perplexity_of_uncertain_words,
        ),
        Misconception(
            id="minus-outside",
            name="the minus stands outside the exponential",
            hint="A die with six faces should give 6, not −1/6. Of what is the negative to be taken: of the mean or "
            "of its exponential?",
            edits={
                "torch.exp(-torch": (
                    "-torch.exp(torch"
                ),
            },
        ),
        Misconception(
            id="divided-by-texts",
            name="the sum is divided by the number of texts instead of the number of words",
            hint="Should a text twice as long be more perplexing? How many terms does the sum have?",
            edits={
                ".mean()": (
                    ".sum() / len(log_probabilities)"
                ),
            },
        ),
        Misconception(
            id="last-text-only",
            name="only the last text is looked at",
            hint="In a loop over texts, is the total set anew each time, or added to?",
            edits={
                "cat(log_probabilities)": (
                    "cat(log_probabilities[-1:])"
                ),
            },
        ),
        Misconception(
            id="one-word-fewer",
            name="the sum is divided by the number of words minus one",
            hint="That is for a variance. How many words were there?",
            edits={
                ".mean()": (
                    ".sum() / (sum(map(len, log_probabilities)) - 1)"
                ),
            },
        ),
        Misconception(
            id="padded",
            name="the texts are padded with zeros to one length, and the padding is averaged in",
            hint="A log-probability of 0 means: certain. By how many words should the sum be divided?",
            answer=perplexity_padded,
        ),
        Misconception(
            id="entropy",
            name="each logarithm is weighted by its probability, as in an entropy",
            hint="An entropy weighs with the probabilities of all words that might come. Here the words have come: "
            "what is the weight of each?",
            edits={
                "torch.exp(-torch.cat(log_probabilities).mean())": (
                    "torch.exp(-(torch.cat(log_probabilities) * torch.cat(log_probabilities).exp()).mean())"
                ),
            },
        ),
        Misconception(
            id="one-for-each-text",
            name="there is one perplexity for each text",
            hint="One number for all words together: over what should the mean be taken?",
            answer=perplexity_of_each_text,
        ),
        Misconception(
            id="axis-left",
            name="the result has an axis of length 1",
            hint="A perplexity is one number: its shape should be (). Over how many axes does your mean go?",
            edits={
                ".mean()": (
                    ".mean(dim=0, keepdim=True)"
                ),
            },
        ),
        Misconception(
            id="mean-of-a-list",
            name="a list is asked for its mean",
            hint="The argument is a Python list of tensors, and only a tensor has a mean. What joins the texts end to "
            "end?",
            edits={
                "torch.cat(log_probabilities).mean()": (
                    "log_probabilities.mean()"
                ),
            },
        ),
        Misconception(
            id="total-overwritten",
            name="the sum holds only the last text, and is divided by the words of all",
            hint="In a loop over texts, is the total set anew each time, or added to?",
            edits={
                "torch.cat(log_probabilities).mean()": (
                    "log_probabilities[-1].sum() / sum(map(len, log_probabilities))"
                ),
            },
        ),
        Misconception(
            id="mean-of-perplexities-with-words",
            name="the perplexities of all texts but the empty ones are averaged",
            hint="A text of 3 words then counts as much as one of 11, and a single hard text decides all. Over what "
            "should the mean be taken?",
            edits={
                "torch.exp(-torch.cat(log_probabilities).mean())": (
                    "torch.stack([torch.exp(-text.mean()) for text in log_probabilities if len(text)]).mean()"
                ),
            },
        ),
        Misconception(
            id="first-words-left-out",
            name="the first word of every text is left out",
            hint="Each number in the list belongs to a word that really came. Was the first one not predicted, too?",
            edits={
                "cat(log_probabilities)": "cat([text[1:] for text in log_probabilities])",
            },
        ),
        Misconception(
            id="entropy-summed",
            name="p·log p is added up, as in an entropy",
            hint="An entropy weighs with the probabilities of all words that might come, and these add up to 1. Here the "
            "words have come: what is the weight of each?",
            edits={
                "torch.exp(-torch.cat(log_probabilities).mean())": (
                    "torch.exp(-(torch.cat(log_probabilities) * torch.cat(log_probabilities).exp()).sum())"
                ),
            },
        ),
        Misconception(
            id="longest-text-only",
            name="only the longest text is looked at",
            hint="Every word counts once, whichever text it stands in. What joins the texts end to end?",
            edits={
                "torch.cat(log_probabilities)": "max(log_probabilities, key=len)",
            },
        ),
        Misconception(
            id="ends-counted",
            name="the sum is divided by one word more for every text",
            hint=(
                "An end of text is a word only if it has a probability of its own. How many "
                "log-probabilities did you add up?"
            ),
            edits={
                "torch.cat(log_probabilities).mean()": "torch.cat(log_probabilities).sum() / sum(len(text) + 1 for text in log_probabilities)",
            },
        ),
        Misconception(
            id="mean-of-means-with-words",
            name="each text that has words is averaged first, and then the averages",
            hint=(
                "A word of a short text then weighs more than one of a long text. By what should the sum "
                "over all words be divided?"
            ),
            edits={
                "torch.cat(log_probabilities).mean()": "torch.stack([text.mean() for text in log_probabilities if len(text)]).mean()",
            },
        ),
    ),
)  # fmt: skip
