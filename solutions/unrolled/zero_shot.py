"""Zero-shot classification: a judge of entailment decides for labels that it never learnt.

Paper: Yin et al., "Benchmarking Zero-shot Text Classification: Datasets, Evaluation and Entailment Approach" (2019).

Names: ours ↔ Hugging Face's — `labels` ↔ candidate labels; `entailment`, `contradiction` ↔ the ids of these two scores;
`multi_label` has their name.

Left out: the judge itself, and the sentence that a label is put into (`unrolled.entailment`).
"""

from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked


def entailment_probabilities(
    logits: Float[Tensor, "texts labels 3"], entailment: int, contradiction: int, multi_label: bool
) -> Float[Tensor, "texts labels"]:
    """How probable each label is, from the judge's three scores for every text and every label.

    `entailment` and `contradiction` say which of the three scores is which; the third is *neutral*. If exactly one
    label is right (`multi_label=False`), the labels compete: a softmax over the labels of their scores for entailment.
    If any number may be right (`multi_label=True`), each label is judged by itself: a softmax over the two scores,
    contradiction and entailment, and of that the share of entailment. A single label has nobody to compete with and is
    always judged by itself. Scores may be large.

    Source: Yin et al. (2019), section 5; `ZeroShotClassificationPipeline` of `transformers`.

    >>> import torch
    >>> logits = torch.tensor([[[0.0, 0.0, 2.0], [0.0, 9.0, 0.0]]])  # contradiction, neutral, entailment
    >>> entailment_probabilities(logits, entailment=2, contradiction=0, multi_label=False)
    tensor([[0.8808, 0.1192]])
    >>> entailment_probabilities(logits, entailment=2, contradiction=0, multi_label=True)
    tensor([[0.8808, 0.5000]])
    """
    if multi_label or logits.shape[1] == 1:
        return logits[..., [contradiction, entailment]].softmax(-1)[..., 1]
    return logits[..., entailment].softmax(-1)


checked(globals())
