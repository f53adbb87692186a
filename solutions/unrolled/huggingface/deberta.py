"""DeBERTa (the first version) of Hugging Face, with or without its head, as our Deberta.

Names: ours ↔ theirs — `relative` ↔ rel_embeddings; `relative_key`, `relative_query` ↔ pos_proj, pos_q_proj; `query`,
`key`, `value` ↔ in_proj, which holds the three of every head in a row, with q_bias and v_bias.
"""

from collections.abc import Callable
from typing import Any

from torch import nn

from unrolled.huggingface.door import fetch, fill, renamed, require

KINDS = {"deberta": ("DebertaModel", "DebertaForMaskedLM")}
NAMES = (
    (r"^deberta\.", ""),
    (r"^embeddings\.word_embeddings\.", "word."),
    (r"^embeddings\.LayerNorm\.", "norm."),
    (r"^encoder\.rel_embeddings\.", "relative."),
    (r"^encoder\.layer\.", "blocks."),
    (r"\.attention\.self\.", ".attention."),
    (r"\.q_bias", ".query.bias"),
    (r"\.v_bias", ".value.bias"),
    (r"\.pos_proj\.", ".relative_key."),
    (r"\.pos_q_proj\.", ".relative_query."),
    (r"\.attention\.output\.dense\.", ".attention.output."),
    (r"\.attention\.output\.LayerNorm\.", ".attention_norm."),
    (r"\.intermediate\.dense\.", ".feed_forward.expand."),
    (r"\.output\.dense\.", ".feed_forward.contract."),
    (r"\.output\.LayerNorm\.", ".feed_forward_norm."),
    (r"^cls\.predictions\.decoder\..*", ""),  # the table of words, and the bias
    (r"^cls\.predictions\.transform\.LayerNorm\.", "masked_lm.norm."),
    (r"^cls\.predictions\.transform\.dense\.", "masked_lm.dense."),
    (r"^cls\.predictions\.bias", "masked_lm.bias"),
)


def load(model_or_name: Any, build: Callable[..., nn.Module]) -> nn.Module:
    """The Deberta that `build` makes from its sizes, with the weights of theirs."""
    theirs = fetch(model_or_name, KINDS)
    config = theirs.config
    require(
        config,
        hidden_act=("gelu",),
        relative_attention=(True,),
        position_biased_input=(False,),
        type_vocab_size=(0,),
        talking_head=(False,),
        legacy=(True,),
        tie_word_embeddings=(True,),
    )
    if set(config.pos_att_type or ()) != {"c2p", "p2c"}:
        raise ValueError(f"the model's pos_att_type is {config.pos_att_type!r}; expected ['c2p', 'p2c']")
    reach = config.max_relative_positions
    ours = build(
        vocabulary=config.vocab_size,
        d_model=config.hidden_size,
        heads=config.num_attention_heads,
        d_ff=config.intermediate_size,
        layers=config.num_hidden_layers,
        reach=reach if reach > 0 else config.max_position_embeddings,
        eps=config.layer_norm_eps,
        pretraining_head=hasattr(theirs, "cls"),
    )
    weights = renamed(theirs, NAMES)
    for name in [name for name in weights if name.endswith("in_proj.weight")]:
        by_head = weights.pop(name).unflatten(0, (config.num_attention_heads, 3, -1))
        for part, rows in zip(("query", "key", "value"), by_head.unbind(1), strict=True):
            weights[name.replace("in_proj", part)] = rows.flatten(0, 1).contiguous()
    return fill(ours, weights)
