"""Chapter 05's library against torch: its fused attention, nn.MultiheadAttention, and arithmetic by hand."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from unrolled.self_attention import (
    MultiHeadAttention,
    WordFiller,
    causal_mask,
    padding_mask,
    scaled_dot_product_attention,
    sinusoidal_positions,
)

BATCH, HEADS, QUERY, KEY, D_K, D_V = 2, 3, 5, 7, 11, 13


def normal(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed + sum(shape)))


def some_mask(*shape):
    mask = torch.rand(*shape, generator=torch.Generator().manual_seed(1)) < 0.6
    mask[..., 0] = True
    return mask


@pytest.mark.parametrize("shape", [None, (QUERY, KEY), (BATCH, 1, QUERY, KEY), (BATCH, HEADS, 1, KEY)])
def test_is_attention_torchs_with_the_same_gradients(shape):
    mask = None if shape is None else some_mask(*shape)
    inputs = [normal(BATCH, HEADS, n, d).requires_grad_() for n, d in ((QUERY, D_K), (KEY, D_K), (KEY, D_V))]
    ours, weights = scaled_dot_product_attention(*inputs, mask)
    theirs = F.scaled_dot_product_attention(*inputs, attn_mask=mask)
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(weights.sum(-1), torch.ones(BATCH, HEADS, QUERY, dtype=torch.float64))
    direction = normal(BATCH, HEADS, QUERY, D_V, seed=1)
    for a, b in zip(*(torch.autograd.grad((x * direction).sum(), inputs) for x in (ours, theirs)), strict=True):
        torch.testing.assert_close(a, b)


def test_is_the_causal_mask_torchs():
    query = normal(BATCH, KEY, D_K)
    ours, _ = scaled_dot_product_attention(query, query, query, causal_mask(KEY))
    torch.testing.assert_close(ours, F.scaled_dot_product_attention(query, query, query, is_causal=True))


def test_does_the_future_not_change_the_past():
    x = normal(BATCH, KEY, D_K)
    changed = x.clone()
    changed[:, 4:] = 100.0
    before, after = (scaled_dot_product_attention(y, y, y, causal_mask(KEY))[0][:, :4] for y in (x, changed))
    torch.testing.assert_close(before, after, rtol=0, atol=0)


def test_does_padding_not_change_a_result():
    x, lengths = normal(BATCH, KEY, D_K), torch.tensor([3, 6])
    mask = padding_mask(lengths, KEY)
    changed = torch.where(mask[..., None], x, torch.tensor(1e6, dtype=x.dtype))
    before, after = (scaled_dot_product_attention(x, y, y, mask[:, None])[0] for y in (x, changed))
    torch.testing.assert_close(before, after, rtol=0, atol=0)


@pytest.mark.parametrize("masked", [False, True])
def test_are_many_heads_torchs_with_the_same_weights_and_gradients(masked):
    d_model = HEADS * 5
    theirs = nn.MultiheadAttention(d_model, HEADS, batch_first=True, dtype=torch.float64)
    nn.init.normal_(theirs.in_proj_bias), nn.init.normal_(theirs.out_proj.bias)
    ours = MultiHeadAttention(d_model, HEADS).double()
    for i, layer in enumerate((ours.query, ours.key, ours.value)):
        layer.weight.data = theirs.in_proj_weight.data[i * d_model : (i + 1) * d_model]
        layer.bias.data = theirs.in_proj_bias.data[i * d_model : (i + 1) * d_model]
    ours.output.load_state_dict(theirs.out_proj.state_dict())
    inputs = [normal(BATCH, n, d_model).requires_grad_() for n in (QUERY, KEY, KEY)]
    mask = some_mask(BATCH, 1, QUERY, KEY) if masked else None
    their_mask = None if mask is None else ~mask.repeat_interleave(HEADS, dim=0)[:, 0]  # the other way round
    output, weights = ours(*inputs, mask)
    expected, expected_weights = theirs(*inputs, attn_mask=their_mask, average_attn_weights=False)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(weights, expected_weights)
    direction = normal(BATCH, QUERY, d_model, seed=1)
    for a, b in zip(*(torch.autograd.grad((x * direction).sum(), inputs) for x in (output, expected)), strict=True):
        torch.testing.assert_close(a, b)


def test_are_positions_what_the_formula_says_entry_by_entry():
    table = sinusoidal_positions(11, 6)
    for p in range(11):
        for i in range(3):
            angle = p / 10000 ** (2 * i / 6)
            assert table[p, 2 * i] == pytest.approx(math.sin(angle), abs=1e-6)
            assert table[p, 2 * i + 1] == pytest.approx(math.cos(angle), abs=1e-6)


def test_does_the_model_without_positions_not_see_the_order():
    torch.manual_seed(0)
    ids, order = torch.tensor([[4, 7, 1, 9, 5]]), torch.tensor([2, 0, 4, 1, 3])
    real = torch.ones(1, 5, dtype=torch.bool)
    for positions in (True, False):
        model = WordFiller(11, 8, 2, 5, positions=positions)
        straight, shuffled = model(ids, real)[0], model(ids[:, order], real)[0]
        assert torch.allclose(straight[:, order], shuffled, atol=1e-5) is not positions


def test_are_sizes_that_cannot_be_refused_with_the_reason():
    with pytest.raises(ValueError, match="d_model is 10; expected a multiple of heads, which is 3"):
        MultiHeadAttention(10, 3)
    with pytest.raises(ValueError, match="d_model is 5; expected an even number"):
        sinusoidal_positions(3, 5)
