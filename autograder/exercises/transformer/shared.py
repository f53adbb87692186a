"""What several exercises of this chapter share."""

import torch
import torch.nn.functional as F
from torch import nn


class FeedForwardFunctional(nn.Module):
    """The same with functions and without the layers' own forward."""

    def __init__(self, d_model, d_ff):
        super().__init__()
        self.expand, self.contract = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)

    def forward(self, x):
        wide = F.relu(F.linear(x, self.expand.weight, self.expand.bias))
        return torch.einsum("btf,of->bto", wide, self.contract.weight) + self.contract.bias


TORCH_BLOCKS = (
    "torch.nn.TransformerEncoderLayer",
    "torch.nn.TransformerDecoderLayer",
    "torch.nn.Transformer",
    "torch.nn.MultiheadAttention",
)
