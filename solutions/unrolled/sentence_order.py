"""Sentence-order prediction: both sentences are from the same text; in which order did they stand?

Paper: Lan et al., "ALBERT" (2020), section 3.1, "Inter-sentence coherence loss".

Names: label 0 ↔ in order, 1 ↔ swapped, as in Hugging Face's `sentence_order_label`.

Left out: [CLS] and [SEP], which `unrolled.sentence_pairs` puts in.
"""

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked


def make_sentence_orders(
    pairs: Sequence[tuple[list[int], list[int]]], uniforms: Float[Tensor, " pairs"]
) -> tuple[list[tuple[list[int], list[int]]], list[int]]:
    """The pairs, some of them swapped, and a label for each: 1 if it was swapped, 0 if it stands in order.

    A pair is two sentences of one text, lists of word numbers, the second after the first. For each there is a uniform
    random number, 0 ≤ u < 1: below ½ the two are swapped. The pairs given stay as they are. If there are not as
    many numbers as pairs, that is a ValueError that names `uniforms`.

    Source: Lan et al. (2020), section 3.1; there are as many of the one as of the other.

    >>> import torch
    >>> make_sentence_orders([([7, 8], [9]), ([5], [6, 6])], torch.tensor([0.9, 0.2]))
    ([([7, 8], [9]), ([6, 6], [5])], [0, 1])
    """
    if len(uniforms) != len(pairs):
        raise ValueError(
            f"uniforms is of {len(uniforms)} numbers; expected {len(pairs)}, one for each pair"
        )
    swapped = [u < 0.5 for u in uniforms.tolist()]
    ordered = [
        (second, first) if swap else (first, second)
        for (first, second), swap in zip(pairs, swapped, strict=True)
    ]
    return ordered, [int(swap) for swap in swapped]


checked(globals())
