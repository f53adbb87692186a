"""`Encoder`: Reads the source and ends in a state that stands for all of it."""

import torch
import torch.nn.functional as F
from torch import nn

from autograder import probes
from autograder.draw import integers, weights
from autograder.exercise import Exercise, Misconception
from unrolled.seq2seq import Encoder


def encoder_inputs(rng):
    """Batch 3 or 1, time 7 or 1, vocabulary 11, feature 5, hidden 2; once the row is longer than its longest sentence.

    Word 0 is a word like any other.
    """

    def case(lengths, time=7):
        source = integers(rng, 0, 11, len(lengths), time)
        source[0, 0] = 0
        return {
            "arguments": [11, 5, 2],
            "weights": weights(rng, Encoder, 11, 5, 2, scale=0.6),
            "inputs": {"source": source, "lengths": torch.tensor(lengths)},
        }

    return {
        "no padding": [case([7, 7, 7]), case([1], time=1)],
        "padding": [case([7, 2, 4]), case([1, 6, 3]), case([3])],
    }


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
    probe=probes.module,
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
            name="the state is read one step after the end",
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
            hint="After its end a sentence has only zeros now. Where in its row is its last word?",
            edits={
                "states[torch.arange(len(source), device=source.device), lengths - 1]": (
                    "states.masked_fill(~real[..., None], 0.0)[:, -1]"
                )
            },
        ),
        Misconception(
            id="padding-embedded-as-zero",
            name="the padding is fed as zeros, and the state after it is taken",
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
            hint="What does the docstring promise for the places after a sentence's end?",
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
        Misconception(
            id="last-word-zeroed",
            name="the state of the last real word is zero",
            hint="Positions count from 0. Is position 2 inside a sentence of 3 words?",
            edits={"< lengths[:, None]": "< lengths[:, None] - 1"},
        ),
        Misconception(
            id="zero-is-padding",
            name="word 0 is taken for padding, and lengths are not used",
            hint="0 may be a word like any other, and padding may hold any number. What says where a sentence ends?",
            edits={
                "torch.arange(source.shape[1], device=source.device) < lengths[:, None]": (
                    "source != 0; lengths = real.sum(dim=1)"
                ),
            },
        ),
        Misconception(
            id="zeroed-where-the-word-is-0",
            name="the states are zero where the word has the number 0, not where the padding is",
            hint="0 may be a word like any other, and padding may hold any number. What says where a sentence ends?",
            edits={"torch.arange(source.shape[1], device=source.device) < lengths[:, None]": "source != 0"},
        ),
        Misconception(
            id="every-row-at-every-end",
            name="every sentence's state is picked at the ends of all sentences",
            hint="states[:, lengths − 1] is (batch, batch, hidden). How do you take step lengths[i] − 1 of row i only?",
            edits={"states[torch.arange(len(source), device=source.device), lengths - 1]": "states[:, lengths - 1]"},
        ),
        Misconception(
            id="last-state-with-a-time-axis",
            name="the last state keeps an axis for time",
            hint="The decoder begins with (batch, hidden). Does gather, or a slice, keep its axis?",
            edits={
                "states[torch.arange(len(source), device=source.device), lengths - 1]": (
                    "states[torch.arange(len(source), device=source.device), lengths - 1][:, None]"
                ),
            },
        ),
        Misconception(
            id="last-state-with-a-layer-axis",
            name="the last state keeps an axis for the layers",
            hint="nn.GRU's state is (layers, batch, hidden), and here there is one layer. What should the shape be?",
            edits={
                "states[torch.arange(len(source), device=source.device), lengths - 1]": (
                    "states[torch.arange(len(source), device=source.device), lengths - 1][None]"
                ),
            },
        ),
        Misconception(
            id="mean-of-the-words",
            name="the mean of the states of the real words is returned in the place of the last one",
            hint="A mean over states is a summary too, and some models use it. Here the decoder goes on from where "
            "the encoder ended: which state is that?",
            edits={
                "states[torch.arange(len(source), device=source.device), lengths - 1]": (
                    "(states * real[..., None]).sum(dim=1) / lengths[:, None]"
                ),
            },
        ),
        Misconception(
            id="largest-values",
            name="the largest value of each unit over time is returned in the place of the last state",
            hint="Pooling by the maximum is a summary too. Here the decoder goes on from where the encoder ended: "
            "which state is that?",
            edits={
                "states[torch.arange(len(source), device=source.device), lengths - 1]": (
                    "states.masked_fill(~real[..., None], -9.0).amax(dim=1)"
                ),
            },
        ),
        Misconception(
            id="results-swapped",
            name="the last state comes first and the states second",
            hint="In which order does the signature promise the two?",
            edits={
                "return states.masked_fill(~real[..., None], 0.0), last": (
                    "return last, states.masked_fill(~real[..., None], 0.0)"
                ),
            },
        ),
        Misconception(
            id="last-only",
            name="only the last state is returned",
            hint="The attention of the next chapter looks at all states. What does the signature promise?",
            edits={"return states.masked_fill(~real[..., None], 0.0), last": "return last"},
        ),
        Misconception(
            id="states-only",
            name="only the states are returned",
            hint="The decoder begins with the state after the last real word. What does the signature promise?",
            edits={
                "return states.masked_fill(~real[..., None], 0.0), last": (
                    "return states.masked_fill(~real[..., None], 0.0)"
                ),
            },
        ),
        Misconception(
            id="no-embedding",
            name="the numbers of the words go into the GRU as they are",
            hint="A number is only a name. Which layer makes a vector of it?",
            edits={"self.embedding(source)": "source[..., None].float()"},
        ),
        Misconception(
            id="layer-indexed",
            name="a layer is indexed instead of called",
            hint="Square brackets index, round brackets call. Which of the two does a layer want?",
            edits={"self.embedding(source)": "self.embedding[source]"},
        ),
        Misconception(
            id="self-forgotten",
            name="a layer is named without self",
            hint="The layers were made in __init__ and belong to the object. How does a method get at them?",
            edits={"self.gru(": "gru("},
        ),
        Misconception(
            id="squeezed",
            name="axes of length 1 disappear from the last state",
            hint="A batch of one is still a batch, and the decoder wants it so. Which axis should squeeze take away: "
            "can you name it?",
            edits={
                "states[torch.arange(len(source), device=source.device), lengths - 1]": (
                    "states[torch.arange(len(source), device=source.device), lengths - 1].squeeze()"
                ),
            },
        ),
        Misconception(
            id="padding-in-front",
            name="the padding is taken to stand in front",
            hint="Some libraries pad in front. Here the words come first: which positions are smaller than length?",
            edits={
                "torch.arange(source.shape[1], device=source.device) < lengths[:, None]": (
                    "torch.arange(source.shape[1]) >= source.shape[1] - lengths[:, None]"
                ),
                "states[torch.arange(len(source), device=source.device), lengths - 1]": "states[:, -1]",
            },
        ),
        Misconception(
            id="source-reversed",
            name="the source is read backwards",
            hint="Sutskever's team did so, and it helped. Here the docstring promises the state after the *last* real "
            "word. In which order is the source read?",
            edits={"self.embedding(source)": "self.embedding(source.flip(1))"},
        ),
        Misconception(
            id="last-state-detached",
            name="the last state is detached",
            hint="The values come out right, but how shall the encoder learn, if no gradient reaches it from the "
            "decoder?",
            edits={
                "states[torch.arange(len(source), device=source.device), lengths - 1]": (
                    "states[torch.arange(len(source), device=source.device), lengths - 1].detach()"
                ),
            },
        ),
        Misconception(
            id="words-instead-of-states",
            name="the vectors of the words are returned in the place of the states",
            hint="What does the GRU give for each word? That is what the next chapter looks at.",
            edits={"return states.": "return self.embedding(source)."},
        ),
        Misconception(
            id="zero-at-words-zero",
            name="the states at words 0 are set to zero before the last one is picked",
            hint="0 is a word like any other, and may be the last one. Which argument says where a sentence ends?",
            edits={
                "states, _ = self.gru(self.embedding(source))": (
                    "states = self.gru(self.embedding(source))[0] * (source != 0)[..., None]"
                ),
                "states.masked_fill(~real[..., None], 0.0)": "states",
            },
        ),
        Misconception(
            id="sum-of-states",
            name="the sum of the states of the real words is returned in the place of the last one",
            hint=(
                "A sum over states grows with the sentence. Here the decoder goes on from where the "
                "encoder ended: which state is that?"
            ),
            edits={
                "0.0), last": "0.0), states.masked_fill(~real[..., None], 0.0).sum(dim=1)",
            },
        ),
    ),
)
