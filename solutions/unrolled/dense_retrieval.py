"""Dense retrieval: questions and passages as vectors, near each other if they belong together.

Paper: Karpukhin et al., "Dense Passage Retrieval for Open-Domain Question Answering" (2020), section 3. Ours takes the
cosine, divided by a temperature, as Radford et al. (CLIP, 2021) do; theirs takes the plain product.

Names: ours ↔ theirs — `queries`, `passages` ↔ Q, P; the two `Towers` ↔ E_Q and E_P.

Left out: negatives that were chosen because they are hard, and approximate search among millions of vectors.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from unrolled.data.village import Vocabulary, tokens
from unrolled.lab import History, Preset, seed_everything, train
from unrolled.signatures import checked
from unrolled.translation import padded


def in_batch_loss(
    queries: Float[Tensor, "batch d"], passages: Float[Tensor, "batch d"], temperature: float
) -> Float[Tensor, ""]:
    """−log of the probability that each query picks its own passage among all passages of the batch, on average.

    Row i of `passages` belongs to row i of `queries`; the others of the batch are the wrong answers. A query's scores are
    its cosines with all passages, divided by the temperature, and a softmax over the passages makes them probabilities.

    Raises a ValueError that names `temperature` if it is not above 0.

    Source: Karpukhin et al. (2020), section 3.2, equation 2, "in-batch negatives".

    >>> queries = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
    >>> in_batch_loss(queries, queries.flip(1), temperature=1.0)  # each picks the other's
    tensor(1.3133)
    >>> in_batch_loss(queries, queries, temperature=0.1)
    tensor(4.5399e-05)
    """
    if temperature <= 0:
        raise ValueError(f"temperature is {temperature}; expected more than 0")
    scores = F.normalize(queries, dim=-1) @ F.normalize(passages, dim=-1).T / temperature
    return -scores.log_softmax(dim=-1).diagonal().mean()


checked(globals())
