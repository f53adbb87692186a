"""ELECTRA of Hugging Face, discriminator, generator or neither, as our Electra.

Names: ours ↔ theirs — `embedding`, `d_model` ↔ `embedding_size`, `hidden_size`; `project` ↔ embeddings_project; `dense`,
`score` ↔ the discriminator's dense, dense_prediction; `masked_lm` ↔ generator_predictions and generator_lm_head.
"""

from collections.abc import Callable
from typing import Any

from torch import nn

from unrolled.huggingface.bert import NAMES as BERT
from unrolled.huggingface.bert import SIZES
from unrolled.huggingface.door import fetch, fill, renamed, require, sizes

KINDS = {"electra": ("ElectraModel", "ElectraForMaskedLM", "ElectraForPreTraining")}
NAMES = (
    (r"^electra\.", ""),
    *BERT,
    (r"^embeddings_project\.", "project."),
    (r"^discriminator_predictions\.dense_prediction\.", "score."),
    (r"^discriminator_predictions\.dense\.", "dense."),
    (r"^generator_predictions\.LayerNorm\.", "masked_lm.norm."),
    (r"^generator_predictions\.dense\.", "masked_lm.dense."),
    (r"^generator_lm_head\.bias", "masked_lm.bias"),
    (r"^generator_lm_head\.weight", ""),  # the table of words
)


def load(model_or_name: Any, build: Callable[..., nn.Module]) -> nn.Module:
    """The Electra that `build` makes from its sizes, with the weights of theirs."""
    theirs = fetch(model_or_name, KINDS)
    config = theirs.config
    require(
        config,
        hidden_act=("gelu",),
        is_decoder=(False,),
        add_cross_attention=(False,),
        tie_word_embeddings=(True,),
    )
    heads = {"ElectraForPreTraining": "discriminator", "ElectraForMaskedLM": "generator"}
    ours = build(
        **sizes(config, SIZES),
        embedding=config.embedding_size,
        head=heads.get(type(theirs).__name__),
    )
    return fill(ours, renamed(theirs, NAMES))
