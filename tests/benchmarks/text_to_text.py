"""How fast T5 writes, against Hugging Face's T5 with the same weights, in one run on the CPU.

Run as `python tests/benchmarks/text_to_text.py`. Both keep keys and values, and both take the most probable word; each
line is the median over paired runs. That both write the same words is checked on the way.
"""

import torch
from generation import line, paired  # the script beside this one
from transformers import T5Config, T5ForConditionalGeneration
from transformers.utils import logging

from unrolled.t5 import T5

SIZES = {  # the checkpoint of this course, and t5-small with fewer words
    "d_model 128, 2 + 2 layers, 3,000 words": dict(
        d_model=128, d_kv=32, d_ff=384, num_layers=2, num_heads=4, vocab_size=3000
    ),
    "d_model 512, 6 + 6 layers, 10,000 words": dict(
        d_model=512, d_kv=64, d_ff=2048, num_layers=6, num_heads=8, vocab_size=10_000
    ),
}


def greedy(ours: T5, theirs: T5ForConditionalGeneration, rows: int, read: int, new: int) -> None:
    """Time greedy generation; both must write the same words."""
    source = torch.randint(3, 900, (rows, read), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(source)

    def hugging_face():
        return theirs.generate(
            source, attention_mask=mask, max_new_tokens=new, do_sample=False, num_beams=1, eos_token_id=None
        )

    def unrolled():
        return ours.generate(source, mask, start=0, eos=-1, max_length=new)

    assert unrolled() == hugging_face()[:, 1:].tolist(), "they write different words"
    line(f"greedy, reads {rows} × {read}, writes {new}", rows * new, "words", paired(unrolled, hugging_face))


def main() -> None:
    """Both sizes, on one thread."""
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    for name, sizes in SIZES.items():
        torch.manual_seed(0)
        theirs = T5ForConditionalGeneration(T5Config(**sizes, decoder_start_token_id=0)).eval()
        for parameter in theirs.parameters():  # else a random model writes one word over and over
            parameter.data += 0.05 * torch.randn_like(parameter)
        ours = T5.from_huggingface(theirs)
        print(name)
        for rows, read in ((1, 16), (8, 16), (8, 64)):
            greedy(ours, theirs, rows, read, new=32)


if __name__ == "__main__":
    main()
