"""Chapter 12's library against scikit-learn, SciPy, torch.distributions, integrals by numbers, and hand arithmetic."""

import math

import pytest
import torch
import torch.nn.functional as F
from scipy.linalg import subspace_angles as scipy_subspace_angles
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from sklearn.metrics import roc_curve as sklearn_roc_curve
from torch import distributions, nn

from unrolled.anomaly import anomaly_scores, roc_auc, roc_curve
from unrolled.autoencoder import Autoencoder, corrupt
from unrolled.pca import principal_components, subspace_angles
from unrolled.vae import VariationalAutoencoder, elbo, kl_to_standard_normal, reparameterize

BATCH, FEATURE, HIDDEN, LATENT = 7, 13, 11, 5


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def assert_same_with_gradients(ours, theirs, leaves):
    weights = torch.cos(torch.arange(ours.numel(), dtype=ours.dtype)).view(ours.shape)
    torch.testing.assert_close(ours, theirs)
    for a, b in zip(*(torch.autograd.grad((y * weights).sum(), leaves) for y in (ours, theirs)), strict=True):
        torch.testing.assert_close(a, b)


# --- pca ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [1, 5, 7])
def test_are_mean_and_components_scikit_learns_but_for_their_sign(count):
    x = 3 + normal(17, 7) * torch.arange(1, 8)
    mean, components = principal_components(x, count)
    theirs = PCA(count).fit(x.numpy())
    torch.testing.assert_close(mean, torch.from_numpy(theirs.mean_))
    cosines = (components * torch.from_numpy(theirs.components_)).sum(1)
    torch.testing.assert_close(cosines.abs(), torch.ones_like(cosines))


def test_is_the_best_flat_code_no_worse_than_any_other():
    x = normal(17, 7)
    mean, components = principal_components(x, 3)
    best = ((x - mean - (x - mean) @ components.T @ components) ** 2).sum()
    for _ in range(20):
        q = torch.linalg.qr(components.T + 0.1 * normal(7, 3)).Q
        assert ((x - mean - (x - mean) @ q @ q.T) ** 2).sum() > best


@pytest.mark.parametrize("apart", [1e-6, 1e-3, 0.3, 3.0])
def test_are_the_angles_scipys_also_where_they_are_tiny(apart):
    a = normal(5, 13)
    b = normal(5, 5) @ (a + apart * normal(5, 13))
    theirs = torch.from_numpy(scipy_subspace_angles(a.numpy().T, b.numpy().T)).rad2deg().float()
    torch.testing.assert_close(subspace_angles(a, b), theirs, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("count", [0, 6])
def test_is_an_impossible_number_of_components_refused(count):
    with pytest.raises(ValueError, match=rf"count is {count}; expected 1 to 5, for x \(5, 11\)"):
        principal_components(normal(5, 11), count)


# --- autoencoder --------------------------------------------------------------------------------------------------
def test_is_the_autoencoder_the_stack_of_its_layers_with_the_same_gradients():
    model, x = Autoencoder(FEATURE, HIDDEN, LATENT).double(), torch.rand(BATCH, FEATURE, dtype=torch.float64)
    encoder = nn.Sequential(model.look, nn.ReLU(), model.squeeze)
    decoder = nn.Sequential(model.unfold, nn.ReLU(), model.draw, nn.Sigmoid())
    pixels, code = model(x.requires_grad_())
    leaves = [x, *model.parameters()]
    assert_same_with_gradients(pixels, decoder(encoder(x)), leaves)
    torch.testing.assert_close(code, encoder(x))
    assert torch.equal(model.encode(x), code) and torch.equal(model.decode(code), pixels)
    assert (code < 0).any() and pixels.min() > 0 and pixels.max() < 1


def test_does_corruption_do_what_it_says_and_leave_the_clean_pictures_alone():
    clean = torch.rand(23, 101)
    before, noise, uniforms = clean.clone(), torch.randn(23, 101), torch.rand(23, 101)
    noisy, target = corrupt(clean, noise, uniforms, std=0.2, erased=0.3)
    assert torch.equal(clean, before) and torch.equal(target, before)
    for got, old, n, u in zip(noisy.flatten(), clean.flatten(), noise.flatten(), uniforms.flatten(), strict=True):
        expected = 0.0 if u < 0.3 else min(1.0, max(0.0, old.item() + 0.2 * n.item()))
        assert math.isclose(got.item(), expected, abs_tol=1e-6)


def test_is_the_right_share_of_pixels_erased():
    ones, noise, uniforms = torch.ones(100, 1000), torch.zeros(100, 1000), torch.rand(100, 1000)
    for erased in (0, 0.1, 0.7, 1):
        share = 1 - corrupt(ones, noise, uniforms, 0, erased)[0].mean().item()
        assert abs(share - erased) < 0.008  # five standard deviations
    assert torch.equal(corrupt(ones, noise, uniforms, 0, 0)[0], ones)


# --- vae ----------------------------------------------------------------------------------------------------------
def test_is_a_draw_torchs_with_the_same_gradients():
    mean, log_variance, noise = (normal(BATCH, LATENT).requires_grad_() for _ in range(3))
    theirs = distributions.AffineTransform(mean, log_variance.exp().sqrt())(noise)
    assert_same_with_gradients(reparameterize(mean, log_variance, noise), theirs, [mean, log_variance, noise])


def test_have_many_draws_the_mean_and_the_variance_that_were_asked_for():
    mean, log_variance = torch.tensor([[2.0, -1.0]]), torch.tensor([[1.0, -2.0]])
    draws = reparameterize(mean.expand(10**5, 2), log_variance.expand(10**5, 2), torch.randn(10**5, 2))
    torch.testing.assert_close(draws.mean(0), mean[0], rtol=0, atol=0.03)
    torch.testing.assert_close(draws.var(0), log_variance[0].exp(), rtol=0.03, atol=0)


def test_is_the_divergence_torchs_with_the_same_gradients():
    mean, log_variance = normal(BATCH, LATENT).requires_grad_(), normal(BATCH, LATENT).requires_grad_()
    cloud = distributions.Normal(mean, (log_variance / 2).exp())
    theirs = distributions.kl_divergence(cloud, distributions.Normal(0.0, 1.0)).sum(-1)
    assert_same_with_gradients(kl_to_standard_normal(mean, log_variance), theirs, [mean, log_variance])


def test_is_the_divergence_the_integral_that_it_stands_for():
    mean, log_variance = torch.tensor([[0.7]], dtype=torch.float64), torch.tensor([[-0.9]], dtype=torch.float64)
    z = torch.linspace(-12, 12, 100_001, dtype=torch.float64)
    q = distributions.Normal(mean.item(), math.exp(log_variance.item() / 2)).log_prob(z)
    p = distributions.Normal(0.0, 1.0).log_prob(z)
    integral = torch.trapezoid(q.exp() * (q - p), z)
    torch.testing.assert_close(kl_to_standard_normal(mean, log_variance)[0], integral)


def test_is_the_bound_torchs_with_the_same_gradients():
    x = torch.rand(BATCH, FEATURE, dtype=torch.float64)
    leaves = [normal(BATCH, n).requires_grad_() for n in (FEATURE, LATENT, LATENT)]
    logits, mean, log_variance = leaves
    pixels = distributions.Independent(distributions.Bernoulli(logits=logits, validate_args=False), 1)
    cloud = distributions.Independent(distributions.Normal(mean, (log_variance / 2).exp()), 1)
    plane = distributions.Independent(distributions.Normal(torch.zeros_like(mean), 1.0), 1)
    theirs = (pixels.log_prob(x) - distributions.kl_divergence(cloud, plane)).mean()
    assert_same_with_gradients(elbo(x, *leaves), theirs, leaves)


def test_is_the_bound_below_the_evidence_and_equal_where_the_cloud_is_the_posterior():
    """One pixel, one number: log p(x) and the posterior by numbers; a decoder that ignores z makes the bound tight."""
    model = VariationalAutoencoder(1, 3, 1).double()
    nn.init.normal_(model.unfold.weight, std=2.0), nn.init.normal_(model.draw.weight, std=2.0)
    z = torch.linspace(-12, 12, 20_001, dtype=torch.float64)[:, None]
    prior = distributions.Normal(0.0, 1.0).log_prob(z)[:, 0]
    x, nodes = torch.ones(1, 1, dtype=torch.float64), torch.linspace(-8, 8, 4001, dtype=torch.float64)
    weights = distributions.Normal(0.0, 1.0).log_prob(nodes).exp() * (nodes[1] - nodes[0])

    def bound(mean, log_variance):
        m, v = (torch.full((1, 1), value, dtype=torch.float64) for value in (mean, log_variance))
        each = [elbo(x, model.decode(reparameterize(m, v, e.view(1, 1))), m, v) for e in nodes[::20]]
        return (torch.stack(each) * weights[::20] * 20).sum().item()

    def evidence():
        return torch.trapezoid((F.logsigmoid(model.decode(z))[:, 0] + prior).exp(), z[:, 0]).log().item()

    with torch.no_grad():
        for mean, log_variance in ((0.0, 0.0), (0.5, -0.7), (-1.0, 0.3)):
            assert bound(mean, log_variance) < evidence() - 1e-4
        model.draw.weight.zero_()
        assert math.isclose(bound(0.0, 0.0), evidence(), abs_tol=1e-6)


def test_does_the_model_draw_with_what_it_is_given():
    model = VariationalAutoencoder(FEATURE, HIDDEN, LATENT, sample=lambda mean, log_variance, noise: noise).double()
    x, noise = torch.rand(BATCH, FEATURE, dtype=torch.float64), normal(BATCH, LATENT)
    logits, mean, log_variance = model(x, noise)
    assert torch.equal(logits, model.decode(noise))
    torch.testing.assert_close(
        torch.cat([mean, log_variance], 1), nn.Sequential(model.look, nn.ReLU(), model.squeeze)(x)
    )


# --- anomaly ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("shape", [(13,), (1, 3, 5)])
def test_is_the_score_the_squared_error_of_each_picture_on_its_own(shape):
    x, y = normal(BATCH, *shape).requires_grad_(), normal(BATCH, *shape).requires_grad_()
    theirs = torch.stack([F.mse_loss(a, b) for a, b in zip(x, y, strict=True)])
    assert_same_with_gradients(anomaly_scores(x, y), theirs, [x, y])


@pytest.mark.parametrize("values", [2, 5, 10**9])
def test_are_curve_and_area_scikit_learns_with_and_without_ties(values):
    for _ in range(20):
        scores, is_anomaly = torch.randint(values, (41,)).double(), torch.rand(41) < 0.3
        is_anomaly[:2] = torch.tensor([True, False])
        assert math.isclose(roc_auc(scores, is_anomaly), roc_auc_score(is_anomaly, scores))
        theirs = sklearn_roc_curve(is_anomaly.numpy(), scores.numpy(), drop_intermediate=False)
        for ours, expected in zip(roc_curve(scores, is_anomaly), theirs, strict=True):
            torch.testing.assert_close(ours.double(), torch.from_numpy(expected), atol=1e-6, rtol=0)
        false_alarms, hits, _ = roc_curve(scores, is_anomaly)
        assert math.isclose(torch.trapezoid(hits, false_alarms).item(), roc_auc(scores, is_anomaly), abs_tol=1e-6)


@pytest.mark.parametrize("kind", [True, False])
def test_is_one_kind_alone_refused(kind):
    with pytest.raises(ValueError, match=f"is_anomaly is True for {5 * kind} of 5 examples; expected both kinds"):
        roc_auc(torch.rand(5), torch.full((5,), kind))
