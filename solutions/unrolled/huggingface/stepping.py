"""A GPT-like model of Hugging Face as a step of `unrolled.decoding`: its cache is the state, as a flat list of tensors.

So greedy decoding, sampling and beams of this course write with any of their causal models.
"""

from collections.abc import Callable
from typing import Any

from torch import Tensor


def step_of(model: Any) -> Callable[[Tensor, list[Tensor] | None], tuple[Tensor, list[Tensor]]]:
    """A step of a causal language model of `transformers`; its state is what their `DynamicCache` holds.

    That is key and value of the first layer, key and value of the second, …, each with the row as its first axis. A
    state handed in may also be such a cache itself, which then grows.

    >>> from transformers import GPT2Config, GPT2LMHeadModel
    >>> sizes = {"vocab_size": 11, "n_positions": 7, "n_embd": 6, "n_head": 2, "n_layer": 3}
    >>> from unrolled.greedy import generate
    >>> import torch
    >>> step = step_of(GPT2LMHeadModel(GPT2Config(**sizes)).eval())
    >>> generate(step, torch.tensor([[4, 9]]), max_new_tokens=3).shape
    torch.Size([1, 5])
    """
    from transformers import DynamicCache

    def step(ids: Tensor, state: Any = None) -> tuple[Tensor, list[Tensor]]:
        cache = state
        if state is None or isinstance(state, list | tuple):
            cache = DynamicCache(config=model.config)
            for layer, pair in enumerate(zip((state or [])[::2], (state or [])[1::2], strict=True)):
                cache.update(*pair, layer)
        scores = model(ids, past_key_values=cache, use_cache=True).logits[:, -1]
        return scores, [part for layer in cache.layers for part in (layer.keys, layer.values)]

    return step
