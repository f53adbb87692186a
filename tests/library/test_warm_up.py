"""Chapter 00's library against torch, autograd and counting by hand."""

import math
from collections import Counter

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from unrolled.backpropagation import mlp_gradients
from unrolled.embedding import embed
from unrolled.losses import cross_entropy, softmax
from unrolled.ngram import ngram_model, perplexity

BATCH, FEATURE, HIDDEN, OUTPUT, VOCABULARY = 3, 5, 7, 2, 11


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


def gradient(function, x):
    """Of a sum with unequal weights: an even one would hide the gradient of a softmax."""
    x = x.clone().requires_grad_()
    y = function(x)
    return torch.autograd.grad((y * torch.arange(y.numel()).view(y.shape)).sum(), x)[0]


@pytest.mark.parametrize("dim", [0, 1, 2, -1, -2])
def test_is_softmax_torchs_along_every_axis_with_the_same_gradient(dim):
    x = normal(2, 5, 3)
    torch.testing.assert_close(softmax(x, dim), x.softmax(dim))
    torch.testing.assert_close(gradient(lambda x: softmax(x, dim), x), gradient(lambda x: x.softmax(dim), x))


def test_does_softmax_take_scores_of_any_size():
    x = 1000 * normal(BATCH, VOCABULARY).float()
    torch.testing.assert_close(softmax(x), x.softmax(-1))
    torch.testing.assert_close(softmax(x.double() + 1e6), softmax(x.double()), atol=1e-8, rtol=1e-6)


def test_is_softmax_over_a_masked_score_zero_there():
    assert softmax(torch.tensor([0.0, -math.inf, 0.0])).tolist() == [0.5, 0.0, 0.5]


@pytest.mark.parametrize("size", [1.0, 1000.0])
def test_is_the_cross_entropy_torchs_with_the_same_gradient(size):
    logits, targets = size * normal(BATCH, VOCABULARY), torch.tensor([0, 10, 4])
    torch.testing.assert_close(cross_entropy(logits, targets), F.cross_entropy(logits, targets))
    ours, theirs = (gradient(lambda x, f=f: f(x, targets)[None] + 0, logits) for f in (cross_entropy, F.cross_entropy))
    torch.testing.assert_close(ours, theirs)


def test_is_the_gradient_of_the_cross_entropy_p_minus_y():
    logits, targets = normal(BATCH, VOCABULARY).requires_grad_(), torch.tensor([0, 10, 4])
    found = torch.autograd.grad(cross_entropy(logits, targets), logits)[0]
    torch.testing.assert_close(found, (softmax(logits) - F.one_hot(targets, VOCABULARY)) / BATCH)


def test_are_the_gradients_by_hand_those_of_autograd():
    first = nn.Linear(FEATURE, HIDDEN, dtype=torch.float64)
    second = nn.Linear(HIDDEN, OUTPUT, dtype=torch.float64)
    x, targets = normal(BATCH, FEATURE), normal(BATCH, OUTPUT)
    F.mse_loss(second(torch.tanh(first(x))), targets).backward()
    weights = {"w1": first.weight, "b1": first.bias, "w2": second.weight, "b2": second.bias}
    arrays = {name: weight.detach().numpy() for name, weight in weights.items()}
    ours = mlp_gradients(x.numpy(), targets.numpy(), **arrays)
    assert ours.keys() == weights.keys()
    for name, weight in weights.items():
        np.testing.assert_allclose(ours[name], weight.grad.numpy(), rtol=1e-12)


def test_is_a_row_torchs_embedding_with_the_same_gradient():
    table, ids = normal(VOCABULARY, FEATURE), torch.tensor([[3, 3, 0], [10, 3, 1]])
    torch.testing.assert_close(embed(table, ids), F.embedding(ids, table))
    torch.testing.assert_close(
        gradient(lambda t: embed(t, ids), table), gradient(lambda t: F.one_hot(ids, VOCABULARY).double() @ t, table)
    )


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_are_the_probabilities_those_of_counting_by_hand(n):
    ids = torch.randint(5, (97,), generator=torch.Generator().manual_seed(n)).tolist()
    model = ngram_model(ids, n, vocabulary=VOCABULARY, alpha=0.25)
    grams = Counter(tuple(ids[i : i + n]) for i in range(97 - n + 1))
    for context in {gram[:-1] for gram in grams} | {(10,) * (n - 1)}:
        below = sum(count for gram, count in grams.items() if gram[:-1] == context) + 0.25 * VOCABULARY
        expected = torch.tensor([(grams[(*context, word)] + 0.25) / below for word in range(VOCABULARY)])
        torch.testing.assert_close(model(context), expected)


def test_are_the_probabilities_a_distribution_after_any_context():
    model = ngram_model([0, 1, 2, 0, 1], n=3, vocabulary=7, alpha=0.01)
    for context in [(0, 1), (1, 2), (6, 6)]:
        assert model(context).sum().item() == pytest.approx(1) and (model(context) > 0).all()
    assert model((6, 6)).tolist() == pytest.approx([1 / 7] * 7)


def test_is_the_perplexity_exp_of_torchs_cross_entropy():
    logits, targets = normal(13, VOCABULARY), torch.arange(13) % VOCABULARY
    every = logits.log_softmax(-1)[torch.arange(13), targets]
    expected = F.cross_entropy(logits, targets).exp()
    torch.testing.assert_close(perplexity([every]), expected)
    torch.testing.assert_close(perplexity([every[:2], every[2:7], every[7:]]), expected)


def test_is_the_perplexity_of_equal_chances_their_number():
    assert perplexity([torch.full((5,), -math.log(17.0))]).item() == pytest.approx(17)
