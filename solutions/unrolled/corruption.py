"""What text-to-text models learn from: texts with holes to fill, and tasks put into words.

Paper: Raffel et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer" (2020),
sections 2.4 and 3.1.4, appendix D; Lewis et al., "BART: Denoising Sequence-to-Sequence Pre-training" (2020), section 2.2.

Names: ours ↔ theirs — `sentinels` ↔ <X>, <Y>, <Z> or <extra_id_0> …; `mask` ↔ [MASK]. A span is `(start, length)`:
so many tokens from that place on. Spans come in order and do not overlap. What is random (where the spans are, in which
order the sentences) is drawn outside and handed in.

Left out: BART's token deletion and document rotation, which its released models do not use.
"""

from itertools import pairwise

import torch

from unrolled.signatures import checked


def corrupt_spans(
    ids: list[int], spans: list[tuple[int, int]], sentinels: list[int]
) -> tuple[list[int], list[int]]:
    """T5's exercise: a text with a sentinel for every span, and what stood there. Returns (inputs, targets).

    The first span is replaced by the first sentinel, and so on. The targets say each sentinel and then the
    tokens of its span; the next sentinel says that this was all. So there must be at least one sentinel more than
    spans; those after the closing one are not used.

    Each span hides at least one token. Two spans may touch: they stay two. There may be none.

    Source: Raffel et al. (2020), figure 2.

    >>> ids = [11, 12, 13, 14, 15, 16, 17]
    >>> corrupt_spans(ids, spans=[(1, 2), (5, 1)], sentinels=[99, 98, 97])
    ([11, 99, 14, 15, 98, 17], [99, 12, 13, 98, 16, 97])
    """
    inputs, targets, end = [], [], 0
    for (start, length), sentinel in zip(spans, sentinels, strict=False):
        inputs += [*ids[end:start], sentinel]
        end = start + length
        targets += [sentinel, *ids[start:end]]
    return inputs + ids[end:], [*targets, sentinels[len(spans)]]


def infill_text(ids: list[int], spans: list[tuple[int, int]], mask: int) -> list[int]:
    """BART's text infilling: every span becomes a single `mask`, however long it is.

    A span of length 0 is a `mask` put in where nothing is missing, in front of the token at `start`, or at the end
    if `start` is len(ids). Two spans may touch: they stay two masks. No two have the same start. The target is the
    whole text, so a model must also find out how much is missing.

    Source: Lewis et al. (2020), section 2.2, "Text Infilling".

    >>> infill_text([11, 12, 13, 14, 15], spans=[(1, 2), (4, 0)], mask=99)
    [11, 99, 14, 99, 15]
    """
    corrupted, end = [], 0
    for start, length in spans:
        corrupted += [*ids[end:start], mask]
        end = start + length
    return corrupted + ids[end:]


def permute_sentences(ids: list[int], full_stop: int, order: list[int]) -> list[int]:
    """BART's sentence permutation: the sentences in another order; `order` says which comes first, which second, ….

    A sentence ends with its `full_stop`, and may be nothing else. Tokens after the last full stop are a sentence too;
    if there are none, no sentence is added. `order` names every sentence once.

    Source: Lewis et al. (2020), section 2.2, "Sentence Permutation".

    >>> permute_sentences([11, 12, 0, 13, 0, 14, 15, 16, 0], full_stop=0, order=[2, 0, 1])
    [14, 15, 16, 0, 11, 12, 0, 13, 0]
    """
    sentences, current = [], []
    for token in ids:
        current.append(token)
        if token == full_stop:
            sentences.append(current)
            current = []
    if current:
        sentences.append(current)
    return [token for i in order for token in sentences[i]]


def to_text_pair(task: str, example: dict[str, str | int | float]) -> tuple[str, str]:
    """An example of a task as two texts: what is read, with words in front that name the task, and what should be written.

    | task | the example has | read | written |
    |---|---|---|---|
    | translate | korean, english | translate Korean to English: … | the English |
    | summarize | story, summary | summarize: … | the summary |
    | sentiment | text, sentiment (1 or 0) | sentiment: … | positive or negative |
    | similarity | first, second, score (0 to 5) | similarity first: … second: … | the nearest step of 0.2, as 3.8 |

    For … stands the example's own text as it is. A score halfway between two steps may go to either; the text has
    one digit after the point. Any other task, if only by a letter, raises ValueError with a message that names `task`.

    Source: Raffel et al. (2020), sections 2.4 (for scores, in steps of 0.2) and appendix D.

    >>> to_text_pair("sentiment", {"text": "빵이 맛있었어요.", "sentiment": 1})
    ('sentiment: 빵이 맛있었어요.', 'positive')
    >>> to_text_pair("similarity", {"first": "A dog ran.", "second": "The dog runs.", "score": 3.75})
    ('similarity first: A dog ran. second: The dog runs.', '3.8')
    """
    if task == "translate":
        return f"translate Korean to English: {example['korean']}", example["english"]
    if task == "summarize":
        return f"summarize: {example['story']}", example["summary"]
    if task == "sentiment":
        return f"sentiment: {example['text']}", "positive" if example["sentiment"] else "negative"
    if task == "similarity":
        read = f"similarity first: {example['first']} second: {example['second']}"
        return read, f"{round(example['score'] * 5) / 5:.1f}"
    raise ValueError(
        f"task is {task!r}; expected 'translate', 'summarize', 'sentiment' or 'similarity'"
    )


def random_spans(
    length: int, rate: float, mean_length: float, generator: torch.Generator
) -> list[tuple[int, int]]:
    """Spans that hide about `rate` of `length` tokens, about `mean_length` each, never two side by side.

    Of the ways to place so many spans, and to share the hidden tokens among them, all are equally likely. (The code that
    came with T5 always ends a text with a span.)

    Source: Raffel et al. (2020), section 3.3.4, where rate and mean length are 0.15 and 3.

    >>> random_spans(20, 0.3, 2.0, torch.Generator().manual_seed(0))
    [(5, 1), (11, 4), (18, 1)]
    """
    hidden = min(max(1, round(length * rate)), length - 1)
    count = min(max(1, round(hidden / mean_length)), hidden, length - hidden + 1)
    return _placed(length, _shares(hidden, count, generator), generator)


def poisson_spans(
    length: int, rate: float, mean_length: float, generator: torch.Generator
) -> list[tuple[int, int]]:
    """Spans as BART draws them: lengths from a Poisson distribution, so some are 0, until `rate` is hidden.

    Where the text has no room for so many pieces, one token apart, less is hidden.

    Source: Lewis et al. (2020), section 2.2, where the mean length is 3, and section 5.1 for the rate, 0.3.

    >>> poisson_spans(20, 0.3, 2.0, torch.Generator().manual_seed(1))
    [(3, 0), (4, 1), (9, 1), (12, 0), (13, 3), (18, 1)]
    """
    left, lengths = max(1, round(length * rate)), []
    while left > 0 and (room := length - sum(lengths) - len(lengths)) >= 0:
        size = int(torch.poisson(torch.tensor(mean_length), generator).item())
        lengths.append(min(size, left, room))
        left -= lengths[-1]
    return _placed(length, lengths, generator)


def _placed(length: int, sizes: list[int], generator: torch.Generator) -> list[tuple[int, int]]:
    """Spans of these sizes with at least one token between them; only the outer two gaps may be empty."""
    spans, end = [], -1
    gaps = _shares(length - sum(sizes) + 2, len(sizes) + 1, generator)
    for gap, size in zip(gaps, sizes, strict=False):
        spans.append((end + gap, size))
        end += gap + size
    return spans


def _shares(total: int, parts: int, generator: torch.Generator) -> list[int]:
    """`total` shared among so many parts, at least 1 each; all ways are equally likely."""
    cuts = torch.randperm(total - 1, generator=generator)[: parts - 1].sort().values + 1
    edges = [0, *cuts.tolist(), total]
    return [after - before for before, after in pairwise(edges)]


checked(globals())
