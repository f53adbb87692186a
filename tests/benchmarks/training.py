"""How fast an update of our GPT is, against a plain model of the same arithmetic and Hugging Face's, in one run.

Run as `python tests/benchmarks/training.py` on the CPU, one thread, or with `--cuda` on a GPU, in bf16 and compiled. An
update is forward, loss, backward and AdamW, on the same batch with the same weights; that all three give the same loss
is checked first. They take turns, in changing order, so that whatever else the machine does falls on all. "Plain" is
written as nanoGPT is: one file, no cache, no state, no masks, targets shifted beforehand.
"""

import argparse
import statistics
import time

import torch
import torch.nn.functional as F
import transformers
from torch import nn

from unrolled.gpt import GPT, GPTConfig, causal_lm_loss

ROUNDS = 15
VOCABULARIES = (65, 5_000, 50_257)
LAYERS, HEADS, D_MODEL, CONTEXT, BATCH = 4, 4, 128, 128, 8


class PlainBlock(nn.Module):
    """Attention and two layers, as nanoGPT has them; the names of the weights are ours."""

    def __init__(self):
        super().__init__()
        self.attention_norm, self.feed_forward_norm = nn.LayerNorm(D_MODEL), nn.LayerNorm(D_MODEL)
        self.attention = nn.ModuleDict({"qkv": nn.Linear(D_MODEL, 3 * D_MODEL), "output": nn.Linear(D_MODEL, D_MODEL)})
        self.expand, self.contract = nn.Linear(D_MODEL, 4 * D_MODEL), nn.Linear(4 * D_MODEL, D_MODEL)

    def forward(self, x):
        batch, time_, d = x.shape
        q, k, v = self.attention["qkv"](self.attention_norm(x)).split(d, dim=2)
        q, k, v = (part.view(batch, time_, HEADS, d // HEADS).transpose(1, 2) for part in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.attention["output"](y.transpose(1, 2).contiguous().view(batch, time_, d))
        return x + self.contract(F.gelu(self.expand(self.feed_forward_norm(x)), approximate="tanh"))


class Plain(nn.Module):
    """Embeddings, blocks, a norm, and the tied head."""

    def __init__(self, vocabulary):
        super().__init__()
        self.embedding, self.position = nn.Embedding(vocabulary, D_MODEL), nn.Embedding(CONTEXT, D_MODEL)
        self.blocks = nn.ModuleList(PlainBlock() for _ in range(LAYERS))
        self.norm, self.head = nn.LayerNorm(D_MODEL), nn.Linear(D_MODEL, vocabulary, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, ids, targets):
        x = self.embedding(ids) + self.position(torch.arange(ids.shape[1], device=ids.device))
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.norm(x))
        return F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1), ignore_index=-1)


class Ours(nn.Module):
    """Our model and loss as one module, so that they are compiled together."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids, lengths):
        return causal_lm_loss(self.model(ids), ids, lengths)


class Theirs(nn.Module):
    """Hugging Face's with its loss."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids, labels):
        return self.model(ids, labels=labels, use_cache=False).loss


def compare(vocabulary: int, device: str) -> None:
    """Print how many times faster an update of ours is than one of each other, the median over rounds."""
    torch.manual_seed(0)
    sizes = {"n_embd": D_MODEL, "n_head": HEADS, "n_layer": LAYERS, "n_positions": CONTEXT, "vocab_size": vocabulary}
    none = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0, "bos_token_id": 0, "eos_token_id": 0}
    transformers.logging.set_verbosity_error()
    reference = transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes, **none)).train()
    weights = GPT.from_huggingface(reference).state_dict()
    model, plain = GPT(GPTConfig(vocabulary, CONTEXT, D_MODEL, HEADS, LAYERS, 4 * D_MODEL)), Plain(vocabulary)
    model.load_state_dict(weights)
    plain.load_state_dict(weights)

    ids = torch.randint(vocabulary, (BATCH, CONTEXT), device=device)
    shifted = F.pad(ids[:, 1:], (0, 1), value=-1)
    lengths = torch.full((BATCH,), CONTEXT, device=device)
    given = {"ours": (Ours(model), lengths), "plain": (plain, shifted), "Hugging Face": (Theirs(reference), ids)}
    losses, updates = {}, {}
    for name, (module, second) in given.items():
        module = module.to(device)
        losses[name] = module(ids, second).item()
        optimizer = torch.optim.AdamW(module.parameters(), lr=1e-4, fused=True)
        run = torch.compile(module) if device == "cuda" else module

        def update(run=run, second=second, optimizer=optimizer):
            with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
                loss = run(ids, second)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if device == "cuda":
                torch.cuda.synchronize()

        updates[name] = update
    assert max(losses.values()) - min(losses.values()) < 1e-4, losses

    clock = time.perf_counter if device == "cuda" else time.process_time  # of one thread, whatever else runs
    taken = {name: [] for name in updates}
    for turn in range(ROUNDS + 3):
        order = list(updates)
        for name in order[turn % 3 :] + order[: turn % 3]:
            began = clock()
            updates[name]()
            if turn >= 3:  # the first ones warm up, and compile
                taken[name].append(clock() - began)
    ratios = {
        name: statistics.median(theirs / ours for ours, theirs in zip(taken["ours"], taken[name], strict=True))
        for name in ("plain", "Hugging Face")
    }
    ms = 1000 * statistics.median(taken["ours"])
    told = ", ".join(f"{ratio:.2f} × {name}" for name, ratio in ratios.items())
    print(f"  vocabulary {vocabulary:6,}: {ms:8.1f} ms an update, {told}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuda", action="store_true", help="on a GPU, in bf16 and compiled")
    parser.add_argument("vocabularies", type=int, nargs="*", default=VOCABULARIES)
    device = "cuda" if parser.parse_args().cuda else "cpu"
    torch.set_num_threads(1)
    where = torch.cuda.get_device_name() if device == "cuda" else "CPU, one thread"
    print(f"{where}: GPT of {LAYERS} layers, d_model {D_MODEL}, context {CONTEXT}, batch {BATCH}")
    for vocabulary in parser.parse_args().vocabularies:
        compare(vocabulary, device)
