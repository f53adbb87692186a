"""Embeddings: a vector for every word, learnt like any other weight.

Paper: Bengio, Ducharme, Vincent and Janvin, "A Neural Probabilistic Language Model" (2003), section 2.

Names: ours ↔ theirs — `table` ↔ C, `table[i]` ↔ C(i), d_model ↔ m.

Left out: how the vectors get their values (by gradient descent, with everything else), and positions.
"""

from jaxtyping import Float, Int
from torch import Tensor

from unrolled.signatures import checked


def embed(
    table: Float[Tensor, "vocabulary d_model"], ids: Int[Tensor, "..."]
) -> Float[Tensor, "... d_model"]:
    """For each id its row of the table; the axes of `ids` stay, and one for the features follows.

    It equals the product of one-hot vectors with the table, without all the multiplications by 0.

    Source: Bengio et al. (2003), section 2; `torch.nn.functional.embedding`.

    >>> import torch
    >>> table = torch.tensor([[0.0, 0.1], [1.0, 1.1], [2.0, 2.1]])
    >>> embed(table, torch.tensor([2, 0, 2]))
    tensor([[2.0000, 2.1000],
            [0.0000, 0.1000],
            [2.0000, 2.1000]])
    >>> embed(table, torch.tensor([[2, 0, 2], [1, 1, 1]])).shape
    torch.Size([2, 3, 2])
    """
    return table[ids]


checked(globals())
