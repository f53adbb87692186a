"""Next-sentence prediction: does the second sentence follow the first, or is it from another text?

Paper: Devlin et al., "BERT" (2019), section 3.1, task 2, and figure 2 (segments).

Names: ours ↔ theirs — `cls_id`, `sep_id` ↔ [CLS], [SEP]; `token_type_ids` ↔ segment A (0) and B
(1), Hugging Face's name; label 0 ↔ IsNext, 1 ↔ NotNext, as in their code and in Hugging Face's.

Left out: segments of several sentences filled up to 512 tokens; ours are single sentences.
"""

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor

from unrolled.signatures import checked


def make_sentence_pairs(
    documents: Sequence[Sequence[Sequence[int]]],
    uniforms: Float[Tensor, "pairs 3"],
    cls_id: int,
    sep_id: int,
) -> dict[str, list]:
    """Every sentence but a document's last, with the one that follows or with one from elsewhere.

    A document is a list of sentences, a sentence a list of word numbers; there are at least two
    documents. The pairs come in the order of their first sentences. For each there are three
    uniform random numbers, 0 ≤ u < 1:

    - below 0.5, the first says that the second sentence is the next one (label 0); else (label 1)
      it comes from another document:
    - from document (d + 1 + ⌊u₂ · (D − 1)⌋) mod D, if d is the number of the own one among D: the
      others are counted from the one after it, and after the last comes the first;
    - and is sentence ⌊u₃ · n⌋ of the n in that document, counted from 0.

    A document of one sentence begins no pair, but may be drawn from.

    The result has three lists with an entry for every pair: `input_ids` is [CLS] first [SEP]
    second [SEP], `token_type_ids` is 0 up to and with the first [SEP] and 1 after it, `labels`
    is 0 or 1, all whole numbers. The documents stay as they are.

    Source: Devlin et al. (2019), section 3.1, figure 2, and appendix A.2.

    >>> import torch
    >>> documents = [[[10, 11], [12]], [[20], [21, 22]]]
    >>> uniforms = torch.tensor([[0.2, 0.0, 0.0],   # next
    ...                          [0.7, 0.0, 0.6]])  # the other document's sentence ⌊0.6 · 2⌋
    >>> pairs = make_sentence_pairs(documents, uniforms, cls_id=1, sep_id=2)
    >>> pairs["input_ids"]
    [[1, 10, 11, 2, 12, 2], [1, 20, 2, 12, 2]]
    >>> pairs["token_type_ids"], pairs["labels"]
    ([[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1]], [0, 1])
    """
    pairs: dict[str, list] = {"input_ids": [], "token_type_ids": [], "labels": []}
    firsts = [(d, i) for d, document in enumerate(documents) for i in range(len(document) - 1)]
    if len(uniforms) != len(firsts):
        raise ValueError(
            f"uniforms is of {len(uniforms)} rows; expected {len(firsts)}, one for each pair"
        )
    for (d, i), (coin, where, which) in zip(firsts, uniforms.tolist(), strict=True):
        second = documents[d][i + 1]
        if coin >= 0.5:
            other = documents[(d + 1 + int(where * (len(documents) - 1))) % len(documents)]
            second = other[int(which * len(other))]
        a, b = [cls_id, *documents[d][i], sep_id], [*second, sep_id]
        pairs["input_ids"].append(a + b)
        pairs["token_type_ids"].append([0] * len(a) + [1] * len(b))
        pairs["labels"].append(int(coin >= 0.5))
    return pairs


checked(globals())
