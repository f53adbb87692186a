"""Chapter 02's unequal lengths against torch's packed sequences: outputs, last states, gradients, both directions."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from unrolled.gru import gru_step
from unrolled.lstm import lstm_step
from unrolled.masking import RecurrentClassifier, bidirectional, masked_unroll
from unrolled.rnn import rnn_step, unroll

BATCH, TIME, FEATURE, HIDDEN = 5, 11, 3, 7
LENGTHS = torch.tensor([11, 1, 7, 2, 10])
LAYERS = {"RNN": (nn.RNN, rnn_step), "GRU": (nn.GRU, gru_step), "LSTM": (nn.LSTM, lstm_step)}
each_layer = pytest.mark.parametrize("kind", LAYERS)


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


def make(kind, both=False):
    """Torch's layer; for each direction a step with its weights, and a first state that is not zero."""
    torch.manual_seed(0)
    layer = LAYERS[kind][0](FEATURE, HIDDEN, batch_first=True, bidirectional=both, dtype=torch.float64)
    steps, states = [], []
    for i, weights in enumerate(layer.all_weights):
        w_ih, w_hh, b_ih, b_hh = weights
        steps.append(lambda x, s, w=(w_ih, b_ih, w_hh, b_hh): LAYERS[kind][1](x, s, *w))
        h, c = normal(BATCH, HIDDEN) / (i + 2), normal(HIDDEN, BATCH).T / (i + 2)
        states.append((h, c) if kind == "LSTM" else h)
    return layer, steps, states


def packed(layer, inputs, lengths, states):
    """What torch makes of the batch, packed: outputs, and the last state of each direction."""
    first = tuple(map(torch.stack, zip(*states, strict=True))) if isinstance(states[0], tuple) else torch.stack(states)
    outputs, last = layer(pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False), first)
    outputs, _ = pad_packed_sequence(outputs, batch_first=True, total_length=inputs.shape[1])
    return outputs, list(zip(*last, strict=True)) if isinstance(last, tuple) else list(last)


def gradients(layer, inputs, outputs, states):
    """Of a weighted sum of all that came out, for inputs and weights."""
    total = (outputs * normal(*outputs.shape)).sum()
    for n, part in enumerate(part for state in states for part in (state if isinstance(state, tuple) else (state,))):
        total = total + (part * normal(*part.shape)).sum() * (n + 1)
    return torch.autograd.grad(total, [inputs, *layer.parameters()])


@each_layer
def test_is_it_what_torch_makes_of_a_packed_batch_with_the_same_gradients(kind):
    layer, (step,), (first,) = make(kind)
    inputs = normal(BATCH, TIME, FEATURE).requires_grad_()
    outputs, last = masked_unroll(step, inputs, LENGTHS, first)
    their_outputs, (their_last,) = packed(layer, inputs, LENGTHS, [first])
    torch.testing.assert_close(outputs, their_outputs)
    torch.testing.assert_close(last, their_last)
    ours, theirs = gradients(layer, inputs, outputs, [last]), gradients(layer, inputs, their_outputs, [their_last])
    torch.testing.assert_close(ours, theirs)


@each_layer
def test_are_both_directions_those_of_torch(kind):
    layer, steps, first = make(kind, both=True)
    inputs = normal(BATCH, TIME, FEATURE).requires_grad_()
    outputs, last = bidirectional(*steps, inputs, LENGTHS, *first)
    their_outputs, their_last = packed(layer, inputs, LENGTHS, first)
    torch.testing.assert_close(outputs, their_outputs)
    torch.testing.assert_close(list(last), their_last)
    ours, theirs = gradients(layer, inputs, outputs, last), gradients(layer, inputs, their_outputs, their_last)
    torch.testing.assert_close(ours, theirs)


@each_layer
@pytest.mark.parametrize("filling", [0.0, 1.0, -1e6])
def test_does_it_not_matter_what_is_in_the_padding(kind, filling):
    layer, steps, first = make(kind, both=True)
    inputs = normal(BATCH, TIME, FEATURE)
    padding = torch.arange(TIME) >= LENGTHS[:, None]
    other = inputs.masked_fill(padding[..., None], filling)
    results = []
    for x in (inputs.requires_grad_(), other.requires_grad_()):
        outputs, last = bidirectional(*steps, x, LENGTHS, *first)
        results.append((outputs, list(last), gradients(layer, x, outputs, last)))
    torch.testing.assert_close(results[0], results[1])
    assert not results[0][2][0][padding].any() and not results[0][0][padding].any()


def test_does_padding_at_the_end_of_the_whole_batch_change_nothing():
    _, steps, first = make("GRU", both=True)
    inputs, lengths = normal(BATCH, TIME, FEATURE), LENGTHS.clamp(max=4)
    outputs, last = bidirectional(*steps, inputs, lengths, *first)
    shorter, last_of_shorter = bidirectional(*steps, inputs[:, :4], lengths, *first)
    torch.testing.assert_close(outputs[:, :4], shorter)
    torch.testing.assert_close(last, last_of_shorter)
    assert not outputs[:, 4:].any()


def test_is_it_chapter_1s_unroll_where_nothing_is_padding():
    _, (step,), (first,) = make("RNN")
    inputs = normal(BATCH, TIME, FEATURE)
    ours = masked_unroll(step, inputs, torch.full((BATCH,), TIME), first)
    torch.testing.assert_close(ours, unroll(step, inputs, first))


def test_does_a_sequence_of_length_zero_keep_its_first_state():
    _, steps, first = make("LSTM", both=True)
    outputs, last = bidirectional(*steps, normal(BATCH, TIME, FEATURE), 0 * LENGTHS, *first)
    torch.testing.assert_close(list(last), first)
    assert not outputs.any()


@pytest.mark.parametrize(
    ("cell", "step"), [(nn.RNNCell, rnn_step), (nn.GRUCell, gru_step), (nn.LSTMCell, lstm_step)], ids=list(LAYERS)
)
def test_does_the_classifier_read_each_sequence_as_if_it_were_alone(cell, step):
    torch.manual_seed(0)
    model = RecurrentClassifier(cell(FEATURE, HIDDEN), step, vocabulary=13, classes=2).double()
    ids = torch.arange(BATCH * TIME).view(BATCH, TIME) % 13
    together = model(ids, LENGTHS)
    alone = [model(ids[i : i + 1, :n], LENGTHS[i : i + 1]) for i, n in enumerate(LENGTHS)]
    torch.testing.assert_close(together, torch.cat(alone))
