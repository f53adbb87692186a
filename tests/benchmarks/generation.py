"""How fast our models write and read, against Hugging Face's with the same weights, in one run on the CPU.

Run as `python tests/benchmarks/generation.py`. GPT writes greedily and with four beams, T5 greedily, and GPT and BERT
read forward. Each line is the median over paired runs, which take turns so that whatever else the machine does falls on
both; that both give the same words or numbers is checked on the way.
"""

import statistics
import time
from collections.abc import Callable

import torch
import transformers

from unrolled.beam_search import beam_search
from unrolled.bert import Bert
from unrolled.gpt import GPT, generate
from unrolled.t5 import T5

PAIRS = 7
# A checkpoint of this course, and half of the smallest released model: wide enough that arithmetic counts, not only calls.
GPT_SIZES = (
    {"n_embd": 128, "n_head": 4, "n_layer": 3, "vocab_size": 1000},
    {"n_embd": 768, "n_head": 12, "n_layer": 6, "vocab_size": 10_000},
)
T5_SIZES = (
    {"d_model": 128, "d_kv": 32, "d_ff": 384, "num_layers": 2, "num_heads": 4, "vocab_size": 3000},
    {"d_model": 512, "d_kv": 64, "d_ff": 2048, "num_layers": 6, "num_heads": 8, "vocab_size": 10_000},
)
BERT_SIZES = (
    {"hidden_size": 128, "num_attention_heads": 4, "num_hidden_layers": 2, "intermediate_size": 512},
    {"hidden_size": 768, "num_attention_heads": 12, "num_hidden_layers": 6, "intermediate_size": 3072},
)


def compare(what: str, words: int, ours: Callable[[], object], theirs: Callable[[], object]) -> None:
    """Print words a second of both, and the median over pairs of how many times faster ours is."""
    taken = {ours: [], theirs: []}
    for turn in range(PAIRS + 1):
        for run in (ours, theirs) if turn % 2 else (theirs, ours):
            began = time.perf_counter()
            run()
            taken[run].append(time.perf_counter() - began)
    a, b = taken[ours][1:], taken[theirs][1:]  # the first pair warms up
    ratio = statistics.median(y / x for x, y in zip(a, b, strict=True))
    speeds = (words / statistics.median(seconds) for seconds in (a, b))
    print("  {:34} {:9,.0f} words/s, Hugging Face {:9,.0f}: {:.2f} ×".format(what, *speeds, ratio), flush=True)


def some_ids(rows: int, words: int) -> torch.Tensor:
    """Random numbers of words."""
    return torch.randint(3, 900, (rows, words), generator=torch.Generator().manual_seed(0))


def shaken(model: torch.nn.Module) -> torch.nn.Module:
    """A random model, changed so that it does not write one word over and over."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.05 * torch.randn_like(parameter)
    return model.eval()


def gpt_greedy(ours: GPT, theirs: transformers.GPT2LMHeadModel, rows: int, new: int = 64) -> None:
    """GPT takes the best word each time, with its cache."""
    ids = some_ids(rows, 8)
    options = {"attention_mask": torch.ones_like(ids), "do_sample": False, "eos_token_id": None, "pad_token_id": 0}

    def hugging_face():
        return theirs.generate(ids, max_new_tokens=new, **options)

    def unrolled():
        return generate(ours.step, ids, max_new_tokens=new)

    assert torch.equal(unrolled(), hugging_face()), "they write different words"
    compare(f"GPT, greedy, {rows} × 8 + {new}", rows * new, unrolled, hugging_face)


def gpt_beams(ours: GPT, theirs: transformers.GPT2LMHeadModel, rows: int, new: int = 64) -> None:
    """GPT searches with four beams."""
    ids = some_ids(rows, 8)
    options = {"attention_mask": torch.ones_like(ids), "do_sample": False, "eos_token_id": 2, "pad_token_id": 2}

    def hugging_face():
        return theirs.generate(ids, max_new_tokens=new, num_beams=4, **options)

    def unrolled():
        return beam_search(ours.step, ids, beam_size=4, max_length=new, eos=2)

    best, found = [texts[0][1] for texts in unrolled()], hugging_face()[:, 8:].tolist()
    assert all(row[: len(text)] == text for row, text in zip(found, best, strict=True)), "they find different texts"
    compare(f"GPT, four beams, {rows} × 8 + {new}", rows * new, unrolled, hugging_face)


def t5_greedy(ours: T5, theirs: transformers.T5ForConditionalGeneration, rows: int, read: int, new: int = 32) -> None:
    """T5 reads, and takes the best word each time, with its cache."""
    source = some_ids(rows, read)
    mask = torch.ones_like(source)
    options = {"attention_mask": mask, "do_sample": False, "num_beams": 1, "eos_token_id": None}

    def hugging_face():
        return theirs.generate(source, max_new_tokens=new, **options)

    def unrolled():
        return ours.generate(source, mask, start=0, eos=-1, max_length=new)

    assert unrolled() == hugging_face()[:, 1:].tolist(), "they write different words"
    compare(f"T5, greedy, reads {rows} × {read}, writes {new}", rows * new, unrolled, hugging_face)


@torch.inference_mode()
def gpt_forward(ours: GPT, theirs: transformers.GPT2LMHeadModel, rows: int, words: int) -> None:
    """GPT's scores for all words of a text."""
    ids = some_ids(rows, words)
    torch.testing.assert_close(ours(ids), theirs(ids).logits, rtol=0, atol=1e-4)
    compare(f"GPT, forward, {rows} × {words}", ids.numel(), lambda: ours(ids), lambda: theirs(ids, use_cache=False))


@torch.inference_mode()
def bert_forward(ours: Bert, theirs: transformers.BertModel, rows: int, words: int) -> None:
    """BERT's states for a batch with padding."""
    ids = some_ids(rows, words)
    mask = torch.arange(words) < torch.linspace(words // 2, words, rows).long()[:, None]
    states = ours(ids, mask)[0], theirs(ids, attention_mask=mask.long()).last_hidden_state
    torch.testing.assert_close(states[0][mask], states[1][mask], rtol=0, atol=1e-4)
    what = f"BERT, forward, {rows} × {words}, padded"
    compare(what, ids.numel(), lambda: ours(ids, mask), lambda: theirs(ids, attention_mask=mask.long()))


def main() -> None:
    """All models in both sizes, on one thread."""
    transformers.utils.logging.set_verbosity_error()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    for sizes in GPT_SIZES:
        theirs = shaken(
            transformers.GPT2LMHeadModel(
                transformers.GPT2Config(**sizes, n_positions=512, bos_token_id=1, eos_token_id=2)
            )
        )
        ours = GPT.from_huggingface(theirs)
        print(", ".join(f"{name} {size:,}" for name, size in sizes.items()))
        gpt_greedy(ours, theirs, rows=1)
        gpt_greedy(ours, theirs, rows=8)
        gpt_beams(ours, theirs, rows=1)
        gpt_beams(ours, theirs, rows=4)
        gpt_forward(ours, theirs, rows=8, words=64)
        gpt_forward(ours, theirs, rows=1, words=512)
    for sizes in T5_SIZES:
        config = transformers.T5Config(**sizes, decoder_start_token_id=0)
        theirs = shaken(transformers.T5ForConditionalGeneration(config))
        ours = T5.from_huggingface(theirs)
        print(", ".join(f"{name} {size:,}" for name, size in sizes.items()))
        t5_greedy(ours, theirs, rows=1, read=16)
        t5_greedy(ours, theirs, rows=8, read=64)
    for sizes in BERT_SIZES:
        theirs = transformers.BertModel(transformers.BertConfig(**sizes, vocab_size=1000)).eval()
        ours = Bert.from_huggingface(theirs)
        print(", ".join(f"{name} {size:,}" for name, size in sizes.items()))
        bert_forward(ours, theirs, rows=32, words=32)
        bert_forward(ours, theirs, rows=4, words=128)


if __name__ == "__main__":
    main()
