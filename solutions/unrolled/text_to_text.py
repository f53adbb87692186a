"""The village's tasks as text to text: sentences to translate, stories to summarise, reviews to judge, holes to fill.

One vocabulary holds the words of both languages, of the tasks' names, and the sentinels; an example is a pair of texts
(`unrolled.corruption.to_text_pair`), whatever its task. So one model, one loss and one way to answer do for all.

Left out: subwords (`unrolled.bpe`); a word is what stands between spaces.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from unrolled.corruption import corrupt_spans, random_spans, to_text_pair
from unrolled.data import village
from unrolled.data.village import Vocabulary, tokens
from unrolled.rnn import sequence_cross_entropy
from unrolled.self_attention import padding_mask
from unrolled.seq2seq import shift_right
from unrolled.signatures import checked
from unrolled.translation import Batch, padded

TextPair = tuple[str, str]
SENTINELS = tuple(f"<extra_id_{i}>" for i in range(8))


def village_examples(
    task: str, n: int, *, split: str = "train", seed: int = 0
) -> list[dict[str, str | int]]:
    """n examples of a task, "translate", "summarize" or "sentiment", for `to_text_pair`.

    >>> village_examples("translate", 1)
    [{'korean': '나는 너를 매우 사랑해', 'english': 'I love you so much'}]
    """
    drawn = {"split": split, "seed": seed}
    if task == "translate":
        return [pair._asdict() for pair in village.pairs(n, length=(3, 10), **drawn)]
    if task == "summarize":
        stories = village.summary_pairs(n, **drawn)
        return [{"story": story, "summary": summary} for story, summary in stories]
    if task == "sentiment":
        return [{"text": r.text, "sentiment": r.sentiment} for r in village.reviews(n, **drawn)]
    raise ValueError(f"task is {task!r}; expected 'translate', 'summarize' or 'sentiment'")


def village_texts(
    task: str, n: int, *, split: str = "train", seed: int = 0, pair: Callable = to_text_pair
) -> list[TextPair]:
    """n examples of a task as texts; `pair` may be an answer of your own.

    >>> village_texts("translate", 1)
    [('translate Korean to English: 나는 너를 매우 사랑해', 'I love you so much')]
    """
    return [pair(task, example) for example in village_examples(task, n, split=split, seed=seed)]


def text_vocabulary(pairs: Iterable[TextPair], minimum_count: int = 2) -> Vocabulary:
    """The words of both sides of all pairs, and the sentinels.

    >>> text_vocabulary(village_texts("translate", 50)).encode(["<extra_id_0>"]) != [Vocabulary.unk]
    True
    """
    words = [tokens(text) for pair in pairs for text in pair]
    return Vocabulary([*words, *[SENTINELS] * minimum_count], minimum_count)


def vocabulary_of(words: list[str]) -> Vocabulary:
    """The vocabulary with these words in this order, as a checkpoint holds it.

    >>> vocabulary_of(["<pad>", "<bos>", "<eos>", "<unk>", "dog"]).encode(["dog", "cat"])
    [4, 3]
    """
    vocabulary = Vocabulary([])
    vocabulary.words = list(words)
    vocabulary.ids = {word: i for i, word in enumerate(words)}
    return vocabulary


def as_ids(pairs: Sequence[TextPair], vocabulary: Vocabulary) -> list[tuple[list[int], list[int]]]:
    """Each pair as two lists of word numbers, each with its end mark."""
    return [
        tuple([*vocabulary.encode(tokens(text)), vocabulary.eos] for text in pair) for pair in pairs
    ]


def as_batch(rows: Sequence[tuple[list[int], list[int]]]) -> Batch:
    """Rows of word numbers as padded tensors.

    >>> as_batch([([7, 8, 2], [5, 2]), ([9, 2], [6, 4, 2])]).target
    tensor([[5, 2, 0],
            [6, 4, 2]])
    """
    sources, targets = zip(*rows, strict=True)
    return Batch(*padded(sources, Vocabulary.pad), *padded(targets, Vocabulary.pad))


def text_batches(
    tasks: Mapping[str, Sequence[TextPair]],
    vocabulary: Vocabulary,
    batch_size: int = 64,
    shares: Mapping[str, int] | None = None,
) -> Callable[[torch.Generator], Batch]:
    """A function of a generator that draws a batch of one of the tasks, for `unrolled.lab.train`.

    Each task is as likely, but one that has a number in `shares` so many times as likely as the others.

    The texts of a batch are about equally long, so that little of it is padding. In a task called "denoise"
    spans of a pair's first text are hidden, each time anew, and its second text, which may be empty, is read after it.
    """
    names = [name for name in tasks for _ in range((shares or {}).get(name, 1))]
    encoded = {name: by_length(as_ids(tasks[name], vocabulary)) for name in tasks}
    sentinels = vocabulary.encode(SENTINELS)

    def draw(generator: torch.Generator) -> Batch:
        name = names[torch.randint(len(names), (1,), generator=generator)]
        group = encoded[name][torch.randint(len(encoded[name]), (1,), generator=generator)]
        rows = torch.randint(len(group), (batch_size,), generator=generator).tolist()
        chosen = [group[row] for row in rows]
        if name == "denoise":
            chosen = [denoising(text[:-1], sentinels, generator, beside[:-1]) for text, beside in chosen]
        return as_batch(chosen)

    return draw


def by_length(
    rows: Sequence[tuple[list[int], list[int]]], groups: int = 8
) -> list[list[tuple[list[int], list[int]]]]:
    """The rows in so many groups, equally many in each, by the length of what is read.

    >>> by_length([([7, 8, 2], [2]), ([9, 2], [2])])
    [[([9, 2], [2])], [([7, 8, 2], [2])]]
    """
    ordered, groups = sorted(rows, key=lambda row: len(row[0])), min(groups, len(rows))
    edges = [len(rows) * i // groups for i in range(groups + 1)]
    return [ordered[first:last] for first, last in pairwise(edges)]


def denoising(
    ids: list[int],
    sentinels: list[int],
    generator: torch.Generator,
    beside: Sequence[int] = (),
    rate: float = 0.25,
) -> tuple[list[int], list[int]]:
    """A sentence with holes and what stands `beside` it, such as its translation; and what is missing. Both have an end mark."""
    spans = random_spans(len(ids), rate, 2.0, generator)
    inputs, targets = corrupt_spans(ids, spans, sentinels)
    return [*inputs, *beside, Vocabulary.eos], [*targets, Vocabulary.eos]


def text_loss(model: nn.Module, batch: Batch) -> Tensor:
    """−log p of the words to be written, in nats a word; as in T5, the decoder begins with the padding token."""
    inputs = shift_right(batch.target, Vocabulary.pad)
    real = padding_mask(batch.source_lengths, batch.source.shape[1])
    return sequence_cross_entropy(
        model(batch.source, inputs, real), batch.target, batch.target_lengths
    )


def answers(
    model: nn.Module, vocabulary: Vocabulary, texts: Sequence[str], *, max_length: int = 25
) -> list[str]:
    """What the model writes for each text, in small letters, always the most probable next word."""
    return answer_ids(
        model,
        vocabulary,
        [ids for ids, _ in as_ids([(text, "") for text in texts], vocabulary)],
        max_length,
    )


def answer_ids(
    model: nn.Module, vocabulary: Vocabulary, rows: Sequence[list[int]], max_length: int = 25
) -> list[str]:
    """The same for texts that are word numbers already, as those with sentinels are."""
    source, lengths = (t.to(next(model.parameters()).device) for t in padded(rows, vocabulary.pad))
    real = padding_mask(lengths, source.shape[1])
    found = model.generate(
        source, real, start=vocabulary.pad, eos=vocabulary.eos, max_length=max_length
    )
    return [" ".join(vocabulary.decode(words)) for words in found]


checked(globals())
