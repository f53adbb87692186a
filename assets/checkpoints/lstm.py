"""Pre-trains the course's small LSTM language model on stories of the village, and writes `lstm.safetensors` and its card.

    python assets/checkpoints/lstm.py [STEPS]

It may be stopped and goes on where it was (the file `lstm.run` here, gone when it is done); on one CPU core it
takes some minutes.
"""

import sys
from pathlib import Path

import torch

from unrolled.adaptation import WordList, nats_per_word, next_word_loss, text_batches
from unrolled.data import village
from unrolled.lab import save_pretrained, seed_everything, train
from unrolled.ulmfit import LanguageModel

HERE = Path(__file__).parent
RUN = HERE / "lstm.run"
STEPS, BATCH, LEARNING_RATE, WARM_UP, STORIES, SEED = 3000, 32, 4e-3, 100, 10_000, 0
SIZES = {"d_model": 64, "hidden": 128, "layers": 2}


def main(steps: int = STEPS) -> None:
    """Trains, measures on validation, and writes checkpoint and card."""
    told = village.stories(STORIES, seed=SEED)
    words = WordList(village.Vocabulary(map(village.tokens, told)).words)

    def rate(step: int) -> float:
        return min((step + 1) / WARM_UP, (steps - step) / (steps - WARM_UP))

    def report(step, history):
        if (step + 1) % 100 == 0:
            print(step + 1, f"{sum(history.losses[-50:]) / 50:.3f} nats, {history.seconds[-1]:.0f} s", flush=True)

    seed_everything(SEED)
    config = {"vocabulary": len(words), **SIZES}
    model = LanguageModel(**config)
    size = sum(parameter.numel() for parameter in model.parameters())
    print(f"{len(words):,} words, {size:,} weights", flush=True)
    history = train(
        model, text_batches(list(map(words.read, told)), BATCH), next_word_loss, steps=steps,
        learning_rate=LEARNING_RATE, clip_norm=1.0, schedule=rate, seed=SEED, checkpoint=RUN, every=100,
        on_step=report, live=False, preset="auto" if torch.cuda.is_available() else "cpu",
    )  # fmt: skip
    model.eval()
    loss = nats_per_word(model, list(map(words.read, village.stories(500, split="validation"))))
    print(loss)
    save_pretrained(HERE / "lstm.safetensors", model, config, words.words)
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} thread(s)"
    card = f"""# lstm.safetensors

The general language model of chapter 14: a table of {len(words):,} words with {SIZES["d_model"]} features, {SIZES["layers"]} LSTM layers of
{SIZES["hidden"]} units, scores tied to the table; {size:,} weights in float32.

- **Learnt from**: the village's training split, made by this course's own grammar, nothing else: {STORIES:,} stories in
  English, word by word; a text begins with `<bos>` and ends with `<eos>`. It has read no review.
- **How**: predicting the next word, {steps:,} steps of {BATCH} stories, AdamW at {LEARNING_RATE}, seed {SEED};
  {sum(history.seconds[-1:]) / 60:.0f} min on a {device}. Made by `lstm.py` beside this file.
- **How well**, on 500 stories of the validation split: {loss:.3f} nats per word.
- **For**: learning. It knows some hundreds of words of an invented village, and nothing of the world.
- **Licence**: MIT, like the course.
"""
    (HERE / "lstm.md").write_text(card, encoding="utf-8")
    RUN.unlink()  # else a run on other texts would go on from it


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
