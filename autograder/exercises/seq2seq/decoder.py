"""`Decoder`: Writes the target from a state: at every step it is fed a word and scores all words to follow."""

import torch
import torch.nn.functional as F
from torch import nn

from autograder.draw import integers, normal, weights
from autograder.exercise import Exercise, Misconception
from unrolled.seq2seq import Decoder


def decoder_inputs(rng):
    """Batch 3 or 1, time 1, 5 and 7, vocabulary 11, feature 5, hidden 2."""

    def case(time, batch=3):
        return {
            "arguments": [11, 5, 2],
            "weights": weights(rng, Decoder, 11, 5, 2, scale=0.6),
            "inputs": {"inputs": integers(rng, 0, 11, batch, time), "state": normal(rng, batch, 2).tanh()},
        }

    return {"one step": [case(1), case(1, batch=1)], "many steps": [case(5), case(7), case(5, batch=1)]}


def probe_decoder(answer, inputs):
    """Call the decoder twice, the first time with another state: what it was asked before must not matter."""
    from autograder.probes import use_module

    def use(built, inputs, state):
        built(inputs, 0.5 - state)
        return built(inputs, state)

    return use_module(answer, inputs, use)


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


class DecoderRemembering(DecoderBase):
    """Goes on from its own last state."""

    state = None

    def forward(self, inputs, state):
        begin = state if self.state is None else self.state
        states, last = self.gru(self.embedding(inputs), begin[None])
        self.state = last[0].detach()
        return self.head(states), last[0]


class DecoderNeverBeginningAnew(DecoderRemembering):
    """Goes on from its own last state, and so do the gradients."""

    def forward(self, inputs, state):
        states, last = self.gru(self.embedding(inputs), (state if self.state is None else self.state)[None])
        self.state = last[0]
        return self.head(states), last[0]


DECODER = Exercise(
    solves="unrolled.seq2seq.Decoder",
    groups={"one step": 1, "many steps": 2},
    inputs=decoder_inputs,
    probe=probe_decoder,
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
        Misconception(
            id="remembers",
            name="the decoder goes on from a state that it kept itself, whatever state it is given",
            hint="The next call may be about another sentence. Which state should each call begin with?",
            answer=DecoderRemembering,
        ),
        Misconception(
            id="log-probabilities",
            name="a log-softmax is applied to the scores",
            hint="The loss and argmax take raw scores, and the loss has a log-softmax of its own. What should you "
            "return?",
            edits={"self.head(states)": "self.head(states).log_softmax(dim=-1)"},
        ),
        Misconception(
            id="state-without-layers",
            name="the state is given to the GRU without an axis for layers",
            hint="nn.GRU's state is (layers, batch, hidden), and here there is one layer. How does (batch, hidden) "
            "get an axis in front?",
            edits={"state[None]": "state"},
        ),
        Misconception(
            id="layer-axis-second",
            name="the axis for layers is put in second place",
            hint="nn.GRU's state is (layers, batch, hidden), even with batch_first. Where must the new axis go?",
            edits={"state[None]": "state[:, None]"},
        ),
        Misconception(
            id="squeezed",
            name="axes of length 1 disappear from the returned state",
            hint="A batch of one is still a batch, and the next call wants it so. Which axis should squeeze take "
            "away: can you name it?",
            edits={"last[0]": "last.squeeze()"},
        ),
        Misconception(
            id="scores-squeezed",
            name="axes of length 1 disappear from the scores",
            hint="One step is still a sequence, and a batch of one a batch. Which function of yours takes away every "
            "axis of length 1?",
            edits={"self.head(states)": "self.head(states).squeeze()"},
        ),
        Misconception(
            id="last-sentence",
            name="the states of the last sentence are returned in the place of the last state",
            hint="With batch_first the states are (batch, time, hidden). Along which axis does [-1] take the last?",
            edits={"last[0]": "states[-1]"},
        ),
        Misconception(
            id="results-swapped",
            name="the state comes first and the scores second",
            hint="In which order does the signature promise the two?",
            edits={"return self.head(states), last[0]": "return last[0], self.head(states)"},
        ),
        Misconception(
            id="scores-only",
            name="only the scores are returned",
            hint="The decoder is called word by word later. What does the caller need to go on from?",
            edits={"return self.head(states), last[0]": "return self.head(states)"},
        ),
        Misconception(
            id="last-step-without-an-axis",
            name="only the last step is scored, and its axis is gone",
            hint="While it learns, every step has a word to predict. How many steps does your result have?",
            edits={"self.head(states)": "self.head(states[:, -1])"},
        ),
        Misconception(
            id="no-embedding",
            name="the numbers of the words go into the GRU as they are",
            hint="A number is only a name. Which layer makes a vector of it?",
            edits={"self.embedding(inputs)": "inputs[..., None].float()"},
        ),
        Misconception(
            id="state-added",
            name="the state is added to every output instead of starting the GRU",
            hint="In Cho et al. (2014) the summary enters at every step. Here it is where the GRU begins: which "
            "argument of the GRU is that?",
            edits={
                ", state[None])": ")",
                "self.head(states)": "self.head(states + state[:, None])",
            },
        ),
        Misconception(
            id="shifted-with-zeros",
            name="the inputs are shifted once more inside the decoder, with a 0 in front",
            hint="`inputs` has been shifted already (shift_right did so). What is the decoder fed at step 0?",
            edits={"self.embedding(inputs)": "self.embedding(torch.nn.functional.pad(inputs, (1, -1)))"},
        ),
        Misconception(
            id="first-step-dropped",
            name="the scores of the first step are left out",
            hint="bos is fed at step 0, and the first word is to be predicted there. How many steps has your result?",
            edits={"self.head(states)": "self.head(states)[:, 1:]"},
        ),
        Misconception(
            id="best-words",
            name="the most probable words are returned instead of the scores",
            hint="argmax comes later, when it writes; and no gradient goes through it. What does the loss need?",
            edits={"self.head(states)": "self.head(states).argmax(dim=-1)"},
        ),
        Misconception(
            id="relu-before-the-head",
            name="a ReLU stands between the GRU and the head",
            hint="The states have been through a tanh already. Does the docstring speak of anything between them and "
            "the scores?",
            edits={"self.head(states)": "self.head(states.relu())"},
        ),
        Misconception(
            id="state-squashed",
            name="the state goes through a tanh before the GRU begins with it",
            hint="The encoder's state is a GRU's state, between −1 and 1. Does it need anything?",
            edits={"state[None]": "state.tanh()[None]"},
        ),
        Misconception(
            id="first-sentences-state",
            name="every sentence begins with the first one's state",
            hint="state is (batch, hidden): each sentence has its own. Which index takes only one?",
            edits={"state[None]": "state[:1].expand_as(state)[None].contiguous()"},
        ),
        Misconception(
            id="vocabulary-second",
            name="the scores are (batch, vocabulary, time)",
            hint="F.cross_entropy likes it so, but our loss transposes for itself. In which order does the signature "
            "promise the axes?",
            edits={"self.head(states)": "self.head(states).transpose(1, 2)"},
        ),
        Misconception(
            id="layer-indexed",
            name="a layer is indexed instead of called",
            hint="Square brackets index, round brackets call. Which of the two does a layer want?",
            edits={"self.embedding(inputs)": "self.embedding[inputs]"},
        ),
        Misconception(
            id="self-forgotten",
            name="a layer is named without self",
            hint="The layers were made in __init__ and belong to the object. How does a method get at them?",
            edits={"self.gru(": "gru("},
        ),
        Misconception(
            id="embedding-rectified",
            name="a ReLU is applied to the embedded words",
            hint="PyTorch's seq2seq tutorial has one there. Does the docstring put anything between the embedding and the "
            "GRU?",
            edits={
                "self.embedding(inputs)": "self.embedding(inputs).relu()",
            },
        ),
        Misconception(
            id="all-states-as-the-last",
            name="the states of all steps are returned in the place of the last one",
            hint="nn.GRU gives two things: what came out at every step, and where it ended. From which does one go on?",
            edits={
                "last[0]": "states",
            },
        ),
        Misconception(
            id="remembers-and-learns",
            name="the decoder goes on from the state of its own last call, gradient and all",
            hint="The next call may be about another sentence. Which state should each call begin with?",
            answer=DecoderNeverBeginningAnew,
        ),
    ),
)
