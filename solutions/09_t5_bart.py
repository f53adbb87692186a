# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 9 · Can one model do every task?
#
# So far each task had its own model, or at least its own head: one that translates, one that says *positive* or
# *negative*. T5 does without. Every task is **text-to-text** (텍스트 투 텍스트): a text goes in, a text comes out, and the
# task is named in the text itself. This chapter builds T5 and its sibling BART, damages sentences so that they can
# learn without labels, and asks one small model to translate, to summarise and to judge.
#
# You need: chapters 3, 5 and 6. Six exercises, 18 points and a paragraph (2 points). About three hours.

# %% setup
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch import nn

from autograder import check, judge_repair, progress, solved
from unrolled.bart import Bart, BartConfig
from unrolled.corruption import poisson_spans, random_spans
from unrolled.data import village
from unrolled.lab import (
    bars,
    curves,
    explorer,
    head_view,
    heatmap,
    load_pretrained,
    panels,
    recorded,
    seed_everything,
    show,
    train,
    watched,
)
from unrolled.lab import preset as preset_of
from unrolled.seq2seq import bleu
from unrolled.t5 import T5, T5Attention, T5Config, cross_attention_weights
from unrolled.text_to_text import (
    SENTINELS,
    answer_ids,
    answers,
    as_batch,
    as_ids,
    text_batches,
    text_loss,
    text_vocabulary,
    village_texts,
    vocabulary_of,
)

# %% [markdown]
# ## The problem: a head for every task
#
# Here is a model with two heads on one encoder: one judges reviews (two classes), one compares two sentences (a
# number from 0 to 5). Now a third task comes along: say in three classes how strong the opinion is.

# %%
seed_everything(0)
encoded = torch.randn(4, 128)  # what an encoder made of four texts
heads = nn.ModuleDict({"sentiment": nn.Linear(128, 2), "similarity": nn.Linear(128, 1)})
strength = torch.tensor([0, 2, 1, 2])
try:
    F.cross_entropy(heads["sentiment"](encoded), strength)
    refused = ""
except IndexError as error:
    refused = str(error)
print("sentiment head, three classes:", refused)
print(
    "heads:",
    {name: tuple(head.weight.shape) for name, head in heads.items()},
    "and for a summary: none fits",
)

# %% [markdown]
# The head has the task built into its *shape*. A new task needs new weights, a new loss, new code, and a summary fits
# no head at all. What one task has learnt in its head, no other can use.

# %% [markdown]
# ## The idea: put the task into words
#
# A model that reads text and writes text has one shape for everything. So we say at the beginning of the text what we
# want, and we let it *write* the answer, whatever it is:
#
# | task | it reads | it writes |
# |---|---|---|
# | translation | translate Korean to English: 나는 너를 매우 사랑해 | I love you so much |
# | summary | summarize: One day Sujin planted carrots. … | Sujin gave the singer three carrots. |
# | a class | sentiment: 빵이 맛있었어요. | positive |
# | a number | similarity first: A dog ran. second: The dog runs. | 3.8 |
#
# The last one may surprise. A number is text too, if there are only so many: T5 rounds it to steps of 0.2. From 0.0 to
# 5.0 there are just 26 of these to write (the paper says 1 to 5, and so 21; the data set itself begins at 0, and so do
# we). One loss (the next word's cross-entropy), one way to answer, one set of weights.

# %% [markdown]
# ### Exercise 9.1 — tasks as text · 3 points · ~15 min
#
# The docstring's table says what is read and what is written, letter by letter. Note what stands below the table.
#
# <details><summary>Hint</summary>
#
# To round to steps of 0.2: how many steps is it, to the nearest whole number? Then back again. An f-string with
# `:.1f` writes one digit after the point.
# </details>

# %% exercise
from unrolled.corruption import to_text_pair

# %% check
check(to_text_pair)

# %% [markdown]
# Does it work? `assets/checkpoints` holds a small T5, trained by this course on the village, in about half an hour on
# one core of a CPU. All it was told of these tasks is what your function writes. Here it meets sentences, stories and
# reviews that it has never seen. (Answering three hundred of them takes it a few seconds.)

# %%
pair_now = solved("to_text_pair")
pretrained = load_pretrained("t5")
vocabulary = vocabulary_of(pretrained.words)
model = T5(T5Config(**pretrained.config))
model.load_state_dict(pretrained.weights, strict=False)  # not the head: it is the table of words
model.eval()

TASKS = ("translate", "summarize", "sentiment")
unseen = {task: village_texts(task, 100, split="test", pair=pair_now) for task in watched(TASKS, "texts")}
written = {
    task: answers(model, vocabulary, [read for read, _ in unseen[task]]) for task in watched(TASKS, "answers")
}
for task in TASKS:
    for (read, right), answer in list(zip(unseen[task], written[task], strict=True))[:3]:
        print(f"{read}\n    → {answer}\n    (it says there: {right})")
print(
    village.LOVE.korean,
    "→",
    answers(model, vocabulary, [f"translate Korean to English: {village.LOVE.korean}"])[0],
)

# %%
rights = {task: [" ".join(village.tokens(right)) for _, right in unseen[task]] for task in TASKS}
exact = {
    task: sum(a == b for a, b in zip(written[task], rights[task], strict=True)) for task in TASKS
}
alike = {
    task: bleu([text.split() for text in written[task]], [text.split() for text in rights[task]])
    for task in ("translate", "summarize")
}
other_words = sum(answer not in ("positive", "negative") for answer in written["sentiment"])
print("of 100 word for word right:", exact)
print("BLEU:", {task: round(score) for task, score in alike.items()})
print("reviews for which it wrote anything but positive or negative:", other_words)

# %% [markdown]
# One set of weights does all three. No rule says that the answer to `sentiment:` is one of two words: it could have
# written any word of its vocabulary, and learnt not to. The summaries are the weakest: they read well, and hardly one
# is the village's own. Read the three above again: are they true at least?
#
# <details><summary>Compare</summary>
#
# Two of them are, in essence: the shepherd did learn a beautiful song, and Minsu did share four peaches with the
# shepherd. But the first story does not say that the shepherd was *quick*. And the third is wrong: the singer shared
# her dumplings with the tailor, not with herself, and there were three. The model has learnt what a summary *sounds*
# like. It adds what summaries often have, whether the story has it or not. It learnt that from the village, whose own
# summaries do so too: where does the second story say that Minsu bought the peaches *cheaply*? Nobody could guess such
# words from the story, so few summaries can be right word for word.
# </details>
#
# **Predict.** We take one review and change nothing but the prefix. What does the model write for `summarize:`? And
# for `translate Korean to English:`, though there is no Korean in it?

# %%
reviews = [read.removeprefix("sentiment: ") for read, _ in unseen["sentiment"]]
by_prefix = {
    prefix: answers(model, vocabulary, [f"{prefix} {review}" for review in reviews])
    for prefix in ("sentiment:", "summarize:", "translate Korean to English:")
}
print(reviews[0])
for prefix, texts in by_prefix.items():
    one_word = sum(text in ("positive", "negative") for text in texts)
    print(f"{prefix:29} → {texts[0]} ({one_word} of 100 reviews: positive or negative)")

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# It hardly obeys. Asked for a summary, it writes *positive* or *negative* all the same in about one of four reviews. In
# about four of ten it fills a hole that is not there: `<extra_id_0>` belongs to another task, which comes next. Asked
# for a translation, it judges in about one of six. Otherwise it strings words of the village together, often without
# sense (*the doctors ate a poem at the market*). In training a review never came with another prefix, so the model
# learnt prefix and kind of text *together*; what it never saw apart it cannot take apart. A model that saw the same
# texts with many prefixes would have to listen.
# </details>

# %% [markdown]
# ## Learning without labels: holes to fill
#
# Pairs are rare, text is plentiful. BERT (chapter 7) hides single words. T5 hides **spans**, a few words in a row, and
# puts one **sentinel** (센티널) in the place of each: a token that stands in no text. The model writes what is missing,
# hole after hole, each announced by its sentinel, and one more sentinel says *that was all*:

# %% [markdown]
# ![Three rows of words. The text: Thank you for inviting me to your party last week; of these “for inviting” and
# “last” will be hidden. It reads: Thank you <X> me to your party <Y> week. It writes: <X> for inviting <Y> last
# <Z>.](../assets/diagrams/span_corruption.svg)

# %% [markdown]
# It is text-to-text once more: the same model, the same loss, and only the missing words need to be written. Its name
# is **span corruption** (스팬 손상).

# %% [markdown]
# ### Exercise 9.2 — span corruption · 4 points · ~20 min
#
# A span is `(start, length)`; spans come in order and do not overlap. Return what is read and what is written. More
# sentinels may be handed in than are needed, a text may have no span at all, and a word may occur twice: it is hidden
# by its place. `ids` and `sentinels` stay as they are.
#
# <details><summary>Hint</summary>
#
# Go through the spans and remember where the last one ended. What lies between that place and the start of the next
# goes to the inputs as it is. Do not forget what comes after the last span.
# </details>

# %% exercise
from unrolled.corruption import corrupt_spans

# %% check
check(corrupt_spans)

# %% [markdown]
# How much should be hidden, and in pieces of what length? T5's authors tried many rates and lengths, and took 15 % in
# spans of 3 on average. Move the sliders: when does the sentence tell too much, when too little? (The Korean sentence
# says: *When Junho dropped by the school, the musicians were baking ten loaves of bread with great care in the
# kitchen.*)

# %%
corrupt_now = solved("corrupt_spans")
SENTENCES = {
    "English": "The musicians were baking ten loaves of bread with great care in the kitchen yesterday",
    "Korean": "준호가 학교에 들렀을 때 음악가들은 부엌에서 빵 열 덩어리를 정성껏 굽고 있었어",
}
LETTERS = {name: f"<{letter}>" for name, letter in zip(SENTINELS, "XYZABCDE", strict=True)}


def damaged_at_random(words, rate, mean_length, attempt):
    """The spans that are hidden, what is read and what is written; n ≥ 0 is word n, n < 0 a sentinel."""
    generator = torch.Generator().manual_seed(attempt)
    spans = random_spans(len(words), rate, mean_length, generator)[: len(SENTINELS) - 1]
    places, sentinels = list(range(len(words))), list(range(-1, -1 - len(SENTINELS), -1))
    return spans, *corrupt_now(places, spans, sentinels)


# %% picture
# A sentence and what is hidden of it
def width(word):
    """About how wide a word is drawn: Hangul is twice as wide as Latin letters."""
    return 1 + sum(1.9 if letter >= "가" else 1 for letter in word)


def draw_corruption(language="English", rate=0.15, mean_length=3.0, attempt=0):
    words = SENTENCES[language].split()
    spans, read, write = damaged_at_random(words, rate, mean_length, attempt)
    figure, (axes,) = panels(size=(9.4, 2.2))
    hidden = {place for start, length in spans for place in range(start, start + length)}
    for row, (label, ids) in enumerate(
        (("text", range(len(words))), ("it reads", read), ("it writes", write))
    ):
        x = 0.0
        axes.text(-1.5, -row, label, ha="right", va="center", color="#555555")
        for i in ids:
            word = words[i] if i >= 0 else LETTERS[SENTINELS[-1 - i]]
            color = "#F6D3B8" if i < 0 else "#BFDDF0" if i in hidden else "#F2F2F2"
            box = {"boxstyle": "square,pad=0.25", "facecolor": color, "edgecolor": "none"}
            axes.text(x + width(word) / 2, -row, word, ha="center", va="center", size=9, bbox=box)
            x += width(word) + 0.6
    axes.set_xlim(-9, 106)
    axes.set_ylim(-2.6, 0.6)
    axes.axis("off")
    axes.set_title(
        f"{len(hidden)} of {len(words)} words hidden in {len(spans)} span{'s' * (len(spans) > 1)}: {len(write)} tokens to write"
    )
    return figure


explorer(
    draw_corruption,
    language=list(SENTENCES),
    rate=(0.05, 0.6, 0.05),
    mean_length=(1.0, 5.0, 0.5),
    attempt=(0, 9, 1),
    alt=lambda language, rate, mean_length, attempt: (
        f"The {language} sentence in three rows: the text, what the model reads with sentinels for {rate:.0%} of the words "
        f"in spans of about {mean_length}, and what it writes."
    ),
)

# %% [markdown]
# <details><summary>What one finds</summary>
#
# Below 10 % there is hardly anything to learn from a sentence; from 40 % on too little is left to guess from. Short
# spans cost more tokens to write, since each brings a sentinel along; long ones leave a hole that nobody could fill.
# In Korean the particles are hidden inside the words, so one hole takes both the word and its role.
# </details>
#
# Our small model has done this exercise too, in half of all its batches. Most of the sentences stood beside their
# translation. Let it fill holes in a hundred sentences of each language that it has never seen: first beside their
# translation, then the very same holes in the sentences alone.

# %%
sentinel_ids, eos = vocabulary.encode(SENTINELS), vocabulary.eos
sentences = {
    "English": [right for _, right in unseen["translate"]],
    "Korean": [read.removeprefix("translate Korean to English: ") for read, _ in unseen["translate"]],
}
numbers = {
    language: [vocabulary.encode(village.tokens(text)) for text in texts] for language, texts in sentences.items()
}
missing, filled = {}, {}
for language, other in (("English", "Korean"), ("Korean", "English")):
    generator = torch.Generator().manual_seed(3)
    holes = [corrupt_now(ids, random_spans(len(ids), 0.25, 2.0, generator), sentinel_ids) for ids in numbers[language]]
    missing[language] = [" ".join(vocabulary.decode(write)) for _, write in holes]
    filled[language] = {
        "beside": answer_ids(
            model, vocabulary, [[*read, *beside, eos] for (read, _), beside in zip(holes, numbers[other], strict=True)]
        ),
        "alone": answer_ids(model, vocabulary, [[*read, eos] for read, _ in holes]),
    }
    for i, (read, _) in enumerate(holes[:7]):
        print(f"{' '.join(vocabulary.decode(read))}   ({sentences[other][i]})")
        for label, texts in {"missing": missing[language], **filled[language]}.items():
            print(f"    {label:>7}: {texts[i]}")

# %% [markdown]
# How many of the hundred are filled with the very words? And how often is at least the form right, the hole's sentinel,
# words, the next sentinel?


# %%
def signs(text):
    """The sentinels of a text, in order."""
    return [word for word in text.split() if word in SENTINELS]


words_right, form_right = {}, {}
for language, places in filled.items():
    for where, texts in places.items():
        both = list(zip(texts, missing[language], strict=True))
        words_right[f"{language}, {where}"] = sum(ours == right for ours, right in both)
        form_right[f"{language}, {where}"] = sum(signs(ours) == signs(right) for ours, right in both)
print("the very words:", words_right)
print("the form:      ", form_right)
two_missing = [i for i, text in enumerate(missing["Korean"]) if len(text.split()) == 4]  # two words, two sentinels
only_one = sum(len(filled["Korean"]["beside"][i].split()) == 3 for i in two_missing)
print(f"Korean, beside: where two words are missing, it writes one in {only_one} of {len(two_missing)}")

# %% [markdown]
# Beside the translation most holes are filled with the very words: about 71 of 100 in English and 54 in Korean. The
# same holes in a sentence alone: about 18 and 17. The form is right nearly every time. Some of what stands in the holes
# makes no sense (*this traveller will pushed the box*), but often it does: *Junho hates carrots so much* is as good a
# sentence as *Junho hates radishes so much*. A short sentence alone does not say which it was; the translation does. A
# hole can be filled rightly only if what is missing stands somewhere in the text that is read. In T5's own pre-training
# it may stand in the sentences around the hole, up to 512 tokens of them.
#
# Why is Korean harder, even beside a translation? A sentinel does not say how many words are missing, and in these
# short Korean sentences it is one more often than not. So the model often writes one where it should be two.

# %% [markdown]
# ## BART: damage it as you like, then write it all again
#
# BART is trained in the same spirit and goes further. The decoder writes the *whole* text, so the damage may be of
# any kind: what is read and what is written need not match token by token. Its authors tried five kinds and kept two:
#
# - **Text infilling** (텍스트 채우기). Spans are hidden, each by *one* `<mask>`, and all masks are alike. The lengths are
#   drawn from a Poisson distribution with mean 3. Some are 0: a mask where nothing is missing. So the model must also
#   find out *how much* is missing.
# - **Sentence permutation.** The sentences of a text are put in another order.

# %% [markdown]
# ### Exercise 9.3 — text infilling · 2 points · ~10 min
#
# Much is as in 9.2. What is different for a span of length 0? And if it starts after the last token?
#
# <details><summary>Hint</summary>
#
# Go through the spans as in 9.2, and put one mask where each starts, however long it is. A span of length 0 takes
# nothing away: the next stretch of text begins where it stands. What is copied after the last span may be nothing.
# </details>

# %% exercise
from unrolled.corruption import infill_text

# %% check
check(infill_text)

# %% [markdown]
# ### Exercise 9.4 — sentence permutation · 2 points · ~10 min
#
# `order[0]` is the number of the sentence that comes first. Two sentences may be equal, and one may be a lone full
# stop.
#
# <details><summary>Hint</summary>
#
# Two steps: cut the tokens into sentences, then put these together in the order asked for. What if the text does not
# end with a full stop?
# </details>

# %% exercise
from unrolled.corruption import permute_sentences

# %% check
check(permute_sentences)

# %% [markdown]
# Here is one story (*I went to the market. I bought three red apples. And I gave apples to my younger sibling.*),
# damaged in every way of this chapter, with the number of tokens that a model has to write.

# %%
infill_now, permute_now = solved("infill_text"), solved("permute_sentences")
story = village.tokens(
    "나는 시장에 갔다. 나는 빨간 사과 세 개를 샀다. 그리고 동생에게 사과를 주었다."
)
codes = {word: i for i, word in enumerate(dict.fromkeys(story))}
words_of = {i: word for word, i in codes.items()} | {-1: "<X>", -2: "<Y>", -3: "<Z>", -9: "<mask>"}
ids = [codes[word] for word in story]
generator = torch.Generator().manual_seed(5)
t5_read, t5_write = corrupt_now(ids, [(1, 2), (9, 2)], [-1, -2, -3])
damaged = {
    "the story": (ids, 0),
    "T5: spans": (t5_read, len(t5_write)),
    "BART: infilling": (infill_now(ids, [(1, 2), (6, 0), (9, 2)], -9), len(ids)),
    "BART: permutation": (permute_now(ids, codes["."], [2, 0, 1]), len(ids)),
    "BART: both": (infill_now(permute_now(ids, codes["."], [2, 0, 1]), poisson_spans(len(ids), 0.3, 3.0, generator), -9), len(ids)),
}  # fmt: skip
for name, (tokens, to_write) in damaged.items():
    print(
        f"{name:18} {' '.join(words_of[i] for i in tokens)}"
        + f"   [{to_write} to write]" * bool(to_write)
    )

# %% [markdown]
# BART writes every token of the story again, T5 only the holes and their sentinels: cheaper, by a factor of two and
# more. In return, BART's decoder practises writing whole texts. Its authors found it at its best where texts are to
# be written, in summaries above all.

# %% [markdown]
# ## The machine: three small changes
#
# BART's model is chapter 6's, with learnt positions and a GELU. T5 changes three things. The first is the norm: the
# **RMS norm** (RMS 정규화; RMS is for *root mean square*), which nearly all of today's language models have.
#
# $$\mathrm{RMSNorm}(x) = \frac{x}{\sqrt{\frac1n\sum_i x_i^2 + \varepsilon}} \cdot w$$
#
# It is a layer norm without the mean and without the bias. Its inventors asked which half of a layer norm does the
# work, and found that it is the scaling. The RMS norm is simpler, and as good.

# %% [markdown]
# ### Exercise 9.5 — RMS norm · 3 points · ~10 min
#
# `__init__` is there; write `forward`. `x` has any number of axes, and the last one holds the features.
#
# <details><summary>Hint</summary>
#
# Square, mean over the last axis (which must stay, so that the division broadcasts), $\varepsilon$, root. In this
# order: the root comes after the mean, and $\varepsilon$ stands under it.
# </details>

# %% exercise
from unrolled.t5 import RMSNorm

# %% check
check(RMSNorm)

# %% [markdown]
# What does it keep that a layer norm throws away? Move all features of a word up by the same amount, and look.

# %%
norm_now = solved("RMSNorm")
word = torch.tensor([[1.0, -1.0, 2.0, -2.0]])
rms, layer = norm_now(4), nn.LayerNorm(4)
with torch.no_grad():
    moved = {
        name: (norm(word + 3) - norm(word)).abs().max().item()
        for name, norm in (("RMS norm", rms), ("layer norm", layer))
    }
    scaled = {
        name: (norm(10 * word) - norm(word)).abs().max().item()
        for name, norm in (("RMS norm", rms), ("layer norm", layer))
    }
print(
    "moved up by 3, the result changes by ",
    {name: round(value, 3) for name, value in moved.items()},
)
print(
    "ten times as long, it changes by     ",
    {name: round(value, 3) for name, value in scaled.items()},
)

# %% [markdown]
# Neither minds the length of a vector. A layer norm does not see a common shift either; the RMS norm does.

# %% [markdown]
# ## Where is a word? Ask how far away it is
#
# The second change. Chapter 6 added a position to every word. But what a word means for another depends on the
# *distance* between them, not on whether the sentence began five words earlier. So T5 adds nothing to the words. It
# adds a number to the attention's **scores**, for each head and each distance, a **relative position bias** (상대 위치 편향):
#
# $$\text{score}_{ij} = q_i \cdot k_j + b_{\text{head}}(\text{bucket}(j - i))$$
#
# The numbers $b$ are learnt. There is one for each **bucket**, not for each distance: near distances have a bucket
# each, far ones share, because it matters whether a word is 1 or 2 away, and hardly whether 61 or 62. All beyond
# `max_distance` share the last. So a sentence may be longer than any in training.
#
# With $n$ buckets for one direction and $e = \lfloor n/2 \rfloor$:
#
# $$\text{bucket}(d) = \begin{cases} d & d < e\\ \min\left(n - 1,\; e + \left\lfloor \frac{\log(d/e)}{\log(d_{max}/e)}\,(n - e)
# \right\rfloor\right) & \text{else} \end{cases}$$

# %% [markdown]
# ### Exercise 9.6 — buckets for distances · 4 points · ~30 min
#
# `relative_position` is $j - i$: the place of the key minus that of the query. The docstring says who gets which
# buckets.
#
# <details><summary>Hint</summary>
#
# First make every distance 0 or more, and remember which keys came after the query. Then one `torch.where` between the
# near and the far. For a decoder all buckets are of the past: what is $n$ then? Distance 0 has no logarithm: is what
# comes out there ever used?
# </details>

# %% exercise
from unrolled.t5 import relative_position_bucket

# %% check
check(relative_position_bucket)

# %% [markdown]
# **Predict.** An encoder of T5 has 32 buckets for both directions together. Over all distances from −1000 to 1000,
# how many of the 32 are ever used?

# %%
bucket_now = solved("relative_position_bucket")
distances = torch.arange(-1000, 1001)
used = bucket_now(distances).unique().tolist()
never = sorted(set(range(32)) - set(used))
print(f"{len(used)} of 32 are used; never: {never}")

# %% picture
# The bucket of each distance
near = torch.arange(-150, 151)
figure, (left, right) = panels(1, 2, size=(9.4, 3.4))
curves(
    {
        name: (near.tolist(), bucket_now(near, both).tolist())
        for name, both in (("encoder", True), ("decoder", False))
    },
    title="Near distances have a bucket each, far ones share",
    x_label="distance: place of the key − place of the query",
    y_label="bucket",
    axes=left,
)
places = torch.arange(12)
heatmap(
    bucket_now(places - places[:, None]),
    title="The encoder's buckets for twelve words",
    x_label="key",
    y_label="query",
    limits=None,
    value="bucket",
    axes=right,
)
show(
    figure,
    alt="Left: the bucket over the distance. In the encoder it rises to 15 on the left and from 17 to 31 on the right; in the decoder it rises to 31 on the left and is 0 on the right. Right: the buckets of an encoder for twelve words, equal along diagonals.",
)

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# Only 31. Bucket 16 would be for a key *after* the query at distance 0, and there is none: distance 0 has bucket 0.
# One number per head that is never read, in every T5 there is. It does no harm, and a checkpoint must keep it.
# </details>
#
# What has our small model learnt? Here are its biases over the distance: above 0 a head looks there more.

# %%
learned = {}
with torch.no_grad():
    for name, stack, where in (
        ("encoder", model.encoder, range(-9, 10)),
        ("decoder", model.decoder, range(-9, 1)),
    ):
        bias = stack.bias(
            torch.tensor([9]), torch.arange(19) if name == "encoder" else torch.arange(10)
        )
        learned[name] = (list(where), bias[0, :, 0])
spread = {
    name: (bias.max(1).values - bias.min(1).values).tolist() for name, (_, bias) in learned.items()
}
print(
    "from the least to the most:",
    {name: [round(value, 1) for value in values] for name, values in spread.items()},
)

# %% picture
# What a head adds for each distance
titles = {
    "encoder": "Encoder: two heads look back, two look ahead",
    "decoder": "Decoder: each prefers one of the last three",
}
figure, axes = panels(1, 2, size=(9.4, 3.2))
for panel, (name, (where, bias)) in zip(axes, learned.items(), strict=True):
    curves(
        {f"head {i}": (where, (row - row.mean()).tolist()) for i, row in enumerate(bias)},
        title=titles[name],
        x_label="distance",
        y_label="bias, less its mean",
        axes=panel,
    )
    panel.set_xticks(range(where[0], where[-1] + 1, 3))
    panel.margins(y=0.25)
    panel.legend(ncols=4, loc="lower center", fontsize=8, handlelength=1.2, columnspacing=1)
show(
    figure,
    alt="The learnt biases of four heads over the distance, in the encoder on the left and the decoder on the right.",
)

# %% [markdown]
# In the encoder head 3 prefers the word before, and head 0 likes all that came before. Head 1 looks some words ahead,
# and head 2 likes all that comes after, be it near or far. In the decoder each head's favourite is among the last three
# words. A bias of 1 makes a word count e ≈ 2.7 times as much, before any of its meaning has been looked at; a bias of
# 10 makes it 22,000 times. Which head prefers what is an accident of the seed.
#
# The decoder's *cross*-attention has no such bias: how far apart are a Korean and an English word? It must find its
# words by what they mean. Here it translates; a row is a word to be written.

# %%
korean = f"translate Korean to English: {village.LOVE.korean}"
(english,) = answers(model, vocabulary, [korean])
source, _ = as_ids([(korean, "")], vocabulary)[0]
looked = cross_attention_weights(
    model,
    torch.tensor([source]),
    torch.tensor([[vocabulary.pad, *vocabulary.encode(english.split())]]),
)

# %% picture
# Where the decoder looks while it translates
head_view(
    [layer[0] for layer in looked],
    [*english.split(), "<eos>"],
    vocabulary.decode(source),
    layer=len(looked) - 1,
    title="Where the decoder looks while it translates",
    alt="Heat maps of the cross-attention of the decoder's last block, one per head: a row for each English word to be written, a column for each word that is read, the task's name included.",
)

# %% [markdown]
# For *you* three of the four heads look at 너를, for *i* two at 나는, for *so* two at 매우 and for *much* one, without any
# bias to help. For *love* a single one looks at 사랑해, and the other three at the end of the sentence, just after it. A
# head that has nothing to look for may rest on a word of the prefix, which is always there: two do so for *i*. And
# nearly every row gives all its weight to a single word.

# %% [markdown]
# ## No 1/√d
#
# The third change: T5 does not divide the scores by $\sqrt{d_k}$. Chapter 5 showed what happens then: scores too
# large, a softmax that is all or nothing. T5 takes care of it at another place: the weights that make the queries
# *begin* smaller by that factor.

# %%
seed_everything(0)
x = torch.randn(7, 40, 256)
layer = T5Attention(T5Config(d_model=256, d_kv=64, num_heads=4))
ordinary = torch.randn(256, 256) / 256**0.5  # a query layer that keeps the size of what it gets
keys, _ = layer.remember(x)
with torch.no_grad():
    small, large = layer.split(layer.query(x)), layer.split(x @ ordinary)
    spread_of = {
        "ordinary": (large @ keys.mT).std().item(),
        "ordinary, 1/√d": (large @ keys.mT).std().item() / 8,
        "T5": (small @ keys.mT).std().item(),
        "T5, 1/√d": (small @ keys.mT).std().item() / 8,
    }

# %% picture
# How far the scores spread
show(
    bars(spread_of, title="T5's factor is in its first weights", y_label="spread of the scores"),
    alt="Four bars, the standard deviation of the scores: 8 for ordinary weights without the factor, 1 with it; 1 for T5's weights without it, and an eighth with it.",
)

# %% [markdown]
# A new model begins the same either way. For a *trained* one it is not the same: its weights were learnt without the
# factor, and nothing holds their scores down. Those of our checkpoint have grown until the softmax is all or nothing
# after all, as you saw in its cross-attention. With other people's weights a factor too many is a bug that many have
# met.

# %% [markdown]
# ## Repair: the right weights, the wrong answers
#
# Someone replaced T5's attention by PyTorch's own function, which is faster. The shapes are right, all weights load,
# and the answers get worse. The next cells show it. Find the cause and repair it in place.


# %%
class FasterAttention(T5Attention):
    def forward(self, x, keys, values, bias):
        query = self.split(self.query(x))
        found = F.scaled_dot_product_attention(query, keys, values, attn_mask=bias)
        return self.output(found.transpose(1, 2).flatten(2))


# %%
faster = T5(T5Config(**pretrained.config))
for module in faster.modules():
    if isinstance(module, T5Attention):
        module.__class__ = FasterAttention
faster.load_state_dict(pretrained.weights, strict=False)
probe = as_batch(as_ids(unseen["translate"], vocabulary))
fast = F.scaled_dot_product_attention
with torch.no_grad(), patch.object(F, fast.__name__, wraps=fast) as called:  # it counts its calls
    losses = {
        name: text_loss(m.eval(), probe).item() for name, m in (("ours", model), ("faster", faster))
    }
print({name: f"{loss:.2f} nats per word" for name, loss in losses.items()})
read = [text for text, _ in unseen["translate"]]
answered = zip(read, written["translate"], answers(faster, vocabulary, read), strict=True)
differing = [(text, slow, fast) for text, slow, fast in answered if slow != fast]
print(f"{len(differing)} of {len(read)} answers differ, such as")
for text, slow, fast in differing[:2]:
    print(f"{text}\n    ours: {slow}\n    faster: {fast}")
gap = abs(losses["ours"] - losses["faster"])
judge_repair(
    ("The answers are as good as ours.", gap < 1e-3, f"The losses differ by {gap:.2f} nats per word."),
    ("PyTorch's fast function is used.", called.called, "It was not called once."),
)

# %% [markdown]
# <details><summary>What is it?</summary>
#
# `F.scaled_dot_product_attention` divides by $\sqrt{d}$ unless told otherwise: `scale=1.0` repairs it. Nothing
# crashes, because a factor has no shape. The lesson: when you load someone's weights, compare *numbers* with the
# original, not shapes. This course's tests do, to 10⁻¹⁰.
# </details>

# %% [markdown]
# ## The whole machine, line by line
#
# Here is t5-large, built from this chapter's parts on the *meta* device: all shapes, no memory. The printout is the
# tree of its modules.

# %%
with torch.device("meta"):
    t5_large = T5(T5Config(d_model=1024, d_ff=4096, num_layers=24, num_heads=16))
print(t5_large)

# %% [markdown]
# Read it from the top. (In parentheses: what Hugging Face's `T5ForConditionalGeneration` calls it.)
#
# - `shared`, **Embedding(32128, 1024)**: one table of words for reading and writing. 32,000 pieces of words, 100
#   sentinels, and 28 rows that nobody uses, so that the number can be divided by 128.
# - `encoder.position_bias` (relative_attention_bias), **Embedding(32, 16)**: 32 buckets, 16 heads. There is one for
#   the whole encoder. Hugging Face keeps it in block 0, so there block 0 looks special; the others use it.
# - `(0-23): 24 x T5Block`: the encoder's **24 blocks**, all of one shape.
#   - `self_norm` (layer_norm), RMSNorm: in front of the layer, so the blocks are pre-norm.
#   - `self_attention` (SelfAttention) with `query`, `key`, `value`, `output` (q, k, v, o), Linear(1024, 1024): 16
#     heads of 64. No layer of T5 has a bias, as `bias=False` shows.
#   - `feed_forward` (DenseReluDense) with `expand` (wi) to 4096 and `contract` (wo) back.
# - `final_norm`: the last norm that every pre-norm stack needs.
# - `decoder`: the same again, with a `position_bias` of its own, and in each block a `cross_attention`
#   (EncDecAttention). It has no position bias: how far apart are a Korean and an English word?
# - `head` (lm_head), Linear(1024, 32128): the table of words once more. What goes in is divided by $\sqrt{1024}$.
#
# What is *not* there: a table of positions, biases, and a head for any task.

# %% [markdown]
# ## The experiment: one for all, or one for each?
#
# Three small models that each learn one task from 120 batches; and one of the same size that learns all three, from
# three times as many batches, a third of each task. So both ways see equally many examples and compute about as long,
# but the one model has a third of the weights for each task. Does it pay for that, or do the tasks help each other?
#
# They are trained with Adafactor (Shazeer and Stern, 2018), as T5 was. Like Adam, it divides each step by the usual
# size of the gradient. Two things are different. It does not keep that size for every weight of a matrix, but only the
# means of its rows and columns, which saves much memory. And the length of a step is a share of the size of the weights
# themselves: T5's table of words begins with numbers of about 1, its other layers with a tenth of that and less, and
# one learning rate suits both.

# %%
UPDATES, WARM_UP = 120, 30
LEARN = {task: village_texts(task, 4000, pair=pair_now) for task in TASKS}
words = text_vocabulary(pair for task in TASKS for pair in LEARN[task])
SMALL = T5Config(
    vocab_size=len(words), d_model=64, d_kv=16, d_ff=192, num_layers=2, num_heads=4,
    relative_attention_num_buckets=16, relative_attention_max_distance=64,
)  # fmt: skip


def taught(tasks, seed, preset="auto"):
    """A small T5 that has learnt these tasks, and the record of its training."""
    seed_everything(seed)
    small, steps = T5(SMALL), UPDATES * len(tasks) * preset_of(preset).scale
    history = train(
        small, text_batches({task: LEARN[task] for task in tasks}, words, 32), text_loss,
        steps=steps, learning_rate=0.05, optimizer=torch.optim.Adafactor, clip_norm=1.0, preset=preset, seed=seed,
        name=" + ".join(tasks), live=False,
        schedule=lambda step: min((step + 1) / WARM_UP, (steps - step) / (steps - WARM_UP)),
    )  # fmt: skip
    return small.cpu().eval(), history


# %% [markdown]
# All are measured by their loss on the hundred unseen examples of each task. Here we train the one for all.


# %%
@torch.no_grad()
def test_losses(small, tasks):
    """−log p of the right words of unseen examples, in nats per word, for each task."""
    return {task: text_loss(small, as_batch(as_ids(unseen[task], words))).item() for task in tasks}


def experiment(seed, preset="auto"):
    """What is recorded: the loss on every task, of one model for all and of one for each."""
    single = {}
    for task in TASKS:
        single |= test_losses(taught([task], seed, preset)[0], [task])
    return {
        "one for all": test_losses(taught(TASKS, seed, preset)[0], TASKS),
        "one for each": single,
    }


def summarize(result):
    """What is written down of an experiment: all of it."""
    return result


small, history = taught(TASKS, seed=0)
live = test_losses(small, TASKS)
print(
    f"{sum(p.numel() for p in small.parameters()):,} weights, loss {history.losses[0]:.1f} → {sum(history.losses[-30:]) / 30:.2f}"
)
print({task: round(loss, 2) for task, loss in live.items()})

# %% [markdown]
# The other three, and everything for two more seeds, were trained when the course was made.

# %%
runs = list(recorded("09_t5_bart")["seeds"].values())
means = {
    who: {task: sum(run[who][task] for run in runs) / len(runs) for task in TASKS}
    for who in ("one for all", "one for each")
}
for run in runs:
    print(
        "; ".join(
            f"{task}: {run['one for all'][task]:.2f} for all, {run['one for each'][task]:.2f} for each"
            for task in TASKS
        )
    )

# %% picture
# One model for all tasks and one for each
figure, axes = panels(1, 3, size=(9.4, 3.0))
for panel, task in zip(axes, TASKS, strict=True):
    bars(
        {who: means[who][task] for who in means},
        title=task,
        y_label="nats per word, unseen",
        axes=panel,
    )
show(
    figure,
    alt="For each of three tasks two bars: the loss on unseen examples of the model for all tasks and of the one for that task alone.",
)

# %% [markdown]
# The one for all pays on translations and summaries, in all three seeds. Its loss on translations is higher by 0.26 to
# 0.48 nats per word, on summaries by 0.14 to 0.36. Only judging comes nearly free: 0.02 and less. So at this size and
# after so few updates we see no help from one task to another; they have little in common but English words. T5's
# authors found something similar at scale: one model that learns many tasks at once stayed behind one that is
# pre-trained on holes and then fine-tuned for each, and drew level only when it was fine-tuned too. What text-to-text
# gives is not a lower loss. It is that all of this is one program.

# %% [markdown]
# ## Claims, checked
#
# > *"t5-large has 770 million parameters."*


# %%
def weights_of(module):
    """How many numbers a module learns; a table that serves twice counts once."""
    return sum(parameter.numel() for parameter in module.parameters())


with torch.device("meta"):
    own_head = T5(
        T5Config(d_model=1024, d_ff=4096, num_layers=24, num_heads=16, tie_word_embeddings=False)
    )
    bart = {
        "base": Bart(BartConfig(50265, 1024, 768, 6, 12, 3072, 6, 12, 3072)),
        "large": Bart(BartConfig()),
    }
sizes = {"tied head": weights_of(t5_large), "own head": weights_of(own_head)}
print({name: f"{size:,}" for name, size in sizes.items()})

# %% [markdown]
# **True only if** the head has weights of its own: 770,567,168. In the released t5-large the head is the table of
# words, and it has 737,668,096. The difference is one table, 32,128 × 1,024. Ask again which tables are counted.
#
# > *"BART has roughly 10 % more parameters than a BERT of the same size."*
#
# So say its authors, because of the cross-attention. BERT's base model has 109,482,240 (chapter 7 counts them), its
# large one 335,141,888.

# %%
BERT = {"base": 109_482_240, "large": 335_141_888}
more = {}
for name, model_of in bart.items():
    smaller_table = (50_265 - 30_522) * model_of.config.d_model  # as if BART had BERT's vocabulary
    more[name] = (
        weights_of(model_of) / BERT[name] - 1,
        (weights_of(model_of) - smaller_table) / BERT[name] - 1,
    )
    print(
        f"{name}: {weights_of(model_of):,}, {more[name][0]:.0%} more; with BERT's vocabulary {more[name][1]:.0%} more"
    )

# %% [markdown]
# **Roughly.** As released, BART has 27 % and 21 % more, a good part of it because its vocabulary is larger. With
# BERT's vocabulary it would be 13 % and 15 %: that is the cross-attention, less BERT's pooler.

# %% [markdown]
# ## The real one
#
# Two parts of T5 are yours: the norm and the buckets. Do they fit? Here the checkpoint of the beginning runs with both
# of them and answers as before.

# %%
own_parts = {"norm": norm_now, "bucket": bucket_now}
own = T5(T5Config(**pretrained.config), **own_parts)
own.load_state_dict(pretrained.weights, strict=False)
asked = [read for read, _ in unseen["translate"][:20]]
own_answers = answers(own.eval(), vocabulary, asked)
print("the same answers:", own_answers == written["translate"][:20], "·", own_answers[0])

# %% [markdown]
# With a connection (on Colab, say), write `t5-small` between the quotation marks: 60 million weights, 240 MB, come from
# the Hugging Face hub into the same class with the same two parts. It knows English, German, French and Romanian, but
# no Korean; it was pre-trained on holes, and taught its tasks with prefixes like those of this chapter's beginning
# (`summarize:` is one of its own).
#
# Both questions below are from figure 1 of the paper, whose answers are "Das ist gut." and "not acceptable". We had no
# connection to try them. The smallest T5 need not answer as the figure does, but the first answer should be German, and
# the second "acceptable" or "not acceptable".

# %%
FROM_THE_HUB = ""  # such as "t5-small", or a folder that holds such a model


def hub_answer(name, text):
    """What a T5 of that name, with your norm and your buckets, writes for a text."""
    from transformers import AutoTokenizer  # pip install transformers sentencepiece

    tokenizer, real = AutoTokenizer.from_pretrained(name), T5.from_huggingface(name, **own_parts).eval()
    ids = tokenizer(text, return_tensors="pt").input_ids
    with torch.no_grad():
        return tokenizer.decode(real.generate(ids, max_length=40)[0])


if FROM_THE_HUB:
    for text in ("translate English to German: That is good.", "cola sentence: The course is jumping well."):
        print(text, "→", hub_answer(FROM_THE_HUB, text))

# %% [markdown]
# ## In your own words
#
# A friend says: "A language model that writes *positive* is a waste. A classifier with two outputs does the same with
# less." Answer in six to ten sentences: what is gained by text-to-text, what does it cost, and how does such a model
# learn from text without labels?
#
# Two points: one for gain and cost (one shape, shared weights and loss; free words where two outputs would do), one
# for span corruption or infilling, with what is read and what is written.

# %% written [markdown] name="t5-bart-in-your-own-words" points=2
# A head with two outputs has the task built into its shape, so every new task needs new weights and a new loss, and a
# summary fits none. A text-to-text model has one shape for all tasks: the task's name stands in the text it reads,
# and the answer, be it a word, a number or a sentence, is written word by word. So all tasks share all weights and
# one loss, and a new task needs only examples. The cost: for two classes it computes scores for a whole vocabulary,
# several times, and it could write a word that is no class at all. It learns without labels by filling holes: spans
# of a text are replaced by sentinels, and it writes each sentinel followed by what was hidden there, and a last
# sentinel. BART replaces each span by one mask and writes the whole text again, so it must also find out how much is
# missing.
#
# **1 point**: at least one gain *and* one cost, each with a reason. **1 point**: what is read and what is written in
# span corruption or in infilling, rightly (sentinels for spans; or one mask and the whole text).

# %% [markdown]
# ## What you have now, and where next
#
# A model with one shape for every task, and two ways to teach it without labels. (`Bart.from_huggingface(
# "facebook/bart-base")` loads the real BART, when you are online.)
#
# **Next**: this chapter's models always wrote the most probable word. Chapter 10 asks what else one can do with
# probabilities.
#
# *To read on*: Raffel et al., *Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer*
# (2020); Lewis et al., *BART* (2020); Zhang and Sennrich, *Root Mean Square Layer Normalization* (2019); Shaw et al.,
# *Self-Attention with Relative Position Representations* (2018).

# %%
progress("09_t5_bart")
