"""What chapter 10 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

record = list(recorded("10_decoding")["seeds"].values())
assert len(record) == 3

# "The village's own texts seldom have four words twice; greedy does it about ten times as often"
for run in record:
    assert run["repeated"]["greedy"] > 9 * run["repeated"]["village"] and run["repeated"]["village"] < 0.05
assert 9 < levels["greedy"] / levels["village"] < 12

# "At a temperature of 1 … it repeats about as little as the village does. At 2 … English and Korean lie in one heap"
assert mean(map(repeated, drawn[1.0])) < 2 * levels["village"] < mean(map(repeated, drawn[0.3]))
assert "he locked the rice" in say(drawn[1.0][0][1:45])
hot = say(drawn[2.0][0][1:45])
assert any("가" <= letter <= "힣" for letter in hot) and any("a" <= letter <= "z" for letter in hot)

# "So a single word hardly ever comes from the tail, and still most stories have one that does"
assert tail_mass < 0.05 and clean_story < 0.5 and tail_words > 0.9 * len(words)

# "After *looked* a single word is enough; after *어느 날 농부는* dozens are possible. A $k$ of 61 …"
assert needed[PLACES[1]] == 1 and 50 < needed[PLACES[2]] < 75
# "after *정원에서 당근에* it is nearly always 물을"
assert next_scores(PLACES[3])[0].softmax(-1)[words.ids["물을"]] > 0.8

# "At a temperature of 1 … it leaves seven words …; then nine tenths take hundreds of words, and it is $k$ that cuts"
assert (what_is_left() > 0).sum() == 7 and needed[PLACES[0]] == 8
assert (what_is_left(temperature=3.0, k=len(words)) > 0).sum() > 200
assert 20 < (what_is_left(temperature=3.0) > 0).sum() <= 40

# "Here is the price of cutting": the smaller the nucleus, the more it repeats; at 0.9 as little as the village
for shares in [list(by_p.values()), *(list(run["by p"].values()) for run in record)]:
    assert shares[0] > 3 * shares[-2] and shares[0] > shares[1] > shares[2] > shares[-2]
    assert max(shares[-2:]) < 2 * levels["village"]

# "Of the village's words more than one in five had less than 10 %"; greedy's far less often
assert rare["village"] > max(0.2, 2 * rare["greedy"])

# "hardly a run of four comes twice, or none at all … the village's texts have it more often"
assert mean(map(repeated, repaired["penalty 1.5"])) < 0.02 and mean(map(repeated, repaired["no run of 4 twice"])) == 0
assert the_share["village"] > 1.2 * the_share["penalty 1.5"]

# "Say the first word is A (0.6) or B (0.4) … Greedy says A and ends with 0.2; B would have had 0.36"
assert round(0.6 * 0.33, 1) == 0.2 and round(0.4 * 0.9, 2) == 0.36

# "The Korean winner … carefully planted onions in the garden; the others walk to the market or the park, or plant …"
alive, found = trees["<이야기> 어느 날 농부는"]
assert say(found[0][1]) == "정원에 양파를 조심스럽게 심었다 ."
assert {tuple(say(node).split()[:2]) for node in alive if len(node) > 1} == {
    ("정원에", "양파를"), ("시장으로", "걸어갔다"), ("공원으로", "걸어갔다"), ("들판에", "고구마를")
}  # fmt: skip

# The four ways: "more probable, and they run in circles as greedy does … the village's the least probable"
for run in record:
    assert min(run["log p"]["4 beams"], run["log p"]["greedy"]) > run["log p"]["village"] + 0.4
    assert run["repeated"]["4 beams"] > 4 * run["repeated"]["village"]
assert table["4 beams"][0] > table["greedy"][0] > table["village"][0] + 0.4
assert abs(table["p = 1"][0] - table["village"][0]) < 0.25 and table["4 beams"][1] > 4 * levels["village"]

# "greedy and beam search repeat 33 to 58 % …, and the village one in 28 … from 0.9 on at the level of the village"
for run in record:
    assert all(0.325 < run["repeated"][way] < 0.585 for way in ("greedy", "4 beams"))
    assert 1 / 29 < run["repeated"]["village"] < 1 / 27
    assert all(abs(run["by p"][p] - run["repeated"]["village"]) < 0.01 for p in ("0.9", "1.0"))
assert {100 - run["found"]["8"] for run in record} == {8, 18, 22}
shares = [run["repeated"][way] for run in record for way in ("greedy", "4 beams")]
assert (round(100 * min(shares)), round(100 * max(shares))) == (33, 58)

# "With the first two seeds four beams find clearly more probable texts than greedy, with the third …: the two are level"
ahead = [run["log p"]["4 beams"] - run["log p"]["greedy"] for run in record]
assert min(ahead[:2]) > 0.05 and abs(ahead[2]) < 0.01

# "95 % or more of the texts fit theirs; of English praise and complaint, the hardest, 78 to 98 %"
for run in record:
    assert all(share >= 0.95 for code, share in run["obeyed"].items() if code not in ("<praise>", "<complaint>"))
    assert all(0.77 < run["obeyed"][code] < 0.98 for code in ("<praise>", "<complaint>"))
assert all(share > 0.5 for share in obeyed.values())

# "More beams find more, but none of these widths finds them all"; "16 to 30 % shorter than the village's"
for found, length in [(found_best, lengths), *((run["found"], run["lengths"]) for run in record)]:
    counts = list(found.values())
    assert counts == sorted(counts) and counts[-1] < 100
    assert 16 <= round(100 * (1 - length["most probable"] / length["village"])) <= 30
assert missed[0] > 0.05

# One seed repeated: as recorded, but for what another processor changes
assert abs(table["greedy"][0] - record[0]["log p"]["greedy"]) < 0.25
assert abs(found_best[4] - record[0]["found"]["4"]) < 20
assert all(abs(obeyed[code] - share) < 0.35 for code, share in record[0]["obeyed"].items())

# "the Korean book is *quite interesting*, and *I will read it again*; or *a little strange*, and *I will not*"
begun = list(SAME)[1]
for code, end in (
    ("<칭찬>", "꽤 재미있었어요 . 저는 이 책을 다시 읽을 거예요 ."),
    ("<불평>", "조금 이상했어요 . 저는 이 책을 다시는 읽지 않을 거예요 ."),
):
    start, limit = torch.tensor([words.encode([code, *begun.split()])]), {"max_length": 20, "eos": words.eos}
    [text] = write(model, start, lambda z, ids: z.argmax(-1), **limit)
    assert say(text).removeprefix(f"{code} {begun} ").startswith(end), say(text)

# "The judge itself errs"
assert 0.9 < judge_right < 1
