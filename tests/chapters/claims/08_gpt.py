"""What chapter 08 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

import math

# "Every three words in a row are fine … in each sentence somebody else appears. The village's own … one or two people"
told_triples = {triple for text in texts["train"] for triple in zip(text, text[1:], text[2:], strict=False)}
drawn_triples = [triple for text in drawn for triple in zip(text, text[1:], text[2:], strict=False)]
assert sum(triple in told_triples for triple in drawn_triples) > 0.99 * len(drawn_triples)
assert 1 <= people["the village"] <= 2 and people["trigram"] > 2 * people["the village"]

# "1 + 2 + … + 100 = 5050 words, against 100 … half a million against a thousand"
assert reads == {10: [55, 10], 100: [5050, 100], 1000: [500_500, 1000]}

# "A difference of 0.0005": the largest one, and the other GELU is below it everywhere
assert 0.0004 < largest < 0.0005

# "373 words … about log 373 = 5.92"
assert len(vocabulary) == 373 and abs(untrained - math.log(373)) < 0.1 and round(math.log(373), 2) == 5.92
assert abs(history.losses[0] - math.log(373)) < 0.2

# "No word looks ahead": padding behind a text changes nothing
with torch.no_grad():
    text = torch.tensor([numbered["test"][0]])
    padded = small(nn.functional.pad(text, (0, 5)))[:, :-5]
    assert torch.allclose(small(text), padded, atol=1e-5)

# "far ahead with every seed: 3.4 to 3.5 against 6.3 … Counting does best with n = 3"; the live run is seed 0
assert len(runs) == 3
for run in runs:
    assert 3.35 < run["gpt"]["test"] < 3.55 and 6.25 < run["ngram"]["test"] < 6.35 and run["ngram"]["n"] == 3
    assert run["ngram"]["alpha"] == 1e-3  # neither the smallest nor the largest that was tried
assert abs(live - runs[0]["gpt"]["test"]) < 0.3 and len(history) == 300

# "for 16 words it is about twofold at most, for 256 about fourfold at least, in each of the three recordings"
for run in runs:
    gain = {n: run["words_a_second"]["with a cache"][n] / run["words_a_second"]["without"][n] for n in LENGTHS}
    assert gain["16"] < 2.3 and gain["16"] < gain["64"] < gain["256"] and gain["256"] > 3.8

# "some 4.7 MB in 16 bits; a text of 2048 words takes almost 10 GB"
kept = 2 * family["GPT-3"].layers * family["GPT-3"].d_model
assert round(2 * kept / 1e6, 1) == 4.7 and 9.5e9 < 2 * kept * 2048 < 10e9

# "740,480 weights, three blocks"
assert count_now(writer.config) == sum(p.numel() for p in writer.parameters()) == 740_480 and len(writer.blocks) == 3

# "each story comes to an end … in about one story of ten a word of the other language … the cast is still too large"
assert max(map(len, english + korean)) < 105 and all(3 <= strange <= 15 for strange in strangers.values())
assert people["the village"] + 0.4 < people["GPT"] < people["trigram"] - 0.8
assert english[0].count("teacher") == 5 and PEOPLE & set(english[0]) == {"teacher"}

# "all four heads look at hungry, six places back"
assert shown.index("hungry") == len(shown) - 7 and not any(layer.triu(1).any() for layer in looking)
assert all(head[-1].argmax() == shown.index("hungry") and head[-1].max() > 0.8 for head in looking[1][0])

# "Who is hungry goes to the market, and the model is sure … Who is bored may go anywhere"; "In Korean it is the same"
hungry, bored, 배고팠다, 심심했다 = sureness.values()
assert hungry["market"] > 0.98 and 배고팠다["시장에"] > 0.98
assert max(bored.values()) < 0.2 and max(심심했다.values()) < 0.2

# "by a factor of 12.5, from XL to GPT-3 by 112"; what is built has as many as were counted; the claims
assert round(sizes["GPT-2 XL"] / sizes["GPT-2 small"], 1) == 12.5 and round(sizes["GPT-3"] / sizes["GPT-2 XL"]) == 112
assert built == {name: sizes[name] for name in built} == {"GPT-2 small": 124_439_808, "GPT-3": 174_604_259_328}
assert round(2 * built["GPT-3"] / 1e9, -1) == 350

# The repair: what is read twice is written otherwise; with the new word alone they agree
assert not torch.equal(slow, fast)


def repaired(model, ids, new):
    logits, state = model.step(ids)
    for _ in range(new):
        ids = torch.cat([ids, logits.argmax(-1, keepdim=True)], dim=1)
        logits, state = model.step(ids[:, -1:], state)
    return ids


assert torch.equal(repaired(writer, prompt, 8)[0], slow)
