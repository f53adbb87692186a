"""Autoencoders: say it in a few numbers, and make it again from these.

Paper: Hinton and Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks" (2006); for `corrupt`:
Vincent et al., "Extracting and Composing Robust Features with Denoising Autoencoders" (2008) and "Stacked Denoising
Autoencoders" (2010), section 3.3.

Names: ours ↔ theirs — `code` ↔ y, hidden representation; `latent` ↔ d′, how many numbers a code has; `erased` ↔ ν.
A picture is a row of its pixels, from 0 (paper) to 1 (ink).

Left out: convolutions, weights shared between encoder and decoder, and codes with a distribution (`unrolled.vae`).
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from unrolled.signatures import checked


class Autoencoder(nn.Module):
    """Four layers with a bottleneck: `features` pixels → `hidden` → `latent` numbers → `hidden` → `features` pixels.

    There is a ReLU after the first and the third layer, and a sigmoid after the last one, since pixels lie between 0
    and 1. The code itself may be any numbers.

    Source: Hinton and Salakhutdinov (2006), figure 1, with ReLUs and without their layer-wise pre-training.

    >>> model = Autoencoder(features=64, hidden=32, latent=2)
    >>> pixels, code = model(torch.rand(5, 64))
    >>> pixels.shape, code.shape
    (torch.Size([5, 64]), torch.Size([5, 2]))
    >>> torch.allclose(model.decode(code), pixels)
    True
    """

    def __init__(self, features: int, hidden: int, latent: int):
        super().__init__()
        self.look = nn.Linear(features, hidden)
        self.squeeze = nn.Linear(hidden, latent)
        self.unfold = nn.Linear(latent, hidden)
        self.draw = nn.Linear(hidden, features)

    def encode(self, x: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch latent"]:
        """The code of each picture."""
        return self.squeeze(torch.relu(self.look(x)))

    def decode(self, code: Float[Tensor, "batch latent"]) -> Float[Tensor, "batch feature"]:
        """The picture that each code stands for."""
        return torch.sigmoid(self.draw(torch.relu(self.unfold(code))))

    def forward(
        self, x: Float[Tensor, "batch feature"]
    ) -> tuple[Float[Tensor, "batch feature"], Float[Tensor, "batch latent"]]:
        """The pictures made again from their codes, and the codes."""
        code = self.encode(x)
        return self.decode(code), code


def corrupt(
    clean: Float[Tensor, "batch feature"],
    noise: Float[Tensor, "batch feature"],
    uniforms: Float[Tensor, "batch feature"],
    std: float | int,
    erased: float | int,
) -> tuple[Float[Tensor, "batch feature"], Float[Tensor, "batch feature"]]:
    """A pair to train a denoiser with: the spoilt pictures that go in, and what should come out.

    Every pixel gets `std` times its `noise` (normal, standard deviation 1), and is cut back to 0 … 1. Then a pixel is
    erased, that is set to 0, where its number in `uniforms` (0 ≤ u < 1) is below `erased`: so `erased` is the share
    of the pixels that are lost.

    Source: Vincent et al. (2010), section 3.3: Gaussian noise and masking noise, here one after the other.

    >>> clean = torch.tensor([[0.0, 0.5, 1.0, 1.0]])
    >>> noise = torch.tensor([[1.0, -2.0, 1.0, 1.0]])
    >>> uniforms = torch.tensor([[0.9, 0.9, 0.9, 0.1]])
    >>> corrupt(clean, noise, uniforms, std=0.1, erased=0.25)
    (tensor([[0.1000, 0.3000, 1.0000, 0.0000]]), tensor([[0.0000, 0.5000, 1.0000, 1.0000]]))
    """
    noisy = (clean + std * noise).clamp(0, 1)
    return noisy * (uniforms >= erased), clean


checked(globals())
