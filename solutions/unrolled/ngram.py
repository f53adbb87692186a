"""N-gram language models: how likely is the next word, judged by the few words before it? And how good is such a model?

Paper: Shannon, "A Mathematical Theory of Communication" (1948), section 3; Jurafsky and Martin, *Speech and Language
Processing*, 3rd edition, chapter 3.

Names: ours ↔ theirs — context ↔ w_{i−n+1:i−1}, the words before; `alpha` ↔ k of add-k smoothing, `vocabulary` ↔ V.

Left out: backing off to shorter contexts, interpolation, Kneser–Ney smoothing.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked


def ngram_model(
    ids: Sequence[int], n: int, vocabulary: int, alpha: float | int
) -> Callable[[tuple[int, ...]], Tensor]:
    """A language model made of counts: `model(context)` gives the probability of every next id.

    The context is a tuple of the n − 1 ids before; for n = 1 it is empty. In the text `ids` count
    how often each id follows this context, add `alpha` to the count of *every* id of the
    vocabulary (0 … vocabulary − 1), seen or not, and divide by the sum. The result has the shape
    `(vocabulary,)`. A context that never occurs thus gives equal probabilities; with `alpha` = 0
    nobody asks for one. The text, which may be shorter than n, is read once, before the model is
    asked; only contexts that occur take memory, so n may be large.

    Source: Shannon (1948), section 3; add-k smoothing as in Jurafsky and Martin, chapter 3.

    >>> the, dog, cat, slept = range(4)
    >>> text = [the, dog, slept, the, dog, the, cat, slept]
    >>> model = ngram_model(text, n=2, vocabulary=4, alpha=0.5)
    >>> model((the,))  # dog twice and cat once: 2.5, 1.5 and twice 0.5, divided by 5
    tensor([0.1000, 0.5000, 0.3000, 0.1000])
    """
    counts: dict[tuple[int, ...], Tensor] = {}
    for start in range(len(ids) - n + 1):
        *context, word = ids[start : start + n]
        counts.setdefault(tuple(context), torch.zeros(vocabulary))[word] += 1

    def model(context: tuple[int, ...]) -> Tensor:
        smoothed = counts.get(context, torch.zeros(vocabulary)) + alpha
        return smoothed / smoothed.sum()

    return model


def perplexity(log_probabilities: list[Float[Tensor, " _"]]) -> Float[Tensor, ""]:
    """exp of the mean of −log p over all words: as unsure as among so many equally likely words.

    One tensor for each text: the logarithms (in nats) of the probabilities that a model gave to
    the words that really came. Every word counts once, whichever text it stands in. A text may be
    empty or long, and a word certain; there is at least one word in all.

    Source: Jurafsky and Martin, chapter 3, on perplexity.

    >>> dice = torch.full((3,), 1 / 6).log()  # three throws, each with probability 1/6
    >>> print(f"{perplexity([dice]):.2f}")
    6.00
    >>> print(f"{perplexity([dice, torch.zeros(3)]):.2f}")  # and three words that were certain: √6
    2.45
    """
    return torch.exp(-torch.cat(log_probabilities).mean())


checked(globals())
