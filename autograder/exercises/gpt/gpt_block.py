"""`GPTBlock`: Cached attention, then two layers with a GELU between them; both pre-norm."""

import math

import torch
from torch import nn

from autograder.compare import Tolerance
from autograder.draw import normal, weights
from autograder.exercise import Exercise, Misconception
from autograder.exercises.gpt.shared import GPTBlockModules, block_parts, probe_in_parts, some_mask
from unrolled.gpt import GPTBlock


def gpt_block_inputs(rng):
    """Batch 2, seven words in parts, d_model 6 in 3 heads, d_ff 11; one word of one text; a mask that looks ahead."""

    def case(*parts, batch=2, masked=False, ahead=False):
        drawn = weights(rng, GPTBlock, 6, 3, 11)
        drawn |= {name: 2.5 * drawn[name] for name in ("expand.weight", "contract.weight")}  # one GELU is not the other
        time = sum(parts)
        return {
            "arguments": [6, 3, 11],
            "weights": drawn,
            "inputs": {
                "x": normal(rng, batch, time, 6, scale=1.5),
                "mask": some_mask(rng, batch, 1, time, time, ahead=ahead) if masked else None,
            },
            "parts": list(parts),
        }

    return {
        "all words at once": [case(7), case(5), case(1, batch=1)],
        "in parts, or with a mask": [
            case(4, 1, 2),
            case(5, masked=True),
            case(4, masked=True, ahead=True),
            case(1, batch=1, masked=True),
        ],
    }


class GPTBlockByFormula(nn.Module):
    """The GELU written out, all in one expression."""

    def __init__(self, d_model, heads, d_ff, eps=1e-5):
        super().__init__()
        block_parts(self, d_model, heads, d_ff, eps)

    def gelu(self, x):
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))

    def forward(self, x, past=None, mask=None):
        output, cache = self.attention(self.attention_norm(x), past=past, mask=mask)
        x = output + x
        return self.contract(self.gelu(self.expand(self.feed_forward_norm(x)))) + x, cache


WIDE = 'F.gelu(self.expand(self.feed_forward_norm(x)), approximate="tanh")'

FED = "self.expand(self.feed_forward_norm(x))"
BY_FORMULA = "(lambda z: {half}z * (1 + torch.tanh({root} * (z + {factor} * z**{power}))))(self.expand(self.feed_forward_norm(x)))"

GPT_BLOCK = Exercise(
    solves="unrolled.gpt.GPTBlock",
    groups={"all words at once": 2, "in parts, or with a mask": 1},
    inputs=gpt_block_inputs,
    probe=probe_in_parts,
    blanks=("forward",),
    uses=("CachedAttention",),
    tolerance=Tolerance(relative=5e-4, absolute=5e-5),  # gradients of many terms in single precision
    accepts=(GPTBlockByFormula, GPTBlockModules),
    forbids=("torch.nn.TransformerEncoderLayer", "torch.nn.TransformerDecoderLayer", "torch.nn.MultiheadAttention"),
    misconceptions=(
        Misconception(
            id="exact-gelu",
            name="the GELU is the exact one",
            hint="BERT has that one, and it is torch's default. GPT-2 was trained with an approximation by tanh, and its "
            "weights want it back. Which argument of F.gelu says so?",
            edits={', approximate="tanh"': ""},
        ),
        Misconception(
            id="sigmoid-gelu",
            name="the GELU is approximated by a sigmoid",
            hint="x · σ(1.702 x) is quicker, and OpenAI's CLIP uses it. GPT-2 has the approximation by tanh: what is it "
            "called in F.gelu?",
            edits={
                WIDE: (
                    "self.expand(self.feed_forward_norm(x)) "
                    "* torch.sigmoid(1.702 * self.expand(self.feed_forward_norm(x)))"
                )
            },
        ),
        Misconception(
            id="relu",
            name="a ReLU stands where the GELU should be",
            hint="The first Transformer had max(0, …). What has GPT?",
            edits={"F.gelu(": "F.relu(", ', approximate="tanh"': ""},
        ),
        Misconception(
            id="silu",
            name="a SiLU stands where the GELU should be",
            hint="Llama has one. What has GPT-2?",
            edits={"F.gelu(": "F.silu(", ', approximate="tanh"': ""},
        ),
        Misconception(
            id="tanh",
            name="a tanh stands where the GELU should be",
            hint="The GELU is *approximated* by a tanh. Which argument of F.gelu says so?",
            edits={"F.gelu(": "torch.tanh(", ', approximate="tanh"': ""},
        ),
        Misconception(
            id="gelu-times-ten",
            name="the cube in the GELU's formula has the factor 0.44715",
            hint="Compare your formula digit by digit: is it 0.44715?",
            edits={WIDE: BY_FORMULA.format(half="0.5 * ", root="(2 / torch.pi) ** 0.5", factor="0.44715", power=3)},
        ),
        Misconception(
            id="gelu-without-half",
            name="the factor ½ of the GELU's formula is missing",
            hint="For large z the tanh is 1, and the GELU should be z. What is yours?",
            edits={WIDE: BY_FORMULA.format(half="", root="(2 / torch.pi) ** 0.5", factor="0.044715", power=3)},
        ),
        Misconception(
            id="gelu-root-of-two-only",
            name="the GELU's formula has √2 / π instead of √(2 / π)",
            hint="What stands under the root: the 2, or the whole fraction?",
            edits={WIDE: BY_FORMULA.format(half="0.5 * ", root="2**0.5 / torch.pi", factor="0.044715", power=3)},
        ),
        Misconception(
            id="gelu-squared",
            name="the GELU's formula has a square instead of a cube",
            hint="The tanh should change its sign with z. Which power of z does?",
            edits={WIDE: BY_FORMULA.format(half="0.5 * ", root="(2 / torch.pi) ** 0.5", factor="0.044715", power=2)},
        ),
        Misconception(
            id="gelu-without-the-cube",
            name="the cube is missing in the GELU's formula",
            hint="tanh(√(2/π) · (z + …)): what is added to z?",
            edits={WIDE: BY_FORMULA.format(half="0.5 * ", root="(2 / torch.pi) ** 0.5", factor="0.0", power=3)},
        ),
        Misconception(
            id="gelu-on-the-attention",
            name="a GELU is applied to the attention's output as well",
            hint="How many activation functions has a block, and between which layers?",
            edits={"x = x + attended": 'x = x + F.gelu(attended, approximate="tanh")'},
        ),
        Misconception(
            id="no-gelu",
            name="there is nothing between the two linear layers",
            hint="Two linear layers in a row are one linear layer. What stands between them?",
            edits={WIDE: "self.expand(self.feed_forward_norm(x))"},
        ),
        Misconception(
            id="gelu-at-the-end",
            name="the GELU comes after the second linear layer",
            hint="Between which two layers does it stand?",
            edits={
                WIDE: "self.expand(self.feed_forward_norm(x))",
                "x + self.contract(wide)": 'x + F.gelu(self.contract(wide), approximate="tanh")',
            },
        ),
        Misconception(
            id="post-norm",
            name="the norms are applied to the sums, as in 2017",
            hint="GPT-1 still did so; GPT-2 moved the norms to the front. What goes into the attention?",
            edits={
                "self.attention(self.attention_norm(x), past, mask)": "self.attention(x, past, mask)",
                "x = x + attended": "x = self.attention_norm(x + attended)",
                "self.expand(self.feed_forward_norm(x))": "self.expand(x)",
                "return x + self.contract(wide), present": (
                    "return self.feed_forward_norm(x + self.contract(wide)), present"
                ),
            },
        ),
        Misconception(
            id="post-norm-attention",
            name="the attention's norm is applied to the sum instead of its input",
            hint="One of your two layers is pre-norm, the other post-norm. Which?",
            edits={
                "self.attention(self.attention_norm(x), past, mask)": "self.attention(x, past, mask)",
                "x = x + attended": "x = self.attention_norm(x + attended)",
            },
        ),
        Misconception(
            id="post-norm-feed-forward",
            name="the feed-forward layer's norm is applied to the sum instead of its input",
            hint="One of your two layers is pre-norm, the other post-norm. Which?",
            edits={
                FED: "self.expand(x)",
                "return x + self.contract(wide)": "return self.feed_forward_norm(x + self.contract(wide))",
            },
        ),
        Misconception(
            id="normed-once-more",
            name="the output is normed once more",
            hint="The norm after the last block belongs to the model (exercise 8.4). What does the block end with?",
            edits={"return x + self.contract(wide)": "return self.feed_forward_norm(x + self.contract(wide))"},
        ),
        Misconception(
            id="feed-forward-first",
            name="the feed-forward layer comes before the attention",
            hint="First the words exchange something, then each works on it for itself. Which of your layers is the first?",
            edits={
                "attended, present = self.attention(self.attention_norm(x), past, mask)": (
                    "x = x + self.contract(F.gelu(self.expand(self.feed_forward_norm(x)), approximate='tanh'))\n"
                    "        attended, present = self.attention(self.attention_norm(x), past, mask)"
                ),
                f"        wide = {WIDE}\n": "",
                "x + self.contract(wide)": "x",
            },
        ),
        Misconception(
            id="contract-first",
            name="`contract` is called before `expand`",
            hint="Which of the two layers takes d_model features?",
            edits={
                FED: "self.contract(self.feed_forward_norm(x))",
                "self.contract(wide)": "self.expand(wide)",
            },
        ),
        Misconception(
            id="no-residual-around-attention",
            name="the residual path around the attention is missing",
            hint="What if the attention has nothing to say of a word: where is the word itself after your first step?",
            edits={"x = x + attended": "x = attended"},
        ),
        Misconception(
            id="no-residual-around-feed-forward",
            name="the residual path around the feed-forward layer is missing",
            hint="There are two layers and two sums. Where is the second one?",
            edits={"return x + self.contract(wide)": "return self.contract(wide)"},
        ),
        Misconception(
            id="residual-from-the-normed-input",
            name="the normed input is added to the attention's output instead of the input itself",
            hint="Pre-norm leaves one path through the whole stack untouched. What do you add: x, or what came out of the "
            "norm?",
            edits={"x = x + attended": "x = self.attention_norm(x) + attended"},
        ),
        Misconception(
            id="second-residual-from-the-input",
            name="the second sum adds the block's input instead of what the first sum made",
            hint="The attention has added something to x. Where is it after your second sum?",
            edits={"return x + self.contract(wide)": "return x - attended + self.contract(wide)"},
        ),
        Misconception(
            id="second-residual-from-the-normed-input",
            name="the second sum adds the normed vector instead of what the first sum made",
            hint="After `x = norm(x)`, where is the old x that should be added?",
            edits={"return x + self.contract(wide)": "return self.feed_forward_norm(x) + self.contract(wide)"},
        ),
        Misconception(
            id="both-residuals-from-the-normed-input",
            name="x is overwritten by its norm before both layers",
            hint="After `x = norm(x)`, where is the old x that should be added?",
            edits={
                "x = x + attended": "x = self.attention_norm(x) + attended",
                "return x + self.contract(wide)": "return self.feed_forward_norm(x) + self.contract(wide)",
            },
        ),
        Misconception(
            id="feed-forward-not-normed",
            name="the feed-forward layer is given its input without the norm",
            hint="Each of the two layers has a norm in front. Where is the second one?",
            edits={"self.expand(self.feed_forward_norm(x))": "self.expand(x)"},
        ),
        Misconception(
            id="attention-not-normed",
            name="the attention is given its input without the norm",
            hint="Each of the two layers has a norm in front. Where is the first one?",
            edits={"self.attention(self.attention_norm(x), past, mask)": "self.attention(x, past, mask)"},
        ),
        Misconception(
            id="norms-swapped",
            name="the two norms are swapped",
            hint="Which of the two norms carries the name of the layer after it?",
            edits={
                "self.attention(self.attention_norm(x)": "self.attention(self.feed_forward_norm(x)",
                "self.expand(self.feed_forward_norm(x))": "self.expand(self.attention_norm(x))",
            },
        ),
        Misconception(
            id="one-norm-for-both",
            name="the attention's norm is used for both layers",
            hint="There are two norms, each with weights of its own. Which one do you never call?",
            edits={"self.expand(self.feed_forward_norm(x))": "self.expand(self.attention_norm(x))"},
        ),
        Misconception(
            id="parallel",
            name="the feed-forward layer is given the block's input instead of what the attention made",
            hint="So do GPT-J and PaLM, to save time. Here one layer follows the other: what goes into the second?",
            edits={"self.expand(self.feed_forward_norm(x))": "self.expand(self.feed_forward_norm(x - attended))"},
        ),
        Misconception(
            id="past-not-passed",
            name="the past is not passed on to the attention",
            hint="forward gets the past. Who needs it?",
            edits={"self.attention_norm(x), past, mask)": "self.attention_norm(x), None, None if past else mask)"},
        ),
        Misconception(
            id="mask-not-passed",
            name="the mask is not passed on to the attention",
            hint="forward gets a mask. Who needs it?",
            edits={"self.attention_norm(x), past, mask)": "self.attention_norm(x), past)"},
        ),
        Misconception(
            id="past-and-mask-swapped",
            name="past and mask are handed to the attention in the wrong order",
            hint="In which order does the attention's forward take its arguments?",
            edits={"self.attention_norm(x), past, mask)": "self.attention_norm(x), mask, past)"},
        ),
        Misconception(
            id="old-past-returned",
            name="the past is returned as it came, without the new words",
            hint="The next call needs the keys and values of all words so far. Who has just made them?",
            edits={"self.contract(wide), present": "self.contract(wide), past"},
            also=({"self.contract(wide), present": "self.contract(wide), present if past is None else past"},),
        ),
        Misconception(
            id="only-the-output",
            name="only the output is returned",
            hint="The signature promises a pair. What is its second part?",
            edits={"return x + self.contract(wide), present": "return x + self.contract(wide)"},
        ),
        Misconception(
            id="three-results",
            name="output, keys and values are returned as three results",
            hint="The signature promises the output and *one* pair. What does the attention return in second place?",
            edits={"self.contract(wide), present": "self.contract(wide), *present"},
        ),
        Misconception(
            id="past-first",
            name="keys and values are returned first, and the output second",
            hint="In which order does the signature promise its two results?",
            edits={"return x + self.contract(wide), present": "return present, x + self.contract(wide)"},
        ),
        Misconception(
            id="keys-and-values-detached",
            name="the keys and values returned are cut off from how they were made",
            hint="The values are right. But the next part's loss should reach these words, too: where is the `.detach()`?",
            edits={"self.contract(wide), present": "self.contract(wide), tuple(part.detach() for part in present)"},
        ),
        Misconception(
            id="in-place",
            name="the sum is written into x itself (`x += …`)",
            hint="The norm needs the old x for its gradient, and whoever called you may need it too. Which line makes a new "
            "tensor, `x += y` or `x = x + y`?",
            edits={"x = x + attended": "x += attended"},
        ),
        Misconception(
            id="gelu-twice",
            name="a second GELU follows the second layer",
            hint="What the block adds to the residual path may be negative. After which of the two layers does the GELU "
            "stand?",
            edits={
                "self.contract(wide)": 'F.gelu(self.contract(wide), approximate="tanh")',
            },
        ),
    ),
)
