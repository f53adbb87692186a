"""The task that three chapters share: Korean into English, the same sentences for every model.

An encoder and a decoder (`unrolled.seq2seq`), the same with attention (`unrolled.attention`) and a Transformer
(`unrolled.transformer`) learn it from the same batches, with the same number of weights within 5 %. They are compared
by sentence length, after equally many updates and after equal time.

Names: a *translator* is a module with two methods. `forward(source, source_lengths, inputs)` gives logits
`(batch, target, vocabulary)` for the word after each of `inputs`, the right words shifted by one.
`translate(source, source_lengths, *, bos, eos, max_length)` gives a `list[list[int]]`: one translation a sentence,
without `bos` and `eos`, at most `max_length` long. Neither may depend on padding or on a sentence's neighbours.

Left out: beam search (`unrolled.beam_search`) and subwords (`unrolled.bpe`): a word is what stands between spaces.
"""

import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor, nn

from unrolled.data.village import Vocabulary, pairs, tokens
from unrolled.lab import History, Preset, train
from unrolled.seq2seq import bleu, teacher_forcing_loss
from unrolled.signatures import checked

#: Ranges of sentence length, in English words, fixed before any model was trained.
RANGES = {"3–6": (3, 6), "7–9": (7, 9), "10–13": (10, 13), "14–18": (14, 18)}
#: How many weights each of the compared models has, within 5 %.
PARAMETERS = 800_000
#: How each is trained, with Adam: the rate climbs over the first updates and then stays.
UPDATES, BATCH, LEARNING_RATE, WARM_UP, CLIP_NORM = 500, 64, 4e-3, 50, 1.0
#: The longest translation that is tried.
MAX_LENGTH = 25
#: So many of the most frequent English words are taken for grammar: the, to, a, was, because, …
GRAMMAR_WORDS = 40


class Batch(NamedTuple):
    """Sentences as padded word numbers; a target ends in `eos`, which its length counts."""

    source: Int[Tensor, "batch source"]
    source_lengths: Int[Tensor, " batch"]
    target: Int[Tensor, "batch target"]
    target_lengths: Int[Tensor, " batch"]


@dataclass(frozen=True)
class Task:
    """Korean sentences with their English: `pairs` to learn from, and for every range of length some to be tested with.

    A pair is (korean, english). `source` and `target` are the vocabularies, Korean and English.
    """

    source: Vocabulary
    target: Vocabulary
    pairs: tuple[tuple[str, str], ...]
    test: Mapping[str, tuple[tuple[str, str], ...]]

    def batch(self, chosen: Sequence[tuple[str, str]]) -> Batch:
        """The pairs as tensors.

        >>> task = translation_task(n=50, test=1)
        >>> batch = task.batch([("나는 너를 매우 사랑해", "I love you so much"), ("나는 자", "I sleep")])
        >>> batch.source_lengths, batch.target_lengths  # each target has its end mark
        (tensor([4, 2]), tensor([6, 3]))
        """
        korean = [self.source.encode(tokens(pair[0])) for pair in chosen]
        english = [[*self.target.encode(tokens(pair[1])), self.target.eos] for pair in chosen]
        return Batch(*padded(korean, self.source.pad), *padded(english, self.target.pad))

    def batches(self, batch_size: int = BATCH) -> Callable[[torch.Generator], Batch]:
        """A function of a generator that draws a batch, for `unrolled.lab.train`.

        The sentences of a batch are about equally long, so that little of it is padding; all pairs are equally likely.
        """
        encoded = self.batch(sorted(self.pairs, key=lambda pair: len(tokens(pair[1]))))
        groups = torch.arange(len(self.pairs)).tensor_split(max(1, len(self.pairs) // 1000))
        sizes = torch.tensor([float(len(group)) for group in groups])

        def draw(generator: torch.Generator) -> Batch:
            group = groups[torch.multinomial(sizes, 1, generator=generator)]
            rows = group[torch.randint(len(group), (batch_size,), generator=generator)]
            source, source_lengths, target, target_lengths = (tensor[rows] for tensor in encoded)
            source, target = source[:, : source_lengths.max()], target[:, : target_lengths.max()]
            return Batch(source, source_lengths, target, target_lengths)

        return draw


def translation_task(n: int = 20_000, *, seed: int = 0, test: int = 100) -> Task:
    """The task with `n` pairs of 3 to 18 English words to learn from and `test` pairs for every range.

    The words of the vocabularies are those that occur in the first at least twice.

    >>> task = translation_task(n=200, test=2)
    >>> task.pairs[0]
    Pair(korean='나는 너를 매우 사랑해', english='I love you so much')
    >>> {name: len(chosen) for name, chosen in task.test.items()}
    {'3–6': 2, '7–9': 2, '10–13': 2, '14–18': 2}
    """
    chosen = pairs(n, seed=seed, length=(3, 18))
    source, target = (
        Vocabulary([tokens(pair[i]) for pair in chosen], minimum_count=2) for i in (0, 1)
    )
    tests = {
        name: tuple(pairs(test, split="test", seed=seed, length=ends))
        for name, ends in RANGES.items()
    }
    return Task(source, target, tuple(chosen), tests)


def padded(
    rows: Sequence[Sequence[int]], pad: int
) -> tuple[Int[Tensor, "batch time"], Int[Tensor, " batch"]]:
    """Rows of unequal length as one tensor, filled up with `pad`, and their lengths.

    >>> padded([[7, 8, 9], [5]], pad=0)
    (tensor([[7, 8, 9],
            [5, 0, 0]]), tensor([3, 1]))
    """
    longest = max(map(len, rows))
    filled = [[*row, *[pad] * (longest - len(row))] for row in rows]
    return torch.tensor(filled), torch.tensor([len(row) for row in rows])


def translation_loss(model: nn.Module, batch: Batch) -> Tensor:
    """The loss of a translator on a batch, for `unrolled.lab.train`."""
    return teacher_forcing_loss(model, *batch, bos=Vocabulary.bos)


def translate(model: nn.Module, task: Task, korean: Sequence[str]) -> list[str]:
    """The translator's English for each Korean sentence, in small letters."""
    source, lengths = padded([task.source.encode(tokens(text)) for text in korean], task.source.pad)
    device = next(model.parameters()).device
    mode = model.training
    model.eval()
    with torch.no_grad():
        translations = model.translate(
            source.to(device), lengths.to(device),
            bos=task.target.bos, eos=task.target.eos, max_length=MAX_LENGTH,
        )  # fmt: skip
    model.train(mode)
    return [" ".join(task.target.decode(words)) for words in translations]


def evaluate(model: nn.Module, task: Task, *, bleu: Callable = bleu) -> dict[str, float]:
    """BLEU of the greedy translations of the test pairs, by range of length."""
    scores = {}
    for name, chosen in task.test.items():
        translations = translate(model, task, [korean for korean, _ in chosen])
        references = [tokens(english) for _, english in chosen]
        scores[name] = bleu([text.split() for text in translations], references)
    return scores


def kept_words(model: nn.Module, task: Task) -> dict[str, dict[str, float]]:
    """By range of length, the share of the references' words that the translations have, wherever they stand.

    Apart for "grammar" words, the most frequent ones, and the "other" words, which say who, what and where.
    """
    frequent = set(task.target.words[4 : 4 + GRAMMAR_WORDS])  # the first four are marks
    shares = {}
    for name, chosen in task.test.items():
        kept, of = Counter(), Counter()
        for text, (_, english) in zip(
            translate(model, task, [korean for korean, _ in chosen]), chosen, strict=True
        ):
            words = Counter(text.split())
            for word, count in Counter(tokens(english)).items():
                kind = "grammar" if word in frequent else "other"
                of[kind] += count
                kept[kind] += min(count, words[word])
        shares[name] = {kind: kept[kind] / of[kind] for kind in ("grammar", "other")}
    return shares


def learn(
    model: nn.Module,
    task: Task,
    *,
    at: Sequence[int] = (UPDATES,),
    seed: int = 0,
    preset: str | Preset = "auto",
    loss: Callable[[nn.Module, Batch], Tensor] = translation_loss,
    bleu: Callable = bleu,
    learning_rate: float = LEARNING_RATE,
    name: str = "",
) -> tuple[History, dict[int, dict[str, float]]]:
    """Trains a translator as all are trained; returns the record, and BLEU by length after each of `at` updates.

    `loss` and `bleu` may be answers of your own; `name` tells the run from others.
    """
    scores: dict[int, dict[str, float]] = {}

    def look(step: int, history: History) -> None:
        if step + 1 in at:
            scores[step + 1] = evaluate(model, task, bleu=bleu)

    history = train(
        model, task.batches(), loss, steps=max(at), seed=seed, preset=preset,
        optimizer=torch.optim.Adam, learning_rate=learning_rate, clip_norm=CLIP_NORM,
        schedule=lambda step: min(1.0, (step + 1) / WARM_UP), on_step=look, name=name,
    )  # fmt: skip
    return history, scores


def updates_in_equal_time(
    model: nn.Module, reference: nn.Module, task: Task, *, updates: int = UPDATES, rounds: int = 20
) -> int:
    """How many updates `model` makes in the time that `reference` needs for `updates`, here and now.

    Both get the same batches in turn, so that whatever else the machine does slows both.
    """
    draw, generator = task.batches(), torch.Generator().manual_seed(0)

    def seconds(translator: nn.Module, batch: Batch) -> float:
        begin = perf_counter()
        translation_loss(translator, batch).backward()
        translator.zero_grad()
        return perf_counter() - begin

    ratios = []
    for _ in range(rounds):
        batch = draw(generator)
        ratios.append(seconds(reference, batch) / seconds(model, batch))
    return max(1, round(updates * statistics.median(ratios)))


checked(globals())
