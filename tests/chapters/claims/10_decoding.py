"""What chapter 10 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

record = list(recorded("10_decoding")["seeds"].values())
assert len(record) == 3

# "The village's own texts seldom have four words twice; greedy does it about nine times as often"
for run in record:
    assert run["repeated"]["greedy"] > 5 * run["repeated"]["village"] and run["repeated"]["village"] < 0.05
assert 8 < levels["greedy"] / levels["village"] < 11

# "At a temperature of 1 … it repeats about as little as the village does. At 2 … English and Korean lie in one heap"
assert mean(map(repeated, drawn[1.0])) < 1.25 * levels["village"] < mean(map(repeated, drawn[0.3]))
assert "so he went to the market and bought ." in say(drawn[1.0][0][1:45])
hot = say(drawn[2.0][0][1:45])
assert any("가" <= letter <= "힣" for letter in hot) and any("a" <= letter <= "z" for letter in hot)

# "So a single word hardly ever comes from the tail, and still most stories have one that does"
assert tail_mass < 0.05 and clean_story < 0.5 and tail_words > 0.9 * len(words)

# "After *looked* a single word is enough; after *어느 날 농부는* about a hundred are possible. A $k$ of 101 …"
assert needed[PLACES[1]] == 1 and 80 < needed[PLACES[2]] < 125
# "after *다음 날 농부는 당근에* it is nearly always 물을"
assert next_scores(PLACES[3])[0].softmax(-1)[words.ids["물을"]] > 0.8

# "At a temperature of 1 … it leaves six words …; then nine tenths take hundreds of words, and it is $k$ that cuts"
assert (what_is_left() > 0).sum() == 6
assert (what_is_left(temperature=3.0, k=len(words)) > 0).sum() > 200
assert 20 < (what_is_left(temperature=3.0) > 0).sum() <= 40

# "Here is the price of cutting": the smaller the nucleus, the more it repeats; at 0.9 as little as the village
for shares in [list(by_p.values()), *(list(run["by p"].values()) for run in record)]:
    assert shares[0] > 2.5 * shares[-2] and shares[0] > shares[1] > shares[2] > shares[-2]
    assert max(shares[-2:]) < 2 * levels["village"]

# "Of the village's words about one in five had less than 10 %"; greedy's far less often
assert max(0.18, 2 * rare["greedy"]) < rare["village"] < 0.23

# "hardly a run of four comes twice, or none at all … the village's texts have it more often"
assert mean(map(repeated, repaired["penalty 1.5"])) < 0.02 and mean(map(repeated, repaired["no run of 4 twice"])) == 0
assert the_share["village"] > 1.2 * the_share["penalty 1.5"]

# "Say the first word is A (0.6) or B (0.4) … Greedy says A and ends with 0.2; B would have had 0.36"
assert round(0.6 * 0.33, 1) == 0.2 and round(0.4 * 0.9, 2) == 0.36

# "The Korean winner … really missed the gardener; in the others the farmer is hungry or bored"
alive, found = trees["<이야기> 어느 날 농부는"]
assert say(found[0][1]) == "정원사를 정말 그리워했다 ."
assert {say(text) for _, text in found[1:]} == {"정말 배고팠다 .", "매우 심심했다 .", "너무 심심했다 ."}

# The four ways: "more probable, and they run in circles as greedy does … the village's own texts far less probable"
for run in record:
    assert min(run["log p"]["4 beams"], run["log p"]["greedy"]) > run["log p"]["village"] + 0.4
    assert run["repeated"]["4 beams"] > 4 * run["repeated"]["village"]
assert table["4 beams"][0] > table["greedy"][0] > table["village"][0] + 0.4
assert abs(table["p = 1"][0] - table["village"][0]) < 0.25 and table["4 beams"][1] > 4 * levels["village"]

# "greedy and beam search repeat 22 to 40 % …, and the village one in 24 … from 0.9 on at its level or a little below"
for run in record:
    assert all(0.215 < run["repeated"][way] < 0.405 for way in ("greedy", "4 beams"))
    assert 1 / 24.5 < run["repeated"]["village"] < 1 / 23.5
    assert all(-0.015 < run["by p"][p] - run["repeated"]["village"] < 0.005 for p in ("0.9", "1.0"))
assert {100 - run["found"]["8"] for run in record} == {21, 37, 47}
shares = [run["repeated"][way] for run in record for way in ("greedy", "4 beams")]
assert (round(100 * min(shares)), round(100 * max(shares))) == (22, 40)

# "With every seed four beams find more probable texts than greedy, by about 0.1 to 0.2 nats a word"
ahead = [run["log p"]["4 beams"] - run["log p"]["greedy"] for run in record]
assert min(ahead) > 0.05 and max(ahead) < 0.25

# "95 % or more of the texts fit theirs; of English praise and complaint, the hardest, 80 to 100 %"
for run in record:
    assert all(share >= 0.95 for code, share in run["obeyed"].items() if code not in ("<praise>", "<complaint>"))
    assert all(0.79 < run["obeyed"][code] <= 1 for code in ("<praise>", "<complaint>"))
assert all(share > 0.5 for share in obeyed.values())

# "More beams find more, but none of these widths finds them all"; "33 to 38 % shorter than the village's"
for found, length in [(found_best, lengths), *((run["found"], run["lengths"]) for run in record)]:
    counts = list(found.values())
    assert counts == sorted(counts) and counts[-1] < 100
    margin = 0 if length is not lengths else 3  # another processor
    assert 33 - margin <= round(100 * (1 - length["most probable"] / length["village"])) <= 38 + margin
assert missed[0] > 0.05

# One seed repeated: as recorded, but for what another processor changes
assert abs(table["greedy"][0] - record[0]["log p"]["greedy"]) < 0.25
assert abs(found_best[4] - record[0]["found"]["4"]) < 20
assert all(abs(obeyed[code] - share) < 0.35 for code, share in record[0]["obeyed"].items())

# "the Korean book is *quite interesting*, and *I will read it again*; or *not interesting*, and *I will not*"
begun = list(SAME)[1]
for code, end in (
    ("<칭찬>", "꽤 재미있었어요 . 저는 이 책을 다시 읽을 거예요 ."),
    ("<불평>", "재미있지 않았어요 . 저는 이 책을 다시는 읽지 않을 거예요 ."),
):
    start, limit = torch.tensor([words.encode([code, *begun.split()])]), {"max_length": 20, "eos": words.eos}
    [text] = write(model, start, lambda z, ids: z.argmax(-1), **limit)
    assert say(text).removeprefix(f"{code} {begun} ").startswith(end), say(text)

# "The judge itself errs"
assert 0.9 < judge_right < 1
