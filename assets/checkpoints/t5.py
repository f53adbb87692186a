"""Train the small T5 that travels with the course: `python assets/checkpoints/t5.py [FOLDER FOR UNFINISHED RUNS]`.

It translates Korean to English, summarises stories, judges reviews and fills holes in sentences of both languages, all
from the village. Seeded; a run that was stopped goes on where it was. About seven minutes on one core of a CPU. Writes
`t5.safetensors`; the card `t5.md` quotes what is printed at the end, measured on the validation split.
"""

import sys
import time
from dataclasses import asdict
from pathlib import Path

import torch

from unrolled.data.village import tokens
from unrolled.lab import save_pretrained, seed_everything, train
from unrolled.seq2seq import bleu
from unrolled.t5 import T5, T5Config
from unrolled.text_to_text import answers, as_batch, as_ids, text_batches, text_loss, text_vocabulary, village_texts

HERE = Path(__file__).parent
TASKS = ("translate", "summarize", "sentiment")
STEPS = 3600
WARM_UP = 100


def schedule(step: int) -> float:
    """Up, then down to nothing in a straight line."""
    return min((step + 1) / WARM_UP, (STEPS - step) / (STEPS - WARM_UP))


def main(unfinished: Path) -> None:
    """Train, measure, write."""
    pairs = {task: village_texts(task, n) for task, n in zip(TASKS, (24_000, 6_000, 6_000), strict=True)}
    spoken = [text for pair in pairs["translate"] for text in pair]
    holes = [(text.removeprefix("translate Korean to English: "), "") for text in spoken]
    vocabulary = text_vocabulary(pair for task in TASKS for pair in pairs[task])
    config = T5Config(
        vocab_size=len(vocabulary), d_model=128, d_kv=32, d_ff=384, num_layers=2, num_heads=4,
        relative_attention_num_buckets=16, relative_attention_max_distance=64,
    )  # fmt: skip
    seed_everything(0)
    model = T5(config)
    draw = text_batches(
        {**pairs, "twice": pairs["translate"], "thrice": pairs["translate"], "denoise": holes}, vocabulary, 32
    )
    began = time.process_time()
    train(
        model, draw, text_loss, steps=STEPS, learning_rate=3e-3, optimizer=torch.optim.Adam, clip_norm=1.0,
        schedule=schedule, checkpoint=unfinished / "t5.pt", every=200, seed=0,
    )  # fmt: skip
    minutes = (time.process_time() - began) / 60
    save_pretrained(HERE / "t5.safetensors", model, asdict(config), vocabulary.words)
    size = sum(p.numel() for p in model.parameters())
    print(f"{size:,} weights, {len(vocabulary)} words, {minutes:.1f} minutes, {STEPS} steps")
    model.eval()
    for task in TASKS:
        held_out = village_texts(task, 300, split="validation")
        with torch.no_grad():
            loss = text_loss(model, as_batch(as_ids(held_out, vocabulary))).item()
        written = answers(model, vocabulary, [read for read, _ in held_out])
        right = [" ".join(tokens(text)) for _, text in held_out]
        exact = sum(a == b for a, b in zip(written, right, strict=True)) / len(right)
        score = bleu([text.split() for text in written], [text.split() for text in right])
        print(f"{task}: loss {loss:.3f} nats a word, exact {exact:.2f}, BLEU {score:.1f}; {written[0]!r}")


if __name__ == "__main__":
    main(Path(*sys.argv[1:2]))
