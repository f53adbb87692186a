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

# What the three seeds say: "a third … 11 to 26 points … up to 50 … all 400 … 6 to 9 of 100 … two seeds of three"
assert len(runs) == 3
for run in runs:
    right = run["accuracy"]
    assert max(of["16"] for of in right.values()) < 0.34
    assert 0.1 < right["adapted"]["64"] - right["general"]["64"] < 0.265
    assert 0.18 < right["adapted"]["256"] - right["general"]["256"] < 0.5
    assert right["adapted"]["256"] == 1 and 0.9 < right["from scratch"]["256"] < 0.95
    assert all(right["general"][str(n)] < right["from scratch"][str(n)] for n in SIZES)
    assert right["BERT"]["64"] < right["from scratch"]["64"] and right["BERT"]["256"] < right["from scratch"]["256"]
    assert max(right["feature-based"].values()) < 0.4
    assert all(right["unfrozen gradually"][str(n)] <= right["adapted"][str(n)] for n in SIZES[1:])
    table_moved, first, second, head = run["moved"]["adapted"]
    assert 0.055 < table_moved < 0.065 and 0.13 < first < 0.17 and 0.4 < second < 0.55 and head > 2
    assert all(a < b for a, b in zip(run["moved"]["unfrozen gradually"][:2], (table_moved, first), strict=True))
gains = [run["accuracy"]["adapted"]["64"] - run["accuracy"]["from scratch"]["64"] for run in runs]
assert sum(gain > 0 for gain in gains) == 2 and max(gains) < 0.1
assert round(100 * ahead["adapted"][64]) == 4 and round(100 * ahead["adapted"][256]) == 7 and ahead["adapted"][16] < 0
assert all(gain < 0 for gain in ahead["general"].values())

# "It decides more than the way does … at 0.002 the adapted body would have lost … the largest rate tried is the best"
assert max(of_rates["adapted"].values()) - of_rates["adapted"]["0.002"] > ahead["adapted"][256]
assert of_rates["adapted"]["0.002"] < min(of_rates["from scratch"].values())
assert max(of_rates["adapted"], key=of_rates["adapted"].get) == "0.02"

# "More than three of four, and nearly all of those of the model from scratch"
assert min(wrong_sentiment["adapted"]) > 0.75 and min(wrong_sentiment["from scratch"]) > 0.94

# "Five words say how strong a review is … each five times or more … adjectives, each of them rare"
degrees, strong = {"little", "quite", "really", "so", "very"}, [r for r in few if r.intensity != 2]
assert all(degrees & set(village.tokens(r.text)) for r in strong)
assert all(sum(degree in village.tokens(r.text) for r in few) >= 5 for degree in degrees)

# One seed repeated, live: as recorded, but for what another processor changes
for way, model in live.items():
    assert abs(accuracy(judged(model, "test")) - runs[0]["accuracy"][way]["64"]) < 0.1

# What the last table of chapter 20 counts
assert sum(p.numel() for p in classifier_of(unadapted, len(CLASSES)).parameters()) == 278_884
