"""What chapter 15 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "So it is not that simple"; "The lessons have made up a good part of what was lost"
assert named["both blocks"] - named["the second cut off"] > 0.12
assert share_named(taught) > named["the second cut off"] + 0.05

# "a fifth in the table of words, and almost all others in twelve blocks"
assert abs(parts["BERT-base"]["table"] / berts["base"] - 0.2) < 0.02
assert (parts["BERT-base"]["table"] + parts["BERT-base"]["blocks"]) / berts["base"] > 0.98

# "Exactly as many"
assert depths[12] == depths[24] == 11_683_584

# "7.5 %, not 15 %"; "most words are original"
assert abs(share_replaced["half right"] - 0.075) < 0.01 and share_replaced["our BERT"] < 0.1

# "the same words give the same scores wherever they stand"; "the row of each dog is the row of the one before, shifted"
for name in ("word to word", "word to place", "place to word"):
    term = terms[name][0, 0]
    torch.testing.assert_close(term[:5, :5], term[3:, 3:])  # three words later, the same text
    if name == "word to word":
        torch.testing.assert_close(term[:5], term[3:])
assert not torch.allclose(terms["word to place"][0, 0][:5], terms["word to place"][0, 0][3:])

# "Subtract what all have in common, and the rest says what a text is about. With states it works less well"
assert by_vectors["table, means subtracted"] > 0.9 > 0.6 > by_vectors["table"]
assert by_vectors["states, means subtracted"] < by_vectors["table, means subtracted"] - 0.2

# "9.4 times apart"; "exactly the work of BERT-large"; "two thirds of BERT-large's weights, and eight times its work"
assert berts["large"] == 335_141_888 and alberts["large"] == 17_683_968
assert round(berts["base"] / alberts["base"], 1) == 9.4 and round(berts["large"] / alberts["large"], 2) == 18.95
assert work["large"] == matrix_work(1024, 4096, 24) and work["xxlarge"] / work["large"] == 8
assert alberts["xlarge"] == 58_724_864 and alberts["xxlarge"] == 222_595_584
assert abs(alberts["xxlarge"] / berts["large"] - 2 / 3) < 0.01

# "Four fifths of what ALBERT-base saves, it saves by the shared block"
assert abs(saved["by sharing the block"] / sum(saved.values()) - 0.8) < 0.02

# "39.4 % fewer weights, true; and the reason is false"
assert distil == 66_362_880 and round(1 - distil / berts["base"], 3) == 0.394 and not in_common

# "Nothing at all: no gradient goes through a draw"
assert all(gradient is None for gradient in heard)

# "True of widths, not of weights"; "the small generator that was released is as wide as its judge"
assert list(electra.values()) == [13_483_008, 108_891_648, 334_092_288, 4_620_026, 13_546_682, 33_740_602, 51_295_290]
assert electra["generator, small, as released"] > electra["judge, small"]

# "more than half of its weights are a table for 128,100 words"
assert deberta == 138_601_728 and third_version == 183_831_552 and 128_100 * 768 / third_version > 0.5

# "The first number looks like success, and is none"
assert judged_now["anywhere"] > 0.65 and abs(judged_now["at its place"] - 0.5) < 0.08

# "comes out for about half of the reviews, also where the judge was never asked about that name in training"
assert 0.4 < by_judge["asked before"] < 0.6 and 0.4 < by_judge["new"] < 0.6

# "the cosine, which cost nothing, does better. And of denied opposites neither gets hold"
for run in runs:
    assert run["things"]["table, means subtracted"] > 0.9 > 0.75 > max(run["things by the judge"].values())
    assert run["opposites"]["cosine, said"] > run["opposites"]["judge, said"]
    assert max(run["opposites"]["cosine, denied"], run["opposites"]["judge, denied"]) <= 0.5

# "50 to 51 % … 23 to 24 %"; "in each of the six comparisons … about four in a hundred fewer"; "None reaches the teacher's"
low_high = {way: (min(values), max(values)) for way, values in students.items()}
assert 0.495 < low_high["copied · all three"][0] and low_high["copied · all three"][1] < 0.515
assert 0.225 < low_high["random · all three"][0] and low_high["random · all three"][1] < 0.245
gains = [a - b for start in ("copied", "random")
         for a, b in zip(students[f"{start} · all three"], students[f"{start} · the text"], strict=True)]  # fmt: skip
assert all(0.02 < gain < 0.06 for gain in gains) and len(gains) == 6
assert low_high["copied · all three"][1] < named["both blocks"] - 0.05
assert abs(share_named(taught) - students["copied · all three"][0]) < 0.03  # as recorded, but for another processor

# "does not tell the replaced word from the original at its place"; "94 to 95"; "44 to 55 %", "20 to 73 %"
for run in runs:
    assert abs(run["ELECTRA's judge"]["at its place"] - 0.5) < 0.05
    assert 0.935 < run["things"]["table, means subtracted"] < 0.955
    assert 0.435 < run["things by the judge"]["asked before"] < 0.555 and 0.195 < run["things by the judge"]["new"] < 0.735
