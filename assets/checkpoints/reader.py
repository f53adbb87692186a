"""Teaches the village's BERT to mark answers, and writes `reader.safetensors` and its card `reader.md` beside this file.

    python assets/checkpoints/reader.py [STEPS]

It starts from `bert.safetensors`. It may be stopped and goes on where it was; on one CPU core it takes some minutes.
"""

import sys
import time
from pathlib import Path

import torch

from unrolled.data.village import facts
from unrolled.lab import save_pretrained, seed_everything, train
from unrolled.pretraining import village_bert
from unrolled.reader import SpanReader, VillageReader, reading_batches, span_loss

HERE = Path(__file__).parent
RUN = HERE / "reader.run"  # where a run that was stopped goes on
STEPS, BATCH, WARM_UP, FACTS, SEED = 1500, 32, 50, 12_000, 0
LEARNING_RATE = 2e-3


def beginning() -> tuple[VillageReader, dict[str, int]]:
    """A reader with the village BERT's weights, and its sizes."""
    bert, vocabulary = village_bert()
    block = bert.blocks[0]
    config = {
        "vocabulary": len(vocabulary), "d_model": bert.pooler.out_features, "heads": block.attention.heads,
        "d_ff": block.feed_forward.expand.out_features, "layers": len(bert.blocks), "positions": bert.positions,
    }  # fmt: skip
    model = SpanReader(**config)
    weights = bert.state_dict()
    table = weights["embeddings.segment.weight"]  # of two segments: words that match begin as other words of the text do
    weights["embeddings.segment.weight"] = torch.cat([table, table[1:]])
    model.body.load_state_dict(weights, strict=False)
    return VillageReader(model, vocabulary), config


def measure(reader: VillageReader, n: int = 500) -> dict[str, float]:
    """The share of answers word for word on unseen facts, asked in English and Korean; of wrong texts, how many are refused."""
    english, korean = (facts(n, language=language, split="validation") for language in ("english", "korean"))
    found = {}
    for language, asked in (("english", english), ("korean", korean)):
        answers = [reader.answer(a.question, [e.text])[0] for a, e in zip(asked, english, strict=True)]
        found[language] = sum(a.text.lower() == e.answer.lower() for a, e in zip(answers, english, strict=True)) / n
        found[f"{language} kept"] = sum(a.score > 0 for a in answers) / n
    wrong = [reader.answer(e.question, [english[i - 1].text])[0] for i, e in enumerate(english)]
    return found | {"refused": sum(answer.score < 0 for answer in wrong) / n}


def main(steps: int = STEPS) -> None:
    """Trains, measures on validation, and writes checkpoint and card."""
    began = time.perf_counter()
    seed_everything(SEED)
    reader, config = beginning()
    model, vocabulary = reader.model, reader.vocabulary
    size = sum(parameter.numel() for parameter in model.parameters())
    english, korean = (facts(FACTS, language=language, seed=SEED) for language in ("english", "korean"))
    print(f"{len(vocabulary):,} words, {size:,} weights", f"{time.perf_counter() - began:.0f} s", flush=True)

    def progress(step, history):
        if (step + 1) % 100 == 0:
            recent = sum(history.losses[-100:]) / 100
            print(step + 1, f"{recent:.3f}", f"{time.perf_counter() - began:.0f} s", flush=True)

    history = train(
        model, reading_batches(vocabulary, english, korean, batch_size=BATCH), span_loss, steps=steps,
        learning_rate=LEARNING_RATE, clip_norm=1.0, seed=SEED, on_step=progress, live=False,
        schedule=lambda step: min((step + 1) / WARM_UP, (steps - step) / (steps - WARM_UP)),
        checkpoint=RUN, every=500,
        preset="cpu" if not torch.cuda.is_available() else "auto",
    )  # fmt: skip
    model.eval()
    found = measure(reader)
    print(found)
    save_pretrained(HERE / "reader.safetensors", model, config, vocabulary.words)
    minutes = history.seconds[-1] / 60
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} thread(s)"
    card = f"""# reader.safetensors

The reader of chapter 20: the small BERT of chapter 7 with a head that marks start and end of an answer;
{config["layers"]} blocks of {config["heads"]} heads, `d_model` {config["d_model"]}, {len(vocabulary):,} words; {size:,} weights in float32.

- **Learnt from**: chapter 7's checkpoint first, then {FACTS:,} facts of the village's training split in English, made by this
  course's own grammar, nothing else; a third of the questions in Korean. A quarter is asked of another text, where there
  is no answer.
- **How**: cross-entropy of start and end, {steps:,} steps of {BATCH}, AdamW at {LEARNING_RATE}, seed {SEED};
  {minutes:.0f} min on a {device}. Made by `reader.py` beside this file.
- **How well**, on 500 facts of the validation split: {found["english"]:.0%} of the answers word for word if asked in English,
  {found["korean"]:.0%} if asked in Korean; {found["refused"]:.0%} of wrong texts are said to hold no answer, and {found["english kept"]:.0%} of
  the right ones to hold one.
- **For**: learning. It knows some hundreds of words of an invented village, and nothing of the world.
- **Licence**: MIT, like the course.
"""
    (HERE / "reader.md").write_text(card, encoding="utf-8")
    RUN.unlink()  # else a run on other texts would go on from it


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
