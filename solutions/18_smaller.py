# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 18 · How small can it be?
#
# A trained model is larger than it needs to be. It does not fit on a telephone, and training it a little further
# needs even more memory than running it. This chapter makes models smaller in three ways: it lets a large model teach
# a small one, it rounds the weights to a few bits, and it trains a thin update in place of the whole. Each time we
# measure what is lost, in nats and in bytes, and we put a small model that was trained from scratch beside it.
#
# You need: chapters 6 to 8 and 17. Eight exercises, 24 points and a paragraph (2 points). About four hours.

# %% setup
import copy
import tempfile
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from autograder import check, judge_repair, progress, solved
from unrolled.adapters import add_lora, added_weights, load_lora, merge_lora, qlora, save_lora
from unrolled.data import village
from unrolled.gpt import GPT, GPTConfig, causal_lm_loss, generate, parameter_count
from unrolled.lab import (
    curves,
    explorer,
    load_pretrained,
    panels,
    recorded,
    seed_everything,
    show,
    train,
)
from unrolled.lab import preset as preset_of
from unrolled.quantized import (
    NF4Linear,
    bytes_in_memory,
    integer_levels,
    load_quantized,
    quantize_model,
    save_quantized,
)

# %% [markdown]
# ## The problem: 349 gigabytes
#
# How much memory does GPT-3 need, if each weight is kept as a number of 16 bits?

# %%
GPT_3 = GPTConfig(vocabulary=50_257, positions=2048, d_model=12_288, heads=96, layers=96, d_ff=49_152)
weights = parameter_count(GPT_3)
print(f"{weights:,} weights, {2 * weights / 1e9:.0f} GB in 16 bits, {weights / 2 / 1e9:.0f} GB in 4 bits")

# %% [markdown]
# Many graphics cards hold 8 to 24 GB, and even an H200 holds only 141. Why not simply use fewer bits? Here is the
# village's storyteller, the small GPT of chapter 8, as it is and with 2 bits per weight: every row of each matrix has
# three levels, −m, 0 and m, where m is the largest absolute value in the row.

# %%
pretrained = load_pretrained("gpt")
ids_of = {word: i for i, word in enumerate(pretrained.words)}
BOS, EOS, UNKNOWN = (ids_of[mark] for mark in ("<bos>", "<eos>", "<unk>"))
FOLDER = Path(tempfile.mkdtemp())


def storyteller():
    """The small GPT that has learnt the village's stories."""
    model = GPT(GPTConfig(**pretrained.config))
    model.load_state_dict(pretrained.weights, strict=False)  # the table is written once, and tied
    return model.eval()


def numbered(texts):
    """Each text as a row of word numbers, from its beginning mark to its end mark."""
    return [torch.tensor([BOS, *(ids_of.get(w, UNKNOWN) for w in village.tokens(t)), EOS]) for t in texts]


def batch_of(rows):
    """Rows side by side, padded at the end, and their lengths."""
    return nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.tensor([len(row) for row in rows])


# %% [markdown]
# We measure how far off a model is on a hundred stories that it has not read, in nats per word.


# %%
def told(model):
    """How the model goes on after “one day the”, word by word."""
    start = torch.tensor([[BOS, *(ids_of[word] for word in ["one", "day", "the"])]])
    written = generate(model.step, start, max_new_tokens=16, eos=EOS)[0].tolist()
    return " ".join(pretrained.words[i] for i in written[1:])


stories = batch_of(numbered(village.stories(100, split="validation")))


@torch.no_grad()
def story_loss(model):
    """Nats per word on a hundred unseen stories."""
    return causal_lm_loss(model(stories[0]), *stories).item()


teacher = storyteller().requires_grad_(False)
rounded = quantize_model(storyteller(), integer_levels(2), block=None)
problem = {"as it is": story_loss(teacher), "2 bits": story_loss(rounded)}
print(f"as it is: {problem['as it is']:.2f} nats per word\n  {told(teacher)}")
print(f"2 bits:   {problem['2 bits']:.2f} nats per word\n  {told(rounded)}")

# %% [markdown]
# It babbles, and even slips into Korean (노래를 불렀다 means *sang a song*; the storyteller has learnt both languages).
# So how small can a model be, and how do we get there?

# %% [markdown]
# ## The first idea: a teacher
#
# A large model knows more than the right answer. After *she opened the* it says *door* 0.6, *window* 0.2, *box* 0.1,
# and that a *river* is out of the question. The text says only *door*. In **knowledge distillation** a small model,
# the *student*, learns from the large model's probabilities, called **soft targets** (소프트 타깃), as well as from the
# text.
#
# ![From left to right: a text goes to a teacher, which is large and frozen, and to a student, which is small and
# learns. The scores of both, of shape (batch, classes), are divided by T and go through a softmax into the divergence
# KL(teacher ‖ student), which is weighted by α times T squared. The student's own scores also go, undivided, into a
# cross-entropy with the right words, weighted by 1 − α. The sum is the loss.](../assets/diagrams/distillation.svg)
#
# A **temperature** T above 1 makes the probabilities more equal, so that small ones count for more:
#
# $$L = \alpha\, T^2\, \mathrm{KL}\big(\mathrm{softmax}(v / T)\,\|\,\mathrm{softmax}(z / T)\big) + (1 - \alpha)\,
# \mathrm{CE}(z, \text{label})$$
#
# with the teacher's scores $v$ and the student's $z$. Why $T^2$? Dividing the scores by $T$ makes the gradient
# smaller by $T$, and the differences between the softened probabilities are smaller by about $T$ again.

# %% [markdown]
# ### Exercise 18.1 — learning from a teacher · 3 points · ~15 min
#
# The teacher is given, so no gradient may reach it. Scores can be large: a word that the teacher rules out has a
# probability that float32 rounds to 0.
#
# <details><summary>Hint</summary>
#
# KL(p ‖ q) is the sum over the classes of p · (log p − log q). Which of torch's functions gives log p without taking
# the logarithm of a rounded 0? And what is α · T² multiplied by: one number for each class, each example, or the
# batch?
# </details>

# %% exercise
from unrolled.distillation import distillation_loss

# %% check
check(distillation_loss)

# %% [markdown]
# The student has one block of width 32, a fifteenth of the teacher's weights.

# %%
distil = solved("distillation_loss")
SIZES = {"tiny": (32, 1), "small": (64, 2)}
lessons = numbered(village.stories(2000, split="train"))


def student_of(size, seed):
    """A model of this width and depth that has learnt nothing."""
    seed_everything(seed)
    width, layers = SIZES[size]
    return GPT(GPTConfig(len(pretrained.words), positions=128, d_model=width, heads=4, layers=layers, d_ff=4 * width))


def from_words(model, batch):
    return causal_lm_loss(model(batch[0]), *batch)


def from_teacher(temperature=1.0, alpha=0.9):
    """A loss that asks the teacher about every real word but the first."""
    wise = copy.deepcopy(teacher)

    def loss(model, batch):
        ids, lengths = batch
        real = torch.arange(ids.shape[1] - 1, device=ids.device) < (lengths - 1)[:, None]
        with torch.no_grad():
            says = wise.to(ids.device)(ids)[:, :-1][real].float()
        guesses = model(ids)[:, :-1][real].float()
        return distil(guesses, says, ids[:, 1:][real], temperature=temperature, alpha=alpha)

    return loss


# %% [markdown]
# One function trains everything in this chapter: 16 texts per step, a short warm-up, and a learning rate that falls
# to 0.


# %%
def learn(model, texts, loss, *, steps, rate, seed, preset="auto", live=False):
    """Trains on these texts, and returns the seconds that it took."""
    steps *= preset_of(preset).scale
    history = train(
        model, lambda g: batch_of([texts[i] for i in torch.randint(len(texts), (16,), generator=g).tolist()]), loss,
        steps=steps, learning_rate=rate, clip_norm=1.0, seed=seed, preset=preset, live=live,
        schedule=lambda step: min((step + 1) / 10, (steps - step) / max(steps - 10, 1)),
    )  # fmt: skip
    model.cpu().eval()
    return history.seconds[-1]


RATES = {"tiny": 1e-2, "small": 5e-3}

# %% [markdown]
# Both runs below see the same stories in the same order, a hundred steps of 16. One learns from the words alone, the
# other mostly from the teacher.

# %%
pupils = {}
for name, loss in (("from the words", from_words), ("from the teacher", from_teacher())):
    pupil = student_of("tiny", seed=0)
    learn(pupil, lessons, loss, steps=100, rate=RATES["tiny"], seed=0)
    pupils[name] = story_loss(pupil)
print({name: round(value, 2) for name, value in pupils.items()}, "nats per word after 100 steps")

# %% [markdown]
# After a hundred steps the taught student is ahead, if only a little. But each of its steps takes longer, since the
# teacher must read the stories as well. The record further down compares them after four times as many steps, and at
# equal time.

# %% [markdown]
# ## The second idea: round the numbers
#
# **Quantization** (양자화) replaces each weight by one of a few levels. What is stored is a small whole number, the
# *code*, and a *scale* that is shared by many. With absmax quantization the largest weight in absolute value gets the
# largest code:
#
# $$\text{scale} = \frac{\max |w|}{2^{b-1} - 1}, \qquad \text{code} = \mathrm{round}(w / \text{scale}), \qquad w \approx
# \text{code} \cdot \text{scale}$$

# %% [markdown]
# ### Exercise 18.2 — whole numbers · 3 points · ~15 min
#
# Write absmax quantization, with one scale for the whole weight or one for each row. A row of a linear layer's weight
# makes one of its outputs, so a scale for each row can be multiplied after the product.
#
# <details><summary>Hint</summary>
#
# What must the shape of the scales be, so that `weight / scale` divides each row by its own? And what happens to a row
# of zeros?
# </details>

# %% exercise
from unrolled.int8 import absmax_quantize

# %% check
check(absmax_quantize)

# %%
to_codes = solved("absmax_quantize")
example = teacher.blocks[0].attention.qkv.weight


# %% picture
# The weights of a layer, and the levels they are rounded to
def draw_levels(axes, values, levels, title):
    """A histogram of numbers with a line at each level."""
    axes.hist(values.numpy(), bins=121, color="C0", alpha=0.6)
    for level in levels.tolist():
        axes.axvline(level, color="black", linewidth=0.7)
    axes.set(title=title, xlabel="weight", ylabel="how many")


figure, axes_of = panels(1, 2, size=(9.4, 3.2))
for axes, bits in zip(axes_of, (8, 4), strict=True):
    codes, scale = to_codes(example, bits)
    draw_levels(axes, example.flatten(), codes.unique().float() * scale, f"{bits} bits: {len(codes.unique())} levels in use")
show(
    figure,
    alt="Two histograms of the same layer's weights, which look like a bell around 0. Left, lines at the levels of 8 bits lie so close that they fill the picture; right, the levels of 4 bits lie far apart, most of them where hardly any weight is.",
)

# %% [markdown]
# **Predict.** The storyteller's loss is 0.80 nats per word. Round all its matrices, with a scale for each row, to 8,
# 4, 3 and 2 bits. What will the loss be each time?

# %%
by_bits = {bits: story_loss(quantize_model(storyteller(), integer_levels(bits), block=None)) for bits in (8, 4, 3, 2)}
print({f"{bits} bits": round(value, 4) for bits, value in by_bits.items()})

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# 8 bits cost nothing that one could measure, 4 bits little more than a hundredth of a nat. At 3 bits it begins to
# hurt, and at 2 bits the model is ruined. Each bit that is taken away at least doubles the distance between the
# levels, and so roughly the error of each weight. Near a minimum, what this adds to the loss should grow with about
# its square. From 4 bits to 3 it grows sixfold here, where the square is a little over five, and at 2 bits such
# estimates no longer hold.
# </details>

# %% [markdown]
# ### When the numbers are not symmetric
#
# Weights lie around 0. What comes out of a ReLU does not: nothing of it is negative, and half of the codes would stay
# unused. The **zero point** (영점) moves the codes: it is the code of 0. 0 itself should have a code of its own, since it
# is what padding and a ReLU give, and it should come back as exactly 0.

# %% [markdown]
# ### Exercise 18.3 — a zero point · 3 points · ~20 min
#
# The range from the smallest to the largest value must hold 0, even where all values are positive.
#
# <details><summary>Hint</summary>
#
# Two equations fix scale and zero point: the smallest value should get the lowest code, and the largest the highest.
# Which of the two unknowns must be a whole number? Test yours with 0: is its code exactly the zero point?
# </details>

# %% exercise
from unrolled.int8 import zero_point_quantize

# %% check
check(zero_point_quantize)

# %%
shift = solved("zero_point_quantize")
after_relu = torch.relu(torch.randn(10_000, generator=torch.Generator().manual_seed(0)))
codes, scale, zero = shift(after_relu, 4)
moved = ((codes.float() - zero) * scale - after_relu).pow(2).mean().sqrt().item()
codes, scale = to_codes(after_relu[None], 4)
symmetric = (codes * scale - after_relu).pow(2).mean().sqrt().item()
print(f"error after a ReLU, 4 bits: {symmetric:.3f} symmetric, {moved:.3f} with a zero point")

# %% [markdown]
# Half the error, from the same number of bits: the unused half of the codes is put to work.

# %% [markdown]
# ### Learning through a rounding
#
# Could a model learn to live with its rounding? Then the rounded weights must be used in training as well. But the
# slope of `round` is 0 almost everywhere, so no gradient comes back. The **straight-through estimator** (직통 추정기)
# simply says: forwards, round; backwards, pretend that nothing happened. Where a value was cut off at the end of the
# range, the gradient is 0, because pushing it further out changes nothing.

# %% [markdown]
# ### Exercise 18.4 — straight through · 3 points · ~15 min
#
# <details><summary>Hint</summary>
#
# Find an expression that has the value 0 and the gradient 1: what is x − x.detach()? Then add it to the rounded value,
# which has no gradient. Where should it not be added?
# </details>

# %% exercise
from unrolled.int8 import straight_through

# %% check
check(straight_through)

# %% [markdown]
# A layer has 64 inputs, which depend on each other, as the states of a network do. Its weights are rounded to 2 bits:
# −1, 0 or 1 times a scale. Once we leave it at that; once the rounded layer learns to imitate the layer that it was.

# %%
through = solved("straight_through")


def imitate(steps, seed=0):
    """The error of a layer with weights of 2 bits, after so many steps of learning to imitate the layer of floats."""
    generator = torch.Generator().manual_seed(seed)
    goal = torch.randn(16, 64, generator=generator) / 8
    few = torch.randn(512, 8, generator=generator) @ torch.randn(8, 64, generator=generator) / 8**0.5
    x = few + 0.1 * torch.randn(512, 64, generator=generator)
    weight = goal.clone().requires_grad_()

    def error():
        return ((x @ through(weight, 0.15, -1, 1).T - x @ goal.T) ** 2).mean()

    optimizer = torch.optim.Adam([weight], lr=3e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        error().backward()
        optimizer.step()
    return error().item()


imitation = {"only rounded": imitate(0), "trained through the rounding": imitate(300)}
print({name: round(error, 3) for name, error in imitation.items()})

# %% [markdown]
# Training through the rounding is called **quantization-aware training** (양자화 인식 학습). It ends with a smaller error,
# because the weights can make up for each other's rounding.

# %% [markdown]
# ## Levels where the numbers are
#
# The histogram above is a bell, and the levels of whole numbers lie at equal distances. Most of them are spent on large
# weights, of which there are few. **NF4** (4-bit NormalFloat) puts them where a normal distribution has its numbers: it
# takes quantiles. If the weights were normal, then each level would be used equally often; that is the promise.
#
# A single large weight stretches the scale of all others. So the weights are cut into blocks of 64, each with a scale
# of its own, its largest absolute value.

# %% [markdown]
# ### Exercise 18.5 — sixteen levels · 2 points · ~15 min
#
# One of the sixteen must be 0. That leaves fifteen for two sides: 8 above zero and 7 below.
#
# <details><summary>Hint</summary>
#
# `torch.special.ndtri` turns a probability into a quantile. Why can the outermost level not be the quantile of 1? A
# way that is cut into 8 equal steps has 9 ends; which of them is left out?
# </details>

# %% exercise
from unrolled.nf4 import nf4_levels

# %% check
check(nf4_levels)

# %% [markdown]
# ### Exercise 18.6 — blocks · 3 points · ~20 min
#
# For any levels: those of NF4, or whole numbers. A loop over the blocks is fast enough here.
#
# <details><summary>Hint</summary>
#
# `tensor.split(64)` gives blocks, the last of which may be shorter. Between two neighbouring levels, from where on is
# the upper one nearer? `torch.bucketize` finds between which borders a number lies.
# </details>

# %% exercise
from unrolled.nf4 import quantize_blocks

# %% check
check(quantize_blocks)

# %%
levels_of, in_blocks = solved("nf4_levels"), solved("quantize_blocks")
NF4 = levels_of()


def returned(weight, levels, block=64):
    """The weight after quantizing it in blocks."""
    codes, absmax = in_blocks(weight, levels, block)
    scales = absmax.repeat_interleave(block)[: weight.numel()]
    return (levels[codes.int()] * scales).view(weight.shape)


def error_of(weight, levels, block=64):
    """The root of the mean squared error, in standard deviations of the weight."""
    return ((returned(weight, levels, block) - weight).pow(2).mean().sqrt() / weight.std()).item()


bell = torch.randn(1024, 1024, generator=torch.Generator().manual_seed(0))
errors = {
    "normal numbers": {"NF4": error_of(bell, NF4), "4-bit whole numbers": error_of(bell, integer_levels(4))},
    "the storyteller": {"NF4": error_of(example, NF4), "4-bit whole numbers": error_of(example, integer_levels(4))},
}
for name, of in errors.items():
    print(f"{name:16}", {kind: round(value, 4) for kind, value in of.items()}, "standard deviations")

# %% picture
# The error by bits, and how often each level is used
codes, _ = in_blocks(bell, NF4)
use = codes.int().flatten().bincount(minlength=16) / codes.numel()
bits_tried = range(2, 9)
by_blocks = {f"blocks of {b}": [error_of(bell[:256], integer_levels(n), b) for n in bits_tried] for b in (16, 64, 1024)}
figure, (left_axes, right_axes) = panels(1, 2, size=(9.4, 3.4))
curves({name: (list(bits_tried), values) for name, values in by_blocks.items()}, title="Each further bit at least halves the error",
       x_label="bits", y_label="error, standard deviations", log=True, axes=left_axes)  # fmt: skip
right_axes.bar(range(16), (100 * use).tolist(), color="C0")
right_axes.axhline(100 / 16, color="black", linestyle=":", linewidth=1)
right_axes.set(title="NF4's levels are not used equally often", xlabel="code", ylabel="share of the weights, %", xticks=range(16))
show(
    figure,
    alt="Left: the error over the bits for blocks of 16, 64 and 1024 normal numbers, three falling lines, nearly straight on a logarithmic axis, the larger the blocks the higher. Right: how often each of NF4's sixteen codes is used for normal numbers in blocks of 64: from under 2 to over 9 per cent, where a dotted line marks 6.25.",
)

# %% [markdown]
# On normal numbers NF4 has the smaller error. The promise of equal use is not kept, and we come back to it among the
# claims. Turn the knobs:


# %% picture
# Bits, blocks and levels over a histogram
def draw_knobs(bits=4, block=64, levels="whole numbers"):
    values = bell[:64].flatten()
    chosen = NF4 if levels == "NF4" else integer_levels(bits)
    figure, (axes,) = panels(size=(7.2, 3.4))
    absmax = in_blocks(bell[:64], chosen, block)[1]
    draw_levels(axes, values, chosen * absmax.mean(), f"error {error_of(bell[:64], chosen, block):.3f} standard deviations")
    axes.set_xlim(-4.5, 4.5)
    return figure


explorer(
    draw_knobs,
    bits=(2, 8, 1),
    block=[16, 64, 256, 4096],
    levels=["whole numbers", "NF4"],
    alt=lambda bits, block, levels: (
        f"A histogram of normal numbers with lines at the levels ({levels}, {bits} bits, blocks of {block}) for a block of average scale; the title gives the error."
    ),
)

# %% [markdown]
# With blocks of which size do whole numbers of 4 bits come nearest to NF4? And what does a smaller block cost?
#
# <details><summary>One answer</summary>
#
# With the smallest: in blocks of 16 the error is 0.085 for whole numbers and 0.081 for NF4, in blocks of 4,096 it is
# 0.160 and 0.111. The smaller the blocks, the smaller the error, for both kinds: the scale follows the largest value
# of fewer numbers. But each block needs a scale of 32 bits. In blocks of 16 that is 2 bits per weight, and 6 bits per
# weight buy a much smaller error if they are spent on the codes: 0.036 even in blocks of 4,096. NF4 always has 16
# levels, whatever the knob for bits says.
# </details>

# %% [markdown]
# ### The scales cost something, too
#
# **Predict.** 4 bits for the code, and one scale of 32 bits for 64 weights. How many bits does a weight take? Then
# the scales themselves are quantized to 8 bits, in groups of 256 that share a scale of 32 bits: how many bits does a
# weight take now?

# %%
one_scale = 4 + 32 / 64
two_scales = 4 + 8 / 64 + 32 / (64 * 256)
print(f"{one_scale} bits per weight, and {two_scales:.3f} with double quantization")

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# 4.5 bits, and 4.127. This is **double quantization** (이중 양자화): it saves 0.373 bit per weight. For 65 billion weights
# that is 3 GB.
# </details>

# %% [markdown]
# ### Exercise 18.7 — quantize the scales · 2 points · ~15 min
#
# Scales are all positive. Subtract their mean, so that the codes of both signs are of use, and take your codes of 8
# bits from exercise 18.2, with a scale for each row, where a row is a group.
#
# <details><summary>Hint</summary>
#
# How can a list of 11 numbers become rows of 4? What may fill up the last row, so that it changes neither the mean
# nor the largest value of its group: when would you fill it up, before or after the mean is subtracted?
# </details>

# %% exercise
from unrolled.nf4 import double_quantize

# %% check
check(double_quantize)

# %% [markdown]
# ## What is lost, in nats and in bytes
#
# Now the whole storyteller, in all these ways. The library's `quantize_model` puts quantized layers in the place of
# all linear layers and tables; biases and norms stay floats. Codes of 4 bits lie two in a byte. We count what the
# tensors take in memory, and the file that is written.

# %%
WAYS = {
    "8 bits, rows": (integer_levels(8), None, False),
    "4 bits, rows": (integer_levels(4), None, False),
    "4 bits, blocks": (integer_levels(4), 64, False),
    "NF4, blocks": (NF4, 64, False),
    "NF4, double": (NF4, 64, True),
    "3 bits, rows": (integer_levels(3), None, False),
    "2 bits, rows": (integer_levels(2), None, False),
}


def weighed(model, name):
    """Loss, bytes in memory and bytes on disk."""
    path = FOLDER / f"{name}.safetensors"
    return {"loss": story_loss(model), "memory": bytes_in_memory(model), "disk": save_quantized(path, model)}


sizes = {"32 bits": weighed(storyteller(), "32 bits")}
for name, (levels, block, double) in WAYS.items():
    sizes[name] = weighed(quantize_model(storyteller(), levels, block, double=double), name)
for name, of in sizes.items():
    print(f"{name:15} {of['loss']:.4f} nats per word, {of['memory'] / 1000:6.0f} kB in memory, {of['disk'] / 1000:6.0f} kB on disk")

# %% [markdown]
# On our storyteller NF4 does *not* win. Its error is smaller in each single matrix, but its loss is not: whole
# numbers in the same blocks cost less than 0.001 nats and NF4 0.004. (On Korean stories whole numbers win by 0.003
# in the validation split, and NF4 by about 0.0015 in the test split: differences as small as these may be chance.)
# Whole numbers with a scale for each row cost 0.014. Of these four, NF4 with double quantization takes the fewest
# bytes, but the scales for each row take hardly more.
#
# The file can be read back into a model of the same sizes:

# %%
levels, block, double = WAYS["NF4, double"]
again = load_quantized(FOLDER / "NF4, double.safetensors", storyteller(), levels, block, double=double)
same_loss = story_loss(again)
print(f"{same_loss:.4f} nats per word; it tells: {told(again)}")

# %% [markdown]
# ## The third idea: train a thin update
#
# To fine-tune a model, AdamW keeps a gradient and two moving means beside each weight: four numbers for one. **Low-rank
# adaptation** (저랭크 적응), LoRA, freezes the weight W, of shape (out, in), and learns only an update that is a product of
# two thin matrices, B of shape (out, r) and A of shape (r, in):
#
# $$y = W x + b + \frac{\alpha}{r}\, B (A x)$$
#
# ![Left: x goes to a frozen layer W, b of shape (out, in), and beside it through A of shape (rank, in), which
# begins random, and B of shape (out, rank), which begins at 0. The update is multiplied by α / r and added to
# the frozen layer's output. An arrow named merge leads to the right: a single linear layer with the weight W +
# (α / r) · B A and the same b.](../assets/diagrams/lora.svg)
#
# A starts random and B at 0, so that at first nothing is changed. After training, the update can be merged into the
# weight, and the model is as fast as before.

# %% [markdown]
# ### Exercise 18.8 — LoRA · 5 points · ~30 min
#
# `__init__` freezes the given layer and makes `A` and `B`; `forward`; `merge`, which gives an ordinary linear layer.
#
# <details><summary>Hint</summary>
#
# Which parameters should an optimiser find? `requires_grad_` works on a whole module. In which order are the three
# matrices of B A x multiplied with the least work? And for `merge`: what should still hold for this layer afterwards?
# </details>

# %% exercise
from unrolled.lora import LoRALinear

# %% check
check(LoRALinear)

# %% [markdown]
# Our storyteller has never read a review. A fifth of the words in reviews are not in its vocabulary; they are
# `<unk>`, and it is not asked to predict them. `add_lora` puts your layer around all linear layers of these names, in
# any model of the course.

# %%
Update = solved("LoRALinear")
LAYERS = ["qkv", "output", "expand", "contract"]
reviews = {
    split: numbered(review.text for review in village.reviews(count, split=split))
    for split, count in (("train", 1000), ("validation", 200))
}
unseen_reviews = batch_of(reviews["validation"])


def review_loss_of(model, batch):
    """−log p of every known word but the first, in nats."""
    ids, lengths = batch
    asked = torch.arange(ids.shape[1] - 1, device=ids.device) < (lengths - 1)[:, None]
    asked &= ids[:, 1:] != UNKNOWN
    return F.cross_entropy(model(ids)[:, :-1][asked].float(), ids[:, 1:][asked])


@torch.no_grad()
def review_loss(model):
    """Nats per word on two hundred unseen reviews."""
    return review_loss_of(model, unseen_reviews).item()


def adapted(model, steps, rate, seed, preset="auto"):
    """Trains a model on reviews; returns the seconds."""
    return learn(model, reviews["train"], review_loss_of, steps=steps, rate=rate, seed=seed, preset=preset)


unknown = torch.cat(reviews["validation"]).eq(UNKNOWN).float().mean().item()
seed_everything(0)
thin = add_lora(storyteller(), LAYERS, rank=4, alpha=8.0, layer=Update)
adapted(thin, steps=60, rate=1e-2, seed=0)
live = {"before": review_loss(teacher), "LoRA, r = 4": review_loss(thin)}
print(f"{unknown:.0%} of the words are unknown; {added_weights(thin):,} of {parameter_count(teacher.config):,} weights learn")
print({name: round(value, 2) for name, value in live.items()}, "nats per word on reviews")

# %% [markdown]
# What was learnt is a file of its own, small, and it can be put on the storyteller again, or merged into it.

# %%
file_size = save_lora(FOLDER / "reviews.safetensors", thin)
loaded = load_lora(FOLDER / "reviews.safetensors", storyteller())
merged = merge_lora(copy.deepcopy(thin))
with torch.no_grad():
    apart = {
        "loaded": (loaded(stories[0]) - thin(stories[0])).abs().max().item(),
        "merged": (merged(stories[0]) - thin(stories[0])).abs().max().item(),
    }
print(f"{file_size / 1000:.0f} kB on disk, against {sizes['32 bits']['disk'] / 1000:.0f} kB; largest difference {apart}")
print(f"a merged layer: {merged.blocks[0].expand}")

# %% [markdown]
# ### What training needs in memory
#
# Weights, gradients and the two means of AdamW, counted on the tensors that are really there after a step; and what
# is kept between forward and backward. In **QLoRA** (2023) the frozen weights are kept in NF4, and are turned into
# floats, layer by layer, whenever a product needs them.


# %%
def training_bytes(model):
    """Bytes after one step on 16 reviews: what is kept for the model, and what was kept for the backward pass."""
    batch, kept = batch_of(reviews["train"][:16]), {}
    own = {t.untyped_storage().data_ptr() for t in [*model.parameters(), *model.buffers()]}

    def note(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad])
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        loss = review_loss_of(model, batch)
    activations = sum(kept.values())
    loss.backward()
    optimizer.step()
    gradients = sum(p.grad.nbytes for p in model.parameters() if p.grad is not None)
    means = sum(t.nbytes for state in optimizer.state.values() for t in state.values())
    return {"weights": bytes_in_memory(model), "gradients": gradients, "optimiser": means, "activations": activations}


def prepared(how, seed):
    """The storyteller, ready for one of the ways of fine-tuning."""
    seed_everything(seed)
    if how == "full":
        return storyteller()
    rank = int(how.rpartition(" ")[2])
    if how.startswith("QLoRA"):
        return qlora(storyteller(), LAYERS, rank, 2.0 * rank)
    return add_lora(storyteller(), LAYERS, rank, 2.0 * rank)


training = {how: training_bytes(prepared(how, 0)) for how in ("full", "LoRA 4", "QLoRA 4")}
for how, of in training.items():
    print(f"{how:8}", {part: f"{count / 1000:,.0f} kB" for part, count in of.items()})

# %% picture
# Memory for training, by part
figure, (axes,) = panels(size=(7.2, 2.6))
left = [0.0] * len(training)
for part in ("weights", "gradients", "optimiser", "activations"):
    widths = [of[part] / 1e6 for of in training.values()]
    axes.barh(list(training), widths, left=left, label=part)
    left = [a + b for a, b in zip(left, widths, strict=True)]
axes.invert_yaxis()
axes.set(title="A thin update saves gradients and means, not activations", xlabel="megabytes")
axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
show(
    figure,
    alt="Three stacked horizontal bars, full fine-tuning, LoRA and QLoRA: gradients and optimiser nearly vanish with LoRA, the weights shrink as well with QLoRA, and the activations, the largest part here, stay as large as they were.",
)

# %% [markdown]
# The gradients and means nearly vanish. What is kept for the backward pass stays, and in so small a model it is the
# largest part. In a model of billions of weights and a short text it is the other way round.

# %% [markdown]
# ## Pruning: leave weights out
#
# The fourth way is only shown. **Pruning** (가지치기) sets the smallest weights to 0, here a share of each matrix.


# %%
def pruned(share):
    """The storyteller without the smallest weights of each matrix."""
    model = storyteller()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                limit = parameter.abs().flatten().kthvalue(max(int(share * parameter.numel()), 1)).values
                parameter[parameter.abs() <= limit] = 0.0
    return model


by_pruning = {share: story_loss(pruned(share)) for share in (0.2, 0.4, 0.6, 0.8)}
print({f"{share:.0%} left out": round(value, 2) for share, value in by_pruning.items()})

# %% [markdown]
# A fifth can go at little cost. But a matrix full of zeros takes as many bytes as before, unless only the other
# weights are stored, with their places, and it is no faster without a processor that skips zeros.

# %% [markdown]
# ## The experiment
#
# Three seeds were recorded. The tiny student learns for 400 steps of 16 stories: from the words, and from the teacher
# at temperatures 1 and 2. A step with the teacher takes at least 2.8 times as long, so once more it learns from the
# words for 2.8 times as many steps: at equal time, or less. A small model of two wider blocks learns from the words
# alone. Each is also rounded to 8 bits. Then fine-tuning on reviews for 100 steps: all weights, LoRA of ranks 1, 4
# and 16, and QLoRA of rank 4. For each we also ask what became of the stories.


# %%
EQUAL_TIME = 2.8  # a step with the teacher takes at least so many times as long


def students(seed, preset, steps):
    """Loss, seconds and bytes of students that learnt from the words and from the teacher."""
    found = {size: {} for size in SIZES}
    for size, name, loss, factor in (
        ("tiny", "words", from_words, 1),
        ("tiny", "words, equal time", from_words, EQUAL_TIME),
        ("tiny", "teacher, T = 1", from_teacher(1.0), 1),
        ("tiny", "teacher, T = 2", from_teacher(2.0), 1),
        ("small", "words", from_words, 1),
    ):
        model = student_of(size, seed)
        seconds = learn(model, lessons, loss, steps=int(factor * steps), rate=RATES[size], seed=seed, preset=preset)
        found[size][name] = {"seconds": seconds, **weighed(model, "student")}
        eight = quantize_model(model, integer_levels(8), block=None)
        found[size][f"{name}, 8 bits"] = weighed(eight, "student")
    return found


# %% [markdown]
# And fine-tuning. For all weights we also keep the singular values of what changed in one layer.


# %%
def fine_tuned(seed, preset, steps):
    """What became of reviews and stories, for each way of fine-tuning; and the singular values of what changed."""
    found, before = {}, storyteller()
    for how in ("full", "LoRA 1", "LoRA 4", "LoRA 16", "QLoRA 4"):
        model = prepared(how, seed)
        learns = added_weights(model)
        seconds = adapted(model, steps, 3e-3 if how == "full" else 1e-2, seed, preset)
        found[how] = {"seconds": seconds, "learns": learns, "reviews": review_loss(model), "stories": story_loss(model)}
        if how == "full":
            change = model.blocks[1].expand.weight - before.blocks[1].expand.weight
            found[how]["singular values"] = torch.linalg.svdvals(change.detach()).tolist()
    return found


def experiment(seed, preset="auto", steps=400):
    """Everything that is recorded."""
    return {"students": students(seed, preset, steps), "fine-tuning": fine_tuned(seed, preset, steps // 4)}


def summarize(result):
    """What is written down of an experiment: all of it."""
    return result


# %%
runs = list(recorded("18_smaller")["seeds"].values())
tiny_of = {way: [run["students"]["tiny"][way] for run in runs] for way in runs[0]["students"]["tiny"]}
for way, of in tiny_of.items():
    print(f"tiny, {way:22}", ", ".join(f"{one['loss']:.3f}" for one in of), f"nats per word, {of[0]['disk'] / 1000:.0f} kB")
for way in ("words", "words, 8 bits"):
    of = [run["students"]["small"][way] for run in runs]
    print(f"small, {way:21}", ", ".join(f"{one['loss']:.3f}" for one in of), f"nats per word, {of[0]['disk'] / 1000:.0f} kB")
shortest = {way: min(one["seconds"] for one in tiny_of[way]) for way in ("words", "teacher, T = 1")}  # the machine had other work as well
slower = shortest["teacher, T = 1"] / shortest["words"]
print(f"a step with the teacher takes {slower:.1f} times as long, in the runs that were least disturbed")

# %% picture
# Loss over bytes: everything in one picture
figure, (axes,) = panels(size=(8.4, 4.2))
for name, of in sizes.items():
    axes.scatter(of["disk"] / 1000, of["loss"], color="C0", marker="s", label="the storyteller, rounded" if name == "32 bits" else None)
    if name not in ("4 bits, blocks", "NF4, blocks", "NF4, double"):  # these lie close together
        label = "4 bits, all kinds" if name == "4 bits, rows" else name
        axes.annotate(label, (of["disk"] / 1000, of["loss"]), xytext=(0, 7 if name == "3 bits, rows" else -12), textcoords="offset points", fontsize=7)
groups = {
    "small models, from the words": [("tiny", "words"), ("tiny", "words, 8 bits"), ("tiny", "words, equal time"), ("small", "words"), ("small", "words, 8 bits")],
    "tiny, from the teacher": [("tiny", "teacher, T = 1"), ("tiny", "teacher, T = 1, 8 bits")],
}
for colour, (label, members) in zip(("C1", "C2"), groups.items(), strict=True):
    for i, (size, way) in enumerate(members):
        for run in runs:
            of = run["students"][size][way]
            axes.scatter(of["disk"] / 1000, of["loss"], color=colour, s=26, label=label if i == 0 and run is runs[0] else None)
axes.set_ylim(bottom=0.3)
axes.set(xscale="log", title="Down to 3 bits, rounding the large model loses least", xlabel="kilobytes on disk", ylabel="nats per word, stories")
axes.legend()
show(
    figure,
    alt="Loss over kilobytes on disk, with a logarithmic axis. The rounded storyteller stays near 0.80 nats from 2970 down to 410 kilobytes, rises a little at 3 bits and steeply at 2. Small models trained from the words and a tiny one taught by the teacher lie above it, at 60 to 696 kilobytes.",
)

# %% [markdown]
# At equal *steps* the teacher hardly helps. At temperature 1 the taught student has 1.14, 1.12 and 1.07, where the
# words alone give 1.14, 1.12 and 1.11. So it is ahead by nothing, by 0.01 and by 0.03, and the seeds differ by as much
# among themselves. At temperature 2 it is ahead with two seeds, and worse with one. The lead of the first hundred
# steps has nearly gone. Perhaps that is because this student is not short of stories: what it still lacks, the words
# teach it as well.
#
# At equal *time* the words win: with 2.8 times as many steps the tiny model reaches 0.95 to 0.97 on its own. Texts
# cost nothing in the village. A teacher may pay where they are rare, or where its answers are computed once and kept.
#
# And at equal *bytes*? Down to 3 bits nothing beats the rounded storyteller: it had its 1,500 steps of 32 texts, and
# at 3 bits (322 kB) it still has 0.89. At 2 bits (230 kB, 3.55) it is far behind a tiny model that was trained from
# scratch, which needs 199 kB, and in 8 bits only 60. None of the small models had finished learning, so the border
# may lie elsewhere, but the record shows that there is one.
#
# And fine-tuning on reviews?

# %%
for how in runs[0]["fine-tuning"]:
    of = [run["fine-tuning"][how] for run in runs]
    print(
        f"{how:8} {of[0]['learns']:>8,} weights learn; reviews", ", ".join(f"{one['reviews']:.2f}" for one in of),
        "; stories", ", ".join(f"{one['stories']:.2f}" for one in of),
    )  # fmt: skip

# %% picture
# How many directions a full fine-tuning changes
spectra = [torch.tensor(run["fine-tuning"]["full"]["singular values"]) for run in runs]
shares = [(values**2).cumsum(0) / (values**2).sum() for values in spectra]
figure, (left_axes, right_axes) = panels(1, 2, size=(9.4, 3.4))
curves({f"seed {i}": (list(range(1, 129)), values.tolist()) for i, values in enumerate(spectra)},
       title="What full fine-tuning changed", x_label="number", y_label="singular value of ΔW", axes=left_axes)  # fmt: skip
curves({f"seed {i}": (list(range(1, 129)), share.tolist()) for i, share in enumerate(shares)},
       title="How much of it a low rank can hold", x_label="rank", y_label="share of the squared change", axes=right_axes)  # fmt: skip
show(
    figure,
    alt="Left: the singular values of the change of one layer, falling from number 1 to number 128, steeply at first. Right: the share of the squared change that the best update of each rank can hold, rising with the rank and reaching 1 at 128.",
)

# %% [markdown]
# With all weights the loss falls lowest, to 0.67–0.69. LoRA comes nearer with each rank, about 1.4, 1.0 and 0.9, and
# QLoRA of rank 4 does as well as LoRA of rank 4, though the weights below it are rounded to 4 bits. A hundred steps
# are few, so these are distances on the way and not at the end of it. The picture shows why a low rank is a limit
# here: what full fine-tuning changes in this layer is not thin. The best update of rank 4 could hold about two fifths
# of it, one of rank 16 four fifths.
#
# And the stories? LoRA forgets more of them with each higher rank, and full fine-tuning forgets most: it ends at
# about 6 nats per word on stories, where the storyteller had 0.80. But LoRA's update can be taken off again, and
# then nothing is forgotten.

# %% [markdown]
# ## On a GPU: QLoRA for a model from the hub
#
# The same few lines work on any GPT-2 of the Hugging Face hub, whose weights come through `GPT.from_huggingface`.
# With a GPU and a connection, call `from_the_hub("gpt2-xl", texts)`; the 1.6 billion weights of GPT-2 XL then take
# about a gigabyte instead of six.


# %%
def from_the_hub(model_or_name, texts, *, encode=None, steps=100, rank=8, preset="gpu"):
    """QLoRA of a GPT-2 on texts of your own; returns the model and its loss on them before and after."""
    if encode is None:
        from transformers import AutoTokenizer

        encode = AutoTokenizer.from_pretrained(model_or_name).encode
    model = qlora(GPT.from_huggingface(model_or_name), LAYERS, rank, 2.0 * rank)
    rows = [torch.tensor(encode(text)[: model.config.positions]) for text in texts]
    batch = batch_of(rows[:16])
    losses = []
    for training in (False, True):
        if training:
            learn(model, rows, from_words, steps=steps, rate=1e-3, seed=0, preset=preset)
        with torch.no_grad():
            losses.append(from_words(model.eval(), batch).item())
    return model, losses


# %% [markdown]
# ## Claims, checked
#
# > *"NF4 is information-theoretically optimal: each level is used equally often."* (after Dettmers et al., 2023)

# %%
share = use[use > 0]
entropy = -(share * share.log2()).sum().item()
quantiles = torch.special.ndtri(torch.arange(1, 17) / 17)
equation_4 = (quantiles[:-1] + quantiles[1:]) / 2
print(f"normal numbers in blocks of 64: use from {use.min():.1%} to {use.max():.1%}, {entropy:.2f} bits of 4")
print(f"the paper's equation 4 with k = 4, as printed: {len(equation_4)} values; the published table has {len(NF4)}")

# %% [markdown]
# **False in blocks.** A block of 64 is divided by its largest value, so it is no longer normal: in each block one
# weight becomes 1 or −1, and otherwise the outer levels are seldom used. The table that everybody uses is not what
# the paper's equation 4 gives, either. What remains true is what we measured: on normal weights NF4's error is
# smaller than that of whole numbers with 4 bits.
#
# > *"A model of 65 billion weights can be fine-tuned on one card of 48 GB."* (Dettmers et al., 2023)

# %%
LLAMA = 65_285_660_672
layer = NF4Linear(nn.Linear(1024, 1024, bias=False))
measured_bits = 8 * (bytes_in_memory(layer) - layer.stored.levels.nbytes) / 1024**2
memory = {"full, 12 bytes per weight": 12 * LLAMA / 1e9, "NF4, double": measured_bits / 8 * LLAMA / 1e9}
print(f"{measured_bits:.3f} bits per weight, counted on a layer;", {how: f"{gb:.1f} GB" for how, gb in memory.items()})

# %% [markdown]
# **True of the weights.** 12 bytes per weight are 2 for the weight, 2 for the gradient and 8 for AdamW's means. The
# update, its means and the activations come on top of the 33.7 GB.
#
# > *"LoRA trains 10,000 times fewer parameters."* (Hu et al., 2022, on GPT-3)

# %%
fewer = {r: weights / (96 * 2 * r * 2 * 12_288) for r in (1, 4, 8)}
print({f"r = {r}": f"{ratio:,.0f} times fewer" for r, ratio in fewer.items()})

# %% [markdown]
# **About true, for one rank.** With r = 4 on the queries' and values' matrices of all 96 layers 18,874,368 weights
# are trained, 9,251 times fewer. With other ranks it is another number.
#
# > *"A quantized model is faster."*


# %%
def median_seconds(layer, x, repeats=15):
    """How long a layer takes, in the median."""
    taken = []
    with torch.no_grad():
        for _ in range(repeats):
            began = time.perf_counter()
            layer(x)
            taken.append(time.perf_counter() - began)
    return sorted(taken)[repeats // 2]


plain_layer = nn.Linear(1024, 1024, bias=False)
x = torch.randn(32, 1024)
is_slower = median_seconds(NF4Linear(plain_layer), x) > median_seconds(plain_layer, x)
print("NF4 is", "slower" if is_slower else "faster", "than floats here")

# %% [markdown]
# **Not by itself.** Our layer makes floats of the codes at every call, so it takes longer. Codes save time only where
# reading the weights from memory takes longest, and where a kernel multiplies the codes themselves or unpacks them on
# the way.
#
# > *"At a high temperature, distillation matches the scores."* (Hinton et al., 2015, section 2.1)

# %%
generator = torch.Generator().manual_seed(0)
z, v = (torch.randn(1, 20, generator=generator, dtype=torch.float64) for _ in range(2))
difference = (z - v) - (z - v).mean()
limit = ((difference**2).sum() / (2 * 20)).item()
by_temperature = {T: distil(z, v, torch.tensor([0]), temperature=float(T), alpha=1.0).item() for T in (1, 4, 256)}
print({f"T = {T}": round(value, 3) for T, value in by_temperature.items()}, "limit", round(limit, 3))

# %% [markdown]
# **True.** T² · KL approaches ‖Δz‖² / 2K, half the mean squared difference of the K scores, each taken from its mean.

# %% [markdown]
# ## Repair: an update that never starts
#
# Somebody wanted to be sure that nothing changes at first. The layer runs, the loss is finite, no error is raised,
# and yet nothing is learnt. Find the cause and repair `begin` in place.


# %%
def begin(layer):
    nn.init.zeros_(layer.A)
    nn.init.zeros_(layer.B)
    return layer


# %%
def trial(begin):
    """The loss on reviews before and after twenty steps, with layers that begin like this."""
    seed_everything(0)
    model = add_lora(storyteller(), LAYERS, rank=4, alpha=8.0, layer=lambda *given: begin(Update(*given)))
    before = review_loss(model)
    adapted(model, steps=20, rate=1e-2, seed=0)
    return before, review_loss(model)


suspect = trial(begin)
judge_repair(
    ("Nothing is changed at first.", abs(suspect[0] - live["before"]) < 1e-3,
     f"Before anything is learnt the loss is {suspect[0]:.2f}, without the update {live['before']:.2f}."),
    ("It learns.", suspect[1] < 0.8 * suspect[0], f"The loss goes from {suspect[0]:.2f} to {suspect[1]:.2f} in twenty steps."),
)  # fmt: skip

# %% [markdown]
# <details><summary>What is it?</summary>
#
# The gradient of B is a product with A x, and the gradient of A a product with B. If both are 0, both gradients are
# 0, for ever. One of them must be random and the other 0: then the product is 0 at first, and the one that is 0 has a
# gradient. For the same reason no network may begin with all weights at 0.
# </details>

# %% [markdown]
# ## In your own words
#
# A clinic has one graphics card of 24 GB and a model of 8 billion weights in 16 bits. It wants an assistant for its
# own letters. Advise it in six to ten sentences: which of this chapter's ways would you take for running the model,
# which for teaching it the letters, and when would you rather train a small model?
#
# Two points: one for a plan that works out the bytes (weights, gradients, means), one for what each way costs, and
# for what you would measure before you trust it.

# %% written [markdown] name="smaller-in-your-own-words" points=2
# In 16 bits, 8 billion weights take 16 GB, which fits the card for running; training all of them does not, for at 12
# bytes per weight that would be 96 GB. I would quantize the weights to NF4 with double quantization, about 4.1 GB,
# and train a LoRA update beside them, QLoRA: only the thin matrices then need gradients and AdamW's two means, a few
# hundred megabytes. The rest of the card is for activations, which none of this makes smaller; short batches help
# there. The update is a small file of its own, and can be taken off again. Rounding costs some quality, and LoRA of a
# low rank may learn less than full fine-tuning does. So I would measure the loss on letters that were kept aside, for
# 8 bits and for 4, and for two or three ranks. A quantized model is not faster by itself. If the task is narrow, such
# as sorting letters, I would distil a small model from the large one, and compare it with one of the same size that
# is trained from the letters alone.
#
# **1 point**: a plan that fits, *and* weights, gradients and means counted in bytes. **1 point**: what rounding, a
# low rank or a small model costs, *and* held-out letters or another comparison to measure it by.

# %% [markdown]
# ## What you have now, and where next
#
# A model in a seventh of its bytes, at a price of about a hundredth of a nat; a student that learns from a teacher's
# doubts; and an update of three weights in a hundred that teaches an old model new texts. Each of them was measured
# beside a small model that was trained from scratch.
#
# **Next**: chapter 19 goes in the other direction. What happens when a model grows, from GPT-2 to GPT-3 and beyond,
# and what has changed inside since then?
#
# *To read on*: Hinton, Vinyals and Dean, *Distilling the Knowledge in a Neural Network* (2015); Dettmers et al.,
# *QLoRA* (2023); Hu et al., *LoRA* (2022); Frantar et al., *GPTQ* (2023), which rounds one weight after the other and
# lets the rest make up for it.

# %%
progress("18_smaller")
