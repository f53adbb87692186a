"""What chapter 07 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

import tempfile
from itertools import pairwise
from pathlib import Path

import transformers

from unrolled.pretraining import village_texts

# "who also looks to the right is right more often, in both languages"
for language in ("english", "korean"):
    assert counted[language]["both"] > counted[language]["left"] + 0.08

# "About 15,000 are asked for, but only 12,000 become [MASK]; 1,500 become another word. The other 86,500 look untouched"
assert abs(outcome["asked for"] - 15_000) < 600 and abs(outcome["now [MASK]"] - 12_000) < 600
assert abs(outcome["now another word"] - 1_500) < 250 and abs(outcome["look untouched"] - 86_500) < 600

# "and worth nothing. The first model has learnt to copy"
assert sum(copying["nothing hidden"][-20:]) / 20 < 0.1 and of_gaps["nothing hidden"] < 0.05
assert sum(copying["15 % hidden"][-20:]) / 20 > 2 and of_gaps["15 % hidden"] > 0.2

# "in front of 마셨어 (drank) stand tea, coffee, juice and water; in front of 먹었어 (ate) water …, then soup, a watermelon …"
assert set(filled["나는 ___ 마셨어."]) == {"차를", "커피를", "주스를", "물을"}
assert max(filled["나는 ___ 먹었어."], key=filled["나는 ___ 먹었어."].get) == "물을" and set(filled["나는 ___ 먹었어."]) == {"물을", "수프를", "수박을", "자두를"}
singles, documents_read = village_texts(15_000)
read = Counter(pair for text in (*singles, *map(" ".join, documents_read)) for pair in pairwise(village.tokens(text)))
assert read["물을", "마셨어"] > 20 and read["물을", "먹었어"] == 0  # "which is a mistake"

# "after I love may come you or any of the village's people"
assert "you" in filled["I love ___."] and len(set(filled["I love ___."]) & {"jiwoo", "sujin", "minji"}) == 3

# "The one child gets was or is, but so do the children, for whom were and are get 15 % together. For the girls they get more than 70 %"
one, many, girls = (filled[f"The {who} ___ playing in the park."] for who in ("child", "children", "girls"))
assert one["was"] + one["is"] > 0.9 and many["was"] + many["is"] > 0.75
assert 0.12 < many["were"] + many["are"] < 0.18 and 0.7 < girls["were"] + girls["are"] < 0.76

# "About seven words in a hundred more than both neighbours in English, three in Korean"; "More is gained by looking right"
gained = {language: bert_share[language] - counted[language]["both"] for language in counted}
assert 0.06 < gained["english"] < 0.08 and 0.02 < gained["korean"] < 0.04
for language, shares in counted.items():
    assert shares["both"] - shares["left"] > gained[language]
    assert bert_share["korean"] < bert_share["english"] and counted["korean"]["both"] < counted["english"]["both"]

# "of the words that BERT knows, more than two in three are Korean"
assert sum(not word.isascii() for word in vocabulary.words) > 2 / 3 * len(vocabulary)

# "sure of grammar: the at the beginning, to and the full stop get more than 90 % … where away stood it says home, with 94 %"
for text, word, low in (
    ("___ baker gave the bread to the hungry child .", "the", 0.9), ("___ dog ran away because the door was open .", "the", 0.9),
    ("The baker gave the bread ___ the hungry child .", "to", 0.9), ("나는 너를 매우 사랑해 ___", ".", 0.9),
    ("The dog ran away because the door was open ___", ".", 0.9), ("The dog ran ___ because the door was open .", "home", 0.9),
):  # fmt: skip
    ((best, p), *_), *_ = guesses(model, vocabulary, text, k=1)
    assert best == word and p > low, (text, best, p)
# "It is unsure wherever somebody or something is named"
for text in ("The ___ gave the bread to the hungry child .", "The baker gave the ___ to the hungry child .", "___ 너를 매우 사랑해 ."):
    ((_, p), *_), *_ = guesses(model, vocabulary, text, k=1)
    assert p < 0.25, (text, p)
# "for the gap that you see first, the model thinks of carrots, onions, trees, potatoes, flowers and strawberries"
(first_seen,) = guesses(model, vocabulary, "농부는 어제 텃밭에서 ___ 심었어 .", k=6)
assert {word for word, _ in first_seen} == {"당근을", "양파를", "나무를", "감자를", "꽃을", "딸기를"}, first_seen

# "It has read ran away hundreds of times, but never away because; home because it has read hundreds of times"
assert read["ran", "away"] > 200 < read["home", "because"] and read["away", "because"] == 0

# "heads 2 and 3 put about three quarters and nearly all on the verb. Head 1 looks at 텃밭에서, head 0 at the farmer and it"
of_gap = {name: looks[0][0, :, gap, i].tolist() for i, name in enumerate(names)}
assert 0.7 < of_gap["심었어"][2] < 0.8 and of_gap["심었어"][3] > 0.9 and of_gap["텃밭에서"][1] > 0.9
assert of_gap["농부는"][0] > 0.3 < of_gap["텃밭에서"][0] and max(of_gap["심었어"][:2]) < 0.2

# "from almost every word the one looks at the word before it, and the other at the word after it"
for language in counted:
    before_and_after, seen = torch.zeros(2), 0
    for sentence in village.sentences(100, language=language, split="validation"):
        with torch.no_grad():
            _, (first, _) = model.encode(torch.tensor([vocabulary.read(sentence + ".")]), weights=True)
        places = torch.arange(1, first.shape[-1] - 1)
        for i, (head, step) in enumerate(((1, -1), (3, 1))):
            before_and_after[i] += (first[0, head, places].argmax(-1) == places + step).sum()
        seen += len(places)
    assert (before_and_after / seen).min() > 0.9, (language, before_and_after / seen)

# "with planted the guesses are carrots, onions, potatoes and strawberries; with drank tea, coffee and juice, … then carrots"
assert set(planted_or_eaten["심었어"]) == {"당근을", "양파를", "감자를", "딸기를"}
assert planted_or_eaten["마셨어"][3] == "당근을" and set(planted_or_eaten["마셨어"][:3]) == {"차를", "커피를", "주스를"}

# "With 32 labels all are near the coin, between 55 and 67 %. With 128 the two … about three times in four; ahead for two seeds"
assert len(runs) == 3
assert all(0.545 < value < 0.675 for way in RATES for value in over_seeds(way, "english", 32))
both = {
    n: list(zip(over_seeds("fine-tuned", "english", n), over_seeds("from scratch", "english", n), strict=True)) for n in SIZES
}
assert all(0.7 < value < 0.8 for pair in both[128] for value in pair)
assert [f > s for f, s in both[128]].count(True) == 2
# "With 512 it is ahead for all three: 93 to 95 % against 83 to 88 %. It makes less than half of the other's mistakes"
assert all(f > s + 0.05 for f, s in both[512]), both[512]
assert [[f"{share:.0%}" for share in sorted(of)[::2]] for of in zip(*both[512], strict=True)] == [["93%", "95%"], ["83%", "88%"]]
assert all((1 - f) / (1 - s) < 0.5 for f, s in both[512])
# "pre-training helps most where labels are many, and least where they are few"
gains = [sum(f - s for f, s in both[n]) / 3 for n in SIZES]
assert gains == sorted(gains) and gains[0] < 0.01 and gains[-1] > 0.06
# "The frozen BERT … never gets beyond 67 %"
assert max(value for n in SIZES for value in over_seeds("frozen", "english", n)) < 0.67

# "After 100 updates the two are nearly alike … in 600 updates the fine-tuned one learns a good deal more"
brief = {way: accuracy(live[way], tests["english"]) for way in RATES}
assert abs(brief["fine-tuned"] - brief["from scratch"]) < 0.05
assert over_seeds("fine-tuned", "english", 512)[0] > brief["fine-tuned"] + 0.03
assert over_seeds("from scratch", "english", 512)[0] < brief["from scratch"] + 0.04

# "noisy fits as well as peaceful, and dirty as well as bright … similar vectors: clean and dirty, interesting and boring"
assert {word for word, _ in either} == {"noisy", "peaceful", "dirty", "bright"} and either[0][1] < either[-1][1] + 0.02
assert alike["clean", "dirty"] > alike["clean", "bread"] + 0.3
assert alike["interesting", "boring"] > alike["interesting", "bread"] + 0.3

# "every judge treats Korean ones like a coin"
assert all(0.42 < value < 0.55 for way in RATES for value in over_seeds(way, "korean", 512))

# "True. 109,482,240 … 110,106,428 … More than a fifth of all weights is that table"
assert list(base.values())[:2] == [109_482_240, 110_106_428]
assert 0.2 < base["its table of words alone"] / base["the model, with its pooler"] < 0.25

# "The model is right about nine pairs in ten, and each of the rules about three in four"
assert len(rows) > 500 and 0.88 < next_right["BERT"] < 0.93
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
