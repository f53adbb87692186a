"""Generative adversarial networks: a loss for each player, a step of the game, a penalty, and two networks for images.

Paper: Goodfellow et al., "Generative Adversarial Nets" (2014), section 3 and algorithm 1; Radford, Metz and Chintala,
"Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks" (2016), for the networks;
Gulrajani et al., "Improved Training of Wasserstein GANs" (2017), section 4, for the penalty.

Names: ours ↔ theirs — a logit ↔ D before its sigmoid; `noise` ↔ z; `fake` ↔ G(z) or x̃; `weights` ↔ ε of the penalty.

Left out: how good the samples are (`unrolled.frechet`), and the training loop, which is the chapter's.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from unrolled.signatures import checked


def discriminator_loss(
    real_logits: Float[Tensor, " real"], fake_logits: Float[Tensor, " fake"]
) -> Float[Tensor, ""]:
    """How badly real is told from fake: mean of −log D(real) plus mean of −log(1 − D(fake)).

    A logit is the discriminator's score before its sigmoid: D = σ(logit) is its probability that
    an example is real. Each mean is over its own batch. Logits may be of any size.

    Source: Goodfellow et al. (2014), equation 1, with the sign of a loss.

    >>> no_idea = torch.zeros(4)
    >>> discriminator_loss(no_idea, no_idea)  # log 2 for either half
    tensor(1.3863)
    >>> discriminator_loss(torch.tensor([500.0]), torch.tensor([500.0, -500.0]))  # one mistake
    tensor(250.)
    """
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_loss(fake_logits: Float[Tensor, " fake"]) -> Float[Tensor, ""]:
    """How seldom a fake passes for real: the mean of −log D(fake), called the non-saturating loss.

    Its gradient is largest where the discriminator is sure that a fake is one. Logits may be of any size.

    Source: Goodfellow et al. (2014), end of section 3.

    >>> generator_loss(torch.zeros(4))
    tensor(0.6931)
    >>> generator_loss(torch.tensor([-500.0, 500.0]))
    tensor(250.)
    """
    return F.softplus(-fake_logits).mean()


def minimax_generator_loss(fake_logits: Float[Tensor, " fake"]) -> Float[Tensor, ""]:
    """The mean of log(1 − D(fake)): what the discriminator wants to be low, the generator high.

    Its gradient vanishes where the discriminator is sure: it saturates.

    Source: Goodfellow et al. (2014), equation 1 and algorithm 1.

    >>> minimax_generator_loss(torch.zeros(4))
    tensor(-0.6931)
    """
    return -F.softplus(fake_logits).mean()


def gan_step(
    generator: nn.Module,
    discriminator: nn.Module,
    generator_optimizer: torch.optim.Optimizer,
    discriminator_optimizer: torch.optim.Optimizer,
    real: Float[Tensor, "real ..."],
    noise: Float[Tensor, "fake noise"],
    penalty: Callable[[Tensor, Tensor], Tensor] | None = None,
) -> tuple[float, float]:
    """One step of the game, in place; returns both losses as numbers.

    First the discriminator learns: from `real` and from the fakes that `generator` makes of `noise`.
    A `penalty(real, fake)`, if there is one, is added to its loss, also to the one returned. The
    generator must not learn from that loss. Then the generator learns, from what the discriminator
    now says of the same fakes, which are made once; the discriminator must not learn from that, now
    or in the next step. Before the first step no gradients lie on the weights; when they are cleared
    is free. Both networks stay in the mode in which they are.

    Source: Goodfellow et al. (2014), algorithm 1 with k = 1.

    >>> generator, discriminator = nn.Linear(3, 2), nn.Sequential(nn.Linear(2, 1), nn.Flatten(0))
    >>> optimizers = [torch.optim.SGD(net.parameters(), lr=0.1) for net in (generator, discriminator)]
    >>> losses = gan_step(generator, discriminator, *optimizers, torch.randn(7, 2), torch.randn(5, 3))
    >>> [type(loss).__name__ for loss in losses]
    ['float', 'float']
    """
    fake = generator(noise)

    d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))
    if penalty is not None:
        d_loss = d_loss + penalty(real, fake.detach())
    discriminator_optimizer.zero_grad()
    d_loss.backward()
    discriminator_optimizer.step()

    g_loss = generator_loss(discriminator(fake))
    generator_optimizer.zero_grad()
    g_loss.backward()
    generator_optimizer.step()
    return d_loss.item(), g_loss.item()


def gradient_penalty(
    discriminator: Callable[[Tensor], Tensor],
    real: Float[Tensor, "batch *feature"],
    fake: Float[Tensor, "batch *feature"],
    weights: Float[Tensor, " batch"],
) -> Float[Tensor, ""]:
    """How far the discriminator's slope is from 1, between real and fake: the mean of (‖∇‖ − 1)².

    Example i is looked at weights[i] · real[i] + (1 − weights[i]) · fake[i], in the shape of the
    examples, and gets one logit, (batch,) together. There, ∇ is the gradient of its logit with respect
    to the example, and ‖∇‖ the root of the sum of squares over all its features; it is nowhere 0. The
    penalty can itself be differentiated with respect to the discriminator's weights, and leaves no
    gradients on them.

    Source: Gulrajani et al. (2017), section 4, equation 3, without their factor λ.

    >>> real, fake, weights = torch.randn(4, 2), torch.randn(4, 2), torch.rand(4)
    >>> gradient_penalty(lambda x: x @ torch.tensor([3.0, 4.0]), real, fake, weights)  # slope 5
    tensor(16.)
    """
    share = weights.view(-1, *[1] * (real.ndim - 1))
    between = (share * real + (1 - share) * fake).requires_grad_()
    logits = discriminator(between)
    (gradients,) = torch.autograd.grad(logits.sum(), between, create_graph=True)
    return ((gradients.flatten(1).norm(dim=1) - 1) ** 2).mean()


class Generator(nn.Module):
    """Noise in, pictures out: a linear layer makes a small map of many channels, and two layers make it grow.

    Each transposed convolution doubles height and width. Batch norm and ReLU stand after every layer
    but the last, whose sigmoid gives ink from 0 to 1.

    Source: Radford et al. (2016), figure 1 and section 3, in small; theirs ends in a tanh, for −1 to 1.

    >>> generator = Generator(noise=5, size=8)
    >>> generator(torch.randn(3, 5)).shape
    torch.Size([3, 1, 8, 8])
    """

    def __init__(self, noise: int, size: int, channels: int = 32):
        super().__init__()
        if size % 4 or size < 4:
            raise ValueError(f"size is {size}; expected a multiple of 4, since it is doubled twice")
        self.size = size
        self.start = nn.Linear(noise, 2 * channels * (size // 4) ** 2)
        self.start_norm = nn.BatchNorm2d(2 * channels)
        self.grow = nn.ConvTranspose2d(2 * channels, channels, 4, stride=2, padding=1)
        self.grow_norm = nn.BatchNorm2d(channels)
        self.paint = nn.ConvTranspose2d(channels, 1, 4, stride=2, padding=1)

    def forward(self, noise: Float[Tensor, "batch noise"]) -> Float[Tensor, "batch 1 height width"]:
        """A picture for each row of noise; the map begins with a quarter of the height and width."""
        side = self.size // 4
        x = self.start(noise).unflatten(1, (-1, side, side))
        x = torch.relu(self.start_norm(x))
        x = torch.relu(self.grow_norm(self.grow(x)))
        return torch.sigmoid(self.paint(x))


class Discriminator(nn.Module):
    """Pictures in, one logit each out: is it real? The generator's mirror image.

    Without a norm: over a batch of real and fake, one picture's score would depend on the others,
    and the penalty is about the slope at one picture.

    Source: Radford et al. (2016), section 3; Gulrajani et al. (2017), section 4, "no critic batch
    normalization".

    >>> Discriminator(size=8)(torch.rand(3, 1, 8, 8)).shape
    torch.Size([3])
    """

    def __init__(self, size: int, channels: int = 32):
        super().__init__()
        if size % 4 or size < 4:
            raise ValueError(f"size is {size}; expected a multiple of 4, since it is halved twice")
        self.layers = nn.Sequential(
            nn.Conv2d(1, channels, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(2 * channels * (size // 4) ** 2, 1),
            nn.Flatten(0),
        )

    def forward(self, images: Float[Tensor, "batch 1 height width"]) -> Float[Tensor, " batch"]:
        """The logits."""
        return self.layers(images)


checked(globals())
