"""Text classification from end to end: your own labelled file in, a classifier and its report out.

Paper: Howard and Ruder, "Universal Language Model Fine-tuning for Text Classification" (2018): the three stages.

Names: ours ↔ theirs — `adapt` ↔ target task LM fine-tuning, `fine_tune` ↔ target task classifier fine-tuning. The body
may also be a model of the Hugging Face Hub, which has its first two stages behind it.

Left out: several labels for one text, and searching for the best settings (chapter 17).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from unrolled.adaptation import WordList, next_word_loss, text_batches, village_lstm, with_new_words
from unrolled.data import hub
from unrolled.fine_tuning import discriminative_groups, slanted_triangular_rate, unfreeze
from unrolled.lab import History, Preset, seed_everything, train
from unrolled.metrics import accuracy, confusion_counts, macro_f1
from unrolled.signatures import checked
from unrolled.translation import padded
from unrolled.ulmfit import LanguageModel, classifier_of

#: Words of a text after which the rest is not read.
LONGEST = 256


@dataclass(frozen=True)
class Report:
    """How well a classifier does on texts that it has not learnt from: accuracy, macro F1, and the confusion matrix.

    >>> print(Report(["bad", "good"], torch.tensor([[3, 1], [0, 4]])))
    accuracy 0.875, macro F1 0.873, on 8 texts
    true \\ predicted   bad  good
    bad                  3     1
    good                 0     4
    """

    names: list[str]
    counts: Int[Tensor, "classes classes"]

    @property
    def accuracy(self) -> float:
        """The share of texts that were judged rightly."""
        return accuracy(self.counts)

    @property
    def macro_f1(self) -> float:
        """The mean F1 of all classes."""
        return macro_f1(self.counts)

    def __str__(self) -> str:
        head = "true \\ predicted"
        first = max(len(head), *map(len, self.names))
        widths = [max(5, len(name)) for name in self.names]
        rows = [(head, self.names), *zip(self.names, self.counts.tolist(), strict=True)]
        lines = [
            f"accuracy {self.accuracy:.3f}, macro F1 {self.macro_f1:.3f}, on {int(self.counts.sum())} texts",
            *(
                f"{row:{first}} " + " ".join(f"{cell!s:>{width}}" for cell, width in zip(cells, widths, strict=True))
                for row, cells in rows
            ),
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class TextClassifier:
    """A model with what it needs to read: `score(texts)` gives scores (batch, classes), `names` are the classes'."""

    model: nn.Module
    names: list[str]
    encode: Callable[[Sequence[str]], Any]
    scores: Callable[[nn.Module, Any], Tensor]

    @torch.no_grad()
    def score(self, texts: Sequence[str], batch_size: int = 64) -> Float[Tensor, "batch classes"]:
        """The score of every class for each text."""
        self.model.eval()
        parts = [texts[i : i + batch_size] for i in range(0, len(texts), batch_size)]
        return torch.cat([self.scores(self.model, self.encode(part)) for part in parts])

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The name of the best class for each text."""
        return [self.names[i] for i in self.score(texts).argmax(dim=1).tolist()] if texts else []

    def report(self, texts: Sequence[str], labels: Sequence[str]) -> Report:
        """How it judges these texts, against their labels."""
        predicted = self.predict(texts)
        truth, taken = (torch.tensor([self.names.index(n) for n in of]) for of in (labels, predicted))
        return Report(self.names, confusion_counts(truth, taken, len(self.names)))


def adapt(
    model: LanguageModel,
    texts: Sequence[Sequence[int]],
    *,
    steps: int = 150,
    rate: float = 4e-3,
    factor: float = 1.0,
    batch_size: int = 32,
    seed: int = 0,
    preset: str | Preset = "auto",
    live: bool = False,
) -> History:
    """Trains a language model on in these texts, word numbers without any label, with a slanted triangular rate."""
    layers = [model.table, *model.lstms, model.project]
    return train(
        model, text_batches(texts, batch_size), next_word_loss, steps=steps, learning_rate=rate,
        optimizer=lambda parameters, lr: torch.optim.AdamW(
            [*discriminative_groups(layers, lr, factor), {"params": [model.bias], "lr": lr}]
        ),
        schedule=lambda step: slanted_triangular_rate(step, steps),
        clip_norm=1.0, seed=seed, preset=preset, live=live,
    )  # fmt: skip


def fine_tune(
    classifier: TextClassifier,
    texts: Sequence[str],
    labels: Sequence[str],
    layers: Sequence[nn.Module],
    *,
    steps: int = 300,
    rate: float = 1e-2,
    factor: float = 2.6,
    unfreeze_every: int | None = None,
    batch_size: int = 16,
    seed: int = 0,
    preset: str | Preset = "auto",
    live: bool = False,
) -> History:
    """Teaches the classifier these labels, with a rate that is slanted over the steps and smaller for earlier layers.

    With `unfreeze_every`, only the last of the `layers` learns at first, and one more after every so many steps.
    """
    truth = torch.tensor([classifier.names.index(label) for label in labels])

    def draw(generator: torch.Generator) -> tuple[Any, Tensor]:
        rows = torch.randint(len(texts), (min(batch_size, len(texts)),), generator=generator)
        return classifier.encode([texts[row] for row in rows]), truth[rows]

    def loss(model: nn.Module, batch: tuple[Any, Tensor]) -> Tensor:
        return nn.functional.cross_entropy(classifier.scores(model, batch[0]), batch[1])

    def thaw(step: int, history: History | None = None) -> None:
        if unfreeze_every is not None:
            unfreeze(layers, (step + 1) // unfreeze_every)

    thaw(-1)
    return train(
        classifier.model, draw, loss, steps=steps, learning_rate=rate,
        optimizer=lambda parameters, lr: torch.optim.AdamW(discriminative_groups(layers, lr, factor)),
        schedule=lambda step: slanted_triangular_rate(step, steps),
        clip_norm=1.0, on_step=thaw, seed=seed, preset=preset, live=live,
    )  # fmt: skip


def lstm_classifier(model: LanguageModel, words: WordList, names: Sequence[str]) -> TextClassifier:
    """A classifier on the body of a language model."""

    def encode(texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        return padded([words.read(text)[:LONGEST] for text in texts], words.pad)

    return TextClassifier(
        classifier_of(model, len(names)), list(names), encode, lambda model, batch: model(*batch)
    )


def hub_classifier(name_or_path: str | Path, names: Sequence[str]) -> tuple[TextClassifier, list[nn.Module]]:
    """A classifier on a model of the Hugging Face Hub, or of a folder, and its layers from the input to the output."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(name_or_path))
    model = AutoModelForSequenceClassification.from_pretrained(
        str(name_or_path), num_labels=len(names), ignore_mismatched_sizes=True
    )

    def encode(texts: Sequence[str]) -> dict[str, Tensor]:
        made = tokenizer(list(texts), truncation=True, max_length=LONGEST, padding=True, return_tensors="pt")
        return dict(made)

    body = getattr(model, model.base_model_prefix)
    blocks = next((m for m in body.modules() if isinstance(m, nn.ModuleList)), [])
    rest = [module for name, module in model.named_children() if name != model.base_model_prefix]
    inside = [module for module in body.children() if not any(b in set(module.modules()) for b in blocks)]
    layers = [nn.ModuleList(inside[:1]), *blocks, nn.ModuleList([*inside[1:], *rest])]
    return (
        TextClassifier(model, list(names), encode, lambda model, batch: model(**batch).logits),
        layers,
    )


def classify_csv(
    path: str | Path,
    *,
    text: str = "text",
    label: str = "label",
    model: str | Path | None = None,
    test_share: float = 0.2,
    adapt_steps: int = 300,
    steps: int = 200,
    rate: float | None = None,
    seed: int = 0,
    preset: str | Preset = "auto",
    live: bool = False,
) -> tuple[TextClassifier, Report]:
    """Teaches a classifier what a CSV file says, and reports how it does on the share of it that was kept back.

    The columns `text` and `label` name the texts and their classes, which may be words or numbers. Without a `model`
    all three stages of ULMFiT are gone through, from the course's small language model: it takes up the words of the
    file that it does not know, reads its texts for `adapt_steps`, and is then fine-tuned. With one, the name of a
    model on the Hub or a folder, that model is fine-tuned; so for texts that are no village's, take one.

    Of every class the share `test_share`, at least one text, is kept back; a class needs two texts.

    >>> classifier, report = classify_csv("reviews.csv", label="stars", model="distilbert-base-uncased")  # doctest: +SKIP
    >>> print(report)  # doctest: +SKIP
    >>> classifier.predict(["The inn was quite clean."])  # doctest: +SKIP
    """
    rows = hub.labelled(hub.csv(path), text, label)
    learnt, kept = split_by_class(rows, test_share, seed)
    names = sorted({name for _, name in rows})
    seed_everything(seed)
    if model is None:
        general, words = village_lstm()
        texts = [row[0] for row in learnt]
        words = words.extended(texts)
        adapted = with_new_words(general, len(words), spread=1.0)
        if adapt_steps:
            adapt(adapted, [words.read(t)[:LONGEST] for t in texts], steps=adapt_steps, seed=seed, preset=preset)
        classifier = lstm_classifier(adapted, words, names)
        layers = classifier.model.groups
    else:
        classifier, layers = hub_classifier(model, names)
    fine_tune(
        classifier, *zip(*learnt, strict=True), layers, steps=steps, seed=seed, preset=preset, live=live,
        rate=rate or (1e-2 if model is None else 5e-5),
    )  # fmt: skip
    return classifier, classifier.report(*zip(*kept, strict=True))


def split_by_class(
    rows: Sequence[tuple[str, str]], share: float, seed: int = 0
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The rows in two parts, the second with this share of every class, rounded up; in each a random order.

    >>> rows = [("a", "x"), ("b", "x"), ("c", "x"), ("d", "y"), ("e", "y")]
    >>> learnt, kept = split_by_class(rows, 0.3)
    >>> sorted(label for _, label in learnt), sorted(label for _, label in kept)
    (['x', 'x', 'y'], ['x', 'y'])
    """
    if not 0 < share < 1:
        raise ValueError(f"share is {share}; expected a number between 0 and 1")
    generator = torch.Generator().manual_seed(seed)
    learnt, kept = [], []
    shuffled = [rows[i] for i in torch.randperm(len(rows), generator=generator).tolist()]
    names = sorted({label for _, label in rows})
    if len(names) < 2:
        raise ValueError(f"rows have the classes {names}; expected two classes or more")
    for name in names:
        of_it = [row for row in shuffled if row[1] == name]
        if len(of_it) < 2:
            raise ValueError(f"rows have {len(of_it)} text of the class {name!r}; expected two or more of each class")
        n = min(len(of_it) - 1, math.ceil(share * len(of_it)))
        kept += of_it[:n]
        learnt += of_it[n:]
    return learnt, kept


checked(globals())
