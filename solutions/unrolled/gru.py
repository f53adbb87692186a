"""GRU: the LSTM's smaller cousin, with two gates and no cell of its own.

Paper: Cho et al., "Learning Phrase Representations using RNN Encoder–Decoder" (2014), section 2.3; Chung et al.,
"Empirical Evaluation of Gated Recurrent Neural Networks on Sequence Modeling" (2014), section 3.2.

Names: ours ↔ theirs — `r`, `z` as there; `n` ↔ h̃, the candidate. Weights have PyTorch's layout: three blocks of `hidden`
rows, in the order r, z, n. As in PyTorch, z is the part that is *kept* (Cho; Chung has it the other way round) and r
acts after the product with W_hn and its bias (both papers: before).

Left out: sequences of unequal length (`unrolled.masking`).
"""

import torch
from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked


def gru_step(
    x: Float[Tensor, "batch feature"],
    h: Float[Tensor, "batch hidden"],
    w_ih: Float[Tensor, "3*hidden feature"],
    b_ih: Float[Tensor, " 3*hidden"],
    w_hh: Float[Tensor, "3*hidden hidden"],
    b_hh: Float[Tensor, " 3*hidden"],
) -> Float[Tensor, "batch hidden"]:
    """The next state: a mixture of the old one and a candidate n.

    The rows of the weights and biases are three blocks, for r, z and n in this order:
    n = tanh(W_in x + b_in + r·(W_hn h + b_hn)) and h' = (1 − z)·n + z·h.

    Source: Cho et al. (2014), equations 5 to 8; the layout, and the place of r, are those of
    `torch.nn.GRUCell`.

    >>> x, h = torch.zeros(1, 2), torch.tensor([[0.5]])
    >>> w_ih, w_hh = torch.zeros(3, 2), torch.zeros(3, 1)
    >>> gru_step(x, h, w_ih, torch.tensor([0.0, 9.0, 9.0]), w_hh, torch.zeros(3))  # z near 1: kept
    tensor([[0.5001]])
    >>> gru_step(x, h, w_ih, torch.tensor([0.0, -9.0, 9.0]), w_hh, torch.zeros(3))  # z near 0: new
    tensor([[0.9999]])
    """
    x_r, x_z, x_n = (x @ w_ih.T + b_ih).chunk(3, dim=1)
    h_r, h_z, h_n = (h @ w_hh.T + b_hh).chunk(3, dim=1)
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h


checked(globals())
