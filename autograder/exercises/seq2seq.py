"""The exercises of chapter 03: teacher forcing, encoder, decoder, translation word by word, and BLEU."""

import itertools
import math
from collections import Counter

import torch
import torch.nn.functional as F
from torch import nn

from autograder.draw import integers, normal
from autograder.exercise import Exercise, Misconception
from unrolled.rnn import sequence_cross_entropy


# --- shift_right ------------------------------------------------------------------------------------------------------
def shift_right_inputs(rng):
    """Batch 3, time 1, 5 and 7; no token twice in a row, so that a shift shows at every place."""

    def case(time):
        tokens = torch.from_numpy(rng.permutation(3 * time)).view(3, time) + 4
        return {"targets": tokens, "bos": int(rng.integers(1, 4))}

    return {"one token": [case(1)], "several tokens": [case(5), case(7)]}


def shift_right_cat(targets, bos):
    first = torch.full((len(targets), 1), bos, dtype=targets.dtype)
    return torch.cat([first, targets[:, :-1]], dim=1)


def shift_right_pad(targets, bos):
    return F.pad(targets, (1, -1), value=bos)


def shift_right_loop(targets, bos):
    rows = [[bos, *row[:-1]] for row in targets.tolist()]
    return torch.tensor(rows)


def shift_right_too_long(targets, bos):
    first = torch.full((len(targets), 1), bos, dtype=targets.dtype)
    return torch.cat([first, targets], dim=1)


def shift_right_in_place(targets, bos):
    targets[:, 1:] = targets[:, :-1].clone()
    targets[:, 0] = bos
    return targets


SHIFT_RIGHT = Exercise(
    solves="unrolled.seq2seq.shift_right",
    groups={"one token": 1, "several tokens": 1},
    inputs=shift_right_inputs,
    accepts=(shift_right_cat, shift_right_pad, shift_right_loop),
    misconceptions=(
        Misconception(
            id="not-shifted",
            name="bos overwrites the first token, and nothing is shifted",
            hint="Where did the first token go? At step 1 the decoder must be fed it: at which step is it fed in yours?",
            edits={"targets.roll(1, dims=1)": "targets.clone()"},
        ),
        Misconception(
            id="targets-themselves",
            name="the targets come back as they were",
            hint="A decoder that is fed the very word it should predict: what does it learn?",
            edits={"return shifted": "return targets"},
        ),
        Misconception(
            id="wrapped-around",
            name="the last token comes round to the front",
            hint="roll is a circle: what falls off at the end comes back in front. What should stand there?",
            edits={"shifted[:, 0] = bos": "pass"},
        ),
        Misconception(
            id="one-too-long",
            name="the last token is kept, so the result is one longer than the targets",
            hint="Each input has one target. Is there a word to predict after the last one?",
            answer=shift_right_too_long,
        ),
        Misconception(
            id="to-the-left",
            name="the targets move to the left",
            hint="At step t the decoder should know the word of step t − 1. Does yours know that of t − 1 or of t + 1?",
            edits={
                "targets.roll(1, dims=1)": "targets.roll(-1, dims=1)",
                "shifted[:, 0] = bos": "shifted[:, -1] = bos",
            },
        ),
        Misconception(
            id="batch-shifted",
            name="the sentences of the batch are shifted instead of their words",
            hint="targets is (batch, time). Along which of the two should things move?",
            edits={"dims=1": "dims=0"},
        ),
        Misconception(
            id="zero-instead-of-bos",
            name="0 stands where bos should be",
            hint="0 is the number of some word, here mostly of the padding. Which number says that a sentence begins?",
            edits={"= bos": "= 0"},
        ),
        Misconception(
            id="shifted-by-two",
            name="the targets are shifted by two",
            hint="The input of step 1 should be the target of step 0. Which one is yours?",
            edits={"roll(1, dims=1)": "roll(2, dims=1)", "[:, 0]": "[:, :2]"},
        ),
        Misconception(
            id="in-place",
            name="the targets are shifted in place",
            hint="The loss still needs the targets, in their old places. Which line writes into them?",
            answer=shift_right_in_place,
        ),
    ),
)


# --- teacher_forcing_loss ---------------------------------------------------------------------------------------------
def teacher_forcing_inputs(rng):
    """Batch 3, source 5, target 7, vocabularies 11 and 13, and the tables of a small model."""

    def case(source_lengths, target_lengths):
        return {
            "source": integers(rng, 3, 11, 3, 5),
            "source_lengths": torch.tensor(source_lengths),
            "target": integers(rng, 3, 13, 3, 7),
            "target_lengths": torch.tensor(target_lengths),
            "bos": int(rng.integers(1, 3)),
            "read": normal(rng, 11, 3, scale=0.5),
            "word": normal(rng, 13, 3, scale=0.7),
            "head": normal(rng, 3, 13, scale=0.7),
        }

    return {
        "no padding": [case([5, 5, 5], [7, 7, 7])],
        "padding": [case([2, 5, 4], [7, 2, 4]), case([5, 1, 3], [3, 6, 7])],
    }


def probe_teacher_forcing(answer, inputs):
    """Give the answer a small model made of tables, and ask for the tables' gradients."""
    import torch

    from autograder.probes import differentiate

    def loss(source, source_lengths, target, target_lengths, bos, read, word, head):
        def model(source, source_lengths, inputs):
            real = torch.arange(source.shape[1]) < source_lengths[:, None]
            summary = (read[source] * real[..., None]).sum(dim=1, keepdim=True)
            return torch.tanh(word[inputs].cumsum(dim=1) + summary) @ head

        return answer(model, source, source_lengths, target, target_lengths, bos)

    return differentiate(loss, inputs)


def teacher_forcing_ignore_index(model, source, source_lengths, target, target_lengths, bos):
    inputs = torch.cat([torch.full_like(target[:, :1], bos), target[:, :-1]], dim=1)
    logits = model(source, source_lengths, inputs)
    padding = torch.arange(target.shape[1])[None] >= target_lengths[:, None]
    return F.cross_entropy(logits.transpose(1, 2), target.masked_fill(padding, -100))


def teacher_forcing_by_sentence(model, source, source_lengths, target, target_lengths, bos):
    inputs = F.pad(target, (1, -1), value=bos)
    log_probabilities = model(source, source_lengths, inputs).log_softmax(-1)
    losses = -log_probabilities.gather(-1, target.unsqueeze(-1)).squeeze(-1)
    return torch.cat([row[:n] for row, n in zip(losses, target_lengths.tolist(), strict=True)]).mean()


def teacher_forcing_without_bos(model, source, source_lengths, target, target_lengths, bos):
    logits = model(source, source_lengths, target[:, :-1])
    return sequence_cross_entropy(logits, target[:, 1:], target_lengths - 1)


def teacher_forcing_by_sentence_mean(model, source, source_lengths, target, target_lengths, bos):
    logits = model(source, source_lengths, F.pad(target, (1, -1), value=bos))
    rows = zip(logits, target, target_lengths.tolist(), strict=True)
    return torch.stack([F.cross_entropy(row[:n], right[:n]) for row, right, n in rows]).mean()


TEACHER_FORCING_LOSS = Exercise(
    solves="unrolled.seq2seq.teacher_forcing_loss",
    groups={"no padding": 1, "padding": 1},
    inputs=teacher_forcing_inputs,
    probe=probe_teacher_forcing,
    uses=("shift_right",),
    accepts=(teacher_forcing_ignore_index, teacher_forcing_by_sentence),
    misconceptions=(
        Misconception(
            id="target-not-shifted",
            name="the target is fed to the model without being shifted",
            hint="At every step the model sees the very word that it should predict. What would it learn to do?",
            edits={"shift_right(target, bos)": "target"},
        ),
        Misconception(
            id="loss-on-padding",
            name="the loss counts the padding of the target",
            hint="Which lengths tell the loss where each target ends?",
            edits={
                "(logits, target, target_lengths)": "(logits, target, torch.full_like(target_lengths, target.shape[1]))"
            },
        ),
        Misconception(
            id="end-not-learnt",
            name="the last word of every target, its end mark, is left out of the loss",
            hint="How shall a model learn where to stop? Is the end mark a word to be predicted?",
            edits={"(logits, target, target_lengths)": "(logits, target, target_lengths - 1)"},
        ),
        Misconception(
            id="both-shifted",
            name="the loss compares with the shifted target",
            hint="The shifted target is what the model is fed. Is it also what should come out?",
            edits={"(logits, target, target_lengths)": "(logits, shift_right(target, bos), target_lengths)"},
        ),
        Misconception(
            id="source-lengths",
            name="the loss is given the lengths of the source",
            hint="The loss is about the target's words. Whose lengths did you hand it?",
            edits={"(logits, target, target_lengths)": "(logits, target, source_lengths)"},
        ),
        Misconception(
            id="source-padding-read",
            name="the model is told that every source fills its row",
            hint="Which words of the source are real? Which argument of the model says so?",
            edits={"model(source, source_lengths": "model(source, torch.full_like(source_lengths, source.shape[1])"},
        ),
        Misconception(
            id="bos-in-the-target",
            name="the first word of the target is taken for its beginning mark, and never predicted",
            hint="In many tutorials targets begin with bos, and one feeds target[:, :-1] and predicts target[:, 1:]. Here "
            "they do not: who predicts the first word?",
            answer=teacher_forcing_without_bos,
        ),
        Misconception(
            id="mean-of-means",
            name="each sentence is averaged first, and then the averages",
            hint="A word of a short sentence then weighs more than one of a long sentence. By what should the sum over "
            "all real words be divided?",
            answer=teacher_forcing_by_sentence_mean,
        ),
    ),
)


# --- Encoder ----------------------------------------------------------------------------------------------------------
def gru_weights(rng, feature, hidden, prefix="gru"):
    """The weights of a one-layer nn.GRU."""
    shapes = {"weight_ih_l0": (feature,), "weight_hh_l0": (hidden,), "bias_ih_l0": (), "bias_hh_l0": ()}
    return {f"{prefix}.{name}": normal(rng, 3 * hidden, *shape, scale=0.6) for name, shape in shapes.items()}


def encoder_inputs(rng):
    """Batch 3, time 7, vocabulary 11, feature 5, hidden 2; once the row is longer than its longest sentence."""

    def case(lengths):
        return {
            "sizes": {"vocabulary": 11, "feature": 5, "hidden": 2},
            "weights": {"embedding.weight": normal(rng, 11, 5), **gru_weights(rng, 5, 2)},
            "source": integers(rng, 0, 11, 3, 7),
            "lengths": torch.tensor(lengths),
        }

    return {"no padding": [case([7, 7, 7])], "padding": [case([7, 2, 4]), case([1, 6, 3])]}


def probe_encoder(answer, inputs):
    """Build the module, load the weights, go forwards and backwards."""
    import torch

    from autograder.probes import differentiate

    names = {name.replace(".", "_"): name for name in inputs["weights"]}

    def forward(source, lengths, **weights):
        module = answer(**inputs["sizes"])
        return torch.func.functional_call(module, {names[key]: weights[key] for key in names}, (source, lengths))

    weights = {key: inputs["weights"][name] for key, name in names.items()}
    return differentiate(forward, {"source": inputs["source"], "lengths": inputs["lengths"], **weights})


class EncoderBase(nn.Module):
    """What every encoder here is made of."""

    def __init__(self, vocabulary, feature, hidden):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, feature)
        self.gru = nn.GRU(feature, hidden, batch_first=True)


class EncoderPacked(EncoderBase):
    """PyTorch's own packing, which skips the padding."""

    def forward(self, source, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(source), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        states, last = self.gru(packed)
        states, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True, total_length=source.shape[1])
        return states, last.squeeze(0)


class EncoderBySentence(EncoderBase):
    """One sentence at a time, cut to its length."""

    def forward(self, source, lengths):
        rows, lasts = [], []
        for words, length in zip(source, lengths.tolist(), strict=True):
            states, last = self.gru(self.embedding(words[None, :length]))
            rows.append(F.pad(states[0], (0, 0, 0, len(words) - length)))
            lasts.append(last[0, 0])
        return torch.stack(rows), torch.stack(lasts)


class EncoderGather(EncoderBase):
    """All at once, the last state gathered, the padding multiplied away."""

    def forward(self, source, lengths):
        states = self.gru(self.embedding(source))[0]
        index = (lengths - 1).view(-1, 1, 1).expand(-1, 1, states.shape[-1])
        mask = (torch.arange(source.size(1)).unsqueeze(0) < lengths.unsqueeze(1)).float()
        return states * mask.unsqueeze(-1), states.gather(1, index).squeeze(1)


class EncoderPackedUnsorted(EncoderBase):
    """Packing that demands sorted lengths."""

    def forward(self, source, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(source), lengths, batch_first=True)
        states, last = self.gru(packed)
        states, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True, total_length=source.shape[1])
        return states, last[0]


class EncoderPackedTooShort(EncoderBase):
    """Packing whose way back is only as wide as the longest sentence."""

    def forward(self, source, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(source), lengths, batch_first=True, enforce_sorted=False
        )
        states, last = self.gru(packed)
        return nn.utils.rnn.pad_packed_sequence(states, batch_first=True)[0], last[0]


class EncoderPackedTimeFirst(EncoderBase):
    """Packing that takes the first axis for time."""

    def forward(self, source, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(source), lengths, enforce_sorted=False)
        states, last = self.gru(packed)
        return nn.utils.rnn.pad_packed_sequence(states)[0], last[0]


class EncoderBare(EncoderBase):
    """The GRU and nothing else."""

    def forward(self, source, lengths):
        return self.gru(self.embedding(source))


ENCODER = Exercise(
    solves="unrolled.seq2seq.Encoder",
    groups={"no padding": 1, "padding": 2},
    inputs=encoder_inputs,
    probe=probe_encoder,
    blanks=("forward",),
    accepts=(EncoderPacked, EncoderBySentence, EncoderGather),
    misconceptions=(
        Misconception(
            id="state-behind-the-padding",
            name="the state is read at the end of the row, after the padding",
            hint="The GRU does not know what padding is: it goes on reading. At which step was sentence i over?",
            edits={"states[torch.arange(len(source), device=source.device), lengths - 1]": "states[:, -1]"},
        ),
        Misconception(
            id="state-at-the-longest",
            name="every sentence's state is read where the longest one ends",
            hint="lengths.max() is one number for the whole batch. Which step is the last of sentence i?",
            edits={
                "states[torch.arange(len(source), device=source.device), lengths - 1]": "states[:, lengths.max() - 1]"
            },
        ),
        Misconception(
            id="state-off-by-one",
            name="the state is read one step behind the end",
            hint="Positions count from 0. What is the position of the last word of a sentence of 4?",
            edits={"lengths - 1]": "lengths.clamp(max=source.shape[1] - 1)]"},
        ),
        Misconception(
            id="state-out-of-range",
            name="lengths is used as the position of the last word",
            hint="Positions count from 0. What is the position of the last word of a sentence of 4?",
            edits={"lengths - 1]": "lengths]"},
        ),
        Misconception(
            id="padded-end-of-zeros",
            name="the state is read at the end of the row, where zeros stand for the padding",
            hint="Behind its end a sentence has only zeros now. Where in its row is its last word?",
            edits={
                "states[torch.arange(len(source), device=source.device), lengths - 1]": (
                    "states.masked_fill(~real[..., None], 0.0)[:, -1]"
                )
            },
        ),
        Misconception(
            id="padding-embedded-as-zero",
            name="the padding is fed as zeros, and the state behind it is taken",
            hint="A GRU that is fed zeros still moves its state. How can a sentence's state be taken before that?",
            edits={
                "states, _ = self.gru(self.embedding(source))\n        ": "",
                "lengths[:, None]\n": "lengths[:, None]\n        states, _ = self.gru(self.embedding(source) * real[..., None])\n",
                "states[torch.arange(len(source), device=source.device), lengths - 1]": "states[:, -1]",
            },
        ),
        Misconception(
            id="padding-not-zeroed",
            name="the states at the padding are not zero",
            hint="What does the docstring promise for the places behind a sentence's end?",
            edits={"states.masked_fill(~real[..., None], 0.0), last": "states, last"},
        ),
        Misconception(
            id="real-zeroed",
            name="the states of the real words are zero, and those of the padding are kept",
            hint="masked_fill fills where its mask is True. Is yours True at the words or at the padding?",
            edits={"~real": "real"},
        ),
        Misconception(
            id="one-too-many",
            name="the state at the first padding place is kept",
            hint="Positions count from 0. Is position 3 inside a sentence of 3 words?",
            edits={"< lengths": "<= lengths"},
        ),
        Misconception(
            id="reads-across",
            name="the GRU takes the batch for time, and reads across the sentences",
            hint="The GRU was made with batch_first=True. Does it need a transpose?",
            edits={
                "self.gru(self.embedding(source))": "(s.transpose(0, 1) for s in self.gru(self.embedding(source).transpose(0, 1)))"
            },
        ),
        Misconception(
            id="mean-of-states",
            name="the mean of all states is returned in the place of the last one",
            hint="A mean over states is a summary too, and some models use it. Here the decoder goes on from where the "
            "encoder ended: which state is that?",
            edits={"states[torch.arange(len(source), device=source.device), lengths - 1]": "states.mean(dim=1)"},
        ),
        Misconception(
            id="first-state",
            name="the state after the first word is returned",
            hint="After the first word, what can the state know of the others?",
            edits={"states[torch.arange(len(source), device=source.device), lengths - 1]": "states[:, 0]"},
        ),
        Misconception(
            id="bare-gru",
            name="the GRU's two results are returned as they are",
            hint="The GRU knows nothing of lengths: it reads the padding too, and its last state is (layers, batch, hidden). "
            "Where does your code use lengths?",
            answer=EncoderBare,
        ),
        Misconception(
            id="packed-time-first",
            name="the packing takes the batch for time",
            hint="pack_padded_sequence and pad_packed_sequence take (time, batch, …) by default. Which argument changes that?",
            answer=EncoderPackedTimeFirst,
        ),
        Misconception(
            id="unsorted-packed",
            name="unsorted lengths are packed as if they were sorted",
            hint="pack_padded_sequence wants the longest sentence first, unless an argument tells it not to. Which one?",
            answer=EncoderPackedUnsorted,
        ),
        Misconception(
            id="unpacked-too-short",
            name="the unpacked states are only as wide as the longest sentence",
            hint="A batch may be wider than its longest sentence. Which argument of pad_packed_sequence gives the width?",
            answer=EncoderPackedTooShort,
        ),
    ),
)


# --- Decoder ----------------------------------------------------------------------------------------------------------
def decoder_inputs(rng):
    """Batch 3, time 1, 5 and 7, vocabulary 11, feature 5, hidden 2."""

    def case(time):
        head = {"head.weight": normal(rng, 11, 2), "head.bias": normal(rng, 11, scale=0.5)}
        return {
            "sizes": {"vocabulary": 11, "feature": 5, "hidden": 2},
            "weights": {"embedding.weight": normal(rng, 11, 5), **gru_weights(rng, 5, 2), **head},
            "inputs": integers(rng, 0, 11, 3, time),
            "state": normal(rng, 3, 2).tanh(),
        }

    return {"one step": [case(1)], "many steps": [case(5), case(7)]}


def probe_decoder(answer, inputs):
    """Build the module, load the weights, go forwards and backwards."""
    import torch

    from autograder.probes import differentiate

    names = {name.replace(".", "_"): name for name in inputs["weights"]}

    def forward(inputs_, state, **weights):
        module = answer(**inputs["sizes"])
        return torch.func.functional_call(module, {names[key]: weights[key] for key in names}, (inputs_, state))

    weights = {key: inputs["weights"][name] for key, name in names.items()}
    return differentiate(forward, {"inputs_": inputs["inputs"], "state": inputs["state"], **weights})


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
    ),
)


# --- greedy_translate -------------------------------------------------------------------------------------------------
def greedy_inputs(rng):
    """Batch 1 or 3, source 5; vocabularies 11 and 7; drawn until the sentences end where the group wants it."""

    def draw(batch, max_length):
        return {
            "read": normal(rng, 11, 5),
            "word": normal(rng, 7, 5),
            "carry": normal(rng, 5, 5, scale=0.6),
            "head": normal(rng, 5, 7),
            "source": integers(rng, 3, 11, batch, 5),
            "lengths": integers(rng, 1, 6, batch),
            "bos": 1,
            "eos": 2,
            "max_length": max_length,
        }

    def case(batch, max_length, fits):
        while True:
            inputs = draw(batch, max_length)
            written, sure = greedy_rollout(inputs)
            ends = [row.index(2) if 2 in row else max_length for row in written]
            if (
                sure
                and fits(ends)
                and all(len(set(row[: end + 2])) > 2 for row, end in zip(written, ends, strict=True))
            ):
                return inputs

    def differ(ends):
        return len(set(ends)) == len(ends) and min(ends) >= 2 and max(ends) <= 8

    return {
        "one sentence": [case(1, 11, lambda ends: 3 <= ends[0] <= 7)],
        "sentences of unequal length": [case(3, 11, differ), case(3, 11, differ)],
        "max_length reached": [case(3, 5, lambda ends: max(ends) == 5 and 2 <= min(ends) <= 3)],
    }


def greedy_rollout(inputs):
    """The words that the small model below writes if nothing stops it, and whether every choice is a clear one."""
    encoder, decoder = greedy_model(inputs)
    _, state = encoder(inputs["source"], inputs["lengths"])
    words, written, gaps = torch.full((len(state), 1), inputs["bos"]), [], []
    for _ in range(inputs["max_length"] + 1):
        logits, state = decoder(words, state)
        best = logits[:, -1].topk(2).values
        gaps.append((best[:, 0] - best[:, 1]).min().item())
        words = logits[:, -1].argmax(-1, keepdim=True)
        written.append(words)
    return torch.cat(written, dim=1).tolist(), min(gaps) > 1e-3


def greedy_model(inputs):
    """A small encoder and decoder made of tables."""

    def encoder(source, lengths):
        real = torch.arange(source.shape[1]) < lengths[:, None]
        states = inputs["read"][source] * real[..., None]
        return states, torch.tanh(states.sum(dim=1))

    def decoder(words, state):
        states = []
        for x in inputs["word"][words].unbind(dim=1):
            state = torch.tanh(x + state @ inputs["carry"])
            states.append(state)
        return torch.stack(states, dim=1) @ inputs["head"], state

    return encoder, decoder


def probe_greedy(answer, inputs):
    """Hand the answer a small encoder and decoder made of tables."""
    import torch

    from autograder.probes import call

    def encoder(source, lengths):
        real = torch.arange(source.shape[1]) < lengths[:, None]
        states = inputs["read"][source] * real[..., None]
        return states, torch.tanh(states.sum(dim=1))

    def decoder(words, state):
        states = []
        for x in inputs["word"][words].unbind(dim=1):
            state = torch.tanh(x + state @ inputs["carry"])
            states.append(state)
        return torch.stack(states, dim=1) @ inputs["head"], state

    def translate(source, lengths, bos, eos, max_length):
        return answer(encoder, decoder, source, lengths, bos, eos, max_length)

    names = ("source", "lengths", "bos", "eos", "max_length")
    return call(translate, {name: inputs[name] for name in names})


def greedy_by_sentence(encoder, decoder, source, lengths, bos, eos, max_length):
    translations = []
    for i in range(len(source)):
        _, state = encoder(source[i : i + 1], lengths[i : i + 1])
        words, word = [], bos
        while len(words) < max_length:
            logits, state = decoder(torch.tensor([[word]]), state)
            word = int(logits[0, 0].argmax())
            if word == eos:
                break
            words.append(word)
        translations.append(words)
    return translations


def greedy_cut_afterwards(encoder, decoder, source, lengths, bos, eos, max_length):
    _, state = encoder(source, lengths)
    written = [torch.full((source.shape[0],), bos)]
    for _ in range(max_length):
        logits, state = decoder(written[-1].unsqueeze(1), state)
        written.append(logits.squeeze(1).max(dim=-1).indices)
    rows = torch.stack(written[1:], dim=1).tolist()
    return [list(itertools.takewhile(lambda word: word != eos, row)) for row in rows]


def greedy_whole_prefix(encoder, decoder, source, lengths, bos, eos, max_length):
    state = encoder(source, lengths)[1]
    prefix = torch.full((len(source), 1), bos)
    for _ in range(max_length):
        prefix = torch.cat([prefix, decoder(prefix, state)[0][:, -1:].argmax(-1)], dim=1)
    return [row[: row.index(eos)] if eos in row else row for row in prefix[:, 1:].tolist()]


def greedy_uncut(encoder, decoder, source, lengths, bos, eos, max_length):
    _, state = encoder(source, lengths)
    words, finished, written = torch.full((len(source), 1), bos), torch.zeros(len(source), 1).bool(), []
    for _ in range(max_length):
        logits, state = decoder(words, state)
        words = logits[:, -1:].argmax(dim=-1)
        written.append(words)
        finished = finished | (words == eos)
        if finished.all():
            break
    return torch.cat(written, dim=1).tolist()


def greedy_uncut_together(encoder, decoder, source, lengths, bos, eos, max_length):
    _, state = encoder(source, lengths)
    words, written = torch.full((len(source), 1), bos), []
    for _ in range(max_length):
        logits, state = decoder(words, state)
        words = logits[:, -1:].argmax(dim=-1)
        written.append(words)
        if (words == eos).all():
            break
    return torch.cat(written, dim=1).tolist()


GREEDY_TRANSLATE = Exercise(
    solves="unrolled.seq2seq.greedy_translate",
    groups={"one sentence": 1, "sentences of unequal length": 2, "max_length reached": 1},
    inputs=greedy_inputs,
    probe=probe_greedy,
    accepts=(greedy_by_sentence, greedy_cut_afterwards, greedy_whole_prefix),
    misconceptions=(
        Misconception(
            id="goes-on-after-its-end",
            name="a sentence that has ended goes on while others are still being written",
            hint="When is a sentence over: when its last word was eos, or when any of its words was? Do you remember it?",
            edits={"finished |= ": "finished = "},
        ),
        Misconception(
            id="first-end-stops-all",
            name="the first sentence to end stops all the others",
            hint="The loop may end when every sentence has ended. Which of any and all is that?",
            edits={"finished.all()": "finished.any()"},
        ),
        Misconception(
            id="never-ends",
            name="eos is taken for a word like any other, and nothing ever ends",
            hint="Which word says that a sentence is over? What does your loop do when it comes?",
            edits={"finished |= words[:, 0] == eos": "pass"},
        ),
        Misconception(
            id="eos-kept",
            name="eos is left at the end of the translations",
            hint="eos is a mark, not a word of the translation. Do you look for it before or after you append?",
            edits={
                "finished |= words[:, 0] == eos\n        if finished.all():\n            break\n        ": "",
                "translations[row].append(words[row, 0].item())": (
                    "translations[row].append(words[row, 0].item())\n        finished |= words[:, 0] == eos\n"
                    "        if finished.all():\n            break"
                ),
            },
        ),
        Misconception(
            id="not-cut",
            name="no sentence is cut at its own end mark: all are as long as the longest",
            hint="The loop may go on until the last sentence has ended. What belongs to a sentence that ended before?",
            answer=greedy_uncut,
        ),
        Misconception(
            id="not-cut-and-ends-together",
            name="the sentences end only if all of them say eos at the same step",
            hint="One says eos at step 3, another at step 5. Will they ever say it together? What must be remembered?",
            answer=greedy_uncut_together,
        ),
        Misconception(
            id="bos-kept",
            name="bos is left at the beginning of the translations",
            hint="bos sets the decoder going. Did the decoder say it?",
            edits={"[[] for _ in source]": "[[bos] for _ in source]"},
        ),
        Misconception(
            id="state-not-carried-on",
            name="every word is written from the encoder's state",
            hint="After each call the decoder hands you a new state. What do you do with it?",
            edits={"logits, state = decoder": "logits, _ = decoder"},
        ),
        Misconception(
            id="bos-again-and-again",
            name="the decoder is fed bos at every step",
            hint="How does the decoder know which word it wrote last?",
            edits={"decoder(words, state)": "decoder(torch.full_like(words, bos), state)"},
        ),
        Misconception(
            id="begins-with-eos",
            name="the decoder is fed eos first",
            hint="Some models (fairseq's, Sutskever's) do begin with eos. Ours were trained with which mark in front?",
            edits={"(len(source), 1), bos": "(len(source), 1), eos"},
        ),
        Misconception(
            id="source-padding-read",
            name="the encoder is told that every sentence fills its row",
            hint="Which argument tells the encoder where each sentence ends?",
            edits={"encoder(source, lengths)": "encoder(source, torch.full_like(lengths, source.shape[1]))"},
        ),
        Misconception(
            id="one-word-too-many",
            name="one word more than max_length is allowed",
            hint="How often may the decoder be asked, if at most max_length words are wanted?",
            edits={"range(max_length)": "range(max_length + 1)"},
        ),
        Misconception(
            id="one-word-too-few",
            name="one word fewer than max_length is allowed",
            hint="bos is not a word of the translation: does it count in yours?",
            edits={"range(max_length)": "range(max_length - 1)"},
        ),
    ),
)


# --- bleu -------------------------------------------------------------------------------------------------------------
LETTERS = "abcdefghijk"


def bleu_inputs(rng):
    """Sentences of letters, few enough for runs to repeat; candidates are references with some words changed."""

    def words(n):
        return [LETTERS[i] for i in rng.integers(0, 4, n)]

    def changed(sentence, n):
        sentence = list(sentence)
        for i in rng.choice(len(sentence), n, replace=False):
            sentence[i] = LETTERS[rng.integers(0, 4)]
        return sentence

    def case(candidates, references):
        return {"candidates": candidates, "references": references}

    def one():
        reference = words(17)
        return case([changed(reference, 3) + words(6)], [reference])

    def corpus():
        references = [words(n) for n in (5, 11, 19)]
        return case([changed(r, len(r) // 6) + words(2) for r in references], references)

    def short():
        references = [words(n) for n in (7, 13)]
        return case([r[: len(r) - 3] for r in references], references)

    def fits(inputs):
        ours, theirs = bleu_counts(inputs)
        clipped = [sum((o & t).total() for o, t in zip(a, b, strict=True)) for a, b in zip(ours, theirs, strict=True)]
        plain = sum(count for o, t in zip(ours[0], theirs[0], strict=True) for gram, count in o.items() if gram in t)
        return min(clipped) > 0, plain > clipped[0]

    def until(make, *wanted):
        while True:
            inputs = make()
            if fits(inputs)[: len(wanted)] == wanted:
                return inputs

    nothing = case([list("abcdefg"), list("abc")], [list("abdcegf"), list("bca")])
    return {
        "one sentence": [until(one, True, True)],
        "a corpus": [until(corpus, True, True), until(corpus, True, True)],
        "too short": [until(short, True), until(short, True)],
        "no run of four": [nothing],
    }


def bleu_counts(inputs):
    """The runs of each candidate and reference, by length 1 to 4."""
    return [
        [[Counter(tuple(s[i : i + n]) for i in range(len(s) - n + 1)) for s in inputs[key]] for n in range(1, 5)]
        for key in ("candidates", "references")
    ]


def bleu_by_loops(candidates, references):
    log_precision = 0.0
    for n in (1, 2, 3, 4):
        right = total = 0
        for candidate, reference in zip(candidates, references, strict=True):
            left = [tuple(reference[i : i + n]) for i in range(len(reference) - n + 1)]
            for i in range(len(candidate) - n + 1):
                total += 1
                run = tuple(candidate[i : i + n])
                if run in left:
                    left.remove(run)
                    right += 1
        if right == 0:
            return 0
        log_precision += math.log(right / total) / 4
    length, wanted = sum(map(len, candidates)), sum(map(len, references))
    penalty = 1.0 if length > wanted else math.exp(1 - wanted / length)
    return 100 * penalty * math.exp(log_precision)


def bleu_by_strings(candidates, references):
    def runs(words, n):
        return Counter(" ".join(words[i : i + n]) for i in range(0, len(words) - n + 1))

    precisions = []
    for n in range(1, 5):
        pairs = [(runs(c, n), runs(r, n)) for c, r in zip(candidates, references, strict=True)]
        matched = sum(min(count, theirs[run]) for ours, theirs in pairs for run, count in ours.items())
        total = sum(sum(ours.values()) for ours, _ in pairs)
        precisions.append(matched / total if total else 0.0)
    wanted, length = (len([word for words in texts for word in words]) for texts in (references, candidates))
    ratio = wanted / max(1, length)
    return 100.0 * min(1.0, math.exp(1 - ratio)) * math.prod(precisions) ** 0.25


def bleu_average_of_sentences(candidates, references):
    scores = [bleu_by_loops([c], [r]) for c, r in zip(candidates, references, strict=True)]
    return sum(scores) / len(scores)


BLEU = Exercise(
    solves="unrolled.seq2seq.bleu",
    groups={"one sentence": 1, "a corpus": 1, "too short": 1, "no run of four": 1},
    inputs=bleu_inputs,
    accepts=(bleu_by_loops, bleu_by_strings),
    forbids=("sacrebleu", "nltk", "torchtext", "torchmetrics", "evaluate"),
    misconceptions=(
        Misconception(
            id="not-clipped",
            name="a run counts as often as the candidate says it",
            hint="“the the the the” would be right four times over. How often may a run count at most?",
            edits={"(ours & theirs).total()": "sum(count for run, count in ours.items() if run in theirs)"},
        ),
        Misconception(
            id="counted-once",
            name="a run counts only once, however often it occurs",
            hint="If candidate and reference both have a run twice, two are right. What does a set forget?",
            edits={
                "Counter(tuple": "Counter(set(tuple",
                "for i in range(len(words) - n + 1))": "for i in range(len(words) - n + 1)))",
            },
        ),
        Misconception(
            id="no-brevity-penalty",
            name="the penalty for short candidates is missing",
            hint="A candidate of a single right word would score full precision. What must it pay for the missing words?",
            edits={" + min(0.0, 1 - wanted / length)": ""},
        ),
        Misconception(
            id="reward-for-length",
            name="long candidates are rewarded by the penalty",
            hint="exp(1 − r/c) is above 1 if the candidate is longer. What should the penalty be then?",
            edits={"min(0.0, 1 - wanted / length)": "1 - wanted / length"},
        ),
        Misconception(
            id="penalty-upside-down",
            name="candidate and reference lengths are swapped in the penalty",
            hint="Who should pay: the candidate that is shorter than its reference, or the one that is longer?",
            edits={"1 - wanted / length": "1 - length / wanted"},
        ),
        Misconception(
            id="average-of-sentences",
            name="the BLEU of every sentence is taken first, and then their average",
            hint="One sentence without a right run of four then costs a whole share. When should one divide: for each "
            "sentence, or when all counts are added?",
            answer=bleu_average_of_sentences,
        ),
        Misconception(
            id="from-0-to-1",
            name="the score goes from 0 to 1",
            hint="NLTK's does so. Here, as in papers and in sacrebleu, a perfect score is what?",
            edits={"100 * math": "math"},
        ),
        Misconception(
            id="arithmetic-mean",
            name="the precisions are averaged arithmetically instead of geometrically",
            hint="With a geometric mean one bad precision pulls all down. Where do the logarithms go?",
            edits={
                "math.log(right / total) / 4": "right / total / 4",
                "math.exp(mean_logarithm + min(0.0, 1 - wanted / length))": (
                    "mean_logarithm * math.exp(min(0.0, 1 - wanted / length))"
                ),
            },
        ),
        Misconception(
            id="no-fourth-root",
            name="the precisions are multiplied, but the fourth root is missing",
            hint="If all four precisions are 0.5, what should their mean be?",
            edits={"math.log(right / total) / 4": "math.log(right / total)"},
        ),
        Misconception(
            id="recall",
            name="the runs are divided by the number of those in the reference",
            hint="Precision asks how much of what was said is right. Divided by the number of whose runs?",
            edits={"total += ours.total()": "total += theirs.total()"},
        ),
        Misconception(
            id="up-to-three",
            name="runs of four words are left out",
            hint="From one word to how many? What does range(1, 4) end with?",
            edits={"range(1, 5)": "range(1, 4)", "math.log(right / total) / 4": "math.log(right / total) / 3"},
        ),
        Misconception(
            id="last-run-lost",
            name="the last run of every sentence is left out",
            hint="A sentence of 5 words has two runs of 4. How many does your loop find?",
            edits={"range(len(words) - n + 1)": "range(len(words) - n)"},
        ),
        Misconception(
            id="smoothed",
            name="every count is smoothed by one",
            hint="For a single sentence that is common practice (Lin and Och). Here the counts of a whole corpus are added "
            "up: is there anything left to smooth?",
            edits={
                "if right == 0:\n            return 0.0\n        ": "",
                "math.log(right / total)": "math.log((right + 1) / (total + 1))",
            },
        ),
        Misconception(
            id="logarithm-of-zero",
            name="the logarithm of zero is taken when no run is right",
            hint="What is the geometric mean of numbers one of which is 0? Can you say so before taking logarithms?",
            edits={"if right == 0:\n            return 0.0\n        ": ""},
        ),
    ),
)

EXERCISES = (ENCODER, DECODER, SHIFT_RIGHT, TEACHER_FORCING_LOSS, GREEDY_TRANSLATE, BLEU)
