"""BERT of Hugging Face, with or without the heads of its pre-training, as our Bert.

Names: ours ↔ theirs — `vocabulary`, `d_model`, `heads`, `d_ff`, `layers` ↔ `vocab_size`, `hidden_size`,
`num_attention_heads`, `intermediate_size`, `num_hidden_layers`; `segment` ↔ token_type; `expand` ↔ intermediate.
"""

from collections.abc import Callable
from typing import Any

from torch import nn

from unrolled.huggingface.door import fetch, fill, renamed, require, sizes

KINDS = {"bert": ("BertModel", "BertForPreTraining")}
NAMES = (
    (r"^bert\.", ""),
    (r"^embeddings\.(word|position)_embeddings\.", r"embeddings.\1."),
    (r"^embeddings\.token_type_embeddings\.", "embeddings.segment."),
    (r"^embeddings\.LayerNorm\.", "embeddings.norm."),
    (r"^encoder\.layer\.", "blocks."),
    (r"\.attention\.self\.", ".attention."),
    (r"\.attention\.output\.dense\.", ".attention.output."),
    (r"\.attention\.output\.LayerNorm\.", ".attention_norm."),
    (r"\.intermediate\.dense\.", ".feed_forward.expand."),
    (r"\.output\.dense\.", ".feed_forward.contract."),
    (r"\.output\.LayerNorm\.", ".feed_forward_norm."),
    (r"^pooler\.dense\.", "pooler."),
    (r"^cls\.predictions\.decoder\..*", ""),  # the table of words, and the bias
    (r"^cls\.predictions\.transform\.LayerNorm\.", "masked_lm.norm."),
    (r"^cls\.predictions\.transform\.dense\.", "masked_lm.dense."),
    (r"^cls\.predictions\.bias", "masked_lm.bias"),
    (r"^cls\.seq_relationship\.", "next_sentence."),
)
SIZES = {
    "vocabulary": "vocab_size",
    "d_model": "hidden_size",
    "heads": "num_attention_heads",
    "d_ff": "intermediate_size",
    "layers": "num_hidden_layers",
    "positions": "max_position_embeddings",
    "segments": "type_vocab_size",
    "eps": "layer_norm_eps",
}


def load(model_or_name: Any, build: Callable[..., nn.Module]) -> nn.Module:
    """The Bert that `build` makes from its sizes, with the weights of a `BertModel` or a `BertForPreTraining`."""
    theirs = fetch(model_or_name, KINDS)
    config = theirs.config
    require(
        config,
        hidden_act=("gelu",),
        position_embedding_type=("absolute",),
        is_decoder=(False,),
        add_cross_attention=(False,),
        tie_word_embeddings=(True,),
    )
    if theirs.base_model.pooler is None:
        raise ValueError("the model's pooler is None; expected a model with its pooling layer")
    ours = build(
        **sizes(config, SIZES),
        pretraining_heads=hasattr(theirs, "cls"),
    )
    return fill(ours, renamed(theirs, NAMES))
