"""ALBERT: a narrow table of words, and one block that is used again and again.

Paper: Lan et al., "ALBERT: A Lite BERT for Self-supervised Learning of Language Representations" (2020), section 3.1.

Names: ours ↔ theirs — `embedding`, `d_model` ↔ E, H; `layers` ↔ L, how often the block is used. The GELU is the
approximation by a tanh, as in their code and in Hugging Face's `gelu_new`; BERT's and ELECTRA's is exact.

Left out: dropout, several groups of blocks (the released models have one), and sentence order (`unrolled.sentence_order`).
"""

from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from unrolled.bert import BertBlock, BertEmbeddings
from unrolled.masked_lm import MaskedLMHead
from unrolled.signatures import checked


class Albert(nn.Module):
    """A narrow table of words (E features), a layer that widens them (to H), and one block used `layers` times.

    The embeddings are BERT's, norm included, E wide. Then comes the layer `project`, and then the block, post-norm,
    whose output is its next input. The pooled state is the tanh of the layer `pooler` of the first token's state.
    Without `attention_mask` all words are real (else 1 or True says where), without `token_type_ids` all are of the
    first segment. The sizes default to ALBERT-base's.

    Source: Lan et al. (2020), section 3.1; where the norm stands is in their code only.

    >>> albert = Albert(vocabulary=11, embedding=5, d_model=6, heads=2, d_ff=24, layers=3, positions=7)
    >>> states, pooled = albert(torch.tensor([[1, 8, 2], [1, 2, 0]]), torch.tensor([[1, 1, 1], [1, 1, 0]]))
    >>> states.shape, pooled.shape
    (torch.Size([2, 3, 6]), torch.Size([2, 6]))
    """

    def __init__(
        self,
        vocabulary: int = 30000,
        embedding: int = 128,
        d_model: int = 768,
        heads: int = 12,
        d_ff: int = 3072,
        layers: int = 12,
        *,
        positions: int = 512,
        segments: int = 2,
        eps: float = 1e-12,
        pretraining_heads: bool = False,
    ):
        super().__init__()
        self.layers = layers
        self.embeddings = BertEmbeddings(vocabulary, embedding, positions, segments, eps)
        self.project = nn.Linear(embedding, d_model)
        self.block = BertBlock(d_model, heads, d_ff, eps, approximate="tanh")
        self.pooler = nn.Linear(d_model, d_model)
        if pretraining_heads:
            self.masked_lm = MaskedLMHead(
                vocabulary, d_model, eps, width=embedding, approximate="tanh"
            )
            self.sentence_order = nn.Linear(d_model, 2)

    def forward(
        self,
        input_ids: Int[Tensor, "batch time"],
        attention_mask: Int[Tensor, "batch time"] | Bool[Tensor, "batch time"] | None = None,
        token_type_ids: Int[Tensor, "batch time"] | None = None,
    ) -> tuple[Float[Tensor, "batch time d_model"], Float[Tensor, "batch d_model"]]:
        """A state for every token, and the pooled one of the first token.

        `block(states, mask)` gives new states and None; where its mask is False nobody looks. The mask broadcasts to
        (batch, heads, time, time).
        """
        mask = None if attention_mask is None else attention_mask.bool()[:, None, None, :]
        segments = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        states = self.project(self.embeddings(input_ids, segments))
        for _ in range(self.layers):
            states, _ = self.block(states, mask)
        return states, torch.tanh(self.pooler(states[:, 0]))

    def words(self, states: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch vocabulary"]:
        """Scores of all words; only with `pretraining_heads`."""
        return self.masked_lm(states, self.embeddings.word.weight)


def from_huggingface(cls: type[Albert], model_or_name: Any) -> Albert:
    """An `AlbertModel` or `AlbertForPreTraining` of `transformers`, or one by its name or folder, as ours."""
    from unrolled.huggingface import albert

    return albert.load(model_or_name, cls)


Albert.from_huggingface = classmethod(from_huggingface)  # outside, for the class is an exercise


checked(globals())
