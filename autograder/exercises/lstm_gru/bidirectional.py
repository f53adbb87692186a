"""`bidirectional`: What stands before and what stands behind every step, side by side, and both last states."""

import torch
import torch.nn.functional as F

from autograder.draw import normal
from autograder.exercise import Exercise, Misconception


def bidirectional_inputs(rng):
    """Batch 3, time 5 or 11, feature 2, hidden 7; the two directions have weights and first states of their own."""

    def case(lengths, time):
        inputs = normal(rng, 3, time, 2)
        weights = {name: normal(rng, 2, 7, scale=0.5) for name in ("w_f", "w_b")}
        weights |= {name: normal(rng, 7, 7, scale=0.3) for name in ("u_f", "u_b")}
        states = {name: normal(rng, 3, 7).tanh() for name in ("state_f", "state_b")}
        return {"inputs": inputs, "lengths": torch.tensor(lengths), **states, **weights}

    return {
        "no padding": [case([5, 5, 5], 5), case([11, 11, 11], 11)],
        "padding": [
            case(rng.permutation([5, 2, 3]).tolist(), 5),
            case(rng.permutation([1, 7, 10]).tolist(), 11),
        ],
    }


def probe_bidirectional(answer, inputs):
    """Unroll two simple steps; outputs, both last states and the gradients of all of them."""
    import torch

    from autograder.probes import differentiate

    def unrolled(inputs, lengths, state_f, state_b, w_f, w_b, u_f, u_b):
        def step_f(x, h):
            return torch.tanh(x @ w_f + h @ u_f)

        def step_b(x, h):
            return torch.tanh(x @ w_b + h @ u_b)

        result = answer(step_f, step_b, inputs, lengths, state_f, state_b)
        is_pair = isinstance(result, (tuple, list)) and len(result) == 2 and isinstance(result[1], (tuple, list))
        return [result[0], *result[1]] if is_pair else result

    return differentiate(unrolled, inputs)


def bidirectional_one_by_one(step_f, step_b, inputs, lengths, state_f, state_b):
    def read(step, sequence, h):
        states = []
        for x in sequence:
            h = step(x[None], h)
            states.append(h[0])
        return torch.stack(states), h[0]

    outputs, lasts_f, lasts_b = [], [], []
    for row, length in enumerate(lengths.tolist()):
        forth, last_f = read(step_f, inputs[row, :length], state_f[row : row + 1])
        back, last_b = read(step_b, inputs[row, :length].flip(0), state_b[row : row + 1])
        both = torch.cat([forth, back.flip(0)], dim=1)
        outputs.append(F.pad(both, (0, 0, 0, inputs.shape[1] - length)))
        lasts_f.append(last_f)
        lasts_b.append(last_b)
    return torch.stack(outputs), (torch.stack(lasts_f), torch.stack(lasts_b))


def bidirectional_from_the_end(step_f, step_b, inputs, lengths, state_f, state_b):
    time, outputs_f, outputs_b = inputs.shape[1], [], {}
    for t in range(time):
        real = (lengths > t).unsqueeze(-1)
        state_f = torch.where(real, step_f(inputs[:, t], state_f), state_f)
        outputs_f.append(state_f.masked_fill(~real, 0.0))
    for t in reversed(range(time)):
        real = (lengths > t).unsqueeze(-1)
        state_b = torch.where(real, step_b(inputs[:, t], state_b), state_b)
        outputs_b[t] = state_b.masked_fill(~real, 0.0)
    outputs = [torch.cat([outputs_f[t], outputs_b[t]], dim=-1) for t in range(time)]
    return torch.stack(outputs, dim=1), [state_f, state_b]


BIDIRECTIONAL = Exercise(
    solves="unrolled.masking.bidirectional",
    groups={"no padding": 1, "padding": 2},
    inputs=bidirectional_inputs,
    probe=probe_bidirectional,
    uses=("masked_unroll",),
    accepts=(bidirectional_one_by_one, bidirectional_from_the_end),
    forbids=("torch.nn.utils.rnn", "torch.nn.RNN", "torch.nn.LSTM", "torch.nn.GRU"),
    misconceptions=(
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
            name="the backward state is read in the last column, behind the end of the short sequences",
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
    ),
)
