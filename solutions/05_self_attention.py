# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 5 · What if every word looks at every word?
#
# A recurrent network passes a message from word to word, as in the children's game: by the end of the row not much is
# left of it. Attention (chapter 4) let the decoder look back at the input. This chapter goes one step further and
# throws the recurrence away: every word looks at every word, all at once. This is **self-attention** (셀프 어텐션), the part
# of a **Transformer** (트랜스포머) that all the rest is built around.
#
# You need: chapter 4, or matrix products and the softmax. Five exercises, 13 points and a paragraph
# (2 points). About two hours.

# %% setup
import time

import torch
from torch import nn

from autograder import check, judge_repair, progress, solved
from unrolled.data import village
from unrolled.data.village import lexicon
from unrolled.data.village.korean import attach
from unrolled.lab import (
    bars,
    curves,
    explorer,
    head_view,
    heatmap,
    panels,
    recorded,
    seed_everything,
    show,
    train,
)
from unrolled.lstm import lstm_step
from unrolled.rnn import jacobian_norms, rnn_step, unroll
from unrolled.self_attention import WordFiller
from unrolled.translation import padded

# %% [markdown]
# ## The problem: a long chain
#
# In Korean the verb comes last. In the sentence below, who eats? The answer is the first word, and eight words stand
# between it and the verb. In a recurrent network the verb hears of it through a chain of nine steps. Chapter 1 taught
# us to measure what such a chain lets through. (The words are random vectors here, and the network has learnt nothing
# yet: only the distance counts.)

# %%
sentence = ["민지는", "어제저녁에", "시장에서", "산", "크고", "빨간", "사과를", "정원에서", "천천히", "먹었어"]
print(
    len(sentence), "words: Minji ate, slowly, in the garden, the big red apple bought yesterday …"
)

seed_everything(0)
network = nn.RNN(32, 32, batch_first=True)  # as PyTorch draws it, before any training
states, _ = network(torch.randn(1, len(sentence), 32))
reach = jacobian_norms(network.weight_hh_l0.detach(), states[0].detach())

# %% picture
# The gradient from the verb back to each word
show(
    bars(
        dict(zip(sentence[:-1], reach[:-1].round(decimals=3).tolist(), strict=True)),
        title="Of the first word almost nothing reaches the verb",
        y_label="gradient from the verb",
    ),
    alt="Bars, one a word: the gradient from the verb back to each word falls steadily, to almost nothing at the first.",
)

# %% [markdown]
# And there is a second cost. Step nine cannot begin before step eight is done, however many
# processors you have. Long chains are slow *and* forgetful. So why have a chain at all?

# %% [markdown]
# ## The idea: a soft dictionary
#
# Think of a Python dictionary: you come with a **query**, it is compared with the **keys**, and you
# get the **value** of the one key that is equal. Now make it soft. Compare the query with *every*
# key, by a dot product; turn the scores into weights that add up to 1; return the **average of all
# values** with these weights. Nothing is looked up exactly, everything can be differentiated.
#
# Every word makes three vectors of its own: a query (*what am I looking for?*), a key (*what am I?*)
# and a value (*what do I tell?*). Here they are, made by hand for three words.

# %%
words = ["민지는", "사과를", "먹었어"]
#                     who?  what?
keys = torch.tensor([[3.0, 0.0], [0.0, 3.0], [0.0, 0.0]])
values = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
query = torch.tensor([2.0, 0.0])  # the verb asks: who?
scores = keys @ query / 2**0.5
weights = scores.softmax(dim=0)
print({word: round(weight, 3) for word, weight in zip(words, weights.tolist(), strict=True)})
print("what the verb gets to know:", [round(x, 3) for x in (weights @ values).tolist()])

# %% [markdown]
# The verb asked *who?* and got, almost purely, the value of 민지는. In one step, however far away it
# stands. With all queries, keys and values stacked as the rows of matrices $Q$, $K$, $V$, the whole
# sentence does it at once. This is **scaled dot-product attention** (스케일드 닷 프로덕트 어텐션):
#
# $$\mathrm{attention}(Q, K, V) \;=\; \mathrm{softmax}\!\left(\frac{Q K^\top}{\sqrt{d_k}}\right) V$$

# %% [markdown]
# ## Why the root?
#
# A score adds up $d_k$ products. If all numbers are independent, with mean 0 and variance 1, the score has variance
# $d_k$: the longer the vectors, the wilder the scores. A softmax of wild scores is almost a maximum: one weight is 1,
# all others 0, and almost no gradient comes through.
#
# **Predict.** Seven random keys, vectors of length 512. How large is the largest weight, on average,
# without the root? And with it?

# %%
seed_everything(0)
sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
spread, largest = {"raw": [], "divided by √d_k": []}, {"raw": [], "divided by √d_k": []}
for d_k in sizes:
    raw = (torch.randn(2000, 1, d_k) * torch.randn(2000, 7, d_k)).sum(-1)
    for name, scores in (("raw", raw), ("divided by √d_k", raw / d_k**0.5)):
        spread[name].append(scores.var().item())
        largest[name].append(scores.softmax(-1).amax(-1).mean().item())

# %% picture
# The variance of a score, and the largest weight, over d_k
figure, (left, right) = panels(1, 2, size=(9, 3.4))
curves({name: (sizes, y) for name, y in spread.items()}, title="The variance of a score is d_k",
       x_label="d_k", y_label="variance", log=True, axes=left)  # fmt: skip
curves({name: (sizes, y) for name, y in largest.items()}, title="Without the root one key takes nearly all",
       x_label="d_k", y_label="largest of seven weights", axes=right)  # fmt: skip
left.set_xscale("log"), right.set_xscale("log")
show(
    figure,
    alt="Two panels over d_k. Left: the variance of raw scores grows like d_k, divided ones stay at 1. Right: the largest weight of raw scores tends to 1, of divided ones stays below a half.",
)

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# Without the root the largest of seven weights is about 0.95: one key takes all. With it, it stays
# near 0.4 whatever the length. Dividing by $d_k$ itself would overdo it: then all weights would
# become equal.
# </details>

# %% [markdown]
# ### Exercise 5.1 — scaled dot-product attention · 4 points · ~20 min
#
# Write the formula, for any number of axes in front (batch, heads). If there is a `mask`, it is True where one may
# look; elsewhere the weight must be exactly 0, and the others must still add up to 1, however large the scores are.
# The mask broadcasts to them, and every query may look somewhere: a query that may look nowhere, for which chapter 4
# decided on zeros, does not occur. Return the output *and* the weights.
#
# For all exercises of this chapter: a batch or a sentence may be one, and never none; what you are given
# stays unchanged; what you return has its dtype.
#
# <details><summary>Hint</summary>
#
# `key.transpose(-2, -1)` swaps the last two axes. For the mask: which score has the weight 0 after a softmax? Look at
# `masked_fill`, and mind which places it fills.
# </details>

# %% exercise
from unrolled.self_attention import scaled_dot_product_attention

# %% check
check(scaled_dot_product_attention)

# %% [markdown]
# ## What one must not see
#
# Two things must be hidden. A model that predicts the next word must not see it: row $i$ may look at columns
# $0 \dots i$. And in a batch, short sentences end in padding, which is not text: nobody may look there. Both are masks:
# truth values, **True where one may look**. The first is called a **causal mask** (인과 마스크), the second a **padding
# mask** (패딩 마스크). (Beware: in `torch.nn.MultiheadAttention` True means the opposite.)

# %% [markdown]
# ### Exercise 5.2 — the causal mask · 1 point · ~5 min
#
# A square of truth values: may query `i` look at key `j`? A word may look at itself.

# %% exercise
from unrolled.self_attention import causal_mask

# %% check
check(causal_mask)

# %% [markdown]
# ### Exercise 5.3 — the padding mask · 1 point · ~5 min
#
# For each sequence of a batch: which of its `length` places hold real tokens? A sequence may be empty.
#
# <details><summary>Hint</summary>
#
# Compare the numbers of the places with the lengths, and let broadcasting do the rest: one of them
# is `(length,)`, the other `(batch, 1)`.
# </details>

# %% exercise
from unrolled.self_attention import padding_mask

# %% check
check(padding_mask)

# %%
attend, causal, padding = map(
    solved, ("scaled_dot_product_attention", "causal_mask", "padding_mask")
)
tokens = [*village.LOVE.korean.split(), "<pad>", "<pad>"]
seed_everything(0)
x = 0.6 * torch.randn(1, len(tokens), 16)
_, free = attend(x, x, x)
_, masked = attend(x, x, x, causal(len(tokens)) & padding(torch.tensor([4]), len(tokens))[:, None])

# %% picture
# The weights without a mask and with both masks
figure, axes = panels(1, 2, size=(9, 3.6))
for panel, weights, title in (
    (axes[0], free, "Everyone looks everywhere"),
    (axes[1], masked, "No future, no padding"),
):
    heatmap(
        weights[0],
        tokens,
        tokens,
        title=title,
        x_label="key",
        y_label="query",
        axes=panel,
        bar=False,
    )
show(
    figure,
    alt="Two heat maps of weights over a Korean sentence with padding. Left: all squares are lit. Right: only squares on and below the diagonal, and none in the padding's columns.",
)

# %% [markdown]
# The sentence is chapter 4's *I love you so much*, with two places of padding; the brighter a square, the larger the
# weight. On the right, the first word sees only itself, nobody sees the padding, and every row still adds up to 1.
# (The padding's own rows look at something. Nobody reads them.)

# %% [markdown]
# ## Several heads
#
# One attention asks one question. 먹었어 wants to know *who*, *what*, *where* and *when*, all at once; but an average of
# four answers is mush. So ask several questions side by side: project to queries, keys and values, cut each into
# `heads` parts, let every part attend on its own, lay the answers side by side, and let a last projection mix them.
# This is **multi-head attention** (멀티헤드 어텐션).

# %% [markdown]
# ![Multi-head attention, from the bottom to the top: x, of shape (batch, time, d_model), goes through three linear
# layers, query, key and value. Each result is cut into heads, (batch, heads, time, d_k), and every head attends on its
# own. The heads are laid side by side again, and the layer output mixes what they
# found.](../assets/diagrams/multi_head_attention.svg)

# %% [markdown]
# Let $Q_i$, $K_i$ and $V_i$ be the parts of the queries, keys and values that head $i$ gets:
#
# $$\mathrm{head}_i = \mathrm{attention}(Q_i, K_i, V_i), \qquad
# \mathrm{output} = [\mathrm{head}_1 \dots \mathrm{head}_h]\, W_O^\top + b_O$$
#
# Here $h$ is the number of heads, and no state. Each row is a word, so $W_O$, of shape `(output, feature)` as always,
# stands on the right and is transposed.

# %% [markdown]
# ### Exercise 5.4 — attention with several heads · 4 points · ~25 min
#
# The layers are there; write `forward`. Call your `scaled_dot_product_attention`: it takes any axes
# in front, so the heads can be one of them. The weights come out as `(batch, heads, query, key)`, and
# the mask broadcasts to that as it is: `(query, key)` is one for all, `(batch, 1, 1, key)` hides padding.
#
# <details><summary>Hint</summary>
#
# From `(batch, time, d_model)` to `(batch, heads, time, d_k)` in two moves: cut the last axis in two
# (`unflatten(-1, (…, …))`), then swap two axes. Going back is the same in reverse. A `view` straight
# to the final shape has the right shape and the wrong numbers: try it, and read what the check says.
# </details>

# %% exercise
from unrolled.self_attention import MultiHeadAttention

# %% check
check(MultiHeadAttention)

# %% [markdown]
# ## Words have no order
#
# Something is missing, and the formula hides it well.
#
# **Predict.** Take a sentence, compute self-attention without a mask, then shuffle the words and
# compute it again. What happens to the output of each word: does it change, or does it only move?

# %%
seed_everything(0)
x, order = torch.randn(1, 5, 16), torch.tensor([3, 0, 4, 2, 1])
straight, _ = attend(x, x, x)
shuffled, _ = attend(x[:, order], x[:, order], x[:, order])
moved = (straight[:, order] - shuffled).abs().max().item()
print(
    "largest difference after moving the outputs along:", f"{moved:.0e}" if moved > 1e-6 else "none"
)

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# It only moves. *The dog chased the cat* and *the cat chased the dog* are the same **bag of words** (단어 가방) to it:
# every word gets the very same output in both. This is called **permutation equivariance** (순열 등변성). A recurrent
# network knows the order because it reads in order; attention must be told.
# </details>
#
# So write the position into every word: add to its embedding a vector that says where it stands, its **positional
# encoding** (위치 인코딩). The paper takes sines and cosines of many speeds, like the hands of a clock:
#
# $$P_{p,\,2i} = \sin\frac{p}{10000^{2i/d}}, \qquad P_{p,\,2i+1} = \cos\frac{p}{10000^{2i/d}}$$

# %% [markdown]
# ### Exercise 5.5 — sinusoidal positions · 3 points · ~15 min
#
# Sines and cosines alternate: columns $2i$ and $2i+1$ share one angle. `d_model` is even; you need not
# check. A text may be long: thousands of positions.
#
# <details><summary>Hint</summary>
#
# First the rates, one for each pair of columns: what is `torch.arange(0, d_model, 2)`? Then all
# angles at once, as positions times rates. `torch.stack(…, dim=-1)` and `flatten` interleave.
# </details>

# %% exercise
from unrolled.self_attention import sinusoidal_positions

# %% check
check(sinusoidal_positions)

# %%
positions = solved("sinusoidal_positions")(50, 32)
similarity = positions @ positions.T

# %% picture
# The positions, and how alike they are
figure, axes = panels(1, 2, size=(9, 3.4))
heatmap(
    positions,
    title="Fast hands on the left, slow ones on the right",
    x_label="column",
    y_label="position",
    limits=(-1, 1),
    value="entry",
    axes=axes[0],
)
curves(
    {f"position {p}": similarity[p] for p in (10, 25, 40)},
    title="Near positions are alike",
    x_label="position",
    y_label="dot product",
    axes=axes[1],
)
axes[1].set_ylim(5, 20)  # room for the legend
show(
    figure,
    alt="Left: a heat map of 50 positions by 32 columns, fast waves on the left, slow ones on the right. Right: the dot product of a position with all others peaks at itself and falls off in waves, on both sides alike.",
)

# %% [markdown]
# The dot product of two positions depends only on how far apart they are. Near neighbours look
# alike; that is just what attention, which compares by dot products, can use.

# %% [markdown]
# ## The experiment: fill in the blank
#
# A single block (embeddings, positions, your kind of attention, one small **feed-forward layer** (피드포워드 층), which works
# on each word alone) learns to guess a hidden word of a village sentence from the words around it. We train it twice,
# with positions and without.
#
# **Predict.** How much will the order of the words matter?

# %%
LENGTH = 12
sentences = {
    split: [village.tokens(s) for s in village.sentences(n, split=split, length=(4, LENGTH))]
    for split, n in (("train", 8000), ("test", 1000))
}
vocabulary = village.Vocabulary(sentences["train"])
HIDDEN = vocabulary.unk  # stands for the hidden word


def encode(sentences):
    """Word numbers, padded with zeros, and the lengths."""
    ids = torch.zeros(len(sentences), LENGTH, dtype=torch.long)
    for row, words in zip(ids, sentences, strict=True):
        row[: len(words)] = torch.tensor(vocabulary.encode(words))
    return ids, torch.tensor([len(words) for words in sentences])


data = {split: encode(s) for split, s in sentences.items()}
print(len(vocabulary), "words;", " ".join(sentences["train"][2]))


# %%
def hide_a_word(ids, lengths, generator):
    """Hide one word of each sentence; returns the ids, which are real, the places and the answers."""
    places = (torch.rand(len(ids), generator=generator) * lengths).long()
    rows, hidden = torch.arange(len(ids)), ids.clone()
    hidden[rows, places] = HIDDEN
    return hidden, padding(lengths, LENGTH), places, ids[rows, places]


def batches(generator):
    """128 sentences, each with a hidden word."""
    ids, lengths = data["train"]
    chosen = torch.randint(len(ids), (128,), generator=generator)
    return hide_a_word(ids[chosen], lengths[chosen], generator)


def guesses(model, ids, real, places):
    """The scores at the hidden places."""
    logits, _ = model(ids, real)
    return logits[torch.arange(len(ids)), places]


def loss(model, batch):
    ids, real, places, answers = batch
    return nn.functional.cross_entropy(guesses(model, ids, real, places), answers)


@torch.no_grad()
def accuracy(model):
    """How often the best guess is the hidden word, on sentences that it has never seen."""
    ids, real, places, answers = hide_a_word(*data["test"], torch.Generator().manual_seed(0))
    return (guesses(model, ids, real, places).argmax(-1) == answers).float().mean().item()


# %%
def fill_blanks(seed, steps=500, preset="auto"):
    """Train with positions and without; returns the histories and the models."""
    result = {}
    for name, with_positions in (("with positions", True), ("without", False)):
        seed_everything(seed)
        model = WordFiller(len(vocabulary), 64, heads=4, length=LENGTH, positions=with_positions)
        history = train(
            model, batches, loss, steps=steps, learning_rate=4e-3, preset=preset, seed=seed, name=name
        )
        result[name] = history, model.eval()
    return result


result = fill_blanks(seed=0)

# %% picture
# The loss with positions and without
show(
    curves(
        {name: h.losses for name, (h, _) in result.items()},
        title="Both learn to fill the blank",
        smooth=20,
    ),
    alt="Two loss curves that fall from about 7 to a little below 3, close together.",
)

# %%
accuracies = {name: accuracy(model) for name, (_, model) in result.items()}
most_frequent = (data["test"][0] == vocabulary.encode(["the"])[0]).sum() / data["test"][1].sum()
print(f"always guessing “the”: {most_frequent:.0%}")
print({name: f"{value:.0%} right" for name, value in accuracies.items()})

# %% [markdown]
# Out of about a thousand words the model guesses the hidden one four times in ten. Order helps a little, in all three
# recorded runs below, but less than one might think: most words can be guessed from their company, and a model that
# sees a bag of words does almost as well. Is order worth so little?

# %% [markdown]
# ## Who praised whom?
#
# It depends on what is asked. *Yesterday Minji praised Jiwoo. Who?* and *Yesterday Jiwoo praised Minji. Who?* are the
# same bag of words, and the answers differ. Let the same model answer: the last word is *who* or *whom*, and the name
# is read off at its place. In the test there are pairs of people who never meet in training. And all of it once more
# in Korean, where *who* is 누가 and *whom* is 누구를: 어제 민지는 지우를 칭찬했어. 누가?
#
# **Predict.** Two languages, with positions and without: which of the four models fails? And how often is it right,
# then?

# %%
DEEDS = {"praised": "칭찬했어", "followed": "따라갔어", "met": "만났어", "remembered": "기억했어"}
WHENS = {"": "", "today": "오늘", "yesterday": "어제"}
WHERES = {"": "", "at the inn": "여관에서", "at the market": "시장에서"}


def questions(language, n, seed, test=False):
    """n sentences about two people, each with *who* or *whom* at its end, and the answers.

    Names whose numbers add up to a multiple of 5 meet in the test, and only there.
    """
    generator, asked = torch.Generator().manual_seed(seed), []

    def draw(choices):
        return list(choices)[torch.randint(len(choices), (), generator=generator)]

    while len(asked) < n:
        i, j = torch.randperm(len(lexicon.NAMES), generator=generator)[:2].tolist()
        if ((i + j) % 5 == 0) != test:
            continue
        who, whom, turn = lexicon.NAMES[i], lexicon.NAMES[j], draw((0, 1))
        when, deed, where = (draw(choices.items()) for choices in (WHENS, DEEDS, WHERES))
        if language == "English":
            people = who.english.lower(), whom.english.lower()
            text = f"{when[0]} {people[0]} {deed[0]} {people[1]} {where[0]} {('who', 'whom')[turn]}"
        else:
            people = attach(who.korean, "은/는"), attach(whom.korean, "을/를")
            text = f"{when[1]} {where[1]} {people[0]} {people[1]} {deed[1]} {('누가', '누구를')[turn]}"
        asked.append((text.split(), people[turn]))
    return asked


for language in ("English", "Korean"):
    (text, answer) = questions(language, 1, seed=0)[0]
    print(" ".join(text), "→", answer)


# %%
def answer_questions(seed, steps=200, preset="auto"):
    """How often each of four models is right about people who have never met."""
    found = {}
    for language in ("English", "Korean"):
        rows = questions(language, 4000, seed), questions(language, 500, seed, test=True)
        words = village.Vocabulary([[*text, answer] for text, answer in rows[0]])
        learnt, asked = (
            (*padded([words.encode(text) for text, _ in of], words.pad), torch.tensor(words.encode([a for _, a in of])))
            for of in rows
        )  # fmt: skip

        def scores(model, batch):  # of every word, at the last place
            ids, lengths, _ = batch
            return model(ids, padding(lengths, ids.shape[1]))[0][torch.arange(len(ids)), lengths - 1]

        def draw(generator, learnt=learnt):
            chosen = torch.randint(len(learnt[0]), (64,), generator=generator)
            return [part[chosen] for part in learnt]

        for name, with_positions in (("with positions", True), ("without", False)):
            seed_everything(seed)
            filler = WordFiller(len(words), 64, heads=4, length=LENGTH, positions=with_positions)
            train(
                filler, draw, lambda m, batch: nn.functional.cross_entropy(scores(m, batch), batch[2]), steps=steps,
                learning_rate=4e-3, preset=preset, seed=seed, live=False, name=f"{language}, {name}",
            )  # fmt: skip
            with torch.no_grad():
                right = scores(filler.eval(), asked).argmax(-1) == asked[2]
            found[f"{language}, {name}"] = right.float().mean().item()
    return found


answered = answer_questions(seed=0)

# %% picture
# How often who and whom are told apart
show(
    bars(
        {name.replace(", ", "\n"): share for name, share in answered.items()},
        title="English says it by the order, Korean by particles",
        y_label="share of right answers",
    ),
    alt="Four bars: in English with positions nearly all answers are right, without positions about half; in Korean nearly all, with positions and without.",
)

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# Only English without positions fails: it is right half of the time, a coin between two people. It knows *which* two,
# as they are in the bag; it cannot know who did it. In Korean the bag is enough, since 는 and 를 are part of the words
# and say who did it to whom. That is why Korean may change the order and English may not.
# </details>
#
# So a task can hide what a model lacks. Most blanks were no test of order; this one tests nothing else.

# %% [markdown]
# Three runs have been recorded: how often the models are right, and, for a claim further down, how long four layers
# take for sentences of growing length: attention, and three ways to compute a recurrent network. One of these is
# chapter 1's loop in Python; `nn.RNN` and `nn.LSTM` have their loops inside PyTorch.


# %%
def experiment(seed, preset="auto"):
    """Both tasks: the models that fill blanks, and how often who and whom are told apart."""
    return fill_blanks(seed, preset=preset), answer_questions(seed, preset=preset)


def summarize(result):
    """What is written down: how often all are right, and the times of `measure`."""
    blanks, answers = result
    return {
        "accuracy": {name: accuracy(model) for name, (_, model) in blanks.items()},
        "who and whom": answers,
    } | measure()


@torch.no_grad()
def measure(lengths=(16, 32, 64, 128, 256), d_model=64, batch=4, repeats=15):
    """Milliseconds of four layers over the length of the sentence, the fastest of some runs."""
    attention = nn.MultiheadAttention(d_model, 4, batch_first=True)
    rnn, lstm = (kind(d_model, d_model, batch_first=True) for kind in (nn.RNN, nn.LSTM))
    weights = rnn.weight_ih_l0, rnn.bias_ih_l0, rnn.weight_hh_l0, rnn.bias_hh_l0
    layers = {
        "rnn_step in a loop": lambda x: unroll(lambda y, h: rnn_step(y, h, *weights), x, torch.zeros(batch, d_model)),
        "nn.RNN": rnn,
        "nn.LSTM": lstm,
        "attention": lambda x: attention(x, x, x, need_weights=False),
    }
    times = {name: [] for name in layers}
    for length in lengths:
        x = torch.randn(batch, length, d_model)
        for name, layer in layers.items():
            seconds = []
            for _ in range(repeats):
                began = time.perf_counter()
                layer(x)
                seconds.append(time.perf_counter() - began)
            times[name].append(1000 * min(seconds))
    return {"milliseconds": times, "lengths": list(lengths)}


# %%
runs = list(recorded("05_self_attention")["seeds"].values())
for name in accuracies:
    print(f"blanks, {name:15}", ", ".join(f"{run['accuracy'][name]:.0%}" for run in runs))
for name in answered:
    print(f"{name:24}", ", ".join(f"{run['who and whom'][name]:.0%}" for run in runs))

# %% [markdown]
# All three agree. Now look into the model that fills blanks.

# %%
model = result["with positions"][1]


@torch.no_grad()
def fill(text):
    """The three best guesses for ___ in a text, and the weights of all heads."""
    words = [w if w != "___" else "<unk>" for w in village.tokens(text)][:LENGTH]
    ids = torch.tensor([vocabulary.encode(words)])
    logits, weights = model(ids, torch.ones(1, len(words), dtype=torch.bool))
    place = words.index("<unk>") if "<unk>" in words else 0
    best = logits[0, place].softmax(-1).topk(3)
    guessed = ", ".join(f"{vocabulary.words[i]} {p:.0%}" for p, i in zip(*best, strict=True))
    return guessed, weights[0], ["___" if w == "<unk>" else w for w in words]


blanks = [
    "The boy drank ___",
    "The girl wants ___ eat the apple",
    "The poet ___ a poem",
]
for text in blanks:
    print(f"{text:37} → {fill(text)[0]}")

# %% [markdown]
# In the first two the best guess fits. The guesses after it need not. And in the third it does not fit either: *can*
# often stands after a person, but here a verb is wanted. This training is short.
#
# Whom do the words look at? Below are the weights of the four heads. In JupyterLab, hover over a word on the left:
# the lines show where each head looks. The coloured squares above the words stand for the heads: a click shows or
# hides one, a double click shows it alone.

# %% picture
# Where the four heads look
guessed, weights, tokens = fill("The baker ___ bread every morning")
head_view(weights, tokens, title="Four heads, four ways to look",
          alt="Four heat maps of attention weights over the sentence “the baker ___ bread every morning”, each with a pattern of its own.")  # fmt: skip


# %% [markdown]
# Do not read too much into it: which head does what is an accident of the seed, and with one block
# the heads share out the work as they please. But look at the row of the blank: does it ask its
# neighbours? Edit the sentence and see.
#
# <details><summary>What you will find</summary>
#
# In the sentence above two heads do: one looks most at *bread*, the word after the blank, the other at both sides, at
# *the baker* and at *bread*. A third looks further on, at *every* and *morning*. And one looks at nothing but the blank
# itself, which tells it nothing about its neighbours. It is no more orderly than that.
# </details>


# %% picture
# Where one head looks, in a sentence of your own
def draw_heads(sentence="The girl gave ___ to the hungry puppy", head=0):
    guessed, weights, tokens = fill(sentence)
    return heatmap(
        weights[head], tokens, tokens, title=f"___ → {guessed}", x_label="key", y_label="query", value="weight"
    )


explorer(
    draw_heads,
    sentence="The girl gave ___ to the hungry puppy",
    head=(0, 3, 1),
    alt=lambda sentence, head: f"Attention weights of head {head} over the sentence “{sentence}”.",
)

# %% [markdown]
# ## Claims, checked
#
# > *"Self-attention is faster than recurrence."*
#
# Two questions hide in it. How much arithmetic is there, and how much of it can be done at once? For
# $n$ words of $d$ features a plain recurrent layer needs about $2 n d^2$ multiplications, an LSTM with its
# three gates and a candidate four times as many, $8 n d^2$, attention $4 n d^2$ for its projections and $2 n^2 d$
# for scores and averages. We let PyTorch count.

# %%
from torch.utils.flop_counter import FlopCounterMode


def count(run):
    """Multiplications and additions of a call, counted by PyTorch."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        run()
    return counter.get_total_flops()


D = 64
cell = [torch.zeros(D, D), torch.zeros(D), torch.zeros(D, D), torch.zeros(D)]
gated = [torch.zeros(4 * D, *weight.shape[1:]) for weight in cell]
module = solved("MultiHeadAttention")(D, 4)
lengths_counted = [16, 64, 128, 256, 1024]
work = {"plain RNN": [], "LSTM": [], "attention": [], "of which scores and averages": []}
for n in lengths_counted:
    x, h = torch.zeros(1, n, D), torch.zeros(1, D)
    work["plain RNN"].append(n * count(lambda x=x, h=h: rnn_step(x[:, 0], h, *cell)))
    work["LSTM"].append(n * count(lambda x=x, h=h: lstm_step(x[:, 0], (h, h), *gated)))
    work["attention"].append(count(lambda x=x: module(x, x, x)))
    work["of which scores and averages"].append(count(lambda x=x: attend(x, x, x)))
for i, n in enumerate(lengths_counted):
    print(
        f"n = {n:4}: " + ", ".join(f"{name} {flops[i] / 1e6:.2f} M" for name, flops in work.items())
    )

# %% [markdown]
# **In arithmetic: it depends.** Attention always does more than a plain RNN, here at least twice as much. An LSTM
# does more than attention as long as $n < 2d$; for longer sentences attention does more, because of its quadratic
# part. But a recurrent layer does its work in $n$ steps that must wait for each other; attention in a handful of
# large products. The figure shows what that meant on one processor core: the fastest of the recorded runs of
# `measure()` above, since whatever else a machine has to do can only slow it down. Run `measure()` yourself for your
# machine.

# %%
at_length = runs[0]["lengths"]
milliseconds = {
    name: [min(of) for of in zip(*(run["milliseconds"][name] for run in runs), strict=True)]
    for name in runs[0]["milliseconds"]
}
ratios = {
    name: {n: round(t / a, 1) for n, t, a in zip(at_length, of, milliseconds["attention"], strict=True)}
    for name, of in milliseconds.items()
}
for name, of in ratios.items():
    print(f"{name:18} / attention:", of)

# %% picture
# The time of four layers over the length of the sentence
show(
    curves(
        {name: (at_length, ms) for name, ms in milliseconds.items()},
        title="A loop in Python is slow, a compiled one is not",
        x_label="length",
        y_label="milliseconds",
        log=True,
    ),
    alt="Milliseconds over length on a logarithmic axis: the loop in Python lies above all others; attention is the fastest layer for short sentences, and nn.LSTM for sentences of 64 words and more.",
)

# %% [markdown]
# **In time: true against a loop in Python; against a compiled loop, on one core, not for long texts.** Against chapter
# 1's loop attention wins at every length, since each turn of that loop costs time that has nothing to do with
# arithmetic. `nn.LSTM`, whose loop is compiled, is slower up to 32 words and faster from 64 on, where attention's
# quadratic part begins to count. The claim is made for processors that do thousands of multiplications at once: there
# the *number of steps* decides, and attention has no chain of steps to wait for. (No such processor is in our record.
# And a book of 100,000 words is another matter in any case: chapter 16 is about that.)
#
# > *"With sines and cosines, moving by k places is a rotation, the same from everywhere."*
#
# If so, one matrix $R_k$ takes $P_p$ to $P_{p+k}$ for all $p$. We look for the best matrix by least squares, and see
# what is left over.

# %%
table = solved("sinusoidal_positions")(600, 8).double()
rotation = torch.linalg.lstsq(table[:400], table[5:405]).solution
left_over = (table[:-5] @ rotation - table[5:]).abs().max().item()
is_rotation = (rotation @ rotation.T - torch.eye(8)).abs().max().item()
print(
    f"left over: {left_over:.0e}, also at positions that were not fitted; distance of R·Rᵀ from 1: {is_rotation:.0e}"
)

# %% [markdown]
# **True.** That is why the paper's authors hoped that a model could learn to look "five places back"
# from anywhere. Whether it does is another question, which chapter 9 answers with positions that
# are relative from the start.

# %% [markdown]
# ## Repair: a model that reads the padding
#
# Below, two short sentences in a padded batch go through PyTorch's own `nn.MultiheadAttention`. The
# mask is there, all shapes are right, nothing complains. The next cell shows the symptom. Find the
# cause and repair it in place.


# %%
def encode_batch(attention, x, lengths):
    """Self-attention over a padded batch; the padding must have no say."""
    real = torch.arange(x.shape[1]) < lengths[:, None]
    output, _ = attention(x, x, x, key_padding_mask=real)
    return output


# %%
seed_everything(0)
attention, x = nn.MultiheadAttention(16, 2, batch_first=True), torch.randn(2, 6, 16)
lengths = torch.tensor([4, 3])
changed = x.clone()
changed[0, 4:], changed[1, 3:] = 9.0, 9.0  # other padding …
before, after = encode_batch(attention, x, lengths), encode_batch(attention, changed, lengths)
leak = (before - after)[:, :3].abs().max().item()  # … must not change the real words' outputs
short = x[:1, :4]  # the first sentence without any padding
gap = (before[:1, :4] - attention(short, short, short)[0]).abs().max().item()
judge_repair(
    ("Padding has no say.", leak == 0, f"Other padding moved the output by {leak:.2f}."),
    ("A sentence reads as it does without padding.", gap < 1e-5, f"Beside padding its output is off by {gap:.2f}."),
)

# %% [markdown]
# <details><summary>What is it?</summary>
#
# `key_padding_mask` of `nn.MultiheadAttention` is True where one must **not** look. Ours is True where
# one may. So the words looked at nothing but the padding. The repair is one character. And the
# lesson is the test: change what must not matter, and see whether something moves.
# </details>

# %% [markdown]
# ## In your own words
#
# Explain self-attention to somebody who knows what a vector is, in six to ten sentences: what are
# query, key and value for, why is there a root of $d_k$, and why must positions be added?
#
# Two points: one for what the three vectors do (comparing, weighing, averaging), one for both
# reasons (the root, the positions).

# %% written [markdown] name="self-attention-in-your-own-words" points=2
# Every word makes three vectors. Its query is compared with the keys of all words by dot products; a softmax turns
# these scores into weights that add up to 1; the output is the average of the values with these weights. So a word
# collects what it needs from wherever it stands, in one step. A score is a sum of d_k products, and its variance grows
# with d_k; without dividing by the root the softmax would become almost a maximum and let no gradient through. The
# formula treats the words as a bag: shuffle them, and the outputs are only shuffled. So the position must be written
# into each word.
#
# **1 point**: comparing query and key, weights by softmax, average of values. **1 point**: the root keeps the variance
# of the scores at 1 (no saturated softmax) *and* attention without positions does not see the order.

# %% [markdown]
# ## What you have now, and where next
#
# The one operation at the heart of BERT, GPT and all that followed: a soft dictionary, asked by
# every word at once, with masks for what must stay hidden, heads for several questions, and
# positions for the order. It does more arithmetic than a plain recurrent layer, and all of it can be done at once.
#
# **Next**: chapter 6 builds the whole machine around it: residuals, layer norm, encoder and decoder.
#
# *To read on*: Vaswani et al., *Attention Is All You Need* (2017); Alammar, *The Illustrated
# Transformer* (2018).

# %%
progress("05_self_attention")
