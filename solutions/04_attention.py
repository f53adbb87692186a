# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 4 · Where should the decoder look?
#
# Try it yourself: read a long sentence once, put it away, and translate it from memory. It is easier if you may look
# back, again and again, each time at the word that you need just now. The translator of chapter 3 may not look back. In
# this chapter it may, and it learns by itself where to look: this is **attention** (어텐션).
#
# You need: chapter 3. Five exercises, 14 points and a paragraph (2 points). About two hours.

# %% setup
import math  # noqa: F401 (an answer may want it)
from collections import Counter

import torch

from autograder import check, judge_repair, progress, solved
from unrolled.attention import AttentionSeq2Seq
from unrolled.data import village
from unrolled.data.village import tokens
from unrolled.lab import bars, curves, explorer, heatmap, panels, recorded, seed_everything, show
from unrolled.lab import preset as preset_of
from unrolled.seq2seq import Seq2Seq
from unrolled.translation import (
    UPDATES,
    kept_words,
    learn,
    padded,
    translate,
    translation_task,
    updates_in_equal_time,
)

# %% [markdown]
# ## The problem: one vector for everything
#
# The decoder of chapter 3 gets one vector, however long the sentence is. Here is what its recorded runs say after 500
# updates: how it translates our sentence, and which share of the words that say who, what and where it gets right.

# %%
BEFORE = "03_seq2seq"
chapter_3 = recorded(BEFORE)["seeds"]
print(f"{village.LOVE.korean} ({village.LOVE.english.lower()})")
for seed, run in chapter_3.items():
    shares = "   ".join(f"{name} {kinds['other']:.0%}" for name, kinds in run["kept"].items())
    print(f"  seed {seed}: {run['love']:32} {shares}")

# %% [markdown]
# Mostly good English about the wrong people, and the longer the sentence, the more gets lost. Yet nothing *is* lost:
# the encoder had a state after every word, and `Encoder` returns them all. We threw away all but the last.

# %% [markdown]
# ## The idea: look again at every step
#
# Keep all the encoder's states, the **memory**. Before the decoder writes a word, it compares its own state, the
# **query** (쿼리), with each state of the memory, a **key** (키). The query asks: what do I need now? A key says what is
# here. Each comparison gives a **score**. A softmax turns the scores into **attention weights** (어텐션 가중치) that add
# up to 1, and the weighted average of the memory is the **context vector** (문맥 벡터): what the decoder sees at this step.
# All of it can be differentiated, so where to look is learnt like everything else, from the translations alone. No
# **alignment** (정렬) is given, no table of which word belongs to which.
#
# $$e_{ij} = \mathrm{score}(s_{i-1}, h_j), \qquad \alpha_{ij} = \frac{\exp e_{ij}}{\sum_k \exp e_{ik}}, \qquad
# c_i = \sum_j \alpha_{ij}\, h_j$$
#
# (Bahdanau, Cho and Bengio, 2015, equations 5 and 6; $c$ is the context here, not an LSTM's cell.) How does one score
# a match?
#
# **Additive attention** (가산 어텐션): a small network with one hidden layer, $v \cdot \tanh(W_q\, q + W_k\, k)$. Query and
# key may have different sizes.

# %% [markdown]
# ### Exercise 4.1 — additive scores · 3 points · ~20 min
#
# Score every query with every key of the same sentence: `(batch, query, key)`. Later we will have one query at a time;
# it costs nothing to allow several.
#
# For all exercises of this chapter: a batch, a sentence or the queries may be one, and never none; what you are given
# stays unchanged; what you return has its dtype.
#
# <details><summary>Hint</summary>
#
# Project first: `(batch, query, attention)` and `(batch, key, attention)`. To add every query to every key, give each
# an axis of size 1 where the other has its own: `x[:, :, None]` and `y[:, None]`. What shape does the sum have?
# </details>

# %% exercise
from unrolled.attention import additive_scores

# %% check
check(additive_scores)

# %% [markdown]
# **Multiplicative attention** (곱셈 어텐션; Luong, Pham and Manning, 2015): the product of query and key, $q^\top k$
# (*dot*), large when they point the same way. With a matrix between them, $q^\top W k$ (*general*), the network can
# learn what counts as the same way, and with it sizes may differ again. No hidden layer: one matrix product for a whole
# batch, so it is fast. Chapter 5 builds on it.

# %% [markdown]
# ### Exercise 4.2 — multiplicative scores · 2 points · ~10 min
#
# Both in one function: general if there is a weight, dot if not. Without a weight, queries and keys are of one size:
# you need not check.
#
# <details><summary>Hint</summary>
#
# Queries are `(batch, query, hidden_q)`, keys `(batch, key, hidden_k)`, scores `(batch, query, key)`. Which axis of the
# two is summed over, and where must it stand for `@`? And next to which of the two does a matrix of shape
# `(hidden_q, hidden_k)` fit?
# </details>

# %% exercise
from unrolled.attention import multiplicative_scores

# %% check
check(multiplicative_scores)

# %% [markdown]
# ## Only where there is something to see
#
# Sentences are padded, and padding is nothing to look at. So the softmax must run over the real words only. A **mask**
# is True where one *may* look (in the whole course). One case needs a decision: a row that allows nothing. The formula
# divides zero by zero there, which gives NaN, and one NaN spreads through the whole network. We decide: a query that
# may look nowhere sees nothing, so all its weights are 0.

# %% [markdown]
# ### Exercise 4.3 — a masked softmax · 3 points · ~15 min
#
# Weights over the keys for every query; 0 where the mask is False; a row of zeros where nothing is allowed. The mask
# broadcasts to the scores. No NaN, not even in the gradients, however large a score is, forbidden ones included.
# (Why in the gradients? Where a row is all −∞ the softmax divides 0 by 0. If you overwrite that NaN afterwards, the way
# back still leads through it, and 0 · NaN is NaN.)
#
# <details><summary>Hint</summary>
#
# A score so low that its exponential is 0 gets no weight. With −∞ a row of nothing else gives NaN; with the lowest
# finite number, `torch.finfo(scores.dtype).min`, it gives equal weights. You can put right either afterwards.
# </details>

# %% exercise
from unrolled.attention import masked_softmax

# %% check
check(masked_softmax)

# %% [markdown]
# ### Exercise 4.4 — context vectors · 1 point · ~5 min
#
# For every query the average of the **values**, with its weights. In our decoder the values are the memory itself. One
# product is enough.
#
# <details><summary>Hint</summary>
#
# `(batch, query, key)` and `(batch, key, hidden)`: which axis should vanish?
# </details>

# %% exercise
from unrolled.attention import context_vectors

# %% check
check(context_vectors)

# %% [markdown]
# ## A decoder that looks
#
# Now put it together. At every step the decoder
#
# 1. **looks**: its state is the query; scores, weights, context;
# 2. **steps**: the GRU cell gets the embedded word and the context side by side;
# 3. **speaks**: the head scores all words, from the new state and the context side by side.
#
# It looks *before* it steps, with the state of the step before, as Bahdanau's does. Luong's looks afterwards, with the
# current state. Both work. In ours, what was seen can change the state itself; in Luong's, the step does not need the
# look, so that under teacher forcing all looks can be done at once (unless what was seen is fed to the next step,
# Luong's *input feeding*, section 3.3 of the paper).

# %% [markdown]
# ![One step of a decoder that looks. Above, the memory: four states of the encoder, of shape (batch, source, hidden).
# The decoder's last state is the query; it is compared with all of them, and a softmax makes weights of the scores.
# The average of the memory with these weights, the context, goes into the GRU cell, beside the word before, and into
# the head, beside the new state.](../assets/diagrams/attention_decoder.svg)

# %% [markdown]
# ### Exercise 4.5 — the attention decoder · 5 points · ~30 min
#
# Write `forward` with a loop over the words fed, and return the scores, the last state and where each step looked. The
# layers are there: `self.query.weight`, `self.key.weight` and `self.v` are what `additive_scores` wants.
#
# <details><summary>Hint</summary>
#
# The functions above want an axis for queries, and at each step there is one query: `state[:, None]` adds the axis,
# `[:, 0]` takes it away again. The mask is `(batch, source)`: which axis is missing for `masked_softmax`?
# </details>

# %% exercise
from unrolled.attention import AttentionDecoder

# %% check
check(AttentionDecoder)

# %% [markdown]
# ## The experiment: the same task, the same number of weights
#
# Everything is as in chapter 3: the same sentences, batches and updates, the same encoder. The decoder may look now.
# Its GRU is smaller, 128 units instead of 184, so that both translators have about 790,000 weights. A fair comparison
# needs one more thing: looking takes time. So the recorded runs also count **equal time**: `updates_in_equal_time`
# measures how many updates this model makes while that of chapter 3 makes its 500.


# %%
task = translation_task()
decoder_now = solved("AttentionDecoder")


def new_model(seed):
    """A translator that looks, with its first weights drawn from the seed."""
    seed_everything(seed)
    return AttentionSeq2Seq(
        len(task.source), len(task.target), feature=96, hidden=128, attention=64, decoder=decoder_now
    )  # fmt: skip


def experiment(seed, equal_time=True, preset="auto"):
    """The trained model, its record, and BLEU by length after each number of updates."""
    model, updates = new_model(seed), UPDATES * preset_of(preset).scale
    at = [updates]
    if equal_time:
        reference = Seq2Seq(len(task.source), len(task.target), feature=96, hidden=184)
        at.append(updates_in_equal_time(model, reference, task, updates=updates))
    history, scores = learn(model, task, at=at, seed=seed, preset=preset)
    return model, history, [(n, scores[n]) for n in at]


# %% [markdown]
# `summarize` is what is written down of a recorded run. Then we train once, here and now, at equal updates only.


# %%
def summarize(result):
    """What is written down of an experiment."""
    model, _, scores = result
    (_, equal_updates), (updates, equal_time) = scores
    return {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "bleu": equal_updates,
        "bleu_equal_time": equal_time,
        "updates_equal_time": updates,
        "kept": kept_words(model, task),
        "love": translate(model, task, [village.LOVE.korean])[0],
    }


model, history, ((_, scores),) = experiment(seed=0, equal_time=False)

# %% picture
# The training loss
show(
    curves(
        {"loss": history.losses},
        title="It learns to translate, and to look",
        x_label="update",
        smooth=10,
    ),
    alt="The training loss over the updates, falling steeply and then slowly.",
)

# %%
for korean, english in (village.LOVE, *(pairs[0] for pairs in task.test.values())):
    (written,) = translate(model, task, [korean])
    print(f"{korean}\n  it says:   {written}\n  should be: {english.lower()}\n")
love = translate(model, task, [village.LOVE.korean])[0]

# %% [markdown]
# Who, what and where are there now, in most places. Our own sentence is about the right person, but its *so much* is
# missing; below you will see where it looked. Here is the comparison over the three recorded seeds (their mean), and
# over all lengths.

# %%
chapter_4 = recorded("04_attention")["seeds"]


def mean_over_seeds(runs, what):
    """The mean over the seeds, by range of length."""
    names = list(task.test)
    return [sum(run[what][name] for run in runs.values()) / len(runs) for name in names]


for seed, run in chapter_4.items():
    line = "   ".join(f"{name} {score:.0f}" for name, score in run["bleu"].items())
    times = "   ".join(f"{name} {score:.0f}" for name, score in run["bleu_equal_time"].items())
    print(f"seed {seed}, {UPDATES} updates: {line}")
    print(f"   equal time ({run['updates_equal_time']} updates): {times}\n   {run['love']}")
at_length = zip(task.test, mean_over_seeds(chapter_3, f"bleu_after_{10 * UPDATES}"), strict=True)
print(f"chapter 3 after {10 * UPDATES:,}: " + "   ".join(f"{name} {score:.0f}" for name, score in at_length))

# %% picture
# BLEU by length, at equal updates and at equal time
figure, axes = panels(1, 2, size=(9.0, 3.6))
for place, what in zip(axes, ("bleu", "bleu_equal_time"), strict=True):
    word = "updates" if what == "bleu" else "time"
    curves(
        {
            "attention (chapter 4)": mean_over_seeds(chapter_4, what),
            "one vector (chapter 3)": mean_over_seeds(chapter_3, "bleu"),
        },
        title=f"Looking wins at equal {word}",
        x_label="English words",
        y_label="BLEU",
        axes=place,
    )
    place.set_xticks(range(4), list(task.test))
    place.set_ylim(0, 100)
show(
    figure,
    alt="BLEU over four ranges of length, at equal updates and at equal time: attention lies far above the single vector everywhere.",
)

# %% [markdown]
# Looking wins in every range of length and with every seed: by 25 to 42 points of BLEU after equally many updates. A
# look costs time, so in equal time this model makes only 394 to 401 of its 500 updates here; it still leads, by 19 to
# 33 points. Of the words that say who, what and where it keeps about four in five even in the longest sentences, where
# one vector kept less than half. More training makes up for it in the shortest sentences only: after ten times as many
# updates chapter 3's model is about level up to six words, but still 6 points behind at seven to nine, 11 at ten to 13
# and 15 in the longest. Looking is no cure for everything: our own sentence comes out right with none of the three
# seeds. Two leave out *so much*, and one loves the grandfather. *so much* stands in only 135 of the 20,000 sentences
# and 너를 (*you*) in only 36, and looking at a word helps only if the model has met it often enough. And the longest
# sentences are still a little harder than the shortest.

# %% [markdown]
# ## A picture: where it looked
#
# The weights can be looked at: a row for each English word, a column for each Korean one.
#
# **Predict.** Sketch the matrix for 나는 너를 매우 사랑해 → *I love you so much*, before you run the cell: 나는 is *I*, 너를 *you*,
# 매우 *so much*, 사랑해 *love*. Where does it leave the diagonal? (What the model says may differ by a word or two.)


# %%
def looks(sentence):
    """Korean words, English words (with the end mark), and where each of these looked."""
    korean, english = tokens(sentence), translate(model, task, [sentence])[0].split()
    ids, lengths = padded([task.source.encode(korean)], task.source.pad)
    fed = torch.tensor([[task.target.bos, *task.target.encode(english)]])
    with torch.no_grad():
        _, weights = model.look(ids, lengths, fed)
    return korean, [*english, "<eos>"], weights[0]


korean, english, love_weights = looks(village.LOVE.korean)

# %% picture
# Where each English word looked
show(
    heatmap(
        love_weights,
        rows=english,
        columns=korean,
        title="“love” looks at the last word, 사랑해, and then it goes back",
        value="weight",
    ),
    alt="A heat map of three English words and the end mark over four Korean words: i looks at the first, love at the last, you most at the third, the end mark most at the second.",
)

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# *I* looks at 나는, *love* jumps to 사랑해 at the end, and then the look goes back: the Korean verb comes last, so the
# paths must cross. *you* divides its look between 너를, 매우 and 사랑해; most of it is on 매우, the word *after* its own. And
# where *so much* is due, 매우 is looked at again, though less than 너를; but the model has met *so much* too seldom to say
# it, and ends.
# </details>

# %% picture
# Where the words of three longer sentences looked
figure, axes = panels(1, 3, size=(13.0, 4.2))
for place, name in zip(axes, ("3–6", "7–9", "10–13"), strict=True):
    korean, english, weights = looks(task.test[name][0][0])
    heatmap(weights, rows=english, columns=korean, title=f"{name} words", bar=False, axes=place)
figure.suptitle("English goes forward; its gaze jumps to the verb and back", fontweight="bold")
show(
    figure,
    alt="Three heat maps of longer sentences. Each has bright cells near the diagonal and a jump to the right for the English verb.",
)

# %% [markdown]
# (The three sentences stand further up, with their translations; bright is again a weight near 1.) No table of partners
# was given. The model found them because looking at the right place makes the right word likelier, and the gradient
# says so. One thing may surprise you: *farm* does not look at 농장에 (*to the farm*) but at 가서 (*went and*), the word
# *after* it. Keep that in mind; it comes up below.
#
# Step through a translation, word by word. Where does *the* look, which Korean has no word for?
#
# <details><summary>What you will find</summary>
#
# There is no word of its own for it. Often it looks where the noun that follows looks, as in *the musicians*, where
# both look most at 음악가들은 (*musicians*), or at a word after that, as in *the mountain*, where *mountain* looks at 산에
# (*the mountain*) and *the* most at 오르고 (*climb*). To say *the*, it is enough to know that a noun comes.
# </details>

# %% picture
# Where one word looks, with a choice of sentence and step
watched = [village.LOVE.korean] + [
    task.test[name][i][0] for name in ("3–6", "7–9", "10–13") for i in (0, 1)
]


def draw_step(sentence=watched[0], step=1):
    korean, english, weights = looks(sentence)
    step = min(step, len(english) - 1)
    row = weights[step].tolist()
    most = korean[row.index(max(row))]
    labelled = {
        f"{i + 1} {word}": weight for i, (word, weight) in enumerate(zip(korean, row, strict=True))
    }
    written = " ".join(english[:step]) or "…"
    figure = bars(
        labelled,
        title=f"{written} ▸ {english[step]}: looks most at {most} ({max(row):.0%})",
        y_label="weight",
    )
    figure.axes[0].set_ylim(0, 1.15)
    return figure


explorer(
    draw_step,
    sentence=watched,
    step=(0, 13, 1),
    alt=lambda sentence, step: (
        f"Weights over the words of {sentence} before English word {step + 1} is written."
    ),
)

# %% [markdown]
# ## Repair: looking at nothing
#
# Below is attention as you find it in many projects, with a mask. It runs, and its weights add up to 1. The next cell
# shows the symptom: the same sentence, alone and beside a longer one, is seen differently. Find the cause and repair
# it.


# %%
def look_around(query, memory, mask):
    scores = multiplicative_scores_now(query, memory)
    scores = scores.masked_fill(mask == 0, 1e-9)  # forbidden places get next to nothing
    return scores.softmax(dim=-1) @ memory


# %%
multiplicative_scores_now = solved("multiplicative_scores")
seed_everything(4)
query, memory = torch.randn(1, 1, 8), torch.randn(1, 3, 8)
padded_memory = torch.cat([memory, torch.randn(1, 4, 8)], dim=1)  # the same, in a wider batch
alone = look_around(query, memory, torch.ones(1, 1, 3, dtype=torch.bool))
in_company = look_around(query, padded_memory, torch.arange(7)[None, None] < 3)
leak = (alone - in_company).abs().max().item()
ordinary = multiplicative_scores_now(query, memory).softmax(dim=-1) @ memory  # nothing is forbidden
change = (alone - ordinary).abs().max().item()
judge_repair(
    ("Padding changes nothing.", leak < 1e-6, f"Beside a longer sentence the context moved by {leak:.2f}."),
    ("Without padding it is attention as before.", change < 1e-6, f"There the context is off by {change:.2f}."),
)

# %% [markdown]
# <details><summary>What is it?</summary>
#
# `1e-9` should be `-1e9`: a minus sign on the wrong side of the e. A score of almost 0 is an ordinary score, since
# $e^0 = 1$; only a very *low* score gets no weight. Nothing crashes, so the mistake is easily overlooked. The
# lesson is that of chapter 1: change what must not matter (here the padding), and see whether anything moves.
# </details>

# %% [markdown]
# ## Claims, checked
#
# > *"Attention cannot be parallelised."*
#
# Over what? There are sentences in a batch, words of the source, and steps of the decoder. Give the attention six
# queries at once, and then one after the other. Then ask what each query waits for: which of them changes if the first
# word fed changes a little?
#
# **Predict** both answers.

# %%
additive_now, softmax_now = solved("additive_scores"), solved("masked_softmax")
layers = model.decoder.query.weight, model.decoder.key.weight, model.decoder.v
ids, lengths = padded([task.source.encode(tokens(watched[3]))], task.source.pad)
memory, first_state = (tensor.detach() for tensor in model.encoder(ids, lengths))
mask = torch.ones(1, 1, memory.shape[1], dtype=torch.bool)

queries = torch.randn(1, 6, 128)
at_once = softmax_now(additive_now(queries, memory, *layers), mask)
one_by_one = [
    softmax_now(additive_now(query, memory, *layers), mask) for query in queries.split(1, 1)
]
difference = (at_once - torch.cat(one_by_one, dim=1)).abs().max().item()
print(f"six queries at once or one by one: the weights differ by at most {difference:.0e}")

fed = torch.tensor([[task.target.bos, *task.target.encode(looks(watched[3])[1][:4])]])
_, _, before = model.decoder(fed, first_state, memory, mask[:, 0])
model.decoder.embedding.weight.data[task.target.bos] += 0.1  # a nudge to the first word fed
_, _, after = model.decoder(fed, first_state, memory, mask[:, 0])
model.decoder.embedding.weight.data[task.target.bos] -= 0.1
moved = (after - before).abs().amax(dim=-1)[0].tolist()
print("how far the nudge moves the look of each step:", [f"{value:.1e}" for value in moved])

# %% [markdown]
# **True only if** "over the decoder's steps" is added, and then it is not the attention's fault. Over sentences, over
# the words of the source, and over any queries that are known, all of it is one matrix product. But the second look
# needs the state after the first step, and the third the state after the second: the **recurrence** is what waits. Each
# look but the first feels the nudge. Chapter 5 takes the recurrence away and keeps the attention.
#
# > *"The weights show which word each word was translated from."*
#
# Chapter 3's word counts know the partners: 사랑해 goes with *love*. For every English word of the translations that says
# who, what or where, find its Korean partner in the sentence. Is that where the decoder looked most?

# %%
together, korean_counts, english_counts = Counter(), Counter(), Counter()
for korean, english in task.pairs:
    korean_words, english_words = set(tokens(korean)), set(tokens(english))
    korean_counts.update(korean_words), english_counts.update(english_words)
    together.update((k, e) for k in korean_words for e in english_words)


def closeness(k, e):
    return 2 * together[k, e] / (korean_counts[k] + english_counts[e] or 1)


offsets = Counter()
for sentence, _ in task.test["7–9"]:
    korean, english, weights = looks(sentence)
    for word, row in zip(english, weights, strict=True):
        partner = max(range(len(korean)), key=lambda j, word=word: closeness(korean[j], word))
        if task.target.ids.get(word, 0) >= 44 and closeness(korean[partner], word) > 0.1:
            offsets[row.argmax().item() - partner] += 1
shares = {
    name: offsets[by] / offsets.total()
    for name, by in (("the partner", 0), ("one word on", 1), ("one word back", -1))
}
for name, share in shares.items():
    print(f"looks most at {name}: {share:.0%}")

# %% [markdown]
# **True for about three words in four**, and no more. The most common miss is the word *after* the partner, and there
# is a reason: what is looked at is not a word but a *state*, and the state after 가서 has read 농장에 as well. The weights
# say where the decoder got its news, not what the news was. (Bahdanau's encoder also reads backwards, so that each
# state stands for its own word more.)

# %% [markdown]
# ## In your own words
#
# A friend asks: "The encoder is the same, the number of weights is the same. Why is it so much better at names?" Answer
# in five to eight sentences: what the decoder can reach now that it could not before, how it learns where to look
# though nobody shows it, and what it costs.
#
# Two points: one for what is reached (all states, at every step, instead of the last one only), one for how it is
# learnt (the weights are soft, so that the gradient of the translation's loss reaches the scores).

# %% written [markdown] name="attention-in-your-own-words" points=2
# Before, everything about the source had to survive in one vector until it was needed; a name read early was
# overwritten by all that came after. Now the encoder's states are all kept, and before each word the decoder takes a
# weighted average of them, so a name is fetched when it is due, however long ago it was read. The weights come from a
# comparison of the decoder's state with each of the states. They are soft: every state gets a little weight, so the
# loss has a gradient with respect to every score, and whatever look would have made the right word likelier is
# strengthened. Nobody has to label which word belongs to which. The price is one comparison for every pair of source
# word and target word, and the decoder still goes step by step.
#
# **1 point**: all states are reachable at every step, instead of one vector of fixed size. **1 point**: the weights are
# differentiable, so where to look is learnt from the translation loss alone.

# %% [markdown]
# ## What you have now, and where next
#
# Scores, a masked softmax, contexts: attention, in the form that everything after it uses. It goes round the
# bottleneck, and one can see where it looks. Not cured: the recurrence. Reading and writing still go one word after the
# other.
#
# **Next**: chapter 5 asks what happens if the words of a sentence look at *each other*, all at once, without any
# recurrence.
#
# *To read on*: Bahdanau, Cho and Bengio, *Neural Machine Translation by Jointly Learning to Align and Translate*
# (2015); Luong, Pham and Manning, *Effective Approaches to Attention-based Neural Machine Translation* (2015); Jain and
# Wallace, *Attention is not Explanation* (2019).

# %%
progress("04_attention")
