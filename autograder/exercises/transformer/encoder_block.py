"""`EncoderBlock`: Self-attention, then a feed-forward layer; around each a residual path and a norm."""

from torch import nn

from autograder import probes
from autograder.draw import normal, some, weights
from autograder.exercise import Exercise, Misconception
from autograder.exercises.transformer.shared import TORCH_BLOCKS, FeedForwardFunctional
from unrolled.self_attention import MultiHeadAttention
from unrolled.transformer import EncoderBlock


def encoder_block_inputs(rng):
    """Batch 2, time 5, d_model 6 in 3 heads, d_ff 11."""

    def case(norm_first, masked=False):
        return {
            "arguments": [6, 3, 11],
            "options": {"norm_first": norm_first},
            "weights": weights(rng, EncoderBlock, 6, 3, 11),
            "inputs": {"x": normal(rng, 2, 5, 6, scale=1.5), "mask": some(rng, 2, 1, 1, 5) if masked else None},
        }

    return {"post-norm": [case(False)], "pre-norm": [case(True)], "with a mask": [case(False, True), case(True, True)]}


def encoder_parts(module, d_model, heads, d_ff, norm_first):
    """The layers of an encoder's block, under the names it is given."""
    module.norm_first = norm_first
    module.attention, module.attention_norm = MultiHeadAttention(d_model, heads), nn.LayerNorm(d_model)
    module.feed_forward, module.feed_forward_norm = FeedForwardFunctional(d_model, d_ff), nn.LayerNorm(d_model)


class EncoderBlockSublayers(nn.Module):
    """One way of wrapping a layer, used for both."""

    def __init__(self, d_model, heads, d_ff, *, norm_first=False):
        super().__init__()
        encoder_parts(self, d_model, heads, d_ff, norm_first)

    def around(self, x, norm, layer):
        return x + layer(norm(x)) if self.norm_first else norm(x + layer(x))

    def forward(self, x, mask=None):
        weights = []

        def attend(y):
            output, of_heads = self.attention(y, y, y, mask)
            weights.append(of_heads)
            return output

        x = self.around(x, self.attention_norm, attend)
        return self.around(x, self.feed_forward_norm, self.feed_forward), weights[0]


class EncoderBlockWithoutBranches(nn.Module):
    """Norms that do nothing stand where the other order has its own."""

    def __init__(self, d_model, heads, d_ff, *, norm_first=False):
        super().__init__()
        encoder_parts(self, d_model, heads, d_ff, norm_first)

    def forward(self, x, mask=None):
        nothing = nn.Identity()
        before = [self.attention_norm, self.feed_forward_norm] if self.norm_first else [nothing, nothing]
        after = [nothing, nothing] if self.norm_first else [self.attention_norm, self.feed_forward_norm]
        attended = self.attention(query=before[0](x), key=before[0](x), value=before[0](x), mask=mask)
        middle = after[0](attended[0] + x)
        return [after[1](self.feed_forward(before[1](middle)) + middle), attended[1]]


ENCODER_BLOCK = Exercise(
    solves="unrolled.transformer.EncoderBlock",
    groups={"post-norm": 2, "pre-norm": 1, "with a mask": 1},
    inputs=encoder_block_inputs,
    probe=probes.module,
    blanks=("forward",),
    uses=("FeedForward",),
    accepts=(EncoderBlockSublayers, EncoderBlockWithoutBranches),
    forbids=TORCH_BLOCKS,
    free=frozenset(["sequence"]),
    misconceptions=(
        Misconception(
            id="no-residual-around-attention",
            name="the residual path around the attention is missing",
            hint="What if the attention has nothing to say of a word: where is the word itself, after your first sum?",
            edits={
                "x = x + attended": "x = attended",
                "self.attention_norm(x + attended)": "self.attention_norm(attended)",
            },
        ),
        Misconception(
            id="no-residual-around-feed-forward",
            name="the residual path around the feed-forward layer is missing",
            hint="There are two layers and two sums. Where is the second one?",
            edits={
                "x = x + self.feed_forward(": "x = self.feed_forward(",
                "self.feed_forward_norm(x + self.feed_forward(x))": "self.feed_forward_norm(self.feed_forward(x))",
            },
        ),
        Misconception(
            id="residual-from-the-normed-input",
            name="with pre-norm, the normed input is added instead of the input itself",
            hint="Pre-norm is there to leave one path through the whole stack untouched. What do you add to the attention's "
            "output: x, or what came out of the norm?",
            edits={"x = x + attended": "x = normed + attended"},
        ),
        Misconception(
            id="second-residual-from-the-normed-input",
            name="with pre-norm, the normed input of the feed-forward layer is added instead of the input itself",
            hint="What do you add to the feed-forward layer's output: x, or what came out of the norm?",
            edits={
                "x = x + self.feed_forward(self.feed_forward_norm(x))": (
                    "x = self.feed_forward_norm(x)\n            x = x + self.feed_forward(x)"
                )
            },
        ),
        Misconception(
            id="both-residuals-from-the-normed-input",
            name="with pre-norm, x itself is overwritten by its norm before both layers",
            hint="After `x = norm(x)`, where is the old x that should be added?",
            edits={
                "x = x + attended": "x = normed + attended",
                "x = x + self.feed_forward(self.feed_forward_norm(x))": (
                    "x = self.feed_forward_norm(x)\n            x = x + self.feed_forward(x)"
                ),
            },
        ),
        Misconception(
            id="norm-before-the-sum",
            name="with post-norm, the layer's output is normed alone and then added",
            hint="Post-norm normalises the sum. What stands inside the norm's parentheses in yours?",
            edits={
                "self.attention_norm(x + attended)": "x + self.attention_norm(attended)",
                "self.feed_forward_norm(x + self.feed_forward(x))": "x + self.feed_forward_norm(self.feed_forward(x))",
            },
        ),
        Misconception(
            id="norms-swapped",
            name="the two norms are swapped",
            hint="Which of the two norms carries the name of the layer that you call?",
            edits={
                "normed = self.attention_norm(x)": "normed = self.feed_forward_norm(x)",
                "self.feed_forward(self.feed_forward_norm(x))": "self.feed_forward(self.attention_norm(x))",
                "x = self.attention_norm(x + attended)": "x = self.feed_forward_norm(x + attended)",
                "self.feed_forward_norm(x + self.feed_forward(x))": "self.attention_norm(x + self.feed_forward(x))",
            },
        ),
        Misconception(
            id="one-norm-for-both",
            name="the attention's norm is used for both layers",
            hint="There are two norms, each with weights of its own. Which one do you never call?",
            edits={
                "self.feed_forward(self.feed_forward_norm(x))": "self.feed_forward(self.attention_norm(x))",
                "self.feed_forward_norm(x + self.feed_forward(x))": "self.attention_norm(x + self.feed_forward(x))",
            },
        ),
        Misconception(
            id="pre-and-post-swapped",
            name="pre-norm and post-norm are swapped",
            hint="`norm_first=True` says: the norm comes first. Before or after the layer is that?",
            edits={"if self.norm_first:": "if not self.norm_first:"},
        ),
        Misconception(
            id="always-post-norm",
            name="it is post-norm whatever norm_first says",
            hint="The block can be told to put its norms first. Where do you ask self.norm_first?",
            edits={"if self.norm_first:": "if False:"},
        ),
        Misconception(
            id="always-pre-norm",
            name="it is pre-norm whatever norm_first says",
            hint="Without norm_first the block is that of 2017: x + f(x) first, then the norm. Where do you ask "
            "self.norm_first?",
            edits={"if self.norm_first:": "if True:"},
        ),
        Misconception(
            id="parallel",
            name="the feed-forward layer is given the block's input instead of what the attention made",
            hint="So do GPT-J and PaLM, to save time. Here one layer follows the other: what goes into the second?",
            edits={
                "x = x + self.feed_forward(self.feed_forward_norm(x))": (
                    "x = x + self.feed_forward(self.feed_forward_norm(x - attended))"
                ),
                "x = self.attention_norm(x + attended)": "first = x\n            x = self.attention_norm(x + attended)",
                "self.feed_forward_norm(x + self.feed_forward(x))": "self.feed_forward_norm(x + self.feed_forward(first))",
            },
        ),
        Misconception(
            id="only-queries-normed",
            name="with pre-norm, only the queries come from the normed input",
            hint="Queries, keys and values are made of one and the same thing here. Which of your three is not normed?",
            edits={"(normed, normed, normed, mask)": "(normed, x, x, mask)"},
        ),
        Misconception(
            id="feed-forward-not-normed",
            name="with pre-norm, the feed-forward layer is given the input without the norm",
            hint="With pre-norm each of the two layers has a norm in front. Where is the second one?",
            edits={"self.feed_forward(self.feed_forward_norm(x))": "self.feed_forward(x)"},
        ),
        Misconception(
            id="pre-norm-and-post-norm",
            name="with pre-norm, the result is normed once more at the end",
            hint="A last norm stands behind the whole stack, not behind each block. Should anything touch the residual "
            "path after the last sum?",
            edits={
                "x = x + self.feed_forward(self.feed_forward_norm(x))": (
                    "x = self.feed_forward_norm(x + self.feed_forward(self.feed_forward_norm(x)))"
                )
            },
        ),
        Misconception(
            id="mask-not-passed",
            name="the mask is not passed on to the attention",
            hint="forward gets a mask. Who needs it?",
            edits={"(normed, normed, normed, mask)": "(normed, normed, normed)", "(x, x, x, mask)": "(x, x, x)"},
        ),
        Misconception(
            id="mask-inverted",
            name="the mask is turned round before it is passed on",
            hint="Our attention takes a mask that is True where one may look, as this one is already. What does ~ do to it?",
            edits={
                "(normed, normed, normed, mask)": "(normed, normed, normed, None if mask is None else ~mask)",
                "(x, x, x, mask)": "(x, x, x, None if mask is None else ~mask)",
            },
        ),
        Misconception(
            id="in-place",
            name="with pre-norm, the sum is written into x itself (`x += …`)",
            hint="The norm needs the old x for its gradient, and whoever called you may need it too. Which line makes a new "
            "tensor, `x += y` or `x = x + y`?",
            edits={
                "x = x + attended": "x += attended",
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x += self.feed_forward(self.feed_forward_norm(x))",
            },
        ),
        Misconception(
            id="weights-not-returned",
            name="only the output is returned",
            hint="The signature promises a pair. What is its second part?",
            edits={"return x, weights": "return x"},
        ),
    ),
)
