"""What chapter 18 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "349 GB"
assert weights == 174_604_259_328 and round(2 * weights / 1e9) == 349

# "It babbles"
assert f"{problem['as it is']:.2f}" == "0.80" and problem["2 bits"] > 3

# "a fifteenth of the teacher's weights"; "After a hundred steps the taught student is ahead, if only a little"
assert 14 < parameter_count(teacher.config) / sum(p.numel() for p in student_of("tiny", 0).parameters()) < 16
assert 0.02 < pupils["from the words"] - pupils["from the teacher"] < 0.15

# "8 bits cost nothing that one could measure, 4 bits little more than a hundredth. At 3 bits … at 2 bits the model is ruined"
assert 0.01 < by_bits[4] - problem["as it is"] < 0.018 and abs(by_bits[8] - problem["as it is"]) < 0.001
assert 0.05 < by_bits[3] - by_bits[8] < 0.15 and by_bits[2] > 3
# "at least doubles the distance"; "sixfold here, where the square is a little over five"
assert all((2 ** (bits - 1) - 1) >= 2 * (2 ** (bits - 2) - 1) for bits in (8, 4, 3)) and 5 < (7 / 3) ** 2 < 5.5
assert 5.5 < (by_bits[3] - problem["as it is"]) / (by_bits[4] - problem["as it is"]) < 6.5

# "Half the error, from the same number of bits"
assert 0.4 < moved / symmetric < 0.55

# "It ends with a smaller error"
assert imitation["trained through the rounding"] < 0.4 * imitation["only rounded"]

# "On normal numbers NF4 has the smaller error": 0.092 against 0.108
assert abs(errors["normal numbers"]["NF4"] - 0.092) < 0.001
assert abs(errors["normal numbers"]["4-bit whole numbers"] - 0.108) < 0.001

# "in blocks of 16 the error is 0.085 for whole numbers and 0.081 for NF4, in blocks of 4,096 … 0.160 and 0.111"; "0.036"
by_knobs = [f"{error_of(bell[:64], of, size):.3f}" for size in (16, 4096) for of in (integer_levels(4), NF4)]
assert by_knobs == ["0.085", "0.081", "0.160", "0.111"] and f"{error_of(bell[:64], integer_levels(6), 4096):.3f}" == "0.036"

# "Each further bit at least halves the error"
from itertools import pairwise

assert all(more > 2 * less for errors_of in by_blocks.values() for more, less in pairwise(errors_of))

# "4.5 bits, and 4.127 … saves 0.373 bit"; "For 65 billion weights that is 3 GB"
assert one_scale == 4.5 and abs(two_scales - 4.127) < 5e-4 and abs(one_scale - two_scales - 0.373) < 5e-4
assert abs(65 * (one_scale - two_scales) / 8 - 3) < 0.1

# "Its error is smaller in each single matrix, but its loss is not": under 0.001 nats and 0.004, in rows 0.014; the bytes
four_bits = {name: of for name, of in sizes.items() if name[:1] == "4" or name[:3] == "NF4"}
cost = {name: of["loss"] - problem["as it is"] for name, of in four_bits.items()}
assert all(error_of(w, NF4) < error_of(w, integer_levels(4)) for w in teacher.parameters() if w.ndim == 2)
assert abs(cost["4 bits, blocks"]) < 0.001 and [f"{cost[name]:.3f}" for name in ("NF4, blocks", "4 bits, rows")] == ["0.004", "0.014"]
assert min(four_bits, key=lambda name: four_bits[name]["memory"]) == min(four_bits, key=lambda name: four_bits[name]["disk"]) == "NF4, double"
assert four_bits["4 bits, rows"]["memory"] < 1.02 * four_bits["NF4, double"]["memory"]
# "On Korean stories whole numbers win by 0.003 in the validation split, and NF4 by about 0.0015 in the test split"
whole_number_model, nf4_model = (quantize_model(storyteller(), levels, 64, double=False) for levels in (integer_levels(4), NF4))
nf4_ahead = {}
for split in ("validation", "test"):
    korean_stories = batch_of(numbered(village.stories(300, language="korean", split=split)))
    with torch.no_grad():
        on_korean = [causal_lm_loss(model(korean_stories[0]), *korean_stories).item() for model in (whole_number_model, nf4_model)]
    nf4_ahead[split] = on_korean[0] - on_korean[1]
assert -0.0035 < nf4_ahead["validation"] < -0.0025 and 0.001 < nf4_ahead["test"] < 0.002
assert abs(sizes["32 bits"]["disk"] / sizes["4 bits, rows"]["disk"] - 7.2) < 0.2
assert abs(same_loss - sizes["NF4, double"]["loss"]) < 1e-6

# "A fifth of the words in reviews do not stand in its vocabulary"
assert 0.18 < unknown < 0.24

# What was learnt is put on again and merged; "three weights in a hundred"
assert live["LoRA, r = 4"] < 0.25 * live["before"] and apart["loaded"] == 0 and apart["merged"] < 1e-3
assert type(merged.blocks[0].expand) is nn.Linear and file_size < 0.04 * sizes["32 bits"]["disk"]
assert 0.03 < added_weights(thin) / parameter_count(teacher.config) < 0.035

# "The gradients and means nearly vanish. What is kept for the backward pass stays, and … is the largest part"
assert training["LoRA 4"]["gradients"] + training["LoRA 4"]["optimiser"] < 0.05 * (
    training["full"]["gradients"] + training["full"]["optimiser"]
)
assert training["QLoRA 4"]["weights"] < 0.4 * training["LoRA 4"]["weights"]
assert all(of["activations"] > max(v for k, v in of.items() if k != "activations") for of in training.values())
assert training["QLoRA 4"]["activations"] > 0.9 * training["full"]["activations"]

# "A fifth can go at little cost"
assert by_pruning[0.2] - problem["as it is"] < 0.03 and by_pruning[0.8] > 2

# "even slips into Korean (노래를 불렀다 means *sang a song*)"
assert "노래를 불렀다" in told(rounded)

# Three seeds; one of them repeated in part: the tiny student after a hundred steps is not yet what is recorded
assert len(runs) == 3
assert min(pupils.values()) > max(run["students"]["tiny"]["words"]["loss"] for run in runs)

# "1.14, 1.12 and 1.07, where the words alone give 1.14, 1.12 and 1.11 … ahead by nothing, by 0.01 and by 0.03"; "the seeds
# differ by as much among themselves"; at T = 2 "ahead with two seeds, and worse with one"; 8 bits cost next to nothing
of_words, of_teacher, warmer = ([one["loss"] for one in tiny_of[way]] for way in ("words", "teacher, T = 1", "teacher, T = 2"))
assert [[f"{loss:.2f}" for loss in of] for of in (of_teacher, of_words)] == [["1.14", "1.12", "1.07"], ["1.14", "1.12", "1.11"]]
leads = [a - b for a, b in zip(of_words, of_teacher, strict=True)]
assert [abs(round(lead, 2)) for lead in leads] == [0, 0.01, 0.03] and max(leads) < max(of_words) - min(of_words)
assert sorted(a > b for a, b in zip(of_words, warmer, strict=True)) == [False, True, True]
# "The lead of the first hundred steps has nearly gone", with the same seed
assert abs(leads[0]) < 0.1 * (pupils["from the words"] - pupils["from the teacher"])
for run in runs:
    of = {way: one["loss"] for way, one in run["students"]["tiny"].items()}
    assert all(abs(of[way] - of[f"{way}, 8 bits"]) < 0.005 for way in of if not way.endswith("8 bits"))
    assert run["students"]["tiny"]["words"]["disk"] < sizes["2 bits, rows"]["disk"] and of["words"] < 1.3 < by_bits[2]
    assert of["teacher, T = 1"] > run["students"]["small"]["words"]["loss"] > by_bits[3]
    assert 0.945 < of["words, equal time"] < 0.975 and of["words, equal time"] < of["teacher, T = 1"] - 0.1
    assert by_bits[3] < of["words, equal time"] < by_bits[2]
assert slower > EQUAL_TIME  # "at least 2.8 times as long"

# "With all weights the loss falls lowest, to 0.67–0.69 … about 1.4, 1.0 and 0.9"; "LoRA forgets more of them with each higher rank"
for run in runs:
    of = {how: one["reviews"] for how, one in run["fine-tuning"].items()}
    assert 0.665 < of["full"] < 0.695 and abs(of["LoRA 1"] - 1.4) < 0.06
    assert abs(of["LoRA 4"] - 1.0) < 0.055 and abs(of["LoRA 16"] - 0.9) < 0.035 and abs(of["QLoRA 4"] - of["LoRA 4"]) < 0.02
    forgot = [run["fine-tuning"][how]["stories"] for how in ("LoRA 1", "LoRA 4", "LoRA 16", "full")]
    assert forgot == sorted(forgot) and forgot[0] > 2.5 and abs(forgot[-1] - 6) < 0.15

# "rank 4 could hold about two fifths of it, one of rank 16 four fifths"
for share_of in shares:
    assert abs(share_of[3] - 0.42) < 0.05 and abs(share_of[15] - 0.8) < 0.04

# "use from 1.7% to 9.2%, 3.88 bits"; "15 values"
assert abs(use.min() - 0.017) < 0.001 and abs(use.max() - 0.0925) < 0.001 and abs(entropy - 3.88) < 0.005
assert len(equation_4) == 15 and len(NF4) == 16

# "33.7 GB" and 783 GB
assert abs(memory["full, 12 bytes per weight"] - 783.4) < 0.1 and abs(memory["NF4, double"] - 33.7) < 0.05

# "9,251 times fewer", and 37,003 and 4,625 with other ranks
assert {r: round(ratio) for r, ratio in fewer.items()} == {1: 37_003, 4: 9_251, 8: 4_625}

# "Not by itself"
assert is_slower

# The limit of T² · KL
assert abs(by_temperature[256] - limit) < 0.01 and abs(by_temperature[4] - limit) > abs(by_temperature[256] - limit)

# "The layer runs, the loss is finite … and yet nothing is learnt"
assert abs(suspect[0] - live["before"]) < 1e-3 and abs(suspect[1] - suspect[0]) < 1e-3

# The path of the GPU, tiny: a random GPT-2 of Hugging Face, in bfloat16, not compiled
from transformers import GPT2Config, GPT2LMHeadModel

from unrolled.lab.presets import Preset

tiny_gpt2 = GPT2LMHeadModel(GPT2Config(vocab_size=53, n_positions=32, n_embd=16, n_layer=2, n_head=2)).eval()
_, hub_losses = from_the_hub(
    tiny_gpt2, ["abc", "abcabc"] * 8, encode=lambda text: [ord(letter) - 90 for letter in text], steps=20,
    preset=Preset("gpu", device="cpu", mixed_precision="bf16", compile=False),
)  # fmt: skip
assert hub_losses[1] < hub_losses[0]

# What the last table of chapter 20 counts
assert sum(p.numel() for p in student_of("tiny", seed=0).parameters()) == 49_376
