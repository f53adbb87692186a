"""Chapter 02's LSTM against torch: nn.LSTMCell, nn.LSTM, their gradients, and the forget gate's bias by hand."""

import pytest
import torch
from torch import nn

from unrolled.lstm import initialize_forget_bias, lstm_step

BATCH, TIME, FEATURE, HIDDEN = 3, 11, 5, 7


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.fixture
def cell():
    torch.manual_seed(0)
    return nn.LSTMCell(FEATURE, HIDDEN, dtype=torch.float64)


def weights(cell):
    return cell.weight_ih, cell.bias_ih, cell.weight_hh, cell.bias_hh


def test_is_a_step_that_of_torchs_cell_with_the_same_gradients(cell):
    x, h, c = normal(BATCH, FEATURE), normal(BATCH, HIDDEN), normal(HIDDEN, BATCH).T.clone()
    leaves = [tensor.requires_grad_() for tensor in (x, h, c)] + list(weights(cell))
    ours, theirs = lstm_step(x, (h, c), *weights(cell)), cell(x, (h, c))
    torch.testing.assert_close(ours, theirs)
    along = normal(BATCH, HIDDEN), normal(HIDDEN, BATCH).T
    ours, theirs = (torch.autograd.grad(result, leaves, grad_outputs=along) for result in (ours, theirs))
    torch.testing.assert_close(ours, theirs)


def test_is_the_loop_of_steps_torchs_layer():
    torch.manual_seed(0)
    layer = nn.LSTM(FEATURE, HIDDEN, batch_first=True, dtype=torch.float64)
    inputs, state, outputs = normal(BATCH, TIME, FEATURE), (normal(BATCH, HIDDEN), normal(BATCH, HIDDEN)), []
    theirs, (their_h, their_c) = layer(inputs, (state[0][None], state[1][None]))
    for x in inputs.unbind(dim=1):
        state = lstm_step(x, state, layer.weight_ih_l0, layer.bias_ih_l0, layer.weight_hh_l0, layer.bias_hh_l0)
        outputs.append(state[0])
    torch.testing.assert_close(torch.stack(outputs, dim=1), theirs)
    torch.testing.assert_close(state, (their_h[0], their_c[0]))


def test_does_the_first_dimension_of_a_batch_of_one_survive(cell):
    h, c = lstm_step(normal(1, FEATURE), (normal(1, HIDDEN), normal(1, HIDDEN)), *weights(cell))
    assert h.shape == c.shape == (1, HIDDEN)


def test_does_a_wide_open_forget_gate_keep_the_cell(cell):
    b_ih, b_hh = initialize_forget_bias(cell.bias_ih, cell.bias_hh, 100)
    b_ih[:HIDDEN] = -100.0  # nothing is written
    c = normal(BATCH, HIDDEN)
    state = torch.zeros_like(c), c
    for _ in range(TIME):
        state = lstm_step(normal(BATCH, FEATURE), state, cell.weight_ih, b_ih, cell.weight_hh, b_hh)
    torch.testing.assert_close(state[1], c)


@pytest.mark.parametrize("value", [1, 1.0, 0.0, -3.5])
def test_is_the_sum_the_value_and_all_else_as_before(cell, value):
    before = cell.bias_ih.clone(), cell.bias_hh.clone()
    b_ih, b_hh = initialize_forget_bias(cell.bias_ih, cell.bias_hh, value)
    forget = torch.arange(4 * HIDDEN) // HIDDEN == 1
    assert ((b_ih + b_hh)[forget] == value).all()
    assert torch.equal(b_ih[~forget], before[0][~forget]) and torch.equal(b_hh[~forget], before[1][~forget])
    assert torch.equal(cell.bias_ih, before[0]) and torch.equal(cell.bias_hh, before[1])


def test_does_torchs_cell_forget_by_that_factor():
    """With zero weights the forget gate is σ(value): torch's own cell must shrink c by just that."""
    cell = nn.LSTMCell(FEATURE, HIDDEN, dtype=torch.float64)
    with torch.no_grad():
        for weight in cell.parameters():
            weight.zero_()
        for old, new in zip(
            (cell.bias_ih, cell.bias_hh), initialize_forget_bias(cell.bias_ih, cell.bias_hh), strict=True
        ):
            old.copy_(new)
    _, c = cell(normal(BATCH, FEATURE), (normal(BATCH, HIDDEN), torch.ones(BATCH, HIDDEN, dtype=torch.float64)))
    torch.testing.assert_close(c, torch.full_like(c, 0.7310585786300049))
