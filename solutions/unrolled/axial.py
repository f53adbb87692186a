"""Axial positions: the place of a word as a row and a column, each with a short table of its own.

Source: the code of Kitaev et al., "Reformer" (2020), in trax, and Hugging Face's documentation of the Reformer, "Axial
Positional Encodings".

Names: ours ↔ Hugging Face's — `shape` ↔ `axial_pos_shape`, `sizes` ↔ `axial_pos_embds_dim`; `rows`, `columns` ↔
`weights[0]`, `weights[1]`, which have an axis of length 1 more.

Left out: the dropout of whole rows and columns.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from unrolled.signatures import checked


class AxialPositions(nn.Module):
    """A vector for each of rows · columns places, from rows + columns learned vectors.

    Place n stands in row n // columns and column n % columns, as one writes. Its vector is that of
    its row, of `sizes[0]` features, followed by that of its column, of `sizes[1]`.

    Source: Hugging Face's `AxialPositionEmbeddings`.

    >>> positions = AxialPositions(shape=(2, 3), sizes=(1, 2))
    >>> with torch.no_grad():
    ...     _ = positions.rows.copy_(torch.tensor([[1.0], [2.0]]))
    ...     _ = positions.columns.copy_(torch.tensor([[5.0, 5.0], [6.0, 6.0], [7.0, 7.0]]))
    >>> positions(4).tolist()  # three places of the first row, one of the second
    [[1.0, 5.0, 5.0], [1.0, 6.0, 6.0], [1.0, 7.0, 7.0], [2.0, 5.0, 5.0]]
    """

    def __init__(self, shape: tuple[int, int], sizes: tuple[int, int]):
        super().__init__()
        self.rows = nn.Parameter(torch.randn(shape[0], sizes[0]))
        self.columns = nn.Parameter(torch.randn(shape[1], sizes[1]))

    def forward(self, length: int) -> Float[Tensor, "length d_model"]:
        """The vectors of the first `length` places.

        Raises a ValueError that names `length` if there are fewer places.
        """
        if length > len(self.rows) * len(self.columns):
            raise ValueError(
                f"length is {length}; expected at most {len(self.rows)} · {len(self.columns)} places"
            )
        places = torch.arange(length, device=self.rows.device)
        row, column = places // len(self.columns), places % len(self.columns)
        return torch.cat([self.rows[row], self.columns[column]], dim=-1)


checked(globals())
