# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 7 · What fits in this gap?
#
# The Transformer of chapter 6 reads with one half and writes with the other. This chapter keeps the half that reads.
# You hide words of a text and let the model say what they were, looking to the left *and* to the right. Nobody has to
# label anything for that. That is **pre-training** (사전 학습). And a model that has learnt to fill gaps can be taught
# other things: here, to tell praise from complaint. Does that save labels? You will measure it, and see when it does.
#
# You need: chapters 5 and 6. Five exercises, 15 points and a paragraph (2 points). About two and a half hours.

# %% setup
from collections import Counter, defaultdict

import torch
from torch import nn

from autograder import check, judge_repair, progress, solved
from unrolled.bert import Bert
from unrolled.data import village
from unrolled.lab import (
    bars,
    curves,
    explorer,
    head_view,
    load_pretrained,
    panels,
    recorded,
    seed_everything,
    show,
    train,
)
from unrolled.pretraining import BertVocabulary, guesses, village_bert, village_corpus
from unrolled.self_attention import padding_mask
from unrolled.translation import padded

# %% [markdown]
# ## The problem: left to right means guessing too early
#
# *I ate ___ .* Whatever comes, one can eat it. Now in Korean: 나는 ___ 먹었어, "I ___ ate". The verb stands *after* the
# gap. Anyone who has read only 나는, "I", knows nothing at all: the thing may be eaten, read, sold or loved.
#
# Let us measure it with the simplest means, chapter 0's counts. One reader guesses each word from the word to its
# left. The other knows both neighbours, and falls back on the left one where it never saw the two together.


# %%
def neighbours(sentence):
    """(left, word, right) for every word of a sentence."""
    words = ["<s>", *village.tokens(sentence), "</s>"]
    return list(zip(words, words[1:], words[2:], strict=False))


def share_right(language, n=15_000):
    """How often each reader's best guess is right, on sentences that neither has seen."""
    by_left, by_both = defaultdict(Counter), defaultdict(Counter)
    for sentence in village.sentences(n, language=language):
        for left, word, right in neighbours(sentence):
            by_left[left][word] += 1
            by_both[left, right][word] += 1
    right_guesses, asked = Counter(), 0
    for sentence in village.sentences(400, language=language, split="validation"):
        for left, word, right in neighbours(sentence):
            best_left = by_left[left].most_common(1)
            best_both = by_both[left, right].most_common(1) or best_left
            asked += 1
            right_guesses["left"] += bool(best_left) and best_left[0][0] == word
            right_guesses["both"] += bool(best_both) and best_both[0][0] == word
    return {reader: right_guesses[reader] / asked for reader in ("left", "both")}


counted = {language: share_right(language) for language in ("english", "korean")}

# %% picture
# How often a word is guessed from one neighbour and from two
show(
    bars(
        {
            f"{language.title()}, {side}": share
            for language, shares in counted.items()
            for side, share in shares.items()
        },
        title="Two neighbours know more than one",
        y_label="share of words guessed",
    ),
    alt="Four bars: in English and in Korean, guessing a word from both neighbours is right more often than from the left one alone.",
)

# %% [markdown]
# The same counts, the same sentences: a reader who also looks to the right is right more often, in both languages.
# Chapter 2's bidirectional network read the sentence twice for this, once each way. But its two readers never talk:
# each knows only its own side, and the two states are put side by side when both have finished.

# %% [markdown]
# ## The idea: hide the word, then look at everything
#
# Chapter 5's attention looks both ways at once. So let every word look at every word, in every layer, and predict …
# what? Not the next word: it stands there, for all to see. And not each word itself either: then copying is a perfect
# answer. The way out is an old test from schools, the **cloze** (빈칸 채우기): *blot out* some words and ask only for those.
# A model that answers is a **masked language model** (마스크 언어 모델).
#
# That is all of **BERT** (*Bidirectional Encoder Representations from Transformers*, Devlin et al., 2019): chapter 6's
# encoder, trained on gaps. It reads in both directions and writes nothing: an **encoder-only** (인코더 전용) model. First
# come its parts, then we will see what happens if one forgets to hide.

# %% [markdown]
# ## What goes in: three vectors for a word
#
# BERT often reads *two* sentences at once, a question and a text, or two sentences of a story. So it has marks:

# %% [markdown]
# ![What goes into BERT for the tokens [CLS] 나는 자 [SEP] 너는 먹어 [SEP]: three rows of vectors, of the word, of the
# position (0 to 6) and of the segment (0 up to the first [SEP], then 1). The three of each token are added and normed;
# the result has the shape (batch, time, d_model).](../assets/diagrams/bert_inputs.svg)

# %% [markdown]
# `[SEP]` closes a sentence and belongs to it. `[CLS]` means nothing at first: its
# place is there to collect what can be said of the text as a whole. Each row has a table of vectors, all three
# *learnt*, positions too. They are added and normed:
#
# $$x_t = \mathrm{norm}\left(W_{\text{word}_t} + P_t + S_{\text{segment}_t}\right)$$

# %% [markdown]
# ### Exercise 7.1 — BERT's embeddings · 3 points · ~10 min
#
# The tables and the norm are there. Write `forward`.
#
# <details><summary>Hint</summary>
#
# The positions are not given: they are 0, 1, 2, … for every row of the batch. `torch.arange` makes them, and the sum
# broadcasts.
# </details>

# %% exercise
from unrolled.bert import BertEmbeddings

# %% check
check(BertEmbeddings)

# %% [markdown]
# ## Hide words
#
# 15 % of the words are **selected**: these the model must name. Most of them become `[MASK]`, but not all. When the
# model is used, no text has a `[MASK]` in it, and a model that only ever worked at masks would doze at every other
# word. So a selected word becomes
#
# - `[MASK]` in 80 % of the cases,
# - a *random word* in 10 %: what stands there may be wrong, beware,
# - *itself* in 10 %: what stands there may well be right.
#
# As it cannot tell the last two from words that are not asked for, it must keep an eye on every word.

# %% [markdown]
# ### Exercise 7.2 — hide words · 4 points · ~25 min
#
# Each token has three random numbers of its own: the first selects, the second says what happens, the third draws the
# random word. (Draw none of your own: no one could say whether you did it right.) `special_ids` (padding, `[CLS]`,
# `[SEP]`, …) are never selected, whatever their numbers. "Below" does not include the limit itself.
#
# <details><summary>Hint</summary>
#
# Build it of truth values, (batch, time) each: `selected`, then the action. `torch.isin` finds the **special tokens**
# (특수 토큰), and `torch.where(condition, a, b)` chooses. Change a copy: the labels need what stood there.
# </details>

# %% exercise
from unrolled.masked_lm import mask_tokens

# %% check
check(mask_tokens)

# %% [markdown]
# **Predict.** You hide words in 100,000 ordinary tokens. Now take a token that *looks* untouched: how probable is it
# that the model is asked for it all the same?

# %%
hide_words = solved("mask_tokens")
seed_everything(0)
plain_ids = torch.randint(7, 3000, (1000, 100))
hidden_ids, asked_for = hide_words(plain_ids, [0, 4, 5, 6], 6, 3000, torch.rand(3, 1000, 100))
outcome = {
    "asked for": (asked_for != -100).sum().item(),
    "now [MASK]": (hidden_ids == 6).sum().item(),
    "now another word": ((hidden_ids != plain_ids) & (hidden_ids != 6)).sum().item(),
    "look untouched": (hidden_ids == plain_ids).sum().item(),
}
print(outcome)

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# Less than one in fifty: 86,500 look untouched, and 1,500 of these are asked for. That little is enough to keep the
# model awake at every word. In all about 15,000 are asked for; 12,000 become `[MASK]`, and 1,500 another word. This is
# also BERT's great expense: a model that predicts every next word learns from each of 100 words, BERT from 15.
# </details>

# %% [markdown]
# ## The loss: only where something is asked
#
# It is chapter 0's cross-entropy once more, averaged over the selected places $M$ of the whole batch:
#
# $$L = -\frac{1}{|M|} \sum_{t \in M} \log p_t(\text{the word that stood there})$$

# %% [markdown]
# ### Exercise 7.3 — the loss of hidden words · 3 points · ~10 min
#
# A label of −100 means that nothing is asked. `F.cross_entropy` would know this number; `log_softmax`, `logsumexp` and
# even `F.nll_loss` may be used. It must hold for large scores, too: remember why chapter 0 subtracted the largest one.
#
# <details><summary>Hint</summary>
#
# A tensor of truth values as an index picks the places: `logits[asked]` is `(places, vocabulary)`, whatever axes
# stood in front. Then `log_softmax` and `gather`, as in chapter 6.
# </details>

# %% exercise
from unrolled.masked_lm import masked_lm_loss

# %% check
check(masked_lm_loss)

# %% [markdown]
# Now, what if one forgets to hide? Two small BERTs of one block read the same sentences. One is asked for *every*
# word, with nothing hidden. The other gets gaps. Then both are shown gaps in sentences that neither has seen.

# %%
hidden_loss, embeddings_now = solved("masked_lm_loss"), solved("BertEmbeddings")
short = [sentence + "." for sentence in village.sentences(6000, length=(4, 9))]
small_words = BertVocabulary.of(short, minimum_count=3)
short_ids, short_lengths = padded([small_words.read(text) for text in short], small_words.pad)
unseen_ids, _ = padded(
    [
        small_words.read(text + ".")
        for text in village.sentences(300, length=(4, 9), split="validation")
    ],
    small_words.pad,
)


def with_gaps(ids, generator):
    """The sentences with gaps, and the labels."""
    uniforms = torch.rand(3, *ids.shape, generator=generator)
    return hide_words(ids, BertVocabulary.special_ids, BertVocabulary.mask, len(small_words), uniforms)  # fmt: skip


def without_gaps(ids, generator):
    """The sentences as they are; every word is asked for."""
    return ids, torch.where(ids > 6, ids, -100)


# %% [markdown]
# Both learn in the same way. Of the gaps that both are shown, we count how many each fills rightly.


# %%
def loss_on(model, batch):
    ids, labels = batch
    return hidden_loss(model.predict(ids, ids != BertVocabulary.pad)[0], labels)


@torch.no_grad()
def share_of_gaps(model):
    """How often the best guess for a gap is right."""
    ids, labels = with_gaps(unseen_ids, torch.Generator().manual_seed(0))
    gap = (ids == BertVocabulary.mask) & (labels != -100)
    best = model.predict(ids, ids != BertVocabulary.pad)[0].argmax(-1)
    return (best == labels)[gap].float().mean().item()


copying, of_gaps = {}, {}
for name, prepare in (("nothing hidden", without_gaps), ("15 % hidden", with_gaps)):
    seed_everything(0)
    tiny = Bert(len(small_words), 64, 4, 128, 1, positions=16, embeddings=embeddings_now)
    copying[name] = train(
        tiny,
        lambda g, prepare=prepare: prepare(
            short_ids[torch.randint(len(short_ids), (64,), generator=g)], g
        ),
        loss_on, steps=200, learning_rate=4e-3, live=False, name=name,
    ).losses  # fmt: skip
    of_gaps[name] = share_of_gaps(tiny)
print("gaps filled rightly:", {name: f"{share:.0%}" for name, share in of_gaps.items()})

# %% picture
# The loss of both models
show(
    curves(copying, title="Without hiding the loss is soon nothing …", smooth=10),
    alt="Two loss curves: with nothing hidden it falls almost to 0 within 100 steps; with 15 % hidden it falls slowly.",
)

# %% [markdown]
# … and worth nothing. The first model has learnt to copy, and at a gap it has nothing to copy from. A loss near zero
# should make you suspicious: can the answer be seen in the question?

# %% [markdown]
# ## Two sentences: does the second follow?
#
# Gaps teach how words go together. For question and answer, or claim and evidence, one needs to know how *sentences* go
# together. So BERT gets a second task at the same time: two sentences, and the question whether the second stood after
# the first. In half of the cases it did, in the other half it was taken from another text. The answer is read off at
# `[CLS]`. This is **next-sentence prediction** (다음 문장 예측).

# %% [markdown]
# ### Exercise 7.4 — pairs of sentences · 4 points · ~20 min
#
# Documents are lists of sentences, sentences lists of word numbers. Which sentence is taken follows from the given
# random numbers; the docstring says how. Mind which segment the two `[SEP]` belong to. Two sentences, or even two
# documents, may say the same.
#
# <details><summary>Hint</summary>
#
# Go through the documents `d` and their sentences `i` but the last. With D documents, `(d + 1 + k) % D` for k = 0 … D
# − 2 runs through all others. Build `a = [CLS] first [SEP]` and `b = second [SEP]` apart: then the segments are as
# many zeros as `a` is long, and as many ones as `b`.
# </details>

# %% exercise
from unrolled.sentence_pairs import make_sentence_pairs

# %% check
check(make_sentence_pairs)

# %% [markdown]
# ## A BERT that has read the village
#
# `Bert` in `unrolled.bert` puts it together: your embeddings, then chapter 6's encoder blocks (post-norm, with a
# **GELU** (겔루), a ReLU without a corner, where the ReLU was), and two heads. One scores all words at every place; its
# weights are the table of words itself, so a state is compared with every word's vector. The other says *next or not*
# from the state of `[CLS]`.
#
# Training takes some minutes, so it has been done: a small BERT comes with this course. It has read the village's
# sentences, stories, reviews and facts, English and Korean mixed, with one vocabulary for both, and no mark to say
# which is which. It hid 30 % of the words instead of 15 %: with only minutes to train, we ask more of every text.

# %%
model, vocabulary = village_bert(embeddings=embeddings_now)
print(f"{len(vocabulary):,} words, {sum(p.numel() for p in model.parameters()):,} weights")
gaps = [
    "I love ___.",
    "나는 너를 ___ 사랑해.",  # I love you ___
    "나는 ___ 먹었어.",  # I ate ___
    "나는 ___ 마셨어.",  # I drank ___
    "The child ___ playing in the park.",
    "The children ___ playing in the park.",
    "The girls ___ playing in the park.",
    "The baker baked ___ in the bakery.",
]
filled = {}
for text in gaps:
    (found,) = guesses(model, vocabulary, text, k=4)
    filled[text] = dict(found)
    print(f"{text:42}", ", ".join(f"{word} {p:.0%}" for word, p in found))


# %% [markdown]
# Look at the two gaps after 나는, "I". On their left they are the same. But in front of 먹었어 (*ate*) stand soup,
# strawberries, tangerines and dumplings; in front of 마셨어 (*drank*) tea, coffee and milk, and then a barn, which is a
# mistake. The word that decides comes *after* the gap. Other gaps are left open, and rightly so: after *I love* may
# come any of the village's people. And not all is learnt. The one child gets *was* or *is*, with more than 90 %
# together. For the children and for the girls *were* comes first, but *were* and *are* together get only about half.
# And the baker would sooner bake hay than bread.
#
# How good is it, by the measure of the beginning? We hide one word after the other of the same unseen sentences.


# %%
@torch.no_grad()
def share_filled(language):
    """How often the best guess is right when a single word is hidden, over all words of unseen sentences."""
    right, asked = 0, 0
    for sentence in village.sentences(400, language=language, split="validation"):
        ids = torch.tensor([vocabulary.read(sentence + ".")])
        places = torch.arange(1, ids.shape[1] - 2)  # not [CLS], the full stop, [SEP]
        rows = ids.repeat(len(places), 1)
        rows[torch.arange(len(places)), places] = vocabulary.mask
        states, _ = model(rows)
        best = model.words(states[torch.arange(len(places)), places]).argmax(-1)
        right += (best == ids[0, places]).sum().item()
        asked += len(places)
    return right / asked


bert_share = {language: share_filled(language) for language in counted}
for language, share in bert_share.items():
    left, both = (f"{counted[language][side]:.0%}" for side in ("left", "both"))
    print(f"{language:8} left neighbour {left}, both neighbours {both}, BERT {share:.0%}")

# %% [markdown]
# About seven words in a hundred more than both neighbours in English, four in Korean. The 15,000 sentences of each
# language are the same for all three readers, but BERT has read stories, reviews and facts besides. More is gained by
# looking to the right at all (the step from one neighbour to two) than by looking at everything. And nobody can be
# perfect: who knows *what* I ate? Korean is harder for all of them, because its words carry particles and endings: of
# the words that BERT knows, more than two in three are Korean.
#
# Move the gap through a sentence and see what the model thinks. (Where the slider runs past the end of a sentence,
# the gap stays at its last word. The third sentence is *yesterday the farmer planted carrots in the garden*; for the
# gap that you see first, the model thinks of pines, trees, onions, carrots, sweet potatoes and potatoes. The fourth
# is *I love you so much*.) Where is it sure, and where not? Why?
#
# <details><summary>What one finds</summary>
#
# It is sure of grammar: *the* at the beginning, *to* and the full stop get about 90 % and more. It is unsure wherever
# somebody or something is named, for nothing else in the sentence says who or what it was; dozens would do. And twice
# it is fairly sure and wrong: where *away* stood it says *home*, with about 50 %, and where *because* stood it says
# *to*, with about two thirds. It has read *ran away* hundreds of times, but never *away because*; *home because* and
# *away to* it has read hundreds of times.
# </details>

# %% picture
# A gap that moves through a sentence
SENTENCES = [
    "The baker gave the bread to the hungry child .",
    "The dog ran away because the door was open .",
    "농부는 어제 텃밭에서 당근을 심었어 .",
    "나는 너를 매우 사랑해 .",
]


def draw_gap(sentence=SENTENCES[2], place=4):
    words = sentence.split()
    place = min(place, len(words))
    there, words[place - 1] = words[place - 1], "___"
    (found,) = guesses(model, vocabulary, " ".join(words), k=6)
    shown = {word: p for word, p in found}
    return bars(shown, title=f"{' '.join(words)}   (was: {there})", y_label="probability")


explorer(
    draw_gap,
    sentence=SENTENCES,
    place=(1, 10, 1),
    alt=lambda sentence, place: (
        f"The six most probable words for place {place} of “{sentence}”, as bars."
    ),
)

# %% [markdown]
# ## Where does it look?
#
# **Predict.** 농부는 텃밭에서 ___ 심었어 is "the farmer in the garden ___ planted". The first block has four heads. How many
# of them will look at the verb from the gap, and where will the others look?

# %%
text = "농부는 텃밭에서 ___ 심었어."
ids = torch.tensor([vocabulary.read(text)])
with torch.no_grad():
    _, looks = model.encode(ids, weights=True)
names = vocabulary.decode(ids[0])
gap = names.index("[MASK]")
for head, weights in enumerate(looks[0][0, :, gap]):
    print(
        f"head {head}:",
        ", ".join(f"{name} {w:.2f}" for name, w in zip(names, weights, strict=True)),
    )

# %% [markdown]
# Here are all of them. In the live view the coloured squares above the words stand for the heads: a click shows or
# hides one, a double click shows it alone.

# %% picture
# Where each word looks, in the first block
head_view(
    looks,
    names,
    layer=0,
    title="In the first block head 3 looks one word back, and head 1 one word on",
    alt="Heat maps of the four heads of the first block over a Korean sentence with a gap: in head 3 the squares left of the diagonal are bright, in head 1 those right of it.",
)

# %% [markdown]
# Does the word that is looked at matter? Here the verb is another one, and nothing else has changed.

# %%
planted_or_eaten = {}
for verb in ("심었어", "마셨어"):
    (found,) = guesses(model, vocabulary, f"농부는 텃밭에서 ___ {verb}.", k=4)
    planted_or_eaten[verb] = [word for word, _ in found]
    print(f"농부는 텃밭에서 ___ {verb}:", ", ".join(planted_or_eaten[verb]))

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# Two of the four: heads 0 and 1 put about four fifths and more than nine tenths of the gap's weight on the verb, 심었어.
# Head 3 looks at 텃밭에서, "in the garden", and head 2 spreads its weight over the whole sentence. But heads 1 and 3 do
# not care for verbs: from nearly every word head 3 looks at the word before it, and from more than eight in ten head 1
# looks at the word after it. These are the two neighbours of the chapter's beginning: the model has found out for
# itself that they are of use. That a head looks somewhere is not yet a reason for what comes out. So we changed the
# verb, and nothing else: with *planted* the guesses are pines, onions, carrots and sweet potatoes; with *drank* they
# are tea, milk, coffee and juice.
# </details>

# %% [markdown]
# ## And the second task?
#
# The same model was asked whether two sentences belong together, with pairs such as your `make_sentence_pairs` makes.
# Here it is asked about texts that it has never seen. Beside it stand two rules that understand nothing: say *next* if
# both sentences are in the same language, and say *next* if they share a word, one that is not in every tenth sentence.
#
# **Predict.** How often is the model right? And the rules? A coin is right half of the time.

# %%
documents = village_corpus(300, split="test", vocabulary=vocabulary).documents
places = sum(len(document) - 1 for document in documents)
uniforms = torch.rand(places, 3, generator=torch.Generator().manual_seed(0))
asked_pairs = solved("make_sentence_pairs")(documents, uniforms, vocabulary.cls, vocabulary.sep)
rows, segments = asked_pairs["input_ids"], asked_pairs["token_type_ids"]
answers = torch.tensor(asked_pairs["labels"])  # 0: it was the next one
occurs = Counter(word for document in documents for part in document for word in set(part))
frequent = {word for word, n in occurs.items() if n > sum(map(len, documents)) / 10}
frequent |= set(vocabulary.special_ids)


def says_next(rows, segments):
    """The model's answers: 0 for next, 1 for not."""
    ids, lengths = padded(rows, vocabulary.pad)
    with torch.no_grad():
        scores = model.predict(ids, padding_mask(lengths, ids.shape[1]), padded(segments, 0)[0])[1]
    return scores.argmax(-1)


def halves(row, segment):
    """The two sentences of a pair, as sets of words."""
    return [{w for w, s in zip(row, segment, strict=True) if s == which} for which in (0, 1)]


def korean(sentence):
    return any(not vocabulary.words[word].isascii() for word in sentence)


rules = {
    "same language": lambda first, second: korean(first) == korean(second),
    "a shared word": lambda first, second: bool((first & second) - frequent),
}
next_right = {"BERT": (says_next(rows, segments) == answers).float().mean().item()}
for name, rule in rules.items():
    guessed = [0 if rule(*halves(*pair)) else 1 for pair in zip(rows, segments, strict=True)]
    next_right[name] = (torch.tensor(guessed) == answers).float().mean().item()
print(f"{len(rows):,} pairs;", {who: f"{share:.0%} right" for who, share in next_right.items()})

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# The model is right about nine pairs in ten, and the rules about three in four and seven in ten: half of the false
# sentences are not even in the same language. So much of this task can be solved without understanding how sentences go
# together; it is enough to notice that the text is another one. Liu et al. (*RoBERTa*, 2019) left it out and lost
# nothing. ALBERT asks something harder instead, whether two sentences have changed places (chapter 15).
# </details>

# %% [markdown]
# ## Fine-tune: from gaps to praise and complaint
#
# Now the second half of the idea. *The food was cold and the cook was rude*: praise or complaint? For that one needs
# labels, and labels cost money. But the model knows the village's words already. So put a new, small layer on top of
# `[CLS]`, and train on: that is **fine-tuning** (미세 조정), and what one fine-tunes for is a **downstream task** (다운스트림
# 과제). The state of `[CLS]` first goes through the *pooler*, a layer with a tanh:
#
# $$\text{scores} = W_{\text{head}}\,\tanh(W_{\text{pool}}\, h_{\texttt{[CLS]}} + b_{\text{pool}}) + b_{\text{head}}$$

# %% [markdown]
# ### Exercise 7.5 — classify · 1 point · ~5 min
#
# `pooler` and `head` are linear layers: call them. (Any function could stand in their place, so do not reach for their
# weights.) A batch may hold a single text.

# %% exercise
from unrolled.bert import classify

# %% check
check(classify)

# %% [markdown]
# ## The experiment: how many labels does one need?
#
# The same labelled reviews in English, three ways to use them:
#
# - **fine-tuned**: the village's BERT; everything may change;
# - **frozen**: the same BERT as it is; only pooler and head learn (the **feature-based** (특성 기반) way);
# - **from scratch**: the same model with random weights.
#
# The number of labelled examples goes from 32 to 512. Each way may try three learning rates for each number, and keeps
# the one that is best on the validation split. (That is 400 more labels, spent on choosing; with so few to learn from,
# an honest user would not have them. It is the same for all three ways.) Then comes the test, on other reviews: in
# English and, for the fun of it, in Korean, of which no label was ever seen.


# %%
def as_batch(reviews):
    """Reviews as padded numbers, their masks, and their sentiments: 1 is praise."""
    ids, lengths = padded([vocabulary.read(review.text) for review in reviews], vocabulary.pad)
    return ids, padding_mask(lengths, ids.shape[1]), torch.tensor([r.sentiment for r in reviews])


tests = {
    language: as_batch(village.reviews(400, language=language, split="test"))
    for language in ("english", "korean")
}
validation = as_batch(village.reviews(400, split="validation"))
labelled = village.reviews(512, seed=1)
for review in labelled[:2]:
    print("praise:   " if review.sentiment else "complaint:", review.text)

# %%
SIZES = (32, 128, 512)
RATES = {
    "fine-tuned": (3e-4, 1e-3, 3e-3),
    "frozen": (1e-3, 3e-3, 1e-2),
    "from scratch": (3e-4, 1e-3, 3e-3),
}
classify_now = solved("classify")


class Judge(nn.Module):
    """A BERT with a head for two classes on top."""

    def __init__(self, way):
        super().__init__()
        self.body, _ = village_bert(embeddings=embeddings_now)
        if way == "from scratch":
            self.body = Bert(**load_pretrained("bert").config, embeddings=embeddings_now)
        self.body.requires_grad_(way != "frozen")
        self.body.pooler.requires_grad_(True)
        self.head = nn.Linear(self.body.pooler.out_features, 2)

    def forward(self, ids, real):
        states, _ = self.body.encode(ids, real)
        return classify_now(states, self.body.pooler, self.head)


# %% [markdown]
# All three ways are taught alike: 600 batches of 16 reviews, with a learning rate that rises for ten steps and then
# falls to 0.


# %%
def sentiment_loss(judge, batch):
    ids, real, sentiments = batch
    return nn.functional.cross_entropy(judge(ids, real), sentiments)


@torch.no_grad()
def accuracy(judge, reviews):
    """The share of reviews judged rightly."""
    ids, real, sentiments = reviews
    return (judge(ids, real).argmax(-1) == sentiments).float().mean().item()


def taught(way, n, seed, rate, steps=600, preset="auto"):
    """A judge that learnt from n labelled reviews, another choice of them for every seed."""
    ids, real, sentiments = as_batch(village.reviews(n, seed=1 + seed))

    def draw(generator):
        rows = torch.randint(n, (16,), generator=generator)
        length = real[rows].sum(1).max()
        return ids[rows, :length], real[rows, :length], sentiments[rows]

    seed_everything(seed)
    judge = Judge(way)
    train(
        judge, draw, sentiment_loss, steps=steps, learning_rate=rate, clip_norm=1.0,
        schedule=lambda step: min((step + 1) / 10, (steps - step) / (steps - 10)),
        preset=preset, seed=seed, live=False, name=way,
    )  # fmt: skip
    return judge.eval()


# %% [markdown]
# The experiment teaches a judge with each rate, for every way and every number of labels, and keeps the one that is
# best on the validation split.


# %%
def experiment(seed, preset="auto"):
    """For every way and size the validation accuracy of each rate, and the judge that the best one taught."""
    tried, judges = {}, {}
    for way, rates in RATES.items():
        for n in SIZES:
            of_rate = {rate: taught(way, n, seed, rate, preset=preset) for rate in rates}
            tried[way, n] = {rate: accuracy(judge, validation) for rate, judge in of_rate.items()}
            judges[way, n] = of_rate[max(rates, key=tried[way, n].get)]
    return tried, judges


def summarize(result):
    """What is written down: the rates tried, and the accuracies on the test split."""
    tried, judges = result
    return {
        "validation accuracy of rates": {
            way: {str(n): {str(rate): tried[way, n][rate] for rate in rates} for n in SIZES}
            for way, rates in RATES.items()
        },
        "accuracy": {
            way: {
                language: {str(n): accuracy(judges[way, n], reviews) for n in SIZES}
                for language, reviews in tests.items()
            }
            for way in RATES
        },
    }


# %% [markdown]
# `experiment` takes some minutes, so three seeds of it have been recorded, each with other labelled reviews. Here are
# their means.

# %%
runs = list(recorded("07_bert")["seeds"].values())


def over_seeds(way, language, n):
    """What was recorded: the accuracy of each seed."""
    return [run["accuracy"][way][language][str(n)] for run in runs]


# %% picture
# Accuracy over the number of labelled reviews
findings = {
    "english": "In English: it pays, but not with few labels",
    "korean": "In Korean: nobody beats a coin",
}
figure, axes = panels(1, 2, size=(9, 3.5))
for panel, language in zip(axes, tests, strict=True):
    curves(
        {way: [sum(over_seeds(way, language, n)) / len(runs) for n in SIZES] for way in RATES},
        title=findings[language],
        x_label="labelled English reviews",
        y_label="accuracy",
        axes=panel,
    )
    panel.set_xticks(range(len(SIZES)), map(str, SIZES))
    panel.set_ylim(0.4, 1.03)
show(
    figure,
    alt="Accuracy over the number of labelled reviews, from 32 to 512, for three ways. Left, tested in English: fine-tuned and from scratch are nearly alike at 32, fine-tuned is ahead at 128 and at 512; frozen is lowest everywhere, and far below them at 512. Right, in Korean: all stay at one half.",
)

# %% [markdown]
# For each way one number is measured anew, with 512 labels, but after 100 updates instead of 600.

# %%
live = {}
for way in RATES:
    rates = runs[0]["validation accuracy of rates"][way]["512"]
    live[way] = taught(way, 512, seed=0, rate=float(max(rates, key=rates.get)), steps=100)
    for n in SIZES:
        values = ", ".join(f"{value:.0%}" for value in over_seeds(way, "english", n))
        now = f"   (now, briefly: {accuracy(live[way], tests['english']):.0%})" if n == 512 else ""
        print(f"{way:13} {n:3} labelled reviews: {values}{now}")

# %% [markdown]
# With 32 labels all are near the coin, between 54 and 67 %. With **128 the pre-trained one is ahead for all three**
# seeds: 78 to 79 % against 70 to 75 %. With 512 it is ahead for two of them, with 94 % against 90 and 83 %; for the
# first the two are level, at 87 and 88 %. The frozen BERT, whose `[CLS]` has only ever learnt to say whether sentences
# follow each other, never gets beyond 72 %.
#
# Look at the numbers made just now, all of the first seed. After 100 updates the two are nearly alike, and after 600
# they are again. Whoever measures this one seed, with 512 labels, reports that pre-training saves none. The other two
# seeds and the row of 128 say otherwise: one choice of labelled reviews says little about what a method can do.
#
# So here pre-training helps least where labels are fewest, the reverse of what one usually reads. Why? Ask the model
# itself. Does it expect restaurants to be good?

# %%
(either,) = guesses(model, vocabulary, "The restaurant was ___.", k=4)
print(", ".join(f"{word} {p:.0%}" for word, p in either))
table = nn.functional.normalize(model.embeddings.word.weight.detach(), dim=-1)
alike = {
    pair: round((table[vocabulary.ids[pair[0]]] @ table[vocabulary.ids[pair[1]]]).item(), 2)
    for pair in (
        ("clean", "dirty"),
        ("clean", "bread"),
        ("interesting", "boring"),
        ("interesting", "bread"),
    )
}
print("cosines of the words' vectors:", alike)

# %% [markdown]
# A gap does not care: *noisy* fits nearly as well as *peaceful*, and *sad* no worse than *pretty*. Words that fit into
# the same gaps get similar vectors: *clean* and *dirty*, *interesting* and *boring*. But their difference is all that
# this task is about. So fine-tuning has to pull apart what pre-training has put together, and that takes labels,
# perhaps as many as it takes to learn these words from nothing. After that the rest of what it knows may help: how a
# sentence is built, and what *not* does to a word. (That is an explanation which fits, and no measurement.) And the
# village praises in few words. Real reviews praise in thousands of ways, most of which a small set of labels never
# shows; there a model that has met them elsewhere is ahead from the start. Devlin et al. set a new best on eleven
# tasks. Chapter 14 comes back to the question.

# %% [markdown]
# ## Claims, checked
#
# > *"BERT-base has 110 million parameters."*
#
# So says the paper, for 12 blocks, 768 features, 12 heads and 30,522 words. We build it on the *meta* device, where a
# tensor has a shape and no memory.


# %%
def weights_of(module):
    """How many numbers a module learns."""
    return sum(parameter.numel() for parameter in module.parameters())


with torch.device("meta"):
    base = {
        "the model, with its pooler": weights_of(Bert(pretraining_heads=False)),
        "with both heads of pre-training": weights_of(Bert()),
        "its table of words alone": 30_522 * 768,
        "its twelve blocks": weights_of(Bert().blocks),
    }
for name, size in base.items():
    print(f"{name:32} {size:11,}")

# %% [markdown]
# **True.** 109,482,240 for the model, 110,106,428 with the two heads that pre-training needs. The head of the hidden
# words costs so little because its largest matrix is the table of words, used twice. More than a fifth of all weights
# is that table.
#
# > *"BERT was pre-trained on Wikipedia."*
#
# **True in part.** The paper's section 3.1 names two sources: English Wikipedia, 2,500 million words, *and* the
# BooksCorpus, 800 million words of novels. Lists, tables and headings were left out, because both tasks want running
# text. The multilingual BERT of the next claim did read Wikipedia only, in 104 languages.
#
# > *"A multilingual BERT learns a task in one language and can do it in another."*
#
# Pires et al. (2019) tried it with a BERT pre-trained on 104 languages: it worked for dozens of pairs, best between
# languages that order their words alike. The right panel above asks it of our two.

# %%
for way in RATES:
    values = ", ".join(f"{value:.0%}" for value in over_seeds(way, "korean", 512))
    print(f"{way:13} 512 English labels, tested in Korean: {values}")

# %% [markdown]
# **Not here.** After 512 English reviews every judge treats Korean ones like a coin. One difference: in 104 languages
# many pieces of words, numbers and names are the same; our two share little more than the full stop. But Pires et al.
# saw it work between different scripts too, so this cannot be the whole reason. Another: it worked best between
# languages that order their words alike, and ours do not: the verb of the one comes in the middle, that of the other
# at the end. What a chapter measures with one small model is true of that model, and says nothing more.

# %% [markdown]
# ## The real one
#
# Your embeddings are those of the real BERT as well. With a connection (on Colab, say), write a name between the
# quotation marks below: `bert-base-multilingual-cased` is BERT with 104 languages. Its weights, 700 MB, come from the
# Hugging Face hub into the same class, with *your* layer at the bottom. It learnt from Wikipedia, so ask it what
# stands there, not what the village's people do. Its words are pieces (chapter 11), and `##` marks one that goes on
# with a word.
#
# This course was made without a connection, so we print no answer that we have not seen. What to expect: for each
# sentence five pieces, the most probable first. They should be names of countries and regions, in the language of the
# question. If they are stray syllables, the weights are not where they belong.

# %%
FROM_THE_HUB = ""  # such as "bert-base-multilingual-cased", or a folder that holds such a model


def hub_guesses(name, text, k=5):
    """What a BERT of that name, in your embeddings, would put for each [MASK] of a text."""
    from transformers import AutoTokenizer  # pip install transformers

    tokenizer = AutoTokenizer.from_pretrained(name)
    real = Bert.from_huggingface(name, embeddings=embeddings_now).eval()
    ids = tokenizer(text, return_tensors="pt").input_ids
    with torch.no_grad():
        scores = real.predict(ids)[0][ids == tokenizer.mask_token_id]
    return [tokenizer.convert_ids_to_tokens(best.tolist()) for best in scores.topk(k).indices]


if FROM_THE_HUB:
    for text in ("Seoul is the capital of [MASK].", "서울은 [MASK]의 수도이다."):
        print(text, hub_guesses(FROM_THE_HUB, text))

# %% [markdown]
# ## Repair: a judge with moods
#
# The function below judges a list of reviews with the judge just trained. It runs, and most answers are right. But a
# user complains: the *same* review gets another score when it is judged beside a longer one. Find the cause and
# repair it.


# %%
def praise(judge, texts):
    """How much each text praises: the score of praise less that of complaint."""
    ids = padded([vocabulary.read(text) for text in texts], vocabulary.pad)[0]
    with torch.no_grad():
        states, _ = judge.body.encode(ids)
        scores = classify_now(states, judge.body.pooler, judge.head)
    return (scores[:, 1] - scores[:, 0]).tolist()


# %%
judge = live["fine-tuned"]
review = "The inn was quite clean."
longer = " ".join(r.text for r in village.reviews(2, split="test"))
alone, beside = praise(judge, [review])[0], praise(judge, [review, longer])[0]
print(f"alone {alone:.4f}, beside a longer one {beside:.4f}")
texts = [r.text for r in village.reviews(10, split="test")]
apart, together = (torch.tensor(scores) for scores in ([praise(judge, [t])[0] for t in texts], praise(judge, texts)))
moods, spread = max(abs(alone - beside), (apart - together).abs().max().item()), together.std().item()
judge_repair(
    ("Neighbours do not matter.", moods < 1e-4, f"A score moved by {moods:.4f} beside other reviews."),
    ("It still tells reviews apart.", spread > 1e-3, f"The scores of ten reviews spread by {spread:.4f}."),
)

# %% [markdown]
# <details><summary>What is it?</summary>
#
# The shorter text is filled up with padding, and nobody told the model so. Without an `attention_mask` every word looks
# at the padding as if it were text, `[CLS]` included. `padded` returns the lengths as well, and `[0]` throws them away:
# that should make you look. The repair is to keep them, and
# `judge.body.encode(ids, padding_mask(lengths, ids.shape[1]))`. With Hugging Face's models it is the same: hand on the
# `attention_mask` that comes with the ids, always.
# </details>

# %% [markdown]
# ## In your own words
#
# A friend asks: "Why does BERT hide words instead of predicting the next one, like everybody else? And why does it
# sometimes leave a hidden word as it is?" Answer in six to ten sentences, and say what is learnt in pre-training and
# what in fine-tuning.
#
# Two points: one for why something must be hidden if one reads both ways, and what 80/10/10 is for; one for
# pre-training (no labels, much text) against fine-tuning (few labels, a small head, all weights move).

# %% written [markdown] name="bert-in-your-own-words" points=2
# BERT lets every word look to both sides, because what fits in a gap depends on what comes after it as well: in
# Korean the verb comes last. But if every word sees every word, the next word is no riddle, and neither is the word
# itself: the model would copy, and we saw a loss of nearly zero that was worth nothing. So some words are hidden and
# only these are asked for. If they were always [MASK], the model could rest at all other words, and in use there are
# no masks; so one in ten is replaced, and one in ten is left, and every word must be understood in its context. All
# this needs text, but no labels: that is pre-training. Fine-tuning puts a small head on [CLS], and trains everything
# on with few labelled examples; what the model knows of words and sentences is already there.
#
# **1 point**: with sight to both sides the answer could be seen, hence hiding; *and* a purpose of 80/10/10 (no [MASK]
# in use, or every word must be attended to). **1 point**: pre-training without labels *and* fine-tuning with few,
# with a new head.

# %% [markdown]
# ## What you have now, and where next
#
# A model that reads in both directions, learnt from nothing but text, and a recipe that ruled the field for years:
# pre-train once, fine-tune for everything.
#
# What it cannot do is write: it fills gaps, but has no order in which to make a text. **Next**: GPT takes the other
# half of the Transformer and predicts the next token, and nothing else (chapter 8). BERT's large family comes in
# chapter 15.
#
# *To read on*: Devlin et al., *BERT* (2019); Liu et al., *RoBERTa* (2019), on what of the recipe matters
# (next-sentence prediction does not, they find); Wettig et al., *Should You Mask 15 % in Masked Language Modeling?*
# (2023); Pires et al., *How Multilingual is Multilingual BERT?* (2019).

# %%
progress("07_bert")
