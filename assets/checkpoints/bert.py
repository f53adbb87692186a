"""Pre-trains the course's small BERT on the village, and writes `bert.safetensors` and its card `bert.md` beside this file.

    python assets/checkpoints/bert.py [STEPS]

It may be stopped and goes on where it was; on one CPU core it takes some minutes.
"""

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import torch

from unrolled.bert import Bert
from unrolled.lab import save_pretrained, seed_everything, train
from unrolled.pretraining import (
    Corpus,
    pretraining_batches,
    pretraining_loss,
    village_corpus,
)

HERE = Path(__file__).parent
RUN = HERE / "bert.run"  # where a run that was stopped goes on
STEPS, BATCH, WARM_UP, TEXTS, SEED = 2000, 48, 100, 15_000, 0
#: The rate of the layers; that of the tables, most of whose rows have a gradient in few batches, is higher.
LEARNING_RATE, TABLES_RATE = 1.5e-3, 6e-3
#: Twice the paper's share: short of time, one learns more from a text by asking for more of it (Wettig et al., 2023).
HIDDEN = 0.3
SIZES = {"d_model": 128, "heads": 4, "d_ff": 256, "layers": 2, "positions": 96}


@torch.no_grad()
def measure(model: Bert, corpus: Corpus, batches: int = 40) -> dict[str, float]:
    """Losses and accuracies of hidden words and following sentences, on texts that the model never saw."""
    draw, generator = pretraining_batches(corpus), torch.Generator().manual_seed(SEED)
    sums = torch.zeros(5)
    for _ in range(batches):
        batch = draw(generator)
        states, pooled = model(*batch[:3])
        asked, pairs = batch.labels != -100, batch.following != -100
        words, labels = model.words(states[asked]), batch.labels[asked]
        following = model.next_sentence(pooled[pairs])
        sums += torch.stack([
            torch.nn.functional.cross_entropy(words, labels, reduction="sum"),
            (words.argmax(-1) == labels).sum(),
            torch.tensor(float(len(labels))),
            (following.argmax(-1) == batch.following[pairs]).sum(),
            pairs.sum(),
        ])  # fmt: skip
    loss, right, asked, follows, pairs = sums.tolist()
    return {"loss": loss / asked, "right": right / asked, "following": follows / pairs}


def two_rates(model: Bert) -> Callable[..., torch.optim.Optimizer]:
    """AdamW with a rate of its own for the tables."""
    tables = {id(module.weight) for module in model.modules() if isinstance(module, torch.nn.Embedding)}

    def optimizer(parameters: Iterable[torch.nn.Parameter], lr: float) -> torch.optim.Optimizer:
        groups = ([], [])
        for parameter in parameters:
            groups[id(parameter) in tables].append(parameter)
        rates = (lr, lr * TABLES_RATE / LEARNING_RATE)
        return torch.optim.AdamW([{"params": group, "lr": rate} for group, rate in zip(groups, rates, strict=True)])

    return optimizer


def main(steps: int = STEPS) -> None:
    """Trains, measures on validation, and writes checkpoint and card."""
    began = time.perf_counter()
    corpus = village_corpus(TEXTS, seed=SEED)
    vocabulary = corpus.vocabulary
    unseen = village_corpus(300, split="validation", seed=SEED, vocabulary=vocabulary)
    seed_everything(SEED)
    config = {"vocabulary": len(vocabulary), **SIZES}
    model = Bert(**config)
    size = sum(parameter.numel() for parameter in model.parameters())
    print(f"{len(vocabulary):,} words, {size:,} weights", flush=True)

    def progress(step, history):
        if (step + 1) % 100 == 0:
            recent = sum(history.losses[-100:]) / 100
            print(step + 1, f"{recent:.3f}", f"{time.perf_counter() - began:.0f} s", flush=True)

    history = train(
        model, pretraining_batches(corpus, BATCH, HIDDEN), pretraining_loss, steps=steps, learning_rate=LEARNING_RATE,
        optimizer=two_rates(model), clip_norm=1.0, schedule=lambda step: min((step + 1) / WARM_UP, (steps - step) / (steps - WARM_UP)),
        seed=SEED, checkpoint=RUN, every=500, on_step=progress, live=False,
        preset="cpu" if not torch.cuda.is_available() else "auto",
    )  # fmt: skip
    model.eval()
    found = measure(model, unseen)
    print(found)
    save_pretrained(HERE / "bert.safetensors", model, config, vocabulary.words)
    minutes = history.seconds[-1] / 60
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} thread(s)"
    card = f"""# bert.safetensors

The small BERT of chapter 7: {SIZES["layers"]} blocks of {SIZES["heads"]} heads, `d_model` {SIZES["d_model"]},
`d_ff` {SIZES["d_ff"]}, {SIZES["positions"]} positions, {len(vocabulary):,} words; {size:,} weights in float32.

- **Learnt from**: the village's training split, made by this course's own grammar, nothing else: {TEXTS:,} pairs of
  sentences in English and in Korean, and as many stories, reviews and facts (without labels, questions and answers).
- **How**: hidden words ({HIDDEN:.0%}, 80/10/10) and following sentences at once, {steps:,} steps of {BATCH} pairs or
  {2 * BATCH} single sentences, AdamW at {LEARNING_RATE} (the tables at {TABLES_RATE}), seed {SEED};
  {minutes:.0f} min on a {device}. Made by `bert.py` beside this file.
- **How well**, on the validation split with 15 % hidden: {found["loss"]:.2f} nats per hidden word, {found["right"]:.0%} of the
  hidden words right, {found["following"]:.0%} of the following sentences.
- **For**: learning. It knows some hundreds of words of an invented village, and nothing of the world.
- **Licence**: MIT, like the course.
"""
    (HERE / "bert.md").write_text(card, encoding="utf-8")
    RUN.unlink()  # else a run on other texts would go on from it


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
