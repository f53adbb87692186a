"""Where a GPT looks: the weights of its attention, computed once more, beside the fast way.

Left out: pictures of them (`unrolled.lab`).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from unrolled.self_attention import causal_mask, scaled_dot_product_attention
from unrolled.signatures import checked


@torch.no_grad()
def attention_weights(
    model: nn.Module, input_ids: Int[Tensor, "batch time"]
) -> list[Float[Tensor, "batch heads time time"]]:
    """Who looks at whom, in every block: the weights that the fast attention does not hand out.

    >>> from unrolled.gpt import GPT, GPTConfig
    >>> model = GPT(GPTConfig(vocabulary=11, positions=7, d_model=6, heads=2, layers=3, d_ff=24))
    >>> weights = attention_weights(model, torch.tensor([[4, 9, 3, 8]]))
    >>> len(weights), weights[0].shape
    (3, torch.Size([1, 2, 4, 4]))
    """
    places = torch.arange(input_ids.shape[1], device=input_ids.device)
    x, found = model.embedding(input_ids) + model.position(places), []
    mask = causal_mask(len(places)).to(x.device)
    for block in model.blocks:
        query = block.attention.qkv(block.attention_norm(x)).chunk(3, dim=-1)[0]
        query = query.unflatten(-1, (block.attention.heads, -1)).transpose(1, 2)
        x, (key, value) = block(x)
        found.append(scaled_dot_product_attention(query, key, value, mask)[1])
    return found


checked(globals())
