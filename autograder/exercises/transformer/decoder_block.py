"""`DecoderBlock`: Causal self-attention, cross-attention to the encoder's output, then a feed-forward layer."""

import torch
import torch.nn.functional as F
from torch import nn

from autograder import probes
from autograder.draw import normal, some, weights
from autograder.exercise import Exercise, Misconception
from autograder.exercises.transformer.shared import TORCH_BLOCKS, FeedForwardFunctional
from unrolled.self_attention import MultiHeadAttention
from unrolled.transformer import DecoderBlock


def decoder_block_inputs(rng):
    """Batch 2, target 5, source 7, d_model 6 in 3 heads, d_ff 11; once both are 5 long, with a mask and a batch of 1."""

    def case(norm_first, masked=False, batch=2, source=7):
        return {
            "arguments": [6, 3, 11],
            "options": {"norm_first": norm_first},
            "weights": weights(rng, DecoderBlock, 6, 3, 11),
            "inputs": {
                "x": normal(rng, batch, 5, 6, scale=1.5),
                "memory": normal(rng, batch, source, 6),
                "memory_mask": some(rng, batch, 1, 1, source) if masked else None,
            },
        }

    return {
        "post-norm": [case(False)],
        "pre-norm": [case(True)],
        "with a mask": [case(False, masked=True), case(True, masked=True, batch=1, source=5)],
    }


def decoder_parts(module, d_model, heads, d_ff, norm_first):
    """The layers of a decoder's block, under the names it is given."""
    module.norm_first = norm_first
    module.self_attention, module.self_norm = MultiHeadAttention(d_model, heads), nn.LayerNorm(d_model)
    module.cross_attention, module.cross_norm = MultiHeadAttention(d_model, heads), nn.LayerNorm(d_model)
    module.feed_forward, module.feed_forward_norm = FeedForwardFunctional(d_model, d_ff), nn.LayerNorm(d_model)


class DecoderBlockSublayers(nn.Module):
    """One way of wrapping a layer, used for all three."""

    def __init__(self, d_model, heads, d_ff, *, norm_first=False):
        super().__init__()
        decoder_parts(self, d_model, heads, d_ff, norm_first)

    def around(self, x, norm, layer):
        output = layer(norm(x) if self.norm_first else x)
        output, weights = output if isinstance(output, tuple) else (output, None)
        return (x + output, weights) if self.norm_first else (norm(x + output), weights)

    def forward(self, x, memory, memory_mask=None):
        past = torch.ones(x.shape[1], x.shape[1]).tril().bool()[None, None]
        x, own = self.around(x, self.self_norm, lambda y: self.self_attention(y, y, y, past))
        x, cross = self.around(x, self.cross_norm, lambda y: self.cross_attention(y, memory, memory, memory_mask))
        return *self.around(x, self.feed_forward_norm, self.feed_forward)[:1], own, cross


class DecoderBlockStepByStep(nn.Module):
    """The self-attention word by word: word t looks at the words up to t, so that no mask is needed."""

    def __init__(self, d_model, heads, d_ff, *, norm_first=False):
        super().__init__()
        decoder_parts(self, d_model, heads, d_ff, norm_first)

    def forward(self, x, memory, memory_mask=None):
        length, pre, post = x.shape[1], self.norm_first, not self.norm_first
        y = self.self_norm(x) if pre else x
        steps = [self.self_attention(y[:, t : t + 1], y[:, : t + 1], y[:, : t + 1]) for t in range(length)]
        own = torch.cat([F.pad(weights, (0, length - weights.shape[-1])) for _, weights in steps], dim=2)
        x = x + torch.cat([output for output, _ in steps], dim=1)
        x = self.self_norm(x) if post else x
        attended, cross = self.cross_attention(self.cross_norm(x) if pre else x, memory, memory, mask=memory_mask)
        x = x + attended
        x = self.cross_norm(x) if post else x
        x = x + self.feed_forward(self.feed_forward_norm(x) if pre else x)
        return [self.feed_forward_norm(x) if post else x, own, cross]


CROSS_PRE = "self.cross_attention(self.cross_norm(x), memory, memory, memory_mask)"
CROSS_POST = "self.cross_attention(x, memory, memory, memory_mask)"

DECODER_BLOCK = Exercise(
    solves="unrolled.transformer.DecoderBlock",
    groups={"post-norm": 2, "pre-norm": 2, "with a mask": 1},
    inputs=decoder_block_inputs,
    probe=probes.module,
    blanks=("forward",),
    uses=("FeedForward",),
    accepts=(DecoderBlockSublayers, DecoderBlockStepByStep),
    forbids=TORCH_BLOCKS,
    free=frozenset(["sequence"]),
    misconceptions=(
        Misconception(
            id="no-causal-mask",
            name="the self-attention has no causal mask",
            hint="In training the decoder is given the whole right sentence. What keeps word 2 from looking at word 3, "
            "which it shall predict?",
            edits={"normed, normed, normed, past)": "normed, normed, normed)", "(x, x, x, past)": "(x, x, x)"},
        ),
        Misconception(
            id="causal-mask-inverted",
            name="the causal mask is turned round",
            hint="That is how torch.nn wants it. Ours is True where one may look: what is left for the first word to look at, "
            "if you turn it round?",
            edits={"causal_mask(x.shape[1]).to(x.device)": "~causal_mask(x.shape[1]).to(x.device)"},
        ),
        Misconception(
            id="memory-mask-in-the-self-attention",
            name="the self-attention is given the memory's mask instead of a causal one",
            hint="memory_mask says which words of the *source* are real. What must the self-attention hide, and which function "
            "of chapter 5 makes that mask?",
            edits={
                "normed, normed, normed, past)": "normed, normed, normed, memory_mask)",
                "(x, x, x, past)": "(x, x, x, memory_mask)",
            },
        ),
        Misconception(
            id="queries-and-keys-swapped",
            name="in the cross-attention the memory asks and the words answer",
            hint="Who looks at whom: each word of the target at the words of the source, or the other way round? There "
            "should be one result for each word of the target.",
            edits={
                CROSS_PRE: "self.cross_attention(memory, self.cross_norm(x), self.cross_norm(x))",
                CROSS_POST: "self.cross_attention(memory, x, x)",
            },
        ),
        Misconception(
            id="values-from-the-target",
            name="in the cross-attention the values come from the target",
            hint="The weights say where in the source to look. From where must then be taken what is found?",
            edits={
                CROSS_PRE: "self.cross_attention(self.cross_norm(x), memory, self.cross_norm(x), memory_mask)",
                CROSS_POST: "self.cross_attention(x, memory, x, memory_mask)",
            },
        ),
        Misconception(
            id="no-cross-attention",
            name="the cross-attention looks at the target itself, not at the memory",
            hint="How does a word of the source ever reach the decoder? What are keys and values of the second attention?",
            edits={
                CROSS_PRE: "self.cross_attention(*[self.cross_norm(x)] * 3, past)",
                CROSS_POST: "self.cross_attention(x, x, x, past)",
            },
        ),
        Misconception(
            id="causal-mask-in-the-cross-attention",
            name="the cross-attention has a causal mask too",
            hint="The source is there as a whole before the first word is written. Which of its words should the first "
            "word of the target not see?",
            edits={
                "memory, memory, memory_mask)\n            x = x + attended": (
                    "memory, memory, torch.ones(x.shape[1], memory.shape[1]).tril().bool())\n            x = x + attended"
                ),
                "memory, memory, memory_mask)\n            x = self": (
                    "memory, memory, torch.ones(x.shape[1], memory.shape[1]).tril().bool())\n            x = self"
                ),
            },
        ),
        Misconception(
            id="one-attention-for-both",
            name="the self-attention's weights are used for the cross-attention as well",
            hint="There are two attentions with weights of their own. Which one do you never call?",
            edits={
                CROSS_PRE: CROSS_PRE.replace("self.cross_attention", "self.self_attention"),
                CROSS_POST: CROSS_POST.replace("self.cross_attention", "self.self_attention"),
            },
        ),
        Misconception(
            id="cross-attention-first",
            name="the cross-attention comes before the self-attention",
            hint="In the paper's figure a word first looks at the words before it. Which attention is the lower one there?",
            answer=type(
                "DecoderBlock",
                (DecoderBlockSublayers,),
                {
                    "forward": lambda self, x, memory, memory_mask=None: _cross_first(self, x, memory, memory_mask),
                },
            ),
        ),
        Misconception(
            id="memory-normed",
            name="with pre-norm, the memory is normed by the block as well",
            hint="The encoder has normed its output already, once for all blocks. What goes through cross_norm: what asks, "
            "or what is asked?",
            edits={CROSS_PRE: "self.cross_attention(self.cross_norm(x), *[self.cross_norm(memory)] * 2, memory_mask)"},
        ),
        Misconception(
            id="queries-not-normed",
            name="with pre-norm, the queries of the cross-attention are not normed",
            hint="With pre-norm each of the three layers has a norm in front. Where is the second one?",
            edits={CROSS_PRE: CROSS_POST},
        ),
        Misconception(
            id="no-residual-around-cross-attention",
            name="the residual path around the cross-attention is missing",
            hint="After the second layer, where is what the self-attention found? There are three layers and three sums.",
            edits={
                "memory_mask)\n            x = x + attended": "memory_mask)\n            x = attended",
                "self.cross_norm(x + attended)": "self.cross_norm(attended)",
            },
        ),
        Misconception(
            id="no-residual-around-self-attention",
            name="the residual path around the self-attention is missing",
            hint="After the first layer, where is the word itself? There are three layers and three sums.",
            edits={
                "past)\n            x = x + attended": "past)\n            x = attended",
                "self.self_norm(x + attended)": "self.self_norm(attended)",
            },
        ),
        Misconception(
            id="no-residual-around-feed-forward",
            name="the residual path around the feed-forward layer is missing",
            hint="There are three layers and three sums. Where is the third?",
            edits={
                "x = x + self.feed_forward(": "x = self.feed_forward(",
                "self.feed_forward_norm(x + self.feed_forward(x))": "self.feed_forward_norm(self.feed_forward(x))",
            },
        ),
        Misconception(
            id="residual-from-the-normed-input",
            name="with pre-norm, the normed input is added to the self-attention instead of the input itself",
            hint="Pre-norm is there to leave one path through the whole stack untouched. What do you add to the attention's "
            "output: x, or what came out of the norm?",
            edits={"past)\n            x = x + attended": "past)\n            x = normed + attended"},
        ),
        Misconception(
            id="norm-before-the-sum",
            name="with post-norm, each layer's output is normed alone and then added",
            hint="Post-norm normalises the sum. What stands inside the norm's parentheses in yours?",
            edits={
                "self.self_norm(x + attended)": "x + self.self_norm(attended)",
                "self.cross_norm(x + attended)": "x + self.cross_norm(attended)",
                "self.feed_forward_norm(x + self.feed_forward(x))": "x + self.feed_forward_norm(self.feed_forward(x))",
            },
        ),
        Misconception(
            id="norms-swapped",
            name="the norms of self- and cross-attention are swapped",
            hint="Which norm carries the name of the layer that you call?",
            edits={
                "normed = self.self_norm(x)": "normed = self.cross_norm(x)",
                "(self.cross_norm(x), memory": "(self.self_norm(x), memory",
                "x = self.cross_norm(x + attended)": "x = (self.self_norm)(x + attended)",
                "x = self.self_norm(x + attended)": "x = self.cross_norm(x + attended)",
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
            id="memory-mask-not-passed",
            name="the memory's mask is not passed on",
            hint="Short sentences have padding after them. What keeps the cross-attention from looking at it?",
            edits={
                CROSS_PRE: "self.cross_attention(self.cross_norm(x), memory, memory)",
                CROSS_POST: "self.cross_attention(x, memory, memory)",
            },
        ),
        Misconception(
            id="weights-swapped",
            name="the weights of the two attentions are returned in the wrong order",
            hint="Which weights does the signature promise first?",
            edits={"return x, own, cross": "return x, cross, own"},
        ),
        Misconception(
            id="in-place",
            name="with pre-norm, the sum is written into x itself (`x += …`)",
            hint="The norm needs the old x for its gradient, and whoever called you may need it too. Which line makes a new "
            "tensor, `x += y` or `x = x + y`?",
            edits={
                "past)\n            x = x + attended": "past)\n            x += attended",
                "memory_mask)\n            x = x + attended": "memory_mask)\n            x += attended",
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x += self.feed_forward(self.feed_forward_norm(x))",
            },
        ),
        Misconception(
            id="weights-not-returned",
            name="only the output is returned",
            hint="The signature promises three things. What are the second and the third?",
            edits={"return x, own, cross": "return x"},
        ),
        Misconception(
            id="pre-no-residual-around-self-attention",
            name="with pre-norm, the residual path around the self-attention is missing",
            hint="There are three layers and three sums in each branch. Where is the first one of this branch?",
            edits={
                "past)\n            x = x + attended": "past)\n            x = attended",
            },
        ),
        Misconception(
            id="post-no-residual-around-self-attention",
            name="with post-norm, the residual path around the self-attention is missing",
            hint="There are three layers and three sums in each branch. Where is the first one of this branch?",
            edits={
                "x = self.self_norm(x + attended)": "x = self.self_norm(attended)",
            },
        ),
        Misconception(
            id="pre-no-residual-around-cross-attention",
            name="with pre-norm, the residual path around the cross-attention is missing",
            hint="There are three layers and three sums in each branch. Where is the second one of this branch?",
            edits={
                "memory_mask)\n            x = x + attended": "memory_mask)\n            x = attended",
            },
        ),
        Misconception(
            id="post-no-residual-around-cross-attention",
            name="with post-norm, the residual path around the cross-attention is missing",
            hint="There are three layers and three sums in each branch. Where is the second one of this branch?",
            edits={
                "x = self.cross_norm(x + attended)": "x = self.cross_norm(attended)",
            },
        ),
        Misconception(
            id="pre-no-residual-around-feed-forward",
            name="with pre-norm, the residual path around the feed-forward layer is missing",
            hint="There are three layers and three sums in each branch. Where is the third one of this branch?",
            edits={
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x = self.feed_forward(self.feed_forward_norm(x))",
            },
        ),
        Misconception(
            id="post-no-residual-around-feed-forward",
            name="with post-norm, the residual path around the feed-forward layer is missing",
            hint="There are three layers and three sums in each branch. Where is the third one of this branch?",
            edits={
                "x = self.feed_forward_norm(x + self.feed_forward(x))": "x = self.feed_forward_norm(self.feed_forward(x))",
            },
        ),
        Misconception(
            id="pre-no-causal-mask",
            name="with pre-norm, the self-attention has no causal mask",
            hint="Post-norm hides what comes later. What does the other branch call its self-attention with?",
            edits={
                "(normed, normed, normed, past)": "(normed, normed, normed)",
            },
        ),
        Misconception(
            id="post-no-causal-mask",
            name="with post-norm, the self-attention has no causal mask",
            hint="Pre-norm hides what comes later. What does the other branch call its self-attention with?",
            edits={
                "(x, x, x, past)": "(x, x, x)",
            },
        ),
        Misconception(
            id="pre-memory-mask-not-passed",
            name="with pre-norm, the memory's mask is not passed on",
            hint="Post-norm hides the padding. What does the other branch call its cross-attention with?",
            edits={
                "self.cross_attention(self.cross_norm(x), memory, memory, memory_mask)": "self.cross_attention(self.cross_norm(x), memory, memory)",
            },
        ),
        Misconception(
            id="post-memory-mask-not-passed",
            name="with post-norm, the memory's mask is not passed on",
            hint="Pre-norm hides the padding. What does the other branch call its cross-attention with?",
            edits={
                "self.cross_attention(x, memory, memory, memory_mask)": "self.cross_attention(x, memory, memory)",
            },
        ),
        Misconception(
            id="memory-mask-inverted",
            name="the memory's mask is turned round before it is passed on",
            hint="Our attention takes a mask that is True where one may look, as this one is already. What does ~ do "
            "to it?",
            edits={
                "self.cross_attention(self.cross_norm(x), memory, memory, memory_mask)": "self.cross_attention(self.cross_norm(x), memory, memory, None if memory_mask is None else ~memory_mask)",
                "self.cross_attention(x, memory, memory, memory_mask)": "self.cross_attention(x, memory, memory, None if memory_mask is None else ~memory_mask)",
            },
        ),
        Misconception(
            id="memory-mask-in-both",
            name="the memory's mask hides words of the target as well, where both are equally long",
            hint="memory_mask says which words of the *source* are real. Which one of the two attentions looks there?",
            edits={
                "past = causal_mask(x.shape[1]).to(x.device)": "past = causal_mask(x.shape[1]).to(x.device)\n        if memory_mask is not None and x.shape[1] == memory.shape[1]:\n            past = past & memory_mask",
            },
        ),
        Misconception(
            id="masks-swapped",
            name="the two masks change places",
            hint="Which words does the causal mask speak of, and which does memory_mask? Which attention looks at "
            "them?",
            edits={
                "(normed, normed, normed, past)": "(normed, normed, normed, memory_mask)",
                "(x, x, x, past)": "(x, x, x, memory_mask)",
                "self.cross_attention(self.cross_norm(x), memory, memory, memory_mask)": "self.cross_attention(self.cross_norm(x), memory, memory, past)",
                "self.cross_attention(x, memory, memory, memory_mask)": "self.cross_attention(x, memory, memory, past)",
            },
        ),
        Misconception(
            id="diagonal-masked",
            name="no word but the first may look at itself",
            hint="A word has been written when it is looked at. Which rows and columns does the diagonal belong to?",
            edits={
                "past = causal_mask(x.shape[1]).to(x.device)": "past = causal_mask(x.shape[1]).tril(-1)\n        past[0, 0] = True",
            },
        ),
        Misconception(
            id="looks-ahead",
            name="the words look at the future instead of the past",
            hint="Row 0 is the first word. Which keys lie in its past?",
            edits={
                "past = causal_mask(x.shape[1]).to(x.device)": "past = causal_mask(x.shape[1]).T",
            },
        ),
        Misconception(
            id="mask-of-the-batch-size",
            name="the causal mask is as large as the batch",
            hint="x is (batch, target, d_model). Which axis counts the words?",
            edits={
                "past = causal_mask(x.shape[1]).to(x.device)": "past = causal_mask(x.shape[0])",
            },
        ),
        Misconception(
            id="mask-of-the-memory",
            name="the causal mask is as large as the memory",
            hint="The causal mask hides words of the target. Whose length does it need?",
            edits={
                "past = causal_mask(x.shape[1]).to(x.device)": "past = causal_mask(memory.shape[1])",
            },
        ),
        Misconception(
            id="mask-of-a-tensor",
            name="causal_mask is called with the words themselves instead of their number",
            hint="What does causal_mask's signature ask for?",
            edits={
                "past = causal_mask(x.shape[1]).to(x.device)": "past = causal_mask(x)",
            },
        ),
        Misconception(
            id="attentions-swapped",
            name="the two attentions change places",
            hint="Which of the two carries the name of what it does?",
            edits={
                "self.self_attention(normed, normed, normed, past)": "self.cross_attention(normed, normed, normed, past)",
                "self.self_attention(x, x, x, past)": "self.cross_attention(x, x, x, past)",
                "self.cross_attention(self.cross_norm(x), memory, memory, memory_mask)": "self.self_attention(self.cross_norm(x), memory, memory, memory_mask)",
                "self.cross_attention(x, memory, memory, memory_mask)": "self.self_attention(x, memory, memory, memory_mask)",
            },
        ),
        Misconception(
            id="post-memory-normed",
            name="with post-norm, the memory is normed by the block as well",
            hint="The memory is taken as it comes. What goes through cross_norm: the sum, or what is asked?",
            edits={
                "self.cross_attention(x, memory, memory, memory_mask)": "self.cross_attention(x, *[self.cross_norm(memory)] * 2, memory_mask)",
            },
        ),
        Misconception(
            id="memory-cut",
            name="the memory is cut to the length of the target",
            hint="A word of the target may look at every word of the source. How many are there?",
            edits={
                "if self.norm_first:": "memory = memory[:, : x.shape[1]]\n        memory_mask = None if memory_mask is None else memory_mask[..., : x.shape[1]]\n        if self.norm_first:",
            },
        ),
        Misconception(
            id="memory-detached",
            name="no gradient reaches the memory",
            hint="The values are right, but how shall the encoder learn? Where do you cut the memory off?",
            edits={
                "if self.norm_first:": "memory = memory.detach()\n        if self.norm_first:",
            },
        ),
        Misconception(
            id="memory-as-residual",
            name="the mean of the memory is added after the cross-attention instead of x",
            hint="The residual path keeps what was there before the layer. What was that?",
            edits={
                "memory_mask)\n            x = x + attended": "memory_mask)\n            x = memory.mean(dim=1, keepdim=True) + attended",
                "x = self.cross_norm(x + attended)": "x = self.cross_norm(memory.mean(dim=1, keepdim=True) + attended)",
            },
        ),
        Misconception(
            id="all-residuals-from-the-normed-input",
            name="with pre-norm, the normed inputs are added in both attentions instead of the inputs themselves",
            hint="Pre-norm is there to leave one path through the whole stack untouched. What do you add to each "
            "attention's output: x, or what came out of the norm?",
            edits={
                "past)\n            x = x + attended": "past)\n            x = normed + attended",
                "memory_mask)\n            x = x + attended": "memory_mask)\n            x = self.cross_norm(x) + attended",
            },
        ),
        Misconception(
            id="every-residual-from-the-normed-input",
            name="with pre-norm, x itself is overwritten by its norm before each of the three layers",
            hint="After `x = norm(x)`, where is the old x that should be added?",
            edits={
                "past)\n            x = x + attended": "past)\n            x = normed + attended",
                "memory_mask)\n            x = x + attended": "memory_mask)\n            x = self.cross_norm(x) + attended",
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x = self.feed_forward_norm(x) + self.feed_forward(self.feed_forward_norm(x))",
            },
        ),
        Misconception(
            id="cross-residual-from-the-normed-input",
            name="with pre-norm, the normed input is added to the cross-attention instead of the input itself",
            hint="Pre-norm is there to leave one path through the whole stack untouched. What do you add to the "
            "cross-attention's output?",
            edits={
                "memory_mask)\n            x = x + attended": "memory_mask)\n            x = self.cross_norm(x) + attended",
            },
        ),
        Misconception(
            id="feed-forward-residual-from-the-normed-input",
            name="with pre-norm, the normed input of the feed-forward layer is added instead of the input itself",
            hint="What do you add to the feed-forward layer's output: x, or what came out of the norm?",
            edits={
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x = self.feed_forward_norm(x) + self.feed_forward(self.feed_forward_norm(x))",
            },
        ),
        Misconception(
            id="stale-query",
            name="with pre-norm, the cross-attention asks with what the self-attention was given",
            hint="After the first sum, x knows more than before. Of which x are the queries of the second attention "
            "made?",
            edits={
                "self.cross_attention(self.cross_norm(x), memory, memory, memory_mask)": "self.cross_attention(normed, memory, memory, memory_mask)",
            },
        ),
        Misconception(
            id="pre-self-norm-for-both",
            name="with pre-norm, the self-attention's norm is used for the cross-attention as well",
            hint="There are three norms, each with weights of its own. Which one does this branch never call?",
            edits={
                "self.cross_attention(self.cross_norm(x), memory, memory, memory_mask)": "self.cross_attention(self.self_norm(x), memory, memory, memory_mask)",
            },
        ),
        Misconception(
            id="post-self-norm-for-both",
            name="with post-norm, the self-attention's norm is used for the cross-attention as well",
            hint="There are three norms, each with weights of its own. Which one does this branch never call?",
            edits={
                "x = self.cross_norm(x + attended)": "x = (self.self_norm)(x + attended)",
            },
        ),
        Misconception(
            id="self-norm-for-both",
            name="the self-attention's norm is used for the cross-attention as well",
            hint="There are three norms, each with weights of its own. Which one do you never call?",
            edits={
                "self.cross_attention(self.cross_norm(x), memory, memory, memory_mask)": "self.cross_attention(self.self_norm(x), memory, memory, memory_mask)",
                "x = self.cross_norm(x + attended)": "x = (self.self_norm)(x + attended)",
            },
        ),
        Misconception(
            id="one-norm-for-all",
            name="one norm is used for all three layers",
            hint="There are three norms, each with weights of its own. Which two do you never call?",
            edits={
                "self.cross_attention(self.cross_norm(x), memory, memory, memory_mask)": "self.cross_attention(self.self_norm(x), memory, memory, memory_mask)",
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x = x + self.feed_forward(self.self_norm(x))",
                "x = self.cross_norm(x + attended)": "x = (self.self_norm)(x + attended)",
                "x = self.feed_forward_norm(x + self.feed_forward(x))": "x = (self.self_norm)(x + self.feed_forward(x))",
            },
        ),
        Misconception(
            id="self-attention-not-normed",
            name="with pre-norm, the self-attention is given the input without the norm",
            hint="With pre-norm each of the three layers has a norm in front. Where is the first one?",
            edits={
                "normed = self.self_norm(x)": "normed = x",
            },
        ),
        Misconception(
            id="feed-forward-not-normed",
            name="with pre-norm, the feed-forward layer is given the input without the norm",
            hint="With pre-norm each of the three layers has a norm in front. Where is the third one?",
            edits={
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x = x + self.feed_forward(x)",
            },
        ),
        Misconception(
            id="only-queries-normed",
            name="with pre-norm, only the queries of the self-attention come from the normed input",
            hint="Queries, keys and values of the self-attention are made of one and the same thing. Which of your "
            "three is not normed?",
            edits={
                "(normed, normed, normed, past)": "(normed, x, x, past)",
            },
        ),
        Misconception(
            id="normed-once-more",
            name="with pre-norm, the result is normed once more at the end",
            hint="A last norm stands after the whole stack, not after each block. Should anything touch the "
            "residual path after the last sum?",
            edits={
                "x = x + self.feed_forward(self.feed_forward_norm(x))": "x = self.feed_forward_norm(x + self.feed_forward(self.feed_forward_norm(x)))",
            },
        ),
        Misconception(
            id="first-norm-missing",
            name="with post-norm, the norm after the self-attention is missing",
            hint="With post-norm each of the three sums is normed. Which one is not?",
            edits={
                "x = self.self_norm(x + attended)": "x = x + attended",
            },
        ),
        Misconception(
            id="second-norm-missing",
            name="with post-norm, the norm after the cross-attention is missing",
            hint="With post-norm each of the three sums is normed. Which one is not?",
            edits={
                "x = self.cross_norm(x + attended)": "x = x + attended",
            },
        ),
        Misconception(
            id="third-norm-missing",
            name="with post-norm, the norm after the feed-forward layer is missing",
            hint="With post-norm each of the three sums is normed. Which one is not?",
            edits={
                "x = self.feed_forward_norm(x + self.feed_forward(x))": "x = x + self.feed_forward(x)",
            },
        ),
        Misconception(
            id="feed-forward-forgotten",
            name="the feed-forward layer is never called",
            hint="The block has three layers. Which one comes after the two attentions?",
            edits={
                "\n            x = x + self.feed_forward(self.feed_forward_norm(x))": "",
                "\n            x = self.feed_forward_norm(x + self.feed_forward(x))": "",
            },
        ),
        Misconception(
            id="self-attention-forgotten",
            name="what the self-attention found is thrown away",
            hint="There are three layers and three sums. Where does the first result go?",
            edits={
                "past)\n            x = x + attended": "past)",
                "x = self.self_norm(x + attended)": "x = self.self_norm(x)",
            },
        ),
        Misconception(
            id="cross-weights-twice",
            name="the weights of the cross-attention are returned twice",
            hint="Both attentions return weights. What happens if both go under one name?",
            edits={
                "return x, own, cross": "return x, cross, cross",
            },
        ),
        Misconception(
            id="pair-of-weights",
            name="the two weights are returned as a pair of their own",
            hint="In which order does the docstring name the three results, and how are they packed?",
            edits={
                "return x, own, cross": "return x, (own, cross)",
            },
        ),
        Misconception(
            id="only-cross-weights",
            name="only the output and the weights of the cross-attention are returned",
            hint="The signature promises three things. What is the second?",
            edits={
                "return x, own, cross": "return x, cross",
            },
        ),
        Misconception(
            id="only-own-weights",
            name="only the output and the weights of the self-attention are returned",
            hint="The signature promises three things. What is the third?",
            edits={
                "return x, own, cross": "return x, own",
            },
        ),
        Misconception(
            id="output-last",
            name="the weights are returned before the output",
            hint="In which order does the docstring name the three results, and how are they packed?",
            edits={
                "return x, own, cross": "return own, cross, x",
            },
        ),
        Misconception(
            id="pair-not-unpacked",
            name="the pair that the self-attention returns is not unpacked",
            hint="The attention returns two things. How many names stand on the left of your line?",
            edits={
                "attended, own = self.self_attention(normed, normed, normed, past)": "attended = own = self.self_attention(normed, normed, normed, past)",
                "attended, own = self.self_attention(x, x, x, past)": "attended = own = self.self_attention(x, x, x, past)",
            },
        ),
        Misconception(
            id="cross-attention-asks-too-early",
            name="the cross-attention asks with what came into the block, not with what the self-attention made of it",
            hint="A word that knows the words before it can ask better. What is the query of the second layer?",
            edits={
                "past = causal_mask(x.shape[1]).to(x.device)": "past, first = causal_mask(x.shape[1]).to(x.device), x",
                "self.cross_norm(x), memory": "self.cross_norm(first), memory",
                "self.cross_attention(x, memory": "self.cross_attention(first, memory",
            },
        ),
        Misconception(
            id="cross-attention-causal",
            name="the cross-attention has a causal mask as well",
            hint="The source is there as a whole before the first word is written. What is there to hide but padding?",
            edits={
                "past = causal_mask(x.shape[1]).to(x.device)": (
                    "past = causal_mask(x.shape[1]).to(x.device)\n        look = torch.ones(x.shape[1], memory.shape[1], dtype=torch.bool).tril()\n        memory_mask = look if memory_mask is None else look & memory_mask"
                ),
            },
        ),
        Misconception(
            id="norms-exchanged",
            name="the norms of the cross-attention and of the feed-forward layer are exchanged",
            hint="Each norm is named after its layer. Which one belongs to the second of the three?",
            edits={
                "self.cross_norm(x), memory": "self.feed_forward_norm(x), memory",
                "self.feed_forward(self.feed_forward_norm(x))": "self.feed_forward(self.cross_norm(x))",
                "x = self.cross_norm(x + attended)": "x = self.feed_forward_norm(x + attended)",
                "x = self.feed_forward_norm(x + self.feed_forward(x))": "x = self.cross_norm(x + self.feed_forward(x))",
            },
        ),
        Misconception(
            id="cross-residual-from-the-start",
            name="the residual path around the cross-attention begins at the block's input",
            hint=(
                "What the self-attention found should stay on the path. What is added to the "
                "cross-attention's output: the first x, or the sum?"
            ),
            edits={
                "x = x + attended\n            attended, cross = self.cross_attention(self.cross_norm(x), memory": "attended, cross = self.cross_attention(self.cross_norm(x + attended), memory",
                "x = self.self_norm(x + attended)\n            attended, cross = self.cross_attention(x, memory": "attended, cross = self.cross_attention(self.self_norm(x + attended), memory",
            },
        ),
        Misconception(
            id="feed-forward-residual-from-the-start",
            name="the residual path around the feed-forward layer begins at the block's input",
            hint=(
                "What both attentions found should stay on the path. What is added to the feed-forward "
                "layer's output: the first x, or the last sum?"
            ),
            edits={
                "past = causal_mask(": "start = x\n        past = causal_mask(",
                "x = x + self.feed_forward(": "x = start + self.feed_forward(",
                "(x + self.feed_forward(": "(start + self.feed_forward(",
            },
        ),
    ),
)


def _cross_first(block, x, memory, memory_mask):
    past = torch.ones(x.shape[1], x.shape[1]).tril().bool()
    x, cross = block.around(x, block.cross_norm, lambda y: block.cross_attention(y, memory, memory, memory_mask))
    x, own = block.around(x, block.self_norm, lambda y: block.self_attention(y, y, y, past))
    return block.around(x, block.feed_forward_norm, block.feed_forward)[0], own, cross
