"""`EncoderBlock`: Self-attention, then a feed-forward layer; around each a residual path and a norm."""

from torch import nn

from autograder import probes
from autograder.draw import normal, some, weights
from autograder.exercise import Exercise, Misconception
from autograder.exercises.transformer.shared import TORCH_BLOCKS, FeedForwardFunctional
from unrolled.self_attention import MultiHeadAttention
from unrolled.transformer import EncoderBlock


def encoder_block_inputs(rng):
    """Batch 2, time 5, d_model 6 in 3 heads, d_ff 11; a mask for every sentence, and one for all. Once one word alone."""

    def case(norm_first, mask=None, batch=2, time=5):
        return {
            "arguments": [6, 3, 11],
            "options": {"norm_first": norm_first},
            "weights": weights(rng, EncoderBlock, 6, 3, 11),
            "inputs": {"x": normal(rng, batch, time, 6, scale=1.5), "mask": mask},
        }

    return {
        "post-norm": [case(False), case(False, batch=1, time=1)],
        "pre-norm": [case(True)],
        "with a mask": [case(False, some(rng, 2, 1, 1, 5)), case(True, some(rng, 5, 5))],
    }


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
            hint="A last norm stands after the whole stack, not after each block. Should anything touch the residual "
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
        Misconception(
            id="pre-no-residual-around-attention",
            name="with pre-norm, the residual path around the attention is missing",
            hint="Post-norm has its sum. Where is the word itself after the attention of the other branch?",
            edits={
                "x = x + attended": "x = attended",
            },
        ),
        Misconception(
            id="post-no-residual-around-attention",
            name="with post-norm, the residual path around the attention is missing",
            hint="Pre-norm has its sum. What stands inside the first norm's parentheses in the other branch?",
            edits={
                "x = self.attention_norm(x + attended)": "x = self.attention_norm(attended)",
            },
        ),
        Misconception(
            id="pre-no-residual-around-feed-forward",
            name="with pre-norm, the residual path around the feed-forward layer is missing",
            hint="Post-norm has both of its sums. Where is the second one of the other branch?",
            edits={
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x = self.feed_forward(self.feed_forward_norm(x))",
            },
        ),
        Misconception(
            id="post-no-residual-around-feed-forward",
            name="with post-norm, the residual path around the feed-forward layer is missing",
            hint="Pre-norm has both of its sums. What stands inside the second norm's parentheses in the other branch?",
            edits={
                "x = self.feed_forward_norm(x + self.feed_forward(x))": "x = self.feed_forward_norm(self.feed_forward(x))",
            },
        ),
        Misconception(
            id="no-residuals",
            name="both residual paths are missing",
            hint="What does the word still know of itself after an attention that only looks elsewhere? There are "
            "two layers and two sums.",
            edits={
                "x = x + attended": "x = attended",
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x = self.feed_forward(self.feed_forward_norm(x))",
                "x = self.attention_norm(x + attended)": "x = self.attention_norm(attended)",
                "x = self.feed_forward_norm(x + self.feed_forward(x))": "x = self.feed_forward_norm(self.feed_forward(x))",
            },
        ),
        Misconception(
            id="pre-mask-not-passed",
            name="with pre-norm, the mask is not passed on to the attention",
            hint="Post-norm hands its mask on. What does the other branch call its attention with?",
            edits={
                "(normed, normed, normed, mask)": "(normed, normed, normed)",
            },
        ),
        Misconception(
            id="post-mask-not-passed",
            name="with post-norm, the mask is not passed on to the attention",
            hint="Pre-norm hands its mask on. What does the other branch call its attention with?",
            edits={
                "(x, x, x, mask)": "(x, x, x)",
            },
        ),
        Misconception(
            id="pre-norms-swapped",
            name="with pre-norm, the two norms are swapped",
            hint="Which of the two norms carries the name of the layer that you call?",
            edits={
                "normed = self.attention_norm(x)": "normed = self.feed_forward_norm(x)",
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x = x + self.feed_forward(self.attention_norm(x))",
            },
        ),
        Misconception(
            id="post-norms-swapped",
            name="with post-norm, the two norms are swapped",
            hint="Which of the two norms carries the name of the layer that you call?",
            edits={
                "x = self.attention_norm(x + attended)": "x = self.feed_forward_norm(x + attended)",
                "x = self.feed_forward_norm(x + self.feed_forward(x))": "x = self.attention_norm(x + self.feed_forward(x))",
            },
        ),
        Misconception(
            id="pre-one-norm-for-both",
            name="with pre-norm, the attention's norm is used for both layers",
            hint="There are two norms, each with weights of its own. Which one does this branch never call?",
            edits={
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x = x + self.feed_forward(self.attention_norm(x))",
            },
        ),
        Misconception(
            id="post-one-norm-for-both",
            name="with post-norm, the attention's norm is used for both layers",
            hint="There are two norms, each with weights of its own. Which one does this branch never call?",
            edits={
                "x = self.feed_forward_norm(x + self.feed_forward(x))": "x = self.attention_norm(x + self.feed_forward(x))",
            },
        ),
        Misconception(
            id="attention-not-normed",
            name="with pre-norm, the attention is given the input without the norm",
            hint="With pre-norm each of the two layers has a norm in front. Where is the first one?",
            edits={
                "normed = self.attention_norm(x)": "normed = x",
            },
        ),
        Misconception(
            id="pre-nothing-normed",
            name="with pre-norm, nothing is normed at all",
            hint="With pre-norm each of the two layers has a norm in front. Where are they?",
            edits={
                "normed = self.attention_norm(x)": "normed = x",
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x = x + self.feed_forward(x)",
            },
        ),
        Misconception(
            id="values-not-normed",
            name="with pre-norm, only queries and keys come from the normed input",
            hint="Queries, keys and values are made of one and the same thing here. Which of your three is not normed?",
            edits={
                "(normed, normed, normed, mask)": "(normed, normed, x, mask)",
            },
        ),
        Misconception(
            id="first-norm-missing",
            name="with post-norm, the first norm is missing",
            hint="With post-norm each of the two sums is normed. Which one is not?",
            edits={
                "x = self.attention_norm(x + attended)": "x = x + attended",
            },
        ),
        Misconception(
            id="second-norm-missing",
            name="with post-norm, the second norm is missing",
            hint="With post-norm each of the two sums is normed. Which one is not?",
            edits={
                "x = self.feed_forward_norm(x + self.feed_forward(x))": "x = x + self.feed_forward(x)",
            },
        ),
        Misconception(
            id="post-nothing-normed",
            name="with post-norm, nothing is normed at all",
            hint="With post-norm each of the two sums is normed. Where are your norms?",
            edits={
                "x = self.attention_norm(x + attended)": "x = x + attended",
                "x = self.feed_forward_norm(x + self.feed_forward(x))": "x = x + self.feed_forward(x)",
            },
        ),
        Misconception(
            id="attention-normed-before-the-sum",
            name="with post-norm, the attention's output is normed alone and then added",
            hint="Post-norm normalises the sum. What stands inside the first norm's parentheses in yours?",
            edits={
                "x = self.attention_norm(x + attended)": "x = x + self.attention_norm(attended)",
            },
        ),
        Misconception(
            id="feed-forward-normed-before-the-sum",
            name="with post-norm, the feed-forward layer's output is normed alone and then added",
            hint="Post-norm normalises the sum. What stands inside the second norm's parentheses in yours?",
            edits={
                "x = self.feed_forward_norm(x + self.feed_forward(x))": "x = x + self.feed_forward_norm(self.feed_forward(x))",
            },
        ),
        Misconception(
            id="pre-residual-from-the-start",
            name="with pre-norm, the second residual path begins at the block's input instead of after the attention",
            hint="What the attention found should stay on the path. What do you add to the feed-forward layer's "
            "output: the first x, or the sum?",
            edits={
                "x = x + attended\n            x = x + self.feed_forward(self.feed_forward_norm(x))": "x = x + self.feed_forward(self.feed_forward_norm(x + attended))",
            },
        ),
        Misconception(
            id="causal-without-a-mask",
            name="the words may not look ahead where no mask is given",
            hint="The encoder reads a sentence that is there as a whole. Which of its words should the first one not "
            "see?",
            edits={
                "if self.norm_first:": "mask = torch.ones(x.shape[1], x.shape[1]).tril().bool() if mask is None else mask\n        if self.norm_first:",
            },
        ),
        Misconception(
            id="always-causal",
            name="the words may never look ahead, mask or not",
            hint="The encoder reads a sentence that is there as a whole. Which of its words should the first one not "
            "see?",
            edits={
                "if self.norm_first:": "mask = torch.ones(x.shape[1], x.shape[1]).tril().bool() if mask is None else mask & torch.ones(x.shape[1], x.shape[1]).tril().bool()\n        if self.norm_first:",
            },
        ),
        Misconception(
            id="feed-forward-forgotten",
            name="the feed-forward layer is never called",
            hint="A block has two layers. Which one comes after the attention?",
            edits={
                "\n            x = x + self.feed_forward(self.feed_forward_norm(x))": "",
                "\n            x = self.feed_forward_norm(x + self.feed_forward(x))": "",
            },
        ),
        Misconception(
            id="results-swapped",
            name="the weights are returned before the output",
            hint="What does the signature promise first?",
            edits={
                "return x, weights": "return weights, x",
            },
        ),
        Misconception(
            id="weights-averaged",
            name="the weights are averaged over the heads",
            hint="Each head shows its own weights: which axis is gone?",
            edits={
                "return x, weights": "return x, weights.mean(dim=1)",
            },
        ),
        Misconception(
            id="weights-detached",
            name="the weights are returned without a gradient",
            hint="The values are right, but what does not get a gradient does not learn. Where do you cut it off "
            "(`.detach()`, `.data`, `no_grad`)?",
            edits={
                "return x, weights": "return x, weights.detach()",
            },
        ),
        Misconception(
            id="residual-detached",
            name="no gradient flows along the residual path around the attention",
            hint="The values are right, but what does not get a gradient does not learn. Where do you cut it off "
            "(`.detach()`, `.data`, `no_grad`)?",
            edits={
                "x = x + attended": "x = x.detach() + attended",
                "x = self.attention_norm(x + attended)": "x = self.attention_norm(x.detach() + attended)",
            },
        ),
        Misconception(
            id="pair-not-unpacked",
            name="the pair that the attention returns is not unpacked",
            hint="The attention returns two things. How many names stand on the left of your line?",
            edits={
                "attended, weights = self.attention(normed, normed, normed, mask)": "attended = weights = self.attention(normed, normed, normed, mask)",
                "attended, weights = self.attention(x, x, x, mask)": "attended = weights = self.attention(x, x, x, mask)",
            },
        ),
        Misconception(
            id="pair-unpacked-in-the-wrong-order",
            name="output and weights of the attention are unpacked in the wrong order",
            hint="What does the attention return first: the output or the weights?",
            edits={
                "attended, weights = self.attention(normed, normed, normed, mask)": "weights, attended = self.attention(normed, normed, normed, mask)",
                "attended, weights = self.attention(x, x, x, mask)": "weights, attended = self.attention(x, x, x, mask)",
            },
        ),
        Misconception(
            id="one-argument",
            name="the attention is called with one argument",
            hint="In self-attention query, key and value are the same, but the layer still takes all three. What did "
            "its signature say?",
            edits={
                "(normed, normed, normed, mask)": "(normed)",
                "(x, x, x, mask)": "(x)",
            },
        ),
        Misconception(
            id="residual-from-the-start",
            name="the second residual path begins at the block's input instead of after the attention",
            hint="What the attention found should stay on the path. What do you add to the feed-forward layer's "
            "output: the first x, or the sum?",
            edits={
                "x = x + attended\n            x = x + self.feed_forward(self.feed_forward_norm(x))": "x = x + self.feed_forward(self.feed_forward_norm(x + attended))",
                "x = self.attention_norm(x + attended)\n            x = self.feed_forward_norm(x + self.feed_forward(x))": "x = self.feed_forward_norm(x + self.feed_forward(self.attention_norm(x + attended)))",
            },
        ),
        Misconception(
            id="post-residual-from-the-start",
            name="with post-norm, the second residual path begins at the block's input instead of after the attention",
            hint="What the attention found should stay on the path. What do you add to the feed-forward layer's "
            "output: the first x, or the normed sum?",
            edits={
                "x = self.attention_norm(x + attended)\n            x = self.feed_forward_norm(x + self.feed_forward(x))": "x = self.feed_forward_norm(x + self.feed_forward(self.attention_norm(x + attended)))",
            },
        ),
        Misconception(
            id="feed-forward-first",
            name="the feed-forward layer comes before the attention",
            hint="In the paper's figure a word first looks around, and then works on what it found. Which layer is "
            "the lower one there?",
            edits={
                "normed = self.attention_norm(x)": "x = x + self.feed_forward(self.feed_forward_norm(x))\n            normed = self.attention_norm(x)",
                "x = x + attended\n            x = x + self.feed_forward(self.feed_forward_norm(x))": "x = x + attended",
                "attended, weights = self.attention(x, x, x, mask)": "x = self.feed_forward_norm(x + self.feed_forward(x))\n            attended, weights = self.attention(x, x, x, mask)",
                "x = self.attention_norm(x + attended)\n            x = self.feed_forward_norm(x + self.feed_forward(x))": "x = self.attention_norm(x + attended)",
            },
        ),
        Misconception(
            id="second-norm-at-the-end",
            name="with pre-norm, the second layer is treated as in post-norm",
            hint="The attention's norm stands in front. Where does the feed-forward layer's stand in that branch?",
            edits={
                "x = x + self.feed_forward(self.feed_forward_norm(x))": (
                    "x = self.feed_forward_norm(x + self.feed_forward(x))"
                ),
            },
        ),
        Misconception(
            id="normed-before-and-after",
            name="with pre-norm, the sums are normed as well",
            hint="Pre-norm leaves the residual path alone. How many norms lie on the way of x from below to above in "
            "yours?",
            edits={
                "            x = x + attended\n            x = x + self.feed_forward(self.feed_forward_norm(x))": (
                    "            x = self.attention_norm(x + attended)\n            x = self.feed_forward_norm(x + self.feed_forward(self.feed_forward_norm(x)))"
                ),
            },
        ),
    ),
)
