"""What chapter 04 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

RANGE_NAMES = list(task.test)

# "Mostly good English about the wrong people, and the longer the sentence, the more gets lost."
for run in chapter_3.values():
    assert run["love"] != village.LOVE.english.lower()
    assert run["kept"]["14–18"]["other"] < run["kept"]["3–6"]["other"] - 0.1
    shares_kept = [run["kept"][name]["other"] for name in RANGE_NAMES]
    assert shares_kept == sorted(shares_kept, reverse=True)

# "both translators have about 790,000 weights" – equal within 5 % – and the figure: looking wins everywhere
assert len(chapter_4) == 3
for seed, run in chapter_4.items():
    before = chapter_3[seed]
    assert abs(run["parameters"] / before["parameters"] - 1) < 0.05 and 780_000 < run["parameters"] < 800_000
    # "by 25 to 42 points of BLEU after equally many updates … in equal time … by 19 to 33"
    for name in RANGE_NAMES:
        assert 24.5 < run["bleu"][name] - before["bleu"][name] < 42.5
        assert 18.5 < run["bleu_equal_time"][name] - before["bleu"][name] < 33.5
    assert 394 <= run["updates_equal_time"] <= 401
    # "about four words in five even in the longest sentences, where one vector kept less than half"
    assert run["kept"]["14–18"]["other"] > 0.75 > 0.5 > before["kept"]["14–18"]["other"]
    # "after ten times as many updates … about level up to six words, but still 6 points behind …, 11 … and 15"
    many = {name: mean_over_seeds(chapter_3, "bleu_after_5000")[i] for i, name in enumerate(RANGE_NAMES)}
    few = {name: mean_over_seeds(chapter_4, "bleu")[i] for i, name in enumerate(RANGE_NAMES)}
    assert [round(few[name] - many[name]) for name in RANGE_NAMES[1:]] == [6, 11, 15], (few, many)
    assert abs(few["3–6"] - many["3–6"]) < 2, (few, many)
    # "the longest sentences are still a little harder than the shortest"
    assert run["bleu"]["14–18"] < run["bleu"]["3–6"]

# "our own sentence comes out right with none of the three seeds. Two leave out so much, and one loves the grandfather."
said = sorted(run["love"] for run in chapter_4.values())
assert said == ["i love the grandfather so much", "i love you", "i love you"]
# "so much stands in only 135 of the 20,000 sentences and 너를 in only 36"
assert sum("so much" in " ".join(tokens(english)) for _, english in task.pairs) == 135 and len(task.pairs) == 20_000
assert sum("너를" in tokens(korean) for korean, _ in task.pairs) == 36

# "Our own sentence is about the right person, but its so much is missing"
assert love == "i love you"

# One seed repeated
again = summarize((model, history, [(UPDATES, scores), (UPDATES, scores)]))
assert again["parameters"] == chapter_4["0"]["parameters"]
for name, score in scores.items():
    assert abs(score - chapter_4["0"]["bleu"][name]) < 7, name

# "I looks at 나는, love jumps to 사랑해 …, and then the look goes back … you divides its look between 너를, 매우 and 사랑해; most
# of it is on 매우 … And where so much is due, 매우 is looked at again, though less than 너를"
assert love_weights[0].argmax() == 0 and love_weights[1].argmax() == 3
assert love_weights[2].argmax() == 2 and all(weight > 0.12 for weight in love_weights[2][1:])
assert love_weights[3].argmax() == 1 and love_weights[3][2] > 0.2

# "*farm* does not look at 농장에 but at 가서"; "*the musicians*, where both look most at 음악가들은 … *mountain* looks at 산에"
korean, english, weights = looks(task.test["10–13"][0][0])
most = [korean[row.argmax()] for row in weights]
assert english[:2] == ["the", "musicians"] and most[:2] == ["음악가들은"] * 2
row = weights[english.index("farm")]
assert row[korean.index("가서")] > 0.6 and row[korean.index("농장에")] < 0.25
korean, english, weights = looks(task.test["7–9"][0][0])
most = [korean[row.argmax()] for row in weights]
assert most[english.index("mountain") - 1 : english.index("mountain") + 1] == ["오르고", "산에"]

# The explorer's sentences
for sentence in watched:
    draw_step(sentence, 3)

# The repair
assert leak > 0.5


def look_around_repaired(query, memory, mask):
    scores = multiplicative_scores_now(query, memory).masked_fill(mask == 0, -1e9)
    return scores.softmax(dim=-1) @ memory


repaired = look_around_repaired(query, padded_memory, torch.arange(7)[None, None] < 3)
torch.testing.assert_close(repaired, alone)

# "all of it is one matrix product … Each look but the first feels the nudge."
assert difference < 1e-5
assert moved[0] == 0 and all(value > 1e-6 for value in moved[1:])

# "True for about three words in four … The most common miss is the word after the partner"
assert 0.68 < shares["the partner"] < 0.8
assert offsets.most_common(2)[1][0] == 1
