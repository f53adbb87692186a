"""What chapter 20 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "nothing better than a guess can come out"
assert closed < 0.2 and all(run["closed book"]["new"] < 0.2 for run in runs)

# "The facts of one seed are the same in both languages": the same text is asked about, in the same way
assert all(
    ("누가" in korean.question) == english.question.startswith("Who")
    for english, korean in zip(*(facts[language] + unseen[language] for language in ("english", "korean")), strict=True)
)

# "It does not": each template has a leaning
assert all(of.max() > 1.3 * of.min() for of in without_content.values())
# The alt text: towards which labels they lean
leanings = [LABELS[of.argmax()] for of in without_content.values()]
assert leanings[:3] == ["hospital", "hospital", "shop"]
assert {LABELS[i] for i in without_content[TEMPLATES[3]].topk(2).indices.tolist()} == {"poem", "trumpet"}
# "The judge was trained with the first wording, and just that one is the worst …": 77 of 80; and what calibration adds
from unrolled.statements import TOPIC

assert TEMPLATES[0] == TOPIC and len(about) == 80
assert [round(80 * before) for before, _ in before_after.values()] == [77, 80, 80, 79]
assert [round(80 * (after - before)) for before, after in before_after.values()] == [3, 0, 0, -1]
# "it is strongest with *I bought a …*, where a hospital is about four times as probable as a trumpet"
ratios = {template: (of.max() / of.min()).item() for template, of in without_content.items()}
bought = dict(zip(LABELS, without_content["I bought a {}."].tolist(), strict=True))
assert max(ratios, key=ratios.get) == "I bought a {}." and 3.5 < bought["hospital"] / bought["trumpet"] < 4.5

# "Each answer is of the right kind …": a time, a reason, a person; "none of these four is right"
guessed = [answered(closed_book, asked_words, fact.question) for fact in unseen["english"][:4]]
times, persons = ({tuple(tokens(fact.answer)) for fact in facts["english"] if fact.question.startswith(word)} for word in ("When", "Who"))
assert [fact.question.split()[0] for fact in unseen["english"][:4]] == ["When", "When", "Why", "Who"]
assert all(tuple(guess.split()) in times for guess in guessed[:2]) and guessed[2].startswith("because")
assert tuple(guessed[3].split()) in persons
assert not any(same(guess, fact) for guess, fact in zip(guessed, unseen["english"], strict=False))
assert "singer open the clean window" in unseen["english"][1].question

# "The second sentence is broken off in the first piece, and whole in the second"; the third is whole in none
from itertools import pairwise

three = [tokens(part) for part in sentences_of(unseen["english"][0].text)]


def stands_in(sentence, piece):
    """Does the piece hold these tokens, one after the other?"""
    return any(piece[i : i + len(sentence)] == sentence for i in range(len(piece)))


assert [[stands_in(sentence, piece) for piece in pieces].count(True) for sentence in three] == [1, 1, 0] and len(three[2]) == 11
assert stands_in(three[1][:3], pieces[0]) and not stands_in(three[1], pieces[0]) and stands_in(three[1], pieces[1])
assert any(stands_in(three[2], piece) for piece in cut([token for sentence in three for token in sentence], size=12, overlap=10))
assert all(a[-5:] == b[:5] for a, b in pairwise(pieces))

# "For 205 of the questions another text holds the very same sentence"
said_in = Counter(part for text in texts for part in set(sentences_of(text)))
assert sum(said_in[answering(i)] > 1 for i in range(len(texts))) == 205
# "even a perfect ranking would have less than 88 %"; "it would be 131 of the 200 questions instead of 122"
assert sum(1 / said_in[answering(i)] for i in range(len(texts))) / len(texts) < 0.88
first_by_words = [ranking[0] for ranking in rankings["BM25", "english"]]
assert sum(i == first for i, first in enumerate(first_by_words)) == 122
assert sum(answering(i) in sentences_of(texts[first]) for i, first in enumerate(first_by_words)) == 131

# "None. BM25 compares words by their letters"
assert korean_hit == 0 and not any(rankings["BM25", "korean"]) and first_hit > 0.5

# "The towers had no dictionary"
assert live["dense", "korean"][1] > 0.25 and live["fused", "korean"] == live["dense", "korean"]
# Eight pairs are drawn, and "the two of each number lie closer together"
assert len(SHOWN) == 8 and all(word in towers.vocabulary for pair in SHOWN.items() for word in pair)
assert (partners_near[1] > partners_near[0] + 0.2).all()

# "About as many: 62 % against 61 % for BM25 and 56 % for the towers, … two questions more"; "90 % against 88 and 87"
assert [f"{live[way, 'english'][1]:.0%}" for way in ("fused", "BM25", "dense")] == ["62%", "61%", "56%"]
assert round(FEW * live["fused", "english"][1]) == round(FEW * live["BM25", "english"][1]) + 2
assert [f"{live[way, 'english'][5]:.0%}" for way in ("fused", "BM25", "dense")] == ["90%", "88%", "87%"]

# The explorer draws whole passages, and says in words that BM25 finds nothing in Korean, and that no word is shared
drawn = draw_found()
assert " ".join(drawn.axes[0].get_yticklabels()[0].get_text().split()) in texts and not drawn.axes[0].texts
for way, says_so in (("BM25", "nothing found"), ("dense", "no word of the question stands in these")):
    assert [text.get_text() for text in draw_found("누가 어제 빵을 구웠어요?", way).axes[0].texts] == [says_so]

# "The reader is nearly perfect if it is given the right passage"; "Open, most answers are right"
assert opened["open book, the right passage"]["right"] > 0.95 and opened["open book, fused"]["right"] > 0.7
# "With the others alone, 33 of the 200 are, and 30 of these come from a text that says the very same sentence"
by_others = {
    i: source
    for i, question in enumerate(questions["english"][:FEW])
    for answer, source in [open_book(question, [j for j in rankings["fused", "english"][i] if j != i])]
    if same(answer, unseen["english"][i])
}
told_again = sum(answering(i) in sentences_of(texts[source]) for i, source in by_others.items())
assert (len(by_others), told_again) == (33, 30) and (33 - 30) / FEW < closed and believed > 0.8


# "For 179 of the 200 the right passage is among the five, but for 29 of these …": counted from the reader's own answers
def tallied(*marks):
    return sum(count for kind, count in tally.items() if set(marks) <= set(kind))


assert tally.total() == FEW and tallied("passage among the five") == round(FEW * live["fused", "english"][5]) == 179
assert tallied("passage among the five") - tallied("passage among the five", "cited") == 29
# "Only about half of it. … Of 29 wrong answers, 16 did not have their passage there, and 13 had it"
assert tallied("wrong") == 29 and tallied("passage among the five", "wrong") == 13 and tallied("passage not among the five", "wrong") == 16
# "Of the 22 right answers that cite another passage, 21 come from … the very same sentence; one … from another sentence"
assert tallied("right") - tallied("right", "cited") == 22 and tallied("right", "the same sentence cited from elsewhere") == 21
assert tallied("right", "another sentence cited") == 1
assert f"{tallied('right') / FEW:.0%} {tallied('cited') / FEW:.0%}" == "86% 75%"
# "12 of the wrong ones are right for another text, where the same question has another answer: Taeho cried more than once"
answers_to = {question: [fact.answer for fact in unseen["english"] if fact.question == question] for question in questions["english"]}
replied = [(fact, open_book(fact.question, rankings["fused", "english"][i])[0]) for i, fact in enumerate(unseen["english"][:FEW])]
elsewhere = [
    fact.question
    for fact, answer in replied
    if answer and not same(answer, fact) and tokens(answer) in map(tokens, answers_to[fact.question])
]
assert len(elsewhere) == 12 and "Why did Taeho cry?" in elsewhere and len(set(answers_to["Why did Taeho cry?"])) > 1
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
    assert trained["an order"]["user"] > 0.95 and trained["forged"]["user"] < 0.9 and trained["forged, escaped"]["user"] > 0.95

# "here the user is obeyed in 51 % instead of 32 %, in the recorded runs in 53 instead of 34, 48 of 28, and 35 of 37"
obeyed = [
    [f"{found[name]['an order']['user']:.0%}" for name in ("delimiters", "no delimiters")]
    for found in (attacks, *(run["injected"] for run in runs))
]
assert obeyed == [["51%", "32%"], ["53%", "34%"], ["48%", "28%"], ["35%", "37%"]]
# "until the attacker forges the delimiter: then in 56 %, and in the recorded runs in 56, 88 and 55"
forged = [found["trained with attacks"]["forged"]["user"] for found in (attacks, *(run["injected"] for run in runs))]
assert [f"{share:.0%}" for share in forged] == ["56%", "56%", "88%", "55%"]

# "The sum is still wrong: it should be 20"
assert problem[0][2] == "20" != added(thinker, problem)[0][0]

# "The form is always right. What stands in it is as wrong as before."
assert valid == {"free": 0, "constrained": 1} and truth < 0.3

# The record
import itertools

assert len(runs) == 3
for run in runs:
    finding_of = run["finding"]
    assert finding_of["BM25"]["korean"] == {"1": 0, "5": 0, "20": 0}
    assert finding_of["dense, 0 steps"]["english"]["1"] < 0.2 < finding_of["dense, 3200 steps"]["korean"]["1"]

# "with all thousand questions"; those that are asked live are fewer
assert (MANY, FEW) == (1000, 200)
# In the figure one line stands for dense and fused in Korean, which are the same
assert all(run["finding"][f"dense, {n} steps"]["korean"] == run["finding"][f"fused, {n} steps"]["korean"] for run in runs for n in counts)
assert right_axes.get_xticks().tolist() == votes


def in_percent(of, digits=0):
    """The least and the most of the three runs, as text."""
    shares = [of(run) for run in runs]
    return f"{min(shares):.{digits}%} {max(shares):.{digits}%}"


def first_places(way, language, k="1"):
    return in_percent(lambda run: run["finding"][way][language][k], 1)


# "60 % … 58 to 59 %; fused, … 66 to 67 %"; "In Korean … the towers 55 to 56 % in first place, and 97 % among the first twenty"
assert first_places("BM25", "english") == "60.3% 60.3%" and first_places("dense, 3200 steps", "english") == "57.8% 59.2%"
assert first_places("fused, 3200 steps", "english") == "66.0% 66.8%"
assert first_places("dense, 3200 steps", "korean") == "55.3% 55.5%"
assert first_places("dense, 3200 steps", "korean", "20") == "96.9% 97.2%"
# "from 1,600 to 3,200 steps their share of first places falls by one to two points in English, and changes by hardly more than one in Korean"
for language, run in itertools.product(questions, runs):
    at_half, at_end = (run["finding"][f"dense, {n} steps"][language]["1"] for n in (1600, 3200))
    assert 0.0095 < at_half - at_end < 0.022 if language == "english" else abs(at_end - at_half) < 0.0125
# "87 to 88 of a hundred English answers are right, 83 if BM25 retrieves alone, with the book closed 10 to 13"; "12 to 13"; "23 to 24 %"
assert in_percent(lambda run: run["finding"]["read, fused"]["english"]["right"]) == "87% 88%"
assert in_percent(lambda run: run["finding"]["read, BM25"]["english"]["right"]) == "83% 83%"
assert in_percent(lambda run: run["closed book"]["new"]) == "10% 13%" and in_percent(lambda run: run["closed book"]["read"]) == "12% 13%"
assert in_percent(lambda run: run["finding"]["read, fused"]["korean"]["right"]) == "23% 24%"
assert all(run["finding"][f"fused, {n} steps"]["english"]["5"] > run["finding"][f"dense, {n} steps"]["english"]["5"] + 0.02 for run in runs for n in (400, 3200))  # "a gain among the first five as well"
assert first_places("fused, 3200 steps", "korean", "5") == "87.6% 87.9%"
# "Given the right passage alone … about half of the Korean questions"; among five, "cites the right one for about 19 %"
assert 0.45 < right_share("korean", lambda i: [i])["right"] < 0.6
assert in_percent(lambda run: run["finding"]["read, fused"]["korean"]["cited"], 1) == "18.5% 18.8%"
# Sums: "after 400 steps … 88 to 93 % … 6 to 41 %"; "After 1,600 … 93 and 96 % in two of the three runs, … the other in 94 to 95 %", in about the same time
assert in_percent(lambda run: run["adding"]["step by step"]["400"]["right"]) == "88% 93%"
assert in_percent(lambda run: run["adding"]["at once"]["400"]["right"]) == "6% 41%"
assert [f"{run['adding']['at once']['1600']['right']:.0%}" for run in runs] == ["93%", "96%", "28%"]
# "after 800 steps that seed has 88 %, and after 1,600 … only 28 %"; the alt text: "its mean is lower at 1,600"
assert f"{runs[2]['adding']['at once']['800']['right']:.0%}" == "88%"
assert sum(learning["at once"][1600]) < sum(learning["at once"][800]) < sum(learning["step by step"][800])
assert in_percent(lambda run: run["adding"]["step by step"]["800"]["right"], 1) == "93.9% 94.6%"
shortest = [min(run["adding"][name][n]["seconds"] for run in runs) for name, n in (("at once", "1600"), ("step by step", "800"))]
assert 0.8 < shortest[0] / shortest[1] < 1.25
# "With untrained towers … loses 36 percentage points in first place"; "about four points after 400 steps, and about six after 3,200"
assert all(f"{value:.0%}" == "-36%" for value in gain["english, 0 steps, recall@1"])
assert all(0.035 < value < 0.045 for value in gain["english, 400 steps, recall@1"])
assert all(0.055 < value < 0.066 for value in gain["english, 3200 steps, recall@1"])
assert all(value < -0.3 for value in gain["english, 0 steps, recall@5"]) and min(gain["english, 3200 steps, recall@5"]) > 0.035
assert not any(value for name, of in gain.items() if name.startswith("korean") for value in of)


# Votes: of the often wrong and the often right, how many there are, and what one vote and fifteen get
def voted_of(name):
    found = [run["adding"]["votes"][name] for run in runs]
    counted = sorted(of["count"] for of in found)
    return counted[0], counted[-1], *(f"{pick(of[n] for of in found):.0%}" for n in ("1", "15") for pick in (min, max))


assert voted_of("after 200 steps, often wrong") == (442, 458, "15%", "22%", "21%", "35%")
assert voted_of("after 800 steps, often right") == (423, 454, "79%", "86%", "100%", "100%")
assert voted_of("after 800 steps, often wrong") == (39, 74, "26%", "46%", "31%", "51%")
# "in two of the runs that is a gain, and in the third there is none, 45 % in place of 46"; after 200 steps it is one in all
gained = {n: [run["adding"]["votes"][f"after {n} steps, often wrong"] for run in runs] for n in (200, 800)}
assert all(of["15"] > of["1"] for of in gained[200]) and [of["15"] > of["1"] for of in gained[800]] == [False, True, True]
assert [f"{gained[800][0][n]:.0%}" for n in ("15", "1")] == ["45%", "46%"]
# After 800 steps "one draw is right in 74 to 80 % and fifteen votes are in 92 to 93 %"; after 200 "19 to 33 %, … 34 to 61 %"
votes_of = {name: lambda run, name=name: run["adding"]["votes"][name] for name in ("after 200 steps", "after 800 steps")}
assert in_percent(lambda run: votes_of["after 800 steps"](run)["1"]) == "74% 80%"
assert in_percent(lambda run: votes_of["after 800 steps"](run)["15"]) == "92% 93%"
assert in_percent(lambda run: votes_of["after 200 steps"](run)["15"]) == "19% 33%"
assert in_percent(lambda run: run["adding"]["step by step"]["200"]["right"]) == "34% 61%"
# "nearly as many as the best answer", less three points
assert all(run["adding"]["votes"]["after 800 steps"]["15"] > run["adding"]["step by step"]["800"]["right"] - 0.03 for run in runs)

# "at p = 0.4 fifteen votes are right in 21 %"
assert abs(vote_accuracy(0.4, 15) - 0.213) < 0.001 and vote_accuracy(0.6, 15) > 0.78

# The repair: it finds much less than it should
assert suspect[0] < 0.9 * first_hit and suspect[1] < suspect[0]

# Looking back: every chapter is there; each system that learns has a size and a loss, and says what is predicted
losses = {system: loss for _, system, _, _, loss, _ in TABLE}
asked_for_of = {system: asked_for for _, system, *_, asked_for in TABLE}
assert {chapter for chapter, *_ in TABLE} == set(range(21)) and all(asked_for_of.values())
without = {system for system, loss in losses.items() if loss is None}
assert without == {"beam search", "BPE", "Adam, schedules"} == {system for _, system, _, weights, *_ in TABLE if weights is None}
assert all(asked_for_of[system].startswith("—") for system in without)
# The same hundred stories for all, in both languages, sentence by sentence, none of them among those that were learnt
assert WORDS_HELD_OUT == 5621 and len(parallel(HELD_OUT)) == sum(len(sentences_of(story)) for story in HELD_OUT["english"])
assert [story for story, _ in village.summary_pairs(100, split="validation")] == HELD_OUT["english"]
assert not set(HELD_OUT["english"]) & set(TOLD["english"])
assert sum(len(tokens(sentence)) for story in HELD_OUT["english"] for sentence in sentences_of(story)) == WORDS_HELD_OUT
assert [again_built[name][0] for name in ("RNN", "Reformer")] == [43_561, 130_944] == [weights_of(writers()[name][0]) for name in ("RNN", "Reformer")]
# Each row's loss against the library's own of the same kind; the rounded GPT is another model, and costs nothing that shows
assert abs(losses["GPT"] - 0.8040 * ended) < 0.001 and 0 < abs(losses["GPT in 8 bits"] - losses["GPT"]) < 0.005
ids = [lstm_and_words[1].read(story) for story in HELD_OUT["english"]]
from unrolled.adaptation import nats_per_word as of_library

assert abs(losses["LSTM"] - of_library(lstm_and_words[0], ids) * ended) < 1e-4
# "Two words say more than one, and all networks that read words and stay with stories beat the counts"; GPT has the lowest
counts_of, networks = ("n-grams, n = 2", "n-grams, n = 3"), ("LSTM", "GPT", "Reformer", "GPT in 8 bits", "distilled GPT", "Llama")
assert all(asked_for_of[name] == "word ← all words before" for name in networks)
assert max(losses[name] for name in networks) < losses[counts_of[1]] < losses[counts_of[0]] < losses["RNN"]
assert min(losses[name] for name in networks) > losses["GPT"] - 0.005
assert size_of("gpt") / 10.5 < again_built["Llama"][0] < size_of("gpt") / 9 and again_built["Reformer"][0] < size_of("gpt") / 5
quoted = {
    "GPT": "0.82", "GPT in 8 bits": "0.82", "Llama": "0.98", "Reformer": "1.03", "RNN": "3.63", "ULMFiT": "10.31", "LSTM": "0.91",
    "encoder–decoder": "0.67", "attention": "0.26", "Transformer": "0.14", "self-attention": "1.62", "BERT": "0.73",
}  # fmt: skip
assert {name: f"{losses[name]:.2f}" for name in quoted} == quoted
# "where guessing costs 1.10"
assert f"{math.log(3):.2f}" == "1.10" and losses["entailment judge"] < math.log(3)
assert [of_pictures[name][0] for name in ("VAE", "GAN")] == [34_884, 75_586] and tiny_gpt == 49_376  # as those chapters' claims
assert len(again_built) == 8 and tiny_gpt * 15 < size_of("gpt") < tiny_gpt * 15.3

# The path of the GPU, tiny: towers and a follower in bfloat16 on the CPU, not compiled
from unrolled.lab.presets import Preset

tiny = Preset("gpu", device="cpu", mixed_precision="bf16", compile=False)
assert injected(0, tiny, steps=2, count=20)["delimiters"].keys() == attacks["delimiters"].keys()
assert isinstance(towers_of(2, preset=tiny), Towers)
assert relearnt(0, tiny, steps=1).keys() == again_built.keys()

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
