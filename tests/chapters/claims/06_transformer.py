"""What chapter 06 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "After one layer the words are alike, after two they are one and the same"; with a path around it they are not
assert alike["attention alone"][1] > 0.7 and min(alike["attention alone"][2:]) > 0.99
assert max(alike["with a path around it"]) < 0.2

# "False. That is batch norm": the neighbours have no say in a layer norm
assert moved["layer norm"] == 0 and moved["batch norm"] > 0.5
assert per_word < 1e-5 and per_feature > 0.5

# "The feed-forward layer has twice as many … The number of heads changes nothing"
assert sizes["attention, 8 heads"] == sizes["attention, 16 heads"] == 1_050_624
assert 1.99 < sizes["feed-forward"] / sizes["attention, 8 heads"] < 2.01

# "Both keep the words apart, pre-norm better than post-norm"; "one size"; "pre-norm's sums grow"
assert alike["pre-norm"][-1] < alike["post-norm"][-1] < 0.6 < 0.99 < alike["attention alone"][-1]
assert max(abs(length - 8) for length in lengths_of["post-norm"][1:]) < 0.1
assert lengths_of["pre-norm"][-1] > 1.2 * lengths_of["pre-norm"][0]

# "Written word 3 moves 3, 4 and 5 … Source word 3 moves all six"
assert moves == {"written word 3": [3, 4, 5], "source word 3": [0, 1, 2, 3, 4, 5]}

# "as many weights, within 5 %"
assert abs(total / PARAMETERS - 1) < 0.05 and total == weights_of(model)

# "the lowest loss is where the prediction equals the smoothed target, 1 − ε + ε/10"
assert abs(lowest - 0.91) < 0.002 and sureness["ε = 0.1"][1][-1] > min(sureness["ε = 0.1"][1])

# "A longer warm-up gives a later and a lower top, and far beyond the top all schedules of one d_model are the same curve"
assert rate_now(8000, 512, 8000) < rate_now(4000, 512, 4000)
assert rate_now(15_000, 512, 4000) == rate_now(15_000, 512, 8000) > rate_now(15_000, 1024, 4000)

# "A list comprehension that makes a new block each time"
assert shallow == deep
own = nn.ModuleList([block_now(16, 2, 32, norm_first=True) for _ in range(12)])
assert weights_of(own) > 5 * shallow

# "With one shared table the base model has 63.1 million weights … the large one 214.3 … With three tables 101 million"
assert [round(base[tables] / 1e6, 1) for tables in (1, 2, 3)] == [63.1, 82.1, 101.0]
assert round(large / 1e6, 1) == 214.3 and abs(base[1] / 65e6 - 1) < 0.03 and abs(large / 213e6 - 1) < 0.03

# One seed repeated: BLEU as recorded, but for what another processor changes
record = seeds_of("06_transformer")
assert len(record) == 3
assert abs(mean(bleu_of) - mean(record[0]["bleu"])) < 6, (bleu_of, record[0]["bleu"])
assert history.losses[0] > 6 and sum(history.losses[-20:]) / 20 < 0.4

# "far ahead of chapter 3's one vector everywhere, and falls less with the length: by about eight points" – also in equal time
seq2seq = seeds_of("03_seq2seq")
for length in RANGES:
    best_of_theirs = max(run["bleu"][length] for run in seq2seq)
    assert min(run["bleu"][length] for run in record) > best_of_theirs + 20
    assert min(run["bleu_equal_time"][length] for run in record) > best_of_theirs + 20
transformer = means["bleu"]["Transformer (chapter 6)"]
one_vector = means["bleu"]["one vector (chapter 3)"]
assert 7.5 < transformer[0] - transformer[-1] < 8.5, transformer
assert 19 < one_vector[0] - one_vector[-1] < 21, one_vector
# "about a third as long again … about 370 instead of 500, which costs it three to eight points"
assert all(360 <= run["updates_equal_time"] <= 380 for run in record)
cost = [now - then for now, then in zip(transformer, means["bleu_equal_time"]["Transformer (chapter 6)"], strict=True)]
assert 2.5 < min(cost) and max(cost) < 8.5, cost
assert all(abs(run["parameters"] / PARAMETERS - 1) < 0.05 for run in record + seq2seq + seeds_of("04_attention"))

# "Against chapter 4 the lead is smaller, eight to nine points … in equal time eight in short ones and sixteen in the longest"
lead = {
    measure: [t - a for t, a in zip(of["Transformer (chapter 6)"], of["attention (chapter 4)"], strict=True)]
    for measure, of in means.items()
}
assert 7.5 < min(lead["bleu"]) and max(lead["bleu"]) < 9.5, lead
assert all(7.5 < gap < 8.5 for gap in lead["bleu_equal_time"][:2]) and 15.5 < lead["bleu_equal_time"][-1] < 16.5, lead
assert sum(lead["bleu_equal_time"]) > sum(lead["bleu"]), lead  # "chapter 4 loses more by it"

# "the sentence of this course comes out right"
assert {run["love"] for run in record} == {"i love you so much"} and english[:-1] == ["i", "love", "you", "so", "much"]

# "its row is bright at the last Korean word … you looks back to 너를"; on the right a word is lost, the order reversed
looks = {word: row.argmax().item() for word, row in zip(english, cross[-1][0].mean(0), strict=True)}
assert source[looks["love"]] == "사랑해" and source[looks["you"]] == "너를" and source[looks["i"]] == "나는"
rows_of = dict(zip(long_english, long_cross[-1][0].mean(0), strict=True))
on = {word: dict(zip(long_source, row.tolist(), strict=True)) for word, row in rows_of.items()}
assert "gentle" not in on and min(on["chicken"]["온순한"], on["chicken"]["닭은"]) > 0.25, on
assert on["did"]["않았어"] > 0.7 and on["run"]["달려가지"] > 0.7, on
assert min(on["not"]["달려가지"], on["not"]["않았어"]) > 0.25, on
assert max(on["field"], key=on["field"].get) == "들판으로", on

# "In the second one all four heads agree …: love looks at 사랑해, you at 너를. They differ in rows … such as much. And in the first block …"
first_looks, second_looks = (
    {word: {source[i] for i in of_head.argmax(-1).tolist()} for word, of_head in zip(english, block[0].transpose(0, 1), strict=True)}
    for block in cross
)
assert second_looks["love"] == {"사랑해"} and second_looks["you"] == {"너를"}, second_looks
assert "사랑해" in first_looks["love"] and len(first_looks["love"]) > 1, first_looks
assert len(second_looks["much"]) > 1, second_looks

# "At 0.01, post-norm without warm-up gets stuck at about 5 nats … at 0.003 … even better than with it"
for run in record:
    loss_of = run["warm_up"]
    assert 4.8 < loss_of["post-norm, no warm-up, 0.01"] < 5.2
    assert -0.4 < loss_of["post-norm, no warm-up, 0.003"] - loss_of["post-norm, warm-up, 0.003"] < 0
    assert loss_of["pre-norm, no warm-up, 0.01"] < loss_of["post-norm, warm-up, 0.01"]
    assert loss_of["pre-norm, no warm-up, 0.003"] < loss_of["pre-norm, warm-up, 0.003"]
# "With two seeds the warm-up cures that and saves 0.8 to 0.9 nats; with the third it does not help"
saved = sorted(run["warm_up"]["post-norm, no warm-up, 0.01"] - run["warm_up"]["post-norm, warm-up, 0.01"] for run in record)
assert abs(saved[0]) < 0.1 and 0.75 < saved[1] < saved[2] < 0.95, saved
assert max(run["warm_up"]["post-norm, warm-up, 0.01"] for run in record) > 4.8
# "Pre-norm hardly notices: with a warm-up it ends better by about 0.15 with two seeds, and a little worse with one"
gains = sorted(run["warm_up"]["pre-norm, no warm-up, 0.01"] - run["warm_up"]["pre-norm, warm-up, 0.01"] for run in record)
assert -0.1 < gains[0] < 0 and 0.12 < gains[1] < gains[2] < 0.18, gains
for name, end in ends.items():
    assert abs(end - record[0]["warm_up"].get(name, end)) < 0.3, name

# "The paper's schedule … does for post-norm what the warm-up does"
assert ends["post-norm, the paper's schedule, 0.01"] < ends["post-norm, no warm-up, 0.01"] - 0.4

# "both halves with all three seeds … their loss … is higher … BLEU gains nearly 4 points with two seeds, and about 1 …"
smoothing = [run["smoothing"] for run in record]
assert all(of["test loss"]["smoothed"] > of["test loss"]["plain"] + 0.03 for of in smoothing)
gained = sorted(of["bleu"]["smoothed"] - of["bleu"]["plain"] for of in smoothing)
assert 0.8 < gained[0] < 1.5 and 3.4 < gained[1] <= gained[2] < 4, gained
