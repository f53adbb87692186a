"""What chapter 08 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

import math
import tempfile

import transformers
from tokenizers import Tokenizer, models, pre_tokenizers

# "Every three words in a row are fine … a carpenter, a blacksmith and a postman come and go, the first two …"
told_triples = {triple for text in texts["train"] for triple in zip(text, text[1:], text[2:], strict=False)}
drawn_triples = [triple for text in drawn for triple in zip(text, text[1:], text[2:], strict=False)]
assert sum(triple in told_triples for triple in drawn_triples) > 0.99 * len(drawn_triples)
assert PEOPLE & set(drawn[0]) == {"carpenter", "blacksmith", "postman"}
assert all(drawn[0][drawn[0].index(person) + 1] == "." for person in ("carpenter", "blacksmith"))
# "The village's own stories have one or two people"
assert 1 <= people["the village"] <= 2 and people["trigram"] > 2 * people["the village"]

# "1 + 2 + … + 100 = 5050 words, against 100 … half a million against a thousand"
assert reads == {10: [55, 10], 100: [5050, 100], 1000: [500_500, 1000]}

# "A difference of 0.0005": the largest one, and the other GELU is below it everywhere
assert 0.0004 < largest < 0.0005

# "366 words … about log 366 = 5.90"
assert len(vocabulary) == 366 and abs(untrained - math.log(366)) < 0.1 and round(math.log(366), 2) == 5.90
assert abs(history.losses[0] - math.log(366)) < 0.2

# "No word looks ahead": padding after a text changes nothing
with torch.no_grad():
    text = torch.tensor([numbered["test"][0]])
    padded = small(nn.functional.pad(text, (0, 5)))[:, :-5]
    assert torch.allclose(small(text), padded, atol=1e-5)

# "comes down from 6.1 to 3.5 or 3.6, and the GPT … to between 3.1 and 3.3"; "all three models pay … 3.5 to 3.8 nats"
assert len(runs) == 3
for run in runs:
    count, window, gpt = run["counting"], run["four words"], run["GPT"]
    assert 6.05 < count["perplexity"] < 6.15 and count["n"] == 3
    assert count["alpha"] == 1e-2  # neither the smallest nor the largest that was tried
    assert 3.45 < window["1000"]["perplexity"] < 3.65 and 3.1 < gpt["300"]["perplexity"] < 3.3
    assert all(3.5 < found["heroes"] < 3.85 for found in (count, window["1000"], gpt["300"]))

    # "The network gets worse … The GPT … between 2.2 and 2.4, and the heroes, 3.5 to 3.7 before, cost 0.5 to 1.7"
    assert window["4000"]["perplexity"] > window["1000"]["perplexity"] + 0.02
    assert window["4000"]["heroes"] > window["1000"]["heroes"] + 0.1
    assert 2.2 < gpt["1200"]["perplexity"] < 2.4
    assert 3.5 < gpt["300"]["heroes"] < 3.7 and 0.5 < gpt["1200"]["heroes"] < 1.75 < 3 < window["4000"]["heroes"]
# "with one of the three seeds only a little"
worse = [run["four words"]["4000"]["perplexity"] - run["four words"]["1000"]["perplexity"] for run in runs]
assert sum(more > 0.1 for more in worse) == 2

# One seed repeated, briefly; "four words, embedded": chapter 0's network has a table, two layers and a tanh between them
for name, steps in (("four words", "1000"), ("GPT", "300")):
    for what, close in (("perplexity", 0.3), ("heroes", 0.4)):
        assert abs(live[name][what] - runs[0][name][steps][what]) < close, (name, what)
assert len(history) == 300 and again.sum() > 400

# "for 16 words it is less than 2×, for 256 more than 10×, in each of the three recordings"
for run in runs:
    gain = {n: run["words_a_second"]["with a cache"][n] / run["words_a_second"]["without"][n] for n in LENGTHS}
    assert gain["16"] < 2 and gain["16"] < gain["64"] < gain["256"] and gain["256"] > 10

# "some 4.7 MB in 16 bits; a text of 2048 words takes almost 10 GB"
kept = 2 * family["GPT-3"].layers * family["GPT-3"].d_model
assert round(2 * kept / 1e6, 1) == 4.7 and 9.5e9 < 2 * kept * 2048 < 10e9

# "741,504 weights, three blocks"
assert count_now(writer.config) == sum(p.numel() for p in writer.parameters()) == 741_504 and len(writer.blocks) == 3

# "each story comes to an end … in about one story of ten a word of the other language … the cast is still too large"
assert max(map(len, english + korean)) < 105 and all(5 <= strange <= 15 for strange in strangers.values())
assert people["the village"] + 0.8 < people["GPT"] < people["trigram"] - 0.4
assert people["trigram"] - people["GPT"] < people["GPT"] - people["the village"]  # "nearer to the trigram's"
# "in the second story here a girl goes to the farm, he loses a clock, a painter …, a nurse …, a librarian …, a doctor"
assert [word for word in english[1] if word in PEOPLE] == ["girl", "painter", "nurse", "librarian", "doctor", "doctor"]
assert "the girl went to the farm . he lost a clock" in " ".join(english[1])
# "Each of the two Korean stories keeps to its two people"
in_korean = {noun.korean for noun in lexicon.NAMES + lexicon.PEOPLE}
for story in korean[:2]:
    assert sum(any(word.startswith(person) for word in story) for person in in_korean) == 2

# "head 0 looks at girl, and head 2 at hungry, six places back. The other two look at went more than at any other word"
assert shown.index("hungry") == len(shown) - 7 and not any(layer.triu(1).any() for layer in looking)
bottom = looking[0][0][:, -1]
assert [shown[i] for i in bottom.argmax(-1)] == ["girl", "went", "hungry", "went"]
assert bottom[::2].amax(-1).min() > 0.8 and bottom[1::2].amax(-1).min() > 0.4

# "In the first block most weights are spread …; in the other two more rows have a single bright place"
began = ["<bos>", *village.tokens("어느 날 소녀는 배고팠다. 그래서 시장에")]
rows_of = attention_weights(writer, torch.tensor([ids_of(" ".join(began[1:]))]))
brightest = [layer[0, :, 1:].amax(-1).mean() for layer in rows_of]
assert brightest[0] < 0.55 < 0.65 < min(brightest[1:])
# "in the last two rows … the first block's head 2 puts most of its weight on 배고팠다"; "it was the same head"
assert began[-2:] == ["그래서", "시장에"] and rows_of[0][0, 2, -2:, began.index("배고팠다")].min() > 0.5
assert bottom[2, shown.index("hungry")] > 0.8

# "The hungry go to the market, and the model is sure … The bored may go anywhere"; "In Korean it is the same"
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

# "a folder that holds such a model": your class goes on with a text as Hugging Face's does
with tempfile.TemporaryDirectory() as folder:
    pieces = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    pieces.pre_tokenizer = pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(tokenizer_object=pieces, unk_token="<unk>").save_pretrained(folder)
    sizes_of_theirs = {"vocab_size": len(words), "n_positions": 64, "n_embd": 24, "n_layer": 2, "n_head": 3}
    torch.manual_seed(0)
    theirs = transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes_of_theirs, initializer_range=0.5)).eval()
    theirs.save_pretrained(folder)
    asked = pieces.encode("the farmer").ids
    expected = theirs.generate(
        torch.tensor([asked]), attention_mask=torch.ones(1, 2), max_new_tokens=5, min_new_tokens=5, do_sample=False,
        pad_token_id=0,
    )  # fmt: skip
    assert hub_story(folder, "the farmer", new=5) == transformers.AutoTokenizer.from_pretrained(folder).decode(expected[0])
