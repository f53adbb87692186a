"""Recurrent networks: one small cell, applied at every time step.

Paper: Elman, "Finding Structure in Time" (1990); Pascanu, Mikolov and Bengio, "On the difficulty of training
recurrent neural networks" (2013), sections 2 and 3.

Names: ours ↔ theirs — `w_ih` ↔ W_in, `w_hh` ↔ W_rec, `x` ↔ u_t, `h` ↔ x_t. Weights have PyTorch's layout,
`(hidden, feature)`, and there are two biases as in `torch.nn.RNN`; their sum is what counts.

Left out: gates (`unrolled.lstm`, `unrolled.gru`) and sequences of unequal length (`unrolled.masking`).
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from unrolled.signatures import checked


def rnn_step(
    x: Float[Tensor, "batch feature"],
    h: Float[Tensor, "batch hidden"],
    w_ih: Float[Tensor, "hidden feature"],
    b_ih: Float[Tensor, " hidden"],
    w_hh: Float[Tensor, "hidden hidden"],
    b_hh: Float[Tensor, " hidden"],
) -> Float[Tensor, "batch hidden"]:
    """The next state, tanh(W_ih x + b_ih + W_hh h + b_hh).

    What comes in is mixed with what was remembered.

    Source: Elman (1990); the layout of the weights is that of `torch.nn.RNNCell`.

    >>> x, h = torch.ones(1, 2), torch.zeros(1, 3)
    >>> w_ih, w_hh, bias = torch.full((3, 2), 0.25), torch.eye(3), torch.zeros(3)
    >>> rnn_step(x, h, w_ih, bias, w_hh, bias)  # tanh(0.25 + 0.25) in every unit
    tensor([[0.4621, 0.4621, 0.4621]])
    """
    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)


def unroll(
    step: Callable[[Tensor, Tensor], Tensor],
    inputs: Float[Tensor, "batch time feature"],
    state: Float[Tensor, "batch hidden"],
) -> tuple[Float[Tensor, "batch time hidden"], Float[Tensor, "batch hidden"]]:
    """The states after every time step, and the last one once more.

    It is the same `step(x, state)` over and over, each time with the next input and the newest state.

    Source: Pascanu et al. (2013), figure 2.

    >>> numbers = torch.tensor([[[1.0], [2.0], [3.0]]])
    >>> states, last = unroll(lambda x, state: state + x, numbers, torch.zeros(1, 1))
    >>> states.squeeze(), last.squeeze()  # a running sum
    (tensor([1., 3., 6.]), tensor(6.))
    """
    states = []
    for x in inputs.unbind(dim=1):
        state = step(x, state)
        states.append(state)
    return torch.stack(states, dim=1), state


def sequence_cross_entropy(
    logits: Float[Tensor, "batch time vocabulary"],
    targets: Int[Tensor, "batch time"],
    lengths: Int[Tensor, " batch"],
) -> Float[Tensor, ""]:
    """The mean of −log p(target), in nats, over the real tokens.

    Every real token counts once, padding never. Sequence i has `lengths[i]` real tokens, at least
    one; what stands after them is padding: any finite logits, and any tokens as targets. A model
    may be sure and wrong: scores can be of any size.

    >>> logits = torch.zeros(2, 3, 4)  # four tokens, all equally likely: the loss is log 4
    >>> targets = torch.zeros(2, 3, dtype=torch.long)
    >>> sequence_cross_entropy(logits, targets, torch.tensor([3, 1]))
    tensor(1.3863)
    """
    losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none").view_as(
        targets
    )
    real = torch.arange(targets.shape[1], device=targets.device) < lengths[:, None]
    return losses[real].mean()


def jacobian_norms(
    w_hh: Float[Tensor, "hidden hidden"],
    states: Float[Tensor, "time hidden"],
) -> Float[Tensor, " time"]:
    """‖∂h_T/∂h_t‖₂ for every t: how strongly the last state still feels each earlier one (at most).

    `states` are the states h_1 … h_T of one sequence of an RNN with tanh, so that
    ∂h_{t+1}/∂h_t = diag(1 − h_{t+1}²) · W_hh. The norm is the spectral norm, and it is taken of the
    product of these matrices. A single state gives [1].

    Source: Pascanu et al. (2013), equation 5.

    >>> jacobian_norms(0.5 * torch.eye(2), torch.zeros(4, 2))  # halved at every step back
    tensor([0.1250, 0.2500, 0.5000, 1.0000])
    """
    jacobians = [torch.eye(len(w_hh), dtype=w_hh.dtype, device=w_hh.device)]
    for h in states[1:].flip(0):
        jacobians.append(jacobians[-1] @ ((1 - h**2)[:, None] * w_hh))
    return torch.linalg.matrix_norm(torch.stack(jacobians[::-1]), ord=2)


def clip_gradients(gradients: Sequence[Tensor], max_norm: float) -> list[Tensor]:
    """The gradients, all scaled by one factor so that their joint norm is at most `max_norm`.

    The joint norm is that of all gradients laid end to end as one long vector. One factor for all
    keeps the direction; gradients that are short enough stay as they are (and may be returned
    themselves). Nothing is written into the tensors that come in; they may all be 0.

    Source: Pascanu et al. (2013), algorithm 1; `torch.nn.utils.clip_grad_norm_` works in place.

    >>> clip_gradients([torch.tensor([3.0]), torch.tensor([4.0])], max_norm=1.0)  # the norm was 5
    [tensor([0.6000]), tensor([0.8000])]
    """
    squares = ((gradient.double() ** 2).sum() for gradient in gradients)
    norm = torch.sqrt(sum(squares, start=torch.tensor(0.0)))
    scale = max_norm / norm.clamp(min=max_norm)
    return [gradient * scale for gradient in gradients]


class RNNLanguageModel(nn.Module):
    """Predicts the next token at every step: embedding → recurrent layer → a score for every token.

    The weights are drawn as `torch.nn.RNNCell` draws them. `step` and `unroll` may be answers of your own.

    >>> model = RNNLanguageModel(vocabulary=5, hidden=3)
    >>> logits, state = model(torch.tensor([[0, 4, 2, 1]]))
    >>> logits.shape, state.shape
    (torch.Size([1, 4, 5]), torch.Size([1, 3]))
    """

    def __init__(
        self, vocabulary: int, hidden: int, *, step: Callable = rnn_step, unroll: Callable = unroll
    ):
        super().__init__()
        cell = nn.RNNCell(hidden, hidden)
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.w_ih, self.b_ih, self.w_hh, self.b_hh = (
            cell.weight_ih,
            cell.bias_ih,
            cell.weight_hh,
            cell.bias_hh,
        )
        self.step, self.unroll = step, unroll
        self.head = nn.Linear(hidden, vocabulary)

    def forward(
        self, ids: Int[Tensor, "batch time"], state: Float[Tensor, "batch hidden"] | None = None
    ) -> tuple[Float[Tensor, "batch time vocabulary"], Float[Tensor, "batch hidden"]]:
        """Scores for the token that follows each of `ids`, and the last state to go on from."""
        x = self.embedding(ids)
        if state is None:
            state = x.new_zeros(len(ids), self.w_hh.shape[0])
        weights = self.w_ih, self.b_ih, self.w_hh, self.b_hh
        states, state = self.unroll(lambda x, h: self.step(x, h, *weights), x, state)
        return self.head(states), state


checked(globals(), never_empty=("jacobian_norms",))
