# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 3 · How does a sequence become another one?
#
# 나는 너를 매우 사랑해 has four words. *I love you so much* has five, and the verb has moved from the end to second place. The
# networks of chapters 1 and 2 give one output for each input, in the same order: they cannot say this. In this chapter
# you build one that can, a **sequence-to-sequence model** (시퀀스 투 시퀀스 모델), teach it **machine translation** (기계 번역) from
# Korean into English, and measure how well it does. (매우 is the textbook's word; people usually say 정말: 나는 너를 정말
# 사랑해.)
#
# You need: chapters 1 and 2 (a GRU, padding, cross-entropy). Six exercises, 17 points and a paragraph (2 points). About
# two and a half hours.

# %% setup
import itertools
from collections import Counter

import torch

from autograder import check, judge_repair, progress, solved
from unrolled.data import village
from unrolled.data.village import tokens
from unrolled.lab import bars, curves, explorer, panels, recorded, seed_everything, show
from unrolled.lab import preset as preset_of
from unrolled.rnn import sequence_cross_entropy
from unrolled.seq2seq import Seq2Seq
from unrolled.translation import (
    UPDATES,
    kept_words,
    learn,
    padded,
    translate,
    translation_loss,
    translation_task,
)

# %% [markdown]
# ## The problem: word for word
#
# The village gives us 20,000 sentences in both languages. The simplest translator needs no network: count which English
# word goes together with which Korean word most often, and replace word by word.

# %%
task = translation_task()
together, korean_counts, english_counts = Counter(), Counter(), Counter()
for korean, english in task.pairs:
    korean_words, english_words = set(tokens(korean)), set(tokens(english))
    korean_counts.update(korean_words), english_counts.update(english_words)
    together.update((k, e) for k in korean_words for e in english_words)

partners = {}  # for each Korean word the English word with the greatest overlap of sentences (Dice)
for (k, e), count in together.items():
    closeness = 2 * count / (korean_counts[k] + english_counts[e])
    partners[k] = max(partners.get(k, (0.0, "")), (closeness, e))


def word_for_word(korean):
    return " ".join(partners[word][1] for word in tokens(korean) if word in partners)


for korean, english in (village.LOVE, *(task.test[name][0] for name in ("3–6", "7–9"))):
    print(
        f"{korean}\n  word for word: {word_for_word(korean)}\n  should be:     {english.lower()}\n"
    )

# %% [markdown]
# Four words give four words, in Korean order: *i you very loves*. 시인은 is two words in English, *the poet*;
# Korean has no articles at all, so none ever appears. A translator must be free to write as many words as it needs, in
# an order of its own. And it can only begin once it has read the verb, which comes last.

# %% [markdown]
# ## The idea: read everything, then write
#
# Use two networks. The **encoder** (인코더) reads the Korean sentence, word by word, and its last state is all that is
# kept. The **decoder** (디코더) starts from that state and writes English, word by word, until it writes an end mark.

# %% [markdown]
# ![Above, the encoder: four GRU cells in a row read 나는, 너를, 매우 and 사랑해, and each hands its state to the next. The last
# state, of shape (batch, hidden), goes down to the decoder as a blue line. Below, the decoder: six GRU cells read
# <bos>, i, love, you, so and much, and write i, love, you, so, much and
# <eos>.](../assets/diagrams/encoder_decoder.svg)

# %% [markdown]
# Nothing says how many words come out. Nothing says in which order. All the decoder knows of the Korean is one vector.
#
# In a batch, sentences differ in length, and short ones are padded. The decoder must get the state after the last
# *real* word. A GRU does not know what padding is: it reads on, and the state drifts away.

# %% [markdown]
# ### Exercise 3.1 — the encoder · 3 points · ~20 min
#
# Embed the words, run the GRU, and return two things: the states after every word, with zeros at the padding (chapter 4
# will look at them), and the state after each sentence's own last word. What stands in the padding must change nothing.
# Only `lengths` say where a sentence ends; 0 is a word like any other. All of torch is allowed, its packing too.
#
# <details><summary>Hint</summary>
#
# `self.gru(x)` gives the states after every step, `(batch, time, hidden)`. The GRU reads forwards, so the states at
# real words know nothing of the padding after them: it is enough to pick the right ones. `states[rows, columns]`, with
# two index tensors of the same length, picks one state per row.
# </details>

# %% exercise
from unrolled.seq2seq import Encoder

# %% check
check(Encoder)

# %% [markdown]
# ## The decoder: a language model with a memory to start from
#
# Take the language model of chapter 1: fed a word, it scores all words that may follow. Start it not from zeros but
# from the encoder's state, and it becomes a language model *of translations of this sentence*:
#
# $$p(y_1, \dots, y_m \mid x) = \prod_{t=1}^{m} p(y_t \mid y_1, \dots, y_{t-1},\, x)$$
#
# (Sutskever, Vinyals and Le, 2014, equation 1.) A model that writes in this way, each word given all that it has
# written before, is **autoregressive** (자기회귀). Nearly all models that write text are, up to today's.

# %% [markdown]
# ### Exercise 3.2 — the decoder · 3 points · ~15 min
#
# Embed the inputs, run the GRU from `state`, and score every step with the head. Return the scores, and the state to go
# on from. The decoder itself remembers nothing between two calls.
#
# <details><summary>Hint</summary>
#
# `nn.GRU` takes and gives a state of shape `(layers, batch, hidden)`, with one layer here; ours is `(batch, hidden)`.
# `state[None]` adds an axis in front, `last[0]` takes it away. No softmax: the loss has its own.
# </details>

# %% exercise
from unrolled.seq2seq import Decoder

# %% check
check(Decoder)

# %% [markdown]
# ## Teacher forcing
#
# How do you teach the decoder? At step 3 it should say *you*. What is it fed at that step: the word that it said at
# step 2, or the right one? Early in training its own words are nonsense, and one wrong word leads all the following
# steps astray. So it is fed the **right** words, whatever it says. That is **teacher forcing** (교사 강요). It has a price:
# the decoder never meets its own mistakes before it is used, which is called **exposure bias** (노출 편향). And there is
# another gain: since all inputs are known beforehand, all steps are trained at once.
#
# | step | 0 | 1 | 2 | 3 | 4 | 5 |
# |---|---|---|---|---|---|---|
# | it is fed | `<bos>` | i | love | you | so | much |
# | it should say | i | love | you | so | much | `<eos>` |
#
# Look at the two rows: the inputs are the targets, moved one step to the right.

# %% [markdown]
# ### Exercise 3.3 — shift right · 1 point · ~5 min
#
# Make the upper row from the lower one: `bos` first, then every target but the last, 0 or not. Leave the targets as
# they are.
#
# <details><summary>Hint</summary>
#
# `targets[:, :-1]` is all but the last column. Join it to a column of `bos`, or make a new tensor and fill it.
# </details>

# %% exercise
from unrolled.seq2seq import shift_right

# %% check
check(shift_right)

# %% [markdown]
# ### Exercise 3.4 — the loss under teacher forcing · 2 points · ~10 min
#
# Feed the model the shifted target, and compare what it says with the target. Every real word counts once, the end mark
# too (a model that never learns to stop is no use), and padding never. `sequence_cross_entropy` of chapter 1 is here;
# any other way to a loss is allowed as well.
#
# <details><summary>Hint</summary>
#
# Three things go into the model, three into the loss. Which lengths go where?
# </details>

# %% exercise
from unrolled.seq2seq import teacher_forcing_loss

# %% check
check(teacher_forcing_loss)

# %% [markdown]
# ## Writing alone
#
# When it translates for real, nobody knows the right words. Now the decoder is fed its own: `bos`, then its most
# probable word, then its most probable word after that, and so on. Always taking the best next word is called **greedy
# decoding** (그리디 디코딩); chapter 10 does better. Each sentence of a batch ends when *it* says `eos`, while its neighbours
# go on.

# %% [markdown]
# ### Exercise 3.5 — translate, greedily · 4 points · ~25 min
#
# Return a list of words, Python numbers, for every sentence, without `bos` and without `eos`. A decoder that never
# stops is stopped after `max_length` words, at least one. When all sentences have ended you may stop at once, or go on
# to `max_length` and cut afterwards.
#
# <details><summary>Hint</summary>
#
# Keep a tensor `finished`, one truth value per sentence, and let it only ever go from False to True. The decoder wants
# inputs of shape `(batch, time)`, here with a time of 1; `argmax(dim=-1, keepdim=True)` of one step has that shape.
# </details>

# %% exercise
from unrolled.seq2seq import greedy_translate

# %% check
check(greedy_translate)

# %% [markdown]
# ## How good is a translation?
#
# There is more than one right translation, so "equal or not" is too harsh. **BLEU** (블루 점수) asks: how many of the words
# that were written are in the reference? How many pairs of neighbouring words, how many runs of three and of four?
# These four **precisions** (정밀도) are averaged geometrically:
#
# $$\mathrm{BLEU} = 100 \cdot \min\!\left(1, e^{1 - r/c}\right) \cdot \left(p_1\, p_2\, p_3\, p_4\right)^{1/4}$$
#
# Two tricks would fool it, and two rules stop them. Saying *the the the the*: a run counts at most as often as the
# reference has it (**clipping**). Saying only what is certain: if all candidates together ($c$ words) are shorter than
# all references ($r$ words), the score shrinks: the **brevity penalty** (짧은 번역 벌점). And the counts of all sentences are
# added *before* dividing: BLEU is a score of a corpus, not of a sentence.

# %% [markdown]
# ### Exercise 3.6 — BLEU · 4 points · ~25 min
#
# Sentences come as lists of words, some of them short or empty. If no run of some length is right in the whole corpus,
# the score is 0; one hopeless sentence alone does not make it 0. It must agree with `sacrebleu`, the tool that papers
# use (with its tokenisation and smoothing switched off).
#
# <details><summary>Hint</summary>
#
# `Counter` counts tuples of words; `a & b` of two counters takes the smaller count of each, which is clipping, and
# `.total()` adds up. `1 - r/c` is positive if the candidates are longer: what should the penalty be then?
# </details>

# %% exercise
from unrolled.seq2seq import bleu

# %% check
check(bleu)

# %% [markdown]
# Here is the word-for-word translator, measured. The test sentences are none that we learn from, and they come in four
# ranges of length, fixed before anything was trained.

# %%
bleu_now = solved("bleu")
baseline = {
    name: bleu_now(
        [word_for_word(korean).split() for korean, _ in pairs],
        [tokens(english) for _, english in pairs],
    )
    for name, pairs in task.test.items()
}
for name, score in baseline.items():
    print(f"{name:>5} English words: BLEU {score:.1f}")

# %% [markdown]
# Next to nothing, although many single words are right: hardly any run of four survives the Korean order.

# %% [markdown]
# ## The experiment: Korean into English
#
# Now the real thing: 20,000 pairs, 500 updates, about a minute at most. To see what the one vector between the two
# networks is worth, we train twice: with a state of 184 numbers, and with a state of 92. All else is the same. Below is
# `experiment`; `learn` is the course's training loop with the settings that chapters 4 and 6 will use too. (`times`
# says how many times 500 updates. Here it is one; further down you will see what becomes of ten.)

# %%
encoder_now, decoder_now = solved("Encoder"), solved("Decoder")
loss_now, translate_now = solved("teacher_forcing_loss"), solved("greedy_translate")


def new_model(seed, hidden=184):
    """A translator with its first weights drawn from the seed."""
    seed_everything(seed)
    return Seq2Seq(
        len(task.source), len(task.target), feature=96, hidden=hidden,
        encoder=encoder_now, decoder=decoder_now, translate=translate_now,
    )  # fmt: skip


def loss(model, batch):
    return loss_now(model, *batch, bos=task.target.bos)


def experiment(seed, times=(1, 10), preset="auto"):
    """For each length of training and each size of the state: the trained model, its record, and BLEU by length."""
    runs = {n: {} for n in times}
    for n, hidden in itertools.product(times, (184, 92)):
        model, updates = new_model(seed, hidden), n * UPDATES * preset_of(preset).scale
        history, scores = learn(
            model, task, at=(updates,), seed=seed, preset=preset, loss=loss, bleu=bleu_now, name=f"a state of {hidden}"
        )
        runs[n][hidden] = (model, history, scores[updates])
    return runs


runs = experiment(seed=0, times=(1,))[1]
model = runs[184][0]

# %% picture
# The loss for both sizes of the state
show(
    curves(
        {f"state of {hidden}": history.losses for hidden, (_, history, _) in runs.items()},
        title="It learns to translate; a larger state learns faster",
        x_label="update",
        smooth=10,
    ),
    alt="Two loss curves over the updates, both falling; that of the larger state is lower all the way.",
)

# %%
for korean, english in (village.LOVE, *(pairs[0] for pairs in task.test.values())):
    (written,) = translate(model, task, [korean])
    print(f"{korean}\n  it says:   {written}\n  should be: {english.lower()}\n")
love = translate(model, task, [village.LOVE.korean])[0]

# %% [markdown]
# Read them closely. It is English: articles, verb forms, word order, a full sentence with an end. The Korean order
# has become the English one, though it was given no rule. But look at *who* and *what*.

# %% [markdown]
# **Predict.** BLEU for four ranges of length: 3–6, 7–9, 10–13 and 14–18 English words. Where is it best, and where does
# it fall? And what does halving the state cost: a little everywhere, or much, and where?

# %%
scores = {"word for word": baseline}
scores |= {f"state of {hidden}": score for hidden, (_, _, score) in runs.items()}
for name, by_length in scores.items():
    print(f"{name:>13}: " + "   ".join(f"{n} {score:.0f}" for n, score in by_length.items()))

# %% picture
# BLEU by the length of the sentence
def over_lengths(lines, title, y_label="BLEU", top=100):
    """A figure of these lines, over the four ranges of length."""
    figure = curves(lines, title=title, x_label="English words", y_label=y_label)
    figure.axes[0].set_xticks(range(4), list(task.test))
    figure.axes[0].set_ylim(0, top)
    return figure


show(
    over_lengths(
        {name: list(by_length.values()) for name, by_length in scores.items()},
        "Long sentences come out worst; half the state costs half the score",
    ),
    alt="BLEU over four ranges of sentence length, for word-for-word translation and two sizes of the state.",
)

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# Best on the shortest sentences, worst on the longest. Half the state costs about half the score, in every range. So
# the state's size does matter, for short sentences too: these have few words to remember, but the vocabulary to choose
# them from is just as large.
# </details>
#
# One fair warning: the smaller model also has fewer weights, and both are still learning after 500 updates. The figure
# says what a smaller state costs *at equal updates*, not what it could never hold.

# %% [markdown]
# ## What is lost?
#
# *I love Jiwoo so much*: the grammar is right, the person is made up. Is that a rule? Split the English words in two:
# the 40 most frequent ones (*the, to, was, because, …*) are mostly grammar, with a few things and places among them;
# the others say who, what and where. How many of each, among those in the references, do the translations have?

# %%
print("the 40 most frequent:", *task.target.words[4:44])
kept = {hidden: kept_words(run[0], task) for hidden, run in runs.items()}

# %% picture
# The share of words kept, by the length of the sentence
show(
    over_lengths(
        {
            f"{words}, state of {hidden}": [share[kind] for share in shares.values()]
            for hidden, shares in kept.items()
            for kind, words in (("grammar", "the 40 most frequent"), ("other", "other words"))
        },
        "The frequent words survive; who, what and where get lost",
        "share kept",
        1,
    ),
    alt="Share of words kept over sentence length: all four lines fall; the 40 most frequent words lie above the others, and the smaller state below the larger one.",
)

# %% [markdown]
# It is a rule. With the larger state, about two in three or more of the 40 most frequent words are there at every
# length; of the others less than half are left in the long sentences. With the smaller one it is less of both. The
# decoder is a good language model of English; what it lacks is news from the source. All of that had to go through one
# vector: this is the **bottleneck** (병목). Sutskever's team widened it with four layers of 1,000 units each. Chapter 4
# goes round it, with the same sentences and as many updates; there we can compare.

# %% [markdown]
# ## Has it finished learning?
#
# Is it this seed? And is it the bottleneck, or are 500 updates too few? Three seeds, recorded once with this very
# function, after 500 updates and after 5,000.
#
# **Predict.** With ten times as many updates, does the score rise for all lengths alike? And does half the state still
# cost about half of it?


# %%
def summarize(result):
    """What is written down of 500 updates, with which chapters 4 and 6 compare, and then of ten times as many."""
    summary = {"parameters": sum(parameter.numel() for parameter in result[1][184][0].parameters())}
    for n, runs in result.items():
        (model, history, bleu_by_length), (_, _, of_the_smaller) = runs[184], runs[92]
        summary |= {
            f"{what}_after_{n * UPDATES}" if n > 1 else what: found
            for what, found in (
                ("bleu", bleu_by_length),
                ("bleu_half_the_state", of_the_smaller),
                ("kept", kept_words(model, task)),
                ("love", translate(model, task, [village.LOVE.korean])[0]),
                ("loss", [sum(history.losses[end - 100 : end]) / 100 for end in (n * UPDATES // 2, n * UPDATES)]),
            )
        }
    return summary


# %%
recorded_runs = recorded("03_seq2seq")["seeds"]
for seed, run in recorded_runs.items():
    print(f"seed {seed}")
    for n, after in ((UPDATES, ""), (10 * UPDATES, f"_after_{10 * UPDATES}")):
        print(f"  {n:,} updates, loss {run['loss' + after][1]:.2f}: 나는 너를 매우 사랑해 → {run['love' + after]}")
        for size, what in ((184, "bleu"), (92, "bleu_half_the_state")):
            line = "   ".join(f"{name} {score:.0f}" for name, score in run[what + after].items())
            print(f"    state of {size:3}: {line}")

# %% picture
# BLEU by length after 500 and after 5,000 updates, the mean of three seeds
mean_scores = {
    f"state of {size}, {n:,} updates": [
        sum(run[what + after][name] for run in recorded_runs.values()) / len(recorded_runs) for name in task.test
    ]
    for n, after in ((10 * UPDATES, f"_after_{10 * UPDATES}"), (UPDATES, ""))
    for size, what in ((184, "bleu"), (92, "bleu_half_the_state"))
}
show(
    over_lengths(mean_scores, "More training lifts all lines; the long sentences stay behind"),
    alt="BLEU over four ranges of sentence length for both sizes of the state, after 500 and after 5,000 updates: the lines after 5,000 lie far higher and fall more steeply with the length.",
)

# %% [markdown]
# It had not. After 5,000 updates the loss is below 0.1 and falls slowly; all scores are 22 to 56 points higher, and our
# sentence comes out right with every seed. Much of what was lost after 500 had simply not been learnt yet. Not all
# lengths gain alike: in the mean over the seeds, the longer the sentences, the less they gain. With the larger state it
# is 31 points on the shortest and 26 on the longest, with the smaller one 48 and 24.
#
# So now the length shows. After 500 updates, half the state cost about half the score at every length, in the mean over
# the seeds. After 5,000 it costs about a tenth on the shortest sentences, and still a quarter to a third on the
# longest. Given time, a small state learns to hold short sentences, but falls short with long ones. And even the larger
# state scores 23 to 26 points less on the longest sentences than on the shortest. That looks like a bottleneck which
# ten times the training does not widen. Chapter 4 puts it to the test: the same sentences, and no bottleneck.

# %% [markdown]
# ## A picture: where sentences lie
#
# What is in the vector? Here are the states of eight sentences about who loves whom, projected from 184 dimensions to
# the two in which they differ most. The cell first prints how far apart two sentences are that differ in one thing.

# %%
people = [("민수", "유나"), ("유나", "민수"), ("농부", "의사"), ("의사", "농부")]
verbs = ("사랑해", "사랑했어")  # loves, loved
plotted = [f"{a}는 {b}를 {verb}" for verb in verbs for a, b in people]
ids, lengths = padded([task.source.encode(tokens(text)) for text in plotted], task.source.pad)
with torch.no_grad():
    _, summaries = model.encoder(ids, lengths)
centred = summaries - summaries.mean(dim=0)
plane = centred @ torch.linalg.svd(centred, full_matrices=False).Vh[:2].T
DIFFER = {
    "who loves whom": [(i, i + 1) for i in (0, 2, 4, 6)],
    "present or past": [(i, i + 4) for i in range(4)],
    "the two people": [(i, i + 2) for i in (0, 1, 4, 5)],
}
for name, states in (("in the plane", plane), ("in all 184 dimensions", summaries)):
    distances = {what: sum((states[i] - states[j]).norm().item() for i, j in of) / 4 for what, of in DIFFER.items()}
    print(f"{name}: " + ", ".join(f"{what} {distance:.1f}" for what, distance in distances.items()))
for text, written in zip(plotted, translate(model, task, plotted), strict=True):
    print(f"{text} → {written}")

# %% picture
# Eight sentences in the plane in which their states differ most
ENGLISH = {"민수": "Minsu", "유나": "Yuna", "농부": "farmer", "의사": "doctor"}
figure, (axes,) = panels(size=(7.0, 4.4))
for colour, verb in enumerate(verbs):
    chosen = [i for i, text in enumerate(plotted) if text.endswith(verb)]
    label = f"{verb} ({('loves', 'loved')[colour]})"
    axes.scatter(plane[chosen, 0], plane[chosen, 1], color=f"C{colour}", label=label)
for i, (x, y) in enumerate(plane.tolist()):
    a, b = people[i % len(people)]
    apart = plane[i] - plane[i + 1 - 2 * (i % 2)]  # the two of a group lie close together: write on opposite sides
    offset, side = ((0, 9), "bottom") if apart[1] > 0 else ((0, -9), "top")
    axes.annotate(
        f"{a} → {b} ({ENGLISH[a]}, {ENGLISH[b]})", (x, y), xytext=offset, textcoords="offset points",
        ha="center", va=side, fontsize="small",
    )  # fmt: skip
axes.margins(0.28)
axes.legend()
axes.set(
    title="In this plane who and when separate the sentences",
    xlabel="first direction",
    ylabel="second direction",
)
show(
    figure,
    alt="Eight Korean sentences as points, labelled with who loves whom: four groups, by the two people and by tense; each group holds both orders of the two people.",
)

# %% [markdown]
# Four groups: which two people, and present or past. Within a group the two sentences differ only in who loves whom,
# and in this plane they lie close together. But the plane shows two directions of 184. Measured in all of them, the two
# orders are even further apart than present and past: the state does tell who loves whom, as Sutskever's team found in
# a larger network (their figure 2). A picture shows what lies in it; do not conclude that the rest is not there.
#
# And what does the decoder make of it? All eight times it gets right who loves, and when, but whom only about half of
# the time. It has the news, and has not fully learnt to read it yet.
#
# Look over its shoulder. Choose a sentence and a step: how sure is the decoder of its next word, and where does it
# hesitate?


# %%
def next_words(sentence, step):
    """What the translation says up to this step, and the probabilities of the six likeliest words to follow."""
    before = translate(model, task, [sentence])[0].split()[:step]
    ids, lengths = padded([task.source.encode(tokens(sentence))], task.source.pad)
    fed = torch.tensor([[task.target.bos, *task.target.encode(before)]])
    with torch.no_grad():
        probabilities = model(ids, lengths, fed)[0, -1].softmax(dim=-1)
    best = probabilities.topk(6)
    return before, dict(zip(task.target.decode(best.indices), best.values.tolist(), strict=True))


# %% picture
# The likeliest next words, with a choice of sentence and step
watched = [village.LOVE.korean, plotted[0], plotted[3]] + [
    task.test[name][0][0] for name in ("3–6", "7–9", "10–13")
]


def draw_next_word(sentence=watched[0], step=3):
    before, values = next_words(sentence, step)
    title = f"After “{' '.join(before) or '…'}”: {max(values, key=values.get)}, {max(values.values()):.0%} sure"
    figure = bars(values, title=title, y_label="probability")
    figure.axes[0].set_ylim(0, 1.1)
    return figure


explorer(
    draw_next_word,
    sentence=watched,
    step=(0, 12, 1),
    alt=lambda sentence, step: (
        f"Probabilities of the six likeliest English words at step {step} of translating {sentence}."
    ),
)

# %% [markdown]
# <details><summary>What you will find</summary>
#
# Grammar comes with great certainty; where a person must be named, the probability is spread over many. It knows that
# *somebody* belongs there.
# </details>

# %% [markdown]
# ## Repair: a loss too good to be true
#
# A colleague trains the same model with a loss of her own, and is delighted: after 100 updates it is far below what
# ours reached after 500. Then she translates. Run the two cells, find the cause, and repair it in place.


# %%
def careless_loss(model, batch):
    logits = model(batch.source, batch.source_lengths, batch.target)
    return sequence_cross_entropy(logits, batch.target, batch.target_lengths)


# %%
hers = new_model(seed=0)
history_of_hers, _ = learn(hers, task, at=(100,), loss=careless_loss, preset="cpu")
print(f"her loss after 100 updates: {history_of_hers.losses[-1]:.2f}")
print("her translation:", translate(hers, task, [task.test["3–6"][0][0]])[0])
probe = task.batch(task.test["3–6"])
with torch.no_grad():  # the loss, measured the right way
    honest, said = translation_loss(hers, probe).item(), careless_loss(hers, probe).item()
print(f"the loss on test sentences, fed the words before: {honest:.2f}")
judge_repair(
    ("What it learnt helps where the answer is not known.", honest < 6, f"Fed the words before, its loss is {honest:.1f}."),
    ("Her loss is ours.", abs(said - honest) < 1e-3, f"On the same sentences hers is {said:.2f}, ours {honest:.2f}."),
)

# %% [markdown]
# <details><summary>What is it?</summary>
#
# The target goes into the model unshifted: at every step the decoder is fed the very word that it should say. Copying
# is easy to learn, so the loss falls fast. But when it translates, nobody feeds it the answer. It copies `<bos>`, or
# what it last said. The repair: `shift_right(batch.target, task.target.bos)`. And the lesson: when a loss is too good,
# ask what the model can see.
# </details>

# %% [markdown]
# ## Claims, checked
#
# > *"The higher the BLEU, the better the translation."*
#
# > *"The BLEU of a corpus is the average BLEU of its sentences."*
#
# You meet both, the second mostly as a line of code. Here is the first on a single sentence, and the second on what our
# model wrote.

# %%
reference = tokens("the farmer will not lend the axe to the doctor today")
opposite = tokens("the farmer will now lend the axe to the doctor today")
paraphrase = tokens("today the farmer refuses to give his axe to the physician")
bleu_opposite = bleu_now([opposite], [reference])
bleu_paraphrase = bleu_now([paraphrase], [reference])
print(
    f"1. the opposite: BLEU {bleu_opposite:.0f}; the same in other words: BLEU {bleu_paraphrase:.0f}"
)

pairs = task.test["7–9"]
written = [text.split() for text in translate(model, task, [korean for korean, _ in pairs])]
right = [tokens(english) for _, english in pairs]
of_corpus = bleu_now(written, right)
of_sentences = [bleu_now([w], [r]) for w, r in zip(written, right, strict=True)]
average = sum(of_sentences) / len(of_sentences)
zeros = sum(score == 0 for score in of_sentences)
print(
    f"2. corpus {of_corpus:.1f}, average of sentences {average:.1f}; {zeros} of {len(pairs)} are 0"
)

# %% [markdown]
# **First: false for a sentence**, and true at most on average, over many sentences, between systems that make similar
# mistakes. One letter reversed the meaning, and 70 of 100 points were left; a good paraphrase got nothing. **Second:
# false.** A sentence without a single right run of four scores 0, however good the rest. Added up over a corpus, its
# other runs count. Say which one you report.

# %% [markdown]
# ## In your own words
#
# A friend says: "The model is trained on 20,000 sentences and knows English perfectly. So why does it tell me that I
# love Jiwoo?" Answer in five to eight sentences: what the decoder knows and from where, why the words that are lost are
# not the frequent little ones, and why training it on its own words would not help.
#
# Two points: one for the bottleneck (all that the decoder knows of the source is one vector of fixed size), one for the
# decoder as a language model (grammar can be guessed from the words before, names cannot).

# %% written [markdown] name="seq2seq-in-your-own-words" points=2
# The decoder knows two things: the words written so far, and the state in which the encoder ended. English grammar it
# learnt from 20,000 sentences: after *I love* comes an article or a name, whatever the source says, so these words can
# be guessed from the words before. *Who* is loved can only come from the Korean sentence, and everything in that must
# fit in one vector of fixed size, overwritten at every word and used for every sentence alike. What it did not learn to
# keep there is filled in with something likely, such as Jiwoo. Feeding it its own words in training would not put more
# of the source into that vector; early on it would even learn from nonsense.
#
# **1 point**: one vector of fixed size is all that the decoder gets of the source. **1 point**: grammar words can be
# guessed from the words before (a language model), names and things cannot.

# %% [markdown]
# ## What you have now, and where next
#
# A translator: an encoder that reads, a decoder that writes until it is done, a loss that teaches it with the right
# words, and BLEU to measure it. Not cured: everything must fit in one vector.
#
# **Next**: chapter 4 lets the decoder look back at the whole source, at every step, and decide where to look.
#
# *To read on*: Sutskever, Vinyals and Le, *Sequence to Sequence Learning with Neural Networks* (2014); Cho et al.,
# *Learning Phrase Representations using RNN Encoder–Decoder* (2014); Papineni et al., *BLEU* (2002).

# %%
progress("03_seq2seq")
