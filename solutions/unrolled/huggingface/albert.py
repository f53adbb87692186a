"""ALBERT of Hugging Face, with or without the heads of its pre-training, as our Albert.

Names: ours ↔ theirs — `embedding`, `d_model` ↔ `embedding_size`, `hidden_size`; `project` ↔ embedding_hidden_mapping_in;
`block` ↔ the one layer of the one group; `expand`, `contract` ↔ ffn, ffn_output; `sentence_order` ↔ sop_classifier.
"""

from collections.abc import Callable
from typing import Any

from torch import nn

from unrolled.huggingface.bert import SIZES
from unrolled.huggingface.door import fetch, fill, renamed, require, sizes

KINDS = {"albert": ("AlbertModel", "AlbertForPreTraining")}
NAMES = (
    (r"^albert\.", ""),
    (r"^embeddings\.(word|position)_embeddings\.", r"embeddings.\1."),
    (r"^embeddings\.token_type_embeddings\.", "embeddings.segment."),
    (r"^embeddings\.LayerNorm\.", "embeddings.norm."),
    (r"^encoder\.embedding_hidden_mapping_in\.", "project."),
    (r"^encoder\.albert_layer_groups\.0\.albert_layers\.0\.", "block."),
    (r"\.full_layer_layer_norm\.", ".feed_forward_norm."),
    (r"\.attention\.LayerNorm\.", ".attention_norm."),
    (r"\.attention\.dense\.", ".attention.output."),
    (r"\.ffn\.", ".feed_forward.expand."),
    (r"\.ffn_output\.", ".feed_forward.contract."),
    (r"^predictions\.decoder\..*", ""),  # the table of words, and the bias
    (r"^predictions\.LayerNorm\.", "masked_lm.norm."),
    (r"^predictions\.", "masked_lm."),
    (r"^sop_classifier\.classifier\.", "sentence_order."),
)


def load(model_or_name: Any, build: Callable[..., nn.Module]) -> nn.Module:
    """The Albert that `build` makes from its sizes, with the weights of theirs."""
    theirs = fetch(model_or_name, KINDS)
    config = theirs.config
    require(
        config,
        hidden_act=("gelu_new", "gelu_pytorch_tanh"),
        num_hidden_groups=(1,),
        inner_group_num=(1,),
        tie_word_embeddings=(True,),
    )
    if theirs.base_model.pooler is None:
        raise ValueError("the model's pooler is None; expected a model with its pooling layer")
    ours = build(
        **sizes(config, SIZES),
        embedding=config.embedding_size,
        pretraining_heads=hasattr(theirs, "predictions"),
    )
    return fill(ours, renamed(theirs, NAMES))
