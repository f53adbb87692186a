# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 6 · How does one attention become a machine?
#
# Chapter 5 built the engine: every word looks at every word. An engine is not a car. Stack twelve of them, and
# nothing works, as you will see. This chapter adds what is missing (a path around each layer, a norm, a small network
# for every word), builds an **encoder** and a **decoder** of it, trains the whole Transformer to translate Korean,
# and compares it with the models of chapters 3 and 4.
#
# You need: chapters 3 to 5. Six exercises, 17 points and a paragraph (2 points). About three hours.

# %% setup
import math  # noqa: F401 (an answer may want it)
from dataclasses import replace

import torch
from torch import nn

from autograder import check, judge_repair, progress, solved
from unrolled.data import village
from unrolled.lab import (
    curves,
    explorer,
    heatmap,
    model_view,
    panels,
    recorded,
    seed_everything,
    show,
    train,
)
from unrolled.lab import preset as preset_of
from unrolled.self_attention import MultiHeadAttention
from unrolled.seq2seq import Seq2Seq, shift_right
from unrolled.transformer import Transformer
from unrolled.translation import (
    PARAMETERS,
    RANGES,
    UPDATES,
    learn,
    translate,
    translation_loss,
    translation_task,
    updates_in_equal_time,
)

# %% [markdown]
# ## The problem: a tall stack says the same of every word
#
# What one layer cannot find, perhaps twelve can. So put twelve attentions on top of each other and send
# eleven random words through, untrained. How alike are the words after each layer? We take the cosine
# between every two of them: 1 means that they point the same way, 0 that they have nothing in common.


# %%
def likeness(x):
    """The mean cosine between two different words of a sentence, (time, feature)."""
    cosines = nn.functional.cosine_similarity(x[:, None], x[None], dim=-1)
    return ((cosines.sum() - len(x)) / (len(x) * (len(x) - 1))).item()


def through(layers, x):
    """The likeness of the words before the first layer and after each."""
    found = [likeness(x[0])]
    for layer in layers:
        x = layer(x)
        found.append(likeness(x[0]))
    return found


seed_everything(0)
words = torch.randn(1, 11, 64)
attentions = [MultiHeadAttention(64, heads=4) for _ in range(12)]
for bias in (b for a in attentions for name, b in a.named_parameters() if "bias" in name):
    nn.init.zeros_(bias)  # a bias is the same for every word: it would help the collapse
with torch.no_grad():
    alike = {
        "attention alone": through([lambda x, a=a: a(x, x, x)[0] for a in attentions], words),
        "with a path around it": through(
            [lambda x, a=a: x + a(x, x, x)[0] for a in attentions], words
        ),
    }
print({name: [round(found[i], 3) for i in (0, 1, 2, 12)] for name, found in alike.items()})

# %% picture
# How alike the words are, layer by layer
show(
    curves(
        alike,
        title="Attention alone makes all words the same",
        x_label="layers",
        y_label="cosine between words",
    ),
    alt="The mean cosine between words over twelve layers: with attention alone it jumps to 0.8 after the first layer and to 1 after the second; with a path around it, it stays low.",
)

# %% [markdown]
# After one layer the words are alike, after two they are one and the same. It cannot be otherwise: attention
# gives *averages*, an untrained one averages over almost everything, and eleven averages of the same eleven
# words are alike. The third layer has nothing left to tell them apart by.

# %% [markdown]
# ## The idea: say only what changes
#
# The second curve has one small change: the layer's output is **added** to its input, `x + attend(x)`. Each word stays
# what it is, and the layer only says what should be added to it. This is a **residual connection** (잔차 연결; He et al.,
# 2015). On the way back it is a blessing too: the derivative of $x + f(x)$ is $1 + f'(x)$, and the 1 carries the
# gradient past twelve layers as if they were not there.
#
# But sums grow. After many layers the numbers are large, and each layer finds its input on another scale than the one
# before. So we bring every word back to a common scale: **layer normalisation** (층 정규화), or *layer norm* for short.

# %% [markdown]
# ## Layer norm
#
# Take the features of *one* word. Subtract their mean, divide by their standard deviation: now they have
# mean 0 and variance 1. Then let the network choose scale and place itself, with a weight and a bias for each
# feature:
#
# $$\mathrm{norm}(x) = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} \cdot w + b,
# \qquad \mu = \frac1n\sum_i x_i, \quad \sigma^2 = \frac1n\sum_i (x_i - \mu)^2$$
#
# The small $\varepsilon$ keeps us from dividing by zero when all features are equal.

# %% [markdown]
# ### Exercise 6.1 — layer norm · 3 points · ~15 min
#
# Any number of axes may stand in front of the last one (batch, time, heads): each vector along the last
# axis is normalised on its own. `var` and `mean` are free.
#
# For all exercises of this chapter: a batch or a sentence may be one, and never none; what you are given stays
# unchanged; what you return has its dtype.
#
# <details><summary>Hint</summary>
#
# `x.mean(dim=-1, keepdim=True)` keeps the axis, so that the subtraction broadcasts. Beware of `x.var()`
# and `x.std()`: by default they divide by $n - 1$. And look where $\varepsilon$ stands in the formula.
# </details>

# %% exercise
from unrolled.transformer import layer_norm

# %% check
check(layer_norm)

# %% [markdown]
# > *"Layer norm makes the activations of a layer have mean 0 and variance 1 over the batch."*
#
# A common sentence, and a quick one to check. We normalise a batch of four words, then change the other three.

# %%
norm = solved("layer_norm")
seed_everything(0)
batch = 2 + 3 * torch.randn(4, 8)
others_changed = torch.cat([batch[:1], 100 * torch.randn(3, 8)])
one, zero = torch.ones(8), torch.zeros(8)
moved = {
    "layer norm": (norm(batch, one, zero) - norm(others_changed, one, zero))[0].abs().max().item(),
    "batch norm": (nn.BatchNorm1d(8)(batch) - nn.BatchNorm1d(8)(others_changed))[0].abs().max().item(),
}  # fmt: skip
normed = norm(batch, one, zero)
per_word, per_feature = normed.mean(1).abs().max().item(), normed.mean(0).abs().max().item()
print("the first word moved by", {name: round(value, 3) for name, value in moved.items()})
print(f"largest mean over the features of a word {per_word:.3f}, of a feature over the batch {per_feature:.3f}")  # fmt: skip

# %% [markdown]
# **False.** That is *batch* norm. Layer norm knows of one word only: its neighbours in the sentence and in the
# batch may be what they like, padding included. That is why it suits sentences of unequal length, and why it
# does the same in training and in use.

# %% [markdown]
# ## Each word on its own: the feed-forward layer
#
# Attention moves things between words, but what it moves it only averages. Somebody must *work* on what has been
# collected. That is a small network, the **feed-forward layer** (피드포워드 층), applied to each word alone, with the same
# weights everywhere:
#
# $$\mathrm{FFN}(x) = W_2 \max(0,\; W_1 x + b_1) + b_2$$
#
# (The paper has $x W_1$ and so on: the same layers, with transposed matrices.) It makes the vector wider ($d_{ff}$,
# usually $4\,d_{model}$), throws away what is negative, and makes it narrow again.

# %% [markdown]
# ### Exercise 6.2 — the feed-forward layer · 1 point · ~5 min
#
# The two layers are there. Write `forward`.

# %% exercise
from unrolled.transformer import FeedForward

# %% check
check(FeedForward)

# %% [markdown]
# **Predict.** A block of the original Transformer has `d_model=512`, 8 heads and `d_ff=2048`. Where are most of
# its weights: in the attention or in the feed-forward layer? By what factor? And what if it had 16 heads?


# %%
def weights_of(module):
    """How many numbers a module learns."""
    return sum(parameter.numel() for parameter in module.parameters())


with torch.device("meta"):  # shapes without memory
    sizes = {
        "attention, 8 heads": weights_of(MultiHeadAttention(512, 8)),
        "attention, 16 heads": weights_of(MultiHeadAttention(512, 16)),
        "feed-forward": weights_of(solved("FeedForward")(512, 2048)),
    }
for name, size in sizes.items():
    print(f"{name:20} {size:9,}")

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# The feed-forward layer has twice as many: $2 \cdot 512 \cdot 2048$ against $4 \cdot 512^2$, and a few biases. The
# number of heads changes nothing, since they only cut the same 512 features into more parts. The famous attention is
# the smaller part of a Transformer.
# </details>

# %% [markdown]
# ## The encoder's block
#
# Now put it together: attention, then feed-forward, around each a residual path and a norm. Where does the norm go?
# There are two answers, and both are in use: after the sum, **post-norm** (사후 정규화), or before each layer,
# **pre-norm** (사전 정규화). Follow the blue line, the residual path, from the bottom to the top:

# %% [markdown]
# ![Two encoder blocks side by side, each read from the bottom to the top along a blue line, the residual path. Left,
# post-norm: x goes into the attention as query, key and value, the result is added to x, and the sum goes through
# attention_norm; the feed_forward layer and feed_forward_norm follow in the same way. The norms stand on the blue
# line. Right, pre-norm: x goes through attention_norm first, then into the attention, and the result is added to x;
# the same with feed_forward_norm and feed_forward. Nothing but the two sums stands on the blue line. The attention
# also gets a mask and returns its weights, of shape (batch, heads, time,
# time).](../assets/diagrams/transformer_block.svg)

# %% [markdown]
# | | attention | feed-forward |
# |---|---|---|
# | post-norm (2017) | $x \leftarrow \mathrm{norm}(x + \mathrm{attend}(x))$ | $x \leftarrow \mathrm{norm}(x + \mathrm{FFN}(x))$ |
# | pre-norm (GPT-2 and most since) | $x \leftarrow x + \mathrm{attend}(\mathrm{norm}(x))$ | $x \leftarrow x + \mathrm{FFN}(\mathrm{norm}(x))$ |
#
# Post-norm normalises the sum, so every block hands on words of one size. Pre-norm normalises only what goes *into*
# the layer: the path itself is never touched, from the first block to the last.

# %% [markdown]
# ### Exercise 6.3 — the encoder's block · 4 points · ~25 min
#
# `norm_first=True` means pre-norm. `self.attention(query, key, value, mask)` is chapter 5's: it returns the output
# and the weights, and so do you. Its mask broadcasts to `(batch, heads, time, time)`.
#
# <details><summary>Hint</summary>
#
# Draw the path of `x` on paper, once for each case. In pre-norm the normed input goes into the layer (as query, key
# *and* value), and the *un*normed one is added. Take care not to overwrite `x` too early.
# </details>

# %% exercise
from unrolled.transformer import EncoderBlock

# %% check
check(EncoderBlock)

# %% [markdown]
# Does the stack hold up now? Here are twelve blocks of either kind, untrained, with the same words as at the
# beginning. We also look at how long the words' vectors get.

# %%
block_now = solved("EncoderBlock")
lengths_of = {}
with torch.no_grad():
    for name, norm_first in (("post-norm", False), ("pre-norm", True)):
        seed_everything(0)
        blocks = [block_now(64, 4, 256, norm_first=norm_first) for _ in range(12)]
        alike[name] = through([lambda x, b=b: b(x)[0] for b in blocks], words)
        x, lengths_of[name] = words, [words.norm(dim=-1).mean().item()]
        for block in blocks:
            x, _ = block(x)
            lengths_of[name].append(x.norm(dim=-1).mean().item())
print({name: round(alike[name][-1], 2) for name in ("attention alone", "post-norm", "pre-norm")})

# %% picture
# How alike the words are, and how long their vectors, block by block
figure, (left, right) = panels(1, 2, size=(8.6, 3.2))
curves(
    {name: alike[name] for name in ("attention alone", "post-norm", "pre-norm")},
    title="The blocks keep words apart",
    x_label="blocks",
    y_label="cosine between words",
    axes=left,
)
curves(
    lengths_of,
    title="Pre-norm lets them grow",
    x_label="blocks",
    y_label="length of a word's vector",
    axes=right,
)
show(
    figure,
    alt="Left: the cosine between words over twelve blocks is near 1 for attention alone and far lower for both kinds of block. Right: the length of the vectors is constant with post-norm and grows with pre-norm.",
)

# %% [markdown]
# Both keep the words apart, pre-norm better than post-norm, which grinds the path down a little with every
# block. The price: pre-norm's sums grow from block to block. So one last norm is put after a pre-norm stack.

# %% [markdown]
# ## The decoder's block
#
# The decoder writes. It has one more layer than the encoder:
#
# 1. **Causal self-attention.** What have *I* written so far? In training the whole right sentence goes in at once,
#    so the mask of chapter 5 must hide what comes later.
# 2. **Cross-attention** (크로스 어텐션). What does the *source* say? The queries come from the words written, the keys and
#    values from the **memory**: what the encoder made of the source. It is chapter 4's question with chapter 5's means.
# 3. **Feed-forward**, as before.

# %% [markdown]
# ### Exercise 6.4 — the decoder's block · 5 points · ~25 min
#
# Three layers, three residual paths, three norms; `norm_first` as before. Make the causal mask yourself (`causal_mask`
# is there, from chapter 5). `memory_mask` hides the padding of the source. The memory is taken as it comes: it has been
# normed, in post-norm by the encoder's last block, in pre-norm by one last norm after its stack.
#
# <details><summary>Hint</summary>
#
# There must be one result for each word *written*: so who asks, and who answers? `memory` is both key and value.
# The order of what you return is in the docstring.
# </details>

# %% exercise
from unrolled.transformer import DecoderBlock

# %% check
check(DecoderBlock)

# %% [markdown]
# Stacked, with embeddings below and a head on top, the two kinds of block make the whole machine:

# %% [markdown]
# ![The whole Transformer in two columns, from the bottom to the top. Left the encoder: the source, embedding and
# positions, then N times attention, add and norm, feed_forward, add and norm. What comes out, the memory, of shape
# (batch, source, d_model), goes as a blue line to the right. Right the decoder: the target moved one to the right,
# embedding and positions, then N times causal self_attention, cross_attention with keys and values from the memory,
# and feed_forward, each with add and norm; then the head, with scores of shape (batch, target,
# vocabulary).](../assets/diagrams/transformer.svg)

# %% [markdown]
# **Predict.** Six words have been written, the source has seven. We change written word 3 (counting from 0). Which
# of the six outputs move? Then, instead, we change source word 3. Which move now?

# %%
decoder_now = solved("DecoderBlock")
seed_everything(0)
decoder_block = decoder_now(32, 4, 64, norm_first=True)
written, memory = torch.randn(1, 6, 32), torch.randn(1, 7, 32)


def which_move(changed_written, changed_memory):
    """The places whose output is another than before."""
    with torch.no_grad():
        before, after = (
            decoder_block(*inputs)[0][0]
            for inputs in ((written, memory), (changed_written, changed_memory))
        )
    return [i for i in range(6) if not torch.allclose(before[i], after[i], atol=1e-6)]


other_written, other_memory = written.clone(), memory.clone()
other_written[0, 3], other_memory[0, 3] = 1.0, 1.0
moves = {
    "written word 3": which_move(other_written, memory),
    "source word 3": which_move(written, other_memory),
}
print(moves)

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# Written word 3 moves 3, 4 and 5: itself and what comes later. Source word 3 moves all six: the source is there as
# a whole before the first word is written. So *everything the model may not know is decided by one triangle*. Without
# it, each word could simply look up the next one, and in use, where there is no next one, it would be lost.
# </details>

# %% [markdown]
# ## The whole machine
#
# The rest is assembly, and it is given: `Transformer` in `unrolled.transformer`. Embed the words (times
# $\sqrt{d_{model}}$, so that they are not drowned by the positions), add the positions, go through a stack of encoder's
# blocks, then through a stack of decoder's blocks that look at the result, and score all words.

# %%
task = translation_task()
parts = {"encoder_block": block_now, "decoder_block": decoder_now}


def machine():
    """A Transformer for the shared task, with about as many weights as the models of chapters 3 and 4."""
    return Transformer(
        len(task.source), len(task.target), d_model=88, heads=4, d_ff=352, layers=2,
        norm_first=True, **parts,
    )  # fmt: skip


size_of = {name: weights_of(part) for name, part in machine().named_children()}
total = sum(size_of.values())
words_share = (size_of["source_embedding"] + size_of["target_embedding"] + size_of["head"]) / total
for name, size in size_of.items():
    print(f"{name:17} {size:8,}")
print(f"{'all':17} {total:8,}, of which {words_share:.0%} serve to read and write words")

# %% [markdown]
# ## How it is trained: a teacher who is never quite sure
#
# Cross-entropy asks for a probability of 1 for the right word. No finite score reaches that, so the scores grow and
# grow. But *big* and *large* are both good English. **Label smoothing** (레이블 스무딩) takes a share $\varepsilon_{ls}$
# of the target from the right word and spreads it over all $K$ words, the right one included. (It has nothing to do
# with the $\varepsilon$ of the layer norm; the paper gives it the index.)
#
# $$L = (1 - \varepsilon_{ls})\,(-\log p_{\text{right}}) \;+\; \varepsilon_{ls} \cdot \frac1K \sum_{k} (-\log p_k)$$

# %% [markdown]
# ### Exercise 6.5 — cross-entropy with smoothed labels · 3 points · ~15 min
#
# `smoothing` is $\varepsilon_{ls}$. Average over the real tokens of the batch: each counts once, whichever sentence it
# stands in, and there is at least one. However large the scores are, the loss is a finite number. `F.log_softmax` and
# `F.nll_loss` are free.
#
# <details><summary>Hint</summary>
#
# Begin with `torch.log_softmax`. `gather(-1, targets[..., None])` picks the right word's entry at each place, and
# the second term is a mean over the last axis. `padding_mask` of chapter 5 says which places are real.
# </details>

# %% exercise
from unrolled.label_smoothing import label_smoothed_cross_entropy

# %% check
check(label_smoothed_cross_entropy)

# %%
smoothed = solved("label_smoothed_cross_entropy")


def loss_when_sure(p, smoothing, classes=10):
    """The loss of a model that gives p to the right class and shares the rest among the others."""
    probabilities = torch.full((1, 1, classes), (1 - p) / (classes - 1))
    probabilities[..., 0] = p
    right, one = torch.zeros(1, 1, dtype=torch.long), torch.ones(1, dtype=torch.long)
    return smoothed(probabilities.log(), right, one, smoothing).item()


sure = [i / 1000 for i in range(600, 1000)]
sureness = {f"ε = {e}": (sure, [loss_when_sure(p, e) for p in sure]) for e in (0.0, 0.1)}
lowest = sure[min(range(len(sure)), key=sureness["ε = 0.1"][1].__getitem__)]

# %% picture
# The loss of a model that is more or less sure
show(
    curves(
        sureness,
        title=f"With ε = 0.1 the best is to be {lowest:.0%} sure",
        x_label="probability of the right class",
    ),
    alt="Two losses over the probability of the right one of ten classes. Without smoothing it falls all the way to 1; with smoothing it is lowest at 0.91 and rises steeply towards 1.",
)

# %% [markdown]
# With ten classes the lowest loss is where the prediction equals the smoothed target, $1 - \varepsilon_{ls} +
# \varepsilon_{ls}/10$. Beyond it, being sure *costs*. And the loss never reaches 0: mind that when you compare numbers.

# %% [markdown]
# ## How it is trained: slowly up, then down
#
# Adam divides each step by the usual size of the gradient. In the first steps it knows that size badly, so its first
# steps are its wildest. The paper lets the learning rate climb in a straight line for `warmup` steps, the **warm-up**
# (웜업), then fall. A rate that follows the step is called a **learning rate schedule** (학습률 스케줄):
#
# $$\text{rate} = d_{model}^{-1/2} \cdot \min\!\left(\text{step}^{-1/2},\; \text{step} \cdot \text{warmup}^{-3/2}\right)$$

# %% [markdown]
# ### Exercise 6.6 — the learning rate of the paper · 1 point · ~5 min
#
# Steps count from 1; you need not check. Return a plain number.

# %% exercise
from unrolled.schedule import noam_rate

# %% check
check(noam_rate)

# %%
rate_now = solved("noam_rate")

# %% [markdown]
# What do the two numbers do? Move them. Where is the top, and how high is it? Can you make two schedules meet?
#
# <details><summary>Answer</summary>
#
# The top is at the last step of the warm-up. A longer warm-up gives a later and a *lower* top, and far beyond the top
# all schedules of one `d_model` are the same curve. A wider model gets smaller steps.
# </details>


# %% picture
# The learning rate over 20,000 steps, with sliders for d_model and the warm-up
def draw_schedule(d_model=512, warmup=8000):
    steps = list(range(1, 20_001, 50))
    top = rate_now(warmup, d_model, warmup)
    rates = {
        f"d_model {d_model}, warm-up {warmup}": [rate_now(s, d_model, warmup) for s in steps],
        "the paper: 512 and 4000": [rate_now(s, 512, 4000) for s in steps],
    }
    title = f"The rate is highest at step {warmup}: {top:.1e}"
    return curves(
        {name: (steps, y) for name, y in rates.items()}, title=title, y_label="learning rate"
    )


explorer(
    draw_schedule,
    d_model=(64, 1024, 64),
    warmup=(500, 12_000, 500),
    alt=lambda d_model, warmup: (
        f"The learning rate over 20,000 steps for d_model {d_model}: a straight rise to step {warmup}, then a slow fall."
    ),
)

# %% [markdown]
# ## The experiment: Korean into English, for the third time
#
# The task is that of chapters 3 and 4: the same sentences, the same batches, the same optimiser and as many
# weights, within 5 %. What differs is how one word reaches another. Chapter 3 squeezes the sentence into one
# vector, chapter 4 looks back at every step, and here every word looks at every word.

# %%
print(
    f"{weights_of(machine()):,} weights; the goal of all three chapters is {PARAMETERS:,} within 5 %"
)
print(f"{len(task.pairs):,} sentences to learn from, {UPDATES} updates; for example")
for korean, english in task.test["7–9"][:2]:
    print(f"  {korean} → {english}")


# %%
def smoothed_loss(model, batch, smoothing=0.1):
    """The loss for `learn`, with smoothed labels."""
    logits = model(batch.source, batch.source_lengths, shift_right(batch.target, task.target.bos))
    return smoothed(logits, batch.target, batch.target_lengths, smoothing)


def translation_run(seed, preset="auto", at=None, loss=translation_loss):
    """A Transformer, trained; returns its record, its BLEU by length after each of `at` updates, and itself."""
    seed_everything(seed)
    model = machine()
    at = at or (UPDATES * preset_of(preset).scale,)
    return *learn(model, task, at=at, seed=seed, preset=preset, loss=loss), model


@torch.no_grad()
def test_loss(model):
    """−log p(right word) on the test sentences of all lengths, in nats a word."""
    pairs = [pair for chosen in task.test.values() for pair in chosen]
    return translation_loss(model, task.batch(pairs)).item()


# %% [markdown]
# `experiment` is what is recorded for three seeds: it also measures how many updates fit into equal time, trains a
# second model with smoothed labels, and makes the runs for a claim about warm-up below. Live we run one seed of the
# main thing.


# %%
def experiment(seed, preset="auto"):
    """Everything that is recorded: the comparison (at equal time too), smoothing, and warm-up further down."""
    seed_everything(seed)
    reference = Seq2Seq(len(task.source), len(task.target), feature=96, hidden=184)  # chapter 3's
    equal = updates_in_equal_time(machine(), reference, task)
    at = [updates * preset_of(preset).scale for updates in (equal, UPDATES)]
    _, scores, model = translation_run(seed, preset, at)
    _, smooth_scores, smooth = translation_run(seed, preset, at[1:], smoothed_loss)
    return {
        "parameters": weights_of(model),
        "updates_equal_time": equal,
        "bleu": scores[at[1]],
        "bleu_equal_time": scores[at[0]],
        "love": translate(model, task, [village.LOVE.korean])[0],
        "smoothing": {
            "bleu": {"plain": mean(scores[at[1]]), "smoothed": mean(smooth_scores[at[1]])},
            "test loss": {"plain": test_loss(model), "smoothed": test_loss(smooth)},
        },
        "warm_up": final_losses(warm_up_runs(seed, preset)),
    }


def summarize(result):
    """What is written down of an experiment: all of it."""
    return result


def mean(scores):
    """BLEU, averaged over the ranges of length."""
    return sum(scores.values()) / len(scores)


history, scores, model = translation_run(seed=0)
(bleu_of,) = scores.values()
print(f"loss {history.losses[0]:.2f} → {sum(history.losses[-20:]) / 20:.2f} nats a word")
print("BLEU by length:", {name: round(score) for name, score in bleu_of.items()})

# %% [markdown]
# Is that good? Only a comparison can say. Here are the three models side by side: means over three recorded seeds,
# by the length of the sentence. Left after equally many updates, right after equal time on a CPU.

# %%
MODELS = {
    "04_attention": "attention (chapter 4)",
    "03_seq2seq": "one vector (chapter 3)",
    "06_transformer": "Transformer (chapter 6)",
}


def seeds_of(chapter):
    """The recorded runs of a chapter; none if there are none yet."""
    try:
        return list(recorded(chapter)["seeds"].values())
    except FileNotFoundError:
        return []


runs = {name: seeds_of(chapter) for chapter, name in MODELS.items() if seeds_of(chapter)}
means = {
    measure: {
        name: [
            sum(run.get(measure, run["bleu"])[length] for run in of) / len(of) for length in RANGES
        ]
        for name, of in runs.items()
    }
    for measure in ("bleu", "bleu_equal_time")
}
for name, of in runs.items():
    updates = of[0].get("updates_equal_time", UPDATES)
    print(
        f"{name:23} {of[0]['parameters']:,} weights; {updates} updates in equal time; “{of[0]['love']}”"
    )

# %% picture
# BLEU of the three models by length, at equal updates and at equal time
figure, axes = panels(1, 2, size=(8.6, 3.4))
for panel, measure, title in (
    (axes[0], "bleu", f"After {UPDATES} updates each"),
    (axes[1], "bleu_equal_time", "After equal time on a CPU"),
):
    curves(means[measure], title=title, x_label="English words", y_label="BLEU", axes=panel)
    panel.set_xticks(range(len(RANGES)), list(RANGES))
    panel.set_ylim(0, 100)
show(
    figure,
    alt="BLEU over four ranges of sentence length, one line per model, in two panels: equal updates and equal time. In both the Transformer is highest, attention of chapter 4 follows, and the one vector of chapter 3 is far below.",
)

# %% [markdown]
# The Transformer is far ahead of chapter 3's one vector everywhere, and falls less with the length: by about eight
# points from the shortest sentences to the longest, where the one vector falls by about twenty. One update takes it
# about a third as long again on this CPU, where PyTorch's GRU is very well made. So in equal time it gets fewer updates
# than chapter 3, about 370 instead of 500, which costs it three to eight points; it stays far ahead. Against chapter 4
# the lead is smaller, eight to nine points. But a look of chapter 4 costs time as well, about as much, and chapter 4
# loses more by it, above all in long sentences: in equal time the lead is eight points in short ones and sixteen in the
# longest. And the sentence of this course, with its five words for four, comes out right with every seed, though 너를 is
# as rare here as it was for chapter 4.

# %% [markdown]
# ## Where does it look?
#
# Now the sentence of this course. Korean puts the verb last, English in the middle, so the bright squares must leave
# the diagonal. Here is the cross-attention of the second block, averaged over its heads: a row for each English word
# *to be written*.


# %%
@torch.no_grad()
def attention_of(korean):
    """The model's translation word by word, the Korean words, and the cross-attention of all blocks."""
    english = translate(model, task, [korean])[0].split()
    source = village.tokens(korean)
    target = torch.tensor([[task.target.bos, *task.target.encode(english)]])
    memory, mask, _ = model.encode(
        torch.tensor([task.source.encode(source)]), torch.tensor([len(source)])
    )
    _, _, cross = model.decode(target, memory, mask)
    return [*english, "<eos>"], source, cross


model.cpu().eval()
english, source, cross = attention_of(village.LOVE.korean)
print(village.LOVE.korean, "→", " ".join(english[:-1]))
long_english, long_source, long_cross = attention_of(task.test["7–9"][1][0])
print(" ".join(long_source), "→", " ".join(long_english[:-1]))

# %% picture
# The cross-attention for two sentences
figure, axes = panels(1, 2, size=(9.5, 3.8))
for panel, rows, columns, weights, title in (
    (axes[0], english, source, cross, "The verb comes last, and is looked at second"),
    (axes[1], long_english, long_source, long_cross, "A longer sentence: its second half in reverse"),
):
    heatmap(
        weights[-1][0].mean(0), rows, columns, title=title, x_label="read", y_label="to be written", bar=False, axes=panel
    )
show(
    figure,
    alt="Two heat maps of cross-attention, a row for each English word and a column for each Korean one. Left, the row of love is bright at the last Korean word, that of you at the second. Right, the bright squares of the second half run against the diagonal.",
)

# %% [markdown]
# *love* is the second word in English, and its row is bright at the last Korean word, 사랑해; *you* looks back to 너를. On
# the right a word has been lost: *chicken* looks at 온순한 and at 닭은 at once, and *gentle* is not written. Then the eye
# jumps to the end: 않았어 gives *did*, 달려가지 *run*, *not* looks at both, and only then comes 들판으로, for *field*: in
# reverse order. By and large it has found out for itself which word belongs to which. Rows without a partner, such as
# *much* and the end mark, spread out or look anywhere.

# %% picture
# The cross-attention of all heads
model_view(
    [weights[0] for weights in cross],
    english,
    source,
    title="Cross-attention: two blocks, four heads",
    alt="Heat maps of the cross-attention of two blocks with four heads each; rows are English words, columns Korean ones.",
)

# %% [markdown]
# In the live view a click enlarges a head. The two blocks are called layers 0 and 1 here. In the second one all four
# heads agree where there is a clear partner: *love* looks at 사랑해, *you* at 너를. They differ in rows without a partner,
# such as *much*. And in the first block only some of them have found 사랑해 for *love*. As in chapter 5: which head does
# what is an accident of the seed.

# %% [markdown]
# ## Claims, checked
#
# > *"Post-norm needs warm-up, pre-norm does not."*
#
# Xiong et al. (2020) say why it should be so: before training, the gradients near the output of a post-norm stack are
# large. We train models with six thin blocks on each side, on short sentences: both kinds, with and without a warm-up
# of 50 steps, at an ordinary learning rate and at a bold one. Live, there is one more run: post-norm with your
# `noam_rate`, scaled so that its top is the bold rate.


# %%
SCHEDULES = {  # what the rate is multiplied with at each step
    "no warm-up": lambda step: 1.0,
    "warm-up": lambda step: min(1.0, (step + 1) / 50),
    "the paper's schedule": lambda step: rate_now(step + 1, 32, 50) / rate_now(50, 32, 50),
}


def deep_run(seed, norm_first, schedule, rate, preset="auto", steps=120):
    """The losses of a deep, thin Transformer on short sentences."""
    short = [pair for pair in task.pairs if len(village.tokens(pair[1])) <= 8]
    seed_everything(seed)
    deep = Transformer(
        len(task.source), len(task.target), d_model=32, heads=4, d_ff=64, layers=6, norm_first=norm_first, **parts
    )  # fmt: skip
    return train(
        deep, replace(task, pairs=tuple(short)).batches(32), translation_loss, steps=steps, learning_rate=rate,
        optimizer=torch.optim.Adam, preset=preset, seed=seed, schedule=SCHEDULES[schedule], name=schedule,
    ).losses  # fmt: skip


# %% [markdown]
# All of them, with warm-up and without; what counts is the loss at the end.


# %%
def warm_up_runs(seed, preset="auto", rates=(0.003, 0.01)):
    """The losses by norm, warm-up and rate."""
    return {
        f"{'pre' if norm_first else 'post'}-norm, {schedule}, {rate}": deep_run(
            seed, norm_first, schedule, rate, preset
        )
        for rate in rates
        for norm_first in (False, True)
        for schedule in ("no warm-up", "warm-up")
    }


def final_losses(runs):
    """The mean loss of the last 20 steps of each run."""
    return {name: sum(losses[-20:]) / 20 for name, losses in runs.items()}


warm = warm_up_runs(seed=0, rates=(0.01,))  # the ordinary rate is in the record
warm["post-norm, the paper's schedule, 0.01"] = deep_run(0, False, "the paper's schedule", 0.01)
ends = final_losses(warm)
recorded_ends = [run["warm_up"] for run in seeds_of("06_transformer")]
for name in recorded_ends[0] if recorded_ends else []:
    print(f"{name:30} " + ", ".join(f"{run[name]:.2f}" for run in recorded_ends))

# %% picture
# The loss at a bold rate, with and without warm-up
show(
    curves(
        {name.removesuffix(", 0.01"): losses for name, losses in warm.items()},
        title="At a bold rate, post-norm without warm-up stays behind",
        smooth=20,
    ),
    alt="Five loss curves over 120 steps at learning rate 0.01: post-norm without warm-up stays highest; the two with pre-norm end lowest; post-norm with a warm-up or with the paper's schedule lies in between.",
)

# %% [markdown]
# **True only if** the rate is bold, and then a warm-up is no guarantee. At 0.01, post-norm without warm-up gets stuck
# at about 5 nats per word with every seed. With two seeds the warm-up cures that and saves 0.8 to 0.9 nats; with the
# third it does not help, and the run gets stuck with it too. Pre-norm hardly notices: with a warm-up it ends better by
# about 0.15 with two seeds, and a little worse with one. And at 0.003 both kinds train without warm-up, and at this
# point even better than with it, since a warm-up spends fifty steps of our 120 at a smaller rate. "Needs" is too
# strong: a warm-up can buy the right to take bold steps, and pre-norm has that right for nothing. The paper's schedule,
# which rises for 50 steps and then falls, does for post-norm what the warm-up does, in the one seed that we run.
#
# > *"Label smoothing hurts perplexity, … but improves accuracy and BLEU score."*

# %%
for run in seeds_of("06_transformer"):
    print("; ".join(
        f"{what}: {values['plain']:.2f} plain, {values['smoothed']:.2f} smoothed"
        for what, values in run["smoothing"].items()
    ))  # fmt: skip

# %% [markdown]
# **True here**: both halves with all three seeds. The smoothed models are less sure of the right word, so their loss on
# unseen sentences (its exponential is the perplexity) is higher. Yet their translations are a little better: BLEU gains
# nearly 4 points with two seeds, and about 1 with the third. Three seeds are few, and the village is small; the paper
# found the same at scale.
#
# > *"The original Transformer has 65 million parameters."*
#
# So says table 3 of the paper, for its base model; the large one has 213 million. The sizes stand beside it: a
# `d_model` of 512, 8 heads, `d_ff` 2048, six blocks a side, and a vocabulary of 37,000 that both languages share. One
# table of 37,000 × 512 serves three times: as the source's embedding, the target's, and the head. On the *meta* device
# tensors have shapes and no memory, so we can build the thing itself.


# %%
def original(d_model, heads, d_ff, vocabulary=37_000, tables=1):
    """The original Transformer on the meta device, with one, two or three tables of words."""
    with torch.device("meta"):
        model = Transformer(vocabulary, vocabulary, d_model, heads, d_ff, layers=6)
    if tables < 3:
        model.head.weight = model.target_embedding.weight
    if tables < 2:
        model.source_embedding.weight = model.target_embedding.weight
    return model


base = {tables: weights_of(original(512, 8, 2048, tables=tables)) for tables in (3, 2, 1)}
large = weights_of(original(1024, 16, 4096))
for tables, size in base.items():
    print(f"base, {tables} table{'s'[: tables > 1]}: {size:11,}")
print(f"large, 1 table: {large:11,}")

# %% [markdown]
# **True within 3 %.** With one shared table the base model has 63.1 million weights, not 65; the large one 214.3
# million, not 213. What exactly the paper's authors counted is not known. With three tables it would be 101 million:
# when somebody quotes a number of parameters, ask which tables are in it.

# %% [markdown]
# ## Repair: a deep model that is not deep
#
# Below is an encoder with as many blocks as you like. It runs, its shapes are right, it even learns. But in a
# comparison of two and twelve blocks the two came out nearly equal. The next cell shows the symptom. Find the cause
# and repair it in place.


# %%
class Encoder(nn.Module):
    def __init__(self, d_model, heads, d_ff, layers):
        super().__init__()
        block = block_now(d_model, heads, d_ff, norm_first=True)
        self.blocks = nn.ModuleList([block] * layers)
        self.norm = nn.LayerNorm(d_model)

    def forward(self, x, mask=None):
        for block in self.blocks:
            x, _ = block(x, mask)
        return self.norm(x)


# %%
shallow, deep = weights_of(Encoder(16, 2, 32, layers=2)), weights_of(Encoder(16, 2, 32, layers=12))
print(f"weights with 2 blocks: {shallow:,}; with 12 blocks: {deep:,}")
seed_everything(0)
reader = Encoder(16, 2, 32, layers=12)
reader(torch.randn(1, 5, 16)).square().sum().backward()
idle = sum(p.grad is None for p in reader.parameters())
first = [next(block.parameters()) for block in list(reader.blocks)]
twins = sum(torch.equal(first[0], other) for other in first[1:])
judge_repair(
    ("Every block has its own weights.", deep > 5 * shallow, f"Ten more blocks add {deep - shallow:,} weights."),
    ("Each begins with other numbers.", twins == 0, f"{twins} of 11 begin with those of the first."),
    ("All of them have a part in the output.", idle == 0, f"{idle} weights get no gradient."),
)

# %% [markdown]
# <details><summary>What is it?</summary>
#
# `[block] * 12` is a list that holds *the same* block twelve times. There is one set of weights, applied over and over.
# The repair is a list comprehension that makes a new block each time. Two relatives of this bug: a plain Python list
# instead of `nn.ModuleList` hides the blocks from the optimiser altogether, and `copy.deepcopy` (which
# `nn.TransformerEncoder` itself uses) gives twelve blocks that all *begin* with the same numbers. And sharing on
# purpose is an idea of its own: ALBERT does it (chapter 15). The lesson: count your weights, and ask whether the number
# is right.
# </details>

# %% [markdown]
# ## In your own words
#
# A friend says: "The Transformer is just attention." Answer in six to ten sentences: what else is in a block and what
# is each part for, how do encoder and decoder differ, and what does the decoder know of the source and of its own
# sentence?
#
# Two points: one for residual paths, norm and feed-forward layer with what each does, one for the decoder (causal
# mask, cross-attention with queries from the target and keys and values from the source).

# %% written [markdown] name="transformer-in-your-own-words" points=2
# Attention alone makes averages: stacked, it makes all words the same, as we saw. The residual path adds what a layer
# found to what the word already was, so nothing is lost, and the gradient passes many layers. The norm brings each
# word's features back to one scale, word by word, so that every layer sees numbers of a size it knows. The feed-forward
# layer works on what attention has collected, on each word alone, and holds two thirds of a block's weights. The
# encoder's words all look at each other. The decoder's words look only at themselves and at earlier ones, because in
# training the whole right sentence goes in at once; and in the cross-attention each of them asks the encoder's output:
# queries come from the target, keys and values from the source.
#
# **1 point**: names residual, norm and feed-forward layer *and* a purpose of each. **1 point**: the causal mask and why
# it is needed, *and* where queries, keys and values of the cross-attention come from.

# %% [markdown]
# ## What you have now, and where next
#
# The machine on which everything after 2017 is built. You have written every part of it: the norm, the feed-forward
# layer and both blocks, and what teaches them, the loss and the schedule.
#
# **Next**: BERT takes the encoder alone and reads in both directions (chapter 7); GPT takes the decoder without
# cross-attention and writes (chapter 8); T5 and BART keep both (chapter 9).
#
# *To read on*: Vaswani et al., *Attention Is All You Need* (2017); Rush, *The Annotated Transformer* (2018); Xiong et
# al., *On Layer Normalization in the Transformer Architecture* (2020); Dong et al., *Attention Is Not All You Need*
# (2021), on why a stack of attentions alone collapses.

# %%
progress("06_transformer")
