"""Writing with a cache: always the most probable next word, and no word is read twice.

Source: Radford et al., "Language Models are Unsupervised Multitask Learners" (2019), section 3.7, for greedy decoding.

Names: ours ↔ Hugging Face's — `prompt`, `max_new_tokens`, `eos` ↔ `inputs`, `max_new_tokens`, `eos_token_id`.

Left out: choosing otherwise (`unrolled.decoding`), and several words ahead (`unrolled.beam_search`).
"""

from collections.abc import Callable

import torch
from jaxtyping import Int
from torch import Tensor

from unrolled.signatures import checked


@torch.inference_mode()
def generate(
    step: Callable[..., tuple[Tensor, list[Tensor]]],
    prompt: Int[Tensor, "rows prompt"],
    *,
    max_new_tokens: int,
    eos: int | None = None,
    state: list[Tensor] | None = None,
) -> Int[Tensor, "rows time"]:
    """The prompt and what is written after it: always the most probable next word.

    A row that has written `eos` is filled up with it; the end is where all rows have, or after so many new words.
    `state` is what the model knows before the prompt.

    >>> def step(ids, state=None):  # after each word comes the next number
    ...     return torch.eye(7)[(ids[:, -1] + 1) % 7], []
    >>> generate(step, torch.tensor([[2], [4]]), max_new_tokens=4, eos=5)
    tensor([[2, 3, 4, 5],
            [4, 5, 5, 5]])
    """
    words = [prompt]
    finished = torch.zeros(len(prompt), 1, dtype=torch.bool, device=prompt.device)
    for _ in range(max_new_tokens):
        logits, state = step(words[-1], state)
        word = logits.argmax(-1, keepdim=True)
        if eos is not None:
            word = word.masked_fill(finished, eos)
            finished = finished | (word == eos)
        words.append(word)
        if eos is not None and finished.all():
            break
    return torch.cat(words, dim=1)


checked(globals())
