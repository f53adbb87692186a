"""Sequences of unequal length in one batch, read forwards and backwards.

Paper: Schuster and Paliwal, "Bidirectional Recurrent Neural Networks" (1997), section II; what comes out is that of
`torch.nn.utils.rnn.pack_padded_sequence`.

Names: ours ↔ theirs — `step_f`, `step_b` ↔ the forward and the backward states of Schuster and Paliwal. A state is one
tensor h, or (h, c) for an LSTM; `lengths[i]` is the number of real steps of sequence i, and padding stands after them.

Left out: sorting a batch by length so that no work is spent on padding, which is why packing exists.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from unrolled.signatures import checked


def masked_unroll(
    step: Callable,
    inputs: Float[Tensor, "batch time feature"],
    lengths: Int[Tensor, " batch"],
    state: Float[Tensor, "batch hidden"] | tuple[Float[Tensor, "batch hidden"], ...],
) -> tuple[
    Float[Tensor, "batch time hidden"],
    Float[Tensor, "batch hidden"] | tuple[Float[Tensor, "batch hidden"], ...],
]:
    """Every h, zero after the end of its sequence, and each sequence's state as it was at its end.

    A state is one tensor h, or a tuple (h, c); `step(x, state)` gives the next one of the same
    kind, and of this kind is the state at the end. Every length is at least one. What stands in
    the padding, finite numbers, changes nothing.

    Source: what `torch.nn.utils.rnn.pack_padded_sequence` does, without the packing.

    >>> numbers = torch.tensor([[[1.0], [2.0], [3.0]], [[4.0], [99.0], [99.0]]])
    >>> running_sum = lambda x, h: h + x
    >>> outputs, last = masked_unroll(running_sum, numbers, torch.tensor([3, 1]), torch.zeros(2, 1))
    >>> outputs.squeeze(2)
    tensor([[1., 3., 6.],
            [4., 0., 0.]])
    >>> last.squeeze(1)
    tensor([6., 4.])
    """
    outputs = []
    for t, x in enumerate(inputs.unbind(dim=1)):
        real, new = (t < lengths)[:, None], step(x, state)
        if isinstance(state, tuple):
            state = tuple(torch.where(real, n, old) for n, old in zip(new, state, strict=True))
            outputs.append(state[0] * real)
        else:
            state = torch.where(real, new, state)
            outputs.append(state * real)
    return torch.stack(outputs, dim=1), state


def bidirectional(
    step_f: Callable,
    step_b: Callable,
    inputs: Float[Tensor, "batch time feature"],
    lengths: Int[Tensor, " batch"],
    state_f: Float[Tensor, "batch hidden"] | tuple[Float[Tensor, "batch hidden"], ...],
    state_b: Float[Tensor, "batch hidden"] | tuple[Float[Tensor, "batch hidden"], ...],
) -> tuple[Float[Tensor, "batch time 2*hidden"], tuple]:
    """What stands before and what stands after every step, side by side, and both last states.

    One network reads each sequence from its first real step to its last, the other from its last
    to its first. Output t holds the forward h after reading steps 0 … t and the backward h after
    reading t … end; after the end it is zero. The states, (forward, backward), are those after
    the *whole* sequence, each a tensor h or a tuple (h, c) as it came in.

    Source: Schuster and Paliwal (1997), figure 3.

    >>> numbers = torch.tensor([[[1.0], [2.0], [3.0]], [[4.0], [99.0], [99.0]]])
    >>> running_sum = lambda x, h: h + x
    >>> outputs, (last_f, last_b) = bidirectional(
    ...     running_sum, running_sum, numbers, torch.tensor([3, 1]), torch.zeros(2, 1), torch.zeros(2, 1)
    ... )
    >>> outputs[0].T  # 1, 1+2, 1+2+3 and 3+2+1, 3+2, 3
    tensor([[1., 3., 6.],
            [6., 5., 3.]])
    >>> last_b.squeeze(1)
    tensor([6., 4.])
    """
    time = inputs.shape[1]
    # Reverses the first lengths[i] places of row i, and the padding among itself: twice is as before.
    order = (lengths[:, None] - 1 - torch.arange(time, device=lengths.device)) % time
    forward, state_f = masked_unroll(step_f, inputs, lengths, state_f)
    reversed_inputs = inputs.take_along_dim(order[:, :, None], dim=1)
    backward, state_b = masked_unroll(step_b, reversed_inputs, lengths, state_b)
    backward = backward.take_along_dim(order[:, :, None], dim=1)
    return torch.cat([forward, backward], dim=2), (state_f, state_b)


class RecurrentClassifier(nn.Module):
    """Reads a sequence of tokens and then says which class it is of: embedding → recurrent layer → last h → scores.

    `cell`, an `nn.RNNCell`, `nn.GRUCell` or `nn.LSTMCell`, brings the sizes and the weights as PyTorch draws them;
    what is computed with them is `step(x, state, w_ih, b_ih, w_hh, b_hh)`, which may be an answer of your own.

    >>> from unrolled.gru import gru_step
    >>> model = RecurrentClassifier(nn.GRUCell(3, 7), gru_step, vocabulary=11, classes=2)
    >>> model(torch.tensor([[0, 4, 2], [1, 0, 0]]), torch.tensor([3, 1])).shape
    torch.Size([2, 2])
    """

    def __init__(
        self,
        cell: nn.RNNCellBase,
        step: Callable,
        *,
        vocabulary: int,
        classes: int,
        unroll: Callable = masked_unroll,
    ):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, cell.input_size)
        self.cell, self.step, self.unroll = cell, step, unroll
        self.head = nn.Linear(cell.hidden_size, classes)

    def forward(
        self, ids: Int[Tensor, "batch time"], lengths: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch classes"]:
        """One score a class for each sequence."""
        zeros = self.embedding.weight.new_zeros(len(ids), self.cell.hidden_size)
        state = (zeros, zeros) if isinstance(self.cell, nn.LSTMCell) else zeros
        _, state = self.unroll(self.apply_step, self.embedding(ids), lengths, state)
        return self.head(state[0] if isinstance(state, tuple) else state)

    def apply_step(
        self,
        x: Float[Tensor, "batch feature"],
        state: Float[Tensor, "batch hidden"] | tuple[Float[Tensor, "batch hidden"], ...],
    ) -> Float[Tensor, "batch hidden"] | tuple[Float[Tensor, "batch hidden"], ...]:
        """One step with the cell's weights."""
        cell = self.cell
        return self.step(x, state, cell.weight_ih, cell.bias_ih, cell.weight_hh, cell.bias_hh)


checked(globals())
