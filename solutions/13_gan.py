# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 13 · A forger and a detective
#
# How do you teach a network to draw a digit that nobody has drawn before? There is no right answer to compare with: a
# thousand different sevens are all good. This chapter lets *another network* be the judge. One network forges, the
# other tries to tell forgeries from real ones, and each is the other's teacher: a **generative adversarial network**
# (생성적 적대 신경망), or GAN.
#
# You need: chapter 0 (losses, gradients, training). Chapter 12 is a neighbour, not a prerequisite. Six exercises, 17
# points and a paragraph (2 points). About two and a half hours.

# %% setup
from dataclasses import replace

import torch
from torch import nn

from autograder import check, judge_repair, progress, solved
from unrolled.data.digits import digits
from unrolled.gan import Discriminator, minimax_generator_loss
from unrolled.lab import (
    curves,
    explorer,
    panels,
    recorded,
    seed_everything,
    show,
    train,
)
from unrolled.lab import preset as preset_of
from unrolled.lab.live import progress_bar
from unrolled.ring import centres, modes_found, ring

# %% [markdown]
# ## The problem: the average of all digits
#
# Here is an honest first try. Give a network random numbers, the **noise**, and train it as in chapter 0: each row of
# noise is paired with some real digit, and the squared error should become small. Which noise belongs to which digit?
# Nobody knows, so we pair them at random.

# %%
NOISE = 32  # random numbers that go into one picture
images, _ = digits("train")
print(f"{len(images)} digits of {images.shape[-2]} × {images.shape[-1]} pixels")


def random_pairs(generator):
    """64 rows of noise, and 64 digits that have nothing to do with them."""
    chosen = torch.randint(len(images), (64,), generator=generator)
    return torch.randn(64, NOISE, generator=generator), images[chosen]


seed_everything(0)
naive = nn.Sequential(
    nn.Linear(NOISE, 64), nn.ReLU(), nn.Linear(64, 64), nn.Sigmoid(), nn.Unflatten(1, (1, 8, 8))
)
train(
    naive,
    random_pairs,
    lambda model, batch: ((model(batch[0]) - batch[1]) ** 2).mean(),
    steps=600,
    preset="cpu",
)
forged = naive(torch.randn(500, NOISE)).detach()
variety = (forged.std(dim=0).mean() / images.std(dim=0).mean()).item()
print(f"the forged pictures vary {variety:.0%} as much as the real ones")


# %% picture
# Real digits, and what the squared error draws
def draw_pictures(axes, pictures, columns, title):
    """Pictures side by side on a panel, in rows, ink dark on white."""
    rows = nn.functional.pad(pictures[:, 0], (1, 1, 1, 1)).unflatten(0, (-1, columns))
    axes.imshow(rows.transpose(1, 2).flatten(0, 1).flatten(1, 2), cmap="gray_r", vmin=0, vmax=1)
    axes.set_title(title)
    axes.axis("off")


figure, (left, right) = panels(1, 2, size=(8, 2.4))
draw_pictures(left, images[:16], 8, "Real digits")
draw_pictures(right, forged[:16], 8, "The squared error draws their average")
show(
    figure,
    alt="Left: sixteen handwritten digits. Right: sixteen grey blobs, all alike, the average of all digits.",
)

# %% [markdown]
# Every noise gives the same grey blob. It is no accident: if any digit may be the answer, the smallest squared error
# is their **average**. The loss asks *is it this digit?* What we want to ask is *could it be a digit at all?*

# %% [markdown]
# ## The idea: learn the judge, too
#
# A forger paints, a detective compares. The **generator** (생성자) $G$ turns noise $z$ into a picture $G(z)$. The
# **discriminator** (판별자) $D$ gets pictures, some real, some forged, and says how probably each is real. The detective
# learns to tell them apart. The forger learns what the detective does not notice. Then the detective learns again.
#
# The detective's task is nothing but classification into two classes, with the cross-entropy of chapter 0. It gives
# a score, the **logit**, and $D = \sigma(\text{logit})$ is the probability:
#
# $$L_D \;=\; \underbrace{\mathrm{mean}\,\bigl(-\log D(x)\bigr)}_{\text{real ones}} \;+\;
# \underbrace{\mathrm{mean}\,\bigl(-\log(1 - D(G(z)))\bigr)}_{\text{forged ones}}$$
#
# **Predict.** A detective who knows nothing says ½ of everything. What is this loss then? And what is it if all
# forgeries are caught, and all real ones believed?

# %% [markdown]
# ### Exercise 13.1 — the detective's loss · 2 points · ~10 min
#
# You get logits, not probabilities, and some of them are large: a sure detective may say 150. Then $\sigma$ rounds to
# exactly 1, and $\log(1 - 1)$ is $-\infty$. So do not take the logarithm of a sigmoid.
#
# <details><summary>Hint</summary>
#
# $-\log \sigma(x) = \log(1 + e^{-x})$, and $1 - \sigma(x) = \sigma(-x)$. Torch calls $\log(1 + e^x)$ `softplus`, and
# computes it for numbers of any size. (`binary_cross_entropy_with_logits` is right as well.)
# </details>

# %% exercise
from unrolled.gan import discriminator_loss

# %% check
check(discriminator_loss)

# %%
detective_loss = solved("discriminator_loss")
no_idea, sure = torch.zeros(4), torch.full((4,), 9.0)
knows_nothing = detective_loss(no_idea, no_idea).item()
knows_all = detective_loss(sure, -sure).item()
print(f"knows nothing: {knows_nothing:.3f}; knows all: {knows_all:.3f}")

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# $2 \log 2 \approx 1.386$, and almost 0. Remember the 1.386. It is where the game would end if the forger were perfect:
# then nobody could do better than to say ½. (But beware: a detective who has learnt nothing yet is at 1.386 as well.)
# </details>

# %% [markdown]
# ## What should the forger want?
#
# Simply the opposite, one would think: $L_G = \mathrm{mean}\,\log(1 - D(G(z)))$. The forger wants low what the
# detective wants high; one wins what the other loses: a *minimax* game, and this is the **minimax loss** (미니맥스 손실), the
# first formula of the paper. It has a catch, which the paper names at once. Another loss wants the same thing and has
# no such catch:
#
# $$L_G \;=\; \mathrm{mean}\,\bigl(-\log D(G(z))\bigr)$$
#
# Both fall when $D(G(z))$ rises. They differ in how *steep* they are. A beginner's forgeries are caught at sight: the
# logit is $-10$, say. That is where the forger has most to learn.

# %% [markdown]
# ### Exercise 13.2 — the forger's loss · 1 point · ~5 min
#
# Write the second one, the **non-saturating loss** (비포화 손실), from logits of any size.

# %% exercise
from unrolled.gan import generator_loss

# %% check
check(generator_loss)

# %%
forger_loss = solved("generator_loss")
LOSSES = {"non-saturating": forger_loss, "minimax": minimax_generator_loss}
logits = torch.linspace(-10, 10, 201).requires_grad_()
slopes = {
    name: torch.autograd.grad(201 * loss(logits), logits)[0].abs() for name, loss in LOSSES.items()
}
at_minus_ten = {name: slope[0].item() for name, slope in slopes.items()}
print("at the logit −10:", {name: f"{slope:.5f}" for name, slope in at_minus_ten.items()})

# %% picture
# How steep both losses are
show(
    curves(
        {name: (logits.detach(), slope) for name, slope in slopes.items()},
        title="The minimax loss is flat where a forgery is seen through",
        x_label="logit of a forgery (left: caught, right: believed)",
        y_label="steepness of the loss",
    ),
    alt="Steepness over the logit. The non-saturating loss has steepness 1 on the left and falls to 0 on the right; the minimax loss the other way round.",
)

# %% [markdown]
# At $-10$ the minimax loss has a slope of 0.00005: the forger who is always caught is told nothing. The
# non-saturating one tells most to whoever is worst. Does that matter for real networks? Here are two small ones, and
# the gradient that reaches the forger's weights. (The real examples are points in the plane, in eight little clouds
# on a ring; we will stay with them for a while.)


# %%
def ring_players(hidden=64):
    """A forger and a detective for points in the plane."""
    generator = nn.Sequential(
        nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 2)
    )
    discriminator = nn.Sequential(
        nn.Linear(2, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, hidden), nn.LeakyReLU(0.2),
        nn.Linear(hidden, 1), nn.Flatten(0),
    )  # fmt: skip
    return generator, discriminator


def gradient_reaching(generator, discriminator, loss, noise):
    """The length of the gradient of a forger's loss, over all the forger's weights."""
    gradients = torch.autograd.grad(
        loss(discriminator(generator(noise))), list(generator.parameters())
    )
    return torch.cat([g.flatten() for g in gradients]).norm().item()


# %% [markdown]
# We let a detective learn for a while against a forger who stands still, and measure at each step.

# %%
dice = seed_everything(0)
generator, discriminator = ring_players()
noise = torch.randn(256, 2)
optimizer = torch.optim.Adam(discriminator.parameters(), lr=1e-3)
reaches = {name: [] for name in LOSSES}
for _ in range(200):
    for name, loss in LOSSES.items():
        reaches[name].append(gradient_reaching(generator, discriminator, loss, noise))
    optimizer.zero_grad()
    detective_loss(
        discriminator(ring(256, dice)), discriminator(generator(noise).detach())
    ).backward()
    optimizer.step()
ratio = reaches["non-saturating"][-1] / reaches["minimax"][-1]
print(f"after 200 steps the non-saturating gradient is {ratio:.0f} times as large")

# %% picture
# The gradient that reaches the forger
show(
    curves(
        reaches,
        title="The better the detective, the less the minimax forger hears",
        x_label="steps that only the detective has learnt",
        y_label="gradient at the forger",
        log=True,
    ),
    alt="Length of the gradient on a logarithmic axis over 200 steps: the non-saturating loss's grows, the minimax loss's falls far below it.",
)

# %% [markdown]
# Detective and forgeries are the same for both losses. At first both gradients grow with the detective's skill; then
# the minimax one fades as the case becomes clearer. (A gradient that is small everywhere is not lost: Adam, which
# divides by the usual size, makes up for much of it. But what is *relatively* small stays small: the worst forgeries
# weigh least.)

# %% [markdown]
# ## One step of the game
#
# Two networks, two losses, two optimisers. The whole art is **who learns when**. The detective's loss depends on the
# forger's pictures, but the forger must not learn from it. The forger's gradient must go *through* the detective, since
# only the detective knows what is wrong with a picture, but the detective must not learn from it.
#
# | | gradient goes through | who steps |
# |---|---|---|
# | detective's turn | $D$ only: the fakes are **detached** | $D$ |
# | forger's turn | $D$ and $G$ | $G$ only |

# %% [markdown]
# ![The two turns of a GAN. The detective's turn: noise goes through the forger G, the forgeries are detached and go
# into the detective D, beside real ones; the gradient comes from the loss of D back to D and no further, and D takes a
# step. The forger's turn: noise goes through G and D to the loss of G; the gradient comes back through D to G, and G
# takes a step; what it leaves on D is cleared.](../assets/diagrams/gan_step.svg)

# %% [markdown]
# ### Exercise 13.3 — one step of the game · 4 points · ~25 min
#
# First the detective takes a step, then the forger, against the detective as it now is, with the same fakes. Your two
# losses are there to be called. `penalty` is for later in the chapter: if there is one, `penalty(real, fake)` is added
# to the detective's loss, with detached fakes. Both losses come back as plain numbers, the detective's with its
# penalty. Make the fakes once, and leave both networks as they are otherwise: in training mode, if they were, and able
# to learn.
#
# <details><summary>Hint</summary>
#
# `backward()` *adds* to the gradients that are there already. When the forger's loss has gone back through the
# detective, what lies on the detective's weights? It need not be cleared at once, but before when? And `fake.detach()`
# is the same picture without a past.
# </details>

# %% exercise
from unrolled.gan import gan_step

# %% check
check(gan_step)

# %% [markdown]
# ## Eight little clouds
#
# Before we try pictures, a game where one can *see* what the forger does. The real data are points in the plane, in
# eight little clouds on a ring. A good forger hits all eight. The loop is short; it is the same for everything in this
# chapter.


# %%
def play(players, draw, noise_size, *, steps, watch, penalty=None, momentum=0.9, calming=False, seed=0, preset="auto"):  # fmt: skip
    """The game: `draw(dice)` gives a batch of real ones; `watch(step)` is called after each step. Returns the losses.

    If it is `calming`, both players' learning rates fall to nothing in a straight line.
    """
    device = preset_of(preset).device
    optimizers = [
        torch.optim.Adam(player.to(device).parameters(), lr=2e-3, betas=(momentum, 0.999))
        for player in players
    ]
    dice, losses = torch.Generator().manual_seed(seed), []
    extra = penalty and (lambda real, fake: penalty(players[1], real, fake, dice))
    bar = progress_bar(steps, 0, silent=False)
    for step in range(1, steps + 1):
        for optimizer in optimizers if calming else ():
            optimizer.param_groups[0]["lr"] = 2e-3 * (steps - step + 1) / steps
        real = draw(dice).to(device)
        noise = torch.randn(len(real), noise_size, generator=dice).to(device)
        losses.append(one_step(*players, *optimizers, real, noise, extra))
        watch(step)
        bar.update()
    bar.close()
    return losses


one_step = solved("gan_step")

# %% [markdown]
# On the ring it is played for 1600 steps, and on the way we ask the forger again and again for 2000 points.

# %%
RING_STEPS, RING_PENALTY = 1600, 0.3


def ring_game(seed, penalty=None, momentum=0.9, preset="auto", times=4):
    """Play on the ring; returns 2,000 of the forger's points at so many times of the game, the last at its end."""
    seed_everything(seed)
    players, points = ring_players(), {}
    noise = torch.randn(2000, 2, generator=torch.Generator().manual_seed(1000 + seed))

    def watch(step):
        if step % (RING_STEPS // times) == 0:
            points[step] = forge(players[0], noise)

    play(
        players, lambda dice: ring(128, dice), 2, steps=RING_STEPS, watch=watch,
        penalty=penalty, momentum=momentum, seed=seed, preset=preset,
    )  # fmt: skip
    return points


@torch.no_grad()
def forge(generator, noise):
    """What the forger makes of noise, on the CPU, with any norms in the state in which they are used."""
    made = generator.eval()(noise.to(next(generator.parameters()).device)).cpu()
    generator.train()
    return made


def direction(cloud):
    """Where most of the points lie, seen from the middle: in degrees, of their mean."""
    x, y = cloud.mean(0)
    return round(torch.atan2(y, x).rad2deg().item())


collapsed = ring_game(seed=0, times=8)
print("of 8 clouds:", {step: modes_found(cloud)[0] for step, cloud in collapsed.items()})
print("direction:  ", {step: direction(cloud) for step, cloud in collapsed.items()})


# %% picture
# The forger's points at eight times of the game
def draw_ring(points):
    """The forger's points over time, on the clouds' places."""
    figure, axes = panels(-(-len(points) // 4), 4, size=(9, 2.6 * -(-len(points) // 4)))
    for panel, (step, cloud) in zip(axes, points.items(), strict=True):
        panel.scatter(*centres().T, s=160, facecolors="none", edgecolors="#D55E00", linewidths=1.5)
        panel.scatter(*cloud[:500].T, s=3, alpha=0.5)
        found, _ = modes_found(cloud)
        panel.set(xlim=(-3, 3), ylim=(-3, 3), xticks=[], yticks=[], aspect="equal")
        panel.set_title(f"Step {step}: {found} of 8", fontsize="small")
    return figure


show(
    draw_ring(collapsed),
    alt="Eight panels over the time of the game: eight circles on a ring, and the forger's points, which meet only some of them and are elsewhere in each panel.",
)

# %% [markdown]
# The forger's points are blue, the clouds are circles. It never meets more than a few of them, and it does not come
# to rest.

# %% [markdown]
# **Predict.** At each time most of the forgeries lie in a heap or along a line. What will the detective learn about
# such a place, and where will the forger go then?

# %% [markdown]
# <details><summary>What happens</summary>
#
# The detective learns that this place is suspicious: too many come from there. The forger, *all* of it, moves on to
# the next place, and the detective follows. The printed directions show it: for some hundreds of steps the points
# stay on one side of the ring, then they are on another. Nothing in the forger's loss says "be varied": each forgery
# is judged on its own. That a forger makes only a few kinds is called **mode collapse** (모드 붕괴).
# </details>

# %% [markdown]
# One remedy is a single number. Adam has **momentum** (모멘텀): it keeps going where it went lately, with a weight of 0.9
# for the past. That is bad advice against an opponent who has moved on meanwhile. So GANs are usually trained with 0.5
# or less. The same game, from the same beginning, with nothing else changed:

# %%
cured = ring_game(seed=0, momentum=0.5)
print({step: modes_found(cloud)[0] for step, cloud in cured.items()}, "of 8 clouds")

# %% picture
# The same game with less momentum
show(
    draw_ring(cured),
    alt="Four panels over the time of the game with less momentum: the points soon lie all around the ring and gather in all eight circles.",
)

# %% [markdown]
# All eight, and the points draw closer and closer to the middles. A game is touchier than a descent: what is a detail
# of the optimiser elsewhere decides here who wins.

# %% [markdown]
# ## A detective without cliffs
#
# There is another trouble, and it grows with the number of pixels. The more there is to see, the easier a forgery is
# to spot, and a detective who is quite sure has a score like a landscape of plateaus and cliffs. On a plateau there
# is no slope, so nobody is told where to go; at a cliff all rush the same way. Let us ask for a gentle landscape, by
# a **gradient penalty** (기울기 페널티): between the real examples and the forged ones the slope of the logit should be
# about **1**. Take a real one $x$ and a fake one $\tilde x$, go some random way from one to the other, and look at
# the slope there:
#
# $$\hat x = w\,x + (1 - w)\,\tilde x, \qquad
# \text{penalty} = \mathrm{mean}\,\bigl(\lVert \nabla_{\hat x}\, \text{logit}(\hat x) \rVert_2 - 1\bigr)^2$$
#
# One norm for each example, over all its features. This comes from the Wasserstein GAN (Gulrajani et al., 2017),
# which has other losses; Fedus et al. (2018) put it beside ours. We will measure whether it helps *here*.

# %% [markdown]
# ### Exercise 13.4 — the gradient penalty · 4 points · ~20 min
#
# A gradient *inside* a loss: it will be differentiated once more, for the detective's weights. The random shares
# `weights` are given, one for each example; examples may have any number of axes, and the detective wants to see them
# in their shape.
#
# <details><summary>Hint</summary>
#
# `torch.autograd.grad(scalar, tensor, create_graph=True)` gives a gradient that has a graph of its own. The scalar:
# each logit depends on its own example alone, so the gradient of the *sum* of the logits holds each one's own gradient.
# </details>

# %% exercise
from unrolled.gan import gradient_penalty

# %% check
check(gradient_penalty)

# %% [markdown]
# Is it really the slope? Here it is without autograd: the logit a thousandth away, in all directions.

# %%
slope_penalty = solved("gradient_penalty")
seed_everything(0)
_, discriminator = ring_players()
discriminator.double()
here = torch.randn(1, 2, dtype=torch.float64)
angles = torch.linspace(0, 2 * torch.pi, 721, dtype=torch.float64)[:, None]
around = here + 1e-3 * torch.cat([angles.cos(), angles.sin()], dim=1)
with torch.no_grad():
    steepest = ((discriminator(around) - discriminator(here)) / 1e-3).max().item()
by_autograd = slope_penalty(discriminator, here, here, torch.ones(1, dtype=torch.float64)).item()
print(
    f"steepest way up: {steepest:.4f}; penalty by hand {(steepest - 1) ** 2:.4f}, by autograd {by_autograd:.4f}"
)


# %%
def gentle(strength):
    """The penalty as `play` wants it, so strong."""

    def penalty(discriminator, real, fake, dice):
        shares = torch.rand(len(real), generator=dice).to(real)
        return strength * slope_penalty(discriminator, real, fake, shares)

    return penalty


# %% [markdown]
# ## A forger of digits
#
# Points in the plane are two numbers. A picture has 64, and they belong together: a stroke goes on where it began. So
# the forger begins small, with a map of 2 × 2 places that has many channels, and lets it grow twice: 2 × 2, 4 × 4, 8 ×
# 8. The layer that doubles height and width is a **transposed convolution** (전치 합성곱): each place stamps its pattern
# onto the larger map, and where stamps overlap they add up. (Twice doubled from 7 × 7 gives 28 × 28: the same class
# serves for MNIST.)
#
# $$z \;\to\; \text{linear} \;\to\; \text{map} \;\to\; \text{norm, ReLU} \;\to\; \text{grow} \;\to\; \text{norm, ReLU}
# \;\to\; \text{paint} \;\to\; \sigma$$

# %% [markdown]
# ### Exercise 13.5 — the forger · 3 points · ~15 min
#
# The layers are there. Write `forward`: from `(batch, noise)` to pictures `(batch, 1, size, size)` with ink from 0 to
# 1.
#
# <details><summary>Hint</summary>
#
# The linear layer gives one long row for each picture. `unflatten(1, (channels, height, width))` makes a map of it, and
# one of the three numbers may be −1. The first map is a quarter as high as the picture.
# </details>

# %% exercise
from unrolled.gan import Generator

# %% check
check(Generator)

# %% [markdown]
# ## How good is a forgery?
#
# On the ring we could count. What are the "clouds" of handwriting? We need a number for *how alike two sets of pictures
# are*, without asking which picture belongs to which. Here is the usual one. A classifier that knows digits turns each
# picture into a few **features**, the numbers just before its decision. Take the features of all real pictures, and of
# all forged ones. Describe each set by its mean $\mu$ and its covariance $C$, as if it were a normal distribution. How
# far apart are the two? This is the **Fréchet distance** (프레셰 거리).
#
# $$d^2 = \lVert \mu_r - \mu_f \rVert^2 + \mathrm{trace}\bigl(C_r + C_f - 2\,(C_r C_f)^{1/2}\bigr)$$
#
# For a single feature this is $(\mu - \nu)^2 + (\sigma - \tau)^2$: are they in the same place, and equally spread? With
# features of a large network for photographs it is called FID.

# %% [markdown]
# ### Exercise 13.6 — the Fréchet distance · 3 points · ~20 min
#
# Covariances over $n - 1$. The root is that of a *matrix*: $R$ with $R R = C_r C_f$. You need only its trace.
#
# <details><summary>Hint</summary>
#
# The trace is the sum of the eigenvalues, and the eigenvalues of the root are the roots of the eigenvalues
# (`torch.linalg.eigvals`, which gives complex numbers; those here are real). With fewer examples than features some
# of them are 0, and rounding may push them a hair below. `.double()` keeps that hair thin, if it comes first. (With
# `torch.cov`: a single feature has a covariance as well, of 1 × 1; see `torch.atleast_2d`.)
# </details>

# %% exercise
from unrolled.frechet import frechet_distance

# %% check
check(frechet_distance)

# %% [markdown]
# Against the formula as it is written, with SciPy's root of a matrix:

# %%
import numpy as np
from scipy.linalg import sqrtm

distance = solved("frechet_distance")
seed_everything(0)
some, others = (
    torch.randn(200, 5) @ torch.randn(5, 5),
    torch.randn(300, 5) @ torch.randn(5, 5) + 0.3,
)
c_some, c_others = (np.cov(x.double().numpy(), rowvar=False) for x in (some, others))
as_written = ((some.double().mean(0) - others.double().mean(0)) ** 2).sum().item() + np.trace(
    c_some + c_others - 2 * sqrtm(c_some @ c_others).real
)
yours = distance(some, others)
print(f"yours {yours:.6f}, SciPy's {as_written:.6f}")

# %% [markdown]
# ## The experiment: digits
#
# First the judge: a small classifier, trained on the real digits. Its last hidden layer gives 32 features.


# %%
def batches_of(*tensors):
    """A function that draws 64 rows of these tensors."""

    def draw(generator):
        chosen = torch.randint(len(tensors[0]), (64,), generator=generator)
        return tuple(tensor[chosen] for tensor in tensors)

    return draw


def make_judge(source="embedded", preset="auto"):
    """A classifier of digits; without its last layer it gives 32 features."""
    pictures, labels = digits("train", source=source)
    seed_everything(0)
    half = pictures.shape[-1] // 2
    judge = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(32 * half**2, 32), nn.ReLU(), nn.Linear(32, 10),
    )  # fmt: skip

    def loss(model, batch):
        return nn.functional.cross_entropy(model(batch[0]), batch[1])

    train(judge, batches_of(pictures, labels), loss, steps=400, learning_rate=2e-3, preset=preset)
    return judge.eval().requires_grad_(False)


# %% [markdown]
# Then the game, with less momentum and with the penalty. The forger never sees a digit: all it ever hears is the slope
# of the detective's score.

# %%
DIGIT_STEPS, DIGIT_PENALTY = 1500, 1.0
ENOUGH = 1437  # pictures that are compared: all that the embedded set has for training
Forger = solved("Generator")
TIMES = (0, 10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 600, 750, 900, 1050, 1200, 1350, 1500)


def digits_game(seed, judge, penalty, source="embedded", preset="auto", calming=False):
    """Play with pictures: the losses, and at each of TIMES 40 samples and the distance to real ones; and the forger."""
    pictures, _ = digits("train", source=source)
    seed_everything(seed)
    size, scale = pictures.shape[-1], preset_of(preset).scale
    players = Forger(NOISE, size), Discriminator(size)
    noise, features = torch.randn(ENOUGH, NOISE), judge[:-1](pictures[:ENOUGH])
    samples, distances, draw = {}, {}, batches_of(pictures)

    def watch(step):
        if step % scale == 0 and (time := step // scale) in TIMES:
            forged = forge(players[0], noise)
            samples[time], distances[time] = forged[:40], distance(features, judge[:-1](forged))

    watch(0)
    losses = play(
        players, lambda dice: draw(dice)[0], NOISE, steps=DIGIT_STEPS * scale, watch=watch,
        penalty=penalty, momentum=0.5, calming=calming, seed=seed, preset=preset,
    )  # fmt: skip
    return losses[scale - 1 :: scale], samples, distances, players[0].cpu()


# %% [markdown]
# A distance alone says little, so other forgers are measured with the same ruler: one that draws pixels at random, one
# that draws the average, and a serious one, the **normal distribution** with the mean and the covariance of all 64
# pixels. And the real training digits, for the distance that is left when nothing is forged: no two sets of digits are
# quite alike, and the judge has learnt from one of them.


# %%
def forgers(fakes, source="embedded"):
    """As many pictures of each kind: real ones, the GAN's, and those of three simpler forgers."""
    pictures, _ = digits("train", source=source)
    n, shape, dice = len(fakes), pictures.shape[1:], torch.Generator().manual_seed(0)
    flat = pictures.flatten(1)
    values, vectors = torch.linalg.eigh(torch.cov(flat.T))
    spread = torch.randn(n, len(values), generator=dice) * values.clamp(min=0).sqrt()
    return {
        "real (training)": pictures[:n],
        "GAN": fakes,
        "normal distribution": (flat.mean(0) + spread @ vectors.T).clamp(0, 1).view(n, *shape),
        "the average": pictures.mean(0, keepdim=True).expand(n, *shape),
        "random pixels": torch.rand(n, *shape, generator=dice),
    }


def nearest(pictures, others):
    """The distance from each picture to the nearest of the others, on average."""
    return torch.cdist(pictures.flatten(1), others.flatten(1)).amin(dim=1).mean().item()


def measure(judge, forger, source="embedded"):
    """Distances to the test split, which digits are drawn, and how near pictures are to the training digits."""
    pictures, test = (digits(split, source=source, limit=ENOUGH)[0] for split in ("train", "test"))
    noise = torch.randn(ENOUGH, NOISE, generator=torch.Generator().manual_seed(0))
    sets = forgers(forge(forger, noise), source)
    features, fakes = judge[:-1](test), sets["GAN"]
    return {
        "test": {name: distance(features, judge[:-1](x)) for name, x in sets.items()},
        "drawn": (judge(fakes).argmax(1).bincount(minlength=10) / len(fakes)).tolist(),
        "nearest": {"GAN": nearest(fakes, pictures), "test": nearest(test, pictures)},
    }, sets


# %% [markdown]
# Two more things are measured: both players' losses on the way, and how well a *fresh* detective can tell the
# forgeries. What that is for comes below.


# %%
def fresh_detective(forger, seed, source="embedded", preset="auto"):
    """How often a new detective, who learns without a penalty, is right about new forgeries and test digits."""
    pictures, test = (digits(split, source=source, limit=ENOUGH)[0] for split in ("train", "test"))
    seed_everything(seed)
    detective = Discriminator(pictures.shape[-1])
    noise = torch.randn(len(pictures) + len(test), NOISE)
    known, new = forge(forger, noise).split([len(pictures), len(test)])

    def loss(model, batch):
        return detective_loss(model(batch[0]), model(batch[1]))

    train(detective, batches_of(pictures, known), loss, steps=300, preset=preset)
    with torch.no_grad():
        return (
            (detective(test) > 0).float().mean() + (detective(new) < 0).float().mean()
        ).item() / 2


def late_losses(losses, times=(100, 300, 600, 1500)):
    """Both players' losses, averaged over the fifty steps before each of these times."""
    return {time: torch.tensor(losses[time - 50 : time]).mean(0).tolist() for time in times}


# %% [markdown]
# And one measure that is nearer to our eyes. A **random forest** (랜덤 포레스트), 300 decision trees that have learnt the
# real digits and have nothing to do with the judge, votes on each picture. Where more than half of the trees name the
# same digit, we call the picture **legible**.


# %%
from sklearn.ensemble import RandomForestClassifier


def make_jury(source="embedded"):
    """300 decision trees that have learnt the real digits."""
    pictures, labels = digits("train", source=source, limit=ENOUGH)
    return RandomForestClassifier(300, random_state=0).fit(pictures.flatten(1), labels)


def legible(jury, pictures):
    """The share of pictures that more than half of the trees read as the same digit."""
    return float((jury.predict_proba(pictures.flatten(1).numpy()).max(axis=1) > 0.5).mean())


# %% [markdown]
# One game is recorded at a length for which we have no patience here: three times as long, and *calming*, that is, both
# learning rates fall to nothing in a straight line. Its last pictures are kept, in the 17 shades that real digits have.

# %%
LONG = replace(preset_of("cpu"), scale=3)
SHADES = "0123456789abcdefg"


def to_text(pictures):
    """Each picture as a row of letters, one for each pixel's shade."""
    return ["".join(SHADES[round(16 * ink)] for ink in picture.flatten().tolist()) for picture in pictures]


def from_text(rows, shape=(1, 8, 8)):
    """The pictures again."""
    return torch.tensor([[SHADES.index(shade) / 16 for shade in row] for row in rows]).view(-1, *shape)


def long_game(seed, judge, source="embedded"):
    """The long, calming game, and the measures of what it forges in the end."""
    *_, distances, forger = digits_game(seed, judge, gentle(DIGIT_PENALTY), source, LONG, calming=True)
    measures, sets = measure(judge, forger, source)
    return {
        "distance": distances,
        "test": measures["test"]["GAN"],
        "drawn": measures["drawn"],
        "nearest": measures["nearest"]["GAN"],
        "legible": legible(make_jury(source), sets["GAN"]),
        "told": fresh_detective(forger, seed, source),
        "pictures": to_text(sets["GAN"][:40]),
    }


# %% [markdown]
# `experiment` is what is recorded for three seeds. It plays the ring four times, with both momenta, with and without
# the penalty, and the digits with it and without; and for the first seed, the long game.


# %%
def experiment(seed, source="embedded", preset="auto"):
    """Everything that is recorded."""
    rings = {
        f"{name}, momentum {momentum}": ring_game(seed, penalty, momentum, preset)
        for name, penalty in (("no penalty", None), ("penalty", gentle(RING_PENALTY)))
        for momentum in (0.9, 0.5)
    }
    judge = make_judge(source, preset)
    games = {
        name: digits_game(seed, judge, penalty, source, preset)
        for name, penalty in (("no penalty", None), ("penalty", gentle(DIGIT_PENALTY)))
    }
    told = fresh_detective(games["penalty"][-1], seed, source, preset)
    long = long_game(seed, judge, source) if seed == 0 else None
    return rings, judge, games, told, long, source


def summarize(result):
    """What is written down: clouds met over time, distances over time, losses, and the measures of the end."""
    rings, judge, games, told, long, source = result
    plain, penalised = (measure(judge, games[name][-1], source)[0] for name in games)
    return {
        "ring": {
            name: [modes_found(cloud) for cloud in game.values()] for name, game in rings.items()
        },
        "distance": {name: distances for name, (_, _, distances, _) in games.items()},
        "losses": late_losses(games["penalty"][0]),
        "told": told,
        "long": long,
        **penalised,
        "test": penalised["test"] | {"GAN, no penalty": plain["test"]["GAN"]},
    }


# %% [markdown]
# First the ring. Here are the clouds met at the end, and the share of the points that meet one, for the three recorded
# seeds.

# %%
runs = list(recorded("13_gan")["seeds"].values())
for name in runs[0]["ring"]:
    ends = [run["ring"][name][-1] for run in runs]
    print(f"{name:24}", "; ".join(f"{found} of 8, {good:4.0%}" for found, good in ends))

# %% [markdown]
# With a momentum of 0.5 all eight clouds are met, in all six games; with 0.9 it is anything from two to eight, and in
# five games of six fewer than four points in ten are good. The **penalty makes no difference that one could see on the
# ring**: it does not cure the collapse alone, and beside less momentum it changes little. (Three seeds are few, and one
# strength of the penalty is recorded. At another learning rate it may be otherwise.) So much for two numbers; let us
# see with 64.

# %% [markdown]
# And now the digits. One argument chooses what is forged.

# %%
SOURCE = "embedded"  # or "mnist", "fashion_mnist": downloaded, 28 × 28, and better on a GPU
judge = make_judge(SOURCE)
test_images, test_labels = digits("test", source=SOURCE)
right = (judge(test_images).argmax(1) == test_labels).float().mean().item()
losses, samples, distances, forger = digits_game(0, judge, gentle(DIGIT_PENALTY), SOURCE)
print(f"the judge knows {right:.0%} of the test digits")
print(f"distance to the training digits: {distances[0]:.0f} at the start, {distances[1500]:.1f} at the end")

# %% [markdown]
# Move through the time of the game. The noise stays the same, so each place is one forgery, growing up.


# %% picture
# The forgeries and their distance over the time of the game
def draw_time(moment=17):
    step = TIMES[moment]
    figure, (left, right) = panels(1, 2, size=(9, 3.2))
    draw_pictures(left, samples[step], 8, f"Forgeries at step {step}")
    curves(
        {"distance": (TIMES, list(distances.values()))},
        title=f"Distance to the training digits: {distances[step]:.0f}",
        y_label="Fréchet distance",
        log=True,
        axes=right,
    )
    right.plot(step, distances[step], "o", markersize=9, color="#D55E00")
    return figure


explorer(
    draw_time,
    moment=(0, len(TIMES) - 1, 1),
    alt=lambda moment: (
        f"Left: forty forged digits at step {TIMES[moment]}. Right: the Fréchet distance over the steps, with this moment marked."
    ),
)

# %% [markdown]
# The distance falls from more than 800 to a few dozen, but by a crooked path: it rises before it falls, and late in
# the game it still jumps, in one recorded game to twice its height within 150 steps. Nothing in the game says when to
# stop.
#
# And the penalty? Here is the same game with it and without: the three recorded seeds, and a picture of their means.

# %%
over_time = {
    name: [sum(run["distance"][name][str(time)] for run in runs) / len(runs) for time in TIMES]
    for name in ("no penalty", "penalty")
}
for time in ("300", "1500"):
    print(f"step {time:>4}:", {name: [round(run["distance"][name][time]) for run in runs] for name in over_time})  # fmt: skip

# %% picture
# The distance over the steps, with the penalty and without
show(
    curves(
        {name: (TIMES, values) for name, values in over_time.items()},
        title="With the penalty the distance falls sooner",
        y_label="Fréchet distance",
        log=True,
    ),
    alt="Two curves of the Fréchet distance over the steps: with the penalty it falls from step 50 on, without it only from step 200 on; at the end they meet.",
)

# %% [markdown]
# Here it helps, but at the beginning only. On average the distance begins to fall at step 50 with the penalty, and at
# step 200 without; at step 300 the forger without it is still at 700 to 1,100, the other at 120 to 180. In the end
# the two are alike, and which is ahead depends on the seed. A penalty that saves time is worth having. That it makes
# better digits, our three seeds do not say.
#
# Now the same ruler for all forgers, against the *test* digits, which nobody has learnt from. (So these numbers
# cannot be compared with those before: even the real training digits are at some distance from the test digits.)

# %%
measures, sets = measure(judge, forger, SOURCE)
for name, value in measures["test"].items():
    others = ", ".join(f"{run['test'][name]:.0f}" for run in runs)
    print(f"{name:20} {value:5.0f}; recorded seeds: {others}")
print("digits drawn:", " ".join(f"{digit}: {share:.0%}" for digit, share in enumerate(measures["drawn"])))  # fmt: skip

# %% picture
# Real digits, and those of three forgers
figure, axes = panels(1, 4, size=(9, 2.2))
for panel, name in zip(axes, ("real (training)", "GAN", "normal distribution", "the average"), strict=True):  # fmt: skip
    draw_pictures(panel, sets[name][:24], 6, f"{name}: {measures['test'][name]:.0f}")
show(
    figure,
    alt="Four panels of 24 digits each, with their distance to the test digits: real ones, the GAN's, those of a normal distribution, and the grey average.",
)

# %% [markdown]
# First the good news: the forger draws every digit, none less often than one time in forty. Nothing has collapsed.
# But how well? Over the three recorded games its distance is 45 on average, between 40 and 50, where the real
# training digits are at 15. (The game that you have just played has the seed of the first of these, and may end
# elsewhere all the same: on another processor numbers are rounded differently, and after some hundred steps it is
# another game. So one game says little.) The average is hopeless, and even random pixels beat it, since they at least
# vary. And the **normal distribution is at 45**: a forger out of a textbook of statistics, without any network, does
# as well by this ruler as our recorded GANs. Look at both panels: the normal distribution smears grey where strokes
# do not go together, the GAN draws strokes. The ruler, which compares means and covariances, does not mind smears as
# much as we do. Be careful with claims about small models, and always measure the simple rival as well.

# %% [markdown]
# ## The same game, three times as long
#
# What you have just played ends after 1,500 steps, in the middle of the chase. Here is the recorded long game: 4,500
# steps, and learning rates that fall to nothing. Beside its pictures stand real test digits, those of your short game,
# and the normal distribution's.
#
# **Predict.** Cover the titles with your hand. Which of the four panels are forged, and which digits can you read?

# %%
long, jury = runs[0]["long"], make_jury(SOURCE)
shown = {
    "real (test)": test_images,
    "GAN, 4,500 steps": from_text(long["pictures"]),
    "GAN, 1,500 steps": sets["GAN"],
    "normal distribution": sets["normal distribution"],
}
read = {name: legible(jury, pictures) for name, pictures in shown.items()}
read["GAN, 4,500 steps"] = long["legible"]  # of as many as the others, not only of the forty that are kept
print("legible:", {name: f"{share:.0%}" for name, share in read.items()})
print(f"distance of the long game to the test digits: {long['test']:.0f}; nearest training digit: {long['nearest']:.2f}")
print(f"a fresh detective is right in {long['told']:.0%} of the long game's forgeries and of real digits")

# %% picture
# Real digits, those of a short and a long game, and those of a normal distribution
figure, axes = panels(1, 4, size=(9, 3.2))
for panel, (name, pictures) in zip(axes, shown.items(), strict=True):
    draw_pictures(panel, pictures[:40], 5, f"{name}\n{read[name]:.0%} legible")
show(
    figure,
    alt="Four panels of forty digits each: real ones, those of the recorded long game, those of the live short game, and those of a normal distribution, with the share that is legible.",
)

# %% [markdown]
# The long game's digits can be read. By the votes of the forest 67 % of them are legible, where it is 79 % of the
# real test digits (the forest is strict) and 12 % of the normal distribution's. And the ruler agrees: the distance to
# the test digits is 31, below the normal distribution's 45 and below all three recorded short games. (A short game
# may have luck, by this ruler, and come as near.) So the tie of the short games was no verdict on the two methods. It
# compared a forger that was still learning with a rival that has no more to learn: more steps do not help a mean and
# a covariance. Two things were changed at once, the length and the falling learning rates, and one seed was recorded;
# which of the two did more, this does not say.

# %% [markdown]
# ## What became of it
#
# GANs come in many kinds. Each of these changes one thing of what you have built:
#
# | kind | what is new |
# |---|---|
# | conditional GAN (2014) | both players are told a label: *draw a 7* |
# | DCGAN (2016) | convolutions in both, as in this chapter |
# | WGAN, WGAN-GP (2017) | a distance between distributions as the loss, and the gradient penalty |
# | pix2pix, CycleGAN (2017) | a picture goes in instead of noise: a sketch becomes a photo, a horse a zebra; the second learns without pairs |
# | StyleGAN (2019) | noise enters at every size of the map: faces nobody has |
#
# They have been used to enlarge pictures and repair them, to make training data where real data are rare or private,
# and to find anomalies, as in chapter 12. **For them**: sharp pictures, since no average is asked for, and one fast
# pass for each. **Against them**: a game that may not settle, mode collapse, no likelihood, no loss that says how well
# it goes, and no way to find the code of a given picture (the autoencoder has one).

# %% [markdown]
# ## Claims, checked
#
# > *"When the discriminator's loss has come to 1.386, nobody can tell the forgeries any more."*
#
# That is the theory: at the end of the game $D = ½$ everywhere, and the loss is $2 \log 2$. Here are the losses and the
# distance over time. And here is the fresh detective, who has no penalty, has never met this forger, and is asked about
# forgeries and real digits that it has not learnt from.

# %%
told = fresh_detective(forger, 0, SOURCE)
for time, (of_detective, of_forger) in late_losses(losses).items():
    print(
        f"step {time:4}: detective {of_detective:.2f}, forger {of_forger:.2f}, distance {distances[time]:4.0f}"
    )
print(
    f"a fresh detective is right in {told:.0%}; recorded seeds:",
    ", ".join(f"{run['told']:.0%}" for run in runs),
)

# %% [markdown]
# **False.** From step 600 on the loss is within 7 % of 1.386 in all three seeds, while the distance still falls to
# half or less: the losses of a game are no measure of quality. And a fresh detective is still right in more than nine
# cases of ten. The 1.386 says that *this* detective, held back by its penalty and busy with a forger who keeps
# changing, cannot tell them *now*. The theory speaks of the best possible detective. (Against the recorded long game
# a fresh detective, as quickly taught, is right in 58 %: there it sees little more than chance would.)
#
# > *"A Fréchet distance of 0 means that two sets are alike."*
#
# Let us forge the ring with a single normal distribution: same mean, same covariance, drawn at random.

# %%
dice = seed_everything(0)
true_ring = ring(20_000, dice)
blob = true_ring.mean(0) + torch.randn(20_000, 2) @ torch.linalg.cholesky(torch.cov(true_ring.T)).T
blob_distance, blob_good = distance(true_ring, blob), modes_found(blob)[1]
one_cloud = distance(true_ring, ring(20_000, dice, modes=1))
print(
    f"{blob_good:.0%} of the blob's points meet a cloud; a single cloud is at distance {one_cloud:.1f}"
)

# %% picture
# The ring, and a normal distribution of the same mean and covariance
figure, (left, right) = panels(1, 2, size=(6, 2.9))
for panel, cloud, title in (
    (left, true_ring, "The ring"),
    (right, blob, f"A blob at distance {blob_distance:.3f}"),
):
    panel.scatter(*cloud[:1500].T, s=3, alpha=0.4)
    panel.set(xlim=(-5, 5), ylim=(-5, 5), aspect="equal", title=title)
show(
    figure,
    alt="Left: eight small clouds on a ring. Right: one round blob that fills the middle and reaches far beyond the ring.",
)

# %% [markdown]
# **False.** It means that the *features* have the same mean and covariance. The blob has them, and looks nothing like a
# ring. The distance sees what is missing (a single cloud is far away), but not everything that is wrong. With good
# features that is often enough; it is never a proof. And it depends on the judge: ours and a published FID are numbers
# on different rulers.
#
# > *"A GAN only copies its training data."*
#
# How could it, never having seen any? Through the detective, who has. For each forgery we look for the nearest training
# digit, and do the same for the test digits, which are surely no copies.

# %%
print({name: round(value, 2) for name, value in measures["nearest"].items()})
print("recorded:", [{k: round(v, 2) for k, v in run["nearest"].items()} for run in runs])

# %% picture
# Forgeries, and the training digits nearest to them
fakes = sets["GAN"][:8]
training, _ = digits("train", source=SOURCE)
closest = training[torch.cdist(fakes.flatten(1), training.flatten(1)).argmin(1)]
figure, (panel,) = panels(1, 1, size=(6, 1.9))
draw_pictures(
    panel, torch.cat([fakes, closest]), 8, "Forgeries, and the nearest real digit below each"
)
show(
    figure,
    alt="Eight forged digits, and below each the most similar training digit: alike in shape, not the same.",
)

# %% [markdown]
# **Not here.** The forgeries are *farther* from the training digits than real new digits are, in all three seeds. A
# copier would be nearer. (It also says that they are not quite like digits yet.) Large GANs with little data do copy;
# the test is the same.

# %% [markdown]
# ## Repair: a detective who cannot be sure
#
# Below is a detective for a task without difficulty: real numbers lie around +3, forged ones around −3. It learns, its
# accuracy is perfect, but the loss will not fall below 1. The next cell shows the symptom. Find the cause and repair it
# in place.

# %%
suspect = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid(), nn.Flatten(0))

# %%
seed_everything(0)
layers = [layer for layer in suspect if isinstance(layer, nn.Linear)]
for layer in layers:
    layer.reset_parameters()
clearly_real, clearly_fake = 3 + torch.randn(256, 1) / 4, torch.randn(256, 1) / 4 - 3
optimizer = torch.optim.Adam(suspect.parameters(), lr=0.01)
for _ in range(500):
    stuck = detective_loss(suspect(clearly_real), suspect(clearly_fake))
    optimizer.zero_grad()
    stuck.backward()
    optimizer.step()
with torch.no_grad():
    before = suspect(clearly_real)
    layers[-1].weight *= 1000
    layers[-1].bias *= 1000
    louder = (suspect(clearly_real) / before).mean().item()  # the last layer speaks 1000 times as loud
judge_repair(
    ("The loss falls towards 0.", stuck < 0.1, f"After 500 steps it is {stuck.item():.3f}."),
    ("It may be as sure as it likes.", louder > 999, f"A last layer 1000 times as loud makes it {louder:.0f} times as sure."),
)

# %% [markdown]
# <details><summary>What is it?</summary>
#
# The network ends in a sigmoid, and the loss takes logits and applies its own. So the loss gets "logits" between 0
# and 1, and the best it can do is $\log(1 + e^{-1}) + \log 2 = 1.006$. The repair is to drop the network's sigmoid.
# The shapes are right, nothing complains, and even the accuracy is perfect; but the gradients are small, so a forger
# would learn slowly from it. It is one of the most common bugs in GANs. The lesson: know the lowest value that your
# loss can have, and ask whether it is reached on a task that cannot be missed.
# </details>

# %% [markdown]
# ## In your own words
#
# Explain to a friend who knows what a gradient is how a network can learn to draw digits that nobody has drawn, in six
# to ten sentences: what does each player want, through whom does the forger's gradient come and what is cut off where,
# and what is mode collapse and why does the loss not prevent it?
#
# Two points: one for both losses and the way of the gradients (detach; only one player steps), one for mode collapse
# and its reason.

# %% written [markdown] name="gan-in-your-own-words" points=2
# A generator turns noise into pictures, a discriminator says how probably a picture is real. The discriminator's loss
# is the cross-entropy of a classification into real and forged; while it learns, the forgeries are detached, so that
# nothing reaches the generator. The generator's loss is low where its forgeries pass for real. Its gradient comes
# through the discriminator, which alone knows what is wrong with a picture, but only the generator takes a step, and
# what the pass leaves on the discriminator's weights is cleared before it learns again. So the generator never sees a
# real picture. Mode collapse: it makes only a few kinds of pictures, since each forgery is judged on its own and
# nothing in its loss asks for variety; when the discriminator becomes suspicious of that kind, all forgeries move on
# together. Less momentum helped on the ring, and a gentler discriminator, with slopes near 1, gave the digits a quicker
# start.
#
# **1 point**: what both want *and* that the gradient goes through D without D learning, with fakes detached in D's
# turn. **1 point**: collapse as lack of variety *and* that each sample is judged alone (or the chase that follows from
# it).

# %% [markdown]
# ## What you have now, and where next
#
# You have made a loss out of a network. Nobody had to say what a good digit is; it was enough to have examples and
# somebody who learns to tell them apart. You have also seen the price: a game has no loss that falls, and you need a
# ruler of your own to know who is winning.
#
# **Next**: the idea of a small generator beside a discriminator comes back in chapter 15, where ELECTRA finds replaced
# words; there the two do not play against each other, and you will be asked why. Pictures today are mostly made by
# diffusion models, which are trained with a squared error after all; GANs live on where one fast pass must do.
#
# *To read on*: Goodfellow et al., *Generative Adversarial Nets* (2014); Radford et al., *DCGAN* (2016); Gulrajani et
# al., *Improved Training of Wasserstein GANs* (2017); Mescheder et al., *Which Training Methods for GANs do actually
# Converge?* (2018).

# %%
progress("13_gan")
