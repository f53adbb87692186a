"""What chapter 05 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

from itertools import pairwise

# "eight words stand between it and the verb"; "Of the first word almost nothing reaches the verb"
assert len(sentence) == 10
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

# "the model guesses the hidden one four times in ten. Order helps a little, in all three … a bag of words does almost as well"
for run in runs:
    assert 0.35 < run["accuracy"]["with positions"] < 0.47
    assert 0.01 < run["accuracy"]["with positions"] - run["accuracy"]["without"] < 0.1
assert len(runs) == 3 and all(accuracies[name] > 2 * float(most_frequent) for name in accuracies)

# One seed repeated
for name, value in accuracies.items():
    assert abs(value - next(iter(runs))["accuracy"][name]) < 0.04, (name, value)

# "In the first two the best guess fits. … And in the third it does not fit either: can often stands after a person"
assert [fill(text)[0].split()[0] for text in blanks] == ["water", "to", "can"]

# "one looks most at bread …, the other at both sides …. A third … at every and morning. And one at nothing but the blank"
_, of_heads, words_of = fill("The baker ___ bread every morning")
of_blank = of_heads[:, words_of.index("___")]
of_words = dict(zip(words_of, of_blank.T, strict=True))  # the weights of the four heads on each word
assert of_blank[2].argmax() == words_of.index("bread") and of_words["bread"][2] > 0.4
assert ((of_words["baker"] > 0.2) & (of_words["bread"] > 0.15)).tolist() == [False, False, False, True]
assert (of_words["every"] + of_words["morning"] > 0.6).tolist() == [False, True, False, False]
assert (of_words["___"] > 0.9).tolist() == [True, False, False, False] and of_words["___"][1:].max() < 0.2

# "Only English without positions fails: it is right half of the time"; "The same in all three"; one seed repeated
for share in (answered, *(run["who and whom"] for run in runs)):
    assert 0.4 < share["English, without"] < 0.6
    assert all(value > 0.95 for name, value in share.items() if name != "English, without")
    assert all(abs(value - answered[name]) < 0.08 for name, value in share.items())

# "the answers differ": told apart here by an oracle of its own; "pairs of people who never meet in training"
for language, particles in (("English", None), ("Korean", {"누가": "는", "누구를": "를"})):
    learnt_rows, test_rows = questions(language, 300, seed=0), questions(language, 300, seed=0, test=True)
    persons = {answer for _, answer in learnt_rows}
    met, new = ([[w for w in text if w in persons] for text, _ in rows] for rows in (learnt_rows, test_rows))
    for (text, answer), people_asked in zip(test_rows, new, strict=True):
        assert len(people_asked) == 2 and answer in people_asked
        assert answer[-1] == particles[text[-1]] if particles else answer == people_asked[text[-1] == "whom"]
    if not particles:
        assert not {frozenset(pair) for pair in met} & {frozenset(pair) for pair in new}

# "Attention always does more than a plain RNN, here at least twice as much. An LSTM does more … as long as n < 2d"
assert all(a > 2 * r for a, r in zip(work["attention"], work["plain RNN"], strict=True))
for n, all_of_it, part, rnn, lstm in zip(
    lengths_counted, work["attention"], work["of which scores and averages"], work["plain RNN"], work["LSTM"], strict=True
):
    assert part == 2 * 2 * n * n * D and all_of_it - part == 4 * 2 * n * D * D  # PyTorch counts × and + apart
    assert rnn == 2 * 2 * n * D * D and lstm == 4 * rnn
    assert (all_of_it < lstm) == (n < 2 * D)

# "Against chapter 1's loop attention wins at every length"; "nn.LSTM … is slower up to 32 words and faster from 64 on"
assert min(ratios["rnn_step in a loop"].values()) > 1.2
assert all((ratio > 1) == (n <= 32) for n, ratio in ratios["nn.LSTM"].items())

# "True": a rotation, also at positions that were not fitted
assert left_over < 1e-4 and is_rotation < 1e-3

# The repair: one character
assert leak > 0
fixed = attention(x, x, x, key_padding_mask=~(torch.arange(6) < torch.tensor([[4], [3]])))[0]
assert torch.equal(
    fixed[:, :3],
    attention(changed, changed, changed, key_padding_mask=~(torch.arange(6) < torch.tensor([[4], [3]])))[0][:, :3],
)

# What the last table of chapter 20 counts
assert sum(p.numel() for p in result["with positions"][1].parameters()) == 172_405
