"""`SwiGLU`: A feed-forward layer with a gate."""

import torch
import torch.nn.functional as F
from torch import nn

from autograder.draw import normal, weights
from autograder.exercise import Exercise, Misconception
from autograder.probes import module
from unrolled.llama_layers import SwiGLU


def swi_glu_inputs(rng):
    """11 features and 13 in between, texts of words, single words, one; other sizes; with biases."""

    def case(*shape, sizes=(11, 13), **options):
        return {
            "arguments": list(sizes),
            "options": options,
            "weights": weights(rng, SwiGLU, *sizes, **options),
            "inputs": {"x": normal(rng, *shape, sizes[0])},
        }

    return {
        "words of texts": [case(2, 5), case(1, 1), case(3, 2, sizes=(7, 3))],
        "any axes": [case(7), case(), case(2, 3, 5, sizes=(5, 17)), case(3, bias=True)],
    }


class SwiGLUWithASigmoid(nn.Module):
    """The activation function written out."""

    def __init__(self, d_model, d_ff, *, bias=False):
        super().__init__()
        self.gate, self.up, self.down = nn.Linear(d_model, d_ff, bias), nn.Linear(d_model, d_ff, bias), nn.Linear(d_ff, d_model, bias)

    def forward(self, x):
        z = self.gate(x)
        return self.down(self.up(x) * z * torch.sigmoid(z))


class SwiGLUInOnePiece(SwiGLUWithASigmoid):
    """Both weights in one product."""

    def forward(self, x):
        both = x @ torch.cat([self.gate.weight, self.up.weight]).T
        if self.gate.bias is not None:
            both = both + torch.cat([self.gate.bias, self.up.bias])
        gate, up = both.chunk(2, dim=-1)
        return F.linear(nn.SiLU()(gate) * up, self.down.weight, self.down.bias)


class SwiGLUWithAnExponential(SwiGLUWithASigmoid):
    """silu(z) = z / (1 + exp(−z))."""

    def forward(self, x):
        opened = self.gate(x) / (1 + torch.exp(-self.gate(x)))
        return self.down(torch.mul(opened, self.up(x)))


GATED = "F.silu(self.gate(x)) * self.up(x)"

SWIGLU = Exercise(
    solves="unrolled.llama_layers.SwiGLU",
    blanks=("forward",),
    groups={"words of texts": 1, "any axes": 1},
    inputs=swi_glu_inputs,
    probe=module,
    accepts=(SwiGLUWithASigmoid, SwiGLUInOnePiece, SwiGLUWithAnExponential),
    misconceptions=(
        Misconception(
            id="gate-and-up-swapped",
            name="the activation function acts on `up` instead of on `gate`",
            hint="Trained from scratch it would be as good; loaded weights would not. Which of the two is inside silu?",
            edits={GATED: "F.silu(self.up(x)) * self.gate(x)"},
        ),
        Misconception(
            id="sigmoid",
            name="the gate is a sigmoid (GLU)",
            hint="Correct in Dauphin et al. (2017). What is silu(z), and what is missing in a sigmoid?",
            edits={"F.silu": "torch.sigmoid"},
        ),
        Misconception(
            id="gelu",
            name="the gate is a GELU (GEGLU, as in T5 1.1)",
            hint="Which activation function does the docstring name? Where do the two differ?",
            edits={"F.silu": "F.gelu"},
        ),
        Misconception(
            id="gelu-by-tanh",
            name="the gate is a GELU approximated by tanh",
            hint="Which activation function does the docstring name? Where do the two differ?",
            edits={"F.silu(self.gate(x))": "F.gelu(self.gate(x), approximate='tanh')"},
        ),
        Misconception(
            id="relu",
            name="the gate is a ReLU (ReGLU)",
            hint="Which activation function does the docstring name? What does it do with −1?",
            edits={"F.silu": "torch.relu"},
        ),
        Misconception(
            id="tanh",
            name="the gate is a tanh",
            hint="Which activation function does the docstring name? What does it do with 5?",
            edits={"F.silu": "torch.tanh"},
        ),
        Misconception(
            id="activated-only-at-the-end",
            name="the activation function acts on the result alone",
            hint="What is inside silu in the formula, and what is the last step?",
            edits={"self.down(F.silu(self.gate(x)) * self.up(x))": "F.silu(self.down(self.gate(x) * self.up(x)))"},
        ),
        Misconception(
            id="no-activation",
            name="the two are multiplied without an activation function",
            hint="That is Shazeer's *bilinear* layer. What goes through silu?",
            edits={"F.silu(self.gate(x))": "self.gate(x)"},
        ),
        Misconception(
            id="activation-of-the-product",
            name="the activation function acts on the product",
            hint="Which factor should be able to close the gate by itself? What is inside silu in the formula?",
            edits={GATED: "F.silu(self.gate(x) * self.up(x))"},
        ),
        Misconception(
            id="both-activated",
            name="the activation function acts on both factors",
            hint="How often does silu stand in the formula?",
            edits={"self.up(x)": "F.silu(self.up(x))"},
        ),
        Misconception(
            id="sum",
            name="the two are added instead of multiplied",
            hint="A gate that is closed should let nothing pass. What does ⊙ mean?",
            edits={GATED: "F.silu(self.gate(x)) + self.up(x)"},
        ),
        Misconception(
            id="gate-unused",
            name="there is no gate: `up` goes through the activation function alone",
            hint="That is the feed-forward layer that you know. Where do you use `gate`?",
            edits={GATED: "F.silu(self.up(x))"},
        ),
        Misconception(
            id="up-unused",
            name="`up` is not used",
            hint="The gate opens and closes for something. For what?",
            edits={GATED: "F.silu(self.gate(x))"},
        ),
        Misconception(
            id="residual",
            name="x is added to the result",
            hint="The block has a residual connection already. Which formula is asked for here?",
            edits={"self.down(F.silu(self.gate(x)) * self.up(x))": "x + self.down(F.silu(self.gate(x)) * self.up(x))"},
        ),
        Misconception(
            id="activated-at-the-end",
            name="the result goes through the activation function as well",
            hint="What is the last step in the formula?",
            edits={"self.down(F.silu(self.gate(x)) * self.up(x))": "F.silu(self.down(F.silu(self.gate(x)) * self.up(x)))"},
        ),
        Misconception(
            id="negative-sigmoid",
            name="silu is taken for z · sigmoid(−z)",
            hint="For large z, should silu(z) be near z or near 0?",
            edits={"F.silu(self.gate(x))": "self.gate(x) * torch.sigmoid(-self.gate(x))"},
        ),
        Misconception(
            id="bias-left-out",
            name="the biases are left out where there are any",
            hint="`self.gate` may have a bias. What does calling the layer do, and what does `weight` alone?",
            edits={"self.down(F.silu(self.gate(x)) * self.up(x))": (
                "F.linear(F.silu(F.linear(x, self.gate.weight)) * F.linear(x, self.up.weight), self.down.weight)"
            )},
        ),
    ),
)
