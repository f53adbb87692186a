"""What chapter 05 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

from itertools import pairwise

# "nine words stand between it and the verb"; "Of the first word almost nothing reaches the verb"
assert len(sentence) == 11
assert reach[0] < 0.05 and all(a <= b * 1.2 for a, b in pairwise(reach))

# "got, almost purely, the value of 민지는"
assert 0.9 < (keys @ query / 2**0.5).softmax(dim=0)[0] < 1

# "the score has variance d_k"; "about 0.95 … it stays near 0.4"
assert all(abs(v / d - 1) < 0.15 for v, d in zip(spread["raw"], sizes, strict=True))
assert all(abs(v - 1) < 0.15 for v in spread["divided by √d_k"])
assert 0.9 < largest["raw"][-1] < 0.99
assert all(0.3 < value < 0.5 for value in largest["divided by √d_k"])

# "no future, no padding, and every row still adds up to 1"
assert not masked[0, :, 4:].any() and not masked[0].triu(1).any()
assert torch.allclose(masked.sum(-1), torch.ones(1, 6))

# "It only moves."
assert moved < 1e-5

# "The dot product of two positions depends only on how far apart they are."
for k in range(5):
    along = similarity.diagonal(k)
    assert along.max() - along.min() < 1e-3
assert similarity[25].argmax() == 25

# "the model guesses the hidden one four times in ten … a bag of words does almost as well"
for run in runs:
    assert 0.35 < run["accuracy"]["with positions"] < 0.47
    assert 0 < run["accuracy"]["with positions"] - run["accuracy"]["without"] < 0.1
assert len(runs) == 3 and all(accuracies[name] > 2 * float(most_frequent) for name in accuracies)

# One seed repeated
for name, value in accuracies.items():
    assert abs(value - next(iter(runs))["accuracy"][name]) < 0.04, (name, value)

# "Attention always does more, here at least twice as much; its quadratic part overtakes its projections once n > 2d"
assert all(a > 2 * r for a, r in zip(work["attention"], work["recurrent"], strict=True))
for n, all_of_it, part in zip(lengths_counted, work["attention"], work["of which scores and averages"], strict=True):
    assert (part > all_of_it - part) == (n > 2 * D)
    assert part == 2 * 2 * n * n * D and all_of_it - part == 4 * 2 * n * D * D  # PyTorch counts × and + apart

# "attention is sooner done by a factor that first grows, and shrinks again"
assert min(speedups) > 1 and speedups[0] < max(speedups) > speedups[-1]

# "True": a rotation, also at positions that were not fitted
assert left_over < 1e-4 and is_rotation < 1e-3

# The repair: one character
assert leak > 0
fixed = attention(x, x, x, key_padding_mask=~(torch.arange(6) < torch.tensor([[4], [3]])))[0]
assert torch.equal(
    fixed[:, :3],
    attention(changed, changed, changed, key_padding_mask=~(torch.arange(6) < torch.tensor([[4], [3]])))[0][:, :3],
)
