"""T5 of Hugging Face as our T5: also T5 1.1, Flan-T5 and mT5, whose head has a table of its own and is not scaled.

Names: ours ↔ theirs — `query`, `key`, `value`, `output` ↔ q, k, v, o; `self_attention`, `cross_attention` ↔
SelfAttention, EncDecAttention; `expand`, `gate`, `contract` ↔ wi (or wi_1), wi_0, wo; `head` ↔ lm_head. Their first
block holds the table of position biases that all blocks of a stack use. In a configuration the names are theirs.
"""

from collections.abc import Callable
from typing import Any

from torch import nn

from unrolled.huggingface.door import fetch, fill, renamed, require, sizes

KINDS = {"t5": ("T5ForConditionalGeneration",), "mt5": ("MT5ForConditionalGeneration",)}
SIZES = (
    "vocab_size", "d_model", "d_kv", "d_ff", "num_layers", "num_decoder_layers", "num_heads",
    "relative_attention_num_buckets", "relative_attention_max_distance", "layer_norm_epsilon", "feed_forward_proj",
)  # fmt: skip
NAMES = (
    (r"^(encoder|decoder)\.embed_tokens\..*", ""),  # the table of words
    (r"block\.0\.layer\.0\.SelfAttention\.relative_attention_bias", "position_bias"),
    (r"\.layer\.(\d)\.(SelfAttention|EncDecAttention|DenseReluDense)", r".\2"),
    (r"\.layer\.0\.layer_norm", ".self_norm"),
    (r"^(decoder.*)\.layer\.1\.layer_norm", r"\1.cross_norm"),
    (r"\.layer\.[12]\.layer_norm", ".feed_forward_norm"),
    (r"\.block\.", ".blocks."),
    (r"SelfAttention", "self_attention"),
    (r"EncDecAttention", "cross_attention"),
    (r"DenseReluDense", "feed_forward"),
    (r"final_layer_norm", "final_norm"),
    (r"lm_head", "head"),
    (r"\.wi_0\.", ".gate."),
    (r"\.wi(_1)?\.", ".expand."),
    (r"\.wo\.", ".contract."),
    *((rf"attention\.{letter}\.", f"attention.{word}.") for letter, word in
      (("q", "query"), ("k", "key"), ("v", "value"), ("o", "output"))),
)  # fmt: skip


def load(model_or_name: Any, build: Callable[..., nn.Module]) -> nn.Module:
    """The T5 that `build` makes from the fields of a T5Config, with the weights of a `T5ForConditionalGeneration`."""
    theirs = fetch(model_or_name, KINDS)
    config = theirs.config
    require(config, is_encoder_decoder=(True,))
    ours = build(
        **sizes(config, SIZES),
        tie_word_embeddings=theirs.lm_head.weight is theirs.shared.weight,
        scale_head=scales_head(config),
    )
    return fill(ours, renamed(theirs, NAMES))


def scales_head(config: Any) -> bool:
    """Is the head's input divided by √d_model? What the configuration says of tying is about this, not about weights.

    A T5 says it in `scale_decoder_outputs`, an older one in `tie_word_embeddings`; an mT5 never does it.
    """
    old = config.model_type == "t5" and config.tie_word_embeddings
    return getattr(config, "scale_decoder_outputs", old)
