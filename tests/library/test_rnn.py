"""Chapter 01's library against torch: nn.RNN, clip_grad_norm_, cross_entropy and autograd's own Jacobians."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from unrolled.rnn import RNNLanguageModel, clip_gradients, jacobian_norms, rnn_step, sequence_cross_entropy, unroll

BATCH, TIME, FEATURE, HIDDEN, VOCABULARY = 2, 11, 5, 7, 13


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.fixture
def rnn():
    torch.manual_seed(0)
    return nn.RNN(FEATURE, HIDDEN, batch_first=True, dtype=torch.float64)


def weights(rnn):
    return rnn.weight_ih_l0, rnn.bias_ih_l0, rnn.weight_hh_l0, rnn.bias_hh_l0


def test_is_a_step_that_of_torchs_cell(rnn):
    cell = nn.RNNCell(FEATURE, HIDDEN, dtype=torch.float64)
    x, h = normal(BATCH, FEATURE), normal(BATCH, HIDDEN)
    ours = rnn_step(x, h, cell.weight_ih, cell.bias_ih, cell.weight_hh, cell.bias_hh)
    torch.testing.assert_close(ours, cell(x, h))


def test_is_the_unrolled_network_torchs_rnn_with_the_same_gradients(rnn):
    inputs, state = normal(BATCH, TIME, FEATURE), normal(BATCH, HIDDEN)
    ours, last = unroll(lambda x, h: rnn_step(x, h, *weights(rnn)), inputs, state)
    theirs, their_last = rnn(inputs, state[None])
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(last, their_last[0])
    direction = normal(BATCH, TIME, HIDDEN)
    our_gradients = torch.autograd.grad((ours * direction).sum(), weights(rnn))
    their_gradients = torch.autograd.grad((theirs * direction).sum(), weights(rnn))
    torch.testing.assert_close(our_gradients, their_gradients)


def test_is_the_loss_torchs_with_padding_ignored():
    logits, lengths = normal(3, TIME, VOCABULARY), torch.tensor([TIME, 2, 7])
    targets = torch.arange(3 * TIME).view(3, TIME) % VOCABULARY
    masked = targets.masked_fill(torch.arange(TIME) >= lengths[:, None], -100)
    torch.testing.assert_close(
        sequence_cross_entropy(logits, targets, lengths), F.cross_entropy(logits.transpose(1, 2), masked)
    )


def test_does_the_loss_not_depend_on_what_is_in_the_padding():
    logits, lengths = normal(2, TIME, VOCABULARY), torch.tensor([4, 9])
    targets = torch.zeros(2, TIME, dtype=torch.long)
    before = sequence_cross_entropy(logits, targets, lengths)
    padding = torch.arange(TIME) >= lengths[:, None]
    logits[padding], targets[padding] = 1e6, VOCABULARY - 1
    assert sequence_cross_entropy(logits, targets, lengths) == before


def test_are_the_norms_those_of_autograds_jacobians():
    w_hh, inputs, first = 0.9 * normal(HIDDEN, HIDDEN), normal(TIME, HIDDEN), normal(HIDDEN)
    states, h = [], first
    for x in inputs:
        h = torch.tanh(x + w_hh @ h)
        states.append(h)

    def last_state(h, start):
        for x in inputs[start + 1 :]:
            h = torch.tanh(x + w_hh @ h)
        return h

    jacobians = [torch.autograd.functional.jacobian(lambda h, t=t: last_state(h, t), states[t]) for t in range(TIME)]
    expected = torch.stack([torch.linalg.svdvals(jacobian)[0] for jacobian in jacobians])
    torch.testing.assert_close(jacobian_norms(w_hh, torch.stack(states)), expected)


@pytest.mark.parametrize("max_norm", [0.5, 3.0, 1000.0])
def test_are_gradients_clipped_as_torch_clips_them(max_norm):
    gradients = [normal(3, 5), 2 * normal(7), normal(2, 1, 11)]
    parameters = [nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient.clone()
    nn.utils.clip_grad_norm_(parameters, max_norm)
    theirs = [parameter.grad for parameter in parameters]
    torch.testing.assert_close(clip_gradients(gradients, max_norm), theirs, rtol=1e-5, atol=1e-7)  # they add 1e-6


def test_are_zero_gradients_left_zero():
    assert not clip_gradients([torch.zeros(3)], 1.0)[0].any()


def test_can_the_language_model_go_on_from_its_state():
    model = RNNLanguageModel(VOCABULARY, HIDDEN)
    ids = torch.arange(3 * TIME).view(3, TIME) % VOCABULARY
    whole, last = model(ids)
    first, state = model(ids[:, :4])
    rest, last_again = model(ids[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, rest], dim=1), whole)
    torch.testing.assert_close(last_again, last)
