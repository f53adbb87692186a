# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 16 · How do 64,000 words fit?
#
# A short novel has about 64,000 words. BERT reads 512 at once, GPT-2 reads 1,024. In this chapter we find out what
# stands in the way of a whole novel, and build the Reformer, which reads one. It has two ideas: look only at what is
# probably alike, and compute again what you did not keep. We measure both, beside what PyTorch offers today.
#
# You need: chapters 5, 6 and 8. Seven exercises, 21 points and a paragraph (2 points). About three hours.

# %% setup
import math
import time

import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

from autograder import check, judge_repair, progress, solved
from unrolled.data import village
from unrolled.gpt import causal_lm_loss
from unrolled.lab import curves, explorer, heatmap, panels, recorded, seed_everything, show, train
from unrolled.lab import preset as preset_of
from unrolled.lsh import lsh_attention
from unrolled.reformer import Reformer, ReformerConfig
from unrolled.reversible import run_blocks, run_reversible

# %% [markdown]
# ## The problem: every word looks at every word
#
# Attention compares each word with each other one. Twice the words are four times the scores, in memory and in time.
# Here is the attention of chapter 5, causal, and a function that measures the processor time of a call, on one core,
# for later. (Processor time does not count what other programs do meanwhile.)


# %%
def plain_attention(query, key, value):
    """Chapter 5's attention, causal: the whole table of scores, then the softmax, then the average."""
    scores = query @ key.mT / math.sqrt(query.shape[-1])
    ahead = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
    return scores.masked_fill(ahead, -torch.inf).softmax(-1) @ value


def milliseconds(run, repeat=3):
    """The least processor time of a few calls."""
    taken = []
    with torch.no_grad():
        for _ in range(repeat + 1):
            began = time.process_time()
            run()
            taken.append(1000 * (time.process_time() - began))
    return min(taken[1:])


torch.set_num_threads(1)
gibibytes = {n: n**2 * 4 / 2**30 for n in (512, 4096, 65_536)}
for n, size in gibibytes.items():
    print(f"the scores of {n:6,} words, of one head in one layer: {size:7.3f} GiB")

# %% [markdown]
# At 65,536 words one table of scores has 16 GiB, and a model has a table for each head of each layer. This is the
# first bill, and it is *quadratic* in the length.
#
# The second bill comes with training. Backpropagation needs what every layer has computed, so all of it is kept until
# the way back. PyTorch lets us look: `saved_tensors_hooks` calls a function for every tensor that is put aside. We
# count their numbers, each piece of memory once, and leave out the weights, which are there anyway.


# %%
def saved_numbers(run, weights=()):
    """How many numbers autograd keeps for the way back, besides the weights."""
    kept, alive = {}, []

    def note(tensor):
        memory = tensor.untyped_storage()
        kept[memory.data_ptr()] = memory.nbytes() // tensor.element_size()
        alive.append(tensor)  # else its place in memory could be given to the next one
        return tensor

    with saved_tensors_hooks(note, lambda tensor: tensor):
        run()
    for weight in weights:
        kept.pop(weight.data_ptr(), None)
    return sum(kept.values())


seed_everything(0)
D, WORDS = 64, 256
kept_by_depth = {}
for depth in (1, 2, 4, 8):
    halves = [
        (nn.Sequential(nn.Linear(D, 4 * D), nn.ReLU(), nn.Linear(4 * D, D)), nn.Linear(D, D))
        for _ in range(depth)
    ]
    weights = [w for pair in halves for half in pair for w in half.parameters()]
    x = torch.randn(1, WORDS, D, requires_grad=True)
    kept_by_depth[depth] = saved_numbers(lambda b=halves, x=x: run_blocks(b, x, x), weights)
print({f"{depth} blocks": f"{kept:,}" for depth, kept in kept_by_depth.items()})

# %% [markdown]
# Every block adds as much again. The first half of this chapter pays the first bill, the second half the second.

# %% [markdown]
# ## The first idea: look only where it matters
#
# A softmax gives most of its weight to the largest scores. If we knew for each word which keys are most like its
# query, we could leave out the rest. That is **sparse attention** (희소 어텐션). But to find the largest scores we would
# have to compute them all. Or would we?
#
# **Locality-sensitive hashing** (지역 민감 해싱), LSH for short, gives each vector a number, its bucket, so that similar
# vectors probably get the same one, *without comparing them*. Draw random directions through the origin, and their
# opposites. A vector's bucket is the direction that it points along most:
#
# $$\text{bucket}(x) = \operatorname{argmax}\,[xR;\,-xR]$$
#
# where the columns of $R$ are the directions. With $b/2$ directions there are $b$ buckets.
#
# **Predict.** Four random directions make eight buckets. Two vectors whose cosine is 0.9 look very much alike. How
# often do they share a bucket? And how often if the cosine is 0.99, or 0?

# %% [markdown]
# ### Exercise 16.1 — a bucket for each vector · 3 points · ~15 min
#
# All rounds and all heads at once: a *round* is one draw of directions, and several rounds are several chances to
# meet.
#
# <details><summary>Hint</summary>
#
# Write the shapes of `vectors` and `rotations` below one another, a letter for each axis, and the shape of the result
# below that. Which letter is in both inputs, but not in the result? `torch.einsum` needs no more.
# </details>

# %% exercise
from unrolled.lsh import lsh_buckets

# %% check
check(lsh_buckets)

# %%
buckets_of = solved("lsh_buckets")
generator = seed_everything(0)


def share_a_bucket(cosine, pairs=20_000, d=8, draws=20):
    """How often two vectors with this cosine get the same of eight buckets."""
    a = F.normalize(torch.randn(1, 1, pairs, d, generator=generator), dim=-1)
    aside = torch.randn(a.shape, generator=generator)
    aside = F.normalize(aside - (aside * a).sum(-1, keepdim=True) * a, dim=-1)  # at a right angle
    b, met = cosine * a + math.sqrt(1 - cosine**2) * aside, 0.0
    for _ in range(draws):
        rotations = torch.randn(1, d, 1, 4, generator=generator)
        met += (buckets_of(a, rotations) == buckets_of(b, rotations)).float().mean().item()
    return met / draws


meeting = {cosine: share_a_bucket(cosine) for cosine in (0.0, 0.5, 0.9, 0.99)}
print({cosine: f"{p:.2f}" for cosine, p in meeting.items()})
print("0.9, in at least one of four rounds:", f"{1 - (1 - meeting[0.9]) ** 4:.2f}")

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# Strangers, at a right angle, meet by chance, once in eight. Vectors at cosine 0.9 meet in two draws of three, and
# even at 0.99 one draw in nine parts them, since they may lie on two sides of a border. So hashing *misses*
# neighbours. It helps to draw again: at cosine 0.9, all but about one pair in a hundred meet in one of four rounds.
# </details>


# %% picture
# Directions in the plane, and the sector of each
def sectors(angle=20):
    """Vectors on a circle, coloured by bucket, for two directions that are turned by an angle."""
    turn = math.radians(angle)
    rotation = torch.tensor([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    around = torch.linspace(0, 2 * math.pi, 181)[:-1]
    points = torch.stack([around.cos(), around.sin()], dim=-1)
    found = buckets_of(points[None, None], rotation[None, :, None])[0, 0, 0]
    figure, (axes,) = panels(size=(4.4, 4.0))
    for bucket in range(4):
        mine = points[found == bucket]
        axes.scatter(*mine.T.numpy(), s=14, marker="os^D"[bucket])
        direction = rotation.T[bucket % 2] * (1 if bucket < 2 else -1)
        look = {"arrowstyle": "->", "color": f"C{bucket}"}
        axes.annotate("", xy=(0.85 * direction).tolist(), xytext=(0, 0), arrowprops=look)
        axes.text(*(1.45 * direction).tolist(), f"bucket {bucket}", ha="center", va="center")
    axes.set(title="Each vector belongs to the nearest direction", aspect="equal")
    axes.set(xlabel="feature 0", ylabel="feature 1", xlim=(-2, 2), ylim=(-1.8, 1.8))
    return figure


show(
    sectors(),
    alt="Points on a circle, cut into four sectors of a quarter each; in the middle of every sector an arrow shows its direction, and opposite sectors are buckets 0 and 2, 1 and 3.",
)

# %% [markdown]
# For this to work, "this query likes that key" must mean "these two vectors are alike". So the Reformer gives each
# word *one* vector, which is query and key at once (**shared-QK attention** (쿼리–키 공유 어텐션)). Two things follow. A long
# key would be liked by all, so keys are brought to unit length. And every word is most like itself, so it may look at
# itself only if nothing else is left.
#
# Buckets have unequal sizes, though, and a processor wants equal pieces. So the words are *sorted* by bucket, and the
# sorted row is cut into chunks of equal length. Alike words stand side by side now, mostly in one chunk. As a bucket
# may begin in one chunk and end in the next, each chunk also looks back at the one before.
#
# ![Eight words in the text's order, each with the number of its bucket; below them the same words sorted by bucket
# and cut into four chunks of two. Lines lead from each word to its new place. Arrows lead from each chunk to the one
# before it.](../assets/diagrams/lsh_attention.svg)

# %% [markdown]
# ### Exercise 16.2 — sort, and sort back · 3 points · ~15 min
#
# All rounds stand in one row: first the words of round 0, sorted, then those of round 1, and so on. The second result
# brings each word back to where it was.
#
# <details><summary>Hint</summary>
#
# Sort each round by itself first, and make one row of them afterwards. Which number does word 0 have in round 1? For
# the way back: `order` says which word stands in each slot. You want to know in which slot each word stands. What do
# you get if you sort `order` itself?
# </details>

# %% exercise
from unrolled.lsh import sort_by_bucket

# %% check
check(sort_by_bucket)

# %% [markdown]
# Here are 256 vectors in sixteen families: each is a copy of its family's vector with some noise. A family's members
# are spread over the whole text. We look at all scores, once in the order of the text and once sorted.

# %%
sort_words = solved("sort_by_bucket")


def families(n, d, size, generator, spread=0.2):
    """Vectors in families of so many, at random places: each the family's own vector and some noise."""
    centres = torch.randn(n // size, d, generator=generator)
    x = centres.repeat(size, 1) + spread * torch.randn(n, d, generator=generator)
    return x[torch.randperm(n, generator=generator)][None, None]


x = families(256, 32, 16, torch.Generator().manual_seed(0))
rotations = torch.randn(1, 32, 1, 8, generator=torch.Generator().manual_seed(1))
order, undo = sort_words(buckets_of(x, rotations))
cosines = F.normalize(x, dim=-1) @ F.normalize(x, dim=-1).mT
by_bucket = cosines[0, 0][order[0, 0]][:, order[0, 0]]
slots = torch.arange(256) // 32
window = (slots[:, None] == slots) | (slots[:, None] == (slots + 1) % 8)
alike = (by_bucket > 0.8) & ~torch.eye(256, dtype=torch.bool)
caught = (alike & window).sum() / alike.sum()
print(f"{window.float().mean():.0%} of all pairs are looked at; of the alike ones, {caught:.0%}")

# %% picture
# Cosines in the order of the text, and sorted by bucket
figure, (left_axes, right_axes) = panels(1, 2, size=(9.4, 4.2))
heatmap(
    cosines[0, 0],
    title="In the order of the text",
    x_label="word looked at",
    y_label="word that looks",
    limits=(-1, 1),
    bar=False,
    axes=left_axes,
)
heatmap(
    by_bucket,
    title="Sorted: most of the alike are near each other",
    x_label="slot looked at",
    y_label="slot that looks",
    limits=(-1, 1),
    value="cosine",
    axes=right_axes,
)
for chunk in range(8):
    low, high = 32 * (chunk - 1) - 0.5, 32 * (chunk + 1) - 0.5
    right_axes.plot(
        [low, high, high, low, low],
        [high - 32, high - 32, high, high, high - 32],
        color="C1",
        linewidth=1,
    )
right_axes.set(xlim=(-0.5, 255.5), ylim=(255.5, -0.5))
show(
    figure,
    alt="Two maps of the cosines of 256 words with one another. Left, in the order of the text, bright dots lie scattered everywhere. Right, sorted by bucket, most bright dots lie in squares along the diagonal; outlines show that each chunk of 32 slots looks at itself and at the 32 slots before.",
)

# %% [markdown]
# A quarter of the table holds nearly three quarters of the pairs that matter; the others were parted by a border.
# With chunks of a fixed length the table grows with the *length* of the text and not with its square.

# %% [markdown]
# ### Exercise 16.3 — attention in chunks · 5 points · ~40 min
#
# The words come sorted, with `places` to say where in the text each one stands. Besides its output, each slot reports
# the logarithm of the sum of its exponentiated scores; the next exercise needs it. The numbers −1e9 and −1e5 order
# what is forbidden: rather itself than the future.
#
# <details><summary>Hint</summary>
#
# Begin with two small helpers: one cuts (batch, heads, slots, …) into chunks, the other puts the chunk before in
# front of each chunk. `torch.roll` takes the last chunk to the front. Keys, values *and places* go through both. Then
# the scores of a chunk are one product, and two masks follow.
# </details>

# %% exercise
from unrolled.lsh import attend_in_chunks

# %% check
check(attend_in_chunks)

# %% [markdown]
# ### Exercise 16.4 — several rounds · 2 points · ~10 min
#
# In each round a word has met others. A round in which it met many that it likes should count for more, as if all it
# has met stood in one softmax.
#
# <details><summary>Hint</summary>
#
# Two softmaxes over different words have divided by different sums. You are given the logarithms of these sums. What
# share of the total has each? (And exp(300) is infinite. Which function takes care of that?)
# </details>

# %% exercise
from unrolled.lsh import combine_rounds

# %% check
check(combine_rounds)

# %% [markdown]
# Now all four together. The library's `lsh_attention` sorts, attends, sorts back and combines, here with your
# functions. If two chunks hold the whole text, every word sees every other one, and full attention must come out. We
# use that as a test.

# %%
STEPS = (solved("sort_by_bucket"), solved("attend_in_chunks"), solved("combine_rounds"))


def hashed_attention(x, value, rounds, generator=None, chunk_length=64, causal=True):
    """LSH attention with about as many buckets as there are chunks."""
    half = max(x.shape[2] // chunk_length // 2, 1)
    rotations = torch.randn(x.shape[1], x.shape[-1], rounds, half, generator=generator)
    found = buckets_of(x, rotations.to(x))
    return lsh_attention(x, value, found, chunk_length=chunk_length, causal=causal, steps=STEPS)


def full_weights(x, causal=False):
    """The weights of shared-QK attention with all words."""
    key = x / (x.square().mean(-1, keepdim=True) + 1e-6).sqrt() / math.sqrt(x.shape[-1])
    scores, n = x @ key.mT, x.shape[2]
    if causal:
        scores = scores.masked_fill(torch.ones(n, n, dtype=torch.bool).triu(1), -1e9)
    return scores.masked_fill(torch.eye(n, dtype=torch.bool), -1e5).softmax(-1)


generator = seed_everything(0)
x, value = (torch.randn(2, 3, 40, 16, generator=generator) for _ in range(2))
as_full = (
    hashed_attention(x, value, 1, generator, chunk_length=20) - full_weights(x, causal=True) @ value
)
print(f"two chunks for the whole text: differs from full attention by {as_full.abs().max():.0e}")

# %% [markdown]
# How much is lost when the chunks are shorter? We take 1,024 words of two kinds. *Families* of sixteen, with long
# vectors, so that a word's attention goes to its relatives. And *strangers*, unrelated random vectors, where
# attention is spread over all words. The error is the length of the difference, relative to the length of full
# attention's output.


# %%
def inputs_of(kind, generator, n=1024, d=32):
    """Query-keys and values of so many words."""
    x = (
        3 * families(n, d, 16, generator)
        if kind == "families"
        else torch.randn(1, 1, n, d, generator=generator)
    )
    return x, torch.randn(1, 1, n, d, generator=generator)


def error_by_rounds(seed, rounds=(1, 2, 4, 8, 16)):
    """The relative error of LSH attention for both kinds of words, and how concentrated their attention is."""
    errors = {}
    for kind in ("families", "strangers"):
        generator = torch.Generator().manual_seed(seed)
        x, value = inputs_of(kind, generator)
        weights = full_weights(x)
        exact = weights @ value
        found = [hashed_attention(x, value, r, generator, causal=False) for r in rounds]
        errors[kind] = {
            "errors": [((y - exact).norm() / exact.norm()).item() for y in found],
            "weight of the top 16": weights.topk(16).values.sum(-1).mean().item(),
        }
    return {"rounds": list(rounds), **errors}


lost = error_by_rounds(seed=0)
for kind in ("families", "strangers"):
    of = lost[kind]
    print(
        f"{kind:9}: errors {[round(e, 2) for e in of['errors']]} for rounds {lost['rounds']}; "
        f"the top 16 words hold {of['weight of the top 16']:.0%} of the weight"
    )

# %% [markdown]
# With families, all the weight lies on sixteen words, and the error falls with every doubling of the rounds; but one
# round is off by more than the whole length of the output, and sixteen rounds still by more than a third. (The average
# of fifteen relatives is a short vector. A word that has found only one of them returns a long one.) With strangers the
# top 16 words hold only a tenth of the weight, and leaving out the others costs more. LSH attention is a bet that
# attention is concentrated.


# %% picture
# Who sees whom, by angle and rounds
def draw_windows(angle=20, rounds=1):
    """Who sees whom among 48 vectors of the plane, for rotations by an angle and multiples of it."""
    generator = torch.Generator().manual_seed(3)
    points = F.normalize(torch.randn(48, 2, generator=generator), dim=-1)
    turns = torch.deg2rad(torch.tensor([angle * (1 + 1.7 * r) for r in range(rounds)]))
    rotations = torch.stack(
        [torch.stack([turns.cos(), -turns.sin()], -1), torch.stack([turns.sin(), turns.cos()], -1)]
    )
    found = buckets_of(points[None, None], rotations[None])
    order, _ = sort_words(found)
    row = (order[0, 0] % 48).view(-1, 8)
    seen = torch.zeros(48, 48)
    for chunk, before in zip(row, row.roll(1, 0), strict=True):
        for there in (chunk, before):
            seen[chunk[:, None], there] += 1
    by_angle = torch.atan2(points[:, 1], points[:, 0]).argsort()
    share = (seen > 0).float().mean().item()
    _, (axes,) = panels(size=(5.6, 4.4))
    figure = heatmap(
        seen[by_angle][:, by_angle],
        title=f"Seen at least once: {share:.0%} of all pairs",
        limits=(0, max(2, rounds)),
        value="times seen",
        x_label="word looked at, by its angle",
        y_label="word that looks, by its angle",
        axes=axes,
    )
    figure.axes[-1].set_yticks(range(max(2, rounds) + 1))
    return figure


explorer(
    draw_windows,
    angle=(0, 90, 5),
    rounds=(1, 6, 1),
    alt=lambda angle, rounds: (
        f"A map of who sees whom among 48 words sorted by their angle, with directions turned by {angle} degrees; rounds: {rounds}. Blocks along the diagonal, which overlap more with every round."
    ),
)

# %% [markdown]
# **Turn it.** Which neighbours on the circle do not see each other in one round, and why do they after a second? Can
# two words on opposite sides see each other?
#
# <details><summary>An answer</summary>
#
# Two words on either side of a border between buckets are neighbours on the circle and may still be far apart in the
# sorted row. A second round has its borders elsewhere, and joins many that the first one parted. And yes, opposites can
# meet. Buckets that are neighbours in the sorted row, such as 1 and 2, cover half of the circle together, and a chunk
# does not care where a bucket ends; a look into the chunk before crosses the border as well.
# </details>

# %% [markdown]
# ## The second idea: compute again what you did not keep
#
# A residual block is y = x + f(x). From y alone one cannot find x: one would need f(x), and for that x. Now split the
# features into two halves and change one at a time:
#
# $$y_1 = x_1 + f(x_2), \qquad y_2 = x_2 + g(y_1)$$
#
# From $y_1$ and $y_2$ everything comes back: $x_2 = y_2 - g(y_1)$, then $x_1 = y_1 - f(x_2)$. This is a **reversible
# block** (가역 블록). So nothing within a stack of blocks need be kept. On the way back, each block first computes what
# had gone into it, then its gradients, and hands both on to the block before.
#
# ![Two drawings of a reversible block. There: x1 and x2 come in from above; attention f of x2 is added to x1, then
# the feed-forward layer g of the result is added to x2. Back: the same, from below, with g subtracted first and then
# f.](../assets/diagrams/reversible_block.svg)

# %% [markdown]
# ### Exercise 16.5 — a block, run backwards · 5 points · ~35 min
#
# Values and gradients at once. f and g are called once each, and their result is used twice: to undo the step, and to
# differentiate it. You are inside a backward pass, where PyTorch has switched gradients off; `torch.enable_grad()`
# switches them on.
#
# <details><summary>Hint</summary>
#
# Begin with g. Make a leaf of y1 (`detach`, `requires_grad_`), call g with gradients on, and call `backward` with the
# gradient of y2. What do you have now: which value, and the gradient of what? Before you go on to f, ask which gradient
# f's result gets: in how many ways did y1 reach the end?
# </details>

# %% exercise
from unrolled.reversible import reverse_block

# %% check
check(reverse_block)

# %% [markdown]
# **Predict.** The plain blocks above kept more with every block. A stack of *reversible* blocks, with inputs of 256
# words and 64 features: how many numbers does it keep at a depth of 1, and how many at 16?

# %%
reverse = solved("reverse_block")


def stack(depth, d=D, seed=0):
    """Blocks of two small networks each, and all their weights."""
    seed_everything(seed)
    halves = [
        tuple(
            nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2 * d), nn.ReLU(), nn.Linear(2 * d, d))
            for _ in "fg"
        )
        for _ in range(depth)
    ]
    return halves, [w for pair in halves for half in pair for w in half.parameters()]


def kept_at(depths=(1, 2, 4, 8, 16)):
    """Numbers kept by plain and by reversible blocks, over the depth."""
    kept = {"depth": list(depths), "plain": [], "reversible": []}
    for depth in depths:
        halves, weights = stack(depth)
        x = torch.randn(1, WORDS, D, requires_grad=True)
        kept["plain"].append(saved_numbers(lambda b=halves, x=x: run_blocks(b, x, x), weights))
        kept["reversible"].append(
            saved_numbers(lambda b=halves, x=x: run_reversible(b, x, x, reverse=reverse), weights)
        )
    return kept


kept = kept_at()
for name in ("plain", "reversible"):
    print(f"{name:10}: " + ", ".join(f"{n:,}" for n in kept[name]))

# %% picture
# Numbers kept over the depth
show(
    curves(
        {name: (kept["depth"], [n / 1e6 for n in kept[name]]) for name in ("plain", "reversible")},
        title="Reversible blocks keep the same at any depth",
        x_label="blocks",
        y_label="millions of numbers kept",
    ),
    alt="Two lines over the number of blocks: what plain blocks keep rises in a straight line, what reversible blocks keep stays flat near zero.",
)

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# The same at any depth: the two tensors that come out of the last block, 2 · 256 · 64 numbers. The price is time, for
# f and g run once more on the way back.
# </details>

# %% [markdown]
# ## Two smaller savings
#
# A feed-forward layer is four times as wide inside. It treats every word by itself, so a few words at a time will do.

# %% [markdown]
# ### Exercise 16.6 — a few words at a time · 1 point · ~5 min

# %% exercise
from unrolled.reformer import chunked_feed_forward

# %% check
check(chunked_feed_forward)

# %% [markdown]
# A table with a position vector for each of half a million places would be larger than the rest of the model. **Axial
# positions** (축 위치 인코딩) arrange the places in rows and columns, as words are on a page, and learn a vector for each
# row and for each column.

# %% [markdown]
# ### Exercise 16.7 — rows and columns · 2 points · ~10 min
#
# The two tables are there. Write `forward`.
#
# <details><summary>Hint</summary>
#
# Which two operations on whole numbers give the row and the column of place 7, on a page with five words in a row?
# </details>

# %% exercise
from unrolled.axial import AxialPositions

# %% check
check(AxialPositions)

# %%
tables = solved("AxialPositions")
with torch.device("meta"):
    axial = sum(w.numel() for w in tables((512, 1024), (64, 192)).parameters())
    flat = nn.Embedding(512 * 1024, 256).weight.numel()
print(f"524,288 places of 256 features: {axial:,} numbers instead of {flat:,}")

# %% [markdown]
# ## The whole Reformer
#
# The library's `Reformer` puts the parts together: embeddings and axial positions, twice the same as the two halves,
# then reversible blocks whose f is LSH attention and whose g is a feed-forward layer.
# `Reformer.from_huggingface("google/reformer-crime-and-punishment")` reads Google's weights when you are online; a
# test compares it with Hugging Face's own, values and gradients.
#
# It learns from the village's stories, told one after the other in texts of 256 words. Once its blocks run
# reversibly, once plainly, with the same weights, rotations and batches.

# %%
SENTENCES = [village.tokens(story) for story in village.stories(2000, split="train")]
vocabulary = village.Vocabulary(SENTENCES)
LONG = 256


told = torch.tensor([i for story in SENTENCES for i in (*vocabulary.encode(story), vocabulary.eos)])


def batches(generator, size=4):
    """Texts of LONG words from anywhere in the row."""
    first = torch.randint(len(told) - LONG, (size, 1), generator=generator)
    return told[first + torch.arange(LONG)]


# %%
def long_model(seed, rounds=1, chunk_length=32, reversible=True):
    """A small Reformer with two blocks; a chunk as long as the text is full attention."""
    seed_everything(seed)
    return Reformer(
        ReformerConfig(
            vocabulary=len(vocabulary),
            d_model=64,
            heads=2,
            d_k=32,
            d_ff=128,
            layers=("lsh", "lsh"),
            chunk_length=chunk_length,
            rounds=rounds,
            buckets=8,
            axial_shape=(16, 16),
            axial_sizes=(32, 32),
            hash_seed=seed,
            reversible=reversible,
        )
    )


def next_word_loss(model, ids):
    return causal_lm_loss(model(ids), ids, torch.full((len(ids),), ids.shape[1], device=ids.device))


# %%
STEPS_LIVE = 40
models, apart = {}, {}
for dtype in (torch.float64, torch.float32):
    losses = {}
    for name, reversible in (("reversible", True), ("plain", False)):
        models[name] = long_model(0, reversible=reversible).to(dtype)
        losses[name] = train(
            models[name], batches, next_word_loss, steps=STEPS_LIVE, learning_rate=3e-3, seed=0, live=False
        ).losses  # fmt: skip
    apart[dtype] = [abs(a - b) for a, b in zip(*losses.values(), strict=True)]
ids = batches(torch.Generator().manual_seed(0))
for name, model in models.items():
    kept_there = saved_numbers(lambda m=model: next_word_loss(m, ids), list(model.parameters()))
    print(
        f"{name:10}: loss {losses[name][0]:.2f} → {losses[name][-1]:.2f}, keeps {kept_there:,} numbers"
    )
for dtype, gaps in apart.items():
    print(f"{dtype}: the losses are apart by {max(gaps[:5]):.0e} in the first five steps, by {max(gaps):.0e} at most")

# %% [markdown]
# The same losses from less memory. (What is left are mostly the scores of all words of the vocabulary, which are
# computed outside the blocks.) In float64 they are the same to the last digit. In float32 the inputs that are computed
# again are off by a rounding error. It grows in training: Adam divides small gradients by small sizes, and a word near
# the border of its bucket may fall on the other side of it and see other words. So the losses come to differ in the
# third digit, by 0.01 at most. Neither way is the better one.

# %% [markdown]
# ## The experiment: what does it cost, what does it save?
#
# Four ways to compute causal attention over n words, two heads of 32 features each:
#
# - *plain*: chapter 5's, with the whole table;
# - *fused*: PyTorch's `scaled_dot_product_attention`, **fused attention** (융합 어텐션), which computes the table in small
#   tiles and never keeps it;
# - *LSH* with chunks of 64 words, in one round and in four.
#
# For each we measure the processor time of the way there on one core, and the bytes that are kept for the way back.
# `experiment` records these, and the errors over the rounds, for three seeds.


# %%
def fused(x, value):
    return F.scaled_dot_product_attention(x, x, value, is_causal=True)


WAYS = {
    "plain": lambda x, value: plain_attention(x, x, value),
    "fused": fused,
    "LSH, 1 round": lambda x, value: hashed_attention(x, value, 1),
    "LSH, 4 rounds": lambda x, value: hashed_attention(x, value, 4),
}
LIMITS = {"plain": 4096}


def costs(lengths, seed=0):
    """Milliseconds and kept mebibytes of every way, for every length; plain attention only as far as it fits."""
    found = {way: {"lengths": [], "milliseconds": [], "mebibytes": []} for way in WAYS}
    for n in lengths:
        x, value = torch.randn(
            2, 1, 2, n, 32, generator=torch.Generator().manual_seed(seed)
        ).unbind()
        for way, attend in WAYS.items():
            if n <= LIMITS.get(way, n):
                x.requires_grad_(False), value.requires_grad_(False)
                found[way]["lengths"].append(n)
                found[way]["milliseconds"].append(
                    milliseconds(lambda a=attend, x=x, v=value: a(x, v), repeat=2)
                )
                x.requires_grad_(), value.requires_grad_()
                number = saved_numbers(lambda a=attend, x=x, v=value: a(x, v))
                found[way]["mebibytes"].append(number * 4 / 2**20)
    return found


measured = costs([256, 1024])
for way, of in measured.items():
    print(f"{way:13}: {[round(m, 1) for m in of['mebibytes']]} MiB kept for {of['lengths']} words")


# %%
def experiment(seed):
    """All that is recorded."""
    return {
        "costs": costs([256, 512, 1024, 2048, 4096, 8192, 16_384], seed),
        "errors": error_by_rounds(seed),
    }


def summarize(result):
    """What is written down of an experiment: all of it."""
    return result


# %%
runs = list(recorded("16_reformer")["seeds"].values())


def middle(values):
    return sorted(values)[len(values) // 2]


def over_seeds(way, what):
    """The middle of the three seeds, for each length."""
    return [middle(at) for at in zip(*(run["costs"][way][what] for run in runs), strict=True)]


lengths = {way: runs[0]["costs"][way]["lengths"] for way in WAYS}
for what in ("milliseconds", "mebibytes"):
    print(what, "at", lengths["fused"])
    for way in WAYS:
        print(f"  {way:13}: {[round(t, 1) for t in over_seeds(way, what)]}")

# %% picture
# Time and kept memory over the length
figure, axes_of = panels(1, 2, size=(9.6, 4.0))
for what, axes, title in zip(
    ("milliseconds", "mebibytes"),
    axes_of,
    ("One round overtakes fused attention late", "Fused attention keeps least"),
    strict=True,
):
    series = {way: (lengths[way], over_seeds(way, what)) for way in WAYS}
    curves(
        series, title=title, x_label="words", y_label=f"{what}, logarithmic", log=True, axes=axes
    )
    axes.set_xscale("log", base=2)
    axes.set_xticks(lengths["fused"][::2], [f"{n:,}" for n in lengths["fused"][::2]])
show(
    figure,
    alt="Two figures over 256 to 16,384 words, both axes logarithmic. Left, time: plain attention rises most steeply, fused attention lies lowest until LSH with one round crosses it between 4,096 and 8,192 words; four rounds lie above fused attention throughout. Right, memory kept: plain rises steeply, LSH lies in straight lines far above fused attention.",
)

# %% [markdown]
# **Time.** Plain attention grows with the square of the length, LSH roughly with the length itself, and so LSH
# overtakes plain attention early. But fused attention computes the same as plain attention, and does so about fifteen
# times as fast at 2,048 and 4,096 words. One round of LSH overtakes it between 4,096 and 8,192 words; four rounds have
# not done so at 16,384.
#
# **Memory.** All but plain attention keep an amount that grows with the length. Fused attention keeps least: barely
# more than its inputs and its output. One round of LSH keeps nine times as much, four rounds thirty-five times.
# (Within a reversible block that does not add up over the layers.)

# %%
for run in runs:
    print(
        {
            kind: [round(e, 2) for e in run["errors"][kind]["errors"]]
            for kind in ("families", "strangers")
        }
    )

# %% picture
# The error over the rounds
show(
    curves(
        {
            kind: (
                runs[0]["errors"]["rounds"],
                [
                    middle(at)
                    for at in zip(*(run["errors"][kind]["errors"] for run in runs), strict=True)
                ],
            )
            for kind in ("families", "strangers")
        },
        title="More rounds help, and alike words lose less",
        x_label="rounds",
        y_label="relative error",
    ),
    alt="Two falling lines of the relative error over 1 to 16 rounds; that of families lies below that of strangers.",
)

# %% [markdown]
# The errors are much the same with each seed: what was said above of one holds for three.

# %% [markdown]
# ## Sixty-four thousand words
#
# Here is the whole thing, there and back: a text through the Reformer, and the gradients of all weights. With a
# GPU the text has 65,536 words and the peak memory is the GPU's own count; on a CPU it is the same code with 1,024
# words, and we count what autograd keeps. Run it with `preset="gpu"` if you have one.


# %%
def long_text(preset="auto", depths=(2, 6)):
    """Memory of one step over a long text, by depth."""
    processor, found = preset_of(preset, scale=64), {}
    words, dtype = 1024 * processor.scale, torch.bfloat16
    ids = torch.randint(320, (1, words), generator=torch.Generator().manual_seed(0)).to(
        processor.device
    )
    for depth in depths:
        seed_everything(0)
        model = Reformer(
            ReformerConfig(
                layers=("lsh",) * depth,
                buckets=(8, words // 256),
                axial_shape=(32, words // 32),
                feed_forward_chunk=1024,
            )
        ).to(processor.device)

        def step(model=model):
            with torch.autocast(
                processor.device, dtype, enabled=processor.mixed_precision == "bf16"
            ):
                return next_word_loss(model, ids)

        if processor.device == "cuda":
            torch.cuda.reset_peak_memory_stats()
            step().backward()
            found[depth] = torch.cuda.max_memory_allocated() / 2**20
        else:
            found[depth] = saved_numbers(step, list(model.parameters())) * 4 / 2**20
            step().backward()
        assert all(w.grad.isfinite().all() for w in model.parameters())
    return words, found


# %%
words, memory = long_text()
print(
    f"{words:,} words: "
    + ", ".join(f"{m:.1f} MiB with {depth} blocks" for depth, m in memory.items())
)

# %% [markdown]
# What is kept does not grow with the number of blocks. It does grow with the text, but not with its square: twice the
# words keep twice as much. At this pace 65,536 words keep half a gibibyte, however deep the model; a *single* table of
# plain attention has 16. That is how they fit.

# %% [markdown]
# ## Claims, checked
#
# > *"LSH attention is faster, since it is O(L log L) and not O(L²)."*
#
# From which length on, and than what? We look for the shortest recorded text at which it takes less time.

# %%
faster_from = {}
for way in ("LSH, 1 round", "LSH, 4 rounds"):
    for other in ("plain", "fused"):
        pairs = zip(
            lengths[other],
            over_seeds(way, "milliseconds"),
            over_seeds(other, "milliseconds"),
            strict=False,
        )
        faster_from[way, other] = next((n for n, ours, theirs in pairs if ours < theirs), None)
        n = faster_from[way, other]
        print(
            f"{way} against {other:5}: "
            + (f"faster from {n:,} words on" if n else f"never, up to {lengths[other][-1]:,} words")
        )

# %% [markdown]
# **True in the long run, and it depends on the rival.** Against attention that writes out its table, one round of LSH
# pays from about a thousand words on. Against fused attention the text must be eight times as long, on this
# processor, and four rounds do not pay at any length that was recorded. On a GPU the lengths are others; `costs`
# measures yours.
#
# > *"Reversible layers give the same gradients."*
#
# In exact arithmetic, yes. But x is computed again with rounding errors, and they pile up from block to block. We go
# through 64 blocks there and back.


# %%
def returned_error(dtype, depth=64):
    """How far what comes back from all blocks is from what went in, relative to its length."""
    halves, _ = stack(depth, d=32)
    halves = [tuple(half.to(dtype) for half in pair) for pair in halves]
    x1, x2 = torch.randn(2, 64, 32, generator=torch.Generator().manual_seed(0)).to(dtype)
    with torch.no_grad():
        state = (*run_blocks(halves, x1, x2), torch.zeros_like(x1), torch.ones_like(x1))
    for f, g in reversed(halves):
        state = reverse(f, g, *state)
    return ((state[0] - x1).float().norm() / x1.float().norm()).item()


rounding = {
    name: returned_error(dtype)
    for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16))
}
print({name: f"{error:.0e}" for name, error in rounding.items()})

# %% [markdown]
# **True in float32, where the error stays near rounding; in bfloat16 only roughly:** there the inputs come back with an
# error of several per cent, and the gradients are those of slightly other inputs. If you train in bfloat16, keep these
# two streams in float32.
#
# > *"Attention stays within a bucket."*
#
# So the paper writes it. The code that the authors released, Hugging Face's and ours cut the sorted row into chunks
# and do not ask where a bucket ends.

# %%
x, _ = inputs_of("families", torch.Generator().manual_seed(0))
found = buckets_of(x, torch.randn(1, 32, 1, 8, generator=torch.Generator().manual_seed(1)))
order, _ = sort_words(found)
sorted_buckets = found.flatten(2).gather(2, order)[0, 0].view(-1, 64)
looked_at = torch.cat([sorted_buckets.roll(1, 0), sorted_buckets], dim=1)
elsewhere = (sorted_buckets[:, :, None] != looked_at[:, None]).float().mean().item()
out_of_reach = (
    1
    - (sorted_buckets[:, :, None] == looked_at[:, None]).sum()
    / (found[0, 0, 0][:, None] == found[0, 0, 0]).sum()
)
print(f"{elsewhere:.0%} of the pairs that are looked at are of two buckets;")
print(f"{out_of_reach:.0%} of the pairs of one bucket are not looked at")

# %% [markdown]
# **False of what is run.** A word sees words of other buckets, whose low scores keep them out of the softmax, and of
# a large bucket it does not see everything.
#
# > *"Chunking the feed-forward layer saves memory."*

# %%
layer = nn.Sequential(nn.Linear(D, 4 * D), nn.ReLU(), nn.Linear(4 * D, D))
x = torch.randn(1, WORDS, D, requires_grad=True)
in_chunks = solved("chunked_feed_forward")
kept_whole, kept_chunked = (
    saved_numbers(lambda n=n: in_chunks(layer, x, n), list(layer.parameters())) for n in (WORDS, 16)
)
print(f"kept for the way back: {kept_whole:,} numbers in one piece, {kept_chunked:,} in chunks")

# %% [markdown]
# **Not in ordinary training.** Autograd keeps every chunk's inside just the same. It saves where nothing is kept:
# when a trained model reads, and on the way *there* of reversible blocks. On their way back the inside of *one* layer
# exists in full, since our g is differentiated as a whole. (The authors' code differentiates chunk by chunk.)

# %% [markdown]
# ## Repair: dropout inside a reversible block
#
# Somebody wanted **dropout** (드롭아웃) in f: while training, some values are set to 0 at random. It runs, and nothing
# complains. The next cell shows the symptom: what comes back is not what went in. Find the cause
# and repair it in place: there should still be dropout, and every training step should drop other values.


# %%
def with_dropout(layer, p=0.2):
    """f for one training step: the layer, then dropout."""

    def f(x):
        return F.dropout(layer(x), p)

    return f


# %%
def training_steps(make_f, steps=2, seed=0):
    """How far what a block gives back is off, values and gradients, and whether each step's output is another."""
    seed_everything(seed)
    layer, g = nn.Linear(8, 8), nn.Linear(8, 8)
    outputs, values_off, gradients_off = [], 0.0, 0.0
    for _ in range(steps):
        f, (x1, x2) = make_f(layer), (torch.ones(5, 8, requires_grad=True) for _ in "12")
        y1, y2 = run_blocks([(f, g)], x1, x2)
        exact = torch.autograd.grad(y1.sum() + y2.sum(), [x1, x2])
        back = reverse(f, g, y1.detach(), y2.detach(), torch.ones(5, 8), torch.ones(5, 8))
        values_off = max(values_off, (back[0] - x1).abs().max().item())
        gradients_off = max(gradients_off, (back[3] - exact[1]).abs().max().item())
        outputs.append(y1.detach())
    return values_off, gradients_off, not torch.equal(*outputs)


values_off, gradients_off, drawn_anew = training_steps(with_dropout)
judge_repair(
    ("What went in comes back.", values_off < 1e-5, f"It is off by {values_off:.2f}."),
    (
        "The gradients are autograd's.",
        gradients_off < 1e-5,
        f"They are off by {gradients_off:.2f}.",
    ),
    ("Every step drops others.", drawn_anew, "Two steps gave exactly the same."),
)

# %% [markdown]
# <details><summary>What is it?</summary>
#
# f is called twice, once on the way there and once on the way back, and `F.dropout` draws another mask each time. So
# the block subtracts something other than it added, and the error goes on to all blocks before. The mask must be drawn
# once a step and kept (or its seed, which takes less room). The same holds for everything random inside: our Reformer
# keeps the buckets of each step, as other rotations would give other buckets. The lesson: what is computed twice must
# be *the same* twice. Test it by comparing what comes back with what went in.
# </details>

# %% [markdown]
# ## In your own words
#
# A friend wants to train a language model on whole novels and has read that the Reformer makes it possible. Answer in
# six to ten sentences: which two bills does a long text present, how does the Reformer pay each, what does it lose by
# it, and what would you try first today?
#
# Two points: one for the two bills and the two ideas, one for the losses (missed neighbours, time, rounding) and for
# the comparison with fused attention, with a figure from this chapter.

# %% written [markdown] name="reformer-in-your-own-words" points=2
# Attention compares every word with every word, so time and the table of scores grow with the square of the length;
# at 65,536 words one table has 16 GiB. And training keeps what every layer computed, so memory also grows with the
# depth. The Reformer hashes each word's vector with random directions, sorts the words by bucket and lets each look
# only at its own chunk and the one before; the work then grows with the length. Its blocks are reversible, so what
# went in is computed again from what comes out, and only the last block's output is kept. What it loses: similar
# words may fall into different buckets, even at cosine 0.99 one time in nine, so several rounds are needed, each of
# which costs as much again. Reversing takes the time of another way there, and in bfloat16 the inputs come back
# several per cent off. Today I would try fused attention first: it is exact, never keeps the table, and on our
# machine one round of LSH is faster only beyond four to eight thousand words. For long texts the reversible
# blocks, or recomputing each block, pay for the depth.
#
# **1 point**: quadratic scores *and* kept activations, each with its idea. **1 point**: at least two losses, *and*
# fused attention compared, with a figure.

# %% [markdown]
# ## What you have now, and where next
#
# Two ways to read longer than memory allows. Hashing finds what is alike without comparing everything; it is used far
# beyond attention, wherever one searches among millions of vectors (chapter 20 searches). Reversible blocks trade
# time for memory, and so does their simpler relative, **gradient checkpointing** (그래디언트 체크포인팅), which keeps the input
# of every block and computes the inside again.
#
# In fairness to fused attention, it does what LSH promised by other means: the same result as plain attention, with
# memory that grows with the length. It came two years later, and it is one reason why few models today use LSH.
#
# **Next**: large models can now be trained. Chapter 17 asks why they so often fail to learn.
#
# *To read on*: Kitaev, Kaiser and Levskaya, *Reformer: The Efficient Transformer* (2020); Gomez et al., *The
# Reversible Residual Network* (2017); Dao et al., *FlashAttention* (2022).

# %%
progress("16_reformer")
