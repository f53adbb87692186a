"""The Reformer of Hugging Face, with its head for language modelling, as our Reformer.

Names: ours ↔ theirs — `vocabulary`, `d_model`, `heads`, `d_k`, `d_ff` ↔ `vocab_size`, `hidden_size`,
`num_attention_heads`, `attention_head_size`, `feed_forward_size`; `layers`, `chunk_length`, `rounds`, `buckets` ↔
`attn_layers`, `lsh_attn_chunk_length`, `num_hashes`, `num_buckets`; `axial_shape`, `axial_sizes` ↔ `axial_pos_shape`,
`axial_pos_embds_dim`; `head` ↔ `lm_head.decoder`. The bias of their head takes part in nothing and stays behind.
"""

from collections.abc import Callable
from typing import Any

from torch import nn

from unrolled.huggingface.door import fetch, fill, renamed, require

KINDS = {"reformer": ("ReformerModelWithLMHead",)}
NAMES = (
    (r"^reformer\.", ""),
    (r"^embeddings\.word_embeddings\.", "embedding."),
    (r"^embeddings\.position_embeddings\.weights\.0$", "positions.rows"),
    (r"^embeddings\.position_embeddings\.weights\.1$", "positions.columns"),
    (r"^encoder\.layer_norm\.", "norm."),
    (r"^encoder\.layers\.", "blocks."),
    (r"^lm_head\.decoder\.", "head."),
    (r"\.attention\.layer_norm\.", ".attention_norm."),
    (r"\.attention\.self_attention\.", ".attention."),
    (r"\.attention\.output\.dense\.", ".attention.output."),
    (r"\.feed_forward\.layer_norm\.", ".feed_forward.0."),
    (r"\.feed_forward\.dense\.dense\.", ".feed_forward.1."),
    (r"\.feed_forward\.output\.dense\.", ".feed_forward.3."),
)
UNUSED = "lm_head.bias"


def load(model_or_name: Any, build: Callable[..., nn.Module]) -> nn.Module:
    """The Reformer that `build` makes from the fields of a ReformerConfig, with these weights."""
    theirs = fetch(model_or_name, KINDS)
    config = theirs.config
    require(
        config,
        hidden_act=("relu", "gelu"),
        axial_pos_embds=(True,),
        lsh_num_chunks_before=(1,),
        lsh_num_chunks_after=(0,),
        local_num_chunks_before=(1,),
        local_num_chunks_after=(0,),
    )
    if config.num_buckets is None:
        raise ValueError("the model's num_buckets is None; expected a number or a list of two")
    buckets = config.num_buckets
    ours = build(
        vocabulary=config.vocab_size,
        d_model=config.hidden_size,
        heads=config.num_attention_heads,
        d_k=config.attention_head_size,
        d_ff=config.feed_forward_size,
        layers=tuple(config.attn_layers),
        chunk_length=config.lsh_attn_chunk_length,
        local_chunk_length=config.local_attn_chunk_length,
        rounds=config.num_hashes,
        buckets=buckets if isinstance(buckets, int) else tuple(buckets),
        axial_shape=tuple(config.axial_pos_shape),
        axial_sizes=tuple(config.axial_pos_embds_dim),
        activation=config.hidden_act,
        feed_forward_chunk=config.chunk_size_feed_forward,
        hash_seed=config.hash_seed,
        eps=config.layer_norm_eps,
    )
    weights = renamed(theirs, NAMES)
    weights.pop(UNUSED)
    for axis, name in ((1, "positions.rows"), (0, "positions.columns")):
        weights[name] = weights[name].squeeze(axis)
    return fill(ours, weights)
