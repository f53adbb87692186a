"""How fast GPT writes and reads, against Hugging Face's GPT-2 with the same weights, in one run on the CPU.

Run as `python tests/benchmarks/generation.py`. Each line is the median over paired runs, which take turns so that
whatever else the machine does falls on both. That both write the same words is checked on the way.
"""

import statistics
import time
from collections.abc import Callable

import torch
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.utils import logging

from unrolled.gpt import GPT, generate

PAIRS = 7
SIZES = {  # a checkpoint of this course, and half of GPT-2: wide enough that arithmetic counts, not only calls
    "d_model 128, 3 layers, 1,000 words": {"n_embd": 128, "n_head": 4, "n_layer": 3, "vocab_size": 1000},
    "d_model 768, 6 layers, 10,000 words": {"n_embd": 768, "n_head": 12, "n_layer": 6, "vocab_size": 10_000},
}


def paired(ours: Callable[[], object], theirs: Callable[[], object], pairs: int = PAIRS) -> tuple[float, float, float]:
    """The median seconds of each, and the median over pairs of how many times faster ours is."""
    taken = {ours: [], theirs: []}
    for turn in range(pairs + 1):
        for run in (ours, theirs) if turn % 2 else (theirs, ours):
            began = time.perf_counter()
            run()
            taken[run].append(time.perf_counter() - began)
    a, b = taken[ours][1:], taken[theirs][1:]  # the first pair warms up
    ratio = statistics.median(y / x for x, y in zip(a, b, strict=True))
    return statistics.median(a), statistics.median(b), ratio


def line(what: str, amount: int, unit: str, times: tuple[float, float, float]) -> None:
    """Print how many a second of both, and the ratio."""
    ours, theirs, ratio = times
    print(f"  {what:34} {amount / ours:9,.0f} {unit}/s, Hugging Face {amount / theirs:9,.0f}: {ratio:.2f} ×", flush=True)


def greedy(ours: GPT, theirs: GPT2LMHeadModel, rows: int, prompt: int, new: int) -> None:
    """Time greedy generation; both must write the same words."""
    ids = torch.randint(3, 900, (rows, prompt), generator=torch.Generator().manual_seed(0))

    def hugging_face():
        return theirs.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=new, do_sample=False, eos_token_id=None, pad_token_id=0
        )

    def unrolled():
        return generate(ours.step, ids, max_new_tokens=new)

    assert torch.equal(unrolled(), hugging_face()), "they write different words"
    line(f"greedy, {rows} × {prompt} + {new} words", rows * new, "words", paired(unrolled, hugging_face))


def beams(ours: GPT, theirs: GPT2LMHeadModel, rows: int, prompt: int, new: int) -> None:
    """The place for beam search, timed as `greedy` is: `unrolled.beam_search` (chapter 10) with `ours.step`."""


@torch.inference_mode()
def forward(ours: GPT, theirs: GPT2LMHeadModel, rows: int, words: int) -> None:
    """Time one forward pass; both must give the same scores."""
    ids = torch.randint(3, 900, (rows, words), generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(ours(ids), theirs(ids).logits, rtol=0, atol=1e-4)
    times = paired(lambda: ours(ids), lambda: theirs(ids, use_cache=False).logits)
    line(f"forward, {rows} × {words} words", rows * words, "words", times)


def main() -> None:
    """Both sizes, on one thread."""
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    for name, sizes in SIZES.items():
        torch.manual_seed(0)
        theirs = GPT2LMHeadModel(GPT2Config(**sizes, n_positions=512, bos_token_id=1, eos_token_id=2)).eval()
        for parameter in theirs.parameters():  # else a random model writes one word over and over
            parameter.data += 0.05 * torch.randn_like(parameter)
        ours = GPT.from_huggingface(theirs)
        print(name)
        greedy(ours, theirs, rows=1, prompt=8, new=64)
        greedy(ours, theirs, rows=8, prompt=8, new=64)
        beams(ours, theirs, rows=4, prompt=8, new=64)
        forward(ours, theirs, rows=8, words=64)
        forward(ours, theirs, rows=1, words=512)


if __name__ == "__main__":
    main()
