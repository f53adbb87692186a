"""How long learning 2000 tokens takes: ours, Hugging Face's `tokenizers` (Rust), and counting anew for every merge.

The text is the documentation of installed packages, read at run time: at least 2 MB with 30,000 different words. All
three learn from the same text, in this process, and must come to the same merges. Rust has one thread, as we have.

Run as `python tests/benchmarks/bpe.py`.
"""

import ast
import json
import os
import sysconfig
import time
from collections import Counter
from pathlib import Path

os.environ["RAYON_NUM_THREADS"] = "1"  # before tokenizers is imported

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from unrolled.bpe import count_pairs, merge_pair, pretokenize, train_bpe

VOCABULARY = 2000
RECOUNTED = 100  # merges; the rest would take nearly as long each, less as words get shorter
PACKAGES = ("torch", "numpy", "sklearn", "matplotlib", "transformers", "jupyterlab", "IPython")
BYTES = [*range(33, 127), *range(161, 173), *range(174, 256)]
BYTES += [byte for byte in range(256) if byte not in BYTES]  # the order of their ids


def documentation() -> str:
    """The docstrings of the packages, one after the other."""
    found = []
    for package in PACKAGES:
        for file in sorted((Path(sysconfig.get_paths()["purelib"]) / package).rglob("*.py")):
            try:
                tree = ast.parse(file.read_text(encoding="utf-8"))
            except (SyntaxError, UnicodeDecodeError, ValueError):
                continue
            nodes = (n for n in ast.walk(tree) if isinstance(n, (ast.Module, ast.ClassDef, ast.FunctionDef)))
            found += [text for node in nodes if (text := ast.get_docstring(node))]
    return "\n".join(found)


def in_rust(text: str) -> list[tuple[int, int]]:
    """The merges that `tokenizers` learns, in our ids."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([text], trainer=trainer)
    model = json.loads(tokenizer.to_str())["model"]
    pairs = (tuple(model["vocab"][token] for token in pair) for pair in model["merges"])
    return [tuple(BYTES[i] if i < 256 else i for i in pair) for pair in pairs]


def recounting(text: str, merges: int) -> list[tuple[int, int]]:
    """The first merges, all pairs counted anew for each."""
    found = Counter(pretokenize(text))
    words, counts, learnt = [list(word.encode()) for word in found], list(found.values()), []
    place = {byte: i for i, byte in enumerate(BYTES)}
    for new in range(256, 256 + merges):
        pairs = count_pairs(words, counts)
        learnt.append(min(pairs, key=lambda p: (-pairs[p], place.get(p[0], p[0]), place.get(p[1], p[1]))))
        words = [merge_pair(word, learnt[-1], new) for word in words]
    return learnt


def timed(run, *arguments):
    """What a call gives, and its seconds of processor time."""
    began = time.process_time()
    return run(*arguments), time.process_time() - began


def main() -> None:
    """Time all three, and compare what they learnt."""
    text = documentation()
    size, different = len(text.encode()), len(set(pretokenize(text)))
    assert size >= 2e6 and different >= 30_000, "too little text here: name more packages"
    print(f"{size / 1e6:.1f} MB with {different:,} different words; {VOCABULARY} tokens; seconds of processor time")
    ours, rust = [], []
    for _ in range(3):
        merges, seconds = timed(train_bpe, text, VOCABULARY)
        ours.append(seconds)
        theirs, seconds = timed(in_rust, text)
        rust.append(seconds)
        assert merges == theirs
    _, cutting = timed(lambda: Counter(pretokenize(text)))
    few, seconds = timed(recounting, text, RECOUNTED)
    assert few == merges[:RECOUNTED]
    _, preparing = timed(recounting, text, 0)
    slow = preparing + (seconds - preparing) / RECOUNTED * len(merges)
    us, them = sorted(ours)[1], sorted(rust)[1]
    print(f"ours             {us:8.2f} s (of three: {', '.join(f'{s:.2f}' for s in ours)})")
    print(f"  of that        {cutting:8.2f} s to cut the text into words and count them")
    print(f"tokenizers       {them:8.2f} s (of three: {', '.join(f'{s:.2f}' for s in rust)})")
    print(
        f"counting anew    {slow:8.0f} s at most, reckoned from {RECOUNTED} of {len(merges)} merges in {seconds:.1f} s"
    )
    print(f"ours / tokenizers: {us / them:.2f}; counting anew / ours: {slow / us:.0f}; the same merges from all three")


if __name__ == "__main__":
    main()
