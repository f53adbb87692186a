"""What chapter 16 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

from itertools import pairwise

# "one table of scores has 16 GiB", and "twice the words are four times the scores, in memory and in time"
assert gibibytes[65_536] == 16.0
assert all(run["costs"]["plain"]["milliseconds"][4] > 3 * run["costs"]["plain"]["milliseconds"][3] for run in runs)

# "Every block adds as much again."
per_block = [kept_by_depth[depth] / depth for depth in kept_by_depth]
assert max(per_block) < 1.35 * min(per_block)

# "once in eight … two draws of three … one draw in nine parts them … all but about one pair in a hundred"
assert abs(meeting[0.0] - 1 / 8) < 0.01 and abs(meeting[0.9] - 0.66) < 0.02 and abs(meeting[0.99] - 8 / 9) < 0.02
assert 0.005 < (1 - meeting[0.9]) ** 4 < 0.02

# "A quarter of the table holds nearly three quarters of the pairs that matter"
assert window.float().mean() == 0.25 and 0.68 < caught < 0.75

# "full attention must come out"
assert as_full.abs().max() < 1e-5

# "With families, the error falls with every doubling of the rounds"; "the top 16 words hold only a tenth of the weight"
for run in runs:
    of = run["errors"]["families"]["errors"]
    assert all(b < a for a, b in pairwise(of))
    assert run["errors"]["families"]["weight of the top 16"] > 0.99
    assert abs(run["errors"]["strangers"]["weight of the top 16"] - 0.1) < 0.02
    assert all(f < s for f, s in zip(of, run["errors"]["strangers"]["errors"], strict=True))
assert (
    max(abs(a - b) for a, b in zip(lost["families"]["errors"], runs[0]["errors"]["families"]["errors"], strict=True))
    < 0.02
)

# "The same at any depth: … 2 · 256 · 64 numbers", and plain blocks rise in a straight line
assert set(kept["reversible"]) == {2 * 256 * 64}
assert 15 < kept["plain"][-1] / kept["plain"][0] < 17

# "229,376 instead of 134,217,728"
assert (axial, flat) == (229_376, 134_217_728)

# "In float64 they are the same to the last digit … So the losses come to differ … by 0.01 at most"
assert max(apart[torch.float64]) < 1e-12 and max(apart[torch.float32][:5]) < 1e-4
assert max(apart[torch.float32]) < 0.03, apart
ids_of_the_claim = batches(torch.Generator().manual_seed(0))
kept_by = {
    name: saved_numbers(lambda m=model: next_word_loss(m, ids_of_the_claim), list(model.parameters()))
    for name, model in models.items()
}
assert kept_by["reversible"] < 0.6 * kept_by["plain"]

# The record: fused attention keeps least at every length; plain keeps n²; LSH keeps as much more as there are rounds
for run in runs:
    of = {way: dict(zip(c["lengths"], c["mebibytes"], strict=True)) for way, c in run["costs"].items()}
    for n in of["fused"]:
        assert of["fused"][n] == min(of[way][n] for way in of if n in of[way])
        assert 3.5 < of["LSH, 4 rounds"][n] / of["LSH, 1 round"][n] < 4.1
    assert of["plain"][4096] / of["plain"][2048] > 3.7 and of["LSH, 1 round"][16_384] / of["LSH, 1 round"][8192] < 2.1
again = costs([256, 1024])
for way, of in again.items():  # one seed repeated: what is kept is the same everywhere
    recorded_bytes = dict(zip(runs[0]["costs"][way]["lengths"], runs[0]["costs"][way]["mebibytes"], strict=True))
    assert all(abs(m / recorded_bytes[n] - 1) < 0.05 for n, m in zip(of["lengths"], of["mebibytes"], strict=True))

# "overtakes plain attention early"; "about fifteen times as fast"; "between 4,096 and 8,192 words"; "at any length"
for run in runs:
    of = {way: dict(zip(c["lengths"], c["milliseconds"], strict=True)) for way, c in run["costs"].items()}
    assert of["LSH, 1 round"][512] > of["plain"][512] and of["LSH, 1 round"][1024] < of["plain"][1024]
    assert all(12 < of["plain"][n] / of["fused"][n] < 18 for n in (2048, 4096))
    assert of["LSH, 1 round"][4096] > of["fused"][4096] and of["LSH, 1 round"][8192] < of["fused"][8192]
    assert all(of["LSH, 4 rounds"][n] > of["fused"][n] for n in of["fused"])
    kept_of = {way: c["mebibytes"][-1] for way, c in run["costs"].items()}
    assert abs(kept_of["LSH, 1 round"] / kept_of["fused"] - 9.2) < 0.5
    assert abs(kept_of["LSH, 4 rounds"] / kept_of["fused"] - 35) < 1
    assert run["errors"]["families"]["errors"][0] > 1 and 1 / 3 < run["errors"]["families"]["errors"][-1] < 0.4
assert [faster_from[pair] for pair in faster_from] == [1024, 8192, 2048, None]

# Rounding
assert rounding["float32"] < 1e-5 and 0.01 < rounding["bfloat16"] < 0.5

# "A word sees words of other buckets … of a large bucket it does not see everything"
assert elsewhere > 0.3 and 0 < out_of_reach < 1

# "Autograd keeps every chunk's inside just the same."
assert kept_chunked >= 0.99 * kept_whole

# "does not grow with the number of blocks … twice the words keep twice as much … half a gibibyte … a table has 16"
def kept_of_a_text(n):
    model = Reformer(
        ReformerConfig(layers=("lsh",) * 2, buckets=(8, n // 256), axial_shape=(32, n // 32), feed_forward_chunk=1024)
    )
    ids = torch.randint(320, (1, n), generator=torch.Generator().manual_seed(0))
    return saved_numbers(lambda: next_word_loss(model, ids), list(model.parameters())) * 4 / 2**20


assert 0.99 < memory[6] / memory[2] < 1.01 and 0.4 < 64 * memory[2] / 2**10 < 0.6
assert abs(kept_of_a_text(1024) / memory[2] - 1) < 0.01 and abs(kept_of_a_text(2048) / memory[2] - 2) < 0.05

# 64K words, tried tiny, on the path of a GPU: bfloat16
assert words == 1024 and len(memory) == 2
tiny_words, tiny_memory = long_text("gpu", depths=(1, 3))
assert tiny_words == 1024 and tiny_memory[3] < 1.01 * tiny_memory[1]  # the same at any depth

# The broken block is off in both, and still draws
assert values_off > 0.01 and gradients_off > 0.01 and drawn_anew

# What the last table of chapter 20 counts
assert {sum(p.numel() for p in model.parameters()) for model in models.values()} == {130_944}
