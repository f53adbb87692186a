"""What chapter 20 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "nothing better than a guess can come out"
assert closed < 0.2 and all(run["closed book"] < 0.25 for run in runs)

# "The facts of one seed are the same in both languages": the same text is asked about, in the same way
assert all(
    ("누가" in korean.question) == english.question.startswith("Who")
    for english, korean in zip(*(facts[language] + unseen[language] for language in ("english", "korean")), strict=True)
)

# "It does not": each template has a leaning; for the wording the judge was trained with, calibration gains, not for all
assert all(of.max() > 1.3 * of.min() for of in without_content.values())
assert before_after[TEMPLATES[0]][1] > before_after[TEMPLATES[0]][0]
assert any(after <= before for before, after in before_after.values())

# "None. BM25 compares letters"
assert korean_hit == 0 and not any(rankings["BM25", "korean"]) and first_hit > 0.5

# "Nobody gave the towers a dictionary"
assert live["dense", "korean"][1] > 0.25 and live["fused", "korean"] == live["dense", "korean"]

# "The reader is nearly perfect if it is given the right passage"; "Open, most answers are right"
assert opened["open book, the right passage"]["right"] > 0.95 and opened["open book, fused"]["right"] > 0.7
# "With the others alone, few are, no more than by guessing with the book closed" (a few in a hundred apart)
assert abs(opened["open book, wrong passages"]["right"] - closed) < 0.1 and believed > 0.8

# "By token, an answer is possible that stands in no passage"
assert both_ways(two_sources, torch.zeros(1, 2), torch.tensor([[0, 1]]), torch.ones(1, 2).bool())[1].exp().item() > 0.2

# A folder: kept and loaded, the same passages, answers that are faithful and in the right file
assert [p for p in again.passages] == index.passages and torch.equal(again.vectors, index.vectors)
assert all(reply.faithful and same(reply.answer, unseen["english"][i]) for i, reply in zip((3, 45, 100), replies, strict=True))
assert [reply.cited.source for reply in replies] == ["monday.txt", "tuesday.txt", "notes/old.md"]

# Orders in texts: delimiters alone change little; trained, the user is obeyed until one is forged; escaping closes that hole
for found in (attacks, *(run["injected"] for run in runs)):
    assert all(of["no attack"]["user"] > 0.95 for of in found.values())
    assert found["no delimiters"]["an order"]["text"] > 0.25 and found["delimiters"]["an order"]["text"] > 0.25
    trained = found["trained with attacks"]
    assert trained["an order"]["user"] > 0.95 and trained["forged"]["user"] < 0.8 and trained["forged, escaped"]["user"] > 0.95

# "The form is always right. What stands in it is as wrong as before."
assert valid == {"free": 0, "constrained": 1} and truth < 0.3

# The record
assert len(runs) == 3
for run in runs:
    finding_of = run["finding"]
    assert finding_of["BM25"]["korean"] == {"1": 0, "5": 0, "20": 0}
    assert finding_of["dense, 0 steps"]["english"]["1"] < 0.2 < finding_of["dense, 400 steps"]["korean"]["1"]

# "at p = 0.4 fifteen votes are right in 21 %"
assert abs(vote_accuracy(0.4, 15) - 0.213) < 0.001 and vote_accuracy(0.6, 15) > 0.78

# The repair: it finds much less than it should
assert suspect[0] < 0.9 * first_hit and suspect[1] < suspect[0]

# Looking back: the order of the systems on the stories
losses = {system: loss for _, system, _, _, loss in TABLE if not isinstance(loss, str)}
assert {chapter for chapter, *_ in TABLE} == set(range(21))
assert 2.5 < size_of("gpt") / size_of("lstm") < 3
assert [*built.values()] == [43_561, 173_437, 34_884, 75_586, 278_884, 133_248, 49_120, 43_056]  # as those chapters' claims
assert built["distilled GPT"] * 15 < size_of("gpt") < built["distilled GPT"] * 15.2
assert losses["GPT"] < losses["LSTM"] < losses["distilled GPT"] < losses["n-grams, n = 3"] < losses["n-grams, n = 2"]
assert abs(losses["GPT in 8 bits"] - losses["GPT"]) < 0.005 and abs(losses["GPT"] - 0.7212) < 0.001

# The path of the GPU, tiny: towers and a follower in bfloat16 on the CPU, not compiled
from unrolled.lab.presets import Preset

tiny = Preset("gpu", device="cpu", mixed_precision="bf16", compile=False)
assert injected(0, tiny, steps=2, count=20)["delimiters"].keys() == attacks["delimiters"].keys()
assert isinstance(towers_of(2, preset=tiny), Towers)

# And a reader of the hub's form: a random one, in a folder
import transformers

hub_folder = Path(tempfile.mkdtemp())
hub_words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted({word for text in texts[:50] for word in tokens(text)})]
(hub_folder / "vocab.txt").write_text("\n".join(hub_words), encoding="utf-8")
hub_tokenizer = transformers.BertTokenizerFast(vocab_file=str(hub_folder / "vocab.txt"), vocab={w: i for i, w in enumerate(hub_words)})
hub_tokenizer.model_max_length = 128
hub_tokenizer.save_pretrained(hub_folder)
hub_config = transformers.BertConfig(vocab_size=len(hub_words), hidden_size=12, num_hidden_layers=1, num_attention_heads=2, intermediate_size=17)
transformers.BertForQuestionAnswering(hub_config).save_pretrained(hub_folder)
reply = from_the_hub(FOLDER, questions["english"][3], reader=str(hub_folder), encoder=str(hub_folder), kept=Path(tempfile.mkdtemp()))
assert reply.answer is None or reply.faithful
