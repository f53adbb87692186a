"""`Decoder`: Writes the target from a state: at every step it is fed a word and scores all words to follow."""

import torch
import torch.nn.functional as F
from torch import nn

from autograder import probes
from autograder.draw import integers, normal, weights
from autograder.exercise import Exercise, Misconception
from unrolled.seq2seq import Decoder


def decoder_inputs(rng):
    """Batch 3, time 1, 5 and 7, vocabulary 11, feature 5, hidden 2."""

    def case(time):
        return {
            "arguments": [11, 5, 2],
            "weights": weights(rng, Decoder, 11, 5, 2, scale=0.6),
            "inputs": {"inputs": integers(rng, 0, 11, 3, time), "state": normal(rng, 3, 2).tanh()},
        }

    return {"one step": [case(1)], "many steps": [case(5), case(7)]}


class DecoderBase(nn.Module):
    """What every decoder here is made of."""

    def __init__(self, vocabulary, feature, hidden):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, feature)
        self.gru = nn.GRU(feature, hidden, batch_first=True)
        self.head = nn.Linear(hidden, vocabulary)


class DecoderStepByStep(DecoderBase):
    """One call of the GRU for every word."""

    def forward(self, inputs, state):
        logits, state = [], state.unsqueeze(0)
        for t in range(inputs.shape[1]):
            states, state = self.gru(self.embedding(inputs[:, t : t + 1]), state)
            logits.append(self.head(states))
        return torch.cat(logits, dim=1), state.squeeze(0)


class DecoderByHand(DecoderBase):
    """The last state read off the states, the head as a product."""

    def forward(self, inputs, state):
        states = self.gru(self.embedding.weight[inputs], state.view(1, *state.shape))[0]
        return F.linear(states, self.head.weight, self.head.bias), states[:, -1]


class DecoderFreeRunning(DecoderBase):
    """Feeds itself its own words after the first."""

    def forward(self, inputs, state):
        logits, state, word = [], state[None], inputs[:, :1]
        for _ in range(inputs.shape[1]):
            states, state = self.gru(self.embedding(word), state)
            logits.append(self.head(states))
            word = logits[-1].argmax(dim=-1)
        return torch.cat(logits, dim=1), state[0]


class DecoderForgetful(DecoderBase):
    """Begins every step with the first state."""

    def forward(self, inputs, state):
        logits = []
        for t in range(inputs.shape[1]):
            states, last = self.gru(self.embedding(inputs[:, t : t + 1]), state[None])
            logits.append(self.head(states))
        return torch.cat(logits, dim=1), last[0]


DECODER = Exercise(
    solves="unrolled.seq2seq.Decoder",
    groups={"one step": 1, "many steps": 2},
    inputs=decoder_inputs,
    probe=probes.module,
    blanks=("forward",),
    accepts=(DecoderStepByStep, DecoderByHand),
    misconceptions=(
        Misconception(
            id="own-words",
            name="after the first step the decoder is fed its own words",
            hint="That is how it will write later. While it learns, a wrong word would lead all later steps astray: which "
            "words should it be fed instead?",
            answer=DecoderFreeRunning,
        ),
        Misconception(
            id="state-ignored",
            name="the decoder begins with zeros instead of the encoder's state",
            hint="How does the decoder learn what the source said, if not from `state`?",
            edits={", state[None])": ")"},
        ),
        Misconception(
            id="state-detached",
            name="the encoder's state is detached",
            hint="The values come out right, but how shall the encoder learn, if no gradient reaches it?",
            edits={"state[None]": "state[None].detach()"},
        ),
        Misconception(
            id="every-step-from-the-first-state",
            name="every step begins with the encoder's state again",
            hint="What should step 1 be given: the state you began with, or the one that step 0 made?",
            answer=DecoderForgetful,
        ),
        Misconception(
            id="last-step-only",
            name="only the last step is scored",
            hint="While it learns, every step has a word to predict. How many steps does your result have?",
            edits={"self.head(states)": "self.head(states[:, -1:])"},
        ),
        Misconception(
            id="shifted-again",
            name="the inputs are shifted once more inside the decoder",
            hint="`inputs` has been shifted already (shift_right did so). What is the decoder fed at step 0?",
            edits={"self.embedding(inputs)": "self.embedding(inputs.roll(1, dims=1))"},
        ),
        Misconception(
            id="softmax",
            name="a softmax is applied to the scores",
            hint="The loss and argmax take raw scores, and the loss has a softmax of its own. What should you return?",
            edits={"self.head(states)": "self.head(states).softmax(dim=-1)"},
        ),
        Misconception(
            id="states-not-scored",
            name="the states are returned without being scored",
            hint="The result should have one number for every word of the vocabulary. Which layer makes these?",
            edits={"self.head(states)": "states"},
        ),
        Misconception(
            id="layer-axis-left",
            name="the axis for layers is left in the returned state",
            hint="nn.GRU's state is (layers, batch, hidden), and here there is one layer. What should the shape be?",
            edits={"last[0]": "last"},
        ),
        Misconception(
            id="first-state-returned",
            name="the state after the first step is returned",
            hint="The second value should let one go on where the words ended. After which step is that?",
            edits={"last[0]": "states[:, 0]"},
        ),
        Misconception(
            id="old-state-returned",
            name="the state that came in is returned as the new one",
            hint="Whoever goes on from it would begin anew with every word. Which state should be handed on?",
            edits={"last[0]": "state"},
        ),
    ),
)
