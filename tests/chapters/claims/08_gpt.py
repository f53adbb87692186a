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

# "The GPT is ahead with every seed"
assert len(runs) == 3
for run in runs:
    print(run)
