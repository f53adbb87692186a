"""What chapter 09 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "The head has the task built into its shape"
assert "out of bounds" in refused

# "One set of weights does all three … learnt not to"
assert judged > 0.85 and translated > 30 and other_words == 0, (judged, translated, other_words)

# "Neither minds the length of a vector. A layer norm does not see a common shift either; the RMS norm does."
assert moved["layer norm"] < 1e-4 < 0.3 < moved["RMS norm"] and max(scaled.values()) < 1e-3

# "cheaper, by a factor of two and more"
assert damaged["BART: both"][1] >= 2 * damaged["T5: spans"][1]
assert damaged["BART: permutation"][1] == len(ids) == len(damaged["BART: permutation"][0])

# "31. Bucket 16 …"
assert len(used) == 31 and never == [16]
assert bucket_now(torch.tensor([128, 5000])).tolist() == [31, 31]

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

# "BART has 27 % and 21 % more … With BERT's vocabulary it would be 14 % and 15 %"
assert [round(100 * share) for share in (*more["base"], *more["large"])] == [27, 14, 21, 15], more

# The experiment
assert len(runs) == 3
for task in TASKS:
    assert abs(live[task] - runs[0]["one for all"][task]) < 0.3, (task, live)
assert history.losses[0] > 5
