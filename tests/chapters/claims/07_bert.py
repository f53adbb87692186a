"""What chapter 07 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

import tempfile
from pathlib import Path

import transformers

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

# "sure of grammar: the, to and the full stop get 96 % and more … sure and wrong: for door it says weather, nearly 90 %"
for text, word, low in (
    ("The baker gave ___ bread to the hungry child .", None, 0.0), ("___ baker gave the bread .", "the", 0.9),
    ("The baker gave the bread ___ the hungry child .", "to", 0.95), ("The dog ran away because the ___ was open .", "weather", 0.85),
):  # fmt: skip
    ((best, p), *_), *_ = guesses(model, vocabulary, text, k=1)
    assert best == word and p > low if word else p < 0.3, (text, best, p)

# "two of the four heads in the second block put more than 0.8 on it. The other two look at 텃밭에서, nobody at the farmer"
of_gap = {name: looks[1][0, :, gap, i].tolist() for i, name in enumerate(names)}
assert sum(w > 0.8 for w in of_gap["심었어"]) == sum(w > 0.8 for w in of_gap["텃밭에서"]) == 2
assert max(of_gap["농부는"]) < 0.1

# "Head 3: from the place, the gap and the verb alike it looks one word to the left"
assert all(looks[1][0, 3, i].argmax() == i - 1 for i in map(names.index, ("텃밭에서", "[MASK]", "심었어")))

# "with planted the guesses are potatoes, carrots, onions and radishes; with ate soup, plums, peaches and bread"
assert set(planted_or_eaten["심었어"]) == {"감자를", "당근을", "양파를", "무를"}
assert set(planted_or_eaten["먹었어"]) == {"수프를", "자두를", "복숭아를", "빵을"}

# "With 32 labels nobody does much better than a coin. With 128 both … about four times in five … no difference"
assert len(runs) == 3
assert all(0.45 < value < 0.68 for way in RATES for value in over_seeds(way, "english", 32))
both = {
    n: list(zip(over_seeds("fine-tuned", "english", n), over_seeds("from scratch", "english", n), strict=True)) for n in (128, 512)
}
assert all(0.7 < value < 0.88 for pair in both[128] for value in pair)
assert abs(sum(f - s for f, s in both[128]) / 3) < 0.05
# "With 512 the pre-trained one is ahead, in all three seeds"; "The frozen BERT … never gets beyond"
assert all(f > s + 0.02 for f, s in both[512]), both[512]
# "96 to 98 % against 88 to 94 %. It makes about a third of the other's mistakes"
assert [[round(100 * share) for share in sorted(of)[::2]] for of in zip(*both[512], strict=True)] == [[96, 98], [88, 94]]
assert all(0.25 < (1 - f) / (1 - s) < 0.42 for f, s in both[512])
assert max(value for n in SIZES for value in over_seeds("frozen", "english", n)) < 0.635

# "After 100 updates the two are nearly alike … It is the next 500 updates that part them"
brief = {way: accuracy(live[way], tests["english"]) for way in RATES}
assert abs(brief["fine-tuned"] - brief["from scratch"]) < 0.05
assert over_seeds("fine-tuned", "english", 512)[0] > brief["fine-tuned"] + 0.03
assert over_seeds("from scratch", "english", 512)[0] < brief["from scratch"] + 0.04

# "dirty fits as well as clean, and so the two have similar vectors, as have interesting and boring"
assert {word for word, _ in either} == {"dirty", "noisy", "peaceful", "clean"}
assert alike["clean", "dirty"] > alike["clean", "bread"] + 0.3
assert alike["interesting", "boring"] > alike["interesting", "bread"] + 0.3

# "every judge treats Korean ones like a coin, and the fine-tuned one gives nearly all of them the same answer"
assert all(0.42 < value < 0.55 for way in RATES for value in over_seeds(way, "korean", 512))
praised = tests["korean"][2].float().mean().item()
assert all(
    min(abs(value - praised), abs(value - 1 + praised)) < 0.01 for value in over_seeds("fine-tuned", "korean", 512)
)

# "True. 109,482,240 … 110,106,428 … More than a fifth of all weights is that table"
assert list(base.values())[:2] == [109_482_240, 110_106_428]
assert 0.2 < base["its table of words alone"] / base["the model, with its pooler"] < 0.25

# "The model is right about nearly nine pairs in ten, and each of the rules about three in four"
assert len(rows) > 500 and 0.85 < next_right["BERT"] < 0.92
assert all(0.7 < next_right[rule] < 0.8 for rule in rules)
# "half of the false sentences are not even in the same language"
false_ones = [pair for pair, label in zip(zip(rows, segments, strict=True), answers.tolist(), strict=True) if label == 1]
assert abs(sum(korean(a) != korean(b) for a, b in (halves(*pair) for pair in false_ones)) / len(false_ones) - 0.5) < 0.06

# The repair: with the mask the same review gets the same score
assert abs(alone - beside) > 1e-4
ids, lengths = padded([vocabulary.read(text) for text in (review, longer)], vocabulary.pad)
with torch.no_grad():
    one = judge(ids[:1, : lengths[0]], torch.ones(1, lengths[0], dtype=torch.bool))
    two = judge(ids, padding_mask(lengths, ids.shape[1]))
assert torch.allclose(one[0], two[0], atol=1e-4)

# "a folder that holds such a model": with your embeddings it fills a gap as Hugging Face's does
with tempfile.TemporaryDirectory() as folder:
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(w for w in vocabulary.words[7:200] if "[" not in w)]
    (Path(folder) / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    transformers.BertTokenizerFast(vocab_file=str(Path(folder) / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(pieces), hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=48,
        max_position_embeddings=16, initializer_range=0.5,
    )  # fmt: skip
    theirs = transformers.BertForPreTraining(config).eval()
    theirs.save_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    given = tokenizer("the [MASK] .", return_tensors="pt")
    with torch.no_grad():
        best = theirs(**given).prediction_logits[0, 2].topk(5).indices.tolist()
    assert hub_guesses(folder, "the [MASK] .") == [tokenizer.convert_ids_to_tokens(best)]
