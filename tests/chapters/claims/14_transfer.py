"""What chapter 14 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

# "It knows the 64 by heart, and judges about a third of the others wrongly"
assert beginner_right[0] > 0.98 and 0.6 < beginner_right[1] < 0.75

# "46 words are in no story"; log 436 = 6.1
assert len(words) == 436 and abs(before["knowing nothing"] - 6.08) < 0.01

# The formula as printed, against ours: "With 97 steps the rate ends below 0 … With 19 … at almost the full rate"
assert abs(last_rates[100][0] - last_rates[100][1]) < 1e-9
assert abs(last_rates[97][0] + 0.041) < 1e-3 and abs(last_rates[19][0] + 0.83) < 5e-3
assert all(ours >= 1 / 32 for _, ours in last_rates.values())

# "a quarter": 24 % of BERT's words are from books
assert abs(books_share - 0.24) < 0.005

# The matrix and its measures agree with scikit-learn's
predicted = live["adapted"](*test_batch[:2]).argmax(-1)
assert (confusion_matrix(test_batch[2], predicted, labels=range(6)) == counts.numpy()).all()
measured = precision_recall_fscore_support(test_batch[2], predicted, labels=range(6), zero_division=0)
assert all(abs(a - b).max() < 1e-6 for a, b in zip(of_class.numpy(), measured[:3], strict=True))

# The file's report counts what was kept back
assert report.counts.sum() == 41 or report.counts.sum() == 40
assert own.names == ["complaint", "praise"] and report.accuracy > 0.5

# "about 19 … less than one nat … on stories worse than one that knows nothing"
assert 18 < before["reviews"] < 20 and after["reviews"] < 1 and after["stories"] > before["knowing nothing"] > 6

# What the three seeds say
assert len(runs) == 3
for run in runs:
    right = run["accuracy"]
    assert max(of["16"] for of in right.values()) < 1 / 3
    assert 0.17 < right["adapted"]["64"] - right["general"]["64"] < 0.3
    assert abs(right["adapted"]["64"] - right["from scratch"]["64"]) < 0.04
    assert right["from scratch"]["256"] > 0.8 > right["BERT"]["256"] and right["from scratch"]["256"] > right["adapted"]["256"] + 0.2
    assert right["adapted"]["256"] < right["adapted"]["64"]
    assert max(right["feature-based"].values()) < 0.3
    assert all(right["unfrozen gradually"][str(n)] < right["adapted"][str(n)] for n in SIZES[1:])
    table_moved, first, second, head = run["moved"]["adapted"]
    assert 0.025 < table_moved < 0.035 and 0.07 < first < 0.09 and 0.23 < second < 0.28 and head > 2
    assert all(a < b for a, b in zip(run["moved"]["unfrozen gradually"][:2], (table_moved, first), strict=True))

# "More than seven of ten"
assert all(share > 0.7 for share in wrong_sentiment)

# One seed repeated, live: as recorded, but for what another processor changes
for way, model in live.items():
    assert abs(accuracy(judged(model, "test")) - runs[0]["accuracy"][way]["64"]) < 0.1
