"""Masked language modelling: hide some words of a sentence and learn to say what they were.

Paper: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers" (2019), section 3.1,
task 1, and appendix A.1; the idea is the cloze test of Taylor (1953).

Names: ours ↔ theirs — `probability` ↔ the 15 %, `mask_id` ↔ [MASK]; `labels` are -100 where nothing
is asked, PyTorch's `ignore_index`.

Left out: whole-word masking. The paper draws its masks once, before training; ours are new for
every batch, as RoBERTa's (2019).
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from unrolled.signatures import checked


def mask_tokens(
    input_ids: Int[Tensor, "batch time"],
    special_ids: Sequence[int],
    mask_id: int,
    vocabulary: int,
    uniforms: Float[Tensor, "3 batch time"],
    probability: float = 0.15,
) -> tuple[Int[Tensor, "batch time"], Int[Tensor, "batch time"]]:
    """The sentences with some words hidden, and the labels: what stood there, -100 if not asked.

    Chance is handed in: three uniform random numbers, 0 ≤ u < 1, for every token. The token is
    *selected* where the first is below `probability`, unless it is one of `special_ids` (padding,
    [CLS], [SEP], …; any numbers, perhaps none). The second says what becomes of a selected token: below 0.8 it is replaced by
    `mask_id`; from 0.8, but below 0.9, by a random word; from 0.9 on it stays. The random word is
    ⌊u · vocabulary⌋ of the third number u: any word at all. All selected tokens have a label.
    `input_ids` itself stays as it is.

    Source: Devlin et al. (2019), section 3.1 and appendix A.1.

    >>> ids = torch.tensor([[4, 7, 8, 9, 5]])  # 4 is [CLS], 5 is [SEP]
    >>> uniforms = torch.tensor([[[0.1, 0.1, 0.9, 0.1, 0.1]],   # all selected but 8 (and 4 and 5)
    ...                          [[0.5, 0.5, 0.5, 0.85, 0.5]],  # 7 is hidden, 9 replaced …
    ...                          [[0.5, 0.5, 0.5, 0.55, 0.5]]]) # … by word ⌊0.55 · 20⌋ = 11
    >>> mask_tokens(ids, [0, 4, 5], mask_id=6, vocabulary=20, uniforms=uniforms)
    (tensor([[ 4,  6,  8, 11,  5]]), tensor([[-100,    7, -100,    9, -100]]))
    """
    choice, action, word = uniforms
    special = torch.isin(input_ids, torch.tensor(special_ids, device=input_ids.device))
    selected = (choice < probability) & ~special
    changed = torch.where(action < 0.9, (word * vocabulary).long(), input_ids)
    changed = torch.where(action < 0.8, mask_id, changed)
    return torch.where(selected, changed, input_ids), torch.where(selected, input_ids, -100)


def masked_lm_loss(
    logits: Float[Tensor, "*batch vocabulary"], labels: Int[Tensor, "*batch"]
) -> Float[Tensor, ""]:
    """−log p(right word), in nats, averaged over the places that have a label; -100 means none.

    At least one place has a label. In front of the vocabulary there may be any axes, one or more.
    Scores may be large, so that their exponential is infinite, but they are finite.

    Source: Devlin et al. (2019), section 3.1: "we only predict the masked words".

    >>> logits = torch.tensor([[[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    >>> masked_lm_loss(logits, torch.tensor([[-100, 2]]))  # only the second place is asked: log 3
    tensor(1.0986)
    """
    asked = labels != -100
    surprise = -logits[asked].log_softmax(dim=-1)
    return surprise.gather(-1, labels[asked][:, None]).mean()


class MaskedLMHead(nn.Module):
    """Scores for all words at every place: a layer, a GELU, a norm, then the table of words itself.

    The word that a state resembles most gets the highest score: the weights are *tied* to the
    embeddings, and only a bias for every word is the head's own. A table of another `width` than the
    states, as in ALBERT and ELECTRA, sets that of the layer.

    Source: the paper's code, `get_masked_lm_output` in `run_pretraining.py`.

    >>> head = MaskedLMHead(vocabulary=11, d_model=6)
    >>> head(torch.randn(2, 5, 6), words=torch.randn(11, 6)).shape
    torch.Size([2, 5, 11])
    """

    def __init__(
        self,
        vocabulary: int,
        d_model: int,
        eps: float = 1e-12,
        *,
        width: int | None = None,
        approximate: str = "none",
    ):
        super().__init__()
        self.approximate = approximate
        self.dense = nn.Linear(d_model, width or d_model)
        self.norm = nn.LayerNorm(width or d_model, eps=eps)
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(
        self,
        states: Float[Tensor, "*batch d_model"],
        words: Float[Tensor, "vocabulary width"],
    ) -> Float[Tensor, "*batch vocabulary"]:
        """The scores; `words` is the table of the embeddings."""
        return F.linear(
            self.norm(F.gelu(self.dense(states), approximate=self.approximate)), words, self.bias
        )


checked(globals())
