"""BERT: the Transformer's encoder alone, reading in both directions.

Paper: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language
Understanding" (2019).

Names: ours ↔ theirs — `d_model` ↔ H, `layers` ↔ L, `heads` ↔ A, `d_ff` ↔ 4H, `positions` ↔ the
longest input, `states` ↔ the final hidden vectors T. Arguments have Hugging Face's names:
`input_ids`, `attention_mask` (1 or True where a word is real), `token_type_ids` (the segment).

Left out: dropout, and what is learnt before (`unrolled.masked_lm`, `unrolled.sentence_pairs`).
"""

import functools
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from unrolled.masked_lm import MaskedLMHead
from unrolled.self_attention import MultiHeadAttention
from unrolled.signatures import checked
from unrolled.transformer import EncoderBlock, FeedForward


class BertEmbeddings(nn.Module):
    """What a word is, where it stands, in which of two sentences: three tables, one sum, a norm.

    Source: Devlin et al. (2019), figure 2; the norm is in their code only.

    >>> embeddings = BertEmbeddings(vocabulary=11, d_model=6, positions=7)
    >>> ids, segments = torch.tensor([[1, 8, 2, 9, 2]]), torch.tensor([[0, 0, 0, 1, 1]])
    >>> embeddings(ids, segments).shape
    torch.Size([1, 5, 6])
    """

    def __init__(
        self,
        vocabulary: int,
        d_model: int,
        positions: int = 512,
        segments: int = 2,
        eps: float = 1e-12,
    ):
        super().__init__()
        self.word = nn.Embedding(vocabulary, d_model)
        self.position = nn.Embedding(positions, d_model)
        self.segment = nn.Embedding(segments, d_model)
        self.norm = nn.LayerNorm(d_model, eps=eps)

    def forward(
        self, input_ids: Int[Tensor, "batch time"], token_type_ids: Int[Tensor, "batch time"]
    ) -> Float[Tensor, "batch time d_model"]:
        """The norm of the sum of three vectors; positions are learnt, and count from 0."""
        places = torch.arange(input_ids.shape[1], device=input_ids.device)
        return self.norm(
            self.word(input_ids) + self.position(places) + self.segment(token_type_ids)
        )


def classify(
    states: Float[Tensor, "batch time d_model"],
    pooler: Callable[[Tensor], Tensor],
    head: Callable[[Tensor], Tensor],
) -> Float[Tensor, "batch classes"]:
    """Scores for what a whole text is, from the state of its first token, [CLS].

    It goes through the `pooler` and a tanh, then through the `head`; both are linear layers, or
    other functions that can be called like them.

    Source: Devlin et al. (2019), section 4.1; the pooler is in their code only.

    >>> states = torch.tensor([[[0.5, 0.0], [9.0, 9.0]]])
    >>> classify(states, pooler=lambda x: 2 * x, head=lambda x: torch.cat([x, -x], dim=-1))
    tensor([[ 0.7616,  0.0000, -0.7616, -0.0000]])
    """
    return head(torch.tanh(pooler(states[:, 0])))


class GeluFeedForward(FeedForward):
    """Chapter 6's feed-forward layer with x · P(Z ≤ x) in place of max(0, x): the exact GELU, or the
    approximation by a tanh (`approximate="tanh"`).

    Source: Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016).

    >>> GeluFeedForward(d_model=6, d_ff=24)(torch.randn(2, 5, 6)).shape
    torch.Size([2, 5, 6])
    """

    def __init__(self, d_model: int, d_ff: int, approximate: str = "none"):
        super().__init__(d_model, d_ff)
        self.approximate = approximate

    def forward(
        self, x: Float[Tensor, "batch time d_model"]
    ) -> Float[Tensor, "batch time d_model"]:
        """Wider, bent, and narrow again."""
        return self.contract(F.gelu(self.expand(x), approximate=self.approximate))


class BertBlock(EncoderBlock):
    """Chapter 6's encoder block, post-norm, with a GELU; its attention's weights only on demand.

    >>> block, x = BertBlock(d_model=6, heads=2, d_ff=24), torch.randn(1, 5, 6)
    >>> fast, slow = block(x), block(x, weights=True)
    >>> torch.allclose(fast[0], slow[0], atol=1e-6), fast[1], slow[1].shape
    (True, None, torch.Size([1, 2, 5, 5]))
    """

    def __init__(
        self, d_model: int, heads: int, d_ff: int, eps: float = 1e-12, approximate: str = "none"
    ):
        super().__init__(d_model, heads, d_ff)
        self.feed_forward = GeluFeedForward(d_model, d_ff, approximate)
        self.attention_norm.eps = self.feed_forward_norm.eps = eps

    def forward(
        self,
        x: Float[Tensor, "batch time d_model"],
        mask: Bool[Tensor, "... #time #time"] | None = None,
        weights: bool = False,
    ) -> tuple[Float[Tensor, "batch time d_model"], Float[Tensor, "batch heads time time"] | None]:
        """The block's output, and the attention's weights if asked for."""
        if weights:
            return super().forward(x, mask)
        x = self.attention_norm(x + attend(self.attention, x, mask))
        return self.feed_forward_norm(x + self.feed_forward(x)), None


def attend(
    attention: MultiHeadAttention,
    x: Float[Tensor, "batch time d_model"],
    mask: Bool[Tensor, "... #time #time"] | None = None,
) -> Float[Tensor, "batch time d_model"]:
    """The attention of x to itself, by PyTorch's fused function."""
    query, key, value = (
        layer(x).unflatten(-1, (attention.heads, -1)).transpose(1, 2)
        for layer in (attention.query, attention.key, attention.value)
    )
    output = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    return attention.output(output.transpose(1, 2).flatten(2))


class Bert(nn.Module):
    """The whole model: embeddings, a stack of blocks, the pooler, the two heads of pre-training.

    The sizes default to BERT-base's. With `pretraining_heads=False` the two heads are absent. The
    weights start with BERT's standard deviation, 0.02 at 768 features, and more at fewer.

    Source: Devlin et al. (2019), sections 3 and 3.1.

    >>> bert = Bert(vocabulary=11, d_model=6, heads=2, d_ff=24, layers=2, positions=7)
    >>> ids, real = torch.tensor([[1, 8, 2], [1, 2, 0]]), torch.tensor([[1, 1, 1], [1, 1, 0]])
    >>> states, pooled = bert(ids, attention_mask=real)
    >>> states.shape, pooled.shape
    (torch.Size([2, 3, 6]), torch.Size([2, 6]))
    >>> words, following = bert.predict(ids, attention_mask=real)
    >>> words.shape, following.shape
    (torch.Size([2, 3, 11]), torch.Size([2, 2]))
    """

    def __init__(
        self,
        vocabulary: int = 30522,
        d_model: int = 768,
        heads: int = 12,
        d_ff: int = 3072,
        layers: int = 12,
        *,
        positions: int = 512,
        segments: int = 2,
        eps: float = 1e-12,
        pretraining_heads: bool = True,
        embeddings: Callable[..., nn.Module] = BertEmbeddings,
    ):
        super().__init__()
        self.positions = positions
        self.embeddings = embeddings(vocabulary, d_model, positions, segments, eps)
        self.blocks = nn.ModuleList(BertBlock(d_model, heads, d_ff, eps) for _ in range(layers))
        self.pooler = nn.Linear(d_model, d_model)
        if pretraining_heads:
            self.masked_lm = MaskedLMHead(vocabulary, d_model, eps)
            self.next_sentence = nn.Linear(d_model, 2)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02 * (768 / d_model) ** 0.5)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(
        self,
        input_ids: Int[Tensor, "batch time"],
        attention_mask: Int[Tensor, "batch time"] | Bool[Tensor, "batch time"] | None = None,
        token_type_ids: Int[Tensor, "batch time"] | None = None,
    ) -> tuple[Float[Tensor, "batch time d_model"], Float[Tensor, "batch d_model"]]:
        """A state for every token, and the pooled one of the first token, for the whole text."""
        states, _ = self.encode(input_ids, attention_mask, token_type_ids)
        return states, torch.tanh(self.pooler(states[:, 0]))

    def predict(
        self,
        input_ids: Int[Tensor, "batch time"],
        attention_mask: Int[Tensor, "batch time"] | Bool[Tensor, "batch time"] | None = None,
        token_type_ids: Int[Tensor, "batch time"] | None = None,
    ) -> tuple[Float[Tensor, "batch time vocabulary"], Float[Tensor, "batch 2"]]:
        """What the heads say: scores of all words at every place, and of next (0) or not (1)."""
        states, _ = self.encode(input_ids, attention_mask, token_type_ids)
        return self.words(states), classify(states, self.pooler, self.next_sentence)

    def words(self, states: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch vocabulary"]:
        """Scores of all words, for as many states as one likes."""
        return self.masked_lm(states, self.embeddings.word.weight)

    def encode(
        self,
        input_ids: Int[Tensor, "batch time"],
        attention_mask: Int[Tensor, "batch time"] | Bool[Tensor, "batch time"] | None = None,
        token_type_ids: Int[Tensor, "batch time"] | None = None,
        weights: bool = False,
    ) -> tuple[Float[Tensor, "batch time d_model"], list[Tensor]]:
        """The state of every token and, if asked for, the attention weights of every block.

        Without a mask all words are real; without segments all are of the first.
        """
        _check_length(input_ids, self.positions)
        mask = None if attention_mask is None else attention_mask.bool()[:, None, None, :]
        segments = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        states, found = self.embeddings(input_ids, segments), []
        for block in self.blocks:
            states, of_block = block(states, mask, weights)
            found.append(of_block)
        return states, found if weights else []

    @classmethod
    def from_huggingface(cls, model_or_name: Any, **parts: Any) -> "Bert":
        """A `BertModel` or `BertForPreTraining` of `transformers`, or one by its name or folder, as ours.

        `parts` may name parts of your own, as in the constructor: `embeddings=…`.
        Computes what that computes when it is not training (we have no dropout), in its precision.
        """
        from unrolled.huggingface import bert

        return bert.load(model_or_name, functools.partial(cls, **parts))


def _check_length(input_ids: Int[Tensor, "batch time"], positions: int) -> None:
    """Refuses a text that is longer than the positions learnt.

    >>> _check_length(torch.zeros(2, 5, dtype=torch.long), 4)
    Traceback (most recent call last):
    ValueError: input_ids has 5 tokens a row; expected at most 4, the positions learnt
    """
    if input_ids.shape[1] > positions:
        raise ValueError(
            f"input_ids has {input_ids.shape[1]} tokens a row; "
            f"expected at most {positions}, the positions learnt"
        )


checked(globals())
