"""BART of Hugging Face as our Bart.

Names: ours ↔ theirs — `query`, `key`, `value`, `output` ↔ q_proj, k_proj, v_proj, out_proj; `expand`, `contract` ↔ fc1,
fc2; `feed_forward_norm` ↔ final_layer_norm; `embedding_norm` ↔ layernorm_embedding; `bias` ↔ final_logits_bias. In a
configuration the names are theirs.
"""

from collections.abc import Callable
from typing import Any

from torch import nn

from unrolled.huggingface.door import fetch, fill, renamed, require, sizes

KINDS = {"bart": ("BartModel", "BartForConditionalGeneration")}
SIZES = (
    "vocab_size", "max_position_embeddings", "d_model",
    "encoder_layers", "encoder_attention_heads", "encoder_ffn_dim",
    "decoder_layers", "decoder_attention_heads", "decoder_ffn_dim",
    "activation_function", "scale_embedding",
)  # fmt: skip
NAMES = (
    (r"^model\.", ""),
    (r"^((encoder|decoder)\.embed_tokens|lm_head)\..*", ""),  # the table of words
    (r"\.layers\.", ".blocks."),
    (r"encoder_attn_layer_norm", "cross_norm"),
    (r"self_attn_layer_norm", "self_norm"),
    (r"final_layer_norm", "feed_forward_norm"),
    (r"layernorm_embedding", "embedding_norm"),
    (r"embed_positions", "positions"),
    (r"encoder_attn", "cross_attention"),
    (r"self_attn", "self_attention"),
    (r"final_logits_bias", "bias"),
    (r"\.fc1\.", ".expand."),
    (r"\.fc2\.", ".contract."),
    (r"q_proj", "query"), (r"k_proj", "key"), (r"v_proj", "value"), (r"out_proj", "output"),
)  # fmt: skip


def load(model_or_name: Any, build: Callable[..., nn.Module]) -> nn.Module:
    """The Bart that `build` makes from the fields of a BartConfig, with a `BartForConditionalGeneration`'s weights."""
    theirs = fetch(model_or_name, KINDS)
    require(theirs.config, is_encoder_decoder=(True,), tie_word_embeddings=(True,))
    weights = renamed(theirs, NAMES)
    bias = weights.get("bias", weights["shared.weight"].new_zeros(1, theirs.config.vocab_size))
    weights["bias"] = bias[0]  # theirs has an axis for the batch, and a BartModel none at all
    return fill(build(**sizes(theirs.config, SIZES)), weights)
