"""`LanguageModelClassifier`: Reads a text as the language model does, then says what it is."""

import itertools

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from autograder import probes
from autograder.draw import cut, integers, weights
from autograder.exercise import Exercise, Misconception
from unrolled.pooling import concat_pool
from unrolled.ulmfit import LanguageModelClassifier


def classifier_inputs(rng):
    """Batch 3, time 5 or 7; one to three layers, with the table as wide as the LSTMs and narrower; numbers of words that
    mean something in the padding; one text, one word.
    """

    def case(lengths, time, sizes):
        vocabulary = sizes[0]
        return {
            "arguments": list(sizes),
            "options": {"head": 5},
            "weights": weights(rng, LanguageModelClassifier, *sizes, head=5, scale=0.7),
            "inputs": {
                "input_ids": integers(rng, 0, vocabulary, len(lengths), time),
                "lengths": torch.tensor(lengths),
            },
        }

    short = int(rng.integers(2, 4))
    return {
        "full length": [case([5, 5, 5], 5, (11, 3, 7, 1, 2)), case([1, 1], 1, (11, 3, 7, 2, 4))],
        "padding": [
            case([7, short, 4], 7, (13, 5, 3, 2, 7)),
            case([1, 7, short], 7, (13, 3, 3, 3, 2)),
            cut(case([3, 5], 7, (11, 3, 5, 2, 4)), 0, "inputs/input_ids", "inputs/lengths"),
        ],
    }


class Other(nn.Module):
    """The parts of the class, without its forward."""

    def __init__(self, vocabulary, d_model, hidden, layers, classes, *, head=50):
        super().__init__()
        self.table = nn.Embedding(vocabulary, d_model)
        sizes = [d_model, *[hidden] * layers]
        self.lstms = nn.ModuleList(
            nn.LSTM(before, after, batch_first=True) for before, after in itertools.pairwise(sizes)
        )
        self.squeeze, self.score = nn.Linear(3 * hidden, head), nn.Linear(head, classes)


class ClassifierPacked(Other):
    """With packed sequences."""

    def forward(self, input_ids, lengths):
        states = pack_padded_sequence(self.table(input_ids), lengths, batch_first=True, enforce_sorted=False)
        for lstm in self.lstms:
            states, _ = lstm(states)
        states, _ = pad_packed_sequence(states, batch_first=True)
        return self.score(self.squeeze(concat_pool(states, lengths)).relu())


class ClassifierTextByText(Other):
    """One text after the other, without padding."""

    def forward(self, input_ids, lengths):
        rows = []
        for text, length in zip(input_ids, lengths.tolist(), strict=True):
            x = self.table.weight[text[:length]]
            for lstm in self.lstms:
                x = lstm(x)[0]
            pooled = torch.cat([x[-1], x.max(0).values, x.mean(0)])
            rows.append(self.score(nn.functional.relu(self.squeeze(pooled))))
        return torch.stack(rows)


class ClassifierFunctional(Other):
    """The head with products of matrices; the LSTMs by number."""

    def forward(self, input_ids, lengths):
        x = nn.functional.embedding(input_ids, self.table.weight)
        for i in range(len(self.lstms)):
            output, (_, _) = self.lstms[i](x)
            x = output
        hidden = torch.addmm(self.squeeze.bias, concat_pool(x, lengths), self.squeeze.weight.T).clamp(min=0)
        return hidden @ self.score.weight.T + self.score.bias


READ = "x, _ = lstm(x)"
LOOP = "for lstm in self.lstms:\n            x, _ = lstm(x)"
HEAD = "self.score(torch.relu(self.squeeze(concat_pool(x, lengths))))"

LANGUAGE_MODEL_CLASSIFIER = Exercise(
    solves="unrolled.ulmfit.LanguageModelClassifier",
    groups={"full length": 1, "padding": 2},
    inputs=classifier_inputs,
    probe=probes.module,
    blanks=("forward",),
    uses=("concat_pool",),
    accepts=(ClassifierPacked, ClassifierTextByText, ClassifierFunctional),
    misconceptions=(
        Misconception(
            id="lengths-forgotten",
            name="all texts are pooled over their padding, as if they were equally long",
            hint="Which lengths does `concat_pool` get from you: those of the texts, or that of the batch?",
            edits={"concat_pool(x, lengths)": "concat_pool(x, torch.full_like(lengths, x.shape[1]))"},
        ),
        Misconception(
            id="state-after-the-padding",
            name="the last state is the one after the padding, as an LSTM returns it",
            hint="The second result of an LSTM, h_n, is its state after the last *place*. Which function finds the last real one?",
            edits={
                HEAD: "self.score(torch.relu(self.squeeze(torch.cat([x[:, -1], concat_pool(x, lengths)[:, x.shape[2] :]], 1))))"
            },
        ),
        Misconception(
            id="one-lstm",
            name="only the first LSTM reads",
            hint="`self.lstms` may hold several. What does the second one read?",
            edits={LOOP: "x, _ = self.lstms[0](x)"},
        ),
        Misconception(
            id="last-lstm-skipped",
            name="the last LSTM is left out",
            hint="Whose states are pooled: the last one's, or those of the one before it?",
            edits={LOOP: "for lstm in self.lstms[: max(1, len(self.lstms) - 1)]:\n            x, _ = lstm(x)"},
        ),
        Misconception(
            id="all-read-the-table",
            name="every LSTM reads the words' vectors, instead of what the one before it gives",
            hint="What does the second LSTM get from you, and how wide should that be?",
            edits={LOOP: "words = x\n        for lstm in self.lstms:\n            x, _ = lstm(words)"},
        ),
        Misconception(
            id="order-reversed",
            name="the LSTMs are used from the last to the first",
            hint="Which of them is as wide as the table at its input?",
            edits={"in self.lstms": "in reversed(self.lstms)"},
        ),
        Misconception(
            id="state-handed-on",
            name="each LSTM starts with the last state of the one before it",
            hint="What goes from one LSTM to the next: what it said at every place, or also how its memory ended? With which "
            "state does an LSTM start when it is given none?",
            edits={LOOP: "state = None\n        for lstm in self.lstms:\n            x, state = lstm(x, state)"},
        ),
        Misconception(
            id="batch-for-time",
            name="batch and time are swapped before the LSTM reads",
            hint="These LSTMs were made with `batch_first=True`. Which axis do they take for time?",
            edits={READ: "x = lstm(x.transpose(0, 1))[0].transpose(0, 1)"},
        ),
        Misconception(
            id="backwards",
            name="the text is read backwards",
            hint="ULMFiT has a second model for that. In which direction does this one read?",
            edits={"x = self.table(input_ids)": "x = self.table(input_ids.flip(1))"},
        ),
        Misconception(
            id="residual",
            name="what went into an LSTM is added to what comes out",
            hint="Transformers do so. Which class is said here to be built of table, LSTMs and nothing between them?",
            edits={READ: "x = lstm(x)[0] + (x if x.shape[2] == lstm.hidden_size else 0)"},
        ),
        Misconception(
            id="relu-between-lstms",
            name="a ReLU stands after each LSTM",
            hint="An LSTM has its activation functions inside. Where does the docstring have a ReLU?",
            edits={READ: "x = torch.relu(lstm(x)[0])"},
        ),
        Misconception(
            id="no-relu",
            name="there is no ReLU between the two layers of the head",
            hint="Two linear layers in a row are one linear layer. What stands between them?",
            edits={"torch.relu(": "("},
        ),
        Misconception(
            id="relu-at-the-end",
            name="a ReLU is applied to the scores",
            hint="May a score be negative? Between which two layers does the ReLU stand?",
            edits={HEAD: "torch.relu(self.score(self.squeeze(concat_pool(x, lengths))))"},
        ),
        Misconception(
            id="relu-twice",
            name="a ReLU is applied to the scores as well",
            hint="May a score be negative? How many ReLUs has the head?",
            edits={HEAD: f"torch.relu({HEAD})"},
        ),
        Misconception(
            id="relu-before-the-head",
            name="the ReLU is applied to the pooled states, before the first layer of the head",
            hint="What goes through the ReLU: what comes into `squeeze`, or what comes out of it?",
            edits={HEAD: "self.score(self.squeeze(torch.relu(concat_pool(x, lengths))))"},
        ),
        Misconception(
            id="tanh",
            name="a tanh stands where the ReLU should be",
            hint="BERT's pooler has a tanh. Which activation function has this head?",
            edits={"torch.relu(": "torch.tanh("},
        ),
        Misconception(
            id="gelu",
            name="a GELU stands where the ReLU should be",
            hint="Which activation function has this head by its docstring?",
            edits={"torch.relu(": "nn.functional.gelu("},
        ),
        Misconception(
            id="softmax",
            name="probabilities are returned instead of scores",
            hint="`cross_entropy` takes the softmax itself. What does the docstring promise?",
            edits={HEAD: f"{HEAD}.softmax(dim=-1)"},
        ),
        Misconception(
            id="log-softmax",
            name="log-probabilities are returned instead of scores",
            hint="`cross_entropy` takes the softmax itself. What does the docstring promise?",
            edits={HEAD: f"{HEAD}.log_softmax(dim=-1)"},
        ),
        Misconception(
            id="sigmoid",
            name="a sigmoid is applied to the scores",
            hint="A text has one class, and scores may be any numbers. What does the docstring promise?",
            edits={HEAD: f"{HEAD}.sigmoid()"},
        ),
        Misconception(
            id="class-number",
            name="the number of the best class is returned instead of the scores of all",
            hint="Which shape does the signature promise? What could a loss do with a whole number?",
            edits={HEAD: f"{HEAD}.argmax(dim=-1)"},
        ),
        Misconception(
            id="words-pooled",
            name="the words' vectors are pooled, and no LSTM has read them",
            hint="Which tensor do you hand to `concat_pool`?",
            edits={LOOP: "x = nn.functional.pad(x, (0, self.lstms[0].hidden_size))[..., : self.lstms[0].hidden_size]"},
        ),
        Misconception(
            id="body-detached",
            name="no gradient flows back into table and LSTMs",
            hint="That would be feature-based, for ever. What do you wrap around the body (`.detach()`, `no_grad`)?",
            edits={"concat_pool(x, lengths)": "concat_pool(x.detach(), lengths)"},
        ),
    ),
)
