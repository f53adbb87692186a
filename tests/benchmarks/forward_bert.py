"""How fast is our BERT's forward pass against Hugging Face's? `python tests/benchmarks/forward_bert.py`

The same random weights, the same batch with padding, one thread, in turn: the median of the paired ratios.
Wanted: at least 0.9 times Hugging Face's speed.
"""

import statistics
import time

import torch
import transformers

from unrolled.bert import Bert

CASES = {"small, 32 × 32": (128, 4, 2, 32, 32), "BERT-base, two blocks, 4 × 128": (768, 12, 2, 4, 128)}


def ratio(d_model: int, heads: int, layers: int, batch: int, time_: int, rounds: int = 25) -> float:
    """Hugging Face's seconds over ours: above 1, ours is faster."""
    config = transformers.BertConfig(
        vocab_size=1000, hidden_size=d_model, num_attention_heads=heads, intermediate_size=4 * d_model,
        num_hidden_layers=layers,
    )  # fmt: skip
    theirs = transformers.BertModel(config).eval()
    ours = Bert.from_huggingface(theirs)
    ids = torch.randint(1, 1000, (batch, time_))
    mask = (torch.arange(time_) < torch.randint(time_ // 2, time_ + 1, (batch, 1))).long()
    ratios = []
    with torch.no_grad():
        for i in range(rounds + 3):
            seconds = []
            for model in (ours, theirs):
                began = time.perf_counter()
                model(input_ids=ids, attention_mask=mask)
                seconds.append(time.perf_counter() - began)
            if i >= 3:
                ratios.append(seconds[1] / seconds[0])
    return statistics.median(ratios)


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(0)
    slow = False
    for name, sizes in CASES.items():
        found = ratio(*sizes)
        slow |= found < 0.9
        print(f"{name}: {found:.2f} times Hugging Face's speed")
    raise SystemExit("slower than 0.9 times Hugging Face's" if slow else 0)
