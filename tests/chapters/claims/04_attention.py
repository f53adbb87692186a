"""What chapter 04 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

RANGE_NAMES = list(task.test)

# "Good English about the wrong people, and the longer the sentence, the more gets lost."
for run in chapter_3.values():
    assert run["love"] != village.LOVE.english.lower()
    assert run["kept"]["14–18"]["other"] < run["kept"]["3–6"]["other"] - 0.1

# "both translators have about 790,000 weights" – equal within 5 % – and the figure: looking wins everywhere
assert len(chapter_4) == 3
for seed, run in chapter_4.items():
    before = chapter_3[seed]
    assert abs(run["parameters"] / before["parameters"] - 1) < 0.05 and 780_000 < run["parameters"] < 800_000
    # "by 22 to 42 points of BLEU after equally many updates … in equal time … by 17 to 36"
    for name in RANGE_NAMES:
        assert 21.5 < run["bleu"][name] - before["bleu"][name] < 42.5
        assert 16.5 < run["bleu_equal_time"][name] - before["bleu"][name] < 36.6
    assert 350 <= run["updates_equal_time"] <= 400
    # "about four words in five even in the longest sentences, where one vector kept less than half"
    assert run["kept"]["14–18"]["other"] > 0.75 > 0.5 > before["kept"]["14–18"]["other"]
    # "longer sentences are still a little harder than short ones"
    assert run["bleu"]["14–18"] < run["bleu"]["3–6"]

# "with seed 1 our own sentence comes out as …"
assert [run["love"] for run in chapter_4.values()] == [
    "i love you so much",
    "i love the student was very",
    "i love you so much",
]

# "I love you so much", here and in the record
assert love == village.LOVE.english.lower()

# One seed repeated
again = summarize((model, history, [(UPDATES, scores), (UPDATES, scores)]))
assert again["parameters"] == chapter_4["0"]["parameters"]
for name, score in scores.items():
    assert abs(score - chapter_4["0"]["bleu"][name]) < 7, name

# "I looks at 나는, love jumps to 사랑해 at the end, and the rest goes back to the words between"
assert love_weights[0].argmax() == 0 and love_weights[1].argmax() == 3
assert all(1 <= row.argmax() <= 2 for row in love_weights[2:5])
assert love_weights[2, 2] > love_weights[2, 1]  # "you looks less at 너를 than at 매우"

# The explorer's sentences
for sentence in watched:
    draw_step(sentence, 3)

# The repair
assert leak > 0.01


def look_around_repaired(query, memory, mask):
    scores = multiplicative_scores_now(query, memory).masked_fill(mask == 0, -1e9)
    return scores.softmax(dim=-1) @ memory


repaired = look_around_repaired(query, padded_memory, torch.arange(7)[None, None] < 3)
torch.testing.assert_close(repaired, alone)

# "all of it is one matrix product … Each look but the first feels the nudge."
assert difference < 1e-5
assert moved[0] == 0 and all(value > 1e-6 for value in moved[1:])

# "True for about four words in five … The most common miss is the word after the partner"
assert 0.65 < shares["the partner"] < 0.9
assert offsets.most_common(2)[1][0] == 1
