"""Beam search: keep the few best beginnings, not just one; and the search that misses nothing, to compare with.

Papers: Lowerre, "The HARPY Speech Recognition System" (1976); Sutskever et al. (2014), section 3.2; Wu et al., "Google's
Neural Machine Translation System" (2016), section 7 (length normalisation); Stahlberg and Byrne, "On NMT Search Errors
and Model Errors" (2019), section 3 (exact search).

Names: ours ↔ theirs — `beam_size` ↔ B or `num_beams`, `length_penalty` ↔ the exponent α. Ours divides by lengthᵅ as
Hugging Face does, not by ((5 + length) / 6)ᵅ.

Left out: sampling (`unrolled.decoding`), diverse and constrained beams, and Hugging Face's third way to stop early,
"never", in which a beam may hope to grow to the greatest length at no cost.
"""

from collections.abc import Callable

import torch
from jaxtyping import Int
from torch import Tensor

from unrolled.signatures import checked

Step = Callable[[Tensor, list[Tensor] | None], tuple[Tensor, list[Tensor]]]


@torch.no_grad()
def beam_search(
    step: Callable[[Tensor, list[Tensor] | None], tuple[Tensor, list[Tensor]]],
    prompt: Int[Tensor, "batch time"],
    *,
    beam_size: int,
    max_length: int,
    eos: int,
    length_penalty: float | int = 1.0,
    early_stopping: bool = False,
    state: list[Tensor] | None = None,
) -> list[list[tuple[float, list[int]]]]:
    """For each prompt its best continuations, at most `beam_size` of them, as (score, words), the best first.

    Every prompt has `beam_size` beams, unfinished texts. A round looks at all their continuations by
    one word *together* and keeps the 2 · beam_size with the highest sum of log-probabilities, so that
    enough go on even if each beam offers to end. Of these,

    - those among the first `beam_size` that end in `eos` are finished (in round `max_length` all
      among the first `beam_size` are, whatever their last word). A finished text is never continued.
      Its score is its sum divided by its length (the new words, `eos` included) to the power
      `length_penalty`. The best `beam_size` finished texts are kept. A text whose sum is −∞ is
      impossible and never finished;
    - the best `beam_size` that do not end in `eos` are the next beams.

    A prompt is done when it has `beam_size` finished texts and, with `early_stopping`
    - True: at once;
    - False: as soon as the best beam that goes on, scored as if it ended now, is no better than the
      worst of them.

    What is done stays as it is. The search ends when all prompts are done.

    `step` (see `unrolled.decoding`) is called once a round for all beams of all prompts, a row each.
    In the first round it reads `prompt` and `state`, which have one row for each prompt (or already
    one for each beam); in every later one only the newest word of each beam, (rows, 1), and the state
    that it gave back, whose rows must follow their beams.

    Source: the rules are those of Hugging Face's `generate`; Wu et al. (2016), section 7.

    >>> first, after = [0.6, 0.4, 0.0], [[0.3, 0.3, 0.4], [0.0, 0.1, 0.9], [0.0, 0.0, 1.0]]
    >>> table = torch.tensor([*after, first]).log()  # what follows 0, 1, 2; and what comes first
    >>> step = lambda ids, state: (table[ids[:, -1]], [])
    >>> [(score, words)] = beam_search(step, torch.tensor([[3]]), beam_size=1, max_length=3, eos=2)[0]
    >>> words  # greedy: 0.6 · 0.4
    [0, 2]
    >>> best, *_ = beam_search(step, torch.tensor([[3]]), beam_size=2, max_length=3, eos=2)[0]
    >>> best[1]  # 0.4 · 0.9
    [1, 2]
    """
    if beam_size < 1:
        raise ValueError(f"beam_size is {beam_size}; expected at least 1")
    logits, state = step(prompt, state)
    batch, vocabulary = logits.shape
    row = torch.arange(batch, device=prompt.device)[:, None]
    rows = row.expand(-1, beam_size).flatten()  # every prompt once for each of its beams
    logits, state = logits[rows], [tensor[rows] for tensor in state]
    sums = logits.new_full((batch, beam_size), float("-inf"))
    sums[:, 0] = 0.0  # the beams are still alike: one of them counts
    words = prompt.new_empty(*sums.shape, 0)
    finished, done = [[] for _ in range(batch)], [False] * batch

    for length in range(1, max_length + 1):
        log_p = logits.log_softmax(dim=-1).view(batch, beam_size, vocabulary)
        if log_p.isnan().any():
            raise ValueError("step gives NaN, or −∞ for all words; expected scores")
        sums, places = (sums[..., None] + log_p).flatten(1).topk(2 * beam_size)
        beams, tokens = places // vocabulary, places % vocabulary
        words = torch.cat([words[row, beams], tokens[..., None]], dim=-1)

        over = (tokens == eos) | (length == max_length)
        ending = over & sums.isfinite()
        running, best = sums.masked_fill(over, float("-inf")).topk(beam_size)
        for i in (i for i in range(batch) if not done[i]):
            scores = (sums[i] / length**length_penalty).tolist()
            ends = [beam for beam in range(beam_size) if ending[i, beam]]
            finished[i] += [(scores[beam], words[i, beam].tolist()) for beam in ends]
            finished[i] = sorted(finished[i], reverse=True)[:beam_size]
            hope = running[i, 0] / length**length_penalty
            done[i] = len(finished[i]) == beam_size and (
                early_stopping or hope <= finished[i][-1][0]
            )
        if length == max_length or all(done):
            break

        sums, words = running, words[row, best]
        rows = (row * beam_size + beams[row, best]).flatten()
        logits, state = step(tokens[row, best].view(-1, 1), [tensor[rows] for tensor in state])
    return finished


def processed(step: Step, processor: Callable, state: list[Tensor] | None = None) -> Step:
    """A step for `beam_search` whose log-probabilities go through a processor, such as `block_repeated_ngrams`.

    `processor(log_p, ids)` gets the log-probabilities of each row, and its text so far, the prompt
    included. What comes out is added up as it is: as in Hugging Face's `generate`, nothing makes it
    add up to a probability of 1 again. `state` is what the model knows before the prompt.

    >>> table = torch.tensor([[0.1, 0.6, 0.3], [0.6, 0.1, 0.3], [0.0, 0.0, 1.0]]).log()
    >>> step = lambda ids, state: (table[ids[:, -1]], [])
    >>> no_word_twice = lambda log_p, ids: log_p.scatter(1, ids, -torch.inf)
    >>> options = {"beam_size": 1, "max_length": 4, "eos": 2}
    >>> [text] = beam_search(processed(step, no_word_twice), torch.tensor([[0]]), **options)[0]
    >>> text[1]  # 0, 1, and then neither of the two again
    [1, 2]
    """

    def processing(ids: Tensor, known: list[Tensor] | None) -> tuple[Tensor, list[Tensor]]:
        text = ids if known is None else torch.cat([known[0], ids], dim=1)
        logits, after = step(ids, state if known is None else known[1:])
        log_p = processor(logits.log_softmax(dim=-1), text)
        return log_p.as_subclass(_AddedUpAsTheyAre), [text, *after]

    return processing


class _AddedUpAsTheyAre(Tensor):
    """Log-probabilities on which a log-softmax does nothing any more; so are their rows, and all else is plain."""

    @classmethod
    def __torch_function__(cls, function, types, arguments=(), options=None):
        with torch._C.DisableTorchFunctionSubclass():
            if function.__name__ == "log_softmax":
                return arguments[0].as_subclass(Tensor)
            found = function(*arguments, **options or {})
        return found.as_subclass(cls) if function is Tensor.__getitem__ else found


@torch.no_grad()
def most_probable(
    step: Callable[[Tensor, list[Tensor] | None], tuple[Tensor, list[Tensor]]],
    prompt: Int[Tensor, "1 time"],
    *,
    max_length: int,
    eos: int,
) -> tuple[float, list[int]]:
    """The most probable continuation of one prompt, for certain: its log-probability and its words.

    It ends in `eos` or has `max_length` words. All continuations are tried, but for those that cannot
    win: another word never makes a text more probable, so a beginning that is no more probable than a
    finished text is given up. The first finished text is beam search's.

    Source: Stahlberg and Byrne (2019), section 3, algorithm 1; there depth first, here all of one
    length at a time.

    >>> table = torch.tensor([[0.3, 0.3, 0.4], [0.0, 0.1, 0.9], [0.0, 0.0, 1.0], [0.6, 0.4, 0.0]]).log()
    >>> step = lambda ids, state: (table[ids[:, -1]], [])
    >>> most_probable(step, torch.tensor([[3]]), max_length=3, eos=2)[1]  # 0.4 · 0.9
    [1, 2]
    """
    [(best, *_)] = beam_search(
        step, prompt, beam_size=4, max_length=max_length, eos=eos, length_penalty=0.0
    )
    logits, state = step(prompt, None)
    sums, words = logits.new_zeros(1), prompt.new_empty(1, 0)
    for length in range(1, max_length + 1):
        sums = sums[:, None] + logits.log_softmax(dim=-1)
        ended = sums if length == max_length else sums[:, eos : eos + 1]
        if ended.max() > best[0]:
            row, column = divmod(ended.argmax().item(), ended.shape[1])
            last = column if length == max_length else eos
            best = (ended.max().item(), [*words[row].tolist(), last])
        sums[:, eos] = float("-inf")
        rows, tokens = (sums > best[0]).nonzero(as_tuple=True)
        if length == max_length or not len(rows):
            break
        sums, words = sums[rows, tokens], torch.cat([words[rows], tokens[:, None]], dim=1)
        logits, state = step(tokens[:, None], [tensor[rows] for tensor in state])
    return best


checked(globals())
