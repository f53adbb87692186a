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

# "in front of 먹었어 (ate) stand soup, strawberries, tangerines …; in front of 마셨어 (drank) tea, coffee and milk, and then
# a barn"
assert set(filled["나는 ___ 먹었어."]) == {"수프를", "딸기를", "귤을", "만두를"}
assert list(filled["나는 ___ 마셨어."])[3] == "헛간을" and set(filled["나는 ___ 마셨어."]) == {"차를", "커피를", "우유를", "헛간을"}
singles, documents_read = village_texts(15_000)
read = Counter(pair for text in (*singles, *map(" ".join, documents_read)) for pair in pairwise(village.tokens(text)))
assert read["차를", "마셨어"] > 20 and read["헛간을", "마셨어"] == 0  # "which is a mistake"

# "after I love may come any of the village's people"
assert len(set(filled["I love ___."]) & {"taeho", "sujin", "minsu", "yuna", "minji", "jiwoo", "junho"}) >= 3

# "The one child gets was or is … more than 90 % … For the children and for the girls were comes first … only about
# half"
one, many, girls = (filled[f"The {who} ___ playing in the park."] for who in ("child", "children", "girls"))
assert one["was"] + one["is"] > 0.9
for several in (many, girls):
    assert max(several, key=several.get) == "were" and 0.45 < several["were"] + several["are"] < 0.58
# "the baker would sooner bake hay than bread"
baked = filled["The baker baked ___ in the bakery."]
assert max(baked, key=baked.get) == "hay" and "bread" not in baked

# "About seven words in a hundred more than both neighbours in English, four in Korean"; "More is gained by looking
# right"
gained = {language: bert_share[language] - counted[language]["both"] for language in counted}
assert 0.06 < gained["english"] < 0.08 and 0.03 < gained["korean"] < 0.05
for language, shares in counted.items():
    assert shares["both"] - shares["left"] > gained[language]
    assert bert_share["korean"] < bert_share["english"] and counted["korean"]["both"] < counted["english"]["both"]

# "of the words that BERT knows, more than two in three are Korean"
assert sum(not word.isascii() for word in vocabulary.words) > 2 / 3 * len(vocabulary)

# "sure of grammar: the at the beginning, to and the full stop get about 90 % and more … where away stood home, with
# about 50 %,
# and where because stood to, with about two thirds"
for text, word, low, high in (
    ("___ baker gave the bread to the hungry child .", "the", 0.88, 1.01),
    ("___ dog ran away because the door was open .", "the", 0.9, 1.01),
    ("The baker gave the bread ___ the hungry child .", "to", 0.9, 1.01),
    ("나는 너를 매우 사랑해 ___", ".", 0.9, 1.01),
    ("The dog ran away because the door was open ___", ".", 0.9, 1.01),
    ("The dog ran ___ because the door was open .", "home", 0.45, 0.58),
    ("The dog ran away ___ the door was open .", "to", 0.61, 0.72),
):
    ((best, p), *_), *_ = guesses(model, vocabulary, text, k=1)
    assert best == word and low < p < high, (text, best, p)
# "It is unsure wherever somebody or something is named"
for text in ("The ___ gave the bread to the hungry child .", "The baker gave the ___ to the hungry child .", "___ 너를 매우 사랑해 ."):
    ((_, p), *_), *_ = guesses(model, vocabulary, text, k=1)
    assert p < 0.25, (text, p)
# "for the gap that you see first, the model thinks of pines, trees, onions, carrots, sweet potatoes and potatoes"
(first_seen,) = guesses(model, vocabulary, "농부는 어제 텃밭에서 ___ 심었어 .", k=6)
assert {word for word, _ in first_seen} == {"소나무를", "나무를", "양파를", "당근을", "고구마를", "감자를"}, first_seen

# "It has read ran away hundreds of times, but never away because; home because and away to it has read hundreds of
# times"
assert min(read["ran", "away"], read["home", "because"], read["away", "to"]) > 200 and read["away", "because"] == 0

# "heads 0 and 1 put about four fifths and more than nine tenths on the verb. Head 3 looks at 텃밭에서, head 2 spreads its
# weight"
of_gap = {name: looks[0][0, :, gap, i].tolist() for i, name in enumerate(names)}
assert 0.77 < of_gap["심었어"][0] < 0.87 and of_gap["심었어"][1] > 0.9 and of_gap["텃밭에서"][3] > 0.9
assert max(weights[2] for weights in of_gap.values()) < 0.35

# "from nearly every word head 3 looks at the word before it, and from more than eight in ten head 1 looks at the word
# after it"
for language in counted:
    before_and_after, seen = torch.zeros(2), 0
    for sentence in village.sentences(100, language=language, split="validation"):
        with torch.no_grad():
            _, (first, _) = model.encode(torch.tensor([vocabulary.read(sentence + ".")]), weights=True)
        places = torch.arange(1, first.shape[-1] - 1)
        for i, (head, step) in enumerate(((3, -1), (1, 1))):
            before_and_after[i] += (first[0, head, places].argmax(-1) == places + step).sum()
        seen += len(places)
    share_before, share_after = (before_and_after / seen).tolist()
    assert share_before > 0.93 and share_after > 0.8, (language, share_before, share_after)

# "with planted the guesses are pines, onions, carrots and sweet potatoes; with drank they are tea, milk, coffee and
# juice"
assert set(planted_or_eaten["심었어"]) == {"소나무를", "양파를", "당근을", "고구마를"}
assert set(planted_or_eaten["마셨어"]) == {"차를", "우유를", "커피를", "주스를"}

# "With 32 labels all are near the coin, between 54 and 67 %"
assert len(runs) == 3
assert all(0.53 < value < 0.675 for way in RATES for value in over_seeds(way, "english", 32))
both = {
    n: list(zip(over_seeds("fine-tuned", "english", n), over_seeds("from scratch", "english", n), strict=True)) for n in SIZES
}
# "With 128 the pre-trained one is ahead for all three seeds: 78 to 79 % against 70 to 75 %"
assert all(f > s + 0.03 for f, s in both[128]), both[128]
least_and_most = [[f"{share:.0%}" for share in sorted(of)[::2]] for of in zip(*both[128], strict=True)]
assert least_and_most == [["78%", "79%"], ["70%", "75%"]], least_and_most
# "With 512 it is ahead for two of them, with 94 % against 90 and 83 %; for the first the two are level, at 87 and 88 %"
told = [[f"{share:.0%}" for share in pair] for pair in both[512]]
assert told == [["87%", "88%"], ["94%", "90%"], ["94%", "83%"]], told
assert abs(both[512][0][0] - both[512][0][1]) < 0.01 and all(f > s + 0.03 for f, s in both[512][1:])
# "pre-training helps least where labels are fewest"
gains = [sum(f - s for f, s in both[n]) / 3 for n in SIZES]
assert gains[0] < 0.02 and min(gains[1:]) > 0.04, gains
# "The frozen BERT … never gets beyond 72 %"; "frozen is lowest everywhere"
assert max(value for n in SIZES for value in over_seeds("frozen", "english", n)) < 0.72
assert all(sum(over_seeds("frozen", "english", n)) < min(map(sum, zip(*both[n], strict=True))) for n in SIZES)

# "After 100 updates the two are nearly alike, and after 600 they are again"
brief = {way: accuracy(live[way], tests["english"]) for way in RATES}
assert abs(brief["fine-tuned"] - brief["from scratch"]) < 0.05, brief

# "noisy fits nearly as well as peaceful, and sad no worse than pretty … similar vectors: clean and dirty, interesting
# and boring"
fits = dict(either)
assert set(fits) == {"peaceful", "noisy", "sad", "pretty"}, fits
assert fits["noisy"] > fits["peaceful"] - 0.05 and fits["sad"] >= fits["pretty"], fits
assert alike["clean", "dirty"] > alike["clean", "bread"] + 0.3
assert alike["interesting", "boring"] > alike["interesting", "bread"] + 0.3

# "every judge treats Korean ones like a coin"
assert all(0.42 < value < 0.55 for way in RATES for value in over_seeds(way, "korean", 512))

# "True. 109,482,240 … 110,106,428 … More than a fifth of all weights is that table"
assert list(base.values())[:2] == [109_482_240, 110_106_428]
assert 0.2 < base["its table of words alone"] / base["the model, with its pooler"] < 0.25

# "The model is right about nine pairs in ten, and the rules about three in four and seven in ten"
assert len(rows) > 500 and 0.87 < next_right["BERT"] < 0.93
assert 0.72 < next_right["same language"] < 0.78 and 0.66 < next_right["a shared word"] < 0.73
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
