"""DistilBERT of Hugging Face, with or without its head, as our DistilBert.

Names: ours ↔ theirs — `d_model`, `heads`, `d_ff`, `layers` ↔ `dim`, `n_heads`, `hidden_dim`, `n_layers`; `expand`,
`contract` ↔ lin1, lin2; `masked_lm` ↔ vocab_transform, vocab_layer_norm and vocab_projector.
"""

from collections.abc import Callable
from typing import Any

from torch import nn

from unrolled.huggingface.door import fetch, fill, renamed, require

KINDS = {"distilbert": ("DistilBertModel", "DistilBertForMaskedLM")}
NAMES = (
    (r"^distilbert\.", ""),
    (r"^embeddings\.(word|position)_embeddings\.", r"embeddings.\1."),
    (r"^embeddings\.LayerNorm\.", "embeddings.norm."),
    (r"^transformer\.layer\.", "blocks."),
    (r"\.sa_layer_norm\.", ".attention_norm."),
    (r"\.output_layer_norm\.", ".feed_forward_norm."),
    (r"\.ffn\.lin1\.", ".feed_forward.expand."),
    (r"\.ffn\.lin2\.", ".feed_forward.contract."),
    (r"\.q_lin\.", ".query."), (r"\.k_lin\.", ".key."), (r"\.v_lin\.", ".value."), (r"\.out_lin\.", ".output."),
    (r"^vocab_transform\.", "masked_lm.dense."),
    (r"^vocab_layer_norm\.", "masked_lm.norm."),
    (r"^vocab_projector\.bias", "masked_lm.bias"),
    (r"^vocab_projector\.weight", ""),  # the table of words
)  # fmt: skip


def load(model_or_name: Any, build: Callable[..., nn.Module]) -> nn.Module:
    """The DistilBert that `build` makes from its sizes, with the weights of theirs."""
    theirs = fetch(model_or_name, KINDS)
    config = theirs.config
    require(config, activation=("gelu",), tie_word_embeddings=(True,))
    ours = build(
        vocabulary=config.vocab_size,
        d_model=config.dim,
        heads=config.n_heads,
        d_ff=config.hidden_dim,
        layers=config.n_layers,
        positions=config.max_position_embeddings,
        pretraining_head=hasattr(theirs, "vocab_transform"),
    )
    return fill(ours, renamed(theirs, NAMES))
