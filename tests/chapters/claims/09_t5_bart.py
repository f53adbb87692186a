"""What chapter 09 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "The head has the task built into its shape"
assert "out of bounds" in refused

# "One set of weights does all three … learnt not to"
assert exact["sentiment"] > 85 and alike["translate"] > 60 and other_words == 0, (exact, alike, other_words)
assert answers(model, vocabulary, [korean]) == ["i love you so much"] == [english]

# "The summaries are the weakest … hardly one is the village's own"
assert exact["summarize"] < 8 and 25 < alike["summarize"] < alike["translate"], (exact, alike)

# "it writes positive or negative all the same in about four of ten reviews … a translation it makes up"
verdicts = {prefix: sum(text in ("positive", "negative") for text in texts) for prefix, texts in by_prefix.items()}
always, often, seldom = verdicts.values()
assert always == 100 and 30 <= often <= 50 and seldom < 15

# "The form is right every time … in a few of a hundred it hits exactly what was there"
assert set(form_right.values()) == {100} and all(1 <= n <= 9 for n in words_right.values()), (form_right, words_right)

# "For *you* all four heads look at 너를, for *love* one of them at 사랑해"; heads with nothing to look for rest on the prefix
words_read = vocabulary.decode(source)
places_of = {word: looked[-1][0, :, row].argmax(-1).tolist() for row, word in enumerate(english.split())}
assert {words_read[place] for place in places_of["you"]} == {"너를"}
assert [words_read[place] for place in places_of["love"]].count("사랑해") == 1
assert all(place < 5 or words_read[place] in ("사랑해", "<eos>") for place in places_of["love"] + places_of["so"])

# "Neither minds the length of a vector. A layer norm does not see a common shift either; the RMS norm does."
assert moved["layer norm"] < 1e-4 < 0.3 < moved["RMS norm"] and max(scaled.values()) < 1e-3

# "cheaper, by a factor of two and more"
assert damaged["BART: both"][1] >= 2 * damaged["T5: spans"][1]
assert damaged["BART: permutation"][1] == len(ids) == len(damaged["BART: permutation"][0])

# "31. Bucket 16 …"
assert len(used) == 31 and never == [16]
assert bucket_now(torch.tensor([128, 5000])).tolist() == [31, 31]

# "head 0 prefers the word before, head 3 the one behind; in the decoder each head's favourite is among the last three"
liked = {name: [where[place] for place in bias.argmax(1).tolist()] for name, (where, bias) in learned.items()}
assert liked["encoder"][0] == -1 and liked["encoder"][3] == 1 and min(liked["decoder"]) >= -2, liked

# "the weights that make the queries begin smaller by that factor"
assert abs(spread_of["T5"] - spread_of["ordinary, 1/√d"]) < 0.1 and abs(spread_of["T5"] - 1) < 0.1
assert 7 < spread_of["ordinary"] < 9 and spread_of["T5, 1/√d"] < 0.15

# "The shapes are right, all weights load, and the answers get worse … scale=1.0 repairs it"
assert losses["faster"] > losses["ours"] + 0.1, losses


class Repaired(FasterAttention):
    def forward(self, x, keys, values, bias):
        query = self.split(self.query(x))
        found = F.scaled_dot_product_attention(query, keys, values, attn_mask=bias, scale=1.0)
        return self.output(found.transpose(1, 2).flatten(2))


for module in faster.modules():
    if isinstance(module, FasterAttention):
        module.__class__ = Repaired
with torch.no_grad():
    assert abs(text_loss(faster, probe).item() - losses["ours"]) < 1e-4

# the tree: "Embedding(32128, 1024)", "24 blocks", one bias table a stack, nothing else
printed = repr(t5_large)
assert "(shared): Embedding(32128, 1024)" in printed and printed.count("(0-23): 24 x T5Block(") == 2
assert printed.count("(position_bias): Embedding(32, 16)") == 2 and "bias=True" not in printed
assert printed.count("Embedding(") == 3 and "(head): Linear(in_features=1024, out_features=32128" in printed

# "770,567,168 … 737,668,096 … The difference is one table"
assert sizes == {"tied head": 737_668_096, "own head": 770_567_168}
assert sizes["own head"] - sizes["tied head"] == 32_128 * 1_024

# "BART has 27 % and 21 % more … With BERT's vocabulary it would be 13 % and 15 %"
assert [round(100 * share) for share in (*more["base"], *more["large"])] == [27, 13, 21, 15], more

# The experiment
assert len(runs) == 3
for task in TASKS:
    assert abs(live[task] - runs[0]["one for all"][task]) < 0.3, (task, live)
assert history.losses[0] > 5

# "Its loss on summaries is higher in all three seeds, by 0.16 to 0.32 … on translations in two seeds by 0.28 …"
pays = {task: sorted(run["one for all"][task] - run["one for each"][task] for run in runs) for task in TASKS}
assert 0.155 < pays["summarize"][0] and pays["summarize"][-1] < 0.325, pays
assert abs(pays["translate"][0]) < 0.01 and [round(gap, 2) for gap in pays["translate"][1:]] == [0.28, 0.28], pays
assert pays["sentiment"][0] < 0 < pays["sentiment"][-1] and max(map(abs, pays["sentiment"])) < 0.03, pays

# "the checkpoint of the beginning runs with both of them and answers as before"
assert own_answers == written["translate"][:20]
assert type(own.encoder.final_norm) is norm_now and own.decoder.bucket is bucket_now

# "a folder that holds such a model": with your norm and buckets it answers as Hugging Face's does
import tempfile

import transformers
from tokenizers import Tokenizer, models, pre_tokenizers

with tempfile.TemporaryDirectory() as folder:
    spoken = ["<pad>", "</s>", "<unk>", *(word for word in vocabulary.words[4:100] if word.isalpha())]
    pieces = Tokenizer(models.WordLevel({word: i for i, word in enumerate(spoken)}, unk_token="<unk>"))
    pieces.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=pieces, unk_token="<unk>", pad_token="<pad>")
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    theirs = transformers.T5ForConditionalGeneration(transformers.T5Config(
        vocab_size=len(spoken), d_model=24, d_kv=8, d_ff=48, num_layers=2, num_heads=3, decoder_start_token_id=0,
        initializer_factor=3.0,
    )).eval()  # fmt: skip
    theirs.save_pretrained(folder)
    text = " ".join(spoken[5:9])
    expected = theirs.generate(tokenizer(text, return_tensors="pt").input_ids, max_new_tokens=40, do_sample=False)
    ours, wanted = hub_answer(folder, text), tokenizer.decode(expected[0, 1:])
    assert ours == wanted.removesuffix("</s>").strip(), (ours, wanted)
