"""`Generator`: Noise in, pictures out: a linear layer makes a small map of many channels, and two layers make it grow."""

import torch
import torch.nn.functional as F
from torch import nn

from autograder.draw import normal, weights
from autograder.exercise import Exercise, Misconception
from unrolled.gan import Generator


def generator_inputs(rng):
    """Noise of 7, five channels, eleven pictures; weights that leave neither ReLU nor sigmoid idle."""

    def case(size, training=True):
        channels, noise = 5, 7
        drawn = weights(rng, Generator, noise, size, channels, scale=0.5)
        drawn |= {name: 0.5 * drawn[name] for name in ("grow.weight", "paint.weight")}  # sums of many terms
        return {
            "arguments": [noise, size, channels],
            "weights": drawn,
            "inputs": {"noise": normal(rng, 11, noise)},
            "training": training,
        }

    return {"8 × 8": [case(8), case(8, training=False)], "another size": [case(12)]}


def probe_generator(answer, inputs):
    """Build the module, load the weights, paint in one of its modes, forwards and backwards."""
    from autograder.probes import use_module

    return use_module(answer, inputs, lambda built, noise: built.train(inputs["training"])(noise))


class _Layers(nn.Module):
    """The generator's layers, for right answers in other styles."""

    def __init__(self, noise, size, channels=32):
        super().__init__()
        self.size = size
        self.start = nn.Linear(noise, 2 * channels * (size // 4) ** 2)
        self.start_norm = nn.BatchNorm2d(2 * channels)
        self.grow = nn.ConvTranspose2d(2 * channels, channels, 4, stride=2, padding=1)
        self.grow_norm = nn.BatchNorm2d(channels)
        self.paint = nn.ConvTranspose2d(channels, 1, 4, stride=2, padding=1)


class GeneratorWithView(_Layers):
    def forward(self, noise):
        side = self.size // 4
        x = F.relu(self.start_norm(self.start(noise).view(len(noise), self.start_norm.num_features, side, side)))
        x = F.relu(self.grow_norm(self.grow(x)))
        return F.sigmoid(self.paint(x))


class GeneratorInSteps(_Layers):
    def forward(self, noise):
        x = self.start(noise)
        x = x.reshape(noise.shape[0], -1, self.size // 4, self.size // 4)
        for norm, layer in ((self.start_norm, self.grow), (self.grow_norm, self.paint)):
            x = layer(norm(x).clamp(min=0))
        return 1 / (1 + torch.exp(-x))


GENERATOR = Exercise(
    solves="unrolled.gan.Generator",
    groups={"8 × 8": 2, "another size": 1},
    inputs=generator_inputs,
    probe=probe_generator,
    blanks=("forward",),
    accepts=(GeneratorWithView, GeneratorInSteps),
    misconceptions=(
        Misconception(
            id="tanh",
            name="the pictures end in a tanh, from −1 to 1",
            hint="That is DCGAN's choice, right where white is 1 and black −1. Our digits have ink from 0 to 1: which function "
            "has that range?",
            edits={"torch.sigmoid(self.paint(x))": "torch.tanh(self.paint(x))"},
        ),
        Misconception(
            id="no-output-range",
            name="nothing keeps the ink between 0 and 1",
            hint="The discriminator would know any fake by a pixel of −0.3. Which function maps every number into 0 to 1?",
            edits={"torch.sigmoid(self.paint(x))": "self.paint(x)"},
        ),
        Misconception(
            id="relu-before-the-sigmoid",
            name="a ReLU stands before the last sigmoid, so no pixel is lighter than a half",
            hint="σ(0) is 0.5. How could this generator leave a pixel white?",
            edits={"torch.sigmoid(self.paint(x))": "torch.sigmoid(torch.relu(self.paint(x)))"},
        ),
        Misconception(
            id="channels-last",
            name="the features are cut with the channels last",
            hint="PyTorch's convolutions want (batch, channels, height, width). In unflatten, which comes first?",
            edits={"unflatten(1, (-1, side, side))": "unflatten(1, (side, side, -1)).movedim(-1, 1)"},
        ),
        Misconception(
            id="side-of-two",
            name="the first map is 2 × 2, whatever the size",
            hint="8 / 4 is 2. What is the side of the first map of a picture of 12 × 12?",
            edits={"side = self.size // 4": "side = 2"},
        ),
        Misconception(
            id="first-norm-missing",
            name="the first norm is missing",
            hint="There are five layers in the constructor. Which one do you never call?",
            edits={"self.start_norm(x)": "x"},
        ),
        Misconception(
            id="second-norm-missing",
            name="the second norm is missing",
            hint="There are five layers in the constructor. Which one do you never call?",
            edits={"self.grow_norm(self.grow(x))": "self.grow(x)"},
        ),
        Misconception(
            id="norm-after-relu",
            name="the norms stand after the ReLUs",
            hint="After the norm half of the values are negative, and the ReLU cuts them. What is left to cut if the ReLU comes "
            "first?",
            edits={
                "torch.relu(self.start_norm(x))": "self.start_norm(torch.relu(x))",
                "torch.relu(self.grow_norm(self.grow(x)))": "self.grow_norm(torch.relu(self.grow(x)))",
            },
        ),
        Misconception(
            id="first-relu-missing",
            name="the first ReLU is missing",
            hint="Two linear layers with nothing but a norm between them: how many layers is that worth?",
            edits={"torch.relu(self.start_norm(x))": "self.start_norm(x)"},
        ),
        Misconception(
            id="second-relu-missing",
            name="the second ReLU is missing",
            hint="Two linear layers with nothing but a norm between them: how many layers is that worth?",
            edits={"torch.relu(self.grow_norm(self.grow(x)))": "self.grow_norm(self.grow(x))"},
        ),
        Misconception(
            id="leaky",
            name="leaky ReLUs stand in the place of ReLUs",
            hint="DCGAN has leaky ones in the discriminator and plain ones in the generator; both work. What does the docstring "
            "say?",
            edits={
                "torch.relu(self.start_norm(x))": "F.leaky_relu(self.start_norm(x), 0.2)",
                "torch.relu(self.grow_norm(self.grow(x)))": "F.leaky_relu(self.grow_norm(self.grow(x)), 0.2)",
            },
        ),
        Misconception(
            id="sigmoids-inside",
            name="sigmoids stand in the place of the ReLUs",
            hint="Only the last layer must give ink. Which function stands between the others?",
            edits={
                "torch.relu(self.start_norm(x))": "torch.sigmoid(self.start_norm(x))",
                "torch.relu(self.grow_norm(self.grow(x)))": "torch.sigmoid(self.grow_norm(self.grow(x)))",
            },
        ),
        Misconception(
            id="cut-off",
            name="the pictures are right, but no gradient comes back through them",
            hint="The generator learns only through its pictures. What cuts a tensor off, and in whose step does it belong?",
            edits={"torch.sigmoid(self.paint(x))": "torch.sigmoid(self.paint(x)).detach()"},
        ),
    ),
)
