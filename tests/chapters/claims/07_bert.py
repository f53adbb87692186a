"""What chapter 07 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "who also looks to the right is right more often, in both languages"
for language in ("english", "korean"):
    assert counted[language]["both"] > counted[language]["left"] + 0.08

# "About 15,000 are asked for, but only 12,000 become [MASK]; 1,500 become another word. The other 86,500 look untouched"
assert abs(outcome["asked for"] - 15_000) < 600 and abs(outcome["now [MASK]"] - 12_000) < 600
assert abs(outcome["now another word"] - 1_500) < 250 and abs(outcome["look untouched"] - 86_500) < 600

# "and worth nothing. The first model has learnt to copy"
assert sum(copying["nothing hidden"][-20:]) / 20 < 0.1 and of_gaps["nothing hidden"] < 0.05
assert sum(copying["15 % hidden"][-20:]) / 20 > 2 and of_gaps["15 % hidden"] > 0.2

# "in front of 먹었어 stand a watermelon, soup, a peach and rice; in front of 읽었어 a story, a poem and a book"
assert set(filled["나는 ___ 먹었어."]) == {"수박을", "수프를", "복숭아를", "밥을"}
assert list(filled["나는 ___ 읽었어."])[:3] == ["이야기를", "시를", "책을"]

# "after I love may come you or any of the village's people"
assert (
    "you" in filled["I love ___ so much."]
    and len(set(filled["I love ___ so much."]) & {"jiwoo", "taeho", "sujin"}) == 3
)

# "For the one child it knows was or is; for the children it gives is and was almost as much as are and were"
one, many = (filled[f"The {who} ___ playing in the park."] for who in ("child", "children"))
assert one["was"] + one["is"] > 0.9 and 0.7 < (many["is"] + many["was"]) / (many["are"] + many["were"]) < 1

# "About ten words in a hundred more than both neighbours in English, five in Korean"; "More is gained by looking right"
gained = {language: bert_share[language] - counted[language]["both"] for language in counted}
assert 0.08 < gained["english"] < 0.12 and 0.04 < gained["korean"] < 0.06
for language, shares in counted.items():
    assert shares["both"] - shares["left"] > gained[language]
    assert bert_share["korean"] < bert_share["english"] and counted["korean"]["both"] < counted["english"]["both"]

# "of the words that BERT knows, more than two in three are Korean"
assert sum(not word.isascii() for word in vocabulary.words) > 2 / 3 * len(vocabulary)

# "two of the four heads in the second block put more than 0.8 on it. The other two look at 텃밭에서, nobody at the farmer"
of_gap = {name: looks[1][0, :, gap, i].tolist() for i, name in enumerate(names)}
assert sum(w > 0.8 for w in of_gap["심었어"]) == sum(w > 0.8 for w in of_gap["텃밭에서"]) == 2
assert max(of_gap["농부는"]) < 0.1

# "Head 3: from the place, the gap and the verb alike it looks one word to the left"
assert all(looks[1][0, 3, i].argmax() == i - 1 for i in map(names.index, ("텃밭에서", "[MASK]", "심었어")))

# "with planted the guesses are potatoes, carrots, onions and radishes; with ate soup, plums, peaches and bread"
assert set(planted_or_eaten["심었어"]) == {"감자를", "당근을", "양파를", "무를"}
assert set(planted_or_eaten["먹었어"]) == {"수프를", "자두를", "복숭아를", "빵을"}

# "With 8 or 32 labels nobody does much better than a coin. With 128 the model from scratch leads in all three seeds;
# with 512 there is no winner. The frozen BERT never gets beyond 62 %"
assert len(runs) == 3
assert all(0.45 < value < 0.62 for way in WAYS for n in (8, 32) for value in over_seeds(way, "english", n))
leads = {
    n: [s > f for s, f in zip(over_seeds("from scratch", "english", n), over_seeds("fine-tuned", "english", n), strict=True)]
    for n in (128, 512)
}
assert all(leads[128]) and any(leads[512]) and not all(leads[512])
assert max(value for n in SIZES for value in over_seeds("frozen", "english", n)) < 0.62

# One number repeated: as recorded, but for what another processor changes
for way in WAYS:
    assert abs(accuracy(live[way], tests["english"]) - over_seeds(way, "english", 32)[0]) < 0.1, way

# "dirty fits as well as clean, and so the two have similar vectors, as have interesting and boring"
assert {word for word, _ in either} == {"dirty", "noisy", "peaceful", "clean"}
assert alike["clean", "dirty"] > alike["clean", "bread"] + 0.3
assert alike["interesting", "boring"] > alike["interesting", "bread"] + 0.3

# "every judge treats Korean ones like a coin, and the fine-tuned one gives nearly all of them the same answer"
assert all(0.42 < value < 0.53 for way in WAYS for value in over_seeds(way, "korean", 512))
praised = tests["korean"][2].float().mean().item()
assert all(
    min(abs(value - praised), abs(value - 1 + praised)) < 0.01 for value in over_seeds("fine-tuned", "korean", 512)
)

# "True. 109,482,240 … 110,106,428 … More than a fifth of all weights is that table"
assert list(base.values())[:2] == [109_482_240, 110_106_428]
assert 0.2 < base["its table of words alone"] / base["the model, with its pooler"] < 0.25

# The repair: with the mask the same review gets the same score
assert abs(alone - beside) > 1e-4
ids, lengths = padded([vocabulary.read(text) for text in (review, longer)], vocabulary.pad)
with torch.no_grad():
    one = judge(ids[:1, : lengths[0]], torch.ones(1, lengths[0], dtype=torch.bool))
    two = judge(ids, padding_mask(lengths, ids.shape[1]))
assert torch.allclose(one[0], two[0], atol=1e-4)
