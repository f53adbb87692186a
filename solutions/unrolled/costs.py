"""What a language model costs: the bytes of its cache when it writes, and its operations when it is trained.

Papers: Kaplan et al., "Scaling Laws for Neural Language Models" (2020), section 2.1; Hoffmann et al., "Training
Compute-Optimal Large Language Models" (2022), appendix F.

Names: ours ↔ theirs — `layers`, `d_model`, `vocabulary`, `context` ↔ n_layer, d_model, n_vocab, n_ctx; a FLOP is one
multiplication or one addition of two floating-point numbers.

Left out: norms, activation functions and the optimiser's own step, which are less than one in a hundred of the whole.
"""

from unrolled.signatures import checked


def kv_cache_bytes(
    *, layers: int, kv_heads: int, head_size: int, tokens: int, bytes_per_number: int = 2
) -> int:
    """The bytes of the keys and values of all words so far, in all layers.

    A number takes `bytes_per_number` bytes, 2 in 16 bits. There are as many heads as have keys of their own,
    `kv_heads`; how many heads of queries look at them does not matter.

    Source: Ainslie et al., "GQA" (2023), section 2.2; Pope et al., "Efficiently Scaling Transformer Inference" (2022),
    section 3.3.

    >>> kv_cache_bytes(layers=12, kv_heads=12, head_size=64, tokens=1024)  # the smallest GPT-2, at its longest text
    37748736
    """
    return 2 * layers * kv_heads * head_size * tokens * bytes_per_number


def training_flops(*, layers: int, d_model: int, vocabulary: int, context: int, tokens: int | float) -> float:
    """The FLOPs of the matrix products of a GPT while it learns from so many tokens, in texts of `context` tokens.

    In each layer there are 12 · d_model² weights (queries, keys, values and output 4 · d_model², and a feed-forward
    layer four times as wide 8 · d_model²); the head has vocabulary · d_model. On the way forwards each weight is multiplied
    and added once per token: 2 FLOPs. Besides, each query meets `context` keys, and as many values are weighed: together
    4 · context · d_model FLOPs per token and layer (what lies in the future is computed as well, and masked). The way
    back costs twice as much as the way forwards.

    Source: Hoffmann et al. (2022), appendix F; the factor 3 also in Kaplan et al. (2020), section 2.1.

    >>> training_flops(layers=1, d_model=2, vocabulary=5, context=3, tokens=1)  # 3 · (2 · (48 + 10) + 24)
    420.0
    """
    weights = 12 * layers * d_model**2 + vocabulary * d_model
    attention = 4 * layers * context * d_model
    return float(3 * (2 * weights + attention) * tokens)


checked(globals())
