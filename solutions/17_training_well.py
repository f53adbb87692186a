# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 17 · Why does it not learn?
#
# A model can be right in every line and still learn nothing. The learning rate is too high by far, the first weights
# are too large, a batch is counted wrongly: no error appears, and the loss does not fall. This chapter is about the
# numbers that you choose and the network does not learn. You will see what each of them does, find a good rate in one
# short run, and let a program search for the rest.
#
# You need: chapters 0, 6 and 8. Eight exercises, 23 points and a paragraph (2 points). About three and a half hours.

# %% setup
import copy
import math
import tempfile
import time
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from autograder import check, judge_repair, progress, solved
from unrolled.data import village
from unrolled.data.digits import digits
from unrolled.gpt import GPT, GPTConfig
from unrolled.lab import curves, explorer, panels, recorded, seed_everything, show, train
from unrolled.lab import preset as preset_of
from unrolled.optimizers import AdamW, Momentum
from unrolled.rate_finder import range_test
from unrolled.search import search

# %% [markdown]
# ## The problem: a right model and four bad settings
#
# Here is chapter 8's GPT, made very small: one block, 32 numbers per word. It reads the first 32 words of the village's
# stories and predicts each next word. We train it five times for 60 steps. Once everything is well chosen; four times a
# single setting is not.

# %%
WORDS = 32
COUNTS = {"train": 800, "validation": 200, "test": 200}
texts = {
    split: [village.tokens(story)[:WORDS] for story in village.stories(count, split=split)]
    for split, count in COUNTS.items()
}
vocabulary = village.Vocabulary(texts["train"])
stories = {
    split: torch.tensor([vocabulary.encode(text) for text in of_split if len(text) == WORDS])
    for split, of_split in texts.items()
}
guessing = math.log(len(vocabulary))
print({split: len(ids) for split, ids in stories.items()}, f"stories, {len(vocabulary)} words")
print(f"all words equally probable: a loss of {guessing:.2f} nats")


def tiny_gpt(seed=0, size=1.0):
    """A GPT of one block; its first weights are multiplied by `size`."""
    seed_everything(seed)
    model = GPT(GPTConfig(len(vocabulary), WORDS, d_model=32, heads=4, layers=1, d_ff=128))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter *= size
    return model


def draw(generator, count=16):
    """A batch of stories."""
    return stories["train"][torch.randint(len(stories["train"]), (count,), generator=generator)]


def next_word_loss(model, ids):
    """The mean loss over all words that have one before them."""
    return F.cross_entropy(model(ids)[:, :-1].flatten(0, 1), ids[:, 1:].flatten())


# %%
SETTINGS = {
    "well chosen": {},
    "rate 0.00001": {"rate": 1e-5},
    "rate 1": {"rate": 1.0},
    "first weights × 300": {"size": 300},
    "first weights 0": {"size": 0},
}


def short_run(rate=0.01, size=1.0, steps=60):
    """The losses of one short run."""
    run = train(
        tiny_gpt(size=size), draw, next_word_loss, steps=steps, learning_rate=rate, live=False
    )
    return run.losses


five = {name: short_run(**setting) for name, setting in SETTINGS.items()}
last = {name: sum(losses[-10:]) / 10 for name, losses in five.items()}
print({name: round(loss, 2) for name, loss in last.items()})

# %% picture
# Five losses over 60 steps
figure = curves(
    five,
    title="One model, five settings: only one of them learns",
    y_label="loss, nats per word",
    smooth=3,
    log=True,
)
figure.axes[0].lines[-1].set_linestyle("--")  # it lies on another one
figure.axes[0].axhline(guessing, color="black", linewidth=1, linestyle=":")
figure.axes[0].set_ylim(bottom=0.5)
figure.axes[0].legend(loc="lower left", ncols=2)
show(
    figure,
    alt="Five loss curves on a logarithmic axis, with a dotted line at the loss of guessing. Well chosen falls far below the line; rate 0.00001 and weights 0 stay on it, one over the other; rate 1 climbs to between 50 and 100; weights times 300 start near 100 and are still above 20 in the end.",
)

# %% [markdown]
# The dotted line is the loss of a model that knows nothing. None of the four bad runs gets below it, and yet they
# fail for different reasons. Numbers like these, which are chosen and not learnt, are *hyperparameters*, as in
# chapter 0. We now take them one after the other, the learning rate first.

# %% [markdown]
# ## The learning rate
#
# Take the simplest loss that there is, $\frac12 \lambda w^2$. Its gradient is $\lambda w$, so one step of gradient
# descent with the rate $\eta$ gives
#
# $$w \leftarrow w - \eta \lambda w = (1 - \eta \lambda)\, w$$
#
# Each step multiplies $w$ by the same number. If the rate is tiny, that number is almost 1 and nothing happens. If
# $\eta > 2 / \lambda$, it is below −1, and $w$ grows with every step. In between it works, and best at $1 /
# \lambda$. A network has not one curvature $\lambda$ but as many as it has weights, and nobody knows them. So we try.
#
# The **learning rate finder** (학습률 탐색기, Smith, 2017) tries all rates in *one* run. The rate starts far too low and
# is multiplied by the same factor after each batch, until the loss explodes. Then we look at the loss over the rate.
# While the rate is too low the curve is flat, then it falls, and in the end it shoots up. The rate where it falls
# fastest is a good one to train with.

# %% [markdown]
# ### Exercise 17.1 — read the finder's curve · 3 points · ~25 min
#
# Batches differ in luck, so the losses are smoothed first, by a moving mean that starts at 0. A mean that starts at 0
# is too small in its first steps: it has to be corrected. Then find the steepest fall, per unit of the *logarithm* of
# the rate. The docstring says exactly where the curve ends and which of two rates counts.
#
# <details><summary>Hint</summary>
#
# Work through the losses once and keep three things: the moving mean, the smallest corrected value so far, and a list
# of corrected values. What does a comparison with NaN give? `math.isfinite` knows. The slopes come afterwards: how
# many are there for n values?
# </details>

# %% exercise
from unrolled.rate_finder import suggest_rate

# %% check
check(suggest_rate)

# %% [markdown]
# `range_test` is given. It trains a *copy* of the model with chapter 0's own `train`, whose `schedule` multiplies the
# rate at each step.

# %%
suggest = solved("suggest_rate")
rates, losses = range_test(tiny_gpt(), draw, next_word_loss, low=1e-5, high=10.0, steps=100)
suggested = suggest(rates, losses, beta=0.9)
lowest = rates[losses.index(min(losses))]
print(f"steepest at {suggested:.4f}, smallest loss at {lowest:.3f}")

# %% picture
# The finder's curve
figure = curves(
    {"loss": (rates, losses)},
    title="At the dotted line the smoothed loss falls fastest",
    x_label="learning rate",
    y_label="loss, nats per word",
)
axes = figure.axes[0]
axes.set_xscale("log")
axes.set_ylim(0, 2 * guessing)
axes.axvline(suggested, color="black", linestyle=":")
show(
    figure,
    alt="The loss over the learning rate, on a logarithmic axis: flat near 5.7 up to a rate of about 0.001, then a fall to 4 at about 0.02, a ragged stretch, and a sharp rise just below 1. A dotted line stands at 0.02, where the fall is nearly over.",
)

# %% [markdown]
# One run of a hundred steps, and we have a suggestion. (To the eye the steepest place is a little further left: a
# moving mean lags behind.) Is it any good? We have trained with this rate, and with a hundredth, a tenth and ten times
# of it, for 150 steps each. That is recorded for three seeds, as is everything here that takes longer; the answer comes
# below.

# %% [markdown]
# ## A rate that changes: warm-up and cosine
#
# At first the weights are random, and so their gradients say little about the way; the rate should start low and grow.
# In the end the model circles around its goal, a step to the left, a step to the right; the rate should become small. A
# **cosine schedule** (코사인 스케줄, Loshchilov and Hutter, 2017) does the second: the rate falls along half a wave of the
# cosine. Today it nearly always has chapter 6's warm-up in front, a few steps in which it climbs in a straight line:
#
# $$r(t) = \begin{cases} t / w & t < w \\ f + (1 - f) \cdot \tfrac12 \left(1 + \cos \pi \frac{t - w}{T - w}\right) & t \ge w \end{cases}$$
#
# with $w$ steps of warm-up, $T$ steps in all, and the floor $f$. Steps count from 0, so the first rate is 0 and the
# first batch changes nothing. Chapters 6 and 8 begin with $1/w$ instead; libraries differ here, and now and then
# someone loses an evening over it.

# %% [markdown]
# ### Exercise 17.2 — the cosine schedule · 3 points · ~10 min
#
# `cosine_rate` returns a factor between 0 and 1, which `train` multiplies with the learning rate.
#
# <details><summary>Hint</summary>
#
# First the warm-up, then a share of the way, from 0 to 1. What should that share be after the last step? And what would
# the cosine do there if nobody stopped it?
# </details>

# %% exercise
from unrolled.cosine_schedule import cosine_rate

# %% check
check(cosine_rate)

# %%
cosine = solved("cosine_rate")


def validation_loss(model, split="validation"):
    """The loss on stories that the model has not learnt from."""
    model.eval()
    with torch.no_grad():
        return next_word_loss(model, stories[split]).item()


def final_loss(rate, schedule=None, steps=200, seed=0, preset="auto", draw=draw):
    """The validation loss after training with that rate and schedule."""
    steps *= preset_of(preset).scale
    model = tiny_gpt(seed)
    train(
        model, draw, next_word_loss, steps=steps, learning_rate=rate, clip_norm=1.0, seed=seed, preset=preset,
        schedule=schedule and partial(schedule, steps=steps), live=False,
    )  # fmt: skip
    return validation_loss(model)


warm = partial(cosine, warmup=20)
live_schedule = {"constant": final_loss(suggested), "cosine": final_loss(suggested, warm)}
print({name: round(loss, 3) for name, loss in live_schedule.items()})

# %% picture
# Two schedules
figure = curves(
    {
        "cosine, 30 steps of warm-up": [cosine(step, 300, 30) for step in range(301)],
        "the same, with a floor of 0.1": [cosine(step, 300, 30, 0.1) for step in range(301)],
    },
    title="Up in a straight line, down along a cosine",
    y_label="factor on the rate",
)
show(
    figure,
    alt="Two curves over 300 steps: both rise in a straight line from 0 to 1 within 30 steps and fall along half a cosine, one to 0, the other to 0.1.",
)

# %% [markdown]
# In the live runs the cosine gains little at this rate: both end near 1.3 nats. What three seeds and higher rates say
# stands below.

# %% [markdown]
# ## How large a batch?
#
# The gradient of a batch is an estimate: the mean over a few texts stands for the mean over all. How far is it off?
# We take the model after 40 steps, where it knows a little, and measure the distance between the gradient of a batch
# and that of all stories, as a share of the latter's length.


# %%
def flat_gradient(model, ids):
    """All gradients of the mean loss in one long vector."""
    found = torch.autograd.grad(next_word_loss(model, ids), list(model.parameters()))
    return torch.cat([gradient.flatten() for gradient in found])


learnt_a_little = tiny_gpt()
train(learnt_a_little, draw, next_word_loss, steps=40, learning_rate=0.01, live=False)
whole = flat_gradient(learnt_a_little, stories["train"])
SIZES = [1, 2, 4, 8, 16, 32, 64, 128]
generator = torch.Generator().manual_seed(0)
noise = []
for size in SIZES:
    distances = [
        flat_gradient(learnt_a_little, draw(generator, size)).sub(whole).square().sum()
        for _ in range(12)
    ]
    noise.append((sum(distances) / 12 / whole.square().sum()).sqrt().item())
print({size: round(share, 2) for size, share in zip(SIZES, noise, strict=True)})

# %% picture
# The noise of a batch's gradient over its size
figure = curves(
    {
        "measured": (SIZES, noise),
        "as 1 / √(batch size)": (SIZES, [noise[0] / math.sqrt(size) for size in SIZES]),
    },
    title="Four times the batch, half the noise",
    x_label="stories in a batch",
    y_label="noise / length of the gradient",
    log=True,
)
figure.axes[0].set_xscale("log", base=2)
figure.axes[0].set_xticks(SIZES, [str(size) for size in SIZES])
figure.axes[0].set_yticks([0.5, 1, 2, 4], ["0.5", "1", "2", "4"])
figure.axes[0].yaxis.set_minor_formatter("")
show(
    figure,
    alt="The noise of the gradient over the batch size, both axes logarithmic: the measured line lies close to a straight one that falls by half for every fourfold batch.",
)

# %% [markdown]
# The noise falls with the square root of the batch size, as it does for every mean of independent draws. Four times
# the work halves the noise. That is a bad bargain once the noise is smaller than the gradient. Large models are trained
# with large batches all the same, since many processors can share the work.
#
# But a large batch needs much memory. **Gradient accumulation** (기울기 누적) reads it in pieces, the *micro-batches*: for
# each one compute the gradients, add them up, and make a single step at the end. The gradient of a sum is the sum of
# the gradients, so nothing is lost. In one place many have gone wrong: how to take the *mean*.
#
# ![Three micro-batches of unequal length go through the model one after the other. Each gives a sum of losses and a count. The
# gradients of the sums are added up and the counts are added up; only then is one divided by the other, and one step
# made.](../assets/diagrams/accumulation.svg)
#
# **Predict.** Two texts are two micro-batches: one has 3 words, the other 60. You compute the mean loss of each, and
# then the mean of both. How much more does a word of the short text weigh than a word of the long one?

# %% [markdown]
# ### Exercise 17.3 — accumulate · 4 points · ~20 min
#
# `loss(model, batch)` gives a *sum* of losses and how many there are in it. Return the gradient of the mean over all of
# them together, and keep only one graph in memory at a time.
#
# <details><summary>Hint</summary>
#
# There are two ways: `torch.autograd.grad`, which returns the gradients, or `backward`, which *adds* to `.grad`. If you
# take the second, what may stand in `.grad` beforehand? When are all counts known, so that you can divide?
# </details>

# %% exercise
from unrolled.accumulation import accumulated_gradients

# %% check
check(accumulated_gradients)

# %%
accumulate = solved("accumulated_gradients")


def sum_and_count(model, ids):
    """The sum of the losses of one text, and how many there are."""
    logits = model(ids[None])[0, :-1]
    return F.cross_entropy(logits, ids[1:], reduction="sum"), len(ids) - 1


short_text = stories["train"][7, :4]  # three losses: the first word is not predicted
long_text = torch.tensor(vocabulary.encode(village.tokens(" ".join(village.stories(3)))[:61]))
pieces = [short_text, long_text]
reader = GPT(GPTConfig(len(vocabulary), 64, d_model=32, heads=4, layers=1, d_ff=128))


def gradients_of(value):
    """The gradients of a loss for all weights of the reader."""
    return list(torch.autograd.grad(value, list(reader.parameters())))


(short_sum, short_count), (long_sum, long_count) = (sum_and_count(reader, ids) for ids in pieces)
at_once = gradients_of((short_sum + long_sum) / (short_count + long_count))
means = gradients_of(sum(total / count for total, count in (sum_and_count(reader, ids) for ids in pieces)) / 2)  # fmt: skip
together = accumulate(reader, pieces, sum_and_count)


def apart(some, others):
    """How far two lists of gradients are apart, as a share of the second's length."""
    some, others = (
        torch.cat([gradient.flatten() for gradient in found]) for found in (some, others)
    )
    return ((some - others).norm() / others.norm()).item()


weights_of_a_word = {"short text": 1 / 2 / short_count, "long text": 1 / 2 / long_count}
print(f"counted: {apart(together, at_once):.1e}, mean of means: {apart(means, at_once):.2f}")
print({name: round(weight, 4) for name, weight in weights_of_a_word.items()})

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# In the mean of means each text weighs one half, so a word of the short text has a weight of ½ · ⅓, and a word of the
# long one of ½ · 1/60: twenty times less. So the gradient is a different one altogether: it is off by more than the
# length of the right one here. Counted rightly, accumulation agrees with the large batch but for rounding.
# </details>

# %% [markdown]
# ## The first weights
#
# One of the bad runs began with weights of 0. All words get the same score then, and no gradient gets past a matrix of
# zeros. Another one began with weights that were too large. How large should they be?
#
# A linear layer adds up `fan_in` products. If inputs and weights are independent with mean 0, the variance of the sum
# is `fan_in` times the product of both variances. So a signal keeps its size if the weights have the variance 1 /
# `fan_in`. On the way back the gradient adds up `fan_out` products, and wants 1 / `fan_out`. **Xavier
# initialisation** (자비에르 초기화, Glorot and Bengio, 2010) takes the middle, 2 / (`fan_in` + `fan_out`). A ReLU throws
# half of the signal away, so **Kaiming initialisation** (카이밍 초기화, He et al., 2015) doubles the variance: 2 /
# `fan_in`.
#
# A uniform distribution between −b and b has the variance $b^2 / 3$. So the bounds are
#
# $$b_{\text{xavier}} = \sqrt{\frac{6}{\text{fan\_in} + \text{fan\_out}}}, \qquad b_{\text{kaiming}} = \sqrt{\frac{6}{\text{fan\_in}}}$$

# %% [markdown]
# ### Exercise 17.4 — the first weights · 2 points · ~10 min
#
# You are given uniform numbers between 0 and 1, one for each weight. Stretch and move them, and put them into the shape
# that torch's linear layers have: a row for each output.
#
# <details><summary>Hint</summary>
#
# What should 0 become, what ½, and what 1? A function $u \mapsto a u + c$ is settled by two of these.
# </details>

# %% exercise
from unrolled.initialization import initial_weights

# %% check
check(initial_weights)

# %%
first_weights = solved("initial_weights")
WIDTH, DEPTH = 256, 30


def signal_sizes(weights_of_layer, seed=0):
    """The standard deviation of the values after each of the layers, with a ReLU after each."""
    generator = torch.Generator().manual_seed(seed)
    x, sizes = torch.randn(512, WIDTH, generator=generator), []
    for _ in range(DEPTH):
        x = torch.relu(x @ weights_of_layer(generator).T)
        sizes.append(x.square().mean().sqrt().item())
    return sizes


def uniform_weights(scheme):
    """A function that draws a layer's weights by that scheme."""
    return lambda generator: first_weights(WIDTH, WIDTH, scheme, torch.rand(WIDTH * WIDTH, generator=generator))  # fmt: skip


signals = {
    "Kaiming": signal_sizes(uniform_weights("kaiming")),
    "Xavier": signal_sizes(uniform_weights("xavier")),
    "standard deviation 0.02": signal_sizes(
        lambda g: 0.02 * torch.randn(WIDTH, WIDTH, generator=g)
    ),
}
print({name: f"{sizes[-1]:.1e}" for name, sizes in signals.items()})

# %% picture
# The size of the signal by layer
figure = curves(
    {name: (range(1, DEPTH + 1), sizes) for name, sizes in signals.items()},
    title="Thirty layers with ReLU: only one signal arrives",
    x_label="layer",
    y_label="size of the values (root of the mean square)",
    log=True,
)
show(
    figure,
    alt="The size of the signal over 30 layers on a logarithmic axis: with Kaiming it stays near 1, with Xavier it falls in a straight line to about 0.00002, with a standard deviation of 0.02 to below 10 to the minus 19.",
)

# %% [markdown]
# With Xavier each ReLU layer loses half of the mean square, so thirty layers leave $2^{-15}$ of the size. GPT-2
# begins with a standard deviation of 0.02, and it works: its layers add to a residual path and have norms in front of
# them, so no signal has to survive thirty products. A bare stack of layers has no such help.

# %% [markdown]
# ## What becomes of a gradient
#
# The loss has a long, narrow valley: across it the curvature is 20, along it 1. The rate must stay below 2/20 because
# of the steep direction, and so progress along the flat one is slow.
#
# **Momentum** (모멘텀, Polyak, 1964) remembers. A velocity collects the gradients and forgets them slowly:
#
# $$v \leftarrow \mu v + g, \qquad w \leftarrow w - \eta v$$
#
# Across the valley the gradients change their sign and cancel. Along it they agree, and the velocity grows up to
# $1/(1 - \mu)$ times the gradient. (Some books write $v \leftarrow \mu v - \eta g$; then a rate that changes acts
# only on later gradients.)

# %% [markdown]
# ### Exercise 17.5 — momentum · 2 points · ~8 min
#
# Return the new parameter and the new velocity, and leave the old ones as they are.

# %% exercise
from unrolled.optimizers import momentum_step

# %% check
check(momentum_step)

# %% [markdown]
# **Adam** (Kingma and Ba, 2015) remembers two things about each weight: the moving mean $m$ of its gradient, and the
# moving mean $v$ of the gradient's square. It divides one by the root of the other. A weight whose gradients are
# always small then moves as fast as one whose gradients are large. Both means start at 0, so they are corrected as in
# the finder. (This $v$ is no velocity: the two papers use one letter for two things.)
#
# **Weight decay** (가중치 감쇠) pulls each weight towards 0, which keeps the weights small. In *AdamW* (Loshchilov and
# Hutter, 2019) the pull does not go through $m$ and $v$. With $\lambda$ for the decay, a hat for what is corrected, and
# a small $\epsilon$ against division by 0:
#
# $$w \leftarrow (1 - \eta \lambda)\, w, \qquad w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \epsilon}$$
#
# ![The gradient goes into m, a moving mean of the gradient, and its square into v. Both are corrected for their start at
# 0. The corrected m is divided by the root of the corrected v plus eps and multiplied by the rate. The weight, first
# multiplied by one minus rate times decay, loses this step.](../assets/diagrams/adamw_step.svg)

# %% [markdown]
# ### Exercise 17.6 — AdamW · 4 points · ~20 min
#
# One step, for one tensor. `step` counts from 1. Mind the order, and where `eps` stands.
#
# <details><summary>Hint</summary>
#
# Six lines: `m`, `v`, two corrections, the decay, the step. Which m and v do you return: those that the next step
# goes on from, or those that were corrected for this one?
# </details>

# %% exercise
from unrolled.optimizers import adamw_step

# %% check
check(adamw_step)

# %% [markdown]
# **Predict.** One weight has a gradient of 0.0001, another one of 10,000. Both are at 0, and the rate is 0.1. How far
# does each move in Adam's first step?

# %%
move, adapt = solved("momentum_step"), solved("adamw_step")
ADAM = {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}
zeros = torch.zeros(2, dtype=torch.float64)
first, _, _ = adapt(zeros, torch.tensor([1e-4, 1e4], dtype=torch.float64), zeros, zeros, 1, rate=0.1, **ADAM)  # fmt: skip
print("they move by", [round(-value, 5) for value in first.tolist()])

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# Both move by the rate: 0.09999 and 0.1. (What is missing from the first is $\epsilon$'s doing.) In the first step the
# corrected $m$ is the gradient and the root of the corrected $v$ is its size, so only the sign is left. Adam's rate is
# not a factor on the gradient: it says about how far a weight goes per step. That is why similar rates serve models of
# very different kinds, and why a rate that is right for SGD says nothing about Adam's.
# </details>
#
# Now all three in the valley. `AdamW` and `Momentum` from `unrolled.optimizers` wrap such steps up as optimisers of
# torch, so that `train` takes them, and `rule=` puts yours inside.

# %%
CURVATURES = torch.tensor([1.0, 20.0])
START = torch.tensor([-4.0, 1.0])


def valley(optimizer, steps=40, start=START):
    """The way of a point through the valley ½ (x² + 20 y²), and its height at each step."""
    place, way = nn.Parameter(start.clone()), [start.clone()]
    stepper = optimizer([place])
    for _ in range(steps):
        stepper.zero_grad()
        (CURVATURES * place**2 / 2).sum().backward()
        stepper.step()
        way.append(place.detach().clone())
    way = torch.stack(way)
    return way, (CURVATURES * way**2 / 2).sum(-1)


ways = {
    "gradient descent, rate 0.09": valley(partial(Momentum, lr=0.09, momentum=0.0, rule=move)),
    "momentum 0.6, rate 0.09": valley(partial(Momentum, lr=0.09, momentum=0.6, rule=move)),
    "Adam, rate 0.4": valley(partial(AdamW, lr=0.4, weight_decay=0.0, rule=adapt)),
}
print({name: f"{heights[-1]:.1e}" for name, (_, heights) in ways.items()})


# %% picture
# Three ways through a valley
def draw_valley(axes, way, title):
    """The valley's contour lines and a way through it."""
    x, y = torch.meshgrid(torch.linspace(-5, 3, 80), torch.linspace(-1.5, 1.5, 60), indexing="ij")
    axes.contour(
        x, y, (x**2 + 20 * y**2) / 2, levels=[0.2, 1, 3, 6, 10, 16], colors="grey", linewidths=0.7
    )
    axes.plot(*way.clamp(-9, 9).T, marker="o", markersize=3, linewidth=1)
    axes.set(title=title, xlabel="x (curvature 1)", xlim=(-5, 3), ylim=(-1.5, 1.5))
    axes.grid(visible=False)


figure, axes = panels(1, 3, size=(11, 3))
for where, (name, (way, _)) in zip(axes, ways.items(), strict=True):
    draw_valley(where, way, name)
axes[0].set_ylabel("y (curvature 20)")
show(
    figure,
    alt="Three ways through a narrow valley. Gradient descent jumps from wall to wall and creeps along the floor; momentum swings a few times and reaches the lowest point; Adam goes in a slanted curve, past the goal and back.",
)

# %% [markdown]
# Momentum gets lowest by far. Adam moves about as fast along the valley as across it, but its steps do not become short
# near the goal: it overshoots and is still circling after 40 steps. (It does no better at other rates from 0.05 to 2.)
#
# Play with it: rate and momentum work together.
#
# **A question to explore.** Without momentum, from which rate on does the way explode? Where does this limit lie with a
# momentum of 0.9? And which pair brings the point down fastest?


# %% picture
# Rate and momentum in the valley
def draw_way(rate=0.13, momentum=0.4):
    way, heights = valley(partial(Momentum, lr=rate, momentum=momentum, rule=move), steps=30)
    figure, (left, right) = panels(1, 2, size=(9.4, 3.2))
    draw_valley(left, way, f"rate {rate:g}, momentum {momentum:g}")
    left.set_ylabel("y (curvature 20)")
    curves({"height": heights.clamp(1e-12, 1e6)}, title=f"The height after 30 steps: {heights[-1]:.1e}", y_label="height", log=True, axes=right)  # fmt: skip
    return figure


explorer(
    draw_way,
    rate=[0.01, 0.03, 0.05, 0.09, 0.1, 0.11, 0.13, 0.15, 0.18, 0.19, 0.2],
    momentum=[0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95],
    alt=lambda rate, momentum: (
        f"A way through the valley with rate {rate:g} and momentum {momentum:g}, and the height over 30 steps."
    ),
)

# %% [markdown]
# <details><summary>An answer</summary>
#
# Without momentum the limit is 2/20 = 0.1, as computed above. With momentum it is $2 (1 + \mu) / \lambda$: 0.19 for
# $\mu = 0.9$. So momentum allows *larger* rates. The best pair for curvatures 1 and 20 is $\mu =
# \left(\frac{\sqrt{20} - 1}{\sqrt{20} + 1}\right)^2 \approx 0.40$ and $\eta = \left(\frac{2}{1 + \sqrt{20}}\right)^2
# \approx 0.13$ (Polyak, 1964). More momentum than that makes the point swing to and fro.
# </details>

# %% [markdown]
# ## When it learns too much
#
# So far the loss did not fall. The opposite trouble: it falls, and the loss on new data rises. Chapter 0 called that
# overfitting. Here are only 100 handwritten digits to learn from, and a network with 85,000 weights.
#
# What keeps a network from learning by heart is called **regularisation** (규제). Weight decay is one kind. **Dropout**
# (드롭아웃, Srivastava et al., 2014) is another: in training each value of a hidden layer is set to 0 with probability
# $p$. A unit cannot rely on its neighbours then. What remains is divided by $1 - p$, so that the next layer gets as
# much as before on average. When the model is used nothing drops.

# %% [markdown]
# ### Exercise 17.7 — dropout · 2 points · ~10 min
#
# The random numbers are handed in. A value drops if its number is *below* p.
#
# <details><summary>Hint</summary>
#
# A tensor of truth values times a tensor of numbers keeps some and makes the others 0. What must not happen when
# `training` is False?
# </details>

# %% exercise
from unrolled.dropout import dropout

# %% check
check(dropout)

# %% [markdown]
# **Early stopping** (조기 종료) needs no change of the network. Measure the loss on a validation set now and then, and stop
# once it has not become better for a while. That while is called the *patience*.

# %% [markdown]
# ### Exercise 17.8 — early stopping · 3 points · ~15 min
#
# Write `update`; what it should keep is in `__init__`. Think of NaN: a run whose loss is not a number should stop as
# well.
#
# <details><summary>Hint</summary>
#
# With which value is the new one compared: the last one or the best one? Which attributes change if it is better, and
# which one if it is not? What does `nan < 1` give?
# </details>

# %% exercise
from unrolled.early_stopping import EarlyStopping

# %% check
check(EarlyStopping)

# %%
drop, Stopping = solved("dropout"), solved("EarlyStopping")
pictures, labels = digits("train")
shuffled = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(0))
pictures, labels = pictures.flatten(1)[shuffled], labels[shuffled]
few, unseen = (pictures[:100], labels[:100]), (pictures[900:], labels[900:])


class Net(nn.Module):
    """Two hidden layers of 256 units, with dropout after each."""

    def __init__(self, p):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(64, 256), nn.Linear(256, 256)])
        self.scores, self.p = nn.Linear(256, 10), p

    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
            x = drop(x, self.p, torch.rand_like(x), self.training)
        return self.scores(x)


def class_loss(model, batch):
    return F.cross_entropy(model(batch[0]), batch[1])


# %%
def overfit(p, seed=0, steps=400, patience=8):
    """Trains on the few digits, measures every ten steps, and notes when it would have been time to stop."""
    seed_everything(seed)
    model, stopping, measured, stopped = Net(p), Stopping(patience), [], []
    best = {}

    def measure(step, history):
        if step % 10 == 9:
            model.eval()
            with torch.no_grad():
                measured.append(class_loss(model, unseen).item())
            if stopping.update(measured[-1]) and not stopped:
                stopped.append(step + 1)
            if not stopped and stopping.best_step == len(measured) - 1:
                best.update(copy.deepcopy(model.state_dict()))

    def some(generator):
        chosen = torch.randint(len(few[0]), (32,), generator=generator)
        return few[0][chosen], few[1][chosen]

    history = train(
        model,
        some,
        class_loss,
        steps=steps,
        learning_rate=2e-3,
        seed=seed,
        on_step=measure,
        live=False,
    )
    kept = Net(p)
    kept.load_state_dict(best)
    right = {
        name: (net.eval()(unseen[0]).argmax(-1) == unseen[1]).float().mean().item()
        for name, net in (("last", model), ("best", kept))
    }
    return {"training": history.losses, "validation": measured, "stopped": stopped[0] if stopped else steps, "right": right}  # fmt: skip


# %% [markdown]
# One network learns without dropout, the other with $p = 0.5$.

# %%
overfitted = {p: overfit(p) for p in (0.0, 0.5)}
for p, run in overfitted.items():
    print(f"p = {p}: lowest {min(run['validation']):.3f}, last {run['validation'][-1]:.3f}, stopped at {run['stopped']}, "
          f"right {run['right']['best']:.1%} there, {run['right']['last']:.1%} in the end")  # fmt: skip

# %% picture
# The loss on seen and unseen digits
figure, axes = panels(1, 2, size=(9.4, 3.4))
for where, (p, run) in zip(axes, overfitted.items(), strict=True):
    steps = range(10, 401, 10)
    seen = [sum(run["training"][i - 10 : i]) / 10 for i in steps]
    curves({"seen digits": (steps, seen), "unseen digits": (steps, run["validation"])}, axes=where,
           title=f"p = {p:g}: lowest {min(run['validation']):.2f}, in the end {run['validation'][-1]:.2f}")  # fmt: skip
    where.axvline(run["stopped"], color="black", linestyle=":")
    where.set_ylim(0, 1)
show(
    figure,
    alt="Two panels of training and validation loss, without and with dropout. The training loss falls to almost 0, with dropout more slowly; the validation loss turns and then rises a little. A dotted line in each shows where early stopping stops.",
)


# %% [markdown]
# Both networks know their 100 digits by heart in the end. On unseen digits the loss turns after 110 to 240 steps and
# creeps up, in the three recorded runs by 6 to 10 % without dropout and by 12 to 24 % with it. Early stopping ends each
# run 80 steps after its lowest loss. That saves a fifth to a half of the steps, but wins nothing else here: the shares
# of right digits at the lowest loss and in the end are within two in a hundred, now this one ahead and now that.
# Dropout does help, with every seed: the lowest loss is 0.32 to 0.34 instead of 0.34 to 0.39, and one to four digits
# more in a hundred are right there.

# %% [markdown]
# ## The experiment: let a program search
#
# Five hyperparameters at once: the rate, the warm-up, the weight decay, Adam's first beta, and the size of the first
# weights. **Grid search** (격자 탐색) tries all combinations: with four values of each that would be $4^5 = 1024$ runs.
# **Random search** (무작위 탐색, Bergstra and Bengio, 2012) draws each setting at random, so that hardly any two runs share
# a value. And the **tree-structured Parzen estimator** (트리 구조 파르젠 추정기, Bergstra et al., 2011), TPE for short, looks at
# the results so far: it draws where good runs were frequent and bad ones rare. To have results to look at, it begins
# with ten trials at random.
#
# The library `optuna` has both. What *we* write is the objective: a function that asks a trial for its settings,
# makes a short run, and returns the loss on the validation stories. A run that breaks off or ends worse than guessing
# counts as guessing.

# %%
TRIALS, SHORT = 30, 40


def trained(settings, steps, seed=0, preset="auto"):
    """A small GPT after a run with these settings."""
    steps *= preset_of(preset).scale
    warmup = min(settings["warmup"], steps - 1)
    optimizer = partial(
        AdamW, betas=(settings["beta"], 0.999), weight_decay=settings["decay"], rule=adapt
    )
    model = tiny_gpt(seed, settings["size"])
    train(
        model, draw, next_word_loss, steps=steps, learning_rate=settings["rate"], optimizer=optimizer,
        clip_norm=1.0, schedule=partial(cosine, steps=steps, warmup=warmup), seed=seed, preset=preset, live=False,
    )  # fmt: skip
    return model


def objective(trial, seed=0, preset="auto"):
    """What optuna makes as small as it can."""
    settings = {
        "rate": trial.suggest_float("rate", 1e-5, 1.0, log=True),
        "warmup": trial.suggest_int("warmup", 0, 20),
        "decay": trial.suggest_float("decay", 1e-3, 10.0, log=True),
        "beta": trial.suggest_float("beta", 0.0, 0.99),
        "size": trial.suggest_float("size", 0.1, 30.0, log=True),
    }
    loss = validation_loss(trained(settings, SHORT, seed, preset))
    return min(loss, guessing) if math.isfinite(loss) else guessing


# %% [markdown]
# `search` keeps the study in a file, a line for each thing that happens. If the notebook is closed after eight trials,
# nothing is lost: the same call goes on with the ninth. (Here the file is a temporary one. Give it a name of your own,
# and it is still there tomorrow.)

# %%
FILE = Path(tempfile.mkdtemp()) / "study.log"
begun = search(objective, trials=8, sampler="tpe", seed=0, file=FILE)
print(f"after {len(begun.trials)} trials: {begun.best_value:.3f}")
study = search(objective, trials=16, sampler="tpe", seed=0, file=FILE)
print(f"after {len(study.trials)} trials: {study.best_value:.3f}")
print({name: round(value, 4) for name, value in study.best_params.items()})

# %% picture
# All trials, by rate and by the size of the first weights
figure, (left, right) = panels(1, 2, size=(10.4, 3.6))
tried = {name: [trial.params[name] for trial in study.trials] for name in ("rate", "size")}
values = [trial.value for trial in study.trials]
dots = left.scatter(tried["rate"], tried["size"], c=values, cmap="viridis_r", s=40)
left.set(
    xscale="log",
    yscale="log",
    xlabel="learning rate",
    ylabel="size of the first weights",
    title="Where TPE looked",
)
figure.colorbar(dots, ax=left, label="loss")
so_far, numbers = [min(values[: i + 1]) for i in range(len(values))], range(1, len(values) + 1)
curves({"this trial": (numbers, values), "best so far": (numbers, so_far)}, title="Ten at random, then where it was good",
       x_label="trial", y_label="validation loss, nats per word", axes=right)  # fmt: skip
right.set_xticks(numbers[::3])
show(
    figure,
    alt="Left: sixteen trials as dots over learning rate and size of the first weights, lighter where the loss is lower. Right: the loss of each trial, and the best one so far, which stays the first one's for eleven trials and then falls in two steps.",
)

# %% [markdown]
# One trial broke off, since its loss was not a number. Its rate times its decay is 5.3: at the highest rate the decay
# alone multiplies each weight by 1 − 5.3, and a factor below −1 makes it grow, as in the first formula of this chapter.
#
# For the record, all experiments of this chapter run for three seeds. The search runs twice per seed, at random and
# with TPE. The best settings of both, and the plain settings of the beginning with the finder's rate, then train ten
# times as long, since what is best after 40 steps need not be best after 400.


# %%
def batch_runs(seed, rate, preset="auto", updates=100, seconds=1.0):
    """The test loss by batch size, at equal updates and at equal computing time; of two rates the better one."""
    found = {"updates": {}, "time": {}}
    for size in (4, 16, 64):
        some = partial(draw, count=size)
        began = time.process_time()
        train(
            tiny_gpt(seed),
            some,
            next_word_loss,
            steps=20,
            learning_rate=rate,
            live=False,
            preset=preset,
        )
        affordable = max(20, round(seconds * 20 / (time.process_time() - began)))
        for kind, steps in (("updates", updates), ("time", affordable)):
            losses = {}
            for factor in (0.5, 1.5):
                model = tiny_gpt(seed)
                train(model, some, next_word_loss, steps=steps, learning_rate=factor * rate, clip_norm=1.0,
                      seed=seed, schedule=partial(cosine, steps=steps, warmup=10), live=False, preset=preset)  # fmt: skip
                losses[validation_loss(model)] = validation_loss(model, "test")
            found[kind][size] = losses[min(losses)]
    return found


# %% [markdown]
# All experiments together are `experiment`.


# %%
def plain(rate):
    """Settings that nobody searched for."""
    return {"rate": rate, "warmup": 20, "decay": 0.01, "beta": 0.9, "size": 1.0}


# %%
def experiment(seed, preset="auto"):
    """Everything that is recorded."""
    found, losses_found = range_test(
        tiny_gpt(seed), draw, next_word_loss, low=1e-5, high=10.0, seed=seed
    )
    rate = suggest(found, losses_found, beta=0.9)
    studies = {
        sampler: search(
            partial(objective, seed=seed, preset=preset),
            trials=TRIALS,
            sampler=sampler,
            seed=seed,
            bar=False,
        )
        for sampler in ("random", "tpe")
    }
    settings = {name: study.best_params for name, study in studies.items()} | {
        "finder": plain(rate)
    }
    return {
        "suggested": rate,
        "finder": {
            str(f): final_loss(f * rate, None, 150, seed, preset) for f in (0.01, 0.1, 1, 10)
        },
        "schedule": {
            f"{name}, {f} times": final_loss(f * rate, schedule, 200, seed, preset)
            for f in (1, 3)
            for name, schedule in (("constant", None), ("cosine", warm))
        },
        "batches": batch_runs(seed, rate, preset),
        "dropout": {str(p): overfit(p, seed) for p in (0.0, 0.5)},
        "trials": {
            name: [trial.value for trial in study.trials] for name, study in studies.items()
        },
        "settings": settings,
        "long": {
            name: validation_loss(trained(of, 10 * SHORT, seed, preset), "test")
            for name, of in settings.items()
        },
    }


# %% [markdown]
# What is written down, and what came out:


# %%
def summarize(result):
    """What is written down: all but the training losses of the digits, of which there are many."""
    return result | {
        "dropout": {
            p: {k: v for k, v in run.items() if k != "training"}
            for p, run in result["dropout"].items()
        }
    }


# %%
runs = list(recorded("17_training_well")["seeds"].values())


def of_each_seed(*path):
    """A recorded number of all three seeds."""
    values = []
    for run in runs:
        for step in path:
            run = run[step]
        values.append(run)
    return values


for factor in ("0.01", "0.1", "1", "10"):
    print(
        f"rate suggested × {factor:4}: "
        + ", ".join(f"{v:.2f}" for v in of_each_seed("finder", factor))
    )
for name in runs[0]["schedule"]:
    print(f"{name:17}: " + ", ".join(f"{v:.2f}" for v in of_each_seed("schedule", name)))
for sampler in ("random", "tpe"):
    print(
        f"{sampler:6} best of {TRIALS}: "
        + ", ".join(f"{min(v):.2f}" for v in of_each_seed("trials", sampler))
    )
for name in runs[0]["long"]:
    print(
        f"{name:6} ten times as long: " + ", ".join(f"{v:.2f}" for v in of_each_seed("long", name))
    )


# %% picture
# The best loss so far, at random and by TPE
def best_so_far(values):
    """The smallest value up to each place."""
    return [min(values[: i + 1]) for i in range(len(values))]


figure, (axes,) = panels(size=(6.8, 3.6))
for sampler, colour in (("random", "C0"), ("tpe", "C1")):
    for i, values in enumerate(of_each_seed("trials", sampler)):
        axes.step(range(1, TRIALS + 1), best_so_far(values), where="post", color=colour, linewidth=4 if sampler == "random" else 1.5,
                  label=sampler.upper() if not i and sampler == "tpe" else sampler if not i else None)  # fmt: skip
axes.set(
    xlabel="trials",
    ylabel="best validation loss so far, nats",
    title="After thirty trials neither search is clearly ahead",
)
axes.legend()
show(
    figure,
    alt="Six falling staircases: the best validation loss so far over thirty trials, three seeds of random search and three of TPE. The two of a seed are one for the first ten trials; all end between 1.9 and 2.4.",
)

# %% [markdown]
# What do three seeds say?
#
# - **The finder.** With two seeds (the first and the second column) its rate is about 0.02. A tenth of that ends 0.3 to
#   0.6 nats worse, a hundredth and ten times as much about 3 nats. With the third seed it is 0.11, which is too high: a
#   tenth of that ends at 1.39 nats, and the rate itself at 3.70. There the curve falls steeply twice, at about 0.01
#   and, after a ragged stretch, again at about 0.1, and the second fall is a hair steeper. So the finder is right to
#   within a factor of ten, which is all that it promises. Look at the curve as well: if it falls twice, take the first
#   fall.
# - **The schedule.** What it is worth depends on the rate. After 200 steps at a rate of about 0.02 the cosine is better
#   than the constant rate by 0.04 nats with one seed and by 0.2 with the other; at three times that rate by 1.1 and
#   1.5. A high rate has to end low. With the seed whose rate is 0.11 it is better by 0.7, and at three times that rate
#   by 0.2, but all four of these runs are bad: the cosine does not mend a rate that is about ten times too high.
# - **The search.** TPE spends its trials better: after the tenth, 7 to 12 of 20 are below 3 nats, against 1 to 4 at
#   random. But what counts is the *best* trial, and there TPE is ahead by 0.4 nats with one seed and level with the
#   other two, within 0.06. Thirty trials in five dimensions are few, and three seeds do not tell which is better.
# - **Ten times as long.** The settings that nobody searched for, with the finder's rate, end at 1.11 to 1.12 with two
#   seeds and at 2.61 with the third, whose rate is too high. Those that TPE found end at 1.08 to 1.09 with every seed.
#   With the first two that is ahead by only 0.02 to 0.04 nats. Those of random search end at 1.08 to 1.18, behind the
#   finder's with the first seed and ahead with the others.
#
# The finder takes 100 steps, each search 1,200. Where the finder's rate is good, what the search gains here is a few
# hundredths of a nat. Where it is bad, the search saves the run, but so does one more run with a tenth of the rate. A
# search pays when the trials are many, or when a setting matters that nobody understands.

# %% [markdown]
# ## Claims, checked
#
# > *"A learning rate that is too high makes the loss diverge."*
#
# First where it can be computed: one weight, the loss $\frac12 \lambda w^2$, a thousand steps of gradient descent.


# %%
def size_after(factor, steps=1000, curvature=20.0):
    """How large a weight of 1 is after gradient descent with the rate factor / curvature."""
    w = torch.ones(1, dtype=torch.float64)
    for _ in range(steps):
        w, _ = move(w, curvature * w, torch.zeros_like(w), factor / curvature, 0.0)
    return abs(w.item())


sizes_after = {factor: size_after(factor) for factor in (0.5, 1.0, 1.9, 1.99, 2.0, 2.01, 2.1)}
print({f"{factor} / λ": f"{size:.1e}" for factor, size in sizes_after.items()})
print(f"the GPT at rate 1: {last['rate 1']:.1f}, where guessing has {guessing:.2f}")

# %% [markdown]
# **True for a quadratic, and exactly: above 2/λ.** With several weights the largest curvature decides. In the GPT with
# Adam it is different: no step is much longer than the rate, so the weights do not run away at once. After 60 steps the
# loss is finite, and far worse than that of guessing. A loss that does not fall may mean a rate that is too low, and it
# may mean one that is too high. The finder tells them apart.
#
# > *"Xavier initialisation keeps the signal alive."*
#
# The picture above has the answer. **False after a ReLU**: of a signal of 1 it leaves 0.00002 after thirty layers,
# close to $2^{-15}$. It was made for tanh, which is almost a straight line near 0. For ReLUs there is Kaiming's.
#
# > *"Accumulating gradients is the same as a large batch."*
#
# **True only if words are counted.** The mean of means was off by more than the length of the right gradient. Hugging
# Face's trainer, and others, did it that way until October 2024, when somebody noticed that the losses did not agree.
#
# > *"Weight decay is L2 regularisation."*
#
# L2 regularisation adds $\frac{\lambda}{2} w^2$ to the loss, so it adds $\lambda w$ to the gradient. Here two thousand
# weights are 1 at first. Their gradients are pure noise: small for one half, a hundred times larger for the other. What
# is left of the weights after 200 steps?


# %%
def what_is_left(optimizer, shrink=1.0, steps=200):
    """The mean weight of both halves: with small and with large noise in its gradients."""
    weights, generator = nn.Parameter(torch.ones(2, 1000)), torch.Generator().manual_seed(0)
    stepper = optimizer([weights])
    for _ in range(steps):
        weights.grad = torch.tensor([[0.01], [1.0]]) * torch.randn(2, 1000, generator=generator)
        with torch.no_grad():
            weights *= shrink
        stepper.step()
    return [round(value, 2) for value in weights.mean(1).tolist()]


left_of = {
    "gradient descent, L2": what_is_left(partial(torch.optim.SGD, lr=0.01, weight_decay=0.1)),
    "gradient descent, decay": what_is_left(
        partial(torch.optim.SGD, lr=0.01), shrink=1 - 0.01 * 0.1
    ),
    "Adam, L2": what_is_left(partial(torch.optim.Adam, lr=0.01, weight_decay=0.1)),
    "AdamW, decay": what_is_left(partial(AdamW, lr=0.01, weight_decay=0.1, rule=adapt)),
}
for name, left_over in left_of.items():
    print(f"{name:24} small gradients: {left_over[0]:.2f}, large ones: {left_over[1]:.2f}")

# %% [markdown]
# **True for gradient descent, false for Adam.** For gradient descent both are the same formula. With Adam the L2 term
# goes through $v$: where gradients are small it is divided by a small root, and those weights are nearly gone after 200
# steps, while 0.83 is left of the weights with large gradients. Decoupled decay treats both alike. That was the point
# of Loshchilov and Hutter (2019).
#
# > *"Larger batches are better."*
#
# At equal updates a larger batch reads more. At equal computing time it makes fewer updates. For each batch size two
# rates were tried, and the better one was chosen on the validation stories.

# %%
for kind in ("updates", "time"):
    for size in ("4", "16", "64"):
        print(
            f"equal {kind:8} batch {size:>2}: "
            + ", ".join(f"{v:.2f}" for v in of_each_seed("batches", kind, size))
        )

# %% [markdown]
# **True at equal updates, false at equal time.** With every seed 64 stories per update beat 16, and 16 beat 4, if all
# may make 100 updates. But an update with 64 costs more. If all may compute for a second on one thread, 16 wins with
# two seeds. With the third, whose rate is too high, 16 and 64 are level. On a processor that reads 64 stories in the
# time of 16 it would come out differently: that is what GPUs are for.

# %% [markdown]
# ## Repair: a loop with a long memory
#
# Here is a training loop as it stands in every tutorial, but for one line. It runs, and no error appears. After 60
# steps the loss is hardly lower than at first. The next cell tests the loop in two ways: does it go the same way as the
# course's own `train` on one and the same batch, and does it learn? Find the cause and repair it in place.


# %%
def run_loop(model, batches, loss, steps, rate=0.01):
    """The losses of a training run; `batches(generator)` draws a batch."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate)
    generator, losses = torch.Generator().manual_seed(0), []
    for _ in range(steps):
        value = loss(model, batches(generator))
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


# %%
one_batch = stories["train"][:16]
ours = run_loop(tiny_gpt(), lambda generator: one_batch, next_word_loss, steps=8)
theirs = train(
    tiny_gpt(), [one_batch], next_word_loss, steps=8, learning_rate=0.01, live=False
).losses
off_course = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
reached = sum(run_loop(tiny_gpt(), draw, next_word_loss, steps=60)[-10:]) / 10
judge_repair(
    ("It goes the same way as `train`.", off_course < 0.01, f"It is off by {off_course:.2f} nats."),
    ("It learns.", reached < 2.6, f"After 60 steps the loss is {reached:.2f}."),
)

# %% [markdown]
# <details><summary>What is it?</summary>
#
# `backward` *adds* to `.grad`, which is what makes accumulation so easy. But nobody clears it here. So each step goes
# by the sum of all gradients since the beginning: a momentum that forgets nothing. The repair is one line,
# `optimizer.zero_grad()`, anywhere before `backward` or after `step`. The first step is right, and that is why a test
# of a single step does not find it. The lesson: compare *several* steps with a loop that you trust.
# </details>

# %% [markdown]
# ## In your own words
#
# A friend's language model has 1,000 words, and its loss has been standing at 6.9 for an hour. (The logarithm of
# 1,000 is 6.9.) The code is right. In which order would you look for the cause, and how? Six to ten sentences.
#
# Two points: one for naming the rate first, with a way to find it, and for reading what 6.9 means; one for two
# further causes from this chapter, each with a test that would show it.

# %% written [markdown] name="training-well-in-your-own-words" points=2
# A loss of 6.9 is that of guessing among 1,000 words, so the model has learnt nothing at all; it is not even stuck
# halfway. I would look at the learning rate first, since it fails in both directions: too low, and nothing moves; too
# high, and Adam throws the weights about at every step (then I would expect even more than 6.9). A range test finds the
# order of magnitude in a hundred batches: I train with the rate where the smoothed loss falls fastest, with some
# warm-up and a schedule that ends low. Then I would look at the first weights: print the size of the values after each
# layer, and of the gradients. If they shrink to nothing or grow from layer to layer, or are exactly 0, the initial
# weights are wrong for the activation function. Next I would compare five steps of the loop with another loop that I
# trust, on one and the same batch: a missing zero_grad or a mean of means shows there. Last I would try to learn a
# single batch by heart. If even that fails, no search over hyperparameters will help.
#
# **1 point**: 6.9 is the loss of guessing, *and* the rate comes first, with the finder or a scan over powers of ten.
# **1 point**: two other causes (first weights, gradients not cleared, means of means, dropout in use, too much decay,
# batch of one …), each with something to measure.

# %% [markdown]
# ## What you have now, and where next
#
# A rate that was found and not guessed, a schedule, gradients of batches that do not fit into memory, first weights
# that let a signal through, Adam written by yourself, two ways against overfitting, and a program that searches while
# you sleep. All of it plugs into one training loop.
#
# **Next**: a model that has been trained well is still larger than it needs to be. Chapter 18 makes it smaller: it
# teaches a small one, rounds its numbers, and learns thin updates.
#
# *To read on*: Bengio, *Practical Recommendations for Gradient-Based Training of Deep Architectures* (2012); Smith,
# *A Disciplined Approach to Neural Network Hyper-Parameters* (2018); Godbole et al., *Deep Learning Tuning Playbook*
# (2023).

# %%
progress("17_training_well")
