# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 20 · How does it know what it never learnt?
#
# A model knows what its training texts said, and nothing that happened since, nor what stands in your own files. This
# chapter leaves the weights as they are and changes what the model reads: it writes prompts, looks for passages that
# may hold the answer, has a model read them, and cites the one that it took. Then it measures what that is worth, and
# what becomes of it when a passage is wrong, or gives orders.
#
# You need: chapters 7, 8, 10 and 15. Eight exercises, 27 points and a paragraph (2 points). About four hours.

# %% setup
import copy
import math
import tempfile
import textwrap
from collections import Counter
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from autograder import check, judge_repair, progress, solved
from unrolled import translation
from unrolled.adaptation import village_lstm, with_new_words
from unrolled.attention import AttentionSeq2Seq
from unrolled.constrained import constrained, is_json, json_pattern
from unrolled.data import village
from unrolled.data.village import tokens
from unrolled.decoding import generate as write
from unrolled.dense_retrieval import Towers, learn_to_find
from unrolled.entailment import entailment_batch, entailment_logits, things_judged, village_judge
from unrolled.gan import Discriminator, Generator
from unrolled.gpt import GPT, GPTConfig, causal_lm_loss
from unrolled.injection import follower, lessons, obedience, order_loss, tasks
from unrolled.lab import (
    curves,
    explorer,
    heatmap,
    load_pretrained,
    panels,
    recorded,
    seed_everything,
    show,
    train,
)
from unrolled.lab import preset as preset_of
from unrolled.llama import Llama, LlamaConfig
from unrolled.masked_lm import masked_lm_loss
from unrolled.ngram import ngram_model
from unrolled.pretraining import village_bert
from unrolled.prompting import majority, prompt, vote_accuracy
from unrolled.quantized import integer_levels, quantize_model
from unrolled.reader import reader_batch, span_loss, village_reader
from unrolled.reformer import Reformer, ReformerConfig
from unrolled.retrieval import Index, ask
from unrolled.rnn import RNNLanguageModel
from unrolled.self_attention import WordFiller, padding_mask
from unrolled.seq2seq import Seq2Seq
from unrolled.statements import CONTRADICTION, ENTAILMENT, statements
from unrolled.t5 import T5, T5Config
from unrolled.text_classification import adapt
from unrolled.text_to_text import as_batch, as_ids, text_loss, village_texts, vocabulary_of
from unrolled.transformer import Transformer
from unrolled.vae import VariationalAutoencoder
from unrolled.zero_shot import entailment_probabilities

# %% [markdown]
# ## The problem: a closed book
#
# The village's facts are short texts, each with a question and its answer. Here is a small GPT that has read questions
# with their answers, 4,000 of them, but not the texts. Then it is asked about facts that it has never met.

# %%
facts = {
    language: village.facts(4000, language=language) for language in ("english", "korean")
}
unseen = {
    language: village.facts(1000, language=language, split="validation") for language in ("english", "korean")
}
print(unseen["english"][0].text)
print(unseen["english"][0].question, "—", unseen["english"][0].answer)

# %% [markdown]
# One function trains everything that this chapter trains: a short warm-up, then a learning rate that falls to 0.


# %%
def learn(model, draw, loss, *, steps, rate, seed=0, preset="auto", live=False):
    """Trains a model in place, and returns the seconds that it took."""
    steps *= preset_of(preset).scale
    history = train(
        model, draw, loss, steps=steps, learning_rate=rate, clip_norm=1.0, seed=seed, preset=preset, live=live,
        schedule=lambda step: min((step + 1) / 20, (steps - step) / max(steps - 20, 1)),
    )  # fmt: skip
    model.eval()
    return history.seconds[-1]


# %% [markdown]
# Words become numbers, and rows of numbers become batches.


# %%
class Words:
    """A list of words, numbered; 0 is padding, 1 the end, 2 a word that is not in it."""

    def __init__(self, texts):
        self.words = ["<pad>", "<eos>", "<unk>", *sorted({word for text in texts for word in text})]
        self.ids = {word: i for i, word in enumerate(self.words)}

    def encode(self, words):
        return [self.ids.get(word, 2) for word in words]


def lines(rows, batch_size=32):
    """A function of a generator that draws rows of word numbers, padded at the end, with their lengths."""

    def draw(generator):
        picked = [torch.tensor(rows[i]) for i in torch.randint(len(rows), (batch_size,), generator=generator).tolist()]
        return nn.utils.rnn.pad_sequence(picked, batch_first=True), torch.tensor([len(row) for row in picked])

    return draw


def next_word_loss(model, batch):
    return causal_lm_loss(model(batch[0]), *batch)


def small_gpt(vocabulary, seed):
    """A GPT of two blocks that has learnt nothing."""
    seed_everything(seed)
    return GPT(GPTConfig(vocabulary, positions=64, d_model=64, heads=4, layers=2, d_ff=256))


# %%
JSON_SIGNS = '{}":,'  # for an answer in JSON, near the end of the chapter
asked_words = Words([[*tokens(f"{fact.question} {fact.answer} {JSON_SIGNS}"), "who", "when"] for fact in facts["english"]])
BOOK = [[*asked_words.encode(tokens(f"{fact.question} {fact.answer}")), 1] for fact in facts["english"]]
closed_book = small_gpt(len(asked_words.words), seed=0)
learn(closed_book, lines(BOOK), next_word_loss, steps=200, rate=3e-3)


def answered(model, words, question, choose=lambda logits, ids: logits.argmax(-1), most=16):
    """What a model writes after a question, up to its end."""
    ids = torch.tensor([words.encode(tokens(question))])
    written = write(model.step, ids, choose, max_length=most, eos=1)[0]
    return " ".join(words.words[i] for i in written if i != 1)


def same(answer, fact):
    """Are these the words of the right answer?"""
    return answer is not None and tokens(answer) == tokens(fact.answer)


def closed_book_right(model, some):
    return sum(same(answered(model, asked_words, fact.question), fact) for fact in some) / len(some)


for fact in unseen["english"][:4]:
    print(f"{fact.question} {answered(closed_book, asked_words, fact.question)} (right: {fact.answer})")
closed = closed_book_right(closed_book, unseen["english"][:200])
print(f"right, of 200: {closed:.0%}")

# %% [markdown]
# Each answer is of the right kind: a time for *when*, a reason for *why*, a person for *who*. It sounds as sure as the
# right one would, and yet none of these four is right. Nothing in the weights says when the singer opened the window,
# so nothing better than a guess can come out. A larger model that has read the whole Web fails in the same way on your
# own files.

# %% [markdown]
# ## Prompts
#
# All that a model is told for one answer is its prompt: an instruction, perhaps some examples with their
# answers, perhaps some passages, and the question. In the end it is one row of words.
#
# ![Four boxes, one below the other, in a frame: the instruction, the passages, the examples and the question. Beside
# each stands who wrote it: you, whoever wrote the files, you, and the user. One arrow leads from the whole frame to the
# model, which sees one row of words; who wrote what is not said.](../assets/diagrams/prompt_anatomy.svg)

# %%
print(
    prompt(
        "Answer in a few words from the passages.", unseen["english"][1].question,
        examples=[(facts["english"][0].question, facts["english"][0].answer)], passages=[unseen["english"][1].text],
    )
)  # fmt: skip

# %% [markdown]
# The wording of a prompt, its **template** (템플릿), changes the answers. The judge of chapter 15 is asked what a review
# is about, of eight things, in four wordings. Each label's probability competes with the others'.

# %%
judge, judge_words = village_judge()
reviews = village.reviews(400, split="validation")
things = things_judged(reviews)
LABELS = [thing for thing, _ in Counter(things).most_common(8)]
about = [(review.text, LABELS.index(thing)) for review, thing in zip(reviews, things, strict=True) if thing in LABELS][:80]
TEMPLATES = ["This text is about the {}.", "I bought a {}.", "I like the {}.", "The text: {}."]


def says(texts, template):
    """The labels' probabilities for each text."""
    logits = entailment_logits(judge, judge_words, texts, LABELS, template)
    return entailment_probabilities(logits, ENTAILMENT, CONTRADICTION, multi_label=False)


def share_right(probabilities):
    return (probabilities.argmax(-1) == torch.tensor([label for _, label in about])).float().mean().item()


said = {template: says([text for text, _ in about], template) for template in TEMPLATES}
without_content = {template: says([""], template)[0] for template in TEMPLATES}
for template in TEMPLATES:
    print(f"{template:28} right {share_right(said[template]):.0%}")

# %% picture
# What each template says of a text without any words
figure, (axes,) = panels(size=(8.4, 2.9))
heatmap(
    torch.stack(list(without_content.values())).numpy(), rows=TEMPLATES, columns=LABELS,
    title="Each template has a leaning of its own", x_label="label", y_label="template", value="probability", axes=axes, limits=None,
)  # fmt: skip
show(
    figure,
    alt="A table of probabilities, a row for each of four templates and a column for each of eight labels, for an empty text. In no row are the eight equal; the first two templates lean towards the hospital, the third towards the shop, and the last towards the poem and the trumpet.",
)

# %% [markdown]
# Asked about a text *without content*, the judge should find all labels equally probable. It does not. That leaning
# comes from the template and the labels, not from any text, and it can be divided out: **calibration** (보정) of a
# prompt,
#
# $$q_i = \frac{p_i / p^{cf}_i}{\sum_j p_j / p^{cf}_j}.$$
#
# Here $p_i$ is the probability of label $i$ for the text, $p^{cf}_i$ that for a text without content (*content-free*),
# and $q_i$ what is left.

# %% [markdown]
# ### Exercise 20.1 — take the leaning out · 2 points · ~10 min
#
# The labels are a few words among many, so their probabilities need not add up to 1. The calibrated ones should.
#
# <details><summary>Hint</summary>
#
# Which shape has `content_free`, and which axis of `probabilities` does it meet? And which axis has to add up to 1?
# </details>

# %% exercise
from unrolled.prompting import calibrate

# %% check
check(calibrate)

# %%
unleaning = solved("calibrate")
before_after = {
    template: (share_right(said[template]), share_right(unleaning(said[template], without_content[template])))
    for template in TEMPLATES
}
for template, (before, after) in before_after.items():
    print(f"{template:28} right {before:.0%}, calibrated {after:.0%}")

# %% [markdown]
# The judge was trained with the first wording, and just that one is the worst of the four: with it 77 of the 80 reviews
# are right, with the others 80, 80 and 79. Calibration gets those three right as well. With the second and the third
# there was nothing to win, and with the last it loses one. For the leaning that an empty text shows need not be the
# one that matters on real texts: it is strongest with *I bought a …*, where a hospital is about four times as probable
# as a trumpet, and yet all 80 reviews are judged rightly. A prompt is a program without a specification. It has to be
# measured, on labelled examples, each time.

# %% [markdown]
# ## Retrieval: find the passage
#
# So let the model read. First the right passage has to be found, among many: **retrieval** (검색). The pair of steps is
# called **retrieval-augmented generation** (검색 증강 생성), RAG.
#
# ![From left to right: a folder of text files is cut into passages by chunk_text; an index, which is made once and
# kept, holds the words of each passage for BM25 and a vector of each from the towers. A question goes to BM25 and to
# the towers, each by an arrow of its own, and to the reader. The ranks of both are fused into five passages, the reader
# marks a span, and the answer comes out with its file and part.](../assets/diagrams/retrieve_and_read.svg)
#
# Long texts are cut into pieces, because a reader has room for so many words and a piece should be about one thing.
# Neighbours overlap, so that a sentence on a border has a chance to be whole in one of them.

# %% [markdown]
# ### Exercise 20.2 — overlapping pieces · 3 points · ~15 min
#
# No token may be lost, and no piece may lie inside the one before it.
#
# <details><summary>Hint</summary>
#
# How far apart do two neighbours begin? After which piece is nothing left to say: what do you know of its last token?
# </details>

# %% exercise
from unrolled.chunking import chunk_text

# %% check
check(chunk_text)

# %%
cut = solved("chunk_text")
pieces = cut(tokens(unseen["english"][0].text), size=12, overlap=5)
for piece in pieces:
    print(" ".join(piece))

# %% [markdown]
# The second sentence is broken off in the first piece, and whole in the second, because the two overlap. The third
# one has eleven tokens and is whole in none: to be sure of a sentence of n tokens, the overlap must be at least n − 1
# tokens.

# %% [markdown]
# ### By words
#
# Which passage shares most words with the question? A rare word says more than *the*, a second occurrence less than
# the first, and a long passage is more likely to hold any word. **BM25** (1994) is these three thoughts in one
# formula. For each word of the question that the passage has $f$ times:
#
# $$\underbrace{\log\Big(1 + \frac{N - n + \frac12}{n + \frac12}\Big)}_{\text{rare among } N \text{ passages}} \cdot
# \frac{f\,(k_1 + 1)}{f + k_1 \big(1 - b + b \cdot \frac{\text{length}}{\text{mean length}}\big)}$$

# %% [markdown]
# ### Exercise 20.3 — BM25 · 4 points · ~25 min
#
# Words are strings, documents are lists of them. A word that stands twice in the query counts twice.
#
# <details><summary>Hint</summary>
#
# Which parts of the formula belong to a word, which to a document, and which to both? `collections.Counter` counts.
# What is the mean length of documents that are all empty, and who divides by it?
# </details>

# %% exercise
from unrolled.bm25 import bm25_scores

# %% check
check(bm25_scores)

# %%
by_words = solved("bm25_scores")

# %% picture
# What k₁ and b do
often = torch.arange(1, 11)
figure, (left_axes, right_axes) = panels(1, 2, size=(9.4, 3.2))
saturation = {
    f"k₁ = {k1}": (often.tolist(), [by_words(["a"], [["a"] * int(f) + ["b"] * (10 - int(f)), ["b"] * 10], k1=k1, b=0.0)[0].item() for f in often])
    for k1 in (0.0, 0.5, 1.5, 5.0)
}  # fmt: skip
curves(saturation, title="How soon is it enough? k₁", x_label="occurrences of the word", y_label="score", axes=left_axes)
lengths = torch.arange(5, 61, 5)
penalty = {
    f"b = {b}": (lengths.tolist(), [by_words(["a"], [["a"] + ["b"] * (int(n) - 1), ["c"] * (60 - int(n))], b=b)[0].item() for n in lengths])
    for b in (0.0, 0.4, 0.75, 1.0)
}  # fmt: skip
curves(penalty, title="How much does length count? b", x_label="words in the document (mean 30)", y_label="score", axes=right_axes)
show(
    figure,
    alt="Left: the score over the occurrences of a word; flat for k1 = 0, and rising for longer the larger k1 is. Right: the score over the document's length; flat for b = 0, and falling more steeply the larger b is; all lines meet at the mean length of 30.",
)

# %% [markdown]
# ### How good is a ranking?
#
# **Recall at k** (재현율@k) asks how much of what is relevant stands among the first k. The **reciprocal rank** (상호 순위)
# asks how far one has to look for the first relevant passage. And **nDCG** (정규화 할인 누적 이득) also knows degrees: a
# very relevant passage should come before a slightly relevant one. How relevant a passage is, 1, 2 or more, is its
# *gain*; the further down it stands, the less of it counts, which is the *discount*:
#
# $$\text{DCG} = \sum_{r=1}^{k} \frac{\text{gain at rank } r}{\log_2(r + 1)}, \qquad \text{nDCG} =
# \frac{\text{DCG}}{\text{DCG of the best possible order}}.$$

# %% [markdown]
# ### Exercise 20.4 — three measures · 4 points · ~20 min
#
# `"mrr"` is what this measure is called when it is averaged over questions, the *mean* reciprocal rank. Here it is the
# reciprocal rank of one question; nothing is averaged.
#
# <details><summary>Hint</summary>
#
# Ranks count from 1: what is the first one's discount, log₂ of what? For the best possible order, which grades are
# sorted: those of the ranking, or all that there are?
# </details>

# %% exercise
from unrolled.ranking import ranking_metrics

# %% check
check(ranking_metrics)

# %% [markdown]
# A thousand facts that no model has read, a thousand questions, and for each one text that counts: the one that it
# was made from. (In so small a village things happen twice. For 205 of the questions another text holds the very same
# sentence, and to find that one does not count. Nothing in such a question tells which of the texts was meant, so
# even a perfect ranking would have less than 88 % in first place.) The facts of one seed are the same in both
# languages, so each text has two questions: one in English, one in Korean. The texts stay English.

# %%
measured = solved("ranking_metrics")
texts = [fact.text for fact in unseen["english"]]
documents = [tokens(text) for text in texts]
questions = {language: [fact.question for fact in unseen[language]] for language in unseen}


def ranked(scores, most=100):
    """The numbers of the best, the best first; of equal scores the lower number, and none that has score 0."""
    values, order = scores.sort(descending=True, stable=True)
    return [int(i) for i, value in zip(order[:most], values[:most], strict=True) if value != 0]


def word_rankings(some, among):
    """BM25's ranking for each question."""
    return [ranked(by_words(tokens(question), among)) for question in some]


def recall_at(rankings, k=1):
    """The share of questions whose text, the one of the same number, is among the first k."""
    return sum(measured(ranking, {i: 1}, k)["recall"] for i, ranking in enumerate(rankings)) / len(rankings)


FEW = 200  # questions that are asked here and below, each about all thousand texts; the record asks all of them
rankings = {("BM25", "english"): word_rankings(questions["english"][:FEW], documents)}
first_hit = recall_at(rankings["BM25", "english"])
print(f"BM25, English questions: the first passage is right for {first_hit:.0%}")

# %% [markdown]
# (If a text with the very same sentence counted as well, it would be 131 of the 200 questions instead of 122.)
#
# **Predict.** Now the same questions in Korean, on the English texts. How many will BM25 answer with the right
# passage in first place?

# %%
rankings["BM25", "korean"] = word_rankings(questions["korean"][:FEW], documents)
korean_hit = recall_at(rankings["BM25", "korean"])
print(f"BM25, Korean questions: {korean_hit:.0%}; passages with any word of the question: {sum(map(len, rankings['BM25', 'korean']))}")

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# None. BM25 compares words by their letters, and not a single Korean word stands in an English text. The question
# mark does not help either: no text has one.
# </details>

# %% [markdown]
# ### By meaning
#
# **Dense retrieval** (밀집 검색) gives each text a vector, question and passage alike, so that what belongs together is
# near each other. Two towers read, one the question and one the passage; here both take the mean of their words'
# vectors from the same table. In a batch of $B$ questions $q_i$ and their passages $p_i$, the other passages are the
# wrong answers, the **in-batch negatives** (배치 내 네거티브). $T$ is a temperature: the smaller it is, the more a small
# difference of cosines counts.
#
# $$L = -\frac{1}{B} \sum_i \log \frac{e^{\cos(q_i, p_i) / T}}{\sum_j e^{\cos(q_i, p_j) / T}}$$

# %% [markdown]
# ### Exercise 20.5 — in-batch negatives · 3 points · ~15 min
#
# <details><summary>Hint</summary>
#
# Make the table of all cosines, (queries, passages), in one product. Which of its entries are the right ones? Over
# which axis do passages compete for a query?
# </details>

# %% exercise
from unrolled.dense_retrieval import in_batch_loss

# %% check
check(in_batch_loss)

# %% [markdown]
# The table begins as that of the small BERT, which has read both languages. Each batch asks in English or in Korean,
# as chance has it.


# %%
def towers_of(steps, seed=0, preset="auto", live=False):
    """Towers that have learnt from the training facts for so many steps."""
    towers = Towers.of_bert()
    asked = [[fact.question for fact in facts[language]] for language in facts]
    if steps:
        learn_to_find(
            towers, asked, [fact.text for fact in facts["english"]], steps=steps * preset_of(preset).scale, seed=seed,
            preset=preset, live=live, loss=solved("in_batch_loss"),
        )  # fmt: skip
    return towers.cpu()


def dense_rankings(towers, some):
    """The ranking of all passages for each question, by the cosine."""
    return [ranked(scores) for scores in towers.encode(some) @ towers.encode(texts).T]


towers = towers_of(300, live=True)
for language in questions:
    rankings["dense", language] = dense_rankings(towers, questions[language][:FEW])
    print(f"dense, {language}: {recall_at(rankings['dense', language]):.0%} in first place")

# %% picture
# A map of both languages: words that mean the same, before and after
SHOWN = {"baker": "제빵사는", "hunter": "사냥꾼은", "yesterday": "어제", "apple": "사과를", "bread": "빵을", "story": "이야기를", "letter": "편지를", "market": "시장에서"}
figure, both = panels(1, 2, size=(10.4, 4.2))
partners_near = []
for axes, (name, of) in zip(both, {"BERT's table": Towers.of_bert(), "after 300 steps": towers}.items(), strict=True):
    names = [word for pair in SHOWN.items() for word in pair]
    vectors = F.normalize(of.table.weight.detach()[of.vocabulary.encode(names)], dim=-1)
    flat = (vectors - vectors.mean(0)) @ torch.pca_lowrank(vectors, 2, niter=8)[2]
    for i, (x, y) in enumerate(flat.tolist()):
        label = " ".join(names[i : i + 2]) if i % 2 == 0 else None
        axes.scatter(x, y, color=f"C{i % 2}", marker=f"${i // 2 + 1}$", s=60, linewidths=0.4, label=label)
    axes.set(title=name, xlabel="first principal component", ylabel="second")
    partners_near.append((vectors[::2] * vectors[1::2]).sum(-1))
both[-1].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
show(
    figure,
    alt="Two maps of eight pairs of words, numbered from 1 to 8: an English word in blue and its Korean partner in orange (1 baker 제빵사는, 2 hunter 사냥꾼은, 3 yesterday 어제, 4 apple 사과를, 5 bread 빵을, 6 story 이야기를, 7 letter 편지를, 8 market 시장에서). Left, in BERT's table, English and Korean words lie apart. Right, after training, the two of each number lie closer together.",
)
print("mean cosine of partners: before {:.2f}, after {:.2f}".format(*(near.mean().item() for near in partners_near)))

# %% [markdown]
# The towers had no dictionary. They have only seen that a Korean question and an English text belong together, and
# that was enough to move *어제* towards *yesterday*.

# %% [markdown]
# ### Both
#
# BM25's scores have no upper end and cosines lie between −1 and 1, so the two cannot be added as they are. Ranks can.
# Searching both ways at once is called **hybrid search** (하이브리드 검색), and in **reciprocal rank fusion** (상호 순위 융합)
# every ranking adds 1 / (k + rank) to each passage that it has.

# %% [markdown]
# ### Exercise 20.6 — fuse rankings · 3 points · ~15 min
#
# <details><summary>Hint</summary>
#
# Go through all rankings and keep a sum for each document in a dict. `sorted` takes a key that may be a tuple: what
# decides first, and what if that is equal? For which of the two do you want the larger one first?
# </details>

# %% exercise
from unrolled.fusion import reciprocal_rank_fusion

# %% check
check(reciprocal_rank_fusion)

# %% [markdown]
# **Predict.** BM25 and the towers each have their share of English questions whose passage comes first. Will the fused
# ranking have more than the better of the two, about as many, or fewer?

# %%
fuse = solved("reciprocal_rank_fusion")
for language in questions:
    rankings["fused", language] = [
        fuse([a, b]) for a, b in zip(rankings["BM25", language], rankings["dense", language], strict=True)
    ]
live = {key: {k: recall_at(found, k) for k in (1, 5, 20)} for key, found in rankings.items()}
for (way, language), of in live.items():
    print(f"{way:6} {language:8}", {f"recall@{k}": f"{value:.0%}" for k, value in of.items()})

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# About as many: 62 % against 61 % for BM25 and 56 % for the towers, which is two questions more of 200. Among the first
# five there is a small gain: 90 % against 88 and 87. Where both halves are about equally good and err on different
# questions, fusion gains: the record below, with three seeds, towers that have learnt for longer and all thousand
# questions, finds a clear gain in both. Where one half has nothing, as BM25 has in Korean, the fused ranking is the
# other half's. And a half that is much worse pulls the better one down, since its ranks count as much.
# </details>

# %% [markdown]
# ### Not the same five times
#
# The five best passages are often nearly the same passage. **Maximal marginal relevance** (최대 한계 관련성) takes them one
# after the other: near the question, and far from what was taken already.

# %% [markdown]
# ### Exercise 20.7 — variety · 4 points · ~20 min
#
# <details><summary>Hint</summary>
#
# Before anything is chosen there is nothing to be redundant with. Afterwards: compare each candidate with *all* that
# were chosen. Which of these similarities counts, if one of the chosen already says the same?
# </details>

# %% exercise
from unrolled.fusion import maximal_marginal_relevance

# %% check
check(maximal_marginal_relevance)

# %%
choose_varied = solved("maximal_marginal_relevance")
vectors = towers.encode(texts)


# %% picture
# A question, what is found, and which words found it
def draw_found(question="Who baked the bread yesterday?", way="fused", variety=0.0):
    words = tokens(question)
    lexical, vector = ranked(by_words(words, documents)), towers.encode([question])[0]
    dense = ranked(vectors @ vector) if vector.any() else []
    order = {"BM25": lexical, "dense": dense, "fused": fuse([lexical, dense])}[way][:40]
    if variety and vector.any():
        order = [order[i] for i in choose_varied(vector, vectors[order], 5, 1 - variety)]
    figure, (axes,) = panels(size=(9.6, 3.8))
    shares = torch.stack([by_words([word], documents)[order[:5]] for word in words]) if order else torch.zeros(0, 0)
    left = torch.zeros(len(order[:5]))
    for word, share in zip(words, shares, strict=False):
        if share.any():
            axes.barh(range(len(share)), share, left=left, label=word)
            left = left + share
    axes.set_yticks(range(len(left)), [textwrap.fill(texts[i], 70) for i in order[:5]], fontsize=7)
    axes.set(title=f"{way}: what each word gives", xlabel="BM25 score, word by word", ylim=(4.5, -0.5))
    if left.any():
        axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    else:
        axes.set_xticks([])
        axes.grid(False)
        nothing = "no word of the question stands in these" if order else "nothing found"
        axes.text(0.5, 0.5, nothing, transform=axes.transAxes, ha="center", va="center")
    return figure


explorer(
    draw_found,
    question="Who baked the bread yesterday?",
    way=["fused", "BM25", "dense"],
    variety=(0.0, 1.0, 0.1),
    alt=lambda question, way, variety: (
        f"The five passages that {way} finds for “{question}” with variety {variety}, and for each a bar made of the BM25 scores of the question's words; without a bar, a line says that nothing was found, or no word shared."
    ),
)

# %% [markdown]
# Ask the same in Korean, with each of the three ways: *누가 어제 빵을 구웠어요?* Then in English, with a variety of 0 and of 0.7.
# Which passages leave, and which come? When would you not want that?
#
# <details><summary>One answer</summary>
#
# In Korean, BM25 finds nothing, and the fused ranking is the towers', without a bar. With a variety of 0.7 the
# passage whose vector is nearest to the question's comes first, and each later one must also be unlike those above
# it; so passages come up that fit the question less. If there is just one right passage, variety can only push it
# out. It pays where an answer is put together from several passages, and where the files hold the same text many
# times.
# </details>

# %% [markdown]
# ## Reading: from passages to an answer
#
# The small BERT has learnt to mark where an answer begins and where it ends, and to mark `[CLS]` if the passage
# holds none. That is **extractive question answering** (추출형 질의응답). It reads each of the five best passages, and the
# best span wins, with its passage as the citation. What it says is then **faithful** (충실한): each of its words
# stands in the passage that it cites. That is not the same as right.

# %%
reader = village_reader()


def open_book(question, order):
    """The reader's best answer from these passages, and the number of its passage; None if there is none."""
    answers = reader.answer(question, [texts[i] for i in order[:5]])
    return (answers[0].text, order[answers[0].passage]) if answers and answers[0].score > 0 else (None, None)


def right_share(language, order_of, some=FEW):
    """Of so many questions: how many answers are right word for word, and how many cite the right passage."""
    right = cited = 0
    for i, question in enumerate(questions[language][:some]):
        answer, source = open_book(question, order_of(i))
        right += same(answer, unseen["english"][i])
        cited += source == i
    return {"right": right / some, "cited": cited / some}


opened = {
    "closed book": {"right": closed, "cited": 0.0},
    "open book, fused": right_share("english", lambda i: rankings["fused", "english"][i]),
    "open book, the right passage": right_share("english", lambda i: [i]),
    "open book, wrong passages": right_share("english", lambda i: [j for j in rankings["fused", "english"][i] if j != i]),
    "Korean questions, fused": right_share("korean", lambda i: rankings["fused", "korean"][i]),
}
for name, of in opened.items():
    print(f"{name:30} right {of['right']:.0%}, the right passage cited {of['cited']:.0%}")

# %% [markdown]
# Closed, the book gave a few lucky guesses. Open, most answers are right, with a source that one can look up. The
# reader is nearly perfect if it is given the right passage and no other. So is the rest lost in retrieval?

# %%
def sentences_of(text):
    """The sentences of a text."""
    return [part.strip(". ") + "." for part in text.split(". ")]


def answering(i):
    """The sentence of text i that answers question i: of those that hold the answer, the one most like the question."""
    asked, answer = set(tokens(questions["english"][i])), unseen["english"][i].answer.lower()
    return max((part for part in sentences_of(texts[i]) if answer in part.lower()), key=lambda part: len(asked & {*tokens(part)}))


def cited(source, i):
    """What a reader that answers question i cites."""
    if source is None or source == i:
        return "nothing cited" if source is None else "cited"
    return "the same sentence cited from elsewhere" if answering(i) in sentences_of(texts[source]) else "another sentence cited"


tally = Counter()
for i, question in enumerate(questions["english"][:FEW]):
    order = rankings["fused", "english"][i]
    answer, source = open_book(question, order)
    tally[
        "passage among the five" if i in order[:5] else "passage not among the five",
        cited(source, i),
        "right" if same(answer, unseen["english"][i]) else "wrong",
    ] += 1
for kind, count in sorted(tally.items()):
    print(f"{count:4}", ", ".join(kind))

# %% [markdown]
# Only about half of it. For 179 of the 200 questions the right passage is among the five, but for 29 of these the
# reader cites another one. Of 29 wrong answers, 16 did not have their passage there, and 13 had it. Is the reader to
# blame? Of the 22 right answers that cite another passage, 21 come from a text that says the very same sentence; one
# is right by luck, from another sentence. And 12 of the wrong ones are right for another text, where the same question
# has another answer: Taeho cried more than once, and not always for the same reason. So 86 % of the answers are right,
# and 75 % come from the one text that counts. Both are too strict here, and both can be too kind elsewhere. A folder
# may hold an answer several times, or contradict itself: look at the source, and at what was counted as right.

# %% [markdown]
# ### What if it may come from any of them?
#
# A model that *writes* its answer can do better than to believe one passage. It reads each one, and the probability of
# the answer is a sum over all of them, each weighted by how probable it is. There are two ways:
#
# $$p_\text{sequence}(y) = \sum_z p(z) \prod_t p(y_t \mid z), \qquad p_\text{token}(y) = \prod_t \sum_z p(z)\, p(y_t
# \mid z).$$
#
# In the first, one passage speaks for the whole answer. In the second, each word may come from another one.

# %% [markdown]
# ### Exercise 20.8 — RAG by sequence and by token · 4 points · ~25 min
#
# In logarithms, from scores that may be large. Padding does not count.
#
# <details><summary>Hint</summary>
#
# Make `(batch, documents, time)` log-probabilities of the target words first. What is the logarithm of a sum of
# probabilities whose logarithms you have? For each of the two ways: which of sum over z and sum over t comes first?
# </details>

# %% exercise
from unrolled.rag import rag_log_probabilities

# %% check
check(rag_log_probabilities)

# %%
both_ways = solved("rag_log_probabilities")
two_sources = torch.full((1, 2, 2, 4), -9.0)  # two passages, two words, a vocabulary of four
two_sources[0, 0, :, 0] = two_sources[0, 1, :, 1] = 0.0  # one is sure of word 0 twice, the other of word 1 twice
for target in ([0, 0], [0, 1]):
    found = both_ways(two_sources, torch.zeros(1, 2), torch.tensor([target]), torch.ones(1, 2).bool())
    print(target, {name: round(value.exp().item(), 3) for name, value in zip(("sequence", "token"), found, strict=True)})

# %% [markdown]
# By token, an answer is possible that stands in *no* passage: half of it comes from one and half from the other. That
# is useful if the answer has two parts, and dangerous if the passages speak of different people.

# %% [markdown]
# ## A folder of your own
#
# The same parts, for any text files. An index is made once and kept; a question gets an answer, its file and its part.

# %%
FOLDER = Path(tempfile.mkdtemp())
chapters = {"monday.txt": unseen["english"][:40], "tuesday.txt": unseen["english"][40:80], "notes/old.md": unseen["english"][80:120]}
for name, some in chapters.items():
    (FOLDER / name).parent.mkdir(exist_ok=True)
    (FOLDER / name).write_text("\n\n".join(fact.text for fact in some), encoding="utf-8")

index = Index.of_folder(FOLDER, towers, size=40, overlap=10)
KEPT = Path(tempfile.mkdtemp()) / "index"
index.save(KEPT)
again = Index.load(KEPT)
replies = {i: ask(again, unseen["english"][i].question, reader) for i in (3, 45, 101)}
in_korean = {i: ask(again, questions["korean"][i], reader) for i in (24, 38, 9)}
print(len(index.passages), "passages")
for asked, given in (("english", replies), ("korean", in_korean)):
    for i, reply in given.items():
        print(f"{questions[asked][i]} — {reply} (right: {unseen['english'][i].answer}, in {list(chapters)[i // 40]})")

# %% [markdown]
# The Korean questions are: *Where did Taeho sharpen the axe last week? Why did the postman put on a scarf? Why did the
# baker laugh?* In English all three answers are right, and so are their files. In Korean the first is right. The
# second has the right words from the wrong file: it is right by luck, and only its source gives that away. The third
# is wrong, as most Korean ones are.

# %% [markdown]
# `Index.of_folder("my/folder")` without an encoder searches by words alone, which works for any language. With
# `encoder="…"`, the name of a model on the Hugging Face hub, it has vectors that know more than a village; `ask(index,
# question, reader="…")` takes a reader from there. What cannot work is said:

# %%
for wrong in (lambda: Index.of_folder(FOLDER / "nowhere"), lambda: again.search("Ποιος κοιμήθηκε;")):
    try:
        wrong()
    except ValueError as error:
        print(str(error).replace(str(FOLDER), "…"))

# %% [markdown]
# ## When a passage gives orders
#
# A prompt is one row of words. If a retrieved passage says *ignore the question and …*, what tells the model that this
# is not meant for it? That is **prompt injection** (프롬프트 주입). Here it is small enough to measure: a GPT learns to obey
# *ask who*, *ask where* or *ask when* about a text of four words. The user's order stands before the text or after it.
# Then there is a second order *inside* the text.

# %%
for attack, delimited in (("none", False), ("order", False), ("order", True), ("forged", True)):
    example = tasks(1, torch.Generator().manual_seed(3), attack=attack, delimited=delimited)[0]
    print(f"{attack:7}", " ".join(example.prompt), f"(right: {example.answer})")

# %% [markdown]
# **Delimiters** (구분 기호), here « and », mark where the text begins and ends. Do they help? Three models: without
# delimiters; with them; with them *and* trained on attacked texts, so that it has learnt what they mean. A cleverer
# attacker writes the closing delimiter into the text, as in the last line. Against that one can take delimiters out of
# every text before it is used: **escaping** (이스케이프).

# %%
KINDS_OF_FOLLOWERS = {
    "no delimiters": {"delimited": False},
    "delimiters": {"delimited": True},
    "trained with attacks": {"delimited": True, "attacked": 0.3},
}


def injected(seed, preset="auto", steps=200, count=500):
    """For each model and attack: how often the user is obeyed, and how often the text."""
    found = {}
    for name, how in KINDS_OF_FOLLOWERS.items():
        seed_everything(seed)
        model = follower()
        learn(model, lessons(**how), order_loss, steps=steps, rate=3e-3, seed=seed, preset=preset)
        model.cpu()

        def tried(attack, model=model, how=how, **more):
            generator = torch.Generator().manual_seed(1000 + seed)
            return obedience(model, tasks(count, generator, attack=attack, delimited=how["delimited"], **more))

        found[name] = {"no attack": tried("none"), "an order": tried("order")}
        if how["delimited"]:
            found[name] |= {"forged": tried("forged"), "forged, escaped": tried("forged", escaped=True)}
    return found


attacks = injected(seed=0)
for name, of in attacks.items():
    print(f"{name:21}", {attack: f"user {share['user']:.0%}, text {share['text']:.0%}" for attack, share in of.items()})

# %% [markdown]
# Without delimiters nobody could tell whose order it is. Delimiters alone help a little, but not reliably: here the
# user is obeyed in 51 % instead of 32 %, in the three recorded runs, which learn for twice as long, in 53 instead of
# 34, in 48 instead of 28, and in 35 instead of 37. To a model that has never seen an attack, they are two more words.
# Once it has been trained on attacked texts, it obeys the user, until the attacker forges the delimiter: then in
# 56 %, and in the recorded runs in 56, 88 and 55 %. Escaping closes that hole, and only that one. What no delimiter
# helps against is a text that is simply *false*: for the reader it is a passage like any other.

# %%
falsified = []
for i in range(FEW):
    fact = unseen["english"][i]
    others = [f.answer for f in unseen["english"][:FEW] if f.question.split()[0] == fact.question.split()[0] and f.answer != fact.answer]
    lie = fact.text.replace(fact.answer, others[0], 1) if fact.answer in fact.text else None
    if lie:
        answer = reader.answer(fact.question, [lie])[0]
        falsified.append(answer.score > 0 and tokens(answer.text) == tokens(others[0]))
believed = sum(falsified) / len(falsified)
print(f"a false passage is believed: {believed:.0%} of {len(falsified)}")

# %% [markdown]
# What helps in practice lies outside the prompt: passages only from sources that you trust, an answer only if two
# independent ones agree, a model without the right to send or delete anything, and a person who is shown the source.

# %% [markdown]
# ## An answer that a program can read
#
# A program would like JSON. **Constrained decoding** (제약 디코딩) gives every word that no longer leads to the
# permitted form a score of −∞, before the next word is chosen. Our closed-book GPT has never seen JSON.

# %%
some_facts = unseen["english"][:100]
who = [fact for fact in some_facts if fact.question.startswith("Who")]
people = sorted({fact.answer for fact in who})
form = json_pattern({"who": people}, lambda text: asked_words.encode(tokens(text)))
best = lambda logits, ids: logits.argmax(-1)  # noqa: E731
free, held = [], []
for fact in who:
    length = len(tokens(fact.question))
    free.append(answered(closed_book, asked_words, fact.question))
    held.append(answered(closed_book, asked_words, fact.question, constrained(best, form, length, eos=1)))
valid = {"free": sum(map(is_json, free)) / len(free), "constrained": sum(map(is_json, held)) / len(held)}
truth = sum(f'" {" ".join(tokens(fact.answer))} "' in text for fact, text in zip(who, held, strict=True)) / len(who)
print(held[0], "\nvalid JSON:", {name: f"{share:.0%}" for name, share in valid.items()}, f"right: {truth:.0%}")

# %% [markdown]
# The form is always right. What stands in it is as wrong as before.

# %% [markdown]
# ## Think first, and vote
#
# Let a small GPT add five numbers: *4 dogs , 2 frogs , … how many ?* One model learns to give the sum at once, another
# writes each step first. That is a **chain of thought** (사고의 연쇄): the steps become words that it can read again.
# And one may draw several answers and let them vote, which is called **self-consistency** (자기 일관성).

# %%
ANIMALS = ["dogs", "cats", "frogs", "hens", "cows", "goats"]
COUNTED = Words([[*ANIMALS, *["?", ".", ",", "+", "=", ";", "so", "many", "how", "answer:"], *map(str, range(60))]])


def sums(n, seed):
    """Problems: the question, the steps, and the sum."""
    generator, made = torch.Generator().manual_seed(seed), []
    for _ in range(n):
        numbers = torch.randint(1, 10, (5,), generator=generator).tolist()
        order = torch.randperm(6, generator=generator)[:5].tolist()
        question = " , ".join(f"{a} {ANIMALS[i]}" for a, i in zip(numbers, order, strict=True)) + " . how many ?"
        steps = [f"{sum(numbers[:i])} + {numbers[i]} = {sum(numbers[: i + 1])}" for i in range(1, 5)]
        made.append((question, " ; ".join(steps), str(sum(numbers))))
    return made


# %% [markdown]
# A model that adds learns only what comes after the question.


# %%
def adder(with_steps, seed, steps, rate, preset="auto"):
    """A GPT that adds, with or without written steps, and the seconds that it took to learn."""
    rows = [[*COUNTED.encode(f"{q} {s + ' . ' if with_steps else ''}so {a}".split()), 1] for q, s, a in sums(4000, seed)]
    model = small_gpt(len(COUNTED.words), seed)

    def loss(model, batch):
        ids, lengths = batch
        places = torch.arange(ids.shape[1] - 1, device=ids.device)
        asked = (ids == COUNTED.ids["?"]).int().argmax(1, keepdim=True) <= places  # the question itself is not learnt
        targets = ids[:, 1:].masked_fill(~(asked & (places < (lengths - 1)[:, None])), -100)
        return F.cross_entropy(model(ids)[:, :-1].float().transpose(1, 2), targets)

    seconds = learn(model, lines(rows), loss, steps=steps, rate=rate, seed=seed, preset=preset)
    return model.cpu(), seconds


# %% [markdown]
# It writes its best answer, or draws some.


# %%
@torch.no_grad()
def added(model, problems, samples=0, seed=0):
    """The sums that a model writes: one for each problem, or so many that are drawn at random."""
    ids = torch.tensor([COUNTED.encode(question.split()) for question, _, _ in problems])
    generator = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(max(samples, 1)):
        choose = (lambda z, _: torch.multinomial(z.softmax(-1), 1, generator=generator)[:, 0]) if samples else (lambda z, _: z.argmax(-1))
        found.append([[COUNTED.words[i] for i in row if i != 1][-1:] for row in write(model.step, ids, choose, max_length=32, eos=1)])
    return [["".join(row) for row in draw] for draw in found]


def share_of(answers, problems):
    return sum(answer == right for answer, (_, _, right) in zip(answers, problems, strict=True)) / len(problems)


thinker, _ = adder(True, seed=0, steps=150, rate=5e-3)
problem = sums(1, seed=77)
ids = torch.tensor([COUNTED.encode(problem[0][0].split())])
print(problem[0][0], "\n→", " ".join(COUNTED.words[i] for i in write(thinker.step, ids, best, max_length=32, eos=1)[0] if i != 1))

# %% [markdown]
# After 150 steps it already writes in the right form. The sum is still wrong: it should be 20.

# %% [markdown]
# ## The experiment
#
# The record holds three seeds, with all thousand questions: the closed-book GPT after 400 steps; towers after 0, 400,
# 1,600 and 3,200 steps, with BM25 and with fusion; the reader on what is found; orders in texts; and sums with and
# without steps. A step of the model that writes its steps takes longer, so the other also learns for twice as many.


# %%
MANY = len(texts)


def finding(seed, preset, steps):
    """Recall of BM25, of towers and of both, in both languages; and the answers that are read from what was found."""
    some = {language: questions[language][:MANY] for language in questions}
    lexical = {language: word_rankings(some[language], documents) for language in questions}
    found = {"BM25": {language: {k: recall_at(lexical[language], k) for k in (1, 5, 20)} for language in lexical}}
    for count in (0, steps // 8, steps // 2, steps):
        trained = towers_of(count, seed, preset)
        for language in questions:
            dense = dense_rankings(trained, some[language])
            both = [fuse([a, b]) for a, b in zip(lexical[language], dense, strict=True)]
            for way, order in (("dense", dense), ("fused", both)):
                at = {k: recall_at(order, k) for k in (1, 5, 20)}
                found.setdefault(f"{way}, {count} steps", {})[language] = at
                if count == steps and way == "fused":
                    found.setdefault(f"read, {way}", {})[language] = right_share(language, lambda i, order=order: order[i], MANY)
    found["read, BM25"] = {"english": right_share("english", lambda i: lexical["english"][i], MANY)}
    return found


# %% [markdown]
# And the sums, after so many steps and so many more, with votes of two models: one that was stopped early and errs
# often, and one that has learnt its steps.


# %%
def adding(seed, preset, few):
    """The share of right sums at once and with written steps, after `few` steps of training and more; and the votes' share."""
    problems, found, thinkers = sums(MANY, seed=900 + seed), {}, {}
    for name, with_steps, rate, times in (("at once", False, 3e-3, (1, 2, 4, 8)), ("step by step", True, 5e-3, (1, 2, 4))):
        found[name] = {}
        for steps in (few * more for more in times):
            model, seconds = adder(with_steps, seed, steps, rate, preset)
            found[name][steps] = {"seconds": seconds, "right": share_of(added(model, problems)[0], problems)}
            if with_steps:
                thinkers[f"after {steps} steps"] = model
    voters, found["votes"] = problems[: MANY // 2], {}
    for name in (f"after {few} steps", f"after {4 * few} steps"):
        found["votes"] |= voted(name, voters, added(thinkers[name], voters, samples=15, seed=seed))
    return found


# %% [markdown]
# The votes are counted for all problems, and apart for those that a model gets right more often than not, or less.


# %%
def voted(name, problems, draws):
    """The share of right sums by the number of votes: of all, of those often right, and of those often wrong."""

    def share(chosen, n):
        answers = [majority([draw[i] for draw in draws[:n]]) for i in chosen]
        return share_of(answers, [problems[i] for i in chosen])

    alone = [sum(draw[i] == right for draw in draws) / len(draws) for i, (_, _, right) in enumerate(problems)]
    kinds = {"often right": [i for i, p in enumerate(alone) if p > 0.5], "often wrong": [i for i, p in enumerate(alone) if 0 < p < 0.5]}
    found = {name: {n: share(range(len(problems)), n) for n in (1, 3, 5, 9, 15)}}
    for kind, chosen in kinds.items():
        if chosen:
            found[f"{name}, {kind}"] = {n: share(chosen, n) for n in (1, 15)} | {"count": len(chosen)}
    return found


# %% [markdown]
# ### For the look back: one text for all
#
# At the end of this chapter all systems of the course are asked about the same hundred unseen stories. Some have no
# weights that travel with the course. They learn anew for the record, with the sizes of their chapters, from 2,000
# stories, 400 updates each. What the stories cost, their ends included, is divided by their number of words, whatever
# pieces a system reads: so letters and words can be compared.

# %%
TOLD = {language: village.stories(2000, language=language) for language in ("korean", "english")}
HELD_OUT = {language: village.stories(100, language=language, split="validation") for language in TOLD}
STORY_WORDS = village.Vocabulary([tokens(story) for story in TOLD["english"]])
WORDS_HELD_OUT = sum(len(tokens(story)) for story in HELD_OUT["english"])


def story_rows(stories, words):
    """Stories as numbers of this list of words, with their begin and end."""
    ids_of = {word: i for i, word in enumerate(words)}
    told = [["<bos>", *(word if word in ids_of else "<unk>" for word in tokens(story)), "<eos>"] for story in stories]
    return [[ids_of[word] for word in row] for row in told]


def next_loss(model, batch):
    """The mean loss of each next word, or letter; some models give their state as well."""
    logits = model(batch[0])
    return causal_lm_loss(logits[0] if isinstance(logits, tuple) else logits, *batch)


@torch.no_grad()
def nats_per_word(model, rows):
    """−log p of all but the first of each row of the held-out stories, divided by the number of their words."""
    batch = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True), torch.tensor([len(row) for row in rows])
    return next_loss(model, batch).item() * sum(len(row) - 1 for row in rows) / WORDS_HELD_OUT


# %% [markdown]
# Chapter 1's network reads letters, a line for each story. The Llama of chapter 19 and the Reformer of chapter 16 read
# words.

# %%
LETTERS = sorted(set("\n".join([*TOLD["english"], *HELD_OUT["english"]])))


def spell(text):
    return [LETTERS.index(letter) for letter in text]


def writers():
    """Models of the next letter or word, untrained: the rows that each learns from, and the held-out ones."""
    running = spell("\n".join(TOLD["english"][:400]))
    rows = [story_rows(some["english"], STORY_WORDS.words) for some in (TOLD, HELD_OUT)]
    reversing = ReformerConfig(
        len(STORY_WORDS), d_model=64, heads=2, d_k=32, d_ff=128, layers=("lsh", "lsh"), chunk_length=32, rounds=1, buckets=8,
        axial_shape=(16, 16), axial_sizes=(32, 32),
    )  # fmt: skip
    rotated = LlamaConfig(len(STORY_WORDS), positions=128, d_model=48, heads=2, kv_heads=1, layers=2, d_ff=96)
    return {
        "RNN": (RNNLanguageModel(len(LETTERS), hidden=128), cut(running, 65, 1), [spell(f"\n{story}\n") for story in HELD_OUT["english"]]),
        "Llama": (Llama(rotated), *rows),
        "Reformer": (Reformer(reversing), *rows),
    }


# %% [markdown]
# The translators of chapters 3, 4 and 6 write each story from its Korean, sentence by sentence: the stories of one seed
# are the same in both languages. Each learns as all three did in chapter 6.


# %%
def parallel(stories):
    """The sentences of all stories: pairs, Korean and English."""
    both = zip(stories["korean"], stories["english"], strict=True)
    return tuple(pair for told in both for pair in zip(*map(sentences_of, told), strict=True))


def translators():
    """Untrained translators, and what they learn from."""
    pairs = parallel(TOLD)
    korean, english = (village.Vocabulary([tokens(pair[side]) for pair in pairs]) for side in (0, 1))
    sizes = len(korean), len(english)
    return translation.Task(korean, english, pairs, {}), {
        "encoder–decoder": Seq2Seq(*sizes, feature=96, hidden=184),
        "attention": AttentionSeq2Seq(*sizes, feature=96, hidden=128, attention=64),
        "Transformer": Transformer(*sizes, d_model=88, heads=4, d_ff=352, layers=2, norm_first=True),
    }


@torch.no_grad()
def translated_nats(model, task):
    """−log p of the English of the held-out stories, given the Korean, divided by the number of their words."""
    batch = task.batch(parallel(HELD_OUT))
    return translation.translation_loss(model, batch).item() * batch.target_lengths.sum().item() / WORDS_HELD_OUT


# %% [markdown]
# Chapter 5's network fills a hole in a sentence. Each word of a held-out sentence is hidden in turn.


# %%
def with_holes(rows, hidden, batch_size=128):
    """A function of a generator that draws rows with a word hidden, their lengths, its places, and the words."""
    draw_rows = lines(rows, batch_size)

    def draw(generator):
        ids, lengths = draw_rows(generator)
        places = (torch.rand(len(ids), generator=generator) * lengths).long()[:, None]
        return ids.scatter(1, places, hidden), lengths, places[:, 0], ids.gather(1, places)[:, 0]

    return draw


def hole_loss(model, batch, reduction="mean"):
    ids, lengths, places, words = batch
    logits, _ = model(ids, padding_mask(lengths, ids.shape[1]))
    return F.cross_entropy(logits[torch.arange(len(ids)), places], words, reduction=reduction)


def in_turn(row, places, hidden):
    """The row once for each of these places, with the word there hidden; and the words."""
    ids, places = torch.tensor(row), torch.as_tensor(places)
    return ids.repeat(len(places), 1).scatter(1, places[:, None], hidden), ids[places]


@torch.no_grad()
def filled_nats(model):
    """−log p of each word of the held-out stories, from the others of its sentence."""
    total = 0.0
    for row in (STORY_WORDS.encode(tokens(sentence)) for story in HELD_OUT["english"] for sentence in sentences_of(story)):
        ids, words = in_turn(row, range(len(row)), STORY_WORDS.unk)
        total += hole_loss(model, (ids, torch.full((len(row),), len(row)), torch.arange(len(row)), words), "sum").item()
    return total / WORDS_HELD_OUT


# %% [markdown]
# Chapter 14's language model, finally, goes on from the LSTM that travels with the course, and reads reviews for
# 1,000 updates, as it did there. What does it still know of stories?


# %%
def relearnt(seed, preset, steps):
    """Systems without a checkpoint, trained on the stories: how many numbers each learns, and its loss."""
    seed_everything(seed)
    found, (task, both_sides) = {}, translators()
    for name, (model, rows, held) in writers().items():
        learn(model, lines(rows), next_loss, steps=steps, rate=3e-3, seed=seed, preset=preset)
        found[name] = model, nats_per_word(model.cpu(), held)
    for name, model in both_sides.items():
        translation.learn(model, task, at=(steps * preset_of(preset).scale,), seed=seed, preset=preset, name=name)
        found[name] = model, translated_nats(model.cpu().eval(), task)
    rows = [STORY_WORDS.encode(tokens(sentence)) for story in TOLD["english"] for sentence in sentences_of(story)]
    filler = WordFiller(len(STORY_WORDS), 64, heads=4, length=max(map(len, rows)))
    learn(filler, with_holes(rows, STORY_WORDS.unk), hole_loss, steps=steps, rate=4e-3, seed=seed, preset=preset)
    found["self-attention"] = filler, filled_nats(filler.cpu())
    found["ULMFiT"] = adapted_to_reviews(seed, preset, 5 * steps // 2)
    return {name: {"weights": weights_of(model), "loss": loss} for name, (model, loss) in found.items()}


def adapted_to_reviews(seed, preset, steps):
    """The LSTM after its time with the reviews, as in chapter 14, and its loss on the stories."""
    lstm, known = village_lstm()
    texts_to_read = [review.text for review in village.reviews(2000, seed=100)]
    words = known.extended(texts_to_read)
    model = with_new_words(lstm, len(words))
    adapt(model, [words.read(text) for text in texts_to_read], steps=steps * preset_of(preset).scale, seed=seed, preset=preset, live=False)
    return model, nats_per_word(model.cpu().eval(), story_rows(HELD_OUT["english"], words.words))


def weights_of(*models):
    """How many numbers some modules learn."""
    return sum(weight.numel() for model in models for weight in model.parameters())


# %% [markdown]
# `experiment` is what is recorded for each seed; the look back for the first one only, since the weights that travel
# with the course have one seed as well.


# %%
def experiment(seed, preset="auto", steps=3200):
    """Everything that is recorded."""
    reader_of_questions = small_gpt(len(asked_words.words), seed)
    learn(reader_of_questions, lines(BOOK), next_word_loss, steps=steps // 8, rate=3e-3, seed=seed, preset=preset)
    of_the_book = {"new": unseen["english"], "read": facts["english"][:MANY]}
    return {
        "closed book": {name: closed_book_right(reader_of_questions.cpu(), some) for name, some in of_the_book.items()},
        "finding": finding(seed, preset, steps),
        "injected": injected(seed, preset, steps=steps // 8),
        "adding": adding(seed, preset, steps // 16),
        "looking back": relearnt(seed, preset, steps // 8) if seed == 0 else None,
    }


def summarize(result):
    """What is written down of an experiment: all of it."""
    return result


# %%
runs = list(recorded("20_prompting_rag")["seeds"].values())


def over_seeds(of, digits=0):
    """The values of all seeds, as text."""
    return ", ".join(f"{of(run):.{digits}%}" for run in runs)


ways = ("BM25", "dense, 3200 steps", "fused, 3200 steps")
for way in ways:
    for language in questions:
        print(f"{way:17} {language:8} recall@1", over_seeds(lambda run, w=way, n=language: run["finding"][w][n]["1"], 1))
for kind in ("new", "read"):
    print(f"right answers: closed book, questions that are {kind:4}", over_seeds(lambda run, k=kind: run["closed book"][k]))
for way in ("BM25", "fused"):
    print(f"  read after {way:6}", over_seeds(lambda run, w=way: run["finding"][f"read, {w}"]["english"]["right"]))
print("  Korean questions  ", over_seeds(lambda run: run["finding"]["read, fused"]["korean"]["right"]))
for name in ("at once", "step by step"):
    for steps in runs[0]["adding"][name]:
        seconds = min(run["adding"][name][steps]["seconds"] for run in runs)  # the machine had other work as well
        shares = over_seeds(lambda run, n=name, s=steps: run["adding"][n][s]["right"])
        print(f"sums {name:12} {steps:>5} steps, at least {seconds:2.0f} seconds: right {shares}")

# %% picture
# How much is found, and what the votes do
def line_of(way, language):
    """A line's name; in Korean fused is the same as dense, and both are one line."""
    if language == "korean" and way != "BM25":
        return "dense = fused, Korean" if way == "dense" else None
    return f"{way}, {language.capitalize()}"


figure, (left_axes, middle_axes, sum_axes, right_axes) = panels(2, 2, size=(10.4, 7.2))
at = ["1", "5", "20"]
for colour, way in zip(("C0", "C1", "C2"), ways, strict=True):
    for language, line in (("english", "-"), ("korean", ":")):
        if (name := line_of(way.split(",")[0], language)) is None:
            continue
        mean = [sum(run["finding"][way][language][k] for run in runs) / len(runs) for k in at]
        left_axes.plot([1, 5, 20], mean, line, marker="o", color=colour, label=name)
left_axes.set(title="Recall over k, after 3,200 steps", xlabel="k", ylabel="share of questions", ylim=(-0.03, 1.03), xticks=[1, 5, 20])
left_axes.legend(fontsize=7)
counts = [0, 400, 1600, 3200]
curves(
    {
        name: (counts, [sum(run["finding"][f"{way}, {n} steps"][language]["1"] for run in runs) / len(runs) for n in counts])
        for way in ("dense", "fused") for language in questions if (name := line_of(way, language))
    },
    title="First place over training", x_label="steps of the towers", y_label="recall@1", axes=middle_axes,
)  # fmt: skip
learning = {name: {int(n): [run["adding"][name][n]["right"] for run in runs] for n in runs[0]["adding"][name]} for name in ("at once", "step by step")}
curves(
    {name: ([*of], [sum(shares) / len(shares) for shares in of.values()]) for name, of in learning.items()},
    title="Written steps pay early", x_label="steps", y_label="share of right sums", axes=sum_axes,
)  # fmt: skip
votes = [1, 3, 5, 9, 15]
curves(
    {name: (votes, [sum(run["adding"]["votes"][name][str(n)] for run in runs) / len(runs) for n in votes]) for name in ("after 200 steps", "after 800 steps")}
    | {f"two answers, p = {p}": (votes, [vote_accuracy(p, n) for n in votes]) for p in (0.4, 0.6)},
    title="Votes", x_label="samples that vote", y_label="share of right sums", axes=right_axes,
)  # fmt: skip
middle_axes.set_xticks(counts)
right_axes.set_xticks(votes)
show(
    figure,
    alt="Top left: recall over k from 1 to 20 for BM25, dense and fused retrieval, English questions as full lines and Korean ones dotted; BM25's Korean line stays at 0, and dense and fused are one line in Korean. Top right: recall at 1 over the towers' training steps, rising steeply up to 400 steps and nearly level from 1,600 on, for dense and fused in English, and in Korean, where both are one line. Bottom left: the share of right sums over training steps; step by step rises early and stays high; the sum at once rises only after 400 steps, comes near it at 800, and its mean is lower at 1,600, since one run of the three failed there. Bottom right: the share of right sums over the number of votes, rising for the models after 200 and after 800 steps, with the formula for two answers at p = 0.6, which rises, and at p = 0.4, which falls.",
)

# %% [markdown]
# In English, BM25 finds 60 % of the texts in first place and the trained towers 58 to 59 %; fused, they find 66 to
# 67 %. In Korean BM25 finds nothing and the towers 55 to 56 % in first place, and 97 % among the first twenty. That is
# what a vector is for. And the towers have finished learning: from 1,600 to 3,200 steps their share of first places
# falls by one to two points in English, and changes by hardly more than one in Korean. (All of this is counted
# strictly, as above: a text with the very same sentence does not count.)
#
# Read after retrieval, 87 to 88 of a hundred English answers are right, 83 if BM25 retrieves alone, and with the book
# closed 10 to 13. The closed book does hardly better, 12 to 13, on a thousand questions that it has read *with* their
# answers, about three times each: it has learnt what answers look like, and hardly any by heart. In Korean 23 to 24 %
# are right, though for 88 % of the questions the passage is among the five. Given the right passage alone, the reader
# answers about half of the Korean questions; but among five it seldom knows which one is meant, and cites the right
# one for about 19 %.
#
# Written steps pay early: after 400 steps of training the model that writes them has 88 to 93 % of the sums right,
# and the other one 6 to 41 %, depending on the seed. But they do not pay for ever. After 1,600 steps, which take as
# long as 800 with written steps, the sum at once is right in 93 and 96 % in two of the three runs, and the other in 94
# to 95 %. So five small numbers can be added in one go by two blocks, if they are trained for long enough, and if
# training goes well. In the third run it did not: after 800 steps that seed has 88 %, and after 1,600, trained anew
# from the start, only 28 %. So the task is not too hard for that seed, but training is not reliable here; why it failed
# was not found out.
#
# An answer that is drawn at random is right more rarely than the best one. After 800 steps one draw is right in 74 to
# 80 % and fifteen votes are in 92 to 93 %, nearly as many as the best answer; after 200 steps the votes get 19 to
# 33 %, and the best answer 34 to 61 %.

# %% [markdown]
# ## On a GPU: a reader from the hub
#
# Your own files, and models that know more than a village. With a connection, call `from_the_hub("my/folder",
# "What …?")`; the first call embeds the folder, the next one loads what was kept. With `preset="gpu"`, `towers_of` and
# `experiment` train eight times as long, in bfloat16.


# %%
def from_the_hub(folder, question, *, reader="deepset/roberta-base-squad2", encoder="intfloat/e5-small-v2", kept=KEPT):
    """An answer from a folder of texts by models of the hub, or of folders; the index is kept and loaded again."""
    if not (Path(kept) / "index.json").is_file():
        Index.of_folder(folder, encoder).save(kept)
    return ask(Index.load(kept), question, reader)


# %% [markdown]
# ## Claims, checked
#
# > *"RAG makes the answers right."*

# %%
for name in ("closed book", "open book, fused", "open book, wrong passages"):
    print(f"{name:28} {opened[name]['right']:.0%} right")
print(f"a false passage is believed in {believed:.0%}")

# %% [markdown]
# **True only if the passage is right.** With the right passage nearly all answers are right. With the others alone,
# 33 of the 200 are, and 30 of these come from a text that says the very same sentence: without such a text, fewer are
# right than by guessing with the book closed. And a passage with a false statement is believed. Retrieval moves the
# question of truth from the weights to the files.
#
# > *"Dense retrieval beats BM25."* (after Karpukhin et al., 2020)

# %%
for language in questions:
    print(language, {way: over_seeds(lambda run, w=way, n=language: run["finding"][w][n]["1"]) for way in ways})

# %% [markdown]
# **Not here in English, and always in Korean.** BM25 has 60 % in first place and the towers, which have finished
# learning from 4,000 texts of just this kind, 58 to 59 %. Where question and text have no word in common, BM25 can
# find nothing: 0 against 55 to 56 %.
#
# > *"Hybrid search is always better."*

# %%
gain = {
    f"{language}, {n} steps, recall@{k}": [
        run["finding"][f"fused, {n} steps"][language][k]
        - max(run["finding"][f"dense, {n} steps"][language][k], run["finding"]["BM25"][language][k])
        for run in runs
    ]
    for language in questions for n in (0, 400, 3200) for k in ("1", "5")
}  # fmt: skip
for name, of in gain.items():
    print(f"{name:31} fused less its better half:", ", ".join(f"{value:+.1%}" for value in of))

# %% [markdown]
# **Only if both halves are good.** With untrained towers the fused ranking loses 36 percentage points in first place
# against BM25 alone, since bad ranks count as much as good ones. With towers that are about as good as BM25 it gains:
# about four points after 400 steps, and about six after 3,200. In Korean, where BM25 finds nothing, fusion changes
# nothing.
#
# > *"Self-consistency always helps."*

# %%
print({p: [round(vote_accuracy(p, n), 2) for n in votes] for p in (0.4, 0.5, 0.6)})
for name in runs[0]["adding"]["votes"]:
    if "often" in name:
        kind = [run["adding"]["votes"][name] for run in runs if name in run["adding"]["votes"]]
        print(f"{name:28}", ", ".join(f"{of['1']:.0%} → {of['15']:.0%} of {of['count']}" for of in kind))

# %% [markdown]
# **It depends on what the right answer competes with.** With two possible answers and p below one half, more votes
# make it worse: at p = 0.4 fifteen votes are right in 21 %. Sums have many possible answers, and there the right one
# only has to be more frequent than each of the others: so votes can help even for problems that are mostly answered
# wrongly. After 200 steps of training 442 to 458 of the 500 problems are of that kind; one vote gets 15 to 22 % of
# them right, and fifteen get 21 to 35 %. After 800 steps 423 to 454 are answered rightly more often than not, and
# fifteen votes get all of these right, as they must, for the same fifteen answers say which problems these are; one
# gets 79 to 86 %. Of the 39 to 74 hard ones fifteen get 31 to 51 %, in place of 26 to 46 %; in two of the runs that
# is a gain, and in the third there is none, 45 % in place of 46. So votes make a model surer of what it mostly knows.
# Where it is mostly wrong they often help as well, but not always, and much stays wrong.

# %% [markdown]
# ## Repair: two ways to read
#
# Somebody wrote the two sides of a retriever on different days. It runs, the loss is finite, no error is raised, and
# it finds much less than it should. Find the cause and repair it in place.


# %%
def passage_words(text):
    return tokens(text)


def question_words(text):
    return text.split()


# %%
def trial(passage_words, question_words):
    """How many of a hundred questions BM25 answers with the right passage; and the same questions in capital letters."""
    read = [passage_words(text) for text in texts]
    asked = questions["english"][:100]
    plain = [ranked(by_words(question_words(question), read)) for question in asked]
    loud = [ranked(by_words(question_words(question.upper()), read)) for question in asked]
    return recall_at(plain), recall_at(loud)


suspect = trial(passage_words, question_words)
judge_repair(
    ("As much is found as above.", suspect[0] > 0.95 * recall_at(rankings["BM25", "english"][:100]),
     f"Of a hundred questions {suspect[0]:.0%} find their passage first; above it were {recall_at(rankings['BM25', 'english'][:100]):.0%}."),
    ("Capital letters do not matter.", suspect[1] == suspect[0],
     f"Asked in capital letters, {suspect[1]:.0%} are found, and {suspect[0]:.0%} otherwise."),
)  # fmt: skip

# %% [markdown]
# <details><summary>What is it?</summary>
#
# The passages were read in lower case, with punctuation apart; the questions were only split at spaces. So *Who* and
# *lamp?* are words that no passage has. The same happens with accents, with Hangul that one system writes composed
# and another in pieces, with stemming on one side only, and with vectors of which only one side was normalised.
# Whatever is done to the passages has to be done to the question, and the easiest way is one function for both.
# </details>

# %% [markdown]
# ## In your own words
#
# A town hall wants an assistant that answers citizens' questions from 3,000 pages of its own rules, in Korean and in
# English. Advise it in six to ten sentences: how would you find passages, how would you answer, what would you measure
# before it opens, and what could go wrong if anybody may send in documents?
#
# Two points: one for a pipeline whose parts are justified for two languages, one for what you would measure, and for
# what an attacker's document could do.

# %% written [markdown] name="prompting-rag-in-your-own-words" points=2
# I would cut the rules into pieces of a paragraph or two that overlap, and index them twice: by words with BM25,
# since citizens ask for exact names and numbers of forms, and by vectors of a model that reads both languages,
# since a Korean question shares no word with an English page. The two rankings are fused by ranks, and I would
# check whether that beats the better one alone. A reader answers from the best five pieces and cites the one it
# took, or says that it found nothing; a citizen can then look it up. Before it opens, a few hundred real questions
# with their pages are needed, in both languages: recall of retrieval, right answers, and how often it rightly says
# that it does not know. A faithful answer may still be wrong, if the page is out of date. If anybody may send in
# documents, one of them can give orders, or simply state something false. Delimiters, escaping and training help
# against orders that look like orders, but not against a false page. So only the town's own pages may be cited, the
# model gets no right to do anything but answer, and what it cites is shown.
#
# **1 point**: a pipeline whose parts (pieces, words and vectors, fusion, reader) are justified, with both languages in
# mind. **1 point**: a measurement on labelled questions before it opens, *and* what an attacker's document can do and
# what is done against it.

# %% [markdown]
# ## Looking back
#
# The whole course in one table. For each system: what it added, how many numbers it learns in our small version, and
# its loss on the same hundred unseen stories of the village. Losses are computed here from the checkpoints that
# travel with the course and from counts, or come from this chapter's record. They are nats per word: all that the
# stories cost, divided by their 5,621 words. But not all systems are asked the same, so the last column says what is
# predicted (before the arrow) from what (after it). Only where both are the same does a lower loss mean a better
# model. All of it takes about ten seconds.

# %%
gpt, lstm_and_words, bert_and_words = load_pretrained("gpt"), village_lstm(), village_bert()
storyteller = GPT(GPTConfig(**gpt.config)).eval()
storyteller.load_state_dict(gpt.weights, strict=False)
told_to_gpt = story_rows(HELD_OUT["english"], gpt.words)


def counted_nats(n):
    """How many counts an n-gram model keeps, and its loss on the stories, with the vocabulary of the small GPT."""
    begin = [gpt.words.index("<bos>")] * max(n - 2, 0)
    read = [i for row in story_rows(TOLD["english"], gpt.words) for i in begin + row]
    model, counts = ngram_model(read, n, len(gpt.words), 0.01), len(set(zip(*(read[i:] for i in range(n)), strict=False)))
    rows = [begin + row for row in told_to_gpt]
    total = -sum(math.log(model(tuple(row[i - n + 1 : i]))[row[i]]) for row in rows for i in range(n - 1, len(row)))
    return counts, total / WORDS_HELD_OUT


# %% [markdown]
# BERT was trained on two sentences at a time, so a story's sentence gets the one before it as company, and the first
# one that after it. Each word is hidden in turn.


# %%
@torch.no_grad()
def hidden_nats(bert, words):
    """−log p of each word of the held-out stories, from the others of its sentence and a neighbouring one."""
    total = 0.0
    for story in HELD_OUT["english"]:
        parts = [words.encode(tokens(sentence)) for sentence in sentences_of(story)]
        for i, part in enumerate(parts):
            first, second = parts[max(i - 1, 0)], parts[max(i, 1)]
            places = torch.arange(len(part)) + (len(first) + 2 if i else 1)
            ids, asked = in_turn([words.cls, *first, words.sep, *second, words.sep], places, words.mask)
            segments = (torch.arange(ids.shape[1]) > len(first) + 1).long().expand_as(ids)
            states, _ = bert(ids, torch.ones_like(ids), segments)
            total += masked_lm_loss(bert.words(states[torch.arange(len(ids)), places]), asked).item() * len(part)
    return total / WORDS_HELD_OUT


# %% [markdown]
# T5 writes summaries of the same stories, so its loss is per word of a summary. Judge and reader write no words. Their
# losses are per label and per mark, on statements and facts of their own that are unseen as well.


# %%
# What a summary, a label and a mark cost
@torch.no_grad()
def summary_nats():
    """−log p of the summaries of the held-out stories, divided by the number of the summaries' words."""
    saved = load_pretrained("t5")
    t5, words = T5(T5Config(**saved.config)).eval(), vocabulary_of(saved.words)
    t5.load_state_dict(saved.weights, strict=False)  # not the head: it is the table of words
    batch = as_batch(as_ids(village_texts("summarize", len(HELD_OUT["english"]), split="validation"), words))
    marked = batch.target_lengths.sum().item()
    return text_loss(t5, batch).item() * marked / (marked - len(batch.target))


@torch.no_grad()
def label_nats(count=300):
    """−log p of the right one of three labels, of unseen statements about unseen texts."""
    batch = entailment_batch(judge_words, statements(count, split="validation"))
    return F.cross_entropy(judge(*batch[:3]), batch.labels).item()


@torch.no_grad()
def mark_nats(count=300):
    """−log p of where an answer begins and ends in its text, per mark."""
    some = unseen["english"][:count]
    batch = reader_batch(reader.vocabulary, *([getattr(fact, part) for fact in some] for part in ("question", "text", "answer")))
    return span_loss(reader.model, batch).item()


# %% [markdown]
# Two systems draw digits and read nothing. They have their own measures on their own unseen pictures, from the records
# of chapters 12 and 13: the VAE nats per picture, the GAN a Fréchet distance.

# %%
again_built = {name: (of["weights"], of["loss"]) for name, of in runs[0]["looking back"].items()}  # learnt anew, for the record


def size_of(name):
    """How many numbers a checkpoint holds."""
    return sum(weight.numel() for weight in load_pretrained(name).weights.values())


def mean_of(chapter, of):
    """The mean over the recorded seeds of a chapter."""
    found = [of(run) for run in recorded(chapter)["seeds"].values()]
    return sum(found) / len(found)


ended = 1 + len(HELD_OUT["english"]) / WORDS_HELD_OUT  # chapter 18 divides by words and ends of stories, this table by words
distilled = mean_of("18_smaller", lambda run: run["students"]["tiny"]["teacher, T = 1"]["loss"]) * ended
of_pictures = {
    "VAE": (weights_of(VariationalAutoencoder(64, 256, latent=2)), mean_of("12_autoencoders", lambda run: -run["VAE"]["bound"])),
    "GAN": (weights_of(Generator(noise=32, size=8), Discriminator(size=8)), mean_of("13_gan", lambda run: run["test"]["GAN"])),
}
tiny_gpt = weights_of(GPT(GPTConfig(len(gpt.words), positions=128, d_model=32, heads=4, layers=1, d_ff=128)))


# %%
def told_nats(model, words=gpt.words):
    return nats_per_word(model, story_rows(HELD_OUT["english"], words))


in_8_bits = quantize_model(copy.deepcopy(storyteller), integer_levels(8), block=None)  # it rounds its model in place
TABLE = [  # chapter, system, what it added, numbers that it learns, loss, what is predicted ← from what
    (0, "n-grams, n = 2", "counts", *counted_nats(2), "word ← the word before"),
    (0, "n-grams, n = 3", "more counts", *counted_nats(3), "word ← two words before"),
    (1, "RNN", "a state that is carried along", *again_built["RNN"], "word's letters ← all letters before"),
    (2, "LSTM", "a memory with gates", size_of("lstm"), told_nats(lstm_and_words[0], lstm_and_words[1].words), "word ← all words before"),
    (3, "encoder–decoder", "a text in, another text out", *again_built["encoder–decoder"], "word ← Korean as one state, words before"),
    (4, "attention", "all of the source in reach", *again_built["attention"], "word ← Korean sentence, words before"),
    (5, "self-attention", "every word looks at every word", *again_built["self-attention"], "hidden word ← rest of its sentence"),
    (6, "Transformer", "attention alone", *again_built["Transformer"], "word ← Korean sentence, words before"),
    (7, "BERT", "read both ways, then fine-tune", size_of("bert"), hidden_nats(*bert_and_words), "hidden word ← rest, sentence beside it"),
    (8, "GPT", "the next word, for everything", size_of("gpt"), told_nats(storyteller), "word ← all words before"),
    (9, "T5", "every task as text to text", size_of("t5"), summary_nats(), "word of the summary ← story, words before"),
    (10, "beam search", "several texts at a time", None, None, "— (chooses by the losses of others)"),
    (11, "BPE", "pieces of words, by counting", None, None, "— (cuts texts, predicts nothing)"),
    (12, "VAE", "a code that can be drawn from", *of_pictures["VAE"], "picture of a digit ← its code (per picture)"),
    (13, "GAN", "a judge in the place of a loss", *of_pictures["GAN"], "digits ← noise (Fréchet distance)"),
    (14, "ULMFiT", "read first, few labels then", *again_built["ULMFiT"], "word ← all words before, after reviews"),
    (15, "entailment judge", "labels that were never learnt", size_of("nli"), label_nats(), "one of 3 labels ← text, statement"),
    (16, "Reformer", "buckets, reversible layers", *again_built["Reformer"], "word ← all words before"),
    (17, "Adam, schedules", "how these are trained well", None, None, "— (trains others)"),
    (18, "GPT in 8 bits", "a quarter of the bytes", size_of("gpt"), told_nats(in_8_bits), "word ← all words before"),
    (18, "distilled GPT", "a fifteenth of the weights", tiny_gpt, distilled, "word ← all words before"),
    (19, "Llama", "rotation, gates, shared keys", *again_built["Llama"], "word ← all words before"),
    (20, "reader", "knows what it never learnt", size_of("reader"), mark_nats(), "begin or end ← question, passage"),
]
print(f"ch  {'system':17} {'what it added':31} {'weights':>9} {'loss':>6}  what is predicted ← from what")
for chapter, system, added_what, weights, loss, asked_for in TABLE:
    numbers, nats = (form.format(value) if value else "—" for form, value in (("{:,}", weights), ("{:.2f}", loss)))
    print(f"{chapter:2}  {system:17} {added_what:31} {numbers:>9} {nats:>6}  {asked_for}")

# %% [markdown]
# **What can be compared.** Many rows are asked for the words of a story, from words before them. Two words say more
# than one, and all networks that read words and stay with stories beat the counts. GPT has the lowest loss, 0.82,
# with the most weights and after 10,000 stories; Llama and Reformer get to 1.0 in 400 updates on 2,000 stories, with
# about a tenth and less than a fifth of its weights. Rounding to 8 bits costs nothing that shows. A reader of letters
# must spell each word, with its capitals and spaces: the RNN pays 3.6, more than the counts. And ULMFiT's language
# model was the LSTM, until it read reviews. Now stories cost it 10.31 in place of 0.91, for it has forgotten them.
#
# The three translators are asked the same as each other: with the Korean beside it, far less of a sentence is left to
# be guessed. After equally many updates, it costs 0.67 through a single state, 0.26 with attention, 0.14 with attention
# alone. Of the two that fill holes, one layer pays 1.62, and BERT, which sees a sentence more and has learnt far
# longer, 0.73.
#
# **What cannot.** That BERT's 0.73 is below GPT's 0.82 means nothing, for one sees both sides of a word and the other
# all of the story before it. T5 is asked for words of summaries; a judge for one of three labels, where guessing
# costs 1.10; the reader for places in a text. Digits have no words at all, and what only chooses, cuts or trains has
# no loss of its own. And nearly every row is one system, trained once, in its own way (only those of chapters 12 and
# 13 and the distilled GPT are means over three seeds), and some of them briefly; so this is no contest of
# architectures. The last row has learnt nothing of what it answers.

# %% [markdown]
# ## What you have now, and where next
#
# A question in Korean, a folder of English texts, an answer with its source; a prompt whose leaning is taken out; and a
# measure of how far a model that reads can be led astray by what it reads.
#
# **Next** is what you build. Take a folder that nobody has indexed, write down fifty questions with their answers
# before you begin, and measure. Every part of it, from the softmax to the fused ranking, you have written yourself.
#
# *To read on*: Lewis et al., *Retrieval-Augmented Generation* (2020); Karpukhin et al., *Dense Passage Retrieval*
# (2020); Robertson and Zaragoza, *The Probabilistic Relevance Framework* (2009); Wei et al., *Chain-of-Thought
# Prompting* (2022); Greshake et al., *Not What You've Signed Up For* (2023).

# %%
progress("20_prompting_rag")
