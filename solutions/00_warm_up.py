# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 0 · How does a network learn at all?
#
# It makes a guess, measures how wrong the guess was, finds out which of its numbers is to blame, and changes each a
# little. Then it does that again, thousands of times. In this chapter you write every one of these four steps
# yourself. At the end you teach a small **neural network** (신경망) to predict words, and it beats a model that only
# counts them.
#
# You need: Python, matrix products and a little calculus: the **chain rule** (연쇄 법칙). Six exercises, 16 points and
# a paragraph (2 points). About two hours.

# %% setup
import numpy as np
import torch
from torch import nn

from autograder import check, find_exercise, judge, judge_repair, progress, solved
from unrolled.data import village
from unrolled.data.village import lexicon
from unrolled.lab import curves, explorer, panels, recorded, seed_everything, show, train

# %% [markdown]
# ## The problem: two switches, one lamp
#
# A lamp on the stairs has two switches, one below and one above. It is on if exactly one of them is up. Can a model
# learn that from the four possible cases? The simplest is a **linear model** (선형 모델): each switch gets a **weight**
# (가중치), and there is a constant, the **bias** (편향). These are the model's **parameters** (매개변수). No training is
# needed, since algebra gives the best ones at once.
#
# **Predict.** What does the best linear model say in each of the four cases? Write down four numbers.

# %%
switches = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
lamp = np.array([[0.0], [1.0], [1.0], [0.0]])

with_ones = np.hstack([switches, np.ones((4, 1))])  # the bias is the weight of a constant 1
best_weights, *_ = np.linalg.lstsq(with_ones, lamp, rcond=None)
best_guess = with_ones @ best_weights
for (below, above), truth, guess in zip(switches, lamp[:, 0], best_guess[:, 0], strict=True):
    print(f"switches {below:g} {above:g}: lamp {truth:g}, best linear model {guess:.2f}")

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# One half, four times: the *best* it can do is to say nothing. Raising one switch must turn the lamp on if the other is
# down, and off if the other is up. A weight can only pull in one direction. This function has a name: exclusive or,
# **XOR**.
# </details>

# %% [markdown]
# ## The idea: layers, with a bend between them
#
# Use two **layers** (층): the first makes a few new **features** (특성) of the switches, the second decides by these. But
# two linear layers in a row are no better than one. Their matrices can be multiplied out beforehand:

# %%
rng = np.random.default_rng(0)
w1, w2 = rng.normal(size=(7, 2)), rng.normal(size=(1, 7))
two_layers = switches @ w1.T @ w2.T
one_layer = switches @ (w2 @ w1).T
print("two linear layers and one, largest difference:", f"{abs(two_layers - one_layer).max():.0e}")

# %% [markdown]
# Something must stand between them that is *not* linear: an **activation function** (활성화 함수), applied to each value
# on its own. A gentle bend is enough, such as $\tanh$, which is nearly straight around 0 and levels off at ±1.
#
# $$\text{hidden} = \tanh(W_1 x + b_1) \qquad \text{outputs} = W_2\,\text{hidden} + b_2$$
#
# This is a **multilayer perceptron** (다층 퍼셉트론) with one **hidden layer** (은닉층), and the rest of the course is
# made of it. Now, where do the weights come from? Before we can answer, we need words for the axes of our arrays.

# %% [markdown]
# ## Shapes, and a trap
#
# We never compute one example at a time, but a whole **batch** (배치). Four examples with two features are an array of
# shape `(4, 2)`, and one product handles all. If shapes differ, NumPy and torch line them up **from the right** and
# stretch axes of length 1. That is **broadcasting** (브로드캐스팅). It adds a bias `(7,)` to each row of `(4, 7)`, and
# it can betray you.

# %%
guesses = np.array([[0.0], [1.0], [1.0], [0.0]])  # perfect, shape (4, 1)
truths = lamp[:, 0]  # shape (4,)
wrong_error = ((guesses - truths) ** 2).mean()
right_error = ((guesses - truths[:, None]) ** 2).mean()
print(
    "perfect guesses, mean squared error:",
    wrong_error,
    "from an array of",
    (guesses - truths).shape,
)
print("with the axis put back, [:, None]:  ", right_error)

# %% [markdown]
# `(4, 1)` against `(4,)`, lined up from the right, is `(4, 1)` against `(1, 4)`: every guess was compared with every
# truth. Nothing complained. So we name our axes, always in the same words. Here they are for the whole course; come
# back to this table when you need it.
#
# | name | what the axis counts | first in |
# |---|---|---|
# | `batch` | examples that are computed together | 0 |
# | `feature` | numbers that describe one input | 0 |
# | `hidden` | units of a hidden layer, or of a recurrent state | 0 |
# | `output` | numbers that come out for one example | 0 |
# | `vocabulary` | different words (tokens), or classes to choose from | 0 |
# | `d_model` | numbers in the vector of one word | 0 |
# | `time` | steps of a sequence, places in a sentence | 1 |
# | `source`, `target` (time) | places in the sentence that is read, in the one that is written | 3 |
# | `query`, `key` | places that look, and places that are looked at | 4, 5 |
# | `heads`, `d_k` | attention heads, and the size of the vectors in one of them | 5 |
#
# | symbol | meaning |
# |---|---|
# | $x$, $y$ | an input, and the right answer (in code: `targets`) |
# | $W$, $b$ | weights `(output, feature)`, as in torch, and biases |
# | $h$, $c$ | a hidden state, and the cell state of an LSTM |
# | $L$, $\partial L/\partial W$, $\eta$ | the loss, its gradient, the learning rate |
# | $p(w \mid \ldots)$, $\log$ | a probability, and the *natural* logarithm: losses are in nats |
# | $V$, $T$, $t$ | size of the vocabulary, length of a sequence, one of its steps |
# | $Q$, $K$, $V$ | queries, keys and values; there $V$ is a matrix |
#
# Some letters have a second meaning that papers have made too common to change; the chapter says so where it begins:
# $c$ (4), $h$ (5), $T$ (10), $z$ (2, then 12 and 13), and $\varepsilon$, which is a small number (6, 9) or noise (12).
# $W$ is always `(output, feature)`. Where the rows of a matrix are words, the product is $X W^\top$, which is what
# `nn.Linear` computes; many papers write $x W$, with $W$ transposed.
#
# The batch always comes first, then time, then features. A **mask** (마스크) is `True`
# where one *may* look.

# %% [markdown]
# ## How the course works: get it wrong first
#
# A network that chooses among words gives each a score, any number at all: its **logit** (로짓). We want probabilities.
# The **softmax** (소프트맥스) makes each score positive, and divides by the sum:
#
# $$p_i = \frac{e^{x_i}}{\sum_j e^{x_j}}$$
#
# You write the code, `check` tells you what it is worth. Below is an answer that is wrong on purpose. The judge, which
# is what `check` asks, does not only compare. It knows typical mistakes and looks for the one that behaves the same.


# %%
def wrong_softmax(x, dim=-1):
    exponentials = x.exp()
    return exponentials / exponentials.sum()


wrong_verdict = judge(find_exercise("softmax"), wrong_softmax)
print(f"{wrong_verdict.outcome}, {wrong_verdict.points:g} of {wrong_verdict.max_points:g} points")
print(wrong_verdict.message)

# %% [markdown]
# Two mistakes, and it found both. The second is about shape: the sum should run along one axis, so that *each row* adds
# up to 1. The first is about size. A computer's numbers end somewhere:

# %%
scores = torch.tensor([1000.0, 999.0])
print("exp:", scores.exp(), " naive softmax:", scores.exp() / scores.exp().sum())
lowered = scores - scores.max()
print("after subtracting the largest:", lowered.exp() / lowered.exp().sum())

# %% [markdown]
# Infinity divided by infinity is no number. But subtracting the same $c$ from all scores of a row multiplies numerator
# and denominator by the same $e^{-c}$, so it changes nothing, and with $c$ the largest score no exponential exceeds 1.

# %% [markdown]
# ### Exercise 0.1 — softmax, for scores of any size · 3 points · ~10 min
#
# Start with the two wrong lines above: put them into the cell below, run both cells and read the verdict. Then repair
# one thing at a time and check after each. Points come in parts; you see which cases are right already.
#
# <details><summary>Hint</summary>
#
# `x.sum(dim=…, keepdim=True)` leaves the axis in place with length 1, so that it lines up with `x`. `x.amax` takes
# the same arguments.
# </details>

# %% exercise
from unrolled.losses import softmax

# %% check
check(softmax)

# %% [markdown]
# ## How wrong? One number
#
# Learning needs one number to make smaller: the **loss** (손실). It is computed by a **loss function** (손실 함수). For
# the lamp, the **mean squared error** (평균 제곱 오차) will do. For a choice among classes there is something better: look
# at the probability $p$ that the model gave to the *right* class, and take $-\log p$. This is the **cross-entropy**
# (교차 엔트로피). Compare the two where it matters, on the left.

# %% picture
# The two losses over the probability of the right class
p = torch.linspace(0.005, 1, 200)
show(
    curves(
        {"cross-entropy, −log p": (p, -p.log()), "squared error, (1 − p)²": (p, (1 - p) ** 2)},
        title="Sure and wrong: only the cross-entropy minds",
        x_label="probability of the right class",
        y_label="loss",
    ),
    alt="Two falling curves over the probability of the right class: near 0 the cross-entropy shoots up, the squared error stays below 1.",
)

# %% [markdown]
# A model that gave the truth one chance in a million loses 13.8 by the cross-entropy, and less than 1 by this
# squared error. There is another reason. Through the softmax, the derivative of the cross-entropy with respect to the
# scores is as simple as can be: **probabilities minus truth**. torch's **automatic differentiation** (자동 미분), called
# autograd, confirms it:

# %%
softmax_now = solved("softmax")
logits = torch.tensor([2.0, 0.0, -1.0], requires_grad=True)
(-softmax_now(logits)[1].log()).backward()  # class 1 would have been right
p_minus_y = softmax_now(logits.detach()) - torch.tensor([0.0, 1.0, 0.0])
print("derivative:  ", logits.grad)
print("p minus truth:", p_minus_y)

# %% [markdown]
# ### Exercise 0.2 — cross-entropy from scores · 3 points · ~15 min
#
# Average $-\log p(\text{target})$ over the batch. Do not go through the softmax: where $p$ is too small for a computer
# it is 0, and $\log 0$ is $-\infty$. (`log_softmax` is allowed.) Take the logarithm
# on paper first:
#
# $$\log p_i = x_i - \log \sum_j e^{x_j}$$
#
# <details><summary>Hint</summary>
#
# `torch.logsumexp` is the stable form of the second term. To pick one entry from each row, look at `gather`, or index
# with two lists: one of rows, one of columns.
# </details>

# %% exercise
from unrolled.losses import cross_entropy

# %% check
check(cross_entropy)

# %% [markdown]
# ## Downhill
#
# The loss is a landscape over the weights. Its **gradient** (기울기) points straight uphill; so step the other way, by a
# **learning rate** (학습률) $\eta$ times the gradient: $\;W \leftarrow W - \eta\,\partial L/\partial W$. This is
# **gradient descent** (경사 하강법). Everything depends on $\eta$. Below, a valley that is ten times steeper across than
# along.


# %%
def descend(learning_rate, steps=40):
    """Gradient descent on L = (x² + 10 y²) / 2, whose gradient is (x, 10 y); all places visited."""
    places = [np.array([-4.0, 1.0])]
    for _ in range(steps):
        x, y = places[-1]
        places.append(places[-1] - learning_rate * np.array([x, 10 * y]))
    return np.array(places)


# %% [markdown]
# Move the slider. Where does it begin to zigzag, and where does it fly off?


# %% picture
# Gradient descent in the valley, with a slider for the learning rate
def draw_descent(learning_rate=0.18):
    places = descend(learning_rate)
    losses = (places[:, 0] ** 2 + 10 * places[:, 1] ** 2) / 2
    word = "flies off" if losses[-1] > losses[0] else "zigzags" if learning_rate > 0.1 else "glides"
    figure, (valley, curve) = panels(1, 2, size=(8.0, 3.0))
    x, y = np.meshgrid(np.linspace(-5, 5, 80), np.linspace(-2, 2, 80))
    valley.contour(x, y, (x**2 + 10 * y**2) / 2, levels=8, linewidths=0.6)
    valley.plot(*places.T, "o-", markersize=3, linewidth=1.2)
    valley.set(xlim=(-5, 5), ylim=(-2, 2), xlabel="first weight", ylabel="second weight")
    valley.set_title(f"Learning rate {learning_rate:g}: it {word}")
    curves({"loss": losses}, title=f"After 40 steps: {losses[-1]:.2g}", log=True, axes=curve)
    return figure


explorer(
    draw_descent,
    learning_rate=(0.01, 0.22, 0.01),
    alt=lambda learning_rate: (
        f"Left: the path of gradient descent in a narrow valley with learning rate {learning_rate:g}. Right: its loss."
    ),
)

# %% [markdown]
# Across the valley each step multiplies the place by $1 - 10\,\eta$. Above $\eta = 0.1$ that is negative: the path
# zigzags. Above $\eta = 0.2$ it is below −1, and every step lands farther out on the other side. Along the valley the
# same $\eta$ is timid. One learning rate for slopes of all kinds: that is the trouble that **optimisers** (옵티마이저)
# such as Adam try to soften.

# %% [markdown]
# ## Who is to blame? Backpropagation
#
# We need the derivative of the loss for *every* weight. The chain rule does it, walked from the end to the start: that
# is **backpropagation** (역전파). Write $d_z$ for $\partial L/\partial z$. With the mean of squares over all $N$ values:
#
# - at the outputs: $\;d_\text{outputs} = \frac{2}{N}(\text{outputs} - \text{targets})$
# - back through a layer: what reaches its input is $\;d_\text{outputs}\,W_2$
# - back through the activation function: times $\tanh'$, which is $\;1 - \text{hidden}^2$, written with its own value
# - for each weight: what came in, times what came back; for each bias: what came back. Sum over the batch.

# %% [markdown]
# ### Exercise 0.3 — backpropagation by hand · 4 points · ~25 min
#
# In NumPy, without autograd. First compute the hidden layer and the outputs, then go back. Half of the points are for
# the second layer (`w2`, `b2`): begin there. What you are handed stays as it was; the step is taken later.
#
# <details><summary>Hint</summary>
#
# A gradient has the shape of what it is for. `w2` is `(output, hidden)`; you have `d_outputs`, `(batch, output)`, and
# `hidden`, `(batch, hidden)`. There is one product of the two (one of them transposed) that has the right shape, and it
# sums over the batch by itself.
# </details>

# %% exercise
from unrolled.backpropagation import mlp_gradients

# %% check
check(mlp_gradients)

# %% [markdown]
# Now the lamp. Four **hidden units** (은닉 유닛), random weights to begin with, and plain gradient descent. These five
# lines of a loop are what "training" means; all that comes later is the same with more weights.

# %%
gradients_now = solved("mlp_gradients")
rng = np.random.default_rng(1)
weights = {
    "w1": rng.normal(size=(4, 2)), "b1": np.zeros(4), "w2": rng.normal(size=(1, 4)), "b2": np.zeros(1)
}  # fmt: skip


def answer(x):
    return np.tanh(x @ weights["w1"].T + weights["b1"]) @ weights["w2"].T + weights["b2"]


lamp_losses = []
for _ in range(400):
    lamp_losses.append(((answer(switches) - lamp) ** 2).mean())
    for name, gradient in gradients_now(switches, lamp, **weights).items():
        weights[name] = weights[name] - 0.1 * gradient
print("after training:", answer(switches)[:, 0].round(2), " truth:", lamp[:, 0])

# %% picture
# The trained network's answer over the plane of both switches, and its loss
figure, (plane, curve) = panels(1, 2, size=(8.0, 3.0))
side = np.linspace(-0.5, 1.5, 60)
grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
extent = (-0.5, 1.5, -0.5, 1.5)
plane.imshow(answer(grid).reshape(60, 60), origin="lower", extent=extent, vmin=-0.2, vmax=1.2)
for (below, above), on in zip(switches, lamp[:, 0], strict=True):
    plane.text(
        below, above, "on" if on else "off", ha="center", bbox={"facecolor": "white"}, color="black"
    )
plane.set(title="The bend lets it cut twice", xlabel="switch below", ylabel="switch above")
plane.grid(visible=False)
curves({"loss": lamp_losses}, title="The loss falls below any line's", axes=curve)
curve.axhline(0.25, linestyle=":", color="gray")
show(
    figure,
    alt="Left: the network's answer over the plane of both switches, a dark diagonal band with the two corners that are off, bright on both sides of it. Right: the loss falls from 0.4 to almost 0, through the dotted line at 0.25.",
)

# %% [markdown]
# The dotted line at 0.25 is the best that any linear model can reach. The network lays a dark band across the plane:
# off inside, on at both sides.

# %% [markdown]
# ## The same in torch
#
# Nobody derives gradients by hand for a hundred layers. torch writes down every operation on the way forward, and
# walks the notes backwards: `loss.backward()` is your exercise for any network. It leaves the gradient of each weight
# in its `.grad`.

# %%
network = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1)).double()
first, _, second = network
loss = nn.functional.mse_loss(network(torch.tensor(switches)), torch.tensor(lamp))
loss.backward()

parameters = {"w1": first.weight, "b1": first.bias, "w2": second.weight, "b2": second.bias}
by_hand = gradients_now(switches, lamp, **{k: v.detach().numpy() for k, v in parameters.items()})
autograd_gap = max(abs(by_hand[k] - v.grad.numpy()).max() for k, v in parameters.items())
print(f"by hand and by autograd, largest difference: {autograd_gap:.0e}")

# %% [markdown]
# ## Repair: a step that grows
#
# Here is the usual training loop, with torch's optimiser. It runs, and with luck the loss even falls. But it has a bug
# that everybody writes once. The second cell shows the symptom: ten tiny steps, all with nearly the same gradient,
# should move a weight by ten times one step. Find the cause and repair it in place.


# %%
def fit(model, x, y, steps, learning_rate):
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    losses = []
    for _ in range(steps):
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# %%
def symptom(fit):
    """How many steps' worth of way ten tiny steps make, and the losses of a real training."""
    seed_everything(0)
    x, model = torch.randn(64, 3), nn.Linear(3, 1)
    y = x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.1 * torch.randn(64, 1)
    before = model.weight.detach().clone()
    one_step = 1e-5 * torch.autograd.grad(nn.functional.mse_loss(model(x), y), model.weight)[0]
    fit(model, x, y, steps=10, learning_rate=1e-5)
    way = (before - model.weight).norm() / one_step.norm()
    return way.item(), fit(nn.Linear(3, 1), x, y, steps=60, learning_rate=0.1)


way, fit_losses = symptom(fit)
judge_repair(
    ("The steps do not grow.", way < 11, f"Ten steps went as far as {way:.0f} should."),
    ("No step is lost.", way > 9, f"Ten steps went only as far as {way:.0f} should."),
)

# %% picture
# The loss over 60 steps of this loop
title = "With the bug the loss swings" if way > 11 else "Repaired, the loss falls and stays down"
show(curves({"loss": fit_losses}, title=title, log=True), alt=f"Loss over 60 steps. {title}.")

# %% [markdown]
# <details><summary>What is it?</summary>
#
# `backward()` *adds* to `.grad`; it does not replace what is there. So the second step goes along the sum of two
# gradients, the tenth along the sum of ten: 1 + 2 + … + 10 = 55. The loop lacks `optimizer.zero_grad()`. That torch
# adds is useful (a large batch in several parts), but one has to clear away first. And the lesson: a loss that falls
# for a while is no proof of a correct loop.
# </details>

# %% [markdown]
# ## Words become vectors
#
# A network computes with numbers, and words are not numbers. So number them: the village's *fox* may be 17. But 17 is
# not "more" than 16; the number is only a name. So each word gets a whole vector, a row of a table, and the table is
# learnt by gradient descent like any other weight. Such a vector is an **embedding** (임베딩).
#
# Multiplying the table by a **one-hot vector** (원-핫 벡터), 0 everywhere and 1 at the word's number, picks the same row.
# So an embedding is a linear layer that skips the multiplications by 0:

# %%
table = torch.arange(10.0).view(5, 2)
one_hot = torch.tensor([0.0, 0.0, 0.0, 1.0, 0.0])
print("one-hot times table:", one_hot @ table, " row 3:", table[3])

# %% [markdown]
# ### Exercise 0.4 — embed · 1 point · ~5 min
#
# Look up the vectors of many words at once. `ids` may have any shape: one sentence, a batch of many or of one.
#
# <details><summary>Hint</summary>
#
# `table[3]` is one row. What may stand between the brackets instead of one number, and which shape comes out then?
# </details>

# %% exercise
from unrolled.embedding import embed

# %% check
check(embed)

# %% [markdown]
# ## A model that only counts
#
# Now to language. 나는 너를 매우 … (*I … you so much*): what comes next? A **language model** (언어 모델) gives each word a
# probability to be the next. The oldest way is to count: how often did each word follow these words? With $n-1$ words
# of **context** (문맥) it is called an **n-gram** (n-그램) model.
#
# $$p(w \mid \text{context}) = \frac{\text{count}(\text{context}, w) + \alpha}{\text{count}(\text{context}) + \alpha V}$$
#
# Why $\alpha$? A word that never followed this context would have probability 0, and one such word makes a whole text
# impossible. So each of the $V$ words of the **vocabulary** (어휘) is counted $\alpha$ times in advance, which is called
# **smoothing** (평활화). Here is what we count in:


# %%
def story_words(n, split, seed=0):
    """The words of n stories of the village, each story closed by <eos>."""
    return [[*village.tokens(s), "<eos>"] for s in village.stories(n, split=split, seed=seed)]


def numbered(stories, vocabulary):
    return [number for story in stories for number in vocabulary.encode(story)]


train_stories, test_stories = story_words(2000, "train"), story_words(200, "test")
vocabulary = village.Vocabulary(train_stories)
train_ids, test_ids = numbered(train_stories, vocabulary), numbered(test_stories, vocabulary)
print(
    f"{len(train_ids):,} words to learn from, {len(test_ids):,} to test on, {len(vocabulary)} different"
)
print(" ".join(train_stories[0][:22]), "…")

# %% [markdown]
# ### Exercise 0.5 — an n-gram model · 4 points · ~25 min
#
# Count once, and return a function that answers. `model(context)` gets the $n-1$ numbers before, as a tuple, and
# returns the probabilities of all next words. For $n = 1$ the context is the empty tuple `()`. The last group of cases
# has contexts that never occurred. Read the text only once, before anybody asks, and keep only contexts that occur:
# with a thousand words and $n = 5$, a table of all would not fit into any memory.
#
# <details><summary>Hint</summary>
#
# A dictionary from contexts to rows of counts, `torch.zeros(vocabulary)`. It takes tuples as contexts, but no lists.
# A text of $T$ words has $T - n + 1$ n-grams. Divide by the sum of the row that you return, then it adds up to 1 by
# itself. `counts.get(context, …)` helps with contexts that are not there.
# </details>

# %% exercise
from unrolled.ngram import ngram_model

# %% check
check(ngram_model)

# %% [markdown]
# Let the models write. Each draws the next word from its probabilities, given the last $n - 1$ of its own words. Here
# $\alpha$ is next to nothing, or else they would soon draw a word they have never seen in this place, and be lost.

# %%
ngram_now = solved("ngram_model")


def write(model, n, words=30, seed=3):
    generator, ids = torch.Generator().manual_seed(seed), train_ids[:4]
    for _ in range(words):
        probabilities = model(tuple(ids[len(ids) - n + 1 :]))
        ids = [*ids, torch.multinomial(probabilities, 1, generator=generator).item()]
    return " ".join(vocabulary.decode(ids))


for n in (1, 2, 3):
    writer = ngram_now(train_ids, n, len(vocabulary), 1e-6)
    print(f"n = {n}: {write(writer, n)}\n")

# %% [markdown]
# Word salad, then word pairs that fit, then pieces of sentences. Two words later it has forgotten who the story is
# about. But how much better is one than the other, in one number?

# %% [markdown]
# ## How many words does it hesitate between?
#
# Take words that the model has not seen, and average $-\log p$ over them: the cross-entropy again. To get a number that
# one can picture, undo the logarithm. **Perplexity** (퍼플렉서티) is $e^{\text{cross-entropy}}$. A die with six faces has
# perplexity 6; a model with perplexity 10 is, on average, as unsure as a choice among ten equally likely words.

# %% [markdown]
# ### Exercise 0.6 — perplexity · 1 point · ~5 min
#
# You get the log-probabilities of the words that really came, as a list with one tensor for each text. Every word
# counts the same, whichever text it stands in. A text may be empty, or 2,000 words long. Return a tensor of one number.
#
# <details><summary>Hint</summary>
#
# `torch.cat` joins tensors end to end. The mean comes first, the exponential last.
# </details>

# %% exercise
from unrolled.ngram import perplexity

# %% check
check(perplexity)

# %% [markdown]
# **Predict.** We measure n-grams with $n$ from 1 to 5, on words they were trained on and on new ones. The more context
# the better? Sketch both curves before you run the cell.

# %%
perplexity_now = solved("perplexity")
counted = {n: ngram_now(train_ids, n, len(vocabulary), 0.001) for n in (1, 2, 3, 4, 5)}


def surprise(model, n, ids):
    """log p of every word but the first four, so that all n are measured on the same words."""
    return torch.stack([model(tuple(ids[t - n + 1 : t]))[ids[t]] for t in range(4, len(ids))]).log()


def perplexities(ids):
    return {n: perplexity_now([surprise(model, n, ids)]).item() for n, model in counted.items()}


on_seen, on_new = perplexities(train_ids[: len(test_ids)]), perplexities(test_ids)
print("new words: ", {n: round(value, 1) for n, value in on_new.items()})
print("seen words:", {n: round(value, 1) for n, value in on_seen.items()})

# %% picture
# Perplexity over n, on words seen in training and on new ones
lines = {"words seen in training": on_seen, "new words": on_new}
figure = curves(
    {name: (list(values), list(values.values())) for name, values in lines.items()},
    title="More context helps, until it has never been seen",
    x_label="n",
    y_label="perplexity per word",
    log=True,
)
figure.axes[0].set_xticks(list(counted))
show(
    figure,
    alt="Perplexity over n on a logarithmic axis: on seen words it falls all the way, on new words it falls until 3 and then rises.",
)

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# On seen words it falls all the way; with $n = 5$ the model hesitates between two or three words. On new words three is
# best. Of the contexts of four words there, one in nine has never occurred in training, and one in six only once to
# three times: too rarely to count. The model has learnt by heart what is particular to its text: **overfitting**
# (과적합).
# </details>

# %% [markdown]
# ## The experiment: a network against counting
#
# Counting treats *the fox slept* and *the dog slept* as strangers. A network need not: if both animals have similar
# vectors, what it learns of one holds for the other. So give it the same few words of context and put together all
# you have built: embeddings, two layers with an activation function, cross-entropy, gradient descent. (Bengio and
# others did it in 2003.)

# %%
embed_now, loss_now = solved("embed"), solved("cross_entropy")


class WindowModel(nn.Module):
    """Scores for the next word from the last few: embed, lay end to end, mix, bend, score."""

    def __init__(self, words, window, d_model=32, hidden=128):
        super().__init__()
        self.table = nn.Parameter(0.1 * torch.randn(words, d_model))
        self.mix = nn.Linear(window * d_model, hidden)
        self.score = nn.Linear(hidden, words)

    def forward(self, ids):  # (batch, window)
        vectors = embed_now(self.table, ids)  # (batch, window, d_model)
        return self.score(torch.tanh(self.mix(vectors.flatten(1))))


# %% [markdown]
# `train` is the course's training loop (`unrolled.lab.training` — read it, it is short). Each step takes its gradient
# from 256 examples drawn at random, a **minibatch** (미니배치): this is **stochastic gradient descent** (확률적 경사 하강법). So
# many steps that every example has had its turn are an **epoch** (에포크). The optimiser is a relative with a learning
# rate of its own for each weight, AdamW. `experiment` draws stories from its seed, the **training set** (훈련 세트),
# counts, trains two networks, and measures all on the same stories that none of them has seen, the **test set**
# (테스트 세트).


# %%
def train_window(window, ids, words, seed, preset):
    seed_everything(seed)
    model, ids = WindowModel(words, window), torch.tensor(ids)

    def batches(generator, size=256):
        starts = torch.randint(len(ids) - window, (size,), generator=generator)
        return ids[starts[:, None] + torch.arange(window + 1)]

    def loss(model, batch):
        return loss_now(model(batch[:, :-1]), batch[:, -1])

    history = train(model, batches, loss, steps=1000, learning_rate=3e-3, preset=preset, seed=seed)
    return model, history


@torch.no_grad()
def window_surprise(model, window, ids):
    pieces = torch.tensor(ids).unfold(0, window + 1, 1)[4 - window :]  # from the fifth word on
    log_probabilities = model(pieces[:, :-1]).log_softmax(-1)
    return log_probabilities.gather(1, pieces[:, -1:])[:, 0]


# %%
def experiment(seed, preset="auto"):
    """Perplexity per word on the test stories; the models; the histories of the networks."""
    stories = story_words(2000, "train", seed)
    words = village.Vocabulary(stories)
    seen, new = numbered(stories, words), numbered(test_stories, words)
    results, models, histories = {}, {}, {}
    for n in (1, 2, 3, 4, 5):
        model = ngram_now(seen, n, len(words), 0.001)
        results[f"{n}-gram"] = perplexity_now([surprise(model, n, new)]).item()
    for window in (2, 4):
        name = f"network, {window} words"
        models[name], histories[name] = train_window(window, seen, len(words), seed, preset)
        results[name] = perplexity_now([window_surprise(models[name], window, new)]).item()
    return results, models, histories


def summarize(result):
    """What is written down of an experiment: the perplexity of each model on the test stories."""
    return {"perplexity": result[0]}


result = experiment(seed=0)
test_perplexity, models, histories = result

# %% picture
# The loss of both networks in training
show(
    curves(
        {name: history.losses for name, history in histories.items()},
        title="Four words of context take the network further than two",
        smooth=20,
    ),
    alt="Two falling loss curves over 1000 steps; the network with four words of context ends lower than the one with two.",
)

# %%
runs = recorded("00_warm_up")
print("perplexity per word of the test stories     live, and recorded for three seeds")
for name, value in test_perplexity.items():
    values = [run["perplexity"][name] for run in runs["seeds"].values()]
    print(f"{name:18} {value:30.2f}        " + "  ".join(f"{v:.2f}" for v in values))

# %% [markdown]
# Compare models that see the same words. With two words of context (3-gram) the network is a little ahead. With four
# (5-gram) counting gets worse, and the network gets *better*: it need not have seen a context, only similar ones. It
# pays in time: counting is done in one pass over the text, the network made a thousand steps.
#
# The **baseline** (베이스라인) that later chapters must beat, per word of the test stories: 96 for $n = 1$, 7.5 for
# $n = 2$, 5.3 for $n = 3$.
#
# Did we cheat counting with a poor α? It is a **hyperparameter** (하이퍼파라미터), a number that is chosen and not learnt,
# and it was 0.001 for all. Here are other values. Not on the test stories: to choose there is to look at the
# answers. A third set of stories, the **validation set** (검증 세트), is there to choose with; the network's learning
# rate was chosen on it as well.

# %%
validation_ids = numbered(story_words(200, "validation"), vocabulary)
by_alpha = {
    (n, alpha): perplexity_now(
        [surprise(ngram_now(train_ids, n, len(vocabulary), alpha), n, validation_ids)]
    ).item()
    for n in (3, 5)
    for alpha in (1.0, 0.1, 0.01, 0.001, 0.0001)
}
for n in (3, 5):
    print(
        f"{n}-gram:", {alpha: round(value, 1) for (m, alpha), value in by_alpha.items() if m == n}
    )

# %% [markdown]
# No: of these it is the best at $n = 5$; at $n = 3$ only 0.01 is better, by less than 1%. Adding 1, the textbook's
# first proposal, is about 2.7 times worse at $n = 3$.
#
# What did the network's table learn? It was given no list of names or places. We ask which words have the most similar
# vectors, by the angle between them, or rather its cosine, the **cosine similarity** (코사인 유사도): first for a few words,
# then for all names, people and places that occur at least 30 times, how many of their four nearest neighbours are of
# their own kind.

# %%
vectors = models["network, 4 words"].table.detach().cpu()
vectors = vectors / vectors.norm(dim=1, keepdim=True)


def neighbours(word, how_many=4):
    likeness = vectors @ vectors[vocabulary.ids[word]]
    return vocabulary.decode(likeness.topk(how_many + 1).indices[1:].tolist())


for word in ("sujin", "farmer", "library", "two", "bear"):
    print(f"{word:8} →", *neighbours(word))

kinds = {"names": lexicon.NAMES, "people": lexicon.PEOPLE, "places": lexicon.PLACES}
own_kind, by_chance = {}, {}
for kind, nouns in kinds.items():
    members = {noun.english.lower() for noun in nouns} & set(vocabulary.words)
    common = [word for word in sorted(members) if train_ids.count(vocabulary.ids[word]) >= 30]
    found = [near in members for word in common for near in neighbours(word)]
    own_kind[kind], by_chance[kind] = sum(found) / len(found), len(members) / len(vocabulary)
    print(f"{kind}: {own_kind[kind]:.0%} of the neighbours, by chance {by_chance[kind]:.0%}")

# %% [markdown]
# Names stand beside names nearly always, people beside people in more than four cases of five, and places beside places
# in about four of five. Whatever can stand in the same contexts gets similar vectors. About *bear*, which occurs four
# times in 2,000 stories, it has learnt next to nothing. Similar vectors are what lets the network treat an unseen
# context like a seen one.

# %% [markdown]
# ## Claims, checked
#
# > *"The model with the lower perplexity is the better one."*
#
# You find perplexities compared everywhere, across papers and models. Here is a way to lower it that needs no learning.
# Words that occurred fewer than so many times are replaced by `<unk>`, in training and in the test, as many papers did.
# The model is always the same 2-gram.

# %%
cheated = {}
for at_least in (1, 300, 1000, 3000, 100_000):
    small = village.Vocabulary(train_stories, minimum_count=at_least)
    model = ngram_now(numbered(train_stories, small), 2, len(small), 0.001)
    cheated[at_least] = perplexity_now([surprise(model, 2, numbered(test_stories, small))]).item()
    print(
        f"words that occur at least {at_least:7,} times: {len(small):3} in the vocabulary, perplexity {cheated[at_least]:.2f}"
    )

# %% [markdown]
# **True only if** both models predict the same words of the same text. In the last line every word is `<unk>`, and the
# model is sure of it: a perplexity near 1 (only where a story ends it is not sure), and it knows no word at all. The
# same holds for characters against words, and for two ways of cutting words into pieces (chapter 11): first ask what is
# being predicted.

# %% [markdown]
# ## In your own words
#
# A friend says: "A network learns because it is told the right answer." Explain in five to eight sentences what happens
# between being told and having learnt. What are the loss, the gradient and the learning rate for? And why can a model
# become better and better on its training text and worse on new text?
#
# Two points: one for the way from the error to the change of a weight (loss, chain rule, a step against the gradient),
# one for why training text and new text come apart.

# %% written [markdown] name="warm_up-in-your-own-words" points=2
# The right answer by itself changes nothing. The network first makes a guess; the loss makes one number of how far the
# guess is from the answer. The chain rule, walked from the loss back to each weight, says by how much the loss would
# change if that weight changed a little: this is the gradient. Then each weight takes a small step against its
# gradient, and the learning rate says how small; too large a step jumps across the valley and may land higher. This is
# repeated many times on different examples. A model with many contexts to count can store its training text almost word
# by word, and there it is sure. New text has contexts it never saw, about which it has stored nothing, so there it gets
# worse.
#
# **1 point**: names the loss, that the gradient says how each weight influences it (chain rule or backpropagation), and
# a small step against it. **1 point**: the model fits what is particular to the training text (rare contexts, by
# heart), which does not help with what it has not seen.

# %% [markdown]
# ## What you have now, and where next
#
# All four steps of learning: a guess, a loss, gradients, a step. Probabilities that do not overflow, vectors for words,
# a baseline, and a number to compare with. What you do not have is a memory: the window of four words forgets the
# fifth, as every n-gram does.
#
# **Next**: chapter 1 builds a network that reads a text of any length, one step at a time.
#
# *To read on*: Rumelhart, Hinton and Williams, *Learning representations by back-propagating errors* (1986); Bengio,
# Ducharme, Vincent and Janvin, *A Neural Probabilistic Language Model* (2003); Jurafsky and Martin, *Speech and
# Language Processing*, chapter 3.

# %%
progress("00_warm_up")
