"""`FeedForward`: Two linear layers with a ReLU between them, applied to every position on its own."""

import torch
from torch import nn

from autograder import probes
from autograder.draw import normal, weights
from autograder.exercise import Exercise, Misconception
from autograder.exercises.transformer.shared import FeedForwardFunctional
from unrolled.transformer import FeedForward


def feed_forward_inputs(rng):
    """Batch 2, time 5, d_model 3, d_ff 11; where no unit sleeps, all that goes into the ReLU is positive.

    Once there is one word alone.
    """

    def case(positive, batch=2, time=5):
        x = normal(rng, batch, time, 3)
        drawn = weights(rng, FeedForward, 3, 11, scale=0.8)
        if positive:
            x = 4 * x.abs()  # some of it above 6, where a ReLU6 ends
            drawn |= {name: drawn[name].abs() for name in ("expand.weight", "expand.bias")}
        return {"arguments": [3, 11], "weights": drawn, "inputs": {"x": x}}

    return {"no unit sleeps": [case(True)], "some units sleep": [case(False), case(False), case(False, 1, 1)]}


class FeedForwardWordByWord(nn.Module):
    """One word after the other: it is the same for each."""

    def __init__(self, d_model, d_ff):
        super().__init__()
        self.expand, self.contract = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)

    def forward(self, x):
        return torch.stack([self.contract(self.expand(word).clamp(min=0)) for word in x.unbind(1)], dim=1)


FEED_FORWARD = Exercise(
    solves="unrolled.transformer.FeedForward",
    groups={"no unit sleeps": 0.5, "some units sleep": 0.5},
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
        Misconception(
            id="leaky",
            name="a leaky ReLU stands where the ReLU should be",
            hint="max(0, …) throws away what is negative. What does yours leave of it?",
            edits={
                "torch.relu(": "torch.nn.functional.leaky_relu(",
            },
        ),
        Misconception(
            id="sigmoid",
            name="a sigmoid stands where the ReLU should be",
            hint="Which function is max(0, …) in the formula?",
            edits={
                "torch.relu(": "torch.sigmoid(",
            },
        ),
        Misconception(
            id="absolute",
            name="the absolute value is taken instead of the ReLU",
            hint="max(0, −3) is 0. What is |−3|?",
            edits={
                "torch.relu(": "torch.abs(",
            },
        ),
        Misconception(
            id="silu",
            name="a SiLU stands where the ReLU should be",
            hint="Llama uses the SiLU; the first Transformer had max(0, …). Which function is that?",
            edits={
                "torch.relu(": "torch.nn.functional.silu(",
            },
        ),
        Misconception(
            id="elu",
            name="an ELU stands where the ReLU should be",
            hint="max(0, …) throws away what is negative. What does yours leave of it?",
            edits={
                "torch.relu(": "torch.nn.functional.elu(",
            },
        ),
        Misconception(
            id="softplus",
            name="a softplus stands where the ReLU should be",
            hint="The softplus is a smooth ReLU. Which function is max(0, …)?",
            edits={
                "torch.relu(": "torch.nn.functional.softplus(",
            },
        ),
        Misconception(
            id="relu-six",
            name="the ReLU is cut off above 6",
            hint="max(0, …) has no upper limit. Which of PyTorch's functions has none?",
            edits={
                "torch.relu(": "torch.nn.functional.relu6(",
            },
        ),
        Misconception(
            id="gelu-by-tanh",
            name="a GELU in its approximation by tanh stands where the ReLU should be",
            hint="GPT-2 uses that GELU (chapter 8); the first Transformer had max(0, …). Which function is that?",
            edits={
                "torch.relu(self.expand(x))": 'torch.nn.functional.gelu(self.expand(x), approximate="tanh")',
            },
        ),
        Misconception(
            id="softmax",
            name="a softmax over the wide features stands where the ReLU should be",
            hint="Does the formula make the features add up to 1? Which function is max(0, …)?",
            edits={
                "torch.relu(self.expand(x))": "torch.softmax(self.expand(x), dim=-1)",
            },
        ),
        Misconception(
            id="minimum",
            name="the negative part is kept instead of the positive one",
            hint="Is it max(0, …) or min(0, …)?",
            edits={
                "torch.relu(self.expand(x))": "self.expand(x).clamp(max=0)",
            },
        ),
        Misconception(
            id="norm-inside",
            name="x is normed before the first layer",
            hint="The norm belongs to the block around this layer. What does the formula do with x first?",
            edits={
                "self.expand(x)": "self.expand(torch.nn.functional.layer_norm(x, x.shape[-1:]))",
            },
        ),
        Misconception(
            id="first-word-for-all",
            name="every word gets what the first one made",
            hint="Each word is worked on alone. Which index do you fix at 0?",
            edits={
                "self.contract(torch.relu(self.expand(x)))": "self.contract(torch.relu(self.expand(x)))[:, :1].expand_as(x)",
            },
        ),
        Misconception(
            id="mean-over-the-words",
            name="the words are averaged first",
            hint="Each word is worked on alone: attention has mixed them already. Which axis must not vanish?",
            edits={
                "self.expand(x)": "self.expand(x.mean(dim=1, keepdim=True).expand_as(x))",
            },
        ),
        Misconception(
            id="flattened",
            name="batch and time are flattened into one axis and not restored",
            hint="A linear layer takes any axes in front of the features. Is there anything to flatten?",
            edits={
                "self.expand(x)": "self.expand(x.flatten(0, 1))",
            },
        ),
        Misconception(
            id="hidden-detached",
            name="no gradient reaches the first layer",
            hint="The values are right, but what does not get a gradient does not learn. Where do you cut it off "
            "(`.detach()`, `.data`, `no_grad`)?",
            edits={
                "torch.relu(self.expand(x))": "torch.relu(self.expand(x)).detach()",
            },
        ),
        Misconception(
            id="cut-off",
            name="the result is cut off from everything it was made of",
            hint="The values are right, but nothing would learn. Which line makes plain numbers of tensors "
            "(`.item()`, `.detach()`, `torch.tensor(…)`)?",
            edits={
                "return self.contract(torch.relu(self.expand(x)))": "return (self.contract(torch.relu(self.expand(x)))).detach()",
            },
        ),
        Misconception(
            id="second-bias-lost",
            name="the bias of the second layer is left out",
            hint="A layer is more than its weight. What happens if you call it?",
            edits={
                "self.contract(torch.relu(self.expand(x)))": "torch.relu(self.expand(x)) @ self.contract.weight.T",
            },
        ),
        Misconception(
            id="first-bias-lost",
            name="the bias of the first layer is left out",
            hint="A layer is more than its weight. What happens if you call it?",
            edits={
                "self.expand(x)": "x @ self.expand.weight.T",
            },
        ),
        Misconception(
            id="both-biases-lost",
            name="both biases are left out",
            hint="A layer is more than its weight. What happens if you call it?",
            edits={
                "self.contract(torch.relu(self.expand(x)))": "torch.relu(x @ self.expand.weight.T) @ self.contract.weight.T",
            },
        ),
        Misconception(
            id="wide-vector-returned",
            name="the wide vector is returned",
            hint="Wider, rectified, and narrow again: which step is left?",
            edits={
                "self.contract(torch.relu(self.expand(x)))": "torch.relu(self.expand(x))",
            },
        ),
        Misconception(
            id="second-layer-only-expanded",
            name="the wide vector is returned without a ReLU",
            hint="Wider, rectified, and narrow again: which steps are left?",
            edits={
                "self.contract(torch.relu(self.expand(x)))": "self.expand(x)",
            },
        ),
        Misconception(
            id="layer-class-called",
            name="`nn.ReLU(…)` makes a layer and takes the tensor for its option",
            hint="`nn.ReLU()` is a layer, which is then called; `torch.relu(…)` is a function. Which of the two have "
            "you written?",
            edits={
                "torch.relu(self.expand(x))": "nn.ReLU(self.expand(x))",
            },
        ),
        Misconception(
            id="largest-number",
            name="`torch.max` with one argument gives the largest number of all",
            hint="max(0, …) is taken number by number. Which function compares each number with 0?",
            edits={
                "torch.relu(self.expand(x))": "torch.max(self.expand(x))",
            },
        ),
        Misconception(
            id="maximum-over-axis-0",
            name="`torch.max(…, 0)` takes the maximum over axis 0",
            hint="Its second argument is an axis, not a number to compare with. Which function compares each number "
            "with 0?",
            edits={
                "torch.relu(self.expand(x))": "torch.max(self.expand(x), 0).values",
            },
        ),
        Misconception(
            id="maximum-of-python",
            name="Python's `max` compares a whole tensor with 0",
            hint="Python's max asks one question of all numbers at once. Which function takes the maximum number by "
            "number?",
            edits={
                "torch.relu(self.expand(x))": "max(0, self.expand(x))",
            },
        ),
        Misconception(
            id="residual-without-relu",
            name="x is added, and there is no ReLU",
            hint="The residual path belongs to the block around this layer. And what stands between the two layers "
            "in the formula?",
            edits={
                "self.contract(torch.relu(self.expand(x)))": "x + self.contract(self.expand(x))",
            },
        ),
        Misconception(
            id="squeezed",
            name="all axes of size 1 are squeezed away",
            hint="`squeeze()` without an axis throws away every axis of size 1: what if the batch holds one "
            "sentence, or the sentence one word?",
            edits={
                "return self.contract(torch.relu(self.expand(x)))": "return (self.contract(torch.relu(self.expand(x)))).squeeze()",
            },
        ),
        Misconception(
            id="x-rectified-in-place",
            name="x is rectified in place before the first layer",
            hint="`relu_` writes into x, and the residual path still needs it. Which layer comes before the ReLU?",
            edits={
                "self.expand(x)": "self.expand(x.relu_())",
            },
        ),
        Misconception(
            id="squared",
            name="the ReLU is squared",
            hint="That is the squared ReLU of Primer (So et al., 2021). What does max(0, x) give for 3?",
            edits={
                "torch.relu(self.expand(x))": "torch.relu(self.expand(x)) ** 2",
            },
        ),
    ),
)
