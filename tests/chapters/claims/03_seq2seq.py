"""What chapter 03 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "Four words give four words, in Korean order: i you very loves. 시인은 is two words in English"
assert "시인은" in tokens(task.test["3–6"][0][0]) and "the poet" in task.test["3–6"][0][1]
assert word_for_word(village.LOVE.korean) == "i you very loves"
assert not any("the" in word_for_word(korean).split() for korean, _ in task.test["7–9"])

# "Next to nothing"
assert all(score < 5 for score in baseline.values())

# "It learns to translate; a larger state learns faster"
last = {hidden: sum(history.losses[-20:]) / 20 for hidden, (_, history, _) in runs.items()}
assert last[184] < last[92] - 0.3 and all(history.losses[0] > 6 for _, history, _ in runs.values())

# "Best on the shortest sentences, worst on the longest. Half the state costs about half the score, in every range."
RANGES = list(task.test)
live = runs[184][2], runs[92][2]
recorded_scores = [(run["bleu"], run["bleu_half_the_state"]) for run in recorded_runs.values()]
assert len(recorded_scores) == 3 and max(live[0], key=live[0].get) == "3–6"
for large, small in [*recorded_scores, live]:
    assert min(large, key=large.get) == min(small, key=small.get) == "14–18"
    assert all(0.35 < small[name] / large[name] < 0.7 for name in RANGES), (large, small)
# "half the state cost about half the score at every length, in the mean over the seeds"
of_size = list(zip(*recorded_scores, strict=True))
means = [{name: sum(score[name] for score in scores_of) / 3 for name in RANGES} for scores_of in of_size]
for large, small in (means, live):
    assert all(0.35 < small[name] / large[name] < 0.65 for name in RANGES), (large, small)

# "about two in three or more of the 40 most frequent words … of the others less than half are left in the long sentences"
for share in [kept[184], *(run["kept"] for run in recorded_runs.values())]:
    assert all(kinds["grammar"] > 0.65 and kinds["grammar"] > kinds["other"] + 0.15 for kinds in share.values()), share
    assert share["14–18"]["other"] < 0.5 and share["14–18"]["other"] < share["3–6"]["other"] - 0.15

# "With the smaller one it is less of both."
for name, kinds in kept[92].items():
    assert all(share < kept[184][name][kind] - 0.05 for kind, share in kinds.items()), (name, kinds)

# "After 5,000 updates the loss is below 0.1 …; all scores are 22 to 56 points higher, and our sentence … with every seed"
for run in recorded_runs.values():
    assert run["loss_after_5000"][1] < 0.1 < run["loss_after_5000"][0] < 0.2 < 0.8 < run["loss"][1]
    for what in ("bleu", "bleu_half_the_state"):
        assert all(21.5 < run[f"{what}_after_5000"][name] - score < 56.5 for name, score in run[what].items())
    assert run["love"] != run["love_after_5000"] == village.LOVE.english.lower() and run["love"].startswith("i love ")

# "in the mean over the seeds, the longer the sentences, the less they gain. … 31 points on the shortest and 26 on the
# longest, with the smaller one 48 and 24"
for what, ends in (("bleu", [31, 26]), ("bleu_half_the_state", [48, 24])):
    gains = [
        sum(run[f"{what}_after_5000"][name] - run[what][name] for run in recorded_runs.values()) / 3 for name in RANGES
    ]
    assert gains == sorted(gains, reverse=True), gains
    assert [round(gain) for gain in (gains[0], gains[3])] == ends, gains

# "After 5,000 it costs about a tenth on the shortest sentences, and still a quarter to a third on the longest … even the
# larger state scores 23 to 26 points less on the longest sentences than on the shortest"
for run in recorded_runs.values():
    large, small = run["bleu_after_5000"], run["bleu_half_the_state_after_5000"]
    assert 0.06 < 1 - small["3–6"] / large["3–6"] < 0.14, (large, small)
    assert 0.23 < 1 - small["14–18"] / large["14–18"] < 0.35, (large, small)
    assert 22.5 < large["3–6"] - large["14–18"] < 26.5

# One seed repeated
again = summarize({1: runs})
assert again["parameters"] == recorded_runs["0"]["parameters"] and 760_000 <= again["parameters"] <= 840_000
for name, score in again["bleu"].items():
    assert abs(score - recorded_runs["0"]["bleu"][name]) < 7, name

# "Four groups … Within a group the two … lie close together. Measured in all of them, the two orders are …"
half = len(people)


def spread(states, i, j):
    return (states[i] - states[j]).norm().item()


swapped = [spread(plane, i, i + 1) for i in range(0, 2 * half, 2)]
tense = [spread(plane, i, i + half) for i in range(half)]
people_apart = [spread(plane, i, i + 2) for start in (0, half) for i in (start, start + 1)]
assert max(swapped) < 0.6 * min(*tense, *people_apart)
swapped = sum(spread(summaries, i, i + 1) for i in range(0, 2 * half, 2)) / half
tense = sum(spread(summaries, i, i + half) for i in range(half)) / half
assert swapped > tense > 5

# "All eight times it gets right who loves, and when, but whom only about half of the time."
said = [text.split() for text in translate(model, task, plotted)]
who = [ENGLISH[a].lower() for a, _ in people] * 2
whom = [ENGLISH[b].lower() for _, b in people] * 2
whom_right = 0
for words, subject, object_, verb in zip(said, who, whom, ["loves"] * half + ["loved"] * half, strict=True):
    at = words.index(verb)
    assert words[:at] in ([subject], ["the", subject]), words
    whom_right += words[at + 1 :] in ([object_], ["the", object_])
assert 3 <= whom_right <= 5, said
# "I love Jiwoo so much: the grammar is right, the person is made up."
assert love == "i love jiwoo so much"

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
assert round(bleu_opposite) == 70 and bleu_paraphrase == 0
assert abs(of_corpus - average) > 3 and zeros > 10
