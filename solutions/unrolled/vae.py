"""Variational autoencoders: a code is not a point but a cloud, and the clouds together fill a known shape.

Paper: Kingma and Welling, "Auto-Encoding Variational Bayes" (2014), sections 2.2 to 3 and appendices B and C.

Names: ours ↔ theirs — `mean`, `log_variance` ↔ μ, log σ² of q(z|x); `noise` ↔ ε; `code` ↔ z; `elbo` ↔ the
lower bound L. A picture is a row of its pixels, from 0 to 1; the decoder gives a score (logit) for each.

Left out: other distributions than normal codes and Bernoulli pixels, and a weight on the divergence (β-VAE).
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from unrolled.signatures import checked


def reparameterize(
    mean: Float[Tensor, "batch latent"],
    log_variance: Float[Tensor, "batch latent"],
    noise: Float[Tensor, "batch latent"],
) -> Float[Tensor, "batch latent"]:
    """A draw from N(mean, variance), made of a draw `noise` from N(0, 1), so that gradients reach mean and variance.

    It is mean + standard deviation · noise; the network gives the logarithm of the variance, which may be any number,
    also where the variance itself is too large or too small for float32.

    Source: Kingma and Welling (2014), section 2.4.

    >>> mean, noise = torch.tensor([[5.0, 5.0]]), torch.tensor([[1.0, -1.0]])
    >>> reparameterize(mean, torch.log(torch.tensor([[4.0, 0.25]])), noise)  # standard deviations 2 and ½
    tensor([[7.0000, 4.5000]])
    """
    return mean + torch.exp(log_variance / 2) * noise


def kl_to_standard_normal(
    mean: Float[Tensor, "batch latent"], log_variance: Float[Tensor, "batch latent"]
) -> Float[Tensor, " batch"]:
    """KL(N(mean, variance) ‖ N(0, 1)) of each cloud, in nats: what it costs to say where in the plane a code lies.

    ½ Σ (μ² + σ² − 1 − log σ²) over the numbers of a code. It is 0 for the standard normal, and positive else. The
    log-variance may be any number, also where the variance itself rounds to 0.

    Source: Kingma and Welling (2014), appendix B, where −KL is given.

    >>> mean = torch.tensor([[0.0, 0.0], [1.0, 2.0]])
    >>> kl_to_standard_normal(mean, torch.zeros(2, 2))  # ½ (1² + 2²) for the second
    tensor([0.0000, 2.5000])
    """
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=-1)


def elbo(
    x: Float[Tensor, "batch feature"],
    logits: Float[Tensor, "batch feature"],
    mean: Float[Tensor, "batch latent"],
    log_variance: Float[Tensor, "batch latent"],
) -> Float[Tensor, ""]:
    """The evidence lower bound, in nats a picture: to be made as *large* as possible.

    For each picture the log-probability of all its pixels, Σ x log p + (1 − x) log(1 − p) with p = sigmoid(logits),
    minus the divergence of its cloud; then the mean over the batch. The logits may be of any size.

    Source: Kingma and Welling (2014), equation 10 with one draw, and appendix C.1. Grey pixels are taken as
    probabilities of ink, as is usual; a likelihood in the strict sense it is for black and white.

    >>> x, no_idea = torch.tensor([[0.0, 1.0, 1.0]]), torch.zeros(1, 3)
    >>> mean, log_variance = torch.tensor([[1.0, 2.0]]), torch.zeros(1, 2)
    >>> elbo(x, no_idea, mean, log_variance)  # 3 · log ½ − 2.5
    tensor(-4.5794)
    """
    surprise = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=-1)
    return (-surprise - kl_to_standard_normal(mean, log_variance)).mean()


class VariationalAutoencoder(nn.Module):
    """An encoder that gives each picture a cloud, and a decoder that draws pictures from points.

    >>> model = VariationalAutoencoder(features=64, hidden=32, latent=2)
    >>> logits, mean, log_variance = model(torch.rand(5, 64), noise=torch.randn(5, 2))
    >>> logits.shape, mean.shape, log_variance.shape
    (torch.Size([5, 64]), torch.Size([5, 2]), torch.Size([5, 2]))
    """

    def __init__(
        self,
        features: int,
        hidden: int,
        latent: int,
        *,
        sample: Callable[[Tensor, Tensor, Tensor], Tensor] = reparameterize,
    ):
        super().__init__()
        self.look = nn.Linear(features, hidden)
        self.squeeze = nn.Linear(hidden, 2 * latent)
        self.unfold = nn.Linear(latent, hidden)
        self.draw = nn.Linear(hidden, features)
        self.sample = sample

    def encode(
        self, x: Float[Tensor, "batch feature"]
    ) -> tuple[Float[Tensor, "batch latent"], Float[Tensor, "batch latent"]]:
        """Mean and log-variance of each picture's cloud."""
        mean, log_variance = self.squeeze(torch.relu(self.look(x))).chunk(2, dim=-1)
        return mean, log_variance

    def decode(self, code: Float[Tensor, "batch latent"]) -> Float[Tensor, "batch feature"]:
        """The pixels' scores; their sigmoid is the picture."""
        return self.draw(torch.relu(self.unfold(code)))

    def forward(
        self, x: Float[Tensor, "batch feature"], noise: Float[Tensor, "batch latent"]
    ) -> tuple[
        Float[Tensor, "batch feature"], Float[Tensor, "batch latent"], Float[Tensor, "batch latent"]
    ]:
        """Scores of the pixels for one draw from each cloud, and the clouds' means and log-variances."""
        mean, log_variance = self.encode(x)
        return self.decode(self.sample(mean, log_variance, noise)), mean, log_variance


checked(globals())
