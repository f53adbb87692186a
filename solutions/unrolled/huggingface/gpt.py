"""GPT-2 of Hugging Face as our GPT.

Names: ours ↔ theirs — `vocabulary`, `positions`, `d_model`, `heads`, `layers`, `d_ff` ↔ `vocab_size`, `n_positions`,
`n_embd`, `n_head`, `n_layer`, `n_inner`; `qkv` ↔ c_attn, `expand` ↔ c_fc, `output` and `contract` ↔ c_proj.
"""

from collections.abc import Callable
from typing import Any

from torch import nn

from unrolled.huggingface.door import fetch, fill, renamed, require

KINDS = {"gpt2": ("GPT2Model", "GPT2LMHeadModel")}
NAMES = (
    (r"^transformer\.", ""),
    (r"^wte\.", "embedding."),
    (r"^wpe\.", "position."),
    (r"^ln_f\.", "norm."),
    (r"^lm_head\.", "head."),
    (r"^h\.", "blocks."),
    (r"\.ln_1\.", ".attention_norm."),
    (r"\.ln_2\.", ".feed_forward_norm."),
    (r"\.attn\.c_attn\.", ".attention.qkv."),
    (r"\.attn\.c_proj\.", ".attention.output."),
    (r"\.mlp\.c_fc\.", ".expand."),
    (r"\.mlp\.c_proj\.", ".contract."),
)


def load(model_or_name: Any, build: Callable[..., nn.Module]) -> nn.Module:
    """The GPT that `build` makes from the fields of a GPTConfig, with the weights of a GPT-2."""
    theirs = fetch(model_or_name, KINDS)
    config = theirs.config
    require(
        config,
        activation_function=("gelu_new", "gelu_pytorch_tanh"),
        scale_attn_weights=(True,),
        scale_attn_by_inverse_layer_idx=(False,),
        reorder_and_upcast_attn=(False,),
        add_cross_attention=(False,),
    )
    head = getattr(theirs, "lm_head", None)  # a GPT2Model has none: then the table of words is one
    ours = build(
        vocabulary=config.vocab_size,
        positions=config.n_positions,
        d_model=config.n_embd,
        heads=config.n_head,
        layers=config.n_layer,
        d_ff=config.n_inner or 4 * config.n_embd,
        tied=head is None or head.weight is theirs.transformer.wte.weight,
        eps=config.layer_norm_epsilon,
    )
    weights = renamed(theirs, NAMES)
    return fill(ours, {"head.weight": weights["embedding.weight"]} | weights)
