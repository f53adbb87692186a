"""What chapter 19 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "a copy of the whole model for four words, and some updates"; "With GPT-3 a copy would be 349 GB"
assert weights_of_one == 741_504 and all(1 <= steps <= 60 for steps in updates)
assert round(2 * GPT_3 / 1e9) == 349

# "it hardly uses it: a coin would be right in 12"
assert len(asked) == 24 and 8 <= sum(hits) <= 17

# "Zero-shot, in its own field": far above chance, and of four endings
assert len(questions) == 100 and min(right.values()) > 70 and abs(right["mean"] - right["sum"]) < 5

# "At no example it is right half the time … After one example it is nearly always right"
assert abs(live_accuracy[0] - 0.5) < 0.05 and live_accuracy[1] > 0.97

# "In the first layer a colour looks at the animal before it … the last cat … finds red"
colours_at = [i for i, word in enumerate(shown) if word in COLOURS]
before = torch.stack([first[:, i, i - 1] for i in colours_at]).amax(1)
assert before.mean() > 0.5
assert second[:, -1, 1].max() > 0.5

# "After cat red cat red cat blue it is sure of red … it may waver or go by the last … Without a cat … a half"
assert probabilities_after(2, 0, 1)[0][0] > 0.9 and min(probabilities_after(1, n, 1)[0][0] for n in (2, 3)) < 0.8
assert all(abs(probabilities_after(0, n, 0)[0][0] - 0.5) < 0.1 for n in range(4))
assert probabilities_after(1, 2, 0)[0][0] > 0.9 and probabilities_after(0, 2, 1)[0][1] > 0.9

# The record: three seeds; two layers near 1 after one example, one layer far below, nobody knows without one
assert len(runs) == 3
for run in runs:
    two, one = run["colours"]["2 layers"], run["colours"]["1 layers"]
    assert max(two["0"] + one["0"]) < 0.56 and min(two["0"] + one["0"]) > 0.44
    assert two["1"][-1] > 0.9 and one["1"][-1] < two["1"][-1] - 0.1

# "54,000 words for a full turn, with 500,000 it needs two and a half million"
assert [round(2 * math.pi * base ** (126 / 128), -3) for base in (10_000, 500_000)] == [54_000, 2_559_000]

# "ends at 97 to 100 %", "to 77 to 79 %, and stays there"; nothing happens "for about two hundred steps", with two thirds
# right, as "if they always said the colour that has come most often so far"; then "mostly within one or two hundred steps"
blue_or_red = 2 * (unseen[0][:, 1::2] - len(ANIMALS)) - 1
lead = (blue_or_red.cumsum(1) - blue_or_red).sign() * blue_or_red
majority = torch.where(lead == 0, 0.5, (lead > 0).float())[unseen[1] == 1].mean().item()
for run in runs:
    two, one = run["colours"]["2 layers"]["1"], run["colours"]["1 layers"]["1"]
    assert two[-1] > 0.965 and all(0.755 < value < 0.795 for value in one[-6:])
    assert max(two[:8] + one[:8]) < 0.69 and all(abs(value - majority) < 0.025 for value in two[:7] + one[:7])
    at = run["colours"]["2 layers"]["step"]
    assert min(n for n, value in zip(at, two, strict=True) if value > 0.9) - max(n for n, value in zip(at, two, strict=True) if value < 0.69) <= 200

# "expected 0.94 where three runs ended at 1.07 to 1.10"; "E: it is 0"; "about six times as many English words"; the promise broken
assert abs(expected - 0.94) < 0.005 and all(1.065 < loss < 1.1 for loss in left_out) and village_law.E < 0.01
assert 5 < read_in_english / max(run["tokens"] for run in points) < 7.5
assert f"{real_loss:.2f} {promised:.2f}" == "0.79 0.37"
small, next_one, *_, large = sorted({run["parameters"] for run in points})
assert village_law.loss(small, 2e9 / 6 / small) < village_law.loss(large, 2e9 / 6 / large)
assert village_law.loss(small, 2e11 / 6 / small) > village_law.loss(next_one, 2e11 / 6 / next_one)

# "1.25 GiB, or 10 GiB without groups"
assert [size / 2**30 for size in seventy.values()] == [1.25, 10.0]

# "Twelve of twenty-five do not round to what is printed"; GPT-2's four are all too small
assert len(PUBLISHED) == 25 and sum(gap != 0 for gap in off.values()) == 12
assert all(off[f"GPT-2 {size}"] > 0.01 for size in ("small", "medium", "large", "XL"))
assert round(counts["Llama-2 70B"] / 1e9) == 69 and round(counts["Qwen2 7B"] / 1e9, 1) == 7.6
assert round(counts["GPT-3 Medium"] / 1e6) == 356
assert caches["Llama 65B"] == 8 * caches["Llama-3 70B"]
for model in PUBLISHED:  # what is printed of FLOPs is 6 N D to two digits
    assert model.flops is None or abs(six_nd[model.name] / model.flops - 1) < 0.006

# "would give exactly the four printed numbers"
for printed, (_, old) in recounted.items():
    assert round(old) == int(printed[:-1])

# The misprints of GPT-3's table
assert thirteen == {5140: 12_952_938_780, 5120: 12_853_386_240} and 24 * 128 == 3072

# "True, as 6 N D"; the attention 2.8 % more, or 1.4 %
assert abs(simple / 3.14e23 - 1) < 0.002 and round(simple / 1e15 / 86_400) == 3638
assert round(100 * share, 1) == 2.8

# "327,680 bytes instead of 2,621,440"; the small Llama-2 needs more
assert (caches["Llama-2 70B"], ungrouped, caches["Llama-2 7B"]) == (327_680, 2_621_440, 524_288)

# Tokens per parameter
assert [round(ratio, 1) for ratio in per_parameter.values()] == [92.6, 59.1, 18.4]
assert [round(ratio, 1) for ratio in practice.values()] == [20.0, 1.7, 1867.9]

# CTRL, and those beside it
assert ctrl == 1_637_964_550
assert beside == {"T5-large": 737_668_096, "BART-large": 406_291_456}

# The broken model: no error, and it reads no more
assert apart > 1 and again < live_accuracy[1] - 0.1

# The path of the GPU, tiny: in bfloat16, not compiled
from unrolled.lab.presets import Preset

_, tiny_curve = learn_colours(1, 0, steps=25, preset=Preset("gpu", device="cpu", mixed_precision="bf16", compile=False), live=False)
assert tiny_curve["step"] == [25]

# What the last table of chapter 20 counts
assert sum(p.numel() for p in reader.parameters()) == 43_056
