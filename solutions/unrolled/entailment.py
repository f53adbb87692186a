"""A judge of entailment: does a text say that a statement is true, is it silent, or does it say the opposite?

Paper: Yin et al., "Benchmarking Zero-shot Text Classification" (2019), who turn such a judge into a classifier.

Names: ours ↔ theirs — `premise` ↔ the text, `hypothesis` ↔ the statement, `template` ↔ the sentence with a gap that a
label is put into.

Left out: what it learns from (`unrolled.statements`), how it is trained (`assets/checkpoints/nli.py`), and the way from
its scores to probabilities (`unrolled.zero_shot`).
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from unrolled.bert import Bert, classify
from unrolled.data.village import Review
from unrolled.lab import load_pretrained
from unrolled.pretraining import BertVocabulary
from unrolled.signatures import checked
from unrolled.statements import LABELS, OPPOSITE, TOPIC, Statement
from unrolled.translation import padded

#: Words of the judge that the village itself never uses.
NEW_WORDS = ("text", "about")


class EntailmentJudge(nn.Module):
    """A BERT that reads premise and hypothesis, and a head with three scores on its pooled [CLS].

    Source: Devlin et al. (2019), section 4.1 (MNLI).

    >>> judge = EntailmentJudge(vocabulary=11, d_model=6, heads=2, d_ff=24, layers=2, positions=7)
    >>> ids, segments = torch.tensor([[4, 8, 5, 9, 5]]), torch.tensor([[0, 0, 0, 1, 1]])
    >>> judge(ids, torch.ones_like(ids), segments).shape
    torch.Size([1, 3])
    """

    def __init__(self, *sizes: int, **named_sizes: int):
        super().__init__()
        self.body = Bert(*sizes, pretraining_heads=False, **named_sizes)
        self.head = nn.Linear(self.body.pooler.out_features, len(LABELS))

    def forward(
        self,
        input_ids: Int[Tensor, "batch time"],
        attention_mask: Int[Tensor, "batch time"] | Bool[Tensor, "batch time"],
        token_type_ids: Int[Tensor, "batch time"],
    ) -> Float[Tensor, "batch 3"]:
        """Scores for entailment, neutral and contradiction."""
        states, _ = self.body.encode(input_ids, attention_mask, token_type_ids)
        return classify(states, self.body.pooler, self.head)


class Batch(NamedTuple):
    """[CLS] premise [SEP] hypothesis [SEP], padded, with the segments and the labels."""

    input_ids: Int[Tensor, "batch time"]
    attention_mask: Bool[Tensor, "batch time"]
    token_type_ids: Int[Tensor, "batch time"]
    labels: Int[Tensor, " batch"]


def entailment_batch(vocabulary: BertVocabulary, chosen: Sequence[Statement]) -> Batch:
    """The statements as one batch.

    >>> vocabulary = BertVocabulary.of(["I slept . I ran ."])
    >>> batch = entailment_batch(vocabulary, [Statement("I slept.", "I ran.", 1), Statement("I ran.", "I ran.", 0)])
    >>> vocabulary.words[4:7], batch.input_ids[0].tolist(), batch.token_type_ids[0].tolist()
    (['[CLS]', '[SEP]', '[MASK]'], [4, 8, 10, 7, 5, 8, 9, 7, 5], [0, 0, 0, 0, 0, 1, 1, 1, 1])
    """
    rows, segments = [], []
    for statement in chosen:
        first, second = (
            vocabulary.read(statement.premise),
            vocabulary.read(statement.hypothesis)[1:],
        )
        rows.append(first + second)
        segments.append([0] * len(first) + [1] * len(second))
    input_ids, lengths = padded(rows, vocabulary.pad)
    labels = torch.tensor([statement.label for statement in chosen])
    mask = torch.arange(input_ids.shape[1]) < lengths[:, None]
    return Batch(input_ids, mask, padded(segments, 0)[0], labels)


def village_judge() -> tuple[EntailmentJudge, BertVocabulary]:
    """The entailment judge that travels with the course, and its vocabulary."""
    found = load_pretrained("nli")
    judge = EntailmentJudge(**found.config)
    judge.load_state_dict(found.weights)
    return judge.eval(), BertVocabulary(found.words)


@torch.no_grad()
def entailment_logits(
    judge: EntailmentJudge,
    vocabulary: BertVocabulary,
    texts: Sequence[str],
    labels: Sequence[str],
    template: str = TOPIC,
) -> Float[Tensor, "texts labels 3"]:
    """What the judge says of every text and every label, the label put into the template's gap."""
    rows = [
        entailment_logits_of(judge, vocabulary, text, [template.format(label) for label in labels])
        for text in texts
    ]
    return torch.stack(rows)


def entailment_logits_of(
    judge: EntailmentJudge, vocabulary: BertVocabulary, text: str, hypotheses: Sequence[str]
) -> Float[Tensor, "hypotheses 3"]:
    """What the judge says of one text and several hypotheses."""
    batch = entailment_batch(
        vocabulary, [Statement(text, hypothesis, 0) for hypothesis in hypotheses]
    )
    return judge(*batch[:3])


def things_judged(reviews: Sequence[Review]) -> list[str]:
    """What each review judges: the thing that its second sentence is about.

    >>> things_judged([Review("I bought a lamp at the market. In fact, the lamp was pretty.", 1, 2)])
    ['lamp']
    """
    return [
        re.search(r"\. .*?\bthe ([a-z ]+?) (?:was|were)\b", text, re.I)[1] for text, *_ in reviews
    ]


class Opposites(NamedTuple):
    """A review, a sentence with a gap, the two words that may stand there, which is right, and whether it is denied there."""

    text: str
    template: str
    words: tuple[str, str]
    right: int
    denied: bool


def opposites_judged(reviews: Sequence[Review]) -> list[Opposites]:
    """Of each review that says, or denies, one of two opposites: which of them is true?

    >>> opposites_judged([Review("I went to the inn. The inn was not clean.", 0, 2)])
    [Opposites(text='I went to the inn. The inn was not clean.', template='The inn was {}.', words=('clean', 'dirty'),
               right=1, denied=True)]
    """
    said = (
        r"\. .*?\bthe ([a-z ]+? (?:was|were)) (not )?(?:(?:a little|quite|very|really|so) )?(\w+)\."
    )
    found = []
    for review in reviews:
        match = re.search(said, review.text, re.I)
        if match and match[3] in OPPOSITE:
            words = tuple(sorted((match[3], OPPOSITE[match[3]])))
            right = words.index(OPPOSITE[match[3]] if match[2] else match[3])
            found.append(
                Opposites(review.text, f"The {match[1]} {{}}.", words, right, bool(match[2]))
            )
    return found


checked(globals())
