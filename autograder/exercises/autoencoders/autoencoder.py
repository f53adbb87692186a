"""`Autoencoder`: Four layers with a bottleneck: `features` pixels → `hidden` → `latent` numbers → `hidden` →
`features` pixels.
"""

import torch
import torch.nn.functional as F
from torch import nn

from autograder.draw import normal, uniform, weights
from autograder.exercise import Exercise, Misconception
from unrolled.autoencoder import Autoencoder


def autoencoder_inputs(rng):
    """Batch 3 or 1, features 7, hidden 11, latent 5 or 1; each method on its own, then both together."""

    def case(part, batch=3, latent=5):
        x = normal(rng, batch, latent) if part == "decode" else uniform(rng, batch, 7)
        return {
            "part": part,
            "arguments": [7, 11, latent],
            "weights": weights(rng, Autoencoder, 7, 11, latent, scale=0.6),
            "inputs": {"x": x},
        }

    return {
        part: [case(part), case(part, batch=1), case(part, batch=2, latent=1)]
        for part in ("encode", "decode", "forward")
    }


def probe_autoencoder(answer, inputs):
    """Build the module, load the weights, use one of its methods forwards and backwards."""
    from autograder.probes import use_module

    return use_module(answer, inputs, lambda built, x: getattr(built, inputs["part"])(x))


class AutoencoderFunctional(nn.Module):
    """The same with functions of the weights, and without the layers' own forward."""

    def __init__(self, features, hidden, latent):
        super().__init__()
        self.look, self.squeeze = nn.Linear(features, hidden), nn.Linear(hidden, latent)
        self.unfold, self.draw = nn.Linear(latent, hidden), nn.Linear(hidden, features)

    def encode(self, x):
        hidden = F.linear(x, self.look.weight, self.look.bias).clamp(min=0)
        return hidden @ self.squeeze.weight.T + self.squeeze.bias

    def decode(self, code):
        hidden = F.relu(torch.addmm(self.unfold.bias, code, self.unfold.weight.T))
        return 1 / (1 + torch.exp(-self.draw(hidden)))

    def forward(self, x):
        code = self.encode(x)
        return self.decode(code), code


class AutoencoderRowByRow(nn.Module):
    """One picture after the other; forward does not call the other two."""

    def __init__(self, features, hidden, latent):
        super().__init__()
        self.look, self.squeeze = nn.Linear(features, hidden), nn.Linear(hidden, latent)
        self.unfold, self.draw = nn.Linear(latent, hidden), nn.Linear(hidden, features)

    def encode(self, x):
        return torch.stack([self.squeeze(self.look(row).relu()) for row in x])

    def decode(self, code):
        return torch.stack([self.draw(self.unfold(row).relu()).sigmoid() for row in code])

    def forward(self, x):
        encoder = nn.Sequential(self.look, nn.ReLU(), self.squeeze)
        decoder = nn.Sequential(self.unfold, nn.ReLU(), self.draw, nn.Sigmoid())
        codes = encoder(x)
        return decoder(codes), codes


class AutoencoderByEinsum(nn.Module):
    """Matrix products spelt out, and the sigmoid as the tanh that it is."""

    def __init__(self, features, hidden, latent):
        super().__init__()
        self.look, self.squeeze = nn.Linear(features, hidden), nn.Linear(hidden, latent)
        self.unfold, self.draw = nn.Linear(latent, hidden), nn.Linear(hidden, features)

    @staticmethod
    def _two(first, second, x):
        hidden = torch.einsum("bi,oi->bo", x, first.weight) + first.bias
        return torch.einsum("bi,oi->bo", torch.where(hidden > 0, hidden, 0.0), second.weight) + second.bias

    def encode(self, x):
        return self._two(self.look, self.squeeze, x)

    def decode(self, code):
        return 0.5 + 0.5 * torch.tanh(self._two(self.unfold, self.draw, code) / 2)

    def forward(self, x):
        return self.decode(code := self.encode(x)), code


AUTOENCODER = Exercise(
    solves="unrolled.autoencoder.Autoencoder",
    groups={"encode": 1, "decode": 1, "forward": 1},
    inputs=autoencoder_inputs,
    probe=probe_autoencoder,
    blanks=("encode", "decode", "forward"),
    accepts=(AutoencoderFunctional, AutoencoderRowByRow, AutoencoderByEinsum),
    misconceptions=(
        Misconception(
            id="no-relu-in-the-encoder",
            name="there is no ReLU between the two layers of the encoder",
            hint="Two linear layers in a row are one linear layer. What stands between them?",
            edits={"torch.relu(self.look(x))": "self.look(x)"},
        ),
        Misconception(
            id="no-relu-in-the-decoder",
            name="there is no ReLU between the two layers of the decoder",
            hint="Two linear layers in a row are one linear layer. What stands between them?",
            edits={"torch.relu(self.unfold(code))": "self.unfold(code)"},
        ),
        Misconception(
            id="no-sigmoid",
            name="the sigmoid at the end is missing",
            hint="A pixel lies between 0 and 1. What can come out of a linear layer?",
            edits={
                "torch.sigmoid(self.draw(torch.relu(self.unfold(code))))": "self.draw(torch.relu(self.unfold(code)))"
            },
        ),
        Misconception(
            id="relu-on-the-code",
            name="there is a ReLU after the code, too",
            hint="Then no number of a code can be negative, and where it is 0, no gradient comes back. Which layers have a "
            "ReLU after them?",
            edits={"self.squeeze(torch.relu(self.look(x)))": "torch.relu(self.squeeze(torch.relu(self.look(x))))"},
        ),
        Misconception(
            id="sigmoid-on-the-code",
            name="there is a sigmoid after the code, too",
            hint="So it is in some papers. Here a code may be any numbers: which of the four layers has the sigmoid?",
            edits={"self.squeeze(torch.relu(self.look(x)))": "torch.sigmoid(self.squeeze(torch.relu(self.look(x))))"},
        ),
        Misconception(
            id="tanh-on-the-code",
            name="there is a tanh after the code",
            hint="Then a code is shut in between −1 and 1. Which layers have a bend after them here?",
            edits={"self.squeeze(torch.relu(self.look(x)))": "torch.tanh(self.squeeze(torch.relu(self.look(x))))"},
        ),
        Misconception(
            id="relu-before-the-sigmoid",
            name="there is a ReLU between the last layer and the sigmoid",
            hint="The sigmoid of 0 is ½. Can a pixel of yours be lighter than that?",
            edits={
                "torch.sigmoid(self.draw(torch.relu(self.unfold(code))))": (
                    "torch.sigmoid(torch.relu(self.draw(torch.relu(self.unfold(code)))))"
                )
            },
        ),
        Misconception(
            id="relu-instead-of-the-sigmoid",
            name="a ReLU stands where the sigmoid should be",
            hint="A pixel lies between 0 and 1. Which of the two limits does a ReLU keep?",
            edits={"torch.sigmoid(": "torch.relu("},
        ),
        Misconception(
            id="tanh-instead-of-the-sigmoid",
            name="a tanh stands where the sigmoid should be",
            hint="A tanh lies between −1 and 1, which is right for pixels on that scale. Between what do ours lie?",
            edits={"torch.sigmoid(": "torch.tanh("},
        ),
        Misconception(
            id="softmax-over-pixels",
            name="a softmax is taken over the pixels",
            hint="Then the pixels of a picture add up to 1, as if only one could have ink. Must they exclude each other?",
            edits={
                "torch.sigmoid(self.draw(torch.relu(self.unfold(code))))": (
                    "torch.softmax(self.draw(torch.relu(self.unfold(code))), dim=-1)"
                )
            },
        ),
        Misconception(
            id="sigmoids-inside",
            name="sigmoids stand where the ReLUs should be",
            hint="So it was in the paper of 2006, and it is hard to train when deep. What does this class's description "
            "ask for after the first and the third layer?",
            edits={
                "torch.relu(self.look(x))": "torch.sigmoid(self.look(x))",
                "torch.relu(self.unfold(code))": "torch.sigmoid(self.unfold(code))",
            },
        ),
        Misconception(
            id="tied-weights",
            name="the decoder uses the encoder's weights, turned around",
            hint="That is called tied weights, and it works. Here the decoder has two layers of its own: which ones?",
            edits={
                "torch.sigmoid(self.draw(torch.relu(self.unfold(code))))": (
                    "torch.sigmoid(torch.relu(code @ self.squeeze.weight + self.unfold.bias) @ self.look.weight"
                    " + self.draw.bias)"
                )
            },
        ),
        Misconception(
            id="code-detached",
            name="the code is cut off from the encoder before it is decoded",
            hint="The values are right. But who tells the encoder that the picture came out badly, if `.detach()` or "
            "`no_grad` stands between them?",
            edits={"return self.decode(code), code": "return self.decode(code.detach()), code"},
        ),
        Misconception(
            id="residual",
            name="the picture itself is added to what the decoder made",
            hint="Then nothing needs to go through the bottleneck. From what alone should the picture be made again?",
            edits={"return self.decode(code), code": "return x + self.decode(code), code"},
        ),
        Misconception(
            id="encoded-again",
            name="the second result is the code of the picture that was made, not of the one that came in",
            hint="The second result is what the decoder was given. Which code is that?",
            edits={"return self.decode(code), code": "return self.decode(code), self.encode(self.decode(code))"},
        ),
        Misconception(
            id="results-swapped",
            name="the two results are returned in the wrong order",
            hint="What does the signature promise first: the pictures or the codes?",
            edits={"return self.decode(code), code": "return code, self.decode(code)"},
        ),
        Misconception(
            id="code-not-returned",
            name="forward returns only the pictures",
            hint="The signature promises a pair. What is its second part?",
            edits={"return self.decode(code), code": "return self.decode(code)"},
        ),
        Misconception(
            id="clamped",
            name="the pixels are cut off at 0 and 1, where a sigmoid should be",
            hint="Beyond its limits a clamp is flat, and no gradient comes back. Which function maps every number into 0 … 1?",
            edits={
                "torch.sigmoid(self.draw(torch.relu(self.unfold(code))))": (
                    "self.draw(torch.relu(self.unfold(code))).clamp(0, 1)"
                )
            },
        ),
        Misconception(
            id="sigmoid-twice",
            name="forward applies a second sigmoid to what decode has made",
            hint="decode gives pixels already. What does a sigmoid make of numbers between 0 and 1?",
            edits={"return self.decode(code), code": "return torch.sigmoid(self.decode(code)), code"},
        ),
        Misconception(
            id="sigmoid-in-forward",
            name="the sigmoid stands in forward, and decode gives scores",
            hint="Later cells call decode alone, to draw pictures. In which method must the sigmoid be?",
            edits={
                "torch.sigmoid(self.draw(torch.relu(self.unfold(code))))": "self.draw(torch.relu(self.unfold(code)))",
                "return self.decode(code), code": "return torch.sigmoid(self.decode(code)), code",
            },
        ),
        Misconception(
            id="relu-before-unfolding",
            name="in the decoder the ReLU is applied to the code instead of the hidden layer",
            hint="A code may be any numbers, also negative ones. After which layer stands the decoder's ReLU?",
            edits={"torch.relu(self.unfold(code))": "self.unfold(torch.relu(code))"},
        ),
        Misconception(
            id="tanh-inside",
            name="tanh stands where the ReLUs should be",
            hint="Which activation function does the class's description ask for after the first and the third layer?",
            edits={
                "torch.relu(self.look(x))": "torch.tanh(self.look(x))",
                "torch.relu(self.unfold(code))": "torch.tanh(self.unfold(code))",
            },
        ),
        Misconception(
            id="leaky",
            name="leaky ReLUs stand where the ReLUs should be",
            hint="What does a ReLU give for a negative number, and what a leaky one?",
            edits={
                "torch.relu(self.look(x))": "nn.functional.leaky_relu(self.look(x))",
                "torch.relu(self.unfold(code))": "nn.functional.leaky_relu(self.unfold(code))",
            },
        ),
        Misconception(
            id="gelu",
            name="GELUs stand where the ReLUs should be",
            hint="GPT has GELUs. Which activation function does the class's description ask for here?",
            edits={
                "torch.relu(self.look(x))": "nn.functional.gelu(self.look(x))",
                "torch.relu(self.unfold(code))": "nn.functional.gelu(self.unfold(code))",
            },
        ),
        Misconception(
            id="picture-handed-through",
            name="forward returns the pictures that came in, instead of those made of the codes",
            hint="A perfect picture, and nothing learnt. What should go through encode *and* decode?",
            edits={"return self.decode(code), code": "return x, code"},
        ),
        Misconception(
            id="returned-code-detached",
            name="the code is cut off before it is returned",
            hint="A cost on the codes should reach the encoder, too. What does `.detach()` do to it?",
            edits={"return self.decode(code), code": "return self.decode(code), code.detach()"},
        ),
        Misconception(
            id="encoder-cut-off",
            name="no gradient comes back through encode",
            hint="The values are right, but the first two layers will never learn. Where do `.detach()` or `torch.no_grad` stand?",
            edits={
                "return self.squeeze(torch.relu(self.look(x)))": "return self.squeeze(torch.relu(self.look(x))).detach()"
            },
        ),
        Misconception(
            id="decoder-cut-off",
            name="no gradient comes back through decode",
            hint="The values are right, but nobody hears how the picture came out. Where do `.detach()` or `torch.no_grad` stand?",
            edits={
                "torch.sigmoid(self.draw(torch.relu(self.unfold(code))))": (
                    "torch.sigmoid(self.draw(torch.relu(self.unfold(code)))).detach()"
                )
            },
        ),
        Misconception(
            id="first-layer-only",
            name="encode ends after the first layer",
            hint="How many numbers has a code? Which layer makes so many?",
            edits={"self.squeeze(torch.relu(self.look(x)))": "torch.relu(self.look(x))"},
        ),
        Misconception(
            id="twice-round",
            name="forward goes through the bottleneck twice",
            hint="The picture that was made is encoded and decoded once more. How often should it be?",
            edits={"return self.decode(code), code": "return self.decode(self.encode(self.decode(code))), code"},
        ),
        Misconception(
            id="rounded",
            name="the pixels are rounded to 0 and 1",
            hint="Rounding is flat nearly everywhere. What gradient comes back through it, and who asked for black and white?",
            edits={
                "return torch.sigmoid(": "return torch.round(torch.sigmoid(",
                "(self.unfold(code))))": "(self.unfold(code)))))",
            },
        ),
        Misconception(
            id="normalised-over-the-batch",
            name="the codes are normalised over the batch, so that a picture's code depends on its neighbours",
            hint="Would a picture alone get the same code as in a batch?",
            edits={
                "return self.squeeze(torch.relu(self.look(x)))": (
                    "code = self.squeeze(torch.relu(self.look(x)))\n"
                    "        return (code - code.mean(dim=0)) / (code.std(dim=0, correction=0) + 1e-5)"
                )
            },
        ),
        Misconception(
            id="axis-lost",
            name="an axis of length 1 is lost: a batch of one picture, or a code of one number",
            hint="`squeeze()` takes away every axis of length 1. Which axes does the signature promise, whatever their length?",
            edits={
                "return self.squeeze(torch.relu(self.look(x)))": "return self.squeeze(torch.relu(self.look(x))).squeeze()"
            },
        ),
        Misconception(
            id="list-for-a-pair",
            name="the two results come as a list instead of a pair",
            hint="The signature promises a tuple. Which brackets make one, or none at all?",
            edits={"return self.decode(code), code": "return [self.decode(code), code]"},
        ),
    ),
)
