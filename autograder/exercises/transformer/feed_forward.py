"""`FeedForward`: Two linear layers with a ReLU between them, applied to every position on its own."""

import torch
from torch import nn

from autograder import probes
from autograder.draw import normal, weights
from autograder.exercise import Exercise, Misconception
from autograder.exercises.transformer.shared import FeedForwardFunctional
from unrolled.transformer import FeedForward


def feed_forward_inputs(rng):
    """Batch 2, time 5, d_model 3, d_ff 11; where no unit sleeps, all that goes into the ReLU is positive."""

    def case(positive):
        x = normal(rng, 2, 5, 3)
        drawn = weights(rng, FeedForward, 3, 11, scale=0.8)
        if positive:
            x = x.abs()
            drawn |= {name: drawn[name].abs() for name in ("expand.weight", "expand.bias")}
        return {"arguments": [3, 11], "weights": drawn, "inputs": {"x": x}}

    return {"no unit sleeps": [case(True)], "some units sleep": [case(False), case(False)]}


class FeedForwardWordByWord(nn.Module):
    """One word after the other: it is the same for each."""

    def __init__(self, d_model, d_ff):
        super().__init__()
        self.expand, self.contract = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)

    def forward(self, x):
        return torch.stack([self.contract(self.expand(word).clamp(min=0)) for word in x.unbind(1)], dim=1)


FEED_FORWARD = Exercise(
    solves="unrolled.transformer.FeedForward",
    groups={"no unit sleeps": 1, "some units sleep": 1},
    inputs=feed_forward_inputs,
    probe=probes.module,
    blanks=("forward",),
    accepts=(FeedForwardFunctional, FeedForwardWordByWord),
    misconceptions=(
        Misconception(
            id="no-relu",
            name="there is no ReLU between the two layers",
            hint="Two linear layers in a row are one linear layer. What stands between them in the formula?",
            edits={"torch.relu(self.expand(x))": "self.expand(x)"},
        ),
        Misconception(
            id="relu-at-the-end",
            name="the ReLU comes after the second layer",
            hint="Then nothing that is added to the residual path can be negative. Between which two layers does it stand?",
            edits={"self.contract(torch.relu(self.expand(x)))": "torch.relu(self.contract(self.expand(x)))"},
        ),
        Misconception(
            id="relu-twice",
            name="there is a second ReLU after the second layer",
            hint="Can what comes out of yours be negative? Should it be able to?",
            edits={
                "self.contract(torch.relu(self.expand(x)))": "torch.relu(self.contract(torch.relu(self.expand(x))))"
            },
        ),
        Misconception(
            id="relu-in-front",
            name="the ReLU is applied to what goes in",
            hint="Half of what is in x is thrown away before any layer saw it. Which layer comes before the ReLU?",
            edits={"torch.relu(self.expand(x))": "self.expand(torch.relu(x))"},
        ),
        Misconception(
            id="gelu",
            name="a GELU stands where the ReLU should be",
            hint="BERT and GPT use the GELU (chapters 7 and 8); the first Transformer had max(0, …). Which function is that?",
            edits={"torch.relu(": "torch.nn.functional.gelu("},
        ),
        Misconception(
            id="tanh",
            name="a tanh stands where the ReLU should be",
            hint="Which function is max(0, …) in the formula?",
            edits={"torch.relu(": "torch.tanh("},
        ),
        Misconception(
            id="residual-inside",
            name="x is added to the result",
            hint="The residual path belongs to the block around this layer. If both add x, how often is it in the sum?",
            edits={"self.contract(torch.relu(self.expand(x)))": "x + self.contract(torch.relu(self.expand(x)))"},
        ),
        Misconception(
            id="only-one-layer-twice",
            name="the weights of the first layer are used for the way back as well",
            hint="There are two layers. Which one do you never call?",
            answer=type(
                "FeedForward",
                (FeedForwardFunctional,),
                {"forward": lambda self, x: torch.relu(self.expand(x)) @ self.expand.weight},
            ),
        ),
        Misconception(
            id="layers-swapped",
            name="the layers are called in the wrong order",
            hint="x has d_model features. Which of the two layers takes d_model features?",
            edits={"self.contract(torch.relu(self.expand(x)))": "self.expand(torch.relu(self.contract(x)))"},
        ),
    ),
)
