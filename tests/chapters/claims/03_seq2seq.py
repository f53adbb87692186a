"""What chapter 03 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "Four words give four words, in Korean order: i you very loves"
assert word_for_word(village.LOVE.korean) == "i you very loves"
assert not any("the" in word_for_word(korean).split() for korean, _ in task.test["7–9"])

# "Next to nothing"
assert all(score < 5 for score in baseline.values())

# "It learns to translate; a larger state learns faster"
last = {hidden: sum(history.losses[-20:]) / 20 for hidden, (_, history, _) in runs.items()}
assert last[184] < last[92] - 0.3 and all(history.losses[0] > 6 for _, history, _ in runs.values())

# "Best on the shortest sentences; then a drop of ten points or more … half the state costs more than ten points"
recorded_scores = [(run["bleu"], run["bleu_half_the_state"]) for run in recorded_runs.values()]
assert len(recorded_scores) == 3
for large, small in [*recorded_scores, (runs[184][2], runs[92][2])]:
    longer = [score for name, score in large.items() if name != "3–6"]
    assert large["3–6"] > max(longer) + 8 and max(longer) - min(longer) < 12
    assert all(large[name] > small[name] + 8 for name in large)
for large, small in recorded_scores:
    assert large["3–6"] > max(score for name, score in large.items() if name != "3–6") + 9.5
    assert all(large[name] > small[name] + 10 for name in large)

# "Of the grammar words about three quarters or more … Of the others less than half are left in the long sentences."
for share in [kept[184], *(run["kept"] for run in recorded_runs.values())]:
    assert all(kinds["grammar"] > 0.7 and kinds["grammar"] > kinds["other"] + 0.15 for kinds in share.values())
    assert share["14–18"]["other"] < 0.53 and share["14–18"]["other"] < share["3–6"]["other"] - 0.1
assert all(run["kept"]["14–18"]["other"] < 0.5 for run in recorded_runs.values())

# "none of them gets our sentence right … I love … so much is there each time, and you is not"
for run in recorded_runs.values():
    assert run["love"].startswith("i love ") and run["love"].endswith(" so much") and "you" not in run["love"].split()

# One seed repeated
again = summarize(runs)
assert again["parameters"] == recorded_runs["0"]["parameters"] and 760_000 <= again["parameters"] <= 840_000
for name, score in again["bleu"].items():
    assert abs(score - recorded_runs["0"]["bleu"][name]) < 7, name

# "Four groups … Within a group … in this plane they lie close together."
half = len(people)


def spread(i, j):
    return (plane[i] - plane[j]).norm().item()


swapped = [spread(i, i + 1) for i in range(0, 2 * half, 2)]
tense = [spread(i, i + half) for i in range(half)]
people_apart = [spread(i, i + 2) for start in (0, half) for i in (start, start + 1)]
assert max(swapped) < 0.8 * min(*tense, *people_apart)

# "Grammar comes with great certainty; where a person must be named, the probability is spread"
ids, lengths = padded([task.source.encode(tokens(village.LOVE.korean))], task.source.pad)
fed = torch.tensor([[task.target.bos, *task.target.encode(["i", "love", "the"])]])
sure = model(ids, lengths, fed)[0].softmax(dim=-1).max(dim=-1).values
assert sure[0] > 0.8 and sure[1] > 0.8 and sure[3] < 0.4

# The repair: far below ours, and useless; with shift_right it is like any other young model
assert history_of_hers.losses[-1] < sum(runs[184][1].losses[-20:]) / 20 and honest > 6
from unrolled.seq2seq import shift_right as shift_right_of_the_library


def repaired_loss(model, batch):
    logits = model(batch.source, batch.source_lengths, shift_right_of_the_library(batch.target, task.target.bos))
    return sequence_cross_entropy(logits, batch.target, batch.target_lengths)


repaired = new_model(seed=0)
learn(repaired, task, at=(40,), loss=repaired_loss, preset="cpu")
with torch.no_grad():
    assert translation_loss(repaired, probe).item() < 6

# The claims
assert bleu_opposite > 60 and bleu_paraphrase == 0
assert abs(of_corpus - average) > 3 and zeros > 10
