"""What chapter 07 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "who also looks to the right is right more often, in both languages"
for language in ("english", "korean"):
    assert counted[language]["both"] > counted[language]["left"] + 0.08

# "About 15,000 are asked for, but only 12,000 become [MASK]; 1,500 become another word. The other 86,500 look untouched"
assert abs(outcome["asked for"] - 15_000) < 600 and abs(outcome["now [MASK]"] - 12_000) < 600
assert abs(outcome["now another word"] - 1_500) < 250 and abs(outcome["look untouched"] - 86_500) < 600

# "and worth nothing. The first model has learnt to copy"
assert sum(copying["nothing hidden"][-20:]) / 20 < 0.1 and of_gaps["nothing hidden"] < 0.05
assert sum(copying["15 % hidden"][-20:]) / 20 > 2 and of_gaps["15 % hidden"] > 0.2

# "True. 109,482,240 … 110,106,428 … More than a fifth of all weights is that table"
assert list(base.values())[:2] == [109_482_240, 110_106_428]
assert 0.2 < base["its table of words alone"] / base["the model, with its pooler"] < 0.25

# The repair: with the mask the same review gets the same score
assert abs(alone - beside) > 1e-4
ids, lengths = padded([vocabulary.read(text) for text in (review, longer)], vocabulary.pad)
with torch.no_grad():
    one = judge(ids[:1, : lengths[0]], torch.ones(1, lengths[0], dtype=torch.bool))
    two = judge(ids, padding_mask(lengths, ids.shape[1]))
assert torch.allclose(one[0], two[0], atol=1e-4)
