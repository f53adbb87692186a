"""From probabilities to text: how the next word is chosen, one word at a time.

Papers: Fan, Lewis and Dauphin, "Hierarchical Neural Story Generation" (2018), section 5 (top-k); Holtzman et al., "The
Curious Case of Neural Text Degeneration" (2020), section 3.1 (nucleus); Keskar et al., "CTRL" (2019), section 4.1
(repetition penalty); Paulus, Xiong and Socher, "A Deep Reinforced Model for Abstractive Summarization" (2018), section
2.5 (no trigram twice).

Names: ours ↔ theirs — `logits` ↔ x or u, `temperature` ↔ T or t, `ids` ↔ g, the list of generated tokens.

A model is a function `step(ids, state) -> (logits, state)`: it reads the `(rows, new)` ids, after those that `state`
remembers (None: none yet), and gives the `(rows, vocabulary)` scores of the word to follow. `state` is a list of
tensors with the row as first axis.

Left out: choosing several words ahead (`unrolled.beam_search`).
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from unrolled.signatures import checked

Step = Callable[[Tensor, list[Tensor] | None], tuple[Tensor, list[Tensor]]]


def top_k_filter(
    logits: Float[Tensor, "*rows vocabulary"], k: int
) -> Float[Tensor, "*rows vocabulary"]:
    """The k highest scores of each row, as they are; all others become −∞, a probability of zero.

    Scores as high as the k-th stay too. If k, 1 or more, is larger than the vocabulary, all stay. The result
    is a new tensor of the dtype of `logits`.

    Source: Fan et al. (2018), section 5, under "Generation"; there k = 10.

    >>> top_k_filter(torch.tensor([[1.0, 3.0, 2.0, 0.0]]), k=2)
    tensor([[-inf, 3., 2., -inf]])
    """
    if k < 1:
        raise ValueError(f"k is {k}; expected at least 1, for one word must be left")
    lowest = logits.topk(min(k, logits.shape[-1])).values[..., -1:]
    return logits.masked_fill(logits < lowest, float("-inf"))


def top_p_filter(
    logits: Float[Tensor, "*rows vocabulary"], p: float | int
) -> Float[Tensor, "*rows vocabulary"]:
    """The nucleus of each row, as it is: the fewest words that together have at least probability p.

    Words are taken from the most probable downwards, the one that reaches p included; all others
    become −∞. The most probable word always stays. Of equal scores only as many stay as are needed;
    it does not matter which. p is above 0 and at most 1; at 1 all words stay (one whose probability is
    rounded to 0 may go). The scores may be of any size. The result is a new tensor of the dtype of `logits`.

    Source: Holtzman et al. (2020), section 3.1, equation 2.

    >>> top_p_filter(torch.tensor([[0.2, 0.5, 0.3]]).log(), p=0.6).exp()  # 0.5 is not enough yet
    tensor([[0.0000, 0.5000, 0.3000]])
    """
    if not 0 < p <= 1:
        raise ValueError(f"p is {p}; expected a probability above 0 and at most 1")
    falling, order = logits.sort(descending=True)
    probabilities = falling.double().softmax(dim=-1)
    p = p - 1e-12 if p < 1 else torch.inf  # rounding takes no word more, and at 1 leaves none out
    before = probabilities.cumsum(dim=-1) - probabilities  # the mass of the words in front of each
    falling = falling.masked_fill(before >= p, float("-inf"))
    return falling.gather(-1, order.argsort())


def sample(
    logits: Float[Tensor, "*rows vocabulary"],
    uniform: Float[Tensor, "*rows"],
    temperature: float | int = 1.0,
) -> Int[Tensor, "*rows"]:
    """A word for each row, drawn with the probabilities softmax(logits / temperature).

    The randomness comes from outside, as one number for each row, 0 ≤ uniform < 1. Lay the
    probabilities end to end, in the order of the vocabulary, on the line from 0 to 1: the word is
    the one on whose piece the number falls. A piece holds its left end and not its right one. The
    scores may be of any size. A word whose score is −∞ never comes out, however near its number is
    to 0 or to 1, and no rounding may lead beyond the last word.

    Source: Ackley, Hinton and Sejnowski (1985), section 2.1, for the temperature; the inverse of
    the distribution function, Devroye, *Non-Uniform Random Variate Generation* (1986), III.2.

    >>> logits = torch.tensor([[0.5, 0.2, 0.3]]).log()
    >>> [sample(logits, torch.tensor([u])).item() for u in (0.0, 0.4, 0.6, 0.9)]
    [0, 0, 1, 2]
    >>> sample(logits, torch.tensor([0.6]), temperature=0.5)  # 0.25, 0.04 and 0.09, of 0.38
    tensor([0])
    """
    if temperature <= 0:
        raise ValueError(
            f"temperature is {temperature}; expected more than 0 (near 0 the best word always wins)"
        )
    # In double precision: the last piece must end at 1 even if there are 100,000 of them.
    ends = (logits.double() / temperature).softmax(dim=-1).cumsum(dim=-1)
    return (ends <= uniform[..., None] * ends[..., -1:]).sum(dim=-1)


def repetition_penalty(
    logits: Float[Tensor, "rows vocabulary"],
    ids: Int[Tensor, "rows time"],
    penalty: float | int,
) -> Float[Tensor, "rows vocabulary"]:
    """The scores, those of all words that are among `ids` made worse: above 0 divided by `penalty`, below 0 multiplied.

    `ids` is the text so far, the prompt included; a word that occurs twice pays once. A penalty of
    1 changes nothing. A score of −∞, which another filter may have left, stays −∞. The result is a
    new tensor of the dtype of `logits`.

    Source: Keskar et al. (2019), section 4.1, as in Hugging Face: the paper divides scores below 0
    as well, which makes them better.

    >>> repetition_penalty(torch.tensor([[3.0, 1.0, -1.0, -2.0]]), torch.tensor([[0, 3, 0]]), 2.0)
    tensor([[ 1.5000,  1.0000, -1.0000, -4.0000]])
    """
    if penalty <= 0:
        raise ValueError(f"penalty is {penalty}; expected more than 0 (1 changes nothing)")
    seen = torch.zeros_like(logits, dtype=torch.bool).scatter(1, ids, True)
    worse = torch.where(logits < 0, logits * penalty, logits / penalty)
    return torch.where(seen, worse, logits)


def block_repeated_ngrams(
    logits: Float[Tensor, "rows vocabulary"],
    prompt: Int[Tensor, "rows prompt"],
    written: Int[Tensor, "rows written"],
    n: int,
) -> Float[Tensor, "rows vocabulary"]:
    """The scores, with −∞ for every word that would repeat a run of n words.

    The text so far is the prompt and what was written after it. With its last n − 1 words the next
    one makes a run of n; if that run stands anywhere in the text, the word is out. n = 1 forbids
    every old word. A text of fewer than n words forbids none. The result is a new tensor of the
    dtype of `logits`; the other scores stay as they are, −∞ too.

    Source: Paulus et al. (2018), section 2.5, with n = 3.

    >>> prompt, written = torch.tensor([[0, 1, 2]]), torch.tensor([[0, 1]])  # after 0, 1 came a 2
    >>> block_repeated_ngrams(torch.zeros(1, 4), prompt, written, n=3)
    tensor([[0., 0., -inf, 0.]])
    """
    if n < 1:
        raise ValueError(f"n is {n}; expected at least 1")
    text, blocked = torch.cat([prompt, written], dim=1), logits.clone()
    if text.shape[1] >= n:
        runs = text.unfold(1, n, 1)  # (rows, places, n)
        last = text[:, None, text.shape[1] - n + 1 :]
        rows, places = (runs[..., :-1] == last).all(dim=-1).nonzero(as_tuple=True)
        blocked[rows, runs[rows, places, -1]] = float("-inf")
    return blocked


@torch.no_grad()
def generate(
    step: Step,
    prompt: Int[Tensor, "rows time"],
    choose: Callable[[Tensor, Tensor], Tensor],
    *,
    max_length: int,
    eos: int | Sequence[int] | None,
    state: list[Tensor] | None = None,
) -> list[list[int]]:
    """Writes on from every row of the prompt, until its own `eos` (which belongs to it) or for `max_length` words.

    `choose(logits, ids)` names the next word of each row, `(rows,)`; `ids` is the text so far, the
    prompt included. `state` is what the model knows before the prompt, such as a source to translate.
    There may be several end words, or none at all. Scores of NaN are refused.

    >>> def step(ids, state):  # a toy: counts upwards
    ...     return torch.nn.functional.one_hot(ids[:, -1] + 1, 9).float(), []
    >>> generate(step, torch.tensor([[1], [4]]), lambda logits, ids: logits.argmax(-1), max_length=4, eos=6)
    [[2, 3, 4, 5], [5, 6]]
    """
    ends = torch.tensor([] if eos is None else eos, device=prompt.device).flatten()
    ended, ids, new = torch.zeros_like(prompt[:, 0]).bool(), prompt, prompt
    for _ in range(max_length):
        logits, state = step(new, state)
        if logits.isnan().any():
            raise ValueError("step gives scores that are NaN; expected numbers")
        words = choose(logits, ids)
        new = words[:, None]
        ids = torch.cat([ids, new], dim=1)
        ended |= torch.isin(words, ends)
        if ended.all():
            break
    written = ids[:, prompt.shape[1] :]
    lengths = (torch.isin(written, ends).cumsum(dim=1) == 0).sum(dim=1) + 1
    return [row[:length] for row, length in zip(written.tolist(), lengths.tolist(), strict=True)]


def greedy(
    step: Step,
    prompt: Int[Tensor, "rows time"],
    *,
    max_length: int,
    eos: int | Sequence[int] | None,
    state: list[Tensor] | None = None,
) -> list[list[int]]:
    """Always the most probable next word: `generate` with the highest score.

    >>> def step(ids, state):  # a toy: counts upwards
    ...     return torch.nn.functional.one_hot(ids[:, -1] + 1, 9).float(), []
    >>> greedy(step, torch.tensor([[1]]), max_length=8, eos=4)
    [[2, 3, 4]]
    """
    return generate(
        step,
        prompt,
        lambda logits, ids: logits.argmax(dim=-1),
        max_length=max_length,
        eos=eos,
        state=state,
    )


checked(globals())
