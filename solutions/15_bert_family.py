# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 15 · What can one leave out of BERT, and what add?
#
# BERT came in October 2018. In the two years after it, hundreds of papers changed one thing about it and kept the rest.
# Some took something away: blocks, weights, a task. Others asked another question of the same text. This chapter takes
# four of them apart, **DistilBERT**, **ALBERT**, **ELECTRA** and **DeBERTa**, and lets a fifth idea do without labels
# altogether. Each is one small change, and each change is one or two functions that you write.
#
# You need: chapters 5 to 7. Eight exercises, 24 points and a paragraph (2 points). About three hours.

# %% setup
import re

import torch
from torch import nn

from autograder import check, progress, solved
from unrolled.albert import Albert
from unrolled.bert import Bert
from unrolled.data import village
from unrolled.deberta import Deberta
from unrolled.distilbert import DistilBert
from unrolled.electra import Electra
from unrolled.entailment import (
    CONTRADICTION,
    ENTAILMENT,
    entailment_logits,
    held_out,
    things_judged,
    village_judge,
)
from unrolled.lab import (
    bars,
    explorer,
    heatmap,
    panels,
    recorded,
    seed_everything,
    show,
    train,
)
from unrolled.lab import preset as preset_of
from unrolled.masked_lm import mask_tokens, masked_lm_loss
from unrolled.pretraining import BertVocabulary, village_bert
from unrolled.translation import padded

# %% [markdown]
# ## The problem: half of it has to go
#
# Suppose that your model must run on a phone, and half the blocks are one too many. The small BERT of chapter 7 has two.
# What happens if you simply cut one off? We hide 15 % of the words in sentences that it has never seen, in English and
# Korean, and count how many it names.

# %%
teacher, vocabulary = village_bert()
SPECIAL, MASK, PAD = BertVocabulary.special_ids, BertVocabulary.mask, BertVocabulary.pad


def as_ids(n, split="train", seed=0):
    """So many sentences, half of them Korean, as padded word numbers."""
    languages = ("english", "korean")
    texts = [f"{text}." for language in languages
             for text in village.sentences(n // 2, language=language, split=split, seed=seed)]  # fmt: skip
    return padded([vocabulary.read(text) for text in texts], PAD)[0]


def hidden(ids, generator, probability=0.15):
    """The sentences with hidden words, what stood there, and where there is text."""
    uniforms = torch.rand(3, *ids.shape, generator=generator)
    return (*mask_tokens(ids, SPECIAL, MASK, len(vocabulary), uniforms, probability), ids != PAD)


unseen = hidden(as_ids(400, split="validation"), torch.Generator().manual_seed(0))


@torch.no_grad()
def share_named(model):
    """How often a model's best guess for a hidden word is right."""
    ids, labels, real = unseen
    states = model(ids, real)
    states = states[0] if isinstance(states, tuple) else states
    asked = labels != -100
    return (model.words(states[asked]).argmax(-1) == labels[asked]).float().mean().item()


cut = DistilBert.of(teacher, [0])  # the tables, the head and the first block, nothing else
named = {"both blocks": share_named(teacher), "the second cut off": share_named(cut)}
print({name: f"{share:.0%}" for name, share in named.items()})

# %% [markdown]
# So it is not that simple. The head was taught to read what the *second* block says; the first one speaks another
# language. But perhaps one block *could* know most of it, if somebody told it how.

# %% [markdown]
# ## DistilBERT: let the whole model teach the half
#
# A text teaches little with every hidden word: the right one is right, all others are equally wrong. A model that has
# learnt already knows more. For *the cook ate ___* it gives *soup* 30 %, *rice* 25 %, *bread* 20 % and *the cart*
# nothing (the numbers are made up). That *rice* is nearly as good as *soup* is what Hinton calls dark knowledge, and a
# second model can be taught it: **knowledge distillation** (지식 증류). The whole model is the **teacher model** (교사
# 모델), the small one the **student model** (학생 모델). In DistilBERT (Sanh et al., 2019) the student has every second
# block of the teacher's, and starts with its weights.

# %% [markdown]
# ### Exercise 15.1 — which blocks? · 2 points · ~10 min
#
# The student's first block starts as the teacher's first, its last as the teacher's last, and the others lie evenly in
# between, on a straight line that is rounded to whole numbers.
#
# <details><summary>Hint</summary>
#
# Put posts at the two ends of the line first. How many gaps are there between so many posts? And what does the line
# look like if there is only one post?
# </details>

# %% exercise
from unrolled.distilbert import select_layers

# %% check
check(select_layers)

# %% [markdown]
# ## Three losses at once
#
# The student hears three voices, and each has a weight:
#
# $$L = 5\,T^2\,\mathrm{KL}\big(p^{T}_{\text{teacher}} \,\big\|\, p^{T}_{\text{student}}\big) + 2\,L_{\text{masked LM}}
# + 1\,\big(1 - \cos(h_{\text{student}}, h_{\text{teacher}})\big)$$
#
# The first says: find the same words probable. $p^T$ is a softmax of scores divided by a temperature $T$. A high
# temperature makes the small probabilities larger, and shows which wrong words are less wrong. It also makes the
# gradient of this term smaller, about $T^2$ times, so $T^2$ puts that right: a change of the temperature should not
# change how much the voice counts. The second is the text itself. The third says: let your states point the same way
# as the teacher's.

# %% [markdown]
# ### Exercise 15.2 — the student's loss · 4 points · ~25 min
#
# Mind over which places each of the three is averaged, and that only the student learns. You may use your
# `masked_lm_loss`.
#
# <details><summary>Hint</summary>
#
# A tensor of truth values as an index takes the real tokens of all texts out of padding: what shape is left? The
# divergence averages a difference of two logarithms: by whose probabilities?
# </details>

# %% exercise
from unrolled.distilbert import distilbert_loss

# %% check
check(distilbert_loss)

# %% [markdown]
# **Predict.** Four students with one block learn for 150 steps. Two start with the teacher's first block, its tables and
# its head, two with random numbers. One of each hears all three voices, the other only the text. Which of the two
# choices matters more, the start or the voices?

# %%
lesson, choose_blocks = solved("distilbert_loss"), solved("select_layers")
train_ids = as_ids(4000)
STEPS, BATCH = 150, 48


def some(generator, ids=train_ids):
    """Some sentences, cut to the longest of them."""
    rows = ids[torch.randint(len(ids), (BATCH,), generator=generator)]
    return rows[:, : (rows != PAD).sum(1).max()]


def learn(model, batches, loss, seed, preset="auto", live=False, steps=STEPS):
    """Trains with a rate that rises for a tenth of the steps, and then falls to 0."""
    steps *= preset_of(preset).scale
    return train(
        model, batches, loss, steps=steps, learning_rate=2e-3, clip_norm=1.0, seed=seed, preset=preset, live=live,
        schedule=lambda step: min(10 * (step + 1) / steps, (steps - step) / (0.9 * steps)),
    )  # fmt: skip


def student(start, voices, seed, preset="auto", live=False):
    """A student of one block, taught; from the teacher's weights or from random ones, by three voices or the text alone."""
    seed_everything(seed)
    model = DistilBert.of(teacher, choose_blocks(2, 1))
    if start == "random":
        block = teacher.blocks[0]
        model = DistilBert(
            *teacher.embeddings.word.weight.shape, block.attention.heads,
            block.feed_forward.expand.out_features, 1, positions=teacher.positions,
        )  # fmt: skip

    def loss(model, batch):
        ids, labels, real = batch
        states = model(ids, real)
        if voices == "the text":
            asked = labels != -100
            return masked_lm_loss(model.words(states[asked]), labels[asked])
        with torch.no_grad():
            knows, _ = teacher.to(ids.device)(ids, real)
            says = teacher.words(knows)
        return lesson(model.words(states), says, labels, states, knows, real)

    learn(model, lambda g: hidden(some(g), g, 0.3), loss, seed, preset, live)
    teacher.cpu()
    return model.eval()


taught = student("copied", "all three", seed=0, live=True)
print(f"one block, cut off: {named['the second cut off']:.0%}, and after 150 steps of lessons: {share_named(taught):.0%}")
