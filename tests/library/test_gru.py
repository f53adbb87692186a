"""Chapter 02's GRU against torch: nn.GRUCell, nn.GRU and their gradients; where it differs from the papers."""

import pytest
import torch
from torch import nn

from unrolled.gru import gru_step

BATCH, TIME, FEATURE, HIDDEN = 3, 11, 5, 7


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.fixture
def cell():
    torch.manual_seed(0)
    return nn.GRUCell(FEATURE, HIDDEN, dtype=torch.float64)


def weights(cell):
    return cell.weight_ih, cell.bias_ih, cell.weight_hh, cell.bias_hh


def test_is_a_step_that_of_torchs_cell_with_the_same_gradients(cell):
    x, h = normal(BATCH, FEATURE).requires_grad_(), normal(BATCH, HIDDEN).requires_grad_()
    ours, theirs = gru_step(x, h, *weights(cell)), cell(x, h)
    torch.testing.assert_close(ours, theirs)
    leaves, along = [x, h, *weights(cell)], normal(BATCH, HIDDEN)
    ours, theirs = (torch.autograd.grad(result, leaves, grad_outputs=along) for result in (ours, theirs))
    torch.testing.assert_close(ours, theirs)


def test_is_the_loop_of_steps_torchs_layer():
    torch.manual_seed(0)
    layer = nn.GRU(FEATURE, HIDDEN, batch_first=True, dtype=torch.float64)
    inputs, h, outputs = normal(BATCH, TIME, FEATURE), normal(BATCH, HIDDEN), []
    theirs, last = layer(inputs, h[None])
    for x in inputs.unbind(dim=1):
        h = gru_step(x, h, layer.weight_ih_l0, layer.bias_ih_l0, layer.weight_hh_l0, layer.bias_hh_l0)
        outputs.append(h)
    torch.testing.assert_close(torch.stack(outputs, dim=1), theirs)
    torch.testing.assert_close(h, last[0])


def test_does_the_place_of_the_reset_gate_matter(cell):
    """Cho et al. (2014), equation 8, resets before the product: with these weights that is another state."""
    x, h = normal(BATCH, FEATURE), normal(BATCH, HIDDEN)
    w_ih, b_ih, w_hh, b_hh = weights(cell)
    r, z, _ = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(3, dim=1)
    rows = slice(2 * HIDDEN, None)
    theirs = torch.tanh(x @ w_ih[rows].T + b_ih[rows] + (r * h) @ w_hh[rows].T + b_hh[rows])
    assert ((1 - z) * theirs + z * h - gru_step(x, h, *weights(cell))).abs().max() > 0.01


def test_does_the_state_never_leave_the_interval_of_the_tanh(cell):
    h = torch.zeros(BATCH, HIDDEN, dtype=torch.float64)
    for t in range(TIME):
        h = gru_step(100 * normal(BATCH + t, FEATURE)[:BATCH], h, *weights(cell))
        assert h.abs().max() <= 1
