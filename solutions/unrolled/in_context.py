"""A task in the text: the model is not trained on it, it reads some examples and goes on.

Paper: Brown et al., "Language Models are Few-Shot Learners" (2020), sections 2 and 2.4.

Names: ours ↔ theirs — the examples in the text are K "shots"; an option is one of the "completions", a prompt the
"context".

Left out: dividing by the probability that an option has without the question, and prompts for people (both in the next
chapter).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from unrolled.signatures import checked


def option_scores(
    logits: Float[Tensor, "options time vocabulary"],
    input_ids: Int[Tensor, "options time"],
    prompt_length: int,
    lengths: Int[Tensor, " options"],
) -> Float[Tensor, " options"]:
    """How well each option goes on from the prompt: the mean log-probability of its own tokens, in nats.

    Row i is the prompt, whose `prompt_length` tokens are the same in all rows, then the tokens of option i. Its first
    `lengths[i]` tokens are real, the rest is padding. The logits at place t are those for the token at t + 1. The prompt
    itself is not scored. Logits may be large, so that their exponential is infinite, but they are finite.

    Raises a ValueError that names `prompt_length` if it is less than 1, for then the first token has no logits, and one
    that names `lengths` if an option has no token of its own.

    Source: Brown et al. (2020), section 2.4, "the per-token likelihood of each completion (to normalize for length)".

    >>> ids = torch.tensor([[7, 1, 2], [7, 3, 0]])  # a prompt of one token; the second option has only one
    >>> logits = torch.zeros(2, 3, 8)
    >>> logits[1, 0, 3] = 2.0
    >>> option_scores(logits, ids, prompt_length=1, lengths=torch.tensor([3, 2]))  # −log 8, and 2 − log(7 + e²)
    tensor([-2.0794, -0.6665])
    """
    if prompt_length < 1:
        raise ValueError(f"prompt_length is {prompt_length}; expected at least 1, for the first token is not predicted")
    if (lengths <= prompt_length).any():
        raise ValueError(
            f"lengths is {lengths.tolist()}; expected more than prompt_length, {prompt_length}, in every option"
        )
    log_probabilities = logits[:, :-1].log_softmax(dim=-1)
    of_tokens = log_probabilities.gather(-1, input_ids[:, 1:, None]).squeeze(-1)
    places = torch.arange(1, input_ids.shape[1], device=logits.device)
    own = (places >= prompt_length) & (places < lengths[:, None])
    return of_tokens.masked_fill(~own, 0.0).sum(dim=1) / own.sum(dim=1)


checked(globals())
