"""Reversible blocks: what goes in is computed again from what comes out, so nothing in between need be kept.

Paper: Gomez et al., "The Reversible Residual Network: Backpropagation Without Storing Activations" (2017), section 3;
Kitaev et al., "Reformer" (2020), section 3.

Names: ours ↔ theirs — `f` ↔ F, attention; `g` ↔ G, the feed-forward layer; (x1, x2) ↔ the two halves of what goes in,
(y1, y2) of what comes out.

Left out: what f and g must keep to do the same twice (`unrolled.reformer` keeps the buckets; dropout would have to keep
its mask).
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked

Halves = tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]


def reverse_block(
    f: Callable[[Tensor], Tensor],
    g: Callable[[Tensor], Tensor],
    y1: Float[Tensor, "*shape"],
    y2: Float[Tensor, "*shape"],
    grad_y1: Float[Tensor, "*shape"],
    grad_y2: Float[Tensor, "*shape"],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What went into the block y1 = x1 + f(x2), y2 = x2 + g(y1), and its gradients: (x1, x2, grad_x1, grad_x2).

    f and g are called once each. The gradients of their parameters are added to what stands in
    `.grad`, as `backward` does. It is called where gradients are switched off (inside another
    backward pass) or on, and what it returns needs none. The arguments stay as they are.

    Source: Gomez et al. (2017), algorithm 1.

    >>> w = torch.tensor(3.0, requires_grad=True)
    >>> f, g = (lambda x: w * x), (lambda y: y**2)
    >>> x1, x2 = torch.tensor(1.0), torch.tensor(2.0)
    >>> y1 = x1 + f(x2).detach()  # 7
    >>> y2 = x2 + g(y1)  # 51
    >>> reverse_block(f, g, y1, y2, torch.tensor(0.0), torch.tensor(1.0))  # of y2 alone
    (tensor(1.), tensor(2.), tensor(14.), tensor(43.))
    >>> w.grad  # dy2/dw = 2 · y1 · x2
    tensor(28.)
    """
    with torch.enable_grad():
        y1 = y1.detach().requires_grad_()
        change = g(y1)
        change.backward(grad_y2)
    x2 = y2 - change.detach()
    grad_x1 = grad_y1 + y1.grad
    with torch.enable_grad():
        x2.requires_grad_()
        change = f(x2)
        change.backward(grad_x1)
    x1 = y1.detach() - change.detach()
    return x1, x2.detach(), grad_x1, grad_y2 + x2.grad


def run_blocks(
    blocks: Sequence[Halves], x1: Float[Tensor, "*shape"], x2: Float[Tensor, "*shape"]
) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"]]:
    """The blocks, one after the other, as autograd would have it: everything on the way is kept.

    >>> double, negate = (lambda x: 2 * x), (lambda x: -x)
    >>> run_blocks([(double, negate)], torch.tensor(1.0), torch.tensor(3.0))  # 1 + 2 · 3, 3 − 7
    (tensor(7.), tensor(-4.))
    """
    for f, g in blocks:
        x1 = x1 + f(x2)
        x2 = x2 + g(x1)
    return x1, x2


class _Reversible(torch.autograd.Function):
    """`run_blocks` with a way back that keeps the last two tensors only."""

    @staticmethod
    def forward(ctx, blocks, reverse, x1, x2):
        y1, y2 = run_blocks(blocks, x1, x2)
        ctx.blocks, ctx.reverse = blocks, reverse
        kind = x1.device.type
        ctx.autocast = {
            "device_type": kind,
            "enabled": torch.is_autocast_enabled(kind),
            "dtype": torch.get_autocast_dtype(kind),
        }
        ctx.save_for_backward(y1, y2)
        return y1, y2

    @staticmethod
    def backward(ctx, grad_y1, grad_y2):
        state = (*ctx.saved_tensors, grad_y1, grad_y2)
        with torch.autocast(**ctx.autocast):  # the way back must compute what the way there did
            for f, g in reversed(ctx.blocks):
                state = ctx.reverse(f, g, *state)
        return None, None, *state[2:]


def run_reversible(
    blocks: Sequence[Halves],
    x1: Float[Tensor, "*shape"],
    x2: Float[Tensor, "*shape"],
    *,
    reverse: Callable = reverse_block,
) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"]]:
    """The blocks, one after the other; for the way back only what comes out of the last is kept.

    Gradients reach parameters by `backward` (not by `torch.autograd.grad`), as in Hugging Face's
    Reformer. Each f and g must do the same when it is called again. `reverse` may be an answer of
    your own.

    >>> layer = torch.nn.Linear(2, 2)
    >>> x = torch.ones(2, requires_grad=True)
    >>> y1, y2 = run_reversible([(layer, torch.tanh)] * 5, x, x)
    >>> (y1 + y2).sum().backward()
    >>> layer.weight.grad.shape, x.grad.shape
    (torch.Size([2, 2]), torch.Size([2]))
    """
    if torch.is_grad_enabled() and not (x1.requires_grad or x2.requires_grad):
        x1 = x1.detach().requires_grad_()  # else nobody would ask for a way back
    return _Reversible.apply(list(blocks), reverse, x1, x2)


checked(globals())
