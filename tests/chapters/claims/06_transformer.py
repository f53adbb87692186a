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

# "far ahead of chapter 3's one vector everywhere, and falls less with the length: by eleven points" – also in equal time
seq2seq = seeds_of("03_seq2seq")
for length in RANGES:
    best_of_theirs = max(run["bleu"][length] for run in seq2seq)
    assert min(run["bleu"][length] for run in record) > best_of_theirs + 20
    assert min(run["bleu_equal_time"][length] for run in record) > best_of_theirs + 20
transformer = means["bleu"]["Transformer (chapter 6)"]
one_vector = means["bleu"]["one vector (chapter 3)"]
assert 10 < transformer[0] - transformer[-1] < 12 < one_vector[0] - one_vector[-1], (transformer, one_vector)
assert all(310 <= run["updates_equal_time"] <= 330 for run in record)
cost = [now - then for now, then in zip(transformer, means["bleu_equal_time"]["Transformer (chapter 6)"], strict=True)]
assert 4.5 < min(cost) and max(cost) < 11.6, cost
assert all(abs(run["parameters"] / PARAMETERS - 1) < 0.05 for run in record + seq2seq + seeds_of("04_attention"))

# "Against chapter 4 the lead is smaller, six to twelve points; … it is as large on average in equal time"
lead = {
    measure: [t - a for t, a in zip(of["Transformer (chapter 6)"], of["attention (chapter 4)"], strict=True)]
    for measure, of in means.items()
}
assert 5.5 < min(lead["bleu"]) and max(lead["bleu"]) < 12.5 and min(lead["bleu_equal_time"]) > 5, lead
assert abs(sum(lead["bleu_equal_time"]) - sum(lead["bleu"])) / len(RANGES) < 0.5

# "the sentence of this course comes out right"
assert {run["love"] for run in record} == {"i love you so much"} and english[:-1] == ["i", "love", "you", "so", "much"]

# "its row is bright at the last Korean word … you looks back to 너를"; on the right the order is reversed
looks = {word: row.argmax().item() for word, row in zip(english, cross[-1][0].mean(0), strict=True)}
assert source[looks["love"]] == "사랑해" and source[looks["you"]] == "너를" and source[looks["i"]] == "나는"
long_looks = {word: row.argmax().item() for word, row in zip(long_english, long_cross[-1][0].mean(0), strict=True)}
said_of = {"gentle": "온순한", "chicken": "닭은", "did": "않았어", "not": "않았어", "run": "달려가지", "field": "들판으로"}
assert {word: long_source[long_looks[word]] for word in said_of} == said_of

# "In the second one all four heads agree …: love looks at 사랑해, you at 너를. They differ in rows … such as much. And in the first block …"
first_looks, second_looks = (
    {word: {source[i] for i in of_head.argmax(-1).tolist()} for word, of_head in zip(english, block[0].transpose(0, 1), strict=True)}
    for block in cross
)
assert second_looks["love"] == {"사랑해"} and second_looks["you"] == {"너를"}, second_looks
assert "사랑해" in first_looks["love"] and len(first_looks["love"]) > 1, first_looks
assert len(second_looks["much"]) > 1, second_looks

# "At 0.01, post-norm without warm-up falls behind in every seed, by 1.0 to 1.2 nats … at 0.003 … even better than with it"
for run in record:
    loss_of = run["warm_up"]
    for rate, low, high in (("0.01", 1.0, 1.2), ("0.003", -0.4, 0.0)):
        assert low < loss_of[f"post-norm, no warm-up, {rate}"] - loss_of[f"post-norm, warm-up, {rate}"] < high
    assert loss_of["pre-norm, no warm-up, 0.01"] < loss_of["post-norm, warm-up, 0.01"]
    assert loss_of["pre-norm, no warm-up, 0.003"] < loss_of["pre-norm, warm-up, 0.003"]
# "Pre-norm hardly notices: with a warm-up it ends better by about 0.1 with one seed, and a little worse with two"
gains = sorted(run["warm_up"]["pre-norm, no warm-up, 0.01"] - run["warm_up"]["pre-norm, warm-up, 0.01"] for run in record)
assert -0.1 < gains[0] < gains[1] < 0 and 0.08 < gains[2] < 0.13, gains
for name, end in ends.items():
    assert abs(end - record[0]["warm_up"].get(name, end)) < 0.3, name

# "The paper's schedule … does for post-norm what the warm-up does"
assert ends["post-norm, the paper's schedule, 0.01"] < ends["post-norm, no warm-up, 0.01"] - 0.4

# "the first half with all three seeds … their loss on unseen sentences … is higher … BLEU gains about 2 points with two seeds, and … nothing"
smoothing = [run["smoothing"] for run in record]
assert all(of["test loss"]["smoothed"] > of["test loss"]["plain"] + 0.03 for of in smoothing)
gained = sorted(of["bleu"]["smoothed"] - of["bleu"]["plain"] for of in smoothing)
assert 0 < gained[0] < 0.2 and 1.9 < gained[1] <= gained[2] < 2.3, gained
