"""Teaches the village's BERT to judge entailment, and writes `nli.safetensors` and its card `nli.md` beside this file.

    python assets/checkpoints/nli.py [STEPS]

It starts from `bert.safetensors`, whose two blocks become four, each used twice at first. It may be stopped and goes
on where it was; on one CPU core it takes about a quarter of an hour.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from unrolled.data.village import reviews
from unrolled.entailment import (
    NEW_WORDS,
    Batch,
    EntailmentJudge,
    entailment_batch,
    entailment_logits,
)
from unrolled.lab import save_pretrained, seed_everything, train
from unrolled.pretraining import BertVocabulary, village_bert
from unrolled.statements import ENTAILMENT, LABELS, TOPICS, Statement, held_out, statements

HERE = Path(__file__).parent
RUN = HERE / "nli.run"  # where a run that was stopped goes on
STEPS, BATCH, WARM_UP, TEXTS, SEED = 6500, 48, 150, 120_000, 0
LEARNING_RATE, LAYERS = 1e-3, 4


def beginning() -> tuple[EntailmentJudge, BertVocabulary, dict[str, int]]:
    """A judge with the village BERT's weights, its vocabulary with the new words, and its sizes."""
    bert, known = village_bert()
    vocabulary = BertVocabulary([*known.words, *(word for word in NEW_WORDS if word not in known.ids)])
    block = bert.blocks[0]
    config = {
        "vocabulary": len(vocabulary), "d_model": bert.pooler.out_features, "heads": block.attention.heads,
        "d_ff": block.feed_forward.expand.out_features, "layers": LAYERS, "positions": bert.positions,
    }  # fmt: skip
    judge = EntailmentJudge(**config)
    body = judge.body
    with torch.no_grad():
        body.embeddings.word.weight[: len(known)] = bert.embeddings.word.weight
        for part in ("position", "segment", "norm"):
            getattr(body.embeddings, part).load_state_dict(getattr(bert.embeddings, part).state_dict())
    for number, ours in enumerate(body.blocks):
        ours.load_state_dict(bert.blocks[number * len(bert.blocks) // LAYERS].state_dict())
    body.pooler.load_state_dict(bert.pooler.state_dict())
    return judge, vocabulary, config


def batches(vocabulary: BertVocabulary, chosen: list[Statement]) -> Callable[[torch.Generator], Batch]:
    """A function of a generator that draws statements of about equal length."""
    ordered = sorted(chosen, key=lambda statement: len(statement.premise) + len(statement.hypothesis))

    def draw(generator: torch.Generator) -> Batch:
        at = int(torch.randint(len(ordered), (), generator=generator))
        width = 16 * BATCH
        start = min(max(at - width // 2, 0), len(ordered) - width)
        rows = torch.randint(width, (BATCH,), generator=generator) + start
        return entailment_batch(vocabulary, [ordered[row] for row in rows.tolist()])

    return draw


def loss(judge: EntailmentJudge, batch: Batch) -> torch.Tensor:
    """The cross-entropy of the three labels."""
    return nn.functional.cross_entropy(judge(*batch[:3]), batch.labels)


@torch.no_grad()
def measure(judge: EntailmentJudge, vocabulary: BertVocabulary, n: int = 2000, texts: int = 100) -> dict[str, float]:
    """The share of labels given rightly on texts the judge has not seen: all, and each label's; and the topics of reviews."""
    judge.eval()
    chosen, right = statements(n, split="validation", seed=SEED), []
    for start in range(0, n, 100):
        batch = entailment_batch(vocabulary, chosen[start : start + 100])
        right += (judge(*batch[:3]).argmax(-1) == batch.labels).tolist()
    found = {"all": sum(right) / n}
    for number, label in enumerate(LABELS):
        of = [hit for hit, statement in zip(right, chosen, strict=True) if statement.label == number]
        found[label] = sum(of) / len(of)
    topics = [noun.english for noun in TOPICS]
    hits = {"asked before": [], "new": []}
    for review in reviews(texts, split="validation", seed=SEED):
        words = review.text.split(". ")[0]
        scores = entailment_logits(judge, vocabulary, [review.text], topics)[0].log_softmax(-1)[:, ENTAILMENT]
        best = topics[int(scores.argmax())]
        thing = max((topic for topic in topics if f" {topic}" in review.text), key=review.text.count, default=None)
        if thing is not None:
            hits["new" if held_out(thing) else "asked before"].append(best in words or best == thing)
    return found | {f"topics {kind}": sum(of) / max(len(of), 1) for kind, of in hits.items()}


def main(steps: int = STEPS) -> None:
    """Trains, measures on validation, and writes checkpoint and card."""
    began = time.perf_counter()
    seed_everything(SEED)
    judge, vocabulary, config = beginning()
    size = sum(parameter.numel() for parameter in judge.parameters())
    draw = batches(vocabulary, statements(TEXTS, seed=SEED))
    print(f"{len(vocabulary):,} words, {size:,} weights", f"{time.perf_counter() - began:.0f} s", flush=True)

    def progress(step, history):
        if (step + 1) % 100 == 0:
            recent = sum(history.losses[-100:]) / 100
            print(step + 1, f"{recent:.3f}", f"{time.perf_counter() - began:.0f} s", flush=True)
        if (step + 1) % 500 == 0:
            print(measure(judge, vocabulary, 400, 0), flush=True)
            save_pretrained(HERE / "nli.safetensors", judge, config, vocabulary.words)
            judge.train()

    history = train(
        judge, draw, loss, steps=steps, learning_rate=LEARNING_RATE, clip_norm=1.0,
        schedule=lambda step: min((step + 1) / WARM_UP, (steps - step) / (steps - WARM_UP)),
        seed=SEED, checkpoint=RUN, every=500, on_step=progress, live=False,
        preset="cpu" if not torch.cuda.is_available() else "auto",
    )  # fmt: skip
    judge.eval()
    found = measure(judge, vocabulary)
    print(found)
    save_pretrained(HERE / "nli.safetensors", judge, config, vocabulary.words)
    minutes = history.seconds[-1] / 60
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} thread(s)"
    card = f"""# nli.safetensors

The entailment judge of chapter 15: the small BERT of chapter 7 with {config["layers"]} blocks in place of two, and a
head with three scores; `d_model` {config["d_model"]}, {len(vocabulary):,} words; {size:,} weights in float32.

- **Learnt from**: chapter 7's checkpoint first, then {TEXTS:,} pairs of a text and a statement about it, made by this
  course's own grammar from the village's training split, nothing else. About a fifth of the nouns is never a topic.
- **How**: cross-entropy of entailment, neutral and contradiction, {steps:,} steps of {BATCH} pairs, AdamW at
  {LEARNING_RATE}, seed {SEED}; {minutes:.0f} min on a {device}. Made by `nli.py` beside this file.
- **How well**, on the validation split: {found["all"]:.0%} of the labels right ({found["entailment"]:.0%} of entailment,
  {found["neutral"]:.0%} of neutral, {found["contradiction"]:.0%} of contradiction); guessing is 33 %.
- **For**: learning. It knows some hundreds of words of an invented village, and nothing of the world.
- **Licence**: MIT, like the course.
"""
    (HERE / "nli.md").write_text(card, encoding="utf-8")
    RUN.unlink()  # else a run on other texts would go on from it


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
