"""DistilBERT: half the blocks, taught by the whole model.

Paper: Sanh et al., "DistilBERT, a distilled version of BERT: smaller, faster, cheaper and lighter" (2019), sections 2
and 3; the temperature is Hinton et al.'s, "Distilling the Knowledge in a Neural Network" (2015), equation 1.

Names: ours ↔ theirs — `teacher_logits`, `student_logits` ↔ the scores before the softmax; the three terms of
`distilbert_loss` ↔ L_ce, L_mlm, L_cos; `labels` are -100 where no word is asked for. In `DistilBert` the sizes have
our names: `d_model`, `heads`, `d_ff`, `layers` ↔ Hugging Face's `dim`, `n_heads`, `hidden_dim`, `n_layers`.

Left out: dropout, and the training itself (the chapter does it).
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from unrolled.bert import Bert, BertBlock, _check_length
from unrolled.masked_lm import MaskedLMHead, masked_lm_loss
from unrolled.signatures import checked


def select_layers(teacher: int, student: int) -> list[int]:
    """Which of the teacher's blocks, counted from 0, the student starts with: its first, its last, and evenly between.

    Block i of the student begins as block i · (teacher − 1) / (student − 1) of the teacher, rounded to a whole number;
    an exact half goes to the even one, as Python's `round` does it. A student of one block takes block 0. A student
    with more blocks than the teacher, or with none, is a ValueError that names `student`.

    Source: the released model's choice; the paper (section 3) says "one layer out of two".

    >>> select_layers(12, 6)
    [0, 2, 4, 7, 9, 11]
    >>> select_layers(6, 3), select_layers(2, 1)  # 2.5 is rounded to 2
    ([0, 2, 5], [0])
    """
    if not 1 <= student <= teacher:
        raise ValueError(f"student is {student}; expected 1 to {teacher}, the teacher's blocks")
    return [round(i * (teacher - 1) / max(student - 1, 1)) for i in range(student)]


def distilbert_loss(
    student_logits: Float[Tensor, "batch time vocabulary"],
    teacher_logits: Float[Tensor, "batch time vocabulary"],
    labels: Int[Tensor, "batch time"],
    student_states: Float[Tensor, "batch time d_model"],
    teacher_states: Float[Tensor, "batch time d_model"],
    attention_mask: Int[Tensor, "batch time"] | Bool[Tensor, "batch time"],
    *,
    temperature: float = 2.0,
    weights: Sequence[float] = (5.0, 2.0, 1.0),
) -> Float[Tensor, ""]:
    """How far the student is from its teacher and from the text: three losses, weighted and added.

    1. temperature² · KL(teacher ‖ student), in nats, both softmaxes taken of scores divided by the temperature;
    2. the loss of the hidden words, as always, without any temperature: over the places whose label is not -100;
    3. 1 − the cosine of the student's and the teacher's state.

    The first and the third are averaged over all real tokens of the batch (where `attention_mask` is 1 or True), asked
    for or not. No gradient goes to the teacher. The scores may be large.

    Source: Sanh et al. (2019), section 2 and 3; the weights are those of the paper's code.

    >>> student, teacher = torch.tensor([[[0.0, 0.0], [5.0, 0.0]]]), torch.tensor([[[2.0, 0.0], [0.0, 0.0]]])
    >>> state, real = torch.tensor([[[1.0, 0.0], [1.0, 0.0]]]), torch.tensor([[1, 0]])  # one real token
    >>> labels = torch.tensor([[0, -100]])
    >>> distilbert_loss(student, teacher, labels, state, 3 * state, real, weights=(1.0, 0.0, 0.0))
    tensor(0.4438)
    >>> distilbert_loss(student, teacher, labels, state, -state, real, weights=(0.0, 1.0, 1.0))  # log 2, and 2
    tensor(2.6931)
    """
    real = attention_mask.bool()
    soft_student = (student_logits[real] / temperature).log_softmax(-1)
    soft_teacher = (teacher_logits[real].detach() / temperature).log_softmax(-1)
    divergence = (soft_teacher.exp() * (soft_teacher - soft_student)).sum(-1).mean()
    cosine = F.cosine_similarity(student_states[real], teacher_states[real].detach(), dim=-1)
    return (
        weights[0] * temperature**2 * divergence
        + weights[1] * masked_lm_loss(student_logits, labels)
        + weights[2] * (1 - cosine).mean()
    )


class DistilBertEmbeddings(nn.Module):
    """BERT's embeddings without the segments: what a word is and where it stands.

    >>> DistilBertEmbeddings(vocabulary=11, d_model=6, positions=7)(torch.tensor([[1, 8, 2]])).shape
    torch.Size([1, 3, 6])
    """

    def __init__(self, vocabulary: int, d_model: int, positions: int = 512, eps: float = 1e-12):
        super().__init__()
        self.word = nn.Embedding(vocabulary, d_model)
        self.position = nn.Embedding(positions, d_model)
        self.norm = nn.LayerNorm(d_model, eps=eps)

    def forward(self, input_ids: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time d_model"]:
        """The norm of the sum of two vectors."""
        places = torch.arange(input_ids.shape[1], device=input_ids.device)
        return self.norm(self.word(input_ids) + self.position(places))


class DistilBert(nn.Module):
    """The student: BERT without segments and without a pooler, with fewer blocks. The sizes default to DistilBERT's.

    Source: Sanh et al. (2019), section 3.

    >>> student = DistilBert(vocabulary=11, d_model=6, heads=2, d_ff=24, layers=1, positions=7)
    >>> ids, real = torch.tensor([[1, 8, 2], [1, 2, 0]]), torch.tensor([[1, 1, 1], [1, 1, 0]])
    >>> states = student(ids, attention_mask=real)
    >>> states.shape, student.words(states).shape
    (torch.Size([2, 3, 6]), torch.Size([2, 3, 11]))
    """

    def __init__(
        self,
        vocabulary: int = 30522,
        d_model: int = 768,
        heads: int = 12,
        d_ff: int = 3072,
        layers: int = 6,
        *,
        positions: int = 512,
        eps: float = 1e-12,
        pretraining_head: bool = True,
    ):
        super().__init__()
        self.positions = positions
        self.embeddings = DistilBertEmbeddings(vocabulary, d_model, positions, eps)
        self.blocks = nn.ModuleList(BertBlock(d_model, heads, d_ff, eps) for _ in range(layers))
        if pretraining_head:
            self.masked_lm = MaskedLMHead(vocabulary, d_model, eps)
        initialize_(self)

    def forward(
        self,
        input_ids: Int[Tensor, "batch time"],
        attention_mask: Int[Tensor, "batch time"] | Bool[Tensor, "batch time"] | None = None,
    ) -> Float[Tensor, "batch time d_model"]:
        """A state for every token."""
        _check_length(input_ids, self.positions)
        mask = None if attention_mask is None else attention_mask.bool()[:, None, None, :]
        states = self.embeddings(input_ids)
        for block in self.blocks:
            states, _ = block(states, mask)
        return states

    def words(self, states: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch vocabulary"]:
        """Scores of all words."""
        return self.masked_lm(states, self.embeddings.word.weight)

    @classmethod
    def of(cls, teacher: Bert, layers: Sequence[int]) -> "DistilBert":
        """A student that begins with the teacher's tables, head and these of its blocks.

        The vector of the teacher's first segment, which the student has no table for, goes into its positions.

        >>> teacher = Bert(vocabulary=11, d_model=6, heads=2, d_ff=24, layers=2, positions=7)
        >>> ids = torch.tensor([[1, 8, 2]])
        >>> torch.allclose(DistilBert.of(teacher, [0, 1])(ids), teacher(ids)[0], atol=1e-6)  # all blocks
        True
        """
        table, block = teacher.embeddings, teacher.blocks[0]
        student = cls(
            *table.word.weight.shape,
            heads=block.attention.heads,
            d_ff=block.feed_forward.expand.out_features,
            layers=len(layers),
            positions=teacher.positions,
            eps=table.norm.eps,
        )
        with torch.no_grad():
            student.embeddings.word.weight.copy_(table.word.weight)
            student.embeddings.position.weight.copy_(
                table.position.weight + table.segment.weight[0]
            )
        student.embeddings.norm.load_state_dict(table.norm.state_dict())
        student.masked_lm.load_state_dict(teacher.masked_lm.state_dict())
        for ours, theirs in zip(student.blocks, layers, strict=True):
            ours.load_state_dict(teacher.blocks[theirs].state_dict())
        return student

    @classmethod
    def from_huggingface(cls, model_or_name: Any) -> "DistilBert":
        """A `DistilBertModel` or `DistilBertForMaskedLM` of `transformers`, or one by its name or folder, as ours."""
        from unrolled.huggingface import distilbert

        return distilbert.load(model_or_name, cls)


def initialize_(model: nn.Module) -> None:
    """BERT's start, in place: tables and layers with standard deviation 0.02 at 768 features, biases 0."""
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02 * (768 / module.weight.shape[-1]) ** 0.5)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)


checked(globals())
