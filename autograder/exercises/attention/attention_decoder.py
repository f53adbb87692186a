"""`AttentionDecoder`: A decoder that looks before every step: at the source's states, with its own last state as the
query.
"""

import torch
from torch import nn

from autograder import probes
from autograder.draw import integers, lengths_mask, normal, weights
from autograder.exercise import Exercise, Misconception
from unrolled.attention import AttentionDecoder, additive_scores, context_vectors, masked_softmax


def attention_decoder_inputs(rng):
    """Batch 2, target 1, 3 and 5, source 7, vocabulary 11, feature 5, hidden 3, attention 2; once all sizes are 1."""

    def case(time, lengths, source=7):
        drawn = weights(rng, AttentionDecoder, 11, 5, 3, 2, scale=0.7)
        drawn["v"] = drawn["v"].sign() + drawn["v"]  # so that looking here or there makes a difference
        return {
            "arguments": [11, 5, 3, 2],
            "weights": drawn,
            "inputs": {
                "inputs": integers(rng, 0, 11, len(lengths), time),
                "state": normal(rng, len(lengths), 3).tanh(),
                "memory": normal(rng, len(lengths), source, 3),
                "mask": lengths_mask(lengths, source),
            },
        }

    return {
        "one step": [case(1, [7, 7]), case(1, [1], source=1)],
        "many steps": [case(3, [7, 7]), case(5, [7, 7])],
        "padding": [case(3, [7, 4]), case(5, [2, 6])],
    }


class AttentionDecoderBase(nn.Module):
    """What every decoder here is made of."""

    def __init__(self, vocabulary, feature, hidden, attention):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, feature)
        self.query = nn.Linear(hidden, attention, bias=False)
        self.key = nn.Linear(hidden, attention, bias=False)
        self.v = nn.Parameter(torch.randn(attention))
        self.cell = nn.GRUCell(feature + hidden, hidden)
        self.head = nn.Linear(2 * hidden, vocabulary)


class AttentionDecoderByHand(AttentionDecoderBase):
    """Everything written out, with the keys projected once."""

    def forward(self, inputs, state, memory, mask):
        keys, logits, looks = self.key(memory), [], []
        for t in range(inputs.shape[1]):
            scores = torch.tanh(self.query(state).unsqueeze(1) + keys) @ self.v
            weights = torch.softmax(scores.masked_fill(mask.logical_not(), -torch.inf), dim=1)
            context = torch.einsum("bs,bsh->bh", weights, memory)
            state = self.cell(torch.cat((self.embedding(inputs[:, t]), context), dim=1), state)
            logits.append(self.head(torch.cat((state, context), dim=1)))
            looks.append(weights)
        return torch.stack(logits, 1), state, torch.stack(looks, 1)


class AttentionDecoderRecursive(AttentionDecoderBase):
    """One step, and then the rest by itself."""

    def forward(self, inputs, state, memory, mask):
        scores = additive_scores(state.unsqueeze(1), memory, self.query.weight, self.key.weight, self.v)
        weights = masked_softmax(scores, mask.unsqueeze(1))
        context = context_vectors(weights, memory)
        x = torch.cat([self.embedding(inputs[:, :1]), context], dim=-1)
        state = self.cell(x.squeeze(1), state)
        logits = self.head(torch.cat([state.unsqueeze(1), context], dim=-1))
        if inputs.shape[1] == 1:
            return logits, state, weights
        others, state, more = self.forward(inputs[:, 1:], state, memory, mask)
        return torch.cat([logits, others], dim=1), state, torch.cat([weights, more], dim=1)


class AttentionDecoderFreeRunning(AttentionDecoderBase):
    """Feeds itself its own words after the first."""

    def forward(self, inputs, state, memory, mask):
        logits, looks, word = [], [], inputs[:, 0]
        for _ in range(inputs.shape[1]):
            scores = additive_scores(state[:, None], memory, self.query.weight, self.key.weight, self.v)
            weights = masked_softmax(scores, mask[:, None])
            context = context_vectors(weights, memory)[:, 0]
            state = self.cell(torch.cat([self.embedding(word), context], dim=-1), state)
            logits.append(self.head(torch.cat([state, context], dim=-1)))
            looks.append(weights[:, 0])
            word = logits[-1].argmax(-1)
        return torch.stack(logits, dim=1), state, torch.stack(looks, dim=1)


STEP = "state = self.cell(torch.cat([x, context], dim=-1), state)"

ATTENTION_DECODER = Exercise(
    solves="unrolled.attention.AttentionDecoder",
    groups={"one step": 2, "many steps": 2, "padding": 1},
    inputs=attention_decoder_inputs,
    probe=probes.module,
    blanks=("forward",),
    uses=("additive_scores", "masked_softmax", "context_vectors"),
    accepts=(AttentionDecoderByHand, AttentionDecoderRecursive),
    free=frozenset(["sequence"]),
    misconceptions=(
        Misconception(
            id="current-state",
            name="the query is the state after the step instead of the one before it",
            hint="That is Luong's order: step first, look afterwards. Ours is Bahdanau's, where what was seen can change the "
            "step itself. Which of the two comes first in your loop?",
            edits={
                f"            {STEP}\n": "",
                "steps, looks = [], []": "steps, looks, context = [], [], torch.zeros_like(state)",
                "scores = additive_scores(": f"{STEP}\n            scores = additive_scores(",
            },
        ),
        Misconception(
            id="same-query-every-time",
            name="every step looks with the state that the decoder began with",
            hint="Then every word looks at the same place. Which state knows what has been written so far?",
            edits={
                "steps, looks = [], []": "steps, looks, first = [], [], state",
                "state[:, None], memory": "first[:, None], memory",
            },
        ),
        Misconception(
            id="state-not-carried-on",
            name="every step starts from the first state",
            hint="Which state should the second step be given: the one you began with, or the one the first step made?",
            edits={
                "steps, looks = [], []": "steps, looks, first = [], [], state",
                "dim=-1), state)": "dim=-1), first)",
                "state[:, None], memory": "first[:, None], memory",
            },
        ),
        Misconception(
            id="context-not-in-the-step",
            name="the context does not enter the step",
            hint="The cell takes feature + hidden numbers: the word and what else?",
            edits={"torch.cat([x, context]": "torch.cat([x, torch.zeros_like(context)]"},
        ),
        Misconception(
            id="context-not-scored",
            name="the head does not see the context",
            hint="The head takes 2 · hidden numbers: the state and what else?",
            edits={"torch.cat([state, context]": "torch.cat([state, torch.zeros_like(context)]"},
        ),
        Misconception(
            id="context-before-word",
            name="the context stands before the word in the cell's input",
            hint="The weights of the cell know the order. Which of the two does the docstring name first?",
            edits={"torch.cat([x, context]": "torch.cat([context, x]"},
        ),
        Misconception(
            id="context-before-state",
            name="the context stands before the state in the head's input",
            hint="The weights of the head know the order. Which of the two does the docstring name first?",
            edits={"torch.cat([state, context]": "torch.cat([context, state]"},
        ),
        Misconception(
            id="old-state-scored",
            name="the head sees the state before the step",
            hint="In Bahdanau's appendix the read-out does take the old state, and the last word too. Here the head sees "
            "the new one: is it made before or after you join the two?",
            edits={
                f"            {STEP}\n            steps.append(torch.cat([state, context], dim=-1))\n": (
                    f"            steps.append(torch.cat([state, context], dim=-1))\n            {STEP}\n"
                )
            },
        ),
        Misconception(
            id="mask-not-used",
            name="the padding is looked at",
            hint="forward gets a mask. Who needs it?",
            edits={"mask[:, None]": "torch.ones_like(mask)[:, None]"},
        ),
        Misconception(
            id="mask-of-the-first",
            name="the mask has no axis for the query, so that every sentence gets the mask of the first",
            hint="mask is (batch, source), and weights are (batch, query, key). Against which axis does the mask's batch "
            "stand in yours?",
            edits={"mask[:, None]": "mask"},
        ),
        Misconception(
            id="mask-inverted",
            name="the mask is taken the other way round",
            hint="Here True means that one may look. Do you turn the mask round before you hand it on?",
            edits={"mask[:, None]": "~mask[:, None]"},
        ),
        Misconception(
            id="query-and-key-swapped",
            name="the layers of query and key are swapped",
            hint="The decoder's state is the query, the source's states are the keys. Which layer belongs to which?",
            edits={"self.query.weight, self.key.weight": "self.key.weight, self.query.weight"},
        ),
        Misconception(
            id="dot-scores",
            name="the scores are dot products instead of additive ones",
            hint="Luong's scores are good ones too. Which three parameters of this module would never learn?",
            edits={
                "additive_scores(\n                state[:, None], memory, self.query.weight, self.key.weight, self.v\n            )": (
                    "state[:, None] @ memory.transpose(1, 2)"
                )
            },
        ),
        Misconception(
            id="scores-returned",
            name="scores are returned in the place of the weights",
            hint="The third result should add up to 1 for every step. Does yours?",
            edits={"looks.append(weights[:, 0])": "looks.append(scores[:, 0])"},
        ),
        Misconception(
            id="own-words",
            name="after the first step the decoder is fed its own words",
            hint="That is how it will write later. Under teacher forcing, which word is fed at step t?",
            answer=AttentionDecoderFreeRunning,
        ),
        Misconception(
            id="layers-for-matrices",
            name="the layers themselves are handed to additive_scores instead of their weights",
            hint="additive_scores multiplies matrices. Which attribute of an nn.Linear is its matrix?",
            edits={
                "self.query.weight, self.key.weight": "self.query, self.key",
            },
        ),
        Misconception(
            id="probabilities",
            name="a softmax is applied to the scores of the words",
            hint="The loss wants scores and makes probabilities itself. What does the docstring promise?",
            edits={
                "self.head(torch.stack(steps, dim=1))": "self.head(torch.stack(steps, dim=1)).softmax(dim=-1)",
            },
        ),
        Misconception(
            id="log-probabilities",
            name="a log-softmax is applied to the scores of the words",
            hint="The loss wants scores and makes logarithms itself. What does the docstring promise?",
            edits={
                "self.head(torch.stack(steps, dim=1))": "self.head(torch.stack(steps, dim=1)).log_softmax(dim=-1)",
            },
        ),
        Misconception(
            id="results-swapped",
            name="the weights are returned before the state",
            hint="In which order does the docstring name the three results?",
            edits={
                ", state, torch.stack(looks, dim=1)": ", torch.stack(looks, dim=1), state",
            },
        ),
        Misconception(
            id="all-states",
            name="the states of all steps are returned instead of the last one",
            hint="From which state would the next call go on? How many states does that need?",
            edits={
                "steps, looks = [], []": "steps, looks, states = [], [], []",
                "steps.append(": "states.append(state)\n            steps.append(",
                ", state, torch.stack(looks": ", torch.stack(states, dim=1), torch.stack(looks",
            },
        ),
        Misconception(
            id="state-not-kept",
            name="the new state is scored but never kept, so that the first one is returned",
            hint="After the last step, which state do you return: the one handed in, or the newest?",
            edits={
                "state = self.cell(torch.cat([x, context], dim=-1), state)": "new = self.cell(torch.cat([x, context], dim=-1), state)",
                "torch.cat([state, context]": "torch.cat([new, context]",
            },
        ),
        Misconception(
            id="state-detached",
            name="the state is cut off from its past after every step",
            hint="The values are right, but the gradient cannot go back through time. Where do you write `.detach()` "
            "or `.data`?",
            edits={
                "dim=-1), state)": "dim=-1), state).detach()",
            },
        ),
        Misconception(
            id="state-of-zeros",
            name="the decoder begins with zeros instead of the state handed in",
            hint="What has the encoder's last state been handed over for?",
            edits={
                "steps, looks = [], []": "steps, looks, state = [], [], torch.zeros_like(state)",
            },
        ),
        Misconception(
            id="time-first",
            name="the steps come before the batch in scores and weights",
            hint="`torch.stack` makes a new axis: where should that of the words stand?",
            edits={
                "torch.stack(steps, dim=1)": "torch.stack(steps)",
                "torch.stack(looks, dim=1)": "torch.stack(looks)",
            },
        ),
        Misconception(
            id="stacked-and-reshaped",
            name="steps and batch are stacked in the wrong order and then reshaped",
            hint="(target, batch) reshaped to (batch, target) has the right shape, but the words of one sentence "
            "land in another. Which argument of `torch.stack` says where the new axis stands?",
            edits={
                "torch.stack(steps, dim=1)": "torch.stack(steps).reshape(inputs.shape[0], inputs.shape[1], -1)",
                "torch.stack(looks, dim=1)": "torch.stack(looks).reshape(inputs.shape[0], inputs.shape[1], -1)",
            },
        ),
        Misconception(
            id="last-look-only",
            name="only where the last step looked is returned",
            hint="Every step looks somewhere. Which list collects it?",
            edits={
                "torch.stack(looks, dim=1)": "weights",
            },
        ),
        Misconception(
            id="last-word-only",
            name="only the last step is scored",
            hint="Every step speaks. Which list collects what the head is to see?",
            edits={
                "self.head(torch.stack(steps, dim=1))": "self.head(steps[-1])",
            },
        ),
        Misconception(
            id="last-word-lost",
            name="the loop stops one word early",
            hint="How many words are fed, and how many steps do you make?",
            edits={
                ".unbind(dim=1)": ".unbind(dim=1)[:-1]",
            },
        ),
        Misconception(
            id="loop-over-the-batch",
            name="the loop runs over the sentences instead of the words",
            hint="`for x in tensor` runs over the first axis. Which axis of `inputs` are the words?",
            edits={
                ".unbind(dim=1)": ".unbind(dim=0)",
            },
        ),
        Misconception(
            id="weights-detached",
            name="no gradient goes through the weights",
            hint="The values are right, but how shall the decoder learn where to look?",
            edits={
                "context_vectors(weights, memory)": "context_vectors(weights.detach(), memory)",
            },
        ),
        Misconception(
            id="memory-detached",
            name="no gradient goes through the context into the memory",
            hint="The values are right, but how shall the encoder learn what to keep?",
            edits={
                "context_vectors(weights, memory)": "context_vectors(weights, memory.detach())",
            },
        ),
        Misconception(
            id="squeezed",
            name="all axes of size 1 are squeezed away at each step",
            hint="`squeeze()` without an axis throws away every axis of size 1: what if the batch holds one "
            "sentence, or the sentence one word?",
            edits={
                "context_vectors(weights, memory)[:, 0]": "context_vectors(weights, memory).squeeze()",
                "looks.append(weights[:, 0])": "looks.append(weights.squeeze())",
            },
        ),
        Misconception(
            id="mean-of-the-memory",
            name="the context is the plain mean of the memory",
            hint="Then every step sees the same. What are the weights for?",
            edits={
                "context_vectors(weights, memory)[:, 0]": "memory.mean(dim=1)",
            },
        ),
        Misconception(
            id="same-word",
            name="every step is fed the first word",
            hint="Which word is fed at step t?",
            edits={
                ".unbind(dim=1)": "[:, :1].expand(-1, inputs.shape[1], -1).unbind(dim=1)",
            },
        ),
        Misconception(
            id="cell-from-the-first-state",
            name="the cell starts every step from the first state, though the query is the newest",
            hint="Which state should the second step be given: the one you began with, or the one the first step made?",
            edits={
                "steps, looks = [], []": "steps, looks, first = [], [], state",
                "dim=-1), state)": "dim=-1), first)",
            },
        ),
        Misconception(
            id="cell-cut-off",
            name="the cell is given a state that is cut off from its past",
            hint="The values are right, but the gradient cannot go back through the cell. Where do you write "
            "`.detach()` or `.data`?",
            edits={
                "dim=-1), state)": "dim=-1), state.detach())",
            },
        ),
        Misconception(
            id="context-added-to-the-state",
            name="the context is added to the new state as well",
            hint="The context goes into the step and into the head. What does the cell's own result need?",
            edits={
                "dim=-1), state)": "dim=-1), state) + context",
            },
        ),
        Misconception(
            id="projected-keys-averaged",
            name="the projected keys are averaged instead of the memory",
            hint="The keys only say where to look. What should be taken from there?",
            edits={
                "context_vectors(weights, memory)": "context_vectors(weights, self.key(memory))",
            },
        ),
        Misconception(
            id="cell-from-the-context",
            name="the cell goes on from the context instead of the state",
            hint=(
                "The context is part of what the cell reads. What does it remember from the step before, "
                "and where do you hand that over?"
            ),
            edits={
                "self.cell(torch.cat([x, context], dim=-1), state)": "self.cell(torch.cat([x, context], dim=-1), context)",
            },
        ),
        Misconception(
            id="looks-twice",
            name="the head sees a second context, made with the new state",
            hint=(
                "One look for each word is enough: the context that went into the cell is the one that the "
                "head sees. Where do you look again?"
            ),
            edits={
                "steps.append(": "weights = masked_softmax(additive_scores(state[:, None], memory, self.query.weight, self.key.weight, self.v), mask[:, None])\n            context = context_vectors(weights, memory)[:, 0]\n            steps.append(",
            },
        ),
    ),
)
