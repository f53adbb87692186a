# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 10 · Which word should it say?
#
# A language model does not write. It gives a probability to every word that could come next, and then *somebody* must
# choose one. Take the best each time and the text goes round in circles. Draw at random and it stumbles over nonsense.
# Search for a more probable text and you are back in the circle; find the most probable of all, and it is too short, at
# worst empty. How one chooses is the **decoding strategy** (디코딩 전략), and this chapter is about it.
#
# You need: chapters 0 to 3. Six exercises, 19 points and a paragraph (2 points). About two and a half hours.

# %% setup
import torch
from torch import nn

from autograder import check, judge_repair, progress, solved
from unrolled.beam_search import most_probable
from unrolled.data import village
from unrolled.decoding import generate, greedy
from unrolled.lab import (
    bars,
    curves,
    explorer,
    panels,
    recorded,
    seed_everything,
    show,
    train,
    watched,
)

# %% [markdown]
# ## The problem: the best word, again and again
#
# We need somebody who knows the village. Here is a small language model, a GRU as in chapter 2. It reads stories and
# reviews, English and Korean, all mixed. In front of each text stands a **control code** (제어 코드) that says what sort
# of text it is; what the code is good for comes near the end. A GRU must carry the code through the whole text, so its
# update gate begins in favour of the old state, as the LSTM's forget gate began open in chapter 2.

# %%
CODES = {
    "english": ("<story>", "<praise>", "<complaint>"),
    "korean": ("<이야기>", "<칭찬>", "<불평>"),
}


def village_texts(n, split="train"):
    """n stories and 2n reviews in each language, as lists of words with the code in front."""
    texts = []
    for language, (story, praise, complaint) in CODES.items():
        for told in village.stories(n, language=language, split=split):
            texts.append([story, *village.tokens(told)])
        for review in village.reviews(2 * n, language=language, split=split):
            texts.append([praise if review.sentiment else complaint, *village.tokens(review.text)])
    return texts


texts = village_texts(1500)
words = village.Vocabulary(texts)
print(f"{len(texts):,} texts, {len(words):,} different words; for example")
for text in (texts[0], texts[-1]):
    print(" ", " ".join(text))


# %%
class Storyteller(nn.Module):
    """A language model: embedding, GRU, a score for every word."""

    def __init__(self, vocabulary, feature=96, hidden=192):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, feature)
        self.gru = nn.GRU(feature, hidden, batch_first=True)
        self.head = nn.Linear(hidden, vocabulary)
        nn.init.constant_(self.gru.bias_ih_l0[hidden : 2 * hidden], 2.0)  # it begins by remembering

    def forward(self, ids):
        """Scores for the word after each of `ids`, (batch, time, vocabulary)."""
        return self.head(self.gru(self.embedding(ids))[0])

    def step(self, ids, state=None):
        """Scores for the word after the last of `ids`, and the state to go on from."""
        states, last = self.gru(self.embedding(ids), state[0][None] if state else None)
        return self.head(states[:, -1]), [last[0]]


# %% [markdown]
# It learns from long rows of texts, one after the other, with an end mark after each.


# %%
def streams(texts, n, length, generator):
    """n rows of so many numbers: one text after the other, drawn at random, an end mark after each."""
    encoded = [[*words.encode(text), words.eos] for text in texts]
    rows = []
    for _ in range(n):
        row = []
        while len(row) < length:
            row += encoded[torch.randint(len(encoded), (1,), generator=generator)]
        rows.append(row[:length])
    return torch.tensor(rows)


def surprise(model, ids):
    """The mean of −log p(right word), in nats."""
    return nn.functional.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())


def storyteller(seed, preset="auto", steps=300):
    """A trained storyteller, and the record of its training."""
    seed_everything(seed)
    model = Storyteller(len(words))
    rows = streams(texts, 2000, 81, torch.Generator().manual_seed(seed))
    history = train(
        model, lambda generator: rows[torch.randint(len(rows), (32,), generator=generator)], surprise,
        steps=steps, learning_rate=5e-3, clip_norm=1.0, preset=preset, seed=seed,
        schedule=lambda step: min(1.0, 2 * (1 - step / steps)),
    )  # fmt: skip
    return model.eval(), history


model, history = storyteller(seed=0)
print(f"loss {history.losses[0]:.2f} → {sum(history.losses[-20:]) / 20:.2f} nats a word")

# %% [markdown]
# Everything below asks the model in one way only: `step(ids, state)` reads some words and gives the scores of the
# next one, and a state to go on from. Any model of this course can be wrapped like this.
#
# Now let it write. We give it the first eight words of stories it has never seen and let it go on for 160 words (when a
# story is over, the next begins), taking the most probable word every time: chapter 3's greedy decoding. How much does
# it repeat itself? We count the runs of four words (4-grams) that stood in the text before.


# %%
def village_streams(n, length, split="test"):
    """What the village writes: n rows of so many numbers, each beginning with an English story."""
    others = village_texts(50, split)
    rows = streams(others, n, length, torch.Generator().manual_seed(1))
    starts = [text for text in others if text[0] == "<story>"][:n]
    starts = [[*words.encode(text), words.eos] for text in starts]
    return [[*start, *row][:length] for start, row in zip(starts, rows.tolist(), strict=True)]


def repeated(ids, n=4):
    """The share of the runs of n words that stood in the text before."""
    runs = [tuple(ids[i : i + n]) for i in range(len(ids) - n + 1)]
    return 1 - len(set(runs)) / len(runs)


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def say(ids):
    return " ".join(words.decode(ids))


LIMIT = {"max_length": 160, "eos": -1}  # no word is the end: it goes on and on
the_village = village_streams(32, 9 + 160)
prompts = torch.tensor(the_village)[:, :9]
by_greedy = [
    prompt + text
    for prompt, text in zip(prompts.tolist(), greedy(model.step, prompts, **LIMIT), strict=True)
]
print(say(by_greedy[0]), "\n")
print(f"repeated: greedy {mean(map(repeated, by_greedy)):.1%}, the village {mean(map(repeated, the_village)):.1%}")  # fmt: skip

# %% [markdown]
# The village's own texts seldom have four words twice (*the next day ,*); greedy does it about nine times as often.
# Once it has been round the circle, it goes round again. Why? What was said makes itself more probable: each time a
# phrase is repeated, the model finds the next repetition likelier (Holtzman et al., 2020, figure 4, show it for GPT-2).
# Greedy always agrees. And since nothing is random, one time round is like every other.
#
# Large models do it too. GPT-2 Large (774 million weights; the paper says 762, a miscount that chapter 8 mentions),
# searching for the most probable text with beams, went on about unicorns with "… Universidad Nacional Autónoma de
# México/Universidad Nacional Autónoma de México/Universidad Nacional …" (Holtzman et al., 2020, figure 1). So it is not
# only that our model is small: the choice itself is wrong.

# %% [markdown]
# ## The idea: roll the dice
#
# The model says *how often* each word comes next. So let each word come as often as that: draw it at random,
# with the model's probabilities. This is **sampling** (샘플링). One knob goes with it, the **temperature** (온도) $T$
# (no length here):
#
# $$p_i = \frac{e^{x_i / T}}{\sum_j e^{x_j / T}}$$
#
# And how does one draw with given probabilities, if all one has is a random number $u$ between 0 and 1? Lay the
# probabilities end to end on a line from 0 to 1. Drop $u$ on it. The piece it falls on is the word.

# %% [markdown]
# **Predict.** What does the formula do if $T$ goes to 0? And if it goes to infinity? At which temperature does the
# model mean what it says?

# %% [markdown]
# <details><summary>Answer</summary>
#
# Near 0 the differences between scores grow without bound: the best word gets everything, and drawing is greedy. Near
# infinity all exponents are 0: every word of the vocabulary is as likely as any other. At 1 the probabilities are
# those that it was trained for. Below 1 the text is safer than the model's own idea, above 1 wilder.
# </details>

# %% [markdown]
# ### Exercise 10.1 — sample · 3 points · ~15 min
#
# The random number comes as an argument, so that your draw can be checked. Mind the ends: a word without any
# probability (a score of −∞) must never come out, neither for $u = 0$ nor for a $u$ next to 1.
#
# <details><summary>Hint</summary>
#
# `cumsum` gives the right end of every piece. How many pieces end at or before $u$? That is the number of the word. But
# add up float32 probabilities, and their sum may be 0.9999998 where $u$ is 0.9999999: to which number do you count
# then? Double precision helps, and so does comparing with $u$ times the last end.
# </details>

# %% exercise
from unrolled.decoding import sample

# %% check
check(sample)


# %%
def sampler(generator, temperature=1.0, keep=lambda logits: logits):
    """A choice for `generate`: what `keep` leaves of the scores, drawn with fresh numbers of the generator."""
    draw = solved("sample")

    def choose(logits, ids):
        return draw(keep(logits / temperature), torch.rand(len(logits), generator=generator), 1.0)

    return choose


def write(model, prompts, choose, **limit):
    """The prompts and what `choose` makes of them."""
    written = generate(model.step, prompts, choose, **(limit or LIMIT))
    return [prompt + text for prompt, text in zip(prompts.tolist(), written, strict=True)]


drawn = {
    temperature: write(model, prompts, sampler(torch.Generator().manual_seed(0), temperature))
    for temperature in (0.3, 1.0, 2.0)
}
for temperature, of in drawn.items():
    print(f"T = {temperature}, repeated {mean(map(repeated, of)):.1%}: {say(of[0][1:45])} …\n")

# %% [markdown]
# At a temperature of 1 the circles are gone: it repeats about as little as the village does. But read it. Most
# sentences can be said, and yet one does not follow from the other; and now and then something comes that does not fit,
# as the full stop in *so he went to the market and bought .* At 2 there is no story at all, and English and Korean lie
# in one heap.

# %% [markdown]
# ## The tail
#
# Each absurd word has a tiny probability. But there are so many of them.

# %%
with torch.no_grad():
    probabilities = model(torch.tensor(the_village)).softmax(-1).flatten(0, 1)
tail = probabilities.masked_fill(probabilities >= 0.001, 0.0)
tail_mass, tail_words = tail.sum(-1).mean().item(), (tail > 0).sum(-1).float().mean().item()
clean_story = (1 - tail.sum(-1)).log().mean().mul(55).exp().item()
print(f"words with less than 0.1 %: {tail_words:.0f} of {len(words)}, together {tail_mass:.1%}")
print(f"a story of 55 words without any of them: {clean_story:.0%}")

# %% [markdown]
# So a single word hardly ever comes from the tail, and still most stories have one that does. This is no fault of the
# dice: to a word that it has hardly seen, a model cannot help giving *some* probability, and it never learnt to tell
# "never" from "rarely". We should not draw from the tail.

# %% [markdown]
# ## Cut it at k
#
# The simplest cut: keep the $k$ best words. This is **top-k sampling** (톱-k 샘플링; Fan et al., 2018). The others get the
# score −∞, so that they have probability 0 and the softmax shares the rest among those that stay.

# %% [markdown]
# ### Exercise 10.2 — top-k · 2 points · ~10 min
#
# What stays keeps its score. Words that tie with the $k$-th stay too, as in Hugging Face's `TopKLogitsWarper`. `logits`
# itself must not change, here and in the next three exercises.
#
# <details><summary>Hint</summary>
#
# `topk(k).values` holds the best scores of each row, in falling order. Which one is the limit? `masked_fill` does the
# rest. What if the vocabulary has fewer than $k$ words?
# </details>

# %% exercise
from unrolled.decoding import top_k_filter

# %% check
check(top_k_filter)

# %% [markdown]
# But which $k$? Here are the model's three best next words at two places in each language, and how many words it takes
# to have nine tenths of the probability. (The Korean beginnings say *one day the farmer …* and *one day the farmer
# planted carrots in the garden . the next day the farmer, to the carrots, …*)

# %%
PLACES = (
    "<story> one day the farmer",
    "<story> one day the farmer looked",
    "<이야기> 어느 날 농부는",
    "<이야기> 어느 날 농부가 정원에 당근을 심었다 . 다음 날 농부는 당근에",
)


@torch.no_grad()
def next_scores(text):
    """The scores of the word to follow, (1, vocabulary)."""
    return model.step(torch.tensor([words.encode(text.split())]))[0]


needed = {}
for place in PLACES:
    p, order = next_scores(place)[0].softmax(-1).sort(descending=True)
    needed[place] = int((p.cumsum(0) < 0.9).sum()) + 1
    best = ", ".join(f"{words.words[i]} {q:.0%}" for q, i in zip(p[:3], order[:3], strict=True))
    print(f"{place} …: {best}; 90 % takes {needed[place]} word{'s'[: needed[place] > 1]}")

# %% [markdown]
# After *looked* a single word is enough; after *어느 날 농부는* about a hundred are possible, and after *다음 날 농부는
# 당근에* it is nearly always 물을, the *water* that they get. A $k$ of 101 lets nonsense in after *looked*, and a $k$ of 1
# knows only one thing that a farmer may do.

# %% [markdown]
# ## Cut it at p
#
# So do not fix how many words, but how much *probability*: take words from the best downwards until they have at least
# $p$ together. That set is the *nucleus*, and drawing from it is **nucleus sampling** (뉴클리어스 샘플링), or *top-p*
# (Holtzman et al., 2020):
#
# $$V^{(p)} = \text{the smallest set of words with } \sum_{i \in V^{(p)}} p_i \ge p$$

# %% [markdown]
# ### Exercise 10.3 — top-p · 3 points · ~20 min
#
# The word that crosses $p$ belongs to the nucleus. So at least one word always stays. Ties are not as in top-k: the
# nucleus is the *fewest* words, so of equal ones only as many stay as it takes.
#
# <details><summary>Hint</summary>
#
# Sort, softmax, running sum. A word stays if what stands *before* it has less than $p$. At the end everything must
# stand at its own place again: the sort also gave you an order, and `order.argsort()` is its inverse.
# </details>

# %% exercise
from unrolled.decoding import top_p_filter

# %% check
check(top_p_filter)

# %% [markdown]
# All three knobs on one distribution: what follows *one day the farmer …*? Grey is what the model says, blue what is
# drawn from. Make the temperature high and let $p$ save you. Which of the two cuts, $k$ or $p$, does the work here?
#
# <details><summary>What one finds</summary>
#
# At a temperature of 1 it is $p$: it leaves six words, far fewer than the 40 that $k$ allows. Make it hot, and the hill
# becomes a plain; then nine tenths take hundreds of words, and it is $k$ that cuts. So $p$ protects you from the tail
# only as long as there is a hill.
# </details>

# %%
choices = next_scores(PLACES[0])


def what_is_left(temperature=1.0, k=40, p=0.9):
    """The probabilities that are drawn from, once all three knobs have been turned."""
    kept = solved("top_p_filter")(solved("top_k_filter")(choices / temperature, k), p)
    return kept[0].softmax(-1)


# %% picture
# Three knobs on one distribution
def draw_choice(temperature=1.0, k=40, p=0.9):
    before, after = choices[0].softmax(-1), what_is_left(temperature, k, p)
    shown = before.argsort(descending=True)[:24].tolist()
    left = int((after > 0).sum())
    figure, (axes,) = panels(1, 1, size=(8.0, 3.4))
    axes.bar([words.words[i] for i in shown], before[shown], color="#BBBBBB", label="the model")
    axes.bar([words.words[i] for i in shown], after[shown], width=0.45, label="what we draw from")
    axes.tick_params(axis="x", rotation=60)
    axes.legend()
    axes.set(
        title=f"one day the farmer …: {left} word{'s'[: left != 1]} left, the best with {after.max():.0%}",
        ylabel="probability",
    )
    return figure


explorer(
    draw_choice,
    temperature=(0.2, 3.0, 0.1),
    k=(1, 100, 1),
    p=(0.05, 1.0, 0.05),
    alt=lambda temperature, k, p: (
        f"Bars of the 24 most probable next words, and of what is left of them at temperature {temperature}, k = {k} and p = {p}."
    ),
)

# %% [markdown]
# The temperature comes first, as in Hugging Face's `generate` (llama.cpp puts it last by default): it decides how much
# mass the tail has, and then $k$ and $p$ cut. With $k$ and $p$ wide open the temperature alone flattens the hill into
# the tail.
#
# How much should one cut? Here is the price of cutting: repetition against $p$, from the dullest nucleus to none at
# all.

# %%
NUCLEI = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)


def repetition_by_p(model, prompts, seed=0):
    """The share of repeated runs for each p."""
    cut = solved("top_p_filter")
    return {
        p: mean(
            map(
                repeated,
                write(
                    model,
                    prompts,
                    sampler(
                        torch.Generator().manual_seed(seed), keep=lambda logits, p=p: cut(logits, p)
                    ),
                ),
            )
        )
        for p in NUCLEI
    }


by_p = repetition_by_p(model, prompts)
levels = {"greedy": mean(map(repeated, by_greedy)), "village": mean(map(repeated, the_village))}
print({p: f"{share:.1%}" for p, share in by_p.items()})

# %% picture
# How much is repeated, over p
show(
    curves(
        {"drawn from the nucleus": (NUCLEI, list(by_p.values()))}
        | {name: ([0, 1], [level] * 2) for name, level in levels.items()},
        title="The smaller the nucleus, the more it repeats",
        x_label="p",
        y_label="repeated runs of four words",
    ),
    alt="Repetition against p: high for a small p, though below greedy text, it falls to the level of the village's texts at p = 0.9.",
)

# %% [markdown]
# ## The real text is not the likely one
#
# Is every word of a good text a likely one? Here is a story of the village beside what greedy makes of the same
# beginning. For each word: how probable did the model find it?


# %%
@torch.no_grad()
def probabilities_of(model, ids):
    """The probability of each word but the first, given those before it."""
    scores = model(torch.tensor([ids[:-1]]))[0].log_softmax(-1)
    return scores.gather(-1, torch.tensor(ids[1:])[:, None])[:, 0].exp()


likely = {
    "village": [probabilities_of(model, ids)[8:] for ids in the_village],
    "greedy": [probabilities_of(model, ids)[8:] for ids in by_greedy],
}
rare = {name: torch.cat(of).lt(0.1).float().mean().item() for name, of in likely.items()}
print("words with less than 10 %:", {name: f"{share:.0%}" for name, share in rare.items()})

# %% picture
# The probability of each word, in the village's text and in greedy's
figure, axes = panels(2, 1, size=(8.6, 4.6))
for panel, name in zip(axes, ("village", "greedy"), strict=True):
    panel.bar(range(50), likely[name][0][:50], color="C0")
    panel.axhline(0.1, color="gray", linewidth=1, linestyle=":")
    panel.set(ylim=(0, 1.05), ylabel="probability", title=f"{name}: {rare[name]:.0%} of all words below 10 %")
axes[-1].set_xlabel("word")
show(
    figure,
    alt="Two rows of fifty bars, the probability of each word of the village's text above and of greedy text below. Many bars of the village's text are near 0, few of greedy's.",
)

# %% [markdown]
# Not at all. Of the village's words about one in five had less than 10 %: the model could not know what comes. Here
# that is no wonder: the village's texts are drawn by a grammar that rolls dice. Holtzman et al. (2020, figure 2) found
# the same of what people write: its probability jumps up and down, while the text of a search for the most probable one
# stays near the top. They suspect that people avoid saying the obvious. Greedy goes where it is sure. So "as probable
# as possible" is the wrong aim for a story, however well one searches. Keep that in mind for the end.

# %% [markdown]
# ## Forbid it
#
# One can also attack repetition itself. First, gently: make words that have occurred less attractive, by a **repetition
# penalty** (반복 페널티). **CTRL** (Keskar et al., 2019) divides their scores by a penalty $\theta$ of about 1.2. But what
# if a score is below 0? Divided, it comes *closer* to 0, and the word gets better. Hugging Face therefore multiplies
# those:
#
# $$x_i' = \begin{cases} x_i / \theta & x_i > 0 \\ x_i \cdot \theta & x_i \le 0 \end{cases}
# \qquad \text{for every word } i \text{ of the text so far}$$

# %% [markdown]
# ### Exercise 10.4 — repetition penalty · 2 points · ~15 min
#
# As in Hugging Face. A word that occurs five times pays once. Another filter may have been at work: −∞ stays −∞.
#
# <details><summary>Hint</summary>
#
# Which words of the vocabulary occur in row $i$? A boolean table `(rows, vocabulary)` and `scatter` along axis 1
# answer for all rows at once. `torch.where` can be nested.
# </details>

# %% exercise
from unrolled.decoding import repetition_penalty

# %% check
check(repetition_penalty)

# %% [markdown]
# Second, by force: no run of $n$ words may come twice (Paulus et al., 2018, with $n = 3$). Whatever would complete an
# old run gets −∞.

# %% [markdown]
# ### Exercise 10.5 — block repeated runs · 3 points · ~25 min
#
# To a reader, prompt and continuation are one text: a run of the prompt may not come again either. The text may be
# shorter than $n$, and nothing may have been written yet.
#
# <details><summary>Hint</summary>
#
# `text.unfold(1, n, 1)` gives all runs, `(rows, places, n)`. Compare the first $n - 1$ words of each with the last
# $n - 1$ of the text; where they agree, the run's last word is out. Slices such as `[-(n - 1):]` go wrong for
# $n = 1$.
# </details>

# %% exercise
from unrolled.decoding import block_repeated_ngrams

# %% check
check(block_repeated_ngrams)

# %%
punish, block = solved("repetition_penalty"), solved("block_repeated_ngrams")
repaired = {
    "penalty 1.5": write(model, prompts, lambda z, ids: punish(z, ids, 1.5).argmax(-1)),
    "no run of 4 twice": write(
        model, prompts, lambda z, ids: block(z, ids[:, :9], ids[:, 9:], 4).argmax(-1)
    ),
}
the_share = {}
for name, of in {"greedy": by_greedy, **repaired}.items():
    the_share[name] = mean(text.count(words.ids["the"]) / len(text) for text in of)
    print(f"{name}: repeated {mean(map(repeated, of)):.1%}, “the” {the_share[name]:.1%} of all words\n  {say(of[0])}\n")  # fmt: skip
the_share["village"] = mean(text.count(words.ids["the"]) / len(text) for text in the_village)
print(f"the village: “the” {the_share['village']:.1%}")

# %% [markdown]
# Both do what they say: hardly a run of four comes twice, or none at all. But the penalty makes no difference between
# *the* and *elephant*, and a text needs its *the* again and again: the village's texts have it more often. These are
# bandages. They help where one looks for the most probable text anyway, and they do not make a dull text interesting.

# %% [markdown]
# ## When there is one right answer: search
#
# A story may go anywhere; a translation may not. There one wants the most probable text, and greedy does not find it:
# the best first word may lead to nothing good. Say the first word is A (0.6) or B (0.4), and after A come three words
# with 0.33 each, after B a single one with 0.9. Greedy says A and ends with 0.2; B would have had 0.36.
#
# Looking at everything is out of the question: a thousand words and a text of ten make $10^{30}$ texts. **Beam search**
# (빔 서치) keeps the $k$ best beginnings instead of one. In each round it looks at all their continuations *together* and
# keeps the $k$ best of these. Probabilities multiply, so we add logarithms:
#
# $$\log p(y_1 \dots y_n) = \sum_{t=1}^{n} \log p(y_t \mid y_1 \dots y_{t-1})$$
#
# Each word makes the sum smaller, so short texts would win. Hence a finished text is judged by its sum divided by
# $n^\alpha$, with the **length penalty** (길이 페널티) $\alpha$. At 0 it is the plain sum, at 1 the mean for each word.

# %% [markdown]
# ### Exercise 10.6 — beam search · 6 points · ~50 min
#
# The rules in the docstring are those of Hugging Face's `generate`; read them twice. The heart is a dozen lines; the
# rest is bookkeeping. All beams of all prompts go through the model in *one* call a round, which reads only what the
# state does not hold yet: the prompts first, then one new word for each beam.
#
# <details><summary>Hint 1: the shapes</summary>
#
# Keep sums as `(batch, beam)` and words as `(batch, beam, length)`. Give the model `batch · beam` rows. Add the sums
# to the log-probabilities, flatten beams and vocabulary into one axis, and take `topk(2 * beam_size)`: of a place in
# that axis, `// vocabulary` is the beam it came from, `% vocabulary` the word.
# </details>
# <details><summary>Hint 2: the beginning</summary>
#
# After the prompt all beams are the same. Let only the first one count: the sums of the others begin at −∞.
# </details>
# <details><summary>Hint 3: the state</summary>
#
# The state that is handed in has a row for each prompt, the one that goes with your beams a row for each beam. From
# then on its rows must follow the beams that were chosen: `[tensor[rows] for tensor in state]`, where `rows` counts
# through all prompts' beams.
# </details>

# %% exercise
from unrolled.beam_search import beam_search

# %% check
check(beam_search)

# %% [markdown]
# Let us watch it. We hand it a `step` with a notebook: the words read so far travel in the state, and so follow their
# beams. All that was alive in some round makes a tree.


# %%
def noting(step, rounds):
    """The same step; it also writes into `rounds` what each row has read so far."""

    def watching(ids, state=None):
        *inner, read = state or [ids[:, :0]]
        read = torch.cat([read, ids], dim=1)
        rounds.append(read.tolist())
        logits, inner = step(ids, inner)
        return logits, [*inner, read]

    return watching


def beams_after(text, beam_size, stop="."):
    """All continuations of `text` that were alive in some round, as tuples, and the finished texts, the best first."""
    rounds, prompt = [], torch.tensor([words.encode(text.split())])
    [found] = solved("beam_search")(
        noting(model.step, rounds), prompt, beam_size=beam_size, max_length=12, eos=words.ids[stop]
    )
    start = prompt.shape[1]
    alive = {tuple(row[start:]) for rows in rounds[1:] for row in rows}
    alive |= {tuple(ids[:n]) for _, ids in found for n in range(1, len(ids) + 1)}
    return alive, found


trees = {
    text: beams_after(text, 4) for text in ("<story> one day the farmer", "<이야기> 어느 날 농부는")
}
for text, (alive, found) in trees.items():
    print(f"{text} … {say(found[0][1])} ({found[0][0]:.2f}); {len(alive)} beginnings looked at")


# %% picture
# The trees of beams, English and Korean
def draw_tree(axes, alive, found, title):
    """All that was alive, each beginning joined to its continuations."""
    best, height, leaves = tuple(found[0][1]), {}, 0
    for node in sorted(alive, key=lambda node: [words.words[i] for i in node]):
        if not any(other[:-1] == node for other in alive):
            height[node], leaves = leaves, leaves + 1
    for node in sorted(alive | {()}, key=len, reverse=True):
        below = [height[other] for other in alive if other[:-1] == node and other != ()]
        height.setdefault(node, mean(below) if below else 0)
    for node in alive:
        chosen, x = best[: len(node)] == node, len(node)
        colour = (
            "#D55E00"
            if chosen
            else "#0072B2"
            if node in {tuple(i) for _, i in found}
            else "#999999"
        )
        axes.plot([x - 1, x - 0.75, x], [height[node[:-1]], height[node], height[node]], color=colour, lw=2.2 if chosen else 1.0)  # fmt: skip
        axes.text(x - 0.7, height[node] + 0.1, words.words[node[-1]], color=colour, fontsize=8.5)
    axes.set(title=title, xlim=(0, max(map(len, alive)) + 0.1), ylim=(-0.4, leaves - 0.2))
    axes.axis("off")


figure, axes = panels(2, 1, size=(9.6, 7.6))
for panel, (text, (alive, found)) in zip(axes, trees.items(), strict=True):
    draw_tree(panel, alive, found, f"{text.split(maxsplit=1)[1]} …")
show(
    figure,
    alt="Two trees of beams, English and Korean, with a word along each branch; the branch of the best finished text is highlighted.",
)

# %% [markdown]
# Orange is the winner, blue the other finished texts, grey what was given up. (The Korean winner says that the farmer
# *really missed the gardener*; in the others the farmer is hungry or bored.) Branches that end early lost against
# *others'* children: that is the point of looking at all together.

# %% [markdown]
# **Predict.** Beam search with four beams finds more probable stories than greedy. Will they be more like the village's
# own?


# %%
def search_stories(model, prompts, beam_size=4):
    """The best story of each prompt by beam search."""
    found = solved("beam_search")(model.step, prompts, beam_size=beam_size, **LIMIT)
    return [prompt + texts[0][1] for prompt, texts in zip(prompts.tolist(), found, strict=True)]


def word_by_word(model, stories):
    """The mean log-probability of a word after the prompt."""
    return mean(probabilities_of(model, story)[8:].log().mean().item() for story in stories)


by_beam = search_stories(model, prompts)
ways = {"village": the_village, "p = 1": drawn[1.0], "greedy": by_greedy, "4 beams": by_beam}
table = {name: (word_by_word(model, of), mean(map(repeated, of))) for name, of in ways.items()}
for name, (log_p, share) in table.items():
    print(f"{name:8} log p a word {log_p:6.2f}, repeated {share:.1%}")

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# No. They are more probable, and they run in circles as greedy does: a word in a circle is almost free, and beam search
# is good at finding what is cheap. Look down the column: the village's own texts are far *less* probable for the
# model, and what is drawn at random is as improbable as they are. For stories, then, a better search is no help. It
# helps where the source says what must come, as in translation.
# </details>

# %% [markdown]
# ## Claims, checked
#
# > *"Beam search finds the most probable sequence."*
#
# We can know. `most_probable` tries *all* texts, with one trick that loses nothing: since another word never makes a
# text more probable, a beginning that is already less probable than a finished text can be given up (Stahlberg and
# Byrne, 2019). We ask for the next sentence, up to its full stop, after the first sentence of 50 English and 50
# Korean stories, and compare, at a length penalty of 0.

# %%
WIDTHS = (1, 2, 4, 8)


def openings(n, split="test"):
    """Of n stories in each language, the first sentence with its code, and the second one."""
    found = []
    for language, (story, *_) in CODES.items():
        for told in village.stories(n, language=language, split=split, seed=2):
            tokens = village.tokens(told)
            first = tokens.index(".") + 1
            found.append(([story, *tokens[:first]], tokens[first : tokens.index(".", first) + 1]))
    return found


def hits(model, n=50):
    """How many most probable next sentences beam search finds, by width; how long they are; and the worst miss."""
    search, limit = solved("beam_search"), {"max_length": 16, "eos": words.ids["."]}
    count, missed, lengths = dict.fromkeys(WIDTHS, 0), None, {"village": [], "most probable": []}
    for opening, second in watched(openings(n), "openings"):
        prompt = torch.tensor([words.encode(opening)])
        exact = most_probable(model.step, prompt, **limit)
        for width in WIDTHS:
            [[found, *_]] = search(model.step, prompt, beam_size=width, length_penalty=0.0, **limit)
            count[width] += found[1] == exact[1]
            lost = exact[0] - found[0]
            if width == 4 and found[1] != exact[1] and (missed is None or lost > missed[0]):
                missed = lost, opening, found, exact
        lengths["village"].append(len(second))
        lengths["most probable"].append(len(exact[1]))
    return count, {who: mean(of) for who, of in lengths.items()}, missed


# %% [markdown]
# Here is the sentence that four beams missed by most, and how long the sentences are.

# %%
found_best, lengths, missed = hits(model)
_, opening, by_search, exact = missed
print(" ".join(opening[1:]))
print(f"  four beams: {say(by_search[1])} ({by_search[0]:.2f})")
print(f"  exact:      {say(exact[1])} ({exact[0]:.2f})")
print("mean length:", {who: round(length, 1) for who, length in lengths.items()})

# %% picture
# How many of the most probable sentences are found
show(
    bars(
        {f"{width} beam{'s'[: width > 1]}": hit for width, hit in found_best.items()},
        title="Beam search often misses the most probable sentence",
        y_label="found, of 100",
    ),
    alt="Bars: how many of the hundred most probable sentences are found by beam search with 1, 2, 4 and 8 beams.",
)

# %% [markdown]
# **False.** It is a heuristic: a sentence whose first words are unlikely falls out of the beam before its cheap rest
# is seen. More beams find more, but none of these widths finds them all.
#
# > *"The most probable text is the best one."*
#
# **False**, and you have seen it: in *the real text is not the likely one*, in the table of the four ways, and in what
# the exact search finds: its sentences are 33 to 38 % shorter than the village's. Stahlberg and Byrne found
# that for half of their sentences the most probable translation of a good system was the *empty* one. Beam search works
# in translation partly because it does *not* find the maximum.

# %% [markdown]
# ## Say what you want: control codes
#
# In front of each training text stood a code: story, praise or complaint, in one of two languages. The model never
# learnt anything about codes; it learnt to predict, and what follows `<praise>` is praise. That is all of **CTRL**
# (Keskar et al., 2019; theirs is a Transformer with 1.6 billion weights and codes such as *Reviews* or *Wikipedia*).
#
# > *"CTRL is an encoder–decoder: the code is encoded, the text is decoded."*
#
# So some notes say. Our model has no encoder at all. Can it be steered? The same beginning under two codes:

# %%
SAME = {
    "i read a book in the library last week . the book was": ("<praise>", "<complaint>"),
    "저는 지난주에 도서관에서 책을 읽었어요 . 책은": ("<칭찬>", "<불평>"),
}
for begun, codes in SAME.items():
    print(begun, "…")
    for code in codes:
        ended = write(
            model,
            torch.tensor([words.encode([code, *begun.split()])]),
            lambda z, ids: z.argmax(-1),
            max_length=20,
            eos=words.eos,
        )[0]
        print(f"  {code}: {say(ended[len(begun.split()) + 1 :])}")

# %% [markdown]
# Here it can, in both languages: the Korean book is *quite interesting*, and *I will read it again*; or *not
# interesting*, and *I will not*. Does it always obey? We need a judge that is not the model: a bag of words (naive
# Bayes), which counts in the training texts how often each word stands under each code. First we judge the judge, on
# texts of the village.


# %%
ALL_CODES = [code for codes in CODES.values() for code in codes]


def bag_of_words_judge():
    """A function that guesses the code of a text (without it), from the words' frequencies under each code."""
    counts = torch.full((len(ALL_CODES), len(words)), 0.5)
    for code, *text in texts:
        counts[ALL_CODES.index(code)] += torch.bincount(
            torch.tensor(words.encode(text)), minlength=len(words)
        )
    log_p = (counts / counts.sum(1, keepdim=True)).log()
    return lambda ids: ALL_CODES[log_p[:, ids].sum(1).argmax()]


judge_code = bag_of_words_judge()
test_texts = village_texts(50, "test")
judge_right = mean(judge_code(words.encode(text)) == code for code, *text in test_texts)


def obedience(model, n=40, seed=0):
    """For each code, the share of texts begun with it alone that the judge takes for that code."""
    cut = solved("top_p_filter")
    found = {}
    for code in ALL_CODES:
        start = torch.tensor([words.encode([code])] * n)
        choose = sampler(torch.Generator().manual_seed(seed), keep=lambda logits: cut(logits, 0.9))
        found[code] = mean(
            judge_code(text[1:]) == code
            for text in write(model, start, choose, max_length=60, eos=words.eos)
        )
    return found


obeyed = obedience(model)
print(f"the judge is right about {judge_right:.0%} of the village's texts")
print("it takes for what was asked:", {code: f"{share:.0%}" for code, share in obeyed.items()})

# %% [markdown]
# Mostly it does: one word at the beginning steers language, kind and mood. So the claim is **false**. CTRL is
# decoder-only (its section 3), and nothing but the texts says what the code means. Why does ours fail now and then? The
# judge itself errs; and a GRU must carry the code past twenty other words, where a wrong mood costs it little. CTRL's
# Transformer can simply look back at it.

# %% [markdown]
# ## The experiment: is it the seed?
#
# All of this was one model. `experiment` trains one for each of three seeds and measures the same things.


# %%
def experiment(seed, preset="auto"):
    """Everything that is recorded of one storyteller."""
    teller, _ = storyteller(seed, preset)
    written = {
        "village": the_village,
        "greedy": write(teller, prompts, lambda logits, ids: logits.argmax(-1)),
        "4 beams": search_stories(teller, prompts),
    }
    with torch.no_grad():
        loss = surprise(teller, torch.tensor(village_streams(32, 161, "validation"))).item()
    found, lengths, _ = hits(teller)
    return {
        "validation": loss,
        "log p": {name: word_by_word(teller, of) for name, of in written.items()},
        "repeated": {name: mean(map(repeated, of)) for name, of in written.items()},
        "by p": {str(p): share for p, share in repetition_by_p(teller, prompts, seed).items()},
        "found": {str(width): hit for width, hit in found.items()},
        "lengths": lengths,
        "obeyed": obedience(teller, seed=seed),
    }


def summarize(result):
    """What is written down of an experiment: all of it."""
    return result


# %%
runs = list(recorded("10_decoding")["seeds"].values())
for run in runs:
    print(
        "repeated:", {name: f"{share:.1%}" for name, share in run["repeated"].items()},
        "log p:", {name: round(value, 2) for name, value in run["log p"].items()},
        "found:", run["found"],
        f"obeyed: {min(run['obeyed'].values()):.0%} to {max(run['obeyed'].values()):.0%}",
    )  # fmt: skip

# %% picture
# Repetition over p, and what is found by how many beams, for three seeds
figure, (left, right) = panels(1, 2, size=(9.0, 3.4))
curves(
    {f"seed {seed}": (NUCLEI, list(run["by p"].values())) for seed, run in enumerate(runs)}
    | {"village": ([0, 1], [levels["village"]] * 2)},
    title="Repetition falls to the level of the village",
    x_label="p",
    y_label="repeated runs of four words",
    axes=left,
)
curves(
    {f"seed {seed}": (WIDTHS, list(run["found"].values())) for seed, run in enumerate(runs)},
    title="Even eight beams miss some",
    x_label="beams",
    y_label="most probable sentences found, of 100",
    axes=right,
)
show(
    figure,
    alt="Three seeds. Left: repetition falls with p to the level of the village. Right: the number of most probable sentences found rises with the number of beams and stays below 100.",
)

# %% [markdown]
# It is not. With every seed, greedy and beam search repeat 22 to 40 % of their runs of four words, and the village one
# in 24. The curves over $p$ all fall steeply at first, and from 0.9 on they lie at the level of the village or a little
# below it. With eight beams the search still misses the most probable sentence in 21 to 47 cases of 100. The codes are
# obeyed: 95 % or more of the texts fit theirs; of English praise and complaint, the hardest, 80 to 100 %.
#
# With every seed four beams find more probable texts than greedy, by about 0.1 to 0.2 nats a word. Nothing guarantees
# that: 160 words are a long way, and what greedy would have said can fall out of the beam, pushed out by a circle that
# is cheaper at first. A heuristic promises nothing, not even to be better than greedy.

# %% [markdown]
# ## Repair: dice that are loaded
#
# Below is a sampler that somebody made reproducible. Draws are the same every time, as intended; but texts written
# with it are strange, and rolling a die with it shows why. The next cell shows the symptom. Find the cause and repair
# it in place.


# %%
def reproducible_sampler(seed):
    """A choice for `generate` that draws the same text every time."""
    draw = solved("sample")

    def choose(logits, ids):
        generator = torch.Generator().manual_seed(seed)
        return draw(logits, torch.rand(len(logits), generator=generator))

    return choose


# %%
def die(ids, state):
    return torch.zeros(len(ids), 6), []


def thrown(seed):
    [throws] = generate(die, torch.tensor([[0]]), reproducible_sampler(seed), max_length=24, eos=-1)
    return [throw + 1 for throw in throws]


throws = thrown(seed=0)
sides, again, others = len(set(throws)), thrown(seed=0), [thrown(seed) for seed in range(1, 4)]
print(throws)
judge_repair(
    ("The die is fair.", sides > 3, f"In {len(throws)} throws it shows {sides} of its sides."),
    ("The same seed draws the same.", throws == again, f"The second time: {again}."),
    ("Another seed draws something else.", throws not in others, "Three other seeds, and one draws the same."),
)

# %% [markdown]
# <details><summary>What is it?</summary>
#
# The `torch.Generator` is made anew *for every word*, so each word gets the same random number: a lucky one that always
# picks the middle, or an unlucky one that always picks the tail. Make it once, outside `choose`. The relative of this
# bug is a generation loop that calls `torch.manual_seed` for each batch: then all batches are alike. The lesson: look
# at your randomness on a case whose answer you know.
# </details>

# %% [markdown]
# ## In your own words
#
# A friend says: "Just let it write the most probable text." Answer in six to ten sentences: what happens with greedy
# and beam search, why is human text not like that, what do temperature, top-k and top-p each do, and where would you
# search all the same?
#
# Two points: one for why probable is not good (circles, human text, search that is not exact), one for what the three
# knobs do and where search is right.

# %% written [markdown] name="decoding-in-your-own-words" points=2
# Greedy takes the best word each time; what was said makes itself more likely, so the text runs in circles, and beam
# search, which looks for more probable texts, does it as well. It does not find the most probable one for certain
# either: good sentences that begin badly fall out of the beam. Real texts are not the most probable ones: every few
# words are a surprise to the model, since people avoid saying the obvious. So we draw. The temperature divides the
# scores and makes the distribution sharper or flatter; but the tail of a thousand absurd words has some probability
# together, and sooner or later one of them comes. Top-k keeps a fixed number of words, top-p as many as are needed for
# a given probability: few where the next word is clear and many where it is not. Where the source determines the
# answer, as in translation, a small beam is right.
#
# **1 point**: greedy and beam search repeat, *and* human text is not the most probable (or: search errors). **1
# point**: what temperature, top-k and top-p each do, *and* a case for search.

# %% [markdown]
# ## What you have now, and where next
#
# The whole way from scores to a text: drawing, cutting, forbidding, searching, steering. `generate`, `greedy` and
# `beam_search` take any `step`, so they write with every model of this course that can go on from a state.
#
# **Next**: all this time a "word" was whatever stood between two spaces. Chapter 11 asks what a token should be.
#
# *To read on*: Holtzman et al., *The Curious Case of Neural Text Degeneration* (2020); Stahlberg and Byrne, *On NMT
# Search Errors and Model Errors: Cat Got Your Tongue?* (2019); Keskar et al., *CTRL* (2019); Welleck et al., *Neural
# Text Generation with Unlikelihood Training* (2020), on teaching the model itself not to repeat.

# %%
progress("10_decoding")
