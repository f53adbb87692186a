"""The dense decoders of Hugging Face that are built like Llama, as our Llama: Llama 1 to 3, Mistral, Qwen 2 and 2.5.

Names: ours ↔ theirs — `vocabulary`, `positions`, `d_model`, `heads`, `kv_heads`, `head_size`, `layers`, `d_ff` ↔
`vocab_size`, `max_position_embeddings`, `hidden_size`, `num_attention_heads`, `num_key_value_heads`, `head_dim`,
`num_hidden_layers`, `intermediate_size`; `theta` ↔ `rope_theta`; the layers' names stand below.

Where theirs looks back over a window only, ours takes no text that is longer: up to there the two are the same. Of
stretched frequencies we take those that hang on no text's length.
"""

from collections.abc import Callable
from typing import Any

from torch import nn

from unrolled.huggingface.door import fetch, fill, renamed, require

KINDS = {"llama": ("LlamaForCausalLM",), "mistral": ("MistralForCausalLM",), "qwen2": ("Qwen2ForCausalLM",)}
NAMES = (
    (r"^model\.", ""),
    (r"^embed_tokens\.", "embedding."),
    (r"^lm_head\.", "head."),
    (r"^layers\.", "blocks."),
    (r"\.input_layernorm\.", ".attention_norm."),
    (r"\.post_attention_layernorm\.", ".feed_forward_norm."),
    (r"\.self_attn\.q_proj\.", ".attention.query."),
    (r"\.self_attn\.k_proj\.", ".attention.key."),
    (r"\.self_attn\.v_proj\.", ".attention.value."),
    (r"\.self_attn\.o_proj\.", ".attention.output."),
    (r"\.mlp\.(gate|up|down)_proj\.", r".feed_forward.\1."),
)


def load(model_or_name: Any, build: Callable[..., nn.Module]) -> nn.Module:
    """The Llama that `build` makes from the fields of a LlamaConfig, with the weights of one of these models."""
    theirs = fetch(model_or_name, KINDS)
    config, rotation = theirs.config, theirs.model.rotary_emb
    require(config, hidden_act=("silu", "swish"), pretraining_tp=(1,), is_decoder=(False, True), add_cross_attention=(False,))
    kind = config.rope_parameters["rope_type"]
    if kind not in ("default", "linear", "llama3", "yarn"):
        raise ValueError(
            f"the model's rope_type is {kind!r}; expected 'default', 'linear', 'llama3' or 'yarn'"
        )
    window = getattr(config, "sliding_window", None) or config.max_position_embeddings
    attention, wide = theirs.model.layers[0].self_attn, theirs.model.layers[0].mlp
    ours = build(
        vocabulary=config.vocab_size,
        positions=min(config.max_position_embeddings, window),
        d_model=config.hidden_size,
        heads=config.num_attention_heads,
        kv_heads=config.num_key_value_heads,
        layers=config.num_hidden_layers,
        d_ff=config.intermediate_size,
        head_size=attention.head_dim,
        theta=config.rope_parameters["rope_theta"],
        tied=theirs.lm_head.weight is theirs.model.embed_tokens.weight,
        eps=config.rms_norm_eps,
        qkv_bias=attention.q_proj.bias is not None,
        output_bias=attention.o_proj.bias is not None,
        feed_forward_bias=wide.gate_proj.bias is not None,
        frequencies=None if kind == "default" else tuple(rotation.original_inv_freq.tolist()),
        rotation_scale=float(rotation.attention_scaling),
    )
    return fill(ours, renamed(theirs, NAMES))
