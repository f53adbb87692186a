"""Quantized models: layers whose weights are a few bits each, on disk, in memory, and while they compute.

Paper: Dettmers et al., "QLoRA: Efficient Finetuning of Quantized LLMs" (2023), section 3, equations 5 and 6.

Names: ours ↔ theirs — `QuantizedWeight()` ↔ doubleDequant(c₁, c₂, W), `NF4Linear` ↔ Linear4bit of bitsandbytes, which
puts two codes into a byte in the same order, the first into the high half.

A weight with one scale for each row is a weight in blocks of its rows' length, and b-bit whole numbers are
2^b − 1 levels at equal distances (`integer_levels`): so there is one class for all of it.

Left out: kernels that multiply codes (everything is made a float first, which costs time), and scales in 8-bit floats.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, UInt8
from safetensors.torch import load_model, save_model
from torch import Tensor, nn

from unrolled.nf4 import double_quantize, nf4_levels, quantize_blocks
from unrolled.signatures import checked, described


def integer_levels(bits: int) -> Float[Tensor, " levels"]:
    """Whole numbers of so many bits as levels from −1 to 1: −(2^(bits − 1) − 1) to its opposite, over the largest.

    >>> integer_levels(3) * 3
    tensor([-3., -2., -1.,  0.,  1.,  2.,  3.])
    """
    most = 2 ** (bits - 1) - 1
    return torch.arange(-most, most + 1) / most


def pack(codes: UInt8[Tensor, " number"], bits: int) -> UInt8[Tensor, " bytes"]:
    """Codes of so many bits, one after the other without gaps; the last byte is filled up with zeros.

    >>> pack(torch.tensor([1, 15, 8], dtype=torch.uint8), bits=4)  # 0001 1111, 1000 0000
    tensor([ 31, 128], dtype=torch.uint8)
    """
    each = np.unpackbits(codes.cpu().numpy()[:, None], axis=1)[:, 8 - bits :]
    return torch.from_numpy(np.packbits(each.flatten())).to(codes.device)


def unpack(packed: UInt8[Tensor, " bytes"], bits: int, count: int) -> UInt8[Tensor, " count"]:
    """The first `count` codes again.

    >>> unpack(torch.tensor([31, 128], dtype=torch.uint8), bits=4, count=3)
    tensor([ 1, 15,  8], dtype=torch.uint8)
    """
    if len(packed) * 8 < count * bits:
        raise ValueError(f"packed is {described(packed)}; expected {count} codes of {bits} bits")
    if bits == 8:
        return packed[:count]
    if bits == 4:  # the case that trains; without a detour over NumPy, so on any device
        return torch.stack([packed >> 4, packed & 15], dim=1).flatten()[:count]
    each = np.unpackbits(packed.cpu().numpy())[: count * bits].reshape(count, bits)
    return torch.from_numpy(each @ (1 << np.arange(bits)[::-1]).astype(np.uint8)).to(packed.device)


class QuantizedWeight(nn.Module):
    """A matrix as codes of some levels, with a scale for each block; calling it makes it floats again.

    With `double` the scales are quantized, too. Nothing of it learns.

    >>> weight = torch.tensor([[0.5, -0.2, 0.0], [0.1, 0.2, 0.3]])
    >>> QuantizedWeight(weight, integer_levels(3), block=3)()  # thirds of the largest of each row
    tensor([[ 0.5000, -0.1667,  0.0000],
            [ 0.1000,  0.2000,  0.3000]])
    """

    def __init__(
        self,
        weight: Float[Tensor, "rows columns"],
        levels: Float[Tensor, " levels"],
        block: int = 64,
        *,
        double: bool = False,
    ):
        super().__init__()
        self.shape, self.block, self.double = weight.shape, block, double
        self.bits = (len(levels) - 1).bit_length()
        levels = levels.to(weight)
        codes, absmax = quantize_blocks(weight.detach(), levels, block)
        self.register_buffer("levels", levels)
        self.register_buffer("packed", pack(codes, self.bits))
        if double:
            codes, scales, mean = double_quantize(absmax)
            self.register_buffer("codes_of_scales", codes.clone())  # a part of a longer one
            self.register_buffer("scales_of_scales", scales)
            self.register_buffer("mean_of_scales", mean)
        else:
            self.register_buffer("scales", absmax)

    def forward(self) -> Float[Tensor, "rows columns"]:
        """The weight, as far as it was kept."""
        count = self.shape.numel()
        values = self.levels[unpack(self.packed, self.bits, count).int()]
        scales = self.scales_again() if self.double else self.scales
        return (values * scales.repeat_interleave(self.block)[:count]).view(self.shape)

    def scales_again(self) -> Float[Tensor, " blocks"]:
        """The scales that were quantized in their turn."""
        each = self.scales_of_scales.repeat_interleave(256)[: len(self.codes_of_scales)]
        return self.codes_of_scales * each + self.mean_of_scales


class FrozenLinear(torch.autograd.Function):
    """x Wᵀ for a weight that does not learn: backwards it is made of its codes once more, instead of being kept."""

    @staticmethod
    def forward(ctx, x: Tensor, stored: QuantizedWeight) -> Tensor:
        ctx.stored = stored
        return F.linear(x, stored().to(x.dtype))

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient @ ctx.stored().to(gradient.dtype), None


class QuantizedLinear(nn.Linear):
    """A linear layer with a `QuantizedWeight`; the bias, if there is one, stays a float.

    >>> linear = nn.Linear(64, 3)
    >>> layer = QuantizedLinear(linear, integer_levels(8))
    >>> x = torch.randn(5, 64)
    >>> (layer(x) - linear(x)).abs().max() < 0.01
    tensor(True)
    """

    def __init__(
        self,
        linear: nn.Linear,
        levels: Float[Tensor, " levels"],
        block: int = 64,
        *,
        double: bool = False,
    ):
        nn.Module.__init__(self)  # not a linear layer's, which would make a weight
        self.in_features, self.out_features = linear.in_features, linear.out_features
        self.stored = QuantizedWeight(linear.weight, levels, block, double=double)
        self.bias = linear.bias

    @property
    def weight(self) -> Float[Tensor, "out in"]:
        """The weight as floats, made anew each time."""
        return self.stored()

    def forward(self, x: Float[Tensor, "*batch in"]) -> Float[Tensor, "*batch out"]:
        """As of any linear layer; gradients reach x."""
        output = FrozenLinear.apply(x, self.stored)
        return output if self.bias is None else output + self.bias


class NF4Linear(QuantizedLinear):
    """QLoRA's layer: sixteen levels of a normal distribution, blocks of 64, double quantization: 4.127 bits per weight.

    >>> layer = NF4Linear(nn.Linear(128, 256, bias=False))
    >>> layer.stored.packed.shape  # two weights per byte
    torch.Size([16384])
    """

    def __init__(self, linear: nn.Linear, block: int = 64):
        super().__init__(linear, nf4_levels(), block, double=True)


class QuantizedEmbedding(nn.Module):
    """A table of embeddings with a `QuantizedWeight`."""

    def __init__(self, stored: QuantizedWeight):
        super().__init__()
        self.stored = stored

    @property
    def weight(self) -> Float[Tensor, "rows columns"]:
        """The table as floats, made anew each time."""
        return self.stored()

    def forward(self, ids: Int[Tensor, "*batch"]) -> Float[Tensor, "*batch columns"]:
        """The rows of these ids."""
        return F.embedding(ids, self.stored())


def quantize_model(
    model: nn.Module,
    levels: Float[Tensor, " levels"],
    block: int | None = 64,
    *,
    double: bool = False,
    kinds: Collection[type[nn.Module]] = (nn.Linear, nn.Embedding),
) -> nn.Module:
    """Puts quantized layers in the place of all linear layers and tables of `model`, and returns it; biases and norms stay.

    `block` None means one scale for each row. A weight that two layers share is quantized once, and shared again; what
    is shared with a layer of another kind than `kinds` stays as it is, and so does what is quantized already.

    >>> model = quantize_model(nn.Sequential(nn.Embedding(7, 4), nn.Linear(4, 3)), integer_levels(8), None)
    >>> [type(layer).__name__ for layer in model]
    ['QuantizedEmbedding', 'QuantizedLinear']
    """
    layers = {
        name: m
        for name, m in model.named_modules()
        if isinstance(m, nn.Linear | nn.Embedding) and not isinstance(m, QuantizedLinear)
    }
    if model in layers.values():
        raise ValueError(f"model is {model}; expected a model that such layers are parts of")
    others = {id(m.weight) for m in layers.values() if not isinstance(m, tuple(kinds))}
    done: dict[int, QuantizedWeight] = {}
    for name, layer in layers.items():
        weight = layer.weight
        if id(weight) in others:
            continue
        if id(weight) not in done:
            done[id(weight)] = QuantizedWeight(
                weight, levels, block or weight.shape[1], double=double
            )
        if isinstance(layer, nn.Embedding):
            new = QuantizedEmbedding(done[id(weight)])
        else:
            new = QuantizedLinear(layer, levels, block or weight.shape[1], double=double)
            new.stored = done[id(weight)]
        model.set_submodule(name, new)
    return model


def bytes_in_memory(model: nn.Module) -> int:
    """What a model's parameters and buffers take, each once.

    >>> bytes_in_memory(nn.Linear(3, 2))
    32
    """
    tensors = {t.data_ptr(): t for t in [*model.parameters(), *model.buffers()]}
    return sum(t.numel() * t.element_size() for t in tensors.values())


def save_quantized(path: str | Path, model: nn.Module) -> int:
    """Writes all tensors of a model, shared ones once, and returns how many bytes the file has."""
    save_model(model, str(path))
    return Path(path).stat().st_size


def load_quantized(
    path: str | Path, model: nn.Module, *arguments: Any, **options: Any
) -> nn.Module:
    """Reads such a file into a model of the same sizes, which is quantized first with these arguments of `quantize_model`."""
    load_model(quantize_model(model, *arguments, **options), str(path))
    return model


checked(globals(), never_empty=("quantize_model",))
