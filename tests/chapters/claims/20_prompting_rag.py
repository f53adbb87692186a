"""What chapter 20 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "nothing better than a guess can come out"
assert closed < 0.2 and all(run["closed book"] < 0.25 for run in runs)

# "The facts of one seed are the same in both languages": the same text is asked about, in the same way
assert all(
    ("누가" in korean.question) == english.question.startswith("Who")
    for english, korean in zip(*(facts[language] + unseen[language] for language in ("english", "korean")), strict=True)
)

# "It does not": each template has a leaning
assert all(of.max() > 1.3 * of.min() for of in without_content.values())
# "The judge was trained with the first wording"; "three more of the 80 reviews …, the second two, the last one; the third, six fewer"
from unrolled.statements import TOPIC

assert TEMPLATES[0] == TOPIC and len(about) == 80
assert [round(80 * (after - before)) for before, after in before_after.values()] == [3, 2, -6, 1]

# "Each answer is of the right kind …": what is asked of the roses is printed there
assert "roses" in unseen["english"][1].question and unseen["english"][1].question.startswith("Who")

# "The second sentence is broken off in the first piece, and whole in the second"
second_sentence = tokens(unseen["english"][0].text.split(". ")[1])
assert len(pieces) == 2 and second_sentence[0] in pieces[0] and second_sentence[-2] not in pieces[0]
assert pieces[1][-len(second_sentence) :] == second_sentence

# "None. BM25 compares letters"
assert korean_hit == 0 and not any(rankings["BM25", "korean"]) and first_hit > 0.5

# "Nobody gave the towers a dictionary"
assert live["dense", "korean"][1] > 0.25 and live["fused", "korean"] == live["dense", "korean"]
# Eight pairs are drawn, and "the two of each number lie closer together"
assert len(SHOWN) == 8 and all(word in towers.vocabulary for pair in SHOWN.items() for word in pair)
assert (partners_near[1] > partners_near[0] + 0.2).all()

# The explorer draws whole passages, and says in words that BM25 finds nothing in Korean, and that no word is shared
drawn = draw_found()
assert " ".join(drawn.axes[0].get_yticklabels()[0].get_text().split()) in texts and not drawn.axes[0].texts
for way, says_so in (("BM25", "nothing found"), ("dense", "no word of the question stands in these")):
    assert [text.get_text() for text in draw_found("누가 어제 빵을 구웠어요?", way).axes[0].texts] == [says_so]

# "The reader is nearly perfect if it is given the right passage"; "Open, most answers are right"
assert opened["open book, the right passage"]["right"] > 0.95 and opened["open book, fused"]["right"] > 0.7
# "With the others alone, few are, hardly more than by guessing with the book closed (13 and 10 %)"
assert f"{opened['open book, wrong passages']['right']:.0%} {closed:.0%}" == "13% 10%" and believed > 0.8


# "For 181 of the 200 the right passage is among the five, but for 28 of these …": counted from the reader's own answers
def tallied(*marks):
    return sum(count for kind, count in tally.items() if set(marks) <= set(kind))


assert tally.total() == FEW and tallied("passage among the five") == round(FEW * live["fused", "english"][5]) == 181
assert tallied("passage among the five", "not cited") == 28 and tallied("right", "not cited") == 20
assert tallied("wrong") == 28 and tallied("passage among the five", "wrong") == 17
assert f"{tallied('right') / FEW:.0%} {tallied('cited') / FEW:.0%}" == "86% 76%"
assert opened["open book, fused"] == {"right": tallied("right") / FEW, "cited": tallied("cited") / FEW}

# "By token, an answer is possible that stands in no passage"
assert both_ways(two_sources, torch.zeros(1, 2), torch.tensor([[0, 1]]), torch.ones(1, 2).bool())[1].exp().item() > 0.2

# A folder: kept and loaded, the same passages, answers that are faithful and in the right file
assert [p for p in again.passages] == index.passages and torch.equal(again.vectors, index.vectors)
assert all(reply.faithful and same(reply.answer, unseen["english"][i]) for i, reply in replies.items())
assert [reply.cited.source for reply in replies.values()] == ["monday.txt", "tuesday.txt", "notes/old.md"]
# In Korean: the first is right, the second has the right words from the wrong file, the third is wrong, as most are
assert [same(reply.answer, unseen["english"][i]) for i, reply in in_korean.items()] == [True, True, False]
assert [reply.cited.source == "monday.txt" for reply in in_korean.values()][:2] == [True, False]
assert opened["Korean questions, fused"]["right"] < 0.5

# Orders in texts: delimiters alone help some, not reliably; trained, the user is obeyed until one is forged; escaping closes that hole
for found in (attacks, *(run["injected"] for run in runs)):
    assert all(of["no attack"]["user"] > 0.95 for of in found.values())
    assert found["no delimiters"]["an order"]["text"] > 0.25 and found["delimiters"]["an order"]["text"] > 0.25
    trained = found["trained with attacks"]
    assert trained["an order"]["user"] > 0.95 and trained["forged"]["user"] < 0.8 and trained["forged, escaped"]["user"] > 0.95

# "here the user is obeyed in 51 % instead of 32 %, in the three recorded runs in 50 instead of 35, 42 of 29, and in 34 as before"
obeyed = [
    [f"{found[name]['an order']['user']:.0%}" for name in ("delimiters", "no delimiters")]
    for found in (attacks, *(run["injected"] for run in runs))
]
assert obeyed == [["51%", "32%"], ["50%", "35%"], ["42%", "29%"], ["34%", "34%"]]

# "The form is always right. What stands in it is as wrong as before."
assert valid == {"free": 0, "constrained": 1} and truth < 0.3

# The record
assert len(runs) == 3
for run in runs:
    finding_of = run["finding"]
    assert finding_of["BM25"]["korean"] == {"1": 0, "5": 0, "20": 0}
    assert finding_of["dense, 0 steps"]["english"]["1"] < 0.2 < finding_of["dense, 400 steps"]["korean"]["1"]

# "the same 200 questions" are those of the record
assert MANY == FEW == 200
# In the figure one line stands for dense and fused in Korean, which are the same
assert all(run["finding"][f"dense, {n} steps"]["korean"] == run["finding"][f"fused, {n} steps"]["korean"] for run in runs for n in counts)
assert right_axes.get_xticks().tolist() == votes
# "BM25 has 64 % in first place and the towers 60 % after 400 steps"; "0 against 46 to 50 %"
assert {f"{run['finding']['BM25']['english']['1']:.0%}" for run in runs} == {"64%"}
assert {f"{run['finding']['dense, 400 steps']['english']['1']:.0%}" for run in runs} == {"60%"}
assert {f"{run['finding']['dense, 400 steps']['korean']['1']:.0%}" for run in runs} == {"46%", "48%", "50%"}
# "With untrained towers the fused ranking loses 40 percentage points"; "With towers that are nearly as good it gains at most two and a half"
assert all(-0.45 < value < -0.4 for k in ("1", "5") for value in gain[f"english, 0 steps, recall@{k}"])
assert abs(max(max(gain[f"english, 400 steps, recall@{k}"]) for k in ("1", "5")) - 0.025) < 1e-9
# Votes: "of 170 to 183 such problems … 14 to 16 % … 26 to 30 %"; stopped early "10 → 11 %, 11 → 11 %, 8 → 18 %"; one often right
voted_by = [run["adding"]["votes"] for run in runs]
hard = [of["step by step, often wrong"] for of in voted_by]
assert (min(of["count"] for of in hard), max(of["count"] for of in hard)) == (170, 183)
assert sorted(f"{of['1']:.0%} {of['15']:.0%}" for of in hard) == ["14% 27%", "15% 26%", "16% 30%"]
assert [f"{of['1']:.0%} {of['15']:.0%}" for of in (of["stopped early, often wrong"] for of in voted_by)] == ["10% 11%", "8% 18%", "11% 11%"]
assert [kind["count"] for of in voted_by for name, kind in of.items() if "often right" in name] == [1]

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
