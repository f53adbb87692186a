# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 12 · What is worth keeping?
#
# A picture of the syllable 한 may have 256 pixels. To write it down you need three choices: which first consonant (ㅎ),
# which vowel (ㅏ), which last consonant (ㄴ). Anyone who knows Hangul keeps three numbers and draws the picture again
# from them. In this chapter a network, an **autoencoder** (오토인코더), finds such numbers on its own, for pictures that
# nobody has spelt out for it. With them it cleans noisy pictures, draws new ones, and notices what it has never seen.
#
# You need: chapters 0 to 2 (how a network learns). Seven exercises, 19 points and a paragraph (2 points). About three
# hours.

# %% setup
import torch
from torch import nn

from autograder import check, judge_repair, progress, solved
from unrolled.anomaly import roc_curve
from unrolled.data.digits import digits
from unrolled.lab import curves, explorer, panels, recorded, seed_everything, show, train
from unrolled.lab import preset as preset_of
from unrolled.pca import principal_components, subspace_angles
from unrolled.vae import VariationalAutoencoder


# %%
def jamo(syllable):
    """The three choices that make a Hangul syllable: first consonant, vowel, last consonant."""
    number = ord(syllable) - ord("가")
    return number // (21 * 28), number // 28 % 21, number % 28


print({syllable: jamo(syllable) for syllable in "한글은쉽다"})
print(f"19 · 21 · 28 = {19 * 21 * 28:,} syllables, each a code of three numbers")

# %% [markdown]
# Unicode numbers the syllables by just this code. Somebody had to find it first, though (King Sejong, in 1443). For
# most pictures there is no Sejong.

# %% [markdown]
# ## The problem: sixty-four numbers are far too many
#
# Here are handwritten digits of 8 × 8 pixels, from 0 (paper) to 1 (ink). Below them are pictures made by chance: each
# pixel is taken from the same place of *some* digit, each from another one. So every single pixel is right.
#
# `SOURCE` is all you need to change for larger pictures: `"mnist"` or `"fashion_mnist"` come through Hugging Face.
# (The numbers in the text are those of the small ones.)

# %%
SOURCE = "embedded"


def load(source):
    """Pictures as rows of pixels, with their labels: to learn from, to choose by, and for the test; and their shape."""
    (images, labels), test = digits("train", source=source), digits("test", source=source)
    cut = len(images) * 4 // 5
    parts = {
        "fit": (images[:cut], labels[:cut]),
        "validation": (images[cut:], labels[cut:]),
        "test": test,
    }
    return {name: (x.flatten(1), y) for name, (x, y) in parts.items()}, images.shape[2:]


data, SHAPE = load(SOURCE)
(fit, fit_labels), (validation, validation_labels) = data["fit"], data["validation"]
FEATURES = fit.shape[1]
generator = seed_everything(0)
by_chance = fit.gather(0, torch.randint(len(fit), (10, FEATURES), generator=generator))
print({name: tuple(x.shape) for name, (x, _) in data.items()})


# %% picture
# Digits, and pictures made by chance
def gallery(rows, title):
    """Pictures in named rows, ink on paper."""
    count = len(next(iter(rows.values())))
    framed = (nn.functional.pad(x.view(-1, *SHAPE), (1, 1, 1, 1)) for x in rows.values())
    image = torch.cat([torch.cat(list(row), dim=1) for row in framed])
    figure, (axes,) = panels(size=(0.62 * count + 1.9, 0.62 * len(rows) + 0.5))
    axes.imshow(image.numpy(), cmap="gray_r", vmin=0, vmax=1)
    axes.set_yticks([(SHAPE[0] + 2) * (i + 0.5) for i in range(len(rows))], list(rows))
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_title(title)
    return figure


show(
    gallery({"digits": fit[:10], "by chance": by_chance}, "Hardly any picture is a digit"),
    alt="Two rows of ten small pictures: handwritten digits 0 to 9, and below them pictures whose pixels were put together by chance, which show nothing.",
)

# %% [markdown]
# None of the lower ones is a digit. Digits are rare among all pictures that 64 numbers can make. So 64 numbers say far
# more than is needed. How few would do?
#
# **Predict.** You may keep *two* numbers a picture. One way: keep the two pixels that vary most, and guess all others
# from these by the best linear formula. The other: keep the two best *mixtures* of all pixels, the principal
# components; this is **principal component analysis** (주성분 분석). What share of the pictures' variance does each keep,
# roughly?


# %%
def mean_squared_error(a, b):
    """Over all pixels of all pictures."""
    return ((a - b) ** 2).mean().item()


def pca(data, latent):
    """A function that squeezes pictures into their first principal components and makes them again."""
    mean, components = principal_components(data["fit"][0], latent)
    return lambda x: mean + (x - mean) @ components.T @ components


def from_pixels(x, kept):
    """The best linear guess of all pixels from the kept ones."""
    known, ones = fit[:, kept], torch.ones(len(fit), 1)
    weights = torch.linalg.lstsq(torch.cat([known, ones], 1), fit).solution
    return torch.cat([x[:, kept], torch.ones(len(x), 1)], 1) @ weights


variance = mean_squared_error(validation, fit.mean(0))
kept_share = {
    "two pixels": 1 - mean_squared_error(validation, from_pixels(validation, fit.var(0).topk(2).indices)) / variance,
    "two mixtures": 1 - mean_squared_error(validation, pca(data, 2)(validation)) / variance,
}  # fmt: skip
print({name: f"{share:.0%}" for name, share in kept_share.items()})

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# The two pixels keep a fifth, the two mixtures more than a quarter. A single pixel tells little about the others; a
# good code asks about the whole picture. But principal components are linear: they can only add up fixed pictures,
# more of this one and less of that one. A slanted 7 is not an upright 7 plus a fixed picture times the slant.
# </details>

# %% [markdown]
# ## The idea: squeeze it through a bottleneck
#
# Take a network that is wide at both ends and narrow in the middle. Its first half, the **encoder**, makes a few
# numbers of a picture, the **code**, or **latent** (잠재) vector, as papers say. Its second half, the **decoder**, makes
# a picture of the code. The target is the picture that came in, and the loss is the **reconstruction error** (재구성 오차):
#
# $$\text{code} = e(x), \qquad \hat x = d(\text{code}), \qquad L = \text{mean}\,(x - \hat x)^2$$
#
# Nobody says what the code should mean. But whatever does not get through the bottleneck cannot come out again, so the
# network must find out what is worth keeping.

# %% [markdown]
# ### Exercise 12.1 — an autoencoder · 3 points · ~15 min
#
# Four layers are there, two for the encoder and two for the decoder. Write `encode`, `decode` and `forward`, which
# returns the reconstructed pictures *and* their codes. The docstring says where a ReLU stands and where a sigmoid.
#
# <details><summary>Hint</summary>
#
# Write `encode` and `decode` first, one line each; `forward` only calls them. Which of the four layers have something
# after them? Count: two ReLUs, one sigmoid, and one layer with nothing.
# </details>

# %% exercise
from unrolled.autoencoder import Autoencoder

# %% check
check(Autoencoder)

# %%
Coder = solved("Autoencoder")
HIDDEN = 256


def learn(model, batches, loss, *, steps, seed, name, preset="auto", live=True):
    """Trains; over the second half, the learning rate falls to 0."""
    steps *= preset_of(preset).scale
    return train(
        model, batches, loss, steps=steps, learning_rate=5e-3, seed=seed, name=name, preset=preset, live=live,
        schedule=lambda step: min(1.0, 2 * (1 - step / steps)),
    )  # fmt: skip


def some_of(x, generator, count=64):
    """Pictures for a batch."""
    return x[torch.randint(len(x), (count,), generator=generator)]


def reconstruction_loss(model, x):
    made, _ = model(x)
    return ((made - x) ** 2).mean()


def autoencoder(x, latent, seed, preset="auto", steps=1000, live=True, name=""):
    """An autoencoder that has learnt from the pictures x."""
    seed_everything(seed)
    model = Coder(x.shape[1], HIDDEN, latent)
    learn(model, lambda g: some_of(x, g), reconstruction_loss,
          steps=steps, seed=seed, name=name or f"{latent} numbers", preset=preset, live=live)  # fmt: skip
    return model.eval().requires_grad_(False)


# %% [markdown]
# Let two numbers pass, and compare with the two principal components.

# %%
two = autoencoder(fit, latent=2, seed=0)
chosen = torch.cat([(validation_labels == d).nonzero()[:1, 0] for d in range(10)])
some = validation[chosen]  # one of each digit
made = {"as it was": some, "two mixtures": pca(data, 2)(some), "two numbers": two(some)[0]}
error_of = {
    "two mixtures": mean_squared_error(pca(data, 2)(validation), validation),
    "two numbers": mean_squared_error(two(validation)[0], validation),
}
print({name: round(error, 4) for name, error in error_of.items()})

# %% picture
# What is left of ten digits
show(
    gallery(made, "Two numbers of a network say more than two mixtures"),
    alt="Three rows of ten digits: the originals, what is left of two linear mixtures (blurred, several not to be recognised), and what the autoencoder makes of two numbers (sharper, mostly a digit, not always the right one).",
)

# %% [markdown]
# These are pictures that the network has not learnt from. Its two numbers say more than the two principal components:
# the error is about a third lower. What it keeps is mostly *which kind of picture* this is: where it mistakes the
# kind, another digit comes out, or a blur of two.

# %% [markdown]
# ## Cleaning pictures
#
# Now spoil the picture that goes in, and ask for the clean one. To do that, a network must know what digits look like.
# This is a **denoising autoencoder** (잡음 제거 오토인코더; Vincent et al., 2008). You may know two of them already: BERT's
# hidden words (chapter 7) and BART's damaged texts (chapter 9) are the same idea with words for pixels. It needs pairs:
# a spoilt picture and the clean one it came from. We make them ourselves, new ones in every step.

# %% [markdown]
# ### Exercise 12.2 — spoil it · 3 points · ~10 min
#
# Two kinds of damage, one after the other: noise on every pixel, then some pixels erased. The random numbers are
# handed in, so that a run can be repeated, and checked. Return the pair: what goes in, and what should come out.
#
# <details><summary>Hint</summary>
#
# `uniforms >= erased` is a tensor of truth values, and times a picture it counts as 1 and 0. Beware of `+=`: it would
# write into the clean picture, which is still needed.
# </details>

# %% exercise
from unrolled.autoencoder import corrupt

# %% check
check(corrupt)

# %% [markdown]
# **Predict.** An autoencoder whose code has 32 numbers gives back clean pictures almost perfectly. It has learnt from
# clean ones only. You hand it spoilt ones. Will clean ones come out, since it knows nothing else?

# %%
spoil = solved("corrupt")
WIDE = 32


def spoilt(x, generator):
    """Pairs (spoilt, clean): noise of 0.3, and a quarter of the pixels erased."""
    noise = torch.randn(x.shape, generator=generator)
    return spoil(x, noise, torch.rand(x.shape, generator=generator), std=0.3, erased=0.25)


def denoising_loss(model, batch):
    given, clean = batch
    made, _ = model(given)
    return ((made - clean) ** 2).mean()


def denoiser(x, seed, preset="auto"):
    """An autoencoder that has learnt to clean pictures."""
    seed_everything(seed)
    model = Coder(x.shape[1], HIDDEN, WIDE)
    learn(model, lambda g: spoilt(some_of(x, g), g), denoising_loss,
          steps=1000, seed=seed, name="denoiser", preset=preset)  # fmt: skip
    return model.eval().requires_grad_(False)


# %% [markdown]
# Three methods get the same spoilt pictures: 32 principal components (the *mixtures*), an ordinary autoencoder, and
# the one that has learnt to clean.


# %%
def cleaned(data, split, plain, trained):
    """The spoilt pictures of a split, the clean ones, and what each method makes of the spoilt ones."""
    given, clean = spoilt(data[split][0], torch.Generator().manual_seed(0))
    return clean, {
        "spoilt": given,
        "mixtures": pca(data, WIDE)(given).clamp(0, 1),
        "autoencoder": plain(given)[0],
        "denoiser": trained(given)[0],
    }


def errors(clean, pictures):
    """How far each is from the clean pictures."""
    return {name: mean_squared_error(x, clean) for name, x in pictures.items()}


plain, trained = autoencoder(fit, latent=WIDE, seed=0), denoiser(fit, seed=0)
clean, results = cleaned(data, "validation", plain, trained)
left = errors(clean, results)
print({name: round(error, 3) for name, error in left.items()})
print("the autoencoder's error on clean pictures:", round(mean_squared_error(plain(clean)[0], clean), 3))  # fmt: skip

# %% picture
# Spoilt pictures, and what each method makes of them
show(
    gallery({"clean": clean[chosen]} | {name: x[chosen] for name, x in results.items()}, "The denoiser cleans best"),
    alt="Five rows of ten digits: clean, spoilt by noise and gaps, through 32 linear mixtures (still noisy), through an ordinary autoencoder (distorted), through the denoiser (nearly clean).",
)  # fmt: skip

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# Only in part. The error falls from nearly 0.1 to about 0.06, where clean pictures come back with 0.005. A spoilt
# picture is unlike anything that the encoder knows, so it may land at a code that stands for something else. The
# denoiser has the same layers and the same size, and leaves about 0.03; it was asked another question. What a network
# learns is what its target asks for, and with the spoilt picture itself as the target it would learn to keep the
# damage.
# </details>

# %% [markdown]
# ## A map with no scale
#
# Can we draw *new* digits? Choose a code, decode it. But which code? Below are the codes of the pictures, and pictures
# made of codes drawn from a standard normal distribution.

# %%
codes = two.encode(fit)
low, high = codes.min(0).values, codes.max(0).values
normal_codes = torch.randn(10, 2, generator=torch.Generator().manual_seed(0))
print(f"codes from {[round(v) for v in low.tolist()]} to {[round(v) for v in high.tolist()]}")


# %% picture
# The map of codes, and pictures of codes drawn at random
def scatter(axes, codes, labels, title):
    """The codes of 400 pictures as dots, one colour a digit."""
    axes.scatter(*codes[:400].T.numpy(), c=labels[:400].numpy(), cmap="tab10", vmin=0, vmax=9,
                 s=12, linewidths=0, antialiased=False)  # fmt: skip
    for digit in labels.unique().tolist():
        axes.text(*codes[labels == digit].median(0).values.tolist(), str(digit), weight="bold",
                  ha="center", va="center", bbox={"fc": "white", "ec": "none", "pad": 1, "alpha": 0.8})  # fmt: skip
    axes.set(title=title, xlabel="first number of the code", ylabel="second number")
    axes.grid(visible=False)


figure, (axes,) = panels(size=(6.4, 4.4))
scatter(axes, codes, fit_labels, "The autoencoder's map of the digits")
show(
    figure,
    alt="Dots in a plane, coloured by digit: most digits have a region of their own, of very different sizes and shapes, with empty space between them.",
)
show(
    gallery({"drawn": two.decode(normal_codes)}, "Codes from a normal distribution"),
    alt="Ten pictures decoded from random codes; they are all of a few kinds, and some are no digits.",
)

# %% [markdown]
# The digits sort themselves, more or less, although the network has never seen a label. But the map has no scale. It
# is as wide as training happened to make it, with bays and gaps. Draw codes around 0, and you see the crowded middle,
# again and again; draw from everywhere, and you hit the gaps, where the decoder was never asked anything.

# %% [markdown]
# ## Clouds instead of points
#
# Make two demands. First: a picture's code is not a point but a small **cloud**, a normal distribution with a mean and
# a variance that the encoder gives. Each time, a code is drawn from the cloud. So neighbouring codes must decode to
# similar pictures, and gaps close. Second: all clouds together should look like one standard normal distribution. Then
# we know where to draw from. This is a **variational autoencoder** (변분 오토인코더; Kingma and Welling, 2014).
#
# There is an obstacle. How should a gradient come back through a *draw*? Through `Normal(μ, σ).sample()` none does. The
# **reparameterisation trick** (재매개변수화 트릭): draw the noise $\varepsilon$ (here it is not small) beforehand,
# from N(0, 1), and let the code be an ordinary formula of it:
#
# $$z = \mu + \sigma \cdot \varepsilon$$
#
# The network gives $\log\sigma^2$ instead of $\sigma$, as that may be any number.

# %% [markdown]
# ![Above an autoencoder: a picture x, the encoder, a code of a few numbers, the decoder, and the picture made again.
# Below a variational autoencoder: the encoder gives a mean μ and a log-variance log σ²; the code z = μ + σ · ε is made
# of both and of noise ε that was drawn beforehand from N(0, 1); the decoder makes the picture
# again.](../assets/diagrams/autoencoders.svg)

# %% [markdown]
# ### Exercise 12.3 — a draw with a way back · 3 points · ~10 min
#
# Make the code from mean, *log-variance* and noise. A gradient must reach both mean and log-variance.
#
# <details><summary>Hint</summary>
#
# How do you get $\sigma^2$ from $\log\sigma^2$? And $\sigma$ from that? Both steps fit into one exponential, and they
# must: for $\log\sigma^2 = 150$, $\sigma$ is a number and $\sigma^2$ is infinite in float32.
# </details>

# %% exercise
from unrolled.vae import reparameterize

# %% check
check(reparameterize)

# %% [markdown]
# ## What a code costs
#
# If clouds shrink to points and run far away from each other, we are back at the map with no scale. So a cloud pays for
# being unlike N(0, 1). The price is the **Kullback–Leibler divergence** (쿨백–라이블러 발산), and between normal distributions
# it has a closed form. For each number of the code:
#
# $$\mathrm{KL} = \tfrac12\left(\mu^2 + \sigma^2 - 1 - \log\sigma^2\right)$$
#
# $\mu^2$ holds the cloud at 0, $\sigma^2$ keeps it from growing, $-\log\sigma^2$ from shrinking to a point. Numbers of
# one code are independent, so their prices add up.

# %% [markdown]
# ### Exercise 12.4 — the divergence · 3 points · ~10 min
#
# One number for each picture, in nats. Write the formula out; torch's own divergence will check it in a moment.
#
# <details><summary>Hint</summary>
#
# You have $\log\sigma^2$; the formula needs it as it is once, and once as $\sigma^2$. Over which axis is summed, so
# that one number for each picture is left?
# </details>

# %% exercise
from unrolled.vae import kl_to_standard_normal

# %% check
check(kl_to_standard_normal)

# %% [markdown]
# Is the closed form right? A divergence is an average: draw codes from the cloud, and average
# $\log q(z) - \log p(z)$.

# %%
divergence = solved("kl_to_standard_normal")
cloud_mean, cloud_log_variance = torch.tensor([[0.8, -0.3]]), torch.tensor([[-1.0, 0.4]])
cloud = torch.distributions.Normal(cloud_mean, (cloud_log_variance / 2).exp())
plane = torch.distributions.Normal(0.0, 1.0)
seed_everything(0)
drawn = cloud.sample((100_000,))
three_ways = {
    "closed form": divergence(cloud_mean, cloud_log_variance).item(),
    "torch.distributions": torch.distributions.kl_divergence(cloud, plane).sum().item(),
    "average of 100,000 draws": (cloud.log_prob(drawn) - plane.log_prob(drawn)).sum(-1).mean().item(),
}  # fmt: skip
print({name: round(value, 3) for name, value in three_ways.items()})

# %% [markdown]
# ## The bound
#
# Both demands together: the picture should be probable given its code, and the code should cost little. Let the decoder
# give each pixel a probability of ink, $p = \mathrm{sigmoid}(\text{logit})$. Then
#
# $$\mathrm{ELBO} = \underbrace{\sum_{\text{pixels}} x \log p + (1 - x) \log (1 - p)}_{\text{how well it comes out}}
# \;-\; \underbrace{\sum_{\text{code}} \mathrm{KL}}_{\text{what the code costs}}$$
#
# It is called the **evidence lower bound** (증거 하한), or ELBO: it is never more than $\log p(x)$, the log-probability of
# the picture under the whole model. (We will check that.) Both sums are sums, in nats. If you average one of them, you
# change the price of a code, and may not notice.

# %% [markdown]
# ### Exercise 12.5 — the bound · 3 points · ~15 min
#
# Sum over the pixels and over the code; average over the pictures of the batch. It is to be made *large*: the loss will
# be `-elbo(…)`. A decoder can be very sure, and wrong: scores of 300 must cost 300 nats, and not be infinite or cut
# off. Any function of torch may help.
#
# <details><summary>Hint</summary>
#
# `F.binary_cross_entropy_with_logits(…, reduction="none")` gives the surprise of each pixel, the negative of the first
# sum's terms. Your `kl_to_standard_normal` is the second sum.
# </details>

# %% exercise
from unrolled.vae import elbo

# %% check
check(elbo)

# %%
bound = solved("elbo")


def bound_loss(model, batch):
    x, noise = batch
    return -bound(x, *model(x, noise))


def variational(x, seed, preset="auto", latent=2, steps=1500, sample=None):
    """A variational autoencoder that has learnt from the pictures x."""
    seed_everything(seed)
    model = VariationalAutoencoder(
        x.shape[1], HIDDEN, latent, sample=sample or solved("reparameterize")
    )
    learn(model, lambda g: (some_of(x, g), torch.randn(64, latent, generator=g)), bound_loss,
          steps=steps, seed=seed, name="VAE", preset=preset)  # fmt: skip
    return model.eval().requires_grad_(False)


def measured(model, x, draws=20):
    """The bound and the divergence, in nats a picture, with so many draws a picture."""
    generator = torch.Generator().manual_seed(0)
    noises = torch.randn(draws, len(x), 2, generator=generator)
    found = [bound(x, *model(x, noise)).item() for noise in noises]
    return {"bound": sum(found) / draws, "divergence": divergence(*model.encode(x)).mean().item()}


vae = variational(fit, seed=0)
now = measured(vae, validation)
print({name: f"{value:.1f} nats a picture" for name, value in now.items()})

# %% [markdown]
# What do 2.7 nats of divergence mean? On average, that is the most that the two numbers can *say* about a picture: as
# much as choosing one out of $e^{2.7} \approx 15$. Here is the map, and beside it what the decoder draws all over the
# plane.

# %%
vae_codes = vae.encode(fit)[0]
spread = {"autoencoder": two.encode(fit).std(0).tolist(), "VAE": vae_codes.std(0).tolist()}
print({name: [round(s, 1) for s in stds] for name, stds in spread.items()})

# %% picture
# The map of codes, and what is drawn all over it
STEPS = 13
places = torch.distributions.Normal(0.0, 1.0).icdf(torch.linspace(0.03, 0.97, STEPS))
grid = torch.cartesian_prod(places.flip(0), places).flip(1)  # row by row, the top row first
pictures = nn.functional.pad(vae.decode(grid).sigmoid().view(-1, *SHAPE), (1, 1, 1, 1))
drawn_map = pictures.unflatten(0, (STEPS, STEPS)).transpose(1, 2).flatten(2).flatten(0, 1)
figure, (axes_left, axes_right) = panels(1, 2, size=(9.4, 4.6))
scatter(axes_left, vae_codes, fit_labels, "The codes lie around 0, close together")
axes_right.imshow(drawn_map.numpy(), cmap="gray_r", vmin=0, vmax=1)
axes_right.set_axis_off()
axes_right.set_title("… and every place in it is drawn")
show(
    figure,
    alt="Left: the means of all pictures' clouds, coloured by digit, lie around 0, most within two units. Right: 13 × 13 pictures drawn from places in that region; digits turn smoothly into each other.",
)

# %% [markdown]
# Now there is a scale: the codes have a standard deviation of about 1. In between two digits lies something in between.
# Two numbers are few for ten digits, and the decoder draws the *mean* of what a place may stand for; so the pictures
# are soft. Walk over the map. Where does a 4 become a 9?
#
# <details><summary>What one finds</summary>
#
# The 4s lie around (0.3, 0.7) and the 9s around (0.9, −0.6). On the way between them there is a place where you
# cannot say which of the two it is: there the decoder draws the mean of both. The border is not sharp.
# </details>


# %% picture
# A walk over the map
def draw_place(across=0.6, up=0.1):
    figure, (map_axes, picture_axes) = panels(1, 2, size=(7.6, 3.8))
    scatter(map_axes, vae_codes, fit_labels, f"You are at ({across:g}, {up:g})")
    map_axes.plot(across, up, "+", color="black", markersize=22, markeredgewidth=3)
    pixels = vae.decode(torch.tensor([[across, up]])).sigmoid()
    picture_axes.imshow(pixels.view(*SHAPE).numpy(), cmap="gray_r", vmin=0, vmax=1)
    picture_axes.set_axis_off()
    picture_axes.set_title("… and this is drawn here")
    return figure


explorer(
    draw_place,
    across=(-3.0, 3.0, 0.1),
    up=(-3.0, 3.0, 0.1),
    alt=lambda across, up: (
        f"Left the map of codes with a cross at ({across:g}, {up:g}), right the picture that is decoded from that place."
    ),
)

# %% [markdown]
# ## From one digit to another
#
# Take two pictures and go from one to the other in steps. Mixing pixels fades one out and the other in. Mixing *codes*
# takes a walk on the map.

# %%
pair = validation[chosen[[1, 0]]]  # a 1 and a 0
ways = torch.linspace(0, 1, 9)[:, None]


def between(start, end, ways):
    """Mixtures of the pixels, and pictures made of mixtures of the codes."""
    start_2, end_2 = two.encode(start), two.encode(end)
    start_vae, end_vae = vae.encode(start)[0], vae.encode(end)[0]
    return {
        "pixels": start.lerp(end, ways),
        "autoencoder": two.decode(start_2.lerp(end_2, ways)),
        "VAE": vae.decode(start_vae.lerp(end_vae, ways)).sigmoid(),
    }


order = torch.randperm(len(validation), generator=torch.Generator().manual_seed(0))
halfway = between(validation, validation[order], torch.tensor(0.5))
nearest = {
    name: (torch.cdist(x, fit).min(1).values ** 2 / FEATURES).mean().item()
    for name, x in {"real pictures": validation, **halfway}.items()
}
print({name: round(distance, 4) for name, distance in nearest.items()})

# %% picture
# From a 1 to a 0, in three ways
show(
    gallery(between(pair[:1], pair[1:], ways), "From a 1 to a 0"),
    alt="Three rows of nine pictures from a 1 to a 0: mixed pixels fade one into the other; the autoencoder and the VAE pass through other shapes on their way.",
)

# %% [markdown]
# The numbers say how far a picture from halfway is from the nearest picture in the training set, on average over many
# pairs. Mixed codes end up nearer than mixed pixels. Beware of reading too much into it: a soft picture is near to
# many, which is why some come out nearer than real ones do. And nothing says that *halfway* should be a digit at all:
# on the way from a 1 to a 0 you may cross a region of other digits, or of mush.

# %% [markdown]
# ## What it has never seen
#
# A factory has a thousand pictures of good parts, and none of the fault that will come tomorrow. To notice it all the
# same is **anomaly detection** (이상 탐지). Train an autoencoder on good parts. It learns to make *these* again. Whatever
# comes out badly is suspicious. All it takes is a score for each picture, and a way to say how good the scores are.

# %% [markdown]
# ### Exercise 12.6 — a score · 1 point · ~5 min
#
# The mean squared error of each picture, over all its axes, for any batch, also of one. High means *anomalous*.

# %% exercise
from unrolled.anomaly import anomaly_scores

# %% check
check(anomaly_scores)

# %% [markdown]
# An alarm goes off where the score is above a threshold. Lower it, and you catch more anomalies (**hits**), and there
# are more **false alarms** among the ordinary pictures as well. Their shares are called the **true positive rate** (참
# 양성률) and the **false positive rate** (거짓 양성률). The **ROC curve** (ROC 곡선) shows one against the other for all
# thresholds. The area under it has a plain meaning: take an anomaly and an ordinary picture at random; how often has
# the anomaly the higher score? A tie counts half.

# %% [markdown]
# ### Exercise 12.7 — the area under the ROC curve · 3 points · ~15 min
#
# By pairs, ranks or trapezoids, as you like; without scikit-learn.
#
# <details><summary>Hint</summary>
#
# By pairs: `scores[is_anomaly]` and `scores[~is_anomaly]` are the two kinds, and `a[:, None] > b` compares every a with
# every b at once. What share of these comparisons is won, and what share ends in a tie?
# </details>

# %% exercise
from unrolled.anomaly import roc_auc

# %% check
check(roc_auc)

# %%
score, area = solved("anomaly_scores"), solved("roc_auc")
from sklearn.metrics import roc_auc_score

seed_everything(0)
guesses, kinds = torch.randint(0, 5, (200,)).float(), torch.rand(200) < 0.2
with_ties = area(guesses, kinds), roc_auc_score(kinds, guesses)
print(f"ours {with_ties[0]:.6f}, scikit-learn's {with_ties[1]:.6f}")

# %% [markdown]
# ## The experiment: ten detectors
#
# For each digit in turn: an autoencoder learns from the other nine and never sees this one. Then all ten come, and it
# has to notice the one. So no digit is picked because it works well. How many numbers should a code have? With too
# few, ordinary pictures come out badly as well; with too many, anomalies come out well. We choose by the
# **validation** pictures, among 2, 8 and 32. The test pictures are looked at once, at the end.


# %%
LATENT = 8


def detectors(data, seed, latent=LATENT, preset="auto", live=False):
    """For each digit, the scores of all validation and test pictures, by an autoencoder that has not seen that digit."""
    x, labels = data["fit"]
    found = {}
    for unseen in labels.unique().tolist():
        model = autoencoder(
            x[labels != unseen], latent, seed, preset, steps=400, live=live, name=f"all but {unseen}"
        )
        found[unseen] = {
            split: score(data[split][0], model(data[split][0])[0])
            for split in ("validation", "test")
        }
    return found


def flat_detectors(data, latent=LATENT):
    """The same with principal components."""
    x, labels = data["fit"]
    found = {}
    for unseen in labels.unique().tolist():
        remake = pca({"fit": (x[labels != unseen], None)}, latent)
        found[unseen] = {
            split: score(data[split][0], remake(data[split][0])) for split in ("validation", "test")
        }
    return found


# %% [markdown]
# Two measures of the scores: the area for each unseen digit, and what an alarm catches if it may be false in 5 % of the
# ordinary pictures.


# %%
def areas(data, scores, split):
    """The area under the ROC curve for each unseen digit."""
    return [area(of[split], data[split][1] == unseen) for unseen, of in scores.items()]


def at_threshold(data, scores, allowed=0.05):
    """Thresholds with so many false alarms on validation pictures; what they do on test pictures, for each digit."""
    rates = {"false alarms": [], "hits": []}
    for unseen, of in scores.items():
        threshold = of["validation"][data["validation"][1] != unseen].quantile(1 - allowed)
        alarms, is_unseen = of["test"] > threshold, data["test"][1] == unseen
        rates["false alarms"].append(alarms[~is_unseen].float().mean().item())
        rates["hits"].append(alarms[is_unseen].float().mean().item())
    return rates


def mean(values):
    return sum(values) / len(values)


# %% [markdown]
# `experiment` is what is recorded for three seeds: everything in this chapter that learns, measured on the test
# pictures. Live we run the ten detectors with one seed.


# %%
def experiment(seed, preset="auto", source=SOURCE):
    """Everything that is recorded: errors by size of the code, denoising, the bound, and anomalies."""
    data, _ = load(source)
    x, test = data["fit"][0], data["test"][0]
    wide = {}
    for latent in (1, 2, 4, 8, 16, WIDE):
        wide[latent] = autoencoder(x, latent, seed, preset)
    by_size = {latent: detectors(data, seed, latent, preset) for latent in (2, LATENT, 32)}
    clean, pictures = cleaned(data, "test", wide[WIDE], denoiser(x, seed, preset))
    return {
        "error": {
            "autoencoder": {k: mean_squared_error(m(test)[0], test) for k, m in wide.items()},
            "PCA": {k: mean_squared_error(pca(data, k)(test), test) for k in wide},
        },
        "denoising": errors(clean, pictures),
        "VAE": measured(variational(x, seed, preset), test),
        "validation AUC by size": {
            k: mean(areas(data, scores, "validation")) for k, scores in by_size.items()
        },
        "AUC": {
            "autoencoder": areas(data, by_size[LATENT], "test"),
            "PCA": areas(data, flat_detectors(data), "test"),
        },
        "at 5 % false alarms": at_threshold(data, by_size[LATENT]),
    }


def summarize(result):
    """What is written down of an experiment: all of it."""
    return result


scores = detectors(data, seed=0)
live_areas = areas(data, scores, "test")
print("area under the ROC curve:", dict(zip(scores, [round(a, 2) for a in live_areas], strict=True)))  # fmt: skip

# %%
runs = list(recorded("12_autoencoders")["seeds"].values())
table = {
    "autoencoder": [[run["AUC"]["autoencoder"][i] for run in runs] for i in range(len(scores))],
    "PCA": [[run["AUC"]["PCA"][i] for run in runs] for i in range(len(scores))],
}
for name, of in table.items():
    means = [mean([values[seed] for values in of]) for seed in range(len(runs))]
    print(f"{name:12} mean area over the ten digits: " + ", ".join(f"{m:.3f}" for m in means))
for rate in ("false alarms", "hits"):
    print(f"{rate:12} on test pictures: " + ", ".join(f"{mean(run['at 5 % false alarms'][rate]):.0%}" for run in runs))  # fmt: skip
for size in ("2", "8", "32"):
    print(f"codes of {size:>2}, mean area on validation pictures: " + ", ".join(f"{run['validation AUC by size'][size]:.3f}" for run in runs))  # fmt: skip

# %% picture
# How well digits that were never seen are noticed
easiest, hardest = (pick(scores, key=list(live_areas).__getitem__) for pick in (max, min))
lines = {"chance": ([0, 1], [0, 1])}
for digit in (easiest, hardest):
    false_alarms, hits, _ = roc_curve(scores[digit]["test"], data["test"][1] == digit)
    lines[f"{digit} unseen: area {live_areas[digit]:.2f}"] = (false_alarms, hits)
figure, (left_axes, right_axes) = panels(1, 2, size=(9.4, 3.8))
curves(lines, title=f"A {easiest} is noticed, a {hardest} often not", x_label="false alarms",
       y_label="hits", axes=left_axes)  # fmt: skip
for name, marker in (("autoencoder", "o"), ("PCA", "_")):
    for i, values in enumerate(table[name]):
        right_axes.scatter([i] * len(values), values, marker=marker, s=36 if marker == "o" else 160,
                           color="C0" if marker == "o" else "C1", label=name if not i else None)  # fmt: skip
right_axes.axhline(0.5, color="black", linewidth=1, linestyle=":")
right_axes.set(title="Three seeds, every digit in turn", xlabel="digit never seen", ylabel="area under the curve",
               xticks=range(len(scores)))  # fmt: skip
right_axes.legend(loc="lower right")
show(
    figure,
    alt="Left: two ROC curves; that of the easiest digit hugs the upper left corner, that of the hardest lies between it and the diagonal. Right: the area for each unseen digit, three dots for the autoencoder's seeds and a dash for PCA; the dots lie above the dash for every digit.",
)

# %% [markdown]
# On average over the digits, an anomaly scores higher than an ordinary picture in 92 of 100 pairs; with principal
# components in 84. But look at the single digits: a 0 or a 2 that was never seen stands out, while a 1 or a 9 often
# passes: in all three runs their areas lie between 0.7 and 0.82. Perhaps it is no accident: a 1 is a stroke that many
# digits have, and a sloppy 9 looks like a 3 or an 8.
#
# An area is not yet an alarm. For that we set each detector's threshold so that 5 % of the ordinary *validation*
# pictures go above it. On test pictures, from a later part of the collection, it is 7 to 8 %. And what does an area of
# 0.92 buy? Two thirds of the anomalies are caught, 0s nearly always, but of 1s and 9s no more than a third.

# %% [markdown]
# What about the other experiments? Here are each seed's denoising and bound, and below them the errors on test pictures
# by the size of the code, the mean of three seeds.

# %%
sizes = [int(size) for size in runs[0]["error"]["PCA"]]
by_size = {
    name: [mean([run["error"][name][str(size)] for run in runs]) for size in sizes]
    for name in ("PCA", "autoencoder")
}
for run in runs:
    print({name: round(error, 3) for name, error in run["denoising"].items()}, {name: round(value, 1) for name, value in run["VAE"].items()})  # fmt: skip

# %% picture
# The error over the size of the code
figure = curves(
    {name: (sizes, errors_of) for name, errors_of in by_size.items()},
    title="The network is ahead, until the numbers are many",
    x_label="numbers in a code",
    y_label="mean squared error, test pictures",
    log=True,
)
figure.axes[0].set_xscale("log", base=2)
figure.axes[0].set_xticks(sizes, [str(size) for size in sizes])
show(
    figure,
    alt="Two falling curves of the error over the size of the code; the autoencoder's lies below that of PCA up to 16 numbers, and above it at 32.",
)

# %% [markdown]
# With two numbers the network, thanks to its activation functions, saves about a quarter of the error, with eight
# about two fifths. With 32, half as many as there are pixels, the principal components *win*. Little is left to be
# found out, and they are computed exactly, while the network has only its 1,000 steps. The denoiser's error is about
# a third of the spoilt pictures', with every seed, and about half of what is left by the principal components or by
# the network that was not asked to clean.

# %% [markdown]
# ## Claims, checked
#
# > *"A linear autoencoder is PCA."*
#
# Take the activation functions away: one linear layer in, one out, trained by gradient descent on the squared error.
# We watch the angle between the plane that its decoder spans and the plane of the first two principal components.

# %%
_, components = principal_components(fit, 2)
seed_everything(0)
flat = nn.Sequential(nn.Linear(FEATURES, 2), nn.Linear(2, FEATURES))
angles = []


def watch(step, history):
    if step % 20 == 19:
        angles.append(subspace_angles(flat[1].weight.detach().cpu().T, components)[0].item())


train(
    flat, [fit], lambda model, x: ((model(x) - x) ** 2).mean(), steps=1000, learning_rate=0.05,
    optimizer=torch.optim.Adam, schedule=lambda step: min(1.0, 2 * (1 - step / 1000)),
    on_step=watch, live=False,
)  # fmt: skip
flat.requires_grad_(False)
flat_error = mean_squared_error(flat(fit), fit), mean_squared_error(pca(data, 2)(fit), fit)
columns = flat[1].weight.T / flat[1].weight.T.norm(dim=1, keepdim=True)
own_angle = (columns[0] @ columns[1]).abs().acos().rad2deg().item()
to_first = (columns @ components[0]).abs().acos().rad2deg().tolist()
print(f"angle {angles[-1]:.2f}°; errors {flat_error[0]:.6f} and {flat_error[1]:.6f}")
print(f"between its own two axes: {own_angle:.0f}°; from PCA's first axis: {[round(a) for a in to_first]}°")  # fmt: skip

# %% picture
# The angle between the two planes
show(
    curves({"angle": (range(20, 1001, 20), angles)}, title="The linear autoencoder turns into the plane of PCA", y_label="largest angle, degrees", log=True),
    alt="The largest angle between the two planes over 1000 steps, on a logarithmic axis: it falls from tens of degrees to less than a tenth of a degree.",
)  # fmt: skip

# %% [markdown]
# **True of the plane, false of the axes.** Same plane, same error, to the fifth digit. But any two directions that span
# the plane will do, and training stops at some: they are not at right angles, and they are not the principal
# components. Baldi and Hornik (1989) proved it, and that there are no false minima on the way. With an activation
# function between the layers none of this holds.
#
# > *"The ELBO is a lower bound of log p(x)."*
#
# $\log p(x)$ is the logarithm of an integral over all codes, $\int p(x \mid z)\, p(z)\, dz$, which nobody can compute
# in many dimensions. In two we can simply add it up, over a fine grid.


# %%
def evidence(model, x, reach=5.0, step=0.05):
    """log p(x) of each picture, by adding up over the plane."""
    line = torch.arange(-reach, reach, step)
    z = torch.cartesian_prod(line, line)
    logits = model.decode(z)
    log_pixels = logits @ x.T - nn.functional.softplus(logits).sum(1, keepdim=True)
    log_prior = plane.log_prob(z).sum(1, keepdim=True)
    return (log_pixels + log_prior).logsumexp(0) + 2 * torch.tensor(step).log()


def bound_of_each(model, x, draws=2000):
    """The bound of each picture, from so many draws and their mirror images."""
    noise = torch.randn(draws, 2, generator=torch.Generator().manual_seed(0))
    noise = torch.cat([noise, -noise])
    pictures = (row.expand(2 * draws, -1) for row in x)
    return torch.stack([bound(rows, *model(rows, noise)) for rows in pictures])


log_p = evidence(vae, validation[:100])
gap = log_p - bound_of_each(vae, validation[:100])
print(
    f"log p(x) {log_p.mean():.2f} on average; gap {gap.mean():.2f} nats, from {gap.min():.2f} to {gap.max():.2f}"
)

# %% [markdown]
# **True**, for each of a hundred pictures (to a hundredth of a nat, which is what the draws leave open). The gap is the
# divergence between the cloud and the true distribution of the codes that a picture may have come from; where a
# picture could be a 4 or a 9, a single cloud cannot say so. (With grey pixels "probability" is a manner of speaking,
# as the docstring of `elbo` admits; the inequality holds all the same.)
#
# > *"What an autoencoder has never seen, it cannot make again."*
#
# The whole of anomaly detection rests on it, and the record has a test. With codes of 32 numbers instead of 8
# everything is reconstructed much better; the question is whether that goes for anomalies as well.

# %%
for size in ("2", "8", "32"):
    error = mean([run["error"]["autoencoder"][size] for run in runs])
    detected = mean([run["validation AUC by size"][size] for run in runs])
    print(f"code of {size:>2}: error when all digits are known {error:.4f}, mean area of the detectors {detected:.3f}")  # fmt: skip

# %% [markdown]
# **False.** With 32 numbers the error is a third of that with 8, and the detectors are *worse*, with every seed: the
# better a network is at making pictures, the better it makes those again that it should be surprised by. With 2 numbers
# they are worse as well, since then ordinary pictures come out badly. The bottleneck must fit, and only data with
# anomalies in it can tell. (We chose by them. A factory may not have any yet.)

# %% [markdown]
# ## Repair: a map that is a single dot
#
# Somebody wrote the draw with `torch.distributions`, as it stands in many tutorials. It runs, the loss falls, the
# pictures are blurred, "as VAEs are". The next cell shows the symptom: the means of all pictures' clouds are the same.
# Find the cause and repair it in place.


# %%
def draw_code(mean, log_variance, noise):
    cloud = torch.distributions.Normal(mean, (log_variance / 2).exp())
    return cloud.sample()


# %%
suspect = variational(fit, seed=0, steps=400, sample=draw_code)
suspect_spread = suspect.encode(validation)[0].std(0).max().item()
noise = torch.randn(10_000, generator=torch.Generator().manual_seed(0))
drawn = draw_code(torch.zeros(10_000), torch.full((10_000,), 4.0).log(), noise)  # a standard deviation of 2
judge_repair(
    ("The codes tell pictures apart.", suspect_spread > 0.5, f"Their means spread by {suspect_spread:.2f}."),
    ("Codes are drawn from the cloud.", abs(drawn.std() - 2) < 0.1, f"A cloud 2 wide gives codes {drawn.std():.2f} wide."),
)

# %% [markdown]
# <details><summary>What is it?</summary>
#
# `sample()` draws without a way back: to the encoder, the drawn code is a number that fell from the sky. All that it
# still hears of is the divergence, so it makes that 0, with the same cloud N(0, 1) for every picture. The decoder, left
# with pure noise, draws the mean of all digits. `rsample()` (r for *reparameterized*) or your own function is the
# repair. The lesson: look whether a gradient *arrives*, not only whether the loss falls. A divergence of exactly 0 has
# a name: **posterior collapse** (사후 붕괴). It has other causes as well: a decoder strong enough to do without the code,
# as one that writes word by word; or pixels averaged instead of added up, so that the divergence weighs hundreds of
# times too much.
# </details>

# %% [markdown]
# ## In your own words
#
# A friend has read that a VAE is "an autoencoder with noise". Answer in six to ten sentences: what does an
# autoencoder keep, what do the clouds and the divergence each do to the map, and why must the noise be drawn
# beforehand?
#
# Two points: one for the bottleneck and for what clouds and divergence are for, one for the draw (no gradient
# through a draw; mean + standard deviation · noise).

# %% written [markdown] name="vae-in-your-own-words" points=2
# An autoencoder squeezes a picture through a few numbers and makes it again; so it must keep what tells the pictures of
# its training set apart, and may forget the rest. Its codes lie wherever training put them, with gaps in between, where
# the decoder was never asked anything. In a VAE the encoder gives a cloud, a mean and a variance, and a code is drawn
# from it. So the decoder must draw similar pictures all over the cloud, which closes gaps. Noise alone would not do:
# clouds could shrink to points, or run far apart, until the noise does not matter. The divergence makes them pay for
# that: all clouds are pulled towards one standard normal distribution, from which new codes can then be drawn. Through
# a draw no gradient comes back. So the noise is drawn beforehand from N(0, 1), and the code is mean + standard
# deviation · noise, an ordinary formula through which mean and variance learn.
#
# **1 point**: what the bottleneck forces, *and* clouds close gaps, *and* the divergence gives a known shape. **1
# point**: a draw has no gradient, *and* how mean, standard deviation and noise are put together.

# %% [markdown]
# ## What you have now, and where next
#
# Codes that a network found on its own, of two numbers or thirty-two. With them it cleaned pictures, drew new ones, and
# noticed most of what it had never seen. Stable Diffusion begins with just this: a variational autoencoder (trained
# with some help from chapter 13's idea) squeezes a photograph, and everything else happens among the codes.
#
# The pictures were soft, though, since squared errors and pixel-wise probabilities are content with the mean of what
# might be there. **Next**: chapter 13 replaces them by a second network, whose only task is to tell a made picture from
# a real one.
#
# *To read on*: Hinton and Salakhutdinov, *Reducing the Dimensionality of Data with Neural Networks* (2006); Vincent et
# al., *Stacked Denoising Autoencoders* (2010); Kingma and Welling, *An Introduction to Variational Autoencoders*
# (2019).

# %%
progress("12_autoencoders")
