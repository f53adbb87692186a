"""`Generator`: Noise in, pictures out: a linear layer makes a small map of many channels, and two layers make it grow."""

import torch
import torch.nn.functional as F
from torch import nn

from autograder.draw import normal, weights
from autograder.exercise import Exercise, Misconception
from unrolled.gan import Generator


def generator_inputs(rng):
    """Noise of 7, five channels, eleven pictures or one; weights that leave neither ReLU nor sigmoid idle."""

    def case(size, training=True, batch=11):
        channels, noise = 5, 7
        drawn = weights(rng, Generator, noise, size, channels, scale=0.5)
        drawn |= {name: 0.5 * drawn[name] for name in ("grow.weight", "paint.weight")}  # sums of many terms
        return {
            "arguments": [noise, size, channels],
            "weights": drawn,
            "inputs": {"noise": normal(rng, batch, noise)},
            "training": training,
        }

    return {"8 × 8": [case(8), case(8, training=False)], "another size": [case(12), case(12, training=False, batch=1)]}


def probe_generator(answer, inputs):
    """Build the module, load the weights, paint in one of its modes, forwards and backwards."""
    import torch

    from autograder.probes import use_module

    modes = []

    def use(built, noise):
        pictures = built.train(inputs["training"])(noise)
        modes.extend(part.training for part in built.modules())
        return pictures

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        seen = use_module(answer, inputs, use)
    return {**seen, "in the mode that it was put into": all(mode == inputs["training"] for mode in modes)}


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


class GeneratorFunctional(_Layers):
    def forward(self, noise):
        side = self.size // 4
        row = F.linear(noise, self.start.weight, self.start.bias)
        x = torch.stack(row.split(side * side, dim=1), dim=1).unflatten(2, (side, side))
        x = self.grow_norm(self.grow(torch.where((y := self.start_norm(x)) > 0, y, 0.0)))
        return 0.5 + 0.5 * torch.tanh(self.paint(F.relu(x)) / 2)


GENERATOR = Exercise(
    solves="unrolled.gan.Generator",
    groups={"8 × 8": 2, "another size": 1},
    inputs=generator_inputs,
    probe=probe_generator,
    blanks=("forward",),
    accepts=(GeneratorWithView, GeneratorInSteps, GeneratorFunctional),
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
        Misconception(
            id="tanh-moved",
            name="the ink comes from a tanh that was moved to 0 … 1",
            hint="(tanh(x) + 1) / 2 is the sigmoid of 2x: twice as steep. Which function does the docstring name?",
            edits={"torch.sigmoid(self.paint(x))": "(torch.tanh(self.paint(x)) + 1) / 2"},
        ),
        Misconception(
            id="clamped",
            name="the ink is cut off at 0 and 1, where a sigmoid should be",
            hint="Beyond its limits a clamp is flat, and no gradient comes back. Which function maps every number into 0 to 1?",
            edits={"torch.sigmoid(self.paint(x))": "self.paint(x).clamp(0, 1)"},
        ),
        Misconception(
            id="sigmoid-twice",
            name="the sigmoid is taken twice",
            hint="What does a sigmoid make of numbers between 0 and 1?",
            edits={"torch.sigmoid(self.paint(x))": "torch.sigmoid(torch.sigmoid(self.paint(x)))"},
        ),
        Misconception(
            id="inverted",
            name="paper and ink have changed places",
            hint="1 is ink. What is yours where the last layer gives a large number?",
            edits={"torch.sigmoid(self.paint(x))": "1 - torch.sigmoid(self.paint(x))"},
        ),
        Misconception(
            id="softmax",
            name="a softmax is taken over the pixels",
            hint="Then the pixels of a picture add up to 1, as if only one could have ink. Must they exclude each other?",
            edits={
                "torch.sigmoid(self.paint(x))": "self.paint(x).flatten(1).softmax(dim=1).unflatten(1, (1, self.size, self.size))"
            },
        ),
        Misconception(
            id="stretched",
            name="the pictures are stretched to 0 … 1 between their smallest and their largest value",
            hint="Then a picture depends on the others of its batch. Which function maps each number on its own?",
            edits={
                "return torch.sigmoid(self.paint(x))": "x = self.paint(x)\n        return (x - x.min()) / (x.max() - x.min())"
            },
        ),
        Misconception(
            id="relu-before-the-norm",
            name="there is a ReLU before the first norm, too",
            hint="Batch norm and ReLU stand after every layer but the last: in which order, and how often?",
            edits={"x = self.start(noise)": "x = torch.relu(self.start(noise))"},
        ),
        Misconception(
            id="map-turned",
            name="height and width of the first map are exchanged",
            hint="unflatten(1, (channels, height, width)) gives the map as the next layer wants it. What do you turn?",
            edits={"(-1, side, side))": "(-1, side, side)).transpose(2, 3)"},
        ),
        Misconception(
            id="channels-on-the-last-axis",
            name="the first map has its channels on the last axis, which the norm takes for the width",
            hint="PyTorch's layers want (batch, channels, height, width). In unflatten, which comes first?",
            edits={"(-1, side, side))": "(side, side, -1))"},
        ),
        Misconception(
            id="always-64-channels",
            name="the number of channels is written in, and right for one setting only",
            hint="How many channels there are is up to whoever builds the generator. Which of the three numbers may be −1?",
            edits={"(-1, side, side)": "(64, side, side)"},
        ),
        Misconception(
            id="half-at-once",
            name="the first map is half as high as the picture",
            hint="How many layers double the height? How high is the map before the first of them?",
            edits={"self.size // 4": "self.size // 2"},
        ),
        Misconception(
            id="side-as-a-fraction",
            name="the side of the first map is a float",
            hint="/ gives a float, also where nothing is left over. Which sign divides whole numbers?",
            edits={"self.size // 4": "self.size / 4"},
        ),
        Misconception(
            id="no-map",
            name="the row of numbers is never made a map",
            hint="The norm and the layers after it want (batch, channels, height, width). What shape has the first layer's output?",
            edits={".unflatten(1, (-1, side, side))": ""},
        ),
        Misconception(
            id="first-layer-left-out",
            name="the noise itself is made a map, without the linear layer",
            hint="A few numbers of noise are too few for a map. Which layer makes more of them?",
            edits={"self.start(noise)": "noise"},
        ),
        Misconception(
            id="middle-layer-left-out",
            name="the middle layer is left out",
            hint="How many times must the map double? Which layer takes how many channels?",
            edits={"        x = torch.relu(self.grow_norm(self.grow(x)))\n": ""},
        ),
        Misconception(
            id="norms-swapped",
            name="a norm stands in the other one's place, or before its layer, and the channels do not fit",
            hint="The first map has twice as many channels as the second, and a norm stands *after* its layer. Which was made for which?",
            edits={
                "self.start_norm(x)": "self.grow_norm(x)",
                "self.grow_norm(self.grow(x))": "self.start_norm(self.grow(x))",
            },
        ),
        Misconception(
            id="norm-of-its-own",
            name="a new norm is made at each call, which never learns",
            hint="Layers are made once, in `__init__`. Which one is there for this place?",
            edits={"self.grow_norm(self.grow(x))": "nn.BatchNorm2d(self.grow.out_channels)(self.grow(x))"},
        ),
        Misconception(
            id="always-the-batch",
            name="the first norm takes the mean and variance of the batch in evaluation, too",
            hint="In evaluation one picture should not depend on the others. Who knows in which mode the network is?",
            edits={
                "self.start_norm(x)": (
                    "F.batch_norm(x, None, None, self.start_norm.weight, self.start_norm.bias, training=True)"
                )
            },
        ),
        Misconception(
            id="evaluation-inside",
            name="forward switches the network to evaluation",
            hint="Whoever trains it has put it into training mode. Is a forward pass the place to change that?",
            edits={"side = self.size": "self.eval()\n        side = self.size"},
        ),
        Misconception(
            id="pictures-mixed",
            name="the rows are cut with the channels before the batch, and pictures are mixed",
            hint="The batch is the first axis and should stay it. Which numbers of which picture are neighbours after your view?",
            edits={
                ".unflatten(1, (-1, side, side))": (
                    ".reshape(self.start_norm.num_features, -1, side, side).transpose(0, 1)"
                )
            },
        ),
        Misconception(
            id="channel-lost",
            name="the axis of the channel is lost",
            hint="Grey pictures have one channel, and the discriminator wants to see it. What shape does the docstring show?",
            edits={"return torch.sigmoid(self.paint(x))": "return torch.sigmoid(self.paint(x)).squeeze(1)"},
        ),
        Misconception(
            id="axes-lost",
            name="all axes of length 1 are lost, the channel and the batch of one",
            hint="`squeeze()` takes away every axis of length 1. What shape does the docstring show?",
            edits={"return torch.sigmoid(self.paint(x))": "return torch.sigmoid(self.paint(x)).squeeze()"},
        ),
        Misconception(
            id="rows-of-pixels",
            name="the pictures come out as rows of pixels",
            hint="The discriminator's first layer wants a map. What shape does the docstring show?",
            edits={"return torch.sigmoid(self.paint(x))": "return torch.sigmoid(self.paint(x)).flatten(1)"},
        ),
        Misconception(
            id="noise-of-its-own",
            name="the generator draws noise of its own instead of taking what it is given",
            hint="Then nobody can repeat your run, or check it. Which argument holds the noise?",
            edits={"self.start(noise)": "self.start(torch.randn_like(noise))"},
        ),
        Misconception(
            id="nothing-returned",
            name="the pictures are made, but not returned",
            hint="What does a function give back that ends without `return`?",
            edits={"return torch.sigmoid": "x = torch.sigmoid"},
        ),
    ),
)
