"""Train the small T5 that travels with the course: `python assets/checkpoints/t5.py`.

It translates Korean to English, summarises stories, judges reviews and fills holes in sentences of both languages, that
stand alone or beside their translation, all from the village. Seeded; a run that was stopped goes on where it was. About
half an hour on one core of a CPU. Writes `t5.safetensors` and its card `t5.md`, with what is measured on the validation
split.
"""

import time
from dataclasses import asdict
from pathlib import Path

import torch

from unrolled.data.village import Vocabulary, tokens
from unrolled.lab import save_pretrained, seed_everything, train
from unrolled.seq2seq import bleu
from unrolled.t5 import T5, T5Config
from unrolled.text_to_text import (
    SENTINELS,
    TextPair,
    answer_ids,
    answers,
    as_batch,
    as_ids,
    denoising,
    text_batches,
    text_loss,
    text_vocabulary,
    village_texts,
)

HERE = Path(__file__).parent
RUN = HERE / "t5.run"  # where a run that was stopped goes on
EXAMPLES = {"translate": 48_000, "summarize": 6_000, "sentiment": 6_000}
SHARES = {"translate": 4, "denoise": 6}  # of twelve; a batch of stories and one of reviews are the other two
STEPS, BATCH, LEARNING_RATE, WARM_UP, SEED = 20_000, 32, 0.04, 60, 0
SIZES = {
    "d_model": 128, "d_kv": 32, "d_ff": 384, "num_layers": 2, "num_heads": 4,
    "relative_attention_num_buckets": 16, "relative_attention_max_distance": 64,
}  # fmt: skip


def schedule(step: int) -> float:
    """Up, then down to nothing in a straight line."""
    return min((step + 1) / WARM_UP, (STEPS - step) / (STEPS - WARM_UP))


def report(step, history):
    """A line for every hundred steps."""
    if (step + 1) % 100 == 0:
        print(step + 1, f"{sum(history.losses[-100:]) / 100:.3f} nats per word", flush=True)


def measured(model: T5, vocabulary: Vocabulary, task: str) -> dict[str, float]:
    """How well the model does on 300 examples of the validation split."""
    held_out = village_texts(task, 300, split="validation")
    with torch.no_grad():
        loss = text_loss(model, as_batch(as_ids(held_out, vocabulary))).item()
    written = answers(model, vocabulary, [read for read, _ in held_out])
    right = [" ".join(tokens(text)) for _, text in held_out]
    exact = sum(a == b for a, b in zip(written, right, strict=True)) / len(right)
    score = bleu([text.split() for text in written], [text.split() for text in right])
    return {"loss": loss, "exact": exact, "bleu": score}


def sentences_with_holes(pairs: list[TextPair]) -> dict[str, list[TextPair]]:
    """The sentences of pairs to translate, for "denoise": of either language, alone and beside their translation."""
    spoken = [(read.removeprefix("translate Korean to English: "), right) for read, right in pairs]
    beside = {"Korean": spoken, "English": [(english, korean) for korean, english in spoken]}
    return {f"{name} alone": [(own, "") for own, _ in of] for name, of in beside.items()} | {
        f"{name} beside": of for name, of in beside.items()
    }


def filled(model: T5, vocabulary: Vocabulary, pairs: list[TextPair]) -> float:
    """In how many of these sentences all holes are filled with just the words that are missing."""
    dice, sentinels = torch.Generator().manual_seed(SEED), vocabulary.encode(SENTINELS)
    holes = [denoising(own[:-1], sentinels, dice, beside[:-1]) for own, beside in as_ids(pairs, vocabulary)]
    missing = [" ".join(vocabulary.decode(words[:-1])) for _, words in holes]
    found = answer_ids(model, vocabulary, [read for read, _ in holes])
    return sum(a == b for a, b in zip(found, missing, strict=True)) / len(pairs)


def main() -> None:
    """Train, measure, write."""
    pairs = {task: village_texts(task, n) for task, n in EXAMPLES.items()}
    groups = sentences_with_holes(pairs["translate"])
    holes = [pair for name, group in groups.items() for pair in group * (3 if "beside" in name else 1)]
    vocabulary = text_vocabulary(pair for of_task in pairs.values() for pair in of_task)
    config = T5Config(vocab_size=len(vocabulary), **SIZES)
    seed_everything(SEED)
    model = T5(config)
    draw = text_batches({**pairs, "denoise": holes}, vocabulary, BATCH, SHARES)
    began = time.process_time()
    train(
        model, draw, text_loss, steps=STEPS, learning_rate=LEARNING_RATE, optimizer=torch.optim.Adafactor,
        clip_norm=1.0, schedule=schedule, checkpoint=RUN, every=100, seed=SEED, on_step=report,
        live=False,
    )  # fmt: skip
    minutes = (time.process_time() - began) / 60
    model.cpu().eval()
    save_pretrained(HERE / "t5.safetensors", model, asdict(config), vocabulary.words)
    found = {task: measured(model, vocabulary, task) for task in EXAMPLES}
    held_out = sentences_with_holes(village_texts("translate", 300, split="validation"))
    holes_right = {where: filled(model, vocabulary, of) for where, of in held_out.items()}
    size = sum(p.numel() for p in model.parameters())
    print(f"{size:,} weights, {minutes:.1f} minutes in this process", found, holes_right)
    card = f"""# t5.safetensors

The small T5 of chapter 9: {SIZES["num_layers"]} blocks of {SIZES["num_heads"]} heads on either side, `d_model` {SIZES["d_model"]},
`d_ff` {SIZES["d_ff"]}, {len(vocabulary):,} words of both languages, a tied head; {size:,} weights in float32.

- **Learnt from**: the village's training split, made by this course's own grammar, nothing else: {EXAMPLES["translate"]:,}
  pairs of sentences (Korean to English; and each with holes to fill, three times beside its translation and once alone), {EXAMPLES["summarize"]:,} stories with summaries,
  {EXAMPLES["sentiment"]:,} reviews with sentiment.
- **How**: {STEPS:,} steps of {BATCH} examples of one task (of twelve, four translation, six holes, one each of the others), Adafactor
  at {LEARNING_RATE} and down to nothing in a straight line, seed {SEED}; about half an hour on one core of a CPU. Made by `t5.py` beside this file.
- **How well**, on 300 examples each of the validation split: translation {found["translate"]["loss"]:.3f} nats per word, BLEU
  {found["translate"]["bleu"]:.0f}; summaries {found["summarize"]["loss"]:.3f} nats per word, BLEU {found["summarize"]["bleu"]:.0f},
  {found["summarize"]["exact"]:.0%} word for word as the village has them; sentiment right in {found["sentiment"]["exact"]:.0%}.
  Holes all filled with the very words: in {holes_right["Korean beside"]:.0%} of the Korean and {holes_right["English beside"]:.0%} of the English
  sentences that stand beside their translation, in {holes_right["Korean alone"]:.0%} and {holes_right["English alone"]:.0%} of those that stand alone.
- **For**: learning. It knows some hundreds of words of an invented village, and nothing of the world.
- **Licence**: MIT, like the course.
"""
    (HERE / "t5.md").write_text(card, encoding="utf-8")
    RUN.unlink()  # else a run on other texts would go on from it


if __name__ == "__main__":
    main()
