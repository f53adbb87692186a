"""Pre-trains the course's small GPT on stories of the village, and writes `gpt.safetensors` and its card `gpt.md` here.

    python assets/checkpoints/gpt.py [STEPS]

It may be stopped and goes on where it was (the file `gpt.run` here, gone when it is done); on one CPU core it
takes some minutes.
"""

import sys
from pathlib import Path

import torch
from torch import Tensor

from unrolled.data import village
from unrolled.gpt import GPT, GPTConfig, causal_lm_loss, parameter_count
from unrolled.lab import save_pretrained, seed_everything, train

HERE = Path(__file__).parent
RUN = HERE / "gpt.run"
LANGUAGES = ("english", "korean")
STEPS, BATCH, LEARNING_RATE, WARM_UP, STORIES, SEED = 1500, 32, 3e-3, 100, 10_000, 0
SIZES = {"positions": 128, "d_model": 128, "heads": 4, "layers": 3, "d_ff": 512}


def batch_of(texts: list[list[int]]) -> tuple[Tensor, Tensor]:
    """The texts side by side, padded at the end, and their lengths."""
    rows = [torch.tensor(text) for text in texts]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.tensor([len(row) for row in rows])


def loss_of(model: torch.nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """−log p of the next word, in nats."""
    ids, lengths = batch
    return causal_lm_loss(model(ids), ids, lengths)


@torch.no_grad()
def measure(model: GPT, texts: list[list[int]]) -> float:
    """The loss on all texts, in nats per word."""
    words = [len(text) - 1 for text in texts]
    parts = [texts[i : i + 50] for i in range(0, len(texts), 50)]
    return sum(
        loss_of(model, batch_of(part)).item() * sum(len(text) - 1 for text in part) for part in parts
    ) / sum(words)


def main(steps: int = STEPS) -> None:
    """Trains, measures on validation, and writes checkpoint and card."""
    told = {language: village.stories(STORIES, language=language, seed=SEED) for language in LANGUAGES}
    vocabulary = village.Vocabulary(village.tokens(story) for stories in told.values() for story in stories)

    def numbered(stories: list[str]) -> list[list[int]]:
        return [
            [vocabulary.bos, *vocabulary.encode(village.tokens(story)), vocabulary.eos] for story in stories
        ]

    texts = {language: numbered(stories) for language, stories in told.items()}

    def draw(generator: torch.Generator) -> tuple[Tensor, Tensor]:
        language = LANGUAGES[torch.randint(2, (), generator=generator)]
        chosen = torch.randint(STORIES, (BATCH,), generator=generator).tolist()
        return batch_of([texts[language][i] for i in chosen])

    def rate(step: int) -> float:
        return min((step + 1) / WARM_UP, (steps - step) / (steps - WARM_UP))

    def report(step, history):
        if (step + 1) % 100 == 0:
            print(step + 1, f"{sum(history.losses[-50:]) / 50:.3f} nats, {history.seconds[-1]:.0f} s", flush=True)

    seed_everything(SEED)
    config = {"vocabulary": len(vocabulary), **SIZES}
    model = GPT(GPTConfig(**config))
    size = parameter_count(model.config)
    print(f"{len(vocabulary):,} words, {size:,} weights", flush=True)
    history = train(
        model, draw, loss_of, steps=steps, learning_rate=LEARNING_RATE, clip_norm=1.0, schedule=rate,
        seed=SEED, checkpoint=RUN, every=100, on_step=report, live=False,
        preset="auto" if torch.cuda.is_available() else "cpu",
    )  # fmt: skip
    model.eval()
    losses = {
        language: measure(model, numbered(village.stories(500, language=language, split="validation")))
        for language in LANGUAGES
    }
    print(losses)
    save_pretrained(HERE / "gpt.safetensors", model, config, vocabulary.words)
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} thread(s)"
    card = f"""# gpt.safetensors

The small GPT of chapter 8: {SIZES["layers"]} blocks of {SIZES["heads"]} heads, `d_model` {SIZES["d_model"]}, `d_ff` {SIZES["d_ff"]},
{SIZES["positions"]} positions, {len(vocabulary):,} words, tied embeddings; {size:,} weights in float32.

- **Learnt from**: the village's training split, made by this course's own grammar, nothing else: {STORIES:,} stories,
  told in English and in Korean, word by word; a text begins with `<bos>` and ends with `<eos>`.
- **How**: predicting the next word, {steps:,} steps of {BATCH} stories in one language, AdamW at {LEARNING_RATE}, seed
  {SEED}; {sum(history.seconds[-1:]) / 60:.0f} min on a {device}. Made by `gpt.py` beside this file.
- **How well**, on 500 stories of the validation split: {losses["english"]:.3f} nats per word in English, {losses["korean"]:.3f} in Korean.
- **For**: learning. It knows some hundreds of words of an invented village, and nothing of the world.
- **Licence**: MIT, like the course.
"""
    (HERE / "gpt.md").write_text(card, encoding="utf-8")
    RUN.unlink()  # else a run on other texts would go on from it


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
