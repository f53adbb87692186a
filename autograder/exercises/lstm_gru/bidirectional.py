"""`bidirectional`: What stands before and what stands after every step, side by side, and both last states."""

import torch
import torch.nn.functional as F

from autograder.common_mistakes import float32_table
from autograder.draw import doubled, normal
from autograder.exercise import Exercise, Misconception
from unrolled.masking import masked_unroll


def bidirectional_inputs(rng):
    """Batch 3 or 1, time 1 to 11, feature 2, hidden 7; the directions have weights and first states of their own.

    Once all is float64.
    """

    def case(lengths, time, pair=False):
        inputs = normal(rng, len(lengths), time, 2)
        weights = {name: normal(rng, 2, 7, scale=0.5) for name in ("w_f", "w_b")}
        weights |= {name: normal(rng, 7, 7, scale=0.3) for name in ("u_f", "u_b")}
        names = ("state_f", "state_b", "c_f", "c_b")[: 4 if pair else 2]
        states = {name: normal(rng, len(lengths), 7).tanh() for name in names}
        return {"inputs": inputs, "lengths": torch.tensor(lengths), **states, **weights}

    return {
        "no padding": [case([5, 5, 5], 5), case([11, 11, 11], 11), case([1], 1)],
        "padding": [
            case(rng.permutation([5, 2, 3]).tolist(), 5),
            case(rng.permutation([1, 7, 10]).tolist(), 11),
            case(rng.permutation([4, 2, 6]).tolist(), 7, pair=True),
            case([3], 5),
            doubled(case([4, 2, 6], 7)),
        ],
    }


def probe_bidirectional(answer, inputs):
    """Unroll two simple steps, of one tensor or of a pair; outputs, both last states, the gradients of all of them."""
    import torch

    from autograder.probes import differentiate

    def unrolled(inputs, lengths, state_f, state_b, w_f, w_b, u_f, u_b, c_f=None, c_b=None):
        def reader(w, u):
            def step(x, state):
                if not isinstance(state, (tuple, list)):
                    return torch.tanh(x @ w + state @ u)
                c = 0.8 * state[1] + torch.tanh(x @ w + state[0] @ u)
                return torch.sin(c), c

            return step

        states = (state_f, state_b) if c_f is None else ((state_f, c_f), (state_b, c_b))
        return answer(reader(w_f, u_f), reader(w_b, u_b), inputs, lengths, *states)

    return differentiate(unrolled, inputs)


def bidirectional_one_by_one(step_f, step_b, inputs, lengths, state_f, state_b):
    def cut(state, row):
        return tuple(s[row : row + 1] for s in state) if isinstance(state, tuple) else state[row : row + 1]

    def read(step, sequence, state):
        hs = []
        for x in sequence:
            state = step(x[None], state)
            hs.append(state[0][0] if isinstance(state, tuple) else state[0])
        return torch.stack(hs), state

    def join(states):
        if isinstance(states[0], tuple):
            return tuple(torch.cat(parts) for parts in zip(*states, strict=True))
        return torch.cat(states)

    outputs, lasts_f, lasts_b = [], [], []
    for row, length in enumerate(lengths.tolist()):
        forth, last_f = read(step_f, inputs[row, :length], cut(state_f, row))
        back, last_b = read(step_b, inputs[row, :length].flip(0), cut(state_b, row))
        both = torch.cat([forth, back.flip(0)], dim=1)
        outputs.append(F.pad(both, (0, 0, 0, inputs.shape[1] - length)))
        lasts_f.append(last_f)
        lasts_b.append(last_b)
    return torch.stack(outputs), (join(lasts_f), join(lasts_b))


def bidirectional_rows_turned(step_f, step_b, inputs, lengths, state_f, state_b):
    """The real part of every row turned by hand, before and after."""

    def turned(rows):
        return torch.stack([torch.cat([row[:n].flip(0), row[n:]]) for row, n in zip(rows, lengths, strict=True)])

    forth, last_f = masked_unroll(step_f, inputs, lengths, state_f)
    back, last_b = masked_unroll(step_b, turned(inputs), lengths, state_b)
    return torch.cat([forth, turned(back)], dim=-1), (last_f, last_b)


def bidirectional_from_the_end(step_f, step_b, inputs, lengths, state_f, state_b):
    def moved(step, t, state):
        real, new = (lengths > t).unsqueeze(-1), step(inputs[:, t], state)
        if isinstance(state, tuple):
            state = tuple(torch.where(real, n, old) for n, old in zip(new, state, strict=True))
            return state, state[0].masked_fill(~real, 0.0)
        state = torch.where(real, new, state)
        return state, state.masked_fill(~real, 0.0)

    time, outputs_f, outputs_b = inputs.shape[1], {}, {}
    for t in range(time):
        state_f, outputs_f[t] = moved(step_f, t, state_f)
    for t in reversed(range(time)):
        state_b, outputs_b[t] = moved(step_b, t, state_b)
    outputs = [torch.cat([outputs_f[t], outputs_b[t]], dim=-1) for t in range(time)]
    return torch.stack(outputs, dim=1), (state_f, state_b)


def bidirectional_of_single_tensors(step_f, step_b, inputs, lengths, state_f, state_b):
    time, outputs_f, outputs_b = inputs.shape[1], {}, {}
    for t in range(time):
        real = (t < lengths)[:, None]
        state_f = torch.where(real, step_f(inputs[:, t], state_f), state_f)
        outputs_f[t] = state_f * real
    for t in reversed(range(time)):
        real = (t < lengths)[:, None]
        state_b = torch.where(real, step_b(inputs[:, t], state_b), state_b)
        outputs_b[t] = state_b * real
    return torch.stack([torch.cat([outputs_f[t], outputs_b[t]], dim=1) for t in range(time)], dim=1), (state_f, state_b)


def bidirectional_with_the_first_length(step_f, step_b, inputs, lengths, state_f, state_b):
    n = int(lengths[0])
    order = [*reversed(range(n)), *range(n, inputs.shape[1])]
    forward, state_f = masked_unroll(step_f, inputs, lengths, state_f)
    backward, state_b = masked_unroll(step_b, inputs[:, order], lengths, state_b)
    return torch.cat([forward, backward[:, order]], dim=2), (state_f, state_b)


BIDIRECTIONAL = Exercise(
    solves="unrolled.masking.bidirectional",
    groups={"no padding": 1, "padding": 2},
    inputs=bidirectional_inputs,
    probe=probe_bidirectional,
    uses=("masked_unroll",),
    accepts=(bidirectional_one_by_one, bidirectional_rows_turned, bidirectional_from_the_end),
    forbids=("torch.nn.utils.rnn", "torch.nn.RNN", "torch.nn.LSTM", "torch.nn.GRU"),
    misconceptions=(
        float32_table("torch.cat([forward, backward], dim=2)"),
        Misconception(
            id="backward-not-put-back",
            name="the backward outputs stay in the order in which they were made",
            hint="The backward network reads the last step first. At which place should that output stand?",
            edits={"    backward = backward.take_along_dim(order[:, :, None], dim=1)\n": ""},
        ),
        Misconception(
            id="padding-reversed-too",
            name="the whole axis is reversed, so that the padding comes first",
            hint="After flip(1), a short sequence begins with its padding. Where should it begin? Each sequence has a "
            "length of its own.",
            edits={"lengths[:, None] - 1": "torch.full_like(lengths, time)[:, None] - 1"},
        ),
        Misconception(
            id="backward-state-at-the-wrong-end",
            name="the backward state is read at the last step, where it has read one step only",
            hint="Going backwards, the last step is read first. After which step has the backward network read all?",
            edits={
                "return torch.cat([forward, backward], dim=2), (state_f, state_b)": (
                    "state_b = backward[torch.arange(len(lengths)), lengths - 1]\n"
                    "    return torch.cat([forward, backward], dim=2), (state_f, state_b)"
                )
            },
        ),
        Misconception(
            id="backward-state-from-the-last-column",
            name="the backward state is read in the last column, after the end of the short sequences",
            hint="Where is the backward network after its last step: at the first place or at the last?",
            edits={
                "return torch.cat([forward, backward], dim=2), (state_f, state_b)": (
                    "return torch.cat([forward, backward], dim=2), (state_f, backward[:, -1])"
                )
            },
        ),
        Misconception(
            id="both-states-from-the-last-column",
            name="both states are read in the last column of the outputs",
            hint="The last column is padding for short sequences; and where is the backward network after its last step: "
            "at the first place or at the last?",
            edits={"dim=2), (state_f, state_b)": "dim=2), (forward[:, -1], backward[:, -1])"},
        ),
        Misconception(
            id="not-reversed",
            name="both networks read forwards",
            hint="What does the second network see first? It should be the end of the sequence.",
            edits={
                "    reversed_inputs = inputs.take_along_dim(order[:, :, None], dim=1)\n": "",
                "masked_unroll(step_b, reversed_inputs,": "masked_unroll(step_b, inputs,",
                "    backward = backward.take_along_dim(order[:, :, None], dim=1)\n": "",
            },
        ),
        Misconception(
            id="inputs-not-reversed",
            name="the inputs are not reversed for the backward network, but its outputs are",
            hint="What does the second network see first? It should be the end of the sequence.",
            edits={"masked_unroll(step_b, reversed_inputs,": "masked_unroll(step_b, inputs,"},
        ),
        Misconception(
            id="one-step-for-both",
            name="the forward step is used in both directions",
            hint="The two directions have weights of their own. Which step reads backwards?",
            edits={"masked_unroll(step_b, reversed_inputs,": "masked_unroll(step_f, reversed_inputs,"},
        ),
        Misconception(
            id="one-first-state-for-both",
            name="the backward network begins with the forward one's first state",
            hint="Each direction has a first state of its own. Which one is the backward network's?",
            edits={
                "forward, state_f = masked": "first, (forward, state_f) = state_f, masked",
                "reversed_inputs, lengths, state_b": "reversed_inputs, lengths, first",
            },
        ),
        Misconception(
            id="goes-on-from-the-forward-state",
            name="the backward network goes on from the forward one's last state",
            hint="The two directions know nothing of each other. From which state should the backward one begin?",
            edits={"reversed_inputs, lengths, state_b": "reversed_inputs, lengths, state_f"},
        ),
        Misconception(
            id="backward-first",
            name="the backward outputs stand in front of the forward ones",
            hint="In which order does the docstring name the two halves?",
            edits={"torch.cat([forward, backward], dim=2)": "torch.cat([backward, forward], dim=2)"},
        ),
        Misconception(
            id="added",
            name="the outputs of the two directions are added",
            hint="Right in layers that merge by a sum; here they stand side by side, as in nn.LSTM, because the "
            "next layer should be able to tell past from future. How wide is the result then?",
            edits={"torch.cat([forward, backward], dim=2)": "forward + backward"},
        ),
        Misconception(
            id="joined-over-time",
            name="the two directions are joined along time",
            hint="The result is (batch, time, 2·hidden). Which axis gets twice as long?",
            edits={"torch.cat([forward, backward], dim=2)": "torch.cat([forward, backward], dim=1)"},
        ),
        Misconception(
            id="states-swapped",
            name="the two states are returned in the wrong order",
            hint="Forward first, as in the outputs. Which state comes first in yours?",
            edits={"(state_f, state_b)": "(state_b, state_f)"},
        ),
        Misconception(
            id="put-back-with-a-flip",
            name="the backward outputs are turned round along the whole axis, so that short sequences end up after "
            "their padding",
            hint="flip(1) turns the padding too. By how far should each row be turned?",
            edits={"backward.take_along_dim(order[:, :, None], dim=1)": "backward.flip(1)"},
        ),
        Misconception(
            id="stacked",
            name="the two directions stand along an axis of their own",
            hint="The result is (batch, time, 2·hidden). Which function joins along an axis that is there already?",
            edits={"torch.cat([forward, backward], dim=2)": "torch.stack([forward, backward], dim=2)"},
        ),
        Misconception(
            id="units-interleaved",
            name="the units of the two directions take turns",
            hint="All forward units come first, then all backward ones. How do cat and stack differ?",
            edits={"torch.cat([forward, backward], dim=2)": "torch.stack([forward, backward], dim=3).flatten(2)"},
        ),
        Misconception(
            id="states-joined",
            name="the two last states are joined in one tensor",
            hint="The caller writes `outputs, (last_f, last_b) = …`. What is the second value?",
            edits={"(state_f, state_b)": "torch.cat([state_f, state_b], dim=1)"},
        ),
        Misconception(
            id="one-place-too-far",
            name="every place of the reversed order is one too far",
            hint="The last real step of a sequence of length 4 has the number 3. With which number does your order "
            "begin?",
            edits={"lengths[:, None] - 1 -": "lengths[:, None] -"},
        ),
        Misconception(
            id="padding-repeats-the-first",
            name="after the end the backward outputs repeat the one of the first step",
            hint="Places below 0 were clamped to 0, and there stands something. What should stand after the end?",
            edits={") % time": ").clamp(min=0)"},
        ),
        Misconception(
            id="backward-lengths-whole",
            name="the backward network is told that every sequence fills its row",
            hint="It reads on into the padding, after the beginning of the sequence. Which argument says where to "
            "stop?",
            edits={"reversed_inputs, lengths, state_b": "reversed_inputs, torch.full_like(lengths, time), state_b"},
        ),
        Misconception(
            id="backward-without-t",
            name="the backward half at t knows only of what comes after t",
            hint="The docstring says: after reading t … end. Is step t among what yours has read?",
            edits={
                "torch.cat([forward, backward], dim=2)": (
                    "torch.cat([forward, torch.cat([backward[:, 1:], 0 * backward[:, :1]], dim=1)], dim=2)"
                ),
            },
        ),
        Misconception(
            id="outputs-only",
            name="only the outputs are returned",
            hint="The caller writes `outputs, (last_f, last_b) = …`. What is the second value?",
            edits={
                "torch.cat([forward, backward], dim=2), (state_f, state_b)": "torch.cat([forward, backward], dim=2)",
            },
        ),
        Misconception(
            id="three-results",
            name="three things are returned instead of the outputs and a pair",
            hint="The caller writes `outputs, (last_f, last_b) = …`. Where do the brackets go in your return?",
            edits={
                "torch.cat([forward, backward], dim=2), (state_f, state_b)": (
                    "torch.cat([forward, backward], dim=2), state_f, state_b"
                ),
            },
        ),
        Misconception(
            id="lengths-ignored",
            name="the lengths are not used at all",
            hint="Nothing distinguishes padding from text here. Where does the backward network begin to read in a "
            "short sequence?",
            edits={"time = inputs.shape[1]": "time = inputs.shape[1]; lengths = torch.full_like(lengths, time)"},
        ),
        Misconception(
            id="reads-the-forward-outputs",
            name="the backward network reads the forward outputs",
            hint="Two layers, one on the other, are another architecture. What do both networks read here?",
            edits={"reversed_inputs = inputs.take": "reversed_inputs = forward.take"},
        ),
        Misconception(
            id="squeezed",
            name="axes of length 1 disappear from the outputs",
            hint="A batch of one is still a batch. Which function of yours takes away every axis of length 1?",
            edits={"torch.cat([forward, backward], dim=2)": "torch.cat([forward, backward], dim=2).squeeze()"},
        ),
        Misconception(
            id="features-turned",
            name="the features are turned round instead of time",
            hint="inputs is (batch, time, feature). Which axis does your flip turn?",
            edits={
                "inputs.take_along_dim(order[:, :, None], dim=1)": "inputs.flip(2)",
                "backward.take_along_dim(order[:, :, None], dim=1)": "backward.flip(2)",
            },
        ),
        Misconception(
            id="batch-turned",
            name="the batch is turned round instead of time",
            hint="inputs is (batch, time, feature). Which axis does your flip turn?",
            edits={
                "inputs.take_along_dim(order[:, :, None], dim=1)": "inputs.flip(0)",
                "masked_unroll(step_b, reversed_inputs, lengths": (
                    "masked_unroll(step_b, reversed_inputs, lengths.flip(0)"
                ),
                "backward.take_along_dim(order[:, :, None], dim=1)": "backward.flip(0)",
            },
        ),
        Misconception(
            id="first-length-for-all",
            name="every sequence is reversed over the first one's length",
            hint="lengths[0] is one number for the whole batch. How does each row get its own?",
            answer=bidirectional_with_the_first_length,
        ),
        Misconception(
            id="only-single-tensors",
            name="a state (h, c) is not foreseen",
            hint="An LSTM's step gets and gives a pair; your masked_unroll knows. What does torch.where make of a "
            "tuple?",
            answer=bidirectional_of_single_tensors,
        ),
        Misconception(
            id="states-read-off-the-outputs",
            name="the last states are read off the outputs: the last column forwards, the first one backwards",
            hint="After the end of a sequence the outputs are zero, and an LSTM's state has a part that no output shows. "
            "What does masked_unroll give you besides the outputs?",
            edits={
                "return torch.cat([forward, backward], dim=2), (state_f, state_b)": (
                    "return torch.cat([forward, backward], dim=2), (forward[:, -1], backward[:, 0])"
                ),
            },
        ),
        Misconception(
            id="both-without-t",
            name="place t knows what comes before t and what comes after it, but not t",
            hint=(
                "So it is in language models that guess word t. The docstring says: after reading 0 … t, "
                "and t … end. Is step t among what yours has read?"
            ),
            edits={
                "torch.cat([forward, backward], dim=2)": "torch.cat([torch.cat([0 * forward[:, :1], forward[:, :-1]], dim=1), torch.cat([backward[:, 1:], 0 * backward[:, :1]], dim=1)], dim=2)",
            },
        ),
        Misconception(
            id="averaged",
            name="the outputs of the two directions are averaged",
            hint=(
                "Then nobody can tell past from future. They stand side by side, as in nn.LSTM: how wide "
                "is the result then?"
            ),
            edits={
                "torch.cat([forward, backward], dim=2)": "(forward + backward) / 2",
            },
        ),
    ),
)
