"""Chapter 13's library against torch's losses and layers, hand arithmetic, finite differences and scipy."""

import math

import numpy as np
import pytest
import scipy.linalg
import torch
import torch.nn.functional as F
from torch import nn

from unrolled.frechet import frechet_distance
from unrolled.gan import (
    Discriminator,
    Generator,
    discriminator_loss,
    gan_step,
    generator_loss,
    gradient_penalty,
    minimax_generator_loss,
)
from unrolled.ring import centres, modes_found, ring


def normal(*shape, seed=0, scale=1.0):
    generator = torch.Generator().manual_seed(seed + sum(shape))
    return scale * torch.randn(shape, dtype=torch.float64, generator=generator)


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


# --- losses -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("scale", [1.0, 30.0, 1000.0])
def test_are_the_losses_torchs_binary_cross_entropies_with_the_same_gradients(scale):
    real, fake = normal(5, scale=scale).requires_grad_(), normal(7, scale=scale).requires_grad_()
    bce = F.binary_cross_entropy_with_logits
    theirs = bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))
    ours = discriminator_loss(real, fake)
    torch.testing.assert_close(ours, theirs)
    for a, b in zip(*(torch.autograd.grad(loss, (real, fake)) for loss in (ours, theirs)), strict=True):
        torch.testing.assert_close(a, b)
    theirs, ours = bce(fake, torch.ones_like(fake)), generator_loss(fake)
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(torch.autograd.grad(ours, fake), torch.autograd.grad(theirs, fake))


def test_is_the_minimax_loss_the_discriminators_second_half_with_the_other_sign():
    fake = normal(7)
    torch.testing.assert_close(minimax_generator_loss(fake), torch.log(1 - torch.sigmoid(fake)).mean())


def test_do_the_two_losses_of_a_generator_have_gradients_of_opposite_strength():
    """d/dx −log σ(x) = −(1 − σ(x)); d/dx log(1 − σ(x)) = −σ(x)."""
    for x in (-5.0, 0.3, 4.0):
        logit = torch.tensor([x], dtype=torch.float64, requires_grad=True)
        (own,) = torch.autograd.grad(generator_loss(logit), logit)
        (minimax,) = torch.autograd.grad(minimax_generator_loss(logit), logit)
        assert own.item() == pytest.approx(sigmoid(x) - 1) and minimax.item() == pytest.approx(-sigmoid(x))


# --- a step -----------------------------------------------------------------------------------------------------------
class Line(nn.Module):
    """slope · x + height, on numbers: a game that can be played with a pencil."""

    def __init__(self, slope, height):
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(slope, dtype=torch.float64))
        self.height = nn.Parameter(torch.tensor(height, dtype=torch.float64))

    def forward(self, x):
        return (self.slope * x + self.height)[:, 0]


class Forger(Line):
    def forward(self, x):
        return super().forward(x)[:, None]


def by_hand(a, b, c, e, real, noise, rate, steps):
    """D(x) = a·x + b, G(z) = c·z + e: the gradients written out, the discriminator first."""
    for _ in range(steps):
        fake = [c * z + e for z in noise]
        on_real = [-(1 - sigmoid(a * x + b)) / len(real) for x in real]
        on_fake = [sigmoid(a * x + b) / len(fake) for x in fake]
        grad_a = sum(g * x for g, x in zip(on_real + on_fake, real + fake, strict=True))
        grad_b = sum(on_real + on_fake)
        a, b = a - rate * grad_a, b - rate * grad_b
        on_fake = [-(1 - sigmoid(a * x + b)) * a / len(fake) for x in fake]
        grad_c, grad_e = sum(g * z for g, z in zip(on_fake, noise, strict=True)), sum(on_fake)
        c, e = c - rate * grad_c, e - rate * grad_e
    return a, b, c, e


@pytest.mark.parametrize("steps", [1, 3])
def test_does_a_step_do_what_the_pencil_does(steps):
    real, noise, rate = [1.0, 2.5, 0.3], [0.5, -1.2], 0.7
    discriminator, generator = Line(0.4, -0.3), Forger(1.1, 0.2)
    optimizers = [torch.optim.SGD(net.parameters(), lr=rate) for net in (generator, discriminator)]
    columns = [torch.tensor(numbers, dtype=torch.float64)[:, None] for numbers in (real, noise)]
    for _ in range(steps):
        gan_step(generator, discriminator, *optimizers, *columns)
    got = [p.item() for net in (discriminator, generator) for p in (net.slope, net.height)]
    assert got == pytest.approx(by_hand(0.4, -0.3, 1.1, 0.2, real, noise, rate, steps))


def test_does_the_generator_hear_once_a_step_and_nothing_of_the_penalty():
    generator, discriminator = Forger(1.1, 0.2), Line(0.4, -0.3)
    heard = []
    generator.slope.register_hook(lambda gradient: heard.append(gradient.item()))
    optimizers = [torch.optim.SGD(net.parameters(), lr=0.0) for net in (generator, discriminator)]
    x, z = normal(5, 1), normal(7, 1)

    def penalty(real, fake):
        assert not fake.requires_grad and torch.equal(real, x)
        return 3 * discriminator(fake).mean() ** 2

    plain, _ = gan_step(generator, discriminator, *optimizers, x, z)
    penalised, _ = gan_step(generator, discriminator, *optimizers, x, z, penalty)
    assert len(heard) == 2 and heard[0] == heard[1]
    assert penalised == pytest.approx(plain + penalty(x, generator(z).detach()).item())


# --- the penalty ------------------------------------------------------------------------------------------------------
def test_is_the_penalty_of_a_quadratic_what_the_pencil_says():
    """D(x) = ½ xᵀAx has the gradient Ax: known without autograd."""
    real, fake, weights = normal(5, 3), normal(5, 3, seed=1), torch.rand(5, dtype=torch.float64)
    a = normal(3, 3)
    a = a + a.T
    expected = np.mean([
        (np.linalg.norm(a.numpy() @ (w * x + (1 - w) * y)) - 1) ** 2
        for w, x, y in zip(weights.numpy(), real.numpy(), fake.numpy(), strict=True)
    ])  # fmt: skip
    got = gradient_penalty(lambda x: 0.5 * torch.einsum("bi,ij,bj->b", x, a, x), real, fake, weights)
    assert got.item() == pytest.approx(expected)


def test_is_the_norm_one_for_each_example_over_all_its_axes():
    """A linear discriminator has one slope everywhere: the length of its weights, taken as one long vector."""
    w, weights = normal(1, 5, 7), torch.rand(3, dtype=torch.float64)
    got = gradient_penalty(lambda x: (x * w).sum((1, 2, 3)), normal(3, 1, 5, 7), normal(3, 1, 5, 7, seed=1), weights)
    assert got.item() == pytest.approx((math.sqrt((w**2).sum().item()) - 1) ** 2)


def test_are_the_penaltys_gradients_those_of_finite_differences():
    real, fake, weights = normal(3, 2), normal(3, 2, seed=1), torch.rand(3, dtype=torch.float64)

    def penalty(w1, w2):
        return gradient_penalty(lambda x: torch.tanh(x @ w1) @ w2, real, fake, weights)

    w1, w2 = normal(2, 5).requires_grad_(), normal(5).requires_grad_()
    assert torch.autograd.gradcheck(penalty, (w1, w2))


# --- networks ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [8, 12, 28])
def test_is_the_generator_torchs_layers_in_a_row(size):
    torch.manual_seed(0)
    generator = Generator(noise=5, size=size, channels=3).double()
    for parameter in generator.parameters():
        parameter.data = normal(*parameter.shape, scale=0.5)
    layers = nn.Sequential(
        generator.start, nn.Unflatten(1, (6, size // 4, size // 4)), generator.start_norm, nn.ReLU(),
        generator.grow, generator.grow_norm, nn.ReLU(), generator.paint, nn.Sigmoid(),
    )  # fmt: skip
    noise = normal(7, 5)
    for mode in (True, False):
        generator.train(mode)
        torch.testing.assert_close(generator(noise), layers(noise))
    assert generator(noise).shape == (7, 1, size, size)


def test_does_a_picture_get_the_same_score_whatever_else_is_in_the_batch():
    discriminator = Discriminator(size=12, channels=3).double()
    images = normal(5, 1, 12, 12)
    torch.testing.assert_close(discriminator(images)[:2], discriminator(images[:2]))


@pytest.mark.parametrize("size", [0, 10, -4])
def test_does_a_size_that_cannot_be_doubled_twice_say_so(size):
    for make in (lambda: Generator(5, size), lambda: Discriminator(size)):
        with pytest.raises(ValueError, match=f"size is {size}; expected a multiple of 4"):
            make()


# --- the ring ---------------------------------------------------------------------------------------------------------
def test_are_perfect_samples_of_all_modes_and_good_ones():
    modes, share = modes_found(ring(4000, torch.Generator().manual_seed(0)))
    assert modes == 8 and share == pytest.approx(1 - math.exp(-4.5), abs=0.005)  # Rayleigh: within 3σ in two dimensions


@pytest.mark.parametrize("met", [1, 3, 8])
def test_are_modes_counted(met):
    samples = centres()[:met].repeat_interleave(50, dim=0)
    assert modes_found(samples) == (met, 1.0)
    assert modes_found(torch.zeros(10, 2)) == (0, 0.0)


# --- the Fréchet distance ---------------------------------------------------------------------------------------------
def with_scipy(x, y):
    x, y = x.numpy(), y.numpy()
    c, d = np.atleast_2d(np.cov(x, rowvar=False)), np.atleast_2d(np.cov(y, rowvar=False))
    root = scipy.linalg.sqrtm(c @ d)
    return np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(c + d - 2 * np.real(root))


@pytest.mark.parametrize(("n", "m", "features"), [(11, 13, 5), (101, 53, 17), (7, 11, 1)])
def test_is_the_distance_scipys(n, m, features):
    mix = normal(features, features)
    x, y = normal(n, features) @ mix + 1, 2 * normal(m, features, seed=1) - 0.5
    assert frechet_distance(x, y) == pytest.approx(with_scipy(x, y), rel=1e-9)
    assert frechet_distance(y, x) == pytest.approx(frechet_distance(x, y))
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-6)


def test_is_the_distance_of_axes_that_do_not_mix_a_sum_over_them():
    """For diagonal covariances: Σ (μ − ν)² + (σ − τ)². Four corners make variances of 4/3·s² exactly."""
    corners = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]], dtype=torch.float64)
    x, y = corners * torch.tensor([1.0, 2.0]), corners * torch.tensor([4.0, 3.0]) + torch.tensor([0.5, -1.0])
    assert frechet_distance(x, y) == pytest.approx(0.25 + 1 + 4 / 3 * (9 + 1))


def test_does_the_distance_stay_finite_with_fewer_examples_than_features():
    x, y = normal(3, 7), normal(5, 7, seed=1)
    gap = ((x.mean(0) - y.mean(0)) ** 2).sum().item()
    assert gap <= frechet_distance(x, y) <= gap + x.var(0).sum().item() + y.var(0).sum().item()
