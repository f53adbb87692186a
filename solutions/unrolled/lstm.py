"""LSTM: a memory that is written, kept and read through gates.

Paper: Hochreiter and Schmidhuber, "Long Short-Term Memory" (1997); the forget gate is from Gers, Schmidhuber and
Cummins, "Learning to Forget" (2000), section 3; its bias of 1 is urged by Jozefowicz, Zaremba and Sutskever, "An
Empirical Exploration of Recurrent Network Architectures" (2015).

Names: ours ↔ theirs — `i`, `f`, `o` ↔ the gates y^in, y^φ, y^out of 1997 and 2000; `g` (what may be written) ↔ g(net_c);
`c` ↔ the state s_c of a cell; `h` ↔ its output y^c. Weights have PyTorch's layout: four blocks of `hidden` rows, in the
order i, f, g, o.

Left out: peephole connections, projections, layers on top of each other; sequences of unequal length
(`unrolled.masking`).
"""

import torch
from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked


def lstm_step(
    x: Float[Tensor, "batch feature"],
    state: tuple[Float[Tensor, "batch hidden"], Float[Tensor, "batch hidden"]],
    w_ih: Float[Tensor, "4*hidden feature"],
    b_ih: Float[Tensor, " 4*hidden"],
    w_hh: Float[Tensor, "4*hidden hidden"],
    b_hh: Float[Tensor, " 4*hidden"],
) -> tuple[Float[Tensor, "batch hidden"], Float[Tensor, "batch hidden"]]:
    """The next state (h, c): keep a part of the cell, add something new, show a part of it.

    The rows of the weights and biases are four blocks, for i, f, g and o in this order:
    c' = σ(f)·c + σ(i)·tanh(g) and h' = σ(o)·tanh(c').

    Source: Gers et al. (2000), section 3; the layout is that of `torch.nn.LSTMCell`.

    >>> x, h, c = torch.zeros(1, 2), torch.zeros(1, 1), torch.tensor([[0.5]])
    >>> b_ih = torch.tensor([-9.0, 9.0, 0.0, 9.0])  # write nothing, keep everything, show everything
    >>> h, c = lstm_step(x, (h, c), torch.zeros(4, 2), b_ih, torch.zeros(4, 1), torch.zeros(4))
    >>> c, h  # the cell is what it was; h is its tanh
    (tensor([[0.4999]]), tensor([[0.4620]]))
    """
    h, c = state
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
    return h, c


def initialize_forget_bias(
    b_ih: Float[Tensor, " gates"], b_hh: Float[Tensor, " gates"], value: float | int = 1.0
) -> tuple[Float[Tensor, " gates"], Float[Tensor, " gates"]]:
    """Both biases of an LSTM, changed so that those of the forget gate add up to `value`.

    Both come back as new tensors; the other gates' entries stay as they were. How the value is
    shared between the two does not matter. A forget gate that starts at σ(1) ≈ 0.73 instead of
    σ(0) = 0.5 keeps more from the first update on.

    Source: Jozefowicz et al. (2015); the idea is from Gers et al. (2000).

    >>> b_ih, b_hh = initialize_forget_bias(torch.full((8,), 0.25), torch.full((8,), 0.25))
    >>> b_ih + b_hh  # two units: i, i, f, f, g, g, o, o
    tensor([0.5000, 0.5000, 1.0000, 1.0000, 0.5000, 0.5000, 0.5000, 0.5000])
    """
    hidden = len(b_ih) // 4
    b_ih, b_hh = b_ih.clone(), b_hh.clone()
    b_ih[hidden : 2 * hidden] = value
    b_hh[hidden : 2 * hidden] = 0
    return b_ih, b_hh


checked(globals())
