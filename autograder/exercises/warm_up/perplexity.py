"""`perplexity`: exp of the mean of −log p over all words: as unsure as among so many equally likely words."""

import numpy as np
import torch

from autograder.exercise import Exercise, Misconception


def perplexity_inputs(rng):
    """Log-probabilities of 7 words, and of texts of 3, 11 and 5 words that differ in difficulty."""

    def text(words, ease):
        return torch.from_numpy(np.log(rng.beta(ease, 3.0, size=words).clip(0.02, 0.98))).float()

    return {
        "one text": [{"log_probabilities": [text(7, 2.0)]}],
        "several texts": [{"log_probabilities": [text(3, 9.0), text(11, 1.0), text(5, 3.0)]}],
    }


def perplexity_by_sums(log_probabilities):
    total = sum(text.sum() for text in log_probabilities)
    return torch.exp(-total / sum(len(text) for text in log_probabilities))


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


PERPLEXITY = Exercise(
    solves="unrolled.ngram.perplexity",
    groups={"one text": 1, "several texts": 1},
    inputs=perplexity_inputs,
    accepts=(perplexity_by_sums, perplexity_as_geometric_mean, perplexity_in_bits),
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
    ),
)  # fmt: skip
