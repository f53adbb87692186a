"""Other ways to step a GPT: prompts of unequal length in one batch, and texts longer than the model's positions.

Each function here gives a `step` in the sense of `unrolled.decoding`: what chooses words (greedy, sampling, beams) works
with it as with `model.step`, and knows nothing of the difference.

Source: Hugging Face's `generate` pads in front and counts positions from the first real word; cropping is nanoGPT's.

Left out: reading on with a cache when a text is cropped. Every word then stands at another place than before, so all its
keys and values change.
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Int
from torch import Tensor, nn

from unrolled.self_attention import causal_mask
from unrolled.signatures import checked

Step = Callable[[Tensor, list[Tensor] | None], tuple[Tensor, list[Tensor]]]


def padded_step(
    model: nn.Module, attention_mask: Bool[Tensor, "rows prompt"] | Int[Tensor, "rows prompt"]
) -> Step:
    """A step for a prompt with padding in front, where `attention_mask` is False (or 0): each row goes on as if alone.

    The state ends in the mask of all words so far.

    >>> from unrolled.gpt import GPT, GPTConfig
    >>> model = GPT(GPTConfig(vocabulary=11, positions=7, d_model=6, heads=2, layers=2, d_ff=24))
    >>> step = padded_step(model, torch.tensor([[1, 1, 1], [0, 0, 1]]))
    >>> both, _ = step(torch.tensor([[4, 9, 3], [0, 0, 8]]), None)
    >>> torch.allclose(both[1], model(torch.tensor([[8]]))[0, -1], atol=1e-6)
    True
    """
    real = attention_mask.bool()
    if not (real[:, -1:].all() and (real[:, 1:] >= real[:, :-1]).all()):
        raise ValueError(
            "attention_mask has padding inside or at the end of a row, or a row of nothing else; "
            "expected padding in front of real words only"
        )

    def step(ids: Tensor, state: list[Tensor] | None) -> tuple[Tensor, list[Tensor]]:
        seen = real if state is None else torch.cat([state[-1], torch.ones_like(ids).bool()], dim=1)
        new, time = ids.shape[1], seen.shape[1]
        places = (seen.cumsum(dim=1) - 1).clamp(min=0)[:, -new:]
        itself = torch.eye(time, dtype=torch.bool, device=ids.device)
        allowed = causal_mask(time).to(ids.device) & seen[:, None, None, :] | itself
        _refuse_longer(int(places.max()) + 1, model)
        x, present = model.embedding(ids) + model.position(places), []
        for i, block in enumerate(model.blocks):
            past = None if state is None else (state[2 * i], state[2 * i + 1])
            x, pair = block(x, past, allowed[:, :, -new:])
            present += pair
        return model.head(model.norm(x)[:, -1]), [*present, seen]

    return step


def cropped_step(model: nn.Module) -> Step:
    """A step for texts of any length: beyond the model's positions it reads the last words only, as many as it can.

    The state begins with the text so far. While that fits, the cache is used.

    >>> from unrolled.gpt import GPT, GPTConfig
    >>> model = GPT(GPTConfig(vocabulary=11, positions=3, d_model=6, heads=2, layers=2, d_ff=24))
    >>> scores, state = cropped_step(model)(torch.tensor([[4, 9, 3, 8, 7]]), None)
    >>> torch.equal(scores, model.step(torch.tensor([[3, 8, 7]]))[0])
    True
    """

    def step(ids: Tensor, state: list[Tensor] | None) -> tuple[Tensor, list[Tensor]]:
        text = ids if state is None else torch.cat([state[0], ids], dim=1)
        if text.shape[1] <= model.config.positions:
            scores, cache = model.step(ids, state[1:] if state else None)
            return scores, [text, *cache]
        text = text[:, -model.config.positions :]
        return model.step(text)[0], [text]

    return step


def _refuse_longer(length: int, model: nn.Module) -> None:
    if length > model.config.positions:
        raise ValueError(
            f"ids reaches place {length}; expected at most {model.config.positions}, the model's positions"
        )


checked(globals())
