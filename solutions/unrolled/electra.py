"""ELECTRA: a small generator replaces words, and the model judges every word: original, or replaced?

Paper: Clark et al., "ELECTRA: Pre-training Text Encoders as Discriminators Rather Than Generators" (2020), section 2.

Names: ours ↔ theirs — `asked` ↔ the masked places m; `replaced` ↔ what the discriminator D should say, 1 if the token
x^corrupt is not x; `weight` ↔ λ. `suspicion` are D's scores before the sigmoid; above 0 a word is thought replaced.

Left out: dropout, and how words are hidden for the generator (`unrolled.masked_lm`).
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from unrolled.bert import BertBlock, BertEmbeddings, _check_length
from unrolled.masked_lm import MaskedLMHead, masked_lm_loss
from unrolled.signatures import checked


def replace_tokens(
    generator_logits: Float[Tensor, "batch time vocabulary"],
    input_ids: Int[Tensor, "batch time"],
    asked: Bool[Tensor, "batch time"],
    uniforms: Float[Tensor, "batch time"],
) -> tuple[Int[Tensor, "batch time"], Bool[Tensor, "batch time"]]:
    """The text with the generator's words at the places that are asked for, and where it now differs from the original.

    `input_ids` is the original text, with nothing hidden. At a place that is asked for, the word is drawn from the
    softmax of the generator's scores with the place's random number, 0 ≤ u < 1: it is the first word w with
    p₀ + … + p_w > u. A word of probability 0 is never drawn. All other places stay. A place counts as replaced (True)
    if its word is now another one: if the generator hits the original by luck, it does not.

    Source: Clark et al. (2020), section 2.

    >>> logits = torch.tensor([[0.5, 0.3, 0.2]]).log().expand(1, 4, 3)  # the same three probabilities everywhere
    >>> uniforms = torch.tensor([[0.1, 0.6, 0.9, 0.9]])  # draws words 0, 1, 2 and 2
    >>> replace_tokens(logits, torch.tensor([[0, 0, 0, 0]]), torch.tensor([[True, True, True, False]]), uniforms)
    (tensor([[0, 1, 2, 0]]), tensor([[False,  True,  True, False]]))
    """
    cumulative = generator_logits.softmax(-1).cumsum(-1)
    cumulative = cumulative / cumulative[..., -1:]  # the sum of all may be rounded below 1
    drawn = (cumulative <= uniforms[..., None]).sum(-1)
    ids = torch.where(asked, drawn, input_ids)
    return ids, ids != input_ids


def electra_loss(
    generator_logits: Float[Tensor, "batch time vocabulary"],
    labels: Int[Tensor, "batch time"],
    discriminator_logits: Float[Tensor, "batch time"],
    replaced: Bool[Tensor, "batch time"],
    attention_mask: Int[Tensor, "batch time"] | Bool[Tensor, "batch time"],
    *,
    weight: float = 50.0,
) -> Float[Tensor, ""]:
    """The generator's loss of the hidden words, plus `weight` times the discriminator's loss.

    The first is over the places whose label is not -100. The second is the binary cross-entropy of the sigmoid of the
    discriminator's score, right where it is 1 for a replaced word and 0 for an original one, averaged over *all* real
    tokens of the batch (where `attention_mask` is 1 or True). Scores may be large.

    Source: Clark et al. (2020), section 2, the sum of L_MLM and λ L_Disc.

    >>> words, labels = torch.tensor([[[2.0, 2.0], [0.0, 0.0]]]), torch.tensor([[1, -100]])  # log 2
    >>> scores, replaced = torch.tensor([[0.0, 0.0]]), torch.tensor([[True, False]])  # log 2, twice
    >>> electra_loss(words, labels, scores, replaced, torch.tensor([[1, 1]]), weight=2.0)  # 3 · log 2
    tensor(2.0794)
    """
    real = attention_mask.bool()
    judged = F.binary_cross_entropy_with_logits(
        discriminator_logits[real], replaced[real].to(discriminator_logits.dtype)
    )
    return masked_lm_loss(generator_logits, labels) + weight * judged


class Electra(nn.Module):
    """ELECTRA's encoder with one of its two heads: that of the discriminator, or that of the generator.

    A BERT whose table may be narrower than its states; then a layer `project` widens it. The sizes default to those of
    the small discriminator.

    Source: Clark et al. (2020), section 3.2, "weight sharing", and table 6.

    >>> judge = Electra(vocabulary=11, embedding=5, d_model=6, heads=2, d_ff=24, layers=2, positions=7)
    >>> ids = torch.tensor([[1, 8, 2]])
    >>> states = judge(ids)
    >>> states.shape, judge.suspicion(states).shape
    (torch.Size([1, 3, 6]), torch.Size([1, 3]))
    >>> generator = Electra(11, 5, 6, 2, 24, 2, positions=7, head="generator")
    >>> generator.words(generator(ids)).shape
    torch.Size([1, 3, 11])
    """

    def __init__(
        self,
        vocabulary: int = 30522,
        embedding: int = 128,
        d_model: int = 256,
        heads: int = 4,
        d_ff: int = 1024,
        layers: int = 12,
        *,
        positions: int = 512,
        segments: int = 2,
        eps: float = 1e-12,
        head: str | None = "discriminator",
    ):
        super().__init__()
        if head not in (None, "discriminator", "generator"):
            raise ValueError(f"head is {head!r}; expected 'discriminator', 'generator' or None")
        self.positions = positions
        self.embeddings = BertEmbeddings(vocabulary, embedding, positions, segments, eps)
        self.project = nn.Linear(embedding, d_model) if embedding != d_model else nn.Identity()
        self.blocks = nn.ModuleList(BertBlock(d_model, heads, d_ff, eps) for _ in range(layers))
        if head == "discriminator":
            self.dense, self.score = nn.Linear(d_model, d_model), nn.Linear(d_model, 1)
        if head == "generator":
            self.masked_lm = MaskedLMHead(vocabulary, d_model, eps, width=embedding)

    def forward(
        self,
        input_ids: Int[Tensor, "batch time"],
        attention_mask: Int[Tensor, "batch time"] | Bool[Tensor, "batch time"] | None = None,
        token_type_ids: Int[Tensor, "batch time"] | None = None,
    ) -> Float[Tensor, "batch time d_model"]:
        """A state for every token."""
        _check_length(input_ids, self.positions)
        mask = None if attention_mask is None else attention_mask.bool()[:, None, None, :]
        segments = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        states = self.project(self.embeddings(input_ids, segments))
        for block in self.blocks:
            states, _ = block(states, mask)
        return states

    def suspicion(self, states: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch"]:
        """How much the discriminator thinks that each word was replaced; above 0, rather yes."""
        return self.score(F.gelu(self.dense(states))).squeeze(-1)

    def words(self, states: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch vocabulary"]:
        """The generator's scores of all words."""
        return self.masked_lm(states, self.embeddings.word.weight)

    @classmethod
    def from_huggingface(cls, model_or_name: Any) -> "Electra":
        """An `ElectraForPreTraining` (the discriminator), `ElectraForMaskedLM` (the generator) or `ElectraModel` as ours."""
        from unrolled.huggingface import electra

        return electra.load(model_or_name, cls)


checked(globals())
